"""The germ of a compiled expression at infinity or at a point: each elementary function applied to germs."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from symgrad.balls.functions import TAYLOR, power_taylor
from symgrad.balls.germs import CONSTANT, Germ, NoGerm, Scale, Tail
from symgrad.balls.numbers import number_ball
from symgrad.balls.program import Program

__all__ = ["LINEAR", "germ_at_infinity", "identity_germ", "sign"]

LINEAR = Scale(Fraction(1))
ONE = fmpq(1)
BOTH, SHARE = arb(0, 1), arb(0).union(arb(1))


def identity_germ(tail: Tail, direction: int) -> Germ:
    """x itself, when x = direction·s."""
    return Germ(tail, {LINEAR: fmpq(direction)})


def germ_at_infinity(program: Program, variable: Germ) -> Germ:
    """The germ of the program's value where its variable has the germ given. Raises NoGerm."""
    values: list[Germ] = []
    for name, operands, payload in program:
        values.append(_step(name, [values[o] for o in operands], payload, variable))
    return values[-1]


def _step(name: str, args: list[Germ], payload: Any, variable: Germ) -> Germ:
    if name == "variable":
        return variable
    if name == "number":
        exact = fmpq(int(payload.p), int(payload.q)) if payload.is_Rational else number_ball(payload)
        return variable.constant(exact)
    if name == "add":
        return args[0] + args[1]
    if name == "mul":
        return args[0] * args[1]
    if name == "div":
        return args[0] * reciprocal(args[1])
    if name == "power":
        return power(args[0], Fraction(int(payload.p), int(payload.q)))
    if name in ("abs", "sign", "step", "max", "min"):
        return _branch(name, args)
    if name == "piecewise":
        return _piecewise(args, payload)
    if name == "anywave":
        return variable.constant(BOTH)
    if name == "phase":
        if variable.tail.phase is None:
            raise NoGerm("no phase")
        return variable.constant(variable.tail.phase)
    if name in _GROWING:
        if not args[0].parts()[0].terms:
            return analytic(name, args[0])
        return _GROWING[name](*args)
    raise NoGerm(name)


def analytic(name: str, g: Germ) -> Germ:
    """h(g) for g with a finite limit c: h(c) + h'(c) δ + h''(hull)/2 δ²; log and powers at 0 by their
    scale."""
    growing, c, delta = g.parts()
    if growing.terms:
        raise NoGerm("no limit")
    if c == 0 and name == "log":
        return _log(g)
    centre = arb(c)
    if not delta.terms:
        return g.constant(_exactly(name, c, TAYLOR[name](centre, 1)[0]))
    return _taylor(g, c, delta, lambda u, n: TAYLOR[name](u, n), name)


def _taylor(g: Germ, c: arb | fmpq, delta: Germ, h: Callable[[arb, int], list[arb]], name: str) -> Germ:
    centre, n = arb(c), g.tail.terms
    low, high = delta.bounds()
    at, last = h(centre, n), h(centre + low.union(high), n + 1)[n]
    coefficients: list[arb | fmpq] = [*at[1:], last]
    if c == 0 and name in _RATIONAL:
        known = [fmpq(p, q) for p, q in _RATIONAL[name][:n - 1]]
        coefficients[:len(known)] = known
    if not all(arb(a).is_finite() for a in (at[0], *coefficients)):
        raise NoGerm("singular")
    return g.constant(_exactly(name, c, at[0])) + _polynomial(delta, coefficients)


def _polynomial(delta: Germ, coefficients: list[arb | fmpq]) -> Germ:
    """c_1 δ + c_2 δ² + ... by Horner's rule."""
    result = delta.times(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        result = delta * (result + delta.constant(c))
    return result


# Taylor coefficients at 0 from the first power on, as far as they are used exactly
_RATIONAL = {
    "exp": [(1, 1), (1, 2), (1, 6), (1, 24), (1, 120)], "expm1": [(1, 1), (1, 2), (1, 6), (1, 24), (1, 120)],
    "log1p": [(1, 1), (-1, 2), (1, 3), (-1, 4), (1, 5)], "sin": [(1, 1), (0, 1), (-1, 6), (0, 1), (1, 120)],
    "sinh": [(1, 1), (0, 1), (1, 6), (0, 1), (1, 120)], "tan": [(1, 1), (0, 1), (1, 3), (0, 1), (2, 15)],
    "tanh": [(1, 1), (0, 1), (-1, 3), (0, 1), (2, 15)], "atan": [(1, 1), (0, 1), (-1, 3), (0, 1), (1, 5)],
    "atanh": [(1, 1), (0, 1), (1, 3), (0, 1), (1, 5)], "asinh": [(1, 1), (0, 1), (-1, 6), (0, 1), (3, 40)],
    "asin": [(1, 1), (0, 1), (1, 6), (0, 1), (3, 40)], "cos": [(0, 1), (-1, 2), (0, 1), (1, 24), (0, 1)],
    "cosh": [(0, 1), (1, 2), (0, 1), (1, 24), (0, 1)],
    "sigmoid": [(1, 4), (0, 1), (-1, 48), (0, 1), (1, 480)],
}
_VANISHING = {"expm1", "log1p", "sin", "tan", "sinh", "tanh", "atan", "asinh", "atanh", "asin", "erf",
              "logcosh"}


def _exactly(name: str, c: arb | fmpq, value: arb) -> arb | fmpq:
    """Well-known values as rationals, so that they cancel exactly."""
    if c == 0:
        if name in _VANISHING:
            return fmpq(0)
        if name in ("exp", "cos", "cosh", "erfc"):
            return ONE
        if name == "sigmoid":
            return fmpq(1, 2)
    return value


def reciprocal(g: Germ) -> Germ:
    return power(g, Fraction(-1))


def power(g: Germ, p: Fraction) -> Germ:
    """g^p: repeated products for small natural p, else by the leading term: (C S)^p (1 + ε)^p."""
    if p.denominator == 1 and 0 <= p <= 8:
        result = g.constant(ONE)
        for _ in range(int(p)):
            result = result * g
        return result
    scale, c = g.leading()
    if p.denominator != 1 and not c > 0:
        raise NoGerm("root of what is not positive")
    if arb(c).contains(0):
        raise NoGerm("leading coefficient unknown")
    epsilon = Germ(g.tail, {scale.inverse() * k: v / c for k, v in g.terms.items() if k != scale})
    logs = scale.logs * p
    if logs.denominator != 1:
        raise NoGerm("a fractional power of a logarithm")
    raised = Scale(scale.power * p, int(logs), tuple((q, w * p) for q, w in scale.decay))
    factor = c ** int(p) if p.denominator == 1 else power_taylor(arb(c), p, 1)[0]
    if c == 1:
        factor = ONE
    if not epsilon.terms:
        return Germ(g.tail, {raised: factor})
    low, high = epsilon.bounds()
    n = g.tail.terms
    last = power_taylor(1 + low.union(high), p, n + 1)[n]
    if not last.is_finite():
        raise NoGerm("not yet near the leading term")
    binomials: list[arb | fmpq] = [fmpq(p.numerator, p.denominator)]
    for k in range(1, n - 1):
        binomials.append(binomials[-1] * (fmpq(p.numerator, p.denominator) - k) / (k + 1))
    series = g.constant(ONE) + _polynomial(epsilon, [*binomials, last])
    return series.times(factor, raised)


def sign(g: Germ) -> int:
    """The sign of g on the whole tail. Raises NoGerm when it is not one sign."""
    if not g.terms:
        return 0
    low, high = g.bounds()
    if low > 0:
        return 1
    if high < 0:
        return -1
    lead, _ = g.leading()
    low, high = g.times(ONE, lead.inverse()).bounds()
    if low > 0 or high < 0:
        return 1 if low > 0 else -1
    raise NoGerm("sign")


def _branch(name: str, args: list[Germ]) -> Germ:
    g = args[0]
    difference = g if len(args) == 1 else g - args[1]
    try:
        s = sign(difference)
    except NoGerm:
        if g.tail.strict:
            raise
        return _open_branch(name, args)
    if name == "abs":
        return g if s >= 0 else -g
    if name == "sign":
        return g.constant(fmpq(s))
    if name == "step":
        return g.constant(fmpq(1 + s, 2))
    return g if (s >= 0) == (name == "max") else args[1]


def _open_branch(name: str, args: list[Germ]) -> Germ:
    """Everything a branch may be, where the sign is not one sign."""
    g = args[0]
    if name in ("abs", "sign"):
        return g.times(BOTH) if name == "abs" else g.constant(BOTH)
    return g.constant(SHARE) if name == "step" else args[1] + (g - args[1]).times(SHARE)


def _piecewise(args: list[Germ], conditions: Any) -> Germ:
    result: Germ | None = None
    for value, condition in zip(args, conditions, strict=False):
        truth = _truth(condition, args)
        if truth is False:
            continue
        result = value if result is None else result + (value - result).times(SHARE)
        if truth:
            return result
        if value.tail.strict:
            raise NoGerm("condition")
    raise NoGerm("no case")


def _truth(condition: Any, args: list[Germ]) -> bool | None:
    kind: str = condition[0]
    if kind in ("true", "false"):
        return kind == "true"
    if kind in ("and", "or"):
        parts = [_truth(p, args) for p in condition[1:]]
        if (kind == "or") in parts:
            return kind == "or"
        return None if None in parts else kind == "and"
    try:
        s = sign(args[condition[1]])
    except NoGerm:
        return None
    return s > 0 or (s == 0 and kind == ">=")


def _exp(g: Germ) -> Germ:
    """exp of the growing part is a scale (what is not rational is rounded so that a factor in [0, 1] makes
    up)."""
    growing, c, delta = g.parts()
    scale, factor = CONSTANT, ONE if c == 0 else arb(c).exp()
    for k, coefficient in growing.terms.items():
        if k.decay or k.logs not in (0, 1) or (k.logs == 1 and k.power != 0):
            return _vanishing(g)
        if not isinstance(coefficient, fmpq):
            coefficient, slack = _rational_above(coefficient)
            factor = factor * slack
        rational = Fraction(int(coefficient.p), int(coefficient.q))
        scale = scale * (Scale(rational) if k.logs else Scale(decay=((k.power, -rational),)))
    rest = analytic("exp", delta) if delta.terms else g.constant(ONE)
    return rest.times(factor, scale)


def _vanishing(g: Germ) -> Germ:
    """exp(g) for g below -s², growing in size faster than any power: exp(-s²) K with K in [0, 1]."""
    square = Scale(Fraction(2))
    if not (-g).times(ONE, square.inverse()).bounds()[0] >= 1:
        raise NoGerm("exp of what grows too fast")
    return Germ(g.tail, {Scale(decay=((Fraction(2), Fraction(1)),)): arb(0).union(arb(1))})


def _rational_above(c: arb) -> tuple[fmpq, arb]:
    """A rational r just above c; then exp(c w) = exp(r w) K with K in [0, 1] for w >= 0."""
    top = math.ceil(float(c.upper()) * 2**20 + 1)
    r = fmpq(top, 2**20)
    if not arb(r) >= c:
        raise NoGerm("rounding")
    return r, arb(0).union(arb(1))


def _log(g: Germ) -> Germ:
    scale, c = g.leading()
    if not c > 0:
        raise NoGerm("log")
    result = g.constant(fmpq(0) if c == 1 else arb(c).log())
    if scale.power or scale.logs:                        # 0 <= log log s <= log s
        power = fmpq(scale.power.numerator, scale.power.denominator)
        result = result + Germ(g.tail, {Scale(logs=1): power + scale.logs * SHARE if scale.logs else power})
    for p, w in scale.decay:
        result = result - Germ(g.tail, {Scale(p): fmpq(w.numerator, w.denominator)})
    epsilon = Germ(g.tail, {scale.inverse() * k: v / c for k, v in g.terms.items() if k != scale})
    return result + analytic("log1p", epsilon) if epsilon.terms else result


def _sigmoid(g: Germ) -> Germ:
    if sign(g) > 0:
        return reciprocal(g.constant(ONE) + _exp(-g))
    e = _exp(g)
    return e * reciprocal(g.constant(ONE) + e)


def _tanh(g: Germ) -> Germ:
    if sign(g) < 0:
        return -_tanh(-g)
    e = _exp(g.times(fmpq(-2)))
    return (g.constant(ONE) - e) * reciprocal(g.constant(ONE) + e)


def _softplus(g: Germ) -> Germ:
    if sign(g) > 0:
        return g + analytic("log1p", _exp(-g))
    return analytic("log1p", _exp(g))


def _logcosh(g: Germ) -> Germ:
    a = g if sign(g) > 0 else -g
    return a + analytic("log1p", _exp(a.times(fmpq(-2)))) - g.constant(arb.const_log2())


def _erfc(g: Germ, g_squared: Germ) -> Germ:
    """For g > 0: exp(-g²)/(g sqrt(pi)) K with K in [1 - 1/(2 g²), 1] (Abramowitz and Stegun 7.1.23)."""
    if sign(g) < 0:
        return g.constant(fmpq(2)) - _erfc(-g, g_squared)
    lowest = g.bounds()[0]
    if not lowest >= 1:
        raise NoGerm("not yet large")
    k = (1 - 1 / (2 * lowest * lowest)).lower().union(arb(1))
    return (_exp(-g_squared) * reciprocal(g)).times(k / arb.pi().sqrt())


def _atan(g: Germ) -> Germ:
    s = sign(g)
    return g.constant(s * arb.pi() / 2) - analytic("atan", reciprocal(g))


def _asinh(g: Germ) -> Germ:
    if sign(g) < 0:
        return -_asinh(-g)
    return _log(g + power(g * g + g.constant(ONE), Fraction(1, 2)))


def _hyperbolic(parity: int) -> Callable[[Germ], Germ]:
    return lambda g: (_exp(g) + _exp(-g).times(fmpq(parity))).times(fmpq(1, 2))


def _refuse(name: str) -> Callable[[Germ], Germ]:
    def refuse(g: Germ) -> Germ:
        raise NoGerm(name)
    return refuse


_GROWING: dict[str, Callable[..., Germ]] = {
    "exp": _exp, "expm1": lambda g: _exp(g) - g.constant(ONE), "log": _log,
    "log1p": lambda g: _log(g + g.constant(ONE)), "sigmoid": _sigmoid, "tanh": _tanh, "softplus": _softplus,
    "logcosh": _logcosh, "erfc": _erfc, "erf": lambda g, squared: g.constant(ONE) - _erfc(g, squared),
    "atan": _atan,
    "asinh": _asinh, "sin": lambda g: g.constant(BOTH), "cos": lambda g: g.constant(BOTH), "sinh": _hyperbolic(-1),
    "cosh": _hyperbolic(1),
    "acosh": lambda g: _log(g + power(g * g - g.constant(ONE), Fraction(1, 2))),
    "tan": _refuse("tan"), "asin": _refuse("asin"), "acos": _refuse("acos"), "atanh": _refuse("atanh"),
}
