"""A table of Taylor polynomials with proved error bounds, evaluated in float64 with + and × only.

The line from -REACH to REACH is cut into cells of width 1/64 with centres c. On each cell
f^(order)(x) = Σ_{k<D} a_k δ^k + R, δ = x - c, |δ| <= 1/128, |R| <= |a_D|(cell) 128^-D, where a_D is enclosed
over the cell by power-series balls. The a_k are rounded to float64 (relative error u = 2^-53 each) and the
sum is computed by Horner's rule. IEEE additions and products are exact up to a factor 1 + u, so the
computed value is off by at most γ Σ |a_k| |δ|^k with γ = (2 D + 4) u/(1 - (2 D + 4) u), plus underflow
(Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., SIAM 2002, section 5.1). The bound is
evaluated in float64 too, with room to spare for its own rounding. No elementary function of NumPy is
trusted anywhere.
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np
from flint import arb

from symgrad.balls.evaluate import OutsideDomain, taylor
from symgrad.balls.program import Program

__all__ = ["Table"]

Array = np.ndarray[Any, np.dtype[Any]]
REACH = 40
CELLS = 64                               # per unit: a power of two, so that centres are exact
DEGREE = 8                               # order + DEGREE <= 9, the longest series
UNIT = 2.0**-53
UNDERFLOW = 2.0**-1060
SHARP = 2.0**-40                         # relative width beyond which a point is left to balls


class Table:
    """f^(order) on [-REACH, REACH], except on cells that touch a breakpoint or where f is singular."""

    def __init__(self, programs: tuple[Program, ...], breaks: tuple[arb, ...], order: int) -> None:
        self.programs, self.breaks, self.order = programs, breaks, order
        self.degree = min(DEGREE, 8 - order)
        count = 2 * REACH * CELLS
        self.coefficients = np.zeros((self.degree, count))
        self.remainder = np.full(count, np.inf)
        self.constant = np.zeros(count, dtype=bool)        # cells where f^(order) is one float64 number
        self.filled = np.zeros(count, dtype=bool)

    def fill(self, cells: Array) -> None:
        """Make the cells named ready, those that are not yet."""
        with flint.ctx.workprec(96):
            for j in cells[~self.filled[cells]].tolist():
                self._fill(j, self.programs, self.breaks, self.order)
        self.filled[cells] = True

    def _fill(self, j: int, programs: tuple[Program, ...], breaks: tuple[arb, ...], order: int) -> None:
        centre = arb(2 * j + 1) / (2 * CELLS) - REACH
        cell = centre + arb(0, 1.0 / (2 * CELLS))
        if any(b.overlaps(cell) for b in breaks):
            return
        program = programs[sum(bool(cell > b) for b in breaks)]
        try:
            at = taylor(program, centre, order + self.degree).coefficients[order:]
            last = taylor(program, cell, order + self.degree + 1).coefficients[order + self.degree]
        except OutsideDomain:
            return
        if order == 1:
            at, last = [c * (k + 1) for k, c in enumerate(at)], last * (self.degree + 1)
        self.constant[j] = last == 0 and all(c == 0 for c in at[1:]) and arb(float(at[0].mid())) == at[0]
        bound = abs(last).upper() * arb(2 * CELLS) ** -self.degree
        rounding = sum((c.rad() for c in at), arb(0)).upper()     # the coefficients' own balls: tiny
        if bound.is_finite() and rounding.is_finite():
            self.coefficients[:, j] = [float(c.mid()) for c in at]
            self.remainder[j] = float((bound + rounding).upper()) * (1 + 2.0**-40) + UNDERFLOW

    def bounds(self, x: Array, lower: Array, upper: Array, wanted: Array) -> Array:
        """Write bounds at the wanted points where they are sharp; the mask of those."""
        place = np.where(wanted & (np.abs(x) < REACH), x, 0.0)
        cell = np.clip(np.floor((place + REACH) * CELLS).astype(np.intp), 0, self.remainder.size - 1)
        self.fill(np.unique(cell[wanted & (np.abs(x) < REACH)]))
        delta = place - ((2.0 * cell + 1) / (2 * CELLS) - REACH)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            value, size, step = np.zeros_like(x), np.zeros_like(x), np.abs(delta)
            for row in self.coefficients[::-1]:
                a = row[cell]
                value = value * delta + a
                size = size * step + np.abs(a)
            gamma = (2 * self.degree + 8) * UNIT
            error = (size * gamma + self.remainder[cell]) * (1 + 2.0**-20) + UNDERFLOW
            error[self.constant[cell]] = 0.0
            inside = wanted & (np.abs(x) < REACH) & (step <= 0.5 / CELLS)
            sharp = inside & (error <= SHARP * np.abs(value))
        moved = error[sharp] > 0
        lower[sharp] = np.where(moved, np.nextafter(value[sharp] - error[sharp], -np.inf), value[sharp])
        upper[sharp] = np.where(moved, np.nextafter(value[sharp] + error[sharp], np.inf), value[sharp])
        return np.asarray(sharp)
