"""The vocabulary of the ends of a search: an end, what is known beyond a start, and what a germ says of it."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from flint import arb

from symgrad.balls.asymptotics import germ_at_infinity, identity_germ
from symgrad.balls.germs import Germ, Tail
from symgrad.balls.numbers import number_ball
from symgrad.balls.program import Program
from symgrad.balls.search import Search

__all__ = ["INFINITE", "Arc", "End", "TailBound", "germ", "grows", "top_of"]

INFINITE = arb("inf")


@dataclass(frozen=True)
class Arc:
    """An interval of phases on which no g_k branches, and the pairs (f_k, g_k)."""

    low: arb
    high: arb
    parts: tuple[tuple[Program, Program], ...] = ()


@dataclass(frozen=True)
class End:
    """One end: the place it tends to, the derivative there as a program in s, x as a function of s: scale·direction·s,
    or place + direction/s."""

    place: sp.Expr                       # oo, -oo or the singular point
    program: Program
    direction: int
    turning: tuple[Program, ...] = ()    # where it oscillates for ever: the program and two derivatives by the phase θ
    arcs: tuple[Arc, ...] = ()           # it is Σ f_k(s) g_k(θ) on each, where it can be written so
    scale: sp.Expr = sp.S.One

    def position(self, start: arb) -> arb:
        """Where s = start is on the x axis."""
        if self.place.is_infinite:
            return number_ball(self.scale) * self.direction * start
        return number_ball(self.place) + self.direction / start

    @property
    def sign(self) -> int:
        """x = sign·s in the program."""
        return self.direction if self.place.is_infinite else 1


@dataclass(frozen=True)
class TailBound:
    """What is known beyond `start`: `upper` of the measure (inf if it grows), and the part that is
    approached."""

    start: int
    upper: arb
    limit: arb | None                    # a ball around the limit (without phase), or around limsup
    unbounded: bool


def germ(end: End, tail: Tail, program: Program | None = None) -> Germ:
    """The germ of the end's program, or of another one in the same s."""
    return germ_at_infinity(end.program if program is None else program, identity_germ(tail, end.sign))


def grows(g: Germ, search: Search) -> bool:
    """Whether the measure of the germ surely tends to infinity."""
    growing = g.parts()[0]
    if not growing.terms:
        return False
    lead = arb(growing.leading()[1])
    return bool(search.measure(lead) > 0)


def top_of(g: Germ, search: Search) -> arb:
    """An upper bound of the measure of the germ."""
    low, high = g.bounds()
    if search.objective != "abs":
        return (high if search.objective == "max" else -low).upper()
    a, b = abs(low), abs(high)
    return (a if a > b else b).upper()
