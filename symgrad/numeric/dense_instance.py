"""One concrete dense network as an instance: what the formulas of `symgrad.networks.dense` leave open, as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .elementwise import Polynomial
from .instance import Instance

__all__ = ["IDENTITY", "dense_instance"]

#: σ(t) = t, whose slope is known to be bounded by 1
IDENTITY = Polynomial([0, 1], "identity")

Matrix = Sequence[Sequence[Any]]


def dense_instance(weights: Sequence[Matrix], x: Sequence[Any], y: Sequence[Any], *, activation: Any = IDENTITY,
                   biases: Sequence[Sequence[Any]] | None = None, l: int = 1, **symbols: Any) -> Instance:
    """The network with weights w^1 … w^L (nested lists of exact numbers), input x, target y and biases (default 0).

    `activation` is one name or formula, or {layer: name}; `l` is the layer that a statement speaks of; `symbols`
    gives the further symbols of a statement, with __ for the dot of a name: every__gamma=1.

    >>> from symgrad.networks.dense import delta, l
    >>> from symgrad.numeric.evaluate import evaluate
    >>> evaluate(delta[l], dense_instance([[[2]], [[3]]], x=[1], y=[5]))         # 3 (6 - 5)
    array([[3.]])
    """
    depth = len(weights)
    widths = [len(weights[0][0]), *map(len, weights)]
    given: Mapping[int, Any] = dict(enumerate(biases if biases is not None else [[0] * n for n in widths[1:]], 1))
    arrays = {"w": dict(enumerate(weights, 1)), "b": given, "x": x, "y": {depth: y},
              **{name.replace("__", "."): value if isinstance(value, (dict, list)) else [value]
                 for name, value in symbols.items()}}
    return Instance(integers={"L": depth, "l": l}, widths={"n": widths}, functions={"sigma": activation}, arrays=arrays)
