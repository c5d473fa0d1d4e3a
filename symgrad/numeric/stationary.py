"""Is a gradient vanishing at a point? What kind of point is it? Decided in exact numbers.

`vanishing_gradient` asks whether 0 < ‖∇F(p)‖ < c, the condition that document 001 means. `classify` looks at the
gradient and the Hessian at a point: where the gradient is 0, a Hessian with eigenvalues of one sign makes a strict
local extremum, one with both signs a saddle; a semidefinite one decides nothing (x⁴, −x⁴ and x³ at 0). A symmetric
matrix has real eigenvalues only, so the numbers of positive and of negative ones are exact: by Descartes' rule of
signs, which is an equation for polynomials with real roots only, on the characteristic polynomial.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import flint
import numpy as np
import sympy

from ..errors import ShapeError, SymgradError
from .arithmetic import exact_fraction

__all__ = ["StationaryPoint", "Vanishing", "classify", "classify_at", "eigenvalue_signs", "vanishing_gradient"]


@dataclass(frozen=True)
class Vanishing:
    """‖g‖ as a float (for reading), the threshold, and the exact verdicts."""

    norm: float
    threshold: Fraction
    is_zero: bool
    is_small: bool

    @property
    def vanishing(self) -> bool:
        """0 < ‖g‖ < c."""
        return self.is_small and not self.is_zero

    def __bool__(self) -> bool:
        return self.vanishing


def vanishing_gradient(gradient: Any, threshold: Any) -> Vanishing:
    """Is 0 < ‖g‖₂ < c?  Decided exactly: floats are taken as the fractions they are, and no square underflows.

    gradient: an array of any shape, or a sequence (or dict) of arrays, as a network's gradients come; all of it is one
    vector. threshold: c > 0, a number. Raises SymgradError for NaN, infinity or a threshold that is not positive.

    >>> bool(vanishing_gradient([3e-200, 4e-200], 1e-199)), bool(vanishing_gradient([0.0], 1))
    (True, False)
    """
    c = exact_fraction(threshold)
    if c <= 0:
        raise SymgradError(f"the threshold is {threshold}, expected a positive number: 0 < ‖∇F(p)‖ < c")
    square = sum((x * x for x in _entries(gradient)), start=flint.fmpq(0))
    with flint.ctx.workprec(80):
        size = flint.arb(square).sqrt()
        readable = float(size.mid()) if size < flint.arb(2) ** 1023 else float("inf")
    return Vanishing(readable, Fraction(int(c.p), int(c.q)), square == 0, square < c * c)


def _entries(value: Any) -> list[Any]:
    """Every number inside, exactly."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, str):
        return [x for part in value for x in _entries(part)]
    return [exact_fraction(value)]


@dataclass(frozen=True)
class StationaryPoint:
    """What a point is, how many eigenvalues of the Hessian are positive, negative and zero, and why.

    kind: "strict local minimum", "strict local maximum", "saddle point", "not stationary" or "undecided".
    """

    kind: str
    positive: int
    negative: int
    zero: int
    reason: str


def eigenvalue_signs(matrix: Any) -> tuple[int, int, int]:
    """The numbers of positive, negative and zero eigenvalues of a symmetric matrix of exact numbers.

    Rational entries (ints, Fractions, floats as the fractions they are, SymPy rationals). Raises ShapeError when it is
    not square or not symmetric.

    >>> eigenvalue_signs([[0, 1], [1, 0]])
    (1, 1, 0)
    """
    rows = [[exact_fraction(x) for x in row] for row in (matrix.tolist() if hasattr(matrix, "tolist") else matrix)]
    size = len(rows)
    if any(len(row) != size for row in rows):
        raise ShapeError(f"a Hessian is square, got {size} rows of lengths {[len(row) for row in rows]}")
    for i in range(size):
        for j in range(i):
            if rows[i][j] != rows[j][i]:
                raise ShapeError(f"a Hessian is symmetric, got {rows[i][j]} at {i}, {j} and {rows[j][i]} at {j}, {i}")
    coefficients = flint.fmpq_mat(rows).charpoly().coeffs() if size else [flint.fmpq(1)]
    zero = next(k for k, c in enumerate(coefficients) if c != 0)
    positive = _changes(coefficients)
    negative = _changes([c if k % 2 == 0 else -c for k, c in enumerate(coefficients)])
    return positive, negative, zero


def _changes(coefficients: list[Any]) -> int:
    signs = [c > 0 for c in coefficients if c != 0]
    return sum(one != two for one, two in pairwise(signs))


def classify(gradient: Any, hessian: Any) -> StationaryPoint:
    """What kind of point has this gradient and this Hessian. Exact numbers; F is twice differentiable there.

    >>> classify([0, 0], [[2, 0], [0, -1]]).kind
    'saddle point'
    >>> classify([0], [[0]]).kind
    'undecided'
    """
    slopes = _entries(gradient)
    positive, negative, zero = eigenvalue_signs(hessian)
    if positive + negative + zero != len(slopes):
        raise ShapeError(f"a gradient of {len(slopes)} entries needs a Hessian of {len(slopes)} rows, got "
                         f"{positive + negative + zero}")
    if any(s != 0 for s in slopes):
        kind, reason = "not stationary", "the gradient is not 0"
    elif positive and negative:
        kind, reason = "saddle point", "the Hessian has eigenvalues of both signs"
    elif zero:
        kind, reason = "undecided", "the Hessian is only semidefinite: higher derivatives decide"
    elif positive:
        kind, reason = "strict local minimum", "every eigenvalue of the Hessian is positive"
    else:
        kind, reason = "strict local maximum", "every eigenvalue of the Hessian is negative"
    return StationaryPoint(kind, positive, negative, zero, reason)


def classify_at(function: sympy.Expr, point: Mapping[sympy.Symbol, Any]) -> StationaryPoint:
    """What kind of point a SymPy expression has at exact rational coordinates, by its first and second derivatives.

    Raises SymgradError for a variable without a value, or a derivative that has no rational value there.

    >>> x, y = sympy.symbols("x y")
    >>> classify_at(x * y, {x: 0, y: 0}).kind, classify_at(x**4, {x: 0}).kind
    ('saddle point', 'undecided')
    """
    missing = sorted(map(str, function.free_symbols - set(point)))
    if missing:
        raise SymgradError(f"no value for {', '.join(missing)}: give every variable of the function")
    if function.has(sympy.Float):
        raise SymgradError(f"{function} has floating-point coefficients: write exact numbers such as Rational(1, 2)")
    variables = list(point)
    at = {variable: sympy.Rational(*_ratio(value)) for variable, value in point.items()}

    def value(expression: sympy.Expr) -> sympy.Rational:
        found = expression.subs(at)
        if not isinstance(found, sympy.Rational):
            raise SymgradError(f"the derivative {expression} has the value {found} there, which is no rational number")
        return found

    slopes = [function.diff(one) for one in variables]
    return classify([value(s) for s in slopes], [[value(s.diff(two)) for two in variables] for s in slopes])


def _ratio(value: Any) -> tuple[int, int]:
    exact = exact_fraction(value)
    return int(exact.p), int(exact.q)
