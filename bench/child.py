"""Work done in a process of its own, so that its memory is its own too: ``bench.child MODULE FUNCTION JSON``."""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

STATUS = Path("/proc/self/status")


def in_child(module: str, function: str, *arguments: Any) -> Any:
    """What a function of a module returns for arguments that JSON can carry, called in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.child", module, function, json.dumps(arguments)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module}.{function} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def peak_gb() -> float:
    """The most memory that this process has held since it began, in gigabytes.

    Linux counts what the parent held towards ``ru_maxrss`` of a child; what the memory map itself says is the child's.
    """
    if STATUS.exists():
        for line in STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return float(line.split()[1]) * 1024 / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def main() -> int:
    """Call the function and print what it returns as JSON."""
    module, function, arguments = sys.argv[1:]
    print(json.dumps(getattr(importlib.import_module(module), function)(*json.loads(arguments))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
