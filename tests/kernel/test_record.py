"""Certificates: written, read, replayed; and refused where somebody tampered with the theorem or the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from direct_proofs import a, l, n, theorems, z
from sympy import Integer, Rational, exp, pi, sqrt

from symgrad.errors import KernelError
from symgrad.kernel.algebra import algebra
from symgrad.kernel.equality import reflexive, transitive
from symgrad.kernel.rebuild import replay_certificate
from symgrad.kernel.record import certificate, read_certificate, write_certificate
from symgrad.kernel.statements import Equal
from symgrad.kernel.theorem import Theorem
from symgrad.terms.algebra import Number, Scaled, Sum
from symgrad.terms.named import Variable


@pytest.mark.parametrize("name", sorted(theorems()))
def test_a_certificate_replays_to_the_theorem(name: str) -> None:
    theorem = theorems()[name]
    (again,) = replay_certificate(json.loads(json.dumps(certificate(theorem, name))))
    assert again.conclusion is theorem.conclusion and again.hypotheses == theorem.hypotheses
    assert again.rests_on() == theorem.rests_on()


def test_what_is_shared_is_written_once() -> None:
    lines = certificate(theorems()["BP2"], "BP2")
    written = list(map(json.dumps, lines))
    assert len(written) == len(set(written))


def test_a_certificate_holds_several_theorems(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    write_certificate(theorems().items(), path)
    lines = read_certificate(path)
    assert [line[1] for line in lines if line[0] == "theorem"] == list(theorems())
    assert [t.conclusion for t in replay_certificate(lines)] == [t.conclusion for t in theorems().values()]
    assert len(lines) < sum(len(certificate(theorem)) for theorem in theorems().values())


@pytest.mark.parametrize("value", [Rational(-3, 7), sqrt(2), 2 * sqrt(3) / 5, pi, exp(-2), 1 + sqrt(2), 10**30])
def test_exact_numbers_survive(value: Any) -> None:
    term = Number(value)
    (again,) = replay_certificate(certificate(reflexive(term)))
    assert again.conclusion.args[0] is term


# ------------------------------------------------------------ tampering

def forged_conclusion() -> Theorem:
    theorem = transitive(reflexive(z[l]), reflexive(z[l]))
    object.__setattr__(theorem, "conclusion", Equal(z[l], a[l]))
    return theorem


def test_a_conclusion_written_over_is_refused() -> None:
    with pytest.raises(KernelError, match="transitive gives"):
        replay_certificate(certificate(forged_conclusion()))


def test_a_hypothesis_taken_away_is_refused() -> None:
    theorem = theorems()["BP1"]
    forged = transitive(theorem, reflexive(theorem.conclusion.args[1]))
    object.__setattr__(forged, "hypotheses", frozenset())
    with pytest.raises(KernelError, match="transitive gives"):
        replay_certificate(certificate(forged))


def test_a_theorem_without_a_record_has_no_certificate() -> None:
    with pytest.raises(KernelError, match="no record"):
        certificate(object.__new__(Theorem))
    with pytest.raises(KernelError, match="expected a theorem"):
        certificate("BP2")  # type: ignore[arg-type]


def test_a_formula_written_over_after_the_proof_is_refused() -> None:
    u = Variable("record_u", n[l])
    term = Sum(u, Scaled(Number(2), u))
    theorem = algebra(term, Scaled(Number(3), u))
    kept = term.args
    object.__setattr__(term, "_args", (u, Scaled(Number(5), u)))
    try:
        with pytest.raises(KernelError):
            replay_certificate(certificate(theorem))
    finally:
        object.__setattr__(term, "_args", kept)


def test_another_definition_of_a_name_is_refused() -> None:
    lines = certificate(theorems()["BP2"], "BP2")
    act = next(line for line in lines if line[0] == "definition")
    del act[1][1:]
    with pytest.raises(KernelError, match="already defined"):
        replay_certificate(lines)


def test_a_changed_step_is_named() -> None:
    lines = certificate(theorems()["BP2"], "BP2")
    number, step = [(n, line) for n, line in enumerate(lines, 1) if line[:2] == ["step", "transitive"]][1]
    step[3] = []
    with pytest.raises(KernelError, match=rf"line {number} of the certificate \(step transitive\)"):
        replay_certificate(lines)


# ------------------------------------------------------------ files that are none

def test_writing_is_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    write_certificate([("numbers", theorems()["numbers"])], path)
    before = path.read_text()
    with pytest.raises(KernelError):
        write_certificate([("BP1", theorems()["BP1"]), ("forged", object.__new__(Theorem))], path)
    assert path.read_text() == before and [p.name for p in tmp_path.iterdir()] == ["kept.jsonl"]


@pytest.mark.parametrize(("text", "says"), [
    ("", "header"), ("{", "line 1: not a line of JSON"), ("[1]", "line 1: expected a list that begins"),
    ('["Number", "1"]', "header"), ("[" * 100000, "not a line of JSON"),
    ('["certificate", "1"]\n', "header of a certificate of format 2"), ('["certificate", "2"]\n', "cut off")])
def test_a_file_that_is_no_certificate_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(text)
    with pytest.raises(KernelError, match=says) as refusal:
        read_certificate(path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("line", [
    ["Sum", 2, 2], [], ["Nothing", 1], ["odd"], ["step"], ["Family", "direct.x", [[1, 1]], []], ["theorem", "t", 5],
    ["Number", "__import__('os')"], ["Number", "Pow(2, "], ["Variable", "v", -1, 0], ["certificate", "2"], ["theorem", "t", 1],
    ["step", "system", [], [], 1], ["Count", ["index", 1.5]], ["Count", ["index", 0, ["index", "l", 0.5]]], ["Count", ["index"]],
    ["exponent", "1/2"], ["dual", 1], ["Count", ["index", 0, ["width", "n", 1]]]])
def test_a_malformed_line_is_refused_in_one_line(line: Any) -> None:
    with pytest.raises(KernelError) as refusal:
        replay_certificate([["certificate", "2"], line])
    assert "\n" not in str(refusal.value)


def test_a_bound_index_outside_its_binder_is_refused() -> None:
    slot, L, one = ["index", 0, ["slot", 0, 1]], ["index", 0, ["constant", "L", 1]], ["index", 1]
    loose: list[Any] = [["certificate", "2"], ["Family", "direct.z", [[["index", 0, ["width", "n", slot, 1]], one]], [[one, L]]],
                        ["Named", 2, ["index", 0, ["bound", 1, 1]]], ["Equal", 3, 3], ["step", "reflexive", [3], [], 4],
                        ["theorem", "t", 5]]
    with pytest.raises(KernelError, match="bound index"):
        replay_certificate(loose)


def test_an_integer_may_stand_for_a_number() -> None:
    theorem = reflexive(Number(Integer(3)))
    lines: list[Any] = [["certificate", "2"], ["Number", "3"], ["Equal", 2, 2], ["step", "reflexive", [["index", 3]], [], 3],
                        ["theorem", "", 4]]
    (again,) = replay_certificate(lines)
    assert again.conclusion is theorem.conclusion
