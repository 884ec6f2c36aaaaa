"""Elements of XML that JSON writes as objects or empty texts: what a query finds in them."""

from __future__ import annotations

from typing import Any

import pytest

from lodeline.record.query import parse
from lodeline.record.query.facets import reader_of
from lodeline.record.query.matching import matches
from lodeline.record.stored import event_of

EX = "https://ns.example.org/"
CONTEXT = b'{"xml":{"encoding":"utf-8","epcis":"2.0","namespaces":{"ex":"https://ns.example.org/"}}}'


def finds(element: str, asked: dict[str, Any]) -> bool:
    raw = (
        "<ObjectEvent><eventTime>2025-10-02T14:00:00Z</eventTime><eventTimeZoneOffset>+05:00</eventTimeZoneOffset>"
        "<epcList><epc>urn:epc:id:sscc:4012345.1112223334</epc></epcList><action>OBSERVE</action>"
        f"{element}</ObjectEvent>"
    )
    event, context = event_of(raw.encode(), CONTEXT)
    return matches(parse(asked, extensions={"ex": EX}).conditions, reader_of(context).facets(event))


@pytest.mark.parametrize(
    ("element", "asked", "found"),
    [
        ('<ex:m unit="kg">5</ex:m>', {"EQ_ex:m": ["5"]}, True),
        ('<ex:m unit="kg">5</ex:m>', {"GE_ex:m": 5}, True),
        ('<ex:m unit="kg">5</ex:m>', {"GT_ex:m": 5}, False),
        ('<ex:m xml:lang="de">nass</ex:m>', {"EQ_ex:m": ["nass"]}, True),
        ('<ex:o><ex:m ex:unit="kg">5</ex:m></ex:o>', {"EQ_INNER_ex:m": ["5"], "EQ_INNER_ex:unit": ["kg"]}, True),
        ('<ex:o><ex:m ex:unit="kg">5</ex:m></ex:o>', {"EQ_ex:m": ["5"]}, False),
        ('<ex:m ex:at="1">2026-01-01T00:00:00Z</ex:m>', {"LT_ex:m": "2026-01-02T00:00:00Z"}, True),
        ("<ex:m/>", {"EQ_ex:m": [""]}, True),
        ("<ex:m> </ex:m>", {"EQ_ex:m": [""]}, True),
        ("<ex:m/>", {"EXISTS_ex:m": None}, False),
        ("<ex:m/><ex:m/>", {"EXISTS_ex:m": None}, False),
        ("<ex:m/><ex:m>1</ex:m>", {"EXISTS_ex:m": None, "EQ_ex:m": [""], "GE_ex:m": 1}, True),
        ('<ex:m ex:unit="kg"/>', {"EXISTS_ex:m": None}, True),
    ],
)
def test_what_an_element_says_is_found(element: str, asked: dict[str, Any], found: bool) -> None:
    assert finds(element, asked) is found
