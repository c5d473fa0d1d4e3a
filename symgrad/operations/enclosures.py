"""Entrywise functions of arrays of balls, and of power series with ball coefficients: what `enclose` is written in.

A record's `enclose` is called with arrays of `flint.arb` for values, and of `flint.arb_series` with two coefficients
for values with a derivative; these functions take both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb, arb_series

__all__ = ["constant_term", "exp", "largest", "log", "sqrt"]

Array = np.ndarray[Any, np.dtype[Any]]


def _entrywise(method: str) -> Callable[[Any], Array]:
    def apply(x: Any) -> Array:
        return np.asarray(np.frompyfunc(lambda entry: getattr(_number(entry), method)(), 1, 1)(x), dtype=object)

    apply.__name__, apply.__doc__ = method, f"{method} of every entry."
    return apply


exp, log, sqrt = _entrywise("exp"), _entrywise("log"), _entrywise("sqrt")


def _number(entry: Any) -> Any:
    return entry if isinstance(entry, (arb, arb_series)) else arb(entry)


def constant_term(entry: Any) -> arb:
    """The value of a ball or of a power series."""
    return entry[0] if isinstance(entry, arb_series) else arb(entry)


def largest(x: Array) -> Array:
    """About the largest entry of each column, as an exact number that has no derivative: a shift for exponentials."""
    if not x.size:
        return np.full((*x.shape[:-2], 1, x.shape[-1]), arb(0), dtype=object)
    middle = np.frompyfunc(lambda entry: constant_term(entry).mid(), 1, 1)(x)
    return np.asarray(
        np.frompyfunc(lambda a, b: a.max(b).mid(), 2, 1).reduce(middle, axis=-2, keepdims=True), dtype=object
    )
