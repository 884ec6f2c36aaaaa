"""The findings of a book from every source, ranked by evidence: in kilograms, and in money where it has a price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import msgspec

from lodeline.book.entries import hash_ids, years
from lodeline.book.flows import facts_of
from lodeline.book.tables import Table
from lodeline.book.valuing import Valuing
from lodeline.book.view import View
from lodeline.deal.prices import Worth
from lodeline.errors import Finding, LodelineError
from lodeline.units.money import Money

if TYPE_CHECKING:
    import polars

    from lodeline.ledger.store import Store
    from lodeline.metal.detection.limits.consignments import Uncounted
    from lodeline.metal.detection.suspicion import Suspicion
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.instruments import Instruments
    from lodeline.metal.policy import Policy
    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.metal.registered import Master

Progress = Callable[[int], None]
Stage = Callable[[str], None]
SEED: Final = 20251002
"""Of the draws from which limits are made, so that the same book has the same findings everywhere."""
OF_ROAD: Final = frozenset(
    {
        "metal.lost_on_road",
        "metal.gained_on_road",
        "metal.dry_mass_on_road",
        "metal.wet_mass_on_road",
    }
)
"""Codes by which several sources say that a load is not what it was when it left."""
ORDER: Final = ("certain", "strong", "weak", "note")
"""Weights of evidence, the heaviest first."""


class Found(Finding, frozen=True, kw_only=True):
    """A finding with what it is about.

    Attributes:
        kg: Kilograms in question, of ``element`` where that is named, else of mass. None where nothing says.
        kg_u: Standard uncertainty (k = 1) of these if nothing is wrong; None where unknown.
        element: Symbol of the element; None where it is about mass, or about neither.
        lots, instruments: URIs.
        z: In standard uncertainties, signed; None where there is no such figure.
        p: How likely chance is to give as much among all that were compared; None where there is no such figure.
        worth: What the kilograms are worth by the price documents of the book: of the element, or of material of one
            lot by each element in it that has a price. Empty where there is none.
        unpriced: Why there is no money; empty where there is, or where there are no kilograms.
    """

    kg: float | None = None
    kg_u: float | None = None
    element: str | None = None
    lots: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    z: float | None = None
    p: float | None = None
    worth: tuple[Worth, ...] = ()
    unpriced: str = ""

    @property
    def money(self) -> Money | None:
        """What it is worth in all; None where there is no price, or where prices are in several currencies."""
        if len({one.money.currency for one in self.worth}) != 1:
            return None
        first, *others = (one.money for one in self.worth)
        return sum(others, start=first)


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a book.

    Attributes:
        as_of: The entry. policy: how what it supposes is cited.
        found: The strongest evidence first.
        unbound: Of each source, what it had nothing to bind to: reason to number.
    """

    as_of: int
    policy: str
    found: tuple[Found, ...]
    unbound: Mapping[str, Mapping[str, int]]

    def table(self) -> Table:
        """A row a finding."""
        money = [one.money for one in self.found]
        rows: dict[str, Any] = {
            "weight": [one.weight for one in self.found],
            "code": [one.code for one in self.found],
            "kg": _numbers(one.kg for one in self.found),
            "kg_u": _numbers(one.kg_u for one in self.found),
            "element": [one.element for one in self.found],
            "money": [None if one is None else f"{one.amount:f}" for one in money],
            "currency": [None if one is None else one.currency for one in money],
            "prices": [" ".join(dict.fromkeys(by.price.document for by in one.worth)) for one in self.found],
            "z": _numbers(one.z for one in self.found),
            "p": _numbers(one.p for one in self.found),
            "sentence": [one.sentence for one in self.found],
            "lots": [" ".join(one.lots) for one in self.found],
            "instruments": [" ".join(one.instruments) for one in self.found],
            "events": [" ".join(one.events) for one in self.found],
            "settle": [" ".join(act.detail for act in one.settle) for one in self.found],
        }
        return Table(rows)

    def to_polars(self) -> polars.DataFrame:
        """A row a finding; what is unknown is null. Money is text, with every digit.

        Raises:
            InputError: ``flows.library_missing``.
        """
        return self.table().to_polars()


class Evidence:
    """What sources of suspicion look at: a book as of an entry, each part made when it is first asked for.

    Args:
        stage: Called with what is done next, in words.
    """

    def __init__(self, store: Store, view: View, stage: Stage | None = None) -> None:
        self._store, self._view, self._stage = store, view, stage
        self.unbound: dict[str, Mapping[str, int]] = {}

    def begins(self, doing: str) -> None:
        """Say what is done next."""
        if self._stage is not None:
            self._stage(doing)

    @property
    def flows(self) -> Flows:
        """The flows of the book."""
        return self._view.flows

    @property
    def policy(self) -> Policy:
        """What it supposes."""
        return self._view.supposing

    @cached_property
    def master(self) -> Master:
        """Master data, the latest record of each."""
        from lodeline.metal.registered import latest

        return latest(self._view.master)

    @cached_property
    def instruments(self) -> Instruments:
        """Priors of biases."""
        from lodeline.metal.instruments import Instruments

        return Instruments.of(self._view.master)

    @cached_property
    def reconciled(self) -> Reconciled:
        """The book reconciled.

        Raises:
            InputError: ``reconcile.not_converged``, ``reconcile.constraints_disagree``.
        """
        from lodeline.metal.reconciliation.reconciled import reconcile_flows

        self.begins("reconciling")
        return reconcile_flows(self.flows, self.instruments, self.policy)

    @cached_property
    def uncounted(self) -> tuple[Uncounted, ...]:
        """Receipts that the books did not count, since they had the lot already."""
        import numpy as np

        from lodeline.ledger.timeline import Timeline
        from lodeline.metal.detection.limits.context import uncounted
        from lodeline.metal.values import Arrived

        again = {one.events[0] for one in self._view.facts.findings if one.code == "metal.received_again"}
        if not again:
            return ()
        entries = [event.seq for one in sorted(again) for event in self._store.event(one, self._view.as_of)]
        line = self._store.timeline(self._view.as_of)
        at = np.isin(line.seq, np.array(entries, dtype=np.int64))
        said = facts_of(self._store, Timeline(line.seq[at], line.at[at]), self.policy)
        return uncounted(fact for _, facts in said for fact in facts if isinstance(fact, Arrived))


Source = Callable[[Evidence], Iterable["Suspicion"]]


def _limits(of: Evidence) -> Iterable[Suspicion]:
    """What no plant, road or laboratory can do."""
    from lodeline.metal.detection.limits.context import Given
    from lodeline.metal.detection.limits.limits import limits
    from lodeline.metal.detection.limits.priors import priors

    known = priors(of.flows, of.instruments)
    of.begins("holding it against what plants, roads and laboratories can do")
    given = Given(
        master=of.master,
        scale_u=known.scale_u,
        laboratory_u=known.laboratory_u,
        moisture_u=known.laboratory_u,
        uncounted=of.uncounted,
    )
    found = limits(of.flows, of.policy, given)
    of.unbound |= found.unbound
    return found.suspicions


def _faults(of: Evidence) -> Iterable[Suspicion]:
    """What explains best that the readings of the reconciled book do not agree."""
    import numpy as np

    from lodeline.metal.detection.faults.ledger import ledger_faults, mixed_stores

    reconciled = of.reconciled
    of.begins("looking for what explains best that readings do not agree")
    found = ledger_faults(
        reconciled,
        of.policy,
        np.random.default_rng(SEED),
        mixed=mixed_stores(of.policy, of.master),
        uncounted=of.uncounted,
        weak=of.flows.lots.rows / LOTS_A_WEAK,
    )
    return [fault.suspicion for fault in found.found]


LOTS_A_WEAK = 200
"""A sound book may raise one weak suspicion of a fault for so many lots; of strong ones the policy says it."""


def _remarks(of: Evidence) -> Iterable[Suspicion]:
    """What the reconciled book says of itself."""
    from lodeline.metal.reconciliation.remarks import remarks

    reconciled = of.reconciled
    of.begins("judging the reconciled book")
    return remarks(reconciled, of.policy)


def _origins(of: Evidence) -> Iterable[Suspicion]:
    """What weighs against an origin that the book claims."""
    import numpy as np

    from lodeline.origin.plausibility import plausibility

    flows = of.flows
    of.begins("weighing claimed origins against what is known of them")
    found = plausibility(flows, of.policy, of.master, np.random.default_rng(SEED))
    of.unbound |= found.unbound
    return found.suspicions


SOURCES: tuple[Source, ...] = (_limits, _faults, _remarks, _origins)
"""Every source of suspicions. A caller may add one of its own."""


def findings_of(
    store: Store,
    as_of: int | None,
    *,
    element: str | None = None,
    sources: Sequence[Source] = SOURCES,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> Findings:
    """Everything found wrong or unclear in a book: by following its events, by limits, and by reconciling it.

    Args:
        element: Only findings about this element, or group that the policy declares.
        sources: What looks for suspicions.
        progress: Called with the events done so far while they are followed.
        stage: Called with what is done next, in words.

    Raises:
        InputError: ``chemistry.element_unknown``.
    """
    view = View(store, as_of, progress=progress)
    wanted = None if element is None else frozenset(_asked(element, view.supposing))
    evidence = Evidence(store, view, stage)
    suspicions: list[Suspicion] = []
    plain = list(view.findings)
    for source in sources:
        try:
            suspicions += source(evidence)
        except LodelineError as refusal:
            # A book that cannot be reconciled has findings all the same, and this is one of them.
            if not refusal.code.startswith("reconcile."):
                raise
            plain.append(_not_reconciled(refusal))
    valuing = Valuing(view)
    of_entries = hash_ids(store, view.as_of, [entry for one in suspicions for entry in one.entries])
    year_of = years(store, view.as_of)
    found = [_of_finding(one) for one in (*plain, *valuing.prices.findings)]
    found += [_of_suspicion(one, of_entries, year_of, valuing) for one in suspicions]
    return Findings(
        as_of=view.as_of,
        policy=view.supposing.cited,
        found=_once(sorted((one for one in found if wanted is None or one.element in wanted), key=_rank)),
        unbound=evidence.unbound,
    )


def _asked(element: str, policy: Policy) -> tuple[str, ...]:
    """The element, or the group with its members."""
    from lodeline.chemistry.elements import element as known

    return (element, *policy.groups[element]) if element in policy.groups else (known(element).symbol,)


def _rank(one: Found) -> tuple[Any, ...]:
    """The heaviest evidence first; of one weight what chance gives least, then what is furthest off, then kilograms."""
    chance = 1.0 if one.p is None else one.p
    return (ORDER.index(one.weight), chance, -abs(one.z or 0.0), -(one.kg or 0.0), one.code, one.events, one.sentence)


def _once(ranked: Iterable[Found]) -> tuple[Found, ...]:
    """What two sources say of one instrument, or of one load on a road, and the same events is one finding: the one
    with the heavier evidence."""
    kept: list[Found] = []
    told: dict[tuple[str, str | None, tuple[str, ...]], set[str]] = {}
    for one in ranked:
        of_road = one.code in OF_ROAD and bool(one.lots)
        if one.events and (one.instruments or of_road):
            about = ("road", None, one.lots[:1]) if of_road else (one.code, one.element, one.instruments)
            events = told.setdefault(about, set())
            if events.intersection(one.events):
                continue
            events.update(one.events)
        kept.append(one)
    return tuple(kept)


def _not_reconciled(refusal: LodelineError) -> Finding:
    return Finding(
        code="reconcile.not_reconciled",
        sentence=f"The book could not be reconciled: {refusal.sentence}",
        weight="note",
    )


def _of_finding(one: Finding) -> Found:
    return Found(**{name: getattr(one, name) for name in one.__struct_fields__})


def _of_suspicion(one: Suspicion, of_entries: Mapping[int, str], year_of: Mapping[int, int], valuing: Valuing) -> Found:
    """A suspicion with the hash ids of its events, and what its kilograms are worth."""
    known = [entry for entry in one.entries if entry in of_entries]
    year = max((year_of[entry] for entry in known), default=None)
    worth, unpriced = valuing.worth(one, year)
    return Found(
        code=one.code,
        sentence=one.sentence,
        weight=one.weight,
        events=tuple(dict.fromkeys(of_entries[entry] for entry in known)),
        settle=one.settle,
        kg=one.kg,
        kg_u=one.kg_u,
        element=one.element,
        lots=one.lots,
        instruments=one.instruments,
        z=one.z,
        p=one.p if one.family_p is None else one.family_p,
        worth=worth,
        unpriced=unpriced,
    )


def _numbers(values: Iterable[float | None]) -> Any:
    import numpy as np

    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
