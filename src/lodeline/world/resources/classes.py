"""Classes of resources and reserves, and sums that stay within one: what is known in different ways is not added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn, TypeVar

import msgspec

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure, Standing
from lodeline.world.nearest import nearest

if TYPE_CHECKING:
    import polars

T = TypeVar("T")
UNCLASSIFIED = "unclassified"
CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "undiscovered": "thought to be there from geology and from deposits of the same kind; nothing has been drilled",
        "inferred": "a mineral resource of which evidence is limited; it may not become a reserve as it is",
        "indicated": "a mineral resource known well enough to plan a mine",
        "measured": "a mineral resource known well enough for a final evaluation",
        "measured-and-indicated": "published as one sum of two classes; nobody here has added them",
        "probable": "a mineral reserve: what of an indicated, or a measured, resource a study says can be mined",
        "proven": "a mineral reserve: what of a measured resource a study says can be mined",
        "proven-and-probable": "published as one sum of two classes; nobody here has added them",
        "reserves-usgs": "reserves of a country by the USGS, compiled from sources that do not all follow one code",
        "recoverable": "metal that a mine plan says will be produced, after losses; no class of mineral in the ground",
        UNCLASSIFIED: "said without the class, or without what the tonnes count",
    }
)
"""Class by name, with what it means. Inferred to proven are those of CRIRSCO, International Reporting Template (2019);
undiscovered is that of the USGS (Circular 831); the rest is what publishers print beside them."""

RESERVES_WORDS = ("inclusive", "exclusive", "not stated", "not applicable")
"""Whether a resource holds the reserves made from it: *inclusive*, *exclusive*, or *not stated*."""


def unknown_class(said: str, **where: str) -> InputError:
    """The refusal of what is no class, with the nearest and all of them."""
    near = nearest(said, CLASSES)
    hint = f"; did you mean {near[0]}? Known" if near else ". Known"
    return InputError(
        "world.resource_class_unknown", f"{visible(said)!r} is no class{hint} are {', '.join(CLASSES)}.", **where
    )


class Contained(msgspec.Struct, frozen=True, kw_only=True):
    """Metal of one element in one class, whole deposit (100 %), with where and when it was said.

    Two of them add up only if class and element agree, and no deposit is counted twice. ``a + b`` refuses the rest.

    Attributes:
        element: What the tonnes count. resource_class: one of :data:`CLASSES`.
        figure: TNE.
        deposits, as_of, sources: Of what it was added up from, each once.
        reserves: One of :data:`RESERVES_WORDS`; a sum of differing ones is *not stated*.

    Raises:
        InputError: ``world.resource_unclassified``.
    """

    element: str
    resource_class: str
    figure: Figure
    deposits: tuple[str, ...]
    as_of: tuple[str, ...]
    sources: tuple[str, ...]
    reserves: str = "not stated"

    def __post_init__(self) -> None:
        if self.resource_class == UNCLASSIFIED:
            refuse_unclassified(self.deposits[0])

    def __add__(self, other: Contained) -> Contained:
        """The sum within a class.

        Raises:
            InputError: ``world.resource_classes_added``, ``world.resource_elements_added``,
                ``world.resource_counted_twice``.
        """
        if other.resource_class != self.resource_class:
            raise InputError(
                "world.resource_classes_added",
                f"{self.resource_class} and {other.resource_class} are not added, since they are not known in the same "
                "way; give each its own line.",
                classes=f"{self.resource_class}, {other.resource_class}",
            )
        if other.element != self.element:
            raise InputError(
                "world.resource_elements_added",
                f"Tonnes of {visible(self.element)} and of {visible(other.element)} are not added; ask for one.",
            )
        twice = sorted(set(self.deposits) & set(other.deposits))
        if twice:
            raise InputError(
                "world.resource_counted_twice",
                f"{visible(twice[0])} has two estimates in this class; name the date of the one to count.",
                deposit=twice[0],
            )
        return Contained(
            element=self.element,
            resource_class=self.resource_class,
            figure=_added(self.figure, other.figure),
            deposits=self.deposits + other.deposits,
            as_of=_once(self.as_of + other.as_of),
            sources=_once(self.sources + other.sources),
            reserves=self.reserves if self.reserves == other.reserves else "not stated",
        )

    def table(self) -> polars.DataFrame:
        """One row: class, element, tonnes with their range, deposits, dates, sources; unknown is null."""
        import polars

        numbers = {"metal_t": [self.figure.value], "low_t": [self.figure.low], "high_t": [self.figure.high]}
        texts = {"class": [self.resource_class], "element": [self.element]}
        lists = {name: ["; ".join(getattr(self, name))] for name in ("deposits", "as_of", "sources")}
        return polars.DataFrame({**texts, **numbers, **lists}, schema_overrides=dict.fromkeys(numbers, polars.Float64))


def refuse_unclassified(deposit: str) -> NoReturn:
    """Of what nobody classified no number is made.

    Raises:
        InputError: ``world.resource_unclassified``.
    """
    raise InputError(
        "world.resource_unclassified",
        f"{visible(deposit)}: nobody says of which class it is, so it has no one number; ask for its class, date, "
        "cut-off and the report that states them.",
        deposit=deposit,
    )


def within_class(parts: Iterable[Contained]) -> Contained:
    """The sum of parts of one class and element.

    Raises:
        InputError: ``world.resources_none``, and those of :meth:`Contained.__add__`.
    """
    kept = tuple(parts)
    if not kept:
        raise InputError(
            "world.resources_none", "There is nothing of this class and element to add up; list the deposits first."
        )
    found = kept[0]
    for part in kept[1:]:
        found = found + part
    return found


def _added(one: Figure, other: Figure) -> Figure:
    """A sum of two published masses; their ranges add up too, since nobody says that they are independent.

    With a part that is unknown the sum is at least what the others are.
    """
    value = None if one.value is None or other.value is None else one.value + other.value
    low = high = None
    if value is None or any(end is not None for part in (one, other) for end in (part.low, part.high)):
        low = sum(_end(part, part.low) or 0.0 for part in (one, other)) or None
        highs = [_end(part, part.high) for part in (one, other)]
        high = None if None in highs else sum(end for end in highs if end is not None)
    standing: Standing = "computed"
    if value is None:
        standing = "unknown" if low is None and high is None else "bounded"
    return Figure(
        value=value,
        low=low,
        high=high,
        unit=one.unit,
        standing=standing,
        rests_on=_once(one.rests_on + other.rests_on),
        settle=_once(one.settle + other.settle),
    )


def _end(part: Figure, limit: float | None) -> float | None:
    """A limit, or the value where there is none."""
    return part.value if limit is None else limit


def _once(items: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
