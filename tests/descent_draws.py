"""Data for the theorems about descent, stationary points and rounding, whose hypotheses chance would hardly meet."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import flint
import numpy as np

from symgrad.numeric import dual
from symgrad.numeric.arithmetic import Undecided
from symgrad.numeric.elementwise import Formula
from symgrad.numeric.rounding import gap

__all__ = ["DESCENT_DRAWS"]

_TRIPLES = ((3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25))


def fraction(rng: Random, low: int = -32, high: int = 32) -> Fraction:
    return Fraction(rng.randint(low, high), 16) * Fraction(10) ** rng.choice((0, 0, 0, -3, 3))


def column(rng: Random, size: int) -> list[list[Fraction]]:
    return [[fraction(rng)] for _ in range(size)]


def orthonormal(rng: Random, size: int) -> tuple[Any, Any]:
    """Two orthonormal rational columns of this size, at least 2."""
    one, two = np.full((size, 1), Fraction(0)), np.full((size, 1), Fraction(0))
    i, j = rng.sample(range(size), 2)
    a, b, c = rng.choice(_TRIPLES)
    one[i, 0], one[j, 0] = Fraction(a, c), Fraction(b, c)
    two[i, 0], two[j, 0] = Fraction(-b, c), Fraction(a, c)
    return one, two


def adagrad(rng: Random) -> dict[str, Any]:
    """Two runs whose gradients differ by a positive factor."""
    last, c, start = rng.randint(0, 5), abs(fraction(rng)) + Fraction(1, 16), [fraction(rng)]
    gradients = {k: fraction(rng) for k in range(last + 1)}
    one, two = orthonormal(rng, 2)
    return {"integers": {"k": last, "top": last},
            "arrays": {"run.g": {k: [g] for k, g in gradients.items()}, "other.h": {k: [c * g] for k, g in gradients.items()},
                       "other.c": [c], "run.start": start, "other.start": start, "adagrad.f": {1: one, 2: two}}}


def ahead(rng: Random) -> dict[str, Any]:
    return {"arrays": {"plateau.w": [abs(fraction(rng))]}, "functions": {"sigma": "sigmoid", "exp": "exp(t)"}}


def bowl(rng: Random) -> dict[str, Any]:
    """F(x) = q ‖x‖² with K = 2q, a rate between 0 and 2/K, and an ε below every gradient of the first n steps."""
    q, size, n = rng.randint(1, 6), rng.randint(1, 3), rng.randint(0, 5)
    eta = Fraction(rng.randint(1, 15), 16 * q)
    start = column(rng, size)
    shortest = 2 * q * abs(1 - 2 * q * eta) ** max(n - 1, 0) * abs(start[0][0])
    return {"integers": {"n": n}, "widths": {"d": [size]}, "named": {"descended.F": lambda x: dual.transpose(x) @ x * q},
            "arrays": {"eta": [eta], "descended.K": [2 * q], "descended.m": [-abs(fraction(rng))],
                       "descended.epsilon": [shortest], "descended.F.descent.start": start}}


def valley(rng: Random) -> dict[str, Any]:
    """The narrow valley in two of the coordinates of a space, turned, and a point with equal coordinates."""
    size = rng.randint(2, 4)
    one, two = orthonormal(rng, size)
    return {"integers": {"k": rng.randint(0, 5)}, "widths": {"d": [size]},
            "arrays": {"quadratic.e": {1: one, 2: two}, "quadratic.m": np.full((size, 1), Fraction(0)),
                       "quadratic.A": Fraction(1, 500) * one @ one.T + 2 * two @ two.T, "eta": [Fraction(1, 2)],
                       "v": (one + two) * fraction(rng), "quadratic.F.descent.start": column(rng, size)}}


def gentle_chain(rng: Random) -> dict[str, Any]:
    depth = rng.randint(2, 6)
    sigmoid = Formula("sigmoid", (1, Fraction(1, 4)))
    return {"integers": {"L": depth, "s": rng.randint(2, depth)}, "functions": {"sigma": sigmoid}}


def hill(rng: Random, up: bool) -> dict[str, Any]:
    """F(x) = ±(q ‖x‖² + c ‖x‖⁴) at 0, where the rest of Taylor's formula is c ‖h‖⁴ <= ε ‖h‖²."""
    q, c, size = rng.randint(1, 6), rng.randint(0, 6), rng.randint(1, 3)
    sign, h = (1 if up else -1), column(rng, size)

    def F(x: Any) -> Any:
        square = dual.transpose(x) @ x
        return (square * q + square * square * c) * sign

    epsilon = c * sum(x * x for (x,) in h)
    return {"widths": {"d": [size]}, "named": {"second.F": F},
            "arrays": {"second.p": [[0]] * size, "second.h": h, "second.epsilon": [epsilon], "second.m": [Fraction(q, 2)],
                       "second.A": np.eye(size, dtype=int).astype(object) * (2 * q * sign)}}


def plane(rng: Random) -> dict[str, Any]:
    size = rng.randint(2, 5)
    one, two = orthonormal(rng, size)
    return {"widths": {"d": [size]}, "arrays": {"stationary.e": {1: one, 2: two}}}


def rounded_to_binary16(values: Any) -> Any:
    """Each entry, an exact dyadic number, to the nearest number of binary16; the other arithmetics do not decide."""
    def one(x: Any) -> Any:
        if isinstance(x, flint.arb) and x.is_exact():
            mantissa, exponent = x.man_exp()
            x = flint.fmpq(mantissa) * flint.fmpq(2) ** int(exponent)
        if not isinstance(x, flint.fmpq):
            raise Undecided("a rounded number")
        with np.errstate(over="ignore"):
            found = flint.fmpq(*float(np.float16(int(x.p) / int(x.q))).as_integer_ratio())
        return flint.arb(found)

    return np.frompyfunc(one, 1, 1)(np.asarray(values, dtype=object))


def half_float(rng: Random, factor: Fraction, upwards: bool) -> dict[str, Any]:
    """A number of binary16 and an update of `factor` half gaps."""
    i = rng.randint(1, 0x7BFF - 1)
    w = float(np.array(i, dtype=np.uint16).view(np.float16))
    lower, upper = (Fraction(float(gap(w, side, "float16"))) / 2 for side in (-1, 1))
    return {"integers": {"i": i}, "named": {"binary16.fl": rounded_to_binary16},
            "arrays": {"binary16.value": {i: [Fraction(w)]}, "binary16.lower": {i: [lower]}, "binary16.upper": {i: [upper]},
                       "binary16.odd": {i: [i % 2]}, "binary16.u": [factor * (upper if upwards else lower)]}}


def _rounding(kind: str, upwards: bool) -> Any:
    def draw(rng: Random) -> dict[str, Any]:
        part = Fraction(rng.randint(1, 255), 256)
        return half_float(rng, {"absorbed": part, "changed": 1 + part, "tie": Fraction(1)}[kind], upwards)
    return draw


DESCENT_DRAWS = {
    **dict.fromkeys(("roots", "same step", "same path", "root of squares"), adagrad),
    **dict.fromkeys(("only minimum", "the slope fades", "the slope fades (below)"), ahead),
    **dict.fromkeys(("energy", "descent", "how many steps are long"), bowl),
    **dict.fromkeys(("equal coordinates", "w_1 after k steps", "w_2 after one step"), valley),
    "one small factor": gentle_chain,
    **dict.fromkeys(("a rising direction", "the second derivative at a minimum"), lambda rng: hill(rng, True)),
    "a falling direction": lambda rng: hill(rng, False),
    **dict.fromkeys(("xy along (1, 1)", "xy along (1, −1)"), plane),
    **{f"{kind} {side}": _rounding(kind, side == "above") for kind in ("absorbed", "changed", "tie")
       for side in ("below", "above")},
}
