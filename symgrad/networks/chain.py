"""The chain: one neuron a layer, the network in which the chain rule is easiest to see.

    o_i = σ_i(w_i o_{i-1} + b_i),  i from 2 with o_1 = w_1, or from 1 with an input o_0 = x

with or without biases; the result is F = o_L itself or the cost C = ½(o_L − y)². `F_i(v)` is the result as a function
of o_i = v, and each parameter has its own function of a variable that stands in its place, as for dense networks.
The theory is that of matrices at width 1: products are products of scalars.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Rational

from ..kernel.definitions import define
from ..kernel.theorem import Theorem
from ..terms.algebra import Term
from ..terms.index import Constant, Index
from ..terms.named import ElementwiseFunction, Family, Function, FunctionAt, Gradient, Named, Variable

__all__ = ["ChainTheory", "chain_theory"]

i, r = Index("i"), Index("r")
L = Constant("L")
sigma = ElementwiseFunction("sigma")


@dataclass(frozen=True, eq=False)
class ChainTheory:
    """The symbols of a chain and the equations that define them."""

    has_input: bool
    has_bias: bool
    has_loss: bool
    w: Family
    b: Family
    o: Family
    x: Named
    y: Named
    F: Function
    v: Variable
    output_definition: Theorem                     # o_i = σ_i(…)
    start_definition: Theorem                      # o_1 = w_1 or o_0 = x
    last_definition: Theorem                       # F_L(v) = v or ½(v − y)²
    next_definition: Theorem                       # F_i(v) = F_{i+1}(σ_{i+1}(w_{i+1} v + b_{i+1}))
    parameters: dict[str, Theorem]                 # "w", "b", "w1" or "x" -> the equation for its function

    @property
    def first(self) -> int:
        """The first layer with an activation."""
        return 1 if self.has_input else 2

    def weighted(self, layer: Any) -> Term:
        """w_i o_{i-1} + b_i."""
        return self.affine(layer, self.o[layer - 1])

    def affine(self, layer: Any, value: Any, weight: Any = None, bias: Any = None) -> Term:
        product = (self.w[layer] if weight is None else weight) * value
        return product + (self.b[layer] if bias is None else bias) if self.has_bias else product

    def slope(self, layer: Any) -> Term:
        """σ_i'(w_i o_{i-1} + b_i)."""
        return sigma[layer].prime(self.weighted(layer))

    def gradient(self, name: str, layer: Any = None) -> Gradient:
        """∂F/∂w_i, ∂F/∂b_i, ∂F/∂w_1 or ∂F/∂x as a term."""
        function: FunctionAt = self.parameters[name].left.function
        if name in ("w1", "x"):
            return Gradient(function, self.w[1] if name == "w1" else self.x)
        return Gradient(function.function[layer], (self.w if name == "w" else self.b)[layer])


@lru_cache(maxsize=8)
def chain_theory(has_input: bool = False, has_bias: bool = False, has_loss: bool = False) -> ChainTheory:
    """The chain with an input or with o_1 = w_1, with or without biases, with or without a loss."""
    space = "chain" + "_x" * has_input + "_b" * has_bias + "_c" * has_loss
    low = 1 if has_input else 2
    result = "C" if has_loss else "F"

    def scalar(name: str, first: int) -> Family:
        return Family(f"{space}.{name}", over={i: (first, L)})

    def function(name: str, first: int | None) -> Function:
        over = {} if first is None else {i: (first, L)}
        return Function(f"{space}.{name}", [(1, 1)], over=over, gradient_of=result)

    w, b, o = scalar("w", 1), scalar("b", low), scalar("o", low - 1)
    x, y = Family(f"{space}.x")(), Family(f"{space}.y")()
    v, t = Variable("chain.v"), Variable("chain.t")
    F, P, Q, S = function(result, low - 1), function("P", low), function("Q", low), function("S", None)

    def affine(layer: Any, value: Any, weight: Any, bias: Any) -> Term:
        return weight * value + bias if has_bias else weight * value

    inside: Any = (low <= i, i <= L)
    output, start = define(
        (o[i], sigma[i](affine(i, o[i - 1], w[i], b[i])), inside),
        (o[low - 1], x if has_input else w[1], ()))
    last, following = define(
        (F[L](v), Rational(1, 2) * (v - y) ** 2 if has_loss else v, (low - 1 <= L,)),
        (F[i](v), F[i + 1](sigma[i + 1](affine(i + 1, v, w[i + 1], b[i + 1]))), (low - 1 <= i, i < L)))
    parameters = {"w": define((P[i](t), F[i](sigma[i](affine(i, o[i - 1], t, b[i]))), inside))[0]}
    if has_bias:
        parameters["b"] = define((Q[i](t), F[i](sigma[i](affine(i, o[i - 1], w[i], t))), inside))[0]
    parameters["x" if has_input else "w1"] = define((S(t), F[low - 1](t), (low - 1 <= L,)))[0]
    return ChainTheory(has_input, has_bias, has_loss, w, b, o, x, y, F, v, output, start, last, following, parameters)
