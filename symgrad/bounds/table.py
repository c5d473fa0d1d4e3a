"""The bounds as a table: text for the terminal, HTML, LaTeX, CSV, JSON and plain dicts.  Numbers are rounded
outward."""

from __future__ import annotations

import csv
import html
import io
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flint import arb

from symgrad.bounds.enclosure import decimal
from symgrad.bounds.rounding import BoundError
from symgrad.errors import nearest

if TYPE_CHECKING:
    from symgrad.bounds.report import Bounds

__all__ = ["Table", "short", "table_of"]

LATEX = {"‖δ^l‖": r"$\lVert\delta^l\rVert$", "‖∂C/∂b^l‖": r"$\lVert\partial C/\partial b^l\rVert$",
         "‖∂C/∂w^l‖": r"$\lVert\partial C/\partial w^l\rVert$", "∞": r"$\infty$"}


def short(x: arb, *, up: bool, digits: int = 3) -> str:
    """An exact number in a few characters, rounded up or down: 0.123, 4.56e-7, 0, inf."""
    text = decimal(x, digits, up=up)
    if "e" not in text:
        return text
    mantissa, power = text.split("e")
    return f"{float(text):.{max(digits - 1 - int(power), 0)}f}" if -3 <= int(power) < digits else f"{mantissa}e{power}"


def _decades(value: float) -> str:
    return "∞" if math.isinf(value) else f"{value:.2f}"


@dataclass(frozen=True)
class Table:
    """A header and rows of text, with the raw records; `str` aligns it, `.render(format)` gives the other
    forms."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    records: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        widths = [max(len(row[k]) for row in (self.header, *self.rows)) for k in range(len(self.header))]
        lines = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True))
                 for row in (self.header, *self.rows)]
        return "\n".join([self.title, lines[0], "─" * len(lines[0]), *lines[1:], *self.notes])

    def render(self, format: str = "text") -> str:
        """The table as "text", "html", "latex", "csv" or "json"; the last two hold floats rounded outward and
        log10s."""
        forms: dict[str, Callable[[], str]] = {"text": self.__str__, "html": self._repr_html_, "latex": self.latex,
                                               "csv": self.csv, "json": self.json}
        if format not in forms:
            raise BoundError(f"table format {format!r} is not known; {nearest(str(format), forms)}")
        return forms[format]()

    def _repr_html_(self) -> str:
        def line(cells: tuple[str, ...], tag: str) -> str:
            return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

        body = "\n".join(line(row, "td") for row in self.rows)
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return (f"<table>\n<caption>{html.escape(self.title)}</caption>\n<thead>{line(self.header, 'th')}</thead>\n"
                f"<tbody>\n{body}\n</tbody>\n</table>{notes}")

    def latex(self) -> str:
        """A `tabular` with booktabs rules (needs the packages booktabs and amsmath)."""
        def cell(text: str) -> str:
            mantissa, e, power = text.partition("e")
            if e and power.lstrip("-").isdigit():
                return rf"${mantissa}\cdot 10^{{{power}}}$"
            if text.lstrip("+-").replace(".", "").isdigit():
                return f"${text}$"
            for plain, maths in LATEX.items():
                text = text.replace(plain, maths)
            return text

        lines = [" & ".join(cell(c) for c in row) + r" \\" for row in (self.header, *self.rows)]
        top = rf"\begin{{tabular}}{{{'r' * len(self.header)}}}"
        return "\n".join([top, r"\toprule", lines[0], r"\midrule", *lines[1:], r"\bottomrule", r"\end{tabular}"])

    def csv(self) -> str:
        stream = io.StringIO()
        writer = csv.DictWriter(stream, fieldnames=list(self.records[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.records)
        return stream.getvalue()

    def json(self) -> str:
        plain = [{k: str(v) if isinstance(v, float) and not math.isfinite(v) else v for k, v in r.items()}
                 for r in self.records]
        return json.dumps({"title": self.title, "rows": plain, "notes": list(self.notes)}, ensure_ascii=False, indent=1)


def table_of(bounds: Bounds, quantity: str, symbol: str) -> Table:
    """The rows of one quantity.  Each bound stands with its looseness in decades: log10(bound / true
    norm)."""
    header = ["l", f"true {symbol}"]
    for kind in bounds.kinds:
        header += [kind, "dec"]
    header.append("lower")
    rows, records = [], []
    for row in bounds:
        if row.quantity != quantity:
            continue
        cells = [str(row.layer), short(row.true.lower if not bounds.boxed else row.true.upper, up=bounds.boxed)]
        record: dict[str, Any] = {"quantity": quantity, "layer": row.layer, "true_lower": row.true.low,
                                  "true_upper": row.true.high, "log10_true_upper": row.true.log10_high}
        for kind in bounds.kinds:
            cells += [short(row.bounds[kind].upper, up=True), _decades(row.looseness(kind))]
            record |= {kind: row.bounds[kind].high, f"log10_{kind}": row.bounds[kind].log10_high,
                       f"decades_{kind}": row.looseness(kind), f"lower_{kind}": row.bounds[kind].low}
        cells.append(short(row.lower.lower, up=False))
        record["lower"] = row.lower.low
        rows.append(tuple(cells))
        records.append(record)
    norm = {"inf": "∞"}.get(bounds.norm, bounds.norm)
    over = f", {bounds.examples} examples" if bounds.examples > 1 else ""
    boxed = ", largest over the box (dec: against one point inside)" if bounds.boxed else ""
    title = f"{symbol} in the {norm}-norm{over}{boxed}: upper bounds, rounded up, and their looseness in decades"
    return Table(title, tuple(header), tuple(rows), tuple(records), bounds.notes)
