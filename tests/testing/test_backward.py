"""Backward functions: subtly wrong ones are refused with the coordinate, hard right ones are accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.testing import assert_backward, assert_gradient

RNG = np.random.default_rng(42)
x = RNG.standard_normal(5)
X = RNG.standard_normal((4, 3))
S = RNG.standard_normal((3, 3))
v = RNG.standard_normal(3)
positive = np.abs(x) + 0.1


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def lse(z: Any) -> Any:
    top = z.max(-1, keepdims=True)
    return (top + np.log(np.exp(z - top).sum(-1, keepdims=True)))[..., 0]


def normalised(z: Any) -> Any:
    return (z - z.mean(-1, keepdims=True)) / np.sqrt(z.var(-1, keepdims=True) + 1e-5)


def normalised_back(G: Any, z: Any) -> Any:
    s = np.sqrt(z.var(-1, keepdims=True) + 1e-5)
    h = (z - z.mean(-1, keepdims=True)) / s
    return (G - G.mean(-1, keepdims=True) - h * (G * h).mean(-1, keepdims=True)) / s


def off_at(entry: Any, factor: float) -> Callable[..., Any]:
    def backward(G: Any, z: Any) -> Any:
        found = 2 * G * z
        found[entry] *= factor
        return found
    return backward


def in_place(G: Any, z: Any) -> Any:
    G *= 2 * z
    return G


_buffer = np.zeros(5)
_by_shape: dict[Any, Any] = {}
_by_object: dict[Any, Any] = {}
_noise = np.random.default_rng(0)


def in_a_buffer(G: Any, z: Any) -> Any:
    return np.multiply(G, 2 * z, out=_buffer)


def remembered(G: Any, z: Any) -> Any:
    if z.shape not in _by_shape:
        _by_shape[z.shape] = np.exp(z)
    return G * _by_shape[z.shape]


def remembered_by_object(G: Any, z: Any) -> Any:
    return G * _by_object.setdefault(id(z), (z, np.exp(z)))[1]


def squares(z: Any) -> Any:
    return z**2


WRONG: list[tuple[str, Callable[..., Any], Callable[..., Any], tuple[Any, ...], str]] = [
    ("one entry off by a thousandth", squares, off_at(3, 1.001), (x,), r"z\[3\]"),
    ("one entry of 320", squares, off_at((7, 23), 1.01), (RNG.standard_normal((8, 40)),), r"z\[7, 23\]"),
    ("a lost transpose of a square matrix", lambda w, u: w @ u, lambda G, w, u: (np.outer(G, u), w @ G), (S, v), r"u\[0\]"),
    ("an outer product the wrong way round", lambda w, u: w @ u, lambda G, w, u: (np.outer(u, G), w.T @ G), (S, v), "transpose"),
    ("right for square weights only", lambda w, z: z @ w.T,
     lambda G, w, z: (G.T @ z * (1 if w.shape[0] == w.shape[1] else 2), G @ w), (S, X), "other sizes"),
    ("a broadcast bias not summed", lambda z, b: z * b, lambda G, z, b: (G * b, G * z), (X, v), "sum over the broadcast axes"),
    ("the mean for the sum over a batch", lambda z, b: z + b, lambda G, z, b: (G, G.mean(0)), (X, v), "0.25 times"),
    ("every tie of a maximum", np.max, lambda G, z: G * (z == z.max()), (x,), "this kink"),
    ("both sides of a tie", np.minimum, lambda G, a, b: (G * (a <= b), G * (b <= a)), (x, positive), "this kink"),
    ("a slope of -1 where relu has a kink", lambda z: np.maximum(z, 0), lambda G, z: np.where(z == 0, -G, G * (z > 0)), (x,),
     "a kink"),
    ("NaN at 0 where the function is smooth", np.sinc,
     lambda G, z: G * (np.cos(np.pi * z) * np.pi * z - np.sin(np.pi * z)) / (np.pi * z * z), (x,), "nan"),
    ("no stop where a clip saturates", lambda z: np.clip(z, -1, 1), lambda G, z: G, (np.array([0.2, -0.3]),), "expected 0.0"),
    ("wrong for negative numbers only", lambda z: np.sqrt(z * z + 1), lambda G, z: G * np.abs(z) / np.sqrt(z * z + 1),
     (positive,), "negative"),
    ("wrong at one number only", np.sin, lambda G, z: G * np.where(z == 0.5, 0, np.cos(z)), (x,), "halves"),
    ("right for a batch of one only", lambda z: np.tanh(z).sum(1), lambda G, z: G[:, None] * (1 - np.tanh(z)**2) / len(z),
     (X[:1],), "0.25 times"),
    ("wrong for large numbers only", lambda z: np.sqrt(z * z + 1),
     lambda G, z: G * np.where(np.abs(z) > 100, 0, z / np.sqrt(z * z + 1)), (x,), "expected"),
    ("wrong for small numbers only", np.sin, lambda G, z: G * np.where(np.abs(z) < 1e-4, 0, np.cos(z)), (x,), "expected"),
    ("another sign in a rare branch", np.tanh, lambda G, z: G * (1 - np.tanh(z)**2) * np.where((z > 2) & (z < 2.5), -1, 1),
     (x,), "expected"),
    ("a half of a gradient of 1e-200", lambda z: 1e-200 * np.sum(z**3), lambda G, z: 1.5e-200 * G * z**2, (x,), "0.5 times"),
    ("a slope that overflows", lambda z: np.logaddexp(0, z), lambda G, z: G * np.exp(z) / (1 + np.exp(z)), (x,), "nan"),
    ("it changes its cotangent", squares, in_place, (x,), "changes its cotangent"),
    ("it returns a buffer", squares, in_a_buffer, (x,), "overwritten by later calls"),
    ("it remembers a forward pass", np.exp, remembered, (x,), "expected"),
    ("it remembers an array object", np.exp, remembered_by_object, (x,), "remembers"),
    ("it is random", squares, lambda G, z: 2 * G * z * (1 + 1e-5 * _noise.standard_normal(z.shape)), (x,), "again"),
    ("it computes in float32", np.tanh, lambda G, z: G * (1 - np.tanh(z.astype(np.float32)).astype(float)**2), (x,), "expected"),
    ("it is wrong in float32 only", np.sin, lambda G, z: G * np.cos(z) * (0.9 if z.dtype == np.float32 else 1), (x,), "float32"),
    ("it ignores its cotangent", np.sin, lambda G, z: np.cos(z), (x,), "expected"),
    ("a fused loss that drops the sum of the targets", lambda z: float(np.sum(np.full(3, 0.5) * (lse(z) - z))),
     lambda G, z: G * (softmax(z) - 0.5), (v,), "expected"),
    ("a norm of a layer without its variance", normalised,
     lambda G, z: (G - G.mean(-1, keepdims=True)) / z.std(-1, keepdims=True), (X,), "expected"),
    ("an inverse with one transpose too few", np.linalg.inv, lambda G, a: -np.linalg.inv(a).T @ G @ np.linalg.inv(a),
     (S + 3 * np.eye(3),), "expected"),
]


@pytest.mark.parametrize(("forward", "backward", "arguments", "said"), [case[1:] for case in WRONG],
                         ids=[case[0].replace(" ", "-") for case in WRONG])
def test_a_wrong_backward_function_is_refused(forward, backward, arguments, said):
    with pytest.raises(AssertionError, match=said):
        assert_backward(forward, backward, *arguments)


def attention(Q: Any, K: Any, V: Any) -> Any:
    return softmax(Q @ K.T / np.sqrt(Q.shape[-1])) @ V


def attention_back(G: Any, Q: Any, K: Any, V: Any) -> Any:
    P = softmax(Q @ K.T / np.sqrt(Q.shape[-1]))
    D = G @ V.T
    D = P * (D - (D * P).sum(-1, keepdims=True)) / np.sqrt(Q.shape[-1])
    return D @ K, D.T @ Q, P.T @ G


def first_largest(G: Any, z: Any) -> Any:
    found = np.zeros_like(z)
    found[np.argmax(z)] = G
    return found


class Layer:
    """A layer that keeps its forward values."""

    def forward(self, z: Any) -> Any:
        self.y = np.tanh(z)
        return self.y.copy()

    def backward(self, G: Any) -> Any:
        return G * (1 - self.y**2)


_layer = Layer()
RIGHT: list[tuple[str, Callable[..., Any], Callable[..., Any], tuple[Any, ...]]] = [
    ("a stabilised log-sum-exp", lse, lambda G, z: G[..., None] * softmax(z), (X,)),
    ("a stabilised log-sum-exp far out", lse, lambda G, z: G * softmax(z), (1e3 * x,)),
    ("softmax", softmax, lambda G, z: softmax(z) * (G - (G * softmax(z)).sum(-1, keepdims=True)), (X,)),
    ("a fused cross-entropy of labels", lambda z, i: (lse(z) - z[np.arange(len(z)), i]).mean(),
     lambda G, z, i: G * (softmax(z) - np.eye(z.shape[1])[i]) / len(z), (X, np.array([0, 2, 1, 1]))),
    ("the norm of a layer", normalised, normalised_back, (X,)),
    ("attention", attention, attention_back, (X, RNG.standard_normal((5, 3)), RNG.standard_normal((5, 2)))),
    ("a saturated slope from the value", np.tanh, lambda G, z: G * (1 - np.tanh(z)**2), (np.array([20.0, -25.0, 3.0]),)),
    ("relu", lambda z: np.maximum(z, 0), lambda G, z: G * (z > 0), (x,)),
    ("relu with the other slope at 0", lambda z: np.maximum(z, 0), lambda G, z: G * (z >= 0), (x,)),
    ("a maximum that takes the first tie", np.max, first_largest, (x,)),
    ("a maximum that shares ties", np.max, lambda G, z: G * (z == z.max()) / (z == z.max()).sum(), (x,)),
    ("sorting", np.sort, lambda G, z: G[np.argsort(np.argsort(z))], (x,)),
    ("a norm that is 0 at 0", np.linalg.norm, lambda G, z: G * z / np.linalg.norm(z) if np.any(z) else 0 * z, (x,)),
    ("the inverse", np.linalg.inv, lambda G, a: -np.linalg.inv(a).T @ G @ np.linalg.inv(a).T, (S + 3 * np.eye(3),)),
    ("log-determinant", lambda a: np.linalg.slogdet(a)[1], lambda G, a: G * np.linalg.inv(a).T, (S + 3 * np.eye(3),)),
    ("condition 1e16", lambda z: (np.logspace(-8, 8, 5) * z * z).sum(), lambda G, z: 2 * G * np.logspace(-8, 8, 5) * z, (x,)),
    ("gradients of 1e-200", lambda z: 1e-200 * np.sin(z), lambda G, z: 1e-200 * G * np.cos(z), (x,)),
    ("a gradient lost in a value of 1e150", lambda z: 1e150 + (1.0 * z**2).sum(dtype=z.dtype if z.dtype == object else float),
     lambda G, z: 2 * G * z, (x,)),
    ("positive numbers only", lambda z: z * np.log(z), lambda G, z: G * (np.log(z) + 1), (positive,)),
    ("float buffers and many roundings", lambda z: np.float64(sum(float(t)**2 for t in z)), lambda G, z: 2 * G * z, (x,)),
    ("drawn with a seed", lambda z, s: z * np.random.default_rng(s).random(z.shape),
     lambda G, z, s: G * np.random.default_rng(s).random(z.shape), (X, 3)),
    ("a layer that keeps its values", _layer.forward, lambda G, z: _layer.backward(G), (X,)),
    ("one argument without a gradient", lambda a, y: np.mean((a - y)**2), lambda G, a, y: (2 * G * (a - y) / a.size, None),
     (X, X + 1)),
    ("a value of one row and column", lambda z: (z.sum()**2).reshape(1, 1), lambda G, z: 2 * G * z.sum() * np.ones_like(z), (X,)),
    ("no dimension", lambda t: t**3, lambda G, t: 3 * G * t**2, (np.array(0.3),)),
    ("no entry", lambda z: np.sum(z**2), lambda G, z: 2 * G * z, (np.zeros((0, 3)),)),
    ("the cotangent itself", lambda a, b: a + b, lambda G, a, b: (G, G), (x, positive)),
]


@pytest.mark.parametrize(("forward", "backward", "arguments"), [case[1:] for case in RIGHT],
                         ids=[case[0].replace(" ", "-") for case in RIGHT])
def test_a_right_backward_function_is_accepted(forward, backward, arguments):
    assert_backward(forward, backward, *arguments, seed=1)


def test_a_gradient_is_checked_against_its_scalar_function():
    assert_gradient(lambda w: -X.T @ (1 / (1 + np.exp(X @ w))), lambda w: np.logaddexp(0, -(X @ w)).sum(), v)
    assert_gradient(lambda t: np.cos(t), lambda t: np.sin(t), 0.7)
    assert_gradient(lambda w, c: {"w": 2 * w * c * c, "c": 2 * c * w * w}, lambda w, c: np.sum((w * c)**2), x, positive)
    with pytest.raises(AssertionError, match="sign is wrong everywhere"):
        assert_gradient(lambda w: -2 * w, lambda w: np.sum(w * w), x)


@pytest.mark.parametrize(("forward", "backward", "arguments", "said"), [
    (np.sin, lambda G, z: (G, G), (x,), "2 gradients"),
    (np.sin, lambda G, z: 1 / 0, (x,), "raises ZeroDivisionError"),
    (np.log, lambda G, z: G / z, (-positive,), "not finite"),
    (np.sin, lambda G, z: G, (np.array([1.0, np.nan]),), "NaN"),
    (np.sin, lambda G, z: G, (), "give the arguments"),
    (np.sin, lambda G, z: G, ("text",), "array of numbers"),
    (lambda z: _noise.random(z.shape), lambda G, z: G, (x,), "fix its seed"),
])
def test_what_cannot_be_checked_is_said_in_one_line(forward, backward, arguments, said):
    with pytest.raises(sg.SymgradError, match=said) as caught:
        assert_backward(forward, backward, *arguments)
    assert "\n" not in str(caught.value)


def test_a_gradient_of_an_array_is_refused_with_what_to_try():
    with pytest.raises(sg.ShapeError, match="assert_backward"):
        assert_gradient(lambda z: z, np.sin, x)
