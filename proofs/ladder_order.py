"""The ladder in its order.  global >= local >= factors >= product >= ‖δ^l‖_p        1 <= l <= L, 1 <= p <= ∞, 1/p + 1/q = 1

    global    ∏_{r=l}^{L} γ_r ∏_{r=l+1}^{L} ‖w^r‖_q             |σ_r'(t)| <= γ_r for every real t
    local     ∏_{r=l}^{L} ‖σ_r'(z^r)‖_∞ ∏_{r=l+1}^{L} ‖w^r‖_q
    factors   ∏_{r=l}^{L-1} ‖Σ'(z^r)(w^{r+1})ᵀ‖_p ‖Σ'(z^L)‖_p
    product   ‖∏_{r=l}^{L-1} Σ'(z^r)(w^{r+1})ᵀ Σ'(z^L)‖_p

each times ‖a^L − y‖_p. The last two steps are factor_bound and product_bound; here are the first two, and so the local
bound in every p-norm. The rung between local and product that splits the slopes is split_bound.  Claim D3.
"""

from symgrad.check.claims import proved
from symgrad.derive import algebra, derivation, diagonal_norm, submultiplicative, theorem, transpose_norm, unfold
from symgrad.derive.backprop import smooth
from symgrad.derive.derived_ranges import join_products, shift
from symgrad.derive.laws_order import each_factor
from symgrad.networks.dense import L, Sigma, a, delta, gamma, l, r, sigma, w, y, z
from symgrad.terms.exponents import dual_kind
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

from factor_bound import factor_bound, factors
from norm_of_chain import p
from product_bound import factor
from vanishing_bound import slopes_bounded

dual = {1: "inf", 2: 2, "inf": 1}


q = dual_kind(p)


def slope(i):                                                      # max_j |σ_i'(z^i_j)|
    return norm(sigma[i].prime(z[i]), "inf")


def weights(i):
    return ordered_product(r, i + 1, L, norm(w[r], q))


def local(i):
    return ordered_product(r, i, L, slope(r)) * weights(i)


one_factor = theorem("one factor", derivation(norm(factor(r), p))
    .le(norm(Sigma(z[r]), p) * norm(w[r + 1].T, p),                by=submultiplicative)
    .eq(slope(r) * norm(w[r + 1], q),                              by=[diagonal_norm, transpose_norm]))

slopes_below_L, weights_above_l = (ordered_product(r, l, L - 1, body) for body in (slope(r), norm(w[r + 1], q)))
both = ordered_product(r, l, L - 1, slope(r) * norm(w[r + 1], q))
local_above_factors = theorem("local above factors", derivation(factors(l))
    .le(both * norm(Sigma(z[L]), p),                               by=each_factor(one_factor, r))
    .eq(slopes_below_L * weights_above_l * norm(Sigma(z[L]), p),   by=join_products(slopes_below_L, weights_above_l))
    .eq(slopes_below_L * weights(l) * slope(L),                    by=[shift(weights_above_l, 1), diagonal_norm])
    .eq(local(l),                                                  by=[unfold, algebra]),
    where=(1 <= l, l <= L))

local_bound = theorem("local bound in the p-norm", derivation(norm(delta[l], p))
    .le(factors(l) * norm(a[L] - y, p),                            by=factor_bound)
    .le(local(l) * norm(a[L] - y, p),                              by=local_above_factors),
    where=(1 <= l, l <= L), given=[smooth(l)])

one_slope = theorem("one slope", derivation(slope(r))
    .eq(norm(Sigma(z[r])),                                         by=diagonal_norm)
    .le(gamma[r],                                                  by=diagonal_norm),
    where=(l <= r, r <= L), given=[slopes_bounded(l)])

global_above_local = theorem("global above local", derivation(ordered_product(r, l, L, slope(r)))
    .le(ordered_product(r, l, L, gamma[r]),                        by=each_factor(one_slope, r)),
    where=(1 <= l, l <= L), given=[slopes_bounded(l)])

d3 = proved("D3", "global ≥ local ≥ factors ≥ product ≥ ‖δ^l‖: the rungs in their order", global_above_local,
            local_above_factors, local_bound, source="symgrad, the ladder of bounds: its order")
