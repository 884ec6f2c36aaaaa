"""Every benchmark runs, small, and measures what it says; how fast is not asked here."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from bench.case import Case, Outcome, Promise, load

ROOT = Path(__file__).resolve().parents[1]
CASES = load()


@pytest.mark.parametrize("name", CASES)
def test_a_case_measures_lodeline_and_a_peer_in_one_run(name, tmp_path):
    case = CASES[name]

    outcome = case.run(case.sizes["small"], tmp_path)

    assert isinstance(outcome, Outcome)
    assert {timing.who == "lodeline" for timing in outcome.timings} == {True, False}
    assert all(timing.seconds > 0 and timing.count > 0 for timing in outcome.timings)
    assert outcome.promises
    assert all(math.isfinite(promise.value) and promise.value > 0 for promise in outcome.promises)


def test_every_file_of_the_cases_registers_itself():
    files = {path.stem for path in (ROOT / "bench" / "cases").glob("*.py")} - {"__init__"}

    assert files == set(CASES)
    assert all(isinstance(case, Case) and case.sizes["small"] < case.sizes["full"] for case in CASES.values())


@pytest.mark.parametrize(
    ("value", "limit", "kept"),
    [(9.9, {"at_most": 10}, True), (10.1, {"at_most": 10}, False), (4_999, {"at_least": 5_000}, False)],
)
def test_a_promise_is_kept_or_broken(value, limit, kept):
    assert Promise(what="x", value=value, unit="times", **limit).kept is kept


def test_a_name_that_is_no_case_is_refused_with_those_that_are():
    done = subprocess.run(
        [sys.executable, "-m", "bench", "no-such"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "no-such" in done.stderr
    assert all(name in done.stderr for name in CASES)
