"""Vanishing at a point.  0 < ‖∇F(p)‖ < c

The definition that document 001 means, where its text is garbled ("vanishing gradient at p if $0 for some small
c"): the gradient is small and not zero. It says nothing of a minimum: in the narrow valley it holds at any distance
from it, with c as small as one likes. The tool decides it exactly for the gradients of any network. Claim B2.
"""

from fractions import Fraction

from symgrad.check.claims import defined, demonstration
from symgrad.numeric.stationary import vanishing_gradient

from flat_is_not_near import flat_parabola


def is_vanishing(gradient, c):
    return vanishing_gradient(gradient, c).vanishing


def below(tenths):                                               # is it vanishing for c = tenths · 10^-200?
    return is_vanishing(far_down, Fraction(tenths, 10**200))


far_down = [[Fraction(3, 10**200)], [[Fraction(4, 10**200)]]]      # two layers: ‖·‖ = 5e-200, no underflow

b2 = defined("B2", "we have a vanishing gradient at p if 0 < ‖∇F(p)‖ < c for some small c", vanishing_gradient,
             proofs=[flat_parabola], source="document 001", note="the condition is garbled in the text",
             shows=[demonstration("(3, 4) · 10^-200 is vanishing for c = 6e-200", lambda: below(6)),
                    demonstration("and not for c = 5e-200, its norm", lambda: below(5), False),
                    demonstration("a zero gradient is not", lambda: is_vanishing([0, 0], 1), False)])
