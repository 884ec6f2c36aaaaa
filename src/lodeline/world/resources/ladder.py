"""The ladder from gross metal value to net: each rung takes one thing off, and needs its input.

A rung without its input makes itself and all below it unknown; nothing stands in for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, islice
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from lodeline.errors import InputError, Settle
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure, unknown
from lodeline.world.resources.deposit import Deposit, Published
from lodeline.world.resources.inputs import WORDS, Input, Inputs, Schedule, check_inputs
from lodeline.world.resources.rungs import SCHEDULE, STEPS, descend, needed
from lodeline.world.resources.spread import ends

if TYPE_CHECKING:
    import polars
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_RANGES = 16
"""Every corner of the inputs' ranges is computed, twice as many with each: 16 make 65,536."""


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One rung.

    Attributes:
        name: ``in situ``, ``mined`` … ``net present value``. told: what it is.
        figure: USD, with the range over all corners of the inputs' ranges; unknown where an input is missing.
        of_gross: Percent of the first rung, by the values in the middle; None where unknown.
        inputs: Keys of what this rung needs besides those above. missing: of these, what nobody gives.
        assumed: Whether it rests on something that the user supposes: it is then illustrative.
    """

    name: str
    told: str
    figure: Figure
    of_gross: float | None
    inputs: tuple[str, ...]
    missing: tuple[str, ...]
    assumed: bool


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """From the value of all metal in the ground to the value of the mine.

    Attributes:
        deposit: Its name. elements: whose metal counts.
        rungs: Highest first. inputs: what it was computed from, with sources. published: results of others, not used.
        assumed: Whether any rung rests on a supposition.
    """

    deposit: str
    elements: tuple[str, ...]
    rungs: tuple[Rung, ...]
    inputs: tuple[Input, ...]
    published: tuple[Published, ...]
    assumed: bool

    def rung(self, name: str) -> Rung:
        """By its name."""
        return next(one for one in self.rungs if one.name == name)

    def table(self) -> polars.DataFrame:
        """A row a rung: value, low, high in USD, percent of gross, standing, assumed, missing."""
        import polars

        rows = [
            {
                "rung": one.name,
                "value_usd": one.figure.value,
                "low_usd": one.figure.low,
                "high_usd": one.figure.high,
                "of_gross_percent": one.of_gross,
                "standing": one.figure.standing,
                "assumed": one.assumed,
                "missing": " ".join(one.missing),
            }
            for one in self.rungs
        ]
        numbers = dict.fromkeys(("value_usd", "low_usd", "high_usd", "of_gross_percent"), polars.Float64)
        return polars.DataFrame(rows, schema_overrides=numbers)


def ladder_of(deposit: Deposit, assume: Inputs | None = None) -> Ladder:
    """The ladder of a deposit, with what a user supposes in place of what is missing or said otherwise.

    The range of a rung is over every corner of the ranges of its inputs, so it is exact where a rung is linear in each
    input, as those above income tax are where the net smelter return is not negative. Net present value is taken at
    both ends of the discount rate: between them it falls where capital is spent before income begins and the value is
    not negative.

    Raises:
        InputError: ``world.ladder_empty``, ``world.ladder_ranges``, ``world.ladder_input_element``, and those of
            :func:`lodeline.world.resources.inputs.check_inputs`.
    """
    inputs, schedule = _merged(deposit, assume)
    figures = check_inputs(inputs, schedule, "$")
    elements = tuple(dict.fromkeys(one.element for one in inputs if one.name in ("contained", "grade")))
    if not elements:
        raise InputError(
            "world.ladder_empty",
            f"{deposit.title} has no metal to value: give an input contained, or ore and grade, with an element.",
            deposit=deposit.name,
        )
    _check_elements(inputs, elements)
    held = frozenset((*figures, *((SCHEDULE,) if schedule else ())))
    needs = [needed(step, elements, held) for step in STEPS]
    known = next((at for at, need in enumerate(needs) if not held.issuperset(need)), len(STEPS))
    used = dict.fromkeys(key for key in chain.from_iterable(needs[:known]) if key != SCHEDULE)
    worked = _worked({key: figures[key] for key in used}, elements, schedule, known)
    gross = worked[0].value if worked else None
    supposed = {one.key for one in inputs if one.assumed} | ({SCHEDULE} if schedule and schedule.assumed else set())
    rungs = []
    for at, step in enumerate(STEPS):
        above = tuple(dict.fromkeys(chain.from_iterable(needs[: at + 1])))
        figure = (
            msgspec.structs.replace(worked[at], rests_on=above)
            if at < known
            else _unknown(deposit, step.name, tuple(one for one in above if one not in held))
        )
        rungs.append(
            Rung(
                name=step.name,
                told=step.told,
                figure=figure,
                of_gross=None if figure.value is None or not gross else 100 * figure.value / gross,
                inputs=needs[at],
                missing=tuple(one for one in needs[at] if one not in held),
                assumed=at < known and not supposed.isdisjoint(above),
            )
        )
    return Ladder(
        deposit=deposit.name,
        elements=elements,
        rungs=tuple(rungs),
        inputs=inputs,
        published=deposit.published,
        assumed=any(one.assumed for one in rungs),
    )


def implied_recovery(ladder: Ladder) -> dict[str, float]:
    """Percent of contained metal that is recovered, by element, where both are published as tonnes."""
    figures = check_inputs(ladder.inputs, None, "$")
    found = {}
    for element in ladder.elements:
        part, whole = figures.get(f"recovered:{element}"), figures.get(f"contained:{element}")
        if part is not None and whole is not None and part.value is not None and whole.value:
            found[element] = 100 * part.value / whole.value
    return found


def _check_elements(inputs: tuple[Input, ...], elements: tuple[str, ...]) -> None:
    """Nothing is said of an element without metal, and there is one concentrate."""
    for one in inputs:
        if one.element and one.element not in elements:
            raise InputError(
                "world.ladder_input_element",
                f"{one.key} is said without any metal of {visible(one.element)}; give contained, or ore and grade.",
                field=one.key,
            )
    concentrates = [one.key for one in inputs if one.name == "concentrate_grade"]
    if len(concentrates) > 1:
        raise InputError(
            "world.ladder_input_element",
            f"The ladder has one concentrate, and {' and '.join(concentrates)} are said; keep that of the main metal.",
            field=concentrates[1],
        )


def _merged(deposit: Deposit, assume: Inputs | None) -> tuple[tuple[Input, ...], Schedule | None]:
    """The deposit's own inputs, those that the user supposes in place of them, and the schedule."""
    if assume is None:
        return deposit.input, deposit.schedule
    supposed = tuple(msgspec.structs.replace(one, assumed=True) for one in assume.input)
    keys = {one.key for one in supposed}
    schedule = deposit.schedule
    if assume.schedule is not None:
        schedule = msgspec.structs.replace(assume.schedule, assumed=True)
    return (*(one for one in deposit.input if one.key not in keys), *supposed), schedule


def _worked(
    figures: Mapping[str, Figure], elements: tuple[str, ...], schedule: Schedule | None, known: int
) -> list[Figure]:
    """The rungs that are known, with their ranges."""
    if not known:
        return []
    ranges = {key: ends(figure) for key, figure in figures.items() if figure.low is not None}
    if len(ranges) > MOST_RANGES:
        raise InputError(
            "world.ladder_ranges",
            f"{len(ranges)} inputs have ranges, and every corner of them is computed; state no more than {MOST_RANGES} "
            "as ranges.",
        )
    corners = np.arange(2 ** len(ranges))
    values: dict[str, Floats] = {
        key: np.full(corners.size, figure.value) for key, figure in figures.items() if key not in ranges
    }
    for bit, (key, pair) in enumerate(ranges.items()):
        values[key] = np.array(pair)[(corners >> bit) & 1]
    spans = list(islice(descend(values, elements, schedule), known))
    middles: list[Floats] | None = None
    if all(figure.value is not None for figure in figures.values()):
        middle = {key: np.full(1, figure.value) for key, figure in figures.items()}
        middles = list(islice(descend(middle, elements, schedule), known))
    found = []
    for at, span in enumerate(spans):
        value = None if middles is None else float(middles[at][0])
        found.append(
            Figure(
                value=value,
                low=float(span.min()) if ranges else None,
                high=float(span.max()) if ranges else None,
                unit="USD",
                standing="bounded" if value is None else "computed",
            )
        )
    return found


def _unknown(deposit: Deposit, rung: str, missing: tuple[str, ...]) -> Figure:
    """A rung below a missing input, with what would settle it."""
    acts = []
    for key in missing:
        name, _, element = key.partition(":")
        what = "the years in which ore is processed and capital is spent" if key == SCHEDULE else WORDS[name].told
        of = f" of {element}" if element else ""
        acts.append(
            Settle(
                act="document",
                subject=f"{deposit.name}:{key}",
                detail=f"{deposit.title}, {rung}: {name.replace('_', ' ')}{of} ({what}), from a study or a contract.",
            )
        )
    return unknown("USD", *acts)
