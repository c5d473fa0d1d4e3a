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

from symgrad.balls.asymptotics import carrier, germ_at_infinity, identity_germ, sign
from symgrad.balls.germs import Germ, NoGerm, Tail
from symgrad.balls.numbers import number_ball
from symgrad.balls.program import CannotCompile, Program, compile_expression
from symgrad.balls.search import Candidate, Search

__all__ = ["FAR", "End", "TailBound", "bound_end", "germ", "monotone_from", "period_of", "settle", "singular_end",
           "tail_end"]

INFINITE = arb("inf")
FAR = 2**13
s = sp.Symbol("s", positive=True)


@dataclass(frozen=True)
class End:
    """One end: the place it tends to, the derivative there as a program in s, x as a function of s: scale·direction·s,
    or place + direction/s."""

    place: sp.Expr                       # oo, -oo or the singular point
    program: Program
    direction: int
    period: sp.Expr | None               # of the phase, if the germ needs one
    scale: sp.Rational = sp.S.One

    def position(self, start: arb) -> arb:
        """Where s = start is on the x axis."""
        if self.place.is_infinite:
            return number_ball(self.scale) * self.direction * start
        return number_ball(self.place) + self.direction / start


@dataclass(frozen=True)
class TailBound:
    """What is known beyond `start`: `upper` of the measure (inf if it grows), and the part that is
    approached."""

    start: int
    upper: arb
    limit: arb | None                    # a ball around the limit (without phase), or around limsup
    unbounded: bool


def tail_end(derivative: sp.Expr, variable: sp.Symbol, direction: int, scale: sp.Rational = sp.S.One) -> End:
    """x -> +oo or -oo. Raises NoGerm when the derivative has no program."""
    scaled = derivative if scale == 1 else derivative.subs(variable, scale * variable)
    return End(sp.oo * direction, _compiled(scaled, variable), direction,
               period_of(scaled, variable, False), scale)


def singular_end(derivative: sp.Expr, variable: sp.Symbol, point: sp.Expr, direction: int) -> End:
    """x -> point from above (direction 1) or below (-1)."""
    waves = derivative.replace(sp.tan, lambda u: sp.sin(u) / sp.cos(u))
    local = _around(waves, variable, point, direction)
    return End(point, _compiled(local, s), direction, period_of(local, s, False))


def monotone_from(slope: sp.Expr, variable: sp.Symbol, direction: int) -> int | None:
    """A number s such that `slope` has one sign on all of direction·[s, oo); None when no germ tells."""
    try:
        program = _compiled(slope, variable)
    except NoGerm:
        return None
    for start in (8, 64, 512):
        try:
            sign(germ_at_infinity(program, identity_germ(Tail(arb(start), None, 4), direction)))
        except NoGerm:
            continue
        return start
    return None


def _around(e: sp.Expr, variable: sp.Symbol, point: sp.Expr, direction: int) -> sp.Expr:
    """e at point + direction/s; polynomials by their Taylor coefficients, of which those that are 0 are seen to be 0."""
    if variable not in e.free_symbols:
        return e
    if e.is_polynomial(variable):
        total, factor = sp.S.Zero, sp.S.One
        for k in range(sp.degree(e, variable) + 1):
            c = sp.expand(e.subs(variable, point))
            if c != 0 and not (abs(sp.N(c, 30)) < 1e-20 and c.equals(0)):
                total += c * factor / s**k
            e, factor = sp.diff(e, variable), factor * direction / (k + 1)
        return total
    return e.func(*(_around(a, variable, point, direction) if isinstance(a, sp.Expr) else
                    a.subs(variable, point + direction / s) for a in e.args))


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
    if oscillates and _grows_at_a_phase(end, search, start, terms):
        return TailBound(start, INFINITE, None, True)
    known = not oscillates and not g.parts()[0].terms
    return TailBound(start, _top(search, low, high), search.measure(arb(g.parts()[1])) if known else None,
                     False)


def _grows_at_a_phase(end: End, search: Search, start: int, terms: int) -> bool:
    """Whether the measure tends to infinity where the phase of sin(φ(s)) has one fixed value, as sin(s²) does at 0.

    φ is continuous and grows beyond all bounds, so every phase comes back for ever.
    """
    direction = end.direction if end.place.is_infinite else 1
    phases = carrier(end.program, identity_germ(Tail(arb(start), None, terms), direction))
    if phases is None:
        return False
    for k in range(8):
        tail = Tail(arb(start), arb.pi() * k / 4, terms, phases)
        try:
            if _grows(germ_at_infinity(end.program, identity_germ(tail, direction)), search):
                return True
        except NoGerm:
            continue
    return False


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


def _bound_phases(end: End, search: Search, start: int, terms: int, effort: int = 120) -> TailBound:
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
        if top <= known or next(counter) > effort or time.thread_time() > search.deadline:
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
    now = time.thread_time()
    patience = now + (search.deadline - now) / 8          # the rest of the line needs time too
    near, far = [b for b in starts if b <= FAR], [b for b in starts if b > FAR]
    for terms, tried in ((2, near), (4, near[1:4]), (6, near[1:4]), (2, far)):
        for start in tried:
            if found is not None and time.thread_time() > patience:
                return found
            try:
                again = bound_end(end, search, start, terms)
            except NoGerm:
                continue
            if again.limit is not None:
                search.add(Candidate(end.place, again.limit, "limit"))
            if again.unbounded or search.close_enough(again.upper):
                return again
            if found is None or (again.upper < found.upper and start <= FAR):
                found = again
    return found
