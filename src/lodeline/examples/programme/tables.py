"""The tables the programme is made from: sources, materials, plants, places, roads, instruments, prices.

Every figure stands in ``data/programme`` with its source, or is marked assumed there.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec

IDS = "https://id.lodeline.org/programme"
"""Every identifier of the book is this, a kind and a name."""

ELEMENTS = ("Sb", "Cu", "Nd", "Pr", "La", "Ce", "Au", "Ag", "As", "Bi", "U", "Th")
"""The elements whose mass is followed; the order of the first columns of every mass array."""

REST = len(ELEMENTS)
"""The column behind them: all other dry mass."""

Kind = Literal["ore", "scrap", "concentrate", "feed", "product", "by-product", "tailings", "slag", "dust", "residue"]


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deposit, or where scrap is collected.

    Attributes:
        line: Which production line it feeds; ``foreign`` for what is passed off as local.
        share: Part of the lots of its line.
        moisture: Mean and standard deviation, percent of the wet mass.
        grade: Element to mean, percent of the dry mass, and relative standard deviation from lot to lot.
    """

    key: str
    name: str
    line: Literal["antimony", "copper", "rare-earth", "scrap", "foreign"]
    country: str
    latitude: float
    longitude: float
    elements: list[str]
    share: float
    moisture: tuple[float, float]
    grade: dict[str, tuple[float, float]]
    subdivision: str | None = None


class Material(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a lot is made of.

    Attributes:
        kind: How the balance of the truth counts it.
        basis: On which its weights are stated: products are dry.
        assay: Rows of substance, unit, decimals, relative standard uncertainty and limit of detection in the unit.
        moisture: Mean and standard deviation when it is made, percent of the wet mass; None: it has none, or brings it.
    """

    key: str
    name: str
    kind: Kind
    form: str
    elements: list[str]
    basis: Literal["wet", "dry"]
    assay: list[tuple[str, str, int, float, float]]
    stage: Literal["mined", "concentrated", "refined", "separated", "collected", "recycled"] | None = None
    compound: str | None = None
    hs_code: str | None = None
    moisture: tuple[float, float] | None = None

    @property
    def uri(self) -> str:
        return f"{IDS}/material/{self.key}"


class Outlet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One outlet of a plant: the part of each element, kg per kg, that goes there; ``oxide`` adds its oxygen."""

    material: str
    parts: dict[str, float]
    oxide: bool = False


class Plant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a plant does to a charge; what no outlet takes is its loss."""

    key: str
    process: Literal["concentrate", "refine", "recycle"]
    loss: str
    spread: float
    outlet: list[Outlet]


class Leg(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """A road or a sea lane: its length, its speed, and what is lost on it."""

    start: str
    end: str
    km: float
    km_per_hour: float
    evaporates: float
    spills: float


class ScaleRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scale: ``division`` and ``u`` in ``unit``; its bias at ``load_kg`` is known to ``bias_u`` kg."""

    key: str
    place: str
    unit: str
    division: str
    u: str
    load_kg: float
    bias_u: float
    chain: str


class LaboratoryRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A laboratory; ``bias_u`` in percent of the value."""

    key: str
    name: str
    country: str
    bias_u: float
    chain: str
    accreditation: str | None = None


class Chain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What several instruments were calibrated with; ``bias_u`` in percent of the value."""

    key: str
    name: str
    bias_u: float


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A metal's yearly average, as printed."""

    metal: str
    what: str
    unit: str
    year: dict[str, str]


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """All tables by key, in their order."""

    sources: dict[str, Source]
    materials: dict[str, Material]
    plants: dict[str, Plant]
    parties: dict[str, dict[str, str]]
    sites: dict[str, dict[str, Any]]
    stores: dict[str, dict[str, Any]]
    legs: dict[tuple[str, str], Leg]
    scales: dict[str, ScaleRow]
    laboratories: dict[str, LaboratoryRow]
    chains: dict[str, Chain]
    prices: list[Price]


@cache
def tables() -> Tables:
    """The tables of the package, read once."""
    places, instruments = read("places.toml"), read("instruments.toml")
    legs = msgspec.convert(places["leg"], list[Leg])
    return Tables(
        sources={row.key: row for row in msgspec.convert(read("sources.toml")["source"], list[Source])},
        materials={row.key: row for row in msgspec.convert(read("materials.toml")["material"], list[Material])},
        plants={row.key: row for row in msgspec.convert(read("plants.toml")["plant"], list[Plant])},
        parties={row["key"]: row for row in places["party"]},
        sites={row["key"]: row for row in places["site"]},
        stores={row["key"]: row for row in places["store"]},
        legs={(leg.start, leg.end): leg for leg in legs},
        scales={row.key: row for row in msgspec.convert(instruments["scale"], list[ScaleRow])},
        laboratories={row.key: row for row in msgspec.convert(instruments["laboratory"], list[LaboratoryRow])},
        chains={row.key: row for row in msgspec.convert(instruments["chain"], list[Chain])},
        prices=msgspec.convert(read("prices.toml")["price"], list[Price]),
    )


def read(name: str) -> dict[str, Any]:
    """One file of the tables."""
    return tomllib.loads((resources.files("lodeline.examples") / "data" / "programme" / name).read_text("utf-8"))


def place(key: str) -> str:
    """The URI of a site or store."""
    return f"{IDS}/{'store' if key in tables().stores else 'site'}/{key}"


def party(key: str) -> str:
    """The URI of a party."""
    return f"{IDS}/party/{key}"
