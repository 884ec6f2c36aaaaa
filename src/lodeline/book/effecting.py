"""The effect of a book: what its deliveries change in a country's dependence, year by year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from lodeline.errors import InputError, Settle
from lodeline.units.figure import Figure, product, unknown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.book.delivered import Delivered, Deliveries
    from lodeline.book.traced import Traced
    from lodeline.ledger.store import Store
    from lodeline.world.effect.answer import Effects
    from lodeline.world.effect.asking import Against
    from lodeline.world.effect.supplied import Supplied
    from lodeline.world.statistics.edition import Table
    from lodeline.world.trade.traded import TradeTable

Progress = Callable[[int], None]
Stage = Callable[[str], None]

ILLUSTRATIVE = "illustrative"
"""Role of a document that says of its book that it is made up."""


class EffectQuestions:
    """Questions of a partnership's effect; a part of :class:`lodeline.book.Book`."""

    _store: Store

    def effect(
        self,
        *,
        importer: str = "US",
        rival: str = "CN",
        elements: Sequence[str] | None = None,
        recovery: float | None = None,
        recorded: bool = False,
        year: str | None = None,
        table: Table | None = None,
        trades: Iterable[TradeTable] = (),
        as_of: int | None = None,
        progress: Progress | None = None,
        stage: Stage | None = None,
    ) -> Effects:
        """What the deliveries of the book change in a country's dependence, year by year.

        Args:
            importer: Whose dependence, and rival: on whom; codes of two or three letters.
            elements: Symbols or names; None for all that were delivered and that an edition reports.
            recorded: Take masses as recorded, and not reconciled ones.
            recovery, year, table, trades: As of :func:`lodeline.world.effect.effect`.

        Raises:
            NotFoundError: ``world.commodity_unknown``, ``world.effect_country``, ``world.effect_year``,
                ``world.effect_commodity``.
        """
        from lodeline.world.effect.asking import Against
        from lodeline.world.effect.question import country
        from lodeline.world.statistics.edition import shipped

        against = Against(table or shipped(), country(importer), country(rival), year, tuple(trades))
        return effect_of(
            self._store,
            as_of,
            against,
            elements=elements,
            recovery=recovery,
            recorded=recorded,
            progress=progress,
            stage=stage,
        )


def effect_of(
    store: Store,
    as_of: int | None,
    against: Against,
    *,
    elements: Sequence[str] | None = None,
    recovery: float | None = None,
    recorded: bool = False,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> Effects:
    """The effect of a book's deliveries as of an entry; see :func:`effect_of_deliveries`."""
    from lodeline.book.delivered import deliveries
    from lodeline.book.flows import flows_of, policy_of
    from lodeline.book.traced import traced
    from lodeline.metal.registered import latest
    from lodeline.world.effect.question import recovered

    part, head = recovered(recovery), store.head(as_of)
    flows, master = flows_of(store, as_of, progress=progress), latest(store.master(head.seq))
    found = deliveries(flows, master, policy_of(store, head.seq), against.importer)
    if elements is not None:
        wanted = {_symbol(one, found) for one in elements}
        found = found._replace(groups=tuple(one for one in found.groups if one.element in wanted))

    def graph(element: str) -> Traced:
        return traced(store, as_of, element, recorded=recorded, progress=progress, stage=stage)

    return msgspec.structs.replace(
        effect_of_deliveries(found, against, graph, recovery=part),
        as_of=head.seq,
        illustrative=any(one.role == ILLUSTRATIVE for one in store.documents(head.seq)),
    )


def _symbol(asked: str, found: Deliveries) -> str:
    """The element or group that is asked for: as the deliveries name it, else by any usual name."""
    from lodeline.world.dependence.answer_asked import subject

    return asked if any(asked == one.element for one in found.groups) else subject(asked).element


def effect_of_deliveries(
    found: Deliveries, against: Against, graph: Callable[[str], Traced], *, recovery: Figure | None = None
) -> Effects:
    """The effect of deliveries.

    What of a delivery was mined in the country it left is taken from the book: its share if stores mix as they are
    kept, and the least and the most whatever was mixed. Foreign and untraced metal does not count.

    Args:
        graph: The mass graph of an element of the book, asked once for each.
        recovery: What of ore becomes metal, P1; None where nobody says.
    """
    from lodeline.world.country import with_article
    from lodeline.world.effect.asking import effects_of

    graphs = {element: graph(element) for element in dict.fromkeys(one.element for one in found.groups)}
    supplies = (_supplied(one, graphs[one.element], against.rival, recovery) for one in found.groups)
    effects = effects_of(supplies, against)
    said = _said(found, with_article(against.importer), nothing=not found.groups)
    return msgspec.structs.replace(effects, said=(*effects.said, *said))


def _supplied(of: Delivered, traced: Traced, rival: str, recovery: Figure | None) -> Supplied:
    """A group of flows as what a partnership supplies."""
    from lodeline.world.effect.supplied import Supplied

    kg = traced.sums.of_many([(of.rows, of.rows[:0])])[0]
    lost = traced.built.unknown[of.rows]
    return Supplied(
        element=of.element,
        commodity=of.commodity,
        tonnes=product(_settled(kg, of, traced), unit="TNE", scale=0.001),
        form=of.form,
        route=of.route,
        origin=of.origin,
        period=of.year,
        own=_part(traced, of.rows[~lost], of.origin, kg, whole=not lost.any()),
        rivals=_part(traced, of.rows[~lost], rival, kg, whole=not lost.any()),
        recovery=recovery,
        note=_note(of, int(lost.sum())),
    )


def _settled(kg: Figure, of: Delivered, traced: Traced) -> Figure:
    """The mass, with the acts that would make what is unknown of it known."""
    if kg.known:
        return kg
    from lodeline.origin.unknowns import why

    lost = of.rows[traced.built.unknown[of.rows]]
    mass, names = traced.flows.flows["mass_kg"], traced.flows.names
    lots = [names[one] for one in traced.flows.flows["lot"][lost[np.isnan(mass[lost])]].tolist()]
    acts: dict[Settle, None] = {}
    if lots:
        more = f" and of {len(lots) - 1:,} more" if len(lots) > 1 else ""
        acts[Settle(act="weighing", subject=lots[0], detail=f"A weighing of {lots[0]}{more}.")] = None
    for row in lost.tolist():
        reason = why(traced.built, int(row))
        acts |= dict.fromkeys(() if reason is None else reason.settle)
    return msgspec.structs.replace(kg, settle=tuple(acts))


def _part(traced: Traced, rows: NDArray[Any], country: str, kg: Figure, *, whole: bool) -> Figure:
    """What of some metal was mined in a country, P1: as stores are kept, and at least and at most whatever was mixed.

    Of metal whose mass nobody knows it is unknown; where that is a part of it, only limits that it allows are left.
    """
    from lodeline.book.mixed import mixed
    from lodeline.book.tracing import shares_under
    from lodeline.origin.wanted import wanted
    from lodeline.world.country import alpha2

    code = alpha2(country)
    arcs = traced.built.arc[rows]
    arcs = arcs[arcs >= 0]
    if not arcs.size or code is None or not whole:
        act = Settle(act="weighing", subject=traced.element, detail="The mass of all of it, by weighing and assay.")
        return unknown("P1", act, rests_on=kg.rests_on)
    found = shares_under(traced, arcs, mixed(traced, None), "country", uncertain=False)
    share = dict(zip(found.classes.names, found.share.tolist(), strict=True)).get(code, 0.0)
    least, most = 0.0, 1.0
    try:
        bound = traced.bounds.arcs(arcs, wanted(traced.built.graph.origins, country=code))
        least, most = bound.least / bound.mg, bound.most / bound.mg
    except InputError as refusal:
        # Metal that came, left and came again is in the sum twice: then nothing bounds what is in all of it.
        if refusal.code != "origin.series":
            raise
    return Figure(
        value=100 * share,
        low=min(100 * least, 100 * share),
        high=max(100 * most, 100 * share),
        unit="P1",
        standing="computed",
        rests_on=kg.rests_on,
    )


def _note(of: Delivered, lost: int) -> str:
    """What a reader must know of a group of flows."""
    said = []
    if lost:
        of_all = f"Of {of.rows.size:,} lots that came, {lost:,}" if of.rows.size > 1 else "The one lot that came"
        said.append(f"{of_all} {'has' if lost == 1 else 'have'} a mass of {of.element} that nobody knows.")
    if of.materials:
        said.append(
            f"Master data say of {', '.join(of.materials)} neither a form nor a code of six digits that is one of "
            f"{of.commodity.plain}."
        )
    return " ".join(said)


def _said(found: Deliveries, home: str, *, nothing: bool) -> Iterator[str]:
    """What holds for all of it."""
    if nothing:
        yield f"No event of the book brings metal that is asked for to {home} from abroad, or makes any there."
    if found.unclear:
        yield (
            f"{_receipts(found.unclear, home)} not counted: no event says which country it left. A departure, or "
            "the country of its place in the master data, would settle it."
        )
    if found.nameless:
        yield (
            f"{_receipts(found.nameless, home)} not counted: nobody says of which material the lot is, and nothing "
            "was found in it. The elements of its material in the master data, or an assay, would settle it."
        )
    if found.beside:
        yield (
            f"{', '.join(found.beside)} came too and {'is' if len(found.beside) == 1 else 'are'} not set against any "
            "figure: no edition at hand tells how much of it is imported and used, or it came within what is traded as "
            "another metal."
        )


def _receipts(count: int, home: str) -> str:
    return f"One receipt in {home} is" if count == 1 else f"{count:,} receipts in {home} are"
