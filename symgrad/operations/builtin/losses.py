"""Half squared errors: ½‖a − y‖² of one example, and its sum and mean over the N examples that are the columns of A."""

from typing import Any

from sympy import Rational

from ...terms.algebra import Count
from ...terms.index import Dimension
from ...terms.scalars import FROBENIUS, Quotient, norm
from ..record import Operation, admit

__all__ = ["HALF_SQUARED_ERROR", "MEAN_HALF_SQUARED_ERROR", "SUM_HALF_SQUARED_ERROR"]

m, N = Dimension("m"), Dimension("N")
HALF = Rational(1, 2)
SOURCE = "Nielsen, Neural Networks and Deep Learning, ch. 1"


def _half_square(a: Any, y: Any) -> Any:
    return ((a - y) * (a - y)).sum(axis=(-2, -1), keepdims=True) / 2


HALF_SQUARED_ERROR = admit(Operation(
    "half_squared_error", {"a": m, "y": m},
    formula=lambda a, y: HALF * norm(a - y) ** 2,
    value=_half_square, sign="C", source=SOURCE))

SUM_HALF_SQUARED_ERROR = admit(Operation(
    "sum_half_squared_error", {"a": (m, N), "y": (m, N)},
    formula=lambda a, y: HALF * norm(a - y, FROBENIUS) ** 2,
    value=_half_square, sign="C", source=SOURCE))

MEAN_HALF_SQUARED_ERROR = admit(Operation(
    "mean_half_squared_error", {"a": (m, N), "y": (m, N)},
    formula=lambda a, y: Quotient(1, Count(N)) * (HALF * norm(a - y, FROBENIUS) ** 2),
    value=lambda a, y: _half_square(a, y) / a.shape[-1], sign="C", source=SOURCE))
