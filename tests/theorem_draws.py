"""Data for theorems whose hypotheses chance would hardly meet: by the theorem's name, a function that draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np

from descent_draws import DESCENT_DRAWS

__all__ = ["DRAWS"]


def shear(rng: Random) -> dict[str, Any]:
    """A nilpotent N of rank one, N² = 0, and σ(t) = t, so that every slope is 1."""
    n = rng.choice((1, 2, 2, 3, 4, 5, 6))
    N = np.array([[Fraction(0)] * n for _ in range(n)], dtype=object)
    if n > 1:
        i, j = rng.sample(range(n), 2)
        N[i, j] = Fraction(rng.randint(-9, 9)) * Fraction(10) ** rng.randint(-6, 6)
    return {"widths": {"n": [rng.choice((1, 2, 3)), n]}, "functions": {"sigma": [0, 1]},
            "arrays": {"recurrent.N": N}}


def doubling(rng: Random) -> dict[str, Any]:
    """The chain of sigmoids with w = 8, b = −4, x = ½, of any depth."""
    depth = rng.randint(1, 6)
    layers = range(depth + 1)
    return {"integers": {"L": depth, "i": rng.randint(0, depth)}, "functions": {"sigma": "sigmoid"},
            "arrays": {"chain_x_b_c.w": {r: [8] for r in layers}, "chain_x_b_c.b": {r: [-4] for r in layers},
                       "chain_x_b_c.x": [Fraction(1, 2)]}}


DRAWS: Mapping[str, Callable[[Random], dict[str, Any]]] = {"shear": shear, "the errors double": doubling, **DESCENT_DRAWS}
