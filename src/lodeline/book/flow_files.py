"""Flows as files for other programs: Parquet, Arrow or CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lodeline.errors import InputError

if TYPE_CHECKING:
    import polars

    from lodeline.metal.flows.flows import Flows

ENDINGS = ("parquet", "arrow", "csv")
TABLES = ("flows", "nodes", "measurements", "lots")


def write_flows(flows: Flows, out: Path, *, table: str | None, ending: str | None) -> list[tuple[Path, int]]:
    """Write one table to a file, or all four to a folder, and say which files and how many rows of each.

    Args:
        out: A file whose ending says what is written, or a folder, which is made where there is none.
        table: Which table a file gets; for a folder None.
        ending: What a folder's files are; for a file None.

    Raises:
        InputError: ``output.ending``, ``output.exists``, ``output.unwritable``.
    """
    wanted = plan(out, table=table, ending=ending)
    for path in wanted.values():
        if path.exists():
            raise InputError("output.exists", "This file exists; name another, or remove it first.", file=str(path))
    frames = flows.to_polars()
    try:
        for path in wanted.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        for name, path in wanted.items():
            _write(frames[name], path)
    except OSError as flaw:
        raise InputError(
            "output.unwritable", f"This cannot be written: {flaw.strerror or flaw}.", file=str(out)
        ) from flaw
    return [(path, frames[name].height) for name, path in wanted.items()]


def plan(out: Path, *, table: str | None, ending: str | None) -> dict[str, Path]:
    """Which table goes to which file.

    Raises:
        InputError: ``output.ending``.
    """
    suffix = out.suffix.lower().removeprefix(".")
    if out.is_dir() or not suffix:
        if table is not None:
            return {table: out / f"{table}.{ending or ENDINGS[0]}"}
        return {name: out / f"{name}.{ending or ENDINGS[0]}" for name in TABLES}
    if suffix not in ENDINGS:
        raise InputError(
            "output.ending",
            f"Files of flows end in {', '.join('.' + one for one in ENDINGS)}; name one of these, or a folder.",
            file=str(out),
        )
    if ending is not None and ending != suffix:
        raise InputError(
            "output.ending",
            f"The file ends in .{suffix}, and {ending} is asked for; say one of the two.",
            file=str(out),
        )
    return {table or TABLES[0]: out}


def _write(frame: polars.DataFrame, path: Path) -> None:
    """One table, under its name only when it is whole."""
    part = path.with_name(f".{path.name}.part")
    try:
        match path.suffix.lower():
            case ".parquet":
                frame.write_parquet(part)
            case ".arrow":
                frame.write_ipc(part)
            case _:
                frame.write_csv(part)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
