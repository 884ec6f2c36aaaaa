"""Planted faults of a programme: how many are found, how many findings are false, and what no method could see."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import norm

import lodeline
from bench.case import Outcome, Promise, Timing, case, seconds
from bench.coverage import NOTHING, Covered, biases, masses
from bench.curve import Series, binned, picture
from bench.planted import INSTRUMENTS, KINDS, Planted, Told, in_group, names, planted, right, shows, told, told_limit
from lodeline.book.finding import Evidence
from lodeline.book.view import View
from lodeline.examples.programme import programme
from lodeline.examples.programme.faults import KINDS as ALL
from lodeline.examples.programme.truth import Truth
from lodeline.metal.detection.faults.ledger import Faults, ledger_faults, mixed_stores
from lodeline.metal.detection.limits.context import Given
from lodeline.metal.detection.limits.limits import LIMITS, limits
from lodeline.metal.detection.limits.overdue import overdue

BOOKS = 12
"""Books with faults, and as many without, at full size."""
PICTURE = "faults-by-size.svg"
"""What is left in the folder beside the books: the curve of the documentation."""
FULL = 1_000
"""Lots from which on a run is a full one, with seeds drawn anew; below, one book with a seed of its own."""
SEED = 20261129
LOTS_A_FALSE_FINDING = 200
LARGE_U = 3.0
"""Standard uncertainties of one reading from which on a fault ought to be found."""
INTERVALS = (("dry masses of lots", "dry"), ("masses of elements", "elements"), ("biases of instruments", "biases"))
ALARMS = 0.01
"""Of the peer, as the policy of the programme has it."""


class Book(NamedTuple):
    """One programme, searched.

    Attributes:
        seed, lots: Of it.
        faults: What was planted.
        shows: (fault,) how far T would be off to one who knows it.
        found: What was found.
        named: By the peer: entries of readings that are far from all others.
        dry, elements, biases: Intervals that hold the truth, as reconciled, and without the faults that were found.
        reconcile_s, search_s, peer_s: Seconds.
        rounds: Of the search.
    """

    seed: int
    lots: int
    faults: tuple[Planted, ...]
    shows: tuple[float, ...]
    found: tuple[Told, ...]
    named: frozenset[int]
    dry: tuple[Covered, Covered]
    elements: tuple[Covered, Covered]
    biases: tuple[Covered, Covered]
    reconcile_s: float
    search_s: float
    peer_s: float
    rounds: int


@case(title="Planted faults of a programme, lots a book", small=300, full=2_000)
def programme_faults(size: int, folder: Path) -> Outcome:
    """Search programmes with and without faults, and hold what is found against the truth."""
    full = size >= FULL
    seeds = [secrets.randbelow(2**31) if full else SEED for _ in range(BOOKS if full else 1)]
    faulty = [searched(size, seed, ALL, folder) for seed in seeds]
    sound = [searched(size, seed, (), folder) for seed in seeds]
    lots = sum(book.lots for book in faulty)
    large = [pair for book in faulty for pair in held(book) if pair.fault.size_u >= LARGE_U]
    visible = [pair for book in faulty for pair in held(book) if pair.shows >= LARGE_U]
    estimates = [pair for book in faulty for pair in held(book) if pair.fault.kind in KINDS[:2] and pair.named]
    near = [abs(one.off) <= 2 for one in estimates]
    by_peer = [pair for book in faulty for pair in held(book) if pair.fault.size_u >= LARGE_U and pair.by_peer]
    pairs = [pair for book in faulty for pair in held(book)]
    (folder / PICTURE).write_text(
        picture(
            f"Planted faults that are found, {len(faulty)} programmes of {size:,} lots",
            [
                Series("size of the fault, over u of one reading", binned([(p.fault.size_u, p.found) for p in pairs])),
                Series("T of one who knows where, when and how", binned([(p.shows, p.found) for p in pairs])),
            ],
        ),
        encoding="utf-8",
    )
    return Outcome(
        timings=(
            Timing(what="search for faults", who="lodeline", count=lots, of="lots", seconds=total(faulty, "search_s")),
            Timing(what="reconcile alone", who="lodeline", count=lots, of="lots", seconds=total(faulty, "reconcile_s")),
            Timing(what="residuals beyond Bonferroni's limit", who="measurement test", count=lots, of="lots",
                   seconds=total(faulty, "peer_s")),
        ),
        promises=(
            Promise(what="found, of faults of 3 u of a reading or more, and one error of so few",
                    value=percent(large) + error(large), unit="%", at_least=90),
            Promise(what="found, of faults that show with T of 3 or more to one who knows them",
                    value=percent(visible), unit="%", at_least=90),
            Promise(what="found / named by the measurement test", value=len([1 for one in large if one.found]) /
                    max(len(by_peer), 1), unit="times", at_least=1.2),
            Promise(what="false findings in 200 lots, strong and weak, and half of one",
                    value=(false(faulty) + 0.5) * LOTS_A_FALSE_FINDING / lots, unit="findings", at_most=1),
            Promise(what="strong findings in sound books, of 200 lots, and half of one",
                    value=(false(sound, ("strong",)) + 0.5) * LOTS_A_FALSE_FINDING / lots, unit="findings",
                    at_most=0.1),
            Promise(what="biases of weighbridge and laboratory within 2 u of the truth, and one error of so few",
                    value=share(near, none=100.0) + spread(near), unit="%", at_least=90),
            *(
                Promise(what=f"95 % intervals that hold {what}, sound books", value=covered(sound, name, 0).percent,
                        unit="%", at_least=93 if full else 1)
                for what, name in INTERVALS
            ),
        ),
        notes=notes(faulty, sound, large),
    )  # fmt: skip


def searched(lots: int, seed: int, kinds: Sequence[str], folder: Path) -> Book:
    """Build a programme, reconcile it and look for its faults."""
    path = folder / f"programme-{lots}-{seed}-{len(kinds)}.db"
    path.unlink(missing_ok=True)
    with lodeline.create(path, title="Bench", by="bench") as made:
        truth = programme(lots, seed=seed, faults=kinds).build(made)
        entry_of = {event.hash_id: event.seq for event in made.events()}
        evidence = Evidence(made._store, View(made._store, None))
        evidence.flows.dry()  # the flows are no part of what is timed
        reconcile_s, reconciled = seconds(lambda: evidence.reconciled)
        search_s, faults = seconds(lambda: search(evidence, truth.lots, seed))
        peer_s, far = seconds(lambda: far_readings(evidence))
        rows = [row for row in LIMITS if row.find is overdue]
        given = Given(master=evidence.master, uncounted=evidence.uncounted)
        late = limits(evidence.flows, evidence.policy, given, rows=rows).suspicions
    path.unlink()
    of = tuple(planted(truth_of(truth), entry_of))
    pairs = [(reconciled, masses(reconciled, truth)), (faults.without, masses(faults.without, truth))]
    return Book(
        seed=seed,
        lots=truth.lots,
        faults=of,
        shows=tuple(shows(faults, one) if one.kind in KINDS else 0.0 for one in of),
        found=(*map(told, faults.found), *(told_limit(one) for one in late if one.weight != "note")),
        named=far,
        dry=(pairs[0][1][0], pairs[1][1][0]),
        elements=(pairs[0][1][1], pairs[1][1][1]),
        biases=(biases(reconciled, truth.instruments), biases(faults.without, truth.instruments)),
        reconcile_s=reconcile_s,
        search_s=search_s,
        peer_s=peer_s,
        rounds=faults.rounds,
    )


def search(evidence: Evidence, lots: int, seed: int) -> Faults:
    """The faults of a book; a reader who allows one false finding in 200 lots sees the weak ones too."""
    return ledger_faults(
        evidence.reconciled,
        evidence.policy,
        np.random.default_rng(seed),
        mixed=mixed_stores(evidence.policy, evidence.master),
        uncounted=evidence.uncounted,
        weak=lots / LOTS_A_FALSE_FINDING,
    )


def far_readings(evidence: Evidence) -> frozenset[int]:
    """The peer: entries of readings whose residual is beyond what any of so many would be by chance."""
    readings = [one for one in evidence.reconciled.readings() if one.z is not None]
    limit = float(norm.isf(ALARMS / 2 / max(len(readings), 1)))
    entry = evidence.flows.measurements["seq"]
    return frozenset(int(entry[one.row]) for one in readings if abs(one.z or 0.0) > limit)


def truth_of(truth: Truth) -> dict[str, Any]:
    """The summary as the truth file has it."""
    return truth.summary()


class Pair(NamedTuple):
    """A planted fault beside what was found of it.

    Attributes:
        seed, fault, shows: Which, and how it would show to one who knows it.
        named: The findings that name it. group: those that have it in their group only.
        pointed: Findings of another kind that rest on one of its false events: whoever follows them comes upon it.
        by_peer: Whether the peer names a reading of one of its false events.
    """

    seed: int
    fault: Planted
    shows: float
    named: tuple[Told, ...]
    group: tuple[Told, ...]
    pointed: tuple[Told, ...]
    by_peer: bool

    @property
    def found(self) -> bool:
        """By its name, or in the group of what the data do not tell apart."""
        return bool(self.named or self.group)

    @property
    def strong(self) -> bool:
        """Whether any of that is strong."""
        return any(one.weight in ("certain", "strong") for one in (*self.named, *self.group))

    @property
    def off(self) -> float:
        """How far the best estimate of its size is off, in its own standard uncertainties."""
        best = max(self.named, key=lambda one: abs(one.size) / one.size_u)
        return (best.size - self.fault.size) / best.size_u


def held(book: Book) -> list[Pair]:
    """Every fault of a book beside what was found of it."""
    return [
        Pair(
            book.seed,
            fault,
            shown,
            tuple(one for one in book.found if names(one, fault)),
            tuple(one for one in book.found if in_group(one, fault)),
            tuple(one for one in book.found if one.instrument is None and one.entries & fault.entries),
            bool(fault.entries & book.named),
        )
        for fault, shown in zip(book.faults, book.shows, strict=True)
        if fault.kind in KINDS
    ]


def false(books: Iterable[Book], weights: Sequence[str] = ("certain", "strong", "weak")) -> int:
    """How many findings are of no planted fault."""
    return sum(one.weight in weights and not right(one, book.faults) for book in books for one in book.found)


def percent(pairs: Sequence[Pair]) -> float:
    """How many are found, %."""
    return share([one.found for one in pairs])


def error(pairs: Sequence[Pair]) -> float:
    """Standard error of that share, %."""
    return spread([one.found for one in pairs])


def spread(of: Sequence[bool]) -> float:
    """Standard error of a share, %."""
    part = share(of) / 100
    return float(100 * np.sqrt(part * (1 - part) / max(len(of), 1)))


def share(of: Sequence[bool], *, none: float = 0.0) -> float:
    """How many are true, %; of none at all what is said."""
    return 100 * sum(of) / len(of) if of else none


def total(books: Iterable[Book], what: str) -> float:
    """Seconds of all books."""
    return float(sum(getattr(book, what) for book in books))


def covered(books: Iterable[Book], what: str, which: int) -> Covered:
    """Intervals of all books."""
    found = NOTHING
    for book in books:
        found = found.plus(getattr(book, what)[which])
    return found


def notes(faulty: Sequence[Book], sound: Sequence[Book], large: Sequence[Pair]) -> tuple[str, ...]:
    """What was drawn and measured, as Markdown."""
    pairs = [pair for book in faulty for pair in held(book)]
    missed = [one for one in large if not one.found]
    return (
        f"Seeds drawn: {', '.join(str(book.seed) for book in faulty)}. {sum(book.lots for book in faulty):,} lots with "
        f"{len(pairs)} planted faults of metal, and the same programmes without. A reader allows one false finding in "
        f"{LOTS_A_FALSE_FINDING} lots. Of {len(large)} faults of {LARGE_U:g} u or more {percent(large):.0f} ± "
        f"{error(large):.0f} % are found, {share([one.strong for one in large]):.0f} % by strong findings, "
        f"{sum(bool(one.group) and not one.named for one in large)} of them in a group only. To "
        f"{sum(bool(one.pointed) for one in missed)} of those missed a finding of another kind leads, by their false "
        "event.",
        kinds_table(large),
        "By size in standard uncertainties of one reading:",
        curve([(one.fault.size_u, one) for one in pairs]),
        "By T of one who knows place, time and shape (`inf`: a whole consignment that never came):",
        curve([(one.shows, one) for one in pairs]),
        "Missed, with the T of one who knows it: " + "; ".join(map(missing, missed)) + ".",
        f"False findings: {false(faulty, ('strong',))} strong and {false(faulty, ('weak',))} weak in books with "
        f"faults, {false(sound, ('strong',))} and {false(sound, ('weak',))} in sound ones.",
        *(sizes(kind, [one for one in pairs if one.fault.kind == kind]) for kind in INSTRUMENTS),
        "95 % intervals that hold the truth:",
        coverage_table(faulty, sound),
    )


def sizes(kind: str, of: Sequence[Pair]) -> str:
    """How far the sizes that were told of one kind are off, and what was not told."""
    known = [one.off for one in of if one.named]
    unknown = [one for one in of if not one.named]
    within = sum(abs(off) <= 2 for off in known)
    return (
        f"{kind.capitalize()}, found less planted, in its own standard uncertainty: "
        f"{', '.join(f'{off:+.1f}' for off in known) or 'none was found'}; {within} of {len(known)} within two. Not "
        f"named: {len(unknown)}{' with T of ' if unknown else ''}{', '.join(f'{one.shows:.1f}' for one in unknown)}."
    )


def missing(one: Pair) -> str:
    """A fault that was missed."""
    told = f", told as {one.pointed[0].code}" if one.pointed else ""
    return f"{one.fault.kind} of {one.fault.size_u:.1f} u ({one.shows:.1f}, seed {one.seed}{told})"


def kinds_table(pairs: Sequence[Pair]) -> str:
    """Found by kind."""
    rows = []
    for kind in KINDS:
        of = [one for one in pairs if one.fault.kind == kind]
        rows.append(
            f"| {kind} | {len(of)} | {sum(one.found for one in of)} | {sum(one.strong for one in of)} | "
            f"{sum(one.shows < LARGE_U for one in of)} | {sum(one.by_peer for one in of)} |"
        )
    head = "| fault of 3 u or more | planted | found | strong | T below 3 | measurement test |"
    return "\n".join((head, "| --- | ---: | ---: | ---: | ---: | ---: |", *rows))


def curve(sized: Sequence[tuple[float, Pair]]) -> str:
    """Found by doublings of a size."""
    rows = []
    for low, high in ((0, 1), (1, 2), (2, 3), (3, 4), (4, 8), (8, 16), (16, 64), (64, np.inf)):
        of = [one for size, one in sized if low <= size and (size < high or high == np.inf)]
        if of:
            rows.append(
                f"| {low:g} to {high:g} | {len(of)} | {share([one.found for one in of]):.0f} | "
                f"{share([one.strong for one in of]):.0f} |"
            )
    return "\n".join(("| size | planted | found, % | strong, % |", "| --- | ---: | ---: | ---: |", *rows))


def coverage_table(faulty: Sequence[Book], sound: Sequence[Book]) -> str:
    """Coverage of sound books, and of those with faults before and after these were found."""
    rows = [
        f"| {what} | {covered(sound, name, 0)} | {covered(faulty, name, 0)} | {covered(faulty, name, 1)} |"
        for what, name in INTERVALS
    ]
    head = "| | sound books | with faults, as reconciled | with faults, their sizes as unknowns |"
    return "\n".join((head, "| --- | --- | --- | --- |", *rows))
