"""States over a box: every point of the box stays inside, however curved the activation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from flint import arb, arb_mat

from symgrad.bounds.affine_form import AffineForm, meet
from symgrad.bounds.layers import pose
from symgrad.bounds.states import propagate
from symgrad.front import dense
from symgrad.operations.activation import activation

CURVED = ["tanh", "relu", "gaussian", "sin", "softplus", "hardshrink", "abs"]


@pytest.mark.parametrize("name", CURVED)
@pytest.mark.parametrize("radius", [0.01, 0.5, 3.0])
def test_no_point_of_the_box_escapes(name, radius):
    """The linear part alone would miss the curvature: corners and midpoints are the points that tell."""
    s = activation(name)
    rng = np.random.default_rng(0)
    w1, w2 = rng.standard_normal((3, 2)), rng.standard_normal((2, 3))
    centre = rng.standard_normal(2)
    form = AffineForm.box([arb(c, radius) for c in centre])
    for w in (w1, w2):
        form = form.mapped(arb_mat(w.shape[0], w.shape[1], w.ravel().tolist()), None)
        balls = form.balls()
        form = form.activated(s, [s.enclose_slope(b) for b in balls], [s.enclose(b) for b in balls])
    ends = form.balls()
    for steps in itertools.product(np.linspace(-1, 1, 9), repeat=2):
        z = [arb(float(c)) + arb(float(t)) * arb(radius) for c, t in zip(centre, steps, strict=True)]
        for w in (w1, w2):
            z = [s.enclose(sum((arb(float(v)) * u for v, u in zip(row, z, strict=True)), arb(0))) for row in w]
        assert all(not value < end.lower() and not value > end.upper() for value, end in zip(z, ends, strict=True))


def test_two_units_that_cancel_are_seen_to_cancel():
    """Intervals would give [-2 r, 2 r] for t - t."""
    form = AffineForm.box([arb(0, 1)]).mapped(arb_mat([[1], [1]]), None).mapped(arb_mat([[1, -1]]), [arb(3)])
    assert form.balls()[0].contains(arb(3)) and form.balls()[0].rad() < 1e-10


def test_the_meeting_of_two_enclosures_is_inside_both():
    both = meet(arb(0, 2), arb(1, 2))
    assert both.lower() >= -1.0000001 and both.upper() <= 2.0000001
    assert meet(arb.nan(), arb(1)).contains(arb(1)) and meet(arb(1), arb.nan()).contains(arb(1))


@pytest.mark.parametrize("name", CURVED)
@pytest.mark.parametrize("radius", [0.003, 0.1, 1.0])
def test_no_delta_of_the_box_escapes(name, radius):
    """δ^l over a box holds δ^l at corners and points inside, whatever the slopes do in between."""
    net = dense([2, 3, 3, 2], activation=name)
    rng = np.random.default_rng(1)
    params = {k: rng.standard_normal(shape) for k, shape in net.parameters.items()}
    x, y = rng.standard_normal((1, 2)), rng.standard_normal((1, 2))
    boxed = propagate(pose(net, params, None, y, (x - radius, x + radius), "mean"), wide=True)
    for steps in itertools.product((-1, -0.4, 0.1, 0.7, 1), repeat=2):
        point = np.clip(x + radius * np.array([steps]), x - radius, x + radius)
        inside = propagate(pose(net, params, point, y, None, "mean"))
        for wide, narrow in zip(boxed.delta, inside.delta, strict=True):
            assert all(w.overlaps(v) for w, v in zip(wide[0], narrow[0], strict=True))


def test_deltas_over_a_small_box_remember_the_input():
    """Intervals multiply widths layer by layer; here the linear part cancels: at most half as wide on this network."""
    s = activation("tanh")
    form = AffineForm.box([arb(1, 0.01)])
    steep = form.steepness(s, form.balls(), [s.enclose_slope(b) for b in form.balls()])
    value = form.activated(s, [s.enclose_slope(b) for b in form.balls()], [s.enclose(b) for b in form.balls()])
    product = value.times(steep).balls()[0]                                   # tanh (1 - tanh²), flat near z = 0.66
    naive = s.enclose(form.balls()[0]) * s.enclose_slope(form.balls()[0])
    assert product.rad() < naive.rad() / 2
    for k in range(-10, 11):
        z = arb(1) + arb(k) / 1000
        assert product.overlaps(s.enclose(z) * s.enclose_slope(z))


def test_a_slope_that_jumps_is_no_form():
    """|t| has slopes -1 and 1 in the box around 0: the product keeps both."""
    s = activation("abs")
    form = AffineForm.box([arb(0, 1)])
    steep = form.steepness(s, form.balls(), [s.enclose_slope(b) for b in form.balls()])
    assert steep.balls()[0].contains(arb(1)) and steep.balls()[0].contains(arb(-1))
