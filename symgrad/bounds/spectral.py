"""Certified 2-norms: the largest and the smallest stretch of a matrix, for stacks of matrices at NumPy speed.

Largest.  ||A||^2 is the largest eigenvalue of the Gram matrix G = A^T A.  An estimate t of it needs no proof;
then one Cholesky factorisation of s I - G with s slightly above t proves it: if it runs to completion in
floating point, s I - G is positive semidefinite up to the backward error of the factorisation, which is known
a priori (Rump, Verification of positive definiteness, BIT 46, 2006; Higham, section 10.1).  The error of G,
of the diagonal and every underflow is added. LAPACK may order the sums as it likes and may multiply by
reciprocals; the constant has room for that.

Smallest.  A computed A ~ U diag(s) V^T proves, with R = A - U diag(s) V^T and e_U = ||U^T U - I||, e_V
likewise,
    s_min(A) >= s_n sqrt((1 - e_U)(1 - e_V)) - ||R||                       (Rump, BIT 51, 2011)
where s_min(A) := min ||A x|| over unit x, which is 0 for a matrix with more columns than rows.

Input is scaled (see `rounding.scaled`); all functions take stacks of shape (N, m, n) and return arrays of
shape (N,).
"""

from __future__ import annotations

import numpy as np

from symgrad.bounds.rounding import TINY, UNIT, Floats, down, gamma, sum_up, up

__all__ = ["frobenius_up", "spectral_both", "spectral_up", "stretch_down"]

STEPS = 24         # of Lanczos, for a stack of at least MANY matrices
MANY = 8
SMALL = 256        # up to here all eigenvalues of the Gram matrix are computed; beyond, Lanczos finds the largest


def frobenius_up(a: Floats) -> Floats:
    """Upper bounds of the Frobenius norms of a stack with entries of magnitude at most about 1."""
    size = a.shape[1] * a.shape[2]
    squares = np.einsum("kij,kij->k", a, a) * (1 + 2 * (size + 1) * UNIT) + size * TINY
    return np.asarray(np.where((squares > 2 * size * TINY) | np.any(a, axis=(1, 2)), up(np.sqrt(up(up(squares)))), 0.0))


def _simple_up(a: Floats) -> Floats:
    """min(Frobenius, sqrt(||A||_1 ||A||_oo)) rounded up: the bound that never fails."""
    sizes = np.abs(a)
    columns, rows = sum_up(sizes, axis=1).max(axis=1, initial=0), sum_up(sizes, axis=2).max(axis=1, initial=0)
    return np.asarray(np.minimum(frobenius_up(a), up(np.sqrt(up(columns * rows)))))


def _largest_of_symmetric(g: Floats) -> tuple[float, Floats]:
    """An estimate (no proof) of the largest eigenvalue and its vector, by Lanczos with
    reorthogonalisation."""
    n = g.shape[0]
    start = np.random.default_rng(n).standard_normal(n) + g.sum(axis=1) / np.sqrt(n)
    basis = np.empty((min(n, 120), n))
    basis[0] = start / np.linalg.norm(start)
    alpha: list[float] = []
    beta: list[float] = []
    last = 0.0
    for k in range(basis.shape[0]):
        image = g @ basis[k]
        alpha.append(float(basis[k] @ image))
        image -= (basis[: k + 1] @ image) @ basis[: k + 1]
        size = float(np.linalg.norm(image))
        done = k + 1 == basis.shape[0] or size <= 1e-14 * abs(alpha[0])
        if done or k % 8 == 7:
            ritz, vectors = np.linalg.eigh(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
            error = size * abs(vectors[-1, -1])
            gap = ritz[-1] - ritz[-2] if k else size
            # the error of a Ritz value is at most its residual squared over the gap, once it has settled
            if done or (error * min(error / gap, 1.0) < 5e-8 * ritz[-1] and ritz[-1] - last < 1e-6 * ritz[-1]):
                vector = basis[: k + 1].T @ vectors[:, -1]
                return float(ritz[-1]), vector
            last = ritz[-1]
        beta.append(size)
        basis[k + 1] = image / size
    raise AssertionError("the last step always returns")


def _completes(lower: Floats) -> bool:
    """Whether the Cholesky factorisation of the matrices, read from their lower triangles, runs to the
    end."""
    try:
        return bool(np.isfinite(np.diagonal(np.linalg.cholesky(lower), axis1=-2, axis2=-1)).all())
    except np.linalg.LinAlgError:
        return False


def _by_steps(g: Floats) -> Floats:
    """Estimates of the largest eigenvalues of a stack of symmetric matrices: STEPS steps of Lanczos for all at once."""
    count, n, _ = g.shape
    q = np.random.default_rng(n).standard_normal(n) + g.sum(axis=2)
    basis = np.empty((count, STEPS, n))
    alpha, beta = np.empty((count, STEPS)), np.empty((count, STEPS))
    for k in range(STEPS):
        size = np.linalg.norm(q, axis=1)
        basis[:, k] = q / np.maximum(size, np.finfo(float).tiny)[:, None]
        beta[:, k] = size
        image = (g @ basis[:, k, :, None])[:, :, 0]
        alpha[:, k] = np.einsum("ki,ki->k", basis[:, k], image)
        known = basis[:, :k + 1]
        q = image - ((known @ image[:, :, None]).transpose(0, 2, 1) @ known)[:, 0]
    small = np.zeros((count, STEPS, STEPS))
    at = np.arange(STEPS)
    small[:, at, at], small[:, at[1:], at[:-1]] = alpha, beta[:, 1:]
    return np.asarray(np.linalg.eigvalsh(small)[:, -1])


def _in_steps(g: Floats) -> bool:
    return MANY <= len(g) and 2 * STEPS <= g.shape[1] <= SMALL


def _top_of_gram(g: Floats) -> Floats:
    if g.shape[1] > SMALL:
        return np.array([_largest_of_symmetric(one)[0] for one in g])
    if _in_steps(g):
        return _by_steps(g)
    try:
        return np.asarray(np.linalg.eigvalsh(g)[:, -1])
    except np.linalg.LinAlgError:
        return np.asarray(np.trace(g, axis1=1, axis2=2))


def spectral_up(a: Floats) -> Floats:
    """Upper bounds of ||A||_2 for a stack (N, m, n) of scaled matrices; the excess is about n^2 2^-52 (1e-9 in a
    stack of MANY, 5e-7 from n = 257)."""
    a = a if a.shape[2] <= a.shape[1] else a.transpose(0, 2, 1)
    count, _, n = a.shape
    if count == 0 or n <= 1:
        return _simple_up(a)
    g = a.transpose(0, 2, 1) @ a
    return _proved(a, g, _top_of_gram(g))


def spectral_both(a: Floats) -> tuple[Floats, Floats]:
    """Lower and upper bounds of ||A||_2: ||A v|| / ||v|| for a good v, which needs no proof that v is best."""
    a = a if a.shape[2] <= a.shape[1] else a.transpose(0, 2, 1)
    n = a.shape[2]
    if len(a) == 0 or n <= 1:
        return _spectral_down(a, np.ones((len(a), n))), _simple_up(a)
    g = a.transpose(0, 2, 1) @ a
    pairs = [_largest_of_symmetric(one) if n > SMALL else _last(*np.linalg.eigh(one)) for one in g]
    low = _spectral_down(a, np.array([vector for _, vector in pairs]))
    return low, _proved(a, g, np.array([value for value, _ in pairs]))


def _last(values: Floats, vectors: Floats) -> tuple[float, Floats]:
    return float(values[-1]), np.asarray(vectors[:, -1])


def _proved(a: Floats, g: Floats, estimate: Floats) -> Floats:
    """Upper bounds of ||A||_2 from g ~ A^T A, which is overwritten, and estimates of its largest eigenvalues."""
    count, m, n = a.shape
    top = np.maximum(estimate, np.finfo(float).tiny)
    room = 5e-7 if n > SMALL else 1e-9 if _in_steps(g) else 8 * n * n * UNIT
    frobenius = frobenius_up(a)
    minus = np.negative(g, out=g)
    gram_error = up(gamma(m + 1) * up(frobenius * frobenius)) + 2 * m * n * TINY
    best = _simple_up(a) if n <= SMALL else frobenius.copy()
    waiting = np.flatnonzero(frobenius > 0)
    own = minus.reshape(count, n * n)[:, :: n + 1].copy()
    for attempt in range(6):
        shift = up(top[waiting] * (1 + room))
        trial = minus[waiting] if len(waiting) < count or attempt else minus
        diagonal = trial.reshape(len(waiting), n * n)[:, :: n + 1]
        diagonal[...] = shift[:, None] + own[waiting]
        trace = sum_up(np.abs(diagonal), axis=1)
        good = np.full(len(waiting), True) if _completes(trial) else np.array([_completes(m) for m in trial])
        # backward error of the factorisation (with its underflow term), rounding of the diagonal, error of G
        slack = up(gamma(2 * n + 8) * up(2 * trace)) + 6 * n * (2 * n + 2 + trace) * TINY
        slack = slack + 4 * UNIT * (shift + trace) + gram_error[waiting]
        proved = up(np.sqrt(up(shift + up(slack * (1 + 16 * UNIT)))))
        best[waiting[good]] = np.minimum(best[waiting[good]], proved[good])
        waiting, room = waiting[~good], 8 * room
        if not len(waiting):
            break
    return best


def _spectral_down(a: Floats, vectors: Floats) -> Floats:
    """Lower bounds of ||A||_2 from any vectors (N, n): ||A v|| / ||v||, and the largest entry."""
    count, m, n = a.shape
    result = np.zeros(count)
    for k in range(count):
        v = np.where(np.abs(vectors[k]) > 1e-150, vectors[k], 0.0)
        if not v.any():
            continue
        image = a[k] @ v
        square = max(0.0, float(down(np.sum(np.square(image)) * (1 - 2 * (m + 1) * UNIT))))
        size = down(np.sqrt(square)) - m * TINY
        length = float(frobenius_up(v[None, None, :])[0])
        error = up(gamma(n + 1) * up(frobenius_up(a[k][None])[0] * length)) + 2 * m * n * TINY
        result[k] = max(0.0, down(down(down(size - error) / length)))
    return np.asarray(np.maximum(result, np.abs(a).max(axis=(1, 2), initial=0)))


def stretch_down(a: Floats) -> Floats:
    """Lower bounds of s_min(A) = min ||A x||_2 over unit x, with an error near n 2^-52 ||A||; 0 when n >
    m."""
    count, m, n = a.shape
    if n > m or count == 0:
        return np.zeros(count)
    try:
        u, s, vt = np.linalg.svd(a, full_matrices=False)
    except np.linalg.LinAlgError:
        return np.zeros(count)
    left = u * s[:, None, :]
    product = left @ vt
    size_left, size_vt, size_u = frobenius_up(left), frobenius_up(vt), frobenius_up(u)
    rest = up(frobenius_up(a - product) * (1 + 4 * UNIT))
    rest = up(rest + up(gamma(n + 4) * up(size_left * size_vt))) + 4 * m * n * TINY
    ones = np.eye(n)
    defect_u = up(frobenius_up(u.transpose(0, 2, 1) @ u - ones) + up(gamma(m + 3) * up(size_u * size_u + n)))
    defect_v = up(frobenius_up(vt @ vt.transpose(0, 2, 1) - ones) + up(gamma(n + 3) * up(size_vt * size_vt + n)))
    shrink = down(np.sqrt(np.maximum(down(down(1 - defect_u) * down(1 - defect_v)), 0.0)))
    shrink = np.where((defect_u < 1) & (defect_v < 1), shrink, 0.0)
    found = down(down(np.maximum(s.min(axis=1, initial=np.inf), 0.0) * np.maximum(shrink, 0.0)) - rest)
    return np.where(np.isfinite(found), np.maximum(found, 0.0), 0.0)
