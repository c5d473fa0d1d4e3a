"""The value of an operation on numbers, and its derivative along directions, from nothing but its value.

Derivatives never come from the pullback that a record states: in floats they are complex steps of `value`, over balls
power series with two coefficients through `enclose`, over exact numbers polynomials through an exact `value`. So a
theorem that uses a stated pullback is tested against the operation itself. Complex steps: Squire and Trapp, SIAM
Review 40 (1998).
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np

from ..errors import ShapeError
from ..operations.record import Operation
from .arithmetic import Arithmetic, Array, Undecided
from .dual import Dual, Value

__all__ = ["apply_operation"]

STEP = 1e-20


def apply_operation(record: Operation, arguments: list[Value], arithmetic: Arithmetic) -> Value:
    """The value of a record without a formula, with its derivatives where the arguments carry some.

    Raises Undecided where this arithmetic is not served, and for second derivatives.
    """
    levels = [a.axis for a in arguments if isinstance(a, Dual)]
    if not levels:
        return _value(record, arguments, arithmetic)
    axis = max(levels)
    points = [a.value if isinstance(a, Dual) else a for a in arguments]
    moves = [a.tangent if isinstance(a, Dual) else None for a in arguments]
    if min(levels) != axis or any(isinstance(part, Dual) for part in (*points, *moves)):
        raise Undecided(f"second derivatives of {record.name}")
    value = _value(record, points, arithmetic)
    tangents = [np.zeros_like(p) if t is None else t for p, t in zip(points, moves, strict=True)]
    lead = np.broadcast_shapes(*(part.shape[:-2] for part in (*points, *tangents)))

    def spread(parts: list[Array]) -> list[Array]:
        return [np.broadcast_to(part, (*lead, *part.shape[-2:])) for part in parts]

    return Dual(value, _moved(record, spread(points), spread(tangents), arithmetic), axis)


def _value(record: Operation, arguments: list[Array], arithmetic: Arithmetic) -> Array:
    return _checked(record, _function(record, arithmetic)(*arguments), arguments)


def _function(record: Operation, arithmetic: Arithmetic) -> Any:
    if record.exact or not arithmetic.boxed:
        return record.value
    if not arithmetic.bits or record.enclose is None:
        raise Undecided(f"{record.name} over {arithmetic}")
    return record.enclose


def _moved(record: Operation, points: list[Array], tangents: list[Array], arithmetic: Arithmetic) -> Array:
    """The derivative of the value along the tangents."""
    function = _function(record, arithmetic)
    if arithmetic.boxed:
        series = np.frompyfunc(_series_of(arithmetic), 2, 1)
        found = _checked(record, function(*map(series, points, tangents)), points)
        return np.asarray(
            np.frompyfunc(lambda s: s[1] if hasattr(s, "__getitem__") else s * 0, 1, 1)(found), dtype=object
        )
    if any(np.iscomplexobj(p) for p in points):
        raise Undecided(f"a slope of {record.name} at complex numbers")
    size = max((float(np.max(np.abs(t))) for t in tangents if t.size), default=0.0) or 1.0
    step = STEP / size
    found = _checked(record, function(*(p + 1j * step * t for p, t in zip(points, tangents, strict=True))), points)
    return np.asarray(found.imag / step)


def _series_of(arithmetic: Arithmetic) -> Any:
    """v + t ε as a power series or polynomial of the kind of number."""
    if arithmetic.bits:
        return lambda v, t: flint.arb_series([v, t], 2)
    modulus = arithmetic.number(1)[0, 0]
    if isinstance(modulus, flint.nmod):
        return lambda v, t: flint.nmod_poly([int(v), int(t)], modulus.modulus())
    return lambda v, t: flint.fmpq_poly([v, t])


def _checked(record: Operation, found: Any, arguments: list[Array]) -> Array:
    """The value, of the shape that the record says, with the axes in front that the arguments have."""
    sizes: dict[Any, int] = {}
    for x, a in zip(record.variables, arguments, strict=True):
        sizes |= dict(zip(x.shape, a.shape[-2:], strict=True))
    shape = tuple(
        int(sizes.get(side, side)) if side in sizes else int(side.xreplace(sizes)) for side in record.term.shape
    )
    found = np.asarray(found)
    lead = np.broadcast_shapes(*(a.shape[:-2] for a in arguments))
    if found.shape != (*lead, *shape):
        raise ShapeError(f"the value of {record.name} has shape {found.shape}, expected {(*lead, *shape)}")
    return np.asarray(found)
