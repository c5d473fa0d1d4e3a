"""A page as Typst source, and as PDF through the typst package (the extra `pdf`; no TeX needed).

Each piece of a long formula is an equation of its own with a thin space behind it, so that lines break at
factors.
"""

from __future__ import annotations

from collections.abc import Iterator

from symgrad.errors import ExtraMissing, SymgradError
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
from symgrad.terms.notation import Notation, Relation
from symgrad.terms.symbols import SIGNS
from symgrad.terms.text import clean
from symgrad.terms.typst import escape, piece, quoted
from symgrad.terms.typst import typst as formula

__all__ = ["pdf", "typst"]

_PREAMBLE = """#set page(paper: "a4", margin: (x: 18mm, y: 20mm), numbering: "1")
#set text(font: "New Computer Modern", size: 10pt, lang: "en")
#show math.equation: set text(font: "New Computer Modern Math")
#set par(justify: false)
#show heading.where(level: 1): it => block(below: 0.9em, text(size: 16pt, weight: "regular", it.body))
#show heading.where(level: 2): it => block(above: 2em, below: 0.9em, text(size: 11.5pt, it.body))
#show table.cell: set par(leading: 0.75em)
#let broken(it) = par(hanging-indent: 1em, it)
#let strut(it) = box(width: 0pt, hide(it))
#let ok = rgb("#17663a"); #let part = rgb("#805300"); #let bad = rgb("#a8201a")
#let status(tone, mark, words) = text(size: 8pt)[#text(fill: tone)[#mark] #emph(words)]
#let derivation(figures, ..cells) = block(above: 0.8em, below: 1.2em, table(
  columns: (auto, auto, auto, 1fr, if figures > 0 { 27% } else { 34% }) + (auto,) * figures,
  align: (left, right, center, left, left) + (left,) * figures,
  stroke: none, inset: (x: 3pt, y: 5pt), ..cells))
#let report(columns, ..cells) = block(above: 0.8em, below: 1.2em, table(columns: columns, align: left,
  stroke: (x, y) => if y > 0 { (top: 0.4pt + luma(75%)) }, inset: (x: 4pt, y: 5pt), ..cells))
"""
_TONES = {True: "ok", False: "bad", None: "part"}
_MARKS = {True: "$checkmark$", False: "$times$", None: "$circle.small$"}
_LINE, _CELL = 46.0, 21.0  # ems of a line and of the column of right sides


def typst(page: Page) -> str:
    """The whole document as Typst source."""
    known = targets(page)
    used: set[str] = set()
    parts = [_PREAMBLE + f"#set document(title: {quoted(page.title)})", f"= {escape(page.title)}"]
    if page.subtitle:
        parts.append(f"#text(fill: luma(35%))[{_prose(page.subtitle, known)}]")
    for section in page.sections:
        parts += _section(section, known, used)
    if page.provenance:
        parts.append(
            f"#line(length: 100%, stroke: 0.4pt)\n#text(size: 8pt)[{_prose(page.provenance, known)}]"
        )
    return "\n\n".join(parts) + "\n"


def pdf(page: Page) -> bytes:
    """The page as a PDF file.  Raises ExtraMissing where the typst package is not installed."""
    try:
        import typst as compiler
    except ImportError:
        raise ExtraMissing("typst", "pdf", "writing PDF") from None
    try:
        return bytes(compiler.compile(typst(page).encode(), format="pdf"))
    except compiler.TypstError as error:  # a figure whose SVG cannot be read, for one
        raise SymgradError(
            f"this page cannot be set as PDF: {str(error).splitlines()[0]}; try --format html"
        ) from None


def _mark(anchor: str | None, used: set[str]) -> str:
    """An invisible anchor, once for each name."""
    if anchor is None or (name := anchor_name(anchor)) in used:
        return ""
    used.add(name)
    return f"#[#metadata(none)#label({quoted(name)})];"


def _section(section: Section, known: frozenset[str], used: set[str]) -> Iterator[str]:
    title = _prose(section.title, known)
    mark = _mark(section.anchor, used)
    if title or mark:
        yield f"== {title}{mark}" if title else mark
    for block in section.blocks:
        yield _block(block, known, used)


def _block(block: Block, known: frozenset[str], used: set[str]) -> str:
    match block:
        case Paragraph():
            return _prose(block.prose, known)
        case Bullets():
            return "\n".join(f"- {_prose(item, known)}" for item in block.items)
        case Display():
            return f"{_mark(block.anchor, used)}#align(center)[{_formula(block.formula, _LINE)}]"
        case Preformatted():
            lines = " \\\n".join(f"#raw({_raw(clean_code(line))})" for line in block.text.splitlines())
            return f"#block(fill: luma(96%), inset: 6pt, width: 100%)[{lines}]"
        case Derivation():
            return _derivation(block, known, used)
        case Table():
            return _table(block, known, used)
        case Figure():
            caption = f", caption: [{_prose(block.caption, known)}]" if block.caption else ""
            drawing = f'image(bytes({_raw(block.svg)}), format: "svg", alt: {quoted(block.alt)}, width: 80%)'
            return f"#figure({drawing}{caption}, numbering: none)"


def _raw(text: str) -> str:
    """Text kept as it is, as a Typst string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "") + '"'


def _inline(part: Inline, known: frozenset[str]) -> str:
    match part:
        case str():
            return _edges(part)
        case Link():
            shown = escape(part.label) if isinstance(part.label, str) else _formula(part.label, _LINE, False)
            target = safe_target(part.target, known)
            if target is None:
                return shown
            goal = f"label({quoted(target[1:])})" if target.startswith("#") else quoted(target)
            return f"#link({goal})[{shown}]"
        case Code():
            return f"#raw({quoted(part.code)})"
        case Status():
            return _status(part)
        case Notation():
            return _formula(part, _LINE, False)
    raise TypeError(f"prose is made of str, notation, Link, Code and Status, not {type(part).__name__}")


def _status(status: Status) -> str:
    return f"#status({_TONES[status.good]}, {_MARKS[status.good]}, [{escape(status.text)}])"


def _edges(words: str) -> str:
    """Escaped text that keeps a space at its ends."""
    spaced = clean_spaces(words)
    shown = escape(words)
    return (" " if spaced[:1] == " " else "") + shown + (" " if spaced[-1:] == " " and shown else "")


def _prose(prose: Prose, known: frozenset[str]) -> str:
    return "".join(_inline(part, known) for part in inlines(prose))


def _formula(of: Notation, width: float, display: bool = True) -> str:
    if ems(of) <= 0.8 * width:
        return f"#box[$display({formula(of)})$]" if display else f"#box[${formula(of)}$]"
    return _pieces(cut(of, width))


def _pieces(parts: list[Piece]) -> str:
    """Pieces with a thin space between them; a piece led by a sign brings its own."""
    written = piece(parts[0]) if parts else ""
    for part in parts[1:]:
        written += ("#sym.zws" if part.signs else "#h(0.17em)#sym.zws") + piece(part)
    return written


def _derivation(derivation: Derivation, known: frozenset[str], used: set[str]) -> str:
    figures = len(derivation.measures)
    head = ""
    if figures:
        names = ", ".join(f"text(size: 8pt)[{escape(clip(name, 24))}]" for name in derivation.measures)
        head = f"table.header([], [], [], [], [], {names}),\n"
    rows = ",\n".join(_row(row, figures, known, used) for row in entries(derivation, _CELL))
    return f"#derivation({figures},\n{head}{rows},\n)"


def _row(row: Entry, figures: int, known: frozenset[str], used: set[str]) -> str:
    line = row.line
    number = f"({escape(row.number)})" if row.number else ""
    sign = f"${formula_sign(row.relation)}$"
    right = _pieces(row.right) if len(row.right) < 4 else f"#broken[{_pieces(row.right)}]"
    if row.above:
        first = Piece((row.relation, *row.right[0].signs), row.right[0].body, row.right[0].unary)
        right, sign = f"#broken[{_pieces(row.above)} \\\n{_pieces([first, *row.right[1:]])}]", ""
    reason = "".join(_inline(part, known) for part in row.reason)
    if line.status is not None:
        reason += (" \\\n" if reason else "") + _status(line.status)
    left = _pieces(row.left)
    measured = [_figure(value) for value in [*line.measured, *[None] * figures][:figures]]
    strut = "".join(f"#strut[{piece(part)}]" for part in (*row.left, *row.right[:2]) if part.body.tall)
    cells = [
        _mark(line.anchor, used) + number + strut,
        left + strut,
        sign + strut,
        right + strut,
        strut + reason,
        *(strut + value for value in measured),
    ]
    return ", ".join(f"[{cell}]" for cell in cells)


def formula_sign(name: str) -> str:
    """A relation sign standing alone."""
    return {"lt": "lt", "gt": "gt"}.get(name, SIGNS[name].unicode)


def _figure(value: float | None) -> str:
    shown = figure(value)
    return f"#text(size: 8pt)[${formula(shown)}$]" if isinstance(shown, Notation) else escape(clean(shown))


def _table(table: Table, known: frozenset[str], used: set[str]) -> str:
    shares = table.weights()
    columns = ", ".join(f"{share:.4f}fr" for share in shares)
    head = ", ".join(f"[*{_prose(cell, known)}*]" for cell in table.header)
    lines = []
    for row, anchor in zip(table.rows, table.anchors or [None] * len(table.rows), strict=True):
        cells = [_cell(cell, known, share * _LINE) for cell, share in zip(row, shares, strict=True)]
        lines.append(
            ", ".join(f"[{_mark(anchor, used) if at == 0 else ''}{cell}]" for at, cell in enumerate(cells))
        )
    body = ",\n".join(lines)
    return f"#report(({columns},), table.header({head}),\n{body},\n)"


def _cell(cell: Prose, known: frozenset[str], width: float) -> str:
    return "".join(
        _formula(part, width) if isinstance(part, Relation) else _inline(part, known)
        for part in inlines(cell)
    )
