"""What may be registered of each kind of master data, from parties to deposits: one table, with checks.

The checks of a registration and the page of the reference both come from this table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, NamedTuple

from lodeline.errors import LodelineError, MasterDataError
from lodeline.errors.visible import visible
from lodeline.metal.policy_document import MIXING
from lodeline.record.limits import MAX_DIGITS, MAX_EXPONENT, MIN_EXPONENT


def shown(value: Any) -> str:
    """What the file holds, short enough for one line and harmless on a terminal."""
    return visible(repr(value), limit=80)


Value = str | Decimal | list[str]


class Attribute(NamedTuple):
    """One attribute of a kind of master data.

    Attributes:
        read: Turns what the file holds into the value, or refuses it.
        type: What its value is, in the reference.
        unit: Its unit; empty if it has none.
        required: Whether a record is refused without it.
        meaning: One sentence.
    """

    read: Callable[[Any], Value]
    type: str
    unit: str
    required: bool
    meaning: str


def text(value: Any) -> str:
    """A text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise MasterDataError("register.value", f"{shown(value)} is not a text; write one, or leave it out.")
    return value.strip()


def uri(value: Any) -> str:
    """An identifier of any scheme.

    Raises:
        MasterDataError: ``register.id``.
    """
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", value.strip()):
        raise MasterDataError(
            "register.id",
            f"{shown(value)} is not a URI; write one, such as https://id.example.org/site/1 or urn:example:1.",
        )
    return value.strip()


def day(value: Any) -> str:
    """A date, ISO 8601.

    Raises:
        MasterDataError: ``register.date``.
    """
    try:
        return (value if isinstance(value, date) else date.fromisoformat(str(value).strip())).isoformat()[:10]
    except ValueError as flaw:
        raise MasterDataError("register.date", f"{shown(value)} is no date; write one such as 2026-01-31.") from flaw


def number(low: Decimal | int | None = None, high: Decimal | int | None = None) -> Callable[[Any], Decimal]:
    """A reader of decimal numbers from ``low`` to ``high``, both included."""

    def read(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
            raise MasterDataError("register.number", f"{shown(value)} is not a number.")
        try:
            found = Decimal(value.strip() if isinstance(value, str) else value)
        except InvalidOperation as flaw:
            raise MasterDataError(
                "register.number", f"{shown(value)} is not a number; write it with a decimal point, such as 12.5."
            ) from flaw
        if (
            not found.is_finite()
            or not _fits(found)
            or (low is not None and found < low)
            or (high is not None and found > high)
        ):
            wanted = " and ".join(
                part
                for part in (
                    f"at least {low}" if low is not None else "",
                    f"at most {high}" if high is not None else "",
                )
                if part
            )
            raise MasterDataError(
                "register.range", f"{shown(value)} is out of range; want {wanted or 'one that a scale could show'}."
            )
        return found

    return read


def _fits(found: Decimal) -> bool:
    """Whether the record can hold the number: the limits are those of numbers in events."""
    return len(found.as_tuple().digits) <= MAX_DIGITS and (
        not found or MIN_EXPONENT <= found.adjusted() <= MAX_EXPONENT
    )


def positive(value: Any) -> Decimal:
    """A decimal number above zero: an uncertainty of zero would pin whatever it is of."""
    found = number(0)(value)
    if not found:
        raise MasterDataError("register.range", "0 is out of range; an uncertainty is above zero, or left out.")
    return found


def load(value: Any) -> Decimal:
    """A load above zero: a bias in proportion to none would be without limit."""
    found = number(0)(value)
    if not found:
        raise MasterDataError("register.range", "0 is out of range; a load is above zero, or left out.")
    return found


def country(value: Any) -> str:
    """A country of ISO 3166-1 in two letters.

    Raises:
        MasterDataError: ``register.country``.
    """
    import pycountry

    if not isinstance(value, str) or len(value) != 2 or pycountry.countries.get(alpha_2=value) is None:
        raise MasterDataError(
            "register.country", f"{shown(value)} is no ISO 3166-1 alpha-2 code; write one such as PK or US."
        )
    return value


def subdivision(value: Any) -> str:
    """A state or province of ISO 3166-2.

    Raises:
        MasterDataError: ``register.subdivision``.
    """
    import pycountry

    # pycountry leaves this one lookup without types.
    known: Any = pycountry.subdivisions
    if not isinstance(value, str) or known.get(code=value) is None:
        raise MasterDataError(
            "register.subdivision", f"{shown(value)} is no ISO 3166-2 code; write one such as US-MO or PK-BA."
        )
    return value


def time_zone(value: Any) -> str:
    """A zone of the IANA time zone database.

    Raises:
        MasterDataError: ``register.time_zone``.
    """
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(text(value)).key
    except (KeyError, OSError, ValueError) as flaw:
        raise MasterDataError(
            "register.time_zone",
            f"{shown(value)} is no IANA time zone; write one such as Asia/Karachi or America/Chicago.",
        ) from flaw


def hs_code(value: Any) -> str:
    """A code of the Harmonized System: 4 or 6 digits, or a national code of 8 or 10.

    Raises:
        MasterDataError: ``register.hs_code``.
    """
    digits = re.sub(r"[. ]", "", value) if isinstance(value, str) else ""
    if not re.fullmatch(r"\d{4}|\d{6}|\d{8}|\d{10}", digits) or not 1 <= int(digits[:2]) <= 97:
        raise MasterDataError(
            "register.hs_code",
            f'{shown(value)} is no HS code; write 4, 6, 8 or 10 digits, chapter 01 to 97, as a text: "2603.00".',
        )
    return digits


def symbols(value: Any) -> list[str]:
    """Symbols of elements: a list, or in a table one text with ``;`` between them.

    Raises:
        MasterDataError: ``register.element``.
    """
    from lodeline.chemistry.elements import element

    listed = value.split(";") if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed:
        raise MasterDataError("register.element", f"{shown(value)} is no list of elements; write one such as Nd;Pr.")
    try:
        return [element(str(item).strip()).symbol for item in listed]
    except LodelineError as flaw:
        raise MasterDataError("register.element", flaw.sentence) from flaw


def ore_grades(value: Any) -> list[str]:
    """Grades of an ore: a list of texts, or in a table one text with ``;`` between them; of each element one.

    Raises:
        MasterDataError: ``register.value``, ``register.element``.
    """
    from lodeline.metal.ore_grades import ore_grade

    listed = value.split(";") if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed:
        raise MasterDataError(
            "register.value", f'{shown(value)} is no list of grades; write one such as ["As 0.42 % ± 12 %"].'
        )
    found = [ore_grade(str(item)) for item in listed]
    if len({one.symbol for one in found}) != len(found):
        raise MasterDataError("register.value", f"{shown(value)} gives an element twice; give each once.")
    return [str(one) for one in found]


def formula(value: Any) -> str:
    """A chemical formula.

    Raises:
        MasterDataError: ``register.formula``.
    """
    from lodeline.chemistry.formula import atoms

    try:
        atoms(text(value))
    except LodelineError as flaw:
        raise MasterDataError("register.formula", flaw.sentence) from flaw
    return str(value)


def one_of(*values: str) -> Callable[[Any], str]:
    """A reader of one of a few words."""

    def read(value: Any) -> str:
        if value not in values:
            raise MasterDataError("register.value", f"{shown(value)} is not allowed; write one of {', '.join(values)}.")
        return str(value)

    return read


def _text(meaning: str, *, required: bool = False) -> Attribute:
    return Attribute(text, "text", "", required, meaning)


def _uri(meaning: str, *, required: bool = False) -> Attribute:
    return Attribute(uri, "URI", "", required, meaning)


_NAME = {"name": _text("What people call it.", required=True)}
_TOLD = {"source": _text("Who says so."), "note": _text("What a reader should know.")}
_WHERE = {
    "subdivision": Attribute(subdivision, "code", "", False, "State or province, ISO 3166-2."),
    "latitude": Attribute(number(-90, 90), "decimal", "degrees north", False, "Given together with longitude."),
    "longitude": Attribute(number(-180, 180), "decimal", "degrees east", False, "Given together with latitude."),
    "position_precision": Attribute(
        one_of("site", "town", "state", "country"), "text", "", False, "What the position stands for; absent: the site."
    ),
}
_COUNTRY = Attribute(country, "code", "", True, "ISO 3166-1 alpha-2.")
_CALIBRATED = _uri("The standard it was calibrated with: reference masses or materials.")
_MAY_BE = _COUNTRY._replace(required=False)

KINDS: Mapping[str, Mapping[str, Attribute]] = MappingProxyType(
    {
        "party": {**_NAME, "country": _MAY_BE, "subdivision": _WHERE["subdivision"], **_TOLD},
        "site": {
            **_NAME,
            "country": _COUNTRY,
            **_WHERE,
            "time_zone": Attribute(time_zone, "text", "", False, "IANA zone, by which its periods end."),
            "parent": _uri("The larger site it is part of."),
            **_TOLD,
        },
        "store": {
            **_NAME,
            "site": _uri("Where it stands.", required=True),
            "mixing": Attribute(one_of(*MIXING), "text", "", False, "How lots laid down in it mix; absent: unknown."),
            "capacity": Attribute(number(0), "decimal", "t", False, "How much it holds."),
            **_TOLD,
        },
        "scale": {
            **_NAME,
            "site": _uri("Where it stands."),
            "u": Attribute(positive, "decimal", "kg", False, "Standard uncertainty (k = 1) of one reading."),
            "bias": Attribute(number(), "decimal", "kg", False, "Known bias, what it reads too much."),
            "bias_u": Attribute(
                positive,
                "decimal",
                "kg",
                False,
                "Standard uncertainty (k = 1) of the bias, beside that of the standard.",
            ),
            "bias_load": Attribute(
                load,
                "decimal",
                "kg",
                False,
                "The load at which bias and bias_u hold, in proportion to it at others; absent: at any load.",
            ),
            "standard": _CALIBRATED,
            **_TOLD,
        },
        "laboratory": {
            **_NAME,
            "country": _MAY_BE,
            "accreditation": _text("Its accreditation and number."),
            "bias": Attribute(number(-100, 100), "decimal", "percent of the value", False, "Known bias, relative."),
            "bias_u": Attribute(
                positive,
                "decimal",
                "percent of the value",
                False,
                "Standard uncertainty (k = 1) of the bias, beside that of the standard; each element has its own, "
                "and so has moisture.",
            ),
            "standard": _CALIBRATED,
            **_TOLD,
        },
        "standard": {
            **_NAME,
            "bias": Attribute(
                number(-100, 100),
                "decimal",
                "percent of the value",
                False,
                "Known bias that all instruments calibrated with it share.",
            ),
            "bias_u": Attribute(
                positive,
                "decimal",
                "percent of the value",
                False,
                "Standard uncertainty (k = 1) of the bias they share.",
            ),
            **_TOLD,
        },
        "material": {
            **_NAME,
            "elements": Attribute(symbols, "list of symbols", "", False, "The elements it is held for."),
            "form": _text("Ore, concentrate, ingot, powder …"),
            "compound": Attribute(
                formula, "formula", "", False, "The compound its grade is reported in, if not the element."
            ),
            "hs_code": Attribute(hs_code, "text", "", False, "Code of the Harmonized System."),
            **_TOLD,
        },
        "deposit": {
            **_NAME,
            "country": _COUNTRY,
            **_WHERE,
            "elements": Attribute(symbols, "list of symbols", "", False, "The elements it is worked for."),
            "licence": _text("Number of the licence it is worked under."),
            "licensed_t_per_year": Attribute(
                number(0), "decimal", "t", False, "Dry mass that the licence lets out in a calendar year."
            ),
            "grades": Attribute(
                ore_grades,
                "list of texts",
                "percent of the dry mass, ± percent of that",
                False,
                "What its ore holds, and how much that varies from load to load (k = 1): `As 0.42 % ± 12 %`. Loads of "
                "other deposits are held against it.",
            ),
            **_TOLD,
        },
    }
)

RESERVED: Mapping[str, Attribute] = MappingProxyType(
    {
        "id": _uri("Identifier, of any scheme.", required=True),
        "valid_from": Attribute(day, "date", "", False, "From when it holds; absent: always."),
    }
)


def reference() -> str:
    """The kinds and their attributes as Markdown tables, as they stand in the reference."""
    parts = []
    for kind, attributes in KINDS.items():
        rows = [f"### {kind}\n", "| attribute | type | unit | required | meaning |", "| --- | --- | --- | --- | --- |"]
        for name, one in {**RESERVED, **attributes}.items():
            need = "yes" if one.required else "no"
            rows.append(f"| `{name}` | {one.type} | {one.unit or '—'} | {need} | {one.meaning} |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)
