"""The command line: what it prints, how it fails, and that nothing is half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from symgrad.cli import main


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    out = capsys.readouterr()
    return code, out.out, out.err


def test_derive_without_a_network_prints_the_general_equations(capsys):
    code, out, _ = run(capsys, "derive")
    assert code == 0 and "δ^l = ∇C_l(z^l)" in out and "∂C/∂b^l" in out
    assert all(len(line) <= 80 for line in out.splitlines())


def test_derive_chain_says_which_convention(capsys):
    _, out, _ = run(capsys, "derive", "--chain", "5", "--wrt", "w1")
    assert "chain of 5 weights" in out and "∂F/∂w₁ =" in out and "o₁ = w₁" in out
    _, out, _ = run(capsys, "derive", "--chain", "5", "--input", "x", "--wrt", "w1")
    assert "o₀ = x" in out


@pytest.mark.parametrize("format", ["text", "latex", "markdown", "html", "json"])
def test_every_format_goes_to_a_file_whole(capsys, tmp_path, format):
    path = tmp_path / "page"
    code, _, _ = run(capsys, "derive", "--layers", "4,3,2", "--activation", "tanh", "--format", format, "-o", str(path))
    assert code == 0 and path.stat().st_size > 500
    assert [p.name for p in tmp_path.iterdir()] == ["page"]
    if format == "json":
        assert json.loads(path.read_text("utf-8"))["theorems"]["w1"]["rests_on"]["rule"]


def test_every_line_is_evaluated_on_data_from_a_file(capsys, tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "data.npz", x=rng.normal(size=(5, 4)), y=rng.normal(size=(5, 2)))
    np.savetxt(tmp_path / "data.csv", rng.normal(size=(5, 6)), delimiter=",")
    for name in ("data.npz", "data.csv"):
        code, out, _ = run(capsys, "derive", "--layers", "4,3,2", "--activation", "tanh,sigmoid", "--data", str(tmp_path / name))
        assert code == 0 and "two sides" in out and "complex step" in out


def test_every_line_is_evaluated_on_the_digits(capsys):
    pytest.importorskip("sklearn", reason="the digits come with scikit-learn (extra: data)")
    code, out, _ = run(capsys, "derive", "--layers", "64,30,10", "--activation", "sigmoid", "--data", "digits", "--wrt", "b1")
    assert code == 0 and "handwritten digits" in out


@pytest.mark.parametrize(("arguments", "words"), [
    (["derive", "--activation", "sigmod"], "did you mean sigmoid"),
    (["derive", "--layers", "64,-3,10"], "n_1 is -3"),
    (["derive", "--layers", "64,x"], "integers"),
    (["derive", "--layers", "4,2", "--wrt", "w3"], "no parameter 'w3'"),
    (["derive", "--layers", "4,2", "--activation", "tanh", "--data", "missing.npz"], "missing.npz"),
    (["derive", "--layers", "4,2", "--activation", "tanh", "--data", "digits"], "64 inputs"),
    (["derive", "--layers", "4,2", "-o", "/no/such/folder/page.html"], "cannot write"),
    (["derive", "--loss", "hinge"], "half-squared-error"),
    (["derive", "--chain", "x"], "integers"),
    (["derive", "--format", "pdf"], "-o FILE"),
    (["derive", "--activation", "__import__('os').system('true')"], "__import__"),
    (["compile"], "concrete network"),
    (["bound", "--layers", "3,2", "--activation", "tanh", "--box", "1,0"], "box"),
])
def test_bad_input_is_one_line_and_exit_code_2(capsys, arguments, words):
    code, out, err = run(capsys, *arguments)
    assert code == 2 and out == "" and words in err and err.count("\n") == 1 and "Traceback" not in err


def test_nan_in_data_is_named(capsys, tmp_path):
    np.savez(tmp_path / "bad.npz", x=np.full((2, 4), np.nan), y=np.zeros((2, 2)))
    code, _, err = run(capsys, "derive", "--layers", "4,2", "--activation", "tanh", "--data", str(tmp_path / "bad.npz"))
    assert code == 2 and "nan" in err.lower()


def test_a_compiled_module_checks_itself_without_sympy(tmp_path):
    path = tmp_path / "gradients.py"
    assert main(["compile", "--layers", "4,3,2", "--activation", "sigmoid", "-o", str(path)]) == 0
    code = f"import sys, runpy; runpy.run_path({str(path)!r}, run_name='__main__'); print('sympy' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "agree" in out and out.endswith("False\n")


def test_bound_prints_a_table(capsys):
    code, out, _ = run(capsys, "bound", "--layers", "5,4,3", "--activation", "sigmoid", "--explain")
    assert code == 0 and "true" in out and "product" in out


def test_a_page_of_bounds_typesets_each_theorem_and_says_why(capsys, tmp_path):
    path = tmp_path / "bounds.html"
    assert main(["bound", "--layers", "4,3,2", "--explain", "-o", str(path)]) == 0
    page = path.read_text(encoding="utf-8")
    for claim in ("C8", "D1", "D2", "D3", "D4", "D6"):
        assert f"(claim {claim})" in page
    assert page.count("<table") >= 2 and page.count("<math") > 20 and "<script" not in page and "decades" in page


def test_numbers_are_bounded_and_compiled_for_the_sigmoid_where_no_activation_is_named(capsys):
    assert main(["bound", "--layers", "2,3,1", "--box", "-1,1"]) == 0
    assert "2-norm" in capsys.readouterr().out
    assert main(["compile", "--layers", "2,3,1"]) == 0
    assert "sigmoid" in capsys.readouterr().out


def test_an_unknown_command_and_an_unknown_option_are_one_line(capsys):
    for arguments in (["drive"], ["derive", "--layer", "3,2", "--no-such"]):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 2 and capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(("arguments", "words"), [
    (["derive", "--data", "digits"], "concrete network"),
    (["derive", "--weights", "w.npz"], "add --data"),
    (["derive", "--chain", "1000000"], "at most 10000"),
    (["derive", "--layers", "9" * 5000 + ",1"], "…"),
    (["derive", "--layers", "4,2\x1b[31m\n"], "integers"),
    (["bound", "--layers", "1" + "0" * 30 + ",1"], "does not fit into memory"),
    (["bound", "--layers", "3,2", "-o", "table.pdf"], "does not say a format"),
    (["bound", "--weights", "absent.npz"], "no file"),
    (["compile", "--layers", "3,2", "-o", "."], "a folder"),
    (["compile", "--layers", "3,2", "--activation", "(" * 5000 + "x" + ")" * 5000], "longer than"),
])
def test_hostile_input_is_one_short_line(capsys, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *arguments)
    assert code == 2 and out == "" and words in err and err.count("\n") == 1 and len(err) < 500 and "\x1b" not in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["--wrt", "--data", "--weights", "--layers", "--activation", "--loss", "-o"])
def test_an_empty_text_is_no_default(capsys, option):
    with pytest.raises(SystemExit) as stop:
        main(["derive", option, ""])
    assert stop.value.code == 2 and "leave the option out" in capsys.readouterr().err


@pytest.mark.parametrize("examples", ["0", "-1", "1e400", "9" * 30])
def test_a_number_of_examples_is_a_number(capsys, examples):
    with pytest.raises(SystemExit):
        main(["derive", "--layers", "64,10", "--activation", "tanh", "--data", "digits", "--examples", examples])
    assert "positive integer" in capsys.readouterr().err


def test_weights_say_the_widths_and_are_never_written_over(capsys, tmp_path):
    weights = tmp_path / "w.npz"
    np.savez(weights, **{"0.weight": np.eye(3, 4), "2.weight": np.eye(2, 3)})
    whole = weights.read_bytes()
    code, out, _ = run(capsys, "bound", "--weights", str(weights), "--format", "json")
    assert code == 0 and len({row["layer"] for row in json.loads(out)["rows"]}) == 2
    (tmp_path / "link.csv").symlink_to(weights)
    code, _, err = run(capsys, "bound", "--weights", str(weights), "-o", str(tmp_path / "link.csv"))
    assert code == 2 and "written over" in err and weights.read_bytes() == whole


def test_the_version_is_printed(capsys):
    from symgrad import __version__
    assert run(capsys, "--version") == (0, f"symgrad {__version__}\n", "")


def started(*arguments, **options):
    return subprocess.run([sys.executable, "-m", "symgrad", *arguments], capture_output=True, text=True, timeout=60, **options)


def test_a_terminal_without_greek_letters_shows_their_codes():
    done = started("derive", "--wrt", "b", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0 and "\\u03b4" in done.stdout


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_and_a_closed_pipe_are_no_tracebacks():
    with open("/dev/full", "w") as full_disk:
        full = subprocess.run([sys.executable, "-m", "symgrad", "derive"], stdout=full_disk, stderr=subprocess.PIPE, text=True,
                              timeout=60)
    assert full.returncode == 2 and full.stderr.count("\n") == 1 and "space" in full.stderr
    with subprocess.Popen([sys.executable, "-m", "symgrad", "derive", "--chain", "300"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0 and process.stderr.read() == ""
