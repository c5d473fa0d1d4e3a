"""Writing a page to a file: whole or not at all, in the format asked for or the one its name says."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from symgrad.errors import SymgradError, nearest
from symgrad.files import write_file
from symgrad.render.page import Page

__all__ = ["FORMATS", "format_of", "render", "write", "write_file"]

# format -> file, function; each file is read when its format is asked for
FORMATS: dict[str, tuple[str, str]] = {
    "text": ("text", "text"),
    "latex": ("latex", "latex"),
    "markdown": ("markdown", "markdown"),
    "html": ("html", "html"),
    "typst": ("typst", "typst"),
    "pdf": ("typst", "pdf"),
}
_ENDINGS = {
    ".txt": "text",
    ".tex": "latex",
    ".md": "markdown",
    ".html": "html",
    ".htm": "html",
    ".typ": "typst",
    ".pdf": "pdf",
}


def render(page: Page, format: str) -> str | bytes:
    """The page in one of FORMATS: bytes for pdf, else a string.  SymgradError for an unknown format."""
    if format not in FORMATS:
        raise SymgradError(f"unknown format {format!r}; {nearest(format, FORMATS)}")
    file, function = FORMATS[format]
    writer: Callable[[Page], str | bytes] = getattr(import_module(f"symgrad.render.{file}"), function)
    return writer(page)


def write(page: Page, format: str | None, path: str | os.PathLike[str]) -> Path:
    """Write the page atomically and return the path; without a format the file's ending says it.

    Raises SymgradError, one line, for an unknown format or an unwritable file; nothing is left behind.
    """
    return write_file(render(page, format or format_of(path)), path)


def format_of(path: str | os.PathLike[str]) -> str:
    """The format that the ending of a file's name says.  SymgradError when it says none."""
    if not isinstance(path, (str, os.PathLike)):
        raise SymgradError(f"a file is named by a text or a Path, got {path!r}")
    format = _ENDINGS.get(Path(path).suffix.lower())
    if format is None:
        known = ", ".join(_ENDINGS)
        raise SymgradError(f"the name {Path(path).name!r} does not say a format; end it with one of {known}")
    return format
