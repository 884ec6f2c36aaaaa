"""Faults in words: what is suspected, how large, on what it rests, and what would settle it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.errors import Settle
from lodeline.metal.detection.faults.hypothesis import SHARES
from lodeline.metal.detection.faults.rivals import Rivals, Suspect
from lodeline.metal.detection.faults.scan import DRIFT
from lodeline.metal.detection.faults.search import Sized
from lodeline.metal.detection.faults.series import MASS, MOISTURE
from lodeline.metal.detection.faults.words import Words, day
from lodeline.metal.detection.limits.judging import both_tails
from lodeline.metal.detection.suspicion import Suspicion

if TYPE_CHECKING:
    from lodeline.metal.detection.faults.null import Judge
    from lodeline.metal.detection.faults.receipts import Judged
    from lodeline.metal.detection.faults.search import Search

NAMED = 6
"""Rivals that a sentence names; of more it says how many there are."""
_ORDER = {"certain": 0, "strong": 1, "weak": 2, "note": 3}
BESIDE = "beside what everything else in the book leads to"


class Fault(NamedTuple):
    """One fault.

    Attributes:
        suspicion: What a book shows. Its entries, lots and instruments are those of the rivals too.
        family: Of the hypothesis, a key of :data:`~lodeline.metal.detection.faults.hypothesis.SHARES`.
        instrument: URI of the scale, laboratory or standard that is suspected; None where none is.
        begins, ends: Of a window, UTC microseconds of its first and last reading; of one thing the same instant twice;
            None where unknown.
        drifts: Whether it rose over the window; ``size`` is then that at its end.
        size, size_u: With all other faults as unknowns: kg; or kg per kg of a moisture or a fraction; or, of an
            instrument or calibration, a part of what is read, of moistures kg per kg. Of a window it is that of all
            windows, each as likely as the data make it, since its ends are not known.
        log_expected: Logarithm of how many false alarms chance would raise beyond this, all families together.
        rivals: What the data do not tell from it.
    """

    suspicion: Suspicion
    family: str
    instrument: str | None
    begins: int | None
    ends: int | None
    drifts: bool
    size: float
    size_u: float
    log_expected: float
    rivals: tuple[Suspect, ...] = ()

    def rank(self) -> tuple[float, ...]:
        """The strongest evidence first."""
        return (_ORDER[self.suspicion.weight], self.log_expected, *self.suspicion.entries[:1])


class Teller:
    """Tells what a search found.

    Args:
        search: It.
        judge: What makes evidence strong or weak.
        found: What was found, sized together.
    """

    def __init__(self, search: Search, judge: Judge, found: Sequence[Sized]) -> None:
        self._search, self._judge, self._found = search, judge, list(found)
        self._hypotheses, self._of = search.hypotheses, search.hypotheses.listed
        self._words = Words(search.hypotheses.flows, search.hypotheses.ledger, self._of, search.field.x)
        self._rivals, self._counts = Rivals(search, self._words), search.hypotheses.counts()

    def faults(self) -> list[Fault]:
        """Every fault that is evidence beside the others."""
        told = []
        for place, one in enumerate(self._found):
            weight = self._judge.weigh(one.hypothesis.log_share)
            if weight == "strong" and one.hypothesis.family == "usual":
                weight = "weak"  # What is usual was supposed, and nobody said it.
            if weight is not None:
                left = self._search.left([each.hypothesis for each in self._found[:place] + self._found[place + 1 :]])
                if one.hypothesis.family == "instrument":
                    one = Sized(one.hypothesis, *self._hypotheses.size_of_window(left, one.hypothesis))
                told.append(self._fault(one, self._rivals.of(one.hypothesis, left, self._judge.sure), weight))
        return told

    def _fault(self, one: Sized, rivals: tuple[Suspect, ...], weight: Any) -> Fault:
        hypothesis = one.hypothesis
        of = {
            "lost": self._road,
            "gained": self._road,
            "place": self._place,
            "reading": self._reading,
            "receipt": self._receipt,
            "species": self._species,
            "instrument": self._window,
            "calibration": self._calibration,
            "again": self._left_out,
            "usual": self._unusual,
        }[hypothesis.family](one)
        kg = of["kg"]
        more = f" and {len(rivals) - NAMED} more" if len(rivals) > NAMED else ""
        alike = "; from ".join(rival.words for rival in rivals[:NAMED])
        return Fault(
            suspicion=Suspicion(
                code=of["code"],
                sentence=of["sentence"] + (f" The data do not tell it from {alike}{more}." if rivals else ""),
                weight=weight,
                kg=kg,
                kg_u=None if kg is None or not one.size else abs(kg * one.size_u / one.size),
                z=hypothesis.statistic,
                p=float(both_tails(np.array([hypothesis.statistic]))[0]),
                family_p=_any(hypothesis.log_share),
                compared=max(self._counts[hypothesis.family], 1),
                element=of.get("element"),
                entries=tuple(sorted({*of["entries"], *(entry for rival in rivals for entry in rival.entries)})),
                lots=tuple(dict.fromkeys([*of["lots"], *(lot for rival in rivals for lot in rival.lots)])),
                instruments=tuple(
                    dict.fromkeys([*of["instruments"], *(rival.instrument for rival in rivals if rival.instrument)])
                ),
                settle=of["settle"],
            ),
            family=hypothesis.family,
            instrument=of.get("instrument"),
            begins=of.get("begins"),
            ends=of.get("ends"),
            drifts=of.get("drifts", False),
            size=one.size,
            size_u=one.size_u,
            log_expected=hypothesis.log_share,
            rivals=rivals,
        )

    def _road(self, one: Sized) -> dict[str, Any]:
        node, lost = int(one.hypothesis.key[0]), one.size > 0
        (start, end), lots = self._words.ends(node), self._words.lots_at(node)
        lot = lots[0] if lots else "without a name"
        return {
            "code": "metal.lost_on_road" if lost else "metal.gained_on_road",
            "sentence": f"{abs(one.size):,.0f} ± {one.size_u:,.0f} kg of the dry mass of lot {lot} "
            f"{'went missing' if lost else 'came from nowhere'} on the way from {start} to {end}, {BESIDE}: "
            f"{_u(one)}.",
            "kg": abs(one.size),
            "entries": self._words.entries_at(node),
            "lots": lots,
            "instruments": (),
            "begins": self._words.at(node),
            "ends": self._words.at(node),
            "settle": (
                _settle("document", lot, "Look for a receipt that is missing, or one that is there twice."),
                _settle("weighing", lot, "Compare the tickets of both ends with what their scales keep."),
            ),
        }

    def _place(self, one: Sized) -> dict[str, Any]:
        node, lost = int(one.hypothesis.key[0]), one.size > 0
        where = self._words.place(node)
        return {
            "code": "metal.leak",
            "sentence": f"{abs(one.size):,.0f} ± {one.size_u:,.0f} kg of dry mass "
            f"{'went missing' if lost else 'came from nowhere'} at {where} on {day(self._words.at(node))}, {BESIDE}: "
            f"{_u(one)}.",
            "kg": abs(one.size),
            "entries": self._words.entries_at(node),
            "lots": self._words.lots_at(node),
            "instruments": (),
            "begins": self._words.at(node),
            "ends": self._words.at(node),
            "settle": (_settle("stock-take", where, "Weigh what lies there, and what is left of these lots."),),
        }

    def _reading(self, one: Sized) -> dict[str, Any]:
        place = int(one.hypothesis.key[0])
        return self._of_reading(one, place) | {
            "code": "metal.reading_off",
            "sentence": f"T{self._words.reading(place)[1:]} is "
            f"{self._words.much(place, one.size, one.size_u)} too {'high' if one.size > 0 else 'low'}, {BESIDE}: "
            f"{_u(one)}.",
        }

    def _receipt(self, one: Sized) -> dict[str, Any]:
        told = self._of_reading(one, int(one.hypothesis.key[0]))
        lot, entry, kg = next(iter(told["lots"]), ""), told["entries"][0], float(one.hypothesis.direction.shift[0])
        return told | {
            "code": "metal.received_twice",
            "sentence": f"Of the receipts of lot {lot} one seems to be too many: without the {kg:,.0f} kg of entry "
            f"{entry} the balance of its road closes, with them it is {_u(one)} open.",
            "kg": kg,
        }

    def _species(self, one: Sized) -> dict[str, Any]:
        place, meant = int(one.hypothesis.key[0]), str(one.hypothesis.key[1])
        said, certificate = self._words.species(place), self._words.certificate(place)
        return self._of_reading(one, place) | {
            "code": "metal.oxide_as_element",
            "sentence": f"The number for {said} on certificate {certificate} is {_u(one)} from what everything else in "
            f"the book leads to, and fits if it is that of {meant}.",
            "kg": abs(one.size) * self._words.kg(place, float(one.hypothesis.direction.shift[0])),
            "settle": (
                _settle("document", certificate, f"Ask the laboratory of which substance its number for {said} is."),
            ),
        }

    def _window(self, one: Sized) -> dict[str, Any]:
        number, first, last, shape = (int(part) for part in one.hypothesis.key)
        series = self._hypotheses.series[number]
        reading = series.reading[first:last]
        begins, ends = int(self._of.at[reading[0]]), int(self._of.at[reading[-1]])
        name, element = self._hypotheses.flows.names[series.by], self._words.element(series.subject)
        what, code = f"{element} by laboratory {name}", "metal.laboratory_off"
        if series.kind == MASS:
            what, code = f"Scale {name}", "metal.scale_off"
        elif series.kind == MOISTURE:
            what, code = f"The moistures of laboratory {name}", "metal.moisture_drift"
        much = f"{abs(one.size):.2%} ± {one.size_u:.2%}" + (" of the wet mass" if series.kind == MOISTURE else "")
        lots = self._words.lots(reading)
        shifts = zip(reading.tolist(), one.hypothesis.direction.shift.tolist(), strict=True)
        return {
            "code": code,
            "sentence": f"{what} {'drifted away, to' if shape == DRIFT else 'was off by'} {much} too "
            f"{'much' if one.size > 0 else 'little'} from {day(begins)} to {day(ends)}, in {reading.size} readings of "
            f"{len(lots)} lots and beyond what its calibration allows: {_u(one)}.",
            "kg": abs(one.size) * sum(self._words.kg(place, shift) for place, shift in shifts),
            "element": element,
            "entries": self._words.entries(reading),
            "lots": lots,
            "instruments": (name,),
            "instrument": name,
            "begins": begins,
            "ends": ends,
            "drifts": shape == DRIFT,
            "settle": (
                _settle("document", name, "Its calibration before and after that time."),
                _settle("weighing" if series.kind == MASS else "assay", name, "A reference read by it and by another."),
            ),
        }

    def _calibration(self, one: Sized) -> dict[str, Any]:
        bias = self._hypotheses.ledger.biases.listed[int(one.hypothesis.key[0])]
        much = f"{abs(one.size):.2%} ± {one.size_u:.2%}"
        if bias.unit == "kg":
            much = f"{abs(one.size):,.1f} ± {one.size_u:,.1f} kg"
        return {
            "code": "reconcile.bias_far",
            "sentence": f"What {bias.kind} {bias.id} reads{f' of {bias.subject}' if bias.subject else ''} since "
            f"{day(bias.begins)} is {much} {'above' if one.size > 0 else 'below'} what its certificate says: "
            f"{_u(one)}. A steady loss would look the same.",
            "kg": None,
            "element": bias.subject if bias.subject in self._hypotheses.ledger.elements else None,
            "entries": (),
            "lots": (),
            "instruments": (bias.id,),
            "instrument": bias.id,
            "begins": bias.begins,
            "settle": (_settle("document", bias.id, "Its certificate, and a calibration by another."),),
        }

    def _left_out(self, one: Sized) -> dict[str, Any]:
        load = self._hypotheses.again.loads[int(one.hypothesis.key[0])]
        return {
            "code": "metal.receipt_left_out",
            "sentence": f"The {load.dry_kg:,.0f} kg of dry mass of lot {load.receipt.lot} in entry "
            f"{load.receipt.entry} were not counted, since the lot had arrived already, and without them the balance "
            f"of the road is {_u(one)} open: they are a further load, and the books hold too little.",
            "kg": load.dry_kg,
            "entries": tuple(sorted({load.receipt.entry, *self._words.entries_at(load.node)})),
            "lots": (load.receipt.lot,),
            "instruments": (),
            "begins": self._words.at(load.node),
            "ends": self._words.at(load.node),
            "settle": (_ask_yard(load.receipt.lot),),
        }

    def _unusual(self, one: Sized) -> dict[str, Any]:
        of = self._hypotheses.supposed.listed[int(one.hypothesis.key[0])]
        node, lots = self._words.process(of.flow), self._words.lots_of(of.flow)
        element, lot = self._words.element(of.element), lots[0] if lots else "without a name"
        where, when = self._words.place(node), day(self._words.at(node))
        less = "less" if one.size > 0 else "more"
        what = {
            "loss": f"What the process at {where} on {when} declares as lost is {'more' if one.size > 0 else 'less'}",
            "lost element": f"{less.capitalize()} {element} went missing in the process at {where} on {when}",
            "grade": f"Lot {lot}, of which nobody assayed {element}, must have {less} of it",
            "moisture": f"Lot {lot}, which nobody dried, must hold {less} water",
            "store": f"What stayed at {where} on {when}, when lot {lot} was drawn, must have {less} {element}",
        }[of.what]
        peers = "lots of its material and deposit" if of.what in ("grade", "moisture") else "is usual there"
        return {
            "code": "metal.unlike_peers",
            "sentence": f"{what} than {peers}, {BESIDE}: {_u(one)}.",
            "kg": None,
            "element": element,
            "entries": self._words.entries_of(of.flow),
            "lots": lots,
            "instruments": (),
            "begins": self._words.at(node),
            "ends": self._words.at(node),
            "settle": (
                _settle("assay" if element else "weighing", lot, "Measure what was not measured, if some is left."),
            ),
        }

    def _of_reading(self, one: Sized, place: int) -> dict[str, Any]:
        name, lots = self._words.by(place), self._words.lots(np.array([place]))
        entries, at = self._words.entries([place]), int(self._of.at[place])
        subject = lots[0] if lots else f"entry {entries[0]}"
        act = ("weighing", "moisture", "assay")[int(self._of.kind[place])]
        return {
            "kg": abs(one.size) * self._words.kg(place, 1.0),
            "element": self._words.element(int(self._of.subject[place])),
            "entries": entries,
            "lots": lots,
            "instruments": (name,) if name else (),
            "begins": at,
            "ends": at,
            "settle": (
                _settle("document", subject, "Compare the entry with the ticket or certificate."),
                _settle(act, subject, "Have it done again, or by another."),
            ),
        }

    def receipts(self, found: Sequence[Judged]) -> list[Fault]:
        """Loads that were not counted, where the balances say that they were booked twice."""
        told = []
        for one in found:
            log_expected = one.log_twice + math.log(len(found) / SHARES["again"])
            weight = self._judge.weigh(log_expected)
            if weight is None:
                continue
            load, at = one.load, self._words.at(one.load.node)
            suspicion = Suspicion(
                code="metal.received_twice",
                sentence=f"{load.dry_kg:,.0f} kg of dry mass of lot {load.receipt.lot} were booked in again by entry "
                f"{load.receipt.entry}. Without them the balance of the road is {abs(one.statistic):.1f} standard "
                f"uncertainties open, with them it would be {abs(one.effect - one.statistic):.1f}: no further load "
                "came.",
                weight=weight,
                kg=load.dry_kg,
                kg_u=load.dry_kg_u,
                z=one.statistic - one.effect,
                p=math.exp(max(one.log_twice, -700.0)),
                family_p=_any(log_expected),
                compared=len(found),
                entries=tuple(sorted({load.receipt.entry, *self._words.entries_at(load.node)})),
                lots=(load.receipt.lot,),
                settle=(_ask_yard(load.receipt.lot),),
            )
            told.append(Fault(suspicion, "again", None, at, at, False, load.dry_kg, load.dry_kg_u, log_expected))
        return told


def _u(one: Sized) -> str:
    return f"{abs(one.hypothesis.statistic):.1f} standard uncertainties"


def _any(log_expected: float) -> float:
    """The probability of any alarm where so many are expected."""
    return float(-np.expm1(-math.exp(min(log_expected, 700.0))))


def _settle(act: str, subject: str, detail: str) -> Settle:
    return Settle(act=act, subject=subject, detail=detail)


def _ask_yard(lot: str) -> Settle:
    return _settle("document", lot, "Ask the yard whether its tickets are of one load or of two.")
