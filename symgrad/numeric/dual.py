"""Forward-mode differentiation: a value with its derivatives along several directions at once.

`Dual(value, tangent, axis)` carries the tangents along the array axis `-axis`; rows and columns are the last two axes
(a batch of examples may be the third), and each further level of differentiation has the next axis. So the product
rule is ordinary NumPy broadcasting, and a derivative of a derivative is a Dual of Duals. Every operation of the
evaluator is here once, for plain arrays and for Duals alike. Griewank and Walther, "Evaluating Derivatives", ch. 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .arithmetic import Arithmetic, Array, Undecided

__all__ = ["Dual", "Value", "absolute", "divide", "elementwise", "entries_sum", "join", "largest", "last", "linear",
           "norm_2", "plain", "power", "seed", "tangent", "transpose"]

Value = Any     # Array | Dual


class Dual:
    """value + ε tangent, for the ε of one level."""

    __slots__ = ("axis", "tangent", "value")
    __array_ufunc__ = None          # NumPy leaves `array + dual` to us

    def __init__(self, value: Value, tangent: Value, axis: int) -> None:
        self.value, self.tangent, self.axis = value, tangent, axis

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    def _parts(self, other: Value) -> tuple[Value, Value | None]:
        """The other operand at this level: what is of an outer level waits for its own turn."""
        if isinstance(other, Dual) and other.axis == self.axis:
            return other.value, other.tangent
        return other, None

    def _outer(self, other: Value) -> bool:
        return isinstance(other, Dual) and other.axis > self.axis

    def __add__(self, other: Value) -> Value:
        if self._outer(other):
            return Dual(self + other.value, other.tangent, other.axis)
        value, tangent = self._parts(other)
        return Dual(self.value + value, self.tangent if tangent is None else self.tangent + tangent, self.axis)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.tangent, self.axis)

    def __sub__(self, other: Value) -> Value:
        return self + -other

    def __rsub__(self, other: Value) -> Value:
        return -self + other

    def _product(self, other: Value, times: Callable[[Value, Value], Value]) -> Value:
        if self._outer(other):
            return Dual(times(self, other.value), times(self, other.tangent), other.axis)
        value, tangent = self._parts(other)
        change = times(self.tangent, value)
        if tangent is not None:
            change = change + times(self.value, tangent)
        return Dual(times(self.value, value), change, self.axis)

    def __mul__(self, other: Value) -> Value:
        return self._product(other, lambda x, y: x * y)

    def __rmul__(self, other: Value) -> Value:
        return self._product(other, lambda x, y: y * x)

    def __matmul__(self, other: Value) -> Value:
        return self._product(other, lambda x, y: x @ y)

    def __rmatmul__(self, other: Value) -> Value:
        return self._product(other, lambda x, y: y @ x)


def plain(value: Value) -> Array:
    """The number itself, without its derivatives."""
    while isinstance(value, Dual):
        value = value.value
    return value


def linear(function: Callable[[Array], Array], value: Value) -> Value:
    """A linear map of the last two axes."""
    if isinstance(value, Dual):
        return Dual(linear(function, value.value), linear(function, value.tangent), value.axis)
    return function(value)


def transpose(value: Value) -> Value:
    return linear(lambda x: np.swapaxes(x, -1, -2), value)


def entries_sum(value: Value) -> Value:
    """The sum of all entries, 1 x 1."""
    return linear(lambda x: np.asarray(x.sum(axis=(-1, -2), keepdims=True)), value)


def elementwise(apply: Callable[[int, Array], Array], value: Value, order: int = 0) -> Value:
    """A function of one variable, given as apply(order of derivative, array)."""
    if isinstance(value, Dual):
        return Dual(elementwise(apply, value.value, order), elementwise(apply, value.value, order + 1) * value.tangent,
                    value.axis)
    return apply(order, value)


def power(value: Value, exponent: int, arithmetic: Arithmetic) -> Value:
    """x^k of a scalar; x^0 is 1. For k < 0 it is 7: rules that need a value carry a condition, and no law gives 7."""
    if exponent < 0:
        return arithmetic.number(7)

    def apply(order: int, x: Array) -> Array:
        k, factor = exponent - order, 1
        for j in range(order):
            factor *= exponent - j
        return x**k * factor if k > 0 else x * 0 + arithmetic.number(factor)

    return elementwise(apply, value)


def divide(dividend: Value, divisor: Value, arithmetic: Arithmetic) -> Value:
    """x / y of scalars, x / 0 = 0; there is no derivative where the divisor is 0."""
    def inverse(order: int, y: Array) -> Array:
        if order and not np.all(y != 0):
            raise Undecided("the slope of a quotient at divisor 0")
        factor = 1
        for j in range(order):
            factor *= -(j + 1)
        return arithmetic.divide(arithmetic.number(factor), y ** (order + 1))

    if isinstance(dividend, Dual) or isinstance(divisor, Dual):
        return dividend * elementwise(inverse, divisor)
    return arithmetic.divide(dividend, divisor)


def absolute(value: Value, arithmetic: Arithmetic) -> Value:
    """|x| entry by entry; no slope at 0."""
    if isinstance(value, Dual):
        return value * arithmetic.sign(plain(value))
    return arithmetic.absolute(value)


def largest(values: list[Value], arithmetic: Arithmetic) -> Value:
    """The largest of some scalars; no slope where two of them tie."""
    arithmetic.needs_order("a maximum")
    best = values[0]
    for value in values[1:]:
        if isinstance(best, Dual) or isinstance(value, Dual):
            ahead = arithmetic.sign(plain(value) - plain(best)) + 1
            half = arithmetic.number(2)
            best = divide(value * ahead + best * (2 - ahead), half, arithmetic)
        else:
            best = np.frompyfunc(arithmetic.maximum, 2, 1)(best, value) if arithmetic.boxed else np.maximum(best, value)
    return best


def norm_2(value: Value, arithmetic: Arithmetic) -> Value:
    """The root of the sum of the squares of all entries; no slope at 0."""
    square = entries_sum(value * value)
    if not isinstance(square, Dual):
        return arithmetic.sqrt(square)
    arithmetic.sign(plain(square))

    def root(order: int, x: Array) -> Array:
        base, factor = arithmetic.sqrt(x), arithmetic.number(1)
        for j in range(order):
            factor = arithmetic.divide(factor * (1 - 2 * j), arithmetic.number(2))
        return arithmetic.divide(factor * base, x**order) if order else base

    return elementwise(root, square)


def seed(value: Value, directions: Array, axis: int) -> Dual:
    """`value` moving along each of `directions` (k arrays of its shape, along the first axis)."""
    shape = (directions.shape[0], *(1,) * (axis - 3), *directions.shape[-2:])
    return Dual(value, directions.reshape(shape), axis)


def tangent(value: Value, axis: int) -> Value | None:
    """The derivative of `value` along the directions of one level; None when it does not move."""
    return value.tangent if isinstance(value, Dual) and value.axis == axis else None


def last(array: Array, axis: int, size: int, shape: tuple[int, int]) -> Array:
    """A scalar along rows * columns directions, or a column along `columns` of them (`size`), as one array."""
    wide = array.reshape((1,) * (axis - array.ndim) + array.shape)
    spread = np.broadcast_to(wide, (*wide.shape[:-axis], size, *wide.shape[-axis + 1:]))
    turned = np.moveaxis(spread, -axis, -1)
    return turned.reshape(*turned.shape[:-3], *shape)


def join(parts: list[Value], axis: int) -> Value:
    """Tangents along consecutive directions as one."""
    if isinstance(parts[0], Dual):
        return Dual(join([p.value for p in parts], axis), join([p.tangent for p in parts], axis), parts[0].axis)
    return np.concatenate(parts, axis=-axis)
