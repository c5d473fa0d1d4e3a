"""The refuter of activations: do value, slope, enclosures, γ and smoothness of a record tell of one function?

The value must lie in its enclosure and the slope in its own, a complex step of the value must give the slope, no
sampled slope may exceed γ = sup |σ'|, an enclosure of an interval must hold those of its points, and where the record
says smooth the slopes from both sides must come together.
"""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
from flint import arb, ctx

from ..balls.numbers import number_ball
from ..errors import SymgradError
from ..operations.activation import Activation
from .refuter import TINY, Refutation, agrees

__all__ = ["refute_activation"]

EDGES = (0.0, 1e-300, -1e-300, 1e300, -1e300, 1.0, -1.0, 38.0, -38.0, 750.0, -750.0, 3.0, -3.0)


def refute_activation(one: Activation, seed: int = 0, budget: float = 2.0) -> Refutation | None:
    """The first check that the record fails, or None; `budget` is the time in seconds that γ may take."""
    rng = Random(seed)
    points = [*EDGES, *(rng.gauss(0, 3) for _ in range(24))]
    breaks = [float(b) for b in one.pieces.breaks]
    points += [b + d for b in breaks for d in (-1e-6, 1e-6)]
    z = np.array(points)

    def fails(check: str, at: float, detail: str) -> Refutation:
        return Refutation(one.name, check, f"at {at!r}: {detail}", seed)

    with np.errstate(all="ignore"):
        values, slopes = one.value(z), one.slope(z)
        if values.shape != z.shape or slopes.shape != z.shape:
            return Refutation(
                one.name, "shape", f"value {values.shape}, slope {slopes.shape} for arguments {z.shape}", seed
            )
        steps = one.value(z + 1e-20j).imag / 1e-20
    for at, v, s, step in zip(points, values.tolist(), slopes.tolist(), steps.tolist(), strict=True):
        for check, given, enclose in (("value", v, one.enclose), ("slope", s, one.enclose_slope)):
            ball = _ball(enclose, arb(at))
            if ball is not None and at not in breaks and not agrees(given, ball, False):
                return fails(f"{check} against its enclosure", at, f"{given}, the enclosure is {ball}")
            wide = _ball(enclose, arb(at, 0.25)) if abs(at) < 50 else None
            for inside in (at, at - 0.2, at + 0.2):
                there = _ball(enclose, arb(inside))
                if wide is not None and there is not None and not wide.overlaps(there):
                    return fails(
                        f"enclosure of the {check}",
                        at,
                        f"on a ball of radius 1/4 it is {wide}, inside it at {inside!r} {there}",
                    )
        if np.isfinite(s) and abs(s) > TINY and at not in breaks and np.isfinite(step) and abs(at) < 1e100 \
                and abs(step - s) > 1e-7 * abs(s):
            return fails("slope against a complex step", at, f"{s}, the complex step gives {step}")
    return _supremum(one, z, slopes, seed, budget) or _smooth(one, points, seed)


def _ball(enclose: Any, x: arb) -> arb | None:
    """An enclosure, or None where the function has none."""
    try:
        found = enclose(x)
    except SymgradError:
        return None
    return found if found.is_finite() else None


def _supremum(one: Activation, z: Any, slopes: Any, seed: int, budget: float) -> Refutation | None:
    found = one.sup_slope(digits=8, budget=budget)
    if found.unbounded:
        return None
    upper = float(found.upper) * (1 + 1e-9)
    for at, s in zip(z.tolist(), slopes.tolist(), strict=True):
        if np.isfinite(s) and abs(s) > upper:
            return Refutation(
                one.name, "sup |σ'|", f"at {at!r}: the slope {s} exceeds the supremum {found.upper}", seed
            )
    return None


def _smooth(one: Activation, points: list[float], seed: int) -> Refutation | None:
    """One-sided slopes in balls of many bits, at two distances: where they differ, the nearer must differ less."""
    if not one.smooth:
        return None
    before = ctx.prec
    ctx.prec = 400
    try:
        for b in one.pieces.breaks:
            for what, enclose in (("values", one.enclose), ("slopes", one.enclose_slope)):
                near, far = (_step(enclose, number_ball(b), bits) for bits in (60, 40))
                if near is not None and far is not None and near > far / 2**8 and near > 0:
                    return Refutation(
                        one.name, "smooth", f"at {b}: the {what} from both sides differ by {near.str(6)}", seed
                    )
        for at in points:
            if abs(at) > 50 or 0 < abs(at) < 1e-100:
                continue
            x, gaps = arb(at), []
            for bits in (40, 60):
                h = arb(1) / 2**bits
                left, middle, right = (_ball(one.enclose, x + s * h) for s in (-1, 0, 1))
                if left is None or middle is None or right is None:
                    break
                gaps.append(abs(right - 2 * middle + left) / h)
            else:
                if gaps[1] > gaps[0] / 2**8 and gaps[1] > 0:
                    return Refutation(
                        one.name,
                        "smooth",
                        f"at {at!r}: the slopes from both sides differ by {gaps[1].str(6)}",
                        seed,
                    )
    finally:
        ctx.prec = before
    return None


def _step(enclose: Any, x: arb, bits: int) -> arb | None:
    """How far apart the enclosures at x − 2^-bits and x + 2^-bits are."""
    right, left = _ball(enclose, x + arb(2) ** -bits), _ball(enclose, x - arb(2) ** -bits)
    return None if right is None or left is None else abs(right - left)
