"""UN/LOCODE: ports and places of trade. Only the shape; whether a place exists is the table's to say."""

from __future__ import annotations

import re

from lodeline.errors import IdError

_CODE = re.compile(r"([A-Z]{2}) ?([A-Z2-9]{3})", re.ASCII)


def locode(text: str) -> str:
    """A location code in its compact spelling, ``PKBQM``.

    Raises:
        IdError: ``ids.locode``.

    Source: UN/ECE Recommendation 16.
    """
    found = _CODE.fullmatch(text.strip().upper())
    if found is None:
        raise IdError(
            "ids.locode",
            "A UN/LOCODE has two letters for the country and three signs for the place, such as PKBQM.",
            value=text,
        )
    return found[1] + found[2]
