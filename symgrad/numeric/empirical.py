"""The empirical error of a network over a finite sequence of examples, and its gradients, in NumPy.

    F(w) = Σ_{(x,y) ∈ D} ½‖φ_w(x) − y‖²    or its mean

D is a sequence of pairs: a set would drop examples that occur twice, and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import SymgradError, nearest
from .compile import compile_network

__all__ = ["EmpiricalError", "empirical_error"]


@dataclass(frozen=True)
class EmpiricalError:
    """F(w), its gradients by name ("w1", "b1", …), each of the shape of its parameter, and the number of examples."""

    value: float
    gradients: Mapping[str, NDArray[Any]]
    examples: int


def empirical_error(net: Any, parameters: Mapping[str, ArrayLike], examples: Sequence[tuple[ArrayLike, ArrayLike]],
                    *, reduction: str = "sum") -> EmpiricalError:
    """The error of `net` over the examples (x, y), x of shape (n_0,) and y of (n_L,), with every gradient.

    reduction: "sum" or "mean". Raises SymgradError for a set, for no example, and for shapes that do not fit.
    """
    if reduction not in ("sum", "mean"):
        raise SymgradError(f"reduction is {reduction!r}; {nearest(str(reduction), ('mean', 'sum'))}")
    if isinstance(examples, (Set, Mapping)):
        raise SymgradError("the examples are a sequence of pairs (x, y): a set would count a repeated example once")
    pairs = list(examples)
    if not pairs:
        raise SymgradError("the empirical error needs at least one example (x, y)")
    x, y = (np.asarray([np.asarray(pair[side], dtype=float) for pair in pairs]) for side in (0, 1))
    found = compile_network(net, loss=reduction)(parameters, x, y)
    return EmpiricalError(float(found.loss), dict(found.gradients), len(pairs))
