"""Enclosures of one function and its derivatives, for wide balls and for whole arrays of intervals.

Where the function's turning points are known (`monotone`), the range over an interval is read at its ends
and at the turning points inside. Otherwise (infinitely many turns, implicit breakpoints) the interval is
bisected a few times and power-series balls with their mean-value form are joined. Ends of many intervals
are bounded by a table of Taylor polynomials (`table`) in plain float64 with proved error bounds, and where
that is not sharp, one by one by balls.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import flint
import numpy as np
import sympy as sp
from flint import arb, arb_series

from symgrad.balls.evaluate import taylor
from symgrad.balls.monotone import Partition, partition
from symgrad.balls.numbers import number_ball
from symgrad.balls.pairs import pair_at
from symgrad.balls.pieces import split
from symgrad.balls.program import Program, compile_expression
from symgrad.balls.table import Table
from symgrad.errors import SymgradError

__all__ = ["Enclosure"]

Array = np.ndarray[Any, np.dtype[Any]]
PRECISION = 128
DEPTH = 7                                  # bisections of the fallback
TABLE_FROM = 1000                          # points from which filling a table's cells pays
NARROW = arb((1, -30))                     # a radius up to which functions hardly turn
NEGLIGIBLE = 1e-30                         # bisecting further would sharpen nothing that matters
EVERYTHING = arb(0, "inf")
WIDE = arb((1, -20))                       # a radius from which the range over an interval is worth its cost


class Enclosure:
    """Enclosures of f = `expression` and of its derivatives."""

    def __init__(self, expression: sp.Expr, variable: sp.Symbol) -> None:
        self.expression, self.variable = expression, variable
        self.pieces = split(expression, variable)
        self._partitions: dict[int, Partition | None] = {}
        self._tables: dict[int, Table] = {}

    @cached_property
    def programs(self) -> tuple[Program, ...]:
        return tuple(compile_expression(f, self.variable) for f in self.pieces.formulas)

    @cached_property
    def breaks(self) -> tuple[arb, ...]:
        with flint.ctx.workprec(4 * PRECISION):
            return tuple(number_ball(b) for b in self.pieces.breaks)

    def turning(self, order: int) -> Partition | None:
        if order not in self._partitions:
            with flint.ctx.workprec(PRECISION):
                self._partitions[order] = partition(self.pieces, self.variable, order)
        return self._partitions[order]

    # --- one ball ----------------------------------------------------------------------------------
    def on(self, x: arb, order: int) -> arb:
        """A ball containing f^(order) on x (one-sided values at breakpoints). Raises SymgradError when
        undefined."""
        if x.is_nan():
            raise SymgradError("the ball to enclose a function on is NaN")
        wide = not x.is_finite() or bool(x.rad() > WIDE)
        turning = self.turning(order) if wide else None
        low, high = turning.reach if turning is not None else (math.inf, -math.inf)
        if turning is not None and (not math.isfinite(low) or x >= low) and (not math.isfinite(high)
                                                                             or x <= high):
            result = self.by_nodes(turning, x, order)
        elif x.is_finite():
            result = self.bisect(x, order, DEPTH if wide else 0)
        else:
            return EVERYTHING
        return result if not result.is_nan() else EVERYTHING

    def both(self, x: arb) -> tuple[arb, arb]:
        """Balls containing f and f' on x; fast where x is narrow. Raises as `on`."""
        if x.rad() < NARROW:                                 # false for NaN
            at = 0
            for b in self.breaks:
                if x > b:
                    at += 1
                elif not x < b:
                    return self.on(x, 0), self.on(x, 1)
            pair = pair_at(self.programs[at], x)
            if pair is not None and pair[1].rad() < WIDE and pair[0].rad() < WIDE * (1 + abs(pair[0].mid())):
                return pair
        return self.on(x, 0), self.on(x, 1)

    def by_nodes(self, turning: Partition, x: arb, order: int) -> arb:
        if x.is_finite():
            result = self.bisect(x.lower(), order, 0).union(self.bisect(x.upper(), order, 0))
        else:
            result = turning.limits[0].union(turning.limits[1])
        for node in turning.nodes:
            if node.place.overlaps(x):
                result = result.union(node.value)
        return result

    def bisect(self, x: arb, order: int, depth: int) -> arb:
        result: arb | None = None
        for program, part in self.parts(x):
            value = _on_piece(program, part, order, depth)
            result = value if result is None else result.union(value)
        assert result is not None
        return result

    def parts(self, x: arb) -> list[tuple[Program, arb]]:
        """The pieces that x touches, each with the part of x there (a little more at irrational
        breakpoints)."""
        found = []
        for i, program in enumerate(self.programs):
            low = self.breaks[i - 1] if i > 0 else None
            high = self.breaks[i] if i < len(self.breaks) else None
            if (low is not None and x < low) or (high is not None and x > high):
                continue
            part = x
            if low is not None and not x > low:
                part = low.lower().union(part.upper()) if x.upper() > low.lower() else low
            if high is not None and not part < high:
                part = part.lower().union(high.upper()) if part.lower() < high.upper() else high
            found.append((program, part))
        return found

    def series(self, x: arb, n: int) -> arb_series:
        """Taylor coefficients on x; at a breakpoint inside x the hull of both sides."""
        if not 1 <= n <= 32:
            raise SymgradError(f"a series of {n} terms was asked for; 1 to 32 are possible")
        lists = [taylor(program, part, n).coefficients for program, part in self.parts(x)]
        joined = lists[0]
        for other in lists[1:]:
            joined = [a.union(b) for a, b in zip(joined, other, strict=True)]
        return arb_series(joined, prec=n)

    # --- arrays ------------------------------------------------------------------------------------
    def array(self, lo: Any, hi: Any, order: int) -> tuple[Array, Array]:
        """Outward-rounded float64 bounds of f^(order), order 0 or 1, on each interval [lo, hi] (broadcast
        together).

        Infinite ends are allowed. Raises SymgradError for NaN, lo > hi, or where f is undefined.
        """
        low, high = np.broadcast_arrays(np.asarray(lo, dtype=np.float64), np.asarray(hi, dtype=np.float64))
        if np.isnan(low).any() or np.isnan(high).any():
            raise SymgradError("an interval end is NaN")
        if (low > high).any():
            at = int(np.argmax((low > high).ravel()))
            raise SymgradError(f"interval {at} is [{low.flat[at]}, {high.flat[at]}]: lower > upper")
        turning = self.turning(order)
        a, b = low.ravel(), high.ravel()
        far = np.ones(a.shape,
                      dtype=bool) if turning is None else (a < turning.reach[0]) | (b > turning.reach[1])
        below, above = np.empty(a.shape), np.empty(a.shape)
        if far.any():
            below[far], above[far] = self._one_by_one(a[far], b[far], order)
        if turning is not None and not far.all():
            below[~far], above[~far] = self._by_nodes_array(turning, a[~far], b[~far], order)
        return below.reshape(low.shape), above.reshape(low.shape)

    def _by_nodes_array(self, turning: Partition, a: Array, b: Array, order: int) -> tuple[Array, Array]:
        ends = np.concatenate([a, b])
        lower, upper = self.points(ends, order, turning)
        n = a.size
        below, above = np.minimum(lower[:n], lower[n:]), np.maximum(upper[:n], upper[n:])
        for node in turning.nodes:
            place = _floats(node.place)
            value = _floats(node.value)
            inside = (a <= place[1]) & (b >= place[0])
            below[inside] = np.minimum(below[inside], value[0])
            above[inside] = np.maximum(above[inside], value[1])
        return below, above

    def points(self, x: Array, order: int, turning: Partition) -> tuple[Array, Array]:
        """Bounds at points: by the table where it is sharp, else by balls."""
        lower, upper = np.empty(x.shape), np.empty(x.shape)
        todo = np.ones(x.shape, dtype=bool)
        for infinite, limit in ((-math.inf, turning.limits[0]), (math.inf, turning.limits[1])):
            here = x == infinite
            if here.any():
                lower[here], upper[here] = _floats(limit)
                todo &= ~here
        if x.size >= TABLE_FROM or order in self._tables:
            if order not in self._tables:
                self._tables[order] = Table(self.programs, self.breaks, order)
            sharp = self._tables[order].bounds(x, lower, upper, todo)
            todo &= ~sharp
        if todo.any():
            values, back = np.unique(x[todo], return_inverse=True)
            with flint.ctx.workprec(PRECISION):
                bounds = [_floats(self.bisect(arb(v), order, 0)) for v in values.tolist()]
            table = np.array(bounds)
            lower[todo], upper[todo] = table[back, 0], table[back, 1]
        return lower, upper

    def _one_by_one(self, low: Array, high: Array, order: int) -> tuple[Array, Array]:
        with flint.ctx.workprec(PRECISION):
            bounds = [_floats(self.on(_interval(a, b), order))
                      for a, b in zip(low.tolist(), high.tolist(), strict=True)]
        table = np.array(bounds)
        return table[:, 0], table[:, 1]


def _on_piece(program: Program, x: arb, order: int, depth: int) -> arb:
    """f^(order) on x: plain enclosure met with its mean-value form, bisected while that helps."""
    series = taylor(program, x, order + 2)
    factor = math.factorial(order)
    plain, slope = series.coefficients[order] * factor, series.coefficients[order + 1] * factor * (order + 1)
    if x.is_exact():
        return plain
    if series.decided and slope.is_finite():
        if not slope.contains(0):
            ends = [taylor(program, e, order + 1).coefficients[order] * factor
                    for e in (x.lower(), x.upper())]
            return _meet(plain, ends[0].union(ends[1]))
        middle = taylor(program, x.mid(), order + 1).coefficients[order] * factor
        plain = _meet(plain, middle + slope * (x - x.mid()))
    if depth == 0 or (plain.is_finite() and abs(plain) < NEGLIGIBLE):
        return plain
    low, middle, high = x.lower(), x.mid(), x.upper()
    left = _on_piece(program, low.union(middle), order, depth - 1)
    return left.union(_on_piece(program, middle.union(high), order, depth - 1))


def _meet(a: arb, b: arb) -> arb:
    if not a.is_finite():
        return b
    return a.intersection(b) if b.is_finite() and a.overlaps(b) else a


def _interval(a: float, b: float) -> arb:
    return arb(a).union(arb(b)) if math.isfinite(a) and math.isfinite(b) else arb(0, "inf")


def _floats(x: arb) -> tuple[float, float]:
    """Float64 numbers below and above a ball; a sign that is certain stays."""
    if x.is_nan() or (not x.is_finite() and not x.is_exact()):
        return -math.inf, math.inf
    if not x.is_finite():
        return (math.inf, math.inf) if x > 0 else (-math.inf, -math.inf)
    if x.is_exact() and arb(float(x)) == x:
        return float(x), float(x)
    low = math.nextafter(float(x.lower()), -math.inf)
    high = math.nextafter(float(x.upper()), math.inf)
    return (max(low, 0.0) if x >= 0 else low), (min(high, 0.0) if x <= 0 else high)
