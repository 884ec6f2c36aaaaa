"""Files that a command writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lodeline.errors import InputError


def write_new(path: Path, content: bytes) -> None:
    """Write a new file; an existing one is never overwritten.

    Raises:
        InputError: ``output.exists``, ``output.unwritable``.
    """
    with writing_new(path) as stream:
        stream.write(content)


@contextmanager
def writing_new(path: Path) -> Iterator[BinaryIO]:
    """A new file to write to; an existing one is never overwritten.

    Raises:
        InputError: ``output.exists``, ``output.unwritable``.
    """
    try:
        with path.open("xb") as stream:
            yield stream
    except FileExistsError as exists:
        raise InputError(
            "output.exists", "This file exists; name another, or remove it first.", file=str(path)
        ) from exists
    except OSError as flaw:
        raise InputError(
            "output.unwritable", f"This file cannot be written: {flaw.strerror}.", file=str(path)
        ) from flaw


def replace(path: Path, content: bytes) -> None:
    """Write a file that a command makes anew each time; a reader sees the old one or the new one, whole.

    Raises:
        InputError: ``output.unwritable``.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as flaw:
        part.unlink(missing_ok=True)
        raise InputError(
            "output.unwritable", f"This file cannot be written: {flaw.strerror}.", file=str(path)
        ) from flaw
