"""Answers about the origin of metal: where that of a lot is from, within which limits, and how certain claims are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from lodeline.book.lot_metal import State
from lodeline.book.tables import Table
from lodeline.book.unsettled import Unsettled

if TYPE_CHECKING:
    import polars
    from numpy.typing import NDArray

    from lodeline.origin.custody import Certainty, Model

    Floats = NDArray[np.float64]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The least and the most of a class in the metal of a lot, kg, at the masses that were taken.

    Attributes:
        least, most: Whatever the mixing was. least_u, most_u: standard uncertainties (k = 1); None where not known.
        least_supposes, most_supposes: Whether it holds only if lots are homogeneous, since a mass it rests on was
            computed from the assay of another lot.
        loose_least, loose_most: Outer limits without supposing that; None where nothing is supposed, or where it was
            not computed (of metal in several parts).
    """

    least: float
    most: float
    least_u: float | None
    most_u: float | None
    least_supposes: bool
    most_supposes: bool
    loose_least: float | None = None
    loose_most: float | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What of the metal is of one class.

    Attributes:
        name: Of the class. share: 0 to 1. share_u: its standard uncertainty (k = 1), first order; None where unknown.
        kg: Of the class.
        limits: None where they were not asked for, or where the class has none.
        kept: The same where stores keep an order, as is said of them or supposed; None where none does.
        alike: The same if parcels are homogeneous, where that was asked for.
        by_rule: The share under each rule of mixing, where all were asked for.
    """

    name: str
    share: float
    share_u: float | None
    kg: float
    limits: Limits | None = None
    kept: Limits | None = None
    alike: Limits | None = None
    by_rule: Mapping[str, float] = {}


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A claim with what can be said of it.

    Attributes:
        claim: In words. lot, element: Of what. claimed_kg: how much is claimed. lot_kg: of how much.
        limits: The least and the most of the origin in the lot, whatever the mixing was.
        certainty: ``proved`` and ``contradicted`` whatever the mixing was; ``supported`` where an assumption says so
            and none says otherwise; else ``undecided``.
        supported_by, contradicted_by: The assumptions under which it holds, and fails.
        k: Within how many uncertainties of the masses that was judged, by the policy's chance of a false alarm; None
            where it names none, so that masses were taken as they are.
        custody: The strictest model of ISO 22095 that the record bears out; None where it bears out none.
        custody_stated: What the claim says of it; None where nothing. foreign: Origins that some of the metal may have
            come from and that do not count.
        credits_kg: So many kilograms of mass-balance credits of the origin were used for the lot; None where no
            accounts were given. credits_against: codes of what the book finds against these; then they count for
            nothing.
    """

    claim: str
    lot: str
    element: str
    claimed_kg: float
    lot_kg: float
    limits: Limits
    certainty: Certainty
    supported_by: tuple[str, ...]
    contradicted_by: tuple[str, ...]
    k: float | None
    custody: Model | None
    custody_stated: Model | None
    foreign: tuple[str, ...]
    credits_kg: float | None = None
    credits_against: tuple[str, ...] = ()


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """What a claim rests on that is in doubt.

    Attributes:
        lots: URIs of lots whose declared origin counts for the claim, that can be in what is claimed of, and against
            which findings weigh. codes: of the findings.
        most_kg: So much of them can be in it at most, whatever the mixing was; untraced metal may be theirs too.
        least_kg: So much of the claimed origin is in it at least if theirs may be any.
        lacking_kg: So much of what is claimed rests on them: it is not sure without.
    """

    lots: tuple[str, ...]
    codes: tuple[str, ...]
    most_kg: float
    least_kg: float
    lacking_kg: float


class Unheld(msgspec.Struct, frozen=True, kw_only=True):
    """What a claim counts by a declaration alone.

    Attributes:
        lots: URIs of lots that can be in what is claimed of, whose composition nobody held against their deposit's.
        why: Of any of them, in words. most_kg: so much of them can be in it at most, whatever the mixing was.
    """

    lots: tuple[str, ...]
    why: tuple[str, ...]
    most_kg: float


class Traces(msgspec.Struct, frozen=True, kw_only=True):
    """Where the metal of a lot is from.

    Attributes:
        lot, element: What was asked. as_of: the entry. policy: how the policy it rests on is cited.
        state: ``held`` at the end of the book; else it is what was ``used``, or the last of it that ``ended``.
        places, owners: Where and whose it is, or was last.
        kg: Of the element. kg_u: its standard uncertainty (k = 1); None where unknown.
        by: What shares are told apart by. mixing: the rule that they suppose.
        masses: ``reconciled`` or ``recorded``. not_reconciled: why not, where they should have been.
        parts: Largest share first.
        unknown: What of the metal or of what it came from nobody knows; it counts as untraced.
        left_out: Flows of the lot whose content nobody knows: nothing here is about them.
        claims: How certain each claim is that was asked about.
        doubts: Of each, the lots it rests on whose own origin is in doubt; None where there are none.
        unheld: Of each, the lots that it counts by their declaration alone; None where there are none.
    """

    lot: str
    element: str
    as_of: int
    policy: str
    state: State
    places: tuple[str, ...]
    owners: tuple[str, ...]
    kg: float
    kg_u: float | None
    by: str
    mixing: str
    masses: str
    not_reconciled: str
    parts: tuple[Part, ...]
    unknown: tuple[Unsettled, ...]
    left_out: int
    claims: tuple[Judged, ...] = ()
    doubts: tuple[Doubt | None, ...] = ()
    unheld: tuple[Unheld | None, ...] = ()

    def told(self) -> dict[str, Any]:
        """All of it as plain values, for JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def table(self) -> Table:
        """A row a class, kg."""
        limits = [one.limits for one in self.parts]
        rows: dict[str, Any] = {
            "lot": [self.lot] * len(self.parts),
            "element": [self.element] * len(self.parts),
            self.by.replace(":", "_"): [one.name for one in self.parts],
            "share": _numbers([one.share for one in self.parts]),
            "share_u": _numbers([one.share_u for one in self.parts]),
            "kg": _numbers([one.kg for one in self.parts]),
        }
        for name in ("least", "least_u", "most", "most_u", "loose_least", "loose_most"):
            rows[f"{name.replace('_u', '_kg_u') if name.endswith('_u') else name + '_kg'}"] = _numbers(
                [None if one is None else getattr(one, name) for one in limits]
            )
        kept, alike = [one.kept for one in self.parts], [one.alike for one in self.parts]
        if any(one is not None for one in alike):
            for name in ("least", "most"):
                rows[f"alike_{name}_kg"] = _numbers([None if one is None else getattr(one, name) for one in alike])
        if any(one is not None for one in kept):
            for name in ("least", "most"):
                rows[f"kept_{name}_kg"] = _numbers([None if one is None else getattr(one, name) for one in kept])
                rows[f"kept_{name}_kg_u"] = _numbers(
                    [None if one is None else getattr(one, f"{name}_u") for one in kept]
                )
        for rule in self.parts[0].by_rule if self.parts else ():
            rows[f"share_{rule.replace(' ', '_')}"] = _numbers([one.by_rule[rule] for one in self.parts])
        return Table(rows)

    def to_polars(self) -> polars.DataFrame:
        """The table as a polars frame; what is unknown is null.

        Raises:
            InputError: ``flows.library_missing``.
        """
        return self.table().to_polars()


def _numbers(values: list[float | None] | list[float]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
