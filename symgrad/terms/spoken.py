"""A notation in words, for a reader who listens: what an HTML page gives screen readers as the label of a
formula.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symgrad.terms.notation import (
    ATOM,
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
from symgrad.terms.symbols import SIGNS
from symgrad.terms.text import clean

__all__ = ["spoken"]

_ORDINALS = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 8: "eighth"}
_NORMS = {"infinity": "infinity", "F": "Frobenius"}
_BRACKETS = {
    "paren": "the quantity",
    "bracket": "in brackets",
    "brace": "the set",
    "norm": "the norm of",
    "abs": "the absolute value of",
    "angle": "the inner product of",
}


def spoken(of: Notation) -> str:
    """The formula in English words.

    >>> from symgrad.terms.layout import affine, layered, transpose
    >>> spoken(transpose(layered("w", affine({"l": 1}, 1))))
    'the transpose of w superscript l plus 1'
    """
    return _EMIT[type(of)](of)


def _letter(of: Letter) -> str:
    sign = SIGNS.get(of.name)
    name = sign.spoken if sign else clean(of.name)
    capital = "capital " if len(name) == 1 and name.isupper() else ""
    return capital + name + " prime" * of.primes


def _number(of: Number) -> str:
    if of.digits is not None:
        return of.digits
    up, down = of.value.numerator, of.value.denominator
    if down in _ORDINALS:
        plural = "halves" if down == 2 else _ORDINALS[down] + "s"
        return f"one {_ORDINALS[down]}" if up == 1 else f"{up} {plural}"
    return f"{up} over {down}"


def _words(of: Words) -> str:
    return clean(of.words)


def _script(of: Script) -> str:
    sup, base = of.sup, of.base
    if isinstance(sup, Letter) and sup.name == "T" and sup.style == "sans":
        inside = base.body if isinstance(base, Fenced) and base.kind == "paren" else base
        return f"the transpose of {spoken(inside if of.sub is None else Script(inside, of.sub))}"
    if isinstance(base, Fenced) and base.kind == "norm" and of.sub is not None:
        kind = of.sub.name if isinstance(of.sub, Letter) else spoken(of.sub)
        body = f"the {_NORMS.get(kind, kind)}-norm of {_closed(base.body)}"
    else:
        body = spoken(base) + ("" if of.sub is None else f" sub {spoken(of.sub)}")
    if sup is None:
        return body
    if isinstance(sup, Letter) and sup.name == "star":
        return f"{body} star"
    if isinstance(base, (Fenced, Apply, Number)):
        squared = isinstance(sup, Number) and sup.value == 2
        return f"{body} squared" if squared else f"{body} to the power {spoken(sup)}"
    return f"{body} superscript {spoken(sup)}"


def _closed(of: Notation) -> str:
    """A compound inside a named thing ends audibly."""
    return spoken(of) if of.level == ATOM else f"{spoken(of)}, end"


def _fenced(of: Fenced) -> str:
    if of.kind == "angle" and isinstance(of.body, Listing):
        return "the inner product of " + " and ".join(map(spoken, of.body.items))
    return f"{_BRACKETS[of.kind]} {_closed(of.body)}"


def _apply(of: Apply) -> str:
    return f"{spoken(of.function)} of {_closed(of.argument)}"


def _prefix(of: Prefix) -> str:
    return f"{SIGNS[of.sign].spoken} {spoken(of.body)}"


def _product(of: Product) -> str:
    sign = SIGNS[of.operator].spoken if of.operator else "times"
    written = spoken(of.factors[0])
    for before, factor in zip(of.factors, of.factors[1:], strict=False):
        word = not of.operator and gap(before, factor) == "word"
        written += " " if word else f" {sign} "
        written += spoken(factor)
    return written


def _sum(of: Sum) -> str:
    written = ""
    for at, (sign, term) in enumerate(of.terms):
        if at:
            written += f" {sign} "
        elif sign == "minus":
            written = "minus "
        written += spoken(term)
    return written


def _big(of: Big) -> str:
    written = f"the {SIGNS[of.operator].spoken}"
    if of.lower is not None:
        written += (" from " if of.upper is not None else " over ") + spoken(of.lower)
    if of.upper is not None:
        written += f" to {spoken(of.upper)}"
    return f"{written} of {spoken(of.body)}"


def _over(of: Over) -> str:
    return f"the fraction {spoken(of.numerator)} over {spoken(of.denominator)}"


def _root(of: Root) -> str:
    return f"the square root of {_closed(of.body)}"


def _relation(of: Relation) -> str:
    return spoken(of.sides[0]) + "".join(
        f" {SIGNS[sign].spoken} {spoken(side)}" for sign, side in zip(of.signs, of.sides[1:], strict=True)
    )


def _listing(of: Listing) -> str:
    return ", ".join(map(spoken, of.items))


def _matrix(of: Matrix) -> str:
    rows = "; ".join(", ".join(map(spoken, row)) for row in of.rows)
    return f"the {len(of.rows)} by {len(of.rows[0]) if of.rows else 0} matrix with rows {rows}"


def _cases(of: Cases) -> str:
    return "by cases: " + "; ".join(
        f"{spoken(value)} when {spoken(condition)}" for value, condition in of.cases
    )


def _delimiter(of: Delimiter) -> str:
    return ""


def _row(of: Row) -> str:
    return " ".join(filter(None, map(spoken, of.items)))


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
