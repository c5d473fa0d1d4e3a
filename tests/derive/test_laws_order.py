"""Laws about inequalities: what they give, and what they refuse."""

from __future__ import annotations

import pytest
from sympy import Rational

from symgrad.derive.laws_order import (
    absolute_of_negative,
    absolute_of_product,
    absolute_triangle,
    both_squared,
    each_factor,
    maximum_of,
    next_power,
)
from symgrad.errors import KernelError
from symgrad.kernel.facts import computed
from symgrad.kernel.logic import assume
from symgrad.kernel.statements import Equal, IsActivation, Less, LessEqual
from symgrad.kernel.theorem import replay
from symgrad.networks.descent import adagrad, d, gradient_descent
from symgrad.numeric import binary16
from symgrad.numeric.facts import exactly
from symgrad.operations.piecewise import fact_on
from symgrad.terms.algebra import Number
from symgrad.terms.index import Constant, Index
from symgrad.terms.named import ElementwiseFunction, Family, Function, Variable
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import Maximum, absolute

r, L = Index("r"), Constant("L")
c = Family("laws_order.c", over={r: (1, L)})
s, t = Variable("laws_order.s"), Variable("laws_order.t")
sigma, u = ElementwiseFunction("sigma"), Variable("laws_order.u")


def test_the_absolute_value_of_a_product_is_the_product_of_absolute_values():
    (found,) = absolute_of_product.propose(absolute(ordered_product(r, 1, L, c[r])), ())
    assert str(found) == "0 ≤ L ⊢ |∏_{r=1}^{L} c_r| = ∏_{r=1}^{L} |c_r|"
    assert replay(found).conclusion is found.conclusion


def test_a_triangle_may_be_cut_anywhere():
    rights = {str(found.right) for found in absolute_triangle.propose(absolute(s + t + 1), ())}
    assert rights == {"|s| + |t| + |1|", "|s| + |t + 1|", "|s + t| + |1|"}


def test_the_sign_does_not_change_the_size():
    (found,) = absolute_of_negative.propose(absolute(-(s * t)), ())
    assert str(found) == "⊢ |−s t| = |s t|" and not list(absolute_of_negative.propose(absolute(2 * s), ()))


def test_squares_grow_only_from_numbers_that_are_not_negative():
    smaller = assume(LessEqual(s, t))
    assert str(both_squared(smaller, assume(LessEqual(0, s))).conclusion) == "s² ≤ t²"
    with pytest.raises(KernelError):
        both_squared(smaller, assume(LessEqual(0, t)))             # −2 <= 1, but 4 > 1


def test_the_maximum_is_the_larger_one():
    assert maximum_of(assume(LessEqual(s, t))).conclusion is Equal(Maximum(s, t), t)


def test_factor_by_factor_needs_the_condition_of_the_factor_at_the_end_where_it_is_hardest():
    bounded = assume(LessEqual(absolute(c[r]), 2))
    assert not list(each_factor(bounded, r).propose(ordered_product(r, 1, L, c[r]), ()))
    with pytest.raises(KernelError):
        list(each_factor(bounded, r).propose(ordered_product(r, 1, L, absolute(c[r])), ()))  # it holds at one r only


def test_the_next_power_starts_at_one():
    assert "1 ≤ " in str(next_power)


def test_exact_arithmetic_decides_numbers_alone():
    assert exactly(Less(Rational(36, 100), Number(Rational(999, 1000)) ** 1000)).facts[0].kind == "computed"
    for statement in (Less(Rational(37, 100), Number(Rational(999, 1000)) ** 1000), LessEqual(s, s), Equal(c[1], c[1])):
        with pytest.raises(KernelError):
            exactly(statement)


def test_a_piece_is_known_on_a_half_line_without_a_break_and_nowhere_else():
    assert fact_on(Equal(sigma.prime(u), 1), Less(0, u), sigma="relu").facts
    assert fact_on(Equal(sigma.prime(u), 0), Less(u, 0), sigma="relu").facts
    for statement, where in ((Equal(sigma.prime(u), 1), Less(-1, u)), (Equal(sigma.prime(u), 1), None),
                             (Equal(sigma.prime(u), 1), Less(u, 0)), (Equal(sigma(u), u), Less(u, 1))):
        with pytest.raises(KernelError):
            fact_on(statement, where, sigma="relu")


def test_a_piece_is_about_the_activation_that_is_named():
    with pytest.raises(KernelError):
        computed("piece", Equal(ElementwiseFunction("tau")(u), u), (IsActivation(sigma, "relu"), Less(0, u)))


def test_the_check_of_binary16_decides_its_own_statements_only():
    claim = LessEqual(binary16.value[binary16.i], 1)
    with pytest.raises(KernelError, match="its own six statements"):
        computed("exhaustive over binary16", claim, ())
    with pytest.raises(KernelError):
        computed("exhaustive over binary16", binary16.tie_below.conclusion, ())          # not at i = 0


def test_the_numbers_of_binary16_are_not_free_to_be_chosen():
    from symgrad.kernel.definitions import define
    from symgrad.kernel.logic import instantiate_symbol
    with pytest.raises(KernelError):
        instantiate_symbol(binary16.tie_below, binary16.value, (r,), Number(0))
    with pytest.raises(KernelError):
        define((binary16.fl(Variable("laws_order.x")), Number(0), ()))


def test_one_function_has_one_path_and_one_name_one_run():
    F = Function("laws_order.F", [(d, 1)])
    assert gradient_descent(F) is gradient_descent(F) and adagrad("laws_order") is adagrad("laws_order")
