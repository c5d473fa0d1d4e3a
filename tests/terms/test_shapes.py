"""A wrong shape cannot be built, and the error says what was meant."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
from sympy import Rational

from symgrad.errors import ShapeError, SymgradError
from symgrad.terms.algebra import (
    Count,
    Diagonal,
    Identity,
    MatrixProduct,
    Number,
    Ones,
    Scaled,
    Sum,
    Zero,
    hadamard,
)
from symgrad.terms.index import Constant, Dimension, Index, WidthFamily
from symgrad.terms.named import ElementwiseFunction, Family, Function, Gradient, Variable
from symgrad.terms.ranges import ordered_product, ordered_sum
from symgrad.terms.scalars import Maximum, Power, Quotient, absolute, inner, norm, s_min

n = WidthFamily("shp_n")
l, r = Index("shp_l"), Index("shp_r")
L = Constant("shp_L")
m, p = Dimension("shp_m"), Dimension("shp_p")
w = Family("shp_w", n[l], n[l - 1], over={l: (1, L)})
delta = Family("shp_delta", n[l], over={l: (1, L)})
A, B = Variable("shp_A", m, p), Variable("shp_B", p, m)
u, v = Variable("shp_u", m), Variable("shp_v", p)
s = Variable("shp_s")
f = ElementwiseFunction("shp_f")
cost = Function("shp_cost", [(m, 1)])


def error(build) -> str:
    with pytest.raises(ShapeError) as caught:
        build()
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_product_that_does_not_fit_names_both_factors_their_shapes_and_the_transpose() -> None:
    text = error(lambda: w[l + 1] @ delta[l + 1])
    assert str(w[l + 1]) in text and str(delta[l + 1]) in text and "transpose" in text
    assert f"{n[l + 1]} × {n[l]}" in text and f"{n[l + 1]} × 1" in text
    assert (w[l + 1].T @ delta[l + 1]).shape == (n[l], 1)
    assert "did you mean the transpose of" in error(lambda: A @ A)
    assert "* scales, @ multiplies" in error(lambda: u @ u.T @ A @ s)
    assert "2 columns meet 3 rows" in error(lambda: Variable("shp_2", 5, 2) @ Variable("shp_3", 3, 4))


def test_a_sum_needs_one_shape() -> None:
    assert "a transpose of one would fit" in error(lambda: A + B)
    assert "cannot add" in error(lambda: A + u)
    assert "cannot add" in error(lambda: u + 1)
    assert "⊙" in error(lambda: hadamard(A, B)) and "transpose" in error(lambda: hadamard(A, B))


def test_symbolic_sizes_are_equal_only_when_they_are_the_same_expression() -> None:
    assert (w[l + 1] @ w[l]).shape == (n[l + 1], n[l - 1])
    assert Identity(n[l + 1 - 1]) is Identity(n[l])
    error(lambda: w[l] @ w[l + 1])
    error(lambda: Identity(m) + Identity(p))
    error(lambda: Identity(2) + Identity(3))


def test_a_star_scales_and_never_multiplies_matrices() -> None:
    assert "@ is the matrix product" in error(lambda: A * B)
    assert (2 * A * s).shape == (m, p)
    assert Scaled(A, s, 2).args == (s, Number(2), A)


@pytest.mark.parametrize("build", [
    lambda: Diagonal(A), lambda: inner(A, B), lambda: Power(A, 2), lambda: Quotient(u, s), lambda: Quotient(s, u),
    lambda: Maximum(u, s), lambda: cost(v), lambda: Gradient(cost[()], v), lambda: cost(u, u),
    lambda: ordered_product(r, 1, L, w[r]), lambda: ordered_sum(r, 1, L, w[r]), lambda: Identity(-1),
    lambda: Zero(m, -2), lambda: Ones(l), lambda: Variable("shp_bad", L),
])
def test_other_wrong_shapes_are_refused(build) -> None:
    error(build)


def test_the_factors_of_a_range_fit_in_the_order_in_which_they_stand() -> None:
    backward = ordered_product(r, l + 1, L, w[r].T)
    assert backward.shape == (n[l], n[L])
    forward = type(backward)(r, l + 1, L, w[r], -1)
    assert forward.shape == (n[L], n[l])


def test_scalars_are_one_by_one() -> None:
    for scalar in (norm(A), s_min(A), inner(u, u), cost(u), u.T @ u, Count(L), Number(2), absolute(s), Power(s, l)):
        assert scalar.is_scalar_term and scalar.shape == (1, 1)
    assert absolute(A).shape == f(A).shape == A.shape
    assert Gradient(cost[()], u).shape == u.shape and f.prime(A).shape == A.shape


def test_sums_and_products_are_flat_and_never_evaluated() -> None:
    assert ((A @ B) @ A).args == (A, B, A) and (A @ (B @ A)) is (A @ B @ A)
    assert ((u + u) + u).args == (u, u, u)
    assert (A.T).T is not A and (A - A) is not Zero(m, p)
    assert MatrixProduct(A) is A and Sum(A) is A
    with pytest.raises(SymgradError):
        Sum()
    with pytest.raises(SymgradError):
        MatrixProduct()


def test_numbers_are_exact_finite_and_real() -> None:
    assert Number(2) is Number(sympy.Integer(2))
    assert s + Fraction(1, 2) is s + Rational(1, 2)
    assert (s / 2).args[0] is Number(Rational(1, 2))
    assert Number(sympy.sqrt(2)).value == sympy.sqrt(2)
    for wrong in (1.5, True, False, float("nan"), float("inf"), sympy.nan, sympy.oo, sympy.zoo, sympy.I, "1", None,
                  sympy.Symbol("x"), sympy.Float(1), np.float64(1), np.int64(1), np.True_, sympy.true, 1j, [1]):
        with pytest.raises(SymgradError):
            Number(wrong)
        if wrong is not sympy.nan:                                # which swallows everything, and is no formula
            with pytest.raises((SymgradError, TypeError)):
                wrong * A
        with pytest.raises((SymgradError, TypeError)):
            A + wrong
    with pytest.raises(SymgradError, match="exact number"):
        A * 0.5


def test_exponents_are_natural() -> None:
    assert Power(s, 0) is not Number(1)
    for wrong in (-1, 0.5, True, Rational(1, 2), sympy.oo, "2", s):
        with pytest.raises(SymgradError):
            Power(s, wrong)


def test_a_formula_has_no_truth_value() -> None:
    with pytest.raises(SymgradError, match="neither true nor false"):
        bool(A)
