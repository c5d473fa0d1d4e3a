"""The dense network over a finite sequence of examples, with any loss: the empirical error and its mean.

    E = Σ_{j=1}^{N} ℓ_j(a_{L,j})    z_{l,j} = w^l a_{l-1,j} + b^l    a_{l,j} = σ_l(z_{l,j})    a_{0,j} = x_j

The parameters are those of all examples; everything else carries the number j of its example. ℓ_j(u) = L̂(u, y_j)
is the loss of example j, with its target inside: a named function of the output. A sequence, not a set: an example
that occurs twice counts twice. `C_{l,j}(v)` is the loss of example j as a function of z_{l,j} = v, and δ_{l,j} its
gradient there, as for one example; `E_w[l](X)` and `E_b[l](β)` are the error as a function of w^l and of b^l, `M_w`
and `M_b` the mean.
"""

from __future__ import annotations

from typing import Any

from ..kernel.definitions import define
from ..terms.algebra import Count, Term
from ..terms.index import Constant, Index, WidthFamily
from ..terms.named import ElementwiseFunction, Family, Function, Gradient, Variable
from ..terms.ranges import ordered_sum
from ..terms.scalars import Quotient

__all__ = ["C", "E_b", "E_w", "L", "M_b", "M_w", "N", "a", "b", "bias_mean_definition", "bias_total_definition",
           "delta", "delta_definition", "error", "j", "l", "last_cost_definition", "loss", "next_cost_definition",
           "sigma", "w", "weight_mean_definition", "weight_total_definition", "weighted_input_definition", "x", "z"]

l, j = Index("l"), Index("j")
L, N = Constant("L"), Constant("N")                            # the depth, the number of examples
n = WidthFamily("n")
_all: Any = (1 <= l, l <= L, 1 <= j, j <= N)
_layers: Any = (1 <= l, l <= L)
_examples: Any = (1 <= j, j <= N)

w = Family("set.w", n[l], n[l - 1], over={l: (1, L)})
b = Family("set.b", n[l], over={l: (1, L)})
x = Family("set.x", n[0], over={j: (1, N)})
z = Family("set.z", n[l], over={l: (1, L), j: (1, N)})
a = Family("set.a", n[l], over={l: (0, L), j: (1, N)})
delta = Family("set.delta", n[l], over={l: (1, L), j: (1, N)})
sigma = ElementwiseFunction("sigma")

v, beta, weight = Variable("set.v", n[l]), Variable("set.beta", n[l]), Variable("set.omega", n[l], n[l - 1])
output = Variable("set.u", n[L])
loss = Function("set.loss", [(n[L], 1)], over={j: (1, N)})
C = Function("set.C", [(n[l], 1)], over={l: (1, L), j: (1, N)})
E_w = Function("weights.E", [(n[l], n[l - 1])], over={l: (1, L)}, gradient_of="E")
E_b = Function("biases.E", [(n[l], 1)], over={l: (1, L)}, gradient_of="E")
M_w = Function("weights.M", [(n[l], n[l - 1])], over={l: (1, L)}, gradient_of="M")
M_b = Function("biases.M", [(n[l], 1)], over={l: (1, L)}, gradient_of="M")

weighted_input_definition, activation_definition, input_definition = define(
    (z[l, j], w[l] @ a[l - 1, j] + b[l], _all),
    (a[l, j], sigma[l](z[l, j]), _all),
    (a[0, j], x[j], _examples))
last_cost_definition, next_cost_definition = define(
    (C[L, j](v.at({l: L})), loss[j](sigma[L](v.at({l: L}))), (1 <= L, *_examples)),
    (C[l, j](v), C[l + 1, j](w[l + 1] @ sigma[l](v) + b[l + 1]), (1 <= l, l < L, *_examples)))
(delta_definition,) = define((delta[l, j], Gradient(C[l, j], z[l, j]), _all))


def error() -> Term:
    """E = Σ_j ℓ_j(a_{L,j})."""
    return ordered_sum(j, 1, N, loss[j](a[L, j]))


(weight_total_definition,) = define(
    (E_w[l](weight), ordered_sum(j, 1, N, C[l, j](weight @ a[l - 1, j] + b[l])), _layers))
(bias_total_definition,) = define(
    (E_b[l](beta), ordered_sum(j, 1, N, C[l, j](w[l] @ a[l - 1, j] + beta)), _layers))
(weight_mean_definition,) = define((M_w[l](weight), Quotient(1, Count(N)) * E_w[l](weight), _layers))
(bias_mean_definition,) = define((M_b[l](beta), Quotient(1, Count(N)) * E_b[l](beta), _layers))
