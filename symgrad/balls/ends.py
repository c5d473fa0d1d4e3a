"""The ends of a search: infinity, and points where a formula is singular. Nothing is cut off there.

Near an end the function is written in s -> ∞ (x = ±s, or x = x0 ± 1/s) and bounded by its germ on s >= B. A
slope that keeps oscillating depends on s through a phase θ too; then θ runs over one period in boxes, and
the limit function of θ gives lower bounds, since every phase comes back for arbitrarily large s.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from dataclasses import dataclass

import sympy as sp
from flint import arb

from symgrad.balls.asymptotics import germ_at_infinity, identity_germ
from symgrad.balls.germs import Germ, NoGerm, Tail
from symgrad.balls.numbers import number_ball
from symgrad.balls.program import CannotCompile, Program, compile_expression
from symgrad.balls.search import Candidate, Search

__all__ = ["End", "TailBound", "bound_end", "period_of", "settle", "singular_end", "tail_end"]

INFINITE = arb("inf")
s = sp.Symbol("s", positive=True)


@dataclass(frozen=True)
class End:
    """One end: the place it tends to, the derivative there as a program in s, x as a function of s."""

    place: sp.Expr                       # oo, -oo or the singular point
    program: Program
    direction: int                       # x = direction·s, or place + direction/s
    period: sp.Expr | None               # of the phase, if the germ needs one

    def position(self, start: arb) -> arb:
        """Where s = start is on the x axis."""
        if self.place.is_infinite:
            return self.direction * start
        return number_ball(self.place) + self.direction / start


@dataclass(frozen=True)
class TailBound:
    """What is known beyond `start`: `upper` of the measure (inf if it grows), and the part that is
    approached."""

    start: int
    upper: arb
    limit: arb | None                    # a ball around the limit (without phase), or around limsup
    unbounded: bool


def tail_end(derivative: sp.Expr, variable: sp.Symbol, direction: int) -> End:
    """x -> +oo or -oo. Raises NoGerm when the derivative has no program."""
    return End(sp.oo * direction, _compiled(derivative, variable), direction,
               period_of(derivative, variable, False))


def singular_end(derivative: sp.Expr, variable: sp.Symbol, point: sp.Expr, direction: int) -> End:
    """x -> point from above (direction 1) or below (-1)."""
    local = derivative.subs(variable, point + direction / s)
    return End(point, _compiled(local, s), direction, None)


def _compiled(e: sp.Expr, variable: sp.Symbol) -> Program:
    if e.has(sp.I, sp.nan, sp.zoo):
        raise NoGerm("not real")
    try:
        return compile_expression(e, variable)
    except CannotCompile as error:
        raise NoGerm(str(error)) from None


def period_of(e: sp.Expr, variable: sp.Symbol, whole: bool) -> sp.Expr | None:
    """The common period of all sin, cos, tan of linear arguments; with `whole`, None unless e is periodic
    itself."""
    rates: list[sp.Expr] = []
    waves = {}
    for wave in e.atoms(sp.sin, sp.cos, sp.tan):
        rate = sp.diff(wave.args[0], variable)
        if rate != 0 and not rate.has(variable):
            rates.append(abs(rate))
            waves[wave] = sp.Dummy()
    if not rates or (whole and e.xreplace(waves).has(variable)):
        return None
    ratios = [sp.simplify(r / rates[0]) for r in rates]
    if not all(r.is_Rational for r in ratios):
        return None
    common = sp.Rational(math.gcd(*(int(r.p) for r in ratios)), math.lcm(*(int(r.q) for r in ratios)))
    return 2 * sp.pi / (rates[0] * common)


def germ(end: End, start: int, terms: int, phase: arb | None = None) -> Germ:
    tail = Tail(arb(start), phase, terms)
    direction = end.direction if end.place.is_infinite else 1
    return germ_at_infinity(end.program, identity_germ(tail, direction))


def bound_end(end: End, search: Search, start: int, terms: int = 2) -> TailBound:
    """The measure beyond s >= start; raises NoGerm when start is too small or the function is not
    understood."""
    if end.period is not None:
        return _bound_phases(end, search, start, terms)
    g = germ(end, start, terms)
    low, high = g.bounds()
    if _grows(g, search):
        return TailBound(start, INFINITE, None, True)
    oscillates = any(name in ("sin", "cos") for name, _, _ in end.program)
    known = not oscillates and not g.parts()[0].terms
    return TailBound(start, _top(search, low, high), search.measure(arb(g.parts()[1])) if known else None,
                     False)


def _grows(g: Germ, search: Search) -> bool:
    """Whether the measure of the germ surely tends to infinity."""
    growing = g.parts()[0]
    if not growing.terms:
        return False
    lead = arb(growing.leading()[1])
    return bool(search.measure(lead) > 0)


def _top(search: Search, low: arb, high: arb) -> arb:
    """An upper bound of the measure of everything in [low, high]."""
    if search.objective != "abs":
        return (high if search.objective == "max" else -low).upper()
    a, b = abs(low), abs(high)
    return (a if a > b else b).upper()


def _bound_phases(end: End, search: Search, start: int, terms: int, effort: int = 300) -> TailBound:
    """Boxes of phases, the highest bound split first, until none rises above what is known."""
    period = number_ball(end.period)
    limit: arb | None = None
    boxes: list[tuple[float, int, arb, arb, arb]] = []
    counter = itertools.count()

    def push(low_end: arb, high_end: arb) -> None:
        low, high = germ(end, start, terms, low_end.union(high_end)).bounds()
        top = _top(search, low, high)
        key = -float(top) if top.is_finite() else -math.inf
        heapq.heappush(boxes, (key, next(counter), top, low_end, high_end))

    for i in range(8):
        push(period * i / 8, period * (i + 1) / 8)
    while True:
        _, _, top, low_end, high_end = boxes[0]
        known = search.lower if limit is None or not limit.lower() > search.lower else limit.lower()
        if top <= known or next(counter) > effort or time.monotonic() > search.deadline:
            return TailBound(start, top, limit, False)
        heapq.heappop(boxes)
        middle = ((low_end + high_end) / 2).mid()
        at = germ(end, start, terms, middle)
        if _grows(at, search):
            return TailBound(start, INFINITE, None, True)
        growing, constant, _ = at.parts()
        if not growing.terms:
            here = search.measure(arb(constant))
            limit = here if limit is None or here.lower() > limit.lower() else limit
        push(low_end, middle)
        push(middle, high_end)


def settle(end: End, search: Search, starts: list[int]) -> TailBound | None:
    """The first start from which the end is no higher than what is known, else the last one that works.

    Two terms of each expansion first, then four and six: what cancels to second order shows its sign then.
    """
    found: TailBound | None = None
    now = time.monotonic()
    patience = now + (search.deadline - now) / 8          # the rest of the line needs time too
    for terms in (2, 4, 6):
        for start in starts if terms == 2 else starts[1:4]:
            if found is not None and time.monotonic() > patience:
                return found
            try:
                again = bound_end(end, search, start, terms)
            except NoGerm:
                continue
            if again.limit is not None:
                search.add(Candidate(end.place, again.limit, "limit"))
            if again.unbounded or search.close_enough(again.upper):
                return again
            found = again if found is None or again.upper < found.upper else found
    return found
