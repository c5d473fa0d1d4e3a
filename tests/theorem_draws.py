"""Data for theorems whose hypotheses chance would hardly meet: by the theorem's name, a function that draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

import flint
import numpy as np
from sympy import Rational, sin, tanh

from symgrad.numeric.arithmetic import Undecided
from symgrad.numeric.elementwise import Formula
from symgrad.operations.activation import t
from symgrad.testing.instances import QuadraticMap, RandomSupply

__all__ = ["DRAWS"]

Data = dict[str, Any]


def number(rng: Random) -> Fraction:
    """A fraction of any size between 1e-6 and 1e6."""
    return Fraction(rng.randint(-16, 16), 16) * Fraction(10) ** rng.randint(-6, 6)


def vector(rng: Random, size: int) -> Any:
    return np.array([number(rng) for _ in range(size)], dtype=object)


def orthonormal(rng: Random, size: int) -> Any:
    """The columns of a reflection I − 2 vvᵀ/⟨v, v⟩: rational and orthonormal."""
    v = np.array([Fraction(rng.randint(-4, 4)) for _ in range(size)], dtype=object)
    v[0] += 5
    eye = np.array([[Fraction(int(i == j)) for j in range(size)] for i in range(size)], dtype=object)
    return eye - np.outer(v, v) * (2 / v.dot(v))


def shear(rng: Random) -> Data:
    """A nilpotent N of rank one, N² = 0, and σ(t) = t, so that every slope is 1."""
    n = rng.choice((1, 2, 2, 3, 4, 5, 6))
    N = np.array([[Fraction(0)] * n for _ in range(n)], dtype=object)
    if n > 1:
        i, j = rng.sample(range(n), 2)
        N[i, j] = number(rng)
    return {"widths": {"n": [rng.choice((1, 2, 3)), n]}, "functions": {"sigma": [0, 1]},
            "arrays": {"recurrent.N": N}}


def stretching(rng: Random) -> Data:
    """W = λ I + a bᵀ with ⟨b, e⟩ = 0, and σ(t) = t: so W Σ' e = λ e at every step."""
    n = rng.choice((1, 2, 2, 3, 4, 5, 6))
    basis = orthonormal(rng, n)
    factor, a = number(rng), vector(rng, n)
    b = sum((number(rng) * column for column in basis.T[1:]), np.array([Fraction(0)] * n, dtype=object))
    W = np.array([[factor * (i == j) for j in range(n)] for i in range(n)], dtype=object) + np.outer(a, b)
    return {"widths": {"n": [rng.choice((1, 2, 3)), n]}, "functions": {"sigma": [0, 1]}, "arrays": {
        "recurrent.W": W, "recurrent.e": basis[:, 0] * number(rng), "recurrent.lambda": [factor]}}


def valley(rng: Random, most: int = 6) -> Data:
    """Two orthonormal directions e_1, e_2, and a point at which the coordinates along them are equal."""
    d = rng.randint(2, most)
    basis, m = orthonormal(rng, d), vector(rng, d)
    coordinates = vector(rng, d)
    coordinates[1] = coordinates[0]
    arrays = {"quadratic.e": {1: basis[:, 0], 2: basis[:, 1]}, "quadratic.m": m, "v": m + basis @ coordinates}
    return {"widths": {"d": [d]}, "arrays": arrays}


def thousand_steps(rng: Random) -> Data:
    """A thousand steps take long, for however many starts: so a hundred of them at a time."""
    return valley(rng, most=2) | {"examples": 100}


def eigen_direction(rng: Random, inside: bool | None = None) -> Data:
    """A = Aᵀ by its eigenvectors, u one of them; with `inside` a rate with 0 <= ηλ <= 2, or outside of that."""
    d = rng.choice((1, 1, 2, 2, 3, 4, 5, 6))
    basis = orthonormal(rng, d)
    values = [number(rng) or Fraction(1) for _ in range(d)]
    A = sum((value * np.outer(column, column) for value, column in zip(values, basis.T, strict=True)))
    data = {"quadratic.A": A, "u": basis[:, 0] * number(rng), "lambda": [values[0]]}
    if inside is not None:
        step = Fraction(rng.randint(0, 32), 16) if inside else rng.choice((-1, 3)) * Fraction(rng.randint(16, 48), 16)
        data["eta"] = [step / values[0]]
    return {"widths": {"d": [d]}, "arrays": data}


def same_start(rng: Random) -> Data:
    """Two runs of Adagrad from one start."""
    start = [number(rng)]
    return {"arrays": {"run.start": start, "other.start": start}}


def adagrad_directions(rng: Random) -> Data:
    """Two orthonormal directions in the plane."""
    basis = orthonormal(rng, 2)
    return {"arrays": {"adagrad.f": {1: basis[:, 0], 2: basis[:, 1]}}}


def unit_direction(rng: Random) -> Data:
    """A unit vector e, and a K that is large beside the curvature of the functions drawn."""
    d = rng.randint(1, 6)
    return {"widths": {"d": [d]}, "arrays": {"e": orthonormal(rng, d)[:, 0], "moved.K": [10 ** rng.randint(8, 12)]}}


def coordinate_directions(rng: Random) -> Data:
    """Two orthonormal directions of a space of two to six dimensions."""
    d = rng.randint(2, 6)
    basis = orthonormal(rng, d)
    return {"widths": {"d": [d]}, "arrays": {"stationary.e": {1: basis[:, 0], 2: basis[:, 1]}}}


def stationary_point(rng: Random, rising: bool) -> Data:
    """F(x) = Σ U_i (x_i − p_i)² + W_i (x_i − p_i)³ up to a constant, the U_i of one sign, and a step h in the ball.

    So ∇F(p) = 0, D²F(p) = diag(2 U), and what Taylor's polynomials of order 1 and 2 leave out is at most
    (Σ|U| + Σ|W|) ‖h‖² and Σ|W| ‖h‖³ for ‖h‖ <= 1.
    """
    d, sign = rng.choice((1, 1, 2, 2, 3, 4, 5, 6)), 1 if rising else -1
    U = np.array([sign * (abs(number(rng)) or Fraction(1)) for _ in range(d)], dtype=object)
    W, point, direction = vector(rng, d), vector(rng, d), vector(rng, d)
    F = QuadraticMap(RandomSupply(rng))
    F.kept[0, d, 1] = [a.reshape(-1, 1) for a in (U - 3 * W * point, 3 * W * point * point - 2 * U * point, W)]
    m, epsilon = min(2 * U * sign), abs(number(rng)) or Fraction(1)
    bends = sum(map(abs, W)), sum(map(abs, W)) + sum(map(abs, U))
    radius = min([Fraction(1), *(size / bend for size, bend in (
        (m / 4, bends[0]), (epsilon, bends[0]), (epsilon, bends[1])) if bend)])
    length = sum(map(abs, direction)) or Fraction(1)
    h = direction * (radius * rng.choice((Fraction(1, 2), Fraction(15, 16), Fraction(1, 1000))) / length)
    return {"widths": {"d": [d]}, "named": {"second.F": F}, "arrays": {
        "second.p": point, "second.h": h, "second.m": [m], "second.epsilon": [epsilon]}}


def binary16(rng: Random) -> Data:
    """The numbers of binary16, one of them, and an update beside half the gap to a neighbour."""
    def half(bits: int) -> Fraction:
        return Fraction(float(np.array(bits, dtype=np.uint16).view(np.float16)))

    def rounded(x: Any) -> Any:
        """To nearest, ties to even; the numbers drawn here are exact in binary64."""
        if x.dtype != object or not isinstance(x.flat[0], flint.arb):
            raise Undecided("binary16 is rounded in balls")
        return np.frompyfunc(lambda y: flint.arb(float(np.float16(float(y.mid())))), 1, 1)(x)

    at = rng.choice((rng.randint(1, 31742), rng.randint(1, 2100), 1024 * rng.randint(1, 30)))
    lower, upper = (half(at) - half(at - 1)) / 2, (half(at + 1) - half(at)) / 2
    gap = rng.choice((lower, upper))
    return {"integers": {"i": at}, "named": {"binary16.fl": rounded}, "arrays": {
        "binary16.value": {at: [half(at)]}, "binary16.lower": {at: [lower]}, "binary16.upper": {at: [upper]},
        "binary16.odd": {at: [at % 2]}, "binary16.u": [gap * Fraction(rng.randint(0, 32), 16)]}}


def descending(rng: Random) -> Data:
    """A K that is no less than the curvature of the functions drawn, and a rate 0 < η < 2/K."""
    K = Fraction(10) ** rng.randint(8, 12)
    return {"arrays": {"descended.K": [K], "eta": [Fraction(rng.randint(1, 31), 16) / K],
                       "descended.epsilon": [Fraction(1, 10 ** rng.randint(0, 9))]}}


def quarter_slopes(rng: Random) -> Data:
    """Activations whose slopes do not exceed ¼, another one in each layer."""
    quarter = Rational(1, 4)
    pool = (Formula("sigmoid", (1, quarter)), Formula(sin(t) / 4, (quarter, quarter)), Formula(t / 4, (None, quarter)),
            Formula(-tanh(t / 4), (1, quarter)))
    return {"functions": {"sigma": {layer: rng.choice(pool) for layer in range(8)}}}


def decidable_norm(rng: Random) -> Data:
    """An exponent for which norms of matrices have a formula: of others there are enclosures, which seldom decide."""
    return {"exponents": {"norm.p": rng.choice((1, 2, 2, "inf"))}}


class _Concrete:
    """A network whose activations are polynomials of degree two, so that every slope is a fraction that is known."""

    def __init__(self, rng: Random, *, square: bool = False, zeros: bool = True) -> None:
        self.depth, self.layer = rng.randint(1, 4), 1
        self.layer = rng.randint(1, self.depth)
        self.widths = [rng.choice((1, 2, 2, 3, 4))] * (self.depth + 1) if square else [
            rng.choice((1, 2, 2, 3, 4)) for _ in range(self.depth + 1)]
        self.w = {l: self._weights(rng, l, square) for l in range(1, self.depth + 1)}
        self.b = {l: self._column(rng, self.widths[l]) for l in range(1, self.depth + 1)}
        x = self._column(rng, self.widths[0])
        self.sigma, self.slopes, inner = {}, {}, x
        for l in range(1, self.depth + 1):
            z = self.w[l] @ inner + self.b[l]
            p, q, r = (Fraction(rng.randint(-8, 8), 4) for _ in range(3))
            if not zeros:                                        # no slope may be 0
                q = next(k for k in range(1, 99) if all(k + 2 * r * t for t in z)) + Fraction(0)
            self.sigma[l], self.slopes[l], inner = [p, q, r], q + 2 * r * z, p + q * z + r * z * z
        self.x, self.rng = x, rng

    def _weights(self, rng: Random, l: int, invertible: bool) -> Any:
        rows, columns = self.widths[l], self.widths[l - 1]
        if invertible:
            return orthonormal(rng, rows) * rng.randint(1, 8)
        return np.array([[Fraction(rng.randint(-8, 8), 4) for _ in range(columns)] for _ in range(rows)], dtype=object)

    def _column(self, rng: Random, size: int) -> Any:
        return np.array([Fraction(rng.randint(-8, 8), 4) for _ in range(size)], dtype=object)

    def nonzero(self, size: int) -> Any:
        return np.array([Fraction(self.rng.choice((-1, 1)) * self.rng.randint(1, 16), 8) for _ in range(size)], dtype=object)

    def inverse_weights(self, l: int) -> Any:                    # of c Q with Q orthonormal: Qᵀ/c
        return self.w[l].T / sum(self.w[l][:, 0] ** 2)

    def data(self, arrays: Data, **integers: int) -> Data:
        return {"integers": {"L": self.depth, "l": self.layer, **integers}, "widths": {"n": self.widths}, "examples": 5,
                "functions": {"sigma": self.sigma}, "arrays": {"w": self.w, "b": self.b, "x": self.x, **arrays}}


def split_slopes(rng: Random, signs: bool) -> Data:
    """σ_r'(z^r) = s_r ⊙ t_r, or s_r ⊙ e_r ⊙ u_r with |e_r| <= 1."""
    net = _Concrete(rng)
    s = {l: net.nonzero(len(slope)) for l, slope in net.slopes.items()}
    t = {l: slope / s[l] for l, slope in net.slopes.items()}
    if not signs:
        return net.data({"split.s": s, "split.t": t})
    u = {l: np.abs(t[l]) * rng.choice((1, 1, Fraction(5, 4))) for l in t}
    e = {l: np.array([x / y if y else Fraction(0) for x, y in zip(t[l], u[l], strict=True)], dtype=object) for l in t}
    return net.data({"split.s": s, "split.e": e, "split.u": u})


def lossless_split(rng: Random) -> Data:
    """‖s_r‖_∞ ‖u_r‖_∞ <= ‖σ_r'(z^r)‖_∞."""
    net = _Concrete(rng)
    s = {l: net.nonzero(len(slope)) for l, slope in net.slopes.items()}
    u = {}
    for l, slope in net.slopes.items():
        drawn = net.nonzero(len(slope))
        u[l] = drawn * (max(abs(slope)) / (max(abs(drawn)) * max(abs(s[l]))) * rng.choice((1, 1, Fraction(1, 2))))
    return net.data({"split.s": s, "split.u": u})


def slopes_from_below(rng: Random) -> Data:
    """e_r ⊙ σ_r'(z^r) = c_r 1 with |e_r| <= 1."""
    net = _Concrete(rng, zeros=rng.random() < 0.2)
    c = {l: min(abs(slope)) * rng.choice((1, 1, -1, Fraction(1, 2))) for l, slope in net.slopes.items()}
    e = {l: np.array([c[l] / x if x else Fraction(0) for x in slope], dtype=object) for l, slope in net.slopes.items()}
    return net.data({"lower.c": {l: [x] for l, x in c.items()}, "lower.e": e})


def left_inverses(rng: Random) -> Data:
    """X_r Σ'(z^r)(w^{r+1})ᵀ = I, square weights."""
    net = _Concrete(rng, square=True, zeros=False)
    inverse = {l: net.inverse_weights(l + 1).T / slope for l, slope in net.slopes.items() if l < net.depth}
    return net.data({"lower.X": inverse, "lower.X_last": np.diag(1 / net.slopes[net.depth])})


def windows(rng: Random) -> Data:
    """D E = I: a diagonal matrix times an orthonormal one."""
    net = _Concrete(rng)
    k = rng.randint(net.layer, net.depth)
    scale, basis = net.nonzero(net.widths[k]), orthonormal(rng, net.widths[k])
    return net.data({"window.D": basis * scale, "window.E": basis.T / scale[:, None]}, k=k)


DRAWS: Mapping[str, Callable[[Random], Data]] = {
    "shear": shear, "stretching": stretching,
    "w_1 after k steps": valley, "w_1² after 1000 steps": thousand_steps, "w_2 after one step": valley,
    "equal coordinates": valley,
    "same path": same_start, "root of squares": adagrad_directions, "coordinate update": unit_direction,
    "xy along (1, 1)": coordinate_directions, "xy along (1, −1)": coordinate_directions,
    "the second derivative at a minimum": partial(stationary_point, rising=True),
    **{name: partial(stationary_point, rising=True) for name in (
        "the gradient at a minimum", "the ball of order 1 is there", "the ball of order 2 is there", "the ball of the minimum",
        "the ball of a direction", "local minimum", "strict local minimum", "a rising direction")},
    "a falling direction": partial(stationary_point, rising=False),
    **{f"{what} {side}": binary16 for what in ("absorbed", "changed", "tie") for side in ("below", "above")},
    "descent": descending, "how many steps are long": descending, "energy": descending,
    "one small factor": quarter_slopes,
    "split above product": partial(split_slopes, signs=False), "split below the product": partial(split_slopes, signs=False),
    "split without signs above product": partial(split_slopes, signs=True),
    "bound by split slopes": partial(split_slopes, signs=True), "local above split": lossless_split,
    "local bound from below": slopes_from_below, "from below by left inverses": left_inverses,
    "one window": windows, "bound by windows": windows,
    **dict.fromkeys(("product bound", "bound by factors", "factors above the product", "local above factors",
                     "bias gradient: factors", "weight gradient: factors", "bias gradient: product",
                     "weight gradient: product", "mean over a batch", "one example against the others"), decidable_norm),
    "law of the error": eigen_direction,
    "convergence": partial(eigen_direction, inside=True), "no convergence": partial(eigen_direction, inside=False),
}
