"""Derived rules of sizes: |s| and norms of scalars, Hölder's inequality, squares of norms, numbers compared.

As in `derived`, nothing here is trusted, and every rule is listed in `DERIVED`. What is said of all scalars is proved
once, for variables, and instantiated.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..kernel import logic, norms, order
from ..kernel.algebra import algebra
from ..kernel.equality import congruence, reflexive, symmetric, transitive
from ..kernel.theorem import Theorem, need
from ..terms.algebra import Diagonal, Identity, MatrixProduct, Number, Scaled, Term, Transpose, as_term
from ..terms.exponents import FROBENIUS, dual_kind, norm_kind
from ..terms.index import Dimension
from ..terms.named import Variable
from ..terms.scalars import Absolute, Inner, Norm, Power
from .derived import derived_rule, equal_to_le, increase

__all__ = ["absolute_product", "compare_numbers", "holder", "norm_of_scalar", "square_of_norm"]

_s, _hole, _n = Variable("any_scalar"), Variable("size_hole"), Dimension("any_size")
_x = Variable("any_column", _n)


@derived_rule
def norm_of_scalar(scalar: Term, kind: Any) -> Theorem:
    "|- ‖s‖ = |s|     s a scalar"
    scalar = as_term(scalar)
    need(scalar.is_scalar_term, lambda: f"{scalar} is no scalar")
    return logic.instantiate(_norm_of_scalar(norm_kind(kind)), ((_s, scalar),))


@lru_cache(maxsize=64)
def _norm_of_scalar(kind: Any) -> Theorem:
    """‖s‖_p = ‖s I‖_p = |s| ‖I‖_p = |s|, and ‖s‖_F = ‖diag(s)‖_F = ‖s‖_2."""
    if kind is FROBENIUS:
        diagonal = congruence(Norm(_hole, kind), _hole, algebra(_s, Diagonal(_s)))
        return transitive(transitive(diagonal, norms.norm_of_diagonal(_s, kind)), _norm_of_scalar(norm_kind(2)))
    multiple = congruence(Norm(_hole, kind), _hole, algebra(_s, Scaled(_s, Identity(1))))
    apart = transitive(multiple, norms.homogeneous(_s, Identity(1), kind))
    alone = congruence(Scaled(Absolute(_s), _hole), _hole, norms.identity_norm(1, kind))
    return transitive(transitive(apart, alone), algebra(alone.right, Absolute(_s)))


@derived_rule
def absolute_product(factors: tuple[Term, ...]) -> Theorem:
    "|- |s_1 … s_n| = |s_1| … |s_n|     scalars"
    factors = tuple(map(as_term, factors))
    need(factors and all(f.is_scalar_term for f in factors), "expected scalars")
    return logic.instantiate(_absolute_product(len(factors)), tuple(zip(_scalars(len(factors)), factors, strict=True)))


def _scalars(count: int) -> tuple[Variable, ...]:
    return tuple(Variable(f"any_scalar_{k}") for k in range(count))


@lru_cache(maxsize=64)
def _absolute_product(count: int) -> Theorem:
    """|s t| = ‖s t‖ = |s| ‖t‖ = |s| |t|, from the last factor on."""
    *before, last = _scalars(count)
    found, rest = reflexive(Absolute(last)), Scaled(last)
    for s in reversed(before):
        size = transitive(symmetric(norm_of_scalar(Scaled(s, rest), 2)), norms.homogeneous(s, rest, 2))
        alone = transitive(norm_of_scalar(rest, 2), found)
        found = transitive(size, congruence(Scaled(Absolute(s), _hole), _hole, alone))
        rest = Scaled(s, rest)
    return found


@derived_rule
def holder(x: Term, y: Term, kind: Any) -> Theorem:
    "|- |⟨x, y⟩| <= ‖x‖_p ‖y‖_q     columns; of matrices, with Frobenius norms"
    x, y, kind = as_term(x), as_term(y), norm_kind(kind)
    if kind is FROBENIUS:
        return norms.cauchy_schwarz(x, y)
    need(x.columns == 1, lambda: f"{x} is no column: only the Frobenius norm fits")
    dual, row = dual_kind(kind), Transpose(x)
    product = congruence(Absolute(_hole), _hole, algebra(Inner(x, y), MatrixProduct(row, y)))
    size = transitive(product, symmetric(norm_of_scalar(MatrixProduct(row, y), dual)))
    bound = transitive(size, norms.submultiplicative((row, y), dual))
    return transitive(bound, congruence(Scaled(_hole, Norm(y, dual)), _hole, norms.transpose_norm(x, dual)))


@derived_rule
def square_of_norm(term: Term, kind: Any) -> Theorem:
    "|- ‖x‖_2² = ⟨x, x⟩     x a column     |- ‖A‖_F² = ⟨A, A⟩"
    term, kind = as_term(term), norm_kind(kind)
    if kind is FROBENIUS:
        return norms.frobenius_square(term)
    need(kind == 2 and term.columns == 1, lambda: f"only a Euclidean norm is a root of ⟨A, A⟩, got {kind} of {term}")
    return logic.instantiate(_square(), ((_n, term.rows), (_x, term)))


@lru_cache(maxsize=1)
def _square() -> Theorem:
    """‖x‖_2² = ‖diag(x)‖_F² = ⟨diag(x), diag(x)⟩ = ⟨x, x⟩."""
    diagonal = congruence(Power(_hole, 2), _hole, symmetric(norms.norm_of_diagonal(_x, FROBENIUS)))
    entries = transitive(diagonal, norms.frobenius_square(Diagonal(_x)))
    return transitive(entries, algebra(entries.right, Inner(_x, _x)))


@derived_rule
def compare_numbers(left: Number, right: Number) -> Theorem:
    "|- p <= q     p < q when they differ; rational numbers, compared exactly"
    left, right = as_term(left), as_term(right)
    need(isinstance(left, Number) and isinstance(right, Number) and left.value.is_Rational and right.value.is_Rational,
         lambda: f"expected two rational numbers, got {left} and {right}")
    need(left.value <= right.value, lambda: f"{left} is greater than {right}")
    if left is right:
        return equal_to_le(reflexive(left))
    grown = increase(_hole + left, _hole, order.positive(Number(right.value - left.value)), ())
    return transitive(transitive(algebra(left, grown.left), grown), algebra(grown.right, right))
