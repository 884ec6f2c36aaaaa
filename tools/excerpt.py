"""Puts what the demo prints today into the README, where the tests compare it."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
BLOCK = re.compile(r"(<!-- prints: lodeline demo -->\n```text\n).*?(```\n)", re.DOTALL)


def main() -> None:
    """Run the demo in an empty folder and replace the block below its note."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).with_name("lodeline")), "demo"]
        printed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    text, found = BLOCK.subn(lambda block: block[1] + printed + block[2], README.read_text(encoding="utf-8"))
    if found != 1:
        sys.exit("lodeline: the README has no block, or more than one, that the demo prints")
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
