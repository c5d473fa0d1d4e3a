"""The smallest counterexample: instances in order of their size, until the claim fails on one.

Size is counted in steps away from the simplest choice: depth 2, width 1, entry 0, σ(t) = t cost nothing;
width 2, entry 1, σ(t) = t² one step each, and so on. The instances are never listed: evaluating the claim
asks for data, each answer is one of a few choices, and the search tries the cheapest answers first. """

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from heapq import heappop, heappush
from typing import Any

import numpy as np
from sympy import Integer, Rational, oo

from ..errors import SymgradError
from ..kernel.statements import Statement
from ..numeric.elementwise import OneVariable, Polynomial
from ..numeric.instance import Instance
from .refutation import RefutationError, truth

__all__ = ["smallest_counterexample"]

#: (cost, value), cheapest first
Options = Sequence[tuple[int, Any]]

_ENTRIES: Options = [(0, 0), (1, 1), (2, -1), (2, 2), (3, -2), (3, 3), (4, Fraction(1, 2)), (4, -3), (4, 4)]
_INTEGERS: Options = [(0, 1), (1, 2), (2, 3), (2, 0), (3, 4)]
_DEPTHS: Options = [(0, 2), (1, 3), (2, 1), (3, 4)]
_WIDTHS: Options = [(0, 1), (1, 2), (3, 3)]
_EXPONENTS: Options = [(0, Integer(2)), (1, Integer(1)), (1, oo), (2, Integer(3)), (3, Rational(3, 2))]
_FUNCTIONS: Options = [(0, Polynomial([0, 1])), (1, Polynomial([0, 0, 1])), (2, Polynomial([0, -1])),
                       (2, Polynomial([0, 2])), (3, Polynomial([1, 1])), (4, Polynomial([0, 1, 1]))]


class _Choices:
    """A supply that follows a path of choices and takes the first one where the path ends."""

    def __init__(self, path: tuple[int, ...]) -> None:
        self.path = path
        self.offered: list[Options] = []

    def _choose(self, options: Options) -> Any:
        at = len(self.offered)
        self.offered.append(options)
        return options[self.path[at] if at < len(self.path) else 0][1]

    def integer(self, name: str) -> int:
        return int(self._choose(_DEPTHS if name == "L" else _INTEGERS))

    def width(self, name: str, index: int) -> int:
        return int(self._choose(_WIDTHS))

    def array(self, name: str, indices: tuple[int, ...], shape: tuple[int, int]) -> Any:
        found = np.empty(shape, dtype=object)
        for place in np.ndindex(*shape):
            found[place] = self._choose(_ENTRIES)
        return found

    def one_variable(self, name: str, indices: tuple[int, ...]) -> OneVariable:
        return self._choose(_FUNCTIONS)

    def exponent(self, name: str, low: Any, high: Any) -> Any:
        return self._choose([(cost, p) for cost, p in _EXPONENTS if low <= p <= high] or [(0, low)])

    def function(self, name: str, indices: tuple[int, ...]) -> Callable[..., Any]:
        raise SymgradError(f"the search draws no function for {name}: give it with named={{{name!r}: …}}")


def smallest_counterexample(claimed: Statement, given: Sequence[Statement] = (), *, tries: int = 20_000,
                            **fixed: Any) -> Instance:
    """The smallest instance on which the hypotheses `given` hold and the claim fails.

    `fixed` is data the search is not to choose, as `Instance` takes them: integers, widths, arrays,
    functions, named. Raises RefutationError when `tries` instances hold no counterexample, or there are no
    more. """
    waiting: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]
    for tried in range(tries):
        if not waiting:
            raise RefutationError(f"{claimed} has no counterexample among the {tried} instances there are")
        cost, _, path = heappop(waiting)
        supply = _Choices(path)
        instance = Instance(**fixed, supply=supply)
        if _refutes(claimed, given, instance):
            instance.supply = None
            return instance
        chosen = [*path, *(0 for _ in supply.offered[len(path):])]
        for place in range(len(path), len(supply.offered)):
            for choice, (more, _value) in enumerate(supply.offered[place][1:], 1):
                heappush(waiting, (cost + more, len(waiting), (*chosen[:place], choice)))
    raise RefutationError(f"{claimed} has no counterexample among the {tries} smallest instances")


def _refutes(claimed: Statement, given: Sequence[Statement], instance: Instance) -> bool:
    try:
        return all(truth(h, instance) is True for h in given) and truth(claimed, instance) is False
    except SymgradError:
        return False                                                     # an index out of its range, no such shape
