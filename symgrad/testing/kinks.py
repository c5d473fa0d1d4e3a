"""At a kink several coordinates may bend together, as at a tie of a maximum; each alone may then be right and both wrong.

A generalised gradient (Clarke, Optimization and Nonsmooth Analysis, 1983) is a mean of gradients at points nearby. For
each pair of coordinates that bend, gradients are taken around the point in their plane; the pair given must lie
among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from .bignum import Array
from .witness import Witness

__all__ = ["no_subgradient", "values_around"]

Coordinate = tuple[int, tuple[int, ...]]                       # an argument's place, an entry

PAIRS = 8
DIRECTIONS = 256
AROUND = 24


def no_subgradient(witness: Witness, given: Mapping[int, Array], bent: list[Coordinate],
                   rng: np.random.Generator) -> tuple[Coordinate, Coordinate, str] | None:
    """Two coordinates that cannot stand together, and why; None where there are none."""
    if not witness.digits:
        return None
    for one, two in list(combinations(bent, 2))[:PAIRS]:
        pair = np.array([given[place][entry] for place, entry in (one, two)])
        found: list[tuple[float, float]] = []
        for around in _nearby(witness, one, two, rng):
            found += around
            if _among(pair, np.array(found)):
                break
        else:
            if len(found) >= 2 * DIRECTIONS:
                return one, two, (f"{_plain(pair)}: no mean of the gradients around this kink, such as "
                                  f"{' and '.join(dict.fromkeys(_plain(g) for g in found))[:120]}")
    return None


def values_around(witness: Witness, place: int, entry: tuple[int, ...], rng: np.random.Generator) -> tuple[float, float] | None:
    """The least and the greatest derivative by one coordinate at points around; None where they are alike."""
    unit = np.zeros(np.shape(witness.arguments[place]))
    unit[entry] = 1.0
    found: list[float] = []
    for _ in range(AROUND):
        try:
            slope = _moved(witness, rng).slope(place, unit)
        except Exception:
            continue
        found += [slope.low, slope.high]
    if not found or max(found) - min(found) <= 1e-4 * max(map(abs, found)):
        return None
    return min(found), max(found)


def _moved(witness: Witness, rng: np.random.Generator) -> Witness:
    """The same function at a point nearby."""
    arguments = list(witness.arguments)
    for i in witness.moving:
        a = np.asarray(arguments[i], dtype=float)
        arguments[i] = a + 2.0**-30 * max(1e-3, float(np.max(np.abs(a), initial=0.0))) * rng.standard_normal(a.shape)
    return Witness(witness.function, arguments, witness.moving, witness.cotangent, True)


def _plain(pair: Any) -> str:
    return f"({', '.join(f'{float(v):.6g}' for v in pair)})"


def _nearby(witness: Witness, one: Coordinate, two: Coordinate,
            rng: np.random.Generator) -> Iterator[list[tuple[float, float]]]:
    """Gradients by two coordinates at points around."""
    units = []
    for place, entry in (one, two):
        unit = np.zeros(np.shape(witness.arguments[place]))
        unit[entry] = 1.0
        units.append(unit)
    for _ in range(DIRECTIONS):
        try:
            near = _moved(witness, rng)
            a, b = (near.slope(place, unit) for (place, _), unit in zip((one, two), units, strict=True))
        except Exception:
            continue
        yield [(a.low, b.low), (a.low, b.high), (a.high, b.low), (a.high, b.high)]


def _among(pair: Array, found: Array) -> bool:
    """Is the pair a mean of the others, up to rounding? In the plane: no line separates it."""
    size = float(np.max(np.abs(found), initial=0.0)) + float(np.max(np.abs(pair)))
    if not size:
        return True
    angles = np.pi * np.arange(64) / 32                     # with the axes and diagonals among them
    along = np.array([np.cos(angles), np.sin(angles)])
    return bool(np.all(pair @ along <= np.max(found @ along, axis=0) + 1e-6 * size))
