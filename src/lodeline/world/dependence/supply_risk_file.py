"""Inputs of the EU's supply risk in a file: TOML that names the material, both supplies, and where figures are from.

material = "cobalt"
stage = "extraction"
source = "where the figures are from"
recycling_percent = 22
substitution = 0.98
import_reliance_percent = 81     # needed where both supplies are given

[global.amounts]                 # any one unit, by alpha-3 code; OTH for other countries
COD = 63.6
RUS = 5.1

[global.trade]                   # trade parameters; other is that of all countries that are not named
COD = 1.1
other = 1

[eu.amounts]                     # and [eu.trade], in the same way
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure
from lodeline.world.dependence.supply_risk import Supply, SupplyRisk, supply_risk
from lodeline.world.files import readable
from lodeline.world.governance.score import Scores


class SupplyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One supply as the file gives it; ``trade`` has ``other``."""

    amounts: Mapping[str, float]
    trade: Mapping[str, float]


class RiskFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"world": "global"}):
    """The file."""

    material: str
    stage: str
    source: str
    recycling_percent: float
    substitution: float
    import_reliance_percent: float | None = None
    world: SupplyFile | None = None
    eu: SupplyFile | None = None

    def risk(self, governance: Scores, year: str) -> SupplyRisk:
        """Supply risk from the file's figures.

        Raises:
            InputError: those of :func:`lodeline.world.dependence.supply_risk.supply_risk`.
        """
        return supply_risk(
            global_supply=self._supply("global", self.world),
            eu_sourcing=self._supply("eu", self.eu),
            import_reliance_percent=self.import_reliance_percent,
            recycling_percent=self.recycling_percent,
            substitution=self.substitution,
            governance=governance,
            year=year,
        )

    def _supply(self, name: str, given: SupplyFile | None) -> Supply | None:
        if given is None:
            return None
        return Supply(
            amounts={
                code: Figure(
                    value=amount,
                    unit="C62",
                    standing="stated",
                    rests_on=(f"{self.source}:{self.material}:{self.stage}:{name}:{code}",),
                )
                for code, amount in given.amounts.items()
            },
            trade={code: parameter for code, parameter in given.trade.items() if code != "other"},
            trade_elsewhere=given.trade["other"],
        )


def read_risk_file(path: str | Path) -> RiskFile:
    """The inputs from a file.

    Raises:
        NotFoundError: ``world.no_such_file``. InputError: as :func:`parse_risk`, and ``world.not_utf8``.
    """
    path = Path(path)
    if not readable(path):
        raise NotFoundError("world.no_such_file", "There is no such file of inputs; check its name.", file=str(path))
    try:
        return parse_risk(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as flaw:
        raise InputError("world.not_utf8", "A file of inputs is UTF-8 text; save it so.", file=str(path)) from flaw


def parse_risk(text: str) -> RiskFile:
    """The inputs from TOML text.

    Raises:
        InputError: ``world.supply_risk_file``, ``world.country_unknown``.
    """
    try:
        document: dict[str, Any] = tomllib.loads(text)
        found = msgspec.convert(document, RiskFile)
    except tomllib.TOMLDecodeError as flaw:
        raise InputError("world.supply_risk_file", f"The file is no TOML: {visible(str(flaw))}.") from flaw
    except msgspec.ValidationError as flaw:
        raise InputError(
            "world.supply_risk_file",
            f"The file does not have the form of such inputs: {visible(str(flaw))}; the manual shows it.",
        ) from flaw
    for name, supply in (("global", found.world), ("eu", found.eu)):
        if supply is not None and "other" not in supply.trade:
            raise InputError(
                "world.supply_risk_file",
                f"[{name}.trade] lacks other, the trade parameter of all countries that it does not name; it is 1 "
                "where exports are free.",
            )
        for code in () if supply is None else (*supply.amounts, *(key for key in supply.trade if key != "other")):
            _known(code, name)
    return found


def _known(code: str, name: str) -> None:
    from lodeline.world.country import alpha2

    if code != "OTH" and alpha2(code) is None:
        raise InputError(
            "world.country_unknown",
            f"{visible(code)!r} in [{name}] is no alpha-3 code of ISO 3166-1; write COD for DR Congo, OTH for others.",
        )
