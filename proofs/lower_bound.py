"""From below.  ∏_{r=l}^{L} c_r ∏_{r=l+1}^{L} s_min((w^r)ᵀ) ‖a^L − y‖₂ <= ‖δ^l‖₂        1 <= l <= L, any depth

Here 0 <= c_r <= |σ_r'(z^r_j)| for every unit j, said as e_r ⊙ σ_r'(z^r) = c_r 1 with ‖e_r‖_∞ <= 1 (e_rj = c_r/σ_r'(z^r_j));
s_min(A) = min ‖Ax‖₂ over unit x, and smooth as in product_bound. With it one can certify that a gradient does *not*
vanish. The ladder has the same steps from below, where s_min(Σ'(z)) is the smallest |σ'(z_j)|:

    local     ∏_{r=l}^{L} s_min(Σ'(z^r)) ∏_{r=l+1}^{L} s_min((w^r)ᵀ)
    factors   ∏_{r=l}^{L-1} s_min(Σ'(z^r)(w^{r+1})ᵀ) s_min(Σ'(z^L))
    product   s_min(∏_{r=l}^{L-1} Σ'(z^r)(w^{r+1})ᵀ Σ'(z^L))

local <= factors <= product, and product times ‖a^L − y‖₂ is at most ‖δ^l‖₂. A layer that is wider than the one below it,
n_k < n_{k+1} with l <= k < L, makes local zero: (w^{k+1})ᵀ maps to fewer dimensions and loses a direction. In every
p-norm left inverses X_r of the factors say as much: ‖a^L − y‖_p <= ∏ ‖X_r‖_p ‖δ^l‖_p.  Claim D5.
"""

from symgrad.check.claims import proved
from symgrad.derive import (
    algebra,
    derivation,
    diagonal_norm,
    empty_product,
    homogeneous,
    induct,
    stretch,
    stretch_of_product,
    submultiplicative,
    theorem,
    unfold,
)
from symgrad.derive.backprop import smooth
from symgrad.derive.derived_ranges import join_products, shift
from symgrad.derive.laws_order import each_factor
from symgrad.kernel.norms import stretch_of_wide
from symgrad.kernel.products import split as split_range
from symgrad.kernel.statements import Equal, ForAll, LessEqual
from symgrad.networks.dense import L, Sigma, a, delta, l, n, r, sigma, w, y, z
from symgrad.terms.algebra import Identity, Ones, diag, hadamard
from symgrad.terms.index import Index
from symgrad.terms.named import Family, Variable
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import absolute, norm, s_min

from bp1 import bp1
from bp2 import bp2
from norm_of_chain import chain_of, m, p, stretch_of_chain
from product_bound import by_whole_product, factor, whole
from split_bound import S, T, between, same_product, slopes_split

c = Family("lower.c", over={l: (1, L)})
e = Family("lower.e", n[l], over={l: (1, L)})
x = Variable("lower.x", n[l])


def slopes_at_least(first):                                        # |c_r| <= |σ_r'(z^r_j)| for every unit j
    return [ForAll(r, first, L, Equal(hadamard(e[r], sigma[r].prime(z[r])), c[r] * Ones(n[r], 1))),
            ForAll(r, first, L, LessEqual(norm(e[r], "inf"), 1))]


slopes, small = slopes_at_least(m)
slopes_stretch = theorem("slopes stretch", derivation(absolute(c[l]) * norm(x))
    .eq(norm(c[l] * x),                                            by=homogeneous)
    .eq(norm(hadamard(c[l] * Ones(n[l], 1), x)),                   by=algebra)
    .eq(norm(diag(e[l]) @ Sigma(z[l]) @ x),                        by=[slopes, algebra])
    .le(norm(diag(e[l])) * norm(Sigma(z[l]) @ x),                  by=submultiplicative)
    .le(norm(Sigma(z[l]) @ x),                                     by=[diagonal_norm, small, algebra]),
    where=(1 <= m, m <= l, l <= L), given=slopes_at_least(m))


def bound(i):
    return ordered_product(r, i, L, absolute(c[r])) * ordered_product(r, i + 1, L, s_min(w[r].T)) * norm(a[L] - y)


def one_layer_down(next_layer):                                    # next_layer:  bound(l+1) <= ‖δ^{l+1}‖
    return (derivation(bound(l))
        .eq(absolute(c[l]) * s_min(w[l + 1].T) * bound(l + 1),         by=[unfold, algebra])
        .le(absolute(c[l]) * s_min(w[l + 1].T) * norm(delta[l + 1]),   by=next_layer)
        .le(absolute(c[l]) * norm(w[l + 1].T @ delta[l + 1]),          by=stretch)
        .le(norm(Sigma(z[l]) @ w[l + 1].T @ delta[l + 1]),             by=slopes_stretch)
        .eq(norm(delta[l]),                                            by=bp2))


lower_bound = induct("local bound from below", lambda i: LessEqual(bound(i), norm(delta[i])),
    derivation(bound(L))
        .eq(absolute(c[L]) * norm(a[L] - y),                       by=[unfold, empty_product, algebra])
        .le(norm(Sigma(z[L]) @ (a[L] - y)),                        by=slopes_stretch)
        .eq(norm(delta[L]),                                        by=bp1),
    one_layer_down, index=l, over=(m, L), where=(1 <= m, m <= L),
    given=[*slopes_at_least(m), smooth(m)]).at("local bound from below", {m: l})

product_from_below = theorem("product bound from below", derivation(s_min(whole(l)) * norm(a[L] - y))
    .le(norm(whole(l) @ (a[L] - y)),                               by=stretch)
    .eq(norm(delta[l]),                                            by=by_whole_product),
    where=(1 <= l, l <= L), given=[smooth(l)])

factors = ordered_product(r, l, L - 1, s_min(factor(r))) * s_min(Sigma(z[L]))
factors_below_product = chain_of("factors below the product", stretch_of_chain, factor, Sigma(z[L]))

factors_from_below = theorem("bound by factors from below", derivation(factors * norm(a[L] - y))
    .le(s_min(whole(l)) * norm(a[L] - y),                          by=factors_below_product)
    .le(norm(delta[l]),                                            by=product_from_below),
    where=(1 <= l, l <= L), given=[smooth(l)])

one_factor = theorem("one factor", derivation(s_min(Sigma(z[r])) * s_min(w[r + 1].T))
    .le(s_min(factor(r)),                                          by=stretch_of_product))
each_slope, each_weight = (ordered_product(r, l, L - 1, s_min(part)) for part in (Sigma(z[r]), w[r + 1].T))
both = ordered_product(r, l, L - 1, s_min(Sigma(z[r])) * s_min(w[r + 1].T))
weights = ordered_product(r, l + 1, L, s_min(w[r].T))
local_below_factors = theorem("local below factors", derivation(ordered_product(r, l, L, s_min(Sigma(z[r]))) * weights)
    .eq(each_slope * each_weight * s_min(Sigma(z[L])),             by=[unfold, shift(each_weight, 1), algebra])
    .eq(both * s_min(Sigma(z[L])),                                 by=join_products(each_slope, each_weight))
    .le(factors,                                                   by=each_factor(one_factor, r)),
    where=(1 <= l, l <= L))

k = Index("k")                                                     # the wide layer
one_wide = theorem("a wide layer", derivation(weights)
    .eq(ordered_product(r, l + 1, k, s_min(w[r].T)) * (s_min(w[k + 1].T) * ordered_product(r, k + 2, L, s_min(w[r].T))),
                                                                   by=[split_range(weights, k), unfold])
    .eq(0,                                                         by=[stretch_of_wide(w[k + 1].T), algebra]),
    where=(1 <= l, l <= k, k < L, n[k] < n[k + 1]))

stretches = ordered_product(r, l, L - 1, s_min(between(r))) * s_min(T(L))
split_below_product = theorem("split below the product", derivation(s_min(S(l)) * stretches)
    .le(s_min(S(l)) * s_min(ordered_product(r, l, L - 1, between(r)) @ T(L)),
                                                                   by=chain_of("pieces", stretch_of_chain, between, T(L)))
    .le(s_min(S(l) @ (ordered_product(r, l, L - 1, between(r)) @ T(L))),   by=stretch_of_product)
    .eq(s_min(whole(l)),                                           by=same_product),
    where=(1 <= l, l <= L), given=[slopes_split(l)])

X = Family("lower.X", n[l + 1], n[l], over={l: (1, L - 1)})        # X_r Σ'(z^r)(w^{r+1})ᵀ = I
X_L = Variable("lower.X_last", n[L], n[L])                         # X_L Σ'(z^L) = I
inverses = [ForAll(r, m, L - 1, Equal(X[r] @ factor(r), Identity(n[r + 1]))), Equal(X_L @ Sigma(z[L]), Identity(n[L]))]


def sizes(i):
    return ordered_product(r, i, L - 1, norm(X[r], p)) * norm(X_L, p)


by_inverses = induct("from below by left inverses", lambda i: LessEqual(norm(a[L] - y, p), sizes(i) * norm(delta[i], p)),
    derivation(norm(a[L] - y, p))
        .eq(norm(X_L @ Sigma(z[L]) @ (a[L] - y), p),               by=[inverses[1], algebra])
        .eq(norm(X_L @ delta[L], p),                               by=bp1)
        .le(norm(X_L, p) * norm(delta[L], p),                      by=submultiplicative)
        .eq(sizes(L) * norm(delta[L], p),                          by=[empty_product, algebra]),
    lambda next_layer: (derivation(norm(a[L] - y, p))              # next_layer:  ‖a^L − y‖ <= sizes(l+1) ‖δ^{l+1}‖
        .le(sizes(l + 1) * norm(delta[l + 1], p),                  by=next_layer)
        .eq(sizes(l + 1) * norm(X[l] @ factor(l) @ delta[l + 1], p),   by=[inverses[0], algebra])
        .eq(sizes(l + 1) * norm(X[l] @ delta[l], p),               by=bp2)
        .le(sizes(l + 1) * (norm(X[l], p) * norm(delta[l], p)),    by=submultiplicative)
        .eq(sizes(l) * norm(delta[l], p),                          by=[unfold, algebra])),
    index=l, over=(m, L), where=(1 <= m, m <= L), given=[*inverses, smooth(m)]).at("from below by left inverses", {m: l})

d5 = proved("D5", "∏_{r=l}^{L} min_j |σ'(z_j^r)| ∏_{r=l+1}^{L} s_{min}((w^r)ᵀ) ‖a^L − y‖ ≤ ‖δ^l‖", lower_bound,
            factors_from_below, product_from_below, local_below_factors, factors_below_product, split_below_product,
            one_wide, by_inverses, source="symgrad, the ladder of bounds: from below",
            note="2-norm, in every p-norm by left inverses; 0 where a later layer is wider than the one below it")
