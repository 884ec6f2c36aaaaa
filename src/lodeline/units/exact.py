"""Exact decimal numbers: what is taken as one, and a product that loses no digit."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact

from lodeline.errors import UnitError

# Nearly every sum and product of what people write fits 28 digits; what does not is computed again with its own.
_USUAL = Context(prec=28, traps=[Inexact])


def exact(number: Decimal | int, *, field: str) -> Decimal:
    """The number as a finite Decimal; a float is refused, since it has already lost what was printed on the ticket.

    Raises:
        UnitError: ``unit.not_decimal``, ``unit.not_finite``.
    """
    if isinstance(number, bool) or not isinstance(number, (Decimal, int)):
        raise UnitError(
            "unit.not_decimal",
            f'{field} is a {type(number).__name__}; give the printed digits as Decimal("12.50").',
            field=field,
        )
    decimal = Decimal(number)
    if not decimal.is_finite():
        raise UnitError(
            "unit.not_finite", f"{field} is {decimal}; give a finite number, or None if unknown.", field=field
        )
    return decimal


def times(a: Decimal, b: Decimal) -> Decimal:
    """The product of two finite decimals with every digit; Python's default context would round it to 28."""
    try:
        return _USUAL.multiply(a, b)
    except Inexact:
        pass
    # The product of an m-digit and an n-digit number has at most m + n digits.
    digits = len(a.as_tuple().digits) + len(b.as_tuple().digits)
    return Context(prec=digits, traps=[Inexact]).multiply(a, b)


def plus(a: Decimal, b: Decimal) -> Decimal:
    """The sum of two finite decimals with every digit."""
    try:
        return _USUAL.add(a, b)
    except Inexact:
        pass
    exponents = [int(number.as_tuple().exponent) for number in (a, b)]
    digits = max(a.adjusted(), b.adjusted()) - min(exponents) + 2
    return Context(prec=max(digits, 1), traps=[Inexact]).add(a, b)
