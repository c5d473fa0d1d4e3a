"""The error of a layer from the next.  δ^l = ((w^{l+1})ᵀ δ^{l+1}) ⊙ σ_l'(z^l)        1 <= l < L

The slope of the activation at z^l, not its value: document 000 writes g(z^l), "where g represents the activation
function". With g(t) = t² the error of the first layer is then half of what it should be; with g = exp, whose slope is
itself, the text is right.  Claim A5.
"""

from sympy import exp

from symgrad.check.claims import refuted
from symgrad.check.refutation import Refutation
from symgrad.derive import algebra, derivation, theorem
from symgrad.derive.backprop import smooth
from symgrad.kernel.statements import Equal
from symgrad.networks.dense import L, Sigma, delta, l, sigma, w, z
from symgrad.numeric.instance import Instance
from symgrad.operations.activation import t
from symgrad.terms.algebra import hadamard

from bp2 import bp2

pulled_back = w[l + 1].T @ delta[l + 1]
error_recurrence = theorem("error recurrence", derivation(delta[l])
    .eq(Sigma(z[l]) @ pulled_back,                               by=bp2)
    .eq(hadamard(pulled_back, sigma[l].prime(z[l])),             by=algebra),
    where=(1 <= l, l < L), given=[smooth(l)])


def one_neuron_a_layer(g):                                       # L = 2, x = w¹ = w² = 1, b = y = 0
    return Instance(integers={"L": 2, "l": 1}, widths={"n": [1, 1, 1]}, functions={"sigma": g},
                    arrays={"x": [1], "y": {2: [0]}, "w": {1: [1], 2: [1]}, "b": {1: [0], 2: [0]}})


value_for_slope = Refutation(Equal(delta[l], hadamard(pulled_back, sigma[l](z[l]))),
                             instance=one_neuron_a_layer([0, 0, 1]), true_on=one_neuron_a_layer(exp(t)),
                             words="g(t) = t²: δ² = 2 and δ¹ = 4; the text gives 2")

a5 = refuted("A5", "δ^l = ((w^{l+1})ᵀ δ^{l+1}) ⊙ g(z^l), where g represents the activation function", value_for_slope,
             corrected=error_recurrence, source="document 000", note="g' in the place of g")
