"""Inequalities lhs <= rhs for all real x of an interval, proved or refuted by balls.

h = rhs - lhs is enclosed box by box. At an end it is bounded by its germ. Equality at isolated points does
not stop the proof: where h and its first derivatives vanish exactly at an exact point c and the next
derivative has the right sign on a whole box around c, Taylor's theorem gives h >= 0 on the box.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import flint
import sympy as sp
from flint import arb

from symgrad.balls.asymptotics import germ_at_infinity, identity_germ, sign
from symgrad.balls.evaluate import OutsideDomain, taylor
from symgrad.balls.exponential import NotExponential, normal_form
from symgrad.balls.germs import CONSTANT, Germ, NoGerm, Tail
from symgrad.balls.numbers import number_ball, round_numbers_near
from symgrad.balls.pieces import real_zeros, split, value_at
from symgrad.balls.program import Program, compile_expression
from symgrad.errors import SymgradError

__all__ = ["Verdict", "prove_inequality"]

TOUCH = 6                                    # highest order of a zero of h that is looked for


@dataclass(frozen=True)
class Verdict:
    """holds: True (proved for every x), False (refuted at `counterexample`), None (undecided, see
    `undecided`).

    equal_at: exact points where equality was used in the proof. undecided: a ball where neither could be
    shown.
    """

    holds: bool | None
    counterexample: arb | None = None
    equal_at: tuple[sp.Expr, ...] = ()
    undecided: arb | None = None
    boxes: int = 0

    def __bool__(self) -> bool:
        return self.holds is True


def prove_inequality(lhs: sp.Expr, rhs: sp.Expr, variable: sp.Symbol,
                     interval: tuple[sp.Expr, sp.Expr] = (-sp.oo, sp.oo), *, budget: float = 10.0) -> Verdict:
    """Decide lhs <= rhs for every x in the interval (ends exact or infinite), within `budget` seconds.

    Raises SymgradError where a side is undefined.

    >>> x = sp.Symbol("x", real=True)
    >>> prove_inequality(sp.log(1 + x**2), x**2, x).holds
    True
    """
    low, high = (sp.sympify(end, strict=True) for end in interval)
    if not low < high:
        raise SymgradError(f"the interval [{low}, {high}] is empty: give (lower, upper) with lower < upper")
    with flint.ctx.workprec(128):
        gap = sp.sympify(rhs, strict=True) - sp.sympify(lhs, strict=True)
        return _Proof(gap, variable, time.thread_time() + budget).run(low, high)


class _Undecided(Exception):
    def __init__(self, where: arb) -> None:
        self.where = where


class _Refuted(Exception):
    def __init__(self, at: arb) -> None:
        self.at = at


class _Proof:
    def __init__(self, h: sp.Expr, variable: sp.Symbol, deadline: float) -> None:
        self.h, self.variable, self.deadline = h, variable, deadline
        self.equal: list[sp.Expr] = []
        self.boxes = 0

    def run(self, low: sp.Expr, high: sp.Expr) -> Verdict:
        pieces = split(self.h, self.variable)
        marks = [-sp.oo, *pieces.breaks, sp.oo]
        try:
            for formula, a, b in zip(pieces.formulas, marks, marks[1:], strict=False):
                a, b = sp.Max(a, low), sp.Min(b, high)
                if a < b:
                    self.piece(formula, a, b)
        except _Refuted as no:
            return Verdict(False, counterexample=no.at, boxes=self.boxes)
        except _Undecided as open_:
            return Verdict(None, equal_at=tuple(self.equal), undecided=open_.where, boxes=self.boxes)
        except OutsideDomain as error:
            raise SymgradError(f"{self.h} is undefined {error}") from None
        return Verdict(True, equal_at=tuple(dict.fromkeys(self.equal)), boxes=self.boxes)

    def piece(self, formula: sp.Expr, a: sp.Expr, b: sp.Expr) -> None:
        if self.identically_zero(formula):
            return
        program = compile_expression(formula, self.variable)
        self.try_points(program, a, b)
        low = self.end(program, formula, -1) if a.is_infinite else number_ball(a)
        high = self.end(program, formula, 1) if b.is_infinite else number_ball(b)
        stack = [(low, high)]
        while stack:
            x0, x1 = stack.pop()
            self.boxes += 1
            x = x0.union(x1)
            if time.thread_time() > self.deadline:
                raise _Undecided(x)
            if self.settled(program, formula, x, x0, x1, (a, b)):
                continue
            middle = ((x0 + x1) / 2).mid()
            if not (x0 < middle and middle < x1) or (x1 - x0) < arb(2) ** -60:
                raise _Undecided(x)
            stack += [(x0, middle), (middle, x1)]

    def try_points(self, program: Program, a: sp.Expr, b: sp.Expr) -> None:
        """A false inequality mostly fails at one of a few points of every size."""
        for k in range(-40, 41):
            x = (arb(k) / 3 + arb(1) / 7 if abs(k) < 30 else arb(k) ** 3 / arb(7)).mid()
            if (a.is_infinite or number_ball(a) < x) and (b.is_infinite or x < number_ball(b)) and (
                    taylor(program, x, 1).coefficients[0] < 0):
                raise _Refuted(x)

    def identically_zero(self, formula: sp.Expr) -> bool:
        if formula == 0:
            return True
        try:
            return bool(normal_form(formula, self.variable)[0].is_zero)
        except NotExponential:
            return False

    def end(self, program: Program, formula: sp.Expr, direction: int) -> arb:
        """Where the germ takes over: beyond it h >= 0 is proved (or a counterexample is found)."""
        for start in (8, 16, 32, 64, 128, 256, 512, 2**20):
            for terms in (2, 4, 6):
                try:
                    germ = germ_at_infinity(program, identity_germ(Tail(arb(start), None, terms), direction))
                    if arb(germ.parts()[1]).contains(0) and CONSTANT in germ.terms and self.vanishes(formula,
                                                                                                     direction):
                        germ = Germ(germ.tail, {k: c for k, c in germ.terms.items() if k != CONSTANT})
                    low = germ.bounds()[0]
                    if not low >= 0 and sign(germ) < 0:
                        raise _Refuted(arb(direction * start))
                except NoGerm:
                    continue
                return arb(direction * start)
        raise _Undecided(arb(direction * 512))

    def vanishes(self, formula: sp.Expr, direction: int) -> bool:
        """Whether h tends to exactly 0, by SymPy's limit: balls alone cannot tell 0 from a tiny number."""
        return bool(sp.limit(formula, self.variable, sp.oo * direction) == 0)

    def settled(self, program: Program, formula: sp.Expr, x: arb, x0: arb, x1: arb,
                ends: tuple[sp.Expr, sp.Expr]) -> bool:
        series = taylor(program, x, 2)
        h, slope = series.coefficients
        if h >= 0:
            return True
        middle = x.mid()
        at = taylor(program, middle, 2).coefficients[0]
        if at < 0:
            raise _Refuted(middle)
        if not series.decided:                           # Taylor's theorem needs one formula
            return False
        if slope.is_finite() and at + slope * (x - middle) >= 0:
            return True
        if slope.is_finite() and (slope >= 0 or slope <= 0):
            end = x0 if slope >= 0 else x1
            value = taylor(program, end, 1).coefficients[0]
            if value >= 0:
                return True
            if value < 0 and not any(e.is_finite and number_ball(e).overlaps(end) for e in ends):
                raise _Refuted(end)
        return any(self.touches(program, formula, x, c, ends) for c in self.equalities(formula, x, ends))

    def equalities(self, formula: sp.Expr, x: arb, ends: tuple[sp.Expr, sp.Expr]) -> list[sp.Expr]:
        """Exact points in the box where h may be 0."""
        round_number = sp.nsimplify(sp.Rational(x.mid().str(15, radius=False)), rational=True,
                                    tolerance=max(float(x.rad()), 1e-12))
        known = [sp.S.Zero, round_number, *(e for e in ends if e.is_finite), *round_numbers_near(x.mid()),
                 *(real_zeros(formula, self.variable) or [])]
        return [c for c in dict.fromkeys(known) if number_ball(c).overlaps(x)]

    def is_zero(self, value: sp.Expr) -> bool:
        return bool(value == 0 or sp.simplify(value) == 0)

    def touches(self, program: Program, formula: sp.Expr, x: arb, c: sp.Expr,
                ends: tuple[sp.Expr, sp.Expr]) -> bool:
        """h = (x - c)^m h^(m)(ξ)/m! when the derivatives below m vanish at c: the sign of the last one
        decides."""
        derivative = formula
        around = x.union(number_ball(c))
        m = 0
        while m <= TOUCH and self.is_zero(value_at(derivative, self.variable, c)):
            derivative = sp.diff(derivative, self.variable)
            m += 1
        if m == 0 or m > TOUCH:
            return False
        last = taylor(program, around, m + 1).coefficients[m]
        right, left = last >= 0, (last >= 0 if m % 2 == 0 else last <= 0)
        if (right or c == ends[1]) and (left or c == ends[0]):
            self.equal.append(c)
            return True
        return False
