"""Stationary points.  What the gradient and the second derivative at a point say, and what they do not

A local minimum has ∇F(p) = 0 and D²F(p) positive *semi*definite (minimum_conditions); x⁴ has a minimum at 0 where it is
not definite. ∇F(p) = 0 and D²F(p) positive definite make a strict local minimum, and eigenvalues of both signs a
saddle (second_order); definite alone does not: x² at 1. And xy has a zero gradient at 0, a saddle.
Document 001.  Claims B3, B4 and B5; the tool for a given function is `classify`.
"""

from fractions import Fraction

from sympy import symbols

from symgrad.derive.derived import nonnegative
from symgrad.check.claims import demonstration, proved, refuted
from symgrad.check.refutation import Refutation
from symgrad.derive import algebra, chain_rule, derivation, theorem
from symgrad.kernel.definitions import define
from symgrad.kernel.logic import assume

from symgrad.kernel.statements import Equal, LessEqual, Less, Nonzero
from symgrad.networks.descent import d
from symgrad.numeric.instance import Instance
from symgrad.numeric.stationary import classify, classify_at
from symgrad.terms.algebra import Zero
from symgrad.terms.index import Index
from symgrad.terms.named import Family, Function, Variable, grad
from symgrad.terms.scalars import inner

from minimum_conditions import fermat, near_once, near_twice, semidefinite
from second_order import falling, minimum, near_direction, near_minimum, rising, strict_minimum

t, c, p = Variable("stationary.t"), Family("stationary.c")(), Family("stationary.p")()
quartic, second = Function("stationary.Q", [(1, 1)]), Function("stationary.S", [(1, 1)])
(quartic_definition,) = define((quartic(t), t ** 4 + c * t ** 2, ()))
(second_definition,) = define((second(t), grad(quartic[()], at=t), ()))              # Q', so that ∇S is Q''

sign = nonnegative(t ** 4 + c * t ** 2, assume(LessEqual(0, c)))
lowest = theorem("Q has its minimum at 0", derivation(quartic(0))
    .eq(0,                                                       by=[quartic_definition, algebra])
    .le(t ** 4 + c * t ** 2,                                     by=sign)
    .eq(quartic(t),                                              by=quartic_definition),
    given=[LessEqual(0, c)])


def at(p, c, t):
    return Instance(arrays={"stationary.p": [p], "stationary.c": [c], "stationary.t": [t]})


second_at_p = grad(second[()], at=p)
not_definite = Refutation(Nonzero(second_at_p), instance=at(0, 0, 0), true_on=at(0, 1, 0),
                          given=[LessEqual(0, c), Equal(p, 0)],
                          words="x⁴ has its minimum at 0, and its second derivative there is 0")
no_gradient = Refutation(LessEqual(quartic(p), quartic(t)), given=[Less(0, second_at_p)],
                         instance=at(1, 1, Fraction(1, 2)), also=[at(1, 1, Fraction(999, 1000))],
                         true_on=at(0, 1, Fraction(1, 2)),
                         words="x⁴ + x² at 1: the second derivative is 14 > 0, and there are smaller values close by")

i, s, v = Index("i"), Variable("stationary.s"), Variable("v", d)
e, G = Family("stationary.e", d, over={i: (1, 2)}), Function("stationary.G", [(d, 1)])
(G_definition,) = define((G(v), inner(e[1], v) * inner(e[2], v), ()))                # xy
plane = [Equal(inner(e[1], e[1]), 1), Equal(inner(e[1], e[2]), 0), Equal(inner(e[2], e[2]), 1)]

flat = theorem("xy: the gradient at 0", derivation(grad(G[()], at=Zero(d)))
    .eq(Zero(d),                                                 by=[chain_rule(G_definition), algebra]))


def along(name, sign):                                           # xy at s (e_1 ± e_2) is ± s²
    return theorem(name, derivation(G(s * (e[1] + sign * e[2])))
        .eq(s ** 2 * (inner(e[1], e[1]) + sign * inner(e[1], e[2])) * (inner(e[1], e[2]) + sign * inner(e[2], e[2])),
                                                                 by=[G_definition, algebra])
        .eq(sign * s ** 2,                                       by=[*map(assume, plane), algebra]), given=plane)


up, down = along("xy along (1, 1)", 1), along("xy along (1, −1)", -1)
RADIUS = "ρ_k(F, p, ε) is the radius in which Taylor's polynomial of order k misses F(p + h) by at most ε‖h‖^k"
x, y = symbols("x y")
kinds = [demonstration(f"{f} at 0 is: {kind}", lambda f=f: classify_at(f, dict.fromkeys(f.free_symbols, 0)).kind, kind)
         for f, kind in [(x**2 + y**2, "strict local minimum"), (x * y, "saddle point"), (x**4, "undecided"),
                         (-x**2, "strict local maximum"), (x + y**2, "not stationary")]]

b3 = refuted("B3", "a local optimum at p implies ∇F(p) = 0 and D²F(p) definite", not_definite,
             corrected=[fermat, semidefinite, near_once, near_twice, lowest], source="document 001",
             note=f"only semidefinite: x⁴ at 0; {RADIUS}")
b4 = refuted("B4", "if D²F(p) is positive definite, then p is a local minimum; if ∇F(p) = 0 and D²F(p) is indefinite, "
             "it is a saddle point; a zero gradient does not imply an optimum", no_gradient,
             corrected=[strict_minimum, minimum, near_minimum, rising, falling, near_direction, flat, up, down],
             tools=[classify, classify_at], shows=kinds,
             source="document 001",
             note=f"the first needs ∇F(p) = 0 too; the rest holds, F twice differentiable at p; {RADIUS}")
b5 = proved("B5", "q = 1: F has a local optimum at p if F'(p) = 0 and F''(p) ≠ 0", strict_minimum, minimum, near_minimum,
            falling, near_direction, source="document 001",
            note="d = 1: λ_min(D²F(p)) = F''(p), or m = −F''(p) where that is positive; the converse is false, and not "
            f"claimed: x⁴ at 0; {RADIUS}")
