"""The bound by split slopes.  ‖δ^l‖_p <= ‖s_l‖_∞ ∏_{r=l}^{L-1} ‖T_r (w^{r+1})ᵀ S_{r+1}‖_p ‖t_L‖_∞ ‖a^L − y‖_p   1 <= l <= L

S_r = diag(s_r), T_r = diag(t_r) and σ_r'(z^r) = s_r ⊙ t_r: each slope is shared between its two neighbours. If t_r =
e_r ⊙ u_r with ‖e_r‖_∞ <= 1, u_r may stand for t_r: with s_r = u_r = √|σ_r'(z^r)| and the signs e_r this is the rung
`split`; with s_r = 1 and u_r = |σ_r'(z^r)| it is `factors`; and as |e_r| <= 1 is all that is asked, u_r and s_r may be
larger than needed, so that the bound holds on a whole box of inputs. 1 <= p <= ∞; smooth as in product_bound.

Split lies above product, and below local where the splitting loses nothing: ‖s_r‖_∞ ‖u_r‖_∞ <= ‖σ_r'(z^r)‖_∞. It may lie
above factors: so symgrad takes the smaller of the two.  Claim D4.
"""

from fractions import Fraction

from symgrad.check.claims import proved
from symgrad.check.refutation import Refutation
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
from symgrad.derive.laws_order import each_factor
from symgrad.kernel.logic import instantiate_symbol
from symgrad.kernel.statements import Equal, ForAll, LessEqual
from symgrad.networks.dense import L, Sigma, a, delta, l, n, r, sigma, w, y, z
from symgrad.numeric.dense_instance import dense_instance
from symgrad.terms.algebra import diag, hadamard
from symgrad.terms.named import Family
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

from factor_bound import factors
from ladder_order import local, q, slope
from norm_of_chain import chain_of, m, norm_of_chain, p
from product_bound import product_bound, whole

e, s, t, u = (Family(f"split.{name}", n[l], over={l: (1, L)}) for name in "estu")
S, T, U = (lambda i, part=part: diag(part[i]) for part in (s, t, u))


def slopes_split(first, second_part=lambda i: t[i]):
    return ForAll(r, first, L, Equal(sigma[r].prime(z[r]), hadamard(s[r], second_part(r))))


def between(i):                                                    # what stands between two cuts
    return T(i) @ w[i + 1].T @ S(i + 1)


def regrouped(i):
    return S(i) @ ordered_product(r, i, L - 1, between(r)) @ T(L)


one_slope = theorem("one slope", derivation(Sigma(z[l]))
    .eq(S(l) @ T(l),                                               by=[slopes_split(m), algebra]),
    where=(1 <= m, m <= l, l <= L), given=[slopes_split(m)])

same_product = induct("the product regrouped", lambda i: Equal(whole(i), regrouped(i)),
    derivation(whole(L))
        .eq(S(L) @ T(L),                                           by=[empty_product, one_slope, algebra])
        .eq(regrouped(L),                                          by=[empty_product, algebra]),
    lambda next_layer: (derivation(whole(l))                       # next_layer:  whole(l+1) = regrouped(l+1)
        .eq(Sigma(z[l]) @ w[l + 1].T @ whole(l + 1),               by=[unfold, algebra])
        .eq(S(l) @ T(l) @ w[l + 1].T @ regrouped(l + 1),           by=[one_slope, next_layer])
        .eq(regrouped(l),                                          by=[unfold, algebra])),
    index=l, over=(m, L), where=(1 <= m, m <= L), given=[slopes_split(m)]).at("the product regrouped", {m: l})


def size(i, second=T, p=p):                                        # ‖T_i (w^{i+1})ᵀ S_{i+1}‖_p, or with U_i for T_i
    return norm(second(i) @ w[i + 1].T @ S(i + 1), p)


def split(i, second=U, p=p):
    return norm(S(i), p) * ordered_product(r, i, L - 1, size(r, second, p)) * norm(second(L), p)


pieces, sizes = ordered_product(r, l, L - 1, between(r)) @ T(L), ordered_product(r, l, L - 1, size(r)) * norm(T(L), p)
split_above_product = theorem("split above product", derivation(norm(whole(l), p))
    .eq(norm(S(l) @ pieces, p),                                    by=same_product)
    .le(norm(S(l), p) * norm(pieces, p),                           by=submultiplicative)
    .le(norm(S(l), p) * sizes,                                     by=chain_of("pieces", norm_of_chain, between, T(L)))
    .eq(split(l, T),                                               by=algebra),
    where=(1 <= l, l <= L), given=[slopes_split(l)])


def signed(i):                                                     # t_i = e_i ⊙ u_i
    return hadamard(e[i], u[i])


signs_small = ForAll(r, l, L, LessEqual(norm(e[r], "inf"), 1))     # ‖E U A‖ <= ‖U A‖, as ‖E‖ <= 1
one_size = theorem("one sign", derivation(norm(diag(signed(r)) @ w[r + 1].T @ S(r + 1), p))
    .eq(norm(diag(e[r]) @ (U(r) @ w[r + 1].T @ S(r + 1)), p),      by=algebra)
    .le(norm(diag(e[r]), p) * size(r, U),                          by=submultiplicative)
    .le(size(r, U),                                                by=[diagonal_norm, signs_small, algebra]),
    where=(l <= r, r <= L - 1), given=[signs_small])
last_size = theorem("last sign", derivation(norm(diag(signed(L)), p))
    .eq(norm(diag(e[L]) @ U(L), p),                                by=algebra)
    .le(norm(diag(e[L]), p) * norm(U(L), p),                       by=submultiplicative)
    .le(norm(U(L), p),                                             by=[diagonal_norm, signs_small, algebra]),
    where=(1 <= l, l <= L), given=[signs_small])

with_signs = instantiate_symbol(split_above_product.theorem, t, (r,), signed(r))
without_signs = theorem("split without signs above product", derivation(norm(whole(l), p))
    .le(with_signs.right,                                          by=with_signs)
    .le(split(l),                                                  by=[each_factor(one_size, r), last_size]),
    where=(1 <= l, l <= L), given=[slopes_split(l, signed), signs_small])

split_bound = theorem("bound by split slopes", derivation(norm(delta[l], p))
    .le(norm(whole(l), p) * norm(a[L] - y, p),                     by=product_bound)
    .le(split(l) * norm(a[L] - y, p),                              by=without_signs),
    where=(1 <= l, l <= L), given=[slopes_split(l, signed), signs_small, smooth(l)])


def lossless(first):                                               # ‖s_r‖_∞ ‖u_r‖_∞ <= ‖σ_r'(z^r)‖_∞
    return ForAll(r, first, L, LessEqual(norm(s[r], "inf") * norm(u[r], "inf"), slope(r)))


def one_layer_down(next_layer):                                    # next_layer:  split(l+1) <= local(l+1)
    cuts_above = ordered_product(r, l + 1, L - 1, size(r, U)) * norm(U(L), p)
    return (derivation(split(l))
        .eq(norm(S(l), p) * size(l, U) * cuts_above,               by=unfold)
        .le(norm(S(l), p) * (norm(U(l), p) * norm(w[l + 1].T, p) * norm(S(l + 1), p)) * cuts_above,    by=submultiplicative)
        .eq(norm(s[l], "inf") * norm(u[l], "inf") * norm(w[l + 1], q) * split(l + 1),
                                                                   by=[diagonal_norm, transpose_norm, algebra])
        .le(slope(l) * norm(w[l + 1], q) * split(l + 1),           by=lossless(m))
        .le(slope(l) * norm(w[l + 1], q) * local(l + 1),           by=next_layer)
        .eq(local(l),                                              by=[unfold, algebra]))


local_above_split = induct("local above split", lambda i: LessEqual(split(i), local(i)),
    derivation(split(L))
        .eq(norm(s[L], "inf") * norm(u[L], "inf"),                 by=[empty_product, diagonal_norm, algebra])
        .le(slope(L),                                              by=lossless(m))
        .eq(local(L),                                              by=[unfold, empty_product, algebra]),
    one_layer_down, index=l, over=(m, L), where=(1 <= m, m <= L), given=[lossless(m)]).at("local above split", {m: l})

HALF = Fraction(1, 2)


def two_layers(w_2, roots_1, roots_2):                             # σ(t) = t²/2, w¹ = 0: z = slopes = squares of the roots
    slopes_1, slopes_2 = ([root ** 2 for root in roots] for roots in (roots_1, roots_2))
    before = [sum(entry * slope ** 2 / 2 for entry, slope in zip(row, slopes_1, strict=True)) for row in w_2]
    biases = [slopes_1, [slope - moved for slope, moved in zip(slopes_2, before, strict=True)]]
    roots = {1: roots_1, 2: roots_2}
    return dense_instance([[[0]] * len(roots_1), w_2], x=[0], y=[0] * len(w_2), biases=biases, activation=[0, 0, HALF],
                          split__s=roots, split__u=roots)


faint_unit_below, faint_unit_above = two_layers([[0, 1]], [1, HALF], [1]), two_layers([[0], [1]], [1], [1, HALF])
incomparable = [
    Refutation(LessEqual(split(l, p=2), factors(l, p=2)), faint_unit_below, true_on=faint_unit_above,
               words="Σ'(z¹) = diag(1, ¼), (w²)ᵀ = (0, 1)ᵀ, Σ'(z²) = 1: split is ½, factors is ¼"),
    Refutation(LessEqual(factors(l, p=2), split(l, p=2)), faint_unit_above, true_on=faint_unit_below,
               words="Σ'(z¹) = 1, (w²)ᵀ = (0, 1), Σ'(z²) = diag(1, ¼): factors is 1, split is ½")]

d4 = proved("D4", "‖δ^l‖ ≤ ‖√|Σ'(z^l)|‖ ∏_{r=l}^{L−1} ‖√|Σ'(z^r)| (w^{r+1})ᵀ √|Σ'(z^{r+1})|‖ ‖√|Σ'(z^L)|‖ ‖a^L − y‖",
            split_bound, without_signs, local_above_split,
            refutations=incomparable, source="symgrad, the ladder of bounds: split slopes",
            note="neither of split and factors lies above the other")
