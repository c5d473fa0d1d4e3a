"""A small gradient far from the minimum.  f(w) = λw² has |f'(w)| <= ε at w        0 <= λ, 0 <= w, 2λw <= ε

So for every ε > 0 and every distance R there is such a function, with any λ <= ε/(2R), whose slope at the distance
R from its minimum is at most ε. And the plateau of a sigmoid is one function for all ε and R: see plateau. Document
000. Claim A9.
"""

from symgrad.derive.derived import nonnegative
from symgrad.check.claims import proved
from symgrad.derive import algebra, chain_rule, derivation, theorem
from symgrad.kernel.definitions import define
from symgrad.kernel.logic import assume
from symgrad.kernel.order import absolute_of_nonnegative
from symgrad.kernel.statements import LessEqual
from symgrad.terms.named import Family, Function, Variable, grad
from symgrad.terms.scalars import absolute

from plateau import even, fades_above, fades_below, minimum, only_minimum

w = Variable("flat.w")
lam, epsilon = Family("flat.lambda")(), Family("flat.epsilon")()
f = Function("flat.f", [(1, 1)])
(f_definition,) = define((f(w), lam * w ** 2, ()))

signs = [LessEqual(0, lam), LessEqual(0, w)]
gentle = LessEqual(2 * lam * w, epsilon)
size = absolute_of_nonnegative(nonnegative(2 * lam * w, *map(assume, signs)))

flat_parabola = theorem("flat parabola", derivation(absolute(grad(f[()], at=w)))
    .eq(absolute(2 * lam * w),                                   by=[chain_rule(f_definition), algebra])
    .eq(2 * lam * w,                                             by=size)
    .le(epsilon,                                                 by=assume(gentle)),
    given=[*signs, gentle])

a9 = proved("A9", "a low gradient component does not mean that we are close to the minimum in that coordinate",
            flat_parabola, only_minimum, even, minimum, fades_above, fades_below, source="document 000")
