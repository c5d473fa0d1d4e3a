"""Finite differences with their own error estimates: an independent witness, in float64 or in as many
bits as asked.

Central differences have truncation error h²|C'''|/6 and rounding error u|C|/h. Richardson extrapolation
removes the h² term. The truncation error is estimated from two step sizes, the rounding error from the
size of the cost; the estimate is returned beside every derivative, and a comparison must use it. In
float64 a gradient far below u|C|/h cannot be seen this way; with python-flint numbers of enough bits
every gradient can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from flint import arb

from symgrad.errors import SymgradError
from symgrad.numeric.duals import ball_cost
from symgrad.numeric.forward import Witness, forward, precision

__all__ = ["central_differences", "difference_gradient", "richardson_differences"]

_U = 2.0**-53


def difference_gradient(
    cost: Callable[[Mapping[str, Any]], float],
    params: Mapping[str, Any],
    *,
    order: int = 2,
    step: float | None = None,
) -> tuple[float, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The value of `cost`, its differences by every number in `params`, and their estimated absolute errors.

    order   2 for central differences, 4 for Richardson's extrapolation of two of them
    step    relative to max(1, |p|); by default 6e-6 and 1e-3, which balance the two errors
    """
    if order not in (2, 4):
        raise SymgradError(f"order is {order}, expected 2 (central) or 4 (Richardson)")
    h: float = step or {2: 6e-6, 4: 1e-3}[order]
    point = {name: np.array(value, dtype=float) for name, value in params.items()}
    loss = float(cost(point))
    gradients, errors = {}, {}
    for name, value in point.items():
        gradients[name], errors[name] = np.empty(value.shape), np.empty(value.shape)
        for index in np.ndindex(value.shape):

            def along(t: float, name: str = name, value: np.ndarray = value, index: Any = index) -> float:
                moved = value.copy()
                moved[index] += t
                return float(cost({**point, name: moved}))

            exact = 2.0 ** np.round(
                np.log2(h * max(1.0, abs(float(value[index]))))
            )  # a power of two: t is added exactly
            gradients[name][index], errors[name][index] = _difference(along, float(exact), order, abs(loss))
    return loss, gradients, errors


def _difference(along: Callable[[float], float], h: float, order: int, size: float) -> tuple[float, float]:
    """One difference and its error: rounding of the cost over h, plus what a change of h does to it."""
    near = (along(h) - along(-h)) / (2 * h)
    wide = (along(2 * h) - along(-2 * h)) / (4 * h)
    rounding = 64 * _U * size / h
    if order == 2:
        return near, abs(wide - near) + rounding
    widest = (along(4 * h) - along(-4 * h)) / (8 * h)
    fine, coarse = (4 * near - wide) / 3, (4 * wide - widest) / 3
    return fine, abs(coarse - fine) + 2 * rounding


def central_differences(net: Any, *, loss: str = "mean", bits: int | None = None) -> Callable[..., Witness]:
    """A witness `f(params, x, y)` by central differences; with `bits`, in balls of that precision."""
    return _ball_differences(net, loss, bits) if bits else _float_differences(net, loss, 2)


def richardson_differences(
    net: Any, *, loss: str = "mean", bits: int | None = None
) -> Callable[..., Witness]:
    """A witness `f(params, x, y)` by Richardson's extrapolation of central differences."""
    return _ball_differences(net, loss, bits, 4) if bits else _float_differences(net, loss, 4)


def _float_differences(net: Any, loss: str, order: int) -> Callable[..., Witness]:
    view = forward(net, loss)

    def witness(params: Mapping[str, Any], x: Any = None, y: Any = None) -> Witness:
        values: dict[str, Any] = dict(view.read(params))
        if view.has_input:
            values["x"] = np.asarray(x, dtype=float)
        total, gradients, errors = difference_gradient(
            lambda moved: view.cost(moved, moved.get("x"), y), values, order=order
        )
        errors.pop("x", None)
        return Witness(total, gradients, errors, input_gradient=gradients.pop("x", None))

    return witness


def _ball_differences(net: Any, loss: str, bits: int, order: int = 2) -> Callable[..., Witness]:
    """Differences of balls: rounding is inside the ball, and h = 2^(-bits/3) makes truncation negligible."""
    view = forward(net, loss)
    if bits < 128:
        raise SymgradError(f"bits is {bits}; differences of balls need at least 128 to say anything")

    def witness(params: Mapping[str, Any], x: Any = None, y: Any = None) -> Witness:
        values = view.read(params)
        examples = view.examples(values, x, y)
        with precision(bits):
            h = arb(2) ** -(bits // (3 if order == 2 else 5))
            gradients, errors = {}, {}
            for name, value in values.items():
                gradients[name] = np.empty(value.shape, dtype=object)
                errors[name] = np.empty(value.shape)
                for index in np.ndindex(value.shape):

                    def along(t: arb, name: str = name, index: Any = index) -> arb:
                        return ball_cost(view, values, examples, (name, index, t))

                    near = (along(h) - along(-h)) / (2 * h)
                    wide = (along(2 * h) - along(-2 * h)) / (4 * h)
                    best = near if order == 2 else (4 * near - wide) / 3
                    gradients[name][index] = best
                    errors[name][index] = float(abs(wide - near).upper()) + float(best.rad())
            return Witness(ball_cost(view, values, examples, None), gradients, errors)

    return witness
