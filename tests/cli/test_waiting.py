"""What a person sees of work that takes long, and what nobody sees who does not watch."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from lodeline.book import open as open_book
from lodeline.cli import waiting as room
from lodeline.cli.waiting import Waiting, waiting
from lodeline.record import codec
from lodeline.record.metal import document
from lodeline.report import build
from lodeline.world.national import load_table
from tests.metal.small_book import assayed as assay
from tests.metal.small_book import mined, net, percent, weighed

WEIGHED_TWICE = [mined(), weighed(2, net("1000", "1")), weighed(3, net("997", "1")), assay(4, percent("50", u="0.3"))]


@pytest.fixture
def filled(book, tmp_path):
    with open_book(tmp_path / book) as opened:
        opened.capture(codec.encode(document(WEIGHED_TWICE, created=datetime(2026, 6, 1, tzinfo=UTC))), by="clerk")
    return tmp_path / book


def test_on_a_terminal_the_stage_and_the_count_are_shown_once_it_takes_long(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    shown = Waiting("following events")
    shown.show()
    shown.count(1200)
    shown.stage("reconciling")
    shown.close()

    told = capsys.readouterr()
    assert told.out == ""
    assert "reconciling" in told.err
    assert shown._said() == "reconciling"


def test_a_count_belongs_to_its_stage():
    said = Waiting("following events")
    said.count(1200)
    assert said._said() == "following events: 1,200"
    said.stage("reconciling")
    assert said._said() == "reconciling"


def test_where_nobody_watches_nothing_is_said(monkeypatch, capsys):
    monkeypatch.setattr(room, "DELAY_S", 0.0)
    with waiting("following events") as said:
        said.count(3)
        said.stage("reconciling")

    assert capsys.readouterr() == ("", "")


def test_work_that_ends_before_anything_was_loaded_to_show_it_shows_nothing(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    shown = Waiting("following events")
    shown.close()
    shown.show()

    assert capsys.readouterr().err == ""


def test_every_slow_answer_of_a_book_says_what_it_is_doing(filled):
    """Whatever takes long begins with a word of its own; events are counted where they are followed."""
    said: list[str] = []
    counted: list[int] = []
    with open_book(filled) as book:
        book.findings(stage=said.append, progress=counted.append)
        assert said == [
            "holding it against what plants, roads and laboratories can do",
            "reconciling",
            "looking for what explains best that readings do not agree",
            "judging the reconciled book",
            "weighing claimed origins against what is known of them",
        ]
        assert counted
        for ask, words in (
            (lambda: book.reconcile(stage=said.append), ["reconciling"]),
            (lambda: book.explain("dry held", stage=said.append), ["reconciling", "looking for what it rests on"]),
            (lambda: book.balance("Sb", reconciled=True, stage=said.append), ["reconciling", "accounting"]),
            (lambda: book.balance("Sb", stage=said.append), ["accounting"]),
        ):
            said.clear()
            ask()
            assert said == words
        said.clear()
        build(book.view(), load_table(None), stage=said.append)
        assert said[:2] == ["reconciling", "accounting for Sb"]
        assert said[-1] == "writing the section provenance"
