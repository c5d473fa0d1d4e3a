"""User text becomes SymPy through a whitelist; everything else is refused in one line that names the
column."""

from __future__ import annotations

import time

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symgrad.errors import SymgradError
from symgrad.operations.formula import MAX_LENGTH, FormulaError, parse_formula

t = sp.Symbol("t", real=True)


@pytest.mark.parametrize(("text", "expected"), [
    ("x*sigmoid(1.702*x)", t / (1 + sp.exp(-sp.Rational(851, 500) * t))),
    ("max(0, x)**2/(1+x**2)", sp.Max(0, t) ** 2 / (1 + t**2)),
    ("x if x > 0 else exp(x) - 1", sp.Piecewise((t, t > 0), (sp.exp(t) - 1, True))),
    ("Piecewise((x, x > 0), (0, True))", sp.Piecewise((t, t > 0), (0, True))),
    ("where(0 < x < 1, x, 2)", sp.Piecewise((t, (t > 0) & (t < 1)), (2, True))),
    ("  2*pi*e ", 2 * sp.pi * sp.E), ("-z**2", -t**2), ("1e-3*t", t / 1000), ("pow(x, 2)", t**2),
])
def test_formulas_mean_what_they_say(text: str, expected: sp.Expr) -> None:
    assert parse_formula(text, t) == expected


def test_decimals_are_exact() -> None:
    assert parse_formula("0.1*x", t) == t / 10


@pytest.mark.parametrize(("text", "column", "says"), [
    ("sigmod(x)", 1, "did you mean sigmoid"), ("1 + tanhh(x)", 5, "did you mean tanh"),
    ("x + y", 5, "unknown name y"), ("x*z", 3, "second variable"), ("x^2", 2, "write **"), ("x/0", 3, "zero"),
    ("__import__('os')", 12, "not part of a formula"), ("x.subs", 1, "attribute"), ("x[0]", 1, "index"),
    ("lambda: 1", 1, "function definition"), ("9**9**9", 1, "exponent"), ("(9**60)**60", 1, "too large"),
    ("((x**60)**60)", 2, "exponent"), ("log(x", 5, "not closed"), ("2 x", 3, "not a formula"),
    ("sin", 1, "sin(x)"),
    ("max(x)", 1, "2 to 8 arguments"), ("x if 1 else 2", 6, "comparison"), ("True", 1, "constant"),
    ("exp(exp(exp(exp(9))))", 9, "beyond 1000"), ("x > 0", 1, "comparison"),
    ("Piecewise((x, x > 0))", 1, "True"),
    ("sqrt(-1)*x", 1, "not a real function"), ("exp(x, x)", 1, "1 argument"), ("exp(x=1)", 1, "plain"),
    ("λ", 1, "λ"),
])
def test_refusals_name_the_column(text: str, column: int, says: str) -> None:
    with pytest.raises(FormulaError) as refused:
        parse_formula(text, t)
    assert refused.value.column == column
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "(" * 500 + "x" + ")" * 500, "-" * 900 + "x", "x+" * 400 + "x",
                                  "x" * (MAX_LENGTH + 1), "1e400", "1" * 200, "sin(" * 60 + "x" + ")" * 60])
def test_large_or_deep_texts_are_refused_quickly(text: str) -> None:
    begun = time.monotonic()
    with pytest.raises(FormulaError):
        parse_formula(text, t)
    assert time.monotonic() - begun < 5


@given(st.text(alphabet="x0123456789.+-*/() ,<>expsintanhlogmaxabsif_'[]{}:=^", max_size=40))
def test_no_text_escapes_as_another_exception(text: str) -> None:
    try:
        result = parse_formula(text, t)
    except SymgradError as refused:
        assert "\n" not in str(refused)
    else:
        assert result.free_symbols <= {t}
