"""First-order matching: which indices and variables turn a pattern into a given formula?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sympy import Expr

from ..kernel.equality import congruence, symmetric
from ..kernel.logic import instantiate
from ..kernel.theorem import Theorem
from ..terms.algebra import MatrixProduct, Scaled, Sum, Term
from ..terms.index import BoundIndex, Index, affine
from ..terms.named import Variable
from ..terms.node import Node, substitute, subterms, transform

__all__ = ["instance", "match", "places", "template"]

Binding = dict[Any, Any]


def match(pattern: Any, target: Any, binding: Binding, free: frozenset[Any]) -> Binding | None:
    """`binding` extended so that `pattern` becomes `target`; only the symbols in `free` may be bound."""
    if not isinstance(pattern, Node):
        return _match_index(pattern, target, binding, free) if isinstance(pattern, Expr) else (
            binding if pattern == target else None)
    if isinstance(pattern, Variable) and pattern in free:
        known = binding.get(pattern)
        if known is not None:
            return binding if known is target else None
        if not isinstance(target, Term):
            return None
        found: Binding | None = binding
        for mine, theirs in zip(pattern.shape, target.shape, strict=True):
            if found is not None:
                found = _match_index(mine, theirs, found, free)
        return None if found is None else {**found, pattern: target}
    if pattern is target and pattern.free.isdisjoint(free):
        return binding
    if type(pattern) is not type(target) or len(pattern.args) != len(target.args):
        return None
    for mine, theirs in zip(pattern.args, target.args, strict=True):
        deeper = match(mine, theirs, binding, free)
        if deeper is None:
            return None
        binding = deeper
    return binding


def _match_index(pattern: Expr, target: Expr, binding: Binding, free: frozenset[Any]) -> Binding | None:
    if not isinstance(target, Expr):
        return None
    if pattern.is_infinite or target.is_infinite:
        return binding if pattern == target else None
    if not any(s in free for s in pattern.free_symbols):
        return binding if pattern == target else None
    if type(pattern) is type(target) and pattern.func.__name__ == "Width":
        return _match_index(pattern.args[1], target.args[1], binding, free) if pattern.args[0] == target.args[0] else None
    known = {s: e for s, e in binding.items() if isinstance(s, Index)}
    linear, constant = affine(substitute_index(pattern, known))
    open_symbols = [(s, c) for s, c in linear if s in free and s not in known]
    rest = sum((c * s for s, c in linear if (s, c) not in open_symbols), target - target + constant)
    if not open_symbols:
        return binding if (target - rest).expand() == 0 else None
    (symbol, c), *others = open_symbols
    if others or abs(c) != 1:
        return None
    return {**binding, symbol: ((target - rest) * c).expand()}


def substitute_index(expression: Expr, mapping: Binding) -> Expr:
    return substitute(expression, mapping) if mapping else expression


def instance(theorem: Theorem, binding: Binding) -> Theorem:
    """The theorem at the indices and terms that a match found."""
    pairs = tuple((old, new) for old, new in binding.items() if old is not new and old != new)
    return instantiate(theorem, pairs) if pairs else theorem


def places(term: Term) -> Iterator[Term]:
    """Every part of a term that an equation may be applied to: its subterms and runs of factors or summands.

    Parts under a range that mention its index are left out.
    """
    for node in reversed(subterms(term)):
        if not isinstance(node, Term) or any(isinstance(s, BoundIndex) for s in node.free):
            continue
        yield node
        if isinstance(node, (MatrixProduct, Sum, Scaled)):
            count = len(node.args)
            for length in range(count - 1, 1, -1):
                for start in range(count - length + 1):
                    yield type(node)(*node.args[start:start + length])


def template(term: Term, part: Term, hole: Variable) -> Term:
    """`term` with `part` (a subterm or a run of arguments) replaced by the hole."""
    runs = part.args if isinstance(part, (MatrixProduct, Sum, Scaled)) else ()

    def change(node: Node) -> Node:
        if node is part:
            return hole
        if runs and type(node) is type(part) and len(node.args) > len(runs):
            for start in range(len(node.args) - len(runs) + 1):
                if node.args[start:start + len(runs)] == runs:
                    return type(node)(*node.args[:start], hole, *node.args[start + len(runs):])
        return node

    return transform(term, change)


def rewrite(term: Term, part: Term, equation: Theorem) -> Theorem:
    """term = term with `part` replaced, by an equation whose left side is `part`."""
    if part is term:
        return equation
    hole = fresh_variable("hole", part.shape, (term,))
    return congruence(template(term, part, hole), hole, equation)


def fresh_variable(name: str, shape: tuple[Expr, Expr], avoid: Iterable[Node]) -> Variable:
    """A variable of this shape whose name begins with `name` and that is free in none of the formulas."""
    taken = {s.name for node in avoid for s in node.free if isinstance(s, Variable)}
    number = 0
    candidate = name
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return Variable(candidate, *shape)


def both_ways(theorem: Theorem) -> tuple[Theorem, Theorem]:
    return theorem, symmetric(theorem)
