"""States of a batch in float64 against the same states in balls of 300 bits: contained, entry by entry, or left to balls."""

from __future__ import annotations

import numpy as np
import pytest
from drawing import edits, network, seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.bounds import BoundError
from symgrad.bounds.fast_states import fast_states
from symgrad.bounds.layers import pose
from symgrad.bounds.states import propagate
from symgrad.networks.network import Dense
from symgrad.operations.activation import activation

SERVED = {"examples": 0, "tried": 0}


@settings(max_examples=40)
@given(seeds, edits, st.integers(1, 5))
def test_every_entry_lies_in_its_float64_interval(seed, kinds, depth):
    net, params, x, y = network(seed, kinds, depth, 12)
    rng = np.random.default_rng(seed)
    xs, ys = (np.stack([v * rng.choice([0.0, 1.0, 1.5, -30.0]) for _ in range(10)]) for v in (x, y))
    problem = pose(net, params, xs, ys)
    fast = fast_states(problem.layers, problem.inputs, problem.targets)
    SERVED["tried"] += 10
    if fast is None or not fast.good.any():
        return
    try:
        exact = propagate(problem, precision=300)
    except BoundError:
        return
    chosen = np.flatnonzero(fast.good).tolist()
    SERVED["examples"] += len(chosen)
    for ours, theirs in ((fast.a, exact.a), (fast.z, exact.z), (fast.slope, exact.slope), (fast.delta, exact.delta),
                         ([fast.residual], [exact.residual])):
        for layer, balls in zip(ours, theirs, strict=True):
            for i, column in zip(chosen, layer.columns(fast.good), strict=True):
                assert all(found.overlaps(true) for found, true in zip(column, balls[i], strict=True))
                error = sum(float(abs(t.mid() - m))**2 for t, m in zip(balls[i], layer.mid[i].tolist(), strict=True)
                            if t.rad() < 1e-60 * (1 + abs(t.mid()))) ** 0.5
                assert error <= layer.ball[i] * (1 + 1e-9) + 1e-300


def test_many_examples_were_served():
    if not SERVED["tried"]:
        pytest.skip("the property test did not run in this process")
    assert SERVED["examples"] > 0.3 * SERVED["tried"]


def test_what_float64_cannot_hold_is_left_to_balls_in_its_place():
    net = Dense(3, (activation("tanh"),) * 3, True, (6, 6, 6, 6))
    rng = np.random.default_rng(0)
    params = {k: rng.standard_normal(s) for k, s in net.parameters.items()}
    x, y = rng.standard_normal((12, 6)), rng.standard_normal((12, 6))
    x[[2, 7]] *= 1e5                                         # saturated: slopes of e^-100000
    problem = pose(net, params, x, y)
    fast = fast_states(problem.layers, problem.inputs, problem.targets)
    assert fast is not None and not fast.good[[2, 7]].any() and fast.good.sum() >= 8
    mixed, exact = propagate(problem), propagate(problem, precision=300)
    for ours, theirs in zip(mixed.delta, exact.delta, strict=True):
        for column, true in zip(ours, theirs, strict=True):
            assert all(a.overlaps(b) for a, b in zip(column, true, strict=True))


def test_few_examples_and_boxes_are_balls_at_once():
    net = Dense(1, (activation("tanh"),), True, (2, 2))
    params = {k: np.ones(s) for k, s in net.parameters.items()}
    few = pose(net, params, np.ones((3, 2)), np.ones((3, 2)))
    boxes = pose(net, params, np.ones((9, 2)), np.ones((9, 2)), 0.1)
    assert all(fast_states(p.layers, p.inputs, p.targets) is None for p in (few, boxes))
