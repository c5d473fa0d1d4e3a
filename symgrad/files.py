"""Files are written whole or not at all, by this one function, whatever part of symgrad writes them.

The text goes to a new file beside the target, which then takes its place in one step: a reader, a second writer or an
interruption (Ctrl-C, a full disk) leaves the old file or the whole new one, and no remains.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from .errors import SymgradError

__all__ = ["write_file"]


def write_file(content: str | bytes, path: str | os.PathLike[str]) -> Path:
    """Write a whole file or nothing, and return its path: text as UTF-8, a link is followed and not replaced.

    Raises SymgradError, one line, for a file that cannot be written.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise SymgradError(f"a file is named by a text or a Path, got {path!r}")
    target = Path(path)
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    try:
        if not os.fspath(path):
            raise ValueError("the name is empty")
        _replace(target.resolve(), data)
    except (OSError, ValueError, RuntimeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise SymgradError(f"cannot write {str(target)!r}: {reason}; name a file in a folder you may write to") from None
    return target


def _replace(target: Path, data: bytes) -> None:
    """Write beside the target, then take its place; the usual permissions of a new file, those of an old one."""
    if target.is_dir():
        raise IsADirectoryError(21, "it is a folder")
    if target.exists() and not target.is_file():            # a terminal, a pipe, /dev/null: nothing to replace
        target.write_bytes(data)
        return
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(13, "the file that is there is read-only")
    name = target.parent / f".{target.name[:40]}-{secrets.token_hex(6)}"
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)     # what the umask leaves of it
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            os.chmod(name, target.stat().st_mode & 0o777)
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
