"""The reverse sweep as a tactic: the pullback, Jacobian or gradient of any formula, as a theorem.

Each part of a formula is differentiated once (formulas are shared), by the kernel's rule for its operation, and the
results are tidied by `algebra`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Integer

from ..errors import SymgradError
from ..kernel import derivative as rules
from ..kernel.algebra import algebra
from ..kernel.equality import congruence, symmetric, transitive
from ..kernel.normal_form import normal_term
from ..kernel.stated import stated
from ..kernel.statements import Jacobian
from ..kernel.theorem import Theorem
from ..operations.record import admitted
from ..terms.algebra import (
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
from ..terms.named import Apply, Elementwise, FunctionAt, Gradient, Variable
from ..terms.node import Node, open_with_index, transform
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import Inner, Norm, Power, Quotient
from . import derived
from .derived_norms import square_of_norm
from .matching import fresh_variable

__all__ = ["chain_rule", "compose", "derivative", "differentiable", "gradient_of", "pullback", "restated", "tidy"]


def pullback(formula: Term, by: Variable) -> Theorem:
    """V[X -> formula](G) = H with H tidied.

    Raises SymgradError when an operation of the formula states no pullback.
    """
    formula = as_term(formula)
    if not isinstance(by, Variable):
        raise SymgradError(f"a formula is differentiated by a Variable, got {by!r}: v = Variable(\"v\", n)")
    return _tidied(_pullback(formula, by, {}))


def derivative(formula: Term, by: Variable) -> Theorem:
    """D[v -> formula] = J, for columns.

    >>> from symgrad.networks.dense import L, b, l, sigma, v, w
    >>> print(derivative(w[l+1] @ sigma[l](v) + b[l+1], by=v).conclusion)
    D[v ↦ w^{l+1} σ_l(v) + b^{l+1}] = w^{l+1} Σ'_l(v)
    """
    judged = pullback(formula, by)
    _, _, cotangent, result = judged.conclusion.args
    try:
        adjoint = _adjoint(result, cotangent)
    except SymgradError as why:
        try:                                                # a diagonal of an outer product is a product entry by entry
            adjoint = _adjoint(tidy(normal_term(result)), cotangent)
        except SymgradError:
            raise SymgradError(f"{why}, so the Jacobian has no formula here; pullback(f, x) gives the map G ↦ Jᵀ G") from None
    J = tidy(Transpose(adjoint))
    goal = MatrixProduct(Transpose(J), cotangent)
    return derived.jacobian(rules.V_result(judged, algebra(result, goal)))


def gradient_of(function: FunctionAt, recurrence: Theorem, at: Term) -> Theorem:
    """∇f(p) = …, from the equation f(v) = e that says what f is."""
    found = derived.gradient_at(_named(function, recurrence), at)
    short = tidy(found.right)
    return found if short is found.right else transitive(found, algebra(found.right, short))


def chain_rule(recurrence: Theorem, inner: Theorem | None = None) -> Theorem:
    """∇f(v) = …, at the variable v of the equation f(v) = e that says what f is.

    With `inner`, a theorem D[v -> u] = J about the u in f(v) = g(u): ∇f(v) = Jᵀ ∇g(u).
    """
    left = recurrence.left
    if inner is None:
        return gradient_of(left.function, recurrence, left.arguments[0])
    value = recurrence.right
    if not isinstance(value, Apply) or not isinstance(inner.conclusion, Jacobian) or value.arguments != (
            inner.conclusion.args[1],):
        raise SymgradError(f"expected D[v -> u] = J for the argument u of {value}, got {inner}")
    G = fresh_variable("G", value.shape, (value,))
    K = fresh_variable("K", value.arguments[0].shape, (inner.conclusion,))
    judged = _tidied(rules.V_operation("Apply", (value.function,), (rules.V_of_jacobian(inner, K),), G))
    pulled = MatrixProduct(Transpose(inner.conclusion.args[2]), Scaled(G, Gradient(value.function, value.arguments[0])))
    judged = rules.V_result(judged, algebra(judged.conclusion.args[3], pulled))
    found = derived.gradient_at(rules.V_rewrite(judged, symmetric(recurrence)), left.arguments[0])
    short = MatrixProduct(*pulled.args[:-1], pulled.args[-1].args[-1])
    return transitive(found, algebra(found.right, short))


def compose(outer: Theorem, inner: Theorem) -> Theorem:
    """The chain rule for Jacobians: from D[u -> g(u)] = J(u) and D[v -> e] = K, D[v -> g(e)] = J(e) K."""
    U, g, J = outer.conclusion.args
    _, e, K = inner.conclusion.args
    G = fresh_variable("G", g.shape, (outer.conclusion, inner.conclusion))
    inside = rules.V_of_jacobian(inner, fresh_variable("K", e.shape, (e, G)))
    judged = rules.V_compose(rules.V_of_jacobian(outer, G), inside)
    result = MatrixProduct(Transpose(MatrixProduct(J.at({U: e}), K)), G)
    return derived.jacobian(rules.V_result(judged, algebra(judged.conclusion.args[3], result)))


def restated(judgement: Theorem, function: Theorem | None = None, result: Theorem | None = None) -> Theorem:
    """D[v -> e] = J with e or J replaced: e by an equation e = e', J by an equation J = J'."""
    _, e, J = judgement.conclusion.args
    G = fresh_variable("G", e.shape, (judgement.conclusion,))
    judged = rules.V_of_jacobian(judgement, G)
    if function is not None:
        judged = rules.V_rewrite(judged, function)
    if result is not None:
        hole = fresh_variable("J", J.shape, (judgement.conclusion, G))
        judged = rules.V_result(judged, congruence(MatrixProduct(Transpose(hole), G), hole, result))
    return derived.jacobian(judged)


def differentiable(function: FunctionAt, recurrence: Theorem, at: Term) -> Theorem:
    """f is differentiable at p, from the equation f(v) = e that says what f is."""
    return derived.differentiable_at(_named(function, recurrence), at)


def _named(function: FunctionAt, recurrence: Theorem) -> Theorem:
    left = recurrence.left
    if not isinstance(left, Apply) or left.function is not function:
        raise SymgradError(f"expected an equation for {function}, got {recurrence}")
    return rules.V_rewrite(pullback(recurrence.right, left.arguments[0]), symmetric(recurrence))


# ---------------------------------------------------------------- the sweep

def _pullback(e: Term, X: Variable, done: dict[Term, Theorem]) -> Theorem:
    found = done.get(e)
    if found is None:
        found = done[e] = _one(e, X, done)
    return found


def _cotangent(e: Term, X: Variable) -> Variable:
    return fresh_variable("G", e.shape, (e, X))


def _one(e: Term, X: Variable, done: dict[Term, Theorem]) -> Theorem:
    G = _cotangent(e, X)
    if e is X:
        return rules.V_variable(X, G)
    if X not in e.free:
        return rules.V_constant(X, e, G)
    rule = _RULES.get(type(e))
    if rule is None:
        raise SymgradError(f"{type(e).__name__} states no pullback: {e} cannot be differentiated by {X}{_HINTS.get(type(e), '')}")
    return rule(e, X, G, lambda part: _pullback(part, X, done))


def _pairs(rule: Callable[..., Theorem]) -> Callable[..., Theorem]:
    """n-ary products, two factors at a time."""
    def make(e: Term, X: Variable, G: Variable, sub: Callable[[Term], Theorem]) -> Theorem:
        first, *rest = e.args
        last = type(e)(*rest)
        return rule(sub(first), sub(last), G)
    return make


def _sum(e: Term, X: Variable, G: Variable, sub: Callable[[Term], Theorem]) -> Theorem:
    return rules.V_operation("Sum", (), tuple(map(sub, e.args)), G)


def _with_cotangent(judged: Theorem, part: Term, G: Variable) -> Theorem:
    """A judgement about `part`, its cotangent called G."""
    if judged.conclusion.args[2] is G:
        return judged
    U = fresh_variable("U", part.shape, (part, G))
    return rules.V_compose(rules.V_variable(U, G), judged)


def _elementwise(e: Elementwise, X: Variable, G: Variable, sub: Callable[[Term], Theorem]) -> Theorem:
    return rules.V_operation("Elementwise", (e.function,), (sub(e.argument),), G)


def _apply(e: Apply, X: Variable, G: Variable, sub: Callable[[Term], Theorem]) -> Theorem:
    operation = admitted(e.function.name) if stated(e.function.name) is None else None
    if operation is not None:                                   # it is a formula: that is what is differentiated
        meaning = operation.meaning(e)
        return rules.V_rewrite(_with_cotangent(sub(meaning.right), meaning.right, G), symmetric(meaning))
    if len(e.arguments) != 1 and stated(e.function.name) is None:
        raise SymgradError(f"{e.function} has {len(e.arguments)} arguments, no formula and no stated pullback: "
                           "make it an Operation")
    return rules.V_operation("Apply", (e.function,), tuple(map(sub, e.arguments)), G)


def _power(e: Power, X: Variable, G: Variable, sub: Callable[[Term], Theorem]) -> Theorem:
    if isinstance(e.base, Norm) and e.exponent == 2:
        square = square_of_norm(*e.base.args)
        return rules.V_rewrite(sub(square.right), symmetric(square))
    return derived.V_power(sub(e.base), e.exponent, G)


def _finite_sum(e: FiniteSum, X: Variable, G: Variable, sub: Callable[[Term], Theorem]) -> Theorem:
    index, body = open_with_index(e)
    return rules.V_finite_sum(_with_cotangent(sub(body), body, G), index, e.low, e.high)


#: what to try where no rule serves
_HINTS: dict[type, str] = {
    Norm: "; take its square, the norm of symgrad.matrices, or an Operation with a stated pullback",
    OrderedProduct: "; over numbers it is a product of factors; layers of a symbolic depth are those of sg.dense('L')",
}


_RULES: dict[type, Callable[..., Theorem]] = {
    MatrixProduct: _pairs(derived.V_product),
    Scaled: _pairs(derived.V_scaled),
    Hadamard: _pairs(derived.V_hadamard),
    Sum: _sum,
    FiniteSum: _finite_sum,
    Transpose: lambda e, X, G, sub: derived.V_transpose(sub(e.args[0]), G),
    Diagonal: lambda e, X, G, sub: derived.V_diagonal(sub(e.args[0]), G),
    Inner: lambda e, X, G, sub: derived.V_inner(sub(e.args[0]), sub(e.args[1]), G),
    Quotient: lambda e, X, G, sub: derived.V_quotient(sub(e.args[0]), sub(e.args[1]), G),
    Power: _power,
    Elementwise: _elementwise,
    Apply: _apply,
}


# ---------------------------------------------------------------- tidying

def _tidied(judged: Theorem) -> Theorem:
    result = judged.conclusion.args[3]
    short = tidy(result)
    return judged if short is result else rules.V_result(judged, algebra(result, short))


def tidy(term: Term) -> Term:
    """A shorter term that `algebra` makes equal: zeros, identities, ones and double transposes removed."""
    return transform(term, _shorter)


def _shorter(node: Node) -> Node:
    if isinstance(node, Sum):
        kept = [part for part in node.args if not _is_zero(part)]
        if len(kept) == 2 and kept[0] is kept[1]:
            return _shorter(Scaled(2, kept[0]))
        return Sum(*kept) if kept else node.args[0]
    if isinstance(node, Hadamard) and node.is_scalar_term:
        node = Scaled(*node.args)
    if isinstance(node, (MatrixProduct, Scaled, Hadamard)):
        return _shorter_product(node)
    if isinstance(node, Transpose):
        inside = node.args[0]
        if isinstance(inside, Transpose):
            return inside.args[0]
        if isinstance(inside, (Diagonal, Identity)) or inside.is_scalar_term:
            return inside
        if isinstance(inside, Zero):
            return Zero(*node.shape)
        if isinstance(inside, MatrixProduct):
            return MatrixProduct(*(_shorter(Transpose(factor)) for factor in reversed(inside.args)))
        if isinstance(inside, Scaled):
            return Scaled(*inside.args[:-1], _shorter(Transpose(inside.args[-1])))
    if isinstance(node, Inner) and node.args[0].is_scalar_term:
        return _shorter(Scaled(*node.args))
    if isinstance(node, Power) and node.exponent == 1:
        return node.base
    return node


def _is_zero(part: Any) -> bool:
    return isinstance(part, Zero) or part is Number(0)


def _shorter_product(node: Term) -> Term:
    if any(map(_is_zero, node.args)):
        return Number(0) if node.is_scalar_term else Zero(*node.shape)
    unit = {MatrixProduct: Identity, Hadamard: Ones}.get(type(node))
    kept = [part for part in node.args if not (isinstance(part, unit) if unit else part is Number(1))]
    if isinstance(node, Scaled):
        numbers = [part for part in kept if isinstance(part, Number) and part.value.is_Rational]
        if len(numbers) > 1:                                # roots stay as they are written: `algebra` does not multiply them
            product = Integer(1)
            for part in numbers:
                product *= part.value
            kept = [*([] if product == 1 else [Number(product)]), *(p for p in kept if p not in numbers)]
        if not kept:
            return Number(1)
    if isinstance(node, (MatrixProduct, Hadamard)) and any(isinstance(part, Scaled) for part in kept):
        scalars = [s for part in kept if isinstance(part, Scaled) for s in part.args[:-1]]
        cores = [part.args[-1] if isinstance(part, Scaled) else part for part in kept]
        return _shorter(Scaled(*scalars, _shorter(type(node)(*cores))))
    if isinstance(node, MatrixProduct) and len(kept) == 2 and all(p.is_scalar_term for p in kept):
        return _shorter(Scaled(*kept))
    return type(node)(*kept) if kept else node.args[0]


def _adjoint(result: Term, G: Variable) -> Term:
    """The matrix M with result = M G, for a column linear in G."""
    if result is G:
        return Identity(G.rows)
    if G not in result.free:
        if _is_zero(result):
            return Zero(result.rows, G.rows)
    elif isinstance(result, Sum):
        return Sum(*(_adjoint(part, G) for part in result.args))
    elif isinstance(result, MatrixProduct) and not any(G in factor.free for factor in result.args[:-1]):
        return MatrixProduct(*result.args[:-1], _adjoint(result.args[-1], G))
    elif isinstance(result, Hadamard):
        (moving,) = (part for part in result.args if G in part.free)
        return MatrixProduct(Diagonal(Hadamard(*(p for p in result.args if p is not moving))), _adjoint(moving, G))
    elif isinstance(result, Scaled) and result.args[0] is G:
        return Scaled(*result.args[1:])
    elif isinstance(result, Scaled) and not any(G in factor.free for factor in result.args[:-1]):
        return Scaled(*result.args[:-1], _adjoint(result.args[-1], G))
    elif isinstance(result, (Scaled, MatrixProduct)) and G.is_scalar_term:
        return tidy(result.at({G: Number(1)}))
    elif isinstance(result, Scaled):
        return _adjoint_of_scale(result, G)
    elif isinstance(result, Inner) and G not in result.args[0].free and result.args[0].columns == 1:
        return MatrixProduct(Transpose(result.args[0]), _adjoint(result.args[1], G))
    elif isinstance(result, Inner) and G not in result.args[1].free and result.args[0].columns == 1:
        return MatrixProduct(Transpose(result.args[1]), _adjoint(result.args[0], G))
    elif isinstance(result, Quotient) and G not in result.args[1].free:
        return Scaled(Quotient(1, result.args[1]), _adjoint(result.args[0], G))
    elif isinstance(result, MatrixProduct):
        return _adjoint_inside(result, G)
    elif isinstance(result, FiniteSum):
        index, body = open_with_index(result)
        return FiniteSum(index, result.low, result.high, _adjoint(body, G))
    raise SymgradError(f"{result} is not of the form Jᵀ {G}")


def _adjoint_of_scale(result: Scaled, G: Variable) -> Term:
    """A vector times scalars, one of which is linear in G: v ⟨c, G⟩ = v cᵀ G."""
    moving = [part for part in result.args if G in part.free]
    if len(moving) != 1 or not moving[0].is_scalar_term:
        raise SymgradError(f"{result} is not linear in {G}")
    rest = Scaled(*(part for part in result.args if part is not moving[0]))
    row = _adjoint(moving[0], G)
    return Scaled(rest, row) if rest.is_scalar_term else MatrixProduct(rest, row)


def _adjoint_inside(result: MatrixProduct, G: Variable) -> Term:
    """A product with G in a factor that another column follows: A diag(e) b = A diag(b) e, u eᵀ b = u bᵀ e."""
    places = [i for i, factor in enumerate(result.args) if G in factor.free]
    if len(places) == 1 and result.columns == 1:
        (at,) = places
        before, moving, after = result.args[:at], result.args[at], result.args[at + 1:]
        column = MatrixProduct(*after) if after else None
        if column is not None and column.is_scalar_term and moving.columns == 1:
            return Scaled(column, _adjoint(MatrixProduct(*before, moving), G))
        if moving.is_scalar_term and column is not None:
            return MatrixProduct(*before, _adjoint(moving, G)) if column is Number(1) else Scaled(
                column, MatrixProduct(*before, _adjoint(moving, G)))
        if isinstance(moving, Transpose) and column is not None and moving.args[0].columns == 1:
            return MatrixProduct(*before, Transpose(column), _adjoint(moving.args[0], G))
        if isinstance(moving, Diagonal) and column is not None:
            return MatrixProduct(*before, Diagonal(column), _adjoint(moving.args[0], G))
    raise SymgradError(f"{result} is not of the form Jᵀ {G}")


