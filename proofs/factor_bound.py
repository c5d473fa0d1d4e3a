"""The bound by factors.  ‖δ^l‖_p <= ∏_{r=l}^{L-1} ‖Σ'(z^r)(w^{r+1})ᵀ‖_p ‖Σ'(z^L)‖_p ‖a^L − y‖_p        1 <= l <= L

For every 1 <= p <= ∞ and any depth, smooth as in product_bound, above which it lies: the norm of the whole product is at
most the product of the norms. Every slope stays with the weights that it scales.  Claim D2.
"""

from symgrad.check.claims import proved
from symgrad.derive import derivation, theorem
from symgrad.derive.backprop import smooth
from symgrad.networks.dense import L, Sigma, a, delta, l, r, y, z
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

from norm_of_chain import chain_of, norm_of_chain, p
from product_bound import factor, product_bound, whole

factors_above_product = chain_of("factors above the product", norm_of_chain, factor, Sigma(z[L]))


def factors(i, p=p):
    return ordered_product(r, i, L - 1, norm(factor(r), p)) * norm(Sigma(z[L]), p)


factor_bound = theorem("bound by factors", derivation(norm(delta[l], p))
    .le(norm(whole(l), p) * norm(a[L] - y, p),                     by=product_bound)
    .le(factors(l) * norm(a[L] - y, p),                            by=factors_above_product),
    where=(1 <= l, l <= L), given=[smooth(l)])

d2 = proved("D2", "‖δ^l‖ ≤ ∏_{r=l}^{L−1} ‖Σ'(z^r)(w^{r+1})ᵀ‖ ‖Σ'(z^L)‖ ‖a^L − y‖", factor_bound,
            factors_above_product, source="symgrad, the ladder of bounds: norms of the factors")
