"""What cannot be read is refused by its name, and what can is read, wherever it comes from."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from lodeline.book.source import opened
from lodeline.errors import InputError, LodelineError, NotFoundError, RecordError


def test_bytes_a_path_and_an_open_stream_are_read_alike(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"{}")

    for source in (b"{}", path, str(path), io.BytesIO(b"{}")):
        with opened(source) as stream:
            assert stream.read() == b"{}"


@pytest.mark.parametrize(
    ("name", "family", "code"),
    [("no-such.json", NotFoundError, "input.no_such_file"), ("folder", InputError, "input.is_a_folder")],
)
def test_what_is_no_file_is_refused(name, family, code, tmp_path):
    (tmp_path / "folder").mkdir()

    with pytest.raises(family) as refused, opened(tmp_path / name):
        pass
    assert (refused.value.code, refused.value.where["file"]) == (code, str(tmp_path / name))


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "secret.json"
    path.write_bytes(b"{}")
    path.chmod(0)
    if os.access(path, os.R_OK):
        # Root reads everything, so the system's answer to others is given in its place.
        def denied(self, mode):
            raise PermissionError(13, "Permission denied", str(self))

        monkeypatch.setattr(Path, "open", denied)

    with pytest.raises(InputError) as refused, opened(path):
        pass
    assert (refused.value.code, refused.value.where["file"]) == ("input.unreadable", str(path))


def test_a_refusal_raised_while_reading_learns_the_name_of_the_file(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"{}")

    with pytest.raises(LodelineError) as refused, opened(path):
        raise RecordError("test.code", "Not as it should be.", event=2)
    assert refused.value.where == {"event": 2, "file": str(path)}
