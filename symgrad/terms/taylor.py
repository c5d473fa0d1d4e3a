"""Second derivatives, and how far Taylor's polynomial is good."""

from __future__ import annotations

from typing import Any

from sympy import Integer

from ..errors import ShapeError, SymgradError
from .algebra import ONE, Number, Term, as_term, show_shape
from .named import Apply, FunctionAt, Gradient
from .scalars import absolute, inner

__all__ = ["Hessian", "TaylorRadius", "hessian", "taylor_rest"]


class Hessian(Term):
    """D²f(p), the derivative of ∇f at p, for a named scalar function of one column: n × n."""

    __slots__ = ()

    def __new__(cls, function: Any, at: Any) -> Hessian:
        point = column_of(function, at)
        return cls.intern((function, point), (point.rows, point.rows))

    @property
    def function(self) -> FunctionAt:
        return self.args[0]

    @property
    def point(self) -> Term:
        return self.args[1]


class TaylorRadius(Term):
    """ρ_k(f, p, ε), k = 1 or 2: how far from p Taylor's polynomial of order k misses f by at most ε‖h‖^k.

    It is the supremum of all r <= 1 such that |f(p + h) − f(p) − ⟨∇f(p), h⟩ − ½⟨h, D²f(p) h⟩| <= ε ‖h‖₂^k for every
    ‖h‖₂ < r (for k = 1 without the last summand), and 0 where there is no such r > 0. That it is positive for every
    ε > 0 is what it means to be differentiable (k = 1), and Taylor's theorem with Peano's remainder (k = 2).
    """

    __slots__ = ()

    def __new__(cls, function: Any, at: Any, epsilon: Any, order: Any) -> TaylorRadius:
        point, epsilon = column_of(function, at), as_term(epsilon)
        if not epsilon.is_scalar_term or order not in (1, 2) or isinstance(order, bool):
            raise SymgradError(f"a Taylor radius takes a scalar and an order 1 or 2, got {epsilon} and {order!r}")
        return cls.intern((function, point, epsilon, Integer(order)), (ONE, ONE))

    @property
    def order(self) -> int:
        return int(self.args[3])


def column_of(function: Any, at: Any) -> Term:
    """The point, which a named scalar function of one column takes; else an error."""
    point = as_term(at)
    if not isinstance(function, FunctionAt):
        raise SymgradError(f"expected a named function such as F[()], got {function!r}")
    if point.columns != 1 or not Apply(function, point).is_scalar_term:
        raise ShapeError(f"expected a scalar function of one column, got {function} at {point} ({show_shape(point)})")
    return point


def hessian(function: FunctionAt, at: Any) -> Hessian:
    """D²f at a point: `hessian(F[()], at=p)`."""
    return Hessian(function, at)


def taylor_rest(function: FunctionAt, at: Any, by: Any, order: int) -> Term:
    """|f(p + h) − f(p) − ⟨∇f(p), h⟩ − ½⟨h, D²f(p) h⟩|, for order 1 without the last summand."""
    p, h = column_of(function, at), as_term(by)
    parts = [Apply(function, p + h), -Apply(function, p), -inner(Gradient(function, p), h)]
    if order == 2:
        parts.append(-(Number(Integer(1) / 2) * inner(h, Hessian(function, p) @ h)))
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return absolute(total)
