"""Facts of the literature that are cited, not proved: each names its source, and `rests_on()` lists it.

They are about all functions of a kind, which neither balls nor algebra can decide. What follows from them is proved.
"""

from __future__ import annotations

from typing import Any

from sympy import Rational

from ..kernel.facts import cited
from ..kernel.statements import Differentiable, Less, LessEqual, LipschitzGradient, TwiceDifferentiable
from ..kernel.theorem import Theorem
from ..terms.algebra import Term, as_term
from ..terms.named import FunctionAt, Gradient, Variable
from ..terms.scalars import Power, absolute, inner, norm
from ..terms.taylor import TaylorRadius

__all__ = ["near_the_tangent_plane", "radius_is_positive"]

LEMMA = "Nesterov, Introductory Lectures on Convex Optimization (2004), Lemma 1.2.3: near the tangent plane"
PEANO = "Cartan, Differential Calculus (1971), Theorem 5.6.3: Taylor's formula with Peano's remainder, of order 2"
FRECHET = "Cartan, Differential Calculus (1971), 2.1: the definition of the derivative"


def near_the_tangent_plane(f: FunctionAt, constant: Any, p: Variable, q: Variable) -> Theorem:
    """∇f Lipschitz with constant K |- |f(q) − f(p) − ⟨∇f(p), q − p⟩| <= ½ K ‖q − p‖²     cited: Nesterov.

    p and q are any points: variables, to be instantiated.
    """
    rest = absolute(f(q) - f(p) - inner(Gradient(f, p), q - p))
    bound = Rational(1, 2) * as_term(constant) * Power(norm(q - p), 2)
    return cited(LEMMA, LessEqual(rest, bound), (LipschitzGradient(f, constant),))


def radius_is_positive(f: FunctionAt, point: Term, epsilon: Any, order: int) -> Theorem:
    """f twice differentiable at p, 0 < ε |- 0 < ρ_2(f, p, ε)     cited: Taylor and Peano; order 1: differentiable."""
    smooth = TwiceDifferentiable(f, point) if order == 2 else Differentiable(f, point)
    return cited(PEANO if order == 2 else FRECHET, Less(0, TaylorRadius(f, point, epsilon, order)),
                 (smooth, Less(0, epsilon)))
