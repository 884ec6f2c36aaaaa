"""Tables for people: in a narrow terminal their last column is wrapped, in a pipe a row is a line."""

from __future__ import annotations

import sys

import pytest

from lodeline.cli.output import print_rows, print_table

COLUMNS = ("id", "verdict", "why")
ROWS = [("C15", "contradicted", "the copper at the price of copper is twenty-one times what is claimed")]


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of so many columns."""

    def of(columns: int) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        monkeypatch.setenv("COLUMNS", str(columns))

    return of


def test_in_a_pipe_a_row_is_a_line_however_narrow_the_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    print_table(COLUMNS, ROWS, wide=200)

    assert len(capsys.readouterr().out.splitlines()) == 3


def test_in_a_terminal_the_last_column_is_wrapped_in_its_place(capsys, terminal):
    terminal(60)
    print_table(COLUMNS, ROWS, wide=200)
    lines = capsys.readouterr().out.splitlines()

    assert all(len(line) <= 60 for line in lines)
    assert lines[2].startswith("C15  contradicted  the copper at")
    assert lines[3].startswith(" " * 19 + "twenty-one")
    assert " ".join(" ".join(lines[2:]).split()) == "C15 contradicted " + ROWS[0][2]


def test_where_it_has_no_room_it_stands_below_its_row(capsys, terminal):
    terminal(30)
    print_table(COLUMNS, ROWS, wide=200)
    lines = capsys.readouterr().out.splitlines()

    assert all(len(line) <= 30 for line in lines)
    assert "C15  contradicted" in lines
    assert "    the copper at the price of" in lines


def test_a_table_that_fits_is_the_same_in_a_terminal(capsys, terminal):
    print_table(COLUMNS, ROWS, wide=200)
    piped = capsys.readouterr().out
    terminal(200)
    print_table(COLUMNS, ROWS, wide=200)

    assert capsys.readouterr().out == piped


def test_rows_as_csv_have_an_empty_cell_for_what_is_unknown(capsys):
    print_rows(("a", "b"), [(1, None), ("x,y", 2.5)])

    assert capsys.readouterr().out == 'a,b\n1,\n"x,y",2.5\n'
