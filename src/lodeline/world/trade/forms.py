"""Forms: as what an element is traded, by which codes, how far it has come, and how much of it is in a kilogram.

Which forms there are is data, ``tables/forms.toml``; here is only how it is read, and the stoichiometry.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from lodeline.chemistry.formula import element_per_compound
from lodeline.errors import Settle
from lodeline.units.figure import Figure, unknown
from lodeline.world.statistics.commodity import commodities, commodity_of
from lodeline.world.trade.asking import Form

Stage = Literal["mined", "intermediate", "refined", "scrap", "manufactured"]
VERSIONS = ("2017", "2022")


class TradedForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A form in which an element is traded; a block of ``tables/forms.toml``, where the fields are explained.

    Attributes:
        commodity: The block it is in. element: what the commodity's tonnes count. name: its key.
        only: The one member of the commodity that the form is of; empty where it may be any.
        mines: The form of mine output that it is traced to, where the edition has several.
    """

    commodity: str
    element: str
    name: str
    plain: str
    stage: Stage
    hs: str
    versions: tuple[str, ...] = VERSIONS
    shared: str = ""
    only: str = ""
    mines: str = ""
    content: Decimal | None = None
    compounds: tuple[str, ...] = ()
    counts_as: str = ""
    least_usd_per_kg: Decimal | None = None
    imports: tuple[str, ...] = ()
    share: str = ""
    production: tuple[str, ...] = ()

    @property
    def figure(self) -> Figure:
        """Kilograms of the element in one, C62: a convention, a range by stoichiometry, or unknown."""
        if self.content is not None:
            return Figure(value=float(self.content), unit="C62", standing="stated", rests_on=(f"forms:{self.hs}",))
        if not self.compounds:
            return unknown(
                "C62",
                Settle(
                    act="assay",
                    subject=f"HS {self.hs}",
                    detail=f"How much {self.element} is in {self.plain}, by country.",
                ),
            )
        low, high = self._range()
        value = float(element_per_compound(self.counts_as, self.element)) if self.counts_as else None
        return Figure(
            value=value,
            unit="C62",
            standing="bounded" if value is None else "computed",
            low=float(low),
            high=float(high),
            rests_on=self.compounds,
        )

    def traced_as(self) -> Form | None:
        """The form as a trade question takes it; None where nobody says how much of the element counts."""
        if self.shared:
            return None
        if self.content is not None:
            return Form(self.hs, self.content, self.least_usd_per_kg)
        if not self.counts_as:
            return None
        low, high = self._range()
        return Form(self.hs, element_per_compound(self.counts_as, self.element), self.least_usd_per_kg, low, high)

    def _range(self) -> tuple[Decimal, Decimal]:
        contents = [element_per_compound(compound, self.element) for compound in self.compounds]
        return min(contents), max(contents)


class _Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    element: str
    form: dict[str, dict[str, object]]
    members: tuple[str, ...] = ()


@cache
def _blocks() -> Mapping[str, _Block]:
    text = (resources.files("lodeline.world") / "tables" / "forms.toml").read_text(encoding="utf-8")
    return {name: msgspec.convert(block, _Block) for name, block in tomllib.loads(text).items()}


@cache
def forms() -> Mapping[str, tuple[TradedForm, ...]]:
    """All forms, by commodity, in the order of the table."""
    return {
        commodity: tuple(
            msgspec.convert(
                {"commodity": commodity, "element": block.element, "name": name, **one}, TradedForm, strict=False
            )
            for name, one in block.form.items()
        )
        for commodity, block in _blocks().items()
    }


@cache
def known_codes() -> frozenset[str]:
    """The codes of all forms of all commodities."""
    return frozenset(form.hs for of in forms().values() for form in of)


def commodity_name(element: str) -> str | None:
    """The commodity of an element or group, by the editions or the table of forms; None where neither has it."""
    known = commodity_of(element)
    if known is not None:
        return known.name
    blocks = (name for name, block in _blocks().items() if element == block.element or element in block.members)
    chapters = (one.name for one in commodities().values() if element and element in (one.element, *one.also))
    return next(blocks, None) or next(chapters, None)


def forms_of(element: str, commodity: str | None = None) -> tuple[TradedForm, ...]:
    """The forms of an element or group, those of mines first; empty where the table has none.

    Args:
        commodity: Of which chapter; None: that of :func:`commodity_name`.
    """
    of = forms().get(commodity or commodity_name(element) or "", ())
    return tuple(form for form in of if form.only in ("", element) or element == form.element)
