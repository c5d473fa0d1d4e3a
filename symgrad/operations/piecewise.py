"""Facts about an activation with kinks, such as relu, on a half line where it is one smooth formula.

    fact_on(Equal(sigma.prime(u), 1), Less(0, u), sigma="relu")        relu' = 1 where u > 0

The breaks of the activation are known exactly. A half line u > a or u < b that none of them lies in meets one piece,
and there the function and its derivatives are those of the piece's formula.
"""

from __future__ import annotations

import sympy

from ..balls.exponential import NotExponential, prove_identity
from ..errors import KernelError
from ..kernel.facts import computed, method
from ..kernel.statements import Differentiable, Equal, IsActivation, Less, Statement
from ..kernel.theorem import Theorem, need
from ..terms.algebra import Number, Scaled, Sum, Term
from ..terms.named import Elementwise, ElementwiseFunction, Variable
from ..terms.scalars import Maximum, Minimum
from .activation import Activation, activation, t

__all__ = ["fact_on"]

_NAME = "piece"


def fact_on(statement: Statement, where: Less | None = None, **named: str) -> Theorem:
    """A fact about one activation in one variable u: an equation, or that it is differentiable at u.

    where: Less(a, u) or Less(u, b) with a rational number, or None for every u (an equation of order 0).
    Raises KernelError when it is not decided.
    """
    (name, text), = named.items()
    hypotheses: list[Statement] = [IsActivation(ElementwiseFunction(name), text)]
    return computed(_NAME, statement, (*hypotheses, *((where,) if where is not None else ())))


@method(_NAME)
def piece(statement: Statement, hypotheses: tuple[Statement, ...]) -> str:
    """σ = f, a < u (or u < b) |- an equation between formulas in σ(u), σ'(u), u; or σ is differentiable at u."""
    known = [h for h in hypotheses if isinstance(h, IsActivation)]
    where = [h for h in hypotheses if isinstance(h, Less)]
    need(len(known) == 1 and len(where) <= 1, "expected one activation and at most one half line")
    record, function = activation(known[0].args[1].name), known[0].args[0]
    variables = [s for s in statement.free if isinstance(s, Variable)]
    need(len(variables) == 1, lambda: f"expected one variable in {statement}")
    (u,) = variables
    formula, place = _formula(record, where[0] if where else None, u)
    if isinstance(statement, Differentiable):
        need(where and statement.args == (function, u), lambda: f"{statement} is not about {function} on a half line")
        return f"{record.name} is {formula} {place}"
    need(isinstance(statement, Equal), lambda: f"expected an equation, got {statement}")
    left, right = (_expression(side, function, u, formula, bool(where)) for side in statement.args)
    need(_same(left, right), lambda: f"{record.name} is {formula} {place}: {left} is not {right}")
    return f"{record.name} is {formula} {place}"


def _formula(record: Activation, where: Less | None, u: Variable) -> tuple[sympy.Expr, str]:
    if where is None:
        return record.expression, "everywhere"
    pieces = record.pieces
    need(not pieces.implicit, lambda: f"the breaks of {record.name} are not known")
    low, high = where.args
    end = low if high is u else high
    need((high is u) != (low is u) and isinstance(end, Number) and end.value.is_Rational,
         lambda: f"expected a half line a < {u} or {u} < b with a rational number, got {where}")
    above = high is u
    outside = all(sympy.sympify(b <= end.value if above else b >= end.value) is sympy.true for b in pieces.breaks)
    need(outside, lambda: f"{record.name} has a break where {where}")
    return pieces.formulas[-1 if above else 0], f"where {where}"


def _expression(term: Term, function: ElementwiseFunction, u: Variable, formula: sympy.Expr,
                smooth: bool) -> sympy.Expr:
    def sub(part: Term) -> sympy.Expr:
        return _expression(part, function, u, formula, smooth)

    if isinstance(term, Number):
        return term.value
    if term is u:
        return t
    if isinstance(term, Sum):
        return sympy.Add(*map(sub, term.args))
    if isinstance(term, Scaled):
        return sympy.Mul(*map(sub, term.args))
    if isinstance(term, (Maximum, Minimum)):
        return (sympy.Max if isinstance(term, Maximum) else sympy.Min)(*map(sub, term.args))
    if isinstance(term, Elementwise) and term.argument is u and term.function.args[0] == function.args[0]:
        order = term.function.order
        need(smooth or not order, "a slope is known on a half line only")
        return sympy.diff(formula, t, order)
    raise KernelError(f"{term} is no formula in {function} and {u}")


def _same(left: sympy.Expr, right: sympy.Expr) -> bool:
    if left == right:
        return True
    try:
        return bool(prove_identity(left, right, t))
    except NotExponential:
        return False
