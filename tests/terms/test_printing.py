"""The spellings that the derivations are written in."""

from __future__ import annotations

import pytest
import sympy

from symgrad.kernel.statements import Condition, Equal
from symgrad.networks.dense import C, L, Sigma, a, b, delta, gradient, l, sigma, v, w, z
from symgrad.terms.algebra import Number, hadamard
from symgrad.terms.index import Index
from symgrad.terms.named import Gradient
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import Power, norm

r = Index("r")


@pytest.mark.parametrize(("term", "latex"), [
    (delta[l], r"\delta^{l}"),
    (w[l + 1].T, r"\left(w^{l+1}\right)^{\mathsf T}"),
    (hadamard(z[l], delta[l]), r"z^{l} \odot \delta^{l}"),
    (Sigma(z[l]), r"\Sigma'_{l}(z^{l})"),
    (sigma[l].prime(z[l]), r"\sigma'_{l}(z^{l})"),
    (Gradient(C[l], z[l]), r"\nabla C_{l}(z^{l})"),
    (gradient(w[l]), r"\frac{\partial C}{\partial w^{l}}"),
    (ordered_product(r, l + 1, L, norm(w[r])), r"\prod_{r=l+1}^{L} \, \lVert w^{r} \rVert_{2}"),
    (Power(norm(w[l]), L - l), r"\lVert w^{l} \rVert_{2}^{L-l}"),
    (norm(w[l], "inf"), r"\lVert w^{l} \rVert_{\infty}"),
    (norm(w[l], "F"), r"\lVert w^{l} \rVert_{F}"),
    (norm(w[l], 1), r"\lVert w^{l} \rVert_{1}"),
], ids=str)
def test_latex_is_spelt_as_in_the_textbooks(term, latex: str) -> None:
    assert term.latex() == latex


def test_text_is_readable() -> None:
    assert str(delta[l]) == "δ^l"
    assert str(w[l + 1].T @ delta[l + 1]) == "(w^{l+1})ᵀ δ^{l+1}"
    assert str(w[l] @ a[l - 1] + b[l]) == "w^l a^{l-1} + b^l"
    assert str(gradient(b[l])) == "∂C/∂b^l"
    assert str(norm(delta[l])) == "‖δ^l‖₂"
    assert str(2 * norm(w[l])) == "2 ‖w^l‖₂" and str(norm(w[l]) * 2) == str(2 * norm(w[l]))
    assert str(C[l](v)).startswith("C_l(v")


def test_conditions_are_read_as_they_were_written() -> None:
    assert str(Condition(L - l - 1)) == "l < L" and str(Condition(l - 1)) == "1 ≤ l"


def test_sympy_prints_formulas_in_our_notation() -> None:
    assert sympy.latex(delta[l]) == delta[l].latex()
    assert sympy.sstr(delta[l]) == str(delta[l])


def test_jupyter_gets_text_latex_and_mathml() -> None:
    bundle = Equal(delta[l], delta[l])._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/latex", "text/html"}
    assert "<m" in bundle["text/html"] and bundle["text/latex"].startswith("$")


def test_a_sum_inside_a_product_is_bracketed() -> None:
    term = (z[l] + b[l]).T @ delta[l]
    assert str(term) == "(z^l + b^l)ᵀ δ^l"
    assert str(Number(-1) * z[l]) == "−z^l"
