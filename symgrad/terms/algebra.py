"""The nodes of matrix algebra, typed by shape: sums, products, transposes, Hadamard products, diagonals.

Every term has a shape (rows, columns) of integers or symbolic widths; a scalar is 1 x 1; vectors are columns.
A wrong shape cannot be built. Sums and products are flat (associativity is built in, nothing else is): `A @ B @ C`
is one product of three factors, and nothing is ever evaluated, reordered or cancelled.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

import sympy
from sympy import Expr, Integer

from ..errors import ShapeError, SymgradError
from .index import Dimension, Width, affine, index_expression
from .node import Node

__all__ = ["Count", "Diagonal", "Hadamard", "Identity", "MatrixProduct", "Number", "Ones", "Scaled", "Sum", "Term",
           "Transpose", "Zero", "as_term", "diag", "dimension", "hadamard", "matmul", "scale", "show_shape", "total"]

ONE = Integer(1)


class Term(Node):
    """A scalar (1 x 1), vector (n x 1) or matrix formula. `@` is the matrix product, `*` scales, `.T` transposes."""

    __slots__ = ()
    shape: tuple[Expr, Expr]
    _op_priority = 1000.0
    __array_ufunc__ = None          # NumPy does not make arrays of formulas

    @property
    def rows(self) -> Expr:
        return self.shape[0]

    @property
    def columns(self) -> Expr:
        return self.shape[1]

    @property
    def is_scalar_term(self) -> bool:
        rows, columns = self.shape
        return rows is ONE and columns is ONE                   # SymPy has one object for the integer 1

    @property
    def T(self) -> Transpose:
        return Transpose(self)

    def __matmul__(self, other: Any) -> Term:
        return MatrixProduct(self, other)

    def __rmatmul__(self, other: Any) -> Term:
        return MatrixProduct(other, self)

    def __add__(self, other: Any) -> Term:
        return Sum(self, other)

    def __radd__(self, other: Any) -> Term:
        return Sum(other, self)

    def __sub__(self, other: Any) -> Term:
        return Sum(self, -as_term(other))

    def __rsub__(self, other: Any) -> Term:
        return Sum(other, -self)

    def __neg__(self) -> Term:
        return Scaled(Number(-1), self)

    def __mul__(self, other: Any) -> Term:
        return Scaled(self, other)

    def __rmul__(self, other: Any) -> Term:
        return Scaled(other, self)

    def __truediv__(self, other: Any) -> Term:
        from .scalars import Quotient
        divisor = as_term(other)
        if isinstance(divisor, Number):
            if isinstance(self, Number):
                return Number(self.value / divisor.value)
            return Scaled(Number(1 / divisor.value), self)
        return Quotient(self, divisor) if self.is_scalar_term else Scaled(Quotient(1, divisor), self)

    def __rtruediv__(self, other: Any) -> Term:
        return as_term(other) / self

    def __pow__(self, exponent: Any) -> Term:
        from .scalars import Power
        return Power(self, exponent)

    def __abs__(self) -> Term:
        from .scalars import Absolute
        return Absolute(self)

    def __le__(self, other: Any) -> Any:
        raise SymgradError(f"{self} is compared as a line of a derivation or as a statement: derivation(a).le(b, by=…), or "
                           "LessEqual(a, b) of symgrad.kernel.statements")

    __lt__ = __ge__ = __gt__ = __le__

    def __bool__(self) -> bool:
        raise SymgradError(f"the formula {self} is neither true nor false")

    def sympy(self) -> Any:
        """This formula as plain SymPy (see `symgrad.terms.to_sympy`)."""
        from .to_sympy import to_sympy
        return to_sympy(self)


def as_term(value: Any) -> Term:
    """A term, or an exact real number as a scalar term; anything else is refused."""
    if isinstance(value, Term):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, sympy.Expr)):
        try:
            from fractions import Fraction
            if isinstance(value, Fraction):
                return Number(sympy.Rational(value.numerator, value.denominator))
        except TypeError:
            pass
        hint = "; write an exact number such as Rational(1, 2)" if isinstance(value, float) else ""
        raise SymgradError(f"expected a formula or an exact number, got {value!r} ({type(value).__name__}){hint}")
    return Number(value)


def dimension(value: Any) -> Expr:
    """A number of rows or columns: a nonnegative integer, or an expression in widths and dimensions."""
    if isinstance(value, (Width, Dimension)):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        value = Integer(value)
    if isinstance(value, Integer):
        if int(value) < 0:
            raise ShapeError(f"a width is a nonnegative integer, got {value}")
        return value
    linear, constant = affine(index_expression(value))
    if constant < 0 or any(c < 0 or not isinstance(symbol, (Width, Dimension)) for symbol, c in linear):
        raise ShapeError(f"a size is a natural number, a width n[l], a Dimension or a sum of these, got {value}")
    return value


def show_shape(term: Term) -> str:
    return f"{term.rows} × {term.columns}"


class Number(Term):
    """An exact, finite, real number."""

    __slots__ = ()

    def __new__(cls, value: Any) -> Number:
        if isinstance(value, int) and not isinstance(value, bool):
            value = Integer(value)
        if isinstance(value, Integer):
            return cls.intern((value,), (ONE, ONE))
        if (not isinstance(value, Expr) or value.has(sympy.Float) or not value.is_number
                or value.free_symbols or value.is_real is not True or value.is_finite is not True):
            raise SymgradError(f"a number is exact, finite and real (an int or a SymPy number), got {value!r}")
        return cls.intern((value,), (ONE, ONE))

    @property
    def value(self) -> Expr:
        return self.args[0]

    def __neg__(self) -> Number:
        return Number(-self.value)


class Count(Term):
    """An index or width, read as a scalar: the N in a mean over N examples."""

    __slots__ = ()

    def __new__(cls, value: Any) -> Term:
        value = index_expression(value)
        return Number(value) if isinstance(value, Integer) else cls.intern((value,), (ONE, ONE))


class Sum(Term):
    """A sum of terms of one shape, in the order written."""

    __slots__ = ()

    def __new__(cls, *terms: Any) -> Term:
        flat: list[Term] = []
        for term in map(as_term, terms):
            flat.extend(term.args if isinstance(term, Sum) else (term,))
        if len(flat) < 2:
            if flat:
                return flat[0]
            raise SymgradError("a sum of no terms has no shape: write Zero(rows, columns)")
        first = flat[0]
        for term in flat[1:]:
            if term.shape != first.shape:
                fits = "; a transpose of one would fit" if term.shape == first.shape[::-1] else ""
                raise ShapeError(f"cannot add {term} ({show_shape(term)}) to {first} ({show_shape(first)}){fits}")
        return cls.intern(tuple(flat), first.shape)


class MatrixProduct(Term):
    """The matrix product of its factors, in order."""

    __slots__ = ()

    def __new__(cls, *factors: Any) -> Term:
        flat: list[Term] = []
        for factor in map(as_term, factors):
            flat.extend(factor.args if isinstance(factor, MatrixProduct) else (factor,))
        if len(flat) < 2:
            if flat:
                return flat[0]
            raise SymgradError("a product of no factors has no shape: write Identity(n)")
        for left, right in pairwise(flat):
            if left.columns != right.rows:
                raise ShapeError(_product_misfit(left, right))
        return cls.intern(tuple(flat), (flat[0].rows, flat[-1].columns))


def _product_misfit(left: Term, right: Term) -> str:
    text = f"cannot multiply {left} ({show_shape(left)}) by {right} ({show_shape(right)})"
    if left.rows == right.rows:
        return f"{text}: did you mean the transpose of {left}?"
    if left.columns == right.columns:
        return f"{text}: did you mean the transpose of {right}?"
    if left.is_scalar_term or right.is_scalar_term:
        return f"{text}: * scales, @ multiplies matrices"
    return f"{text}: {left.columns} columns meet {right.rows} rows"


class Scaled(Term):
    """Scalar factors and at most one vector or matrix, which stands last."""

    __slots__ = ()

    def __new__(cls, *factors: Any) -> Term:
        scalars: list[Term] = []
        matrices: list[Term] = []
        for factor in map(as_term, factors):
            for part in (factor.args if isinstance(factor, Scaled) else (factor,)):
                (scalars if part.is_scalar_term else matrices).append(part)
        if len(matrices) > 1:
            one, two = matrices[:2]
            raise ShapeError(f"* scales by a scalar, got {one} ({show_shape(one)}) and {two} ({show_shape(two)}): "
                             "@ is the matrix product, hadamard(a, b) the entrywise one")
        flat = (*scalars, *matrices)
        if len(flat) == 1:
            return flat[0]
        return cls.intern(flat, flat[-1].shape)


class Transpose(Term):
    __slots__ = ()

    def __new__(cls, term: Any) -> Transpose:
        term = as_term(term)
        return cls.intern((term,), term.shape[::-1])


class Hadamard(Term):
    """The entrywise product ⊙ of terms of one shape."""

    __slots__ = ()

    def __new__(cls, *terms: Any) -> Term:
        flat: list[Term] = []
        for term in map(as_term, terms):
            flat.extend(term.args if isinstance(term, Hadamard) else (term,))
        if len(flat) == 1:
            return flat[0]
        for term in flat[1:]:
            if term.shape != flat[0].shape:
                fits = "; a transpose of one would fit" if term.shape == flat[0].shape[::-1] else ""
                raise ShapeError(f"⊙ needs one shape, got {flat[0]} ({show_shape(flat[0])}) and {term} "
                                 f"({show_shape(term)}){fits}")
        return cls.intern(tuple(flat), flat[0].shape)


class Diagonal(Term):
    """diag(x), the square matrix with the column x on its diagonal."""

    __slots__ = ()

    def __new__(cls, vector: Any) -> Diagonal:
        vector = as_term(vector)
        if vector.columns != ONE:
            raise ShapeError(f"diag takes a column vector, got {vector} ({show_shape(vector)})")
        return cls.intern((vector,), (vector.rows, vector.rows))


class Identity(Term):
    __slots__ = ()

    def __new__(cls, size: Any) -> Identity:
        size = dimension(size)
        return cls.intern((size,), (size, size))


class _Constant(Term):
    """A matrix whose entries are all alike."""

    __slots__ = ()
    entry: ClassVar[int]

    def __new__(cls, rows: Any, columns: Any = 1) -> Any:
        rows, columns = dimension(rows), dimension(columns)
        return cls.intern((rows, columns), (rows, columns))


class Zero(_Constant):
    """The zero matrix of a shape."""

    __slots__ = ()
    entry = 0


class Ones(_Constant):
    """The matrix of ones of a shape."""

    __slots__ = ()
    entry = 1


matmul, total, scale, hadamard, diag = MatrixProduct, Sum, Scaled, Hadamard, Diagonal
