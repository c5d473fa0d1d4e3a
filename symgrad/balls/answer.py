"""What a certified supremum says: the enclosure, where it is taken or approached, where the function is not smooth."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, reduce
from itertools import pairwise
from typing import TypeAlias

import sympy as sp
from flint import arb

from symgrad.balls.numbers import number_ball
from symgrad.balls.pieces import Pieces
from symgrad.balls.search import Candidate, Objective

__all__ = ["Place", "Supremum", "merged_places"]

Place: TypeAlias = arb | sp.Basic


@dataclass(frozen=True)
class Supremum:
    """sup of |f^(order)| (or of ±f^(order)) with everything known about it.

    lower, upper: decimals, rounded outward at `digits` digits. ball: the same as one ball. argmax: where it
    is (exact, or a ball; oo for a limit; an interval where the function is constant), more than one place
    when several cannot be told apart. attained: True, False (only a limit: at infinity, or one-sided at a
    kink), None when undecided. unbounded: where it grows without bound. complete: False when the time
    budget ended first.
    """

    lower: Decimal
    upper: Decimal
    ball: arb
    argmax: tuple[Place, ...]
    attained: bool | None
    unbounded: bool
    grows_at: tuple[sp.Expr, ...]
    kinks: tuple[sp.Expr, ...]
    jumps: tuple[sp.Expr, ...]
    complete: bool
    digits: int
    seconds: float
    expression: sp.Expr
    variable: sp.Symbol
    order: int
    objective: Objective
    pieces: Pieces = field(repr=False)
    candidates: tuple[Candidate, ...] = field(repr=False)

    @cached_property
    def exact(self) -> sp.Expr | None:
        """The exact value as a SymPy number, when one is found and proved; oo when unbounded."""
        from symgrad.balls.exact import exact_supremum

        return sp.oo if self.unbounded else exact_supremum(self)

    def __str__(self) -> str:
        what = {"abs": "sup |f{}|", "max": "sup f{}",
                "min": "-inf f{}"}[self.objective].format("'" * self.order)
        if self.unbounded:
            return f"{what} = oo (grows at {', '.join(map(str, self.grows_at))})"
        state = "" if self.complete else f" (valid, but wider than asked for, after {self.seconds:.1f} s)"
        return f"{what} in [{self.lower}, {self.upper}]{state}"


def merged_places(places: list[Place], most: int = 8) -> tuple[Place, ...]:
    """Exact places first; a ball that holds one already named is the same place; overlapping balls are one.

    More than `most` balls become that many: those that lie nearest to each other are joined.
    """
    exact = list(dict.fromkeys(p for p in places if isinstance(p, sp.Basic)))
    points = [number_ball(p) for p in exact if isinstance(p, sp.Expr) and p.is_finite]
    merged: list[arb] = []
    for p in sorted((p for p in places if isinstance(p, arb)), key=lambda p: float(p.mid())):
        if merged and merged[-1].overlaps(p):
            merged[-1] = merged[-1].union(p) if p.rad() > 0 and merged[-1].rad() > 0 else \
                p if p.is_exact() else merged[-1]
        else:
            merged.append(p)
    merged = [p for p in merged if not any(p.overlaps(q) for q in points)]
    if len(merged) > most:
        merged.sort(key=lambda p: float(p.lower()))
        gaps = [(float(merged[k].lower() - max(p.upper() for p in merged[:k])), k) for k in range(1, len(merged))]
        ends = [0, *sorted(k for gap, k in sorted(gaps)[1 - most:] if gap > 0), len(merged)]
        merged = [reduce(arb.union, merged[a:b]) for a, b in pairwise(ends)]
    return (*exact, *merged)
