"""How answers of ``lodeline world resources`` are shown: tables for people, JSON, CSV."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lodeline.cli.output import print_json, print_rows, print_table
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from lodeline.units.figure import Figure
    from lodeline.world.resources.classes import Contained
    from lodeline.world.resources.deposit import Deposit
    from lodeline.world.resources.host import HostEffect
    from lodeline.world.resources.ladder import Ladder
    from lodeline.world.resources.listing import Listing
    from lodeline.world.resources.operations import Factor
    from lodeline.world.resources.place import Place
    from lodeline.world.resources.undiscovered import Undiscovered

WIDE = 110
"""Characters of one cell."""
SHOWN = 400
"""Characters of one sentence."""
SCALES = ((1e9, "billion USD"), (1e6, "million USD"), (1.0, "USD"))
"""Dollars are shown in the largest of which there is one."""
SMALL_GRADE_PERCENT = 0.01
"""A grade below this is shown in grams per tonne."""


class Shows:
    """Prints an answer as a table for people, as JSON or as CSV."""

    def __init__(self, *, as_csv: bool, as_json: bool) -> None:
        self._csv, self._json = as_csv, as_json

    def deposits(self, found: Listing, *, placed: bool) -> None:
        if self._plain(found, found.table):
            return
        print_table(
            ["deposit", "class", "element", "metal t", "range t", "as of", "source"],
            [
                [one.deposit, one.resource_class, one.element or "?", *_tonnes_told(one.figure), one.as_of, one.source]
                for one in found.lines
            ],
            wide=WIDE,
        )
        print()
        print("Metal of whole deposits (100 %). Classes are not added: --total CLASS --element SYMBOL adds within one.")
        _print_unclassified(found)
        for line in found.lines if placed else ():
            if line.note:
                print(visible(f"{line.resource_class} {line.element}, {line.as_of}: {line.note}", limit=SHOWN))
        if placed:
            for one in found.placed:
                print()
                _print_place(one.table, one.places)

    def ladder(self, deposit: Deposit, found: Ladder) -> None:
        if not self._plain(found, found.table):
            _print_ladder(deposit, found)

    def total(self, found: Contained) -> None:
        if self._plain(found, found.table):
            return
        value, spread = _tonnes_told(found.figure)
        if found.figure.value is None and found.figure.low is not None and found.figure.high is None:
            value = f"at least {_number(found.figure.low)}"
        of = ", ".join(found.deposits)
        print(f"{found.resource_class}, {found.element}: {value} t{f' ({spread})' if spread else ''} in {visible(of)}")
        stated = f"; stated {found.reserves} of reserves" if found.reserves.endswith("clusive") else ""
        print(f"as of {', '.join(found.as_of)}{stated}")
        for act in found.figure.settle:
            print(f"would be settled by: {visible(act.detail, limit=SHOWN)}")
        for source in found.sources:
            print(f"source: {visible(source, limit=SHOWN)}")

    def undiscovered(self, found: Undiscovered) -> None:
        if not self._plain(found, found.table):
            _print_undiscovered(found)

    def host(self, found: HostEffect) -> None:
        if not self._plain(found, found.table):
            _print_host(found)

    def _plain(self, found: Any, table: Any) -> bool:
        """Whether JSON or CSV was asked for, and so printed."""
        if self._json:
            print_json(found)
        elif self._csv:
            frame = table()
            print_rows(frame.columns, frame.iter_rows())
        return self._json or self._csv


def _print_unclassified(found: Listing) -> None:
    """Why some have no one number, and what they would need."""
    said: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for line in found.lines:
        if line.needs:
            said.setdefault((line.title, line.needs), []).append(line.said)
    for (title, needs), statements in said.items():
        print(visible(f"{title}: {'; '.join(statements)}.", limit=SHOWN))
        print("  No one number follows from that [world.resource_unclassified]; it would need:")
        print(f"  {visible('; '.join(needs), limit=SHOWN)}.")


def _print_place(table: str, places: Iterable[Place]) -> None:
    rows = []
    for one in places:
        grade = one.unit == "P1"
        value, median = (_grade(each) if grade else _number(each) + " t" for each in (one.value, one.median))
        rows.append(
            [one.measure, value, median, f"{one.rank} of {one.of}", f"{one.percentile:.0f}", f"{one.modelled:.0f}"]
        )
    print_table([f"among {table}", "this one", "median", "rank", "percentile", "by the model"], rows)


def _print_ladder(deposit: Deposit, found: Ladder) -> None:
    ends = [end for one in found.rungs for end in (one.figure.value, one.figure.high) if end is not None]
    scale, unit = next((one for one in SCALES if max(ends, default=0.0) >= one[0]), SCALES[-1])
    print(visible(f"{deposit.title}: {', '.join(found.elements)}, {unit}", limit=SHOWN))
    print()
    rows = []
    for one in found.rungs:
        value, low, high = (_scaled(end, scale) for end in (one.figure.value, one.figure.low, one.figure.high))
        rows.append([
            one.name + (" *" if one.assumed else ""),
            "unknown" if one.figure.standing == "unknown" else value,
            f"{low} to {high}" if low else "",
            "" if one.of_gross is None else f"{one.of_gross:.1f}",
            ", ".join(_key(key) for key in one.missing),
        ])  # fmt: skip
    print_table(["rung", "value", "range", "% of gross", "missing"], rows, wide=WIDE)
    print()
    print(
        "Gross value in the ground is not wealth: each rung below it is what somebody else keeps, is lost, or is spent."
    )
    known = [one for one in found.rungs if one.figure.value is not None]
    if len(known) < len(found.rungs):
        print("A rung that lacks an input is unknown, and so is all below it; nothing stands in for it.")
    if found.assumed:
        print("* ILLUSTRATIVE: it rests on inputs that nobody published and the user supposes.")
    print()
    print_table(
        ["input", "value", "range", "unit", "source"],
        [
            [
                _key(one.key) + (" (assumed)" if one.assumed else ""),
                one.value,
                _range(one.low, one.high),
                one.unit,
                one.source,
            ]
            for one in found.inputs
        ],
        wide=WIDE,
    )
    for said in found.published:
        print(f"published, not used: {visible(f'{said.name}: {said.said} ({said.source}, {said.as_of})', limit=SHOWN)}")


def _print_undiscovered(found: Undiscovered) -> None:
    print(f"{visible(found.tract)}: class undiscovered, tonnes{' (ILLUSTRATIVE)' if found.assumed else ''}")
    print(f"{found.expected_deposits:.2f} deposits expected; none at all with a probability of {found.zero:.4f}")
    print()
    columns = [f"{100 * one.part:g} %" for one in found.totals[0].quantiles]
    rows = []
    for one in found.totals:
        rows.append(
            [
                one.quantity,
                *(_rounded(at.tonnes) for at in one.quantiles),
                _rounded(one.mean_t),
                _rounded(one.exact_mean_t),
            ]
        )
        rows.append(["  ±", *(_rounded(at.error_t) for at in one.quantiles), _rounded(one.mean_error_t), ""])
    print_table(["", *columns, "mean", "exact mean"], rows)
    print()
    print(
        "So many percent of the samples hold no more. ± is the Monte Carlo error (k = 1), not the doubt of the experts."
    )
    print(
        f"{found.samples:,} samples, seed {found.seed}; number of deposits: {found.number}; one deposit: {found.model}"
    )
    print(f"source: {visible(found.grade_tonnage, limit=SHOWN)}")


def _print_host(found: HostEffect) -> None:
    print(f"{found.tonnes_per_year:,.0f} t {visible(found.element)} a year", end="")
    print("" if found.capital_usd is None else f", {found.capital_usd:,.0f} USD of capital")
    print(_price_told(found.price_usd_per_t))
    print()
    rows = []
    for one in found.effects:
        unit = "USD a year" if one.figure.unit == "USD" else "jobs"
        rows.append([one.name, *_limits(one.figure), unit, one.method])
    print_table(["effect", "least", "most", "unit", "how"], rows, wide=150)
    print()
    factors = [factor for one in found.effects for factor in one.factors]
    if factors:
        print_table(
            ["factor", "operation", "value", "unit", "source"], [_factor_row(one) for one in factors], wide=WIDE
        )
    for one in found.effects:
        for act in one.figure.settle:
            print(f"{one.name} would be settled by: {visible(act.detail, limit=SHOWN)}")


def _price_told(price: Figure) -> str:
    """The price, and the rows of the edition that it is from."""
    low, high = _limits(price)
    if price.rests_on == ("price",):
        return f"at {low} USD/t, as typed in"
    if price.standing == "unknown":
        return "at a price that no table at hand has"
    return f"at {low if low == high else f'{low} to {high}'} USD/t, by {', '.join(price.rests_on)}"


def _factor_row(one: Factor) -> list[str]:
    low, high = _limits(one.figure)
    value = low if low == high else f"{low} to {high}"
    return [one.name, one.operation, value, one.unit, "; ".join(one.sources)]


def _tonnes_told(figure: Figure | None) -> tuple[str, str]:
    if figure is None:
        return "no one number", ""
    value = "unknown" if figure.value is None and figure.low is None and figure.high is None else ""
    return value if figure.value is None else _number(figure.value), _range(figure.low, figure.high)


def _limits(figure: Figure) -> tuple[str, str]:
    if figure.value is not None:
        return _rounded(figure.value), _rounded(figure.value)
    low, high = ("unknown" if one is None else _rounded(one) for one in (figure.low, figure.high))
    return low, high


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_number(low)} to {_number(high)}"


def _number(value: float) -> str:
    """Four digits below a thousand, whole numbers above."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def _rounded(value: float | None) -> str:
    """Three digits, for what is known no better."""
    return "" if value is None else _number(float(f"{value:.3g}"))


def _scaled(value: float | None, scale: float) -> str:
    return "" if value is None else f"{value / scale:,.2f}"


def _grade(percent: float) -> str:
    return f"{percent * 1e4:.3g} g/t" if percent < SMALL_GRADE_PERCENT else f"{percent:.3g} %"


def _key(key: str) -> str:
    return key.replace("_", " ").replace(":", " ")
