"""The bound in the p-norm.  ‖δ^l‖_p <= ∏ γ_r ∏_{r=l+1}^{L} ‖w^r‖_q ‖a^L − y‖_p        1/p + 1/q = 1

For every 1 <= p <= ∞ and 1 <= l <= L, |σ_r'| <= γ_r, smooth as in vanishing_bound: ‖wᵀ‖_p = ‖w‖_q, so the weights
stand in the dual norm.  Document 002 takes ‖A‖ = ‖Aᵀ‖ for every induced norm; in the 1- and the ∞-norm that is
false, and so is its bound: two networks of two layers exceed it.  The cost stays ½‖·‖₂².  Claim C8.
"""

from symgrad.check.claims import refuted
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
from symgrad.kernel.statements import Bounded, Equal, ForAll, LessEqual
from symgrad.networks.dense import L, Sigma, a, delta, gamma, l, r, sigma, w, y, z
from symgrad.numeric.dense_instance import dense_instance
from symgrad.terms.exponents import Exponent, dual_kind
from symgrad.terms.index import Dimension
from symgrad.terms.named import Variable
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

from bp1 import bp1
from bp2 import bp2
from vanishing_bound import m, slopes_bounded
from vanishing_power import one_gamma


p = Exponent("norm.p")                                            # any exponent: 1 <= p <= ∞
q = dual_kind(p)

A = Variable("transposed.A", Dimension("m_rows"), Dimension("n_columns"))
transposed = theorem("norm of a transpose", derivation(norm(A.T, p)).eq(norm(A, q), by=transpose_norm))


def bound(i):
    return ordered_product(r, i, L, gamma[r]) * ordered_product(r, i + 1, L, norm(w[r], q)) * norm(a[L] - y, p)


last_layer = (derivation(norm(delta[L], p))
    .eq(norm(Sigma(z[L]) @ (a[L] - y), p),                                     by=bp1)
    .le(norm(Sigma(z[L]), p) * norm(a[L] - y, p),                              by=submultiplicative)
    .le(gamma[L] * norm(a[L] - y, p),                                          by=diagonal_norm)
    .eq(bound(L),                                                              by=[unfold, empty_product, algebra]))


def one_layer_down(next_layer):                                                # next_layer:  ‖δ^{l+1}‖_p <= bound(l+1)
    return (derivation(norm(delta[l], p))
        .eq(norm(Sigma(z[l]) @ w[l + 1].T @ delta[l + 1], p),                      by=bp2)
        .le(norm(Sigma(z[l]), p) * norm(w[l + 1].T, p) * norm(delta[l + 1], p),    by=submultiplicative)
        .eq(norm(Sigma(z[l]), p) * norm(w[l + 1], q) * norm(delta[l + 1], p),      by=transpose_norm)
        .le(gamma[l] * norm(w[l + 1], q) * norm(delta[l + 1], p),                  by=diagonal_norm)
        .le(gamma[l] * norm(w[l + 1], q) * bound(l + 1),                           by=next_layer)
        .eq(bound(l),                                                              by=[unfold, algebra]))


dual_norm_bound = induct("bound in the p-norm", lambda i: LessEqual(norm(delta[i], p), bound(i)), last_layer,
                         one_layer_down, index=l, over=(m, L), where=(1 <= m, m <= L),
                         given=[slopes_bounded(m), smooth(m)]).at("bound in the p-norm", {m: l})


def as_printed(kind):                                             # the text's bound, read in a norm
    weights = ordered_product(r, l + 1, L, norm(w[r], kind))
    return LessEqual(norm(delta[l], kind), one_gamma ** (L - l + 1) * weights * norm(a[L] - y, kind))


def linear(w2, error):                                            # σ(t) = t, w¹ = I, a¹ = x = 0, a² − y = error
    return dense_instance([[[1, 0], [0, 1]], w2], x=[0, 0], y=[-e for e in error], every__gamma=1)


slopes = [ForAll(r, l, L, Bounded(sigma[r].prime, one_gamma))]
symmetric = linear([[1, 2], [2, 1]], [1, 1])
two_refutations = [
    Refutation(as_printed("inf"), linear([[1, 0], [1, 0]], [1, 1]), true_on=symmetric, given=slopes,
               words="‖δ¹‖_∞ = 2, but ‖w²‖_∞ ‖a² − y‖_∞ = 1"),
    Refutation(as_printed(1), linear([[1, 1], [0, 0]], [1, 0]), true_on=symmetric, given=slopes,
               words="‖δ¹‖₁ = 2, but ‖w²‖₁ ‖a² − y‖₁ = 1")]
transposes_differ = Refutation(Equal(norm(w[L].T, 1), norm(w[L], 1)), linear([[1, 0], [1, 0]], [1, 1]),
                               true_on=symmetric, words="‖w‖₁ = 2, ‖wᵀ‖₁ = 1")

c8 = refuted("C8", "‖A‖ = ‖Aᵀ‖ for any square matrix and any induced norm; so the bound (**) holds in each of them",
             transposes_differ, *two_refutations, corrected=[dual_norm_bound, transposed], source="document 002")
