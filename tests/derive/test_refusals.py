"""A wrong line is refused at that line, and the error says what the reasons give and what to try."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from mutants import PROOFS
from uniform import with_uniform_widths

from symgrad.check.discover import bundled
from symgrad.derive import algebra, chain_rule, derivation, induct, submultiplicative, theorem, transpose_norm, unfold
from symgrad.derive.backprop import backprop, smooth
from symgrad.errors import ProofError, ShapeError, SymgradError
from symgrad.kernel.statements import Bounded, Equal, ForAll, LessEqual
from symgrad.networks.dense import L, Sigma, a, delta, gamma, l, r, sigma, w, y, z
from symgrad.terms.algebra import diag
from symgrad.terms.named import grad
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

below_L: Any = (1 <= l, l < L)


def refused(start: Any, *steps: Any, where: Any = below_L, given: Any = ()) -> str:
    line = derivation(start)
    for relation, right, by in steps:
        line = getattr(line, relation)(right, by=by)
    with pytest.raises(ProofError) as error:
        theorem("T", line, where=where, given=given)
    return str(error.value)


@pytest.fixture
def uniform(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The dense network with one width, where shapes betray nothing."""
    monkeypatch.syspath_prepend(str(bundled()))
    with monkeypatch.context() as patch:
        with_uniform_widths(patch, PROOFS)
        yield import_module("symgrad.networks.dense")


def test_a_lost_transpose_cannot_be_written_where_the_widths_differ() -> None:
    with pytest.raises(ShapeError, match=r"did you mean the transpose of w\^\{l\+1\}\?"):
        Sigma(z[l]) @ w[l + 1] @ delta[l + 1]


def test_a_lost_transpose_is_named_where_all_widths_are_one(uniform: Any) -> None:
    l, w, z, delta, Sigma = uniform.l, uniform.w, uniform.z, uniform.delta, uniform.Sigma
    bp2 = import_module("bp2").bp2
    said = refused(delta[l], ("eq", Sigma(z[l]) @ w[l + 1] @ delta[l + 1], bp2))
    assert said.startswith("T, line 1 says δ_l = Σ'_l(z_l) w_{l+1} δ_{l+1}; the reasons give Σ'_l(z_l) w_{l+1}ᵀ ")
    assert said.endswith("did you mean w_{l+1}ᵀ?")


def test_the_line_that_is_wrong_is_named_also_under_algebra(uniform: Any) -> None:
    l, w, z, delta, Sigma, C = uniform.l, uniform.w, uniform.z, uniform.delta, uniform.Sigma, uniform.C
    backprop = import_module("symgrad.derive.backprop")
    rule = chain_rule(uniform.next_cost_definition, import_module("bp2").next_z)
    jacobian = (w[l + 1] @ Sigma(z[l])).T
    said = refused(delta[l], ("eq", grad(C[l], at=z[l]), delta),
                   ("eq", jacobian @ grad(C[l + 1], at=z[l + 1]), [rule, z, uniform.a]),
                   ("eq", jacobian @ delta[l + 1], delta),
                   ("eq", Sigma(z[l]) @ w[l + 1] @ delta[l + 1], algebra),
                   given=[backprop.smooth(l), backprop.cost_is_differentiable()])
    assert said.startswith("T, line 4 says") and said.endswith("did you mean w_{l+1}ᵀ?")


def test_a_value_for_a_slope_is_shown_where_it_stands() -> None:
    said = refused(delta[L], ("eq", diag(sigma[L](z[L])) @ (a[L] - y), backprop()["BP1"]), where=1 <= L)
    assert said.endswith("the first difference is σ_L(z^L) where σ'_L(z^L) is expected")


def test_a_law_is_not_used_outside_the_range() -> None:
    right = Sigma(z[l]) @ w[l + 1].T @ delta[l + 1]
    for where, missing in (((1 <= l, l <= L), "l < L"), ((0 <= l, l < L), "1 ≤ l"), ((), "l < L")):
        said = refused(delta[l], ("eq", right, backprop()["BP2"]), where=where, given=[smooth(l)])
        assert missing in said and "which the range does not give" in said


def test_a_product_that_may_be_empty_is_not_unfolded() -> None:
    product = ordered_product(r, l, L, norm(w[r]))
    said = refused(product, ("eq", norm(w[l]) * ordered_product(r, l + 1, L, norm(w[r])), unfold), where=1 <= l)
    assert "a reason needs l ≤ L" in said


def test_an_inequality_read_backwards_is_told_so() -> None:
    one, two = norm(w[l + 1]) * norm(w[l]), norm(w[l + 1] @ w[l])
    assert "the other way round" in refused(one, ("le", two, submultiplicative))


def test_an_inequality_is_no_equation() -> None:
    refused(norm(w[l + 1] @ w[l]), ("eq", norm(w[l + 1]) * norm(w[l]), submultiplicative))


def test_the_transpose_changes_the_1_norm() -> None:
    said = refused(norm(w[l].T, 1), ("eq", norm(w[l], 1), transpose_norm))
    assert "the reasons give ‖w^l‖_∞" in said


def test_a_bound_of_another_layer_does_not_help() -> None:
    bounded = Bounded(sigma[l].prime, gamma[l])
    from symgrad.derive import diagonal_norm
    refused(norm(Sigma(z[l + 1])), ("le", gamma[l], diagonal_norm), given=[bounded])
    refused(norm(Sigma(z[l])), ("le", gamma[l + 1], diagonal_norm), given=[bounded])


def test_an_assumption_is_used_where_it_holds_and_only_there() -> None:
    small = ForAll(r, l + 1, L, LessEqual(norm(w[r]), 1))
    proof = theorem("T", derivation(norm(w[l + 1])).le(1, by=small), where=below_L, given=[small])
    assert small in proof.theorem.hypotheses
    assert "which the range does not give" in refused(norm(w[l]), ("le", 1, small), given=[small])


def test_an_assumption_that_is_not_given_stays_a_hypothesis() -> None:
    small = LessEqual(norm(w[l]), 1)
    assert small in theorem("T", derivation(norm(w[l])).le(1, by=small), where=below_L).theorem.hypotheses


def test_growth_needs_a_sign() -> None:
    """a <= b gives γ a <= γ b only where 0 <= γ is known."""
    small = LessEqual(norm(w[l]), 1)
    refused(gamma[l] * norm(w[l]), ("le", gamma[l] * 1, small), given=[small])
    theorem("T", derivation(gamma[l] * norm(w[l])).le(gamma[l] * 1, by=small), where=below_L,
            given=[small, LessEqual(0, gamma[l])])


def test_an_induction_that_proves_something_else_is_refused() -> None:
    with pytest.raises(ProofError, match="the claim is"):
        induct("T", lambda i: Equal(norm(w[i]), norm(w[L])), derivation(norm(w[L])).eq(norm(w[L]), by=algebra),
               lambda nearer: derivation(norm(w[l])).eq(norm(w[l]), by=algebra), index=l, over=(1, L), where=1 <= L)


def test_a_reason_of_another_kind_is_refused_in_words() -> None:
    with pytest.raises(SymgradError, match="a reason is a theorem, a proof, a law, a defined name or an assumption"):
        theorem("T", derivation(norm(w[l])).eq(norm(w[l]), by="algebra"), where=below_L)
