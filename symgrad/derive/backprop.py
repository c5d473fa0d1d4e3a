"""The backpropagation equations of the dense network of any depth, found by the reverse sweep.

Nobody states what BP1–BP4 are: each gradient is pulled back through the equation that says what its function is, the
names z, a and δ are put back in, and the result is set in matrix form. The textbook proofs in `proofs/` end in the
same statements, and a test says so.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..kernel.logic import instantiate
from ..kernel.statements import Differentiable, Equal, ForAll
from ..kernel.theorem import Theorem
from ..networks import dense as net
from ..networks.dense import C, L, Sigma, a, b, delta, gradient, l, r, sigma, w, x, y, z
from ..terms.algebra import Term
from ..terms.index import Index
from ..terms.named import Gradient, Named
from ..terms.ranges import ordered_product
from .derivation import Proof, derivation, induct, theorem
from .laws import algebra, empty_product, unfold
from .names import fold, matrix_form
from .pullback import chain_rule, differentiable

__all__ = ["backprop", "closed_form_right", "cost_is_differentiable", "smooth"]

m = Index("m")


def smooth(first: object) -> ForAll | Differentiable:
    """The assumption that σ_r is differentiable at every entry of z^r, first <= r <= L."""
    return Differentiable(sigma[L], z[L]) if first == L else ForAll(r, first, L, Differentiable(sigma[r], z[r]))


@lru_cache(maxsize=1)
def cost_is_differentiable() -> Theorem:
    """C_l is differentiable at z^l, for m <= l <= L, when σ_r is at z^r for every r from m on."""
    return induct("cost_is_differentiable", lambda i: Differentiable(C[i], z[i]),
                  differentiable(C[L], net.last_cost_definition, z[L]),
                  lambda next_layer: differentiable(C[l], net.next_cost_definition, z[l]),
                  index=l, over=(m, L), where=(1 <= m, m <= L), given=[smooth(m)]).theorem


def _swept(name: str, start: Term, steps: list[tuple[Term, list[object]]], rule: Theorem, where: object, layer: object) -> Proof:
    """start = steps … = the chain rule's result, with names put back in and in matrix form."""
    line = derivation(start)
    for right, by in steps:
        line = line.eq(right, by=by)
    last = steps[-1][0] if steps else start
    assert isinstance(last, Gradient)
    binding = {rule.left.point: last.point, **_layer_of(rule, last)}
    pulled = instantiate(rule, tuple(binding.items())).right
    named = fold(pulled, [net.input_definition, net.weighted_input_definition, net.activation_definition])
    line = line.eq(named, by=[rule, z, a]) if named is not pulled else line.eq(named, by=[rule])
    with_errors = fold(named, [net.delta_definition])
    if with_errors is not named:
        line = line.eq(with_errors, by=delta)
    neat = matrix_form(with_errors)
    if neat is not with_errors:
        line = line.eq(neat, by=algebra)
    return theorem(name, line, where=where, given=[smooth(layer), cost_is_differentiable()])


def _layer_of(rule: Theorem, at: Gradient) -> dict[Index, object]:
    indices = rule.left.function.indices
    return {mine: theirs for mine, theirs in zip(indices, at.function.indices, strict=True) if isinstance(mine, Index)}


def _of_parameter(name: str, parameter: Named, recurrence: Theorem, where: object, layer: object) -> Proof:
    return _swept(name, gradient(parameter), [], chain_rule(recurrence), where, layer)


@lru_cache(maxsize=1)
def backprop() -> dict[str, Proof]:
    """BP1–BP4, the gradient by the input, and the closed form of δ^l, for symbolic depth and widths."""
    proofs = {
        "BP1": _swept("BP1", delta[L], [(Gradient(C[L], z[L]), [delta])], chain_rule(net.last_cost_definition), (1 <= L,), L),
        "BP2": _swept("BP2", delta[l], [(Gradient(C[l], z[l]), [delta])], chain_rule(net.next_cost_definition),
                      (1 <= l, l < L), l),
        "BP3": _of_parameter("BP3", b[l], net.bias_definition, (1 <= l, l <= L), l),
        "BP4": _of_parameter("BP4", w[l], net.weight_definition, (1 <= l, l <= L), l),
        "input": _of_parameter("input gradient", x, net.input_gradient_definition, (1 <= L,), 1),
    }
    proofs["closed form"] = _closed_form(proofs["BP1"], proofs["BP2"])
    return proofs


def closed_form_right(layer: Any) -> Term:
    """∏_{r=l+1}^{L} Σ'(z^{r-1}) (w^r)ᵀ · Σ'(z^L) (a^L − y)."""
    return ordered_product(r, layer + 1, L, Sigma(z[r - 1]) @ w[r].T) @ Sigma(z[L]) @ (a[L] - y)


def _closed_form(bp1: Proof, bp2: Proof) -> Proof:
    return induct(
        "closed form", lambda i: Equal(delta[i], closed_form_right(i)),
        derivation(delta[L]).eq(bp1.theorem.right, by=bp1).eq(closed_form_right(L), by=[empty_product, algebra]),
        lambda next_layer: derivation(delta[l]).eq(bp2.theorem.right, by=bp2)
        .eq(Sigma(z[l]) @ w[l + 1].T @ closed_form_right(l + 1), by=next_layer)
        .eq(closed_form_right(l), by=unfold),
        index=l, over=(m, L), where=(1 <= m, m <= L), given=[smooth(m)]).at("closed form", {m: l})


