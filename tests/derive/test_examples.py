"""Gradients of a sum over examples, checked exactly on concrete networks and against their hypotheses."""

from __future__ import annotations

from fractions import Fraction

from symgrad.derive.examples import every_cost_is_differentiable, total_gradient
from symgrad.networks.examples import L, N, b, bias_total_definition, l, w, weight_total_definition
from symgrad.numeric.arithmetic import rationals
from symgrad.numeric.instance import Instance
from symgrad.numeric.truth import holds
from symgrad.terms.named import Variable


def two_layers(examples: int) -> Instance:
    """Widths 2, 2, 1, σ(t) = t² + t, losses u², and examples that differ."""
    return Instance(integers={"L": 2, "N": examples, "l": 1}, widths={"n": [2, 2, 1]}, functions={"sigma": [0, 1, 1]},
                    arrays={"set.w": {1: [[1, 2], [3, -1]], 2: [[2, 1]]}, "set.b": {1: [0, 1], 2: [1]},
                            "set.x": {j: [j, Fraction(1, j)] for j in range(1, examples + 1)}},
                    named={"set.loss": {j: lambda u: u * u for j in range(1, examples + 1)}})


def test_the_gradient_of_a_sum_is_the_sum_of_the_gradients_for_any_number_of_examples():
    for definition, point in ((weight_total_definition, w[l]), (bias_total_definition, b[l])):
        found, _ = total_gradient(definition, point)
        for examples in (1, 2, 5):
            assert holds(found.conclusion, two_layers(examples), rationals()) is True


def test_no_hypothesis_speaks_of_one_example_alone():
    found, smooth = total_gradient(weight_total_definition, w[l])
    for theorem in (found, smooth, every_cost_is_differentiable()):
        assert {symbol for symbol in theorem.free if not isinstance(symbol, Variable)} <= {l, L, N}
