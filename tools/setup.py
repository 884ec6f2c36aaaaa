"""Sets a checkout up for the Makefile: a virtual environment, an editable install, the report's browser assets.

Runs before anything is installed: on the standard library alone, and on a Python that may be too old. What it needs
and does not find it says in one sentence.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import NoReturn

FLOOR = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
FRONTEND = os.path.join(ROOT, "frontend")


def main(act: str, *groups: str) -> None:
    """Do one ``act``: ``install`` with the dependency ``groups`` named after it, or ``assets``."""
    if sys.version_info < FLOOR:
        found = f"{sys.version_info[0]}.{sys.version_info[1]}"
        stop(f"Lodeline needs Python 3.11 or later and this is {found}; name another: make demo PYTHON=python3.12")
    if act == "install":
        ensure_venv()
        install(groups)
    elif act == "assets":
        build_assets()
    else:
        stop(f"write 'install [GROUP …]' or 'assets', not {act!r}")


def ensure_venv() -> None:
    """A working ``.venv``; one whose Python has gone, or that has no pip, is made anew."""
    if succeeds(VENV_PYTHON, "-m", "pip", "--version"):
        return
    if not succeeds(sys.executable, "-c", "import ensurepip, venv"):
        stop(
            f"{sys.executable} has no ensurepip and cannot make a virtual environment; install it "
            "(Debian: apt-get install python3-venv) or name another Python: make demo PYTHON=python3.12"
        )
    print(f"Making .venv with Python {sys.version.split()[0]}", flush=True)
    run(sys.executable, "-m", "venv", "--clear", VENV)


def install(groups: tuple[str, ...]) -> None:
    """Lodeline itself, editable, with the dependency groups that were asked for.

    The groups are read here, since pip reads them itself only from 25.1 on.
    """
    requirements = [requirement for group in groups for requirement in group_requirements(group)]
    print(f"Installing lodeline{' and what its checks need' if groups else ''}", flush=True)
    run(VENV_PYTHON, "-m", "pip", "install", "--quiet", "--quiet", "--editable", ROOT, *requirements)
    # pip compiles what it copies and not what it only points to; a cold command should not pay for that, ever.
    run(VENV_PYTHON, "-m", "compileall", "-q", os.path.join(ROOT, "src"))


def group_requirements(name: str) -> list[str]:
    """The requirements of one ``[dependency-groups]`` entry, those of groups that it includes among them."""
    import tomllib

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        groups = tomllib.load(file)["dependency-groups"]
    requirements: list[str] = []
    for entry in groups[name]:
        requirements += group_requirements(entry["include-group"]) if isinstance(entry, dict) else [entry]
    return requirements


def build_assets() -> None:
    """The browser libraries that npm's lock file names, built into the package."""
    npm = shutil.which("npm")
    if npm is None:
        stop("npm builds the report's page and was not found; install Node.js with npm (Debian: apt-get install npm)")
    print("Building what the report's page carries", flush=True)
    run(npm, "ci", "--prefix", FRONTEND, "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    run(npm, "run", "build", "--silent", "--prefix", FRONTEND)


def succeeds(*command: str) -> bool:
    """Whether ``command`` is there and ends well; what it prints is not shown."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def run(*command: str) -> None:
    """Run ``command``; if it fails, stop after what it printed itself."""
    code = subprocess.run(command, cwd=ROOT).returncode
    if code != 0:
        stop(f"the set-up stopped, since this ended with {code}: {' '.join(command)}")


def stop(sentence: str) -> NoReturn:
    """End with one sentence on standard error."""
    sys.exit(f"lodeline: {sentence}")


if __name__ == "__main__":
    main(*sys.argv[1:] or [""])
