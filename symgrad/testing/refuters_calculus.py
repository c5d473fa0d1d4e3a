"""Refuters of the derivative rules: pullbacks of random formulas, checked by forward-mode differentiation."""

from __future__ import annotations

from typing import Any

from sympy import Rational

from ..derive import derived
from ..errors import SymgradError
from ..kernel import derivative, equality, logic
from ..kernel.algebra import algebra
from ..kernel.definitions import define
from ..kernel.statements import Condition, Equal
from ..kernel.theorem import Theorem
from ..operations.builtin.softmax import SOFTMAX
from ..operations.record import Operation, admit
from ..terms.algebra import Diagonal, MatrixProduct, Number, Scaled, Sum, hadamard
from ..terms.index import Dimension
from ..terms.named import Family, Function, Variable
from .formulas import Formulas, M, N, cost, g, h, i, k, m, sigma, width
from .trials import REFUTERS, refuter


def _variable(draw: Formulas) -> Variable:
    return Variable("rnd_X", draw.one_of(1, 2, m), draw.one_of(1, 1, 2, m))


def _shape(draw: Formulas) -> tuple[Any, Any]:
    return draw.size(), draw.one_of(1, 1, draw.size())


def _cotangent(rows: Any, columns: Any, name: str = "rnd_G") -> Variable:
    return Variable(name, rows, columns)


def _two(draw: Formulas, left: tuple[Any, Any], right: tuple[Any, Any], result: tuple[Any, Any]) -> tuple[Any, ...]:
    X = _variable(draw)
    return (draw.pullback(X, _cotangent(*left, "rnd_K")), draw.pullback(X, _cotangent(*right, "rnd_J")),
            _cotangent(*result))


@refuter("V_variable")
def _(draw: Formulas) -> tuple[Any, ...]:
    X = _variable(draw)
    return X, _cotangent(*X.shape)


@refuter("V_constant")
def _(draw: Formulas) -> tuple[Any, ...]:
    rows, columns = _shape(draw)
    return draw.variable(draw.size(), draw.size()), draw.term(rows, columns), _cotangent(rows, columns)


@refuter("V_sum")
def _(draw: Formulas) -> tuple[Any, ...]:
    X, G = _variable(draw), _cotangent(*_shape(draw))
    return tuple(draw.pullback(X, G) for _ in range(draw.rng.randint(1, 3)))


@refuter("V_finite_sum")
def _(draw: Formulas) -> tuple[Any, ...]:
    index, low, high = draw.range()
    X, G, K = Variable("rnd_X", m), _cotangent(m, 1), Variable("rnd_K", m)
    inner = derived.V_product(derivative.V_constant(X, M[index], Variable("rnd_J", m, m)), draw.pullback(X, K), G)
    if draw.rng.random() < 0.5:
        inner = logic.weaken(inner, (Condition(index - low), Condition(high - index)))
    return inner, index, low, high


@refuter("V_product")
def _(draw: Formulas) -> tuple[Any, ...]:
    (rows, columns), middle = _shape(draw), draw.size()
    if draw.rng.random() < 0.4:                       # square factors: swapped, or transposed, they would fit
        rows = columns = middle = draw.one_of(2, m)
    return _two(draw, (rows, middle), (middle, columns), (rows, columns))


@refuter("V_scaled")
def _(draw: Formulas) -> tuple[Any, ...]:
    shape = _shape(draw)
    return _two(draw, (1, 1), shape, shape)


@refuter("V_hadamard")
def _(draw: Formulas) -> tuple[Any, ...]:
    shape = _shape(draw)
    return _two(draw, shape, shape, shape)


@refuter("V_inner")
def _(draw: Formulas) -> tuple[Any, ...]:
    shape = _shape(draw)
    return _two(draw, shape, shape, (1, 1))


@refuter("V_quotient")
def _(draw: Formulas) -> tuple[Any, ...]:
    return _two(draw, (1, 1), (1, 1), (1, 1))


@refuter("V_power")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.pullback(_variable(draw), _cotangent(1, 1, "rnd_K")), draw.exponent(), _cotangent(1, 1)


@refuter("V_transpose")
def _(draw: Formulas) -> tuple[Any, ...]:
    rows, columns = _shape(draw)
    return draw.pullback(_variable(draw), _cotangent(rows, columns, "rnd_K")), _cotangent(columns, rows)


@refuter("V_diagonal")
def _(draw: Formulas) -> tuple[Any, ...]:
    size = draw.size()
    return draw.pullback(_variable(draw), _cotangent(size, 1, "rnd_K")), _cotangent(size, size)


@refuter("V_elementwise")
def _(draw: Formulas) -> tuple[Any, ...]:
    X = _variable(draw)
    return X, draw.one_of(sigma, sigma.prime, sigma[k]), _cotangent(*X.shape)


@refuter("V_apply")
def _(draw: Formulas) -> tuple[Any, ...]:
    return Variable("rnd_X", m), cost[()], _cotangent(1, 1)


@refuter("V_operation")
def _(draw: Formulas) -> tuple[Any, ...]:
    """A random pullback is made of operations: its last step that is one, again."""
    def last() -> Theorem:
        theorem = draw.pullback(_variable(draw), _cotangent(*_shape(draw)), 3)
        return next((step for step in reversed(theorem.proof()) if step.rule == "V_operation"), theorem)

    step = draw.one_of(last, lambda: derived.V_stated(*REFUTERS["V_stated"](draw)))()
    if step.rule != "V_operation":
        raise SymgradError("no operation was drawn")
    return step.arguments


@refuter("V_compose")
def _(draw: Formulas) -> tuple[Any, ...]:
    U, X = Variable("rnd_U", *_shape(draw)), _variable(draw)
    if draw.rng.random() < 0.2:
        X = Variable("rnd_A", *X.shape)               # may stand in the outer function as well
    outer = draw.pullback(U, _cotangent(*_shape(draw)))
    return outer, draw.pullback(X, _cotangent(*U.shape, "rnd_K"))


@refuter("V_rewrite")
def _(draw: Formulas) -> tuple[Any, ...]:
    premise = draw.pullback(_variable(draw), _cotangent(*_shape(draw)))
    function = premise.conclusion.args[1]
    if draw.rng.random() < 0.5:
        return premise, algebra(function, draw.again(function))
    return premise, logic.assume(Equal(function, Variable("rnd_V", *function.shape)))


@refuter("V_result")
def _(draw: Formulas) -> tuple[Any, ...]:
    premise = draw.pullback(_variable(draw), _cotangent(*_shape(draw)))
    result = premise.conclusion.args[3]
    if draw.rng.random() < 0.7:
        return premise, algebra(result, draw.again(result))
    return premise, logic.assume(Equal(result, Variable("rnd_V", *result.shape)))


def _jacobian_form(draw: Formulas) -> Theorem:
    """V[v -> A f(B v + c)](G) = Jᵀ G."""
    v, G, z = Variable("rnd_X", m), Variable("rnd_G", m), Variable("rnd_U", m)
    K, J, H = Variable("rnd_K", m), Variable("rnd_J", m, m), Variable("rnd_H", m)
    A, B = draw.term(m, m, 1), draw.term(m, m, 1)
    if any(x in t.free for x in (v, z) for t in (A, B)):
        A, B = M[0], M[1]
    linear = derived.V_product(derivative.V_constant(v, B, J), derivative.V_variable(v, K), G)
    affine = derived.V_sum(linear, derivative.V_constant(v, h[0], G))
    slope = derivative.V_compose(derived.V_elementwise(z, sigma, H), affine)
    theorem = derived.V_product(derivative.V_constant(v, A, J), slope, G)
    result = theorem.conclusion.args[3]
    inside = affine.conclusion.args[1]
    wanted = MatrixProduct(MatrixProduct(A, Diagonal(sigma.prime(inside)), B).T, G)
    return derivative.V_result(theorem, algebra(result, wanted))


@refuter("jacobian")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (_jacobian_form(draw),)


@refuter("jacobian_of")
def _(draw: Formulas) -> tuple[Any, ...]:
    theorem = _jacobian_form(draw)
    return theorem, theorem.conclusion.args[3].args[0].args[0]


@refuter("V_of_jacobian")
def _(draw: Formulas) -> tuple[Any, ...]:
    return derived.jacobian(_jacobian_form(draw)), Variable("rnd_E", m)


_f = Function("rnd_f", [(width[0], 1)], over={k: (0, N)})
_layer = Family("rnd_layer", width[0], width[0], over={k: (None, None)})
_v = Variable("rnd_v", width[0])
(_LAST, _NEXT) = define((_f[N](_v), _v.T @ _v + 1, (0 <= N,)),
                        (_f[k](_v), _f[k + 1](sigma(_layer[k] @ _v)), (0 <= k, k < N)))


def _named_gradient(draw: Formulas) -> Theorem:
    """V[v -> f_N(v)] or V[v -> f_k(v)] (through ∇f_{k+1}) from the definition."""
    G, K = Variable("rnd_G"), Variable("rnd_K", width[0])
    if draw.rng.random() < 0.5:
        E = Variable("rnd_E", 1, width[0])
        row = derived.V_transpose(derivative.V_variable(_v, K), E)
        found = derived.V_sum(derived.V_product(row, derivative.V_variable(_v, K), G),
                                 derivative.V_constant(_v, Sum(_LAST.right.args[-1]), G))
        return derivative.V_rewrite(found, equality.symmetric(_LAST))
    U, J = Variable("rnd_U", width[0]), Variable("rnd_J", width[0], width[0])
    affine = derived.V_product(derivative.V_constant(_v, _layer[k], J), derivative.V_variable(_v, K), K)
    inside = derivative.V_compose(derived.V_elementwise(U, sigma, K), affine)
    found = derivative.V_compose(derived.V_apply(U, _f[k + 1], G), inside)
    return derivative.V_rewrite(found, equality.symmetric(_NEXT))


@refuter("gradient")
@refuter("differentiable")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (_named_gradient(draw),)


@refuter("gradient_at")
def _(draw: Formulas) -> tuple[Any, ...]:
    return _named_gradient(draw), draw.one_of(draw.term(width[0], 1, 1), Scaled(2, _v), _layer[i] @ _v)


@refuter("differentiable_at")
def _(draw: Formulas) -> tuple[Any, ...]:
    return _named_gradient(draw), draw.one_of(draw.term(width[0], 1, 1), Scaled(2, _v))


@refuter("near_the_tangent_plane")
def _(draw: Formulas) -> tuple[Any, ...]:
    return cost[()], draw.one_of(g[k], Variable("rnd_bound"), Number(1000)), draw.term(m, 1, 1), draw.term(m, 1, 1)


@refuter("radius_is_positive")
def _(draw: Formulas) -> tuple[Any, ...]:
    return cost[()], draw.term(m, 1, 1), draw.one_of(g[k], Number(1), Number(Rational(1, 2))), draw.one_of(1, 2)


@refuter("taylor_radius")
def _(draw: Formulas) -> tuple[Any, ...]:
    step = Scaled(Number(Rational(1, draw.one_of(10, 100, 1000))), draw.term(m, 1, 1))
    return cost[()], draw.term(m, 1, 1), step, draw.one_of(g[k], Number(1), Number(Rational(1, 2))), draw.one_of(1, 2)


# ------------------------------------------------------------ stated pullbacks

_rows = Dimension("rnd_s")
_stated = admit(Operation(                                              # x ⊙ (A x), as if no formula said it
    "rnd_stated", {"A": (_rows, _rows), "x": _rows}, result=_rows,
    pullback=lambda G, value, A, x: (hadamard(x, G) @ x.T, hadamard(A @ x, G) + A.T @ hadamard(x, G)),
    value=lambda A, x: (A @ x) * x, exact=True, source="the product rule"))


@refuter("V_stated")
def _(draw: Formulas) -> tuple[Any, ...]:
    X, size = _variable(draw), draw.one_of(1, 2, m)
    if draw.rng.random() < 0.3:
        return SOFTMAX.function[size], (draw.pullback(X, _cotangent(size, 1, "rnd_K")),), _cotangent(size, 1)
    premises = draw.pullback(X, _cotangent(size, size, "rnd_K")), draw.pullback(X, _cotangent(size, 1, "rnd_J"))
    return _stated.function[size], premises, _cotangent(size, 1)
