"""Derivatives: every operation states how it pulls a cotangent back; composition puts the next cotangent in.

V[X -> e](G) = H says that X -> e is Fréchet differentiable at X and ⟨G, de⟩ = ⟨H, dX⟩ for every G (reverse-mode
differentiation; Giles 2008, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation"). The Jacobian form and the gradient of a named function follow from it.
"""

from __future__ import annotations

from typing import Any

from ..terms.algebra import (
    Count,
    Diagonal,
    Hadamard,
    Identity,
    MatrixProduct,
    Number,
    Ones,
    Scaled,
    Sum,
    Term,
    Transpose,
    Zero,
    as_term,
)
from ..terms.index import Index, index_expression
from ..terms.named import Apply, Elementwise, ElementwiseFunction, FunctionAt, Gradient, Variable
from ..terms.node import substitute
from ..terms.ranges import FiniteSum
from ..terms.scalars import Inner, Power, Quotient
from .equality import equation_of
from .logic import without_index
from .statements import Condition, Differentiable, Equal, Jacobian, Nonzero, Pullback, Statement
from .theorem import Sequent, Theorem, need, rule

__all__ = ["V_apply", "V_compose", "V_constant", "V_diagonal", "V_elementwise", "V_finite_sum", "V_hadamard",
           "V_inner", "V_of_jacobian", "V_power", "V_product", "V_quotient", "V_result", "V_rewrite", "V_scaled",
           "V_sum", "V_transpose", "V_variable", "differentiable_at", "gradient_at", "jacobian"]


def _pullback(theorem: Theorem) -> Pullback:
    need(isinstance(theorem.conclusion, Pullback),
         lambda: f"expected a pullback V[X -> e](G) = H, got {theorem.conclusion}")
    return theorem.conclusion


def _with(pullback: Pullback, cotangent: Any) -> Term:
    """H at another cotangent."""
    return substitute(pullback.args[3], {pullback.args[2]: cotangent})


def _conclude(variable: Variable, function: Term, cotangent: Variable, result: Term,
              *hypotheses: frozenset[Statement]) -> Sequent:
    together: frozenset[Statement] = frozenset().union(*hypotheses)
    need(not any(cotangent in h.free for h in together), lambda: f"the cotangent {cotangent} must be fresh")
    return Sequent(Pullback(variable, function, cotangent, result), together)


def _both(one: Theorem, two: Theorem) -> tuple[Pullback, Pullback]:
    p, q = _pullback(one), _pullback(two)
    need(p.args[0] is q.args[0], lambda: f"two variables: {p.args[0]} and {q.args[0]}")
    return p, q


@rule
def V_variable(X: Variable, G: Variable) -> Sequent:
    "|- V[X -> X](G) = G"
    return Sequent(Pullback(X, X, G, G))


@rule
def V_constant(X: Variable, e: Term, G: Variable) -> Sequent:
    "|- V[X -> e](G) = 0     X not in e"
    need(X not in as_term(e).free, lambda: f"{X} occurs in {e}")
    return Sequent(Pullback(X, e, G, Zero(*X.shape)))


@rule
def V_sum(*premises: Theorem) -> Sequent:
    "V[X -> e_i](G) = H_i  /  V[X -> Σ e_i](G) = Σ H_i"
    parts = [_pullback(p) for p in premises]
    X, G = parts[0].args[0], parts[0].args[2]
    need(all(p.args[0] is X and p.args[2] is G for p in parts), "one variable and one cotangent throughout")
    return _conclude(X, Sum(*(p.args[1] for p in parts)), G, Sum(*(p.args[3] for p in parts)),
                     *(t.hypotheses for t in premises))


@rule
def V_finite_sum(premise: Theorem, index: Index, low: Any, high: Any) -> Sequent:
    "low <= i, i <= high |- V[X -> e_i](G) = H_i  /  V[X -> Σ_i e_i](G) = Σ_i H_i     i not in Γ"
    p = _pullback(premise)
    low, high = index_expression(low), index_expression(high)
    taken = low.free_symbols | high.free_symbols | p.args[0].free | p.args[2].free
    need(isinstance(index, Index) and index not in taken,
         lambda: f"the index {index} of the sum must be free")
    rest = without_index(premise.hypotheses, index, (index - low, high - index))
    return _conclude(p.args[0], FiniteSum(index, low, high, p.args[1]), p.args[2],
                     FiniteSum(index, low, high, p.args[3]), frozenset(rest))


@rule
def V_product(one: Theorem, two: Theorem, G: Variable) -> Sequent:
    "V[X -> A](K) = H(K)   V[X -> B](M) = J(M)  /  V[X -> A B](G) = H(G Bᵀ) + J(Aᵀ G)"
    p, q = _both(one, two)
    A, B = p.args[1], q.args[1]
    result = Sum(_with(p, MatrixProduct(G, Transpose(B))), _with(q, MatrixProduct(Transpose(A), G)))
    return _conclude(p.args[0], MatrixProduct(A, B), G, result, one.hypotheses, two.hypotheses)


@rule
def V_scaled(one: Theorem, two: Theorem, G: Variable) -> Sequent:
    "V[X -> s](K) = H(K)   V[X -> A](M) = J(M)  /  V[X -> s A](G) = H(⟨G, A⟩) + J(s G)     s a scalar"
    p, q = _both(one, two)
    s, A = p.args[1], q.args[1]
    need(s.is_scalar_term, lambda: f"{s} is no scalar")
    return _conclude(p.args[0], Scaled(s, A), G, Sum(_with(p, Inner(G, A)), _with(q, Scaled(s, G))),
                     one.hypotheses, two.hypotheses)


@rule
def V_hadamard(one: Theorem, two: Theorem, G: Variable) -> Sequent:
    "V[X -> A](K) = H(K)   V[X -> B](M) = J(M)  /  V[X -> A ⊙ B](G) = H(G ⊙ B) + J(A ⊙ G)"
    p, q = _both(one, two)
    A, B = p.args[1], q.args[1]
    return _conclude(p.args[0], Hadamard(A, B), G, Sum(_with(p, Hadamard(G, B)), _with(q, Hadamard(A, G))),
                     one.hypotheses, two.hypotheses)


@rule
def V_inner(one: Theorem, two: Theorem, G: Variable) -> Sequent:
    "V[X -> A](K) = H(K)   V[X -> B](M) = J(M)  /  V[X -> ⟨A, B⟩](G) = H(G B) + J(G A)"
    p, q = _both(one, two)
    A, B = p.args[1], q.args[1]
    return _conclude(p.args[0], Inner(A, B), G, Sum(_with(p, Scaled(G, B)), _with(q, Scaled(G, A))),
                     one.hypotheses, two.hypotheses)


@rule
def V_quotient(one: Theorem, two: Theorem, G: Variable) -> Sequent:
    "V[X -> a](K) = H(K)   V[X -> b](M) = J(M)  /  b ≠ 0 |- V[X -> a/b](G) = H(G/b) + J(-(a/(b b)) G)"
    p, q = _both(one, two)
    a, b = p.args[1], q.args[1]
    result = Sum(_with(p, Quotient(G, b)), _with(q, Scaled(Number(-1), Quotient(a, Scaled(b, b)), G)))
    return _conclude(p.args[0], Quotient(a, b), G, result, one.hypotheses, two.hypotheses, frozenset({Nonzero(b)}))


@rule
def V_power(premise: Theorem, exponent: Any, G: Variable) -> Sequent:
    "V[X -> s](K) = H(K)  /  1 <= k |- V[X -> s^k](G) = H(k s^(k-1) G)"
    p = _pullback(premise)
    exponent = index_expression(exponent)
    slope = Scaled(Count(exponent), Power(p.args[1], exponent - 1), G)
    return _conclude(p.args[0], Power(p.args[1], exponent), G, _with(p, slope), premise.hypotheses,
                     frozenset({Condition(exponent - 1)}))


@rule
def V_transpose(premise: Theorem, G: Variable) -> Sequent:
    "V[X -> A](K) = H(K)  /  V[X -> Aᵀ](G) = H(Gᵀ)"
    p = _pullback(premise)
    return _conclude(p.args[0], Transpose(p.args[1]), G, _with(p, Transpose(G)), premise.hypotheses)


@rule
def V_diagonal(premise: Theorem, G: Variable) -> Sequent:
    "V[X -> x](K) = H(K)  /  V[X -> diag(x)](G) = H((G ⊙ I) 1)"
    p = _pullback(premise)
    x = p.args[1]
    entries = MatrixProduct(Hadamard(G, Identity(x.rows)), Ones(x.rows))
    return _conclude(p.args[0], Diagonal(x), G, _with(p, entries), premise.hypotheses)


@rule
def V_elementwise(X: Variable, f: ElementwiseFunction, G: Variable) -> Sequent:
    "f differentiable at every entry of X |- V[X -> f(X)](G) = f'(X) ⊙ G"
    return Sequent(Pullback(X, Elementwise(f, X), G, Hadamard(Elementwise(f.prime, X), G)), (Differentiable(f, X),))


@rule
def V_apply(X: Variable, f: FunctionAt, G: Variable) -> Sequent:
    "f differentiable at X |- V[X -> f(X)](G) = G ∇f(X)     f a named scalar function"
    return Sequent(Pullback(X, Apply(f, X), G, Scaled(G, Gradient(f, X))), (Differentiable(f, X),))


@rule
def V_compose(outer: Theorem, inner: Theorem) -> Sequent:
    "Δ(U) |- V[U -> g(U)](G) = M(U, G)   Γ |- V[X -> e](K) = H(K)  /  Γ, Δ(e) |- V[X -> g(e)](G) = H(M(e, G))"
    g, e = _pullback(outer), _pullback(inner)
    U, X, G, inside = g.args[0], e.args[0], g.args[2], e.args[1]
    need(U.shape == inside.shape, lambda: f"{U} is {U.shape}, {inside} is {inside.shape}")
    need(X is U or not any(X in s.free for s in (outer.conclusion, *outer.hypotheses)),
         lambda: f"{X} occurs in {outer.conclusion}: it would be differentiated twice")
    need(not any(isinstance(h, (Jacobian, Pullback)) and U in h.free for h in outer.hypotheses),
         lambda: f"a judgement about {U} is among the hypotheses of {outer.conclusion}")
    need(G not in inside.free and not any(G in h.free for h in inner.hypotheses), lambda: f"{G} must be fresh")
    at = {U: inside}
    pulled = substitute(g.args[3], at)
    return _conclude(X, substitute(g.args[1], at), G, _with(e, pulled), inner.hypotheses,
                     frozenset(substitute(h, at) for h in outer.hypotheses))


@rule
def V_rewrite(premise: Theorem, equation: Theorem) -> Sequent:
    "Γ |- V[X -> e](G) = H   Δ |- e = e'  /  Γ, Δ |- V[X -> e'](G) = H     X not in Δ"
    p, equal = _pullback(premise), equation_of(equation)
    need(equal.left is p.args[1], lambda: f"the function is {p.args[1]}, the equation rewrites {equal.left}")
    need(not any(p.args[0] in h.free for h in equation.hypotheses),
         lambda: f"{equal} holds only at some values of {p.args[0]}, not around them")
    return _conclude(p.args[0], equal.right, p.args[2], p.args[3], premise.hypotheses, equation.hypotheses)


@rule
def V_result(premise: Theorem, equation: Theorem) -> Sequent:
    "Γ |- V[X -> e](G) = H   Δ |- H = H'  /  Γ, Δ |- V[X -> e](G) = H'     G not in Δ"
    p, equal = _pullback(premise), equation_of(equation)
    need(equal.left is p.args[3], lambda: f"the result is {p.args[3]}, the equation rewrites {equal.left}")
    return _conclude(p.args[0], p.args[1], p.args[2], equal.right, premise.hypotheses, equation.hypotheses)


@rule
def jacobian(premise: Theorem) -> Sequent:
    "V[v -> e](G) = Jᵀ G  /  D[v -> e] = J     v, e columns; G not in J"
    p = _pullback(premise)
    v, e, G, result = p.args
    factors: tuple[Any, ...] = result.args if isinstance(result, MatrixProduct) else ()
    need(len(factors) == 2 and isinstance(factors[0], Transpose) and factors[1] is G and G not in factors[0].free,
         lambda: f"expected a pullback of the form Jᵀ {G}, got {result}")
    return Sequent(Jacobian(v, e, factors[0].args[0]), premise.hypotheses)


@rule
def V_of_jacobian(premise: Theorem, G: Variable) -> Sequent:
    "D[v -> e] = J  /  V[v -> e](G) = Jᵀ G"
    need(isinstance(premise.conclusion, Jacobian), lambda: f"expected a Jacobian, got {premise.conclusion}")
    v, e, J = premise.conclusion.args
    return _conclude(v, e, G, MatrixProduct(Transpose(J), G), premise.hypotheses)


def _named_function(premise: Theorem) -> tuple[Pullback, FunctionAt]:
    p = _pullback(premise)
    X, value = p.args[:2]
    need(isinstance(value, Apply) and value.arguments == (X,), lambda: f"{value} is not a named function at {X} alone")
    return p, value.function


@rule
def gradient_at(premise: Theorem, point: Term) -> Sequent:
    "Γ(X) |- V[X -> f(X)](G) = H(X, G)  /  Γ(p) |- ∇f(p) = H(p, 1)     f a named scalar function"
    p, f = _named_function(premise)
    X, _, G, result = p.args
    point = as_term(point)
    hypotheses = _at_point(premise, X, point)
    return Sequent(Equal(Gradient(f, point), substitute(result, {X: point, G: Number(1)})), hypotheses)


@rule
def differentiable_at(premise: Theorem, point: Term) -> Sequent:
    "Γ(X) |- V[X -> f(X)](G) = H  /  Γ(p) |- f is differentiable at p"
    p, f = _named_function(premise)
    point = as_term(point)
    return Sequent(Differentiable(f, point), _at_point(premise, p.args[0], point))


def _at_point(premise: Theorem, X: Variable, point: Term) -> list[Statement]:
    """The hypotheses of a judgement read at a point: none of them may itself be a judgement."""
    need(not any(isinstance(h, (Jacobian, Pullback)) for h in premise.hypotheses),
         "a derivative judgement among the hypotheses cannot be read at a point")
    return [substitute(h, {X: point}) for h in premise.hypotheses]
