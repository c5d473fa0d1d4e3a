"""The recurrent condition: x_t = W s(x_{t-1}) + W_in u_t + b, and what g ||W||_2 says of ||dx_t/dx_k|| (claim
C15).

eta = g ||W||_2 < 1 gives ||dx_t/dx_k|| <= eta^(t-k) for every input.  eta <= 1: no product ever exceeds 1, so
explosion needs eta > 1. The other way round nothing follows, and the spectral radius must not stand in for
the norm (W = [[2,-4],[1,-2]] is nilpotent, and with relu, unit 2 off, W diag(1, 0) has eigenvalue 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import arb
from numpy.typing import ArrayLike

from symgrad.bounds.enclosure import Enclosure
from symgrad.bounds.norms import norm
from symgrad.bounds.rounding import BoundError, exact_floats
from symgrad.bounds.states import slope_range
from symgrad.bounds.table import short
from symgrad.errors import ShapeError

__all__ = ["RecurrentCondition", "recurrent_condition"]


@dataclass(frozen=True)
class RecurrentCondition:
    """eta = sup|s'| ||W|| and what it proves."""

    eta: Enclosure
    gamma: Enclosure
    weight_norm: Enclosure

    @property
    def vanishes(self) -> bool:
        """Proved: ||dx_t/dx_k|| <= eta^(t-k) -> 0."""
        return bool(self.eta.upper < 1)

    @property
    def cannot_explode(self) -> bool:
        """Proved: ||dx_t/dx_k|| <= 1 for all t >= k."""
        return bool(self.eta.upper <= 1)

    def after(self, steps: int) -> Enclosure:
        """The interval [0, eta^steps] that contains ||dx_t/dx_k|| for t - k = steps >= 0."""
        if steps < 0:
            raise BoundError(f"steps is {steps}; expected t - k >= 0")
        return Enclosure(arb(0), (self.eta.upper**steps).upper() if steps else arb(1))

    def __str__(self) -> str:
        if not self.gamma.upper.is_finite():
            return "The slope of this activation has no bound γ: γ‖W‖₂ says nothing, whatever W is."
        head = (f"γ‖W‖₂ ≤ {short(self.eta.upper, up=True, digits=6)} (γ ≤ {short(self.gamma.upper, up=True, digits=6)}, "
                f"‖W‖₂ ≤ {short(self.weight_norm.upper, up=True, digits=6)}): ")
        if self.vanishes:
            return head + "below 1, so ‖∂x_t/∂x_k‖ ≤ (γ‖W‖₂)^(t−k) vanishes geometrically, for every input."
        if self.cannot_explode:
            return head + "at most 1, so no ‖∂x_t/∂x_k‖ exceeds 1; whether it vanishes is open."
        return head + "not proved to be at most 1: explosion is possible, and nothing is proved either way."


def recurrent_condition(weight: ArrayLike, activation: Any) -> RecurrentCondition:
    """Certified g ||W||_2 against 1 for a square matrix W and an activation or its name.

    Raises ShapeError when W is not square, BoundError for entries that are not finite, SymgradError for an unknown
    activation.
    """
    if not hasattr(activation, "sup_slope"):
        from symgrad.operations.activation import activation as named
        activation = named(activation)
    w = exact_floats(weight, "W", 2)
    if w.shape[0] != w.shape[1]:
        raise ShapeError(f"W has shape {w.shape}; the recurrent matrix is square")
    gamma = Enclosure(*slope_range(activation))
    size = norm(w, 2)
    return RecurrentCondition(gamma * size, gamma, size)
