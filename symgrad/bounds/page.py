"""The page of a table of bounds: its parts, the theorem of every rung, why the gradient vanishes.

It is the one HTML form: a file of the command line, `Table.render("html")` and a notebook cell all show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from symgrad.render.page import Block, Bullets, Code, Page, Paragraph, Preformatted, Section, Table
from symgrad.render.typeset import typeset

if TYPE_CHECKING:
    from symgrad.bounds.explain import Explanation
    from symgrad.bounds.table import Table as Bounds

__all__ = ["bounds_page"]

_RUNGS = 4                                                       # beside each other, so that a part fits the page


def bounds_page(bounds: Bounds, why: Explanation | None = None) -> Page:
    """The page of a table of bounds (`net.bounds(...).table()`); `why` is what `net.explain_gradient` returned."""
    said = [Paragraph(typeset(bounds.preface)), Bullets([
        [Code(column.kind), f" (claim {column.claim}): ", *typeset(column.formula)] for column in bounds.columns])]
    blocks: list[Block] = [Paragraph(typeset(bounds.title))]
    blocks += [Table(part[0], part[1:]) for part in bounds.parts(kinds=_RUNGS)]
    blocks += [*(said if bounds.columns else ()), *(Paragraph(typeset(note)) for note in bounds.notes)]
    sections = [Section("Bounds", blocks)]
    if why is not None:
        sections.append(Section("Why it is so small, or so large", [Preformatted(str(why))]))
    return Page("Certified bounds", sections)
