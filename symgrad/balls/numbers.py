"""Exact SymPy numbers as balls, and small helpers on balls: hulls, endpoints, width."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import flint
import sympy as sp
from flint import arb, fmpq

from symgrad.errors import SymgradError

__all__ = ["Point", "ball", "exact_rational", "hull", "is_wide", "number_ball", "round_numbers_near", "surely_zero",
           "whole_power"]

_FUNCTIONS = {
    sp.exp: arb.exp, sp.log: arb.log, sp.sin: arb.sin, sp.cos: arb.cos, sp.tan: arb.tan, sp.sinh: arb.sinh,
    sp.cosh: arb.cosh, sp.tanh: arb.tanh, sp.asin: arb.asin, sp.acos: arb.acos, sp.atan: arb.atan,
    sp.asinh: arb.asinh, sp.acosh: arb.acosh, sp.atanh: arb.atanh, sp.erf: arb.erf, sp.erfc: arb.erfc,
    sp.LambertW: arb.lambertw,
}
_WIDE = arb(2) ** -24


class Point(sp.AtomicExpr):
    """An exact real number, not 0, that has no closed form: it encloses itself. SymPy does not look inside."""

    is_commutative = is_number = is_finite = True
    is_real = is_extended_real = is_complex = True
    is_zero = False

    def ball(self) -> arb:
        """A ball around the number, at the precision in force."""
        raise NotImplementedError

    def vanishes(self, e: sp.Expr, variable: sp.Symbol) -> bool:
        """Whether e is surely 0 at this point."""
        raise NotImplementedError

    def _eval_evalf(self, prec: int) -> sp.Float:
        with flint.ctx.workprec(prec + 16):
            middle = self.ball().mid()
        mantissa, exponent = (int(n) for n in middle.man_exp())
        return sp.Float((int(mantissa < 0), abs(mantissa), exponent, abs(mantissa).bit_length()), precision=prec)

    def _above(self, other: Point) -> bool | None:
        """Whether this number is the larger; None when 400 bits do not tell them apart."""
        with flint.ctx.workprec(400):
            difference = self.ball() - other.ball()
        return None if difference.contains(0) else bool(difference > 0)

    def __lt__(self, other: sp.Expr) -> Any:
        return sp.sympify(self._above(other) is False) if isinstance(other, Point) else super().__lt__(other)

    def __le__(self, other: sp.Expr) -> Any:
        return sp.sympify(not self._above(other)) if isinstance(other, Point) else super().__le__(other)

    def __gt__(self, other: sp.Expr) -> Any:
        return sp.sympify(bool(self._above(other))) if isinstance(other, Point) else super().__gt__(other)

    def __ge__(self, other: sp.Expr) -> Any:
        return sp.sympify(self._above(other) is not False) if isinstance(other, Point) else super().__ge__(other)

    def _eval_is_positive(self) -> bool:
        return bool(self.ball() > 0)

    def _eval_is_negative(self) -> bool:
        return bool(self.ball() < 0)


def number_ball(e: sp.Expr) -> arb:
    """The ball of an exact real SymPy number at the precision in force. Raises SymgradError for one it
    cannot read."""
    return _number_ball(e, flint.ctx.prec)


@lru_cache(maxsize=4096)
def _number_ball(e: sp.Expr, precision: int) -> arb:
    if e.is_Rational:
        return arb(fmpq(int(e.p), int(e.q)))
    if isinstance(e, Point):
        return e.ball()
    if e == sp.pi:
        return arb.pi()
    if e == sp.E:
        return arb.const_e()
    if isinstance(e, sp.Add):
        return sum((number_ball(a) for a in e.args), arb(0))
    if isinstance(e, sp.Mul):
        product = arb(1)
        for a in e.args:
            product *= number_ball(a)
        return product
    if isinstance(e, sp.Pow):
        base, exponent = number_ball(e.base), e.exp
        if exponent.is_Integer:
            return whole_power(base, int(exponent))
        if exponent == sp.Rational(1, 2):
            return base.sqrt()
        return (number_ball(exponent) * base.log()).exp()
    if isinstance(e, sp.CRootOf) and e.is_real:
        step = sp.Rational(1, 2**precision)
        near = e.eval_rational(step)
        return arb(fmpq(int(near.p), int(near.q)), fmpq(1, 2**precision))
    if isinstance(e, sp.Abs):
        return abs(number_ball(e.args[0]))
    if isinstance(e, sp.Max | sp.Min):
        balls = [number_ball(a) for a in e.args]
        result = balls[0]
        for b in balls[1:]:
            result = result.max(b) if isinstance(e, sp.Max) else result.min(b)
        return result
    if isinstance(e, sp.LambertW) and len(e.args) == 2:
        if e.args[1] == -1:
            return number_ball(e.args[0]).lambertw(-1)
        raise SymgradError(f"{e} is not real")
    if type(e) in _FUNCTIONS:
        return _FUNCTIONS[type(e)](number_ball(e.args[0]))
    raise SymgradError(f"the number {e} cannot be enclosed: {type(e).__name__} is not known")


def surely_zero(value: sp.Expr) -> bool:
    """Whether an exact number is 0, proved: a ball tells most that are not, SymPy simplifies the others if they are short."""
    if value.is_Rational:
        return bool(value == 0)
    try:
        with flint.ctx.workprec(500):
            if not number_ball(value).contains(0):
                return False
    except (SymgradError, ValueError):
        return False
    return bool(sp.count_ops(value) < 60 and sp.simplify(value) == 0)


def ball(low: arb | float, high: arb | float) -> arb:
    """The smallest ball around [low, high]; endpoints may be balls themselves, or infinite."""
    return arb(low).union(arb(high))


def exact_rational(x: arb) -> sp.Rational:
    """The number that an exact ball is."""
    mantissa, exponent = x.man_exp()
    exact = fmpq(int(mantissa)) * fmpq(2) ** int(exponent)
    return sp.Rational(int(exact.p), int(exact.q))


def hull(first: arb, *others: arb) -> arb:
    for o in others:
        first = first.union(o)
    return first


def whole_power(base: arb, m: int) -> arb:
    """base^m by repeated products. (python-flint's ** gives NaN for a ball around 0.)"""
    if m < 0:
        return 1 / whole_power(base, -m) if not base.contains(0) else arb("nan")
    result = arb(1)
    for bit in bin(m)[2:]:
        result = result * result * base if bit == "1" else result * result
    return result


def is_wide(u: arb) -> bool:
    """Whether functions of u are better enclosed from its endpoints than by arb's own error propagation."""
    return not u.is_exact() and bool(u.rad() > _WIDE * (1 + abs(u.mid())))


def round_numbers_near(place: arb) -> list[sp.Expr]:
    """Round numbers and multiples of pi in the ball's neighbourhood."""
    guesses: list[sp.Expr] = []
    for ball, unit, largest in ((place, sp.S.One, 1000), (place / arb.pi(), sp.pi, 24)):
        middle = sp.Rational(ball.mid().str(20, radius=False))
        near = sp.Rational(Fraction(int(middle.p), int(middle.q)).limit_denominator(largest))
        if abs(near - middle) < sp.Rational(1, 10**9):
            guesses.append(near * unit)
    return guesses
