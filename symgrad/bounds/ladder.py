"""The ladder of bounds on ||d^l||: each rung an interval that surely contains it, from the cheapest to the
exact.

With A_r = (w^r)^T, S_r = diag(s'(z^r)) and e = a^L - y, the closed form is d^l = S_l A_{l+1} S_{l+1} ... A_L
S_L e.  The rungs, in any of the norms 1, 2, inf (||A_r||_p is the norm of w^r in the dual norm; claims C8 and
C10):

    global    g_l ... g_L  prod ||A_r||  ||e||,  g_r = sup |s_r'|        the bound of the textbooks
    local     the same with max_j |s'(z^r_j)|                            known slopes
    factors   prod ||S_r A_{r+1}||  ||S_L||  ||e||
    split     max sqrt|S_l|  prod ||sqrt|S_r| A_{r+1} sqrt|S_{r+1}||  max sqrt|S_L|  ||e||     signs have norm 1
    window    products of at most k factors, and between two of them a diagonal D inserted as D D^{-1}
    product   ||S_l A_{l+1} ... S_L||  ||e||
    ball      the enclosure of ||d^l|| itself, for the one error e

global >= local >= factors >= product >= ball and local >= split >= product, while split may exceed factors.
All are proved of one number, so each upper end is cut by the ends above it: `split` is min(split, factors),
and the list is in order.  window: let M be the product so far, D_i the square roots of its row norms; then
||N M|| <= ||N D|| ||D^{-1} M||.  Every rung is a theorem for symbolic depth (`theorems` names it).

Measured, median of 40 networks of width 64 and depth 16: decades of looseness at layer 1 (log10 of the bound over the
true norm), and the time for one example beside that of `factors`. One factor of a random square matrix loses log10 2 of
a decade whatever diagonals stand beside it, so only products of factors help: windows of 4 to 8 cost what factors and
split cost together; the whole product costs no more until float64 has lost it and it is formed again in balls.

                              global local factors split min(split, factors) window 1   2    4    8   product
    sigmoid, Xavier weights     4.77  4.77    4.38  4.36                4.36     4.32 3.00 1.95 1.19     0.67
    tanh, N(0, 1) weights      14.63 14.41   10.78  5.30                5.30     4.92 3.78 2.62 1.98     1.38
    time                         0.6   0.6       1   1.3-1.4        2.1              2.4-2.9              2.4-16

Lower ends use s_min(A) = min ||A x|| over unit x, which is 0 unless n_l >= n_{l+1}.  For a box every slope is
replaced by its largest (smallest) size over the box in the outer factors, which is allowed because ||S B||
grows with |S|; inside a product by its interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from flint import arb

from symgrad.bounds.ball_matrix import Interval, ball_products
from symgrad.bounds.clock import Clock
from symgrad.bounds.layers import Layer
from symgrad.bounds.matrix_ball import ConstantMatrix, MatrixBall
from symgrad.bounds.norms import NormKind
from symgrad.bounds.rounding import Floats, Integers, down, power_of_two, up
from symgrad.bounds.states import Columns, Slopes

__all__ = ["KINDS", "climb", "times"]

KINDS = ("global", "local", "factors", "split", "window", "product", "ball")


BUDGET = 300_000_000                    # multiplications in balls that may go into sharper products: some seconds
BLOCK = 3                               # layers over which errors are carried by the norms of single factors
POOR = 1e-3                             # a float64 product whose radius is a larger part of its norm is formed again


@dataclass(frozen=True)
class _Numbers:
    """Bounds (N,) of N numbers, times 2^exponent."""

    low: Floats
    high: Floats
    exponent: Integers

    def intervals(self) -> list[Interval]:
        made = []
        for low, high, e in zip(self.low.tolist(), self.high.tolist(), self.exponent.tolist(), strict=True):
            top = power_of_two(high, e) if np.isfinite(high) else arb.pos_inf()
            made.append((power_of_two(low, e) if 0 < low < np.inf else arb(0), top))
        return made


def times(*factors: Interval) -> Interval:
    """The product of intervals of numbers >= 0; a factor that is exactly 0 wins over an infinite one."""
    low, high = arb(1), arb(1)
    if any(f[1].is_zero() for f in factors):
        return arb(0), arb(0)
    for f in factors:
        low, high = (low * f[0]).lower(), (high * f[1]).upper()
    return low, high


class _Rungs:
    """The factors of every rung for one chunk of examples; stacks have one matrix for each example."""

    def __init__(self, layers: Sequence[Layer], slopes: Sequence[Slopes], p: NormKind, lower: bool) -> None:
        self.p: NormKind = p
        self.lower = lower
        self.depth = len(layers)
        self.slopes = slopes
        self.count = slopes[0].low.shape[0]
        self.pull = [ConstantMatrix.of(np.ascontiguousarray(layer.w.T), p) for layer in layers]   # A_1 .. A_L
        self.size = [(s.size_down, s.size_up) for s in slopes]
        self.end = [_Numbers(low.min(axis=1), high.max(axis=1), s.exponent)
                    for (low, high), s in zip(self.size, slopes, strict=True)]
        roots = [_roots(s) for s in slopes]
        self.roots = roots
        self.root_end = [_Numbers(low.min(axis=1), high.max(axis=1), e) for low, high, e in roots]

    def _both(self, small: MatrixBall, large: MatrixBall) -> list[Interval]:
        """Lower bounds of s_min of the one, upper bounds of the norm of the other."""
        zeros = np.zeros(self.count)
        possible = self.lower and small.mid.shape[1] >= small.mid.shape[2]
        low = _Numbers(small.stretch_down() if possible else zeros, zeros, small.exponent).intervals()
        high = _Numbers(zeros, large.norm_up(), large.exponent).intervals()
        return [(a[0], b[1]) for a, b in zip(low, high, strict=True)]

    def weight(self, r: int) -> Interval:
        """Bounds of s_min(A_r) and ||A_r||, r counted from 0 for layer 1."""
        a = self.pull[r]
        low = a.stretch_down if self.lower else 0.0
        return power_of_two(low, a.exponent), power_of_two(a.norm_up, a.exponent)

    def factor(self, r: int) -> list[Interval]:
        """S_r A_{r+1} for each example."""
        low, high = self.size[r]
        zero = np.zeros_like(high)
        exponent = self.slopes[r].exponent
        whole = MatrixBall.constant(self.pull[r + 1], self.count)
        large = whole.rows_scaled(high, zero, exponent)
        small = large if np.array_equal(low, high) else whole.rows_scaled(low, zero, exponent)
        return self._both(small, large)

    def split(self, r: int) -> list[Interval]:
        """sqrt|S_r| A_{r+1} sqrt|S_{r+1}| for each example."""
        (low, high, e), (right_low, right_high, right_e) = self.roots[r], self.roots[r + 1]
        whole, zero = MatrixBall.constant(self.pull[r + 1], self.count), np.zeros_like(high)
        return self._both(whole.rows_scaled(low, zero, e).columns_scaled(right_low, right_e),
                          whole.rows_scaled(high, zero, e).columns_scaled(right_high, right_e))

    def products(self) -> list[list[Interval]]:
        """S_l A_{l+1} ... S_L for l = 1 .. L: for each layer, one interval an example.

        An error made at one layer is carried by the product of the factors after it, and the norm of that product, taken
        over BLOCK layers at a time, is much smaller than the product of their norms.
        """
        top = self.slopes[-1]
        inner = MatrixBall.diagonal(np.ones_like(top.mid), np.zeros_like(top.exponent), self.p)
        block, old = inner, inner                         # the factors since the block began, the product before it
        made = []
        self.doubt = np.zeros(self.count)
        for step, r in enumerate(range(self.depth - 1, -1, -1)):
            low, high = self.size[r]
            zero, s = np.zeros_like(high), self.slopes[r]
            whole = inner.widened(block, old)
            large = whole.rows_scaled(high, zero, s.exponent)
            sizes = np.sqrt(np.square(large.mid).sum(axis=(1, 2))) / np.sqrt(min(large.mid.shape[1:]))
            self.doubt = np.maximum(self.doubt, np.where(large.radius > POOR * sizes, 1.0, 0.0))
            made.append(self._both(whole.rows_scaled(low, zero, s.exponent) if (low != high).any() else large, large))
            if r:
                if step % BLOCK == BLOCK - 1:
                    width = np.ones(whole.mid.shape[:2])
                    inner, old = whole.exact(), whole
                    block = MatrixBall.diagonal(width, np.zeros_like(whole.exponent), self.p)
                inner, block = (ball.rows_scaled(s.mid, s.radius, s.exponent).after(self.pull[r]) for ball in (inner, block))
        return made[::-1]

    def windows(self, length: int) -> list[list[arb]]:
        """Upper bounds of ||S_l A_{l+1} ... S_L|| by windows of at most `length` factors; for each layer, one
        an example."""
        root = self.roots[-1]
        done = [power_of_two(v, e) for v, e in zip(self.root_end[-1].high.tolist(), root[2].tolist(), strict=True)]
        made = [[t for _, t in self.end[-1].intervals()]]
        inner = MatrixBall.diagonal(root[1], root[2], self.p)
        for step, r in enumerate(range(self.depth - 2, -1, -1), 1):
            inner = inner.after(self.pull[r + 1])
            s = self.slopes[r]
            whole = inner.rows_scaled(self.size[r][1], np.zeros_like(s.low), s.exponent)
            tops = _Numbers(np.zeros(self.count), whole.norm_up(), whole.exponent).intervals()
            made.append([times((arb(0), d), (arb(0), t[1]))[1] for d, t in zip(done, tops, strict=True)])
            inner = inner.rows_scaled(s.mid, s.radius, s.exponent)
            if step % length == 0 and r:
                d = _row_scale(inner)
                rest = inner.rows_scaled(down(1 / d), up(up(1 / d) - down(1 / d)), np.zeros_like(inner.exponent))
                tops = _Numbers(np.zeros(self.count), rest.norm_up(), rest.exponent).intervals()
                done = [times((arb(0), a), (arb(0), t[1]))[1] for a, t in zip(done, tops, strict=True)]
                inner = MatrixBall.diagonal(d, np.zeros_like(inner.exponent), self.p)
        return made[::-1]


def _roots(s: Slopes) -> tuple[Floats, Floats, Integers]:
    """sqrt|s'| rounded down and up, with half the exponent."""
    odd = (s.exponent % 2).astype(np.int64)
    low, high = np.ldexp(s.size_down, odd[:, None]), np.ldexp(s.size_up, odd[:, None])
    low = np.where(low > 0, np.maximum(down(np.sqrt(low)), 0), 0.0)
    return low, np.where(high > 0, up(np.sqrt(high)), 0.0), (s.exponent - odd) // 2


def _row_scale(ball: MatrixBall) -> Floats:
    """Square roots of the row norms, kept away from 0: any positive numbers are allowed, these are good
    ones."""
    rows = np.sqrt(np.sqrt(np.square(ball.mid).sum(axis=2)))
    return np.asarray(np.maximum(rows, 1e-6 * rows.max(axis=1, keepdims=True, initial=0) + 1e-100))


def climb(layers: Sequence[Layer], slope: Sequence[Columns], gammas: Sequence[Interval], p: NormKind,
          kinds: Sequence[str], window: int, lower: bool = True, wide: bool = False,
          clock: Clock | None = None) -> dict[str, list[list[Interval]]]:
    """For every rung but `ball`: [layer][example] -> bounds of ||S_l A_{l+1} ... S_L|| and of its smallest
    stretch.

    Multiply by ||a^L - y|| for the bounds of ||d^l||.  Without `lower` the smallest stretches, half of the
    work, are left at 0.  `gammas` holds bounds of inf |s_r'| and sup |s_r'|.  Rungs that the clock leaves no time for
    repeat the rung above, which is valid.
    """
    budget, clock = BUDGET, clock or Clock()
    made: dict[str, list[list[Interval]]] = {k: [[] for _ in layers] for k in kinds if k != "ball"}
    slopes = [Slopes.of(columns) for columns in slope]
    largest = max(max(layer.w.shape) for layer in layers)
    chunk = max(1, int(4e6 / largest**2) if clock.seconds is None else int(1e5 / largest**2))
    for start in range(0, slopes[0].low.shape[0], chunk):
        part = [Slopes(s.low[start:start + chunk], s.high[start:start + chunk], s.exponent[start:start + chunk])
                for s in slopes]
        rungs = _Rungs(layers, part, p, lower)
        late: list[str] = []
        for kind in made:
            late += [kind] if clock.over and kind not in ("global", "local") else []
            unknown = [[(arb(0), arb.pos_inf())] * rungs.count] * len(layers)      # cut by the rung above
            for l, found in enumerate(unknown if kind in late else _rung(kind, rungs, gammas, window)):
                made[kind][l] += found
        if late:
            clock.note(f"from example {start} on, {', '.join(late)} repeat the rung above")
        if "product" in made and not wide and not clock.over:
            budget = _sharpen(made["product"], rungs, layers, slope, start, budget)
    for above, below in pairwise([kind for kind in KINDS if kind in made]):
        made[below] = [[_cut(a, b) for a, b in zip(*rows, strict=True)]
                       for rows in zip(made[below], made[above], strict=True)]
    return made


def _sharpen(made: list[list[Interval]], rungs: _Rungs, layers: Sequence[Layer], slope: Sequence[Columns],
             start: int, budget: int) -> int:
    """Form the products again in balls where float64 has lost them; returns what is left of the budget."""
    weights = [layer.w for layer in layers]
    cost = sum(w.size for w in weights[1:]) * weights[-1].shape[0]
    for i in np.flatnonzero(rungs.doubt).tolist():
        budget -= cost
        if budget < 0:
            break
        better = ball_products(weights, [columns[start + i] for columns in slope], rungs.p, rungs.lower)
        for row, found in zip(made, better, strict=True):
            row[start + i] = _cut(row[start + i], found)
    return budget


def _cut(inner: Interval, outer: Interval) -> Interval:
    """Both are proved of the same number: the tighter end of each counts."""
    return max(inner[0], outer[0]), min(inner[1], outer[1])


def _rung(kind: str, rungs: _Rungs, gammas: Sequence[Interval], window: int) -> list[list[Interval]]:
    count, depth = rungs.count, rungs.depth
    if kind == "product":
        return rungs.products()
    if kind == "window":
        return [[(arb(0), top) for top in tops] for tops in rungs.windows(window)]
    ends = [[g] * count for g in gammas] if kind == "global" else [e.intervals() for e in rungs.end]
    if kind in ("global", "local"):
        pulls = [rungs.weight(r) for r in range(depth)]
        steps = [[times(e, pulls[r + 1]) for e in ends[r]] for r in range(depth - 1)]
    else:
        steps = [rungs.factor(r) if kind == "factors" else rungs.split(r) for r in range(depth - 1)]
    if kind == "split":
        first = [e.intervals() for e in rungs.root_end]
        whole, made = first[-1], [ends[-1]]
    else:
        whole, made = ends[-1], [ends[-1]]
    for r in range(depth - 2, -1, -1):
        whole = [times(s, v) for s, v in zip(steps[r], whole, strict=True)]
        made.append([times(f, v) for f, v in zip(first[r], whole, strict=True)] if kind == "split" else whole)
    return made[::-1]
