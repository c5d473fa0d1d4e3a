"""What the derivation engine offers: instances of inductions, the chain rule with an inner Jacobian, composition."""

from __future__ import annotations

from symgrad.derive import chain_rule, compose, derivation, derivative, restated, square, theorem
from symgrad.derive.backprop import backprop
from symgrad.kernel.equality import reflexive
from symgrad.kernel.statements import Jacobian
from symgrad.kernel.theorem import replay
from symgrad.networks.dense import b, l, next_cost_definition, sigma, v, w
from symgrad.terms.named import Variable


def test_the_chain_rule_with_an_inner_jacobian_gives_its_transpose() -> None:
    found = chain_rule(next_cost_definition, derivative(w[l + 1] @ sigma[l](v) + b[l + 1], by=v))
    assert str(found.conclusion) == ("∇C_l(v) = (w^{l+1} Σ'_l(v))ᵀ ∇C_{l+1}(w^{l+1} σ_l(v) + b^{l+1})")
    assert found.hypotheses == chain_rule(next_cost_definition).hypotheses
    replay(found)


def test_jacobians_compose_in_the_order_of_the_maps() -> None:
    u = Variable("u_test", *v.shape)
    inner, outer = derivative(sigma[l](v), by=v), derivative(w[l + 1] @ u, by=u)
    found = compose(outer, inner)
    J = inner.conclusion.args[2]
    assert found.conclusion is Jacobian(v, w[l + 1] @ sigma[l](v), w[l + 1] @ J)


def test_a_judgement_is_restated_by_equations() -> None:
    judged = derivative(sigma[l](v), by=v)
    same = restated(judged, reflexive(judged.conclusion.args[1]), reflexive(judged.conclusion.args[2]))
    assert same.conclusion is judged.conclusion and same.hypotheses == judged.hypotheses


def test_a_square_may_be_added_to_the_larger_side() -> None:
    s = Variable("s_test")
    proof = theorem("T", derivation(2 * s).le(2 * s + (s - 1) ** 2, by=square(s - 1)))
    assert not proof.theorem.hypotheses


def test_an_induction_read_at_another_layer_keeps_its_lines() -> None:
    proof = backprop()["closed form"]
    assert {line.part for line in proof.lines} == {"base", "step"}
    assert str(l) in {str(s) for s in proof.theorem.free}
