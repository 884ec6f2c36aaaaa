"""What a benchmark case is, and what it hands back."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

import bench.cases

T = TypeVar("T")
Size = Literal["small", "full"]


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """How long one thing took.

    Attributes:
        what: In a few words.
        who: ``lodeline``, or the peer's name.
        count: How many things (``of``) were done in it.
        seconds: Wall time, > 0.
    """

    what: str
    who: str
    count: int
    of: str
    seconds: float


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """One number that has a limit; ``at_most`` or ``at_least``, whichever is given."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the number keeps its limit. It says something at the full size only."""
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one run of one case measured."""

    timings: tuple[Timing, ...]
    promises: tuple[Promise, ...]
    notes: tuple[str, ...] = ()


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case: its name, what it compares, how large it is, and how it is run in a folder that it may fill."""

    name: str
    title: str
    sizes: dict[Size, int]
    run: Callable[[int, Path], Outcome]


CASES: dict[str, Case] = {}


def case(*, title: str, small: int, full: int) -> Callable[[Callable[[int, Path], Outcome]], Case]:
    """Register the function below as a case, by its name and with its two sizes."""

    def register(run: Callable[[int, Path], Outcome]) -> Case:
        made = Case(name=run.__name__, title=title, sizes={"small": small, "full": full}, run=run)
        CASES[made.name] = made
        return made

    return register


def load() -> dict[str, Case]:
    """Every case of ``bench/cases``, in order of name."""
    for module in pkgutil.iter_modules(bench.cases.__path__):
        importlib.import_module(f"bench.cases.{module.name}")
    return dict(sorted(CASES.items()))


def seconds(work: Callable[[], T], *, collect: bool = True) -> tuple[float, T]:
    """Wall time of ``work`` and what it returns, after a collection of garbage that is not its own.

    Args:
        collect: False where the work takes milliseconds and is done many times; collect once before, then.
    """
    if collect:
        gc.collect()
    start = time.perf_counter()
    result = work()
    return max(time.perf_counter() - start, 1e-9), result
