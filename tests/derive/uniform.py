"""The dense network with one width for all layers, made from the source of the general one.

There no shape betrays a lost transpose or a shifted index, so that only the search can refuse it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import symgrad.derive
import symgrad.networks
from symgrad.networks import dense
from symgrad.terms.index import Width, WidthFamily

__all__ = ["with_uniform_widths"]


class _OneWidth:
    """Every layer has the width n_0."""

    def __getitem__(self, index: Any) -> Width:
        return WidthFamily("n")[0]


_made: list[ModuleType] = []


def _uniform() -> ModuleType:
    if not _made:
        source = Path(str(dense.__file__)).read_text(encoding="utf-8")
        for kind in ("Family", "Function", "Variable"):
            source = source.replace(f' {kind}("', f' {kind}("uniform.')
        source = source.replace('WidthFamily("n")', "one_width").replace(
            "[parameter.name]", '[parameter.name.removeprefix("uniform.")]')
        module = ModuleType("symgrad.networks.dense")
        module.__package__ = "symgrad.networks"
        module.__dict__["one_width"] = _OneWidth()
        exec(compile(source, "uniform dense network", "exec"), module.__dict__)
        _made.append(module)
    return _made[0]


def with_uniform_widths(patch: pytest.MonkeyPatch, proofs: list[str]) -> None:
    """Until the patch ends, the proofs and the automatic route speak of the uniform network."""
    patch.setattr(symgrad.derive, "backprop", import_module("symgrad.derive.backprop"))         # the general one, to come back
    patch.setitem(sys.modules, "symgrad.networks.dense", _uniform())
    patch.setattr(symgrad.networks, "dense", _uniform())
    patch.delitem(sys.modules, "symgrad.derive.backprop")
    for name in proofs:
        patch.delitem(sys.modules, name, raising=False)
