"""Split a function of one real variable into smooth pieces between exact breakpoints.

|.|, sign, max, min, steps, Piecewise and asin(sin u) branch where some expression g(t) changes sign. The zeros of every
such g are found exactly where that is possible; between two of them each branch is decided once, and what is
left is one smooth formula. |sin t| has infinitely many of them: those in a `window` (one period, say) are found.
Where the zeros cannot be found the function keeps its branches and `Pieces.implicit` says so: the evaluators
then take the hull of the branches they cannot decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sympy as sp

from symgrad.balls.folds import branches, is_fold, opened, rational, unfolded
from symgrad.balls.numbers import Point

__all__ = ["Pieces", "Window", "breaks_of_order", "equal_at", "real_zeros", "split", "switches", "value_at"]

Window = tuple[sp.Expr, sp.Expr]
MOST_TURNS = 200                # zeros of one sin or cos that are listed in a window

_INVERSE: dict[type[sp.Expr], tuple[Callable[..., sp.Expr], Callable[..., Any]]] = {
    sp.exp: (sp.log, lambda y: y.is_positive), sp.sinh: (sp.asinh, lambda y: True),
            sp.tanh: (sp.atanh, lambda y: abs(y) < 1), sp.atan: (sp.tan, lambda y: abs(y) < sp.pi / 2),
            sp.asinh: (sp.sinh, lambda y: True), sp.log: (sp.exp, lambda y: True)}


@dataclass(frozen=True)
class Pieces:
    """`formulas[i]` holds between `breaks[i-1]` and `breaks[i]` (the line's ends where there is none)."""

    breaks: tuple[sp.Expr, ...]
    formulas: tuple[sp.Expr, ...]
    implicit: bool = False          # some branch is left inside the formulas


@lru_cache(maxsize=1024)
def split(expression: sp.Expr, variable: sp.Symbol, window: Window | None = None) -> Pieces:
    """The smooth pieces of an expression, neighbours with equal formulas joined; with a window, those in it.

    >>> x = sp.Symbol("x", real=True)
    >>> split(sp.Max(0, x), x)
    Pieces(breaks=(0,), formulas=(0, x), implicit=False)
    """
    expression = unfolded(expression, variable)
    if not branches(expression):
        return Pieces((), (expression,))
    zeros: set[sp.Expr] = set()
    for g in switches(expression):
        found = real_zeros(g, variable, window)
        if found is None:
            return Pieces((), (expression,), implicit=True)
        zeros.update(z for z in found if window is None or window[0] <= z <= window[1])
    breaks = _ordered(zeros)
    formulas = [_decide(expression, variable, point) for point in _samples(breaks, window)]
    if any(f is None for f in formulas):
        return Pieces((), (expression,), implicit=True)
    return _joined(breaks, [f for f in formulas if f is not None], expression, variable)


def breaks_of_order(pieces: Pieces, variable: sp.Symbol, order: int) -> tuple[sp.Expr, ...]:
    """The breakpoints where the derivative of that order is the first to differ from the left and from the
    right.

    Order 0: jumps. Order 1: kinks.
    """
    found = []
    for i, b in enumerate(pieces.breaks):
        left, right = pieces.formulas[i:i + 2]
        agree = True
        for _ in range(order):
            agree = agree and equal_at(left, right, variable, b)
            left, right = sp.diff(left, variable), sp.diff(right, variable)
        if agree and not equal_at(left, right, variable, b):
            found.append(b)
    return tuple(found)


def value_at(e: sp.Expr, variable: sp.Symbol, point: sp.Expr) -> sp.Expr:
    """The value at a point, the limit where the formula is 0/0 there."""
    value = e.subs(variable, point)
    return sp.limit(e, variable, point) if value.has(sp.nan, sp.zoo) else value


def equal_at(left: sp.Expr, right: sp.Expr, variable: sp.Symbol, point: sp.Expr) -> bool:
    ends = value_at(left, variable, point), value_at(right, variable, point)
    if any(end.has(sp.oo, -sp.oo, sp.zoo, sp.nan, sp.AccumBounds) for end in ends):
        return bool(ends[0] == ends[1])
    difference = ends[0] - ends[1]
    if difference == 0:
        return True
    if not abs(sp.N(difference, 30)) < 1e-20:
        return False
    if isinstance(point, Point):
        return point.vanishes(left - right, variable)
    return bool(difference.equals(0))


def _joined(breaks: list[sp.Expr], formulas: list[sp.Expr], whole: sp.Expr, variable: sp.Symbol) -> Pieces:
    """Forget a breakpoint between two equal formulas that also take their common value there."""
    kept_breaks: list[sp.Expr] = []
    kept = [formulas[0]]
    for b, f in zip(breaks, formulas[1:], strict=True):
        if f == kept[-1] and whole.subs(variable, b) == f.subs(variable, b):
            continue
        kept_breaks.append(b)
        kept.append(f)
    return Pieces(tuple(kept_breaks), tuple(kept))


def switches(expression: sp.Expr) -> Iterator[sp.Expr]:
    """Every g whose sign decides a branch."""
    for e in sp.preorder_traversal(expression):
        if isinstance(e, sp.Abs | sp.sign | sp.Heaviside):
            yield e.args[0]
        elif isinstance(e, sp.Max | sp.Min):
            yield from (a - b for i, a in enumerate(e.args) for b in e.args[:i])
        elif isinstance(e, sp.core.relational.Relational):
            yield e.lhs - e.rhs
        elif is_fold(e):
            yield sp.sin(e.args[0].args[0]) if isinstance(e, sp.acos) else sp.cos(e.args[0].args[0])


def real_zeros(g: sp.Expr, variable: sp.Symbol, window: Window | None = None) -> list[sp.Expr] | None:
    """All real zeros (and poles) of g, exact, or None when they are not found (or are infinitely many).

    Reads polynomials, products, and what one monotone function after another leads back to a polynomial; with a
    window also sin, cos and tan, whose zeros in it (at least) are listed.
    """
    if variable not in g.free_symbols:
        return []                                        # a constant switches nowhere
    if branches(g):                                      # nested: max(0, 1 - |x|)
        return _zeros_by_pieces(g, variable, window)
    if g.is_polynomial(variable):
        poly = sp.Poly(g, variable)
        roots: list[sp.Expr] | None = poly.real_roots() if rational(g) else _quadratic_roots(poly)
        return None if roots is None else list(dict.fromkeys(roots))
    if isinstance(g, sp.Mul):
        parts = [real_zeros(f, variable, window) for f in g.args]
        return None if any(p is None for p in parts) else list(dict.fromkeys(z for p in parts if p
                                                                             for z in p))
    if isinstance(g, sp.Pow):
        return real_zeros(g.base, variable, window)      # a pole (negative exponent) may change the sign too
    if isinstance(g, sp.exp):
        return []
    constant, rest = g.as_coeff_Add()
    coefficient, h = rest.as_coeff_Mul()
    level = -constant / coefficient                      # h(u) = level
    if isinstance(h, sp.Pow) and h.exp.is_Rational and h.exp.is_positive and level == 0:
        return real_zeros(h.base, variable, window)
    if type(h) in _INVERSE:
        inverse, possible = _INVERSE[type(h)]
        return real_zeros(h.args[0] - inverse(level), variable, window) if possible(level) else []
    if isinstance(h, sp.erf) and level == 0:
        return real_zeros(h.args[0], variable, window)
    if isinstance(h, sp.sin | sp.cos) and bool(abs(level) > 1):
        return []
    if isinstance(h, sp.sin | sp.cos | sp.tan) and window is not None and sp.diff(h.args[0], variable).is_number:
        return _zeros_of_wave(h, level, variable, window)
    waves = _same_wave(g, variable)
    if waves is not None:
        return real_zeros(waves, variable, window)
    numerator, denominator = sp.fraction(sp.together(g))
    if denominator != 1 and variable in denominator.free_symbols:
        return real_zeros(numerator * denominator, variable, window)      # zeros and poles
    from symgrad.balls.zeros import isolated
    found = isolated(g, variable, window)
    return None if found is None else list(found)


def _same_wave(g: sp.Expr, variable: sp.Symbol) -> sp.Expr | None:
    """a sin(u) + b cos(u) = sqrt(a² + b²) sin(u + c), with u linear and numbers a, b."""
    s, c = sp.Wild("s", exclude=[variable]), sp.Wild("c", exclude=[variable])
    u = next((w.args[0] for w in g.atoms(sp.sin)), None)
    found = None if u is None else g.match(s * sp.sin(u) + c * sp.cos(u))
    if not found or 0 in (found[s], found[c]):
        return None
    return sp.sin(u + sp.atan(found[c] / found[s]))      # the size does not matter for a zero


def _zeros_of_wave(h: sp.Expr, level: sp.Expr, variable: sp.Symbol, window: Window) -> list[sp.Expr] | None:
    """The u in sin u = level, cos u = level or tan u = level, for u linear, as far as they lie in the window."""
    rate = sp.diff(h.args[0], variable)
    if not rate.is_number or not all(end.is_finite for end in window):
        return None
    start = h.args[0].subs(variable, 0)
    if isinstance(h, sp.tan):                            # its poles too: they may change the sign
        first, period = [sp.atan(level), sp.pi / 2], sp.pi
    else:
        turn = sp.asin(level) if isinstance(h, sp.sin) else sp.acos(level)
        first, period = [turn, sp.pi - turn if isinstance(h, sp.sin) else -turn], 2 * sp.pi
    found = []
    for f in dict.fromkeys(first):
        a, b = sorted(sp.N(((rate * end + start) - f) / period, 20) for end in window)
        if b - a > MOST_TURNS:
            return None
        found += [(f + k * period - start) / rate
                  for k in range(int(sp.floor(a)), int(sp.ceiling(b)) + 1)]
    return [z for z in dict.fromkeys(found) if window[0] <= z <= window[1]]


def _quadratic_roots(poly: sp.Poly) -> list[sp.Expr] | None:
    """Real roots of a polynomial with irrational coefficients, up to degree 2."""
    if poly.degree() > 2:
        return None
    roots = sp.roots(poly)
    return [r for r in roots if r.is_real] if all(r.is_real is not None for r in roots) else None


def _zeros_by_pieces(g: sp.Expr, variable: sp.Symbol, window: Window | None) -> list[sp.Expr] | None:
    inner = split(g, variable, window)
    if inner.implicit:
        return None
    zeros = list(inner.breaks)                           # a sign may change there by a jump
    for at, formula in enumerate(inner.formulas):
        found = real_zeros(formula, variable, window)
        if found is None:
            return None
        low = inner.breaks[at - 1] if at > 0 else -sp.oo
        high = inner.breaks[at] if at < len(inner.breaks) else sp.oo
        zeros.extend(z for z in found if low < z < high)
    return list(dict.fromkeys(zeros))


def _ordered(zeros: set[sp.Expr]) -> list[sp.Expr]:
    """Ascending, exact duplicates written differently removed."""
    ordered = sorted(zeros, key=lambda z: (sp.N(z, 50), sp.default_sort_key(z)))
    distinct: list[sp.Expr] = []
    for z in ordered:
        if not distinct or abs(sp.N(z - distinct[-1], 30)) > sp.Rational(1, 10**25):
            distinct.append(z)
    return distinct


def _samples(breaks: list[sp.Expr], window: Window | None) -> Iterator[sp.Rational]:
    """One rational number inside each piece (inside the window, for the pieces that lie partly in it)."""
    if not breaks and window is None:
        yield sp.Integer(0)
        return
    approximate = [sp.Rational(str(sp.N(b, 40))) for b in breaks]
    if window is None:
        marks = [sp.floor(approximate[0]) - 2, *approximate, sp.floor(approximate[-1]) + 4]
    else:
        low, high = (sp.Rational(str(sp.N(end, 40))) for end in window)
        marks = [low, *approximate, high]
        marks[0] -= 1 if approximate and low >= approximate[0] else 0
        marks[-1] += 1 if approximate and high <= approximate[-1] else 0
    yield from ((a + b) / 2 for a, b in pairwise(marks))


def _decide(expression: sp.Expr, variable: sp.Symbol, point: sp.Rational) -> sp.Expr | None:
    """The formula with every branch taken as it is taken at the point; None if some sign cannot be read
    there."""
    memo: dict[sp.Basic, sp.Basic] = {}

    def sign(g: sp.Expr) -> int:
        value = g.subs(variable, point)
        if value == 0:
            return 0
        size = sp.N(value, 30)
        if not value.is_Rational and abs(size) < 1e-20 and value.equals(0):
            return 0
        return 1 if size > 0 else -1

    def truth(c: sp.Basic) -> bool:
        if isinstance(c, sp.And):
            return all(truth(a) for a in c.args)
        if isinstance(c, sp.Or):
            return any(truth(a) for a in c.args)
        if c in (sp.true, sp.false):
            return bool(c == sp.true)
        s = sign(visit(c.gts - c.lts))
        return s > 0 or (s == 0 and isinstance(c, sp.GreaterThan | sp.LessThan))

    def visit(e: sp.Expr) -> sp.Expr:
        if e not in memo:
            memo[e] = branch(e)
        return memo[e]

    def branch(e: sp.Expr) -> sp.Expr:
        if not branches(e):
            return e
        if isinstance(e, sp.Piecewise):
            return next((visit(value) for value, c in e.args if truth(c)), sp.nan)
        if is_fold(e):
            u = visit(e.args[0].args[0])
            return opened(e, u, sp.N(u.subs(variable, point), 30))
        args = [visit(a) for a in e.args]
        if isinstance(e, sp.Abs):
            s = sign(args[0])
            return s * args[0]
        if isinstance(e, sp.sign):
            return sp.Integer(sign(args[0]))
        if isinstance(e, sp.Heaviside):
            return (1 + sp.Integer(sign(args[0]))) / sp.Integer(2)
        if isinstance(e, sp.Max | sp.Min):
            towards = 1 if isinstance(e, sp.Max) else -1
            best = args[0]
            for a in args[1:]:
                if sign(a - best) * towards > 0:
                    best = a
            return best
        return e.func(*args)

    decided = visit(expression)
    return None if decided.has(sp.nan, sp.zoo) else decided
