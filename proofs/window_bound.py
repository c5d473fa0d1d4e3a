"""The bound by windows.  ‖A M_l‖_p <= ‖A ∏_{r=l}^{k-1} Σ'(z^r)(w^{r+1})ᵀ D‖_p ‖E M_k‖_p        1 <= l <= k <= L

M_l = ∏_{r=l}^{L-1} Σ'(z^r)(w^{r+1})ᵀ Σ'(z^L) is the whole product, ‖δ^l‖_p <= ‖M_l‖_p ‖a^L − y‖_p, and D E M_k = M_k: as for
E = D⁻¹, or for D = √|Σ'(z^L)| at k = L and E its pseudo-inverse. One step cuts a window off: its factors stay one matrix.
The next step cuts E M_k, with E for A, and so on to the last layer. So the norms of products of a few factors each, with
diagonals in between that balance them, bound the error: a rung between factors, which are windows of one, and product,
which is one window.  1 <= p <= ∞.  Claim D6.
"""

from symgrad.check.claims import proved
from symgrad.derive import algebra, derivation, submultiplicative, theorem
from symgrad.derive.backprop import smooth
from symgrad.kernel.logic import instantiate
from symgrad.kernel.products import split as split_range
from symgrad.kernel.statements import Equal
from symgrad.networks.dense import L, a, delta, l, n, r, y
from symgrad.terms.algebra import Identity
from symgrad.terms.index import Index
from symgrad.terms.named import Variable
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

from norm_of_chain import p
from product_bound import factor, product_bound, whole

k = Index("k")                                                     # the layer at which the window ends
A, D, E = (Variable(f"window.{name}", n[at], n[at]) for name, at in (("A", l), ("D", k), ("E", k)))
between = Equal(D @ E @ whole(k), whole(k))
window = ordered_product(r, l, k - 1, factor(r))
cut = split_range(ordered_product(r, l, L - 1, factor(r)), k - 1)


one_window = theorem("one window", derivation(norm(A @ whole(l), p))
    .eq(norm(A @ window @ whole(k), p),                                    by=[cut, algebra])
    .eq(norm(A @ window @ (D @ E @ whole(k)), p),                          by=between)
    .le(norm(A @ window @ D, p) * norm(E @ whole(k), p),                   by=submultiplicative),
    where=(1 <= l, l <= k, k <= L), given=[between])

first_window = instantiate(one_window.theorem, ((A, Identity(n[l])),))
window_bound = theorem("bound by windows", derivation(norm(delta[l], p))
    .le(norm(whole(l), p) * norm(a[L] - y, p),                             by=product_bound)
    .eq(norm(Identity(n[l]) @ whole(l), p) * norm(a[L] - y, p),            by=algebra)
    .le(first_window.right * norm(a[L] - y, p),                            by=first_window)
    .eq(norm(window @ D, p) * norm(E @ whole(k), p) * norm(a[L] - y, p),   by=algebra),
    where=(1 <= l, l <= k, k <= L), given=[between, smooth(l)])

d6 = proved("D6", "‖δ^l‖ ≤ ∏ ‖D⁻¹ (a few factors Σ'(z^r)(w^{r+1})ᵀ) D‖ ‖a^L − y‖", one_window, window_bound,
            source="symgrad, the ladder of bounds: windows")
