"""Norms for every exponent: what holds for every p, for p up to 2, and what holds for no other."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
import sympy
from sympy import Rational, oo

from symgrad import verify
from symgrad.check.describe import instance_text
from symgrad.check.refutation import RefutationError
from symgrad.check.smallest import smallest_counterexample
from symgrad.derive import derivation, theorem, transpose_norm
from symgrad.derive.derived_norms import holder
from symgrad.errors import KernelError, ProofError, SymgradError
from symgrad.kernel import norms
from symgrad.kernel.definitions import define
from symgrad.kernel.logic import instantiate
from symgrad.kernel.rebuild import replay_certificate
from symgrad.kernel.record import certificate
from symgrad.kernel.statements import Equal, LessEqual
from symgrad.kernel.theorem import Theorem
from symgrad.numeric.instance import Instance
from symgrad.numeric.truth import check, holds
from symgrad.terms.algebra import diag
from symgrad.terms.display import notation
from symgrad.terms.exponents import DualExponent, Exponent, dual_kind, exponent_at_most, norm_kind
from symgrad.terms.index import Dimension
from symgrad.terms.mathml import mathml
from symgrad.terms.named import Function, Variable
from symgrad.terms.scalars import norm
from symgrad.terms.spoken import spoken
from symgrad.terms.typst import typst

p, s = Exponent("exponents.p"), Exponent("exponents.up_to_two", high=2)
m, n = Dimension("exponents_m"), Dimension("exponents_n")
A, B, x, y = (Variable("exponents.A", m, n), Variable("exponents.B", n, n), Variable("exponents.x", n),
              Variable("exponents.y", m))


def at(theorem: Theorem, exponent: Exponent, value: Any) -> Any:
    return instantiate(theorem, ((exponent, value),)).conclusion


def square(rows: Any, **more: Any) -> Instance:
    return Instance(integers={"exponents_m": len(rows), "exponents_n": len(rows)}, arrays={"exponents.B": rows}, **more)


# ------------------------------------------------------------ the exponents themselves

@pytest.mark.parametrize(("kind", "dual"), [(1, oo), (2, 2), ("3/2", 3), (Fraction(7, 3), Rational(7, 4)), ("inf", 1)])
def test_the_dual_of_a_number_is_a_number(kind: Any, dual: Any) -> None:
    assert dual_kind(kind) == dual and dual_kind(dual) == norm_kind(kind)


def test_the_dual_of_the_dual_is_the_exponent() -> None:
    assert isinstance(dual_kind(p), DualExponent) and dual_kind(dual_kind(p)) is p


def test_an_order_of_exponents_holds_throughout_their_ranges() -> None:
    assert exponent_at_most(s, dual_kind(s)) and exponent_at_most(s, 2) and exponent_at_most(1, p)
    assert not exponent_at_most(p, dual_kind(p)) and not exponent_at_most(dual_kind(s), s) and not exponent_at_most(s, p)


@pytest.mark.parametrize("kind", [0.5, "1/2", 0, True, float("nan"), "1/0", None, "G", 1.5, Rational(2, 3)])
def test_what_is_no_norm_is_refused(kind: Any) -> None:
    with pytest.raises(SymgradError, match="a norm is of kind"):
        norm(x, kind)


def test_one_name_has_one_range() -> None:
    with pytest.raises(SymgradError, match=r"already stands for Exponent\(1, oo\)"):
        Exponent("exponents.p", high=2)


# ------------------------------------------------------------ instances of a symbolic theorem

@pytest.mark.parametrize(("value", "dual"), [(1, oo), (2, 2), (Rational(3, 2), 3), (oo, 1)])
def test_a_theorem_for_every_p_gives_the_concrete_ones(value: Any, dual: Any) -> None:
    assert at(norms.transpose_norm(A, p), p, value) is Equal(norm(A.T, value), norm(A, dual))
    assert at(norms.rank_one(y, x, p), p, value) is Equal(norm(y @ x.T, value), norm(y, value) * norm(x, dual))
    assert at(norms.submultiplicative((A, x), p), p, value) is LessEqual(norm(A @ x, value), norm(A, value) * norm(x, value))
    assert at(norms.norm_of_diagonal(x, p), p, value) is Equal(norm(diag(x), value), norm(x, oo))


def test_an_exponent_may_stand_for_another_one_in_its_range() -> None:
    assert at(norms.transpose_norm(A, p), p, dual_kind(p)) is Equal(norm(A.T, dual_kind(p)), norm(A, p))
    assert at(norms.transpose_norm(A, p), p, s) is Equal(norm(A.T, s), norm(A, dual_kind(s)))


@pytest.mark.parametrize("value", [3, oo, p, "F"])
def test_nothing_outside_its_range_is_put_for_an_exponent(value: Any) -> None:
    with pytest.raises(KernelError, match="every p with 1 <= p <= 2"):
        at(norms.larger_exponent(x, s, dual_kind(s)), s, value)


def test_a_definition_has_no_exponent_that_could_be_chosen_twice() -> None:
    """Were ‖x‖_p the value of f(x), then ‖x‖₁ = f(x) = ‖x‖₂."""
    f = Function("exponents.f", [(n, 1)])
    with pytest.raises(KernelError, match="does not determine p on the right"):
        define((f(x), norm(x, p), ()))


# ------------------------------------------------------------ laws, and what is false

def test_norms_of_vectors_fall_as_the_exponent_grows_and_those_of_matrices_do_not() -> None:
    assert at(norms.larger_exponent(x, s, dual_kind(s)), s, Rational(3, 2)) is LessEqual(norm(x, 3), norm(x, Rational(3, 2)))
    with pytest.raises(KernelError, match="no column"):
        norms.larger_exponent(B, 1, 2)
    assert holds(LessEqual(norm(B, 2), norm(B, 1)), square([[1, 1], [0, 0]])) is False
    assert holds(LessEqual(norm(B, 1), norm(B, 2)), square([[1, 0], [1, 0]])) is False
    assert holds(LessEqual(norm(B, 3), norm(B, Rational(3, 2))), square([[1, 1], [0, 0]])) is False


def test_beyond_two_the_dual_norm_is_the_larger_one() -> None:
    ones = Instance(integers={"exponents_n": 2}, arrays={"exponents.x": [1, 1]})
    with pytest.raises(KernelError, match="exponents p <= q"):
        norms.larger_exponent(x, p, dual_kind(p))
    assert holds(LessEqual(norm(x, Rational(3, 2)), norm(x, 3)), ones) is False


def test_frobenius_is_no_exponent() -> None:
    with pytest.raises(KernelError, match="exponents p <= q"):
        norms.larger_exponent(x, "F", "F")
    assert norms.rank_one(y, x, "F").right is norm(y) * norm(x)
    assert norms.norm_of_diagonal(x, "F").right is norm(x)


def test_a_transpose_keeps_the_norm_for_p_two_only() -> None:
    matrix = square([[1, 1], [0, 0]], exponents={p: Rational(3, 2)})
    assert holds(Equal(norm(B.T, p), norm(B, p)), matrix) is False
    assert holds(norms.transpose_norm(B, p).conclusion, matrix) is True


def test_an_instance_keeps_the_range_of_an_exponent() -> None:
    with pytest.raises(SymgradError, match="lies between 1 and 2, the instance gives 3"):
        check(norms.transpose_norm(B, s), square([[1]], exponents={s: 3}))


# ------------------------------------------------------------ as reasons, and in searches

def test_a_theorem_for_every_exponent_is_a_reason_for_each_of_its_range() -> None:
    general = theorem("for every p", derivation(norm(A.T, p)).eq(norm(A, dual_kind(p)), by=transpose_norm))
    for kind in (1, Rational(3, 2), oo, s, dual_kind(p)):
        again = theorem("for one", derivation(norm(A.T, kind)).eq(norm(A, dual_kind(kind)), by=general))
        assert again.theorem.conclusion is Equal(norm(A.T, kind), norm(A, dual_kind(kind)))


def test_it_is_no_reason_outside_its_range() -> None:
    small = theorem("up to two", derivation(norm(A.T, s)).eq(norm(A, dual_kind(s)), by=transpose_norm))
    for kind in (3, p, "F"):
        with pytest.raises(ProofError):
            theorem("beyond", derivation(norm(A.T, kind)).eq(norm(A, dual_kind(kind)), by=small))


def test_a_search_finds_an_exponent_that_refutes() -> None:
    """‖x‖_{p*} <= ‖x‖_p is false for some p > 2; the counterexample says for which."""
    claim = LessEqual(norm(x, dual_kind(p)), norm(x, p))
    found = smallest_counterexample(claim)
    assert holds(claim, found) is False
    assert "p = ∞" in instance_text(claim, found)
    with pytest.raises(RefutationError):
        smallest_counterexample(LessEqual(norm(x, dual_kind(s)), norm(x, s)), tries=300)


# ------------------------------------------------------------ how they are written

def test_a_theorem_says_for_which_exponents_it_holds() -> None:
    assert str(norms.larger_exponent(x, s, dual_kind(s))) == (
        "(1 ≤ up_to_two ≤ 2, 1/up_to_two + 1/up_to_two* = 1) ⊢ ‖x‖_{up_to_two*} ≤ ‖x‖_{up_to_two}")
    assert str(norms.submultiplicative((A, x), p)) == "1 ≤ p ≤ ∞ ⊢ ‖A x‖_p ≤ ‖A‖_p ‖x‖_p"


def test_the_five_notations() -> None:
    plain, dual, number = norm(x, p), norm(x, dual_kind(p)), norm(x, "3/2")
    assert [t.latex() for t in (plain, dual, number)] == [
        r"\lVert x \rVert_{p}", r"\lVert x \rVert_{p^{*}}", r"\lVert x \rVert_{3/2}"]
    assert [str(t) for t in (plain, dual, number)] == ["‖x‖_p", "‖x‖_{p*}", "‖x‖_{3/2}"]
    assert [spoken(notation(t)) for t in (plain, dual, number)] == [
        "the p-norm of x", "the p star-norm of x", "the 3 halves-norm of x"]
    assert "p" in mathml(notation(plain)) and "*" in mathml(notation(dual))
    assert "p^(*)" in typst(notation(dual))


def test_sympy_gets_the_exponent() -> None:
    p_ = sympy.Symbol("p", positive=True)
    found = norms.transpose_norm(A, p).sympy().rhs
    assert found.func.__name__ == "norm" and found.args[1] == p_ / (p_ - 1)
    assert at(norms.transpose_norm(A, p), p, "3/2").right.args[1] == 3


# ------------------------------------------------------------ certificates

def every_kind() -> list[Theorem]:
    general = [norms.transpose_norm(A, p), norms.larger_exponent(x, s, dual_kind(s)), norms.rank_one(x, x, dual_kind(p)),
               holder(x, x, Rational(5, 3)), norms.transpose_norm(A, "3/2")]
    return [*general, *(instantiate(general[0], ((p, value),)) for value in (1, Rational(3, 2), oo, s, dual_kind(p)))]


def read(lines: Any) -> verify.Certificate:
    reader = verify.Certificate()
    for line in json.loads(json.dumps(lines)):
        reader.read(line)
    return reader


@pytest.mark.parametrize("one", every_kind(), ids=str)
def test_a_certificate_is_read_by_both_checkers(one: Theorem) -> None:
    lines = certificate(one, "t")
    assert [t.conclusion for t in replay_certificate(lines)] == [one.conclusion]
    assert len(read(lines).theorems) == 1


def test_the_second_checker_says_for_which_exponents() -> None:
    ((_, result),) = read(certificate(norms.larger_exponent(x, s, dual_kind(s)), "t")).theorems
    assert verify.show(result) == (
        " |- (Norm(exponents.x, exponents.up_to_two*:1..2) <= Norm(exponents.x, exponents.up_to_two:1..2))")


@pytest.mark.parametrize(("old", "new"), [
    ('"exponents.up_to_two", "1", "2"]', '"exponents.up_to_two", "1", "oo"]'), ('"1", "2"]', '"1", "F"]'),
    ('"1", "2"]', '"2", "1"]')])
def test_a_changed_exponent_is_refused(old: str, new: str) -> None:
    text = json.dumps(certificate(norms.larger_exponent(x, s, dual_kind(s)), "t"))
    assert old in text
    with pytest.raises((verify.Refused, *verify.MALFORMED)):
        read(json.loads(text.replace(old, new)))


def test_an_exponent_is_no_index() -> None:
    """1/p must not be smuggled in where an index stands."""
    one = ["index", 1]
    forged = [["certificate", "2"], ["Family", "c", [[one, one]], [[None, None]]], ["exponent", "q", "1", "2"], ["Named", 2, 3]]
    with pytest.raises((verify.Refused, *verify.MALFORMED)):
        read(forged)


