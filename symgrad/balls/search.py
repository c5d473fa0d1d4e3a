"""Branch and bound: the supremum of g, -g or |g|, where g = f^(order), over bounded intervals.

Each box is enclosed by power-series balls: the plain enclosure of g, its mean-value form, and its
second-order Taylor form. A box is finished when its bound lies below a value already seen, when g' has one
sign (then its ends decide), or when g'' has one sign: then g' has at most one zero, which interval Newton
encloses to full precision. Whatever is unfinished when time is up still counts with its bound, so the
answer is an enclosure at any moment. Source: Moore, Kearfott, Cloud, Introduction to Interval Analysis,
SIAM 2009, ch. 8.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from dataclasses import dataclass, field
from typing import Literal

import sympy as sp
from flint import arb

from symgrad.balls.evaluate import taylor
from symgrad.balls.program import Program

__all__ = ["Candidate", "Objective", "Region", "Search"]

Objective = Literal["abs", "max", "min"]
INFINITE = arb("inf")
PATIENCE = 1500                             # boxes between two looks at the progress made


@dataclass(frozen=True)
class Region:
    """A formula and the closed interval to search; `low_end`, `high_end` name its exact ends where they
    have a name."""

    program: Program
    low: arb
    high: arb
    low_end: sp.Expr | None = None
    high_end: sp.Expr | None = None


@dataclass(frozen=True)
class Candidate:
    """A place (exact, or a ball) where the supremum may be, with a ball that contains the values there.

    kind: "critical" (exactly one zero of g' in the ball, a peak), "critical?" (at most one zero), "end",
    "flat" (g is constant around), "box" (undecided), "limit" (approached at the end named, not reached).
    """

    place: arb | sp.Expr
    value: arb
    kind: str


@dataclass
class Search:
    objective: Objective
    order: int
    bits: int                                   # stop refining at a relative excess of 2^-bits
    deadline: float
    lower: arb = field(default_factory=lambda: arb("-inf"))
    candidates: list[Candidate] = field(default_factory=list)
    finished: bool = True

    def __post_init__(self) -> None:
        self.heap: list[tuple[float, int, arb, arb, arb, Region]] = []
        self.counter = itertools.count()
        self.tolerance = arb(2) ** -self.bits

    # --- what is maximised -------------------------------------------------------------------------
    def measure(self, g: arb) -> arb:
        return abs(g) if self.objective == "abs" else g if self.objective == "max" else -g

    def measure_sign(self, g: arb) -> int:
        """The sign with which g enters the measure."""
        if self.objective == "abs":
            return 1 if g > 0 else -1
        return 1 if self.objective == "max" else -1

    def add(self, candidate: Candidate) -> None:
        """Count a candidate; its lower end raises the bound below which boxes are dropped."""
        self.raise_to(candidate.value)
        self.candidates.append(candidate)

    def raise_to(self, value: arb) -> None:
        """The measure is known to come at least as high as the ball of values begins."""
        if value.is_finite():
            self.lower = _larger(self.lower, value.lower())

    def beaten(self, value: arb) -> bool:
        return bool(value.upper() < self.lower)

    def close_enough(self, value: arb) -> bool:
        return bool(value.upper() <= self.lower + abs(self.lower) * self.tolerance)

    @property
    def upper(self) -> arb:
        """At least the supremum over everything given so far, finished or not."""
        top = self.lower
        for c in self.candidates:
            top = _larger(top, c.value.upper() if not c.value.is_nan() else INFINITE)
        for *_, value, _ in self.heap:
            top = _larger(top, value.upper() if not value.is_nan() else INFINITE)
        return top

    # --- the search --------------------------------------------------------------------------------
    def derivatives(self, region: Region, x: arb, count: int) -> tuple[list[arb], bool]:
        """g, g', ... on x, and whether Taylor's theorem holds there."""
        series = taylor(region.program, x, self.order + count)
        coefficients = series.coefficients[self.order:]
        result, factor = [], math.factorial(self.order)
        for k, c in enumerate(coefficients):
            result.append(c * factor)
            factor *= self.order + k + 1
        return result, series.decided

    def run(self, regions: list[Region]) -> None:
        for region in regions:
            self.probe(region)
        for region in regions:
            self.push(region, region.low, region.high)
        gap = INFINITE
        for step in itertools.count(1):
            if not self.heap:
                return
            if step % PATIENCE == 0:
                gap, before = self.gap(), gap
                stuck = not gap < before * 0.75 if gap.is_finite() else step > 6 * PATIENCE
                if step > PATIENCE and stuck:
                    self.finished = False                # a plateau that no number of boxes will settle
                    return
            if time.thread_time() > self.deadline:
                self.finished = False
                return
            *_, low, high, value, region = heapq.heappop(self.heap)
            if not self.beaten(value):
                self.split(region, low, high)

    def gap(self) -> arb:
        """How far the best bound lies above the best value."""
        top = self.heap[0][4] if self.heap else arb(0)
        return (top.upper() - self.lower).upper() if top.is_finite() else INFINITE

    def probe(self, region: Region) -> None:
        """A few values first: a good lower bound drops most boxes at once. Ends count as candidates."""
        for end, name in ((region.low, region.low_end), (region.high, region.high_end)):
            g = self.derivatives(region, end, 1)[0][0]
            if g.is_finite():
                self.add(Candidate(end if name is None else name, self.measure(g), "end"))
        for i in range(1, 8):
            point = (region.low + (region.high - region.low) * i / 8).mid()
            g = self.derivatives(region, point, 1)[0][0]
            if g.is_finite():
                self.lower = _larger(self.lower, self.measure(g).lower())

    def split(self, region: Region, low: arb, high: arb) -> None:
        middle = ((low + high) / 2).mid()
        small = (abs(low) + abs(high)) * arb((1, -(4 * self.bits + 200))) + arb((1, -1400))
        if not (low < middle and middle < high) or (high - low).upper() < small:
            x = low.union(high)
            g = self.derivatives(region, x, 1)[0][0]
            self.finished = self.finished and bool(g.is_finite())
            self.candidates.append(Candidate(x, self.measure(g), "box"))
            return
        self.push(region, low, middle)
        self.push(region, middle, high)

    def push(self, region: Region, low: arb, high: arb) -> None:
        """Bound one box; finish it or queue it."""
        x = low.union(high)
        (g, slope, bend), smooth = self.derivatives(region, x, 3)
        value = self.measure(g)
        if value.is_finite() and self.beaten(value):
            return
        if smooth and slope.is_finite():
            if slope == 0 or not slope.contains(0):
                self.end_values(region, low, high)
                if slope == 0:
                    self.add(Candidate(x, self.measure(self.at(region, x.mid())[0]), "flat"))
                return
            here = self.at(region, x.mid())
            self.lower = _larger(self.lower, self.measure(here[0]).lower())
            step = x - x.mid()
            value = _tighter(value, self.measure(here[0] + slope * step))
            if bend.is_finite():
                value = _tighter(value, self.measure(here[0] + here[1] * step + bend * step * step / 2))
            if self.beaten(value):
                return
            if bend.is_finite() and not bend.contains(0):
                self.newton(region, low, high, x, bend)
                return
        if value.is_finite() and self.close_enough(value):
            self.candidates.append(Candidate(x, value, "box"))
            return
        top = value.upper() if value.is_finite() else INFINITE
        key = -float(top) if top.is_finite() and abs(top) < 1e300 else -math.inf
        heapq.heappush(self.heap, (key, next(self.counter), low, high, value, region))

    def at(self, region: Region, point: arb) -> list[arb]:
        return self.derivatives(region, point, 2)[0]

    def end_values(self, region: Region, low: arb, high: arb) -> None:
        for end in (low, high):
            if end is region.low or end is region.high:
                continue                                  # counted by `probe`, under its exact name
            value = self.measure(self.derivatives(region, end, 1)[0][0])
            if not self.beaten(value):
                self.add(Candidate(end, value, "end"))

    def newton(self, region: Region, low: arb, high: arb, x: arb, bend: arb) -> None:
        """At most one critical point in the box: enclose it, evaluate there and at the ends."""
        self.end_values(region, low, high)
        proved = False
        for _ in range(60):
            middle = x.mid()
            image = middle - self.at(region, middle)[1] / bend
            if not image.overlaps(x):
                return                                    # g' has no zero in the box
            proved = proved or bool(x.contains_interior(image))
            smaller = image.intersection(x)
            if not smaller.rad() < x.rad() * 0.75:
                break
            x = smaller
            if x.is_exact():
                break
            (_, _, bend_here), _ = self.derivatives(region, x, 3)
            bend = bend_here if bend_here.is_finite() and not bend_here.contains(0) else bend
        (g, _, _), _ = self.derivatives(region, x, 3)
        here = self.at(region, x.mid())
        step = x - x.mid()
        value = _tighter(self.measure(g), self.measure(here[0] + here[1] * step + bend * step * step / 2))
        if not self.beaten(value):
            peak = bool(self.measure_sign(here[0]) * bend < 0)
            inside = bool(x >= region.low and x <= region.high)
            found = Candidate(x, value, "critical" if proved and peak and inside else "critical?")
            if inside:
                self.add(found)
            else:                                 # it may lie outside: it must not raise the lower bound
                self.candidates.append(found)


def _larger(a: arb, b: arb) -> arb:
    return b if b > a else a


def _tighter(a: arb, b: arb) -> arb:
    """Both contain the values; the intersection does too."""
    if not a.is_finite():
        return b
    return a.intersection(b) if b.is_finite() and a.overlaps(b) else a
