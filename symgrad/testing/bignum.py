"""Numbers of any precision that NumPy code computes with unawares.

An object array of `Big` goes through `np.exp`, `@`, `np.maximum`, sums and comparisons as floats do, so that a user's
own function can be evaluated with hundreds of digits: differences of such values are derivatives that rounding has
not touched. A function that forces its argument into floats (`np.zeros(n)`, `math.exp`, LAPACK) raises TypeError here.

With `rounding(bits, rng)` every operation is off by a random part of the last of that many bits: the spread of a few
runs says what rounding can do to a result. (Stochastic arithmetic: Vignes, Mathematics and Computers in Simulation 35,
1993.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import flint
import numpy as np

__all__ = ["COUNT", "Array", "Big", "BigArray", "as_big", "precision", "rounding", "shift"]

Array = np.ndarray[Any, np.dtype[Any]]

_noise: list[tuple[int, Random]] = []
_new = object.__new__

#: operations done so far: what a function costs
COUNT = [0]


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Compute with that many bits inside."""
    with flint.ctx.workprec(bits):
        yield


@contextmanager
def rounding(bits: int, rng: Random) -> Iterator[None]:
    """Every operation inside is rounded at random to about that many bits."""
    _noise.append((bits, rng))
    try:
        with flint.ctx.workprec(2 * bits + 64):
            yield
    finally:
        _noise.pop()


def _arb(x: Any) -> Any:
    if isinstance(x, Big):
        return x.v
    if isinstance(x, flint.arb):
        return x
    if isinstance(x, (bool, np.bool_, int, np.integer)):
        return flint.arb(int(x))
    if isinstance(x, (float, np.floating)):
        return flint.arb(float(x))
    return None


def _made(v: Any) -> Big:
    made = _new(Big)
    COUNT[0] += 1
    if _noise:
        bits, rng = _noise[-1]
        v = v.mid() * (1 + flint.arb(int(9 * rng.random()) - 4) * flint.arb(2) ** (-bits - 2)) if v.is_finite() else v
    made.v = v
    return made


def _binary(operation: Callable[[Any, Any], Any], turned: bool = False) -> Any:
    def method(self: Big, other: Any) -> Any:
        if other.__class__ is Big:
            x = other.v
        else:
            x = _arb(other)
            if x is None:
                return NotImplemented
        v = operation(x, self.v) if turned else operation(self.v, x)
        if _noise:
            return _made(v)
        made = _new(Big)
        made.v = v
        COUNT[0] += 1
        return made
    return method


def _compared(test: Callable[[Any, Any], bool]) -> Any:
    def method(self: Big, other: Any) -> Any:
        x = _arb(other)
        return NotImplemented if x is None else bool(test(self.v.mid(), x.mid()))
    return method


def _of(function: Callable[[Any], Any]) -> Any:
    def method(self: Big) -> Big:
        return _made(function(self.v))
    return method


def _power(x: Any, y: Any) -> Any:
    if y.is_integer() and abs(y) < 4096:
        n = int(y.unique_fmpz())
        if x == 0 and n < 0:
            return flint.arb("nan")
        return x ** n
    if x == 0:
        return flint.arb(0) if y > 0 else flint.arb("nan")
    return x ** y


def _divide(x: Any, y: Any) -> Any:
    return flint.arb("nan") if y == 0 else x / y


def _floor(x: Any) -> Any:
    return x.mid().floor()


def _mod(x: Any, y: Any) -> Any:
    return x - y * _floor(x / y)


def _round(x: Any) -> Any:
    low = _floor(x)
    rest = x.mid() - low
    half = flint.arb(1) / 2
    up = rest > half or (rest == half and not (low / 2).is_integer())
    return low + 1 if up else low


def _sign(x: Any) -> Any:
    middle = x.mid()
    return flint.arb((middle > 0) - (middle < 0))


def _atan2(y: Any, x: Any) -> Any:
    return flint.arb.atan2(y, x)


class Big:
    """One real number; the methods are those that NumPy looks for in the entries of an object array."""

    __slots__ = ("v",)
    v: Any
    __hash__ = None                                                             # type: ignore[assignment]

    def __init__(self, value: Any) -> None:
        found = _arb(value)
        if found is None:
            raise TypeError(f"expected a number, got {type(value).__name__}")
        self.v = found

    __add__ = __radd__ = _binary(lambda a, b: a + b)
    __mul__ = __rmul__ = _binary(lambda a, b: a * b)
    __sub__, __rsub__ = _binary(lambda a, b: a - b), _binary(lambda a, b: a - b, True)
    __truediv__, __rtruediv__ = _binary(_divide), _binary(_divide, True)
    __pow__, __rpow__ = _binary(_power), _binary(_power, True)
    __mod__, __rmod__ = _binary(_mod), _binary(_mod, True)
    __floordiv__ = _binary(lambda a, b: _floor(a / b))
    __lt__, __le__ = _compared(lambda a, b: a < b), _compared(lambda a, b: a <= b)
    __gt__, __ge__ = _compared(lambda a, b: a > b), _compared(lambda a, b: a >= b)
    __eq__, __ne__ = _compared(lambda a, b: a == b), _compared(lambda a, b: a != b)

    def __neg__(self) -> Big:
        return Big(-self.v)

    def __pos__(self) -> Big:
        return self

    def __abs__(self) -> Big:
        return Big(abs(self.v))

    def __bool__(self) -> bool:
        return bool(self.v.mid() != 0)

    def __repr__(self) -> str:
        return str(self.v)

    def __float__(self) -> float:
        raise TypeError("a number of many digits is not turned into a float")

    __int__ = __index__ = __complex__ = __float__

    def __getattr__(self, name: str) -> Any:
        """What a NumPy scalar has besides: reshape, sum, shape, …"""
        if name.startswith("__"):
            raise AttributeError(name)
        whole = np.empty((), dtype=object)
        whole[()] = self
        return getattr(whole.view(BigArray), name)

    def conjugate(self) -> Big:
        return self

    @property
    def real(self) -> Big:
        return self

    @property
    def imag(self) -> Big:
        return Big(0)

    fabs = absolute = __abs__
    exp, expm1, sqrt, log1p = (_of(getattr(flint.arb, n)) for n in ("exp", "expm1", "sqrt", "log1p"))
    log = _of(lambda x: x.log())
    sin, cos, tan, sinh, cosh, tanh = (_of(getattr(flint.arb, n)) for n in ("sin", "cos", "tan", "sinh", "cosh", "tanh"))
    arcsin, arccos, arctan = _of(lambda x: x.asin()), _of(lambda x: x.acos()), _of(lambda x: x.atan())
    arcsinh, arccosh, arctanh = _of(lambda x: x.asinh()), _of(lambda x: x.acosh()), _of(lambda x: x.atanh())
    log2, log10 = _of(lambda x: x.log() / flint.arb(2).log()), _of(lambda x: x.log() / flint.arb(10).log())
    exp2 = _of(lambda x: flint.arb(2) ** x)
    square, reciprocal = _of(lambda x: x * x), _of(lambda x: _divide(flint.arb(1), x))
    cbrt = _of(lambda x: _sign(x) * abs(x).root(3) if x != 0 else flint.arb(0))
    sign, rint, floor = _of(_sign), _of(_round), _of(_floor)
    ceil, trunc = _of(lambda x: -_floor(-x)), _of(lambda x: _sign(x) * _floor(abs(x)))
    arctan2 = _binary(_atan2)
    hypot = _binary(lambda a, b: (a * a + b * b).sqrt())


class BigArray(np.ndarray[Any, np.dtype[Any]]):
    """An object array of `Big` that stays one: what NumPy mixes in (the 0 of `np.where(x > 0, x, 0)`) becomes one too."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        given = [_plain(x) for x in inputs]
        if "out" in options:
            options["out"] = tuple(_plain(x) for x in options["out"])
        known = _FUNCTIONS.get(ufunc.__name__) if method == "__call__" else None
        if known is not None and not options:
            return _kept(np.frompyfunc(known, ufunc.nin, 1)(*given))
        return _kept(getattr(ufunc, method)(*given, **options))

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        return _kept(super().__array_function__(function, types, arguments, options))


def _plain(x: Any) -> Any:
    return x.view(np.ndarray) if isinstance(x, BigArray) else x


def _kept(x: Any) -> Any:
    if isinstance(x, tuple):
        return tuple(map(_kept, x))
    if not isinstance(x, np.ndarray) or x.dtype != object:
        return x
    plain = x.view(np.ndarray)
    for at, entry in enumerate(plain.flat):
        if entry.__class__ is not Big:
            number = _arb(entry)
            if number is not None:
                made = _new(Big)
                made.v = number
                plain.flat[at] = made
            elif isinstance(entry, (bool, np.bool_)):
                return plain.astype(bool)
    return plain.view(BigArray)


def _pair(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda a, b: _made(function(_arb(a), _arb(b)))


def _single(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda a: _made(function(_arb(a)))


def _logistic(x: Any) -> Any:
    return 1 / (1 + (-x).exp())


def _log_sum(a: Any, b: Any) -> Any:
    top, low = (a, b) if a.mid() > b.mid() else (b, a)
    return top + (low - top).exp().log1p()


def _normal(x: Any) -> Any:
    return (-x / flint.arb(2).sqrt()).erfc() / 2


#: functions of NumPy and SciPy that have no method on the entries of an array
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "isfinite": lambda a: bool(_arb(a).is_finite()), "isnan": lambda a: not _arb(a).is_finite(), "isinf": lambda a: False,
    "signbit": lambda a: bool(_arb(a).mid() < 0), "copysign": _pair(lambda a, b: abs(a) if b.mid() >= 0 else -abs(a)),
    "heaviside": lambda a, b: Big(b) if Big(a) == 0 else Big(int(Big(a) > 0)),
    "logaddexp": _pair(_log_sum), "expit": _single(_logistic), "log_expit": _single(lambda x: -(-x).exp().log1p()),
    "erf": _single(lambda x: x.erf()), "erfc": _single(lambda x: x.erfc()), "ndtr": _single(_normal),
    "gammaln": _single(lambda x: abs(x.gamma()).log()), "gamma": _single(lambda x: x.gamma()),
    "psi": _single(lambda x: x.digamma()),
    "xlogy": _pair(lambda a, b: flint.arb(0) if a == 0 else a * b.log()),
}
_entries = np.frompyfunc(Big, 1, 1)


def as_big(array: Any) -> Array:
    """An array of numbers, each taken exactly."""
    given = np.asarray(array)
    made = np.empty(given.shape, dtype=object)
    made[...] = _entries(given.astype(object))
    return made.view(BigArray)


def shift(array: Array, direction: Any, step: Any) -> Array:
    """array + step · direction, exactly; `step` is a ball number."""
    moved = array.copy()
    plain = moved.view(np.ndarray)
    for at in np.argwhere(np.asarray(direction) != 0):
        key = tuple(at)
        plain[key] = Big(plain[key].v + step * flint.arb(float(direction[key])))
    return moved
