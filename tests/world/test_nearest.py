"""The nearest names: by a word of them, else by spelling, else none."""

from __future__ import annotations

from lodeline.world.nearest import nearest

DEPOSITS = ("reko-diq", "qila-abdullah", "krinj", "madison")


def test_a_name_is_near_by_one_of_its_words_whatever_its_letters():
    assert nearest("Reko", DEPOSITS) == ("reko-diq",)
    assert nearest("korea", ("South Korea", "North Korea", "Kosovo"), most=2) == ("South Korea", "North Korea")


def test_a_name_is_near_by_its_spelling():
    assert nearest("madisn", DEPOSITS) == ("madison",)
    assert nearest("qilla abdulla", DEPOSITS) == ("qila-abdullah",)


def test_where_nothing_is_near_nothing_is_suggested():
    assert nearest("saindak", DEPOSITS) == ()
    assert nearest("", DEPOSITS) == ()
