"""Cut the line where a function turns: between two neighbouring nodes it is proved monotone.

The nodes are the breakpoints (with one-sided values) and the zeros of the derivative, isolated by branch
and bound with interval Newton; beyond the last node the germ of the derivative has one sign. The range over
any interval is then the hull of the values at its ends and at the nodes inside: the tightest possible, and
cheap. Where no germ tells the far sign (sin turns for ever), the nodes are those within `reach` only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import sympy as sp
from flint import arb

from symgrad.balls.asymptotics import germ_at_infinity, identity_germ, sign
from symgrad.balls.evaluate import taylor
from symgrad.balls.germs import NoGerm, Tail
from symgrad.balls.numbers import number_ball
from symgrad.balls.pieces import Pieces
from symgrad.balls.program import CannotCompile, Program, compile_expression

__all__ = ["Node", "Partition", "partition"]

MAX_BOXES = 2000


@dataclass(frozen=True)
class Node:
    """A place (a ball around a breakpoint or turning point) and a ball around every value taken or
    approached there."""

    place: arb
    value: arb


@dataclass(frozen=True)
class Partition:
    """The nodes; the half-line or interval on which they are all; limits at -oo and +oo (infinite where it
    grows)."""

    nodes: tuple[Node, ...]
    reach: tuple[float, float]
    limits: tuple[arb, arb]


class _Fails(Exception):
    """No finite partition was found."""


def partition(pieces: Pieces, variable: sp.Symbol, order: int) -> Partition | None:
    """The partition for f^(order), or None (implicit breakpoints, singular points)."""
    return _partition(pieces, variable, order, 16.0) or _partition(pieces, variable, order, 4.0)


def _partition(pieces: Pieces, variable: sp.Symbol, order: int, near: float) -> Partition | None:
    if pieces.implicit:
        return None
    nodes: list[Node] = []
    limits = [arb("nan"), arb("nan")]
    reach = [-near, near]
    marks: list[sp.Expr | None] = [None, *pieces.breaks, None]
    try:
        for formula, a, b in zip(pieces.formulas, marks, marks[1:], strict=False):
            piece = _Piece(formula, variable, order)
            low = piece.far(0, limits, reach) if a is None else number_ball(a)
            high = piece.far(1, limits, reach) if b is None else number_ball(b)
            if not low < high:
                raise _Fails                                  # breakpoints beyond reach
            nodes += [Node(e, piece.derivatives(e, 1)[0]) for e, m in ((low, a), (high, b)) if m is not None]
            nodes += piece.turns(low, high)
    except (_Fails, CannotCompile):
        return None
    if not all(n.value.is_finite() for n in nodes):
        return None
    return Partition(tuple(nodes), (reach[0], reach[1]), (limits[0], limits[1]))


class _Piece:
    def __init__(self, formula: sp.Expr, variable: sp.Symbol, order: int) -> None:
        self.order = order
        self.program = compile_expression(formula, variable)
        self.function = sp.diff(formula, variable, order)
        self.slope = sp.diff(self.function, variable)
        self.variable = variable

    def derivatives(self, x: arb, count: int) -> list[arb]:
        coefficients = taylor(self.program, x, self.order + count).coefficients[self.order:]
        return [c * math.factorial(self.order + k) for k, c in enumerate(coefficients)]

    def far(self, side: int, limits: list[arb], reach: list[float]) -> arb:
        """A point beyond which the function is monotone, by the germ of its derivative; notes limit and
        reach."""
        direction = 2 * side - 1
        try:
            f, slope = (compile_expression(e, self.variable) for e in (self.function, self.slope))
        except CannotCompile:
            return arb(reach[side])
        for start in (8, 16, 32, 64, 128, 256):
            for terms in (2, 4):
                tail = Tail(arb(start), None, terms)
                try:
                    sign(germ_at_infinity(slope, identity_germ(tail, direction)))
                    limits[side] = _limit(f, tail, direction)
                except NoGerm:
                    continue
                reach[side] = direction * math.inf
                return arb(direction * start)
        return arb(reach[side])

    def turns(self, low: arb, high: arb) -> list[Node]:
        """All zeros of the derivative in [low, high], each in a small ball, with the value there."""
        if self.slope == 0:
            return []
        found: list[Node] = []
        boxes = [(low.lower(), high.upper())]
        for _ in range(MAX_BOXES):
            if not boxes:
                return found
            a, b = boxes.pop()
            x = a.union(b)
            _, slope, bend = self.derivatives(x, 3)
            if slope.is_finite() and (slope == 0 or not slope.contains(0)):
                continue
            if bend.is_finite() and bend.contains(0):         # the mean-value form converges faster
                closer = self.derivatives(x.mid(), 2)[1] + bend * (x - x.mid())
                if closer > 0 or closer < 0:
                    continue
            if slope.is_finite() and bend.is_finite() and not bend.contains(0):
                root = self.newton(x, bend)
                if root is not None:
                    found.append(Node(root, self.derivatives(root, 1)[0]))
                continue
            middle = ((a + b) / 2).mid()
            if not (a < middle and middle < b) or (b - a) < 2.0**-32:
                if len(found) > 64:
                    raise _Fails
                found.append(Node(x, self.derivatives(x, 1)[0]))      # it may touch 0 here: keep all values
                continue
            boxes += [(a, middle), (middle, b)]
        raise _Fails

    def newton(self, x: arb, bend: arb) -> arb | None:
        for _ in range(60):
            middle = x.mid()
            image = middle - self.derivatives(middle, 2)[1] / bend
            if not image.overlaps(x):
                return None
            smaller = image.intersection(x)
            if not smaller.rad() < x.rad() * 0.75:
                return x
            x = smaller
            if x.is_exact():
                return x
            closer = self.derivatives(x, 3)[2]
            bend = closer if closer.is_finite() and not closer.contains(0) else bend
        return x


def _limit(f: Program, tail: Tail, direction: int) -> arb:
    growing, constant, _ = germ_at_infinity(f, identity_germ(tail, direction)).parts()
    if not growing.terms:
        return arb(constant)
    lead = arb(growing.leading()[1])
    return arb("inf") if lead > 0 else arb("-inf") if lead < 0 else arb("nan")
