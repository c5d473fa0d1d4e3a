"""Functions that oscillate for ever: whatever s is, a phase θ in [0, 2π] says where their waves stand.

The argument of one wave, divided by a whole number, is taken for θ; it grows beyond all bounds, so every phase comes
back for arbitrarily large s. The other waves are sin or cos of (n θ + what does not grow), with a whole number n. The
supremum over θ of the limit function is searched like that of any other function; beyond a start, boxes of phases are
bounded by germs. A wave that keeps no whole ratio to θ may take any value.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Sequence
from itertools import pairwise

import sympy as sp
from flint import arb, fmpq

from symgrad.balls.asymptotics import LINEAR, germ_at_infinity, identity_germ
from symgrad.balls.evaluate import taylor
from symgrad.balls.germs import Coefficient, Germ, NoGerm, Scale, Tail
from symgrad.balls.numbers import number_ball
from symgrad.balls.pieces import split
from symgrad.balls.program import PHASE, AnyWave, CannotCompile, Program, compile_expression
from symgrad.balls.search import Region, Search
from symgrad.balls.tails import INFINITE, Arc, End, TailBound, germ, grows, top_of

__all__ = ["arcs", "bound_phases", "by_phase", "limit_over_phases", "period_of", "turning"]

PATIENCE = 48                              # boxes between two looks at the progress made
MOST_BOXES = 400
MOST_STARTS = 12                           # from which the limit is sought
LARGEST = 400                              # operations of a formula whose waves are collected
NAN = arb.nan()
CIRCLE = (Arc(arb(0), (2 * arb.pi()).upper()),)
Shape = dict[Scale, Coefficient]
Parts = list[tuple[Germ, Program]]


def period_of(e: sp.Expr, variable: sp.Symbol) -> sp.Expr | None:
    """The common period of e, when its variable stands in sin, cos and tan of linear arguments only."""
    waves = {w: sp.Dummy() for w in e.atoms(sp.sin, sp.cos, sp.tan) if _is_rate(sp.diff(w.args[0], variable), variable)}
    if not waves or e.xreplace(waves).has(variable):
        return None
    rates = [sp.diff(w.args[0], variable) for w in waves]
    common = _common([r / rates[0] for r in rates])
    return None if common is None else 2 * sp.pi / abs(rates[0] * common)


def _is_rate(rate: sp.Expr, variable: sp.Symbol) -> bool:
    return rate != 0 and not rate.has(variable)


def _common(ratios: list[sp.Expr]) -> sp.Rational | None:
    """The largest number of which all are whole multiples; None when one is irrational."""
    ratios = [sp.simplify(r) for r in ratios]
    if not all(r.is_Rational for r in ratios):
        return None
    return sp.Rational(math.gcd(*(int(r.p) for r in ratios)), math.lcm(*(int(r.q) for r in ratios)))


def by_phase(e: sp.Expr, variable: sp.Symbol, direction: int) -> tuple[sp.Expr, bool]:
    """e with θ in its waves, and whether there are any that go on for ever."""
    growth = {w: _growth(w.args[0], variable, direction) for w in _waves(e)}
    family: dict[sp.Expr, sp.Expr] = {}
    for shape, rate in (g for g in growth.values() if g):                 # the most waves that turn together
        ratios = {w: sp.simplify(g[1] / rate) for w, g in growth.items() if g and g[0] == shape}
        ratios = {w: r for w, r in ratios.items() if r.is_Rational}
        family = ratios if len(ratios) > len(family) else family
    turns: dict[sp.Expr, sp.Expr] = {}
    if family:
        first = min(family, key=lambda w: (w.args[0].has(sp.sin, sp.cos), abs(family[w]), sp.count_ops(w)))
        common = _common(list(family.values()))
        assert common is not None
        theta = first.args[0] * common / family[first]
        turns = {w: r / common * PHASE + sp.expand(w.args[0] - r / common * theta) for w, r in family.items()}
    return _turned(e, turns, growth), bool(family)


def turning(e: sp.Expr, variable: sp.Symbol) -> tuple[Program, ...]:
    """The programs of e and of its first two derivatives by θ; a branch does not turn (it is decided where they are used)."""
    programs: list[Program] = []
    for _ in range(3):
        try:
            programs.append(compile_expression(e, variable))
        except CannotCompile:
            break
        e = sp.diff(e, PHASE).replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    return tuple(programs)


def _turned(e: sp.Expr, turns: dict[sp.Expr, sp.Expr], growth: dict[sp.Expr, tuple[Shape, sp.Expr] | tuple[()] | None]
            ) -> sp.Expr:
    if not e.has(sp.sin, sp.cos):
        return e
    if e in turns:
        angle = _turned(turns[e], turns, growth)
        still, moving = angle.as_independent(PHASE, as_Add=True)
        if still.is_number or not e.free_symbols - {PHASE}:
            return e.func(angle)
        other, sign = (sp.cos, 1) if isinstance(e, sp.sin) else (sp.sin, -1)
        return e.func(moving) * sp.cos(still) + sign * other(moving) * sp.sin(still)
    if growth.get(e, ()) != ():                             # it grows, or might, and keeps no phase
        return AnyWave(e.args[0])
    return e.func(*(_turned(a, turns, growth) if isinstance(a, sp.Expr) else a for a in e.args))


def arcs(e: sp.Expr, variable: sp.Symbol) -> tuple[Arc, ...]:
    """The circle of phases cut where the g_k of e = Σ f_k(s) g_k(θ) branch; () where e is not such a sum."""
    factors = _separated(e, variable)
    turn = (sp.S.Zero, 2 * sp.pi)
    pieces = [split(g, PHASE, turn) for g in factors]
    if not pieces or any(p.implicit for p in pieces):
        return ()
    marks = sorted({*turn, *(b for p in pieces for b in p.breaks)}, key=lambda b: sp.N(b, 30))
    made = []
    try:
        for low, high in pairwise(marks):
            here = [p.formulas[sum(bool(b <= low) for b in p.breaks)] for p in pieces]
            made.append(Arc(number_ball(low), number_ball(high), tuple(
                (compile_expression(f, variable), compile_expression(g, PHASE))
                for f, g in zip(factors.values(), here, strict=True))))
    except CannotCompile:
        return ()
    return tuple(made)


def _separated(e: sp.Expr, variable: sp.Symbol) -> dict[sp.Expr, sp.Expr]:
    """g_k: f_k with e = Σ f_k(s) g_k(θ), the f_k of equal g_k added first, for they may cancel."""
    if sp.count_ops(e) > LARGEST:
        return {}
    factors: dict[sp.Expr, sp.Expr] = {}
    hidden = {w: sp.Dummy() for w in _waves(e)}              # expand would take cos(θ + 1) apart
    back = {d: w for w, d in hidden.items()}
    for term in sp.Add.make_args(sp.expand(e.xreplace(hidden), power_base=False, power_exp=False, log=False, deep=False)):
        turning, factor = term.xreplace(back).as_independent(variable, as_Add=False)
        if PHASE in factor.free_symbols:
            return {}
        number, turning = turning.as_coeff_Mul()
        factors[turning] = factors.get(turning, sp.S.Zero) + number * factor
    return factors


def _waves(e: sp.Expr) -> list[sp.Expr]:
    return sorted(e.atoms(sp.sin, sp.cos), key=sp.default_sort_key)


def _growth(u: sp.Expr, variable: sp.Symbol, direction: int) -> tuple[Shape, sp.Expr] | tuple[()] | None:
    """The growing part of u as (shape, rate); () when u does not grow, None when it is not known exactly."""
    rate = sp.diff(u.xreplace({w: sp.S.Zero for w in u.atoms(sp.sin, sp.cos)}), variable)
    if not u.has(sp.sin, sp.cos) and _is_rate(rate, variable):
        return {LINEAR: fmpq(1)}, direction * rate
    found = _growing_part(u, variable, direction)
    if not found:
        return None if found is None else ()
    exact = {k: c for k, c in found.items() if isinstance(c, fmpq)}
    if len(exact) < len(found):
        return None
    lead = exact[max(exact, key=lambda k: (k.power, k.logs))]
    return {k: c / lead for k, c in exact.items()}, sp.Rational(int(lead.p), int(lead.q))


def _growing_part(u: sp.Expr, variable: sp.Symbol, direction: int) -> Shape | None:
    """The terms of u that grow, with its waves anywhere; None when no germ tells."""
    if variable not in u.free_symbols:
        return {}
    try:
        program = compile_expression(u.xreplace({w: AnyWave(w.args[0]) for w in u.atoms(sp.sin, sp.cos)}), variable)
    except CannotCompile:
        return None
    for start in (8, 64, 512, 2**13, 2**40):
        try:
            return germ_at_infinity(program, identity_germ(Tail(arb(start), None, 4), direction)).parts()[0].terms
        except NoGerm:
            continue
    return None


class _Limit(Search):
    """The limit function on an arc, searched like any other."""

    def __init__(self, end: End, start: int, outer: Search, arc: Arc) -> None:
        now = time.thread_time()
        super().__init__(outer.objective, 0, outer.bits, now + (outer.deadline - now) / 4)
        self.end, self.start = end, start
        tail = Tail(arb(start), None, 2)
        self.parts = [(_constant(germ(end, tail, f)), g) for f, g in arc.parts]

    def derivatives(self, region: Region, x: arb, count: int) -> tuple[list[arb], bool]:
        """The constants of three germs, or Σ (limit of f_k) g_k and its derivatives."""
        if self.parts:
            total, decided = [arb(0)] * count, True
            for factor, turning in self.parts:
                series = taylor(turning, x, count)
                total = [a + factor * c for a, c in zip(total, series.coefficients, strict=True)]
                decided = decided and series.decided
            return [c * math.factorial(k) for k, c in enumerate(total)], decided
        unknown = [NAN] * count
        try:
            known = [self.limit_at(x, program, True) for program in self.end.turning[:count]]
            return known + unknown[len(known):], True
        except NoGerm:
            pass
        try:
            return [self.limit_at(x, self.end.program, False), *unknown[1:]], False
        except NoGerm:
            return unknown, False

    def limit_at(self, theta: arb, program: Program, strict: bool) -> arb:
        return _constant(germ(self.end, Tail(arb(self.start), theta, 2, strict), program))


def _constant(g: Germ) -> arb:
    growing, constant, _ = g.parts()
    return NAN if growing.terms else arb(constant)


def limit_over_phases(end: End, search: Search, starts: Sequence[int]) -> arb | None:
    """A ball around the limes superior of the measure: infinite where it grows, None where it is not understood."""
    for start in starts[:MOST_STARTS]:
        try:
            for k in range(8):
                if grows(germ(end, Tail(arb(start), arb.pi() * k / 4 + arb(1) / 8, 2)), search):
                    return INFINITE
            low = high = arb("-inf")
            for arc in end.arcs or CIRCLE:
                part = _Limit(end, start, search, arc)
                part.lower = low
                part.run([Region(end.program, arc.low, arc.high)])
                low, high = part.lower, part.upper if part.upper > high else high
            return low.union(high) if high.is_finite() and low.is_finite() else None
        except NoGerm:
            continue
    return None


def bound_phases(end: End, search: Search, start: int, terms: int, limit: arb | None) -> TailBound:
    """Boxes of phases until none rises above what is known: the limit bounds a box on which the rest only lowers it."""
    if limit is not None and not limit.is_finite():
        return TailBound(start, INFINITE, None, True)
    known = search.lower if limit is None or not limit.lower() > search.lower else limit.lower()
    enough = known + abs(known) * search.tolerance
    if limit is not None and limit.upper() > enough:
        enough = limit.upper()
    boxes: list[tuple[float, int, arb, arb, arb, Parts]] = []
    counter = itertools.count()

    def push(low_end: arb, high_end: arb, parts: Parts) -> None:
        top = INFINITE
        for strict in (True, False):
            try:
                theta = low_end.union(high_end)
                g = _sum(parts, theta) if parts else germ(end, Tail(arb(start), theta, terms, strict))
                top = limit.upper() if limit is not None and _only_lowers(g, search) else top_of(g, search)
                break
            except NoGerm:
                continue
        heapq.heappush(boxes, (-float(top) if top < 1e300 else -math.inf, next(counter), top, low_end, high_end, parts))

    for arc in end.arcs or CIRCLE:
        parts = [(germ(end, Tail(arb(start), None, terms), f), g) for f, g in arc.parts]
        for i in range(8):
            push(arc.low + (arc.high - arc.low) * i / 8, arc.low + (arc.high - arc.low) * (i + 1) / 8, parts)
    gap = INFINITE
    for step in range(1, MOST_BOXES):
        _, _, top, low_end, high_end, parts = boxes[0]
        middle = ((low_end + high_end) / 2).mid()
        if not top.is_finite() and step > 8:
            break                                        # not a matter of phases
        if top <= enough or time.thread_time() > search.deadline or not (low_end < middle and middle < high_end):
            break
        if step % PATIENCE == 0:
            gap, before = (top - enough).upper(), gap
            if not gap.is_finite() or (before.is_finite() and not gap < before * 0.7):
                break
        heapq.heappop(boxes)
        push(low_end, middle, parts)
        push(middle, high_end, parts)
    return TailBound(start, boxes[0][2], limit, False)


def _sum(parts: Parts, theta: arb) -> Germ:
    """Σ f_k g_k(θ) on a box of phases, each g_k by its mean-value form."""
    total: Germ | None = None
    for f, turning in parts:
        series = taylor(turning, theta, 2)
        value, slope = series.coefficients
        if series.decided and slope.is_finite():
            closer = taylor(turning, theta.mid(), 1).coefficients[0] + slope * (theta - theta.mid())
            value = value.intersection(closer) if value.is_finite() and closer.overlaps(value) else closer
        if not value.is_finite():
            raise NoGerm("phase")
        total = f.times(value) if total is None else total + f.times(value)
    assert total is not None
    return total


def _only_lowers(g: Germ, search: Search) -> bool:
    """Whether the part that decays makes the measure no larger."""
    growing, constant, rest = g.parts()
    if growing.terms:
        return False
    low, high = rest.bounds()
    centre = arb(constant)
    up = search.objective == "max" or (search.objective == "abs" and centre > 0)
    down = search.objective == "min" or (search.objective == "abs" and centre < 0)
    return bool((up and high <= 0) or (down and low >= 0))
