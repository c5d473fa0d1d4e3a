"""Facts about activations that no rule can derive, computed with certainty: smoothness and bounds of slopes.

The hypothesis `σ = sigmoid` names an activation of the catalogue, or a formula in x. Each method decides its statement
again whenever a theorem is replayed.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Rational

from ..kernel.export import FORMULAS
from ..kernel.facts import computed, method
from ..kernel.statements import Bounded, Differentiable, IsActivation, Statement
from ..kernel.theorem import Theorem, need
from ..terms.algebra import Number
from ..terms.named import ElementwiseFunction
from .activation import Activation, activation, t

__all__ = ["bounded_slope", "differentiable", "name_of"]


def name_of(one: Activation) -> str | None:
    """The text by which `activation` finds this activation again, or None where there is none."""
    from ..errors import SymgradError
    for text in (one.name, str(one.expression)):
        try:
            if activation(text) is one or activation(text).expression == one.expression:
                return text
        except SymgradError:
            continue
    return None


FORMULAS["activation"] = lambda name: (activation(name).expression, t)


@lru_cache(maxsize=256)
def _smooth(name: str) -> bool:
    return activation(name).smooth


def _named(function: ElementwiseFunction, hypotheses: tuple[Statement, ...]) -> str:
    """The activation that the hypotheses say the function is (or whose derivative it is)."""
    for h in hypotheses:
        if isinstance(h, IsActivation) and h.args[0].args[0] == function.args[0] and h.args[0].indices == function.indices:
            return str(h.args[1].name)
    need(False, lambda: f"no hypothesis says which activation {function} is")
    return ""


@method("smooth")
def smooth(statement: Statement, hypotheses: tuple[Statement, ...]) -> str:
    """σ = f |- σ is differentiable at p, for an f without kinks and jumps."""
    need(isinstance(statement, Differentiable) and isinstance(statement.args[0], ElementwiseFunction)
         and statement.args[0].order == 0, lambda: f"expected that σ is differentiable somewhere, got {statement}")
    name = _named(statement.args[0], hypotheses)
    need(_smooth(name), lambda: f"{name} has a kink or a jump")
    return f"{name} has no kink and no jump"


@method("sup_slope")
def sup_slope(statement: Statement, hypotheses: tuple[Statement, ...]) -> str:
    """σ = f |- |σ'(t)| <= γ for every t, for a number γ that the certified supremum does not exceed."""
    need(isinstance(statement, Bounded) and statement.args[0].order == 1 and isinstance(statement.args[1], Number),
         lambda: f"expected |σ'(t)| <= a number, got {statement}")
    name = _named(statement.args[0], hypotheses)
    found, bound = activation(name).sup_slope(), statement.args[1].value
    need(not found.unbounded, lambda: f"the slope of {name} is unbounded")
    below = bound.is_Rational and Rational(str(found.upper)) <= bound
    need(below or (found.exact is not None and (bound - found.exact).is_nonnegative),
         lambda: f"sup |{name}'| lies between {found.lower} and {found.upper}, not below {bound}")
    return f"sup |{name}'| = {found.exact if found.exact is not None else found.upper}"


def bounded_slope(function: ElementwiseFunction, name: str, bound: object) -> Theorem:
    """σ = f |- |σ'(t)| <= γ for every t."""
    return computed("sup_slope", Bounded(function.prime, bound), (IsActivation(function, name),))


def differentiable(function: ElementwiseFunction, name: str, point: object) -> Theorem:
    """σ = f |- σ is differentiable at p."""
    return computed("smooth", Differentiable(function, point), (IsActivation(function, name),))
