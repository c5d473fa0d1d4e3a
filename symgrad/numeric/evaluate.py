"""The one evaluator: the value of any formula, and the truth of any statement, on a concrete instance.

It walks the formula itself, not a theorem about it: defined names are unfolded case by case, gradients are computed
by forward-mode differentiation of the function's definition, norms from the entries. So it is the independent witness
of everything the kernel proves: data columns of derivations, property tests of theorems and rules, and refutations
all come from here. Conventions are the kernel's: x⁰ = 1, x/0 = 0, an empty product is the identity, an empty sum is
zero; a range that ends more than one before it begins gives 0 and a negative power 7 (any value would do: rules that
would need one carry a condition, and these are values that hide no missing one).

>>> from symgrad.terms.named import Variable
>>> x = Variable("x_demo", 2)
>>> evaluate(x.T @ x, Instance(arrays={"x_demo": [3, 4]}))
array([[25.]])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sympy import Expr

from ..kernel.definitions import Case, definition_of
from ..operations.record import admitted
from ..terms.algebra import Term
from ..terms.exponents import DualExponent, Exponent, dual_kind, exponent_ends
from ..terms.index import Dimension, Index, Width, affine
from ..terms.named import ElementwiseFunction, FunctionAt, Named
from ..terms.node import Node, subterms
from . import dual
from .arithmetic import Arithmetic, Array, Undecided, floats
from .dual import Value
from .elementwise import OneVariable
from .instance import Instance
from .operate import apply_operation
from .rules import RULES

__all__ = ["Frame", "Run", "evaluate"]

#: at most so many numbers at a time are carried as derivatives
_LARGEST = 1 << 21
#: a recursion of more steps is evaluated from its beginning
_DEEP = 20


def evaluate(term: Term, instance: Instance, arithmetic: Arithmetic | None = None) -> Array:
    """The value of a formula, an array (rows, columns); in floats unless another arithmetic is given.

    Raises Undecided where this arithmetic has no value (an order modulo p, a slope at a kink), SymgradError where the
    instance lacks data.
    """
    run = Run(instance, arithmetic or floats())
    with run.arithmetic.precision():
        return run.value(term)


class Run:
    """One instance over one arithmetic, remembering the values of the defined names."""

    def __init__(self, instance: Instance, arithmetic: Arithmetic) -> None:
        self.instance, self.arithmetic = instance, arithmetic
        self.axis = 4 if instance.batch else 3          # where the next level of differentiation has its directions
        self.named: dict[Any, Array] = {}
        self.settled: dict[Any, tuple[Case, dict[Any, Any]] | None] = {}
        self.running: set[tuple[str, tuple[int, ...]]] = set()
        self.frame = Frame(self, {})

    def value(self, term: Term, values: dict[Any, Any] | None = None) -> Array:
        """The value of a formula; `values` gives integers and arrays for symbols beside the instance's."""
        return np.asarray((Frame(self, values) if values else self.frame)(term))

    def case(self, name: str, indices: tuple[int, ...]) -> tuple[Case, dict[Any, Any]] | None:
        """The case of the definition of a name that settles these indices, and its indices' values."""
        key = (name, indices)
        if key not in self.settled:
            self.settled[key] = self._case(name, indices)
        return self.settled[key]

    def _case(self, name: str, indices: tuple[int, ...]) -> tuple[Case, dict[Any, Any]] | None:
        for case in definition_of(name):
            values: dict[Any, Any] = {}
            for symbol, value in zip(case.indices, indices, strict=True):
                if isinstance(symbol, (Index, Dimension)):
                    values[symbol] = value
            frame = Frame(self, values)
            if all(frame.integer(s) == i for s, i in zip(case.indices, indices, strict=True)) and all(
                    frame.integer(c.expression) >= 0 for c in case.where):
                return case, values
        return None

    def name(self, name: str, indices: tuple[int, ...], shape: tuple[int, int]) -> Array:
        """The value of a named symbol: by its definition where it has one, else the instance's."""
        key = (name, indices)
        found = self.named.get(key)
        if found is None:
            settled = self.case(name, indices)
            if settled is None:
                found = self.arithmetic.array(self.instance.array(name, indices, shape))
            else:
                self._approach(settled[0], name, indices)
                found = Frame(self, settled[1])(settled[0].right)
            self.named[key] = found
        return found

    def _approach(self, case: Case, name: str, indices: tuple[int, ...]) -> None:
        """Evaluate a recursion of many steps from its beginning, so that Python's stack stays short."""
        steps = [node.indices[0] - case.indices[0] for node in subterms(case.right)
                 if isinstance(node, Named) and node.name == name and node.indices[1:] == case.indices[1:]]
        if len(set(steps)) != 1 or not steps[0].is_Integer or (name, indices) in self.running:
            return
        before, waiting = indices, []
        while (name, before) not in self.named and self.case(name, before):
            waiting.append(before)
            before = (before[0] + int(steps[0]), *before[1:])
        if len(waiting) > _DEEP:
            self.running.update((name, one) for one in waiting)
            for one in reversed(waiting[1:]):
                found = self.case(name, one)
                if found is not None:
                    self.named[name, one] = Frame(self, found[1])(found[0].right)

    def apply(self, name: str, indices: tuple[int, ...], arguments: list[Value]) -> Value:
        """The value of a named function."""
        settled = self.case(name, indices)
        if settled is None:
            operation = admitted(name)
            if operation is not None:
                return apply_operation(operation, arguments, self.arithmetic)
            return self.instance.function(name, indices)(*arguments)
        case, values = settled
        return Frame(self, values | dict(zip(case.left.arguments, arguments, strict=True)))(case.right)

    def derivative(self, function: Callable[[Value], Value], point: Value) -> tuple[Value | None, int]:
        """The derivative of function(point) along every entry of the point: a value with the directions on `axis`."""
        axis = self.axis
        rows, columns = dual.plain(point).shape[-2:]
        size = rows * columns
        self.axis += 1
        try:
            basis = self.arithmetic.identity(size).reshape(size, rows, columns)
            step = max(1, _LARGEST // max(size, 1))
            if size <= step:
                return dual.tangent(function(dual.seed(point, basis, axis)), axis), axis
            parts = [dual.tangent(function(dual.seed(point, basis[at:at + step], axis)), axis)
                     for at in range(0, size, step)]
            return None if parts[0] is None else dual.join(parts, axis), axis
        finally:
            self.axis -= 1

    def jacobian(self, function: Callable[[Value], Value], point: Value) -> Value:
        """The derivative of a function from columns to columns; a zero matrix where nothing moves."""
        rows = dual.plain(point).shape[-2]
        moved, axis = self.derivative(function, point)
        if moved is None:
            return self.arithmetic.full(dual.plain(function(point)).shape[-2], rows, 0)
        shape = dual.plain(moved).shape[-2], rows
        return dual.linear(lambda x: dual.last(x, axis, rows, shape), moved)

    def gradient(self, function: Callable[[Value], Value], point: Value) -> Value:
        """The gradient of a scalar function, of the shape of its point."""
        shape = dual.plain(point).shape[-2:]
        moved, axis = self.derivative(function, point)
        if moved is None:
            return self.arithmetic.full(shape[0], shape[1], 0)
        return dual.linear(lambda x: dual.last(x, axis, shape[0] * shape[1], shape), moved)


class Frame:
    """Values for the symbols of one formula: bound indices, the arguments of the function that is unfolded."""

    __slots__ = ("memo", "run", "values")

    def __init__(self, run: Run, values: dict[Any, Any]) -> None:
        self.run, self.values = run, values
        self.memo: dict[Node, Value] = {}

    def __call__(self, term: Any) -> Value:
        """The value of a formula, with its derivatives where the arguments carry some."""
        found = self.memo.get(term)
        if found is None:
            found = RULES[type(term)](self, term)
            self.memo[term] = found
        return found

    def integer(self, expression: Expr) -> int:
        """The value of an index or width expression."""
        linear, total = affine(expression)
        for symbol, c in linear:
            if isinstance(symbol, Width):
                value = self.run.instance.width(symbol.args[0].name, self.integer(symbol.args[1]))
            else:
                given = self.values.get(symbol)
                value = self.run.instance.integer(symbol) if given is None else given
            total += c * value
        return total

    def integers(self, expressions: tuple[Expr, ...]) -> tuple[int, ...]:
        return tuple(map(self.integer, expressions))

    def kind(self, kind: Any) -> Any:
        """The kind of a norm, with the instance's number for a symbolic exponent."""
        if isinstance(kind, DualExponent):
            return dual_kind(self.kind(kind.args[0]))
        if isinstance(kind, Exponent):
            return self.run.instance.exponent(kind.name, *exponent_ends(kind))
        return kind

    def shape(self, term: Term) -> tuple[int, int]:
        rows, columns = self.integer(term.rows), self.integer(term.columns)
        if rows < 0 or columns < 0:
            raise Undecided(f"{term} has no shape: {rows} × {columns}")
        return rows, columns

    def with_values(self, values: dict[Any, Any]) -> Frame:
        return Frame(self.run, self.values | values)

    def one_variable(self, function: ElementwiseFunction) -> OneVariable:
        return self.run.instance.one_variable(function.name, self.integers(function.indices))

    def function(self, function: FunctionAt) -> Callable[[Value], Value]:
        """A named function of one argument."""
        name, indices = function.name, self.integers(function.indices)
        return lambda value: self.run.apply(name, indices, [value])
