"""Writing a page to a file: whole or not at all, in the format asked for or the one its name says."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from symgrad.errors import SymgradError, nearest
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
    format = _ENDINGS.get(Path(path).suffix.lower())
    if format is None:
        known = ", ".join(_ENDINGS)
        raise SymgradError(f"the name {Path(path).name!r} does not say a format; end it with one of {known}")
    return format


def write_file(content: str | bytes, path: str | os.PathLike[str]) -> Path:
    """Write a whole file or nothing, and return its path.  SymgradError, one line, for an unwritable file."""
    target = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        _replace(target.resolve(), data)  # a link is followed, not replaced
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise SymgradError(
            f"cannot write {str(target)!r}: {reason}; name a file in a folder you may write to"
        ) from None
    return target


def _replace(target: Path, data: bytes) -> None:
    """Write beside the target, then take its place; the usual permissions of a new file."""
    if target.is_dir():
        raise IsADirectoryError(21, "it is a folder")
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
