"""The soundness page lists the kernel's rules and the accepted facts as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

import symgrad
from symgrad.check.discover import bundled
from symgrad.check.soundness import REGISTERING, cited_sources, rules_table, updated
from symgrad.errors import SymgradError
from symgrad.kernel.theorem import RULES


def test_the_soundness_page_is_in_step_with_the_kernel() -> None:
    text = (bundled() / "README.md").read_text(encoding="utf-8")
    assert updated(text, cited_sources()) == text, "run: python -m symgrad.check.soundness proofs/README.md"


def test_every_rule_has_its_row_and_every_row_its_three_cells() -> None:
    rows = [row for row in rules_table().split("\n") if row.startswith("| `")]
    assert {row.split("`")[1] for row in rows} == set(RULES)
    assert all(row.replace("\\|", "").count("|") == 4 for row in rows)
    assert all("⊢" in row or "⟹" in row for row in rows)


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(SymgradError, match="no place for the rules"):
        updated("# nothing here", [])


def test_every_module_that_registers_a_computation_is_listed() -> None:
    package = Path(symgrad.__file__).parent
    using = {f"symgrad.{path.relative_to(package).with_suffix('').as_posix().replace('/', '.')}"
             for path in package.rglob("*.py") if "\n@method(" in path.read_text(encoding="utf-8")}
    assert using == set(REGISTERING)
