"""Gradient descent as a recursion: p_k = p_{k-1} − η ∇F(p_{k-1}) for k >= 1, from any start p_0.

F is a named function of a column of any length d. Nothing is assumed of it: where F has no gradient, ∇F stands for
some fixed value, as everywhere in the kernel, and a theorem says so by a hypothesis when it needs more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ..kernel.definitions import define
from ..kernel.theorem import Theorem
from ..terms.index import Index, WidthFamily
from ..terms.named import Family, Function, Gradient, Named, Variable

__all__ = ["Descent", "d", "eta", "gradient_descent", "k", "v"]

d = WidthFamily("d")[0]                               # the number of parameters, any
k = Index("k")                                        # the step
v = Variable("point", d)                              # stands for a point
eta = Family("eta")()                                 # the learning rate


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
