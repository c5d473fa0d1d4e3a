"""The local bound.  ‖δ^l‖₂ <= ∏_{r=l}^{L} ‖σ_r'(z^r)‖_∞ ∏_{r=l+1}^{L} ‖w^r‖₂ ‖a^L − y‖₂        1 <= l <= L, any depth

The argument of document 002 with the slopes at hand instead of their supremum: γ_r is the largest |σ_r'(z^r_j)|.  So
it holds for tanh, and for every activation that is differentiable at z^r, l <= r <= L, bounded slopes or not; and it
is never worse than vanishing_bound.  Claim C13; the heuristic half of it, the mean-field factor, is
`symgrad.bounds.mean_field`.
"""

from symgrad.derive import (
    algebra,
    derivation,
    diagonal_norm,
    empty_product,
    induct,
    submultiplicative,
    transpose_norm,
    unfold,
)
from symgrad.derive.backprop import smooth
from symgrad.kernel.statements import LessEqual
from symgrad.networks.dense import L, Sigma, a, delta, l, r, sigma, w, y, z
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

from bp1 import bp1
from bp2 import bp2
from vanishing_bound import m


def largest_slope(i):
    return norm(sigma[i].prime(z[i]), "inf")


def bound(i):
    return ordered_product(r, i, L, largest_slope(r)) * ordered_product(r, i + 1, L, norm(w[r])) * norm(a[L] - y)


last_layer = (derivation(norm(delta[L]))
    .eq(norm(Sigma(z[L]) @ (a[L] - y)),                              by=bp1)
    .le(norm(Sigma(z[L])) * norm(a[L] - y),                          by=submultiplicative)
    .eq(largest_slope(L) * norm(a[L] - y),                           by=diagonal_norm)
    .eq(bound(L),                                                    by=[unfold, empty_product, algebra]))


def one_layer_down(next_layer):                                      # next_layer:  ‖δ^{l+1}‖ <= bound(l+1)
    return (derivation(norm(delta[l]))
        .eq(norm(Sigma(z[l]) @ w[l + 1].T @ delta[l + 1]),               by=bp2)
        .le(norm(Sigma(z[l])) * norm(w[l + 1].T) * norm(delta[l + 1]),   by=submultiplicative)
        .eq(norm(Sigma(z[l])) * norm(w[l + 1]) * norm(delta[l + 1]),     by=transpose_norm)
        .eq(largest_slope(l) * norm(w[l + 1]) * norm(delta[l + 1]),      by=diagonal_norm)
        .le(largest_slope(l) * norm(w[l + 1]) * bound(l + 1),            by=next_layer)
        .eq(bound(l),                                                    by=[unfold, algebra]))


local_bound = induct("local bound", lambda i: LessEqual(norm(delta[i]), bound(i)), last_layer, one_layer_down,
                     index=l, over=(m, L), where=(1 <= m, m <= L), given=[smooth(m)]).at("local bound", {m: l})
