"""Batches of real data: scikit-learn's bundled handwritten digits, a file, or drawn numbers."""

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
    """Inputs x (N, n_0), targets y (N, n_L) and what they are, for a network.

    source  "digits", a path ending in .npz or .csv, or None for numbers drawn with the seed
    Raises SymgradError when the columns do not fit the network or hold NaN.
    """
    if isinstance(net, Chain):
        return _chain_batch(source, net, examples, seed)
    if source == "digits":
        x, y = digits(examples)
        for name, array, width in (("inputs", x, net.widths[0]), ("outputs", y, net.widths[-1])):
            if array.shape[1] != width:
                raise ShapeError(f"the digits have {array.shape[1]} {name}, the network has {width}: "
                                 "use widths 64,…,10")
        return x, y, "scikit-learn's handwritten digits"
    if source is None:
        rng = np.random.default_rng(seed)
        return rng.normal(size=(examples, net.widths[0])), rng.normal(size=(examples, net.widths[-1])), "drawn data"
    from .files import load_data
    x, targets = load_data(source, net)
    if targets is None:
        raise SymgradError(f"{source} has no targets: give a .npz with x and y, or a .csv with "
                           f"{net.widths[0] + net.widths[-1]} columns")
    if len(x) == 0:
        raise SymgradError(f"{source} has no examples")
    return x[:examples], targets[:examples], source


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


def _chain_batch(source: str | None, net: Chain, examples: int, seed: int) -> tuple[Any, Any, str]:
    has_x, has_y = net.input == "x", net.loss is not None
    if source == "digits":
        raise SymgradError("the digits have 64 inputs, a chain has one: use --layers 64,30,10")
    if source is None:
        rng = np.random.default_rng(seed)
        drawn = rng.normal(size=(2, examples))
        return drawn[0] if has_x else None, drawn[1] if has_y else None, "drawn data"
    from .files import load_data

    class _Columns:
        widths = (int(has_x), int(has_y))
    x, y = load_data(source, _Columns())
    return (x[:examples, 0] if has_x else None), (y[:examples, 0] if has_y and y is not None else None), source
