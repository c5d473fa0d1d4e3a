"""How statements and theorems are laid out: `1 ≤ l < L ⊢ δ^l = …`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..terms import layout as lay
from ..terms.display import index_layout, kind_layout, letter_for, notation, register
from ..terms.exponents import dual_kind, exponent_ends, exponents_in
from ..terms.index import affine
from ..terms.node import subterms
from ..terms.notation import Notation
from .statements import (
    Bounded,
    Condition,
    ConstantIs,
    Differentiable,
    Equal,
    ForAll,
    IsActivation,
    Jacobian,
    Less,
    LessEqual,
    LipschitzGradient,
    Nonzero,
    OneFunction,
    Pullback,
    Relation,
    Statement,
    TwiceDifferentiable,
)
from .theorem import Theorem

__all__ = ["exponent_ranges", "hypotheses_layout", "theorem_bundle", "theorem_latex", "theorem_layout", "theorem_text"]

SIGNS = {Equal: "eq", LessEqual: "le", Less: "lt"}


@register(Equal)
@register(LessEqual)
@register(Less)
def _(node: Any) -> Notation:
    return lay.relation(notation(node.left), SIGNS[type(node)], notation(node.right))


@register(Jacobian)
def _(node: Jacobian) -> Notation:
    v, e, J = map(notation, node.args)
    return lay.relation(lay.apply("D", lay.relation(v, "mapsto", e), kind="bracket"), "eq", J)


@register(Pullback)
def _(node: Pullback) -> Notation:
    X, e, G, H = map(notation, node.args)
    judged = lay.apply("V", lay.relation(X, "mapsto", e), kind="bracket")
    return lay.relation(lay.product(judged, lay.fenced("paren", G)), "eq", H)


def _sides(condition: Condition) -> tuple[Any, str, Any]:
    """left, sign, right of 0 <= e, with what is subtracted moved to the left."""
    linear, constant = affine(condition.expression)
    left = {s: -c for s, c in linear if c < 0}
    right = {s: c for s, c in linear if c > 0}
    if left and constant < 0:
        return _affine(left, -constant - 1), "lt", _affine(right, 0)
    return _affine(left, max(-constant, 0)), "le", _affine(right, max(constant, 0))


def _affine(parts: dict[Any, int], constant: int) -> Any:
    from sympy import Add, Integer
    return Add(*(s * c for s, c in parts.items()), Integer(constant))


@register(Condition)
def _(node: Condition) -> Notation:
    left, sign, right = _sides(node)
    return lay.relation(index_layout(left), sign, index_layout(right))


@register(Nonzero)
def _(node: Nonzero) -> Notation:
    return lay.relation(notation(node.args[0]), "ne", 0)


@register(Differentiable)
def _(node: Differentiable) -> Notation:
    return lay.phrase(notation(node.args[0]), lay.words(" differentiable at "), notation(node.args[1]))


@register(TwiceDifferentiable)
def _(node: TwiceDifferentiable) -> Notation:
    return lay.phrase(notation(node.args[0]), lay.words(" twice differentiable at "), notation(node.args[1]))


@register(LipschitzGradient)
def _(node: LipschitzGradient) -> Notation:
    return lay.phrase(lay.gradient(notation(node.args[0])), lay.words(" Lipschitz with constant "), notation(node.args[1]))


@register(Bounded)
def _(node: Bounded) -> Notation:
    value = lay.absolute(lay.apply(notation(node.args[0]), "t"))
    return lay.phrase(lay.relation(value, "le", notation(node.args[1])), lay.words(" for every real "), lay.letter("t"))


@register(IsActivation)
def _(node: IsActivation) -> Notation:
    return lay.relation(notation(node.args[0]), "eq", lay.letter(node.args[1].name))


@register(OneFunction)
def _(node: OneFunction) -> Notation:
    one = notation(node.args[0])
    return lay.relation(lay.scripted(one, sub="r"), "eq", one)


@register(ConstantIs)
def _(node: ConstantIs) -> Notation:
    return lay.relation(index_layout(node.args[0]), "eq", index_layout(node.args[1]))


@register(ForAll)
def _(node: ForAll) -> Notation:
    if node.args[1] == node.args[2]:
        return notation(node.body_at(node.args[1]))
    letter = letter_for(node)
    span = lay.relation(index_layout(node.args[1]), "le", str(letter), "le", index_layout(node.args[2]))
    return lay.phrase(notation(node.body_at(letter)), lay.words(" for "), span)


def hypotheses_layout(hypotheses: Any) -> list[Notation]:
    """The hypotheses in reading order: ranges such as 1 ≤ l < L joined, then the rest."""
    hypotheses = list(hypotheses)
    found = sorted((h for h in hypotheses if isinstance(h, Condition)), key=lambda c: str(c.expression))
    shown: list[Notation] = []
    used: set[Condition] = set()
    for one in found:
        if one in used:
            continue
        left, sign, right = _sides(one)
        for two in found:
            if two in used or two is one:
                continue
            low, other, high = _sides(two)
            if low == right and not right.is_Integer:
                shown.append(lay.relation(index_layout(left), sign, index_layout(right), other, index_layout(high)))
                used |= {one, two}
                break
    shown += [notation(one) for one in found if one not in used]
    rest = [h for h in hypotheses if not isinstance(h, Condition)]
    return shown + [notation(h) for h in sorted(rest, key=lambda h: (type(h).__name__, str(h)))]


def exponent_ranges(statements: Iterable[Statement]) -> list[Notation]:
    """For which p they hold: 1 ≤ p ≤ 2, and 1/p + 1/p* = 1 where the dual stands in them."""
    statements = tuple(statements)
    shown: list[Notation] = []
    for p in exponents_in(frozenset().union(*(s.free for s in statements))):
        low, high = exponent_ends(p)
        shown.append(lay.relation(kind_layout(low), "le", notation(p), "le", kind_layout(high)))
        dual = dual_kind(p)
        if any(dual in subterms(s) for s in statements):
            shown.append(lay.relation(lay.add(*(lay.fraction(1, notation(one)) for one in (p, dual))), "eq", 1))
    return shown


def theorem_layout(theorem: Theorem) -> Notation:
    """hypotheses ⊢ conclusion."""
    given = exponent_ranges((theorem.conclusion, *theorem.hypotheses)) + hypotheses_layout(theorem.hypotheses)
    context = lay.listing(*given) if given else lay.words("")
    claim = theorem.conclusion
    if isinstance(claim, Relation):
        return lay.relation(context, "turnstile", notation(claim.left), SIGNS[type(claim)], notation(claim.right))
    return lay.relation(context, "turnstile", notation(claim))


def theorem_text(theorem: Theorem) -> str:
    from ..terms.text import text
    return text(theorem_layout(theorem)).strip()


def theorem_latex(theorem: Theorem) -> str:
    from ..terms.latex import latex
    return latex(theorem_layout(theorem))


def theorem_bundle(theorem: Theorem) -> dict[str, str]:
    from ..terms.mathml import math
    shown = theorem_layout(theorem)
    return {"text/plain": theorem_text(theorem), "text/latex": f"$\\displaystyle {theorem_latex(theorem)}$",
            "text/html": math(shown)}


