"""Balls of matrices: all M + E with ||E||_2 <= r, for a stack of N matrices at once.

Midpoint-radius arithmetic (Rump, BIT 39, 1999, and Numer. Algorithms 61, 2012), but with one radius a matrix,
in the 2-norm, instead of one radius an entry: the radius of a long product then grows like the product of the
norms ||w||_2, where radii of entries grow like the product of || |w| ||, which is about sqrt(n) / 2 times
faster a factor. The norm that is asked for enters at the end: ||E||_1 <= sqrt(rows) ||E||_2, and likewise
||E||_oo with the columns. Every product is one float64 matrix product and a few norms.  Each matrix
carries its own power of two, so that no product overflows or vanishes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from symgrad.bounds.norms import NormKind, stack_norm_up, stack_stretch_down
from symgrad.bounds.rounding import TINY, UNIT, Floats, Integers, down, gamma, scaled, up
from symgrad.bounds.spectral import frobenius_up

NEAR = 60                               # powers of two that a midpoint may lie below 1: its squares stay far from underflow

__all__ = ["ConstantMatrix", "MatrixBall", "cheap_norm_up"]


def cheap_norm_up(a: Floats) -> Floats:
    """min(Frobenius, sqrt(||A||_1 ||A||_oo)): a cheap upper bound of || |A| ||_2 for each matrix of a stack."""
    return np.asarray(np.minimum(frobenius_up(a), up(np.sqrt(up(stack_norm_up(a, "1") * stack_norm_up(a, "inf"))))))


@dataclass(frozen=True)
class ConstantMatrix:
    """A known float64 matrix, value 2^exponent with `value` scaled, and its norm; `lost` bounds its
    underflow."""

    value: Floats                       # (m, n)
    exponent: int
    p: NormKind

    @classmethod
    def of(cls, matrix: Floats, p: NormKind) -> ConstantMatrix:
        value, exponent = scaled(matrix[None], 2)
        return cls(value[0], int(exponent[0]), p)

    @cached_property
    def spectral_up(self) -> float:
        """The 2-norm, in which radii are carried."""
        return float(up(stack_norm_up(self.value[None], "2")[0] + self.lost)) if self.value.any() else 0.0

    @property
    def lost(self) -> float:
        return self.value.size * TINY

    @cached_property
    def norm_up(self) -> float:
        return float(up(stack_norm_up(self.value[None], self.p)[0] + self.lost)) if self.value.any() else 0.0

    @cached_property
    def stretch_down(self) -> float:
        return max(0.0, float(down(stack_stretch_down(self.value[None], self.p)[0] - 2 * self.lost)))

    @cached_property
    def rounding_norm(self) -> float:
        """A bound of || |A| ||_2, for the rounding error of products."""
        return float(cheap_norm_up(self.value[None])[0])


@dataclass(frozen=True)
class MatrixBall:
    """Matrices (mid + E) 2^exponent with ||E||_2 <= radius, to be measured in the norm p.

    mid has shape (N, m, n), radius and exponent (N,).
    """

    mid: Floats
    radius: Floats
    exponent: Integers
    p: NormKind

    @classmethod
    def diagonal(cls, entries: Floats, exponent: Integers, p: NormKind) -> MatrixBall:
        """diag(entries) 2^exponent for exact entries (N, n)."""
        count, n = entries.shape
        mid = np.zeros((count, n, n))
        mid[:, np.arange(n), np.arange(n)] = entries
        return cls(mid, np.zeros(count), exponent, p)

    @classmethod
    def constant(cls, matrix: ConstantMatrix, count: int) -> MatrixBall:
        mid = np.broadcast_to(matrix.value, (count, *matrix.value.shape))
        return cls(mid, np.full(count, matrix.lost), np.full(count, matrix.exponent, np.int64), matrix.p)

    def normalised(self) -> MatrixBall:
        """The same ball with mid scaled to [1/2, 1), or as it is where its largest entry lies in [2^-NEAR, 1) anyway."""
        largest = np.maximum(self.mid.max(axis=(1, 2), initial=0), -self.mid.min(axis=(1, 2), initial=0))
        if ((largest > 2.0**-NEAR) & (largest < 1)).all():
            return self
        mid, shift = scaled(self.mid, 2)
        size = mid.shape[1] * mid.shape[2]
        with np.errstate(over="ignore"):        # an infinite radius is a valid one
            grown = up(up(np.ldexp(self.radius, -shift)) + size * TINY)
        return MatrixBall(mid, np.where(self.radius + np.abs(mid).max(axis=(1, 2), initial=0) > 0, grown, 0.0),
                          self.exponent + shift, self.p)

    def exact(self) -> MatrixBall:
        """The midpoint alone."""
        return MatrixBall(self.mid, np.zeros_like(self.radius), self.exponent, self.p)

    def widened(self, block: MatrixBall, old: MatrixBall) -> MatrixBall:
        """This ball around B M, for one matrix B of the ball `block` and the midpoint M of `old`, made a ball around B (M
        + E) for every ||E||_2 <= old.radius: the radius grows by ||B|| ||E||."""
        carried = up(cheap_norm_up(block.mid) + block.radius)
        with np.errstate(over="ignore", invalid="ignore"):
            shift = np.clip(block.exponent + old.exponent - self.exponent, -5000, 5000)
            more = up(np.ldexp(up(carried * old.radius), shift))
        grown = up(self.radius + np.where(np.isnan(more), np.inf, more))
        return MatrixBall(self.mid, np.where(old.radius > 0, grown, self.radius), self.exponent, self.p)

    def after(self, matrix: ConstantMatrix) -> MatrixBall:
        """matrix @ self, renormalised."""
        k = matrix.value.shape[1]
        mid = matrix.value @ self.mid
        rounding = up(gamma(k + 1) * up(matrix.rounding_norm * cheap_norm_up(self.mid)))
        lost = up(matrix.lost * cheap_norm_up(self.mid))
        radius = up(up(up(matrix.spectral_up * self.radius) + up(rounding + lost)) + 2 * k * mid[0].size * TINY)
        zero = ~self.mid.any(axis=(1, 2)) & (self.radius == 0)
        radius = np.where(zero | (matrix.norm_up == 0), 0.0, radius)
        return MatrixBall(mid, radius, self.exponent + matrix.exponent, self.p).normalised()

    def rows_scaled(self, mid: Floats, radius: Floats, exponent: Integers) -> MatrixBall:
        """diag(s) @ self for every s with |s - mid| <= radius, times 2^exponent; mid and radius of shape (N,
        m)."""
        product = mid[:, :, None] * self.mid
        reach = up(np.abs(mid) + radius)
        spread = cheap_norm_up(up(radius[:, :, None] * np.abs(self.mid))) if radius.any() else 0.0
        rounding = up(UNIT * frobenius_up(product) * (1 + 4 * UNIT)) + product[0].size * TINY
        total = up(up(up(reach.max(axis=1, initial=0) * self.radius) + spread) + rounding)
        zero = ~(reach.any(axis=1) & (self.mid.any(axis=(1, 2)) | (self.radius > 0)))
        return MatrixBall(product, np.where(zero, 0.0, total), self.exponent + exponent, self.p).normalised()

    def columns_scaled(self, entries: Floats, exponent: Integers) -> MatrixBall:
        """self @ diag(entries) for exact entries (N, n), times 2^exponent."""
        product = self.mid * entries[:, None, :]
        rounding = up(UNIT * frobenius_up(product) * (1 + 4 * UNIT)) + product[0].size * TINY
        total = up(up(np.abs(entries).max(axis=1, initial=0) * self.radius) + rounding)
        zero = ~(entries.any(axis=1) & (self.mid.any(axis=(1, 2)) | (self.radius > 0)))
        return MatrixBall(product, np.where(zero, 0.0, total), self.exponent + exponent, self.p).normalised()

    @property
    def spread(self) -> Floats:
        """Upper bounds of ||E||_p."""
        if self.p == "2":
            return self.radius
        size = self.mid.shape[1 if self.p == "1" else 2]
        return np.asarray(np.where(self.radius > 0, up(up(np.sqrt(size)) * self.radius), 0.0))

    def norm_up(self) -> Floats:
        """Upper bounds of the norms, without the factor 2^exponent."""
        whole = self.mid.any(axis=(1, 2))
        return np.where(whole, up(stack_norm_up(self.mid, self.p) + self.spread), self.spread)

    def stretch_down(self) -> Floats:
        """Lower bounds of s_min, without the factor 2^exponent."""
        return np.asarray(np.maximum(down(stack_stretch_down(self.mid, self.p) - self.spread), 0.0))
