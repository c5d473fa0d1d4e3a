"""An instance: concrete data for everything a statement leaves open.

Integers for indices, constants and dimensions, widths, arrays for variables and for families that no definition
settles, functions for σ and for named functions without a definition. The data belong to no arithmetic: one instance
is evaluated in floats, balls or modulo p alike. What is missing is asked of a `supply` and kept, so that a random
instance draws just what a statement needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from ..errors import SymgradError
from ..terms.exponents import exponent_at_most, norm_kind
from ..terms.index import Dimension
from .elementwise import OneVariable, one_variable

__all__ = ["Instance", "Supply"]

Shape = tuple[int, int]


class Supply(Protocol):
    """Where an instance takes what it was not given; every answer is asked for once and kept.

    A supply may also have `dimension(name)`, for dimensions; otherwise they are integers like all others.
    """

    def integer(self, name: str) -> int: ...

    def width(self, name: str, index: int) -> int: ...

    def array(self, name: str, indices: tuple[int, ...], shape: Shape) -> Any: ...

    def one_variable(self, name: str, indices: tuple[int, ...]) -> Any: ...

    def function(self, name: str, indices: tuple[int, ...]) -> Callable[..., Any]: ...

    def exponent(self, name: str, low: Any, high: Any) -> Any: ...


def _name(key: Any) -> str:
    return key if isinstance(key, str) else str(getattr(key, "name", key))


class Instance:
    """Concrete data.

    integers    {l: 2, L: 3} for indices, constants, dimensions; keys are symbols or their names
    widths      {"n": [3, 5, 2]}: a sequence, a dict or a callable of the index
    arrays      {"x": array, "w": {1: array, 2: array}, "X": {(1, 2): array}}: variables and undefined families; a
                sequence or a callable of the indices serves as well. One-dimensional arrays are columns
    functions   {"sigma": "tanh"} one function, {"sigma": {1: "tanh", 2: [0, 0, 1]}} one for each index: see
                `symgrad.numeric.elementwise.one_variable`
    named       {"f": callable(*values) -> value}, or {"f": {index: callable}}: named functions without a definition;
                their values may be `Dual`: use @, +, * and `symgrad.numeric.dual`
    exponents   {p: Fraction(3, 2)} for the exponents of norms: numbers 1 <= p <= ∞ in the range of each
    batch       arrays may have a third axis in front, for examples, that everything is computed along
    supply      what to ask for data that are missing; without it that is an error
    """

    def __init__(self, *, integers: Mapping[Any, int] | None = None, widths: Mapping[Any, Any] | None = None,
                 arrays: Mapping[Any, Any] | None = None, functions: Mapping[Any, Any] | None = None,
                 named: Mapping[Any, Any] | None = None, exponents: Mapping[Any, Any] | None = None, batch: bool = False,
                 supply: Supply | None = None) -> None:
        self.integers = {_name(k): int(v) for k, v in (integers or {}).items()}
        self._widths = {_name(k): v for k, v in (widths or {}).items()}
        self._arrays = {_name(k): v for k, v in (arrays or {}).items()}
        self._functions = {_name(k): v for k, v in (functions or {}).items()}
        self._named = {_name(k): v for k, v in (named or {}).items()}
        self._exponents = {_name(k): norm_kind(v) for k, v in (exponents or {}).items()}
        self.batch, self.supply = batch, supply
        self.kept: dict[Any, Any] = {}

    def _ask(self, key: tuple[Any, ...], what: str, ask: Callable[[Supply], Any]) -> Any:
        if key not in self.kept:
            if self.supply is None:
                raise SymgradError(f"the instance gives no value for {what}: add it")
            self.kept[key] = ask(self.supply)
        return self.kept[key]

    def integer(self, symbol: Any) -> int:
        """The value of an index, constant or dimension."""
        name = _name(symbol)
        if isinstance(symbol, Dimension):
            return self.dimension(name)
        if name not in self.integers:
            self.integers[name] = self._ask(("integer", name), name, lambda s: s.integer(name))
        return self.integers[name]

    def dimension(self, name: str) -> int:
        """The value of the dimension of this name. (With it an instance can supply another.)"""
        if name not in self.integers:
            self.integers[name] = self._ask(("integer", name), name, lambda s: getattr(s, "dimension", s.integer)(name))
        return self.integers[name]

    def width(self, name: str, index: int) -> int:
        """The width n_index."""
        found = _at(self._widths.get(name), (index,))
        return int(found if found is not None else
                   self._ask(("width", name, index), f"the width {name}_{index}", lambda s: s.width(name, index)))

    def array(self, name: str, indices: tuple[int, ...], shape: Shape) -> Any:
        """The array of a variable (no indices) or a family at given indices, checked against its shape."""
        found = self._arrays.get(name) if not indices else _at(self._arrays.get(name), indices)
        if found is None:
            shown = f"{name}{list(indices) if indices else ''} ({shape[0]} × {shape[1]})"
            return self._ask(("array", name, indices, shape), shown, lambda s: s.array(name, indices, shape))
        found = np.asarray(found)
        if found.ndim < 2:
            found = found.reshape(-1, 1)
        if found.shape[-2:] != shape or (found.ndim > 2 and not self.batch):
            raise SymgradError(f"{name}{list(indices) if indices else ''} is {shape[0]} × {shape[1]}, the instance "
                               f"gives an array of shape {found.shape}")
        return found

    def one_variable(self, name: str, indices: tuple[int, ...]) -> OneVariable:
        """The function of one variable that stands for σ or σ_l."""
        key = ("one variable", name, indices)
        if key not in self.kept:
            given = self._functions.get(name)
            found = _at(given, indices) if isinstance(given, dict) else given
            if found is None and self.supply is None:
                raise SymgradError(f"the instance gives no function for {name}{list(indices) if indices else ''}")
            self.kept[key] = one_variable(found if found is not None else
                                          self.supply.one_variable(name, indices))     # type: ignore[union-attr]
        return self.kept[key]

    def exponent(self, name: str, low: Any, high: Any) -> Any:
        """The number that stands for an exponent: an integer, a rational or ∞ in its range."""
        found = self._exponents.get(name)
        if found is None:
            found = norm_kind(self._ask(("exponent", name), f"the exponent {name}", lambda s: s.exponent(name, low, high)))
        if not (exponent_at_most(low, found) and exponent_at_most(found, high)):
            raise SymgradError(f"{name} lies between {low} and {high}, the instance gives {found}")
        return found

    def set_array(self, name: str, indices: tuple[int, ...], array: Any) -> None:
        """Let this array be the value of a variable (no indices) or of a family at given indices."""
        self.kept["array", name, indices, array.shape[-2:]] = array

    def set_one_function(self, name: str, function: Any) -> None:
        """Let one function stand for σ_l for every l."""
        self._functions[name] = one_variable(function)

    def set_function(self, name: str, indices: tuple[int, ...], function: Any) -> None:
        """Let this function stand for σ_l."""
        self.kept["one variable", name, indices] = one_variable(function)

    def is_one_function(self, name: str) -> bool | None:
        """Is σ_r = σ for every r? None: what the supply would still draw decides."""
        given = self._functions.get(name)
        return None if given is None else not isinstance(given, dict)

    def function(self, name: str, indices: tuple[int, ...]) -> Callable[..., Any]:
        """A named function without a definition, as a callable on values."""
        given = self._named.get(name)
        found = _at(given, indices) if isinstance(given, dict) else given
        shown = f"the function {name}{list(indices) if indices else ''}"
        return found if found is not None else self._ask(
            ("function", name, indices), shown, lambda s: s.function(name, indices))


def _at(given: Any, indices: tuple[int, ...]) -> Any:
    """What a dict, sequence or callable gives at some indices; None where it gives nothing."""
    if given is None or not indices:
        return None
    key = indices[0] if len(indices) == 1 else indices
    if isinstance(given, Mapping):
        return given.get(key)
    if callable(given):
        return given(*indices)
    if isinstance(given, Sequence) and not isinstance(given, str) and isinstance(key, int):
        return given[key] if 0 <= key < len(given) else None
    return None
