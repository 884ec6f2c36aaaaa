"""A cold answer about dependence, against a Python that imports numpy and does nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench.case import Outcome, Promise, Timing, case, seconds

LODELINE = [str(Path(sys.executable).with_name("lodeline"))]
ASKED = {"antimony": "Sb", "copper": "Cu", "rare earths": "Nd"}


@case(title="A cold answer about dependence; runs of each", small=1, full=9)
def world_dependence(size: int, folder: Path) -> Outcome:
    """Ask each element ``size`` times in a process of its own, in turns; the fastest of each counts."""
    # As on a reader's machine: bytecode is kept from the first start on, and no setting of ours is in the way.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    env["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    commands = {"import numpy": [sys.executable, "-c", "import numpy"]}
    for name, element in ASKED.items():
        commands[name] = [*LODELINE, "world", "dependence", element, "--importer", "US", "--year", "2024"]
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(size):
        for name, command in commands.items():
            took, _ = seconds(lambda command=command: run(command, env), collect=False)  # type: ignore[misc]
            times[name].append(took)
    best = {name: min(taken) for name, taken in times.items()}
    first = times[next(iter(ASKED))][0]
    bare = best.pop("import numpy")
    return Outcome(
        timings=(
            Timing(what="python -c 'import numpy'", who="bare", count=1, of="starts", seconds=bare),
            *(Timing(what=name, who="lodeline", count=1, of="starts", seconds=took) for name, took in best.items()),
        ),
        promises=tuple(
            Promise(what=f"dependence on {name}", value=took, unit="s", at_most=2) for name, took in best.items()
        ),
        notes=(
            f"The slowest takes {max(best.values()) / bare:.1f} times the start of a Python that imports numpy.",
            f"The very first, of {next(iter(ASKED))}, which writes bytecode, took {first:.2f} s. Nothing is compiled.",
        ),
    )


def run(command: list[str], env: dict[str, str]) -> None:
    """Run to the end, and insist that it ends well."""
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
