"""The exact value of a certified supremum, where one can be found and proved.

A guess is never returned. A peak enclosed by interval Newton holds exactly one zero of the derivative; if
an exact number lies in that ball and makes the derivative exactly zero, it is the peak. A value at a
breakpoint is a one-sided value of a known formula; a limit is taken by SymPy and must lie in the enclosure.
Where several places compete, all must give the same exact number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import flint
import sympy as sp
from flint import arb

from symgrad.balls.exponential import NotExponential, exponential_factors, normal_form, y
from symgrad.balls.numbers import Point, number_ball, round_numbers_near
from symgrad.balls.pieces import real_zeros, value_at
from symgrad.errors import SymgradError

if TYPE_CHECKING:
    from symgrad.balls.search import Candidate
    from symgrad.balls.supremum import Supremum

__all__ = ["exact_supremum"]

LIMIT_SIZE = 120
STEEPEST = 1000                 # SymPy would factor exp(-1e16 x²) as a polynomial of degree 1e16 in exp(-x²)


def exact_supremum(found: Supremum) -> sp.Expr | None:
    """The supremum as an exact SymPy number, or None."""
    if not found.complete:
        return None
    with flint.ctx.workprec(int(found.digits * 3.33) + 64):
        values: list[sp.Expr] = []
        peaks = [c.place for c in found.candidates if c.kind == "critical"]
        for candidate in found.candidates:
            if candidate.kind == "end" and isinstance(candidate.place, arb) and any(
                    candidate.place.overlaps(p) for p in peaks):
                continue                                  # beside a proved peak, so not above it
            value = _exact_value(found, candidate)
            if value is None:
                return None
            if not any(value == v or _equal(value, v) for v in values):
                values.append(value)
        if len(values) != 1 or not number_ball(values[0]).overlaps(found.ball):
            return None
        return values[0]


def _exact_value(found: Supremum, candidate: Candidate) -> sp.Expr | None:
    place = candidate.place
    try:
        for g in _derivatives(found, place):
            if candidate.kind == "critical":
                value = _algebraic_peak(found, g, candidate)
                if value is not None:
                    return value
            for point in _points(found, g, candidate):
                value = _measured(found, value_at(g, found.variable, point))
                if value is not None and number_ball(value).overlaps(candidate.value):
                    return value
    except (SymgradError, NotImplementedError):
        return None
    return None


def _algebraic_peak(found: Supremum, g: sp.Expr, candidate: Candidate) -> sp.Expr | None:
    """The value at a peak where y = e^{x/q} is algebraic: a root of a resultant that no other root can be.

    At the peak some factor F(y) of the slope vanishes and v = N(y)/D(y), so v is a root of res_y(F, v D -
    N). If just one real root of that lies in the ball of values, it is v.
    """
    x, place = found.variable, candidate.place
    assert isinstance(place, arb)
    try:
        above, below, q = normal_form(g, x)
        factors, q2 = exponential_factors(sp.diff(g, x), x)
    except NotExponential:
        return None
    if q2 != q or x in above.as_expr().free_symbols | below.as_expr().free_symbols:
        return None
    here = (place / number_ball(q)).exp()
    near = [f for f in factors if f.gens == (y,)
            and any(number_ball(r).overlaps(here) for r in f.real_roots())]
    if len(near) != 1:
        return None
    v = sp.Symbol("v", real=True)
    polynomial = sp.Poly(sp.resultant(near[0].as_expr(), v * below.as_expr() - above.as_expr(), y), v)
    if polynomial.is_zero:
        return None
    sign = -1 if found.objective == "min" else 1
    wanted = candidate.value if found.objective != "abs" else candidate.value.union(-candidate.value)
    roots = [r for r in dict.fromkeys(polynomial.real_roots()) if (sign * number_ball(r)).overlaps(wanted)]
    values = [r for r in roots if found.objective != "abs" or (abs(number_ball(r))).overlaps(candidate.value)]
    if found.objective == "abs":
        values = list(dict.fromkeys(sp.Abs(r) for r in values))
    return sign * values[0] if len(values) == 1 else None


def _derivatives(found: Supremum, place: arb | sp.Basic) -> list[sp.Expr]:
    """f^(order) on the pieces that touch the place."""
    pieces, x, n = found.pieces, found.variable, found.order
    if pieces.implicit:
        return []
    touching = []
    marks = [-sp.oo, *pieces.breaks, sp.oo]
    for formula, a, b in zip(pieces.formulas, marks, marks[1:], strict=False):
        if isinstance(place, sp.Interval):
            inside = bool(a <= place.start and place.end <= b)
        elif isinstance(place, arb):
            inside = not (a.is_finite and number_ball(a) > place) and not (b.is_finite
                                                                           and number_ball(b) < place)
        else:
            inside = bool(a <= place) and bool(place <= b)
        if inside:
            touching.append(sp.diff(formula, x, n))
    return touching


def _points(found: Supremum, g: sp.Expr, candidate: Candidate) -> list[sp.Expr]:
    """Exact points that are the candidate's place, proved."""
    place, x = candidate.place, found.variable
    if isinstance(place, sp.Interval):
        return [sp.S.Zero] if x not in g.free_symbols else []
    if isinstance(place, sp.Expr):
        if place.atoms(Point):
            return []
        if place.is_infinite and sp.count_ops(g) > LIMIT_SIZE:
            return []                                     # SymPy's limit may take for ever
        return [place]
    if place.is_exact() and candidate.kind == "end":
        mantissa, exponent = place.man_exp()
        return [sp.Integer(int(mantissa)) * sp.Integer(2) ** int(exponent)]
    if candidate.kind != "critical":
        return []
    slope = sp.diff(g, x)
    proved = [c for c in _proved_zeros(slope, x) if number_ball(c).overlaps(place)]
    if len(proved) == 1:
        return proved
    return [c for c in round_numbers_near(place) if number_ball(c).overlaps(place)
            and _is_zero(slope, x, c)][:1]


def _proved_zeros(slope: sp.Expr, x: sp.Symbol) -> list[sp.Expr]:
    """Exact zeros of the slope's factors: zeros by construction."""
    try:
        factors, q = exponential_factors(slope, x)
        return [r if f.gens == (x,) else q * sp.log(r) for f in factors for r in dict.fromkeys(f.real_roots())
                if f.gens == (x,) or r.is_positive]
    except NotExponential:
        zeros: list[sp.Expr] = []
        steep = any(abs(r) > STEEPEST for e in slope.atoms(sp.exp) for r in e.atoms(sp.Rational))
        for factor in sp.Mul.make_args(slope if steep else sp.factor(sp.together(slope))):
            if x in factor.free_symbols and sp.count_ops(factor) < 60:
                zeros += (z for z in real_zeros(factor, x) or [] if not z.atoms(Point))
        return zeros


def _is_zero(slope: sp.Expr, x: sp.Symbol, c: sp.Expr) -> bool:
    value = value_at(slope, x, c)
    if value != 0 and not abs(sp.N(value, 20)) < sp.Rational(1, 10**15):
        return False
    return bool(value == 0 or sp.simplify(value) == 0)


def _measured(found: Supremum, value: sp.Expr) -> sp.Expr | None:
    if value.has(sp.nan, sp.zoo, sp.oo, sp.I) or not value.is_number or value.atoms(Point):     # no closed form
        return None
    value = sp.simplify(value)
    if found.objective == "abs":
        return sp.simplify(-value) if number_ball(value) < 0 else value
    return value if found.objective == "max" else -value


def _equal(a: sp.Expr, b: sp.Expr) -> bool:
    return bool(number_ball(a).overlaps(number_ball(b)) and sp.simplify(a - b) == 0)
