"""Evaluators against balls, complex steps and differences: relative, coordinate by coordinate, down to
1e-300.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.numeric import (
    ball_duals,
    central_differences,
    compile_network,
    complex_step,
    complex_step_gradient,
    difference_gradient,
    richardson_differences,
)

sys.path.insert(0, str(Path(__file__).parent))
from stand_ins import Chain, Dense, random_call, rounding_bound

NAMES = ("sigmoid", "tanh", "softplus", "identity")
middle = np.vectorize(lambda ball: float(ball.mid()), otypes=[float])
radius = np.vectorize(lambda ball: float(ball.rad()), otypes=[float])
CACHE: dict[object, object] = {}


def evaluator(net, **choices):
    key = (net, tuple(choices.items()))
    if key not in CACHE:
        CACHE[key] = compile_network(net, **choices)
    return CACHE[key]


dense_networks = st.builds(
    lambda widths, names: Dense(tuple(widths), tuple(names[: len(widths) - 1])),
    st.lists(st.integers(1, 3), min_size=2, max_size=4),
    st.lists(st.sampled_from(NAMES), min_size=3, max_size=3),
)
chains = st.builds(
    lambda names, bias: Chain(len(names), tuple(names), bias=bias),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=7),
    st.booleans(),
)
scales = st.sampled_from([0.01, 1.0, 1.0, 5.0, 40.0])


calls = st.tuples(st.integers(0, 2**32), st.sampled_from([None, 1, 3]), scales)
DRAWS = 5  # networks of each shape: weights, examples and scale of their own


@settings(max_examples=200)
@given(dense_networks, st.lists(calls, min_size=DRAWS, max_size=DRAWS))
def test_gradients_of_a_thousand_dense_networks_are_within_their_rounding_bounds_of_the_balls(net, calls):
    for call in calls:
        assert_within_the_rounding_bound(net, *call)


@settings(max_examples=300)
@given(chains, st.lists(calls, min_size=2 * DRAWS, max_size=2 * DRAWS))
def test_gradients_of_three_thousand_chains_are_within_their_rounding_bounds_of_the_balls(net, calls):
    for call in calls:
        assert_within_the_rounding_bound(net, *call)


def assert_within_the_rounding_bound(net, seed, count, scale):
    f = evaluator(net)
    params, x, y = random_call(f.shapes, net, np.random.default_rng(seed), count, scale)
    found, exact = f(params, x, y), ball_duals(net)(params, x, y)
    bounds = rounding_bound(net, params, x, y)
    for name, balls in exact.gradients.items():
        true = middle(balls)
        assert (radius(balls) <= 1e-30 * np.abs(true)).all(), "the balls themselves decide nothing"
        off = np.abs(found.gradients[name] - true)
        allowed = 2 * bounds[name] + 1e-305
        assert (off <= allowed).all(), (name, found.gradients[name], true, allowed)


def test_the_rounding_bound_is_sharp_enough_to_find_a_wrong_digit():
    net = Chain(6, ("sigmoid",) * 6)
    f = evaluator(net)
    sharp = 0
    for seed in range(50):
        params, x, y = random_call(f.shapes, net, np.random.default_rng(seed), None)
        bound, gradient = rounding_bound(net, params, x, y)["w"], f(params, x, y).gradients["w"]
        sharp += int((bound < 1e-12 * np.abs(gradient)).all())
    assert sharp >= 45


def test_a_gradient_of_1e_minus_300_is_right_to_the_last_digits():
    net = Chain(2, ("sigmoid", "sigmoid"))
    f = evaluator(net)
    params = {"w": np.array([-690.0, 1.0]), "b": np.array([0.0, 0.5])}
    found, exact = f(params, 1.0, 0.25), ball_duals(net)(params, 1.0, 0.25)
    true = middle(exact.gradients["w"])
    assert 0 < abs(true[0]) < 1e-298
    assert np.allclose(found.gradients["w"], true, rtol=1e-12, atol=0)


@settings(max_examples=200)
@given(st.one_of(dense_networks, chains), st.lists(calls, min_size=DRAWS, max_size=DRAWS))
def test_a_thousand_networks_agree_with_a_complex_step_where_it_can_be_trusted(net, calls):
    f, step = evaluator(net), complex_step(net)
    for seed, count, _ in calls:
        params, x, y = random_call(f.shapes, net, np.random.default_rng(seed), count)
        found, bounds = f(params, x, y), rounding_bound(net, params, x, y)
        seen = step(params, x, y)
        for name, gradient in found.gradients.items():
            trusted = np.abs(gradient) > 1e-280
            assert (np.abs(gradient - seen.gradients[name]) <= 4 * bounds[name])[trusted].all()


@settings(max_examples=100)
@given(st.one_of(dense_networks, chains), st.integers(0, 2**32), st.sampled_from([None, 2]))
def test_differences_agree_within_their_own_error(net, seed, count):
    f = evaluator(net)
    params, x, y = random_call(f.shapes, net, np.random.default_rng(seed), count)
    found, bounds = f(params, x, y), rounding_bound(net, params, x, y)
    for witness in (central_differences, richardson_differences):
        seen = witness(net)(params, x, y)
        for name, gradient in found.gradients.items():
            assert (np.abs(gradient - seen.gradients[name]) <= 4 * seen.errors[name] + bounds[name]).all()


@settings(max_examples=25)
@given(chains, st.integers(0, 2**32))
def test_differences_with_enough_bits_see_every_gradient(net, seed):
    f = evaluator(net)
    params, x, y = random_call(f.shapes, net, np.random.default_rng(seed), None, 20.0)
    found, bounds = f(params, x, y), rounding_bound(net, params, x, y)
    seen = central_differences(net, bits=3600)(params, x, y)
    for name, gradient in found.gradients.items():
        true = middle(seen.gradients[name])
        assert (np.abs(gradient - true) <= 2 * bounds[name] + 2 * seen.errors[name] + 1e-305).all()
        assert (seen.errors[name] <= 1e-20 * np.abs(true) + 1e-320).all()


@pytest.mark.parametrize(
    "net",
    [
        Dense((2, 3, 2), ("tanh", "sigmoid")),
        Chain(4, ("sigmoid",) * 4),
        Chain(4, ("tanh",) * 3, input="none"),
        Chain(3, ("sigmoid",) * 3, loss=None),
    ],
)
@pytest.mark.parametrize("count", [None, 1, 4])
@pytest.mark.parametrize("loss", ["mean", "sum"])
def test_input_gradient_deltas_and_loss_agree_with_the_balls(net, count, loss):
    if count and isinstance(net, Chain) and net.input == "none" and net.loss is None:
        pytest.skip("no batch without input and target")
    f = compile_network(net, loss=loss)
    params, x, y = random_call(f.shapes, net, np.random.default_rng(5), count)
    found, exact = f(params, x, y), ball_duals(net, loss=loss)(params, x, y)
    assert found.loss == pytest.approx(float(exact.loss.mid()), rel=1e-14)
    if x is not None:
        assert np.shape(found.input_gradient) == np.shape(x)
        assert np.allclose(found.input_gradient, middle(exact.input_gradient), rtol=1e-12, atol=0)
    assert len(found.deltas) == len(exact.deltas)
    for here, there in zip(found.deltas, exact.deltas, strict=True):
        assert np.shape(here) == np.shape(there)
        assert np.allclose(here, middle(there), rtol=1e-12, atol=0)


def test_deltas_of_a_batch_of_several_blocks_are_those_of_its_parts():
    net = Dense((2, 3, 2), ("sigmoid", "sigmoid"))
    f = compile_network(net)
    f._module.BLOCK = 64
    params, x, y = random_call(f.shapes, net, np.random.default_rng(0), 150)
    whole, part = f(params, x, y), f(params, x[:50], y[:50])
    x[:] = 0.0  # the result keeps copies: what the caller does afterwards must not matter
    assert np.allclose(whole.deltas[0][:50] * 3, part.deltas[0], rtol=1e-12)
    assert np.allclose(whole.input_gradient[:50] * 3, part.input_gradient, rtol=1e-12)


def test_a_planted_error_is_found_by_every_witness():
    net = Chain(3, ("sigmoid",) * 3)
    wrong = compile_network(net).source.replace("d = s * (wl * d)", "d = wl * d")
    from symgrad.numeric.evaluator import Evaluator

    f = Evaluator(wrong)
    params, x, y = random_call(f.shapes, net, np.random.default_rng(1), None)
    found, bounds = f(params, x, y), rounding_bound(net, params, x, y)
    exact = middle(ball_duals(net)(params, x, y).gradients["w"])
    assert (np.abs(found.gradients["w"] - exact) > 1e3 * bounds["w"]).any()
    with pytest.raises(AssertionError, match="by differences"):
        f.self_check()


def test_complex_step_differentiates_any_analytic_cost():
    loss, gradients = complex_step_gradient(
        lambda p: (np.exp(p["a"]) * p["b"]).sum(), {"a": [0.0, 1.0], "b": 2.0}
    )
    assert loss == pytest.approx(2 + 2 * np.e)
    assert gradients["a"] == pytest.approx([2.0, 2 * np.e], rel=1e-15)


def test_difference_errors_cover_the_truth_for_a_function_with_large_third_derivative():
    _, gradients, errors = difference_gradient(lambda p: float(np.sin(50 * p["a"])), {"a": 0.3}, order=4)
    assert abs(gradients["a"] - 50 * np.cos(15.0)) <= errors["a"]
