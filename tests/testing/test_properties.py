"""Theorems as properties: false ones are refuted, vacuous ones found out, true ones met often enough."""

from __future__ import annotations

import pytest
from sympy import Rational

from symgrad.derive.backprop import backprop, smooth
from symgrad.kernel.facts import cited
from symgrad.kernel.logic import assume
from symgrad.kernel.statements import Bounded, Equal, ForAll, Less, LessEqual, Statement, conditions
from symgrad.networks.dense import L, Sigma, a, delta, gamma, l, r, sigma, w, y, z
from symgrad.terms.named import Variable
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm
from symgrad.testing.properties import check_theorem

slopes = ForAll(r, l, L, Bounded(sigma[r].prime, gamma[r]))


def bound(kind: object, weights: object) -> Statement:
    product = ordered_product(r, l, L, gamma[r]) * ordered_product(r, l + 1, L, norm(w[r], weights))
    return LessEqual(norm(delta[l], kind), product * norm(a[L] - y, kind))


@pytest.mark.parametrize(("name", "false", "given"), [
    ("a lost transpose of square weights", Equal(delta[l], Sigma(z[l]) @ delta[l]), (1 <= l, l < L)),
    ("a lost slope", Equal(delta[L], a[L] - y), (1 <= L,)),
    ("a slope too many", Equal(delta[L], Sigma(z[L]) @ Sigma(z[L]) @ (a[L] - y)), (1 <= L,)),
])
def test_a_false_equation_is_refuted_modulo_a_prime(name: str, false: Statement, given: tuple[object, ...]) -> None:
    theorem = cited(f"a false theorem: {name}", false, (*conditions(given), smooth(l)))
    found = check_theorem(theorem, 500)
    assert found.failure and "GF" in found.arithmetic
    assert not found.enough(0)


@pytest.mark.parametrize("kind", [1, "inf"])
def test_the_printed_bound_in_the_1_and_the_inf_norm_is_refuted_in_balls(kind: object) -> None:
    theorem = cited("a false theorem: claim C8", bound(kind, kind), (*conditions((1 <= l, l <= L)), slopes))
    found = check_theorem(theorem, 2000, seconds=300)
    assert found.failure and "balls" in found.arithmetic


def test_the_bound_in_the_dual_norm_stands() -> None:
    theorem = cited("a true theorem: claim C8", bound(1, "inf"), (*conditions((1 <= l, l <= L)), slopes))
    assert check_theorem(theorem, 100).enough(100)


def test_a_bound_that_is_too_small_by_a_part_in_a_million_is_refuted() -> None:
    u = Variable("property_u", 1)
    too_small = LessEqual(norm(sigma[1](u)), Rational(10**6 - 1, 10**6) * norm(sigma[1](u)))
    assert check_theorem(cited("a false theorem: too small", too_small, ()), 500).failure


def test_a_vacuous_theorem_is_found_out() -> None:
    impossible = assume(Less(norm(z[l]), 0))
    found = check_theorem(impossible, 50, seconds=2.0)
    assert not found.failure and not found.enough(50) and found.met == 0


def test_the_backpropagation_equations_hold_on_500_networks() -> None:
    for name, proof in backprop().items():
        assert check_theorem(proof.theorem, 500).enough(500), name


def test_a_second_run_draws_the_same_networks() -> None:
    theorem = cited("a false theorem: a lost slope", Equal(delta[L], a[L] - y), conditions((1 <= L,)))
    assert check_theorem(theorem, 500) == check_theorem(theorem, 500)
