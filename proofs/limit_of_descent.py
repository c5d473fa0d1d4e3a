"""The limit of descent.  n ε² <= (2/η) (F(p_0) − m) / (2 − ηK)        where ε <= ‖∇F(p_r)‖ for each of n steps

So n, the number of steps that gradient descent can make with long gradients, is bounded for every ε > 0: the gradients
tend to 0, and where ∇F is continuous every limit point of the iterates is stationary. (The same sum over any set of
steps bounds how many of them have long gradients.) It needs what the text leaves out: F bounded below by m, ∇F
Lipschitz with constant K, 0 < η and ηK < 2. Without any one of them it is false.  Document 001.
Claim B9; the proof: descent_lemma.
"""

from fractions import Fraction

from symgrad.derive.derived_ranges import constant_sum, range_increase
from symgrad.check.claims import proved
from symgrad.check.refutation import Refutation
from symgrad.derive import algebra, derivation, theorem
from symgrad.kernel.logic import assume, specialise

from symgrad.kernel.statements import ForAll, LessEqual
from symgrad.networks.descent import k
from symgrad.numeric.instance import Instance
from symgrad.terms.algebra import Count
from symgrad.terms.named import Family
from symgrad.terms.ranges import ordered_sum
from symgrad.terms.scalars import norm

from descent_lemma import (
    F,
    bounded_below,
    descent,
    energy,
    eta,
    forward,
    half,
    K,
    lipschitz,
    m,
    n,
    p,
    r,
    short,
    slope,
    squares,
)

epsilon = Family("descended.epsilon")()
all_long = ForAll(r, 0, n - 1, LessEqual(epsilon ** 2, norm(slope(r)) ** 2))
term_by_term = range_increase(specialise(assume(all_long), r), r, 0, n - 1, False, ())
n_terms = constant_sum(ordered_sum(r, 0, n - 1, epsilon ** 2))

how_many = theorem("how many steps are long", derivation(Count(n) * epsilon ** 2)
    .eq(ordered_sum(r, 0, n - 1, epsilon ** 2),                  by=[n_terms, algebra])
    .le(squares(n),                                              by=term_by_term)
    .le((2 / eta) * ((F(p[0]) - m) / (2 - eta * K)),             by=descent),
    where=0 <= n, given=[lipschitz, bounded_below, all_long, forward.conclusion, short.conclusion])


def run(function, rate, start, steps):
    return Instance(integers={"k": steps}, widths={"d": [1]}, named={"descended.F": function},
                    arrays={"eta": [rate], "descended.F.descent.start": [start]})


halved = LessEqual(norm(slope(k)), half * norm(slope(0)))        # after k steps the gradient is at most half as long
good = run(lambda x: x * x, Fraction(1, 4), 1, 3)
step_too_long = Refutation(halved, instance=run(lambda x: x * x, 1, 1, 9), true_on=good,
                           also=[run(lambda x: x * x, 1, 1, steps) for steps in (1, 2, 50)],
                           words="F(x) = x², K = 2, η = 2/K: p_k = (−1)^k for ever")
not_bounded = Refutation(halved, instance=run(lambda x: x, 1, 0, 9), true_on=good,
                         words="F(x) = x is not bounded below: every gradient is 1")
not_lipschitz = Refutation(halved, instance=run(lambda x: x * x * x * x, 1, 1, 3), true_on=good,
                           words="F(x) = x⁴ has no K: at η = 1 the iterates are 1, −3, 105, …")

b9 = proved("B9", "with a suitable step gradient descent stops where ∇F = 0, or lim ‖∇F(p_k)‖ = 0",
            descent, how_many, energy, refutations=[step_too_long, not_bounded, not_lipschitz], source="document 001",
            note="with the hypotheses that the text leaves out: F bounded below, ∇F K-Lipschitz, 0 < η < 2/K")
