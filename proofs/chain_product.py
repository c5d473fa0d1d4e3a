"""The chain of neurons.  ∂F/∂w_k = o_{k-1} ∏_{i=k+1}^{L} w_i ∏_{i=k}^{L} σ_i'(w_i o_{i-1})        any depth L

o_i = σ_i(w_i o_{i-1}) and F = o_L, in two conventions: with o_1 = w_1 (then ∂F/∂w_1 is the product without o_0, and
the formula holds for 2 <= k <= L), or with an input o_0 = x (then for 1 <= k <= L).  σ_r is differentiable at
w_r o_{r-1} for the layers r that occur.  Document 001; Nielsen, ch. 5.  Claim B12.
With biases and a cost, ∂C/∂w_k = δ_k o_{k-1}, where δ_k = ∂C/∂b_k: BP4 for scalars.  Document 000.  Claim A4.
"""

from symgrad.check.claims import proved
from symgrad.derive import Proof, algebra, chain_rule, derivation, empty_product, induct, theorem, unfold
from symgrad.derive.chain import chain_is_differentiable, k, m, smooth_chain
from symgrad.kernel.statements import Equal
from symgrad.networks.chain import L, chain_theory, i, r, sigma
from symgrad.terms.named import grad
from symgrad.terms.ranges import ordered_product

from bp4 import bp4


def chain_product(net) -> tuple[Proof, Proof, Proof]:
    """∂F/∂o_i, ∂F/∂w_k and ∂F/∂w_1 (or ∂F/∂x) as products."""
    w, o, F, low = net.w, net.o, net.F, net.first - 1

    def slope(i):
        return sigma[i].prime(w[i] * o[i - 1])

    def product(after, slopes_from, *front):
        weights, slopes = ordered_product(r, after + 1, L, w[r]), ordered_product(r, slopes_from, L, slope(r))
        return front[0] * weights * slopes if front else weights * slopes

    smooth = [chain_is_differentiable(net)]
    by_parameter = {name: chain_rule(definition) for name, definition in net.parameters.items()}
    one_layer_down = (chain_rule(net.next_definition), o, algebra)       # ∇F_i(v) from F_i(v) = F_{i+1}(σ(w_{i+1} v))

    by_output = induct("∂F/∂o_i", lambda j: Equal(grad(F[j], at=o[j]), product(j, j + 1)),
        derivation(grad(F[L], at=o[L]))
            .eq(1,                                                       by=[chain_rule(net.last_definition), algebra])
            .eq(product(L, L + 1),                                       by=[empty_product, algebra]),
        lambda nearer: derivation(grad(F[i], at=o[i]))
            .eq(w[i + 1] * slope(i + 1) * grad(F[i + 1], at=o[i + 1]),   by=one_layer_down)
            .eq(w[i + 1] * slope(i + 1) * product(i + 1, i + 2),         by=nearer)
            .eq(product(i, i + 1),                                       by=[unfold, algebra]),
        index=i, over=(m, L), where=(low <= m, m <= L),
        given=[smooth_chain(net, m + 1), *smooth]).at("∂F/∂o_i", {m: i})

    by_weight = theorem("∂F/∂w_k", derivation(net.gradient("w", k))
        .eq(o[k - 1] * slope(k) * grad(F[k], at=o[k]),                   by=[by_parameter["w"], o, algebra])
        .eq(o[k - 1] * slope(k) * product(k, k + 1),                     by=by_output)
        .eq(product(k, k, o[k - 1]),                                     by=[unfold, algebra]),
        where=(low + 1 <= k, k <= L), given=[smooth_chain(net, k), *smooth])

    start = "x" if net.has_input else "w1"
    by_start = theorem(f"∂F/∂{start}", derivation(net.gradient(start))
        .eq(grad(F[low], at=o[low]),                                     by=[by_parameter[start], o])
        .eq(product(low, low + 1),                                       by=by_output),
        where=low <= L, given=[smooth_chain(net, low + 1), *smooth])
    return by_output, by_weight, by_start


without_input, with_input = chain_product(chain_theory()), chain_product(chain_theory(has_input=True))

cost = chain_theory(has_input=True, has_bias=True, has_loss=True)
error = cost.slope(k) * grad(cost.F[k], at=cost.o[k])                    # δ_k = σ_k'(z_k) ∂C/∂o_k
by_weight, by_bias = chain_rule(cost.parameters["w"]), chain_rule(cost.parameters["b"])
scalar_bp4 = theorem("BP4 for scalars", derivation(cost.gradient("w", k))
    .eq(error * cost.o[k - 1],                                           by=[by_weight, cost.o, algebra])
    .eq(cost.gradient("b", k) * cost.o[k - 1],                           by=[by_bias, cost.o, algebra]),
    where=(1 <= k, k <= L), given=[smooth_chain(cost, k), chain_is_differentiable(cost)])

a4 = proved("A4", "∂C/∂w^l = δ^l (a^{l−1})ᵀ; for scalars δ^l a^{l−1}", bp4, scalar_bp4, source="document 000")
b12 = proved("B12", "∂F/∂w_1 = ∏_{i=2}^{L} w_i ∏_{i=2}^{L} σ'(w_i o_{i−1})", without_input[2], without_input[1],
             with_input[1], with_input[2], source="document 001")
