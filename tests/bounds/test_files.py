"""Weights and data come from files without unpickling, and each mistake is one line."""

from __future__ import annotations

import numpy as np
import pytest

from symgrad.bounds import BoundError
from symgrad.bounds.files import load_data, load_parameters
from symgrad.errors import ShapeError
from symgrad.networks.network import Dense
from symgrad.operations.activation import activation

NET = Dense(2, (activation("tanh"),) * 2, True, (3, 4, 2))
RNG = np.random.default_rng(0)
PARAMS = {k: RNG.standard_normal(s) for k, s in NET.parameters.items()}
TORCH = {"0.weight": PARAMS["w1"], "0.bias": PARAMS["b1"], "10.weight": PARAMS["w2"], "10.bias": PARAMS["b2"]}


def same(found):
    assert list(found) == list(NET.parameters)
    assert all(np.array_equal(found[k], PARAMS[k]) and found[k].dtype == np.float64 for k in PARAMS)


def test_npz_by_our_names_and_by_those_of_pytorch(tmp_path):
    for name, arrays in (("ours", PARAMS), ("torch", TORCH)):
        np.savez(tmp_path / f"{name}.npz", **arrays)
        same(load_parameters(tmp_path / f"{name}.npz", NET))


def test_float32_weights_are_taken_exactly(tmp_path):
    single = {k: v.astype(np.float32) for k, v in PARAMS.items()}
    np.savez(tmp_path / "w.npz", **single)
    found = load_parameters(tmp_path / "w.npz", NET)
    assert all((found[k] == single[k]).all() for k in single)


def test_safetensors(tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy")
    safetensors.save_file(dict(TORCH), str(tmp_path / "w.safetensors"))
    same(load_parameters(tmp_path / "w.safetensors", NET))
    (tmp_path / "broken.safetensors").write_bytes(b"no header at all")
    with pytest.raises(BoundError, match="cannot be read"):
        load_parameters(tmp_path / "broken.safetensors", NET)


def test_a_pickled_array_is_refused_and_not_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    np.savez(tmp_path / "bad.npz", w1=np.array([Bomb()], dtype=object))
    with pytest.raises(BoundError, match="plain number arrays"):
        load_parameters(tmp_path / "bad.npz", NET)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("change, error, words", [
    ({"w1": PARAMS["w1"].T}, ShapeError, "its transpose fits"),
    ({"w1": None}, BoundError, "no array 'w1'"),
    ({"v9": np.ones(2)}, BoundError, "'v9', which the network has not"),
    ({"b1": np.full(4, np.nan)}, BoundError, "not finite"),
    ({"b1": np.ones(5)}, ShapeError, "shape (5,); expected (4,)"),
])
def test_arrays_that_do_not_fit_are_named(tmp_path, change, error, words):
    arrays = {k: v for k, v in {**PARAMS, **change}.items() if v is not None}
    np.savez(tmp_path / "w.npz", **arrays)
    with pytest.raises(error) as caught:
        load_parameters(tmp_path / "w.npz", NET)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_files_that_are_no_archives(tmp_path):
    (tmp_path / "text.npz").write_text("hello")
    (tmp_path / "w.pt").write_bytes(b"")
    for name, words in (("text.npz", "no .npz"), ("w.pt", "not from .pt"), ("absent.npz", "no file")):
        with pytest.raises(BoundError, match=words):
            load_parameters(tmp_path / name, NET)


def test_data_from_csv_and_npz(tmp_path):
    x, y = RNG.standard_normal((6, 3)), RNG.standard_normal((6, 2))
    np.savez(tmp_path / "d.npz", x=x, y=y)
    rows = np.hstack([x, y])
    text = "p,q,r,s,t\n" + "\n".join(",".join(repr(float(v)) for v in row) for row in rows) + "\n"
    (tmp_path / "d.csv").write_text(text)
    (tmp_path / "x.csv").write_text("1,2,3\n\n4,5,6\n")
    for name in ("d.npz", "d.csv"):
        found_x, found_y = load_data(tmp_path / name, NET)
        assert np.array_equal(found_x, x) and np.array_equal(found_y, y)
    assert load_data(tmp_path / "x.csv", NET)[1] is None


@pytest.mark.parametrize("text, error, words", [
    ("1,2\n", ShapeError, "2 columns; expected 3 inputs and 2 targets"),
    ("1,2,3\n4,five,6\n", BoundError, "line 2"),
    ("1,2,3\n4,5\n", ShapeError, "line 2: 2 numbers, but 3"),
    ("a,b,c\n", BoundError, "no row of numbers"),
    ("1,2,nan\n", BoundError, "not finite"),
])
def test_a_csv_with_a_mistake_names_the_line(tmp_path, text, error, words):
    (tmp_path / "d.csv").write_text(text)
    with pytest.raises(error) as caught:
        load_data(tmp_path / "d.csv", NET)
    assert words in str(caught.value) and "\n" not in str(caught.value)
