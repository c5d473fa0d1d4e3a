"""Functions near infinity: sums of terms  C(s) s^a (log s)^b exp(-Σ c_i s^{p_i})  on s >= B, each C(s) in a
ball.

Nothing is cut off: a germ is an exact statement about every s >= B. Rational coefficients stay rational, so
that what cancels cancels exactly (1 - tanh² keeps its true size e^{-2s}); an analytic function of a germ is
its Taylor polynomial of order two at the limit with the third term enclosed over the whole tail. A point x0
is reached by x = x0 ± 1/s. What oscillates for ever is written with a phase θ beside s (`phases`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key

from flint import arb, fmpq

__all__ = ["CONSTANT", "Coefficient", "Germ", "NoGerm", "Scale", "Tail"]

Coefficient = arb | fmpq
MAX_TERMS = 24


class NoGerm(Exception):
    """The function near infinity is not a sum of such terms (or not on this tail: try a larger B)."""


@dataclass(frozen=True)
class Scale:
    """s^power (log s)^logs exp(-Σ c s^p), `decay` = ((p, c), ...) with p > 0 descending and c ≠ 0."""

    power: Fraction = Fraction(0)
    logs: int = 0
    decay: tuple[tuple[Fraction, Fraction], ...] = ()

    def __mul__(self, other: Scale) -> Scale:
        if not self.decay or not other.decay:
            decay = self.decay or other.decay
        else:
            total = dict(self.decay)
            for p, c in other.decay:
                total[p] = total.get(p, Fraction(0)) + c
            decay = tuple(sorted(((p, c) for p, c in total.items() if c), reverse=True))
        return Scale(self.power + other.power, self.logs + other.logs, decay)

    def inverse(self) -> Scale:
        return Scale(-self.power, -self.logs, tuple((p, -c) for p, c in self.decay))

    def growth(self) -> int:
        """1 when it grows to infinity, -1 when it decays to 0, 0 when it is 1."""
        for lead in ((-self.decay[0][1]) if self.decay else 0, self.power, self.logs):
            if lead:
                return 1 if lead > 0 else -1
        return 0

    def dominates(self, other: Scale) -> bool:
        return (self * other.inverse()).growth() > 0


CONSTANT = Scale()


@dataclass(frozen=True)
class Tail:
    """The half-line s >= start (start >= 3, so that log s >= 1), and a ball for the phase of programs that have one.

    Unless `strict`, a branch that is not the same on the whole tail is enclosed instead of refused.
    """

    start: arb
    phase: arb | None = None
    terms: int = 2                       # of each Taylor expansion; the last coefficient is enclosed
    strict: bool = True

    def scale_at_start(self, scale: Scale) -> arb:
        s = self.start
        value = (s.log() * fmpq(scale.power.numerator, scale.power.denominator)).exp()
        if scale.logs:
            value *= s.log() ** scale.logs
        if scale.decay:
            q = sum((self.monomial(p) * fmpq(c.numerator, c.denominator) for p, c in scale.decay), arb(0))
            value *= (-q).exp()
        return value

    def monomial(self, p: Fraction) -> arb:
        if p.denominator == 1:
            return self.start ** int(p)
        return (self.start.log() * fmpq(p.numerator, p.denominator)).exp()

    def supremum(self, scale: Scale) -> arb:
        """An upper bound of a decaying scale: its value at the start, if it decreases from there on (or
        NoGerm).

        s·(log of the scale)' = a + b/log s - Σ p c s^p; with the leading p and c > 0 this is at most
        a + max(b, 0)/log B - (p c - Σ_{c_i < 0} p_i |c_i| B^{p_i - p}) s^p.
        """
        slope = fmpq(scale.power.numerator, scale.power.denominator) + max(scale.logs, 0) / self.start.log()
        if scale.decay:
            p, c = scale.decay[0]
            lead = arb(fmpq(p.numerator, p.denominator) * fmpq(c.numerator, c.denominator))
            for p2, c2 in scale.decay[1:]:
                if c2 < 0:
                    weight = p2 * c2
                    lead += fmpq(weight.numerator, weight.denominator) * self.monomial(p2) / self.monomial(p)
            if not lead > 0:
                raise NoGerm("not yet decreasing")
            slope -= lead * self.monomial(p)
        if not slope <= 0:
            raise NoGerm("not yet decreasing")
        return self.scale_at_start(scale).upper()


class Germ:
    """A function on a tail, as a sum of scales with coefficients."""

    __slots__ = ("tail", "terms")

    def __init__(self, tail: Tail, terms: dict[Scale, Coefficient]) -> None:
        self.tail = tail
        self.terms = {k: c for k, c in terms.items() if not _vanishes(c)}
        if len(self.terms) > MAX_TERMS:
            self._merge()

    def _merge(self) -> None:
        """Write the smallest terms as unknown multiples, within proven bounds, of the smallest scale that
        stays."""
        ordered = sorted(self.terms, key=cmp_to_key(_larger_first))
        last = ordered[MAX_TERMS // 2]
        low, high = _endpoints(self.terms[last])
        for k in ordered[MAX_TERMS // 2 + 1:]:
            if last.growth() >= 0:
                raise NoGerm("too many terms")
            a, b = _endpoints(self.terms.pop(k))
            top = self.tail.supremum(k * last.inverse())
            low, high = (low + min(a * top, arb(0))).lower(), (high + max(b * top, arb(0))).upper()
        self.terms[last] = low.union(high)

    def constant(self, value: Coefficient) -> Germ:
        return Germ(self.tail, {CONSTANT: value})

    def __add__(self, other: Germ) -> Germ:
        terms = dict(self.terms)
        for k, c in other.terms.items():
            terms[k] = terms[k] + c if k in terms else c
        return Germ(self.tail, terms)

    def __mul__(self, other: Germ) -> Germ:
        terms: dict[Scale, Coefficient] = {}
        for k1, c1 in self.terms.items():
            for k2, c2 in other.terms.items():
                k, c = k1 * k2, c1 * c2
                terms[k] = terms[k] + c if k in terms else c
        return Germ(self.tail, terms)

    def times(self, c: Coefficient, scale: Scale = CONSTANT) -> Germ:
        return Germ(self.tail, {scale * k: c * v for k, v in self.terms.items()})

    def __neg__(self) -> Germ:
        return self.times(fmpq(-1))

    def __sub__(self, other: Germ) -> Germ:
        return self + (-other)

    def leading(self) -> tuple[Scale, Coefficient]:
        if not self.terms:
            raise NoGerm("zero")
        best = next(iter(self.terms))
        for k in self.terms:
            if k.dominates(best):
                best = k
        return best, self.terms[best]

    def parts(self) -> tuple[Germ, Coefficient, Germ]:
        """The growing part, the constant, the decaying part."""
        growing = {k: c for k, c in self.terms.items() if k.growth() > 0}
        decaying = {k: c for k, c in self.terms.items() if k.growth() < 0}
        return Germ(self.tail, growing), self.terms.get(CONSTANT, fmpq(0)), Germ(self.tail, decaying)

    def bounds(self) -> tuple[arb, arb]:
        """Exact endpoints (lower, upper) around every value on the tail; one of them is infinite if it grows.

        What decays is written S (C + Σ ...) with its leading scale S in (0, S(B)], so its sign is kept.
        """
        growing, constant, decaying = self.parts()
        low, high = _endpoints(constant)
        if decaying.terms:
            lead, _ = decaying.leading()
            inside_low, inside_high = decaying.times(fmpq(1), lead.inverse())._bracket()
            top = self.tail.supremum(lead)
            low = (low + min(inside_low * top, arb(0))).lower()
            high = (high + max(inside_high * top, arb(0))).upper()
        if growing.terms:
            lead, _ = growing.leading()
            inside_low, inside_high = growing.times(fmpq(1), lead.inverse())._bracket()
            bottom = (1 / self.tail.supremum(lead.inverse())).lower()
            if inside_low >= 0:
                return (low + inside_low * bottom).lower(), arb("inf")
            if inside_high <= 0:
                return arb("-inf"), (high + inside_high * bottom).upper()
            return arb("-inf"), arb("inf")
        return low, high

    def _bracket(self) -> tuple[arb, arb]:
        """Endpoints of a germ without growing terms, each term on its own."""
        low, high = arb(0), arb(0)
        for k, c in self.terms.items():
            a, b = _endpoints(c)
            if k != CONSTANT:
                top = self.tail.supremum(k)
                a, b = min(a * top, arb(0)), max(b * top, arb(0))
            low, high = (low + a).lower(), (high + b).upper()
        return low, high

    def ball(self) -> arb:
        low, high = self.bounds()
        return low.union(high)


def _vanishes(c: Coefficient) -> bool:
    """Whether a coefficient is certainly zero. (For balls `c != 0` would ask whether it is certainly not.)"""
    return bool(c == 0)


def _larger_first(a: Scale, b: Scale) -> int:
    return -(a * b.inverse()).growth()


def _endpoints(c: Coefficient) -> tuple[arb, arb]:
    b = arb(c)
    return b.lower(), b.upper()
