"""SymPy's matrix expressions become formulas, and what SymPy differentiates silently wrong comes out right."""

from __future__ import annotations

import pytest
import sympy as sp

import symgrad as sg
from symgrad.matrices import from_sympy, gradient, matrix, vector

n, m = sp.symbols("n m")
W, A, X = sp.MatrixSymbol("W", m, n), sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("X", n, m)
x, y = sp.MatrixSymbol("x", n, 1), sp.MatrixSymbol("y", m, 1)
s = sp.Symbol("s")


@pytest.mark.parametrize(("expression", "by", "text"), [
    (sp.Trace((W * x - y).T * (W * x - y)) + sp.Trace(W.T * W), matrix("W", "m", "n"), "2 W x xᵀ − 2 y xᵀ + 2 W"),
    (sp.Trace(X.T * A * X), matrix("X", "n", "m"), "A X + Aᵀ X"),
    (sp.Trace(A**3), matrix("A", "n", "n"), "3 Aᵀ Aᵀ"),
    (sp.Trace(A.inv()), matrix("A", "n", "n"), "−(A⁻¹)ᵀ (A⁻¹)ᵀ"),
    (sp.Trace(x.T * A * x) * s, vector("x", "n"), "s (A x + Aᵀ x)"),
    (sp.log(sp.Determinant(A)), matrix("A", "n", "n"), None),
    (sp.Trace(sp.OneMatrix(1, n) * (A * x).applyfunc(sp.tanh)), vector("x", "n"), None),
    (sp.Trace(sp.HadamardProduct(A, A) * (A + sp.Identity(n))), matrix("A", "n", "n"), None),
])
def test_a_sympy_expression_is_differentiated(expression, by, text):
    found = gradient(from_sympy(expression), by)
    assert found.shape == by.shape
    if text is not None:
        parts = sorted(text.replace("(A x + Aᵀ x)", "A x + s Aᵀ x").split(" + "))
        assert sorted(str(found).replace("(A x + Aᵀ x)", "A x + s Aᵀ x").split(" + ")) == parts


@pytest.mark.parametrize("expression", [sp.kronecker_product(A, W), sp.Integral(s, s), "x", A**s, A.applyfunc(sp.gamma),
                                        sp.MatrixSymbol("Q", n + 1, 2 * n)])
def test_what_has_no_counterpart_is_refused_in_one_line(expression):
    with pytest.raises(sg.SymgradError) as caught:
        from_sympy(expression)
    assert "\n" not in str(caught.value)
