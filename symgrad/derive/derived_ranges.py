"""Derived rules of products and sums over a range: unfolding, shifting, comparing, and what an induction over the end gives.

As in `derived`, nothing here is trusted, and every rule is listed in `DERIVED`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ..kernel import logic, norms, order, products
from ..kernel.algebra import algebra
from ..kernel.equality import congruence, reflexive, symmetric, transitive
from ..kernel.order import at_most
from ..kernel.statements import Condition, Equal, LessEqual
from ..kernel.theorem import Theorem, need
from ..terms.algebra import Count, Scaled, Sum, Term, Transpose
from ..terms.index import Index, index_expression
from ..terms.named import Variable
from ..terms.node import open_with_index
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import Norm, Power
from .derived import derived_rule, increase, induction_up, nonnegative, norm_of_zero
from .matching import fresh_variable

__all__ = ["constant_product", "constant_sum", "first", "join_products", "last", "range_congruence", "range_increase", "shift",
           "transpose_product", "triangle_range"]


def _range(term: Any, *kinds: type) -> Any:
    need(isinstance(term, kinds), lambda: f"expected a product or sum over a range, got {term}")
    return term


@derived_rule
def first(term: OrderedProduct | FiniteSum) -> Theorem:
    "low <= high |- ∏_{low..high} f = f(low) ∏_{low+1..high} f     (against the order: on the right; Σ: +)"
    return products.split(term, _range(term, OrderedProduct, FiniteSum).low)


@derived_rule
def last(term: OrderedProduct | FiniteSum) -> Theorem:
    "low <= high |- ∏_{low..high} f = ∏_{low..high-1} f f(high)"
    return products.split(term, _range(term, OrderedProduct, FiniteSum).high - 1)


@derived_rule
def shift(term: OrderedProduct | FiniteSum, by: Any) -> Theorem:
    "0 <= e, for each symbolic exponent e  |-  ∏_{low..high} f(r) = ∏_{low+k..high+k} f(r-k)"
    by, term = index_expression(by), _range(term, OrderedProduct, FiniteSum)
    r = next(index for index in (Index(f"r_{k}") for k in range(99)) if index not in term.free | by.free_symbols)
    body = term.body_at(r)
    moved = type(term)(r, term.low + by, term.high + by, body.at({r: r - by}), *term.args[4:])
    return algebra(term, moved)


@derived_rule
def range_congruence(theorem: Theorem, index: Index, low: Any, high: Any, order: int) -> Theorem:
    "Γ, low <= r, r <= high |- f(r) = g(r)  /  Γ |- ∏ f(r) = ∏ g(r)     order 1 or -1 (0: the sum Σ); r not in Γ"
    need(isinstance(theorem.conclusion, Equal), lambda: f"expected an equation, got {theorem.conclusion}")
    return products.over_range(logic.generalise(theorem, index, low, high), order)


def _upwards(term: Any, base: Theorem, step: Callable[[Index], Theorem], *beside: Any) -> Theorem:
    """What an induction over the end n of a range, from low - 1, says of the whole range."""
    taken = {str(symbol) for thing in (term, *beside) for symbol in thing.free}
    n = Index(next(name for name in (f"end{k or ''}" for k in range(99)) if name not in taken))
    return logic.instantiate(induction_up(base, step(n), n, term.low - 1, term.high), ((n, term.high),))


def _none(term: Any) -> Theorem:
    """The empty range before the first index is 0, 1 or I."""
    return products.empty(term.over(term.low, term.low - 1))


@derived_rule
def range_increase(theorem: Theorem, index: Index, low: Any, high: Any, product: bool,
                   signs: tuple[Theorem, ...]) -> Theorem:
    """Γ, low <= r, r <= high |- a_r <= b_r  /  Γ, low <= high + 1 |- Σ a_r <= Σ b_r, and ∏ a_r <= ∏ b_r if 0 <= a_r

    r not in Γ
    """
    need(isinstance(theorem.conclusion, LessEqual), lambda: f"expected an inequality, got {theorem.conclusion}")
    one, two = ((OrderedProduct if product else FiniteSum)(index, low, high, side) for side in theorem.conclusion.args)
    sign = nonnegative(theorem.left, *signs) if product else theorem
    known = tuple(h for h in theorem.hypotheses | sign.hypotheses if isinstance(h, Condition) and index not in h.free)
    every, positive = (logic.generalise(logic.weaken(t, known), index, low, high) for t in (theorem, sign))

    def step(n: Index) -> Theorem:
        nearer, here = logic.assume(LessEqual(one.over(one.low, n - 1), two.over(one.low, n - 1))), logic.specialise(every, n)
        if product:
            inside = transitive(logic.specialise(positive, index), logic.specialise(every, index))
            rest = logic.generalise(logic.weaken(inside, (Condition(one.high - n),)), index, one.low, n - 1)
            grown = _both(Scaled, nearer, here, logic.specialise(positive, n), order.sign(nearer.right, rest))
        else:
            grown = _both(Sum, nearer, here)
        return transitive(transitive(last(one.over(one.low, n)), grown), symmetric(last(two.over(one.low, n))))

    base = at_most(transitive(_none(one), symmetric(_none(two))))
    return _upwards(one, base, step, two, theorem, sign)


_a, _b, _c, _d, _hole = (Variable(f"any_{name}") for name in ("low", "high", "other_low", "other_high", "part"))


@lru_cache(maxsize=2)
def _grown(join: Any) -> Theorem:
    """a <= b, c <= d |- a + c <= b + d; and, with 0 <= c and 0 <= b, a c <= b d."""
    one, other = logic.assume(LessEqual(_a, _b)), logic.assume(LessEqual(_c, _d))
    signs = tuple(logic.assume(LessEqual(0, s)) for s in (_b, _c)) if join is Scaled else ()
    return transitive(increase(join(_hole, _c), _hole, one, signs), increase(join(_b, _hole), _hole, other, signs))


def _both(join: Any, one: Theorem, other: Theorem, *signs: Theorem) -> Theorem:
    """a <= b   c <= d   0 <= c   0 <= b  /  a c <= b d, and without the signs a + c <= b + d."""
    sides = (*one.conclusion.args, *other.conclusion.args)
    found = logic.instantiate(_grown(join), tuple(zip((_a, _b, _c, _d), sides, strict=True)))
    for premise in (one, other, *signs):
        found = logic.cut(found, premise) if premise.conclusion in found.hypotheses else found
    return found


@derived_rule
def triangle_range(total: FiniteSum, kind: Any) -> Theorem:
    "low <= high + 1 |- ‖Σ_i A_i‖ <= Σ_i ‖A_i‖"
    total = _range(total, FiniteSum)
    r, body = open_with_index(total)
    sizes = FiniteSum(r, total.low, total.high, Norm(body, kind))
    hole = fresh_variable("hole", total.shape, (total,))

    def step(n: Index) -> Theorem:
        before, after = total.over(total.low, n - 1), sizes.over(total.low, n - 1)
        nearer = logic.assume(LessEqual(Norm(before, kind), after))
        whole = congruence(Norm(hole, kind), hole, last(total.over(total.low, n)))
        parts = norms.triangle((before, total.body_at(n)), kind)
        grown = _both(Sum, nearer, at_most(reflexive(parts.right.args[-1])))
        return transitive(transitive(transitive(whole, parts), grown), symmetric(last(sizes.over(total.low, n))))

    zero = transitive(congruence(Norm(hole, kind), hole, _none(total)), norm_of_zero(*total.shape, kind))
    none = _none(sizes)
    return _upwards(total, at_most(transitive(transitive(zero, algebra(zero.right, none.right)), symmetric(none))), step)


def _along(term: Any, left: Callable[[Any], Term], right: Callable[[Any], Term], base: Theorem,
           unfold: Callable[[Any], Theorem], inside: Callable[[Any, Term], Term],
           finish: Callable[[Any, Term], Theorem]) -> Theorem:
    """left(high) = right(high) for the end of a range, by induction over the end from low - 1.

    unfold(n) is left(n) = inside(n, left(n-1)); finish(n, inside(n, right(n-1))) makes it right(n).
    """
    def step(n: Index) -> Theorem:
        nearer = Equal(left(n - 1), right(n - 1))
        hole = fresh_variable("hole", nearer.left.shape, (term,))
        grown = transitive(unfold(n), congruence(inside(n, hole), hole, logic.assume(nearer)))
        return transitive(grown, finish(n, grown.right))

    return _upwards(term, base, step)


_t, _n = Variable("any_scalar"), Index("any_index")
_NEXT_POWER = algebra(_t * _t ** (_n - 1), _t ** _n)             # for any scalar, also one that is a sum or a number


def _next_power(scalar: Term, exponent: Any) -> Theorem:
    "1 <= n |- s s^(n-1) = s^n"
    return logic.instantiate(_NEXT_POWER, ((_t, scalar), (_n, exponent)))


@derived_rule
def constant_product(term: OrderedProduct) -> Theorem:
    "low <= high + 1 |- ∏_{low..high} c = c^(high-low+1)     c a scalar without the index"
    term = _range(term, OrderedProduct)
    c = term.args[3]
    need(term.is_scalar_term and term.args[0] not in c.free, lambda: f"expected a product of one scalar, got {term}")

    def power(end: Any) -> Term:
        return Power(c, end - term.low + 1)

    none = _none(term)
    return _along(term, lambda end: term.over(term.low, end), power, transitive(none, algebra(none.right, power(term.low - 1))),
                  lambda n: last(term.over(term.low, n)), lambda n, rest: Scaled(rest, c),
                  lambda n, grown: transitive(algebra(grown, Scaled(c, power(n - 1))), _next_power(c, n - term.low + 1)))


@derived_rule
def constant_sum(term: FiniteSum) -> Theorem:
    "low <= high + 1 |- Σ_{low..high} A = (high-low+1) A     A without the index"
    term = _range(term, FiniteSum)
    A = term.args[3]
    need(term.args[0] not in A.free, lambda: f"expected a sum of equal terms, got {term}")

    def multiple(end: Any) -> Term:
        return Scaled(Count(end - term.low + 1), A)

    none = _none(term)
    return _along(term, lambda end: term.over(term.low, end), multiple,
                  transitive(none, algebra(none.right, multiple(term.low - 1))),
                  lambda n: last(term.over(term.low, n)), lambda n, rest: Sum(rest, A),
                  lambda n, grown: algebra(grown, multiple(n)))


@derived_rule
def transpose_product(term: OrderedProduct) -> Theorem:
    "low <= high + 1 |- (∏ f)ᵀ = ∏ fᵀ against the order"
    term = _range(term, OrderedProduct)
    r, body = open_with_index(term)
    turned = OrderedProduct(r, term.low, term.high, Transpose(body), -term.order)

    def under(equation: Theorem) -> Theorem:
        hole = fresh_variable("hole", equation.left.shape, (equation.conclusion,))
        return congruence(Transpose(hole), hole, equation)

    def inside(n: Any, rest: Term) -> Term:                      # the last factor of the turned product beside a rest
        whole = last(turned.over(term.low, n)).right
        return type(whole)(*(rest if part is turned.over(term.low, n - 1) else part for part in whole.args))

    def unfold(n: Any) -> Theorem:
        end = under(last(term.over(term.low, n)))
        return transitive(end, algebra(end.right, inside(n, Transpose(term.over(term.low, n - 1)))))

    before = under(products.empty(term.over(term.low, term.low - 1)))
    after = products.empty(turned.over(term.low, term.low - 1))
    base = transitive(transitive(before, algebra(before.right, after.right)), symmetric(after))
    return _along(term, lambda end: Transpose(term.over(term.low, end)), lambda end: turned.over(term.low, end), base, unfold,
                  inside, lambda n, grown: symmetric(last(turned.over(term.low, n))))


@derived_rule
def join_products(one: OrderedProduct, two: OrderedProduct) -> Theorem:
    "low <= high + 1 |- ∏ a ∏ b = ∏ a b     scalars over one range (for matrices it is false)"
    one, two = _range(one, OrderedProduct), _range(two, OrderedProduct)
    r = next(index for index in (Index(f"r_{k}") for k in range(99)) if index not in one.free | two.free)
    a, b = one.body_at(r), two.body_at(r)
    need(a.is_scalar_term and b.is_scalar_term and (one.low, one.high) == (two.low, two.high),
         lambda: f"expected scalar products over one range, got {one} and {two}")
    low, joined = one.low, OrderedProduct(r, one.low, one.high, Scaled(a, b))

    def both(left: Theorem, right: Theorem) -> Theorem:          # the product of two equations
        hole = fresh_variable("hole", left.left.shape, (left.conclusion, right.conclusion))
        return transitive(congruence(Scaled(hole, right.left), hole, left), congruence(Scaled(left.right, hole), hole, right))

    def inside(n: Any, rest: Term) -> Term:
        return Scaled(rest, joined.body_at(n))

    def unfold(n: Any) -> Theorem:
        end = both(last(one.over(low, n)), last(two.over(low, n)))
        return transitive(end, algebra(end.right, inside(n, Scaled(one.over(low, n - 1), two.over(low, n - 1)))))

    none = both(products.empty(one.over(low, low - 1)), products.empty(two.over(low, low - 1)))
    after = products.empty(joined.over(low, low - 1))
    base = transitive(transitive(none, algebra(none.right, after.right)), symmetric(after))
    return _along(joined, lambda end: Scaled(one.over(low, end), two.over(low, end)),
                  lambda end: joined.over(low, end), base, unfold, inside,
                  lambda n, grown: symmetric(last(joined.over(low, n))))
