"""How one value stands in the canonical string: numbers, truths and texts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lodeline.ids.epc import canonical as canonical_identifier
from lodeline.record.context import Context
from lodeline.record.vocabulary import standard_address

_ADDRESSES = ("urn:", "https:", "http:")
"""How an address begins that no prefix may stand for, even if a context binds one of that name."""


def number_text(value: int | Decimal) -> str:
    """The number in plain digits, exact, without trailing zeros: 452.0 is ``452``, 1E3 is ``1000``, -0.0 is ``0``.

    The codec has bounded its exponent and digits.

    Source: CBV 2.0, section 8.9.2, rules on quantitative and numeric values.
    """
    if isinstance(value, int):
        return str(value)
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def identifier(text: str, context: Context) -> str:
    """A text that names something: its CURIE expanded, its EPC or Digital Link in the canonical spelling."""
    text = text.strip()
    if not text.startswith(_ADDRESSES):
        # A name with a blank in it is prose with a colon, not a CURIE.
        address = context.expand(text) if ":" in text and " " not in text else None
        if address is None:
            return text
        text = address
    return canonical_identifier(text)


def scalar(value: Any, context: Context) -> str:
    """A value in ILMD or an extension, where no standard says what it is: text, number, true or false.

    A text stays text ("23.0" and 23.0 differ), save that what names something is spelled in one way.

    Source: CBV 2.0, section 8.9.2, rules on white space, numbers, CBV URNs, CURIEs, EPC URNs and Digital Links.
    """
    if isinstance(value, str):
        named = identifier(value, context)
        return standard_address(named) if named.startswith("urn:epcglobal:cbv:") else named
    if value is True:
        return "true"
    if value is False:
        return "false"
    return number_text(value)
