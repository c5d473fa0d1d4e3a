"""Gradients of a sum over examples: differentiated term by term, for a symbolic number N of them.

The rule for a sum asks that each term is differentiable. What makes example j differentiable is assumed for every j, so
that the sum's own hypotheses are free of j: `total_gradient` differentiates under them, `every_cost_is_differentiable`
derives them from the smoothness of the activations and of the losses.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..kernel import derivative as rules
from ..kernel.equality import replace, symmetric, transitive
from ..kernel.logic import assume, cut, generalise, instantiate, specialise, weaken
from ..kernel.statements import Condition, Differentiable, ForAll
from ..kernel.theorem import Theorem
from ..networks.examples import (
    C,
    L,
    N,
    j,
    l,
    last_cost_definition,
    loss,
    next_cost_definition,
    sigma,
    weighted_input_definition,
    z,
)
from ..terms.algebra import Term
from ..terms.index import Index
from ..terms.named import Elementwise
from . import derived
from .derivation import induct
from .matching import fresh_variable
from .pullback import differentiable, pullback, tidy

__all__ = ["cost_is_differentiable", "every_cost_is_differentiable", "smooth_losses", "smooth_set", "total_gradient"]

r, m = Index("r"), Index("m")


def smooth_set(first: Any) -> ForAll:
    """The assumption that σ_r is differentiable at z_{r,j}, first <= r <= L, for every example j."""
    return ForAll(j, 1, N, _smooth(first))


def _smooth(first: Any) -> ForAll:
    return ForAll(r, first, L, Differentiable(sigma[r], z[r, j]))


def smooth_losses() -> ForAll:
    """The assumption that the loss ℓ_j is differentiable at a_{L,j} = σ_L(z_{L,j}), for every example j."""
    return ForAll(j, 1, N, Differentiable(loss[j], Elementwise(sigma[L], z[L, j])))


@lru_cache(maxsize=1)
def cost_is_differentiable() -> Theorem:
    """C_{l,j} is differentiable at z_{l,j}, for m <= l <= L, under the assumptions about every example."""
    one_loss = smooth_losses().body_at(j)
    found = induct("smooth", lambda i: Differentiable(C[i, j], z[i, j]),
                   differentiable(C[L, j], last_cost_definition, z[L, j]),
                   lambda next_layer: differentiable(C[l, j], next_cost_definition, z[l, j]), index=l, over=(m, L),
                   where=(1 <= m, m <= L, 1 <= j, j <= N), given=[_smooth(m), one_loss]).theorem
    found = cut(cut(found, specialise(assume(smooth_set(m)), j)), specialise(assume(smooth_losses()), j))
    return instantiate(found, ((m, l),))


def every_cost_is_differentiable() -> Theorem:
    """∀ j: C_{l,j} is differentiable at w^l a_{l-1,j} + b^l, which is z_{l,j}."""
    hole = fresh_variable("hole", z[l, j].shape, ())
    moved = replace(Differentiable(C[l, j], hole), hole, weighted_input_definition, cost_is_differentiable())
    inside = weaken(moved, (Condition(l - 1), Condition(L - l)))
    return generalise(inside, j, 1, N)


def total_gradient(definition: Theorem, point: Term) -> tuple[Theorem, Theorem]:
    """∇f(p) = Σ_j …, and that f is differentiable at p, from f(X) = Σ_j C_{l,j}(…X…)."""
    X, total = definition.left.arguments[0], definition.right
    body = pullback(total.body_at(j), X)
    for h in body.hypotheses:
        if isinstance(h, Differentiable):
            body = cut(body, specialise(assume(ForAll(j, total.low, total.high, h)), j))
    judged = rules.V_rewrite(rules.V_finite_sum(body, j, total.low, total.high), symmetric(definition))
    found = derived.gradient_at(judged, point)
    short = tidy(found.right)
    if short is not found.right:
        from ..kernel.algebra import algebra
        found = transitive(found, algebra(found.right, short))
    return found, derived.differentiable_at(judged, point)
