"""The register as data: who said what, when and where; the inputs to recompute it from; and how it is recomputed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Literal

import msgspec

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.claims.expression import Node, names, parse
from lodeline.world.claims.measure import unit
from lodeline.world.country import alpha2
from lodeline.world.nearest import nearest

Kind = Literal["event", "plan", "statistic", "valuation", "risk"]
Sense = Literal["", "about", "over", "under"]
"""How the number was said: ``over 60`` has no upper limit, ``under 60`` no lower one."""
Relation = Literal["equal", "at-most", "at-least", "restates", "beside"]
"""What a recomputed figure says of the claim: it is what is claimed, a ceiling or a floor of it, or the claim's own
number said again (in pounds, as a sum of parts), which can contradict it and cannot bear it out; or it only stands
beside it."""


MOST_DIGITS = 60
"""Digits of a number, and how far from the point it may begin."""
DEEPEST = 50
"""Inputs that are computed from each other, one behind the other."""


class Basis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a figure counts, as far as somebody said; empty where nobody did. What is weighed stands in the unit.

    Attributes:
        worth: Money before costs, after them, put in, or taken by a government.
        extent: Metal in the ground, or what mining and processing can recover.
        paid: Metal contained, or what a buyer pays for.
    """

    worth: Literal["", "gross", "net", "investment", "government-take"] = ""
    extent: Literal["", "in-place", "recoverable"] = ""
    paid: Literal["", "contained", "payable"] = ""


class Stated(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number as somebody stated it.

    Attributes:
        value: As printed, in ``unit``; None where no number was given, or only limits.
        low, high: Limits, where a range was stated.
        unit: As :func:`lodeline.world.claims.measure.unit` reads it. sense: how the number was said.
        rounded_to: The step to which the number was rounded, same unit; None: it is read off the printed digits.
    """

    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    sense: Sense = ""
    rounded_to: Decimal | None = None


class Part(Stated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of several numbers in a claim: ``54 gold``. name: what it is of, as recomputations name it."""

    name: str


class Claim(Stated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One public claim.

    Attributes:
        id: ``C15``. statement: in our own words. who, as_of, source: who said it, when, and where it stands.
        kind: ``event``, ``plan``, ``statistic``, ``valuation`` or ``risk``.
        about: The thing it is about; claims about one thing are rivals. Empty: it has none.
        country: ISO 3166-1 alpha-3, of what it is about; empty where it is about none.
        basis: What its number counts.
        part: Further numbers in it, by name.
        grade: Name of the input that holds the grade of the ore or concentrate it counts; empty where none is stated.
        says: What it says in words that a rival may say otherwise: ``{"consignment": "samples"}``.
        missing: What is missing to check it, in our own words.
    """

    id: str = ""
    statement: str = ""
    who: str = ""
    as_of: str = ""
    source: str = ""
    kind: Kind = "statistic"
    about: str = ""
    country: str = ""
    basis: Basis = Basis()
    part: tuple[Part, ...] = ()
    grade: str = ""
    says: dict[str, str] = {}
    missing: tuple[str, ...] = ()


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One named input of recomputations: a number, a row of an edition, the number of a claim, or an expression.

    Attributes:
        name: As expressions write it. unit: of its number, and the one in which ``--set`` gives another.
        value, low, high: The number, or its limits.
        row: Key of an edition's row: ``usgs-mcs-2026:antimony:PAK:mine-production::2024``.
        claim, part: Id of a claim, and the name of its part; its printed rounding gives the limits, unless it is
            taken as ``exact``.
        expression: Over other inputs.
        says: What it is, in a few words. source, as_of: where the number stands, and of when it is.
        basis: What it counts; what it leaves open it has from the claim or the inputs that it is made of.
    """

    name: str
    unit: str = ""
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    row: str = ""
    claim: str = ""
    part: str = ""
    exact: bool = False
    expression: str = ""
    says: str = ""
    source: str = ""
    as_of: str = ""
    basis: Basis = Basis()


class Recomputation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one number of one claim is recomputed.

    Attributes:
        claim, part: Which number. expression: over inputs. unit: of the result; empty: the claim's.
        relation: What the result says of the claim. basis: what the result counts; what it leaves open it has from
            its inputs.
        supposing: What the claim's mass is taken to be of, where the claim does not say: it is then one reading.
        says: What is computed, in a few words.
    """

    claim: str
    expression: str
    part: str = ""
    unit: str = ""
    relation: Relation = "equal"
    basis: Basis = Basis()
    supposing: str = ""
    says: str = ""


class Register(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Claims, inputs and recomputations that fit together. Made by :func:`register`."""

    claims: tuple[Claim, ...]
    inputs: tuple[Input, ...]
    recomputations: tuple[Recomputation, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Claim]:
        """Claims by id."""
        return {one.id: one for one in self.claims}

    @cached_property
    def by_name(self) -> Mapping[str, Input]:
        """Inputs by name."""
        return {one.name: one for one in self.inputs}

    def claim(self, claim_id: str) -> Claim:
        """The claim of this id.

        Raises:
            NotFoundError: ``world.claims_no_such_claim``.
        """
        found = self.by_id.get(claim_id)
        if found is None:
            raise NotFoundError(
                "world.claims_no_such_claim",
                f"No claim has the id {visible(claim_id, limit=40)}{_near(claim_id, self.by_id)}.",
                id=claim_id,
            )
        return found

    def input(self, name: str) -> Input:
        """The input of this name.

        Raises:
            InputError: ``world.claims_name``.
        """
        found = self.by_name.get(name)
        if found is None:
            raise InputError(
                "world.claims_name",
                f"No input is named {visible(name, limit=40)}{_near(name, self.by_name)}.",
                name=name,
            )
        return found

    def recomputed(self, claim_id: str) -> tuple[Recomputation, ...]:
        """How a claim is recomputed, in the order of the register."""
        return tuple(one for one in self.recomputations if one.claim == claim_id)

    def plus(self, other: Register) -> Register:
        """Both registers as one.

        Raises:
            InputError, NotFoundError: as :func:`register`.
        """
        return register(
            self.claims + other.claims, self.inputs + other.inputs, self.recomputations + other.recomputations
        )


def register(
    claims: Iterable[Claim], inputs: Iterable[Input] = (), recomputations: Iterable[Recomputation] = ()
) -> Register:
    """A register whose references are all to something in it.

    Raises:
        InputError: ``world.claims_missing``, ``world.claims_twice``, ``world.claims_input``, ``world.claims_name``,
            ``world.claims_cycle``, ``world.claims_range``, ``world.claims_expression``, ``world.claims_unit``,
            ``world.claims_number``, ``world.claims_country``.
        NotFoundError: ``world.claims_no_such_claim``.
    """
    made = Register(claims=tuple(claims), inputs=tuple(inputs), recomputations=tuple(recomputations))
    _twice("claim", [one.id for one in made.claims])
    _twice("input", [one.name for one in made.inputs])
    for claim in made.claims:
        _check_claim(made, claim)
    for one in made.inputs:
        _check_input(made, one)
    for recomputation in made.recomputations:
        _check_unit(recomputation.unit, claim=recomputation.claim)
        _part(made.claim(recomputation.claim), recomputation.part)
        for name in names(_parsed(recomputation.expression, claim=recomputation.claim)):
            _known(made, name, claim=recomputation.claim)
    _no_cycle(made)
    return made


def stated(claim: Claim, part: str) -> Stated:
    """The number of a claim, or of one of its parts.

    Raises:
        InputError: ``world.claims_name``.
    """
    return _part(claim, part)


def check_said(claim: Claim) -> None:
    """Refuse a claim of which it is not said what, by whom, when, and where it can be read.

    Raises:
        InputError: ``world.claims_missing``.
    """
    for field in ("id", "statement", "who", "as_of", "source"):
        if not getattr(claim, field).strip():
            raise InputError(
                "world.claims_missing",
                f"A claim lacks {field}; every claim says what was said, by whom, when, and where it can be read.",
                claim=claim.id or None,
                field=field,
            )


def _check_claim(made: Register, claim: Claim) -> None:
    check_said(claim)
    _twice("part", [one.name for one in claim.part], claim=claim.id)
    if claim.country and alpha2(claim.country) is None:
        raise InputError(
            "world.claims_country",
            f"{visible(claim.country, limit=40)} is no country; write its ISO 3166-1 alpha-3 code, such as PAK.",
            claim=claim.id,
        )
    if claim.grade:
        _known(made, claim.grade, claim=claim.id)
    for one in (claim, *claim.part):
        _check_unit(one.unit, claim=claim.id)
        _check_range(one, claim=claim.id)


def _check_input(made: Register, one: Input) -> None:
    number = one.value is not None or one.low is not None or one.high is not None
    _check_unit(one.unit, input=one.name)
    given = [number, bool(one.row), bool(one.claim), bool(one.expression)]
    if sum(given) != 1:
        raise InputError(
            "world.claims_input",
            "An input is one thing: a value with its limits, a row of an edition, a claim, or an expression.",
            input=one.name,
        )
    if one.row and not one.unit:
        raise InputError(
            "world.claims_input", "An input that is a row names its unit, for the row may not be there.", input=one.name
        )
    if number and not one.source.strip():
        raise InputError("world.claims_missing", "An input with a number names its source.", input=one.name)
    _check_range(one, input=one.name)
    if one.claim:
        _part(made.claim(one.claim), one.part)
    if one.expression:
        for name in names(_parsed(one.expression, input=one.name)):
            _known(made, name, input=one.name)


def _check_unit(text: str, **where: str) -> None:
    try:
        unit(text)
    except InputError as flaw:
        raise flaw.located(**where) from flaw


def _check_range(one: Stated | Input, **where: str) -> None:
    known = [number for number in (one.low, one.value, one.high) if number is not None]
    step = one.rounded_to if isinstance(one, Stated) else None
    for number in known if step is None else (*known, step):
        check_number(number, **where)
    if step is not None and step < 0:
        raise InputError(
            "world.claims_range", "A number is not rounded to less than nothing; want rounded_to >= 0.", **where
        )
    if known != sorted(known):
        raise InputError("world.claims_range", "The limits are not in order; want low <= value <= high.", **where)


def check_number(number: Decimal, **where: str) -> None:
    """Refuse a number that is none, or that exact arithmetic would write out to a million digits.

    Raises:
        InputError: ``world.claims_number``.
    """
    digits = len(number.as_tuple().digits)
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS or digits > MOST_DIGITS:
        raise InputError(
            "world.claims_number", f"{str(number)[:40]} is no number of at most {MOST_DIGITS} digits.", **where
        )


def _parsed(expression: str, **where: str) -> Node:
    try:
        return parse(expression)
    except InputError as flaw:
        raise flaw.located(**where) from flaw


def _known(made: Register, name: str, **where: str) -> None:
    try:
        made.input(name)
    except InputError as flaw:
        raise flaw.located(**where) from flaw


def _part(claim: Claim, name: str) -> Stated:
    if not name:
        return claim
    found = next((one for one in claim.part if one.name == name), None)
    if found is None:
        parts = ", ".join(one.name for one in claim.part) or "none"
        raise InputError(
            "world.claims_name", f"Claim {claim.id} has no part {visible(name, limit=40)}; it has {parts}.", part=name
        )
    return found


def _twice(what: str, given: list[str], **where: str) -> None:
    seen: set[str] = set()
    for one in given:
        if one in seen:
            raise InputError(
                "world.claims_twice",
                f"Two {what}s are called {visible(one, limit=40)}; give one of them another name.",
                **{**where, what: one},
            )
        seen.add(one)


def _no_cycle(made: Register) -> None:
    """Refuse an input that is computed from itself; depth first, each input once."""
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            round_trip = " → ".join((*above[above.index(name) :], name))
            raise InputError(
                "world.claims_cycle",
                f"These inputs are computed from each other: {round_trip}; break the ring.",
                input=name,
            )
        if len(above) > DEEPEST:
            raise InputError(
                "world.claims_cycle",
                f"More than {DEEPEST} inputs are computed one from the other; shorten it.",
                input=name,
            )
        one = made.by_name[name]
        if name not in done and one.expression:
            for below in dict.fromkeys(names(parse(one.expression))):
                visit(below, (*above, name))
        done.add(name)

    for one in made.inputs:
        visit(one.name, ())


def _near(asked: str, known: Iterable[str]) -> str:
    near = nearest(asked, known)
    return f"; is it {near[0]}" if near else ""
