"""`symgrad prove`: files found, run apart from each other, failures named, reports written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from symgrad.check.discover import bundled, theorem_files
from symgrad.check.prove import main, prove
from symgrad.check.runner import FAILED, ClaimResult, FileResult
from symgrad.check.table import summary, table, width_of, wrapped
from symgrad.errors import SymgradError
from symgrad.kernel.rebuild import replay_certificate
from symgrad.kernel.record import read_certificate

GOOD = """
from symgrad.check.claims import proved
from symgrad.derive.backprop import backprop
bp2 = backprop()["BP2"]
proved("U1", "δ^l = Σ'(z^l)(w^{l+1})ᵀ δ^{l+1}", bp2)
"""
FILES = {
    "good.py": GOOD,
    "neighbour.py": "from symgrad.check.claims import proved\nfrom .good import bp2\n"
                    "from good import bp2 as again\nu2 = proved('U2', 'by a neighbour', bp2)\n",
    "syntax.py": "from symgrad.check.claims import proved\nproved('U3', 'x',\ndef\n",
    "raises.py": "from symgrad.check.claims import proved\n\nproved('U4', 'x', 1 / 0)\n",
    "unproved.py": """
from symgrad import derivation, theorem
from symgrad.check.claims import proved
from symgrad.derive.backprop import backprop
from symgrad.networks.dense import L, Sigma, delta, l, w, z
wrong = theorem("lost transpose", derivation(delta[l])
    .eq(Sigma(z[l]) @ w[l + 1].T @ delta[l + 1], by=backprop()["BP2"])
    .eq(2 * (Sigma(z[l]) @ w[l + 1].T @ delta[l + 1]), by=backprop()["BP1"]), where=(1 <= l, l < L))
proved("U5", "x", wrong)
""",
    "twice.py": GOOD,
    "forged.py": """
from symgrad.check.claims import proved
from symgrad.derive.derivation import Proof
from symgrad.kernel.statements import Equal
from symgrad.kernel.theorem import Theorem
from symgrad.networks.dense import delta, l, z
forged = object.__new__(Theorem)
for name, value in dict(conclusion=Equal(delta[l], z[l]), hypotheses=frozenset(), rule="algebra",
                        arguments=(delta[l], z[l]), facts=()).items():
    object.__setattr__(forged, name, value)
proved("U6", "δ = z", Proof("forged", forged, ()))
""",
    "exits.py": "import symgrad.check, sys\nsys.exit(0)  # before proved(...)\n",
    "dies.py": "import symgrad.check, os\nos._exit(0)  # before proved(...)\n",
    "rules.py": "from symgrad.kernel.theorem import RULES\nRULES['symmetric'] = RULES['reflexive']  # proved(\n",
    "loops.py": "import symgrad.check\nwhile True: pass  # proved(\n",
    "_helper.py": "raise SystemError('symgrad: run by mistake')  # proved(\n",
    "other.py": "raise SystemError('no theorem file')\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("theorems")
    for name, text in FILES.items():
        (found / name).write_text(text, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, FileResult]:
    return {result.path.name: result for result in prove([folder], timeout=4.0)}


def failure(results: dict[str, FileResult], name: str) -> str:
    (error,) = [claim.error for claim in results[name].claims if claim.verdict == FAILED]
    return error


def test_a_folder_gives_its_theorem_files_and_no_other(folder: Path) -> None:
    assert {path.name for path in theorem_files([folder])} == set(FILES) - {"_helper.py", "other.py"}
    assert theorem_files([folder / "other.py", folder / "other.py"]) == [folder / "other.py"]


def test_a_file_that_stops_before_its_first_claim_is_a_theorem_file_as_well(tmp_path: Path) -> None:
    for name, text in {"early.py": "from symgrad.check.claims import Proof, proved\n1 / 0\n", "cut.py": "def f(:\n",
                       "bytes.py": "\0", "plot.py": "import symgrad\n1 / 0\n"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert {path.name for path in theorem_files([tmp_path])} == {"early.py", "cut.py", "bytes.py"}


def test_the_files_run_apart_and_the_good_ones_are_proved_beside_the_bad(results: dict[str, FileResult]) -> None:
    assert [(claim.id, claim.verdict) for claim in results["good.py"].claims] == [("U1", "proved")]
    assert [(claim.id, claim.verdict) for claim in results["neighbour.py"].claims] == [("U2", "proved")]


@pytest.mark.parametrize(("name", "words"), [
    ("syntax.py", "syntax.py:2: syntax error"),
    ("raises.py", "raises.py:3: ZeroDivisionError: division by zero"),
    ("unproved.py", "unproved.py:6: lost transpose, line 2 says"),
    ("twice.py", "the id U1 is used in good.py as well"),
    ("forged.py", "U6: algebra does not make δ^l equal to z^l"),
    ("exits.py", "exits.py:2: SystemExit"),
    ("dies.py", "its process ended with exit code 0 and no result"),
    ("rules.py", "it changes the rules of the kernel"),
    ("loops.py", "still running after 4 s"),
])
def test_each_bad_file_is_reported_with_its_line_and_reason(
        name: str, words: str, results: dict[str, FileResult]) -> None:
    assert words in failure(results, name)


def test_an_unproved_goal_says_what_the_reasons_give(results: dict[str, FileResult]) -> None:
    assert "the first difference is" in failure(results, "unproved.py")


def test_the_command_exits_1_and_names_what_failed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder / "good.py"), str(folder / "raises.py")]) == 1
    shown = capsys.readouterr().out
    assert "FAILED  raises.py:3: ZeroDivisionError" in shown
    assert "1 proved, 1 failed · 2 files" in shown


def test_json_and_certificates_of_a_run(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "verdicts.json"
    assert main([str(folder / "good.py"), "--certificates", str(tmp_path / "c"), "-o", str(target)]) == 0
    (record,) = json.loads(target.read_text(encoding="utf-8"))
    assert list(record) == ["id", "claimed", "verdict", "theorem", "certificate", "rests_on", "seconds"]
    assert record["verdict"] == "proved" and record["seconds"] > 0
    (theorem,) = replay_certificate(read_certificate(record["certificate"]))
    assert str(theorem) == record["theorem"]


@pytest.mark.parametrize(("format", "words"), [
    ("html", "<math"), ("latex", r"\delta^{l}"), ("markdown", "What holds, claim by claim"), ("text", "U1")])
def test_a_report_is_written_in_every_format(format: str, words: str, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "report"
    assert main([str(folder / "good.py"), "--format", format, "-o", str(target)]) == 0
    assert words in target.read_text(encoding="utf-8")


def test_a_report_without_a_file_goes_to_standard_output_alone(
        folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder / "good.py"), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["id"] == "U1"


@pytest.mark.parametrize(("arguments", "words"), [
    (["missing.py"], "no file or folder"),
    (["--format", "pdf"], "add -o FILE.pdf"),
    (["-o", "report.docx"], "does not say a format"),
])
def test_bad_input_is_one_line_and_exit_code_2(
        arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_a_folder_without_theorem_files_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(SymgradError, match="no theorem file"):
        prove([tmp_path])


def test_the_bundled_proofs_are_run_when_no_path_is_given() -> None:
    assert {path.parent for path in theorem_files()} == {bundled()}


def test_the_table_fits_80_columns_whatever_the_claims_say() -> None:
    long = ClaimResult("a_very_long_name_of_a_file.py", "δ^l = " + "Σ'(z^l)" * 40, "refuted and corrected",
                       rests_on={"rule": ["a"] * 30, "computed": ["b"] * 3, "cited": ["c"], "definition": ["d"] * 9})
    short = ClaimResult("C1", "", FAILED, error="raises.py:3: ZeroDivisionError: division by zero " * 4)
    shown = table([FileResult(Path("x.py"), (long, short), 1.0)])
    assert max(map(width_of, shown.split("\n"))) <= 80
    assert "refuted and" in shown and "ZeroDivisionError" in shown
    assert summary([FileResult(Path("x.py"), (short,), 1.0)], 1.0).startswith("1 failed · 1 file · 1.00 s")


def test_a_word_longer_than_its_column_is_cut() -> None:
    assert wrapped("abcdefghij kl", 4) == ["abcd", "efgh", "ij", "kl"]
    assert width_of("ŵ" "漢") == 3


def test_the_progress_bar_stays_off_where_standard_error_is_no_terminal(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", "import sys; from symgrad.check.prove import main; sys.exit(main())",
                           str(folder / "good.py")], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and done.stderr == ""


@pytest.mark.parametrize("report", ["report.html", "report.json"])
def test_a_file_of_a_user_may_take_the_names_of_the_dense_network(tmp_path, report):
    """Beside one that uses the network, and with a report: what the others load leaves its names free."""
    (tmp_path / "mine.py").write_text('''
from symgrad import algebra, derivation, proved, theorem
from symgrad.terms import Dimension, Variable
n = Dimension("n")
B, C, v, w, eta = (Variable(name, n, n) for name in ("B", "C", "v", "w", "eta"))
turned = theorem("turned", derivation((B @ C @ v @ w @ eta).T).eq(eta.T @ w.T @ v.T @ C.T @ B.T, by=algebra))
proved("U1", "a transpose turns a product round (no backprop here)", turned, source="me")
''')
    (tmp_path / "a_network.py").write_text('''
import symgrad as sg
from symgrad.networks.dense import L, a, delta, l, z
from symgrad import proved
proved("U2", "BP2", sg.proof_of("BP2"), source="me")
''')
    done = subprocess.run([sys.executable, "-m", "symgrad", "prove", str(tmp_path), "--jobs", "1", "-o", str(tmp_path / report)],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "2 proved" in done.stdout, done.stdout
