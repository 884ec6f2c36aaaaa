"""The wheel carries what the package needs, installs by itself, and answers before anything heavy is loaded."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "lodeline"

HEAVY = {
    "alembic",
    "httpx",
    "jinja2",
    "litestar",
    "lxml",
    "numpy",
    "polars",
    "periodictable",
    "psycopg",
    "pycountry",
    "rich",
    "sqlalchemy",
}
"""What a cold command that does not need it must not pay for."""


IMPORTED_AS = {"argon2-cffi": "argon2"}
UNSEEN = {"tzdata", "websockets"}
"""Nobody imports these: time zones are data, which zoneinfo finds by itself where the system has none, and uvicorn is
told by its name to speak websockets with that library."""


def loaded_by(*arguments: str) -> set[str]:
    """Top-level packages that ``lodeline ARGUMENTS`` imports, as the interpreter itself reports them."""
    command = [sys.executable, "-X", "importtime", "-m", "lodeline.cli.main", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    timed = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {name.partition(".")[0] for name in timed}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]], ids=" ".join)
def test_a_question_about_the_command_line_loads_nothing_heavy(arguments):
    loaded = loaded_by(*arguments)

    assert "click" in loaded
    assert loaded & HEAVY == set()


def test_what_the_package_imports_is_what_it_depends_on():
    imported: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                imported.add(node.module.partition(".")[0])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stated = [*project["dependencies"], *project["optional-dependencies"]["tables"]]
    depended_on = {
        IMPORTED_AS.get(name := re.match(r"[\w-]+", requirement)[0], name) for requirement in stated
    } - UNSEEN

    assert imported - sys.stdlib_module_names - {"lodeline"} == depended_on


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built as a packager would."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("lodeline-*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_carries_every_file_of_the_package_and_of_the_built_page(wheel):
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    wanted = {
        f"lodeline/{path.relative_to(PACKAGE).as_posix()}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert "lodeline/py.typed" in carried
    assert [name for name in carried if name.startswith("lodeline/report/assets/") and name.endswith(".js")]
    assert wanted - carried == set()
    assert {name.partition("/")[0] for name in carried if ".dist-info/" not in name} == {"lodeline"}


@pytest.mark.slow
def test_the_wheel_installs_into_a_fresh_environment_and_answers(wheel, tmp_path):
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    into = ["--python", str(venv), "install", "--quiet", "--no-deps", str(wheel)]
    done = subprocess.run([sys.executable, "-m", "pip", *into], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    # Its dependencies stay where they are: fetching them would test the network, and pip has resolved them already.
    site = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))}
    answer = subprocess.run(
        [venv / "bin" / "lodeline", "--version"], capture_output=True, text=True, check=False, env=os.environ | site
    )

    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        version = message_from_string(archive.read(name).decode())["Version"]
    assert (answer.returncode, answer.stdout) == (0, f"lodeline {version}\n"), answer.stderr
