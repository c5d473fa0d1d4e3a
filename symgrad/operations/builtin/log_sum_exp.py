"""lse(x) = log Σ_j e^{x_j}, for vectors with at least one entry. Its gradient is softmax(x)."""

from typing import Any

import numpy as np

from ...kernel.statements import Condition
from ...terms.index import Dimension
from ..enclosures import exp, largest, log
from ..record import Operation, admit
from .softmax import SOFTMAX

__all__ = ["LOG_SUM_EXP", "value_of_lse"]

m = Dimension("m")


def value_of_lse(x: Any) -> Any:
    """lse along the rows: (…, m, 1) to (…, 1, 1)."""
    top = np.max(np.real(x), axis=-2, keepdims=True, initial=-np.inf)
    with np.errstate(divide="ignore"):
        return top + np.log(np.exp(x - top).sum(axis=-2, keepdims=True))


def _enclose(x: Any) -> Any:
    top = largest(x)
    return log(exp(x - top).sum(axis=-2, keepdims=True)) + top


LOG_SUM_EXP = admit(Operation(
    "log_sum_exp", {"x": m}, result=1,
    pullback=lambda G, value, x: G * SOFTMAX(x),
    where=lambda x: [Condition(m - 1)],
    value=value_of_lse, enclose=_enclose, sign="lse", source="Boyd and Vandenberghe, Convex Optimization, 3.1.5"))
