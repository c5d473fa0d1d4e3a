"""The ladder on concrete networks: truth inside, rungs in order, boxes, batches, other norms, bad input."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from balls_reference import gradient_norms
from drawing import UNBOUNDED, edits, network, seeds
from flint import arb
from hypothesis import given, settings, target
from hypothesis import strategies as st

from symgrad.bounds import BoundError, bounds
from symgrad.bounds.ball_matrix import ball_products
from symgrad.bounds.ladder import KINDS, _Rungs
from symgrad.bounds.layers import pose
from symgrad.bounds.states import propagate
from symgrad.errors import ShapeError
from symgrad.networks.network import Chain, Dense
from symgrad.operations.activation import activation

TRIED = {"networks": 0, "bounds": 0, "decided": 0, "refused": 0}


def check(net, params, x, y, p, window):
    """Every certified interval of every layer against the reference: decided by balls, never by a tolerance.

    A network whose slopes grow without bound may reach numbers that no enclosure follows; then the refusal says where.
    """
    try:
        found = bounds(net, params, x, y, norm=p, window=window)
    except BoundError as refusal:
        assert any(s.name in UNBOUNDED for s in net.activations), refusal
        assert re.search(r"no finite enclosure|larger than 2\^", str(refusal)) and "\n" not in str(refusal)
        TRIED["refused"] += 1
        return None
    grows = any(s.name in UNBOUNDED for s in net.activations)
    assert grows == (not found.row("delta1").bounds["global"].upper.is_finite()) or found.row("delta1").true.upper.is_zero()
    for l, (delta, weight) in enumerate(gradient_norms(net, params, x, y, p), 1):
        for name, truth in ((f"delta{l}", delta), (f"b{l}", delta), (f"w{l}", weight)):
            row = found.row(name)
            for kind, enclosure in [*row.bounds.items(), ("true", row.true)]:
                assert not truth > enclosure.upper, f"{name} {kind}: {truth} > {enclosure}"
                assert not truth < enclosure.lower, f"{name} {kind}: {truth} < {enclosure}"
                assert enclosure.lower <= enclosure.upper
                TRIED["bounds"] += 1
                TRIED["decided"] += truth.is_finite()
            for above, below in pairwise(KINDS):
                assert row.bounds[below].upper <= row.bounds[above].upper, f"{name}: {below} is above {above}"
    TRIED["networks"] += 1
    return found


@settings(max_examples=90)
@given(st.lists(seeds, min_size=8, max_size=8), edits, st.integers(1, 4), st.sampled_from(["2", "1", "inf"]))
def test_no_bound_is_violated_on_small_networks(drawn, kinds, window, p):
    for seed in drawn:
        check(*network(seed, kinds, 1 + seed % 5, 1 + seed % 9), p, window)


@settings(max_examples=90)
@given(seeds, edits, st.integers(1, 12), st.sampled_from(["2", "1", "inf"]))
def test_no_bound_is_violated_on_deep_and_wide_networks(seed, kinds, depth, p):
    found = check(*network(seed, kinds, depth, 32), p, 3)
    target(0.0 if found is None else min(found.row("b1").looseness("global"), 1e6))


def test_many_networks_were_tried(record_property, capsys):
    """Runs after the two above in file order; the count belongs in the report."""
    record_property("networks", TRIED["networks"])
    with capsys.disabled():
        print(f"\nbounds: {TRIED['networks']} networks, {TRIED['bounds']} intervals, "
              f"{TRIED['decided']} against a finite reference, no violation; {TRIED['refused']} networks refused")
    if not TRIED["networks"]:
        pytest.skip("the property tests did not run in this process")
    assert TRIED["networks"] >= 400 and TRIED["refused"] < 0.2 * TRIED["networks"] and TRIED["decided"] > 0.8 * TRIED["bounds"]


@settings(max_examples=20)
@given(seeds, edits, st.sampled_from(["2", "inf"]))
def test_bounds_grow_with_gamma_with_the_error_and_with_weights(seed, kinds, p):
    net, params, x, y = network(seed, kinds, 3, 5, ["tanh", "sigmoid", "softsign"])
    base = bounds(net, params, x, y, norm=p, gammas=[1, 1, 1])
    more = bounds(net, params, x, y, norm=p, gammas=[1, 1.5, 1], kinds=["global"])
    for row in base:
        assert not more.row(row.name).bounds["global"].upper < row.bounds["global"].upper
    # the error a^L - y changes with w, so rung (i) is compared without it
    louder = bounds(net, {**params, "w3": params["w3"] * 4}, x, y, norm=p, gammas=[1, 1, 1], kinds=["global"])
    plain, scaled = _without_error(base, "b1"), _without_error(louder, "b1")
    assert plain is None or scaled is None or not scaled < plain


def _without_error(found, name):
    top = found.row("b3").bounds["global"].upper          # gamma ||e||
    value = found.row(name).bounds["global"].upper
    return value / top if top.is_finite() and top > 0 and value.is_finite() else None


def test_a_larger_error_gives_larger_bounds():
    net = Dense(3, (activation("tanh"),) * 3, True, (4, 5, 4, 3))
    rng = np.random.default_rng(5)
    params = {k: rng.standard_normal(s) for k, s in net.parameters.items()}
    x = rng.standard_normal(4)
    far, farther = (bounds(net, params, x, np.full(3, v)) for v in (2.0, 5.0))
    for row in far:
        for kind in KINDS[:-1]:
            assert row.bounds[kind].upper <= farther.row(row.name).bounds[kind].upper


def test_the_chain_that_grows_by_exactly_two_a_layer():
    """Claim A10: w = 8, b = -4, x = 1/2, sigmoid: z = 0 and d^l = 2^(L-l) d^L, every rung exact."""
    L = 12
    net = Chain(L, (activation("sigmoid"),) * L, True, "x", True, "half-squared-error")
    found = bounds(net, {"w": np.full(L, 8.0), "b": np.full(L, -4.0)}, 0.5, 3.0)
    for l in range(1, L + 1):
        for kind, enclosure in found.row(f"delta{l}").bounds.items():
            exact = arb(2)**(L - l) * arb(5) / 8
            assert enclosure.upper >= exact and enclosure.upper <= exact * (1 + arb((1, -30))), kind
    assert found.row("b1").lower.lower > 1279 and "lower" not in " ".join(found.notes)


def test_the_infinity_norm_needs_the_dual_norm_of_every_weight():
    """Claim C8: with ||w||_oo as printed the bound is 1; the gradient is 2."""
    net = Dense(2, (activation("identity"),) * 2, True, (2, 2, 2))
    params = {"w1": np.eye(2), "b1": np.zeros(2), "w2": np.array([[1.0, 0], [1.0, 0]]), "b2": np.zeros(2)}
    found = bounds(net, params, np.zeros(2), -np.ones(2), norm=math.inf)
    row = found.row("delta1")
    assert 2 in row.true and row.bounds["global"].high >= 2 > np.abs(params["w2"]).sum(axis=1).max()


def test_lower_bounds_certify_that_a_gradient_does_not_vanish():
    rng = np.random.default_rng(2)
    widths = (6, 8, 6, 5, 3)
    net = Dense(4, (activation("tanh"),) * 4, True, widths)
    params = {k: rng.standard_normal(s) * 0.3 for k, s in net.parameters.items()}
    found = bounds(net, params, rng.standard_normal(6), rng.standard_normal(3))
    assert all(row.lower.lower > 0 for row in found if row.quantity == "b")
    widening = Dense(4, (activation("tanh"),) * 4, True, widths[::-1])
    params = {k: rng.standard_normal(s) * 0.3 for k, s in widening.parameters.items()}
    found = bounds(widening, params, rng.standard_normal(3), rng.standard_normal(6))
    assert found.row("b1").lower.lower.is_zero() and any("lower bounds are 0" in note for note in found.notes)
    assert found.table().rows[0][-1] == "0"


@pytest.mark.parametrize("name", ["tanh", "relu", "gelu", "hardshrink", "sin"])
def test_a_box_bounds_every_input_inside(name):
    rng = np.random.default_rng(7)
    net = Dense(4, (activation(name),) * 4, True, (5, 7, 6, 6, 4))
    params = {k: rng.standard_normal(s) * 0.5 for k, s in net.parameters.items()}
    x, y, radius = rng.standard_normal(5), rng.standard_normal(4), 0.05
    found = bounds(net, params, x, y, box=radius)
    also = bounds(net, params, None, y, box=(x - radius, x + radius))
    corners = [np.clip(x + radius * rng.choice([-1, 1, 0.3], 5), x - radius, x + radius) for _ in range(25)]
    for point in corners:
        inside = bounds(net, params, point, y, kinds=["ball"])
        for row in inside:
            for enclosure in [*found.row(row.name).bounds.values(), found.row(row.name).true]:
                assert not row.true.lower > enclosure.upper
            for enclosure in found.row(row.name).bounds.values():
                assert not row.true.upper < enclosure.lower
            assert not row.true.lower > also.row(row.name).bounds["product"].upper
    assert found.boxed and "box" in str(found.table())


def test_a_box_of_radius_zero_is_the_point():
    net = Dense(2, (activation("tanh"),) * 2, True, (3, 3, 2))
    rng = np.random.default_rng(0)
    params = {k: rng.standard_normal(s) for k, s in net.parameters.items()}
    x, y = rng.standard_normal(3), rng.standard_normal(2)
    point, box = bounds(net, params, x, y), bounds(net, params, x, y, box=0.0)
    for row in point:
        assert math.isclose(box.row(row.name).bounds["product"].high, row.bounds["product"].high, rel_tol=1e-9)


def test_small_boxes_are_nearly_as_tight_as_points():
    """Without the linear part the intervals would grow by || |w| || a layer."""
    net = Dense(8, (activation("sigmoid"),) * 8, True, (20,) * 9)
    rng = np.random.default_rng(1)
    params = {k: rng.standard_normal(s) for k, s in net.parameters.items()}
    x, y = rng.standard_normal(20), rng.standard_normal(20)
    point = bounds(net, params, x, y, kinds=["product"]).row("b1").bounds["product"]
    box = bounds(net, params, x, y, kinds=["product"], box=1e-5).row("b1").bounds["product"]
    assert point.high <= box.high <= 1.03 * point.high


def test_a_batch_obeys_the_triangle_inequality_and_not_the_rank_one_equality():
    rng = np.random.default_rng(4)
    net = Dense(2, (activation("tanh"),) * 2, True, (3, 4, 2))
    params = {k: rng.standard_normal(s) for k, s in net.parameters.items()}
    x, y = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    found = bounds(net, params, x, y)
    deltas = []
    for i in range(5):
        z1 = params["w1"] @ x[i] + params["b1"]
        a1 = np.tanh(z1)
        a2 = np.tanh(params["w2"] @ a1 + params["b2"])
        d2 = (1 - a2**2) * (a2 - y[i])
        deltas.append((1 - a1**2) * (params["w2"].T @ d2))
    mean_b = np.mean(deltas, axis=0)
    mean_w = np.mean([np.outer(d, v) for d, v in zip(deltas, x, strict=True)], axis=0)
    assert math.isclose(found.row("b1").true.high, np.linalg.norm(mean_b), rel_tol=1e-9)
    assert math.isclose(found.row("w1").true.high, np.linalg.norm(mean_w, 2), rel_tol=1e-9)
    assert math.isclose(found.row("delta1").true.high, np.mean(np.linalg.norm(deltas, axis=1)), rel_tol=1e-9)
    for row in found:
        assert all(row.true.upper <= e.upper and e.lower <= row.true.upper for e in row.bounds.values())
    total = bounds(net, params, x, y, reduction="sum")
    assert math.isclose(total.row("w1").true.high, 5 * found.row("w1").true.high, rel_tol=1e-9)


def test_one_loud_example_gives_a_batch_a_lower_bound():
    net = Dense(1, (activation("identity"),), True, (1, 1))
    params = {"w1": np.ones((1, 1)), "b1": np.zeros(1)}
    found = bounds(net, params, [[100.0], [1.0]], [[0.0], [2.0]], lower=True)
    assert found.row("b1").bounds["product"].low == pytest.approx(49.5)
    assert bounds(net, params, [[1.0], [-1.0]], [[0.0], [0.0]], lower=True).row("b1").true.upper.is_zero()


def test_magnitudes_far_outside_the_floats_are_certified():
    net = Dense(20, (activation("tanh"),) * 20, True, (3,) * 21)
    params = {k: (np.eye(3) * 1e-290 if len(s) == 2 else np.zeros(3)) for k, s in net.parameters.items()}
    found = bounds(net, params, np.ones(3), np.ones(3))
    row = found.row("b1")
    assert row.true.upper > 0 and row.true.log10_high < -5500 and row.looseness("product") < 0.01
    assert "e-55" in str(found.table())


def test_a_deep_chaotic_network_keeps_a_sharp_product():
    """The float64 radius has won long before 30 layers; the balls have not."""
    net = Dense(30, (activation("tanh"),) * 30, True, (16,) * 31)
    rng = np.random.default_rng(0)
    params = {k: rng.standard_normal(s) * 1.5 for k, s in net.parameters.items()}
    found = bounds(net, params, rng.standard_normal(16), rng.standard_normal(16))
    assert found.row("b1").looseness("product") < 1.5 < 5 < found.row("b1").looseness("factors")


def test_errors_of_a_long_product_are_carried_by_products_and_not_by_norms():
    """The product of the norms outgrows the norm of the product by 18 decades here; no ball arithmetic is needed for it."""
    net = Dense(24, (activation("tanh"),) * 24, True, (32,) * 25)
    rng = np.random.default_rng(3)
    params = {k: rng.standard_normal(s) for k, s in net.parameters.items()}
    problem = pose(net, params, rng.standard_normal((3, 32)), rng.standard_normal((3, 32)))
    states = propagate(problem)
    rungs = _Rungs(problem.layers, states.slopes(), "2", True)
    fast = rungs.products()
    assert not rungs.doubt.any()
    for i in range(3):
        exact = ball_products([layer.w for layer in problem.layers], [c[i] for c in states.slope], "2", True)
        for l, (low, high) in enumerate(exact):
            assert fast[l][i][0] <= high and low <= fast[l][i][1]
            assert fast[l][i][1] <= high * arb(1.001) and fast[l][i][1] >= high * arb(0.999999)


def test_a_spent_time_leaves_valid_bounds_and_says_how_far_they_got():
    rng = np.random.default_rng(0)
    net = Dense(6, (activation("tanh"),) * 6, True, (9,) * 7)
    params = {k: rng.standard_normal(s) for k, s in net.parameters.items()}
    x, y = rng.standard_normal((40, 9)), rng.standard_normal((40, 9))
    full, none = bounds(net, params, x, y), bounds(net, params, x, y, seconds=0)
    assert any("the time of 0 s was over" in note and "repeat the rung above" in note for note in none.notes)
    assert not any("was over" in note for note in full.notes)
    for row in full:
        late = none.row(row.name).bounds
        assert late["product"].upper == late["local"].upper >= row.bounds["product"].upper
    box = bounds(net, params, x[:1], y[:1], box=1e-3, seconds=0)
    sharp = bounds(net, params, x[:1], y[:1], box=1e-3, seconds=60)
    assert any("followed up to layer 0 of 6" in note for note in box.notes) and not sharp.notes
    assert all(box.row(row.name).bounds["local"].upper >= row.bounds["local"].upper for row in sharp)
    with pytest.raises(BoundError, match=r"seconds is -1; expected a number >= 0"):
        bounds(net, params, x, y, seconds=-1)


def test_precision_is_not_doubled_after_the_time():
    """A network that multiplies its errors by thousands needs more bits; without the time for them the balls are wide."""
    net = Dense(60, (activation("sin"),) * 60, True, (2,) * 61)
    params = {f"w{l}": np.array([[3000.0, 1.0], [1.0, -3000.0]]) for l in range(1, 61)} | {
        f"b{l}": np.full(2, 0.1) for l in range(1, 61)}
    full, none = (bounds(net, params, np.ones(2), np.zeros(2), seconds=s) for s in (None, 0))
    assert full.row("delta1").true.relative_width() < 1e-9 < none.row("delta1").true.relative_width()
    assert full.row("delta1").true.upper <= none.row("delta1").true.upper
    assert any("states were enclosed with" in note for note in none.notes)


def test_an_unbounded_slope_leaves_the_local_rungs():
    net = Dense(2, (activation("square"),) * 2, True, (2, 3, 2))
    rng = np.random.default_rng(0)
    params = {k: rng.standard_normal(s) for k, s in net.parameters.items()}
    found = bounds(net, params, rng.standard_normal(2), rng.standard_normal(2))
    assert math.isfinite(found.bound("b1", "local").high)
    with pytest.raises(BoundError, match=r"square is unbounded on the line \(it grows towards"):
        found.bound("b1", "global")


def test_a_unit_on_a_kink_gets_an_interval_and_ends():
    net = Dense(2, (activation("relu"),) * 2, True, (2, 2, 1))
    params = {"w1": np.zeros((2, 2)), "b1": np.zeros(2), "w2": np.ones((1, 2)), "b2": np.ones(1)}
    found = bounds(net, params, np.ones(2), np.zeros(1))
    assert found.row("b1").true.lower.is_zero() and found.row("b1").true.high == pytest.approx(math.sqrt(2))


def test_a_chain_without_input_bounds_its_own_output():
    net = Chain(4, (activation("sigmoid"),) * 3, True, "none", False, None)
    w = np.array([0.5, 2.0, -3.0, 1.5])
    found = bounds(net, {"w": w})
    o, slopes = w[0], []
    for v in w[1:]:
        o = 1 / (1 + math.exp(-v * o))
        slopes.append(o * (1 - o))
    assert found.row("w1").true.high == pytest.approx(abs(np.prod(w[1:]) * np.prod(slopes)), rel=1e-12)
    assert found.bound("w1", "global").high == pytest.approx(abs(np.prod(w[1:])) / 64, rel=1e-12)


def test_the_table_has_every_format_and_csv_and_json_round_outward(tmp_path):
    import csv
    import io
    import json
    net = Dense(3, (activation("sigmoid"),) * 3, True, (3, 4, 4, 2))
    rng = np.random.default_rng(0)
    params = {k: rng.standard_normal(s) for k, s in net.parameters.items()}
    found = bounds(net, params, rng.standard_normal(3), rng.standard_normal(2))
    table = found.table("w")
    assert str(table).count("\n") >= 4 and "‖∂C/∂w^l‖" in str(table)
    assert r"\toprule" in table.render("latex")
    page, cell = table.render("html"), table._repr_html_()
    assert page.count("<table") == cell.count("<table") == len(table.parts(kinds=4)) == 2
    assert page.count("<tr>") == cell.count("<tr>") == 2 * 4, "each part has a head and three layers"
    assert "<body" in page and "<body" not in cell and "‖∂C/∂" in cell, "a notebook cell says what it shows"
    records = list(csv.DictReader(io.StringIO(table.render("csv"))))
    assert [int(r["layer"]) for r in records] == [1, 2, 3]
    assert float(records[0]["product"]) >= found.row("w1").bounds["product"].upper
    assert json.loads(table.render("json"))["rows"][0]["global"] == found.row("w1").bounds["global"].high
    with pytest.raises(BoundError, match="did you mean csv"):
        table.render("cvs")
    pytest.importorskip("matplotlib")
    found.plot(str(tmp_path / "ladder.png"))
    assert (tmp_path / "ladder.png").stat().st_size > 10_000 and len(list(tmp_path.iterdir())) == 1


NET = Dense(2, (activation("tanh"),) * 2, True, (3, 4, 2))
PARAMS = {k: np.ones(s) for k, s in NET.parameters.items()}
X, Y = np.ones(3), np.ones(2)


@pytest.mark.parametrize("change, error, words", [
    ({"params": {**PARAMS, "w1": np.full((4, 3), math.nan)}}, BoundError, "w1 is not finite"),
    ({"params": {**PARAMS, "w1": np.ones((3, 4))}}, ShapeError, "w1 has shape (3, 4); expected (4, 3)"),
    ({"params": {k: v for k, v in PARAMS.items() if k != "b2"}}, BoundError, "'b2' of shape (2,) is missing"),
    ({"params": {**PARAMS, "w3": 1}}, BoundError, "no parameter 'w3'"),
    ({"params": [1, 2]}, BoundError, "mapping"),
    ({"x": np.ones(4)}, ShapeError, "x has shape (4,); expected (3,) or (N, 3)"),
    ({"x": np.ones((0, 3))}, ShapeError, "no example"),
    ({"y": None}, BoundError, "target y is missing"),
    ({"y": np.ones((3, 2)), "x": np.ones((2, 3))}, ShapeError, "3 examples"),
    ({"x": None}, BoundError, "input x"),
    ({"norm": "fro"}, BoundError, "vector norm"),
    ({"kinds": ["prodct"]}, BoundError, "did you mean product"),
    ({"window": 0}, BoundError, "window"),
    ({"reduction": "avg"}, BoundError, "reduction"),
    ({"box": (np.ones(3), np.zeros(3))}, BoundError, "lower end 1.0 is above upper end 0.0"),
    ({"box": -1.0}, BoundError, "radius >= 0"),
    ({"box": (np.ones(3) * 5, np.ones(3) * 6)}, BoundError, "outside the box"),
    ({"box": "wide"}, BoundError, "dtype"),
])
def test_bad_input_is_refused_in_one_line(change, error, words):
    given = {"net": NET, "params": PARAMS, "x": X, "y": Y} | change
    with pytest.raises(error) as caught:
        bounds(**given)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_unknown_names_and_rungs_are_answered_with_a_hint():
    found = bounds(NET, PARAMS, X, Y)
    with pytest.raises(BoundError, match="no bound for 'b7'"):
        found.bound("b7")
    with pytest.raises(BoundError, match="did you mean factors"):
        found.bound("b1", "factor")
    with pytest.raises(BoundError, match="no rows for"):
        found.table("c")


@pytest.mark.parametrize(("gammas", "message"), [
    ([1.0], "for each of the 2 layers"), (1.0, "for each of the 2 layers"), ("ab", "for each of the 2 layers"),
    ([-1.0, 1.0], "gamma of layer 1 is -1.0"), ([1.0, math.nan], "gamma of layer 2 is nan"), (["a", 1.0], "gamma of layer 1"),
    ([1.0, 0.5], "gamma of layer 2 is 0.5, but the slope of tanh reaches 1"), ([True, 1.0], "gamma of layer 1 is True"),
])
def test_a_gamma_that_is_no_bound_of_the_slope_is_refused(gammas, message):
    net = Dense(2, (activation("tanh"),) * 2, True, (2, 2, 1))
    params = {k: np.ones(s) for k, s in net.parameters.items()}
    with pytest.raises(BoundError, match=message):
        bounds(net, params, np.ones(2), np.zeros(1), gammas=gammas)


def test_a_gamma_that_is_left_out_is_the_activations_own():
    net = Dense(2, (activation("softplus"), activation("square")), True, (2, 2, 1))
    params = {k: np.ones(s) for k, s in net.parameters.items()}
    found = bounds(net, params, np.ones(2), np.zeros(1), gammas=[None, 50.0], kinds="global")
    given = bounds(net, params, np.ones(2), np.zeros(1), gammas=[1.0, 50.0], kinds=["global"])
    assert found.row("b1").bounds["global"] == given.row("b1").bounds["global"]


def test_an_input_near_the_end_of_the_floats_is_followed():
    """At z = 1e308 the first balls know nothing of tanh(z); more bits must follow."""
    net = Dense(2, (activation("tanh"),) * 2, True, (2, 2, 1))
    params = {k: np.ones(s) for k, s in net.parameters.items()}
    row = bounds(net, params, np.full(2, 8e307), np.zeros(1)).row("delta2")
    assert 0 < row.true.lower and row.true.upper < 1
