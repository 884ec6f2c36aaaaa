"""The inventory: what is held where, on the road and in process, wet and dry and per element, with its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from lodeline.errors import Settle
from lodeline.metal.flows.element import ElementMass, Share
from lodeline.metal.flows.words import BASIS, CLASS, CLASSES, CLOSING, NODE
from lodeline.metal.sums import variance
from lodeline.units.figure import Figure, Standing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]

UNKNOWN, BOUNDED, COMPUTED = (np.uint8(CLASS[word]) for word in ("unknown", "bounded", "computed"))

By = Literal["lot", "place", "owner", "material", "state"]
"""What an inventory may be grouped by."""
State = Literal["held", "on the road", "in process"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What is held, of one key.

    Attributes:
        lot, place, owner, material: The key; None where it is not grouped by that, or nobody said. The place of what is
            on the road is where it is bound for, of what is in process where the process is.
        state: Held, on the road, or in process; None where it is not grouped by that.
        holdings: How many holdings, consignments and stocks of processes it sums.
        wet: Mass with its water, KGM; of what was weighed dry by its moisture, and without one at least the dry mass.
        dry: Mass without its water, KGM; of what was weighed wet by its moisture, and without one at most the wet mass.
        elements: Mass of each element, KGM.
        entries: Ledger entries that a line of one holding rests on; empty for a sum.
    """

    lot: str | None
    place: str | None
    owner: str | None
    material: str | None
    state: State | None
    holdings: int
    wet: Figure
    dry: Figure
    elements: dict[str, Figure]
    entries: tuple[int, ...] = ()


class _Masses(msgspec.Struct):
    """One quantity of every row, (row,) each, which act would settle it, and what its uncertainty is shared with."""

    kg: Array
    u: Array
    low: Array
    high: Array
    klass: NDArray[np.uint8]
    act: str
    of: str
    shares: tuple[Share, ...]


def inventory(
    flows: Flows,
    *,
    by: Sequence[By] = ("lot", "place", "owner", "material", "state"),
    elements: Sequence[str] | None = None,
    groups: dict[str, Sequence[str]] | None = None,
) -> tuple[Line, ...]:
    """What the flows leave in the book, line by line or summed.

    Masses add up as independent, and what was assayed or dried by one determination is off together
    (:func:`lodeline.metal.sums.variance`); unknown where the uncertainty of any part is. A sum with unknown parts is
    bounded: at least what is known of it, and never a plain sum. Nothing in it is below zero; where more was taken than
    there was, the follower has found ``metal.more_than_held`` or ``metal.negative_stock``.

    Args:
        flows: Of the book as of some entry.
        by: What lines are told apart by; empty for one total.
        elements: Symbols; None for every element that anything was assayed for.
        groups: Declared groups, by name: the elements or compounds whose masses they sum.

    Raises:
        InputError: ``chemistry.element_unknown``, ``chemistry.substance_unknown``, ``flows.group_empty``.
    """
    closing = flows.flows["head"] == CLOSING
    # A process or store that has been emptied holds nothing, and is no line.
    empty = (flows.flows["lot"] < 0) & (flows.flows["mass_kg"] == 0)
    rows = np.flatnonzero(closing & ~empty)
    columns = _keys(flows, rows)
    masses = _masses(flows, rows)
    wanted = flows.elements() if elements is None else tuple(elements)
    contained = {symbol: _element(flows, rows, symbol, [symbol]) for symbol in wanted}
    contained |= {name: _element(flows, rows, name, members) for name, members in (groups or {}).items()}
    grouped: dict[tuple[str | None, ...], list[int]] = {}
    for index, key in enumerate(zip(*(columns[one] for one in by), strict=True) if by else [()] * rows.size):
        grouped.setdefault(key, []).append(index)
    lines = []
    entries = _Entries(flows)
    for key, members in grouped.items():
        at = np.array(members)
        named = dict(zip(by, key, strict=True))
        single = len(members) == 1
        lines.append(
            Line(
                lot=named.get("lot"),
                place=named.get("place"),
                owner=named.get("owner"),
                material=named.get("material"),
                state=named.get("state"),  # type: ignore[arg-type]
                holdings=len(members),
                **{name: _sum(of, at, named.get("lot")) for name, of in masses.items()},
                elements={name: _sum(of, at, named.get("lot")) for name, of in contained.items()},
                entries=entries.of(int(rows[at[0]])) if single else (),
            )
        )
    return tuple(lines)


def _keys(flows: Flows, rows: NDArray[np.intp]) -> dict[str, list[str | None]]:
    """What each row is told apart by."""
    tail, lot = flows.flows["tail"][rows], flows.flows["lot"][rows]
    material_of = dict(zip(flows.lots["lot"].tolist(), flows.lots["material"].tolist(), strict=True))
    states = {NODE["holding"]: "held", NODE["transit"]: "on the road", NODE["process"]: "in process"}
    return {
        "lot": [flows.name(one) for one in lot.tolist()],
        "place": [flows.name(one) for one in flows.nodes["place"][tail].tolist()],
        "owner": [flows.name(one) for one in flows.nodes["owner"][tail].tolist()],
        "material": [flows.name(material_of.get(one, -1)) for one in lot.tolist()],
        "state": [states[one] for one in flows.nodes["kind"][tail].tolist()],
    }


def _masses(flows: Flows, rows: NDArray[np.intp]) -> dict[str, _Masses]:
    """Wet and dry. Water weighs something: what is wet is no less than what is dry, and what nobody said is between."""
    table, wet_code, dry_code = flows.flows, BASIS["wet"], BASIS["dry"]
    basis, kg, u, klass = (table[name][rows] for name in ("mass_basis", "mass_kg", "mass_u_kg", "mass_class"))
    low, high = table["mass_low_kg"][rows], table["mass_high_kg"][rows]
    least, most = np.where(np.isnan(kg), low, kg), np.where(np.isnan(kg), high, kg)
    dry = flows.dry()
    d_kg, d_u, d_low, d_high = (column[rows] for column in (dry.kg, dry.u_kg, dry.low_kg, dry.high_kg))
    open_dry = np.isnan(d_kg) & np.isnan(d_low)
    water = flows.composition.moisture()
    share, share_u = 1 - water.value[rows], water.u[rows]
    is_wet, wetted = basis == wet_code, (basis == dry_code) & ~np.isnan(share)
    wet_kg = np.select([is_wet, wetted], [kg, kg / share], np.nan)
    wet_u = np.select([is_wet, wetted], [u, np.hypot(u / share, kg / share**2 * share_u)], np.nan)
    wet_class = np.select([is_wet, ~np.isnan(wet_kg), ~np.isnan(least)], [klass, COMPUTED, BOUNDED], UNKNOWN)
    dry_class = np.where(open_dry & ~np.isnan(most), BOUNDED, dry.klass[rows])
    return {
        "wet": _Masses(
            kg=wet_kg,
            u=wet_u,
            low=np.where(np.isnan(wet_kg), least, np.nan),
            high=np.where(is_wet & np.isnan(wet_kg), high, np.nan),
            klass=wet_class.astype(np.uint8),
            act="weighing",
            of="its wet mass",
            shares=(Share(np.where(wetted, water.row[rows], -1), np.where(wetted, kg / share**2 * share_u, 0.0)),),
        ),
        "dry": _Masses(
            kg=d_kg,
            u=d_u,
            low=np.where(open_dry & ~np.isnan(most), 0.0, d_low),
            high=np.where(open_dry, most, d_high),
            klass=dry_class.astype(np.uint8),
            act="moisture",
            of="its dry mass",
            shares=_of_rows(dry, rows),
        ),
    }


def _element(flows: Flows, rows: NDArray[np.intp], name: str, members: Sequence[str]) -> _Masses:
    of = flows.element(name) if list(members) == [name] else flows.group(members)
    parts = (of.kg[rows], of.u_kg[rows], of.low_kg[rows], of.high_kg[rows], of.klass[rows])
    return _Masses(*parts, act="assay", of=name, shares=_of_rows(of, rows))


def _of_rows(of: ElementMass, rows: NDArray[np.intp]) -> tuple[Share, ...]:
    return tuple(Share(share.row[rows], share.u_kg[rows]) for share in of.shares)


def _sum(of: _Masses, at: NDArray[np.intp], lot: str | None) -> Figure:
    """The sum over some rows, as a figure."""
    kg, u = of.kg[at], of.u[at]
    known = ~np.isnan(kg)
    if known.all():
        shares = [Share(share.row[at], share.u_kg[at]) for share in of.shares]
        total_u = math.sqrt(variance(u, shares, np.ones(u.size))) if len(at) > 1 else float(u[0])
        standing: Standing = CLASSES[of.klass[at[0]]] if len(at) == 1 else "computed"
        return Figure(
            value=math.fsum(kg.tolist()), u=None if math.isnan(total_u) else total_u, unit="KGM", standing=standing
        )
    low = np.where(known, kg, np.nan_to_num(of.low[at]))
    high = np.where(known, kg, of.high[at])
    most = math.fsum(high.tolist())
    least = math.fsum(low.tolist())
    settle = () if lot is None else (_settle(of, lot),)
    if least == 0 and math.isnan(most) and not known.any() and np.isnan(of.low[at]).all():
        return Figure(value=None, unit="KGM", standing="unknown", settle=settle)
    high_or_none = None if math.isnan(most) else most
    return Figure(value=None, low=least, high=high_or_none, unit="KGM", standing="bounded", settle=settle)


def _settle(of: _Masses, lot: str) -> Settle:
    said = {
        "weighing": f"Weigh lot {lot}, and say whether wet or dry.",
        "moisture": f"Weigh lot {lot} dry, or wet with its moisture.",
        "assay": f"Weigh lot {lot} and assay it for {of.of}, each on a stated basis.",
    }
    return Settle(act=of.act, subject=lot, detail=said[of.act])


class _Entries:
    """The entries that moved or measured what is held, as far as they are of that very flow."""

    def __init__(self, flows: Flows) -> None:
        measured = flows.measurements
        rows = np.flatnonzero(measured["chosen"])
        rows = rows[np.argsort(measured["flow"][rows], kind="stable")]
        self._flow, self._seq = measured["flow"][rows], measured["seq"][rows]
        self._moved = flows.flows["seq"]

    def of(self, row: int) -> tuple[int, ...]:
        """In order of first mention."""
        first, last = np.searchsorted(self._flow, [row, row + 1])
        return tuple(dict.fromkeys([int(self._moved[row]), *self._seq[first:last].tolist()]))
