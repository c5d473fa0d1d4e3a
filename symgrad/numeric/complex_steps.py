"""The complex step: ∂C/∂p = Im C(p + ih)/h, without subtraction and so without cancellation.

With h = 1e-20 the truncation error, of order h², is far below the rounding error, and derivatives down to
about 1e-280 keep all their digits. Source: Squire and Trapp, SIAM Review 40 (1998).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from symgrad.errors import SymgradError
from symgrad.numeric.forward import Witness, forward

__all__ = ["complex_step", "complex_step_gradient"]

STEP = 1e-20


def complex_step_gradient(
    cost: Callable[[Mapping[str, Any]], Any], params: Mapping[str, Any], *, step: float = STEP
) -> tuple[float, dict[str, np.ndarray]]:
    """The value of `cost` and its derivative by every number in `params`.

    cost    takes a mapping of complex arrays in the shapes of `params`, returns one complex number; it must
            be analytic: branch on the real part, no abs, no conj
    Raises SymgradError when the cost is not a single finite complex number. One call of `cost` per number.

    >>> loss, gradients = complex_step_gradient(lambda p: (p["w"] ** 3).sum(), {"w": [1.0, 2.0]})
    >>> loss, gradients["w"].tolist()
    (9.0, [3.0, 12.0])
    """
    point = {name: np.asarray(value, dtype=complex) for name, value in params.items()}
    loss = _single(cost(point)).real
    gradients = {}
    for name, value in point.items():
        gradient = np.empty(value.shape)
        for index in np.ndindex(value.shape):
            moved = value.copy()
            moved[index] += 1j * step
            gradient[index] = _single(cost({**point, name: moved})).imag / step
        gradients[name] = gradient
    return loss, gradients


def complex_step(net: Any, *, loss: str = "mean", step: float = STEP) -> Callable[..., Witness]:
    """A witness `f(params, x, y)` for a network, by the complex step. Trust it where |gradient| > 1e-280."""
    view = forward(net, loss)

    def witness(params: Mapping[str, Any], x: Any = None, y: Any = None) -> Witness:
        values: dict[str, Any] = dict(view.read(params))
        if view.has_input:
            values["x"] = np.asarray(x, dtype=float)

        def cost(moved: Mapping[str, Any]) -> Any:
            with np.errstate(all="ignore"):
                return view.cost(moved, moved.get("x"), y)

        total, gradients = complex_step_gradient(cost, values, step=step)
        return Witness(total, gradients, input_gradient=gradients.pop("x", None))

    return witness


def _single(value: Any) -> complex:
    number = np.asarray(value)
    if number.size != 1:
        raise SymgradError(f"the cost has shape {number.shape}, expected one number; sum or average it")
    result = complex(number.reshape(()))
    if not np.isfinite(result.real):
        raise SymgradError(f"the cost is {result.real} at this point; the complex step needs a finite value")
    return result
