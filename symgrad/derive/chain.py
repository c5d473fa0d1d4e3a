"""∂F/∂w_k of the chain for every k and any depth, as a product of weights and slopes, by induction over the layers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..kernel.logic import instantiate
from ..kernel.statements import Differentiable, Equal, ForAll
from ..kernel.theorem import Theorem
from ..networks.chain import ChainTheory, L, chain_theory, i, r, sigma
from ..terms.algebra import Number, Scaled, Term
from ..terms.index import Index
from ..terms.named import Gradient
from ..terms.ranges import ordered_product
from .derivation import Proof, derivation, induct, theorem
from .laws import algebra, empty_product, unfold
from .names import fold
from .pullback import chain_rule, differentiable

__all__ = ["chain_gradients", "chain_is_differentiable", "product_form", "smooth_chain"]

m, k = Index("m"), Index("k")


def product_form(net: ChainTheory, after: Any, slopes_from: Any, *front: Term) -> Term:
    """front · ∏_{r=after+1}^{L} w_r · ∏_{r=slopes_from}^{L} σ'(w_r o_{r-1} + b_r), times (o_L − y) with a loss."""
    weights = ordered_product(r, after + 1, L, net.w[r])
    slopes = ordered_product(r, slopes_from, L, net.slope(r))
    return Scaled(*front, weights, slopes, *((net.o[L] - net.y,) if net.has_loss else ()))


def smooth_chain(net: ChainTheory, first: Any) -> ForAll:
    """The assumption that σ_r is differentiable at w_r o_{r-1} + b_r, first <= r <= L."""
    return ForAll(r, first, L, Differentiable(sigma[r], net.weighted(r)))


@lru_cache(maxsize=8)
def chain_is_differentiable(net: ChainTheory) -> Theorem:
    """F_i is differentiable at o_i when σ_r is at its argument for every r > i."""
    F, o = net.F, net.o
    return induct("smooth", lambda j: Differentiable(F[j], o[j]), differentiable(F[L], net.last_definition, o[L]),
                  lambda nearer: differentiable(F[i], net.next_definition, o[i]), index=i, over=(m, L),
                  where=(net.first - 1 <= m, m <= L), given=[smooth_chain(net, m + 1)]).theorem


@lru_cache(maxsize=8)
def chain_gradients(has_input: bool = False, has_bias: bool = False, has_loss: bool = False) -> dict[str, Proof]:
    """Every gradient of a chain of symbolic depth: "last", "recurrence", "outputs" (∂F/∂o_i in closed form), then
    "w" (∂F/∂w_k), "b", and "w1" (with o_1 = w_1) or "x"."""
    net = chain_theory(has_input, has_bias, has_loss)
    low = net.first - 1
    F, o = net.F, net.o

    def at(layer: Any) -> Gradient:
        return Gradient(F[layer], o[layer])

    last = theorem("last output", derivation(at(L)).eq((o[L] - net.y) if has_loss else Number(1),
                                                       by=[chain_rule(net.last_definition), algebra]), where=(low <= L,))
    is_smooth = chain_is_differentiable(net)
    recurrence = theorem(
        "recurrence", derivation(at(i))
        .eq(Scaled(net.w[i + 1], net.slope(i + 1), at(i + 1)), by=[chain_rule(net.next_definition), o, algebra]),
        where=(low <= i, i < L), given=[smooth_chain(net, i + 1), is_smooth])
    outputs = induct(
        "closed form", lambda j: Equal(at(j), product_form(net, j, j + 1)),
        derivation(at(L)).eq(last.theorem.right, by=last).eq(product_form(net, L, L + 1), by=[empty_product, algebra]),
        lambda nearer: derivation(at(i)).eq(recurrence.theorem.right, by=recurrence)
        .eq(Scaled(net.w[i + 1], net.slope(i + 1), product_form(net, i + 1, i + 2)), by=nearer)
        .eq(product_form(net, i, i + 1), by=[unfold, algebra]),
        index=i, over=(m, L), where=(low <= m, m <= L), given=[smooth_chain(net, m + 1)]).at("closed form", {m: i})
    proofs = {"last": last, "recurrence": recurrence, "outputs": outputs}
    for name in net.parameters:
        proofs[name] = _parameter(net, name, outputs, is_smooth)
    for name in net.parameters.keys() & {"w", "b"}:
        proofs[f"{name} by layer"] = _by_layer(net, name, is_smooth)
    return proofs


def _by_layer(net: ChainTheory, name: str, is_smooth: Theorem) -> Proof:
    """∂F/∂w_k in terms of ∂F/∂o_k: the recurrence that code follows."""
    rule = chain_rule(net.parameters[name])
    term = net.gradient(name, k)
    front = (net.o[k - 1],) if name == "w" else ()
    return theorem(f"{name} by layer", derivation(term)
                   .eq(Scaled(*front, net.slope(k), Gradient(net.F[k], net.o[k])), by=[rule, net.o, algebra]),
                   where=(net.first <= k, k <= L), given=[smooth_chain(net, k), is_smooth])


def _parameter(net: ChainTheory, name: str, outputs: Proof, is_smooth: Theorem) -> Proof:
    rule = chain_rule(net.parameters[name])
    low = net.first - 1
    result = "C" if net.has_loss else "F"
    if name in ("w1", "x"):
        term = net.gradient(name)
        back = fold(instantiate(rule, ((rule.left.point, term.point),)).right, [net.start_definition])
        return theorem(f"∂{result}/∂{name}", derivation(term).eq(back, by=[rule, net.o])
                       .eq(product_form(net, low, low + 1), by=outputs),
                       where=(low <= L,), given=[smooth_chain(net, low + 1), is_smooth])
    term = net.gradient(name, k)
    pulled = fold(instantiate(rule, ((rule.left.point, term.point), (i, k))).right, [net.output_definition])
    front = (net.o[k - 1],) if name == "w" else ()
    target = Scaled(*front, net.slope(k), Gradient(net.F[k], net.o[k]))
    return theorem(f"∂{result}/∂{name}_k", derivation(term)
                   .eq(pulled, by=[rule, net.o])
                   .eq(target, by=algebra)
                   .eq(Scaled(*front, net.slope(k), product_form(net, k, k + 1)), by=outputs)
                   .eq(product_form(net, k, k, *front), by=[unfold, algebra]),
                   where=(net.first <= k, k <= L), given=[smooth_chain(net, k), is_smooth])


