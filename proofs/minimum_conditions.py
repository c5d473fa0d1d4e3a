"""What a local minimum implies.  −⟨∇F(p), h⟩ <= ε ‖h‖  and  0 <= ⟨h, D²F(p) h⟩ + 2ε ‖h‖²        where F(p) <= F(p + h)

for every ε > 0 and all h in a ball: ‖h‖ < ρ₁(F, p, ε), or ρ₂(F, p, ε), which are positive where F is differentiable, or
twice differentiable, at p (cited). With h = −t∇F(p) the first gives ‖∇F(p)‖ <= ε, so ∇F(p) = 0; the second says that
D²F(p) is positive semidefinite. Definite it need not be: x⁴ at 0. For claim B3; see stationary_points.
"""

from symgrad.derive.derived import nonnegative
from symgrad.derive import Proof, algebra, derivation, plus, theorem
from symgrad.derive.laws_order import at_most_absolute, difference_sign
from symgrad.derive.literature import radius_is_positive, taylor_radius
from symgrad.kernel.logic import assume
from symgrad.kernel.statements import LessEqual
from symgrad.terms.scalars import absolute, inner, norm

from second_order import A, F, close, epsilon, h, p, rest, slope, stationary, taylor

minimal = LessEqual(F(p), F(p + h))
rise = difference_sign(assume(minimal))                          # 0 <= F(p + h) − F(p)
first_rest = F(p + h) - F(p) - inner(slope, h)
first_order = taylor_radius(F[()], p, h, epsilon, 1)             # |first_rest| <= ε ‖h‖

fermat = theorem("the gradient at a minimum", derivation(-inner(slope, h))
    .le(-inner(slope, h) + (F(p + h) - F(p)),                    by=plus(rise))
    .eq(first_rest,                                              by=algebra)
    .le(absolute(first_rest),                                    by=at_most_absolute)
    .le(epsilon * norm(h) ** 1,                                  by=first_order)
    .eq(epsilon * norm(h),                                       by=algebra),
    given=[minimal, *first_order.hypotheses])

semidefinite = theorem("the second derivative at a minimum", derivation(0)
    .le(2 * (F(p + h) - F(p)),                                   by=nonnegative(2 * rise.right, rise))
    .eq(inner(h, A @ h) + 2 * inner(slope, h) + 2 * rest,        by=algebra)
    .le(inner(h, A @ h) + 2 * inner(slope, h) + 2 * absolute(rest),             by=at_most_absolute)
    .le(inner(h, A @ h) + 2 * inner(slope, h) + 2 * (epsilon * norm(h) ** 2),   by=taylor)
    .eq(inner(h, A @ h) + 2 * epsilon * norm(h) ** 2,            by=[assume(stationary), algebra]),
    given=[minimal, stationary, close])

#: F differentiable (twice differentiable) at p, 0 < ε ⊢ 0 < ρ₁ (ρ₂)
near_once, near_twice = (Proof(f"the ball of order {order} is there", radius_is_positive(F[()], p, epsilon, order), ())
                         for order in (1, 2))
