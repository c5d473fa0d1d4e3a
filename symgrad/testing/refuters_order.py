"""Refuters of norms, inequalities and ranges."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import sympy

from ..derive import derived
from ..kernel import logic
from ..kernel.statements import ForAll, Less, LessEqual
from ..kernel.theorem import Theorem
from ..terms.algebra import Number, Scaled, Sum, Term
from ..terms.named import Variable
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import Absolute, Inner, Maximum, Minimum, Norm, Power, Quotient
from .formulas import KINDS, Formulas, M, N, W, g, h, i, k, m, p, sigma, width
from .trials import REFUTERS, refuter

ZERO = Number(0)


def _columns(draw: Formulas, count: int = 2) -> list[Term]:
    size = draw.size()
    return [draw.term(size, 1, 1) for _ in range(count)]


def _chain(draw: Formulas, count: int) -> tuple[Term, ...]:
    sizes = [draw.size() for _ in range(count + 1)]
    return tuple(draw.term(rows, columns, 1) for rows, columns in pairwise(sizes))


@refuter("homogeneous")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.scalar(1), draw.matrix(1), draw.kind()


@refuter("triangle")
def _(draw: Formulas) -> tuple[Any, ...]:
    shape = draw.size(), draw.size()
    return tuple(draw.term(*shape, 1) for _ in range(draw.rng.randint(1, 3))), draw.kind()


@refuter("triangle_range")
def _(draw: Formulas) -> tuple[Any, ...]:
    index, low, high = draw.range()
    return FiniteSum(index, low, high, draw.under(index, lambda: draw.one_of(M[index], h[index], draw.matrix(1)))), draw.kind()


@refuter("submultiplicative")
def _(draw: Formulas) -> tuple[Any, ...]:
    return _chain(draw, draw.rng.randint(1, 3)), draw.kind()


@refuter("frobenius_product")
def _(draw: Formulas) -> tuple[Any, ...]:
    return _chain(draw, 2)


@refuter("spectral_at_most_frobenius")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (draw.matrix(1),)


@refuter("transpose_norm")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.matrix(1), draw.kind()


@refuter("norm_of_diagonal")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.column(1), draw.kind()


@refuter("bounded_norm")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (*_bounded(draw), draw.column(1))


def _bounded(draw: Formulas) -> tuple[Any, ...]:
    function = draw.one_of(sigma, sigma.prime, sigma[k].prime)
    return function, draw.one_of(g[k], Variable("rnd_bound"), Number(1), Number(sympy.Rational(1, 4)))


@refuter("bound_is_nonnegative")
def _(draw: Formulas) -> tuple[Any, ...]:
    return _bounded(draw)


@refuter("rank_one")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.column(1), draw.column(1), draw.kind()


@refuter("holder")
def _(draw: Formulas) -> tuple[Any, ...]:
    if draw.rng.random() < 0.3:
        shape = draw.size(), draw.size()
        return draw.term(*shape, 1), draw.term(*shape, 1), "F"
    return (*_columns(draw), draw.kind())


@refuter("cauchy_schwarz")
def _(draw: Formulas) -> tuple[Any, ...]:
    shape = draw.size(), draw.size()
    return draw.term(*shape, 1), draw.term(*shape, 1)


@refuter("frobenius_square")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (draw.matrix(1),)


@refuter("square_of_norm")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.one_of((draw.column(1), 2), (draw.matrix(1), "F"))


@refuter("identity_norm")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.one_of(m, 1, 2, m + 1, width[k]), draw.one_of(1, 2, "inf", *KINDS[-6:])


@refuter("norm_of_zero")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.size(), draw.size(), draw.kind()


@refuter("larger_exponent")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.column(1), draw.kind(), draw.kind()


@refuter("norm_of_scalar")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.scalar(1), draw.kind()


@refuter("rayleigh")
def _(draw: Formulas) -> tuple[Any, ...]:
    size = draw.size()
    return draw.term(size, size, 1), draw.term(size, 1, 1)


@refuter("stretch")
def _(draw: Formulas) -> tuple[Any, ...]:
    rows, columns = draw.size(), draw.size()
    return draw.term(rows, columns, 1), draw.term(columns, 1, 1)


@refuter("stretch_of_product")
def _(draw: Formulas) -> tuple[Any, ...]:
    return _chain(draw, 2)


@refuter("stretch_of_wide")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (draw.one_of(W[k], draw.variable(m, p), draw.variable(1, m), draw.variable(1, 2)),)


@refuter("stretch_at_most_norm")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (draw.matrix(1),)


# ------------------------------------------------------------ order

def _below(draw: Formulas, kind: type = LessEqual) -> Theorem:
    return logic.assume(kind(draw.scalar(1), draw.scalar(1)))


@refuter("equal_to_le")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (draw.equation(1, 1),)


@refuter("less_to_le")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (_below(draw, Less),)


@refuter("at_most")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (draw.one_of(lambda: draw.equation(1, 1), lambda: _below(draw, Less), draw.inequality)(),)


@refuter("antisymmetric")
def _(draw: Formulas) -> tuple[Any, ...]:
    one = draw.equation(1, 1).conclusion
    return logic.assume(LessEqual(one.left, one.right)), logic.assume(LessEqual(one.right, one.left))


@refuter("compare_numbers")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.number(), draw.number()


@refuter("positive")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (draw.number(),)


@refuter("difference")
def _(draw: Formulas) -> tuple[Any, ...]:
    theorem = draw.one_of(_below(draw), _below(draw, Less), draw.inequality())
    back = draw.rng.random() < 0.5
    return (derived.difference(theorem, False) if back else theorem), back


def _sign(term: Term) -> Theorem:
    return logic.assume(LessEqual(ZERO, term))


def _nonnegative_term(draw: Formulas, atoms: list[Term], depth: int = 2) -> Term:
    """A formula that is built from what is not negative, more or less."""
    def part() -> Term:
        return _nonnegative_term(draw, atoms, depth - 1) if depth else draw.rng.choice(atoms)

    square = draw.term(m, 1, 1)
    return draw.one_of(lambda: draw.rng.choice(atoms), lambda: Sum(part(), part()), lambda: Scaled(part(), part()),
                       lambda: Quotient(part(), part()), lambda: Power(part(), draw.exponent()),
                       lambda: Power(draw.scalar(1), draw.one_of(2, 3, 4)), lambda: Inner(square, square),
                       lambda: Minimum(part(), part()), lambda: Maximum(part(), draw.scalar(1)),
                       lambda: Norm(draw.matrix(1), draw.kind()), lambda: Absolute(draw.scalar(1)),
                       lambda: OrderedProduct(i, 1, N, draw.one_of(g[i], part())),
                       lambda: FiniteSum(i, 1, N, draw.one_of(Scaled(g[i], part()), part())))()


@refuter("sign")
def _(draw: Formulas) -> tuple[Any, ...]:
    """The last step of a sign that was derived, or one that its parts do not give."""
    atoms, signs = _atoms(draw)
    term = _nonnegative_term(draw, atoms)
    found = derived.nonnegative(term, *signs)
    return found.arguments if found.rule == "sign" else (term, *signs)


@refuter("nonnegative")
def _(draw: Formulas) -> tuple[Any, ...]:
    atoms, signs = _atoms(draw)
    return (_nonnegative_term(draw, atoms), *signs)


def _atoms(draw: Formulas) -> tuple[list[Term], list[Theorem]]:
    atoms = [draw.scalar(1), draw.scalar(1), Number(2)]
    signs = [_sign(atoms[0]), _sign(atoms[1])]
    if draw.rng.random() < 0.6:
        signs.append(logic.assume(ForAll(k, 1, N, LessEqual(ZERO, g[k]))))
    return atoms, signs


@refuter("count_is_nonnegative")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (draw.index(),)


@refuter("monotone")
def _(draw: Formulas) -> tuple[Any, ...]:
    hole, scalar, other = Variable("rnd_hole"), draw.scalar(1), draw.scalar(1)
    theorem = draw.one_of(_below(draw), _below(draw, Less), draw.inequality())
    template = draw.one_of(Sum(other, hole), Scaled(hole, scalar), Power(hole, draw.exponent()), Maximum(hole, other),
                           Minimum(other, hole), Quotient(hole, scalar), Quotient(scalar, hole), Absolute(hole))
    return template, hole, theorem, (_sign(scalar), _sign(theorem.left))


@refuter("increase")
def _(draw: Formulas) -> tuple[Any, ...]:
    hole = Variable("rnd_hole")
    theorem = draw.one_of(_below(draw), _below(draw, Less), draw.inequality())
    scalar, other = draw.scalar(1), draw.scalar(1)
    template: Term = hole
    for _ in range(draw.rng.randint(1, 3)):
        template = draw.one_of(Sum(other, template), Scaled(template, scalar), Power(template, draw.exponent()),
                               Maximum(template, other), Minimum(other, template), Quotient(template, scalar),
                               Quotient(scalar, template), Absolute(template), Scaled(template, Norm(draw.matrix(1))))
    return template, hole, theorem, (_sign(scalar), _sign(theorem.left))


@refuter("absolute_product")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (tuple(draw.scalar(1) for _ in range(draw.rng.randint(1, 3))),)


@refuter("absolute_of_nonnegative")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (draw.one_of(_sign(draw.scalar(1)), logic.assume(Less(ZERO, draw.scalar(1)))),)


@refuter("absolute_bound")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.scalar(1), draw.one_of(True, False)


@refuter("between_extremes")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.one_of(Maximum, Minimum)(draw.scalar(1), draw.scalar(1), draw.scalar(1)), draw.rng.randint(-1, 3)


@refuter("nonzero_of_positive")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (draw.one_of(_below(draw, Less), logic.assume(Less(ZERO, draw.scalar(1)))),)


@refuter("cancel")
def _(draw: Formulas) -> tuple[Any, ...]:
    return draw.scalar(1), draw.scalar(1)


# ------------------------------------------------------------ ranges

def _range(draw: Formulas) -> Any:
    """A product or sum over a range, of layered matrices, square ones, scalars or whole formulas."""
    index, low, high = draw.range()
    body = draw.under(index, lambda: draw.one_of(
        lambda: W[index], lambda: M[index], lambda: M[index] @ M[k], lambda: g[index], lambda: draw.scalar(1),
        lambda: draw.term(m, m, 1))())
    if body is W[index]:
        return draw.one_of(OrderedProduct(index, low, high, body, -1), OrderedProduct(index, low, high, body.T, 1))
    if draw.rng.random() < 0.3:
        return FiniteSum(index, low, high, draw.one_of(body, h[index]))
    return OrderedProduct(index, low, high, body, draw.one_of(1, -1))


@refuter("first")
@refuter("last")
@refuter("empty")
@refuter("transpose_product")
def _(draw: Formulas) -> tuple[Any, ...]:
    return (_range(draw),)


@refuter("split")
@refuter("shift")
def _(draw: Formulas) -> tuple[Any, ...]:
    return _range(draw), draw.index()


@refuter("constant_product")
def _(draw: Formulas) -> tuple[Any, ...]:
    index, low, high = draw.range()
    return (OrderedProduct(index, low, high, draw.one_of(draw.scalar(1), draw.under(index, lambda: draw.scalar(1)))),)


@refuter("constant_sum")
def _(draw: Formulas) -> tuple[Any, ...]:
    index, low, high = draw.range()
    return (FiniteSum(index, low, high, draw.one_of(draw.matrix(1), draw.under(index, lambda: draw.scalar(1)))),)


@refuter("join_products")
def _(draw: Formulas) -> tuple[Any, ...]:
    index, low, high = draw.range()
    return tuple(OrderedProduct(index, low, high, draw.under(index, lambda: draw.scalar(1)), draw.one_of(1, -1))
                 for _ in range(2))


@refuter("over_range")
def _(draw: Formulas) -> tuple[Any, ...]:
    theorem, index, low, high, way = REFUTERS["range_congruence"](draw)
    return logic.generalise(theorem, index, low, high), way


@refuter("range_increase")
def _(draw: Formulas) -> tuple[Any, ...]:
    low, high = draw.one_of(sympy.Integer(1), k), draw.one_of(N, k + 1)
    smaller = draw.one_of(g[i], Norm(M[i]), Scaled(g[i], Norm(M[i])))
    larger = draw.one_of(Sum(smaller, Absolute(g[i + 1])), Variable("rnd_bound"), g[i + 1])
    theorem = logic.specialise(logic.assume(ForAll(i, low, high, LessEqual(smaller, larger))), i)
    signs = (logic.specialise(logic.assume(ForAll(i, low, high, LessEqual(ZERO, g[i]))), i),)
    return theorem, i, low, high, draw.one_of(True, False), signs

