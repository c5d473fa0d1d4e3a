"""How a term is laid out: from the tree of a formula to notation, which every output format is made from.

A new kind of term adds one row to `_LAYOUTS`. A bound index is given a letter that is free nowhere in its formula.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr

from . import layout as lay
from .algebra import (
    Count,
    Diagonal,
    Hadamard,
    Identity,
    MatrixProduct,
    Number,
    Ones,
    Scaled,
    Sum,
    Transpose,
    Zero,
)
from .exponents import FROBENIUS, DualExponent, Exponent
from .index import Index, Width, affine
from .named import (
    Apply,
    Elementwise,
    ElementwiseFunction,
    Family,
    Function,
    FunctionAt,
    Gradient,
    Named,
    Variable,
)
from .node import Node
from .notation import Notation
from .ranges import FiniteSum, OrderedProduct
from .scalars import Absolute, Inner, LeastEigenvalue, Maximum, Minimum, Norm, Power, Quotient, SMin
from .taylor import Hessian, TaylorRadius

__all__ = ["html", "index_layout", "kind_layout", "latex", "letter_for", "notation", "register", "text"]

_LAYOUTS: dict[type, Callable[[Any], Notation]] = {}
_LETTERS = ("r", "s", "k", "i", "j", "p", "q", "t", "u", "m")


def register(kind: type) -> Callable[[Callable[[Any], Notation]], Callable[[Any], Notation]]:
    """Say how one kind of node is laid out."""
    def keep(function: Callable[[Any], Notation]) -> Callable[[Any], Notation]:
        _LAYOUTS[kind] = function
        return function
    return keep


def notation(node: Node) -> Notation:
    """The layout of a formula."""
    found = node.memo.get("notation")
    if found is None:
        found = _LAYOUTS[type(node)](node)
        node.memo["notation"] = found
    return found


def latex(node: Node) -> str:
    from .latex import latex as emit
    return emit(notation(node))


def text(node: Node) -> str:
    from .text import text as emit
    return emit(notation(node))


def html(node: Node) -> str:
    from .mathml import math
    return math(notation(node))


def index_layout(expression: Expr) -> Notation:
    """An index expression, such as L − l + 1."""
    if expression.is_infinite:
        return lay.letter("infinity")
    linear, constant = affine(expression)
    if any(isinstance(symbol, Width) for symbol, _ in linear):
        parts: list[Any] = []
        for symbol, c in linear:
            one = _width(symbol) if isinstance(symbol, Width) else lay.letter(str(symbol))
            part = one if abs(c) == 1 else lay.product(abs(c), one)
            parts.append(lay.minus(part) if c < 0 else part)
        return lay.add(*parts, *([constant] if constant else []))
    return lay.affine({str(symbol): c for symbol, c in linear}, constant)


def _width(width: Width) -> Notation:
    return lay.scripted(width.args[0].name, sub=index_layout(width.index))


def letter_for(node: Node) -> Index:
    """A letter for the bound index of a range that is free nowhere in it."""
    taken = {str(symbol) for symbol in node.free}
    return Index(next(letter for letter in (*_LETTERS, *(f"r{n}" for n in range(1000))) if letter not in taken))


def number(value: Expr) -> Notation:
    """An exact real number."""
    if value.is_Rational:
        return lay.number(Fraction(int(value.p), int(value.q)))
    if isinstance(value, sympy.Pow) and value.exp == sympy.Rational(1, 2):
        return lay.root(number(value.base))
    coefficient, rest = value.as_coeff_Mul()
    if coefficient != 1:
        return lay.product(number(coefficient), number(rest))
    if value.is_Add:
        return lay.add(*(lay.minus(number(-part)) if part.could_extract_minus_sign() else number(part)
                         for part in value.as_ordered_terms()))
    if value.is_Mul:
        return lay.product(*map(number, value.as_ordered_factors()))
    if value.is_Pow:
        return lay.power(number(value.base), number(value.exp))
    if value.func in (sympy.exp, sympy.log, sympy.tanh, sympy.sin, sympy.cos, sympy.atan, sympy.erf):
        return lay.apply(value.func.__name__, number(value.args[0]))
    return lay.letter({sympy.pi: "pi", sympy.E: "e"}[value]) if value in (sympy.pi, sympy.E) else lay.words(str(value))


@register(Number)
def _(node: Number) -> Notation:
    return number(node.value)


@register(Count)
def _(node: Count) -> Notation:
    return index_layout(node.args[0])


@register(Sum)
def _(node: Sum) -> Notation:
    return lay.add(*map(notation, node.args))


@register(MatrixProduct)
def _(node: MatrixProduct) -> Notation:
    return lay.product(*map(notation, node.args))


@register(Scaled)
def _(node: Scaled) -> Notation:
    first, *rest = node.args
    if isinstance(first, Number) and first.value.is_negative:
        size = Number(-first.value)
        return lay.minus(lay.product(*([] if size is Number(1) else [notation(size)]), *map(notation, rest)))
    return lay.product(*map(notation, node.args))


@register(Transpose)
def _(node: Transpose) -> Notation:
    return lay.transpose(notation(node.args[0]))


@register(Hadamard)
def _(node: Hadamard) -> Notation:
    return lay.hadamard(*map(notation, node.args))


@register(Diagonal)
def _(node: Diagonal) -> Notation:
    inside = node.args[0]
    if isinstance(inside, Elementwise) and inside.function.name == "sigma" and inside.function.order:
        return lay.apply(_function(inside.function, "Sigma"), notation(inside.argument))
    return lay.apply("diag", notation(inside))


@register(Identity)
def _(node: Identity) -> Notation:
    return lay.scripted("I", sub=index_layout(node.rows))


@register(Zero)
def _(node: Zero) -> Notation:
    return lay.number(0)


@register(Ones)
def _(node: Ones) -> Notation:
    return lay.scripted(lay.number(1), sub=_shape(node))


def _shape(node: Any) -> Notation:
    if node.columns == 1:
        return index_layout(node.rows)
    return lay.product(index_layout(node.rows), index_layout(node.columns), operator="times")


def _plain(name: str) -> str:
    return name.rsplit(".", 1)[-1]


@register(Variable)
def _(node: Variable) -> Notation:
    return lay.letter(_plain(node.name))


@register(Named)
def _(node: Named) -> Notation:
    name = lay.letter(_plain(node.name))
    low_high = node.family.args[3:]
    if not node.indices or low_high[:1] == low_high[1:]:         # a range of one index: it need not be said
        return name
    indices = [index_layout(i) for i in node.indices]
    below = len(indices) > 1 or node.is_scalar_term or "." in node.name
    return lay.scripted(name, sub=lay.listing(*indices)) if below else lay.layered(name, indices[0])


def _function(function: ElementwiseFunction, name: str | None = None) -> Notation:
    letter = lay.letter(name or _plain(function.name), primes=function.order)
    return lay.scripted(letter, sub=index_layout(function.indices[0])) if function.indices else letter


@register(ElementwiseFunction)
def _(node: ElementwiseFunction) -> Notation:
    return _function(node)


#: how a function is written, where its name will not do: name -> letter or words
SPELLED: dict[str, str] = {}


@register(FunctionAt)
def _(node: FunctionAt) -> Notation:
    name = _function_name(node.name)
    shown = [i for i, size in zip(node.indices, node.function.sizes, strict=True) if not size]
    return lay.scripted(name, sub=lay.listing(*map(index_layout, shown))) if shown else name


def _function_name(name: str) -> Notation:
    return lay.letter(SPELLED.get(name, _plain(name)))


@register(Family)
def _(node: Family) -> Notation:
    return lay.letter(_plain(node.name))


@register(Function)
def _(node: Function) -> Notation:
    return _function_name(node.name)


#: functions of one argument that are written in a form of their own: name -> form
WRITTEN: dict[str, str] = {}
_FORMS: dict[str, Callable[[Notation], Notation]] = {
    "norm": lay.norm, "inverse": lambda of: lay.power(of, lay.number(-1)), "absolute": lay.absolute, "root": lay.root,
    "reciprocal": lambda of: lay.fraction(lay.number(1), of)}


@register(Apply)
def _(node: Apply) -> Notation:
    form = _FORMS.get(WRITTEN.get(node.function.name, ""))
    if form is not None and len(node.arguments) == 1:
        return form(notation(node.arguments[0]))
    return lay.apply(notation(node.function), *map(notation, node.arguments))


@register(Gradient)
def _(node: Gradient) -> Notation:
    cost = node.function.function.args[1].name
    if cost:
        return lay.partial(cost, notation(node.point))
    return lay.gradient(lay.apply(notation(node.function), notation(node.point)))


@register(Hessian)
def _(node: Hessian) -> Notation:
    return lay.second_derivative(lay.apply(notation(node.function), notation(node.point)))


@register(TaylorRadius)
def _(node: TaylorRadius) -> Notation:
    letter = lay.scripted(lay.letter("rho"), sub=lay.number(node.order))
    return lay.apply(letter, *map(notation, node.args[:3]))


@register(Elementwise)
def _(node: Elementwise) -> Notation:
    return lay.apply(_function(node.function), notation(node.argument))


@register(Norm)
def _(node: Norm) -> Notation:
    return lay.norm(notation(node.args[0]), kind_layout(node.kind))


def kind_layout(kind: Any) -> Notation:
    """What stands below a norm."""
    if isinstance(kind, Node):
        return notation(kind)
    return lay.letter("F" if kind is FROBENIUS else "infinity") if kind in (FROBENIUS, sympy.oo) else number(kind)


@register(Exponent)
def _(node: Exponent) -> Notation:
    return lay.letter(_plain(node.name))


@register(DualExponent)
def _(node: DualExponent) -> Notation:
    return lay.scripted(notation(node.args[0]), sup=lay.letter("star"))


@register(SMin)
def _(node: SMin) -> Notation:
    return lay.apply(lay.scripted("s", sub="min"), notation(node.args[0]))


@register(LeastEigenvalue)
def _(node: LeastEigenvalue) -> Notation:
    return lay.apply(lay.scripted("lambda", sub="min"), notation(node.args[0]))


@register(Absolute)
def _(node: Absolute) -> Notation:
    return lay.absolute(notation(node.args[0]))


@register(Inner)
def _(node: Inner) -> Notation:
    if isinstance(node.args[0], Identity) and not isinstance(node.args[1], Identity):
        return lay.apply("tr", notation(node.args[1]))          # ⟨I, A⟩ is the trace of A
    return lay.inner(notation(node.args[0]), notation(node.args[1]))


@register(Quotient)
def _(node: Quotient) -> Notation:
    return lay.fraction(notation(node.args[0]), notation(node.args[1]))


@register(Power)
def _(node: Power) -> Notation:
    return lay.power(notation(node.base), index_layout(node.exponent))


@register(Maximum)
def _(node: Maximum) -> Notation:
    return lay.apply("max", *map(notation, node.args))


@register(Minimum)
def _(node: Minimum) -> Notation:
    return lay.apply("min", *map(notation, node.args))


@register(OrderedProduct)
def _(node: OrderedProduct) -> Notation:
    letter = letter_for(node)
    start, stop = (node.low, node.high) if node.order == 1 else (node.high, node.low)
    return lay.big("product", notation(node.body_at(letter)), index=str(letter), lower=index_layout(start),
                   upper=index_layout(stop))


@register(FiniteSum)
def _(node: FiniteSum) -> Notation:
    letter = letter_for(node)
    return lay.big("sum", notation(node.body_at(letter)), index=str(letter), lower=index_layout(node.low),
                   upper=index_layout(node.high))
