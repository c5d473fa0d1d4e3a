"""Facts of the literature that are cited, not proved: each names its source, and `rests_on()` lists it.

Most are about all functions of a kind, which neither balls nor algebra can decide. What follows from them is proved.
`CITED` lists them by name, so that the tests try to refute them as they do the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sympy import Rational

from ..kernel.facts import cited
from ..kernel.statements import Differentiable, Less, LessEqual, LipschitzGradient, TwiceDifferentiable
from ..kernel.theorem import Theorem, need
from ..terms.algebra import MatrixProduct, Scaled, Term, as_term
from ..terms.exponents import FROBENIUS
from ..terms.named import FunctionAt, Gradient
from ..terms.scalars import Inner, LeastEigenvalue, Norm, Power, SMin, absolute, inner, norm
from ..terms.taylor import TaylorRadius, taylor_rest

__all__ = ["CITED", "frobenius_product", "near_the_tangent_plane", "radius_is_positive", "rayleigh", "stretch_at_most_norm",
           "taylor_radius"]

LEMMA = "Nesterov, Introductory Lectures on Convex Optimization (2004), Lemma 1.2.3: near the tangent plane"
PEANO = "Cartan, Differential Calculus (1971), Theorem 5.6.3: Taylor's formula with Peano's remainder, of order 2"
FRECHET = "Cartan, Differential Calculus (1971), 2.1: the definition of the derivative"
RAYLEIGH = "Horn and Johnson, Matrix Analysis (2013), Theorem 4.2.2: the quotient of Rayleigh"
NORMS = "Horn and Johnson, Matrix Analysis (2013), 5.6: matrix norms"

_F = TypeVar("_F", bound=Callable[..., Theorem])

#: every cited fact by name
CITED: dict[str, Callable[..., Theorem]] = {}


def _listed(function: _F) -> _F:
    CITED[function.__name__] = function
    return function


@_listed
def near_the_tangent_plane(f: FunctionAt, constant: Any, p: Term, q: Term) -> Theorem:
    """∇f Lipschitz with constant K |- |f(q) − f(p) − ⟨∇f(p), q − p⟩| <= ½ K ‖q − p‖²     cited: Nesterov."""
    rest = absolute(f(q) - f(p) - inner(Gradient(f, p), q - p))
    bound = Rational(1, 2) * as_term(constant) * Power(norm(q - p), 2)
    return cited(LEMMA, LessEqual(rest, bound), (LipschitzGradient(f, constant),))


@_listed
def radius_is_positive(f: FunctionAt, point: Term, epsilon: Any, order: int) -> Theorem:
    """f twice differentiable at p, 0 < ε |- 0 < ρ_2(f, p, ε)     cited: Taylor and Peano; order 1: differentiable."""
    smooth = TwiceDifferentiable(f, point) if order == 2 else Differentiable(f, point)
    return cited(PEANO if order == 2 else FRECHET, Less(0, TaylorRadius(f, point, epsilon, order)),
                 (smooth, Less(0, epsilon)))


@_listed
def taylor_radius(f: FunctionAt, point: Term, step: Term, epsilon: Any, order: int) -> Theorem:
    """‖h‖_2 < ρ_k(f, p, ε) |- |f(p + h) - f(p) - ⟨∇f(p), h⟩ - ½⟨h, D²f(p) h⟩| <= ε ‖h‖_2^k     k = 2

    For k = 1 without the last summand. Inside its radius Taylor's polynomial is that good by the radius's definition (see
    `terms.taylor`); cited with the theorem that gives the radius.
    """
    radius = TaylorRadius(f, point, epsilon, order)
    size = Norm(step, 2)
    bound = as_term(epsilon) * Power(size, radius.order)
    return cited(PEANO if order == 2 else FRECHET, LessEqual(taylor_rest(f, point, step, radius.order), bound),
                 (Less(size, radius),))


@_listed
def rayleigh(matrix: Term, vector: Term) -> Theorem:
    "|- λ_min(A) ‖x‖_2^2 <= ⟨x, A x⟩     x a column"
    vector = as_term(vector)
    need(vector.columns == 1, lambda: f"{vector} is no column")
    return cited(RAYLEIGH, LessEqual(Scaled(LeastEigenvalue(matrix), Power(Norm(vector, 2), 2)),
                                     Inner(vector, MatrixProduct(matrix, vector))), ())


@_listed
def frobenius_product(left: Term, right: Term) -> Theorem:
    "|- ‖A B‖_F <= ‖A‖_2 ‖B‖_F"
    bound = Scaled(Norm(left, 2), Norm(right, FROBENIUS))
    return cited(NORMS, LessEqual(Norm(MatrixProduct(left, right), FROBENIUS), bound), ())


@_listed
def stretch_at_most_norm(matrix: Term) -> Theorem:
    "|- s_min(A) <= ‖A‖_2"
    return cited(NORMS, LessEqual(SMin(matrix), Norm(matrix, 2)), ())
