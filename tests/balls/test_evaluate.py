"""Taylor series at balls, removable singularities, and germs at infinity, against an independent
evaluation."""

from __future__ import annotations

import flint
import mpmath
import pytest
import sympy as sp
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.balls.asymptotics import germ_at_infinity, identity_germ
from symgrad.balls.evaluate import OutsideDomain, taylor
from symgrad.balls.germs import CONSTANT, Germ, NoGerm, Tail
from symgrad.balls.pieces import split
from symgrad.balls.program import compile_expression
from symgrad.operations.activation import activation, activations, t

from .expressions import formulas, points, reference


def inside(x: mpmath.mpf, low: arb, high: arb) -> bool:
    def number(b: arb) -> mpmath.mpf:
        if not b.is_finite():
            return mpmath.inf if b > 0 else -mpmath.inf
        mantissa, exponent = b.man_exp()
        return mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))
    slack = abs(x) * mpmath.mpf(10) ** (20 - mpmath.mp.dps) + mpmath.mpf(10) ** (20 - mpmath.mp.dps)
    return bool(number(low) - slack <= x <= number(high) + slack)


@settings(max_examples=60)
@given(formulas(5), st.floats(-6, 6), st.sampled_from([0.0, 1e-10, 1e-3, 0.3, 2.0]), st.integers(0, 10**6))
def test_taylor_coefficients_contain_the_true_ones(text: str, centre: float, radius: float,
                                                   seed: int) -> None:
    pieces = split(activation(text).expression, t)
    for formula in () if pieces.implicit else pieces.formulas:
        with flint.ctx.workprec(128), mpmath.workdps(120):
            try:
                series = taylor(compile_expression(formula, t), arb(centre, radius), 4)
            except OutsideDomain:
                continue
            for k, ball in enumerate(series.coefficients):
                if ball.is_finite():
                    true = reference(sp.diff(formula, t, k) / sp.factorial(k))
                    for u in points(2, seed):
                        value = true(mpmath.mpf(centre) + mpmath.mpf(radius) * u / 41)
                        assert mpmath.im(value) != 0 or inside(value, ball.lower(), ball.upper())


@pytest.mark.parametrize(("expression", "limits"), [
    (sp.sin(t) / t, [1, 0, -sp.Rational(1, 6)]),
    (t / (1 - sp.exp(-t)), [1, sp.Rational(1, 2), sp.Rational(1, 12)]),
    ((1 - sp.cos(t)) / t**2, [sp.Rational(1, 2), 0, -sp.Rational(1, 24)]),
    ((t - sp.tanh(t)) / t**3, [sp.Rational(1, 3), 0, -sp.Rational(2, 15)]),
])
def test_removable_singularities_are_removed(expression: sp.Expr, limits: list[sp.Expr]) -> None:
    with flint.ctx.workprec(128):
        coefficients = taylor(compile_expression(expression, t), arb(0, 1e-25), 3).coefficients
        for ball, limit in zip(coefficients, limits, strict=True):
            assert ball.overlaps(arb(sp.Rational(limit).p) / sp.Rational(limit).q)
            assert ball.rad() < 1e-20


def test_a_pole_is_no_removable_singularity() -> None:
    assert not taylor(compile_expression(sp.cos(t) / t, t), arb(0, 1e-3), 2).coefficients[0].is_finite()


def test_undefined_places_are_named() -> None:
    with pytest.raises(OutsideDomain, match="log"):
        taylor(compile_expression(sp.log(t), t), arb(-2), 2)


@pytest.mark.parametrize("name", activations())
def test_germs_contain_the_function_all_the_way_out(name: str) -> None:
    formulas_ = activation(name).pieces.formulas
    for direction, formula in ((1, formulas_[-1]), (-1, formulas_[0])):
        for order, terms in ((0, 2), (1, 2), (1, 4)):
            derivative = sp.diff(formula, t, order)
            with flint.ctx.workprec(128), mpmath.workdps(300):
                for start in (8, 16, 32):
                    try:
                        germ = germ_at_infinity(compile_expression(derivative, t),
                                                identity_germ(Tail(arb(start), None, terms), direction))
                        low, high = germ.bounds()
                    except NoGerm:
                        continue
                    true = reference(derivative)
                    for x in (0, mpmath.mpf(1) / 3, 2, 7, 40, 80):
                        assert inside(true(direction * (start + x)), low, high)
                    break
                else:
                    raise AssertionError("no germ")


def test_a_coefficient_whose_ball_contains_zero_is_kept() -> None:
    """sin(s²) is somewhere in [-1, 1], which is not 0."""
    germ = germ_at_infinity(compile_expression(2 * t * sp.cos(t**2), t), identity_germ(Tail(arb(8)), 1))
    assert germ.terms
    assert not germ.bounds()[1].is_finite()


def test_what_cancels_cancels_exactly() -> None:
    germ = germ_at_infinity(compile_expression(1 - sp.tanh(t) ** 2, t), identity_germ(Tail(arb(8)), 1))
    assert CONSTANT not in germ.terms
    assert germ.bounds()[1] < 1e-5


def test_terms_beyond_the_limit_are_merged_soundly() -> None:
    tail = Tail(arb(8))
    one = Germ(tail, {CONSTANT: flint.fmpq(1)})
    e = germ_at_infinity(compile_expression(sp.exp(-t), t), identity_germ(tail, 1))
    total = one
    for _ in range(60):
        total = one + e * total                                        # 1 + e + e² + ...
    with flint.ctx.workprec(128):
        true = 1 / (1 - arb(-8).exp())
        low, high = total.bounds()
        assert low <= 1 and high >= true - 1e-20
