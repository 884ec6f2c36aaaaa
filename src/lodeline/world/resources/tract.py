"""Tracts: ground where deposits of one kind may lie, with what experts say of how many."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from lodeline.errors import InputError
from lodeline.world.resources import number
from lodeline.world.resources.files import convert_toml, in_file
from lodeline.world.resources.grade_tonnage import (
    SHIPPED,
    GradeTonnage,
    read_grade_tonnage,
    shipped_grade_tonnage,
)
from lodeline.world.resources.model import Drawn, fitted
from lodeline.world.resources.undiscovered import Undiscovered, simulate

Method = Literal["mark3", "mark4", "negative-binomial", "custom"]
Shape = Literal["lognormal", "drawn"]
SHAPES: tuple[Shape, ...] = ("lognormal", "drawn")


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one expert says: numbers of deposits at 90, 50 and 10 percent, and how much it counts."""

    name: str
    at_least: tuple[int, int, int]
    weight: float = 1.0


class Tract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tract.

    Attributes:
        name, source, as_of: What it is called, who assessed it, when.
        method: How numbers become probabilities.
        at_least: For ``mark3`` and ``mark4``, as :func:`lodeline.world.resources.number.mark3`. most: for ``mark4``.
        expert: For ``negative-binomial``.
        numbers, weights: For ``custom``.
        grade_tonnage: ``porphyry-cu-au``, or the path of a CSV table.
        assumed: Whether the numbers are a supposition; the answer is then illustrative.
    """

    name: str
    source: str
    as_of: str
    method: Method
    grade_tonnage: str
    at_least: tuple[int, ...] = ()
    most: int | None = None
    expert: tuple[Said, ...] = ()
    numbers: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()
    assumed: bool = False

    def number(self) -> number.Number:
        """Probabilities of 0, 1, 2 … deposits.

        Raises:
            InputError: ``world.deposits_elicited``, ``world.deposits_not_spread``.
        """
        match self.method:
            case "mark3":
                return number.mark3(self.at_least)
            case "mark4":
                if self.most is None:
                    raise InputError(
                        "world.deposits_elicited",
                        "Say the most deposits there can be: most = 30.",
                        field="$.tract.most",
                    )
                return number.mark4(self.at_least, most=self.most)
            case "negative-binomial":
                return number.negative_binomial([number.Expert(one.at_least, one.weight) for one in self.expert])
            case "custom":
                return number.custom(self.numbers, self.weights)

    def table(self) -> GradeTonnage:
        """The grade-tonnage table.

        Raises:
            NotFoundError, InputError: as :func:`lodeline.world.resources.grade_tonnage.read_grade_tonnage`.
        """
        if self.grade_tonnage == SHIPPED:
            return shipped_grade_tonnage()
        return read_grade_tonnage(self.grade_tonnage)


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tract: Tract


def read_tract(path: str | Path) -> Tract:
    """A tract from a TOML file; the path of its grade-tonnage table is from the folder of that file.

    Raises:
        NotFoundError: ``world.no_such_resources_file``. InputError: ``world.resources_toml``,
            ``world.resources_field``.
    """
    found = in_file(path, parse_tract)
    if found.grade_tonnage == SHIPPED:
        return found
    return msgspec.structs.replace(found, grade_tonnage=str(Path(path).parent / found.grade_tonnage))


def parse_tract(text: str) -> Tract:
    """A tract from TOML text.

    Raises:
        InputError: ``world.resources_toml``, ``world.resources_field``.
    """
    return convert_toml(text, _File).tract


def undiscovered(tract: Tract, *, samples: int, seed: int, shape: Shape) -> Undiscovered:
    """What a tract may hold, from a seed.

    Args:
        shape: ``lognormal``: the model fitted to the table; ``drawn``: deposits of the table itself.

    Raises:
        InputError: ``world.samples``, ``world.seed``, ``world.grade_tonnage_flat``, and those of :meth:`Tract.number`.
    """
    if seed < 0:
        raise InputError("world.seed", f"A seed is a whole number from 0, not {seed}.", seed=seed)
    table = tract.table()
    return simulate(
        tract.number(),
        fitted(table) if shape == "lognormal" else Drawn(table),
        samples=samples,
        chance=np.random.default_rng(seed),
        tract=tract.name,
        as_of=tract.as_of,
        seed=seed,
        assumed=tract.assumed,
    )
