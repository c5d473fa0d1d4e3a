"""Claims: what they need, and that their evidence is decided again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from symgrad.check.claims import Claim, ClaimError, Demonstration, collecting, defined, demonstration, proved, refuted
from symgrad.derive.backprop import backprop
from symgrad.derive.derivation import Proof
from symgrad.errors import KernelError
from symgrad.kernel.equality import reflexive
from symgrad.kernel.logic import assume
from symgrad.kernel.statements import Equal
from symgrad.kernel.theorem import Theorem
from symgrad.networks.dense import delta, l, z


def bp2() -> Proof:
    return backprop()["BP2"]


def test_a_proved_claim_replays_its_theorem_and_says_what_it_rests_on() -> None:
    claim = proved("C2", "BP2", bp2(), source="document 002")
    claim.verify()
    assert claim.verdict == "proved"
    assert "V_operation" in claim.rests_on()["rule"]
    assert any(text.startswith("z:") for text in claim.rests_on()["definition"])


@pytest.mark.parametrize(("make", "words"), [
    (lambda: proved("C2", "BP2"), "needs a theorem"),
    (lambda: refuted("C2", "BP2", corrected=bp2()), "needs a counterexample"),
    (lambda: defined("C2", "BP2", print), "something that shows it working"),
    (lambda: proved("", "BP2", bp2()), "an id such as"),
    (lambda: proved("C2", " ", bp2()), "the statement in words"),
    (lambda: proved("C2", "BP2", bp2().theorem), "expected a Proof, got Theorem"),       # type: ignore[arg-type]
])
def test_a_claim_without_its_evidence_is_refused(make: Any, words: str) -> None:
    with pytest.raises(ClaimError, match=words):
        make()


def test_a_claim_made_by_hand_is_held_to_the_same_rules() -> None:
    for verdict in ("proved", "refuted", "defined", "true"):
        with pytest.raises(ClaimError):
            Claim("C2", "BP2", verdict).verify()


def test_a_theorem_that_assumes_its_conclusion_proves_nothing() -> None:
    claim = proved("X", "the error vanishes", Proof("cheat", assume(Equal(delta[l], z[l])), ()))
    with pytest.raises(KernelError, match="assumes what it is to prove"):
        claim.verify()


def test_a_theorem_forged_by_object_new_is_refused() -> None:
    forged = object.__new__(Theorem)
    for name, value in {"conclusion": Equal(delta[l], z[l]), "hypotheses": frozenset(), "rule": "algebra",
                        "arguments": (delta[l], z[l]), "facts": ()}.items():
        object.__setattr__(forged, name, value)
    with pytest.raises(KernelError):
        proved("X", "δ = z", Proof("forged", forged, ())).verify()


def test_a_theorem_whose_conclusion_was_written_over_is_refused() -> None:
    theorem = reflexive(delta[l])
    object.__setattr__(theorem, "conclusion", Equal(delta[l], z[l]))
    with pytest.raises(KernelError, match="the record says"):
        proved("X", "δ = z", Proof("altered", theorem, ())).verify()


def test_a_line_that_shows_something_else_than_its_theorem_is_refused() -> None:
    lines = bp2().lines
    false = replace(bp2(), lines=(*lines[:-1], replace(lines[-1], right=z[l])))
    with pytest.raises(KernelError, match="its theorem says"):
        proved("X", "BP2", false).verify()


def test_a_demonstration_must_return_what_it_says() -> None:
    demonstration("two and two", lambda: 2 + 2, 4).verify()
    for found in (5, 4.0, True):
        with pytest.raises(ClaimError, match="two and two"):
            Demonstration("two and two", lambda found=found: found, 4).verify()


def test_claims_are_heard_with_the_file_that_made_them() -> None:
    heard: list[tuple[str, str]] = []
    with collecting(lambda claim, file: heard.append((claim.id, file))):
        proved("C2", "BP2", bp2())
        exec(compile("make()", "some_file.py", "exec"), {"make": lambda: proved("C3", "again", bp2())})
    assert [name for name, _ in heard] == ["C2", "C3"]
    assert heard[1][1] == "some_file.py"
