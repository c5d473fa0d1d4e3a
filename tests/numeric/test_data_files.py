"""Inputs and targets from files: columns or named arrays, and each mistake in one line."""

from __future__ import annotations

import numpy as np
import pytest

import symgrad as sg
from symgrad.errors import SymgradError
from symgrad.numeric.data_files import load_batch

NET = sg.dense([3, 2], activation="tanh")
X, Y = np.arange(15.0).reshape(5, 3), np.arange(10.0).reshape(5, 2)


def loaded(path):
    x, y = load_batch(path, NET, 100)
    return np.array_equal(x, X) and np.array_equal(y, Y)


def test_arrays_and_columns_give_the_same_batch(tmp_path):
    rows = np.hstack([X, Y])
    np.savez(tmp_path / "d.npz", X=X.astype("u1"), Y=Y.astype("f2"))
    np.save(tmp_path / "d.npy", np.asfortranarray(rows))
    np.savetxt(tmp_path / "blanks.txt", rows)
    np.savetxt(tmp_path / "commas.csv", rows, delimiter=",", header="a,b,e,d,nan_", encoding="utf-8-sig")
    np.savetxt(tmp_path / "semicolons.csv", rows, delimiter="; ", newline="\r\n")
    np.savetxt(tmp_path / "tabs.tsv", rows, delimiter="\t")
    assert all(loaded(tmp_path / name) for name in ("d.npz", "d.npy", "blanks.txt", "commas.csv", "semicolons.csv", "tabs.tsv"))


@pytest.mark.parametrize(("text", "words"), [
    ("1,2,3,4\n", "4 columns"), ("1,2,3,4,5\n1,2\n", "line 2: 2 numbers"), ("1,2,3,4,five\n", "line 1: 'five'"),
    ("1,5;2;3;4;5\n", "'1,5' is no number"), ("1,2,3,4,1_0\n", "'1_0'"), ("a,b\n1,2,,4,5\n", "line 2: ''"),
    ("1,2,3,4,１\n", "'１'"), ("1,2,3,4,nan\n", "entry (0, 4) is nan"), ("1,2,3,4,1e400\n", "is inf"), ("a,b\n", "no row"),
])
def test_a_mistake_in_a_table_is_named_with_its_line(tmp_path, text, words):
    (tmp_path / "d.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SymgradError) as caught:
        load_batch(tmp_path / "d.csv", NET, 100)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(("arrays", "words"), [
    ({"x": X, "y": np.arange(5)}, "numpy.eye(2)[y]"), ({"x": X.reshape(5, 3, 1), "y": Y}, "reshape it to (N, 3)"),
    ({"x": X, "y": Y[:2]}, "5 inputs x and 2 targets y"), ({"x": X[:0], "y": Y[:0]}, "no examples"), ({"x": X}, "no targets"),
    ({"images": X}, "no array 'x'; it holds images"),
])
def test_arrays_that_do_not_fit_say_what_to_do(tmp_path, arrays, words):
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises(SymgradError) as caught:
        load_batch(tmp_path / "d.npz", NET, 100)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_chain_takes_numbers(tmp_path):
    np.savez(tmp_path / "d.npz", x=np.arange(4.0), y=np.arange(4.0))
    x, y = load_batch(tmp_path / "d.npz", sg.chain(2, "tanh", input="x", loss="half-squared-error"), 3)
    assert x.tolist() == y.tolist() == [0, 1, 2]
    assert load_batch(tmp_path / "d.npz", sg.chain(2, "tanh", input="x"), 3)[1] is None
    found = load_batch(tmp_path / "d.npz", sg.chain(2, "tanh", loss="half-squared-error"), 3)
    assert found[0] is None and found[1].tolist() == [0, 1, 2]
    with pytest.raises(SymgradError, match="neither an input nor targets"):
        load_batch(tmp_path / "d.npz", sg.chain(2, "tanh"), 3)
