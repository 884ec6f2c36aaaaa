"""Master data of the programme, from its tables: who and where, instruments and standards, materials, deposits."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from lodeline.examples.programme.instruments import YEARS
from lodeline.examples.programme.tables import IDS, place, tables
from lodeline.units.mass import MASS_UNITS

MADE_UP = "made up for the synthetic programme"


def master() -> bytes:
    """All of it as TOML; each standard and instrument once for each yearly calibration."""
    records = [*_parties(), *_places(), *_standards(), *_scales(), *_laboratories(), *_materials(), *_deposits()]
    return "\n".join(_written(kind, record) for kind, record in records).encode()


def _parties() -> Iterator[tuple[str, dict[str, Any]]]:
    for key, row in tables().parties.items():
        yield "party", {"id": f"{IDS}/party/{key}", **_without(row, "key"), "source": MADE_UP}


def _places() -> Iterator[tuple[str, dict[str, Any]]]:
    found = tables()
    for key, row in found.sites.items():
        told = _without(row, "key", "zone")
        yield (
            "site",
            {
                "id": place(key),
                **told,
                "position_precision": "town",
                "time_zone": row["zone"],
                "source": f"{MADE_UP}; the town is real",
            },
        )
    for key, row in found.stores.items():
        yield "store", {"id": place(key), **_without(row, "key"), "site": place(row["site"]), "source": MADE_UP}


def _standards() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in tables().chains.values():
        for year in YEARS:
            yield (
                "standard",
                {
                    "id": standard(row.key),
                    "valid_from": _date(f"{year}-01-01"),
                    "name": row.name,
                    "bias_u": Decimal(str(row.bias_u)),
                    "source": MADE_UP,
                },
            )


def standard(key: str) -> str:
    """The URI of what a calibration chain hangs on."""
    return f"{IDS}/standard/{key}"


def _scales() -> Iterator[tuple[str, dict[str, Any]]]:
    found = tables()
    for row in found.scales.values():
        site = found.stores[row.place]["site"] if row.place in found.stores else row.place
        for year in YEARS:
            yield (
                "scale",
                {
                    "id": f"{IDS}/scale/{row.key}",
                    "valid_from": _date(f"{year}-01-01"),
                    "name": row.key.replace("-", " "),
                    "site": place(site),
                    "u": Decimal(row.u) * MASS_UNITS[row.unit].kg,
                    "bias_u": Decimal(str(row.bias_u)),
                    "bias_load": Decimal(str(row.load_kg)),
                    "standard": standard(row.chain),
                    "source": MADE_UP,
                },
            )


def _laboratories() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in tables().laboratories.values():
        for year in YEARS:
            record = {
                "id": f"{IDS}/laboratory/{row.key}",
                "valid_from": _date(f"{year}-01-01"),
                "name": row.name,
                "country": row.country,
                "accreditation": row.accreditation,
                "bias_u": Decimal(str(row.bias_u)),
                "standard": standard(row.chain),
                "source": MADE_UP,
            }
            yield "laboratory", {name: value for name, value in record.items() if value is not None}


def _materials() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in tables().materials.values():
        record = {
            "id": row.uri,
            "name": row.name,
            "elements": row.elements,
            "form": row.form,
            "compound": row.compound,
            "hs_code": row.hs_code,
        }
        yield "material", {name: value for name, value in record.items() if value is not None}


def _deposits() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in tables().sources.values():
        if row.line in ("scrap", "foreign"):
            continue
        record = {
            "id": f"{IDS}/deposit/{row.key}",
            "name": row.name,
            "country": row.country,
            "subdivision": row.subdivision,
            "latitude": row.latitude,
            "longitude": row.longitude,
            "position_precision": "town",
            "elements": row.elements,
            "source": f"{MADE_UP}; the district is real",
        }
        yield "deposit", {name: value for name, value in record.items() if value is not None}


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


class _date(str):  # noqa: N801  it stands where a TOML date is written
    """A date, which TOML writes without quotes."""


def _written(kind: str, record: dict[str, Any]) -> str:
    return "\n".join([f"[[{kind}]]", *(f"{name} = {_value(value)}" for name, value in record.items()), ""])


def _value(value: Any) -> str:
    if isinstance(value, _date):
        return str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
