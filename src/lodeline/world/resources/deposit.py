"""Deposits: what is published of each, class by class, as it was said, by whom and when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from lodeline.errors import InputError, NotFoundError, Settle
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure
from lodeline.world.country import alpha2
from lodeline.world.nearest import near_or_all
from lodeline.world.resources.classes import (
    CLASSES,
    RESERVES_WORDS,
    UNCLASSIFIED,
    Contained,
    refuse_unclassified,
    unknown_class,
)
from lodeline.world.resources.files import convert_toml, in_file
from lodeline.world.resources.inputs import Input, Schedule, check_inputs
from lodeline.world.resources.lognormal import LogNormal, of_mean, product
from lodeline.world.resources.spread import BASE_UNITS, Spread, ends, figure_of, missing

NEEDED = (
    "the class (inferred, indicated, measured, probable or proven) and the code it was reported under",
    "whether the tonnes are ore or metal, with tonnage and grade apart",
    "the cut-off grade, the prices and the date behind it",
    "the report, with the name of the competent person",
)
"""What an unclassified resource lacks; a block may name less of it."""


class Estimate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One published estimate of one element in one class.

    Attributes:
        resource_class: ``class`` in a file; one of :data:`lodeline.world.resources.classes.CLASSES`.
        element: What the tonnes of ``contained`` count; empty only where nobody says.
        source, as_of: Who published it where, and of which date it is.
        ore, grade, contained: As said; each may be missing.
        correlation: Of the logarithms of tonnage and grade, where both have a standard uncertainty; None where nobody
            says.
        share: Which part of the deposit the figures are of, above 0, at most 1; 0.5 where an owner of half reports its
            own part.
        reserves: Whether a resource holds the reserves made from it.
        code: The code of reporting; empty where nobody says.
        said: The statement in our words, where it is unclassified. needs: what is missing.
        claim: Its number in the register of claims; empty where it has none.
    """

    resource_class: str = msgspec.field(name="class")
    element: str = ""
    source: str
    as_of: str
    ore: Spread | None = None
    grade: Spread | None = None
    contained: Spread | None = None
    correlation: float | None = None
    share: float = 1.0
    reserves: str = "not stated"
    code: str = ""
    said: str = ""
    needs: tuple[str, ...] = ()
    claim: str = ""
    note: str = ""


class Published(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A result that somebody else computed and published; it is shown beside ours and never used."""

    name: str
    said: str
    source: str
    as_of: str
    claim: str = ""


class Deposit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One deposit, or one thing that is said of a country's ground.

    Attributes:
        name: As a command takes it: ``reko-diq``. title: as people say it. country: ISO 3166-1 alpha-3.
        table_name: Its name in the grade-tonnage table that comes with lodeline; empty where it is not in it.
        estimate: What is published. input: of the ladder to net value. schedule: of the ladder. published: results of
            others.
    """

    name: str
    title: str
    country: str
    table_name: str = ""
    estimate: tuple[Estimate, ...] = ()
    input: tuple[Input, ...] = ()
    schedule: Schedule | None = None
    published: tuple[Published, ...] = ()

    def key(self, estimate: Estimate) -> str:
        """What figures cite: ``reko-diq:Cu:probable:2024-12-31``."""
        return ":".join((self.name, estimate.element, estimate.resource_class, estimate.as_of))

    def contained(self, estimate: Estimate) -> Contained:
        """Metal of the whole deposit (100 %) in the class of the estimate.

        Raises:
            InputError: ``world.resource_unclassified``, and those of :func:`contained_figure`.
        """
        return Contained(
            element=estimate.element,
            resource_class=estimate.resource_class,
            figure=contained_figure(self, estimate),
            deposits=(self.name,),
            as_of=(estimate.as_of,),
            sources=(estimate.source,),
            reserves=estimate.reserves,
        )


class Deposits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of deposits."""

    deposit: tuple[Deposit, ...] = ()


def contained_figure(deposit: Deposit, estimate: Estimate) -> Figure:
    """Contained metal of the whole deposit, TNE: as said, or ore times grade; its range is that of both ends.

    What is unclassified has none.

    Where ore and grade have standard uncertainties and the correlation of their logarithms is stated, both are taken as
    lognormal and so is the product; where it is not stated, ``u`` is unknown.

    Raises:
        InputError: ``world.resource_unclassified``, ``world.resources_unit``, ``world.resources_range``,
            ``world.correlation``.
    """
    if estimate.resource_class == UNCLASSIFIED:
        refuse_unclassified(deposit.name)
    return _figure(deposit, estimate)


def _figure(deposit: Deposit, estimate: Estimate) -> Figure:
    key = deposit.key(estimate)
    if estimate.contained is not None:
        return _whole(figure_of(estimate.contained, "mass", place=key, rests_on=(key,)), estimate.share)
    if estimate.ore is None or estimate.grade is None:
        lacks = "tonnage of ore" if estimate.ore is None else "grade"
        return missing(BASE_UNITS["mass"], key, f"{deposit.title}: the {lacks} in this class is not at hand.")
    ore = figure_of(estimate.ore, "mass", place=key, rests_on=(key,))
    grade = figure_of(estimate.grade, "part", place=key, rests_on=(key,), most=1.0)
    spread = contained_spread(ore, grade, estimate.correlation)
    of_ore, of_grade = ends(ore), ends(grade)
    ranged = ore.low is not None or grade.low is not None
    low = of_ore[0] * of_grade[0] if ranged and of_ore and of_grade else None
    high = of_ore[1] * of_grade[1] if ranged and of_ore and of_grade else None
    value = None if ore.value is None or grade.value is None else ore.value * grade.value
    return _whole(
        Figure(
            value=value,
            u=spread.sd if spread is not None and value is not None else None,
            low=low,
            high=high,
            unit=BASE_UNITS["mass"],
            standing="bounded" if value is None else "computed",
            rests_on=(key,),
        ),
        estimate.share,
    )


def contained_spread(ore: Figure, grade: Figure, correlation: float | None) -> LogNormal | None:
    """The distribution of contained metal; None where an uncertainty or the correlation is not stated.

    Raises:
        InputError: ``world.correlation``.
    """
    if not (ore.value and grade.value and ore.u and grade.u) or correlation is None:
        return None
    return product(of_mean(ore.value, ore.u), of_mean(grade.value, grade.u), correlation=correlation)


@cache
def shipped_deposits() -> tuple[Deposit, ...]:
    """The deposits that come with lodeline."""
    text = (resources.files("lodeline.world") / "tables" / "deposits_shipped.toml").read_text(encoding="utf-8")
    return parse_deposits(text)


def read_deposits(path: str | Path) -> tuple[Deposit, ...]:
    """Deposits from a file of one's own.

    Raises:
        NotFoundError: ``world.no_such_resources_file``. InputError: as :func:`parse_deposits`.
    """
    return in_file(path, parse_deposits)


def parse_deposits(text: str) -> tuple[Deposit, ...]:
    """Deposits from TOML text, all of them or none.

    Raises:
        InputError: ``world.resources_toml``, ``world.resources_field``, ``world.resource_class_unknown``,
            ``world.resources_twice``, and those of :func:`contained_figure` and
            :func:`lodeline.world.resources.inputs.check_inputs`.
    """
    found = convert_toml(text, Deposits).deposit
    if not found:
        raise InputError("world.resources_field", "The file has no [[deposit]] block; write at least one.")
    for at, deposit in enumerate(found):
        if deposit.name in [one.name for one in found[:at]]:
            raise InputError(
                "world.resources_twice", f"Two deposits are named {visible(deposit.name)}; name them apart."
            )
        _check(deposit, f"$.deposit[{at}]")
    return found


def named(deposits: Sequence[Deposit], name: str) -> Deposit:
    """The deposit of this name.

    Raises:
        NotFoundError: ``world.no_such_deposit``.
    """
    for deposit in deposits:
        if name.lower() in (deposit.name, deposit.title.lower()):
            return deposit
    near = near_or_all(name, [one.name for one in deposits])
    raise NotFoundError(
        "world.no_such_deposit",
        f"No deposit here is named {visible(name)}; {near}. A file of your own is TOML, and its name ends so; an "
        "element is asked for with --element.",
        deposit=name,
    )


def lacking(estimate: Estimate) -> tuple[str, ...]:
    """What an unclassified estimate needs before it is a number."""
    return (estimate.needs or NEEDED) if estimate.resource_class == UNCLASSIFIED else ()


def settled_by(deposit: Deposit, estimate: Estimate) -> tuple[Settle, ...]:
    """The same as acts."""
    key = deposit.key(estimate)
    return tuple(Settle(act="document", subject=key, detail=f"{one[0].upper()}{one[1:]}.") for one in lacking(estimate))


def _check(deposit: Deposit, place: str) -> None:
    if alpha2(deposit.country) is None:
        raise InputError(
            "world.resources_field",
            f"{visible(deposit.country)!r} is no alpha-3 code of ISO 3166-1; write one such as PAK.",
            field=f"{place}.country",
        )
    seen: set[str] = set()
    for at, estimate in enumerate(deposit.estimate):
        here = f"{place}.estimate[{at}]"
        if estimate.resource_class not in CLASSES:
            raise unknown_class(estimate.resource_class, field=f"{here}.class")
        if estimate.reserves not in RESERVES_WORDS:
            raise InputError(
                "world.resources_field", f"reserves is one of {', '.join(RESERVES_WORDS)}.", field=f"{here}.reserves"
            )
        if not (math.isfinite(estimate.share) and 0 < estimate.share <= 1):
            raise InputError(
                "world.resources_range", "Want 0 < share <= 1; write 1 for the whole deposit.", field=f"{here}.share"
            )
        if estimate.correlation is not None and not -1 <= estimate.correlation <= 1:
            raise InputError("world.correlation", "A correlation is from -1 to 1.", field=f"{here}.correlation")
        if estimate.resource_class != UNCLASSIFIED and not estimate.element:
            raise InputError("world.resources_field", 'Say of which element: element = "Cu".', field=f"{here}.element")
        key = deposit.key(estimate)
        if estimate.resource_class != UNCLASSIFIED and key in seen:
            raise InputError(
                "world.resources_twice", f"Two estimates say {visible(key)}; keep one, or date them apart.", field=here
            )
        seen.add(key)
        _figure(deposit, estimate)
    check_inputs(deposit.input, deposit.schedule, place)


def _whole(figure: Figure, share: float) -> Figure:
    """A figure of a part of the deposit as one of the whole."""
    if share == 1.0 or figure.standing == "unknown":
        return figure
    scaled = {
        name: None if (number := getattr(figure, name)) is None else number / share
        for name in ("value", "u", "low", "high")
    }
    standing = figure.standing if figure.value is None else "computed"
    return msgspec.structs.replace(figure, standing=standing, **scaled)
