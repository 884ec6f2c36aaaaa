"""The shelf: editions that a user imported, each one file in a folder of theirs, beside those that come with lodeline.

A file is put there whole or not at all. What is asked for by name is looked for on the shelf, then among the shipped
tables, then as the name of a file; an imported edition therefore goes before a shipped one of its name.
"""

from __future__ import annotations

import csv
import io
import os
import re
import secrets
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Literal

import msgspec

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.files import readable
from lodeline.world.nearest import nearest
from lodeline.world.statistics.edition import SHIPPED, Table, parse, read, shipped, shipped_text

KINDS = {"measure": "statistics", "exporter": "trade", "indicator": "governance"}
"""By a column that only they have: what a tidy file holds."""
NO_FORM = "no known form"
"""What a file holds that is none of them."""
VARIABLE = "LODELINE_EDITIONS"
"""The environment variable that names the folder."""
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*[a-z0-9]")


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an edition that was put on the shelf.

    Attributes:
        name: Of the edition. path: where it stands; None where the shipped one says the same.
        was: ``new``, ``known`` (the same content is there already) or ``replaced``.
    """

    name: str
    path: Path | None
    was: Literal["new", "known", "replaced"]


def folder() -> Path:
    """The folder of imported editions: ``$LODELINE_EDITIONS``, else where the platform keeps a user's data.

    Source: XDG Base Directory Specification 0.8, ``XDG_DATA_HOME``, where the platform is neither Windows nor macOS.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        # The specification passes over a path that is not absolute.
        given = os.environ.get("XDG_DATA_HOME", "")
        base = Path(given) if Path(given).is_absolute() else home / ".local" / "share"
    return base / "lodeline" / "editions"


def put(name: str, text: str, *, into: Path | None = None, replace: bool = False) -> Put:
    """Put the tidy text of an edition on the shelf.

    The same text again changes nothing. Another text under a name that is there, or that is shipped, is refused unless
    it is to replace it.

    Args:
        into: The folder; None: :func:`folder`.

    Raises:
        InputError: ``world.edition_name``, ``world.edition_differs``, ``world.shelf_unwritable``.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            "world.edition_name",
            f"{visible(name)!r} cannot name an edition; write small letters, digits, points and dashes.",
        )
    place = into or folder()
    path = place / f"{name}.csv"
    there = _text(path) if path.is_file() else None
    known = there if there is not None else _shipped_text(name)
    if known == text:
        return Put(name=name, path=path if there is not None else None, was="known")
    if known is not None and not replace:
        raise InputError(
            "world.edition_differs",
            f"{name} is {'on the shelf' if there is not None else 'shipped'} with other content "
            f"({_lines(known):,} figures there, {_lines(text):,} in this file); compare them with lodeline world "
            "editions --diff, or say --replace.",
            edition=name,
        )
    _write(path, text)
    return Put(name=name, path=path, was="new" if known is None else "replaced")


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One edition that there is.

    Attributes:
        name: By which it is asked for. where: ``lodeline`` for one that is shipped, else the file.
        what: What it holds: ``statistics``, ``trade`` …, told by its columns.
        figures: How many rows. sources: Where they were published.
    """

    name: str
    where: str
    what: str
    figures: int
    sources: tuple[str, ...]


def listed(*, at: Path | None = None) -> tuple[Listed, ...]:
    """The editions that there are: those imported, then those that are shipped and not imported anew."""
    imported = shelved(at)
    found = [_listed(name, str(path), [_text(path)]) for name, path in imported.items()]
    texts = {name: [shipped_text(table)] for name, table in shipped_names().items()} | _shipped_beside()
    found += [_listed(name, "lodeline", text) for name, text in texts.items() if name not in imported]
    return tuple(found)


def _shipped_beside() -> dict[str, list[str]]:
    """The tables of trade and of governance that come with lodeline, by edition; one edition may be several tables."""
    found: dict[str, list[str]] = {}
    for resource in sorted((resources.files("lodeline.world") / "tables").iterdir(), key=lambda one: one.name):
        if not resource.name.endswith(".csv"):
            continue
        text = resource.read_text(encoding="utf-8")
        if text.startswith("edition,") and holds(text) in ("trade", "governance"):
            edition_named = text.partition("\n")[2].partition(",")[0]
            found.setdefault(edition_named, []).append(text)
    return found


def _listed(name: str, where: str, texts: list[str]) -> Listed:
    """What the tidy files of an edition hold, by their columns; no row is read for its figures."""
    sources: dict[str, None] = {}
    count = 0
    for text in texts:
        for row in csv.DictReader(io.StringIO(text, newline="")):
            count += 1
            sources[row.get("source") or ""] = None
    return Listed(name=name, where=where, what=holds(texts[0]), figures=count, sources=tuple(filter(None, sources)))


def shelved(at: Path | None = None) -> Mapping[str, Path]:
    """The imported editions and their files, by name."""
    place = at or folder()
    return {path.stem: path for path in sorted(place.glob("*.csv")) if path.is_file()}


def newest(*, at: Path | None = None) -> Table:
    """The newest national statistics that come with lodeline; as imported anew, where that was done.

    Raises:
        InputError: as :func:`edition`.
    """
    return edition(next(iter(shipped_names())), at=at)


def edition(name: str | Path, *, at: Path | None = None) -> Table:
    """The national statistics of an edition by its name (``usgs-mcs-2026``), or of a file by its path.

    Raises:
        NotFoundError: ``world.edition_unknown``, with the nearest names. InputError: ``world.edition_kind``, where it
            is one of trade or of governance. Both: as :func:`lodeline.world.statistics.edition.read`.
    """
    asked = str(name)
    imported = shelved(at)
    wanted = asked.replace("_", "-").lower()
    if wanted in imported:
        return _statistics(wanted, _text(imported[wanted]))
    if wanted in shipped_names():
        return shipped(shipped_names()[wanted])
    if readable(Path(asked)) or meant_as_file(asked):
        return read(asked)  # Where it is not there, that is said.
    beside = _shipped_beside()
    if wanted in beside:
        return _statistics(wanted, beside[wanted][0])  # It is none; that is said.
    every = [*imported, *shipped_names()]
    near = nearest(wanted, every, most=2)
    hint = f"; perhaps {' or '.join(near)}" if near else f"; there are {', '.join(every)}"
    raise NotFoundError(
        "world.edition_unknown",
        f"There is no edition {visible(asked)}{hint}. A file of your own is named by its path, or imported with "
        "lodeline world import.",
        asked=asked,
    )


def _text(path: Path) -> str:
    """The text of a file on the shelf, every line break as it is."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as flaw:
        raise InputError(
            "world.not_utf8",
            "A file on the shelf of editions is not UTF-8 text; take it away and import the publisher's again.",
            file=str(path),
            byte=flaw.start,
        ) from flaw


def _statistics(name: str, text: str) -> Table:
    held = holds(text)
    if held == NO_FORM:
        raise InputError(
            "world.edition_kind",
            f"The file of {visible(name)} on the shelf has {held}; take it away, and import the publisher's file.",
            edition=name,
        )
    if held != "statistics":
        raise InputError(
            "world.edition_kind",
            f"{visible(name)} is an edition of {held}; name one of national statistics: lodeline world editions lists "
            "what each holds.",
            edition=name,
        )
    return parse(text)


def holds(text: str) -> str:
    """What a tidy text holds, told by its columns: ``statistics``, ``trade``, ``governance``, else :data:`NO_FORM`."""
    columns = text.partition("\n")[0].rstrip("\r").split(",")
    return next((kind for column, kind in KINDS.items() if column in columns), NO_FORM)


def meant_as_file(asked: str) -> bool:
    """Whether what is asked for can only be a path: it has a folder, or an ending that is no number."""
    ending = Path(asked).suffix[1:]
    return os.sep in asked or bool(ending and not ending.isdigit())


def shipped_names() -> Mapping[str, str]:
    """The tables that come with lodeline, by the name of their edition."""
    return {name.replace("_", "-"): name for name in SHIPPED}


def _shipped_text(name: str) -> str | None:
    """The tidy text of a shipped edition of one table; None where there is none, or where it is made of several."""
    if name in shipped_names():
        return shipped_text(shipped_names()[name])
    beside = _shipped_beside().get(name, [])
    return beside[0] if len(beside) == 1 else None


def _lines(text: str) -> int:
    return max(text.count("\n") - 1, 0)


def _write(path: Path, text: str) -> None:
    """Write a file so that a reader, and whoever comes after a power cut, finds the old one or the new one, whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.part")
        try:
            with part.open("x", encoding="utf-8", newline="") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        if os.name == "posix":
            _sync_folder(path.parent)
    except OSError as flaw:
        raise InputError(
            "world.shelf_unwritable",
            f"The edition cannot be written: {flaw.strerror}; name another folder with --into or ${VARIABLE}.",
            folder=str(path.parent),
        ) from flaw


def _sync_folder(at: Path) -> None:
    """Make the new name of a file survive a power cut, too."""
    handle = os.open(at, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
