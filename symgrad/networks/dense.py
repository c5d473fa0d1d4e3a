"""The dense network of symbolic depth and widths, in Nielsen's notation.

    z^l = w^l a^{l-1} + b^l    a^l = σ_l(z^l)    a^0 = x    C = ½‖a^L − y‖²    δ^l = ∂C/∂z^l

`C_l(v)` is the cost as a function of z^l = v with every parameter fixed, so δ^l := ∇C_l(z^l) says δ^l without
ambiguity. Each parameter has its own function of a variable that stands in its place: the cost is B_l(b^l) and
W_l(w^l), and X(x) for the input. That these are the cost of the network with that parameter replaced is tested
exactly on concrete networks.  Nielsen, "Neural Networks and Deep Learning", chapter 2.
"""

from __future__ import annotations

from typing import Any

from sympy import Rational

from ..kernel.definitions import define
from ..terms.algebra import Diagonal, Term
from ..terms.index import Constant, Index, WidthFamily
from ..terms.named import ElementwiseFunction, Family, Function, Gradient, Named, Variable
from ..terms.scalars import norm

__all__ = ["B", "C", "L", "Sigma", "W", "X", "a", "activation_definition", "b", "beta", "bias_definition", "delta",
           "delta_definition", "gamma", "gradient", "input_definition", "input_gradient_definition", "l",
           "last_cost_definition", "n", "next_cost_definition", "r", "sigma", "v", "w", "weight", "weight_definition",
           "weighted_input_definition", "x", "y", "z"]

l, r = Index("l"), Index("r")
L = Constant("L")                                              # the depth
n = WidthFamily("n")                                           # n[l], the width of layer l

w = Family("w", n[l], n[l - 1], over={l: (1, L)})              # weights
b = Family("b", n[l], over={l: (1, L)})                        # biases
z = Family("z", n[l], over={l: (1, L)})                        # weighted inputs
a = Family("a", n[l], over={l: (0, L)})                        # activations
delta = Family("delta", n[l], over={l: (1, L)})                # errors
gamma = Family("gamma", over={l: (1, L)})                      # bounds on |σ_l'|
x = Family("x", n[0])()                                        # the input
y = Family("y", n[l], over={l: (L, L)})[L]                     # the target; its one index is not printed
sigma = ElementwiseFunction("sigma")                           # sigma[l], the activation of layer l

v = Variable("v", n[l])                                        # stands for z^l
beta = Variable("beta", n[l])                                  # stands for b^l
weight = Variable("omega", n[l], n[l - 1])                     # stands for w^l
u = Variable("u", n[0])                                        # stands for x

C = Function("C", [(n[l], 1)], over={l: (1, L)})
B = Function("B", [(n[l], 1)], over={l: (1, L)}, gradient_of="C")
W = Function("W", [(n[l], n[l - 1])], over={l: (1, L)}, gradient_of="C")
X = Function("X", [(n[0], 1)], gradient_of="C")


def Sigma(weighted_input: Named) -> Term:
    """Σ'(z^l), the diagonal matrix of the slopes of σ_l at z^l."""
    return Diagonal(sigma[weighted_input.indices[0]].prime(weighted_input))


def gradient(parameter: Named) -> Gradient:
    """∂C/∂b^l, ∂C/∂w^l or ∂C/∂x as a term.

    >>> print(gradient(w[l]))
    ∂C/∂w^l
    """
    if parameter is x:
        return Gradient(X[()], x)
    layer = parameter.indices[0]
    return Gradient({"b": B, "w": W}[parameter.name][layer], parameter)


_layers: Any = (1 <= l, l <= L)
vL = v.at({l: L})

weighted_input_definition, activation_definition, input_definition = define(
    (z[l], w[l] @ a[l - 1] + b[l], _layers),
    (a[l], sigma[l](z[l]), _layers),
    (a[0], x, ()))

last_cost_definition, next_cost_definition = define(
    (C[L](vL), Rational(1, 2) * norm(sigma[L](vL) - y) ** 2, (1 <= L,)),
    (C[l](v), C[l + 1](w[l + 1] @ sigma[l](v) + b[l + 1]), (1 <= l, l < L)))

(delta_definition,) = define((delta[l], Gradient(C[l], z[l]), _layers))
(bias_definition,) = define((B[l](beta), C[l](w[l] @ a[l - 1] + beta), _layers))
(weight_definition,) = define((W[l](weight), C[l](weight @ a[l - 1] + b[l]), _layers))
(input_gradient_definition,) = define((X(u), C[1](w[1] @ u + b[1]), (1 <= L,)))
