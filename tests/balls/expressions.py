"""Random formulas in one variable and an independent high-precision evaluation of them, for the tests
here."""

from __future__ import annotations

from typing import Any

import mpmath
import sympy as sp
from hypothesis import strategies as st

from symgrad.operations.activation import t

NUMBERS = st.sampled_from(["0.5", "2", "1.702", "3", "0.1", "1/3", "5"])
BOUNDED = st.sampled_from(["tanh({})", "sigmoid({})", "erf({})", "sin({})", "cos({})", "atan({})",
                           "exp(-({})**2)",
                           "1/(1+({})**2)", "({0})/(1+abs({0}))", "({0})/sqrt(1+({0})**2)"])
GROWING = st.sampled_from(["log(1+exp({}))", "log(1+({})**2)", "sqrt(1+({})**2)", "abs({})", "max(0,{})",
                           "({})**2",
                           "log(cosh({}))", "min(1,{})", "asinh({})"])


def formulas(depth: int = 3) -> st.SearchStrategy[str]:
    """Texts such as "(x)*(tanh((2)*(x)))", defined on the whole line."""
    def extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.tuples(BOUNDED, inner).map(lambda p: p[0].format(p[1])),
            st.tuples(GROWING, inner).map(lambda p: p[0].format(p[1])),
            st.tuples(inner, inner).map(lambda p: f"({p[0]})*({p[1]})"),
            st.tuples(inner, st.sampled_from("+-"), inner).map(lambda p: f"({p[0]}){p[1]}({p[2]})"),
            st.tuples(NUMBERS, inner).map(lambda p: f"({p[0]})*({p[1]})"),
        )
    return st.recursive(st.just("x"), extend, max_leaves=depth)


def reference(e: sp.Expr) -> Any:
    """The expression as an mpmath function of t: no symgrad code in it."""
    return sp.lambdify(t, e.rewrite(sp.Heaviside) if e.has(sp.Heaviside) else e, "mpmath")


def points(count: int, seed: int) -> list[mpmath.mpf]:
    """Points of every size on both sides, dense around 0, none of them a round number."""
    state = sp.ntheory.nextprime(seed + 1000)
    result = []
    for i in range(count):
        state = state * 6364136223846793005 % 2**64
        u = mpmath.mpf(state) / 2**64
        scale = [1, 3, 10, 40][i % 4]
        result.append((2 * u - 1) * scale + mpmath.mpf(1) / 7919)
    return result
