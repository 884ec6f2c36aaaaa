"""What a mine brings to its country: export value, revenue of governments and jobs, as ranges over named operations.

Each operation gives one ratio (jobs per tonne, jobs per dollar of capital, revenue per tonne); a programme's tonnes and
dollars times the least and the most of these ratios are the range. An operation is evidence that something has been so
once, not a forecast; where none is known for an element, the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from lodeline.errors import InputError, Settle
from lodeline.units.figure import Figure, unknown
from lodeline.world.resources.operations import RATIOS, Factor, Known, Ratio, factors_of, least, most

if TYPE_CHECKING:
    import polars


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """One effect on the host country.

    Attributes:
        name: ``export value``, ``royalties``, ``jobs in operation`` …
        figure: A range over operations; its unit is ``USD`` a year, or ``C62`` jobs.
        factors: What it was scaled from. method: in one sentence.
    """

    name: str
    figure: Figure
    factors: tuple[Factor, ...]
    method: str


class HostEffect(msgspec.Struct, frozen=True, kw_only=True):
    """Effects of a programme's tonnes and dollars on the country where it mines.

    Attributes:
        element: Of the tonnes. tonnes_per_year: of metal. capital_usd: to build; None where not said.
        price_usd_per_t: That was taken, with the rows it rests on.
        effects: One a line.
    """

    element: str
    tonnes_per_year: float
    capital_usd: float | None
    price_usd_per_t: Figure
    effects: tuple[Effect, ...]

    def effect(self, name: str) -> Effect:
        """By its name."""
        return next(one for one in self.effects if one.name == name)

    def table(self) -> polars.DataFrame:
        """A row an effect and operation: its factor; without an operation where there is none."""
        import polars

        rows = [
            {
                "effect": one.name,
                "low": one.figure.low if one.figure.value is None else one.figure.value,
                "high": one.figure.high if one.figure.value is None else one.figure.value,
                "unit": one.figure.unit,
                "operation": None if factor is None else factor.operation,
                "factor_low": None if factor is None else least(factor.figure),
                "factor_high": None if factor is None else most(factor.figure),
                "factor_unit": None if factor is None else factor.unit,
                "sources": None if factor is None else "; ".join(factor.sources),
            }
            for one in self.effects
            for factor in (one.factors or (None,))
        ]
        numbers = dict.fromkeys(("low", "high", "factor_low", "factor_high"), polars.Float64)
        return polars.DataFrame(rows, schema_overrides=numbers)


def host_effect(
    operations: Iterable[Known],
    element: str,
    *,
    tonnes_per_year: float,
    capital_usd: float | None,
    price_usd_per_t: Figure,
    payable: float | None,
) -> HostEffect:
    """What tonnes and dollars bring, as ranges over the operations of the element.

    Args:
        tonnes_per_year: Of metal, above 0. capital_usd: above 0, or None.
        price_usd_per_t: With what it rests on; may be unknown.
        payable: Part of the metal that is paid, 0 to 1; None where nobody says: the export value is then a limit.

    Raises:
        InputError: ``world.host_amount``.
    """
    for name, amount in (("tonnes", tonnes_per_year), ("capital", capital_usd)):
        if amount is not None and not 0 < amount < float("inf"):
            raise InputError("world.host_amount", f"{name} is above 0, not {amount:g}.", field=name)
    if payable is not None and not 0 <= payable <= 1:
        raise InputError(
            "world.host_amount", f"payable is from 0 to 100 percent, not {100 * payable:g}.", field="payable"
        )
    kept = tuple(one for one in operations if one.element == element)
    exported = _export_value(tonnes_per_year, price_usd_per_t, payable)
    effects = [exported, _royalties(kept, exported.figure, element)]
    for ratio in RATIOS:
        amount = capital_usd if ratio.under == "capital" else tonnes_per_year
        effects.append(_scaled(ratio, factors_of(kept, ratio), amount, element))
    return HostEffect(
        element=element,
        tonnes_per_year=tonnes_per_year,
        capital_usd=capital_usd,
        price_usd_per_t=price_usd_per_t,
        effects=tuple(effects),
    )


def _export_value(tonnes: float, price: Figure, payable: float | None) -> Effect:
    method = "tonnes a year times price times the part that is paid"
    low, high = least(price), most(price)
    if low is None or high is None:
        figure = unknown("USD", *price.settle, rests_on=price.rests_on)
        return Effect(name="export value", figure=figure, factors=(), method=method)
    settle: tuple[Settle, ...] = ()
    if payable is None:
        act = "The part of the metal that the buyer pays: the contract."
        settle = (Settle(act="document", subject="payable", detail=act),)
        method = "at most tonnes a year times price, since the part that is paid is not said"
    parts = (0.0, 1.0) if payable is None else (payable, payable)
    low, high = tonnes * low * parts[0], tonnes * high * parts[1]
    exact = low == high
    figure = Figure(
        value=low if exact else None,
        low=None if exact else low,
        high=None if exact else high,
        unit="USD",
        standing="computed" if exact else "bounded",
        rests_on=price.rests_on,
        settle=settle,
    )
    return Effect(name="export value", figure=figure, factors=(), method=method)


def _royalties(operations: tuple[Known, ...], exported: Figure, element: str) -> Effect:
    """The rates of operations on the export value; charges of smelters are not known, so it is an upper limit."""
    rates = tuple(
        Factor(
            name="royalties",
            operation=one.operation,
            country=one.country,
            figure=Figure(value=one.low, unit="P1", standing="stated", rests_on=(one.key,)),
            unit="percent of net smelter return",
            note=one.note,
            sources=(one.source,),
        )
        for one in operations
        if one.measure == "royalty"
    )
    worth = most(exported)
    method = "rate of each operation times at most the export value; the net smelter return is less by charges"
    if not rates or worth is None:
        return Effect(name="royalties", figure=_none("USD", "royalties", element, rates), factors=rates, method=method)
    rate = max(factor.figure.value or 0.0 for factor in rates)
    figure = Figure(
        value=None, low=0.0, high=rate / 100 * worth, unit="USD", standing="bounded",
        rests_on=tuple(key for factor in rates for key in factor.figure.rests_on) + exported.rests_on,
    )  # fmt: skip
    return Effect(name="royalties", figure=figure, factors=rates, method=method)


def _scaled(ratio: Ratio, factors: tuple[Factor, ...], amount: float | None, element: str) -> Effect:
    unit = "USD" if ratio.over == "government-revenue" else "C62"
    what = "capital" if ratio.under == "capital" else "tonnes a year"
    method = f"{what} times the least and the most of {ratio.unit} of named operations"
    if not factors or amount is None:
        figure = _none(unit, ratio.name, element, factors) if not factors else _unsaid(unit, what)
        return Effect(name=ratio.name, figure=figure, factors=factors, method=method)
    ends = [(least(one.figure), most(one.figure)) for one in factors]
    whole = [(low, high) for low, high in ends if low is not None and high is not None]
    beside = [one.operation for one, (low, high) in zip(factors, ends, strict=True) if low is None or high is None]
    if beside:
        method += f"; beside the range, since it has one limit only: {', '.join(beside)}"
    scale = amount / ratio.per
    low, high = (scale * min(whole)[0], scale * max(one[1] for one in whole)) if whole else (None, None)
    figure = Figure(
        value=None,
        low=low,
        high=high,
        unit=unit,
        standing="bounded" if whole else "unknown",
        rests_on=tuple(dict.fromkeys(key for one in factors for key in one.figure.rests_on)),
    )
    return Effect(name=ratio.name, figure=figure, factors=factors, method=method)


def _none(unit: str, name: str, element: str, factors: tuple[Factor, ...]) -> Figure:
    what = (
        f"No operation is at hand that mines {element} and publishes its {name}."
        if not factors
        else ("The export value is not known.")
    )
    return unknown(unit, Settle(act="document", subject=f"{element}:{name}", detail=what))


def _unsaid(unit: str, what: str) -> Figure:
    return unknown(unit, Settle(act="document", subject=what, detail=f"The {what} of the programme."))
