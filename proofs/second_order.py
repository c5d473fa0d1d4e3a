"""Minima and saddles.  F(p + h) >= F(p) + (m/2 − ε) ‖h‖²        where ∇F(p) = 0 and ⟨h, Ah⟩ >= m ‖h‖²

A stands for D²F(p), and |F(p + h) − F(p) − ⟨∇F(p), h⟩ − ½⟨h, Ah⟩| <= ε ‖h‖²: Taylor–Peano gives that for every ε >
0, for all h in some ball, where F is twice differentiable at p (Dieudonné, "Foundations of Modern Analysis",
8.14.3). With m the smallest eigenvalue and ε < m/2: if D²F(p) is positive definite, p is a strict local minimum.
Where ⟨h, Ah⟩ has both signs, F rises in one direction and falls in another: a saddle. For claims B4 and B5; see
stationary_points.
"""

from sympy import Rational

from symgrad.derive import algebra, derivation, theorem
from symgrad.derive.laws_order import at_most_absolute
from symgrad.kernel.logic import assume
from symgrad.kernel.statements import Equal, LessEqual
from symgrad.networks.descent import d
from symgrad.terms.algebra import Zero
from symgrad.terms.named import Family, Function, Variable, grad
from symgrad.terms.scalars import absolute, inner, norm

F = Function("second.F", [(d, 1)])
p, h = Variable("second.p", d), Variable("second.h", d)
A = Family("second.A", d, d)()                                   # the second derivative at p
m, epsilon = Family("second.m")(), Family("second.epsilon")()
half = Rational(1, 2)

slope = grad(F[()], at=p)
stationary = Equal(slope, Zero(d))
rest = F(p + h) - F(p) - inner(slope, h) - half * inner(h, A @ h)
taylor = LessEqual(absolute(rest), epsilon * norm(h) ** 2)       # Taylor–Peano
rises = LessEqual(m * norm(h) ** 2, inner(h, A @ h))             # D²F(p) >= m in the direction h
falls = LessEqual(inner(h, A @ h), -(m * norm(h) ** 2))

flat = [stationary, taylor]

rising = theorem("a rising direction", derivation(F(p) + (half * m - epsilon) * norm(h) ** 2)
    .eq(F(p) + half * (m * norm(h) ** 2) - epsilon * norm(h) ** 2,              by=algebra)
    .le(F(p) + half * inner(h, A @ h) - epsilon * norm(h) ** 2,                 by=assume(rises))
    .eq(F(p + h) - inner(slope, h) - epsilon * norm(h) ** 2 + -rest,            by=algebra)
    .le(F(p + h) - inner(slope, h) - epsilon * norm(h) ** 2 + absolute(rest),   by=at_most_absolute)
    .le(F(p + h) - inner(slope, h) - epsilon * norm(h) ** 2 + epsilon * norm(h) ** 2,       by=assume(taylor))
    .eq(F(p + h),                                                               by=[assume(stationary), algebra]),
    given=[*flat, rises])

falling = theorem("a falling direction", derivation(F(p + h))
    .eq(F(p) + inner(slope, h) + half * inner(h, A @ h) + rest,                 by=algebra)
    .le(F(p) + inner(slope, h) + half * inner(h, A @ h) + absolute(rest),       by=at_most_absolute)
    .le(F(p) + inner(slope, h) + half * inner(h, A @ h) + epsilon * norm(h) ** 2,           by=assume(taylor))
    .le(F(p) + inner(slope, h) + half * -(m * norm(h) ** 2) + epsilon * norm(h) ** 2,       by=assume(falls))
    .eq(F(p) - (half * m - epsilon) * norm(h) ** 2,                             by=[assume(stationary), algebra]),
    given=[*flat, falls])
