"""Indicators: one figure with the method that made it, and the editions and rows that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from lodeline.units.figure import Figure
from lodeline.world.governance.score import Scores
from lodeline.world.statistics.edition import Table
from lodeline.world.trade.traded import TradeTable

if TYPE_CHECKING:
    import polars


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """One indicator of dependence.

    Attributes:
        name: ``hhi``, ``top-1``, ``effective-suppliers``, ``net-import-reliance``, ``eu-supply-risk`` …
        method: The method by name and source, so that another can compute it again.
        figure: Its value; where only limits follow from what is published, standing ``bounded`` with ``low``, ``high``.
        inputs: Keys of the table rows that it was computed from, and what was typed in, by name.
        editions: Editions of those rows, each once.
        note: What a reader must know besides, such as an assumption that was named; empty where nothing.
    """

    name: str
    method: str
    figure: Figure
    inputs: tuple[str, ...]
    editions: tuple[str, ...]
    note: str = ""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What an indicator is asked.

    Attributes:
        table: The edition of national statistics; another may be given.
        commodity: As the edition names it: ``antimony``.
        country: Whose dependence, ISO 3166-1 alpha-3.
        year: A year of the edition.
        stage: ``mined``, ``refined`` …; empty where the commodity is asked at the stage at which it is mined.
        form: Which form; empty where the measure has one only.
        element: Which element of a commodity that groups several; empty where the commodity is meant.
        trade: Who shipped what to whom; None where the indicator needs none. hs: the code of it that is meant.
        governance: Tables of governance scores that go before those that come with lodeline.
    """

    table: Table
    commodity: str
    country: str
    year: str
    stage: str = ""
    form: str = ""
    element: str = ""
    trade: TradeTable | None = None
    hs: str = ""
    governance: tuple[Scores, ...] = ()


class Registered(NamedTuple):
    """An indicator's row in :mod:`lodeline.world.dependence.registered`.

    Attributes:
        name: Of the indicator. function: answers; it gives None where the indicator says nothing about such a
            question, which is not the same as unknown.
        says: What its number means, in a few words, for people who see it for the first time.
    """

    name: str
    function: Callable[[Question], Indicator | None]
    says: str = ""


def answers(question: Question, rows: Iterable[Registered]) -> tuple[Indicator, ...]:
    """What each registered indicator answers, in their order; those that have nothing to say are left out."""
    found = (row.function(question) for row in rows)
    return tuple(one for one in found if one is not None)


def as_table(indicators: Iterable[Indicator]) -> polars.DataFrame:
    """A row an indicator: name, value, low, high, unit, standing, method, editions, note. Unknown is null."""
    import polars

    kept = tuple(indicators)
    numbers = {name: [getattr(one.figure, name) for one in kept] for name in ("value", "low", "high")}
    texts = {
        "unit": [one.figure.unit for one in kept],
        "standing": [one.figure.standing for one in kept],
        "method": [one.method for one in kept],
        "editions": [" ".join(one.editions) for one in kept],
        "note": [one.note for one in kept],
    }
    schema = {
        "name": polars.String,
        **dict.fromkeys(numbers, polars.Float64),
        **dict.fromkeys(texts, polars.String),
    }
    return polars.DataFrame({"name": [one.name for one in kept], **numbers, **texts}, schema=schema)
