"""Absorbed updates: the condition against the rounding itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgrad.errors import SymgradError
from symgrad.numeric.rounding import FORMATS, absorbed, absorption, check_binary16, gap, to_format

NATIVE = {"float16": np.float16, "float32": np.float32, "float64": np.float64}


def test_every_nonnegative_number_of_binary16_agrees_with_the_rounding():
    assert check_binary16() == (190461, 0)


@pytest.mark.parametrize("name", NATIVE)
@given(data=st.data())
def test_an_update_is_absorbed_just_when_the_subtraction_gives_the_weight_again(name, data):
    dtype = NATIVE[name]
    bits = np.dtype(dtype).itemsize * 8
    one, two = (np.array(data.draw(st.integers(0, 2**bits - 1)), dtype=f"uint{bits}").view(dtype) for _ in range(2))
    if not (np.isfinite(one) and np.isfinite(two)):
        return
    with np.errstate(over="ignore"):
        assert bool(absorbed(float(one), float(two), name)) == bool(one - two == one)


@given(st.floats(-1e5, 1e5), st.integers(-30, 30))
def test_rounding_to_a_native_format_is_numpys(x, shift):
    value = np.ldexp(x, shift)
    with np.errstate(over="ignore"):
        assert to_format(value, "float32") == np.float32(value) and to_format(value, "float16") == np.float16(value)


def test_bfloat16_keeps_eight_bits():
    assert to_format(1 + 2.0**-8, "bfloat16") == 1 and to_format(1 + 3 * 2.0**-8, "bfloat16") == 1 + 2.0**-6
    assert gap(1.0, 1, "bfloat16") == 2.0**-7


def test_the_gap_below_a_power_of_two_is_half_the_gap_above_but_not_at_the_smallest_normal_number():
    for name, form in FORMATS.items():
        assert gap(4.0, 1, name) == 2 * gap(4.0, -1, name)
        smallest = 2.0**form.lowest
        assert gap(smallest, 1, name) == gap(smallest, -1, name)


def test_machine_epsilon_is_not_what_counts():
    assert not absorbed(1e-10, 1e-20) and absorbed(1e17, 1.0)


def test_at_zero_no_number_of_the_format_is_lost():
    assert not absorbed(0.0, 5e-324) and not absorbed(0.0, -(2.0**-24), "float16")


def test_a_layer_is_lost_when_every_update_of_it_is():
    weights, gradients = {"w1": [[1.0, 1.0]], "w2": [[1.0]]}, {"w1": [[1e-9, 1e-9]], "w2": [[1e-9]]}
    lost = absorption(weights, gradients, 1.0, ["float32", "float64"])
    assert lost.depth("float32") == 0 and lost.depth("float64") is None


@pytest.mark.parametrize("call", [lambda: absorbed(0.1, 0.0, "float32"), lambda: absorbed(np.inf, 1.0),
                                  lambda: absorbed(1.0, np.nan), lambda: gap(1.0, 1, "float17"),
                                  lambda: absorption({"w1": [1.0]}, {}, 1.0),
                                  lambda: absorption({"w1": [1.0]}, {"w1": [[1.0]]}, 1.0)])
def test_what_has_no_meaning_is_refused(call):
    with pytest.raises(SymgradError):
        call()
