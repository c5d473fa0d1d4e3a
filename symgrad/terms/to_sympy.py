"""Formulas handed to SymPy: scalars as plain expressions, matrices as `MatrixExpr`.

A scalar symbol w_3 becomes `Symbol("w_3")`, with a symbolic index `Indexed`; an elementwise function becomes the
formula of its activation where that is known, else a `Function` named σ or σ'. What SymPy has no word for (a norm, a
smallest stretch) becomes a `Function` of that name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy
from sympy import Expr, Integer

from ..errors import SymgradError
from .algebra import (
    Count,
    Diagonal,
    Hadamard,
    Identity,
    MatrixProduct,
    Number,
    Ones,
    Scaled,
    Sum,
    Term,
    Transpose,
    Zero,
)
from .exponents import FROBENIUS, DualExponent, Exponent
from .index import Width
from .named import Apply, Elementwise, ElementwiseFunction, Gradient, Named, Variable
from .node import open_with_index
from .ranges import FiniteSum, OrderedProduct
from .scalars import Absolute, Inner, LeastEigenvalue, Maximum, Minimum, Norm, Power, Quotient, SMin
from .taylor import Hessian, TaylorRadius

__all__ = ["to_sympy"]

Formula = tuple[Expr, sympy.Symbol]


def to_sympy(term: Term, *, unfold: Callable[[Named], Term | None] = lambda name: None,
             functions: Mapping[str, Formula] | None = None) -> Any:
    """`term` as SymPy.

    unfold      the definition of a name at its indices, or None to keep the name
    functions   {"sigma": (formula, its variable)} for elementwise functions that are known

    >>> from symgrad.networks.dense import w, a, b
    >>> to_sympy(w[2] @ a[1] + b[2])
    w_2*a_1 + b_2
    """
    return _Export(unfold, dict(functions or {}))(term)


class _Export:
    """One export, remembering each part."""

    def __init__(self, unfold: Callable[[Named], Term | None], functions: dict[str, Formula]) -> None:
        self.unfold, self.functions = unfold, functions
        self.done: dict[Term, Any] = {}

    def __call__(self, term: Term) -> Any:
        """Iterative, so that a chain of any length may be unfolded."""
        stack = [term]
        while stack:
            current = stack[-1]
            if current in self.done:
                stack.pop()
                continue
            waiting = [part for part in self._needs(current) if part not in self.done]
            if waiting:
                stack.extend(waiting)
                continue
            self.done[current] = self._one(current)
            stack.pop()
        return self.done[term]

    def _needs(self, term: Term) -> list[Term]:
        if isinstance(term, Named):
            definition = self.unfold(term)
            return [] if definition is None else [definition]
        if isinstance(term, (OrderedProduct, FiniteSum)):
            return self._factors(term) or [open_with_index(term)[1]]
        if isinstance(term, (Gradient, Hessian)):
            return [term.point]
        return [arg for arg in term.args if isinstance(arg, Term)]

    @staticmethod
    def _factors(term: OrderedProduct | FiniteSum) -> list[Term]:
        """The factors of a product over a range of integers, in their order."""
        if not (term.low.is_Integer and term.high.is_Integer):
            return []
        indices = range(int(term.low), int(term.high) + 1)
        if isinstance(term, OrderedProduct) and term.order == -1:
            indices = indices[::-1]
        return [term.body_at(k) for k in indices]

    def _one(self, term: Term) -> Any:
        rule = _RULES.get(type(term))
        if rule is None:
            raise SymgradError(f"SymPy has no word for {type(term).__name__}: {term}")
        parts = [self.done[arg] for arg in term.args if isinstance(arg, Term) and arg in self.done]
        return rule(self, term, parts)

    def named(self, term: Named, parts: list[Any]) -> Any:
        definition = self.unfold(term)
        if definition is not None:
            return self.done[definition]
        name = term.name.rsplit(".", 1)[-1]
        if all(i.is_Integer for i in term.indices):
            name = "_".join([name, *map(str, term.indices)])
        elif term.is_scalar_term:
            return sympy.IndexedBase(name)[tuple(map(_index, term.indices))]
        else:
            name = "_".join([name, *(str(i).replace(" ", "") for i in term.indices)])
        return _symbol(name, term)

    def elementwise(self, term: Elementwise, parts: list[Any]) -> Any:
        (argument,) = parts
        function = self._function(term.function)
        if term.is_scalar_term:
            return function(argument)
        t = sympy.Dummy("t", real=True)
        return argument.applyfunc(sympy.Lambda(t, function(t)))

    def _function(self, function: ElementwiseFunction) -> Callable[[Any], Any]:
        indices = "".join(f"_{i}" for i in function.indices)
        known = self.functions.get(f"{function.name}{indices}") or self.functions.get(function.name)
        if known is None:
            return sympy.Function(f"{function.name}{indices}{chr(39) * function.order}")
        formula, variable = known
        for _ in range(function.order):
            formula = sympy.diff(formula, variable)
        return lambda argument: formula.xreplace({variable: argument})

    def ranged(self, term: OrderedProduct | FiniteSum, parts: list[Any]) -> Any:
        is_sum = isinstance(term, FiniteSum)
        factors = self._factors(term)
        if factors:
            values = [self.done[f] for f in factors]
            if term.is_scalar_term:
                return sympy.Add(*values) if is_sum else sympy.Mul(*values)
            return (sympy.MatAdd if is_sum else sympy.MatMul)(*values)
        if term.low - term.high == 1 and term.is_scalar_term:
            return Integer(0 if is_sum else 1)
        index, body = open_with_index(term)
        if not term.is_scalar_term:
            raise SymgradError(f"SymPy has no product of matrices over a symbolic range: {term}")
        bounds = (_index(index), _index(term.low), _index(term.high))
        return (sympy.Sum if is_sum else sympy.Product)(self.done[body], bounds)


def _index(expression: Expr) -> Expr:
    """An index as plain SymPy integers symbols."""
    names = {s: sympy.Symbol(str(s), integer=True) for s in expression.free_symbols}
    return expression.xreplace(names)


def _size(expression: Expr) -> Expr:
    widths = {width: sympy.Symbol(str(width), integer=True, positive=True) for width in expression.atoms(Width)}
    return _index(expression.xreplace(widths)) if widths else _index(expression)


def _symbol(name: str, term: Term) -> Any:
    if term.is_scalar_term:
        return sympy.Symbol(name, real=True)
    return sympy.MatrixSymbol(name, *map(_size, term.shape))


def _product(export: _Export, term: Term, parts: list[Any]) -> Any:
    if term.is_scalar_term and all(p.is_scalar_term for p in term.args):
        return sympy.Mul(*parts)
    return sympy.MatMul(*parts)


def _norm(term: Norm, parts: list[Any]) -> Any:
    """norm_2(x), norm_F(x), norm_oo(x); for any other p, a number or a symbol, norm(x, p)."""
    kind = term.kind
    if kind is FROBENIUS or kind in (1, 2, sympy.oo):
        return sympy.Function(f"norm_{'F' if kind is FROBENIUS else kind}")(*parts)
    if isinstance(kind, (Exponent, DualExponent)):
        p = sympy.Symbol(kind.name.rsplit(".", 1)[-1], positive=True)
        kind = p if isinstance(kind, Exponent) else p / (p - 1)
    return sympy.Function("norm")(*parts, kind)


def _gradient_name(export: _Export, term: Gradient, parts: list[Any]) -> Any:
    cost = term.function.function.args[1].name or str(term.function)
    point = term.point
    name = (point.name.rsplit(".", 1)[-1] + "".join(f"_{i}" for i in point.indices)) if isinstance(point, Named) else str(point)
    return _symbol(f"d{cost}/d{name}", term)


_RULES: dict[type, Callable[[_Export, Any, list[Any]], Any]] = {
    Number: lambda export, term, parts: term.value,
    Count: lambda export, term, parts: _size(term.args[0]),
    Variable: lambda export, term, parts: _symbol(term.name.rsplit(".", 1)[-1], term),
    Named: _Export.named,
    Elementwise: _Export.elementwise,
    OrderedProduct: _Export.ranged,
    FiniteSum: _Export.ranged,
    Gradient: _gradient_name,
    Hessian: lambda export, term, parts: _symbol(f"D2_{term.function}({term.point})", term),
    TaylorRadius: lambda export, term, parts: sympy.Symbol(str(term), nonnegative=True),
    Apply: lambda export, term, parts: sympy.Function(str(term.function))(*parts),
    Sum: lambda export, term, parts: sympy.Add(*parts) if term.is_scalar_term else sympy.MatAdd(*parts),
    Scaled: _product,
    MatrixProduct: _product,
    Hadamard: lambda export, term, parts: sympy.Mul(*parts) if term.is_scalar_term
    else sympy.HadamardProduct(*parts),
    Transpose: lambda export, term, parts: parts[0] if term.is_scalar_term else sympy.Transpose(parts[0]),
    Diagonal: lambda export, term, parts: sympy.DiagMatrix(parts[0]),
    Identity: lambda export, term, parts: sympy.Identity(_size(term.rows)),
    Zero: lambda export, term, parts: sympy.ZeroMatrix(*map(_size, term.shape)),
    Ones: lambda export, term, parts: sympy.OneMatrix(*map(_size, term.shape)),
    Power: lambda export, term, parts: parts[0] ** _index(term.exponent),
    Quotient: lambda export, term, parts: parts[0] / parts[1],
    Absolute: lambda export, term, parts: sympy.Abs(parts[0], evaluate=not parts[0].has(sympy.Trace)) if term.is_scalar_term
    else parts[0].applyfunc(sympy.Abs),
    Inner: lambda export, term, parts: sympy.Trace(sympy.Transpose(parts[0]) * parts[1]),
    Norm: lambda export, term, parts: _norm(term, parts),
    LeastEigenvalue: lambda export, term, parts: sympy.Function("lambda_min")(*parts),
    SMin: lambda export, term, parts: sympy.Function("s_min")(*parts),
    Maximum: lambda export, term, parts: sympy.Max(*parts),
    Minimum: lambda export, term, parts: sympy.Min(*parts),
}
