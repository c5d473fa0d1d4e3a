"""SymPy's matrix expressions as formulas: `gradient(from_sympy((X.T*A*X).trace()), letter(X))`.

Every node is read by its class; nothing is evaluated. A MatrixSymbol with one column is a vector, a Symbol a scalar.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from ..errors import SymgradError
from ..terms.algebra import Diagonal, Hadamard, Identity, MatrixProduct, Number, Ones, Scaled, Sum, Term, Zero
from ..terms.named import Variable
from .functions import det, elementwise, inv, trace
from .symbols import matrix, scalar

__all__ = ["from_sympy"]


def from_sympy(expression: Any) -> Term:
    """The formula that a SymPy expression of matrices says.

    Raises SymgradError for what has no counterpart, with its class.

    >>> n = sympy.Symbol("n")
    >>> A, v = sympy.MatrixSymbol("A", n, n), sympy.MatrixSymbol("v", n, 1)
    >>> print(from_sympy(sympy.Trace(A * v * v.T)))
    tr(A v vᵀ)
    """
    if not isinstance(expression, sympy.Basic):
        raise SymgradError(f"expected a SymPy expression, got {type(expression).__name__}")
    rule = next((_RULES[kind] for kind in type(expression).__mro__ if kind in _RULES), None)
    if rule is None:
        raise SymgradError(f"{type(expression).__name__} has no counterpart here: {expression}; sums, products, transposes, "
                           "traces, inverses, determinants, Hadamard products and functions of every entry have")
    return rule(expression)


def _size(given: Any) -> Any:
    if given.is_Integer:
        return int(given)
    if not given.is_Symbol:
        raise SymgradError(f"a size is an integer or a symbol, got {given}")
    return str(given.name)


def _letter(e: Any) -> Variable:
    return matrix(str(e.name), *map(_size, e.shape))


def _parts(e: Any) -> list[Term]:
    return [from_sympy(part) for part in e.args]


def _product(e: Any) -> Term:
    """Scalars may stand anywhere among the matrices."""
    scalars = [from_sympy(part) for part in e.args if not getattr(part, "is_Matrix", False)]
    matrices = [from_sympy(part) for part in e.args if getattr(part, "is_Matrix", False)]
    if not matrices:
        return Scaled(*scalars)
    found = MatrixProduct(*matrices)
    return Scaled(*scalars, found) if scalars else found


def _power(e: Any) -> Term:
    base, exponent = from_sympy(e.args[0]), e.args[1]
    if not exponent.is_Integer:
        if exponent == sympy.Rational(1, 2):
            return elementwise("sqrt")(base)
        raise SymgradError(f"a power is an integer or 1/2 here, got {e}")
    count = abs(int(exponent))
    if base.is_scalar_term:
        return base ** count if exponent >= 0 else Number(1) / base ** count
    if count == 0:
        return Identity(base.rows)
    return MatrixProduct(*[base if exponent > 0 else inv(base)] * count)


def _elementwise(e: Any) -> Term:
    (argument,) = e.function.variables
    body = e.function.expr
    inside = from_sympy(e.expr)
    if body.func.__name__.lower() in _NAMES and body.args == (argument,):
        return elementwise(_NAMES[body.func.__name__.lower()])(inside)
    raise SymgradError(f"{e.function} of every entry has no counterpart here: exp, log, sin, cos, tanh, erf, atan, Abs have")


_NAMES = {"exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tanh": "tanh", "erf": "erf", "atan": "arctan", "abs": "abs"}


def _function(e: Any) -> Term:
    return elementwise(_NAMES[type(e).__name__.lower()])(from_sympy(e.args[0]))


_RULES: dict[type, Callable[[Any], Term]] = {
    sympy.MatrixSymbol: _letter,
    sympy.Symbol: lambda e: scalar(str(e.name)),
    sympy.Number: Number,
    sympy.NumberSymbol: Number,
    sympy.Add: lambda e: Sum(*_parts(e)),
    sympy.MatAdd: lambda e: Sum(*_parts(e)),
    sympy.Mul: _product,
    sympy.MatMul: _product,
    sympy.Pow: _power,
    sympy.MatPow: _power,
    sympy.Transpose: lambda e: from_sympy(e.arg).T,
    sympy.Trace: lambda e: trace(from_sympy(e.arg)),
    sympy.Inverse: lambda e: inv(from_sympy(e.arg)),
    sympy.Determinant: lambda e: det(from_sympy(e.arg)),
    sympy.HadamardProduct: lambda e: Hadamard(*_parts(e)),
    sympy.HadamardPower: lambda e: reduce(Hadamard, [from_sympy(e.base)] * _natural(e.exp)),
    sympy.Identity: lambda e: Identity(matrix("I_", _size(e.shape[0]), 1).rows),
    sympy.ZeroMatrix: lambda e: Zero(*matrix("I_", *map(_size, e.shape)).shape),
    sympy.OneMatrix: lambda e: Ones(*matrix("I_", *map(_size, e.shape)).shape),
    sympy.DiagMatrix: lambda e: Diagonal(from_sympy(e.args[0])),
    ElementwiseApplyFunction: _elementwise,
    sympy.exp: _function, sympy.log: _function, sympy.sin: _function, sympy.cos: _function, sympy.tanh: _function,
}


def _natural(exponent: Any) -> int:
    if not exponent.is_Integer or exponent < 1:
        raise SymgradError(f"an entrywise power is a positive integer here, got {exponent}")
    return int(exponent)
