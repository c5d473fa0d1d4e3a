"""The catalogue of named activations. Each module here holds one `ENTRY` or a table `ENTRIES`; there is no
other list, so a new activation is one new file, or one more line in a table.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from symgrad.errors import SymgradError

__all__ = ["Entry", "add", "catalogue", "remove"]


@dataclass(frozen=True)
class Entry:
    """A named activation: its formula in x (read by `parse_formula`), parameters with their defaults, print
    form.

    `conditions`: what must be positive, as "description" -> formula in the parameters. `source`: where it
    is from.
    """

    name: str
    formula: str
    latex: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    source: str = ""
    numpy: object | None = None


@cache
def catalogue() -> dict[str, Entry]:
    """Every entry under its name and its aliases."""
    found: dict[str, Entry] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        content = importlib.import_module(f"{__name__}.{module}")
        for entry in getattr(content, "ENTRIES", None) or (content.ENTRY,):
            for name in (entry.name, *entry.aliases):
                if name in found:
                    raise ValueError(f"two activations are called {name}: see {module}.py")
                found[name] = entry
    return found


def add(entry: Entry) -> None:
    """Put an entry into the catalogue, for this process; nothing is tried (`symgrad.register` does).

    Raises SymgradError when one of its names is taken.
    """
    names = (entry.name, *entry.aliases)
    for name in names:
        if catalogue().get(name.lower(), entry) is not entry:
            raise SymgradError(f"an activation is called {name} already: choose another name")
    catalogue().update({name.lower(): entry for name in names})


def remove(entry: Entry) -> None:
    """Take an entry out of the catalogue again."""
    for name in [name for name, known in catalogue().items() if known is entry]:
        del catalogue()[name]
