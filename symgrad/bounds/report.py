"""`bounds(net, params, x, y)`: the whole ladder for a concrete network, as certified intervals.

For one example ||dC/db^l|| = ||d^l|| and ||dC/dw^l||_p = ||d^l||_p ||a^{l-1}||_q with the dual norm q.  For a
batch the triangle inequality over the examples carries every upper end (claim C9), and a lower end survives
only where one example outweighs the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat
from numpy.typing import ArrayLike

from symgrad.bounds.ball_matrix import Interval, ball_norm
from symgrad.bounds.clock import Clock
from symgrad.bounds.enclosure import Enclosure, float_up
from symgrad.bounds.ladder import KINDS, climb, times
from symgrad.bounds.layers import Problem, pose
from symgrad.bounds.norms import NormKind, dual, norm_kind
from symgrad.bounds.rounding import BoundError
from symgrad.bounds.states import Columns, States, propagate, slope_range, vector_norm
from symgrad.bounds.table import Table, table_of
from symgrad.bounds.theorems import Bound, Grounds, grounds
from symgrad.errors import nearest

__all__ = ["Bounds", "Row", "bounds"]

QUANTITIES = {"delta": "‖δ^l‖", "b": "‖∂C/∂b^l‖", "w": "‖∂C/∂w^l‖"}


@dataclass(frozen=True)
class Row:
    """One norm of one layer: `true` encloses it, `bounds[kind]` is the interval of each rung.

    For boxes `true` encloses the largest value over the boxes: its lower end is the value at one point
    inside.
    """

    quantity: str                       # "delta", "b" or "w"
    layer: int
    true: Enclosure
    bounds: Mapping[str, Enclosure]

    @property
    def name(self) -> str:
        return f"{self.quantity}{self.layer}"

    @property
    def lower(self) -> Enclosure:
        """The best lower bound from smallest stretches (0 where widths forbid one), with the best upper
        bound."""
        rungs = [e for kind, e in self.bounds.items() if kind != "ball"] or [self.true]
        return Enclosure(max(e.lower for e in rungs), min(e.upper for e in rungs))

    def looseness(self, kind: str) -> float:
        """log10(upper end of the rung / true norm), rounded up: decades; inf where the norm may be 0, 0 where
        both are 0."""
        top, true = self.bounds[kind].upper, self.true.lower
        if top.is_zero():
            return 0.0
        if not top.is_finite() or true <= 0:
            return math.inf
        return float_up((top / true).log_base(10))


@dataclass(frozen=True)
class Bounds:
    """Certified intervals for the gradient norms of a concrete network, rung by rung."""

    rows: tuple[Row, ...]
    kinds: tuple[str, ...]
    norm: str
    examples: int
    boxed: bool
    names: Mapping[str, tuple[str, int]]
    notes: tuple[str, ...]

    def row(self, name: str) -> Row:
        """The row of "delta3", or of a parameter: "b1", "w2"."""
        found = {row.name: row for row in self.rows}
        if name in found:
            return found[name]
        raise BoundError(f"no bound for {name!r}; {nearest(str(name), found)}")

    def bound(self, name: str, kind: str = "product") -> Bound:
        """An interval that surely contains the norm of the gradient `name` ("b1", "w2", "delta3"), by one
        rung; its `.theorem` is what it is an instance of.

        Raises BoundError for an unknown name or rung, and for "global" where sup |s'| is infinite.
        """
        row = self.row(name)
        if kind == "true":
            return Bound(row.true.lower, row.true.upper, kind, self.theorem(name, kind))
        if kind not in row.bounds:
            raise BoundError(f"no rung {kind!r} here; {nearest(str(kind), [*row.bounds, 'true'])}")
        found = row.bounds[kind]
        if not found.upper.is_finite():
            why = next((note for note in self.notes if kind == "global" and "'global'" in note), "an interval grew without end")
            raise BoundError(f"the rung {kind!r} gives no finite bound for {name}: {why}; try 'local' or 'product'")
        return Bound(found.lower, found.upper, kind, self.theorem(name, kind))

    def theorem(self, name: str, kind: str = "product") -> Grounds:
        """The theorems that the interval of that gradient and rung rests on."""
        return grounds(kind, self.row(name).quantity, self.norm, self.examples, self.boxed)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def table(self, quantity: str | None = None) -> Table:
        """One row a layer: the true norm, each upper bound with its looseness in decades, the lower bound.

        `quantity` is "delta", "b" or "w"; the default is "b", or "delta" without biases.
        """
        have = list(dict.fromkeys(row.quantity for row in self.rows))
        quantity = quantity or ("b" if "b" in have else "delta")
        if quantity not in have:
            raise BoundError(f"no rows for {quantity!r}; {nearest(str(quantity), have)}")
        return table_of(self, quantity, QUANTITIES[quantity])

    def plot(self, path: str | None = None, quantity: str | None = None) -> Any:
        """The ladder on a log scale over the layers, as a matplotlib figure; written to `path` when given."""
        from symgrad.bounds.plot import plot_bounds

        return plot_bounds(self, quantity, path)

    def __str__(self) -> str:
        return str(self.table())


def bounds(net: Any, params: Mapping[str, ArrayLike], x: ArrayLike | None = None, y: ArrayLike | None = None, *,
           norm: object = 2, box: Any = None, kinds: Sequence[str] = KINDS, window: int = 4,
           reduction: str = "mean", lower: bool | None = None, gammas: Sequence[Any] | None = None,
           seconds: float | None = None) -> Bounds:
    """The ladder of certified bounds on ||d^l||, ||dC/db^l|| and ||dC/dw^l|| for a network with concrete
    parameters.

    params: name -> array, float64 and float32 taken as exact.  x: (n_0,) or (N, n_0); y: (n_L,) or (N, n_L).
    norm: 1, 2 or inf.  box: (lower, upper) like x, or one radius around x: then every bound holds for all
    inputs in the box. kinds: which rungs.  window: factors in one window.  reduction: "mean" or "sum" over
    the batch; for several examples `delta` is the mean (sum) of the norms ||d_i^l||.  lower: whether to
    compute lower ends (by default for one example only, since for a batch they are rarely above 0).  gammas:
    bounds to be used for sup |s_l'| in place of the activation's own.  seconds: computing time after which
    nothing is refined any more; what was not reached is valid and wider, and `notes` say how far it got.
    Raises BoundError and ShapeError, each one line.
    """
    p = norm_kind(norm)
    if p == "fro":
        raise BoundError("the ladder needs a vector norm: 1, 2 or inf (for ||d a^T|| Frobenius and 2 agree)")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    for kind in kinds:
        if kind not in KINDS:
            raise BoundError(f"rung {kind!r} is not known; {nearest(str(kind), KINDS)}")
    if not isinstance(window, int) or window < 1:
        raise BoundError(f"window is {window!r}; expected a whole number >= 1")
    clock = Clock(seconds)
    problem = pose(net, params, x, y, box, reduction)
    states = propagate(problem, wide=box is not None, clock=clock)
    witness = None if problem.witness is None else propagate(problem, inputs=problem.witness, clock=clock)
    ranges = _ranges(problem, gammas) if "global" in kinds else [(arb(0), arb(1))] * problem.depth
    lower = problem.count == 1 if lower is None else lower
    rungs = climb(problem.layers, states.slope, ranges, p, kinds, window, lower, wide=box is not None, clock=clock)
    notes = _notes(problem, ranges) + (() if lower else ("lower ends of a batch are computed with lower=True (--lower) only",))
    notes += tuple(clock.notes)
    return _collect(problem, states, witness, rungs, [k for k in KINDS if k in kinds], p, notes)


def _ranges(problem: Problem, gammas: Sequence[Any] | None) -> list[Interval]:
    """Bounds of inf |s_l'| and sup |s_l'|: the activation's own, or those given, which must not be too small."""
    given = [None] * problem.depth if gammas is None else gammas
    if isinstance(given, str) or not hasattr(given, "__len__") or len(given) != problem.depth:
        raise BoundError(f"gammas is {gammas!r}; expected a number >= 0, or None, for each of the {problem.depth} layers")
    made = []
    for l, (layer, g) in enumerate(zip(problem.layers, given, strict=True), 1):
        if g is None:
            made.append(slope_range(layer.activation))
            continue
        known = isinstance(g, int | float | arb | np.floating | np.integer) and not isinstance(g, bool)
        top = g if isinstance(g, arb) else arb(float(g)) if known else arb.nan()
        if not top >= 0:
            raise BoundError(f"gamma of layer {l} is {g!r}; expected a number >= 0, or None")
        least = layer.activation.sup_slope().lower
        if top < arb(str(least)):
            raise BoundError(f"gamma of layer {l} is {g}, but the slope of {layer.activation.name} reaches {float(least):.6g}")
        made.append((arb(0), top.upper()))
    return made


def _notes(problem: Problem, ranges: Sequence[Interval]) -> tuple[str, ...]:
    notes = []
    steep: dict[Any, list[str]] = {}
    for l, (layer, (_, top)) in enumerate(zip(problem.layers, ranges, strict=True), 1):
        if not top.is_finite():
            steep.setdefault(layer.activation, []).append(str(l))
    for sigma, layers in steep.items():
        notes.append(f"layer{'s' if len(layers) > 1 else ''} {', '.join(layers)}: {_steep(sigma)}, so the rung 'global' is inf")
    if problem.targets is None:
        notes.append("no loss: the gradients are those of F = o_L, which is the case a^L − y = 1")
    shapes = [layer.w.shape for layer in problem.layers]
    grows = [l for l in range(2, problem.depth + 1) if shapes[l - 1][0] > shapes[l - 1][1]]
    if grows:
        notes.append(f"lower bounds are 0 for layers l < {grows[-1]}: n_{grows[-1] - 1} < n_{grows[-1]}, "
                     "and a map to fewer dimensions loses a direction")
    return tuple(notes)


def _steep(sigma: Any) -> str:
    """That a slope has no bound, and where it grows, if the certified supremum says so."""
    found = sigma.sup_slope()
    if not found.unbounded:
        return f"no finite bound of the slope of {sigma.name} was found (it reaches {float(found.lower):.3g})"
    place = getattr(found, "argmax", None)
    where = "" if place is None else f" (it grows towards {', '.join(map(str, place))})".replace("oo", "∞")
    return f"the slope of {sigma.name} is unbounded on the line{where}"


def _whole(ball: arb) -> Interval:
    e = Enclosure.norm(ball)
    return e.lower, e.upper


def _collect(problem: Problem, states: States, witness: States | None, rungs: Mapping[str, list[list[Interval]]],
             kinds: Sequence[str], p: NormKind, notes: tuple[str, ...]) -> Bounds:
    errors = [_whole(vector_norm(e, p)) for e in states.residual]
    q = dual(p)
    rows: dict[str, list[Row]] = {"delta": [], "b": [], "w": []}
    biased = {l for quantity, l in problem.names.values() if quantity == "b"}
    for l in range(1, problem.depth + 1):
        own = [_whole(vector_norm(d, p)) for d in states.delta[l - 1]]
        inputs = [_whole(vector_norm(a, q)) for a in states.a[l - 1]]
        each = {kind: own if kind == "ball" else [times(r, e) for r, e in zip(rungs[kind][l - 1], errors, strict=True)]
                for kind in kinds}
        if "ball" in each:                                  # d^l is enclosed by every other rung too
            each["ball"] = [(o[0], min([o[1], *(each[k][i][1] for k in kinds)])) for i, o in enumerate(own)]
        true = {"delta": _sum(own, problem), "b": _true_b(states, l, p, problem), "w": _true_w(states, l, p, problem)}
        if witness is not None:
            inside = {"delta": _sum([_whole(vector_norm(d, p)) for d in witness.delta[l - 1]], problem),
                      "b": _true_b(witness, l, p, problem), "w": _true_w(witness, l, p, problem)}
            true = {k: Enclosure(inside[k].lower, v.upper) for k, v in true.items()}
        with_inputs = {kind: [times(d, a) for d, a in zip(ds, inputs, strict=True)] for kind, ds in each.items()}
        for quantity, ends, combine in (("delta", each, _sum), ("b", each, _triangle), ("w", with_inputs, _triangle)):
            if quantity != "b" or l in biased:
                rungs_of = {k: combine(v, problem) for k, v in ends.items()}
                # wide balls over a box may be beaten by another rung
                top = min([true[quantity].upper, *(e.upper for e in rungs_of.values())])
                rows[quantity].append(Row(quantity, l, Enclosure(true[quantity].lower, top), rungs_of))
    return Bounds(tuple(rows["delta"] + rows["b"] + rows["w"]), tuple(kinds), p, problem.count,
                  witness is not None, problem.names, notes)


def _share(problem: Problem) -> arb:
    return arb(1) / (problem.count if problem.reduction == "mean" else 1)


def _sum(parts: Sequence[Interval], problem: Problem) -> Enclosure:
    share = _share(problem)
    low, high = (sum((part[k] for part in parts), arb(0)) for k in (0, 1))
    return Enclosure((low * share).lower() if low > 0 else arb(0), (high * share).upper() if high.is_finite() else high)


def _triangle(parts: Sequence[Interval], problem: Problem) -> Enclosure:
    """Bounds of ||sum v_i|| from bounds of each ||v_i||: the sum above; below, one example minus all the
    others."""
    whole = _sum(parts, problem)
    low = arb(0)
    if whole.upper.is_finite():
        total = sum((high for _, high in parts), arb(0))
        low = max(((bottom - (total - high)) * _share(problem)).lower() for bottom, high in parts) \
            if len(parts) > 1 else whole.lower
    elif len(parts) == 1:
        low = whole.lower
    return Enclosure(low if low > 0 else arb(0), whole.upper)


def _true_b(states: States, l: int, p: str, problem: Problem) -> Enclosure:
    share = _share(problem)
    mean = [sum(column, arb(0)) * share for column in zip(*states.delta[l - 1], strict=True)]
    return Enclosure.norm(vector_norm(mean, p))


def _true_w(states: States, l: int, p: NormKind, problem: Problem) -> Enclosure:
    delta, a = states.delta[l - 1], states.a[l - 1]
    if len(delta) == 1:
        return Enclosure.norm(vector_norm(delta[0], p)) * Enclosure.norm(vector_norm(a[0], dual(p)))
    return _matrix_norm(delta, a, p, _share(problem))


def _matrix_norm(delta: Columns, a: Columns, p: NormKind, share: arb) -> Enclosure:
    """The norm of share * sum_i d_i a_i^T, from balls of the entries."""
    matrix = arb_mat([list(row) for row in zip(*delta, strict=True)]) * arb_mat(a)
    return ball_norm(matrix.entries(), matrix.nrows(), matrix.ncols(), p) * Enclosure.norm(share)
