"""Every error symgrad raises on purpose derives from `SymgradError`; its text is one line that says what was
given, what was expected and what to try."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

__all__ = ["ExtraMissing", "KernelError", "ProofError", "ShapeError", "SymgradError", "nearest", "one_line"]


class SymgradError(Exception):
    """The base of every error raised by symgrad on purpose."""


class ShapeError(SymgradError, ValueError):
    """Two shapes that do not fit."""


class KernelError(SymgradError):
    """A rule of the kernel was applied where it does not hold."""


class ProofError(SymgradError):
    """A line of a derivation does not follow from its reasons."""


class ExtraMissing(SymgradError, ImportError):
    """An optional package is not installed; the text names the extra that brings it."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(f'{purpose} needs {package}, which is not installed: pip install "symgrad[{extra}]"')


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint naming the known words closest to `word`, or all of them when none is close.

    >>> nearest("sigmod", ["sigmoid", "tanh"])
    'did you mean sigmoid?'
    """
    known = sorted(known)
    close = difflib.get_close_matches(str(word)[:100].lower(), known, n=3)
    return f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(known)}"


def one_line(message: str) -> str:
    """A message on one line, without control characters; a word of more than 120 characters keeps its two ends.

    >>> one_line("got\n" + "9" * 1000)
    'got 999999999999999999999999999999999999999999999999999999999999…99999999999999999999'
    """
    printable = "".join(letter if letter.isprintable() else " " for letter in message)
    return re.sub(r"\S{121,}", lambda word: f"{word[0][:60]}…{word[0][-20:]}", " ".join(printable.split()))
