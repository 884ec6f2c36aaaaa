"""``@context`` in all its legal forms, read without a network."""

from __future__ import annotations

import pickle

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import RecordError
from lodeline.record.context import GS1_PREFIXES, Context
from tests.outside import CASES, needs_cases

GS1_ADDRESS = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"


@pytest.mark.parametrize(
    "form",
    [
        {"ex": "https://ns.example.org/"},
        [{"ex": "https://ns.example.org/"}],
        [GS1_ADDRESS, {"ex": "https://ns.example.org/"}],
        [GS1_ADDRESS, [[{"ex": "https://ns.example.org/"}]]],
        [{"ex": "https://wrong.example.org/"}, {"ex": "https://ns.example.org/"}],
        {"ex": {"@id": "https://ns.example.org/", "@prefix": True}},
        {"@version": 1.1, "@protected": True, "ex": "https://ns.example.org/", "gone": None},
        {"base": "https://ns.example.org/", "ex": "base:"},
        [{"ex": "https://wrong.example.org/"}, None, {"ex": "https://ns.example.org/"}],
    ],
)
def test_every_legal_form_binds_the_same_prefix(form):
    context = Context.parse(form)

    assert context.expand("ex:lot") == "https://ns.example.org/lot"
    assert context.qualified("ex:lot") == "{https://ns.example.org/}lot"
    assert context.prefixes["ex"] == "https://ns.example.org/"


def test_no_context_is_the_empty_one():
    assert Context.parse(None) is Context.EMPTY
    assert Context.parse([]) == Context.parse({}) == Context.EMPTY


@pytest.mark.parametrize("context", [Context.EMPTY, Context.parse(GS1_ADDRESS), Context.parse([GS1_ADDRESS])])
def test_gs1_s_prefixes_are_known_with_and_without_its_address(context):
    assert context.expand("cbv:BizStep-shipping") == "https://ref.gs1.org/cbv/BizStep-shipping"
    assert context.qualified("rdfs:comment") == "{http://www.w3.org/2000/01/rdf-schema#}comment"


@needs_cases
@pytest.mark.cases
def test_the_prefixes_are_those_of_gs1_s_published_context():
    published = msgspec.json.decode((CASES / "epcis" / "spec" / "epcis-context.jsonld").read_bytes())["@context"]

    assert {name: published[name] for name in GS1_PREFIXES} == dict(GS1_PREFIXES)


def test_a_document_may_bind_a_prefix_of_gs1_anew():
    assert Context.parse({"gs1": "https://ref.gs1.org/voc/"}).expand("gs1:Mass") == "https://ref.gs1.org/voc/Mass"


def test_addresses_are_kept_and_not_fetched():
    context = Context.parse(
        [GS1_ADDRESS, "https://unreachable.invalid/context.jsonld", {"ex": "https://e.org/"}, GS1_ADDRESS]
    )

    assert context.remote == (GS1_ADDRESS, "https://unreachable.invalid/context.jsonld")


def test_null_forgets_what_stood_before_it():
    context = Context.parse([GS1_ADDRESS, {"ex": "https://ns.example.org/"}, None, {"other": "https://o.example.org/"}])

    assert context.remote == ()
    assert context.expand("ex:lot") is None


def test_terms_and_vocab_give_bare_names_an_address():
    context = Context.parse(
        {
            "ex": "https://ns.example.org/",
            "lot": {"@id": "ex:lotNumber", "@type": "xsd:string"},
            "@vocab": "https://v.example.org/",
        }
    )

    assert context.expand("lot") == "https://ns.example.org/lotNumber"
    assert context.qualified("lot") == "{https://ns.example.org/}lotNumber"
    assert context.expand("stage") == "https://v.example.org/stage"
    assert Context.EMPTY.expand("stage") is None
    assert Context.EMPTY.qualified("stage") == "stage"


@pytest.mark.parametrize("name", ["https://example.org/x", "unbound:x", "urn:uuid:1", "", ":", "@id", "x"])
def test_what_no_prefix_is_bound_for_has_no_expansion(name):
    assert Context.EMPTY.expand(name) is None


def test_names_with_their_namespace():
    context = Context.parse({"ex": "https://ns.example.org/epcis", "deep": "https://ns.example.org/epcis/deep/"})

    # A namespace is what the document bound, slash or no slash.
    assert context.qualified("ex:lot") == "{https://ns.example.org/epcis}lot"
    # A full name falls into the longest namespace that is bound …
    assert context.qualified("https://ns.example.org/epcis/deep/a/b") == "{https://ns.example.org/epcis/deep/}a/b"
    # … and else is cut at its last mark.
    assert context.qualified("https://elsewhere.org/a#b") == "{https://elsewhere.org/a#}b"
    assert context.qualified("https://elsewhere.org/a/") == "https://elsewhere.org/a/"
    assert context.qualified("unbound:x") == "unbound:x"
    assert (context.qualified("@id"), context.qualified("@type")) == ("id", "type")


def test_lot_master_data_have_the_namespace_that_gs1_binds_or_the_document():
    """GS1's context for 2.0 has a colon at its end; XML of version 1.2 had none, and is another namespace."""
    assert Context.EMPTY.qualified("cbvmda:lotNumber") == "{urn:epcglobal:cbv:mda:}lotNumber"
    assert Context.parse({"cbvmda": "urn:epcglobal:cbv:mda"}).qualified("cbvmda:lotNumber") == (
        "{urn:epcglobal:cbv:mda}lotNumber"
    )


def test_a_nested_context_is_laid_over_the_outer_one():
    outer = Context.parse(
        ["https://outer.invalid/", {"a": "https://a.org/", "b": "https://b.org/", "@vocab": "https://v.org/"}]
    )
    inner = Context.parse(["https://inner.invalid/", {"b": "https://c.org/"}])
    merged = outer.merged(inner)

    assert (merged.expand("a:x"), merged.expand("b:x")) == ("https://a.org/x", "https://c.org/x")
    assert merged.remote == ("https://outer.invalid/", "https://inner.invalid/")
    assert merged.vocab == "https://v.org/"
    assert outer.merged(Context.EMPTY) is outer


def test_contexts_are_values():
    one = Context.parse([{"a": "https://a.org/"}, {"b": "https://b.org/"}])
    other = Context.parse({"b": "https://b.org/", "a": "https://a.org/"})
    one.qualified("a:x")

    assert one == other
    assert hash(one) == hash(other)
    assert one != Context.EMPTY
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(AttributeError):
        one.vocab = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        one.prefixes["a"] = "x"  # type: ignore[index]


@given(
    names=st.dictionaries(
        st.text("abc", min_size=1, max_size=3), st.builds("https://{}.org/".format, st.text("xyz", min_size=1))
    ),
    data=st.data(),
)
def test_one_object_or_many_in_an_array_are_the_same(names, data):
    pairs = data.draw(st.permutations(sorted(names.items())))

    assert Context.parse([{name: address} for name, address in pairs]) == Context.parse(names)


# --- refusals


@pytest.mark.parametrize("form", [1, True, [1], [[False]], 1.5])
def test_other_values_are_no_context(form):
    with pytest.raises(RecordError) as refusal:
        Context.parse(form)
    assert refusal.value.code == "record.context_form"


@pytest.mark.parametrize(
    "form",
    [
        {"ex": 1},
        {"ex": ["https://ns.example.org/"]},
        {"ex": {"@id": 5}},
        {"": "https://ns.example.org/"},
        {"a": "b:x", "b": "a:y"},
        {"a": "b:1", "b": "c:2", "c": "b:3"},
        {"@vocab": 1},
    ],
)
def test_terms_that_bind_nothing_readable_are_refused(form):
    with pytest.raises(RecordError) as refusal:
        Context.parse(form)
    assert refusal.value.code == "record.context_term"


def test_a_context_nested_without_end_is_refused():
    form: object = {"ex": "https://ns.example.org/"}
    for _ in range(16):
        form = [form]
    assert Context.parse(form).expand("ex:a") == "https://ns.example.org/a"

    with pytest.raises(RecordError) as refusal:
        Context.parse([form])
    assert refusal.value.code == "record.context_depth"


def test_a_long_chain_of_terms_is_refused_and_a_short_one_is_not():
    chain = {f"t{n}": f"t{n + 1}:x/" for n in range(16)} | {"t16": "https://ns.example.org/"}
    assert Context.parse(chain).expand("t0:") == "https://ns.example.org/" + "x/" * 16

    with pytest.raises(RecordError) as refusal:
        Context.parse({f"t{n}": f"t{n + 1}:x/" for n in range(40)} | {"t40": "https://ns.example.org/"})
    assert refusal.value.code == "record.context_term"


def test_names_without_end_do_not_fill_the_memory():
    context = Context.parse({"ex": "https://memo.example.org/"})
    for number in range(10_000):
        context.qualified(f"ex:{number}")

    assert len(context._names) <= 4096
