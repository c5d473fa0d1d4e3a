"""Operations on every row of a matrix, one example a row: softmax and the norm of a layer.

softmax: with P the value, G goes to P ⊙ G − diag((P ⊙ G) 1) P. The norm of a layer divides the deviation of each entry
of a row from its mean by the root of the row's variance plus ε.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...kernel.statements import Condition, Less
from ...terms.algebra import Count, MatrixProduct, Number, Ones, Term, diag, hadamard
from ...terms.index import Dimension
from ...terms.scalars import Quotient
from ..enclosures import exp, largest, log, sqrt
from ..record import Operation, admit
from .elementwise import ELEMENTWISE

__all__ = ["LAYER_NORM", "LOG_SOFTMAX_ROWS", "SOFTMAX_ROWS"]

N, m = Dimension("N"), Dimension("m")


def _turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _softmax(x: Any) -> Any:
    e = np.exp(x - np.max(np.real(x), axis=-1, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=-1, keepdims=True)


def _softmax_balls(x: Any) -> Any:
    e = exp(x - _turned(largest(_turned(x))))
    return e / e.sum(axis=-1, keepdims=True)


def _log_softmax(x: Any) -> Any:
    shifted = x - np.max(np.real(x), axis=-1, keepdims=True, initial=-np.inf)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _log_softmax_balls(x: Any) -> Any:
    shifted = x - _turned(largest(_turned(x)))
    return shifted - log(exp(shifted).sum(axis=-1, keepdims=True))


def _each_row(G: Term, P: Term) -> Term:
    """diag(G 1) P: each row of P times the sum of that row of G."""
    return diag(MatrixProduct(G, Ones(G.columns))) @ P


SOFTMAX_ROWS = admit(Operation(
    "softmax_rows", {"X": (N, m)}, result=(N, m), pullback=lambda G, P, x: hadamard(P, G) - _each_row(hadamard(P, G), P),
    value=_softmax, enclose=_softmax_balls, sign="softmax", source="Bridle, Neurocomputing (NATO ASI F68), 1990"))

LOG_SOFTMAX_ROWS = admit(Operation(
    "log_softmax_rows", {"X": (N, m)}, result=(N, m), pullback=lambda G, V, x: G - _each_row(G, SOFTMAX_ROWS(x)),
    value=_log_softmax, enclose=_log_softmax_balls, sign="logsoftmax", source="Goodfellow, Bengio and Courville, 6.2.2.3"))


def _centred(x: Any) -> Any:
    return x - x.sum(axis=-1, keepdims=True) / x.shape[-1]


def _spread(x: Any, e: Any) -> Any:
    c = _centred(x)
    return (c * c).sum(axis=-1, keepdims=True) / x.shape[-1] + e


def _less_mean(X: Term) -> Term:
    """X less the mean of each row."""
    return X - Quotient(1, Count(X.columns)) * (X @ Ones(X.columns, X.columns))


def _variance(X: Term, e: Term) -> Term:
    """The variance of each row plus ε, as a column."""
    C = _less_mean(X)
    return Quotient(1, Count(X.columns)) * (hadamard(C, C) @ Ones(X.columns)) + e * Ones(X.rows)


def _pull(G: Term, H: Term, X: Term, e: Term) -> tuple[Term, Term]:
    roots = ELEMENTWISE["reciprocal"](ELEMENTWISE["sqrt"](_variance(X, e)))
    along = hadamard(H, G) @ Ones(X.columns)
    inside = _less_mean(G) - Quotient(1, Count(X.columns)) * (diag(along) @ H)
    by_e = -Quotient(1, Number(2)) * (Ones(1, X.rows) @ hadamard(ELEMENTWISE["reciprocal"](_variance(X, e)), along))
    return diag(roots) @ inside, by_e


LAYER_NORM = admit(Operation(
    "layer_norm", {"X": (N, m), "e": 1}, result=(N, m), pullback=lambda G, H, X, e: _pull(G, H, X, e),
    where=lambda X, e: [Condition(m - 1), Less(Number(0), e)],
    value=lambda x, e: _centred(x) / np.sqrt(_spread(x, e)), enclose=lambda x, e: _centred(x) / sqrt(_spread(x, e)),
    draw=lambda rng, sizes: [[[rng.uniform(-2, 2) for _ in range(max(sizes["m"], 1))] for _ in range(sizes["N"])],
                             [[rng.uniform(0.5, 2)]]],
    sign="layernorm", source="Ba, Kiros and Hinton, arXiv:1607.06450"))
