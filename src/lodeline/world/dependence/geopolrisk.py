"""GeoPolRisk: the risk that a country's supply of a raw material fails for political reasons elsewhere.

    g      = 1/2 - PS / 5                           political instability of an exporter, 0 to 1
    HHI    = sum(share of world production ^ 2)     0 to 1
    import risk = sum(g * f) / (p + F)              f imported from each, F = sum(f), p produced at home
    score  = HHI * import risk                      0 to 1
    midpoint = score * price                        price = value of the imports / F, US dollars per kilogram
    potential = midpoint / midpoint of copper       kilograms of copper that carry the same risk, per kilogram

``PS`` is the World Bank's estimate of political stability. By the method the copper is that of the same importer and
year; its authors' library and workbook divide by one mean of the OECD's countries, which is shipped here as a figure.
Production counts metal and imports count gross tonnes of what is traded: the method adds them up as they are.
Source: Gemechu et al. (2016), J. Ind. Ecol. 20(1), 154; domestic production after Helbig et al. (2016), J. Clean. Prod.
137, 1170; midpoint after Santillan-Saldivar et al. (2022), Int. J. Life Cycle Assess. 27, 457; potential after
Koyamparambath et al. (2024), Resour. Conserv. Recycl. 209, 107801; formulas as the manual of geopolrisk-py gives them.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec

from lodeline.errors import InputError, Settle
from lodeline.units.figure import Figure, total, unknown
from lodeline.world.dependence.concentration import concentration
from lodeline.world.dependence.limits import between, limits_of, scaled, times
from lodeline.world.governance.score import Scores

METHOD = (
    "GeoPolRisk (Gemechu et al. 2016; Helbig et al. 2016; Santillan-Saldivar et al. 2022): HHI of production times "
    "sum(g f) / (p + F)"
)


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """What came from one country.

    Attributes:
        country: The exporter, as the governance scores name it.
        tonnes: Gross, TNE; limits or unknown where no tonnage is published. kusd: value, thousand US dollars.
    """

    country: str
    tonnes: Figure
    kusd: float


class GeoPolRisk(msgspec.Struct, frozen=True, kw_only=True):
    """The score with its parts.

    Attributes:
        hhi: C62, 0 to 1. domestic, imported: TNE. at_risk: ``sum(g f)``, TNE.
        import_risk, score: C62, 0 to 1. price, midpoint: USD/KGM.
        potential: Kilograms of copper per kilogram, C62; unknown where no midpoint of copper was given.
        governance: The edition and year of the scores.
        exact: Whether the upper limit of the index is the true one; else it is an outer limit.
    """

    hhi: Figure
    domestic: Figure
    imported: Figure
    at_risk: Figure
    import_risk: Figure
    score: Figure
    price: Figure
    midpoint: Figure
    potential: Figure
    governance: str
    exact: bool


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """A midpoint of copper that potentials refer to; a row of ``tables/geopolrisk_reference.csv``."""

    edition: str
    name: str
    region: str
    period: str
    value: float
    unit: str
    source: str

    @property
    def figure(self) -> Figure:
        """As a figure that cites the row."""
        key = ":".join((self.edition, self.name, self.region, self.period))
        return Figure(value=self.value, unit=self.unit, standing="stated", rests_on=(key,))


def geopolrisk(
    *,
    production: Mapping[str, Figure],
    domestic: Figure,
    imports: Sequence[Import],
    stability: Scores,
    year: str,
    copper: Figure | None,
) -> GeoPolRisk:
    """The score of one importer, material and year, and what follows from it.

    An exporter without a score is from stable to unstable, 0 to 1; a tonnage that is not published is from none on;
    both give limits. Where nothing is imported, the risk is unknown.

    Args:
        production: Of the world by country, one unit. domestic: of the importer, TNE, >= 0.
        stability: Scores of political stability. year: of them.
        copper: Midpoint of copper that the potential refers to, USD/KGM; None: no potential.

    Raises:
        InputError: ``world.geopolrisk_range``, and those of
            :func:`lodeline.world.dependence.concentration.concentration`.
    """
    _in_range(domestic, imports)
    made = concentration(production)
    hhi = scaled(made.hhi, 1e-4, "C62")
    parts = [_part(one, stability, year) for one in imports]
    imported = total((one.tonnes for one in imports), unit="TNE", floor=0.0)
    at_risk = _summed(
        parts,
        math.fsum(part.low * part.stable for part in parts),
        math.fsum(part.high * part.unstable for part in parts if part.unstable),
    )
    import_risk = _import_risk(parts, domestic) if any(part.high for part in parts) else unknown("C62")
    score = times(hhi, import_risk, "C62")
    price = _price(imports, imported)
    midpoint = times(score, price, "USD/KGM")
    return GeoPolRisk(
        hhi=hhi,
        domestic=domestic,
        imported=imported,
        at_risk=at_risk,
        import_risk=import_risk,
        score=score,
        price=price,
        midpoint=midpoint,
        potential=unknown("C62") if copper is None else _over(midpoint, copper),
        governance=f"{stability.edition} {year}",
        exact=made.exact,
    )


def instability(stability: float) -> float:
    """``g``: 0 to 1, 1/2 for a country of mean political stability."""
    return 0.5 - stability / 5


@cache
def references() -> tuple[Reference, ...]:
    """The midpoints of copper that come with lodeline: the one of the library and its workbook."""
    text = (resources.files("lodeline.world") / "tables" / "geopolrisk_reference.csv").read_text(encoding="utf-8")
    return tuple(
        msgspec.convert({**row, "value": float(row["value"])}, Reference)
        for row in csv.DictReader(io.StringIO(text, newline=""))
    )


class _Part(NamedTuple):
    """One import as limits of its tonnage and of the exporter's instability."""

    low: float
    high: float
    stable: float
    unstable: float
    rests_on: tuple[str, ...]
    settle: tuple[Settle, ...]


def _part(of: Import, stability: Scores, year: str) -> _Part:
    score = stability.of(of.country, year)
    ends = (0.0, 1.0) if score.value is None else (instability(score.value),) * 2
    return _Part(
        *limits_of(of.tonnes), *ends, (*of.tonnes.rests_on, *score.rests_on), (*of.tonnes.settle, *score.settle)
    )


def _summed(parts: Sequence[_Part], low: float, high: float, home: Figure | None = None) -> Figure:
    """Limits that rest on all imports, and on home production where it is given."""
    more = () if home is None else (home,)
    rests_on = dict.fromkeys(key for one in (*parts, *more) for key in one.rests_on)
    settle = dict.fromkeys(need for one in (*parts, *more) for need in one.settle)
    return between(low, high, "TNE" if home is None else "C62", rests_on=rests_on, settle=settle)


def _import_risk(parts: Sequence[_Part], domestic: Figure) -> Figure:
    """``sum(g f) / (p + F)``: its limits are where each tonnage and home production are at an end of their own.

    More from a country raises it exactly where that country's instability is above it. So at its least the tonnages
    of the more stable are at their most, in order, and at its most those of the less stable are; every cut between the
    two is tried.
    """
    least_home, most_home = limits_of(domestic)
    lowest = sorted((part.stable, part.low, part.high) for part in parts)
    highest = sorted(((part.unstable, part.low, part.high) for part in parts), reverse=True)
    low = 0.0 if math.isinf(most_home) else min(_cuts(lowest, most_home))
    return _summed(parts, low, max(_cuts(highest, least_home)), domestic)


def _cuts(parts: Sequence[tuple[float, float, float]], home: float) -> Iterator[float]:
    """The risk with the first few tonnages at their most and the others at their least, however many the few are."""
    for cut in range(len(parts) + 1):
        tonnes = [high if place < cut else low for place, (_, low, high) in enumerate(parts)]
        if math.inf in tonnes:
            # Beside an amount without limit all others vanish; the first in order is the lowest, or the highest.
            yield parts[tonnes.index(math.inf)][0]
        elif home + math.fsum(tonnes) > 0:
            at_risk = math.fsum(part[0] * amount for part, amount in zip(parts, tonnes, strict=True))
            yield at_risk / (home + math.fsum(tonnes))


def _price(imports: Sequence[Import], imported: Figure) -> Figure:
    """Value over tonnage; thousand dollars a tonne are dollars a kilogram."""
    kusd = math.fsum(one.kusd for one in imports)
    low, high = limits_of(imported)
    if high == 0:
        return unknown("USD/KGM", *imported.settle, rests_on=imported.rests_on)
    most = kusd / low if low else math.inf
    return between(kusd / high, most, "USD/KGM", rests_on=imported.rests_on, settle=imported.settle)


def _over(midpoint: Figure, copper: Figure) -> Figure:
    if copper.value is None or copper.value <= 0:
        raise InputError("world.geopolrisk_range", "The midpoint of copper is a value above zero; give one, or none.")
    found = scaled(midpoint, 1 / copper.value, "C62")
    return msgspec.structs.replace(found, rests_on=tuple(dict.fromkeys((*found.rests_on, *copper.rests_on))))


def _in_range(domestic: Figure, imports: Sequence[Import]) -> None:
    amounts = (domestic, *(one.tonnes for one in imports))
    below = any(number is not None and number < 0 for one in amounts for number in (one.value, one.low, one.high))
    if below or any(one.kusd < 0 for one in imports):
        raise InputError(
            "world.geopolrisk_range", "Production, tonnages and values are not negative; correct the one that is."
        )
    if any(one.unit != "TNE" for one in amounts):
        raise InputError("world.geopolrisk_range", "Home production and imports are in tonnes, TNE; convert them.")
