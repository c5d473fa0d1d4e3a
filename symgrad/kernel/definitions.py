"""Conservative definitions: new names for what can be said without them.

A definition is one act with all its cases, e.g. `z[l] = w[l] @ a[l-1] + b[l]` and `a[l] = sigma[l](z[l])` and
`a[0] = x` together. It is refused when a name was defined or used in a definition before, when two cases overlap,
when the right side has a variable or index that the left has not, or when a recursion does not move towards a bound
that its conditions state. So a definition can never make a contradiction: every value is settled, once.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any, NamedTuple

from sympy import Expr, Integer

from ..terms.algebra import Term, as_term
from ..terms.index import BoundIndex, Constant, Dimension, Index, OpenedIndex, affine, replace_in_index
from ..terms.named import Apply, Family, Function, FunctionAt, Named, Variable
from ..terms.node import Node, subterms
from .indices import implied
from .statements import Condition, Equal, conditions
from .theorem import Fact, Sequent, Theorem, need, rule

__all__ = ["Case", "acts", "close", "define", "defining_theorems", "definition", "definition_of", "is_closed"]


class Case(NamedTuple):
    """left = right under conditions on the indices."""

    left: Term
    right: Term
    where: tuple[Condition, ...]

    @property
    def name(self) -> str:
        return self.left.name if isinstance(self.left, Named) else self.left.function.name

    @property
    def indices(self) -> tuple[Expr, ...]:
        return self.left.indices if isinstance(self.left, Named) else self.left.function.indices


_acts: list[tuple[Case, ...]] = []
_cases: dict[Term, list[Case]] = {}
_named: dict[str, list[Case]] = {}
_closed: set[str] = set()


def is_closed(name: str) -> bool:
    """Does any definition define or use this name?"""
    return name in _closed


def close(*formulas: Node) -> None:
    """Keep every name in the formulas from being defined later: something is stated of them."""
    for formula in formulas:
        _closed.update(_names(formula))


def acts() -> tuple[tuple[Case, ...], ...]:
    """Every definition made so far, in order."""
    return tuple(_acts)


def definition_of(name: str) -> tuple[Case, ...]:
    """The cases that define a name; none when it is not defined."""
    return tuple(_named.get(name, ()))


def define(*cases: tuple[Any, Any, Any]) -> tuple[Theorem, ...]:
    """One definition with all its cases, each (left, right, where); returns the defining equation of each case.

    Raises KernelError when the definition is not conservative. Making the very same definition again is allowed.
    """
    act = tuple(Case(left, as_term(right), conditions(where)) for left, right, where in cases)
    if act not in _acts:
        _check(act)
        _acts.append(act)
        for case in act:
            _cases.setdefault(case.left, []).append(case)
            _named.setdefault(case.name, []).append(case)
            _closed.update(_names(case.left) | _names(case.right))
    return tuple(definition(case.left, _cases[case.left].index(case)) for case in act)


@rule
def definition(left: Term, number: int) -> Sequent:
    "conditions |- left = right     a case of a definition: the one of this number among those with this left side"
    need(isinstance(number, int) and 0 <= number < len(_cases.get(left, ())),
         lambda: f"{left} is not the left side of a definition")
    case = _cases[left][number]
    fact = Fact("definition", f"{case.name}: {left} = {case.right}")
    return Sequent(Equal(case.left, case.right), case.where, (fact,))


def _names(term: Node) -> set[str]:
    return {node.name for node in subterms(term) if isinstance(node, (Family, Function))}


def _check(act: tuple[Case, ...]) -> None:
    for case in act:
        _check_left(case)
        need(case.left.shape == case.right.shape, lambda case=case: f"{case.left} and {case.right} differ in shape")
        loose = {s for s in case.right.free if not isinstance(s, Constant)} - case.left.free
        need(not loose, lambda case=case, loose=loose: f"{case.left} does not determine {_listed(loose)} on the right")
        for c in case.where:
            loose = {s for s in c.free if not isinstance(s, Constant)} - case.left.free
            need(not loose, lambda c=c, loose=loose:
                 f"the condition {c} has {_listed(loose)}, which the left side has not")
        need(not is_closed(case.name), lambda case=case: f"{case.name} is already defined or used in a definition")
    for one, two in combinations(act, 2):
        need(one.name != two.name or _contradict(one, two),
             lambda one=one, two=two: f"the cases {one.left} and {two.left} may overlap")
    _check_recursion(act)


def _listed(symbols: set[Any]) -> str:
    return ", ".join(sorted(map(str, symbols)))


def _check_left(case: Case) -> None:
    left = case.left
    need(isinstance(left, (Named, Apply)), lambda: f"a definition names a symbol or a function, got {left}")
    free = [i for i in case.indices if isinstance(i, (Index, Dimension))]
    fixed = all(isinstance(i, (Index, Dimension)) or not i.atoms(Index, Dimension) for i in case.indices)
    need(fixed and len(set(free)) == len(free),
         lambda: f"the indices of {left} must be different index symbols or constants")
    if isinstance(left, Apply):
        need(all(isinstance(v, Variable) for v in left.arguments) and len(set(left.arguments)) == len(left.arguments),
             lambda: f"the arguments of {left} must be different variables")


def _contradict(one: Case, two: Case) -> bool:
    """Do the conditions of the two cases exclude each other where their indices agree?"""
    known = [c.expression for c in one.where]
    rename = {i: OpenedIndex(k) for k, i in enumerate(two.indices) if isinstance(i, (Index, Dimension))}
    known += [replace_in_index(c.expression, rename) for c in two.where]
    for i, j in zip(one.indices, two.indices, strict=True):
        difference = i - replace_in_index(j, rename)
        known += [difference, -difference]
    return implied(Integer(-1), known)


def _check_recursion(act: tuple[Case, ...]) -> None:
    """Every use of a name of this act must be nearer to a stated bound, or at the same index and earlier in the act."""
    ranks = {name: rank for rank, name in enumerate(dict.fromkeys(case.name for case in act))}
    directions = set()
    for case in act:
        for node in subterms(case.right):
            if not isinstance(node, (Named, FunctionAt)) or node.name not in ranks:
                continue
            step = _distance(case, node)
            if step == 0:
                need(ranks[node.name] < ranks[case.name],
                     lambda case=case, node=node: f"{case.left} is defined through {node} at the same index: circular")
                continue
            directions.add(step > 0)
            index = case.indices[0]
            bounds = [c.expression for c in case.where]
            need(any(_bounds(e, index, 1 if step < 0 else -1) for e in bounds),
                 lambda case=case: f"the recursion for {case.left} needs a condition that bounds {case.indices[0]}")
    need(len(directions) < 2, "a recursion must move in one direction")


def _distance(case: Case, node: Any) -> int:
    need(node.indices and case.indices, lambda: f"{case.left} is defined through {node}: circular")
    used = node.indices[0]
    need(not any(isinstance(s, BoundIndex) for s in used.free_symbols),
         lambda: f"{node} runs over a range in its own definition")
    difference = used - case.indices[0]
    need(difference.is_Integer, lambda: f"{case.left} uses {node}, at no fixed distance")
    return int(difference)


def _bounds(expression: Expr, index: Expr, sign: int) -> bool:
    """Is 0 <= expression a lower (sign 1) or upper (sign -1) bound for the index by constants?"""
    linear, _ = affine(expression)
    return dict(linear).get(index) == sign and all(s == index or isinstance(s, Constant) for s, _ in linear)



def defining_theorems(name: str) -> tuple[Theorem, ...]:
    """The equation of every case that defines a name."""
    return tuple(definition(case.left, _cases[case.left].index(case)) for case in definition_of(name))
