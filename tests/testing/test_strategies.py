"""What test authors import: networks, parameters, states and assertions that name what is wrong."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symgrad as sg
from symgrad.front import ChainNetwork, DenseNetwork, Network
from symgrad.testing import assert_bound, assert_gradient, networks, states
from symgrad.testing.entry import register


@settings(max_examples=25)
@given(st.data())
def test_evaluators_pass_on_drawn_networks(data):
    net = data.draw(networks(max_depth=3, max_width=4))
    params, x, y = data.draw(states(net, scales=(1.0, 1e-6)))
    assert_gradient(net.compile(), net, (params, x, y))


@settings(max_examples=10)
@given(st.data())
def test_bounds_hold_on_drawn_networks(data):
    net = data.draw(networks(max_depth=3, max_width=4))
    assert_bound(net, *data.draw(states(net)))


def test_registered_types_can_be_drawn():
    register()
    kinds = set()

    @settings(max_examples=30, database=None)
    @given(st.from_type(Network))
    def draw(net):
        assert net.depth >= 1
        kinds.add(type(net))

    draw()
    assert kinds == {DenseNetwork, ChainNetwork}


def test_networks_shrink_to_one_layer_of_width_one():
    from hypothesis import find
    net = find(networks(), lambda net: True)
    assert net.widths == (1, 1)
    assert set(find(networks(), lambda net: net.depth >= 2).widths) == {1}


def backward(net, params, x, y, wrong=""):
    """A hand-written backward pass, with a mistake to order."""
    zs, values = [], [x]
    for layer, sigma in enumerate(net.activations, 1):
        zs.append(values[-1] @ params[f"w{layer}"].T + params[f"b{layer}"])
        values.append(sigma.value(zs[-1]))
    found = {}
    slope = (lambda l: 1 - values[l] ** 2 if wrong != "slope" else 1 - zs[l - 1] ** 2)
    delta = (values[-1] - y) * slope(net.depth)
    for layer in range(net.depth, 0, -1):
        share = 1 if wrong == "mean" else len(x)
        found[f"w{layer}"] = delta.T @ values[layer - 1] / share
        found[f"b{layer}"] = delta.sum(0) / share
        if layer > 1:
            w = params[f"w{layer}"]
            delta = (delta @ (w.T if wrong == "transpose" else w)) * slope(layer - 1)
    return found


@pytest.mark.parametrize("wrong", ["slope", "mean", "transpose"])
def test_a_wrong_backward_pass_is_named_with_layer_and_theorem(wrong):
    net = sg.dense([3, 3, 3], activation="tanh")
    assert_gradient(lambda p, x, y: backward(net, p, x, y), net)
    with pytest.raises(AssertionError, match=r"∂C/∂[wb]\d\[.*theorem: ∂C/∂") as error:
        assert_gradient(lambda p, x, y: backward(net, p, x, y, wrong), net)
    assert "seed 0" in str(error.value)


def test_a_gradient_of_1e_minus_30_is_a_real_gradient():
    net = sg.dense([2, 2], activation="sigmoid")
    params = {"w1": np.full((2, 2), 1e-3), "b1": np.full(2, -69.0)}
    state = (params, np.ones((1, 2)), np.full((1, 2), 0.5))
    right = net.compile()
    assert_gradient(right, net, state)
    with pytest.raises(AssertionError):
        assert_gradient(lambda p, x, y: {n: g * 1.001 for n, g in right(p, x, y).gradients.items()}, net, state)


def test_a_missing_or_misshapen_gradient_is_named():
    net = sg.dense([3, 2], activation="tanh")
    with pytest.raises(sg.SymgradError, match="no gradient for 'w1'"):
        assert_gradient(lambda p, x, y: {"b1": np.zeros(2)}, net)
    with pytest.raises(AssertionError, match="it is the transpose"):
        assert_gradient(lambda p, x, y: {n: g.T for n, g in net.compile()(p, x, y).gradients.items()}, net)


def test_the_plugin_and_the_entry_point_import_nothing_heavy():
    code = ("import sys, symgrad.testing.plugin, symgrad.testing.entry;"
            "print([m for m in ('sympy', 'numpy', 'flint', 'hypothesis') if m in sys.modules])")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "[]"


@pytest.mark.parametrize(("said", "wrong"), [
    ("one example", lambda p, x, y, g: {n: v * (2 if len(x) == 1 else 1) for n, v in g.items()}),
    ("seven examples", lambda p, x, y, g: {n: v * (len(x) / 5 if len(x) > 5 else 1) for n, v in g.items()}),
    ("large inputs", lambda p, x, y, g: {n: v * (0 if np.max(np.abs(x)) > 50 else 1) for n, v in g.items()}),
    ("negative inputs", lambda p, x, y, g: {n: -v if np.all(x < 0) else v for n, v in g.items()}),
    ("inputs of zero", lambda p, x, y, g: {n: v if np.any(x) else v * np.nan for n, v in g.items()}),
    ("equal examples", lambda p, x, y, g: {n: v / 2 if len(x) > 1 and np.all(x[0] == x[1]) and np.any(x) else v
                                           for n, v in g.items()}),
    ("changes x in place", lambda p, x, y, g: {**g, "x": np.multiply(x, 1.5, out=x)}),
    ("changes the parameter w1 in place", lambda p, x, y, g: {**g, "p": np.multiply(p["w1"], 1.5, out=p["w1"])}),
])
def test_a_backward_pass_that_is_right_at_most_states_is_refused(said, wrong):
    net = sg.dense([3, 4, 2], activation="tanh")

    def function(p, x, y):
        given = backward(net, p, x, y)
        return {n: g for n, g in wrong(p, x, y, given).items() if n in given}

    with pytest.raises(AssertionError, match=said):
        assert_gradient(function, net)


def test_a_backward_pass_with_a_memory_or_a_buffer_is_refused():
    net = sg.dense([3, 4, 2], activation="tanh")
    memory, buffers = {}, {}

    def remembers(p, x, y):
        return memory.setdefault((id(p["w1"]), id(x)), (p, x, backward(net, p, x, y)))[2]

    def overwrites(p, x, y):
        for name, g in backward(net, p, x, y).items():
            buffers.setdefault(name, g.copy())[...] = g
        return buffers

    with pytest.raises(AssertionError, match="remembers the old ones"):
        assert_gradient(remembers, net)
    with pytest.raises(AssertionError, match="overwritten by later calls"):
        assert_gradient(overwrites, net)


def test_a_backward_pass_may_return_the_loss_beside_the_gradients():
    net = sg.dense([3, 2], "tanh")
    f = net.compile()
    assert_gradient(lambda p, x, y: (f(p, x, y).loss, f(p, x, y).gradients), net)
    with pytest.raises(AssertionError, match="theorem"):
        assert_gradient(lambda p, x, y: (0.0, {k: 2 * v for k, v in f(p, x, y).gradients.items()}), net)


def test_the_first_network_is_drawn_as_quickly_as_the_next():
    """A fresh process: what is slow happens where the strategy is made, not while hypothesis watches the clock."""
    code = ("from hypothesis import given, settings\nfrom symgrad.testing import networks\n"
            "@settings(max_examples=20, database=None)\n@given(networks(kind=None))\ndef test(n): assert n.parameters\ntest()")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
