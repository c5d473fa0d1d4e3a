"""Derived rules: steps that the kernel does not have because its rules give them.

Nothing here is trusted. Each function is called as a rule is, and what it returns was made by rules of the kernel.
`DERIVED` lists them by name, so that the tests try to refute them as they do the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeVar

from sympy import Integer

from ..errors import KernelError
from ..kernel import derivative, logic, norms, order, products
from ..kernel.algebra import algebra
from ..kernel.equality import congruence, symmetric, transitive
from ..kernel.indices import implied
from ..kernel.statements import Condition, Equal, ForAll, Less, LessEqual, Statement
from ..kernel.theorem import Theorem, need
from ..terms.algebra import Count, MatrixProduct, Number, Scaled, Sum, Term, Transpose, Zero, as_term
from ..terms.index import Index
from ..terms.named import ElementwiseFunction, FunctionAt, Variable
from ..terms.node import open_with_index
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import Maximum, Minimum, Norm, Power, Quotient
from .matching import fresh_variable

__all__ = ["DERIVED", "V_apply", "V_diagonal", "V_elementwise", "V_hadamard", "V_inner", "V_power", "V_product",
           "V_quotient", "V_scaled", "V_stated", "V_sum", "V_transpose", "bound_is_nonnegative", "constant_product",
           "constant_sum", "count_is_nonnegative", "difference", "drop", "equal_to_le", "increase", "induction_down",
           "induction_up", "jacobian", "join_products", "less_to_le", "nonnegative", "norm_of_zero", "range_congruence",
           "range_increase", "redundant", "transpose_product"]

_F = TypeVar("_F", bound=Callable[..., Theorem])

#: every derived rule by name
DERIVED: dict[str, Callable[..., Theorem]] = {}


def _derived(function: _F) -> _F:
    DERIVED[function.__name__] = function
    return function


# ---------------------------------------------------------------- logic

@_derived
def drop(theorem: Theorem) -> Theorem:
    "Γ, 0 <= e |- φ  /  Γ |- φ     for every condition that follows from the others"
    gone = redundant(theorem.hypotheses)
    return logic.discharge(theorem, gone) if gone else theorem


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


@_derived
def induction_down(base: Theorem, step: Theorem, index: Index, low: Any, high: Any) -> Theorem:
    "Γ |- φ(high)   Γ, φ(l+1), low <= l, l < high |- φ(l)  /  Γ, low <= l, l <= high |- φ(l)     l not in Γ"
    return logic.induction(base, step, index, low, high, True)


@_derived
def induction_up(base: Theorem, step: Theorem, index: Index, low: Any, high: Any) -> Theorem:
    "Γ |- φ(low)   Γ, φ(l-1), low < l, l <= high |- φ(l)  /  Γ, low <= l, l <= high |- φ(l)     l not in Γ"
    return logic.induction(base, step, index, low, high, False)


# ---------------------------------------------------------------- order and norms

@_derived
def equal_to_le(theorem: Theorem) -> Theorem:
    "a = b  /  a <= b"
    need(isinstance(theorem.conclusion, Equal), lambda: f"expected an equation, got {theorem.conclusion}")
    return order.at_most(theorem)


@_derived
def less_to_le(theorem: Theorem) -> Theorem:
    "a < b  /  a <= b"
    need(isinstance(theorem.conclusion, Less), lambda: f"expected a < b, got {theorem.conclusion}")
    return order.at_most(theorem)


@_derived
def count_is_nonnegative(value: Any) -> Theorem:
    "0 <= e |- 0 <= e     the index expression e read as a scalar"
    return order.sign(Count(value))


@_derived
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
        return order.sign(term, *_one_sign(term, premises))
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


def _one_sign(term: Maximum, premises: tuple[Theorem, ...]) -> list[Theorem]:
    for part in term.args:
        try:
            return [nonnegative(part, *premises)]
        except KernelError:
            continue
    return []


@_derived
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
    rest = [part for part in outer.args if part is not here] if isinstance(outer, (Scaled, Quotient)) else (
        [inner.left] if isinstance(outer, Power) else [])
    return order.monotone(outer, here, inner, tuple(nonnegative(part, *signs) for part in dict.fromkeys(rest)))


@_derived
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


@_derived
@lru_cache(maxsize=1024)
def bound_is_nonnegative(function: ElementwiseFunction, bound: Term) -> Theorem:
    "(|f(t)| <= γ for every t) |- 0 <= γ"
    size = norms.bounded_norm(function, as_term(bound), Number(0))
    return transitive(nonnegative(size.left), size)


@_derived
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


# ---------------------------------------------------------------- ranges

@_derived
def range_congruence(theorem: Theorem, index: Index, low: Any, high: Any, order: int) -> Theorem:
    "Γ, low <= r, r <= high |- f(r) = g(r)  /  Γ |- ∏ f(r) = ∏ g(r)     order 1 or -1 (0: the sum Σ); r not in Γ"
    need(isinstance(theorem.conclusion, Equal), lambda: f"expected an equation, got {theorem.conclusion}")
    return products.over_range(logic.generalise(theorem, index, low, high), order, ())


@_derived
def range_increase(theorem: Theorem, index: Index, low: Any, high: Any, product: bool,
                   signs: tuple[Theorem, ...]) -> Theorem:
    "low <= r, r <= high |- a_r <= b_r  /  Σ a_r <= Σ b_r, and ∏ a_r <= ∏ b_r if 0 <= a_r     r not in Γ"
    need(isinstance(theorem.conclusion, LessEqual), lambda: f"expected an inequality, got {theorem.conclusion}")
    if not product:
        return products.over_range(logic.generalise(theorem, index, low, high), 0, ())
    sign = nonnegative(theorem.left, *signs)
    known = tuple(h for h in theorem.hypotheses | sign.hypotheses if isinstance(h, Condition) and index not in h.free)
    every, positive = (logic.generalise(logic.weaken(t, known), index, low, high) for t in (theorem, sign))
    return products.over_range(every, 1, (positive,))


def _range(term: Any, kind: type) -> Any:
    need(isinstance(term, kind), lambda: f"expected a product or sum over a range, got {term}")
    return term


def _along(term: Any, left: Callable[[Any], Term], right: Callable[[Any], Term], base: Theorem,
           unfold: Callable[[Any], Theorem], inside: Callable[[Any, Term], Term],
           finish: Callable[[Any, Term], Theorem]) -> Theorem:
    """left(high) = right(high) for the end of a range, by induction over the end from low - 1.

    unfold(n) is left(n) = inside(n, left(n-1)); finish(n, inside(n, right(n-1))) makes it right(n).
    """
    taken = {str(symbol) for symbol in term.free}
    n, upto = (Index(next(name for name in (f"{stem}{k or ''}" for k in range(99)) if name not in taken))
               for stem in ("end", "up_to"))
    nearer = Equal(left(n - 1), right(n - 1))
    hole = fresh_variable("hole", nearer.left.shape, (term,))
    step = transitive(unfold(n), congruence(inside(n, hole), hole, logic.assume(nearer)))
    step = transitive(step, finish(n, step.right))
    found = induction_up(base, step, n, term.low - 1, upto)
    return logic.instantiate(found, ((upto, term.high), (n, term.high)))


_t, _n = Variable("any_scalar"), Index("any_index")
_NEXT_POWER = algebra(_t * _t ** (_n - 1), _t ** _n)             # for any scalar, also one that is a sum or a number


def _next_power(scalar: Term, exponent: Any) -> Theorem:
    "1 <= n |- s s^(n-1) = s^n"
    return logic.instantiate(_NEXT_POWER, ((_t, scalar), (_n, exponent)))


@_derived
def constant_product(term: OrderedProduct) -> Theorem:
    "low <= high + 1 |- ∏_{low..high} c = c^(high-low+1)     c a scalar without the index"
    term = _range(term, OrderedProduct)
    c = term.args[3]
    need(term.is_scalar_term and term.args[0] not in c.free, lambda: f"expected a product of one scalar, got {term}")

    def power(end: Any) -> Term:
        return Power(c, end - term.low + 1)

    none = products.empty(term.over(term.low, term.low - 1))
    return _along(term, lambda end: term.over(term.low, end), power, transitive(none, algebra(none.right, power(term.low - 1))),
                  lambda n: products.last(term.over(term.low, n)), lambda n, rest: Scaled(rest, c),
                  lambda n, grown: transitive(algebra(grown, Scaled(c, power(n - 1))), _next_power(c, n - term.low + 1)))


@_derived
def constant_sum(term: FiniteSum) -> Theorem:
    "low <= high + 1 |- Σ_{low..high} A = (high-low+1) A     A without the index"
    term = _range(term, FiniteSum)
    A = term.args[3]
    need(term.args[0] not in A.free, lambda: f"expected a sum of equal terms, got {term}")

    def multiple(end: Any) -> Term:
        return Scaled(Count(end - term.low + 1), A)

    none = products.empty(term.over(term.low, term.low - 1))
    return _along(term, lambda end: term.over(term.low, end), multiple,
                  transitive(none, algebra(none.right, multiple(term.low - 1))),
                  lambda n: products.last(term.over(term.low, n)), lambda n, rest: Sum(rest, A),
                  lambda n, grown: algebra(grown, multiple(n)))


@_derived
def transpose_product(term: OrderedProduct) -> Theorem:
    "low <= high + 1 |- (∏ f)ᵀ = ∏ fᵀ against the order"
    term = _range(term, OrderedProduct)
    r, body = open_with_index(term)
    turned = OrderedProduct(r, term.low, term.high, Transpose(body), -term.order)

    def under(equation: Theorem) -> Theorem:
        hole = fresh_variable("hole", equation.left.shape, (equation.conclusion,))
        return congruence(Transpose(hole), hole, equation)

    def inside(n: Any, rest: Term) -> Term:                      # the last factor of the turned product beside a rest
        whole = products.last(turned.over(term.low, n)).right
        return type(whole)(*(rest if part is turned.over(term.low, n - 1) else part for part in whole.args))

    def unfold(n: Any) -> Theorem:
        last = under(products.last(term.over(term.low, n)))
        return transitive(last, algebra(last.right, inside(n, Transpose(term.over(term.low, n - 1)))))

    before = under(products.empty(term.over(term.low, term.low - 1)))
    after = products.empty(turned.over(term.low, term.low - 1))
    base = transitive(transitive(before, algebra(before.right, after.right)), symmetric(after))
    return _along(term, lambda end: Transpose(term.over(term.low, end)), lambda end: turned.over(term.low, end), base, unfold,
                  inside, lambda n, grown: symmetric(products.last(turned.over(term.low, n))))


@_derived
def join_products(one: OrderedProduct, two: OrderedProduct) -> Theorem:
    "low <= high + 1 |- ∏ a ∏ b = ∏ a b     scalars over one range (for matrices it is false)"
    one, two = _range(one, OrderedProduct), _range(two, OrderedProduct)
    r = next(index for index in (Index(f"r_{k}") for k in range(99)) if index not in one.free | two.free)
    a, b = one.body_at(r), two.body_at(r)
    need(a.is_scalar_term and b.is_scalar_term and (one.low, one.high) == (two.low, two.high),
         lambda: f"expected scalar products over one range, got {one} and {two}")
    low, joined = one.low, OrderedProduct(r, one.low, one.high, Scaled(a, b))

    def both(left: Theorem, right: Theorem) -> Theorem:          # the product of two equations
        hole = fresh_variable("hole", left.left.shape, (left.conclusion, right.conclusion))
        return transitive(congruence(Scaled(hole, right.left), hole, left), congruence(Scaled(left.right, hole), hole, right))

    def inside(n: Any, rest: Term) -> Term:
        return Scaled(rest, joined.body_at(n))

    def unfold(n: Any) -> Theorem:
        last = both(products.last(one.over(low, n)), products.last(two.over(low, n)))
        return transitive(last, algebra(last.right, inside(n, Scaled(one.over(low, n - 1), two.over(low, n - 1)))))

    none = both(products.empty(one.over(low, low - 1)), products.empty(two.over(low, low - 1)))
    after = products.empty(joined.over(low, low - 1))
    base = transitive(transitive(none, algebra(none.right, after.right)), symmetric(after))
    return _along(joined, lambda end: Scaled(one.over(low, end), two.over(low, end)),
                  lambda end: joined.over(low, end), base, unfold, inside,
                  lambda n, grown: symmetric(products.last(joined.over(low, n))))


# ---------------------------------------------------------------- derivatives

def _operation(name: str, *premises: Theorem, G: Variable, parameters: tuple[Any, ...] = ()) -> Theorem:
    return derivative.V_operation(name, parameters, premises, G)


@_derived
def V_sum(*premises: Theorem) -> Theorem:
    "V[X -> e_i](G) = H_i  /  V[X -> Σ e_i](G) = Σ H_i"
    return _operation("Sum", *premises, G=premises[0].conclusion.args[2])


@_derived
def V_product(one: Theorem, two: Theorem, G: Variable) -> Theorem:
    "V[X -> A](K) = H(K)   V[X -> B](M) = J(M)  /  V[X -> A B](G) = H(G Bᵀ) + J(Aᵀ G)"
    return _operation("MatrixProduct", one, two, G=G)


@_derived
def V_scaled(one: Theorem, two: Theorem, G: Variable) -> Theorem:
    "V[X -> s](K) = H(K)   V[X -> A](M) = J(M)  /  V[X -> s A](G) = H(⟨G, A⟩) + J(s G)     s a scalar"
    return _operation("Scaled", one, two, G=G)


@_derived
def V_hadamard(one: Theorem, two: Theorem, G: Variable) -> Theorem:
    "V[X -> A](K) = H(K)   V[X -> B](M) = J(M)  /  V[X -> A ⊙ B](G) = H(G ⊙ B) + J(A ⊙ G)"
    return _operation("Hadamard", one, two, G=G)


@_derived
def V_inner(one: Theorem, two: Theorem, G: Variable) -> Theorem:
    "V[X -> A](K) = H(K)   V[X -> B](M) = J(M)  /  V[X -> ⟨A, B⟩](G) = H(G B) + J(G A)"
    return _operation("Inner", one, two, G=G)


@_derived
def V_quotient(one: Theorem, two: Theorem, G: Variable) -> Theorem:
    "V[X -> a](K) = H(K)   V[X -> b](M) = J(M)  /  b ≠ 0 |- V[X -> a/b](G) = H(G/b) + J(-(a/(b b)) G)"
    return _operation("Quotient", one, two, G=G)


@_derived
def V_power(premise: Theorem, exponent: Any, G: Variable) -> Theorem:
    "V[X -> s](K) = H(K)  /  1 <= k |- V[X -> s^k](G) = H(k s^(k-1) G)"
    return _operation("Power", premise, G=G, parameters=(exponent,))


@_derived
def V_transpose(premise: Theorem, G: Variable) -> Theorem:
    "V[X -> A](K) = H(K)  /  V[X -> Aᵀ](G) = H(Gᵀ)"
    return _operation("Transpose", premise, G=G)


@_derived
def V_diagonal(premise: Theorem, G: Variable) -> Theorem:
    "V[X -> x](K) = H(K)  /  V[X -> diag(x)](G) = H((G ⊙ I) 1)"
    return _operation("Diagonal", premise, G=G)


@_derived
def V_elementwise(X: Variable, f: ElementwiseFunction, G: Variable) -> Theorem:
    "f differentiable at every entry of X |- V[X -> f(X)](G) = f'(X) ⊙ G"
    return _operation("Elementwise", derivative.V_variable(X, G), G=G, parameters=(f,))


@_derived
def V_apply(X: Variable, f: FunctionAt, G: Variable) -> Theorem:
    "f differentiable at X |- V[X -> f(X)](G) = G ∇f(X)     f a named scalar function"
    K = fresh_variable("K", X.shape, (X, G))
    return _operation("Apply", derivative.V_variable(X, K), G=G, parameters=(f,))


@_derived
def V_stated(f: FunctionAt, premises: tuple[Theorem, ...], G: Variable) -> Theorem:
    "V[X -> e_i](K_i) = J_i(K_i), …  /  Γ(e) |- V[X -> f(e_1, …)](G) = Σ_i J_i(H_i(e, G))     H_i, Γ stated of f"
    return _operation("Apply", *premises, G=G, parameters=(f,))


@_derived
def jacobian(premise: Theorem) -> Theorem:
    "V[v -> e](G) = Jᵀ G  /  D[v -> e] = J     v, e columns; G not in J"
    result = premise.conclusion.args[-1]
    factors: tuple[Any, ...] = result.args if isinstance(result, MatrixProduct) else ()
    need(len(factors) == 2 and isinstance(factors[0], Transpose), lambda: f"expected a pullback of the form Jᵀ G, got {result}")
    return derivative.jacobian_of(premise, factors[0].args[0])
