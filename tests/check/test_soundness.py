"""The soundness page lists the kernel's rules and the accepted facts as they are."""

from __future__ import annotations

import pytest

from symgrad.check.discover import bundled
from symgrad.check.soundness import cited_sources, facts_table, registering, rules_table, updated
from symgrad.errors import SymgradError
from symgrad.kernel.facts import METHODS
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


def test_every_registered_computation_is_in_the_table_of_facts() -> None:
    table = facts_table(["a source"])
    assert "symgrad.operations.facts" in registering()
    assert all(f"| computed | {name} |" in table for name in METHODS)
    assert "| cited | a source |" in table
