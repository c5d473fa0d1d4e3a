"""Norms of matrices whose entries are balls, and the long products that float64 cannot carry.

The radius of a float64 product grows like prod ||S_r|| ||w^r|| while the product itself grows like the rung (iv):
after some twenty layers of a chaotic network the radius has won. Then the product is formed once more in balls
of sufficient precision, and only its norm is taken in float64.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, arb_mat, ctx

from symgrad.bounds.enclosure import Enclosure
from symgrad.bounds.norms import NormKind, stack_norm_up, stack_stretch_down
from symgrad.bounds.rounding import TINY, Floats, power_of_two
from symgrad.bounds.spectral import spectral_both
from symgrad.bounds.states import Slopes, vector_norm

__all__ = ["Interval", "ball_norm", "ball_products"]

Interval = tuple[arb, arb]              # lower and upper bound of a number >= 0


def ball_norm(flat: Sequence[arb], rows: int, columns: int, p: NormKind) -> Enclosure:
    """The norm of a matrix given by its entries, row by row."""
    if p != "2":
        lines = [flat[i * columns:(i + 1) * columns] for i in range(rows)] if p == "inf" else \
            [flat[j::columns] for j in range(columns)]
        best = arb(0)
        for line in lines:
            best = best.max(vector_norm(line, "1"))
        return Enclosure.norm(best)
    mid, spread, factor = _as_floats(flat, rows, columns)
    lowest, highest = spectral_both(mid)
    top, low = power_of_two(highest[0], 0) + spread, power_of_two(lowest[0], 0) - spread
    return Enclosure((low * factor).lower() if low > 0 else arb(0), (top * factor).upper())


def _as_floats(flat: Sequence[arb], rows: int, columns: int) -> tuple[Floats, arb, arb]:
    """(mid, spread, factor): the matrix is factor * (mid + E) with ||E||_2 <= spread, mid a stack of one."""
    block = Slopes.of([list(flat)])
    radius = block.radius.reshape(1, rows, columns)
    spread = power_of_two(float(stack_norm_up(radius, "fro")[0]), 0) + power_of_two(rows * columns * TINY, 0)
    return block.mid.reshape(1, rows, columns), spread, power_of_two(1.0, int(block.exponent[0]))


def _stretch(flat: Sequence[arb], rows: int, columns: int, p: NormKind) -> arb:
    """A lower bound of the smallest stretch; ||E||_p <= sqrt(max(rows, columns)) ||E||_2."""
    mid, spread, factor = _as_floats(flat, rows, columns)
    if p != "2":
        spread = (spread * arb(max(rows, columns)).sqrt()).upper()
    low = ((power_of_two(float(stack_stretch_down(mid, p)[0]), 0) - spread) * factor).lower()
    return low if low > 0 else arb(0)


def ball_products(weights: Sequence[Floats], slopes: Sequence[Sequence[arb]], p: NormKind,
                  lower: bool) -> list[Interval]:
    """Bounds of ||S_l A_{l+1} S_{l+1} ... A_L S_L|| and of its smallest stretch for l = 1 .. L, for one example.

    weights: w^1 .. w^L; slopes: the balls s'(z^l_i) of each layer.
    """
    made = []
    with ctx.workprec(128 + 10 * len(weights)):
        n = len(slopes[-1])
        inner = arb_mat([[s if i == j else arb(0) for j in range(n)] for i, s in enumerate(slopes[-1])])
        for r in range(len(weights) - 1, -1, -1):
            if r < len(weights) - 1:
                w = weights[r + 1]
                pulled = (arb_mat(w.shape[1], w.shape[0], w.T.ravel().tolist()) * inner).entries()
                inner = arb_mat([[s * v for v in pulled[i * n:(i + 1) * n]] for i, s in enumerate(slopes[r])])
            flat, rows = inner.entries(), inner.nrows()
            with ctx.workprec(64):
                low = _stretch(flat, rows, n, p) if lower and rows >= n else arb(0)
                made.append((low, ball_norm(flat, rows, n, p).upper))
    return made[::-1]
