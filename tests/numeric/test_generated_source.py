"""The source: readable, of constant size, free of symgrad, and the whole of the evaluator."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from symgrad.errors import ExtraMissing, SymgradError
from symgrad.numeric import Evaluator, compile_network, load_module, network_source, write_module
from symgrad.operations.activation import activation, activations

sys.path.insert(0, str(Path(__file__).parent))
from stand_ins import Chain, Dense, random_call


@pytest.mark.parametrize(
    "make",
    [
        lambda L: Dense((4,) * (L + 1), ("sigmoid",) * L),
        lambda L: Chain(L, ("tanh",) * L),
        lambda L: Chain(L, ("tanh",) * (L - 1) + ("identity",)),
    ],
)
def test_the_source_does_not_grow_with_the_depth(make):
    short, deep = network_source(make(10)), network_source(make(1000))
    assert len(short.splitlines()) == len(deep.splitlines())
    assert len(deep) < len(short) + 60


def test_alternating_activations_cost_three_letters_a_layer():
    short, deep = (network_source(Chain(2 * n, ("tanh", "sigmoid") * n)) for n in (20, 500))
    assert len(deep) - len(short) <= 3 * 960 + 60


def test_compiling_is_quick_at_any_depth():
    compile_network(Chain(3, ("sigmoid",) * 3))
    spent = []
    for depth in (5, 2000):
        start = time.process_time()
        compile_network(Chain(depth, ("sigmoid",) * depth))
        spent.append(time.process_time() - start)
    assert spent[1] < 20 * spent[0] + 0.05


@pytest.mark.parametrize("net", [Dense((3, 4, 2), ("sigmoid", "tanh")), Chain(4, ("sigmoid",) * 4)])
def test_a_written_module_runs_alone_without_sympy_or_symgrad(net, tmp_path):
    path = write_module(net, tmp_path / "gradients.py")
    assert not any(
        word in path.read_text() for word in ("import symgrad", "import sympy", "from symgrad", "pickle")
    )
    probe = (
        "import sys, gradients; gradients.self_check(); "
        "assert not {'sympy', 'symgrad', 'flint'} & set(sys.modules), 'imported too much'"
    )
    subprocess.run([sys.executable, "-c", probe], cwd=tmp_path, check=True, timeout=60)
    told = subprocess.run(
        [sys.executable, str(path)], check=True, timeout=60, capture_output=True, text=True
    ).stdout
    assert "agree with differences" in told


def test_an_evaluator_is_rebuilt_from_its_file(tmp_path):
    net = Dense((3, 4, 2), ("sigmoid", "tanh"))
    f = compile_network(net, loss="sum")
    again = load_module(f.to_module(tmp_path / "f.py"))
    params, x, y = random_call(f.shapes, net, np.random.default_rng(0), 6)
    assert again.source == f.source
    assert again(params, x, y).loss == f(params, x, y).loss
    assert [p.name for p in tmp_path.iterdir()] == ["f.py"], "nothing else is left behind"


def test_a_file_that_is_no_evaluator_is_refused_before_it_runs(tmp_path):
    (tmp_path / "other.py").write_text("raise SystemExit('ran')")
    with pytest.raises(SymgradError, match="no module written by symgrad"):
        load_module(tmp_path / "other.py")
    with pytest.raises(SymgradError, match="cannot write"):
        write_module(Dense((1, 1), ("tanh",)), tmp_path / "missing" / "f.py")


def test_the_source_names_shapes_and_where_the_mathematics_is_from():
    source = network_source(Dense((3, 4, 2), ("sigmoid", "sigmoid")))
    for part in ("(n_1, n_0)", "Nielsen", "δ^l", "below.dot(w_t, z)", "def self_check"):
        assert part in source


def test_a_users_activation_name_never_reaches_the_source():
    evil = activation("x*sigmoid(2*x)")
    object.__setattr__(evil, "name", "x'''); import os; os.abort(); ('''")
    try:
        source = network_source(Dense((2, 2), (evil,)))
    finally:
        object.__setattr__(evil, "name", str(evil.expression))
    assert "abort()" not in source
    Evaluator(source).self_check()


@pytest.mark.parametrize("name", activations())
def test_every_activation_of_the_catalogue_compiles_and_passes_its_self_check(name):
    sigma = activation(name)
    f = compile_network(Chain(2, (sigma, sigma)))
    if name not in ("hardshrink",):  # jumps have no differences
        f.self_check(seed=3)
    z = np.array([-30.0, -3.3, -0.6, 0.4, 1.7, 25.0])
    g = compile_network(Chain(1, (sigma,), loss=None), loss="sum")
    found = np.array([g({"w": [1.0], "b": [0.0]}, v, None).gradients["b"][0] for v in z])
    assert np.allclose(found, sigma.slope(z), rtol=1e-11, atol=0)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("accuracy", ["full", "fast"])
@pytest.mark.parametrize("net", [Dense((3, 4, 2), ("tanh", "tanh")), Chain(5, ("tanh",) * 5)])
def test_dtype_and_accuracy_change_digits_only(dtype, accuracy, net):
    f = compile_network(net, dtype=dtype, accuracy=accuracy)
    plain = compile_network(net)
    params, x, y = random_call(f.shapes, net, np.random.default_rng(2), 8)
    result, expected = f(params, x, y), plain(params, x, y)
    for name, gradient in result.gradients.items():
        assert gradient.dtype == dtype
        assert np.allclose(
            gradient, expected.gradients[name], rtol=1e-4 if dtype == "float32" else 1e-12, atol=1e-7
        )
    f.self_check()


BACKENDS = [
    (Dense((2, 3, 2), ("tanh", "sigmoid")), "tanh-sigmoid"),
    (Chain(4, ("sigmoid",) * 4), "chain"),
    (Chain(4, ("tanh",) * 3, input="none"), "no input"),
    (Chain(3, ("softplus", "relu", "silu"), bias=False, loss=None), "F"),
    (Dense((2, 3, 3, 2), ("gelu", "leaky_relu", "mish")), "catalogue"),
]


@pytest.mark.parametrize("backend", ["numba", "jax", "torch"])
@pytest.mark.parametrize(("net", "label"), BACKENDS, ids=[label for _, label in BACKENDS])
def test_backends_give_the_same_numbers(backend, net, label):
    pytest.importorskip(backend, reason=f"{backend} is not installed")
    if backend == "numba" and label in ("no input", "tanh-sigmoid"):
        pytest.skip("numba compiles for seconds; the other networks cover its loops")
    net = type(net)(**{**vars(net), "activations": tuple(activation(a) for a in net.activations)})
    plain, other = compile_network(net), compile_network(net, backend=backend)
    for count in (None, 1, 5):
        params, x, y = random_call(plain.shapes, net, np.random.default_rng(count or 0), count)
        if count and x is None and y is None:
            continue
        expected, found = plain(params, x, y), other(params, x, y)
        assert found.loss == pytest.approx(expected.loss, rel=1e-13)
        for name, gradient in expected.gradients.items():
            assert np.allclose(np.asarray(found.gradients[name]), gradient, rtol=1e-10, atol=1e-17)
        for d, e in zip(found.deltas, expected.deltas, strict=True):
            assert np.allclose(np.asarray(d), e, rtol=1e-10, atol=1e-17)
        if expected.input_gradient is not None:
            assert np.allclose(
                np.asarray(found.input_gradient), expected.input_gradient, rtol=1e-10, atol=1e-17
            )
    if label == "chain":
        hidden = {**params, "b": np.array([0.0, -np.inf, 0.0, 0.0])}
        for examples in (0.5, np.array([0.5, -0.5])):
            with pytest.raises(SymgradError, match=r"b holds -inf at \(1,\)"):
                other(hidden, examples, examples)
    with pytest.raises(SymgradError, match="w"):
        other({name: np.zeros(99) for name in plain.shapes}, x, y)


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("net", [Dense((2, 3, 2), ("tanh", "sigmoid")), Chain(3, ("tanh",) * 3)])
def test_frameworks_check_themselves_and_write_into_arrays(backend, net):
    pytest.importorskip(backend, reason=f"{backend} is not installed")
    g = compile_network(net, backend=backend)
    assert g.self_check() < 1e-6
    params, x, y = random_call(g.shapes, net, np.random.default_rng(1), 5)
    expected = compile_network(net)(params, x, y)
    out = {name: np.empty(shape) for name, shape in g.shapes.items()}
    result = g(params, x, y, out=out)
    for name, gradient in expected.gradients.items():
        assert result.gradients[name] is out[name]
        assert np.allclose(out[name], gradient, rtol=1e-11, atol=1e-17)
    with pytest.raises(SymgradError, match="unknown key 'v'"):
        g(params, x, y, out={"v": np.zeros(1)})


def test_torch_tensors_may_be_out_and_arrays_of_jax_may_not():
    torch = pytest.importorskip("torch")
    net = Chain(2, ("sigmoid",) * 2)
    params, x, y = random_call({"w": (2,), "b": (2,)}, net, np.random.default_rng(1), 5)
    out = {"w": torch.empty(2, dtype=torch.float64)}
    result = compile_network(net, backend="torch")(params, x, y, out=out)
    assert result.gradients["w"] is out["w"]
    assert np.allclose(out["w"], compile_network(net)(params, x, y).gradients["w"], rtol=1e-12)
    jax = pytest.importorskip("jax")
    with pytest.raises(SymgradError, match="cannot be written to"):
        compile_network(net, backend="jax")(params, x, y, out={"w": jax.numpy.zeros(2)})


def test_a_missing_backend_names_the_extra(monkeypatch):
    monkeypatch.setattr("symgrad.numeric.backends.find_spec", lambda name: None)
    with pytest.raises(ExtraMissing, match=r'pip install "symgrad\[jax\]"'):
        compile_network(Dense((1, 1), ("tanh",)), backend="jax")


def test_importing_the_package_and_running_an_evaluator_need_no_sympy(tmp_path):
    path = write_module(Chain(3, ("sigmoid",) * 3), tmp_path / "chain.py")
    probe = (
        f"import sys; from symgrad.numeric import load_module; f = load_module({str(path)!r}); "
        "f({'w': [1.0] * 3, 'b': [0.0] * 3}, 0.5, 0.1); assert 'sympy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", probe], check=True, timeout=60)


def test_a_module_says_what_is_for_its_users(tmp_path):
    namespace: dict = {}
    compile_network(Dense((3, 2), ("tanh",))).to_module(tmp_path / "public_gradients.py")
    exec((tmp_path / "public_gradients.py").read_text(encoding="utf-8"), namespace)
    assert set(namespace["__all__"]) <= set(namespace) and "evaluate" in namespace["__all__"]
