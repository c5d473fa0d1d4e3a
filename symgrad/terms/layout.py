"""Constructors of notation: each knows how tightly its parts must bind and brackets the ones that do not.

Wherever a notation is expected, a string stands for a letter ("w", "delta", "tanh") and an integer or a
fraction for a number.

>>> from symgrad.terms.latex import latex
>>> later_w = layered("w", affine({"l": 1}, 1))
>>> latex(product(apply(letter("Sigma", primes=1), layered("z", "l")), transpose(later_w)))
"\\\\Sigma'(z^{l}) \\\\left(w^{l+1}\\\\right)^{\\\\mathsf T}"
>>> print(product(add("a", "b"), "c"))
(a + b) c
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from symgrad.terms.notation import (
    APPLY,
    ATOM,
    PRODUCT,
    RELATION,
    SUM,
    Apply,
    Big,
    Cases,
    Fenced,
    Letter,
    Listing,
    Matrix,
    Notation,
    Number,
    Over,
    Prefix,
    Product,
    Relation,
    Root,
    Script,
    Sum,
    Words,
)
from symgrad.terms.symbols import canonical

__all__ = [
    "Writable",
    "absolute",
    "add",
    "affine",
    "apply",
    "big",
    "cases",
    "column",
    "fenced",
    "fraction",
    "gradient",
    "hadamard",
    "inner",
    "layered",
    "letter",
    "listing",
    "matrix",
    "minus",
    "norm",
    "number",
    "partial",
    "power",
    "product",
    "relation",
    "root",
    "scripted",
    "subtract",
    "transpose",
    "words",
]

Writable: TypeAlias = Notation | str | int | Fraction

_TRANSPOSE = Letter("T", "sans")
_LONGEST_INTEGER = 24  # digits; longer ones are written with a power of ten


def letter(name: str, style: str = "italic", primes: int = 0) -> Letter:
    """A letter by its name, Greek character or LaTeX command: `letter("delta")`, `letter("σ", primes=1)`."""
    return Letter(canonical(name), style, primes)


def words(text: str) -> Words:
    """Plain words inside a formula."""
    return Words(text)


def number(value: int | Fraction | Decimal | float | str) -> Notation:
    """An exact number, or a decimal as its digits say it: `number("9.1e-4")` is 9.1 · 10^{-4}.

    A float is written with the fewest digits that give it back.  Raises ValueError for NaN and infinity.
    """
    if isinstance(value, (int, Fraction)):
        exact = Fraction(value)
        return _negative(number(-exact)) if exact < 0 else _exact(exact)
    decimal = Decimal(repr(value) if isinstance(value, float) else value)
    if not decimal.is_finite():
        raise ValueError(f"a finite number is needed, not {value}")
    if decimal < 0:
        return _negative(number(-decimal))
    spelled = str(decimal).lower()
    digits, _, exponent = spelled.partition("e")
    mantissa = Number(Fraction(digits), digits)
    return _times_power_of_ten(mantissa, int(exponent)) if exponent else mantissa


def _exact(value: Fraction) -> Notation:
    if value.denominator != 1:
        if max(value.numerator, value.denominator).bit_length() < 3.3 * _LONGEST_INTEGER:
            return Number(value)
        return fraction(_exact(Fraction(value.numerator)), _exact(Fraction(value.denominator)))
    integer = value.numerator
    if integer.bit_length() < 3.3 * _LONGEST_INTEGER:
        return Number(value, str(integer))
    exponent, step = 0, 1 << (integer.bit_length() // 3).bit_length()
    while step:  # strip the zeros, the largest powers of ten first
        quotient, rest = divmod(integer, 10**step)
        if rest:
            step //= 2
        else:
            integer, exponent = quotient, exponent + step
    if integer.bit_length() > 13000:  # Python refuses to spell more than 4300 digits
        return Words(f"(an integer of {integer.bit_length()} bits)")
    mantissa = Number(Fraction(integer), str(integer))
    return _times_power_of_ten(mantissa, exponent) if exponent else mantissa


def _times_power_of_ten(mantissa: Number, exponent: int) -> Notation:
    scale = Script(Number(Fraction(10), "10"), sup=number(exponent))
    return scale if mantissa.value == 1 else Product((mantissa, scale), "dot")


def affine(coefficients: Mapping[str, int], constant: int = 0) -> Notation:
    """An index such as L−l+1: `affine({"L": 1, "l": -1}, 1)`; positive parts are written first."""
    parts = sorted(coefficients.items(), key=lambda item: item[1] < 0)
    terms = [_scaled(factor, letter(name)) for name, factor in parts if factor]
    if constant or not terms:
        constant_term = number(constant)
        terms = [constant_term, *terms] if terms and parts[0][1] < 0 < constant else [*terms, constant_term]
    return add(*terms)


def _scaled(factor: int, of: Notation) -> Notation:
    size = of if abs(factor) == 1 else Product((number(abs(factor)), of))
    return _negative(size) if factor < 0 else size


def layered(name: Writable, layer: Writable) -> Script:
    """A symbol of a layer, the layer above: `layered("delta", "l")` is δ^l."""
    return scripted(name, sup=layer)


def scripted(base: Writable, sub: Writable | None = None, sup: Writable | None = None) -> Script:
    """A base with scripts; it is bracketed where a script would be ambiguous."""
    body = _write(base)
    below = None if sub is None else _write(sub)
    above = None if sup is None else _write(sup)
    if (
        isinstance(body, Script)
        and (above is None or body.sup is None)
        and (below is None or body.sub is None)
    ):
        return Script(body.base, below or body.sub, above or body.sup)
    return Script(_base(body), below, above)


def power(base: Writable, exponent: Writable) -> Notation:
    """base^exponent; an exponent of 1 is left out."""
    above = _write(exponent)
    if isinstance(above, Number) and above.value == 1:
        return _write(base)
    return scripted(base, sup=above)


def transpose(of: Writable) -> Script:
    """Aᵀ, and (w^{l+1})ᵀ where the superscript is already taken."""
    return scripted(of, sup=_TRANSPOSE)


def _base(body: Notation) -> Notation:
    """A base on which a script is unmistakable."""
    whole = isinstance(body, Number) and body.digits is not None
    if whole or (isinstance(body, (Letter, Words, Fenced, Matrix)) and body.level == ATOM):
        return body
    return body if isinstance(body, Apply) else Fenced("paren", body)


def _bracketed(body: Notation, level: int) -> Notation:
    return body if body.level >= level else Fenced("paren", body)


def _negative(of: Notation) -> Sum:
    return Sum((("minus", _bracketed(of, PRODUCT)),))


def minus(of: Writable) -> Sum:
    """−x, with x bracketed when it is a sum."""
    return _negative(_write(of))


def add(*terms: Writable) -> Notation:
    """The sum of the terms; a term made by `minus` is subtracted."""
    signed: list[tuple[str, Notation]] = []
    for term in map(_write, terms):
        if isinstance(term, Sum):
            signed.extend(term.terms)
        else:
            signed.append(("plus", _bracketed(term, PRODUCT)))
    if not signed:
        return Number(Fraction(0), "0")
    return signed[0][1] if len(signed) == 1 and signed[0][0] == "plus" else Sum(tuple(signed))


def subtract(left: Writable, right: Writable) -> Notation:
    """left − right, with right bracketed when it is a sum."""
    return add(left, minus(right))


def product(*factors: Writable, operator: str = "") -> Notation:
    """The product of the factors, side by side or with an operator ("dot", "times", "odot", "circ").

    Side by side, numbers come first and a leading minus stands before the whole product.  Sums are
    bracketed; a big operator with further factors behind it brackets its body: its scope is plain.
    """
    parts: list[Notation] = []
    negative = False
    for part in map(_write, factors):
        if isinstance(part, Product) and part.operator == operator:
            parts.extend(part.factors)
        elif (
            not operator
            and not negative
            and isinstance(part, Sum)
            and len(part.terms) == 1
            and _numeric(part.terms[0][1])
        ):
            negative = True
            parts.append(part.terms[0][1])
        else:
            parts.append(part)
    if not operator:
        parts.sort(key=lambda part: not _numeric(part))  # a stable sort: the other factors keep their order
    if len(parts) == 1:
        return _negative(parts[0]) if negative else parts[0]
    last = len(parts) - 1
    whole = Product(tuple(_factor(part, at < last, operator) for at, part in enumerate(parts)), operator)
    return _negative(whole) if negative else whole


def hadamard(*factors: Writable) -> Notation:
    """The elementwise product a ⊙ b."""
    return product(*factors, operator="odot")


def _numeric(part: Notation) -> bool:
    return isinstance(part, Number) or (
        isinstance(part, Product) and isinstance(part.factors[0], Number) and part.operator == "dot"
    )


def _factor(part: Notation, followed: bool, operator: str) -> Notation:
    if isinstance(part, Big):
        if not followed:
            return part
        if isinstance(part.body, Product):
            return Big(part.operator, Fenced("paren", part.body), part.lower, part.upper)
        scoped = isinstance(part.body, Fenced) and part.body.kind == "paren"
        return part if scoped else Fenced("paren", part)
    if isinstance(part, Product) and not (_numeric(part) and not operator):
        return Fenced("paren", part)
    return _bracketed(part, PRODUCT)


def big(
    operator: str,
    body: Writable,
    lower: Writable | None = None,
    upper: Writable | None = None,
    index: Writable | None = None,
) -> Big:
    """A big operator ("product", "sum", "max", "min", "sup", "inf", "lim") over its body.

    `big("product", f, index="r", lower=affine({"l": 1}, 1), upper="L")`; without an index, `lower` is set
    below as it stands: `big("max", f, lower="j")`.
    """
    below = None if lower is None else _write(lower)
    if index is not None and below is not None:
        below = Relation((_write(index), below), ("eq",))
    return Big(operator, _bracketed(_write(body), PRODUCT), below, None if upper is None else _write(upper))


def phrase(*parts: Writable) -> Notation:
    """Formulas and words side by side, as in a sentence: nothing is bracketed."""
    return Product(tuple(map(_write, parts)))


def fraction(numerator: Writable, denominator: Writable) -> Over:
    """A fraction with a bar."""
    return Over(_write(numerator), _write(denominator))


def root(of: Writable) -> Root:
    """A square root."""
    return Root(_write(of))


def apply(function: Writable, *arguments: Writable, kind: str = "paren") -> Apply:
    """A function at its arguments: `apply(scripted("C", sub="l"), "v")` is C_l(v)."""
    head = _write(function)
    head = head if isinstance(head, (Letter, Script, Fenced)) else Fenced("paren", head)
    return Apply(head, listing(*arguments), kind)


def gradient(of: Writable) -> Prefix:
    """∇f(x)."""
    return Prefix("nabla", _bracketed(_write(of), APPLY))


def second_derivative(of: Writable) -> Prefix:
    """D²f(x)."""
    return Prefix("second", _bracketed(_write(of), APPLY))


def partial(of: Writable, by: Writable) -> Over:
    """∂C/∂b, as a fraction."""
    return Over(
        Prefix("partial", _bracketed(_write(of), APPLY)), Prefix("partial", _bracketed(_write(by), APPLY))
    )


def fenced(kind: str, body: Writable) -> Fenced:
    """Something between delimiters: "paren", "bracket", "brace", "angle"."""
    return Fenced(kind, _write(body))


def norm(of: Writable, kind: Writable | None = None) -> Notation:
    """‖x‖ with its kind below: 1, 2, "infinity", "F"."""
    bars = Fenced("norm", _write(of))
    return bars if kind is None else Script(bars, sub=_write(kind))


def absolute(of: Writable) -> Fenced:
    """|x|."""
    return Fenced("abs", _write(of))


def inner(left: Writable, right: Writable) -> Fenced:
    """⟨x, y⟩."""
    return Fenced("angle", listing(left, right))


def relation(*alternating: Writable) -> Relation:
    """Sides and signs in turn: `relation(1, "le", "l", "lt", "L")` is 1 ≤ l < L."""
    sides = tuple(_bracketed(_write(side), SUM if i else RELATION) for i, side in enumerate(alternating[::2]))
    signs = alternating[1::2]
    if len(sides) != len(signs) + 1 or not all(isinstance(sign, str) for sign in signs):
        raise ValueError("a relation is written side, sign, side, ...")
    return Relation(sides, tuple(canonical(str(sign)) for sign in signs))


def listing(*items: Writable) -> Notation:
    """Items separated by commas; a single one stays as it is."""
    written = [_bracketed(_write(item), RELATION) for item in items]
    return written[0] if len(written) == 1 else Listing(tuple(written))


def matrix(rows: Iterable[Iterable[Writable]]) -> Matrix:
    """A matrix by its rows."""
    return Matrix(tuple(tuple(_write(entry) for entry in row) for row in rows))


def column(*entries: Writable) -> Matrix:
    """A column vector by its entries."""
    return matrix([entry] for entry in entries)


def cases(*pairs: tuple[Writable, Writable]) -> Cases:
    """A value by cases: `cases((z, relation(z, "gt", 0)), (0, words("otherwise")))`."""
    return Cases(tuple((_write(value), _write(condition)) for value, condition in pairs))


def _write(item: Writable) -> Notation:
    if isinstance(item, Notation):
        return item
    return letter(item) if isinstance(item, str) else number(item)
