"""Ordered products and finite sums over a range.

The order of a product is that of its index (1) or against it (-1). A range low..high with high = low - 1 is empty;
nothing is said of shorter ones, so a rule that needs more carries its condition.
"""

from __future__ import annotations

from typing import Any

from sympy import Integer

from ..terms.algebra import Identity, MatrixProduct, Number, Scaled, Sum, Term, Zero
from ..terms.index import index_expression
from ..terms.node import open_binder
from ..terms.ranges import FiniteSum, OrderedProduct
from .statements import Condition, Equal, ForAll
from .theorem import Sequent, Theorem, need, rule

__all__ = ["empty", "over_range", "split"]

Range = OrderedProduct | FiniteSum


def _range(term: Any) -> Any:
    need(isinstance(term, (OrderedProduct, FiniteSum)), lambda: f"expected a product or sum over a range, got {term}")
    return term


def _join(term: Range, left: Term, right: Term) -> Term:
    """Two parts of a range, low part first, put together as the range does."""
    if isinstance(term, FiniteSum):
        return Sum(left, right)
    if term.is_scalar_term and term.body_at(term.low).is_scalar_term:
        return Scaled(left, right)
    return MatrixProduct(left, right) if term.order == 1 else MatrixProduct(right, left)


@rule
def empty(term: Range) -> Sequent:
    "|- ∏_{low..low-1} f = I (1 for scalars)     |- Σ_{low..low-1} f = 0"
    term = _range(term)
    need(term.high - term.low == -1, lambda: f"the range {term.low}..{term.high} is not empty")
    if isinstance(term, FiniteSum):
        return Sequent(Equal(term, Zero(*term.shape)))
    return Sequent(Equal(term, Number(1) if term.is_scalar_term else Identity(term.rows)))


def _part(term: Range, low: Any, high: Any) -> Term:
    """The range over a part of it: over one index, its body there."""
    return term.body_at(low) if low == high else term.over(low, high)


@rule
def split(term: Range, at: Any) -> Sequent:
    "low <= k + 1, k <= high |- ∏_{low..high} f = ∏_{low..k} f ∏_{k+1..high} f     a part over one index r is f(r) itself"
    term, at = _range(term), index_expression(at)
    return Sequent(Equal(term, _join(term, _part(term, term.low, at), _part(term, at + 1, term.high))),
                   (Condition(at + 1 - term.low), Condition(term.high - at)))


@rule
def over_range(theorem: Theorem, order: int) -> Sequent:
    "∀ r, low <= r <= high: a_r = b_r  /  ∏ a_r = ∏ b_r     order 1 or -1 is that of the products, 0 means Σ"
    forall = theorem.conclusion
    need(isinstance(forall, ForAll), lambda: f"expected a statement for every index, got {forall}")
    index, equation = open_binder(forall)
    low, high = forall.args[1:3]
    need(isinstance(equation, Equal), lambda: f"expected a = b for every index, got {forall}")
    return Sequent(Equal(*(_over(index, low, high, side, order) for side in equation.args)), theorem.hypotheses)


def _over(index: Any, low: Any, high: Any, body: Term, order: int) -> Term:
    return OrderedProduct(index, low, high, body, Integer(order)) if order else FiniteSum(index, low, high, body)
