"""Scalars that SymPy would rewrite by itself: norms, absolute values, inner products, quotients, powers.

They are nodes of our own because ‖A‖/‖A‖ = 1 fails at A = 0 and z^n z^(-n) = 1 at z = 0: such laws are rules of
the kernel with their conditions. A norm carries its kind: 1, 2 or ∞ (the norm of a matrix induced by that of
vectors; for a column the norm of the vector), or Frobenius.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Integer
from sympy.core.symbol import Str

from ..errors import ShapeError, SymgradError
from .algebra import ONE, Term, as_term, show_shape
from .index import index_expression

__all__ = ["FROBENIUS", "Absolute", "Inner", "Maximum", "Minimum", "Norm", "Power", "Quotient", "SMin", "absolute",
           "dual_kind", "inner", "norm", "norm_kind", "s_min"]

FROBENIUS = Str("F")


def norm_kind(kind: Any) -> Any:
    """1, 2, ∞ (`float("inf")`, "inf" or sympy.oo) or Frobenius ("F"), as a SymPy object."""
    known: dict[Any, Any] = {1: Integer(1), 2: Integer(2), sympy.oo: sympy.oo, "inf": sympy.oo, float("inf"): sympy.oo,
                             "F": FROBENIUS, FROBENIUS: FROBENIUS}
    try:
        if isinstance(kind, bool):
            raise KeyError(kind)
        return known[kind]
    except (KeyError, TypeError):
        raise SymgradError(f"a norm is of kind 1, 2, 'inf' or 'F' (Frobenius), got {kind!r}") from None


def dual_kind(kind: Any) -> Any:
    """The q with 1/p + 1/q = 1; the Frobenius norm is its own dual.

    >>> dual_kind(1)
    oo
    """
    kind = norm_kind(kind)
    return {Integer(1): sympy.oo, sympy.oo: Integer(1)}.get(kind, kind)


class Norm(Term):
    __slots__ = ()

    def __new__(cls, term: Any, kind: Any = 2) -> Norm:
        return cls.intern((as_term(term), norm_kind(kind)), (ONE, ONE))

    @property
    def kind(self) -> Any:
        return self.args[1]


class SMin(Term):
    """The smallest stretch min ‖Ax‖₂ over unit vectors x: 0 for a matrix with more columns than rows."""

    __slots__ = ()

    def __new__(cls, term: Any) -> SMin:
        return cls.intern((as_term(term),), (ONE, ONE))


class Absolute(Term):
    """The absolute value of every entry."""

    __slots__ = ()

    def __new__(cls, term: Any) -> Absolute:
        term = as_term(term)
        return cls.intern((term,), term.shape)


class Inner(Term):
    """⟨x, y⟩, the sum of the products of the entries."""

    __slots__ = ()

    def __new__(cls, x: Any, y: Any) -> Inner:
        x, y = as_term(x), as_term(y)
        if x.shape != y.shape:
            raise ShapeError(f"an inner product needs one shape, got {x} ({show_shape(x)}) and {y} ({show_shape(y)})")
        return cls.intern((x, y), (ONE, ONE))


class _Scalar(Term):
    """Shared by nodes whose arguments are scalars."""

    __slots__ = ()

    @classmethod
    def _scalar(cls, value: Any) -> Term:
        term = as_term(value)
        if not term.is_scalar_term:
            raise ShapeError(f"{cls.__name__} takes scalars, got {term} ({show_shape(term)})")
        return term


class Quotient(_Scalar):
    """A quotient of scalars. Rules that cancel ask for a divisor that is not 0."""

    __slots__ = ()

    def __new__(cls, dividend: Any, divisor: Any) -> Quotient:
        return cls.intern((cls._scalar(dividend), cls._scalar(divisor)), (ONE, ONE))


class Power(_Scalar):
    """A scalar to a natural power, which may be symbolic: γ^(L-l). x^0 is 1."""

    __slots__ = ()

    def __new__(cls, base: Any, exponent: Any) -> Power:
        exponent = index_expression(exponent)
        if isinstance(exponent, Integer) and exponent < 0:
            raise SymgradError(f"an exponent is a natural number, got {exponent}: write a quotient")
        return cls.intern((cls._scalar(base), exponent), (ONE, ONE))

    @property
    def base(self) -> Term:
        return self.args[0]

    @property
    def exponent(self) -> Expr:
        return self.args[1]


class _Extreme(_Scalar):
    __slots__ = ()

    def __new__(cls, *values: Any) -> Any:
        if len(values) < 2:
            raise SymgradError(f"{cls.__name__} takes at least two scalars")
        return cls.intern(tuple(cls._scalar(value) for value in values), (ONE, ONE))


class Maximum(_Extreme):
    __slots__ = ()


class Minimum(_Extreme):
    __slots__ = ()


norm, absolute, inner, s_min = Norm, Absolute, Inner, SMin
