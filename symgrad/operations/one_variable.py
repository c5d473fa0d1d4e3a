"""Facts of one real variable about known activations: σ'(t) = σ(t)(1 − σ(t)), σ'(t) <= 1/4, σ(0) = 1/2.

Both sides are written as SymPy expressions in one symbol. An equation is an identity of rational functions of t
and e^t, decided by a normal form (see `symgrad.balls.exponential`). An inequality of rational functions of e^t
alone is decided by the roots of polynomials (Sturm's theorem); any other `<=` is left to balls on the whole line.
"""

from __future__ import annotations

import sympy

from ..balls.exponential import NotExponential, normal_form, prove_identity, y
from ..balls.prove import prove_inequality
from ..errors import KernelError, SymgradError
from ..kernel.facts import computed, method
from ..kernel.statements import Equal, IsActivation, Less, Relation, Statement
from ..kernel.theorem import Theorem, need
from ..terms.algebra import Hadamard, Number, Scaled, Sum, Term
from ..terms.named import Elementwise, ElementwiseFunction, Variable
from ..terms.scalars import Absolute, Maximum, Minimum, Power
from .activation import activation, t

__all__ = ["fact"]

_NAME = "one variable"


def fact(statement: Statement, **activations: str) -> Theorem:
    """A fact about activations, e.g. `fact(LessEqual(sigma.prime(u), Rational(1, 4)), sigma="sigmoid")`.

    Raises KernelError when it is not decided.
    """
    named = {node for node in _functions(statement) if node.name in activations}
    hypotheses = [IsActivation(_value(function), activations[function.name]) for function in named]
    return computed(_NAME, statement, tuple(sorted(dict.fromkeys(hypotheses), key=str)))


def _functions(statement: Statement) -> list[ElementwiseFunction]:
    from ..terms.node import subterms
    return [node for node in subterms(statement) if isinstance(node, ElementwiseFunction)]


def _value(function: ElementwiseFunction) -> ElementwiseFunction:
    return ElementwiseFunction(function.args[0], 0, *function.indices)


@method(_NAME)
def one_variable(statement: Statement, hypotheses: tuple[Statement, ...]) -> str:
    """σ = f, … |- a relation between two formulas in one real variable (or none), for every value of it."""
    need(isinstance(statement, Relation) and statement.left.is_scalar_term,
         lambda: f"expected a relation between scalars, got {statement}")
    known = {h.args[0]: h.args[1].name for h in hypotheses if isinstance(h, IsActivation)}
    variables = {s for s in statement.free if isinstance(s, Variable)}
    need(len(variables) < 2, lambda: f"{statement} has more than one variable")
    left, right = (_expression(side, known) for side in (statement.left, statement.right))
    try:
        if isinstance(statement, Equal):
            need(prove_identity(left, right, t), lambda: f"{left} is not {right}")
            return f"{left} = {right}, by the normal form of rational functions of t and e^t"
        strict = isinstance(statement, Less)
        below = _at_least_zero(right - left, strict)
        if below is None and not strict:
            found = prove_inequality(left, right, t)
            need(found.holds, lambda: f"{left} <= {right} is {_verdict(found.holds)}")
            return f"{left} <= {right} on the real line, by balls ({found.boxes} boxes)"
    except NotExponential as error:
        raise KernelError(str(error)) from error
    except SymgradError as error:
        raise KernelError(f"{statement} is not decided: {error}") from error
    need(below, lambda: f"{left} {statement.sign} {right} is {_verdict(below)}")
    return f"{left} {statement.sign} {right}, by the roots of polynomials in e^t"


def _verdict(found: bool | None) -> str:
    return "false" if found is False else "not decided"


def _at_least_zero(difference: sympy.Expr, strict: bool) -> bool | None:
    """Is it >= 0 (or > 0) for every t? Decided for rational functions of e^t; None for anything else."""
    try:
        numerator, denominator, _ = normal_form(difference, t)
    except NotExponential:
        return None
    signs = [_sign(poly) for poly in (numerator, denominator)]
    if None in signs:
        return None
    (above, touches), (below, pole) = signs                       # type: ignore[misc]
    if pole:
        return None
    if above == 0:
        return not strict
    return above * below == 1 and not (strict and touches)


def _sign(poly: sympy.Poly) -> tuple[int, bool] | None:
    """The sign of a polynomial in y for y > 0 (2 when it changes), and whether it has a root there.

    None for a polynomial with t in it.
    """
    if poly.is_zero:
        return 0, True
    if poly.has(t) and poly.degree(t) > 0:
        return None
    one = sympy.Poly(poly.as_expr(), y)
    if not all(c.is_Rational for c in one.coeffs()):
        return None
    coefficient, factors = one.factor_list()
    sign, root = (1 if coefficient > 0 else -1), False
    for factor, power in factors:
        if factor == sympy.Poly(y, y):
            continue
        if factor.count_roots(0, None):
            root = True
            if power % 2:
                return 2, True
        elif factor.eval(1) < 0 and power % 2:
            sign = -sign
    return sign, root


def _expression(term: Term, known: dict[ElementwiseFunction, str]) -> sympy.Expr:
    """A scalar formula as SymPy; quotients are left out, since here x/0 is 0."""
    def sub(part: Term) -> sympy.Expr:
        return _expression(part, known)

    if isinstance(term, Number):
        return term.value
    if isinstance(term, Variable):
        return t
    if isinstance(term, Sum):
        return sympy.Add(*map(sub, term.args))
    if isinstance(term, (Scaled, Hadamard)):
        return sympy.Mul(*map(sub, term.args))
    if isinstance(term, Power) and term.exponent.is_Integer:
        return sub(term.base) ** term.exponent
    if isinstance(term, Absolute):
        return sympy.Abs(sub(term.args[0]))
    if isinstance(term, (Maximum, Minimum)):
        return (sympy.Max if isinstance(term, Maximum) else sympy.Min)(*map(sub, term.args))
    if isinstance(term, Elementwise):
        name = known.get(_value(term.function))
        need(name is not None, lambda: f"no hypothesis says which activation {term.function} is")
        record = activation(name)
        order = term.function.order
        need(order == 0 or record.smooth, lambda: f"{name} is not differentiable everywhere")
        return sympy.diff(record.expression, t, order).subs(t, sub(term.argument))
    raise KernelError(f"{term} is no formula of one real variable")
