"""The vocabulary's context file and reference page are the table in the code, and events use no other words."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

from lodeline.record.metal_vocabulary import NAMESPACE, PREFIX, TERMS, context, name, table
from tests.record.test_metal_events import EVENTS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "metal-vocabulary.md"


def test_the_context_file_in_the_package_is_the_table() -> None:
    text = (resources.files("lodeline.record") / "lodeline-context.jsonld").read_text("utf-8")
    assert json.loads(text) == context()
    assert context()["@context"][PREFIX] == NAMESPACE


def test_the_reference_page_holds_the_table() -> None:
    assert table() in REFERENCE.read_text("utf-8")


def test_events_use_every_word_of_the_table_and_no_other_of_ours() -> None:
    used = {word for event in EVENTS.values() for word in names(event) if word.startswith(f"{PREFIX}:")}

    assert used == {name(term) for term in TERMS}


def test_every_term_says_what_it_means() -> None:
    for term in TERMS.values():
        assert term.meaning.endswith(".")
        assert term.iri == NAMESPACE + term.name


def names(value: Any) -> set[str]:
    """Every name, and every value of a ``type``, in a JSON value."""
    if isinstance(value, dict):
        own = set(value) | {item for key, item in value.items() if key == "type"}
        return own.union(*(names(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(names(item) for item in value))
    return set()
