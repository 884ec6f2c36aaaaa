"""What a query asks: conditions that must all hold, the order of the answer, and how much of it is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from lodeline.record.codec import decode
from lodeline.record.query.patterns import Patterns

Compared = Literal["EQ", "GT", "GE", "LT", "LE"]


class TextIn(msgspec.Struct, frozen=True, tag=True):
    """A text of the field is one of these, each in its one spelling."""

    values: frozenset[str]


class Matching(msgspec.Struct, frozen=True, tag=True):
    """An identifier of the field is one of these, or fits one of the patterns."""

    ids: frozenset[str]
    patterns: Patterns


class NumberIs(msgspec.Struct, frozen=True, tag=True):
    """A number of the field compares so with one of these. Exact: no float is involved."""

    op: Compared
    values: frozenset[int | Fraction]


class InstantIs(msgspec.Struct, frozen=True, tag=True):
    """An instant of the field (microseconds since 1970, exact) compares so with one of these."""

    op: Compared
    values: tuple[int | Decimal, ...]


class Present(msgspec.Struct, frozen=True, tag=True):
    """The field is there and not empty."""


class Below(msgspec.Struct, frozen=True, tag=True):
    """The place is one of these, or lies within one of them by the registered hierarchy."""

    roots: frozenset[str]


class HasAttribute(msgspec.Struct, frozen=True, tag=True):
    """What the field names is registered with one of these attributes."""

    names: frozenset[str]


class AttributeIs(msgspec.Struct, frozen=True, tag=True):
    """What the field names is registered with this attribute, and its value is one of these."""

    name: str
    texts: frozenset[str]
    numbers: tuple[Decimal | int, ...]


Test = TextIn | Matching | NumberIs | InstantIs | Present | Below | HasAttribute | AttributeIs
BY_MASTER = (Below, HasAttribute, AttributeIs)
"""Tests that the event alone cannot decide; the ledger turns them into `TextIn` by the registered master data."""


class Condition(msgspec.Struct, frozen=True):
    """One parameter: at least one value of at least one of the fields passes the test.

    Attributes:
        parameter: As it was written, for messages.
        fields: As `lodeline.record.query.facets` names them.
        test: What is asked of a value.
    """

    parameter: str
    fields: tuple[str, ...]
    test: Test


class Order(msgspec.Struct, frozen=True):
    """How the answer is ordered.

    Attributes:
        by: ``entry`` (as recorded; the default), ``eventTime``, ``recordTime``, or a field of somebody's own.
        descending: Largest first. Events that lack the field come last either way.
    """

    by: str = "entry"
    descending: bool = False


class Query(msgspec.Struct, frozen=True):
    """A query of the EPCIS query language, read and checked. Two that were written alike are equal.

    Attributes:
        conditions: All must hold; none: every event.
        order: See `Order`.
        limit: ``eventCountLimit``: only so many, the first in the order.
        maximum: ``maxEventCount``: a larger answer is refused.
        given: The parameters as they were given, as JSON with sorted names.
        bound: The prefixes that its parameters use, with what they stand for.
    """

    conditions: tuple[Condition, ...]
    order: Order
    limit: int | None
    maximum: int | None
    given: bytes
    bound: tuple[tuple[str, str], ...]

    def parameters(self) -> dict[str, Any]:
        """The query in its JSON form. `parse` with `extensions` gives an equal query again."""
        value: dict[str, Any] = decode(self.given)
        return value

    @property
    def extensions(self) -> Mapping[str, str]:
        """The prefixes that its parameters use."""
        return dict(self.bound)

    @property
    def digest(self) -> bytes:
        """16 bytes that tell this query from others."""
        mark = blake2b(self.given, digest_size=16)
        for pair in self.bound:
            for text in pair:
                mark.update(b"\0" + text.encode(errors="surrogatepass"))
        return mark.digest()
