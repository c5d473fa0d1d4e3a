"""Forward derivatives in ball arithmetic: the witness that decides.

Every number is a ball of python-flint with as many bits as asked, and carries its derivatives by all
parameters along (a matrix of balls, one column for each parameter). What comes out encloses the true
gradient of the network with exactly those float parameters, however small it is: 1e-300 is a number like
any other here. The sweep goes forward, so nothing of the backward recurrences is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from flint import arb, arb_mat

from symgrad.numeric.forward import Forward, Witness, ball_activation, forward, precision

__all__ = ["ball_cost", "ball_duals"]


def ball_duals(net: Any, *, loss: str = "mean", bits: int = 256) -> Callable[..., Witness]:
    """A witness `f(params, x, y)` whose loss, gradients, input gradient and deltas are balls (flint.arb).

    gradients[name] is an array of balls in the parameter's shape; deltas as an evaluator's. Parameters and
    examples are taken as the exact numbers their floats are.
    """
    view = forward(net, loss)

    def witness(params: Mapping[str, Any], x: Any = None, y: Any = None) -> Witness:
        values = view.read(params)
        examples = view.examples(values, x, y)
        with precision(bits):
            return _all_examples(
                view, values, examples, single=np.ndim(x if view.has_input else y) < _axes(view)
            )

    return witness


def _axes(view: Forward) -> int:
    return 2 if view.kind == "dense" else 1


def _all_examples(view: Forward, values: dict[str, np.ndarray], examples: list[Any], single: bool) -> Witness:
    columns = _columns(view, values)
    count = len(columns)
    total = arb(0)
    sums = [arb(0)] * count
    inputs, deltas = [], []
    scale = arb(1) / len(examples) if view.loss == "mean" else arb(1)
    for x, y in examples:
        cost, row, by_input, by_z = _example(view, values, columns, x, y)
        total += scale * cost
        sums = [s + scale * g for s, g in zip(sums, row, strict=True)]
        inputs.append([scale * g for g in by_input])
        deltas.append([[scale * g for g in layer] for layer in by_z])
    gradients = {}
    for name, shape in view.shapes.items():
        gradients[name] = np.empty(shape, dtype=object)
        for index in np.ndindex(shape):
            gradients[name][index] = sums[columns[name, index]]
    return Witness(total, gradients, None, *_shaped(view, inputs, deltas, single))


def _columns(view: Forward, values: Mapping[str, np.ndarray]) -> dict[tuple[str, tuple[int, ...]], int]:
    names = [(name, index) for name in view.shapes for index in np.ndindex(values[name].shape)]
    return {key: at for at, key in enumerate(names)}


def _example(
    view: Forward, values: Any, columns: Any, x: Any, y: Any
) -> tuple[arb, list[arb], list[arb], list[Any]]:
    """Cost of one example, and its derivatives by all parameters, by the input and by every z^l."""
    chain = view.kind == "chain"
    start = [] if not view.has_input else [x] if chain else list(x)
    widths = [1 if chain else values[f"b{l}"].size for l in range(1, len(view.activations) + 1)]
    extra = len(columns)
    total = extra + len(start) + sum(widths) + (0 if view.has_input else 1)
    if view.has_input:
        a = arb_mat(len(start), 1, [arb(float(v)) for v in start])
        da = arb_mat(len(start), total)
        for i in range(len(start)):
            da[i, extra + i] = 1
    else:
        a, da = arb_mat(1, 1, [arb(float(values["w"][0]))]), arb_mat(1, total)
        da[0, columns["w", (0,)]] = 1
        da[0, total - 1] = 1
    at = extra + len(start)
    places = []
    for l, sigma in enumerate(view.activations, start=1):
        w, b = _balls(view, values, l)
        dz = w * da
        for i in range(w.nrows()):
            for j in range(w.ncols()):
                key = ("w", (l - 1 if view.has_input else l,)) if chain else (f"w{l}", (i, j))
                dz[i, columns[key]] += a[j, 0]
            if not chain or view.has_bias:
                dz[i, columns[("b", (l - 1,)) if chain else (f"b{l}", (i,))]] += 1
            dz[i, at + i] += 1
        z = w * a + b
        pairs = [ball_activation(sigma, z[i, 0]) for i in range(z.nrows())]
        places.append(range(at, at + len(pairs)))
        at += len(pairs)
        a = arb_mat(len(pairs), 1, [value for value, _ in pairs])
        da = arb_mat(
            len(pairs), total, [s * dz[i, k] for i, (_, s) in enumerate(pairs) for k in range(total)]
        )
    if view.has_target:
        r = [a[i, 0] - arb(float(v)) for i, v in enumerate(np.atleast_1d(y))]
        cost = sum((v * v for v in r), arb(0)) / 2
        row = arb_mat(1, len(r), r) * da
    else:
        cost, row = a[0, 0], da
    by = [row[0, k] for k in range(total)]
    by_z = [[by[k] for k in place] for place in places]
    if not view.has_input:
        by_z.insert(0, [by[total - 1]])
    return cost, by[:extra], by[extra : extra + len(start)], by_z


def _balls(view: Forward, values: Any, l: int) -> tuple[arb_mat, arb_mat]:
    w, b = view.layer(values, l)
    w, b = np.atleast_2d(w), np.atleast_1d(b)
    return (
        arb_mat(len(w), w.size // len(w), [arb(float(v)) for v in w.ravel()]),
        arb_mat(b.size, 1, [arb(float(v)) for v in b.ravel()]),
    )


def _shaped(view: Forward, inputs: list[Any], deltas: list[Any], single: bool) -> tuple[Any, Any]:
    """Input gradient and deltas in the shapes an evaluator gives."""
    if view.kind == "chain":
        x = (
            None
            if not view.has_input
            else inputs[0][0]
            if single
            else np.array([g[0] for g in inputs], dtype=object)
        )
        d = np.array([[layer[0] for layer in example] for example in deltas], dtype=object).T
        return x, d[:, 0] if single else d
    gx = np.array(inputs, dtype=object)
    by_layer = [np.array([example[l] for example in deltas], dtype=object) for l in range(len(deltas[0]))]
    return (gx[0], tuple(d[0] for d in by_layer)) if single else (gx, tuple(by_layer))


def ball_cost(view: Forward, values: Mapping[str, np.ndarray], examples: list[Any], move: Any) -> arb:
    """The cost alone, with one parameter moved: move = (name, index, by) or None."""
    total = arb(0)
    for x, y in examples:
        a = (
            [arb(float(v)) for v in np.atleast_1d(x)]
            if view.has_input
            else [_number(values, "w", (0,), move)]
        )
        for l, sigma in enumerate(view.activations, start=1):
            a = [ball_activation(sigma, z)[0] for z in _affine(view, values, l, a, move)]
        total += (
            sum(((v - arb(float(t))) ** 2 for v, t in zip(a, np.atleast_1d(y), strict=True)), arb(0)) / 2
            if view.has_target
            else a[0]
        )
    return total / len(examples) if view.loss == "mean" else total


def _affine(view: Forward, values: Any, l: int, a: list[arb], move: Any) -> list[arb]:
    if view.kind == "chain":
        at = l - 1 if view.has_input else l
        b = _number(values, "b", (l - 1,), move) if view.has_bias else arb(0)
        return [_number(values, "w", (at,), move) * a[0] + b]
    rows, cols = values[f"w{l}"].shape
    return [
        sum((_number(values, f"w{l}", (i, j), move) * a[j] for j in range(cols)), arb(0))
        + _number(values, f"b{l}", (i,), move)
        for i in range(rows)
    ]


def _number(values: Any, name: str, index: tuple[int, ...], move: Any) -> arb:
    number = arb(float(values[name][index]))
    return number + move[2] if move is not None and move[0] == name and move[1] == index else number
