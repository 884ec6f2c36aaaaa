"""The commands take and give XML."""

import json

import pytest

from tests.book.test_xml import DOCUMENT, EVENT, TWIN


@pytest.fixture
def book(lodeline, tmp_path):
    (tmp_path / "twin.json").write_bytes(TWIN.replace(b"0815", b"0816").replace(b"\n", b" "))
    (tmp_path / "named-as-it-likes.txt").write_bytes(DOCUMENT)
    assert lodeline("init", "book.db", "--title", "t").code == 0
    assert "1 recorded" in lodeline("capture", "book.db", "named-as-it-likes.txt").out
    assert "1 recorded" in lodeline("capture", "book.db", "twin.json").out
    return "book.db"


def test_hash_knows_xml_by_its_content(lodeline, tmp_path, book):
    (tmp_path / "same.json").write_bytes(TWIN)

    assert lodeline("hash", "named-as-it-likes.txt").out == lodeline("hash", "same.json").out
    assert lodeline("hash", "-", stdin=DOCUMENT).out == lodeline("hash", "same.json").out


def test_hash_says_what_a_book_would_refuse(lodeline):
    moved = DOCUMENT.replace(b"<action>OBSERVE</action>", b"").replace(
        b"<ex:seal>", b"<action>OBSERVE</action><ex:seal>"
    )
    done = lodeline("hash", "-", stdin=moved)

    assert done.code == 0
    assert "a book would refuse event 0" in done.err
    assert done.out == lodeline("hash", "-", stdin=DOCUMENT).out


def test_show_prints_an_event_in_xml(lodeline, book):
    assert lodeline("show", book, "2", "--xml").out == EVENT + "\n"
    written = lodeline("show", book, "4", "--xml").out
    assert written.startswith("<ObjectEvent xmlns:xsi=")
    assert "<e:seal>PK 0816</e:seal>" in written
    assert "<e:seal>" not in lodeline("show", book, "4").out
    assert "<ex:seal>PK 0815</ex:seal>" in lodeline("show", book, "2").out


def test_events_for_programs_are_json_with_the_xml_beside_it(lodeline, book):
    first, second = map(json.loads, lodeline("events", book, "--json").out.splitlines())

    assert first["xml"] == EVENT
    assert first["event"]["bizStep"] == "shipping"
    assert first["context"][1] == {"ex": "https://ns.example.org/"}
    assert "xml" not in second


@pytest.mark.parametrize("arguments", [("events.xml", "--epcis"), ("events.out", "--epcis", "--xml")])
def test_export_writes_xml_by_name_or_by_option(lodeline, tmp_path, book, arguments):
    assert lodeline("export", book, *arguments).code == 0
    assert (tmp_path / arguments[0]).read_bytes().startswith(b"<?xml")
    assert "0 recorded, 2 known already" in lodeline("capture", book, arguments[0]).out


def test_xml_is_a_form_of_events_and_not_of_the_book(lodeline, book):
    assert lodeline("export", book, "book.xml", "--xml").code == 2


def test_a_refusal_names_file_line_and_path(lodeline, tmp_path, book):
    (tmp_path / "wrong.xml").write_bytes(DOCUMENT.replace(b"OBSERVE", b"OBSERVED"))
    done = lodeline("capture", book, "wrong.xml")

    assert done.code == 4
    assert "[record.xml_value; file wrong.xml, event 0, field /ObjectEvent/action, line 2]" in done.err


def test_master_data_in_a_header_are_said_to_be_kept_and_not_registered(lodeline, book):
    again = lodeline("capture", book, "-", stdin=DOCUMENT)
    new = lodeline("capture", book, "-", stdin=DOCUMENT.replace(b"0815", b"0817"))

    assert "1 master data in its header are kept with it and not registered" in new.err
    assert "are not kept, since none of its events was new" in again.err
