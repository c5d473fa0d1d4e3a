"""Taylor series of a compiled expression at a ball, with rigorous enclosures of every coefficient.

For a ball X, `taylor(program, X, n)` encloses f^(k)(x)/k! for every x in X and k < n. Removable
singularities are no obstacle: where numerator and denominator vanish together at an exact point c, both are
divided by (x - c)^m. By A(x) = (N(x) - N(c))/(x - c) = integral of N'(c + s(x - c)) over s in [0, 1], the
k-th Taylor coefficient of A on X lies in the (k+1)-st coefficient of N on the hull of X and c: dividing is
a shift of the coefficients.

Where a branch cannot be decided on X (only in functions with implicit breakpoints) the hull of both sides
is taken and `Undecided` tells the caller, for whom Taylor's theorem then does not hold.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import flint
import sympy as sp
from flint import arb, arb_series

from symgrad.balls.functions import TAYLOR, power_taylor, square
from symgrad.balls.numbers import number_ball
from symgrad.balls.pieces import real_zeros
from symgrad.balls.program import Program
from symgrad.errors import SymgradError

__all__ = ["OutsideDomain", "Series", "taylor"]

MAX_ORDER = 9                    # flint's own cap on the length of a series is 10
MOST_BITS = 3000                 # that are added near a removable singularity
NAN = arb.nan()


class OutsideDomain(SymgradError, ValueError):
    """The function is undefined everywhere on the ball asked for."""


class Series:
    """The result: `coefficients`, and whether every branch was decided."""

    __slots__ = ("coefficients", "decided")

    def __init__(self, coefficients: list[arb], decided: bool) -> None:
        self.coefficients, self.decided = coefficients, decided


def taylor(program: Program, x: arb, n: int) -> Series:
    """Enclosures of the first n Taylor coefficients at every point of x. Not finite where that fails."""
    run = _Run(program, x, n)
    result = run.go()
    if run.blunt and not x.is_exact() and x.is_finite() and not removable(program):
        result = _Run(program, x, n, centred=True).go()
    if not any(name == "div" for name, _, _ in program):
        return result
    for c, orders in removable(program):
        centre = number_ball(c)
        extra = sum(orders.values())
        if not centre.overlaps(x):
            if x.is_exact():                             # what cancels near the point is made up by more bits
                result = _with_more_bits(program, x, n, (extra + n) * _bits_below_one(x - centre), result)
            if x.is_exact() or not abs(x.mid() - centre) < 1:
                continue
        if n + extra > MAX_ORDER:
            break
        again = _Run(program, x.union(centre), n + extra, orders).go()
        pairs = zip(result.coefficients, again.coefficients, strict=False)
        return Series([_meet(a, b) for a, b in pairs], result.decided and again.decided)
    return result


def _bits_below_one(distance: arb) -> int:
    """About -log2 of a distance, at least 0."""
    mantissa, exponent = distance.mid().man_exp()
    return max(0, -int(exponent) - int(mantissa).bit_length())


def _with_more_bits(program: Program, x: arb, n: int, bits: int, known: Series) -> Series:
    if not 0 < bits < MOST_BITS:
        return known
    with flint.ctx.workprec(flint.ctx.prec + bits):
        return _Run(program, x, n).go()


def _meet(a: arb, b: arb) -> arb:
    """Both contain the values."""
    if not a.is_finite():
        return b
    return a.intersection(b) if b.is_finite() and a.overlaps(b) else a


class _Run:
    """One evaluation; `centred` meets every value with its mean-value form, which may show a divisor not to be 0."""

    def __init__(self, program: Program, x: arb, n: int, shifts: dict[int, int] | None = None, centred: bool = False) -> None:
        self.program, self.x, self.n, self.shifts = program, x, n, shifts or {}
        self.decided = True
        self.blunt = False                             # a divisor could not be told from 0
        self.middle = _Run(program, x.mid(), 3) if centred else None

    def go(self) -> Series:
        values: list[arb_series] = []
        middles: list[arb_series] = []
        n = self.n if self.middle is None else max(self.n, 3)
        for at, (name, operands, payload) in enumerate(self.program):
            args = [values[o] for o in operands]
            value = self.step(at, name, args, payload, n)
            if self.middle is not None:
                middles.append(self.middle.step(at, name, [middles[o] for o in operands], payload, 3))
                value = self.closer(value, middles[-1]) if self.decided else value
            values.append(value)
        last = values[-1]
        return Series([last[k] for k in range(min(self.n, last.prec))], self.decided)

    def closer(self, value: arb_series, middle: arb_series) -> arb_series:
        """The value met with Taylor's theorem at the middle, to first and second order."""
        n, step = value.prec, self.x - self.x.mid()
        if n < 3 or not all(value[k].is_finite() and middle[k].is_finite() for k in range(3)):
            return value
        first = middle[0] + value[1] * step
        second = middle[0] + middle[1] * step + value[2] * square(step)
        return arb_series([_meet(_meet(value[0], first), second), *(value[k] for k in range(1, n))], prec=n)

    def step(self, at: int, name: str, args: list[arb_series], payload: Any, n: int) -> arb_series:
        if name == "variable":
            return arb_series([self.x, 1], prec=n)
        if name == "number":
            return arb_series([number_ball(payload)], prec=n)
        if name == "add":
            return args[0] + args[1]
        if name == "mul":
            return args[0] * args[1]
        if name == "div":
            return self.divide(at, args[0], args[1])
        if name == "power":
            if not payload.is_Integer and args[0][0] < 0:
                raise self.outside("a root of a negative number")
            return _compose(power_taylor(args[0][0], Fraction(int(payload.p), int(payload.q)), args[0].prec),
                            args[0])
        if name in TAYLOR:
            u = args[0][0]
            if name in _OUTSIDE and _OUTSIDE[name](u):
                raise self.outside(f"{name} of {u.mid().str(3, radius=False)}")
            return _compose(TAYLOR[name](u, args[0].prec), args[0])
        return self.branch(name, args, payload)

    def outside(self, what: str) -> OutsideDomain:
        return OutsideDomain(f"at {self.x.mid().str(3, radius=False)} ({what})")

    def divide(self, at: int, above: arb_series, below: arb_series) -> arb_series:
        m = self.shifts.get(at, 0)
        if m:
            n = min(above.prec, below.prec) - m
            above = arb_series([above[k + m] for k in range(n)], prec=n)
            below = arb_series([below[k + m] for k in range(n)], prec=n)
        if below[0].contains(0):
            self.blunt = True
            n = min(above.prec, below.prec)
            return arb_series([NAN] * n, prec=n)
        return above / below

    def branch(self, name: str, args: list[arb_series], payload: Any) -> arb_series:
        if name == "piecewise":
            return self.piecewise(args, payload)
        u = args[0]
        if name == "abs":
            return self.choose(u[0], u, -u)
        if name in ("sign", "step"):
            low = -1 if name == "sign" else 0
            return self.choose(u[0], arb_series([1], prec=u.prec), arb_series([low], prec=u.prec))
        larger = self.choose(u[0] - args[1][0], u, args[1]) if name == "max" else \
            self.choose(u[0] - args[1][0], args[1], u)
        if not self.decided:                           # the value itself is known better than the hull
            value = u[0].max(args[1][0]) if name == "max" else u[0].min(args[1][0])
            larger = arb_series([value, *(larger[k] for k in range(1, larger.prec))], prec=larger.prec)
        return larger

    def choose(self, switch: arb, positive: arb_series, negative: arb_series) -> arb_series:
        if switch > 0:
            return positive
        if switch < 0:
            return negative
        self.decided = False
        return _hull(positive, negative)

    def piecewise(self, args: list[arb_series], conditions: Any) -> arb_series:
        result: arb_series | None = None
        for value, condition in zip(args, conditions, strict=False):
            truth = _truth(condition, args)
            if truth is False:
                continue
            result = value if result is None else _hull(result, value)
            if truth is True:
                return result
            self.decided = False
        assert result is not None
        return result


def _truth(condition: Any, args: list[arb_series]) -> bool | None:
    kind: str = condition[0]
    if kind in ("true", "false"):
        return bool(kind == "true")
    if kind in ("and", "or"):
        parts = [_truth(p, args) for p in condition[1:]]
        wanted = kind == "or"
        if wanted in parts:
            return wanted
        return None if None in parts else not wanted
    compared = args[condition[1]][0]
    if compared > 0:
        return True
    if compared < 0:
        return False
    return kind == ">=" if compared == 0 else None


def _hull(a: arb_series, b: arb_series) -> arb_series:
    n = min(a.prec, b.prec)
    return arb_series([a[k].union(b[k]) for k in range(n)], prec=n)


def _compose(h: list[arb], g: arb_series) -> arb_series:
    """The series of h(g) from the Taylor coefficients of h at the ball g(X)."""
    n = g.prec
    if n == 1:
        return arb_series(h[:1], prec=1)
    delta = arb_series([0, *(g[k] for k in range(1, n))], prec=n)
    result = arb_series([h[n - 1]], prec=n)
    for k in range(n - 2, -1, -1):
        result = result * delta + h[k]
    return result


_OUTSIDE = {
    "log": lambda u: u <= 0, "log1p": lambda u: u <= -1, "acosh": lambda u: u < 1,
    "asin": lambda u: abs(u) > 1,
    "acos": lambda u: abs(u) > 1, "atanh": lambda u: abs(u) >= 1,
}


@lru_cache(maxsize=512)
def removable(program: Program) -> tuple[tuple[sp.Expr, dict[int, int]], ...]:
    """The exact points where divisions of the program are 0/0 and can be divided out: (point, {place:
    order})."""
    found: dict[sp.Expr, dict[int, int]] = {}
    for at, (name, _, payload) in enumerate(program):
        if name == "div":
            assert isinstance(payload, tuple)
            above, below = payload
            symbols = below.free_symbols
            if len(symbols) != 1:
                continue
            (variable,) = symbols
            zeros = real_zeros(below, variable)
            if zeros is None:
                zeros = [sp.S.Zero] if below.subs(variable, 0) == 0 else []
            for c in zeros:
                m = _common_order(above, below, variable, c)
                if m:
                    found.setdefault(c, {})[at] = m
    return tuple(found.items())


def _common_order(above: sp.Expr, below: sp.Expr, variable: sp.Symbol, c: sp.Expr) -> int:
    """The order m of the zero of `below` at c if `above` vanishes to that order too, else 0. Exact."""
    for m in range(6):
        if below.subs(variable, c) != 0:
            return m
        if above.subs(variable, c) != 0:
            return 0
        above, below = sp.diff(above, variable), sp.diff(below, variable)
    return 0
