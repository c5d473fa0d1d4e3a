"""Taylor coefficients h^(k)(u)/k!, k < n, of every elementary function at a ball u.

`TAYLOR[name](u, n)` is a list of balls, each containing the k-th coefficient at every point of u. Value and
first derivative are tight for wide balls too: monotone functions are read at the endpoints, bell-shaped
ones at the endpoints and the peak. Outside a function's domain the result is not finite.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from flint import arb, arb_series, fmpq

from symgrad.balls import far
from symgrad.balls.numbers import is_wide, whole_power

__all__ = ["TAYLOR", "cos_range", "power_taylor", "sin_range", "square"]

Taylor = Callable[[arb, int], list[arb]]
NAN = arb.nan()
_BLUNT = arb((1, -24))


def _monotone(f: Callable[[arb], arb], u: arb) -> arb:
    """f on u for monotone f."""
    return f(u.lower()).union(f(u.upper())) if _blunt(u) else f(u)


def _blunt(u: arb) -> bool:
    """Whether functions of u change much on u: its radius counts, however large u itself is."""
    return not u.is_exact() and bool(u.rad() > _BLUNT)


def _even_bell(f: Callable[[arb], arb], u: arb) -> arb:
    """f on u for f even and monotone in |u|."""
    return f(abs(u)) if not _blunt(u) else f(u.abs_lower()).union(f(u.abs_upper()))


def square(u: arb) -> arb:
    return u * u if not is_wide(u) else (lambda a, b: (a * a).union(b * b))(u.abs_lower(), u.abs_upper())


def _factorials(values: list[arb]) -> list[arb]:
    """values[k]/k!"""
    result, f = [], 1
    for k, v in enumerate(values):
        f *= max(k, 1)
        result.append(v / f)
    return result


def _integral(h0: arb, slope: list[arb]) -> list[arb]:
    """Coefficients of the function with value h0 whose derivative has the coefficients `slope`."""
    return [h0, *(c / (k + 1) for k, c in enumerate(slope))]


def _exp(u: arb, n: int) -> list[arb]:
    return _factorials([_monotone(far.exp, u)] * n)


def _expm1(u: arb, n: int) -> list[arb]:
    return [_monotone(far.expm1, u), *_exp(u, n)[1:]]


def _log_slope(u: arb, n: int) -> list[arb]:
    if not u > 0:
        return [NAN] * n
    r = 1 / u if not is_wide(u) else (1 / u.lower()).union(1 / u.upper())
    return [(-1) ** k * whole_power(r, k + 1) for k in range(n)]


def _log(u: arb, n: int) -> list[arb]:
    return _integral(_monotone(arb.log, u) if u > 0 else NAN, _log_slope(u, n - 1))


def _log1p(u: arb, n: int) -> list[arb]:
    return _integral(_monotone(arb.log1p, u) if u > -1 else NAN, _log_slope(1 + u, n - 1))


def _waves(s: arb, c: arb, n: int, sign: int) -> list[arb]:
    """s, c, sign*s, sign*c, ... over factorials."""
    cycle = [s, c, sign * s, sign * c]
    return _factorials([cycle[k % 4] for k in range(n)])


def sin_range(u: arb) -> arb:
    """sin on u, read at the ends and at the turns π/2 + kπ inside: near a turn it hardly moves."""
    return _turning(arb.sin, u, arb(1) / 2)


def cos_range(u: arb) -> arb:
    """cos on u, read at the ends and at the turns kπ inside."""
    return _turning(arb.cos, u, arb(0))


def _turning(f: Callable[[arb], arb], u: arb, first: arb) -> arb:
    """f on u for a wave f that is 1, -1, 1, ... at (first + k)π, k = 0, 1, 2, ..."""
    if u.is_exact() or not u.rad() < 2:
        return f(u)
    low = (u.lower() / arb.pi() - first).lower().ceil().unique_fmpz()
    high = (u.upper() / arb.pi() - first).upper().floor().unique_fmpz()
    if low is None or high is None or high > low + 1:
        return arb(0, 1)
    result = f(u.lower()).union(f(u.upper()))
    for k in range(int(low), int(high) + 1):
        result = result.union(arb(-1 if k % 2 else 1))
    return result


def _sin(u: arb, n: int) -> list[arb]:
    s, c = (sin_range(u), cos_range(u)) if _blunt(u) else u.sin_cos()
    return _waves(s, c, n, -1)


def _cos(u: arb, n: int) -> list[arb]:
    s, c = (sin_range(u), cos_range(u)) if _blunt(u) else u.sin_cos()
    return _waves(c, -s, n, -1)


def _tan(u: arb, n: int) -> list[arb]:
    """y' = 1 + y²."""
    y = [_monotone(arb.tan, u) if u.cos() != 0 and (not is_wide(u) or not u.cos().contains(0)) else NAN]
    for k in range(n - 1):
        y.append(((1 if k == 0 else 0) + sum((y[i] * y[k - i] for i in range(k + 1)), arb(0))) / (k + 1))
    return y


def _sinh(u: arb, n: int) -> list[arb]:
    return _waves(_monotone(far.sinh, u), _even_bell(far.cosh, u), n, 1)


def _cosh(u: arb, n: int) -> list[arb]:
    return _waves(_even_bell(far.cosh, u), _monotone(far.sinh, u), n, 1)


def _tanh(u: arb, n: int) -> list[arb]:
    """y' = 1 - y², with the first slope sech² from e = exp(-2|u|)."""
    y = [_monotone(arb.tanh, u)]
    if n > 1:
        y.append(_even_bell(far.sech_squared, u))
    for k in range(1, n - 1):
        y.append(-sum((y[i] * y[k - i] for i in range(k + 1)), arb(0)) / (k + 1))
    return y[:n]


def _logistic(u: arb) -> arb:
    """1/(1 + e^-u) with small relative error on both sides."""
    if u > 0:
        return 1 / (1 + far.exp(-u))
    e = far.exp(u)
    return e / (1 + e)


def _logistic_slope(u: arb) -> arb:
    e = far.exp(-abs(u))
    return e / ((1 + e) * (1 + e))


def _sigmoid(u: arb, n: int) -> list[arb]:
    """s' = s(1 - s); s'' = -s' tanh(u/2)."""
    s = [_monotone(_logistic, u)]
    if n > 1:
        s.append(_even_bell(_logistic_slope, u))
    if n > 2:
        twist = -_monotone(arb.tanh, u / 2)                     # 1 - 2s
        s.append(s[1] * twist / 2)
        for k in range(2, n - 1):                               # s'' = s'(1 - 2s), coefficientwise
            inner = [twist, *(-2 * c for c in s[1:k])]
            c = sum(((i + 1) * s[i + 1] * inner[k - 1 - i] for i in range(k)), arb(0))
            s.append(c / (k * (k + 1)))
    return s[:n]


def _softplus_value(u: arb) -> arb:
    return u + far.exp(-u).log1p() if u > 0 else far.exp(u).log1p()


def _softplus(u: arb, n: int) -> list[arb]:
    return _integral(_monotone(_softplus_value, u), _sigmoid(u, n - 1) if n > 1 else [])


def _logcosh_value(u: arb) -> arb:
    a = abs(u)
    return a + far.exp(-2 * a).log1p() - arb.const_log2()


def _logcosh(u: arb, n: int) -> list[arb]:
    return _integral(_even_bell(_logcosh_value, u), _tanh(u, n - 1) if n > 1 else [])


def _listed(s: arb_series, n: int) -> list[arb]:
    return [s[k] for k in range(n)]


def _square_series(u: arb, n: int) -> arb_series:
    coefficients: list[arb] = [square(u), 2 * u, arb(1)]
    return arb_series(coefficients[:max(n, 1)], prec=max(n, 1))


def _atan(u: arb, n: int) -> list[arb]:
    if not u.is_finite():
        return [NAN] * n
    below = 1 + _square_series(u, n - 1)
    slope = _listed(1 / below, n - 1) if below[0] > 0 else [_even_bell(lambda v: 1 / (1 + v * v), u), *[NAN] * (n - 2)]
    return _integral(_monotone(arb.atan, u), slope[:n - 1])


def _root_integral(value: Callable[[arb], arb], inside: Callable[[arb_series], arb_series],
                   sign: int) -> Taylor:
    """The function whose slope is sign/sqrt(inside(u²))."""
    def taylor(u: arb, n: int) -> list[arb]:
        radicand = inside(_square_series(u, n - 1))
        slope = radicand.rsqrt() if radicand[0] > 0 else arb_series([NAN] * n, prec=max(n, 1))
        return _integral(_monotone(value, u), [sign * c for c in _listed(slope, n - 1)])
    return taylor


def _atanh(u: arb, n: int) -> list[arb]:
    inside = abs(u) < 1
    return _integral(_monotone(arb.atanh, u) if inside else NAN,
                     _listed(1 / (1 - _square_series(u, n - 1)), n - 1) if inside else [NAN] * (n - 1))


def _bell(u: arb, n: int) -> list[arb]:
    """2/sqrt(pi) exp(-u²)"""
    if n <= 0:
        return []
    top = _even_bell(lambda v: far.exp(-v * v), u) * 2 / arb.pi().sqrt()
    exponent: list[arb] = [arb(0), -2 * u, arb(-1)]
    shifted = arb_series(exponent[:n], prec=n).exp()            # exp(-(u+x)²) = exp(-u²) exp(-2ux - x²)
    return [top * c for c in _listed(shifted, n)]


def _erf(u: arb, n: int) -> list[arb]:
    return _integral(_monotone(arb.erf, u), _bell(u, n - 1))


def _erfc(u: arb, n: int) -> list[arb]:
    return _integral(_monotone(arb.erfc, u), [-c for c in _bell(u, n - 1)])


def power_taylor(u: arb, exponent: Fraction, n: int) -> list[arb]:
    """u^p: for natural p everywhere; for other p where u > 0 (u >= 0 for the value)."""
    result, binomial = [], fmpq(1)
    p = fmpq(exponent.numerator, exponent.denominator)
    for k in range(n):
        result.append(binomial * _to_power(u, exponent - k) if binomial != 0 else arb(0))
        binomial = binomial * (p - k) / (k + 1)
    return result


def _to_power(u: arb, p: Fraction) -> arb:
    if p.denominator == 1:
        m = p.numerator
        if m == 0:
            return arb(1)
        if m < 0 and u.contains(0):
            return NAN
        f: Callable[[arb], arb] = lambda v: whole_power(v, m)
        return _even_bell(f, u) if m % 2 == 0 else _monotone(f, u)
    if not u >= 0:
        return NAN
    if u.contains(0):
        return _root(u.upper(), p).union(arb(0)) if p > 0 else NAN
    return _monotone(lambda v: _root(v, p), u)


def _root(v: arb, p: Fraction) -> arb:
    if v == 0:
        return arb(0)
    if p.denominator == 2:
        return v.sqrt() ** p.numerator
    return (v.log() * fmpq(p.numerator, p.denominator)).exp()


TAYLOR: dict[str, Taylor] = {
    "exp": _exp, "expm1": _expm1, "log": _log, "log1p": _log1p, "sin": _sin, "cos": _cos, "tan": _tan,
    "sinh": _sinh, "cosh": _cosh, "tanh": _tanh, "sigmoid": _sigmoid, "softplus": _softplus,
    "logcosh": _logcosh,
    "atan": _atan, "atanh": _atanh, "erf": _erf, "erfc": _erfc,
    "asin": _root_integral(arb.asin, lambda s: 1 - s, 1),
    "acos": _root_integral(arb.acos, lambda s: 1 - s, -1),
    "asinh": _root_integral(arb.asinh, lambda s: 1 + s, 1),
    "acosh": _root_integral(arb.acosh, lambda s: s - 1, 1),
}
