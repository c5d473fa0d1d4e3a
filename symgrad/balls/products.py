"""Ends of a product that no germ describes: (1 + x²)^x far out by its logarithm, 1/(e^x - x - 2) at its pole by its factors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy as sp
from flint import arb

from symgrad.balls.asymptotics import germ_at_infinity, identity_germ
from symgrad.balls.evaluate import OutsideDomain, taylor
from symgrad.balls.germs import NoGerm, Tail
from symgrad.balls.numbers import Point, number_ball, surely_zero
from symgrad.balls.program import CannotCompile, compile_expression
from symgrad.balls.search import Search
from symgrad.balls.tails import INFINITE, TailBound
from symgrad.errors import SymgradError

__all__ = ["has_pole", "tail_of_product"]


def _factors(e: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """(base, exponent) of every factor."""
    waves = e.replace(sp.tan, lambda u: sp.sin(u) / sp.cos(u))
    for factor in sp.Mul.make_args(sp.together(waves)):
        yield factor.as_base_exp()


def has_pole(e: sp.Expr, variable: sp.Symbol, place: sp.Expr) -> bool:
    """Whether |e| surely tends to infinity at the place: some factors vanish there, in a denominator, the others do not."""
    found = False
    try:
        for base, exponent in _factors(e):
            at = number_ball(place)
            value = taylor(compile_expression(base, variable), at, 1).coefficients[0] if base.has(variable) else number_ball(base)
            if value.is_finite() and not value.contains(0):
                continue
            gone = place.vanishes(base, variable) if isinstance(place, Point) else surely_zero(base.subs(variable, place))
            if not (gone and exponent.is_negative):
                return False
            found = True
    except (CannotCompile, OutsideDomain, SymgradError):
        return False
    return found


def tail_of_product(e: sp.Expr, variable: sp.Symbol, direction: int, search: Search, starts: Sequence[int]) -> TailBound | None:
    """What the germ of log|e| says beyond a start: e grows, or |e| is at most the exponential of it. None if nothing."""
    logarithm = sp.Add(*(exponent * (base.args[0] if isinstance(base, sp.exp) else sp.log(sp.Abs(base)))
                         for base, exponent in (f.as_base_exp() for f in sp.Mul.make_args(e))))
    try:
        program = compile_expression(logarithm, variable)
    except CannotCompile:
        return None
    for start in starts:
        try:
            g = germ_at_infinity(program, identity_germ(Tail(arb(start), None, 2), direction))
            growing = g.parts()[0]
            if growing.terms and arb(growing.leading()[1]) > 0:
                return TailBound(start, INFINITE, None, True) if search.objective == "abs" else None
            top = g.bounds()[1].exp().upper()
        except NoGerm:
            continue
        if search.close_enough(top) or start == starts[-1]:
            return TailBound(start, top, None, False)
    return None
