"""Indices: the integers that number layers, steps and examples, and the widths that depend on them.

An `Index` is an integer symbol without a sign: were it declared positive, SymPy would turn `1 <= l` into `True`
and the hypothesis would be gone. The depth `L` is a `Constant`: it is never instantiated, only fixed by a
hypothesis. A `BoundIndex` is private to the product, sum or quantifier that binds it and is numbered by nesting
height, so that two formulas that differ in the name of a bound index are one object and nothing is ever captured.
Index expressions are affine: sums of symbols with integer coefficients and an integer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy
from sympy import Add, Expr, GreaterThan, Integer, LessThan, Mul, StrictGreaterThan, StrictLessThan, Symbol
from sympy.core.symbol import Str

from ..errors import SymgradError

__all__ = ["BoundIndex", "ChainedComparison", "Constant", "Dimension", "Index", "OpenedIndex", "Width", "WidthFamily", "affine",
           "from_affine", "index_expression", "replace_in_index", "symbols_of"]


class ChainedComparison(SymgradError, TypeError):
    """A comparison of indices was read as true or false, as Python does in `1 <= l < L`."""


class _Comparison:
    """A SymPy relation that says what to write when Python asks whether it is true; in all else SymPy's own."""

    def __bool__(self) -> bool:
        raise ChainedComparison(f"{self} is neither true nor false for a symbol: Python reads 1 <= l < L as two questions, so "
                                "write where=(1 <= l, l < L), one comparison each")

    @property
    def func(self) -> Any:
        return _PLAIN[type(self)]


class _AtLeast(_Comparison, GreaterThan):
    pass


class _AtMost(_Comparison, LessThan):
    pass


class _Above(_Comparison, StrictGreaterThan):
    pass


class _Below(_Comparison, StrictLessThan):
    pass


_PLAIN: dict[type, type] = {_AtLeast: GreaterThan, _AtMost: LessThan, _Above: StrictGreaterThan, _Below: StrictLessThan}
_OURS = {plain: ours for ours, plain in _PLAIN.items()}


def _compared(relation: Any) -> Any:
    ours = _OURS.get(type(relation))
    return relation if ours is None else Expr.__new__(ours, *relation.args)       # True and False stay what they are


class _Counted(Symbol):
    """An integer symbol whose comparisons stay symbolic, and refuse to be read as true or false."""

    def __new__(cls, name: str) -> _Counted:
        if not isinstance(name, str) or not name.isidentifier():
            raise SymgradError(f"an index is named by an identifier such as 'l', got {name!r}")
        return Symbol.__new__(cls, name, integer=True)

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.name,), {}

    def __ge__(self, other: Any) -> Any:
        return _compared(super().__ge__(other))

    def __le__(self, other: Any) -> Any:
        return _compared(super().__le__(other))

    def __gt__(self, other: Any) -> Any:
        return _compared(super().__gt__(other))

    def __lt__(self, other: Any) -> Any:
        return _compared(super().__lt__(other))

    def _sympystr(self, printer: Any) -> str:
        return str(self.name)                    # SymPy has a printer of its own for classes called Dimension

    def _latex(self, printer: Any) -> str:
        return str(self.name)


class Index(_Counted):
    """A free index such as the layer `l`: an integer, of either sign, that a theorem may be instantiated at.

    >>> l = Index("l")
    >>> l + 1 - 1 == l
    True
    """


class Constant(_Counted):
    """A fixed integer such as the depth `L`. A concrete value is a hypothesis `L = 5`, never an instantiation."""


class Dimension(_Counted):
    """A fixed width, such as the `m` and `n` of an m x n matrix."""


class BoundIndex(Symbol):
    """The index that a product, sum or quantifier binds, numbered by nesting height (private to `terms`)."""

    _letter = ""

    def __new__(cls, number: int) -> BoundIndex:
        kind: Any = cls
        return _bound(kind, number)

    def __getnewargs_ex__(self) -> tuple[tuple[int], dict[str, Any]]:
        return (int(self.name[1 + len(self._letter):]),), {}


@lru_cache(maxsize=1024)
def _bound(kind: type[BoundIndex], number: int) -> Any:
    return Symbol.__new__(kind, f"_{kind._letter}{number}", integer=True)


class OpenedIndex(BoundIndex):
    """What stands for a bound index while its binder is open. No theorem may contain one, so none can be guessed."""

    _letter = "o"


class Width(Expr):
    """The width n_l of layer l, a nonnegative integer; made by `WidthFamily.__getitem__`."""

    is_integer = True
    is_nonnegative = True
    is_commutative = True

    def __new__(cls, name: Str, index: Any) -> Width:
        if not isinstance(name, Str):
            raise SymgradError(f"a width is named by its family, got {name!r}: write n[l] with n = WidthFamily('n')")
        kind: Any = cls
        return _width(kind, name, index_expression(index))

    @property
    def index(self) -> Expr:
        return self.args[1]

    @property
    def free_symbols(self) -> set[Any]:
        return set(self.args[1].free_symbols)

    def _sympystr(self, printer: Any) -> str:
        index = str(self.args[1]).replace(" ", "")
        return f"{self.args[0].name}_{index if len(index) == 1 else '{' + index + '}'}"

    def _latex(self, printer: Any) -> str:
        return f"{self.args[0].name}_{{{printer._print(self.args[1])}}}"


@lru_cache(maxsize=65536)
def _width(kind: type[Width], name: Str, index: Expr) -> Any:
    return Expr.__new__(kind, name, index)


class WidthFamily:
    """The widths n_0, n_1, ..., n_L of the layers of a network: `n[l]` is the width of layer l."""

    def __init__(self, name: str) -> None:
        self.name = Str(name)

    def __getitem__(self, index: Any) -> Width:
        return Width(self.name, index)


@lru_cache(maxsize=65536)
def symbols_of(expression: Expr) -> frozenset[Any]:
    """The free symbols of an index expression."""
    return frozenset(expression.free_symbols)


def index_expression(value: Any) -> Expr:
    """`value` as an affine index expression; floats, booleans and products of indices are refused.

    >>> index_expression(3)
    3
    """
    if isinstance(value, bool) or not isinstance(value, (int, Expr)):
        raise SymgradError(f"an index is an integer or an affine expression such as l + 1, got {value!r} "
                           f"({type(value).__name__})")
    if isinstance(value, int):
        return Integer(value)
    if isinstance(value, (Integer, _Counted, BoundIndex)):
        return value
    affine(value)                                        # refuses what is not
    return value if value.is_Symbol or value.is_Integer or value.is_Add else sympy.expand(value)


@lru_cache(maxsize=65536)
def affine(expression: Expr) -> tuple[tuple[tuple[Expr, int], ...], int]:
    """`expression` as (((symbol, integer coefficient), ...), integer): symbols are indices, constants or widths.

    Raises SymgradError when it is not affine with integer coefficients.
    """
    coefficients: dict[Expr, int] = {}
    constant = 0
    if not (expression.is_Add or expression.is_Symbol or isinstance(expression, (Integer, Width))):
        expression = sympy.expand(expression)
    terms = Add.make_args(expression)
    for term in terms:
        if isinstance(term, Integer):
            constant += int(term)
            continue
        number, symbol = (term.args if isinstance(term, Mul) and len(term.args) == 2 else (Integer(1), term))
        if not isinstance(number, Integer) or not isinstance(symbol, (_Counted, BoundIndex, Width)):
            raise SymgradError(f"an index is affine in index symbols with integer coefficients, got {expression}: "
                               f"the part {term} is not (write Index('l'), not Symbol('l'))")
        coefficients[symbol] = coefficients.get(symbol, 0) + int(number)
    pairs = sorted(((s, c) for s, c in coefficients.items() if c), key=_written)
    return tuple(pairs), constant


def _written(pair: tuple[Expr, int]) -> str:
    symbol = pair[0]
    return str(symbol.name) if isinstance(symbol, Symbol) else str(symbol)


@lru_cache(maxsize=65536)
def from_affine(linear: tuple[tuple[Expr, int], ...], constant: int) -> Expr:
    """The index expression with these coefficients: the inverse of `affine`."""
    terms = [symbol if c == 1 else c * symbol for symbol, c in linear if c]
    if constant or not terms:
        terms.append(Integer(constant))
    return terms[0] if len(terms) == 1 else Add(*terms)


@lru_cache(maxsize=65536)
def _replace(expression: Expr, items: tuple[tuple[Expr, Expr], ...]) -> Expr:
    mapping = dict(items)
    linear, constant = affine(expression)
    total: dict[Expr, int] = {}
    for symbol, c in linear:
        new = mapping.get(symbol)
        if new is None:
            new = Width(symbol.args[0], replace_in_index(symbol.args[1], mapping)) if isinstance(symbol, Width) else symbol
        part, more = affine(new)
        constant += c * more
        for inner, d in part:
            total[inner] = total.get(inner, 0) + c * d
    return from_affine(tuple(total.items()), constant)


def replace_in_index(expression: Expr, mapping: dict[Any, Any]) -> Expr:
    """Simultaneous replacement of symbols in an index or width expression."""
    if isinstance(expression, Integer):
        return expression
    if isinstance(expression, Symbol):
        return mapping.get(expression, expression)
    present = symbols_of(expression)
    items = tuple([(old, new) for old, new in mapping.items() if old in present])
    return _replace(expression, items) if items else expression
