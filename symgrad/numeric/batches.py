"""Batches for a network: scikit-learn's bundled handwritten digits, a file, or drawn numbers."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ExtraMissing, ShapeError, SymgradError
from ..networks.network import Chain

__all__ = ["batch", "digits"]

Array = np.ndarray[Any, np.dtype[Any]]


def batch(source: str | None, net: Any, examples: int, seed: int) -> tuple[Any, Any, str]:
    """Inputs x (N, n_0), targets y (N, n_L) and what they are; for a chain x (N,) and y (N,), None where it has none.

    source  "digits", a path (see `data_files`), or None for numbers drawn with the seed
    Raises SymgradError and ShapeError when the data do not fit the network or hold NaN.
    """
    if source is None:
        return (*_drawn(net, examples, np.random.default_rng(seed)), "drawn data")
    if source != "digits":
        from .data_files import load_batch
        return (*load_batch(source, net, examples), source)
    if isinstance(net, Chain):
        raise SymgradError("the digits have 64 inputs, a chain has one: use --layers 64,30,10")
    x, y = digits(examples)
    for name, array, width in (("inputs", x, net.widths[0]), ("outputs", y, net.widths[-1])):
        if array.shape[1] != width:
            raise ShapeError(f"the digits have {array.shape[1]} {name}, the network has {width}: use widths 64,…,10")
    return x, y, "scikit-learn's handwritten digits"


def _drawn(net: Any, examples: int, rng: np.random.Generator) -> tuple[Any, Any]:
    if not isinstance(net, Chain):
        return rng.normal(size=(examples, net.widths[0])), rng.normal(size=(examples, net.widths[-1]))
    x, y = rng.normal(size=(2, examples))
    return x if net.input == "x" else None, y if net.loss is not None else None


def digits(examples: int) -> tuple[Array, Array]:
    """The first handwritten digits of scikit-learn: x (N, 64) in [0, 1], y (N, 10) one-hot. Extra: data."""
    spec = find_spec("sklearn")
    if spec is None:
        raise ExtraMissing("scikit-learn", "data", "the digits")
    place = next(iter(spec.submodule_search_locations or ()), "")
    try:                                            # importing scikit-learn takes a second, reading a file does not
        with gzip.open(Path(place, "datasets", "data", "digits.csv.gz"), "rt") as file:
            table = np.loadtxt(file, delimiter=",", max_rows=examples)
    except FileNotFoundError:
        from sklearn.datasets import load_digits
        table = np.column_stack(load_digits(return_X_y=True))[:examples]
    return table[:, :64] / 16.0, np.eye(10)[table[:, 64].astype(int)]
