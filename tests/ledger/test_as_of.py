"""As of: any read as of entry n equals that read of a book which holds only the first n entries."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodeline.ledger.portable import import_store
from lodeline.ledger.store import MasterRecord, Store
from tests.ledger.books import add_document, book, clock
from tests.ledger.epcis import LOT, declared, event, spooled

Act = Callable[[Store, Callable[[], Any]], object]

numbers = st.integers(min_value=0, max_value=2)
ids = st.sampled_from([None, "urn:example:event:1", "urn:example:event:2"])
plain = st.builds(lambda number, name: event(number, eventID=name), numbers, ids)
events = st.one_of(plain, st.builds(declared, plain, st.sampled_from(["incorrect_data", "did_not_occur"])))


@st.composite
def acts(draw: st.DrawFn) -> Act:
    """One thing a person does to a book."""
    match draw(st.sampled_from(["capture", "capture", "capture", "document", "register", "policy"])):
        case "capture":
            chosen = draw(st.lists(events, min_size=1, max_size=4))

            def capture(store: Store, tick: Callable[[], Any]) -> object:
                with spooled(chosen) as held:
                    return store.capture(held, by="clerk", clock=tick)

            return capture
        case "document":
            content, role = draw(st.sampled_from([b"a", b"b"])), draw(st.sampled_from(["certificate", "contract"]))
            return lambda store, tick: add_document(store, content, tick, role=role)
        case "register":
            record = MasterRecord(
                kind=draw(st.sampled_from(["site", "scale"])),
                id=f"urn:example:{draw(numbers)}",
                attributes={"bias_kg": Decimal(draw(numbers))},
                valid_from=draw(st.sampled_from([None, "2025-01-01"])),
            )
            return lambda store, tick: store.register([record], by="clerk", clock=tick, source=b"file")
        case _:
            toml = b"a = %d" % draw(numbers)
            return lambda store, tick: store.set_policy(toml, by="clerk", clock=tick)


def everything(store: Store, as_of: int | None) -> dict[str, Any]:
    """The answer to every question the store can be asked."""
    reads: dict[str, Any] = {
        "head": store.head(as_of),
        "events": list(store.events(as_of=as_of)),
        "counted": list(store.events(as_of=as_of, counted=True)),
        "documents": store.documents(as_of),
        "master": store.master(as_of),
        "master on a day": store.master(as_of, on="2025-06-01"),
        "policy": store.policy(as_of),
        "findings": store.findings(as_of),
        "checkpoint": store.checkpoint(as_of),
    }
    for number in range(3):
        reads[f"lot {number}"] = list(store.events(as_of=as_of, lot=f"{LOT}{number}"))
    return reads


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(done=st.lists(acts(), min_size=1, max_size=6), data=st.data())
def test_a_read_as_of_an_entry_is_that_of_a_book_that_ends_there(done: list[Act], data: st.DataObject) -> None:
    tick = clock()
    with TemporaryDirectory() as folder, book(f"{folder}/whole.db") as store:
        for act in done:
            act(store, tick)
        until = data.draw(st.integers(min_value=0, max_value=store.head().seq), label="as of")
        buffer = BytesIO()
        store.export(buffer, as_of=until)
        buffer.seek(0)
        with import_store(buffer, f"{folder}/part.db") as part:
            assert everything(store, until) == everything(part, None)
            assert part.head() == store.head(until)
            part.verify(deep=True, against=store.checkpoint(until))


@pytest.mark.postgres
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(done=st.lists(acts(), min_size=3, max_size=6), data=st.data())
def test_both_kinds_of_store_say_the_same_of_the_same_acts(
    postgres_server: str, done: list[Act], data: st.DataObject, tmp_path: Path
) -> None:
    from uuid import UUID, uuid4

    from lodeline.ledger.store import create
    from tests.ledger.books import START

    number: UUID = uuid4()
    answers = []
    for url in (str(tmp_path / f"{number}.db"), f"{postgres_server}&schema=as_of_{number.hex}"):
        tick = clock()
        with create(url, title="x", created_at=START, by="founder", book_id=number) as store:
            for act in done:
                act(store, tick)
            until = store.head().seq if not answers else answers[0][0]
            answers.append((until, everything(store, None), everything(store, until // 2)))
            store.verify(deep=True)
    assert answers[0] == answers[1]


def test_an_instant_means_the_last_entry_recorded_by_then(tmp_path: Path) -> None:
    tick = clock()
    with book(str(tmp_path / "a.db")) as store:
        for number in range(3):
            with spooled([event(number)]) as held:
                store.capture(held, by="clerk", clock=tick)
        instants = [held.recorded_at for held in store.events()]
        assert len(set(instants)) == 3
        assert [held.seq for held in store.events(as_of=instants[1])] == [2, 4]
        assert store.head(instants[0]).seq == 2
