"""Ordered products and finite sums over a range of an index.

A range runs from low to high in steps of one; it is empty when high = low - 1, and a range with high < low - 1 has
no meaning: rules that need more carry a condition. The bound index is private (see `index`).
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer

from ..errors import ShapeError, SymgradError
from .algebra import Term, as_term, show_shape
from .index import BoundIndex, Index, Width, affine, index_expression, replace_in_index
from .node import bind, substitute

__all__ = ["FiniteSum", "OrderedProduct", "ordered_product", "ordered_sum"]


class _Ranged(Term):
    """Shared by both: (bound index, low, high, body)."""

    __slots__ = ()
    _binds = 1

    @classmethod
    def _bind_free(cls, args: tuple[Any, ...], free: frozenset[Any]) -> frozenset[Any]:
        outside = args[1].free_symbols | args[2].free_symbols
        return (args[3].free - {args[0]}) | outside

    @staticmethod
    def _open(index: Any, low: Any, high: Any, body: Any) -> tuple[BoundIndex, Expr, Expr, Term]:
        if not isinstance(index, (Index, BoundIndex)):
            raise SymgradError(f"a range binds an Index, got {index!r}")
        low, high, body = index_expression(low), index_expression(high), as_term(body)
        if _is_negative(high - low + 1):
            raise SymgradError(f"the range {low}..{high} has no meaning: it may be empty ({low}..{low - 1}), not less")
        bound, body = bind(index, body)
        return bound, low, high, body

    @property
    def low(self) -> Expr:
        return self.args[1]

    @property
    def high(self) -> Expr:
        return self.args[2]

    def body_at(self, index: Any) -> Any:
        """The body at a value of the bound index."""
        return substitute(self.args[3], {self.args[0]: index_expression(index)})

    def over(self, low: Any, high: Any) -> Any:
        """The same body over another range."""
        return self.rebuild((self.args[0], index_expression(low), index_expression(high), *self.args[3:]))


def _is_negative(length: Expr) -> bool:
    """Is it negative whatever the indices and widths are? (Of all symbols only widths have a sign.)"""
    linear, constant = affine(length)
    return constant < 0 and all(c < 0 and isinstance(symbol, Width) for symbol, c in linear)


class OrderedProduct(_Ranged):
    """∏ of matrices (or scalars) over a range, in the order of the index (`order=1`) or against it (`order=-1`).

    Neighbours must fit for every index; the empty product is the identity.
    """

    __slots__ = ()

    def __new__(cls, index: Any, low: Any, high: Any, body: Any, order: Any = 1) -> OrderedProduct:
        bound, low, high, body = cls._open(index, low, high, body)
        if order not in (1, -1):
            raise SymgradError(f"the order of a product is 1 or -1, got {order!r}")
        rows, columns = body.shape

        def at(d: Expr, value: Any) -> Expr:
            return replace_in_index(d, {bound: value})

        first, last = (low, high) if order == 1 else (high, low)
        inner, outer = (columns, at(rows, bound + 1)) if order == 1 else (rows, at(columns, bound + 1))
        if inner != outer:
            raise ShapeError(f"the factors of a product must fit: {body} ({show_shape(body)}) ends in {columns}, its "
                             f"neighbour begins with {at(rows, bound + order)}")
        return cls.intern((bound, low, high, body, Integer(order)), (at(rows, first), at(columns, last)))

    @property
    def order(self) -> int:
        return int(self.args[4])


class FiniteSum(_Ranged):
    """Σ over a range; the empty sum is zero."""

    __slots__ = ()

    def __new__(cls, index: Any, low: Any, high: Any, body: Any) -> FiniteSum:
        bound, low, high, body = cls._open(index, low, high, body)
        if any(bound in d.free_symbols for d in body.shape):
            raise ShapeError(f"the terms of a sum have one shape, {body} is {show_shape(body)}")
        return cls.intern((bound, low, high, body), body.shape)


ordered_product, ordered_sum = OrderedProduct, FiniteSum
