"""The p of a p-norm: a number 1 <= p <= ∞, or a symbol for every p of a range, and its dual 1/p + 1/p* = 1.

An `Exponent` declares its range once, so that a theorem about it says for which p it holds; where it is replaced, what
comes instead must lie in that range. The dual of a number is a number, and the dual of a dual is the exponent itself,
so two ways to write one norm are one object.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import sympy
from sympy import Integer, Rational
from sympy.core.symbol import Str

from ..errors import SymgradError
from .algebra import Number
from .named import register_name
from .node import Node

__all__ = ["FROBENIUS", "DualExponent", "Exponent", "dual_kind", "exponent_at_most", "exponent_ends", "exponent_of",
           "exponents_in", "norm_kind"]

FROBENIUS = Str("F")

_NAMES: dict[Any, Any] = {"inf": sympy.oo, "oo": sympy.oo, float("inf"): sympy.oo, "F": FROBENIUS}


class _SymbolicExponent(Node):
    """Shared by an exponent and its dual."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return exponent_of(self).args[0].name


class Exponent(_SymbolicExponent):
    """A symbol for every p with low <= p <= high.

    >>> from symgrad.terms.exponents import Exponent, dual_kind
    >>> p = Exponent("p_demo", high=2)
    >>> dual_kind(p), dual_kind(dual_kind(p)) is p, exponent_at_most(p, dual_kind(p))
    (p_demo*, True, True)
    """

    __slots__ = ()
    _is_variable = True

    def __new__(cls, name: Any, low: Any = 1, high: Any = sympy.oo) -> Exponent:
        low, high = norm_kind(low), norm_kind(high)
        if not all(isinstance(end, (Rational, type(sympy.oo))) for end in (low, high)) or not low < high:
            raise SymgradError(f"an exponent runs over numbers 1 <= low < high <= ∞, got {low} and {high}")
        name = name if isinstance(name, Str) else Str(name)
        exponent = cls.intern((name, low, high))
        return register_name(name, exponent, "an exponent")

    @staticmethod
    def _stands_for(value: Any) -> Any:
        return norm_kind(value)


class DualExponent(_SymbolicExponent):
    """p* with 1/p + 1/p* = 1, for a symbolic p."""

    __slots__ = ()

    def __new__(cls, exponent: Any) -> Any:
        return cls.intern((exponent,)) if type(exponent) is Exponent else dual_kind(exponent)


def norm_kind(kind: Any) -> Any:
    """A rational p >= 1, ∞ (`float("inf")`, "inf" or sympy.oo), an exponent, or Frobenius ("F"), as one object.

    >>> norm_kind("3/2"), norm_kind(Fraction(4, 2)), norm_kind("inf")
    (3/2, 2, oo)
    """
    if isinstance(kind, _SymbolicExponent) or kind is FROBENIUS or kind is sympy.oo:
        return kind
    value = kind.value if isinstance(kind, Number) else kind
    try:
        if isinstance(value, (str, float, Str)):
            known = FROBENIUS if value == FROBENIUS else _NAMES.get(value)
            if known is not None:
                return known
        if isinstance(value, (str, Fraction)):
            value = Rational(str(Fraction(value)))
        if isinstance(value, (int, Rational)) and not isinstance(value, bool) and value >= 1:
            return Rational(value)
    except (ValueError, ZeroDivisionError):
        pass
    raise SymgradError("a norm is of kind 'F' (Frobenius), 'inf', a rational p >= 1 such as 2 or Fraction(3, 2), or an "
                       f"Exponent, got {kind!r}")


def dual_kind(kind: Any) -> Any:
    """The q with 1/p + 1/q = 1; the Frobenius norm is its own dual.

    >>> dual_kind(1), dual_kind(3)
    (oo, 3/2)
    """
    kind = norm_kind(kind)
    if isinstance(kind, _SymbolicExponent):
        return DualExponent(kind) if isinstance(kind, Exponent) else kind.args[0]
    if kind is FROBENIUS:
        return kind
    return Integer(1) if kind is sympy.oo else sympy.oo if kind == 1 else kind / (kind - 1)


def exponent_of(kind: Any) -> Any:
    """The symbol in an exponent or its dual."""
    return kind.args[0] if isinstance(kind, DualExponent) else kind


def exponent_ends(kind: Any) -> tuple[Any, Any]:
    """The least and the largest value of an exponent."""
    if isinstance(kind, DualExponent):
        low, high = kind.args[0].args[1:]
        return dual_kind(high), dual_kind(low)
    return kind.args[1:] if isinstance(kind, Exponent) else (kind, kind)


def exponent_at_most(p: Any, q: Any) -> bool:
    """Is p <= q for every value of the symbols in them? (Frobenius is no exponent.)"""
    if FROBENIUS in (p, q):
        return False
    return p is q or bool(exponent_ends(p)[1] <= exponent_ends(q)[0])


def exponents_in(free: Iterable[Any]) -> list[Exponent]:
    """The exponents among some free symbols, by name."""
    return sorted((s for s in free if isinstance(s, Exponent)), key=lambda s: s.name)
