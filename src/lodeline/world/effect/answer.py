"""Answers about a partnership's effect: what a delivery is, what a point takes, and what it removes in each case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from lodeline.units.figure import Figure
from lodeline.world.effect.displacement import Displacement, Route
from lodeline.world.effect.span import exactly, figure, span

if TYPE_CHECKING:
    import polars


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """Points that a delivery removes if it takes the place of ``case``; below zero it adds them.

    Attributes:
        case: ``rival``, ``in-proportion`` or ``in-addition``; see :mod:`lodeline.world.effect.displacement`.
        reliance: Of net import reliance, P1.
        rival_all: Of the rival's share of imports in all forms that count, by the edition, P1.
        rival_form: Of its share of the imports in this form, by who shipped it, P1.
        rival_mined: Of the share of the imports in this form that was mined in its country, P1, with the least and the
            most whatever was mixed.
    """

    case: Displacement
    reliance: Figure
    rival_all: Figure
    rival_form: Figure
    rival_mined: Figure


MEASURES = ("reliance", "rival_all", "rival_form", "rival_mined")
"""Fields of :class:`Removed` that are points."""


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """What a delivery is set against, and how many tonnes one percentage point takes; none of it depends on tonnes.

    Attributes:
        use: Apparent consumption, TNE. reliance: net import reliance, P1.
        imports: In all forms that count, TNE. rival_share: of the rival in them, P1.
        form_imports: In this form, TNE. form_share: what the rival shipped of it, P1.
        form_mined: What of it is traced to the rival's mines, P1, with the least and the most.
        hs: The code of the form in the trade table; empty where the figures of the form are the edition's, or none.
        origin_output: Mine output of the origin's country, TNE. output_of_use: that as a share of use, P1.
        reliance_point: Made at home instead of imported, TNE a point. rival_point: instead of the rival's, of all
            imports. form_point: alike, of this form. mined_point: of what was mined in the rival's country, where what
            the rival ships is displaced. mined_point_alike: the same where all imports are displaced in proportion.
    """

    use: Figure
    reliance: Figure
    imports: Figure
    rival_share: Figure
    form_imports: Figure
    form_share: Figure
    form_mined: Figure
    hs: str
    origin_output: Figure
    output_of_use: Figure
    reliance_point: Figure
    rival_point: Figure
    form_point: Figure
    mined_point: Figure
    mined_point_alike: Figure


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What one delivery changes.

    Attributes:
        element, commodity, plain: What it is. form, stage: in which form, and how far it has come.
        route: ``imported``, ``raw`` (ore as it comes), ``smelted`` (the same, made into metal at home) or ``made``.
        origin: Of the delivery. period: its year; empty for tonnes a year.
        tonnes: On the basis of the editions, TNE. own: P1 of it that was mined in the origin's country.
        adds: Points of the imports in this form that are new metal of the origin's mines, P1.
        share_of_output: Of the origin's mine output, P1. share_of_use: of apparent consumption. share_of_imports: of
            imports in all forms that count. share_of_form: of imports in this form.
        removed: By case. reference: what it is set against.
        said: Sentences of what the figures mean and what cannot be said: the same for every delivery of its kind.
        notes: Sentences about this delivery alone.
    """

    element: str
    commodity: str
    plain: str
    form: str
    stage: str
    route: Route
    origin: str
    period: str
    tonnes: Figure
    own: Figure
    adds: Figure
    share_of_output: Figure
    share_of_use: Figure
    share_of_imports: Figure
    share_of_form: Figure
    removed: tuple[Removed, ...]
    reference: Reference
    said: tuple[str, ...]
    notes: tuple[str, ...]

    def case(self, name: str) -> Removed:
        """The points of one case."""
        return next(one for one in self.removed if one.case == name)

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """Every figure of it by name."""
        for of, name in ((self, ""), (self.reference, "reference."), *((one, f"{one.case}.") for one in self.removed)):
            for field in of.__struct_fields__:
                value = getattr(of, field)
                if isinstance(value, Figure):
                    yield name + field, value


class Effects(msgspec.Struct, frozen=True, kw_only=True):
    """What a partnership changes.

    Attributes:
        importer, rival: ISO 3166-1 alpha-3. year: the year of the figures that it is set against.
        editions: Every edition that an answer rests on.
        effects: One for each delivery and route.
        illustrative: Whether the book it was asked of is made up; False for tonnes that were typed.
        as_of: The entry of the book; None where tonnes were typed.
        said: Sentences about all of it.
    """

    importer: str
    rival: str
    year: str
    editions: tuple[str, ...]
    effects: tuple[Effect, ...]
    illustrative: bool = False
    as_of: int | None = None
    said: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """All of it as plain values, for JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def rows(self) -> list[dict[str, Any]]:
        """A row for each delivery, route and case; an unknown figure is None, and one of limits has only those."""
        return [_row(self, effect, removed) for effect in self.effects for removed in effect.removed]

    def table(self) -> polars.DataFrame:
        """The rows as a polars frame; what is unknown is null."""
        import polars

        return polars.DataFrame(self.rows(), infer_schema_length=None)


def per_point(tonnes: Figure, points: Figure) -> Figure:
    """Tonnes that one point takes, TNE; unknown where nothing is removed, for then no tonnage does it."""
    if points.value is not None and points.value <= 0:
        return Figure(value=None, unit="TNE", standing="unknown", rests_on=points.rests_on)
    return figure(span(tonnes) / span(points).at_least(exactly(0.0)), "TNE", of_figures=(tonnes, points))


def _row(of: Effects, effect: Effect, removed: Removed) -> dict[str, Any]:
    row: dict[str, Any] = {
        "illustrative": of.illustrative,
        "importer": of.importer,
        "rival": of.rival,
        "year": of.year,
        "period": effect.period or None,
        "element": effect.element,
        "form": effect.form or None,
        "stage": effect.stage or None,
        "route": effect.route,
        "origin": effect.origin or None,
        "in_place_of": removed.case,
    }
    for name in ("tonnes", "own", "share_of_output", "share_of_use", "share_of_imports", "share_of_form"):
        row |= _cells(f"{name}_t" if name == "tonnes" else f"{name}_percent", getattr(effect, name))
    row["tonnes_t_u"] = effect.tonnes.u
    for name in MEASURES:
        row |= _cells(f"{name}_points", getattr(removed, name))
        row[f"{name}_t_per_point"] = per_point(effect.tonnes, getattr(removed, name)).value
    row["editions"] = " ".join(of.editions)
    return row


def _cells(name: str, of: Figure) -> dict[str, float | None]:
    return {name: of.value, f"{name}_low": of.low, f"{name}_high": of.high}
