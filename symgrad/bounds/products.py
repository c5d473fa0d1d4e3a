"""The norm of a product of many matrices, certified, without forming it exactly and without overflow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from flint import arb
from numpy.typing import ArrayLike

from symgrad.bounds.enclosure import Enclosure
from symgrad.bounds.matrix_ball import ConstantMatrix, MatrixBall
from symgrad.bounds.norms import norm_kind, stack_norm_down
from symgrad.bounds.rounding import BoundError, exact_floats, power_of_two
from symgrad.errors import ShapeError

__all__ = ["norm_of_product"]


def norm_of_product(matrices: Sequence[ArrayLike], p: object = 2) -> Enclosure:
    """A certified enclosure of ||A_1 A_2 ... A_k||_p, p in 1, 2, inf, for matrices of any magnitude and any number.

    Each factor adds about n u prod ||A_i|| to the width, so a product that nearly cancels has a wide enclosure.
    Raises ShapeError when neighbours do not fit, BoundError for an empty product or entries that are not finite.

    >>> print(norm_of_product([[[1e-300]]] * 20))
    [9.999e-6001, 1.001e-6000]
    """
    kind = norm_kind(p)
    if kind == "fro":
        raise BoundError("the norm of a product is computed in an operator norm: 1, 2 or inf")
    arrays = [exact_floats(m, f"matrix {k}", 2) for k, m in enumerate(matrices, 1)]
    if not arrays:
        raise BoundError("the product has no factor; its value would be an identity of unknown size")
    for k, (a, b) in enumerate(pairwise(arrays), 1):
        if a.shape[1] != b.shape[0]:
            raise ShapeError(f"matrix {k} has shape {a.shape} and matrix {k + 1} {b.shape}: they do not multiply")
    ball = MatrixBall.constant(ConstantMatrix.of(arrays[-1], kind), 1)
    for a in reversed(arrays[:-1]):
        ball = ball.after(ConstantMatrix.of(a, kind))
    high, low = ball.norm_up()[0], stack_norm_down(ball.mid, kind)[0]
    exponent = int(ball.exponent[0])
    below = (power_of_two(low, exponent) - power_of_two(ball.spread[0], exponent)).lower()
    above = power_of_two(high, exponent) if np.isfinite(high) else arb.pos_inf()
    return Enclosure(below if below > 0 else arb(0), above)
