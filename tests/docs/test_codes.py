"""Refusals and findings are documented, all of them and no others."""

from __future__ import annotations

import ast

import pytest

from tests.docs import codes
from tests.docs.pages import ROOT

KINDS = [("refusals", codes.raised), ("findings", codes.found)]


@pytest.mark.parametrize(("kind", "used"), KINDS, ids=lambda value: value if isinstance(value, str) else "")
def test_every_code_in_the_source_is_explained(kind, used):
    missing = {code: place for code, place in used().items() if code not in codes.documented(kind)}

    assert missing == {}


@pytest.mark.parametrize(("kind", "used"), KINDS, ids=lambda value: value if isinstance(value, str) else "")
def test_every_code_explained_is_in_the_source(kind, used):
    written = codes.literals()

    assert [code for code in codes.documented(kind) if code not in written] == []


def test_a_code_that_a_table_of_checks_holds_is_explained_too():
    """Not every code stands at its raise site; one of a family that is documented must be documented itself."""
    explained = codes.documented("refusals").keys() | codes.documented("findings").keys()
    families = {code.partition(".")[0] for code in codes.raised().keys() | codes.found().keys()}
    written = {code: place for code, place in codes.literals().items() if code.partition(".")[0] in families}

    assert {code: place for code, place in written.items() if code not in explained} == {}


def test_every_code_is_met_in_a_test():
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    unmet = {code: place for code, place in {**codes.raised(), **codes.found()}.items() if code not in tests}

    assert unmet == {}


@pytest.mark.parametrize("kind", ["refusals", "findings"])
def test_every_row_says_what_it_means_and_what_to_do(kind):
    thin = [code for code, (_, cells) in codes.documented(kind).items() if len(cells) != 2 or not all(cells)]

    assert thin == []


@pytest.mark.parametrize("kind", ["refusals", "findings"])
def test_no_code_is_explained_twice(kind):
    files: dict[str, list[str]] = {}
    for code, file, _ in codes.rows(kind):
        files.setdefault(code, []).append(file)

    assert {code: found for code, found in files.items() if len(found) > 1} == {}


def test_codes_are_found_first_by_keyword_and_in_a_choice():
    calls = ast.parse(
        'Finding(code="a.b")\nXError("c.d" if x else "e.f", "One sentence.")\nXError(problem.code, "g.h")'
    )

    assert [list(codes._codes(call)) for call in ast.walk(calls) if isinstance(call, ast.Call)] == [
        ["a.b"],
        ["c.d", "e.f"],
        [],
    ]
