"""Where a formula stops being defined or smooth: zeros under logarithms, roots and divisions, poles of tan, ends of asin.

The places are exact. Between two of them the formula is defined everywhere or nowhere, so one point tells; an
error can then say on which part of the line a function is undefined, and not only at which point that was noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import sympy as sp
from flint import arb

from symgrad.balls.ends import singular_end
from symgrad.balls.evaluate import OutsideDomain, taylor
from symgrad.balls.folds import is_fold
from symgrad.balls.germs import NoGerm, Tail
from symgrad.balls.numbers import number_ball
from symgrad.balls.pieces import Pieces, real_zeros
from symgrad.balls.program import Program, compile_expression
from symgrad.balls.tails import germ

__all__ = ["borders", "breaks_inside", "irregular", "regular", "undefined_part"]

NEARBY = 7                            # infinitely many places are looked for in [-NEARBY, NEARBY] only


def _inside(formula: sp.Expr) -> Iterator[sp.Expr]:
    """What must not be zero, and is not known to be positive."""
    yield from (u for u in _all_inside(formula) if not u.is_positive)


def _all_inside(formula: sp.Expr) -> Iterator[sp.Expr]:
    for e in sp.preorder_traversal(formula):
        if isinstance(e, sp.log):
            yield e.args[0]
        elif isinstance(e, sp.Pow) and e.base != sp.E and not (e.exp.is_Integer and e.exp.is_positive):
            yield e.base
        elif is_fold(e):
            continue                                     # a line, cut where it turns
        elif isinstance(e, sp.asin | sp.acos | sp.atanh):
            yield from (e.args[0] - 1, e.args[0] + 1)
        elif isinstance(e, sp.acosh):
            yield e.args[0] - 1
        elif isinstance(e, sp.tan):
            yield sp.cos(e.args[0])


def borders(formula: sp.Expr, variable: sp.Symbol, low: sp.Expr, high: sp.Expr) -> list[sp.Expr]:
    """The exact places in [low, high] where the formula may be undefined or not smooth, ascending."""
    endless = low.is_infinite or high.is_infinite
    window = (sp.Max(low, -NEARBY), sp.Min(high, NEARBY)) if endless else (low, high)
    points = {z for u in _inside(formula) if variable in u.free_symbols
              for z in real_zeros(u, variable, window if window[0] < window[1] else None) or []}
    return sorted((z for z in points if low <= z <= high), key=lambda z: sp.N(z, 30))


def irregular(pieces: Pieces, variable: sp.Symbol) -> tuple[sp.Expr, ...] | None:
    """The exact points where a smooth piece may fail to have two derivatives; None when not all of them are known."""
    found: list[sp.Expr] = []
    marks = [-sp.oo, *pieces.breaks, sp.oo]
    for formula, a, b in zip(pieces.formulas, marks, marks[1:], strict=False):
        if any(real_zeros(u, variable) is None for u in _inside(formula) if variable in u.free_symbols):
            return None
        program = compile_expression(formula, variable)
        found += [z for z in borders(formula, variable, a, b) if not regular(program, z, 3)]
    return tuple(dict.fromkeys(found))


def regular(program: Program, place: sp.Expr, count: int) -> bool:
    """Whether the first Taylor coefficients exist around the place."""
    try:
        return all(c.is_finite() for c in taylor(program, number_ball(place) + arb(0, 2.0**-40), count).coefficients)
    except OutsideDomain:
        return False


def breaks_inside(pieces: Pieces, variable: sp.Symbol) -> tuple[tuple[sp.Expr, ...], tuple[sp.Expr, ...]]:
    """The irregular points where σ, and where σ', surely has different limits from the left and from the right."""
    jumps: list[sp.Expr] = []
    kinks: list[sp.Expr] = []
    for z in irregular(pieces, variable) or ():
        at = sum(bool(b < z) for b in pieces.breaks)
        formula = pieces.formulas[at]
        if z in pieces.breaks:
            continue
        if _limits_differ(formula, variable, z):
            jumps.append(z)
        elif _limits_differ(sp.diff(formula, variable), variable, z):
            kinks.append(z)
    return tuple(jumps), tuple(kinks)


def _limits_differ(e: sp.Expr, variable: sp.Symbol, place: sp.Expr) -> bool:
    limits = []
    for direction in (-1, 1):
        try:
            growing, constant, _ = germ(singular_end(e, variable, place, direction), Tail(arb(64), None, 4)).parts()
        except NoGerm:
            return False
        limits.append(arb("nan") if growing.terms else arb(constant))
    if any(not limit.is_finite() for limit in limits):
        return any(limit.is_finite() for limit in limits)
    return not limits[0].overlaps(limits[1])


def undefined_part(pieces: Pieces, variable: sp.Symbol, low: sp.Expr, high: sp.Expr) -> str | None:
    """The first stretches of [low, high] where the function is undefined, in words; None when none is found."""
    found: list[tuple[sp.Expr, sp.Expr]] = []
    marks = [-sp.oo, *pieces.breaks, sp.oo]
    for formula, a, b in zip(pieces.formulas, marks, marks[1:], strict=False):
        a, b = sp.Max(a, low), sp.Min(b, high)
        for stretch in _undefined(formula, variable, a, b) if a < b else ():
            if found and found[-1][1] == stretch[0]:
                stretch = (found.pop()[0], stretch[1])
            found.append(stretch)
    stretches = []
    for a, b in found:
        stretches.append(f"for {variable} < {b}" if a.is_infinite else f"for {variable} > {a}" if b.is_infinite
                         else f"between {a} and {b}")
    return " and ".join(stretches[:2]) or None


def _undefined(formula: sp.Expr, variable: sp.Symbol, low: sp.Expr, high: sp.Expr) -> list[tuple[sp.Expr, sp.Expr]]:
    """The stretches of [low, high] where one formula is undefined."""
    if next(_inside(formula), None) is None:
        return []
    marks = [low, *(p for p in borders(formula, variable, low, high) if low < p < high), high]
    program = compile_expression(formula, variable)
    found: list[tuple[sp.Expr, sp.Expr]] = []
    for a, b in pairwise(marks):
        try:
            taylor(program, number_ball(_between(a, b)), 1)
        except OutsideDomain:
            found.append((a, b) if not found or found[-1][1] != a else (found.pop()[0], b))
    if any(real_zeros(u, variable) is None for u in _inside(formula)):           # more places lie farther out
        found = [(a, b) for a, b in found if a.is_finite and b.is_finite]
    return found


def _between(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    if a.is_infinite and b.is_infinite:
        return sp.Rational(1, 7)
    if a.is_infinite:
        return b - 1
    return a + 1 if b.is_infinite else (a + b) / 2
