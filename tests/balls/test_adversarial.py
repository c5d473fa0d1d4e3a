"""γ of formulas written to be hard: hidden kinks, waves that never settle, needles, plateaus, poles, every scale.

The values were found without symgrad: closed forms, or mpmath at 60 digits around the densest samples.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
import sympy as sp

from symgrad.errors import SymgradError
from symgrad.operations.activation import activation, t

NARROW = Decimal("1e-24")


def near(found: sp.Basic, value: sp.Expr) -> None:
    exact = Decimal(str(sp.N(value, 40)))
    slack = abs(exact) * NARROW
    assert found.complete
    assert found.lower - slack <= exact <= found.upper + slack
    assert found.upper - found.lower <= slack


@pytest.mark.parametrize(("what", "gamma"), [
    ("sin(x)*tanh(x)", 1), ("sin(x)*atan(x)", sp.pi / 2), ("tanh(x)*sin(3*x)", 3), ("x*sin(x)/(1 + abs(x))", 1),
    ("x*sin(x)/sqrt(1 + x**2)", 1), ("sin(x)**3*tanh(x)", 2 / sp.sqrt(3)), ("sin(sqrt(1 + x**2))", 1),
    ("x*sin(log(abs(x)))", sp.sqrt(2)), ("sqrt(1 + x**2)*sin(log(1 + x**2))/2", sp.sqrt(5) / 2), ("cos(log(1 + exp(x)))", 1),
    ("abs(sin(x))*tanh(x)", 1), ("sin(x/2 + sin(x))*tanh(x)", sp.Rational(3, 2))])
def test_waves_that_never_settle_are_bounded_by_their_limit(what: str, gamma: sp.Expr) -> None:
    """The supremum is approached at infinity at one phase, and is attained nowhere."""
    found = activation(what).sup_slope()
    near(found, sp.sympify(gamma))
    assert found.attained is not True


def test_a_phase_is_counted_through_the_slowest_wave() -> None:
    """sin(x/2 + sin x) has the period 4π, although sin x alone has 2π: the slope -3/2 stands at 2π only."""
    found = activation("sin(x/2 + sin(x))*tanh(x)").range(derivative=1)[0]
    assert found.lower > Decimal("1.49")


@pytest.mark.parametrize(("what", "gamma", "kinks"), [
    ("max(tanh(x), x/2)", 1, ["-1.91500804815453748", "0", "1.91500804815453748"]),
    ("asin(sin(x))", 1, ["1.5707963", "4.7123889"]), ("acos(cos(2*x))", 2, ["0", "1.5707963", "3.1415926"]),
    ("abs(tanh(x) - x/3)", sp.Rational(2, 3), ["-2.98470", "0", "2.98470"]),
    ("max(sin(x), x/3)", 1, ["-2.27886", "0", "2.27886"]), ("abs(cos(x) - x)", 2, ["0.73908513321516"]),
    ("where(x > tanh(2*x), x, tanh(2*x))", 2, ["-0.95750402", "0", "0.95750402"]), ("acosh(cosh(x))", 1, ["0"]),
    ("max(erf(x), x/3)", 2 / sp.sqrt(sp.pi), None), ("sqrt(1 - sin(x)**2)", 1, ["1.5707963", "4.7123889"])])
def test_kinks_without_a_closed_form_are_located(what: str, gamma: sp.Expr, kinks: list[str] | None) -> None:
    sigma = activation(what)
    near(sigma.sup_slope(), sp.sympify(gamma))
    assert not sigma.smooth and not sigma.jumps
    if kinks is not None:
        assert len(sigma.kinks) == len(kinks)
        assert all(str(sp.N(k, 30)).startswith(start) for k, start in zip(sigma.kinks, kinks, strict=True))


@pytest.mark.parametrize("what", ["atan(tan(x))", "tanh(x)*heaviside(cos(x) - x)"])
def test_jumps_that_hide_in_a_formula_are_named(what: str) -> None:
    assert activation(what).jumps or activation(what).sup_slope().jumps


@pytest.mark.parametrize(("what", "gamma"), [
    ("sqrt(1 + sin(x))", 1 / sp.sqrt(2)), ("sqrt(1 - cos(3*x))", 3 / sp.sqrt(2)), ("(1 - cos(x))/x", sp.S.Half),
    ("exp(-1e10*(x - 3)**2)", 10**5 * sp.sqrt(2 / sp.E)), ("1e-3*exp(-1e14*(x - 7.3)**2)", 10**4 * sp.sqrt(2 / sp.E)),
    ("1/(1 + 1e12*(x - 1)**2)", sp.Rational(3, 8) * sp.sqrt(3) * 10**6), ("tanh(1e-50*x)", sp.Rational(1, 10**50)),
    ("exp(-(x - 1e6)**2)", sp.sqrt(2 / sp.E)), ("1/(x**4 - 2*x**2 + 1.0000000001)", None), ("sech(x)", sp.S.Half),
    ("2**x/(1 + 2**x)", sp.log(2) / 4), ("1/(1 + 2**(-3*x))", 3 * sp.log(2) / 4), ("sqrt(1 + cos(x))*tanh(x)", sp.sqrt(2)),
    ("acos(cos(x))*exp(-x**2)", 1), ("sin(x)*exp(-x**2/1e4)", 1), ("log(1 + abs(tanh(x) - x/2))", sp.S.Half),
    ("exp(-x**2)/(1e-10 + x**2)", None), ("x + 1e-9*sin(1e9*x)", 2), ("abs(sin(x))*exp(-x**2)", 1)])
def test_needles_plateaus_and_every_scale(what: str, gamma: sp.Expr | None) -> None:
    found = activation(what).sup_slope()
    if gamma is None:
        assert found.complete and found.upper - found.lower <= found.upper * NARROW
    else:
        assert found.complete and abs(found.lower / Decimal(str(sp.N(gamma, 40))) - 1) < Decimal("1e-15")
        assert found.upper - found.lower <= found.upper * Decimal("1e-18")


@pytest.mark.parametrize(("what", "near_to"), [
    ("1/(exp(x) - x - 2)", [-1.8414056604, 1.1461932206]), ("1/(x - tanh(2*x))", [-0.957504, 0, 0.957504]),
    ("(1 + x**2)**x", [float("inf")]), ("sqrt(abs(tanh(x) - x/2))", [-1.9150080, 0, 1.9150080]),
    ("1/(sin(x) - x/2)", [-1.895494267, 0, 1.895494267])])
def test_poles_without_a_closed_form_are_places_too(what: str, near_to: list[float]) -> None:
    found = activation(what).sup_slope()
    assert found.unbounded and [float(p) for p in found.grows_at] == pytest.approx(near_to, rel=1e-6)


def test_a_case_guards_its_formula() -> None:
    """log stands in a case for x > 1 only: nothing is undefined."""
    assert activation("log(x) if x > 1 else x - 1").sup_slope().exact == 1
    assert activation(sp.Piecewise((sp.log(1 + t), t >= 0), (-sp.log(1 - t), True))).sup_slope().exact == 1
    with pytest.raises(SymgradError, match="undefined between -1 and 1"):
        activation("log(x) if x > 1 else log(-x - 1) + 0*x if x > -2 else x").sup_slope()


def test_a_value_at_one_point_is_dropped_where_it_is_the_limit_and_refused_where_not() -> None:
    sinc = sp.Piecewise((sp.sin(t) / t, sp.Ne(t, 0)), (1, True))
    assert activation(sinc).sup_slope().lower == activation("sinc").sup_slope().lower
    with pytest.raises(SymgradError, match="value of its own"):
        activation(sp.Piecewise((t, sp.Ne(t, 0)), (5, True)))


@pytest.mark.parametrize("what", ["max(log(1 + exp(x)), cos(x))", "cos(x) + sin(sqrt(2)*x)", "2**x/(1 + 3**x)"])
def test_what_is_not_settled_is_valid_and_says_so(what: str) -> None:
    found = activation(what).sup_slope(budget=1)
    assert not found.complete and found.lower <= found.upper
