"""What the prefixes and terms of a JSON-LD ``@context`` stand for. Nothing is ever fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar

import msgspec

from lodeline.errors import RecordError
from lodeline.record.codec import decode

GS1_PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "epcis": "https://ref.gs1.org/epcis/",
        "cbv": "https://ref.gs1.org/cbv/",
        "cbvmda": "urn:epcglobal:cbv:mda:",
        "gs1": "https://gs1.org/voc/",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "dcterms": "http://purl.org/dc/terms/",
    }
)
"""The prefixes GS1's own EPCIS context binds. They hold everywhere, since a bare event has no context at all."""

_DEPTH = 16
_CONTEXTS, _CACHED_CHARACTERS = 128, 8192
_NAMES, _LONGEST_NAME = 1024, 512
"""How many contexts are kept, how large, and how many names of each: together what a hostile file can make stay."""


@dataclass(frozen=True, slots=True)
class Context:
    """The bindings of one ``@context``. Equal bindings are equal contexts; it can be a dictionary key.

    Attributes:
        terms: Prefixes and terms with what they stand for, sorted; GS1's own are not among them.
        vocab: What ``@vocab`` says, or None.
        remote: Addresses of contexts that were named and not fetched, in order.
    """

    terms: tuple[tuple[str, str], ...] = ()
    vocab: str | None = None
    remote: tuple[str, ...] = ()
    _bound: dict[str, str] = field(init=False, repr=False, compare=False)
    _bases: frozenset[str] = field(init=False, repr=False, compare=False)
    _lengths: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _characters: int = field(init=False, repr=False, compare=False)
    _names: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    EMPTY: ClassVar[Context]

    def __post_init__(self) -> None:
        bound = {**GS1_PREFIXES, **dict(self.terms)}
        bases = frozenset(bound.values())
        object.__setattr__(self, "_bound", bound)
        object.__setattr__(self, "_bases", bases)
        object.__setattr__(self, "_lengths", tuple(sorted({len(base) for base in bases}, reverse=True)))
        texts = (self.vocab or "", *self.remote, *(text for term in self.terms for text in term))
        object.__setattr__(self, "_characters", sum(map(len, texts)))

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Every bound prefix and term, GS1's own included, with the full address each stands for."""
        return MappingProxyType(self._bound)

    @classmethod
    def parse(cls, value: Any) -> Context:
        """Read the value of ``@context``: absent (None), an address, an object, or an array of these at any depth.

        A later binding wins over an earlier one; ``null`` inside an array forgets what stood before it; a term
        may be a string or an object with ``@id``, and may itself be written with a prefix.

        Raises:
            RecordError: ``record.context_form``, ``record.context_term``, ``record.context_depth``.

        Source: JSON-LD 1.1, section 4.1 and 9.15.
        """
        if value is None:
            return cls.EMPTY
        if isinstance(value, str):
            return _remote(value) if len(value) <= _CACHED_CHARACTERS else cls(remote=(value,))
        encoded = msgspec.json.encode(value)
        return _parse_bytes(encoded) if len(encoded) <= _CACHED_CHARACTERS else _parse(msgspec.json.decode(encoded))

    def merged(self, other: Context) -> Context:
        """This context with another one's bindings on top: what a nested ``@context`` means."""
        if not (other.terms or other.vocab or other.remote):
            return self
        is_small = self._characters + other._characters <= _CACHED_CHARACTERS
        return _merged(self, other) if is_small else _merged.__wrapped__(self, other)

    def within(self, value: Mapping[str, Any]) -> Context:
        """What holds inside an object: this context, with the object's own ``@context`` on top if it has one."""
        own = value.get("@context")
        return self if own is None else self.merged(Context.parse(own))

    def expand(self, name: str) -> str | None:
        """The full address of a CURIE or a bound term; None when no prefix is bound for it.

        ``@vocab`` gives an address to every bare name. A name with ``//`` after its colon is an address already.
        """
        prefix, colon, local = name.partition(":")
        if colon:
            base = None if local.startswith("//") else self._bound.get(prefix)
            return None if base is None else base + local
        if name in self._bound:
            return self._bound[name]
        return self.vocab + name if self.vocab is not None and not name.startswith("@") else None

    def qualified(self, name: str) -> str:
        """``{namespace}local`` for a CURIE, a bound term or a full address; any other name as it is.

        ``@id`` and ``@type`` are what GS1's context calls ``id`` and ``type``.

        Source: CBV 2.0, section 8.9.2, rules on ILMD and user extensions.
        """
        known = self._names.get(name)
        if known is None:
            known = self._qualified(name)
            if len(self._names) >= _NAMES:  # Hostile names without end must not fill the memory.
                self._names.clear()
            if len(name) + len(known) <= _LONGEST_NAME:
                self._names[name] = known
        return known

    def _qualified(self, name: str) -> str:
        if name in ("@id", "@type"):
            return name[1:]
        prefix, colon, local = name.partition(":")
        if colon and not local.startswith("//") and prefix in self._bound:
            return "{" + self._bound[prefix] + "}" + local
        if colon:
            return self._split(name) if local.startswith("//") else name
        address = self.expand(name)
        return name if address is None else self._split(address)

    def _split(self, address: str) -> str:
        """``{namespace}local`` of a full address: the longest bound namespace it begins with, else at its last mark."""
        # By length, so that many prefixes and many names do not cost their product.
        within = (length for length in self._lengths if 0 < length < len(address))
        cut = next((length for length in within if address[:length] in self._bases), 0)
        base = address[: cut or max(address.rfind(mark) for mark in "/#:") + 1]
        local = address[len(base) :]
        return "{" + base + "}" + local if base and local else address


Context.EMPTY = Context()


@lru_cache(_CONTEXTS)
def _remote(address: str) -> Context:
    return Context(remote=(address,))


@lru_cache(_CONTEXTS)
def _parse_bytes(encoded: bytes) -> Context:
    return _parse(msgspec.json.decode(encoded))


@lru_cache(_CONTEXTS)
def _merged(under: Context, over: Context) -> Context:
    remote = under.remote + tuple(each for each in over.remote if each not in under.remote)
    terms = {**dict(under.terms), **dict(over.terms)}
    return Context(tuple(sorted(terms.items())), over.vocab if over.vocab is not None else under.vocab, remote)


def _parse(value: Any) -> Context:
    terms: dict[str, Any] = {}
    remote: list[str] = []
    _collect(value, terms, remote, depth=0)
    vocab = terms.pop("@vocab", None)
    if vocab is not None and not isinstance(vocab, str):
        raise RecordError("record.context_term", "@vocab in @context is a text.", field="$.@context.@vocab")
    addresses = {name: _address(name, terms, ()) for name in terms if not name.startswith("@")}
    bound = {name: address for name, address in addresses.items() if address is not None}
    return Context(tuple(sorted(bound.items())), vocab, tuple(dict.fromkeys(remote)))


def _collect(value: Any, terms: dict[str, Any], remote: list[str], *, depth: int) -> None:
    """Lay the definitions of ``value`` over those found before it."""
    if depth > _DEPTH:
        raise RecordError("record.context_depth", f"@context nests more than {_DEPTH} deep.", field="$.@context")
    if value is None:
        terms.clear()
        remote.clear()
    elif isinstance(value, str):
        remote.append(value)
    elif isinstance(value, dict):
        terms.update(value)
    elif isinstance(value, list):
        for each in value:
            _collect(each, terms, remote, depth=depth + 1)
    else:
        raise RecordError(
            "record.context_form",
            "@context is an address, an object, or an array of these.",
            field="$.@context",
        )


def _address(name: str, terms: Mapping[str, Any], seen: tuple[str, ...]) -> str | None:
    """The full address a term stands for; None where its definition binds none (``null``, a type or container only)."""
    definition = terms[name]
    if isinstance(definition, dict):
        definition = definition.get("@id")
    if definition is None:
        return None
    if not isinstance(definition, str) or not name:
        raise RecordError(
            "record.context_term",
            "A term of @context is a text or an object with @id: write the address it stands for.",
            field=f"$.@context.{name}",
        )
    prefix, colon, local = definition.partition(":")
    if colon and not local.startswith("//") and prefix in terms and prefix != name:
        if prefix in seen or len(seen) >= _DEPTH:
            raise RecordError(
                "record.context_term",
                "Terms of @context stand for one another in a circle.",
                field=f"$.@context.{name}",
            )
        base = _address(prefix, terms, (*seen, name))
        return definition if base is None else base + local
    if colon and not local.startswith("//") and prefix in GS1_PREFIXES and prefix != name:
        return GS1_PREFIXES[prefix] + local
    return definition


@lru_cache(maxsize=2)
def context_of(raw: bytes | None) -> Context:
    """The context that a document's ``@context``, as its exact bytes, binds for its events; empty where it has none.

    The last two are kept, since the events of one document come one after the other.

    Raises:
        RecordError: those of ``codec.decode`` and ``Context.parse``.
    """
    return Context.EMPTY if raw is None else Context.parse(decode(raw))
