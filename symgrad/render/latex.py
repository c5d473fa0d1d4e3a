r"""A page as LaTeX: a document that pdflatex compiles as it stands, in one run, without an overfull box.

A derivation is a longtable whose columns have fixed widths. Formulas stand in math mode inside ragged
paragraphs with an `\allowbreak` between factors, so TeX breaks a long line where our tree says it may.
"""

from __future__ import annotations

from collections.abc import Iterator

from symgrad.render.columns import Entry, clip, cut, entries, figure, left_width
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
from symgrad.terms.breaking import Piece, ems, pieces
from symgrad.terms.latex import Latex, escape
from symgrad.terms.notation import Notation, Relation
from symgrad.terms.symbols import SIGNS
from symgrad.terms.text import clean

__all__ = ["latex", "latex_fragment"]

_LINE = 48.0  # ems of text on a line of the page below
_PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage{amsmath,amssymb,array,longtable}
\usepackage[a4paper,hmargin=2cm,vmargin=2.3cm]{geometry}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}\setlength{\parskip}{0.6em}
\setlength{\LTpre}{0.3em}\setlength{\LTpost}{0.6em}
\allowdisplaybreaks
"""
_COMMANDS = r"""\providecommand{\sgcell}{\raggedright\hangindent=1em\hangafter=1\arraybackslash}
\providecommand{\sgstatus}[1]{\newline{\footnotesize\itshape #1}}
\setlength{\tabcolsep}{3pt}\renewcommand{\arraystretch}{1.25}
\relpenalty=10000 \binoppenalty=10000
"""
_WITHOUT_HYPERREF = r"""\providecommand{\hypertarget}[2]{#2}\providecommand{\hyperlink}[2]{#2}
\providecommand{\href}[2]{#2}
"""
_MARKS = {True: r"$\checkmark$", False: r"$\times$", None: r"$\circ$"}
_write = Latex()


def latex(page: Page) -> str:
    """The whole document.  Its packages (amsmath, longtable, ...) are part of every TeX Live."""
    title = rf"\begin{{center}}{{\Large {_words(page.title)}}}"
    subtitle = _prose(page.subtitle, targets(page))
    head = title + (rf"\\[0.5em] {subtitle}" if subtitle else "") + "\\end{center}"
    return f"{_PREAMBLE}{_COMMANDS}\\begin{{document}}\n{head}\n\n{_body(page)}\n\\end{{document}}\n"


def latex_fragment(page: Page) -> str:
    """The sections alone, for a document that loads amsmath, amssymb, array and longtable."""
    return f"\\begingroup\n{_WITHOUT_HYPERREF}{_COMMANDS}{_body(page)}\n\\endgroup\n"


def _body(page: Page) -> str:
    known = targets(page)
    parts = [part for section in page.sections for part in _section(section, known)]
    if page.provenance:
        parts.append(
            rf"\medskip\hrule\smallskip{{\footnotesize\raggedright {_prose(page.provenance, known)}\par}}"
        )
    return "\n\n".join(parts)


def _section(section: Section, known: frozenset[str]) -> Iterator[str]:
    title = _prose(section.title, known)
    if title:
        mark = rf"\hypertarget{{{anchor_name(section.anchor)}}}{{}}" if section.anchor else ""
        yield rf"\pagebreak[2]\medskip{mark}{{\large\bfseries\boldmath\raggedright {title}\par}}\nopagebreak"
    for block in section.blocks:
        if not _empty(block):
            yield _block(block, known)


def _empty(block: Block) -> bool:
    """TeX refuses a list or a table without a row."""
    return (
        (isinstance(block, Bullets) and not block.items)
        or (isinstance(block, Derivation) and not block.lines)
        or (isinstance(block, Table) and not block.header)
    )


def _block(block: Block, known: frozenset[str]) -> str:
    match block:
        case Paragraph():
            return rf"{{\raggedright {_prose(block.prose, known)}\par}}"
        case Bullets():
            items = "\n".join(rf"\item {_prose(item, known)}" for item in block.items)
            return f"\\begin{{itemize}}\\raggedright\n{items}\n\\end{{itemize}}"
        case Display():
            mark = rf"\hypertarget{{{anchor_name(block.anchor)}}}{{}}" if block.anchor else ""
            return rf"{mark}{{\centering {_formula(block.formula, _LINE)}\par}}"
        case Preformatted():
            lines = "\\newline\n".join(_spaced(line) or r"\mbox{}" for line in block.text.splitlines())
            return rf"{{\small\ttfamily\raggedright {lines}\par}}"
        case Derivation():
            return _derivation(block, known)
        case Table():
            return _table(block, known)
        case Figure():
            words = _prose(block.caption or block.alt, known)
            return rf"{{\raggedright\itshape [Figure, shown in the HTML and PDF of this page: {words}]\par}}"


def _spaced(line: str) -> str:
    indent = len(line) - len(line.lstrip())
    return "~" * indent + r"\ ".join(map(_breakable, line.split()))


def _words(text: str) -> str:
    """Escaped text in which long words that are no language's can break."""
    return " ".join(map(_breakable, clean(text).split(" ")))


def _breakable(word: str) -> str:
    """A word longer than TeX would hyphenate breaks after a sign, and anywhere after a while."""
    if len(word) <= 8 or (len(word) <= 24 and word.isalpha()):
        return escape(word)
    written, run = "", 0
    for character in word:
        written, run = written + escape(character), run + 1
        if run >= 6 or not character.isalnum():
            written, run = written + r"\allowbreak{}", 0
    return written


def _inline(part: Inline, known: frozenset[str]) -> str:
    match part:
        case str():
            return _edges(part)
        case Link():
            shown = _words(part.label) if isinstance(part.label, str) else f"${_write.write(part.label)}$"
            target = safe_target(part.target, known)
            if target is None:
                return shown
            if target.startswith("#"):
                return rf"\hyperlink{{{target[1:]}}}{{{shown}}}"
            return rf"\href{{{_address(target)}}}{{{shown}}}"
        case Code():
            return rf"\texttt{{{_words(part.code)}}}"
        case Status():
            return f"{_MARKS[part.good]} {_words(part.text)}"
        case Notation():
            return _formula(part, 12.0, "")
    raise TypeError(f"prose is made of str, notation, Link, Code and Status, not {type(part).__name__}")


def _edges(words: str) -> str:
    """Escaped text that keeps a space at its ends."""
    shown = _words(words)
    return (
        (" " if words[:1].isspace() else "") + shown + (" " if words[-1:].isspace() and words.strip() else "")
    )


def _address(target: str) -> str:
    """An address inside \\href: percent-encode what TeX would read as its own."""
    return (
        "".join(
            rf"\{c}" if c in "%#" else f"\\%{ord(c):02X}" if c in "\\{}^~$&_" and c not in "~_&" else c
            for c in target
        )
        .replace("~", r"\string~")
        .replace("&", r"\&")
        .replace("_", r"\_")
    )


def _prose(prose: Prose, known: frozenset[str]) -> str:
    return "".join(_inline(part, known) for part in inlines(prose))


def _formula(of: Notation, width: float, style: str = r"\displaystyle ") -> str:
    """A formula in math mode; breaks are allowed between its pieces when it is longer than the column."""
    if ems(of) <= 0.75 * width:
        return f"${style}{_write.write(of)}$"
    return _pieces(cut(of, width), style)


def _pieces(parts: list[Piece], style: str = r"\displaystyle ") -> str:
    return f"${style}{_joined(parts)}$" if parts else ""


def _joined(parts: list[Piece]) -> str:
    written = _write.piece(parts[0]) if parts else ""
    for part in parts[1:]:
        written += r" \allowbreak " + (r"\ " if part.word else r"\, " if part.thin else "") + _write.piece(part)
    return written


def _derivation(derivation: Derivation, known: frozenset[str]) -> str:
    figures = len(derivation.measures)
    labels = max((len(line.number or "") for line in derivation.lines), default=0)
    number = min(max(2.6, 0.6 * labels + 1.2), 6.0)
    sign, reason, each = 1.4, 11.0 if figures else 13.0, 5.2
    room = _LINE - number - sign - reason - each * figures - 0.6 * (5 + figures)
    left = 1.05 * left_width(derivation) + 0.4
    right = room - left
    rows = list(entries(derivation, right / 1.1))
    cell, close = r"\sgcell$\displaystyle", "<{$}"
    columns = (
        _column(number)
        + _column(left, r"\raggedleft\arraybackslash$\displaystyle", close)
        + _column(sign, r"\centering\arraybackslash$", close)
        + _column(right, cell, close)
        + _column(reason)
        + figures * _column(each)
    )
    head = ""
    if figures:
        names = " & ".join(rf"\footnotesize {_words(clip(name, 24))}" for name in derivation.measures)
        head = rf"& & & & & {names} \\ \endhead" + "\n"
    body = "\n".join(_row(row, known, figures, right) for row in rows)
    return f"\\begin{{longtable}}{{@{{}}{columns}@{{}}}}\n{head}{body}\n\\end{{longtable}}"


def _column(width: float, before: str = r"\sgcell", after: str = "") -> str:
    return rf">{{{before}}}p{{{width / _LINE:.4f}\linewidth}}{after}"


def _width(parts: list[Piece]) -> float:
    return sum(ems(part.body) + 1.2 * len(part.signs) + 0.25 for part in parts)


def _row(row: Entry, known: frozenset[str], figures: int, width: float) -> str:
    line = row.line
    mark = rf"\hypertarget{{{row.anchor}}}{{}}" if line.anchor else ""
    number = f"{mark}({_words(row.number)})" if row.number else mark
    sign = SIGNS[row.relation].latex
    short = _width(row.right) <= 0.75 * width and len(row.right) == len(pieces(line.right))
    right = _write.write(line.right) if short else _joined(row.right)
    if row.above:
        right, sign = rf"{_joined(row.above)}$\newline $\displaystyle{{}} {sign} {right}", ""
    reason = "".join(_inline(part, known) for part in row.reason)
    if line.status is not None:
        words = rf"{_MARKS[line.status.good]} {_words(line.status.text)}"
        reason += rf"\sgstatus{{{words}}}" if reason else rf"{{\footnotesize\itshape {words}}}"
    cells = [number, _joined(row.left), sign, right, reason]
    measured = [*line.measured, *[None] * figures][:figures]
    cells += [rf"\footnotesize {_figure(value)}" for value in measured]
    return " & ".join(cells) + r" \\"


def _figure(value: float | None) -> str:
    shown = figure(value)
    return f"${_write.write(shown)}$" if isinstance(shown, Notation) else escape(shown)


def _table(table: Table, known: frozenset[str]) -> str:
    shares = table.weights()
    room = 1 - 0.0125 * (len(shares) - 1) - 0.002
    columns = "".join(rf">{{\sgcell}}p{{{share * room:.4f}\linewidth}}" for share in shares)
    head = " & ".join(rf"\textbf{{{_prose(cell, known)}}}" for cell in table.header)
    anchors = list(table.anchors or [None] * len(table.rows))
    lines = []
    for row, anchor in zip(table.rows, anchors, strict=True):
        mark = rf"\hypertarget{{{anchor_name(anchor)}}}{{}}" if anchor else ""
        cells = [_cell(cell, known, share * room * _LINE) for cell, share in zip(row, shares, strict=True)]
        lines.append(mark + " & ".join(cells) + r" \\")
    body = "\n".join(lines)
    return (
        f"{{\\small\n\\begin{{longtable}}{{@{{}}{columns}@{{}}}}\n"
        f"{head} \\\\ \\hline\\noalign{{\\vskip 3pt}} \\endhead\n{body}\n"
        "\\end{longtable}}"
    )


def _cell(cell: Prose, known: frozenset[str], width: float) -> str:
    """A cell of prose; a cell that is one formula is set large and broken at the width of its column."""
    parts = inlines(cell)
    if len(parts) == 1 and isinstance(parts[0], Notation):
        return _formula(parts[0], width)
    return "".join(
        _formula(part, width, "") if isinstance(part, Relation) else _inline(part, known) for part in parts
    )
