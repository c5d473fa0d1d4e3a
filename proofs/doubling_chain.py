"""A chain of sigmoids whose errors double.  ∂C/∂o_i = 2^{L-i} ∂C/∂o_L        0 <= i <= L, any depth

w_r = 8, b_r = −4, x = ½, σ = sigmoid: every output is σ(8·½ − 4) = σ(0) = ½, so every factor w σ'(z) is 8·¼ = 2.  The
gradients of the early layers are the larger the deeper the chain: that they vanish needs a condition (see
vanishing_condition).  Claims A10 and C12.
"""

from sympy import Rational

from symgrad.derive import algebra, derivation, induct
from symgrad.derive.chain import chain_gradients
from symgrad.kernel.algebra import algebra as algebra_rule
from symgrad.kernel.logic import instantiate
from symgrad.kernel.statements import Equal, ForAll, IsActivation
from symgrad.networks.chain import L, chain_theory, i, r, sigma
from symgrad.operations.facts import differentiable
from symgrad.operations.one_variable import fact
from symgrad.terms.algebra import Number
from symgrad.terms.index import Index
from symgrad.terms.named import Variable, grad

m = Index("m")
net = chain_theory(has_input=True, has_bias=True, has_loss=True)
w, b, o, x, C = net.w, net.b, net.o, net.x, net.F
recurrence = chain_gradients(True, True, True)["recurrence"]           # ∂C/∂o_i = w_{i+1} σ'(z_{i+1}) ∂C/∂o_{i+1}

half = Rational(1, 2)
sigmoid_at_0 = fact(Equal(sigma[i](0), half), sigma="sigmoid")
slope_at_0 = fact(Equal(sigma[i].prime(0), Rational(1, 4)), sigma="sigmoid")
sigmoids_are_smooth = differentiable(sigma[i], "sigmoid", net.weighted(i))

weights, biases = ForAll(r, 1, L, Equal(w[r], 8)), ForAll(r, 1, L, Equal(b[r], -4))
sigmoids, start = ForAll(r, 1, L, IsActivation(sigma[r], "sigmoid")), Equal(x, half)
given = [weights, biases, sigmoids, start]

outputs = induct("every output is ½", lambda j: Equal(o[j], half),
    derivation(o[0]).eq(x,                                             by=o).eq(half, by=start),
    lambda before: derivation(o[i])
        .eq(sigma[i](w[i] * o[i - 1] + b[i]),                          by=o)
        .eq(sigma[i](8 * Number(half) + Number(-4)),                   by=[weights, biases, before])
        .eq(sigma[i](0),                                               by=algebra)
        .eq(half,                                                      by=sigmoid_at_0),
    index=i, over=(0, L), down=False, given=given)

c, two = Variable("scalar.c"), Number(2)
one_power_more = instantiate(algebra_rule(c * c ** (L - i - 1), c ** (L - i)), ((c, two),))    # 2 · 2^{L-i-1} = 2^{L-i}

doubling = induct("the errors double", lambda j: Equal(grad(C[j], at=o[j]), two ** (L - j) * grad(C[L], at=o[L])),
    derivation(grad(C[L], at=o[L])).eq(two ** (L - L) * grad(C[L], at=o[L]),   by=algebra),
    lambda nearer: derivation(grad(C[i], at=o[i]))
        .eq(w[i + 1] * net.slope(i + 1) * grad(C[i + 1], at=o[i + 1]),         by=recurrence)
        .eq(8 * sigma[i + 1].prime(8 * Number(half) + Number(-4)) * grad(C[i + 1], at=o[i + 1]),
                                                                               by=[weights, biases, outputs])
        .eq(8 * sigma[i + 1].prime(0) * grad(C[i + 1], at=o[i + 1]),           by=algebra)
        .eq(two * grad(C[i + 1], at=o[i + 1]),                                 by=[slope_at_0, algebra])
        .eq(two * two ** (L - i - 1) * grad(C[L], at=o[L]),                    by=nearer)
        .eq(two ** (L - i) * grad(C[L], at=o[L]),                              by=one_power_more),
    index=i, over=(0, L), given=[*given, sigmoids_are_smooth])
