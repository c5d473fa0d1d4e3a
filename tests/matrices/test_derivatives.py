"""Derivatives of free matrix formulas: each is held against its own NumPy function, differentiated with many digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sympy import Rational

import symgrad as sg
from symgrad.kernel.record import write_certificate
from symgrad.matrices import (
    Constant,
    Index,
    det,
    diag,
    diagonal,
    elementwise,
    exp,
    eye,
    gradient,
    hadamard,
    hessian,
    inner,
    inv,
    jacobian,
    layer_norm,
    log,
    log_det,
    log_softmax,
    log_sum_exp,
    matrix,
    mean,
    norm,
    ones,
    outer,
    relu,
    scalar,
    sigmoid,
    sin,
    softmax,
    softplus,
    sqrt,
    stack,
    sum_over,
    tanh,
    total,
    trace,
    vector,
)
from symgrad.terms.algebra import Term
from symgrad.terms.named import Variable
from symgrad.testing.bignum import as_big, precision
from symgrad.testing.witness import Witness, digits_serve
from symgrad.verify import main as verify

A, P, S = (matrix(name, "n", "n") for name in "APS")
B, W = matrix("B", "m", "n"), matrix("W", "m", "n")
X, C, V = matrix("X", "n", "k"), matrix("C", "k", "n"), matrix("V", "k", "m")
x, y, b, u, s = vector("x", "n"), vector("y", "n"), vector("b", "m"), vector("u", "k"), scalar("s")
Q, K, D = matrix("Q", "T", "d"), matrix("K", "T", "d"), matrix("D", "T", "d")
half = Rational(1, 2)
SIZES = {"n": 4, "m": 3, "k": 2, "T": 5, "d": 3}


def rows(z: Any) -> Any:
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def lse(z: Any) -> Any:
    return z.max() + np.log(np.exp(z - z.max()).sum())


def normed(z: Any, e: Any) -> Any:
    c = z - z.sum(-1, keepdims=True) / z.shape[-1]
    return c / np.sqrt((c * c).sum(-1, keepdims=True) / z.shape[-1] + e)


def recurrent(step: Callable[[Any], Any], h: Any) -> Any:
    for _ in range(3):
        h = step(h)
    return h


inverse = np.linalg.inv
CASES: list[tuple[Term, Variable, Callable[..., Any]]] = [
    (trace(X.T @ A @ X), X, lambda X, A: np.trace(X.T @ A @ X)),
    (trace(A @ P @ A @ P), A, lambda A, P: np.trace(A @ P @ A @ P)),
    (trace(A)**2, A, lambda A: np.trace(A)**2),
    (x.T @ A @ x, x, lambda x, A: x @ A @ x),
    ((x.T @ A @ x)**3, A, lambda x, A: (x @ A @ x)**3),
    ((x.T @ A @ x) / inner(x, x), x, lambda x, A: x @ A @ x / (x @ x)),
    (half * norm(B @ x - b)**2, B, lambda B, x, b: ((B @ x - b)**2).sum() / 2),
    (norm(B @ x - b), x, lambda B, x, b: np.sqrt(((B @ x - b)**2).sum())),
    (norm(A - P), A, lambda A, P: np.sqrt(((A - P)**2).sum())),
    (norm(B @ x - b)**2 + s * norm(x, 1), x, lambda B, x, b, s: ((B @ x - b)**2).sum() + s * np.abs(x).sum()),
    (norm(x)**3, x, lambda x: (x @ x)**1.5),
    (norm(x)**4, x, lambda x: (x @ x)**2),
    (norm(A - X @ X.T)**2, X, lambda A, X: ((A - X @ X.T)**2).sum()),
    (inner(x, y) / (norm(x) * norm(y)), x, lambda x, y: x @ y / np.sqrt((x @ x) * (y @ y))),
    (log_det(A), A, lambda A: np.linalg.slogdet(A)[1]),
    (det(A @ P), A, lambda A, P: np.linalg.det(A @ P)),
    (trace(inv(A) @ P), A, lambda A, P: np.trace(inverse(A) @ P)),
    (log_det(S) + (x - y).T @ inv(S) @ (x - y), S, lambda S, x, y: np.linalg.slogdet(S)[1] + (x - y) @ inverse(S) @ (x - y)),
    (log_det(A @ A.T + s * eye("n")), s, lambda A, s: np.linalg.slogdet(A @ A.T + s * np.eye(4))[1]),
    (total(hadamard(X, A @ X, X)), X, lambda X, A: (X * (A @ X) * X).sum()),
    (trace(A.T @ diag(x) @ A @ diag(x)), x, lambda A, x: np.trace(A.T @ np.diag(x) @ A @ np.diag(x))),
    (inner(diagonal(A @ P), x), A, lambda A, P, x: np.diag(A @ P) @ x),
    (total(exp(A @ X)), X, lambda A, X: np.exp(A @ X).sum()),
    (total(log(hadamard(x, x) + ones("n"))), x, lambda x: np.log(x * x + 1).sum()),
    (total(sqrt(hadamard(x, x) + ones("n"))), x, lambda x: np.sqrt(x * x + 1).sum()),
    (total(sin(A @ x)), x, lambda A, x: np.sin(A @ x).sum()),
    (norm(tanh(W @ x + b) - b)**2, W, lambda W, x, b: ((np.tanh(W @ x + b) - b)**2).sum()),
    (mean(relu(A @ X)), X, lambda A, X: np.maximum(A @ X, 0).mean()),
    (total(elementwise("silu")(X)), X, lambda X: (X / (1 + np.exp(-X))).sum()),
    (total(elementwise("softsign")(X)), X, lambda X: (X / (1 + np.abs(X))).sum()),
    (log_sum_exp(B @ x), x, lambda B, x: lse(B @ x)),
    (inner(y, softmax(A @ x)), A, lambda y, A, x: y @ rows(A @ x)),
    (inner(b, log_softmax(B @ x)), B, lambda b, B, x: b @ (B @ x - lse(B @ x))),
    (-mean(hadamard(D, log_softmax(Q))), Q, lambda D, Q: -(D * np.log(rows(Q))).mean()),
    (norm(softmax(Q @ K.T) @ D)**2, K, lambda Q, K, D: ((rows(Q @ K.T) @ D)**2).sum()),
    (norm(softmax(Q @ Q.T) @ Q)**2, Q, lambda Q: ((rows(Q @ Q.T) @ Q)**2).sum()),
    (total(hadamard(D, layer_norm(Q, s))), Q, lambda D, Q, s: (D * normed(Q, s)).sum()),
    (total(hadamard(D, layer_norm(Q, s))), s, lambda D, Q, s: (D * normed(Q, s)).sum()),
    (norm(V @ tanh(W @ x + b) - u)**2, W, lambda V, W, x, b, u: ((V @ np.tanh(W @ x + b) - u)**2).sum()),
    (norm(x + tanh(A @ (x + tanh(A @ x))))**2, A, lambda x, A: ((x + np.tanh(A @ (x + np.tanh(A @ x))))**2).sum()),
    (norm(recurrent(lambda h: tanh(A @ h + P @ x), y))**2, A,
     lambda A, P, x, y: (recurrent(lambda h: np.tanh(A @ h + P @ x), y)**2).sum()),
    (norm(D @ ones("d") - ones("T") * s)**2, s, lambda D, s: ((D.sum(1) - s)**2).sum()),
    (norm(Q - tanh(Q @ matrix("E", "d", "d").T) @ matrix("E", "d", "d"))**2, matrix("E", "d", "d"),
     lambda Q, E: ((Q - np.tanh(Q @ E.T) @ E)**2).sum()),
    (softmax(x), x, rows),
    (V @ tanh(W @ x + b), x, lambda V, W, x, b: V @ np.tanh(W @ x + b)),
    (A @ x / norm(A @ x), x, lambda A, x: A @ x / np.sqrt(((A @ x)**2).sum())),
    (outer(x, x) @ y, x, lambda x, y: np.outer(x, x) @ y),
    (diag(x) @ A @ x, x, lambda x, A: x * (A @ x)),
    (hadamard(sigmoid(A @ x), tanh(P @ x)), x, lambda A, P, x: np.tanh(P @ x) / (1 + np.exp(-(A @ x)))),
]


def drawn(letters: set[str]) -> dict[str, Any]:
    rng = np.random.default_rng(5)
    found: dict[str, Any] = {}
    for letter in (A, P, S, B, W, X, C, V, x, y, b, u, Q, K, D, matrix("E", "d", "d")):
        shape = [SIZES[str(side)] if str(side) in SIZES else int(side) for side in letter.shape]
        array = 0.5 * rng.standard_normal(shape)
        if shape[0] == shape[1] == 4:
            array += 2 * np.eye(4)
        found[letter.name.split(".")[-1]] = array[:, 0] if shape[1] == 1 else array
    found["s"] = 0.7
    return {name: value for name, value in found.items() if name in letters}


def letters_of(term: Term) -> set[str]:
    return {v.name.split(".")[-1] for v in term.free if isinstance(v, Variable)}


@pytest.mark.parametrize(("formula", "by", "function"), CASES, ids=[f"{f} by {v}" for f, v, _ in CASES])
def test_a_derivative_is_that_of_its_numpy_function(formula, by, function):
    is_scalar = formula.is_scalar_term
    found = (gradient if is_scalar else jacobian)(formula, by)
    values = drawn(letters_of(formula) | letters_of(found.value) | letters_of(by))
    name = by.name.split(".")[-1]
    mine = np.asarray(found(values))
    names = function.__code__.co_varnames[:function.__code__.co_argcount]
    given = [np.asarray(values[{"z": "x"}.get(n, n)]) for n in names]
    place = [{"z": "x"}.get(n, n) for n in names].index(name)
    digits = digits_serve(function, given, (place,))
    outputs = [()] if is_scalar else list(np.ndindex(np.shape(function(*given))))
    for output in outputs:
        G = np.zeros(np.shape(function(*given)))
        G[output] = 1.0
        witness = Witness(function, given, (place,), G, digits)
        for entry in np.ndindex(given[place].shape):
            unit = np.zeros(given[place].shape)
            unit[entry] = 1.0
            slope = witness.slope(place, unit)
            got = float(mine[(*output, *entry)])
            room = (1e-10 if digits else 1e-6) * max(abs(slope.middle), slope.size, 1e-3)
            assert abs(got - slope.middle) <= room, (output, entry)
    assert sg.replay(found.theorem).conclusion is found.theorem.conclusion


@pytest.mark.parametrize(("formula", "text"), [
    (x.T @ A @ x, "A + Aᵀ"),
    (total(exp(A @ x)), "Aᵀ diag(exp(A x)) A"),
    (norm(x), "(1/‖x‖) I_n − (1/‖x‖)³ x xᵀ"),
    (log_sum_exp(x), "−softmax(x) softmax(x)ᵀ + diag(softmax(x))"),
])
def test_a_hessian_is_the_jacobian_of_the_gradient(formula, text):
    found = hessian(formula, x)
    assert str(found) == text
    values = drawn(letters_of(formula))
    step = 1e-6
    for j in range(4):
        moved = [{**values, "x": values["x"] + t * np.eye(4)[j]} for t in (step, -step)]
        column = (gradient(formula, x)(moved[0]) - gradient(formula, x)(moved[1])) / (2 * step)
        assert np.allclose(found(values)[:, j], column, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("formula", "by", "text"), [
    (trace(X.T @ A @ X), X, "A X + Aᵀ X"),
    (trace(A @ A @ A), A, "3 Aᵀ Aᵀ"),
    (norm(B @ x - b)**2, x, "2 Bᵀ (B x − b)"),
    (norm(X), X, "(1/‖X‖) X"),
    (log_det(A), A, "(A⁻¹)ᵀ"),
    (trace(inv(A) @ P), A, "−(A⁻¹)ᵀ Pᵀ (A⁻¹)ᵀ"),
    (total(tanh(B @ x)), x, "Bᵀ (1_m − tanh(B x) ⊙ tanh(B x))"),
    (mean(hadamard(X, X)), X, "2 (1/(n k)) X"),
    ((x.T @ A @ x) / inner(x, x), x, "(1/⟨x, x⟩) A x + (1/⟨x, x⟩) Aᵀ x − 2 (xᵀ A x/(⟨x, x⟩ ⟨x, x⟩)) x"),
])
def test_a_gradient_reads_as_a_textbook_prints_it(formula, by, text):
    assert str(gradient(formula, by)) == text


def test_a_sum_over_symbolic_many_examples_is_differentiated():
    t, T, w = Index("t"), Constant("T"), vector("w", "n")
    xs = stack("examples", "n")
    found = gradient(sum_over(t, 1, T, softplus(-inner(w, xs[t]))), w)
    assert str(found) == "∑_{r=1}^{T} (−sigmoid(−⟨w, examples_r⟩) examples_r)"
    data = {i: np.random.default_rng(i).standard_normal((4, 1)) for i in range(1, 4)}
    value = found({"w": np.ones(4), "examples": data, "T": 3})
    expected = sum(-d[:, 0] / (1 + np.exp(d.sum())) for d in data.values())
    assert np.allclose(value, expected, rtol=1e-13)


def test_conditions_are_said_and_a_certificate_is_accepted_by_the_second_checker(tmp_path, capsys):
    found = gradient(log_det(A) + norm(A @ x), A)
    assert [str(c) for c in found.conditions] == ["0 < s_{min}(A)", "0 < ⟨A x, A x⟩"]
    assert any("logdet" in text for text in found.theorem.rests_on()["definition"])
    write_certificate([("gradient", found.theorem)], tmp_path / "one.jsonl")
    assert verify([str(tmp_path / "one.jsonl")]) == 0
    assert "accepted" in capsys.readouterr().out


@pytest.mark.parametrize(("call", "said"), [
    (lambda: gradient(B @ x, x), "jacobian"),
    (lambda: jacobian(B @ X, X), "pullback"),
    (lambda: hessian(norm(X)**2, X), "second derivative along D"),
    (lambda: gradient(norm(X, 1), X), "Euclidean"),
    (lambda: trace(B), "square"),
    (lambda: layer_norm(X, 0), "positive"),
    (lambda: inv(B), "square"),
    (lambda: B @ b, "transpose"),
    (lambda: gradient("x.T@x", x), "read_formula"),
    (lambda: gradient(inner(x, x), B @ x), "a letter such as"),
    (lambda: matrix("X", "n", -1), "nonnegative"),
    (lambda: matrix("X", 2.5, 1), "a size is"),
    (lambda: elementwise("tahn"), "did you mean"),
    (lambda: gradient(inner(x, y), x)(x=np.ones(3)), "no value for y"),
    (lambda: gradient(norm(B @ x)**2, x)(B=np.ones((2, 3)), x=np.ones(4)), r"n = 3|n = 4"),
    (lambda: gradient(inner(A @ x, x), x)(A=np.ones((2, 3)), x=np.ones(2)), "array of shape"),
])
def test_what_has_no_derivative_is_refused_in_one_line(call, said):
    with pytest.raises(sg.SymgradError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_numbers_of_many_digits_reproduce_floats():
    with precision(200):
        z = as_big(np.array([0.5, -2.0]))
        assert abs(float((np.where(z > 0, z, 0) + np.logaddexp(z, 0))[0].v) - (0.5 + np.logaddexp(0.5, 0))) < 1e-15


def test_sizes_are_read_off_every_letter_of_the_formula() -> None:
    x, A = sg.vector("x", "n"), sg.matrix("A", "n", "n")
    assert sg.gradient(sg.matrices.total(x), x)(x=[1.0, 2.0, 3.0]).tolist() == [1.0] * 3
    assert (sg.gradient(sg.trace(A), A)(A=np.ones((2, 2))) == np.eye(2)).all()


def test_waves_are_each_other_s_slopes() -> None:
    x, A = sg.vector("x", "n"), sg.matrix("A", "n", "n")
    sin, cos = sg.elementwise("sin"), sg.elementwise("cos")
    assert str(sg.gradient(sg.matrices.total(sin(A @ x)), x)) == "Aᵀ cos(A x)"
    assert str(sg.gradient(sg.matrices.total(cos(A @ x)), x)) == "−Aᵀ sin(A x)"
    assert str(sg.jacobian(cos(x), x)) == "−diag(sin(x))"


def test_roots_and_quotients_are_written_as_such() -> None:
    shapes = {"x": "n", "y": "n"}
    x, y = sg.vector("x", "n"), sg.vector("y", "n")
    assert str(sg.gradient(sg.read_formula("sum(sqrt(x))", **shapes), x)) == "½ (1/√x)"
    assert str(sg.gradient(sg.read_formula("sum(log(x))", **shapes), x)) == "1/x"
    assert str(sg.gradient(sg.read_formula("sum(x/y)", **shapes), x)) == "1/y"
    assert str(sg.gradient(sg.read_formula("sum(x/y)", **shapes), y)) == "−(1/y) ⊙ (1/y) ⊙ x"
