"""How each kind of term is evaluated, given a frame that knows the values of its symbols (see `evaluate`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..terms.algebra import (
    Count,
    Diagonal,
    Hadamard,
    Identity,
    MatrixProduct,
    Number,
    Ones,
    Scaled,
    Sum,
    Term,
    Transpose,
    Zero,
)
from ..terms.named import Apply, Elementwise, Gradient, Named, Variable
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import (
    FROBENIUS,
    Absolute,
    Inner,
    LeastEigenvalue,
    Maximum,
    Minimum,
    Norm,
    Power,
    Quotient,
    SMin,
)
from ..terms.taylor import Hessian, TaylorRadius
from . import dual
from .dual import Value
from .norms import least_eigenvalue, norm, smallest_stretch
from .taylor import taylor_radius

if TYPE_CHECKING:
    from .evaluate import Frame

__all__ = ["RULES", "rule"]

Rule = Callable[["Frame", Any], Value]
RULES: dict[type, Rule] = {}


def rule(*kinds: type) -> Callable[[Rule], Rule]:
    """Say how nodes of these kinds are evaluated."""
    def keep(function: Rule) -> Rule:
        for kind in kinds:
            RULES[kind] = function
        return function
    return keep


@rule(Variable)
def _(frame: Frame, node: Variable) -> Value:
    given = frame.values.get(node)
    if given is not None:
        return given
    return frame.run.arithmetic.array(frame.run.instance.array(node.name, (), frame.shape(node)))


@rule(Named)
def _(frame: Frame, node: Named) -> Value:
    return frame.run.name(node.name, frame.integers(node.indices), frame.shape(node))


@rule(Apply)
def _(frame: Frame, node: Apply) -> Value:
    function = node.function
    return frame.run.apply(function.name, frame.integers(function.indices), [frame(a) for a in node.arguments])


@rule(Gradient)
def _(frame: Frame, node: Gradient) -> Value:
    return frame.run.gradient(frame.function(node.function), frame(node.point))


@rule(Hessian)
def _(frame: Frame, node: Hessian) -> Value:
    run, function = frame.run, frame.function(node.function)
    return run.jacobian(lambda x: run.gradient(function, x), frame(node.point))


@rule(TaylorRadius)
def _(frame: Frame, node: TaylorRadius) -> Value:
    return taylor_radius(frame, node)


@rule(Elementwise)
def _(frame: Frame, node: Elementwise) -> Value:
    f, base, arithmetic = frame.one_variable(node.function), node.function.order, frame.run.arithmetic
    return dual.elementwise(lambda order, x: f.apply(base + order, x, arithmetic), frame(node.argument))


@rule(Number)
def _(frame: Frame, node: Number) -> Value:
    return frame.run.arithmetic.number(node.value)


@rule(Count)
def _(frame: Frame, node: Count) -> Value:
    return frame.run.arithmetic.number(frame.integer(node.args[0]))


@rule(Sum)
def _(frame: Frame, node: Sum) -> Value:
    result, *rest = map(frame, node.args)
    for value in rest:
        result = result + value
    return result


@rule(MatrixProduct)
def _(frame: Frame, node: MatrixProduct) -> Value:
    result, *rest = map(frame, node.args)
    for value in rest:
        result = result @ value
    return result


@rule(Scaled, Hadamard)
def _(frame: Frame, node: Term) -> Value:
    result, *rest = map(frame, node.args)
    for value in rest:
        result = result * value
    return result


@rule(Transpose)
def _(frame: Frame, node: Transpose) -> Value:
    return dual.transpose(frame(node.args[0]))


@rule(Diagonal)
def _(frame: Frame, node: Diagonal) -> Value:
    value = frame(node.args[0])
    return value * frame.run.arithmetic.identity(dual.plain(value).shape[-2])


@rule(Identity)
def _(frame: Frame, node: Identity) -> Value:
    return frame.run.arithmetic.identity(frame.shape(node)[0])


@rule(Zero, Ones)
def _(frame: Frame, node: Any) -> Value:
    return frame.run.arithmetic.full(*frame.shape(node), node.entry)


@rule(Inner)
def _(frame: Frame, node: Inner) -> Value:
    return dual.entries_sum(frame(node.args[0]) * frame(node.args[1]))


@rule(Norm)
def _(frame: Frame, node: Norm) -> Value:
    return norm(frame(node.args[0]), frame.kind(node.kind), frame.run.arithmetic)


@rule(SMin)
def _(frame: Frame, node: SMin) -> Value:
    return smallest_stretch(frame(node.args[0]), frame.run.arithmetic)


@rule(LeastEigenvalue)
def _(frame: Frame, node: LeastEigenvalue) -> Value:
    return least_eigenvalue(frame(node.args[0]), frame.run.arithmetic)


@rule(Absolute)
def _(frame: Frame, node: Absolute) -> Value:
    return dual.absolute(frame(node.args[0]), frame.run.arithmetic)


@rule(Quotient)
def _(frame: Frame, node: Quotient) -> Value:
    return dual.divide(frame(node.args[0]), frame(node.args[1]), frame.run.arithmetic)


@rule(Power)
def _(frame: Frame, node: Power) -> Value:
    exponent = frame.integer(node.exponent)
    if exponent > 0 and exponent % 2 == 0 and isinstance(node.base, Norm) and _is_euclidean(node.base):
        inside = frame(node.base.args[0])               # ‖x‖₂² is polynomial: it needs no root, nor x ≠ 0 for a slope
        return dual.power(dual.entries_sum(inside * inside), exponent // 2, frame.run.arithmetic)
    return dual.power(frame(node.base), exponent, frame.run.arithmetic)


def _is_euclidean(node: Norm) -> bool:
    return node.kind is FROBENIUS or (node.kind == 2 and node.args[0].columns == 1)


@rule(Maximum)
def _(frame: Frame, node: Maximum) -> Value:
    return dual.largest([frame(part) for part in node.args], frame.run.arithmetic)


@rule(Minimum)
def _(frame: Frame, node: Minimum) -> Value:
    return -dual.largest([-frame(part) for part in node.args], frame.run.arithmetic)


def _values(frame: Frame, node: Any) -> list[Value] | None:
    """The body at every index of a range, low to high; None for a range without meaning."""
    low, high = frame.integer(node.low), frame.integer(node.high)
    if high < low - 1:
        return None
    return [frame.with_values({node.args[0]: i})(node.args[3]) for i in range(low, high + 1)]


@rule(FiniteSum)
def _(frame: Frame, node: FiniteSum) -> Value:
    values = _values(frame, node)
    if not values:
        return frame.run.arithmetic.full(*frame.shape(node), 0)
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result


@rule(OrderedProduct)
def _(frame: Frame, node: OrderedProduct) -> Value:
    values = _values(frame, node)
    if values is None:
        return frame.run.arithmetic.full(*frame.shape(node), 0)
    if not values:
        return frame.run.arithmetic.identity(frame.shape(node)[0])
    if node.order == -1:
        values.reverse()
    result = values[0]
    for value in values[1:]:
        result = result @ value
    return result
