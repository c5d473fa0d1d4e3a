"""A page as one self-contained HTML file: native MathML, an embedded maths font, one style sheet, no
script.

Each top-level factor of a long formula is a `<math>` of its own, so that a line wraps on a phone; the whole
formula carries its words for screen readers. A content security policy forbids everything the page does not
hold itself.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import cache
from html import escape as _escape
from importlib.resources import files

from symgrad.render import fonts
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
from symgrad.terms.mathml import math, mathml, piece, relation_sign
from symgrad.terms.notation import Notation, Relation
from symgrad.terms.spoken import spoken
from symgrad.terms.symbols import SIGNS
from symgrad.terms.text import clean

__all__ = ["html", "html_fragment"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"
_WHOLE = 9.0  # ems: a formula up to this width is one <math>
_WIDEST = 20.0  # ems: a piece wider than this would not fit a phone
_CLASSES = {True: "good", False: "bad", None: "part"}


def html(page: Page) -> str:
    """The whole file."""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(page.title)}</title>\n"
        f"<style>\n{_style()}</style>\n</head>\n"
        f'<body class="symgrad">\n<main>\n<header><h1>{_text(page.title)}</h1>{_subtitle(page)}</header>\n'
        f"{_body(page)}\n</main>\n</body>\n</html>\n"
    )


def html_fragment(page: Page) -> str:
    """The sections alone with their style, for a notebook cell."""
    return f'<div class="symgrad"><style>{_style()}</style>\n{_body(page)}\n</div>'


@cache
def _style() -> str:
    face = f'@font-face {{ font-family: "symgrad math"; src: url({fonts.embedded()}) format("woff2"); }}\n'
    return face + files("symgrad.render").joinpath("style.css").read_text(encoding="utf-8")


def _subtitle(page: Page) -> str:
    return f'<p class="subtitle">{_prose(page.subtitle, targets(page))}</p>' if page.subtitle else ""


def _body(page: Page) -> str:
    known = targets(page)
    used: set[str] = set()
    parts = [
        part for at, section in enumerate(page.sections, 1) for part in _section(section, known, used, at)
    ]
    if page.provenance:
        parts.append(f"<footer>{_prose(page.provenance, known)}</footer>")
    return "\n".join(parts)


def _id(name: str, used: set[str]) -> str:
    """An id attribute, once for each name."""
    if name in used:
        return ""
    used.add(name)
    return f' id="{name}"'


def _section(section: Section, known: frozenset[str], used: set[str], at: int) -> Iterator[str]:
    mark = _id(anchor_name(section.anchor), used) if section.anchor else ""
    yield f"<section{mark}>"
    title = _prose(section.title, known)
    if title:
        yield f"<h2>{title}</h2>"
    for number, block in enumerate(section.blocks, 1):
        yield _block(block, known, used, f"line-{at}-{number}")
    yield "</section>"


def _block(block: Block, known: frozenset[str], used: set[str], prefix: str) -> str:
    match block:
        case Paragraph():
            return f"<p>{_prose(block.prose, known)}</p>"
        case Bullets():
            return "<ul>" + "".join(f"<li>{_prose(item, known)}</li>" for item in block.items) + "</ul>"
        case Display():
            mark = _id(anchor_name(block.anchor), used) if block.anchor else ""
            return f'<div class="display"{mark}>{_formula(block.formula)}</div>'
        case Preformatted():
            return (
                "<pre>" + "\n".join(_escape(clean_code(line)) for line in block.text.splitlines()) + "</pre>"
            )
        case Derivation():
            return _derivation(block, known, used, prefix)
        case Table():
            return _table(block, known, used)
        case Figure():
            data = base64.b64encode(block.svg.encode()).decode("ascii")  # in an <img> no script of it runs
            caption = f"<figcaption>{_prose(block.caption, known)}</figcaption>" if block.caption else ""
            source = f"data:image/svg+xml;base64,{data}"
            return f'<figure><img alt="{_text(block.alt)}" src="{source}">{caption}</figure>'


def _text(words: str) -> str:
    return _escape(clean(words))


def _inline(part: Inline, known: frozenset[str]) -> str:
    match part:
        case str():
            return _escape(clean_spaces(part))
        case Link():
            shown = _text(part.label) if isinstance(part.label, str) else _formula(part.label, False)
            target = safe_target(part.target, known)
            return f'<a href="{_escape(target)}">{shown}</a>' if target else shown
        case Code():
            return f"<code>{_text(part.code)}</code>"
        case Status():
            words = f" {_text(part.words)}" if part.words else ""
            colon = ":" if words else ""
            kind = f"<b>{part.mark} {_text(part.kind)}</b>"
            return f'<span class="status {_CLASSES[part.good]}">{kind}{colon}{words}</span>'
        case Notation():
            return _formula(part, False)
    raise TypeError(f"prose is made of str, notation, Link, Code and Status, not {type(part).__name__}")


def _prose(prose: Prose, known: frozenset[str]) -> str:
    return "".join(_inline(part, known) for part in inlines(prose))


def _formula(of: Notation, display: bool = True) -> str:
    """A formula: one `<math>`, or one for each piece when it is long."""
    label = f'role="math" aria-label="{_escape(spoken(of))}"'
    if ems(of) <= _WHOLE:
        return f'<span class="m" {label}>{math(of, display)}</span>'
    return f'<span class="m" {label}>{_pieces(cut(of, _WIDEST), display)}</span>'


def _pieces(parts: list[Piece], display: bool = True) -> str:
    written = piece(parts[0], display) if parts else ""
    for part in parts[1:]:
        space = "<wbr>" if part.signs else "\u2004" if part.word else " "  # a sign brings its own space
        written += space + piece(part, display)
    return written


def _derivation(derivation: Derivation, known: frozenset[str], used: set[str], prefix: str) -> str:
    names = "".join(f'<th scope="col" class="f">{_text(clip(name, 24))}</th>' for name in derivation.measures)
    heard = "" if names else ' class="heard"'
    head = (
        f'<thead{heard}><tr><th scope="col"><span class="heard">line</span></th>'
        f'<th scope="col" colspan="3"><span class="heard">formula</span></th>'
        f'<th scope="col"><span class="heard">reason</span></th>{names}'
        f'<th scope="col"><span class="heard">status</span></th></tr></thead>'
    )
    rows = "\n".join(
        _row(row, derivation.measures, known, used) for row in entries(derivation, _WIDEST, prefix)
    )
    return f'<table class="derivation">{head}<tbody>\n{rows}\n</tbody></table>'


def _row(row: Entry, measures: tuple[str, ...], known: frozenset[str], used: set[str]) -> str:
    """A row; its label says the whole statement, so the cells of the left side and the sign are silent."""
    line, strut = row.line, _strut(row)
    sign = f"<math>{relation_sign(row.relation)}</math>"
    left = _side(line.left, row.left) if line.left is not None and row.left else ""
    right = _side(line.right, row.right)
    if row.above:
        right, sign = f"{_pieces(row.above)}<br>{sign} {_pieces(row.right)}", ""
    shown = [
        f'<td class="l" aria-hidden="true"><span class="m">{left}</span>{strut}</td>',
        f'<td class="s" aria-hidden="true">{sign}{strut}</td>',
        f'<td class="r"><span class="m" role="math" {_label(row)}>{strut}{right}</span></td>',
        f'<td class="w">{strut}{"".join(_inline(part, known) for part in row.reason)}</td>',
    ]
    measured = (*line.measured, *[None] * len(measures))
    for name, value in zip(measures, measured, strict=False):
        shown.append(f'<td class="f" data-name="{_text(clip(name, 24))}">{strut}{_figure(value)}</td>')
    status = _inline(line.status, known) if line.status is not None else ""
    number = f'<a href="#{row.anchor}">({_text(row.number)})</a>' if row.number else ""
    head = f'<th scope="row" class="n">{number}{strut}</th>'
    return f'<tr{_id(row.anchor, used)}>{head}{"".join(shown)}<td class="t">{strut}{status}</td></tr>'


def _strut(row: Entry) -> str:
    """The height of a line's tall parts, no ink: on paper browsers do not align rows by baseline."""
    tall = [part for part in (*row.left, *row.right[:2]) if part.body.tall] if not row.above else []
    if not tall:
        return ""
    ghost = f"<mphantom>{''.join(mathml(part.body) for part in tall)}</mphantom>"
    padded = f'<mpadded width="0">{ghost}</mpadded>'
    return f'<math class="strut" displaystyle="true" aria-hidden="true">{padded}</math>'


def _side(whole: Notation, parts: list[Piece]) -> str:
    return math(whole) if ems(whole) <= _WHOLE else _pieces(parts)


def _label(row: Entry) -> str:
    """The line in words, the left side with it, so that it is heard as one statement."""
    left = f"{spoken(row.line.left)} " if row.line.left is not None else ""
    statement = f"{left}{SIGNS[row.relation].spoken} {spoken(row.line.right)}"
    return f'aria-label="{_escape(statement)}"'


def _figure(value: float | None) -> str:
    shown = figure(value)
    return f"<math>{mathml(shown)}</math>" if isinstance(shown, Notation) else _escape(shown)


def _table(table: Table, known: frozenset[str], used: set[str]) -> str:
    head = "".join(f'<th scope="col">{_prose(cell, known)}</th>' for cell in table.header)
    columns = "".join(f'<col style="width:{100 * share:.1f}%">' for share in table.weights())
    rows = []
    for row, anchor in zip(table.rows, table.anchors or [None] * len(table.rows), strict=True):
        mark = _id(anchor_name(anchor), used) if anchor else ""
        cells = zip(table.header, row, strict=False)
        shown = "".join(f"<td{_named(name, cell)}>{_cell(cell, known)}</td>" for name, cell in cells)
        rows.append(f"<tr{mark}>{shown}</tr>")
    body = "\n".join(rows)
    return (
        f'<table class="report"><colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{body}\n</tbody></table>"
    )


def _named(name: Prose, cell: Prose) -> str:
    """The name of its column beside a figure, for a narrow page without a header."""
    figures = isinstance(cell, str) and cell[:1] in "-−+.∞0123456789" and " " not in cell
    return f' data-name="{_text(clip(name, 24))}"' if figures and isinstance(name, str) else ""


def _cell(cell: Prose, known: frozenset[str]) -> str:
    """A statement in a cell is set with full-size signs."""
    return "".join(
        _formula(part) if isinstance(part, Relation) else _inline(part, known) for part in inlines(cell)
    )
