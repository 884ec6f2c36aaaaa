"""Statements: what a country reports of its trade. Two of one trade, by either side, are never added: one counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.world.trade.traded import Traded

Flow = Literal[
    "import", "export", "re-export", "re-import", "domestic-export", "foreign-import", "processing"
]  # fmt: skip
"""Re-exports are part of exports, re-imports of imports, and so are the last three: they are kept apart."""
SaidBy = Literal["importers-first", "importers", "exporters"]
"""Whose statement counts where both sides made one. ``importers-first``: the importer's; where a country reported no
import of the code in the year, the exporter's."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What one country reported of its trade with another in a period under one code.

    Attributes:
        edition: ``comtrade-2025-02-20``. version: of the Harmonized System, two digits of its year; empty where other.
        hs: Six digits. flow: as the reporter saw it. period: a year, or a month such as ``202401``.
        reporter: Alpha-3. exporter, importer: of the trade; the partner is alpha-3, or Comtrade's words for what is no
            country (``Areas, nes``).
        tonnes: Net; None where it is not reported. estimated: whether Comtrade estimated it.
        kusd: Thousand US dollars. published: the weight as it stands in the file. source: Where it was published.
    """

    edition: str
    version: str
    hs: str
    flow: Flow
    period: str
    reporter: str
    exporter: str
    importer: str
    tonnes: Decimal | None
    estimated: bool
    kusd: Decimal
    published: str
    source: str

    @property
    def key(self) -> str:
        """``comtrade-2025-02-20:811010:THA:USA:2024:USA``; who said it stands last."""
        return ":".join((self.edition, self.hs, self.exporter, self.importer, self.period, self.reporter))


def one_statement_each(statements: Iterable[Statement], said_by: SaidBy) -> Iterator[Traded]:
    """Of each trade the statement that counts, with who said it; re-exports and the like are part of others.

    The edition names the version of the Harmonized System where all have the same.

    Raises:
        InputError: ``world.statement_twice``.
    """
    kept = [one for one in statements if one.flow in ("import", "export")]
    versions = {one.version for one in kept}
    version = f"-hs{versions.pop()}" if len(versions) == 1 and "" not in versions else ""
    seen: set[str] = set()
    reporting = {(one.hs, one.period, one.importer) for one in kept if one.flow == "import"}
    for one in kept:
        if one.key in seen:
            raise InputError("world.statement_twice", f"Two rows state {visible(one.key)}; keep one.")
        seen.add(one.key)
        mirrored = (one.hs, one.period, one.importer) not in reporting
        counts = {
            "importers": one.flow == "import",
            "exporters": one.flow == "export",
            "importers-first": one.flow == "import" or mirrored,
        }[said_by]
        if counts:
            yield Traded(
                edition=one.edition.replace("comtrade", f"comtrade{version}", 1),
                hs=one.hs,
                exporter=one.exporter,
                importer=one.importer,
                period=one.period,
                tonnes=one.tonnes,
                kusd=one.kusd,
                published=one.published,
                source=one.source,
                reporter=one.reporter,
            )


class Mirror(NamedTuple):
    """One trade as either side stated it; None where that side said nothing."""

    hs: str
    period: str
    exporter: str
    importer: str
    by_importer: Statement | None
    by_exporter: Statement | None


def mirrored(statements: Iterable[Statement]) -> tuple[Mirror, ...]:
    """Every trade with what each side says of it, in order of code, period, exporter and importer."""
    found: dict[tuple[str, str, str, str], dict[str, Statement]] = defaultdict(dict)
    for one in statements:
        if one.flow in ("import", "export"):
            found[one.hs, one.period, one.exporter, one.importer][one.flow] = one
    return tuple(Mirror(*key, said.get("import"), said.get("export")) for key, said in sorted(found.items()))
