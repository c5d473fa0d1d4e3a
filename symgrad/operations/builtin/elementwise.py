"""Functions applied to every entry of a matrix: exp, log, roots, waves, and the activations of the field.

Each states its pullback in closed form, through its own value where the field does: tanh' is 1 − tanh², σ' is σ(1 − σ).
Values and balls are those of `symgrad.operations.activation`; a kink or an edge of the domain is a condition.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
from flint import arb, arb_series
from sympy import Rational, pi, sqrt

from ...kernel.statements import Less
from ...terms.algebra import Number, Ones, Scaled, Term, Zero, hadamard
from ...terms.index import Dimension
from ...terms.named import Function
from ..activation import activation
from ..record import Operation, admit

__all__ = ["ELEMENTWISE"]

m, n = Dimension("m"), Dimension("n")
SOURCE = "Abramowitz and Stegun, Handbook of Mathematical Functions, 4.1-4.6, 7.1"

#: every function by the name users write
ELEMENTWISE: dict[str, Operation] = {}


def _one(x: Term) -> Term:
    return Ones(*x.shape)


def _positive(x: Term) -> list[Any]:
    return [Less(Zero(*x.shape), x)]


def _nonzero(x: Term) -> list[Any]:
    return [Less(Zero(*x.shape), hadamard(x, x))]


def _draw_positive(rng: Random, sizes: Any) -> list[Any]:
    return [[[rng.uniform(0.1, 3) for _ in range(sizes["n"])] for _ in range(sizes["m"])]]


def _draw_apart(rng: Random, sizes: Any) -> list[Any]:
    return [[[rng.choice((-1, 1)) * rng.uniform(0.1, 3) for _ in range(sizes["n"])] for _ in range(sizes["m"])]]


def _value(formula: str) -> Callable[[Any], Any]:
    def value(x: Any) -> Any:
        return activation(formula).value(x)
    return value


def _enclose(formula: str) -> Callable[[Any], Any]:
    def one(entry: Any) -> Any:
        known = activation(formula)
        if isinstance(entry, arb_series):
            at = entry[0]
            return arb_series([known.enclose(at), known.enclose_slope(at) * entry[1]], 2)
        return known.enclose(entry if isinstance(entry, arb) else arb(entry))

    def enclose(x: Any) -> Any:
        return np.asarray(np.frompyfunc(one, 1, 1)(x), dtype=object)
    return enclose


def _function(name: str, formula: str, slope: Callable[[Term, Term], Term], where: Callable[[Term], list[Any]] | None = None,
              draw: Any = None, written: str = "") -> None:
    """σ by its formula; `slope` gives the entries of σ' from (value, argument)."""
    def pullback(G: Term, V: Term, x: Term) -> Term:
        found = slope(V, x)
        return found if isinstance(found, Zero) else hadamard(found, G)
    ELEMENTWISE[name] = admit(Operation(
        f"elementwise.{name}", {"x": (m, n)}, result=(m, n), pullback=pullback, where=where, value=_value(formula),
        enclose=_enclose(formula), draw=draw, sign=name, written=written, source=SOURCE))


_function("exp", "exp(x)", lambda V, x: V)
_function("reciprocal", "1/x", lambda V, x: -hadamard(V, V), _nonzero, _draw_apart, "reciprocal")
_function("log", "log(x)", lambda V, x: ELEMENTWISE["reciprocal"](x), _positive, _draw_positive)
_function("sqrt", "sqrt(x)", lambda V, x: Scaled(Rational(1, 2), ELEMENTWISE["reciprocal"](V)), _positive, _draw_positive,
          "root")
_function("tanh", "tanh(x)", lambda V, x: _one(x) - hadamard(V, V))
_function("sigmoid", "sigmoid(x)", lambda V, x: hadamard(V, _one(x) - V))
_function("softplus", "softplus(x)", lambda V, x: ELEMENTWISE["sigmoid"](x))
_function("sign", "sign(x)", lambda V, x: Zero(*x.shape), _nonzero, _draw_apart)
_function("abs", "abs(x)", lambda V, x: ELEMENTWISE["sign"](x), _nonzero, _draw_apart, "absolute")
_function("step", "(1 + sign(x))/2", lambda V, x: Zero(*x.shape), _nonzero, _draw_apart)
_function("relu", "relu(x)", lambda V, x: ELEMENTWISE["step"](x), _nonzero, _draw_apart)
_function("arctan", "atan(x)", lambda V, x: ELEMENTWISE["reciprocal"](_one(x) + hadamard(x, x)))
_function("erf", "erf(x)", lambda V, x: Scaled(Number(2 / sqrt(pi)), ELEMENTWISE["exp"](-hadamard(x, x))))
_COS = Function("elementwise.cos", [(m, n)], (m, n), over={m: (0, None), n: (0, None)})          # its own slope is stated next
_function("sin", "sin(x)", lambda V, x: _COS[x.shape](x))
_function("cos", "cos(x)", lambda V, x: -ELEMENTWISE["sin"](x))
