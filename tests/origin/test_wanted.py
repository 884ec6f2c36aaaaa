"""Which origins are of a class, and of which nobody knows."""

import pytest

from lodeline.errors import InputError
from lodeline.origin.graph import UNTRACED, Origin
from lodeline.origin.wanted import wanted

MINE = Origin("deposit", "PK", "urn:mine")
OTHER = Origin("deposit", "CN", "urn:other")
COUNTRY = Origin("country", "PK", "")
NOWHERE = Origin("country", "", "")
SCRAP = Origin("scrap", "PK", "")
HEAP = Origin("stock", "", "urn:store")
ALL = (UNTRACED, MINE, OTHER, COUNTRY, NOWHERE, SCRAP, HEAP)


@pytest.mark.parametrize(
    ("asked", "surely", "perhaps"),
    [
        ({"country": "PK"}, {MINE, COUNTRY, SCRAP}, {UNTRACED, NOWHERE, HEAP}),
        ({"country": "PK", "kind": "mined"}, {MINE, COUNTRY}, {UNTRACED, NOWHERE, HEAP}),
        ({"kind": "scrap"}, {SCRAP}, {UNTRACED, HEAP}),
        ({"kind": "mined", "country": "PK", "name": "urn:mine"}, {MINE}, {UNTRACED, COUNTRY, NOWHERE, HEAP}),
        ({"kind": "stock", "name": "urn:store"}, {HEAP}, {UNTRACED}),
        ({"country": "US"}, set(), {UNTRACED, NOWHERE, HEAP}),
    ],
)
def test_what_may_be_of_a_class_is_told_apart_from_what_is(asked, surely, perhaps):
    found = wanted(ALL, **asked)

    assert (found.surely, found.perhaps) == (surely, perhaps)


@pytest.mark.parametrize(
    ("code", "asked"),
    [("origin.country", {"country": "XX"}), ("origin.country", {"country": "pk"}), ("origin.wanted", {})],
)
def test_what_names_no_class_is_refused(code, asked):
    with pytest.raises(InputError) as refusal:
        wanted(ALL, **asked)

    assert refusal.value.code == code
