"""Lines of accounts as figures: the flows of the account, period by period, and refusals that list what is near."""

from __future__ import annotations

import pytest

from lodeline.errors import InputError, NotFoundError
from lodeline.metal.balance.account import SPECS
from lodeline.metal.balance.accounting import accounts
from lodeline.metal.balance.quantity import quantity
from lodeline.metal.policy import NO_POLICY
from lodeline.metal.reconciliation.account_lines import line_finder
from lodeline.metal.reconciliation.explaining import explain
from lodeline.metal.reconciliation.figures import asked
from lodeline.metal.reconciliation.reconciled import Reconciled
from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums
from tests.metal.reconciliation.small_reconciled import arises, reconciled, weighed
from tests.metal.reconciliation.test_explaining import OTHER, PLANT, RECORDS
from tests.metal.small_book import MINE, WORKS, received, shipped

ROAD = '"on the road"'


@pytest.fixture(scope="module")
def plant() -> Reconciled:
    return reconciled(
        *PLANT, shipped(20, lot=OTHER), received(40, lot=OTHER), weighed(41, "40", "0.2", lot=OTHER, place=WORKS),
        records=RECORDS,
    )  # fmt: skip


def finder(one: Reconciled):
    return line_finder(one.flows, {}, NO_POLICY, list)


def test_every_line_of_every_account_is_the_figure_of_its_name(plant):
    """Two routes: the accounts as they are made, and each of their lines asked for by name."""
    for what, sums in (("dry", ReconciledSums.dry(plant)), ("Sb", ReconciledSums.element(plant, "Sb"))):
        of = quantity(plant.flows, what, master={}, groups={})
        found = accounts(plant.flows, of, by=("site",), period="month", master={}, zone=None, reconciled=sums)
        seen = 0
        for account in found.accounts:
            where = f"site={account.key.site or ''}" + (f" state={ROAD}" if account.key.state else "")
            for name in (one.name for one in SPECS if one.name in account.lines):
                wanted = asked(f"{what} {name} {where} month={account.period}", plant, lines=finder(plant))
                figure = sums.of(wanted.plus, wanted.minus)
                same = account.reconciled(name)
                assert same is not None
                assert (figure.value, figure.u, figure.low, figure.standing) == (
                    pytest.approx(same.value),
                    pytest.approx(same.u),
                    pytest.approx(same.low),
                    same.standing,
                )
                seen += 1
        assert seen > 20


def test_a_line_is_explained_like_any_figure(plant):
    found = explain(plant, f"dry closing site={WORKS} month=2026-04", lines=finder(plant))

    assert found.name == f"dry closing site={WORKS} month=2026-04"
    assert found.figure.value == pytest.approx(40, rel=0.01)
    assert sum(one.share for one in found.rests) == pytest.approx(1)


def test_without_a_period_the_whole_book_is_one_and_what_opened_it_is_nothing(plant):
    opening = asked(f"dry opening site={MINE}", plant, lines=finder(plant))
    closing = asked(f"dry closing site={WORKS}", plant, lines=finder(plant))

    assert (opening.plus.size, opening.minus.size) == (0, 0)
    assert closing.plus.size == 1


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("dry clossing site=urn:example:mine month=2026-03", "closing"),
        ("dry closing site=urn:example:min month=2026-03", f"site={MINE}"),
        (f"dry closing site={MINE} month=2026-13", "2026-03"),
        (f"dry closing site={MINE} owner=urn:example:nobody", f"site={MINE} owner=urn:example:seller"),
    ],
)
def test_what_no_account_has_is_refused_with_what_is_near(plant, name, near):
    with pytest.raises(NotFoundError) as refused:
        asked(name, plant, lines=finder(plant))

    assert refused.value.code == "explain.figure_unknown"
    assert near in refused.value.where["near"]


def test_keys_that_accounts_do_not_have_are_refused_as_by_balance(plant):
    with pytest.raises(InputError, match=r"balance\.key_unknown"):
        asked("dry closing place=urn:example:mine", plant, lines=finder(plant))
    with pytest.raises(InputError, match=r"balance\.periods_several"):
        asked(f"dry closing site={MINE} month=2026-03 year=2026", plant, lines=finder(plant))


def test_a_line_of_which_nobody_knows_what_is_in_it_is_refused():
    """It arose on 1 March and came on 9 April; the shipment is dated later still, so nobody knows when it left."""
    found = reconciled(arises(), weighed(1, "50", "1"), received(40), shipped(45), records=RECORDS)

    with pytest.raises(InputError) as refused:
        asked(f"dry closing site={MINE} month=2026-03", found, lines=finder(found))
    assert (refused.value.code, refused.value.where["flows"]) == ("explain.line_open", 1)
    assert asked(f"dry closing site={WORKS} month=2026-04", found, lines=finder(found)).plus.size == 1
