"""Names: variables, layered symbols such as `w[l]`, functions such as `C[l]`, elementwise functions such as σ.

A name is registered once, with its shape as a function of its indices, so that two different things can never
print alike: a second `w` with another shape is refused. Every layered symbol carries both ends of its range.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Integer
from sympy.core.symbol import Str

from ..errors import ShapeError, SymgradError
from .algebra import Term, as_term, dimension, show_shape
from .index import BoundIndex, Dimension, Index, affine, index_expression, replace_in_index
from .node import Node

__all__ = ["Apply", "Elementwise", "ElementwiseFunction", "Family", "Function", "FunctionAt", "Gradient", "Named",
           "Variable", "grad", "register_name"]

_registered: dict[str, Any] = {}


def register_name(name: Str, thing: Any, kind: str) -> Any:
    """Let a name stand for this thing, once and for all; it is an identifier such as p or chain.p."""
    return _register(_name(name).name, thing, kind)


def _register(name: str, thing: Any, kind: str) -> Any:
    known = _registered.setdefault(name, thing)
    if known is not thing:
        raise SymgradError(f"the name {name} already stands for {_describe(known)}; it cannot also be {kind}: "
                           "choose another name")
    return thing


def _describe(thing: Any) -> str:
    if isinstance(thing, str):
        return thing
    if not isinstance(thing, _Indexed):
        return f"{type(thing).__name__}{thing.args[1:]}"
    if isinstance(thing, Function):
        return f"a function of {thing.arity} indices and {len(thing.argument_shapes)} arguments"
    return f"a symbol of {thing.arity} indices, shape {thing.args[1]} × {thing.args[2]}"


def _name(value: Any) -> Str:
    if isinstance(value, Str):
        return value
    if not isinstance(value, str) or not all(part.isidentifier() for part in value.split(".")):
        raise SymgradError(f"a name is an identifier such as 'w' or 'chain.w', got {value!r}")
    return Str(value)


class Variable(Term):
    """A variable of a statement: it stands for every value of its shape."""

    __slots__ = ()
    _is_variable = True

    def __new__(cls, name: Any, rows: Any = 1, columns: Any = 1) -> Variable:
        name = _name(name)
        _register(name.name, "a variable", "a variable")
        rows, columns = dimension(rows), dimension(columns)
        return cls.intern((name, rows, columns), (rows, columns))

    @property
    def name(self) -> str:
        return self.args[0].name


class _Indexed(Node):
    """What a family of symbols and a family of functions share: a name, indices with ranges, slots for them."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return self.args[0].name

    @classmethod
    def _bind_free(cls, args: tuple[Any, ...], free: frozenset[Any]) -> frozenset[Any]:
        return frozenset()                                       # a family is a name: nothing in it is ever replaced

    @property
    def dimensions(self) -> frozenset[Any]:
        """The symbols in its shapes and ranges."""
        return frozenset().union(*(arg.free_symbols for arg in self.args if isinstance(arg, Expr)))

    def _fit(self, indices: Any, arity: int, ranges: tuple[Expr, ...]) -> tuple[Expr, ...]:
        given = indices if isinstance(indices, tuple) else (indices,)
        if len(given) != arity:
            raise SymgradError(f"{self.name} takes {arity} indices, got {len(given)}")
        given = tuple(index_expression(i) for i in given)
        for index, low, high in zip(given, ranges[::2], ranges[1::2], strict=True):
            if isinstance(index, Integer) and not (_at_most(low, index) and _at_most(index, high)):
                raise SymgradError(f"{self.name} runs from {low} to {high}, got the index {index}")
        return given


def _at_most(low: Expr, high: Expr) -> bool:
    """low <= high, if both are integers."""
    return not isinstance(low, Integer) or not isinstance(high, Integer) or int(low) <= int(high)


_SIZE = Dimension("size")                                           # stands for a slot that is a size


def _slots(indices: tuple[Any, ...]) -> dict[Any, Any]:
    return {index: BoundIndex(-k) for k, index in enumerate(indices)}


def _declared(name: Str, size: Any, slots: dict[Any, Any]) -> Expr:
    """A size in the shape of a family, as a function of its indices alone (which may themselves be sizes)."""
    if isinstance(size, Expr):
        dimension(replace_in_index(size, {slot: _SIZE for slot in size.atoms(BoundIndex)}))
    else:
        size = dimension(size)
    size = replace_in_index(size, slots)
    if size.atoms(Index):
        loose = min(map(str, size.atoms(Index)))
        raise SymgradError(f"the shape of {name.name} has the index {loose}, which is none of its own: give every "
                           "index in over={…}")
    return size


def _ranges(ranges: Any, arity: int) -> tuple[Expr, ...]:
    """(low, high) for each index; None is an open end."""
    flat: list[Expr] = []
    for low, high in ranges or [(None, None)] * arity:
        flat += [-sympy.oo if low in (None, -sympy.oo) else index_expression(low),
                 sympy.oo if high in (None, sympy.oo) else index_expression(high)]
    if len(flat) != 2 * arity:
        raise SymgradError(f"{arity} indices need {arity} ranges (low, high), got {len(flat) // 2}")
    return tuple(flat)


class Family(_Indexed):
    """Symbols with indices: `w = Family("w", n[l], n[l-1], over={l: (1, L)})`, then `w[l+1]`.

    Without indices it is one symbol: `x = Family("x", n[0])()`.
    """

    __slots__ = ()

    def __new__(cls, name: Any, rows: Any = 1, columns: Any = 1, *flat: Any,
                over: dict[Any, Any] | None = None) -> Family:
        name = _name(name)
        slots = _slots(tuple(over or ()))
        ranges = flat if over is None else _ranges(list(over.values()), len(slots))
        rows, columns = (_declared(name, d, slots) for d in (rows, columns))
        family = cls.intern((name, rows, columns, *ranges))
        return _register(name.name, family, "another symbol")

    @property
    def arity(self) -> int:
        return (len(self.args) - 3) // 2

    def __getitem__(self, indices: Any) -> Named:
        return Named(self, *(indices if isinstance(indices, tuple) else (indices,)))

    def __call__(self) -> Named:
        return Named(self)


class Named(Term):
    """A symbol of a family at given indices, such as w^{l+1}."""

    __slots__ = ()

    def __new__(cls, family: Any, *indices: Any) -> Named:
        if not isinstance(family, Family):
            raise SymgradError(f"a named symbol belongs to a Family, got {family!r}")
        indices = family._fit(indices, family.arity, family.args[3:])
        known = cls.existing((family, *indices))
        if known is not None:
            return known
        slots = {BoundIndex(-k): index for k, index in enumerate(indices)}
        shape = (dimension(replace_in_index(family.args[1], slots)), dimension(replace_in_index(family.args[2], slots)))
        return cls.intern((family, *indices), shape)

    @classmethod
    def _bind_free(cls, args: tuple[Any, ...], free: frozenset[Any]) -> frozenset[Any]:
        found: frozenset[Any] = frozenset()
        for index in args[1:]:
            found |= index.free_symbols
        return found

    def rebuild(self, args: tuple[Any, ...]) -> Named:
        return Named(self.args[0], *args[1:])

    @property
    def family(self) -> Family:
        return self.args[0]

    @property
    def name(self) -> str:
        return self.args[0].name

    @property
    def indices(self) -> tuple[Expr, ...]:
        return self.args[1:]


class Function(_Indexed):
    """A family of named functions of matrices: `C = Function("C", [(n[l], 1)], over={l: (1, L)})`, then `C[l](v)`.

    An index that is a Dimension is a size: `Function("f", [(m, 1)], (m, 1), over={m: (0, None)})` maps vectors of any
    length, `f[n[l]](z[l])`. `gradient_of` names the cost that a gradient of this function is printed as a partial
    derivative of: with "C" the gradient at b^l is printed ∂C/∂b^l.
    """

    __slots__ = ()

    def __new__(cls, name: Any, arguments: Any = (), result: Any = (1, 1), over: dict[Any, Any] | None = None,
                gradient_of: Any = "", _flat: tuple[Any, ...] | None = None) -> Function:
        if _flat is not None:
            return _register(_flat[0].name, cls.intern(_flat), "another function")
        name = _name(name)
        slots = _slots(tuple(over or ()))
        shapes = [_declared(name, d, slots) for shape in (result, *arguments) for d in shape]
        ranges = _ranges(list((over or {}).values()), len(slots))
        function = cls.intern((name, Str(str(gradient_of)), Integer(len(slots)), *ranges, *shapes))
        return _register(name.name, function, "another function")

    def rebuild(self, args: tuple[Any, ...]) -> Function:
        return Function(None, _flat=args)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _function_of, (self.args,)

    @property
    def arity(self) -> int:
        return int(self.args[2])

    @property
    def _shapes(self) -> tuple[Expr, ...]:
        return self.args[3 + 2 * self.arity:]

    @property
    def argument_shapes(self) -> tuple[tuple[Expr, Expr], ...]:
        flat = self._shapes[2:]
        return tuple(zip(flat[::2], flat[1::2], strict=True))

    @property
    def sizes(self) -> tuple[bool, ...]:
        """For each index: is it a size of the shapes itself, such as the m of a function of vectors of any length m?"""
        bare = {symbol for d in self._shapes for symbol, _ in affine(d)[0]}
        return tuple(BoundIndex(-k) in bare for k in range(self.arity))

    def __getitem__(self, indices: Any) -> FunctionAt:
        return FunctionAt(self, *(indices if isinstance(indices, tuple) else (indices,)))

    def __call__(self, *arguments: Any) -> Apply:
        return FunctionAt(self)(*arguments)


def _function_of(args: tuple[Any, ...]) -> Function:
    return Function(None, _flat=args)


class FunctionAt(Node):
    """A named function at given indices, such as C_l: call it to apply it."""

    __slots__ = ()

    def __new__(cls, function: Any, *indices: Any) -> FunctionAt:
        if not isinstance(function, Function):
            raise SymgradError(f"expected a Function, got {function!r}")
        return cls.intern((function, *function._fit(indices, function.arity, function.args[3:3 + 2 * function.arity])))

    @classmethod
    def _bind_free(cls, args: tuple[Any, ...], free: frozenset[Any]) -> frozenset[Any]:
        found: frozenset[Any] = frozenset()
        for index in args[1:]:
            found |= index.free_symbols
        return found

    def rebuild(self, args: tuple[Any, ...]) -> FunctionAt:
        return FunctionAt(self.args[0], *args[1:])

    @property
    def function(self) -> Function:
        return self.args[0]

    @property
    def name(self) -> str:
        return self.args[0].name

    @property
    def indices(self) -> tuple[Expr, ...]:
        return self.args[1:]

    def shapes(self) -> list[tuple[Expr, Expr]]:
        """The shape of the result, then those of the arguments."""
        slots = {BoundIndex(-k): index for k, index in enumerate(self.args[1:])}
        flat = [dimension(replace_in_index(d, slots)) for d in self.function._shapes]
        return list(zip(flat[::2], flat[1::2], strict=True))

    def __call__(self, *arguments: Any) -> Apply:
        return Apply(self, *arguments)


class Apply(Term):
    """The value of a named function, such as C_l(v)."""

    __slots__ = ()

    def __new__(cls, function: Any, *arguments: Any) -> Apply:
        if not isinstance(function, FunctionAt):
            raise SymgradError(f"expected a function such as C[l], got {function!r}")
        arguments = tuple(map(as_term, arguments))
        known = cls.existing((function, *arguments))
        if known is not None:
            return known
        result, *expected = function.shapes()
        if len(arguments) != len(expected):
            raise ShapeError(f"{function.name} takes {len(expected)} arguments, got {len(arguments)}")
        for argument, shape in zip(arguments, expected, strict=True):
            if argument.shape != shape:
                raise ShapeError(f"{function.name} takes an argument of shape {shape[0]} × {shape[1]}, got {argument} "
                                 f"({show_shape(argument)})")
        return cls.intern((function, *arguments), result)

    @property
    def function(self) -> FunctionAt:
        return self.args[0]

    @property
    def arguments(self) -> tuple[Term, ...]:
        return self.args[1:]


class Gradient(Term):
    """The gradient of a named scalar function at a point; it has the shape of the point."""

    __slots__ = ()

    def __new__(cls, function: Any, at: Any) -> Gradient:
        at = as_term(at)
        known = cls.existing((function, at))
        if known is not None:
            return known
        value = Apply(function, at)
        if not value.is_scalar_term:
            raise ShapeError(f"the gradient is that of a scalar function, {value} is {show_shape(value)}")
        return cls.intern((function, at), at.shape)

    @property
    def function(self) -> FunctionAt:
        return self.args[0]

    @property
    def point(self) -> Term:
        return self.args[1]


def grad(function: FunctionAt, at: Any) -> Gradient:
    """∇f at a point: `grad(C[l], at=z[l])`."""
    return Gradient(function, at)


class ElementwiseFunction(Node):
    """A function of one real variable, such as σ or its derivative σ': call it to apply it to every entry.

    `sigma = ElementwiseFunction("sigma")` is one function; `sigma[l]` is the function of layer l.
    """

    __slots__ = ()

    def __new__(cls, name: Any, order: Any = 0, *indices: Any) -> ElementwiseFunction:
        order = Integer(order)
        if order < 0:
            raise SymgradError(f"the order of a derivative is not negative, got {order}")
        name = _name(name)
        _register(name.name, "an elementwise function", "an elementwise function")
        return cls.intern((name, order, *map(index_expression, indices)))

    @property
    def name(self) -> str:
        return self.args[0].name

    @property
    def order(self) -> int:
        return int(self.args[1])

    @property
    def indices(self) -> tuple[Expr, ...]:
        return self.args[2:]

    @property
    def prime(self) -> ElementwiseFunction:
        """The derivative."""
        return ElementwiseFunction(self.args[0], self.order + 1, *self.indices)

    def __getitem__(self, index: Any) -> ElementwiseFunction:
        return ElementwiseFunction(self.args[0], self.order, index)

    def __call__(self, argument: Any) -> Elementwise:
        return Elementwise(self, argument)


class Elementwise(Term):
    """A function of one variable applied to every entry."""

    __slots__ = ()

    def __new__(cls, function: Any, argument: Any) -> Elementwise:
        if not isinstance(function, ElementwiseFunction):
            raise SymgradError(f"expected an elementwise function such as sigma, got {function!r}")
        argument = as_term(argument)
        return cls.intern((function, argument), argument.shape)

    @property
    def function(self) -> ElementwiseFunction:
        return self.args[0]

    @property
    def argument(self) -> Term:
        return self.args[1]


