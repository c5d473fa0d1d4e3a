"""Where a long formula may break: before a relation, a plus or minus, and between factors; never inside a
factor.

`pieces` cuts a formula into the parts a line may end after. A part that is wider than the page by itself (a
norm of a long product) is opened: its brackets become loose delimiters and its inside is cut in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

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
from symgrad.terms.symbols import SIGNS

__all__ = ["Piece", "ems", "pieces"]


_LONGEST = 16  # characters of a word in a formula that no line is too short for


@dataclass(frozen=True, slots=True)
class Piece:
    """An unbreakable part of a formula and the signs before it.

    `unary` when the last sign has nothing on its left; `thin` when the part wants a little space before it,
    `word` a word's; `factor` when other factors stand beside it.
    """

    signs: tuple[str, ...]
    body: Notation
    unary: bool = False
    thin: bool = False
    factor: bool = False
    word: bool = False

    def opens(self, index: int) -> bool:
        """Is the sign at this place a sign of the body rather than one between two parts?"""
        return self.unary and index == len(self.signs) - 1


def pieces(of: Notation, wide: Callable[[Notation], bool] = lambda _: False) -> list[Piece]:
    """The parts of a formula between which a line may break; a part for which `wide` holds is opened further.

    >>> from symgrad.terms.layout import add, product, relation
    >>> formula = relation("c", "eq", add(product("A", "x"), "b"))
    >>> [" ".join((*part.signs, str(part.body))) for part in pieces(formula)]
    ['c', 'eq A', 'x', 'plus b']
    """
    parts: list[Piece] = []
    for part in _cut(of):
        inside = _open(part.body) if wide(part.body) else None
        if isinstance(part.body, Words) and wide(part.body) and part.body.words.strip():
            parts.extend(_worded(part))
        elif inside is None:
            parts.append(part)
        else:
            before, body, after = inside
            opened = pieces(body, wide)
            first, rest = opened[0], opened[1:]
            if first.signs:  # a leading minus goes inside the bracket
                first = Piece((), Sum((("minus", first.body),)))
            if ems(Row(before)) > _LONGEST / 3:
                opened = [replace(part, body=Row(before)), replace(first, signs=()), *rest]
            else:
                opened = [replace(part, body=Row((*before, first.body))), *rest]
            opened[-1] = replace(opened[-1], body=Row((opened[-1].body, *after)))
            parts.extend(opened)
    return parts


def _cut(of: Notation) -> Iterator[Piece]:
    match of:
        case Relation():
            yield from _cut(of.sides[0])
            for sign, side in zip(of.signs, of.sides[1:], strict=True):
                yield from _led((sign,), side)
        case Sum():
            for at, (sign, term) in enumerate(of.terms):
                if at == 0 and sign == "plus":
                    yield from _cut(term)
                elif at == 0:
                    first, *rest = _cut(term)
                    yield Piece((sign, *first.signs), first.body, unary=True)
                    yield from rest
                else:
                    yield from _led((sign,), term)
        case Product():
            before = None
            for factor in of.factors:
                if of.operator:
                    for part in _led((of.operator,) if before else (), factor):
                        yield replace(part, factor=True)
                else:
                    yield from _beside(before, factor)
                before = factor
        case Big(body=Product(operator="", factors=(head, *others))):
            yield Piece((), Big(of.operator, head, of.lower, of.upper))
            for before, factor in zip((head, *others), others, strict=False):
                yield from _beside(before, factor)
        case Listing():
            for item in of.items[:-1]:
                *most, last = _cut(item)
                yield from most
                yield replace(last, body=Row((last.body, Delimiter("comma", True))))
            yield from _cut(of.items[-1])
        case _:
            yield Piece((), of)


def _beside(before: Notation | None, factor: Notation) -> Iterator[Piece]:
    between = "" if before is None else gap(before, factor)
    for at, part in enumerate(_cut(factor) if isinstance(factor, (Product, Big)) else [Piece((), factor)]):
        signs = ("dot", *part.signs) if at == 0 and between == "dot" else part.signs
        yield replace(part, signs=signs, thin=part.thin or (at == 0 and between == "thin"),
                      word=part.word or (at == 0 and between == "word"), factor=True)


def _led(signs: tuple[str, ...], of: Notation) -> Iterator[Piece]:
    first, *rest = _cut(of)
    yield replace(first, signs=(*signs, *first.signs))
    yield from rest


def _worded(part: Piece) -> Iterator[Piece]:
    """Words too wide for a line, one by one; a very long one in bits."""
    assert isinstance(part.body, Words)
    for at, word in enumerate(part.body.words.split()):
        for start in range(0, len(word), _LONGEST):
            bit = Words(word[start : start + _LONGEST])
            yield replace(part, body=bit) if at == start == 0 else Piece((), bit, thin=start == 0)


def _open(of: Notation) -> tuple[tuple[Notation, ...], Notation, tuple[Notation, ...]] | None:
    """What stands before the inside of a bracketed part, the inside, what stands after; None if solid."""
    match of:
        case Fenced():
            return (Delimiter(of.kind, False),), of.body, (Delimiter(of.kind, True),)
        case Script(base=Fenced() as base):
            closing = Script(Delimiter(base.kind, True), of.sub, of.sup)
            return (Delimiter(base.kind, False),), base.body, (closing,)
        case Apply():
            return (of.function, Delimiter(of.kind, False)), of.argument, (Delimiter(of.kind, True),)
        case Script(base=Apply() as base):
            closing = Script(Delimiter(base.kind, True), of.sub, of.sup)
            return (base.function, Delimiter(base.kind, False)), base.argument, (closing,)
        case Big(body=Fenced() as base):
            sign = Big(of.operator, Row(()), of.lower, of.upper)
            return (sign, Delimiter(base.kind, False)), base.body, (Delimiter(base.kind, True),)
        case Root():
            return (Words("√"), Delimiter("paren", False)), of.body, (Delimiter("paren", True),)
    return None


def ems(of: Notation) -> float:
    """The width of a formula in ems, a little on the wide side: for choosing columns, not for typesetting."""
    match of:
        case Letter():
            named = len(of.name) > 1 and of.name not in SIGNS
            return (
                0.55 * len(of.name) if named else 0.75 if of.name[0].isupper() else 0.6
            ) + 0.25 * of.primes
        case Number():
            if of.digits is not None:
                return 0.5 * len(of.digits)
            return 0.4 * max(len(str(of.value.numerator)), len(str(of.value.denominator))) + 0.3
        case Words():
            return 0.52 * sum(1 if " " <= character <= "ſ" else 6 for character in of.words)  # codes are long
        case Script():
            below = 0.0 if of.sub is None else ems(of.sub)
            above = 0.0 if of.sup is None else ems(of.sup)
            return ems(of.base) + 0.72 * max(below, above) + 0.05
        case Fenced():
            return ems(of.body) + (1.1 if of.kind == "norm" or of.tall else 0.85)
        case Apply():
            return ems(of.function) + ems(of.argument) + (1.1 if of.tall else 0.8)
        case Prefix():
            return ems(of.body) + 0.8
        case Product():
            between = 0.25 if not of.operator else 1.2
            return sum(map(ems, of.factors)) + between * (len(of.factors) - 1)
        case Sum():
            return sum(ems(term) for _, term in of.terms) + 1.2 * len(of.terms)
        case Big():
            below = 0.0 if of.lower is None else 0.72 * ems(of.lower)
            above = 0.0 if of.upper is None else 0.72 * ems(of.upper)
            return max(below, above, 1.4) + 0.2 + ems(of.body)
        case Over():
            return max(ems(of.numerator), ems(of.denominator)) + 0.3
        case Root():
            return ems(of.body) + 1.0
        case Relation():
            return sum(map(ems, of.sides)) + 1.4 * len(of.signs)
        case Listing() | Row():
            return sum(map(ems, of.items)) + 0.5 * len(of.items)
        case Matrix(rows=rows) | Cases(cases=rows):
            widths = [max(map(ems, column)) for column in zip(*rows, strict=True)]
            return sum(widths) + len(widths) + 1.0
    return 0.6
