"""The activation record: exact formula, derivative, kinks and jumps, NumPy values, and the catalogue."""

from __future__ import annotations

import copy
import pickle
import sys
from pathlib import Path
from typing import Any

import flint
import numpy as np
import pytest
import sympy as sp
from flint import arb

from symgrad.errors import SymgradError
from symgrad.operations import activations as package
from symgrad.operations.activation import Activation, UnknownActivation, activation, activations, t

Z = np.concatenate([np.random.default_rng(5).normal(size=60) * scale for scale in (1e-3, 4, 30)]
                   + [np.array([0.0, 700.0, -700.0, 38.0, -38.0, 1e-8, -1e-8])])


def off_breaks(sigma: Activation) -> np.ndarray:
    return np.array([z for z in Z if all(float(b) != z for b in sigma.pieces.breaks)])


def test_the_catalogue_has_the_names_people_look_for() -> None:
    names = activations()
    assert len(names) >= 40
    assert {"sigmoid", "tanh", "softplus", "silu", "swish", "gelu", "gelu_tanh", "mish", "elu", "selu",
            "celu", "relu",
            "leaky_relu", "relu6", "hardsigmoid", "hardtanh", "hardswish", "softsign", "arctan", "erf",
            "gaussian",
            "sin", "snake", "sinc", "logsigmoid", "tanhshrink", "softshrink", "hardshrink", "isru",
            "squareplus",
            "identity"} <= set(names)


@pytest.mark.parametrize("name", activations())
def test_values_and_slopes_are_within_four_ulp(name: str) -> None:
    sigma = activation(name)
    z = off_breaks(sigma)
    for order, numbers in ((0, sigma.value(z)), (1, sigma.slope(z))):
        with flint.ctx.workprec(4000):
            for point, number in zip(z.tolist(), numbers.tolist(), strict=True):
                exact = sigma._enclosure.bisect(arb(point), order, 0)
                true = float(exact.mid())
                if abs(true) > 1e-300:
                    error = abs(float((arb(number) - exact).mid()))
                    assert error <= 4 * np.spacing(abs(true)), (order, point, number, true)


@pytest.mark.parametrize("name", activations())
def test_a_complex_step_gives_the_slope(name: str) -> None:
    sigma = activation(name)
    z = off_breaks(sigma)
    step = sigma.value(z + 1e-200j).imag / 1e-200
    slope = sigma.slope(z)
    seen = np.abs(slope) > 1e-90
    assert np.all(np.abs(step - slope)[seen] <= 1e-13 * np.abs(slope)[seen])


@pytest.mark.parametrize("name", activations())
def test_the_derivative_is_sympys(name: str) -> None:
    sigma = activation(name)
    derivative = sp.lambdify(t, sigma.derivative, "mpmath")
    import mpmath
    with mpmath.workdps(400):
        for z in off_breaks(sigma)[::17]:
            exact = derivative(mpmath.mpf(z)) if z else None
            if exact is not None and abs(exact) > 1e-250:
                assert float(sigma.slope(z)) == pytest.approx(float(exact), rel=1e-14)


@pytest.mark.parametrize(("name", "kinks", "jumps"), [
    ("relu", (0,), ()), ("sigmoid", (), ()), ("elu", (), ()), ("selu", (0,), ()), ("hardtanh", (-1, 1), ()),
    ("hardshrink", (), (-sp.Rational(1, 2), sp.Rational(1, 2))), ("threshold", (), (1,)),
    ("relu6", (0, 6), ()),
    ("softsign", (), ()), ("squared_relu", (), ()),
])
def test_kinks_and_jumps_are_exact(name: str, kinks: tuple[int, ...], jumps: tuple[int, ...]) -> None:
    sigma = activation(name)
    assert (sigma.kinks, sigma.jumps) == (kinks, jumps)
    assert sigma.smooth == (not kinks and not jumps)


def test_slopes_at_kinks_are_pytorchs() -> None:
    assert activation("relu").slope(0.0) == 0
    assert activation("leaky_relu").slope(0.0) == 0.01
    assert list(activation("relu6").slope(np.array([0.0, 6.0]))) == [0, 0]
    assert list(activation("hardtanh").slope(np.array([-1.0, 1.0]))) == [0, 0]
    assert activation("hardshrink").value(0.5) == 0


def test_a_formula_is_an_activation() -> None:
    sigma = activation("x*sigmoid(1.702*x)")
    assert sigma.expression == activation("quick_gelu").expression
    assert activation(sigma) is sigma
    assert activation("x*sigmoid(1.702*x)") is sigma


def test_a_sympy_expression_is_an_activation() -> None:
    v = sp.Symbol("v")
    assert activation(sp.tanh(v)).expression == sp.tanh(t)
    assert activation(1.5 * sp.tanh(v)).expression == sp.Rational(3, 2) * sp.tanh(t)


def test_parameters_are_exact_and_named() -> None:
    assert activation("softplus", beta=2).name == "softplus(beta=2)"
    assert activation("softplus", beta=1) is activation("softplus")
    assert activation("leaky_relu", negative_slope=0.2).expression == sp.Piecewise((t, t > 0), (t / 5, True))


@pytest.mark.parametrize(("what", "parameters", "says"), [
    ("sigmod", {}, "did you mean sigmoid"), ("softplus", {"bta": 1}, "did you mean beta"),
    ("softplus", {"beta": 0}, "must be > 0"), ("softplus", {"beta": float("nan")}, "finite"),
    ("x**2", {"a": 1}, "write a as a number"), (3, {}, "not 3"), (sp.gamma(t), {}, "gamma"),
    (sp.Symbol("a") * t, {}, "several symbols"),
])
def test_what_is_no_activation_is_refused_in_one_line(what: object, parameters: dict, says: str) -> None:
    with pytest.raises(SymgradError) as refused:
        activation(what, **parameters)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_records_are_interned_through_pickle_and_copy() -> None:
    sigma = activation("mish")
    assert pickle.loads(pickle.dumps(sigma)) is sigma
    assert copy.deepcopy(sigma) is sigma


def test_shapes_and_types_pass_through() -> None:
    sigma = activation("gelu")
    assert sigma.value(1.0).shape == ()
    assert sigma.value(np.zeros((2, 0, 3))).shape == (2, 0, 3)
    assert sigma.slope(np.zeros(3, dtype=np.float32)).dtype == np.float32
    assert sigma.value([1, 2]).dtype == np.float64


def test_a_new_activation_is_one_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_own.py").write_text(
        "from symgrad.operations.activations import Entry\n"
        "ENTRY = Entry('my_own', 'x*tanh(x)', r'\\\\mu')\n")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    package.catalogue.cache_clear()
    try:
        assert "my_own" in activations()
        assert activation("my_own").expression == t * sp.tanh(t)
    finally:
        package.catalogue.cache_clear()
        sys.modules.pop(f"{package.__name__}.my_own", None)
    with pytest.raises(UnknownActivation):
        monkeypatch.undo()
        activation("my_own")


@pytest.mark.parametrize("end", ["__import__('os').getpid()", "x", float("nan"), True, None])
def test_an_end_of_a_range_is_never_run_as_python(end: Any) -> None:
    with pytest.raises(SymgradError, match="an end of an interval"):
        activation("tanh").range(end, 2)
    low, high = activation("tanh").range("-0.5", float("inf"))
    assert -0.4622 < -float(low.upper) < -0.4621 and float(high.upper) == 1.0
