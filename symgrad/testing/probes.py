"""Where a backward function is tried: the arguments given, and others like them where mistakes hide.

Large and small numbers, one sign only, zeros, equal entries, whole numbers, one entry far out, and other sizes of the
same arrays. Only arguments that are differentiated are changed; arguments that are positive stay positive in most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np

from .bignum import Array

__all__ = ["Point", "other_sizes", "points"]

MANY = 100                                                  # entries: each draw tries many numbers at once

Change = Callable[[Array, np.random.Generator], Array]


class Point(NamedTuple):
    """Arguments to try. `far`: so large or small that a backward function may overflow where the function does not; `edge`:
    outside of what was given (0 or less for positive numbers), where it may have no value."""

    name: str
    arguments: list[Any]
    given: bool = False
    far: bool = False
    edge: bool = False


def _size(a: Array) -> float:
    return float(np.sqrt(np.mean(np.square(a)))) if a.size and np.all(np.abs(a) < 1e150) else 1.0


def _drawn(a: Array, rng: np.random.Generator) -> Array:
    found = rng.standard_normal(a.shape) * (_size(a) or 1.0)
    return np.asarray(np.abs(found) if np.all(a > 0) else -np.abs(found) if np.all(a < 0) else found)


def _one_at(value: Callable[[Array, np.random.Generator], float]) -> Change:
    def change(a: Array, rng: np.random.Generator) -> Array:
        a = _drawn(a, rng)
        if a.size:
            a.flat[rng.integers(a.size)] = value(a, rng)
        return a
    return change


def _tied(a: Array, rng: np.random.Generator) -> Array:
    """Two entries equal, along one axis where there is one, and the largest of their row."""
    a = _drawn(a, rng)
    if a.ndim and a.shape[-1] > 1:
        row = a.reshape(-1, a.shape[-1])[rng.integers(a.size // a.shape[-1])]
        i, j = rng.choice(len(row), 2, replace=False)
        row[i] = row[j] = np.max(row)
    return a


def _tied_down(a: Array, rng: np.random.Generator) -> Array:
    return np.swapaxes(_tied(np.ascontiguousarray(np.swapaxes(a, 0, -1)), rng), 0, -1) if a.ndim > 1 else _tied(a, rng)


def _all_equal(a: Array, rng: np.random.Generator) -> Array:
    return np.full(a.shape, _drawn(a.reshape(-1)[:1], rng)[0]) if a.size else a


def _magnitudes(low: float, high: float) -> Change:
    def change(a: Array, rng: np.random.Generator) -> Array:
        sign = np.sign(_drawn(a, rng))
        return np.asarray(sign * 10.0 ** rng.uniform(low, high, a.shape))
    return change


def _uniform(width: float) -> Change:
    def change(a: Array, rng: np.random.Generator) -> Array:
        low = 0.0 if np.all(a > 0) else -width
        return np.asarray(rng.uniform(low, width, a.shape))
    return change


#: (name, change, is every differentiated argument changed at once?, how often)
_CHANGES: tuple[tuple[str, Change, bool, int], ...] = (
    ("other numbers", _drawn, True, 2),
    ("positive numbers", lambda a, rng: np.abs(_drawn(a, rng)), True, 1),
    ("negative numbers", lambda a, rng: -np.abs(_drawn(a, rng)), True, 1),
    ("negated", lambda a, rng: -a, True, 1),
    ("numbers up to 10", _uniform(10), True, 1),
    ("numbers up to 100", _uniform(100), True, 2),
    ("whole numbers", lambda a, rng: np.rint(_uniform(3)(a, rng)), True, 2),
    ("one entry zero", _one_at(lambda a, rng: 0.0), False, 2),
    ("two entries equal", _tied, False, 2),
    ("two entries of a column equal", _tied_down, False, 1),
    ("all entries equal", _all_equal, False, 1),
    ("all zero", lambda a, rng: np.zeros(a.shape), False, 1),
    ("one entry large", _one_at(lambda a, rng: 20.0 * (_size(a) or 1.0)), False, 1),
    ("one entry large and negative", _one_at(lambda a, rng: -20.0 * (_size(a) or 1.0)), False, 1),
    ("one entry 50", _one_at(lambda a, rng: 50.0), False, 1),
    ("one entry -50", _one_at(lambda a, rng: -50.0), False, 1),
    ("one entry 1000", _one_at(lambda a, rng: 1e3), False, 1),
    ("one entry -1000", _one_at(lambda a, rng: -1e3), False, 1),
    ("small numbers", lambda a, rng: a * 1e-3, True, 1),
    ("very small numbers", lambda a, rng: _drawn(a, rng) * 1e-6, True, 1),
    ("large numbers", lambda a, rng: _drawn(a, rng) * 30, True, 1),
    ("very large numbers", lambda a, rng: _drawn(a, rng) * 1e3, True, 1),
    ("small numbers of all sizes", _magnitudes(-6, 0), True, 2),
    ("large numbers of all sizes", _magnitudes(0, 4), True, 2),
)
_FAR: tuple[tuple[str, Change, bool, int], ...] = (
    ("numbers near 1e-12", _magnitudes(-13, -11), True, 1),
    ("numbers near 1e-100", _magnitudes(-101, -99), True, 1),
    ("numbers near 1e7", _magnitudes(5, 9), True, 1),
    ("numbers near 1e12", _magnitudes(11, 13), True, 1),
    ("numbers near 1e100", _magnitudes(99, 101), True, 1),
)


def points(arguments: Sequence[Any], moving: Sequence[int], rng: np.random.Generator) -> Iterator[Point]:
    """The arguments given, then changed ones."""
    yield Point("", list(arguments), given=True)
    yield from _meeting(arguments, moving, rng)
    yield from _sweep(arguments, moving, rng)
    many = sum(np.size(arguments[i]) for i in moving) > MANY
    for changes, far in ((_CHANGES, False), (_FAR, True)):
        for name, change, together, count in changes:
            targets: list[tuple[int, ...]] = [tuple(moving)] if together else [(i,) for i in moving]
            for _, places in product(range(1 if many else count), targets):
                changed, edge = list(arguments), False
                for i in places:
                    old = np.asarray(arguments[i], dtype=float)
                    if old.size:
                        changed[i] = np.asarray(change(old, rng), dtype=float)
                        edge = edge or bool((np.all(old > 0) and np.any(changed[i] <= 0))
                                            or (np.all(old < 0) and np.any(changed[i] >= 0)))
                yield Point(name, changed, far=far, edge=edge)


def _sweep(arguments: Sequence[Any], moving: Sequence[int], rng: np.random.Generator) -> Iterator[Point]:
    """Every differentiated array takes numbers from each quarter between -6 and 6, so that no branch there is missed."""
    smallest = min((np.size(arguments[i]) for i in moving if np.size(arguments[i])), default=0)
    if not smallest:
        return
    halves = np.arange(-6, 7) / 2
    for k in range(min(7, -(-13 // smallest))):
        changed = list(arguments)
        for i in moving:
            old = np.asarray(arguments[i], dtype=float)
            grid = halves[halves > 0] if np.all(old > 0) else halves[halves < 0] if np.all(old < 0) else halves
            changed[i] = rng.permutation(np.resize(np.roll(grid, -k * old.size), old.size)).reshape(old.shape)
        yield Point("halves", changed)
    times = min(24, -(-48 // smallest))
    decks = {i: rng.permutation(times * np.size(arguments[i])).reshape(times, -1) for i in moving}
    for k in range(times):
        changed = list(arguments)
        for i in moving:
            old = np.asarray(arguments[i], dtype=float)
            place = (decks[i][k] + rng.random(old.size)) / decks[i].size
            low, high = (0.0, 6.0) if np.all(old > 0) else (-6.0, 0.0) if np.all(old < 0) else (-6.0, 6.0)
            changed[i] = (low + (high - low) * place).reshape(old.shape)
        yield Point("numbers up to 6", changed)


def _meeting(arguments: Sequence[Any], moving: Sequence[int], rng: np.random.Generator) -> Iterator[Point]:
    """Two arguments that agree in half of their entries: where a function takes the larger of them."""
    for one, two in combinations(moving, 2):
        a, b = (np.array(arguments[i], dtype=float) for i in (one, two))
        try:
            wide, narrow = np.broadcast_arrays(a, b) if a.size >= b.size else np.broadcast_arrays(b, a)
        except ValueError:
            continue
        place = one if a.size >= b.size else two
        if wide.shape != np.shape(arguments[place]):
            continue
        changed = list(arguments)
        changed[place] = np.where(rng.random(wide.shape) < 0.5, narrow, wide)
        yield Point("arguments that agree in half of their entries", changed)


def other_sizes(arguments: Sequence[Any], rng: np.random.Generator) -> Iterator[list[Any]]:
    """The same arrays with other numbers of rows and columns: which of them must stay alike only the function knows.

    Axes of one length are first taken for different sizes, then for the same; every new length is at least 2, so that
    nothing is stretched that was not before.
    """
    single = [i for i, a in enumerate(arguments) if isinstance(a, np.ndarray) and a.ndim > 1 and a.shape[0] == 1]
    if single:                                              # a batch of one becomes one of four
        yield [_resized(a, [4, *a.shape[1:]], rng) if i in single else a for i, a in enumerate(arguments)]
    axes = [(i, k) for i, a in enumerate(arguments) if isinstance(a, np.ndarray) for k in range(a.ndim)
            if a.shape[k] > 1]
    if not axes or len(axes) > 6:
        return
    for classes in sorted(_partitions(axes, lambda one, two: _length(arguments, one) == _length(arguments, two)),
                          key=len, reverse=True)[:60]:
        lengths = rng.permutation(np.array([2, 3, 5, 4, 7, 6]))
        size = {axis: int(lengths[k]) for k, axis_class in enumerate(classes) for axis in axis_class}
        yield [_resized(a, [size.get((i, k), n) for k, n in enumerate(a.shape)], rng) if isinstance(a, np.ndarray) else a
               for i, a in enumerate(arguments)]


def _length(arguments: Sequence[Any], axis: tuple[int, int]) -> int:
    return int(arguments[axis[0]].shape[axis[1]])


def _partitions(items: list[Any], together: Callable[[Any, Any], bool]) -> Iterator[list[list[Any]]]:
    if not items:
        yield []
        return
    first, *rest = items
    for smaller in _partitions(rest, together):
        yield [[first], *smaller]
        for k, part in enumerate(smaller):
            if together(first, part[0]):
                yield [*smaller[:k], [first, *part], *smaller[k + 1:]]


def _resized(a: Array, shape: list[int], rng: np.random.Generator) -> Array:
    if a.dtype.kind != "f":
        return np.resize(a, shape)
    drawn = rng.standard_normal(shape) * (_size(a) or 1.0)
    return np.asarray(np.abs(drawn) if np.all(a > 0) else drawn)
