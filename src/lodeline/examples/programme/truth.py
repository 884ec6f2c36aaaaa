"""What truly happened: masses of every lot, biases of every instrument, origins of every product, and the faults.

It stands beside the book and never in it. Masses are whole milligrams, so that balances can be checked to the last one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import IO, Any

import msgspec

from lodeline.examples.programme.faults import Fault
from lodeline.examples.programme.matter import COMPONENTS, Masses, by_element
from lodeline.examples.programme.tables import ELEMENTS, Material, tables

COLUMNS = (*ELEMENTS, "rest")
"""The components of a dry mass, in the order of every list of masses."""

FORMAT = "lodeline programme truth 1"

TRACED = ("product", "by-product", "concentrate", "feed")
"""Kinds of material whose lots have their true origin shares in the truth."""


class Truth:
    """The truth of one programme; it grows while the programme runs."""

    def __init__(self, *, lots: int, seed: int) -> None:
        self.asked, self.seed = lots, seed
        self.names: list[str] = []
        self._materials: list[str] = []
        self._masses = array("q")  # (lot, component), mg when it was made
        self._water = array("q")
        self._origins: list[tuple[array[int], array[int]]] = [(array("i"), array("b")), (array("b"), array("q"))]
        self.arisen: dict[str, list[int]] = {key: [0] * COMPONENTS for key in tables().sources}
        self.left: dict[str, list[int]] = {}
        self.faults: list[Fault] = []
        self.instruments: list[dict[str, Any]] = []
        self.processes: dict[str, dict[str, list[int]]] = {}
        self._rows = list(tables().sources)

    @property
    def lots(self) -> int:
        """How many lots the book has: every lot that is mined, collected, reclaimed, blended, split off or made."""
        return len(self.names)

    def lot(self, name: str, material: Material, matter: Masses, water: int) -> int:
        """A lot is made; its row."""
        number = len(self.names)
        self.names.append(name)
        self._materials.append(material.key)
        self._masses.extend(by_element(matter))
        self._water.append(water)
        if material.kind in TRACED:
            (rows, sources), (columns, masses) = self._origins
            for source, column in zip(*matter.nonzero(), strict=True):
                rows.append(number)
                sources.append(int(source))
                columns.append(int(column))
                masses.append(int(matter[source, column]))
        return number

    def arises(self, matter: Masses) -> None:
        """Matter comes into the programme, from the sources of its rows."""
        for key, row in zip(self._rows, matter.tolist(), strict=True):
            if any(row):
                _add(self.arisen[key], row)

    def leaves(self, how: str, matter: Masses) -> None:
        """Matter leaves what is followed: sold, lost, or left over at the end; ``how`` says it and of what kind."""
        _add(self.left.setdefault(how, [0] * COMPONENTS), by_element(matter))

    def processed(self, process: str, charge: Masses, out: list[tuple[str, Masses]], lost: Masses) -> None:
        """A process ran once: what went in, what came out by kind, and what was lost."""
        found = self.processes.setdefault(process, {})
        for name, matter in (("in", charge), *out, ("lost", lost)):
            _add(found.setdefault(name, [0] * COMPONENTS), by_element(matter))

    def masses(self, number: int) -> dict[str, int]:
        """True masses of a lot when it was made, mg: each component, and water."""
        start = number * COMPONENTS
        found = dict(zip(COLUMNS, self._masses[start : start + COMPONENTS], strict=True))
        return {**found, "water": self._water[number]}

    def origins(self) -> dict[str, dict[str, dict[str, int]]]:
        """True origin of every traced lot: lot to source to component to mg."""
        found: dict[str, dict[str, dict[str, int]]] = {}
        (rows, sources), (columns, masses) = self._origins
        for row, source, column, mg in zip(rows, sources, columns, masses, strict=True):
            found.setdefault(self.names[row], {}).setdefault(self._rows[source], {})[COLUMNS[column]] = mg
        return found

    def balance(self, component: str) -> dict[str, int]:
        """Where all of one component came from and went to, mg; the sum of all is zero."""
        column = COLUMNS.index(component)
        came = {f"from {key}": masses[column] for key, masses in self.arisen.items()}
        return came | {how: -masses[column] for how, masses in sorted(self.left.items())}

    def summary(self) -> dict[str, Any]:
        """Everything but the rows of lots."""
        sources = tables().sources
        return {
            "format": FORMAT,
            "illustrative": True,
            "seed": self.seed,
            "asked": self.asked,
            "lots": self.lots,
            "components": COLUMNS,
            "sources": {key: {"name": sources[key].name, "country": sources[key].country} for key in sources},
            "balance_mg": {component: self.balance(component) for component in COLUMNS},
            "processes_mg": self.processes,
            "instruments": self.instruments,
            "faults": [_told(fault) for fault in self.faults],
        }

    def write(self, stream: IO[bytes]) -> None:
        """As JSON, lot by lot: a million of them do not need the memory of a million."""
        encode = msgspec.json.Encoder().encode
        stream.write(encode(self.summary())[:-1])
        stream.write(b',\n"lot_columns":')
        stream.write(encode(["lot", "material", "water_mg", *(f"{name}_mg" for name in COLUMNS)]))
        stream.write(b',\n"lot_rows":[')
        for number, row in enumerate(self._rows_of_lots()):
            stream.write(b",\n" if number else b"\n")
            stream.write(encode(row))
        stream.write(b'],\n"origin_columns":["lot_row","source","component","mg"],\n"origin_rows":[')
        (rows, sources), (columns, masses) = self._origins
        for number, found in enumerate(zip(rows, sources, columns, masses, strict=True)):
            stream.write(b",\n" if number % 16 == 0 and number else b"," if number else b"\n")
            stream.write(b"[%d,%d,%d,%d]" % found)
        stream.write(b"]}\n")

    def _rows_of_lots(self) -> Iterator[list[Any]]:
        for number, (name, material) in enumerate(zip(self.names, self._materials, strict=True)):
            start = number * COMPONENTS
            yield [name, material, self._water[number], *self._masses[start : start + COMPONENTS]]


def _told(fault: Fault) -> dict[str, Any]:
    """A fault as the file has it."""
    return {
        "kind": fault.kind,
        "subject": fault.subject or None,
        "element": fault.element,
        "start": fault.start,
        "end": fault.end,
        "size": fault.size,
        "size_unit": fault.size_unit,
        "size_u": fault.size_u,
        "kg": fault.kg,
        "lots": list(fault.lots),
        "events": fault.events,
    }


def _add(total: list[int], more: list[int]) -> None:
    for column, mg in enumerate(more):
        total[column] += mg
