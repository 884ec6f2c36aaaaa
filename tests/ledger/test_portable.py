"""The portable form and checkpoints: the same head again, or a refusal that names the place."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lodeline.errors import BookError, InputError, IntegrityError, LodelineError, NotFoundError
from lodeline.ledger import importing
from lodeline.ledger.checkpoint import read_checkpoint
from lodeline.ledger.portable import import_store
from lodeline.ledger.store import Store, open_store
from tests.ledger.books import book, clock
from tests.ledger.epcis import event, spooled
from tests.ledger.test_derived import rows
from tests.ledger.test_verify import fill

FreshUrl = Callable[[], str]


def exported(store: Store, as_of: int | None = None) -> bytes:
    buffer = BytesIO()
    count = store.export(buffer, as_of=as_of)
    assert count == store.head(as_of).seq + 1
    return buffer.getvalue()


def test_a_book_comes_back_with_its_heads_and_every_row(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        fill(store, events=30)
        whole = exported(store)
        with import_store(BytesIO(whole), fresh_url()) as again:
            assert [again.head(n) for n in range(again.head().seq + 1)] == [
                store.head(n) for n in range(store.head().seq + 1)
            ]
            assert (again.book_id, again.title) == (store.book_id, store.title)
            assert rows(again) == rows(store)
            assert exported(again) == whole
            assert again.verify(deep=True) == store.verify(deep=True)


def test_a_book_moves_between_the_two_kinds_of_store(postgres_server: str, tmp_path: Path) -> None:
    with book(str(tmp_path / "a.db")) as file:
        fill(file)
        whole = exported(file)
    with import_store(BytesIO(whole), f"{postgres_server}&schema=moved") as server:
        assert exported(server) == whole
        with spooled([event(77)]) as held:
            server.capture(held, by="clerk", clock=clock())
        longer = exported(server)
    with import_store(BytesIO(longer), tmp_path / "b.db") as back:
        assert back.verify(deep=True).entries == 12


def test_a_book_goes_on_after_an_import(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        fill(store)
        with import_store(BytesIO(exported(store, as_of=4)), fresh_url()) as part:
            with spooled([event(3), event(50)]) as held:
                done = part.capture(held, by="clerk", clock=clock())
            assert (done.added, done.known) == (1, 1)
            part.verify(deep=True)


def test_large_imports_go_through_workers_to_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with book(str(tmp_path / "a.db")) as store:
        fill(store, events=900)
        whole = exported(store)
        monkeypatch.setattr(importing, "WORKERS_FROM_EVENTS", 0)
        with import_store(BytesIO(whole), tmp_path / "b.db") as again:
            assert rows(again) == rows(store)


def changed(whole: bytes, number: int, **fields: Any) -> bytes:
    """The export with fields of one line changed."""
    lines = whole.splitlines(keepends=True)
    lines[number] = json.dumps(json.loads(lines[number]) | fields).encode() + b"\n"
    return b"".join(lines)


def refused_import(raw: bytes, url: str) -> LodelineError:
    """The refusal of an import; nothing of it is left."""
    with pytest.raises(LodelineError) as refused:
        import_store(BytesIO(raw), url)
    with pytest.raises(NotFoundError):
        open_store(url)
    return refused.value


def line_of(whole: bytes, kind: str) -> int:
    """Number of the first line of this kind of entry."""
    return next(n for n, line in enumerate(whole.splitlines()) if json.loads(line).get("kind") == kind)


def test_a_changed_line_is_refused_with_its_sequence_and_leaves_nothing(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        fill(store)
        whole = exported(store)
    number = line_of(whole, "event")
    entry = json.loads(whole.splitlines()[number])
    raw = b64decode(entry["raw"]).replace(b"1000", b"1001")
    for fields in (
        {"raw": b64encode(raw).decode()},
        {"captured_by": "another"},
        {"recorded_at": entry["recorded_at"] + 1},
        {"kind": "policy"},
        {"capture_id": 9},
        {"source": "00" * 32},
        {"context": "11" * 32},
        {"context": None},
        {"digest": "00" * 32},
        {"seq": 7},
    ):
        refused = refused_import(changed(whole, number, **fields), fresh_url())
        assert isinstance(refused, IntegrityError)
        assert refused.code == "ledger.import_broken"
        assert refused.where["seq"] == (7 if "seq" in fields else 2)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: b"",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: b"".join(whole.splitlines(keepends=True)[:-1]),
        lambda whole: whole + b"\n",
        lambda whole: whole.replace(b"lodeline book 1", b"lodeline book 2"),
        lambda whole: whole.splitlines(keepends=True)[0] + whole,
        lambda whole: changed(whole, 0, book_id="not a uuid"),
        lambda whole: changed(whole, 1, raw="?"),
        lambda whole: changed(whole, 1, recorded_at=1 << 63),
        lambda whole: changed(whole, 1, extra=1),
        lambda whole: b"".join(line for line in whole.splitlines(keepends=True) if b'"blob"' not in line),
        lambda whole: (
            whole.splitlines(keepends=True)[0]
            + b'{"line":"blob","raw":"eA=="}\n'
            + b"".join(whole.splitlines(keepends=True)[1:])
        ),
        lambda whole: whole.replace(b'{"line":"blob"', b'{"line":"blob","raw":"eA=="}\n{"line":"blob"', 1).replace(
            b'{"line":"head"', b'{"line":"blob","raw":"eA=="}\n{"line":"head"'
        ),
    ],
)
def test_what_is_not_a_whole_exported_book_is_refused_and_leaves_nothing(
    tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    with book(str(tmp_path / "a.db")) as store:
        fill(store)
        whole = exported(store)
    refused = refused_import(spoil(whole), str(tmp_path / "b.db"))
    assert isinstance(refused, InputError)
    assert refused.code == "ledger.import_format"


def test_an_end_that_names_another_head_is_refused(tmp_path: Path) -> None:
    with book(str(tmp_path / "a.db")) as store:
        fill(store)
        whole = exported(store)
    last = len(whole.splitlines()) - 1
    for raw in (changed(whole, last, seq=3), changed(whole, last, digest="00" * 32), changed(whole, 0, entries=3)):
        assert refused_import(raw, str(tmp_path / "b.db")).code == "ledger.import_broken"


def test_an_event_that_is_no_event_is_refused_although_the_chain_is_right(tmp_path: Path) -> None:
    """Someone may make a chain of their own around anything; it is read, too."""
    from hashlib import sha256

    from lodeline.ledger.values import to_us
    from tests.ledger.books import START

    with book(str(tmp_path / "a.db")) as store:
        from lodeline.ledger.appending import Tip
        from lodeline.ledger.relating import identity_of  # noqa: F401 - the module that reads what is forged below

        with store._backend.write(1.0) as connection:
            tip = Tip(store._backend, connection, store._id, to_us(START))
            source = sha256(b"forged").digest()
            opening = tip.act("capture", "forger", source)
            tip.write([opening.entry(b"")])
            act = tip.act("event", "forger", source, capture_id=opening.capture_id)
            tip.write([*act.entries([(b'{"type":"ObjectEvent"}', bytes(32), None, None)], None)])
        whole = exported(store)
        with pytest.raises(IntegrityError) as deep:
            store.rebuild()
        assert (deep.value.code, deep.value.where["seq"]) == ("ledger.event_unreadable", 2)
    refused = refused_import(whole, str(tmp_path / "b.db"))
    assert (refused.code, refused.where["seq"]) == ("ledger.event_unreadable", 2)


def test_an_import_never_touches_a_book_that_is_there(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        whole = exported(store)
        with pytest.raises(BookError) as refused:
            import_store(BytesIO(whole), url)
        assert refused.value.code == "ledger.exists"
        assert store.verify(deep=True).entries == 10


def test_a_checkpoint_holds_for_its_book_and_every_later_state_of_it(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        fill(store)
        old = read_checkpoint(store.checkpoint(3).to_json())
        assert store.verify(against=old).checkpoint == 3
        assert store.verify(against=store.checkpoint()).checkpoint == 9
        assert store.verify().checkpoint is None
        assert old.digest == store.head(3).digest


def test_a_checkpoint_of_another_book_or_past_is_refused(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store, book(fresh_url()) as other:
        fill(store)
        fill(other)
        with pytest.raises(IntegrityError) as refused:
            other.verify(against=store.checkpoint())
        assert refused.value.code == "ledger.checkpoint_other_book"
        raw = json.loads(store.checkpoint(3).to_json())
        for field, value in (("digest", "00" * 32), ("recorded_at", "2025-10-02T08:00:00+00:00")):
            with pytest.raises(IntegrityError) as missed:
                store.verify(against=read_checkpoint(json.dumps(raw | {field: value}).encode()))
            assert (missed.value.code, missed.value.where["seq"]) == ("ledger.checkpoint_missed", 3)


def test_a_signed_checkpoint_is_believed_only_as_it_was_signed(tmp_path: Path) -> None:
    with book(str(tmp_path / "a.db")) as store:
        fill(store)
        key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        signed = store.checkpoint(key=key).to_json()
        checkpoint = read_checkpoint(signed)
        assert checkpoint.signature is not None
        assert b64decode(checkpoint.signature.public_key) == key.public_key().public_bytes_raw()
        assert store.verify(against=checkpoint).checkpoint == 9
        said = json.loads(signed)
        another = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
        for changes in (
            {"seq": 8},
            {"title": "Another book"},
            {"signature": said["signature"] | {"public_key": b64encode(another).decode()}},
            {"signature": said["signature"] | {"value": b64encode(bytes(64)).decode()}},
            {"signature": said["signature"] | {"value": "?"}},
            {"signature": said["signature"] | {"algorithm": "none"}},
        ):
            with pytest.raises(IntegrityError) as refused:
                read_checkpoint(json.dumps(said | changes).encode())
            assert refused.value.code == "ledger.checkpoint_signature"


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b'{"format":"lodeline checkpoint 9"}', b"\xff", b"not json", b'{"format":1}']
)
def test_what_is_no_checkpoint_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError) as refused:
        read_checkpoint(raw)
    assert refused.value.code == "ledger.checkpoint_format"
