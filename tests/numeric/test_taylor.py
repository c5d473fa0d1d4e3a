"""Second derivatives, Lipschitz gradients and Taylor radii: what is decided, and what is left open."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgrad.derive.literature import near_the_tangent_plane, radius_is_positive, rayleigh, taylor_radius
from symgrad.errors import SymgradError
from symgrad.kernel.definitions import define
from symgrad.kernel.statements import Less, LessEqual, LipschitzGradient, TwiceDifferentiable
from symgrad.numeric.arithmetic import Undecided, balls, floats, prime_field, rationals
from symgrad.numeric.dual import entries_sum
from symgrad.numeric.evaluate import Run, evaluate
from symgrad.numeric.instance import Instance
from symgrad.numeric.taylor import polynomials
from symgrad.numeric.truth import check, holds
from symgrad.terms.index import Dimension
from symgrad.terms.named import Family, Function, Variable
from symgrad.terms.scalars import absolute, inner, least_eigenvalue, norm, s_min
from symgrad.terms.taylor import Hessian, TaylorRadius, hessian

n = Dimension("taylor_n")
F, V = Function("taylor.F", [(n, 1)]), Function("taylor.V", [(n, 1)], (n, 1))
p, q, h = (Variable(f"taylor.{name}", n) for name in "pqh")
K, epsilon = Family("taylor.K")(), Family("taylor.epsilon")()

small = st.fractions(-3, 3, max_denominator=8)


def square(x: Any) -> Any:
    return entries_sum(x * x)


def cube(x: Any) -> Any:
    return entries_sum(x * x * x)


def at(f: Callable[[Any], Any], point: Any = (0, 0), step: Any = (0, 0), size: Any = 1, K: Any = 1) -> Instance:
    return Instance(integers={"taylor_n": len(point)}, named={"taylor.F": f}, arrays={
        "taylor.p": list(point), "taylor.q": list(step), "taylor.h": list(step), "taylor.epsilon": [size],
        "taylor.K": [K]})


# ------------------------------------------------------------ second derivatives

def test_the_second_derivative_of_a_product() -> None:
    """x² y at (1, 2): [[2y, 2x], [2x, 0]]."""
    def f(x: Any) -> Any:
        from symgrad.numeric.dual import linear
        first, second = (linear(lambda v, i=i: v[..., i:i + 1, :], x) for i in (0, 1))
        return first * first * second
    assert evaluate(hessian(F[()], at=p), at(f, (1, 2))).tolist() == [[4, 2], [2, 0]]
    assert evaluate(hessian(F[()], at=p), at(f, (1, 2)), rationals()).tolist() == [[4, 2], [2, 0]]


def test_a_linear_function_has_none() -> None:
    assert evaluate(Hessian(F[()], p), at(entries_sum, (1, 2))).tolist() == [[0, 0], [0, 0]]


def test_a_second_derivative_at_a_kink_is_not_decided() -> None:
    """|t|³ has the second derivative 6|t|, also at 0; |t| t has none there."""
    g = Function("taylor.kinked", [(1, 1)])
    t = Variable("taylor.t")
    define((g(t), absolute(t) * t, ()))
    away, kink = (Instance(arrays={"taylor.t": [value]}) for value in (-1, 0))
    assert holds(TwiceDifferentiable(g[()], t), away) is True
    assert holds(TwiceDifferentiable(g[()], t), kink) is None


# ------------------------------------------------------------ least eigenvalues

A = Variable("taylor.A", n, n)


def least(rows: Any, arithmetic: Any) -> Any:
    return evaluate(least_eigenvalue(A), Instance(integers={"taylor_n": len(rows)}, arrays={"taylor.A": rows}), arithmetic)[0, 0]


@given(rows=st.integers(1, 5).flatmap(lambda size: st.lists(
    st.lists(st.integers(-5, 5), min_size=size, max_size=size), min_size=size, max_size=size)))
def test_the_least_eigenvalue_is_enclosed(rows: Any) -> None:
    """Of a matrix that is not symmetric: the least ⟨x, Ax⟩, that of (A + Aᵀ)/2."""
    found, array = least(rows, balls()), np.array(rows, dtype=float)
    expected = np.linalg.eigvalsh((array + array.T) / 2)[0]
    assert abs(float(found.mid()) - expected) < 1e-9 and float(found.rad()) < 1e-12
    assert least(rows, floats()) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("rows", "positive"), [
    ([[2, 1], [1, 2]], True), ([[1, 2], [2, 1]], False), ([[-1]], False), ([[1, 0], [0, -1]], False)])
def test_a_matrix_is_positive_definite_just_when_its_least_eigenvalue_is_positive(rows: Any, positive: bool) -> None:
    instance = Instance(integers={"taylor_n": len(rows)}, arrays={"taylor.A": rows})
    assert holds(Less(0, least_eigenvalue(A)), instance) is positive


def test_the_least_stretch_is_no_least_eigenvalue() -> None:
    """−I stretches nothing less than 1, and ⟨x, −x⟩ = −‖x‖²."""
    instance = Instance(integers={"taylor_n": 2}, arrays={"taylor.A": [[-1, 0], [0, -1]], "taylor.h": [1, 0]})
    assert holds(rayleigh(A, h).conclusion, instance) is True
    assert holds(LessEqual(s_min(A) * norm(h) ** 2, inner(h, A @ h)), instance) is False
    with pytest.raises(SymgradError, match="square"):
        least_eigenvalue(h)


# ------------------------------------------------------------ Lipschitz gradients

@pytest.mark.parametrize(("f", "K", "true"), [
    (square, 2, True), (square, 1, False), (cube, 10**9, False), (entries_sum, 0, True),
    (lambda x: entries_sum(x) * entries_sum(x), 4, True), (lambda x: entries_sum(x) * entries_sum(x), 3, False)])
def test_a_polynomial_has_a_lipschitz_gradient_just_when_it_is_quadratic(f: Any, K: Any, true: bool) -> None:
    """The constant is ‖D²f‖₂: 2 for Σ x_i², 4 for (x_1 + x_2)², whose D²f = [[2, 2], [2, 2]]."""
    statement = LipschitzGradient(F[()], Family("taylor.K")())
    assert holds(statement, at(f, K=K)) in ((True, None) if true else (False,))
    assert holds(statement, at(f, K=K + Fraction(1, 100) if true else K)) is true


def test_what_is_no_polynomial_is_not_decided() -> None:
    from symgrad.numeric.dual import norm_2
    arithmetic = balls()
    assert holds(LipschitzGradient(F[()], K), at(lambda x: norm_2(x, arithmetic))) is None
    with pytest.raises(Undecided, match="not seen to be a polynomial"):
        polynomials(Run(at(lambda x: norm_2(x, arithmetic)), balls()).frame, F[()])


def test_near_the_tangent_plane_needs_the_lipschitz_gradient() -> None:
    """f(t) = t³ from 0 to 3 with K = 2: 27 beyond the tangent, not 9."""
    cited = near_the_tangent_plane(F[()], K, p, q)
    assert holds(cited.conclusion, at(cube, (0,), (3,), K=2)) is False
    assert check(cited, at(cube, (0,), (3,), K=2)).met is False
    assert check(cited, at(square, (1, 2), (-3, 4), K=2)) == (True, True)
    assert cited.rests_on()["cited"][0].startswith("Nesterov") and cited.rests_on()["rule"] == ()


# ------------------------------------------------------------ Taylor radii

def radius(f: Any, point: Any, size: Any, order: int) -> Any:
    return evaluate(TaylorRadius(F[()], p, epsilon, order), at(f, point, size=size), balls())[0, 0]


def test_a_polynomial_is_its_own_taylor_polynomial() -> None:
    assert radius(square, (1, 2), 1, 2) == 1 and radius(square, (1, 2), 0, 2) == 1
    assert radius(square, (1, 2), -1, 2) == 0                        # nothing is at most −‖h‖²
    assert evaluate(TaylorRadius(F[()], p, epsilon, 2), at(square, size=1), rationals())[0, 0] == 1


@given(point=st.tuples(small, small), step=st.tuples(small, small), size=st.fractions(Fraction(1, 64), 2),
       order=st.sampled_from((1, 2)))
def test_inside_its_radius_the_rest_is_as_small_as_it_says(point: Any, step: Any, size: Any, order: int) -> None:
    """Claim by claim: 0 < ρ; and what the rule says of a step that is surely inside."""
    lower = evaluate(TaylorRadius(F[()], p, epsilon, order), at(cube, point, size=size))[0, 0]
    assert 0 < lower <= 1
    length = sum(map(abs, step)) or 1
    inside = [x * Fraction(float(lower)) * Fraction(63, 64) / length for x in step]
    found = check(taylor_radius(F[()], p, h, epsilon, order), at(cube, point, inside, size))
    assert found.met is True and found.holds is not False
    assert check(radius_is_positive(F[()], p, epsilon, order), at(cube, point, size=size)) == (True, True)


def test_beyond_its_radius_the_rest_may_be_larger() -> None:
    """t³ at 0: |h|³ <= ε h² only for |h| <= ε."""
    rule = taylor_radius(F[()], p, h, epsilon, 2)
    far = at(cube, (0,), (Fraction(1, 2),), Fraction(1, 4))
    assert holds(rule.conclusion, far) is False and check(rule, far).met is not True


def test_without_the_second_derivative_the_rest_is_too_large() -> None:
    """|t| t is no polynomial: its radius stays open, and nothing is claimed of it."""
    g, t = Function("taylor.once", [(1, 1)]), Variable("taylor.s")
    define((g(t), absolute(t) * t, ()))
    theorem = radius_is_positive(g[()], t, epsilon, 2)
    assert check(theorem, Instance(arrays={"taylor.s": [0], "taylor.epsilon": [1]})) == (None, None)


def test_floats_give_a_lower_bound_and_fields_nothing() -> None:
    found = evaluate(TaylorRadius(F[()], p, epsilon, 2), at(cube, (0, 0), size=1), floats())
    assert 0.499 < found[0, 0] <= 0.5                                # 1 / (|1| + |1|)
    with pytest.raises(Undecided):
        evaluate(TaylorRadius(F[()], p, epsilon, 2), at(cube, (0, 0), size=1), prime_field())


@pytest.mark.parametrize("make", [
    lambda: Hessian(V[()], p), lambda: TaylorRadius(F[()], p, p, 2), lambda: TaylorRadius(F[()], p, epsilon, 3),
    lambda: LipschitzGradient(V[()], K), lambda: LipschitzGradient(F[()], p), lambda: TwiceDifferentiable(V[()], p),
    lambda: Hessian("F", p)])
def test_what_has_no_meaning_is_refused(make: Any) -> None:
    with pytest.raises(SymgradError):
        make()


def test_they_are_written_as_in_the_textbooks() -> None:
    assert str(Hessian(F[()], p)) == "D²F(p)" and Hessian(F[()], p).latex() == r"\mathrm{D}^{2} F(p)"
    assert str(Less(norm(h), TaylorRadius(F[()], p, epsilon, 2))) == "‖h‖₂ < ρ₂(F, p, ε)"
    assert str(LipschitzGradient(F[()], K)) == "∇F Lipschitz with constant K"
    assert str(TwiceDifferentiable(F[()], p)) == "F twice differentiable at p"
