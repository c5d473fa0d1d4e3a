"""Refutations are evaluated, exactly; what is no counterexample, or a mistyped claim, is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from symgrad.check.describe import instance_text, value_text
from symgrad.check.refutation import Refutation, RefutationError, truth
from symgrad.check.smallest import smallest_counterexample
from symgrad.kernel.statements import Equal, LessEqual, conditions
from symgrad.networks.dense import L, a, delta, gamma, l, r, sigma, w, y, z
from symgrad.numeric.instance import Instance
from symgrad.terms.algebra import Hadamard
from symgrad.terms.named import Variable
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

#: document 000: the error of a layer, with g where g' is needed (claim A5)
without_slope = Equal(delta[l], Hadamard(w[l + 1].T @ delta[l + 1], sigma[l](z[l])))


def chain(function: Any, **arrays: Any) -> Instance:
    return Instance(integers={"l": 1, "L": 2}, widths={"n": [1, 1, 1]}, functions={"sigma": function}, arrays={
        "x": [1], "w": {1: [[1]], 2: [[1]]}, "b": {1: [0], 2: [0]}, "y": {2: [0]}, **arrays})


def test_the_activation_in_the_place_of_its_slope_is_refuted_by_a_square_and_true_for_exp() -> None:
    found = Refutation(without_slope, chain([0, 0, 1]), true_on=chain("exp(t)"))
    assert [value_text(side) for side in found.sides()] == ["4", "2"]
    assert instance_text(found.claimed, found.instance) == (
        "L = 2, l = 1, σ(t) = t², b¹ = 0, b² = 0, w¹ = 1, w² = 1, x = 1, y = 0")


def test_an_instance_on_which_the_claim_holds_is_no_counterexample() -> None:
    with pytest.raises(RefutationError, match="is not refuted"):
        Refutation(without_slope, chain("exp(t)"), true_on=chain("exp(t)"))


def test_a_claim_mistyped_into_falsehood_is_found_out() -> None:
    mistyped = Equal(delta[l], 2 * Hadamard(w[l + 1].T @ delta[l + 1], sigma[l](z[l])) + delta[l])
    with pytest.raises(RefutationError, match="is the claim mistyped"):
        Refutation(mistyped, chain([0, 0, 1]), true_on=chain("exp(t)"))


def test_a_hypothesis_of_the_claim_must_hold_on_the_counterexample() -> None:
    with pytest.raises(RefutationError, match="the hypothesis"):
        Refutation(without_slope, chain([0, 0, 1]), true_on=chain("exp(t)"), given=conditions((2 <= l,)))


def test_a_written_over_counterexample_is_found_when_it_is_verified() -> None:
    found = Refutation(without_slope, chain([0, 0, 1]), true_on=chain("exp(t)"))
    object.__setattr__(found, "instance", chain("exp(t)"))
    with pytest.raises(RefutationError):
        found.verify()


def test_numbers_are_exact_where_they_are_short_and_rounding_decides_nothing() -> None:
    x = Variable("refuted_x", 1)
    tiny = Instance(arrays={"refuted_x": [Fraction(1, 10**40)]})
    assert truth(Equal(x + 1, 1), tiny) is False
    assert truth(LessEqual(norm(x), 0), tiny) is False


def test_the_search_finds_the_two_networks_that_exceed_the_printed_bound() -> None:
    for kind, weights in (("inf", "[[1, 0], [1, 0]]"), (1, "[[1, 1], [0, 0]]")):
        product = ordered_product(r, l, L, gamma[r]) * ordered_product(r, l + 1, L, norm(w[r], kind))
        claimed = LessEqual(norm(delta[l], kind), product * norm(a[L] - y, kind))
        found = smallest_counterexample(
            claimed, integers={"L": 2, "l": 1}, widths={"n": [1, 2, 2]}, functions={"sigma": [0, 1]},
            arrays={"x": [0], "w": {1: [[0], [0]]}, "b": lambda i: [0, 0], "gamma": lambda i: [1]})
        assert f"w² = {weights}" in instance_text(claimed, found)
        assert truth(claimed, found) is False


def test_the_search_says_when_there_is_no_counterexample() -> None:
    x = Variable("refuted_x", 1)
    with pytest.raises(RefutationError, match="no counterexample"):
        smallest_counterexample(LessEqual(0, norm(x)), tries=50)


def test_a_fraction_of_thousands_of_digits_is_shown_by_its_first() -> None:
    x = Variable("refuted_x", 1)
    long = Instance(arrays={"refuted_x": [Fraction(999, 1000) ** 5000]})
    assert instance_text(Equal(x, 0), long) == "refuted_x ≈ 0.006721112"
    assert instance_text(Equal(x, 0), Instance(arrays={"refuted_x": [Fraction(1, 3)]})) == "refuted_x = ⅓"
