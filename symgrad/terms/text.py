"""A notation as one line of Unicode text: δ^l = Σ'(z^l) (w^{l+1})ᵀ δ^{l+1}. Control characters never get
through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symgrad.terms.breaking import Piece
from symgrad.terms.notation import (
    PRODUCT,
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
from symgrad.terms.symbols import SIGNS, math_alphabet

__all__ = ["clean", "piece", "text"]

_FENCES = {
    "paren": ("(", ")"),
    "bracket": ("[", "]"),
    "brace": ("{", "}"),
    "norm": ("‖", "‖"),
    "abs": ("|", "|"),
    "angle": ("⟨", "⟩"),
    "comma": ("", ","),
}
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_VULGAR = {(1, 2): "½", (1, 4): "¼", (3, 4): "¾", (1, 3): "⅓", (2, 3): "⅔", (1, 8): "⅛"}


def text(of: Notation) -> str:
    """The formula as one line of Unicode text.

    >>> from symgrad.terms.layout import affine, layered, transpose
    >>> text(transpose(layered("w", affine({"l": 1}, 1))))
    '(w^{l+1})ᵀ'
    """
    return _EMIT[type(of)](of)


def piece(of: Piece) -> str:
    """One unbreakable piece of a longer formula with the signs before it."""
    signs = "".join(SIGNS[sign].unicode + ("" if of.opens(i) else " ") for i, sign in enumerate(of.signs))
    return signs + (_factor(of.body) if of.factor else text(of.body))


def clean(words: str) -> str:
    """Text from outside on one line, control and direction characters shown by their code."""
    spaced = " ".join(words.split())
    if spaced.isprintable():
        return spaced
    return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in spaced)


def _letter(of: Letter) -> str:
    sign = SIGNS.get(of.name)
    shown = sign.unicode if sign else clean(of.name)
    styled = math_alphabet(shown, of.style) if of.style in ("bold", "blackboard", "script") else shown
    return styled + "'" * of.primes


def _number(of: Number) -> str:
    if of.digits is not None:
        return of.digits
    pair = of.value.numerator, of.value.denominator
    return _VULGAR.get(pair) or f"{pair[0]}/{pair[1]}"


def _words(of: Words) -> str:
    return clean(of.words)


def _script(of: Script) -> str:
    written = text(of.base)
    if of.sub is not None:
        written += _raised("_", _tight(of.sub))
    if isinstance(of.sup, Letter) and of.sup.name == "T" and of.sup.style == "sans":
        return written + "ᵀ"
    if isinstance(of.sup, Letter) and of.sup.name == "star":
        return written + "*"
    if of.sup is not None:
        written += _raised("^", _tight(of.sup))
    return written


def _raised(mark: str, script: str) -> str:
    if mark == "^" and script in ("-1", "−1"):
        return "⁻¹"
    if script.isdecimal() and script.isascii():
        return script.translate(_SUPERSCRIPT if mark == "^" else _SUBSCRIPT)
    return mark + script if len(script) == 1 else f"{mark}{{{script}}}"


def _tight(of: Notation) -> str:
    """Inside a script there are no spaces around operators."""
    if isinstance(of, Sum):
        terms = (("+" if sign == "plus" else "-") + _tight(term) for sign, term in of.terms)
        return "".join(terms).removeprefix("+")
    if isinstance(of, Relation):
        return _tight(of.sides[0]) + "".join(
            SIGNS[sign].unicode + _tight(side) for sign, side in zip(of.signs, of.sides[1:], strict=True)
        )
    return text(of)


def _fenced(of: Fenced) -> str:
    left, right = _FENCES[of.kind]
    return left + text(of.body) + right


def _apply(of: Apply) -> str:
    left, right = _FENCES[of.kind]
    return text(of.function) + left + text(of.argument) + right


def _prefix(of: Prefix) -> str:
    return SIGNS[of.sign].unicode + text(of.body)


def _factor(of: Notation) -> str:
    """A fraction that lies flat needs brackets among factors."""
    return f"({text(of)})" if isinstance(of, (Over, Cases)) else text(of)


def _product(of: Product) -> str:
    if of.operator:
        return f" {SIGNS[of.operator].unicode} ".join(map(_factor, of.factors))
    written = _factor(of.factors[0])
    for before, factor in zip(of.factors, of.factors[1:], strict=False):
        written += (" · " if gap(before, factor) == "dot" else " ") + _factor(factor)
    return written


def _sum(of: Sum) -> str:
    written = ""
    for at, (sign, term) in enumerate(of.terms):
        if at:
            written += " + " if sign == "plus" else " − "
        elif sign == "minus":
            written = "−"
        written += text(term)
    return written


def _big(of: Big) -> str:
    written = SIGNS[of.operator].unicode
    if of.lower is not None:
        written += f"_{{{_tight(of.lower)}}}"
    if of.upper is not None:
        written += f"^{{{_tight(of.upper)}}}"
    return f"{written} {_factor(of.body)}"


def _over(of: Over) -> str:
    return f"{_flat(of.numerator, PRODUCT)}/{_flat(of.denominator, PRODUCT + 1)}"


def _flat(of: Notation, level: int) -> str:
    return f"({text(of)})" if of.level < level or isinstance(of, Over) else text(of)


def _root(of: Root) -> str:
    body = text(of.body)
    return f"√{body}" if isinstance(of.body, (Letter, Fenced)) or body.isdecimal() else f"√({body})"


def _relation(of: Relation) -> str:
    return text(of.sides[0]) + "".join(
        f" {SIGNS[sign].unicode} {text(side)}" for sign, side in zip(of.signs, of.sides[1:], strict=True)
    )


def _listing(of: Listing) -> str:
    return ", ".join(map(text, of.items))


def _matrix(of: Matrix) -> str:
    if all(len(row) == 1 for row in of.rows):
        return "(" + ", ".join(text(row[0]) for row in of.rows) + ")"
    return "[" + ", ".join("[" + ", ".join(map(text, row)) + "]" for row in of.rows) + "]"


def _cases(of: Cases) -> str:
    return "{" + "; ".join(f"{text(value)} {_condition(condition)}" for value, condition in of.cases) + "}"


def _condition(of: Notation) -> str:
    return text(of) if isinstance(of, Words) else f"if {text(of)}"


def _delimiter(of: Delimiter) -> str:
    return _FENCES[of.kind][of.closing]


def _row(of: Row) -> str:
    return "".join(map(text, of.items))


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
