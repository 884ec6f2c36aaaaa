"""Verdicts: what each claim comes to, by what, by how much, and every step to redo it by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from lodeline.errors import NotFoundError, Settle
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure
from lodeline.world.claims.checking import Outcome
from lodeline.world.claims.register import Basis, Claim, Relation
from lodeline.world.claims.rivals import Rivalry
from lodeline.world.claims.suspicion import Suspected

if TYPE_CHECKING:
    import polars

Verdict = Literal["consistent", "contradicted", "not checkable"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the working: an input with where it stands, or an operation.

    Attributes:
        text: ``cu_price``, or ``recoverable_cu × cu_price``. value, low, high: in ``unit``; None where unknown.
        source: Of an input; empty for an operation.
    """

    text: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    source: str = ""


class Recomputed(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a claim beside its recomputed figure.

    Attributes:
        part: Which number; empty for the claim's own. says, expression: what is computed, and how.
        relation, basis: What the figure says of the claim, and what it counts. outcome: what came of it.
        figure: In ``figure.unit``, with its limits, what it rests on and what would settle it.
        claimed, claimed_low, claimed_high: The number and the limits of its rounding, same unit.
        ratio, ratio_low, ratio_high: Figure over claim. difference, difference_low, difference_high: figure
            less claim, same unit.
        sentence: In words. lines: The working, in the order in which one would do it by hand.
    """

    part: str
    says: str
    expression: str
    relation: Relation
    basis: Basis
    outcome: Outcome
    figure: Figure
    claimed: float | None
    claimed_low: float | None
    claimed_high: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    sentence: str
    lines: tuple[Line, ...]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One claim with its verdict.

    Attributes:
        claim: As the register has it. verdict: see :data:`Verdict`. reason: by what and by how much, in a sentence.
        recomputed: Each number beside its figure. rivals: claims about the same thing. suspected: what may have gone
            wrong. missing: what would make it checkable, or better checkable.
        rests_on: Keys of rows, ``claim:C13``, ``input:cu_price``. editions: of the rows.
    """

    claim: Claim
    verdict: Verdict
    reason: str
    recomputed: tuple[Recomputed, ...]
    rivals: tuple[Rivalry, ...]
    suspected: tuple[Suspected, ...]
    missing: tuple[Settle, ...]
    rests_on: tuple[str, ...]
    editions: tuple[str, ...]

    @property
    def deciding(self) -> Recomputed | None:
        """The figure the verdict turns on: the furthest from its claim, else the first that agrees, else the first."""
        against = [one for one in self.recomputed if one.outcome == "contradicts"]
        if against:
            return max(against, key=_distance)
        agreeing = [one for one in self.recomputed if one.outcome == "agrees"]
        return next(iter(agreeing or self.recomputed), None)


class Verdicts(msgspec.Struct, frozen=True, kw_only=True):
    """All claims that were judged, in the order of the register."""

    judged: tuple[Judged, ...]

    def of(self, claim_id: str) -> Judged:
        """One claim's verdict.

        Raises:
            NotFoundError: ``world.claims_no_such_claim``.
        """
        found = next((one for one in self.judged if one.claim.id == claim_id), None)
        if found is None:
            raise NotFoundError(
                "world.claims_no_such_claim", f"No claim {visible(claim_id, limit=40)} was judged.", id=claim_id
            )
        return found

    def rows(self) -> list[dict[str, str | float | None]]:
        """A row a claim, for a spreadsheet; what is unknown is None."""
        return [_row(one) for one in self.judged]

    def table(self) -> polars.DataFrame:
        """A row a claim, as a polars frame: text and float64, what is unknown is null."""
        import polars

        schema = {name: polars.Float64 if name in NUMBERS else polars.String for name in COLUMNS}
        return polars.DataFrame(self.rows(), schema=schema)

    def told(self) -> list[dict[str, Any]]:
        """All of it as plain values, for JSON."""
        plain: list[dict[str, Any]] = msgspec.to_builtins(self.judged)
        return plain


NUMBERS = frozenset(("value", "low", "high", "recomputed", "recomputed_low", "recomputed_high", "ratio", "difference"))
COLUMNS = (
    "id", "verdict", "reason", "statement", "kind", "who", "as_of", "source", "about", "value", "low", "high", "unit",
    "part", "outcome", "recomputed", "recomputed_low", "recomputed_high", "recomputed_unit", "ratio", "difference",
    "suspected", "rivals", "missing", "rests_on", "editions",
)  # fmt: skip
"""What a row of :meth:`Verdicts.rows` holds; the recomputed figure is the one that decides."""


def _row(one: Judged) -> dict[str, str | float | None]:
    claim, by = one.claim, one.deciding
    row: dict[str, str | float | None] = {
        "id": claim.id,
        "verdict": one.verdict,
        "reason": one.reason,
        "statement": claim.statement,
        "kind": claim.kind,
        "who": claim.who,
        "as_of": claim.as_of,
        "source": claim.source,
        "about": claim.about,
        "unit": claim.unit,
        "suspected": "; ".join(sorted({each.rule for each in one.suspected})),
        "rivals": "; ".join(_rival_told(each, claim.id) for each in one.rivals),
        "missing": "; ".join(each.detail for each in one.missing),
        "rests_on": "; ".join(one.rests_on),
        "editions": "; ".join(one.editions),
        **{name: None if (n := getattr(claim, name)) is None else float(n) for name in ("value", "low", "high")},
    }
    if by is not None:
        row |= {
            "part": by.part,
            "outcome": by.outcome,
            "recomputed": by.figure.value,
            "recomputed_low": by.figure.low,
            "recomputed_high": by.figure.high,
            "recomputed_unit": by.figure.unit,
            "ratio": by.ratio,
            "difference": by.difference,
        }
    return {name: row.get(name) for name in COLUMNS}


def _rival_told(one: Rivalry, own: str) -> str:
    return f"{one.other if one.one == own else one.one}: {one.standing}"


def _distance(one: Recomputed) -> float:
    """How many times apart at least, whichever is greater."""
    ends = [one.ratio_low, one.ratio_high] if one.ratio is None else [one.ratio]
    return min((max(abs(end), 1 / abs(end) if end else math.inf) for end in ends if end is not None), default=1.0)
