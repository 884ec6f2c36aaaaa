"""Goods: a year's shipments of some forms as columns, with the mass of the element that each carries."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.world.trade.asking import Form
from lodeline.world.trade.traded import MG_PER_TONNE, UNTOLD, Columns, Traded, TradeTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]

COUNTS, LOW, HIGH = range(3)
"""The rows of a mass: what counts, and what it is at least and at most."""


class Goods(NamedTuple):
    """Shipments between countries, (shipment,) each.

    Attributes:
        rows: Of the trade table.
        codes: Of the countries; the two below are places in it.
        exporter, importer: Who shipped, and to whom.
        form: Place of its form among those asked.
        mg: (3, shipment) milligrams of the element that count, at least and at most.
    """

    rows: tuple[Traded, ...]
    codes: tuple[str, ...]
    exporter: Rows
    importer: Rows
    form: Rows
    mg: Rows


def goods(trade: TradeTable, forms: Sequence[Form], year: str) -> Goods:
    """What countries shipped to others in all forms of a year.

    A shipment without a tonnage is from nothing to its value over the least price, and counts as the middle.

    Raises:
        NotFoundError: ``world.trade_not_in_table``. InputError: ``world.content``, ``world.tonnage_without_limit``.
    """
    columns = [trade.columns(form.hs, year) for form in forms]
    codes = tuple(sorted({code for one in columns for code in one.codes}))
    place = {code: number for number, code in enumerate(codes)}
    at = [np.array([place[code] for code in one.codes], dtype=np.int64) for one in columns]
    return Goods(
        rows=tuple(chain.from_iterable(one.rows for one in columns)),
        codes=codes,
        exporter=np.concatenate([to[one.exporter] for to, one in zip(at, columns, strict=True)]),
        importer=np.concatenate([to[one.importer] for to, one in zip(at, columns, strict=True)]),
        form=np.repeat(np.arange(len(forms)), [len(one.rows) for one in columns]),
        mg=np.concatenate([_mg(one, form) for one, form in zip(columns, forms, strict=True)], axis=1),
    )


def milligrams(tonnes: Decimal) -> int:
    """A mass in whole milligrams."""
    return round(tonnes * MG_PER_TONNE)


def most_mg(row: Traded, form: Form) -> int:
    """The most of the element in a shipment without a tonnage: its value over the least price of the form.

    Raises:
        InputError: ``world.tonnage_without_limit``.
    """
    least = form.least_usd_per_kg
    if least is None or least <= 0:
        raise InputError(
            "world.tonnage_without_limit",
            f"{row.key} has a value and no tonnage; say what the form is worth at least, in US dollars per kilogram, "
            "and it is an interval.",
        )
    # Thousand dollars over dollars per kilogram are tonnes.
    return max(milligrams(row.kusd / least * form.contents[HIGH]), 1)


def _mg(of: Columns, form: Form) -> Rows:
    """(3, shipment) what counts, the least and the most."""
    mg = np.stack([_part(of.gross_mg, content) for content in form.contents])
    for number in np.flatnonzero(of.gross_mg == UNTOLD).tolist():
        most = most_mg(of.rows[number], form)
        mg[:, number] = max(most // 2, 1), 0, most
    return mg


def _part(gross_mg: Rows, content: Decimal) -> Rows:
    if content == 1:
        return gross_mg
    found: Rows = np.rint(gross_mg * float(content)).astype(np.int64)
    return found
