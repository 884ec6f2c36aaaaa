"""Money: an exact amount with its ISO 4217 currency. Currencies do not mix, and nothing rounds unasked."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

import msgspec

from lodeline.errors import UnitError
from lodeline.units.exact import exact, plus, times


class Money(msgspec.Struct, frozen=True):
    """An amount of one currency.

    Attributes:
        amount: Exact; negative is a debt or a deduction.
        currency: ISO 4217 alphabetic code, for example ``USD``.

    Raises:
        UnitError: ``unit.currency_unknown``, ``unit.not_decimal``, ``unit.not_finite``.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        exact(self.amount, field="amount")
        require_currency(self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(plus(self.amount, self._same(other).amount), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(plus(self.amount, self._same(other).amount.copy_negate()), self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        """The amount times a factor, with every digit; round with :meth:`rounded` where the contract says."""
        return Money(times(self.amount, exact(factor, field="factor")), self.currency)

    def rounded(self, places: int, *, rounding: str) -> Money:
        """The amount to so many decimal places.

        Args:
            places: 0 or more.
            rounding: One of :mod:`decimal`'s modes. It has no default: the contract names it.
        """
        return Money(self.amount.quantize(Decimal(1).scaleb(-places), rounding=rounding), self.currency)

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise UnitError(
                "unit.currency_mixed",
                f"{self.currency} and {other.currency} do not add up; convert one at a dated rate first.",
            )
        return other


@lru_cache(maxsize=512)
def require_currency(code: str) -> str:
    """The code, if ISO 4217 knows it.

    Raises:
        UnitError: ``unit.currency_unknown``.
    """
    # pycountry is slow to load and nothing else in this layer needs it.
    import pycountry

    if not re.fullmatch("[A-Z]{3}", code) or pycountry.currencies.get(alpha_3=code) is None:
        raise UnitError(
            "unit.currency_unknown", f"{code} is no ISO 4217 currency; write a code such as USD or PKR.", currency=code
        )
    return code
