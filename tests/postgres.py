"""A private PostgreSQL for one test worker: initdb in a temporary folder, a socket in it, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

REQUIRED = os.environ.get("LODELINE_REQUIRE_SERVERS") == "1"
"""Set on CI: a missing server is a failure there, not a skip."""


def programs() -> Path | None:
    """Folder of the newest PostgreSQL's programs; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def programs_or_skip() -> Path:
    """The programs; without them the test is skipped, or fails where servers are required."""
    folder = programs()
    if folder is None and REQUIRED:
        pytest.fail("PostgreSQL's programs (initdb, pg_ctl) are required here and missing")
    if folder is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) are not installed")
    return folder


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """A running server; gives the beginning of its addresses, up to and without ``?schema=``.

    It listens on a unix socket in its own folder and on nothing else. PostgreSQL refuses to run as root, so that
    root hands it to the user ``postgres``.
    """
    folder = programs_or_skip()
    # Not pytest's tmp_path: a socket's path may not be longer than 107 bytes, and ``postgres`` must reach it.
    home = Path(tempfile.mkdtemp(prefix="lode-pg-"))
    owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    if os.geteuid() == 0:
        os.chown(home, owner.pw_uid, owner.pw_gid)
        home.chmod(0o755)
    as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    data = home / "data"

    def run(*command: str) -> None:
        done = subprocess.run(
            [str(folder / command[0]), *command[1:]], cwd=home, capture_output=True, text=True, **as_owner
        )
        assert done.returncode == 0, f"{command[0]}: {done.stderr}{done.stdout}"

    run("initdb", "-D", str(data), "-U", "lode", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    speed = "" if durable else "-c fsync=off -c full_page_writes=off "
    options = f"-k {home} -c listen_addresses='' {speed}-c shared_buffers=64MB -c max_connections=60"
    try:
        # Its output must not go to our pipes: the server would keep them open after pg_ctl has ended.
        run("pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", str(home / "log"), "-o", options, "start")
        yield f"postgresql://lode@/postgres?host={home}"
    finally:
        try:
            run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
        finally:
            shutil.rmtree(home, ignore_errors=True)
