"""How one line follows from its reasons: a search from both ends, shortest first.

A state is a formula; a step applies one reason to one part of it and is a theorem of the kernel. Equations are used
in both directions, inequalities where the formula grows with the part. States that `algebra` makes equal are one
when it is among the reasons. A step whose index conditions do not follow from the stated range is not taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from ..errors import KernelError, SymgradError
from ..kernel.algebra import algebra as by_algebra
from ..kernel.equality import reflexive, symmetric, transitive
from ..kernel.indices import implied
from ..kernel.logic import assume, specialise
from ..kernel.normal_form import normal_term
from ..kernel.order import at_most
from ..kernel.statements import Bounded, Condition, Equal, ForAll, LessEqual, Relation
from ..kernel.theorem import Theorem
from ..terms.algebra import Number, Term
from ..terms.exponents import Exponent
from ..terms.index import Index
from ..terms.named import Variable
from ..terms.node import open_with_index, subterms
from .derived import bound_is_nonnegative, increase
from .laws import Law, algebra
from .matching import fresh_variable, instance, match, places, rewrite, template

__all__ = ["Context", "connect"]

_BUDGET = 400                                        # states at each end
_LONGEST = 8                                         # steps from each end


class Context:
    """What holds while a line is checked: index conditions, assumptions, and what is known not to be negative."""

    def __init__(self, where: Sequence[Condition] = (), given: Sequence[Any] = (), signs: Sequence[Theorem] = ()) -> None:
        self.where = tuple(c.expression for c in where)
        self.given = tuple(given)
        self.signs = tuple(signs)

    def signs_in(self, term: Term) -> tuple[Theorem, ...]:
        """What is known not to be negative, the bounds of layers that stand in the term included: 0 <= γ_l."""
        found = list(self.signs)
        for fact in self.given:
            if isinstance(fact, ForAll) and isinstance(fact.args[3], (Bounded, LessEqual)):
                index, body = open_with_index(fact)
                scalar = body.args[1] if isinstance(body, Bounded) or body.left is Number(0) else None
                for part in subterms(term) if scalar is not None else ():
                    at = match(scalar, part, {}, frozenset({index})) if type(part) is type(scalar) else None
                    if at and index in at:
                        found.append(bound_is_nonnegative(*body.at(at).args) if isinstance(body, Bounded)
                                     else specialise(assume(fact), at[index]))
        return tuple(found)

    def allows(self, theorem: Theorem) -> bool:
        """Do the index conditions of the theorem follow from the stated range?"""
        return all(implied(h.expression, self.where) for h in theorem.hypotheses if isinstance(h, Condition))


def connect(start: Term, goal: Term, relation: type[Relation], reasons: Sequence[Theorem | Law],
            context: Context) -> Theorem | None:
    """A theorem `start relation goal` from the reasons, or None when the search finds none."""
    normal = algebra in reasons
    key = normal_term if normal else (lambda term: term)
    upward = relation is not Equal
    forward: dict[Any, tuple[Term, tuple[Theorem, ...]]] = {key(start): (start, ())}
    backward: dict[Any, tuple[Term, tuple[Theorem, ...]]] = {key(goal): (goal, ())}
    front, back = [start], [goal]
    for _ in range(_LONGEST):
        met = _meeting(forward, backward, normal, relation)
        if met is not None:
            return met
        if not front and not back:
            return None
        front = _grow(forward, front, key, reasons, context, upward)
        met = _meeting(forward, backward, normal, relation)
        if met is not None:
            return met
        back = _grow(backward, back, key, reasons, context, False)
    return _meeting(forward, backward, normal, relation)


def _grow(seen: dict[Any, Any], front: list[Term], key: Any, reasons: Sequence[Any], context: Context,
          upward: bool) -> list[Term]:
    new: list[Term] = []
    for state in front:
        path = seen[key(state)][1]
        for step in _steps(state, reasons, context, upward):
            if len(seen) >= _BUDGET:
                return new
            mark = key(step.right)
            if mark not in seen:
                seen[mark] = (step.right, (*path, step))
                new.append(step.right)
    return new


def _meeting(forward: dict[Any, Any], backward: dict[Any, Any], normal: bool, relation: type[Relation]) -> Theorem | None:
    common = [mark for mark in forward if mark in backward]
    common.sort(key=lambda mark: len(forward[mark][1]) + len(backward[mark][1]))
    for mark in common:
        (one, there), (two, back) = forward[mark], backward[mark]
        try:
            chain = [*there, *([by_algebra(one, two)] if one is not two else []), *map(symmetric, reversed(back))]
        except KernelError:
            continue
        proof = chain[0] if chain else reflexive(one)
        for step in chain[1:]:
            proof = transitive(proof, step)
        if isinstance(proof.conclusion, relation):
            return proof
        if relation is LessEqual:
            return at_most(proof)
    return None


def _steps(state: Term, reasons: Sequence[Theorem | Law], context: Context, upward: bool) -> Iterator[Theorem]:
    """Theorems `state = next` (and `state <= next` when upward) by one use of one reason."""
    parts = list(places(state))
    for reason in reasons:
        for part in parts:
            for found in _uses(reason, part, context):
                if found.right is part or not context.allows(found):
                    continue
                if isinstance(found.conclusion, Equal):
                    yield rewrite(state, part, found)
                elif upward and isinstance(found.conclusion, Relation):
                    bigger = _increase(state, part, found, context)
                    if bigger is not None:
                        yield bigger


def _increase(state: Term, part: Term, found: Theorem, context: Context) -> Theorem | None:
    if part is state:
        return found
    if not part.is_scalar_term:
        return None
    hole = fresh_variable("hole", part.shape, (state,))
    frame = template(state, part, hole)
    try:
        return increase(frame, hole, found, context.signs_in(frame))
    except KernelError:
        return None


def _uses(reason: Theorem | Law, part: Term, context: Context) -> Iterator[Theorem]:
    if isinstance(reason, Law):
        yield from reason.propose(part, context.given)
        return
    claim = reason.conclusion
    if isinstance(claim, ForAll):
        yield from _at_some_index(reason, part)
        return
    if not isinstance(claim, Relation):
        return
    free = _open(reason)
    for theorem, pattern in ((reason, claim.left), *(((None, claim.right),) if isinstance(claim, Equal) else ())):
        found = match(pattern, part, {}, free)
        if theorem is None and isinstance(pattern, Number) and found is not None and len(found) < len(free):
            continue                                  # t − t = 0 says nothing about which t stands for a 0
        if found is not None:                         # symbols that the match leaves open stay themselves
            try:
                yield instance(theorem, found) if theorem is not None else symmetric(instance(reason, found))
            except SymgradError:
                continue


def _at_some_index(reason: Theorem, part: Term) -> Iterator[Theorem]:
    """An assumption about every layer, at the layer where one of its sides is the part."""
    index, body = open_with_index(reason.conclusion)
    if isinstance(body, Relation):
        found = match(body.left, part, {}, frozenset({index}))
        if found and index in found:
            yield specialise(reason, found[index])
        found = match(body.right, part, {}, frozenset({index})) if isinstance(body, Equal) else None
        if found and index in found:
            yield symmetric(specialise(reason, found[index]))


@lru_cache(maxsize=256)
def _open(reason: Theorem) -> frozenset[Any]:
    """The symbols of a reason that a match may bind."""
    return frozenset(s for s in reason.free if isinstance(s, (Index, Variable, Exponent)))
