"""What an event's element inherits from the document around it: the context that is chained beside its bytes."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from lodeline.errors import RecordError


class Inherited(msgspec.Struct, frozen=True, rename={"version": "epcis"}):
    """All that is needed to read an event's element without its document.

    Attributes:
        version: Version of EPCIS, by the namespace of the document: ``2.0`` or ``1.2``.
        encoding: Python's name of the encoding of the bytes.
        namespaces: Prefixes that are bound around the element, with their namespaces; "" is the default namespace.
    """

    version: str
    encoding: str
    namespaces: dict[str, str]

    def to_bytes(self) -> bytes:
        """As JSON: equal contexts give equal bytes."""
        return msgspec.json.encode({"xml": self}, order="sorted")


class _Whole(msgspec.Struct, frozen=True):
    xml: Inherited


_DECODER = msgspec.json.Decoder(_Whole)


_CACHED_BYTES = 65_536
"""A context of more is read anew each time, since a hostile document has a large one."""


def inherited_of(context: bytes | None) -> Inherited:
    """What ``Inherited.to_bytes`` wrote.

    Raises:
        RecordError: ``record.xml_context``.
    """
    is_small = context is None or len(context) <= _CACHED_BYTES
    return _read(context) if is_small else _read.__wrapped__(context)


@lru_cache(maxsize=8)
def _read(context: bytes | None) -> Inherited:
    try:
        return _DECODER.decode(context or b"").xml
    except msgspec.MsgspecError as error:
        raise RecordError(
            "record.xml_context",
            "The event is XML, but what stands beside it does not say its namespaces and encoding: capture its "
            "document again.",
        ) from error
