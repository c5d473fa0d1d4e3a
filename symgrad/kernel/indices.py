"""The certified decision of index conditions: does 0 <= e follow from 0 <= c_1, 0 <= c_2, …?

It follows when e is a natural number plus a sum of at most three of the conditions (a condition may be used twice).
That is sound by inspection, decides what derivations over layers need, and is easy to check again.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations_with_replacement

from sympy import Expr

from ..terms.index import Width, affine

__all__ = ["implied"]

_REACH = 3


def implied(goal: Expr, known: Iterable[Expr]) -> bool:
    """Does 0 <= goal follow from 0 <= e for every known e? (False means: not by this procedure.)

    >>> from symgrad.terms.index import Constant, Index
    >>> l, L = Index("l"), Constant("L")
    >>> implied(L - l, [L - l - 1])
    True
    >>> implied(L - l - 1, [L - l])
    False
    """
    return _implied(goal, tuple(known))


@lru_cache(maxsize=65536)
def _implied(goal: Expr, known: tuple[Expr, ...]) -> bool:
    target, number = affine(goal)
    if number >= 0 and all(isinstance(symbol, Width) and c > 0 for symbol, c in target):
        return True                                       # widths are natural numbers
    wanted = dict(target)
    forms = [affine(e) for e in dict.fromkeys(known)]
    usable = [(dict(linear), constant) for linear, constant in forms if linear]
    for count in range(1, _REACH + 1):
        for chosen in combinations_with_replacement(usable, count):
            total: dict[Expr, int] = {}
            constant = 0
            for linear, part in chosen:
                constant += part
                for symbol, c in linear.items():
                    total[symbol] = total.get(symbol, 0) + c
            if number >= constant and {s: c for s, c in total.items() if c} == wanted:
                return True
    return False
