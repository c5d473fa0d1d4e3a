"""SymPy functions that are written in terms of those with ball arithmetic: sech, cot, sinc, and cases such as x != 0."""

from __future__ import annotations

import sympy as sp

from symgrad.balls.pieces import equal_at, real_zeros
from symgrad.errors import SymgradError

__all__ = ["known_forms"]

_FORMS = {
    sp.sech: lambda u: 1 / sp.cosh(u), sp.csch: lambda u: 1 / sp.sinh(u), sp.coth: lambda u: sp.cosh(u) / sp.sinh(u),
    sp.sec: lambda u: 1 / sp.cos(u), sp.csc: lambda u: 1 / sp.sin(u), sp.cot: lambda u: sp.cos(u) / sp.sin(u),
    sp.sinc: lambda u: sp.sin(u) / u, sp.acot: lambda u: sp.atan(1 / u),
}


def known_forms(e: sp.Expr, variable: sp.Symbol) -> sp.Expr:
    """The same function, as far as it can be written with known ones.

    A case for a single point (Ne, Eq) is dropped where the function is continuous there; SymgradError where it is not, or
    where that cannot be told.
    """
    for function, form in _FORMS.items():
        e = e.replace(function, form)
    return e.replace(lambda a: isinstance(a, sp.Piecewise) and a.has(sp.Ne, sp.Eq), lambda a: _without_points(a, variable))


def _without_points(e: sp.Piecewise, variable: sp.Symbol) -> sp.Expr:
    cases: list[tuple[sp.Expr, sp.Basic]] = []
    for value, condition in e.args:
        cases.append((value, condition.replace(sp.Ne, lambda *_: sp.true).replace(sp.Eq, lambda *_: sp.false)))
    open_ = sp.Piecewise(*cases)
    for relation in e.atoms(sp.Ne, sp.Eq):
        places = real_zeros(relation.lhs - relation.rhs, variable)
        if places is None:
            raise SymgradError(f"where {relation} is open: write the cases with < and >")
        for place in places:
            if not equal_at(open_, sp.sympify(e.subs(variable, place)), variable, place):
                raise SymgradError(f"{e} takes a value of its own at {variable} = {place}: it is not continuous there")
    return open_
