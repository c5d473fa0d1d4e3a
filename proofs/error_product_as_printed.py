"""The product of document 000, as printed.  δ^l = w^{l+1} ⋯ w^L g(z^l) ⋯ g(z^L) δ^L, and ∂C/∂w^l = that times a^{l-1}

It has the values of the activation for its slopes, and one factor too many, at z^L. Either mistake alone is enough: for
g(t) = t² and ones the error of the first layer is 4, the text gives 2, and with slopes up to L it would be 8. For
g(t) = t and ones all of them agree.  Claims A6 and A7; what holds instead is in error_product.
"""

from symgrad.check.claims import refuted
from symgrad.check.refutation import Refutation
from symgrad.kernel.statements import Equal
from symgrad.networks.one_neuron import L, a, delta, gradient, l, sigma, z
from symgrad.numeric.instance import Instance

from error_product import error_product, product, recurrence, weight_product


def ones(g):                                                     # L = 2, x = w¹ = w² = 1, b = y = 0
    return Instance(integers={"L": 2, "l": 1}, functions={"sigma": g}, arrays={"neuron.x": [1], "neuron.y": [0],
                    "neuron.w": {1: [1], 2: [1]}, "neuron.b": {1: [0], 2: [0]}})


def value(layer):
    return sigma[layer](z[layer])


square, identity = ones([0, 0, 1]), ones([0, 1])                 # g(t) = t², g(t) = t
printed = product(l, value, last=L)                              # ∏ w^r ∏_{r=l}^{L} g(z^r) δ^L

error_printed = Refutation(Equal(delta[l], printed), instance=square, true_on=identity,
                           words="g(t) = t²: δ¹ = 4; the text gives 2")
one_slope_too_many = Refutation(Equal(delta[l], product(l, last=L)), instance=square, true_on=identity,
                                words="with g' for g, but up to L: 8")
gradient_printed = Refutation(Equal(gradient(l), printed * a[l - 1]), instance=square, true_on=identity,
                              words="g(t) = t²: ∂C/∂w¹ = 4; the text gives 2")

a6 = refuted("A6", "δ^l = w^{l+1} w^{l+2} … w^L g(z^l) g(z^{l+1}) … g(z^L) δ^L", error_printed, one_slope_too_many,
             corrected=[error_product, recurrence], source="document 000",
             note="slopes for values, and only up to z^{L−1}: δ^L holds the slope at z^L")
a7 = refuted("A7", "∂C/∂w^l = w^{l+1} … w^L g(z^l) … g(z^L) δ^L a^{l−1}", gradient_printed, corrected=weight_product,
             source="document 000", note="as A6")
