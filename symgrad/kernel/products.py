"""Ordered products and finite sums over a range.

The order of a product is that of its index (1) or against it (-1). A range low..high with high = low - 1 is empty;
nothing is said of shorter ones, so a rule that needs more carries its condition.
"""

from __future__ import annotations

from typing import Any

from sympy import Integer

from ..terms.algebra import Identity, MatrixProduct, Number, Scaled, Sum, Term, Zero
from ..terms.index import index_expression
from ..terms.node import open_binder, substitute
from ..terms.ranges import FiniteSum, OrderedProduct
from .statements import Condition, Equal, ForAll, LessEqual
from .theorem import Sequent, Theorem, need, rule

__all__ = ["empty", "first", "last", "over_range", "shift", "split"]

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
def first(term: Range) -> Sequent:
    "low <= high |- ∏_{low..high} f = f(low) ∏_{low+1..high} f     (against the order: on the right; Σ: +)"
    term = _range(term)
    return Sequent(Equal(term, _join(term, term.body_at(term.low), term.over(term.low + 1, term.high))),
                   (Condition(term.high - term.low),))


@rule
def last(term: Range) -> Sequent:
    "low <= high |- ∏_{low..high} f = ∏_{low..high-1} f f(high)"
    term = _range(term)
    return Sequent(Equal(term, _join(term, term.over(term.low, term.high - 1), term.body_at(term.high))),
                   (Condition(term.high - term.low),))


@rule
def empty(term: Range) -> Sequent:
    "|- ∏_{low..low-1} f = I (1 for scalars)     |- Σ_{low..low-1} f = 0"
    term = _range(term)
    need(term.high - term.low == -1, lambda: f"the range {term.low}..{term.high} is not empty")
    if isinstance(term, FiniteSum):
        return Sequent(Equal(term, Zero(*term.shape)))
    return Sequent(Equal(term, Number(1) if term.is_scalar_term else Identity(term.rows)))


@rule
def split(term: Range, at: Any) -> Sequent:
    "low <= k + 1, k <= high |- ∏_{low..high} f = ∏_{low..k} f ∏_{k+1..high} f"
    term, at = _range(term), index_expression(at)
    return Sequent(Equal(term, _join(term, term.over(term.low, at), term.over(at + 1, term.high))),
                   (Condition(at + 1 - term.low), Condition(term.high - at)))


@rule
def shift(term: Range, by: Any) -> Sequent:
    "|- ∏_{low..high} f(r) = ∏_{low+k..high+k} f(r-k)"
    term, by = _range(term), index_expression(by)
    r, body = open_binder(term)
    need(r not in by.free_symbols, "the shift mentions the index")
    moved = type(term)(r, term.low + by, term.high + by, substitute(body, {r: r - by}), *term.args[4:])
    return Sequent(Equal(term, moved))


@rule
def over_range(theorem: Theorem, order: int, signs: tuple[Theorem, ...]) -> Sequent:
    """∀ r: a_r = b_r  /  ∏ a_r = ∏ b_r     ∀ r: a_r <= b_r  /  Σ a_r <= Σ b_r     over the range of r

    order 1 or -1 is that of the products, 0 means Σ; ∀ r: a_r <= b_r gives ∏ a_r <= ∏ b_r with ∀ r: 0 <= a_r as a sign
    """
    forall = theorem.conclusion
    need(isinstance(forall, ForAll), lambda: f"expected a statement for every index, got {forall}")
    index, relation = open_binder(forall)
    low, high = forall.args[1:3]
    need(isinstance(relation, (Equal, LessEqual)), lambda: f"expected a = b or a <= b for every index, got {forall}")
    if isinstance(relation, LessEqual):
        need(relation.left.is_scalar_term, lambda: f"{relation.left} is no scalar")
        known = [s.conclusion for s in signs]
        need(not order or ForAll(index, low, high, LessEqual(Number(0), relation.left)) in known,
             lambda: f"nothing says that {relation.left} is not negative")
    return Sequent(type(relation)(*(_over(index, low, high, side, order) for side in relation.args)),
                   theorem.hypotheses.union(*(s.hypotheses for s in signs)))


def _over(index: Any, low: Any, high: Any, body: Term, order: int) -> Term:
    return OrderedProduct(index, low, high, body, Integer(order)) if order else FiniteSum(index, low, high, body)
