"""Certified suprema over the real line or an interval: γ = sup|σ'|, sup|σ''|, ranges of σ and σ'.

The line is cut at the exact breakpoints and singular points. Bounded stretches are searched by power-series
balls (`search`), ends are bounded by germs (`ends`), a periodic function over one period. The result is an
enclosure at any moment: when the time budget ends first, it is wider and says so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR
from itertools import pairwise

import flint
import sympy as sp
from flint import arb

from symgrad.balls.answer import Supremum, merged_places
from symgrad.balls.decimals import rounded
from symgrad.balls.domain import borders, breaks_inside, regular, undefined_part
from symgrad.balls.ends import FAR, bound_end, monotone_from, settle, singular_end, tail_end
from symgrad.balls.evaluate import OutsideDomain, taylor
from symgrad.balls.folds import branches, derivative_off_breaks
from symgrad.balls.germs import NoGerm
from symgrad.balls.numbers import exact_rational, number_ball
from symgrad.balls.phases import period_of
from symgrad.balls.pieces import Pieces, breaks_of_order, split, switches
from symgrad.balls.products import has_pole, tail_of_product
from symgrad.balls.program import compile_expression
from symgrad.balls.search import Candidate, Objective, Region, Search
from symgrad.balls.tails import End, TailBound
from symgrad.errors import SymgradError

__all__ = ["Supremum", "supremum"]

STARTS = [2**k for k in (*range(3, 14), 16, 20, 25, 30, 40, 60, 100, 180, 350, 700, 1100)]
FAR_OUT = 100
def supremum(expression: sp.Expr, variable: sp.Symbol, *, order: int = 1, objective: Objective = "abs",
             interval: tuple[sp.Expr, sp.Expr] | None = None, digits: int = 30,
             budget: float = 4.0) -> Supremum:
    """The supremum of |f^(order)| (objective "abs"), f^(order) ("max") or -f^(order) ("min").

    Where it ends early, because the budget is spent or boxes no longer help, the result is a valid, wider enclosure with
    `complete` False. The budget counts the computing time of this thread, so that a busy machine changes no answer.

    interval: exact ends, possibly infinite; None is the whole line. digits: relative, asked for; budget:
    seconds. Raises SymgradError where f is undefined on part of the interval (saying where).
    """
    begun = time.thread_time()
    low, high = (-sp.oo, sp.oo) if interval is None else (sp.sympify(end, strict=True) for end in interval)
    if not low <= high or (low == high and low.is_infinite):
        raise SymgradError(f"the interval [{low}, {high}] is empty: give (lower, upper) with lower <= upper")
    job = _Job(expression, variable, order, objective, low, high, digits, begun, budget)
    try:
        with flint.ctx.workprec(int(digits * 3.33) + 64):
            return job.run()
    except OutsideDomain as error:
        where = undefined_part(job.pieces, variable, low, high)
        raise SymgradError(f"{expression} is undefined {where or error}") from None


class _Job:
    def __init__(self, expression: sp.Expr, variable: sp.Symbol, order: int, objective: Objective,
                 low: sp.Expr,
                 high: sp.Expr, digits: int, begun: float, budget: float) -> None:
        self.expression, self.variable, self.order = expression, variable, order
        self.low, self.high, self.digits, self.begun = low, high, digits, begun
        self.pieces: Pieces = self.split_up()
        self.search = Search(objective, order, int(digits * 3.33) + 4, begun + budget)
        self.grows: list[sp.Expr] = []
        self.ends: list[tuple[End, TailBound | None, sp.Expr, sp.Expr]] = []
        self.local: list[Pieces] = []                # of a function with branches for ever: those near the origin

    def split_up(self) -> Pieces:
        """The smooth pieces; where there are infinitely many, those in one period or in the interval given."""
        pieces = split(self.expression, self.variable)
        if not pieces.implicit:
            return pieces
        if self.low.is_infinite or self.high.is_infinite:
            turning = sp.diff(self.expression, self.variable, max(self.order, 1))
            period = period_of(turning + sum(sp.Dummy() * g for g in switches(self.expression)), self.variable)
            if period is None or (self.order == 0 and not _repeats(self.expression, self.variable, period)):
                return pieces
            self.low = self.low if self.low.is_finite else self.high - period if self.high.is_finite else sp.S.Zero
            self.high = self.low + period
        return split(self.expression, self.variable, (self.low, self.high))

    def run(self) -> Supremum:
        regions: list[Region] = []
        where = undefined_part(self.pieces, self.variable, self.low, self.high)
        if where:
            raise SymgradError(f"{self.expression} is undefined {where}")
        if self.low == self.high:
            self.one_point()
            return self.result()
        for formula, low, high in self.stretches():
            derivative = derivative_off_breaks(formula, self.variable, self.order) if branches(formula) else \
                sp.diff(formula, self.variable, self.order)
            if self.variable not in derivative.free_symbols:
                place = sp.Interval.open(low, high)
                self.search.add(Candidate(place, self.search.measure(number_ball(derivative)), "flat"))
                continue
            period = period_of(derivative, self.variable)
            if period is not None and bool(high - low >= period):
                low, high = sp.S.Zero, period                # one period says all
            regions += self.between_singular(formula, derivative, low, high)
        if not self.grows:
            self.search.run(regions)
            self.reconsider_ends()
        return self.result()

    def stretches(self) -> Iterator[tuple[sp.Expr, sp.Expr, sp.Expr]]:
        """The formulas with the part of the interval where they hold."""
        marks = [-sp.oo, *self.pieces.breaks, sp.oo]
        for formula, a, b in zip(self.pieces.formulas, marks, marks[1:], strict=False):
            low, high = sp.Max(a, self.low), sp.Min(b, self.high)
            if low < high:
                yield formula, low, high

    def one_point(self) -> None:
        """The values from both sides at the only point."""
        marks = [-sp.oo, *self.pieces.breaks, sp.oo]
        x = number_ball(self.low)
        for formula, a, b in zip(self.pieces.formulas, marks, marks[1:], strict=False):
            if a <= self.low <= b:
                if self.low in borders(formula, self.variable, a, b) and not self.known_at(formula):
                    raise SymgradError(f"{self.expression} or its derivative is undefined at {self.low}")
                g = self.search.derivatives(Region(compile_expression(formula, self.variable), x, x), x, 1)[0][0]
                self.search.add(Candidate(self.low, self.search.measure(g), "end"))

    def known_at(self, formula: sp.Expr) -> bool:
        """Whether f^(order) has a value at the only point."""
        program = compile_expression(formula, self.variable)
        return bool(taylor(program, number_ball(self.low), self.order + 1).coefficients[-1].is_finite())

    def between_singular(self, formula: sp.Expr, derivative: sp.Expr, low: sp.Expr,
                         high: sp.Expr) -> list[Region]:
        inner = self.singular_points(formula, low, high)
        marks = [low, *(p for p in inner if low < p < high), high]
        regions = []
        for a, b in pairwise(marks):
            start, start_name = self.boundary(formula, derivative, a, 1, a in inner, b)
            stop, stop_name = self.boundary(formula, derivative, b, -1, b in inner, a)
            if start is not None and stop is not None and start < stop:
                for region in self.smooth_regions(formula, start, stop, start_name, stop_name):
                    regions += self.near(region, derivative)
        return regions

    def smooth_regions(self, formula: sp.Expr, start: arb, stop: arb, start_name: sp.Expr | None,
                       stop_name: sp.Expr | None) -> list[Region]:
        """The region of a formula; one that still branches is cut where it does, as far as the places are found."""
        whole = Region(compile_expression(formula, self.variable), start, stop, start_name, stop_name)
        if not branches(formula):
            return [whole]
        inner = split(formula, self.variable, (exact_rational(start.lower()), exact_rational(stop.upper())))
        places = [number_ball(b) for b in inner.breaks]
        if inner.implicit or not all(start < p and p < stop for p in places):
            return [whole]
        self.local.append(inner)
        marks = [(start, start_name), *zip(places, inner.breaks, strict=True), (stop, stop_name)]
        return [Region(compile_expression(f, self.variable), low, high, low_name, high_name)
                for f, ((low, low_name), (high, high_name)) in zip(inner.formulas, pairwise(marks), strict=True)]

    def near(self, region: Region, derivative: sp.Expr) -> list[Region]:
        """The region without the part far out where f^(order) is monotone: there its ends decide."""
        for direction, end in ((1, region.high), (-1, region.low)):
            if not direction * end > FAR_OUT:
                continue
            start = monotone_from(sp.diff(derivative, self.variable), self.variable, direction)
            if start is not None:
                self.search.probe(region)
                low, high = region.low, region.high
                if direction == 1:
                    high, name = arb(start), region.low_end
                    region = Region(region.program, low, high, name, None)
                else:
                    low, name = arb(-start), region.high_end
                    region = Region(region.program, low, high, None, name)
                if not low < high:
                    return []
        return [region]

    def boundary(self, formula: sp.Expr, derivative: sp.Expr, place: sp.Expr, inward: int, singular: bool,
                 other: sp.Expr) -> tuple[arb | None, sp.Expr | None]:
        """Where the search begins at one end; behind it the end is bounded by its germ."""
        if not place.is_infinite and not singular:
            return number_ball(place), place
        self.guess(formula, place, other)
        try:
            end = tail_end(derivative, self.variable, -inward) if place.is_infinite else \
                singular_end(derivative, self.variable, place, inward)
        except NoGerm:
            end = End(place, (), inward if place.is_finite else -inward)
        starts = [s for s in self.starts(end, other) if self.beyond(end, s, other)]
        found = settle(end, self.search, starts) if end.program else None
        if place.is_infinite and (found is None or not (found.unbounded or found.upper.is_finite())):
            found = tail_of_product(derivative, self.variable, end.direction, self.search, starts) or found
        elif found is None and self.search.objective == "abs" and has_pole(derivative, self.variable, place):
            self.grows.append(place)
        if found is not None and place.is_infinite and self.search.close_enough(found.upper):
            end, found = self.closer(end, found, derivative, other)
        self.ends.append((end, found, formula, derivative))
        if found is not None and found.unbounded:
            self.grows.append(place)
        return (None if found is None else end.position(arb(found.start)).mid()), None

    def closer(self, end: End, found: TailBound, derivative: sp.Expr, other: sp.Expr) -> tuple[End, TailBound]:
        """The same end from nearer to the origin, as near as it stays settled: a plateau may begin at 1e-4."""
        for k in (*range(3, 40, 3), 48, 64, 96, 160, 320, 640, 1000):
            try:
                nearer = tail_end(derivative, self.variable, end.direction, sp.Rational(1, 2**k))
                again = bound_end(nearer, self.search, STARTS[0]) if not nearer.turning else None
            except NoGerm:
                break
            if again is None or not (self.search.close_enough(again.upper) and self.beyond(nearer, STARTS[0], other)):
                break
            end, found = nearer, again
        return end, found

    def starts(self, end: End, other: sp.Expr) -> list[int]:
        """Where the germ may take over, in a unit that suits an other end which is far out, or near the singular
        point."""
        if other.is_infinite:
            return STARTS
        size = abs(number_ball(other))
        if end.place.is_finite:
            size = 1 / abs(number_ball(other) - number_ball(end.place))
        if not size.is_finite() or size < 8:
            return STARTS
        mantissa, exponent = size.upper().man_exp()
        unit = 2 ** (int(mantissa).bit_length() + int(exponent) - 3)
        return sorted({*STARTS, *(unit * s for s in STARTS)})

    def beyond(self, end: End, start: int, other: sp.Expr) -> bool:
        """Whether s = start lies inside the stretch, well before its other end."""
        x = end.position(arb(start))
        if other.is_infinite:
            return True
        gap = number_ball(other) - x
        return bool(gap > 0 if bool(other > end.place) else gap < 0)

    def guess(self, formula: sp.Expr, place: sp.Expr, other: sp.Expr) -> None:
        """A few values on the stretch, so that an end below them is settled at once."""
        program = compile_expression(formula, self.variable)
        for k in range(-12, 13):
            x = arb(k) * 2 / 3 + arb(1) / 7
            low, high = (other, place) if bool(other < place) else (place, other)
            if (low.is_infinite or number_ball(low) < x) and (high.is_infinite or x < number_ball(high)):
                g = self.search.derivatives(Region(program, x, x), x.mid(), 1)[0][0]
                if g.is_finite():
                    value = self.search.measure(g).lower()
                    self.search.lower = value if value > self.search.lower else self.search.lower

    def singular_points(self, formula: sp.Expr, low: sp.Expr, high: sp.Expr) -> list[sp.Expr]:
        """Exact points where f^(order) is not finite as computed."""
        program = compile_expression(formula, self.variable)
        return [z for z in borders(formula, self.variable, low, high) if not regular(program, z, self.order + 3)]

    def reconsider_ends(self) -> None:
        """With the supremum of the rest known, an end may now be seen to lie below it; else search further
        out."""
        for i, (end, found, formula, derivative) in enumerate(self.ends):
            if found is None or self.search.close_enough(found.upper):
                continue
            for start in [s for s in STARTS if s >= found.start and s <= FAR]:
                try:
                    again = bound_end(end, self.search, start, limit=found.limit)
                except NoGerm:
                    continue
                if self.search.close_enough(again.upper):
                    a, b = sorted((end.position(arb(found.start)).mid(), end.position(arb(start)).mid()),
                                  key=float)
                    if a < b:
                        self.search.run([Region(compile_expression(formula, self.variable), a, b)])
                    self.ends[i] = (end, again, formula, derivative)
                    break
                if time.thread_time() > self.search.deadline or not again.upper < found.upper:
                    break
                found = again

    # --- the answer --------------------------------------------------------------------------------
    def result(self) -> Supremum:
        search = self.search
        upper, complete = search.upper, search.finished
        for end, found, _, _ in self.ends:
            tail = arb("inf") if found is None else found.upper
            if not tail <= upper:
                upper, complete = tail, complete and bool(search.close_enough(tail))
                if not search.close_enough(tail):
                    search.candidates.append(Candidate(end.place, search.lower.union(tail), "box"))
        complete = complete and search.close_enough(upper)
        if self.grows:
            upper, complete = arb("inf"), True
        lower = search.lower
        search.candidates = [c for c in search.candidates if not self.is_an_end(c)]
        winners = [c for c in search.candidates if not c.value.upper() < lower]
        undecided = [x for *_, low, high, value, _ in search.heap if not value.upper() < lower
                     for x in [low.union(high)]]
        inside = breaks_inside(self.pieces, self.variable)
        jumps, kinks = (tuple(b for p in (self.pieces, *self.local) for b in breaks_of_order(p, self.variable, k)) + inside[k]
                        for k in (0, 1))
        return Supremum(
            lower=rounded(lower, self.digits, ROUND_FLOOR),
            upper=rounded(upper, self.digits, ROUND_CEILING),
            ball=lower.union(upper), argmax=merged_places([*(c.place for c in winners), *undecided]),
            attained=False if self.grows else None if undecided else self.attained(winners),
            unbounded=bool(self.grows), grows_at=tuple(dict.fromkeys(self.grows)), kinks=kinks, jumps=jumps,
            complete=complete,
            digits=self.digits, seconds=time.thread_time() - self.begun, expression=self.expression,
            variable=self.variable, order=self.order, objective=search.objective, pieces=self.pieces,
            candidates=tuple(winners))

    def is_an_end(self, doubt: Candidate) -> bool:
        """Whether the only zero of g' that a ball across an end can hold is that end, exactly: it is counted already."""
        if not doubt.kind.startswith("critical") or doubt.value.upper() < self.search.lower:
            return False
        ends = [c.place for c in self.search.candidates if c.kind == "end" and isinstance(c.place, sp.Expr)]
        return any(_is_critical(f, self.variable, self.order, end) for end in ends
                   if number_ball(end).overlaps(doubt.place) for f in self.pieces.formulas)

    def attained(self, winners: list[Candidate]) -> bool | None:
        broken = {b for k in range(self.order + 1) for b in breaks_of_order(self.pieces, self.variable, k)}
        verdicts: set[bool | None] = set()
        for c in winners:
            if c.kind in ("critical", "flat"):
                verdicts.add(True)
            elif c.kind == "end":
                verdicts.add(isinstance(c.place, arb) or c.place not in broken)
            elif c.kind == "limit":
                verdicts.add(False)
            else:
                verdicts.add(None)
        return verdicts.pop() if len(verdicts) == 1 else None


def _repeats(e: sp.Expr, variable: sp.Symbol, period: sp.Expr) -> bool:
    """Whether e itself is periodic, and not only its derivative."""
    waves = {w: sp.Dummy() for w in e.atoms(sp.sin, sp.cos, sp.tan)}
    return not e.xreplace(waves).has(variable) and period_of(e, variable) is not None


def _is_critical(formula: sp.Expr, variable: sp.Symbol, order: int, place: sp.Expr) -> bool:
    slope = sp.diff(formula, variable, order + 1)
    return slope != 0 and slope.subs(variable, place) == 0
