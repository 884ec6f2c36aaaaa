"""Files of resources: read, converted from TOML, and refused with the file and the place in it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from lodeline.errors import InputError, LodelineError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.files import readable

R = TypeVar("R")
S = TypeVar("S", bound=msgspec.Struct)


def in_file(path: str | Path, parse: Callable[[str], R]) -> R:
    """What a parser makes of a file; a refusal names the file.

    Raises:
        NotFoundError: ``world.no_such_resources_file``. InputError: those of the parser.
    """
    text = read_text(path)
    try:
        return parse(text)
    except LodelineError as flaw:
        raise flaw.located(file=str(path)) from flaw


def read_text(path: str | Path) -> str:
    """The text of a file.

    Raises:
        NotFoundError: ``world.no_such_resources_file``. InputError: ``world.resources_toml``.
    """
    path = Path(path)
    if not readable(path):
        raise NotFoundError("world.no_such_resources_file", "There is no such file; check its name.", file=str(path))
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as flaw:
        raise InputError(
            "world.resources_toml", "The file is not UTF-8 text; save it so.", file=str(path), byte=flaw.start
        ) from flaw


def convert_toml(text: str, kind: type[S]) -> S:
    """TOML text as a struct.

    Raises:
        InputError: ``world.resources_toml``, ``world.resources_field``.
    """
    try:
        return msgspec.convert(tomllib.loads(text), kind)
    except tomllib.TOMLDecodeError as flaw:
        raise InputError("world.resources_toml", f"This is not TOML: {visible(str(flaw))}.") from flaw
    except msgspec.ValidationError as flaw:
        sentence, _, place = str(flaw).partition(" - at ")
        raise InputError(
            "world.resources_field",
            f"{visible(sentence)}; see the tables of fields on the page of resources.",
            field=place.strip("`") or "$",
        ) from flaw
