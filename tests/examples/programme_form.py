"""The form of events: all about them but the size of their numbers, and a classifier that looks for a tell in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from lodeline.examples.programme import Truth, programme
from lodeline.record.codec import decode
from lodeline.record.context import Context
from lodeline.record.hash import hash_id
from lodeline.record.metal import CONTEXT


class Seen(NamedTuple):
    """One event by its form.

    Attributes:
        stratum: What act it is, with which instrument, on what: what one may know of a fault's kind without its form.
        features: Named properties of its form.
        faults: Which kinds of fault it is false by.
        when: Its place in time.
    """

    stratum: tuple[Any, ...]
    features: dict[str, Any]
    faults: frozenset[str]
    when: str


def seen(lots: int, seed: int) -> list[Seen]:
    """All events of a programme by their form, labelled from its truth."""
    made = programme(lots, seed)
    documents, truth = made.run()
    told = [(number, decode(document)) for number, document in enumerate(documents)]
    false = _false(truth)
    context = Context.parse(list(CONTEXT))
    events = [
        (number, place, document["creationDate"], event)
        for number, document in told
        for place, event in enumerate(document["epcisBody"]["eventList"])
    ]
    papers = _papers(event for *_, event in events)
    suspected = {lot for fault in truth.faults for lot in fault.lots}
    found = []
    for number, place, created, event in events:
        # Only an event about a lot that some fault touched can be false: the others need no name.
        kinds = set(false.get(hash_id(event, context), ()) if suspected.intersection(_lots(event)) else ())
        features = {**_form(event), **_ids(event), **_time(event, created, number / len(told), place)}
        paper = _paper(event)
        receipts = papers.get(paper, [])
        step = event.get("bizStep")
        if step == "receiving":
            features["which"] = sorted(receipts).index(event["eventTime"])
        stratum = (event["type"], event.get("action"), step, *_instrument(event), len(receipts) * (step == "receiving"))
        found.append(Seen(stratum, features, frozenset(kinds), event["eventTime"]))
    return found


def _false(truth: Truth) -> dict[str, list[str]]:
    false = defaultdict(list)
    for fault in truth.faults:
        for event in fault.events:
            false[event].append(fault.kind)
    return false


def _lots(event: dict[str, Any]) -> Iterator[str]:
    yield from (element["epcClass"] for element in event.get("quantityList", ()))


def _paper(event: dict[str, Any]) -> str:
    return next((one["bizTransaction"] for one in event.get("bizTransactionList", ())), "")


def _papers(events: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for event in events:
        if event.get("bizStep") == "receiving":
            found[_paper(event)].append(event["eventTime"])
    return found


def _reports(event: dict[str, Any]) -> list[dict[str, Any]]:
    return [report for sensor in event.get("sensorElementList", ()) for report in sensor["sensorReport"]]


def _instrument(event: dict[str, Any]) -> tuple[Any, ...]:
    """Which scale or laboratory, which substances in which units, and from where: none of it is form."""
    reports = _reports(event)
    material = next((lot.rpartition("/")[2][:-7] for lot in _lots(event)), "")
    return (
        material,
        event.get("bizLocation", {}).get("id"),
        tuple(report.get("deviceID") or report.get("lode:laboratory") for report in reports[:1]),
        tuple((report.get("chemicalSubstance"), report["uom"], report.get("lode:rank")) for report in reports),
    )


def _form(event: dict[str, Any]) -> dict[str, Any]:
    """Fields, their order, and how numbers are written; never how large they are."""
    numbers = [str(report["value"]) for report in _reports(event) if "value" in report]
    quantities = [str(element["quantity"]) for element in event.get("quantityList", ()) if "quantity" in element]
    us = [str(report["sDev"]) for report in _reports(event) if "sDev" in report]
    return {
        "fields": _shape(event),
        "decimals": tuple(number.partition(".")[2].__len__() for number in numbers),
        "digits": sum(map(len, numbers)),
        "last": numbers[-1][-1] if numbers else "",
        "first number's last": numbers[0][-1] if numbers else "",
        "zeros": sum(number.endswith("0") for number in numbers),
        "quantity": tuple((len(number), number[-1]) for number in quantities),
        "u digits": sum(map(len, us)),
        "u": len(us),
    }


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{name}:{_shape(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_shape, value)) + "]"
    return type(value).__name__ if isinstance(value, str) else "number"


def _ids(event: dict[str, Any]) -> dict[str, Any]:
    lot = next(_lots(event), "")
    certificate = next((report.get("lode:certificate", "") for report in _reports(event)), "")
    paper = _paper(event)
    return {
        "lot's last": lot[-1:],
        "lot's length": len(lot),
        "paper's last": paper[-1:],
        "paper's length": len(paper),
        "certificate's last": certificate[-1:],
        "certificate's length": len(certificate),
        "own id": "eventID" in event,
        "permit's length": len(event.get("ilmd", {}).get("lode:permit", "")),
        "permit's last": event.get("ilmd", {}).get("lode:permit", "")[-1:],
    }


def _time(event: dict[str, Any], created: str, part: float, place: int) -> dict[str, Any]:
    at = datetime.fromisoformat(event["eventTime"])
    delay = (datetime.fromisoformat(created) - at).total_seconds() / 86_400
    return {
        "hour": at.hour,
        "minute": at.minute // 5,
        "second": at.second // 5,
        "weekday": at.weekday(),
        "month": at.month,
        "year": at.year,
        "delay": int(np.searchsorted([1, 3, 10, 20, 40, 80, 160], delay)),
        "document": int(10 * part),
        "place": place // 200,
    }


CALENDAR = frozenset({"year", "month", "document", "place"})
"""Features of when in the programme an event is; all events of one fault share them."""


FEW = 5.0


class Classifier:
    """Naive Bayes over the features, against what is usual in the same stratum.

    Args:
        programmes: What it learns from.
        kind: Of fault.
        without: Features it may not look at.
    """

    def __init__(self, programmes: Sequence[list[Seen]], kind: str, *, without: frozenset[str]) -> None:
        self.kind = kind
        faulty: Counter[tuple[str, Any]] = Counter()
        usual: Counter[tuple[str, Any]] = Counter()
        for found in programmes:
            for events in strata(found, kind).values():
                rate = sum(kind in event.faults for event in events) / len(events)
                for event in events:
                    for name in event.features.items():
                        usual[name] += rate
                        faulty[name] += kind in event.faults
        # Some added to both: what was seen a few times says little, and a fault has few events to learn from.
        self.weights = {
            name: np.log((faulty[name] + FEW) / (usual[name] + FEW)) for name in usual if name[0] not in without
        }

    def score(self, event: Seen) -> float:
        """How much its form looks like that of faulty events elsewhere."""
        return float(sum(self.weights.get(name, 0.0) for name in event.features.items()))


def strata(found: list[Seen], kind: str) -> dict[tuple[Any, ...], list[Seen]]:
    """Events by stratum, in order of time, where some are faulty and some are not."""
    groups: dict[tuple[Any, ...], list[Seen]] = defaultdict(list)
    for event in found:
        groups[event.stratum].append(event)
    return {
        stratum: sorted(events, key=lambda event: event.when)
        for stratum, events in groups.items()
        if 0 < sum(kind in event.faults for event in events) < len(events)
    }


class Trial:
    """A classifier on programmes it has not seen: its AUC within strata, and what chance gives."""

    def __init__(self, classifier: Classifier, programmes: Sequence[list[Seen]]) -> None:
        self.groups: list[tuple[int, np.ndarray[Any, Any], np.ndarray[Any, Any]]] = []
        for number, found in enumerate(programmes):
            for events in strata(found, classifier.kind).values():
                ranks = _ranks(np.array([classifier.score(event) for event in events]))
                self.groups.append((number, ranks, np.array([classifier.kind in event.faults for event in events])))

    @property
    def faulty(self) -> int:
        """How many faulty events were tried."""
        return int(sum(labels.sum() for *_, labels in self.groups))

    def auc(self, turns: Sequence[float] | None = None) -> float:
        """Chance that a faulty event scores above a sound one of its stratum, ties counted half.

        Args:
            turns: By which part of its time to turn the labels of each programme: they keep their runs, together, and
                lose their meaning. Labels that are mixed one by one would make chance look better than it is.
        """
        won = pairs = 0.0
        for number, ranks, labels in self.groups:
            turned = labels if turns is None else np.roll(labels, int(turns[number] * labels.size))
            faulty, sound = int(turned.sum()), int((~turned).sum())
            won += float(ranks[turned].sum()) - faulty * (faulty + 1) / 2
            pairs += faulty * sound
        return won / pairs

    def by_chance(self, rng: np.random.Generator, times: int) -> np.ndarray[Any, Any]:
        """AUCs with turned labels, sorted."""
        programmes = 1 + max(number for number, *_ in self.groups)
        return np.sort([self.auc(rng.random(programmes).tolist()) for _ in range(times)])


def _ranks(scores: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Ranks from 1 on, ties at their mean."""
    values, where, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    found: np.ndarray[Any, Any] = ((ends - counts + 1 + ends) / 2)[where]
    assert values.size == counts.size
    return found
