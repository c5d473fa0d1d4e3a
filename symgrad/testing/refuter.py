"""The refuter of operations: is what a record says about its operation true?

It tries a record at random arguments and at those where mistakes hide (zeros, ±1e-300, ±1e300, equal entries, ties)
and returns the first check that fails, with the argument, the entry and both numbers; None when it found nothing.
Value, formula and enclosure must agree; the derivative by complex steps must be that of balls; the pullback must be
the adjoint of the derivative, ⟨G, J x⟩ = ⟨H(G), x⟩, and linear; and nothing may bend or jump where the record says it
is smooth. Numbers are compared relative to themselves, or to what rounding the arguments can do; balls decide.

    refute_operation(record)     an Operation            refute_activation(one)     an Activation
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import numpy as np
from flint import arb

from ..derive.pullback import pullback
from ..errors import SymgradError
from ..kernel.statements import Statement
from ..numeric.arithmetic import Arithmetic, Array, Undecided, balls, floats
from ..numeric.evaluate import Frame, Run
from ..numeric.instance import Instance
from ..numeric.operate import apply_operation
from ..numeric.truth import holds
from ..operations.record import Operation
from ..terms.algebra import Term
from ..terms.named import Variable

__all__ = ["Refutation", "agrees", "refute_operation"]

BITS = 256
HUGE = 1e150                                                # beyond it a square overflows: floats may give up
TINY = 1e-280                                               # below it complex steps lose their digits
PATTERNS = ("random", "random", "zero", "equal", "ties", "tiny", "-tiny", "big", "huge", "-huge", "random", "random")


class Refutation(NamedTuple):
    """What fails (`check`), where, and how."""

    name: str
    check: str
    detail: str
    seed: int

    def __str__(self) -> str:
        return f"{self.name}: {self.check}: {self.detail} (seed {self.seed})"


class _Found(Exception):
    """A check failed: (check, detail)."""


def refute_operation(record: Operation, seed: int = 0) -> Refutation | None:
    """The first check that the record fails, or None. The same seed tries the same arguments."""
    results, conditions, cotangent = _claims(record)
    for number, pattern in enumerate(PATTERNS):
        rng = Random(f"{seed} {number}")
        try:
            arguments = _arguments(record, rng, pattern)
            _Try(record, arguments, rng, results, conditions, cotangent).all_checks()
        except _Found as found:
            check, detail = found.args
            return Refutation(record.name, check, f"{detail}, at {pattern} arguments", seed)
    return None


def _claims(record: Operation) -> tuple[list[Term], list[tuple[Statement, ...]], list[Variable]]:
    """For each argument: the pullback, stated or derived, its conditions and its cotangent."""
    if record.pullback is not None:
        count = len(record.variables)
        return list(record.meanings), [record.conditions] * count, [record.cotangent] * count
    proved = [pullback(record.meanings[0], x) for x in record.variables]
    return ([t.conclusion.args[3] for t in proved], [tuple(t.hypotheses) for t in proved],
            [t.conclusion.args[2] for t in proved])


# ---------------------------------------------------------------- arguments

def _arguments(record: Operation, rng: Random, pattern: str) -> list[Array]:
    """One array for each argument; a pattern other than random is put into one of them."""
    sizes = {str(m): rng.choice((1, 2, 3, 4) if pattern == "random" else (2, 3)) for m in record.sizes}
    if len(set(sizes.values())) < len(sizes):                   # different sizes tell a matrix from its transpose
        sizes = dict(zip(sizes, rng.sample(range(1, 5 + len(sizes)), len(sizes)), strict=True))
    shapes = [
        tuple(int(d.xreplace({m: sizes[str(m)] for m in record.sizes})) for d in x.shape) for x in record.variables
    ]
    if record.draw is not None:
        arrays = [np.array(a, dtype=float) for a in record.draw(rng, sizes)]
        for key, a, shape in zip(record.arguments, arrays, shapes, strict=True):
            if a.shape != shape:
                raise SymgradError(f"{record.name}: draw gives {key} of shape {a.shape}, expected {shape}")
    else:
        arrays = [np.array([rng.uniform(-2, 2) for _ in range(r * c)], dtype=float).reshape(r, c) for r, c in shapes]
    if record.draw is None or pattern in ("equal", "ties"):
        _spoil(arrays[rng.randrange(len(arrays))], rng, pattern)
    return arrays


def _spoil(a: Array, rng: Random, pattern: str) -> None:
    """Put a pattern into an array, in place."""
    flat = a.reshape(-1)
    if pattern == "zero":
        flat[:] = 0
    elif pattern == "equal":
        flat[:] = flat[0]
    elif pattern == "ties" and flat.size > 1:
        flat[rng.randrange(1, flat.size)] = flat[0]
    elif pattern == "tiny":
        flat[:] = 1e-300
    elif pattern == "-tiny":
        flat[:] = -1e-300
    elif pattern in _LARGE:
        flat[rng.randrange(flat.size)] = _LARGE[pattern]


_LARGE = {"big": 1e3, "huge": 1e300, "-huge": -1e300}


# ---------------------------------------------------------------- the checks

class _Try:
    """One record at some arguments."""

    def __init__(self, record: Operation, arguments: list[Array], rng: Random, results: list[Term],
                 conditions: list[tuple[Statement, ...]], cotangents: list[Variable]) -> None:
        self.record, self.arguments, self.rng = record, arguments, rng
        self.results, self.conditions, self.cotangents = results, conditions, cotangents
        self.sizes = {m: k for x, a in zip(record.variables, arguments, strict=True)
                      for m, k in zip(x.shape, a.shape, strict=True) if m in record.sizes}
        served = record.formula is not None or record.enclose is not None or record.exact
        self.arithmetic = balls(BITS) if served else floats()

    def all_checks(self) -> None:
        with np.errstate(all="ignore"):
            self.value()
            for place, conditions in enumerate(self.conditions):
                if all(holds(h, self.instance(), balls(BITS)) for h in conditions):
                    self.derivative(place)
                    self.pullback(place)
                    self.smooth(place)

    # --- what the record says, over any arithmetic
    def instance(self, **more: Any) -> Instance:
        arrays = {x.name: a for x, a in zip(self.record.variables, self.arguments, strict=True)} | more
        return Instance(integers=self.sizes, arrays=arrays, named={self.record.name: self._named})

    def _named(self, *values: Any) -> Any:
        return self.apply(list(values), self.arithmetic)

    def apply(self, values: list[Any], arithmetic: Arithmetic) -> Any:
        """The operation: its formula, or its enclosure or value."""
        if self.record.formula is None:
            return apply_operation(self.record, values, arithmetic)
        run = Run(Instance(integers=self.sizes), arithmetic)
        return Frame(run, dict(zip(self.record.variables, values, strict=True)))(self.record.meanings[0])

    def jacobian(self, place: int, arithmetic: Arithmetic) -> Array:
        """The derivative by every entry of an argument: (entries, rows, columns)."""
        values = [arithmetic.array(a) for a in self.arguments]
        run = Run(Instance(), arithmetic)
        with arithmetic.precision():
            moved, _ = run.derivative(lambda x: self.apply([*values[:place], x, *values[place + 1:]], arithmetic),
                                      values[place])
            rows, columns = self.apply(values, arithmetic).shape
            found = arithmetic.full(rows, columns, 0) if moved is None else moved
            return np.broadcast_to(found, (values[place].size, rows, columns))

    # --- checks
    def value(self) -> None:
        if self.record.value is None:
            return
        found = np.asarray(self.record.value(*self.arguments))
        run = Run(Instance(integers=self.sizes), floats())
        rows, columns = (Frame(run, {}).integer(d) for d in self.record.term.shape)
        if found.shape != (rows, columns):
            raise _Found("shape of the value", f"{found.shape}, expected {(rows, columns)}")
        if np.iscomplexobj(found):
            raise _Found("value", "real arguments give a complex value")
        batch = np.asarray(self.record.value(*(np.stack([a, a / 2]) for a in self.arguments)))
        alone = np.asarray(self.record.value(*(a / 2 for a in self.arguments)))
        if batch.shape != (2, rows, columns):
            raise _Found("shape of the value of a batch", f"{batch.shape}, expected {(2, rows, columns)}")
        self.near("value of a batch", batch[1], lambda a: a.array(alone) if not a.boxed else None, "alone")
        if self.arithmetic.boxed:
            self.near(
                "value", found, lambda a: self._at_rounded(a), "formula" if self.record.formula else "enclosure"
            )

    def _at_rounded(self, arithmetic: Arithmetic, radius: float = 0.0) -> Any:
        values = [_widened(arithmetic.array(a), radius) for a in self.arguments]
        return self.apply(values, arithmetic) if arithmetic.boxed else None

    def near(self, check: str, found: Array, true: Callable[[Any], Any], said: str) -> None:
        """Entries of floats against balls, or against other floats."""
        arithmetic = self.arithmetic if true(floats()) is None else floats()
        with arithmetic.precision():
            expected = true(arithmetic)
            for at, v in np.ndenumerate(found):
                if not agrees(float(v), expected[at], self._large()) and not (
                        arithmetic.boxed and check == "value" and self._rounding(at, float(v))):
                    raise _Found(check, f"entry {_entry(at)} is {v}, the {said} gives {_shown(expected[at])}")

    def _rounding(self, at: tuple[int, ...], v: float) -> bool:
        """Could rounding the arguments give this entry?"""
        return bool(self._at_rounded(self.arithmetic, 2.0**-46)[at].contains(arb(v)))

    def _large(self) -> bool:
        return any(np.any(np.abs(a) > HUGE) for a in self.arguments)

    def derivative(self, place: int) -> None:
        """Complex steps of the value against the derivative of formula or enclosure."""
        if self.record.value is None or not self.arithmetic.boxed:
            return
        x = self.arguments[place]
        true = self.jacobian(place, self.arithmetic)
        step = 1e-20 * (float(np.max(np.abs(x), initial=0)) or 1.0 if self._large() else 1.0)
        for j in range(x.size):
            moved = x.astype(complex)
            moved.reshape(-1)[j] += 1j * step
            found = np.asarray(self.record.value(*self.arguments[:place], moved, *self.arguments[place + 1:]))
            for at, v in np.ndenumerate(found.imag / step):
                expected = true[(j, *at)]
                if (
                    abs(float(arb(expected).mid())) > TINY
                    and not self._large()
                    and not agrees(float(v), expected, False)
                ):
                    raise _Found(
                        f"derivative by {self._key(place)}",
                        f"entry {_entry(at)} by entry {_entry(np.unravel_index(j, x.shape))}: "
                        f"a complex step gives {v}, balls {_shown(expected)}",
                    )

    def pullback(self, place: int) -> None:
        """H(G) against Σ G_i J_i, for two cotangents and their combination 2 G + K."""
        arithmetic = self.arithmetic
        try:
            J = self.jacobian(place, arithmetic)
        except Undecided as why:
            raise _Found("derivative", f"none by {self._key(place)}: {why}") from None
        rows, columns = J.shape[1:]
        with arithmetic.precision():
            G, K = (
                np.array([self.rng.randint(-8, 8) or 3 for _ in range(rows * columns)]).reshape(rows, columns)
                for _ in "GK"
            )
            found = [self._pulled(place, g) for g in (G, K, 2 * G + K)]
            x = self.arguments[place]
            for j, at in enumerate(np.ndindex(*x.shape)):
                parts = [arithmetic.array(G)[i] * J[(j, *i)] for i in np.ndindex(rows, columns)]
                self._same(f"pullback to {self._key(place)}", at, found[0][at], sum(parts[1:], parts[0]),
                           parts, "the derivative gives")
                self._same(
                    f"pullback to {self._key(place)} is linear in G",
                    at,
                    found[2][at],
                    2 * found[0][at] + found[1][at],
                    [2 * found[0][at], found[1][at]],
                    "H(2G + K) against 2H(G) + H(K):",
                )

    def _pulled(self, place: int, G: Array) -> Array:
        run = Run(self.instance(**{self.cotangents[place].name: G}), self.arithmetic)
        return run.value(self.results[place])

    def _same(self, check: str, at: tuple[int, ...], found: Any, true: Any, parts: list[Any], said: str) -> None:
        if self.arithmetic.boxed:
            same = arb(found).overlaps(arb(true))
        else:
            size = sum(abs(p) for p in parts)
            same = (
                not np.isfinite(size)
                or abs(found - true) <= 1e-7 * max(size, abs(found) if size else 0.0)
                or found == true
            )
        if not same:
            raise _Found(check, f"entry {_entry(at)}: the record says {_shown(found)}, {said} {_shown(true)}")

    def smooth(self, place: int) -> None:
        """The slopes from the left and from the right come together, as they do where there is a derivative."""
        x = self.arguments[place]
        if self.record.value is None or any(np.any((np.abs(a) > 4) | ((a != 0) & (np.abs(a) < 1e-3)))
                                            for a in self.arguments):
            return
        value: Callable[..., Any] = self.record.value
        reach = float(np.max(np.abs(x), initial=0.0))
        for j in range(x.size):
            def at(step: float, j: int = j) -> Array:
                moved = x.copy()
                moved.reshape(-1)[j] += step
                return np.asarray(value(*self.arguments[:place], moved, *self.arguments[place + 1:]))
            middle = at(0.0)
            gaps = []
            for h in (2.0**-16, 2.0**-22):
                right, left = (at(h) - middle) / h, (middle - at(-h)) / h
                known = np.abs(middle) + (h + reach) * np.abs(right)        # roundings of the arguments, too
                gaps.append((np.abs(right - left), 2.0**-44 * known / h))
            for entry in np.ndindex(*middle.shape):
                (wide, _), (gap, noise) = ((g[entry], n[entry]) for g, n in gaps)
                if gap > noise and gap > wide / 8:
                    raise _Found(
                        f"differentiable by {self._key(place)}",
                        f"entry {_entry(entry)} has slopes from the left and "
                        f"the right that differ by {gap:.6g} (entry {_entry(np.unravel_index(j, x.shape))} moved)",
                    )

    def _key(self, place: int) -> str:
        return list(self.record.arguments)[place]


def agrees(v: float, true: Any, large: bool) -> bool:
    """Is a float the true number, a ball or another float, as nearly as floats can be?"""
    exact = arb(true)
    if not np.isfinite(v):
        return large or not exact.is_finite() or bool(abs(exact) > 1e308)
    if not exact.is_finite():
        return True                                             # no enclosure there: nothing is claimed
    gap = abs(arb(v) - exact)
    return bool(exact.contains(arb(v)) or gap <= abs(exact) * 1e-7 or abs(exact) < TINY > abs(v))


def _widened(a: Array, radius: float) -> Array:
    if not radius:
        return a
    return np.asarray(np.frompyfunc(lambda x: arb(x.mid(), abs(x.mid()) * radius), 1, 1)(a), dtype=object)


def _entry(at: Any) -> str:
    return f"({', '.join(str(int(i) + 1) for i in at)})"


def _shown(x: Any) -> str:
    return str(float(arb(x).mid()))
