"""An account: opening stock, what came and what went, closing stock, and what is unaccounted for, line by line.

    opening + in + produced = out + consumed + losses + closing + unaccounted

What went into a process of the account itself is in process there; it is no line of the sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol

import msgspec

from lodeline.metal.balance.entries import (
    ARISING,
    BOUGHT,
    CHARGED,
    CONSUMED,
    DISCHARGED,
    ENDED,
    FED,
    GAP,
    LOSSES,
    MADE,
    MOVED_IN,
    MOVED_OUT,
    PRODUCED,
    RECEIVED,
    SHIPPED,
    SOLD,
    STOCK,
)
from lodeline.metal.balance.layout import HELD, PROCESS, WAY, AccountKey
from lodeline.metal.sums import Signed
from lodeline.units.figure import Figure

At = Literal["begin", "end", "during"]


class Summing(Protocol):
    """Sums of one element over flows: as recorded, or as reconciled."""

    def of_many(self, sums: list[Signed]) -> list[Figure]:
        """The figure of each sum, KGM."""


class Spec(NamedTuple):
    """What a line is.

    Attributes:
        name: Its name.
        sign: +1 on the left side of the account, -1 on the right, 0 where it is a part of another line, or in none.
        of: The line it is a part of; empty where it is none.
        codes: The entries it sums.
        at: A stock when the period begins or ends, or what moved during it.
        meaning: One sentence for the reference.
    """

    name: str
    sign: int
    of: str
    codes: tuple[int, ...]
    at: At
    meaning: str


def _parts(whole: str, at: At, table: Mapping[int, int]) -> tuple[Spec, ...]:
    words = (
        (HELD, "held", "in lots"),
        (PROCESS, "in_process", "in processes and stores"),
        (WAY, "on_the_way", "on the way"),
    )
    return tuple(
        Spec(f"{whole}_{word}", 0, whole, (table[part],), at, f"Of it, {where}.") for part, word, where in words
    )


SPECS: tuple[Spec, ...] = (
    Spec("opening", 1, "", tuple(STOCK.values()), "begin", "What lay there when the period began."),
    *_parts("opening", "begin", STOCK),
    Spec("in", 1, "", (ARISING, RECEIVED, BOUGHT, MOVED_IN, CHARGED), "during", "What came from elsewhere."),
    Spec("arising", 0, "in", (ARISING,), "during", "Of it, mined, collected, or first heard of."),
    Spec("received", 0, "in", (RECEIVED,), "during", "Of it, off the road; of the road itself, what went onto it."),
    Spec("bought", 0, "in", (BOUGHT,), "during", "Of it, by a change of owner."),
    Spec("charged", 0, "in", (CHARGED,), "during", "Of it, fed into the account's processes from another account."),
    Spec("moved_in", 0, "in", (MOVED_IN,), "during", "Of it, stock that another account carried on."),
    Spec("produced", 1, "", (PRODUCED,), "during", "What came out of processes of another account."),
    Spec("out", -1, "", (SHIPPED, ENDED, SOLD, MOVED_OUT, DISCHARGED), "during", "What went elsewhere."),
    Spec("shipped", 0, "out", (SHIPPED,), "during", "Of it, onto the road; of the road itself, what came off it."),
    Spec("ended", 0, "out", (ENDED,), "during", "Of it, out of the book: sold, used up or destroyed."),
    Spec("sold", 0, "out", (SOLD,), "during", "Of it, by a change of owner."),
    Spec("discharged", 0, "out", (DISCHARGED,), "during", "Of it, out of the account's processes to another account."),
    Spec("moved_out", 0, "out", (MOVED_OUT,), "during", "Of it, stock that another account carried on."),
    Spec("consumed", -1, "", (CONSUMED,), "during", "What went into processes of another account."),
    Spec("losses", -1, "", (LOSSES,), "during", "Declared losses of a known content."),
    Spec("closing", -1, "", tuple(STOCK.values()), "end", "What lies there when the period ends."),
    *_parts("closing", "end", STOCK),
    Spec("unaccounted", -1, "", tuple(GAP.values()), "during", "What is missing (MUF); negative: more than there was."),
    *_parts("unaccounted", "during", GAP),
    Spec("fed", 0, "", (FED,), "during", "What went into processes of the account itself."),
    Spec("made", 0, "", (MADE,), "during", "What came out of them."),
)
"""The lines, in the order in which an account is written."""

BESIDE: Mapping[str, str] = MappingProxyType(
    {
        "lost_material": "Material of declared losses whose content nobody assayed.",
        "counted": "What stock-takes counted of the closing stock.",
        "counted_book": "What the books hold of the same.",
        "counted_gap": "The one less the other.",
    }
)
"""Lines beside the account, and what they mean."""

NAMES = (*(one.name for one in SPECS), *BESIDE)
"""All names of lines."""

MAIN = tuple(one.name for one in SPECS if not one.of)
"""The lines that are part of no other."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an account.

    Attributes:
        name: Its name.
        sign: +1 on the left side of the account, -1 on the right, 0 on neither.
        of: The line it is a part of; empty where it is none.
        recorded: As recorded, KGM.
        reconciled: As reconciled, KGM; None where nothing was reconciled.
        flows: How many flows it sums.
    """

    name: str
    sign: int
    of: str
    recorded: Figure
    reconciled: Figure | None = None
    flows: int = 0


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one element for one period.

    Attributes:
        key: What it is told apart by.
        period: Its label; empty where the whole book is one.
        begins, ends: The instants, with the offset there; None where its places are in several zones, or for a whole
            book.
        zone: IANA name of the zone of its midnights; None where there are several.
        so_far: The period had not ended when the last entry was recorded.
        lines: By name; those that are part of another only where there is anything in them.
        holders: How many holdings, stores, processes and consignments there are in its closing stock.
        counted: How many of them a stock-take counted as they lay there.
        checks: How many times what came and what went were known from two sides; with none, nothing can be missing
            but what a stock-take would show, and ``unaccounted`` is 0 by its making.
    """

    key: AccountKey
    period: str
    begins: datetime | None
    ends: datetime | None
    zone: str | None
    so_far: bool
    lines: Mapping[str, Line]
    holders: int
    counted: int
    checks: int

    def recorded(self, name: str) -> Figure:
        """The recorded figure of a line; 0 where nothing is in it."""
        return self.lines[name].recorded if name in self.lines else NONE

    def reconciled(self, name: str) -> Figure | None:
        """The reconciled figure of a line; None where nothing was reconciled."""
        return self.lines[name].reconciled if name in self.lines else None


NONE = Figure(value=0.0, u=0.0, unit="KGM", standing="computed")
"""The figure of a line in which there is nothing."""


def page() -> str:
    """The lines as they stand in the reference."""
    rows = ["| line | side | meaning |", "| --- | --- | --- |"]
    for one in SPECS:
        side = f"part of `{one.of}`" if one.of else {1: "left", -1: "right", 0: "—"}[one.sign]
        rows.append(f"| `{one.name}` | {side} | {one.meaning} |")
    rows += [f"| `{name}` | — | {meaning} |" for name, meaning in BESIDE.items()]
    return "\n".join(rows) + "\n"
