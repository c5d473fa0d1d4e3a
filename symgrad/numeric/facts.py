"""Computed facts about numbers: a closed statement, without a symbol, decided in exact fractions."""

from __future__ import annotations

from ..errors import KernelError
from ..kernel.facts import computed, method
from ..kernel.statements import Statement
from ..kernel.theorem import Theorem
from ..terms.named import Apply, Elementwise, Gradient, Named
from ..terms.node import subterms
from .arithmetic import rationals
from .instance import Instance
from .truth import holds

__all__ = ["EXACT", "exactly"]

EXACT = "exact arithmetic"


@method(EXACT)
def _exact(statement: Statement, hypotheses: tuple[Statement, ...]) -> str:
    named = any(isinstance(node, (Named, Apply, Gradient, Elementwise)) for node in subterms(statement))
    if statement.free or named:
        raise KernelError(f"exact arithmetic decides statements about numbers alone, {statement} has symbols")
    if holds(statement, Instance(), rationals()) is not True:
        raise KernelError(f"exact arithmetic does not find {statement}")
    return str(statement)


def exactly(statement: Statement) -> Theorem:
    """The statement as a theorem, when exact arithmetic finds that it is true.

    Raises KernelError when it is false, or about more than numbers.

    >>> from sympy import Rational
    >>> from symgrad.kernel.statements import Less
    >>> from symgrad.terms.algebra import Number
    >>> print(exactly(Less(Number(2) ** 10, Number(3) ** 7)))
    ⊢ 2¹⁰ < 3⁷
    """
    return computed(EXACT, statement, ())
