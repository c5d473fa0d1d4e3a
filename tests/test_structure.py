"""Imports go one way: a file imports only from parts above its own."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "symgrad"
ORDER = ["errors", "files", "terms", "balls", "kernel", "operations", "networks", "derive", "numeric", "render", "bounds",
         "check", "matrices", "front", "testing", "options", "cli", "__main__"]
FREE = {"__init__", "verify"}                       # verify, the second checker, imports nothing of symgrad at all


def parts(path: Path) -> tuple[str, ...]:
    return path.relative_to(PACKAGE).with_suffix("").parts


def imported(path: Path) -> set[str]:
    """The parts of symgrad that a file imports anywhere, at the top or inside a function."""
    here = ("symgrad", *parts(path))
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom):
            base = ".".join(here[:-node.level]) + "." * bool(node.module) if node.level else ""
            names = [f"{base}{node.module or ''}"] if node.module else [f"{base}.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("symgrad.")}
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: "/".join(parts(p)))
def test_a_file_imports_only_from_parts_above_it(path):
    part = parts(path)[0]
    if part in FREE or part == "bundled_proofs":
        return
    assert part in ORDER, f"{part} is not a part of the design"
    below = {name for name in imported(path) if name in ORDER and ORDER.index(name) > ORDER.index(part)}
    assert not below, f"{part} imports {sorted(below)}, which stand below it"


def test_the_second_checker_imports_nothing_of_symgrad():
    path = PACKAGE / "verify.py"
    assert path.exists() and not imported(path)


def test_the_second_checker_is_short_enough_to_be_read():
    """At most 750 lines of code: without blank lines, comments and docstrings; 940 with them."""
    text = (PACKAGE / "verify.py").read_text(encoding="utf-8")
    told = {line for node in ast.walk(ast.parse(text))
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None
            for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)}
    code = [k for k, line in enumerate(text.splitlines(), 1)
            if line.strip() and not line.strip().startswith("#") and k not in told]
    assert len(text.splitlines()) <= 940 and len(code) <= 750
    assert max(map(len, text.splitlines())) <= 130


def test_importing_symgrad_imports_nothing_heavy():
    code = "import sys, symgrad; print([m for m in ('sympy', 'numpy', 'flint', 'matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_help_imports_nothing_heavy():
    code = ("import sys\nfrom symgrad.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
            "print([m for m in ('sympy', 'numpy', 'flint') if m in sys.modules])")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.endswith("[]\n")
