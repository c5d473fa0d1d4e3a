"""The numbers of binary16 in the kernel, and what an exhaustive check says about subtraction there.

`value[i]` is the i-th nonnegative number, 0 <= i <= 31743 (the largest finite one); `lower[i]` and `upper[i]` are half
the gaps to its neighbours, `odd[i]` the last bit of its significand; `fl(x)` is x rounded to nearest, ties to even. The
names stand for these numbers for good: they are closed by a definition, so that nothing can be put in their place.
The statements are decided by a method that looks at all 31,744 numbers, each time they are used or replayed.
"""

from __future__ import annotations

from functools import lru_cache

from ..errors import KernelError
from ..kernel.definitions import define
from ..kernel.facts import computed, method
from ..kernel.statements import Condition, Equal, Less, LessEqual, Statement
from ..kernel.theorem import Theorem
from ..terms.index import Index
from ..terms.named import Family, Function, Variable
from .rounding import check_binary16

__all__ = [
    "LAST",
    "absorbed_above",
    "absorbed_below",
    "changed_above",
    "changed_below",
    "fl",
    "i",
    "lower",
    "odd",
    "tie_above",
    "tie_below",
    "u",
    "upper",
    "value",
]

LAST = 0x7BFF
i, u = Index("i"), Variable("binary16.u")
_names = ("value", "lower", "upper", "odd")
value, lower, upper, odd = (Family(f"binary16.{name}", over={i: (0, LAST)}) for name in _names)
fl = Function("binary16.fl", [(1, 1)])
_below, _above = (Family(f"binary16.{name}", over={i: (0, LAST)}) for name in ("below", "above"))
_rounded, _x = Function("binary16.rounded", [(1, 1)]), Variable("binary16.x")
define((_below[i], value[i] - 2 * odd[i] * lower[i], ()), (_above[i], value[i] + 2 * odd[i] * upper[i], ()))
define((_rounded(_x), fl(_x), ()))

_METHOD = "exhaustive over binary16"
_inside = (Condition(i), Condition(LAST - i))
_positive = (Condition(i - 1), Condition(LAST - i))
_finite = (Condition(i), Condition(LAST - 1 - i))                # what follows the largest finite number is ∞

#: the statements that the check decides, each with its hypotheses
_FACTS: dict[str, tuple[Statement, tuple[Statement, ...]]] = {
    "absorbed below": (Equal(fl(value[i] - u), value[i]), (LessEqual(0, u), Less(u, lower[i]), *_positive)),
    "changed below": (Less(fl(value[i] - u), value[i]), (Less(lower[i], u), LessEqual(u, 2 * lower[i]), *_positive)),
    "tie below": (Equal(fl(value[i] - lower[i]), value[i] - 2 * odd[i] * lower[i]), _positive),
    "absorbed above": (Equal(fl(value[i] + u), value[i]), (LessEqual(0, u), Less(u, upper[i]), *_inside)),
    "changed above": (Less(value[i], fl(value[i] + u)), (Less(upper[i], u), LessEqual(u, 2 * upper[i]), *_finite)),
    "tie above": (Equal(fl(value[i] + upper[i]), value[i] + 2 * odd[i] * upper[i]), _finite),
}


@lru_cache(maxsize=1)
def _evidence() -> str:
    checks, violations = check_binary16()
    if violations:
        raise KernelError(f"{violations} of {checks} checks of binary16 fail")
    return f"{violations} violations in {checks:,} checks"


@method(_METHOD)
def _exhaustive(statement: Statement, hypotheses: tuple[Statement, ...]) -> str:
    """One of the six statements above. Rounding is monotone: the numbers next to half a gap decide for all u."""
    if not any(statement is claim and set(hypotheses) >= set(needed) for claim, needed in _FACTS.values()):
        raise KernelError(f"the check of binary16 decides its own six statements, not {statement}")
    return _evidence()


def _fact(name: str) -> Theorem:
    claim, hypotheses = _FACTS[name]
    return computed(_METHOD, claim, hypotheses)


absorbed_below, changed_below, tie_below = _fact("absorbed below"), _fact("changed below"), _fact("tie below")
absorbed_above, changed_above, tie_above = _fact("absorbed above"), _fact("changed above"), _fact("tie above")
