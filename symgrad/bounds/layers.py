"""A concrete network, its data and its box, as plain arrays: what every bound is computed from.

Dense networks and scalar chains become one list of layers z = w a + b, a = s(z).  A chain without input, o_1
= w_1, o_i = s(w_i o_{i-1} + b_i), is the same with the identity as first activation and 1 as input.  All
checks of what the user gave are here, and each failure is one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from flint import arb
from numpy.typing import ArrayLike

from symgrad.bounds.rounding import BoundError, Floats, exact_floats
from symgrad.errors import ShapeError, nearest

__all__ = ["ActivationLike", "Layer", "Problem", "pose"]


class ActivationLike(Protocol):
    """What bounds need of an activation: its name and ball enclosures of the function and of its slope."""

    @property
    def name(self) -> str: ...
    def enclose(self, x: arb, /) -> arb: ...
    def enclose_slope(self, x: arb, /) -> arb: ...
    def sup_slope(self) -> Any: ...


class _Identity:
    name = "identity"

    def enclose(self, x: arb) -> arb:
        return x

    def enclose_slope(self, x: arb) -> arb:
        return arb(1)

    def sup_slope(self) -> Any:
        return self

    lower = upper = 1
    unbounded = False


@dataclass(frozen=True)
class Layer:
    """z = w a + b, a = activation(z): w of shape (n_l, n_{l-1}), b of (n_l,) or None."""

    w: Floats
    b: Floats | None
    activation: ActivationLike


@dataclass(frozen=True)
class Problem:
    """Layers 1..L, inputs (N, n_0) as balls, targets (N, n_L) or None, and how examples are put together."""

    layers: tuple[Layer, ...]
    inputs: list[list[arb]]
    targets: Floats | None
    witness: list[list[arb]] | None     # a point of each box, where inputs are boxes
    reduction: str
    names: dict[str, tuple[str, int]]   # parameter name -> (quantity "w" or "b", layer)

    @property
    def depth(self) -> int:
        return len(self.layers)

    @property
    def count(self) -> int:
        return len(self.inputs)


def pose(net: Any, params: Mapping[str, ArrayLike], x: ArrayLike | None, y: ArrayLike | None,
         box: Any = None, reduction: str = "mean") -> Problem:
    """Check everything and bring it into one form.  `box` is a radius or a pair (lower, upper) of arrays like
    x."""
    if reduction not in ("mean", "sum"):
        raise BoundError(f"reduction {reduction!r} is not known; {nearest(str(reduction), ['mean', 'sum'])}")
    layers, names = _layers(net, params)
    given = None if x is None else _rows(x, layers[0].w.shape[1], "x")
    if getattr(net, "input", "x") == "none":
        if x is not None or box is not None:
            raise BoundError("this chain has no input (o_1 = w_1): give x=None and no box")
        given = np.ones((1, 1))
    if given is None and box is None:
        raise BoundError("an input x of shape (n_0,) or (N, n_0), or a box=(lower, upper), is needed")
    inputs, witness = _boxes(given, box, layers[0].w.shape[1])
    if getattr(net, "loss", "half-squared-error") is None:
        if y is not None:
            raise BoundError("this network has no loss (F is its output): y must be None")
        if layers[-1].w.shape[0] != 1:
            raise BoundError(f"no loss and {layers[-1].w.shape[0]} outputs: a gradient needs a single number")
        return Problem(layers, inputs, None, witness, reduction, names)
    if getattr(net, "loss", "half-squared-error") != "half-squared-error":
        raise BoundError(f"bounds know the half squared error, not the loss {net.loss!r}")
    if y is None:
        raise BoundError("the target y is missing: the cost is half the squared distance from a^L to y")
    targets = _rows(y, layers[-1].w.shape[0], "y")
    if len(targets) != len(inputs):
        if len(targets) != 1:
            raise ShapeError(f"y holds {len(targets)} examples and x holds {len(inputs)}: they must agree")
        targets = np.repeat(targets, len(inputs), axis=0)
    return Problem(layers, inputs, targets, witness, reduction, names)


def _rows(array: ArrayLike, width: int, what: str) -> Floats:
    values = exact_floats(array, what)
    if values.ndim <= 1 and (values.size == width or width == 1):
        values = values.reshape(-1, width)
    if values.ndim != 2 or values.shape[1] != width:
        raise ShapeError(f"{what} has shape {np.shape(array)}; expected ({width},) or (N, {width})")
    if not len(values):
        raise ShapeError(f"{what} holds no example: at least one is needed")
    return values


def _boxes(given: Floats | None, box: Any, width: int) -> tuple[list[list[arb]], list[list[arb]] | None]:
    """The inputs as balls; for boxes also a point of each."""
    if box is None:
        return [[arb(v) for v in row] for row in (given.tolist() if given is not None else [])], None
    if isinstance(box, tuple | list) and len(box) == 2:
        low, high = _rows(box[0], width, "the lower end of the box"), _rows(box[1], width, "the upper end of the box")
        low, high = np.broadcast_arrays(low, high)
        if (low > high).any():
            i, j = (int(k) for k in np.argwhere(low > high)[0])
            raise BoundError(f"box {i}, coordinate {j}: lower end {low[i, j]} is above upper end {high[i, j]}")
        balls = [[arb(a).union(arb(b)) for a, b in zip(r, s, strict=True)] for r, s in
                 zip(low.tolist(), high.tolist(), strict=True)]
        if given is None:
            given = low / 2 + high / 2
            given = np.clip(given, low, high)
        given = np.broadcast_to(given, low.shape)
        if ((given < low) | (given > high)).any():
            raise BoundError("x lies outside the box: give an x inside, or x=None for the midpoint")
    else:
        radius = exact_floats(box, "the radius of the box")
        if radius.ndim or radius < 0 or given is None:
            raise BoundError("a box is a pair (lower, upper) of arrays like x, or one radius >= 0 together with x")
        balls = [[arb(v, float(radius)) for v in row] for row in given.tolist()]
    return balls, [[arb(v) for v in row] for row in given.tolist()]


def _layers(net: Any, params: Mapping[str, ArrayLike]) -> tuple[tuple[Layer, ...], dict[str, tuple[str, int]]]:
    if not isinstance(params, Mapping):
        raise BoundError(f"parameters are given as a mapping from names to arrays, not {type(params).__name__}")
    shapes = dict(net.parameters)
    for name in params:
        if name not in shapes:
            raise BoundError(f"the network has no parameter {name!r}; {nearest(str(name), shapes)}")
    arrays: dict[str, Floats] = {}
    for name, shape in shapes.items():
        if name not in params:
            raise BoundError(f"parameter {name!r} of shape {tuple(shape)} is missing")
        arrays[name] = exact_floats(params[name], name)
        if arrays[name].shape != tuple(shape):
            raise ShapeError(f"{name} has shape {arrays[name].shape}; expected {tuple(shape)}")
        if not arrays[name].size:
            raise ShapeError(f"{name} is empty: every layer needs at least one unit")
    if hasattr(net, "widths"):
        made = [Layer(arrays[f"w{l}"], arrays.get(f"b{l}"), net.activations[l - 1]) for l in range(1, net.depth + 1)]
        return tuple(made), {f"{q}{l}": (q, l) for q in "wb" for l in range(1, net.depth + 1) if f"{q}{l}" in shapes}
    w, b = arrays["w"], arrays.get("b")
    activations: list[ActivationLike] = list(net.activations)
    skipped = net.depth - len(activations)          # 1 for a chain without input
    activations = [_Identity()] * skipped + activations
    biases = [None] * net.depth if b is None else [None] * (net.depth - len(b)) + [b[k:k + 1] for k in range(len(b))]
    made = [Layer(w[k].reshape(1, 1), biases[k], activations[k]) for k in range(net.depth)]
    names = {f"w{l}": ("w", l) for l in range(1, net.depth + 1)}
    return tuple(made), names | {f"b{l}": ("b", l) for l in range(1, net.depth + 1) if biases[l - 1] is not None}
