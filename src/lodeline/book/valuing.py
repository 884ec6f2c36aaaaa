"""Valuing: what the kilograms of a finding are worth by the price documents of the book."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lodeline.deal.prices import MEDIA_TYPE, ROLE, PriceDocument, Prices, Worth, prices

if TYPE_CHECKING:
    from lodeline.book.view import View
    from lodeline.metal.detection.suspicion import Suspicion


class Valuing:
    """The prices of a book as of an entry, and what its lots hold of what has a price."""

    def __init__(self, view: View) -> None:
        self._view = view

    @cached_property
    def prices(self) -> Prices:
        """Of every document in the role ``price``."""
        held = [one for one in self._view.documents if one.role == ROLE and one.media_type == MEDIA_TYPE]
        return prices(PriceDocument(one.id, one.title, self._view.content(one.id)) for one in held)

    def worth(self, one: Suspicion, year: int | None) -> tuple[tuple[Worth, ...], str]:
        """What the kilograms of a suspicion are worth, or why nothing is said.

        Of an element, by its price. Of material of one lot, by each element that was found in the lot and has a price,
        as it was weighed; what has none, and what treating it costs, is not in it.

        Args:
            year: In which it happened; None: not known, then the last price counts.
        """
        if one.kg is None:
            return (), ""
        when = "" if year is None else f" for {year} or a year before"
        if one.element is not None:
            worth = self.prices.worth(one.element, one.kg, year)
            return ((worth,), "") if worth is not None else ((), f"the book has no price of {one.element}{when}")
        if len(one.lots) != 1:
            return (), "the kilograms are of material of several lots, and a price is of an element"
        found = [
            worth
            for symbol, part in self._held(one.lots[0]).items()
            if (worth := self.prices.worth(symbol, part * one.kg, year)) is not None
        ]
        return tuple(found), "" if found else f"the book has no price{when} of any element that was found in the lot"

    def _held(self, lot: str) -> dict[str, float]:
        """The part of each priced element in a lot as it was first weighed, kg per kg."""
        flows = self._view.flows
        rows = np.flatnonzero(flows.flows["lot"] == flows.index(lot))
        found = {}
        for symbol in flows.elements():
            if symbol in self.prices.listed:
                part = flows.element(symbol).fraction[rows]
                known = part[~np.isnan(part)]
                if known.size:
                    found[symbol] = float(known[0])
        return found
