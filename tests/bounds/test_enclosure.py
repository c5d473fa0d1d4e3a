"""Numbers leave an enclosure rounded outward, at every magnitude."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.bounds.enclosure import Enclosure, decimal, float_down, float_up, log10_down, log10_up


@settings(max_examples=300)
@given(st.integers(-10**30, 10**30), st.integers(-5000, 5000), st.integers(1, 12))
def test_decimal_text_never_cuts_the_number_off(mantissa, power, digits):
    x = arb((mantissa, power))
    exact = Fraction(mantissa) * Fraction(2)**power
    low, high = (Fraction(decimal(x, digits, up=up)) for up in (False, True))
    assert low <= exact <= high
    assert high - low <= abs(exact) * Fraction(10) ** (2 - digits)


@settings(max_examples=300)
@given(st.integers(-10**20, 10**20), st.integers(-1200, 1200))
def test_floats_are_rounded_outward(mantissa, power):
    x = arb((mantissa, power))
    low, high = float_down(x), float_up(x)
    assert arb(low) <= x <= arb(high)


def test_a_number_below_all_floats_is_positive_and_not_zero():
    x = Enclosure.of(arb((1, -20000)))
    assert x.lower > 0 and x.low == 0.0 and x.high == 5e-324
    assert log10_down(x.lower) <= -6020.599 <= log10_up(x.upper) + 1e-3
    assert x.text(3) == "[2.51e-6021, 2.52e-6021]"


def test_a_power_of_ten_keeps_its_digits():
    assert decimal(arb(1000), 3, up=True) == "1.00e3" and decimal(arb(999.5), 3, up=True) == "1.00e3"
    assert decimal(arb(0), 3, up=True) == "0"


def test_zero_wins_over_infinity_in_a_product():
    zero, endless = Enclosure(arb(0), arb(0)), Enclosure(arb(0), arb.pos_inf())
    assert (zero * endless).upper.is_zero()


@pytest.mark.parametrize("inside, outside", [
    (1.5, 2.5), (arb(1), arb(0)), (Enclosure(arb(1), arb(2)), Enclosure(arb(0), arb(2)))])
def test_containment_is_decided_by_the_ends(inside, outside):
    box = Enclosure(arb(1), arb(2))
    assert inside in box and outside not in box
