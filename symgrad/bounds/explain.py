"""Why does a gradient vanish or explode?  The factors of ||d^l||, layer by layer, in words and numbers.

d^l = S'(z^l) (w^{l+1})^T d^{l+1}, so log ||d^l|| is an exact sum: log ||a^L - y||, and for each layer from l
to L what the slopes did to the vector that reached them and, above l, what the weights did.  These
contributions are measured on the actual vectors (over a batch: root mean squares), enclosed by balls.  The
condition g ||w^r|| < 1 is the sufficient one of claim A10; mean field is a heuristic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb, arb_mat
from numpy.typing import ArrayLike

from symgrad.bounds.enclosure import Enclosure, log10_down, log10_up
from symgrad.bounds.layers import Problem, pose
from symgrad.bounds.mean_field import MeanField, mean_field
from symgrad.bounds.norms import norm as matrix_norm
from symgrad.bounds.rounding import BoundError
from symgrad.bounds.states import Columns, propagate, slope_range, vector_norm

__all__ = ["Explanation", "LayerFactors", "explain_gradient"]

SATURATED = 0.05                # a unit is saturated when |s'(z)| <= 5 % of sup |s'| (of the largest, if infinite)
LOUD = 0.05                     # decades a layer from which a trend is called vanishing or exploding


@dataclass(frozen=True)
class LayerFactors:
    """One layer's part in log10 ||d||; contributions in decades, as they act on the vector that comes from
    above."""

    layer: int
    delta: Enclosure                    # ||d^l||, over a batch sqrt(mean ||d_i^l||^2)
    slopes: float                       # log10 ||S'(z^l) v|| / ||v||, v = (w^{l+1})^T d^{l+1} or a^L - y
    weights: float                      # log10 ||(w^{l+1})^T d^{l+1}|| / ||d^{l+1}||; 0 at the last layer
    condition: Enclosure                # g_{l} ||w^{l+1}||_2, the factor of the sufficient condition; at L: g_L
    units: int
    saturated: int                      # over all examples of the batch
    dead: int                           # slope exactly 0

    @property
    def contraction(self) -> bool:
        """g ||w|| < 1 is proved: this layer shrinks every error."""
        return bool(self.condition.upper < 1)


@dataclass(frozen=True)
class Explanation:
    """What makes ||d^1|| small or large.  `str()` gives the words; `layers` the numbers."""

    layers: tuple[LayerFactors, ...]
    error: Enclosure                    # ||a^L - y||
    examples: int
    prediction: MeanField | None        # heuristic
    measured: float | None              # measured factor of ||d||^2 a layer, to compare with chi
    remarks: tuple[str, ...] = field(default=())

    @property
    def decades(self) -> float:
        """log10(||d^1|| / ||d^L||): negative when the gradient shrinks on the way down."""
        first, last = self.layers[0].delta, self.layers[-1].delta
        if last.upper.is_zero() or first.upper.is_zero():
            return -math.inf if first.upper.is_zero() and not last.upper.is_zero() else 0.0
        return _log10(first) - _log10(last)

    @property
    def verdict(self) -> str:
        """"vanishes", "explodes", "keeps its size", "is zero", or "is not determined" where an enclosure is too wide."""
        if self.layers[0].delta.upper.is_zero():
            return "is zero"
        if any(row.delta.lower <= 0 or not row.delta.upper.is_finite() for row in (self.layers[0], self.layers[-1])):
            return "is not determined"
        steps = max(len(self.layers) - 1, 1)
        if abs(self.decades) <= LOUD * steps:
            return "keeps its size"
        return "vanishes" if self.decades < 0 else "explodes"

    @property
    def culprits(self) -> tuple[tuple[int, str, float], ...]:
        """(layer, "slopes" or "weights", decades): the contributions that push furthest towards the verdict,
        worst first."""
        parts = [(r.layer, "slopes", r.slopes) for r in self.layers[:-1]]
        parts += [(r.layer + 1, "weights", r.weights) for r in self.layers[:-1]]
        if self.verdict == "is zero":
            return tuple((r.layer, kind, -math.inf) for r in self.layers[::-1]
                         for kind, part in (("weights", r.weights), ("slopes", r.slopes)) if part == -math.inf)[:1]
        if self.verdict == "is not determined":
            return ()
        sign = -1.0 if self.decades < 0 else 1.0
        return tuple(sorted((p for p in parts if p[2] * sign > 0), key=lambda p: -sign * p[2])[:3])

    def records(self) -> list[dict[str, Any]]:
        """One dict a layer, for CSV or JSON."""
        return [{"layer": r.layer, "delta": r.delta.high, "log10_delta": r.delta.log10_high, "slopes_decades": r.slopes,
                 "weights_decades": r.weights, "condition": r.condition.high, "contraction": r.contraction,
                 "saturated": r.saturated, "dead": r.dead, "units": r.units} for r in self.layers]

    def __str__(self) -> str:
        from symgrad.bounds.words import explanation_text

        return explanation_text(self)


def explain_gradient(net: Any, params: Mapping[str, ArrayLike], x: ArrayLike | None = None,
                     y: ArrayLike | None = None, *, predict: bool = True) -> Explanation:
    """Take ||d^1|| apart: slopes and weights of each layer, saturated units, g ||w|| < 1, mean field against
    measurement.

    Arguments as for `bounds`.  `predict=False` leaves the mean-field heuristic out.  Raises BoundError and
    ShapeError.
    """
    problem = pose(net, params, x, y)
    states = propagate(problem)
    depth = problem.depth
    sizes = [_root_mean_square(d) for d in states.delta]
    error = _root_mean_square(states.residual)
    rows = []
    for l in range(depth, 0, -1):
        layer = problem.layers[l - 1]
        gamma = Enclosure(*slope_range(layer.activation))
        if l == depth:
            arriving, weights, condition = error, 0.0, gamma
        else:
            above = problem.layers[l].w
            arriving = _root_mean_square(_pulled(above, states.delta[l]))
            weights = _decades(sizes[l], arriving)
            condition = gamma * matrix_norm(above, 2) if gamma.upper.is_finite() or not above.any() \
                else Enclosure(arb(0), gamma.upper)
        saturated, dead = _count_saturated(states.slope[l - 1], gamma)
        rows.append(LayerFactors(l, Enclosure.norm(sizes[l - 1]), _decades(arriving, sizes[l - 1]), weights, condition,
                                 layer.w.shape[0] * problem.count, saturated, dead))
    prediction, measured, remarks = _mean_field(problem, sizes) if predict else (None, None, ())
    return Explanation(tuple(rows[::-1]), Enclosure.norm(error), problem.count, prediction, measured, remarks)


def _log10(size: Enclosure) -> float:
    """The middle of log10 of an enclosure; its upper end where the lower end is 0."""
    return (size.log10_low + size.log10_high) / 2 if size.lower > 0 else size.log10_high


def _root_mean_square(columns: Columns) -> arb:
    norms = [vector_norm(column, "2") for column in columns]
    if len(norms) == 1:
        return norms[0]
    return vector_norm(norms, "2") / arb(len(norms)).sqrt()


def _pulled(w: Any, delta: Columns) -> Columns:
    pull = arb_mat(w.shape[1], w.shape[0], w.T.ravel().tolist())
    flat = (pull * arb_mat([list(row) for row in zip(*delta, strict=True)])).entries()
    return [flat[i::len(delta)] for i in range(len(delta))]


def _decades(before: arb, after: arb) -> float:
    """log10(after / before), the middle of its enclosure; -inf when the vector is wiped out, 0 when there was
    none, NaN where one may be 0 and may not."""
    if before.upper().is_zero():
        return 0.0
    if after.upper().is_zero():
        return -math.inf
    ratio = after / before
    low, high = log10_down(ratio), log10_up(ratio)
    return (low + high) / 2 if math.isfinite(low) and math.isfinite(high) else math.nan


def _count_saturated(slopes: Columns, gamma: Enclosure) -> tuple[int, int]:
    top = gamma.upper if gamma.upper.is_finite() else max(s.abs_upper() for column in slopes for s in column)
    saturated = sum(1 for column in slopes for s in column if s.abs_upper() <= SATURATED * top)
    return saturated, sum(1 for column in slopes for s in column if s.is_zero())


def _mean_field(problem: Problem, sizes: Sequence[arb]) -> tuple[MeanField | None, float | None, tuple[str, ...]]:
    """The prediction for the hidden layers' common activation and average spread, and the measured growth a
    layer."""
    hidden = problem.layers[1:]
    kinds = {layer.activation for layer in problem.layers[:-1]}
    if len(hidden) < 2 or len(kinds) != 1 or min(min(layer.w.shape) for layer in hidden) < 8:
        return None, None, ("mean field: not applicable (needs three layers of one activation, 8 units wide)",)
    activation = kinds.pop()
    # the variance is taken from rescaled weights, so that 1e300 does not overflow; the heuristic needs no exact number
    with np.errstate(over="ignore"):
        w = math.sqrt(float(np.mean([np.mean(np.square(layer.w)) * layer.w.shape[1] for layer in hidden])))
        b = math.sqrt(float(np.mean([0.0 if layer.b is None else np.mean(np.square(layer.b)) for layer in hidden])))
    first, last = sizes[0], sizes[-1]
    measured = None
    if first.lower() > 0 and last.lower() > 0:
        growth = _log10(Enclosure.norm(first)) - _log10(Enclosure.norm(last))     # of variances σ_w²/n_{l-1}, any widths
        measured = 10.0 ** max(-300.0, min(300.0, 2 * growth / len(hidden)))
    try:
        return mean_field(activation, w, b), measured, ()
    except BoundError as reason:
        return None, measured, (f"mean field: {str(reason).removeprefix('mean field: ')}",)
