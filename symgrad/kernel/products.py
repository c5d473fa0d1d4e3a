"""Ordered products and finite sums over a range.

The order of a product is that of its index (1) or against it (-1). A range low..high with high = low - 1 is empty;
nothing is said of shorter ones, so a rule that needs more carries its condition.
"""

from __future__ import annotations

from typing import Any

from sympy import Integer

from ..terms.algebra import Count, Identity, MatrixProduct, Number, Scaled, Sum, Term, Transpose, Zero, as_term
from ..terms.index import Index, index_expression
from ..terms.node import open_binder, substitute
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import Power
from .logic import without_index
from .order import nonnegative
from .statements import Condition, Equal, LessEqual
from .theorem import Sequent, Theorem, need, rule

__all__ = ["constant_product", "constant_sum", "empty", "first", "join_products", "last", "range_increase", "shift",
           "split", "transpose_product"]

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
def transpose_product(term: OrderedProduct) -> Sequent:
    "low <= high + 1 |- (∏ f)ᵀ = ∏ fᵀ against the order"
    need(isinstance(term, OrderedProduct), lambda: f"expected a product, got {term}")
    r, body = open_binder(term)
    turned = OrderedProduct(r, term.low, term.high, Transpose(body), Integer(-term.order))
    return Sequent(Equal(Transpose(term), turned), (Condition(term.high - term.low + 1),))


@rule
def constant_product(term: OrderedProduct) -> Sequent:
    "low <= high + 1 |- ∏_{low..high} c = c^(high-low+1)     c a scalar without the index"
    need(isinstance(term, OrderedProduct) and term.is_scalar_term and term.args[0] not in term.args[3].free,
         lambda: f"expected a product of one scalar, got {term}")
    length = term.high - term.low + 1
    return Sequent(Equal(term, Power(term.args[3], length)), (Condition(length),))


@rule
def constant_sum(term: FiniteSum) -> Sequent:
    "low <= high + 1 |- Σ_{low..high} A = (high-low+1) A     A without the index"
    need(isinstance(term, FiniteSum) and term.args[0] not in term.args[3].free,
         lambda: f"expected a sum of equal terms, got {term}")
    length = term.high - term.low + 1
    return Sequent(Equal(term, Scaled(Count(length), term.args[3])), (Condition(length),))


@rule
def join_products(one: OrderedProduct, two: OrderedProduct) -> Sequent:
    "low <= high + 1 |- ∏ a ∏ b = ∏ a b     scalars over one range (for matrices it is false)"
    need(all(isinstance(t, OrderedProduct) and open_binder(t)[1].is_scalar_term for t in (one, two))
         and (one.low, one.high) == (two.low, two.high),
         lambda: f"expected scalar products over one range, got {one} and {two}")
    r = Index("r_joined")
    need(r not in one.free | two.free, "the index r_joined is taken")
    joined = OrderedProduct(r, one.low, one.high, Scaled(one.body_at(r), two.body_at(r)))
    return Sequent(Equal(Scaled(one, two), joined), (Condition(one.high - one.low + 1),))


@rule
def range_increase(theorem: Theorem, index: Index, low: Any, high: Any, product: bool,
                   signs: tuple[Theorem, ...]) -> Sequent:
    "low <= r, r <= high |- a_r <= b_r  /  Σ a_r <= Σ b_r, and ∏ a_r <= ∏ b_r if 0 <= a_r     r not in Γ"
    low, high = index_expression(low), index_expression(high)
    need(isinstance(theorem.conclusion, LessEqual), lambda: f"expected an inequality, got {theorem.conclusion}")
    need(isinstance(index, Index) and index not in low.free_symbols | high.free_symbols, "the index of a range is free")
    a, b = theorem.left, theorem.right
    need(a.is_scalar_term, lambda: f"{a} is no scalar")
    hypotheses = theorem.hypotheses
    if product:
        hypotheses = hypotheses | nonnegative(a, *signs).hypotheses
    rest = without_index(hypotheses, index, (index - low, high - index))
    kind = OrderedProduct if product else FiniteSum
    return Sequent(LessEqual(kind(index, low, high, a), kind(index, low, high, as_term(b))), rest)
