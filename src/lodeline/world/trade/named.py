"""A trade table by its name on the shelf, or of a file; read for the codes of one element only."""

from __future__ import annotations

import difflib
from pathlib import Path

from lodeline.errors import NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.statistics.shelf import shelved
from lodeline.world.trade.traded import TradeTable, read_trade


def trade_named(asked: str | Path, *, hs: frozenset[str], at: Path | None = None) -> TradeTable:
    """The trade table of that name among imported editions, else of that file; only the rows of some codes.

    Args:
        hs: The codes; a whole year of BACI has eleven million rows.
        at: The folder of imported editions; None: the user's own.

    Raises:
        NotFoundError: ``world.trade_unknown``, with the nearest name. InputError: as
            :func:`lodeline.world.trade.traded.read_trade`.
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
    return read_trade(path, hs=hs)
