"""A deposit small enough to work by hand, and what a team of experts said in the guide to MapMark4."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lodeline.errors import LodelineError
from lodeline.world.resources.deposit import Deposit, parse_deposits
from lodeline.world.resources.number import Expert

INPUTS = {
    "ore": ("", 1_000_000, "t"),
    "grade": ("Cu", 1, "percent"),
    "price": ("Cu", 9000, "USD/t"),
    "mining_recovery": ("", 95, "percent"),
    "recovery": ("Cu", 90, "percent"),
    "payable": ("Cu", 96.5, "percent"),
    "concentrate_grade": ("Cu", 25, "percent"),
    "treatment_charge": ("", 80, "USD/t"),
    "refining_charge": ("Cu", 176, "USD/t"),
    "transport": ("", 60, "USD/t"),
    "mining_cost": ("", 8, "USD/t"),
    "processing_cost": ("", 12, "USD/t"),
    "general_cost": ("", 3, "USD/t"),
    "royalty": ("", 5, "percent"),
    "capital": ("", 20, "million USD"),
    "sustaining_capital": ("", 2, "million USD"),
    "income_tax": ("", 30, "percent"),
    "discount_rate": ("", 10, "percent"),
}
SCHEDULE = """
[deposit.schedule]
ore = [0, 1, 1]
capital = [1, 0, 0]
first_after_years = 0
source = "by hand"
"""
GUIDE = tuple(
    Expert(at_least, weight)
    for at_least, weight in (
        ((3, 10, 25), 0.5), ((2, 5, 10), 1), ((5, 7, 10), 1), ((2, 10, 20), 1), ((1, 2, 4), 1),
        ((3, 10, 20), 3), ((5, 10, 20), 1), ((3, 5, 7), 1), ((1, 2, 5), 1), ((10, 20, 60), 0.01),
    )
)  # fmt: skip
"""ExampleDepEst1 of the user's guide to MapMark4, USGS Techniques and Methods 7-C14 (2017)."""


def text(*, without: str = "", schedule: str = SCHEDULE, more: str = "", **changed: str) -> str:
    """The deposit as TOML; ``changed`` gives an input another line instead of its value."""
    parts = ['[[deposit]]\nname = "small"\ntitle = "Small"\ncountry = "PAK"\n']
    for name, (element, value, unit) in INPUTS.items():
        if name == without:
            continue
        of = f'element = "{element}"\n' if element else ""
        said = changed.get(name, f"value = {value}")
        parts.append(f'[[deposit.input]]\nname = "{name}"\n{of}{said}\nunit = "{unit}"\nsource = "by hand"\n')
    return "".join(parts) + (schedule if without != "schedule" else "") + more


def small(*, without: str = "", schedule: str = SCHEDULE, **changed: str) -> Deposit:
    """The deposit itself."""
    return parse_deposits(text(without=without, schedule=schedule, **changed))[0]


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[LodelineError]]:
    """What is done here is refused with this code."""
    with pytest.raises(LodelineError) as caught:
        yield caught
    assert caught.value.code == code
