"""The namespaces of EPCIS in XML, and what is said by names in them."""

from __future__ import annotations

from typing import Final

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
XSD: Final = "http://www.w3.org/2001/XMLSchema"
XML: Final = "http://www.w3.org/XML/1998/namespace"
XINCLUDE: Final = "http://www.w3.org/2001/XInclude"
SBDH: Final = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"

VERSIONS: Final[dict[str, str]] = {
    "urn:epcglobal:epcis:xsd:2": "2.0",
    "urn:epcglobal:epcis-query:xsd:2": "2.0",
    "urn:epcglobal:epcis-masterdata:xsd:2": "2.0",
    "urn:epcglobal:epcis:xsd:1": "1.2",
    "urn:epcglobal:epcis-query:xsd:1": "1.2",
    "urn:epcglobal:epcis-masterdata:xsd:1": "1.2",
}
"""EPCIS namespaces with the version of the standard each belongs to. Versions 1.0 and 1.1 share that of 1.2."""

MASTER_DATA_XML: Final = "urn:epcglobal:cbv:mda"
MASTER_DATA: Final = "urn:epcglobal:cbv:mda:"
"""CBV's master data attributes: XML documents bind the namespace without the colon that JSON-LD's has at its end."""

OF_XML: Final = frozenset({XSI, XSD, XML, SBDH, "urn:epcglobal:xsd:1", "urn:epcglobal:xsd:2", *VERSIONS})
"""Namespaces that belong to the writing in XML; JSON has no use for their prefixes."""


def split(name: str) -> tuple[str, str]:
    """Namespace and local name of ``{namespace}local``; an empty namespace where there is none."""
    if not name.startswith("{"):
        return "", name
    namespace, _, local = name[1:].rpartition("}")
    return namespace, local


def standard(name: str) -> str | None:
    """The local name of an element that is the standard's own: in no namespace, or in one of EPCIS's."""
    namespace, local = split(name)
    return local if not namespace or namespace in VERSIONS else None
