"""The recurrent network of any number of steps and units, as Pascanu, Mikolov and Bengio (2013) write it.

    x_t = W σ(x_{t-1}) + W_in u_t + b

Fix a time k. `X_t(v)` is the state at time t >= k as a function of the state v at time k, with everything else fixed,
so ∂x_t/∂x_k is the Jacobian of v ↦ X_t(v), at v = x_k. k is a constant: any time may be meant, but it does not move.
"""

from __future__ import annotations

from ..kernel.definitions import define
from ..terms.algebra import Diagonal, Term
from ..terms.index import Constant, Index, WidthFamily
from ..terms.named import ElementwiseFunction, Family, Function, Variable

__all__ = ["Sigma", "W", "W_in", "X", "b", "k", "later_state", "n", "r", "sigma", "start_state", "state_definition",
           "step", "t", "u", "v", "x"]

t, r = Index("t"), Index("r")
k = Constant("k")                                              # the time that derivatives are taken by
n = WidthFamily("n")                                           # n[0] inputs, n[1] units

W = Family("recurrent.W", n[1], n[1])()
W_in = Family("recurrent.W_in", n[1], n[0])()
b = Family("recurrent.b", n[1])()
u = Family("recurrent.u", n[0], over={t: (None, None)})        # inputs
x = Family("recurrent.x", n[1], over={t: (None, None)})        # states
sigma = ElementwiseFunction("sigma")

v = Variable("recurrent.v", n[1])                               # stands for x_k
X = Function("recurrent.X", [(n[1], 1)], result=(n[1], 1), over={t: (k, None)})


def step(state: Term, time: object) -> Term:
    """W σ(x) + W_in u_t + b."""
    return W @ sigma(state) + W_in @ u[time] + b


def Sigma(state: Term) -> Term:
    """Σ'(x), the diagonal matrix of the slopes of σ at a state."""
    return Diagonal(sigma.prime(state))


(state_definition,) = define((x[t], step(x[t - 1], t), (k < t,)))
start_state, later_state = define((X[k](v), v, ()), (X[t](v), step(X[t - 1](v), t), (k < t,)))
