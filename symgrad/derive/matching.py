"""First-order matching: which indices and variables turn a pattern into a given formula?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sympy import Expr
from sympy.core.numbers import Infinity, NegativeInfinity

from ..kernel.equality import congruence, symmetric
from ..kernel.logic import instantiate
from ..kernel.theorem import Theorem
from ..terms.algebra import MatrixProduct, Scaled, Sum, Term
from ..terms.exponents import (
    FROBENIUS,
    DualExponent,
    Exponent,
    dual_kind,
    exponent_at_most,
    exponent_ends,
    exponent_of,
)
from ..terms.index import Index, Width, affine, from_affine, symbols_of
from ..terms.named import Variable
from ..terms.node import Node, mentions_bound, substitute, subterms, transform

__all__ = ["instance", "match", "places", "template"]

Binding = dict[Any, Any]
_INFINITE = Infinity, NegativeInfinity


def match(pattern: Any, target: Any, binding: Binding, free: frozenset[Any]) -> Binding | None:
    """`binding` extended so that `pattern` becomes `target`; only the symbols in `free` may be bound."""
    if isinstance(pattern, (Exponent, DualExponent)):
        return _match_exponent(pattern, target, binding, free)
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


def _match_exponent(pattern: Any, target: Any, binding: Binding, free: frozenset[Any]) -> Binding | None:
    if pattern is target and exponent_of(pattern) not in free:
        return binding
    if exponent_of(pattern) not in free or target is FROBENIUS or not isinstance(target, (Node, Expr)):
        return None
    if isinstance(pattern, DualExponent):
        pattern, target = dual_kind(pattern), dual_kind(target)
    (low, high), known = exponent_ends(pattern), binding.get(pattern, target)
    fits = known == target and exponent_at_most(low, target) and exponent_at_most(target, high)
    return {**binding, pattern: target} if fits else None


def _match_index(pattern: Expr, target: Expr, binding: Binding, free: frozenset[Any]) -> Binding | None:
    if not isinstance(target, Expr):
        return None
    if isinstance(target, _INFINITE) or symbols_of(pattern).isdisjoint(free):          # ∞ has no symbols
        return binding if pattern == target else None
    if isinstance(pattern, Width) and isinstance(target, Width):
        return _match_index(pattern.args[1], target.args[1], binding, free) if pattern.args[0] == target.args[0] else None
    known = {s: e for s, e in binding.items() if isinstance(s, Index)}
    linear, constant = affine(substitute(pattern, known) if known else pattern)
    open_symbols = [(s, c) for s, c in linear if s in free and s not in known]
    if len(open_symbols) > 1 or any(abs(c) != 1 for _, c in open_symbols):
        return None
    theirs, more = affine(target)
    rest = dict(theirs)                                   # target - pattern, without what is open
    for s, c in linear:
        if (s, c) not in open_symbols:
            rest[s] = rest.get(s, 0) - c
    left = tuple([(s, c) for s, c in rest.items() if c])
    if not open_symbols:
        return None if left or more != constant else binding
    (symbol, sign), = open_symbols
    return {**binding, symbol: from_affine(tuple([(s, sign * c) for s, c in left]), sign * (more - constant))}


def instance(theorem: Theorem, binding: Binding) -> Theorem:
    """The theorem at the indices and terms that a match found."""
    pairs = tuple((old, new) for old, new in binding.items() if old is not new and old != new)
    return instantiate(theorem, pairs) if pairs else theorem


def places(term: Term) -> Iterator[Term]:
    """Every part of a term that an equation may be applied to: its subterms and runs of factors or summands.

    Parts under a range that mention its index are left out.
    """
    for node in reversed(subterms(term)):
        if not isinstance(node, Term) or mentions_bound(node):
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
