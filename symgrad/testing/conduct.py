"""The two functions under test and how they behave: what they take and return, and what they must not do.

A backward function may be right in every number and still be wrong to use: it changes its arguments, gives another answer
when asked again, hands out a buffer that the next call overwrites, remembers an old forward pass, or is right for
contiguous arrays or for float64 only.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError, SymgradError
from .bignum import Array
from .witness import Unusable, Witness, numbers

__all__ = ["Code", "check_conduct", "in_float32"]


class Code:
    """forward(*arguments) and backward(G, *arguments), or a gradient of the arguments alone (`takes_cotangent` False)."""

    def __init__(self, forward: Callable[..., Any], backward: Callable[..., Any], name: str,
                 takes_cotangent: bool = True) -> None:
        for what, function in (("forward", forward), ("backward", backward)):
            if not callable(function):
                raise SymgradError(f"{what} is a function of arrays, got {type(function).__name__}")
        self._forward, self._backward, self.name, self.takes_cotangent = forward, backward, name, takes_cotangent
        self.moving: tuple[int, ...] = ()
        self.words: list[str] = []

    def start(self, arguments: Sequence[Any]) -> list[Any]:
        """The arguments given, floats as float64; finds out which are differentiated. Checks what is returned."""
        if not arguments:
            raise SymgradError(f"{self.name}: give the arguments to check it at, such as np.array([0.5, -1.0])")
        self.given = list(arguments)
        floats = [i for i, a in enumerate(arguments) if _is_number(a)]
        if not floats:
            raise SymgradError(f"{self.name}: none of the arguments is an array of numbers: {_kinds(arguments)}")
        for i in floats:
            if not np.all(np.isfinite(np.asarray(arguments[i], dtype=float))):
                raise SymgradError(f"{self.name}: argument {i + 1} holds NaN or an infinity; give finite numbers")
        self.words = _names(self._forward, len(arguments))
        before = [copy.deepcopy(a) for a in arguments]
        value = self._call("forward", self._forward, [_own(a) for a in arguments])
        try:
            value = numbers(value)
        except Unusable as why:
            raise SymgradError(f"{self.name}: the function gives {why} at the arguments given: {_shown(value)}") from None
        if not self.takes_cotangent and value.size != 1:
            raise ShapeError(f"{self.name}: a gradient is that of a scalar function, this one has shape {value.shape}; "
                             "assert_backward(forward, backward, …) checks G ↦ gradient of ⟨G, forward⟩")
        mine = [_own(a) for a in before]
        with np.errstate(all="ignore"):
            self._call("forward", self._forward, mine)
            G = (np.ones(value.shape) if value.shape else np.float64(1.0),) if self.takes_cotangent else ()
            result = self._call("backward", self._backward, [*G, *mine])
        self.moving = self._matched(result, arguments)
        return [np.asarray(a, dtype=float) if i in self.moving else a for i, a in enumerate(before)]

    def _call(self, what: str, function: Callable[..., Any], arguments: list[Any]) -> Any:
        try:
            with np.errstate(all="ignore"):
                return function(*arguments)
        except Exception as error:
            shown = "(G, *arguments)" if what == "backward" and self.takes_cotangent else "(*arguments)"
            raise SymgradError(f"{self.name}: {what}{shown} raises {type(error).__name__}: {error}") from error

    def _matched(self, result: Any, arguments: Sequence[Any]) -> tuple[int, ...]:
        """Which arguments the gradients returned belong to."""
        floats = tuple(i for i, a in enumerate(arguments) if _is_number(a) and np.asarray(a).dtype.kind == "f")
        numeric = tuple(i for i, a in enumerate(arguments) if _is_number(a))
        self.pattern: tuple[Any, ...]
        if isinstance(result, Mapping):
            unknown = [k for k in result if k not in self.words]
            if unknown:
                raise SymgradError(f"{self.name}: it returns a gradient for {unknown[0]!r}, the arguments are "
                                   f"{', '.join(self.words)}")
            places = tuple(self.words.index(k) for k in result)
            self.pattern = ("mapping", tuple(result))
            return places
        if isinstance(result, tuple) or (isinstance(result, list) and len(arguments) > 1 and not _is_number(result)) or (
                isinstance(result, list) and len(result) == len(floats) > 1):
            if len(result) == len(arguments):
                self.pattern = ("tuple", tuple(i for i, r in enumerate(result) if r is not None))
                places = tuple(i for i in self.pattern[1] if i in numeric)
                if places != self.pattern[1]:
                    raise SymgradError(f"{self.name}: it returns a gradient for argument "
                                       f"{min(set(self.pattern[1]) - set(places)) + 1}, which is no array of numbers")
            elif len(result) == len(floats):
                places = floats
                self.pattern = ("tuple", tuple(range(len(floats))))
            else:
                raise SymgradError(f"{self.name}: {len(arguments)} arguments, {len(floats)} of them floats, but "
                                   f"{len(result)} gradients: return one for each (None where there is none)")
            if not places:
                raise SymgradError(f"{self.name}: it returns no gradient")
            return places
        self.pattern = ("one",)
        return (floats or numeric)[:1]

    # --- calls
    def value(self, arguments: Sequence[Any]) -> Any:
        return self._forward(*map(_own, arguments))

    forward = property(lambda self: self._forward)

    def cotangent(self, arguments: Sequence[Any], rng: np.random.Generator) -> Any:
        """G: of the value's shape, drawn; 1 for a gradient."""
        with np.errstate(all="ignore"):
            shape = numbers(self.value(arguments)).shape
        if not self.takes_cotangent:
            return np.ones(shape)
        G = rng.standard_normal(shape)
        return np.where(np.abs(G) < 0.05, 0.5, G) if shape else np.float64(rng.uniform(0.5, 2.0) * rng.choice([-1, 1]))

    def raw_gradients(self, G: Any, arguments: Sequence[Any]) -> dict[int, Any]:
        """What backward returns for each argument, after a forward pass at the same arguments."""
        mine = [_own(a) for a in arguments]
        with np.errstate(all="ignore"):
            self._forward(*mine)
            result = self._backward(*([_own(G)] if self.takes_cotangent else []), *mine)
        return self.sorted(result)

    def sorted(self, result: Any) -> dict[int, Any]:
        """Gradients by the place of their argument."""
        parts = [result] if self.pattern[0] == "one" else [result[k] for k in self.pattern[1]]
        return {i: _dense(part) for i, part in zip(self.moving, parts, strict=True)}

    def gradients(self, G: Any, arguments: Sequence[Any]) -> dict[int, Array]:
        """The gradients as arrays of floats."""
        found = {}
        for i, part in self.raw_gradients(G, arguments).items():
            array = np.asarray(part)
            if array.dtype.kind not in "fiub":
                raise AssertionError(f"{self.name}: the gradient by {self.word(i)} is {_shown(part)}, no array of real numbers")
            found[i] = array.astype(float)
        return found

    # --- words
    def word(self, place: int) -> str:
        """What an argument is called in the forward function."""
        return self.words[place]

    def misfit(self, place: int, shape: tuple[int, ...], arguments: Sequence[Any]) -> str:
        expected = np.shape(arguments[place])
        turned = ": it is the transpose" if shape == expected[::-1] and len(shape) > 1 else (
            ": a sum over the broadcast axes is missing" if len(shape) > len(expected) or (
                len(shape) == len(expected) and all(e in (1, s) for e, s in zip(expected, shape, strict=True))) else "")
        return f"the gradient by {self.word(place)} has shape {shape}, {self.word(place)} has {expected}{turned}"


def _is_number(a: Any) -> bool:
    if isinstance(a, (bool, str, bytes)) or a is None:
        return False
    try:
        return np.asarray(a).dtype.kind in "fiu" and not isinstance(a, int)
    except (TypeError, ValueError):
        return False


def _names(function: Callable[..., Any], count: int) -> list[str]:
    try:
        found = [p.name for p in inspect.signature(function).parameters.values()
                 if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        found = []
    return [found[i] if i < len(found) else f"argument {i + 1}" for i in range(count)]


def _own(a: Any) -> Any:
    return a.copy() if isinstance(a, np.ndarray) else a


def _dense(part: Any) -> Any:
    for way in ("toarray", "todense", "detach"):
        if not isinstance(part, np.ndarray) and hasattr(part, way):
            part = getattr(part, way)()
    return part


def _kinds(arguments: Sequence[Any]) -> str:
    return ", ".join(type(a).__name__ for a in arguments)


def _shown(value: Any) -> str:
    return " ".join(repr(value).split())[:120]


# ---------------------------------------------------------------- conduct

def check_conduct(code: Code, start: list[Any], rng: np.random.Generator, seed: int) -> None:
    """Raises AssertionError (SymgradError where forward is not a function) for what must not happen."""
    moving = code.moving
    G = code.cotangent(start, rng)
    one, two = numbers(code.value(start)), numbers(code.value(start))
    if not np.array_equal(one, two) and not np.allclose(one, two, rtol=1e-9, atol=0):
        raise SymgradError(f"{code.name}: forward gives two values at the same arguments: fix its seed")
    mine, g = [_own(a) for a in start], _own(G)
    kept = [_own(a) for a in mine]
    value = code.forward(*mine)
    _unchanged(code, "forward", mine, kept)
    shown = np.array(value, copy=True)
    result = code._backward(*([g] if code.takes_cotangent else []), *mine)
    _unchanged(code, "backward", mine, kept)
    if not np.array_equal(g, G):
        raise AssertionError(f"{code.name}: it changes its cotangent G in place{_first(g, G)}")
    if not np.array_equal(np.asarray(value), shown, equal_nan=True):
        raise AssertionError(f"{code.name}: backward changes the array that forward returned{_first(np.asarray(value), shown)}")
    parts = code.sorted(result)
    for i in moving:
        array = np.asarray(parts[i])
        if array.shape != np.shape(start[i]):
            raise AssertionError(f"{code.name}: {code.misfit(i, array.shape, start)}")
        if array.dtype.kind == "f" and array.dtype.itemsize < 8:
            raise AssertionError(f"{code.name}: the gradient by {code.word(i)} is {array.dtype}, {code.word(i)} is float64: "
                                 "half of its digits are lost")
    first = {i: np.array(parts[i], dtype=float, copy=True) for i in moving}
    for other, how in _layouts(start, moving):
        try:
            again = code.gradients(G, other) if how != "the same arguments again" else code.gradients(G, start)
        except Exception as error:
            raise AssertionError(f"{code.name}: {type(error).__name__} with {how}: {error}") from error
        _alike(code, first, again, how)
    changed = [np.asarray(a * 1.25 + 0.125) if i in moving else a for i, a in enumerate(start)]
    _remembers(code, G, start, changed, rng)
    for i in moving:
        if not np.array_equal(np.asarray(parts[i], dtype=float), first[i], equal_nan=True):
            raise AssertionError(f"{code.name}: the gradient by {code.word(i)} that it returned is overwritten by later calls"
                                 f"{_first(np.asarray(parts[i], dtype=float), first[i])}: return a copy")


def _unchanged(code: Code, what: str, mine: list[Any], kept: list[Any]) -> None:
    for i, (a, b) in enumerate(zip(mine, kept, strict=True)):
        if isinstance(a, np.ndarray) and not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
            raise AssertionError(f"{code.name}: {what} changes {code.word(i)} in place{_first(a, b)}")


def _first(found: Array, expected: Array) -> str:
    """The first entry that differs."""
    wrong = np.argwhere(~((found == expected) | ((found != found) & (expected != expected))))
    if not len(wrong):
        return ""
    at = tuple(int(k) for k in wrong[0])
    return f": entry {list(at)} was {float(expected[at])!r}, is {float(found[at])!r}"


def _layouts(start: list[Any], moving: Sequence[int]) -> list[tuple[list[Any], str]]:
    def spread(a: Array) -> Array:
        if not a.ndim:
            return a.copy()
        wide = np.empty((*a.shape[:-1], 2 * a.shape[-1]))
        wide[..., ::2] = a
        return wide[..., ::2]

    strided = [_View(spread(a)) if i in moving else a for i, a in enumerate(start)]
    turned = [_View(np.asfortranarray(a)) if i in moving and a.ndim > 1 else a for i, a in enumerate(start)]
    return [(start, "the same arguments again"), (strided, "arguments that are not contiguous"),
            (turned, "arguments in Fortran order")]


class _View(np.ndarray[Any, np.dtype[Any]]):
    """An array whose copy keeps its layout."""

    def __new__(cls, a: Array) -> Any:
        return a.view(cls)

    def copy(self, order: Any = "C") -> Any:
        return np.asarray(self)


def _alike(code: Code, first: dict[int, Array], again: dict[int, Array], how: str) -> None:
    for i, a in first.items():
        b = again[i]
        size = float(np.max(np.abs(a), initial=0.0))
        same = a.shape == b.shape and (np.isnan(a) & np.isnan(b) | (a == b) | (np.abs(a - b) <= 1e-9 * np.abs(a) + 1e-12 * size))
        if not np.all(same):
            raise AssertionError(f"{code.name}: another gradient by {code.word(i)} with {how}"
                                 f"{_first(b, a) if a.shape == b.shape else f': shape {b.shape}, before {a.shape}'}")


def _remembers(code: Code, G: Any, start: list[Any], changed: list[Any], rng: np.random.Generator) -> None:
    """The same array objects with other contents give what fresh arrays give."""
    try:
        if numbers(code.value(changed)).shape != np.shape(G):
            return
        fresh = code.gradients(G, changed)
    except Exception:
        return                                              # outside the domain
    mine = [_own(a) for a in start]
    with np.errstate(all="ignore"):
        for step in range(2):
            code.forward(*mine)
            result = code._backward(*([_own(G)] if code.takes_cotangent else []), *mine)
            if not step:
                for i in code.moving:
                    mine[i][...] = changed[i]
    again = {i: np.array(part, dtype=float) for i, part in code.sorted(result).items()}
    _alike(code, fresh, again, "the same arrays holding other numbers (it remembers the old ones)")


# ---------------------------------------------------------------- float32

def in_float32(code: Code, start: list[Any], rng: np.random.Generator, seed: int, digits: bool) -> None:
    """Where the function itself keeps its meaning in float32, so does its gradient. A function that refuses it is let be."""
    single = [np.asarray(a, dtype=np.float32) if i in code.moving else a for i, a in enumerate(start)]
    double = [np.asarray(a, dtype=float) if i in code.moving else a for i, a in enumerate(single)]
    if not all(np.all((np.abs(a) < 1e4) & ((np.abs(a) > 1e-4) | (a == 0))) for a in (double[i] for i in code.moving)):
        return
    try:
        G = code.cotangent(double, rng)
        G = np.float32(G) if not np.ndim(G) else G.astype(np.float32)
        value, exact = numbers(code.value(single)), numbers(code.value(double))
        if value.shape != exact.shape or np.any(np.abs(value - exact) > 1e-5 * np.abs(exact)):
            return
        mine = code.gradients(G, single)
        witness = Witness(code.forward, double, code.moving, np.asarray(G, dtype=float), digits)
    except Exception:
        return
    right = code.gradients(np.asarray(G, dtype=float) if np.ndim(G) else np.float64(G), double)
    for place in code.moving:
        a, b = mine[place], right[place]
        size = float(np.max(np.abs(b), initial=0.0))
        for entry in np.ndindex(b.shape):
            direction = np.zeros(b.shape)
            direction[entry] = 1.0
            if a.shape == b.shape and abs(a[entry] - b[entry]) <= 1e-2 * abs(b[entry]) + 1e-4 * size:
                continue
            try:
                slope = witness.slope(place, direction)
            except Exception:
                continue
            room = 1e-2 * max(abs(slope.low), abs(slope.high)) + 1e-4 * max(size, slope.size)
            if a.shape != b.shape or not slope.low - room <= a[entry] <= slope.high + room:
                raise AssertionError(f"{code.name}: in float32 the gradient by {code.word(place)} at {list(entry)} is "
                                     f"{a[entry] if a.shape == b.shape else f'of shape {a.shape}'}, expected {slope.middle:.7g}; "
                                     "in float64 it is right")
