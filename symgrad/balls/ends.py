"""The ends of a search: infinity, and points where a formula is singular. Nothing is cut off there.

Near an end the function is written in s -> ∞ (x = ±s, or x = x0 ± 1/s) and bounded by its germ on s >= B. A
slope that keeps oscillating depends on s through a phase too (`phases`).
"""

from __future__ import annotations

import time

import sympy as sp
from flint import arb

from symgrad.balls.asymptotics import germ_at_infinity, identity_germ, sign
from symgrad.balls.germs import NoGerm, Tail
from symgrad.balls.phases import arcs, bound_phases, by_phase, limit_over_phases, turning
from symgrad.balls.program import CannotCompile, Program, compile_expression
from symgrad.balls.search import Candidate, Search
from symgrad.balls.tails import INFINITE, End, TailBound, germ, grows, top_of

__all__ = ["FAR", "bound_end", "monotone_from", "settle", "singular_end", "tail_end"]

FAR = 2**13
s = sp.Symbol("s", positive=True)


def tail_end(derivative: sp.Expr, variable: sp.Symbol, direction: int, scale: sp.Expr = sp.S.One) -> End:
    """x -> +oo or -oo. Raises NoGerm when the derivative has no program."""
    derivative, unit = _natural(derivative, variable)
    scale = scale * unit
    if unit != 1:
        return _end(sp.oo * direction, derivative.subs(variable, scale / unit * variable), variable, direction, direction, scale)
    scaled = derivative if scale == 1 else derivative.subs(variable, scale * variable)
    return _end(sp.oo * direction, scaled, variable, direction, direction, scale)


def _natural(e: sp.Expr, variable: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """2^x/(1 + 2^-3x) in the unit 1/log 2 of x, where its exponentials have rational rates; e itself where it has others."""
    powers = [p for p in e.atoms(sp.Pow) if p.base.is_number and p.base.is_positive and p.exp.has(variable)]
    rates = [sp.diff(p.exp, variable) * (1 if p.base == sp.E else sp.log(p.base)) for p in powers]
    rates += [sp.diff(x.args[0], variable) for x in e.atoms(sp.exp)]
    if not powers or not all(r.is_number for r in rates):
        return e, sp.S.One
    unit = 1 / abs(rates[0])
    ratios = {r: sp.simplify(r * unit) for r in rates}
    if not all(r.is_Rational for r in ratios.values()):
        return e, sp.S.One
    plain = e.xreplace({p: p.base ** p.exp.subs(variable, 0) * sp.exp(ratios[r] * variable / unit)
                        for p, r in zip(powers, rates, strict=False)})
    scaled = plain.subs(variable, unit * variable)
    return scaled.replace(sp.exp, lambda u: sp.exp(sp.expand(sp.simplify(u)))), unit


def _end(place: sp.Expr, e: sp.Expr, variable: sp.Symbol, direction: int, sign: int, scale: sp.Expr = sp.S.One) -> End:
    _compiled(e, variable)
    turned, waves = by_phase(e, variable, sign)
    program = _compiled(turned, variable)
    if not waves:
        return End(place, program, direction, scale=scale)
    return End(place, program, direction, turning(turned, variable), arcs(turned, variable), scale)


def singular_end(derivative: sp.Expr, variable: sp.Symbol, point: sp.Expr, direction: int) -> End:
    """x -> point from above (direction 1) or below (-1)."""
    waves = derivative.replace(sp.tan, lambda u: sp.sin(u) / sp.cos(u))
    local = _around(waves, variable, point, direction)
    return _end(point, local, s, direction, 1)


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


def bound_end(end: End, search: Search, start: int, terms: int = 2, strict: bool = True,
              limit: arb | None = None) -> TailBound:
    """The measure beyond s >= start; raises NoGerm when start is too small or the function is not
    understood. limit: what `limit_over_phases` found."""
    if end.turning:
        return bound_phases(end, search, start, terms, limit)
    g = germ(end, Tail(arb(start), None, terms, strict))
    if grows(g, search):
        return TailBound(start, INFINITE, None, True)
    known = strict and not g.parts()[0].terms and not any(name == "anywave" for name, _, _ in end.program)
    return TailBound(start, top_of(g, search), search.measure(arb(g.parts()[1])) if known else None, False)


def settle(end: End, search: Search, starts: list[int]) -> TailBound | None:
    """The first start from which the end is no higher than what is known, else the last one that works.

    Two terms of each expansion first, then four and six: what cancels to second order shows its sign then.
    """
    found: TailBound | None = None
    near, far = [b for b in starts if b <= FAR], [b for b in starts if b > FAR]
    limit = limit_over_phases(end, search, starts) if end.turning else None
    if limit is not None and limit.is_finite():
        search.add(Candidate(end.place, limit, "limit"))
    approached: arb | None = None                         # the tightest ball around a limit
    now = time.thread_time()
    patience = now + (search.deadline - now) / 8          # the rest of the line needs time too
    for terms, start, strict in [(n, b, True) for n, some in ((2, near), (4, near[1:4]), (6, near[1:4]), (2, far)) for b in some
                                 ] + [(2, b, False) for b in near[4:8]]:
        hopeful = found is None or not found.upper.is_finite()
        if time.thread_time() > (search.deadline if hopeful else patience) or (found is not None and not strict):
            break
        try:
            again = bound_end(end, search, start, terms, strict, limit)
        except NoGerm:
            continue
        if again.limit is not None and not end.turning:
            approached = again.limit if approached is None or again.limit.rad() < approached.rad() else approached
            search.raise_to(approached)
        if again.unbounded or search.close_enough(again.upper):
            found = again
            break
        if found is None or (again.upper < found.upper and start <= FAR):
            found = again
    if approached is not None:
        search.add(Candidate(end.place, approached, "limit"))
    return found
