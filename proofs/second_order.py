"""Minima and saddles.  F(p + h) >= F(p) + (m/4) ‖h‖²        where ∇F(p) = 0, m = λ_min(D²F(p)), ‖h‖ < ρ₂(F, p, m/4)

ρ₂(F, p, ε) is the radius of the ball in which F differs from its Taylor polynomial of order 2 by at most ε‖h‖² (see
`terms.taylor`). It is positive for every ε > 0 where F is twice differentiable at p: Taylor's formula with Peano's
remainder, which is cited. So where ∇F(p) = 0 and D²F(p) is positive definite, that is 0 < λ_min(D²F(p)), p is a strict
local minimum. Where ⟨h, D²F(p) h⟩ has both signs, F rises in one direction and falls in another: a saddle.
For claims B4 and B5; see stationary_points.
"""

from sympy import Rational

from symgrad.derive.derived import difference
from symgrad.derive import Proof, algebra, derivation, theorem
from symgrad.derive.laws_order import at_most_absolute
from symgrad.derive.literature import radius_is_positive, rayleigh, taylor_radius
from symgrad.kernel.equality import transitive
from symgrad.kernel.logic import assume, cut, instantiate_symbol
from symgrad.kernel.statements import Equal, Less, LessEqual
from symgrad.networks.descent import d
from symgrad.terms.algebra import Zero
from symgrad.terms.named import Family, Function, Variable, grad
from symgrad.terms.scalars import absolute, inner, least_eigenvalue, norm
from symgrad.terms.taylor import hessian

F = Function("second.F", [(d, 1)])
p, h = Variable("second.p", d), Variable("second.h", d)
m, epsilon = Family("second.m")(), Family("second.epsilon")()
half, quarter = Rational(1, 2), Rational(1, 4)

slope, A = grad(F[()], at=p), hessian(F[()], at=p)
stationary = Equal(slope, Zero(d))
rest = F(p + h) - F(p) - inner(slope, h) - half * inner(h, A @ h)
taylor = taylor_radius(F[()], p, h, epsilon, 2)                  # |rest| <= ε ‖h‖²
(close,) = taylor.hypotheses                                     # ‖h‖ < ρ₂(F, p, ε)
rises = LessEqual(m * norm(h) ** 2, inner(h, A @ h))             # D²F(p) >= m in the direction h
falls = LessEqual(inner(h, A @ h), -(m * norm(h) ** 2))

rising_by_taylor = theorem("rising by Taylor", derivation(F(p) + (half * m - epsilon) * norm(h) ** 2)
    .eq(F(p) + half * (m * norm(h) ** 2) - epsilon * norm(h) ** 2,              by=algebra)
    .le(F(p) + half * inner(h, A @ h) - epsilon * norm(h) ** 2,                 by=assume(rises))
    .eq(F(p + h) - inner(slope, h) - epsilon * norm(h) ** 2 + -rest,            by=algebra)
    .le(F(p + h) - inner(slope, h) - epsilon * norm(h) ** 2 + absolute(rest),   by=at_most_absolute)
    .le(F(p + h) - inner(slope, h) - epsilon * norm(h) ** 2 + epsilon * norm(h) ** 2,       by=taylor)
    .eq(F(p + h),                                                               by=[assume(stationary), algebra]),
    given=[stationary, close, rises])

falling_by_taylor = theorem("falling by Taylor", derivation(F(p + h))
    .eq(F(p) + inner(slope, h) + half * inner(h, A @ h) + rest,                 by=algebra)
    .le(F(p) + inner(slope, h) + half * inner(h, A @ h) + absolute(rest),       by=at_most_absolute)
    .le(F(p) + inner(slope, h) + half * inner(h, A @ h) + epsilon * norm(h) ** 2,           by=taylor)
    .le(F(p) + inner(slope, h) + half * -(m * norm(h) ** 2) + epsilon * norm(h) ** 2,       by=assume(falls))
    .eq(F(p) - (half * m - epsilon) * norm(h) ** 2,                             by=[assume(stationary), algebra]),
    given=[stationary, close, falls])


def with_a_quarter(proof):                                       # ε = m/4, so that m/2 − ε = m/4
    return instantiate_symbol(proof.theorem, epsilon.family, (), quarter * m)


growth = quarter * m * norm(h) ** 2
rising = theorem("a rising direction", derivation(F(p) + growth)
    .eq(F(p) + (half * m - quarter * m) * norm(h) ** 2,                         by=algebra)
    .le(F(p + h),                                                               by=with_a_quarter(rising_by_taylor)),
    given=with_a_quarter(rising_by_taylor).hypotheses)
falling = theorem("a falling direction", derivation(F(p + h))
    .le(F(p) - (half * m - quarter * m) * norm(h) ** 2,                         by=with_a_quarter(falling_by_taylor))
    .eq(F(p) - growth,                                                          by=algebra),
    given=with_a_quarter(falling_by_taylor).hypotheses)

# D²F(p) positive definite: m is its least eigenvalue, and F rises in every direction.
least = least_eigenvalue(A)
everywhere = cut(instantiate_symbol(rising.theorem, m.family, (), least), rayleigh(A, h))
growth = quarter * least * norm(h) ** 2
minimum = theorem("local minimum", derivation(F(p) + growth)
    .le(F(p + h),                                                               by=everywhere),
    given=everywhere.hypotheses)

# Strictly: where 0 < (m/4) ‖h‖², that is m > 0 and h ≠ 0, F(p) < F(p + h).
rise = theorem("rise", derivation(growth)
    .eq(F(p) + growth - F(p),                                                   by=algebra)
    .le(F(p + h) - F(p),                                                        by=minimum),
    given=everywhere.hypotheses)
strict_minimum = Proof("strict local minimum", difference(transitive(assume(Less(0, growth)), rise.theorem), True), ())

#: F twice differentiable at p, 0 < m/4 ⊢ 0 < ρ₂(F, p, m/4)
near_minimum = Proof("the ball of the minimum", radius_is_positive(F[()], p, quarter * least, 2), ())
near_direction = Proof("the ball of a direction", radius_is_positive(F[()], p, quarter * m, 2), ())
