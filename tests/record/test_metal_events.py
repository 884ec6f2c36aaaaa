"""Every constructor gives EPCIS that GS1's schema allows; a value that cannot be right is refused."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from lodeline.chemistry.species import species
from lodeline.errors import LodelineError, RecordError, UnitError
from lodeline.record import metal
from lodeline.record.codec import encode
from lodeline.record.metal import Act, Amount, Certificate, End, Loss, Made, Reading, Result
from lodeline.record.validate import problems
from tests.outside import CASES, needs_cases

KARACHI = timezone(timedelta(hours=5))
ACT = Act(at=datetime(2026, 3, 1, 9, 30, tzinfo=KARACHI), place="urn:example:site:1", documents=("urn:example:doc",))
LOT = "urn:example:lot:1"
TEN_T = Amount(LOT, Decimal("10.000"), "TNE")
NET = Reading(
    weight="net", value=Decimal("9987.5"), u=Decimal("2.5"), uom="KGM", basis="wet", device="urn:example:scale"
)
CERTIFICATE = Certificate(
    laboratory="urn:example:lab", method="XRF", certificate="urn:example:certificate", rank="provisional"
)
GRADE = Result(substance=species("Sb"), value=Decimal("55.2"), u=Decimal("0.3"), uom="P1", basis="dry")

EVENTS: dict[str, metal.Event] = {
    "lot_mined": metal.lot_mined(ACT, [TEN_T], basis="wet", country="PK", deposit="urn:example:deposit"),
    "lot_collected": metal.lot_collected(ACT, [TEN_T], basis=None, country="US", scrap_source="urn:example:yard"),
    "lot_arises": metal.lot_arises(ACT, [Amount(LOT)], basis=None, made=Made()),
    "lot_arises_with_all_that_can_be_known": metal.lot_arises(
        Act(at=datetime(2025, 10, 2, tzinfo=UTC), precision="day", known="not_after"),
        [TEN_T],
        basis="wet",
        made=Made(material="urn:example:material", permit="42", owner="urn:example:owner"),
    ),
    "lot_ended": metal.lot_ended(ACT, [TEN_T], basis="dry", reason="sold", destroyed=False),
    "weighing": metal.weighing(ACT, LOT, [NET]),
    "assay": metal.assay(ACT, LOT, [GRADE], CERTIFICATE, sample="urn:example:sample"),
    "assay_below_detection": metal.assay(
        ACT,
        LOT,
        [Result(substance=species("U"), value=None, u=None, uom="59", basis="dry", detection_limit=5)],
        Certificate(laboratory=None, method=None, certificate=None, rank=None),
    ),
    "moisture": metal.moisture(ACT, LOT, CERTIFICATE, value=Decimal("8.5"), u=None, uom="P1"),
    "sampling": metal.sampling(ACT, LOT, sample="urn:example:sample", method="ISO 12743"),
    "stocktake": metal.stocktake(ACT, LOT, [NET]),
    "transformation": metal.transformation(
        ACT,
        process="smelt",
        inputs=[TEN_T],
        outputs=[Amount("urn:example:lot:2", Decimal(5), "TNE")],
        basis="dry",
        made=Made(stage="refined"),
        losses=[Loss("dust", Decimal("0.25"), "TNE")],
        transformation_id="urn:example:heat:1",
        emptied=True,
    ),
    "laying_down": metal.transformation(
        ACT, process="store", inputs=[TEN_T], outputs=[], basis="wet", transformation_id="urn:example:pile"
    ),
    "split": metal.split(ACT, TEN_T, [Amount("urn:example:lot:2"), Amount("urn:example:lot:3")], basis="wet"),
    "pack": metal.pack(ACT, "urn:example:container", [TEN_T], basis="wet"),
    "unpack": metal.unpack(ACT, "urn:example:container", [TEN_T], basis="wet"),
    "shipment": metal.shipment(
        ACT,
        [TEN_T],
        basis="wet",
        left=End(owner="urn:example:seller", holder="urn:example:seller", place="urn:example:site:1"),
        to=End(owner="urn:example:buyer", place="urn:example:site:2"),
        weighed=[NET],
    ),
    "shipment_of_a_container": metal.shipment(
        ACT, [], basis=None, left=End(), to=End(), containers=["urn:example:container"]
    ),
    "receipt": metal.receipt(ACT, [Amount(LOT)], basis=None, left=End(), to=End(place="urn:example:site:2")),
    "ownership_change": metal.ownership_change(
        ACT, [TEN_T], basis="wet", seller="urn:example:a", buyer="urn:example:b"
    ),
    "correction": metal.correction(
        metal.weighing(ACT, LOT, [NET]),
        declared_at=datetime(2026, 4, 1, tzinfo=UTC),
        reason="incorrect_data",
        corrective_event_ids=["urn:example:event:2"],
    ),
}


@needs_cases
@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_gs1_schema_allows_every_event(kind: str) -> None:
    """The oracle is GS1's own JSON Schema; the event stands in a document with our context."""
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    schema = json.loads((CASES / "epcis" / "spec" / "EPCIS-JSON-Schema.json").read_text())
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    document = json.loads(encode(metal.document([EVENTS[kind]], created=datetime(2026, 4, 1, tzinfo=UTC))))

    assert [error.message for error in validator.iter_errors(document)] == []
    # The oracle does look: the same event with an invented field is not allowed.
    document["epcisBody"]["eventList"][0]["invented"] = 1
    assert not validator.is_valid(document)


def test_every_constructor_has_an_event_here() -> None:
    kinds = {name for name in metal.__all__ if name[0].islower() and name != "document"}
    assert kinds <= set(EVENTS)


def test_time_place_and_source_are_written_as_they_were_given() -> None:
    event = EVENTS["weighing"]

    assert (event["eventTime"], event["eventTimeZoneOffset"]) == ("2026-03-01T09:30:00+05:00", "+05:00")
    assert event["bizLocation"] == {"id": "urn:example:site:1"}
    assert event["lode:document"] == ["urn:example:doc"]
    assert "lode:eventTimeKnown" not in event


def test_a_time_that_is_only_a_limit_says_so() -> None:
    act = Act(at=datetime(2025, 10, 2, tzinfo=UTC), precision="day", known="not_after")
    event = metal.lot_arises(act, [Amount(LOT)], basis=None, made=Made())

    assert (event["lode:eventTimePrecision"], event["lode:eventTimeKnown"]) == ("day", "not_after")
    assert event["quantityList"] == [{"epcClass": LOT}]
    assert "ilmd" not in event


def test_every_digit_of_a_reading_reaches_the_bytes() -> None:
    reading = Reading(weight="net", value=Decimal("12345678901234567.890"), u=None, uom="KGM", basis=None)
    event = metal.weighing(ACT, LOT, [reading])

    assert b'"value":12345678901234567.890' in encode(event)
    assert not {"sDev", "lode:basis"} & set(event["sensorElementList"][0]["sensorReport"][0])


def test_below_detection_is_an_interval_and_not_a_number() -> None:
    report = EVENTS["assay_below_detection"]["sensorElementList"][0]["sensorReport"][0]

    assert "value" not in report
    assert (report["minValue"], report["maxValue"], report["lode:belowDetection"]) == (0, 5, True)


def test_country_of_origin_is_the_word_cbv_has() -> None:
    assert EVENTS["lot_mined"]["ilmd"]["cbvmda:countryOfOrigin"] == "PK"


def test_a_correction_is_the_same_event_with_a_declaration() -> None:
    corrected, original = EVENTS["correction"], metal.weighing(ACT, LOT, [NET])

    assert {key: value for key, value in corrected.items() if key != "errorDeclaration"} == original
    assert "errorDeclaration" not in original


def reading(**changes: Any) -> Reading:
    fields: dict[str, Any] = {"weight": "net", "value": Decimal(1), "u": None, "uom": "KGM", "basis": None}
    return Reading(**fields | changes)


def result(**changes: Any) -> Result:
    fields: dict[str, Any] = {"substance": species("Sb"), "value": Decimal(1), "u": None, "uom": "P1", "basis": None}
    return Result(**fields | changes)


REFUSED: dict[str, tuple[str, Any]] = {
    "naive time": ("event.time_naive", lambda: Act(at=datetime(2026, 1, 1))),
    "odd offset": (
        "event.offset_seconds",
        lambda: Act(at=datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=5, seconds=1)))),
    ),
    "precision": ("event.vocabulary", lambda: Act(at=ACT.at, precision="week")),  # type: ignore[arg-type]
    "place": ("event.not_uri", lambda: Act(at=ACT.at, place="Port Qasim")),
    "unit alone": ("event.uom_without_quantity", lambda: Amount(LOT, None, "KGM")),
    "negative amount": ("event.negative", lambda: Amount(LOT, Decimal(-1), "KGM")),
    "country": ("event.country", lambda: Made(country="Pakistan")),
    "no lots": ("event.no_lots", lambda: metal.lot_arises(ACT, [], basis=None, made=Made())),
    "empty process": (
        "event.no_lots",
        lambda: metal.transformation(ACT, process="blend", inputs=[], outputs=[], basis=None),
    ),
    "no reason": (
        "event.reason_missing",
        lambda: metal.lot_ended(ACT, [TEN_T], basis=None, reason=" ", destroyed=True),
    ),
    "one side": (
        "event.transformation_one_sided",
        lambda: metal.transformation(ACT, process="store", inputs=[TEN_T], outputs=[], basis=None),
    ),
    "process": (
        "event.vocabulary",
        lambda: metal.transformation(ACT, process="magic", inputs=[TEN_T], outputs=[TEN_T], basis=None),  # type: ignore[arg-type]
    ),
    "uncertainty": ("event.uncertainty", lambda: metal.weighing(ACT, LOT, [reading(u=Decimal(0))])),
    "no readings": ("event.no_readings", lambda: metal.weighing(ACT, LOT, [])),
    "no results": ("event.no_readings", lambda: metal.assay(ACT, LOT, [], CERTIFICATE)),
    "weighed twice": ("event.weight_twice", lambda: metal.stocktake(ACT, LOT, [reading(), reading()])),
    "tare": (
        "event.tare",
        lambda: metal.weighing(ACT, LOT, [reading(weight="gross"), reading(weight="tare", uom="TNE")]),
    ),
    "no value": ("event.value_missing", lambda: metal.assay(ACT, LOT, [result(value=None)], CERTIFICATE)),
    "two values": ("event.value_missing", lambda: metal.assay(ACT, LOT, [result(detection_limit=1)], CERTIFICATE)),
    "declared twice": (
        "event.already_declared",
        lambda: metal.correction(EVENTS["correction"], declared_at=ACT.at, reason="incorrect_data"),
    ),
    "why": (
        "event.correction_reason",
        lambda: metal.correction(EVENTS["weighing"], declared_at=ACT.at, reason="oops"),  # type: ignore[arg-type]
    ),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_cannot_be_right_is_refused(case: str) -> None:
    code, build = REFUSED[case]
    with pytest.raises(RecordError) as refusal:
        build()
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("code", "build"),
    [
        ("unit.not_decimal", lambda: Amount(LOT, 1.5, "KGM")),  # type: ignore[arg-type]
        ("unit.not_decimal", lambda: metal.weighing(ACT, LOT, [reading(value=1.5)])),
        ("unit.not_decimal", lambda: metal.weighing(ACT, LOT, [reading(u=0.5)])),
        ("unit.not_decimal", lambda: metal.assay(ACT, LOT, [result(value=1.5)], CERTIFICATE)),
        ("unit.not_mass", lambda: metal.weighing(ACT, LOT, [reading(uom="C62")])),
        ("unit.unknown", lambda: Loss("dust", Decimal(1), "kg")),
        ("unit.not_fraction", lambda: metal.assay(ACT, LOT, [result(uom="KGM")], CERTIFICATE)),
        ("unit.fraction_range", lambda: metal.moisture(ACT, LOT, CERTIFICATE, value=101, u=None, uom="P1")),
    ],
)
def test_numbers_and_units_are_checked_where_they_are_written(code: str, build: Any) -> None:
    with pytest.raises(UnitError) as refusal:
        build()
    assert refusal.value.code == code


def test_a_count_is_allowed_and_makes_no_mass() -> None:
    """Pieces are declared without a unit of mass; EPCIS counts what has no uom."""
    assert Amount(LOT, 40).element() == {"epcClass": LOT, "quantity": 40}


def test_a_refusal_is_one_of_lodelines() -> None:
    for code, build in REFUSED.values():
        with pytest.raises(LodelineError, match="event"):
            build()
        assert code.startswith("event.")


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_our_own_validation_allows_every_event(kind: str) -> None:
    event = json.loads(encode(EVENTS[kind]), parse_float=Decimal)

    assert problems(event, bare=False, index=0) == []
    assert problems(event | {"action": "INVENTED", "invented": 1}, bare=False, index=0) != []
