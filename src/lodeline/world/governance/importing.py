"""Governance scores as an importer takes them: what a file holds, and how much of it is unknown."""

from __future__ import annotations

from pathlib import Path

from lodeline.world.governance.score import COLUMNS, read_scores, scores_csv
from lodeline.world.governance.wgi import is_wgi
from lodeline.world.statistics.importers import Asked, Imported


def is_governance(head: str) -> bool:
    """Whether a first line is that of the World Bank's files, or of a tidy table of scores."""
    return is_wgi(head) or set(COLUMNS).issubset(head.split(","))


def read_governance(path: Path, asked: Asked) -> Imported:
    """A file of scores; nothing of it can be asked for apart.

    Raises:
        InputError: as :func:`lodeline.world.governance.score.read_scores`.
    """
    table = read_scores(path)
    silent = sum(row.value is None for row in table.rows)
    return Imported(
        name=table.edition,
        edition=table.edition,
        what="governance",
        text=scores_csv(table.rows),
        figures=len(table.rows),
        about=tuple(sorted({row.indicator for row in table.rows})),
        unknown={"no score": silent} if silent else {},
        sources=tuple(sorted({row.source for row in table.rows})),
    )
