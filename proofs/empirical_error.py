"""The empirical error.  E = Σ_{j=1}^{N} L̂(φ_w(x_j), y_j):  ∂E/∂w^l = Σ_j δ_{l,j} (a_{l-1,j})ᵀ,  ∂E/∂b^l = Σ_j δ_{l,j}

for any number N of examples, any depth, any loss; and the mean (1/N) E has 1/N of that. δ_{l,j} is the error of
layer l on example j. Smooth: σ_r is differentiable at z_{r,j}, l <= r <= L, and the loss at a_{L,j}, for every
example. The examples are a sequence: in a set a repeated example would count once. Document 001. Claim B1.
"""

import symgrad as sg
from symgrad.derive.derived_ranges import range_congruence
from symgrad.check.claims import defined, demonstration
from symgrad.derive import chain_rule, derivation, induct, theorem
from symgrad.derive.examples import every_cost_is_differentiable, smooth_losses, smooth_set, total_gradient

from symgrad.kernel.statements import Equal
from symgrad.networks.examples import (
    C,
    E_b,
    E_w,
    L,
    M_b,
    M_w,
    N,
    a,
    b,
    bias_mean_definition,
    bias_total_definition,
    delta,
    error,
    j,
    l,
    loss,
    w,
    weight_mean_definition,
    weight_total_definition,
    z,
)
from symgrad.numeric.empirical import empirical_error
from symgrad.terms.algebra import Count
from symgrad.terms.index import Index
from symgrad.terms.named import grad
from symgrad.terms.ranges import ordered_sum
from symgrad.terms.scalars import Quotient

m = Index("m")
layers, every = (1 <= l, l <= L), (1 <= l, l <= L, 1 <= j, j <= N)
smooth = [smooth_set(l), smooth_losses(), every_cost_is_differentiable()]

# Every C_{l,j} is the loss of example j, so the total at the given weights is the empirical error.
one_loss = induct("the loss of one example", lambda i: Equal(C[i, j](z[i, j]), loss[j](a[L, j])),
    derivation(C[L, j](z[L, j])).eq(loss[j](a[L, j]),            by=[C, a]),
    lambda next_layer: (derivation(C[l, j](z[l, j]))
        .eq(C[l + 1, j](z[l + 1, j]),                            by=[C, z, a])
        .eq(loss[j](a[L, j]),                                    by=next_layer)),
    index=l, over=(m, L), where=(1 <= m, m <= L, 1 <= j, j <= N)).at("the loss of one example", {m: l})

by_weight, weight_smooth = total_gradient(weight_total_definition, w[l])
by_bias, bias_smooth = total_gradient(bias_total_definition, b[l])
inside = w[l] @ a[l - 1, j] + b[l]



def term_by_term(name, line):                                    # Σ_j of an equation about example j
    return range_congruence(theorem(name, line, where=every).theorem, j, 1, N, 0)


cost_of_example = term_by_term("one example", derivation(C[l, j](inside))
    .eq(C[l, j](z[l, j]),                                        by=z)
    .eq(loss[j](a[L, j]),                                        by=one_loss))
weight_of_example = term_by_term("∂/∂w of one example", derivation(grad(C[l, j], at=inside) @ a[l - 1, j].T)
    .eq(delta[l, j] @ a[l - 1, j].T,                             by=[z, delta]))
bias_of_example = term_by_term("∂/∂b of one example", derivation(grad(C[l, j], at=inside))
    .eq(delta[l, j],                                             by=[z, delta]))

value = theorem("the empirical error", derivation(E_w[l](w[l]))
    .eq(ordered_sum(j, 1, N, C[l, j](inside)),                   by=weight_total_definition)
    .eq(error(),                                                 by=cost_of_example),
    where=layers)

gradient_of_weight = theorem("∂E/∂w", derivation(grad(E_w[l], at=w[l]))
    .eq(ordered_sum(j, 1, N, grad(C[l, j], at=inside) @ a[l - 1, j].T),         by=by_weight)
    .eq(ordered_sum(j, 1, N, delta[l, j] @ a[l - 1, j].T),       by=weight_of_example),
    where=layers, given=smooth)

gradient_of_bias = theorem("∂E/∂b", derivation(grad(E_b[l], at=b[l]))
    .eq(ordered_sum(j, 1, N, grad(C[l, j], at=inside)),          by=by_bias)
    .eq(ordered_sum(j, 1, N, delta[l, j]),                       by=bias_of_example),
    where=layers, given=smooth)

share = Quotient(1, Count(N))                                    # 1/N
mean_by_weight = theorem("∂M/∂w", derivation(grad(M_w[l], at=w[l]))
    .eq(share * grad(E_w[l], at=w[l]),                           by=chain_rule(weight_mean_definition))
    .eq(share * ordered_sum(j, 1, N, delta[l, j] @ a[l - 1, j].T),              by=gradient_of_weight),
    where=layers, given=[*smooth, weight_smooth])
mean_by_bias = theorem("∂M/∂b", derivation(grad(M_b[l], at=b[l]))
    .eq(share * grad(E_b[l], at=b[l]),                           by=chain_rule(bias_mean_definition))
    .eq(share * ordered_sum(j, 1, N, delta[l, j]),               by=gradient_of_bias),
    where=layers, given=[*smooth, bias_smooth])


def on_a_network(examples, reduction="sum"):                     # 1 - 1 - 1, linear: w¹ = 2, w² = 3, b = 0
    net = sg.dense([1, 1, 1], activation="identity")
    return empirical_error(net, {"w1": [[2.0]], "b1": [0.0], "w2": [[3.0]], "b2": [0.0]}, examples, reduction=reduction)


def weight_gradient(examples, reduction="sum"):                  # ∂/∂w¹ = Σ 3 (6x − y) x
    return on_a_network(examples, reduction).gradients["w1"].tolist()


two = [([1], [0]), ([2], [0])]                                    # x = 1, 2 and y = 0
b1 = defined("B1", "the empirical error F(w) = Σ_{(x,y) ∈ D} L̂(φ_w(x), y)", empirical_error,
             proofs=[value, gradient_of_weight, gradient_of_bias, mean_by_weight, mean_by_bias], source="document 001",
             note="D is a sequence: a set would drop repeated examples",
             shows=[demonstration("x = 1, 2 and y = 0: ∂F/∂w¹ = 18 + 72", lambda: weight_gradient(two), [[90.0]]),
                    demonstration("the mean", lambda: weight_gradient(two, "mean"), [[45.0]]),
                    demonstration("an example that occurs twice counts twice",
                                  lambda: weight_gradient([two[0], *two]), [[108.0]])])
