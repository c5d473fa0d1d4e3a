"""The dense network with one neuron a layer, in the notation of the dense network: products of scalars.

    z^l = w^l a^{l-1} + b^l    a^l = σ_l(z^l)    a^0 = x    C = ½(a^L − y)²    δ^l = ∂C/∂z^l

It is `symgrad.networks.dense` at widths 1. There the widths are fixed names, here the weights are scalars and commute,
which is what the products of document 000 need.
"""

from __future__ import annotations

from typing import Any

from sympy import Rational

from ..kernel.definitions import define
from ..terms.algebra import Term
from ..terms.index import Constant, Index
from ..terms.named import ElementwiseFunction, Family, Function, Gradient, Variable

__all__ = ["C", "L", "W", "a", "b", "delta", "delta_definition", "gradient", "l", "last_cost_definition",
           "next_cost_definition", "r", "sigma", "slope", "w", "weight_definition", "x", "y", "z"]

l, r = Index("l"), Index("r")
L = Constant("L")
_layers: Any = (1 <= l, l <= L)

w = Family("neuron.w", over={l: (1, L)})
b = Family("neuron.b", over={l: (1, L)})
z = Family("neuron.z", over={l: (1, L)})
a = Family("neuron.a", over={l: (0, L)})
delta = Family("neuron.delta", over={l: (1, L)})
x, y = Family("neuron.x")(), Family("neuron.y")()
sigma = ElementwiseFunction("sigma")

v, t = Variable("neuron.v"), Variable("neuron.t")              # stand for z^l and for w^l
C = Function("neuron.C", [(1, 1)], over={l: (1, L)})           # the cost as a function of z^l
W = Function("neuron.W", [(1, 1)], over={l: (1, L)}, gradient_of="C")

weighted_input_definition, activation_definition, input_definition = define(
    (z[l], w[l] * a[l - 1] + b[l], _layers),
    (a[l], sigma[l](z[l]), _layers),
    (a[0], x, ()))
last_cost_definition, next_cost_definition = define(
    (C[L](v), Rational(1, 2) * (sigma[L](v) - y) ** 2, (1 <= L,)),
    (C[l](v), C[l + 1](w[l + 1] * sigma[l](v) + b[l + 1]), (1 <= l, l < L)))
(delta_definition,) = define((delta[l], Gradient(C[l], z[l]), _layers))
(weight_definition,) = define((W[l](t), C[l](t * a[l - 1] + b[l]), _layers))


def slope(layer: Any) -> Term:
    """σ_l'(z^l)."""
    return sigma[layer].prime(z[layer])


def gradient(layer: Any) -> Gradient:
    """∂C/∂w^l as a term."""
    return Gradient(W[layer], w[layer])
