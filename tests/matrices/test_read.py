"""Formulas from text, in Python and on the command line; nothing in a text is ever executed."""

from __future__ import annotations

import json

import pytest

import symgrad as sg
from symgrad.cli import main
from symgrad.matrices import gradient, read_formula, read_letters

SHAPES = {"W": "m n", "x": "n", "b": "m", "A": "n n", "s": "", "X": "n k"}


@pytest.mark.parametrize(("text", "shown"), [
    ("norm(W@x - b)**2", "‖W x − b‖₂²"),
    ("trace(X.T @ A @ X)", "tr(Xᵀ A X)"),
    ("0.5*x.T@x/(1 + x.T@x)", "½ xᵀ x/(1 + xᵀ x)"),
    ("s*norm(x, 1)", "s ⟨1_n, |x|⟩"),
    ("x**3", "x ⊙ x ⊙ x"),
    ("logdet(A + s*eye(n))", "logdet(A + s I_n)"),
    ("sum(X*X)", "⟨1_{n × k}, X ⊙ X⟩"),
])
def test_a_text_becomes_a_formula(text, shown):
    assert str(read_formula(text, **SHAPES)).replace("(½ xᵀ x)", "½ xᵀ x") == shown


@pytest.mark.parametrize(("text", "said"), [
    ("__import__('os').system('x')", "column"), ("x.__class__", "attribute"), ("x[0]", "subscript"), ("lambda: 1", "lambda"),
    ("2**9**9", "exponent"), ("x**0.5", "exponent"), ("foo(x)", "no function foo"), ("tahn(x)", "did you mean"),
    ("W@b", "transpose"), ("q + 1", "no letter q"), ("norm(x", "no formula"), ("1e400", "no number"), ("'a'", "no number"),
    ("norm(x, 1, 2, 3)", "arguments"), ("x if x else x", "part of a formula"),
    ("(" * 90 + "x" + ")" * 90 + "+" * 5, "no formula"),
    ("-" * 200 + "x", "levels|no formula"), ("x" * 5000, "too long"), ("\0", "no formula"),
])
def test_a_text_that_is_no_formula_is_refused_with_its_column(text, said):
    with pytest.raises(sg.SymgradError, match=said) as caught:
        read_formula(text, **SHAPES)
    assert "\n" not in str(caught.value)


def test_the_command_line_differentiates_by_every_letter(capsys):
    assert main(["gradient", "norm(W@x - b)**2", "--shapes", "W: m n, x: n, b: m", "--wrt", "W,x"]) == 0
    out = capsys.readouterr().out
    assert "∇W" in out and "2 (W x − b) xᵀ" in out and "2 Wᵀ (W x − b)" in out and "✓ proved" in out
    assert main(["gradient", "softmax(A@x)", "--shapes", "A: n n, x: n", "--wrt", "x", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kind"] == "jacobian" and found["by"]["x"]["shape"] == ["n", "n"]


def test_long_derivatives_keep_to_the_width_of_the_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    formula = "softmax(W@tanh(A@x)).T@log_softmax(W@x) + log_det(A.T@A + eye(n))"
    assert main(["gradient", formula, "--shapes", "W: m n, A: n n, x: n"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 10 and max(map(len, lines)) <= 80


@pytest.mark.parametrize("arguments", [
    ["norm(W@x", "--shapes", "W: m n, x: n"], ["x.T@x", "--shapes", "x n"], ["x.T@x", "--shapes", "x: n", "--wrt", "y"],
    ["W@W", "--shapes", "W: m n"], ["x.T@x", "--shapes", "x: a b c"], ["x", "--shapes", "x: 2.5"], ["1", "--shapes", ""],
])
def test_bad_input_on_the_command_line_is_one_line_and_code_2(arguments, capsys):
    assert main(["gradient", *arguments]) == 2
    caught = capsys.readouterr()
    assert not caught.out and caught.err.count("\n") == 1


def test_a_letter_keeps_its_shape_for_derivatives():
    letters = read_letters(SHAPES)
    assert str(gradient(read_formula("trace(A@A)", **SHAPES), letters["A"])) == "2 Aᵀ"


def test_the_kind_of_a_norm_is_a_word_or_a_number():
    shapes = {"A": "n n", "v": "n"}
    assert read_formula("norm(A, 'F') + norm(v, 2)", **shapes) is read_formula("norm(A) + norm(v)", **shapes)
    with pytest.raises(sg.SymgradError, match="kind 'nuc'"):
        read_formula("norm(A, 'nuc')", **shapes)
