"""The p-norm of vectors, and of the matrices that it induces, for a rational p other than 1, 2 and ∞.

A vector's is a sum and a root. A matrix's has no formula, and to approximate it is NP-hard (Hendrickx and Olshevsky,
"Matrix p-norms are NP-hard to approximate if p ≠ 1, 2, ∞", 2010); so balls hold a certified enclosure, from

    below   ‖Ax‖_p / ‖x‖_p for explicit x: unit vectors, what is best for a matrix of rank one, and what the power
            method finds from several starts (Boyd, "The power method for l^p norms", 1974);
    above   the least of: Riesz and Thorin's interpolation between ‖A‖_2 and ‖A‖_1 or ‖A‖_∞ (it is one of norms over the
            complex numbers, which are no less, and the same for 1, 2 and ∞); Schur's test for |A|,
            ‖A‖_p^p <= max_j (|A|ᵀ(|A|x)^{p−1})_j / x_j^{p−1} for any x > 0; and ‖A − B‖ + ‖B‖ for the diagonal of A and
            for a B of rank one, which are exact.

It is as narrow as rounding allows for diagonal matrices, for those of rank one, and nearly so for matrices without
negative entries; otherwise it may be wide, and what it cannot decide stays undecided. In floats it is the lower end.
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np
from sympy import Integer

from ..terms.exponents import dual_kind
from .arithmetic import Arithmetic, Array, Undecided
from .dual import Dual, Value, absolute, elementwise, entries_sum, plain, power

__all__ = ["induced_p_norm", "vector_p_norm"]

_STEPS = 40


def vector_p_norm(value: Value, p: Any, arithmetic: Arithmetic) -> Value:
    """(Σ |x_i|^p)^(1/p) over all entries, 1 x 1; no slope at 0, nor at a zero entry where |t|^p has none."""
    arithmetic.needs_order("a norm")
    if plain(value).shape[-1] * plain(value).shape[-2] == 1:
        return absolute(value, arithmetic)
    if not arithmetic.bits and arithmetic.boxed:
        raise Undecided(f"a {p}-norm over {arithmetic.name}")
    if isinstance(value, Dual):
        powers = power(value, int(p), arithmetic) if p.is_Integer and p % 2 == 0 else elementwise(
            lambda order, x: _power(x, p, order, arithmetic), value)
        return elementwise(lambda order, x: _power(x, 1 / p, order, arithmetic), entries_sum(powers))
    scale = 1 if arithmetic.bits else np.maximum(np.max(np.abs(value), axis=(-1, -2), keepdims=True, initial=0), 1e-300)
    total = entries_sum(_power(value / scale, p, 0, arithmetic))
    return _power(total, 1 / p, 0, arithmetic) * scale


def _power(value: Array, p: Any, order: int, arithmetic: Arithmetic) -> Array:
    """The derivative of this order of |t|^p."""
    factor, rest = Integer(1), p
    for _ in range(order):
        factor, rest = factor * rest, rest - 1
    if arithmetic.bits:
        coefficient = flint.arb(flint.fmpq(int(factor.p), int(factor.q)))
        one = np.frompyfunc(lambda x: _ball_power(x, rest, order) * coefficient, 1, 1)
        return np.asarray(one(arithmetic.array(value)), dtype=object)
    if order and rest <= 0 and np.any(value == 0):
        raise Undecided(f"the slope of |t|^{p} at 0")
    return np.asarray(float(factor) * np.sign(value) ** order * np.abs(value) ** float(rest))


def _ball_power(x: Any, p: Any, order: int) -> Any:
    """sign(x)^order |x|^p of a ball."""
    exponent, size = flint.arb(flint.fmpq(int(p.p), int(p.q))), abs(x)
    if size.lower() > 0:
        return size ** exponent * (-1 if order % 2 and x < 0 else 1)
    if not p > 0:
        raise Undecided("a power at 0")
    most = size.upper() ** exponent if size.upper() > 0 else flint.arb(0)
    return (-most if order % 2 else flint.arb(0)).union(most)


def induced_p_norm(value: Value, p: Any, arithmetic: Arithmetic) -> Array:
    """‖A‖_p = max ‖Ax‖_p / ‖x‖_p of matrices with at least two rows and columns, 1 x 1."""
    arithmetic.needs_order("a norm")
    if isinstance(value, Dual):
        raise Undecided(f"the slope of a {p}-norm of a matrix")
    if arithmetic.boxed and not arithmetic.bits:
        raise Undecided(f"a {p}-norm over {arithmetic.name}")
    flat = arithmetic.array(value).reshape(-1, *value.shape[-2:])
    result = np.empty(len(flat), dtype=arithmetic.dtype)
    result[:] = [_enclosure(A, p, arithmetic) if arithmetic.bits else _estimate(A, float(p)) for A in flat]
    return result.reshape(*value.shape[:-2], 1, 1)


def _estimate(A: Array, p: float) -> float:
    scale = float(np.max(np.abs(A)))
    if scale == 0:
        return 0.0
    A = A / scale
    x = _stretched(A, p)
    return float(np.max(np.linalg.norm(A @ x, p, axis=0) / np.linalg.norm(x, p, axis=0))) * scale


def _stretched(A: Array, p: float) -> Array:
    """Vectors that floats find to be stretched most, as columns: the power method from several starts."""
    q, columns = p / (p - 1), A.shape[1]
    x = np.hstack([np.ones((columns, 1)), np.eye(columns), np.sign(A.T) + 1e-3, np.sign(A.T @ A) + 1e-3])
    for _ in range(_STEPS):
        y = A @ x
        z = A.T @ (np.sign(y) * np.abs(y) ** (p - 1))
        new = np.sign(z) * np.abs(z) ** (q - 1)
        size = np.max(np.abs(new), axis=0)
        x = np.where(size > 0, new / np.where(size > 0, size, 1), x)
    return np.asarray(x)


def _enclosure(A: Array, p: Any, arithmetic: Arithmetic) -> Any:
    """A ball around ‖A‖_p of a matrix of balls."""
    sizes = np.frompyfunc(lambda x: float(abs(x).mid()), 1, 1)(A).astype(float)
    scale = float(np.max(sizes))
    if not np.isfinite(scale):
        raise Undecided("the norm of a matrix without finite entries")
    if scale == 0:
        return flint.arb(0).union(_interpolated(A, p))
    i, j = np.unravel_index(int(np.argmax(sizes)), A.shape)
    pivot = A[i, j]
    if not abs(pivot) > 0:
        raise Undecided("the norm of a matrix whose entries may all be 0")
    middle = np.frompyfunc(lambda x: float((x / scale).mid()), 1, 1)(A).astype(float)
    column, row = A[:, j:j + 1], A[i:i + 1, :] / pivot
    best = _power(row.T, dual_kind(p) - 1, 0, arithmetic) * _signs(row.T)            # for rank one
    low = _largest_stretch(A, np.hstack([best, arithmetic.array(_stretched(middle, float(p)))]), p, arithmetic)
    diagonal = np.zeros_like(A) + flint.arb(0)
    np.fill_diagonal(diagonal, np.diagonal(A))
    high = min((
        _interpolated(A, p),
        _schur(np.abs(A), np.abs(middle), p, arithmetic),
        vector_p_norm(column, p, arithmetic)[0, 0] * vector_p_norm(row, dual_kind(p), arithmetic)[0, 0]
        + _interpolated(A - column * row, p, spectral=False),
        arithmetic.largest(np.abs(diagonal))[0, 0] + _interpolated(A - diagonal, p, spectral=False)),
        key=lambda ball: ball.upper())
    return flint.arb(low.lower()).union(flint.arb(high.upper()))


def _signs(values: Array) -> Array:
    return np.asarray(np.frompyfunc(lambda x: flint.arb(-1 if x < 0 else 1), 1, 1)(values), dtype=object)


def _largest_stretch(A: Array, candidates: Array, p: Any, arithmetic: Arithmetic) -> Any:
    """The largest ‖Ax‖_p / ‖x‖_p of those x, among candidates and unit vectors, that floats find best."""
    middle = np.frompyfunc(lambda x: float(x.mid()), 1, 1)
    numbers, floats = middle(A).astype(float), middle(candidates).astype(float)
    scale = np.max(np.abs(numbers))
    lengths = np.linalg.norm(floats, float(p), axis=0)
    ratios = np.linalg.norm((numbers / scale) @ floats, float(p), axis=0) / np.where(lengths > 0, lengths, np.inf)
    chosen = [candidates[:, :1], candidates[:, [int(np.argmax(ratios))]]]
    longest = int(np.argmax(np.linalg.norm(numbers / scale, float(p), axis=0)))
    chosen.append(arithmetic.identity(A.shape[1])[:, [longest]])
    low = flint.arb(0)
    for x in chosen:
        length = vector_p_norm(x, p, arithmetic)[0, 0]
        if length > 0:
            low = low.max(vector_p_norm(A @ x, p, arithmetic)[0, 0] / length)
    return low


def _interpolated(A: Array, p: Any, *, spectral: bool = True) -> Any:
    """Riesz and Thorin: ‖A‖_p <= ‖A‖_r^(1−θ) ‖A‖_s^θ for 1/p = (1 − θ)/r + θ/s; (r, s) from 1, 2 and ∞."""
    from .norms import spectral_ball
    sizes = np.abs(A)
    one, most = (max((s for s in sizes.sum(axis=axis)), key=lambda s: s.upper()).upper() for axis in (0, 1))
    share = flint.arb(flint.fmpq(int(p.q), int(p.p)))                                   # 1/p
    bounds = [_positive_power(one, share) * _positive_power(most, 1 - share)]
    if not spectral:
        return bounds[0]
    try:
        two = flint.arb(spectral_ball(A).upper())
        theta = abs(2 * share - 1)
        bounds.append(_positive_power(two, 1 - theta) * _positive_power(one if p < 2 else most, theta))
    except Undecided:
        pass
    return min(bounds, key=lambda ball: ball.upper())


def _positive_power(base: Any, exponent: Any) -> Any:
    return flint.arb(base) ** exponent if base > 0 else flint.arb(0)


def _schur(A: Array, middle: Array, p: Any, arithmetic: Arithmetic) -> Any:
    """Schur's test for a matrix without negative entries, at the vector that the power method tends to."""
    x = np.ones((A.shape[1], 1))
    q = float(p) / (float(p) - 1)
    for _ in range(_STEPS):
        x = (middle.T @ (middle @ x) ** (float(p) - 1)) ** (q - 1)
        x = np.maximum(x / np.max(x), 1e-9)
    weights = arithmetic.array(x)
    pulled = A.T @ _power(A @ weights, p - 1, 0, arithmetic)
    quotients = arithmetic.divide(pulled, _power(weights, p - 1, 0, arithmetic))
    return _power(arithmetic.largest(quotients), 1 / p, 0, arithmetic)[0, 0]
