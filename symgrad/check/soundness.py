"""The tables of the soundness page, proofs/README.md: the kernel's rules and the facts accepted beside them.

`python -m symgrad.check.soundness FILE` writes them anew between their marks; the prose around them stays.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from ..errors import SymgradError
from ..kernel.facts import METHODS
from ..kernel.theorem import RULES

__all__ = ["cited_sources", "facts_table", "main", "registering", "rules_table", "updated"]

_SIGNS = (("|-", "⊢"), ("<=", "≤"), ("->", "↦"), ("  /  ", "  ⟹  "))


def rules_table() -> str:
    """Every rule of the kernel: its name, its inference, its side conditions; one table for each theory."""
    theories: dict[str, list[str]] = {}
    for name, rule in RULES.items():
        theories.setdefault(rule.__module__, []).append(name)
    parts = []
    for module, names in theories.items():
        title = (inspect.getdoc(import_module(module)) or "").split("\n")[0]
        rows = [_rule_row(name) for name in names]
        head = ["| rule | inference | where |", "|---|---|---|"]
        parts.append("\n".join([f"**{module.rsplit('.', 1)[-1]}.** {title}", "", *head, *rows]))
    return "\n\n".join(parts)


def _rule_row(name: str) -> str:
    text = inspect.getdoc(RULES[name]) or ""
    first, *further = text.split("\n")
    pieces = [piece.strip() for piece in re.split(r" {5,}", first)]
    laws = [piece for k, piece in enumerate(pieces) if k == 0 or ("|-" in piece and not piece.startswith("also"))]
    notes = [piece for piece in pieces if piece not in laws] + [" ".join(line.strip() for line in further if line)]
    shown = "<br>".join(f"`{_cell(law)}`" for law in laws)
    return f"| `{name}` | {shown} | {_cell('; '.join(filter(None, notes)))} |"


def _cell(text: str) -> str:
    """The signs of mathematics; a bar would end the cell."""
    for plain, sign in _SIGNS:
        text = text.replace(plain, sign)
    return text.replace("|", "\\|").strip()


def facts_table(cited: Sequence[str]) -> str:
    """The ways in which facts are computed, and the sources that the bundled theorems cite."""
    for module in registering():
        import_module(module)
    rows = ["| accepted as | what | how it is decided |", "|---|---|---|"]
    for name in sorted(METHODS):
        words = " ".join((inspect.getdoc(METHODS[name]) or "").split())
        rows.append(f"| computed | {_cell(name)} | {_cell(words)} |")
    rows += [f"| cited | {_cell(source)} | in the source; not proved here |" for source in sorted(set(cited))]
    if not cited:
        rows.append("| cited | nothing | no bundled theorem rests on a citation |")
    return "\n".join(rows)


def registering() -> list[str]:
    """The modules of the package that register a way to compute facts."""
    package = Path(__file__).parent.parent
    files = sorted(path for path in package.rglob("*.py") if "\n@method(" in path.read_text(encoding="utf-8"))
    return [".".join((package.name, *path.relative_to(package).with_suffix("").parts)) for path in files]


def updated(text: str, cited: Sequence[str]) -> str:
    """The page with its tables written anew. Raises SymgradError when a mark is missing."""
    tables = {"rules": rules_table(), "facts": facts_table(cited), "count": f"{len(RULES)} rules"}
    for name, table in tables.items():
        pattern = rf"(<!-- {name} -->).*?(<!-- end {name} -->)"
        between = f" {table} " if name == "count" else f"\n\n{table}\n\n"
        text, found = re.subn(pattern, lambda m, between=between: f"{m[1]}{between}{m[2]}",   # type: ignore[misc]
                              text, flags=re.DOTALL)
        if not found:
            raise SymgradError(f"the page has no place for the {name}: <!-- {name} --> … <!-- end {name} -->")
    return text


def cited_sources() -> list[str]:
    """The sources that the bundled theorems cite."""
    from .prove import prove
    return sorted({text for result in prove() for claim in result.claims for text in claim.rests_on.get("cited", ())})


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the tables of a page anew."""
    from ..render.write import write_file
    for name in arguments if arguments is not None else sys.argv[1:]:
        path = Path(name)
        write_file(updated(path.read_text(encoding="utf-8"), cited_sources()), path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
