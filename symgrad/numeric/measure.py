"""A derivation held against real data: both sides of every line evaluated, the gradients by complex step as well.

Both sides go through the one evaluator, which unfolds definitions and differentiates them forward; nothing of the
backward recurrence is used on the left side of a line. Differences are relative, entry by entry; 0 against 0 agrees.
Where a derivative is below 1e-280 a complex step has no digits left and balls decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..derive.network import Sweep
from ..errors import SymgradError
from ..networks.network import Chain, Dense, Structure
from .arithmetic import floats
from .complex_steps import complex_step
from .duals import ball_duals
from .evaluate import Run
from .instance import Instance

__all__ = ["Measured", "draw_parameters", "measure", "relative_difference"]

Array = np.ndarray[Any, np.dtype[Any]]
_SMALLEST = 1e-280


@dataclass(frozen=True)
class Measured:
    """The largest relative difference of the two sides of each line, and of each gradient from its witness."""

    lines: tuple[float, ...]
    gradients: dict[str, float]
    witness: dict[str, str]
    examples: int


def relative_difference(one: Any, two: Any) -> float:
    """The largest |p − q| / max(|p|, |q|) over all entries; 0 against 0 is 0.

    >>> relative_difference([1.0, 0.0], [1.0, 0.0])
    0.0
    """
    p, q = np.asarray(one, dtype=float), np.asarray(two, dtype=float)
    size = np.maximum(np.abs(p), np.abs(q))
    gap = np.abs(p - q)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.max(np.where(size == 0, 0.0, gap / np.where(size == 0, 1.0, size)), initial=0.0))


def draw_parameters(net: Structure, seed: int) -> dict[str, Array]:
    """Weights N(0, 1/fan-in) and biases N(0, 1/100), from a seed.  SymgradError for a seed that is no natural number."""
    if isinstance(seed, bool) or not hasattr(seed, "__index__") or int(seed) < 0:
        raise SymgradError(f"a seed is a whole number from 0 on, got {seed!r}")
    rng = np.random.default_rng(int(seed))
    drawn = {}
    for name, shape in net.parameters.items():
        scale = 0.1 if name.startswith("b") else 1.0 if len(shape) < 2 else shape[1] ** -0.5
        try:
            drawn[name] = rng.normal(0.0, scale, shape)
        except (MemoryError, ValueError, OverflowError):
            raise SymgradError(f"{name} of shape {shape} does not fit into memory; try a smaller network") from None
    return drawn


def measure(sweep: Sweep, params: Mapping[str, Any], x: Any, y: Any) -> Measured:
    """Evaluate every line of a derivation on a batch: x (N, n_0), y (N, n_L), params as for `compile`.

    Raises SymgradError when the network is not concrete or data do not fit.
    """
    net = sweep.net
    net.need_numbers("measuring a derivation")
    instance, count = _instance(net, params, x, y)
    run = Run(instance, floats())
    with run.arithmetic.precision():
        lines = tuple(relative_difference(run.value(line.left), run.value(line.right)) for line in sweep.lines)
        sides = {name: run.value(theorem.right) for name, theorem in sweep.theorems.items()}
    gradients, witness = _against_witness(net, params, x, y, sides)
    return Measured(lines, gradients, witness, count)


def _instance(net: Structure, params: Mapping[str, Any], x: Any, y: Any) -> tuple[Instance, int]:
    assert net.depth is not None and net.activations is not None
    _check_parameters(net, params)
    functions: Any = net.activations[0] if net.one_activation else {
        n + net.depth - len(net.activations) + 1: sigma for n, sigma in enumerate(net.activations)}
    if isinstance(net, Dense):
        assert net.widths is not None
        x, y = _batch(x, net.widths[0], "x"), _batch(y, net.widths[-1], "y")
        if len(x) != len(y):
            raise SymgradError(f"x has {len(x)} examples, y has {len(y)}")
        layers = range(1, net.depth + 1)
        arrays = {"w": {n: params[f"w{n}"] for n in layers}, "b": {n: params[f"b{n}"] for n in layers},
                  "x": x[:, :, None], "y": {net.depth: y[:, :, None]}}
        return Instance(integers={"L": net.depth}, widths={"n": list(net.widths)}, arrays=arrays,
                        functions={"sigma": functions}, batch=True), len(x)
    assert isinstance(net, Chain)
    space = "chain" + "_x" * (net.input == "x") + "_b" * net.bias + "_c" * (net.loss is not None)
    w = np.asarray(params["w"], dtype=float)
    values: dict[str, Any] = {f"{space}.w": {n: [[w[n - 1]]] for n in range(1, net.depth + 1)}}
    if net.bias:
        b = np.asarray(params["b"], dtype=float)
        values[f"{space}.b"] = {n: [[b[n - net.first]]] for n in range(net.first, net.depth + 1)}
    count = 1
    if net.input == "x":
        column = _column(x, "x")
        values[f"{space}.x"], count = column, len(column)
    if net.loss is not None:
        column = _column(y, "y")
        values[f"{space}.y"], count = column, max(count, len(column))
    return Instance(integers={"L": net.depth}, arrays=values, functions={"sigma": functions}, batch=True), count


def _check_parameters(net: Structure, params: Any) -> None:
    if not isinstance(params, Mapping):
        raise SymgradError(f"params is a {type(params).__name__}, expected a mapping with the keys {', '.join(net.parameters)}")
    for name, shape in net.parameters.items():
        if name not in params:
            raise SymgradError(f"parameter {name!r} is missing; expected the keys {', '.join(net.parameters)}")
        array = np.asarray(params[name])
        if array.shape != shape or array.dtype.kind not in "fiub" or not np.all(np.isfinite(array)):
            raise SymgradError(f"{name} has shape {array.shape} and dtype {array.dtype}, expected finite real numbers of shape "
                               f"{shape}")


def _column(data: Any, name: str) -> Array:
    """The inputs or targets of a chain, one number an example."""
    return _batch(None if data is None else np.reshape(np.asarray(data), (-1, 1)), 1, name)[:, :, None]


def _batch(data: Any, width: int, name: str) -> Array:
    if data is None:
        raise SymgradError(f"{name} is missing; give numbers of shape (N, {width})")
    try:
        array = np.atleast_2d(np.asarray(data, dtype=float))
    except (TypeError, ValueError) as error:
        raise SymgradError(f"{name} is no array of numbers: {error}") from None
    if array.ndim != 2 or array.shape[1] != width:
        raise SymgradError(f"{name} has shape {np.shape(data)}, expected (N, {width})")
    if not np.all(np.isfinite(array)):
        raise SymgradError(f"{name} holds NaN or infinity; give finite numbers")
    return array


def _against_witness(net: Structure, params: Mapping[str, Any], x: Any, y: Any, sides: Mapping[str, Array]
                     ) -> tuple[dict[str, float], dict[str, str]]:
    """Each gradient of the whole batch (its sum) against the complex step of the summed cost, or balls."""
    found = complex_step(net, loss="sum")(params, x, y)
    differences: dict[str, float] = {}
    used: dict[str, str] = {}
    exact: Any = None
    for name, value in sides.items():
        if not any(name == known or name.rstrip("0123456789") == known for known in (*found.gradients, "x")):
            continue
        mine = value.sum(axis=0) if name != "x" else value
        theirs = _of_name(found, name, net)
        used[name] = "complex step"
        if np.any((np.abs(theirs) < _SMALLEST) & (np.abs(mine.reshape(theirs.shape)) > 0)):
            exact = exact or ball_duals(net, loss="sum")(params, x, y)
            theirs = np.vectorize(float, otypes=[float])(_of_name(exact, name, net))
            used[name] = "balls"
        differences[name] = relative_difference(mine.reshape(theirs.shape), theirs)
    return differences, used


def _of_name(found: Any, name: str, net: Structure) -> Array:
    if name == "x":
        return np.asarray(found.input_gradient)
    if isinstance(net, Dense):
        return np.asarray(found.gradients[name])
    family, layer = name[0], int(name[1:])
    offset = 1 if family == "w" else net.first                     # type: ignore[attr-defined]
    return np.asarray(found.gradients[family][layer - offset])


