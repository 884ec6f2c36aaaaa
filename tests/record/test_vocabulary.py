"""Standard words: every form of one word is one value."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.record.vocabulary import WORDS, Field, bare, canonical
from tests.outside import CASES, needs_cases

STEMS = {
    "bizStep": ("BizStep", "bizstep"),
    "disposition": ("Disp", "disp"),
    "bizTransactionType": ("BTT", "btt"),
    "sourceOrDestinationType": ("SDT", "sdt"),
    "reason": ("ER", "er"),
    "component": ("Comp", "comp"),
}


def all_words(fields) -> list[tuple[str, str]]:
    return [(field, word) for field in fields for word in sorted(WORDS[field])]


@pytest.mark.parametrize(("field", "word"), all_words(STEMS))
def test_every_form_of_a_cbv_word_is_one_value(field, word):
    stem, family = STEMS[field]
    forms = [
        word,
        f" {word}\n",
        f"cbv:{stem}-{word}",
        f"urn:epcglobal:cbv:{family}:{word}",
        f"https://ref.gs1.org/cbv/{stem}-{word}",
        f"http://ref.gs1.org/cbv/{stem}-{word}",
        f"https://ns.gs1.org/cbv/{stem}-{word}",
        f"https://ns.gs1.org/voc/{stem.capitalize()}-{word}",
    ]

    assert {canonical(field, form) for form in forms} == {f"https://ref.gs1.org/cbv/{stem}-{word}"}
    assert {bare(form) for form in forms} == {word}


@pytest.mark.parametrize(("field", "word"), all_words(["measurementType", "exception"]))
def test_every_form_of_a_word_of_the_web_vocabulary_is_one_value(field, word):
    forms = [
        word,
        f"gs1:{word}",
        *(f"{start}gs1.org/voc/{word}" for start in ("https://", "http://", "https://www.", "https://ref.")),
    ]

    assert {canonical(field, form) for form in forms} == {f"https://gs1.org/voc/{word}"}
    assert {bare(form) for form in forms} == {word}


@pytest.mark.parametrize(
    "own",
    [
        "https://example.org/steps/roasting",
        "urn:example:step:roasting",
        "ex:roasting",
        "roasting",
        "Shipping",
        "urn:epcglobal:cbv:bt:4012345000009:ASN1099",
        "urn:epcglobal:cbv:bizstep:",
        "https://ref.gs1.org/cbv/BizStep-two words",
        "https://ref.gs1.org.example.org/cbv/BizStep-shipping",
        "",
    ],
)
def test_words_of_somebody_s_own_are_left_alone(own):
    assert canonical("bizStep", own) == own
    assert bare(own) == own


def test_a_word_belongs_to_its_field():
    """``destroyed`` is a disposition and no step; ``location`` types a source and no transaction."""
    assert canonical("bizStep", "destroyed") == "destroyed"
    assert canonical("disposition", "destroyed") == "https://ref.gs1.org/cbv/Disp-destroyed"


@given(
    text=st.text(max_size=40) | st.text("cbvgs1:/-.BizStepDisp", max_size=40), field=st.sampled_from(get_args(Field))
)
def test_the_canonical_form_is_its_own_canonical_form(text, field):
    once = canonical(field, text)

    assert canonical(field, once) == once


def test_hostile_length_is_no_burden():
    endless = "https://ref.gs1.org/cbv/BizStep-" + "x" * 1_000_000

    assert canonical("bizStep", endless) == endless


@needs_cases
@pytest.mark.cases
def test_the_words_are_those_of_gs1_s_published_context():
    terms: dict[str, Any] = msgspec.json.decode((CASES / "epcis" / "spec" / "epcis-context.jsonld").read_bytes())[
        "@context"
    ]
    report = terms["sensorElementList"]["@context"]["sensorReport"]["@context"]
    published = {
        "bizStep": terms["bizStep"],
        "disposition": terms["disposition"],
        "bizTransactionType": terms["bizTransactionList"]["@context"]["type"],
        "sourceOrDestinationType": terms["sourceList"]["@context"]["type"],
        "reason": terms["errorDeclaration"]["@context"]["reason"],
        "component": report["component"],
        "measurementType": report["type"],
        "exception": report["exception"],
    }

    assert {field: set(definition["@context"]) for field, definition in published.items()} == WORDS
