"""Inequalities between scalars: signs, and where a formula may grow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Integer

from ..terms.algebra import Count, Number, Scaled, Sum, Term, as_term
from ..terms.index import Width, affine, index_expression
from ..terms.named import Variable
from ..terms.node import open_binder, substitute
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import Absolute, Inner, Maximum, Minimum, Norm, Power, Quotient, SMin
from .equality import equation_of
from .statements import Condition, Equal, ForAll, Less, LessEqual, Nonzero
from .theorem import Sequent, Theorem, need, rule

__all__ = ["absolute_bound", "absolute_of_nonnegative", "absolute_product", "antisymmetric",
           "between_extremes", "cancel", "compare_numbers", "count_is_nonnegative", "difference",
           "equal_to_le", "increase", "less_to_le", "nonnegative", "nonzero_of_positive"]


@rule
def equal_to_le(theorem: Theorem) -> Sequent:
    "a = b  /  a <= b"
    equal = equation_of(theorem)
    return Sequent(LessEqual(equal.left, equal.right), theorem.hypotheses)


@rule
def less_to_le(theorem: Theorem) -> Sequent:
    "a < b  /  a <= b"
    need(isinstance(theorem.conclusion, Less), lambda: f"expected a < b, got {theorem.conclusion}")
    return Sequent(LessEqual(theorem.left, theorem.right), theorem.hypotheses)


@rule
def antisymmetric(first: Theorem, second: Theorem) -> Sequent:
    "a <= b   b <= a  /  a = b"
    one, two = first.conclusion, second.conclusion
    need(isinstance(one, LessEqual) and isinstance(two, LessEqual) and one.left is two.right and one.right is two.left,
         lambda: f"expected a <= b and b <= a, got {one}; {two}")
    return Sequent(Equal(first.left, first.right), first.hypotheses | second.hypotheses)


@rule
def compare_numbers(left: Number, right: Number) -> Sequent:
    "|- p <= q     p < q when they differ; rational numbers, compared exactly"
    left, right = as_term(left), as_term(right)
    need(isinstance(left, Number) and isinstance(right, Number) and left.value.is_Rational and right.value.is_Rational,
         lambda: f"expected two rational numbers, got {left} and {right}")
    need(left.value <= right.value, lambda: f"{left} is greater than {right}")
    return Sequent((Less if left.value < right.value else LessEqual)(left, right))


@rule
def difference(theorem: Theorem, back: bool) -> Sequent:
    "a <= b  /  0 <= b - a     and, with back, 0 <= b - a  /  a <= b; the same with <"
    relation = theorem.conclusion
    need(isinstance(relation, (Less, LessEqual)), lambda: f"expected an inequality, got {relation}")
    kind, left, right = type(relation), theorem.left, theorem.right
    if not back:
        return Sequent(kind(Number(0), right - left), theorem.hypotheses)
    parts: tuple[Any, ...] = right.args if isinstance(right, Sum) else ()
    need(left is Number(0) and len(parts) == 2 and isinstance(parts[1], Scaled) and parts[1].args[0] is Number(-1),
         lambda: f"expected 0 <= b - a, got {relation}")
    return Sequent(kind(Scaled(*parts[1].args[1:]), parts[0]), theorem.hypotheses)


@rule
def nonnegative(term: Term, *premises: Theorem) -> Sequent:
    """0 <= s_i  /  0 <= t     t built from s_i, norms, |s| and numbers >= 0 by sum, product, power, quotient

    A premise may be (∀ r, low <= r <= high: 0 <= s_r): it holds inside products and sums over that range.
    """
    _nonnegative(as_term(term), _signs(premises))
    return Sequent(LessEqual(Number(0), term), frozenset().union(*(p.hypotheses for p in premises)))


@rule
def count_is_nonnegative(value: Any) -> Sequent:
    "0 <= e |- 0 <= e     the index expression e read as a scalar"
    value = index_expression(value)
    return Sequent(LessEqual(Number(0), Count(value)), (Condition(value),))


def _signs(premises: Iterable[Theorem]) -> set[Any]:
    """The s with a premise 0 <= s or 0 < s, and the premises about every index of a range."""
    return {p.conclusion if isinstance(p.conclusion, ForAll) else p.right for p in premises
            if isinstance(p.conclusion, ForAll) or _is_sign(p.conclusion)}


def _is_sign(statement: Any) -> bool:
    return isinstance(statement, (LessEqual, Less)) and statement.left is Number(0)


def _nonnegative(term: Term, known: set[Any]) -> None:
    need(term.is_scalar_term, lambda: f"{term} is no scalar")
    if term in known or isinstance(term, (Norm, Absolute, SMin)):
        return
    if isinstance(term, Number):
        need(term.value.is_nonnegative is True, lambda: f"{term} is negative")
    elif isinstance(term, Count):
        linear, constant = affine(term.args[0])
        need(constant >= 0 and all(c >= 0 and isinstance(s, Width) for s, c in linear),
             lambda: f"the sign of {term} is open")
    elif isinstance(term, (Sum, Scaled, Quotient, Minimum)):
        for part in term.args:
            _nonnegative(part, known)
    elif isinstance(term, Maximum):
        need(any(_holds(part, known) for part in term.args), lambda: f"no entry of {term} is known to be nonnegative")
    elif isinstance(term, Inner) and term.args[0] is term.args[1]:
        return
    elif isinstance(term, Power):
        if not (isinstance(term.exponent, Integer) and term.exponent % 2 == 0):
            _nonnegative(term.base, known)
    elif isinstance(term, (OrderedProduct, FiniteSum)):
        index, body = open_binder(term)
        outside = {k for k in known if index not in k.free}          # it may have stood for that of an outer range
        inside = [k.body_at(index) for k in known if isinstance(k, ForAll) and k.args[1:3] == term.args[1:3]]
        _nonnegative(body, outside | {s.right for s in inside if _is_sign(s)})
    else:
        need(False, lambda: f"nothing says that {term} is not negative")


def _holds(term: Term, known: set[Any]) -> bool:
    from ..errors import KernelError
    try:
        _nonnegative(term, known)
    except KernelError:
        return False
    return True


@rule
def increase(template: Term, hole: Variable, theorem: Theorem, signs: tuple[Theorem, ...]) -> Sequent:
    "Γ |- a <= b   0 <= s_i  /  T[a] <= T[b]     T grows: sums; products and powers of what is not negative"
    need(isinstance(theorem.conclusion, (LessEqual, Less)), lambda: f"expected an inequality, got {theorem.conclusion}")
    need(isinstance(hole, Variable) and hole.is_scalar_term, lambda: f"the hole is a scalar variable, got {hole}")
    low, high = theorem.left, theorem.right
    need(low.is_scalar_term, lambda: f"expected an inequality of scalars, got {theorem.conclusion}")
    _grows(as_term(template), hole, low, _signs(signs))
    hypotheses = theorem.hypotheses.union(*(s.hypotheses for s in signs))
    return Sequent(LessEqual(substitute(template, {hole: low}), substitute(template, {hole: high})), hypotheses)


def _grows(term: Term, hole: Variable, low: Term, known: set[Any]) -> None:
    if term is hole:
        return
    inside = [arg for arg in term.args if hole in getattr(arg, "free", ())]
    need(len(inside) == 1 and sum(arg is inside[0] for arg in term.args) == 1,
         lambda: f"the hole must stand once in {term}")
    need(term.is_scalar_term, lambda: f"{term} is no scalar")
    if isinstance(term, Scaled):
        for arg in term.args:
            if arg is not inside[0]:
                _nonnegative(arg, known)
    elif isinstance(term, Quotient):
        need(term.args[0] is inside[0], lambda: f"{term} does not grow with its divisor")
        _nonnegative(term.args[1], known)
    elif isinstance(term, Power):
        _nonnegative(substitute(term.base, {hole: low}), known)
    else:
        need(isinstance(term, (Sum, Maximum, Minimum)), lambda: f"nothing says that {term} grows with its hole")
    _grows(inside[0], hole, low, known)


@rule
def absolute_product(factors: tuple[Term, ...]) -> Sequent:
    "|- |s_1 … s_n| = |s_1| … |s_n|     scalars"
    factors = tuple(map(as_term, factors))
    need(all(f.is_scalar_term for f in factors), "expected scalars")
    return Sequent(Equal(Absolute(Scaled(*factors)), Scaled(*map(Absolute, factors))))


@rule
def absolute_of_nonnegative(theorem: Theorem) -> Sequent:
    "0 <= s  /  |s| = s"
    need(_is_sign(theorem.conclusion), lambda: f"expected 0 <= s, got {theorem}")
    return Sequent(Equal(Absolute(theorem.right), theorem.right), theorem.hypotheses)


@rule
def absolute_bound(scalar: Term, negated: bool) -> Sequent:
    "|- s <= |s|     with negated: |- -s <= |s|"
    scalar = as_term(scalar)
    need(scalar.is_scalar_term, lambda: f"{scalar} is no scalar")
    return Sequent(LessEqual(-scalar if negated else scalar, Absolute(scalar)))


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


