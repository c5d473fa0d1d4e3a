"""A certified interval [lower, upper] for one real number, of any magnitude.

Both ends are exact dyadic numbers held by python-flint, whose exponents are unbounded: a gradient of 1e-5000
is a number like any other, where a float would be a silent zero.  Whatever leaves this file as a float or as
decimal text is rounded outward, so that the printed interval still contains the number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from flint import arb, ctx

__all__ = ["Enclosure", "decimal", "float_down", "float_up", "log10_down", "log10_up"]

FARTHEST = 4 * 10**15                   # exponents beyond 2^FARTHEST are printed as bounds, not as numbers


def float_up(x: arb) -> float:
    """The smallest float found that is >= every number of the ball `x` (inf when x is not finite)."""
    top = x.upper()
    if top.is_nan():
        return math.inf
    value = float(top)
    while arb(value) < top:
        value = math.nextafter(value, math.inf)
    return value


def float_down(x: arb) -> float:
    """The largest float found that is <= every number of the ball `x` (-inf when x is not finite)."""
    return 0.0 - float_up(-x)                       # and not -0.0


def log10_up(x: arb) -> float:
    """log10 of the largest number of `x`, rounded up; -inf for 0."""
    top = x.upper()
    if top.is_nan() or not top.is_finite():
        return math.inf
    return float_up(top.log_base(10)) if top > 0 else -math.inf


def log10_down(x: arb) -> float:
    """log10 of the smallest number of `x`, rounded down; -inf when that number is not positive."""
    bottom = x.lower()
    return float_down(bottom.log_base(10)) if bottom > 0 else -math.inf


def decimal(x: arb, digits: int, *, up: bool) -> str:
    """The exact number `x` with `digits` significant digits, rounded up or down (towards +inf or -inf).

    >>> from flint import arb
    >>> decimal(arb(1) / 3, 3, up=True), decimal(arb(1) / 3, 3, up=False)
    ('3.34e-1', '3.33e-1')
    """
    end = x.upper() if up else x.lower()
    if not end.is_finite():
        return "inf" if up else "-inf"
    if end.is_zero():
        return "0"
    if end < 0:
        return "-" + decimal(-end, digits, up=not up)
    if not arb((1, -FARTHEST)) < end < arb((1, FARTHEST)):
        beyond = end >= 1
        return ("inf" if beyond else f"1e-{FARTHEST // 4}") if up else (f"1e{FARTHEST // 4}" if beyond else "0")
    with ctx.workprec(128 + 4 * digits):
        power = _whole(end.log_base(10).lower().floor())
        places = digits - 1 - power
        shifted = end * arb(10) ** places if places >= 0 else end / arb(10) ** -places           # exact for short numbers
        mantissa = _whole(shifted.upper().ceil() if up else shifted.lower().floor())
    text = str(mantissa)
    power += len(text) - digits
    text = (text + "0" * digits)[:digits] if mantissa % 10 ** max(len(text) - digits, 0) == 0 else text
    return f"{text[0]}.{text[1:]}e{power}" if len(text) > 1 else f"{text}e{power}"


def _whole(x: arb) -> int:
    found = x.unique_fmpz()
    if found is None:
        raise AssertionError("the floor or ceiling of an exact number is a whole number")
    return int(found)


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The number lies in [lower, upper]: proved, with every rounding error counted.

    `lower` and `upper` are exact `flint.arb` numbers (upper may be +inf).  As floats, rounded outward:
    `.low`, `.high`.

    >>> from flint import arb
    >>> print(Enclosure.of(arb(2).sqrt()).text(3))
    [1.41e0, 1.42e0]
    """

    lower: arb
    upper: arb

    @classmethod
    def of(cls, ball: arb) -> Enclosure:
        """The interval of a ball."""
        return cls(ball.lower(), ball.upper())

    @classmethod
    def norm(cls, ball: arb) -> Enclosure:
        """The interval of a ball that is known to hold a number >= 0; a ball without bound gives [0, inf]."""
        if ball.is_nan() or not ball.is_finite():
            return cls(arb(0), arb.pos_inf())
        low = ball.lower()
        return cls(low if low > 0 else arb(0), ball.upper())

    @property
    def low(self) -> float:
        return float_down(self.lower)

    @property
    def high(self) -> float:
        return float_up(self.upper)

    @property
    def log10_low(self) -> float:
        return log10_down(self.lower)

    @property
    def log10_high(self) -> float:
        return log10_up(self.upper)

    def ball(self) -> arb:
        """A ball that contains the interval."""
        return self.lower.union(self.upper)

    def __contains__(self, number: Enclosure | arb | float) -> bool:
        """Whether the number, or every number of the ball or interval, surely lies inside."""
        if isinstance(number, Enclosure):
            return bool(self.lower <= number.lower and number.upper <= self.upper)
        ball = arb(number)
        return bool(self.lower <= ball and ball <= self.upper)

    def __mul__(self, other: Enclosure) -> Enclosure:
        """Product of two intervals of numbers >= 0."""
        if self.upper.is_zero() or other.upper.is_zero():
            return Enclosure(arb(0), arb(0))
        return Enclosure((self.lower * other.lower).lower(), (self.upper * other.upper).upper())

    def relative_width(self) -> float:
        """(upper - lower) / upper, rounded up; 0 for the exact number 0."""
        if self.upper.is_zero():
            return 0.0
        if not self.upper.is_finite():
            return math.inf
        return float_up((self.upper - self.lower) / self.upper)

    def text(self, digits: int = 4) -> str:
        """`[lower, upper]` in decimal, rounded outward."""
        return f"[{decimal(self.lower, digits, up=False)}, {decimal(self.upper, digits, up=True)}]"

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Enclosure{self.text(6)}"
