"""Vanishing gradients and stationary points, exactly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from symgrad.errors import ShapeError, SymgradError
from symgrad.numeric.stationary import classify, classify_at, eigenvalue_signs, vanishing_gradient

x, y = sympy.symbols("x y")


def test_a_zero_gradient_is_not_vanishing_and_a_small_one_is():
    assert not vanishing_gradient([0, 0], 1) and vanishing_gradient([1e-300, 0.0], 1e-299)
    assert vanishing_gradient([1e-300, 0.0], 1e-299).norm == pytest.approx(1e-300)


def test_the_threshold_is_strict_and_exact():
    assert not vanishing_gradient([3, 4], 5) and vanishing_gradient([3, 4], Fraction(5) + Fraction(1, 10**400))


@pytest.mark.parametrize("gradient, threshold", [([np.nan], 1), ([np.inf], 1), ([1.0], 0), ([1.0], -1)])
def test_numbers_without_meaning_are_refused(gradient, threshold):
    with pytest.raises(SymgradError):
        vanishing_gradient(gradient, threshold)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=4), st.integers(0, 10**6))
def test_the_signs_of_the_eigenvalues_are_those_of_a_congruent_diagonal_matrix(values, seed):
    """Sylvester: S D Sᵀ has as many positive, negative and zero eigenvalues as D, for an invertible S."""
    n = len(values)
    S = np.array(np.random.default_rng(seed).integers(-3, 4, (n, n)), dtype=object)
    S = np.tril(S, -1) + np.eye(n, dtype=int).astype(object)
    found = eigenvalue_signs(S @ np.diag(np.array(values, dtype=object)) @ S.T)
    assert found == tuple(sum(test(v) for v in values) for test in (lambda v: v > 0, lambda v: v < 0, lambda v: v == 0))


@pytest.mark.parametrize("function, kind", [
    (x**2 + x * y + y**2, "strict local minimum"), (x * y, "saddle point"), (-(x**2) - y**2, "strict local maximum"),
    (x**4, "undecided"), (-(x**4), "undecided"), (x**3, "undecided"), (x**4 - y**2 + y, "not stationary")])
def test_a_semidefinite_hessian_decides_nothing(function, kind):
    assert classify_at(function, dict.fromkeys(function.free_symbols, 0)).kind == kind


def test_a_hessian_that_is_not_symmetric_or_has_another_size_is_refused():
    for gradient, hessian in (([0, 0], [[1, 2], [3, 4]]), ([0], [[1, 0], [0, 1]]), ([0, 0], [[1, 2]])):
        with pytest.raises(ShapeError):
            classify(gradient, hessian)


@pytest.mark.parametrize("function, point", [(x + y, {x: 0}), (1.5 * x**2, {x: 0}), (sympy.sqrt(x), {x: 2})])
def test_what_is_not_exact_is_refused(function, point):
    with pytest.raises(SymgradError):
        classify_at(function, point)
