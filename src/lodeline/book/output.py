"""What is written out of a book: a new file, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lodeline.errors import InputError


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A new file, whole or not at all: it appears under its name only when everything is written.

    Raises:
        InputError: ``output.exists``, ``output.unwritable``.
    """
    if path.exists():
        raise InputError("output.exists", "This file exists; name another, or remove it first.", file=str(path))
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as stream:
            yield stream
        part.rename(path)
    except OSError as flaw:
        raise InputError(
            "output.unwritable", f"This file cannot be written: {flaw.strerror}.", file=str(path)
        ) from flaw
    finally:
        part.unlink(missing_ok=True)
