"""States of a network where a backward pass goes wrong that is right elsewhere, and how a backward pass must behave.

Batches of other sizes, saturated units, large and small weights, zeros, equal examples, whole numbers; and the same call
twice, with arrays that change between calls, in Fortran order, in float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ..front import Network

__all__ = ["State", "harder_states", "misconduct"]

Array = np.ndarray[Any, np.dtype[Any]]
State = tuple[dict[str, Any], Any, Any]
Gradients = Callable[[Any], Mapping[str, Any]]

#: name, examples, factor of the weights, of the biases, of inputs and targets, then a change of the inputs
_KINDS: tuple[tuple[str, int, float, float, float, str], ...] = (
    ("one example", 1, 1, 1, 1, ""), ("three examples", 3, 1, 1, 1, ""), ("seven examples", 7, 1, 1, 1, ""),
    ("saturated units", 3, 4, 10, 3, ""), ("large weights", 3, 30, 1, 1, ""), ("small weights", 3, 1e-3, 1e-3, 1, ""),
    ("large inputs", 3, 1, 1, 100, ""), ("small inputs", 3, 1, 1, 1e-4, ""), ("positive inputs", 3, 1, 10, 1, "positive"),
    ("negative inputs", 3, 1, -10, 1, "negative"), ("inputs of zero", 2, 1, 10, 1, "zero"),
    ("equal examples", 3, 1, 1, 1, "equal"), ("whole numbers", 4, 2, 10, 2, "whole"), ("many examples", 33, 1, 1, 1, ""),
)


def harder_states(net: Network, seed: int) -> Iterator[tuple[str, State]]:
    """(what it is, (params, x, y)), the same for a seed."""
    from ..numeric.batches import batch
    for number, (name, examples, weights, biases, data, change) in enumerate(_KINDS):
        drawn = net.draw_parameters(seed + 100 + number)
        params = {k: v * (biases if k.startswith("b") else weights) for k, v in drawn.items()}
        x, y, _ = batch(None, net, examples, seed + 100 + number)
        if x is not None:
            x = _changed(x * data, change)
        yield name, (params, x, y)


def _changed(x: Array, change: str) -> Array:
    if change == "zero":
        return np.zeros_like(x)
    if change == "equal":
        return np.repeat(x[:1], len(x), axis=0)
    if change == "whole":
        return np.rint(x)
    return np.abs(x) if change == "positive" else -np.abs(x) if change == "negative" else x


def misconduct(function: Callable[..., Any], gradients: Gradients, state: State) -> str | None:
    """What the function does that it must not, or None."""
    mine, kept = _copy(state), _copy(state)
    first = gradients(function(*mine))
    held = {name: np.array(g, dtype=float, copy=True) for name, g in first.items()}
    changed = _difference(mine, kept)
    if changed:
        return f"it changes {changed} in place"
    for what, again in (("called again with the same arguments", _copy(state)), ("with arrays in Fortran order", _turned(state))):
        found = _entry(held, gradients(function(*again)))
        if found:
            return f"{what} it gives another gradient: {found}"
    other = _moved(state)
    fresh = {name: np.array(g, dtype=float, copy=True) for name, g in gradients(function(*_copy(other))).items()}
    for old, new in zip(_arrays(mine), _arrays(other), strict=True):
        old[...] = new
    found = _entry(fresh, gradients(function(*mine)))
    if found:
        return f"with the same arrays holding other numbers it remembers the old ones: {found}"
    found = _entry(held, first)
    return f"a gradient that it returned is overwritten by later calls: {found}" if found else None


def _arrays(state: State) -> list[Array]:
    return [a for a in (*state[0].values(), state[1], state[2]) if isinstance(a, np.ndarray)]


def _map(state: State, change: Callable[[Array], Array]) -> State:
    def one(a: Any) -> Any:
        return a if a is None else change(np.asarray(a))
    return {name: one(a) for name, a in state[0].items()}, one(state[1]), one(state[2])


def _copy(state: State) -> State:
    return _map(state, lambda a: a.copy())


def _turned(state: State) -> State:
    return _map(state, lambda a: np.asfortranarray(a) if a.ndim > 1 else a.copy())


def _moved(state: State) -> State:
    return _map(state, lambda a: a * 1.25 + 0.0625 if a.dtype.kind == "f" else a.copy())


def _difference(one: State, two: State) -> str:
    for name in one[0]:
        if not np.array_equal(one[0][name], two[0][name]):
            return f"the parameter {name}"
    return next((what for what, a, b in (("x", one[1], two[1]), ("y", one[2], two[2]))
                 if a is not None and not np.array_equal(a, b)), "")


def _entry(expected: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """The first entry that differs by more than the order of a sum may change."""
    for name, old in expected.items():
        new = np.asarray(found[name], dtype=float) if name in found else np.empty(0)
        if new.shape != np.shape(old):
            return f"∂C/∂{name} has shape {new.shape}, before {np.shape(old)}"
        size = float(np.max(np.abs(old), initial=0.0))
        wrong = np.argwhere(~(np.abs(new - old) <= 1e-7 * np.abs(old) + 1e-11 * size) & ~(np.isnan(new) & np.isnan(old)))
        if len(wrong):
            at = tuple(int(k) for k in wrong[0])
            return f"∂C/∂{name}{list(at)} is {float(new[at])!r}, {float(old[at])!r} before"
    return ""
