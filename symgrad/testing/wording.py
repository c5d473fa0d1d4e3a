"""What a failure of a backward function says: the coordinate, both numbers, the point, and what it looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .bignum import Array
from .probes import Point
from .witness import Slope

if TYPE_CHECKING:
    from .conduct import Code

__all__ = ["failure"]


def failure(code: Code, point: Point, seed: int, text: str = "", *, place: int | None = None,
            entry: tuple[int, ...] | None = None, given: Array | None = None, slope: Slope | None = None,
            truth: Callable[[], Array] | None = None, rounded: bool = False) -> str:
    """One paragraph for an AssertionError."""
    name = code.word(place) if place is not None else ""
    if entry is not None and given is not None and slope is not None:
        v = float(given[entry])
        expected = f"{slope.middle!r}" if not slope.kink else f"between {slope.low!r} and {slope.high!r} (a kink)"
        gap = abs(v - slope.middle) / max(abs(slope.middle), np.finfo(float).tiny)
        text = f"the gradient by {name}{list(entry)} is {v!r}, expected {expected}"
        text += f" (relative difference {gap:.1e})" if np.isfinite(gap) and slope.middle and not slope.kink else ""
        text += f"; {_looks_like(given, truth(), rounded)}" if truth is not None and not slope.kink else ""
    elif place is not None:
        text = f"the gradient by {name} is wrong {text}"
    return f"{code.name}: {text.rstrip('; ')}; {_where(code, point, seed)}"


def _where(code: Code, point: Point, seed: int) -> str:
    shown = ", ".join(f"{code.word(i)} = {_shown(point.arguments[i])}" for i in code.moving)
    kind = "at the arguments given" if point.given else f"at other arguments ({point.name}, seed {seed})"
    return f"{kind}: {shown}"


def _shown(a: Any) -> str:
    array = np.asarray(a)
    if array.size > 12:
        return f"an array of shape {array.shape}"
    return " ".join(np.array2string(array, separator=", ", floatmode="maxprec", precision=17).split())


def _looks_like(given: Array, truth: Array, rounded: bool) -> str:
    """What the whole gradient looks like: a multiple, the transpose, one entry off."""
    if rounded:
        return "the formula is right, its floats are not: digits cancel or overflow"
    known = np.isfinite(truth) & np.isfinite(given)
    if given.size < 2 or not np.any(known):
        return _ratio(given, truth, known)
    size = float(np.max(np.abs(truth[known])))
    wrong = known & (np.abs(given - truth) > 1e-6 * np.maximum(np.abs(truth), 1e-9 * size))
    square = given.ndim == 2 and given.shape[0] == given.shape[1] and bool(np.all(known))
    if square and np.allclose(given.T, truth, rtol=1e-5, atol=1e-9 * size):
        return "it is the transpose of the true gradient"
    found = _ratio(given, truth, known)
    if found:
        return found
    count, total = int(np.sum(wrong)) + int(np.sum(~np.isfinite(given))), given.size
    return f"{count} of {total} entries are wrong"


def _ratio(given: Array, truth: Array, known: Array) -> str:
    """One factor for all entries."""
    used = known & (truth != 0)
    if not np.any(used):
        return ""
    with np.errstate(all="ignore"):
        ratios = given[used] / truth[used]
    alike = bool(np.all(known) and np.all(np.isfinite(ratios))) and np.ptp(ratios) <= 1e-6 * np.max(np.abs(ratios))
    factor = float(ratios[0])
    if not alike or abs(factor - 1) < 1e-5 or np.any(given[truth == 0] != 0):
        return ""
    if abs(factor + 1) < 1e-6:
        return "its sign is wrong everywhere"
    return f"every entry is {factor:.6g} times the true one" if given.size > 1 else f"it is {factor:.6g} times the true one"
