"""What is asked of a year's trade, said once: of which form, of which country, by which tables."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from lodeline.errors import InputError

if TYPE_CHECKING:
    from lodeline.world.statistics.commodity import Commodity
    from lodeline.world.statistics.edition import Table
    from lodeline.world.trade.traded import TradeTable

Asked = Literal["imports", "consumption"]
"""What is asked of a country: all that it imported, or what stayed there of its imports and its mines."""


class Form(NamedTuple):
    """A form in which an element is traded.

    Attributes:
        hs: Six digits.
        content: Element per gross tonne that counts, kg/kg, above 0 and at most 1. Unwrought metal: 1.
        least_usd_per_kg: It is never worth less, so that a shipment with a value and without a tonnage is at most value
            over it. None: nobody says so.
        low, high: Limits of the content where it is a range; None: it is ``content``. Each shipment may then hold any
            part between them.
    """

    hs: str
    content: Decimal
    least_usd_per_kg: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def contents(self) -> tuple[Decimal, Decimal, Decimal]:
        """What counts, the least and the most.

        Raises:
            InputError: ``world.content``.
        """
        low = self.content if self.low is None else self.low
        high = self.content if self.high is None else self.high
        if not 0 < low <= self.content <= high <= 1:
            raise InputError(
                "world.content",
                "content is kilograms of the element per kilogram; above 0, at most 1, and within its limits.",
                hs=self.hs,
            )
        return self.content, low, high


class TradeQuestion(NamedTuple):
    """Of which country, form and year is asked, and by which tables.

    Attributes:
        trade: Who shipped what to whom.
        table: National statistics, of which the mine output is taken.
        commodity: Whose mine output; its tonnes count its element.
        form: The traded form that is asked. year: of both tables.
        at: Alpha-3 of the country whose imports are asked, or its consumption.
        asked: Of the country.
        also: Further forms by which the element went from country to country, ore and oxide say. Each country may turn
            one into another. Of the imports of the asked country only ``form`` is asked.
        mines: The form of mine output in the edition; empty where it has one only.
    """

    trade: TradeTable
    table: Table
    commodity: Commodity
    form: Form
    year: str
    at: str
    asked: Asked = "imports"
    also: tuple[Form, ...] = ()
    mines: str = ""
