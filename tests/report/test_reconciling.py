"""The book as reconciled sections read it: a small one worked by hand, and a made-up programme."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import hypot, sqrt
from pathlib import Path

import pytest

import lodeline
from lodeline.examples.programme import TITLE, programme
from lodeline.report.gather import gather
from lodeline.report.given import NOTHING_MEASURED, Given
from lodeline.report.given_metal import TOLD, SeenAccount, SeenClosure, SeenReconciliation
from lodeline.world.national import load_table
from tests.report.two_ends import BRIDGE, GATE, two_ends

TABLE = load_table(None)


def seen(path: Path, **how: object) -> SeenReconciliation:
    with two_ends(path / "book.db", **how) as book:  # type: ignore[arg-type]
        return gather(book.view(), TABLE, rival="CHN", other_edition=None, code="").reconciled


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> SeenReconciliation:
    return seen(tmp_path_factory.mktemp("two-ends"))


@pytest.fixture(scope="module")
def of_programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    path = tmp_path_factory.mktemp("programme") / "book.db"
    ticks = iter(range(10**6))
    clock = lambda: datetime(2026, 6, 1, tzinfo=UTC) + timedelta(seconds=next(ticks))  # noqa: E731
    with lodeline.create(path, title=TITLE, by="test", clock=clock) as book:
        programme(300, seed=7).build(book)
        yield gather(book.view(), TABLE, rival="CHN", other_edition=None, code="")


def account(of: SeenReconciliation, label: str, period: str) -> SeenAccount:
    return next(one for one in of.accounts if (one.label, one.period) == (label, period))


def closure(of: SeenReconciliation, label: str) -> SeenClosure:
    return next(one for one in of.closures if one.label == label)


def test_two_scales_share_what_their_readings_differ_by(by_hand: SeenReconciliation):
    """The bridge reads 1,000 kg twice and the gate 990 and 1,000, 5 kg less on average; each reading ± 3 or 4 kg, so
    the mean is known to 25 / 2 = 12.5 kg², and each scale to 25 kg². Of the 5 kg each takes 25 / 62.5, and is then
    known to 25 - 25² / 62.5 = 15 kg². Per load of 1,000 kg that is 0.2 ± 0.387 %."""
    off = {one.id: one for one in by_hand.biases if one.kind == "scale"}

    assert off[BRIDGE].estimate.value == pytest.approx(0.2, rel=0.01)
    assert off[GATE].estimate.value == pytest.approx(-0.2, rel=0.01)
    for one in off.values():
        assert one.estimate.u == pytest.approx(sqrt(15) / 10, rel=0.01)
        assert (one.prior.value, one.prior.u, one.prior.unit) == (0.0, pytest.approx(0.5), "P1")
        assert one.told == pytest.approx(sqrt(15 / 25), rel=0.01)
        assert one.readings == 2
    assert off[BRIDGE].estimate.rests_on == (f"scale {BRIDGE}", "entry 14", "entry 20")


def test_a_pair_has_what_is_random_and_what_each_laboratory_may_be_off_by_and_not_what_they_share(by_hand):
    """52 ± 0.5 after 50 ± 0.5: apart by 2 / 51; the laboratories 0.6 and 0.8 %; the reference ores 0.9 %, of both."""
    first, second = by_hand.pairs

    assert first.apart.value == pytest.approx(100 * 2 / 51)
    assert first.apart.u == pytest.approx(100 * sqrt((0.5 / 50) ** 2 + (0.5 / 52) ** 2 + 0.006**2 + 0.008**2))
    assert first.sigma == pytest.approx(first.apart.value / first.apart.u)
    assert (first.first, first.second, first.between) == ("The seller's laboratory", "The buyer's laboratory", True)
    assert (first.at, second.at) == ("2026-01-09", "2026-02-09")


def test_what_is_missing_on_the_road_has_both_scales_in_its_uncertainty(by_hand):
    """1,000 kg left at 50 % and 990 kg came: 5 kg of antimony. By hand, in kg: readings 3 and 4 kg and the assay on the
    difference; the scales 0.5 % of 1,000 and of 990 kg; the laboratory and its ores on the 5 kg."""
    random = hypot(3 * 0.5, 4 * 0.5, 10 * 0.005)
    shared = hypot(5 * 0.5, 4.95 * 0.5, 5 * 0.006, 5 * 0.009)
    january, february = closure(by_hand, "On the road").points

    assert january.muf.value == pytest.approx(5.0)
    assert january.muf.u == pytest.approx(hypot(random, shared))
    assert january.sigma == pytest.approx(5.0 / hypot(random, shared))
    assert (february.muf.value, february.state, february.outside) == (pytest.approx(0.0), "known", 0)
    # The scales are off in both months alike, so that the sum of both is known less well than two months by chance.
    assert january.muf.u is not None
    assert february.muf.u is not None
    assert february.cumulative.u > 1.2 * hypot(january.muf.u, february.muf.u)  # type: ignore[operator]
    gap = account(by_hand, "On the road", "2026-01")
    assert (gap.recorded["unaccounted"].u, gap.sigma) == (pytest.approx(january.muf.u), pytest.approx(january.sigma))


def test_a_laboratory_that_is_within_what_is_known_of_it_raises_no_alarm(by_hand):
    """The buyer finds 52 where the seller found 50, month after month: by scatter alone that would be an alarm."""
    works = closure(by_hand, "Lower works")
    january = works.points[0]

    assert january.muf.value == pytest.approx(990 * (0.50 - 0.52))
    assert january.muf.u == pytest.approx(
        hypot(990 * 0.005, 990 * 0.005, 4 * 0.02, 990 * 0.02 * 0.005, 990 * 0.5 * 0.006, 990 * 0.52 * 0.008,
              990 * 0.02 * 0.009), rel=1e-6,
    )  # fmt: skip
    assert abs(january.sigma or 0) < 990 * 0.02 / (990 * 0.005 * sqrt(2))
    assert works.alarms == ()


def test_a_loss_beyond_all_of_it_raises_an_alarm_with_its_rate(tmp_path: Path):
    found = seen(tmp_path, received=("960", "961", "960", "959"))
    road = closure(found, "On the road")

    assert road.alarms
    assert road.limit is not None
    # Two charts share the 1 % of the policy.
    assert road.limit.probability == pytest.approx(1 - 0.99**0.5)
    assert abs(road.limit.achieved - road.limit.probability) < 4 * sqrt(0.005 / road.limit.runs)
    assert (road.alarms[0].loss or 0) > road.limit.value > (road.alarms[0].gain or 0)


def test_without_a_word_on_false_alarms_none_is_raised_and_a_bias_is_far_beyond_two(tmp_path: Path):
    found = seen(tmp_path, policy=None, received=("960", "961", "960", "959"))

    assert [one.limit for one in found.closures if one.known] == [None, None]
    assert not any(one.alarms for one in found.closures)
    assert (found.false_alarms, found.far, found.period) == (None, 2.0, "year")


def test_recorded_stands_beside_reconciled_and_the_reconciled_account_closes(by_hand):
    """Of the road: what went onto it at both ends of the scales' difference; by hand, what is left is between them."""
    one = account(by_hand, "On the road", "2026-01")
    into, out = one.reconciled["in"], one.reconciled["out"]

    assert (one.recorded["in"].value, one.recorded["out"].value) == (pytest.approx(500.0), pytest.approx(495.0))
    assert into.value == pytest.approx(out.value, abs=1e-4)
    # Both assays count: between 50 % and 52 % of between 990 and 1,000 kg.
    assert 990 * 0.50 < (into.value or 0) < 1000 * 0.52
    assert one.reconciled["unaccounted"].value == pytest.approx(0.0, abs=1e-4)
    assert account(by_hand, "Upper mine", "2026-01").checks == 0, "nobody knows the mine from two sides"


def test_recorded_figures_are_those_of_the_balance_of_the_book(tmp_path: Path):
    with two_ends(tmp_path / "book.db") as book:
        found = gather(book.view(), TABLE, rival="CHN", other_edition=None, code="").reconciled
        told = book.balance("Sb", by=("site",), period="month").accounts

    mine = {(one.site, one.period): one for one in found.accounts if one.period}
    assert len(told) == len(mine) == 6
    for one in told:
        seen_one = mine[one.key.site or "", one.period]
        for line, figure in seen_one.recorded.items():
            assert figure.value == one.recorded(line).value, (one.key, line)
            if line != "unaccounted":
                assert figure == one.recorded(line), "what is missing has biases in its uncertainty besides"


def test_how_the_readings_check_one_another_is_told(by_hand):
    """Of two lots a mass at each end of a road and an assay at each: four ways."""
    assert by_hand.ways == 4
    assert 0.01 < by_hand.worse < 0.1
    assert by_hand.standings == {"unknown": 0, "computed": 2, "measured": 0, "checked": 8}
    assert (by_hand.silent, by_hand.baseless, by_hand.unheard, by_hand.why_not) == (0, 0, (), "")
    assert (by_hand.period, by_hand.false_alarms) == ("month", 0.01)


def test_what_is_known_of_a_bias_is_no_loss(tmp_path: Path):
    """A gate that is known to read 10 kg in 1,000 too little explains the 10 kg that went missing."""
    with two_ends(tmp_path / "book.db") as book:
        book.register(
            f'[[scale]]\nid = "{GATE}"\nname = "The gate"\nbias = -10\nbias_u = 5\nbias_load = 1000\n'.encode(),
            by="test",
        )
        found = gather(book.view(), TABLE, rival="CHN", other_edition=None, code="").reconciled
    january, february = closure(found, "On the road").points

    assert january.muf.value == pytest.approx(5.0 - 990 * 0.01 * 0.5)
    assert february.muf.value == pytest.approx(0.0 - 1000 * 0.01 * 0.5)


def test_a_book_in_which_nothing_was_measured_loads_no_solver_and_says_so():
    from subprocess import run
    from sys import executable

    code = (
        "import sys, tempfile, lodeline, pathlib\n"
        "from lodeline.examples.first_shipment import TITLE, first_shipment\n"
        "from lodeline.report import build\n"
        "from lodeline.world.national import load_table\n"
        "book = lodeline.create(pathlib.Path(tempfile.mkdtemp()) / 'b.db', title=TITLE, by='test')\n"
        "first_shipment().build(book)\n"
        "report = build(book.view(), load_table(None))\n"
        "told = {one.name: one.blocks for one in report.sections}\n"
        "silent = [name for name, blocks in told.items() if not blocks]\n"
        "assert silent == ['closure', 'assays', 'instruments', 'origin']\n"
        "print(told['reconciled'][0].sentences[0].text)\n"
        # Tracing imports through the world's trade needs a compiler of loops, and no solver.
        "assert not {'qdldl', 'lodeline.metal.reconciliation.reconciled'} & set(sys.modules)\n"
    )
    ran = run([executable, "-c", code], capture_output=True, text=True, check=False)

    assert ran.stderr == ""
    assert f"Nothing can be reconciled: {NOTHING_MEASURED}. Two weighings or assays of the same metal" in ran.stdout


def test_a_book_whose_readings_have_no_uncertainty_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from lodeline.record.metal import Reading, Result
    from tests.report import two_ends as made

    monkeypatch.setattr(made, "Reading", lambda **of: Reading(**{**of, "u": None}))
    monkeypatch.setattr(made, "Result", lambda **of: Result(**{**of, "u": None}))
    found = seen(tmp_path)

    assert "no reading in the book has both an uncertainty and a basis" in found.why_not
    assert found.silent == 8


def test_a_book_that_contradicts_itself_still_has_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from lodeline.errors import InputError

    def refused(*_: object, **__: object) -> None:
        raise InputError("reconcile.not_converged", "It does not settle; look at the readings.")

    monkeypatch.setattr("lodeline.metal.reconciliation.reconciled.reconcile_flows", refused)

    assert seen(tmp_path).why_not == "It does not settle; look at the readings [reconcile.not_converged]"


def test_a_programme_is_accounted_for_in_the_metals_it_makes(of_programme: Given):
    found = of_programme.reconciled

    assert found.elements[:4] == ("Sb", "Cu", "Nd", "Pr")
    assert {one.element for one in found.accounts} == {"Sb", "Cu", "Nd", "Pr"}
    for one in found.accounts:
        lines = one.recorded
        if all(lines[line].known for line in lines):
            left = sum(lines[line].value or 0 for line in ("opening", "in", "produced"))
            right = sum(lines[line].value or 0 for line in ("out", "consumed", "losses", "closing", "unaccounted"))
            assert left == pytest.approx(right, abs=1e-6 * max(left, 1.0))


def test_a_programme_has_pairs_whose_differences_scatter_as_their_uncertainties_say(of_programme: Given):
    pairs = [one for one in of_programme.reconciled.pairs if one.between]
    beyond = sum(abs(one.sigma) > 2 for one in pairs)

    assert len(pairs) > 200
    # By chance 4.6 %; what is printed is rounded, and of traces to nothing, so there may be fewer.
    assert beyond < 0.1 * len(pairs)
    assert {one.second.split(",")[0] for one in pairs} == {"laboratory of the works"}


def test_a_programme_tells_some_instruments_and_cannot_tell_others(of_programme: Given):
    biases = of_programme.reconciled.biases
    told = [one for one in biases if one.told <= TOLD]

    assert {one.kind for one in told} == {"scale", "laboratory", "standard"}
    assert 0 < len(told) < len(biases)
    for one in biases:
        assert (one.estimate.standing == "stated") == (one.told > TOLD)
        assert (one.estimate.u or 0) <= (one.prior.u or 0) * (1 + 1e-9)
    belt = [one for one in biases if "belt" in one.id]
    assert belt
    assert all(one.told > TOLD for one in belt), "what only one scale weighs, nothing checks"


def test_a_series_says_of_each_period_whether_a_loss_could_have_been_seen(of_programme: Given):
    for one in of_programme.reconciled.closures:
        for point in one.points:
            assert (point.state == "known") == point.muf.known == (point.sigma is not None)
        if one.known:
            last = one.points.index(one.known[-1])
            assert all(point.state == "unknown" for point in one.points[last + 1 :]), "nothing later covers these"


def test_the_same_book_is_told_the_same_twice(tmp_path: Path, by_hand: SeenReconciliation):
    assert seen(tmp_path) == by_hand


def test_the_page_the_findings_and_the_command_line_mean_the_same_by_a_bias_that_cannot_be_told():
    from lodeline.cli.commands import reconcile
    from lodeline.metal.reconciliation import remarks

    assert TOLD == remarks.UNTOLD == reconcile.UNTOLD
