"""Identities between rational functions of x and e^{kx}, decided exactly by a normal form.

x and e^{x/q} are algebraically independent over the numbers, so an expression built from them with + - * /
is the zero function exactly when its numerator is the zero polynomial in both. tanh, sinh, cosh, the
sigmoid and products of exponentials are rewritten into this form first. No simplification heuristics are
involved.
"""

from __future__ import annotations

from math import gcd, lcm, prod
from typing import Any

import sympy as sp
from sympy.polys.fields import FracField

from symgrad.errors import SymgradError

__all__ = ["NotExponential", "exponential_factors", "normal_form", "prove_identity", "y"]

y = sp.Symbol("y", positive=True)
HIGHEST = 200                             # powers of y beyond this are not multiplied out


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
    if any(abs(r * q) > HIGHEST for r in rates):
        raise NotExponential(f"the exponents in {e} are too far apart")
    try:
        found = _rewrite(e, variable, q, *FracField((variable, y), sp.QQ).gens)
    except ZeroDivisionError:
        raise NotExponential(f"{e} divides by 0") from None
    above, below = (sp.Poly.from_dict(dict(part), variable, y) for part in (found.numer, found.denom))
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
        found.append(_rate(f, variable))
    return found


def _rate(f: sp.Expr, variable: sp.Symbol) -> sp.Rational:
    """The k of e^{kx}."""
    rate, rest = f.args[0].expand().as_coeff_Mul()
    if rest != variable or not rate.is_Rational:
        raise NotExponential(f"{f} is no exponential of a rational multiple of {variable}")
    return rate


def _rewrite(e: sp.Expr, variable: sp.Symbol, q: sp.Rational, x: Any, w: Any) -> Any:
    """e in the field of rational functions of x and w = e^{x/q}, whose elements are in lowest terms."""
    if e == variable:
        return x
    if e.is_Rational:
        return x.field.from_expr(e)
    if isinstance(e, sp.Add | sp.Mul):
        parts = [_rewrite(a, variable, q, x, w) for a in e.args]
        return sum(parts[1:], parts[0]) if e.is_Add else prod(parts[1:], start=parts[0])
    if isinstance(e, sp.Pow) and e.exp.is_Integer:
        return _rewrite(e.base, variable, q, x, w) ** int(e.exp)
    if isinstance(e, (sp.exp, *_HYPERBOLIC)):
        power = w ** int(_rate(e, variable) * q)
        if isinstance(e, sp.exp):
            return power
        if isinstance(e, sp.tanh):
            return (power**2 - 1) / (power**2 + 1)
        return (power - 1 / power) / 2 if isinstance(e, sp.sinh) else (power + 1 / power) / 2
    raise NotExponential(f"{e} is not built from {variable}, rational numbers and exponentials")
