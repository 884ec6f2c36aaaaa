"""Foreign ore in a programme: which loads the composition of their deposit names, and how many sound ones wrongly."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

import lodeline
from bench.case import Outcome, Promise, Timing, case, seconds
from lodeline.book.finding import Evidence
from lodeline.book.view import View
from lodeline.examples.programme import programme
from lodeline.examples.programme.faults import KINDS
from lodeline.examples.programme.tables import tables
from lodeline.examples.programme.truth import Truth
from lodeline.origin.plausibility import Plausible, plausibility
from lodeline.origin.plausibility_composition import LEAST_LOTS
from lodeline.origin.plausibility_lots import History, histories

BOOKS = 5
"""Books with faults, and as many without, at full size."""
FULL = 1_000
SEED = 20261130
LARGE = 0.5
"""Part of a load from which on it ought to be found."""
TELLING = ("As", "Bi")
"""Elements by whose true mass the foreign part of a load is told, to some 6 % of the load."""
ALARMS = 0.01
ABROAD = "across-the-border"


class Book(NamedTuple):
    """One programme.

    Attributes:
        seed: Of it. lots: how many were compared.
        planted: Foreign part of each load that has any, by its URI; assayed: of those that were.
        named: Loads that were named, by code.
        peer: Loads that the peer named.
        search_s, peer_s: Seconds.
    """

    seed: int
    lots: int
    planted: dict[str, float]
    assayed: dict[str, float]
    named: dict[str, frozenset[str]]
    peer: frozenset[str]
    search_s: float
    peer_s: float

    @property
    def every(self) -> frozenset[str]:
        """Loads that were named by anything."""
        return frozenset().union(*self.named.values())


@case(title="Foreign ore by the composition of its deposit, lots a book", small=300, full=2_000)
def origin_plausibility(size: int, folder: Path) -> Outcome:
    """Hold lots against the history of their deposits, beside each ratio's distance from its mean."""
    full = size >= FULL
    seeds = [secrets.randbelow(2**31) if full else SEED for _ in range(BOOKS if full else 1)]
    faulty = [searched(size, seed, KINDS, folder) for seed in seeds]
    sound = [searched(size, seed, (), folder) for seed in seeds]
    books = [*faulty, *sound]
    lots = sum(book.lots for book in books)
    large = [(book, lot) for book in faulty for lot, part in book.assayed.items() if part >= LARGE]
    wrong = sum(len(book.every - book.planted.keys()) for book in books)
    found = sum(lot in book.every for book, lot in large)
    return Outcome(
        timings=(
            Timing(what="lots against their deposit", who="lodeline", count=lots, of="lots",
                   seconds=sum(book.search_s for book in books)),
            Timing(what="ratios beyond Bonferroni's limit", who="z of each log-ratio", count=lots, of="lots",
                   seconds=sum(book.peer_s for book in books)),
        ),
        promises=(
            Promise(what="assayed loads that are half foreign or more: named",
                    value=100 * found / len(large) if large else 100.0, unit="%", at_least=80),
            Promise(what="sound loads that are named in a book, and half of one",
                    value=(wrong + 0.5) / len(books), unit="loads", at_most=0.2),
        ),
        notes=notes(faulty, sound),
    )  # fmt: skip


def searched(lots: int, seed: int, kinds: Sequence[str], folder: Path) -> Book:
    """Build a programme and hold its lots against their deposits."""
    path = folder / f"origin-{lots}-{seed}-{len(kinds)}.db"
    path.unlink(missing_ok=True)
    with lodeline.create(path, title="Bench", by="bench") as made:
        truth = programme(lots, seed=seed, faults=kinds).build(made)
        evidence = Evidence(made._store, View(made._store, None))
        flows, policy, master = evidence.flows, evidence.policy, evidence.master
        flows.dry()  # the flows are no part of what is timed
        search_s, found = seconds(lambda: plausibility(flows, policy, master, np.random.default_rng(seed)))
        known = histories(flows)
        peer_s, peer = seconds(lambda: far_ratios(known))
        names = [flows.name(int(code)) or "" for code in flows.lots["lot"]]
    path.unlink()
    planted = foreign(truth)
    assayed = {names[row] for history in known for row in history.lots.tolist()}
    return Book(
        seed=seed,
        lots=sum(history.lots.size for history in known),
        planted=planted,
        assayed={lot: part for lot, part in planted.items() if lot in assayed},
        named=named(found),
        peer=frozenset(names[row] for row in peer),
        search_s=search_s,
        peer_s=peer_s,
    )


def foreign(truth: Truth) -> dict[str, float]:
    """The foreign part of each load that has any, by its true arsenic and bismuth between those of the two sources."""
    sources = tables().sources
    rows = {name: row for row, name in enumerate(truth.names)}
    found = {}
    for fault in truth.faults:
        if fault.kind == "foreign material":
            home, abroad = sources[fault.subject or ""].grade, sources[ABROAD].grade
            for lot in fault.lots:
                mg = truth.masses(rows[lot])
                dry = sum(value for key, value in mg.items() if key != "water")
                parts = [(100 * mg[one] / dry - home[one][0]) / (abroad[one][0] - home[one][0]) for one in TELLING]
                found[lot] = float(np.mean(parts))
    return found


def named(found: Plausible) -> dict[str, frozenset[str]]:
    """The lot that each finding is about, by code."""
    codes = {one.code for one in found.suspicions}
    return {code: frozenset(one.lots[0] for one in found.suspicions if one.code == code) for code in sorted(codes)}


def far_ratios(known: Sequence[History]) -> list[int]:
    """The peer: lots of which the logarithm of a ratio to the main element is far from the mean of its deposit."""
    known = [history for history in known if history.lots.size >= LEAST_LOTS]
    number = sum(history.lots.size * (len(history.symbols) - 1) for history in known)
    limit = float(norm.isf(ALARMS / 2 / max(number, 1)))
    found = []
    for history in known:
        main = int(np.argmax(np.median(history.grades, axis=0)))
        ratio = np.log(np.delete(history.grades, main, axis=1) / history.grades[:, [main]])
        z = (ratio - ratio.mean(axis=0)) / ratio.std(axis=0, ddof=1)
        found += history.lots[(np.abs(z) > limit).any(axis=1)].tolist()
    return found


def notes(faulty: Sequence[Book], sound: Sequence[Book]) -> tuple[str, ...]:
    """What was drawn and measured, as Markdown."""
    rows = []
    for low, high in ((-1.0, 0.1), (0.1, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 2.0)):
        of = [(book, lot) for book in faulty for lot, part in book.assayed.items() if low <= part < high]
        rows.append(
            f"| {max(100 * low, 0):.0f} to {min(100 * high, 100):.0f} % | {len(of)} | "
            f"{sum(lot in book.every for book, lot in of)} | {sum(lot in book.peer for book, lot in of)} |"
        )
    head = "| foreign part | assayed loads | named | by z of ratios |\n| --- | ---: | ---: | ---: |"
    wrong = [sum(len(book.every - book.planted.keys()) for book in books) for books in (faulty, sound)]
    peer = [sum(len(book.peer - book.planted.keys()) for book in books) for books in (faulty, sound)]
    codes = sorted({code for book in faulty for code in book.named})
    by_code = "; ".join(f"`{code}` {sum(len(book.named.get(code, ())) for book in faulty)}" for code in codes)
    return (
        f"Seeds drawn: {', '.join(str(book.seed) for book in faulty)}. "
        f"{sum(book.lots for book in faulty):,} assayed lots of deposits, "
        f"{sum(len(book.planted) for book in faulty)} loads with foreign ore, "
        f"{sum(len(book.assayed) for book in faulty)} of them assayed.",
        "\n".join((head, *rows)),
        f"Sound loads that are named: {wrong[0]} in books with faults, {wrong[1]} in sound ones; by z of ratios "
        f"{peer[0]} and {peer[1]}. By code: {by_code or 'none'}.",
    )
