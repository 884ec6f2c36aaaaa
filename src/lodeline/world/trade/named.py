"""A trade table by its name on the shelf, or of a file; read for the codes of one element only."""

from __future__ import annotations

import difflib
from pathlib import Path

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.statistics.shelf import shelved
from lodeline.world.trade.traded import SHIPPED, TradeTable, read_trade, shipped_with, trade_table

MOST = 12
"""Codes that a refusal names one by one."""


def trade_named(asked: str | Path, *, hs: frozenset[str], at: Path | None = None) -> TradeTable:
    """The trade table of that name among imported and shipped editions, else of that file; of some codes only.

    Args:
        hs: The codes; a whole year of BACI has eleven million rows.
        at: The folder of imported editions; None: the user's own.

    Raises:
        NotFoundError: ``world.trade_unknown``, with the nearest name; ``world.trade_not_in_table``, where it has none
            of the codes. InputError: as :func:`lodeline.world.trade.traded.read_trade`.
    """
    name, imported = str(asked), shelved(at)
    wanted = name.replace("_", "-").lower()
    path = imported.get(wanted, Path(name))
    if not path.is_file():
        if wanted == shipped_trade_edition():
            return _shipped(name, hs)
        near = difflib.get_close_matches(name.lower(), [*imported, shipped_trade_edition()], n=1, cutoff=0.4)
        raise NotFoundError(
            "world.trade_unknown",
            f"There is no trade table {visible(name)}{f', perhaps {near[0]}' if near else ''}; give a file of BACI or "
            "Comtrade, or import one with lodeline world import.",
            asked=name,
        )
    try:
        return read_trade(path, hs=hs)
    except InputError as refusal:
        if refusal.code != "world.table_empty":
            raise refusal.located(file=name) from refusal
        raise _none_of(name, hs) from refusal


def shipped_trade_edition() -> str:
    """The edition of the trade tables that come with lodeline, by the names of their files."""
    return "-".join(next(iter(SHIPPED.values())).split("_")[:3])


def _shipped(name: str, hs: frozenset[str]) -> TradeTable:
    """What comes with lodeline of some codes, together."""
    found = [table for code in sorted(hs) if (table := shipped_with(code)) is not None]
    if not found:
        raise _none_of(name, hs)
    return trade_table(row for table in found for row in table.rows)


def _none_of(name: str, hs: frozenset[str]) -> NotFoundError:
    codes = ", ".join(sorted(hs)) if len(hs) <= MOST else f"any of the {len(hs)} codes that lodeline knows"
    return NotFoundError(
        "world.trade_not_in_table",
        f"{visible(name)} has no trade under {codes}; give a table that has it.",
        asked=name,
    )
