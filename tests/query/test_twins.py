"""An event and its twin in the other format answer every query alike: the outside cases, joined by hash id."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from lodeline.errors import LodelineError
from lodeline.record.document import spool
from lodeline.record.query.facets import Facets, reader_of
from lodeline.record.stored import event_of
from tests.ledger.books import book, clock
from tests.outside import CASES, needs_cases

COMMENT = "{http://www.w3.org/2000/01/rdf-schema#}comment"


@needs_cases
def test_events_of_one_hash_in_json_and_xml_have_the_same_facets(tmp_path: Path) -> None:
    """But for what the hash leaves out, where two files may differ: eventID, errorDeclaration, comments."""
    files = [path for path in sorted((CASES / "epcis").rglob("*.*")) if "spec" not in path.parts]
    by_json = held(tmp_path / "json.db", [path for path in files if path.suffix in (".json", ".jsonld")])
    by_xml = held(tmp_path / "xml.db", [path for path in files if path.suffix == ".xml"])
    twins = by_json.keys() & by_xml.keys()
    assert len(twins) > 15
    assert {name: by_json[name] for name in twins} == {name: by_xml[name] for name in twins}


def held(path: Path, files: list[Path]) -> dict[str, object]:
    """What each event of the files can be asked for, by hash id."""
    with book(str(path)) as store:
        tick = clock()
        for file in files:
            try:
                with file.open("rb") as stream, spool(stream) as spooled:
                    store.capture(spooled, by="clerk", clock=tick)
            except LodelineError:
                # Many of the cases are there to be refused, which other tests look at.
                continue
        found = {}
        for stored in store.events():
            event, context = event_of(stored.raw, stored.context)
            found[stored.hash_id] = comparable(reader_of(context).facets(event))
        return found


def comparable(facets: Facets) -> object:
    left_out = ("eventID", "errorReason", "correctiveEventID", "errorDeclaration", "errorDeclarationTime")

    def counts(field: str) -> bool:
        return (
            field not in left_out and not field.endswith(COMMENT) and not field.startswith(("error:", "inner_error:"))
        )

    return (
        {field: sorted(texts) for field, texts in facets.texts.items() if counts(field)},
        {field: sorted(map(Fraction, numbers)) for field, numbers in facets.numbers.items() if counts(field)},
        {field: sorted(instants) for field, instants in facets.instants.items() if counts(field)},
        {field for field in facets.present if counts(field)},
    )
