"""Descent.  Σ_{r<n} ‖∇F(p_r)‖² <= (F(p_0) − m) / (η (1 − ηK/2))        for every n >= 0; 0 < η, ηK < 2, m <= F(p_n)

Gradient descent p_{k+1} = p_k − η∇F(p_k) on any F that lies below its quadratic model, F(q) <= F(p) + ⟨∇F(p), q − p⟩ +
(K/2)‖q − p‖², from each iterate to the next. A K-Lipschitz gradient gives that (Nesterov, "Lectures on Convex
Optimization", 2018, Lemma 1.2.3). Document 001.  For claim B9: see limit_of_descent.
"""

from sympy import Rational

from symgrad.derive.derived import nonnegative
from symgrad.derive.derived import less_to_le
from symgrad.derive import algebra, derivation, empty_product, induct, plus, square_of_norm, theorem, unfold
from symgrad.derive.laws_order import difference_sign
from symgrad.kernel.logic import assume
from symgrad.kernel.order import cancel, nonzero_of_positive
from symgrad.kernel.statements import ForAll, Less, LessEqual
from symgrad.networks.descent import d, eta, gradient_descent, k
from symgrad.terms.index import Index
from symgrad.terms.named import Family, Function, grad
from symgrad.terms.ranges import ordered_sum
from symgrad.terms.scalars import inner, norm

F = Function("descended.F", [(d, 1)])
p = gradient_descent(F).p
K, m = Family("descended.K")(), Family("descended.m")()
r, n, top = Index("r"), Index("n"), Index("top")
half = Rational(1, 2)


def slope(i):
    return grad(F[()], at=p[i])


def model(i):                                                    # F(p_{i+1}) lies below the quadratic model at p_i
    step = p[i + 1] - p[i]
    return LessEqual(F(p[i + 1]), F(p[i]) + inner(slope(i), step) + half * K * norm(step) ** 2)


gain = eta * (1 - half * eta * K)
one_step = theorem("one step", derivation(F(p[k + 1]))
    .le(model(k).right,                                          by=assume(model(k)))
    .eq(F(p[k]) - gain * norm(slope(k)) ** 2,                    by=[square_of_norm, p, algebra]),
    where=0 <= k, given=[model(k)])


def squares(i):                                                  # Σ ‖∇F(p_r)‖² over the first i steps
    return ordered_sum(r, 0, i - 1, norm(slope(r)) ** 2)


def one_more(before):                                            # before:  F(p_{n-1}) + gain squares(n−1) <= F(p_0)
    last = norm(slope(n - 1)) ** 2
    return (derivation(F(p[n]) + gain * squares(n))
        .eq(F(p[n]) + gain * (squares(n - 1) + last),                               by=unfold)
        .le(F(p[n - 1]) - gain * last + gain * (squares(n - 1) + last),             by=one_step)
        .eq(F(p[n - 1]) + gain * squares(n - 1),                                    by=algebra)
        .le(F(p[0]),                                                                by=before))


def below_models(i):                                             # at each of the first i steps
    return ForAll(r, 0, i - 1, model(r))


energy = induct("energy", lambda i: LessEqual(F(p[i]) + gain * squares(i), F(p[0])),
    derivation(F(p[0]) + gain * squares(0)).eq(F(p[0]), by=[empty_product, algebra]), one_more,
    index=n, over=(0, top), down=False, where=0 <= top, given=[below_models(top)]).at("energy", {top: n})

bounded_below = LessEqual(m, F(p[n]))
above_m = difference_sign(assume(bounded_below))                 # 0 <= F(p_n) − m
total = theorem("total", derivation(gain * squares(n))
    .eq(F(p[n]) + gain * squares(n) - F(p[n]),                   by=algebra)
    .le(F(p[0]) - F(p[n]),                                       by=energy)
    .le(F(p[0]) - F(p[n]) + (F(p[n]) - m),                       by=plus(above_m))
    .eq(F(p[0]) - m,                                             by=algebra),
    where=0 <= n, given=[below_models(n), bounded_below])

positive = assume(Less(0, gain))                                 # for 0 < η: just when ηK < 2
descent = theorem("descent", derivation(squares(n))
    .eq(1 / gain * gain * squares(n),                            by=[cancel(1, gain), algebra])
    .le(1 / gain * (F(p[0]) - m),                                by=total)
    .eq((F(p[0]) - m) / gain,                                    by=algebra),
    where=0 <= n, given=[below_models(n), bounded_below, positive.conclusion, nonzero_of_positive(positive),
                         nonnegative(1 / gain, less_to_le(positive))])
