"""Every theorem as a property: random networks that meet its hypotheses, on which its conclusion is
evaluated.

Networks are drawn with depths and widths of 1 to 6, half of them with square weights; matrices are
symmetric, singular, or have a zero row on purpose; entries lie between 1e-6 and 1e6 in size. Equations are
decided modulo the prime 2^61 − 1 where both sides are polynomial, everything else in balls, so that
rounding can neither hide nor fake a violation. An instance counts when it meets every hypothesis and the
conclusion is decided. So that 500 of them take a second, networks of one shape are evaluated together, as a
batch. """

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from random import Random
from time import monotonic
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import integers

from ..errors import SymgradError
from ..kernel.definitions import definition_of
from ..kernel.statements import Bounded, Equal, ForAll, IsActivation, Less, LessEqual, Statement
from ..kernel.theorem import Theorem
from ..numeric.arithmetic import MERSENNE, Arithmetic, Undecided, balls, prime_field, rationals
from ..numeric.elementwise import Formula
from ..numeric.evaluate import Frame, Run, evaluate
from ..numeric.instance import Instance
from ..numeric.truth import Check, check, holds
from ..terms.named import Named, Variable
from ..terms.node import subterms
from ..terms.scalars import absolute
from .instances import RandomSupply, random_instance

__all__ = ["Network", "Tally", "check_theorem"]

_SEEDS = 20                                                        # from each a twentieth of the instances
_SIZES = (1, 1, 2, 2, 2, 3, 3, 4, 5, 6)                          # depths and widths: small ones more often

Draw = Callable[[Random], Mapping[str, Any]]


@dataclass(frozen=True)
class Tally:
    """What came of a theorem: how many instances met its hypotheses and were decided, and over which
    arithmetic.

    `closed` says that it leaves nothing open, so that one evaluation decides it.
    """

    met: int
    drawn: int
    arithmetic: str
    failure: str = ""
    closed: bool = False

    def enough(self, wanted: int) -> bool:
        """No violation, and as many instances as were wanted."""
        return not self.failure and (self.met >= wanted or (self.closed and self.met > 0))


class Network(RandomSupply):
    """Draws networks: see the head of this file. Every array holds `count` examples."""

    def __init__(self, rng: Random, count: int, *, exact: bool, integers: Mapping[str, int] | None = None,
                 widths: Mapping[str, Sequence[int]] | None = None) -> None:
        super().__init__(rng, exact=exact, widths=_SIZES, uniform=rng.random() < 0.5)
        self.count, self.given_integers, self.given_widths = count, integers or {}, widths or {}

    def width(self, name: str, index: int) -> int:
        given = self.given_widths.get(name)
        return super().width(name, index) if given is None else given[index]

    def integer(self, name: str) -> int:
        if name in self.given_integers:
            return self.given_integers[name]
        return self.rng.choice(_SIZES) if name.isupper() else self.rng.randint(0, 6)

    def array(self, name: str, indices: tuple[int, ...], shape: tuple[int, int]) -> Any:
        return np.stack([self._matrix(shape) for _ in range(self.count)])

    def _matrix(self, shape: tuple[int, int]) -> Any:
        rng, (rows, columns) = self.rng, shape
        found = np.empty(shape, dtype=object)
        scale = Fraction(10) ** rng.choice((0, 0, 0, -1, 1, rng.randint(-6, 6)))
        for place in np.ndindex(*shape):
            found[place] = rng.randrange(MERSENNE) if self.exact else Fraction(rng.randint(-16, 16), 16) * scale
        kind = rng.randrange(10)
        if kind == 0 and rows > 1:
            found[rng.randrange(rows), :] = Fraction(0)
        elif kind == 1 and rows > 1:
            found[0, :] = found[-1, :]                           # singular
        elif kind == 2 and rows == columns:
            found = found + found.T
        elif kind == 3 and rows == columns:
            found = found * np.eye(rows, dtype=int).astype(object)
        elif kind == 4:
            found = found * 0
        return found


def check_theorem(theorem: Theorem, instances: int = 500, *, seconds: float = 30.0, draw: Draw | None = None) -> Tally:
    """Check a theorem on instances until `instances` of them have met the hypotheses, or time is up, or one refutes it.

    Hypothesis draws the seeds, and a batch of networks is drawn from each: much faster than to let it draw every entry.
    `draw` gives the data that chance would not find (as keywords of `Instance`, and `examples` for the size of a
    batch); the rest is drawn beside it.
    """
    trial = _Trial(theorem, draw, monotonic() + seconds)

    @settings(max_examples=_SEEDS, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(integers(0, 2**64 - 1))
    def holds_on_what_a_seed_gives(seed: int) -> None:
        trial.run(Random(f"{seed} {theorem.conclusion}"), -(-instances * (trial.seeds + 1) // _SEEDS))

    holds_on_what_a_seed_gives()
    return Tally(trial.met, trial.drawn, trial.arithmetic.name, trial.failure, trial.closed)


class _Trial:
    """The instances of one theorem so far. It starts in a prime field and turns to balls where that decides nothing."""

    def __init__(self, theorem: Theorem, draw: Draw | None, end: float) -> None:
        self.theorem, self.draw, self.end = theorem, draw, end
        self.arithmetic: Arithmetic = prime_field()
        self.met = self.drawn = self.misses = self.seeds = 0
        self.count = 20
        self.failure, self.closed = "", False
        self.before: list[str] = []

    def run(self, rng: Random, wanted: int) -> None:
        """Draw from one seed until `wanted` instances have met the hypotheses."""
        self.seeds += 1
        while self.met < wanted and not self.failure and not self.closed and monotonic() < self.end:
            self._batch(rng)

    def _batch(self, rng: Random) -> None:
        instance = _instance(self.theorem, rng, self.arithmetic, self.count, self.draw)
        found = None if instance is None else _checked(self.theorem, instance, self.arithmetic)
        examples = _examples(instance)
        self.drawn += examples
        if instance is not None and found is not None and found.refutes:
            self.failure = _failure(self.theorem, instance, self.arithmetic)
        elif instance is not None and found is not None and found.met and found.holds:
            self.met += examples
            self.before = [*self.before[-2:], _data(instance)]
            self.closed = len(self.before) == 3 and len(set(self.before)) == 1
        else:
            self._missed()

    def _missed(self) -> None:
        self.misses += 1
        if not self.met and self.misses >= 2 and not self.arithmetic.bits:
            self.arithmetic, self.misses = balls(), 0
        elif self.misses >= 3:
            self.count = 1                                       # a batch counts only when all of it does


def _examples(instance: Instance | None) -> int:
    """How many different examples an instance holds: one, where nothing in it was drawn for a batch."""
    arrays = () if instance is None else instance.kept.values()
    return max((len(value) for value in arrays if isinstance(value, np.ndarray) and value.ndim == 3), default=1)


def _data(instance: Instance) -> str:
    return repr(sorted(vars(instance).items()))


def _checked(theorem: Theorem, instance: Instance, arithmetic: Arithmetic) -> Check | None:
    """In balls a second time at four times the precision where the first leaves it open."""
    try:
        found = check(theorem, instance, arithmetic)
        if arithmetic.bits and (found.met is None or (found.met and found.holds is None)):
            arithmetic = balls(4 * arithmetic.bits)
            found = check(theorem, instance, arithmetic)
        if found.met and isinstance(theorem.conclusion, Bounded):
            found = found._replace(holds=_at_some_points(theorem.conclusion, instance, arithmetic))
        return found
    except Undecided:
        return None


def _at_some_points(bounded: Bounded, instance: Instance, arithmetic: Arithmetic) -> bool | None:
    """|f(t)| <= γ for every real t, at points drawn for it."""
    t = Variable("point_of_a_bound")
    function, bound = bounded.args
    return holds(LessEqual(absolute(function(t)), bound), instance, arithmetic)


def _failure(theorem: Theorem, instance: Instance, arithmetic: Arithmetic) -> str:
    """The first example of the batch that refutes the theorem, in words."""
    from ..check.describe import instance_text
    for example in map(partial(_example, instance), range(instance.supply.count)):       # type: ignore[union-attr]
        found = _checked(theorem, example, arithmetic)
        if found is not None and found.refutes:
            return f"{theorem} fails on {instance_text(theorem.conclusion, example)}"
    return f"{theorem} fails on a batch, but on no single example of it: the evaluator is at fault"


def _example(instance: Instance, at: int) -> Instance:
    """One example of a batch."""
    one = copy(instance)
    one.batch = False
    one.kept = {key: value[at % len(value)] if isinstance(value, np.ndarray) and value.ndim == 3 else value
                for key, value in instance.kept.items()}
    return one


# ---------------------------------------------------------------- data that meet hypotheses

def _instance(theorem: Theorem, rng: Random, arithmetic: Arithmetic, count: int,
              draw: Draw | None) -> Instance | None:
    given = dict(draw(rng)) if draw is not None else {}
    supply = Network(rng, given.pop("examples", count), exact=arithmetic.exact, integers=given.pop("integers", None),
                     widths=given.pop("widths", None))
    statements = [*sorted(theorem.hypotheses, key=str), theorem.conclusion]        # one order, so that seeds repeat
    instance = random_instance(statements, rng, arithmetic, supply=supply, batch=True, **given)
    if instance is not None:
        for hypothesis in sorted(theorem.hypotheses, key=lambda h: (not isinstance(h, Equal), str(h))):
            _arrange(hypothesis, instance, arithmetic)
    return instance


def _arrange(hypothesis: Statement, instance: Instance, arithmetic: Arithmetic) -> None:
    """Make a hypothesis true where a symbol of its own can be chosen to that end."""
    try:
        if isinstance(hypothesis, ForAll):
            for at in _range(hypothesis, instance):
                _arrange(hypothesis.body_at(at), instance, arithmetic)
        elif isinstance(hypothesis, (LessEqual, Less)):
            _raise(hypothesis, instance, arithmetic)
        elif isinstance(hypothesis, IsActivation):
            function = hypothesis.args[0]
            formula = Formula(hypothesis.args[1].name)
            formula.name = hypothesis.args[1].name
            instance.set_function(function.name, _frame(instance).integers(function.indices), formula)
        elif isinstance(hypothesis, Equal):
            for one, other in ((hypothesis.left, hypothesis.right), (hypothesis.right, hypothesis.left)):
                if _is_open(one) and one not in subterms(other):
                    exact = arithmetic if arithmetic.exact else rationals()
                    instance.kept[_key(instance, one)] = evaluate(other, instance, exact)
                    return
    except SymgradError:
        return                                                   # then chance must meet it


def _range(hypothesis: ForAll, instance: Instance) -> range:
    low, high = _frame(instance).integers(hypothesis.args[1:3])
    return range(low, high + 1)


def _raise(relation: Any, instance: Instance, arithmetic: Arithmetic) -> None:
    """left <= right, where one side is a number that may be chosen: it goes just as far as it must, or beyond.

    A number that several hypotheses bound only ever goes further.
    """
    up = _is_open(relation.right)
    term, other = (relation.right, relation.left) if up else (relation.left, relation.right)
    if not arithmetic.bits or not _is_open(term) or not term.is_scalar_term or term in subterms(other):
        return
    sign = 1 if up else -1
    ends = [sign * _upper(sign * x) for x in evaluate(other, instance, arithmetic).reshape(-1)]
    key = _key(instance, term)
    drawn = [abs(Fraction(x)) for x in np.asarray(instance.array(*key[1:])).reshape(-1)]
    tight = instance.supply.rng.random() < 0.3                           # type: ignore[union-attr]
    extra = Fraction(1, 64) if isinstance(relation, Less) else Fraction(0)
    wanted = [end + sign * (extra if tight else extra + drawn[k % len(drawn)]) for k, end in enumerate(ends)]
    known = instance.kept.get(key)
    if known is not None and ("settled", key) in instance.kept:
        before = list(np.asarray(known).reshape(-1))
        size = max(len(before), len(wanted))
        before, wanted = before * (size // len(before)), wanted * (size // len(wanted))
        wanted = [max(u, k) if up else min(u, k) for u, k in zip(wanted, before, strict=True)]
    instance.kept["settled", key] = True
    instance.kept[key] = np.array(wanted, dtype=object).reshape(-1, 1, 1)


def _upper(x: Any) -> Fraction:
    """An exact number that is surely not less than a ball; what is closer to 0 than 2^-2000 is rounded up."""
    above = x.upper()
    if not above.is_finite() or not above.is_exact():
        raise Undecided("a bound that is not finite")
    mantissa, exponent = (int(part) for part in above.man_exp())
    if exponent < -4000:
        return Fraction(1, 2**2000) if mantissa > 0 else Fraction(0)
    if exponent > 4000:
        raise Undecided("a bound too large to be written down")
    return Fraction(mantissa) * Fraction(2) ** exponent


def _is_open(term: Any) -> bool:
    """A symbol that the instance may choose."""
    return isinstance(term, Variable) or (isinstance(term, Named) and not definition_of(term.name))


def _key(instance: Instance, term: Any) -> Any:
    frame = _frame(instance)
    return "array", term.name, frame.integers(term.indices) if isinstance(term, Named) else (), frame.shape(term)


def _frame(instance: Instance) -> Frame:
    return Run(instance, rationals()).frame
