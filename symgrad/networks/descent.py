"""Gradient descent and Adagrad as recursions: p_k = p_{k-1} − η ∇F(p_{k-1}) for k >= 1, from any start p_0.

F is a named function of a column of any length d. Nothing is assumed of it: where F has no gradient, ∇F stands for
some fixed value, as everywhere in the kernel, and a theorem says so by a hypothesis when it needs more.

Adagrad goes coordinate by coordinate: w_k = w_{k-1} − η g_{k-1} / r_{k-1}, where g is one coordinate of the gradient
along the path and r_k² = g_0² + … + g_k². The root of a sum of squares is the length of a vector of the plane, so
r_k = ‖r_{k-1} f_1 + g_k f_2‖ with f_1, f_2 orthonormal.  Duchi, Hazan, Singer, JMLR 12 (2011), without damping.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ..kernel.definitions import define
from ..kernel.theorem import Theorem
from ..terms.index import Index, WidthFamily
from ..terms.named import Family, Function, Gradient, Named, Variable
from ..terms.scalars import Absolute, Norm

__all__ = ["Adagrad", "Descent", "adagrad", "d", "eta", "f", "gradient_descent", "k", "v"]

d = WidthFamily("d")[0]                               # the number of parameters, any
k = Index("k")                                        # the step
v = Variable("v", d)                                  # stands for a point
eta = Family("eta")()                                 # the learning rate

f = Family("adagrad.f", 2, over={Index("i"): (1, 2)})  # two directions of the plane


@dataclass(frozen=True)
class Descent:
    """The iterates p of gradient descent on F, their start, and the two equations that define them."""

    F: Function
    p: Family
    start: Named
    first_definition: Theorem                         # p_0 = the start
    step_definition: Theorem                          # p_k = p_{k-1} − η ∇F(p_{k-1}),  1 <= k


@lru_cache(maxsize=64)
def gradient_descent(F: Function, rate: Named = eta) -> Descent:
    """The iterates of gradient descent on F, a function of one column, at a learning rate η (a scalar symbol).

    >>> from symgrad.networks.descent import d, gradient_descent
    >>> print(gradient_descent(Function("demo.F", [(d, 1)])).step_definition)
    1 ≤ k ⊢ p^k = p^{k-1} − η ∇F(p^{k-1})
    """
    (shape,) = F.argument_shapes
    space = f"{F.name}.descent" if rate is eta else f"{F.name}.descent_{rate.name.replace('.', '_')}"
    p = Family(f"{space}.p", *shape, over={k: (0, None)})
    start = Family(f"{space}.start", *shape)()
    step, first = define(
        (p[k], p[k - 1] - rate * Gradient(F[()], p[k - 1]), (1 <= k,)),
        (p[0], start, ()))
    return Descent(F, p, start, first, step)


@dataclass(frozen=True)
class Adagrad:
    """One coordinate of a run of Adagrad: its values w, the gradient's coordinate g (any numbers), the roots r."""

    w: Family
    g: Family
    r: Family
    start: Named


@lru_cache(maxsize=64)
def adagrad(name: str, letters: str = "wgr") -> Adagrad:
    """A run of Adagrad in one coordinate, with the learning rate η; different names are different runs.

    `letters` are the printed names of its values, gradients and roots.

    >>> run = adagrad("demo")
    >>> from symgrad.kernel.definitions import defining_theorems
    >>> print(defining_theorems("demo.w")[0])
    1 ≤ k ⊢ w_k = w_{k-1} − η g_{k-1}/r_{k-1}
    """
    w, g, r = (Family(f"{name}.{letter}", over={k: (0, None)}) for letter in letters)
    start = Family(f"{name}.start")()
    define((r[k], Norm(r[k - 1] * f[1] + g[k] * f[2]), (1 <= k,)), (r[0], Absolute(g[0]), ()))
    define((w[k], w[k - 1] - eta * (g[k - 1] / r[k - 1]), (1 <= k,)), (w[0], start, ()))
    return Adagrad(w, g, r, start)
