"""The bounds as a table: text for the terminal, HTML, LaTeX, CSV, JSON and plain dicts.  Numbers are rounded
outward; below the rows stands the theorem that each column is an instance of.

A table that is wider than the page is cut between columns and set in parts, each beginning with the layer."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flint import arb

from symgrad.bounds.enclosure import decimal
from symgrad.bounds.rounding import BoundError
from symgrad.bounds.theorems import FORMULAS, in_norm, latex_indices, latex_of
from symgrad.errors import nearest

if TYPE_CHECKING:
    from symgrad.bounds.explain import Explanation
    from symgrad.bounds.report import Bounds

__all__ = ["Column", "Table", "decades", "short", "table_of", "wrapped"]

Rows = Sequence[Sequence[str]]
LATEX_KINDS = 3                         # rungs beside each other in a LaTeX table, so that it fits a page of A4


def short(x: arb, *, up: bool, digits: int = 3) -> str:
    """An exact number in a few characters, rounded up or down: 0.123, 4.56e-7, 0, inf."""
    text = decimal(x, digits, up=up)
    if "e" not in text:
        return text
    mantissa, power = text.split("e")
    return f"{float(text):.{max(digits - 1 - int(power), 0)}f}" if -3 <= int(power) < digits else f"{mantissa}e{power}"


def wrapped(text: str, width: int, *, initial_indent: str = "", subsequent_indent: str = "") -> list[str]:
    """Lines of at most `width`; a norm is not broken between its bars."""
    pieces = text.split("‖")
    tied = "‖".join(piece.replace(" ", "\0") if k % 2 else piece for k, piece in enumerate(pieces))
    lines = textwrap.wrap(tied, width, break_long_words=False, break_on_hyphens=False,
                          initial_indent=initial_indent, subsequent_indent=subsequent_indent)
    return [line.replace("\0", " ") for line in lines]


def decades(value: float, form: str = ".2f") -> str:
    """A number of decades: two places, or a power of ten where the number itself is huge."""
    return "∞" if math.isinf(value) else f"{value:{form}}" if abs(value) < 1e6 else f"{value:+.2e}" if "+" in form \
        else f"{value:.2e}"


@dataclass(frozen=True)
class Column:
    """What one rung says of each layer, and how loose it is; `formula` and `claim` are its theorem."""

    kind: str
    formula: str
    claim: str
    latex: str = ""


@dataclass(frozen=True)
class Table:
    """A header and rows of text, with the raw records; `str` aligns it, `.render(format)` gives the other
    forms."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    records: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    preface: str = ""                   # what the formulas of the columns are factors of
    latex_preface: str = ""
    theorems: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int | None = None) -> str:
        """Aligned text, at most `width` wide (the terminal's width, 80 where there is none)."""
        width = width or shutil.get_terminal_size((80, 24)).columns
        lines = [*wrapped(self.title, width)]
        for part in self.parts(width):
            widths = [max(map(len, cells)) for cells in zip(*part, strict=True)]
            aligned = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in part]
            lines += [aligned[0], "─" * max(map(len, aligned)), *aligned[1:], ""]
        return "\n".join([*lines, *self._theorem_lines(width), *(
            line for note in self.notes for line in wrapped(note, width, subsequent_indent="  "))]).rstrip()

    def _theorem_lines(self, width: int) -> list[str]:
        if not self.columns:
            return []
        lines = wrapped(self.preface, width)
        room = max(len(c.kind) for c in self.columns) + 6
        for c in self.columns:
            lead = f"  {c.kind}".ljust(room - 2) + f"{c.claim}  "
            lines += wrapped(c.formula, width, initial_indent=lead, subsequent_indent=" " * len(lead))
        return lines

    def parts(self, width: int | None = None, kinds: int | None = None) -> list[Rows]:
        """The table cut between rungs into parts of that width or number of rungs, each with the first two columns."""
        whole = [self.header, *self.rows]
        groups = [[2 + 2 * k, 3 + 2 * k] for k in range((len(self.header) - 3) // 2)] + [[len(self.header) - 1]]
        wide = [max(len(row[c]) for row in whole) + 2 for c in range(len(self.header))]
        parts: list[list[int]] = [[0, 1]]
        for group in groups:
            used = sum(wide[c] for c in parts[-1]) - 2
            full = used + sum(wide[c] for c in group) > width if width else \
                kinds is not None and len(group) > 1 and len(parts[-1]) >= 2 + 2 * kinds
            if full and len(parts[-1]) > 2:
                parts.append([0, 1])
            parts[-1] += group
        return [[[row[c] for c in part] for row in whole] for part in parts]

    def render(self, format: str = "text") -> str:
        """The table as "text", "html", "latex", "csv" or "json"; the last two hold floats rounded outward and
        log10s."""
        forms: dict[str, Callable[[], str]] = {"text": self.__str__, "html": self.html, "latex": self.latex,
                                               "csv": self.csv, "json": self.json}
        if format not in forms:
            raise BoundError(f"table format {format!r} is not known; {nearest(str(format), forms)}")
        return forms[format]()

    def explained(self, why: Explanation, format: str = "text") -> str:
        """The table with the reasons why the gradient vanishes or explodes, as text, html or json."""
        if format == "json":
            return json.dumps(json.loads(self.json()) | {"explanation": str(why).splitlines(), "layers": why.records()},
                              ensure_ascii=False, indent=1, default=str)
        return self.html(why) if format == "html" else f"{self.render(format)}\n\n{why}"

    def _repr_html_(self) -> str:
        from symgrad.bounds.page import bounds_page
        from symgrad.render.html import html_fragment
        return html_fragment(bounds_page(self))

    def html(self, why: Explanation | None = None) -> str:
        """A whole HTML page, self-contained, its formulas typeset."""
        from symgrad.bounds.page import bounds_page
        from symgrad.render.html import html
        return html(bounds_page(self, why))

    def latex(self) -> str:
        """`tabular`s with booktabs rules, some rungs each, and their theorems (packages booktabs, amsmath)."""
        made = []
        for part in self.parts(kinds=LATEX_KINDS):
            head, *rows = [" & ".join(map(_latex_cell, row)) + r" \\" for row in part]
            made.append("\n".join([rf"\noindent\begin{{tabular}}{{{'r' * len(part[0])}}}", r"\toprule", head, r"\midrule", *rows,
                                   r"\bottomrule", r"\end{tabular}"]))
        if self.columns:
            each = "; ".join(f"\\emph{{{c.kind}}} (claim {c.claim}) ${c.latex}$" if "$" not in c.latex
                             else f"\\emph{{{c.kind}}} (claim {c.claim}) {c.latex}" for c in self.columns)
            made.append(f"\\noindent{{\\footnotesize\\raggedright {self.latex_preface} {each}.\\par}}")
        return f"% {self.title}\n" + "\n\n\\medskip\n".join(made)

    def csv(self) -> str:
        stream = io.StringIO()
        writer = csv.DictWriter(stream, fieldnames=list(self.records[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.records)
        return stream.getvalue()

    def json(self) -> str:
        plain = [{k: str(v) if isinstance(v, float) and not math.isfinite(v) else v for k, v in r.items()}
                 for r in self.records]
        return json.dumps({"title": self.title, "rows": plain, "theorems": self.theorems, "notes": list(self.notes)},
                          ensure_ascii=False, indent=1)


def _latex_cell(text: str) -> str:
    mantissa, e, power = text.partition("e")
    if e and power.lstrip("-").isdigit():
        return rf"${mantissa}\cdot 10^{{{power}}}$"
    if text.lstrip("+-").replace(".", "").isdigit():
        return f"${text}$"
    return {"∞": r"$\infty$", "inf": r"$\infty$", "l": "$l$"}.get(text, text)


def table_of(bounds: Bounds, quantity: str, symbol: str) -> Table:
    """The rows of one quantity.  Each bound stands with its looseness in decades: log10(bound / true
    norm)."""
    header = ["l", "true"]
    for kind in bounds.kinds:
        header += [kind, "dec"]
    header.append("lower")
    rows, records, name = [], [], ""
    for row in bounds:
        if row.quantity != quantity:
            continue
        name = row.name
        cells = [str(row.layer), short(row.true.lower if not bounds.boxed else row.true.upper, up=bounds.boxed)]
        record: dict[str, Any] = {"quantity": quantity, "layer": row.layer, "true_lower": row.true.low,
                                  "true_upper": row.true.high, "log10_true_upper": row.true.log10_high}
        for kind in bounds.kinds:
            cells += [short(row.bounds[kind].upper, up=True), decades(row.looseness(kind))]
            record |= {kind: row.bounds[kind].high, f"log10_{kind}": row.bounds[kind].log10_high,
                       f"decades_{kind}": row.looseness(kind), f"lower_{kind}": row.bounds[kind].low}
        cells.append(short(row.lower.lower, up=False))
        record["lower"] = row.lower.low
        rows.append(tuple(cells))
        records.append(record)
    norm = {"inf": "∞"}.get(bounds.norm, bounds.norm)
    over = f", {bounds.examples} examples" if bounds.examples > 1 else ""
    boxed = ", largest over the box (dec: against one point inside)" if bounds.boxed else ""
    title = f"{symbol} in the {norm}-norm{over}{boxed}: upper bounds, rounded up, and their looseness in decades (dec)"
    found = {kind: bounds.theorem(name, kind) for kind in bounds.kinds}
    columns = tuple(Column(kind, in_norm(FORMULAS[kind], bounds.norm), theorem.upper[0].claim, latex_of(kind, bounds.norm))
                    for kind, theorem in found.items())
    return Table(title, tuple(header), tuple(rows), tuple(records), bounds.notes, columns,
                 _preface(quantity, bounds.norm, bounds.examples), _latex_preface(quantity, bounds.norm, bounds.examples),
                 {k: t.records() for k, t in found.items()})


def _preface(quantity: str, norm: str, examples: int) -> str:
    whole = in_norm("‖a^L − y‖_p" + {"w": " ‖a^{l-1}‖_{p*}"}.get(quantity, ""), norm)
    mean = "the mean over the examples of " if examples > 1 else ""
    return f"Theorems for every depth, with their claims (symgrad prove). Each bound is {mean}{whole} times:"


def _latex_preface(quantity: str, norm: str, examples: int) -> str:
    p, q = latex_indices(norm)
    times = rf"\,\lVert a^{{l-1}}\rVert_{{{q}}}" if quantity == "w" else ""
    mean = "the mean over the examples of " if examples > 1 else ""
    return f"Each bound is {mean}$\\lVert a^L-y\\rVert_{{{p}}}{times}$ times:"
