"""softmax(x)_i = e^{x_i} / Σ_j e^{x_j}. Its Jacobian diag(p) − p pᵀ is symmetric: the pullback is p ⊙ G − ⟨p, G⟩ p."""

from typing import Any

import numpy as np

from ...terms.algebra import hadamard
from ...terms.index import Dimension
from ...terms.scalars import inner
from ..enclosures import exp, largest
from ..record import Operation, admit

__all__ = ["SOFTMAX"]

m = Dimension("m")


def _value(x: Any) -> Any:
    e = np.exp(x - np.max(np.real(x), axis=-2, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=-2, keepdims=True)


def _enclose(x: Any) -> Any:
    e = exp(x - largest(x))                                     # the same for every shift
    return e / e.sum(axis=-2, keepdims=True)


SOFTMAX = admit(Operation(
    "softmax", {"x": m}, result=m,
    pullback=lambda G, p, x: hadamard(p, G) - inner(p, G) * p,
    value=_value, enclose=_enclose, source="Bridle, Neurocomputing (NATO ASI F68), 1990"))
