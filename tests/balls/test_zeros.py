"""Zeros without a closed form: all of them, enclosed to any precision, or none."""

from __future__ import annotations

import pickle

import flint
import mpmath
import pytest
import sympy as sp

from symgrad.balls.numbers import number_ball
from symgrad.balls.pieces import real_zeros
from symgrad.balls.zeros import ZeroOf, isolated
from symgrad.operations.activation import t


@pytest.mark.parametrize(("g", "guesses"), [
    (sp.tanh(t) - t / 2, [-1.9, 0, 1.9]), (sp.exp(t) - t - 2, [-1.8, 1.1]), (sp.cos(t) - t, [0.7]), (t * sp.exp(t) - 1, [0.6]),
    (sp.sin(t) - t / 3, [-2.3, 0, 2.3]), (sp.erf(t) - t**3, [-0.9, 0, 0.9]), (sp.exp(t) - t - 1, [0]), (sp.tanh(t) - t, [0])])
def test_every_zero_is_found_and_agrees_with_mpmath(g: sp.Expr, guesses: list[float]) -> None:
    found = sorted(real_zeros(g, t) or [], key=float)
    assert len(found) == len(guesses)
    with mpmath.workdps(60):
        f = sp.lambdify(t, g, "mpmath")
        for zero, guess in zip(found, guesses, strict=True):
            if guess == 0:
                assert zero == 0
            else:
                assert abs(mpmath.mpf(str(sp.N(zero, 50))) - mpmath.findroot(f, guess)) < mpmath.mpf(10) ** -48


def test_a_zero_encloses_itself_at_every_precision_and_survives_pickling() -> None:
    zero = next(z for z in real_zeros(sp.tanh(t) - t / 2, t) or [] if z.is_positive)
    assert isinstance(zero, ZeroOf) and pickle.loads(pickle.dumps(zero)) == zero
    for bits in (64, 500, 3000):
        with flint.ctx.workprec(bits):
            ball = number_ball(zero)
            assert ball.rel_accuracy_bits() > bits - 40 and (ball.tanh() - ball / 2).contains(0)
    assert zero > 1 and not zero.free_symbols and sp.simplify(zero + 1) == zero + 1


def test_a_zero_knows_what_else_vanishes_there() -> None:
    zero = next(z for z in real_zeros(sp.tanh(t) - t / 2, t) or [] if z.is_positive)
    assert zero.vanishes(3 * sp.tanh(t) - 3 * t / 2, t) and zero.vanishes(sp.exp(sp.tanh(t)) - sp.exp(t / 2), t)
    assert not zero.vanishes(sp.tanh(t) - t / 3, t)


@pytest.mark.parametrize("g", [
    sp.sin(t) - sp.exp(-t**2), sp.sin(t**2) - sp.Rational(1, 7), (sp.exp(t) - 2) ** 2 * sp.sinh(t) ** 7])
def test_zeros_that_cannot_all_be_found_are_none(g: sp.Expr) -> None:
    """Infinitely many, or one of an order that is not looked for: no list is better than a list with gaps."""
    assert isolated(g, t) is None
