"""Taylor's polynomial where it is good by definition: inside its radius ρ_k(f, p, ε) (see `terms.taylor`)."""

from __future__ import annotations

from typing import Any

from ..terms.algebra import Term, as_term
from ..terms.named import FunctionAt
from ..terms.scalars import Norm, Power
from ..terms.taylor import TaylorRadius, taylor_rest
from .statements import Less, LessEqual
from .theorem import Sequent, rule

__all__ = ["taylor_radius"]


@rule
def taylor_radius(function: FunctionAt, point: Term, step: Term, epsilon: Any, order: int) -> Sequent:
    """‖h‖_2 < ρ_k(f, p, ε) |- |f(p + h) - f(p) - ⟨∇f(p), h⟩ - ½⟨h, D²f(p) h⟩| <= ε ‖h‖_2^k     k = 2

    For k = 1 without the last summand.
    """
    radius = TaylorRadius(function, point, epsilon, order)
    h, epsilon = as_term(step), as_term(epsilon)
    size = Norm(h, 2)
    return Sequent(LessEqual(taylor_rest(function, point, h, radius.order), epsilon * Power(size, radius.order)),
                   (Less(size, radius),))
