"""Whatever is given: a correct answer, or one line naming the argument; inputs stay as they were."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from symgrad.errors import ShapeError, SymgradError
from symgrad.numeric import compile_network

sys.path.insert(0, str(Path(__file__).parent))
from stand_ins import Chain, Dense, random_call

DENSE = Dense((3, 4, 2), ("sigmoid", "tanh"))
CHAIN = Chain(3, ("sigmoid",) * 3)
f, g = compile_network(DENSE), compile_network(CHAIN)


def call(net, count, seed=0):
    return random_call((f if net is DENSE else g).shapes, net, np.random.default_rng(seed), count)


def refused(evaluate, *arguments, match, **named):
    with pytest.raises(SymgradError, match=match) as caught:
        evaluate(*arguments, **named)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ShapeError)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"w1": np.zeros((3, 4))}, r"w1 has shape \(3, 4\), expected \(4, 3\)"),
        ({"w1": np.zeros((4, 3), complex)}, "w1 has dtype complex128"),
        ({"b1": ["a"] * 4}, "b1 has dtype"),
        ({"b1": [[1.0], [2.0, 3.0]]}, "b1 is no array of numbers"),
        ({"b1": None}, r"b1 is missing \(None\)"),
        ({"w3": np.zeros(1)}, "unknown parameter 'w3'"),
        ({"w2": np.full((2, 4), np.nan)}, "w2 holds nan at"),
        ({"w1": np.full((4, 3), np.inf)}, "w1 holds inf at"),
        ({"w1": np.full((4, 3), -np.inf)}, "w1 holds -inf at"),
    ],
)
@pytest.mark.parametrize("count", [None, 1, 5])
def test_wrong_parameters_are_named(change, match, count):
    params, x, y = call(DENSE, count)
    refused(f, params | change, x, y, match=match)


@pytest.mark.parametrize("name", ["hardshrink", "hardtanh", "relu", "leaky_relu", "abs", "threshold"])
@pytest.mark.parametrize("where", ["w1", "b1", "w2", "b2", "x", "y"])
def test_no_activation_swallows_nan(name, where):
    from symgrad.operations.activation import activation

    net = Dense((2, 2, 2), (activation(name),) * 2)
    h = compile_network(net)
    params, x, y = random_call(h.shapes, net, np.random.default_rng(0), 3)
    {**params, "x": x, "y": y}[where][...] = np.nan
    refused(h, params, x, y, match=f"{where} holds nan")


def test_missing_parameters_and_no_mapping_are_named():
    params, x, y = call(DENSE, None)
    refused(f, {k: v for k, v in params.items() if k != "b2"}, x, y, match="parameter 'b2' is missing")
    refused(f, list(params.values()), x, y, match="params is a list, expected a mapping")
    refused(f, None, x, y, match="params is a NoneType")


@pytest.mark.parametrize(
    ("x", "y", "match"),
    [
        (np.zeros(2), np.zeros(2), "x has shape"),
        (np.zeros((2, 2, 3)), np.zeros((2, 2)), "x has shape"),
        (np.zeros((0, 3)), np.zeros((0, 2)), "x is an empty batch"),
        (np.zeros((2, 3)), np.zeros((3, 2)), "x has 2 examples and y 3"),
        (np.zeros((1, 3)), np.zeros(2), "give two vectors or two batches"),
        ("abc", np.zeros(2), "x has dtype"),
        (None, np.zeros(2), r"x is missing \(None\)"),
        (np.array([1.0, np.nan, 0.0]), np.zeros(2), r"x holds nan at \(1,\)"),
        (np.array([[1.0, np.inf, 0.0]] * 3), np.zeros((3, 2)), r"x holds inf at \(0, 1\)"),
        (np.array([[1.0, -np.inf, 0.0]] * 3), np.zeros((3, 2)), r"x holds -inf at \(0, 1\)"),
        (np.zeros(3), np.array([0.0, np.inf]), r"y holds inf at \(1,\)"),
    ],
)
def test_wrong_examples_are_named(x, y, match):
    refused(f, call(DENSE, None)[0], x, y, match=match)


@pytest.mark.parametrize(
    ("x", "y", "match"),
    [
        (np.zeros((2, 1)), np.zeros(2), "x has shape"),
        (np.zeros(0), np.zeros(0), "x is an empty batch"),
        (np.zeros(2), np.zeros(3), "x has 2 examples and y 3"),
        (np.nan, 0.0, "x holds nan"),
        (0.0, np.inf, "y holds inf"),
        ("x", 0.0, "x has dtype"),
        (np.array([1.0, np.inf]), np.zeros(2), "x holds inf"),
        (None, 0.0, r"x is missing \(None\)"),
    ],
)
def test_wrong_examples_of_a_chain_are_named(x, y, match):
    refused(g, call(CHAIN, None)[0], x, y, match=match)


def test_overflow_is_reported_and_not_returned():
    net = Dense((1, 1), ("identity",))
    h = compile_network(net)
    refused(h, {"w1": [[1e200]], "b1": [0.0]}, [1e10], [0.0], match="the loss overflowed")
    refused(h, {"w1": [[0.0]], "b1": [1e150]}, [1e200], [0.0], match="the gradient of w1 overflowed")
    chain = compile_network(Chain(1, ("identity",)))
    refused(chain, {"w": [1e200], "b": [0.0]}, 1e10, 0.0, match="the loss overflowed")


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (lambda a: a.tolist(), None),
        (lambda a: np.asfortranarray(a), 4),
        (lambda a: a.astype(np.float32), 4),
        (lambda a: np.repeat(a, 2, axis=-1)[..., ::2], 4),
        (lambda a: a.astype(">f8"), 4),
        (lambda a: a.astype(np.longdouble) if np.dtype(np.longdouble).itemsize == 8 else a.copy(), None),
    ],
)
def test_lists_other_dtypes_and_layouts_give_the_same_answer(make, count):
    params, x, y = call(DENSE, count)
    params, x, y = (
        {k: v.round(2).astype(np.float32).astype(float) for k, v in params.items()},
        x.astype(np.float32).astype(float),
        y.astype(np.float32).astype(float),
    )
    plain = f(params, x, y)
    other = f({k: make(v) for k, v in params.items()}, make(x), make(y))
    for name, gradient in plain.gradients.items():
        assert np.allclose(other.gradients[name], gradient, rtol=1e-13, atol=0)


@pytest.mark.parametrize("count", [None, 1, 6, 3000])
@pytest.mark.parametrize("net", [DENSE, CHAIN])
def test_inputs_may_be_read_only_and_are_never_modified(net, count):
    evaluate = f if net is DENSE else g
    params, x, y = call(net, count)
    x, y = np.asarray(x), np.asarray(y)
    for array in (*params.values(), x, y):
        array.flags.writeable = False
    before = [array.copy() for array in (*params.values(), x, y)]
    result = evaluate(params, x, y)
    _ = result.deltas, result.input_gradient
    for array, copy in zip((*params.values(), x, y), before, strict=True):
        assert np.array_equal(array, copy)


@pytest.mark.parametrize("count", [None, 5])
@pytest.mark.parametrize("net", [DENSE, CHAIN])
def test_results_belong_to_the_caller(net, count):
    evaluate = f if net is DENSE else g
    params, x, y = call(net, count)
    first = evaluate(params, x, y)
    kept = {k: v.copy() for k, v in first.gradients.items()}
    second = evaluate({k: v + 1 for k, v in params.items()}, x, y)
    for name, gradient in first.gradients.items():
        assert np.array_equal(gradient, kept[name])
        for other in (*second.gradients.values(), *params.values()):
            assert not np.shares_memory(gradient, other)
    deltas = [np.array(d) for d in first.deltas]
    for gradient in first.gradients.values():
        gradient[...] = 7.0
    assert all(np.array_equal(d, e) for d, e in zip(first.deltas, deltas, strict=True))


def test_deltas_read_late_are_those_of_their_own_call():
    params, x, y = call(DENSE, 5)
    expected = [d.copy() for d in f(params, x, y).deltas]
    late = f(params, x, y)
    for seed in range(5):
        f(*call(DENSE, 5, seed + 1))
    params["w1"][...] = 0.0
    assert all(np.array_equal(d, e) for d, e in zip(late.deltas, expected, strict=True))


@pytest.mark.parametrize("count", [None, 1, 5, 3000])
@pytest.mark.parametrize("net", [DENSE, CHAIN])
def test_a_gradient_that_is_still_held_is_never_written_again(net, count):
    evaluate = f if net is DENSE else g
    first_call = call(net, count)
    expected = {k: v.copy() for k, v in evaluate(*first_call).gradients.items()}
    for hold in (lambda a: a, lambda a: a.T, lambda a: a[..., :1], lambda a: memoryview(a), np.ravel):
        kept = {k: hold(v) for k, v in evaluate(*first_call).gradients.items()}
        for seed in range(1, 4):
            evaluate(*call(net, count, seed))
        for name, held in kept.items():
            assert np.array_equal(np.asarray(held), np.asarray(hold(expected[name])))


def test_a_gradient_made_read_only_and_dropped_does_no_harm():
    params, x, y = call(DENSE, 5)
    for gradient in f(params, x, y).gradients.values():
        gradient.flags.writeable = False
    assert all(gradient.flags.writeable for gradient in f(params, x, y).gradients.values())


@pytest.mark.parametrize("net", [DENSE, CHAIN])
def test_deltas_of_many_blocks_are_those_of_the_call_however_large(net, monkeypatch):
    evaluate = f if net is DENSE else g
    count = 2**17 if net is DENSE else 2**18 + 1000
    monkeypatch.setattr(evaluate._module, "KEPT_BYTES", 1 << 20 if net is CHAIN else 1 << 30)  # too large, or not
    params, x, y = call(net, count)
    result = evaluate(params, x, y)
    part = evaluate(params, x[-7:], y[-7:])
    x[...] = 0.0
    params["w1" if net is DENSE else "w"][...] = 0.0
    for late, early in zip(result.deltas, part.deltas, strict=True):
        assert np.allclose(late[-7:] * (count / 7), early, rtol=1e-12, atol=0)
    assert np.allclose(result.input_gradient[-7:] * (count / 7), part.input_gradient, rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("count", [None, 1, 3, 80])
def test_no_infinite_number_hides_behind_a_slope_of_0(name, count):
    for net in (Dense((3, 4, 2), (name, "sigmoid")), Chain(3, (name,) * 3)):
        evaluate = compile_network(net)
        params, x, y = random_call(evaluate.shapes, net, np.random.default_rng(1), count)
        given = {key: np.array(np.abs(v)) for key, v in (params | {"x": x, "y": y}).items()}
        for key, value in given.items():
            for bad in (np.inf, -np.inf, np.nan):
                wrong = value.copy()
                wrong.reshape(-1)[-1] = bad
                changed = given | {key: wrong}
                x, y = changed.pop("x"), changed.pop("y")
                refused(evaluate, changed, x, y, match=f"^{key} holds")


@pytest.mark.parametrize("net", [DENSE, CHAIN])
def test_two_threads_give_the_very_numbers_of_the_same_groups_in_turn(net):
    h = compile_network(net, threads=2)
    arguments = call(net, 70_000)
    results = [h(*arguments) for _ in range(8)]  # the first calls take turns
    plain = (f if net is DENSE else g)(*arguments)
    for name, gradient in plain.gradients.items():
        assert all(np.array_equal(r.gradients[name], results[0].gradients[name]) for r in results)
        assert np.allclose(results[0].gradients[name], gradient, rtol=1e-11, atol=1e-18)
    assert all(
        np.array_equal(a, b) for a, b in zip(results[0].deltas, plain.deltas, strict=True)
    )
    bad = arguments[1].copy()
    bad[-1] = np.nan
    refused(h, arguments[0], bad, arguments[2], match="x holds nan")


def test_the_faster_way_is_kept_and_the_other_tried_again():
    from symgrad.numeric.runtime import Pace

    pace, ran = Pace(), []

    def note(group):
        ran.append(threading.current_thread() is threading.main_thread())
        return group

    pace.calls = 6  # the first calls are over
    for _ in range(128):
        pace.best = [1e-9, 1.0]
        assert pace.run(note, [1.0, 2.0]) == [1.0, 2.0]
    assert ran.count(False) == 2
    for _ in range(64):
        pace.best = [1.0, 1e-9]
        pace.run(note, [1.0, 2.0])
    assert ran.count(False) == 2 + 63


@pytest.mark.parametrize("count", [None, 6, 3000])
@pytest.mark.parametrize("net", [DENSE, CHAIN])
def test_out_receives_the_gradients_and_is_returned(net, count):
    evaluate = f if net is DENSE else g
    params, x, y = call(net, count)
    plain = evaluate(params, x, y)
    out = {name: np.empty(shape) for name, shape in evaluate.shapes.items()}
    result = evaluate(params, x, y, out=out)
    for name, gradient in plain.gradients.items():
        assert result.gradients[name] is out[name]
        assert np.array_equal(out[name], gradient)


@pytest.mark.parametrize("count", [None, 6])
def test_out_may_be_the_parameters_themselves(count):
    params, x, y = call(DENSE, count)
    plain = f(params, x, y)
    f(params, x, y, out=params)
    for name, gradient in plain.gradients.items():
        assert np.array_equal(params[name], gradient)


def test_wrong_out_is_named():
    params, x, y = call(DENSE, None)
    refused(f, params, x, y, out=[], match="out is a list")
    refused(f, params, x, y, out={"w9": np.zeros(1)}, match="unknown key 'w9'")
    refused(f, params, x, y, out={"w1": np.zeros((3, 4))}, match=r"out\['w1'\] is float64 \(3, 4\)")
    refused(f, params, x, y, out={"b1": np.zeros(4, np.float32)}, match=r"out\['b1'\] is float32")
    frozen = np.zeros((4, 3))
    frozen.flags.writeable = False
    refused(f, params, x, y, out={"w1": frozen}, match="read-only")
    shared = np.zeros(8)
    refused(f, params, x, y, out={"b1": shared[:4], "b2": shared[3:5]}, match="share memory")


@pytest.mark.parametrize("net", [DENSE, CHAIN])
def test_many_threads_may_call_at_once(net):
    evaluate = f if net is DENSE else g
    calls = [call(net, 64, seed) for seed in range(8)]
    expected = [evaluate(*c) for c in calls]
    wrong = []

    def work(k):
        for _ in range(150):
            result = evaluate(*calls[k])
            same = all(np.array_equal(result.gradients[n], v) for n, v in expected[k].gradients.items())
            if not same or not all(
                np.array_equal(a, b) for a, b in zip(result.deltas, expected[k].deltas, strict=True)
            ):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_the_users_error_state_changes_nothing():
    with np.errstate(all="raise"):
        f({k: 300.0 * v for k, v in call(DENSE, 5)[0].items()}, *call(DENSE, 5)[1:])
        g({"w": np.array([-800.0, 1.0, 800.0]), "b": np.zeros(3)}, np.ones(4), np.zeros(4))


@pytest.mark.parametrize(
    ("choice", "match"),
    [
        ({"dtype": "float16"}, "dtype is 'float16'"),
        ({"loss": "mena"}, "did you mean mean"),
        ({"backend": "tensorflow"}, "backend is 'tensorflow'"),
        ({"accuracy": "exact"}, "accuracy is 'exact'"),
        ({"batch": 0}, "batch is 0"),
        ({"batch": True}, "batch is True"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_unknown_choices_are_named(choice, match):
    with pytest.raises(SymgradError, match=match):
        compile_network(DENSE, **choice)


def test_a_fixed_batch_refuses_other_sizes():
    h = compile_network(DENSE, batch=4)
    h(*call(DENSE, 4))
    refused(h, *call(DENSE, 5), match="compiled for batches of 4")
