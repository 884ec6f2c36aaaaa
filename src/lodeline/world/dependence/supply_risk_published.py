"""What the European Commission published of supply risk in 2023, to set beside what is computed.

The figures are those of the Commission's study, doi:10.2873/725585, CC BY 4.0, as the CritMAT project carries them. Its
copy has a wrong end-of-life recycling input rate for two materials: ``tables/supply_risk_corrections.csv`` puts them
right, and the row says so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib import resources

import msgspec

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.world.country import alpha3
from lodeline.world.statistics import tidy

EDITION = "eu-crm-2023"
SOURCE = "European Commission (2023), Study on the critical raw materials for the EU, doi:10.2873/725585, CC BY 4.0"
STAGES = {"primary": "extraction", "refined": "processing"}
"""The copy's words for the study's stages."""
SUPPLIES = {"world": "global", "eu": "eu"}
SPELLED = {"DR Congo": "COD"}


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of one material in the study.

    Attributes:
        edition: ``eu-crm-2023``. material: as a slug, ``antimony``. stage: ``extraction`` or ``processing``.
        used: ``yes`` for the stage whose risk is the material's.
        scope: Which supplies were used: ``GS+EU``, ``GS`` or ``EU``; empty where the study does not say.
        supply_risk: Of this stage; None where the study has none. overall: the material's.
        economic_importance: Of the material.
        import_reliance_percent: Of this stage. recycling_percent: ``EoL_RIR``.
        si_sr, si_ei: Substitution indices for supply risk and for economic importance.
        note, source: What a reader must know, and where it was published.
    """

    edition: str
    material: str
    stage: str
    used: str
    scope: str
    supply_risk: Decimal | None
    overall: Decimal | None
    economic_importance: Decimal | None
    import_reliance_percent: Decimal | None
    recycling_percent: Decimal | None
    si_sr: Decimal | None
    si_ei: Decimal | None
    note: str
    source: str

    @property
    def key(self) -> str:
        """What figures cite: ``eu-crm-2023:antimony:extraction``."""
        return ":".join((self.edition, self.material, self.stage))


class TradeParameter(msgspec.Struct, frozen=True, kw_only=True):
    """The trade parameter of one country in one supply; countries without a row have 1 or, of the EU, what it sets."""

    edition: str
    material: str
    stage: str
    supply: str
    country: str
    parameter: Decimal
    source: str

    @property
    def key(self) -> str:
        """What figures cite: ``eu-crm-2023:antimony:extraction:global:CHN``."""
        return ":".join((self.edition, self.material, self.stage, self.supply, self.country))


COLUMNS = Published.__struct_fields__
NUMBERS = (
    "supply_risk",
    "overall",
    "economic_importance",
    "import_reliance_percent",
    "recycling_percent",
    "si_sr",
    "si_ei",
)
REQUIRED = ("edition", "material", "stage", "used", "source")
TRADE_COLUMNS = TradeParameter.__struct_fields__


def import_results(text: str) -> Iterator[Published]:
    """Rows from the copy's results, ``material,supply_risk,…``; a stage that the study has nothing on is left out.

    Raises:
        InputError: ``world.supply_risk_layout``, ``world.not_a_number``.
    """
    for line, cells in _cells(text, ("material", "stage_used", "sr_primary", "sr_refined", "eol_rir_pct")):
        material = slug(cells["material"])
        fixed = corrections().get(material)
        for theirs, stage in STAGES.items():
            numbers = {
                "supply_risk": cells[f"sr_{theirs}"],
                "overall": cells["supply_risk"],
                "economic_importance": cells["economic_importance"],
                "import_reliance_percent": cells[f"import_reliance_{theirs}_pct"],
                "recycling_percent": fixed[1] if fixed is not None else cells["eol_rir_pct"],
                "si_sr": cells["si_sr"],
                "si_ei": cells["si_ei"],
            }
            scope = cells[f"supply_scope_{theirs}"].replace("only", "")
            if not any((scope, numbers["supply_risk"], numbers["import_reliance_percent"])):
                continue
            yield Published(
                edition=EDITION,
                material=material,
                stage=stage,
                used="yes" if cells["stage_used"].lower() == stage else "no",
                scope=scope,
                note="" if fixed is None else f"The copy that was read has a recycling rate of {fixed[0]} percent.",
                source=SOURCE,
                **{name: tidy.number(number, name, line) for name, number in numbers.items()},
            )


def import_trade_parameters(text: str) -> Iterator[TradeParameter]:
    """Rows from the copy's trade parameters, ``material,country,t,category,scope``.

    Raises:
        InputError: ``world.supply_risk_layout``, ``world.country_unknown``, ``world.not_a_number``.
    """
    for line, cells in _cells(text, ("material", "country", "t", "category", "scope")):
        name, parameter = cells["country"], tidy.number(cells["t"], "t", line, negative=False)
        if cells["category"] not in STAGES or cells["scope"] not in SUPPLIES or parameter is None:
            raise InputError(
                "world.supply_risk_layout",
                "A trade parameter has a category, primary or refined, a scope, world or eu, and a number t.",
                line=line,
            )
        yield TradeParameter(
            edition=EDITION,
            material=slug(cells["material"]),
            stage=STAGES[cells["category"]],
            supply=SUPPLIES[cells["scope"]],
            country=SPELLED.get(name) or alpha3(name, line),
            parameter=parameter,
            source=SOURCE,
        )


def parse_published(text: str) -> tuple[Published, ...]:
    """Rows from tidy CSV text.

    Raises:
        InputError: ``world.column_missing``, ``world.cell_missing``, ``world.not_a_number``, ``world.row_twice``.
    """
    rows = tuple(
        msgspec.convert({**cells, **{name: tidy.number(cells[name], name, line) for name in NUMBERS}}, Published)
        for line, cells in tidy.lines(text, COLUMNS, REQUIRED)
    )
    tidy.one_edition(rows, twice="keep one")
    return rows


@cache
def published() -> Mapping[tuple[str, str], Published]:
    """The shipped rows by material and stage."""
    return {(row.material, row.stage): row for row in parse_published(_shipped("supply_risk_eu_2023"))}


@cache
def trade_parameters() -> tuple[TradeParameter, ...]:
    """The shipped trade parameters: of antimony, copper and cobalt."""
    return tuple(
        msgspec.convert({**cells, "parameter": Decimal(cells["parameter"])}, TradeParameter)
        for _, cells in tidy.lines(_shipped("supply_risk_trade_2023"), TRADE_COLUMNS, TRADE_COLUMNS)
    )


@cache
def materials() -> Mapping[str, str]:
    """By commodity, as an edition of national statistics names it: the study's name, where the two differ."""
    rows = tidy.lines(_shipped("supply_risk_materials"), ("commodity", "material"), ("commodity", "material"))
    return {cells["commodity"]: cells["material"] for _, cells in rows}


@cache
def corrections() -> Mapping[str, tuple[str, str]]:
    """By material: the recycling rate that the copy has, and the one that the study has."""
    rows = tidy.lines(_shipped("supply_risk_corrections"), ("material", "read", "right", "source"), ("material",))
    return {cells["material"]: (cells["read"], cells["right"]) for _, cells in rows}


def slug(material: str) -> str:
    """``Natural graphite`` is ``natural-graphite``."""
    return "-".join(material.lower().split())


def _shipped(name: str) -> str:
    return (resources.files("lodeline.world") / "tables" / f"{name}.csv").read_text(encoding="utf-8")


def _cells(text: str, needed: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    missing = [name for name in needed if name not in (reader.fieldnames or ())]
    if missing:
        raise InputError(
            "world.supply_risk_layout",
            f"The file lacks the column {visible(missing[0])}; use the copy of the Commission's results, unchanged.",
        )
    for line, cells in enumerate(reader, start=2):
        yield line, {name: (cell or "").strip() for name, cell in cells.items() if name is not None}
