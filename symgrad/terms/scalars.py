"""Scalars that SymPy would rewrite by itself: norms, absolute values, inner products, quotients, powers.

They are nodes of our own because ‖A‖/‖A‖ = 1 fails at A = 0 and z^n z^(-n) = 1 at z = 0: such laws are rules of
the kernel with their conditions. A norm carries its kind: p, a number from 1 to ∞ or a symbol for one (the norm of a
matrix induced by the p-norm of vectors; for a column the norm of the vector), or Frobenius: see `exponents`.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer

from ..errors import ShapeError, SymgradError
from .algebra import ONE, Term, as_term, show_shape
from .exponents import FROBENIUS, dual_kind, norm_kind
from .index import index_expression

__all__ = ["FROBENIUS", "Absolute", "Inner", "LeastEigenvalue", "Maximum", "Minimum", "Norm", "Power", "Quotient",
           "SMin", "absolute", "dual_kind", "inner", "least_eigenvalue", "norm", "norm_kind", "s_min"]

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


class LeastEigenvalue(Term):
    """The least ⟨x, Ax⟩ over unit vectors x: of a symmetric matrix its least eigenvalue, positive just when it is
    positive definite. Of the 0 × 0 matrix it is 0 by convention."""

    __slots__ = ()

    def __new__(cls, term: Any) -> LeastEigenvalue:
        term = as_term(term)
        if term.rows != term.columns:
            raise ShapeError(f"eigenvalues are those of a square matrix, got {term} ({show_shape(term)})")
        return cls.intern((term,), (ONE, ONE))


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


norm, absolute, inner, s_min, least_eigenvalue = Norm, Absolute, Inner, SMin, LeastEigenvalue
