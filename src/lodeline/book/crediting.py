"""Mass-balance credits held against a book: accounts that are never below zero, and whether the book covers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from lodeline.book.bounding import MG_PER_KG, known
from lodeline.book.claim_text import asked_of
from lodeline.book.credit_accounts import entered, period_of
from lodeline.book.credit_files import Document, Key, Received, Used, credits_in
from lodeline.book.credit_findings import Lacking, in_series, lots_twice, more_than_sold, not_covered, not_entered
from lodeline.book.finding import Found
from lodeline.book.judging import possible_origins
from lodeline.book.lot_metal import lot_index, lot_metal
from lodeline.book.tables import Table
from lodeline.book.traced import Traced, traced
from lodeline.errors import InputError, LodelineError
from lodeline.ids.epc import canonical
from lodeline.metal.flows.words import FLOW, NO_TIME

if TYPE_CHECKING:
    import polars

    from lodeline.ledger.store import Store
    from lodeline.origin.credits import Account, Period

Progress = Callable[[int], None]
Stage = Callable[[str], None]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING_MG: Final = 1_000
"""What rounding and reconciliation leave, milligrams."""


class AccountOf(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one holder for one origin, element and period, when all of the file is entered.

    Attributes:
        holder: Empty where nobody is named. origin, element, period: Of what.
        entered_kg: Metal of the origin that entered processes. credit_kg: what it gave, by the factors in force.
        carried_in_kg, carried_out_kg: Over from the period before, and into the next. used_kg: for claims.
        left_kg: What may be used still, or is lost when the period ends; never below zero.
        least_kg: Of what entered, so much is of the origin by the book, whatever the mixing was; None where the book
            cannot tell. least_u: its standard uncertainty (k = 1); None where unknown.
    """

    holder: str
    origin: str
    element: str
    period: str
    entered_kg: float
    credit_kg: float
    carried_in_kg: float
    carried_out_kg: float
    used_kg: float
    left_kg: float
    least_kg: float | None
    least_u: float | None


class Credits(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of credits comes to.

    Attributes:
        as_of: The entry. policy: how the policy it rests on is cited.
        accounts: In order of holder, origin, element and period. findings: what the book does not bear out.
    """

    as_of: int
    policy: str
    accounts: tuple[AccountOf, ...]
    findings: tuple[Found, ...]

    @property
    def covered(self) -> bool:
        """Whether the book bears out every credit and every use."""
        return not self.findings

    def table(self) -> Table:
        """A row an account."""
        texts = ("holder", "origin", "element", "period")
        rows: dict[str, Any] = {name: [getattr(one, name) for one in self.accounts] for name in texts}
        for name in AccountOf.__struct_fields__[len(texts) :]:
            each = [getattr(one, name) for one in self.accounts]
            rows[name] = np.array([np.nan if one is None else one for one in each], dtype=np.float64)
        return Table(rows)

    def to_polars(self) -> polars.DataFrame:
        """A row an account.

        Raises:
            InputError: ``flows.library_missing``.
        """
        return self.table().to_polars()


def credited(
    store: Store,
    content: bytes,
    *,
    file: str,
    as_of: int | None,
    recorded: bool = False,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> Credits:
    """Enter a file of credits and hold it against a book.

    Raises:
        InputError: What :func:`~lodeline.book.credit_files.credits_in` and :mod:`lodeline.origin.credits` refuse, with
            the row; ``origin.country``, ``claim.origin_unknown``, ``chemistry.element_unknown``.
            NotFoundError: ``origin.no_lot``.
    """
    document = credits_in(content, file=file)
    books = entered(document, file=file)
    of = {
        element: traced(store, as_of, element, recorded=recorded, progress=progress, stage=stage)
        for element in dict.fromkeys(key.element for key, _ in books)
    }
    if stage is not None:
        stage("holding the credits against the book")
    return held(document, books, of, file=file)


def held(
    document: Document, books: Mapping[tuple[Key, str], Account], of: Mapping[str, Traced], *, file: str
) -> Credits:
    """Accounts held against a book.

    Args:
        document: Of the file. books: its accounts, entered. of: every element of these, from one book.

    Raises:
        InputError: As :func:`credited`. NotFoundError: ``origin.no_lot``.
    """
    periods = {one.name: one for one in document.periods}
    found: list[Found] = []
    accounts = []
    covers: dict[tuple[str, str], list[_Cover]] = {}
    for (key, name), made in sorted(books.items()):
        rows = [one for one in document.received if one.key == key and name == period_of(document, one.at).name]
        cover = _cover(of[key.element], key, periods[name], rows, file)
        found += cover.findings
        covers.setdefault((key.origin, key.element), []).append(cover)
        accounts.append(_account_of(key, name, made, rows, cover))
    for (origin, element), several in covers.items():
        found += _together(of[element], origin, [one for one in several if one.arcs], file)
    found += lots_twice(document)
    for use in document.used:
        if use.lot:
            found += _sold(of[use.key.element], document, use, file)
    first = next(iter(of.values()))
    return Credits(
        as_of=first.as_of,
        policy=first.policy.cited,
        accounts=tuple(accounts),
        findings=tuple(dict.fromkeys(found)),
    )


# -- what the book says ----------------------------------------------------------------------------------------------


class _Cover(NamedTuple):
    """What the book says of some credits.

    Attributes:
        rows: They. arcs: by which their lots entered. least_kg: of the origin in these, at least; None where the book
            cannot tell. least_u: its standard uncertainty. findings: what is not borne out.
    """

    rows: list[Received]
    arcs: list[int]
    least_kg: float | None
    least_u: float | None
    findings: list[Found]


def _cover(of: Traced, key: Key, period: Period, rows: list[Received], file: str) -> _Cover:
    """Whether what entered processes in a period holds as much of the origin as credits say, at least."""
    found: list[Found] = []
    arcs: list[int] = []
    for one in rows:
        try:
            own = _entered_arcs(of, one, period)
        except LodelineError as refusal:
            raise refusal.located(file=file, row=one.row) from refusal
        if not own:
            found.append(not_entered(one, period))
        arcs += own
    if not arcs:
        return _Cover(rows, arcs, None if rows else 0.0, None, found)
    held = _held_against(of, key.origin, period.name, rows, arcs, file)
    return held._replace(findings=[*found, *held.findings])


def _together(of: Traced, origin: str, several: list[_Cover], file: str) -> list[Found]:
    """The credits of all accounts of an origin: each kilogram is borne out once, whoever holds it and when."""
    if len(several) < 2 or any(one.least_kg is None for one in several):
        return []
    rows = [row for one in several for row in one.rows]
    arcs = [arc for one in several for arc in one.arcs]
    together = _held_against(of, origin, "all accounts together", rows, arcs, file).findings
    # What one account lacks is told there.
    lacking = sum(one.kg or 0.0 for cover in several for one in cover.findings if one.code == "credit.not_covered")
    return [one for one in together if one.kg is None or one.kg * MG_PER_KG > lacking * MG_PER_KG + NOTHING_MG]


def _held_against(of: Traced, origin: str, when: str, rows: list[Received], arcs: list[int], file: str) -> _Cover:
    """The least of the origin in some arcs, beside what credits say."""
    try:
        bound = of.bounds.arcs(np.unique(arcs), asked_of(possible_origins(of, origin), origin))
    except InputError as refusal:
        if refusal.code != "origin.series":
            raise refusal.located(file=file) from refusal
        return _Cover(rows, arcs, None, None, [in_series(of.element, origin, when, rows)])
    least, _ = of.uncertain(bound)
    claimed_mg, u = sum(one.mg for one in rows), known(least.u_kg)
    off_mg = max(_k(of) * (u or 0.0) * MG_PER_KG, NOTHING_MG)
    found = []
    if claimed_mg - bound.least > off_mg:
        lacking, most = (claimed_mg - bound.least) / MG_PER_KG, bound.most / MG_PER_KG
        beyond = claimed_mg > bound.most + off_mg
        found.append(not_covered(of.element, origin, when, rows, Lacking(lacking, u, most, beyond)))
    return _Cover(rows, arcs, bound.least / MG_PER_KG, u, found)


def _k(of: Traced) -> float:
    alarms = of.policy.false_alarms
    return 0.0 if alarms is None else max(0.0, NormalDist().inv_cdf(1 - float(alarms)))


def _entered_arcs(of: Traced, one: Received, period: Period) -> list[int]:
    """Arcs by which a lot entered processes in a period, until its credit arose."""
    flow = of.flows.flows
    rows = np.flatnonzero((flow["lot"] == lot_index(of.flows, one.lot)) & (flow["kind"] == FLOW["process_in"]))
    at = np.where(flow["arrived_at"][rows] == NO_TIME, flow["left_at"][rows], flow["arrived_at"][rows])
    begins, arose = ((each - EPOCH) // timedelta(microseconds=1) for each in (period.begins, one.at))
    arcs = of.built.arc[rows[(at >= begins) & (at <= arose)]]
    return [int(each) for each in arcs.tolist() if each >= 0]


def _account_of(key: Key, name: str, made: Account, rows: list[Received], cover: _Cover) -> AccountOf:
    fresh = {one.id for one in rows}
    out = {use: draws for use, draws in made.uses.items() if use.startswith("carried into ")}

    def kg(mg: int) -> float:
        return mg / MG_PER_KG

    return AccountOf(
        holder=key.holder,
        origin=key.origin,
        element=key.element,
        period=name,
        entered_kg=kg(sum(one.mg for one in rows)),
        credit_kg=kg(sum(one.mg for of, one in made.credits.items() if of in fresh)),
        carried_in_kg=kg(sum(one.mg for of, one in made.credits.items() if of not in fresh)),
        carried_out_kg=kg(sum(mg for draws in out.values() for _, mg in draws)),
        used_kg=kg(sum(mg for use, draws in made.uses.items() if use not in out for _, mg in draws)),
        left_kg=kg(made.left_mg),
        least_kg=cover.least_kg,
        least_u=cover.least_u,
    )


def _sold(of: Traced, document: Document, use: Used, file: str) -> list[Found]:
    """Whether credits of more than a lot holds are used for it."""
    try:
        metal = lot_metal(of, use.lot)
    except LodelineError as refusal:
        raise refusal.located(file=file, row=use.row) from refusal
    lot = canonical(use.lot)
    same = [one for one in document.used if canonical(one.lot) == lot and one.key.element == use.key.element]
    drawn = sum(mg for one in same for _, mg in one.draws)
    holds = int(of.built.graph.mg[metal.arcs].sum())
    return [more_than_sold(use, metal.lot, drawn, holds)] if drawn > holds + NOTHING_MG else []
