"""The operation record: everything symgrad knows about one operation, in one place.

An operation maps arrays to an array: an affine layer, a loss, softmax. There are two ways to say what it is:

    formula    in the kernel's own algebra: its pullback is then derived, a theorem like any other
    pullback   where no formula of the kernel says it: NumPy code for the value, and the pullback stated. Theorems that
               use it say so; the refuter holds it against the value

>>> from symgrad.terms.index import Dimension
>>> m = Dimension("m")
>>> half = admit(Operation("half_demo", {"x": m}, formula=lambda x: x / 2, source="a demonstration"))
>>> print(half(half.variables[0]))
half_demo(x)

`admit` takes a record as it is; users call `symgrad.register`, which refutes it first. Built-in records live in
`symgrad/operations/builtin/`, one file each; the tests refute them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from sympy import Expr

from ..errors import ShapeError, SymgradError, nearest
from ..kernel.definitions import define
from ..kernel.logic import instantiate
from ..kernel.stated import state
from ..kernel.statements import Statement
from ..kernel.theorem import Theorem
from ..terms.algebra import Term, as_term, dimension, show_shape
from ..terms.display import SPELLED, WRITTEN
from ..terms.index import Dimension
from ..terms.named import Apply, Function, Variable

__all__ = ["Operation", "Shape", "admit", "admitted", "all_operations", "operation"]

Shape = tuple[Any, Any]

_admitted: dict[str, Operation] = {}


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation f(x_1, …).

    name        what it is called; functions, definitions and certificates bear this name
    arguments   each argument's shape: (rows, columns), or rows for a column, in integers and Dimensions. A Dimension is
                any size: `{"w": (m, n), "a": n}`
    formula     the arguments as terms -> what the operation is, as a term
    result      without a formula: the shape of the value
    pullback    without a formula: (G, value, *arguments) as terms -> the gradient by each argument, linear in G: one
                term, or a tuple of as many as there are arguments
    where       the arguments as terms -> the conditions under which f is differentiable (none: everywhere)
    value       arrays -> array, plain NumPy; the last two axes are rows and columns, axes in front are a batch.
                Complex-safe: where it branches it looks at the real part. Needed without a formula
    enclose     as `value`, for arrays of balls (flint.arb) and of their power series; None: balls are not served
    exact       value uses +, -, * and @ only, so that it takes exact numbers and balls as well
    draw        (generator of random numbers, {"m": 3, …}) -> arguments to try it at; None: entries between -2 and 2
    written     "norm", "inverse", "absolute", "root" or "reciprocal": of one argument, written ‖x‖, x⁻¹, |x|, √x or 1/x
    sign        how it is written: a letter, a Greek name or a longer upright name; its name unless given
    source      where the mathematics is from

    Raises SymgradError for a record that says too little or too much, ShapeError when a shape does not fit.
    """

    name: str
    arguments: Mapping[str, Any]
    formula: Callable[..., Term] | None = field(default=None, repr=False)
    result: Any = None
    pullback: Callable[..., Any] | None = field(default=None, repr=False)
    where: Callable[..., Sequence[Statement]] | None = field(default=None, repr=False)
    value: Callable[..., Any] | None = field(default=None, repr=False)
    enclose: Callable[..., Any] | None = field(default=None, repr=False)
    exact: bool = False
    draw: Callable[[Random, Mapping[str, int]], Sequence[Any]] | None = field(default=None, repr=False)
    sign: str = ""
    source: str = ""
    written: str = ""

    def __post_init__(self) -> None:
        if not self.arguments:
            raise SymgradError(f"the operation {self.name} has no arguments: give their shapes, such as {{'x': m}}")
        if (self.formula is None) == (self.pullback is None):
            raise SymgradError(
                f"the operation {self.name} is given by a formula, from which its pullback follows, or "
                "by a stated pullback, result and value: not by both or neither"
            )
        if self.pullback is not None and (self.value is None or self.result is None):
            raise SymgradError(
                f"the operation {self.name} states a pullback: it needs a value and the result's shape too"
            )
        if not self.source:
            raise SymgradError(f"the operation {self.name} names no source: where is its mathematics from?")
        _ = self.function, self.meanings

    # --- what it is, to the kernel
    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        """Its own arguments."""
        return tuple(Variable(f"{self.name}.{key}", *_shape(shape)) for key, shape in self.arguments.items())

    @cached_property
    def sizes(self) -> tuple[Dimension, ...]:
        """The Dimensions of its arguments, in order of appearance: it is one function for each choice of them."""
        found = [side for v in self.variables for side in v.shape if isinstance(side, Dimension)]
        return tuple(dict.fromkeys(found))

    @cached_property
    def function(self) -> Function:
        """The kernel's name for it; indexed by its sizes."""
        result = _shape(self.result) if self._formula_term is None else self._formula_term.shape
        over: dict[Any, Any] = {m: (0, None) for m in self.sizes}
        loose = {s for v in self.variables for s in v.free - {v}} | {s for d in result for s in d.free_symbols}
        if not loose <= set(self.sizes):
            raise SymgradError(
                f"the shapes of {self.name} have {min(map(str, loose - set(self.sizes)))}, which is not by "
                "itself a number of rows or columns of an argument"
            )
        return Function(self.name, [v.shape for v in self.variables], result, over)

    @cached_property
    def _formula_term(self) -> Term | None:
        return None if self.formula is None else as_term(self.formula(*self.variables))

    @cached_property
    def term(self) -> Apply:
        """f(x_1, …) at its own variables."""
        return self.function[self.sizes](*self.variables)

    @cached_property
    def cotangent(self) -> Variable:
        """G, of the value's shape."""
        return Variable(f"{self.name}.G", *self.term.shape)

    @cached_property
    def meanings(self) -> tuple[Term, ...]:
        """The formula, or the stated pullbacks to each argument."""
        if self._formula_term is not None:
            return (self._formula_term,)
        assert self.pullback is not None
        given = self.pullback(self.cotangent, self.term, *self.variables)
        found = tuple(map(as_term, given if isinstance(given, tuple) else (given,)))
        if len(found) != len(self.variables):
            raise SymgradError(
                f"{self.name} has {len(self.variables)} arguments, its pullback gives {len(found)} terms"
            )
        for x, key, H in zip(self.variables, self.arguments, found, strict=True):
            if H.shape != x.shape:
                raise ShapeError(f"the pullback of {self.name} to {key} is {show_shape(H)}, {key} is {show_shape(x)}")
        return found

    @cached_property
    def conditions(self) -> tuple[Statement, ...]:
        """The conditions under which it is differentiable, at its own variables."""
        return tuple(self.where(*self.variables)) if self.where is not None else ()

    def meaning(self, applied: Apply) -> Theorem:
        """f(e_1, …) = its formula at e_1, …, as a theorem."""
        assert self._formula_term is not None
        (equation,) = define((self.term, self._formula_term, ()))
        pairs = (*zip(self.sizes, applied.function.indices, strict=True),
                 *zip(self.variables, applied.arguments, strict=True))
        return instantiate(equation, tuple((old, new) for old, new in pairs if old is not new))

    def __call__(self, *arguments: Any) -> Apply:
        """The operation at some terms; its sizes are read off their shapes."""
        terms = tuple(map(as_term, arguments))
        if len(terms) != len(self.variables):
            raise ShapeError(
                f"{self.name} takes {len(self.variables)} arguments ({', '.join(self.arguments)}), got {len(terms)}"
            )
        found: dict[Any, Expr] = {}
        for x, term in zip(self.variables, terms, strict=True):
            for mine, theirs in zip(x.shape, term.shape, strict=True):
                if isinstance(mine, Dimension):
                    found.setdefault(mine, theirs)
        for x, key, term in zip(self.variables, self.arguments, terms, strict=True):
            wanted = tuple(found.get(side, side) for side in x.shape)
            if term.shape != wanted:
                raise ShapeError(
                    f"{self.name}: {key} is {x.rows} × {x.columns}, here {wanted[0]} × {wanted[1]}, got {term} "
                    f"({show_shape(term)})"
                )
        return self.function[tuple(found[m] for m in self.sizes)](*terms)

    @property
    def latex(self) -> str:
        """The operation at its own variables, in LaTeX."""
        return self.term.latex()


def _shape(given: Any) -> Shape:
    rows, columns = given if isinstance(given, tuple) else (given, 1)
    return dimension(rows), dimension(columns)


def admit(record: Operation) -> Operation:
    """Make the record known to the kernel, as a definition or as a stated pullback; nothing is tried.

    Raises KernelError when the kernel refuses it, SymgradError when the name is taken.
    """
    known = _admitted.get(record.name)
    if known is not None and known is not record:
        raise SymgradError(f"an operation is called {record.name} already: choose another name")
    if record.written:
        WRITTEN[record.name] = record.written
    if record.sign:
        SPELLED[record.name] = record.sign                      # before anything about it is written
    if record.formula is not None:
        define((record.term, record.meanings[0], ()))
    else:
        state(record.term, record.cotangent, record.meanings, record.conditions)
    _admitted[record.name] = record
    return record


def admitted(name: str) -> Operation | None:
    """The operation of this name, among those that have been admitted."""
    return _admitted.get(name)


def operation(name: str) -> Operation:
    """The operation of this name, built in or registered. Raises SymgradError with the nearest names.

    >>> operation("softmax").source
    'Bridle, Neurocomputing (NATO ASI F68), 1990'
    """
    found = all_operations()
    if name not in found:
        raise SymgradError(f"no operation is called {name!r}: {nearest(name, found)}")
    return found[name]


def all_operations() -> Mapping[str, Operation]:
    """Every operation, built in or registered, by name."""
    from .builtin import load
    load()
    return dict(sorted(_admitted.items()))
