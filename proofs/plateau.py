"""A plateau.  g(w) = ½(σ(w) − ½)² with the sigmoid:  w² <= 8 (1 + e^w)² g(w)  and  (2 + w) |g'(w)| <= ½        w >= 0

g is even and g(0) = 0. So its only minimum is at 0, and its slope tends to 0 far out: one function with gradients as
small as one likes as far from the minimum as one likes. All of it rests on 1 + w <= e^w and identities in e^w.
For claim A9: see flat_is_not_near.
"""

from sympy import Rational

from symgrad.derive import algebra, chain_rule, derivation, theorem
from symgrad.derive.laws_order import both_squared
from symgrad.kernel.definitions import define
from symgrad.kernel.logic import assume
from symgrad.kernel.statements import Equal, LessEqual
from symgrad.networks.dense import sigma
from symgrad.operations.facts import differentiable
from symgrad.operations.one_variable import fact
from symgrad.terms.named import ElementwiseFunction, Function, Variable, grad

w, half = Variable("plateau.w"), Rational(1, 2)
E = ElementwiseFunction("exp")
g = Function("plateau.g", [(1, 1)])
(g_definition,) = define((g(w), half * (sigma(w) - half) ** 2, ()))


def known(statement):
    return fact(statement, sigma="sigmoid", exp="exp(t)")


tangent = known(LessEqual(1 + w, E(w)))
distance = known(Equal((1 + E(w)) * (sigma(w) - half), half * (E(w) - 1)))
rest = known(Equal((1 + E(w)) * (1 - sigma(w)), 1))
rest_sign = known(LessEqual(0, 1 - sigma(w)))
forward = LessEqual(0, w)

growth = theorem("growth", derivation(w)
    .eq((1 + w) - 1,                                             by=algebra)
    .le(E(w) - 1,                                                by=tangent))

only_minimum = theorem("only minimum", derivation(w ** 2)
    .le((E(w) - 1) ** 2,                                         by=both_squared(growth.theorem, assume(forward)))
    .eq(4 * (half * (E(w) - 1)) ** 2,                            by=algebra)
    .eq(4 * ((1 + E(w)) * (sigma(w) - half)) ** 2,               by=distance)
    .eq(8 * (1 + E(w)) ** 2 * (half * (sigma(w) - half) ** 2),   by=algebra)
    .eq(8 * (1 + E(w)) ** 2 * g(w),                              by=g_definition),
    given=[forward])

even = theorem("even", derivation(g(-w))
    .eq(half * (sigma(-w) - half) ** 2,                          by=g_definition)
    .eq(half * ((1 - sigma(w)) - half) ** 2,                     by=known(Equal(sigma(-w), 1 - sigma(w))))
    .eq(g(w),                                                    by=[algebra, g_definition]))

minimum = theorem("minimum", derivation(g(0))
    .eq(half * (sigma(0) - half) ** 2,                           by=g_definition)
    .eq(0,                                                       by=[known(Equal(sigma(0), half)), algebra]))

smooth = differentiable(sigma, "sigmoid", w)
formula = (sigma(w) - half) * sigma.prime(w)
slope = theorem("slope of the plateau", derivation(grad(g[()], at=w))
    .eq(formula,                                                 by=[chain_rule(g_definition), algebra]),
    given=[smooth])


def fades(name, signed):                                         # (2 + w) ± g'(w) <= ½
    bound = known(LessEqual(signed(formula), half * (1 - sigma(w))))
    return theorem(name, derivation((2 + w) * signed(grad(g[()], at=w)))
        .eq((2 + w) * signed(formula),                           by=slope)
        .le((2 + w) * (half * (1 - sigma(w))),                   by=bound)
        .eq((1 + (1 + w)) * (half * (1 - sigma(w))),             by=algebra)
        .le((1 + E(w)) * (half * (1 - sigma(w))),                by=tangent)
        .eq(half * ((1 + E(w)) * (1 - sigma(w))),                by=algebra)
        .eq(half,                                                by=[rest, algebra]),
        given=[forward, rest_sign, smooth])


fades_above, fades_below = fades("the slope fades", lambda s: s), fades("the slope fades (below)", lambda s: -s)
