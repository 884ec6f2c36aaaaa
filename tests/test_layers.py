"""The layers of the package hold, and the contract that says so can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def lint_imports(checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contract of a checkout over the package that stands in it."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    # The package on the path comes before the installed one, which is that of the checkout under test.
    env = os.environ | {"PYTHONPATH": str(checkout / "src"), "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the package and its contract, to be broken."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(
        ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "assets", "*.egg-info")
    )
    return tmp_path


def test_nothing_imports_from_a_layer_above():
    done = lint_imports(ROOT)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "said"),
    [
        ("record/upwards.py", "import lodeline.ledger", "lodeline.record.upwards -> lodeline.ledger"),
        ("units/sideways.py", "import lodeline.chemistry", "lodeline.units.sideways -> lodeline.chemistry"),
        ("errors/anything.py", "import lodeline.ids", "lodeline.errors.anything -> lodeline.ids"),
        ("report/querying.py", "import sqlalchemy", "lodeline.report.querying -> sqlalchemy"),
        ("metal/querying.py", "import sqlite3", "lodeline.metal.querying -> sqlite3"),
    ],
    ids=lambda value: value if str(value).endswith(".py") else "",
)
def test_a_module_that_reaches_where_it_must_not_is_named(module, line, said, checkout):
    (checkout / "src" / "lodeline" / module).write_text(f"{line}\n", encoding="utf-8")

    done = lint_imports(checkout)

    assert done.returncode == 1
    assert said in done.stdout
