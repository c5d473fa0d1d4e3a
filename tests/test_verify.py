"""The second checker: it accepts what the kernel proves, refuses what it does not, and survives any file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from direct_proofs import theorems

from symgrad import verify
from symgrad.derive.backprop import backprop
from symgrad.derive.chain import chain_gradients
from symgrad.derive.derived import DERIVED
from symgrad.derive.literature import CITED
from symgrad.errors import SymgradError
from symgrad.kernel import RULES
from symgrad.kernel.algebra import algebra
from symgrad.kernel.record import certificate, write_certificate
from symgrad.kernel.theorem import Theorem
from symgrad.testing.formulas import Formulas
from symgrad.testing.refuters import REFUTERS

EVERY = {**RULES, **DERIVED, **CITED}


def read(lines: Any) -> verify.Certificate:
    reader = verify.Certificate()
    for line in json.loads(json.dumps(lines)):
        reader.read(line)
    return reader


def verdict(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    code = verify.main([str(path)])
    return code, capsys.readouterr().out.splitlines()


def test_a_statement_of_the_wrong_kind_of_function_is_refused() -> None:
    z, two = (0, ()), (2, ())
    slope = verify.ElementwiseFunction("sigma", (1, ()))
    plane = verify.Function("f", verify.Declared(((), ((two, verify.UNIT), (two, verify.UNIT)))))
    column, K = verify.Variable("v", two, verify.UNIT), verify.Variable("K", verify.UNIT, verify.UNIT)
    for make in (lambda: verify.IsActivation(slope, "relu"), lambda: verify.OneFunction(slope),
                 lambda: verify.LipschitzGradient(verify.FunctionAt(plane), K),
                 lambda: verify.TwiceDifferentiable(verify.FunctionAt(plane), column)):
        with pytest.raises(verify.Refused):
            make()
    assert verify.IsActivation(verify.ElementwiseFunction("sigma", z), "relu").kind == "IsActivation"


# ------------------------------------------------------------ what it accepts

def test_it_knows_every_rule_of_the_kernel() -> None:
    assert set(verify.RULES) == set(RULES)


@pytest.mark.parametrize("name", sorted(REFUTERS))
def test_it_accepts_what_the_rule_gives(name: str) -> None:
    """Random theorems, each made by one rule (and those that make its premises)."""
    accepted = 0
    for seed in range(40):
        rng = Random(seed)
        try:
            theorem = EVERY[name](*REFUTERS[name](Formulas(rng, ordered=rng.random() < 0.5)))
        except SymgradError:
            continue                                     # the rule does not apply to what was drawn
        read(certificate(theorem, name))
        accepted += 1
        if accepted == 3:
            return
    assert accepted


def test_every_theorem_of_the_networks_is_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proofs = {**backprop(), **chain_gradients(), **chain_gradients(True, True, True)}
    path = tmp_path / "networks.jsonl"
    write_certificate([(name, proof.theorem) for name, proof in proofs.items()], path)
    code, said = verdict(path, capsys)
    assert code == 0 and len(said) == len(proofs) and all(line.startswith("accepted") for line in said)


def test_it_shows_the_statement_and_the_assumptions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "direct.jsonl"
    write_certificate(theorems().items(), path)
    code, said = verdict(path, capsys)
    assert code == 0
    bp2 = next(line for line in said if ": BP2: " in line)
    assert bp2.endswith("|- (direct.delta[l] = (Diagonal(sigma'[l](direct.z[l])) @ Transpose(direct.w[l + 1]) @ "
                        "direct.delta[l + 1]))")
    assert [line for line in said if not line.startswith("accepted")] == [
        f"assumed {path}: cited (Horn and Johnson, Matrix Analysis, 5.6):  |- (Norm(direct.w[l], 2) <= Norm(direct.w[l], F))"]


def test_it_needs_the_standard_library_alone(tmp_path: Path) -> None:
    path = tmp_path / "bp2.jsonl"
    write_certificate([("BP2", theorems()["BP2"])], path)
    program = ("import sys; from symgrad import verify; code = verify.main(sys.argv[1:]); "
               "print(sorted({m.split('.')[0] for m in sys.modules} - sys.stdlib_module_names - {'__main__'}), "
               "sorted(m for m in sys.modules if m.startswith('symgrad')), code)")
    root = Path(verify.__file__).parent.parent
    out = subprocess.run([sys.executable, "-S", "-c", program, str(path)], capture_output=True, text=True, cwd=root,
                         env={"PYTHONPATH": str(root)}, timeout=60)
    assert out.stdout.splitlines()[-1] == "['symgrad'] ['symgrad', 'symgrad.verify'] 0", out.stderr


def test_two_ways_to_write_a_formula_have_one_normal_form() -> None:
    """Whatever the kernel's normal form makes equal, the graphs make equal too."""
    formulas = Formulas(Random(5))
    made = 0
    while made < 60:
        term = formulas.term(formulas.size(), formulas.size(), 3)
        try:
            theorem = algebra(term, formulas.again(term))
        except SymgradError:
            continue
        read(certificate(theorem))
        made += 1


# ------------------------------------------------------------ what it refuses

def edited(name: str, **changes: Any) -> list[Any]:
    """A certificate with the last step changed."""
    lines = certificate(theorems()[name], name)
    step = [line for line in lines if line[0] == "step"][-1]
    for part, value in changes.items():
        step[("rule", "arguments", "hypotheses", "conclusion").index(part) + 1] = value
    return lines


@pytest.mark.parametrize(("lines", "why"), [
    (lambda: edited("BP2", rule="nonsense"), "nonsense is no rule"),
    (lambda: edited("BP2", rule="symmetric"), "takes Equal!"),
    (lambda: edited("BP2", hypotheses=[]), "it gives .*the record says"),
    (lambda: edited("BP2", conclusion=-3), "side condition"),
    (lambda: edited("closed form", arguments=[]), "takes statement"),
    (lambda: edited("numbers", arguments=[3, 2]), "side condition")])
def test_a_wrong_step_is_refused_naming_line_and_rule(lines: Any, why: str, tmp_path: Path,
                                                      capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines()))
    code, said = verdict(path, capsys)
    assert code == 1 and len(said) == 1
    assert said[0].startswith(f"REFUSED {path}: line ") and ", step " in said[0]
    with pytest.raises(verify.Refused, match=why):
        read(lines())


HEADER = ["certificate", "2"]


def index(constant: int, **coefficients: int) -> list[Any]:
    return ["index", constant, *(["index", name, c] for name, c in coefficients.items())]


SCALARS = ["Family", "c", [[index(1), index(1)]], [[None, None]]]           # the second line
BOUND, OTHER = (["index", 0, ["bound", k, 1]] for k in (1, 2))


def definition(*cases: Any) -> list[Any]:
    """c_l = …: 0 is c_l, 1 is c_{l+1}, 2 is c_{l-1}, 3 is 0 <= l, 4 is 0 <= -l-1, 5 is 7, 6 is c_k, 7 is c_{l+k}."""
    formulas: list[Any] = [["Named", 2, index(0, l=1)], ["Named", 2, index(1, l=1)], ["Named", 2, index(-1, l=1)],
                           ["Condition", index(0, l=1)], ["Condition", index(-1, l=-1)], ["Number", "7"],
                           ["Named", 2, index(0, k=1)], ["Named", 2, index(0, l=1, k=1)]]
    return [HEADER, SCALARS, *formulas,
            ["definition", [[left + 3, right + 3, [h + 3 for h in where]] for left, right, where in cases]]]


@pytest.mark.parametrize(("cases", "why"), [
    ([(0, 1, [])], "without end"), ([(0, 0, [])], "circular"), ([(0, 5, []), (0, 5, [])], "overlap"),
    ([(0, 5, [3]), (0, 5, [3])], "overlap"), ([(0, 6, [])], "left side has not"), ([(7, 5, [])], "differ"),
    ([(5, 5, [])], "a case is"), ([(0, 2, [4])], "without end"), ([(0, 1, [3])], "without end")])
def test_a_definition_that_is_not_conservative_is_refused(cases: Any, why: str) -> None:
    with pytest.raises(verify.Refused, match=why):
        read(definition(*cases))


def test_a_conservative_definition_is_accepted() -> None:
    read(definition((0, 2, [3]), (0, 5, [4])))


def test_a_name_is_defined_once() -> None:
    lines = definition((0, 5, []))
    with pytest.raises(verify.Refused, match="stands in a definition"):
        read([*lines, lines[-1]])


def width(at: Any) -> list[Any]:
    return ["index", 0, ["width", "n", at, 1]]


@pytest.mark.parametrize(("formulas", "why"), [
    ([["Named", 2, BOUND], ["Equal", 3, 3]], "loose index"), ([["Identity", index(0, l=1)], ["Equal", 3, 3]], "takes size"),
    ([["Variable", "v", width(index(0, l=1)), index(1)], ["Norm", 3, "2"], ["Equal", 4, 4]], None),
    ([["Variable", "v", width(BOUND), index(1)], ["Norm", 3, "2"], ["FiniteSum", BOUND, index(1), index(3), 4],
      ["Equal", 5, 5]], "do not fit"),
    ([["Named", 2, BOUND], ["FiniteSum", OTHER, index(1), index(3), 3], ["Equal", 4, 4]], "loose"),
    ([["Number", "1/0"], ["Equal", 3, 3]], "no number"),
    ([["Named", 2, index(0, l=1)], ["Sum", 3], ["Equal", 4, 4]], "otherwise")])
def test_a_formula_is_refused_where_it_has_no_meaning(formulas: Any, why: str | None) -> None:
    last = 2 + len(formulas)
    lines = [HEADER, SCALARS, *formulas, ["step", "reflexive", [last - 1], [], last], ["theorem", "t", last + 1]]
    if why is None:
        assert read(lines).theorems
    else:
        with pytest.raises(verify.Refused, match=why):
            read(lines)


# ------------------------------------------------------------ files that are none

def deep(depth: int) -> str:
    """Transposes of a transpose of …, an equation about them, and its proof."""
    return body(["Named", 2, index(0, l=1)], *(["Transpose", 3 + k] for k in range(depth)), ["Equal", 3 + depth, 3],
                ["step", "algebra", [3 + depth, 3], [], 4 + depth], ["theorem", "t", 5 + depth])


def body(*lines: Any) -> str:
    return "".join(json.dumps(line) + "\n" for line in (HEADER, SCALARS, *lines))


HOSTILE = {
    "empty": "", "no JSON": "certificate\n", "a list": "[]\n", "a number": "3\n", "null": "null\n", "an object": "{}\n",
    "deep": "[" * 200_000, "deep objects": '{"a":' * 100_000, "no header": '["Number", "1"]\n', "no end": body(),
    "another format": '["certificate", "1"]\n', "two headers": body(HEADER), "truncated": body()[:-20],
    "a huge number": body(["Count", ["index", 10**40]]) + "9" * 6000, "a cycle": body(["Sum", 3, 3]),
    "forward": body(["Transpose", 4]), "a step of itself": body(["step", "symmetric", [3], [], 3]),
    "wrong types": body([3, []]), "floats": body(["Count", ["index", 1.5]]), "a float part": body(["Transpose", 0.5]),
    "a tree": body(["Transpose", [[[]]]]), "line 0": body(["Transpose", 0]), "line -1": body(["Transpose", -1]),
    "an unhashable": body(["step", ["x"], [], [], 2]), "infinite": body(["Count", ["index", float("inf")]]),
    "very deep formula": deep(3000),
    "an object argument": body(["Number", "1"], ["Equal", 3, 3], ["step", "reflexive", [{"a": 1}], [], 4]),
    "a long number": body(["Number", "1e999999999"]), "booleans": body(["Transpose", True]),
    "no name": body(["Family", 3, [[index(1), index(1)]], []]), "no theorem": body(["theorem", "t", 2]),
    "no kind": body([["index"], 1]), "no symbol": body(["Count", ["index", 0, ["index", "l"]]]),
    "slots": body(["Family", "d", [[["index", 0, ["slot", 4, 1]], index(1)]], []]),
    "negative": body(["Family", "d", [[index(-2), index(1)]], []]), "a line after the end": deep(2) + body()[:40]}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_file_gives_one_line_and_no_traceback(name: str, tmp_path: Path,
                                                        capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "hostile.jsonl"
    path.write_text(HOSTILE[name])
    code, said = verdict(path, capsys)
    assert code in (1, 2) and len(said) == 1 and said[0].startswith(("REFUSED", "UNREADABLE")) and len(said[0]) < 400


def test_random_damage_never_gives_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "".join(json.dumps(line) + "\n" for line in certificate(theorems()["closed form"], "closed form"))
    rng = Random(11)
    for _ in range(150):
        damaged = list(text)
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(damaged))
            damaged[place:place + rng.randint(0, 3)] = rng.choice(['"', "[", "]", "{", "}", "0", "-1", ",", "null", ""])
        path = tmp_path / "damaged.jsonl"
        path.write_text("".join(damaged))
        code, said = verdict(path, capsys)
        assert code in (0, 1, 2) and len(said) == 1


def test_files_that_cannot_be_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(bytes(range(256)))
    assert verify.main([str(tmp_path / "absent"), str(tmp_path), str(binary)]) == 2
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert verify.main([]) == 2 and "usage" in capsys.readouterr().err


def test_the_worst_file_decides_the_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, wrong, bad = (tmp_path / name for name in ("good", "wrong", "bad"))
    write_certificate([("numbers", theorems()["numbers"])], good)
    wrong.write_text("".join(json.dumps(line) + "\n" for line in edited("BP2", hypotheses=[])))
    bad.write_text("{")
    codes = [verify.main(list(map(str, files))) for files in ([good], [good, wrong], [wrong, bad, good])]
    assert codes == [0, 1, 2]
    capsys.readouterr()


def test_the_command_line_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "numbers.jsonl"
    write_certificate([("numbers", theorems()["numbers"])], path)
    out = subprocess.run([sys.executable, "-m", "symgrad.verify", str(path)], capture_output=True, text=True,
                         timeout=60, cwd=Path(verify.__file__).parent.parent)
    assert (out.returncode, out.stdout, out.stderr) == (0, f"accepted {path}: numbers:  |- (1 < 2)\n", "")


def test_a_theorem_is_not_needed_to_check_one() -> None:
    """The checker holds no theorem of the kernel, nor any formula of it."""
    reader = read(certificate(theorems()["BP1"], "BP1"))
    assert not any(isinstance(made, Theorem) for made in reader.made)
    assert {type(made).__module__ for made in reader.made} <= {"symgrad.verify", "builtins"}
