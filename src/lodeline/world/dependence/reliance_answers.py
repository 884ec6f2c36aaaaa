"""Answers about net import reliance: what is published against what the edition's own figures give, and a verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from lodeline.units.figure import Figure
from lodeline.world.dependence.indicator import Indicator

if TYPE_CHECKING:
    import polars

Verdict = Literal["agrees", "differs", "inputs missing", "not published"]
"""``agrees``: published and computed can be the same figure, each as it is rounded. ``differs``: they cannot.
``inputs missing``: the edition withholds an input or has no line of it, and what is left does not decide it. ``not
published``: there is no figure to compare with."""

Way = Literal["lines", "published consumption", "less production", "limits", ""]
"""How it was computed.

``lines``: consumption and net imports by their lines. ``published consumption``: net imports by their lines over the
published consumption, since that cannot be made up. ``less production``: published consumption less production over
itself, since net imports cannot be made up. ``limits``: by lines of which some are withheld. Empty: not at all.
"""


WAYS: dict[Way, str] = {
    "published consumption": "over the published consumption",
    "less production": "by the published consumption less production",
    "limits": "by limits",
}
"""The ways other than by lines, in words."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A published figure against the same one computed.

    Attributes:
        published: As it is printed; empty where it is not.
        computed: With the limits that the rounding of its inputs gives, in ``low`` and ``high``.
        verdict: See :data:`Verdict`.
        off: How far the figure from inputs as printed is from the published one; points of percent for reliance,
            percent of the published one for consumption. None where there is nothing to compare.
    """

    published: str
    computed: Figure
    verdict: Verdict
    off: float | None


class Reliance(msgspec.Struct, frozen=True, kw_only=True):
    """Net import reliance on one commodity in one year.

    Attributes:
        commodity, form, year, edition: Of which.
        way: See :data:`Way`.
        reliance: P1. consumption: The consumption it is a share of, in the unit of its line; None where the edition has
            no line of it or no definition.
        nothing_produced: Whether it is 100 whatever is traded, since nothing is produced or production is not counted.
        why: Why it was not computed by its lines, and why it does not agree; empty where there is nothing to say.
        read: Where the definition stands. readings: what else its words may mean; empty where they leave no choice.
        inputs: Keys of the rows that it was computed from.
    """

    commodity: str
    form: str
    year: str
    edition: str
    way: Way
    reliance: Compared
    consumption: Compared | None
    nothing_produced: bool
    why: tuple[str, ...]
    read: str
    readings: str
    inputs: tuple[str, ...]

    @property
    def indicator(self) -> Indicator:
        """The computed reliance as an indicator."""
        return Indicator(
            name="net-import-reliance",
            method=f"Net imports over apparent consumption, after USGS: {self.read}",
            figure=self.reliance.computed,
            inputs=self.inputs,
            editions=(self.edition,),
            note=" ".join(text for text in (self._exporter, self.said, self.readings) if text),
        )

    @property
    def _exporter(self) -> str:
        """What a number below zero means; USGS prints such a one as E."""
        value = self.reliance.computed.value
        return "Below zero: a net exporter, more goes out than comes in." if value is not None and value < 0 else ""

    @property
    def said(self) -> str:
        """How it was computed, where that is not by its lines, and why."""
        how = WAYS.get(self.way, "")
        return ": ".join(text for text in (how, "; ".join(self.why)) if text)

    @property
    def consumption_indicator(self) -> Indicator | None:
        """The consumption by its lines as an indicator; None where the edition prints none to compare it with."""
        if self.consumption is None:
            return None
        figure = self.consumption.computed
        return Indicator(
            name="apparent-consumption",
            method=f"Production and imports less exports and what went into stock, after USGS: {self.read}",
            figure=figure,
            inputs=figure.rests_on,
            editions=(self.edition,),
            note=self.readings,
        )

    @property
    def is_number(self) -> bool:
        """Whether a number is published, and not a limit, a code or nothing."""
        return self.reliance.published[:1].isdigit()

    def row(self) -> dict[str, Any]:
        """As plain columns; unknown is None."""
        of, used = self.reliance, self.consumption
        return {
            "commodity": self.commodity,
            "form": self.form,
            "year": self.year,
            "published": of.published,
            "computed": of.computed.value,
            "low": of.computed.low,
            "high": of.computed.high,
            "verdict": of.verdict,
            "off_points": of.off,
            "way": self.way,
            "nothing_produced": self.nothing_produced,
            "consumption_unit": None if used is None else used.computed.unit,
            "consumption_published": None if used is None else used.published,
            "consumption_computed": None if used is None else used.computed.value,
            "consumption_verdict": None if used is None else used.verdict,
            "consumption_off_percent": None if used is None else used.off,
            "why": "; ".join(self.why),
            "read": self.read,
            "readings": self.readings,
        }

    def table(self) -> polars.DataFrame:
        """One row with the columns of :meth:`row`."""
        return as_table((self,))


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many commodity-years of an edition agree.

    Attributes:
        lines: Lines of net import reliance. cells: Lines times their years.
        agrees, differs, inputs_missing, not_published: Cells by verdict; they add up to ``cells``.
        nothing_produced: Of those that agree, at 100 whatever is traded.
        as_limits: Of those that agree, published as a limit or as net exporter and not as a number.
        telling: Of those that agree or differ, numbers that are not 100 whatever is traded. telling_agree: of those.
        telling_same_percent: Of those, at most half a point off by inputs as printed.
        by_limits: Of those that agree, decided by limits although an input is withheld.
        within_a_point: Of those that agree or differ, at most one point off by inputs as printed.
        same_percent: Of those, at most half a point off.
        only_by_rounding: Of those that agree, more than half a point off by inputs as printed: they agree only since
            those are rounded. beyond_a_point: of those, more than one point off.
        consumption_agrees, consumption_differs: Published consumptions that could be made up by their lines.
        ways: Of those that agree or differ, by how they were computed.
    """

    lines: int
    cells: int
    agrees: int
    differs: int
    inputs_missing: int
    not_published: int
    nothing_produced: int
    as_limits: int
    telling: int
    telling_agree: int
    telling_same_percent: int
    by_limits: int
    within_a_point: int
    same_percent: int
    only_by_rounding: int
    beyond_a_point: int
    consumption_agrees: int
    consumption_differs: int
    ways: dict[str, int]


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Every published net import reliance of an edition against what its own figures give."""

    edition: str
    source: str
    rows: tuple[Reliance, ...]

    @property
    def counts(self) -> Counts:
        """How many agree."""
        verdicts = Counter(one.reliance.verdict for one in self.rows)
        decided = [one for one in self.rows if one.reliance.verdict in ("agrees", "differs")]
        agrees = [one for one in decided if one.reliance.verdict == "agrees"]
        telling = [one for one in decided if one.is_number and not one.nothing_produced]
        used = Counter(one.consumption.verdict for one in self.rows if one.consumption is not None)
        return Counts(
            lines=len({(one.commodity, one.form) for one in self.rows}),
            cells=len(self.rows),
            agrees=verdicts["agrees"],
            differs=verdicts["differs"],
            inputs_missing=verdicts["inputs missing"],
            not_published=verdicts["not published"],
            nothing_produced=sum(one.nothing_produced for one in agrees),
            as_limits=sum(not one.is_number for one in agrees),
            telling=len(telling),
            telling_agree=sum(one.reliance.verdict == "agrees" for one in telling),
            telling_same_percent=_count(telling, lambda off: off <= 0.5),
            by_limits=sum(one.way == "limits" for one in agrees),
            within_a_point=_count(decided, lambda off: off <= 1),
            same_percent=_count(decided, lambda off: off <= 0.5),
            only_by_rounding=_count(agrees, lambda off: off > 0.5),
            beyond_a_point=_count(agrees, lambda off: off > 1),
            consumption_agrees=used["agrees"],
            consumption_differs=used["differs"],
            ways=dict(sorted(Counter(one.way for one in decided).items())),
        )

    def table(self) -> polars.DataFrame:
        """A row a commodity and year, with the columns of :meth:`Reliance.row`."""
        return as_table(self.rows)


def as_table(answers: Iterable[Reliance]) -> polars.DataFrame:
    """Answers as a table; unknown is null."""
    import polars

    kinds = {"f": polars.Float64, "b": polars.Boolean, "s": polars.String}
    return polars.DataFrame(
        [one.row() for one in answers], schema={name: kinds[kind] for name, kind in COLUMNS.items()}
    )


COLUMNS = {
    "commodity": "s",
    "form": "s",
    "year": "s",
    "published": "s",
    "computed": "f",
    "low": "f",
    "high": "f",
    "verdict": "s",
    "off_points": "f",
    "way": "s",
    "nothing_produced": "b",
    "consumption_unit": "s",
    "consumption_published": "s",
    "consumption_computed": "f",
    "consumption_verdict": "s",
    "consumption_off_percent": "f",
    "why": "s",
    "read": "s",
    "readings": "s",
}
"""Columns of a table of answers: text, number (f) or yes and no (b)."""


def _count(rows: Iterable[Reliance], holds: Callable[[float], bool]) -> int:
    # A figure that is 0.5 off by its printed inputs may come out a hair above it in binary.
    return sum(one.reliance.off is not None and holds(round(one.reliance.off, 9)) for one in rows)
