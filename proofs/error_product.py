"""The product.  δ^l = ∏_{r=l+1}^{L} w^r ∏_{r=l}^{L-1} σ_r'(z^r) δ^L        1 <= l <= L, one neuron a layer

and ∂C/∂w^l is that times a^{l-1}. The slopes stop at z^{L-1}, as δ^L already holds the slope at z^L; for l = L both
products are empty. Smooth: σ_r differentiable at z^r, l <= r <= L.  For claims A6 and A7: see error_product_as_printed.
"""

from symgrad.derive import algebra, chain_rule, derivation, differentiable, empty_product, induct, theorem, unfold
from symgrad.kernel.statements import Differentiable, Equal, ForAll
from symgrad.networks.one_neuron import (
    C,
    L,
    a,
    delta,
    gradient,
    l,
    last_cost_definition,
    next_cost_definition,
    r,
    sigma,
    slope,
    w,
    weight_definition,
    z,
)
from symgrad.terms.index import Index
from symgrad.terms.named import grad
from symgrad.terms.ranges import ordered_product

m = Index("m")                                                   # the lowest layer that the induction reaches


def smooth(first):
    return ForAll(r, first, L, Differentiable(sigma[r], z[r]))


cost_is_smooth = induct("smooth cost", lambda i: Differentiable(C[i], z[i]),
    differentiable(C[L], last_cost_definition, z[L]),
    lambda next_layer: differentiable(C[l], next_cost_definition, z[l]),
    index=l, over=(m, L), where=(1 <= m, m <= L), given=[smooth(m)]).theorem

recurrence = theorem("recurrence", derivation(delta[l])
    .eq(grad(C[l], at=z[l]),                                     by=delta)
    .eq(w[l + 1] * slope(l) * grad(C[l + 1], at=z[l + 1]),       by=[chain_rule(next_cost_definition), z, a, algebra])
    .eq(w[l + 1] * slope(l) * delta[l + 1],                      by=delta),
    where=(1 <= l, l < L), given=[smooth(l), cost_is_smooth])


def product(i, slopes=slope, last=L - 1):
    return ordered_product(r, i + 1, L, w[r]) * ordered_product(r, i, last, slopes(r)) * delta[L]


error_product = induct("error product", lambda i: Equal(delta[i], product(i)),
    derivation(delta[L]).eq(product(L),                          by=[empty_product, algebra]),
    lambda next_layer: (derivation(delta[l])
        .eq(w[l + 1] * slope(l) * delta[l + 1],                  by=recurrence)
        .eq(w[l + 1] * slope(l) * product(l + 1),                by=next_layer)
        .eq(product(l),                                          by=[unfold, algebra])),
    index=l, over=(m, L), where=(1 <= m, m <= L), given=[smooth(m)]).at("error product", {m: l})

weight_product = theorem("gradient of a weight", derivation(gradient(l))
    .eq(grad(C[l], at=z[l]) * a[l - 1],                          by=[chain_rule(weight_definition), z, algebra])
    .eq(delta[l] * a[l - 1],                                     by=delta)
    .eq(product(l) * a[l - 1],                                   by=error_product),
    where=(1 <= l, l <= L), given=[smooth(l), cost_is_smooth])
