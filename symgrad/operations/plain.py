"""Value and slope of a compiled expression in plain NumPy, for any shape, real or complex.

Branches look at the real part only, so a complex step passes through. The slope is carried forward beside
the value by the chain rule, with a stable formula for each function (the sigmoid's slope is e/(1+e)^2 with
e = exp(-|u|)). Places where digits may have been lost (a sum that cancels, the exponential of a large
rounded number) are marked in `suspect`; the activation record computes those few again with balls.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import flint
import numpy as np
import sympy as sp

from symgrad.balls.program import CannotCompile, Program

__all__ = ["evaluate"]

Array = np.ndarray[Any, np.dtype[Any]]
Dual = tuple[Array, Array]                      # value, slope


def evaluate(program: Program, z: Array) -> tuple[Dual, Dual]:
    """(value, slope) and the masks of places where (value, slope) are suspect, for z of float64 or
    complex128."""
    suspect = (np.zeros(z.shape, dtype=bool), np.zeros(z.shape, dtype=bool))
    duals: list[Dual] = []
    exact: list[bool] = []
    with np.errstate(all="ignore"):
        for name, operands, payload in program:
            args = [duals[o] for o in operands]
            clean = [exact[o] for o in operands]
            if name == "variable":
                result = z, np.ones_like(z)
            elif name == "number":
                result = np.full_like(z, float(sp.N(payload, 25))), np.zeros_like(z)
            elif name == "power":
                result = _power(args[0], payload)
            elif name == "piecewise":
                result = _piecewise(args, payload)
            elif name in _BINARY:
                result = _BINARY[name](*args)
            elif name in _UNARY:
                u, du = args[0]
                h = _UNARY[name](u)
                result = h[0], h[1] * du
            else:
                raise CannotCompile(f"{name} has no NumPy form")
            duals.append(result)
            exact.append(name == "variable" or (name == "number" and sp.S(payload).is_Integer))
            of_value, of_slope = _suspicious(name, args, result, all(clean))
            suspect = suspect[0] | of_value, suspect[1] | of_value | of_slope
    return duals[-1], suspect


def _suspicious(name: str, args: list[Dual], result: Dual, clean: bool) -> tuple[Any, Any]:
    """Where this operation may have lost digits in the value, and in the slope."""
    value, slope = (~np.isfinite(r) for r in result)
    if name == "add":
        (a, da), (b, db) = args
        if not clean:
            value |= np.abs(a) + np.abs(b) > 1.25 * np.abs(result[0])
        slope |= np.abs(da) + np.abs(db) > 1.25 * np.abs(result[1])
    elif name == "mul":
        (a, da), (b, db) = args
        slope |= np.abs(da * b) + np.abs(a * db) > 1.25 * np.abs(result[1])
    elif name == "div":
        (a, da), (b, db) = args
        slope |= np.abs(da / b) + np.abs(a * db / (b * b)) > 1.25 * np.abs(result[1])
    elif name == "erf":
        slope |= np.abs(np.real(args[0][0])) > 1
    elif name in _AMPLIFYING and not clean:
        value |= np.abs(np.real(args[0][0])) > 1
    elif name in ("log", "atanh", "asin", "acos", "acosh"):
        value |= np.abs(result[0]) < 0.5
    return value, slope


_AMPLIFYING = ("exp", "expm1", "erfc", "sin", "cos", "tan", "sinh", "cosh", "sigmoid", "softplus", "tanh")


def _add(a: Dual, b: Dual) -> Dual:
    return a[0] + b[0], a[1] + b[1]


def _mul(a: Dual, b: Dual) -> Dual:
    return a[0] * b[0], a[1] * b[0] + a[0] * b[1]


def _div(a: Dual, b: Dual) -> Dual:
    value = a[0] / b[0]
    return value, (a[1] - value * b[1]) / b[0]


def _larger(a: Dual, b: Dual) -> Dual:
    left = np.real(a[0]) > np.real(b[0])
    return np.where(left, a[0], b[0]), np.where(left, a[1], b[1])


def _smaller(a: Dual, b: Dual) -> Dual:
    left = np.real(a[0]) < np.real(b[0])
    return np.where(left, a[0], b[0]), np.where(left, a[1], b[1])


_BINARY: dict[str, Callable[[Dual, Dual], Dual]] = {
    "add": _add, "mul": _mul, "div": _div, "max": _larger, "min": _smaller}


def _power(a: Dual, exponent: Any) -> Dual:
    u, du = a
    if exponent.is_Integer and 0 < exponent <= 8:
        n = int(exponent)
        below = np.ones_like(u)
        for _ in range(n - 1):
            below = below * u
        return below * u, n * below * du
    if exponent == sp.Rational(1, 2):
        root = np.sqrt(u)
        return root, du / (2 * root)
    p = float(exponent)
    return u**p, p * u ** (p - 1) * du


def _piecewise(args: list[Dual], conditions: Any) -> Dual:
    value, slope = args[len(conditions) - 1]
    for (v, dv), c in reversed(list(zip(args, conditions, strict=False))):
        chosen = _truth(c, args)
        value, slope = np.where(chosen, v, value), np.where(chosen, dv, slope)
    return value, slope


def _truth(c: Any, args: list[Dual]) -> Any:
    if c[0] in ("true", "false"):
        return c[0] == "true"
    if c[0] in ("and", "or"):
        parts = [_truth(p, args) for p in c[1:]]
        return np.logical_and.reduce(parts) if c[0] == "and" else np.logical_or.reduce(parts)
    compared = np.real(args[c[1]][0])
    return compared > 0 if c[0] == ">" else compared >= 0


def _signed(u: Array) -> Array:
    """u with the sign that makes its real part nonnegative."""
    return np.where(np.real(u) < 0, -u, u)


def _log1p(u: Array) -> Array:
    """log(1 + u); NumPy's complex log1p loses the real part of a small u."""
    if not np.iscomplexobj(u):
        return np.asarray(np.log1p(u))
    a, b = u.real, u.imag
    return np.asarray(np.log1p(a * (2 + a) + b * b) / 2 + 1j * np.arctan2(b, 1 + a))


def _expm1(u: Array) -> Array:
    """e^u - 1; NumPy's complex expm1 loses the real part of a small u."""
    if not np.iscomplexobj(u):
        return np.asarray(np.expm1(u))
    a, b = u.real, u.imag
    return np.asarray(np.expm1(a) * np.cos(b) - 2 * np.sin(b / 2) ** 2 + 1j * np.exp(a) * np.sin(b))


def _sigmoid(u: Array) -> Dual:
    e = np.exp(-_signed(u))
    return np.where(np.real(u) < 0, e, 1) / (1 + e), e / ((1 + e) * (1 + e))


def _softplus(u: Array) -> Dual:
    return np.where(np.real(u) < 0, 0, u) + _log1p(np.exp(-_signed(u))), _sigmoid(u)[0]


def _tanh(u: Array) -> Dual:
    e = np.exp(-2 * _signed(u))
    value = np.tanh(u)
    return value, np.where(np.abs(u) < 0.3, 1 - value * value, 4 * e / ((1 + e) * (1 + e)))


def _logcosh(u: Array) -> Dual:
    s = np.sinh(_signed(u) / 2)
    near = _log1p(2 * s * s)
    far = _signed(u) + _log1p(np.exp(-2 * _signed(u))) - math.log(2)
    return np.where(np.abs(np.real(u)) < 1, near, far), np.tanh(u)


def _elementwise(real: Callable[[float], float], ball: Callable[[flint.acb], flint.acb], u: Array) -> Array:
    if np.iscomplexobj(u):
        with flint.ctx.workprec(2000):                   # a step of 1e-200 i needs the bits
            exact = [complex(ball(flint.acb(c.real, c.imag))) for c in u.ravel().tolist()]
        return np.array(exact, dtype=u.dtype).reshape(u.shape)
    return np.array([real(c) for c in u.ravel().tolist()], dtype=u.dtype).reshape(u.shape)


def _bell(u: Array) -> Array:
    return np.asarray(2 / math.sqrt(math.pi) * np.exp(-u * u))


_UNARY: dict[str, Callable[[Array], Dual]] = {
    "exp": lambda u: (np.exp(u), np.exp(u)),
    "expm1": lambda u: (_expm1(u), np.exp(u)),
    "log": lambda u: (np.log(u), 1 / u),
    "log1p": lambda u: (_log1p(u), 1 / (1 + u)),
    "sin": lambda u: (np.sin(u), np.cos(u)),
    "cos": lambda u: (np.cos(u), -np.sin(u)),
    "tan": lambda u: (np.tan(u), 1 / (np.cos(u) * np.cos(u))),
    "sinh": lambda u: (np.sinh(u), np.cosh(u)),
    "cosh": lambda u: (np.cosh(u), np.sinh(u)),
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "logcosh": _logcosh,
    "atan": lambda u: (np.arctan(u), 1 / (1 + u * u)),
    "asin": lambda u: (np.arcsin(u), 1 / np.sqrt((1 - u) * (1 + u))),
    "acos": lambda u: (np.arccos(u), -1 / np.sqrt((1 - u) * (1 + u))),
    "asinh": lambda u: (np.arcsinh(u), 1 / np.sqrt(1 + u * u)),
    "acosh": lambda u: (np.arccosh(u), 1 / np.sqrt((u - 1) * (u + 1))),
    "atanh": lambda u: (np.arctanh(u), 1 / ((1 - u) * (1 + u))),
    "erf": lambda u: (_elementwise(math.erf, lambda c: c.erf(), u), _bell(u)),
    "erfc": lambda u: (_elementwise(math.erfc, lambda c: c.erfc(), u), -_bell(u)),
    "abs": lambda u: (_signed(u), np.sign(np.real(u))),
    "sign": lambda u: (np.sign(np.real(u)), np.zeros_like(u)),
    "step": lambda u: (np.heaviside(np.real(u), 0.5), np.zeros_like(u)),
}
