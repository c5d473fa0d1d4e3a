"""The paths of gradient descent and Adagrad, and the empirical error."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import symgrad as sg
from symgrad.errors import ShapeError, SymgradError
from symgrad.numeric.empirical import empirical_error
from symgrad.numeric.paths import adagrad_path, descent_path, draw_paths, steps_until

VALLEY = np.array([0.002, 2.0])


def test_the_measured_figures_of_the_narrow_valley():
    path = descent_path(lambda w: VALLEY * w, [4.0, 4.0], 0.5, 5000)
    assert path[1, 1] == 0 and abs(path[1000, 0] / 4 - 0.3677) < 5e-5
    assert steps_until(path, lambda w: w[0] <= 0.04) == 4603


@given(st.floats(1e-3, 1e3), st.floats(-4, 4).filter(lambda w: abs(w) > 1e-3))
def test_adagrad_does_not_see_the_scale_of_the_gradient(scale, start):
    one, two = (adagrad_path(lambda w, s=s: s * w, [start], 0.5, 20) for s in (1.0, scale))
    assert np.allclose(one, two, rtol=1e-9)


def test_adagrad_does_see_the_scale_of_the_coordinate():
    tenfold = 10 * adagrad_path(lambda v: 100 * v, [0.4], 0.5, 1)
    assert not np.allclose(adagrad_path(lambda w: w, [4.0], 0.5, 1), tenfold)


def test_a_zero_gradient_leaves_adagrad_where_it_is():
    assert adagrad_path(lambda w: 0 * w, [1.0], 0.5, 2)[:, 0].tolist() == [1.0, 1.0, 1.0]


def test_a_path_that_leaves_the_numbers_is_reported_with_its_step():
    with pytest.raises(SymgradError, match="step"), np.errstate(over="ignore"):
        descent_path(lambda w: 4 * w**3, [100.0], 1.0, 20)


@pytest.mark.parametrize("call", [lambda: descent_path(lambda w: w, 1.0, 0.1, 3),
                                  lambda: descent_path(lambda w: [1.0, 2.0], [1.0], 0.1, 3)])
def test_shapes_that_do_not_fit_are_refused(call):
    with pytest.raises(ShapeError):
        call()


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="needs the extra plot")
def test_the_picture_is_written_whole(tmp_path):
    path = descent_path(lambda w: VALLEY * w, [4.0, 4.0], 0.5, 10)
    found = draw_paths(lambda x, y: 0.001 * x**2 + y**2, {"descent": path}, tmp_path / "valley.png")
    assert found.read_bytes().startswith(b"\x89PNG") and [p.name for p in tmp_path.iterdir()] == ["valley.png"]
    with pytest.raises(SymgradError, match="shape"):
        draw_paths(lambda x, y: x, {"line": path[:, :1]}, tmp_path / "no.png")


def test_a_repeated_example_counts_twice_and_a_set_is_refused():
    net = sg.dense([1, 1], activation="identity")
    parameters = {"w1": [[2.0]], "b1": [0.0]}
    once, twice = ([([1.0], [0.0])] * k for k in (1, 2))
    assert empirical_error(net, parameters, twice).value == 2 * empirical_error(net, parameters, once).value == 4.0
    assert empirical_error(net, parameters, twice, reduction="mean").gradients["w1"].tolist() == [[2.0]]
    for examples in ({((1.0,), (0.0,))}, []):
        with pytest.raises(SymgradError):
            empirical_error(net, parameters, examples)
