"""Zeros without a closed form, exactly: the one zero of tanh(x) - x/2 in (1, 2) is a number like any other.

`isolated` finds every zero of a function: germs show that none lies far out, balls that none lies in a box, or that the
function is monotone on it. Such a zero becomes a `ZeroOf`, which encloses itself to any precision by interval Newton.
A multiple zero is found where it is a round number and the derivatives vanish there exactly.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import flint
import sympy as sp
from flint import arb

from symgrad.balls.asymptotics import germ_at_infinity, identity_germ, sign
from symgrad.balls.evaluate import OutsideDomain, taylor
from symgrad.balls.germs import NoGerm, Tail
from symgrad.balls.numbers import Point, exact_rational, number_ball, round_numbers_near, surely_zero
from symgrad.balls.program import CannotCompile, Program, compile_expression
from symgrad.errors import SymgradError

__all__ = ["ZeroOf", "isolated"]

MOST_BOXES = 1500
SECONDS = 0.5                              # for one function
HIGHEST = 6                                # order of a zero that is looked for
LARGEST = 150                              # operations of a function whose zeros are looked for
MARGIN = arb(1) / 1021
bound = sp.Symbol("zero_variable", real=True)


class ZeroOf(Point):
    """The only zero of a function between two rational numbers; it is simple, and not 0 itself."""

    __slots__ = ("function", "high", "low")

    def __new__(cls, function: sp.Expr, low: sp.Rational, high: sp.Rational) -> ZeroOf:
        made: ZeroOf = sp.AtomicExpr.__new__(cls)
        made.function, made.low, made.high = function, low, high
        return made

    def _hashable_content(self) -> tuple[sp.Expr, ...]:
        return self.function, self.low, self.high

    def __getnewargs__(self) -> tuple[sp.Expr, ...]:
        return self._hashable_content()

    def ball(self) -> arb:
        """The zero by interval Newton, at the precision in force."""
        return _newton(self, flint.ctx.prec)

    def vanishes(self, e: sp.Expr, variable: sp.Symbol) -> bool:
        """Whether e is 0 here for a reason that can be seen: it is a multiple of the function, or is one by f = 0."""
        f = self.function.xreplace({bound: variable})
        if sp.expand(e) == 0 or sp.expand(e / f).is_number:
            return True
        terms = [a for a in sp.Add.make_args(f) if variable in a.free_symbols]
        for a in terms:
            c, core = a.as_coeff_Mul()
            if sp.expand(e.xreplace({core: (a - f) / c})) == 0:
                return True
        return False

    def _sympystr(self, printer: Any) -> str:
        return f"ZeroOf({printer.doprint(self.function.xreplace({bound: sp.Symbol('t')}))}, {sp.N(self, 12)})"

    def _latex(self, printer: Any) -> str:
        return rf"{sp.N(self, 10)}\ldots"


@lru_cache(maxsize=512)
def _newton(zero: ZeroOf, precision: int) -> arb:
    program = compile_expression(zero.function, bound)
    with flint.ctx.workprec(precision + 32):
        x = number_ball(zero.low).lower().union(number_ball(zero.high).upper())
        slope = taylor(program, x, 2).coefficients[1]
        for _ in range(precision):
            middle = x.mid()
            image = middle - taylor(program, middle, 1).coefficients[0] / slope
            smaller = image.intersection(x)
            if not smaller.rad() < x.rad() * 0.9:
                break
            x, slope = smaller, taylor(program, smaller, 2).coefficients[1]
    return +x


@lru_cache(maxsize=1024)
def isolated(g: sp.Expr, variable: sp.Symbol, window: tuple[sp.Expr, sp.Expr] | None = None) -> tuple[sp.Expr, ...] | None:
    """All zeros of g on the line, or in a window with finite ends (at least); None where they cannot all be found."""
    if sp.count_ops(g) > LARGEST or g.free_symbols != {variable}:
        return None
    for margin in (MARGIN, 0) if window else (0,):        # an end of the window may be a zero itself
        with flint.ctx.workprec(160):
            try:
                program = compile_expression(g, variable)
                low, high = (number_ball(end) for end in window) if window is not None else (
                    _last(program, -1), _last(program, 1))
                found = _Isolation(g, variable, program).run((low - margin).lower(), (high + margin).upper())
            except (CannotCompile, OutsideDomain, NoGerm, SymgradError):
                continue
        if found is not None:
            return found
    return None


def _last(program: Program, direction: int) -> arb:
    """A point beyond which the function has one sign."""
    for start in (8, 32, 128, 1024, 2**13, 2**20):
        for terms in (2, 4):
            try:
                if sign(germ_at_infinity(program, identity_germ(Tail(arb(start), None, terms), direction))):
                    return direction * (arb(start) + arb(1) / 7).mid()
            except NoGerm:
                continue
    raise NoGerm("no last zero")


class _Isolation:
    def __init__(self, g: sp.Expr, variable: sp.Symbol, program: Program) -> None:
        self.g, self.variable, self.program = g, variable, program

    def run(self, low: arb, high: arb) -> tuple[sp.Expr, ...] | None:
        found: list[sp.Expr] = []
        boxes = [(low, high)]
        deadline = time.thread_time() + SECONDS
        for _ in range(MOST_BOXES):
            if not boxes:
                return tuple(dict.fromkeys(found))
            if time.thread_time() > deadline:
                return None
            a, b = boxes.pop()
            x = a.union(b)
            value, slope, bend = taylor(self.program, x, 3).coefficients
            if value.is_finite() and not value.contains(0):
                continue
            at, at_slope = taylor(self.program, x.mid(), 2).coefficients
            step = x - x.mid()
            if any(form.is_finite() and not form.contains(0)
                   for form in (at + slope * step, at + at_slope * step + bend * step * step)):
                continue
            if slope.is_finite() and not slope.contains(0):
                zero = self.simple(a, b)
            else:
                zero = next((c for c in (sp.S.Zero, *round_numbers_near(x.mid())) if self.only_zero(c, x)), None)
                if zero is None:
                    middle = (a + (b - a) * 499 / 1021).mid()           # zeros are rarely there
                    if not (a < middle and middle < b) or (b - a) < arb(2) ** -80 * (1 + abs(a)):
                        return None
                    boxes += [(a, middle), (middle, b)]
                    continue
            if zero is not None:
                found.append(zero)
        return None

    def simple(self, a: arb, b: arb) -> sp.Expr | None:
        """The zero of a monotone function on [a, b], if there is one. Raises NoGerm when an end cannot be told from 0."""
        ends = [taylor(self.program, x, 1).coefficients[0] for x in (a, b)]
        if any(e.contains(0) for e in ends):
            at = next(c for c in (a, b) for e in (taylor(self.program, c, 1).coefficients[0],) if e.contains(0))
            exact = next((c for c in round_numbers_near(at) if number_ball(c) == at and self.vanishes(c)), None)
            if exact is None:
                raise NoGerm("an end of a box may be a zero")
            return exact
        if (ends[0] > 0) == (ends[1] > 0):
            return None
        function = self.g.xreplace({self.variable: bound}).as_content_primitive()[1]
        function = -function if function.could_extract_minus_sign() else function
        zero = ZeroOf(function, exact_rational(a), exact_rational(b))
        near = zero.ball()
        grid = arb((1, _exponent(near) - 24))             # equal zeros of equal functions become equal objects
        low = (near.mid() / grid).floor() * grid
        if low < near and near < low + grid and a <= low and low + grid <= b:
            zero = ZeroOf(function, exact_rational(low.mid()), exact_rational((low + grid).mid()))
        exact = next((c for c in round_numbers_near(near) if number_ball(c).overlaps(near) and self.vanishes(c)), None)
        if exact is None and near.contains(0):
            raise NoGerm("a zero that cannot be told from 0")
        return zero if exact is None else exact

    def vanishes(self, c: sp.Expr) -> bool:
        return surely_zero(self.g.subs(self.variable, c))

    def only_zero(self, c: sp.Expr, x: arb) -> bool:
        """Whether c in x is a zero of order m, exactly, and the m-th derivative vanishes nowhere on x."""
        if not x.overlaps(number_ball(c)) or not x.contains(number_ball(c).mid()):
            return False
        coefficients = taylor(self.program, x, HIGHEST + 1).coefficients
        e = self.g
        for last in coefficients:
            if last.is_finite() and not last.contains(0):
                return e is not self.g
            if not surely_zero(e.subs(self.variable, c)):
                return False
            e = sp.diff(e, self.variable)
        return False


def _exponent(x: arb) -> int:
    mantissa, exponent = x.mid().man_exp()
    return int(mantissa).bit_length() + int(exponent)
