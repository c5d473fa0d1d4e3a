"""Which files hold theorems: the files named, those in the folders named, or the bundled ones.

In a folder, a theorem file is a Python file that speaks of symgrad and imports or calls `proved`, `refuted` or
`defined`; one that is no Python is taken too, so that it is reported. Folders and files whose names begin with
`.` or `_` are passed over. The text is looked at, nothing is run. A file that is named is taken whatever it holds. """

from __future__ import annotations

import ast
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import SymgradError, nearest

__all__ = ["bundled", "theorem_files"]

_CLAIMS = re.compile(r"\b(proved|refuted|defined|Claim)\s*\(|\bimport\b[^#\n]*\b(proved|refuted|defined|Claim)\b")
_SKIPPED = {"node_modules", "site-packages", "venv", "build", "dist"}


def bundled() -> Path:
    """The folder of the theorems that come with symgrad: in a wheel inside the package, in a checkout
    beside it."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "bundled_proofs", package.parent / "proofs"):
        if folder.is_dir():
            return folder
    raise SymgradError("the bundled proofs are missing from this installation: install symgrad again")


def theorem_files(paths: Sequence[str | os.PathLike[str]] = ()) -> list[Path]:
    """The theorem files among the paths, in order and each once; without paths, the bundled ones.

    Raises SymgradError for a path that does not exist or a folder without a theorem file.
    """
    found: dict[Path, Path] = {}
    for given in paths or [bundled()]:
        path = Path(given)
        if path.is_dir():
            files = list(_inside(path))
            if not files:
                raise SymgradError(f"no theorem file in {str(path)!r}: one imports symgrad and calls "
                                   "proved(...), refuted(...) or defined(...)")
        elif path.exists():
            files = [path]
        else:
            raise SymgradError(f"no file or folder {str(path)!r}: {_hint(path)}")
        for file in files:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def _inside(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] not in "._" and name not in _SKIPPED)
        for name in sorted(files):
            path = Path(place, name)
            if name.endswith(".py") and name[0] not in "._" and _holds_claims(path):
                yield path


def _holds_claims(path: Path) -> bool:
    try:
        text = path.read_text(encoding="utf-8")
        with warnings.catch_warnings(action="ignore"):
            ast.parse(text)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return True                                     # it is reported when it is run
    return "symgrad" in text and _CLAIMS.search(text) is not None


def _hint(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.name[0] not in "._"]
    except OSError:
        names = []
    close = nearest(path.name, names) if names else ""
    return close if close.startswith("did you mean") else "name a theorem file or a folder with theorem files"
