"""The slope of the sigmoid.  σ' = σ(1 − σ),  0 < σ' <= ¼ = σ'(0),  σ' <= σ and σ' <= 1 − σ        for every real t

So γ = ¼, attained at 0; and where σ is close to 0 or to 1, σ' is close to 0.  The identity is decided by a normal form
in e^t; the rest completes squares: σ(1 − σ) + (σ − ½)² = ¼.  That σ takes its values in [0, 1] does not bound its
slope: t ↦ sigmoid(8t) has slope 2 at 0.  Documents 001 and 002.  Claims B11, B13 and B14;
for C11 see tanh_slope.
"""

from sympy import Rational, exp

from symgrad.check.claims import proved
from symgrad.check.refutation import Refutation
from symgrad.derive import Proof, algebra, derivation, square, theorem
from symgrad.kernel.statements import Equal, Less, LessEqual
from symgrad.networks.dense import sigma
from symgrad.numeric.elementwise import Formula
from symgrad.numeric.instance import Instance
from symgrad.operations.activation import t
from symgrad.operations.facts import bounded_slope
from symgrad.operations.one_variable import fact
from symgrad.terms.named import Variable

u = Variable("scalar.t")
half, quarter = Rational(1, 2), Rational(1, 4)


def of_sigmoid(name, statement):                                     # a fact of one variable, about σ = sigmoid
    return Proof(name, fact(statement, sigma="sigmoid"), ())


identity = of_sigmoid("slope of the sigmoid", Equal(sigma.prime(u), sigma(u) * (1 - sigma(u))))
positive = of_sigmoid("the slope is positive", Less(0, sigma.prime(u)))
at_zero = of_sigmoid("the slope at 0", Equal(sigma.prime(0), quarter))

at_most_quarter = theorem("the slope is at most ¼", derivation(sigma.prime(u))
    .eq(sigma(u) * (1 - sigma(u)),                                   by=identity)
    .le(sigma(u) * (1 - sigma(u)) + (sigma(u) - half) ** 2,          by=square(sigma(u) - half))
    .eq(quarter,                                                     by=algebra))

near_0 = theorem("the slope is at most σ", derivation(sigma.prime(u))
    .eq(sigma(u) * (1 - sigma(u)),                                   by=identity)
    .le(sigma(u) * (1 - sigma(u)) + sigma(u) ** 2,                   by=square(sigma(u)))
    .eq(sigma(u),                                                    by=algebra))

near_1 = theorem("the slope is at most 1 − σ", derivation(sigma.prime(u))
    .eq(sigma(u) * (1 - sigma(u)),                                   by=identity)
    .le(sigma(u) * (1 - sigma(u)) + (1 - sigma(u)) ** 2,             by=square(1 - sigma(u)))
    .eq(1 - sigma(u),                                                by=algebra))

gamma_is_quarter = Proof("γ = ¼", bounded_slope(sigma, "sigmoid", quarter), ())


def at(point, activation):
    return Instance(functions={"sigma": activation}, arrays={"scalar.t": [point]})


steep = Formula(1 / (1 + exp(-8 * t)))                               # values in (0, 1), slope 2 at 0
range_bounds_slope = Refutation(LessEqual(sigma.prime(u), 1), at(0, steep), true_on=at(0, Formula("sigmoid")),
                                words="t ↦ sigmoid(8t) has values in (0, 1) and slope 2 at 0")
range_gives_sign = Refutation(LessEqual(0, sigma.prime(u)), at(0, Formula(1 / (1 + exp(t)))),
                              true_on=at(0, Formula("sigmoid")), words="t ↦ sigmoid(−t) has a negative slope")

b11 = proved("B11", "σ' = σ(1 − σ)", identity, source="document 001")
b13 = proved("B13", "σ ∈ [0, 1], so σ' ∈ [0, 1]", at_most_quarter, positive, at_zero, source="document 001",
             refutations=[range_bounds_slope, range_gives_sign],
             note="the conclusion is true of the sigmoid, and sharper: 0 < σ' ≤ ¼; the inference is not")
b14 = proved("B14", "if σ(t) is close to 0 or 1, then σ'(t) is close to 0", near_0, near_1, source="document 001")
