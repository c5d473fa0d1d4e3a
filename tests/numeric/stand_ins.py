"""Plain networks with the attributes of the structural ones, random parameters, and a running error bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

U = 2.0**-53


@dataclass(frozen=True)
class Dense:
    widths: tuple[int, ...]
    activations: tuple[Any, ...]
    loss: str | None = "half-squared-error"


@dataclass(frozen=True)
class Chain:
    depth: int
    activations: tuple[Any, ...]
    input: str = "x"
    bias: bool = True
    loss: str | None = "half-squared-error"


def random_call(
    shapes: dict[str, tuple[int, ...]],
    net: Any,
    rng: np.random.Generator,
    count: int | None,
    scale: float = 1.0,
) -> tuple[dict[str, np.ndarray], Any, Any]:
    """Parameters, x and y for a call; count None is a single example."""
    params = {name: scale * rng.normal(size=shape) for name, shape in shapes.items()}

    def draw(width: int | None) -> Any:
        shape = (() if count is None else (count,)) + (() if width is None else (width,))
        value = rng.normal(size=shape)
        return float(value) if shape == () else value

    if isinstance(net, Dense):
        return params, draw(net.widths[0]), draw(net.widths[-1])
    return params, draw(None) if net.input == "x" else None, None if net.loss is None else draw(None)


def rounding_bound(net: Any, params: dict[str, np.ndarray], x: Any, y: Any) -> dict[str, np.ndarray]:
    """How far rounding may carry each gradient of a dense network or a chain with input x, mean loss.

    A first-order running error analysis of the recurrences: every operation adds some units of rounding of
    its terms, a sum those of all its terms. It uses |σ''| <= 2 σ', true for sigmoid, tanh, softplus and the
    identity.
    """
    from symgrad.operations.activation import activation

    chain = isinstance(net, Chain)
    depth = len(net.activations)
    if chain:
        ws, bs = params["w"].reshape(-1, 1, 1), params.get("b", np.zeros(depth)).reshape(-1, 1)
        a, y = np.reshape(x, (-1, 1)), np.reshape(y, (-1, 1))
    else:
        ws, bs = [params[f"w{l + 1}"] for l in range(depth)], [params[f"b{l + 1}"] for l in range(depth)]
        a, y = np.atleast_2d(x), np.atleast_2d(y)
    error = np.zeros_like(a)
    stages = []
    with np.errstate(all="ignore"):
        for w, b, sigma in zip(ws, bs, map(activation, net.activations), strict=True):
            terms = np.abs(a) @ np.abs(w).T + np.abs(b)
            z = a @ w.T + b
            z_error = error @ np.abs(w).T + (w.shape[1] + 3) * U * terms
            s = sigma.slope(z)
            stages.append((w, a, error, s, s * np.minimum(4 * z_error + 8 * U, 1e300)))
            a = sigma.value(z)
            error = s * np.minimum(z_error * (1 + 4 * z_error), 1e300) + 8 * U * np.abs(a)
        g, g_error = np.abs(a - y) / len(a), (error + 4 * U * np.abs(a - y)) / len(a)
        bounds: dict[str, Any] = {}
        for l in range(depth, 0, -1):
            w, below, below_error, s, s_error = stages[l - 1]
            d, d_error = s * g, s * g_error + s_error * (g + g_error) + 8 * U * s * g
            n = len(d) + 8
            bounds[f"b{l}"] = d_error.sum(0) + n * U * d.sum(0)
            bounds[f"w{l}"] = (
                d_error.T @ (np.abs(below) + below_error) + d.T @ below_error + n * U * d.T @ np.abs(below)
            )
            g, g_error = d @ np.abs(w), d_error @ np.abs(w) + (len(w) + 4) * U * (d @ np.abs(w))
    if not chain:
        return bounds
    joined = {"w": np.array([bounds[f"w{l + 1}"].item() for l in range(depth)])}
    return (
        joined | {"b": np.array([bounds[f"b{l + 1}"].item() for l in range(depth)])} if net.bias else joined
    )
