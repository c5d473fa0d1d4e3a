"""Equations and chains of relations."""

from __future__ import annotations

from ..terms.algebra import Term, as_term
from ..terms.named import Variable
from ..terms.node import substitute
from .statements import Equal, Jacobian, Less, LessEqual, Pullback, Relation, Statement
from .theorem import Sequent, Theorem, need, rule

__all__ = ["congruence", "equation_of", "reflexive", "replace", "symmetric", "transitive"]


def equation_of(theorem: Theorem) -> Equal:
    need(isinstance(theorem.conclusion, Equal), lambda: f"expected an equation, got {theorem.conclusion}")
    return theorem.conclusion


@rule
def reflexive(term: Term) -> Sequent:
    "|- a = a"
    term = as_term(term)
    return Sequent(Equal(term, term))


@rule
def symmetric(theorem: Theorem) -> Sequent:
    "Γ |- a = b  /  Γ |- b = a"
    equation = equation_of(theorem)
    return Sequent(Equal(equation.right, equation.left), theorem.hypotheses)


@rule
def transitive(first: Theorem, second: Theorem) -> Sequent:
    "Γ |- a R b   Δ |- b S c  /  Γ, Δ |- a T c     R, S, T among =, <=, <: T is the strictest that either allows"
    one, two = first.conclusion, second.conclusion
    need(isinstance(one, Relation) and isinstance(two, Relation) and one.right is two.left,
         lambda: f"these do not form a chain: {one}; {two}")
    kinds = {type(one), type(two)}
    kind = Less if Less in kinds else LessEqual if LessEqual in kinds else Equal
    return Sequent(kind(one.left, two.right), first.hypotheses | second.hypotheses)


@rule
def congruence(template: Term, hole: Variable, equation: Theorem) -> Sequent:
    "Γ |- a = b  /  Γ |- T[a] = T[b]"
    need(isinstance(hole, Variable), lambda: f"the hole of a template is a variable, got {hole}")
    equal = equation_of(equation)
    return Sequent(Equal(substitute(template, {hole: equal.left}), substitute(template, {hole: equal.right})),
                   equation.hypotheses)


@rule
def replace(template: Statement, hole: Variable, equation: Theorem, theorem: Theorem) -> Sequent:
    "Γ |- a = b   Δ |- φ[a]  /  Γ, Δ |- φ[b]     φ no derivative judgement"
    need(isinstance(template, Statement) and not isinstance(template, (Jacobian, Pullback)),
         "inside a derivative judgement nothing is replaced: rewrite its function or its result")
    equal = equation_of(equation)
    need(theorem.conclusion is substitute(template, {hole: equal.left}),
         lambda: f"{theorem.conclusion} is not the template with {equal.left}")
    return Sequent(substitute(template, {hole: equal.right}), equation.hypotheses | theorem.hypotheses)
