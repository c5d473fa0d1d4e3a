"""The verdicts as a table for a terminal, never wider than the terminal (80 columns when it is no
terminal)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from .runner import FAILED, ClaimResult, FileResult, claims_in_order

__all__ = ["resting", "summary", "table", "width_of"]

_HEADER = ("id", "statement", "verdict", "rests on", "time")
_LEAST = 20                                             # the statement has at least so many columns


def table(results: Iterable[FileResult], width: int = 80) -> str:
    """id, statement, verdict, rests on, time: one row a claim, long cells wrapped."""
    rows = [_row(claim) for claim in claims_in_order(results)]
    plain = [(row[0], row[2], row[3], row[4]) for row in [_HEADER, *rows]]
    id_, verdict, rests, time = (max(map(width_of, column)) for column in zip(*plain, strict=True))
    id_, verdict, rests = min(id_, 14), min(verdict, 11), min(rests, 16)
    statement = max(width - id_ - verdict - rests - time - 8, _LEAST)
    widths = (id_, statement, verdict, rests, time)
    rule = "  ".join("─" * w for w in widths)
    lines = [_line(_HEADER, widths), rule]
    for row in rows:
        cells = [wrapped(cell, w) for cell, w in zip(row, widths, strict=True)]
        cells[1] = shortened(cells[1], 3, statement)
        height = max(map(len, cells))
        for k in range(height):
            lines.append(_line([cell[k] if k < len(cell) else "" for cell in cells], widths))
    return "\n".join(line.rstrip() for line in lines)


def summary(results: Sequence[FileResult], seconds: float) -> str:
    """One line: how many claims, of which verdict, in what time; then a line for each failure."""
    claims = claims_in_order(results)
    counts = {verdict: sum(claim.verdict == verdict for claim in claims)
              for verdict in ("proved", "refuted and corrected", "defined", FAILED)}
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    files = "1 file" if len(results) == 1 else f"{len(results)} files"
    failures = [f"FAILED  {claim.error}" for claim in claims if claim.verdict == FAILED]
    return "\n".join([f"{told} · {files} · {seconds:.2f} s", *failures])


def resting(rests_on: dict[str, list[str]]) -> str:
    """What a claim rests on, counted: "12 rules, 2 computed, 1 cited"."""
    parts = []
    for kind, one, many in (("rule", "rule", "rules"), ("computed", "computed", "computed"),
                            ("cited", "cited", "cited"), ("definition", "definition", "definitions")):
        count = len(rests_on.get(kind, ()))
        if count:
            parts.append(f"{count} {one if count == 1 else many}")
    return ", ".join(parts)


def _row(claim: ClaimResult) -> tuple[str, str, str, str, str]:
    statement, time = claim.claimed or claim.error, f"{claim.seconds:.2f} s"
    return claim.id, statement, claim.verdict, resting(claim.rests_on), time


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell + " " * (w - width_of(cell)) for cell, w in zip(cells, widths, strict=True))


def width_of(text: str) -> int:
    """The columns a text takes in a terminal."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)


def wrapped(text: str, width: int) -> list[str]:
    """The words of a text in lines of that width; a longer word is cut."""
    lines = [""]
    for word in text.split():
        while width_of(word) > width:
            room = width - width_of(lines[-1]) - bool(lines[-1])
            if room < 4:
                lines.append("")
                room = width
            lines[-1] = f"{lines[-1]} {word[:room]}".strip()
            word = word[room:]
            lines.append("")
        if width_of(lines[-1]) + bool(lines[-1]) + width_of(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [line for line in lines if line] or [""]


def shortened(lines: list[str], most: int, width: int) -> list[str]:
    """At most so many lines; the last says that there was more."""
    if len(lines) <= most:
        return lines
    return [*lines[:most - 1], f"{lines[most - 1][:width - 2]} …"]
