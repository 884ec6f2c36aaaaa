"""Where a capture is read from: a path, standard input, bytes, or an open binary stream."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lodeline.errors import InputError, LodelineError, NotFoundError

Source = str | Path | bytes | BinaryIO


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """The source as a binary stream; a refusal raised while it is read learns the file's name.

    Raises:
        NotFoundError: ``input.no_such_file``.
        InputError: ``input.unreadable``, ``input.is_a_folder``.
    """
    name = _name(source)
    try:
        with _stream(source) as stream:
            yield stream
    except LodelineError as refusal:
        raise refusal.located(file=name) from refusal
    except FileNotFoundError as missing:
        if missing.filename != name:
            raise
        raise NotFoundError(
            "input.no_such_file", "There is no such file; check its name and folder.", file=name
        ) from missing
    except IsADirectoryError as folder:
        raise InputError(
            "input.is_a_folder", "This is a folder; name the files in it, one by one.", file=name
        ) from folder
    except PermissionError as denied:
        raise InputError(
            "input.unreadable", "This file may not be read; ask its owner for the right to read it.", file=name
        ) from denied


def _name(source: Source) -> str:
    if isinstance(source, (str, Path)):
        return str(source)
    return "bytes" if isinstance(source, bytes) else str(getattr(source, "name", "stream"))


@contextmanager
def _stream(source: Source) -> Iterator[BinaryIO]:
    if source == "-":
        yield sys.stdin.buffer
    elif isinstance(source, bytes):
        yield io.BytesIO(source)
    elif isinstance(source, (str, Path)):
        with Path(source).open("rb") as stream:
            yield stream
    else:
        yield source
