"""Each command does what its help says, through the real program."""

import json

from tests.cli.conftest import document, event

LOT = "urn:epc:class:lgtin:4012345.011111.LOT1"
SAME_LOT_AS_LINK = "https://id.gs1.org/01/04012345111118/10/LOT1"


def test_a_capture_is_counted_listed_shown_and_proved(lodeline, book):
    captured = lodeline("capture", book, "-", stdin=document(event(LOT), event("urn:x:b")))
    assert (captured.code, captured.err) == (0, "")
    assert "2 recorded, 0 known already, 0 refused; by clerk" in captured.out

    listed = [json.loads(line) for line in lodeline("events", book, "--json").out.splitlines()]
    assert [row["event"]["quantityList"][0]["epcClass"] for row in listed] == [LOT, "urn:x:b"]

    for key in (listed[0]["seq"], listed[0]["hash_id"], listed[0]["hash_id"][14:30]):
        shown = lodeline("show", book, key)
        assert shown.code == 0
        assert listed[0]["hash_id"] in shown.out

    verified = lodeline("verify", book, "--deep", "--json")
    assert json.loads(verified.out)["verified"] is True


def test_an_event_written_over_several_lines_is_one_line_of_json_with_every_digit(lodeline, book):
    spread = json.dumps(json.loads(document(event(LOT))), indent=2).replace(
        '"action"', '"urn:x:grade":  1.50,\n"action"'
    )
    lodeline("capture", book, "-", stdin=spread.encode())
    (line,) = lodeline("events", book, "--json").out.splitlines()
    assert '"urn:x:grade":1.50' in line


def test_the_same_document_again_is_known(lodeline, book):
    lodeline("capture", book, "-", stdin=document(event(LOT)))
    again = json.loads(lodeline("capture", book, "-", "--json", stdin=document(event(LOT))).out)
    assert (again[0]["added"], again[0]["known"]) == (0, 1)


def test_a_lot_is_found_under_each_of_its_spellings(lodeline, book):
    lodeline("capture", book, "-", stdin=document(event(LOT), event("urn:x:b")))
    for name in (LOT, SAME_LOT_AS_LINK):
        assert len(lodeline("events", book, "--lot", name, "--json").out.splitlines()) == 1


def test_one_bad_event_stops_the_document_and_proceed_leaves_it_out(lodeline, book):
    bad = document(event(LOT), event("urn:x:b", action="LOOK"))
    whole = lodeline("capture", book, "-", stdin=bad)
    assert whole.code == 4
    assert "event 1" in whole.err
    assert "$.action" in whole.err
    assert lodeline("events", book).out == "no events\n"

    part = lodeline("capture", book, "-", "--proceed", stdin=bad)
    assert part.code == 4
    assert "1 recorded, 0 known already, 1 refused" in part.out
    assert "event 1" in part.err


def test_hash_prints_one_id_per_event_in_order_and_the_canonical_string(lodeline):
    ran = lodeline("hash", "-", "--canonical", stdin=document(event(LOT), event("urn:x:b")))
    lines = ran.out.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("ni:///sha-256;") for line in lines[::2])
    assert SAME_LOT_AS_LINK in lines[1]


def test_documents_policy_and_master_data_are_kept_and_listed(lodeline, book, tmp_path):
    (tmp_path / "note.txt").write_text("seen at the gate")
    assert lodeline("document", "add", book, "note.txt", "--issuer", "Guard", "--dated", "2026-01-31").code == 0
    listed = json.loads(lodeline("document", "list", book, "--json").out)
    assert [(row["title"], row["issuer"], row["dated"]) for row in listed] == [("note.txt", "Guard", "2026-01-31")]
    assert lodeline("document", "get", book, listed[0]["id"]).out == "seen at the gate"

    assert "no policy is set" in lodeline("policy", "show", book).out
    (tmp_path / "policy.toml").write_text("[receipt]\nwindow_days = 90\n")
    assert lodeline("policy", "set", book, "policy.toml").code == 0
    assert "window_days" in lodeline("policy", "show", book).out
    assert "no policy is set" in lodeline("policy", "show", book, "--as-of", "1").out

    (tmp_path / "parties.csv").write_text("kind,id,name,country\nparty,urn:x:fwo,Frontier Works Organisation,PK\n")
    assert "1 registered, by clerk" in lodeline("register", book, "parties.csv").out
    assert "Frontier Works Organisation" in lodeline("show", book, "urn:x:fwo").out


def test_as_of_shows_the_book_as_it_stood(lodeline, book):
    for name in ("urn:x:a", "urn:x:b", "urn:x:c"):
        lodeline("capture", book, "-", stdin=document(event(name)))
    seqs = [json.loads(line)["seq"] for line in lodeline("events", book, "--json").out.splitlines()]
    assert len(lodeline("events", book, "--json", "--as-of", seqs[1]).out.splitlines()) == 2
    assert lodeline("events", book, "--json", "--as-of", "2001-01-01T00:00:00Z").out == ""


def test_a_checkpoint_holds_against_a_grown_book_and_not_against_another(lodeline, book, tmp_path):
    lodeline("capture", book, "-", stdin=document(event(LOT)))
    assert lodeline("checkpoint", book, "--out", "then.json").code == 0
    lodeline("capture", book, "-", stdin=document(event("urn:x:b")))
    assert lodeline("verify", book, "--against", "then.json").code == 0

    lodeline("init", "other.db", "--title", "Other")
    assert lodeline("verify", "other.db", "--against", "then.json").code == 6


def test_export_and_import_give_the_same_head(lodeline, book):
    lodeline("capture", book, "-", stdin=document(event(LOT), event("urn:x:b")))
    assert lodeline("export", book, "book.lodeline").code == 0
    assert lodeline("import", "book.lodeline", "copy.db").code == 0
    heads = [json.loads(lodeline("checkpoint", name).out) for name in (book, "copy.db")]
    assert heads[0] == heads[1]


def test_events_go_out_as_epcis_that_another_book_takes_with_the_same_hash_ids(lodeline, book):
    first = document(event(LOT, **{"ex:a": "1"}), context=[{"ex": "https://example.com/one/"}])
    second = document(event(LOT, **{"ex:a": "1"}), context=[{"ex": "https://example.com/two/"}])
    for content in (first, second):
        assert lodeline("capture", book, "-", stdin=content).code == 0
    assert lodeline("export", book, "events.json", "--epcis").code == 0

    lodeline("init", "other.db", "--title", "Other")
    assert lodeline("capture", "other.db", "events.json").code == 0
    ids = [
        [json.loads(line)["hash_id"] for line in lodeline("events", name, "--json").out.splitlines()]
        for name in (book, "other.db")
    ]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_verify_tells_the_head_of_then_as_the_checkpoint_of_then_does(lodeline, book):
    for name in ("urn:x:a", "urn:x:b"):
        lodeline("capture", book, "-", stdin=document(event(name)))
    then = json.loads(lodeline("checkpoint", book, "--as-of", "2", "--json").out)
    said = lodeline("verify", book, "--as-of", "2").out.splitlines()
    assert said[0] == "proved: bytes, chain and documents of 5 entries"
    assert said[1] == f"head 2 {then['digest']}"
    assert json.loads(lodeline("verify", book, "--json").out)["head"]["seq"] == 4


def test_a_document_that_came_later_is_not_there_before(lodeline, book, tmp_path):
    (tmp_path / "note.txt").write_text("late")
    kept = json.loads(lodeline("document", "add", book, "note.txt", "--issuer", "Guard", "--json").out)
    assert lodeline("document", "get", book, kept["id"]).out == "late"
    assert lodeline("document", "get", book, kept["id"], "--as-of", "0").code == 3


def test_a_derived_table_that_was_meddled_with_is_found_and_rebuilt(lodeline, book):
    import sqlite3

    lodeline("capture", book, "-", stdin=document(event(LOT), event("urn:x:b")))
    with sqlite3.connect(book) as meddler:
        meddler.execute("UPDATE event_index SET event_time = event_time + 1")
    meddler.close()
    assert lodeline("verify", book).code == 0
    found = lodeline("verify", book, "--deep")
    assert (found.code, "event_index" in found.err) == (6, True), found.err
    assert "rebuilt from 4 entries" in lodeline("rebuild", book).out
    assert lodeline("verify", book, "--deep").code == 0
