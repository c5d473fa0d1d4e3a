"""Refuters of algebra, definitions, equality and logic."""

from __future__ import annotations

from typing import Any

from ..derive import derived, derived_ranges
from ..kernel import derivative, equality, logic, products
from ..kernel.algebra import algebra
from ..kernel.definitions import define
from ..kernel.statements import Condition, Equal, ForAll, Less, LessEqual, Nonzero, Statement
from ..kernel.theorem import Theorem
from ..terms.algebra import MatrixProduct, Number, Scaled, Sum, Term
from ..terms.exponents import exponents_in
from ..terms.named import Family, Function, Variable
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import Absolute, Norm, Power
from .formulas import Formulas, M, N, g, h, i, k, m, p, sigma, width
from .trials import REFUTERS, refuter

# ------------------------------------------------------------ algebra, definitions, equality

_square = Function("rnd_square", [(width[0], 1)])
_step = Family("rnd_step", over={k: (0, N)})
_slope = Family("rnd_slope", over={k: (None, None)})
_u = Variable("rnd_u", width[0])
_DEFINITIONS = define((_step[k], _slope[k] * _step[k - 1] + 1, (1 <= k, k <= N)), (_step[0], _slope[0], ())) + define(
    (_square(_u), Number(3) * (_u.T @ _u) + _slope[1], ()))


@refuter("algebra")
def _(draw: Formulas) -> tuple[Any, ...]:
    term = draw.matrix(3)
    return term, draw.again(term)


@refuter("definition")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.one_of(*_DEFINITIONS).conclusion.left, 0


@refuter("reflexive")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (draw.matrix(),)


@refuter("symmetric")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (draw.equation(),)


@refuter("transitive")
def _(draw: Formulas) -> tuple[Any, ...]:
    if draw.rng.random() < 0.5:
        first = draw.equation()
        return first, algebra(first.right, draw.again(first.right))
    inequality = draw.inequality()
    more = logic.assume(draw.one_of(Less, LessEqual, Equal)(inequality.right, draw.scalar(1)))
    return inequality, more


@refuter("congruence")
def _(draw: Formulas) -> tuple[Any, ...]:
    equation = draw.equation()
    hole = Variable("rnd_hole", *equation.left.shape)
    return _with_hole(draw, hole), hole, equation


def _with_hole(draw: Formulas, hole: Variable) -> Term:
    """A formula with a hole in it, perhaps under a range."""
    inside = Sum(hole, draw.term(*hole.shape, 1))
    body = draw.one_of(inside, MatrixProduct(inside, draw.term(hole.columns, draw.size(), 1)), inside.T)
    if draw.rng.random() < 0.4:
        index, low, high = draw.range()
        body = FiniteSum(index, low, high, Scaled(g[index], body))
    return body if draw.rng.random() < 0.6 else Scaled(draw.scalar(1), body)


@refuter("replace")
def _(draw: Formulas) -> tuple[Any, ...]:
    equation = draw.equation()
    hole = Variable("rnd_hole", *equation.left.shape)
    template = _with_hole(draw, hole)
    statement = Equal(template, draw.again(template))
    proved = algebra(*(side.at({hole: equation.left}) for side in statement.args))
    return statement, hole, equation, proved


@refuter("range_congruence")
def _(draw: Formulas) -> tuple[Any, ...]:
    index, low, high = draw.range()
    body = draw.under(index, lambda: draw.term(m, m, 1))
    equation = algebra(body, draw.again(body))
    if draw.rng.random() < 0.5:
        equation = logic.weaken(equation, (Condition(index - low), Condition(high - index)))
    return equation, index, low, high, draw.one_of(-1, 0, 1)


# ------------------------------------------------------------ logic

@refuter("assume")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (_statement(draw),)


def _statement(draw: Formulas) -> Statement:
    scalar = draw.scalar(1)
    return draw.one_of(Equal(Variable("rnd_V"), scalar), LessEqual(scalar, draw.scalar(1)), Nonzero(scalar),
                       Condition(draw.index()), ForAll(i, 0, N, LessEqual(g[i], scalar)))


@refuter("weaken")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.equation(), (_statement(draw),)


@refuter("cut")
def _(draw: Formulas) -> tuple[Any, ...]:
    lemma = draw.equation()
    return logic.weaken(draw.equation(), (lemma.conclusion,)), lemma


@refuter("discharge")
def _(draw: Formulas) -> tuple[Any, ...]:
    (theorem,) = REFUTERS["drop"](draw)
    return theorem, derived.redundant(theorem.hypotheses) or tuple(sorted(theorem.hypotheses, key=str)[:1])


@refuter("arithmetic")
def _(draw: Formulas) -> tuple[Any, ...]:
    """A condition and more than it says, or anything from 0 <= e and e <= -1."""
    one, more = draw.index(), draw.index()
    if draw.rng.random() < 0.3:
        return _statement(draw), (Condition(one), Condition(more), Condition(-one - 1))
    return Condition(one + draw.one_of(0, 1, more)), (Condition(one), Condition(more))


@refuter("drop")
def _(draw: Formulas) -> tuple[Any, ...]:
    theorem = derived_ranges.first(OrderedProduct(i, draw.range()[1], N, M[i]))
    return (logic.weaken(theorem, tuple(Condition(draw.index()) for _ in range(3))),)


@refuter("instantiate")
def _(draw: Formulas) -> tuple[Any, ...]:
    theorem = draw.one_of(draw.equation, lambda: derived_ranges.last(OrderedProduct(i, k, N, M[i])), draw.inequality,
                          lambda: _layered_pullback(draw))()
    pairs: list[tuple[Any, Any]] = [(k, draw.index())] if draw.rng.random() < 0.7 else []
    if draw.rng.random() < 0.4:
        pairs.append((m, draw.one_of(1, 2, p)))
    pairs += [(p, draw.kind()) for p in exponents_in(theorem.free) if draw.rng.random() < 0.7]
    variables = sorted((v for v in theorem.free if isinstance(v, Variable)), key=str)
    if variables and draw.rng.random() < 0.7:
        chosen = draw.rng.choice(variables)
        rows, columns = chosen.at(dict(pairs)).shape
        pairs.append((chosen, draw.one_of(draw.term(rows, columns, 1), Variable("rnd_E", rows, columns))))
    return theorem, tuple(pairs)


def _layered_pullback(draw: Formulas) -> Theorem:
    """V[u -> u + A v] with u of layer k and v of layer k or i: two variables that an index could make one."""
    u, v, G = Variable("rnd_A", width[k]), Variable("rnd_A", width[draw.one_of(i, k + 1)]), Variable("rnd_G", width[k])
    other = draw.term(width[k], v.rows, 0) @ v
    return derived.V_sum(derivative.V_variable(u, G), derivative.V_constant(u, other, G))


@refuter("instantiate_symbol")
def _(draw: Formulas) -> tuple[Any, ...]:
    free = Family("rnd_free", m, over={k: (None, None)})
    index, low, high = draw.range()
    theorem = derived_ranges.last(FiniteSum(index, low, high, free[index + draw.one_of(0, 1)] + h[index]))
    return theorem, free, (i,), draw.under(i, lambda: draw.term(m, 1, 2))


@refuter("concrete")
def _(draw: Formulas) -> tuple[Any, ...]:
    theorem = draw.one_of(derived_ranges.last(FiniteSum(i, 1, N, h[i])), derived_ranges.first(OrderedProduct(i, k, N, M[i])),
                          draw.equation())
    return theorem, N, draw.rng.randint(0, 3)


@refuter("one_function")
def _(draw: Formulas) -> tuple[Any, ...]:
    body = sigma[k](draw.term(m, 1, 1)) + sigma[k + 1].prime(draw.term(m, 1, 1))
    theorem = draw.one_of(lambda: algebra(body, draw.again(body)),
                          lambda: derived.V_elementwise(Variable("rnd_A", m), sigma[k], Variable("rnd_G", m)))()
    return theorem, sigma


@refuter("generalise")
def _(draw: Formulas) -> tuple[Any, ...]:
    term = FiniteSum(i, k, N, M[i])
    theorem = draw.one_of(derived_ranges.last(term), derived_ranges.first(term), draw.equation())
    return theorem, k, draw.one_of(0, 1, i), draw.one_of(N, N - 1, i + 1)


@refuter("specialise")
def _(draw: Formulas) -> tuple[Any, ...]:
    theorem = draw.one_of(
        logic.generalise(derived_ranges.last(FiniteSum(i, k, N, M[i])), k, 0, N),
        logic.assume(ForAll(k, 1, N, LessEqual(g[k], Absolute(g[k + 1])))),
        logic.generalise(algebra(g[k] * FiniteSum(i, 1, k, g[i]), FiniteSum(i, 1, k, g[i]) * g[k]), k, 0, N))
    return theorem, draw.index()


@refuter("exhaust")
def _(draw: Formulas) -> tuple[Any, ...]:
    low = draw.rng.randint(0, 2)
    high = low + draw.rng.randint(-1, 2)
    return (ForAll(k, low, high, LessEqual(Number(0), Norm(M[k]))),
            tuple(derived.nonnegative(Norm(M[at])) for at in range(low, high + 1)))


@refuter("cases")
def _(draw: Formulas) -> tuple[Any, ...]:
    theorem, edge = draw.equation(), draw.index()
    return logic.weaken(theorem, (Condition(edge),)), logic.weaken(theorem, (Condition(-edge - 1),)), edge


def _induction(draw: Formulas, down: bool) -> tuple[Any, ...]:
    """∏_{k+1..N} s = s^(N-k) downwards, Σ_{1..k} 1 = k upwards, each by its step."""
    low = draw.one_of(0, 1)
    if down:
        base_of = draw.one_of(Variable("rnd_A"), draw.scalar(1), g[0], g[i])
        claim = Equal(OrderedProduct(i, k + 1, N, base_of), Power(base_of, N - k))
        base = products.empty(OrderedProduct(i, N + 1, N, base_of.at({k: N})))
        base = equality.transitive(base, algebra(Number(1), Power(base_of.at({k: N}), 0)))
        unfolded = derived_ranges.first(claim.left)
        rest, hypothesis = claim.left.over(k + 2, N), claim.at({k: k + 1})
        hole = Variable("rnd_hole")
        inside = equality.congruence(Scaled(base_of, hole), hole, logic.assume(hypothesis))
        step = equality.transitive(unfolded, inside)
        step = equality.transitive(step, algebra(Scaled(base_of, hypothesis.right), claim.right))
        assert hypothesis.left is rest
        return base, logic.weaken(step, (Condition(k - low), Condition(N - k - 1))), k, low, N
    claim = LessEqual(Norm(FiniteSum(i, 0, k, M[i])), FiniteSum(i, 0, k, Norm(M[i])))
    base, step = (derived_ranges.triangle_range(FiniteSum(i, 0, end, M[i]), 2) for end in (low, k))
    return base, logic.weaken(step, (claim.at({k: k - 1}), Condition(k - low - 1), Condition(N - k))), k, low, N


@refuter("induction_down")
def _(draw: Formulas) -> tuple[Any, ...]:
    return _induction(draw, True)


@refuter("induction")
def _(draw: Formulas) -> tuple[Any, ...]:
    down = draw.one_of(True, False)
    return (*_induction(draw, down), down)


@refuter("induction_up")
def _(draw: Formulas) -> tuple[Any, ...]:
    return _induction(draw, False)
