"""What an event is found by: numbers that stand for its texts, and its numbers and instants as floats.

A text is hashed to 64 bits, so that no dictionary has to be kept; a float stands next to its number. Both only narrow:
that two texts share a hash, or two numbers a float, finds an event too many and never one too few, since rounding
keeps order. The event itself decides (`lodeline.record.query.matching`).
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from math import nextafter
from struct import Struct
from sys import float_info

from lodeline.record.query.facets import Facets, Number
from lodeline.record.query.patterns import keys as pattern_keys

KEPT, LONGEST_KEPT = 200_000, 256
"""Texts whose keys are kept in memory while an index grows, and how long they may be."""
IDENTIFIERS = frozenset(
    {"epc", "parentID", "inputEPC", "outputEPC", "epcClass", "inputEPCClass", "outputEPCClass"}
)  # fmt: skip
"""Fields that patterns may be asked of."""
UNKEYED = frozenset({"eventTime", "recordTime"})
"""Instants that have columns of their own."""
INFINITE, GREATEST = float("inf"), float_info.max
_FLOAT, _BITS = Struct("<d"), Struct("<q")


def text_key(field: str, text: str) -> int:
    """The key of a text of a field."""
    return _key(f"{field}\x1f{text}")


def present_key(field: str) -> int:
    """The key of a field's being there."""
    return _key(f"\x1e{field}")


def pattern_key(field: str, key: str) -> int:
    """The key of all identifiers of a scheme, company or class in a field."""
    return _key(f"\x1d{field}\x1f{key}")


def number_key(field: str) -> int:
    """The key of a field of numbers or instants."""
    return _key(f"\x1c{field}")


def rounded(value: Number) -> float:
    """A float next to the number: itself if it is one, else of the two around it the one whose last bit is set.

    Order is kept: a greater number never has a lesser float. And a float whose last bit is not set stands for itself
    alone, so that "greater than 25" need not look at what is 25.

    Source: rounding to odd, as in Boldo and Melquiond (2008), IEEE Transactions on Computers 57(4), 462-471.
    """
    try:
        near = float(value)
    except OverflowError:
        return GREATEST if value > 0 else -GREATEST
    if near == value or is_odd(near):
        return near
    return nextafter(near, INFINITE if value > near else -INFINITE)


def is_odd(number: float) -> bool:
    """Whether the last bit of a float's significand is set."""
    return bool(_BITS.unpack(_FLOAT.pack(number))[0] & 1)


def _key(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), "big", signed=True)


class Keys:
    """The keys of many events; those of texts that come again are worked out once."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], tuple[int, ...]] = {}
        self._fields: dict[str, tuple[int, int]] = {}

    def of(self, facets: Facets) -> list[int]:
        """Keys of the texts and fields of one event; some may come twice."""
        known = self._texts
        found: list[int] = []
        for field, texts in facets.texts.items():
            for text in texts:
                keys = known.get((field, text))
                if keys is None:
                    keys = self._fresh(field, text)
                    if len(text) <= LONGEST_KEPT:
                        if len(known) >= KEPT:
                            known.clear()
                        known[field, text] = keys
                found += keys
        found += [self._field(field)[0] for field in facets.present]
        return found

    def numbers(self, facets: Facets) -> Iterable[tuple[int, float]]:
        """Numbers and instants of one event, with the keys of their fields."""
        for field, numbers in facets.numbers.items():
            key = self._field(field)[1]
            for number in numbers:
                yield key, rounded(number)
        for field, instants in facets.instants.items():
            if field not in UNKEYED:
                key = self._field(instants_of(field))[1]
                for instant in instants:
                    yield key, rounded(instant)

    def _fresh(self, field: str, text: str) -> tuple[int, ...]:
        own = text_key(field, text)
        if field not in IDENTIFIERS:
            return (own,)
        return (own, *(pattern_key(field, key) for key in pattern_keys(text)))

    def _field(self, field: str) -> tuple[int, int]:
        known = self._fields.get(field)
        if known is None:
            if len(self._fields) >= KEPT:
                self._fields.clear()
            known = self._fields[field] = (present_key(field), number_key(field))
        return known


def instants_of(field: str) -> str:
    """The name under which instants of a field are kept; a field of somebody's own may hold numbers too."""
    return f"{field}\x1ftime"
