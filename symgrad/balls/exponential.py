"""Identities between rational functions of x and e^{kx}, decided exactly by a normal form.

x and e^{x/q} are algebraically independent over the numbers, so an expression built from them with + - * /
is the zero function exactly when its numerator is the zero polynomial in both. tanh, sinh, cosh, the
sigmoid and products of exponentials are rewritten into this form first. No simplification heuristics are
involved.
"""

from __future__ import annotations

from math import gcd, lcm

import sympy as sp

from symgrad.errors import SymgradError

__all__ = ["NotExponential", "exponential_factors", "normal_form", "prove_identity", "y"]

y = sp.Symbol("y", positive=True)


class NotExponential(SymgradError, ValueError):
    """The expression is no rational function of x and e^{kx} with rational k."""


def prove_identity(lhs: sp.Expr, rhs: sp.Expr, variable: sp.Symbol) -> bool:
    """Whether lhs = rhs wherever both are defined; exact, for rational functions of x and e^{kx}.

    Raises NotExponential for anything else.

    >>> x = sp.Symbol("x", real=True)
    >>> prove_identity(sp.tanh(x), 2/(1 + sp.exp(-2*x)) - 1, x)
    True
    """
    numerator, _, _ = normal_form(sp.sympify(lhs, strict=True) - sp.sympify(rhs, strict=True), variable)
    return bool(numerator.is_zero)


def normal_form(e: sp.Expr, variable: sp.Symbol) -> tuple[sp.Poly, sp.Poly, sp.Rational]:
    """Numerator and denominator as polynomials in (x, y), and q, with y = e^{x/q}: q as small as it can
    be."""
    rates = [r for r in _rates(e, variable) if r != 0]
    q = sp.Rational(lcm(*(int(r.q) for r in rates)), gcd(*(int(r.p) for r in rates))) if rates else sp.S.One
    rational = _rewrite(e, variable, q)
    numerator, denominator = sp.fraction(sp.cancel(sp.together(rational)))
    try:
        above, below = sp.Poly(numerator, variable, y), sp.Poly(denominator, variable, y)
    except sp.PolynomialError:
        raise NotExponential(f"{e} is no rational function of {variable} and exponentials") from None
    return above, below, q


def exponential_factors(e: sp.Expr, variable: sp.Symbol) -> tuple[list[sp.Poly], sp.Rational]:
    """The irreducible factors of e's numerator that are polynomials in x alone or in y = e^{x/q} alone, and
    q."""
    numerator, _, q = normal_form(e, variable)
    if numerator.is_zero:
        return [], q
    found = []
    for factor, _ in numerator.factor_list()[1]:
        symbols = factor.as_expr().free_symbols
        if len(symbols) == 1:
            found.append(sp.Poly(factor.as_expr(), *symbols))
    return found, q


_HYPERBOLIC = (sp.tanh, sp.sinh, sp.cosh)


def _rates(e: sp.Expr, variable: sp.Symbol) -> list[sp.Rational]:
    found = []
    for f in e.atoms(sp.exp, *_HYPERBOLIC):
        rate = sp.diff(f.args[0], variable)
        if not rate.is_Rational or (f.args[0] - rate * variable).expand() != 0:
            raise NotExponential(f"{f} is no exponential of a rational multiple of {variable}")
        found.append(rate)
    return found


def _rewrite(e: sp.Expr, variable: sp.Symbol, q: sp.Rational) -> sp.Expr:
    if e == variable or e.is_Rational:
        return e
    if isinstance(e, sp.Add | sp.Mul):
        return e.func(*(_rewrite(a, variable, q) for a in e.args))
    if isinstance(e, sp.exp):
        return y ** (sp.diff(e.args[0], variable) * q)
    if isinstance(e, sp.Pow) and e.exp.is_Integer:
        return _rewrite(e.base, variable, q) ** e.exp
    if isinstance(e, _HYPERBOLIC):
        w = y ** (sp.diff(e.args[0], variable) * q)
        if isinstance(e, sp.tanh):
            return (w**2 - 1) / (w**2 + 1)
        return (w - 1 / w) / 2 if isinstance(e, sp.sinh) else (w + 1 / w) / 2
    raise NotExponential(f"{e} is not built from {variable}, rational numbers and exponentials")
