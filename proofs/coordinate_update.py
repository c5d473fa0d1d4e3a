"""A small component changes little.  |F(p − ηge) − F(p)| <= ηg² (1 + ηK/2)        g = ⟨e, ∇F(p)⟩, ⟨e, e⟩ = 1, 0 <= η

Moving along one coordinate direction e by −η times its gradient component g changes F by at most ηg²(1 + ηK/2), where
∇F is Lipschitz with constant K. (Then F differs from its tangent planes by at most (K/2)‖q − p‖²: cited, Nesterov,
2004, Lemma 1.2.3.) Without that the change can be as large as one likes.  Document 000. A12.
"""

from sympy import Rational

from symgrad.derive.derived import nonnegative
from symgrad.check.claims import proved
from symgrad.check.refutation import Refutation
from symgrad.derive import algebra, derivation, square_of_norm, theorem
from symgrad.derive.laws_order import absolute_of_negative, absolute_triangle
from symgrad.derive.literature import near_the_tangent_plane
from symgrad.kernel.logic import assume, instantiate
from symgrad.kernel.order import absolute_of_nonnegative
from symgrad.kernel.statements import Equal, LessEqual, LipschitzGradient
from symgrad.networks.descent import d, eta, v
from symgrad.numeric.instance import Instance
from symgrad.terms.named import Family, Function, Variable, grad
from symgrad.terms.scalars import absolute, inner, norm

F = Function("moved.F", [(d, 1)])
e, K = Variable("e", d), Family("moved.K")()
slope = grad(F[()], at=v)
g = inner(e, slope)
q = v - eta * g * e                                              # the update by one component of the gradient
half = Rational(1, 2)

size = absolute_of_nonnegative(nonnegative(eta * g ** 2, assume(LessEqual(0, eta))))      # |ηg²| = ηg²
unit, forward = Equal(inner(e, e), 1), LessEqual(0, eta)
x, y = Variable("moved.x", d), Variable("moved.y", d)
lipschitz = LipschitzGradient(F[()], K)
near_tangent = instantiate(near_the_tangent_plane(F[()], K, x, y), ((x, v), (y, q)))

change = F(q) - F(v) - inner(slope, q - v)                       # beyond the tangent plane
coordinate_update = theorem("coordinate update", derivation(absolute(F(q) - F(v)))
    .eq(absolute(change - eta * g ** 2),                         by=algebra)
    .le(absolute(change) + absolute(-(eta * g ** 2)),            by=absolute_triangle)
    .le(half * K * norm(q - v) ** 2 + absolute(-(eta * g ** 2)), by=near_tangent)
    .eq(half * K * norm(q - v) ** 2 + eta * g ** 2,              by=[absolute_of_negative, size])
    .eq(half * K * eta ** 2 * g ** 2 * inner(e, e) + eta * g ** 2,              by=[square_of_norm, algebra])
    .eq(eta * g ** 2 * (1 + half * eta * K),                     by=[assume(unit), algebra]),
    given=[unit, forward, lipschitz])


def step(function, K, start, rate):
    return Instance(widths={"d": [1]}, named={"moved.F": function},
                    arrays={"v": [start], "e": [1], "moved.K": [K], "eta": [rate]})


changes_little = LessEqual(absolute(F(q) - F(v)), 2 * eta * g ** 2)              # the bound for ηK <= 2
steep = Refutation(changes_little, instance=step(lambda x: x * x * x * x, 0, 1, 1),
                   true_on=step(lambda x: x * x, 2, 1, 1),
                   words="F(x) = x⁴ has no K: from 1 the step −4 leads to (−3)⁴ = 81, a change of 80; ηg² is 16")

a12 = proved("A12", "a low component of the gradient means that the function changes little under an update along it",
             coordinate_update, refutations=[steep], source="document 000",
             note="if ∇F is K-Lipschitz; not without")
