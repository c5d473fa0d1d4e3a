"""Exponentials of any argument: e^u as a ball with a small relative error also where u is 1e300.

FLINT gives up on exp beyond about 2^130 or so, although the exponents of its numbers have no end. Here u = n log 2 + r
with a whole number n, and e^u = 2^n e^r. What depends on exponentials (cosh, the slope of tanh, ...) is written in
terms of e^{-|u|}, so that nothing overflows. Beyond |u| = 2^4096 the number is only bounded.
"""

from __future__ import annotations

import flint
from flint import arb

__all__ = ["cosh", "exp", "expm1", "sech_squared", "sinh"]

NEAR = arb((1, 60))                       # up to here FLINT's own functions serve
FAR_BITS = 4096
FARTHEST = arb((1, FAR_BITS))
LEAST = arb(0, arb((1, -(2**FAR_BITS))))    # e^u lies in it for u < -2^4096


def exp(u: arb) -> arb:
    """e^u, of any magnitude."""
    size = abs(u)
    if size < NEAR:
        return u.exp()
    if not u.is_finite():
        return u.exp()
    if u < -FARTHEST:
        return LEAST
    bits = _bits(size.upper())
    if bits > FAR_BITS:
        return exp(u.lower()).union(LEAST) if u < 0 else arb("nan")
    if not u.rad() < 1:
        return exp(u.lower()).union(exp(u.upper()))
    with flint.ctx.workprec(flint.ctx.prec + bits + 10):
        n = (u / arb.const_log2()).mid().floor().unique_fmpz()
        if n is None:
            return arb("nan")
        r = u - arb(n) * arb.const_log2()
    return r.exp() * arb((1, int(n)))


def _bits(x: arb) -> int:
    """About log2 of an exact x >= 1, rounded up."""
    mantissa, exponent = x.man_exp()
    return int(mantissa).bit_length() + int(exponent)


def expm1(u: arb) -> arb:
    return u.expm1() if abs(u) < NEAR else exp(u) - 1


def cosh(u: arb) -> arb:
    return u.cosh() if abs(u) < NEAR else (exp(u) + exp(-u)) / 2


def sinh(u: arb) -> arb:
    return u.sinh() if abs(u) < NEAR else (exp(u) - exp(-u)) / 2


def sech_squared(u: arb) -> arb:
    """1/cosh² = 4 e/(1 + e)² with e = e^{-2|u|}."""
    e = exp(-2 * abs(u))
    return 4 * e / ((1 + e) * (1 + e))
