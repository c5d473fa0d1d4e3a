"""Exact numbers of any magnitude as decimals, rounded the way that is asked for."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal

from flint import arb

__all__ = ["rounded"]

FARTHEST = 2990000                    # powers of two that are followed exactly


def rounded(x: arb, digits: int, rounding: str) -> Decimal:
    """An exact ball as a decimal with that many digits, rounded the given way."""
    if not x.is_finite():
        return Decimal("Infinity") if x > 0 else Decimal("-Infinity")
    mantissa, exponent = (int(n) for n in x.man_exp())
    if x != 0 and not -FARTHEST < exponent + mantissa.bit_length() < FARTHEST:
        return _far(x, exponent < 0, rounding)
    wide = Context(prec=len(str(mantissa)) + abs(exponent) + 10)
    exact = wide.multiply(Decimal(mantissa), wide.power(Decimal(2), exponent))
    return Context(prec=digits, rounding=rounding).plus(exact)


def _far(x: arb, tiny: bool, rounding: str) -> Decimal:
    """A bound of a number beyond 10^±900000 on the side that is asked for."""
    above = rounding == ROUND_CEILING
    if tiny:
        nearest_zero = Decimal("1E-900000")
        return (nearest_zero if above else Decimal(0)) if x > 0 else (Decimal(0) if above else -nearest_zero)
    large = Decimal("1E+900000")
    return (Decimal("Infinity") if above else large) if x > 0 else (-large if above else Decimal("-Infinity"))
