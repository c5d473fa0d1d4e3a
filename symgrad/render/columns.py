"""The lines of a derivation made ready for a table: sides cut into pieces, figures worded, numbers filled in.

Every writer lays the same rows out, so what is bold, broken or left out is decided here, once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from symgrad.render.page import Derivation, Inline, Line, anchor_name, inlines
from symgrad.terms.breaking import Piece, ems, pieces
from symgrad.terms.layout import number, product
from symgrad.terms.notation import Notation, Number, Script
from symgrad.terms.text import clean

__all__ = ["Entry", "clip", "cut", "entries", "figure", "left_width"]

_LONGEST_LABEL = 8
_LONG_LEFT = 12.0  # ems; a longer left side gets a row of its own


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, ready to lay out: a left side too long to align stands in `above`, and `left` is empty."""

    number: str
    anchor: str
    above: list[Piece]
    left: list[Piece]
    relation: str
    right: list[Piece]
    line: Line
    reason: tuple[Inline, ...]


def clip(words: str, width: int) -> str:
    """Cleaned words, cut off where a narrow column ends."""
    shown = clean(words)
    return shown if len(shown) <= width else shown[: width - 1] + "…"


def left_width(derivation: Derivation) -> float:
    """The ems that the column of left sides needs; the longest ones stand above their line and need none."""
    widths = [ems(line.left) for line in derivation.lines if line.left is not None]
    return max((width for width in widths if width <= _LONG_LEFT), default=0.0)


def cut(of: Notation, width: float) -> list[Piece]:
    """The pieces of a formula, none wider than `width` ems if that can be helped."""
    return pieces(of, lambda part: ems(part) > width)


def entries(derivation: Derivation, width: float, prefix: str = "line") -> Iterator[Entry]:
    """The rows of a derivation for a column `width` ems wide; lines without a number are counted."""
    for at, line in enumerate(derivation.lines, 1):
        label = clip(line.number if line.number is not None else str(at), _LONGEST_LABEL)
        left = cut(line.left, width) if line.left is not None else []
        long = line.left is not None and ems(line.left) > _LONG_LEFT
        yield Entry(
            label,
            anchor_name(line.anchor or f"{prefix}-{at}"),
            left if long else [],
            [] if long else left,
            line.relation,
            cut(line.right, width),
            line,
            inlines(line.reason),
        )


def figure(value: float | None) -> str | Notation:
    """A measured figure with two digits; a dash where there is none.

    >>> print(figure(3.14e-16), figure(0.0), figure(None))
    3.1 · 10^{-16} 0 –
    """
    if value is None:
        return "–"
    if math.isnan(value) or math.isinf(value):
        return "not a number" if math.isnan(value) else "infinite"
    if value == 0:
        return number(0)
    mantissa, exponent = f"{value:.1e}".split("e")
    if -3 <= int(exponent) <= 3:
        return number(f"{float(f'{value:.1e}'):.{max(0, 1 - int(exponent))}f}")
    scale = number(f"1e{int(exponent)}")
    assert isinstance(scale, (Script, Number))
    return product(number(mantissa), scale, operator="dot")
