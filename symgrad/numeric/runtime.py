"""What every generated module carries with it: the result, the checks of its arguments, the pool of
workspaces.

This file is pasted into each generated module below its mathematics, so it imports nothing but NumPy and
the standard library. Inside symgrad the error class is replaced by `symgrad.errors.ShapeError`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from operator import itemgetter
from sys import getrefcount
from threading import Lock
from time import perf_counter
from typing import Any

import numpy as np
from numpy import ndarray

__all__ = [
    "InputError",
    "Result",
    "check_finite",
    "one_d",
    "read_array",
    "read_out",
    "read_parameters",
    "take",
    "two_d",
]


# a generated module has its own
THREADS = 1
DTYPE = np.dtype("float64")
SHAPES: list[tuple[str, tuple[int, ...]]] = []
NAMES = [name for name, _ in SHAPES]
FETCH: Callable[[Any], Any] = itemgetter("w")


# --- begin pasted part
class InputError(ValueError):
    """An argument of the wrong shape, type or value; one line naming it."""


class Result:
    """The loss, and its derivatives by every parameter, by the input and by every z^l."""

    __slots__ = ("_input_gradient", "_rest", "gradients", "loss")
    loss: float
    gradients: dict[str, ndarray]

    def __init__(self, loss: float, gradients: dict[str, ndarray], input_gradient: Any, rest: Any) -> None:
        self.loss = loss
        self.gradients = gradients
        self._input_gradient = input_gradient
        self._rest = rest

    @property
    def input_gradient(self) -> Any:
        """∂loss/∂x, in the shape of x; it contains the 1/N of a mean loss. Computed when first read."""
        if callable(self._input_gradient):
            self._input_gradient = self._input_gradient()
        return self._input_gradient

    @property
    def deltas(self) -> Any:
        """δ^l = ∂loss/∂z^l for l = 1, …, L; it contains the 1/N of a mean loss. Computed when first read."""
        if callable(self._rest):
            self._rest = self._rest()
        return self._rest

    def __repr__(self) -> str:
        return f"Result(loss={self.loss!r}, gradients of {', '.join(self.gradients)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.loss, self.gradients, self.input_gradient, self.deltas)


def two_d(value: Any, width: int, name: str, dtype: Any) -> tuple[ndarray, bool]:
    """`value` as an array (N, width), and whether it was a single example."""
    if type(value) is not ndarray or value.dtype is not dtype:
        value = read_array(value, name, dtype)
    if value.ndim == 1 and value.shape[0] == width:
        return value[None], True
    if value.ndim != 2 or value.shape[1] != width:
        raise InputError(f"{name} has shape {value.shape}, expected ({width},) or (N, {width})")
    if value.shape[0] == 0:
        raise InputError(f"{name} is an empty batch of shape {value.shape}; give at least one example")
    return value, False


def one_d(value: Any, name: str, dtype: Any) -> tuple[ndarray, bool]:
    """`value` as an array (N,), and whether it was a single number."""
    if type(value) is not ndarray or value.dtype is not dtype:
        value = read_array(value, name, dtype)
    if value.ndim == 0:
        return value.reshape(1), True
    if value.ndim != 1:
        raise InputError(f"{name} has shape {value.shape}, expected a number or (N,)")
    if value.shape[0] == 0:
        raise InputError(f"{name} is an empty batch; give at least one example")
    return value, False


def read_array(value: Any, name: str, dtype: Any) -> ndarray:
    """`value` as an array of real numbers of `dtype`; the same array when it is one already."""
    if value is None:
        raise InputError(f"{name} is missing (None); give real numbers such as {dtype}")
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise InputError(f"{name} is no array of numbers: {str(error)[:80]}") from None
    if array.dtype.kind not in "fiu" or array.dtype.itemsize > 8:
        raise InputError(f"{name} has dtype {array.dtype}, expected real numbers such as {dtype}")
    with np.errstate(over="ignore"):
        return array.astype(dtype, copy=False)


def read_parameters(params: Mapping[str, Any]) -> Sequence[ndarray]:
    """The parameters in the order of SHAPES, each checked; what fits already is taken as it is."""
    try:
        values: Sequence[ndarray] = FETCH(params)
    except (KeyError, TypeError, IndexError):
        raise missing_parameter(params, SHAPES) from None
    if len(params) != len(NAMES):
        extra = sorted(str(name)[:40] for name in set(params) - set(NAMES))
        raise InputError(f"unknown parameter {extra[0]!r}; expected {', '.join(NAMES)}")
    return [read_parameter(v, name, shape) for v, (name, shape) in zip(values, SHAPES, strict=True)]


def read_parameter(value: Any, name: str, shape: tuple[int, ...]) -> ndarray:
    """One parameter as an array of the module's dtype, its shape checked."""
    array = read_array(value, name, DTYPE)
    if array.shape != shape:
        raise InputError(f"{name} has shape {array.shape}, expected {shape}")
    return array


def missing_parameter(params: Any, shapes: Any) -> InputError:
    """The error for a parameter that is not there, or for parameters that are no mapping."""
    expected = ", ".join(known for known, _ in shapes)
    if not isinstance(params, Mapping):
        return InputError(f"params is a {type(params).__name__}, expected a mapping with the keys {expected}")
    name = next(known for known, _ in shapes if known not in params)
    return InputError(f"parameter {name!r} is missing; expected the keys {expected}")


def read_out(out: Any, gradients: dict[str, ndarray]) -> dict[str, ndarray]:
    """Copy finished gradients into the caller's arrays; aliasing with inputs does no harm here."""
    if not isinstance(out, Mapping):
        raise InputError(f"out is a {type(out).__name__}, expected a mapping from parameter names to arrays")
    for name in out:
        if name not in gradients:
            raise InputError(f"out has the unknown key {str(name)[:40]!r}; expected {', '.join(gradients)}")
    for name, array in out.items():
        expected = gradients[name]
        if type(array) is not ndarray or array.shape != expected.shape or array.dtype != expected.dtype:
            given = f"{array.dtype} {array.shape}" if isinstance(array, ndarray) else type(array).__name__
            raise InputError(f"out[{name!r}] is {given}, expected {expected.dtype} {expected.shape}")
        if not array.flags.writeable:
            raise InputError(f"out[{name!r}] is read-only; give a writable array")
    names = list(out)
    for i, name in enumerate(names):
        for other in names[:i]:
            if np.shares_memory(out[name], out[other]):
                raise InputError(f"out[{name!r}] and out[{other!r}] share memory; give separate arrays")
    for name, array in out.items():
        np.copyto(array, gradients[name])
        gradients[name] = array
    return gradients


def infinite(value: ndarray) -> bool:
    """Does an array hold NaN or infinity? A sum tells in almost every case."""
    total = np.vdot(value, value)
    return not np.isfinite(total) and not np.isfinite(value).all()


def check_finite(named: Mapping[str, Any], loss: float, gradients: Mapping[str, ndarray]) -> None:
    """Say which argument holds NaN or infinity, or which result overflowed."""
    for name, value in named.items():
        bad = np.argwhere(~np.isfinite(np.asarray(value)))
        if len(bad):
            where = tuple(int(i) for i in bad[0])
            raise InputError(
                f"{name} holds {np.asarray(value)[where]} at {where}; every number must be finite"
            )
    if not math.isfinite(loss):
        raise InputError(f"the loss overflowed to {loss}; scale the parameters or the examples down")
    for name, value in gradients.items():
        if not np.isfinite(value).all():
            raise InputError(f"the gradient of {name} overflowed; scale the parameters or the examples down")


def take(pool: list[Any], make: Callable[..., Any], n: int) -> Any:
    """A workspace that nobody else holds: list.pop is atomic, so two threads never get the same one."""
    kept: list[Any] = []
    try:
        while True:
            candidate = pool.pop()
            if getrefcount(candidate) == ALONE:  # no living result refers to it
                break
            if len(kept) < 4:
                kept.append(candidate)
    except IndexError:
        candidate = make(n)
    if kept:
        pool.extend(kept)
    return candidate


class Once:
    """A pair that is computed when the first of its two is read, and kept."""

    def __init__(self, compute: Callable[[], tuple[Any, Any]]) -> None:
        self.compute: Callable[[], tuple[Any, Any]] | None = compute
        self.pair: tuple[Any, Any] = (None, None)
        self.lock = Lock()

    def both(self) -> tuple[Any, Any]:
        with self.lock:
            if self.compute is not None:
                self.pair, self.compute = self.compute(), None
        return self.pair

    def first(self) -> Any:
        return self.both()[0]

    def second(self) -> Any:
        return self.both()[1]


class Pace:
    """Side by side or one after the other, whichever has been faster; the other is tried now and then.

    The first calls take turns. After that the slower way is tried again in one call of 64, because other
    programs come and go.
    """

    def __init__(self) -> None:
        self.best = [math.inf, math.inf]  # seconds: one after the other, side by side
        self.calls = 0

    def run(self, call: Callable[[Any], float], groups: list[Any]) -> list[float]:
        self.calls += 1
        threaded = self.best[1] < self.best[0]
        if self.calls <= 6 or self.calls % 64 == 0:
            threaded = self.calls % 2 == 0 if self.calls <= 6 else not threaded
        start = perf_counter()
        if threaded:
            futures = [executor().submit(call, group) for group in groups[1:]]
            losses = [call(groups[0]), *(future.result() for future in futures)]
        else:
            losses = [call(group) for group in groups]
        spent = perf_counter() - start
        known = self.best[threaded]
        self.best[threaded] = min(spent, known) if self.calls <= 6 else 0.8 * known + 0.2 * spent
        return losses


@cache
def executor() -> ThreadPoolExecutor:
    """The threads of this module, started when first needed."""
    return ThreadPoolExecutor(max(1, THREADS - 1), thread_name_prefix="gradients")


def _count_alone() -> int:
    """What getrefcount says of an object that one local name holds (it depends on the Python version)."""
    candidate = object()
    return getrefcount(candidate)


ALONE = _count_alone()
# --- end pasted part
