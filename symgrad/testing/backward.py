"""Is a backward function right, and where is it wrong?

    assert_backward(forward, backward, x, w)          backward(G, x, w) gives the gradients of ⟨G, forward(x, w)⟩

It is tried at the arguments given and at others like them (`probes`): large, small, zero, equal, of other sizes. The
witness differentiates the forward code itself, with hundreds of digits where the code allows (`witness`). A coordinate
may differ from the truth by rounding only: relative to itself, or as far as the backward code's own roundings reach,
which is tried out by rounding at random (`bignum`). At a kink every value between the slopes of the two sides is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import numpy as np

from .bignum import COUNT, Array, Big, as_big, precision, rounding
from .conduct import Code, check_conduct, in_float32
from .kinks import no_subgradient, values_around
from .probes import Point, other_sizes, points
from .witness import Slope, Unusable, Witness, digits_serve
from .wording import failure

__all__ = ["assert_backward", "check_code", "name_of"]

OPERATIONS = 12000                                          # on numbers of many digits, for each point of our own
TOTAL = 1_600_000                                           # and for all of them together
ENTRIES = 12                                               # coordinates looked at one by one at a point of our own
GIVEN = 256                                                # and at the point given
TINY = 2.3e-308
UNDERFLOW = 1e-280                                          # at a point of our own, what lies below may be lost on the way


def assert_backward(forward: Callable[..., Any], backward: Callable[..., Any], *arguments: Any, rtol: float = 1e-7,
                    seed: int = 0, probe: bool = True, name: str | None = None) -> None:
    """`backward(G, *arguments)` gives the gradients of ⟨G, forward(*arguments)⟩ by the arguments.

    forward     NumPy code: arrays -> an array or a number
    backward    (G, *arguments) -> one array of the shape of the argument, or a tuple with one for each argument (None: that
                argument is not differentiated), or for each argument of floats. `forward` is always called just before,
                at the same arguments, so a layer that keeps its forward values can be checked too:
                `assert_backward(layer.forward, lambda G, x: layer.backward(G), x)`
    arguments   where to check: arrays and numbers of float64 are differentiated; integers and other things are left as they
                are. The function is also tried at arguments like these, where it has finite values
    rtol        what a coordinate may differ by, relative to itself. More is forgiven only where the code's own roundings
                reach further
    seed        of everything drawn; a failure prints it
    probe       False: at the arguments given only, for a function that is right on a part of its domain
    name        what failures call the function

    Raises AssertionError that names the argument, the coordinate, both numbers and the point; SymgradError for a
    function that gives no numbers, or not the same twice.

    >>> import numpy as np
    >>> assert_backward(np.tanh, lambda G, x: G * (1 - np.tanh(x) ** 2), np.array([0.5, -1.0]))
    >>> assert_backward(lambda w, x: w @ x, lambda G, w, x: (np.outer(G, x), w @ G), np.ones((2, 2)), np.array([1.0, 2.0]))
    Traceback (most recent call last):
    AssertionError: ...
    """
    code = Code(forward, backward, name or name_of(backward, forward))
    check_code(code, arguments, rtol=rtol, seed=seed, probe=probe)


def name_of(*functions: Callable[..., Any]) -> str:
    """What failures call a backward function (or gradient) of a function."""
    backward, forward = (getattr(f, "__name__", type(f).__name__) for f in functions)
    return backward if backward != "<lambda>" else f"backward of {forward}" if forward != "<lambda>" else "backward"


def check_code(code: Code, arguments: Sequence[Any], *, rtol: float, seed: int, probe: bool = True) -> None:
    """`assert_backward` for code in either form: (G, *arguments), or a gradient of the arguments alone."""
    start = code.start(arguments)
    rng = np.random.default_rng(seed)
    check_conduct(code, start, rng, seed)
    before = COUNT[0]
    digits = digits_serve(code.forward, start, code.moving)
    check = _Check(code, rtol, seed, digits)
    each = 0
    if digits:                                              # as many as a second or two allow
        each = max(1, COUNT[0] - before) * 2 * len(code.moving)
        check.entries = int(min(ENTRIES, max(2, OPERATIONS // each)))
    chosen = list(points(start, code.moving, rng)) if probe else [Point("", start, given=True)]
    for point in chosen if not digits else _affordable(chosen, each * (check.entries + 4)):
        check.at(point, rng)
    if not probe:
        return
    for changed in _sizes(code, start, rng):
        check.at(Point("other sizes", changed), rng, lenient=True)
    in_float32(code, start, rng, seed, digits)


def _affordable(chosen: list[Point], cost: int) -> list[Point]:
    """All points, or where a function is costly some of every kind: the first, then evenly many of the others."""
    most = max(12, TOTAL // max(cost, 1))
    if len(chosen) <= most:
        return chosen
    return [chosen[0], *(chosen[1 + k * (len(chosen) - 1) // (most - 1)] for k in range(most - 1))]


def _sizes(code: Code, start: list[Any], rng: np.random.Generator) -> list[list[Any]]:
    """Up to three sets of arguments of other sizes that the function takes: as different as possible first."""
    found: list[list[Any]] = []
    for changed in other_sizes(start, rng):
        try:
            code.value(changed)
            code.gradients(code.cotangent(changed, rng), changed)
        except Exception:
            continue
        found.append(changed)
        if len(found) == 3:
            break
    return found


def _special(a: Array) -> list[tuple[int, ...]]:
    """Entries that are 0 or equal to others: where kinks are."""
    _, back, counts = np.unique(a, return_inverse=True, return_counts=True)
    equal = (counts[back.reshape(a.shape)] > 1) | (a == 0)
    return [tuple(int(k) for k in at) for at in np.argwhere(equal)]


class _Check:
    """One backward function, tried at one point after another."""

    def __init__(self, code: Code, rtol: float, seed: int, digits: bool) -> None:
        self.code, self.rtol, self.seed, self.digits = code, rtol, seed, digits
        self.scale: dict[int, float] = {}
        self.entries = ENTRIES                              # how many are looked at one by one at a point of our own

    def at(self, point: Point, rng: np.random.Generator, lenient: bool = False) -> None:
        code = self.code
        try:
            G = code.cotangent(point.arguments, rng)
            witness = Witness(code.forward, point.arguments, code.moving, G, self.digits)
        except Exception:
            if point.given:
                raise
            return                                          # outside the domain: nothing is claimed there
        if point.far and not self._same_value(witness, point):
            return
        if not self.digits and self._too_small(point):
            return                                          # differences of floats would be rounding
        try:
            given = code.gradients(G, point.arguments)
        except Exception:
            if point.given:
                raise
            return                                          # it refuses aloud: no wrong number
        kinked: list[tuple[int, tuple[int, ...]]] = []
        for place in code.moving:
            mine = given[place]
            if mine.shape != np.shape(point.arguments[place]):
                if lenient:
                    continue
                raise AssertionError(failure(code, point, self.seed, code.misfit(place, mine.shape, point.arguments)))
            kinked += [(place, entry) for entry in self._compare(place, mine, G, witness, point, rng)]
        if len(kinked) > 1 and all(np.isfinite(given[place][entry]) for place, entry in kinked):
            wrong = no_subgradient(witness, given, kinked, rng)
            if wrong is not None:
                (p, one), (q, two), why = wrong
                raise AssertionError(failure(code, point, self.seed, f"the gradient by {code.word(p)}{list(one)} and "
                                             f"{code.word(q)}{list(two)} is {why}"))

    def _too_small(self, point: Point) -> bool:
        sizes = [(np.max(np.abs(np.asarray(a[i], dtype=float)), initial=0.0)) for i in self.code.moving
                 for a in (point.arguments, self.code.given)]
        return not point.given and any(0 < now < 1e-2 * was for now, was in zip(sizes[::2], sizes[1::2], strict=True))

    def _same_value(self, witness: Witness, point: Point) -> bool:
        """Do floats give the value that many digits give? Where they do not, the function has lost its meaning."""
        if not self.digits:
            return False
        try:
            with precision(640), np.errstate(all="ignore"):
                rich = np.asarray(self.code.forward(*(as_big(a) if i in self.code.moving else a
                                                      for i, a in enumerate(point.arguments))), dtype=object)
                exact = np.array([float((b.v if isinstance(b, Big) else Big(b).v).mid()) for b in rich.flat])
        except Exception:
            return False
        return bool(np.all(np.abs(exact - witness.value.ravel()) <= 1e-6 * np.abs(exact)))

    def _compare(self, place: int, mine: Array, G: Array, witness: Witness, point: Point,
                 rng: np.random.Generator) -> list[tuple[int, ...]]:
        """Look at the coordinates, at all or at a choice of them. Returns those at a kink."""
        entries = list(np.ndindex(mine.shape))
        most = self.entries
        if point.given:
            most = GIVEN if self.digits else GIVEN // 4
        if len(entries) > most:
            some = rng.choice(len(entries), most // 8 if point.given else most // 2, replace=False)
            chosen = [entries[i] for i in sorted(some)]
            if not point.given:
                chosen = _special(np.asarray(point.arguments[place]))[:most] + chosen
            chosen = list(dict.fromkeys(self._hunt(place, mine, witness, rng, entries) + chosen))
        else:
            chosen = entries
        suspects: dict[tuple[int, ...], Slope] = {}
        kinked: list[tuple[int, ...]] = []
        for entry in chosen:
            slope = self._slope(place, entry, mine.shape, witness)
            if slope is None:
                continue
            self.scale[place] = max(self.scale.get(place, 0.0), slope.size / (float(np.max(np.abs(G), initial=0.0)) or 1.0))
            if slope.kink:
                kinked.append(entry)
            if not self._fits(float(mine[entry]), slope):
                slope = self._slope(place, entry, mine.shape, witness, careful=True)
                if slope is not None and not self._fits(float(mine[entry]), slope):
                    suspects[entry] = slope
        if suspects:
            self._judge(place, mine, G, witness, point, suspects, rng)
        return kinked

    def _hunt(self, place: int, mine: Array, witness: Witness, rng: np.random.Generator,
              entries: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """Coordinates that look wrong, found by halving: derivatives along directions where each of them weighs the same."""
        sizes = np.abs(mine)
        usual = float(np.median(sizes[sizes > 0])) if np.any(sizes > 0) else 1.0
        found: list[tuple[int, ...]] = []
        even = usual / np.maximum(np.where(sizes > 0, sizes, usual), 1e-12 * usual)
        for weights in (np.ones(mine.shape), even):
            direction = weights * rng.choice([-1.0, 1.0], mine.shape) * rng.uniform(0.5, 1.5, mine.shape)
            waiting = [entries]
            for _ in range(60):
                if not waiting or len(found) >= 2:
                    break
                part = waiting.pop()
                if self._along(place, mine, direction, part, witness):
                    continue
                half = len(part) // 2
                if half:
                    waiting += [part[:half], part[half:]]
                else:
                    found += part
        return found

    @staticmethod
    def _along(place: int, mine: Array, direction: Array, part: list[tuple[int, ...]], witness: Witness) -> bool:
        """Does the derivative along a part of a direction fit?"""
        chosen = np.zeros(mine.shape, dtype=bool)
        chosen[tuple(np.array(part).T)] = True
        masked = np.where(chosen, direction, 0.0)
        try:
            slope = witness.slope(place, masked)
        except Unusable:
            return False
        terms = mine[chosen] * direction[chosen]
        room = 1e-9 * float(np.sum(np.abs(terms))) + 1e-12 * slope.size + 10 * slope.error
        return bool(slope.low - room <= float(np.sum(terms)) <= slope.high + room)

    @staticmethod
    def _slope(place: int, entry: tuple[int, ...], shape: tuple[int, ...], witness: Witness,
               careful: bool = False) -> Slope | None:
        direction = np.zeros(shape)
        direction[entry] = 1.0
        try:
            found = witness.slope(place, direction, careful)
        except Exception:
            return None                                     # an edge of the domain, a jump
        return found if np.isfinite(found.low) and np.isfinite(found.high) and np.isfinite(found.size) else None

    def _fits(self, v: float, slope: Slope, more: float = 0.0) -> bool:
        rtol = self.rtol if self.digits else max(self.rtol, 1e-5)
        room = rtol * max(abs(slope.low), abs(slope.high)) + 1e-13 * slope.size + 10 * slope.error + TINY + more
        return bool(np.isfinite(v) and slope.low - room <= v <= slope.high + room)

    def _judge(self, place: int, mine: Array, G: Array, witness: Witness, point: Point,
               suspects: dict[tuple[int, ...], Slope], rng: np.random.Generator) -> None:
        """Coordinates that are off: is it rounding?"""
        exact = self._exact(place, G, point)
        spread = self._spread(place, G, point, mine if exact is None else exact, exact is not None)
        for entry, slope in sorted(suspects.items()):
            v = float(mine[entry])
            if not np.isfinite(v):
                if point.far or point.edge or (slope.kink and point.name == "all zero"):
                    continue
            elif not point.given and abs(v - slope.middle) < UNDERFLOW:
                continue
            elif exact is None:
                share = self.scale[place] * float(np.max(np.abs(G)))
                room = 30 * spread[entry] + (1e-14 if point.given else 1e-13) * share
                if slope.low - room <= v <= slope.high + room:
                    continue
            elif self._fits(exact[entry], slope, 1e-9 * spread[entry]):
                room = 30 * max(spread[entry], abs(exact[entry]) * 1e-12)
                if abs(v - exact[entry]) <= room or (point.far and abs(v) <= 2 * abs(exact[entry])):
                    continue
            around = values_around(witness, place, entry, rng) if self.digits and np.isfinite(v) else None
            if around is not None and around[0] - 1e-6 * abs(around[0]) <= v <= around[1] + 1e-6 * abs(around[1]):
                continue
            rounded = exact is not None and self._fits(exact[entry], slope, 1e-9 * spread[entry])
            raise AssertionError(failure(self.code, point, self.seed, place=place, entry=entry, given=mine, slope=slope,
                                         truth=lambda: self._truth(place, mine.shape, witness), rounded=rounded))

    def _truth(self, place: int, shape: tuple[int, ...], witness: Witness) -> Array:
        found = np.full(shape, np.nan)
        for entry in list(np.ndindex(shape))[:32]:
            slope = self._slope(place, entry, shape, witness)
            if slope is not None:
                found[entry] = slope.middle
        return found

    # --- rounding
    def _rich(self, G: Array, point: Point, place: int) -> Array:
        arguments = [as_big(a) if i in self.code.moving else a for i, a in enumerate(point.arguments)]
        with np.errstate(all="ignore"):
            result = self.code.raw_gradients(as_big(G) if self.code.takes_cotangent else G, arguments)
        entries = np.asarray(result[place], dtype=object).flat
        return np.array([float((b if isinstance(b, Big) else Big(b)).v.mid()) for b in entries],
                        dtype=float).reshape(np.shape(point.arguments[place]))

    def _exact(self, place: int, G: Array, point: Point) -> Array | None:
        """What the backward code gives with many digits; None where it does not run on them."""
        if not self.digits:
            return None
        try:
            with precision(640):
                found = self._rich(G, point, place)
        except Exception:
            return None
        return found if np.all(np.isfinite(found)) else None

    def _spread(self, place: int, G: Array, point: Point, middle: Array, digits: bool) -> Array:
        """How far roundings move the result: in the code itself, or of its arguments."""
        worst = np.zeros(middle.shape)
        rng = Random(f"{self.seed} {place}")
        for _ in range(8):
            try:
                if digits:
                    with rounding(53, rng):
                        found = self._rich(G, point, place)
                else:
                    draw = np.random.default_rng(rng.randrange(2**32))
                    changed = [a * (1 + 4e-16 * draw.uniform(-1, 1, np.shape(a))) if i in self.code.moving else a
                               for i, a in enumerate(point.arguments)]
                    found = self.code.gradients(G * (1 + 4e-16 * draw.uniform(-1, 1, G.shape)), changed)[place]
            except Exception:
                continue
            gap = np.abs(found - middle)
            worst = np.maximum(worst, np.where(np.isfinite(gap), gap, 0.0))
        return worst
