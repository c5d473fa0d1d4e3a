"""Theorems: their record, replay, what they rest on; and the decision procedure for indices against brute force."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from sympy import Add, Integer

from symgrad.derive import derived, derived_ranges
from symgrad.derive.derived import redundant
from symgrad.errors import KernelError
from symgrad.kernel import RULES, equality, facts, logic, norms, replay
from symgrad.kernel.algebra import algebra
from symgrad.kernel.definitions import acts, define, definition_of
from symgrad.kernel.indices import implied
from symgrad.kernel.statements import Condition, Equal, LessEqual
from symgrad.kernel.theorem import replay_all
from symgrad.terms.algebra import Number
from symgrad.terms.index import Constant, Dimension, Index, WidthFamily, affine
from symgrad.terms.named import Family, Variable
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm
from symgrad.testing.formulas import Formulas

m = Dimension("thm_m")
A, B, x = Variable("thm_A", m, m), Variable("thm_B", m, m), Variable("thm_x", m)
k, i, j = Index("thm_k"), Index("thm_i"), Index("thm_j")
L = Constant("thm_L")
n = WidthFamily("thm_n")


def norm_of_three() -> object:
    """‖A B x‖ <= ‖A‖ ‖B‖ ‖x‖ with one factor commuted, in a few steps."""
    bound = norms.submultiplicative((A, B, x), 2)
    return equality.transitive(bound, algebra(bound.right, norm(x) * norm(B) * norm(A)))


def test_a_theorem_remembers_how_it_was_made() -> None:
    theorem = norm_of_three()
    assert [step.rule for step in theorem.proof()] == ["submultiplicative", "algebra", "transitive"]
    assert theorem.premises == tuple(theorem.proof()[:2])
    again = replay(theorem)
    assert again is not theorem and again.conclusion is theorem.conclusion
    assert again.hypotheses == theorem.hypotheses


def test_a_shared_premise_is_proved_once() -> None:
    one = algebra(A @ x, A @ x)
    for _ in range(30):
        one = equality.transitive(one, one)
    assert len(one.proof()) == 31 and replay(one).conclusion is one.conclusion


def test_a_theorem_says_what_it_rests_on() -> None:
    cited = facts.cited("Horn and Johnson, 5.6.9", LessEqual(norm(A), norm(A, "F")), ())
    y = Family("thm_y", over={k: (0, L)})
    (defined,) = define((y[k], Number(2), (0 <= k, k <= L)))
    theorem = derived.increase(Variable("thm_h") + norm(B), Variable("thm_h"), cited, ())
    rests = logic.weaken(theorem, (Condition(k),)).rests_on()
    assert rests["cited"] == ("Horn and Johnson, 5.6.9",) and set(rests["rule"]) == {"monotone", "weaken"}
    assert defined.rests_on()["definition"] and definition_of("thm_y") in acts()
    assert replay(defined).conclusion is defined.conclusion


def test_a_computed_fact_is_decided_again_on_replay() -> None:
    asked = []

    @facts.method("thm_counting")
    def _(statement, hypotheses):
        asked.append(statement)
        return "by counting"

    claim = LessEqual(Number(0), norm(A))
    theorem = facts.computed("thm_counting", claim, ())
    replay(theorem)
    assert asked == [claim, claim] and theorem.rests_on()["computed"] == ("thm_counting: by counting",)
    with pytest.raises(KernelError, match="exists already"):
        facts.method("thm_counting")(lambda statement, hypotheses: "again")


def test_arguments_are_taken_by_position_so_that_the_record_is_whole() -> None:
    with pytest.raises(KernelError, match="by position"):
        equality.reflexive(term=A)


def test_every_rule_says_its_inference() -> None:
    for name, rule in RULES.items():
        assert (rule.__doc__ and "|-" in rule.__doc__.replace("⊢", "|-")) or "/" in rule.__doc__, name


def test_hypotheses_that_are_plainly_true_are_not_kept() -> None:
    assert derived_ranges.first(ordered_product(k, 1, 3, norm(A))).hypotheses == frozenset()
    assert logic.assume(Condition(n[k] + 1)).hypotheses == frozenset()
    assert logic.assume(Condition(Integer(-1))).hypotheses == {Condition(-1)}


def test_proofs_replayed_together_are_each_replayed_and_a_forged_one_among_them_is_refused() -> None:
    first = equality.reflexive(Number(2))
    second = equality.transitive(first, first)
    again = replay_all([second, first])
    assert [t.conclusion for t in again] == [second.conclusion, first.conclusion]
    assert again[1] is again[0].premises[0] is not first                   # the shared step is made once, anew
    forged = equality.reflexive(Number(3))
    object.__setattr__(forged, "conclusion", Equal(Number(3), Number(4)))
    with pytest.raises(KernelError, match="the record says"):
        replay_all([second, forged])
    with pytest.raises(KernelError, match="expected a theorem"):
        replay_all([first, "2 = 2"])


def test_a_long_proof_is_replayed_without_recursion() -> None:
    theorem = equality.reflexive(A)
    for _ in range(5000):
        theorem = equality.symmetric(theorem)
    assert replay(theorem).conclusion is theorem.conclusion


symbols = st.sampled_from([k, i, j, L, n[k]])
affine_forms = st.builds(lambda parts, c: Add(*(s * a for s, a in parts), Integer(c)),
                         st.lists(st.tuples(symbols, st.integers(-2, 2)), max_size=3), st.integers(-3, 3))


BOX = dict(zip((k, i, j, L, n[k]), np.meshgrid(*[np.arange(-3, 4)] * 4, np.arange(0, 4), indexing="ij"), strict=True))


def values(expression):
    """An affine form at every point of the box: indices from -3 to 3, the width from 0 to 3."""
    linear, constant = affine(expression)
    return sum((c * BOX[s] for s, c in linear), np.full_like(BOX[k], constant))


@settings(max_examples=400)
@given(goal=affine_forms, known=st.lists(affine_forms, max_size=4))
def test_what_is_implied_holds_at_every_point_of_a_box(goal, known) -> None:
    if implied(goal, known):
        allowed = np.logical_and.reduce([values(e) >= 0 for e in known] + [BOX[k] == BOX[k]])
        assert (values(goal)[allowed] >= 0).all()


@settings(max_examples=150)
@given(known=st.lists(affine_forms, min_size=1, max_size=3), use=st.lists(st.integers(0, 2), min_size=1, max_size=3),
       more=st.integers(0, 3))
def test_a_sum_of_three_conditions_and_a_natural_number_is_implied(known, use, more) -> None:
    goal = Add(*(known[u % len(known)] for u in use), Integer(more))
    assert implied(goal, known) or not any(affine(known[u % len(known)])[0] for u in use) or any(
        not affine(known[u % len(known)])[0] and affine(known[u % len(known)])[1] > 0 for u in use)


def test_the_conditions_of_layered_derivations_are_decided() -> None:
    layers = [k - 1, L - k]
    inner_layers = [k - 1, L - k - 1]
    assert implied(L - 1, layers) and implied(k + 1 - 1, layers) and implied(L - k, inner_layers)
    assert implied(L - 2, inner_layers) and implied(2 * L - 2 * k, layers) and implied(L - k - 1 + k, inner_layers)
    assert not implied(L - k - 1, layers) and not implied(k - 2, layers) and not implied(-k, layers)
    assert not implied(Integer(-1), []) and implied(Integer(-1), [k - 1, -k])


@settings(max_examples=200)
@given(known=st.lists(affine_forms, min_size=1, max_size=4))
def test_dropping_conditions_loses_nothing(known) -> None:
    """The conditions that are left leave open no point of the box that those dropped had excluded."""
    gone = redundant([Condition(e) for e in known])
    kept = [e for e in known if Condition(e) not in gone]
    allowed = np.logical_and.reduce([values(e) >= 0 for e in kept] + [BOX[k] == BOX[k]])
    assert all((values(e)[allowed] >= 0).all() for e in known)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_proofs_replay_to_the_same_theorem(seed: int) -> None:
    draw = Formulas(Random(seed))
    size = draw.size()
    X, G = Variable("thm_X", m), Variable("thm_G", size)
    theorem = draw.pullback(X, G, 3)
    note(str(theorem))
    again = replay(theorem)
    assert again.conclusion is theorem.conclusion and again.hypotheses == theorem.hypotheses


_ = Equal
