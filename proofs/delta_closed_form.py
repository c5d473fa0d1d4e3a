"""The closed form.  δ^l = Σ'(z^l)(w^{l+1})ᵀ ⋯ Σ'(z^{L-1})(w^L)ᵀ Σ'(z^L)(a^L − y)        1 <= l <= L

Unrolling BP2 down from BP1.  The factors stand in the order of the layers, each layer once, and for l = L none of them
is left.  Smooth: σ_r differentiable at z^r, l <= r <= L.  Document 002.  Claim C3.
"""

from symgrad.check.claims import proved
from symgrad.derive import algebra, derivation, empty_product, induct, unfold
from symgrad.derive.backprop import smooth
from symgrad.kernel.statements import Equal
from symgrad.networks.dense import L, Sigma, a, delta, l, r, w, y, z
from symgrad.terms.index import Index
from symgrad.terms.ranges import ordered_product

from bp1 import bp1
from bp2 import bp2

m = Index("m")                                                 # the lowest layer that the induction reaches


def closed_form(i):
    return ordered_product(r, i + 1, L, Sigma(z[r - 1]) @ w[r].T) @ Sigma(z[L]) @ (a[L] - y)


last_layer = (derivation(delta[L])
    .eq(Sigma(z[L]) @ (a[L] - y),                              by=bp1)
    .eq(closed_form(L),                                        by=[empty_product, algebra]))


def one_layer_down(next_layer):                                # next_layer:  δ^{l+1} = closed_form(l+1)
    return (derivation(delta[l])
        .eq(Sigma(z[l]) @ w[l + 1].T @ delta[l + 1],           by=bp2)
        .eq(Sigma(z[l]) @ w[l + 1].T @ closed_form(l + 1),     by=next_layer)
        .eq(closed_form(l),                                    by=unfold))


delta_closed_form = induct("closed form", lambda i: Equal(delta[i], closed_form(i)), last_layer, one_layer_down,
                 index=l, over=(m, L), where=(1 <= m, m <= L), given=[smooth(m)]).at("closed form of the error", {m: l})

c3 = proved("C3", "δ^l = Σ'(z^l)(w^{l+1})ᵀ ⋯ Σ'(z^{L−1})(w^L)ᵀ Σ'(z^L)(a^L − y)", delta_closed_form,
            source="document 002")
