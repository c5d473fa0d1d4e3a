"""The vanishing bound.  ‖δ^l‖₂ <= ∏_{r=l}^{L} γ_r ∏_{r=l+1}^{L} ‖w^r‖₂ ‖a^L − y‖₂        1 <= l <= L, any depth

Where |σ_r'(t)| <= γ_r for every real t, and σ_r is differentiable at z^r, l <= r <= L.  The norm is the spectral norm:
the proof uses ‖wᵀ‖ = ‖w‖, which the 1- and the ∞-norm do not have (see dual_norm_bound).  γ bounds |σ'|, not σ'.
With one bound γ for all layers the slopes give γ^{L-l+1}.  Document 002, (**).  Claim C10.
"""

from symgrad.check.claims import proved
from symgrad.derive import (
    algebra,
    constant_product,
    derivation,
    diagonal_norm,
    empty_product,
    induct,
    specialised,
    submultiplicative,
    theorem,
    transpose_norm,
    unfold,
)
from symgrad.derive.backprop import cost_is_differentiable, smooth
from symgrad.kernel.logic import instantiate_symbol
from symgrad.kernel.statements import Bounded, ForAll, LessEqual
from symgrad.networks.dense import L, Sigma, a, b, delta, gamma, gradient, l, r, sigma, w, y, z
from symgrad.terms.index import Index
from symgrad.terms.named import Family
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

from .bp1 import bp1
from .bp2 import bp2
from .bp3 import bp3

m = Index("m")


def slopes_bounded(first):                                     # |σ_r'| <= γ_r for first <= r <= L
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
    .eq(norm(Sigma(z[l])) * norm(w[l + 1]) * norm(delta[l + 1]),     by=transpose_norm)      # the 2-norm, and only it
    .le(gamma[l] * norm(w[l + 1]) * norm(delta[l + 1]),              by=diagonal_norm),
    where=(1 <= l, l < L), given=[Bounded(sigma[l].prime, gamma[l]), smooth(l)])


def one_layer_down(next_layer):                                      # next_layer:  ‖δ^{l+1}‖ <= bound(l+1)
    return (derivation(norm(delta[l]))
        .le(gamma[l] * norm(w[l + 1]) * norm(delta[l + 1]),          by=one_layer)
        .le(gamma[l] * norm(w[l + 1]) * bound(l + 1),                by=next_layer)
        .eq(bound(l),                                                by=[unfold, algebra]))


vanishing_bound = induct("vanishing bound", lambda i: LessEqual(norm(delta[i]), bound(i)), last_layer, one_layer_down,
    index=l, over=(m, L), where=(1 <= m, m <= L), given=[slopes_bounded(m), smooth(m)]).at("vanishing bound", {m: l})

bias_bound = theorem("vanishing bound of the biases", derivation(norm(gradient(b[l])))
    .eq(norm(delta[l]),                                              by=bp3)
    .le(bound(l),                                                    by=vanishing_bound),
    where=(1 <= l, l <= L), given=[slopes_bounded(l), smooth(l)])

# One bound γ for the slopes of all layers: ∏ γ is a power.
one_gamma = Family("every.gamma")()
with_one_gamma = instantiate_symbol(bias_bound.theorem, gamma, (r,), one_gamma)

power_bound = theorem("vanishing bound with one γ", derivation(norm(gradient(b[l])))
    .le(ordered_product(r, l, L, one_gamma) * ordered_product(r, l + 1, L, norm(w[r])) * norm(a[L] - y),
                                                                     by=with_one_gamma)
    .eq(one_gamma ** (L - l + 1) * ordered_product(r, l + 1, L, norm(w[r])) * norm(a[L] - y),
                                                                     by=constant_product),
    where=(1 <= l, l <= L), given=[ForAll(r, l, L, Bounded(sigma[r].prime, one_gamma)), smooth(l)])

c10 = proved("C10", "‖∂C/∂b^l‖ ≤ γ^{L−l+1} ∏_{r=l+1}^{L} ‖w^r‖ ‖a^L − y‖", power_bound, bias_bound, vanishing_bound,
             source="document 002, (**)")
