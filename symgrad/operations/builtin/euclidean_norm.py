"""‖X‖, the root of the sum of the squares of the entries, where X is not 0: its gradient is X/‖X‖."""

from random import Random
from typing import Any

import numpy as np

from ...kernel.statements import Less
from ...terms.algebra import Number
from ...terms.index import Dimension
from ...terms.scalars import Quotient, inner
from ..enclosures import sqrt
from ..record import Operation, admit

__all__ = ["EUCLIDEAN_NORM"]

m, n = Dimension("m"), Dimension("n")


def _squares(x: Any) -> Any:
    return (x * x).sum(axis=(-2, -1), keepdims=True)


def _draw(rng: Random, sizes: Any) -> list[Any]:
    return [[[rng.uniform(-2, 2) for _ in range(sizes["n"])] for _ in range(sizes["m"])]]


def _value(x: Any) -> Any:
    return np.sqrt(_squares(x))


EUCLIDEAN_NORM = admit(Operation(
    "euclidean_norm", {"X": (m, n)}, result=1, pullback=lambda G, V, x: Quotient(G, V) * x,
    where=lambda x: [Less(Number(0), inner(x, x))], draw=_draw, value=_value, enclose=lambda x: sqrt(_squares(x)),
    written="norm", source="Magnus and Neudecker, Matrix Differential Calculus, ch. 9"))
