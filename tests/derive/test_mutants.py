"""Wrong lines are refused. Each line of the textbook proofs is spoilt in every place, one mistake at a time; a line
that is still accepted must be true: the evaluator, which shares nothing with the search, finds no counterexample."""

from __future__ import annotations

from random import Random

import pytest
from mutants import PROOFS, Mutant, mutants, recorded

from symgrad.check.discover import bundled
from symgrad.errors import SymgradError
from symgrad.kernel.indices import implied
from symgrad.kernel.statements import Condition
from symgrad.kernel.theorem import Theorem
from symgrad.numeric.arithmetic import balls
from symgrad.numeric.truth import check
from symgrad.testing.instances import random_instance

FILES = [*((name, False) for name in (*PROOFS, "vanishing_power", "recurrent_bound", "gradient_bound_weights")),
         *((name, True) for name in PROOFS)]
NAMES = {True: "uniform", False: "general"}
lines = pytest.mark.parametrize(("file", "uniform"), FILES, ids=lambda value: NAMES.get(value, value))


@pytest.fixture(autouse=True)
def folder_of_the_proofs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(bundled()))


def evidence(theorem: Theorem, wanted: int = 25) -> tuple[int, bool]:
    """On how many random instances the theorem was confirmed, and whether one refutes it."""
    met = 0
    for seed in range(12 * wanted):
        if met >= wanted:
            break
        try:
            found = check(theorem, random_instance(theorem, Random(seed), balls()))
        except SymgradError:
            continue                                                       # an index outside its range
        if found.refutes:
            return met, True
        met += found.met is True and found.holds is True
    return met, False


@lines
def test_a_wrong_line_is_refused_or_true(file: str, uniform: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Mutant] = []
    accepted: list[tuple[Mutant, Theorem]] = []
    for step in recorded(monkeypatch, file, uniform):
        for mutant in mutants(step):
            tried.append(mutant)
            theorem = mutant.step.check()
            if theorem is not None:
                accepted.append((mutant, theorem))
    assert len(tried) >= (12 if uniform else 2)
    for mutant, theorem in accepted:
        met, refuted = evidence(theorem)
        print(f"accepted ({mutant.kind}), true on {met} instances: {theorem}")
        assert not refuted, f"{mutant.kind}: {theorem}"
        assert met >= 5, f"{mutant.kind}: {theorem} was met by {met} instances only"
    print(f"{len(tried)} wrong lines, {len(accepted)} accepted")
    assert len(accepted) <= max(1, len(tried) / 10)


@lines
def test_no_line_uses_a_reason_outside_the_stated_range(
        file: str, uniform: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in recorded(monkeypatch, file, uniform):
        theorem = step.check()
        assert theorem is not None
        assert all(implied(h.expression, step.context.where) for h in theorem.hypotheses if isinstance(h, Condition))
