"""A page as Markdown that GitHub shows: tables, and formulas in its $`…`$ form, in which Markdown eats no
backslash.

No formula holds a vertical bar (norms are `\\lVert`), so none can cut a table row in two; text from outside
is escaped character by character, so that it makes no markup, no mention and no link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from symgrad.render.columns import Entry, clip, cut, entries, figure
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
    anchor_name,
    inlines,
    safe_target,
    targets,
)
from symgrad.render.text import clean_code, clean_spaces
from symgrad.terms.breaking import Piece, ems
from symgrad.terms.latex import MathJax
from symgrad.terms.notation import Notation, Relation
from symgrad.terms.symbols import SIGNS
from symgrad.terms.text import clean

__all__ = ["markdown"]

_ESCAPES = str.maketrans(
    {c: "\\" + c for c in "\\`*_{}[]~"}
    | {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;", "$": "&#36;", "#": "&#35;", "@": "&#64;"}
)
_PLAIN = str.maketrans(
    {
        "<": "&lt;",
        ">": "&gt;",
        "&": "&amp;",
        "|": "&#124;",
        "`": "&#96;",
        "$": "&#36;",
        "*": "&#42;",
        "_": "&#95;",
        "[": "&#91;",
        "]": "&#93;",
        "\\": "&#92;",
        "@": "&#64;",
        "#": "&#35;",
        "~": "&#126;",
        ":": "&#58;",
        "(": "&#40;",
        "!": "&#33;",
    }
)
_LINE, _CELL = 46.0, 24.0  # ems of a display and of a column
_write = MathJax()


def markdown(page: Page) -> str:
    """The page as GitHub-flavoured Markdown."""
    known = targets(page)
    parts = [f"# {_text(page.title)}"]
    if page.subtitle:
        parts.append(_guard(_prose(page.subtitle, known)))
    for section in page.sections:
        parts += _section(section, known)
    if page.provenance:
        parts += ["---", f"<sub>{_prose(page.provenance, known)}</sub>"]
    return "\n\n".join(parts) + "\n"


def _section(section: Section, known: frozenset[str]) -> Iterator[str]:
    mark = f'<a id="{anchor_name(section.anchor)}"></a>' if section.anchor else ""
    title = _prose(section.title, known)
    if title:
        yield f"## {mark}{title}"
    for block in section.blocks:
        yield _block(block, known)


def _block(block: Block, known: frozenset[str]) -> str:
    match block:
        case Paragraph():
            return _guard(_prose(block.prose, known))
        case Bullets():
            return "\n".join(f"- {_guard(_prose(item, known))}" for item in block.items)
        case Display():
            mark = f'<a id="{anchor_name(block.anchor)}"></a>\n\n' if block.anchor else ""
            return f"{mark}```math\n{_display(block.formula)}\n```"
        case Preformatted():
            lines = [clean_code(line).translate(_PLAIN) for line in block.text.splitlines()]
            return "<pre>" + "\n".join(line or "&#8203;" for line in lines) + "</pre>"
        case Derivation():
            return "\n".join(_derivation(block, known))
        case Table():
            return "\n".join(_table(block, known))
        case Figure():
            return f"*{_prose(block.caption or block.alt or 'figure', known)}*"


def _guard(paragraph: str) -> str:
    """Prose that begins like a list or a rule is neither."""
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", paragraph)


def _text(words: str) -> str:
    shown = clean_spaces(words).translate(_ESCAPES)
    return re.sub(
        r":(?=//|[a-z0-9+-]+:)|(?<=www)\.", lambda sign: f"&#{ord(sign[0])};", shown
    )  # no link, no emoji


def _inline(part: Inline, known: frozenset[str]) -> str:
    match part:
        case str():
            return _text(part)
        case Link():
            shown = _text(part.label) if isinstance(part.label, str) else _math(_write.write(part.label))
            target = safe_target(part.target, known)
            return f"[{shown}]({_address(target)})" if target else shown
        case Code():
            return f"<code>{clean(part.code).translate(_PLAIN)}</code>"
        case Status():
            return f"{part.mark} {_text(part.text)}"
        case Notation():
            return _math(_write.write(part))
    raise TypeError(f"prose is made of str, notation, Link, Code and Status, not {type(part).__name__}")


def _address(target: str) -> str:
    return "".join(f"%{ord(c):02X}" if c in "()<>[]|\\`*_" else c for c in target)


def _prose(prose: Prose, known: frozenset[str]) -> str:
    return "".join(_inline(part, known) for part in inlines(prose))


def _math(formula: str) -> str:
    return f"$`{formula}`$"


def _lines(parts: list[Piece], width: float) -> list[str]:
    """Pieces gathered into formulas no wider than a line."""
    lines: list[str] = []
    current, used = "", 0.0
    for part in parts:
        size = ems(part.body) + 1.2 * len(part.signs) + 0.25
        shown = _write.piece(part)
        if current and used + size > width:
            lines.append(current)
            current, used = "", 0.0
        between = r" \ " if part.word else r" \, " if part.thin else " "
        current, used = (current + between + shown if current else shown), used + size
    return [*lines, current] if current else lines


def _display(of: Notation) -> str:
    lines = _lines(cut(of, _LINE), _LINE)
    if len(lines) == 1:
        return _write.write(of)
    aligned = " \\\\\n".join([f"& {lines[0]}", *(rf"& \quad {line}" for line in lines[1:])])
    return f"\\begin{{aligned}}\n{aligned}\n\\end{{aligned}}"


def _formula(parts: list[Piece]) -> str:
    return "<br>".join(_math(rf"\displaystyle {line}") for line in _lines(parts, _CELL))


def _derivation(derivation: Derivation, known: frozenset[str]) -> Iterator[str]:
    names = [_text(clip(name, 24)) for name in derivation.measures]
    yield "| | | | reason | " + "".join(f"{name} | " for name in names) + "status |"
    yield "|:--|--:|:--|:--|" + ":--|" * len(names) + ":--|"
    for row in entries(derivation, _CELL):
        yield _row(row, len(names), known)


def _row(row: Entry, figures: int, known: frozenset[str]) -> str:
    mark = f'<a id="{row.anchor}"></a>' if row.line.anchor else ""
    number = f"{mark}({_text(row.number)})" if row.number else mark
    first, *rest = row.right
    led = Piece((row.relation, *first.signs), first.body, first.unary)
    right = _formula([led, *rest])
    if not first.signs and ems(row.line.right) <= _CELL:  # the usual line reads as one formula
        right = _math(rf"\displaystyle {{}} {SIGNS[row.relation].latex} {_write.write(row.line.right)}")
    if row.above:
        right = f"{_formula(row.above)}<br>{right}"
    reason = "".join(_inline(part, known) for part in row.reason)
    measured = [_figure(value) for value in [*row.line.measured, *[None] * figures][:figures]]
    status = _inline(row.line.status, known) if row.line.status is not None else ""
    return "| " + " | ".join([number, _formula(row.left), right, reason, *measured, status]) + " |"


def _figure(value: float | None) -> str:
    shown = figure(value)
    return _math(_write.write(shown)) if isinstance(shown, Notation) else _text(shown)


def _table(table: Table, known: frozenset[str]) -> Iterator[str]:
    yield "| " + " | ".join(_prose(cell, known) for cell in table.header) + " |"
    yield "|" + ":--|" * len(table.header)
    for row, anchor in zip(table.rows, table.anchors or [None] * len(table.rows), strict=True):
        mark = f'<a id="{anchor_name(anchor)}"></a>' if anchor else ""
        yield f"| {mark}" + " | ".join(_cell(cell, known) for cell in row) + " |"


def _cell(cell: Prose, known: frozenset[str]) -> str:
    return "".join(
        _formula(cut(part, _CELL)) if isinstance(part, Relation) else _inline(part, known)
        for part in inlines(cell)
    )
