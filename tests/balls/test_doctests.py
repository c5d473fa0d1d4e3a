"""Every docstring example of the two packages runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import symgrad.balls
import symgrad.operations

MODULES = [m.name for p in (symgrad.balls, symgrad.operations)
           for m in pkgutil.iter_modules(p.__path__, p.__name__ + ".")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
