"""The synthetic programme: its truth closes, its bytes are its seed's, and its book is in order."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import lodeline.book as books
from lodeline.book.register import read_master
from lodeline.deal.programme import programme as told
from lodeline.errors import InputError
from lodeline.examples.programme import KINDS, Programme, Truth, programme
from lodeline.examples.programme.truth import COLUMNS, FORMAT
from lodeline.record.codec import decode
from lodeline.record.validate import require_valid
from tests.outside import CASES, needs_cases

ACTS = [
    *("commissioning", "shipping", "receiving", "accepting", "packing", "unpacking", "inspecting", "sampling"),
    *("stock_taking", "decommissioning", "store", "blend", "concentrate", "refine", "split", "recycle"),
    *("provisional", "final", "umpire", "corrected", "corrective", "undeclared", "below", "without u"),
    *("in KGM", "in TNE", "in LBR"),
]

SOUND = {
    "metal.received_again",
    "metal.several_assays",
    "metal.stocktake_differs",
    "metal.shipment_not_received",
    "metal.received_less",
    "metal.received_more",
}
"""Findings that a book without faults has, as the reference page explains them."""


@pytest.fixture(scope="module")
def small() -> Programme:
    return programme(200, seed=1)


@pytest.fixture(scope="module")
def truth(small: Programme) -> Truth:
    return small.truth()


def events(made: Programme) -> Iterator[dict[str, Any]]:
    for document in made.epcis_documents():
        yield from decode(document)["epcisBody"]["eventList"]


def digest(made: Programme) -> str:
    found = sha256(made.master + made.policy)
    for document in made.epcis_documents():
        found.update(document)
    return found.hexdigest()


@pytest.mark.parametrize(("lots", "seed"), [(200, 0), (200, 1), (200, 2), (350, 3), (1000, 4), (5000, 5)])
def test_every_element_closes_to_the_milligram(lots: int, seed: int) -> None:
    """Mined and collected = products, by-products, tailings, slag, dust, losses and stock, in whole milligrams."""
    truth = programme(lots, seed).truth()

    assert {component: sum(truth.balance(component).values()) for component in COLUMNS} == dict.fromkeys(COLUMNS, 0)


def test_every_process_closes_to_the_milligram(truth: Truth) -> None:
    for name, masses in truth.processes.items():
        out = [sum(column) for column in zip(*(found for how, found in masses.items() if how != "in"), strict=True)]
        assert masses["in"] == out, name


def test_a_balance_that_forgets_a_stock_does_not_close(truth: Truth) -> None:
    """The test above can fail: without the tailings the account is open."""
    kept = {how: mg for how, mg in truth.balance("Sb").items() if "tailings" not in how}

    assert sum(kept.values()) > 0


@pytest.mark.parametrize("seed", range(6))
def test_the_number_of_lots_is_what_was_asked_within_a_few_per_cent(seed: int) -> None:
    assert programme(200, seed).truth().lots == pytest.approx(200, rel=0.06)
    assert programme(2000, seed).truth().lots == pytest.approx(2000, rel=0.02)


def test_the_same_seed_gives_the_same_bytes_in_another_process_with_another_hash_seed(small: Programme) -> None:
    script = (
        "from hashlib import sha256\n"
        "from lodeline.examples.programme import programme\n"
        "made = programme(200, seed=1); found = sha256(made.master + made.policy)\n"
        "for document in made.epcis_documents(): found.update(document)\n"
        "print(found.hexdigest())\n"
    )
    again = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("0", "1234")
    }

    assert again == {digest(small)}


def test_another_seed_or_size_is_another_programme(small: Programme) -> None:
    assert len({digest(small), digest(programme(200, seed=2)), digest(programme(201, seed=1))}) == 3


@needs_cases
def test_gs1_schema_allows_every_event(small: Programme) -> None:
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    schema = json.loads((CASES / "epcis" / "spec" / "EPCIS-JSON-Schema.json").read_text())
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)

    for document in small.epcis_documents():
        assert [error.message for error in validator.iter_errors(json.loads(document))] == []


def test_our_validator_allows_every_event(small: Programme) -> None:
    found = list(events(small))
    for index, event in enumerate(found):
        require_valid(event, bare=False, index=index)
    assert len(found) > 800


def test_every_act_the_design_names_is_in_it() -> None:
    """Also what a small programme may lack: an umpire, a correction, a limit of detection, each unit."""
    found: Counter[str] = Counter()
    for event in events(programme(2000, seed=1)):
        found[event.get("bizStep", event["type"])] += 1
        found[event.get("lode:process", "")] += 1
        found["corrected"] += "errorDeclaration" in event
        found["corrective"] += "eventID" in event
        for element in event.get("quantityList", ()):
            found["undeclared" if "quantity" not in element else element["uom"]] += event.get("action") == "ADD"
        for sensor in event.get("sensorElementList", ()):
            for report in sensor["sensorReport"]:
                found[report.get("lode:rank", "")] += 1
                found["below"] += "lode:belowDetection" in report
                found["without u"] += "sDev" not in report
                found[f"in {report['uom']}"] += 1

    assert [name for name in ACTS if not found[name]] == []
    assert found["corrected"] == found["corrective"]


def test_some_events_come_into_the_book_long_after_they_happened(small: Programme) -> None:
    times = [event["eventTime"] for event in events(small) if event["eventTime"].endswith("+05:00")]
    late = sum(earlier > later for earlier, later in pairwise(times))

    assert 0.05 * len(times) < late < 0.6 * len(times)


def test_a_book_of_a_sound_programme_captures_verifies_and_has_only_the_findings_that_are_explained(
    tmp_path: Path,
) -> None:
    made = programme(200, seed=3, faults=())
    with books.create(tmp_path / "book.db", title=made.title, by="test") as book:
        truth = made.build(book)
        book.verify(deep=True)
        view = book.view()

        assert truth.faults == []
        assert {lot.id for lot in view.facts.lots} == set(truth.names)
        assert {finding.code for finding in view.findings} <= SOUND
        deal = told(view.documents, view.facts, view.master, content=view.content)
        assert deal.findings == ()
        assert [one.role for one in view.documents if one.role == "illustrative"] == ["illustrative"]


def test_a_reading_is_the_truth_and_the_bias_and_an_error_of_its_stated_size(tmp_path: Path) -> None:
    """Net weights at the mines against the true mass: what the bias leaves has about the printed uncertainty."""
    made = programme(3000, seed=7, faults=())
    truth = made.truth()
    bias = {row["scale"]: row["bias"] for row in truth.instruments if "scale" in row}
    true = {name: sum(truth.masses(number).values()) / 1e6 for number, name in enumerate(truth.names)}
    residuals = []
    for event in events(made):
        if event.get("bizStep") != "shipping" or "sensorElementList" not in event:
            continue
        net = next(line for line in event["sensorElementList"][0]["sensorReport"] if line["lode:weight"] == "net")
        scale = net["deviceID"].rpartition("/")[2]
        if scale not in ("weighbridge-qila-abdullah", "weighbridge-khyber"):
            continue
        kg = true[event["quantityList"][0]["epcClass"]]
        off = float(net["value"]) - kg * (1 + bias[scale][int(event["eventTime"][:4]) - 2021])
        residuals.append(off / 35.35)  # 25 kg * sqrt(2), as the ticket says
    spread = (sum(one * one for one in residuals) / len(residuals)) ** 0.5

    assert len(residuals) > 200
    assert 0.9 < spread < 1.25  # the divisions of 20 kg add a little


def test_master_data_are_in_order_and_name_every_identifier() -> None:
    records = read_master(programme(200, seed=1).master, name="master.toml")

    assert {record.kind for record in records} == {
        "party",
        "site",
        "store",
        "scale",
        "laboratory",
        "standard",
        "material",
        "deposit",
    }
    for record in records:
        if record.kind in ("party", "scale", "laboratory", "standard", "deposit"):
            assert "made up" in str(record.attributes["source"])


def test_the_truth_file_has_every_lot_and_every_origin_of_a_product(small: Programme, truth: Truth) -> None:
    stream = io.BytesIO()
    truth.write(stream)
    told = json.loads(stream.getvalue())

    assert told["format"] == FORMAT
    assert told["illustrative"] is True
    assert len(told["lot_rows"]) == told["lots"] == truth.lots
    assert told["lot_columns"][:3] == ["lot", "material", "water_mg"]
    masses = {number: row[3:] for number, row in enumerate(told["lot_rows"])}
    summed: dict[int, list[int]] = {}
    for number, _, column, mg in told["origin_rows"]:
        summed.setdefault(number, [0] * len(COLUMNS))[column] += mg
    assert summed
    assert all(masses[number] == found for number, found in summed.items())
    assert truth.origins()[truth.names[next(iter(summed))]]


def test_every_fault_is_in_the_truth_with_its_lots_and_its_events(small: Programme, truth: Truth) -> None:
    from lodeline.record.context import Context
    from lodeline.record.hash import hash_id
    from lodeline.record.metal import CONTEXT

    context = Context.parse(list(CONTEXT))
    names = {hash_id(event, context) for event in events(small)}

    assert truth.faults
    for fault in truth.faults:
        assert fault.lots, fault.kind
        assert set(fault.lots) <= set(truth.names)
        assert fault.kg > 0
        assert fault.size_u >= 0.9
        assert set(fault.events) <= names
        assert fault.events


def test_all_seven_are_in_a_programme_of_some_size() -> None:
    for seed in range(4):
        assert {fault.kind for fault in programme(2000, seed).truth().faults} == set(KINDS)


def test_faults_that_are_not_asked_for_are_not_there() -> None:
    truth = programme(400, seed=1, faults=["lost consignment"]).truth()

    assert {fault.kind for fault in truth.faults} == {"lost consignment"}
    assert truth.balance("Sb").get("from across-the-border") == 0


def test_what_cannot_be_made_is_refused() -> None:
    with pytest.raises(InputError) as few:
        programme(199, seed=1)
    with pytest.raises(InputError) as before:
        programme(200, seed=-1)
    with pytest.raises(InputError) as strange:
        programme(200, seed=1, faults=["theft"])

    assert [one.value.code for one in (few, before, strange)] == [
        "programme.lots",
        "programme.seed",
        "programme.fault_unknown",
    ]


def test_the_command_makes_the_book_and_writes_the_truth_once(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lodeline.cli.main", "example", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    made = run("programme", "a.db", "--lots", "200", "--seed", "1", "--truth", "truth.json", "--faults", "none")
    again = run("programme", "b.db", "--lots", "200", "--truth", "truth.json")
    first = run("first-shipment", "c.db")

    assert (made.returncode, first.returncode) == (0, 0), made.stderr + first.stderr
    assert json.loads((tmp_path / "truth.json").read_text())["faults"] == []
    assert again.returncode == 2
    assert "output.exists" in again.stderr
    with books.open(tmp_path / "a.db", read_only=True) as book:
        assert "illustrative" in book.title


def test_a_number_on_a_ticket_has_the_digits_of_its_scale(small: Programme) -> None:
    for event in events(small):
        for sensor in event.get("sensorElementList", ()):
            for report in sensor["sensorReport"]:
                if report.get("deviceID", "").endswith("weighbridge-antimony-mill") and "corrective" not in str(event):
                    assert Decimal(report["value"]) % 20 == 0 or report["lode:weight"] == "net"
