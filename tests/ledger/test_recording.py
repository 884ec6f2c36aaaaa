"""Documents, master data and policies: on the chain, dated, and asked for as of an entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from lodeline.errors import BookError, MasterDataError, NotFoundError
from lodeline.ledger.store import MasterRecord, open_store
from tests.ledger.books import START, add_document, book, clock

FreshUrl = Callable[[], str]

SCALE = MasterRecord(
    kind="scale",
    id="urn:example:scale:1",
    attributes={
        "site": "urn:example:site:1",
        "bias_kg": Decimal("0.50"),
        "classes": [Decimal(3), "III"],
        "sealed": True,
    },
    valid_from="2025-01-01",
)


def test_a_new_book_holds_one_entry_and_proves_itself(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        assert (store.head().seq, store.head().recorded_at) == (0, START)
        assert store.verify().entries == 1
        assert store.title == "A trial book"


def test_a_book_opens_again_as_the_same_book(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        add_document(store, b"one", clock())
        head = store.head()
    for read_only in (False, True):
        with open_store(url, read_only=read_only) as again:
            assert again.head() == head
            assert again.title == "A trial book"


def test_a_document_is_kept_by_its_content_and_given_back_exactly(fresh_url: FreshUrl) -> None:
    content = bytes(range(256)) * 5
    with book(fresh_url()) as store:
        added = add_document(store, content, clock())
        held = store.document(f"ni:///sha-256;{sha256(content).hexdigest()}")
        assert held == added
        assert (held.size, held.dated, held.meta) == (1280, "2025-09-30", {"lot": "urn:example:lot:1"})
        assert store.content(held.id) == content
        assert store.document(held.id.removeprefix("ni:///sha-256;")[:12]) == held


def test_a_document_added_again_is_known_and_writes_nothing(fresh_url: FreshUrl) -> None:
    tick = clock()
    with book(fresh_url()) as store:
        first = add_document(store, b"same", tick)
        head = store.head()
        again = add_document(store, b"same", tick)
        assert again.known
        assert (again.seq, store.head()) == (first.seq, head)
        other = add_document(store, b"same", tick, role="contract")
        assert not other.known
        assert [held.role for held in store.documents()] == ["certificate", "contract"]
        assert store.document(first.id).role == "contract"
        assert store.verify().documents == 2


def test_an_unknown_document_and_an_undescribed_one_are_refused(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        with pytest.raises(NotFoundError) as refused:
            store.document("ni:///sha-256;" + "0" * 64)
        assert refused.value.code == "ledger.no_document"
        with pytest.raises(BookError) as refused_text:
            add_document(store, b"x", clock(), issuer=" ")
        assert refused_text.value.code == "ledger.document_text"
        assert store.head().seq == 0


def test_master_data_come_back_as_they_went_in(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        done = store.register([SCALE], by="clerk", clock=clock(), source=b"[[scale]]")
        assert (done.added, done.known, done.capture_id) == (1, 0, 1)
        assert store.master() == [SCALE]
        assert str(store.master()[0].attributes["bias_kg"]) == "0.50"
        assert store.verify().master == 1


def test_the_later_record_holds_from_its_day_and_one_for_the_same_day_replaces(fresh_url: FreshUrl) -> None:
    later = MasterRecord(kind="scale", id=SCALE.id, attributes={"bias_kg": Decimal("0.7")}, valid_from="2025-06-01")
    right = MasterRecord(kind="scale", id=SCALE.id, attributes={"bias_kg": Decimal("0.6")}, valid_from="2025-06-01")
    tick = clock()
    with book(fresh_url()) as store:
        store.register([SCALE, later], by="clerk", clock=tick, source=b"1")
        before = store.head().seq
        assert store.register([SCALE, right], by="clerk", clock=tick, source=b"2").known == 1
        assert store.master() == [SCALE, right]
        assert store.master(as_of=before) == [SCALE, later]
        assert store.master(on="2025-05-31") == [SCALE]
        assert store.master(on="2025-06-01") == [right]
        assert store.master(on="2024-12-31") == []


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (MasterRecord(kind="pit", id="urn:x", attributes={}), "master.kind"),
        (MasterRecord(kind="site", id=" ", attributes={}), "master.id"),
        (MasterRecord(kind="site", id="urn:x", attributes={}, valid_from="1 May"), "master.valid_from"),
    ],
)
def test_wrong_master_data_are_refused_whole(fresh_url: FreshUrl, record: MasterRecord, code: str) -> None:
    with book(fresh_url()) as store:
        with pytest.raises(MasterDataError) as refused:
            store.register([SCALE, record], by="clerk", clock=clock(), source=b"")
        assert (refused.value.code, refused.value.where["record"]) == (code, 1)
        assert store.head().seq == 0


def test_the_last_policy_holds_and_earlier_ones_stay_readable(fresh_url: FreshUrl) -> None:
    tick = clock()
    with book(fresh_url()) as store:
        assert store.policy() is None
        first = store.set_policy(b"a = 1\n", by="clerk", clock=tick)
        second = store.set_policy(b"a = 2\n", by="clerk", clock=tick)
        again = store.set_policy(b"a = 2\n", by="clerk", clock=tick)
        assert (again.known, again.seq) == (True, second.seq)
        assert store.policy() == second
        assert store.policy(as_of=first.seq) == first
        assert store.policy(as_of=first.recorded_at) == first
        assert store.policy(as_of=0) is None
        assert store.verify().policies == 2


def test_record_time_never_goes_backwards(fresh_url: FreshUrl) -> None:
    """A clock that is set back gives the last record time again, until it has caught up."""
    with book(fresh_url()) as store:
        store.set_policy(b"a = 1", by="clerk", clock=lambda: START + timedelta(hours=2))
        late = store.set_policy(b"a = 2", by="clerk", clock=lambda: START + timedelta(hours=1))
        on = store.set_policy(b"a = 3", by="clerk", clock=lambda: START + timedelta(hours=3))
        assert late.recorded_at == START + timedelta(hours=2)
        assert on.recorded_at == START + timedelta(hours=3)


@pytest.mark.parametrize("by", ["", "  ", "x" * 1025, "a\0b"])
def test_who_captures_must_be_said(fresh_url: FreshUrl, by: str) -> None:
    with book(fresh_url()) as store:
        with pytest.raises(BookError) as refused:
            store.set_policy(b"a = 1", by=by, clock=clock())
        assert refused.value.code == "ledger.captured_by"
        assert store.set_policy(b"a = 1", by="x" * 1024, clock=clock()).seq == 1


@pytest.mark.parametrize("as_of", [-1, 1, START - timedelta(seconds=1), START.replace(tzinfo=None)])
def test_only_an_entry_that_is_held_can_be_asked_as_of(fresh_url: FreshUrl, as_of: object) -> None:
    with book(fresh_url()) as store:
        with pytest.raises(BookError) as refused:
            store.head(as_of)  # type: ignore[arg-type]
        assert refused.value.code == "ledger.as_of"
