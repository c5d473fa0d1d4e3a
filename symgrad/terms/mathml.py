"""The presentation MathML of a notation, for browsers that set MathML Core (no script, no attribute beyond
it).
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from symgrad.terms.breaking import Piece
from symgrad.terms.notation import (
    Apply,
    Big,
    Cases,
    Delimiter,
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
    Row,
    Script,
    Sum,
    Words,
    gap,
)
from symgrad.terms.symbols import GREEK, SIGNS, math_alphabet
from symgrad.terms.text import clean

__all__ = ["math", "mathml", "piece", "relation_sign"]

_FENCES = {
    "paren": ("(", ")"),
    "bracket": ("[", "]"),
    "brace": ("{", "}"),
    "norm": ("‖", "‖"),
    "abs": ("|", "|"),
    "angle": ("⟨", "⟩"),
    "comma": ("", ","),
}
_THIN = '<mspace width="0.167em"/>'
_GAPS = {"dot": "<mo>·</mo>", "word": '<mspace width="0.3em"/>'}
_PRIME = '<mo lspace="0" rspace="0">{}</mo>'
_CLOSE = '<mo lspace="0" rspace="0">{}</mo>'
_LARGE = frozenset(("product", "sum"))


def mathml(of: Notation) -> str:
    """The formula as MathML, without the `<math>` around it.

    >>> from symgrad.terms.layout import layered
    >>> mathml(layered("delta", "l"))
    '<msup><mi>δ</mi><mi>l</mi></msup>'
    """
    return _EMIT[type(of)](of)


def math(of: Notation, display: bool = True) -> str:
    """The whole `<math>` element; `display` sets bounds above and below their big sign."""
    style = ' displaystyle="true"' if display else ""
    return f"<math{style}>{mathml(of)}</math>"


def piece(of: Piece, display: bool = True) -> str:
    """One unbreakable piece of a longer formula with the signs before it, as a `<math>` of its own."""
    signs = "".join(
        f'<mo form="prefix" rspace="0">{SIGNS[sign].unicode}</mo>' if of.opens(i) else relation_sign(sign)
        for i, sign in enumerate(of.signs)
    )
    style = ' displaystyle="true"' if display else ""
    return f"<math{style}>{signs}{mathml(of.body)}</math>"


def relation_sign(name: str) -> str:
    """A relation or operator with the space it has between two sides."""
    return f'<mo form="infix">{escape(SIGNS[name].unicode)}</mo>'


def _letter(of: Letter) -> str:
    sign = SIGNS.get(of.name)
    shown = sign.unicode if sign else clean(of.name)
    if of.style in ("bold", "sans", "blackboard", "script"):
        shown = math_alphabet(shown, of.style)
    upright = (
        of.style != "italic"
        or (of.name in GREEK and of.name[0].isupper())
        or (sign is not None and of.name not in GREEK)
    )
    variant = ' mathvariant="normal"' if upright and len(shown) == 1 else ""
    primes = _PRIME.format("′″‴"[min(of.primes, 3) - 1]) if of.primes else ""
    written = f"<mi{variant}>{escape(shown)}</mi>"
    return f"<mrow>{written}{primes}</mrow>" if primes else written


def _number(of: Number) -> str:
    if of.digits is not None:
        return f"<mn>{of.digits}</mn>"
    return f"<mfrac><mn>{of.value.numerator}</mn><mn>{of.value.denominator}</mn></mfrac>"


def _words(of: Words) -> str:
    return f"<mtext>{escape(clean(of.words))}</mtext>"


def _script(of: Script) -> str:
    base = mathml(of.base)
    if of.sup is None:
        return base if of.sub is None else f"<msub>{base}{_tight(of.sub)}</msub>"
    if of.sub is None:
        return f"<msup>{base}{_tight(of.sup)}</msup>"
    return f"<msubsup>{base}{_tight(of.sub)}{_tight(of.sup)}</msubsup>"


def _tight(of: Notation) -> str:
    """Inside a script fractions lie flat and operators stand close."""
    if isinstance(of, Sum):
        parts = [_CLOSE.format("+" if sign == "plus" else "−") + _tight(term) for sign, term in of.terms]
        parts[0] = parts[0].removeprefix(_CLOSE.format("+"))
        return f"<mrow>{''.join(parts)}</mrow>"
    if isinstance(of, Relation):
        sides = [
            _CLOSE.format(escape(SIGNS[sign].unicode)) + _tight(side)
            for sign, side in zip(of.signs, of.sides[1:], strict=True)
        ]
        return f"<mrow>{_tight(of.sides[0])}{''.join(sides)}</mrow>"
    if isinstance(of, Number) and of.digits is None:
        return f"<mrow><mn>{of.value.numerator}</mn><mo>/</mo><mn>{of.value.denominator}</mn></mrow>"
    return mathml(of)


def _open(kind: str, tall: bool) -> tuple[str, str]:
    stretchy = "true" if tall else "false"
    left, right = _FENCES[kind]
    return (
        f'<mo form="prefix" stretchy="{stretchy}">{left}</mo>',
        f'<mo form="postfix" stretchy="{stretchy}">{right}</mo>',
    )


def _fenced(of: Fenced) -> str:
    left, right = _open(of.kind, of.tall)
    return f"<mrow>{left}{mathml(of.body)}{right}</mrow>"


def _apply(of: Apply) -> str:
    left, right = _open(of.kind, of.tall)
    return f"<mrow>{mathml(of.function)}<mrow>{left}{mathml(of.argument)}{right}</mrow></mrow>"


def _prefix(of: Prefix) -> str:
    return f'<mrow><mi mathvariant="normal">{SIGNS[of.sign].unicode}</mi>{mathml(of.body)}</mrow>'


def _product(of: Product) -> str:
    if of.operator:
        between = f"<mo>{SIGNS[of.operator].unicode}</mo>"
        return f"<mrow>{between.join(map(mathml, of.factors))}</mrow>"
    written = mathml(of.factors[0])
    for before, factor in zip(of.factors, of.factors[1:], strict=False):
        written += _GAPS.get(gap(before, factor), _THIN) + mathml(factor)
    return f"<mrow>{written}</mrow>"


def _sum(of: Sum) -> str:
    written = ""
    for at, (sign, term) in enumerate(of.terms):
        if at:
            written += f"<mo>{SIGNS[sign].unicode}</mo>"
        elif sign == "minus":
            written = '<mo form="prefix">−</mo>'
        written += mathml(term)
    return f"<mrow>{written}</mrow>"


def _big(of: Big) -> str:
    large = ' largeop="true"' if of.operator in _LARGE else ""
    sign = f'<mo movablelimits="true"{large} rspace="0.167em" lspace="0">{SIGNS[of.operator].unicode}</mo>'
    below = "" if of.lower is None else _tight(of.lower)
    above = "" if of.upper is None else _tight(of.upper)
    if below and above:
        sign = f"<munderover>{sign}{below}{above}</munderover>"
    elif below:
        sign = f"<munder>{sign}{below}</munder>"
    elif above:
        sign = f"<mover>{sign}{above}</mover>"
    return f"<mrow>{sign}{mathml(of.body)}</mrow>"


def _over(of: Over) -> str:
    return f"<mfrac>{mathml(of.numerator)}{mathml(of.denominator)}</mfrac>"


def _root(of: Root) -> str:
    return f"<msqrt>{mathml(of.body)}</msqrt>"


def _relation(of: Relation) -> str:
    written = mathml(of.sides[0])
    for sign, side in zip(of.signs, of.sides[1:], strict=True):
        written += f"<mo>{escape(SIGNS[sign].unicode)}</mo>{mathml(side)}"
    return f"<mrow>{written}</mrow>"


def _listing(of: Listing) -> str:
    return f"<mrow>{'<mo>,</mo>'.join(map(mathml, of.items))}</mrow>"


def _rows(rows: tuple[tuple[Notation, ...], ...], align: str = "") -> str:
    cell = f"<mtd{align}>"
    return "".join(
        "<mtr>" + "".join(f"{cell}{mathml(entry)}</mtd>" for entry in row) + "</mtr>" for row in rows
    )


def _matrix(of: Matrix) -> str:
    left, right = _open("paren", True)
    return f"<mrow>{left}<mtable>{_rows(of.rows)}</mtable>{right}</mrow>"


def _cases(of: Cases) -> str:
    left, _ = _open("brace", True)
    align = ' style="text-align:left"'
    return f"<mrow>{left}<mtable>{_rows(of.cases, align)}</mtable></mrow>"


def _delimiter(of: Delimiter) -> str:
    form = "postfix" if of.closing else "prefix"
    return f'<mo form="{form}" stretchy="false">{_FENCES[of.kind][of.closing]}</mo>'


def _row(of: Row) -> str:
    return f"<mrow>{''.join(map(mathml, of.items))}</mrow>"


_EMIT: dict[type[Notation], Callable[[Any], str]] = {
    Letter: _letter,
    Number: _number,
    Words: _words,
    Script: _script,
    Fenced: _fenced,
    Apply: _apply,
    Prefix: _prefix,
    Product: _product,
    Sum: _sum,
    Big: _big,
    Over: _over,
    Root: _root,
    Relation: _relation,
    Listing: _listing,
    Matrix: _matrix,
    Cases: _cases,
    Delimiter: _delimiter,
    Row: _row,
}
