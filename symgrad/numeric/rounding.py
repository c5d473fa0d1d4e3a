"""When is an update lost to rounding? w − u, rounded to nearest even, is w again: exactly, in four formats.

With h half the gap from w to its neighbour in the direction of −u: w is unchanged just when |u| < h, or |u| = h and the
last bit of w's significand is 0. The gap below a power of two is half the gap above it, but not at the smallest normal
number, where the gaps stay as they are down to 0.  IEEE 754-2019, 4.3.1; Higham, "Accuracy and Stability of
Numerical Algorithms", ch. 2. So what counts is the update against the weight: machine epsilon is the gap at 1 alone.

`check_binary16` compares the condition with the rounding itself at every nonnegative number of binary16.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import SymgradError, nearest

__all__ = ["FORMATS", "Absorption", "Format", "absorbed", "absorption", "check_binary16", "gap", "to_format"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Format:
    """A binary format: bits of the significand (with the leading one), exponents of normal numbers."""

    name: str
    precision: int
    lowest: int
    highest: int


FORMATS = {f.name: f for f in (Format("float16", 11, -14, 15), Format("bfloat16", 8, -126, 127),
                               Format("float32", 24, -126, 127), Format("float64", 53, -1022, 1023))}


def _format(name: str | Format) -> Format:
    if isinstance(name, Format):
        return name
    if name not in FORMATS:
        raise SymgradError(f"unknown format {name!r}; {nearest(str(name), FORMATS)}")
    return FORMATS[name]


def _exponent(w: Floats, form: Format) -> NDArray[np.int64]:
    """The exponent of the binade; that of the smallest normal number for subnormal numbers and 0."""
    return np.where(w == 0, form.lowest, np.maximum(np.frexp(w)[1].astype(np.int64) - 1, form.lowest))


def to_format(values: ArrayLike, name: str | Format) -> Floats:
    """The nearest numbers of a format (ties to even), as float64. Infinite where they are too large."""
    form, x = _format(name), np.asarray(values, dtype=np.float64)
    if form.precision == 53:
        return x
    ulp = _exponent(x, form) - form.precision + 1
    rounded = np.ldexp(np.rint(np.ldexp(x, -ulp)), ulp)
    return np.where(np.abs(rounded) >= 2.0 ** (form.highest + 1), np.copysign(np.inf, x), rounded)


def gap(w: ArrayLike, direction: ArrayLike, name: str | Format = "float64") -> Floats:
    """The distance from w to its neighbour above (direction > 0) or below (< 0) in the format; exact.

    >>> float(gap(1.0, 1, "float32")) == 2.0**-23, float(gap(1.0, -1, "float32")) == 2.0**-24
    (True, True)
    """
    form, w = _format(name), np.asarray(w, dtype=np.float64)
    if not np.all(np.isfinite(w)):
        raise SymgradError("a weight is not finite: it has no neighbours")
    exponent = _exponent(w, form)
    inwards = np.asarray(direction) * np.sign(w) < 0
    power = (np.abs(np.frexp(w)[0]) == 0.5) & (exponent > form.lowest)
    return np.asarray(np.ldexp(1.0, exponent - form.precision + 1 - (inwards & power)), dtype=np.float64)


def absorbed(w: ArrayLike, update: ArrayLike, name: str | Format = "float64") -> NDArray[np.bool_]:
    """Is w − u = w in the format, rounding to nearest even? Entry by entry; w in the format, u any float64.

    Raises SymgradError where a weight is no number of the format (round it by `to_format` first) or not finite.

    >>> bool(absorbed(1e-10, 1e-20)), bool(absorbed(1e17, 1.0))
    (False, True)
    """
    form = _format(name)
    w, u = np.asarray(w, dtype=np.float64), np.asarray(update, dtype=np.float64)
    if np.any(np.isnan(u)):
        raise SymgradError("an update is NaN")
    size = gap(w, -np.sign(u), form)
    if not np.array_equal(to_format(w, form), w):
        raise SymgradError(f"a weight is no number of {form.name}: round the weights by to_format first")
    even = np.fmod(np.abs(np.ldexp(w, form.precision - 1 - _exponent(w, form))), 2.0) == 0
    double = np.abs(u) * 2                                       # never half the gap, which may underflow
    return np.asarray((double < size) | ((double == size) & even), dtype=np.bool_)


@dataclass(frozen=True)
class Absorption:
    """For each layer, the share of its weights that an update leaves unchanged, in each format."""

    layers: tuple[str, ...]
    shares: Mapping[str, tuple[float, ...]]

    def depth(self, name: str) -> int | None:
        """How far from the last layer (0) the nearest layer is that loses every update; None when none does."""
        if name not in self.shares:
            raise SymgradError(f"unknown format {name!r}; {nearest(str(name), self.shares)}")
        lost = [k for k, share in enumerate(reversed(self.shares[name])) if share == 1.0]
        return min(lost) if lost else None


def absorption(weights: Mapping[str, ArrayLike], gradients: Mapping[str, ArrayLike], rate: float,
               formats: Sequence[str] = tuple(FORMATS)) -> Absorption:
    """Which updates w − η ∂C/∂w are lost, layer by layer in the order of `weights`, in each format.

    Weights and updates are rounded to the format first, as a computation in it would do.
    Raises SymgradError when a layer has no gradient, or one of another shape.
    """
    shares: dict[str, list[float]] = {name: [] for name in formats}
    for layer, w in weights.items():
        if layer not in gradients:
            raise SymgradError(f"no gradient for {layer}; {nearest(layer, gradients)}")
        one, two = np.asarray(w, dtype=np.float64), np.asarray(gradients[layer], dtype=np.float64)
        if one.shape != two.shape:
            raise SymgradError(f"{layer} has the shape {one.shape}, its gradient {two.shape}")
        for name in formats:
            lost = absorbed(to_format(one, name), to_format(rate * two, name), name)
            shares[name].append(float(np.mean(lost)))
    return Absorption(tuple(weights), {name: tuple(found) for name, found in shares.items()})


def check_binary16() -> tuple[int, int]:
    """At every nonnegative binary16 number: updates just below, at and just above half a gap, both ways, lead to the
    number itself where `absorbed` says so and to its neighbour elsewhere.

    Returns (checks, violations). Each difference w − u is exact in float64, and rounded to binary16 by NumPy.
    """
    w = np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(np.float64)
    checks = violations = 0
    for direction in (-1, 1):
        half = gap(w, direction, "float16") / 2
        for factor in (1 - 2.0**-20, 1.0, 1 + 2.0**-20):
            u = -direction * half * factor
            inside = (w > 0) | (direction > 0)
            with np.errstate(over="ignore"):
                rounded = (w - u).astype(np.float16).astype(np.float64)
            expected = np.where(absorbed(w, u, "float16"), w, to_format(w + 2 * direction * half, "float16"))
            checks += int(np.sum(inside))
            violations += int(np.sum((rounded != expected) & inside))
    return checks, violations

