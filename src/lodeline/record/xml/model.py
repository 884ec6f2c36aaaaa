"""How the tables of elements are written, and what they are made of.

A content model is a line of particles: ``name:Type`` with ``?``, ``*`` or ``+``; ``[a:T b:T]`` for what may be there
together or not at all; ``(a:T | b:T)*`` for a choice; ``other*`` and ``local*`` for any element in another, or in no,
namespace. ``!`` after a type lets ``xsi:nil`` stand for the value. A name in another namespace has a prefix.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from lodeline.record.xml.namespaces import SBDH, VERSIONS

_TOKEN = re.compile(r"[\[\](|)]|[^\s\[\](|)]+")
_UNBOUNDED: Final = 1 << 30


class One(NamedTuple):
    """Elements of one name."""

    name: str
    type: str
    least: int
    most: int
    nillable: bool


class Any(NamedTuple):
    """Elements of any name in another namespace than ``target``, or (``target`` None) in no namespace."""

    target: str | None
    least: int
    most: int


class Choice(NamedTuple):
    """Any of several particles, ``least`` to ``most`` times."""

    parts: tuple[Particle, ...]
    least: int
    most: int


class Together(NamedTuple):
    """Particles in order, or none of them."""

    parts: tuple[Particle, ...]


Particle = One | Any | Choice | Together


class Type(NamedTuple):
    """What an element may hold.

    Attributes:
        name: Its local name in the schema, by which ``xsi:type`` may name it.
        parts: The elements within it, in order.
        text: The simple type of its text; None where only elements may stand in it.
        attributes: Simple types of its attributes by name; with "!" after the type where one must be there.
        open: Whether other attributes may stand beside these.
        free: Whether anything at all may stand in it.
    """

    name: str
    parts: tuple[Particle, ...] = ()
    text: str | None = None
    attributes: dict[str, str] = {}  # noqa: RUF012
    open: bool = False
    free: bool = False


class Tables(NamedTuple):
    """The tables of one version of EPCIS.

    Attributes:
        types: By the name the tables use.
        roots: Types of the elements that may be the outermost of a document, or stand where any element may.
        events: Types of the elements of an EventList.
        extension_events: Types of those in an ``extension`` of an EventList.
    """

    types: dict[str, Type]
    roots: dict[str, str]
    events: dict[str, str]
    extension_events: dict[str, str]


def namespaces(version: str) -> dict[str, str]:
    """The prefixes of the tables: epcis, epcisq and epcismd in the version asked for, and sbdh."""
    core, query, master = (space for space, of in VERSIONS.items() if of == version)
    return {"epcis": core, "epcisq": query, "epcismd": master, "sbdh": SBDH}


def model(line: str, target: str, prefixes: dict[str, str]) -> tuple[Particle, ...]:
    """The particles that a line writes. ``target`` is the namespace whose table it is."""
    tokens = _TOKEN.findall(line)
    parts, rest = _sequence(tokens, target, prefixes)
    assert not rest, f"brackets of {line!r} do not match"
    return parts


def _sequence(tokens: list[str], target: str, prefixes: dict[str, str]) -> tuple[tuple[Particle, ...], list[str]]:
    parts: list[Particle] = []
    while tokens and tokens[0] not in ("]", ")", "|"):
        token, *tokens = tokens
        if token == "[":
            inner, tokens = _sequence(tokens, target, prefixes)
            parts.append(Together(inner))
            tokens = tokens[1:]
        elif token == "(":
            choice: list[Particle] = []
            while True:
                inner, tokens = _sequence(tokens, target, prefixes)
                choice.append(inner[0])
                closing, *tokens = tokens
                if closing == ")":
                    break
            least, most = 1, 1
            if tokens and tokens[0] in ("*", "?", "+"):
                least, most = _occurs(tokens[0])
                tokens = tokens[1:]
            parts.append(Choice(tuple(choice), least, most))
        else:
            parts.append(_particle(token, target, prefixes))
    return tuple(parts), tokens


def _occurs(mark: str) -> tuple[int, int]:
    return {"?": (0, 1), "*": (0, _UNBOUNDED), "+": (1, _UNBOUNDED)}.get(mark, (1, 1))


def _particle(token: str, target: str, prefixes: dict[str, str]) -> Particle:
    least, most = _occurs(token[-1])
    token = token.rstrip("?*+")
    if token in ("other", "local"):
        return Any(target if token == "other" else None, least, most)
    name, _, type_ = token.rpartition(":")
    prefix, colon, local = name.partition(":")
    name = f"{{{prefixes[prefix]}}}{local}" if colon else name
    return One(name, type_.rstrip("!"), least, most, type_.endswith("!"))
