"""The ramp.  f(x) = max{0, cx}, c > 0: its minimum is 0, and f'(p) = c        where cp > 0

Where 0 <= cx it is cx, where cx <= 0 it is 0: at 0 it has a slope on either side, c and 0, and no derivative. At
p = 10^9999 with c = 10^-90 the value is 10^9909 while the slope is c = 10^-90, and not 10^-99. Exact throughout: these
numbers are far beyond floating point.  Document 001.  Claims B6, B7 and B8.
"""

from fractions import Fraction

from sympy import Rational

from symgrad.derive.derived import nonnegative
from symgrad.check.claims import proved, refuted
from symgrad.check.refutation import Refutation
from symgrad.derive import algebra, chain_rule, derivation, theorem
from symgrad.derive.laws_order import maximum_of
from symgrad.kernel.definitions import define
from symgrad.kernel.logic import assume, instantiate
from symgrad.kernel.order import between_extremes
from symgrad.kernel.statements import Differentiable, Equal, Less, LessEqual
from symgrad.networks.dense import sigma
from symgrad.numeric.facts import exactly
from symgrad.numeric.instance import Instance
from symgrad.operations.piecewise import fact_on
from symgrad.terms.algebra import Number
from symgrad.terms.named import Family, Function, Variable, grad
from symgrad.terms.scalars import Maximum

x, u = Variable("ramp.x"), Variable("ramp.u")
c = Family("ramp.c")()
f = Function("ramp.f", [(1, 1)])
(f_definition,) = define((f(x), Maximum(0, c * x), ()))

def of_relu(statement, where=None):
    return fact_on(statement, where=where, sigma="relu")


lower = theorem("f is not negative", derivation(0)
    .le(Maximum(0, c * x),                                       by=between_extremes(Maximum(0, c * x), 0))
    .eq(f(x),                                                    by=f_definition))
at_zero = theorem("f(0) = 0", derivation(f(0)).eq(Maximum(0, c * 0), by=f_definition).eq(0, by=algebra))

right, left = LessEqual(0, c * x), LessEqual(c * x, 0)
on_the_right = theorem("on the right", derivation(f(x))
    .eq(Maximum(0, c * x),                                       by=f_definition)
    .eq(c * x,                                                   by=maximum_of(assume(right))), given=[right])
on_the_left = theorem("on the left", derivation(f(x))
    .eq(Maximum(c * x, 0),                                       by=[f_definition, algebra])
    .eq(0,                                                       by=maximum_of(assume(left))), given=[left])

ahead = Less(0, c * x)                                           # for c > 0: where x > 0
rectified = theorem("f and relu", derivation(f(x))
    .eq(Maximum(0, c * x),                                       by=f_definition)
    .eq(sigma(c * x),                                            by=of_relu(Equal(sigma(u), Maximum(0, u)))))
unit_slope = of_relu(Equal(sigma.prime(u), 1), where=Less(0, u))
slope = theorem("slope of the ramp", derivation(grad(f[()], at=x))
    .eq(c * sigma.prime(c * x),                                  by=chain_rule(rectified.theorem))
    .eq(c,                                                       by=[unit_slope, algebra]),
    given=[ahead, instantiate(of_relu(Differentiable(sigma, u), Less(0, u)), ((u, c * x),))])

p, tiny = Number(10) ** 9999, Number(Rational(1, 10)) ** 90
value = Equal(c, tiny)
sign = theorem("0 <= cp", derivation(0)
    .le(tiny * p,                                                by=nonnegative(tiny * p))
    .eq(c * p,                                                   by=assume(value)), given=[value])

far_up = theorem("f(10^9999) with c = 10^-90", derivation(f(p))
    .eq(c * p,                                                   by=on_the_right)
    .eq(tiny * p,                                                by=assume(value))
    .eq(Number(10) ** 9909,                                      by=exactly(Equal(tiny * p, Number(10) ** 9909))),
    given=[value, sign])


def ramp(slope):
    return Instance(arrays={"ramp.c": [slope], "ramp.x": [10**9999]})


printed_slope = Refutation(Equal(grad(f[()], at=x), Number(Rational(1, 10)) ** 99), instance=ramp(Fraction(1, 10**90)),
                           true_on=ramp(Fraction(1, 10**99)), words="c = 10^-90: the slope is c, ten orders larger")

b6 = proved("B6", "f_c(x) = max{0, cx}, c > 0: the minimum is 0, and f_c'(p) = c for p > 0", lower, at_zero, slope,
            on_the_right, on_the_left, source="document 001", note="f_c is not differentiable at 0")
b7 = proved("B7", "p = 10^9999, c = 10^-90: f_c(p) is far away from the minimum", far_up, source="document 001")
b8 = refuted("B8", "… still f_c'(p) = 10^-99", printed_slope, corrected=slope, source="document 001",
             note="it is c = 10^-90")
