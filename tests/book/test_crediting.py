"""Mass-balance credits through the book's own door: 3 kg from Pakistan and 2 kg of scrap enter a smelter on 5 March."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from lodeline.book.credit_files import credits_in
from lodeline.book.credit_findings import lots_twice
from lodeline.errors import InputError, NotFoundError
from lodeline.ids.epc import canonical
from tests.book.small_origin import BLENDED, HALVED, LOT, OTHER, PRODUCT, A, B, founded

URN = "urn:epc:class:lgtin:4012345.012345.998877"
LINK = "https://id.gs1.org/01/04012345123456/10/998877"
PERIODS = """
[[period]]
name = "March"
begins = 2026-03-01T00:00:00Z
ends = 2026-04-01T00:00:00Z
[[period]]
name = "April"
begins = 2026-04-01T00:00:00Z
ends = 2026-05-01T00:00:00Z
"""
FACTOR = """
[[factor]]
process = "smelter"
element = "Sb"
value = 0.9
since = 2026-01-01T00:00:00Z
document = "urn:example:certificate:1"
"""


def credit(kg: float = 3, lot: str = LOT, origin: str = "PK", day: int = 5, more: str = "") -> str:
    return (
        f'[[credit]]\nlot = "{lot}"\nelement = "Sb"\norigin = "{origin}"\nprocess = "smelter"\n'
        f"at = 2026-03-{day:02}T00:00:00Z\nkg = {kg}\n{more}\n"
    )


def use(kg: float, name: str = "sale 1", at: str = "2026-03-20", of: str = LOT, more: str = "") -> str:
    return (
        f'[[use]]\nid = "{name}"\nelement = "Sb"\norigin = "PK"\nat = {at}T00:00:00Z\n'
        f'credit = "{of}"\nkg = {kg}\n{more}\n'
    )


CARRY = '[[carry]]\nelement = "Sb"\norigin = "PK"\nfrom = "March"\ninto = "April"\n'


@pytest.fixture(scope="module")
def halved(tmp_path_factory):
    """3 kg of Pakistan and 2 kg of scrap of the United States become two equal lots."""
    with founded(tmp_path_factory.mktemp("book") / "book.db", HALVED) as book:
        yield book


def entered(book, *parts: str):
    return book.credits("".join((PERIODS, FACTOR, *parts)).encode(), recorded=True)


def refused(code: str):
    return pytest.raises(InputError, match=re.escape(code))


def test_three_kilograms_at_nine_tenths_give_two_and_seven_tenths(halved):
    found = entered(halved, credit(), use(1), use(0.5, "sale 2"), CARRY, use(1.2, "sale 3", "2026-04-02"))
    march, april = sorted(found.accounts, key=lambda one: one.period, reverse=True)

    assert (march.entered_kg, march.credit_kg, march.used_kg) == (3, 2.7, 1.5)
    assert (march.carried_out_kg, march.left_kg) == (1.2, 0)
    assert (april.carried_in_kg, april.used_kg, april.left_kg) == (1.2, 1.2, 0)
    assert march.least_kg == pytest.approx(3, abs=1e-3)
    assert found.findings == ()
    assert found.covered


def test_a_credit_is_used_once_and_no_account_is_below_zero(halved):
    with refused("credit.overdrawn") as caught:
        entered(halved, credit(), use(2), use(0.8, "sale 2"))
    assert caught.value.where["row"] == 6
    with refused("credit.early"):
        entered(halved, credit(day=25), use(1))
    with refused("credit.unknown"):
        entered(halved, credit(), use(1, of=OTHER))
    # What was not carried over is lost.
    with refused("credit.unknown"):
        entered(halved, credit(), use(1, at="2026-04-02"))
    with refused("credit.twice"):
        entered(halved, credit(), credit())


def test_the_order_of_the_file_does_not_matter(halved):
    parts = (credit(), use(1), CARRY, use(0.5, "sale 3", "2026-04-02"))

    assert entered(halved, *parts).accounts == entered(halved, *parts[::-1]).accounts


def test_the_factor_of_the_day_counts(halved):
    later = FACTOR.replace("0.9", "0.5").replace("2026-01-01", "2026-03-04")
    ended = FACTOR + "until = 2026-03-04T00:00:00Z\n"
    found = halved.credits("".join((PERIODS, ended, later, credit())).encode(), recorded=True)

    assert found.accounts[0].credit_kg == 1.5
    with refused("credit.factor_twice"):
        entered(halved, later, credit())
    with refused("credit.factor_missing"):
        halved.credits((PERIODS + credit()).encode(), recorded=True)


def test_credits_of_more_than_the_book_bears_out_are_a_finding(halved):
    (finding,) = entered(halved, credit(3.5)).findings
    assert (finding.code, finding.weight, round(finding.kg, 3)) == ("credit.not_covered", "strong", 0.5)

    (finding,) = entered(halved, credit(1, OTHER)).findings
    assert (finding.code, finding.weight, finding.lots) == ("credit.not_covered", "strong", (OTHER,))

    found = {one.code: one for one in entered(halved, credit(1, A)).findings}
    assert set(found) == {"credit.not_entered"}
    assert found["credit.not_entered"].kg == 1
    # The metal entered on the fifth.
    assert [one.code for one in entered(halved, credit(day=4)).findings] == ["credit.not_entered"]


def test_what_may_be_of_the_origin_and_need_not_weighs_less(tmp_path):
    """The second lot's origin is not said: it may be of Pakistan, and nobody knows."""
    with founded(tmp_path / "book.db", BLENDED) as book:
        (finding,) = entered(book, credit(2, OTHER)).findings

        assert (finding.code, finding.weight, round(finding.kg, 3)) == ("credit.not_covered", "weak", 2)
        assert entered(book, credit(), use(1, more=f'lot = "{PRODUCT}"')).covered


def test_two_holders_have_accounts_of_their_own_and_one_lot_gives_each_kilogram_once(halved):
    both = (credit(2, more='holder = "urn:example:h:1"'), credit(1, more='holder = "urn:example:h:2"'))
    found = entered(halved, *both)

    assert [(one.holder, one.credit_kg) for one in found.accounts] == [
        ("urn:example:h:1", 1.8),
        ("urn:example:h:2", 0.9),
    ]
    assert [one.code for one in found.findings] == ["credit.lot_twice"]

    # Each by itself is borne out; both are 6 kg of 3.
    more = (credit(3, more='holder = "urn:example:h:1"'), credit(3, more='holder = "urn:example:h:2"'))
    joint = {one.code: one for one in entered(halved, *more).findings}
    assert set(joint) == {"credit.lot_twice", "credit.not_covered"}
    assert round(joint["credit.not_covered"].kg, 3) == 3
    assert "in all accounts together" in joint["credit.not_covered"].sentence


def claimed(book, text: str, *parts: str, lot: str = A):
    """A claim about a lot, with credits."""
    (found,) = book.origin(
        lot, "Sb", claims=[text], credits="".join((PERIODS, FACTOR, *parts)).encode(), recorded=True
    ).claims
    return found


def test_a_claim_for_which_credits_were_used_is_borne_out_as_mass_balance(halved):
    """2 of 2.5 kg of the first half are sold as Pakistani by credits: 80 % is mass balance, more of it is nothing."""
    to = use(2, more=f'lot = "{A}"')
    first = claimed(halved, "PK>=0.8", credit(), to)

    assert (first.custody, first.credits_kg, first.credits_against) == ("mass balance", 2, ())
    assert first.certainty == "undecided"
    assert "scrap:joplin" in first.foreign[0]
    # What is of Pakistan need not be mined: scrap is collected there too.
    assert claimed(halved, "mined>=0.8", credit(), to).custody is None
    # More than was used; another origin; another lot; the contrary; credits that were used for no lot.
    assert claimed(halved, "PK>=0.81", credit(), to).custody is None
    assert claimed(halved, "scrap>=0.1", credit(), to).credits_kg == 0
    assert claimed(halved, "PK>=0.8", credit(), to, lot=B).custody is None
    assert claimed(halved, "PK<=0.9", credit(), to).custody is None
    assert claimed(halved, "PK>=0.8", credit(), use(2)).custody is None
    assert halved.origin(A, "Sb", claims=["PK>=0.8"], recorded=True).claims[0].credits_kg is None


def test_several_uses_add_up_whoever_holds_them_and_each_once(halved):
    """1.2 of one holder and 0.8 of another are 2; 3 kg at nine tenths are 2.7, of which 2.8 cannot be used."""
    first, second = 'holder = "urn:example:h:1"', 'holder = "urn:example:h:2"'
    both = (credit(2, more=first), credit(1, more=second))
    uses = (use(1.2, more=f'{first}\nlot = "{A}"'), use(0.8, more=f'{second}\nlot = "{A}"'))

    assert claimed(halved, "PK>=0.8", *both, *uses).custody == "mass balance"
    assert claimed(halved, "PK>=0.8", *both, uses[0]).custody is None
    with refused("credit.overdrawn"):
        claimed(halved, "PK>=0.8", credit(), use(2, more=f'lot = "{A}"'), use(0.8, "sale 2", more=f'lot = "{B}"'))


def test_credits_that_the_book_does_not_bear_out_bear_out_no_claim(halved):
    """Of 3 kg credits of 3.5 are claimed; of scrap as Pakistani; of what never entered; more than the lot holds."""
    to = f'lot = "{A}"'
    for code, parts in {
        "credit.not_covered": (credit(3.5), use(2, more=to)),
        "credit.not_entered": (credit(day=4), use(2, more=to)),
        "credit.more_than_sold": (credit(), use(2.6, more=to)),
    }.items():
        found = claimed(halved, "PK>=0.8", *parts)
        assert (found.custody, found.credits_against) == (None, (code,)), code


def test_a_file_of_claims_takes_credits_too_and_says_what_is_claimed_of_the_model(halved):
    claim = f'[[claim]]\nlot = "{A}"\nelement = "Sb"\norigin = "PK"\nat_least = 0.8\ncustody = "mass balance"\n'
    credits = "".join((PERIODS, FACTOR, credit(), use(2, more=f'lot = "{A}"'))).encode()
    borne = halved.claims(claim.encode(), credits=credits, recorded=True)
    (none,) = halved.claims(claim.encode(), recorded=True).alone

    assert (borne.alone[0].judged.custody, borne.alone[0].judged.custody_stated) == ("mass balance", "mass balance")
    assert borne.table().columns["credits_kg"].tolist() == [2]
    assert (none.judged.custody, none.judged.credits_kg) == (None, None)


def test_credits_are_of_one_element_and_no_group(tmp_path):
    with (
        founded(tmp_path / "book.db", HALVED, policy=b'[groups]\nall = ["Sb"]\n') as book,
        refused("origin.group_credits"),
    ):
        book.origin(A, "all", claims=["PK>=0.8"], credits=b"")


def test_credits_used_for_a_lot_are_at_most_what_it_holds(halved):
    """Each half holds 2.5 kg."""
    (finding,) = entered(halved, credit(), use(2.6, more=f'lot = "{B}"')).findings

    assert (finding.code, round(finding.kg, 3), finding.lots) == ("credit.more_than_sold", 0.1, (B,))


def test_csv_says_the_same_as_toml(halved):
    rows = (
        "kind,name,begins,ends,process,element,value,since,document,lot,origin,at,kg,id,credit",
        "period,March,2026-03-01T00:00:00Z,2026-04-01T05:00:00+05:00,,,,,,,,,,,",
        "factor,,,,smelter,Sb,0.9,2026-01-01T00:00:00Z,urn:example:certificate:1,,,,,,",
        f"credit,,,,smelter,Sb,,,,{LOT},PK,2026-03-05T00:00:00Z,3,,",
        f"use,,,,,Sb,,,,,PK,2026-03-20T00:00:00Z,0.5,sale 1,{LOT}",
        f"use,,,,,Sb,,,,,PK,2026-03-20T00:00:00Z,0.25,sale 1,{LOT}",
    )
    found = halved.credits("\n".join(rows).encode(), recorded=True)

    assert (found.accounts[0].credit_kg, found.accounts[0].used_kg) == (2.7, 0.75)
    assert list(found.table().columns)[:4] == ["holder", "origin", "element", "period"]


def test_kilograms_are_rounded_against_who_claims():
    document = credits_in((PERIODS + credit(0.0000019) + use(0.0000011)).encode(), file="it")

    assert (document.received[0].mg, document.used[0].draws[0][1]) == (1, 2)
    assert document.received[0].at == datetime(2026, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kind,lot\ncredit",
        "kind,lot\nwhat,x",
        "[[credit]]\nlot = 1",
        "[[nothing]]\na = 1",
        "[[credit]",
        credit().replace("2026-03-05T00:00:00Z", '"2026-03-05"'),
        credit().replace("2026-03-05T00:00:00Z", '"tomorrow"'),
        credit().replace("kg = 3", "kg = -3"),
        credit().replace("kg = 3", 'kg = "much"'),
        PERIODS,
    ],
)
def test_a_file_that_is_none_is_refused(text):
    with refused("credit.file"):
        credits_in(text.encode(), file="it")


def test_what_the_file_lacks_is_refused(halved):
    with refused("credit.file"):
        credits_in(b"\xff\xfe", file="it")
    with refused("credit.period"):
        halved.credits((FACTOR + credit()).encode())
    with refused("credit.period"):
        entered(halved, credit(), CARRY.replace("April", "May"))
    with refused("credit.twice"):
        entered(halved, credit(), use(1), use(1, at="2026-03-21"))
    with refused("credit.twice"):
        entered(halved, PERIODS, credit())
    with pytest.raises(NotFoundError, match=re.escape("origin.no_lot")):
        entered(halved, credit(1, "urn:example:none"))


def test_credits_of_a_lot_and_of_what_was_made_of_it_may_be_of_the_same_metal(tmp_path):
    from lodeline.record import metal
    from lodeline.record.metal import Act
    from tests.metal.small_book import MINE, kg, on

    again = metal.transformation(
        Act(at=on(9).at, place=MINE), process="refine", inputs=[kg(None, A)], outputs=[kg("2.5", "urn:example:lot:c")],
        basis="dry",
    )  # fmt: skip
    with founded(tmp_path / "book.db", (*HALVED, again)) as book:
        found = entered(book, credit(), credit(0.5, A, day=9))

        two = entered(book, credit(more='holder = "h1"'), credit(0.5, A, day=9, more='holder = "h2"'))

    assert [one.code for one in found.findings] == ["credit.same_metal"]
    assert found.accounts[0].least_kg is None
    # Whoever holds them.
    assert [one.code for one in two.findings] == ["credit.same_metal"]


def test_a_lot_in_another_spelling_is_the_same_lot(tmp_path):
    """An EPC URN and its Digital Link: credits of one lot, and more than it holds, are found whichever is written."""
    assert canonical(URN) == canonical(LINK) != URN
    rows = "".join((PERIODS, FACTOR, credit(2, URN, more='id = "1"'), credit(1, LINK, more='id = "2"')))
    document = credits_in(rows.encode(), file="it")

    assert [one.code for one in lots_twice(document)] == ["credit.lot_twice"]
