"""Derivatives: every operation states how it pulls a cotangent back; composition puts the next cotangent in.

V[X -> e](G) = H says that X -> e is Fréchet differentiable at X and ⟨G, de⟩ = ⟨H, dX⟩ for every G (reverse-mode
differentiation; Giles 2008, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation"). The Jacobian form and the gradient of a named function follow from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import KernelError
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
from .stated import stated
from .statements import Condition, Differentiable, Equal, Jacobian, Nonzero, Pullback, Statement
from .theorem import Fact, Sequent, Theorem, need, rule

__all__ = ["V_compose", "V_constant", "V_finite_sum", "V_of_jacobian", "V_operation", "V_result", "V_rewrite",
           "V_variable", "differentiable", "gradient", "jacobian_of"]


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
def V_operation(operation: str, parameters: tuple[Any, ...], premises: tuple[Theorem, ...], G: Variable) -> Sequent:
    """V[X -> e_i](K_i) = J_i(K_i), …  /  V[X -> op(e_1, …)](G) = Σ_i J_i(H_i(G))     the H_i of the operation:

    Sum G, …; MatrixProduct G Bᵀ, Aᵀ G; Scaled ⟨G, A⟩, s G; Hadamard G ⊙ B, A ⊙ G; Inner G B, G A; Transpose Gᵀ;
    Diagonal (G ⊙ I) 1; Quotient G/b, -(a/(b b)) G if b ≠ 0; Power k s^(k-1) G if 1 <= k; Elementwise f'(e) ⊙ G and
    Apply G ∇f(e) if f is differentiable there, or as stated of f
    """
    need(operation in _OPERATIONS, lambda: f"no operation {operation}: {', '.join(_OPERATIONS)}")
    judged = [_pullback(p) for p in premises]
    need(judged and all(p.args[0] is judged[0].args[0] for p in judged), "one variable throughout")
    try:
        value, cotangents, conditions = _OPERATIONS[operation](G, *(p.args[1] for p in judged), *parameters)
    except TypeError as error:
        raise KernelError(f"{operation} of {len(judged)} parts with {len(parameters)} parameters: {error}") from None
    need(len(cotangents) == len(judged), lambda: f"{operation} takes {len(cotangents)} parts, got {len(judged)}")
    made = _conclude(judged[0].args[0], value, G, Sum(*(_with(p, K) for p, K in zip(judged, cotangents, strict=True))),
                     *(p.hypotheses for p in premises), frozenset(conditions))
    return Sequent(made.conclusion, made.hypotheses, _facts(operation, parameters))


_Pulled = tuple[Term, tuple[Any, ...], tuple[Statement, ...]]              # the value, a cotangent for each part, where


def _scaled(G: Term, s: Term, A: Term) -> _Pulled:
    need(s.is_scalar_term, lambda: f"{s} is no scalar")
    return Scaled(s, A), (Inner(G, A), Scaled(s, G)), ()


def _power(G: Term, s: Term, k: Any) -> _Pulled:
    k = index_expression(k)
    return Power(s, k), (Scaled(Count(k), Power(s, k - 1), G),), (Condition(k - 1),)


def _elementwise(G: Term, x: Term, f: ElementwiseFunction) -> _Pulled:
    return Elementwise(f, x), (Hadamard(Elementwise(f.prime, x), G),), (Differentiable(f, x),)


def _apply(G: Term, *parts: Any) -> _Pulled:
    *x, f = parts
    need(isinstance(f, FunctionAt), lambda: f"expected a function, got {f}")
    value = Apply(f, *x)
    known = stated(f.name)
    if known is None:
        need(len(x) == 1, lambda: f"{f} has {len(x)} arguments: a gradient is of a function of one")
        return value, (Scaled(G, Gradient(f, x[0])),), (Differentiable(f, x[0]),)
    at: dict[Any, Any] = dict(zip(known.value.function.indices, f.indices, strict=True))
    at |= dict(zip(known.value.arguments, x, strict=True))
    return (value, tuple(substitute(H, at | {known.cotangent: G}) for H in known.results),
            tuple(substitute(h, at) for h in known.where))


#: how an operation pulls a cotangent G back to its parts
_OPERATIONS: dict[str, Callable[..., _Pulled]] = {
    "Sum": lambda G, *e: (Sum(*e), (G,) * len(e), ()),
    "MatrixProduct": lambda G, A, B: (MatrixProduct(A, B), (MatrixProduct(G, Transpose(B)), MatrixProduct(Transpose(A), G)), ()),
    "Scaled": _scaled,
    "Hadamard": lambda G, A, B: (Hadamard(A, B), (Hadamard(G, B), Hadamard(A, G)), ()),
    "Inner": lambda G, A, B: (Inner(A, B), (Scaled(G, B), Scaled(G, A)), ()),
    "Quotient": lambda G, a, b: (
        Quotient(a, b), (Quotient(G, b), Scaled(Number(-1), Quotient(a, Scaled(b, b)), G)), (Nonzero(b),)),
    "Power": _power,
    "Transpose": lambda G, A: (Transpose(A), (Transpose(G),), ()),
    "Diagonal": lambda G, x: (Diagonal(x), (MatrixProduct(Hadamard(G, Identity(x.rows)), Ones(x.rows)),), ()),
    "Elementwise": _elementwise,
    "Apply": _apply,
}


def _facts(operation: str, parameters: tuple[Any, ...]) -> tuple[Fact, ...]:
    """What was stated of a function that no definition explains."""
    known = stated(parameters[0].name) if operation == "Apply" else None
    if known is None:
        return ()
    said = [str(Pullback(x, known.value, known.cotangent, H))
            for x, H in zip(known.value.arguments, known.results, strict=True)]
    return (Fact("definition", f"{parameters[0].name}, stated: {'; '.join(said)}"),)


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
def jacobian_of(premise: Theorem, J: Term) -> Sequent:
    "V[v -> e](G) = Jᵀ G  /  D[v -> e] = J     v, e columns; G not in J"
    v, e, G, result = _pullback(premise).args
    need(result is MatrixProduct(Transpose(J), G) and G not in J.free,
         lambda: f"expected the pullback Jᵀ {G} with J = {J}, got {result}")
    return Sequent(Jacobian(v, e, J), premise.hypotheses)


@rule
def V_of_jacobian(premise: Theorem, G: Variable) -> Sequent:
    "D[v -> e] = J  /  V[v -> e](G) = Jᵀ G"
    need(isinstance(premise.conclusion, Jacobian), lambda: f"expected a Jacobian, got {premise.conclusion}")
    v, e, J = premise.conclusion.args
    return _conclude(v, e, G, MatrixProduct(Transpose(J), G), premise.hypotheses)


def _function_of(premise: Theorem) -> tuple[FunctionAt, Variable]:
    """The f and X of a judgement V[X -> f(X)]. A hypothesis that is itself a judgement would not be about f at X."""
    p = _pullback(premise)
    X, value = p.args[:2]
    need(isinstance(value, Apply) and value.arguments == (X,), lambda: f"{value} is not a named function at {X} alone")
    need(not any(isinstance(h, (Jacobian, Pullback)) for h in premise.hypotheses),
         "a derivative judgement among the hypotheses cannot be read at a point")
    return value.function, X


@rule
def gradient(premise: Theorem) -> Sequent:
    "Γ |- V[X -> f(X)](G) = H(G)  /  Γ |- ∇f(X) = H(1)     f a named scalar function"
    f, X = _function_of(premise)
    return Sequent(Equal(Gradient(f, X), _with(_pullback(premise), Number(1))), premise.hypotheses)


@rule
def differentiable(premise: Theorem) -> Sequent:
    "Γ |- V[X -> f(X)](G) = H  /  Γ |- f is differentiable at X"
    return Sequent(Differentiable(*_function_of(premise)), premise.hypotheses)
