"""Derived rules: steps that the kernel does not have because its rules give them.

Nothing here is trusted. Each function is called as a rule is, and what it returns was made by rules of the kernel.
`DERIVED` lists them by name, so that the tests try to refute them as they do the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import combinations
from typing import Any, TypeVar

from sympy import Integer

from ..errors import KernelError
from ..kernel import derivative, logic, norms, order
from ..kernel.algebra import algebra
from ..kernel.equality import congruence, transitive
from ..kernel.indices import implied
from ..kernel.statements import Condition, Equal, ForAll, Less, LessEqual, Statement
from ..kernel.theorem import Theorem, need
from ..terms.algebra import Count, MatrixProduct, Number, Scaled, Sum, Term, Transpose, Zero, as_term
from ..terms.index import Index
from ..terms.named import ElementwiseFunction, FunctionAt, Variable
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import Inner, Maximum, Minimum, Norm, Power, Quotient
from .matching import fresh_variable

__all__ = ["DERIVED", "V_apply", "V_diagonal", "V_elementwise", "V_hadamard", "V_inner", "V_power", "V_product",
           "V_quotient", "V_scaled", "V_stated", "V_sum", "V_transpose", "bound_is_nonnegative", "count_is_nonnegative",
           "derived_rule", "difference", "differentiable_at", "discharge", "drop", "equal_to_le", "exhaust",
           "gradient_at", "increase", "induction_down", "induction_up", "jacobian", "less_to_le", "nonnegative",
           "norm_of_zero", "redundant"]

_F = TypeVar("_F", bound=Callable[..., Theorem])

#: every derived rule by name
DERIVED: dict[str, Callable[..., Theorem]] = {}


def derived_rule(function: _F) -> _F:
    """List a derived rule in the table."""
    DERIVED[function.__name__] = function
    return function


# ---------------------------------------------------------------- logic

@derived_rule
def drop(theorem: Theorem) -> Theorem:
    "Γ, 0 <= e |- φ  /  Γ |- φ     for every condition that follows from the others"
    return discharge(theorem, redundant(theorem.hypotheses))


@derived_rule
def discharge(theorem: Theorem, conditions: tuple[Condition, ...]) -> Theorem:
    "Γ, 0 <= e, … |- φ  /  Γ |- φ     conditions that follow, one after another, from the hypotheses that are left"
    left = [h for h in theorem.hypotheses if isinstance(h, Condition)]
    for one in conditions:
        left = [h for h in left if h is not one]
        if one in theorem.hypotheses:
            theorem = logic.cut(theorem, _following(one, frozenset(left)))
    return theorem


@lru_cache(maxsize=4096)
def _following(condition: Condition, known: frozenset[Condition]) -> Theorem:
    """0 <= e, from no more of the known conditions than are needed, which are at most three."""
    choices = (chosen for size in range(4) for chosen in combinations(sorted(known, key=str), size))
    needed = next((c for c in choices if implied(condition.expression, [h.expression for h in c])), ())
    return _arithmetic(condition, needed)


_arithmetic = lru_cache(maxsize=4096)(logic.arithmetic)           # one theorem, whatever else is known


@derived_rule
def exhaust(statement: ForAll, instances: tuple[Theorem, ...]) -> Theorem:
    "φ(low), …, φ(high)  /  ∀ r, low <= r <= high: φ(r)     low and high integers"
    need(isinstance(statement, ForAll) and statement.args[1].is_Integer and statement.args[2].is_Integer,
         lambda: f"expected a statement over a range of integers, got {statement}")
    low, high = int(statement.args[1]), int(statement.args[2])
    need(len(instances) == high - low + 1, lambda: f"expected one theorem for each index of {statement}")
    taken = statement.free.union(*(t.free for t in instances))
    r = next(index for index in (Index(f"r_{k}") for k in range(99)) if index not in taken)
    claim = statement.body_at(r)
    found = logic.arithmetic(claim, (Condition(r - high - 1), Condition(high - r)))          # beyond the range
    for k, instance in zip(range(high, low - 1, -1), reversed(instances), strict=True):
        beyond = logic.arithmetic(claim, (Condition(r - k - 1), Condition(k - r)))
        found = logic.cases(logic.induction(instance, beyond, r, k, k, False), found, k - r)
    return logic.generalise(found, r, low, high)


def redundant(hypotheses: Iterable[Statement]) -> tuple[Condition, ...]:
    """The conditions that follow, one after another, from the hypotheses that are left: the longest first."""
    found = [h for h in hypotheses if isinstance(h, Condition)]
    drops = [one for one in found if implied(one.expression, [h.expression for h in found if h is not one])]
    gone: list[Condition] = []
    for one in sorted(drops, key=_longest_first):
        if implied(one.expression, [h.expression for h in found if h is not one and h not in gone]):
            gone.append(one)
    return tuple(gone)


@lru_cache(maxsize=4096)
def _longest_first(condition: Condition) -> tuple[int, str]:
    written = str(condition.expression)
    return -len(written), written


@derived_rule
def induction_down(base: Theorem, step: Theorem, index: Index, low: Any, high: Any) -> Theorem:
    "Γ |- φ(high)   Γ, φ(l+1), low <= l, l < high |- φ(l)  /  Γ, low <= l, l <= high |- φ(l)     l not in Γ"
    return logic.induction(base, step, index, low, high, True)


@derived_rule
def induction_up(base: Theorem, step: Theorem, index: Index, low: Any, high: Any) -> Theorem:
    "Γ |- φ(low)   Γ, φ(l-1), low < l, l <= high |- φ(l)  /  Γ, low <= l, l <= high |- φ(l)     l not in Γ"
    return logic.induction(base, step, index, low, high, False)


# ---------------------------------------------------------------- order and norms

@derived_rule
def equal_to_le(theorem: Theorem) -> Theorem:
    "a = b  /  a <= b"
    need(isinstance(theorem.conclusion, Equal), lambda: f"expected an equation, got {theorem.conclusion}")
    return order.at_most(theorem)


@derived_rule
def less_to_le(theorem: Theorem) -> Theorem:
    "a < b  /  a <= b"
    need(isinstance(theorem.conclusion, Less), lambda: f"expected a < b, got {theorem.conclusion}")
    return order.at_most(theorem)


@derived_rule
def count_is_nonnegative(value: Any) -> Theorem:
    "0 <= e |- 0 <= e     the index expression e read as a scalar"
    return order.sign(Count(value))


@derived_rule
def nonnegative(term: Term, *premises: Theorem) -> Theorem:
    """0 <= s_i  /  0 <= t     t built from s_i, norms, |s| and numbers >= 0 by sum, product, power, quotient

    A premise may be (∀ r, low <= r <= high: 0 <= s_r): it holds inside products and sums over that range.
    """
    term = as_term(term)
    for premise in premises:
        if order.is_sign(premise.conclusion) and premise.right is term:
            return premise if isinstance(premise.conclusion, LessEqual) else order.at_most(premise)
    if isinstance(term, (Sum, Scaled, Quotient, Minimum)):
        return order.sign(term, *(nonnegative(part, *premises) for part in dict.fromkeys(term.args)))
    if isinstance(term, Maximum):
        return _one_sign(term, premises)
    if isinstance(term, Inner) and term.args[0] is term.args[1]:
        square = norms.frobenius_square(term.args[0])
        return transitive(order.sign(square.left), square)
    if isinstance(term, Power) and not (isinstance(term.exponent, Integer) and term.exponent % 2 == 0):
        return order.sign(term, nonnegative(term.base, *premises))
    if isinstance(term, (OrderedProduct, FiniteSum)):
        r = next(index for index in (Index(f"r_{k}") for k in range(99))
                 if not any(index in t.free for t in (term, *(p for p in premises))))
        inside = [logic.specialise(p, r) for p in premises
                  if isinstance(p.conclusion, ForAll) and p.conclusion.args[1:3] == term.args[1:3]]
        every = logic.generalise(nonnegative(term.body_at(r), *inside, *premises), r, term.low, term.high)
        return order.sign(term, every)
    found = order.sign(term)
    need(not found.hypotheses, lambda: f"the sign of {term} is open")
    return found


def _one_sign(term: Maximum, premises: tuple[Theorem, ...]) -> Theorem:
    """0 <= s_i <= max(s_1, …), for the first part with a sign."""
    for place, part in enumerate(term.args):
        try:
            return transitive(nonnegative(part, *premises), order.between_extremes(term, place))
        except KernelError:
            continue
    raise KernelError(f"the sign of {term} is open")


@derived_rule
def increase(template: Term, hole: Variable, theorem: Theorem, signs: tuple[Theorem, ...]) -> Theorem:
    "Γ |- a <= b   0 <= s_i  /  T[a] <= T[b]     T grows: sums; products and powers of what is not negative"
    need(isinstance(theorem.conclusion, (LessEqual, Less)), lambda: f"expected an inequality, got {theorem.conclusion}")
    if template is hole:
        return theorem
    inside = [part for part in template.args if isinstance(part, Term) and hole in part.free]
    need(len(inside) == 1, lambda: f"the hole must stand once in {template}")
    inner = increase(inside[0], hole, theorem, signs)
    here = hole if inside[0] is hole else fresh_variable("part", inside[0].shape, (template, inner.conclusion))
    outer = template.rebuild(tuple(here if part is inside[0] else part for part in template.args))
    if isinstance(outer, Quotient) and outer.args[0] is here:
        return _divided(inner, nonnegative(outer.args[1], *signs))
    rest = [part for part in outer.args if part is not here] if isinstance(outer, Scaled) else (
        [inner.left] if isinstance(outer, Power) else [])
    return order.monotone(outer, here, inner, tuple(nonnegative(part, *signs) for part in dict.fromkeys(rest)))


def _divided(theorem: Theorem, sign: Theorem) -> Theorem:
    "a <= b   0 <= s  /  a/s <= b/s"
    theorem = order.at_most(theorem) if isinstance(theorem.conclusion, Less) else theorem
    found = logic.instantiate(_quotients(), ((_a, theorem.left), (_b, theorem.right), (_s, sign.right)))
    for premise in (theorem, sign):
        found = logic.cut(found, premise) if premise.conclusion in found.hypotheses else found
    return found


_a, _b, _s, _part = (Variable(f"any_{name}") for name in ("low", "high", "divisor", "part"))


@lru_cache(maxsize=1)
def _quotients() -> Theorem:
    """a/s = a (1/s) <= b (1/s) = b/s."""
    inverse = Quotient(1, _s)
    grown = increase(Scaled(_part, inverse), _part, logic.assume(LessEqual(_a, _b)), (logic.assume(LessEqual(0, _s)),))
    return transitive(transitive(algebra(Quotient(_a, _s), grown.left), grown), algebra(grown.right, Quotient(_b, _s)))


@derived_rule
def difference(theorem: Theorem, back: bool) -> Theorem:
    "a <= b  /  0 <= b - a     and, with back, 0 <= b - a  /  a <= b; the same with <"
    relation = theorem.conclusion
    need(isinstance(relation, (Less, LessEqual)), lambda: f"expected an inequality, got {relation}")
    left, right = theorem.left, theorem.right
    hole = fresh_variable("hole", (Number(0).rows, Number(0).rows), (left, right))
    if not back:
        moved = increase(hole - left, hole, theorem, ())
        return transitive(algebra(Number(0), moved.left), moved)
    parts: tuple[Any, ...] = right.args if isinstance(right, Sum) else ()
    need(left is Number(0) and len(parts) == 2 and isinstance(parts[1], Scaled) and parts[1].args[0] is Number(-1),
         lambda: f"expected 0 <= b - a, got {relation}")
    low = Scaled(*parts[1].args[1:])
    moved = increase(hole + low, hole, theorem, ())
    return transitive(transitive(algebra(low, moved.left), moved), algebra(moved.right, parts[0]))


@derived_rule
@lru_cache(maxsize=1024)
def bound_is_nonnegative(function: ElementwiseFunction, bound: Term) -> Theorem:
    "(|f(t)| <= γ for every t) |- 0 <= γ"
    size = norms.bounded_norm(function, as_term(bound), Number(0))
    return transitive(nonnegative(size.left), size)


@derived_rule
def norm_of_zero(rows: Any, columns: Any, kind: Any) -> Theorem:
    "|- ‖0‖ = 0"
    zero = Zero(rows, columns)
    hole = fresh_variable("hole", zero.shape, ())
    scaled = congruence(Norm(hole, kind), hole, algebra(zero, Scaled(Number(0), zero)))
    size = norms.homogeneous(Number(0), zero, kind)
    none = order.absolute_of_nonnegative(nonnegative(Number(0)))
    scalar = fresh_variable("hole", Number(0).shape, ())
    apart = congruence(Scaled(scalar, Norm(zero, kind)), scalar, none)
    return transitive(transitive(transitive(scaled, size), apart), algebra(apart.right, Number(0)))


# ---------------------------------------------------------------- derivatives

def _operation(name: str, *premises: Theorem, G: Variable, parameters: tuple[Any, ...] = ()) -> Theorem:
    return derivative.V_operation(name, parameters, premises, G)


@derived_rule
def V_sum(*premises: Theorem) -> Theorem:
    "V[X -> e_i](G) = H_i  /  V[X -> Σ e_i](G) = Σ H_i"
    return _operation("Sum", *premises, G=premises[0].conclusion.args[2])


@derived_rule
def V_product(one: Theorem, two: Theorem, G: Variable) -> Theorem:
    "V[X -> A](K) = H(K)   V[X -> B](M) = J(M)  /  V[X -> A B](G) = H(G Bᵀ) + J(Aᵀ G)"
    return _operation("MatrixProduct", one, two, G=G)


@derived_rule
def V_scaled(one: Theorem, two: Theorem, G: Variable) -> Theorem:
    "V[X -> s](K) = H(K)   V[X -> A](M) = J(M)  /  V[X -> s A](G) = H(⟨G, A⟩) + J(s G)     s a scalar"
    return _operation("Scaled", one, two, G=G)


@derived_rule
def V_hadamard(one: Theorem, two: Theorem, G: Variable) -> Theorem:
    "V[X -> A](K) = H(K)   V[X -> B](M) = J(M)  /  V[X -> A ⊙ B](G) = H(G ⊙ B) + J(A ⊙ G)"
    return _operation("Hadamard", one, two, G=G)


@derived_rule
def V_inner(one: Theorem, two: Theorem, G: Variable) -> Theorem:
    "V[X -> A](K) = H(K)   V[X -> B](M) = J(M)  /  V[X -> ⟨A, B⟩](G) = H(G B) + J(G A)"
    return _operation("Inner", one, two, G=G)


@derived_rule
def V_quotient(one: Theorem, two: Theorem, G: Variable) -> Theorem:
    "V[X -> a](K) = H(K)   V[X -> b](M) = J(M)  /  b ≠ 0 |- V[X -> a/b](G) = H(G/b) + J(-(a/(b b)) G)"
    return _operation("Quotient", one, two, G=G)


@derived_rule
def V_power(premise: Theorem, exponent: Any, G: Variable) -> Theorem:
    "V[X -> s](K) = H(K)  /  1 <= k |- V[X -> s^k](G) = H(k s^(k-1) G)"
    return _operation("Power", premise, G=G, parameters=(exponent,))


@derived_rule
def V_transpose(premise: Theorem, G: Variable) -> Theorem:
    "V[X -> A](K) = H(K)  /  V[X -> Aᵀ](G) = H(Gᵀ)"
    return _operation("Transpose", premise, G=G)


@derived_rule
def V_diagonal(premise: Theorem, G: Variable) -> Theorem:
    "V[X -> x](K) = H(K)  /  V[X -> diag(x)](G) = H((G ⊙ I) 1)"
    return _operation("Diagonal", premise, G=G)


@derived_rule
def V_elementwise(X: Variable, f: ElementwiseFunction, G: Variable) -> Theorem:
    "f differentiable at every entry of X |- V[X -> f(X)](G) = f'(X) ⊙ G"
    return _operation("Elementwise", derivative.V_variable(X, G), G=G, parameters=(f,))


@derived_rule
def V_apply(X: Variable, f: FunctionAt, G: Variable) -> Theorem:
    "f differentiable at X |- V[X -> f(X)](G) = G ∇f(X)     f a named scalar function"
    K = fresh_variable("K", X.shape, (X, G))
    return _operation("Apply", derivative.V_variable(X, K), G=G, parameters=(f,))


@derived_rule
def V_stated(f: FunctionAt, premises: tuple[Theorem, ...], G: Variable) -> Theorem:
    "V[X -> e_i](K_i) = J_i(K_i), …  /  Γ(e) |- V[X -> f(e_1, …)](G) = Σ_i J_i(H_i(e, G))     H_i, Γ stated of f"
    return _operation("Apply", *premises, G=G, parameters=(f,))


@derived_rule
def gradient_at(premise: Theorem, point: Term) -> Theorem:
    "Γ(X) |- V[X -> f(X)](G) = H(X, G)  /  Γ(p) |- ∇f(p) = H(p, 1)     f a named scalar function"
    return _at(derivative.gradient(premise), premise, point)


@derived_rule
def differentiable_at(premise: Theorem, point: Term) -> Theorem:
    "Γ(X) |- V[X -> f(X)](G) = H  /  Γ(p) |- f is differentiable at p"
    return _at(derivative.differentiable(premise), premise, point)


def _at(found: Theorem, premise: Theorem, point: Term) -> Theorem:
    X = premise.conclusion.args[0]
    return found if point is X else logic.instantiate(found, ((X, point),))


@derived_rule
def jacobian(premise: Theorem) -> Theorem:
    "V[v -> e](G) = Jᵀ G  /  D[v -> e] = J     v, e columns; G not in J"
    result = premise.conclusion.args[-1]
    factors: tuple[Any, ...] = result.args if isinstance(result, MatrixProduct) else ()
    need(len(factors) == 2 and isinstance(factors[0], Transpose), lambda: f"expected a pullback of the form Jᵀ G, got {result}")
    return derivative.jacobian_of(premise, factors[0].args[0])
