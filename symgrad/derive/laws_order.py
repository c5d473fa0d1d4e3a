"""Reasons for inequalities: what may be added, what may be dropped, squares, products of signs.

Each is a law (see `laws`) for use in `by=`, or a theorem 0 <= s for use in `given=` and `signs`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..kernel import order, products
from ..kernel.algebra import algebra
from ..kernel.equality import congruence, symmetric, transitive
from ..kernel.logic import assume, instantiate, weaken
from ..kernel.norms import homogeneous, triangle
from ..kernel.statements import Condition, Equal
from ..kernel.theorem import Theorem
from ..terms.algebra import Number, Scaled, Sum, Term
from ..terms.index import Index
from ..terms.named import Elementwise, Variable
from ..terms.node import open_with_index
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import Absolute, Maximum, Norm
from . import derived
from .derivation import Proof
from .derived import drop, induction_up
from .derived_norms import absolute_product, norm_of_scalar
from .derived_ranges import last, range_increase
from .laws import Law, law
from .laws import bounded_norm as bounded

__all__ = ["absolute_of_negative", "absolute_of_product", "absolute_triangle", "at_most_absolute", "both_squared",
           "bounded_value", "difference_sign", "each_factor", "maximum_of", "next_power", "norm_of_negative", "power_of_square"]

_t, _hole = Variable("any_scalar"), Variable("order_hole")
_count, _upto = Index("count"), Index("up_to")


#: t t^(n−1) = t^n, for any scalar t, also one that is a sum        1 <= n
next_power = algebra(_t * _t ** (_count - 1), _t ** _count)
#: (t^n)² = (t²)^n        0 <= n
power_of_square = algebra((_t ** _count) ** 2, (_t ** 2) ** _count)


def difference_sign(theorem: Theorem) -> Theorem:
    """0 <= b − a, from a <= b."""
    return derived.difference(theorem, False)


def both_squared(theorem: Theorem, sign: Theorem) -> Theorem:
    """a² <= b², from a <= b and 0 <= a."""
    low, high = theorem.left, theorem.right
    one = derived.increase(low * _hole, _hole, theorem, (sign,))
    two = derived.increase(_hole * high, _hole, theorem, (transitive(sign, theorem),))
    return transitive(transitive(algebra(low ** 2, one.left), transitive(one, two)), algebra(two.right, high ** 2))


def maximum_of(theorem: Theorem) -> Theorem:
    """max(a, b) = b, from a <= b."""
    low, high = theorem.left, theorem.right
    both = derived.increase(Maximum(_hole, high), _hole, theorem, ())
    return order.antisymmetric(transitive(both, algebra(both.right, high)),
                               order.between_extremes(Maximum(low, high), 1))


@law("triangle inequality")
def absolute_triangle(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    """|s_1 + … + s_n| <= |s_1| + … + |s_n|."""
    if isinstance(part, Absolute) and part.is_scalar_term and isinstance(part.args[0], Sum):
        terms = part.args[0].args
        yield _of_norms(triangle(terms, 2))
        for cut in range(1, len(terms)) if len(terms) > 2 else ():
            yield _of_norms(triangle((Sum(*terms[:cut]), Sum(*terms[cut:])), 2))


def _of_norms(theorem: Theorem) -> Theorem:
    """The theorem with |s| for every ‖s‖ of a scalar on either side."""
    left = symmetric(norm_of_scalar(*theorem.left.args))
    right = [norm_of_scalar(*norm.args) for norm in theorem.right.args]
    result = transitive(left, theorem)
    for place, equation in enumerate(right):
        terms = [e.right for e in right[:place]] + [_hole] + [e.left for e in right[place + 1:]]
        result = transitive(result, congruence(Sum(*terms), _hole, equation))
    return result


def _minus_one() -> Theorem:
    """|−1| = 1: it is at least 1, and its square is |1| = 1."""
    size = Absolute(Number(-1))
    above = transitive(algebra(Number(1), Scaled(Number(-1), Number(-1))), order.absolute_bound(Number(-1), True))
    below = derived.increase(size * _hole, _hole, above, ())
    square = symmetric(absolute_product((Number(-1), Number(-1))))
    one = transitive(congruence(Absolute(_hole), _hole, algebra(Number(-1) * Number(-1), Number(1))),
                     order.absolute_of_nonnegative(derived.nonnegative(Number(1))))
    return order.antisymmetric(transitive(transitive(algebra(size, below.left), below), transitive(square, one)), above)


@law("size of a negative")
def absolute_of_negative(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    """|−s| = |s|."""
    if isinstance(part, Absolute) and isinstance(part.args[0], Scaled) and part.args[0].args[0] is Number(-1):
        rest = Scaled(*part.args[0].args[1:])
        apart = absolute_product((Number(-1), rest))
        split = congruence(_hole * Absolute(rest), _hole, _minus_one())
        yield transitive(transitive(apart, split), algebra(split.right, Absolute(rest)))


@law("norm of a negative")
def norm_of_negative(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    """‖−A‖ = ‖A‖."""
    if isinstance(part, Norm) and isinstance(part.args[0], Scaled) and part.args[0].args[0] is Number(-1):
        rest = Scaled(*part.args[0].args[1:])
        apart = homogeneous(Number(-1), rest, part.kind)
        split = congruence(_hole * Norm(rest, part.kind), _hole, _minus_one())
        yield transitive(transitive(apart, split), algebra(split.right, Norm(rest, part.kind)))


@law("a number is at most its size")
def at_most_absolute(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    """s <= |s|, and −s <= |s|."""
    if isinstance(part, Scaled) and part.is_scalar_term and part.args[0] is Number(-1):
        yield order.absolute_bound(Scaled(*part.args[1:]), True)
    elif part.is_scalar_term:
        yield order.absolute_bound(part, False)


@law("bound of a function")
def bounded_value(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    """|f(s)| <= γ, where |f| <= γ is given, for this function or for every index of a range."""
    if isinstance(part, Absolute) and part.is_scalar_term and isinstance(part.args[0], Elementwise):
        as_norm = Norm(part.args[0], "inf")
        for found in bounded(as_norm, given):
            yield transitive(symmetric(norm_of_scalar(*as_norm.args)), found)


def each_factor(reason: Theorem | Proof, index: Index) -> Law:
    """∏ a_r <= ∏ b_r over any range, from a_r <= b_r where every a_r is a size; Σ likewise.

    A condition of the theorem on r becomes one on the end of the range where it is hardest to meet.
    """
    theorem = reason.theorem if isinstance(reason, Proof) else reason

    def propose(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
        if isinstance(part, (OrderedProduct, FiniteSum)) and part.body_at(index) is theorem.left:
            ends = [h.at({index: part.low if h.expression.coeff(index) > 0 else part.high})
                    for h in theorem.hypotheses if isinstance(h, Condition) and index in h.free]
            yield range_increase(weaken(theorem, tuple(ends)), index, part.low, part.high,
                                 isinstance(part, OrderedProduct), ())

    return Law("factor by factor", propose)


@law("absolute value of a product")
def absolute_of_product(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    """|∏ s_r| = ∏ |s_r| over a range, by induction over its end."""
    if not (isinstance(part, Absolute) and isinstance(part.args[0], OrderedProduct)):
        return
    term = part.args[0]
    r, body = open_with_index(term)
    if not body.is_scalar_term:
        return

    def both(high: Any) -> tuple[OrderedProduct, OrderedProduct]:
        return OrderedProduct(r, term.low, high, body), OrderedProduct(r, term.low, high, Absolute(body))

    def under_bars(equation: Theorem) -> Theorem:
        return congruence(Absolute(_hole), _hole, equation)

    inside, outside = both(term.low - 1)
    one = order.absolute_of_nonnegative(derived.nonnegative(Number(1)))
    base = transitive(transitive(under_bars(products.empty(inside)), one), symmetric(products.empty(outside)))
    inside, outside = both(_count)
    end = last(inside)
    split = transitive(under_bars(end), absolute_product(end.right.args))
    before, after = both(_count - 1)
    nearer = congruence(_hole * split.right.args[-1], _hole, assume(Equal(Absolute(before), after)))
    grown = transitive(transitive(split, algebra(split.right, nearer.left)), nearer)
    rest = last(outside)
    step = transitive(transitive(grown, algebra(grown.right, rest.right)), symmetric(rest))
    found = induction_up(base, step, _count, term.low - 1, _upto)
    yield drop(instantiate(instantiate(found, ((_upto, _count),)), ((_count, term.high),)))
