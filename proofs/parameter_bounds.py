"""Bounds for the parameters.  ‖∂C/∂b^l‖_p <= β  and  ‖∂C/∂w^l‖_p <= β ‖a^{l-1}‖_q,  whenever ‖δ^l‖_p <= β    1/p + 1/q = 1

1 <= l <= L, 1 <= p <= ∞, smooth as in product_bound; the same from below. So every rung of the ladder is one of both
parameters; those of the product and of the factors are written out. They are about one example. Of a mean over N
examples, v_i for the gradient of example i, the triangle inequality gives both ends:

    ‖(1/N) Σ_i v_i‖ <= (1/N) Σ_i β_i   if ‖v_i‖ <= β_i,       ‖v_k‖ <= ‖Σ_i v_i‖ + Σ_{i<k} ‖v_i‖ + Σ_{i>k} ‖v_i‖

Claim D7; for what document 002 says of it see gradient_bound_weights, claim C9.
"""

from symgrad.check.claims import proved
from symgrad.derive import algebra, derivation, homogeneous, theorem, triangle, unfold
from symgrad.derive.backprop import smooth
from symgrad.derive.laws_order import each_factor, norm_of_negative
from symgrad.kernel.order import absolute_of_nonnegative
from symgrad.kernel.products import split
from symgrad.kernel.statements import ForAll, LessEqual
from symgrad.networks.dense import L, a, b, delta, gradient, l, n, w
from symgrad.terms.index import Index
from symgrad.terms.named import Family, Variable
from symgrad.terms.ranges import ordered_sum
from symgrad.terms.scalars import absolute, norm

from bp3 import bp3
from factor_bound import factor_bound
from gradient_bound_weights import N, i, one_over_N, positive, product_of_norms, total
from ladder_order import q
from norm_of_chain import p
from product_bound import product_bound

layers, beta = (1 <= l, l <= L), Variable("bound.beta")
of_b, of_w = norm(gradient(b[l]), p), norm(gradient(w[l]), p)
above, below = LessEqual(norm(delta[l], p), beta), LessEqual(beta, norm(delta[l], p))

biases = theorem("bias gradient bounded", derivation(of_b)
    .eq(norm(delta[l], p),                                         by=bp3)
    .le(beta,                                                      by=above), where=layers, given=[above, smooth(l)])

weights = theorem("weight gradient bounded", derivation(of_w)
    .eq(of_b * norm(a[l - 1], q),                                  by=product_of_norms)
    .le(beta * norm(a[l - 1], q),                                  by=biases), where=layers, given=[above, smooth(l)])

biases_below = theorem("bias gradient from below", derivation(beta)
    .le(norm(delta[l], p),                                         by=below)
    .eq(of_b,                                                      by=bp3), where=layers, given=[below, smooth(l)])

weights_below = theorem("weight gradient from below", derivation(beta * norm(a[l - 1], q))
    .le(of_b * norm(a[l - 1], q),                                  by=biases_below)
    .eq(of_w,                                                      by=product_of_norms), where=layers, given=[below, smooth(l)])


def written_out(name, rung):                                       # β is a rung, whose theorem says ‖δ^l‖ <= β
    bound = rung.theorem.right
    return (theorem(f"bias gradient: {name}", derivation(of_b)
                .eq(norm(delta[l], p),                             by=bp3)
                .le(bound,                                         by=rung), where=layers, given=[smooth(l)]),
            theorem(f"weight gradient: {name}", derivation(of_w)
                .eq(of_b * norm(a[l - 1], q),                      by=product_of_norms)
                .eq(norm(delta[l], p) * norm(a[l - 1], q),         by=bp3)
                .le(bound * norm(a[l - 1], q),                     by=rung), where=layers, given=[smooth(l)]))


rungs = [*written_out("factors", factor_bound), *written_out("product", product_bound)]

# The gradient of example i, of ∂C/∂w^l or (n_0 = 1) of ∂C/∂b^l, and a bound of it.
v, beta_of = Family("batch.v", n[1], n[0], over={i: (1, None)}), Family("batch.beta", over={i: (1, None)})
k = Index("k")


each = ForAll(i, 1, N, LessEqual(norm(v[i], p), beta_of[i]))
one_example = theorem("one example", derivation(norm(v[i], p)).le(beta_of[i], by=each),
                      where=(1 <= i, i <= N), given=[each])

mean = theorem("mean over a batch", derivation(norm(one_over_N * total(v[i]), p))
    .eq(absolute(one_over_N) * norm(total(v[i]), p),               by=homogeneous)
    .eq(one_over_N * norm(total(v[i]), p),                         by=absolute_of_nonnegative(positive))
    .le(one_over_N * total(norm(v[i], p)),                         by=triangle)
    .le(one_over_N * total(beta_of[i]),                            by=each_factor(one_example, i)),
    where=1 <= N, given=[positive, each])

before, after = (ordered_sum(i, *ends, v[i]) for ends in ((1, k - 1), (k + 1, N)))
sizes_before, sizes_after = (ordered_sum(i, *ends, norm(v[i], p)) for ends in ((1, k - 1), (k + 1, N)))
one_outweighs = theorem("one example against the others", derivation(norm(v[k], p))
    .eq(norm((before + v[k] + after) - before - after, p),         by=algebra)
    .eq(norm(total(v[i]) - before - after, p),                     by=[split(total(v[i]), k - 1), unfold, algebra])
    .le(norm(total(v[i]), p) + norm(-before, p) + norm(-after, p), by=[triangle, algebra])
    .eq(norm(total(v[i]), p) + norm(before, p) + norm(after, p),   by=norm_of_negative)
    .le(norm(total(v[i]), p) + sizes_before + sizes_after,         by=triangle),
    where=(1 <= k, k <= N))

d7 = proved("D7", "‖∂C/∂b^l‖ ≤ β and ‖∂C/∂w^l‖ ≤ β ‖a^{l−1}‖ for every bound β of ‖δ^l‖", biases, weights, biases_below,
            weights_below, *rungs, mean, one_outweighs, source="symgrad, the ladder of bounds: the parameters")
