"""Concrete functions of one real variable, with all their derivatives, over every arithmetic.

An instance puts one of these in the place of an abstract σ. A `Polynomial` is exact everywhere, so equations about an
abstract σ are tested exactly over a prime field; a `Formula` (tanh, a user's expression, any activation record) lives
in floats and balls; `Derivatives` takes one callable for each order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import factorial
from typing import Any, Protocol

import numpy as np
import sympy

from ..errors import SymgradError
from .arithmetic import Arithmetic, Array, Undecided, exact_fraction

__all__ = ["Derivatives", "Formula", "OneVariable", "Polynomial", "one_variable"]


class OneVariable(Protocol):
    """What the evaluator asks of a function of one variable."""

    name: str

    def apply(self, order: int, value: Array, arithmetic: Arithmetic) -> Array:
        """The derivative of that order at every entry. Raises Undecided where there is none."""

    def bounded_by(self, order: int, bound: Any) -> bool | None:
        """Is |f^(order)| <= bound everywhere? bound is a ball or an exact number; None: not known."""

    def differentiable(self, order: int, value: Array) -> bool | None:
        """Has f^(order) a derivative at every entry?"""


class Polynomial:
    """c_0 + c_1 t + c_2 t² + … with exact coefficients.

    >>> from symgrad.numeric.arithmetic import rationals
    >>> Polynomial([1, 0, 3]).apply(1, rationals().number(5), rationals())[0, 0]
    30
    """

    def __init__(self, coefficients: Sequence[Any], name: str = "") -> None:
        self.coefficients = tuple(coefficients)
        self.name = name or f"polynomial{self.coefficients}"

    def __repr__(self) -> str:
        return f"Polynomial({list(self.coefficients)})"

    def _of_order(self, order: int) -> list[Any]:
        found = list(self.coefficients)
        for _ in range(order):
            found = [k * c for k, c in enumerate(found)][1:]
        return found

    def apply(self, order: int, value: Array, arithmetic: Arithmetic) -> Array:
        result = value * 0
        for c in reversed(self._of_order(order)):
            result = result * value + arithmetic.number(c)[0, 0]
        return result

    def bounded_by(self, order: int, bound: Any) -> bool | None:
        found = self._of_order(order)
        if any(c != 0 for c in found[1:]):
            return False
        return bool(abs(found[0]) <= bound) if found else True

    def differentiable(self, order: int, value: Array) -> bool | None:
        return True


class Derivatives:
    """One callable for each order of derivative, each taking and returning an array of floats."""

    def __init__(self, *orders: Callable[[Any], Any], name: str = "given", suprema: Sequence[Any] = ()) -> None:
        if not orders:
            raise SymgradError("a function is given by its value and its derivatives, got none")
        self.orders, self.name, self.suprema = orders, name, tuple(suprema)

    def apply(self, order: int, value: Array, arithmetic: Arithmetic) -> Array:
        if arithmetic.boxed or order >= len(self.orders):
            raise Undecided(f"{self.name} of order {order} over {arithmetic}")
        return np.asarray(self.orders[order](value))

    def bounded_by(self, order: int, bound: Any) -> bool | None:
        return bool(self.suprema[order] <= bound) if order < len(self.suprema) else None

    def differentiable(self, order: int, value: Array) -> bool | None:
        return None if order + 1 >= len(self.orders) else True


class Formula:
    """A SymPy expression in one symbol, or an activation record; derivatives by SymPy, enclosures by balls.

    `suprema` gives sup |f|, sup |f'|, … where they are known (None where not), as exact numbers.
    """

    def __init__(self, what: Any, suprema: Sequence[Any] = ()) -> None:
        from ..operations.activation import activation
        self.activation = activation(what)
        self.name = self.activation.name
        self.suprema = tuple(suprema)

    def __repr__(self) -> str:
        return f"Formula({self.name!r})"

    def _pieces(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The breaks, and the smooth formulas between them."""
        pieces = self.activation.pieces
        if pieces.implicit:
            raise Undecided(f"the branches of {self.name}")
        return pieces.breaks, pieces.formulas

    def apply(self, order: int, value: Array, arithmetic: Arithmetic) -> Array:
        if arithmetic.bits:
            return arithmetic.map(lambda x: self._ball(order, x), arithmetic.array(value))
        if arithmetic.boxed:
            return self._exact(order, value, arithmetic)
        if order == 0:
            return self.activation.value(value)
        return (self.activation if order == 1 else _slope_of(self.activation, order - 1)).slope(value)

    def _ball(self, order: int, x: Any) -> Any:
        from ..balls.evaluate import taylor
        from ..balls.numbers import number_ball
        from ..balls.program import compile_expression
        from ..operations.activation import t
        breaks, formulas = self._pieces()
        ends = [number_ball(b) for b in breaks]
        if any(not (x < end or x > end) for end in ends):
            raise Undecided(f"{self.name} at a break")
        piece = formulas[sum(bool(x > end) for end in ends)]
        series = taylor(compile_expression(piece, t), x, order + 1)
        result = series.coefficients[order] * factorial(order)
        if not series.decided or not result.is_finite():
            raise Undecided(f"{self.name} at {x}")
        return result

    def _exact(self, order: int, value: Array, arithmetic: Arithmetic) -> Array:
        """Piecewise polynomials are exact in the rationals, polynomials everywhere."""
        from ..operations.activation import t
        breaks, formulas = self._pieces()
        if (breaks and not arithmetic.ordered) or not all(f.is_polynomial(t) for f in formulas):
            raise Undecided(f"{self.name} over {arithmetic}")
        maps = [Polynomial(sympy.Poly(f, t).all_coeffs()[::-1]) for f in formulas]
        ends = [arithmetic.number(b)[0, 0] for b in breaks]

        def one(x: Any) -> Any:
            if order and x in ends:
                raise Undecided(f"{self.name} has no slope at {x}")
            piece = maps[sum(bool(x > end) for end in ends)]
            return piece.apply(order, np.full((1, 1), x, dtype=object), arithmetic)[0, 0]

        return arithmetic.map(one, value)

    def bounded_by(self, order: int, bound: Any) -> bool | None:
        if order >= len(self.suprema) or self.suprema[order] is None:
            return None
        return bool(exact_fraction(self.suprema[order]) <= bound)

    def differentiable(self, order: int, value: Array) -> bool | None:
        from ..balls.numbers import number_ball
        breaks, _ = self._pieces()
        ends = [float(b) if value.dtype != object else number_ball(b) for b in breaks]
        return None if any(not (x < end or x > end) for end in ends for x in value.flat) else True


@lru_cache(maxsize=64)
def _slope_of(activation: Any, order: int) -> Any:
    from ..operations.activation import activation as record
    from ..operations.activation import t
    return record(sympy.diff(activation.expression, t, order))


def one_variable(what: Any, suprema: Sequence[Any] = ()) -> OneVariable:
    """A function of one variable from what users write: an activation's name, a SymPy expression, a list of
    polynomial coefficients, a callable or a tuple of callables (value, slope, …), or such a function itself."""
    if isinstance(what, (list, Polynomial)):
        return Polynomial(what) if isinstance(what, list) else what
    if isinstance(what, (Formula, Derivatives)) or hasattr(what, "bounded_by"):
        return what
    if isinstance(what, tuple):
        return Derivatives(*what, suprema=suprema)
    if callable(what) and not isinstance(what, sympy.Basic):
        return Derivatives(what, suprema=suprema)
    return Formula(what, suprema)
