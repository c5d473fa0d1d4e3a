"""What can be said of a polynomial for certain: its degree, and how far its Taylor polynomial of order 1 or 2 is good.

A named function is a polynomial where evaluating it on variables, over the rationals, gives one. (Where it compares,
takes roots or an absolute value it does not, and nothing is decided.) Of the coefficients c_b of f(p + h) = Σ c_b h^b
those of degree |b| > k make the rest after order k; for ‖h‖₂ <= r <= 1 it is at most ‖h‖₂^k r Σ |c_b|. So ρ_k(f, p, ε)
lies between min(1, ε / Σ |c_b|) and 1, and is 1 where there is no rest.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from math import comb
from typing import TYPE_CHECKING, Any

import flint
import numpy as np
from flint.utils.flint_exceptions import FlintError

from ..errors import SymgradError
from ..terms.named import FunctionAt
from ..terms.taylor import TaylorRadius
from .arithmetic import Array, Undecided, rationals
from .dual import Dual

if TYPE_CHECKING:
    from .evaluate import Frame

__all__ = ["polynomials", "taylor_radius"]


def polynomials(frame: Frame, function: FunctionAt) -> list[Any]:
    """A named function of one column as a polynomial in its entries, one for each example of a batch.

    Raises Undecided where it is no polynomial.
    """
    rows = frame.integer(function.shapes()[1][0])
    context = flint.fmpq_mpoly_ctx.get([f"x{i}" for i in range(rows)], "lex")
    run = type(frame.run)(frame.run.instance, rationals())
    name, indices = function.name, frame.integers(function.indices)
    somewhere = [flint.fmpq(2 * i + 3, 7 * i + 5) for i in range(rows)]
    try:
        value, there = (run.apply(name, indices, [_column(x)]) for x in (context.gens(), somewhere))
        found = [context.constant(1) * x for x in np.asarray(value).reshape(-1)]
        if all(f(*somewhere) == y for f, y in zip(found, np.asarray(there).reshape(-1), strict=True)):
            return found
    except (SymgradError, TypeError, ValueError, AttributeError, ArithmeticError, FlintError):
        pass
    raise Undecided(f"{name} is not seen to be a polynomial")


def _column(entries: Any) -> Array:
    """A column of objects, each as it is (NumPy would take a polynomial for a sequence)."""
    column = np.empty((len(entries), 1), dtype=object)
    for i, entry in enumerate(entries):
        column[i, 0] = entry
    return column


def taylor_radius(frame: Frame, node: TaylorRadius) -> Array:
    """ρ_k(f, p, ε) of a polynomial f, 1 x 1: an enclosure in balls; in floats a lower bound."""
    arithmetic = frame.run.arithmetic
    arithmetic.needs_order("a radius")
    point, epsilon = frame(node.args[1]), frame(node.args[2])
    if isinstance(point, Dual) or isinstance(epsilon, Dual):
        raise Undecided("the slope of a Taylor radius")
    if not point.shape[-2]:
        return arithmetic.full(1, 1, 1)                             # there is no h but 0
    found = polynomials(frame, node.args[0])
    points, sizes = point.reshape(-1, *point.shape[-2:]), epsilon.reshape(-1)
    count = max(len(found), len(points), len(sizes))
    radii = np.empty(count, dtype=arithmetic.dtype)
    for j in range(count):
        ball = _radius(found[j % len(found)], points[j % len(points)][:, 0], sizes[j % len(sizes)], node.order)
        if arithmetic.boxed and not arithmetic.bits:
            if not ball.is_exact():
                raise Undecided(f"a Taylor radius over {arithmetic.name}")
            ball = flint.fmpq(int(ball.mid().unique_fmpz()))
        radii[j] = ball if arithmetic.boxed else float(ball.lower())
    return radii.reshape((count, 1, 1) if count > 1 else (1, 1))


def _radius(f: Any, point: Array, epsilon: Any, order: int) -> Any:
    epsilon = _ball(epsilon)
    if not (epsilon >= 0 or epsilon < 0):
        raise Undecided("a Taylor radius for an ε whose sign is open")
    if epsilon < 0:
        return flint.arb(0)
    if f.total_degree() <= order:
        return flint.arb(1)
    rest = _rest(f, [_ball(x) for x in point], order)
    if not epsilon > 0:
        if rest > 0:
            return flint.arb(0)
        raise Undecided("a Taylor radius for ε = 0")
    return flint.arb((epsilon / flint.arb(rest.upper())).lower()).min(1).union(1)


def _rest(f: Any, point: list[Any], order: int) -> Any:
    """Σ |c_b| over all b of degree greater than the order, for f(p + h) = Σ c_b h^b."""
    coefficients: dict[tuple[int, ...], Any] = defaultdict(lambda: flint.arb(0))
    for powers, number in f.to_dict().items():
        for steps in product(*(range(a + 1) for a in powers)):
            if sum(steps) > order:
                term = flint.arb(number)
                for x, a, b in zip(point, powers, steps, strict=True):
                    term *= comb(a, b) * x ** (a - b)
                coefficients[steps] += term
    return sum(map(abs, coefficients.values()), flint.arb(0))


def _ball(x: Any) -> Any:
    return x if isinstance(x, flint.arb) else flint.arb(x) if isinstance(x, flint.fmpq) else flint.arb(float(x))
