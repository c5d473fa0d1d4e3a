"""Norms and smallest stretches over every arithmetic.

The 1-, ∞- and Frobenius norm are sums and roots; for other p see `p_norms`. Spectral norms are LAPACK's in
floats, and enclosures in balls: with V near the eigenvectors of S = AᵀA and B = VᵀSV, S x = λ x means (x = Vy) that λ
is a stationary value of yᵀBy / yᵀVᵀVy; so the extreme eigenvalues of S lie between those of B divided by those of VᵀV,
and both are enclosed by their diagonals and Gershgorin's discs (Horn and Johnson, "Matrix Analysis", 4.2 and 6.1). V
comes from Jacobi's rotations at the precision in force; nothing is assumed about how good it is.
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np
import sympy

from ..terms.exponents import FROBENIUS, dual_kind
from .arithmetic import Arithmetic, Array, Undecided, ball_root
from .dual import Dual, Value, absolute, entries_sum, largest, linear, norm_2, plain, transpose
from .p_norms import induced_p_norm, vector_p_norm

__all__ = ["least_eigenvalue", "norm", "smallest_stretch", "spectral_ball"]


def norm(value: Value, kind: Any, arithmetic: Arithmetic) -> Value:
    """‖A‖ of a kind (a number p from 1 to ∞, or Frobenius), 1 x 1. Undecided where it has no slope that is asked for."""
    rows, columns = plain(value).shape[-2:]
    if kind is not FROBENIUS and kind not in (1, 2, sympy.oo):
        if not rows or not columns:
            return arithmetic.full(1, 1, 0)
        if columns == 1:
            return vector_p_norm(value, kind, arithmetic)
        return norm(transpose(value), dual_kind(kind), arithmetic) if rows == 1 else induced_p_norm(value, kind, arithmetic)
    if kind is FROBENIUS or (kind == 2 and 1 in (rows, columns)):
        return norm_2(value, arithmetic)
    if kind == 2:
        return _spectral(value, arithmetic, smallest=False)
    sizes = absolute(value, arithmetic)
    sums = linear(lambda x: x.sum(axis=-1, keepdims=True), transpose(sizes) if kind == 1 else sizes)
    if isinstance(sums, Dual):
        n = plain(sums).shape[-2]
        if not n:
            return entries_sum(sums)
        return largest([linear(lambda x, i=i: x[..., i:i + 1, :], sums) for i in range(n)], arithmetic)  # type: ignore[misc]
    return arithmetic.largest(sums)


def smallest_stretch(value: Value, arithmetic: Arithmetic) -> Value:
    """min ‖Ax‖₂ over unit vectors x: 0 for a wide matrix. Of a matrix without columns it is 0 by convention."""
    rows, columns = plain(value).shape[-2:]
    if rows < columns or not columns:
        return arithmetic.full(1, 1, 0)
    if columns == 1:
        return norm_2(value, arithmetic)
    return _spectral(value, arithmetic, smallest=True)


def least_eigenvalue(value: Value, arithmetic: Arithmetic) -> Value:
    """min ⟨x, Ax⟩ over unit vectors x, the least eigenvalue of (A + Aᵀ)/2; of the 0 × 0 matrix it is 0."""
    size = plain(value).shape[-1]
    if not size:
        return arithmetic.full(1, 1, 0)
    arithmetic.needs_order("an eigenvalue")
    if size == 1:
        return value
    if isinstance(value, Dual):
        raise Undecided("the slope of an eigenvalue")
    symmetric = arithmetic.divide(value + np.swapaxes(value, -1, -2), arithmetic.number(2))
    if not arithmetic.boxed:
        return np.asarray(np.linalg.eigvalsh(symmetric)[..., 0, None, None])
    if not arithmetic.bits:
        raise Undecided(f"an eigenvalue over {arithmetic.name}")
    flat = symmetric.reshape(-1, size, size)
    result = np.empty(len(flat), dtype=object)
    result[:] = [_extreme_eigenvalue(matrix, smallest=True) for matrix in flat]
    return result.reshape(*value.shape[:-2], 1, 1)


def _spectral(value: Value, arithmetic: Arithmetic, *, smallest: bool) -> Array:
    if isinstance(value, Dual):
        raise Undecided("the slope of a spectral norm")
    if not value.shape[-1] or not value.shape[-2]:
        return arithmetic.full(1, 1, 0)
    if not arithmetic.boxed:
        arithmetic.needs_order("a spectral norm")
        stretches = np.linalg.svd(value, compute_uv=False)
        return np.asarray((stretches[..., -1] if smallest else stretches[..., 0])[..., None, None])
    if not arithmetic.bits:
        raise Undecided(f"a spectral norm over {arithmetic.name}")
    flat = arithmetic.array(value).reshape(-1, *value.shape[-2:])
    found = [_extreme_stretch(matrix, smallest) for matrix in flat]
    result = np.empty(len(found), dtype=object)
    result[:] = found
    return result.reshape(*value.shape[:-2], 1, 1)


def spectral_ball(matrix: Array) -> Any:
    """A ball around the 2-norm of a matrix of balls, as narrow as floats are: its eigenvectors come from LAPACK."""
    gram = matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
    middle = np.frompyfunc(lambda x: float(x.mid()), 1, 1)(gram).astype(float)
    scale = float(np.max(np.abs(middle), initial=0.0))
    if not 0 < scale < np.inf:
        return _extreme_stretch(matrix, smallest=False)
    vectors = np.frompyfunc(flint.arb, 1, 1)(np.linalg.eigh(middle / scale)[1])
    return ball_root(_extreme_eigenvalue(gram, smallest=False, vectors=vectors))


def _extreme_stretch(matrix: Array, smallest: bool) -> Any:
    """A ball around the largest or smallest singular value of a matrix of balls with at least as many rows as columns
    (for the largest: of any shape)."""
    if not smallest and matrix.shape[0] < matrix.shape[1]:
        matrix = matrix.T
    return ball_root(_extreme_eigenvalue(matrix.T @ matrix, smallest))


def _extreme_eigenvalue(symmetric: Array, smallest: bool, vectors: Array | None = None) -> Any:
    """A ball around the smallest or largest eigenvalue of a symmetric matrix of balls; it is narrow where the columns
    of `vectors` are close to eigenvectors (Jacobi's, if none are given)."""
    vectors = _eigenvectors(symmetric) if vectors is None else vectors
    low, high = _range_of_eigenvalues(vectors.T @ symmetric @ vectors)
    below, above = _range_of_eigenvalues(vectors.T @ vectors)
    if not below[0] > 0:
        raise Undecided("an eigenvalue at this precision")
    least, most = low if smallest else high
    return (least / (above[1] if least > 0 else below[0])).union(most / (above[1] if most < 0 else below[0]))


def _range_of_eigenvalues(symmetric: Array) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Bounds for the smallest and for the largest eigenvalue: diagonal entries from inside, discs from outside."""
    n = len(symmetric)
    diagonal = [symmetric[i, i] for i in range(n)]
    radii = [sum((abs(symmetric[i, j]) for j in range(n) if j != i), 0 * diagonal[i]) for i in range(n)]
    pairs = list(zip(diagonal, radii, strict=True))
    least_inner, least_outer = diagonal[0], diagonal[0] - radii[0]
    most_inner, most_outer = diagonal[0], diagonal[0] + radii[0]
    for d, r in pairs[1:]:
        least_inner, least_outer = least_inner.min(d), least_outer.min(d - r)
        most_inner, most_outer = most_inner.max(d), most_outer.max(d + r)
    return (least_outer, least_inner), (most_inner, most_outer)


def _eigenvectors(symmetric: Array) -> Array:
    """Approximate eigenvectors of the midpoints of a symmetric matrix of balls, by cyclic Jacobi rotations."""
    negligible = flint.arb(4) ** (32 - flint.ctx.prec)
    middle = np.frompyfunc(lambda x: x.mid(), 1, 1)
    a = middle(symmetric)
    n = len(a)
    v = np.array([[flint.arb(int(i == j)) for j in range(n)] for i in range(n)], dtype=object)
    for _ in range(12):
        moved = False
        for p in range(n):
            for q in range(p + 1, n):
                b = a[p, q]
                if b == 0 or not b.is_finite() or b * b < abs(a[p, p] * a[q, q]) * negligible:
                    continue
                moved = True
                theta = (a[q, q] - a[p, p]) / (2 * b)
                t = (1 if theta >= 0 else -1) / (abs(theta) + (theta * theta + 1).sqrt())
                c = 1 / (t * t + 1).sqrt()
                turn = np.array([[c, c * t], [-c * t, c]], dtype=object)
                a[:, [p, q]] = middle(a[:, [p, q]] @ turn)
                a[[p, q], :] = middle(turn.T @ a[[p, q], :])
                v[:, [p, q]] = middle(v[:, [p, q]] @ turn)
        if not moved:
            break
    return v
