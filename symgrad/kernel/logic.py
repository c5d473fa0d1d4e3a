"""Rules of pure logic: hypotheses, instantiation, quantified ranges, fixed constants, induction's frame.

Γ and Δ stand for hypotheses, φ and ψ for statements.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Integer

from ..terms.algebra import as_term, dimension
from ..terms.exponents import Exponent, exponent_at_most, exponent_ends, norm_kind
from ..terms.index import Constant, Dimension, Index, index_expression
from ..terms.named import ElementwiseFunction, Family, Function, Named, Variable
from ..terms.node import Node, substitute, subterms, transform
from .definitions import is_closed
from .indices import implied
from .statements import Condition, ConstantIs, ForAll, Jacobian, OneFunction, Pullback, Statement
from .theorem import Sequent, Theorem, need, rule

__all__ = ["arithmetic", "assume", "cases", "concrete", "cut", "generalise", "induction", "instantiate",
           "instantiate_symbol", "one_function", "specialise", "weaken"]


@rule
def assume(statement: Statement) -> Sequent:
    "φ |- φ"
    return Sequent(statement, (statement,))


@rule
def weaken(theorem: Theorem, statements: tuple[Statement, ...]) -> Sequent:
    "Γ |- φ  /  Γ, ψ, … |- φ"
    return Sequent(theorem.conclusion, theorem.hypotheses | set(statements))


@rule
def cut(theorem: Theorem, lemma: Theorem) -> Sequent:
    "Γ, ψ |- φ   Δ |- ψ  /  Γ, Δ |- φ"
    need(lemma.conclusion in theorem.hypotheses, lambda: f"{lemma.conclusion} is no hypothesis of {theorem}")
    return Sequent(theorem.conclusion, (theorem.hypotheses - {lemma.conclusion}) | lemma.hypotheses)


@rule
def arithmetic(statement: Statement, conditions: tuple[Condition, ...]) -> Sequent:
    "0 <= c_1, … |- 0 <= e     where it follows; and any φ where 0 <= -1 follows"
    goal = statement.expression if isinstance(statement, Condition) else Integer(-1)
    need(all(isinstance(c, Condition) for c in conditions), "expected conditions")
    need(implied(goal, [c.expression for c in conditions]), lambda: f"{statement} does not follow from the conditions")
    return Sequent(statement, conditions)


def replaced(theorem: Theorem, mapping: Mapping[Any, Any]) -> tuple[Statement, frozenset[Statement]]:
    """Conclusion and hypotheses with symbols replaced; refused where it would touch the variable of a judgement."""
    statements = (theorem.conclusion, *theorem.hypotheses)
    differentiated = {v for s in statements if isinstance(s, (Jacobian, Pullback)) for v in s.variables}
    if differentiated:
        variables = {s for s in theorem.free if isinstance(s, Variable)}
        images = {v: substitute(v, mapping) for v in variables}
        for v in differentiated:
            need(isinstance(images[v], Variable), lambda v=v: f"{theorem.conclusion} is never instantiated in {v}")
            for u in variables - {v}:
                need(images[v] not in images[u].free,
                     lambda v=v, u=u: f"this would make {v} and {u} one in {theorem.conclusion}")
    return substitute(statements[0], mapping), frozenset(substitute(h, mapping) for h in statements[1:])


@rule
def instantiate(theorem: Theorem, pairs: tuple[tuple[Any, Any], ...]) -> Sequent:
    """Γ |- φ  /  Γ[e/l, t/x, s/p] |- φ[e/l, t/x, s/p]     all at once; l an index, no constant

    x is a variable of t's shape; p an exponent, in whose range s lies for every value of its own symbol."""
    mapping: dict[Any, Any] = {}
    indices = {old: dimension(new) if isinstance(old, Dimension) else index_expression(new)
               for old, new in pairs if isinstance(old, (Index, Dimension))}
    for old, new in pairs:
        need(isinstance(old, (Index, Dimension, Variable, Exponent)), lambda old=old:
             f"{old} is not instantiated: only indices and variables are, a constant is fixed by a hypothesis")
        need(old not in mapping, lambda old=old: f"{old} is given twice")
        if isinstance(old, Dimension):
            _free_dimension(theorem, old)
        elif isinstance(old, Exponent):
            new, (low, high) = norm_kind(new), exponent_ends(old)
            need(exponent_at_most(low, new) and exponent_at_most(new, high), lambda old=old, new=new, low=low, high=high:
                 f"{old} stands for every p with {low} <= p <= {high}, got {new}")
        elif isinstance(old, Variable):
            new = as_term(new)
            shape = substitute(old, indices).shape
            need(new.shape == shape, lambda old=old, new=new, shape=shape:
                 f"{old} is {shape[0]} × {shape[1]}, got {new} ({new.shape[0]} × {new.shape[1]})")
        mapping[old] = indices.get(old, new)
    return Sequent(*replaced(theorem, mapping))


def _free_dimension(theorem: Theorem, size: Dimension) -> None:
    for statement in (theorem.conclusion, *theorem.hypotheses):
        for node in subterms(statement):
            need(not (isinstance(node, (Family, Function)) and size in node.dimensions),
                 lambda node=node: f"{size} is a width of {node.name}: it is fixed")


@rule
def instantiate_symbol(theorem: Theorem, family: Family, indices: tuple[Index, ...], term: Any) -> Sequent:
    "Γ |- φ  /  Γ[t/c] |- φ[t/c]     c[r] := t(r) without a range, for a family c of symbols that no definition mentions"
    need(not is_closed(family.name), lambda: f"{family.name} stands in a definition: it is not free to be chosen")
    term = as_term(term)
    need(len(indices) == family.arity and all(isinstance(i, Index) for i in indices),
         lambda: f"{family.name} takes {family.arity} indices")
    need(family[indices].shape == term.shape if indices else family().shape == term.shape,
         lambda: f"{term} has not the shape of {family.name}")
    need(not term.height, lambda: f"{term} binds an index of its own: name it first")
    judged = [s for s in (theorem.conclusion, *theorem.hypotheses) if isinstance(s, (Jacobian, Pullback))]
    differentiated = {v.name for s in judged for v in s.variables}
    need(not any(isinstance(v, Variable) and v.name in differentiated for v in term.free),
         lambda: f"{term} mentions the variable of a derivative")

    def change(node: Node) -> Node:
        if isinstance(node, Named) and node.family is family:
            return substitute(term, dict(zip(indices, node.indices, strict=True)))
        return node

    return Sequent(transform(theorem.conclusion, change), (transform(h, change) for h in theorem.hypotheses))


@rule
def concrete(theorem: Theorem, constant: Constant, value: int) -> Sequent:
    "Γ |- φ  /  Γ[5/L], L = 5 |- φ[5/L]     L a constant"
    fixed = ConstantIs(constant, value)
    conclusion, hypotheses = replaced(theorem, {constant: fixed.args[1]})
    return Sequent(conclusion, (*hypotheses, fixed))


@rule
def one_function(theorem: Theorem, function: ElementwiseFunction) -> Sequent:
    "Γ |- φ  /  Γ[σ/σ_r], (σ_r = σ for every r) |- φ[σ/σ_r]"
    same = OneFunction(function)

    def change(node: Node) -> Node:
        if isinstance(node, ElementwiseFunction) and node.args[0] == function.args[0]:
            return ElementwiseFunction(node.args[0], node.order)
        return node

    return Sequent(transform(theorem.conclusion, change), (*(transform(h, change) for h in theorem.hypotheses), same))


@rule
def generalise(theorem: Theorem, index: Index, low: Any, high: Any) -> Sequent:
    "Γ, low <= r, r <= high |- φ(r)  /  Γ |- ∀ r, low <= r <= high: φ(r)     r not in Γ"
    low, high = index_expression(low), index_expression(high)
    need(isinstance(index, Index) and index not in low.free_symbols | high.free_symbols, f"{index} is not a free index")
    rest = without_index(theorem.hypotheses, index, (index - low, high - index))
    return Sequent(ForAll(index, low, high, theorem.conclusion), rest)


def without_index(hypotheses: frozenset[Statement], index: Index, given: tuple[Any, ...]) -> set[Statement]:
    """The hypotheses that do not mention the index; those that do must be conditions that follow."""
    rest = {h for h in hypotheses if index not in h.free}
    known = [*given, *(h.expression for h in rest if isinstance(h, Condition))]
    for h in hypotheses - rest:
        need(isinstance(h, Condition) and implied(h.expression, known),
             lambda h=h: f"the index {index} is not free: it stands in the hypothesis {h}")
    return rest


@rule
def specialise(theorem: Theorem, index: Any) -> Sequent:
    "Γ |- ∀ r, low <= r <= high: φ(r)  /  Γ, low <= k, k <= high |- φ(k)"
    forall = theorem.conclusion
    need(isinstance(forall, ForAll), lambda: f"expected a statement for every index, got {forall}")
    index = index_expression(index)
    return Sequent(forall.body_at(index),
                   (*theorem.hypotheses, Condition(index - forall.args[1]), Condition(forall.args[2] - index)))


@rule
def cases(first: Theorem, second: Theorem, expression: Any) -> Sequent:
    "Γ, 0 <= e |- φ   Δ, e <= -1 |- φ  /  Γ, Δ |- φ"
    expression = index_expression(expression)
    need(first.conclusion is second.conclusion, lambda: f"two conclusions: {first.conclusion}; {second.conclusion}")
    return Sequent(first.conclusion, (first.hypotheses - {Condition(expression)})
                   | (second.hypotheses - {Condition(-expression - 1)}))


@rule
def induction(base: Theorem, step: Theorem, index: Index, low: Any, high: Any, down: bool) -> Sequent:
    """Γ |- φ(low)   Γ, φ(l-1), low < l, l <= high |- φ(l)  /  Γ, low <= l, l <= high |- φ(l)     l not in Γ

    down: from φ(high), and from φ(l+1) for low <= l < high
    """
    low, high = index_expression(low), index_expression(high)
    need(isinstance(index, Index) and index not in low.free_symbols | high.free_symbols,
         lambda: f"an induction runs over a free index, got {index} from {low} to {high}")
    claim = step.conclusion
    need(not any(isinstance(v, Variable) and index in v.free for v in claim.free),
         lambda: f"a variable of {claim} depends on {index}: its shape would change from layer to layer")
    start, nearer = (high, index + 1) if down else (low, index - 1)
    at_start, neighbour = substitute(claim, {index: start}), substitute(claim, {index: nearer})
    need(base.conclusion is at_start, lambda: f"the base of the induction is {at_start}, got {base.conclusion}")
    need(all(index not in h.free for h in base.hypotheses), lambda: f"{index} is not free in the base")
    moving = (index - low, high - index - 1) if down else (index - low - 1, high - index)
    rest = without_index(step.hypotheses - {neighbour}, index, moving)
    for statement in (claim, *rest, *base.hypotheses):
        need(not isinstance(statement, (Jacobian, Pullback)) or statement is claim,
             "a derivative judgement among the hypotheses of an induction")
    return Sequent(claim, (*base.hypotheses, *rest, Condition(index - low), Condition(high - index)))
