"""The evaluator against hand-made values, NumPy, finite fields, and itself over other arithmetics."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.derive import derived
from symgrad.errors import SymgradError
from symgrad.kernel import derivative
from symgrad.kernel.statements import (
    Bounded,
    Condition,
    ConstantIs,
    Differentiable,
    Equal,
    ForAll,
    IsActivation,
    Jacobian,
    Less,
    LessEqual,
    Nonzero,
    OneFunction,
    Pullback,
    conditions,
)
from symgrad.networks import dense
from symgrad.networks.dense import C, L, Sigma, a, delta, gradient, l, w, z
from symgrad.numeric.arithmetic import (
    MERSENNE,
    Undecided,
    balls,
    complex_floats,
    floats,
    prime_field,
    rationals,
)
from symgrad.numeric.elementwise import Derivatives, Formula, Polynomial
from symgrad.numeric.evaluate import evaluate
from symgrad.numeric.instance import Instance
from symgrad.numeric.truth import check, difference, holds
from symgrad.terms.algebra import Count, Diagonal, Identity, Number, Ones, Zero, hadamard
from symgrad.terms.index import Constant, Dimension, Index
from symgrad.terms.named import ElementwiseFunction, Family, Function, Gradient, Variable
from symgrad.terms.ranges import ordered_product, ordered_sum
from symgrad.terms.scalars import Maximum, Minimum, Power, Quotient, absolute, inner, norm, s_min
from symgrad.testing.formulas import Formulas
from symgrad.testing.instances import RandomSupply, random_instance

m = Dimension("ev_m")
k, r = Index("ev_k"), Index("ev_r")
N = Constant("ev_N")
A, B, x, t = Variable("ev_A", m, m), Variable("ev_B", m, m), Variable("ev_x", m), Variable("ev_t")
g = Family("ev_g", over={k: (None, None)})
M = Family("ev_M", m, m, over={k: (None, None)})
f = ElementwiseFunction("ev_f")
cost = Function("ev_cost", [(m, 1)])
DATA = {"ev_A": [[1, 2], [3, 4]], "ev_B": [[0, 1], [1, 0]], "ev_x": [3, -4], "ev_t": [[2]],
        "ev_g": {1: [[2]], 2: [[3]], 3: [[5]]}, "ev_M": {1: [[1, 2], [3, 4]], 2: [[0, 1], [1, 0]], 3: [[2, 0], [0, 1]]}}
SMALL = Instance(integers={m: 2, "ev_k": 2, N: 3}, arrays=DATA, functions={"ev_f": [0, 0, 1]})
ALL = [floats(), rationals(), prime_field(), balls(100)]


def number(value) -> int | Fraction | float:
    value = value[0, 0]
    if isinstance(value, flint.nmod):
        return int(value)
    return round(float(value), 9)


@pytest.mark.parametrize("arithmetic", ALL, ids=repr)
@pytest.mark.parametrize(("term", "value"), [
    (x.T @ A @ x, 9 - 24 - 36 + 64), (inner(A, B), 5), (Count(N) * t, 6), (Power(t, 5), 32), (Power(t - 2, 0), 1),
    (Quotient(8, t), 4), (Quotient(t, t - 2), 0), (ordered_sum(r, 1, N, g[r]), 10),
    (ordered_product(r, 1, N, g[r]), 30), (ordered_product(r, 4, N, g[r]), 1), (ordered_sum(r, 4, N, g[r]), 0),
    (ordered_sum(r, k + 5, N, g[r]), 0), (inner(ordered_product(r, 1, N, M[r]), Ones(m, m)), 4 + 1 + 8 + 3),
    (inner(Diagonal(x), Identity(m)), 0 * t + 7 - 8), (inner(hadamard(x, x), Ones(m)), 25), (inner(f(x), x), 27 - 64),
    (inner(f.prime(x), x), 2 * 25), (norm(x) ** 2, 25), (inner(A.T, B), 5), (inner(Zero(m, m), A), 0),
])
def test_values_by_hand_in_every_arithmetic(arithmetic, term, value) -> None:
    wanted = number(evaluate(value, SMALL, arithmetic)) if not isinstance(value, int) else value
    found = number(evaluate(term, SMALL, arithmetic))
    assert found == (wanted % MERSENNE if arithmetic is prime_field() else wanted)


@pytest.mark.parametrize(("term", "value"), [
    (norm(x, 1), 7), (norm(x, "inf"), 4), (norm(x), 5), (norm(A, 1), 6), (norm(A, "inf"), 7), (norm(x.T, "inf"), 7),
    (norm(A, "F"), 30 ** 0.5), (norm(A), 5.464985704), (s_min(A), 0.3659661906), (s_min(x.T), 0), (s_min(x), 5),
    (absolute(inner(x, Ones(m))), 1), (Maximum(t, 3), 3), (Minimum(t, 3), 2), (norm(Identity(m)), 1),
    (norm(Zero(m, 0), 1), 0), (norm(Zero(0, m)), 0),
])
def test_norms_by_hand(term, value) -> None:
    for arithmetic in (floats(), balls(100)):
        assert float(evaluate(term, SMALL, arithmetic)[0, 0]) == pytest.approx(value, rel=1e-9)


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1))
def test_spectral_norms_enclose_their_value(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(1, 7, 2)
    matrix = rng.standard_normal((rows, columns)) * 10.0 ** rng.integers(-8, 8)
    if rng.random() < 0.3:
        matrix[:, -1] = matrix[:, 0]
    X = Variable("ev_X", int(rows), int(columns))
    instance = Instance(arrays={"ev_X": matrix})
    stretches = np.linalg.svd(matrix, compute_uv=False)
    largest = evaluate(norm(X), instance, balls(160))[0, 0]
    assert largest.rel_accuracy_bits() > 100
    assert abs(float(largest.mid()) - stretches[0]) <= 1e-13 * stretches[0]
    if rows >= columns:
        smallest = evaluate(s_min(X), instance, balls(160))[0, 0]
        assert float(smallest.lower()) <= stretches[-1] + 1e-13 * stretches[0]
        assert float(smallest.upper()) >= stretches[-1] - 1e-13 * stretches[0]


@settings(max_examples=80)
@given(seed=st.integers(0, 2**32 - 1))
def test_arithmetics_agree_on_random_formulas(seed: int) -> None:
    rng = Random(seed)
    term = Formulas(rng, ordered=False).matrix(3)
    instance = random_instance(Equal(term, term), rng, balls(), integers=(0, 3), widths=(1, 2, 3),
                               functions={"rnd_sigma": [1, 2, -1]})
    try:
        exact = evaluate(term, instance, rationals())
        enclosed = evaluate(term, instance, balls(200))
    except Undecided:
        return
    for e, b in zip(exact.flat, enclosed.flat, strict=True):
        assert flint.arb(e).overlaps(flint.arb(b))
    modulo = evaluate(term, instance, prime_field())
    assert (prime_field().array(exact) == modulo).all()


NETWORK = [Equal(delta[l], Sigma(z[l]) @ w[l + 1].T @ delta[l + 1]), *conditions((1 <= l, l < L))]


@pytest.mark.parametrize("arithmetic", [floats(), prime_field(), balls(80)], ids=repr)
def test_backpropagation_holds_on_random_networks_and_its_mutants_do_not(arithmetic) -> None:
    rng = Random(7)
    wrong = [Equal(delta[l], Sigma(z[l]) @ w[l + 1].T @ (2 * delta[l + 1])),
             Equal(gradient(w[l]), delta[l] @ a[l - 1].T + gradient(w[l])),
             Equal(delta[l], hadamard(dense.sigma[l](z[l]), w[l + 1].T @ delta[l + 1]))]
    right = [NETWORK[0], Equal(gradient(w[l]), delta[l] @ a[l - 1].T), Equal(gradient(dense.b[l]), delta[l]),
             Equal(gradient(dense.x), w[1].T @ delta[1])]
    for _ in range(6):
        instance = random_instance(NETWORK, rng, arithmetic)
        assert all(holds(claim, instance, arithmetic) for claim in right)
        assert not any(holds(claim, instance, arithmetic) for claim in wrong)


def test_the_gradient_of_a_network_is_that_of_finite_complex_steps() -> None:
    """An independent look: perturb one weight by 1e-30 i in the cost itself."""
    rng = np.random.default_rng(3)
    widths, weights = [3, 4, 2], {1: rng.standard_normal((4, 3)), 2: rng.standard_normal((2, 4))}
    biases = {1: rng.standard_normal(4), 2: rng.standard_normal(2)}
    data = {"b": biases, "x": rng.standard_normal(3), "y": {2: rng.standard_normal(2)}}

    def network(w1) -> Instance:
        return Instance(integers={"L": 2, "l": 1}, widths={"n": widths}, functions={"sigma": "tanh"},
                        arrays={**data, "w": {1: w1, 2: weights[2]}})

    found = evaluate(gradient(w[1]), network(weights[1]))
    for place in np.ndindex(4, 3):
        moved = weights[1].astype(complex)
        moved[place] += 1e-30j
        cost_there = evaluate(C[1](z[1]), network(moved), complex_floats())[0, 0]
        assert found[place] == pytest.approx(cost_there.imag / 1e-30, rel=1e-12)


def test_large_gradients_are_taken_in_pieces(monkeypatch) -> None:
    from symgrad.numeric import evaluate as module
    instance = random_instance(NETWORK, Random(5), floats())
    whole = evaluate(gradient(w[l]), instance)
    monkeypatch.setattr(module, "_LARGEST", 7)
    assert (evaluate(gradient(w[l]), instance) == whole).all()


def test_derivatives_of_gradients_are_derivatives_of_derivatives() -> None:
    """D[v -> ∇c(v)] is the Hessian: c(v) = Σ v_i³ by its definition through f."""
    from symgrad.kernel.definitions import define
    c = Function("ev_cubes", [(3, 1)])
    v = Variable("ev_v3", 3)
    define((c(v), Ones(3).T @ f(v), ()))
    instance = Instance(arrays={"ev_v3": [1, 2, 5]}, functions={"ev_f": [0, 0, 0, 1]})
    hessian = Jacobian(v, Gradient(c[()], v), Diagonal(f.prime.prime(v)))
    for arithmetic in (rationals(), prime_field(), balls(80), floats()):
        assert holds(hessian, instance, arithmetic) is True
        assert holds(Jacobian(v, Gradient(c[()], v), Diagonal(f.prime(v))), instance, arithmetic) is False
    assert [int(e) for e in np.diag(evaluate(Diagonal(f.prime.prime(v)), instance, rationals()))] == [6, 12, 30]


def test_a_batch_of_examples_is_evaluated_at_once() -> None:
    rng = np.random.default_rng(1)
    xs, ys = rng.standard_normal((5, 3, 1)), rng.standard_normal((5, 2, 1))
    weights = {1: rng.standard_normal((4, 3)), 2: rng.standard_normal((2, 4))}
    biases = {1: rng.standard_normal((4, 1)), 2: rng.standard_normal((2, 1))}

    def network(x, y, batch) -> Instance:
        return Instance(integers={"L": 2, "l": 1}, widths={"n": [3, 4, 2]}, functions={"sigma": "sigmoid"},
                        arrays={"w": weights, "b": biases, "x": x, "y": {2: y}}, batch=batch)

    together = evaluate(gradient(w[1]), network(xs, ys, True))
    assert together.shape == (5, 4, 3)
    for one in range(5):
        assert np.allclose(together[one], evaluate(gradient(w[1]), network(xs[one], ys[one], False)), rtol=1e-13)
    assert difference(NETWORK[0], network(xs, ys, True)) < 1e-13


# ------------------------------------------------------------ statements

def test_hypotheses_are_evaluated() -> None:
    tanh = Instance(integers={m: 2, "ev_k": 2, N: 3}, arrays=DATA, functions={"ev_f": Formula("tanh", (1, 1))})
    relu = Instance(integers={m: 2}, arrays={**DATA, "ev_x": [0, 1]}, functions={"ev_f": "relu"})
    for statement, instance, truth in [
        (Condition(N - k), tanh, True), (Condition(k - N), tanh, False), (ConstantIs(N, 3), tanh, True),
        (ConstantIs(N, 4), tanh, False), (Nonzero(t), tanh, True), (Nonzero(t - 2), tanh, False),
        (ForAll(r, 1, N, LessEqual(1, g[r])), tanh, True), (ForAll(r, 1, N, Less(g[r], 5)), tanh, False),
        (ForAll(r, 5, N, Less(1, 0)), tanh, True), (Differentiable(f, x), tanh, True),
        (Differentiable(f, x), relu, None), (Bounded(f.prime, t), tanh, True), (Bounded(f.prime, t - 2), tanh, False),
        (Bounded(f.prime.prime, t), tanh, None), (OneFunction(f), tanh, True), (IsActivation(f, "tanh"), tanh, True),
        (IsActivation(f, "relu"), tanh, False), (LessEqual(norm(x, "inf"), norm(x)), tanh, True),
        (Less(norm(x), norm(x, "inf")), tanh, False), (Equal(A @ B, B @ A), tanh, False),
    ]:
        assert holds(statement, instance) is truth, str(statement)


def test_what_an_arithmetic_cannot_say_is_none() -> None:
    assert holds(LessEqual(t, 3), SMALL, prime_field()) is None
    assert holds(Equal(norm(A), 1), SMALL, rationals()) is None
    assert holds(Equal(norm(x, 1), 7), SMALL, prime_field()) is None
    assert holds(Less(norm(A) * norm(A), norm(A) ** 2), SMALL, balls()) is None       # they touch
    assert holds(LessEqual(norm(A) * norm(A), norm(A) ** 2), SMALL, balls()) is True
    assert holds(Less(norm(x), 5), SMALL, balls()) is False
    assert holds(LessEqual(norm(x), 5), SMALL, balls()) is True


def test_tiny_differences_are_seen_and_no_tolerance_hides_them() -> None:
    tiny = Instance(arrays={"ev_t": [[1e-300]]})
    assert holds(Equal(t, 2 * t), tiny) is False
    assert holds(Equal(t, 2 * t), tiny, floats()) is False
    assert holds(LessEqual(2 * t, t), tiny) is False
    near = Instance(arrays={"ev_t": [[Fraction(10**40 + 1, 10**40)]]})
    assert holds(Equal(t, 1), near) is False and holds(Less(1, t), near) is True


def test_pullbacks_and_jacobians_are_checked_by_differentiation() -> None:
    G, K, J = Variable("ev_G", m), Variable("ev_K", m, m), Variable("ev_J", m)
    right = derived.V_product(derivative.V_constant(x, A, K), derivative.V_variable(x, J), G)
    assert check(right, SMALL, rationals()) == (True, True)
    assert holds(Pullback(x, A @ x, G, A @ G), SMALL, rationals()) is False
    assert holds(Jacobian(x, A @ f(x), A @ Diagonal(f.prime(x))), SMALL, rationals()) is True
    assert holds(Jacobian(x, A @ f(x), Diagonal(f.prime(x)) @ A), SMALL, rationals()) is False
    assert holds(Pullback(t, norm(x - x) * t, Variable("ev_H"), 0 * Variable("ev_H")), SMALL, rationals()) is True
    with pytest.raises(Undecided):
        evaluate(Gradient(cost[()], x), Instance(integers={m: 2}, arrays={"ev_x": [0, 0]},
                                                 named={"ev_cost": lambda v: _norm(v)}))


def _norm(value):
    from symgrad.numeric.dual import norm_2
    return norm_2(value, floats())


def test_missing_and_misshapen_data_are_named() -> None:
    with pytest.raises(SymgradError, match="gives no value for ev_x"):
        evaluate(x, Instance(integers={m: 2}))
    with pytest.raises(SymgradError, match="gives no value for ev_m"):
        evaluate(x, Instance())
    with pytest.raises(SymgradError, match="is 2 × 1"):
        evaluate(x, Instance(integers={m: 2}, arrays={"ev_x": [1, 2, 3]}))
    with pytest.raises(SymgradError, match="gives no function for ev_f"):
        evaluate(f(t), Instance(arrays=DATA))
    with pytest.raises(SymgradError, match="holds nan"):
        evaluate(t, Instance(arrays={"ev_t": [[float("nan")]]}), balls())


def test_functions_of_one_variable_in_every_form() -> None:
    point = Instance(arrays={"ev_t": [[0.5]]}, functions={"ev_f": (np.sin, np.cos)})
    assert evaluate(f(t), point)[0, 0] == np.sin(0.5) and evaluate(f.prime(t), point)[0, 0] == np.cos(0.5)
    with pytest.raises(Undecided):
        evaluate(f.prime.prime(t), point)
    cube = Polynomial([0, 0, 0, 1])
    assert cube.bounded_by(3, 6) and not cube.bounded_by(2, 10**9)
    assert Derivatives(np.tanh).differentiable(0, np.zeros(1)) is None
    relu = Instance(arrays={"ev_t": [[Fraction(-1, 2)]]}, functions={"ev_f": "relu"})
    assert evaluate(f(t), relu, rationals())[0, 0] == 0 and evaluate(f.prime(t), relu, balls())[0, 0] == 0
    for order, value in ((2, -np.sin(0.5)), (3, -np.cos(0.5))):
        sine = Instance(arrays={"ev_t": [[0.5]]}, functions={"ev_f": "sin"})
        g_order = ElementwiseFunction("ev_f", order)
        assert float(evaluate(g_order(t), sine, balls())[0, 0]) == pytest.approx(value, rel=1e-15)
        assert evaluate(g_order(t), sine)[0, 0] == pytest.approx(value, rel=1e-12)


def test_random_instances_meet_their_conditions_and_keep_what_was_drawn() -> None:
    rng = Random(2)
    for _ in range(20):
        instance = random_instance(NETWORK, rng, balls())
        assert 1 <= instance.integers["l"] < instance.integers["L"]
        first = evaluate(delta[l], instance)
        assert (evaluate(delta[l], instance) == first).all()
    assert random_instance([Condition(k - N), Condition(N - k - 1)], rng) is None
    bounded = ForAll(r, 1, 3, Bounded(f[r].prime, g[r]))
    for _ in range(10):
        assert holds(bounded, random_instance(bounded, rng)) is True
    assert RandomSupply(Random(1), uniform=True).widths != ()


_ = Number
