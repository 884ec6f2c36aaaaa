"""Mass of an element, of a group, and dry mass, flow by flow: chosen mass times chosen determination, first order.

``kg = m f s``, with f the mass fraction of the element and s = 1 where mass and fraction are on one basis, ``1 - w``
for a wet mass and a dry fraction, ``1 / (1 - w)`` for a dry mass and a wet one (w: moisture per wet mass).
``u^2 = (f s u_m)^2 + (m s u_f)^2 + (m f ds/dw u_w)^2``. Source: JCGM 100:2008, 5.1.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.chemistry.elements import element
from lodeline.chemistry.species import species
from lodeline.errors import InputError
from lodeline.metal.flows.composition import Chosen, Composition
from lodeline.metal.flows.words import BASIS, CLASS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]

UNKNOWN, BOUNDED, COMPUTED = (CLASS[word] for word in ("unknown", "bounded", "computed"))
UNSAID, WET, DRY = (BASIS[word] for word in ("", "wet", "dry"))


class Share(NamedTuple):
    """What one determination contributes to the uncertainty of each flow; (flow,) each.

    Attributes:
        row: Row of the measurement; -1 for none. Flows with the same row are off together.
        u_kg: Signed, kg: by how much the flow is off where that measurement is off by one standard uncertainty.
    """

    row: NDArray[np.int64]
    u_kg: Array


class ElementMass(NamedTuple):
    """A mass per flow; every array is (flow,).

    Attributes:
        kg: NaN where unknown or only bounded.
        u_kg: Standard uncertainty (k = 1); NaN where any that it needs is not known.
        low_kg, high_kg: Limits where the class is bounded, NaN where there is none; NaN elsewhere.
        klass: Code of the class: unknown, bounded, computed; of a dry mass that is measured or stated dry, that.
        inherited: Whether a determination it rests on was taken on another flow.
        row: Row of the measurement that gives the fraction (of a dry mass, the moisture); -1 if none, or several.
        fraction: Of the element per mass of its flow on the flow's own basis, kg/kg; NaN if unknown.
        shares: The parts of ``u_kg`` that come of determinations, which several flows may share. What is left of
            ``u_kg**2`` is of the flow's own mass.
    """

    kg: Array
    u_kg: Array
    low_kg: Array
    high_kg: Array
    klass: NDArray[np.uint8]
    inherited: NDArray[np.bool_]
    row: NDArray[np.int64]
    fraction: Array
    shares: tuple[Share, ...] = ()


class _PerMass(NamedTuple):
    """What a kilogram of the flow, on its own basis, has of something; (flow,) each.

    Attributes:
        value, low, high: kg/kg; NaN where unknown.
        variance: Of the determination alone, (kg/kg)^2.
        by_moisture: Derivative by the moisture, kg/kg.
        moisture_u: Standard uncertainty of that moisture; 0 where none was needed.
        inherited: A determination was taken on another flow.
        row: Row of the determination.
        water: Row of the moisture, -1 where none was needed.
    """

    value: Array
    low: Array
    high: Array
    variance: Array
    by_moisture: Array
    moisture_u: Array
    inherited: NDArray[np.bool_]
    row: NDArray[np.int64]
    water: NDArray[np.int64]


def element_mass(flows: Flows, symbol: str) -> ElementMass:
    """The mass of one element in each flow."""
    element(symbol)
    return _of(flows, [_fraction(flows.composition, symbol)])


def group_mass(flows: Flows, members: Sequence[str]) -> ElementMass:
    """The sum over members, each counted as the element or compound it is named by; they share one mass."""
    if not members:
        raise InputError("flows.group_empty", "A group has at least one member; name elements or compounds.")
    composition = flows.composition
    parts = []
    for member in members:
        counted = species(member)
        parts.append(_scaled(_fraction(composition, counted.symbol), 1 / float(counted.element_factor)))
    return _of(flows, parts)


def dry_mass(flows: Flows) -> ElementMass:
    """The dry mass of each flow."""
    composition = flows.composition
    basis, size = flows.flows["mass_basis"], flows.flows.rows
    water = composition.moisture()
    wet = basis == WET
    known = np.select([basis == DRY, wet], [np.ones(size), 1 - water.value], np.nan)
    of = _PerMass(
        value=known,
        low=known,
        high=known,
        variance=np.zeros(size),
        by_moisture=np.where(wet, -1.0, 0.0),
        moisture_u=np.where(wet, water.u, 0.0),
        inherited=wet & water.inherited,
        row=np.where(wet, water.row, -1),
        water=np.where(wet, water.row, -1),
    )
    found = _of(flows, [of])
    klass = np.where((basis == DRY) & (found.klass == COMPUTED), flows.flows["mass_class"], found.klass)
    return found._replace(klass=klass.astype(np.uint8))


def elements_of(flows: Flows) -> tuple[str, ...]:
    """Symbols of the elements that any measurement is of."""
    used = flows.measurements["species"]
    _, first = np.unique(used[used >= 0], return_index=True)
    formulas = [flows.names[code] for code in used[used >= 0][np.sort(first)]]
    return tuple(dict.fromkeys(species(formula).symbol for formula in formulas))


def _fraction(composition: Composition, symbol: str) -> _PerMass:
    """The element in a kilogram of each flow, on the flow's own basis."""
    found = composition.fraction(symbol)
    basis = composition.mass_basis
    water = composition.moisture()
    dry_per_wet = 1 - water.value
    drying, wetting = (basis == WET) & (found.basis == DRY), (basis == DRY) & (found.basis == WET)
    same = (basis == found.basis) & (basis != UNSAID)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.select([same, drying, wetting], [np.ones(basis.size), dry_per_wet, 1 / dry_per_wet], np.nan)
        slope = np.select([same, drying, wetting], [np.zeros(basis.size), -np.ones(basis.size), scale**2], np.nan)
    converted = drying | wetting
    middle = np.where(np.isnan(found.value), found.high, found.value)
    return _PerMass(
        value=found.value * scale,
        low=np.where(np.isnan(found.value), found.low, found.value) * scale,
        high=middle * scale,
        variance=(scale * found.u) ** 2,
        by_moisture=found.value * slope,
        moisture_u=np.where(converted, water.u, 0.0),
        inherited=(found.inherited | (converted & water.inherited)) & (found.row >= 0),
        row=found.row,
        water=np.where(converted, water.row, -1),
    )


def _scaled(of: _PerMass, factor: float) -> _PerMass:
    return of._replace(
        value=of.value * factor,
        low=of.low * factor,
        high=of.high * factor,
        variance=of.variance * factor**2,
        by_moisture=of.by_moisture * factor,
    )


def _of(flows: Flows, parts: Sequence[_PerMass]) -> ElementMass:
    """Mass times the sum of parts, which share the mass and the moisture."""
    table: Any = flows.flows
    kg, mass_u = table["mass_kg"], table["mass_u_kg"]
    known_mass = ~np.isnan(kg)
    fraction = sum((part.value for part in parts), start=np.zeros(kg.size))
    slope = sum((part.by_moisture for part in parts), start=np.zeros(kg.size))
    variance = sum((part.variance for part in parts), start=np.zeros(kg.size))
    moisture_u = parts[0].moisture_u
    for part in parts[1:]:
        moisture_u = np.where(np.isnan(part.moisture_u) | (part.moisture_u > 0), part.moisture_u, moisture_u)
    value = kg * fraction
    # A slope of zero needs no moisture, and so no uncertainty of it: 0 times unknown is here 0.
    drying = np.where(moisture_u == 0, 0.0, kg * slope * moisture_u)
    u = np.sqrt((fraction * mass_u) ** 2 + kg**2 * variance + drying**2)
    # A part of which nothing is known adds at least nothing to a sum that has another part.
    floor = [np.nan_to_num(part.low) if len(parts) > 1 else part.low for part in parts]
    some = np.logical_or.reduce([~np.isnan(part.low) for part in parts])
    low = np.where(known_mass, kg, table["mass_low_kg"]) * sum(floor, start=np.zeros(kg.size))
    high = np.where(known_mass, kg, table["mass_high_kg"]) * sum((part.high for part in parts), start=np.zeros(kg.size))
    known = ~np.isnan(value)
    bounded = ~known & some & ~(np.isnan(low) & np.isnan(high))
    klass = np.select([known, bounded], [COMPUTED, BOUNDED], UNKNOWN).astype(np.uint8)
    row = parts[0].row if len(parts) == 1 else np.full(kg.size, -1)
    shares = [Share(part.row, kg * np.sqrt(part.variance)) for part in parts if part.variance.any()]
    # All parts are dried by one moisture.
    water = np.maximum.reduce([part.water for part in parts])
    shares.append(Share(water, np.where(moisture_u == 0, 0.0, kg * slope * moisture_u)))
    return ElementMass(
        kg=value,
        u_kg=np.where(known, u, np.nan),
        low_kg=np.where(bounded, low, np.nan),
        high_kg=np.where(bounded, high, np.nan),
        klass=klass,
        inherited=np.logical_or.reduce([part.inherited for part in parts]) & (known | bounded),
        row=row,
        fraction=fraction,
        shares=tuple(shares),
    )


__all__ = ["Chosen", "ElementMass", "Share", "dry_mass", "element_mass", "elements_of", "group_mass"]
