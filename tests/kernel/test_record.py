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
from symgrad.kernel.record import certificate, read_certificates, write_certificates
from symgrad.kernel.statements import Equal
from symgrad.kernel.theorem import Theorem
from symgrad.terms.algebra import Number, Scaled, Sum
from symgrad.terms.named import Variable


@pytest.mark.parametrize("name", sorted(theorems()))
def test_a_certificate_replays_to_the_theorem(name: str) -> None:
    theorem = theorems()[name]
    again = replay_certificate(json.loads(json.dumps(certificate(theorem, name))))
    assert again.conclusion is theorem.conclusion and again.hypotheses == theorem.hypotheses
    assert again.rests_on() == theorem.rests_on()


def test_what_is_shared_is_written_once() -> None:
    lines = certificate(theorems()["BP2"], "BP2")
    written = [json.dumps(line["is"]) for line in lines if "node" in line]
    assert len(written) == len(set(written))
    assert [line["node"] for line in lines if "node" in line] == list(range(len(written)))


def test_files_hold_several_certificates(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    write_certificates(theorems().items(), path)
    assert [lines[0]["theorem"] for lines in read_certificates(path)] == list(theorems())


@pytest.mark.parametrize("value", [Rational(-3, 7), sqrt(2), 2 * sqrt(3) / 5, pi, exp(-2), 1 + sqrt(2), 10**30])
def test_exact_numbers_survive(value: Any) -> None:
    term = Number(value)
    again = replay_certificate(certificate(reflexive(term)))
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
    act = next(line for line in lines if "definition" in line)
    act["definition"] = act["definition"][:1]
    with pytest.raises(KernelError, match="already defined"):
        replay_certificate(lines)


def test_a_changed_step_is_named() -> None:
    lines = certificate(theorems()["BP2"], "BP2")
    step = [line for line in lines if line.get("rule") == "transitive"][1]
    step["hypotheses"] = []
    with pytest.raises(KernelError, match=f"step {step['step']} of the certificate 'BP2'"):
        replay_certificate(lines)


# ------------------------------------------------------------ files that are none

def test_writing_is_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    write_certificates([("numbers", theorems()["numbers"])], path)
    before = path.read_text()
    with pytest.raises(KernelError):
        write_certificates([("BP1", theorems()["BP1"]), ("forged", object.__new__(Theorem))], path)
    assert path.read_text() == before and [p.name for p in tmp_path.iterdir()] == ["kept.jsonl"]


@pytest.mark.parametrize(("text", "says"), [
    ("", "cut off"), ("{", "line 1: not a line of JSON"), ("[1]", "line 1: expected an object"),
    ('{"node": 1}', "header"), ("[" * 100000, "not a line of JSON"),
    ('{"certificate": 1, "theorem": "t"}\n', "cut off"),
    ('{"certificate": 1}\n{"certificate": 1}\n', "line 2: the certificate before has no end")])
def test_a_file_that_is_no_certificate_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(text)
    with pytest.raises(KernelError, match=says) as refusal:
        read_certificates(path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("line", [
    {"node": 0, "is": ["Sum", 0, 0]}, {"node": 0, "is": []}, {"node": 0, "is": ["Nothing", [1]]}, {"odd": 1},
    {"step": 0}, {"family": "direct.x", "rows": [1], "columns": [1], "over": []}, {"end": "t", "step": 5},
    {"node": 0, "is": ["Number", "__import__('os')"]}, {"node": 0, "is": ["Number", "Pow(2, "]},
    {"node": 0, "is": ["Variable", "v", [-1], [1]]}, {"certificate": 2, "theorem": ""},
    {"step": 0, "rule": "system", "arguments": [], "hypotheses": [], "conclusion": 0}])
def test_a_malformed_line_is_refused_in_one_line(line: Any) -> None:
    with pytest.raises(KernelError) as refusal:
        replay_certificate([{"certificate": 1, "theorem": "t"}, line])
    assert "\n" not in str(refusal.value)


def test_a_bound_index_outside_its_binder_is_refused() -> None:
    loose: list[Any] = [{"certificate": 1, "theorem": "t"},
             {"family": "direct.z", "rows": [0, [["width", "n", [0, [["slot", 0], 1]]], 1]], "columns": [1],
              "over": [[[1], [0, [["constant", "L"], 1]]]]},
             {"node": 0, "is": ["Named", "direct.z", [0, [["bound", 1], 1]]]}, {"node": 1, "is": ["Equal", 0, 0]},
             {"step": 0, "rule": "reflexive", "arguments": [{"node": 0}], "hypotheses": [], "conclusion": 1},
             {"end": "t", "step": 0}]
    with pytest.raises(KernelError, match="bound index"):
        replay_certificate(loose)


def test_an_integer_may_stand_for_a_number() -> None:
    theorem = reflexive(Number(Integer(3)))
    lines = certificate(theorem)
    next(line for line in lines if line.get("rule") == "reflexive")["arguments"] = [3]
    assert replay_certificate(lines).conclusion is theorem.conclusion
