"""The cost of a network written down once more, plainly: what the witnesses differentiate.

Nothing here is generated and nothing is shared with the generated code: NumPy arrays, real or complex, go
through `Activation.value`; python-flint balls through `Activation`'s Taylor program. A witness that used
the evaluator's own text would confirm its mistakes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, ctx

from symgrad.errors import ShapeError, SymgradError

__all__ = ["Forward", "Witness", "forward", "precision"]


@dataclass(frozen=True)
class Witness:
    """Derivatives found by a witness, in the shapes of an evaluator's result.

    errors[name] is the witness's own estimate of the absolute error of each coordinate; None where the
    numbers are balls, which carry their error.
    """

    loss: Any
    gradients: dict[str, np.ndarray]
    errors: dict[str, np.ndarray] | None = None
    input_gradient: Any = None
    deltas: Any = None


@dataclass(frozen=True)
class Forward:
    """A network as its witnesses see it: layers of weights, biases and activations, one example at a time."""

    kind: str
    depth: int
    activations: tuple[Any, ...]
    shapes: dict[str, tuple[int, ...]]
    has_input: bool
    has_bias: bool
    has_target: bool
    loss: str

    def cost(self, params: Mapping[str, Any], x: Any, y: Any) -> Any:
        """The loss for arrays of real or complex numbers, examples along the first axis or a single one."""
        a = self._start(params, x)
        for l, sigma in enumerate(self.activations, start=1):
            w, b = self.layer(params, l)
            a = sigma.value((w * a if self.kind == "chain" else a @ w.T) + b)
        if not self.has_target:
            return a.mean() if self.loss == "mean" else a.sum()
        residual = a - np.asarray(y)
        total = (residual * residual).sum() / 2
        count = residual.size if self.kind == "chain" else residual.size // residual.shape[-1]
        return total / count if self.loss == "mean" else total

    def layer(self, params: Mapping[str, Any], l: int) -> tuple[Any, Any]:
        """Weight and bias of the l-th activation, whatever the network calls them."""
        if self.kind == "dense":
            return params[f"w{l}"], params[f"b{l}"]
        at = l - 1 if self.has_input else l
        return params["w"][at], params["b"][l - 1] if self.has_bias else 0.0

    def examples(self, params: Mapping[str, Any], x: Any, y: Any) -> list[tuple[Any, Any]]:
        """The examples one by one, as (x, y) with vectors for a dense network and numbers for a chain."""
        del params
        if self.kind == "dense":
            return list(zip(np.atleast_2d(np.asarray(x)), np.atleast_2d(np.asarray(y)), strict=True))
        xs = np.atleast_1d(np.asarray(x, dtype=float)) if self.has_input else None
        ys = np.atleast_1d(np.asarray(y, dtype=float)) if self.has_target else None
        count = len(xs) if xs is not None else len(ys) if ys is not None else 1
        if xs is not None and ys is not None and len(xs) != len(ys):
            raise ShapeError(f"x has {len(xs)} examples and y {len(ys)}; give one target for each example")
        return [(None if xs is None else xs[i], None if ys is None else ys[i]) for i in range(count)]

    def read(self, params: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """The parameters as float arrays, their shapes checked."""
        values = {}
        for name, shape in self.shapes.items():
            if name not in params:
                raise ShapeError(f"parameter {name!r} is missing; expected the keys {', '.join(self.shapes)}")
            value = np.asarray(params[name], dtype=float)
            if value.shape != shape:
                raise ShapeError(f"{name} has shape {value.shape}, expected {shape}")
            values[name] = value
        return values

    def _start(self, params: Mapping[str, Any], x: Any) -> Any:
        return np.asarray(x) if self.has_input else params["w"][0]


def forward(net: Any, loss: str = "mean") -> Forward:
    """The witnesses' view of a structural network; activations may be given by name."""
    from symgrad.numeric.steps import program
    from symgrad.operations.activation import activation

    if loss not in ("mean", "sum"):
        raise SymgradError(f"loss is {loss!r}, expected 'mean' or 'sum'")
    net = getattr(net, "network", net)
    shape = program(net)
    sigmas = tuple(activation(sigma) for sigma in net.activations)
    return Forward(
        shape.kind, shape.depth, sigmas, shape.shapes, shape.has_input, shape.has_bias, shape.has_target, loss
    )


class precision:
    """Work with `bits` of precision in python-flint, and restore what was set before."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        self.before = ctx.prec
        ctx.prec = self.bits

    def __exit__(self, *_: object) -> None:
        ctx.prec = self.before


def ball_activation(sigma: Any, z: arb) -> tuple[arb, arb]:
    """Balls that contain σ(z) and σ'(z)."""
    from symgrad.balls.evaluate import taylor
    from symgrad.balls.program import compile_expression
    from symgrad.operations.activation import t

    for i, edge in enumerate(sigma.pieces.breaks):
        at = arb(str(edge)) if edge.is_Integer else arb(edge.p) / arb(edge.q) if edge.is_Rational else None
        if at is None or not (z < at or z > at):
            break
        if z < at:
            return _two(taylor(compile_expression(sigma.pieces.formulas[i], t), z, 2))
    else:
        return _two(taylor(compile_expression(sigma.pieces.formulas[-1], t), z, 2))
    return _two(taylor(compile_expression(sigma.expression, t), z, 2))


def _two(series: Any) -> tuple[arb, arb]:
    value, slope = series.coefficients
    return value, slope
