"""Assertions on gradients and bounds. A failure names the layer and entry, both numbers and the theorem.

The witness is forward differentiation in balls, which decides. A coordinate may differ by rounding only: relative to
itself, or where it is a difference of large terms, relative to the sum of their sizes. There is no absolute tolerance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..errors import SymgradError
from ..front import Network
from .network_states import harder_states, misconduct

__all__ = ["assert_bound", "assert_gradient"]

Array = np.ndarray[Any, np.dtype[Any]]


def assert_gradient(function: Callable[..., Any], net: Network | Callable[..., Any], *states: Any,
                    loss: str = "mean", rtol: float = 1e-7, seed: int = 0, count: int = 5) -> None:
    """`function(params, x, y)` gives the gradients of the network's loss; checked at `states`, or at drawn ones.

    In place of a network stands any scalar function of arrays, written in NumPy: `assert_gradient(gradient, f, x, …)` says
    that gradient(x, …) is the gradient of f at arguments like those given, one array or a tuple with one for each
    argument; see `assert_backward` for how it is tried and what it raises.

    function   an evaluator, or any callable that returns a mapping from parameter names to arrays, a pair of the loss
               and such a mapping, or an object with the mapping as `.gradients`
    states     (params, x, y) each; without any, `count` of them are drawn from the seed, which a failure prints
    rtol       what rounding may do to a coordinate, relative to the sizes of the terms it is a sum of
    Raises AssertionError naming the parameter, the entry, both numbers and the theorem; SymgradError for a result
    without gradients or of a wrong shape.
    """
    if not isinstance(net, Network):
        from .backward import check_code, name_of
        from .conduct import Code
        check_code(Code(net, function, name_of(function, net), takes_cotangent=False), states, rtol=rtol, seed=seed)
        return
    from ..numeric import ball_duals
    witness = ball_duals(net, loss=loss)
    where = "" if states else f" (states drawn with seed {seed})"
    for number, (params, x, y) in enumerate(_stated_or_drawn(states, net, seed, count)):
        truth = witness(params, x, y)
        given = _gradients(function(params, x, y))
        scales = _scales(net, params, x, y)
        for name in truth.gradients:
            if name not in given:
                raise SymgradError(f"the function returns no gradient for {name!r}, only {', '.join(map(repr, given))}")
            _compare(net, name, np.asarray(given[name], dtype=float), truth.gradients[name], scales[name], rtol,
                     f"state {number}{where}")
    checked = _stated_or_drawn(states, net, seed, count)[:1]
    wrong = misconduct(function, _gradients, checked[0]) if checked else None
    if wrong:
        raise AssertionError(f"the backward pass of a network: {wrong}")
    if not states:
        _harder(function, net, loss, rtol, seed)


def _harder(function: Callable[..., Any], net: Network, loss: str, rtol: float, seed: int) -> None:
    """States where what is right elsewhere goes wrong; the evaluator looks first, balls decide."""
    from ..numeric import ball_duals
    trusted = net.compile(loss=loss)
    for name, (params, x, y) in harder_states(net, seed):
        with np.errstate(all="ignore"):
            right = trusted(params, x, y).gradients
            given = _gradients(function(params, x, y))
        if not all(np.all(np.isfinite(g)) for g in right.values()):
            continue
        units, truth = _scales(net, params, x, y, steepest=True), None
        for parameter, theirs in right.items():
            mine = np.asarray(given[parameter], dtype=float)
            room = rtol * (np.abs(theirs) + units[parameter] * 1e-5)
            if mine.shape == theirs.shape and np.all(np.abs(mine - theirs) <= room):
                continue
            truth = truth or ball_duals(net, loss=loss)(params, x, y).gradients
            _compare(net, parameter, mine, truth[parameter], units[parameter] * 1e-5, rtol,
                     f"a state with {name} (drawn with seed {seed})")


def _compare(net: Network, name: str, mine: Array, theirs: Array, scale: Array, rtol: float, where: str) -> None:
    if mine.shape != theirs.shape:
        turned = ": it is the transpose" if mine.shape == theirs.shape[::-1] else ""
        raise AssertionError(f"∂C/∂{name} has shape {mine.shape}, expected {theirs.shape}{turned}; "
                             f"{_theorem(net, name)}")
    for entry in np.ndindex(mine.shape):
        ball: Any = theirs[entry]
        exact = float(ball.mid())
        size = max(abs(exact), float(scale[entry]))
        if not np.isfinite(mine[entry]) or abs(mine[entry] - exact) > rtol * size:
            gap = abs(mine[entry] - exact) / max(abs(exact), np.finfo(float).tiny)
            raise AssertionError(f"∂C/∂{name}{list(entry)} at {where}: got {float(mine[entry])!r}, the theorem gives {exact!r} "
                                 f"(relative difference {gap:.1e}); {_theorem(net, name)}")


def _theorem(net: Network, name: str) -> str:
    family = name.rstrip("0123456789")
    wanted = name if name != family else f"{family}{net.depth}"                   # type: ignore[attr-defined]
    return f"theorem: {net.derivation(wanted).theorem.conclusion}"


def _gradients(result: Any) -> Mapping[str, Any]:
    found = getattr(result, "gradients", result)
    if isinstance(found, tuple) and len(found) == 2:
        found = found[1]
    if not isinstance(found, Mapping):
        raise SymgradError("expected a mapping from parameter names to arrays, a pair (loss, mapping) or an object with "
                           f".gradients, got {type(result).__name__}")
    return found


def _stated_or_drawn(states: tuple[Any, ...], net: Network, seed: int, count: int) -> list[tuple[Any, Any, Any]]:
    for state in states:
        if not isinstance(state, tuple) or len(state) != 3:
            raise SymgradError(f"a state of a network is a triple (params, x, y), got {type(state).__name__}")
    return list(states) or _drawn(net, seed, count)


def _drawn(net: Network, seed: int, count: int) -> list[tuple[Any, Any, Any]]:
    from ..numeric.batches import batch
    return [(net.draw_parameters(seed + k), *batch(None, net, 2, seed + k)[:2]) for k in range(count)]


def _scales(net: Any, params: Mapping[str, Any], x: Any, y: Any, steepest: bool = False) -> dict[str, Array]:
    """The same gradients with every term replaced by its size: what rounding errors are relative to.

    `steepest`: with a slope of at least 1 everywhere, which is what the roundings of 1 - a² are relative to.
    """
    if hasattr(net, "widths"):
        return _dense_scales(net, params, np.atleast_2d(np.asarray(x, float)), np.atleast_2d(np.asarray(y, float)), steepest)
    return {name: np.zeros(shape) for name, shape in net.parameters.items()}


def _dense_scales(net: Any, params: Mapping[str, Any], x: Array, y: Array, steepest: bool) -> dict[str, Array]:
    inputs, slopes = [np.abs(x)], []
    value = x
    with np.errstate(all="ignore"):
        for layer, sigma in enumerate(net.activations, 1):
            w, b = np.asarray(params[f"w{layer}"], float), np.asarray(params[f"b{layer}"], float)
            z = value @ w.T + b
            value = sigma.value(z)
            # a unit whose input is a difference of large terms knows its slope only as well as its input
            loss_of_digits = 1.0 + (np.abs(inputs[-1]) @ np.abs(w).T + np.abs(b)) * 1e-8
            slopes.append(np.maximum(np.abs(sigma.slope(z)), float(steepest)) * loss_of_digits)
            inputs.append(np.abs(value))
        delta = slopes[-1] * (np.abs(value) + np.abs(y))
        found: dict[str, Array] = {}
        for layer in range(net.depth, 0, -1):
            found[f"w{layer}"] = np.nan_to_num(delta.T @ inputs[layer - 1]) / len(x)
            found[f"b{layer}"] = np.nan_to_num(delta.sum(0)) / len(x)
            if layer > 1:
                delta = slopes[layer - 2] * (delta @ np.abs(np.asarray(params[f"w{layer}"], float)))
    return found


def assert_bound(net: Network, params: Mapping[str, Any], x: Any, y: Any, *, norm: Any = 2) -> None:
    """Every certified bound of every gradient norm holds, and the ladder is in its order: lower <= true <= upper.

    Raises AssertionError naming the layer, both numbers and the theorem of the rung.
    """
    found = net.bounds(params, x, y, norm=norm)
    for row in found:
        low, high = row.true.lower, row.true.upper
        for kind, rung in row.bounds.items():
            what = f"‖{row.name}‖ in layer {row.layer}, rung {kind!r}"
            if rung.upper < low:
                raise AssertionError(f"{what}: the bound is {rung.upper}, the norm is at least {low}; "
                                     f"theorem: {found.theorem(row.name, kind)}")
            if rung.lower > high:
                raise AssertionError(f"{what}: the lower bound is {rung.lower}, the norm is at most {high}; "
                                     f"theorem: {_below(found.theorem(row.name, kind))}")
        for wide, tight in _ORDER:
            if wide in row.bounds and tight in row.bounds and row.bounds[wide].upper < row.bounds[tight].upper * _ROUNDING:
                raise AssertionError(f"‖{row.name}‖: the rung {wide!r} ({row.bounds[wide].upper}) is below {tight!r} "
                                     f"({row.bounds[tight].upper}); theorem: {_ORDER[wide, tight]}")


def _below(theorem: Any) -> str:
    """The theorems of the lower end; those of the upper end where a rung has none."""
    return "; ".join(f"{t['name']} ({t['claim']}, {t['file']}): {t['statement']}" for t in theorem.records()
                     if t["end"] == "lower") or str(theorem)


#: rungs that are never below one another, up to the rounding of the enclosures, and the theorem that says so
_ORDER = {("global", "local"): "global above local (D3, proofs/ladder_order.py)",
          ("local", "factors"): "local above factors (D3, proofs/ladder_order.py)",
          ("factors", "product"): "factors above the product (D2, proofs/factor_bound.py)",
          ("local", "split"): "local above split (D4, proofs/split_bound.py)",
          ("split", "product"): "split without signs above product (D4, proofs/split_bound.py)"}
_ROUNDING = 1 - 1e-5
