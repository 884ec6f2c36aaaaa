"""The standard vocabularies of CBV 2.0: bare, CURIE, URN and address forms of a word are one value."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from lodeline.record.validation import words

Field = Literal[
    "bizStep",
    "disposition",
    "bizTransactionType",
    "sourceOrDestinationType",
    "reason",
    "component",
    "measurementType",
    "exception",
]
"""The places that hold a standard word, by the names GS1's ontology gives them."""

CBV: Final = "https://ref.gs1.org/cbv/"
GS1: Final = "https://gs1.org/voc/"

_STEMS: Final[dict[str, str]] = {
    "bizStep": f"{CBV}BizStep-",
    "disposition": f"{CBV}Disp-",
    "bizTransactionType": f"{CBV}BTT-",
    "sourceOrDestinationType": f"{CBV}SDT-",
    "reason": f"{CBV}ER-",
    "component": f"{CBV}Comp-",
    "measurementType": GS1,
    "exception": GS1,
}

WORDS: Final[dict[str, frozenset[str]]] = {
    "bizStep": words.BIZ_STEPS,
    "disposition": words.DISPOSITIONS,
    "bizTransactionType": words.BIZ_TRANSACTIONS,
    "sourceOrDestinationType": words.SOURCES,
    "reason": words.ERROR_REASONS,
    "component": words.COMPONENTS,
    "measurementType": words.MEASUREMENTS,
    "exception": words.ALERTS,
}
"""The standard words of each place, bare."""

_URNS: Final = {
    "bizstep": "BizStep-",
    "disp": "Disp-",
    "btt": "BTT-",
    "sdt": "SDT-",
    "er": "ER-",
    "comp": "Comp-",
}

_WEB = re.compile(
    r"https?://(?:ref|ns)\.gs1\.org/(?:cbv|voc)/(bizstep|disp|btt|sdt|er|comp)-(\S+)", re.ASCII | re.IGNORECASE
)
_VOC = re.compile(r"https?://(?:(?:www|ref|ns)\.)?gs1\.org/voc/(\S+)", re.ASCII | re.IGNORECASE)
_WORD = re.compile(r"(?:https://ref\.gs1\.org/cbv/[A-Za-z]+-|https://gs1\.org/voc/)(\S+)")
_LONGEST_CACHED = 256


def canonical(field: Field, value: str) -> str:
    """The one address of a standard word, for example ``https://ref.gs1.org/cbv/BizStep-shipping``.

    Taken as the same: ``shipping``, ``cbv:BizStep-shipping``, ``urn:epcglobal:cbv:bizstep:shipping``,
    ``https://ref.gs1.org/cbv/BizStep-shipping`` and the addresses at ns.gs1.org of the drafts, with http or https.
    A word of somebody's own (any other address, URN or CURIE), and a bare word that is none of the standard's,
    comes back as it is.

    Source: CBV 2.0, section 7 and 8.9.2, rules on CBV URNs, CURIEs and bare words.
    """
    # Hostile megabytes must not live on in the cache.
    return _canonical(field, value) if len(value) <= _LONGEST_CACHED else _canonical.__wrapped__(field, value)


@lru_cache(4096)
def _canonical(field: Field, value: str) -> str:
    text = value.strip()
    if ":" not in text:
        return _STEMS[field] + text if text in WORDS[field] else text
    return standard_address(text)


def standard_address(text: str) -> str:
    """The address of a standard word that is written as CURIE, URN or address; any other text as it is."""
    if text.startswith("urn:epcglobal:cbv:"):
        family, _, word = text[18:].partition(":")
        return f"{CBV}{_URNS[family]}{word}" if family in _URNS and word else text
    if text.startswith("cbv:"):
        return standard_address(CBV + text[4:])
    if text.startswith("gs1:"):
        return GS1 + text[4:]
    if not text.startswith(("http", "HTTP")):
        return text
    if found := _WEB.fullmatch(text):
        return f"{CBV}{_URNS[found[1].lower()]}{found[2]}"
    if found := _VOC.fullmatch(text):
        return GS1 + found[1]
    return text


def bare(value: str) -> str:
    """The bare word, ``shipping``, of any of its forms; somebody's own word as it is."""
    text = standard_address(value.strip())
    found = _WORD.fullmatch(text)
    return found[1] if found else text
