"""Descent.  Σ_{r<n} ‖∇F(p_r)‖² <= (2/η) (F(p_0) − m) / (2 − ηK)        for every n >= 0

Gradient descent p_{k+1} = p_k − η∇F(p_k) where ∇F is Lipschitz with constant K, 0 < η, ηK < 2 and m <= F(p_n). Such an F
lies near its tangent planes, |F(q) − F(p) − ⟨∇F(p), q − p⟩| <= (K/2)‖q − p‖²: that is cited (Nesterov, 2004, Lemma
1.2.3), the rest is proved.  Document 001.  For claim B9: see limit_of_descent.
"""

from sympy import Rational

from symgrad.derive.derived import less_to_le, nonnegative
from symgrad.derive import algebra, derivation, empty_product, induct, plus, square_of_norm, theorem, unfold
from symgrad.derive.laws_order import at_most_absolute, difference_sign
from symgrad.derive.literature import near_the_tangent_plane
from symgrad.kernel.logic import assume, instantiate
from symgrad.kernel.order import cancel, nonzero_of_positive
from symgrad.kernel.statements import Less, LessEqual, LipschitzGradient, Nonzero
from symgrad.networks.descent import d, eta, gradient_descent, k
from symgrad.terms.index import Index
from symgrad.terms.named import Family, Function, Variable, grad
from symgrad.terms.ranges import ordered_sum
from symgrad.terms.scalars import absolute, inner, norm

F = Function("descended.F", [(d, 1)])
p = gradient_descent(F).p
K, m = Family("descended.K")(), Family("descended.m")()
r, n, top = Index("r"), Index("n"), Index("top")
half = Rational(1, 2)


def slope(i):
    return grad(F[()], at=p[i])


x, y = Variable("descended.x", d), Variable("descended.y", d)
lipschitz = LipschitzGradient(F[()], K)
step = inner(grad(F[()], at=x), y - x)
below_its_model = theorem("the quadratic model", derivation(F(y))
    .eq(F(x) + step + (F(y) - F(x) - step),                      by=algebra)
    .le(F(x) + step + absolute(F(y) - F(x) - step),              by=at_most_absolute)
    .le(F(x) + step + half * K * norm(y - x) ** 2,               by=near_the_tangent_plane(F[()], K, x, y)),
    given=[lipschitz])

gain = half * eta * (2 - eta * K)
move, at_p = p[k + 1] - p[k], instantiate(below_its_model.theorem, ((x, p[k]), (y, p[k + 1])))
one_step = theorem("one step", derivation(F(p[k + 1]))
    .le(F(p[k]) + inner(slope(k), move) + half * K * norm(move) ** 2,            by=at_p)
    .eq(F(p[k]) - gain * norm(slope(k)) ** 2,                    by=[square_of_norm, p, algebra]),
    where=0 <= k, given=[lipschitz])


def squares(i):                                                  # Σ ‖∇F(p_r)‖² over the first i steps
    return ordered_sum(r, 0, i - 1, norm(slope(r)) ** 2)


def one_more(before):                                            # before:  F(p_{n-1}) + gain squares(n−1) <= F(p_0)
    last = norm(slope(n - 1)) ** 2
    return (derivation(F(p[n]) + gain * squares(n))
        .eq(F(p[n]) + gain * (squares(n - 1) + last),                               by=unfold)
        .le(F(p[n - 1]) - gain * last + gain * (squares(n - 1) + last),             by=one_step)
        .eq(F(p[n - 1]) + gain * squares(n - 1),                                    by=algebra)
        .le(F(p[0]),                                                                by=before))


energy = induct("energy", lambda i: LessEqual(F(p[i]) + gain * squares(i), F(p[0])),
    derivation(F(p[0]) + gain * squares(0)).eq(F(p[0]), by=[empty_product, algebra]), one_more,
    index=n, over=(0, top), down=False, where=0 <= top, given=[lipschitz]).at("energy", {top: n})

bounded_below = LessEqual(m, F(p[n]))
above_m = difference_sign(assume(bounded_below))                 # 0 <= F(p_n) − m
total = theorem("total", derivation(gain * squares(n))
    .eq(F(p[n]) + gain * squares(n) - F(p[n]),                   by=algebra)
    .le(F(p[0]) - F(p[n]),                                       by=energy)
    .le(F(p[0]) - F(p[n]) + (F(p[n]) - m),                       by=plus(above_m))
    .eq(F(p[0]) - m,                                             by=algebra),
    where=0 <= n, given=[lipschitz, bounded_below])

rate = 2 - eta * K
twice = theorem("twice the total", derivation(eta * rate * squares(n))
    .eq(2 * (gain * squares(n)),                                 by=algebra)
    .le(2 * (F(p[0]) - m),                                       by=total),
    where=0 <= n, given=[lipschitz, bounded_below])

a, b, t = Variable("descended.a"), Variable("descended.b"), Variable("descended.t")
undone = theorem("division by ab", derivation(t)
    .eq(1 / b * b * t,                                           by=[cancel(1, b), algebra])
    .eq(1 / b * b * (1 / a * a * t),                             by=[cancel(1, a), algebra])
    .eq((1 / a) * (1 / b) * (a * b * t),                         by=algebra), given=[Nonzero(a), Nonzero(b)])

forward, short = assume(Less(0, eta)), assume(Less(eta * K, 2))  # 0 < η and ηK < 2
room = difference_sign(short)                                    # 0 < 2 − ηK
factor = (1 / eta) * (1 / rate)
descent = theorem("descent", derivation(squares(n))
    .eq(factor * (eta * rate * squares(n)),      by=instantiate(undone.theorem, ((a, eta), (b, rate), (t, squares(n)))))
    .le(factor * (2 * (F(p[0]) - m)),                            by=twice)
    .eq((2 / eta) * ((F(p[0]) - m) / rate),                      by=algebra),
    where=0 <= n, given=[lipschitz, bounded_below, forward.conclusion, short.conclusion, nonzero_of_positive(forward),
                         nonzero_of_positive(room), nonnegative(1 / eta, less_to_le(forward)),
                         nonnegative(1 / rate, less_to_le(room))])
