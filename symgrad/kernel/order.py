"""Inequalities between scalars: signs, and where a formula may grow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Integer

from ..terms.algebra import Count, Number, Scaled, Sum, Term, as_term
from ..terms.named import Variable
from ..terms.node import open_binder, substitute
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import Absolute, Maximum, Minimum, Norm, Power, Quotient, SMin
from .statements import Condition, Equal, ForAll, Less, LessEqual, Nonzero, Relation
from .theorem import Sequent, Theorem, need, rule

__all__ = ["absolute_bound", "absolute_of_nonnegative", "antisymmetric", "at_most", "between_extremes", "cancel", "is_sign",
           "monotone", "nonzero_of_positive", "positive", "sign"]


@rule
def at_most(theorem: Theorem) -> Sequent:
    "a = b  /  a <= b     a < b  /  a <= b"
    need(isinstance(theorem.conclusion, Relation), lambda: f"expected an equation or inequality, got {theorem.conclusion}")
    return Sequent(LessEqual(theorem.left, theorem.right), theorem.hypotheses)


@rule
def antisymmetric(first: Theorem, second: Theorem) -> Sequent:
    "a <= b   b <= a  /  a = b"
    one, two = first.conclusion, second.conclusion
    need(isinstance(one, LessEqual) and isinstance(two, LessEqual) and one.left is two.right and one.right is two.left,
         lambda: f"expected a <= b and b <= a, got {one}; {two}")
    return Sequent(Equal(first.left, first.right), first.hypotheses | second.hypotheses)


@rule
def positive(number: Number) -> Sequent:
    "|- 0 < q     a rational number, compared exactly"
    number = as_term(number)
    need(isinstance(number, Number) and number.value.is_Rational and number.value > 0,
         lambda: f"expected a rational number greater than 0, got {number}")
    return Sequent(Less(Number(0), number))


@rule
def sign(term: Term, *premises: Theorem) -> Sequent:
    """0 <= s_i  /  0 <= t     t a norm, a stretch, |s|, an even power or a number >= 0, or one operation on the s_i

    The operations: sum, product, quotient, power, minimum, and product or sum over a range (∀ r, low <= r <= high:
    0 <= s_r).  An index expression e read as a scalar: 0 <= e |- 0 <= e.
    """
    term = as_term(term)
    need(term.is_scalar_term, lambda: f"{term} is no scalar")
    known = _signs(premises)
    if isinstance(term, Number):
        holds = term.value.is_nonnegative is True
    elif isinstance(term, Power):
        holds = term.base in known or (isinstance(term.exponent, Integer) and term.exponent % 2 == 0)
    elif isinstance(term, (Sum, Scaled, Quotient, Minimum)):
        holds = known.issuperset(term.args)
    elif isinstance(term, (OrderedProduct, FiniteSum)):
        index, body = open_binder(term)
        holds = ForAll(index, term.low, term.high, LessEqual(Number(0), body)) in [p.conclusion for p in premises]
    else:
        holds = isinstance(term, (Norm, Absolute, SMin, Count))
    need(holds, lambda: f"nothing says that {term} is not negative")
    conditions = {Condition(term.args[0])} if isinstance(term, Count) else set()
    return Sequent(LessEqual(Number(0), term), conditions.union(*(p.hypotheses for p in premises)))


def _signs(premises: Iterable[Theorem]) -> set[Any]:
    """The s with a premise 0 <= s or 0 < s."""
    return {p.right for p in premises if is_sign(p.conclusion)}


def is_sign(statement: Any) -> bool:
    return isinstance(statement, (LessEqual, Less)) and statement.left is Number(0)


@rule
def monotone(template: Term, hole: Variable, theorem: Theorem, signs: tuple[Theorem, ...]) -> Sequent:
    """Γ |- a <= b   0 <= s_i  /  T[a] <= T[b]     T one operation on the hole and scalars without it

    T is a sum, minimum or maximum; a product with scalars s_i; a power, if a is an s_i;
    where T is a sum, a < b gives T[a] < T[b]
    """
    need(isinstance(theorem.conclusion, (LessEqual, Less)), lambda: f"expected an inequality, got {theorem.conclusion}")
    need(isinstance(hole, Variable) and hole.is_scalar_term, lambda: f"the hole is a scalar variable, got {hole}")
    low, high = theorem.left, theorem.right
    rest = {part for part in template.args if part is not hole}
    need(template.is_scalar_term and low.is_scalar_term, lambda: f"{template} or {low} is no scalar")
    need(template.args.count(hole) == 1 and not any(hole in part.free for part in rest if isinstance(part, Term)),
         lambda: f"the hole must stand once in {template}, as a part of it")
    known = _signs(signs)
    need(isinstance(template, (Sum, Maximum, Minimum)) or (isinstance(template, Scaled) and rest <= known)
         or (isinstance(template, Power) and low in known), lambda: f"nothing says that {template} grows with its hole")
    kind = Less if isinstance(theorem.conclusion, Less) and isinstance(template, Sum) else LessEqual
    return Sequent(kind(substitute(template, {hole: low}), substitute(template, {hole: high})),
                   theorem.hypotheses.union(*(s.hypotheses for s in signs)))


@rule
def absolute_of_nonnegative(theorem: Theorem) -> Sequent:
    "0 <= s  /  |s| = s"
    need(is_sign(theorem.conclusion), lambda: f"expected 0 <= s, got {theorem}")
    return Sequent(Equal(Absolute(theorem.right), theorem.right), theorem.hypotheses)


@rule
def absolute_bound(scalar: Term, negated: bool) -> Sequent:
    "|- s <= |s|     with negated: |- -s <= |s|"
    scalar = as_term(scalar)
    need(scalar.is_scalar_term, lambda: f"{scalar} is no scalar")
    return Sequent(LessEqual(Scaled(Number(-1), scalar) if negated else scalar, Absolute(scalar)))


@rule
def between_extremes(extreme: Term, part: int) -> Sequent:
    "|- min(s_1, …) <= s_i     |- s_i <= max(s_1, …)"
    need(isinstance(extreme, (Maximum, Minimum)) and 0 <= part < len(extreme.args),
         "expected a minimum or maximum and a part of it")
    one = extreme.args[part]
    return Sequent(LessEqual(extreme, one) if isinstance(extreme, Minimum) else LessEqual(one, extreme))


@rule
def nonzero_of_positive(theorem: Theorem) -> Sequent:
    "0 < s  /  s ≠ 0"
    need(isinstance(theorem.conclusion, Less) and theorem.left is Number(0),
         lambda: f"expected 0 < s, got {theorem.conclusion}")
    return Sequent(Nonzero(theorem.right), theorem.hypotheses)


@rule
def cancel(dividend: Term, divisor: Term) -> Sequent:
    "b ≠ 0 |- (a / b) b = a"
    return Sequent(Equal(Scaled(Quotient(dividend, divisor), divisor), as_term(dividend)), (Nonzero(divisor),))
