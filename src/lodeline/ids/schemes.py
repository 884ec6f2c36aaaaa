"""The EPC schemes of the Tag Data Standard and the GS1 keys behind them, as one table."""

from __future__ import annotations

import re

import msgspec

from lodeline.ids.escaping import AI39, AI82, DIGITS

PREFIX_DIGITS = range(6, 13)
"""How many digits a GS1 company prefix may have in an EPC URN. Source: EPC Tag Data Standard, section 6.3.1."""


class Serial(msgspec.Struct, frozen=True):
    """What follows a key and tells one instance, or one lot, from the next.

    Attributes:
        qualifier: The application identifier of its own that it has in a Digital Link; empty where it is
            written onto the end of the key.
        characters: The characters it may have.
        longest: How many of them at most.
        absent: The text that says in a URN that there is none.
    """

    qualifier: str
    characters: re.Pattern[str]
    longest: int
    absent: str | None = None


class Scheme(msgspec.Struct, frozen=True, kw_only=True):
    """How one EPC scheme is written as a URN and as a GS1 key.

    Attributes:
        name: As in ``urn:epc:id:NAME:``.
        key: Application identifier of the key in a Digital Link.
        width: Digits of company prefix and reference together, without the check digit; None where the
            reference is free text.
        longest: Longest company prefix and reference together, where ``width`` is None.
        characters: The characters a free reference may have.
        leading: The reference's first digit goes before the company prefix (indicator or extension digit).
        filler: Digits that stand before the key's value.
        pieces: Further two-digit parts after the check digit (a piece and the total of pieces).
        serial: What tells the instances apart, if the scheme has it.
        pattern: Whether ``urn:epc:idpat:`` with ``*`` for the serial names the class.
    """

    name: str
    key: str
    width: int | None = None
    longest: int = 30
    characters: re.Pattern[str] = DIGITS
    leading: bool = False
    filler: str = ""
    pieces: int = 0
    serial: Serial | None = None
    pattern: bool = False


_SCHEMES = (
    Scheme(name="sgtin", key="01", width=13, leading=True, serial=Serial("21", AI82, 20), pattern=True),
    Scheme(name="upui", key="01", width=13, leading=True, serial=Serial("235", AI82, 28), pattern=True),
    Scheme(name="itip", key="8006", width=13, leading=True, pieces=2, serial=Serial("21", AI82, 20), pattern=True),
    Scheme(name="sscc", key="00", width=17, leading=True),
    Scheme(name="sgln", key="414", width=12, serial=Serial("254", AI82, 20, absent="0")),
    Scheme(name="pgln", key="417", width=12),
    Scheme(name="grai", key="8003", width=12, filler="0", serial=Serial("", AI82, 16), pattern=True),
    Scheme(name="gdti", key="253", width=12, serial=Serial("", AI82, 17), pattern=True),
    Scheme(name="sgcn", key="255", width=12, serial=Serial("", DIGITS, 12), pattern=True),
    Scheme(name="gsrn", key="8018", width=17),
    Scheme(name="gsrnp", key="8017", width=17),
    Scheme(name="gsin", key="402", width=16),
    Scheme(name="giai", key="8004", characters=AI82),
    Scheme(name="ginc", key="401", characters=AI82),
    Scheme(name="cpi", key="8010", characters=AI39, serial=Serial("8011", DIGITS, 12), pattern=True),
)

BY_NAME = {scheme.name: scheme for scheme in _SCHEMES}

LOT = Scheme(name="lgtin", key="01", width=13, leading=True, serial=Serial("10", AI82, 20))
"""A trade item and lot: the one scheme of ``urn:epc:class:``."""

ITEM_LOT = Scheme(name="itip", key="8006", width=13, leading=True, pieces=2, serial=Serial("10", AI82, 20))
"""A trade item piece and lot: a Digital Link can name it, an EPC URN cannot."""

WITHOUT_LINK = frozenset({"adi", "bic", "gid", "imovn", "usdod", "rawpacket"})
"""Schemes that rest on no GS1 key and so have no Digital Link."""
