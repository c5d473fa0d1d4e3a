"""Certified norms against definiteness decided in 2000-bit balls, and against exact values."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from balls_reference import definite
from drawing import EDITS, edit
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.bounds import BoundError, norm, norm_of_product, smallest_stretch
from symgrad.bounds.enclosure import Enclosure
from symgrad.bounds.norms import norm_kind, stack_norm_down, stack_norm_up
from symgrad.bounds.rounding import power_of_two, scaled
from symgrad.bounds.spectral import spectral_up
from symgrad.errors import ShapeError

with ctx.workprec(400):
    HAIR = arb(1) + arb((1, -300))      # makes "at most" decidable where the bound is attained


@settings(max_examples=120)
@given(st.integers(0, 2**32 - 1), st.sampled_from(EDITS), st.integers(1, 9), st.integers(1, 9))
def test_the_two_norm_lies_between_its_ends(seed, kind, m, n):
    rng = np.random.default_rng(seed)
    a = edit(kind, rng.standard_normal((m, n)), rng)
    found, stretch = norm(a, 2), smallest_stretch(a, 2)
    if not a.any():
        assert found.upper.is_zero()
        return
    assert found.relative_width() <= 1e-6
    with ctx.workprec(2000):
        assert definite((found.upper * HAIR)**2, a, 1) is True
        assert definite((found.lower / HAIR)**2, a, 1) is not True
        if n > m:
            assert stretch.upper.is_zero()
        else:
            assert stretch.lower == 0 or definite((stretch.lower / HAIR)**2, a, -1) is True
            assert definite((stretch.upper * HAIR)**2, a, -1) is not True


@settings(max_examples=100)
@given(st.integers(0, 2**32 - 1), st.sampled_from(EDITS), st.integers(1, 12), st.integers(1, 12))
def test_one_infinity_and_frobenius_contain_the_exact_sums(seed, kind, m, n):
    rng = np.random.default_rng(seed)
    a = edit(kind, rng.standard_normal((m, n)), rng)
    exact = [[abs(Fraction(v)) for v in row] for row in a.tolist()]
    rows = max(sum(row) for row in exact)
    columns = max(sum(column) for column in zip(*exact, strict=True))
    for p, truth in ((math.inf, rows), (1, columns), ("fro", None)):
        mantissas, exponents = scaled(a[None], 2)
        fast = power_of_two(1.0, exponents[0])
        for found in (norm(a, p), Enclosure(power_of_two(stack_norm_down(mantissas, norm_kind(p))[0], 0) * fast,
                                            power_of_two(stack_norm_up(mantissas, norm_kind(p))[0], 0) * fast)):
            low, high = _fraction(found.lower), _fraction(found.upper)
            if truth is None:
                low, high, truth = low**2, high**2, sum(v * v for row in exact for v in row)
            lost = a.size * Fraction(2)**(int(exponents[0]) - 1022)       # what scaling may cut off
            assert low <= truth + lost and truth <= high + lost
            assert found.relative_width() < 1e-12
            truth = rows if p == math.inf else columns if p == 1 else None


def _fraction(x):
    mantissa, power = x.man_exp()
    return Fraction(int(mantissa)) * Fraction(2)**int(power)


@pytest.mark.parametrize("n, excess", [(40, 1e-11), (200, 1e-10), (300, 1e-6), (520, 1e-6)])
def test_the_excess_over_the_singular_value_is_small(n, excess):
    a = np.random.default_rng(n).standard_normal((n, n + 3))
    found, s = norm(a, 2), np.linalg.norm(a, 2)
    assert found.high / s - 1 <= excess and 1 - found.low / s <= excess


@pytest.mark.parametrize("scale", [1e-300, 5e-324, 1e300])
def test_extreme_scales_neither_overflow_nor_vanish(scale):
    a = np.array([[3.0, 0.0], [4.0, 0.0]]) * (scale if scale > 1e-310 else 1.0)
    a = a if scale > 1e-310 else a * scale
    found = norm(a, 2)
    exact = arb(5) * arb(a[0, 0]) / 3
    assert found.lower <= exact.upper() and exact.lower() <= found.upper and found.relative_width() < 1e-12


def test_a_stack_and_single_matrices_agree():
    rng = np.random.default_rng(0)
    stack = scaled(np.concatenate([rng.standard_normal((6, 5, 5)), np.zeros((1, 5, 5))]), 2)[0]
    together = spectral_up(stack)
    assert together[-1] == 0
    assert np.allclose(together, [spectral_up(one[None])[0] for one in stack], rtol=1e-12, atol=0)


def test_a_repeated_largest_singular_value_is_no_obstacle():
    for n in (8, 300):
        q = np.linalg.qr(np.random.default_rng(n).standard_normal((n, n)))[0]
        assert abs(norm(q, 2).high - 1) < 2e-6 and abs(smallest_stretch(q, 2).low - 1) < 1e-9


def test_the_smallest_stretch_is_not_the_smallest_singular_value_of_a_wide_matrix():
    wide = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert np.linalg.svd(wide)[1].min() == 1 and smallest_stretch(wide).upper.is_zero()


@pytest.mark.parametrize("p", [1, math.inf])
def test_stretches_in_the_other_norms_hold_for_many_vectors(p):
    rng = np.random.default_rng(3)
    a = rng.standard_normal((7, 5))
    found = smallest_stretch(a, p)
    x = rng.standard_normal((5, 2000))
    ratios = np.linalg.norm(a @ x, p, axis=0) / np.linalg.norm(x, p, axis=0)
    assert 0 < found.low <= found.high * (1 + 1e-15) and found.low <= ratios.min()
    square = np.diag([3.0, 0.25, 2.0])
    assert smallest_stretch(square, p).low == pytest.approx(0.25, rel=1e-12)


def test_a_long_product_is_certified_far_below_the_floats():
    found = norm_of_product([np.diag([1e-300, 2e-300])] * 50)
    exact = arb(2e-300)**50
    assert found.lower <= exact.upper() and exact.lower() <= found.upper and found.log10_high < -14900
    rng = np.random.default_rng(1)
    matrices = [rng.standard_normal((20, 20)) for _ in range(30)]
    product = np.linalg.multi_dot(matrices)
    for p in (1, 2, math.inf):
        found = norm_of_product(matrices, p)
        assert found.low <= np.linalg.norm(product, p) <= found.high and found.relative_width() < 1e-3


@pytest.mark.parametrize("call, error, words", [
    (lambda: norm([[math.nan, 1.0]]), BoundError, "entry (0, 0) is nan"),
    (lambda: norm([[math.inf]]), BoundError, "not finite"),
    (lambda: norm([1.0, 2.0]), ShapeError, "2 dimensions"),
    (lambda: norm([[1.0], [1.0, 2.0]]), ShapeError, "rectangular"),
    (lambda: norm([["a"]]), BoundError, "dtype"),
    (lambda: norm([[1.0 + 2j]]), BoundError, "complex128"),
    (lambda: norm([[2**53 + 1]]), BoundError, "2^53"),
    (lambda: norm([[1.0]], 3), BoundError, "norm 3"),
    (lambda: norm([[1.0]], []), BoundError, "not known"),
    (lambda: smallest_stretch([[1.0]], "fro"), BoundError, "vector norm"),
    (lambda: norm_of_product([]), BoundError, "no factor"),
    (lambda: norm_of_product([np.ones((2, 3)), np.ones((2, 3))]), ShapeError, "matrix 1 has shape (2, 3)"),
])
def test_bad_matrices_are_refused_in_one_line(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value) and "\n" not in str(caught.value)
