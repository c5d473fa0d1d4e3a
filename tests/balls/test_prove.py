"""Facts of one real variable: inequalities by balls, identities by normal form; each law next to a false
one."""

from __future__ import annotations

import pytest
import sympy as sp
from flint import arb

from symgrad.balls.exponential import NotExponential, normal_form, prove_identity, y
from symgrad.balls.prove import prove_inequality
from symgrad.errors import SymgradError
from symgrad.operations.activation import t as x

S = 1 / (1 + sp.exp(-x))
quarter = sp.Rational(1, 4)


@pytest.mark.parametrize(("lhs", "rhs", "interval", "equal_at"), [
    (S * (1 - S), quarter, None, (0,)), (0, S * (1 - S), None, ()), (S, 1, None, ()),
    (x, sp.exp(x) - 1, None, (0,)),
    (sp.log(1 + x**2), x**2, None, (0,)), (sp.tanh(x), x, (0, sp.oo), (0,)),
    (sp.atan(x), sp.pi / 2, None, ()),
    (sp.Abs(sp.tanh(x)), sp.Abs(x), None, (0,)), (sp.exp(-x**2), 1 / (1 + x**2), None, (0,)),
    (1 - x**2 / 2, sp.cos(x), (-8, 8), (0,)), (sp.Max(0, x), sp.log(1 + sp.exp(x)), None, ()),
    (sp.log(1 + sp.exp(x)), sp.Max(0, x) + sp.log(2), None, (0,)), (S + S**2, S * (1 + S), None, ()),
    (sp.erf(x), 2 * x / sp.sqrt(sp.pi), (0, sp.oo), (0,)), (sp.cos(x), 1, (-4, 4), (0,)),
])
def test_true_inequalities_are_proved(lhs: sp.Expr, rhs: sp.Expr, interval: tuple | None,
                                      equal_at: tuple) -> None:
    verdict = prove_inequality(lhs, rhs, x, interval or (-sp.oo, sp.oo))
    assert verdict.holds is True and verdict
    assert set(equal_at) <= set(verdict.equal_at)


@pytest.mark.parametrize(("lhs", "rhs"), [
    (S * (1 - S), sp.Rational(249999, 10**6)), (sp.tanh(x), x), (x * S * (1 - S), sp.Rational(22, 100)),
    (sp.sin(x), sp.Rational(99, 100)), (x**2, sp.exp(x)), (sp.atan(x), sp.Rational(157, 100)), (x**3, x**4)])
def test_false_inequalities_are_refuted_at_a_point(lhs: sp.Expr, rhs: sp.Expr) -> None:
    verdict = prove_inequality(lhs, rhs, x)
    assert verdict.holds is False and not verdict
    at = sp.Rational(str(verdict.counterexample.mid().str(30, radius=False)))
    assert sp.N((rhs - lhs).subs(x, at) if isinstance(rhs, sp.Expr) else rhs - lhs.subs(x, at), 40) < 0


def test_what_cannot_be_decided_says_where() -> None:
    verdict = prove_inequality(sp.sin(x) ** 2 + sp.cos(x) ** 2, 1, x, (0, 1), budget=1)
    assert verdict.holds is not False
    assert verdict.holds or isinstance(verdict.undecided, arb)


def test_undefined_sides_and_empty_intervals_are_errors() -> None:
    with pytest.raises(SymgradError, match="undefined"):
        prove_inequality(sp.log(x), x, x, (-2, -1))
    with pytest.raises(SymgradError, match="empty"):
        prove_inequality(x, x, x, (1, 0))


def test_the_normal_form_of_exponentials_is_in_lowest_terms() -> None:
    above, below, q = normal_form((sp.exp(x) - 1) / (sp.exp(2 * x) - 1), x)
    assert (above.as_expr(), below.as_expr(), q) == (1, y + 1, 1)
    above, below, q = normal_form(x * sp.exp(-x / 2) + sp.Rational(1, 3), x)
    assert (above.as_expr() - (3 * x + y)).expand() == 0 and below.as_expr() == 3 * y and q == 2
    with pytest.raises(NotExponential, match="divides by 0"):
        normal_form(1 / (sp.sinh(x) ** 2 - sp.cosh(x) ** 2 + 1), x)


@pytest.mark.parametrize(("lhs", "rhs"), [
    (sp.diff(S, x), S * (1 - S)), (sp.diff(sp.tanh(x), x), 1 - sp.tanh(x) ** 2),
    (sp.tanh(x), 2 * S.subs(x, 2 * x) - 1),
    (1 - S, S.subs(x, -x)), (sp.cosh(x) ** 2 - sp.sinh(x) ** 2, 1), (sp.diff(x * S, x), S + x * S * (1 - S)),
    (sp.diff(S, x, 2), S * (1 - S) * (1 - 2 * S)), (sp.exp(x / 3) * sp.exp(x / 2), sp.exp(5 * x / 6))])
def test_identities_of_exponentials_are_decided(lhs: sp.Expr, rhs: sp.Expr) -> None:
    assert prove_identity(lhs, rhs, x)
    assert not prove_identity(lhs, rhs + sp.Rational(1, 10**30), x)
    assert not prove_identity(lhs, 2 * rhs + S, x)


def test_identities_outside_the_class_are_refused_not_guessed() -> None:
    for e in (sp.sin(x) ** 2 + sp.cos(x) ** 2, sp.exp(x**2), sp.exp(sp.sqrt(2) * x), sp.sqrt(1 + sp.exp(x))):
        with pytest.raises(NotExponential):
            prove_identity(e, 1, x)
