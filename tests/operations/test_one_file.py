"""A new activation and a new operation are each one file: nothing else is touched, and everything works with them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from random import Random
from types import ModuleType

import numpy as np
import pytest

import symgrad as sg
from symgrad.kernel import replay
from symgrad.kernel.definitions import define
from symgrad.kernel.rebuild import replay_certificate
from symgrad.kernel.record import certificate
from symgrad.networks.dense import L, b, l, sigma, v, w, y
from symgrad.numeric.arithmetic import balls, prime_field
from symgrad.numeric.evaluate import evaluate
from symgrad.numeric.instance import Instance
from symgrad.numeric.truth import check
from symgrad.terms.index import Dimension
from symgrad.terms.named import Function, Variable
from symgrad.testing.instances import random_instance

ACTIVATION = '''
"""A smooth step between two slopes."""
from symgrad import register
from symgrad.operations.activations import Entry

TILTED = register(Entry("tilted_tanh", "tanh(x) + x/8", r"\\operatorname{ttanh}", source="a test"))
'''

OPERATION = '''
"""The scaled residual x + s ⊙ f, with one scale for each entry (Touvron et al., ICCV 2021)."""
from symgrad import Operation, register
from symgrad.terms.algebra import hadamard
from symgrad.terms.index import Dimension

m = Dimension("m")

SCALED_RESIDUAL = register(Operation(
    "scaled_residual", {"x": m, "s": m, "f": m},
    formula=lambda x, s, f: x + hadamard(s, f),
    value=lambda x, s, f: x + s * f, exact=True,
    sign="res", source="Touvron et al., ICCV 2021"))
'''

STATED = '''
"""The geometric mean of two columns of positive numbers, for which the kernel has no formula."""
import numpy as np

from symgrad import Operation, register
from symgrad.kernel.statements import Less
from symgrad.operations.enclosures import sqrt
from symgrad.terms.algebra import Number
from symgrad.terms.scalars import Quotient

GEOMETRIC_MEAN = register(Operation(
    "geometric_mean", {"p": 1, "q": 1}, result=1,
    pullback=lambda G, value, p, q: (Quotient(value, 2 * p) * G, Quotient(value, 2 * q) * G),
    where=lambda p, q: [Less(Number(0), p), Less(Number(0), q)],
    value=lambda p, q: np.sqrt(p * q), enclose=lambda p, q: sqrt(p * q),
    draw=lambda rng, sizes: [[[rng.uniform(0.1, 3)]], [[rng.uniform(0.1, 3)]]], source="a test"))
'''


def one_file(folder: Path, name: str, source: str) -> ModuleType:
    path = folder / f"{name}.py"
    path.write_text(source, "utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, ModuleType]:
    folder = tmp_path_factory.mktemp("one_file")
    before = set(sys.modules)
    made = one_file(folder, "tilted_tanh", ACTIVATION), one_file(folder, "scaled_residual", OPERATION)
    assert not {"tilted_tanh", "scaled_residual"} & (set(sys.modules) - before)
    return made


def test_a_new_activation_is_derived_evaluated_and_bounded(files) -> None:
    net = sg.dense([3, 4, 2], activation="tilted_tanh")
    replay(net.derivation("w1").theorem)
    params = net.draw_parameters(seed=1)
    x, target = np.array([[0.1, -2.0, 3.0]]), np.array([[1.0, 0.0]])
    found = net.compile()(params, x, target)
    from symgrad.numeric.complex_steps import complex_step
    witness = complex_step(net)(params, x, target)
    for name, gradient in witness.gradients.items():
        np.testing.assert_allclose(found.gradients[name], gradient, rtol=1e-11)
    assert str(sg.activation("tilted_tanh").sup_slope().exact) == "9/8"


def test_a_gradient_goes_through_a_new_operation_as_a_replayed_theorem(files) -> None:
    residual = files[1].SCALED_RESIDUAL
    theorem = sg.pullback(residual(v, v, sigma[l](v)), by=v)
    replay(theorem)
    replay_certificate(certificate(theorem, "scaled residual"))
    for seed in range(6):
        for arithmetic in (prime_field(), balls()):
            instance = random_instance(theorem, Random(seed), arithmetic)
            assert instance is not None and check(theorem, instance, arithmetic).holds


def test_its_cost_has_a_gradient_by_the_chain_rule(files) -> None:
    residual, cost = files[1].SCALED_RESIDUAL, sg.operation("softmax_cross_entropy")
    u = v.at({l: L})
    K = Function("one_file_K", [u.shape])
    (recurrence,) = define((K(u), cost(residual(u, b[L], sigma[L](u)), y), (1 <= L,)))
    theorem = sg.gradient_of(K[()], recurrence, at=u)
    replay(theorem)
    for seed in range(4):
        instance = random_instance(theorem, Random(seed), balls())
        assert instance is not None and check(theorem, instance).holds
    assert any("log_sum_exp" in text for text in theorem.rests_on()["definition"])


def test_an_operation_with_a_stated_pullback_carries_its_conditions_and_says_so(tmp_path: Path) -> None:
    mean = one_file(tmp_path, "geometric_mean", STATED).GEOMETRIC_MEAN
    X = Variable("one_file_X")
    theorem = sg.pullback(mean(X * X + 1, X + 9), by=X)
    replay(theorem)
    replay_certificate(certificate(theorem, "geometric mean"))
    assert {type(h).__name__ for h in theorem.hypotheses} == {"Less"} and len(theorem.hypotheses) == 2
    (said,) = (text for text in theorem.rests_on()["definition"] if "geometric_mean" in text)
    assert "stated" in said
    held = [check(theorem, random_instance(theorem, Random(seed))) for seed in range(6)]                  # type: ignore[arg-type]
    assert all(found.met and found.holds for found in held)


def test_it_evaluates_exactly_and_prints_its_latex(files) -> None:
    residual = files[1].SCALED_RESIDUAL
    m = Dimension("m")
    x, s, f = (Variable(f"one_file_{k}", m) for k in "xsf")
    instance = Instance(integers={"m": 2}, arrays={"one_file_x": [1, 2], "one_file_s": [3, 4], "one_file_f": [5, 6]})
    assert evaluate(residual(x, s, f), instance, prime_field())[:, 0].tolist() == [16, 26]
    assert residual.latex == r"\operatorname{res}(x, s, f)"
    assert str(residual(w[l] @ v.at({l: l - 1}), b[l], b[l])) == "res(w^l v, b^l, b^l)"


def test_a_second_operation_of_the_name_is_refused(files, tmp_path: Path) -> None:
    with pytest.raises(sg.SymgradError, match="scaled_residual already"):
        one_file(tmp_path, "scaled_residual_again", OPERATION)
    with pytest.raises(sg.SymgradError, match="tilted_tanh already"):
        one_file(tmp_path, "tilted_tanh_again", ACTIVATION.replace("x/8", "x/4"))
