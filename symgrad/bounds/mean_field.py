"""The mean-field prediction of how ||d^l|| grows from layer to layer.  A HEURISTIC: exact only for infinitely
wide random layers.

Weights N(0, s_w^2 / n) and biases N(0, s_b^2), independent.  The mean square q of the z_i settles at a fixed
point of q = s_w^2 E[s(sqrt(q) Z)^2] + s_b^2, Z standard normal, and E||d^l||^2 grows by the factor chi =
s_w^2 E[s'(sqrt(q) Z)^2] a layer downwards (Poole et al. 2016; Schoenholz, Gilmer, Ganguli, Sohl-Dickstein
2017; claim C13).  What is rigorous here is the quadrature: the Gaussian means are enclosed by Taylor models
on panels with remainder, tails by the certified sup |s'|.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from flint import arb, arb_series, ctx

from symgrad.bounds.enclosure import Enclosure
from symgrad.bounds.rounding import BoundError
from symgrad.bounds.states import slope_range

__all__ = ["MeanField", "gaussian_mean_square", "mean_field"]

REACH = 12                      # panels cover |Z| <= 12; beyond, the tail bound (P(|Z| > 12) < 4e-33)
ORDER = 7


def gaussian_mean_square(activation: Any, scale: float, what: Literal["value", "slope"], *, tolerance: float = 1e-9,
                         panels: int = 20000) -> Enclosure:
    """A certified enclosure of E[f(scale Z)^2], Z standard normal, f = s ("value") or s' ("slope").

    Panels are halved until each remainder is small; a panel on a kink ends as an interval product.  When
    `panels` are spent the result is valid, only wider.  Raises BoundError when sup |s'| is infinite (no tail
    bound) or the scale is not finite.
    """
    if not (math.isfinite(scale) and scale >= 0):
        raise BoundError(f"the scale of the Gaussian is {scale}; expected a finite number >= 0")
    top = slope_range(activation)[1]
    if not top.is_finite():
        raise BoundError(f"the slope of {activation.name} is unbounded: the mean-field tail has no bound")
    with ctx.workprec(96):
        total = arb(0)
        waiting = [(arb(k) / 4, arb(k + 1) / 4) for k in range(-4 * REACH, 4 * REACH)]
        count = 0
        while waiting:
            low, high = waiting.pop()
            count += 1
            part = _panel(activation, arb(scale), low, high, what)
            good = part.is_finite() and float(part.rad()) <= tolerance * float(high - low) / 100
            if not good and float(high - low) > 2.0**-44 and count < panels:
                middle = (low + high) / 2
                waiting += [(low, middle), (middle, high)]
                continue
            if not part.is_finite():
                raise BoundError(f"{activation.name} has no finite enclosure near {float(low * scale)}")
            total += part
        total += _tail(activation, arb(scale), top, what)
        return Enclosure.norm(total)


def _panel(activation: Any, scale: arb, low: arb, high: arb, what: str) -> arb:
    """The integral of f(scale z)^2 phi(z) over [low, high]: Taylor at the middle, remainder over the whole
    panel."""
    middle, half = (low + high) / 2, (high - low) / 2
    whole = low.union(high)
    direct = (activation.enclose_slope if what == "slope" else activation.enclose)(scale * whole)
    density: arb = (-whole * whole / 2).exp() / (2 * arb.pi()).sqrt()
    plain: arb = direct * direct * density * 2 * half
    if not hasattr(activation, "series") or (high - low) < 2.0**-30:
        return plain
    at_middle, over = (_integrand(activation, scale, point, what) for point in (middle, whole))
    total = arb(0)
    for k in range(0, ORDER, 2):
        total += at_middle[k] * 2 * half ** (k + 1) / (k + 1)
    rest = over[ORDER] * half ** (ORDER + 1) * 2 / (ORDER + 1)
    total += arb(0, abs(rest).upper())
    better = total.is_finite() and (not plain.is_finite() or total.rad() < plain.rad())
    return arb(total if better else plain)


def _integrand(activation: Any, scale: arb, point: arb, what: str) -> Any:
    """Taylor coefficients of f(scale z)^2 phi(z) at `point`, up to ORDER."""
    length = ORDER + 1
    cap, ctx.cap = ctx.cap, length + 1
    try:
        f = activation.series(scale * point, length + 1)
        if what == "slope":
            f = arb_series(f).derivative()
        stretched = arb_series([f[k] * scale**k for k in range(length)], length)
        bell = arb_series([-point * point / 2, -point, arb(-1) / 2], length).exp() / (2 * arb.pi()).sqrt()
        return stretched * stretched * bell
    finally:
        ctx.cap = cap


def _tail(activation: Any, scale: arb, top: arb, what: str) -> arb:
    """A ball [0, bound] around the part beyond |z| = REACH."""
    reach = arb(REACH)
    outside = (reach / arb(2).sqrt()).erfc()                                 # P(|Z| > REACH)
    if what == "slope":
        bound = top**2 * outside
    else:
        squares = outside + 2 * reach * (-reach**2 / 2).exp() / (2 * arb.pi()).sqrt()      # E[Z^2; |Z| > REACH]
        bound = 2 * activation.enclose(arb(0)) ** 2 * outside + 2 * (top * scale) ** 2 * squares
    return arb(0).union(bound.upper())


@dataclass(frozen=True)
class MeanField:
    """The prediction for one kind of layer.  `chi` is certified for the q* given; that layers behave so is a
    heuristic."""

    sigma_w: float
    sigma_b: float
    q: float                            # the fixed point q*, nan when the iteration runs away
    chi: Enclosure                      # factor of E||d||^2 a layer downwards
    residual: float                     # |V(q*) - q*|, an upper bound
    digits: int = 4

    @property
    def factor(self) -> float:
        """sqrt(chi): the factor of ||d|| a layer."""
        return math.sqrt(self.chi.high)

    @property
    def verdict(self) -> str:
        return "vanish" if self.chi.upper < 1 else "explode" if self.chi.lower > 1 else "keep their size"


def mean_field(activation: Any, sigma_w: float, sigma_b: float = 0.0, *, q0: float = 1.0) -> MeanField:
    """Iterate q to its fixed point (floats), then enclose chi there.  Raises BoundError when q grows without
    end.

    `sigma_w`^2 = n Var(w_ij) with n the number of inputs; `sigma_b`^2 = Var(b_i).
    """
    if not (math.isfinite(sigma_w) and sigma_w >= 0 and math.isfinite(sigma_b) and sigma_b >= 0):
        raise BoundError(f"sigma_w = {sigma_w}, sigma_b = {sigma_b}: both are finite numbers >= 0")
    nodes = np.linspace(-10, 10, 2001)
    weights = np.exp(-nodes**2 / 2)
    weights /= weights.sum()
    value = getattr(activation, "value", None) or np.vectorize(lambda v: float(activation.enclose(arb(float(v)))))
    q = q0
    for _ in range(2000):
        with np.errstate(over="ignore", invalid="ignore"):
            new = sigma_w**2 * float(weights @ np.square(np.asarray(value(math.sqrt(q) * nodes), float))) + sigma_b**2
        if not math.isfinite(new) or new > 1e12:
            raise BoundError(f"mean field: q grows without end for {activation.name} with sigma_w = {sigma_w:.4g}: "
                             "there is no fixed point to predict from")
        if abs(new - q) <= 1e-14 * (new + q):
            q = new
            break
        q = new
    scale = math.sqrt(q)
    slope = gaussian_mean_square(activation, scale, "slope")
    image = gaussian_mean_square(activation, scale, "value")
    variance = arb(sigma_w) ** 2
    chi = Enclosure.norm(variance * slope.ball())
    miss = variance * image.ball() + arb(sigma_b) ** 2 - arb(q)
    return MeanField(sigma_w, sigma_b, q, chi, float(abs(miss).upper()))
