"""When a gradient tends to 0.  |∂C/∂w^l| = |a^{l-1}| |δ^L| ∏_{r=l+1}^{L} |w^r| ∏_{r=l}^{L-1} |σ_r'(z^r)|    1 <= l <= L

for one neuron a layer.

It tends to 0 when one factor does and the others stay bounded: with all of them at most M, and one weight (or
slope) at most ε, it is at most ε M^{2(L-l)+1}. Slopes, not activations, are the factors: with σ(t) = t, x = 1, w¹ =
0, w² = 1, b = 0 and y = 1 every activation is 0 and ∂C/∂w¹ is −1. Document 000. Claim A8.
"""

from symgrad.derive.derived_ranges import range_increase
from symgrad.check.claims import refuted
from symgrad.check.refutation import Refutation
from symgrad.derive import absolute_value, algebra, constant_product, derivation, theorem, unfold
from symgrad.derive.laws_order import absolute_of_product
from symgrad.kernel.logic import assume, specialise
from symgrad.kernel.products import split
from symgrad.kernel.statements import Equal, ForAll, LessEqual
from symgrad.networks.one_neuron import L, a, delta, gradient, l, r, slope, w
from symgrad.numeric.instance import Instance
from symgrad.terms.index import Index
from symgrad.terms.named import Family
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import absolute

from error_product import product, smooth, weight_product

weights = ordered_product(r, l + 1, L, absolute(w[r]))
slopes = ordered_product(r, l, L - 1, absolute(slope(r)))

size = theorem("size of the gradient", derivation(absolute(gradient(l)))
    .eq(absolute(product(l) * a[l - 1]),                         by=weight_product)
    .eq(absolute(a[l - 1]) * absolute(delta[L]) * weights * slopes,  by=[absolute_value, absolute_of_product, algebra]),
    where=(1 <= l, l <= L), given=[smooth(l)])

s, M, epsilon = Index("s"), Family("limit.M")(), Family("limit.epsilon")()


def at_most_M(factor, low, high):                                # ∏ |…| <= ∏ M, where each factor is at most M
    given = ForAll(r, low, high, LessEqual(absolute(factor(r)), M))
    return given, range_increase(specialise(assume(given), r), r, low, high, True, ())


def one_small(name, factor, low, high, other, start, stop):      # factor s of one product <= ε, all other factors <= M
    ends = [LessEqual(absolute(a[l - 1]), M), LessEqual(absolute(delta[L]), M)]
    small = LessEqual(absolute(factor(s)), epsilon)
    (below, by_below), (above, by_above), (rest, by_rest) = (
        at_most_M(factor, low, s - 1), at_most_M(factor, s + 1, high), at_most_M(other, start, stop))
    whole, others = ordered_product(r, low, high, absolute(factor(r))), by_rest.left
    end = absolute(a[l - 1]) * absolute(delta[L])
    return theorem(name, derivation(absolute(gradient(l)))
        .eq(end * whole * others,                                                   by=[size, algebra])
        .eq(end * (by_below.left * absolute(factor(s)) * by_above.left) * others,   by=[split(whole, s), unfold])
        .le(end * (by_below.left * epsilon * by_above.left) * others,               by=assume(small))
        .le(M * M * (by_below.left * epsilon * by_above.left) * others,             by=list(map(assume, ends)))
        .le(M * M * (by_below.right * epsilon * by_above.left) * others,            by=by_below)
        .le(M * M * (by_below.right * epsilon * by_above.right) * others,           by=by_above)
        .le(M * M * (by_below.right * epsilon * by_above.right) * by_rest.right,    by=by_rest)
        .eq(epsilon * M ** (2 * (L - l) + 1),                                       by=[constant_product, algebra]),
        where=(1 <= l, low <= s, s <= high, l <= L),
        given=[smooth(l), LessEqual(0, M), LessEqual(0, epsilon), below, small, above, rest, *ends])


small_weight = one_small("one small weight", lambda i: w[i], l + 1, L, slope, l, L - 1)
small_slope = one_small("one small slope", slope, l, L - 1, lambda i: w[i], l + 1, L)


def network(g, target):                                          # L = 2, x = w² = 1, w¹ = b = 0: z¹ = z² = 0
    return Instance(integers={"L": 2, "l": 1}, functions={"sigma": g}, arrays={"neuron.x": [1], "neuron.y": [target],
                    "neuron.w": {1: [0], 2: [1]}, "neuron.b": {1: [0], 2: [0]}})


activations = [Equal(a[1], 0), Equal(a[2], 0)]                   # the later activations are 0
zero_activations = Refutation(Equal(gradient(l), 0), instance=network([0, 1], 1), true_on=network([0, 0, 1], 1),
                              given=activations, words="σ(t) = t: z¹ = z² = 0, so a¹ = a² = 0, yet ∂C/∂w¹ = −1")

a8 = refuted("A8", "the component of the gradient may tend to zero if any of the weights or activations g(z) of the "
             "subsequent layers tend to zero", zero_activations, corrected=[size, small_weight, small_slope],
             source="document 000", note="weights or slopes, and the other factors bounded")
