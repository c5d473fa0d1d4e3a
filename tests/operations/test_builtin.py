"""The built-in operations say what the networks and the textbooks say."""

from __future__ import annotations

import pytest

from symgrad import gradient_of, pullback
from symgrad.kernel import replay
from symgrad.kernel.definitions import define
from symgrad.networks.dense import (
    L,
    a,
    activation_definition,
    b,
    l,
    last_cost_definition,
    sigma,
    v,
    w,
    weighted_input_definition,
    y,
    z,
)
from symgrad.operations.record import Operation, operation
from symgrad.terms.algebra import Term
from symgrad.terms.named import Apply, Function

DERIVED = {
    "affine": ["G aᵀ", "wᵀ G", "G"],
    "half_squared_error": ["G (a − y)", "−G (a − y)"],
    "sum_half_squared_error": ["G (a − y)", "−G (a − y)"],
    "mean_half_squared_error": ["(1/N) G (a − y)", "−(1/N) G (a − y)"],
    "log_sum_exp": ["G softmax(x)"],
    "softmax": ["softmax(x) ⊙ G − ⟨softmax(x), G⟩ softmax(x)"],
    "softmax_cross_entropy": ["G softmax(z) − G y", "−G z"],
}


@pytest.mark.parametrize("name", sorted(DERIVED))
def test_each_pullback_is_the_textbook_s(name: str) -> None:
    record = operation(name)
    theorems = [pullback(record.term, by=x) for x in record.variables]
    assert [str(t.conclusion.args[3]) for t in map(replay, theorems)] == DERIVED[name]


def test_only_what_no_formula_says_is_stated() -> None:
    stated = {name for name in DERIVED if operation(name).pullback is not None}
    assert stated == {"softmax", "log_sum_exp"}
    for name in set(DERIVED) - stated - {"softmax_cross_entropy"}:
        record = operation(name)
        facts = pullback(record.term, by=record.variables[0]).rests_on()["definition"]
        assert facts == (f"{name}: {record.term} = {record.meanings[0]}",)


def test_the_layers_of_a_dense_network_are_the_affine_operation() -> None:
    assert meaning(operation("affine"), w[l], a[l - 1], b[l]) is weighted_input_definition.right
    assert activation_definition.left is a[l] and weighted_input_definition.left is z[l]


def test_its_cost_is_half_the_squared_error() -> None:
    assert meaning(operation("half_squared_error"), sigma[L](v.at({l: L})), y) is last_cost_definition.right


def meaning(record: Operation, *arguments: Term) -> Term:
    applied = record(*arguments)
    assert isinstance(applied, Apply)
    found: Term = record.meaning(applied).right
    return found


def test_the_error_of_a_softmax_layer_with_cross_entropy_is_p_minus_y() -> None:
    """∇C(z^L) = softmax(z^L) − y, for one example (Goodfellow et al., Deep Learning, 6.2.2.3)."""
    u = v.at({l: L})
    C = Function("builtin_C", [u.shape])
    (recurrence,) = define((C(u), operation("softmax_cross_entropy")(u, y), (1 <= L,)))
    theorem = replay(gradient_of(C[()], recurrence, at=z[L]))
    assert str(theorem.right) == "softmax(z^L) − y"
    assert {str(h) for h in theorem.hypotheses} == {"1 ≤ L", "1 ≤ n_L"}
