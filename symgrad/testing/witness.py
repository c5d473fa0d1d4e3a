"""The true derivative of a function given as NumPy code, as the witness against its backward function.

Three ways, the best that the code allows:

    digits     the code is run on numbers of many digits (`bignum`); differences of a step of 2^-120 are right to 30 digits,
               and the slopes from the left and from the right tell a kink from a smooth point
    complex    complex steps, where they agree with real differences (Squire and Trapp, SIAM Review 40, 1998)
    real       Ridders' extrapolated differences in float64 with their error estimate (Adv. Eng. Software 4, 1982)

A slope is of ⟨G, f⟩ along a direction of one argument, with the size of the terms it is a sum of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import flint
import numpy as np

from .bignum import Array, Big, as_big, precision, shift

__all__ = ["Slope", "Unusable", "Witness", "digits_serve", "numbers"]

Function = Callable[..., Any]
BITS = (640, 4000)
STEP = 120                                                  # bits below the size of what is moved


class Unusable(Exception):
    """The function has no finite value there, or not with this witness."""


class Slope(NamedTuple):
    """A derivative lies in [low, high]: one number where the function is smooth, give or take `error`; at a kink the
    slopes from the left and from the right. `size` is what rounding is relative to."""

    low: float
    high: float
    size: float
    error: float = 0.0
    kink: bool = False

    @property
    def middle(self) -> float:
        return self.low / 2 + self.high / 2


def numbers(result: Any) -> Array:
    """What a function returned as an array of floats; Unusable when it is none, or not finite."""
    try:
        found = np.asarray(result, dtype=float)
    except (TypeError, ValueError):
        raise Unusable("no numbers") from None
    if not np.all(np.isfinite(found)):
        raise Unusable("not finite")
    return found


def digits_serve(function: Function, arguments: Sequence[Any], moving: Sequence[int]) -> bool:
    """Does the code run on numbers of many digits, with the value it has in floats?"""
    try:
        with np.errstate(all="ignore"):
            plain = numbers(function(*arguments))
            with precision(BITS[0]):
                rich = _rich(function, [as_big(a) if i in moving else a for i, a in enumerate(arguments)])
    except Exception:
        return False
    if rich.shape != plain.shape:
        return False
    mine = np.array([float(b.v.mid()) for b in rich.flat]).reshape(plain.shape)
    scale = np.max(np.abs(plain), initial=0.0)
    return bool(np.all(np.isfinite(mine)) and np.all(np.abs(mine - plain) <= 1e-6 * scale))


def _rich(function: Function, arguments: Sequence[Any]) -> Array:
    """The value as an array of `Big`; Unusable where it has no number."""
    found = np.asarray(function(*arguments), dtype=object).view(np.ndarray)
    made = np.empty(found.shape, dtype=object)
    for at, entry in np.ndenumerate(found):
        try:
            number = entry if isinstance(entry, Big) else Big(entry)
        except TypeError:
            raise Unusable("not a number") from None
        if not number.v.is_finite():
            raise Unusable("not finite")
        made[at] = number
    return made


class Witness:
    """The derivatives of one function at one point, for one cotangent.

    function    arrays -> array
    arguments   the point: arrays of float64 at the places `moving`, anything elsewhere
    cotangent   of the value's shape
    digits      use numbers of many digits
    """

    def __init__(self, function: Function, arguments: Sequence[Any], moving: Sequence[int], cotangent: Array,
                 digits: bool) -> None:
        self.function, self.arguments, self.cotangent = function, list(arguments), cotangent
        self.digits = digits
        with np.errstate(all="ignore"):
            self.value = numbers(function(*self.arguments))
        self._big: dict[tuple[int, int], Any] = {}
        self.moving = tuple(moving)

    def slope(self, place: int, direction: Array, careful: bool = False) -> Slope:
        """The derivative of ⟨G, f⟩ along a direction of the argument at `place`, `careful` to measure its error too.

        Raises Unusable at a jump, an edge of the domain, or where the slope is infinite.
        """
        if self.digits:
            for bits in BITS:
                found = self._by_digits(place, direction, bits, careful)
                if found is not None:
                    return found
            raise Unusable("rounding")
        return self._by_steps(place, direction)

    # --- many digits
    def _big_arguments(self, bits: int) -> list[Any]:
        if (bits, -1) not in self._big:
            self._big[bits, -1] = [as_big(a) if i in self.moving else a for i, a in enumerate(self.arguments)]
        return list(self._big[bits, -1])

    def _at(self, place: int, direction: Array, step: Any, bits: int) -> Array:
        arguments = self._big_arguments(bits)
        arguments[place] = shift(arguments[place], direction, step)
        with np.errstate(all="ignore"):
            return _rich(self.function, arguments)

    def _by_digits(self, place: int, direction: Array, bits: int, careful: bool) -> Slope | None:
        with precision(bits):
            if (bits, 0) not in self._big:
                with np.errstate(all="ignore"):
                    self._big[bits, 0] = _rich(self.function, self._big_arguments(bits))
            middle = self._big[bits, 0]
            x = self.arguments[place]
            sizes = np.abs(x[direction != 0])
            size = float(np.min(sizes[sizes > 0], initial=np.inf))
            exponent = int(np.frexp(size)[1]) if np.isfinite(size) else -200
            for below, nearer in ((STEP, 40), (40, 8)) if np.isfinite(size) else ((STEP, 40), (40 - 200, 8)):
                found = self._sides(middle, place, direction, exponent - below, nearer, bits, careful)
                if found is not None:                       # a jump far below float64, as in np.sinc, is none
                    break
            else:
                raise Unusable("a jump or an infinite slope")
            left, right, errors, bends = found
            if bends is None:
                return None
            G = [flint.arb(float(g)) for g in np.broadcast_to(self.cotangent, middle.shape).flat]
            means = [(a + b) / 2 for a, b in zip(left, right, strict=True)]
            size = _float(sum((abs(g * m) for g, m in zip(G, means, strict=True)), flint.arb(0)))
            if not bends:
                total = sum((g * m for g, m in zip(G, means, strict=True)), flint.arb(0))
                if bits < BITS[-1] and total.rad() > (abs(total).mid() + flint.arb(size)) * flint.arb(2) ** -60:
                    return None
                error = sum((abs(g) * e for g, e in zip(G, errors, strict=True)), total.rad())
                return Slope(_float(total), _float(total), size, _float(error))
            low = high = flint.arb(0)
            for g, a, b in zip(G, left, right, strict=True):
                one, two = g * a, g * b
                low, high = low + one.min(two), high + one.max(two)
                size = max(size, _float(abs(one)), _float(abs(two)))
            return Slope(_float(low), _float(high), size, kink=True)

    def _sides(self, middle: Array, place: int, direction: Array, exponent: int, nearer: int, bits: int,
               careful: bool) -> tuple[list[Any], list[Any], list[Any], bool | None] | None:
        """Slopes from the left and from the right, the error of their mean, and whether they differ (None: more bits are
        needed). None at a jump."""
        h = flint.arb(2) ** exponent
        sides = self._both(middle, place, direction, h, bits)
        if sides is None:
            return [], [], [], None
        left, right = sides
        if not careful and not any(_apart(a, b) for a, b in zip(left, right, strict=True)):
            return left, right, [flint.arb(0)] * len(left), False
        closer = self._both(middle, place, direction, h * flint.arb(2) ** -nearer, bits)
        if closer is None:                                  # does the gap shrink with the step, as at an extremum?
            return [], [], [], None
        half = flint.arb(2) ** (nearer // 2)
        bends, errors = False, []
        for a, b, c, d in zip(left, right, *closer, strict=True):
            before, now = abs(b - a).mid(), abs(d - c).mid()
            far, near = abs(a + b).mid(), abs(c + d).mid()
            if (now > before * half and _apart(c, d)) or near > far * half > 0:
                return None
            bends = bends or (_apart(c, d) and now * half > before)
            errors.append(abs((a + b) - (c + d)).mid())
        return *closer, errors, bends

    def _both(self, middle: Array, place: int, direction: Array, h: Any, bits: int) -> tuple[list[Any], list[Any]] | None:
        plus, minus = self._at(place, direction, h, bits), self._at(place, direction, -h, bits)
        left = [(m.v - a.v) / h for m, a in zip(middle.flat, minus.flat, strict=True)]
        right = [(a.v - m.v) / h for m, a in zip(middle.flat, plus.flat, strict=True)]
        worst = max((s.rad() for s in (*left, *right)), key=_float, default=flint.arb(0))
        largest = max((abs(s).mid() for s in (*left, *right)), key=_float, default=flint.arb(0))
        if worst != 0 and worst > largest * flint.arb(2) ** -90 and bits < BITS[-1]:
            return None
        return left, right

    # --- floats
    def _by_steps(self, place: int, direction: Array) -> Slope:
        x = self.arguments[place]
        moved = np.abs(x[direction != 0])
        own = float(np.max(moved, initial=0.0))
        usual = float(np.sqrt(np.mean(np.square(x)))) or 1.0
        for scale in dict.fromkeys((max(own, usual / 4), own or usual)):
            try:                                            # the smaller one where the domain ends nearby
                low, high, error, size = _ridders(lambda t: self._float_at(place, x + t * direction), self.value, scale,
                                                  self.cotangent)
                break
            except Unusable:
                continue
        else:
            raise Unusable("no differences")
        kink = high - low > 20 * error + 1e-6 * max(abs(low), abs(high))
        if not kink:
            exact = self._by_complex(place, direction)
            middle = low / 2 + high / 2
            if exact is not None and abs(exact - middle) <= 10 * error + 1e-7 * abs(middle):
                return Slope(exact, exact, size, 1e-13 * size)
            return Slope(middle, middle, size, error + 1e-9 * size)
        return Slope(low, high, size, error, kink=True)

    def _float_at(self, place: int, moved: Any) -> Any:
        arguments = list(self.arguments)
        arguments[place] = moved
        with np.errstate(all="ignore"):
            found = np.asarray(self.function(*arguments))
        if found.shape != self.value.shape or not np.all(np.isfinite(found)):
            raise Unusable("not finite nearby")
        return found

    def _by_complex(self, place: int, direction: Array) -> float | None:
        import warnings
        step = 1e-30 * (float(np.max(np.abs(self.arguments[place]), initial=0.0)) or 1.0)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")              # a part that is thrown away
                found = self._float_at(place, self.arguments[place] + 1j * step * direction)
        except Exception:
            return None
        if not np.iscomplexobj(found) or np.any(np.abs(found.real - self.value) > 1e-9 * np.abs(self.value)):
            return None
        return float(np.sum(self.cotangent * (found.imag / step)))


def _apart(a: Any, b: Any) -> bool:
    gap = abs(b - a).mid()
    return bool(gap > abs(a).mid() * flint.arb(2) ** -40 or gap > abs(b).mid() * flint.arb(2) ** -40)


def _float(x: Any) -> float:
    return float(flint.arb(x).mid())


def _ridders(value: Callable[[float], Any], middle: Array, scale: float, G: Array) -> tuple[float, float, float, float]:
    """The slopes of ⟨G, value⟩ from the left and from the right, the error of both, and the size of their terms.

    Unusable unless differences from two step sizes come to the same.
    """
    noise = _noise(value, scale, G)
    tables = [found for start in (2.0**-2, 2.0**-5, 2.0**-8, 2.0**-11, 2.0**-14)
              if (found := _table(value, middle, scale * start, G, noise)) is not None]
    tables.sort(key=lambda table: table[2])
    for k, best in enumerate(tables):
        for other in tables[k + 1:]:
            room = 10 * (best[2] + other[2]) + 1e-7 * (abs(best[0]) + abs(best[1]))
            if abs(best[0] - other[0]) <= room and abs(best[1] - other[1]) <= room:
                return best
    raise Unusable("no differences")


def _noise(value: Callable[[float], Any], scale: float, G: Array) -> float:
    """How rough ⟨G, value⟩ is at the last digits: third differences of close points (Moré and Wild, SIAM J. Sci. Comput.
    33, 2011)."""
    worst = 0.0
    for spacing in (2.0**-34, 2.0**-19):
        values = np.array([float(np.sum(G * value(k * scale * spacing))) for k in range(-4, 5)])
        worst = max(worst, float(np.max(np.abs(np.diff(values, 3)))))
    return worst / 2


def _table(value: Callable[[float], Any], middle: Array, h: float, G: Array,
           rough: float) -> tuple[float, float, float, float] | None:
    """Extrapolated central differences; one-sided ones where they do not come together."""
    rows: list[list[float]] = []
    sides: list[tuple[float, float]] = []
    size = noise = 0.0
    try:
        for k in range(8):
            step = h / 1.6**k
            plus, minus = value(step), value(-step)
            central = (plus - minus) / (2 * step)
            size = float(np.sum(np.abs(G * central)))
            terms = float(np.sum(np.abs(G) * (np.abs(plus) + np.abs(minus) + np.abs(middle))))
            noise = (terms * 2e-16 + 2 * rough) / step
            sides.append((float(np.sum(G * (middle - minus))) / step, float(np.sum(G * (plus - middle))) / step))
            row = [float(np.sum(G * central))]
            for m in range(k):
                factor = 1.6 ** (2 * (m + 1))
                row.append((factor * row[m] - rows[-1][m]) / (factor - 1))
            rows.append(row)
    except Unusable:
        return None
    error, found = min((max(abs(rows[k][m] - rows[k][m - 1]), abs(rows[k][m] - rows[k - 1][m - 1])), rows[k][m])
                       for k in range(1, len(rows)) for m in range(1, k + 1))
    gaps = [abs(right - left) for left, right in sides]
    if gaps[-1] > 0.7 * gaps[0] and gaps[-1] > 50 * noise and gaps[-1] > 1e-4 * max(map(abs, sides[-1])):
        low, high = sorted(sides[-1])                       # a kink: the gap stays
        return low, high, abs(sides[-1][0] - sides[-2][0]) + abs(sides[-1][1] - sides[-2][1]) + noise, size
    return found, found, error + noise, size
