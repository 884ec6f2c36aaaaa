"""``python -m bench``: run the cases and print a table of ratios in Markdown."""

from __future__ import annotations

import argparse
import platform
import sqlite3
import sys
import tempfile
from pathlib import Path

import msgspec

from bench.case import Case, Outcome, Promise, Size, load
from bench.machine import machine
from lodeline.version import __version__


def main() -> int:
    """Run what was asked for; 1 if a promise was not kept at full size."""
    cases = load()
    parser = argparse.ArgumentParser(prog="python -m bench", description="Speed beside peers, in ratios of one run.")
    parser.add_argument("names", nargs="*", metavar="CASE", help=f"any of: {', '.join(cases)} (all)")
    parser.add_argument("--size", choices=["small", "full"], default="full")
    parser.add_argument("--folder", type=Path, help="where books are built, and left (a folder that is removed again)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured to FILE as well")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in cases]
    if unknown:
        parser.error(f"no such case: {', '.join(unknown)}; there are {', '.join(cases)}")
    chosen = [cases[name] for name in asked.names or cases]

    print(f"lodeline {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {machine()}\n")
    outcomes: dict[str, Outcome] = {}
    with tempfile.TemporaryDirectory(prefix="lodeline-bench-") as scratch:
        for case in chosen:
            folder = asked.folder or Path(scratch)
            folder.mkdir(parents=True, exist_ok=True)
            outcomes[case.name] = case.run(case.sizes[asked.size], folder)
            print(told(case, asked.size, outcomes[case.name]), flush=True)
    if asked.json:
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(outcomes)))
    broken = [promise for outcome in outcomes.values() for promise in outcome.promises if not promise.kept]
    return int(asked.size == "full" and bool(broken))


def told(case: Case, size: Size, outcome: Outcome) -> str:
    """One case as Markdown: what was timed, then each promise with its limit."""
    lines = [
        f"## {case.title}, {case.sizes[size]:,}\n",
        "| what | who | seconds | a second |",
        "| --- | --- | ---: | ---: |",
    ]
    for timing in outcome.timings:
        rate = f"{timing.count / timing.seconds:,.0f} {timing.of}"
        lines.append(f"| {timing.what} | {timing.who} | {timing.seconds:.3f} | {rate} |")
    lines += ["", "| promise | measured | limit | |", "| --- | ---: | ---: | --- |"]
    lines += [row(promise, size) for promise in outcome.promises]
    lines += ["", *(f"{note}\n" for note in outcome.notes)]
    return "\n".join(lines)


def row(promise: Promise, size: Size) -> str:
    """A promise, and whether it was kept; a small run shows that it works and decides nothing."""
    limit = f"≤ {promise.at_most:,g}" if promise.at_most is not None else f"≥ {promise.at_least:,g}"
    verdict = ("kept" if promise.kept else "BROKEN") if size == "full" else "not judged at this size"
    return f"| {promise.what} | {promise.value:,.2f} {promise.unit} | {limit} {promise.unit} | {verdict} |"


if __name__ == "__main__":
    sys.exit(main())
