"""Enclosures over wide balls and arrays of intervals: never too small, and tight."""

from __future__ import annotations

import math

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.balls import far
from symgrad.balls.numbers import whole_power
from symgrad.errors import SymgradError
from symgrad.operations.activation import activation, activations, t

from .expressions import formulas, reference

FRACTIONS = [mpmath.mpf(k) / 16 for k in range(17)]


def check(sigma: object, lo: np.ndarray, hi: np.ndarray, order: int) -> None:
    lower, upper = sigma.enclose_array(lo, hi, order)                       # type: ignore[attr-defined]
    true = reference(sigma.expression if order == 0 else sigma.derivative)  # type: ignore[attr-defined]
    with mpmath.workdps(330):
        for a, b, below, above in zip(lo, hi, lower, upper, strict=True):
            for f in FRACTIONS[::4]:
                x = mpmath.mpf(float(a)) + (mpmath.mpf(float(b)) - mpmath.mpf(float(a))) * f
                if x == 0:
                    continue
                y = true(x)
                slack = (abs(y) + 1) * mpmath.mpf(10) ** -300
                assert mpmath.mpf(float(below)) - slack <= y <= mpmath.mpf(float(above)) + slack, (a, b, x)


@pytest.mark.parametrize("name", activations())
def test_arrays_contain_the_function(name: str) -> None:
    rng = np.random.default_rng(2)
    lo = rng.normal(size=24) * rng.choice([1e-5, 1, 5, 12], size=24)
    hi = lo + np.abs(rng.normal(size=24)) * rng.choice([0, 1e-12, 1e-3, 1, 8], size=24)
    for order in (0, 1):
        check(activation(name), lo, hi, order)


@pytest.mark.parametrize("name", ["sigmoid", "gelu", "relu6", "sin", "silu"])
def test_the_table_agrees_with_single_balls(name: str) -> None:
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.normal(size=1500) * 3,
                        [0.0, 1e-300, -1e-300, 39.99, -39.99, 50.0, 6.0, 1 / 64, 1 / 32]])
    for order in (0, 1):
        lower, upper = activation(name).enclose_array(x, x, order)
        assert np.all(lower <= upper)
        with flint.ctx.workprec(256):
            for point, a, b in zip(x.tolist(), lower.tolist(), upper.tolist(), strict=True):
                ball = activation(name)._enclosure.bisect(arb(point), order, 0)
                assert arb(a) <= ball and ball <= arb(b)
        assert np.median((upper - lower) / np.maximum(np.abs(upper), 1e-300)) < 1e-12


@settings(max_examples=40)
@given(formulas(5), st.floats(-8, 8), st.sampled_from([0.0, 1e-6, 0.1, 1.0, 6.0]), st.sampled_from([0, 1]))
def test_random_formulas_stay_inside(text: str, lo: float, width: float, order: int) -> None:
    check(activation(text), np.array([lo]), np.array([lo + width]), order)


FAR = [5e-324, 1e-150, 1e-30, 30.0, 80.0, 300.0, 800.0, 1e4, 1e20, 1e150, 1e300, 1.7e308]


@pytest.mark.parametrize("name", activations())
def test_enclosures_are_finite_at_every_magnitude(name: str) -> None:
    """e^(1e300) is a number too: its exponent has 300 digits."""
    sigma = activation(name)
    with flint.ctx.workprec(128):
        for size in FAR:
            for x in (arb(size), arb(-size), arb(0, size), arb(size, size * 1e-10), arb(-size, size / 2)):
                for enclose in (sigma.enclose, sigma.enclose_slope):
                    assert enclose(x).is_finite(), (name, x)


@pytest.mark.parametrize("name", activations())
def test_value_and_slope_together_are_the_careful_ones(name: str) -> None:
    sigma = activation(name)
    rng = np.random.default_rng(1)
    points = [*(rng.normal(size=40) * rng.choice([1e-300, 1e-20, 1e-3, 1, 9, 300, 1e100], size=40)),
              0.0, 5e-324, -1e308, 0.5, -0.5, 1.0, 3.0, -3.0, 6.0]
    with flint.ctx.workprec(176):
        for point in points:
            x = arb(point, abs(point) * 2.0**-80) if abs(point) < 1e9 else arb(point)
            for order, found in enumerate(sigma.enclose_both(x)):
                careful = sigma._enclosure.on(x, order)
                assert found.overlaps(careful), (point, order)
                if careful.rad() < 2.0**-40:
                    assert found.rad() < 2.0**-19 * (1 + abs(careful)), (point, order)


def test_far_exponentials_have_the_relative_accuracy_of_near_ones() -> None:
    with flint.ctx.workprec(128):
        for u in (arb(-1e300), arb(1e300), arb(-1e20), arb(123.5)):
            value = far.exp(u)
            assert value > 0 and value.rel_accuracy_bits() > 100
            assert (value.log() / u).overlaps(arb(1))
        assert abs(far.exp(-far.exp(arb(1e300)))) < arb((1, -10**300)) and far.sech_squared(arb(1e300)) > 0
        assert whole_power(arb(0, 1e-30), 2).contains(0) and whole_power(arb(-2, 0.5), 3).contains(-8)
        assert not whole_power(arb(0, 1), -1).is_finite()


def test_wide_balls_are_tight() -> None:
    sigma = activation("silu")
    with flint.ctx.workprec(128):
        ball = sigma.enclose(arb(0, 4))
        assert abs(float(ball.lower()) + 0.27846454276107) < 1e-7
        assert abs(float(ball.upper()) - 3.92805516015) < 1e-7
        assert abs(float(sigma.enclose_slope(arb(0, 30)).upper()) - 1.09983932012887) < 1e-7


def test_the_whole_line_is_an_interval_too() -> None:
    lower, upper = activation("tanh").enclose_array([-math.inf, 0.0], [math.inf, math.inf])
    assert lower[0] == pytest.approx(-1, rel=1e-15) and upper[0] == pytest.approx(1, rel=1e-15)
    assert lower[1] == 0 and upper[1] >= 1
    lower, upper = activation("softplus").enclose_array(-math.inf, math.inf)
    assert lower <= 0 and upper == math.inf


def test_both_one_sided_slopes_count_at_a_kink() -> None:
    lower, upper = activation("relu").enclose_array(0.0, 0.0, derivative=1)
    assert lower <= 0 and upper >= 1
    assert activation("relu").enclose_slope(arb(0)).contains(1)
    assert activation("relu").enclose_array(1.0, 2.0, derivative=1) == (1, 1)


def test_certain_signs_survive_rounding() -> None:
    lower, _ = activation("sigmoid").enclose_array(np.array([-700.0, -745.0, -800.0]),
                                                   np.array([-1.0, -2.0, -3.0]), 1)
    assert np.all(lower >= 0)


@pytest.mark.parametrize(("lo", "hi", "says"), [(1.0, 0.0, "lower > upper"), (math.nan, 1.0, "NaN")])
def test_bad_intervals_are_refused(lo: float, hi: float, says: str) -> None:
    with pytest.raises(SymgradError, match=says):
        activation("tanh").enclose_array(lo, hi)


def test_series_are_taylor_coefficients() -> None:
    with flint.ctx.workprec(128):
        series = activation("tanh").series(arb(0), 6)
        for k, c in enumerate([0, 1, 0, sp.Rational(-1, 3), 0, sp.Rational(2, 15)]):
            assert series[k].overlaps(arb(sp.Rational(c).p) / sp.Rational(c).q)
    with pytest.raises(SymgradError, match="1 to 32"):
        activation("tanh").series(arb(0), 40)


def test_derivatives_of_the_reference_are_independent() -> None:
    assert reference(activation("tanh").derivative)(mpmath.mpf(0)) == 1
    assert t.is_real
