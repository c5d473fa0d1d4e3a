"""γ = sup|σ'|: closed forms, plateaus, kinks, what is unbounded or undefined, and random formulas."""

from __future__ import annotations

import time
from decimal import Decimal

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings

from symgrad.errors import SymgradError
from symgrad.operations.activation import activation, activations, t

from .expressions import formulas, points, reference

half = sp.Rational(1, 2)


@pytest.mark.parametrize(("what", "gamma"), [
    ("sigmoid", sp.Rational(1, 4)), ("tanh", 1), ("softplus", 1), ("erf", 2 / sp.sqrt(sp.pi)), ("sech", half),
    ("gelu", half + sp.erf(1) / 2 + sp.exp(-1) / sp.sqrt(sp.pi)), ("gaussian", sp.sqrt(2) * sp.exp(-half)),
    ("hardswish", sp.Rational(3, 2)), ("snake", 2), ("sin", 1), ("cos", 1), ("squareplus", 1),
    ("tanhshrink", 1),
    ("bounded_squared_relu", 3 * sp.sqrt(3) / 8), ("dsilu", half), ("hardshrink", 1), ("logcosh", 1),
    ("x + sin(3*x)**2/3", 2), ("x**3/(1 + x**2)", sp.Rational(9, 8)), ("tanh(x)**3", sp.Rational(3, 4)),
    ("x*atan(x)", sp.pi / 2), ("log(1 + x**2)", 1), ("1/(1 + exp(-1000*x))", 250), ("sin(abs(x))", 1),
    ("(1 - cos(x))/x**2", None), ("2", 0),
])
def test_known_suprema_are_enclosed_and_found_exactly(what: str, gamma: sp.Expr | None) -> None:
    found = activation(what).sup_slope()
    assert found.complete
    assert found.upper - found.lower <= Decimal("2e-29") * max(abs(found.upper), 1)
    if gamma is not None:
        exact = mpmath.mpf(str(sp.N(gamma, 45)))
        assert mpmath.mpf(str(found.lower)) <= exact <= mpmath.mpf(str(found.upper))
        assert sp.simplify(found.exact - gamma) == 0


@pytest.mark.parametrize(("what", "beginning"), [
    ("silu", "1.0998393201288669169581849243"), ("mish", "1.088498161251727861228293627"),
    ("gelu_tanh", "1.128993068658771765455904470"), ("sinc", "0.43618181727145849508878805688")])
def test_suprema_without_closed_form_have_no_exact_value(what: str, beginning: str) -> None:
    found = activation(what).sup_slope()
    assert str(found.lower).startswith(beginning) and str(found.upper).startswith(beginning)
    assert found.exact is None and found.attained


def test_more_digits_on_request() -> None:
    found = activation("silu").sup_slope(digits=100)
    assert found.upper - found.lower <= Decimal("1e-98")
    known = activation("silu").sup_slope()
    assert known.lower <= found.lower <= found.upper <= known.upper


def test_the_whole_catalogue_is_enclosed() -> None:
    for name in activations():
        found = activation(name).sup_slope()
        assert found.complete, name
        assert found.unbounded == (name in {"exponential", "growing_cosine", "square", "squared_relu"})


@pytest.mark.parametrize(("what", "attained", "argmax"), [
    ("sigmoid", True, None), ("softplus", False, sp.oo), ("logsigmoid", False, -sp.oo),
    ("squareplus", False, sp.oo),
    ("relu", True, sp.Interval.open(0, sp.oo)), ("hardswish", False, 3), ("selu", False, 0),
    ("exp(-x)*max(0, x)", False, 0)])
def test_attained_or_only_approached(what: str, attained: bool, argmax: sp.Basic | None) -> None:
    found = activation(what).sup_slope()
    assert found.attained is attained
    assert argmax is None or argmax in found.argmax


@pytest.mark.parametrize("what", ["softplus", "tanhshrink", "atan(x)*x", "x + exp(-x**2)*0", "logcosh",
                                  "bent_identity"])
def test_plateaus_end_quickly(what: str) -> None:
    begun = time.monotonic()
    assert activation(what).sup_slope().complete
    assert time.monotonic() - begun < 3


def test_jumps_and_kinks_stand_beside_the_supremum() -> None:
    found = activation("hardshrink").sup_slope()
    assert found.jumps == (-half, half) and found.kinks == ()
    assert activation("relu").sup_slope().kinks == (0,)


@pytest.mark.parametrize(("what", "places"), [
    ("exponential", (sp.oo,)), ("square", (-sp.oo, sp.oo)), ("growing_cosine", (-sp.oo, sp.oo)),
    ("sqrt(abs(x))", (0,)),
    ("1/x", (0,)), ("x*log(1 + abs(x))", (-sp.oo, sp.oo)), ("x**2*exp(-x)", (-sp.oo,))])
def test_unbounded_slopes_say_where_they_grow(what: str, places: tuple[sp.Expr, ...]) -> None:
    found = activation(what).sup_slope()
    assert found.unbounded and found.grows_at == places
    assert found.upper == Decimal("Infinity") and found.exact == sp.oo
    assert "grows at" in str(found)


@pytest.mark.parametrize(("what", "where"), [
    ("log(x)", "for t < 0"), ("x**0.3", "for t < 0"), ("acos(x)", "for t < -1 and for t > 1"),
    ("sqrt(x - 1/3)", "for t < 1/3"), ("log(x**2 - 1)", "between -1 and 1"), ("log(sin(x))", "between -pi and 0")])
def test_undefined_places_are_an_error(what: str, where: str) -> None:
    with pytest.raises(SymgradError, match="is undefined " + where) as refused:
        activation(what).sup_slope()
    assert "\n" not in str(refused.value)
    with pytest.raises(SymgradError, match="undefined"):
        activation(what).range(-5, 5)


def test_a_spent_budget_gives_a_wider_enclosure_and_says_so() -> None:
    """Two waves without a common period: the supremum 1 + √2 is approached, and no box says so."""
    found = activation("cos(x) + sin(sqrt(2)*x)").sup_slope(budget=0.3)
    assert not found.complete
    assert found.lower <= Decimal(2).sqrt() + 1 <= found.upper < Decimal("2.42")
    assert "wider" in str(found)


@pytest.mark.parametrize(("what", "places"), [
    ("sin(x**2)", (-sp.oo, sp.oo)), ("sin(exp(x))", (sp.oo,)), ("x*cos(3*x**3)", (-sp.oo, sp.oo)),
    ("tan(x)", (sp.pi / 2, 3 * sp.pi / 2)), ("1/sin(x)", (0, sp.pi, 2 * sp.pi)), ("x*sin(1/x)", (0,)),
    ("1/(x**2 - 2)", (-sp.sqrt(2), sp.sqrt(2))), ("log(abs(x))", (0,)), ("sqrt(abs(sin(x)))", (0, sp.pi, 2 * sp.pi))])
def test_waves_that_get_steeper_and_poles_are_unbounded(what: str, places: tuple[sp.Expr, ...]) -> None:
    found = activation(what).sup_slope()
    assert found.unbounded and found.grows_at == places


@pytest.mark.parametrize(("what", "gamma", "kinks"), [
    ("abs(sin(x))", 1, (0, sp.pi, 2 * sp.pi)), ("abs(cos(3*x))", 3, (sp.pi / 6, sp.pi / 2)),
    ("max(sin(x), cos(x))", 1, (sp.pi / 4, 5 * sp.pi / 4)), ("sqrt(x**2)", 1, (0,)),
    ("sqrt(x**2 + 2*x + 1)", 1, (-1,)), ("asin(2*x/(1 + x**2))", 2, (-1, 1)),
    ("max(0, min(1, x**3))", 3, (1,)), ("abs(tanh(x) - 0.5)", 1, (sp.atanh(half),))])
def test_kinks_are_found_where_no_branch_is_written(what: str, gamma: sp.Expr, kinks: tuple[sp.Expr, ...]) -> None:
    """One period says all of |sin x|; asin(2x/(1 + x²)) has kinks although it has no case."""
    found = activation(what).sup_slope()
    assert found.complete and found.exact == gamma and found.kinks == kinks
    assert not activation(what).smooth


@pytest.mark.parametrize(("what", "gamma"), [
    ("1e8*tanh(1e-8*x)", 1), ("1e-8*tanh(1e8*x)", 1), ("sqrt(x**2 + 1e-8)", 1), ("sqrt(x**2 + 1e8)", 1),
    ("x/(1e-6 + abs(x))", 10**6), ("softplus(1000*x)/1000", 1), ("erf(1e8*x)*1e-8", 2 / sp.sqrt(sp.pi)),
    ("log(1 + exp(1e-6*x))", sp.Rational(1, 10**6))])
def test_coefficients_of_every_size_are_followed(what: str, gamma: sp.Expr) -> None:
    found = activation(what).sup_slope()
    assert found.complete and found.exact == gamma


def test_a_valid_enclosure_is_returned_where_boxes_no_longer_help() -> None:
    """|f'| is within 1e-12 of its supremum nearly everywhere: no box is ever surely below it."""
    what, gamma = "asin(0.999999999999*sin(x))", Decimal("0.999999999999")
    found = activation(what).sup_slope(budget=1)
    assert not found.complete and found.lower <= gamma <= found.upper < Decimal("1.001")
    assert activation(what).sup_slope(budget=1) is found, "the same budget would find the same"


@pytest.mark.parametrize(("what", "ends", "low", "high"), [
    ("tanh", (3, 3), sp.tanh(3), sp.tanh(3)), ("exp(x)", (100, 10**6), sp.exp(100), None), ("sin", (1e300, 1.7e308), -1, 1),
    ("1/x", (sp.Rational(1, 10**300), sp.oo), 0, 10**300), ("relu", (1e300, sp.oo), sp.Rational(10)**300, sp.oo),
    ("tanh", (-5e-324, 5e-324), None, None), ("hardshrink", (-half, half), 0, 0)])
def test_ranges_on_points_and_on_huge_and_tiny_intervals(what: str, ends: tuple, low: sp.Expr, high: sp.Expr) -> None:
    bottom, top = activation(what).range(*ends)
    assert top.complete or top.unbounded
    for found, value, sign in ((bottom, low, -1), (top, high, 1)):
        if value is sp.oo:
            assert found.unbounded
        elif value is not None:
            exact = sign * sp.N(value, 40)
            slack = abs(exact) * sp.Float("1e-15") + sp.Float("1e-40")   # 1e300 is the float next to 10^300
            assert sp.Float(str(found.lower), 40) - slack <= exact <= sp.Float(str(found.upper), 40) + slack


def test_curvature_and_ranges() -> None:
    assert activation("tanh").sup_curvature().exact == 4 * sp.sqrt(3) / 9
    assert activation("sigmoid").sup_curvature().exact == sp.sqrt(3) / 18
    low, high = activation("silu").range(-2, 3)
    assert str(-low.upper).startswith("-0.278464542761073795109358739")
    assert str(high.upper)[:20] == str(sp.N(3 / (1 + sp.exp(-3)), 30))[:20]
    low, high = activation("tanh").range(derivative=1)
    assert -low.upper == 0 and high.exact == 1 and low.attained is False


def test_an_empty_interval_is_refused() -> None:
    with pytest.raises(SymgradError, match="empty"):
        activation("tanh").range(2, 1)


@settings(max_examples=80)
@given(formulas(7))
def test_no_sample_lies_outside_the_enclosure(text: str) -> None:
    sigma = activation(text)
    found = sigma.sup_slope(budget=0.6)
    assert found.lower <= found.upper
    slope = reference(sp.diff(sigma.expression, t))
    with mpmath.workdps(70):
        best = mpmath.mpf(0)
        for x in points(100, 3):
            size = abs(slope(x))
            best = max(best, size)
            if found.upper.is_finite():
                assert size <= mpmath.mpf(str(found.upper)) * (1 + mpmath.mpf(10) ** -30)
        if found.unbounded:
            assert max(abs(slope(d * mpmath.mpf(10) ** 9 + k)) for d in (-1, 1) for k in range(9)) > 15
