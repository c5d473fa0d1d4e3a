"""The second checker under attack: one-edit mutants of real certificates.

The normal run tries a sample. SYMGRAD_MUTANTS=10000 (with any certificate files in SYMGRAD_CERTIFICATES, separated by
the path separator) runs the whole campaign.
"""

from __future__ import annotations

import json
import os
from random import Random

import pytest
from certificate_mutants import Lines, campaign, ending, mutate, renamed, replayed
from direct_proofs import theorems

from symgrad.derive.backprop import backprop
from symgrad.errors import KernelError
from symgrad.kernel.rebuild import replay_certificate
from symgrad.kernel.record import certificate, read_certificate


def derivations() -> list[Lines]:
    """Certificates of at least 20 steps: of what is proved here, or of the files named in the environment."""
    paths = os.environ.get("SYMGRAD_CERTIFICATES", "")
    if paths:
        found = [read_certificate(path) for path in paths.split(os.pathsep)]
    else:
        found = [certificate(theorem, name) for name, theorem in theorems().items()]
        found += [certificate(proof.theorem, name) for name, proof in backprop().items()]
    return [lines for lines in found if sum(line[0] == "step" for line in lines) >= 20]


def test_of_the_mutants_that_are_accepted_none_ends_in_a_falsehood() -> None:
    found = campaign(derivations(), int(os.environ.get("SYMGRAD_MUTANTS", "300")), seed=20)
    print(found.report())
    assert found.wrong == []
    assert found.accepted <= 0.02 * found.tried


def test_every_kind_of_edit_is_made_and_most_mutants_are_refused() -> None:
    rng = Random(3)
    lines = certificate(theorems()["BP2"], "BP2")
    made = [m for m in (mutate(lines, rng) for _ in range(150)) if m is not None]
    assert {m.kind for m in made} == {"rule", "premise", "argument", "term", "index", "hypothesis", "conclusion",
                                      "definition"}
    assert sum(ending(m.lines) is None for m in made) > 0.9 * len(made)


def test_a_planted_falsehood_is_found() -> None:
    """The conclusion of the last step made wrong: were the checker to accept it, the campaign would call it wrong."""
    lines = certificate(theorems()["numbers"], "numbers")
    assert ending(lines) is not None
    next(line for line in lines if line == ["Number", "2"])[1] = "-2"
    assert ending(lines) is None


def test_renaming_keeps_the_theorem() -> None:
    lines = certificate(theorems()["BP1"], "BP1")
    (again,) = replayed(lines, 0)
    assert str(again).replace("mutant0.", "") == str(theorems()["BP1"]).replace("mutant0.", "")
    assert any(line[:2] == ["Family", "x.direct.delta"] for line in renamed(lines, "x."))


def test_another_assumption_is_refused_by_both_checkers() -> None:
    """The statement of a cited fact made weaker, or its source another: no rule would notice, the seal does."""
    header, *lines = certificate(theorems()["cited"], "cited")
    assert ending([header, *lines]) is not None
    for old, new in (('"2"]', '"1"]'), ('"Horn', '"Hardy')):
        changed = [header, *json.loads(json.dumps(lines).replace(old, new))]
        assert changed[1:] != lines and ending(changed) is None
        with pytest.raises(KernelError, match="changed after it was written"):
            replay_certificate(changed)
