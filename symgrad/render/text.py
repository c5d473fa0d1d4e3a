"""A page as Unicode text for a terminal: aligned columns, long lines broken at factors, never wider than
asked.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from symgrad.render.columns import Entry, clip, entries
from symgrad.render.page import (
    Block,
    Bullets,
    Code,
    Derivation,
    Display,
    Figure,
    Inline,
    Link,
    Page,
    Paragraph,
    Preformatted,
    Prose,
    Section,
    Status,
    Table,
    inlines,
)
from symgrad.terms.breaking import Piece, pieces
from symgrad.terms.notation import Notation
from symgrad.terms.symbols import SIGNS
from symgrad.terms.text import clean, piece
from symgrad.terms.text import text as formula

__all__ = ["text"]

_SMALLEST = 40


def text(page: Page, width: int = 80) -> str:
    """The page as text at most `width` columns wide (at least 40)."""
    width = max(width, _SMALLEST)
    out = [
        *_wrap(page.title, width),
        "═" * min(width, max(map(columns, _wrap(page.title, width)), default=0)),
    ]
    if page.subtitle:
        out += _wrap(page.subtitle, width)
    for section in page.sections:
        out += ["", *_section(section, width)]
    if page.provenance:
        out += ["", "─" * width, *_wrap(page.provenance, width)]
    return "\n".join(line.rstrip() for line in out) + "\n"


def columns(line: str) -> int:
    """How many terminal columns a string takes: wide characters take two, combining ones none.

    >>> columns("δ^l"), columns("日本")
    (3, 4)
    """
    if line.isascii():
        return len(line)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line
    )


def _section(section: Section, width: int) -> Iterator[str]:
    title = _wrap(section.title, width)
    if title:
        yield from title
        yield "─" * max(map(columns, title))
    for at, block in enumerate(section.blocks):
        if at:
            yield ""
        yield from _block(block, width)


def _block(block: Block, width: int) -> Iterable[str]:
    match block:
        case Paragraph():
            return _wrap(block.prose, width)
        case Bullets():
            return [line for item in block.items for line in _wrap(item, width, "  • ", "    ")]
        case Display():
            return _fill(pieces(block.formula), width - 4, "    ", "      ")
        case Preformatted():
            return [part for line in block.text.splitlines() for part in _hard(clean_code(line), width)]
        case Derivation():
            return _derivation(block, width)
        case Table():
            return _table(block, width)
        case Figure():
            return _wrap(("[figure] ", *inlines(block.caption or block.alt)), width)


def clean_code(line: str) -> str:
    """A line of code with its spaces kept and its control characters shown by their code."""
    return "".join(c if c.isprintable() else "    " if c == "\t" else f"<U+{ord(c):04X}>" for c in line)


def _inline(part: Inline) -> str:
    match part:
        case str():
            return clean_spaces(part)
        case Link():
            return clean(part.label) if isinstance(part.label, str) else formula(part.label)
        case Code():
            return clean(part.code)
        case Status():
            return f"{part.mark} {clean(part.text)}"
        case Notation():
            return formula(part).replace(" ", "\u00a0")  # kept together while wrapping
    raise TypeError(f"prose is made of str, notation, Link, Code and Status, not {type(part).__name__}")


def clean_spaces(words: str) -> str:
    """Cleaned text that keeps a space at its ends, so that parts of a sentence do not run together."""
    return (
        (" " if words[:1].isspace() else "")
        + clean(words)
        + (" " if words[-1:].isspace() and words.strip() else "")
    )


def _wrap(prose: Prose, width: int, first: str = "", rest: str = "") -> list[str]:
    """Wrap prose; a formula stays whole unless it is wider than the line."""
    whole = "".join(map(_inline, inlines(prose)))
    lines: list[str] = []
    for line in textwrap.wrap(
        whole,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=False,
    ):
        shown = line.replace("\u00a0", " ")
        lines += [shown] if columns(shown) <= width else _soft(shown, width, rest)
    return lines


def _soft(line: str, width: int, indent: str) -> list[str]:
    """Break an overlong line at spaces, and in the middle of a word when nothing else helps."""
    lines, current = [], ""
    for word in line.split(" "):
        trial = f"{current} {word}" if current else word
        if columns(trial) <= width:
            current = trial
            continue
        if current.strip():
            lines.append(current)
        *full, current = _hard(indent + word, width)
        lines += full
    return [*lines, current]


def _hard(line: str, width: int) -> list[str]:
    parts, current, used = [], "", 0
    for character in line:
        size = columns(character)
        if used + size > width:
            parts.append(current)
            current, used = "", 0
        current, used = current + character, used + size
    return [*parts, current]


def _fill(parts: list[Piece], width: int, first: str = "", rest: str = "  ") -> list[str]:
    """Set pieces one after the other, on as many lines as needed."""
    lines, current, empty = [], first, True
    for part in parts:
        shown = piece(part)
        trial = current + shown if empty else f"{current} {shown}"
        if columns(trial) > width and not empty:
            lines.append(current)
            trial = rest + shown
        if columns(trial) > width:
            *full, trial = _soft(trial, width, rest)
            lines += full
        current, empty = trial, False
    return [*lines, current]


def _derivation(derivation: Derivation, width: int) -> Iterator[str]:
    rows = list(entries(derivation, float("inf")))
    label = max((columns(row.number) + 3 for row in rows), default=4)
    left = min(max((columns(_join(row.left)) for row in rows), default=0), width // 4)
    widest = max((left + columns(_join(row.right)) + 3 for row in rows), default=0)
    figures = [max(9, columns(clip(name, 14)) + 2) for name in derivation.measures]
    beside = bool(figures) and label + widest + 2 + _SMALLEST // 2 + sum(figures) <= width
    room = width - label - 2 - (sum(figures) if beside else 0)
    reason = max(min(room - widest, 44), _SMALLEST // 2 if beside else width // 3)
    side = room - reason
    if beside:
        names = "".join(
            _right(clip(name, 14), size) for name, size in zip(derivation.measures, figures, strict=True)
        )
        yield " " * (width - sum(figures)) + names
    for row in rows:
        formula_lines = _sides(row, left, side)
        notes = _notes(row, () if beside else derivation.measures, reason)
        number = f"({row.number})" if row.number else ""
        shown = "".join(
            _right(_figure(value), size) for value, size in zip(row.line.measured, figures, strict=False)
        )
        for at, (main, note) in enumerate(zip_longest(formula_lines, notes, fillvalue="")):
            head, tail = (number, shown if beside else "") if at == 0 else ("", "")
            line = f"{head:<{label}}{main}{' ' * (side - columns(main) + 2)}{note}"
            yield line + " " * (label + side + 2 + reason - columns(line)) + tail if tail else line


def _right(shown: str, width: int) -> str:
    return " " * (width - columns(shown)) + shown


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.1e}" if value else "0"


def _join(parts: list[Piece]) -> str:
    return " ".join(map(piece, parts))


def _sides(row: Entry, left: int, width: int) -> list[str]:
    sign = SIGNS[row.relation].unicode
    lines = _fill(row.above, width) if row.above else []
    shown = _join(row.left)
    if columns(shown) > left:
        lines += _fill(row.left, width)
        shown = ""
    first = f"{' ' * (left - columns(shown))}{shown} {sign} "
    return lines + _fill(row.right, width, first, " " * (left + 5))


def _notes(row: Entry, measures: tuple[str, ...], width: int) -> list[str]:
    notes = _wrap(row.reason, width)
    if row.line.status is not None:
        notes += _wrap(row.line.status, width, "", "  ")
    for name, value in zip(measures, row.line.measured, strict=False):
        notes += _wrap(f"{clip(name, 14)} {_figure(value)}", width, "", "  ")
    return notes


def _table(table: Table, width: int) -> Iterator[str]:
    count = len(table.header)
    room = width - 2 * (count - 1)
    cells = [[inlines(cell) for cell in row] for row in table.rows]
    shown = [
        ["".join(map(_inline, inlines(cell))) for cell in column]
        for column in zip(table.header, *table.rows, strict=True)
    ]
    natural = [max(1, *map(columns, column)) for column in shown]
    words = [max((columns(word) for cell in column for word in cell.split()), default=1) for column in shown]
    sizes = natural if sum(natural) <= room else _shares(table.weights(), natural, words, room)
    yield from _row([inlines(cell) for cell in table.header], sizes)
    yield "  ".join("─" * size for size in sizes)
    airy = False
    for row in cells:
        lines = list(_row(row, sizes))
        if airy or (len(lines) > 1 and row is not cells[0]):
            yield ""
        yield from lines
        airy = len(lines) > 1


def _shares(weights: list[float], natural: list[int], words: list[int], room: int) -> list[int]:
    """Split the room: to each column its longest word (up to a point), then by weight."""
    sizes = [need if need <= 8 else min(word, 18) for need, word in zip(natural, words, strict=True)]
    while sum(sizes) > room:
        sizes[sizes.index(max(sizes))] -= 1
    for _ in range(room - sum(sizes)):
        wanting = [i for i, need in enumerate(natural) if sizes[i] < need]
        if wanting:
            sizes[min(wanting, key=lambda i: sizes[i] / weights[i])] += 1
    return sizes


def _row(cells: list[tuple[Inline, ...]], sizes: list[int]) -> Iterator[str]:
    wrapped = [_wrap(cell, size) for cell, size in zip(cells, sizes, strict=True)]
    for parts in zip_longest(*wrapped, fillvalue=""):
        yield "  ".join(part + " " * (size - columns(part)) for part, size in zip(parts, sizes, strict=True))
