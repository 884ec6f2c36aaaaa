"""The set-up says in one sentence what it needs and does not find, and a second run has nothing to do."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def setup() -> ModuleType:
    """``tools/setup.py`` as a module; it is no part of the package."""
    spec = importlib.util.spec_from_file_location("lodeline_setup", ROOT / "tools" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in which nothing is set up."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "setup.py", tmp_path / "tools")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def run(checkout: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "tools/setup.py", *arguments]
    return subprocess.run(
        command, cwd=checkout, env=os.environ | env, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_python_without_ensurepip_is_told_of_before_anything_is_made(checkout, tmp_path):
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "ensurepip.py").write_text("raise ImportError('not here')\n", encoding="utf-8")

    done = run(checkout, "install", PYTHONPATH=str(hidden))

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "has no ensurepip" in done.stderr
    assert not (checkout / ".venv").exists()


def test_a_machine_without_npm_is_told_of(checkout, tmp_path):
    done = run(checkout, "assets", PATH=str(tmp_path))

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "npm" in done.stderr


def test_a_python_that_is_too_old_is_told_of(setup, monkeypatch):
    monkeypatch.setattr(setup, "FLOOR", (99, 0))

    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or later and this is \d+\.\d+"):
        setup.main("install")


def test_the_floor_is_the_one_that_the_package_states(setup):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["requires-python"] == f">={setup.FLOOR[0]}.{setup.FLOOR[1]}"


def test_a_group_brings_the_groups_that_it_includes(setup):
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]

    assert setup.group_requirements("dev") == [*groups["test"], *groups["check"]]
    assert all(isinstance(requirement, str) for requirement in setup.group_requirements("dev"))


def test_an_act_that_is_none_is_refused(checkout):
    done = run(checkout, "instal")

    assert done.returncode == 1
    assert "'instal'" in done.stderr


def test_the_stamps_make_a_second_run_do_nothing_until_a_file_that_they_rest_on_changes(checkout):
    (checkout / ".venv").mkdir()
    for stamp in ("installed", "tools"):
        (checkout / ".venv" / f"{stamp}.stamp").touch()

    def planned() -> str:
        dry = ["make", "--dry-run", "docs"]
        return subprocess.run(dry, cwd=checkout, capture_output=True, text=True, check=True).stdout

    assert "setup.py" not in planned()
    later = (checkout / ".venv" / "tools.stamp").stat().st_mtime + 10
    os.utime(checkout / "pyproject.toml", (later, later))
    assert "setup.py install dev" in planned()
