"""p-norms other than 1, 2 and ∞: enclosures that hold the truth, and that are narrow where they can be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, oo

from symgrad.numeric.arithmetic import Undecided, balls, floats, rationals
from symgrad.numeric.evaluate import evaluate
from symgrad.numeric.instance import Instance
from symgrad.numeric.norms import norm
from symgrad.terms import scalars
from symgrad.terms.exponents import dual_kind
from symgrad.terms.index import Dimension
from symgrad.terms.named import Function, Variable, grad

EXPONENTS = [Rational(11, 10), Rational(3, 2), Rational(3), Rational(7, 2), Rational(5)]
exponents = st.sampled_from(EXPONENTS)
entries = st.integers(-6, 6)


def matrices(least: int = 2, most: int = 4) -> st.SearchStrategy[Any]:
    return st.tuples(st.integers(least, most), st.integers(least, most)).flatmap(
        lambda shape: st.lists(entries, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(
            lambda flat: np.array(flat, dtype=object).reshape(shape)))


def ball(A: Any, p: Any, bits: int = 128) -> Any:
    arithmetic = balls(bits)
    with arithmetic.precision():
        return norm(arithmetic.array(A), p, arithmetic)[0, 0]


def brute(A: Any, p: Any) -> float:
    """The largest of many quotients ‖Ax‖ / ‖x‖: at most the norm."""
    x = np.random.default_rng(0).normal(size=(A.shape[1], 4000))
    A, p = A.astype(float), float(p)
    return float(np.max(np.linalg.norm(A @ x, p, axis=0) / np.linalg.norm(x, p, axis=0)))


@settings(max_examples=60)
@given(A=matrices(), p=exponents)
def test_the_enclosure_holds_every_stretch_and_no_less_than_the_estimate(A: Any, p: Any) -> None:
    found, estimate = ball(A, p), norm(floats().array(A), p, floats())[0, 0]
    assert float(found.upper()) >= brute(A, p) * (1 - 1e-12)
    assert float(found.lower()) * (1 - 1e-12) <= estimate <= float(found.upper()) * (1 + 1e-12)


@settings(max_examples=60)
@given(A=matrices(), p=exponents)
def test_enclosures_of_a_transpose_in_the_dual_norm_meet(A: Any, p: Any) -> None:
    assert ball(A, p).overlaps(ball(A.T, dual_kind(p)))


@settings(max_examples=40)
@given(A=matrices())
def test_the_enclosure_lies_between_those_of_the_exponents_around_it(A: Any) -> None:
    """log ‖A‖_p is convex in 1/p (Riesz and Thorin): at 4/3, midway between 1 and 2 in 1/p."""
    middle, one, two = (ball(A, p) for p in (Rational(4, 3), Rational(1), Rational(2)))
    assert not middle * middle > one * two


@pytest.mark.parametrize("p", EXPONENTS)
@settings(max_examples=15)
@given(x=st.lists(entries, min_size=2, max_size=4), y=st.lists(entries, min_size=2, max_size=4))
def test_rank_one_is_as_exact_as_rounding_allows(p: Any, x: Any, y: Any) -> None:
    found = ball(np.outer(np.array(x, dtype=object), np.array(y, dtype=object)), p)
    exact = ball(np.array([x]).T, p) * ball(np.array([y]).T, dual_kind(p))
    assert found.overlaps(exact) and not float(found.rad()) > 1e-30 * max(1, float(found.mid()))


@pytest.mark.parametrize("p", EXPONENTS)
@settings(max_examples=15)
@given(d=st.lists(entries, min_size=2, max_size=5))
def test_a_diagonal_matrix_has_its_largest_entry_for_every_p(p: Any, d: Any) -> None:
    found = ball(np.diag(np.array(d, dtype=object)), p)
    assert found.overlaps(max(map(abs, d))) and not float(found.rad()) > 1e-30 * 10


@settings(max_examples=40)
@given(A=matrices(), p=exponents)
def test_without_negative_entries_the_enclosure_is_narrow(A: Any, p: Any) -> None:
    found = ball(np.abs(A) + 1, p)
    assert float(found.rad()) < 1e-9 * float(found.mid())


@pytest.mark.parametrize("p", EXPONENTS)
def test_sizes_far_apart_neither_overflow_nor_vanish(p: Any) -> None:
    for scale in (10.0**-200, 10.0**200):
        assert norm(floats().array([[3 * scale], [4 * scale]]), p, floats())[0, 0] == pytest.approx(
            float(np.linalg.norm([3, 4], float(p))) * scale, rel=1e-12)
        assert ball(np.diag([scale, scale / 2]), p).overlaps(balls().array([[scale]])[0, 0])


def test_empty_and_zero_matrices_have_norm_zero() -> None:
    assert ball(np.zeros((0, 3)), Rational(3)) == 0 and ball(np.zeros((2, 2), dtype=int), Rational(3)) == 0


def test_fractions_have_no_p_norm_but_of_one_number() -> None:
    with pytest.raises(Undecided):
        norm(rationals().array([[1], [2]]), Rational(3), rationals())
    assert norm(rationals().array([[-2]]), Rational(3), rationals())[0, 0] == 2


@pytest.mark.parametrize("p", [Rational(3, 2), Rational(3), Rational(4)])
@pytest.mark.parametrize("point", [[3, 4], [0, 2], [-1, 5]])
def test_the_slope_of_a_vector_norm(p: Any, point: Any) -> None:
    """∂‖x‖_p/∂x_i = sign(x_i) |x_i|^{p−1} / ‖x‖_p^{p−1}."""
    n = Dimension("pn_n")
    x, f = Variable("pn.x", n), Function(f"pn.f{p.p}_{p.q}", [(n, 1)])
    from symgrad.kernel.definitions import define
    define((f(x), scalars.norm(x, p), ()))
    found = evaluate(grad(f[()], at=x), Instance(integers={"pn_n": 2}, arrays={"pn.x": point}), balls())
    x_, size = np.array(point, dtype=float), np.linalg.norm(point, float(p))
    expected = np.sign(x_) * np.abs(x_) ** (float(p) - 1) / size ** (float(p) - 1)
    assert [float(v) for v in found.ravel()] == pytest.approx(list(expected), rel=1e-12)


def test_the_ends_are_the_norms_that_are_sums() -> None:
    A = np.array([[1, -2], [3, 4]], dtype=object)
    assert ball(A, Rational(1)) == 6 and ball(A, oo) == 7
