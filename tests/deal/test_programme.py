"""The programme: what was pledged beside what is evidenced, and an unknown that is never a zero."""

from typing import Any

import msgspec

from lodeline.deal.documents import MEDIA_TYPE
from lodeline.deal.programme import Programme, programme
from lodeline.metal.facts import Facts
from tests.metal.small_book import LOT, MASTER, SELLER, Record, book, mined, received, shipped

AGREEMENT = f'''kind = "agreement"
id = "urn:example:agreement"
name = "the memorandum"
form = "memorandum"
parties = ["{SELLER}"]
sources = [{{ who = "a newspaper" }}]
'''
PLEDGE = """kind = "pledge"
id = "urn:example:pledge"
name = "the pledge"
agreement = "urn:example:agreement"
amount = 500_000_000
currency = "USD"
sources = [{ who = "officials" }]
"""
PAYMENT = """kind = "payment"
id = "urn:example:payment"
name = "first instalment"
pledge = "urn:example:pledge"
amount = 25_000_000
currency = "USD"
paid = 2026-01-31
sources = [{ who = "the bank" }]
"""
REFINERY = """kind = "project"
id = "urn:example:refinery"
name = "the refinery"
purpose = "refining"
sources = [{ who = "a newspaper" }]
expects = [{ what = "jobs", unit = "C62" }]
"""
DELIVERED = f"""kind = "milestone"
id = "urn:example:delivered"
name = "first delivery"
state = "done"
lots = ["{LOT}"]
sources = [{{ who = "the buyer" }}]
"""


def worth(number: str, who: str) -> str:
    return (
        f'kind = "statement"\nid = "urn:example:{who}"\nname = "worth"\nabout = "what it is worth"\nsays = "{number}"\n'
        f'amount = {number}\nunit = "trillion USD"\nsources = [{{ who = "{who}" }}]\n'
    )


class Held(msgspec.Struct, frozen=True):
    id: str
    media_type: str = MEDIA_TYPE


def told(*texts: str, facts: Facts | None = None, master: Any = MASTER, media_type: str = MEDIA_TYPE) -> Programme:
    contents = {f"d{number}": text.encode() for number, text in enumerate(texts, 1)}
    held = [Held(name, media_type) for name in contents]
    return programme(held, facts or book(mined()), master, content=contents.__getitem__)


def test_without_a_payment_what_is_evidenced_is_unknown_and_not_zero() -> None:
    (pledge,) = told(AGREEMENT, PLEDGE).pledges

    assert (pledge.pledged.value, pledge.pledged.unit, pledge.pledged.rests_on) == (500e6, "USD", ("d2",))
    assert (pledge.evidenced.value, pledge.evidenced.standing) == (None, "unknown")
    assert pledge.evidenced.settle[0].act == "document"


def test_a_payment_evidences_its_own_pledge_and_no_other() -> None:
    other = PLEDGE.replace("urn:example:pledge", "urn:example:other")
    found = told(AGREEMENT, PLEDGE, other, PAYMENT)

    assert [pledge.evidenced.value for pledge in found.pledges] == [25e6, None]
    assert found.pledges[0].evidenced.rests_on == ("d4",)
    assert (found.pledged["USD"].value, found.evidenced["USD"].value) == (1000e6, 25e6)


def test_a_payment_in_another_currency_does_not_count() -> None:
    assert told(AGREEMENT, PLEDGE, PAYMENT.replace("USD", "PKR")).pledges[0].evidenced.value is None


def test_a_plan_that_nobody_described_is_unknown_with_what_would_settle_it() -> None:
    found = told(AGREEMENT, REFINERY)
    (refinery,) = found.projects

    assert found.agreements[0].phases.value is None
    assert (refinery.site, refinery.start, refinery.capacity.value) == (None, None, None)
    assert [settle.act for settle in refinery.missing] == ["document", "document"]
    assert (refinery.expects["jobs"].value, refinery.cost) == (None, None)


def test_what_a_plan_states_is_known_and_rests_on_its_document() -> None:
    phases = AGREEMENT + 'phases = [{ name = "one", what = "shipments" }, { name = "two", what = "a refinery" }]\n'
    started = REFINERY.replace('unit = "C62"', 'unit = "C62", amount = 250') + 'start = "2028"\ncapacity = 1200.5\n'
    found = told(phases, started)

    assert (found.agreements[0].phases.value, found.agreements[0].phases.rests_on) == (2.0, ("d1",))
    assert (found.projects[0].capacity.value, found.projects[0].start) == (1200.5, "2028")
    assert found.projects[0].expects["jobs"].value == 250
    assert [settle.detail.partition(": ")[2] for settle in found.projects[0].missing] == ["where it is to stand."]


def test_a_milestone_stands_as_well_as_what_it_rests_on() -> None:
    """Planned, said to be done, received in the ledger, received under papers."""
    said, planned = told(DELIVERED), told(DELIVERED.replace("done", "planned"))
    bare = told(DELIVERED, facts=book(mined(), shipped(2, bill=None), received(3, bill=None)))
    papers = told(DELIVERED, facts=book(mined(), shipped(2), received(3)))

    states = [found.milestones[0].state for found in (planned, said, bare, papers)]
    assert states == ["planned", "stated", "recorded", "evidenced"]
    assert papers.milestones[0].rests_on == ("d1", "h3")
    assert said.milestones[0].rests_on == ("d1",)


def test_statements_on_one_subject_stand_side_by_side() -> None:
    (subject,) = told(worth("6", "officials"), worth("0.06", "experts")).subjects
    (agreed,) = told(worth("6", "officials"), worth("6", "experts")).subjects

    assert [one.sources[0].who for one in subject.statements] == ["officials", "experts"]
    assert (subject.numbers_differ, agreed.numbers_differ) == (True, False)


def test_a_later_document_of_the_same_id_replaces_the_earlier_one() -> None:
    found = told(AGREEMENT, PLEDGE, PLEDGE.replace("500_000_000", "400_000_000"))

    assert [pledge.pledged.value for pledge in found.pledges] == [400e6]


def test_an_unreadable_document_is_a_finding_and_hides_no_other() -> None:
    found = told("kind = 'pledge'", AGREEMENT)

    assert [finding.code for finding in found.findings] == ["deal.document_unreadable"]
    assert found.findings[0].events == ("d1",)
    assert len(found.agreements) == 1
    assert told(AGREEMENT).findings == ()


def test_a_reference_that_leads_nowhere_is_a_finding() -> None:
    lost = told(PLEDGE, AGREEMENT.replace(SELLER, "urn:example:stranger"))

    assert [finding.settle[0].subject for finding in lost.findings] == ["urn:example:stranger"]
    assert [finding.code for finding in told(PLEDGE).findings] == ["deal.reference_unknown"]
    assert told(AGREEMENT, PLEDGE, master=[*MASTER, Record("party", "urn:example:x", {})]).findings == ()


def test_documents_of_other_media_types_are_left_alone() -> None:
    assert told(AGREEMENT, PLEDGE, media_type="application/pdf").pledges == ()
    assert told().pledged == {}
