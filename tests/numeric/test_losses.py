"""Losses are records: a further loss needs no change anywhere else. And layers of many kinds in one network."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from symgrad.errors import SymgradError
from symgrad.numeric import ball_duals, compile_network, complex_step_gradient
from symgrad.numeric.losses import LOSSES, Loss
from symgrad.operations.activation import activation

sys.path.insert(0, str(Path(__file__).parent))
from stand_ins import Chain, Dense, random_call

MIXED = ("tanh", "relu", "softplus", activation("gelu"), "identity")


def softmax_cost(net, params, x, y):
    """The mean of log Σ exp(a^L) - ⟨y, a^L⟩, written out for complex numbers."""
    a = x
    for l, name in enumerate(net.activations, start=1):
        a = activation(name).value(a @ params[f"w{l}"].T + params[f"b{l}"])
    return np.mean(np.log(np.exp(a).sum(-1)) - (y * a).sum(-1))


@pytest.mark.parametrize("count", [None, 1, 7, 200])
@pytest.mark.parametrize("targets", ["classes", "any numbers"])
def test_softmax_cross_entropy_agrees_with_a_complex_step(count, targets):
    net = Dense((3, 5, 4), ("tanh", "identity"), "softmax-cross-entropy")
    f = compile_network(net)
    params, x, y = random_call(f.shapes, net, np.random.default_rng(3), count)
    if targets == "classes":
        y = np.eye(4)[np.argmax(y, -1)]
    found = f(params, x, y)
    loss, exact = complex_step_gradient(lambda p: softmax_cost(net, p, x, y), params)
    assert found.loss == pytest.approx(loss, rel=1e-13)
    for name, gradient in exact.items():
        assert np.allclose(found.gradients[name], gradient, rtol=1e-9, atol=1e-15)
    f.self_check()


def test_softmax_cross_entropy_does_not_overflow_where_exp_would():
    f = compile_network(Dense((1, 2), ("identity",), "softmax-cross-entropy"))
    params = {"w1": np.array([[1e4], [-1e4]]), "b1": np.zeros(2)}
    found = f(params, [1.0], [0.0, 1.0])
    assert found.loss == pytest.approx(2e4)
    assert np.allclose(found.gradients["b1"], [1.0, -1.0])


def test_a_loss_of_ones_own_is_one_record():
    quartic = Loss(
        "quartic",
        "¼ Σ (a^L - y)⁴",
        "(a^L - y)³",
        block=("subtract(a, y, a)", "loss = 0.25 * float((a**4).sum())", "a[...] = a**3"),
        uses=("subtract",),
    )
    net = Dense((2, 3, 2), ("tanh", "sigmoid"), quartic)
    f = compile_network(net)
    params, x, y = random_call(f.shapes, net, np.random.default_rng(0), 6)

    def cost(p):
        a = np.tanh(x @ p["w1"].T + p["b1"])
        a = 1 / (1 + np.exp(-(a @ p["w2"].T + p["b2"])))
        return 0.25 * ((a - y) ** 4).sum() / 6

    loss, exact = complex_step_gradient(cost, params)
    found = f(params, x, y)
    assert found.loss == pytest.approx(loss, rel=1e-13)
    for name, gradient in exact.items():
        assert np.allclose(found.gradients[name], gradient, rtol=1e-11, atol=1e-16)
    assert "¼ Σ (a^L - y)⁴" in f.source


def test_a_loss_without_code_is_named():
    with pytest.raises(SymgradError, match="no NumPy code for the loss 'hinge'"):
        compile_network(Dense((2, 2), ("tanh",), "hinge"))
    with pytest.raises(SymgradError, match="compares vectors"):
        compile_network(Chain(2, ("tanh",) * 2, loss="softmax-cross-entropy"))
    with pytest.raises(SymgradError, match='backend="numpy" only'):
        compile_network(Dense((2, 2), ("tanh",), "softmax-cross-entropy"), backend="numba")
    assert set(LOSSES) == {"half-squared-error", "output", "softmax-cross-entropy"}


@pytest.mark.parametrize("count", [None, 5, 90])
def test_a_network_of_five_activations_and_widths_agrees_with_the_balls(count):
    net = Dense((2, 3, 1, 4, 2, 3), MIXED)
    f = compile_network(net)
    params, x, y = random_call(f.shapes, net, np.random.default_rng(8), count)
    found = f(params, x, y)
    pairs = [(x, y)] if count is None else list(zip(x, y, strict=True))
    for name, gradient in found.gradients.items():
        exact = sum(
            np.vectorize(lambda ball: float(ball.mid()), otypes=[float])(
                ball_duals(net)(params, a, b).gradients[name]
            )
            for a, b in pairs[:5]
        )
        if len(pairs) <= 5:
            assert np.allclose(gradient, exact / len(pairs), rtol=1e-11, atol=0), name
    whole = [f(params, a, b).gradients for a, b in pairs]
    for name, gradient in found.gradients.items():
        mean = sum(g[name] for g in whole) / len(pairs)
        assert np.allclose(gradient, mean, rtol=1e-10, atol=1e-16), name
