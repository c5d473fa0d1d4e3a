"""Why a line was refused, in words: where the two sides first differ, what the reasons give, what to try."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import SymgradError
from ..kernel.indices import implied
from ..kernel.normal_form import normal_term
from ..kernel.statements import Condition, Equal, Relation
from ..terms.algebra import MatrixProduct, Scaled, Term, Transpose
from ..terms.node import Node, subterms
from .laws import algebra
from .matching import places
from .search import Context, _steps, _uses, connect

__all__ = ["explain"]


def explain(here: Term, right: Term, relation: type[Relation], reasons: Sequence[Any], context: Context) -> str:
    """One line: what the reasons give from `here`, the first difference from the claim, and a hint."""
    if relation is not Equal and connect(right, here, relation, reasons, context) is not None:
        return f"the reasons give it the other way round, {right} {relation.sign} {here}"
    blocked = _blocked(here, reasons, context)
    reached = _reached(here, reasons, context)
    if not reached and blocked:
        return blocked
    parts: list[str] = []
    best = min(reached or [here], key=lambda state: (_distance(state, right), state.serial))
    if reached:
        parts.append(f"the reasons give {best}")
    elif algebra not in reasons:
        parts.append("no reason applies to the line before")
    difference = _first_difference(best, right)
    if algebra in reasons:
        neat, claimed = normal_term(best), normal_term(right)
        parts.append(f"by algebra that is {neat}, the line is {claimed}" if reached else
                     f"by algebra the line before is {neat}, this one {claimed}")
        difference = _first_difference(neat, claimed)
    if difference:
        mine, theirs = difference
        parts.append(f"the first difference is {theirs} where {mine} is expected")
        hint = _hint(mine, theirs)
        if hint:
            parts.append(hint)
    if blocked:
        parts.append(blocked)
    return "; ".join(parts)


def _reached(here: Term, reasons: Sequence[Any], context: Context, most: int = 60) -> list[Term]:
    states, front = {here}, [here]
    while front and len(states) < most:
        new = []
        for state in front:
            for step in _steps(state, reasons, context, True):
                if step.right not in states and len(states) < most:
                    states.add(step.right)
                    new.append(step.right)
        front = new
    return [state for state in states if state is not here]


def _distance(one: Node, two: Node) -> int:
    mine, theirs = set(subterms(one)), set(subterms(two))
    return len(mine ^ theirs)


def _first_difference(one: Any, two: Any) -> tuple[Any, Any] | None:
    if one is two or not isinstance(one, Node) or not isinstance(two, Node):
        return None if one == two else (one, two)
    if type(one) is type(two) and len(one.args) == len(two.args):
        pairs = [(p, q) for p, q in zip(one.args, two.args, strict=True) if p != q]
        if len(pairs) == 1 and isinstance(pairs[0][0], Term):
            return _first_difference(*pairs[0])
        if pairs and isinstance(one, (MatrixProduct, Scaled)) and isinstance(pairs[0][0], Term):
            return _first_difference(*pairs[0])
    return one, two


def _hint(mine: Any, theirs: Any) -> str:
    if isinstance(mine, Transpose) and mine.args[0] is theirs:
        return f"did you mean {mine}?"
    if isinstance(theirs, Transpose) and theirs.args[0] is mine:
        return "a transpose too many"
    return ""


def _blocked(here: Term, reasons: Sequence[Any], context: Context) -> str:
    """An index condition that kept a reason from being used."""
    for reason in reasons:
        for part in places(here):
            try:
                for found in _uses(reason, part, context):
                    missing = [h for h in found.hypotheses if isinstance(h, Condition)
                               and not implied(h.expression, context.where)]
                    if missing:
                        return f"a reason needs {', '.join(sorted(map(str, missing)))}, which the range does not give"
            except SymgradError:
                continue
    return ""
