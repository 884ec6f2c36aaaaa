"""Supply risk of the European Union, by the method of its lists of critical raw materials of 2017, 2020 and 2023.

    HHI_WGI,t = sum over countries of  s^2 * g * t
    SR = [ HHI_WGI,t(global supply) * IR/2 + HHI_WGI,t(EU sourcing) * (1 - IR/2) ] * (1 - EoL_RIR) * SI_SR

with ``s`` a country's share (0 to 1), ``g`` its governance, turned over and scaled, ``10 (2.5 - WGI) / 5``, so that 0
is best and 10 is worst, ``t`` its trade parameter (1 where it does not restrict exports), ``IR`` the import reliance,
``EoL_RIR`` the end-of-life recycling input rate and ``SI_SR`` the substitution index, all 0 to 1. Where the Commission
has only one of the two supplies, the bracket is that one alone.

The Commission uses five-year means of the shares and of the six governance indicators. What is put in here is named by
whoever puts it in; the result says so.
Source: European Commission (2017), Methodology for establishing the EU list of critical raw materials: guidelines,
doi:10.2873/769526; Blengini et al. (2017), EUR 28654 EN, doi:10.2760/73303; applied in European Commission (2023),
Study on the critical raw materials for the EU: final report, doi:10.2873/725585.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import numpy as np

from lodeline.errors import InputError
from lodeline.units.figure import Figure
from lodeline.world.dependence import weighted
from lodeline.world.dependence.indicator import Indicator
from lodeline.world.dependence.limits import between, limits_of
from lodeline.world.governance.score import Scores
from lodeline.world.statistics.edition import OTHER

METHOD = (
    "EU supply risk, 2017 guidelines as used in 2023 (doi:10.2873/769526, doi:10.2873/725585): "
    "[GS IR/2 + EU (1 - IR/2)] (1 - EoL_RIR) SI_SR, each supply the sum of s^2 g t"
)
WORST, SPAN = 2.5, 5.0
"""The method scales governance as if every score were within 2.5 of the mean: ``10 (2.5 - WGI) / 5``."""


SCOPES = {"GS": "global supply only", "EU": "EU sourcing only", "GS+EU": "global supply and EU sourcing"}
"""The method's words for which supplies it is of."""


class Supply(msgspec.Struct, frozen=True, kw_only=True):
    """One supply: who supplies how much, and who restricts exports.

    Attributes:
        amounts: By alpha-3 code, any one unit, >= 0; ``OTH`` for countries that are not named. Shares are of their sum.
        trade: The trade parameter ``t`` of countries that have one of their own, by alpha-3 code, > 0.
        trade_elsewhere: That of all others, > 0; the method's is 1 where exports are free.
    """

    amounts: Mapping[str, Figure]
    trade: Mapping[str, float]
    trade_elsewhere: float


class Limits(NamedTuple):
    """The least and the most of a number, the same where it is known; and whether the most is not an outer limit."""

    low: float
    high: float
    exact: bool


class SupplyRisk(msgspec.Struct, frozen=True, kw_only=True):
    """Supply risk with its parts, each C62.

    Attributes:
        risk: SR. global_part, eu_part: ``HHI_WGI,t`` of the two supplies; None where it was not given.
        scope: ``GS`` (global supply only), ``EU`` or ``GS+EU``.
        governance: The edition and year of the governance scores.
        exact: Whether the upper limits are those of each supply; else they are outer limits.
    """

    risk: Figure
    global_part: Figure | None
    eu_part: Figure | None
    scope: str
    governance: str
    exact: bool

    def indicator(self, *, editions: tuple[str, ...] = (), inputs: tuple[str, ...] = (), note: str = "") -> Indicator:
        """As an indicator, ``eu-supply-risk``."""
        edition, _, year = self.governance.partition(" ")
        of_year = "" if edition.endswith(year) else f" of {year}"
        said = f"Scope {self.scope} ({SCOPES[self.scope]}); governance {edition}{of_year}."
        if not self.exact:
            said += " The upper limit is an outer one."
        return Indicator(
            name="eu-supply-risk",
            method=METHOD,
            figure=self.risk,
            inputs=tuple(dict.fromkeys((*self.risk.rests_on, *inputs))),
            editions=tuple(dict.fromkeys((*editions, self.governance.partition(" ")[0]))),
            note=f"{said} {note}".strip(),
        )


def supply_risk(
    *,
    global_supply: Supply | None,
    eu_sourcing: Supply | None,
    import_reliance_percent: float | None,
    recycling_percent: float,
    substitution: float,
    governance: Scores,
    year: str,
) -> SupplyRisk:
    """Supply risk from one or both supplies.

    A share that is known by limits, a lump of countries, and a country without a governance score give limits: of the
    lump, from endlessly many countries to one of the worst governance; of the score, from best to worst.

    Args:
        import_reliance_percent: Of the EU; needed where both supplies are given. recycling_percent: ``EoL_RIR``.
        substitution: ``SI_SR``, 0 to 1.
        governance: Scores, mean of six. year: of them, as its table names it.

    Raises:
        InputError: ``world.supply_risk_range``, ``world.supply_risk_parts``.
    """
    _in_range(import_reliance_percent, recycling_percent, substitution)
    parts = [None if one is None else _weighted(one, governance, year) for one in (global_supply, eu_sourcing)]
    reliance = None if import_reliance_percent is None else import_reliance_percent / 100
    bracket = _bracket(parts[0], parts[1], reliance)
    rests_on = tuple(
        dict.fromkeys(
            key
            for supply in (global_supply, eu_sourcing)
            if supply is not None
            for country, amount in supply.amounts.items()
            for key in (*amount.rests_on, *governance.of(country, year).rests_on)
        )
    )
    rest = (1 - recycling_percent / 100) * substitution
    scope = "+".join(name for name, part in zip(("GS", "EU"), parts, strict=True) if part is not None)
    first, second = (None if part is None else between(part.low, part.high, "C62", rests_on=rests_on) for part in parts)
    return SupplyRisk(
        risk=between(bracket.low * rest, bracket.high * rest, "C62", rests_on=rests_on),
        global_part=first,
        eu_part=second,
        scope=scope,
        governance=f"{governance.edition} {year}",
        exact=bracket.exact,
    )


def scaled(score: float) -> float:
    """Governance turned over and scaled: 0 is best, 10 is worst."""
    return 10 * (WORST - score) / SPAN


def _bracket(world: Limits | None, eu: Limits | None, reliance: float | None) -> Limits:
    if world is not None and eu is not None and reliance is not None:
        half = reliance / 2
        return Limits(
            world.low * half + eu.low * (1 - half),
            world.high * half + eu.high * (1 - half),
            world.exact and eu.exact,
        )
    if world is not None and eu is not None:
        raise InputError(
            "world.supply_risk_parts", "Both supplies are given and no import reliance; give it, in percent."
        )
    only = world if world is not None else eu
    if only is None:
        raise InputError("world.supply_risk_parts", "No supply is given; give the global one, the EU's, or both.")
    return only


def _weighted(supply: Supply, governance: Scores, year: str) -> Limits:
    """``sum(s^2 g t)``, with the limits that amounts, the lump and missing scores leave."""
    trade = (*supply.trade.values(), supply.trade_elsewhere)
    if not all(0 < parameter < math.inf for parameter in trade):
        raise InputError("world.supply_risk_range", "A trade parameter is above zero, 1 where exports are free.")
    limits = {code: limits_of(amount) for code, amount in supply.amounts.items()}
    if any(low < 0 for low, _ in limits.values()) or not any(high > 0 for _, high in limits.values()):
        raise InputError(
            "world.supply_risk_range", "Amounts are not negative, and one at least is above zero; correct them."
        )
    best, worst = [], []
    for country in limits:
        parameter, score = supply.trade.get(country, supply.trade_elsewhere), governance.of(country, year)
        if country == OTHER:
            # Endlessly many of them count for nothing; one of them may have the highest parameter of all.
            best.append(0.0)
            worst.append(10 * max(trade))
        else:
            best.append(0.0 if score.value is None else scaled(score.value) * parameter)
            worst.append(10 * parameter if score.value is None else scaled(score.value) * parameter)
    low, high = (np.array(side, dtype=np.float64) for side in zip(*limits.values(), strict=True))
    return Limits(weighted.least(np.array(best), low, high), *weighted.most(np.array(worst), low, high))


def _in_range(reliance: float | None, recycling: float, substitution: float) -> None:
    for name, number, most in (
        ("import reliance", reliance, 100),
        ("end-of-life recycling input rate", recycling, 100),
        ("substitution index", substitution, 1),
    ):
        if number is not None and not 0 <= number <= most:
            raise InputError(
                "world.supply_risk_range",
                f"The {name} is {number:g}; it is from 0 to {most}.",
            )
