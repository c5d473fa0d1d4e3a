"""The arithmetics a formula can be evaluated over, behind one interface.

A value is a NumPy array whose last two axes are rows and columns (further axes in front are directions of
differentiation, see `dual`). Floats are float64 or complex128 arrays; the exact arithmetics and balls are arrays of
python-flint numbers, whose operators NumPy applies entry by entry:

    floats()        float64: fast, decides nothing          complex_floats()  complex128: for complex steps
    rationals()     exact, ordered                          balls(bits)       enclosures that are surely right
    prime_field()   exact modulo 2^61 - 1: two different polynomials of degree d agree at a random point with
                    probability at most d / 2^61 (Schwartz and Zippel), and fractions never grow
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction
from functools import lru_cache
from typing import Any

import flint
import numpy as np
import sympy

from ..errors import SymgradError

__all__ = ["MERSENNE", "Arithmetic", "Array", "Undecided", "balls", "complex_floats", "floats", "prime_field",
           "rationals"]

Array = np.ndarray[Any, np.dtype[Any]]

#: the prime 2^61 - 1
MERSENNE = 2**61 - 1


class Undecided(SymgradError):
    """A value that this arithmetic cannot give: an order modulo p, a root in the rationals, a slope at a kink."""


class Arithmetic:
    """Numbers of one kind. `name`, and what it can say: `exact` equality, an `ordered` field, `bits` of a ball."""

    def __init__(self, name: str, entry: Callable[[Any], Any], *, exact: bool = False, ordered: bool = True,
                 bits: int = 0, dtype: Any = object) -> None:
        self.name, self.exact, self.ordered, self.bits, self.dtype = name, exact, ordered, bits, np.dtype(dtype)
        self._entry = entry
        self._convert = np.frompyfunc(entry, 1, 1)
        self.boxed = self.dtype == object

    def __repr__(self) -> str:
        return self.name

    def precision(self) -> AbstractContextManager[Any]:
        """The context in which everything over this arithmetic is computed."""
        return flint.ctx.workprec(self.bits) if self.bits else nullcontext()

    def number(self, value: Any) -> Array:
        """An exact number (int, Fraction or SymPy) as a 1 x 1 value."""
        return self.array([[value]])

    def array(self, data: Any) -> Array:
        """Ints, Fractions, floats, SymPy or flint numbers as a value; floats are taken exactly."""
        given = np.asarray(data)
        if not self.boxed and given.dtype != object:
            return given.astype(self.dtype, copy=False)
        converted = np.asarray(self._convert(given.astype(object)), dtype=object)
        return converted if self.boxed else converted.astype(self.dtype)

    def full(self, rows: int, columns: int, value: int) -> Array:
        return np.full((rows, columns), self._entry(value), dtype=self.dtype)

    def identity(self, size: int) -> Array:
        eye = self.full(size, size, 0)
        np.fill_diagonal(eye, self._entry(1))
        return eye

    def map(self, function: Callable[[Any], Any], value: Array) -> Array:
        """A function of one number applied to every entry (of boxed numbers)."""
        return np.asarray(np.frompyfunc(function, 1, 1)(value), dtype=self.dtype)

    def divide(self, dividend: Array, divisor: Array) -> Array:
        """dividend / divisor, where x / 0 is 0 (the kernel's convention)."""
        if self.boxed:
            return np.asarray(np.frompyfunc(self._quotient, 2, 1)(dividend, divisor), dtype=object)
        out = np.zeros(np.broadcast_shapes(dividend.shape, divisor.shape), dtype=self.dtype)
        return np.divide(dividend, divisor, out=out, where=divisor != 0)

    def _quotient(self, dividend: Any, divisor: Any) -> Any:
        divisor = self._entry(divisor)
        if self.bits and divisor.contains(0) and not divisor.is_zero():
            raise Undecided("a divisor whose ball contains 0")
        return self._entry(0) if divisor == 0 else self._entry(dividend) / divisor

    def absolute(self, value: Array) -> Array:
        self.needs_order("an absolute value")
        return np.abs(value) if not self.boxed else self.map(abs, value)

    def sign(self, value: Array) -> Array:
        """The sign of every entry, which must not be 0."""
        self.needs_order("a sign")
        if self.boxed:
            return self.map(self._sign, value)
        if np.any(value == 0):
            raise Undecided("the sign of 0")
        return np.sign(value)

    def _sign(self, x: Any) -> Any:
        if not x < 0 and not x > 0:
            raise Undecided("the sign of 0")
        return self._entry(1 if x > 0 else -1)

    def sqrt(self, value: Array) -> Array:
        """Roots of what is not negative; in the rationals, of squares only."""
        self.needs_order("a root")
        if not self.boxed:
            return np.sqrt(value)
        return self.map(self._root, value)

    def _root(self, x: Any) -> Any:
        x = self._entry(x)
        if self.bits:
            return ball_root(x)
        root = x.sqrt() if x == 0 or (x.p.is_square() and x.q.is_square()) else None
        if root is None:
            raise Undecided(f"√{x} is not rational")
        return root

    def largest(self, value: Array, start: int = 0) -> Array:
        """The largest entry over the last two axes; `start` when there is none."""
        self.needs_order("a maximum")
        flat = value.reshape(*value.shape[:-2], -1)
        if not flat.shape[-1]:
            return np.full((*value.shape[:-2], 1, 1), self._entry(start), dtype=self.dtype)
        if not self.boxed:
            return np.max(flat, axis=-1)[..., None, None]
        return np.asarray(np.frompyfunc(self.maximum, 2, 1).reduce(flat, axis=-1), dtype=object)[..., None, None]

    def maximum(self, x: Any, y: Any) -> Any:
        x, y = self._entry(x), self._entry(y)
        return x.max(y) if self.bits else max(x, y)

    def needs_order(self, what: str) -> None:
        if not self.ordered:
            raise Undecided(f"{what} has no meaning in {self.name}")

    # what the two sides of a statement say
    def equal(self, one: Array, two: Array) -> bool:
        """Surely or, for floats and balls, possibly equal: balls that overlap, floats alike to a part in 10^6."""
        if self.bits:
            return bool(np.all(np.frompyfunc(lambda x, y: _ball(x).overlaps(_ball(y)), 2, 1)(one, two)))
        if self.boxed:
            return bool(np.all(one == two))
        size = max((float(np.max(np.abs(side))) for side in (one, two) if side.size), default=0.0)
        return bool(np.all(np.abs(one - two) <= 1e-6 * size))

    def __reduce__(self) -> Any:
        raise SymgradError("an arithmetic is not pickled: make it again by its function")


def ball_root(x: Any) -> Any:
    """The root of the part of a ball that is not negative."""
    if not x.upper() >= 0:
        raise Undecided(f"the root of {x}")
    return x.sqrt() if x.lower() >= 0 else flint.arb(0).union(x.upper().sqrt())


def _ball(x: Any) -> Any:
    return x if isinstance(x, flint.arb) else flint.arb(x)


def exact_fraction(value: Any) -> Any:
    """Any exact number, or a float taken exactly, as a flint rational. Raises Undecided for an irrational one."""
    if isinstance(value, flint.fmpq):
        return value
    if isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_)):
        return flint.fmpq(int(value))
    if isinstance(value, sympy.Expr):
        if not isinstance(value, sympy.Rational):
            raise Undecided(f"{value} is not rational")
        return flint.fmpq(int(value.p), int(value.q))
    if isinstance(value, (float, np.floating)):
        if not np.isfinite(value):
            raise SymgradError(f"an array of numbers holds {value}")
        value = Fraction(float(value))
    if isinstance(value, Fraction):
        return flint.fmpq(value.numerator, value.denominator)
    raise SymgradError(f"expected a number, got {value!r} ({type(value).__name__})")


def _to_float(value: Any) -> float:
    if isinstance(value, flint.fmpq):
        return int(value.p) / int(value.q)
    return float(value)


def _to_complex(value: Any) -> complex:
    return complex(_to_float(value) if isinstance(value, flint.fmpq) else value)


def _to_ball(value: Any) -> Any:
    if isinstance(value, flint.arb):
        return value
    if isinstance(value, sympy.Expr) and not value.is_Rational:
        from ..balls.numbers import number_ball
        return number_ball(value)
    return flint.arb(exact_fraction(value))


@lru_cache(maxsize=1)
def floats() -> Arithmetic:
    """float64. A verdict in floats is a guess; balls decide."""
    return Arithmetic("float64", _to_float, dtype=np.float64)


@lru_cache(maxsize=1)
def complex_floats() -> Arithmetic:
    """complex128, for complex-step derivatives; it has no order."""
    return Arithmetic("complex128", _to_complex, ordered=False, dtype=np.complex128)


@lru_cache(maxsize=1)
def rationals() -> Arithmetic:
    """Exact fractions of any size."""
    return Arithmetic("the rationals", exact_fraction, exact=True)


@lru_cache(maxsize=8)
def prime_field(p: int = MERSENNE) -> Arithmetic:
    """The integers modulo a prime."""
    def entry(value: Any) -> Any:
        if isinstance(value, flint.nmod):
            return value
        if isinstance(value, int):
            return flint.nmod(value % p, p)
        fraction = exact_fraction(value)
        return flint.nmod(int(fraction.p % p), p) / flint.nmod(int(fraction.q % p), p)

    return Arithmetic(f"GF({p})", entry, exact=True, ordered=False)


@lru_cache(maxsize=64)
def balls(bits: int = 128) -> Arithmetic:
    """Real balls of that many bits (python-flint's arb): every result encloses the true value."""
    return Arithmetic(f"balls of {bits} bits", _to_ball, bits=bits)
