"""Error bounds for float64 arithmetic that never switch the rounding mode.

Everything here is the a-priori analysis of IEEE 754 double precision, rounding to nearest: fl(x o y) = (x o
y)(1 + e), |e| <= u = 2^-53, plus a term for underflow.  A sum or an inner product of n terms, evaluated in
ANY order, with or without fused multiply-add, has an error of at most gamma_n = n u / (1 - n u) times the sum
of the absolute values (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1), so the
bounds hold for every BLAS that sums products: blocked, threaded, vectorised.  They do not hold for
Strassen-like products, which no BLAS under NumPy uses. (n u alone would do: Jeannerod and Rump, SIAM J.
Matrix Anal. Appl. 34, 2013.)  How midpoints and radii get along with rounding to nearest alone: Rump, Acta
Numerica 19 (2010), and Fast interval matrix multiplication, Numer. Algorithms 61 (2012).

The unit of underflow is taken as 2^-1022, not 2^-1074: it also covers hardware that flushes subnormal numbers
to zero. Arrays are first scaled by powers of two so that their largest entry lies in [1/2, 1): nothing
overflows, and an underflow is 1e-308 of the whole.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb
from numpy.typing import ArrayLike, NDArray

from symgrad.errors import ShapeError, SymgradError
from symgrad.numeric.array_files import exact

__all__ = ["TINY", "UNIT", "BoundError", "down", "exact_floats", "gamma", "power_of_two", "scaled", "sum_up", "up"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

UNIT = 2.0**-53
TINY = 2.0**-1022


class BoundError(SymgradError, ValueError):
    """A bound was asked for that does not exist, or of something that is no number, matrix or box."""


def up(x: Any) -> Any:
    """The next float above: an upper bound of the exact result of the one rounded operation that gave x."""
    return np.nextafter(x, np.inf)


def down(x: Any) -> Any:
    """The next float below."""
    return np.nextafter(x, -np.inf)


def gamma(n: int) -> float:
    """An upper bound of gamma_n = n u / (1 - n u)."""
    if n * UNIT > 0.01:
        raise BoundError(f"a sum of {n} terms is too long for the float64 error analysis (limit 2^46 or so)")
    return float(up(n * UNIT / (1 - 2 * n * UNIT)))


def sum_up(x: Floats, axis: int | tuple[int, ...] | None = None) -> Any:
    """An upper bound of the sum of nonnegative floats along `axis`, whatever the order of summation."""
    count = x.size if axis is None else int(np.prod([x.shape[k] for k in np.atleast_1d(axis)]))
    total = np.sum(x, axis=axis)
    return np.where(total > 0, up(total * (1 + 2 * max(count, 1) * UNIT)), total)


def exact_floats(array: ArrayLike, what: str, ndim: int | None = None) -> Floats:
    """`array` as float64 without changing a single value, or a one-line error that names `what`.

    float16, float32, float64 and integers up to 2^53 are taken as exact numbers.  Raises ShapeError for a
    wrong number of dimensions, BoundError for other types and for entries that are not finite.
    """
    try:
        given = np.asarray(array)
    except ValueError as reason:
        raise ShapeError(f"{what} is no rectangular array: {reason}") from reason
    if ndim is not None and given.ndim != ndim:
        raise ShapeError(f"{what} has shape {given.shape}; expected {ndim} dimension{'s' * (ndim != 1)}")
    try:
        return exact(given, what)
    except SymgradError as reason:
        raise BoundError(str(reason)) from None


def scaled(x: Floats, axes: int) -> tuple[Floats, Integers]:
    """(m, e) with x = m 2^e up to an error of TINY an entry, and the largest |m| over the last `axes` axes in
    [1/2, 1).

    The scaling is exact unless an entry is 2^1022 times smaller than the largest one.  A zero block has e =
    0.
    """
    span = tuple(range(x.ndim - axes, x.ndim))
    largest = np.max(np.abs(x), axis=span, initial=0.0)
    exponent = np.where(largest > 0, np.frexp(largest)[1], 0).astype(np.int64)
    half = (-exponent // 2).reshape(exponent.shape + (1,) * axes)       # two products are faster than ldexp of a whole array
    rest = -exponent.reshape(half.shape) - half
    with np.errstate(under="ignore"):
        return x * np.ldexp(1.0, half) * np.ldexp(1.0, rest), exponent


def power_of_two(value: float, exponent: int) -> arb:
    """value * 2^exponent, exactly."""
    return arb(float(value)) * arb((1, int(exponent)))
