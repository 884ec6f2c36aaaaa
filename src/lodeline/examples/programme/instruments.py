"""Scales and laboratories as they truly are: each with a bias drawn from its prior, anew at each yearly calibration.

What a ticket shows is truth, times one and the bias, plus a random error, rounded as that instrument prints.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lodeline.chemistry.species import Species, species, substance_uri
from lodeline.examples.programme.chance import Chance
from lodeline.examples.programme.faults import Faults
from lodeline.examples.programme.tables import ELEMENTS, IDS, Chain, LaboratoryRow, ScaleRow, tables
from lodeline.record.metal import Reading, Result
from lodeline.record.metal_vocabulary import Basis, Weight
from lodeline.units.fraction import FRACTION_UNITS
from lodeline.units.mass import MASS_UNITS

YEARS = (2021, 2022, 2023, 2024, 2025)
"""The years of the programme; every instrument is calibrated at the start of each."""

MOISTURE_U = 0.15
"""Standard uncertainty of one moisture, percent of the wet mass; assumed, as of oven drying (ISO 9599)."""

OMITS_U = 0.06
"""How often a ticket or certificate gives no uncertainty; assumed."""

SUPPOSED_U = 0.02
"""Relative standard uncertainty of an assay that the policy of the book supposes. What is less certain than that, as
traces are, always has its own on the certificate: a policy that makes traces surer than they are would find faults in
a sound programme."""

ELEMENT_OF = {"Nd2O3": "Nd", "Pr6O11": "Pr", "La2O3": "La", "CeO2": "Ce", "ThO2": "Th", "U3O8": "U"}
"""The element of each oxide that a certificate may name."""

PLAIN_OXIDE = {**{element: oxide for oxide, element in ELEMENT_OF.items()}, "Sb": "Sb2O3", "As": "As2O3", "Bi": "Bi2O3"}
"""The oxide in which an element is reported where it is reported so."""

FRACTION = {unit: float(FRACTION_UNITS[unit][1]) for unit in ("P1", "NA", "59")}
"""Kilograms per kilogram in one of each unit of the certificates."""


class Scale:
    """A scale: what it prints for a true mass."""

    def __init__(self, row: ScaleRow, chains: dict[str, list[float]], chance: Chance) -> None:
        self.row = row
        self.uri = f"{IDS}/scale/{row.key}"
        self.kg_per_unit = float(MASS_UNITS[row.unit].kg)
        division = Decimal(row.division)
        self.decimals = -int(division.as_tuple().exponent)
        self._step = int(division.scaleb(self.decimals))
        self._division_kg = float(division) * self.kg_per_unit
        self.u = Decimal(row.u)
        # Net is gross less tare, both read with the same uncertainty: u * sqrt(2), printed with one digit more.
        self.net_u = (self.u * Decimal("1.414")).quantize(Decimal(1).scaleb(-self.decimals - 1))
        self.net_u_kg = float(self.net_u) * self.kg_per_unit
        self.own = [row.bias_u / row.load_kg * chance.normal() for _ in YEARS]
        self.bias = [own + common for own, common in zip(self.own, chains[row.chain], strict=True)]
        self._u_kg = float(self.u) * self.kg_per_unit

    def steps(self, true_kg: float, factor: float, chance: Chance) -> int:
        """The reading, in divisions."""
        return max(round((true_kg * factor + self._u_kg * chance.normal()) / self._division_kg), 0)

    def printed(self, steps: int) -> Decimal:
        """So many divisions, in the unit of the scale."""
        return Decimal(steps * self._step).scaleb(-self.decimals)

    def reading(self, weight: Weight, steps: int, basis: Basis, *, says_u: bool) -> Reading:
        """A line of the ticket."""
        u = self.net_u if weight == "net" else self.u
        return Reading(
            weight=weight,
            value=self.printed(steps),
            u=u if says_u else None,
            uom=self.row.unit,
            basis=basis,
            device=self.uri,
        )


class Laboratory:
    """A laboratory: what it reports for a true composition; its bias is another for each element, and for water."""

    def __init__(self, row: LaboratoryRow, chains: dict[str, list[float]], chance: Chance) -> None:
        self.row = row
        self.uri = f"{IDS}/laboratory/{row.key}"
        common = chains[row.chain]
        self.bias = {
            subject: [row.bias_u * 0.01 * chance.normal() + common[year] for year in range(len(YEARS))]
            for subject in (*ELEMENTS, "H2O")
        }


class Instruments:
    """All scales and laboratories, and how they read.

    Args:
        chance: Draws the biases.
        errors: Draws the random error of each reading.
        faults: Adds to what a faulty instrument shows.
    """

    def __init__(self, chance: Chance, errors: Chance, faults: Faults) -> None:
        found = tables()
        self.chains = {row.key: _common(row, chance) for row in found.chains.values()}
        self.scales = {row.key: Scale(row, self.chains, chance) for row in found.scales.values()}
        self.laboratories = {row.key: Laboratory(row, self.chains, chance) for row in found.laboratories.values()}
        self.errors = errors
        self.faults = faults
        self._lines: dict[tuple[str, str, int, float, float], Line] = {}

    def factor(self, scale: Scale, year: int, at: int) -> float:
        """What the scale multiplies a mass with."""
        return 1.0 + scale.bias[year] + self.faults.scale(scale.row.key, at)

    def told(self) -> list[dict[str, Any]]:
        """The true biases, for the truth: relative, a year, and of that the part its calibration chain shares."""
        found: list[dict[str, Any]] = []
        for scale in self.scales.values():
            chain = self.chains[scale.row.chain]
            found.append({"scale": scale.row.key, "chain": scale.row.chain, "bias": scale.bias, "of_chain": chain})
        for laboratory in self.laboratories.values():
            chain = self.chains[laboratory.row.chain]
            row = laboratory.row
            found.append({"laboratory": row.key, "chain": row.chain, "bias": laboratory.bias, "of_chain": chain})
        return found

    def line(self, substance: str, unit: str, decimals: int, relative_u: float, limit: float) -> Line:
        """The form of one line of a certificate, kept."""
        key = (substance, unit, decimals, relative_u, limit)
        if key not in self._lines:
            self._lines[key] = Line(substance, unit, decimals, relative_u, limit)
        return self._lines[key]


class Line:
    """One line of a certificate: substance, unit, digits, and the factor from the element's fraction to the value."""

    def __init__(self, substance: str, unit: str, decimals: int, relative_u: float, limit: float) -> None:
        self.substance: Species = species(substance)
        # The address, and not the substance: looking it up for each line of a million certificates takes its time.
        self.uri = substance_uri(self.substance)
        self.element = self.substance.symbol
        self.column = ELEMENTS.index(self.element)
        self.per_element = float(1 / self.substance.element_factor) / FRACTION[unit]
        self.unit, self.decimals, self.relative_u, self.limit = unit, decimals, relative_u, limit
        self._scale = float(10**decimals)
        self.most = 0.9999 / FRACTION[unit]
        # A method that is more precise is less biased too; a laboratory's prior is that of its main elements.
        self.biased = min(relative_u / 0.005, 1.0)

    def result(self, value: float, chance: Chance, *, others: float, says_u: bool) -> Result:
        """The line as it stands on the certificate.

        Args:
            value: In its unit; it has the bias already.
            others: What the other lines leave no room for, kg per kg.
        """
        most = self.most - others / FRACTION[self.unit]
        seen = min(value * (1.0 + self.relative_u * chance.normal()), most)
        if seen < self.limit:
            limit = Decimal(round(self.limit * self._scale)).scaleb(-self.decimals)
            return Result(substance=self.uri, value=None, u=None, uom=self.unit, basis="dry", detection_limit=limit)
        says_u = says_u or self.relative_u > SUPPOSED_U
        digits = round(seen * self._scale)
        u = Decimal(max(round(seen * self.relative_u * self._scale), 1)).scaleb(-self.decimals) if says_u else None
        return Result(substance=self.uri, value=Decimal(digits).scaleb(-self.decimals), u=u, uom=self.unit, basis="dry")


def _common(row: Chain, chance: Chance) -> list[float]:
    """The bias that all instruments of a calibration chain share, a year."""
    return [row.bias_u * 0.01 * chance.normal() for _ in YEARS]
