"""Tighter states over a box: z = c + G t + u with |t_j| <= 1 and |u_i| <= e_i, instead of an interval alone.

Intervals forget that two units move together, and each layer widens them by the norm of |w| rather than of w.
Here the linear dependence on the input stays a matrix, z' = w z + b maps it exactly, and s(z) = s(c) +
s'(.)(z - c) (mean value theorem, s' in m +- r on the enclosure of z) adds only the second-order part r |z -
c| to e.  The slopes s'(z) are carried the same way, by s'', and a product of two such forms is one again, so that
d^l = S(z^l) (w^{l+1})^T d^{l+1} keeps its dependence on the input too.  (Affine arithmetic: de Figueiredo and Stolfi,
Numer. Algorithms 37, 2004.)  Everything is a ball, so every rounding is counted; the result is intersected with the intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb, arb_mat

from symgrad.balls.numbers import number_ball
from symgrad.bounds.layers import ActivationLike

__all__ = ["AffineForm", "meet"]


def meet(a: arb, b: arb) -> arb:
    """A ball around the intersection of two enclosures of one number; one of them where it lies in the other."""
    if not b.is_finite() or (a.is_finite() and b.contains(a)):
        return a
    if not a.is_finite() or a.contains(b):
        return b
    low, high = a.lower().max(b.lower()), a.upper().min(b.upper())
    return low.union(high) if low <= high else a


@dataclass(frozen=True)
class AffineForm:
    """n numbers c + G t + u, |t_j| <= 1, |u_i| <= e_i."""

    centre: list[arb]
    linear: arb_mat
    rest: list[arb]

    @classmethod
    def box(cls, balls: Sequence[arb]) -> AffineForm:
        radii = [ball.rad() for ball in balls]
        n = len(radii)
        return cls([ball.mid() for ball in balls],
                   arb_mat([[radii[i] if i == j else arb(0) for j in range(n)] for i in range(n)]), [arb(0)] * n)

    def widths(self) -> list[arb]:
        """Upper bounds of |z_i - c_i|."""
        columns = self.linear.ncols()
        flat = self.linear.entries()
        return [(sum((abs(v) for v in flat[i * columns:(i + 1) * columns]), arb(0)) + e).upper()
                for i, e in enumerate(self.rest)]

    def balls(self) -> list[arb]:
        return [(c - w).lower().union((c + w).upper()) for c, w in zip(self.centre, self.widths(), strict=True)]

    def mapped(self, w: arb_mat, b: Sequence[arb] | None) -> AffineForm:
        """w z + b."""
        sizes = arb_mat(w.nrows(), w.ncols(), [abs(v) for v in w.entries()])
        centre = (w * arb_mat([[c] for c in self.centre])).entries()
        rest = [v.upper() for v in (sizes * arb_mat([[e] for e in self.rest])).entries()]
        if b is not None:
            centre = [c + v for c, v in zip(centre, b, strict=True)]
        return AffineForm(centre, w * self.linear, rest)

    def activated(self, activation: ActivationLike, slopes: Sequence[arb], values: Sequence[arb]) -> AffineForm:
        """s(z), given enclosures of s' and of s over all z; a jump makes the mean value theorem void."""
        rows, columns = self.linear.nrows(), self.linear.ncols()
        flat, widths = self.linear.entries(), self.widths()
        centre, linear, rest = [], [], []
        for i, (s, value) in enumerate(zip(slopes, values, strict=True)):
            here = activation.enclose(self.centre[i])
            if getattr(activation, "jumps", ()) or not (s.is_finite() and here.is_finite()):
                centre.append(value.mid())
                linear += [arb(0)] * columns
                rest.append(value.rad())
                continue
            m, r = s.mid(), s.rad()
            centre.append(here)
            linear += [m * v for v in flat[i * columns:(i + 1) * columns]]
            rest.append((abs(m) * self.rest[i] + r * widths[i]).upper())
        return AffineForm(centre, arb_mat(rows, columns, linear), rest)

    def steepness(self, activation: ActivationLike, balls: Sequence[arb], slopes: Sequence[arb]) -> AffineForm:
        """s'(z), given enclosures of z and of s' there; where s' may jump, or s'' is not known, the enclosure alone."""
        rows, columns = self.linear.nrows(), self.linear.ncols()
        flat, widths = self.linear.entries(), self.widths()
        centre, linear, rest = [], [], []
        for i, (z, s) in enumerate(zip(balls, slopes, strict=True)):
            bend = _bend(activation, z)
            here = activation.enclose_slope(self.centre[i]) if bend is not None else arb.nan()
            if bend is None or not here.is_finite():
                centre.append(s.mid())
                linear += [arb(0)] * columns
                rest.append(s.rad())
                continue
            m, r = bend.mid(), bend.rad()
            centre.append(here)
            linear += [m * v for v in flat[i * columns:(i + 1) * columns]]
            rest.append((abs(m) * self.rest[i] + r * widths[i]).upper())
        return AffineForm(centre, arb_mat(rows, columns, linear), rest)

    def times(self, other: AffineForm) -> AffineForm:
        """The products, entry by entry: (c + p)(d + q) = c d + c q + d p + p q, with |p q| <= |p| |q|."""
        rows, columns = self.linear.nrows(), self.linear.ncols()
        mine, theirs = self.linear.entries(), other.linear.entries()
        linear, rest = [], []
        for i, (c, d, v, w) in enumerate(zip(self.centre, other.centre, self.widths(), other.widths(), strict=True)):
            part = slice(i * columns, (i + 1) * columns)
            linear += [c * q + d * p for p, q in zip(mine[part], theirs[part], strict=True)]
            rest.append((abs(c) * other.rest[i] + abs(d) * self.rest[i] + v * w).upper())
        return AffineForm([c * d for c, d in zip(self.centre, other.centre, strict=True)], arb_mat(rows, columns, linear), rest)

    def minus(self, target: Sequence[float]) -> AffineForm:
        """z - y for exact y."""
        return AffineForm([c - y for c, y in zip(self.centre, target, strict=True)], self.linear, self.rest)


def _bend(activation: ActivationLike, z: arb) -> arb | None:
    """s'' on a ball; None where s' may jump on it, or nothing is known of s''."""
    series, pieces = getattr(activation, "series", None), getattr(activation, "pieces", None)
    if series is None or pieces is None or pieces.implicit:
        return None
    try:
        if any(number_ball(b).overlaps(z) for b in (*getattr(activation, "kinks", ()), *getattr(activation, "jumps", ()))):
            return None
        bend = 2 * series(z, 3)[2]
    except (ValueError, ZeroDivisionError):
        return None
    return bend if bend.is_finite() else None
