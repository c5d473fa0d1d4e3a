"""The narrow valley.  f(w_1, w_2) = 0.001 w_1² + w_2², learning rate ½

At a point with equal coordinates the second component of the gradient is 1000 times the first.  A step multiplies w_1
by 0.999 and sets w_2 to 0. So after 1000 steps w_1 is 0.999^1000 of its start, which is more than 36 %: the minimum is
reached in no number of steps from w_1 ≠ 0.  Document 000.  Claims A1 and A2; the general law is in quadratic_descent.
"""

import numpy as np
from sympy import Rational

from symgrad.check.claims import demonstration, proved, refuted
from symgrad.check.refutation import Refutation
from symgrad.derive import Proof, algebra, derivation, theorem
from symgrad.kernel.logic import assume
from symgrad.kernel.statements import Equal, Less
from symgrad.networks.descent import d, eta, k, v
from symgrad.numeric.instance import Instance
from symgrad.numeric.facts import exactly
from symgrad.numeric.paths import descent_path, draw_paths, steps_until
from symgrad.terms.algebra import Number, Zero
from symgrad.terms.index import Index
from symgrad.terms.named import Family, grad
from symgrad.terms.scalars import inner

from quadratic_descent import A, F, F_definition, convergence, divergence, lam, law, m, p, slope, u

i = Index("i")
e = Family("quadratic.e", d, over={i: (1, 2)})                   # the two coordinate directions
valley = [Equal(A, Rational(1, 500) * e[1] @ e[1].T + 2 * e[2] @ e[2].T), Equal(m, Zero(d))]
directions = [Equal(inner(e[1], e[1]), 1), Equal(inner(e[1], e[2]), 0), Equal(inner(e[2], e[2]), 1)]
f, minimum, e11, e12, e22 = map(assume, (*valley, *directions))

text = theorem("f", derivation(F(v))
    .eq(Rational(1, 2) * inner(v - m, A @ (v - m)),                         by=F_definition)
    .eq(Rational(1, 1000) * inner(e[1], v) ** 2 + inner(e[2], v) ** 2,      by=[f, minimum, algebra]),
    given=valley)

direction_1 = theorem("direction 1", derivation(A @ e[1])
    .eq(Rational(1, 500) * inner(e[1], e[1]) * e[1] + 2 * inner(e[1], e[2]) * e[2],    by=[f, algebra])
    .eq(Rational(1, 500) * e[1],                                            by=[e11, e12, algebra]),
    given=[*valley, *directions])

direction_2 = theorem("direction 2", derivation(A @ e[2])
    .eq(Rational(1, 500) * inner(e[1], e[2]) * e[1] + 2 * inner(e[2], e[2]) * e[2],   by=[f, algebra])
    .eq(2 * e[2],                                                           by=[e22, e12, algebra]),
    given=[*valley, *directions])

symmetric_f = theorem("Aᵀ = A", derivation(A.T)
    .eq(Rational(1, 500) * e[1] @ e[1].T + 2 * e[2] @ e[2].T,               by=[f, algebra])
    .eq(A,                                                                  by=f),
    given=valley)

equal_coordinates = Equal(inner(e[2], v), inner(e[1], v))
slope_1, slope_2 = (slope.at(f"slope {n}", {u: e[n], lam: number}) for n, number in ((1, Rational(1, 500)), (2, 2)))
thousandfold = theorem("equal coordinates", derivation(inner(e[2], grad(F[()], at=v)))
    .eq(2 * inner(e[2], v - m),                                  by=slope_2)
    .eq(2 * inner(e[1], v - m),                                  by=[assume(equal_coordinates), minimum, algebra])
    .eq(1000 * (Rational(1, 500) * inner(e[1], v - m)),          by=algebra)
    .eq(1000 * inner(e[1], grad(F[()], at=v)),                   by=slope_1),
    given=[*valley, *directions, equal_coordinates, direction_1, direction_2, symmetric_f])

rate = Equal(eta, Rational(1, 2))
start = inner(e[1], p[0] - m)                                    # w_1 at the start
shrunk = Number(Rational(999, 1000)) ** k                        # what is left of it after k steps

after_k_steps = theorem("w_1 after k steps", derivation(inner(e[1], p[k] - m))
    .eq((1 - eta * Rational(1, 500)) ** k * start,               by=law.at("law 1", {u: e[1], lam: Rational(1, 500)}))
    .eq(shrunk * start,                                          by=[assume(rate), algebra]),       # 1 − ½ · 1/500
    where=0 <= k, given=[*valley, *directions, rate, direction_1, symmetric_f])

after_one_step = theorem("w_2 after one step", derivation(inner(e[2], p[1] - m))
    .eq((1 - eta * 2) ** 1 * inner(e[2], p[0] - m),              by=law.at("law 2", {u: e[2], lam: 2, k: 1}))
    .eq(0,                                                       by=[assume(rate), algebra]),
    given=[*valley, *directions, rate, direction_2, symmetric_f])

a_third = Proof("0.999^1000 > 0.36", exactly(Less(Rational(36, 100), Number(Rational(999, 1000)) ** 1000)), ())


def from_point(w_1, w_2):                                        # after 1000 steps from there, at rate ½
    return Instance(integers={"k": 1000}, widths={"d": [2]}, arrays={"quadratic.e": {1: [1, 0], 2: [0, 1]},
                    "quadratic.m": [0, 0], "quadratic.F.descent.start": [w_1, w_2]})


reached = Refutation(Equal(shrunk * start, 0), instance=from_point(4, 4), true_on=from_point(0, 4),
                     words="from (4, 4), after 1000 steps at rate ½: w_1 = 0.999^1000 · 4")

def path(steps=1000):                                            # in floats, from (4, 4) at rate ½
    return descent_path(lambda point: np.array([0.002, 2.0]) * point, [4.0, 4.0], 0.5, steps)


def left():                                                      # of w_1, after 1000 steps
    return f"{path()[-1, 0] / 4:.2%}".replace("%", " %")


def small(point):
    return point[0] <= 0.04                                      # 1 % of the start


a1 = proved("A1", "f = 0.001 w_1² + w_2²: at equal coordinates the second component of the gradient is 1000 times the "
            "first", thousandfold, text, source="document 000")
a2 = refuted("A2", "gradient descent with learning rate 0.5 reached the minimum after 1000 iterations", reached,
             corrected=[after_k_steps, a_third, after_one_step, law, convergence, divergence],
             source="document 000", tools=[descent_path, draw_paths],
             shows=[demonstration("after 1000 steps w_1 is 36.77 % of its start", left, "36.77 %"),
                    demonstration("1 % takes 4603 steps", lambda: steps_until(path(5000), small), 4603)],
             note="it converges from every start if and only if 0 < ηλ < 2 for every eigenvalue λ")
