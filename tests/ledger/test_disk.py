"""A full disk and a read-only place: a refusal with a clear code, and nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lodeline.errors import BookError, CaptureError
from lodeline.ledger.store import Store, open_store
from tests.ledger.books import book, clock
from tests.ledger.epcis import event, spooled

AS_ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not AS_ROOT, reason="only root may mount, and act as another user")


def capture(store: Store, first: int, count: int) -> int:
    with spooled([event(number) for number in range(first, first + count)]) as held:
        return store.capture(held, by="clerk", clock=clock()).added


def fill_up(store: Store) -> tuple[int, BookError]:
    """Capture until it is refused; gives the number of events acknowledged, and the refusal."""
    held = 0
    for _ in range(500):
        try:
            held += capture(store, held, 50)
        except BookError as error:
            return held, error
    raise AssertionError("the disk never got full")


def require_whole(url: str, events: int) -> None:
    """Every acknowledged event is there, and no other."""
    with open_store(url) as store:
        assert store.verify(deep=True).events == events


def test_a_file_that_may_not_grow_refuses_and_loses_nothing(tmp_path: Path) -> None:
    url = str(tmp_path / "book.db")
    with book(url) as store:
        with store._backend.read() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 40}")
        held, error = fill_up(store)
        assert error.code == "ledger.full"
        assert held > 0
        assert store.verify().events == held
    require_whole(url, held)
    with open_store(url) as store:
        assert capture(store, held, 50) == 50


def test_no_room_for_what_waits_refuses_and_leaves_no_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    import psutil

    from lodeline.ledger import preparing

    url = str(tmp_path / "book.db")
    with book(url) as store, spooled([event(number) for number in range(900)]) as held:
        monkeypatch.setattr(preparing, "IN_MEMORY_BYTES", 1)
        monkeypatch.setattr(preparing, "WORKERS_FROM_BYTES", 0)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no such folder"))
        with pytest.raises(CaptureError) as refused:
            store.capture(held, by="clerk", clock=clock())
        assert refused.value.code == "capture.no_room"
        commands = [" ".join(child.cmdline()) for child in psutil.Process().children()]
        assert not [command for command in commands if "lodeline.ledger.worker" in command]
        monkeypatch.undo()
        assert store.capture(held, by="clerk", clock=clock()).added == 900


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True, text=True
    )
    if done.returncode != 0:
        pytest.skip(f"this machine does not let root mount: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@as_root
def test_a_full_disk_refuses_and_loses_nothing(small_disk: Path) -> None:
    url = str(small_disk / "book.db")
    ballast = small_disk / "ballast"
    with book(url) as store:
        ballast.write_bytes(bytes(600_000))
        held, error = fill_up(store)
        assert error.code == "ledger.full"
        assert store.head().seq > 0
        assert store.verify(deep=True).events == held > 0
    ballast.unlink()
    with open_store(url) as store:
        assert capture(store, held, 10) == 10
    require_whole(url, held + 10)


def in_child(act: Callable[[], str], *, user: int | None = None, file_bytes: int | None = None) -> str:
    """Do something in a child process, as another user or with a limit on the size of files; gives what it says."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        said = "the child failed"
        try:
            if file_bytes is not None:
                import resource

                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
            if user is not None:
                os.setgid(user)
                os.setuid(user)
            said = act()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the parent must hear of it
            said = repr(error)
        finally:
            os.write(writing, said.encode()[:4000])
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return said


def test_a_limit_on_the_size_of_files_refuses_and_loses_nothing(tmp_path: Path) -> None:
    url = str(tmp_path / "book.db")
    with book(url) as store:
        assert capture(store, 0, 50) == 50

    def act() -> str:
        with open_store(url) as store:
            try:
                capture(store, 50, 2000)
            except BookError as error:
                return error.code
        return "captured"

    assert in_child(act, file_bytes=300_000) in ("ledger.full", "ledger.store_failed")
    require_whole(url, 50)


def write_code(url: str) -> str:
    """The code with which a write is refused."""
    try:
        with open_store(url) as store:
            store.set_policy(b"a = 1", by="clerk", clock=clock())
    except BookError as error:
        return error.code
    return "written"


NOBODY = 65534


@as_root
@pytest.mark.parametrize("what", ["file", "folder", "both"])
def test_a_read_only_place_refuses_writes_and_can_be_read(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "place"
    folder.mkdir()
    url = str(folder / "book.db")
    with book(url) as store:
        assert capture(store, 0, 20) == 20
    for part in [folder, *folder.parents]:
        if str(part).startswith("/tmp/"):
            part.chmod(0o755)
    os.chmod(url, 0o444 if what in ("file", "both") else 0o666)
    folder.chmod(0o555 if what in ("folder", "both") else 0o777)

    def read() -> str:
        with open_store(url, read_only=True) as store:
            return f"{len(list(store.events()))} {store.verify(deep=True).events}"

    assert in_child(lambda: write_code(url), user=NOBODY) in ("ledger.read_only", "ledger.store_failed")
    assert in_child(read, user=NOBODY) == "20 20"
    require_whole(url, 20)


@as_root
def test_a_book_cannot_be_made_where_nothing_may_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    folder.mkdir(mode=0o555)
    for part in folder.parents:
        if str(part).startswith("/tmp/"):
            part.chmod(0o755)

    def act() -> str:
        try:
            book(str(folder / "book.db"))
        except BookError as error:
            return error.code
        return "made"

    assert in_child(act, user=NOBODY) == "ledger.read_only"
    assert list(folder.iterdir()) == []


@pytest.mark.postgres
def test_a_server_that_refuses_to_write_refuses_with_a_clear_code(postgres_server: str) -> None:
    import psycopg

    url = f"{postgres_server}&schema=readonly"
    with book(url) as store:
        assert capture(store, 0, 20) == 20
    with psycopg.connect(postgres_server, autocommit=True) as owner:
        owner.execute("REVOKE INSERT ON readonly.entries FROM readonly_writer")
    assert write_code(url) == "ledger.read_only"
    require_whole(url, 20)


@pytest.mark.postgres
def test_a_login_without_the_writing_role_is_told_what_to_ask_for(postgres_server: str) -> None:
    import psycopg

    book(f"{postgres_server}&schema=closed").close()
    with psycopg.connect(postgres_server, autocommit=True) as owner:
        owner.execute("CREATE ROLE stranger LOGIN")
    url = postgres_server.replace("lode@", "stranger@") + "&schema=closed"
    with pytest.raises(BookError) as refused:
        open_store(url)
    assert refused.value.code == "ledger.no_right"
    with psycopg.connect(postgres_server, autocommit=True) as owner:
        owner.execute("GRANT closed_writer TO stranger")
    assert write_code(url) == "written"
