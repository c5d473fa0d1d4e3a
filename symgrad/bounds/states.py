"""The states of a network, enclosed: z^l, a^l, s'(z^l) and d^l for every example, as balls.

python-flint's ball arithmetic, whose exponents have no end: nothing overflows, nothing vanishes.  For points
the working precision is doubled until the answers are good; for boxes the balls are as wide as the inputs
make them.  Slopes are also handed out as scaled float64 arrays rounded outward, for the matrix work at NumPy
speed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from flint import arb, arb_mat, ctx

from symgrad.bounds.affine_form import AffineForm, meet
from symgrad.bounds.clock import Clock
from symgrad.bounds.fast_states import FastStates, fast_states
from symgrad.bounds.layers import ActivationLike, Layer, Problem
from symgrad.bounds.rounding import BoundError, Floats, Integers, down, up

__all__ = ["Slopes", "States", "propagate", "slope_range", "vector_norm"]

FARTHEST = 2**40                        # exponents beyond this, as in exp(-1e300), are not followed

NARROW = arb((1, -30))
FLOAT_BITS = 53

Columns = list[list[arb]]               # one list of n balls for each of N examples


@dataclass(frozen=True)
class Slopes:
    """s'(z_i) of one layer: low <= s' <= high, times 2^exponent; low, high of shape (N, n), exponent (N,)."""

    low: Floats
    high: Floats
    exponent: Integers

    @property
    def size_up(self) -> Floats:
        return np.maximum(np.abs(self.low), np.abs(self.high))

    @property
    def size_down(self) -> Floats:
        return np.where((self.low <= 0) & (self.high >= 0), 0.0, np.minimum(np.abs(self.low), np.abs(self.high)))

    @property
    def mid(self) -> Floats:
        return np.asarray(self.low + (self.high - self.low) / 2)

    @property
    def radius(self) -> Floats:
        middle = self.mid
        reach = np.maximum(self.high - middle, middle - self.low)
        return np.where(self.low == self.high, 0.0, up(reach))

    @classmethod
    def of(cls, columns: Columns) -> Slopes:
        exponents = [_exponent(column) for column in columns]
        low = np.empty((len(columns), len(columns[0])))
        high = np.empty_like(low)
        for i, column in enumerate(columns):
            factor = arb((1, -exponents[i]))
            low[i] = [float((s * factor).lower()) for s in column]
            high[i] = [float((s * factor).upper()) for s in column]
        return cls(np.where(low == 0, low, down(low)), np.where(high == 0, high, up(high)),
                   np.array(exponents, np.int64)).checked(columns)

    def checked(self, columns: Columns) -> Slopes:
        """Zero ends are exact only where the ball says so; a positive number below 2^-1074 must not become
        0."""
        for i, j in np.argwhere((self.high == 0) | (self.low == 0)).tolist():
            ball = columns[i][j]
            if self.high[i, j] == 0 and not ball <= 0:
                self.high[i, j] = 5e-324
            if self.low[i, j] == 0 and not ball >= 0:
                self.low[i, j] = -5e-324
        return self


def _exponent(column: Sequence[arb]) -> int:
    """e with max |s| in [2^(e-1), 2^e), or 0 when all are 0."""
    largest = max((s.abs_upper() for s in column), default=arb(0))
    if largest.is_zero():
        return 0
    if not largest.is_finite():
        raise BoundError("a slope s'(z) has no finite enclosure: the activation is undefined or unbounded there")
    mantissa, exponent = largest.man_exp()
    size = int(mantissa).bit_length() + int(exponent)
    if size > FARTHEST:
        raise BoundError("a slope s'(z) is larger than 2^(2^40): scale the weights down")
    return max(size, -FARTHEST)                 # below that, a slope is only bounded: |s'| <= 2^-1074 2^-FARTHEST


@dataclass(frozen=True)
class States:
    """Balls of all states of a network.  Lists over layers start at layer 1, `a` at the input a^0."""

    a: list[Columns]
    z: list[Columns]
    slope: list[Columns]
    delta: list[Columns]
    residual: Columns                   # a^L - y, or 1 for a network without loss
    precision: int

    def slopes(self) -> list[Slopes]:
        """The slopes as scaled float64 intervals, one record a layer."""
        return [Slopes.of(columns) for columns in self.slope]


def vector_norm(vector: Sequence[arb], p: str) -> arb:
    """A ball of ||v||_p, p in 1, 2, inf; nonnegative."""
    if p == "1":
        return sum((abs(v) for v in vector), arb(0))
    if p == "inf":
        best = arb(0)
        for v in vector:
            best = best.max(abs(v))
        return best
    row = arb_mat(1, len(vector), list(vector))
    square = (row * row.transpose())[0, 0]                  # one sum in C; wide balls lose by it
    if square.rel_accuracy_bits() > 16 and square > 0:
        return square.sqrt()
    low = sum((v.abs_lower() ** 2 for v in vector), arb(0)).lower()
    high = sum((v.abs_upper() ** 2 for v in vector), arb(0)).upper()
    if low == high:
        return low.sqrt()
    return (low if low > 0 else arb(0)).sqrt().union(high.sqrt())


def _jumps(activation: ActivationLike) -> bool:
    return bool(getattr(activation, "jumps", ()))


def _value(activation: ActivationLike, z: arb, wide: bool) -> arb:
    """s on a ball; on a wide one by its ends where s is surely monotone; s(0) +- g |z| where all else is infinite."""
    if not z.is_finite():
        return arb.nan()
    if _lost(z, wide) and not _jumps(activation) and _within(activation).is_finite():
        near = _finite_or_nan(activation.enclose, z.mid()) + _within(activation) * z.rad()
        return near if near.is_finite() else _from_zero(activation, z)
    whole = _finite_or_nan(activation.enclose, z)
    if _jumps(activation) or (whole.is_finite() and z.rad() < 2.0**-10):
        return whole
    slope = _slope(activation, z, wide)
    if slope >= 0 or slope <= 0:
        ends = _finite_or_nan(activation.enclose, z.lower()).union(_finite_or_nan(activation.enclose, z.upper()))
        if ends.is_finite():
            return ends
    if whole.is_finite():
        return whole
    return _from_zero(activation, z)


def _both(activation: ActivationLike, z: arb, wide: bool) -> tuple[arb, arb]:
    """s and s' on a ball, as `_value` and `_slope`; in one step on a narrow one."""
    together = getattr(activation, "enclose_both", None)
    if together is not None and z.rad() < NARROW:
        try:
            value, slope = together(z)
            if value.is_finite() and slope.is_finite():
                return value, slope
        except (ValueError, ZeroDivisionError):
            pass
    return _value(activation, z, wide), _slope(activation, z, wide)


def _from_zero(activation: ActivationLike, z: arb) -> arb:
    """s(0) +- g |z|, for s without jumps."""
    return _finite_or_nan(activation.enclose, arb(0)) + _within(activation) * abs(z).upper()


def _lost(z: arb, wide: bool) -> bool:
    """A wide ball where a point was meant: digits were lost, more bits will follow, and care would be wasted."""
    return not wide and bool(z.rad() > 2.0**-10)


def _slope(activation: ActivationLike, z: arb, wide: bool) -> arb:
    """s' on a ball; where its enclosure is infinite (z = 1e300, say), the certified |s'| <= g."""
    if not z.is_finite():
        return arb.nan()
    if _lost(z, wide) and _within(activation).is_finite():
        return _within(activation)
    found = _finite_or_nan(activation.enclose_slope, z)
    return found if found.is_finite() else _within(activation)


def _within(activation: ActivationLike) -> arb:
    """[-g, g], infinite for an unbounded slope."""
    top = slope_range(activation)[1]
    return (-top).union(top) if top.is_finite() else arb.nan()


def slope_range(activation: ActivationLike) -> tuple[arb, arb]:
    """Bounds (0, upper) of sup |s'| from the certified supremum; upper is inf for an unbounded slope, or one
    that could not be bounded."""
    supremum = activation.sup_slope()
    upper = supremum.upper
    if supremum.unbounded or not (isinstance(upper, arb) or math.isfinite(upper)):
        return arb(0), arb.pos_inf()
    ball = upper if isinstance(upper, arb) else arb(upper) if isinstance(upper, int | float) else arb(str(upper))
    return arb(0), ball.upper()


def _finite_or_nan(enclose: Callable[[arb], arb], z: arb) -> arb:
    """The enclosure, or NaN where it is infinite or divides by a ball around 0."""
    try:
        found = enclose(z)
    except (ValueError, ZeroDivisionError):
        return arb.nan()
    return found if found.is_finite() else arb.nan()


def _times(matrix: arb_mat, columns: Columns) -> Columns:
    product = matrix * arb_mat([list(row) for row in zip(*columns, strict=True)])
    flat, count = product.entries(), len(columns)
    return [flat[i::count] for i in range(count)]


def _sweep(layers: Sequence[Layer], inputs: Columns, targets: Floats | None, wide: bool, clock: Clock) -> States:
    a: list[Columns] = [inputs]
    z: list[Columns] = []
    slope: list[Columns] = []
    forms = [AffineForm.box(column) for column in inputs] if wide else []
    steep: list[list[AffineForm]] = []
    matrices = [arb_mat(layer.w.shape[0], layer.w.shape[1], layer.w.ravel().tolist()) for layer in layers]
    for matrix, layer in zip(matrices, layers, strict=True):
        before = _times(matrix, a[-1])
        bias = None if layer.b is None else [arb(v) for v in layer.b.tolist()]
        if bias is not None:
            before = [[v + b for v, b in zip(column, bias, strict=True)] for column in before]
        if forms and clock.over:
            clock.note("the linear dependence on the box was followed up to layer "
                       f"{len(z)} of {len(layers)} only, intervals from there")
            forms = []
        if forms:
            forms = [form.mapped(matrix, bias) for form in forms]
            before = [list(map(meet, column, form.balls())) for column, form in zip(before, forms, strict=True)]
        z.append(before)
        pairs = [[_both(layer.activation, v, wide) for v in column] for column in before]
        slope.append([[s for _, s in column] for column in pairs])
        after = [[v for v, _ in column] for column in pairs]
        if forms:
            steep.append([f.steepness(layer.activation, v, s) for f, v, s in zip(forms, before, slope[-1], strict=True)])
            forms = [f.activated(layer.activation, s, v) for f, s, v in zip(forms, slope[-1], after, strict=True)]
            after = [list(map(meet, column, form.balls())) for column, form in zip(after, forms, strict=True)]
        a.append(after)
    if targets is None:
        residual = [[arb(1)] * len(column) for column in a[-1]]
    else:
        residual = [[v - t for v, t in zip(column, row, strict=True)]
                    for column, row in zip(a[-1], targets.tolist(), strict=True)]
    pulled, delta = residual, []
    errors = [] if targets is None else [f.minus(row) for f, row in zip(forms, targets.tolist(), strict=True)] if forms else []
    for l in range(len(layers) - 1, -1, -1):
        delta.append([[s * v for s, v in zip(ss, vs, strict=True)] for ss, vs in zip(slope[l], pulled, strict=True)])
        if errors and not clock.over:
            errors = [e.times(s) for e, s in zip(errors, steep[l], strict=True)]
            closer = [list(map(meet, column, e.balls())) for column, e in zip(delta[-1], errors, strict=True)]
            if all(v is u for new, old in zip(closer, delta[-1], strict=True) for v, u in zip(new, old, strict=True)):
                errors = []                                  # the box is too wide for linear parts to tell anything
            delta[-1] = closer
        else:
            errors = []
        if l:
            pulled = _times(matrices[l].transpose(), delta[-1])
            errors = [e.mapped(matrices[l].transpose(), None) for e in errors]
            pulled = [list(map(meet, column, e.balls())) for column, e in zip(pulled, errors, strict=True)] if errors else pulled
    return States(a, z, slope, delta[::-1], residual, ctx.prec)


def _undefined(states: States, layers: Sequence[Layer]) -> None:
    for l, (columns, slopes) in enumerate(zip(states.a[1:], states.slope, strict=True), 1):
        for i, (column, row) in enumerate(zip(columns, slopes, strict=True)):
            for j, (v, s) in enumerate(zip(column, row, strict=True)):
                if not (v.is_finite() and s.is_finite()):
                    name = layers[l - 1].activation.name
                    where = states.z[l - 1][i][j].str(6)
                    raise BoundError(f"{name} or its slope has no finite enclosure at z = {where} "
                                     f"(layer {l}, unit {j}, example {i}): "
                                     "it is undefined or unbounded there, or the box is too wide")


def propagate(problem: Problem, *, inputs: Columns | None = None, wide: bool = False, precision: int = 0,
              digits: int = 10, limit: int = 4000, clock: Clock | None = None) -> States:
    """Enclose all states.  For points the precision is doubled until every ||d^l|| has `digits` digits.

    The first precision is 80 + 6 L bits unless given.

    With `wide` the inputs are boxes and one pass is made.  Raises BoundError where s or s' has no finite
    enclosure. The limit on the precision keeps the time finite: at the limit the balls are valid, only wider
    than asked for; so it is when the time of the clock is over.
    """
    clock = clock or Clock()
    inputs = problem.inputs if inputs is None else inputs
    fast = None if wide or precision else fast_states(problem.layers, inputs, problem.targets)
    if fast is not None and fast.good.any():
        return _completed(fast, problem, inputs, digits, limit, clock)
    precision, before = precision or 80 + 6 * problem.depth, -math.inf
    while True:
        with ctx.workprec(precision):
            states = _sweep(problem.layers, inputs, problem.targets, wide, clock)
            reached = min(_digits(column) for columns in states.delta for column in columns)
        # no gain from twice the precision, because a unit sits on a kink and its slope is an interval for good
        hopeless = reached < before + 1 and _on_a_kink(states)
        undefined = precision >= limit // 4 and reached < -1e6      # NaN: more bits have not helped so far
        if clock.over and not wide and reached < digits and precision < limit and not hopeless:
            clock.note(f"states were enclosed with {precision} bits, to {max(reached, 0.0):.0f} digits of {digits}")
            undefined = True
        if wide or reached >= digits or precision >= limit or hopeless or undefined:
            _undefined(states, problem.layers)
            return states
        precision, before = 2 * precision, reached


def _completed(fast: FastStates, problem: Problem, inputs: Columns, digits: int, limit: int, clock: Clock) -> States:
    """The examples that float64 serves, and by balls those that it does not, in their order."""
    kept, rest = np.flatnonzero(fast.good).tolist(), np.flatnonzero(~fast.good).tolist()
    good = fast.good
    states = States([v.columns(good) for v in fast.a], [v.columns(good) for v in fast.z],
                    [v.columns(good) for v in fast.slope], [v.columns(good) for v in fast.delta],
                    fast.residual.columns(good), FLOAT_BITS)
    if not rest:
        return states
    others = replace(problem, inputs=[inputs[i] for i in rest],
                     targets=None if problem.targets is None else problem.targets[rest])
    careful = propagate(others, precision=80 + 6 * problem.depth, digits=digits, limit=limit, clock=clock)
    order = np.argsort(np.array(kept + rest)).tolist()

    def together(ours: Columns, theirs: Columns) -> Columns:
        both = ours + theirs
        return [both[k] for k in order]

    def layers(ours: list[Columns], theirs: list[Columns]) -> list[Columns]:
        return [together(a, b) for a, b in zip(ours, theirs, strict=True)]

    return States(layers(states.a, careful.a), layers(states.z, careful.z), layers(states.slope, careful.slope),
                  layers(states.delta, careful.delta), together(states.residual, careful.residual), FLOAT_BITS)


def _on_a_kink(states: States) -> bool:
    """Whether some z is known well and its slope is not, while everything is finite."""
    if any(not v.is_finite() for columns in (*states.slope, *states.delta) for column in columns for v in column):
        return False
    return any(s.rad() > 2.0**-20 and v.rad() < 2.0**-40
               for zs, ss in zip(states.z, states.slope, strict=True)
               for column, row in zip(zs, ss, strict=True) for v, s in zip(column, row, strict=True))


def _digits(vector: Sequence[arb]) -> float:
    size = vector_norm(vector, "2")
    if size.is_zero():
        return math.inf
    return float(size.rel_accuracy_bits()) * 0.301
