"""The slope of tanh.  σ' = 1 − σ²,  0 < σ' <= 1 = σ'(0)        for every real t

So γ = 1, attained at 0: the bound of vanishing_power does not shrink with the slopes of a tanh network, only with its
weights, and local_bound is the one to use.  Document 002.  Claim C11.
"""

from symgrad.check.claims import demonstration, proved
from symgrad.derive import Proof, algebra, derivation, square, theorem
from symgrad.kernel.statements import Equal, Less
from symgrad.networks.dense import sigma
from symgrad.operations.activation import activation
from symgrad.operations.facts import bounded_slope
from symgrad.operations.one_variable import fact

from sigmoid_slope import at_zero as quarter_at_zero
from sigmoid_slope import gamma_is_quarter, u


def of_tanh(name, statement):                                        # a fact of one variable, about σ = tanh
    return Proof(name, fact(statement, sigma="tanh"), ())


identity = of_tanh("slope of tanh", Equal(sigma.prime(u), 1 - sigma(u) ** 2))
positive = of_tanh("the slope is positive", Less(0, sigma.prime(u)))
at_zero = of_tanh("the slope at 0", Equal(sigma.prime(0), 1))

at_most_1 = theorem("the slope is at most 1", derivation(sigma.prime(u))
    .eq(1 - sigma(u) ** 2,                                           by=identity)
    .le(1 - sigma(u) ** 2 + sigma(u) ** 2,                           by=square(sigma(u)))
    .eq(1,                                                           by=algebra))

gamma_is_1 = Proof("γ = 1", bounded_slope(sigma, "tanh", 1), ())

c11 = proved("C11", "γ = ¼ for the sigmoid; for tanh 1", gamma_is_quarter, quarter_at_zero, gamma_is_1, at_zero,
             tools=[activation], source="document 002", note="for any other activation a certified enclosure",
             shows=[demonstration("γ = sup |gelu'| is enclosed to 30 digits",
                                  lambda: str(activation("gelu").sup_slope().upper)[:12], "1.1289041451")])
