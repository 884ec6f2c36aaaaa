"""InChIKeys: the name of a chemical substance, as EPCIS sensor reports carry it."""

from __future__ import annotations

import re

from lodeline.errors import IdError

_KEY = re.compile(r"(?:https?://identifiers\.org/inchikey[:/]|urn:epcglobal:cbv:inchikey:|inchikey:)?"
                  r"([A-Z]{14}-[A-Z]{8}[NS][A-Z]-[A-Z])", re.ASCII)  # fmt: skip


def inchikey(uri: str) -> str:
    """The key inside ``https://identifiers.org/inchikey:…``, or written alone.

    Raises:
        IdError: ``ids.inchikey``.

    Source: IUPAC InChI Technical Manual, section on InChIKey; CBV 2.0, section 7 on chemical substances.
    """
    found = _KEY.fullmatch(uri.strip())
    if found is None:
        raise IdError(
            "ids.inchikey",
            "An InChIKey has 14, 10 and 1 capital letters: write https://identifiers.org/inchikey:ABC….",
            value=uri,
        )
    return found[1]


def inchikey_uri(key: str) -> str:
    """The address that a sensor report's chemicalSubstance carries. Raises as ``inchikey`` does."""
    return f"https://identifiers.org/inchikey:{inchikey(key)}"
