"""NumPy functions of SymPy expressions: stable forms, and no text that gets executed."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import sympy as sp

from symgrad.errors import SymgradError
from symgrad.numeric import lambdify, stable, stable_form

x, y = sp.symbols("x y")
SIGMA = 1 / (1 + sp.exp(-x))
SOFTPLUS = sp.log(1 + sp.exp(x))


@pytest.mark.parametrize(
    ("expression", "exact"),
    [
        (SIGMA, stable.sigmoid),
        (sp.exp(x) / (1 + sp.exp(x)), stable.sigmoid),
        (SIGMA.diff(x), stable.sigmoid_slope),
        (SIGMA * (1 - SIGMA), stable.sigmoid_slope),
        ((sp.exp(x) / (1 + sp.exp(x))).diff(x), stable.sigmoid_slope),
        (SOFTPLUS, stable.softplus),
        (SOFTPLUS.diff(x), stable.sigmoid),
        (SOFTPLUS.diff(x, 2), stable.sigmoid_slope),
        (sp.tanh(x).diff(x), stable.tanh_slope),
        (1 - SIGMA, lambda z: stable.sigmoid(-z)),
    ],
)
def test_stable_forms_are_found_in_textbook_formulas(expression, exact):
    f = lambdify(expression)
    z = np.array([-1e3, -700.0, -40.0, -1.0, 0.0, 2.0, 38.0, 700.0, 1e3])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = f(z)
    assert np.array_equal(found, exact(z))


def test_second_derivatives_and_products_stay_stable():
    f = lambdify(SIGMA.diff(x, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(f(np.array([-1e3, -700.0, 700.0, 1e3]))).all()
    assert f(-700.0) == pytest.approx(float(stable.sigmoid_slope(-700.0)))


def test_log_sum_exp_keeps_small_terms_and_does_not_overflow():
    f = lambdify(sp.log(sp.exp(x) + 2 * sp.exp(y) + 3), [x, y])
    assert float(f(1e3, 0.0)) == 1e3
    assert float(f(-1e3, -1e3)) == pytest.approx(np.log(3.0), rel=1e-15)
    assert float(stable.logsumexp(0.0, -50.0)) == pytest.approx(np.exp(-50.0), rel=1e-15)


def test_the_stable_form_equals_the_expression():
    for e in (SIGMA.diff(x, 3), y * SIGMA * (1 - SIGMA) ** 2, 3 - 3 * sp.tanh(3 * x) ** 2, SIGMA - SIGMA**2):
        f = lambdify(e, [x, y])
        for at in (-1.25, 0.5, 3.0):
            true = sp.N(e.subs({x: sp.Float(at, 40), y: sp.Float("1.5", 40)}), 30)
            assert float(f(at, 1.5)) == pytest.approx(float(true), rel=1e-13)


def test_what_is_not_a_sigmoid_is_left_alone():
    for e in (1 / (2 + sp.exp(-x)), sp.log(2 + x), 1 - sp.tanh(x), sp.log(x + sp.exp(x))):
        assert stable_form(e) == e


def test_names_of_symbols_are_never_executed():
    evil = sp.Symbol("__import__('os').abort()")
    assert float(lambdify(evil + 1)(2.0)) == 3.0
    matrix = sp.MatrixSymbol("import os", 2, 2)
    assert np.array_equal(lambdify(matrix * matrix.T)(np.eye(2)), np.eye(2))
    with pytest.raises(SymgradError, match="has no NumPy form"):
        lambdify(sp.Function("os.abort")(x))


def test_objects_with_a_sympy_method_and_equations_give_their_right_side():
    class Theorem:
        def sympy(self):
            return sp.Eq(sp.Symbol("delta"), SIGMA * y)

    f = lambdify(Theorem())
    assert f.arguments == (x, y)
    assert float(f(0.0, 4.0)) == 2.0
    assert float(f(x=0.0, y=4.0)) == 2.0


def test_sequences_and_matrices_keep_their_shape():
    first, second = lambdify([SIGMA, sp.Matrix([[SIGMA, x], [y, 1]])])(0, 3)
    assert float(first) == 0.5
    assert np.asarray(second).shape == (2, 2)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: lambdify("x + 1"), "text is not read here"),
        (lambda: lambdify(x + y, [x]), "y occurs in the expression"),
        (lambda: lambdify(x)(1, 2), "2 values for 1 arguments"),
        (lambda: lambdify(x)(z=1), "no argument is called 'z'"),
        (lambda: lambdify(x)("a"), "values are numbers"),
        (lambda: lambdify(sp.zeta(x)), "NumPy lacks"),
        (lambda: lambdify(sp.IndexedBase("a")[1]), "indexed symbols"),
    ],
)
def test_bad_calls_are_named(make, match):
    with pytest.raises(SymgradError, match=match):
        make()


def test_common_parts_are_computed_once():
    w = sp.symbols("w1:6")
    a = x
    for weight in w:
        a = 1 / (1 + sp.exp(-weight * a))
    f = lambdify([sp.diff((a - y) ** 2 / 2, weight) for weight in w])
    assert f.source.count("sigmoid(") <= 12
