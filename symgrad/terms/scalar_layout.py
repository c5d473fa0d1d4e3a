"""How a plain SymPy expression in one variable is laid out: the formula of an activation."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr

from . import layout as lay
from .notation import Notation

__all__ = ["expression_layout"]

_NAMED = {"exp": "exp", "log": "ln", "sin": "sin", "cos": "cos", "tan": "tan", "tanh": "tanh", "sinh": "sinh",
          "cosh": "cosh", "atan": "arctan", "erf": "erf", "erfc": "erfc", "Max": "max", "Min": "min", "sign": "sign",
          "asinh": "arsinh"}
_SIGNS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}


def expression_layout(e: Expr) -> Notation:
    """The layout of an exact SymPy expression.

    >>> from sympy import Symbol, exp
    >>> t = Symbol("t")
    >>> print(expression_layout(1 / (1 + exp(-t))))
    1/(1 + e^{−t})
    """
    if e.is_Rational:
        return lay.number(Fraction(int(e.p), int(e.q)))
    if e.is_Symbol:
        return lay.letter(str(e))
    if e in (sympy.pi, sympy.E):
        return lay.letter("pi" if e == sympy.pi else "e")
    if isinstance(e, sympy.exp):
        return lay.power("e", expression_layout(e.args[0]))
    if e.is_Add:
        return lay.add(*(_signed(part) for part in _ordered(e)))
    if e.is_Mul:
        return _product(e)
    if e.is_Pow:
        return _power(e)
    if isinstance(e, sympy.Abs):
        return lay.absolute(expression_layout(e.args[0]))
    if isinstance(e, sympy.Piecewise):
        return lay.cases(*((expression_layout(value), _condition(when)) for value, when in e.args))
    name = _NAMED.get(e.func.__name__)
    return lay.apply(name, *map(expression_layout, e.args)) if name else lay.words(str(e))


def _ordered(e: Expr) -> list[Expr]:
    """Numbers first, then as SymPy orders them."""
    parts = list(e.as_ordered_terms())
    return sorted(parts, key=lambda part: not part.is_number)


def _signed(part: Expr) -> Notation:
    return lay.minus(expression_layout(-part)) if part.could_extract_minus_sign() else expression_layout(part)


def _product(e: Expr) -> Notation:
    if e.could_extract_minus_sign():
        return lay.minus(expression_layout(-e))
    above, below = e.as_numer_denom()
    if below != 1:
        return lay.fraction(expression_layout(above), expression_layout(below))
    return lay.product(*map(expression_layout, e.as_ordered_factors()))


def _power(e: Expr) -> Notation:
    base, exponent = e.args
    if exponent == sympy.Rational(1, 2):
        return lay.root(expression_layout(base))
    if exponent.is_number and exponent.is_negative:
        return lay.fraction(1, expression_layout(base ** -exponent))
    return lay.power(expression_layout(base), expression_layout(exponent))


def _condition(when: Any) -> Notation:
    if when is sympy.true:
        return lay.words("otherwise")
    if isinstance(when, sympy.core.relational.Relational) and when.rel_op in _SIGNS:
        return lay.relation(expression_layout(when.lhs), _SIGNS[when.rel_op], expression_layout(when.rhs))
    return lay.words(str(when))
