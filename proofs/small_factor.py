"""One small factor.  |∂F/∂w_1| <= |σ_s'(w_s o_{s-1})| (¼)^{L-2} ∏_{r=2}^{L} |w_r|        for every 2 <= s <= L

in the chain o_1 = w_1, o_i = σ_i(w_i o_{i-1}), F = o_L, where |σ_r'| <= ¼ (as for the sigmoid, see sigmoid_slope). With
the smallest slope for σ_s': a small factor makes a small gradient if the weights are bounded. They need not be: for
L = 2, w_2 = 10⁶ and w_1 = 7 · 10⁻⁶ the slope is 9.1e-4 and ∂F/∂w_1 = 910.  Document 001.  Claim B15.
"""

from fractions import Fraction

from sympy import Rational

from symgrad.check.claims import refuted
from symgrad.check.refutation import Refutation
from symgrad.derive import absolute_value, algebra, constant_product, derivation, theorem, unfold
from symgrad.derive.chain import smooth_chain
from symgrad.derive.laws_order import absolute_of_product, bounded_value, each_factor
from symgrad.kernel.products import split
from symgrad.kernel.statements import Bounded, ForAll, Less
from symgrad.networks.chain import L, chain_theory, r, sigma
from symgrad.numeric.instance import Instance
from symgrad.terms.algebra import Number
from symgrad.terms.index import Index
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import absolute

from chain_product import without_input

net = chain_theory()
s, quarter = Index("s"), Number(Rational(1, 4))
by_product = without_input[2].theorem                            # ∂F/∂w_1 = ∏ w_r ∏ σ_r'(w_r o_{r-1}),  2 <= r <= L

slopes_bounded = ForAll(r, 2, L, Bounded(sigma[r].prime, quarter))
one_slope = theorem("one slope", derivation(absolute(net.slope(r))).le(quarter, by=bounded_value),
                    where=(2 <= r, r <= L), given=[slopes_bounded])

weights = ordered_product(r, 2, L, absolute(net.w[r]))
slopes = ordered_product(r, 2, L, absolute(net.slope(r)))
below, above = slopes.over(2, s - 1), slopes.over(s + 1, L)


def quarters(low, high):
    return ordered_product(r, low, high, quarter)


small_factor = theorem("one small factor", derivation(absolute(by_product.left))
    .eq(absolute(by_product.right),                              by=by_product)
    .eq(weights * slopes,                                        by=[absolute_value, absolute_of_product])
    .eq(weights * (below * absolute(net.slope(s)) * above),      by=[split(slopes, s), unfold])
    .le(weights * (quarters(2, s - 1) * absolute(net.slope(s)) * quarters(s + 1, L)),      by=each_factor(one_slope, r))
    .eq(absolute(net.slope(s)) * quarter ** (L - 2) * weights,   by=[constant_product, algebra]),
    where=(2 <= s, s <= L), given=[slopes_bounded, smooth_chain(net, 2)])


def chain(w_1, w_2):
    return Instance(integers={"L": 2}, functions={"sigma": "sigmoid"}, arrays={"chain.w": {1: [w_1], 2: [w_2]}})


small_slope = Less(net.slope(2), Rational(1, 1000))              # one factor is close to 0 …
large_gradient = Refutation(Less(by_product.left, 1), given=[small_slope], instance=chain(Fraction(7, 10**6), 10**6),
                            true_on=chain(7, 1), words="w_2 = 10⁶, w_1 = 7 · 10⁻⁶: σ'(7) = 9.1e-4, ∂F/∂w_1 = 910")

b15 = refuted("B15", "if one of the numbers in the product is close to 0, ∂F/∂w_1 is a very small number",
              large_gradient, corrected=small_factor, source="document 001", note="the weights must be bounded")
