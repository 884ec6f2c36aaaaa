"""Folding: long lists keep their first rows, and say of the rest how many they are and what mass they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from lodeline.report.model import Sentence
from lodeline.report.wording import counted, sentence, shown
from lodeline.units.figure import Figure, total

ROWS_SHOWN = 24
"""Rows of one table that are shown one by one."""
FEW = 8
"""Rows shown one by one where a summary stands above them."""

T = TypeVar("T")


class Folded(NamedTuple, Generic[T]):
    """A list as a page shows it: items to show, a sentence on those left out, and those, for a sheet."""

    kept: Sequence[T]
    said: tuple[Sentence, ...]
    left: Sequence[T]


def folded(
    items: Sequence[T],
    masses: Sequence[Figure],
    one: str,
    *,
    bases: Sequence[str] = (),
    limit: int = ROWS_SHOWN,
) -> Folded[T]:
    """The items to show, heaviest first, and a sentence on those left out with their mass.

    Items of unknown mass come before those with a known one, for they are what a reader must not miss; a list that
    fits keeps its order. ``bases`` says which masses are wet and which dry: of both together no sum is given.
    """
    if len(items) <= limit:
        return Folded(items, (), ())
    order = sorted(range(len(items)), key=lambda i: (masses[i].known, -(masses[i].value or 0.0), i))
    kept = [items[i] for i in order[:limit]]
    left = [masses[i] for i in order[limit:]]
    known = [mass for mass in left if mass.known]
    unknown = len(left) - len(known)
    said = f"Not shown: {counted(len(left), f'further {one}')}"
    mixed = len({bases[i] for i in order[limit:] if masses[i].known}) > 1 if bases else False
    if known:
        said += (
            f", {len(known):,} of known mass, wet and dry"
            if mixed
            else (f", {shown(total(known, unit='KGM'))} together")
        )
    if unknown:
        said += f"{', and' if known else ','} {unknown:,} of unknown mass"
    return Folded(kept, (sentence(f"{said}."),), [items[i] for i in order[limit:]])


def first(items: Sequence[T], limit: int, one: str, many: str | None = None) -> Folded[T]:
    """The first items in the order they have, and a sentence on how many are left out."""
    left = items[limit:]
    further = counted(len(left), f"further {one}", many and f"further {many}")
    said = (sentence(f"Not shown: {further}."),) if left else ()
    return Folded(items[:limit], said, left)
