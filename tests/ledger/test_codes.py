"""Refusals that other tests meet by their place, met here by their code; each beside the sound book that has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeline.errors import BookError, CaptureError, IntegrityError, LodelineError, NotFoundError
from lodeline.ledger.batches import Task
from lodeline.ledger.preparing import Workers
from lodeline.ledger.store import open_store
from lodeline.record.codec import encode
from tests.ledger.books import book, clock
from tests.ledger.epcis import CONTEXT, event, spooled


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A closed book of three events in one file, which proves itself."""
    path = tmp_path / "book.db"
    with book(str(path)) as store:
        with spooled([event(number) for number in range(3)]) as held:
            store.capture(held, by="clerk", clock=clock())
        assert store.verify(deep=True).events == 3
    return path


def forge(path: Path, old: bytes, new: bytes) -> None:
    """Change bytes of the file behind SQLite's back; of equal length, so that it stays a database."""
    whole = path.read_bytes()
    assert old in whole
    assert len(old) == len(new)
    path.write_bytes(whole.replace(old, new))


def refusal_of_verify(path: Path, *, deep: bool = False) -> LodelineError:
    with open_store(path, read_only=True) as store, pytest.raises(IntegrityError) as refused:
        store.verify(deep=deep)
    return refused.value


def test_a_changed_byte_of_an_event_is_a_broken_entry(sound: Path) -> None:
    forge(sound, b"number 1", b"number 7")

    refused = refusal_of_verify(sound)

    assert (refused.code, refused.where["seq"], refused.where["column"]) == ("ledger.entry_broken", 3, "raw")


def test_an_event_known_under_the_hash_of_another_is_found_by_a_deep_verify(sound: Path) -> None:
    with open_store(sound, read_only=True) as store:
        digest = bytes.fromhex(list(store.events())[1].hash_id.removeprefix("ni:///sha-256;")[:64])
    # In the row and in the index alike, so that the file is sound and only the hash is wrong.
    forge(sound, digest, bytes(32))

    refused = refusal_of_verify(sound, deep=True)

    assert (refused.code, refused.where["seq"]) == ("ledger.hash_broken", 3)


def test_a_file_that_is_no_longer_a_database_is_damaged(sound: Path) -> None:
    pages = bytearray(sound.read_bytes())
    size = int.from_bytes(pages[16:18], "big")
    for start in range(size, len(pages), size):
        pages[start] = 0xFF
    sound.write_bytes(pages)

    with pytest.raises(IntegrityError) as refused, open_store(sound, read_only=True) as store:
        store.verify()
    assert refused.value.code == "ledger.file_damaged"


def test_a_book_of_a_later_format_is_left_to_a_later_lodeline(sound: Path) -> None:
    forge(sound, b'"format":1', b'"format":9')

    with pytest.raises(BookError) as refused:
        open_store(sound)
    assert (refused.value.code, refused.value.where["format"]) == ("ledger.format", 9)


def test_an_entry_that_there_is_not_is_refused_and_one_that_there_is_is_given(sound: Path) -> None:
    with open_store(sound, read_only=True) as store:
        assert store.entry(4).kind == "event"
        with pytest.raises(NotFoundError) as refused:
            store.entry(5)
    assert (refused.value.code, refused.value.where["entry"]) == ("ledger.no_entry", 5)


def test_a_worker_that_is_killed_ends_the_capture_in_one_sentence() -> None:
    task = Task(encode(CONTEXT), False, 0, [encode(event(1))])
    with Workers(1, first_only=True) as workers:
        assert [outcome.count for outcome in workers.outcomes([task])] == [1]
        for process in workers._processes:
            process.kill()
            process.wait()
        with pytest.raises(CaptureError) as refused:
            list(workers.outcomes([task]))
    assert (refused.value.code, refused.value.where["exit_code"]) == ("capture.worker_lost", -9)
