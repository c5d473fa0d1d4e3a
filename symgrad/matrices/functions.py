"""Functions of matrices for free formulas: traces, norms, inverses, softmax, and functions of every entry.

Each is a formula of the kernel or an operation of `symgrad.operations`; a plain number is a scalar.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from ..errors import ShapeError, SymgradError, nearest
from ..operations.activation import UnknownActivation, activation
from ..operations.record import operation
from ..terms.algebra import (
    Count,
    Diagonal,
    Hadamard,
    Identity,
    Number,
    Ones,
    Scaled,
    Term,
    Zero,
    as_term,
    show_shape,
)
from ..terms.exponents import FROBENIUS
from ..terms.index import Index
from ..terms.named import ElementwiseFunction
from ..terms.ranges import FiniteSum
from ..terms.scalars import Inner, Norm, Quotient
from .symbols import size

__all__ = [
    "FUNCTIONS",
    "absolute",
    "arctan",
    "cos",
    "det",
    "diag",
    "diagonal",
    "elementwise",
    "entries",
    "erf",
    "exp",
    "eye",
    "hadamard",
    "inner",
    "inv",
    "layer_norm",
    "log",
    "log_det",
    "log_softmax",
    "log_sum_exp",
    "mean",
    "norm",
    "ones",
    "outer",
    "reciprocal",
    "relu",
    "sigmoid",
    "sin",
    "softmax",
    "softplus",
    "sqrt",
    "sum_over",
    "tanh",
    "total",
    "trace",
    "zeros",
]

#: the ε that layers use unless told
EPSILON = sympy.Rational(1, 100000)


def _square(A: Any, what: str) -> Term:
    A = as_term(A)
    if A.rows != A.columns:
        raise ShapeError(f"{what} is that of a square matrix, got {A} ({show_shape(A)})")
    return A


def trace(A: Any) -> Term:
    """tr A of a square matrix."""
    A = _square(A, "a trace")
    return A if A.is_scalar_term else Inner(Identity(A.rows), A)


def inner(A: Any, B: Any) -> Term:
    """⟨A, B⟩ = tr AᵀB, for vectors xᵀy."""
    return Inner(A, B)


def outer(x: Any, y: Any) -> Term:
    """x yᵀ."""
    return as_term(x) @ as_term(y).T


def hadamard(*factors: Any) -> Term:
    """The product entry by entry."""
    return Hadamard(*factors)


def diag(x: Any) -> Term:
    """The square matrix with the column x on its diagonal."""
    return Diagonal(x)


def diagonal(A: Any) -> Term:
    """The diagonal of a square matrix, as a column."""
    A = _square(A, "a diagonal")
    return Hadamard(A, Identity(A.rows)) @ Ones(A.rows)


def eye(n: Any) -> Term:
    """The identity."""
    return Identity(size(n))


def ones(rows: Any, columns: Any = 1) -> Term:
    """A matrix (by default a column) of ones."""
    return Ones(size(rows), size(columns))


def zeros(rows: Any, columns: Any = 1) -> Term:
    """A matrix (by default a column) of zeros."""
    return Zero(size(rows), size(columns))


def total(A: Any) -> Term:
    """The sum of all entries."""
    A = as_term(A)
    return A if A.is_scalar_term else Inner(Ones(*A.shape), A)


def mean(A: Any) -> Term:
    """The mean of all entries."""
    A = as_term(A)
    count = [Count(side) for side in A.shape if side != 1]
    return Quotient(1, Scaled(*count)) * total(A) if count else A


def norm(A: Any, kind: Any = None) -> Term:
    """‖A‖: the root of the sum of the squares of the entries; `kind` 1: the sum of the sizes of the entries of a vector.

    norm(A)**2 is differentiable everywhere, norm(A) where A is not 0. Raises SymgradError for other kinds.
    """
    A = as_term(A)
    if kind in (None, "fro", "F", FROBENIUS) or (kind == 2 and 1 in A.shape):
        return Norm(A, 2 if A.columns == 1 else FROBENIUS)
    if kind == 1 and 1 in A.shape:
        return total(elementwise("abs")(A))
    raise SymgradError(f"the norm of {A} ({show_shape(A)}) of kind {kind!r} has no gradient formula here: norm(A) is the "
                       "Euclidean (Frobenius) norm, norm(x, 1) the 1-norm of a vector")


def inv(A: Any) -> Term:
    """A⁻¹ of a regular matrix; 1/s of a scalar."""
    A = _square(A, "an inverse")
    return 1 / A if A.is_scalar_term else operation("inverse")(A)


def det(A: Any) -> Term:
    """The determinant; differentiated where A is regular."""
    return operation("determinant")(_square(A, "a determinant"))


def log_det(A: Any) -> Term:
    """log |det A| of a regular matrix."""
    return operation("log_determinant")(_square(A, "a determinant"))


def softmax(X: Any) -> Term:
    """Softmax of a column, or of every row of a matrix."""
    X = as_term(X)
    return operation("softmax" if X.columns == 1 else "softmax_rows")(X)


def log_sum_exp(x: Any) -> Term:
    """log Σ e^{x_i} of a column."""
    return operation("log_sum_exp")(x)


def log_softmax(X: Any) -> Term:
    """log softmax of a column, or of every row of a matrix."""
    X = as_term(X)
    if X.columns == 1:
        return X - log_sum_exp(X) * Ones(X.rows)
    return operation("log_softmax_rows")(X)


def layer_norm(X: Any, epsilon: Any = EPSILON) -> Term:
    """(x − mean)/√(variance + ε) of a column, or of every row of a matrix; ε is a positive number or a scalar."""
    X, epsilon = as_term(X), as_term(epsilon)
    if isinstance(epsilon, Number) and not epsilon.value.is_positive:
        raise SymgradError(f"the ε of a layer norm is positive, got {epsilon}: without it the norm has no slope at equal entries")
    if X.columns == 1:
        return operation("layer_norm")(X.T, epsilon).T
    return operation("layer_norm")(X, epsilon)


def sum_over(index: Index, low: Any, high: Any, term: Any) -> Term:
    """Σ over low ≤ index ≤ high; the ends may be symbols: Constant("T")."""
    return FiniteSum(index, low, high, term)


def elementwise(name: str) -> Callable[[Any], Term]:
    """A function of every entry by its name: exp, log, sqrt, sin, cos, tanh, sigmoid, relu, abs, …, or any activation.

    Raises SymgradError with the nearest names.
    """
    from ..operations.builtin.elementwise import ELEMENTWISE
    if name in ELEMENTWISE:
        return ELEMENTWISE[name]
    if name in _COMPOSED:
        return _COMPOSED[name]
    try:
        activation(name)
    except UnknownActivation:
        raise SymgradError(f"no function of one number is called {name!r}; {nearest(name, [*ELEMENTWISE, *_COMPOSED])}") from None
    if not name.isidentifier():
        raise SymgradError(f"a function of every entry is named, got the formula {name!r}: write it with hadamard, exp, …")
    return ElementwiseFunction(f"free.{name}")


def entries(name: str) -> Callable[[Any], Term]:
    """The function of one array that applies `elementwise(name)`; looked up when it is called."""
    def function(x: Any) -> Term:
        return elementwise(name)(as_term(x))
    function.__name__ = name
    function.__doc__ = f"{name} of every entry."
    return function


_COMPOSED: dict[str, Callable[[Any], Term]] = {
    "square": lambda x: Hadamard(x, x),
    "silu": lambda x: Hadamard(x, elementwise("sigmoid")(x)),
    "gelu": lambda x: Hadamard(x, sympy.Rational(1, 2) * (Ones(*x.shape) + elementwise("erf")((1 / as_term(sympy.sqrt(2))) * x))),
    "cosh": lambda x: sympy.Rational(1, 2) * (elementwise("exp")(x) + elementwise("exp")(-x)),
    "sinh": lambda x: sympy.Rational(1, 2) * (elementwise("exp")(x) - elementwise("exp")(-x)),
    "log1p": lambda x: elementwise("log")(x + Ones(*x.shape)),
    "expm1": lambda x: elementwise("exp")(x) - Ones(*x.shape),
}

exp, log, sqrt, sin, cos, tanh, sigmoid, softplus, relu, reciprocal, erf, arctan = map(entries, (
    "exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "relu", "reciprocal", "erf", "arctan"))
absolute = entries("abs")

#: what a formula in text may call: name -> function
FUNCTIONS: dict[str, Callable[..., Term]] = {
    "trace": trace, "tr": trace, "inner": inner, "outer": outer, "hadamard": hadamard, "diag": diag, "diagonal": diagonal,
    "eye": eye, "ones": ones, "zeros": zeros, "total": total, "sum": total, "mean": mean, "norm": norm, "inv": inv, "det": det,
    "log_det": log_det, "logdet": log_det, "softmax": softmax, "log_sum_exp": log_sum_exp, "logsumexp": log_sum_exp,
    "log_softmax": log_softmax, "layer_norm": layer_norm}
