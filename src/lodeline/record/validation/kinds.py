"""Kinds of values: each accepts a value at once, or explains at leisure why it does not.

``accepts`` runs for every event and only says yes or no. ``explain`` runs for what was not accepted and collects every
problem. The two stand side by side in each kind, and the tests hold that one is empty exactly where the other says yes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from decimal import Decimal
from typing import Any, NamedTuple

from lodeline.record.validation import formats
from lodeline.record.validation.problem import Problem, nearest, shown

Accepts = Callable[[Any], bool]
Explain = Callable[[Any, str], Iterator[Problem]]


class Kind(NamedTuple):
    """What a value may be.

    Attributes:
        says: The kind in words, for sentences and documentation: ``a URI``.
        accepts: Whether a value is of the kind.
        explain: The problems of a value at a path; none where it is accepted.
    """

    says: str
    accepts: Accepts
    explain: Explain


def wrong_type(value: Any, path: str, wanted: str) -> Problem:
    hint = f"write {wanted}"
    if wanted == "a number" and isinstance(value, str) and _NUMERAL(value):
        hint = f"write {value} without quotation marks"
    elif wanted == "a number" and isinstance(value, float):
        hint = "give a Decimal of the digits that were meant"
    elif wanted.startswith("a list") and not isinstance(value, list):
        hint = f"write {wanted}, in square brackets also where it has one member"
    return Problem("record.wrong_type", f"{shown(value)} stands where {wanted} is wanted: {hint}.", path)


_NUMERAL = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?").fullmatch


def _of_type(says: str, *types: type) -> Kind:
    """Exactly one of ``types``: a truth value is no number here, although Python's bool is an int."""

    def accepts(value: Any) -> bool:
        return type(value) in types

    def explain(value: Any, path: str) -> Iterator[Problem]:
        if type(value) not in types:
            yield wrong_type(value, path, says)

    return Kind(says, accepts, explain)


TEXT = _of_type("a text", str)
NUMBER = _of_type("a number", int, Decimal)
TRUTH = _of_type("true or false", bool)
OBJECT = _of_type("an object", dict)


def formed(says: str, fits: Callable[[str], object], told: Callable[[str, str], Problem]) -> Kind:
    """A text for which ``fits`` gives something; ``told`` tells (text, path) that does not fit."""

    def accepts(value: Any) -> bool:
        return type(value) is str and fits(value) is not None

    def explain(value: Any, path: str) -> Iterator[Problem]:
        if type(value) is not str:
            yield wrong_type(value, path, says)
        elif fits(value) is None:
            yield told(value, path)

    return Kind(says, accepts, explain)


def _not_uri(text: str, path: str) -> Problem:
    # The first character that no URI has is what a person looks for.
    odd = re.search(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]|%(?![0-9A-Fa-f]{2})", text)
    if odd is not None:
        hint = f'write {shown(odd.group())} percent-encoded, as in "%20" for a blank'
    elif re.match("[A-Za-z][A-Za-z0-9+.-]*:", text) is None:
        hint = 'begin with a scheme or a prefix, as in "urn:…", "https://…" or "lode:…"'
    else:
        hint = "write it as RFC 3986 says; brackets may only enclose an IP address"
    return Problem("record.not_uri", f"{shown(text)} is not a URI: {hint}.", path)


def _not_time(text: str, path: str) -> Problem:
    hint = 'write it like "2025-10-02T09:00:00+05:00"'
    # A fraction of a second can be as long as it likes, and is not repeated in a sentence.
    text_is_short = len(text) <= 40
    if text_is_short and formats.instant_us(text + "Z") is not None:
        hint = f'add the offset from UTC, as in "{text}+05:00" or "{text}Z"'
    elif text_is_short and formats.instant_us(text.replace(" ", "T", 1)) is not None:
        hint = f'write "T" for the blank: "{text.replace(" ", "T", 1)}"'
    return Problem("record.not_time", f"{shown(text)} is not a time with its offset: {hint}.", path)


def _not_offset(text: str, path: str) -> Problem:
    hint = "+00:00" if text in ("Z", "z", "UTC", "GMT") else "+05:00"
    return Problem(
        "record.not_offset", f'{shown(text)} is not an offset from UTC: write it like "{hint}", up to 14:00.', path
    )


def _not_uom(text: str, path: str) -> Problem:
    return Problem(
        "record.not_uom",
        f'{shown(text)} is not a unit code: write the UN/ECE Rec 20 code, such as "KGM" (kg), "TNE" (t) or "LBR" (lb).',
        path,
    )


def _not_hex(text: str, path: str) -> Problem:
    return Problem("record.not_hex", f'{shown(text)} is not hexadecimal: write digits 0-9 and A-F, as in "f0f0".', path)


def _not_version(text: str, path: str) -> Problem:
    return Problem("record.not_version", f'{shown(text)} is not a version: write it like "2.0".', path)


def _uri_or_none(text: str) -> bool | None:
    return formats.is_uri(text) or None


URI = formed("a URI", _uri_or_none, _not_uri)
TIME = formed("a time", formats.instant_us, _not_time)
OFFSET = formed("an offset", formats.match_offset, _not_offset)
UOM = formed("a unit code", formats.match_uom, _not_uom)
HEX = formed("hexadecimal text", formats.match_hex, _not_hex)
VERSION = formed("a version", formats.match_version, _not_version)


def word(says: str, words: Set[str], *, other: re.Pattern[str] | None) -> Kind:
    """One of ``words``, or any other URI; ``other`` matches the beginning of URIs that are not allowed instead.

    With ``other`` None the words are all there is.
    """

    def accepts(value: Any) -> bool:
        if type(value) is not str:
            return False
        return value in words or (other is not None and formats.is_uri(value) and other.match(value) is None)

    def explain(value: Any, path: str) -> Iterator[Problem]:
        if type(value) is not str:
            yield wrong_type(value, path, says)
        elif accepts(value):
            return
        elif other is not None and other.match(value) is not None:
            yield _wrong_form(value, path, says, words)
        else:
            yield _unknown_word(value, path, says, words, closed=other is None)

    return Kind(says, accepts, explain)


def _wrong_form(text: str, path: str, says: str, words: Set[str]) -> Problem:
    """A GS1 word in the form that the XML binding uses, or that version 1.2 did."""
    last = re.split("[:/#-]", text)[-1]
    hint = f'write "{last}"' if last in words else f'write one of GS1\'s bare words, such as "{min(words)}"'
    return Problem("record.word_form", f"{shown(text)} is not how JSON writes {says}: {hint}.", path)


def _unknown_word(text: str, path: str, says: str, words: Set[str], *, closed: bool) -> Problem:
    meant = nearest(text, words)
    hint = f'did you mean "{meant}"?' if meant else _choice(words)
    rest = "" if closed else ' A word of your own needs a prefix or a URI, as in "lode:crushing".'
    return Problem("record.unknown_word", f"{shown(text)} is not {says} that GS1 knows: {hint}{rest}", path)


def _choice(words: Set[str]) -> str:
    known = sorted(words)
    return (
        f"write one of {', '.join(known)}."
        if len(known) <= 8
        else f"write one of {', '.join(known[:5])} ….".replace("….", "… (the full list is in GS1's CBV).")
    )


def many(item: Kind, *, least: int = 0, unique: bool = False) -> Kind:
    """A list of at least ``least`` items; ``unique`` ones must be texts."""
    one = item.says.partition(" ")[2]
    says = f"a list of {one[:-1]}ies" if one.endswith("y") else f"a list of {one}s"
    accepts_item, explain_item = item.accepts, item.explain

    def accepts(value: Any) -> bool:
        if type(value) is not list or len(value) < least:
            return False
        for one in value:
            if not accepts_item(one):
                return False
        return not unique or len(value) < 2 or len(set(value)) == len(value)

    def explain(value: Any, path: str) -> Iterator[Problem]:
        if type(value) is not list:
            yield wrong_type(value, path, says)
            return
        if len(value) < least:
            yield Problem("record.list_empty", f"The list is empty: write {says}, or leave the field out.", path)
        for index, one in enumerate(value):
            yield from explain_item(one, f"{path}[{index}]")
        if unique:
            yield from _repeats(value, path)

    return Kind(says, accepts, explain)


def _repeats(value: list[Any], path: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, one in enumerate(value):
        if type(one) is not str:
            continue
        if one in seen:
            yield Problem(
                "record.list_repeats", f"{shown(one)} stands twice in the list: keep one.", f"{path}[{index}]"
            )
        seen.add(one)


def either(says: str, *kinds: Kind) -> Kind:
    """A value that one of ``kinds``, which are of different types, accepts."""
    accept_one = tuple(kind.accepts for kind in kinds)

    def accepts(value: Any) -> bool:
        return any(accept(value) for accept in accept_one)

    def explain(value: Any, path: str) -> Iterator[Problem]:
        if accepts(value):
            return
        for kind in kinds:
            told = list(kind.explain(value, path))
            # The kind of the right type knows what is wrong inside; the others only say that they are others.
            if told and not (told[0].code == "record.wrong_type" and told[0].field == path):
                yield from told
                return
        yield wrong_type(value, path, says)

    return Kind(says, accepts, explain)
