"""The states of a batch in float64: midpoints and radii of z^l, a^l, s'(z^l), d^l, for all examples at once.

Midpoint-radius arithmetic with rounding to nearest (Rump, Acta Numerica 19, 2010, section 10): an inner product of n
terms is off by at most gamma_n times the inner product of the absolute values, plus n units of underflow, in any order
of summation (see `rounding`). Radii of entries grow like the product of the || |w| ||, so the 2-norm of each error is
carried too, which grows like the product of the ||w||. Activations are bounded by the certified tables of
`symgrad.balls.table`. A deep chaotic network loses its digits all the same; each example says itself whether it kept
them, and the others are left to balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from symgrad.bounds.layers import Layer
from symgrad.bounds.rounding import TINY, UNIT, Floats, down, gamma, scaled, up
from symgrad.bounds.spectral import spectral_up
from symgrad.errors import SymgradError

__all__ = ["FastStates", "fast_states"]

FEWEST = 8                              # examples from which tables pay
SHARP = 1e-7                            # ||error|| / ||d^l|| that is good enough: seven digits, where a table shows three


def _length(v: Floats) -> Floats:
    """Upper bounds of the 2-norms of the rows of an array of numbers >= 0."""
    size = up(np.sqrt(up(np.square(v).sum(axis=1) * (1 + 2 * (v.shape[1] + 2) * UNIT))))
    return np.asarray(np.where(v.any(axis=1), size + v.shape[1] * TINY, 0.0))


@dataclass(frozen=True)
class _Known:
    """For each example a vector within `rad` of `mid` entry by entry, and within `ball` of it in the 2-norm."""

    mid: Floats
    rad: Floats
    ball: Floats

    @classmethod
    def of(cls, mid: Floats, rad: Floats, ball: Floats) -> _Known:
        """Each of the two bounds sharpens the other."""
        return cls(mid, np.minimum(rad, ball[:, None]), np.minimum(ball, _length(rad)))

    @classmethod
    def between(cls, low: Floats, high: Floats) -> _Known:
        mid = low + (high - low) / 2
        rad = np.where(low == high, 0.0, up(np.maximum(high - mid, mid - low)))
        return cls(mid, rad, _length(rad))

    @property
    def reach(self) -> Floats:
        return np.asarray(up(np.abs(self.mid) + self.rad))

    def times(self, w: Floats, size: float) -> _Known:
        """x @ w for an exact w with ||w||_2 <= size."""
        n = w.shape[0]
        sizes, slack = np.abs(w), 1 + 2 * gamma(n + 1)
        carried = up(self.rad @ sizes * slack)
        fresh = up(up(gamma(n + 2) * (np.abs(self.mid) @ sizes)) * slack)
        fresh = np.where(self.mid.any(axis=1, keepdims=True) | (carried > 0), up(fresh + 2 * n * TINY), 0.0)
        return _Known.of(self.mid @ w, up(carried + fresh), up(up(size * self.ball) + _length(fresh)))

    def plus(self, b: Floats) -> _Known:
        mid = self.mid + b
        fresh = up(UNIT * np.abs(mid))
        return _Known.of(mid, up(self.rad + fresh), up(self.ball + _length(fresh)))

    def scaled(self, factor: _Known) -> _Known:
        """The products with a factor for each entry."""
        mid = self.mid * factor.mid
        fresh = up(up(np.abs(self.mid) * factor.rad) + up(UNIT * np.abs(mid)))
        fresh = np.where((self.mid == 0) | (factor.reach == 0), 0.0, up(fresh + 2 * TINY))
        rad = np.where(self.rad > 0, up(up(self.rad * factor.reach) + TINY), 0.0)
        return _Known.of(mid, up(rad + fresh), up(up(self.ball * factor.reach.max(axis=1)) + _length(fresh)))

    def columns(self, chosen: NDArray[np.bool_]) -> list[list[arb]]:
        return [[arb(m, r) if r else arb(m) for m, r in zip(mids, rads, strict=True)]
                for mids, rads in zip(self.mid[chosen].tolist(), self.rad[chosen].tolist(), strict=True)]


@dataclass(frozen=True)
class FastStates:
    """Lists over layers, `a` from the input a^0 on; `good`: the examples whose every ||d^l|| is known well."""

    a: list[_Known]
    z: list[_Known]
    slope: list[_Known]
    delta: list[_Known]
    residual: _Known
    good: NDArray[np.bool_]


def fast_states(layers: Sequence[Layer], inputs: list[list[arb]], targets: Floats | None) -> FastStates | None:
    """None where float64 does not serve: few examples, inputs that are no floats, activations without tables."""
    if len(inputs) < FEWEST or any(not v.is_exact() for row in inputs for v in row):
        return None
    if not all(hasattr(layer.activation, "enclose_array") for layer in layers):
        return None
    x = np.array([[float(v) for v in row] for row in inputs])
    try:
        with np.errstate(all="ignore"):
            return _sweep(layers, _Known(x, np.zeros_like(x), np.zeros(len(x))), targets)
    except SymgradError:                                # an end outside the domain, or beyond the floats
        return None


def _sweep(layers: Sequence[Layer], x: _Known, targets: Floats | None) -> FastStates | None:
    a, z, slope = [x], [], []
    sizes = [_norm_up(layer.w) for layer in layers]
    for layer, size in zip(layers, sizes, strict=True):
        before = a[-1].times(np.ascontiguousarray(layer.w.T), size)
        before = before if layer.b is None else before.plus(layer.b)
        if not np.isfinite(before.reach).all():
            return None
        z.append(before)
        value, steepness = _activated(layer.activation, before)
        a.append(value)
        slope.append(steepness)
    residual = _Known(np.ones_like(a[-1].mid), np.zeros_like(a[-1].mid), np.zeros(len(a[-1].mid))) if targets is None \
        else a[-1].plus(-targets)
    delta = [residual.scaled(slope[-1])]
    for l in range(len(layers) - 1, 0, -1):
        delta.append(delta[-1].times(layers[l].w, sizes[l]).scaled(slope[l - 1]))
    good = np.ones(len(x.mid), dtype=bool)
    for d in delta:
        length = np.sqrt(np.square(d.mid).sum(axis=1))
        good &= np.isfinite(length) & (length > 1e-280) & (np.minimum(d.ball, _length(d.rad)) <= SHARP * length)
    return FastStates(a, z, slope, delta[::-1], residual, good)


def _norm_up(w: Floats) -> float:
    mantissa, exponent = scaled(w[None], 2)
    return float(up(np.ldexp(up(spectral_up(mantissa)[0] + w.size * TINY), int(exponent[0]))))


def _activated(record: Any, z: _Known) -> tuple[_Known, _Known]:
    """s(z) and s'(z): s at the midpoint, and |s(z) - s(mid)| <= max |s'| |z - mid| where s has no jump."""
    exact = z.rad == 0
    low, high = (np.where(exact, z.mid, end) for end in (down(z.mid - z.rad), up(z.mid + z.rad)))
    slope = _Known.between(*record.enclose_array(low, high, 1))
    if record.jumps:
        return _Known.between(*record.enclose_array(low, high, 0)), slope
    here = _Known.between(*record.enclose_array(z.mid, z.mid, 0))
    top = slope.reach
    rad = np.where(exact, here.rad, up(up(up(top * z.rad) + TINY) + here.rad))
    return _Known.of(here.mid, rad, up(up(up(top.max(axis=1) * z.ball) + TINY) + here.ball)), slope
