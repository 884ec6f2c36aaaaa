"""``lodeline balance``: the account in a table, in CSV and in JSON, as of an entry, and what late evidence changed."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import UTC, datetime

import pytest

from lodeline.book import open as open_book
from lodeline.record import codec
from lodeline.record.metal import document
from tests.metal.small_book import MINE, assayed, mined, net, percent, ranked, received, shipped, weighed

EARLY = [mined("1000", basis="dry"), assayed(3, percent("50", u="0.3")), shipped(40, "400"), received(45, "399")]
LATE = [assayed(3.5, percent("52", u="0.1"), certificate=ranked("umpire"))]


@pytest.fixture
def filled(book, tmp_path):
    """A lot that was mined and assayed in March, of which a part went in April; then a late assay."""
    with open_book(tmp_path / book) as opened:
        for events in (EARLY, LATE):
            created = datetime(2026, 6, 1, tzinfo=UTC)
            opened.capture(codec.encode(document(events, created=created)), by="clerk")
    return book


@pytest.fixture
def entries(filled):
    """The entry of the last event before the late assay, and that of the assay."""
    with open_book(filled, read_only=True) as opened:
        return [str(event.seq) for event in opened.events()][-2:]


def test_the_table_says_what_opened_came_went_closed_and_is_missing(lodeline, filled, entries):
    asked = ("--element", "Sb", "--as-of", entries[0], "--by", "site,month", "--recorded")
    out = lodeline("balance", filled, *asked).out.splitlines()

    assert out[0].split("  ")[0] == "site"
    columns = [cell.strip() for cell in out[0].split("  ") if cell.strip()]
    assert columns == ["site", "period", "opening kg", "in kg", "out kg", "closing kg", "unaccounted kg"]
    (march,) = [line for line in out if line.startswith(MINE) and "2026-03" in line]
    assert march.split()[-6:] == ["0", "500", "0", "500", "nothing", "checked"]
    (road,) = [line for line in out if line.startswith("on the road")]
    assert road.split()[-1] == "0.5"
    assert f"as of entry {entries[0]}; no policy" in out
    assert any(line.startswith("balance.no_stocktake: ") for line in out)
    assert any(line.startswith("balance.zone_unknown: ") for line in out)


def test_below_what_was_recorded_stands_what_was_reconciled(lodeline, tmp_path, book):
    """By hand: 1000 kg and 997 kg, both ± 1 kg, of a lot that lay still are 998.5 kg; half of that is antimony."""
    readings = [weighed(2, net("1000", "1")), weighed(3, net("997", "1")), assayed(4, percent("50", u="0.3"))]
    with open_book(tmp_path / book) as opened:
        opened.capture(
            codec.encode(document([mined(), *readings], created=datetime(2026, 6, 1, tzinfo=UTC))), by="clerk"
        )
    out = lodeline("balance", book, "--element", "Sb", "--by", "site").out.splitlines()

    (recorded,) = [at for at, line in enumerate(out) if line.startswith(MINE)]
    assert "recorded" in out[recorded]
    assert out[recorded + 1].split()[0] == "reconciled"
    assert "499.2 ± 3.0" in out[recorded + 1]


def test_csv_and_json_say_the_same_lines_and_each_account_closes(lodeline, filled):
    by = ("--element", "Sb", "--by", "owner,site,week")
    found = json.loads(lodeline("balance", filled, *by, "--json").out)
    rows = list(csv.DictReader(io.StringIO(lodeline("balance", filled, *by, "--csv").out)))

    assert (found["by"], found["period"]) == (["site", "owner"], "week")
    assert len(rows) == sum(len(one["lines"]) for one in found["accounts"])
    sums: dict[tuple[str, ...], float] = {}
    for row in rows:
        key = (row["site"], row["owner"], row["state"], row["period"])
        sums[key] = sums.get(key, 0.0) + int(row["sign"]) * float(row["recorded_kg_value"])
    assert all(math.isclose(total, 0, abs_tol=1e-9) for total in sums.values())


def test_since_an_entry_it_says_what_was_reopened_and_by_which_entry(lodeline, filled, entries):
    before, late = entries
    out = lodeline("balance", filled, "--element", "Sb", "--since", before).out

    (closing,) = [line for line in out.splitlines() if line.startswith(MINE) and "2026-03  closing" in line]
    assert closing.split()[-2:] == ["20", late]
    assert lodeline("balance", filled, "--element", "Sb", "--since", late).out.startswith("no period that had ended")
    later = lodeline("balance", filled, "--element", "Sb", "--since", late, "--as-of", before)
    assert (later.code, "[balance.since_later" in later.err) == (2, True)


def test_an_empty_book_has_no_account_and_wrong_keys_are_refused(lodeline, book):
    assert "as of entry 0: no lot was assayed for Sb" in lodeline("balance", book, "--element", "Sb").out
    assert "as of entry 0: no lot is in the book" in lodeline("balance", book, "--element", "dry", "--figures").out
    wrong = lodeline("balance", book, "--element", "Sb", "--by", "site,colour")
    assert (wrong.code, "[balance.key_unknown" in wrong.err) == (2, True)
    assert lodeline("balance", book, "--element", "Xx").code == 2
    assert lodeline("balance", book).code == 2
    assert lodeline("balance", book, "--element", "Sb", "--json", "--csv").code == 2


def test_without_places_the_road_says_that_it_is_one(lodeline, filled):
    out = lodeline("balance", filled, "--element", "dry", "--by", "owner,year").out

    assert any("(on the road)" in line and "2026" in line for line in out.splitlines())
    whole = lodeline("balance", filled, "--element", "dry", "--by", "").out
    assert whole.splitlines()[0].split()[0] == "account"


def test_from_the_account_a_user_goes_on_to_explain(lodeline, tmp_path, book):
    """The name of a line stands in the table of figures, in CSV and in JSON, and explain takes it as printed."""
    readings = [weighed(2, net("1000", "1")), weighed(3, net("997", "1")), assayed(4, percent("50", u="0.3"))]
    with open_book(tmp_path / book) as opened:
        opened.capture(
            codec.encode(document([mined(), *readings], created=datetime(2026, 6, 1, tzinfo=UTC))), by="clerk"
        )
    asked = ("balance", book, "--element", "Sb", "--by", "site,month")
    figure = f"Sb closing site={MINE} month=2026-03"

    (row,) = [line for line in lodeline(*asked, "--figures").out.splitlines() if line.startswith(f"{figure}  ")]
    assert row.endswith("499.2 ± 3.0")
    rows = list(csv.DictReader(io.StringIO(lodeline(*asked, "--csv").out)))
    assert figure in {row["figure"] for row in rows}
    (account,) = json.loads(lodeline(*asked, "--json").out)["accounts"]
    assert (account["key"]["site"], account["lines"]["closing"]["figure"]) == (MINE, figure)
    (hint,) = [line for line in lodeline(*asked).out.splitlines() if line.startswith("on what a figure rests: ")]
    said = lodeline(*hint.removeprefix("on what a figure rests: lodeline ").split())
    assert said.out.splitlines()[:1] == [figure]
    assert "499.2 ± 3.0 kg" in said.out.splitlines()[1]
    both = lodeline(*asked, "--figures", "--csv")
    assert (both.code, "--figures is of the table" in both.err) == (2, True)


def test_long_identifiers_lose_in_the_table_what_all_of_them_share(lodeline, tmp_path, book):
    sites = [f"https://id.example.org/of/a/programme/site/{name}" for name in ("mill", "mine")]
    made = [mined("5", lot=f"urn:example:lot:{at}", basis="dry", day=at + 1) for at in range(2)]
    for event, site in zip(made, sites, strict=True):
        event["bizLocation"] = {"id": site}
    with open_book(tmp_path / book) as opened:
        opened.capture(codec.encode(document(made, created=datetime(2026, 6, 1, tzinfo=UTC))), by="clerk")
    out = lodeline("balance", book, "--element", "dry", "--by", "site").out.splitlines()

    assert {line.split()[0] for line in out if line.startswith("…") and not line.startswith("… ")} == {"…mill", "…mine"}
    assert "… stands for https://id.example.org/of/a/programme/site/" in out
