"""The bound by factors.  ‖δ^l‖_p <= ∏_{r=l}^{L-1} ‖Σ'(z^r)(w^{r+1})ᵀ‖_p ‖Σ'(z^L)‖_p ‖a^L − y‖_p        1 <= l <= L

p = 1, 2, ∞, any depth, smooth as in product_bound, above which it lies: ‖∏ Σ'(z^r)(w^{r+1})ᵀ Σ'(z^L)‖_p is at most the
product of the norms. Every slope stays with the weights that it scales.  Claim D2.
"""

from symgrad.check.claims import proved
from symgrad.derive import derivation, theorem
from symgrad.derive.backprop import smooth
from symgrad.networks.dense import L, Sigma, a, delta, l, r, y, z
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

from norm_of_chain import chain_of
from norm_of_chain import in_norm as chain_in_norm
from product_bound import factor, whole
from product_bound import in_norm as product_bound

above_product = {p: chain_of(f"factors above the product, {p}-norm", chain_in_norm[p], factor, Sigma(z[L]))
                 for p in (2, 1, "inf")}


def factors(i, p=2):
    return ordered_product(r, i, L - 1, norm(factor(r), p)) * norm(Sigma(z[L]), p)


def factor_bound(p):
    return theorem(f"bound by factors in the {p}-norm", derivation(norm(delta[l], p))
        .le(norm(whole(l), p) * norm(a[L] - y, p),                 by=product_bound[p])
        .le(factors(l, p) * norm(a[L] - y, p),                     by=above_product[p]),
        where=(1 <= l, l <= L), given=[smooth(l)])


in_norm = {p: factor_bound(p) for p in (2, 1, "inf")}

d2 = proved("D2", "‖δ^l‖ ≤ ∏_{r=l}^{L−1} ‖Σ'(z^r)(w^{r+1})ᵀ‖ ‖Σ'(z^L)‖ ‖a^L − y‖", *in_norm.values(),
            *above_product.values(), source="the ladder of bounds: norms of the factors")
