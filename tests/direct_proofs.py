"""Theorems made with nothing but rules of the kernel: what certificates are tested on.

The network is that of the proofs, under names of its own; nothing here searches or uses a tactic. Together the
theorems use definitions, pullbacks and their composition, gradients, algebra, norms, ordered products, finite
sums, inductions, quantified hypotheses, fixed constants, and the two doors for facts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Rational, sqrt

from symgrad.derive.derived import (
    V_apply,
    V_elementwise,
    V_inner,
    V_product,
    V_scaled,
    V_sum,
    drop,
    exhaust,
    gradient_at,
    increase,
    induction_down,
    jacobian,
    nonnegative,
)
from symgrad.derive.derived_norms import compare_numbers, square_of_norm
from symgrad.derive.derived_ranges import constant_product, first, range_increase, transpose_product
from symgrad.kernel.algebra import algebra
from symgrad.kernel.definitions import define
from symgrad.kernel.derivative import V_compose, V_constant, V_result, V_rewrite, V_variable
from symgrad.kernel.equality import congruence, reflexive, replace, symmetric, transitive
from symgrad.kernel.facts import cited
from symgrad.kernel.logic import (
    assume,
    cases,
    concrete,
    cut,
    generalise,
    instantiate,
    instantiate_symbol,
    one_function,
    specialise,
    weaken,
)
from symgrad.kernel.norms import bounded_norm, norm_of_diagonal, submultiplicative, transpose_norm
from symgrad.kernel.products import empty
from symgrad.kernel.statements import Bounded, Condition, Equal, ForAll, LessEqual
from symgrad.kernel.theorem import Theorem
from symgrad.terms.algebra import Diagonal, MatrixProduct, Number, Scaled, Transpose
from symgrad.terms.index import Constant, Index, WidthFamily
from symgrad.terms.named import ElementwiseFunction, Family, Function, Gradient, Variable
from symgrad.terms.ranges import FiniteSum, OrderedProduct
from symgrad.terms.scalars import Norm, Power

__all__ = ["theorems"]

l, r, L = Index("l"), Index("r"), Constant("L")
n = WidthFamily("n")
w = Family("direct.w", n[l], n[l - 1], over={l: (1, L)})
b = Family("direct.b", n[l], over={l: (1, L)})
z = Family("direct.z", n[l], over={l: (1, L)})
a = Family("direct.a", n[l], over={l: (0, L)})
delta = Family("direct.delta", n[l], over={l: (1, L)})
gamma = Family("direct.gamma", over={l: (1, L)})
scale = Family("direct.scale", over={l: (None, None)})
x, y = Family("direct.x", n[0])(), Family("direct.y", n[l], over={l: (1, L)})
sigma = ElementwiseFunction("sigma")
C = Function("direct.C", [(n[l], 1)], over={l: (1, L)})
W = Function("direct.W", [(n[l], n[l - 1])], over={l: (1, L)}, gradient_of="C")
v, omega = Variable("v", n[l]), Variable("omega", n[l], n[l - 1])
vL = v.at({l: L})
layers: Any = (1 <= l, l <= L)

z_is, a_is, _ = define((z[l], w[l] @ a[l - 1] + b[l], layers), (a[l], sigma[l](z[l]), layers), (a[0], x, ()))
last_cost, next_cost = define(
    (C[L](vL), Rational(1, 2) * Norm(sigma[L](vL) - y[L], 2) ** 2, (1 <= L,)),
    (C[l](v), C[l + 1](w[l + 1] @ sigma[l](v) + b[l + 1]), (1 <= l, l < L)))
(delta_is,) = define((delta[l], Gradient(C[l], z[l]), layers))
(weight_cost,) = define((W[l](omega), C[l](omega @ a[l - 1] + b[l]), layers))


def scalar(name: str) -> Variable:
    return Variable(name)


def bp1() -> Theorem:
    """δ^L = Σ'(z^L)(a^L − y^L)"""
    s, G, e = scalar("direct_s"), scalar("direct_G"), sigma[L](vL) - y[L]
    K = Variable("direct_K", n[L])
    error = V_sum(V_elementwise(vL, sigma[L], K), V_constant(vL, -y[L], K))
    square = V_rewrite(V_inner(error, error, G), symmetric(square_of_norm(e, 2)))
    cost = V_scaled(V_constant(vL, Number(Rational(1, 2)), s), square, G)
    slope = gradient_at(V_rewrite(cost, symmetric(last_cost)), z[L])
    hole = Variable("direct_h", n[L])
    neat = algebra(slope.right, Diagonal(sigma[L].prime(z[L])) @ (sigma[L](z[L]) - y[L]))
    at_last = instantiate(a_is, ((l, L),))
    named = congruence(Diagonal(sigma[L].prime(z[L])) @ (hole - y[L]), hole, symmetric(at_last))
    start = instantiate(delta_is, ((l, L),))
    return drop(transitive(transitive(transitive(start, slope), neat), named))


def next_z() -> Theorem:
    """D[v -> w^{l+1} σ(v) + b^{l+1}] = w^{l+1} Σ'(v)"""
    G, K = Variable("direct_G", n[l + 1]), Variable("direct_K", n[l])
    J = Variable("direct_J", n[l + 1], n[l])
    product = V_product(V_constant(v, w[l + 1], J), V_elementwise(v, sigma[l], K), G)
    whole = V_sum(product, V_constant(v, b[l + 1], G))
    wanted = Transpose(w[l + 1] @ Diagonal(sigma[l].prime(v))) @ G
    return jacobian(V_result(whole, algebra(whole.conclusion.args[3], wanted)))


def bp2() -> Theorem:
    """δ^l = Σ'(z^l) (w^{l+1})ᵀ δ^{l+1}"""
    from symgrad.kernel.derivative import V_of_jacobian
    G, K, U = scalar("direct_G"), Variable("direct_K", n[l + 1]), Variable("direct_U", n[l + 1])
    outer = V_apply(U, C[l + 1], G)
    slope = V_compose(outer, V_of_jacobian(next_z(), K))
    here = gradient_at(V_rewrite(slope, symmetric(next_cost)), z[l])
    hole, hole_a = Variable("direct_h", n[l + 1]), Variable("direct_g", n[l])
    inside = transitive(congruence(w[l + 1] @ hole_a + b[l + 1], hole_a, symmetric(a_is)),
                        symmetric(instantiate(z_is, ((l, l + 1),))))
    turned = Scaled(Transpose(w[l + 1] @ Diagonal(sigma[l].prime(z[l]))) @ Gradient(C[l + 1], hole))
    rest = congruence(turned, hole, inside)
    line = transitive(here, algebra(here.right, rest.left))
    line = transitive(line, rest)
    hole2 = Variable("direct_k", n[l + 1])
    as_delta = congruence(Transpose(w[l + 1] @ Diagonal(sigma[l].prime(z[l]))) @ hole2, hole2,
                          symmetric(instantiate(delta_is, ((l, l + 1),))))
    line = transitive(line, as_delta)
    line = transitive(line, algebra(line.right, Diagonal(sigma[l].prime(z[l])) @ w[l + 1].T @ delta[l + 1]))
    return drop(transitive(delta_is, line))


def bp4() -> Theorem:
    """∂C/∂w^l = δ^l (a^{l-1})ᵀ, when C_l is differentiable at z^l"""
    G, K, U = scalar("direct_G"), Variable("direct_K", n[l]), Variable("direct_U", n[l])
    J, M = Variable("direct_J", n[l], n[l - 1]), Variable("direct_M", n[l - 1])
    affine = V_sum(V_product(V_variable(omega, J), V_constant(omega, a[l - 1], M), K), V_constant(omega, b[l], K))
    slope = gradient_at(V_rewrite(V_compose(V_apply(U, C[l], G), affine), symmetric(weight_cost)), w[l])
    hole = Variable("direct_h", n[l])
    named = congruence(Gradient(C[l], hole) @ a[l - 1].T, hole, symmetric(z_is))
    line = transitive(transitive(slope, algebra(slope.right, named.left)), named)
    other = congruence(hole @ a[l - 1].T, hole, symmetric(delta_is))
    line = transitive(line, other)
    smooth = next(h for h in line.hypotheses if hasattr(h, "args") and type(h).__name__ == "Differentiable")
    return drop(cut(line, replaced_point(smooth)))


def replaced_point(smooth: Any) -> Theorem:
    """C_l differentiable at z^l gives that it is at w^l a^{l-1} + b^l, which z^l is."""
    hole = Variable("direct_h", n[l])
    template = type(smooth)(smooth.args[0], hole)
    return replace(template, hole, z_is, assume(template.at({hole: z[l]})))


def norm_of_error() -> Theorem:
    """‖δ^l‖ <= γ_l ‖w^{l+1}‖ ‖δ^{l+1}‖ when |σ_l'| <= γ_l"""
    S, hole, point = Diagonal(sigma[l].prime(z[l])), scalar("direct_t"), Variable("direct_h", n[l])
    line = congruence(Norm(point, 2), point, bp2())
    line = transitive(line, submultiplicative((S, w[l + 1].T, delta[l + 1]), 2))
    rest = (Norm(w[l + 1].T, 2), Norm(delta[l + 1], 2))
    slope = transitive(norm_of_diagonal(sigma[l].prime(z[l]), 2), bounded_norm(sigma[l].prime, gamma[l], z[l]))
    line = transitive(line, increase(Scaled(hole, *rest), hole, slope, ()))
    return transitive(line, congruence(Scaled(gamma[l], hole, rest[1]), hole, transpose_norm(w[l + 1], 2)))


def closed_form() -> Theorem:
    """s_l = ∏_{r=l}^{L} g_r when s_{L+1} = 1 and s_l = g_l s_{l+1}: an induction downwards"""
    product = OrderedProduct(r, l, L, gamma[r])
    hole = scalar("direct_t")
    recurrence = specialise(assume(ForAll(r, 1, L, Equal(scale[r], Scaled(gamma[r], scale[r + 1])))), l)
    unfolded = first(product)
    step = transitive(transitive(recurrence, congruence(Scaled(gamma[l], hole), hole, assume(
        Equal(scale[l + 1], product.at({l: l + 1}))))), symmetric(unfolded))
    start = transitive(assume(Equal(scale[L + 1], Number(1))), symmetric(empty(product.at({l: L + 1}))))
    return drop(induction_down(start, drop(weaken(step, (Condition(l - 1), Condition(L - l)))), l, 1, L + 1))


def powers() -> Theorem:
    """∏_{r=l}^{L} γ_r <= q^{L-l+1} when 0 <= γ_r <= q for every r"""
    q = scalar("direct_q")
    bound = specialise(assume(ForAll(r, 1, L, LessEqual(gamma[r], q))), r)
    sign = specialise(assume(ForAll(r, 1, L, LessEqual(0, gamma[r]))), r)
    line = range_increase(weaken(bound, (Condition(l - 1),)), r, l, L, True, (sign,))
    return drop(transitive(line, constant_product(OrderedProduct(r, l, L, q))))


def others() -> dict[str, Theorem]:
    """Small theorems, for the rules that the large ones do not use."""
    product = OrderedProduct(r, l, L, w[r], -1)
    same = one_function(reflexive(sigma[l](z[l])), sigma)
    total = FiniteSum(r, 1, 3, Norm(w[r], 2))
    signs = tuple(nonnegative(Norm(w[k], 2)) for k in (1, 2, 3))
    everywhere = exhaust(ForAll(r, 1, 3, LessEqual(0, Norm(w[r], 2))), signs)
    split = cases(weaken(signs[0], (Condition(l),)), weaken(signs[0], (Condition(-l - 1),)), l)
    quoted = cited("Horn and Johnson, Matrix Analysis, 5.6", LessEqual(Norm(w[l], 2), Norm(w[l], "F")), ())
    root = algebra(Scaled(Number(sqrt(2)), scale[l]), Scaled(scale[l], Number(sqrt(2))))
    power = algebra(Power(scale[l], l) * Power(scale[l], L - l), Power(scale[l], L))
    inner = algebra(FiniteSum(r, 1, L, Scaled(scale[r], w[l + 1] @ z[l])),
                    w[l + 1] @ Scaled(FiniteSum(r, 1, L, scale[r]), z[l]))
    chosen = instantiate_symbol(first(FiniteSum(r, 1, L, scale[r])), scale, (r,), Norm(x, 2))
    return {"transposed product": transpose_product(product), "one function": same,
            "sum of norms": nonnegative(total, everywhere), "cases": split, "cited": quoted, "root": root,
            "powers of a scalar": power, "peeled sum": inner, "chosen symbol": chosen,
            "generalised": generalise(reflexive(z[r]), r, 1, L), "numbers": compare_numbers(Number(1), Number(2)),
            "concrete": concrete(drop(first(OrderedProduct(r, 1, L, scale[r]))), L, 5),
            "bounded": weaken(reflexive(z[l]), (Bounded(sigma[l].prime, gamma[l]),)),
            "product": reflexive(MatrixProduct(w[l + 1], z[l]))}


@lru_cache(maxsize=1)
def theorems() -> dict[str, Theorem]:
    large = {"BP1": bp1, "next z": next_z, "BP2": bp2, "BP4": bp4, "norm of the error": norm_of_error,
             "closed form": closed_form, "powers": powers}
    return {**{name: make() for name, make in large.items()}, **others()}
