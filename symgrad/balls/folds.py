"""Functions that branch without saying so: asin(sin u) is a zigzag of straight lines, sqrt((x + 1)²) is |x + 1|.

An inverse of a wave opens into ±(u - kπ) between the places where the wave turns; a square leaves a root as a modulus.
"""

from __future__ import annotations

import sympy as sp

__all__ = ["BRANCHING", "branches", "derivative_off_breaks", "is_fold", "opened", "rational", "unfolded"]

BRANCHING = (sp.Abs, sp.sign, sp.Max, sp.Min, sp.Heaviside, sp.Piecewise)
_FOLDS = {sp.asin: sp.sin, sp.acos: sp.cos, sp.atan: sp.tan}


def is_fold(e: sp.Basic) -> bool:
    """Whether e is asin(sin u), acos(cos u) or atan(tan u)."""
    return type(e) in _FOLDS and isinstance(e.args[0], _FOLDS[type(e)])


def branches(e: sp.Expr) -> bool:
    """Whether a formula has more than one smooth piece, as far as its form tells."""
    return bool(e.has(*BRANCHING) or any(is_fold(a) for a in e.atoms(*_FOLDS)))


def opened(e: sp.Expr, u: sp.Expr, value: sp.Float) -> sp.Expr:
    """The line that asin(sin u), acos(cos u) or atan(tan u) is, where u has about that value."""
    k = sp.floor(value / sp.pi + (0 if isinstance(e, sp.acos) else sp.Rational(1, 2)))
    even = bool(k % 2 == 0)
    if isinstance(e, sp.acos):
        return u - k * sp.pi if even else (k + 1) * sp.pi - u
    return u - k * sp.pi if even or isinstance(e, sp.atan) else k * sp.pi - u


def derivative_off_breaks(e: sp.Expr, variable: sp.Symbol, order: int) -> sp.Expr:
    """e^(order) where e does not branch; a larger or smaller of two is written with their difference's sign, once."""
    def larger(*args: sp.Expr) -> sp.Expr:
        result = args[0]
        for a in args[1:]:
            result = (result + a + sp.Abs(result - a)) / 2
        return result

    e = e.replace(sp.Max, larger).replace(sp.Min, lambda *args: -larger(*(-a for a in args)))
    for _ in range(order):
        e = sp.diff(e, variable).replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    return e


def unfolded(e: sp.Expr, variable: sp.Symbol) -> sp.Expr:
    """Roots of squares as moduli: sqrt(x² + 2x + 1), sqrt(1 - sin² u), acosh(cosh u); asin(cos u) by acos(cos u)."""
    new: dict[sp.Expr, sp.Expr] = {}
    for a in e.atoms(sp.asin, sp.acos, sp.acosh):
        u = a.args[0]
        if isinstance(a, sp.acosh) and isinstance(u, sp.cosh):
            new[a] = sp.Abs(u.args[0])
        elif isinstance(a, sp.asin | sp.acos) and isinstance(u, sp.sin | sp.cos) and not is_fold(a):
            new[a] = sp.pi / 2 - (sp.acos(u) if isinstance(a, sp.asin) else sp.asin(u))
    for p in e.atoms(sp.Pow):
        if p.exp.is_Rational and p.exp.q == 2 and isinstance(p.base, sp.Add):
            new[p] = _root(p, variable)
    return e.xreplace(new) if new else e


def _root(p: sp.Pow, variable: sp.Symbol) -> sp.Expr:
    """p with the squares of its base outside."""
    double = _half_angle(p.base)
    if double is not None:
        return double[0] ** p.exp * sp.Abs(double[1]) ** (2 * p.exp)
    wave = p.base.match(1 - sp.Wild("w", properties=[lambda w: isinstance(w, sp.sin | sp.cos)]) ** 2)
    if wave:
        ((w,),) = (wave.values(),)
        return sp.Abs((sp.cos if isinstance(w, sp.sin) else sp.sin)(w.args[0])) ** (2 * p.exp)
    if not p.base.is_polynomial(variable) or not rational(p.base):
        return p
    constant, factors = sp.factor_list(p.base, variable)
    if constant <= 0 or all(m == 1 for _, m in factors):
        return p
    inside = sp.Mul(constant, *(f for f, m in factors if m % 2))
    return inside**p.exp * sp.Mul(*(sp.Abs(f) ** (2 * (m // 2) * p.exp) for f, m in factors if m > 1))


def _half_angle(e: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(2c, v) where e = c ± c sin u or c ± c cos u is 2c v²."""
    c, rest = e.as_coeff_Add()
    factor, wave = rest.as_coeff_Mul()
    if not isinstance(wave, sp.sin | sp.cos) or not c.is_positive or abs(factor) != c:
        return None
    half = wave.args[0] / 2 + (sp.pi / 4 if isinstance(wave, sp.sin) else 0)
    through_sine = (factor > 0) == isinstance(wave, sp.sin)
    return 2 * c, sp.sin(half) if through_sine else sp.cos(half)


def rational(g: sp.Expr) -> bool:
    """Whether all numbers in g are rational, and nothing else than + - * / and whole powers."""
    return all(a.is_Rational for a in g.atoms(sp.Number)) and not g.atoms(sp.NumberSymbol) and not any(
        (isinstance(a, sp.Pow) and not a.exp.is_Integer) or isinstance(a, sp.Function)
        for a in sp.preorder_traversal(g))
