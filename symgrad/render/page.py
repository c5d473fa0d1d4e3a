"""A page: titled sections of prose, formulas, derivations, tables and figures, free of any format.

Prose is a string, a notation, a `Link`, a `Code`, a `Status`, or a sequence of them. Every string may come
from outside: each writer escapes it. A derivation is a table of numbered lines, each with its sides, its
reason and what it rests on; the writers break long sides at factors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from symgrad.terms.notation import Notation

__all__ = [
    "Block",
    "Bullets",
    "Code",
    "Derivation",
    "Display",
    "Figure",
    "Inline",
    "Line",
    "Link",
    "Page",
    "Paragraph",
    "Preformatted",
    "Prose",
    "Section",
    "Status",
    "Table",
    "anchor_name",
    "inlines",
    "safe_target",
    "targets",
]


@dataclass(frozen=True, slots=True)
class Link:
    """Words or a formula leading to an anchor of the page ("#bp2") or to an http(s) address."""

    label: str | Notation
    target: str


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of code, a file name or a command inside prose."""

    code: str


@dataclass(frozen=True, slots=True)
class Status:
    """How far a statement can be trusted, and what it stands on.

    `kind` is one of proved, computed, cited, definition, hypothesis, refuted, failed; `words` say the rest
    ("chain rule, algebra").
    """

    kind: str
    words: str = ""

    @property
    def good(self) -> bool | None:
        """True for proved, False for refuted or failed, None for what rests on something else."""
        if self.kind in ("proved", "definition"):
            return True
        return False if self.kind in ("refuted", "failed") else None

    @property
    def mark(self) -> str:
        return {True: "✓", False: "✗", None: "◦"}[self.good]

    @property
    def text(self) -> str:
        return f"{self.kind}: {self.words}" if self.words else self.kind


Inline: TypeAlias = str | Notation | Link | Code | Status
Prose: TypeAlias = Inline | Sequence[Inline]


@dataclass(frozen=True, slots=True)
class Paragraph:
    prose: Prose


@dataclass(frozen=True, slots=True)
class Bullets:
    items: Sequence[Prose]


@dataclass(frozen=True, slots=True)
class Display:
    """A formula on a line of its own, broken at factors where it is too long."""

    formula: Notation
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Preformatted:
    """Lines printed as they stand."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a derivation.  Without a left side it continues the line before it.

    `relation` is a sign of `symgrad.terms.symbols` ("eq", "le", "lt"); `measured` holds one figure for each
    of the derivation's measures, None where there is none.
    """

    right: Notation
    relation: str = "eq"
    left: Notation | None = None
    reason: Prose = ()
    status: Status | None = None
    number: str | None = None
    measured: tuple[float | None, ...] = ()
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """Lines, with the names of the figures measured for each ("two sides", "complex step")."""

    lines: Sequence[Line]
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `widths` weigh its columns (equal where they are left out)."""

    header: Sequence[Prose]
    rows: Sequence[Sequence[Prose]]
    widths: Sequence[float] | None = None
    anchors: Sequence[str | None] | None = None

    def weights(self) -> list[float]:
        """The share of the page each column takes; they sum to 1."""
        raw = list(self.widths) if self.widths else [1.0] * len(self.header)
        return [share / sum(raw) for share in raw]


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing as SVG source, with the words that replace it where it cannot be shown."""

    svg: str
    caption: Prose = ""
    alt: str = ""


Block: TypeAlias = Paragraph | Bullets | Display | Preformatted | Derivation | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    title: Prose
    blocks: Sequence[Block]
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page; `provenance` is the small print at its end: versions, seeds, sources."""

    title: str
    sections: Sequence[Section]
    subtitle: Prose = ""
    provenance: Prose = ""


def inlines(prose: Prose) -> tuple[Inline, ...]:
    """Prose as a tuple of its parts."""
    if isinstance(prose, (str, Notation, Link, Code, Status)):
        return (prose,) if prose != "" else ()
    return tuple(prose)


def anchor_name(name: str) -> str:
    """An anchor made safe for every format: letters, digits, hyphens.

    >>> anchor_name('BP2, line "3"')
    'BP2-line-3'
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "x"


def targets(page: Page) -> frozenset[str]:
    """The anchors a page defines, as `anchor_name` spells them."""
    return frozenset(map(anchor_name, _anchors(page)))


def _anchors(page: Page) -> Iterator[str]:
    for section in page.sections:
        if section.anchor:
            yield section.anchor
        for block in section.blocks:
            if isinstance(block, Derivation):
                yield from (line.anchor for line in block.lines if line.anchor)
            elif isinstance(block, Table) and block.anchors:
                yield from filter(None, block.anchors)
            elif isinstance(block, Display) and block.anchor:
                yield block.anchor


def safe_target(target: str, known: frozenset[str]) -> str | None:
    """The target of a link if it is an anchor of this page or a web address, else None.

    >>> safe_target("javascript:alert(1)", frozenset()) is None
    True
    """
    if target.startswith("#"):
        name = anchor_name(target[1:])
        return f"#{name}" if name in known else None
    return target if re.fullmatch(r"https?://[!-~]+", target) else None
