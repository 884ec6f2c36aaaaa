"""Reading queries: both forms, the schema's names and no others, and a refusal for whatever is not meant."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.ids.epc import canonical
from lodeline.record.query import from_url, parse
from lodeline.record.query.facets import Facets
from lodeline.record.query.matching import matches
from lodeline.record.query.parameters import NAMED, member_of
from lodeline.record.query.patterns import Patterns, keys, pattern_of
from lodeline.record.query.reference import named, of_families
from lodeline.units.rec20 import in_base
from tests.docs.pages import DOCS
from tests.outside import CASES, needs_cases
from tests.query import asking, corpus

EX = {"ex": "https://example.org/terms/"}


def refusal(asked: dict[str, Any], **extensions: str) -> InputError:
    with pytest.raises(InputError) as refused:
        parse(asked, extensions=extensions)
    return refused.value


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("EQ_bizSteps", "EQ_bizStep"),
        ("GE_eventtime", "GE_eventTime"),
        ("MATCH_anyEpc", "MATCH_anyEPC"),
        ("orderby", "orderBy"),
        ("EQ_quantity_", "EQ_quantity"),
        ("EQ_minValue_CEL", "GE_minValue_UOM"),
    ],
)
def test_a_name_that_is_no_parameter_is_refused_with_the_nearest(name: str, meant: str) -> None:
    refused = refusal({name: ["x"]})
    assert refused.code == "query.unknown_parameter"
    assert meant[3:] in refused.sentence


@pytest.mark.parametrize(
    "name", ["", "perPage", "GT_eventTime", "HASATTR_eventTime", "GT_readPoint_ex:a", "EXISTS_INNER_SENSORREPORT_ex:a"]
)
def test_other_names_are_refused(name: str) -> None:
    assert refusal({name: ["a"]}, **EX).code == "query.unknown_parameter"


@pytest.mark.parametrize(
    "name", ["EQ_foo:a", "EQ_ILMD_foo:a", "EXISTS_foo:a", "GE_INNER_foo:a", "EQATTR_foo:a_b", "HASATTR_foo:a"]
)
def test_a_prefix_that_stands_for_nothing_is_refused(name: str) -> None:
    refused = refusal({name: ["5"]} if not name.startswith("GE") else {name: 5}, **EX)
    assert (refused.code, refused.where["prefix"]) == ("query.unbound_prefix", "foo")
    assert refusal({"orderBy": "foo:a"}).code == "query.unbound_prefix"


@pytest.mark.parametrize(
    "asked",
    [
        {"EQ_bizStep": "shipping"},
        {"EQ_bizStep": []},
        {"EQ_bizStep": ["shiping"]},
        {"EQ_bizStep": [5]},
        {"EQ_bizStep": ["ex:no good"]},
        {"eventType": ["ObjectEvents"]},
        {"EQ_action": ["add"]},
        {"EQ_readPoint": ["not a uri"]},
        {"GE_eventTime": "2026-01-01T00:00:00"},
        {"GE_eventTime": "2026-02-30T00:00:00Z"},
        {"GE_eventTime": ["2026-01-01T00:00:00Z"]},
        {"GE_quantity": "5"},
        {"GE_quantity": True},
        {"GE_quantity": 1.5},
        {"GE_quantity": Decimal("NaN")},
        {"GE_quantity": None},
        {"EQ_booleanValue": 1},
        {"EXISTS_errorDeclaration": "yes"},
        {"EQ_ex:a": "some text"},
        {"GE_ex:a": ["5"]},
        {"GE_ex:a": None},
        {"maxEventCount": -1},
        {"maxEventCount": 10**30},
        {"maxEventCount": Decimal("1.5")},
        {"orderBy": "bizStep"},
        {"orderBy": "eventTime", "orderDirection": "UP"},
        {"EQ_eventID": ["x"] * 10_001},
    ],
)
def test_a_value_of_another_form_is_refused(asked: dict[str, Any]) -> None:
    assert refusal(asked, **EX).code == "query.value"


def test_a_misspelt_word_is_refused_with_the_nearest() -> None:
    assert 'did you mean "shipping"?' in refusal({"EQ_bizStep": ["shiping"]}).sentence


@pytest.mark.parametrize(
    "asked",
    [{"eventCountLimit": 5}, {"eventCountLimit": 5, "maxEventCount": 5, "orderBy": "eventTime"}],
)
def test_controls_that_contradict_one_another_are_refused(asked: dict[str, Any]) -> None:
    assert refusal(asked).code == "query.controls"


@pytest.mark.parametrize(
    "value",
    ["urn:epc:idpat:sgtin:4012345.11.1", "urn:epc:idpat:sgtin:4012345.*.1", "urn:epc:idpat:sgtin:*.011111.*",
     "urn:epc:idpat:nothing:1.*", "urn:epc:idpat:sgtin:4012345.*", "urn:epc:class:lgtin:4012345.11.*",
     "https://example.org/nothing/21/*", "urn:epc:idpat:gid:1.*.2"],
)  # fmt: skip
def test_what_looks_like_a_pattern_and_is_none_is_refused(value: str) -> None:
    assert refusal({"MATCH_epc": [value]}).code == "query.pattern"


def test_a_pattern_without_a_star_is_the_thing_it_names() -> None:
    starless, link = "urn:epc:idpat:sgtin:4012345.011111.1", "https://id.gs1.org/01/04012345111118/21/1"
    conditions = [parse({"MATCH_epc": [value]}, extensions={}).conditions for value in (starless, link)]
    assert conditions[0] == conditions[1]


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match=re.escape("query.repeated")):
        from_url([("EQ_action", "ADD"), ("EQ_action", "DELETE")], extensions={})
    assert refusal(
        {"GE_errorDeclarationTime": "2026-01-01T00:00:00Z", "GE_errorDeclaration_Time": "2026-01-01T00:00:00Z"}
    ).code == ("query.repeated")


@pytest.mark.parametrize(
    ("pairs", "asked"),
    [
        ([("EQ_bizStep", "shipping|receiving")], {"EQ_bizStep": ["shipping", "receiving"]}),
        ([("EQ_quantity", "5|6.50")], {"EQ_quantity": [5, Decimal("6.50")]}),
        ([("GE_quantity_KGM", "1e3")], {"GE_quantity_KGM": Decimal("1e3")}),
        ([("EXISTS_ex:a", "")], {"EXISTS_ex:a": True}),
        ([("EXISTS_errorDeclaration", "false")], {"EXISTS_errorDeclaration": False}),
        ([("EQ_booleanValue", "false")], {"EQ_booleanValue": False}),
        ([("EQ_ex:a", "5")], {"EQ_ex:a": 5}),
        ([("EQ_ex:a", "007")], {"EQ_ex:a": ["007"]}),
        ([("EQ_ex:a", "x|y")], {"EQ_ex:a": ["x", "y"]}),
        ([("GE_ex:a", "2026-01-01T00:00:00Z")], {"GE_ex:a": "2026-01-01T00:00:00Z"}),
        ([("orderBy", "eventTime"), ("eventCountLimit", "3")], {"orderBy": "eventTime", "eventCountLimit": 3}),
        ([("LT_errorDeclarationTime", "2026-01-01T00:00:00Z")], {"LT_errorDeclaration_Time": "2026-01-01T00:00:00Z"}),
    ],
)
def test_a_url_says_what_json_says(pairs: list[tuple[str, str]], asked: dict[str, Any]) -> None:
    by_url, by_json = from_url(pairs, extensions=EX), parse(asked, extensions=EX)
    assert by_url.conditions == by_json.conditions
    assert (by_url.order, by_url.limit, by_url.maximum) == (by_json.order, by_json.limit, by_json.maximum)


@pytest.mark.parametrize(
    "pair", [("maxEventCount", "-1"), ("GE_quantity", "five"), ("EQ_booleanValue", "yes"), ("@context", "{}")]
)
def test_a_url_with_a_value_of_another_form_is_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(InputError, match=re.escape("query.value")):
        from_url([pair], extensions={})


def test_the_query_s_own_context_binds_prefixes_and_wins() -> None:
    own = parse({"@context": {"ex": "urn:other:"}, "EQ_ex:a": ["x"]}, extensions=EX)
    assert own == parse({"EQ_ex:a": ["x"]}, extensions={"ex": "urn:other:"})
    assert own.extensions == {"ex": "urn:other:"}


def test_prefixes_that_are_not_used_make_no_other_query() -> None:
    one, two = (parse({"EQ_action": ["ADD"]}, extensions=each) for each in ({}, EX))
    assert one == two
    assert hash(one) == hash(two)
    assert one.digest == two.digest


@given(st.integers(0, 10**9))
def test_a_query_s_parameters_give_an_equal_query_again(seed: int) -> None:
    query = parse(asking.query(Random(seed)), extensions=asking.QUERY_PREFIXES)
    again = parse(query.parameters(), extensions=query.extensions)
    assert (again, hash(again), again.digest) == (query, hash(query), query.digest)


@needs_cases
def test_the_names_are_those_of_gs1_s_query_schema() -> None:
    """Its pattern keys are escaped once too often, and it leaves out what the standard itself writes in two places."""
    schema = json.loads((CASES / "epcis/spec/query-schema.json").read_text())["definitions"]["EPCIS-Query"]
    assert set(NAMED) == set(schema["properties"])
    patterns = [re.compile(key.replace("\\\\", "\\")) for key in schema["patternProperties"]]
    tried = {name: any(each.match(name) for each in patterns) for name in _names()}
    ours = {name: member_of(name) is not None for name in tried}
    odd = {name for name in tried if tried[name] != ours[name] and name not in schema["properties"]}
    # EQATTR is the standard's name, and so are standard fields in HASATTR; the schema's EQ_ATTR allows no colon.
    assert {name for name in odd if not name.startswith(("EQATTR", "HASATTR", "EQ_ATTR"))} == set()


def _names() -> list[str]:
    """Names of every place, comparison and measure put together, those that there are and those that there are not."""
    ops = ["EQ", "GT", "GE", "LT", "LE", "EXISTS", "HASATTR", "EQATTR", "EQ_ATTR", "WD", "MATCH"]
    rests = [f"{place}ex:name" for place in asking.PLACES]
    rests += [
        f"{measure}_CEL"
        for measure in ("value", "minValue", "maxValue", "meanValue", "sDev", "percValue", "quantity", "percRank")
    ]
    rests += ["bizTransaction_po", "source_owning_party", "destination_location", "nothing_at_all", "readPoint_country"]
    return [f"{op}_{rest}" for op in ops for rest in rests]


@needs_cases
def test_the_outside_query_is_read() -> None:
    path = CASES / "epcis/openepcis/Query/Queries/SimpleEventQuery.json"
    query = parse(json.loads(path.read_text(), parse_float=Decimal), extensions={})
    assert len(query.conditions) == 10
    assert (query.order.by, query.order.descending, query.limit) == ("eventTime", True, 100)
    flat = parse({**query.parameters(), "EQ_bizStep": ["shipping"], "EQ_disposition": ["in_transit"]}, extensions={})
    assert flat.conditions == query.conditions


def test_the_reference_lists_every_parameter_with_its_meaning() -> None:
    page = (DOCS / "reference" / "query.md").read_text(encoding="utf-8")
    assert named() in page
    assert of_families() in page


@pytest.mark.parametrize(
    ("value", "code", "dimension", "base"),
    [
        ("10", "CEL", "temperature", "283.15"),
        ("50", "FAH", "temperature", "283.15"),
        ("509.67", "A48", "temperature", "283.15"),
        ("2", "LBR", "mass", "0.90718474"),
        ("1", "STN", "mass", "907.18474"),
        ("62.5", "P1", "fraction", "0.625"),
        ("1", "ATM", "pressure", "101325"),
        ("36", "KMH", "speed", "10"),
    ],
)
def test_units_are_brought_to_their_base_exactly(value: str, code: str, dimension: str, base: str) -> None:
    got, number = in_base(Decimal(value), code)
    assert got == dimension
    assert number - Decimal(base) == 0 if isinstance(number, Decimal) else number * 10**8 == Decimal(base) * 10**8


def test_a_difference_of_temperatures_has_no_zero_and_an_unknown_unit_is_its_own() -> None:
    assert in_base(9, "FAH", difference=True) == ("temperature", 5)
    assert in_base(9, "ZZZ") == ("ZZZ", 9)


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("urn:epc:idpat:sgtin:4012345.011111.*", "https://id.gs1.org/01/04012345111118/21/9", "https://id.gs1.org/01/04012345222227/21/9"),
        ("urn:epc:idpat:sgtin:4012345.*.*", "https://id.gs1.org/01/04012345222227/21/9", "https://id.gs1.org/01/09521141111116/21/9"),
        ("urn:epc:idpat:sgtin:*.*.*", "https://id.gs1.org/01/04012345222227", "https://id.gs1.org/00/340123450111111115"),
        ("urn:epc:idpat:grai:4012345.12345.*", "https://id.gs1.org/8003/04012345123453777", "https://id.gs1.org/8003/04012345123460777"),
        ("urn:epc:idpat:giai:4012345.*", "https://id.gs1.org/8004/4012345abc", "https://id.gs1.org/8004/4012346abc"),
        ("urn:epc:idpat:gid:1.2.*", "urn:epc:id:gid:1.2.3", "urn:epc:id:gid:1.22.3"),
        ("urn:epc:idpat:cpi:4012345.A%2FB.*", "https://id.gs1.org/8010/4012345A%2FB/8011/1", "https://id.gs1.org/8010/4012345AB/8011/1"),
        ("https://example.com/01/04012345111118/10/*", "https://id.gs1.org/01/04012345111118/10/L", "https://id.gs1.org/01/04012345111118/21/L"),
    ],
)  # fmt: skip
def test_patterns_by_hand(pattern: str, inside: str, outside: str) -> None:
    found = pattern_of(pattern, parameter="MATCH_epc")
    assert found is not None
    assert found.matches(inside)
    assert not found.matches(outside)
    # What the index is asked for must be among what an identifier is filed under.
    assert found.key in keys(inside)


def test_many_patterns_asked_at_once_say_what_each_says() -> None:
    asked = [*asking.PATTERNS, "urn:epc:idpat:gid:1.2.*", "urn:epc:idpat:gid:*.*.*", "urn:epc:idpat:gid:100.*.*",
             "urn:epc:idpat:itip:4012345.011111.01.*.*", "urn:epc:idpat:sgtin:9521141.*.*",
             "https://id.gs1.org/8003/04012345123453"]  # fmt: skip
    patterns = [pattern for text in asked if (pattern := pattern_of(text, parameter="MATCH_epc")) is not None]
    more = ["urn:epc:id:gid:1.2.3", "urn:epc:id:gid:1.22.3", "urn:epc:id:gid:1.2", "x",
            "https://id.gs1.org/8003/04012345123453777", "urn:epc:id:itip:4012345.011111.01.02.9",
            "https://id.gs1.org/8006/040123451111180102"]  # fmt: skip
    identifiers = [canonical(text) for text in [*corpus.ITEMS, *corpus.CLASSES, *corpus.SITES, *more]]
    assert len(patterns) == len(asked)
    assert any(Patterns(patterns).match(each) for each in identifiers)
    for some in [patterns, *([one] for one in patterns), patterns[::2], patterns[1::2], []]:
        for identifier in identifiers:
            assert Patterns(some).match(identifier) == any(one.matches(identifier) for one in some), (some, identifier)


def test_ten_thousand_values_are_looked_up_and_not_compared_one_by_one() -> None:
    numbers = [Decimal(n) / 8 for n in range(10_000)]
    patterns = [f"urn:epc:idpat:sgtin:{1_000_000 + n}.*.*" for n in range(10_000)]
    query = parse({"EQ_quantity": numbers, "MATCH_anyEPC": patterns}, extensions={})
    facets = Facets()
    facets.numbers["quantity"] = [Decimal("0.1")] * 10_000 + [Decimal("1.125")]
    facets.texts["epc"] = ["https://id.gs1.org/01/04012345111118/21/1"] * 10_000 + [
        "https://id.gs1.org/01/01000001111110/21/1"
    ]
    # One by one these would be two hundred million comparisons.
    assert matches(query.conditions, facets)
