"""The rule `algebra`: two terms with one normal form are equal."""

from __future__ import annotations

from ..terms.algebra import Term, as_term
from .normal_form import normal_form
from .statements import Condition, Equal
from .theorem import Sequent, need, rule

__all__ = ["algebra"]


@rule
def algebra(left: Term, right: Term) -> Sequent:
    "0 <= e, for each symbolic exponent e  |-  a = b     a and b have one normal form (see `normal_form`)"
    left, right = as_term(left), as_term(right)
    (one, needed), (two, also) = normal_form(left), normal_form(right)
    need(left.shape == right.shape and one == two, lambda: f"algebra does not make {left} equal to {right}")
    return Sequent(Equal(left, right), (Condition(e) for e in needed | also))
