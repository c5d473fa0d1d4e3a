"""Norms and stretches: the p-norms for every p from 1 to ∞, a number or a symbol, and Frobenius' norm (F).

‖A‖_p is the norm that the p-norm of vectors induces (of a column, the norm of the vector); q is dual to p: 1/p + 1/q = 1.
Horn and Johnson, "Matrix Analysis", ch. 5; for any p: Higham, "Accuracy and Stability of Numerical Algorithms", 6.2.
"""

from __future__ import annotations

from typing import Any

from sympy import Integer

from ..terms.algebra import Diagonal, Identity, MatrixProduct, Number, Scaled, Sum, Term, Transpose, as_term
from ..terms.exponents import FROBENIUS, dual_kind, exponent_at_most, norm_kind
from ..terms.named import Elementwise, ElementwiseFunction
from ..terms.scalars import Absolute, Inner, Norm, Power, SMin
from .statements import Bounded, Condition, Equal, LessEqual
from .theorem import Sequent, need, rule

__all__ = ["bounded_norm", "cauchy_schwarz", "frobenius_square", "homogeneous", "identity_norm", "larger_exponent",
           "norm_of_diagonal", "rank_one", "spectral_at_most_frobenius", "stretch", "stretch_of_product", "stretch_of_wide",
           "submultiplicative", "transpose_norm", "triangle"]


@rule
def homogeneous(scalar: Term, term: Term, kind: Any) -> Sequent:
    "|- ‖s A‖ = |s| ‖A‖"
    scalar = as_term(scalar)
    need(scalar.is_scalar_term, lambda: f"{scalar} is no scalar")
    return Sequent(Equal(Norm(Scaled(scalar, term), kind), Scaled(Absolute(scalar), Norm(term, kind))))


@rule
def triangle(terms: tuple[Term, ...], kind: Any) -> Sequent:
    "|- ‖A_1 + … + A_n‖ <= ‖A_1‖ + … + ‖A_n‖"
    return Sequent(LessEqual(Norm(Sum(*terms), kind), Sum(*(Norm(t, kind) for t in terms))))


@rule
def submultiplicative(factors: tuple[Term, ...], kind: Any) -> Sequent:
    "|- ‖A_1 … A_n‖ <= ‖A_1‖ … ‖A_n‖     one kind throughout: p or Frobenius"
    return Sequent(LessEqual(Norm(MatrixProduct(*factors), kind), Scaled(*(Norm(f, kind) for f in factors))))


@rule
def spectral_at_most_frobenius(term: Term) -> Sequent:
    "|- ‖A‖_2 <= ‖A‖_F"
    return Sequent(LessEqual(Norm(term, 2), Norm(term, FROBENIUS)))


@rule
def transpose_norm(term: Term, kind: Any) -> Sequent:
    "|- ‖Aᵀ‖_p = ‖A‖_q     so ‖Aᵀ‖ = ‖A‖ in the 2-norm and the Frobenius norm, and only there"
    return Sequent(Equal(Norm(Transpose(term), kind), Norm(term, dual_kind(kind))))


@rule
def norm_of_diagonal(vector: Term, kind: Any) -> Sequent:
    "|- ‖diag(x)‖_p = ‖x‖_∞     |- ‖diag(x)‖_F = ‖x‖_2"
    return Sequent(Equal(Norm(Diagonal(vector), kind), Norm(vector, 2 if norm_kind(kind) is FROBENIUS else "inf")))


@rule
def bounded_norm(function: ElementwiseFunction, bound: Term, vector: Term) -> Sequent:
    "(|f(t)| <= γ for every t) |- ‖f(z)‖_∞ <= γ     z a column"
    vector = as_term(vector)
    need(vector.columns == 1, lambda: f"{vector} is no column")
    return Sequent(LessEqual(Norm(Elementwise(function, vector), "inf"), as_term(bound)), (Bounded(function, bound),))


@rule
def rank_one(x: Term, y: Term, kind: Any) -> Sequent:
    "|- ‖x yᵀ‖_p = ‖x‖_p ‖y‖_q     |- ‖x yᵀ‖_F = ‖x‖_2 ‖y‖_2     x, y columns"
    x, y, kind = as_term(x), as_term(y), norm_kind(kind)
    need(x.columns == 1 and y.columns == 1, lambda: f"expected columns, got {x} and {y}")
    one, two = (2, 2) if kind is FROBENIUS else (kind, dual_kind(kind))
    return Sequent(Equal(Norm(MatrixProduct(x, Transpose(y)), kind), Scaled(Norm(x, one), Norm(y, two))))


@rule
def larger_exponent(x: Term, smaller: Any, larger: Any) -> Sequent:
    "|- ‖x‖_q <= ‖x‖_p     x a column, p <= q throughout their ranges"
    x, p, q = as_term(x), norm_kind(smaller), norm_kind(larger)
    need(x.columns == 1, lambda: f"{x} is no column")
    need(exponent_at_most(p, q), lambda: f"expected exponents p <= q, got {p} and {q}")
    return Sequent(LessEqual(Norm(x, q), Norm(x, p)))


@rule
def cauchy_schwarz(one: Term, two: Term) -> Sequent:
    "|- |⟨A, B⟩| <= ‖A‖_F ‖B‖_F"
    return Sequent(LessEqual(Absolute(Inner(one, two)), Scaled(Norm(one, FROBENIUS), Norm(two, FROBENIUS))))


@rule
def frobenius_square(term: Term) -> Sequent:
    "|- ‖A‖_F² = ⟨A, A⟩"
    return Sequent(Equal(Power(Norm(term, FROBENIUS), 2), Inner(term, term)))


@rule
def identity_norm(size: Any, kind: Any) -> Sequent:
    "1 <= n |- ‖I_n‖_p = 1"
    need(norm_kind(kind) is not FROBENIUS, "the Frobenius norm of I_n is √n, not 1")
    eye = Identity(size)
    return Sequent(Equal(Norm(eye, kind), Number(1)), (Condition(eye.rows - 1),))


@rule
def stretch(matrix: Term, vector: Term) -> Sequent:
    "|- s_min(A) ‖x‖_2 <= ‖A x‖_2     x a column"
    vector = as_term(vector)
    need(vector.columns == 1, lambda: f"{vector} is no column")
    return Sequent(LessEqual(Scaled(SMin(matrix), Norm(vector, 2)), Norm(MatrixProduct(matrix, vector), 2)))


@rule
def stretch_of_product(left: Term, right: Term) -> Sequent:
    "|- s_min(A) s_min(B) <= s_min(A B)"
    return Sequent(LessEqual(Scaled(SMin(left), SMin(right)), SMin(MatrixProduct(left, right))))


@rule
def stretch_of_wide(matrix: Term) -> Sequent:
    "rows < columns |- s_min(A) = 0"
    matrix = as_term(matrix)
    return Sequent(Equal(SMin(matrix), Number(0)), (Condition(matrix.columns - matrix.rows - Integer(1)),))
