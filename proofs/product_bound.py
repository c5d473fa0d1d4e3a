"""The bound by the whole product.  ‖δ^l‖_p <= ‖∏_{r=l}^{L-1} Σ'(z^r)(w^{r+1})ᵀ Σ'(z^L)‖_p ‖a^L − y‖_p        1 <= l <= L

For every 1 <= p <= ∞ and any depth, bounded slopes or not; σ_r differentiable at z^r, l <= r <= L. The closed form is a
matrix times a^L − y, so no bound that knows a^L − y by its norm only is better. Of the ladder only ‖δ^l‖ itself is lower.
Claim D1.
"""

from symgrad.check.claims import proved
from symgrad.derive import derivation, submultiplicative, theorem
from symgrad.derive.backprop import smooth
from symgrad.derive.derived_ranges import shift
from symgrad.networks.dense import L, Sigma, a, delta, l, r, w, y, z
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

from delta_closed_form import delta_closed_form
from norm_of_chain import p


def factor(i):                                                     # δ^i = factor(i) δ^{i+1}
    return Sigma(z[i]) @ w[i + 1].T


def whole(i):                                                      # δ^i = whole(i) (a^L − y)
    return ordered_product(r, i, L - 1, factor(r)) @ Sigma(z[L])


from_layer_l = shift(ordered_product(r, l, L - 1, factor(r)), 1)   # ∏_{r=l}^{L-1} f(r) = ∏_{r=l+1}^{L} f(r-1)

by_whole_product = theorem("error by the whole product", derivation(delta[l])
    .eq(whole(l) @ (a[L] - y),                                     by=[delta_closed_form, from_layer_l]),
    where=(1 <= l, l <= L), given=[smooth(l)])


product_bound = theorem("product bound", derivation(norm(delta[l], p))
    .eq(norm(whole(l) @ (a[L] - y), p),                            by=by_whole_product)
    .le(norm(whole(l), p) * norm(a[L] - y, p),                     by=submultiplicative),
    where=(1 <= l, l <= L), given=[smooth(l)])

d1 = proved("D1", "‖δ^l‖ ≤ ‖∏_{r=l}^{L−1} Σ'(z^r)(w^{r+1})ᵀ Σ'(z^L)‖ ‖a^L − y‖", product_bound,
            source="symgrad, the ladder of bounds: the whole product")
