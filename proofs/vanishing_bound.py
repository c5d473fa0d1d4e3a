"""The vanishing bound.  ‖δ^l‖₂ <= ∏_{r=l}^{L} γ_r ∏_{r=l+1}^{L} ‖w^r‖₂ ‖a^L − y‖₂        1 <= l <= L, any depth

Where |σ_r'(t)| <= γ_r for every real t, and σ_r is differentiable at z^r, l <= r <= L.  Spectral norms: the proof
uses ‖wᵀ‖ = ‖w‖, which the 1- and the ∞-norm do not have (see dual_norm_bound).  Document 002, (**).  Claim C10 is
its case of one γ for all layers: see vanishing_power.
"""

from symgrad.derive import (
    algebra,
    derivation,
    diagonal_norm,
    empty_product,
    induct,
    submultiplicative,
    theorem,
    transpose_norm,
    unfold,
)
from symgrad.derive.backprop import smooth
from symgrad.kernel.statements import Bounded, ForAll, LessEqual
from symgrad.networks.dense import L, Sigma, a, b, delta, gamma, gradient, l, r, sigma, w, y, z
from symgrad.terms.index import Index
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

from bp1 import bp1
from bp2 import bp2
from bp3 import bp3

m = Index("m")                                                       # the lowest layer that the induction reaches


def slopes_bounded(first):                                           # |σ_r'| <= γ_r for first <= r <= L
    return ForAll(r, first, L, Bounded(sigma[r].prime, gamma[r]))


def bound(i):
    return ordered_product(r, i, L, gamma[r]) * ordered_product(r, i + 1, L, norm(w[r])) * norm(a[L] - y)


last_layer = (derivation(norm(delta[L]))
    .eq(norm(Sigma(z[L]) @ (a[L] - y)),                              by=bp1)
    .le(norm(Sigma(z[L])) * norm(a[L] - y),                          by=submultiplicative)
    .le(gamma[L] * norm(a[L] - y),                                   by=diagonal_norm)
    .eq(bound(L),                                                    by=[unfold, empty_product, algebra]))

one_layer = theorem("one layer down", derivation(norm(delta[l]))
    .eq(norm(Sigma(z[l]) @ w[l + 1].T @ delta[l + 1]),               by=bp2)
    .le(norm(Sigma(z[l])) * norm(w[l + 1].T) * norm(delta[l + 1]),   by=submultiplicative)
    .eq(norm(Sigma(z[l])) * norm(w[l + 1]) * norm(delta[l + 1]),     by=transpose_norm)    # the 2-norm, and only it
    .le(gamma[l] * norm(w[l + 1]) * norm(delta[l + 1]),              by=diagonal_norm),
    where=(1 <= l, l < L), given=[Bounded(sigma[l].prime, gamma[l]), smooth(l)])


def one_layer_down(next_layer):                                      # next_layer:  ‖δ^{l+1}‖ <= bound(l+1)
    return (derivation(norm(delta[l]))
        .le(gamma[l] * norm(w[l + 1]) * norm(delta[l + 1]),          by=one_layer)
        .le(gamma[l] * norm(w[l + 1]) * bound(l + 1),                by=next_layer)
        .eq(bound(l),                                                by=[unfold, algebra]))


vanishing_bound = induct(
    "vanishing bound", lambda i: LessEqual(norm(delta[i]), bound(i)), last_layer, one_layer_down,
    index=l, over=(m, L), where=(1 <= m, m <= L), given=[slopes_bounded(m), smooth(m)]).at("vanishing bound", {m: l})

bias_bound = theorem("vanishing bound of the biases", derivation(norm(gradient(b[l])))
    .eq(norm(delta[l]),                                              by=bp3)
    .le(bound(l),                                                    by=vanishing_bound),
    where=(1 <= l, l <= L), given=[slopes_bounded(l), smooth(l)])
