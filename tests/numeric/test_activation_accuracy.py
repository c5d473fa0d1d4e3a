"""σ, σ', tanh', softplus within 4 ulp of a 200-bit reference over all finite float64 inputs, subnormals
included.
"""

from __future__ import annotations

import math
import warnings

import flint
import numpy as np
import pytest

from symgrad.numeric import compile_network, stable
from symgrad.operations.activation import activation, activations
from symgrad.operations.numpy_code import CODE

RNG = np.random.default_rng(7)
BITS = RNG.integers(0, 2**63, size=6000).view(np.float64)
INPUTS = np.concatenate(
    [
        RNG.uniform(-5, 5, 8000),
        RNG.uniform(-45, 45, 6000),
        RNG.uniform(-760, 760, 6000),
        np.where(np.isfinite(BITS), BITS, 1.0) * RNG.choice([-1.0, 1.0], BITS.size),
        [
            0.0,
            -0.0,
            5e-324,
            -5e-324,
            1e-308,
            709.0,
            709.79,
            -709.79,
            710.0,
            745.13,
            -745.13,
            -745.14,
            1e3,
            -1e3,
            1e308,
            -1e308,
        ],
    ]
)

REFERENCES = {
    "sigmoid": lambda t: 1 / (1 + (-t).exp()),
    "sigmoid_slope": lambda t: (-abs(t)).exp() / (1 + (-abs(t)).exp()) ** 2,
    "tanh": lambda t: t.tanh(),
    "tanh_slope": lambda t: 4 * (-2 * abs(t)).exp() / (1 + (-2 * abs(t)).exp()) ** 2,
    "softplus": lambda t: t.exp().log1p() if t < 0 else t + (-t).exp().log1p(),
}


def worst(found, name):
    """The largest error in units of the last place of the true value."""
    before, flint.ctx.prec = flint.ctx.prec, 200
    try:
        largest = 0.0
        for z, value in zip(INPUTS.tolist(), np.asarray(found).tolist(), strict=True):
            if name in ("tanh", "softplus", "sigmoid") and abs(z) > 1e6:
                true = {"tanh": np.sign(z), "sigmoid": float(z > 0), "softplus": max(z, 0.0)}[name]
                largest = max(largest, abs(value - true) / np.spacing(abs(true)))
                continue
            if abs(z) > 1e6:
                largest = max(largest, abs(value) / 5e-324)
                continue
            true = REFERENCES[name](flint.arb(z))
            ulp = flint.arb(float(np.spacing(abs(float(true)))))
            largest = max(largest, abs(float((flint.arb(value) - true) / ulp)))
        return largest
    finally:
        flint.ctx.prec = before


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_slope", "tanh_slope", "softplus"])
def test_stable_functions_stay_within_4_ulp_without_a_warning(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = getattr(stable, name)(INPUTS)
    assert worst(found, name) <= 4


@pytest.mark.parametrize(
    ("name", "value", "slope"),
    [
        ("sigmoid", "sigmoid", "sigmoid_slope"),
        ("tanh", "tanh", "tanh_slope"),
        ("softplus", "softplus", "sigmoid"),
    ],
)
def test_formulas_of_generated_code_stay_within_4_ulp(name, value, slope):
    namespace: dict[str, object] = dict(vars(np))
    exec("def f(z):\n    " + "\n    ".join(CODE[name].formula) + "\n    return a, s", namespace)
    with np.errstate(all="ignore"):
        a, s = namespace["f"](INPUTS)
    assert worst(a, value) <= 4
    assert worst(s, slope) <= 4


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_fast_forms_in_place_stay_within_4_ulp_or_say_nan(name):
    code = CODE[name]
    z, a = INPUTS.copy(), np.empty_like(INPUTS)
    namespace = dict(vars(np)) | {"ONE": np.array(1.0), "z": z, "a": a}
    with np.errstate(all="ignore"):
        exec("\n".join((*code.value, *code.slope)), namespace)
        value = a.copy()
        a[...] = 1.0
        exec("\n".join(code.pullback), namespace)
    refused = np.isnan(value)
    assert code.finite_everywhere == (not refused.any())
    assert not refused[np.abs(INPUTS) < 709].any()
    true = {"sigmoid": stable.sigmoid, "tanh": np.tanh}[name](INPUTS)
    slope = {"sigmoid": stable.sigmoid_slope, "tanh": stable.tanh_slope}[name](INPUTS)
    assert worst(np.where(refused, true, value), name) <= 4
    assert worst(np.where(refused, slope, z), f"{name}_slope") <= 4


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_loops_compiled_by_numba_stay_within_4_ulp(name):
    pytest.importorskip("numba", reason="numba is not installed")

    class Net:
        widths, activations = (2, 2), (name,)

    layer = getattr(compile_network(Net(), backend="numba")._module, f"{name}_layer")
    z, a = INPUTS.copy(), np.empty_like(INPUTS)
    layer(z, np.zeros_like(z), a)  # a = σ(z + 0), z becomes σ'
    assert worst(a, name) <= 4
    assert worst(z, f"{name}_slope") <= 4


@pytest.mark.parametrize("shape", [(), (5,)])
def test_evaluators_keep_sigma_prime_in_both_saturated_ends(shape):
    class Net:
        depth, activations, input, bias, loss = 1, ("sigmoid",), "x", True, None

    f = compile_network(Net(), loss="sum")  # a mean would halve subnormal numbers
    for z in (-744.0, -709.5, -700.0, -40.0, 40.0, 700.0, 709.9, 744.0):
        x = np.full(shape, 1.0) if shape else 1.0
        g = f({"w": np.array([z]), "b": np.array([0.0])}, x, None).gradients["b"][0]
        expected = float(stable.sigmoid_slope(z)) * (shape or (1,))[0]
        assert g > 0
        assert abs(g - expected) <= 8 * np.spacing(expected), z


# a slope of snake vanishes inside the range, where no formula of it keeps relative digits
TAILS = sorted(set(activations()) - {"snake"})


@pytest.mark.parametrize("name", TAILS)
def test_every_activation_keeps_its_digits_in_the_tails(name):
    """Relative error of σ and σ' at most (80 + 4 z²) 2^-53 for 1 <= |z| <= 36, the z² from rounding inside exp."""
    from symgrad.numeric.elementwise import Formula
    from symgrad.numeric.steps import code_of

    z = np.concatenate([np.linspace(-36, -1, 25), np.linspace(1, 36, 25)]) + 0.0137
    namespace = dict(vars(np)) | {f: np.vectorize(getattr(math, f), otypes=[float]) for f in ("erf", "erfc")}
    code = code_of(activation(name))
    exec("def f(z):\n    " + "\n    ".join(code.formula) + "\n    return a, s", namespace)
    with np.errstate(all="ignore"):
        found = [np.broadcast_to(v, z.shape) for v in namespace["f"](z)]
    exact = Formula(name)
    before, flint.ctx.prec = flint.ctx.prec, 400
    try:
        for order in (0, 1):
            for at, value in zip(z.tolist(), found[order].tolist(), strict=True):
                true = exact._ball(order, flint.arb(at))
                if abs(float(true)) > 1e-290:
                    off = abs(float((flint.arb(value) - true) / true)) * 2**53
                    assert off <= 80 + 4 * at * at, (order, at)
    finally:
        flint.ctx.prec = before


def test_a_times_one_minus_a_would_fail():
    z = 38.0
    a = float(stable.sigmoid(z))
    assert abs(a * (1 - a) - stable.sigmoid_slope(z)) > 0.5 * stable.sigmoid_slope(z)


def test_plain_slopes_are_finite_at_the_largest_float():
    assert stable.sigmoid_slope(-1.7e308) == 0 and stable.tanh_slope(1.7e308) == 0
    assert stable.softplus(1.7e308) == 1.7e308


@pytest.mark.parametrize("name", activations())
def test_evaluators_and_records_agree_at_kinks_at_zero_and_far_out(name):
    """One convention at a kink (the smaller slope), no 0/0 where the function is smooth, no infinity over infinity."""
    from symgrad.front import dense
    sigma, net = activation(name), dense([1, 1], name)
    f = net.compile(loss="sum")
    points = [float(k) for k in (*sigma.kinks, *sigma.jumps)] + [0.0, 1e-300, -1e-7, 0.99, -0.31, 30.0, -30.0, 800.0, -800.0]
    for z in points:
        value, slope = float(sigma.value(z)), float(sigma.slope(z))
        if not abs(value) < 1e300 or not abs(slope) < 1e300:
            continue
        target = np.array([value - 1.0 if abs(value) < 1e3 else 0.0])        # δ is the slope, or value times slope
        found = f({"w1": np.zeros((1, 1)), "b1": np.array([z])}, np.zeros(1), target).gradients["b1"][0]
        expected = slope * (value - target[0])
        assert abs(found - expected) <= 1e-9 * abs(expected) + 1e-200, (z, found, expected)
