"""USGS Mineral Commodity Summaries: the publisher's data files into tidy rows.

Two layouts are read: the commodities file of the 2026 edition (one figure a row, cp1252), and the world file of the
2025 edition (one country a row, UTF-8 with a byte-order mark). A further edition in one of these layouts needs no code:
a chapter, line or country of another name is named by rule, and refused where the rule does not know its kind.
"""

from __future__ import annotations

from pathlib import Path

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.world.statistics import usgs_figures, usgs_world
from lodeline.world.statistics.edition import Row


def is_mcs(content: bytes) -> bool:
    """Whether these bytes begin like one of the publisher's two layouts."""
    head = content[:4096].decode("cp1252", errors="replace").removeprefix("ï»¿").splitlines()[:1]
    return bool(head) and (usgs_figures.is_head(head[0]) or usgs_world.is_head(head[0]))


def read_mcs(path: str | Path, *, source: str | None = None) -> list[Row]:
    """The rows of one of the publisher's files, in the order of the file: every figure of it, or a refusal.

    Args:
        source: Where the edition was published; None: as ``tables/usgs_editions.csv`` says, else publisher and year.

    Raises:
        InputError: ``world.usgs_layout``, ``world.usgs_encoding``, ``world.usgs_cut``, ``world.usgs_edition``,
            ``world.usgs_detail``, ``world.usgs_value``, ``world.usgs_unit``, ``world.usgs_units_mixed``,
            ``world.usgs_period``, ``world.usgs_no_rows``, ``world.row_twice``, ``world.country_unknown``;
            ``where["line"]`` is the line of the file.
    """
    return parse_mcs(Path(path).read_bytes(), source=source)


def parse_mcs(content: bytes, *, source: str | None = None) -> list[Row]:
    """As :func:`read_mcs`, from the bytes of the file."""
    text = decoded(content)
    if not text.endswith("\n"):
        # A last cell that is half there, or empty for being cut, looks whole: only the line break behind it tells.
        raise InputError(
            "world.usgs_cut",
            "The file ends within a line, without a line break; it is cut off or edited: get it again.",
            line=text.count("\n") + 1,
        )
    rows = usgs_world.figures(text, source) if usgs_world.is_head(text) else usgs_figures.figures(text, source)
    if not rows:
        raise InputError("world.usgs_no_rows", "The file has a head and no figures; is it the whole file?")
    _check_once(rows)
    return rows


def _check_once(rows: list[Row]) -> None:
    """No two lines say the same thing: lines of two editions in one file do, and so does a line that is there twice."""
    seen: dict[str, int] = {}
    for row in rows:
        before = seen.setdefault(row.key, row.line)
        if before != row.line:
            raise InputError(
                "world.row_twice",
                f"This line and line {before} both say {visible(row.key)}; keep those of one edition, or name their "
                "forms apart in tables/usgs_details.csv.",
                line=row.line,
            )


def decoded(content: bytes) -> str:
    """The text of a file of the publisher's, or one saved anew as UTF-8.

    The 2025 file is UTF-8 with a mark; the 2026 file is cp1252 and says so nowhere: UTF-8 breaks at the first dash.

    Raises:
        InputError: ``world.usgs_encoding``.
    """
    if content.startswith(b"\xef\xbb\xbf"):
        return _as(content, "utf-8-sig")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _as(content, "cp1252")


def _as(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as flaw:
        raise InputError(
            "world.usgs_encoding", f"The file is not {encoding}; use it as USGS publishes it.", byte=flaw.start
        ) from flaw
