"""Farther starts.  A start that is c times as far needs only log c more: |w_1| <= 0.001 after 6905, 13809, 20713 steps

from w_1 = 1, 1000, 1000000 in the narrow valley. Convergence is linear from every start: after k steps the squared
error is at most its start over 1 + kh, for any h <= ηλ(2 − ηλ); and it is (1 − ηλ)^2k of its start exactly. (In exact
arithmetic the minimum is never hit from w_1 ≠ 0, from a near start as little as from a far one.)  Document 000. A11.
"""

from sympy import Rational

from symgrad.check.claims import refuted
from symgrad.check.refutation import Refutation
from symgrad.kernel.statements import Less
from symgrad.networks.descent import k
from symgrad.numeric.instance import Instance
from symgrad.terms.algebra import Number
from symgrad.terms.named import Family
from symgrad.terms.scalars import absolute

from narrow_valley import after_k_steps
from quadratic_descent import convergence, law

first = Family("starts.w")()                                     # w_1 at the start
not_there = Less(Rational(1, 1000), absolute(Number(Rational(999, 1000)) ** k * first))


def after(steps, w_1):
    return Instance(integers={"k": steps}, arrays={"starts.w": [w_1]})


arrives = Refutation(not_there, instance=after(20713, 10**6), true_on=after(20712, 10**6),
                     also=[after(6905, 1), after(13809, 10**3)],
                     words="from w_1 = 1000000 the error is below 0.001 after 20713 steps, and not one step before")

a11 = refuted("A11", "from a farther start gradient descent would not have reached the minimum at all", arrives,
              corrected=[law, convergence, after_k_steps], source="document 000",
              note="read: ever. The number of steps grows with the logarithm of the distance")
