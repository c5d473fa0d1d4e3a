"""A notation in Typst's math markup. Letters and signs are written as the Unicode characters Typst reads;
commas are escaped, because inside a call they would separate arguments.
"""

from __future__ import annotations

from collections.abc import Callable
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
    wide,
)
from symgrad.terms.symbols import GREEK, SIGNS
from symgrad.terms.text import clean

__all__ = ["escape", "piece", "quoted", "typst"]

_FENCES = {
    "paren": ("(", ")"),
    "bracket": ("[", "]"),
    "brace": ("{", "}"),
    "norm": ("‖", "‖"),
    "abs": ("|", "|"),
    "angle": ("⟨", "⟩"),
    "comma": ("", r"\,"),
}
_STYLES = {"upright": "upright", "bold": "bold", "blackboard": "bb", "script": "cal"}
_NAMED = {
    "lt": "lt",
    "gt": "gt",
    "minus": "-",
    "dot": "dot.op",
    "placeholder": "dot.op",
    "colon": ":",
    "product": "product",
    "sum": "sum",
    "assign": "colon.eq",
}
_SPECIAL = str.maketrans({c: "\\" + c for c in "\\`*_#$<>@[]{}~=-+/'\"&:()|.;"})


def typst(of: Notation) -> str:
    """The formula as Typst math, without the dollar signs.

    >>> from symgrad.terms.layout import affine, layered, transpose
    >>> typst(transpose(layered("w", affine({"l": 1}, 1))))
    '(w^(l + 1))^(upright(sans(T)))'
    """
    return _EMIT[type(of)](of)


def escape(text: str) -> str:
    """Text from outside as Typst markup: every character stands for itself."""
    return clean(text).translate(_SPECIAL)


def quoted(text: str) -> str:
    """Text from outside as a Typst string."""
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def piece(of: Piece) -> str:
    """One unbreakable piece of a longer formula with the signs before it."""
    signs = "".join(
        f"{_sign(sign)} " if sign in ("minus", "plus") and of.opens(i) else f'"" {_sign(sign)} '
        for i, sign in enumerate(of.signs)
    )
    return f"#box[$display({signs}{typst(of.body)})$]"


def _sign(name: str) -> str:
    return _NAMED.get(name, SIGNS[name].unicode)


def _letter(of: Letter) -> str:
    primes = "'" * of.primes
    if of.name in SIGNS:
        shown = _sign(of.name)
        if of.name in GREEK and of.style in _STYLES:
            return f"{_STYLES[of.style]}({shown}){primes}"
        return shown + primes
    if len(of.name) > 1:
        return f"op({quoted(of.name)}){primes}"
    if not (of.name.isascii() and of.name.isalpha()):
        return quoted(of.name) + primes
    if of.style == "sans":
        return f"upright(sans({of.name})){primes}"
    return (f"{_STYLES[of.style]}({of.name})" if of.style in _STYLES else of.name) + primes


def _number(of: Number) -> str:
    return of.digits if of.digits is not None else f"frac({of.value.numerator}, {of.value.denominator})"


def _words(of: Words) -> str:
    return quoted(of.words)


def _script(of: Script) -> str:
    written = typst(of.base)
    if of.sub is not None:
        written += f"_({_tight(of.sub)})"
    if of.sup is not None:
        written += f"^({_tight(of.sup)})"
    return written


def _tight(of: Notation) -> str:
    if isinstance(of, Number) and of.digits is None:
        return f'{of.value.numerator} class("normal", slash) {of.value.denominator}'
    return typst(of)


def _between(kind: str, body: str, tall: bool) -> str:
    left, right = _FENCES[kind]
    if kind in ("norm", "abs"):
        return (
            f"lr({left} {body} {right})"
            if tall
            else f'class("opening", {left}) {body} class("closing", {right})'
        )
    return f"{left}{body}{right}"


def _fenced(of: Fenced) -> str:
    return _between(of.kind, typst(of.body), of.tall)


def _apply(of: Apply) -> str:
    return f"{typst(of.function)} {_between(of.kind, typst(of.argument), of.tall)}"


def _prefix(of: Prefix) -> str:
    return f"{_sign(of.sign)} {typst(of.body)}"


_GAPS = {"dot": " dot.op ", "word": " space "}


def _product(of: Product) -> str:
    if of.operator:
        return f" {_sign(of.operator)} ".join(map(typst, of.factors))
    written = typst(of.factors[0])
    for before, factor in zip(of.factors, of.factors[1:], strict=False):
        written += _GAPS.get(gap(before, factor), " thin ") + typst(factor)
    return written


def _sum(of: Sum) -> str:
    written = ""
    for at, (sign, term) in enumerate(of.terms):
        if at:
            written += " + " if sign == "plus" else " - "
        elif sign == "minus":
            written = "-"
        written += typst(term)
    return written


def _big(of: Big) -> str:
    written = _NAMED.get(of.operator, of.operator)
    if of.lower is not None:
        written += f"_({_tight(of.lower)})"
    if of.upper is not None:
        written += f"^({_tight(of.upper)})"
    return f"{written} {'thin ' if wide(of.body) or isinstance(of.body, Fenced) else ''}{typst(of.body)}"


def _over(of: Over) -> str:
    return f"frac({typst(of.numerator)}, {typst(of.denominator)})"


def _root(of: Root) -> str:
    return f"sqrt({typst(of.body)})"


def _relation(of: Relation) -> str:
    written = typst(of.sides[0])
    for sign, side in zip(of.signs, of.sides[1:], strict=True):
        written += f" {_sign(sign)} {typst(side)}"
    return written


def _listing(of: Listing) -> str:
    return r"\, ".join(map(typst, of.items))


def _matrix(of: Matrix) -> str:
    rows = "; ".join(", ".join(map(typst, row)) for row in of.rows)
    return f"mat({rows})"


def _cases(of: Cases) -> str:
    rows = ", ".join(f"{typst(value)} &quad {typst(condition)}" for value, condition in of.cases)
    return f"cases({rows})"


def _delimiter(of: Delimiter) -> str:
    side = (
        "\\" + _FENCES[of.kind][of.closing]
        if of.kind in ("paren", "bracket", "brace")
        else _FENCES[of.kind][of.closing]
    )
    return side if of.kind == "comma" else f'class("{"closing" if of.closing else "opening"}", {side})'


def _row(of: Row) -> str:
    return " ".join(map(typst, of.items))


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
