"""Weights and biases.  ‖∂C/∂w^l‖_p = ‖∂C/∂b^l‖_p ‖a^{l-1}‖_q with 1/p + 1/q = 1        1 <= l <= L, 1 <= p <= ∞

∂C/∂w^l = δ^l (a^{l-1})ᵀ has rank one, so its norm is a product, with the dual norm of the activations.  As ‖a‖_q <=
‖a‖_p for p <= 2 <= q, the text's ‖∂C/∂w^l‖ <= ‖∂C/∂b^l‖ ‖a^{l-1}‖ holds in the p-norms with p <= 2 (for p = 2 with =);
for p > 2 it is false.  It is about one example: of batch means it is false in every norm, and what holds is
‖∂C/∂w^l‖₂ <= (1/N) Σ_i ‖δ_i‖₂ ‖a_i‖₂.  Document 002, (*).  Claim C9.
"""

from symgrad.derive.derived import count_is_nonnegative, nonnegative
from symgrad.derive.derived_ranges import range_congruence
from symgrad.check.claims import proved
from symgrad.check.refutation import Refutation
from symgrad.derive import derivation, homogeneous, rank_one, theorem, triangle
from symgrad.derive.backprop import smooth

from symgrad.kernel.norms import larger_exponent
from symgrad.kernel.norms import rank_one as norm_of_rank_one
from symgrad.kernel.order import absolute_of_nonnegative
from symgrad.kernel.statements import LessEqual
from symgrad.networks.dense import L, a, b, delta, gradient, l, n, w
from symgrad.numeric.dense_instance import dense_instance
from symgrad.numeric.instance import Instance
from symgrad.terms.algebra import Count
from symgrad.terms.exponents import Exponent, dual_kind
from symgrad.terms.index import Index
from symgrad.terms.named import Family
from symgrad.terms.ranges import ordered_sum
from symgrad.terms.scalars import absolute, norm

from bp3 import bp3
from bp4 import bp4

where, given = (1 <= l, l <= L), [smooth(l)]


p, s = Exponent("norm.p"), Exponent("up_to_two.p", high=2)           # 1 <= p <= ∞, and 1 <= p <= 2

product_of_norms = theorem("weight gradient in the p-norm", derivation(norm(gradient(w[l]), p))
    .eq(norm(delta[l] @ a[l - 1].T, p),                              by=bp4)
    .eq(norm(delta[l], p) * norm(a[l - 1], dual_kind(p)),            by=rank_one)
    .eq(norm(gradient(b[l]), p) * norm(a[l - 1], dual_kind(p)),      by=bp3),
    where=where, given=given)

as_printed = theorem("weight gradient bound", derivation(norm(gradient(w[l]), s))
    .eq(norm(gradient(b[l]), s) * norm(a[l - 1], dual_kind(s)),      by=product_of_norms)
    .le(norm(gradient(b[l]), s) * norm(a[l - 1], s),                 by=larger_exponent(a[l - 1], s, dual_kind(s))),
    where=where, given=given)

with_equality = theorem("weight gradient in the 2-norm", derivation(norm(gradient(w[l])))
    .eq(norm(gradient(b[l])) * norm(a[l - 1]),                       by=product_of_norms),
    where=where, given=given)

# A mean over N examples with errors δ_i and activations a_i.
i, N = Index("i"), Index("N")
delta_of, a_of = Family("batch.delta", n[1], over={i: (1, None)}), Family("batch.a", n[0], over={i: (1, None)})
one_over_N = 1 / Count(N)
positive = nonnegative(one_over_N, count_is_nonnegative(N))


def total(term):
    return ordered_sum(i, 1, N, term)


batch_bound = theorem("weight gradient of a batch", derivation(norm(one_over_N * total(delta_of[i] @ a_of[i].T)))
    .eq(absolute(one_over_N) * norm(total(delta_of[i] @ a_of[i].T)),    by=homogeneous)
    .eq(one_over_N * norm(total(delta_of[i] @ a_of[i].T)),              by=absolute_of_nonnegative(positive))
    .le(one_over_N * total(norm(delta_of[i] @ a_of[i].T)),              by=triangle)
    .eq(one_over_N * total(norm(delta_of[i]) * norm(a_of[i])),
        by=range_congruence(norm_of_rank_one(delta_of[i], a_of[i], 2), i, 1, N, 0)),
    where=1 <= N, given=[positive])

def exceeded(kind, words):
    return Refutation(
        LessEqual(norm(gradient(w[l]), kind), norm(gradient(b[l]), kind) * norm(a[l - 1], kind)),
        dense_instance([[[1, 1]]], x=[1, 1], y=[1]), true_on=dense_instance([[[1, 1]]], x=[1, 0], y=[0]),
        words=f"a = (1, 1), δ = 1: {words}")


above_two = [exceeded("inf", "‖δ aᵀ‖_∞ = 2, but ‖δ‖_∞ ‖a‖_∞ = 1"),
             exceeded(3, "‖δ aᵀ‖₃ = 2^{2/3}, but ‖δ‖₃ ‖a‖₃ = 2^{1/3}")]


def two_examples(*values):
    arrays = {name: {k: [value] for k, value in enumerate(values, 1)} for name in ("batch.delta", "batch.a")}
    return Instance(integers={"N": 2}, widths={"n": [1, 1]}, arrays=arrays)


as_printed_for_means = Refutation(
    LessEqual(norm(one_over_N * total(delta_of[i] @ a_of[i].T)),
              norm(one_over_N * total(delta_of[i])) * norm(one_over_N * total(a_of[i]))),
    two_examples(1, -1), true_on=two_examples(1, 1),
    words="δ = a = 1 and δ = a = −1: the means are 0, that of δ a is 1")

c9 = proved("C9", "‖∂C/∂w^l‖ ≤ ‖∂C/∂b^l‖ ‖a^{l−1}‖", as_printed, product_of_norms, with_equality, batch_bound,
            refutations=[*above_two, as_printed_for_means], source="document 002, (*)",
            note="true for p ≤ 2 and one example; in every norm with the dual norm of a^{l−1}, and then with =")
