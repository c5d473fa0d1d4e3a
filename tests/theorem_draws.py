"""Data for theorems whose hypotheses chance would hardly meet: by the theorem's name, a function that draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

import numpy as np

__all__ = ["DRAWS"]

Data = dict[str, Any]


def number(rng: Random) -> Fraction:
    """A fraction of any size between 1e-6 and 1e6."""
    return Fraction(rng.randint(-16, 16), 16) * Fraction(10) ** rng.randint(-6, 6)


def vector(rng: Random, size: int) -> Any:
    return np.array([number(rng) for _ in range(size)], dtype=object)


def orthonormal(rng: Random, size: int) -> Any:
    """The columns of a reflection I − 2 vvᵀ/⟨v, v⟩: rational and orthonormal."""
    v = np.array([Fraction(rng.randint(-4, 4)) for _ in range(size)], dtype=object)
    v[0] += 5
    eye = np.array([[Fraction(int(i == j)) for j in range(size)] for i in range(size)], dtype=object)
    return eye - np.outer(v, v) * (2 / v.dot(v))


def shear(rng: Random) -> Data:
    """A nilpotent N of rank one, N² = 0, and σ(t) = t, so that every slope is 1."""
    n = rng.choice((1, 2, 2, 3, 4, 5, 6))
    N = np.array([[Fraction(0)] * n for _ in range(n)], dtype=object)
    if n > 1:
        i, j = rng.sample(range(n), 2)
        N[i, j] = number(rng)
    return {"widths": {"n": [rng.choice((1, 2, 3)), n]}, "functions": {"sigma": [0, 1]},
            "arrays": {"recurrent.N": N}}


def stretching(rng: Random) -> Data:
    """W = λ I + a bᵀ with ⟨b, e⟩ = 0, and σ(t) = t: so W Σ' e = λ e at every step."""
    n = rng.choice((1, 2, 2, 3, 4, 5, 6))
    basis = orthonormal(rng, n)
    factor, a = number(rng), vector(rng, n)
    b = sum((number(rng) * column for column in basis.T[1:]), np.array([Fraction(0)] * n, dtype=object))
    W = np.array([[factor * (i == j) for j in range(n)] for i in range(n)], dtype=object) + np.outer(a, b)
    return {"widths": {"n": [rng.choice((1, 2, 3)), n]}, "functions": {"sigma": [0, 1]}, "arrays": {
        "recurrent.W": W, "recurrent.e": basis[:, 0] * number(rng), "recurrent.lambda": [factor]}}


def valley(rng: Random, most: int = 6) -> Data:
    """Two orthonormal directions e_1, e_2, and a point at which the coordinates along them are equal."""
    d = rng.randint(2, most)
    basis, m = orthonormal(rng, d), vector(rng, d)
    coordinates = vector(rng, d)
    coordinates[1] = coordinates[0]
    arrays = {"quadratic.e": {1: basis[:, 0], 2: basis[:, 1]}, "quadratic.m": m, "point": m + basis @ coordinates}
    return {"widths": {"d": [d]}, "arrays": arrays}


def eigen_direction(rng: Random, inside: bool | None = None) -> Data:
    """A = Aᵀ by its eigenvectors, u one of them; with `inside` a rate with 0 <= ηλ <= 2, or outside of that."""
    d = rng.choice((1, 1, 2, 2, 3, 4, 5, 6))
    basis = orthonormal(rng, d)
    values = [number(rng) or Fraction(1) for _ in range(d)]
    A = sum((value * np.outer(column, column) for value, column in zip(values, basis.T, strict=True)))
    data = {"quadratic.A": A, "u": basis[:, 0] * number(rng), "lambda": [values[0]]}
    if inside is not None:
        step = Fraction(rng.randint(0, 32), 16) if inside else rng.choice((-1, 3)) * Fraction(rng.randint(16, 48), 16)
        data["eta"] = [step / values[0]]
    return {"widths": {"d": [d]}, "arrays": data}


def same_start(rng: Random) -> Data:
    """Two runs of Adagrad from one start."""
    start = [number(rng)]
    return {"arrays": {"run.start": start, "other.start": start}}


def adagrad_directions(rng: Random) -> Data:
    """Two orthonormal directions in the plane."""
    basis = orthonormal(rng, 2)
    return {"arrays": {"adagrad.f": {1: basis[:, 0], 2: basis[:, 1]}}}


def unit_direction(rng: Random) -> Data:
    """A unit vector e, and a K that is large beside the curvature of the functions drawn."""
    d = rng.randint(1, 6)
    return {"widths": {"d": [d]}, "arrays": {"e": orthonormal(rng, d)[:, 0], "moved.K": [10 ** rng.randint(8, 12)]}}


DRAWS: Mapping[str, Callable[[Random], Data]] = {
    "shear": shear, "stretching": stretching,
    "w_1 after k steps": valley, "w_1² after 1000 steps": partial(valley, most=2), "w_2 after one step": valley,
    "equal coordinates": valley,
    "same path": same_start, "root of squares": adagrad_directions, "coordinate update": unit_direction,
    "law of the error": eigen_direction,
    "convergence": partial(eigen_direction, inside=True), "no convergence": partial(eigen_direction, inside=False),
}
