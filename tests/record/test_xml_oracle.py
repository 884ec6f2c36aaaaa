"""Our tables of elements give the verdict of GS1's schemas: on every XML document of the cases, and on mutants."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from lodeline.errors import RecordError
from lodeline.record.document import spool
from lodeline.record.xml.inherited import inherited_of
from lodeline.record.xml.judge import document_flaws, event_flaws
from lodeline.record.xml.namespaces import VERSIONS, split
from lodeline.record.xml.tables import tables
from lodeline.record.xml.tree import element_of, tree_of
from tests.outside import needs_cases
from tests.record import xml_mutants

pytestmark = [needs_cases, pytest.mark.cases]
DOCUMENTS = xml_mutants.documents()
OF_VERSION_1 = ["hash-equal/differentRepresentationsOfTransactionEvent.xml"]
"""Valid by our tables of EPCIS 1.2, for which the cases hold no schema."""


def _version_2(path: Path) -> bool:
    return VERSIONS.get(split(tree_of(path.read_bytes()).name)[0]) == "2.0"


def whole(text: bytes) -> bool:
    return not document_flaws(tree_of(text))


def in_pieces(text: bytes) -> bool:
    """The verdict as a capture comes to it: on what is around the events, and on each event by itself."""
    try:
        with spool(io.BytesIO(text)) as document:
            document.require_valid()
            inherited = inherited_of(document.context)
            return not any(
                event_flaws(element_of(raw, inherited), tables(inherited.version)) for raw in document.events()
            )
    except RecordError:
        return False


@pytest.mark.parametrize("path", DOCUMENTS, ids=[str(path.relative_to(xml_mutants.EPCIS)) for path in DOCUMENTS])
def test_the_verdict_on_a_published_document_is_the_schemas(path: Path):
    from lxml import etree

    ours = whole(path.read_bytes())
    if str(path.relative_to(xml_mutants.EPCIS)) in OF_VERSION_1:
        assert ours
    else:
        assert ours == xml_mutants.oracle(etree.parse(str(path), xml_mutants.parser()))


@pytest.mark.parametrize("seed", range(4))
def test_the_verdict_on_a_mutant_is_the_schemas(seed: int):
    from lxml import etree

    paths = [path for path in DOCUMENTS if _version_2(path)]
    verdicts: list[bool] = []
    for changed, text in xml_mutants.mutants(paths, count=1500, seed=seed):
        theirs = xml_mutants.oracle(etree.ElementTree(etree.fromstring(text, xml_mutants.parser())))
        assert whole(text) == theirs, changed
        verdicts.append(theirs)

    # Neither verdict is so rare that the agreement would mean little.
    assert 200 < sum(verdicts) < len(verdicts) - 200


def test_a_document_cut_into_events_has_the_verdict_of_the_whole():
    paths = [path for path in DOCUMENTS if _version_2(path) and whole(path.read_bytes()) and _has_events(path)]
    agreed = 0
    for changed, text in xml_mutants.mutants(paths, count=1500, seed=11):
        root = tree_of(text)
        if any(element.name == "EventList" for element in root.walk()) and "Document" in root.name:
            assert in_pieces(text) == whole(text), changed
            agreed += 1
    assert agreed > 1000


def _has_events(path: Path) -> bool:
    return any(element.name == "EventList" for element in tree_of(path.read_bytes()).walk())


@pytest.mark.slow
def test_the_verdict_on_many_more_mutants_is_the_schemas():
    from lxml import etree

    paths = [path for path in DOCUMENTS if _version_2(path)]
    for changed, text in xml_mutants.mutants(paths, count=40_000, seed=2026):
        theirs = xml_mutants.oracle(etree.ElementTree(etree.fromstring(text, xml_mutants.parser())))
        assert whole(text) == theirs, changed
