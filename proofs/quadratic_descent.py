"""Gradient descent on a quadratic.  ⟨u, p_k − m⟩ = (1 − ηλ)^k ⟨u, p_0 − m⟩        k >= 0;  A = Aᵀ, A u = λ u

F(v) = ½⟨v − m, A(v − m)⟩. Each step multiplies the error in an eigen-direction u by 1 − ηλ, and its square by 1 − h
with h = ηλ(2 − ηλ), which is positive just when 0 < ηλ < 2. So descent converges from every start if and only if that
holds for every eigenvalue: for h >= 0, (1 + kh) error_k² <= error_0²; for h <= 0 the error never shrinks.
Document 000. The law behind claims A2 and A11; see narrow_valley and starts.
"""

from sympy import Rational

from symgrad.derive.derived import nonnegative
from symgrad.derive import algebra, chain_rule, derivation, induct, square, theorem
from symgrad.derive.laws_order import next_power, power_of_square
from symgrad.kernel.definitions import define
from symgrad.kernel.logic import assume

from symgrad.kernel.statements import Equal, LessEqual
from symgrad.networks.descent import d, eta, gradient_descent, k, v
from symgrad.terms.algebra import Count
from symgrad.terms.index import Index
from symgrad.terms.named import Family, Function, Variable, grad
from symgrad.terms.scalars import inner

import bernoulli

F = Function("quadratic.F", [(d, 1)])
A, m = Family("quadratic.A", d, d)(), Family("quadratic.m", d)()
(F_definition,) = define((F(v), Rational(1, 2) * inner(v - m, A @ (v - m)), ()))
p = gradient_descent(F).p                                        # p_k = p_{k-1} − η ∇F(p_{k-1})

u, lam = Variable("u", d), Variable("lambda")
symmetric, eigen = Equal(A.T, A), Equal(A @ u, lam * u)
symmetric_matrix, eigenvector = assume(symmetric), assume(eigen)


def error(i):                                                    # the error in direction u after i steps
    return inner(u, p[i] - m)


slope = theorem("slope in an eigen-direction", derivation(inner(u, grad(F[()], at=v)))
    .eq(inner(A.T @ u, v - m),                               by=[chain_rule(F_definition), symmetric_matrix, algebra])
    .eq(inner(lam * u, v - m),                                   by=[symmetric_matrix, eigenvector])
    .eq(lam * inner(u, v - m),                                   by=algebra),
    given=[symmetric, eigen])

one_step = theorem("one step", derivation(error(k))
    .eq(inner(u, p[k - 1] - eta * grad(F[()], at=p[k - 1]) - m), by=p)
    .eq(error(k - 1) - eta * inner(u, grad(F[()], at=p[k - 1])), by=algebra)
    .eq(error(k - 1) - eta * (lam * error(k - 1)),               by=slope)
    .eq((1 - eta * lam) * error(k - 1),                          by=algebra),
    where=1 <= k, given=[symmetric, eigen])

top = Index("top")                                               # the last step that the induction reaches
factor = 1 - eta * lam
law = induct("law of the error", lambda i: Equal(error(i), factor ** i * error(0)),
    derivation(error(0)).eq(factor ** 0 * error(0),              by=algebra),
    lambda before: (derivation(error(k))
        .eq(factor * error(k - 1),                               by=one_step)
        .eq(factor * (factor ** (k - 1) * error(0)),             by=before)
        .eq(factor ** k * error(0),                              by=next_power)),
    index=k, over=(0, top), down=False, where=0 <= top, given=[symmetric, eigen]).at("law of the error", {top: k})

q, h = factor ** 2, eta * lam * (2 - eta * lam)                  # q = 1 − h
squared = theorem("law of the squared error", derivation(error(k) ** 2)
    .eq((factor ** k * error(0)) ** 2,                           by=law)
    .eq(q ** k * error(0) ** 2,                                  by=[algebra, power_of_square]),
    where=0 <= k, given=[symmetric, eigen])

q_falls = theorem("q (1 + h) <= 1", derivation(q * (1 + h))
    .eq(1 - h ** 2,                                              by=algebra)
    .le(1 - h ** 2 + h ** 2,                                     by=square(h))
    .eq(1,                                                       by=algebra))

shrinks = bernoulli.bernoulli.at("Bernoulli", {bernoulli.q: q, bernoulli.h: h})
convergence = theorem("convergence", derivation((1 + Count(k) * h) * error(k) ** 2)
    .eq(q ** k * (1 + Count(k) * h) * error(0) ** 2,             by=[squared, algebra])
    .le(1 * error(0) ** 2,                                       by=shrinks)
    .eq(error(0) ** 2,                                           by=algebra),
    where=0 <= k, given=[symmetric, eigen, LessEqual(0, h), q_falls, nonnegative(q)])

q_rises = theorem("1 <= q", derivation(1)
    .eq(q + h,                                                   by=algebra)
    .le(q + 0,                                                   by=assume(LessEqual(h, 0)))
    .eq(q,                                                       by=algebra), given=[LessEqual(h, 0)])

grows = bernoulli.never_below.at("powers of a number >= 1", {bernoulli.q: q})
divergence = theorem("no convergence", derivation(error(0) ** 2)
    .eq(1 * error(0) ** 2,                                       by=algebra)
    .le(q ** k * error(0) ** 2,                                  by=grows)
    .eq(error(k) ** 2,                                           by=squared),
    where=0 <= k, given=[symmetric, eigen, LessEqual(h, 0), q_rises, nonnegative(q)])
