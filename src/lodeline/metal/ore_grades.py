"""What the ore of a deposit holds, as the master data say it: ``As 0.42 % ± 12 %``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from lodeline.errors import MasterDataError
from lodeline.errors.visible import visible

_TEXT: Final = re.compile(
    r"\s*(?P<symbol>[A-Z][a-z]?)\s+(?P<grade>\d+(?:\.\d+)?)\s*%\s*(?:±|\+-|\+/-)\s*(?P<sd>\d+(?:\.\d+)?)\s*%\s*"
)


class OreGrade(NamedTuple):
    """How much of an element is in dry ore.

    Attributes:
        symbol: Of the element. percent: of the dry mass, above 0 and at most 100.
        relative_sd_percent: By how much that varies from load to load, percent of it, above 0.
    """

    symbol: str
    percent: Decimal
    relative_sd_percent: Decimal

    def __str__(self) -> str:
        return f"{self.symbol} {self.percent} % ± {self.relative_sd_percent} %"


def ore_grade(text: str) -> OreGrade:
    """One grade from its text.

    Raises:
        MasterDataError: ``register.value``, ``register.element``.
    """
    from lodeline.chemistry.elements import element
    from lodeline.errors import LodelineError

    found = _TEXT.fullmatch(text)
    if found is None or not 0 < Decimal(found["grade"]) <= 100 or not Decimal(found["sd"]):
        raise MasterDataError(
            "register.value",
            f"{visible(repr(text), limit=80)} is no grade of an ore; write percent of the dry mass, and by how much of "
            'itself it varies from load to load: "As 0.42 % ± 12 %".',
        )
    try:
        symbol = element(found["symbol"]).symbol
    except LodelineError as flaw:
        raise MasterDataError("register.element", flaw.sentence) from flaw
    return OreGrade(symbol, Decimal(found["grade"]), Decimal(found["sd"]))
