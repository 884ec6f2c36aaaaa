"""A command from a cold start, against a Python that does nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench import books
from bench.case import Outcome, Promise, Timing, case, seconds

LODELINE = [str(Path(sys.executable).with_name("lodeline"))]


@case(title="A cold command; runs of each", small=1, full=9)
def cold(size: int, folder: Path) -> Outcome:
    """Start each command ``size`` times in a process of its own, in turns; the fastest start of each counts."""
    book = str(books.book_of(300, folder))
    # As on a reader's machine: bytecode is kept from the first start on, and no setting of ours is in the way.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    env["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    commands = {
        "python": [sys.executable, "-c", ""],
        "--help": [*LODELINE, "--help"],
        "events": [*LODELINE, "events", book, "--limit", "20"],
        "verify": [*LODELINE, "verify", book],
        "report": [*LODELINE, "report", book],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(size):
        for name, command in commands.items():
            took, _ = seconds(lambda command=command: run(command, env), collect=False)  # type: ignore[misc]
            times[name].append(took)
    best = {name: min(taken) for name, taken in times.items()}
    return Outcome(
        timings=tuple(
            Timing(what=name, who="bare" if name == "python" else "lodeline", count=1, of="starts", seconds=took)
            for name, took in best.items()
        ),
        promises=tuple(
            Promise(what=f"lodeline {name}", value=best[name], unit="s", at_most=0.5)
            for name in best
            if name != "python"
        ),
        notes=("Events, verify and report read a book of 300 events.",),
    )


def run(command: list[str], env: dict[str, str]) -> None:
    """Run to the end, and insist that it ends well."""
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
