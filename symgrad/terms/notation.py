"""The layout of a formula, free of any format: what stands beside, above, below and inside what.

A term says once, in its `notation()`, how it is laid out; the emitters beside this file (`latex`, `mathml`,
`typst`, `text`, `spoken`) write that layout in their format, so no format is ever made from another. The
nodes are plain frozen values. Make them with the constructors of `symgrad.terms.layout`, which know how
tightly everything binds and put the brackets a formula needs; nobody writes one by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from symgrad.terms.symbols import SIGNS

__all__ = [
    "APPLY",
    "ATOM",
    "LIST",
    "PREFIX",
    "PRODUCT",
    "RELATION",
    "SUM",
    "Apply",
    "Big",
    "Cases",
    "Delimiter",
    "Fenced",
    "Letter",
    "Listing",
    "Matrix",
    "Notation",
    "Number",
    "Over",
    "Prefix",
    "Product",
    "Relation",
    "Root",
    "Row",
    "Script",
    "Sum",
    "Words",
    "gap",
    "wide",
]

# How tightly a node binds: a node needs brackets inside one that asks for more.
LIST, RELATION, SUM, PRODUCT, PREFIX, APPLY, ATOM = range(7)


@dataclass(frozen=True, slots=True)
class Notation:
    """A piece of laid-out formula: `level` is how tightly it binds, `tall` whether brackets have to grow."""

    level: ClassVar[int] = ATOM

    @property
    def tall(self) -> bool:
        return False

    def __str__(self) -> str:
        from symgrad.terms.text import text

        return text(self)


@dataclass(frozen=True, slots=True)
class Letter(Notation):
    """A letter, Greek name or sign (`w`, `delta`) or a longer upright name (`tanh`), with its primes.

    `style` is "italic", "upright", "bold", "sans", "script" or "blackboard"; longer names are upright always.
    """

    name: str
    style: str = "italic"
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Number(Notation):
    """An exact number, or the digits of a decimal; never negative (a sign belongs to the sum around it)."""

    value: Fraction
    digits: str | None = None  # how an integer or a decimal is written; None for a fraction

    @property
    def tall(self) -> bool:
        return self.digits is None


@dataclass(frozen=True, slots=True)
class Words(Notation):
    """Plain upright words inside a formula; they may come from outside and are escaped by every emitter."""

    words: str


@dataclass(frozen=True, slots=True)
class Script(Notation):
    """A base with a subscript, a superscript, or both.  The base is one on which scripts are unmistakable."""

    base: Notation
    sub: Notation | None = None
    sup: Notation | None = None

    @property
    def tall(self) -> bool:
        return self.base.tall


@dataclass(frozen=True, slots=True)
class Fenced(Notation):
    """Something between delimiters: "paren", "bracket", "brace", "norm", "abs" or "angle"."""

    kind: str
    body: Notation

    @property
    def tall(self) -> bool:
        return self.body.tall


@dataclass(frozen=True, slots=True)
class Apply(Notation):
    """A function at its arguments: `C_l(v)`, `sigma'(z)`, `E[x]`."""

    level: ClassVar[int] = APPLY
    function: Notation
    argument: Notation
    kind: str = "paren"

    @property
    def tall(self) -> bool:
        return self.argument.tall


@dataclass(frozen=True, slots=True)
class Prefix(Notation):
    """A sign and what it acts on: the gradient sign, the partial d."""

    level: ClassVar[int] = PREFIX
    sign: str
    body: Notation

    @property
    def tall(self) -> bool:
        return self.body.tall


@dataclass(frozen=True, slots=True)
class Product(Notation):
    """Two or more factors with one operator between them: "" (juxtaposition), "dot", "times", "odot", ..."""

    level: ClassVar[int] = PRODUCT
    factors: tuple[Notation, ...]
    operator: str = ""

    @property
    def tall(self) -> bool:
        return any(factor.tall for factor in self.factors)


@dataclass(frozen=True, slots=True)
class Sum(Notation):
    """Terms with their signs: each is a pair of "plus" or "minus" and what follows it."""

    level: ClassVar[int] = SUM
    terms: tuple[tuple[str, Notation], ...]

    @property
    def tall(self) -> bool:
        return any(term.tall for _, term in self.terms)


@dataclass(frozen=True, slots=True)
class Big(Notation):
    """A big operator ("product", "sum", "max", "sup", ...) with its bounds and its body."""

    level: ClassVar[int] = PRODUCT
    operator: str
    body: Notation
    lower: Notation | None = None
    upper: Notation | None = None

    @property
    def tall(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Over(Notation):
    """A fraction of two formulas."""

    level: ClassVar[int] = PRODUCT
    numerator: Notation
    denominator: Notation

    @property
    def tall(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Root(Notation):
    """A square root."""

    body: Notation

    @property
    def tall(self) -> bool:
        return self.body.tall


@dataclass(frozen=True, slots=True)
class Relation(Notation):
    """Sides with a relation sign between each two: `1 <= l < L`."""

    level: ClassVar[int] = RELATION
    sides: tuple[Notation, ...]
    signs: tuple[str, ...]  # one fewer than sides

    @property
    def tall(self) -> bool:
        return any(side.tall for side in self.sides)


@dataclass(frozen=True, slots=True)
class Listing(Notation):
    """Things separated by commas."""

    level: ClassVar[int] = LIST
    items: tuple[Notation, ...]

    @property
    def tall(self) -> bool:
        return any(item.tall for item in self.items)


@dataclass(frozen=True, slots=True)
class Matrix(Notation):
    """A matrix with its entries written out, row by row."""

    rows: tuple[tuple[Notation, ...], ...]

    @property
    def tall(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Cases(Notation):
    """A value by cases: pairs of a value and its condition."""

    level: ClassVar[int] = SUM
    cases: tuple[tuple[Notation, Notation], ...]

    @property
    def tall(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Delimiter(Notation):
    """A loose delimiter of a fence that line breaking has opened; scripts stay with the closing one."""

    kind: str
    closing: bool


@dataclass(frozen=True, slots=True)
class Row(Notation):
    """Pieces set side by side without a gap; made by line breaking only."""

    items: tuple[Notation, ...]

    @property
    def tall(self) -> bool:
        return any(item.tall for item in self.items)


def gap(left: Notation, right: Notation) -> str:
    """What separates two factors: "word" next to words, "dot" before a number, "thin" next to bars and big signs, or ""."""
    first = right.factors[0] if isinstance(right, Product) else right
    if _is_phrase(left) or _is_phrase(first):
        return "word"
    first = first.base if isinstance(first, Script) else first
    if isinstance(first, Number):
        return "dot"
    return "thin" if wide(left) or wide(first) else ""


def _is_phrase(factor: Notation) -> bool:
    """Words that a text puts between formulas, such as " for "; a name such as "tanh" has no blank at its ends."""
    return isinstance(factor, Words) and factor.words != factor.words.strip()


def wide(factor: Notation) -> bool:
    """Does a factor ask for a little space around it?  Bars, big signs, fractions and upright names do."""
    core = factor.base if isinstance(factor, Script) else factor
    return (
        isinstance(core, (Big, Over, Prefix, Words))
        or (isinstance(core, Fenced) and core.kind != "paren")
        or (isinstance(core, (Apply, Letter)) and _named(core))
    )


def _named(core: Notation) -> bool:
    """Does it begin with an upright name of several letters, such as diag?"""
    while isinstance(core, (Apply, Script)):
        core = core.function if isinstance(core, Apply) else core.base
    return isinstance(core, Letter) and len(core.name) > 1 and core.name not in SIGNS
