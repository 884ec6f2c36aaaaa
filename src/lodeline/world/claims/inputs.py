"""Named inputs as quantities: a number, a row of an edition, a claim's number, an expression, or what a reader set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

import msgspec

from lodeline.errors import InputError, Settle
from lodeline.world.claims.expression import Step, evaluate, names, parse
from lodeline.world.claims.measure import told, unit
from lodeline.world.claims.printed import claimed, weighed_as
from lodeline.world.claims.quantity import Quantity, in_unit
from lodeline.world.claims.register import Basis, Input, Register, check_number, stated
from lodeline.world.country import country_name
from lodeline.world.statistics import shelf
from lodeline.world.statistics.edition import OTHER, Row, Table

T = TypeVar("T")

Given = Mapping[str, Decimal | float | tuple[Decimal | float, Decimal | float]]
"""What a reader sets: a number, or its least and most, in the input's own unit. A float is what it prints as."""

SET = "set by the reader"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """One input as far as it is known.

    Attributes:
        name, quantity: What it is. unit: in which it is told.
        source: Where it stands. rests_on: keys of rows, ids of claims (``claim:C13``), names of inputs.
        steps: How it was computed, where it is an expression. uses: the inputs it was computed from, in order.
        missing: What would make it known. basis: what it counts.
    """

    name: str
    quantity: Quantity
    unit: str
    source: str
    rests_on: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    uses: tuple[str, ...] = ()
    missing: tuple[Settle, ...] = ()
    basis: Basis = Basis()


class Inputs:
    """The inputs of a register with what a reader set, each worked out once when it is first asked for.

    Args:
        register: Whose inputs.
        given: What a reader set, by name.
        editions: Tables that stand in for the imported or shipped ones of the same edition.

    Raises:
        InputError: ``world.claims_name``, ``world.claims_range``.
    """

    def __init__(self, register: Register, given: Given | None = None, editions: Iterable[Table] = ()) -> None:
        self.register, self.given = register, dict(given or {})
        self.tables: dict[str, Table | None] = {one.edition: one for one in editions}
        self.known: dict[str, Known] = {}
        for name in self.given:
            register.input(name)

    def __call__(self, name: str) -> Known:
        """One input.

        Raises:
            InputError: ``world.claims_name``, ``world.claims_unit``, ``world.claims_dimension``,
                ``world.claims_zero``, ``world.claims_range``.
        """
        if name not in self.known:
            one = self.register.input(name)
            try:
                self.known[name] = self._work_out(one)
            except InputError as flaw:
                raise flaw.located(input=name) from flaw
        return self.known[name]

    def quantity(self, name: str) -> Quantity:
        """The quantity of one input."""
        return self(name).quantity

    def table(self, edition: str) -> Table | None:
        """An edition: the one given, else an imported one, else the shipped one; None where there is none."""
        if edition not in self.tables:
            # A key stands in somebody's file: it may name an edition, and never a path.
            named = edition in shelf.shelved() or edition in shelf.shipped_names()
            self.tables[edition] = shelf.edition(edition) if named else None
        return self.tables[edition]

    def _work_out(self, one: Input) -> Known:
        if one.name in self.given:
            return self._set(one)
        if one.row:
            return self._row(one)
        if one.claim:
            return self._claim(one)
        if one.expression:
            return self._expression(one)
        source = f"{one.source}, {one.as_of}" if one.as_of else one.source
        return Known(
            name=one.name,
            quantity=in_unit(one.value, *_limits(one), unit(one.unit)),
            unit=one.unit,
            source=source,
            rests_on=(f"input:{one.name}",),
            basis=one.basis,
        )

    def _set(self, one: Input) -> Known:
        given = self.given[one.name]
        low, high = map(_exact, given if isinstance(given, tuple) else (given, given))
        if low > high:
            raise InputError("world.claims_range", "The limits are not in order; want least <= most.")
        if low < 0 <= self._least(one):
            raise InputError(
                "world.claims_range",
                f"{one.name} counts what is not below nothing; {low} is. Set it from 0 up.",
            )
        value = low if low == high else None
        # A row or an expression may leave its unit to where it comes from.
        of = one.unit or self._told_unit(one)
        return Known(
            name=one.name,
            quantity=in_unit(value, low, high, unit(of)),
            unit=of,
            source=SET,
            rests_on=(f"input:{one.name}",),
            basis=one.basis,
        )

    def _least(self, one: Input) -> Decimal | Fraction:
        """The least that the register itself has for an input; 0 where it has no number for it."""
        given = self.given.pop(one.name)
        try:
            found = self._work_out(one).quantity
        finally:
            self.given[one.name] = given
        known = [limit for limit in (found.low, found.value) if limit is not None]
        return min(known, default=Fraction(0))

    def _told_unit(self, one: Input) -> str:
        if one.claim:
            return stated(self.register.claim(one.claim), one.part).unit
        raise InputError(
            "world.claims_input", "This input has no unit of its own, so no number can be set; give it a unit."
        )

    def _claim(self, one: Input) -> Known:
        claim = self.register.claim(one.claim)
        number = stated(claim, one.part)
        found = claimed(number, sense="about", exact=one.exact)
        missing: tuple[Settle, ...] = ()
        if found is None:
            missing = (Settle(act="document", subject=claim.id, detail=f"{claim.who}: no number was published."),)
            found = Quantity(None, None, None, unit(number.unit).dimension)
        if one.unit:
            _same(found, one.unit)
        return Known(
            name=one.name,
            quantity=found,
            unit=one.unit or number.unit,
            source=f"claim {claim.id}: {claim.who}, {claim.as_of}",
            rests_on=(f"claim:{claim.id}",),
            missing=missing,
            basis=counted(one.basis, [claim.basis]),
        )

    def _expression(self, one: Input) -> Known:
        node, steps = parse(one.expression), list[Step]()
        found = evaluate(node, self.quantity, steps)
        if one.unit:
            _same(found, one.unit)
        below = [self(name) for name in dict.fromkeys(names(node))]
        return Known(
            name=one.name,
            quantity=found,
            unit=one.unit,
            source="computed",
            rests_on=merged(known.rests_on for known in below),
            steps=tuple(steps),
            uses=tuple(known.name for known in below),
            missing=merged(known.missing for known in below),
            basis=counted(one.basis, [known.basis for known in below]),
        )

    def _row(self, one: Input) -> Known:
        edition, *rest = one.row.split(":")
        if len(rest) != 5:
            raise InputError(
                "world.claims_input",
                "The key of a row has six parts: edition:commodity:country:measure:form:period.",
                row=one.row,
            )
        commodity, country, measure, form, period = rest
        table = self.table(edition)
        row = None if table is None else table.row(commodity, country, measure, form, period)
        folded = None if table is None else table.row(commodity, OTHER, measure, form, period)
        found, source, missing = _of_row(row, folded, one)
        cited = row or folded
        if one.unit:
            _same(found, one.unit)
        return Known(
            name=one.name,
            quantity=found,
            unit=one.unit,
            source=source,
            rests_on=() if cited is None else (cited.key,),
            missing=missing,
            basis=one.basis,
        )


def _of_row(row: Row | None, folded: Row | None, one: Input) -> tuple[Quantity, str, tuple[Settle, ...]]:
    """A row as a quantity; a country that the edition does not name has at most what the others have together."""
    edition, commodity, country, measure, _, period = one.row.split(":")
    what = f"{country_name(country)}, {measure.replace('-', ' ')} of {commodity.replace('-', ' ')} in {period}"
    settle = Settle(act="document", subject=one.row, detail=f"{what}: not in {edition}.")
    if row is not None:
        found = _row_quantity(row)
        told_of = (
            ()
            if found.value is not None
            else (
                Settle(
                    act="document", subject=row.key, detail=f"{what}: the publisher gives {row.published or 'nothing'}."
                ),
            )
        )
        return found, f"{row.source}: {row.key}", told_of
    most = None if folded is None else _row_quantity(folded)
    if most is None or most.high is None or folded is None:
        return Quantity(None, None, None, unit(one.unit).dimension), "", (settle,)
    limit = Quantity(None, Fraction(0), most.high, most.dimension)
    return limit, f"{folded.source}: {folded.key}, for the country is not named", (settle,)


def _row_quantity(row: Row) -> Quantity:
    of = unit(row.unit)
    low, high = (row.low, row.high) if row.value is None else (row.value, row.value)
    found = in_unit(row.value, low, high, of)
    weighed = {"element": row.element, "REO": "REO"}.get(row.basis, "")
    return msgspec.structs.replace(found, dimension=weighed_as(found.dimension, weighed))


def _limits(one: Input) -> tuple[Decimal | None, Decimal | None]:
    """The limits of a number: it is exact unless it says otherwise."""
    if one.value is None:
        return one.low, one.high
    return (one.value if one.low is None else one.low, one.value if one.high is None else one.high)


def _exact(number: Decimal | float) -> Decimal:
    """The digits of a number as it prints; what is none is refused."""
    exact = number if isinstance(number, Decimal) else Decimal(str(number))
    check_number(exact)
    return exact


def _same(found: Quantity, text: str) -> None:
    wanted = unit(text).dimension
    if found.dimension != wanted:
        raise InputError(
            "world.claims_dimension",
            f"This is {told(found.dimension)} and its unit {text} is {told(wanted)}; "
            "correct the unit or the expression.",
        )


def counted(own: Basis, below: Iterable[Basis]) -> Basis:
    """What a figure counts: as it says itself, else as all that it is made of say alike; open where they differ."""
    below = tuple(below)
    found = {axis: {getattr(one, axis) for one in below} - {""} for axis in Basis.__struct_fields__}
    alike = {axis: said.pop() for axis, said in found.items() if len(said) == 1}
    stated = {axis: text for axis in Basis.__struct_fields__ if (text := getattr(own, axis))}
    return msgspec.structs.replace(own, **(alike | stated))


def merged(groups: Iterable[Iterable[T]]) -> tuple[T, ...]:
    """What several groups hold, each once, in order of first mention."""
    return tuple(dict.fromkeys(one for group in groups for one in group))
