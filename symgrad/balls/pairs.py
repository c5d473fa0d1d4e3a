"""Value and slope together at a narrow ball, as fast as Python allows: what the states of a network are made of.

`taylor` (see `evaluate`) builds power series and takes care of wide balls; here each instruction of a program takes and
gives a pair (value, derivative) of balls, and functions are read at the ball itself, which is as good where the ball is
much narrower than the function turns. Anything that needs care (a removable singularity, a branch that cannot be decided)
gives None, and the caller takes the careful way.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import flint
from flint import arb

from symgrad.balls import far
from symgrad.balls.functions import TAYLOR, power_taylor
from symgrad.balls.numbers import number_ball
from symgrad.balls.program import Program

__all__ = ["Pair", "pair_at"]

Pair = tuple[arb, arb]
Step = Callable[[list[Pair]], Pair]
ONE, ZERO = arb(1), arb(0)


def pair_at(program: Program, x: arb) -> Pair | None:
    """(f, f') on a narrow ball, or None."""
    values: list[Pair] = [(x, ONE)]
    try:
        for step in _steps(program, flint.ctx.prec):
            values.append(step(values))
    except (ValueError, ZeroDivisionError):
        return None
    value, slope = values[-1]
    return (value, slope) if value.is_finite() and slope.is_finite() else None


@lru_cache(maxsize=512)
def _steps(program: Program, precision: int) -> tuple[Step, ...]:
    """One function for each instruction; places are shifted by one, for the variable comes first."""
    return tuple(_step(name, tuple(o + 1 for o in operands), payload) for name, operands, payload in program)


def _step(name: str, operands: tuple[int, ...], payload: Any) -> Step:
    if name == "variable":
        return lambda values: values[0]
    if name == "number":
        known = (number_ball(payload), ZERO)
        return lambda values: known
    if name == "add":
        return lambda values: _add(values[operands[0]], values[operands[1]])
    if name == "mul":
        return lambda values: _multiply(values[operands[0]], values[operands[1]])
    if name == "div":
        return lambda values: _divide(values[operands[0]], values[operands[1]])
    if name == "power":
        exponent = Fraction(int(payload.p), int(payload.q))
        return lambda values: _chain(power_taylor(values[operands[0]][0], exponent, 2), values[operands[0]])
    if name in _FAST:
        fast = _FAST[name]
        return lambda values: _chain(fast(values[operands[0]][0]), values[operands[0]])
    if name in TAYLOR:
        careful = TAYLOR[name]
        return lambda values: _chain(careful(values[operands[0]][0], 2), values[operands[0]])
    return _refuse


def _refuse(values: list[Pair]) -> Pair:
    raise ValueError("a branch")


def _add(a: Pair, b: Pair) -> Pair:
    return a[0] + b[0], a[1] + b[1]


def _multiply(a: Pair, b: Pair) -> Pair:
    return a[0] * b[0], a[0] * b[1] + a[1] * b[0]


def _divide(a: Pair, b: Pair) -> Pair:
    quotient = a[0] / b[0]
    return quotient, (a[1] - quotient * b[1]) / b[0]


def _chain(h: list[arb] | Pair, u: Pair) -> Pair:
    return h[0], h[1] * u[1]


def _exp(u: arb) -> Pair:
    e = far.exp(u)
    return e, e


def _tanh(u: arb) -> Pair:
    """With e = e^{-2|u|}: (1 - e)/(1 + e) and 4 e/(1 + e)²; near 0 the function itself, whose value is small."""
    e = far.exp(-2 * abs(u))
    below = 1 + e
    value = u.tanh() if abs(u) < 1 else ((1 - e) / below if u > 0 else (e - 1) / below)
    return value, 4 * e / (below * below)


def _sigmoid(u: arb) -> Pair:
    e = far.exp(-abs(u))
    s = 1 / (1 + e)
    other = e * s
    return (s if u > 0 else other) if not u.contains(0) else 1 / (1 + far.exp(-u)), other * s


def _softplus(u: arb) -> Pair:
    e = far.exp(-abs(u))
    s = 1 / (1 + e)
    if u.contains(0):
        return far.exp(u).log1p(), 1 / (1 + far.exp(-u))
    return (u + e.log1p(), s) if u > 0 else (e.log1p(), e * s)


_FAST: dict[str, Callable[[arb], Pair]] = {"exp": _exp, "tanh": _tanh, "sigmoid": _sigmoid, "softplus": _softplus}
