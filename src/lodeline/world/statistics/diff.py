"""Differences of two editions: what they say differently of the same thing, old beside new, the largest first.

The same thing is the same commodity, country, measure, form and period. Figures of countries come with their share in
what the countries have together, since a revision of one country moves the shares of all. What only one of the editions
tells at all (another measure, form or period) is no difference; it is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import msgspec

from lodeline.errors import NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.nearest import nearest
from lodeline.world.statistics.edition import WORLD, Row, Table

if TYPE_CHECKING:
    import polars

Kind = Literal["changed", "newly told", "no longer told", "counted otherwise"]
"""``counted otherwise``: the unit or the basis is another, so that no change in percent can be given."""

Thing = tuple[str, str, str, str, str]


_TEXTS = ("commodity", "country", "measure", "form", "period", "kind", "unit", "old_published", "new_published")
COLUMNS = (
    *("commodity", "country", "measure", "form", "period", "kind", "unit"),
    *("old", "old_low", "old_high", "old_published", "new", "new_low", "new_high", "new_published"),
    *("change_percent", "old_share", "old_share_at_most", "new_share", "new_share_at_most", "points"),
)
"""Of the table of differences."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing of which two editions say something different.

    Attributes:
        commodity, country, measure, form, period: Of which.
        kind: What became of the figure.
        old, new: The rows; None where the edition does not list the country.
        change_percent: 100 (new - old) / old; None where one of them is not known, or the old one is 0.
        old_share, new_share: Percent of what all countries with a figure have together; None where the measure is not
            by country, or the figure is not known. An upper limit where a country's figure is withheld: ``…_at_most``.
    """

    commodity: str
    country: str
    measure: str
    form: str
    period: str
    kind: Kind
    old: Row | None
    new: Row | None
    change_percent: float | None = None
    old_share: float | None = None
    old_share_at_most: bool = False
    new_share: float | None = None
    new_share_at_most: bool = False

    @property
    def points(self) -> float | None:
        """By how many percentage points the share moved; None where a share is unknown or only limited."""
        if self.old_share is None or self.new_share is None or self.old_share_at_most or self.new_share_at_most:
            return None
        return self.new_share - self.old_share


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """What two editions say differently.

    Attributes:
        old, new: The editions. rows: The largest first: by points of share, then by percent.
        compared: How many things both tell. only_old, only_new: figures of a measure, form or period that one lacks.
    """

    old: str
    new: str
    rows: tuple[Difference, ...]
    compared: int
    only_old: int
    only_new: int

    def table(self) -> polars.DataFrame:
        """The differences as a polars frame, a row each; what is unknown is null."""
        import polars

        kinds = {
            name: polars.String if name in _TEXTS else polars.Boolean if name.endswith("at_most") else polars.Float64
            for name in COLUMNS
        }
        return polars.DataFrame([_flat(one) for one in self.rows], schema=kinds)

    def flat(self) -> list[dict[str, object]]:
        """The differences as plain rows with the columns of :data:`COLUMNS`."""
        return [_flat(one) for one in self.rows]


def differences(old: Table, new: Table, *, commodity: str | None = None, measure: str | None = None) -> Differences:
    """What two editions say differently of the same thing.

    Args:
        commodity, measure: Only these, by their names.

    Raises:
        NotFoundError: ``world.nothing_to_compare``: the editions have no measure, form and period in common.
    """
    first, second = _things(old, commodity, measure), _things(new, commodity, measure)
    both = _told(first) & _told(second)
    if not both:
        asked = " ".join(visible(one) for one in (commodity, measure) if one)
        raise NotFoundError(
            "world.nothing_to_compare",
            f"{old.edition} and {new.edition} have nothing {f'on {asked} ' if asked else ''}in common"
            f"{_near(measure, old, new)}; ask for another commodity or measure, or name other editions.",
        )
    shared = list(dict.fromkeys(thing for thing in (*first, *second) if _group(thing) in both))
    sums, later = _sums(first), _sums(second)
    found = []
    for thing in shared:
        one = _difference(thing, first.get(thing), second.get(thing))
        if one is not None:
            found.append(_with_shares(one, sums, later))
    return Differences(
        old=old.edition,
        new=new.edition,
        rows=tuple(sorted(found, key=_rank)),
        compared=len(shared),
        only_old=sum(_group(thing) not in both for thing in first),
        only_new=sum(_group(thing) not in both for thing in second),
    )


def _near(measure: str | None, *of: Table) -> str:
    """The measures that may be meant."""
    near = () if measure is None else nearest(measure, {row.measure for table in of for row in table.rows}, most=3)
    return f"; perhaps {' or '.join(near)}" if near else ""


def _things(table: Table, commodity: str | None, measure: str | None) -> dict[Thing, Row]:
    wanted = {name: value for name, value in (("commodity", commodity), ("measure", measure)) if value is not None}
    rows = table.select(**wanted) if wanted else table.rows
    return {(row.commodity, row.country, row.measure, row.form, row.period): row for row in rows}


def _group(thing: Thing) -> Thing:
    """All countries of a measure, form and period."""
    return (thing[0], "", thing[2], thing[3], thing[4])


def _told(things: Iterable[Thing]) -> set[Thing]:
    return {_group(thing) for thing in things}


def _difference(thing: Thing, old: Row | None, new: Row | None) -> Difference | None:
    """What became of a figure, or None where both say the same, or neither says anything."""
    if _said(old) == _said(new) and (not _said(old) or _nothing(old)):
        return None  # Nothing is nothing, and unknown is unknown, whatever it counts.
    if old is not None and new is not None and (old.unit, old.basis) != (new.unit, new.basis):
        kind: Kind = "counted otherwise"
    elif _said(old) == _said(new):
        return None
    elif not _said(old):
        kind = "newly told"
    elif not _said(new):
        kind = "no longer told"
    else:
        kind = "changed"
    commodity, country, measure, form, period = thing
    return Difference(
        commodity=commodity,
        country=country,
        measure=measure,
        form=form,
        period=period,
        kind=kind,
        old=old,
        new=new,
        change_percent=_percent(old, new) if kind == "changed" else None,
    )


def _said(row: Row | None) -> tuple[Decimal | None, ...]:
    """Value and limits, or nothing where the row knows none of them."""
    if row is None or (row.value, row.low, row.high) == (None, None, None):
        return ()
    return (row.value, row.low, row.high)


def _nothing(row: Row | None) -> bool:
    return row is not None and row.value == 0


def _percent(old: Row | None, new: Row | None) -> float | None:
    if old is None or new is None or old.value is None or new.value is None or not old.value:
        return None
    return float(100 * (new.value - old.value) / old.value)


def _sums(things: Mapping[Thing, Row]) -> dict[Thing, tuple[Decimal, bool]]:
    """What the countries of a measure, form and period have together, and whether one of them is not known.

    Only where there is a world total beside them: without one the countries are not all there are.
    """
    by_country = {_group(thing) for thing in things if thing[1] == WORLD}
    sums: dict[Thing, tuple[Decimal, bool]] = {}
    for thing, row in things.items():
        group = _group(thing)
        if group not in by_country or thing[1] == WORLD:
            continue
        so_far, missing = sums.get(group, (Decimal(0), False))
        # An empty cell is a country that is listed for another column; what is withheld exists.
        sums[group] = (so_far + (row.value or 0), missing or (row.value is None and not row.has("blank")))
    return sums


def _with_shares(
    one: Difference, old: Mapping[Thing, tuple[Decimal, bool]], new: Mapping[Thing, tuple[Decimal, bool]]
) -> Difference:
    if one.country == WORLD:
        return one
    group = (one.commodity, "", one.measure, one.form, one.period)
    before, before_most = _share(one.old, old.get(group))
    after, after_most = _share(one.new, new.get(group))
    return msgspec.structs.replace(
        one, old_share=before, old_share_at_most=before_most, new_share=after, new_share_at_most=after_most
    )


def _share(row: Row | None, whole: tuple[Decimal, bool] | None) -> tuple[float | None, bool]:
    if row is None or row.value is None or whole is None or not whole[0]:
        return None, False
    return float(100 * row.value / whole[0]), whole[1]


def _rank(one: Difference) -> tuple[float, float, str, str, str, str, str]:
    return (
        -abs(one.points or 0.0),
        -abs(one.change_percent or 0.0),
        one.commodity,
        one.measure,
        one.form,
        one.period,
        one.country,
    )


def _flat(one: Difference) -> dict[str, object]:
    flat: dict[str, object] = {
        name: getattr(one, name) for name in ("commodity", "country", "measure", "form", "period", "kind")
    }
    row = one.new or one.old
    flat["unit"] = "" if row is None else row.unit
    for side, said in (("old", one.old), ("new", one.new)):
        for name, number in (("", "value"), ("_low", "low"), ("_high", "high")):
            value = None if said is None else getattr(said, number)
            flat[f"{side}{name}"] = None if value is None else float(value)
        flat[f"{side}_published"] = None if said is None else said.published
    for name in ("change_percent", "old_share", "old_share_at_most", "new_share", "new_share_at_most", "points"):
        flat[name] = getattr(one, name)
    return flat
