"""The seven planted faults: when, on what and how large. They change values, and nothing in the form of an event.

Sizes are drawn so that each doubling from one standard uncertainty upwards is as likely as the next.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, get_args

import msgspec

from lodeline.errors import InputError
from lodeline.examples.programme.chance import Chance

FaultKind = Literal[
    "biased weighbridge",
    "biased laboratory",
    "foreign material",
    "double receipt",
    "lost consignment",
    "moisture drift",
    "oxide as element",
]
KINDS: tuple[FaultKind, ...] = get_args(FaultKind)

DOUBLINGS = 4
"""Biases and drifts have sizes from 1 to ``2**DOUBLINGS`` standard uncertainties of one reading."""

WEIGHBRIDGES = ("antimony-mill", "rare-earth-mill", "refinery", "port-qasim", "fredericktown")
NET_U_KG, LOAD_KG = 28.3, 20_000.0
"""Of a weighbridge: the standard uncertainty of one net weight, and a usual load; a bias is drawn in their ratio."""

LABORATORIES = (
    ("antimony-mill", "Sb"),
    ("copper-mill", "Cu"),
    ("rare-earth-mill", "Nd"),
    ("karachi", "Sb"),
    ("karachi", "Cu"),
    ("fredericktown", "Sb"),
    ("fredericktown", "Cu"),
    ("fredericktown", "Nd"),
)
ASSAY_U = 0.005
"""Relative standard uncertainty of one assay of a main metal, in which the bias of a laboratory is drawn."""

OVENS = ("antimony-mill", "copper-mill", "rare-earth-mill", "karachi", "fredericktown")
DRIFT_U = 0.0015
"""Standard uncertainty of one moisture, kg per kg of wet mass, in which a drift is drawn."""

FOREIGN = ("qila-abdullah", "chitral")
FOREIGN_CHANCE = 0.35
"""How many of the loads of that working carry foreign ore while it lasts; assumed."""

_DAY = 86_400


class Fault(msgspec.Struct, kw_only=True):
    """One planted fault. It grows while the programme runs.

    Attributes:
        kind: Which of the seven.
        subject: Key of the scale, laboratory or working; empty where it is one lot.
        element: Which element, where it is of one.
        start, end: From when until when, Unix seconds; it lasts longer if nothing had met it by then.
        size: How large: a relative bias, kg per kg of wet mass at the end of a drift, or kilograms.
        size_unit: Unit of ``size``.
        size_u: The same in standard uncertainties (k = 1) of one reading.
        kg: By how many kilograms the record is false on account of it, all its events together.
        lots, events: Which, by URI and by hash id.
    """

    kind: FaultKind
    subject: str
    start: int
    end: int
    size: float
    size_unit: str
    size_u: float
    element: str | None = None
    kg: float = 0.0
    lots: dict[str, None] = msgspec.field(default_factory=dict)
    events: list[str] = msgspec.field(default_factory=list)

    def note(self, event: str, lot: str, kg: float) -> None:
        """An event of this lot is false by so many kilograms."""
        self.events.append(event)
        self.lots[lot] = None
        self.kg += abs(kg)

    def meets(self, at: int) -> bool:
        """Whether it works at this instant."""
        return self.start <= at and (at < self.end or not self.lots)


def chosen(kinds: Collection[str]) -> tuple[FaultKind, ...]:
    """The kinds by name, in their order.

    Raises:
        InputError: ``programme.fault_unknown``.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise InputError(
            "programme.fault_unknown",
            f"{unknown[0]!r} is not a fault that can be planted; write some of {', '.join(KINDS)}.",
            fault=unknown[0],
        )
    return tuple(kind for kind in KINDS if kind in kinds)


class Faults:
    """The faults of one programme, planned before it starts.

    Args:
        kinds: Which are planted.
        lots: Size of the programme; it has more faults if it is larger.
        start, end: Of the programme, Unix seconds.
        chance: Draws when, where and how large.
    """

    def __init__(self, kinds: Sequence[FaultKind], lots: int, start: int, end: int, chance: Chance) -> None:
        self.chance = chance
        self._span = (start, end)
        self.planted: list[Fault] = []
        windows, points = 1 + lots // 5000, 1 + lots // 1000
        self._scales = self._biases("biased weighbridge", WEIGHBRIDGES, windows, kinds, NET_U_KG / LOAD_KG)
        self._laboratories = self._of_laboratories(windows, kinds)
        self._ovens = self._biases("moisture drift", OVENS, windows, kinds, DRIFT_U)
        self._foreign = self._of_foreign(kinds)
        self._due: dict[FaultKind, list[int]] = {
            kind: sorted((self._when() for _ in range(points)), reverse=True) if kind in kinds else []
            for kind in ("double receipt", "lost consignment", "oxide as element")
        }

    def scale(self, key: str, at: int) -> float:
        """What a faulty scale adds, relative to the mass."""
        fault = self.of_scale(key, at)
        return 0.0 if fault is None else fault.size

    def of_scale(self, key: str, at: int) -> Fault | None:
        """The fault of a scale, while it works."""
        return _meeting(self._scales.get(key), at)

    def of_laboratory(self, key: str, element: str, at: int) -> Fault | None:
        """The fault of a laboratory in one element, while it works."""
        return _meeting(self._laboratories.get((key, element)), at)

    def of_oven(self, key: str, at: int) -> tuple[Fault | None, float]:
        """The drift of a laboratory's moistures, and how far it has come, kg per kg of wet mass."""
        fault = _meeting(self._ovens.get(key), at)
        if fault is None:
            return None, 0.0
        return fault, fault.size * min(max((at - fault.start) / (fault.end - fault.start), 0.1), 1.0)

    def foreign(self, working: str, load_kg: float, at: int) -> tuple[Fault | None, float]:
        """Whether a load of a working is partly foreign, and what part of it; it takes the same draws if it is not."""
        fault = _meeting(self._foreign.get(working), at)
        drawn, size = self.chance.unit(), self.chance.size(10)
        if fault is None or (fault.lots and drawn >= FOREIGN_CHANCE):
            return None, 0.0
        return fault, min(size * NET_U_KG / load_kg, 1.0)

    def due(self, kind: FaultKind, at: int) -> bool:
        """Whether one of these is planned for now or earlier and has not happened; it then counts as happening."""
        if not self.awaited(kind, at):
            return False
        self._due[kind].pop()
        return True

    def awaited(self, kind: FaultKind, at: int) -> bool:
        """Whether one of these is planned for now or earlier and has not happened."""
        times = self._due[kind]
        return bool(times) and times[-1] <= at

    def happened(
        self, kind: FaultKind, at: int, *, size: float, unit: str, size_u: float, element: str | None
    ) -> Fault:
        """A fault of one lot, now known with its size."""
        fault = Fault(
            kind=kind, subject="", start=at, end=at, size=size, size_unit=unit, size_u=size_u, element=element
        )
        self.planted.append(fault)
        return fault

    def _when(self) -> int:
        start, end = self._span
        return start + int((end - start) * self.chance.between(0.0, 0.9))

    def _window(self) -> tuple[int, int]:
        # It may have begun before the programme, so that no time of the programme is freer of faults than another.
        first, last = self._span
        lasts = _DAY * self.chance.whole(120, 480)
        start = first - lasts + int((last - first + lasts) * self.chance.between(0.02, 0.98))
        return start, start + lasts

    def _window_fault(self, kind: FaultKind, subject: str, u: float, unit: str, element: str | None = None) -> Fault:
        size_u = self.chance.size(DOUBLINGS) * (1.0 if self.chance.happens(0.5) else -1.0)
        start, end = self._window()
        fault = Fault(
            kind=kind, subject=subject, start=start, end=end, size=size_u * u, size_unit=unit, size_u=abs(size_u),
            element=element,
        )  # fmt: skip
        self.planted.append(fault)
        return fault

    def _some(self, choices: Sequence[str], count: int) -> list[str]:
        left, taken = list(choices), list[str]()
        while left and len(taken) < count:
            taken.append(left.pop(self.chance.whole(0, len(left) - 1)))
        return taken

    def _biases(
        self, kind: FaultKind, subjects: Sequence[str], count: int, kinds: Sequence[FaultKind], u: float
    ) -> dict[str, Fault]:
        if kind not in kinds:
            return {}
        if kind == "moisture drift":
            return {key: self._window_fault(kind, key, u, "kg/kg") for key in self._some(subjects, count)}
        return {
            f"weighbridge-{key}": self._window_fault(kind, f"weighbridge-{key}", u, "relative")
            for key in self._some(subjects, count)
        }

    def _of_laboratories(self, count: int, kinds: Sequence[FaultKind]) -> dict[tuple[str, str], Fault]:
        if "biased laboratory" not in kinds:
            return {}
        names = self._some([f"{key}/{element}" for key, element in LABORATORIES], count)
        found = {}
        for name in names:
            key, _, element = name.partition("/")
            found[key, element] = self._window_fault("biased laboratory", key, ASSAY_U, "relative", element)
        return found

    def _of_foreign(self, kinds: Sequence[FaultKind]) -> dict[str, Fault]:
        if "foreign material" not in kinds:
            return {}
        working = self.chance.one_of(FOREIGN)
        start, end = self._window()
        fault = Fault(
            kind="foreign material", subject=working, start=start, end=end, size=0.0, size_unit="kg", size_u=0.0
        )
        self.planted.append(fault)
        return {working: fault}


def _meeting(fault: Fault | None, at: int) -> Fault | None:
    return fault if fault is not None and fault.meets(at) else None
