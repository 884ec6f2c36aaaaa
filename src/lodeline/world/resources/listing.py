"""The list of what is published of deposits, a line an estimate, with reserves of their countries by the USGS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from lodeline.chemistry.elements import elements
from lodeline.errors import NotFoundError
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure
from lodeline.world.nearest import nearest
from lodeline.world.resources.classes import CLASSES, UNCLASSIFIED, Contained, unknown_class
from lodeline.world.resources.deposit import Deposit, Estimate, contained_figure, lacking
from lodeline.world.resources.grade_tonnage import shipped_grade_tonnage
from lodeline.world.resources.national_reserves import MEASURE, METAL, USGS, national_reserves
from lodeline.world.resources.place import Place, place_of
from lodeline.world.statistics.commodity import commodity_of
from lodeline.world.statistics.edition import Table, shipped

if TYPE_CHECKING:
    import polars


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One estimate.

    Attributes:
        deposit, title, country, resource_class, element, as_of, source, code, reserves, claim, note: As published.
        figure: TNE of the whole deposit; None where it is unclassified, for then there is no one number.
        said, needs: Of what is unclassified: the statement, and what it lacks.
    """

    deposit: str
    title: str
    country: str
    resource_class: str
    element: str
    figure: Figure | None
    as_of: str
    source: str
    code: str
    reserves: str
    claim: str
    note: str
    said: str
    needs: tuple[str, ...]


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A deposit among those of a grade-tonnage table."""

    deposit: str
    table: str
    places: tuple[Place, ...]


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Estimates, and the places of the deposits that are in the grade-tonnage table. Nothing is added up here."""

    lines: tuple[Line, ...]
    placed: tuple[Placed, ...]

    def table(self) -> polars.DataFrame:
        """A row an estimate: class, element, tonnes of metal with their range, date, source; unknown is null."""
        import polars

        numbers = {
            f"{name}_t": [None if one.figure is None else getattr(one.figure, name) for one in self.lines]
            for name in ("value", "low", "high", "u")
        }
        names = (
            "deposit",
            "country",
            "resource_class",
            "element",
            "as_of",
            "code",
            "reserves",
            "said",
            "claim",
            "source",
        )
        texts = {name: [getattr(one, name) for one in self.lines] for name in names}
        schema = {**dict.fromkeys(texts, polars.String), **dict.fromkeys(numbers, polars.Float64)}
        return polars.DataFrame({**texts, **numbers}, schema=schema)


def listed(deposits: Sequence[Deposit], element: str | None = None, *, edition: Table | None = None) -> Listing:
    """What is published of deposits, and reserves of their countries of the same elements by an edition.

    Args:
        element: Only this one; what is said without an element stays.
        edition: The newest that comes with lodeline where None.

    Raises:
        InputError: those of :func:`lodeline.world.resources.deposit.contained_figure`.
    """
    lines = [
        _line(deposit, estimate)
        for deposit in deposits
        for estimate in deposit.estimate
        if element in (None, estimate.element) or not estimate.element
    ]
    table = shipped_grade_tonnage()
    placed = [
        Placed(deposit=one.name, table=table.name, places=place_of(table, one.table_name))
        for one in deposits
        if one.table_name and (element is None or element in table.elements)
    ]
    return Listing(lines=(*lines, *_reserves(lines, edition or shipped())), placed=tuple(placed))


def known_element(text: str, deposits: Sequence[Deposit] = ()) -> str:
    """The symbol that a user means: an element, a group that editions report, or what a deposit is said to hold.

    Raises:
        NotFoundError: ``world.resources_element``.
    """
    said = {estimate.element for deposit in deposits for estimate in deposit.estimate}
    if text in elements() or text in said or commodity_of(text) is not None:
        return text
    names = {one.name: symbol for symbol, one in elements().items()}
    near = nearest(text, [*names, *names.values()])
    hint = f"; did you mean {names.get(near[0], near[0])}?" if near else "; write one such as Cu."
    raise NotFoundError(
        "world.resources_element", f"{visible(text, limit=40)!r} is no symbol of an element{hint}", field="element"
    )


def of_classes(
    deposits: Sequence[Deposit], classes: Sequence[str], element: str, *, edition: Table | None = None
) -> tuple[Contained, ...]:
    """All estimates of an element in some classes, to be added up where that may be done.

    Of class ``reserves-usgs`` they are those of all countries that the edition names, the newest shipped where None.

    Raises:
        InputError: ``world.resource_class_unknown``, ``world.resource_unclassified``.
        NotFoundError: ``world.no_reserves``.
    """
    for one in classes:
        if one not in CLASSES:
            raise unknown_class(one)
    found: list[Contained] = []
    for one in classes:
        if one == USGS:
            found += national_reserves(edition or shipped(), element=element)
        found += [
            deposit.contained(estimate)
            for deposit in deposits
            for estimate in deposit.estimate
            if estimate.resource_class == one and estimate.element == element
        ]
    return tuple(found)


def _line(deposit: Deposit, estimate: Estimate) -> Line:
    open_class = estimate.resource_class == UNCLASSIFIED
    return Line(
        deposit=deposit.name,
        title=deposit.title,
        country=deposit.country,
        resource_class=estimate.resource_class,
        element=estimate.element,
        figure=None if open_class else contained_figure(deposit, estimate),
        as_of=estimate.as_of,
        source=estimate.source,
        code=estimate.code,
        reserves=estimate.reserves,
        claim=estimate.claim,
        note=estimate.note,
        said=estimate.said,
        needs=lacking(estimate),
    )


def _reserves(lines: Sequence[Line], edition: Table) -> tuple[Line, ...]:
    """The edition's reserves of each country and element in the list, where it names them."""
    found = []
    for country, element in dict.fromkeys((one.country, one.element) for one in lines if one.element):
        rows = edition.select(measure=MEASURE, country=country)
        if not any(row.element == element and row.basis in METAL and row.unit == "TNE" for row in rows):
            continue
        for one in national_reserves(edition, country=country, element=element):
            found.append(
                Line(
                    deposit=one.deposits[0],
                    title=one.deposits[0],
                    country=country,
                    resource_class=one.resource_class,
                    element=one.element,
                    figure=one.figure,
                    as_of=one.as_of[0],
                    source=one.sources[0],
                    code="USGS",
                    reserves=one.reserves,
                    claim="",
                    note="",
                    said="",
                    needs=(),
                )
            )
    return tuple(found)
