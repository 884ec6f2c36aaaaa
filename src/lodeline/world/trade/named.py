"""A trade table by its name on the shelf, or of a file; read for the codes of one element only."""

from __future__ import annotations

import difflib
from pathlib import Path

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.statistics.shelf import shelved
from lodeline.world.trade.traded import TradeTable, read_trade

MOST = 12
"""Codes that a refusal names one by one."""


def trade_named(asked: str | Path, *, hs: frozenset[str], at: Path | None = None) -> TradeTable:
    """The trade table of that name among imported editions, else of that file; only the rows of some codes.

    Args:
        hs: The codes; a whole year of BACI has eleven million rows.
        at: The folder of imported editions; None: the user's own.

    Raises:
        NotFoundError: ``world.trade_unknown``, with the nearest name; ``world.trade_not_in_table``, where it has none
            of the codes. InputError: as :func:`lodeline.world.trade.traded.read_trade`.
    """
    name, imported = str(asked), shelved(at)
    path = imported.get(name.replace("_", "-").lower(), Path(name))
    if not path.is_file():
        near = difflib.get_close_matches(name.lower(), imported, n=1, cutoff=0.4)
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
        codes = ", ".join(sorted(hs)) if len(hs) <= MOST else f"any of the {len(hs)} codes that lodeline knows"
        raise NotFoundError(
            "world.trade_not_in_table",
            f"{visible(name)} has no trade under {codes}; give a table that has it.",
            asked=name,
        ) from refusal
