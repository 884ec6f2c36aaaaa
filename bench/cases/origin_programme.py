"""A programme's origins against its truth: bounds of what is held, foreign ore that is passed off, and its mass.

The peer takes the mass of foreign ore from loads whose arsenic alone is far from the mean of their deposit.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

import lodeline
from bench.case import Outcome, Promise, Timing, case, seconds
from lodeline.book.claim_text import asked_of, claimed
from lodeline.book.doubting import OF_ALL, Suspects, doubt_of, in_doubt
from lodeline.book.judging import possible_origins, to_claim
from lodeline.book.lot_metal import lot_metal
from lodeline.book.traced import Traced, traced
from lodeline.book.unheld import unheld_lots, unheld_of
from lodeline.errors import LodelineError
from lodeline.examples.programme import programme
from lodeline.examples.programme.tables import tables
from lodeline.examples.programme.truth import Truth
from lodeline.metal.flows.words import FLOW
from lodeline.origin.bounds import Bounds
from lodeline.origin.cut_uncertainty import uncertain
from lodeline.origin.doubting import doubted
from lodeline.origin.plausibility import Plausible, plausibility
from lodeline.origin.plausibility_history import distances
from lodeline.origin.plausibility_lots import histories, mined
from lodeline.origin.plausibility_mass import Known, Laundered, laundered
from lodeline.origin.wanted import Wanted, wanted

SOUND, FOREIGN = 4, 16
"""Books at full size without faults, and with foreign material."""
FULL = 1_000
SEED = 8
"""Of a small run: three loads are planted, from nine tenths to whole."""
ELEMENTS = ("Sb", "Cu", "Nd")
ASKED = 80
"""Lots that are asked in a book, of each element, at most: drawn."""
LEAST_MG = 1_000_000
ABROAD, ABROAD_COUNTRY = "across-the-border", "AF"
WITHIN = 2.0
"""Standard uncertainties."""
Origins = dict[str, dict[str, dict[str, int]]]


class Held(NamedTuple):
    """Held lots of a sound book against the truth.

    Attributes:
        asked: Pairs of a lot and a deposit or a country. told: those of which the bounds say more than nothing.
        inside: Those whose truth is between the bounds, or within their uncertainty of them. bounds_s: seconds.
    """

    asked: int
    told: int
    inside: int
    bounds_s: float


class Mass(NamedTuple):
    """Foreign ore in all, kg: the truth, an estimate with its uncertainty, and the sum of named loads alone."""

    true_kg: float
    kg: float
    kg_u: float
    named_kg: float

    @property
    def off(self) -> float:
        """In standard uncertainties."""
        return (self.kg - self.true_kg) / self.kg_u


class Denied(NamedTuple):
    """Claims that deny foreign metal: how many, those of which lots in doubt are named, of the others those that the
    book does not prove, since metal of which nobody knows the origin may be in it, and of the rest those that name a
    load which truly is foreign among what they count by declaration alone."""

    asked: int
    told: int
    open: int
    alone: int


class Passed(NamedTuple):
    """A book with foreign ore that is passed off.

    Attributes:
        seed: Of it.
        within: By what is in doubt: products that it can be in, and of those that truly hold foreign metal at most as
            much as the bound and its uncertainty say.
        loads: Claims of foreign loads themselves. products: of what holds any.
        known: The mass, where the foreign ore is known. unknown: where it is not, and a load is named.
        peer_kg: What the peer takes it for, where the ore is known.
        search_s, mass_s, peer_s: Seconds.
    """

    seed: int
    within: dict[str, tuple[int, int]]
    loads: Denied
    products: Denied
    known: Mass | None
    unknown: Mass | None
    peer_kg: float
    search_s: float
    mass_s: float
    peer_s: float


@case(title="Origins of a programme against its truth, lots a book", small=400, full=2_000)
def origin_programme(size: int, folder: Path) -> Outcome:
    """Sound books, then books in which foreign ore is passed off."""
    full = size >= FULL
    sound = [held(size, seed, folder) for seed in seeds(SOUND, full=full)]
    tried = [passed_off(size, seed, folder) for seed in seeds(FOREIGN, full=full)]
    passed = [one for one in tried if one is not None]
    asked, inside = (sum(getattr(one, name) for one in sound) for name in ("asked", "inside"))
    return Outcome(
        timings=(
            Timing(what="bounds with uncertainties", who="lodeline", count=asked, of="lots and origins",
                   seconds=sum(one.bounds_s for one in sound)),
            Timing(what="lots against their deposit, and its mass", who="lodeline", count=len(passed), of="books",
                   seconds=sum(one.search_s for one in passed)),
            Timing(what="mass in all, ore known", who="lodeline", count=len(passed), of="books",
                   seconds=sum(one.mass_s for one in passed)),
            Timing(what="mass in all, ore known", who="loads far in As", count=len(passed), of="books",
                   seconds=sum(one.peer_s for one in passed)),
        ),
        promises=(
            Promise(what="true contents of held lots within bounds, sound books", value=100 * inside / max(asked, 1),
                    unit="%", at_least=95),
            *(
                Promise(what=f"products whose foreign metal is within bounds, {what} in doubt",
                        value=percent(one.within[what] for one in passed), unit="%", at_least=least)
                for what, least in (("planted loads", 99.0), ("the named and their stretch", 85.0))
            ),
            Promise(what="claims that deny foreign metal: flagged or not proved, where any load is named",
                    value=percent((one.products.asked, one.products.told + one.products.open)
                                  for one in passed if one.unknown), unit="%", at_least=80),
            Promise(what="mass in all within 2 u of the truth, foreign ore known, and half a book",
                    value=known_near(passed), unit="%", at_least=85 if full else 0),
            Promise(what="mass in all no more than 2 u below the truth, foreign ore not known",
                    value=percent(not_below(one.unknown) for one in passed if one.unknown), unit="%",
                    at_least=85 if full else 0),
        ),
        notes=notes(sound, passed),
    )  # fmt: skip


def seeds(count: int, *, full: bool) -> list[int]:
    """Drawn at full size, else one."""
    return [secrets.randbelow(2**31) for _ in range(count)] if full else [SEED]


def percent(pairs: Iterable[tuple[int, int]]) -> float:
    """Of all; 100 where there is nothing."""
    every = list(pairs)
    return 100 * sum(one for _, one in every) / max(sum(number for number, _ in every), 1) if any(every) else 100.0


def known_near(passed: Sequence[Passed]) -> float:
    """Of books, the part whose mass is near where the ore is known; so few are wrong by half of one."""
    every = [near(one.known)[1] for one in passed if one.known]
    return min(100.0, 100 * (sum(every) + 0.5) / max(len(every), 1))


def near(one: Mass) -> tuple[int, int]:
    """One, and whether it is near."""
    return 1, int(abs(one.off) <= WITHIN)


def not_below(one: Mass) -> tuple[int, int]:
    """One, and whether it is not too low."""
    return 1, int(one.off >= -WITHIN)


# -- sound books -----------------------------------------------------------------------------------------------------


def held(lots: int, seed: int, folder: Path) -> Held:
    """Bounds of what is held, by deposit and by country."""
    path = folder / f"sound-{lots}-{seed}.db"
    path.unlink(missing_ok=True)
    rng = np.random.default_rng(seed)
    found = []
    with lodeline.create(path, title="Bench", by="bench") as made:
        truth = programme(lots, seed=seed, faults=()).build(made).origins()
        for element in ELEMENTS:
            of = traced(made._store, None, element)
            arcs = {lot: arc for lot, arc in arcs_of(of, truth).items() if is_held(of, lot)}
            drawn = rng.permutation(sorted(arcs))[:ASKED].tolist()
            found += [against(of, truth, lot, arcs[lot]) for lot in drawn]
    path.unlink()
    return Held(*(sum(column) for column in zip(*found, strict=True)))


def against(of: Traced, truth: Origins, lot: str, arc: int) -> Held:
    """One lot, each deposit and each country."""
    sources, origins = tables().sources, of.built.graph.origins
    deposits = {one.name.rsplit("/", 1)[1]: one for one in origins if one.kind == "deposit"}
    classes = [(wanted(origins, name=one.name), {key}) for key, one in deposits.items()]
    for country in sorted({one.country for one in sources.values()}):
        classes.append(
            (wanted(origins, country=country), {key for key, one in sources.items() if one.country == country})
        )
    asked = told = inside = 0
    took = 0.0
    for which, keys in classes:
        true_kg = sum(truth[lot].get(key, {}).get(of.element, 0) for key in keys) / 1e6
        one_s, (least, most, more) = seconds(partial(limits, of, of.bounds, arc, which), collect=False)
        took += one_s
        asked, told, inside = asked + 1, told + more, inside + (least <= true_kg <= most)
    return Held(asked, told, inside, took)


def limits(of: Traced, bounds: Bounds, arc: int, which: Wanted) -> tuple[float, float, bool]:
    """Least and most of a class in an arc, widened by their uncertainty, kg; and whether they say anything."""
    bound = bounds.arc(arc, which)
    least, most = uncertain(of.built, bounds, bound, of.sums)  # arcs and masses are those without doubt
    more = bound.least > 0 or bound.most < bound.mg
    return (
        bound.least / 1e6 - WITHIN * float(np.nan_to_num(least.u_kg)) - 1e-6,
        bound.most / 1e6 + WITHIN * float(np.nan_to_num(most.u_kg)) + 1e-6,
        more,
    )


def arcs_of(of: Traced, truth: Origins) -> dict[str, int]:
    """Traced lots with at least a kilogram of the element: the arc of all of each as it was made."""
    flows, found = of.flows, {}
    for lot, sources in truth.items():
        rows = np.flatnonzero(flows.flows["lot"] == flows.index(lot))
        enough = sum(masses.get(of.element, 0) for masses in sources.values()) >= LEAST_MG
        if enough and rows.size and of.built.arc[rows[0]] >= 0:
            found[lot] = int(of.built.arc[rows[0]])
    return found


def is_held(of: Traced, lot: str) -> bool:
    """Whether some of it is held at the end."""
    at = of.flows.flows["lot"] == of.flows.index(lot)
    return bool((of.flows.flows["kind"][at] == FLOW["closing"]).any())


# -- foreign ore -----------------------------------------------------------------------------------------------------


def passed_off(lots: int, seed: int, folder: Path) -> Passed | None:
    """Search a book in which foreign ore is passed off; None where it met no load."""
    path = folder / f"foreign-{lots}-{seed}.db"
    path.unlink(missing_ok=True)
    with lodeline.create(path, title="Bench", by="bench") as made:
        truth = programme(lots, seed=seed, faults=("foreign material",)).build(made)
        of = traced(made._store, None, "Sb") if truth.faults else None
    path.unlink()
    if of is None:
        return None
    search_s, found = seconds(lambda: plausibility(of.flows, of.policy, of.master, np.random.default_rng(seed)))
    suspected = in_doubt(of, found.suspicions)
    planted = [lot for fault in truth.faults for lot in fault.lots]
    subject = f"/deposit/{truth.faults[0].subject}"
    mass_s, by_known = seconds(lambda: known_mass(of, subject))
    peer_s, peer_kg = seconds(lambda: far_in_arsenic(of, subject))
    arcs, origins = arcs_of(of, truth.origins()), truth.origins()
    true_mg = {lot: origins[lot].get(ABROAD, {}).get("Sb", 0) for lot in arcs}
    doubts = {
        "planted loads": {of.flows.index(lot) for lot in planted},
        "loads named alone": {lot for lot, codes in suspected.codes.items() if codes - OF_ALL},
        "the named and their stretch": set(suspected.codes),
    }
    return Passed(
        seed=seed,
        within={what: within(of, arcs, true_mg, names) for what, names in doubts.items()},
        loads=flagged(of, dict.fromkeys(planted, 1.0), deposit_uri(of, subject), suspected, planted),
        products=flagged(of, parts_of(origins, true_mg), "PK", suspected, planted),
        known=mass_of(truth, by_known, found),
        unknown=told_mass(truth, found),
        peer_kg=peer_kg,
        search_s=search_s,
        mass_s=mass_s,
        peer_s=peer_s,
    )


def within(of: Traced, arcs: dict[str, int], true_mg: dict[str, int], names: set[int]) -> tuple[int, int]:
    """Products that hold foreign metal, or into which lots in doubt can have gone, and those whose foreign metal is
    within bounds."""
    made = doubted(of.built, names, reconciled=of.reconciled)
    if made is None:
        return 0, 0
    which, asked, inside = wanted(made.bounds.graph.origins, country=ABROAD_COUNTRY), 0, 0
    for lot, arc in arcs.items():
        if true_mg[lot] >= LEAST_MG or made.lots(np.array([arc])):
            least, most, _ = limits(of, made.bounds, arc, which)
            asked, inside = asked + 1, inside + (least <= true_mg[lot] / 1e6 <= most)
    return asked, inside


def flagged(of: Traced, lots: Mapping[str, float], origin: str, suspected: Suspects, planted: Sequence[str]) -> Denied:
    """Claims that deny half of the foreign part of each lot.

    Args:
        lots: That part, by lot. origin: as which it is passed off. planted: the loads that truly are foreign.
    """
    asked = told = open_ = alone = 0
    silent = unheld_lots(of)
    for lot, part in lots.items():
        try:
            metal = lot_metal(of, lot)
        except LodelineError:
            continue  # nothing is known of its metal, so that nothing can be claimed
        it = claimed(origin, "at least", share=Decimal(str(1 - part / 2)), kg=None)
        asked += 1
        if doubt_of(of, metal, it, suspected) is not None:
            told += 1
            continue
        bound = of.bounds.arcs(metal.arcs, asked_of(possible_origins(of, origin), origin))
        if bound.least < to_claim(of, metal, it, str(it)).mg:
            open_ += 1
            continue
        rests = unheld_of(of, metal, it, silent)
        alone += rests is not None and bool(set(rests.lots).intersection(planted))
    return Denied(asked, told, open_, alone)


def parts_of(origins: Origins, true_mg: Mapping[str, int]) -> dict[str, float]:
    """The foreign part of the antimony of each product that holds a kilogram of such."""
    total = {lot: sum(masses.get("Sb", 0) for masses in origins[lot].values()) for lot in true_mg}
    return {lot: mg / total[lot] for lot, mg in true_mg.items() if mg >= LEAST_MG}


def deposit_uri(of: Traced, ending: str) -> str:
    """The deposit whose URI ends so."""
    return next(one.name for one in of.built.graph.origins if one.name.endswith(ending))


def known_mass(of: Traced, subject: str) -> Laundered | None:
    """The mass in all where the grades of the foreign ore are known."""
    grade = tables().sources[ABROAD].grade
    known = Known({key: mean / 100 for key, (mean, _) in grade.items()}, {key: sd for key, (_, sd) in grade.items()})
    for history in histories(of.flows):
        if (of.flows.name(history.deposit) or "").endswith(subject):
            made = distances(history.grades, history.reading_v)
            return laundered(of.flows, history, made, mined(of.flows), known=known)
    return None


def far_in_arsenic(of: Traced, subject: str) -> float:
    """The peer: parts of loads by their arsenic alone, of those that are three standard deviations above the mean."""
    for history in histories(of.flows):
        if (of.flows.name(history.deposit) or "").endswith(subject) and "As" in history.symbols:
            grade = history.grades[:, history.symbols.index("As")]
            far = grade > grade.mean() + 3 * grade.std(ddof=1)
            part = (grade - grade.mean()) / (tables().sources[ABROAD].grade["As"][0] / 100 - grade.mean())
            return float(np.nansum((part * mined(of.flows).kg[history.lots])[far]))
    return 0.0


def mass_of(truth: Truth, one: Laundered | None, found: Plausible) -> Mass | None:
    """Against the truth."""
    if one is None:
        return None
    return Mass(sum(fault.kg for fault in truth.faults), one.found.kg, one.found.kg_u, named_kg(found))


def told_mass(truth: Truth, found: Plausible) -> Mass | None:
    """What the finding says, where there is one."""
    for one in found.suspicions:
        if one.code == "origin.foreign_mass":
            return Mass(sum(fault.kg for fault in truth.faults), one.kg or 0.0, one.kg_u or np.inf, named_kg(found))
    return None


def named_kg(found: Plausible) -> float:
    """The loads that are named by their grades, as a whole: what there is without the finding of the mass."""
    return sum(one.kg or 0.0 for one in found.suspicions if one.code == "origin.grades_unlike_deposit")


def notes(sound: Sequence[Held], passed: Sequence[Passed]) -> tuple[str, ...]:
    """What was drawn and measured, as Markdown."""
    head = (
        "| seed | true t | ore known | ore not known | named loads, whole | far in As |\n"
        "| ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    rows = [
        f"| {one.seed} | {one.known.true_kg / 1e3:.1f} | {told(one.known)} | {told(one.unknown)} | "
        f"{one.known.named_kg / 1e3:.1f} | {one.peer_kg / 1e3:.1f} |"
        for one in passed
        if one.known
    ]
    offs = np.array([one.known.off for one in passed if one.known])
    supposed = [near(one.unknown)[1] for one in passed if one.unknown]
    each = [f"{what}: {sum(one.within[what][1] for one in passed)} of {sum(one.within[what][0] for one in passed)}"
            for what in (passed[0].within if passed else ())]  # fmt: skip
    told_more, asked = (sum(getattr(one, name) for one in sound) for name in ("told", "asked"))
    loads, products = (denied(getattr(one, name) for one in passed) for name in ("loads", "products"))
    among = denied(one.products for one in passed if one.unknown)
    return (
        f"Held lots: {asked:,} pairs of lot and origin, of {told_more:,} of which the bounds say more than nothing.",
        f"Products within bounds, by what is in doubt: {'; '.join(each)}.",
        f"Claims that deny it: of the foreign loads themselves {loads}; of products that hold foreign metal "
        f"{products}; where any load is named {among}.",
        "\n".join((head, *rows)),
        f"Mass in all, ore known: off by {float(np.sqrt((offs**2).mean())) if offs.size else 0:.2f} u (rms). Ore not "
        f"known, supposing that the most unlike load is wholly foreign: {sum(supposed)} of {len(supposed)} within 2 u.",
    )


def denied(every: Iterable[Denied]) -> str:
    """Of all, in words."""
    asked, lots, unproved, alone = (sum(column) for column in zip(*every, strict=True))
    return (
        f"{lots} of {asked} name lots in doubt, {unproved} more are not proved, and {alone} more name a foreign load "
        "that they count by declaration alone"
    )


def told(one: Mass | None) -> str:
    """Tonnes with their uncertainty."""
    return "none named" if one is None else f"{one.kg / 1e3:.1f} ± {one.kg_u / 1e3:.1f}"
