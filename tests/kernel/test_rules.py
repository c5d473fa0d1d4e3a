"""Every rule of the kernel, tried on random formulas and random instances; and wrong rules, which are refuted.

A rule without a refuter fails here, so that none can be added untested. The wrong variants show that a refuter can
fail: each is what a slip of the pen would have made of a rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from sympy import Integer, oo

from symgrad.derive import derived
from symgrad.derive.derived import DERIVED
from symgrad.derive.literature import CITED
from symgrad.errors import KernelError
from symgrad.kernel import RULES, derivative
from symgrad.kernel.statements import Condition, Equal, LessEqual, Pullback
from symgrad.kernel.theorem import Sequent
from symgrad.terms.algebra import Hadamard, Identity, MatrixProduct, Number, Ones, Scaled, Sum, Transpose, Zero
from symgrad.terms.exponents import Exponent, dual_kind
from symgrad.terms.named import Elementwise
from symgrad.terms.node import substitute
from symgrad.terms.ranges import FiniteSum, OrderedProduct
from symgrad.terms.scalars import Absolute, Inner, Maximum, Norm, Power, Quotient, SMin
from symgrad.terms.taylor import taylor_rest
from symgrad.testing.refuters import REFUTERS, UNTESTED, refute, trial

seeds = st.integers(0, 2**32 - 1)
EVERY = {**RULES, **DERIVED, **CITED}                                  # what is composed of rules or cited is tried as they are


def test_every_rule_has_a_refuter() -> None:
    assert set(EVERY) == set(REFUTERS) | set(UNTESTED)
    assert not set(REFUTERS) & set(UNTESTED)


@pytest.mark.parametrize("name", sorted(REFUTERS))
@settings(max_examples=15)
@given(seed=seeds)
def test_no_instance_refutes_the_rule(name: str, seed: int) -> None:
    found = trial(EVERY[name], REFUTERS[name], seed)
    note(f"{name}, seed {seed}: {found.theorem}")
    assert found.verdict is not False


@pytest.mark.parametrize("name", sorted(REFUTERS))
def test_the_rule_is_not_tested_in_vain(name: str) -> None:
    """Enough trials meet the hypotheses and decide the conclusion."""
    counts = refute(EVERY[name], REFUTERS[name], range(60))
    assert counts.refuted == () and counts.held >= 5


# ------------------------------------------------------------ wrong rules

def wrong(name: str) -> Callable[[Callable[..., Sequent]], Callable[..., Sequent]]:
    """A wrong variant of the rule of this name, tried on the arguments of the right one."""
    def keep(function: Callable[..., Sequent]) -> Callable[..., Sequent]:
        WRONG.append((name, function))
        return function
    return keep


WRONG: list[tuple[str, Callable[..., Sequent]]] = []


@wrong("submultiplicative")
def norms_of_products_are_at_least_the_product(factors: Any, kind: Any) -> Sequent:
    return Sequent(LessEqual(Scaled(*(Norm(f, kind) for f in factors)), Norm(MatrixProduct(*factors), kind)))


@wrong("transpose_norm")
def the_transpose_keeps_every_norm(term: Any, kind: Any) -> Sequent:
    return Sequent(Equal(Norm(Transpose(term), kind), Norm(term, kind)))


@wrong("norm_of_diagonal")
def the_norm_of_a_diagonal_is_that_of_its_vector(vector: Any, kind: Any) -> Sequent:
    return Sequent(Equal(EVERY["norm_of_diagonal"](vector, kind).left, Norm(vector, kind)))


@wrong("identity_norm")
def the_identity_has_norm_one_at_width_zero(size: Any, kind: Any) -> Sequent:
    return Sequent(Equal(Norm(Identity(size), kind), Number(1)))


@wrong("rank_one")
def the_same_norm_twice(x: Any, y: Any, kind: Any) -> Sequent:
    return Sequent(Equal(Norm(MatrixProduct(x, Transpose(y)), kind), Scaled(Norm(x, kind), Norm(y, kind))))


@wrong("larger_exponent")
def the_norm_with_the_larger_exponent_is_the_larger(x: Any, smaller: Any, larger: Any) -> Sequent:
    return Sequent(LessEqual(Norm(x, smaller), Norm(x, larger)))


@wrong("larger_exponent")
def norms_of_matrices_fall_as_the_exponent_grows(x: Any, smaller: Any, larger: Any) -> Sequent:
    right = RULES["larger_exponent"](x, smaller, larger)
    matrix = Hadamard(MatrixProduct(x, Transpose(x)), MatrixProduct(x, Ones(1, x.rows)))
    return Sequent(LessEqual(Norm(matrix, right.left.kind), Norm(matrix, right.right.kind)))


@wrong("instantiate")
def an_exponent_leaves_its_range(theorem: Any, pairs: Any) -> Sequent:
    s = Exponent("rnd_t", high=2)
    wrong_one = RULES["larger_exponent"](Ones(2, 1), s, dual_kind(s))
    return Sequent(substitute(wrong_one.conclusion, {s: 3}))


@wrong("rayleigh")
def the_least_stretch_is_the_least_eigenvalue(matrix: Any, vector: Any) -> Sequent:
    right = EVERY["rayleigh"](matrix, vector)
    return Sequent(LessEqual(Scaled(SMin(matrix), Power(Norm(vector), 2)), right.right))


@wrong("taylor_radius")
def the_tangent_plane_is_as_good_as_the_second_order(f: Any, p: Any, h: Any, epsilon: Any, order: int) -> Sequent:
    right = EVERY["taylor_radius"](f, p, h, epsilon, 2)
    return Sequent(LessEqual(taylor_rest(f, p, h, 1), right.right), right.hypotheses)


@wrong("taylor_radius")
def it_is_good_beyond_its_radius(f: Any, p: Any, h: Any, epsilon: Any, order: int) -> Sequent:
    return Sequent(EVERY["taylor_radius"](f, p, Scaled(1000, h), Number(0), 1).conclusion)


@wrong("holder")
def holder_without_the_dual(x: Any, y: Any, kind: Any) -> Sequent:
    return Sequent(LessEqual(Absolute(Inner(x, y)), Scaled(Norm(x, oo), Norm(y, oo))))


@wrong("square_of_norm")
def the_square_of_any_norm(term: Any, kind: Any) -> Sequent:
    return Sequent(Equal(Power(Norm(term, 1), 2), Inner(term, term)))


@wrong("spectral_at_most_frobenius")
def frobenius_at_most_spectral(term: Any) -> Sequent:
    return Sequent(LessEqual(Norm(term, "F"), Norm(term, 2)))


@wrong("stretch")
def stretched_by_the_norm_at_least(matrix: Any, vector: Any) -> Sequent:
    return Sequent(LessEqual(Scaled(Norm(matrix), Norm(vector)), Norm(MatrixProduct(matrix, vector))))


@wrong("stretch_of_product")
def stretches_multiply(left: Any, right: Any) -> Sequent:
    return Sequent(Equal(Scaled(SMin(left), SMin(right)), SMin(MatrixProduct(left, right))))


@wrong("stretch_of_wide")
def a_narrow_matrix_stretches_nothing(matrix: Any) -> Sequent:
    return Sequent(Equal(SMin(matrix), Number(0)))


@wrong("homogeneous")
def a_scalar_leaves_a_norm_with_its_sign(scalar: Any, term: Any, kind: Any) -> Sequent:
    return Sequent(Equal(Norm(Scaled(scalar, term), kind), Scaled(scalar, Norm(term, kind))))


@wrong("triangle")
def the_triangle_the_other_way(terms: Any, kind: Any) -> Sequent:
    return Sequent(LessEqual(Sum(*(Norm(t, kind) for t in terms)), Norm(Sum(*terms), kind)))


@wrong("bounded_norm")
def a_bound_without_its_hypothesis(function: Any, bound: Any, vector: Any) -> Sequent:
    return Sequent(LessEqual(Norm(Elementwise(function, vector), oo), bound))


@wrong("bounded_norm")
def a_bound_in_the_wrong_norm(function: Any, bound: Any, vector: Any) -> Sequent:
    right = EVERY["bounded_norm"](function, bound, vector)
    return Sequent(LessEqual(Norm(Elementwise(function, vector), 1), bound), right.hypotheses)


@wrong("larger_exponent")
def a_larger_exponent_a_larger_norm(x: Any, smaller: Any, larger: Any) -> Sequent:
    right = EVERY["larger_exponent"](x, smaller, larger)
    return Sequent(LessEqual(right.right, right.left))


@wrong("count_is_nonnegative")
def every_index_is_nonnegative(value: Any) -> Sequent:
    return Sequent(EVERY["count_is_nonnegative"](value).conclusion)


@wrong("V_product")
def the_factors_swapped(one: Any, two: Any, G: Any) -> Sequent:
    p, q = one.conclusion, two.conclusion
    result = Sum(derivative._with(p, MatrixProduct(G, q.args[1])), derivative._with(q, MatrixProduct(p.args[1], G)))
    return Sequent(Pullback(p.args[0], MatrixProduct(p.args[1], q.args[1]), G, result), one.hypotheses | two.hypotheses)


@wrong("V_product")
def only_the_first_factor_moves(one: Any, two: Any, G: Any) -> Sequent:
    p, q = one.conclusion, two.conclusion
    result = derivative._with(p, MatrixProduct(G, Transpose(q.args[1])))
    return Sequent(Pullback(p.args[0], MatrixProduct(p.args[1], q.args[1]), G, result), one.hypotheses | two.hypotheses)


@wrong("V_hadamard")
def the_cotangent_forgets_the_other_factor(one: Any, two: Any, G: Any) -> Sequent:
    p, q = one.conclusion, two.conclusion
    result = Sum(derivative._with(p, G), derivative._with(q, G))
    return Sequent(Pullback(p.args[0], Hadamard(p.args[1], q.args[1]), G, result), one.hypotheses | two.hypotheses)


@wrong("V_quotient")
def a_quotient_without_its_square(one: Any, two: Any, G: Any) -> Sequent:
    p, q = one.conclusion, two.conclusion
    a, b = p.args[1], q.args[1]
    result = Sum(derivative._with(p, Quotient(G, b)), derivative._with(q, Scaled(-1, Quotient(a, b), G)))
    return Sequent(Pullback(p.args[0], Quotient(a, b), G, result), one.hypotheses | two.hypotheses)


@wrong("V_power")
def a_power_without_its_exponent(premise: Any, exponent: Any, G: Any) -> Sequent:
    right = EVERY["V_power"](premise, exponent, G)
    X, function, _, _ = right.conclusion.args
    result = derivative._with(premise.conclusion, Scaled(Power(function.base, function.exponent - 1), G))
    return Sequent(Pullback(X, function, G, result), right.hypotheses)


@wrong("V_elementwise")
def the_function_for_its_slope(X: Any, f: Any, G: Any) -> Sequent:
    return Sequent(Pullback(X, Elementwise(f, X), G, Hadamard(Elementwise(f, X), G)))


@wrong("V_transpose")
def the_cotangent_is_transposed_twice(premise: Any, G: Any) -> Sequent:
    p = premise.conclusion
    return Sequent(Pullback(p.args[0], Transpose(p.args[1]), G, Scaled(2, derivative._with(p, Transpose(G)))),
                   premise.hypotheses)


@wrong("V_stated")
def stated_of_the_first_argument_alone(f: Any, premises: Any, G: Any) -> Sequent:
    right = EVERY["V_stated"](f, premises, G)
    X, value, _, result = right.conclusion.args
    return Sequent(Pullback(X, value, G, result.args[0] if isinstance(result, Sum) else result + result), right.hypotheses)


@wrong("V_compose")
def the_outer_slope_taken_at_the_variable(outer: Any, inner: Any) -> Sequent:
    right = EVERY["V_compose"](outer, inner)
    X, function, G, _ = right.conclusion.args
    U = outer.conclusion.args[0]
    result = substitute(inner.conclusion.args[3], {inner.conclusion.args[2]: outer.conclusion.args[3]})
    return Sequent(Pullback(X, function, G, substitute(result, {U: X})), right.hypotheses)


@wrong("V_constant")
def what_is_constant_has_slope_one(X: Any, e: Any, G: Any) -> Sequent:
    right = EVERY["V_constant"](X, e, G)
    return Sequent(Pullback(X, right.conclusion.args[1], G, Scaled(Inner(G, G), X)))


@wrong("V_rewrite")
def rewritten_where_it_holds_only_at_a_point(premise: Any, equation: Any) -> Sequent:
    X, _, G, H = premise.conclusion.args
    return Sequent(Pullback(X, equation.right, G, H), premise.hypotheses | equation.hypotheses)


@wrong("jacobian")
def the_jacobian_transposed(premise: Any) -> Sequent:
    right = EVERY["jacobian"](premise).conclusion
    return Sequent(type(right)(*right.args[:2], Transpose(right.args[2])), premise.hypotheses)


@wrong("gradient_at")
def the_gradient_is_doubled(premise: Any, point: Any) -> Sequent:
    right = EVERY["gradient_at"](premise, point)
    return Sequent(Equal(right.left, Scaled(2, right.right)), right.hypotheses)


@wrong("first")
def an_empty_product_is_unfolded(term: Any) -> Sequent:
    return Sequent(EVERY["first"](term).conclusion)


@wrong("last")
def the_last_factor_first(term: Any) -> Sequent:
    right = EVERY["last"](term)
    return Sequent(Equal(term, type(right.right)(*reversed(right.right.args))), right.hypotheses)


@wrong("split")
def a_range_is_split_anywhere(term: Any, at: Any) -> Sequent:
    return Sequent(EVERY["split"](term, at).conclusion)


@wrong("transpose_product")
def the_transpose_does_not_reverse(term: Any) -> Sequent:
    right = EVERY["transpose_product"](term)
    turned = right.right
    return Sequent(Equal(right.left, OrderedProduct(*turned.args[:4], Integer(-turned.order))), right.hypotheses)


@wrong("constant_product")
def a_product_one_factor_short(term: Any) -> Sequent:
    right = EVERY["constant_product"](term)
    return Sequent(Equal(term, Power(right.right.base, term.high - term.low)), right.hypotheses)


@wrong("constant_sum")
def an_ill_range_has_a_negative_length(term: Any) -> Sequent:
    return Sequent(EVERY["constant_sum"](term).conclusion)


@wrong("shift")
def the_range_is_shifted_and_the_body_is_not(term: Any, by: Any) -> Sequent:
    return Sequent(Equal(term, term.over(term.low + by, term.high + by)))


@wrong("join_products")
def products_are_joined_as_sums(one: Any, two: Any) -> Sequent:
    right = EVERY["join_products"](one, two)
    return Sequent(Equal(right.left, FiniteSum(*right.right.args[:4])), right.hypotheses)


@wrong("range_increase")
def a_product_grows_whatever_the_signs(theorem: Any, index: Any, low: Any, high: Any, product: Any,
                                       signs: Any) -> Sequent:
    right = EVERY["range_increase"](theorem, index, low, high, False, ())
    return Sequent(LessEqual(OrderedProduct(*right.left.args), OrderedProduct(*right.right.args)), right.hypotheses)


@wrong("increase")
def a_product_grows_with_a_factor_of_any_sign(template: Any, hole: Any, theorem: Any, signs: Any) -> Sequent:
    return Sequent(LessEqual(substitute(template, {hole: theorem.left}), substitute(template, {hole: theorem.right})),
                   theorem.hypotheses)


@wrong("nonnegative")
def everything_is_nonnegative(term: Any, *premises: Any) -> Sequent:
    return Sequent(LessEqual(Number(0), term), frozenset().union(*(p.hypotheses for p in premises)))


@wrong("less_to_le")
def turned_round(theorem: Any) -> Sequent:
    return Sequent(LessEqual(theorem.right, theorem.left), theorem.hypotheses)


@wrong("between_extremes")
def the_largest_is_at_most_each(extreme: Any, part: int) -> Sequent:
    one = extreme.args[part % 3]
    return Sequent(LessEqual(extreme, one) if isinstance(extreme, Maximum) else LessEqual(one, extreme))


@wrong("cancel")
def cancelled_at_zero(dividend: Any, divisor: Any) -> Sequent:
    return Sequent(Equal(Scaled(Quotient(dividend, Scaled(divisor, 0)), Scaled(divisor, 0)), dividend))


@wrong("absolute_of_nonnegative")
def the_sign_is_forgotten(theorem: Any) -> Sequent:
    return Sequent(Equal(Absolute(theorem.right), Scaled(-1, theorem.right)), theorem.hypotheses)


@wrong("instantiate")
def only_the_left_side_is_instantiated(theorem: Any, pairs: Any) -> Sequent:
    right = EVERY["instantiate"](theorem, pairs)
    if not isinstance(right.conclusion, Equal):
        raise KernelError("not tried")
    return Sequent(Equal(right.left, theorem.right), right.hypotheses)


@wrong("instantiate_symbol")
def the_symbol_is_replaced_on_one_side(theorem: Any, family: Any, indices: Any, term: Any) -> Sequent:
    right = EVERY["instantiate_symbol"](theorem, family, indices, term)
    return Sequent(Equal(right.left, theorem.right), right.hypotheses)


@wrong("specialise")
def specialised_outside_the_range(theorem: Any, index: Any) -> Sequent:
    return Sequent(theorem.conclusion.body_at(index), theorem.hypotheses)


@wrong("discharge")
def a_condition_is_discharged_unseen(theorem: Any, conditions: Any) -> Sequent:
    return Sequent(theorem.conclusion, (h for h in theorem.hypotheses if not isinstance(h, Condition)))


@wrong("drop")
def every_condition_is_dropped(theorem: Any) -> Sequent:
    assert derived.drop(theorem).hypotheses <= theorem.hypotheses
    return Sequent(theorem.conclusion, (h for h in theorem.hypotheses if not isinstance(h, Condition)))


@wrong("induction_down")
def an_induction_with_another_base(base: Any, step: Any, index: Any, low: Any, high: Any) -> Sequent:
    claim = step.conclusion
    return Sequent(Equal(claim.left, Scaled(2, claim.right)), (Condition(index - low), Condition(high - index)))


@wrong("induction_down")
def an_induction_beyond_its_end(base: Any, step: Any, index: Any, low: Any, high: Any) -> Sequent:
    return Sequent(step.conclusion, (Condition(index - low),))


@wrong("transitive")
def a_strict_chain_from_equalities(first: Any, second: Any) -> Sequent:
    right = EVERY["transitive"](first, second)
    from symgrad.kernel.statements import Less
    return Sequent(Less(right.left, right.right), right.hypotheses)


@wrong("algebra")
def products_commute(left: Any, right: Any) -> Sequent:
    return Sequent(Equal(MatrixProduct(left, Transpose(left)), Transpose(MatrixProduct(Transpose(left), left))))


@wrong("definition")
def a_definition_without_its_range(left: Any, number: int) -> Sequent:
    return Sequent(EVERY["definition"](left, number).conclusion)


@wrong("norm_of_zero")
def zero_has_norm_one(rows: Any, columns: Any, kind: Any) -> Sequent:
    return Sequent(Equal(Norm(Zero(rows, columns), kind), Number(1)))


@pytest.mark.parametrize(("name", "function"), WRONG, ids=lambda x: getattr(x, "__name__", x))
def test_a_wrong_rule_is_refuted(name: str, function: Callable[..., Sequent]) -> None:
    for start in range(0, 400, 25):
        if refute(function, REFUTERS[name], range(start, start + 25)).refuted:
            return
    pytest.fail(f"no instance refutes {function.__name__}")
