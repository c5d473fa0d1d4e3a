"""Inverse and determinant of a square matrix: d(A⁻¹) = −A⁻¹ dA A⁻¹ and d log|det A| = ⟨A⁻ᵀ, dA⟩, where A is regular."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
from flint import arb

from ...kernel.statements import Less
from ...terms.algebra import MatrixProduct, Number, Transpose
from ...terms.index import Dimension
from ...terms.scalars import s_min
from ..enclosures import constant_term
from ..record import Operation, admit

__all__ = ["DETERMINANT", "INVERSE", "LOG_DETERMINANT"]

n = Dimension("n")
SOURCE = "Magnus and Neudecker, Matrix Differential Calculus, ch. 8"


def _eliminated(a: Any) -> tuple[Any, Any]:
    """Inverse and determinant of arrays of balls or power series, by Gauss and Jordan with the largest pivot."""
    lead, size = a.shape[:-2], a.shape[-1]
    inverses, determinants = np.empty(a.shape, dtype=object), np.empty((*lead, 1, 1), dtype=object)
    for at in np.ndindex(*lead):
        work = [[*row, *(arb(int(i == j)) for j in range(size))] for i, row in enumerate(a[at])]
        found: Any = arb(1)
        for k in range(size):
            pivot = k + int(np.argmax([float(abs(constant_term(row[k]).mid())) for row in work[k:]]))
            if pivot != k:
                work[k], work[pivot], found = work[pivot], work[k], -found
            head = work[k][k]
            found = found * head
            work[k] = [entry / head for entry in work[k]]
            for i in range(size):
                if i != k:
                    factor = work[i][k]
                    work[i] = [entry - factor * other for entry, other in zip(work[i], work[k], strict=True)]
        for i, j in np.ndindex(size, size):
            inverses[(*at, i, j)] = work[i][size + j]
        determinants[(*at, 0, 0)] = found
    return inverses, determinants


def _inverse(a: Any) -> Any:
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        return np.full_like(a, np.nan)                      # outside the domain


def _log_size(x: Any) -> Any:
    return (x if constant_term(x) > 0 else -x).log()


def _log_determinant(a: Any) -> Any:
    sign, size = np.linalg.slogdet(a)
    found = size + (1j * np.angle(sign * np.sign(np.real(sign))) if np.iscomplexobj(a) else 0)
    return np.asarray(found)[..., None, None]


def _draw(rng: Random, sizes: Any) -> list[Any]:
    size = sizes["n"]
    return [[[rng.uniform(-1, 1) + (3 if i == j else 0) for j in range(size)] for i in range(size)]]


def _regular(a: Any) -> list[Any]:
    return [Less(Number(0), s_min(a))]


INVERSE = admit(Operation(
    "inverse", {"A": (n, n)}, result=(n, n),
    pullback=lambda G, V, a: -MatrixProduct(Transpose(V), G, Transpose(V)),
    where=_regular, value=_inverse, enclose=lambda a: _eliminated(a)[0], draw=_draw,
    written="inverse", source=SOURCE))

LOG_DETERMINANT = admit(Operation(
    "log_determinant", {"A": (n, n)}, result=1, pullback=lambda G, V, a: G * Transpose(INVERSE(a)),
    where=_regular, value=_log_determinant,
    enclose=lambda a: np.frompyfunc(_log_size, 1, 1)(_eliminated(a)[1]), draw=_draw, sign="logdet", source=SOURCE))

DETERMINANT = admit(Operation(
    "determinant", {"A": (n, n)}, result=1, pullback=lambda G, V, a: V * G * Transpose(INVERSE(a)),
    where=_regular, value=lambda a: np.asarray(np.linalg.det(a))[..., None, None], enclose=lambda a: _eliminated(a)[1],
    draw=_draw, sign="det", source=SOURCE))
