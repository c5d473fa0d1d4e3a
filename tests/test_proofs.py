"""Every bundled theorem file is run; its conclusions are pinned; every theorem is tried on random networks.

SYMGRAD_INSTANCES sets on how many networks (500 by default); SYMGRAD_PIN=1 writes the pinned
conclusions anew, to be read before they are committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from sympy import Rational, oo
from theorem_draws import DRAWS

from symgrad.check.discover import bundled, theorem_files
from symgrad.check.execute import claims_of
from symgrad.check.processes import Broken, Ended
from symgrad.check.runner import FAILED, FileResult, run_files
from symgrad.errors import KernelError
from symgrad.kernel.facts import cited
from symgrad.kernel.logic import instantiate
from symgrad.kernel.statements import Equal, LessEqual
from symgrad.networks.dense import L, a, b, delta, gamma, gradient, l, r, w, y
from symgrad.terms.exponents import exponents_in
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm
from symgrad.testing.every_theorem import check_files
from symgrad.testing.properties import Tally, check_theorem

PINNED = Path(__file__).parent / "pinned_conclusions.txt"
INSTANCES = int(os.environ.get("SYMGRAD_INSTANCES", "500"))


@pytest.fixture(scope="module")
def results() -> list[FileResult]:
    return run_files(theorem_files())


def test_every_bundled_claim_is_decided(results: list[FileResult]) -> None:
    assert [claim.error for result in results for claim in result.claims if claim.verdict == FAILED] == []


def test_the_conclusions_are_the_pinned_ones(results: list[FileResult]) -> None:
    lines = sorted((f"{claim.id} | {claim.verdict} | {conclusion}" for result in results for claim in result.claims
                    for conclusion in claim.conclusions or ("no theorem",)), key=_by_id)
    text = "\n".join(lines) + "\n"
    if os.environ.get("SYMGRAD_PIN") == "1":
        PINNED.write_text(text, encoding="utf-8")
    assert text == PINNED.read_text(encoding="utf-8"), "the theorems changed: read them, then run with SYMGRAD_PIN=1"


def _by_id(line: str) -> tuple[str, int, str]:
    found = re.match(r"([A-Za-z]*)(\d*)", line)
    assert found is not None
    return found[1], int(found[2] or 0), line


def test_no_theorem_rests_on_a_source_that_was_not_reviewed(results: list[FileResult]) -> None:
    sources = {text for result in results for claim in result.claims for text in claim.rests_on.get("cited", ())}
    reviewed = (bundled() / "cited.txt").read_text(encoding="utf-8").splitlines() if sources else []
    assert sources <= set(reviewed), "a cited fact is new: review it and add it to proofs/cited.txt"


@pytest.mark.parametrize(("value", "dual"), [(1, oo), (2, 2), (Rational(3, 2), 3), (oo, 1)])
def test_the_theorems_for_every_exponent_give_those_for_each(value: Any, dual: Any) -> None:
    """Claims C8 and C9: at p = 1, 2, 3/2, ∞; and C9's bound for p <= 2 only."""
    proofs = {proof.name: proof.theorem for name in ("gradient_bound_weights", "dual_norm_bound")
              for claim in claims_of(bundled() / f"{name}.py") for proof in claim.proofs}
    equal, at_most, bound = (proofs[name] for name in (
        "weight gradient in the p-norm", "weight gradient bound", "bound in the p-norm"))
    (p,), (s,) = exponents_in(equal.free), exponents_in(at_most.free)
    factors = norm(gradient(b[l]), value), norm(a[l - 1], dual)
    assert instantiate(equal, ((p, value),)).conclusion is Equal(norm(gradient(w[l]), value), factors[0] * factors[1])
    sizes = ordered_product(r, l, L, gamma[r]) * ordered_product(r, l + 1, L, norm(w[r], dual)) * norm(a[L] - y, value)
    assert instantiate(bound, ((p, value),)).conclusion is LessEqual(norm(delta[l], value), sizes)
    if value == oo:
        with pytest.raises(KernelError, match="every p with 1 <= p <= 2"):
            instantiate(at_most, ((s, value),))
    else:
        concrete = instantiate(at_most, ((s, value),)).conclusion
        assert concrete is LessEqual(norm(gradient(w[l]), value), factors[0] * norm(a[l - 1], value))


@pytest.fixture(scope="module")
def tallies() -> dict[str, Ended[dict[str, Tally]]]:
    return {ended.path.name: ended for ended in check_files(theorem_files(), INSTANCES, DRAWS)}


@pytest.mark.parametrize("name", [path.name for path in theorem_files()])
def test_every_theorem_holds_on_random_networks_that_meet_its_hypotheses(
        name: str, tallies: dict[str, Ended[dict[str, Tally]]]) -> None:
    found = tallies[name].result
    assert not isinstance(found, Broken), found
    for theorem, tally in found.items():
        print(f"{theorem}: {tally.met} of {tally.drawn} networks met the hypotheses, over {tally.arithmetic}")
    assert {theorem: tally for theorem, tally in found.items() if not tally.enough(INSTANCES)} == {}


_LADDER = ("product_bound", "factor_bound", "ladder_order", "split_bound", "lower_bound", "window_bound", "parameter_bounds")


@pytest.mark.parametrize("name", _LADDER)
def test_a_rung_that_is_too_small_by_a_thousandth_is_refuted(name: str) -> None:
    """So the draws reach the cases of equality, and the properties above could fail."""
    for claim in claims_of(bundled() / f"{name}.py"):
        for proof in claim.proofs:
            if isinstance(proof.theorem.conclusion, LessEqual):
                low, high = proof.theorem.left, proof.theorem.right
                false = cited(f"false: {proof.name}", LessEqual(low, Rational(999, 1000) * high),
                              tuple(proof.theorem.hypotheses))
                assert check_theorem(false, 500, draw=DRAWS.get(proof.name)).failure, proof.name
