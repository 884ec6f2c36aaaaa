"""A refusal is one line, safe to show, and survives the way from a worker."""

import pickle

from lodeline.errors import IdError, LodelineError, RecordError


def test_it_reads_sentence_code_place():
    refusal = RecordError("record.field", "Write a number.", event=3, field="$.quantity", line=None)
    assert str(refusal) == "Write a number. [record.field; event 3, field $.quantity]"


def test_foreign_text_in_it_is_visible_and_cut():
    shown = str(IdError("ids.length", "Bad \x1b[2J\u202e", id="x" * 1_000_000 + "\x1b"))
    assert not {"\x1b", "\u202e"} & set(shown)
    assert len(shown) < 500


def test_more_of_its_place_may_be_told_and_what_was_known_wins():
    located = RecordError("a.b", "No.", event=1).located(event=9, file="f.json")
    assert (type(located), located.where) == (RecordError, {"event": 1, "file": "f.json"})


def test_it_comes_back_whole_from_another_process():
    back: LodelineError = pickle.loads(pickle.dumps(IdError("a.b", "No.", event=1)))
    assert (type(back), back.code, back.sentence, back.where) == (IdError, "a.b", "No.", {"event": 1})
