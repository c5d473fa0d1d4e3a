"""Stated pullbacks: what is known of a function that no definition explains, such as softmax.

`state(value, cotangent, results, where)` says, once for a function f, that it is Fréchet differentiable where its
conditions hold and that ⟨G, df⟩ = Σ_i ⟨H_i, dx_i⟩. The kernel cannot prove that: it checks that the statement can be
one (shapes, no loose symbol, every H_i linear in G, nothing said of f before), and every theorem that uses it says so
in `rests_on`. The tests refute the statements of the operations that come with symgrad; a user's, when it is
registered.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..terms.algebra import Diagonal, Hadamard, MatrixProduct, Number, Scaled, Sum, Term, Transpose, Zero, as_term
from ..terms.index import Constant, Dimension, Index
from ..terms.named import Apply, Variable
from ..terms.ranges import FiniteSum
from ..terms.scalars import Inner, Quotient
from .definitions import acts, close, definition_of
from .statements import Condition, Differentiable, Less, LessEqual, Nonzero, Statement
from .theorem import need

__all__ = ["Stated", "linear", "state", "stated"]


class Stated(NamedTuple):
    """f(x_1, …) at its own variables; G; the H_i; the conditions under which f is differentiable there.

    It was stated after so many definitions (`after`): certificates keep the order.
    """

    value: Apply
    cotangent: Variable
    results: tuple[Term, ...]
    where: tuple[Statement, ...]
    after: int


_stated: dict[str, Stated] = {}


def stated(name: str) -> Stated | None:
    """What is stated of the function of this name."""
    return _stated.get(name)


def order_of(name: str) -> int:
    """Which of all statements is it?"""
    return list(_stated).index(name)


def state(value: Apply, cotangent: Variable, results: tuple[Any, ...], where: tuple[Statement, ...] = ()) -> Stated:
    """State the pullback of a function of any number of arguments. Saying the very same again is allowed.

    Raises KernelError when it cannot be a pullback, or when the name is defined or stated otherwise already.
    """
    found = Stated(value, cotangent, tuple(map(as_term, results)), tuple(where), len(acts()))
    _check(found)
    name = value.function.name
    known = _stated.get(name)
    if known is None:
        need(not definition_of(name), lambda: f"{name} is defined: its pullback is derived, not stated")
        close(value, *found.results, *found.where)
        _stated[name] = found
    else:
        need(known[:4] == found[:4], lambda: f"another pullback is stated for {name} already")
    return found


def _check(given: Stated) -> None:
    value, G, results, where, _ = given
    need(isinstance(value, Apply), lambda: f"a pullback is stated for f(x, …), got {value}")
    indices, variables = value.function.indices, value.arguments
    need(all(isinstance(i, (Index, Dimension)) for i in indices) and len(set(indices)) == len(indices),
         lambda: f"the indices of {value} must be different symbols")
    need(all(isinstance(v, Variable) for v in variables) and len({*variables, G}) == len(variables) + 1,
         lambda: f"the arguments of {value} and the cotangent must be different variables")
    need(isinstance(G, Variable) and G.shape == value.shape, lambda: f"the cotangent has the shape of {value}, got {G}")
    need(len(results) == len(variables), lambda: f"{value} needs one pullback for each argument, got {len(results)}")
    for x, result in zip(variables, results, strict=True):
        need(
            result.shape == x.shape,
            lambda x=x, result=result: (
                f"the pullback to {x} is {x.rows} × {x.columns}, got {result} ({result.rows} × {result.columns})"
            ),
        )
        need(linear(result, G), lambda result=result: f"{result} is not seen to be linear in {G}")
    known = {*value.free, *variables}
    for part in (*results, *where):
        loose = {s for s in part.free if not isinstance(s, Constant)} - known - ({G} if part in results else set())
        need(
            not loose,
            lambda part=part, loose=loose: (
                f"{part} mentions {', '.join(map(str, loose))}, which {value} does not"
            ),
        )
    need(all(isinstance(h, (Condition, Differentiable, Less, LessEqual, Nonzero)) for h in where),
         lambda: f"{value} is differentiable under conditions on its arguments, got {', '.join(map(str, where))}")


def linear(term: Term, G: Variable) -> bool:
    """Is the term seen to be linear in G? Every summand has G in one factor, which is linear in it."""
    if term is G or isinstance(term, Zero) or term is Number(0):
        return True
    if G not in term.free:
        return False
    if isinstance(term, Sum):
        return all(linear(part, G) for part in term.args)
    if isinstance(term, (Scaled, MatrixProduct, Hadamard, Inner)):
        moving = [part for part in term.args if G in part.free]
        return len(moving) == 1 and linear(moving[0], G)
    if isinstance(term, (Transpose, Diagonal)):
        return linear(term.args[0], G)
    if isinstance(term, Quotient):
        return G not in term.args[1].free and linear(term.args[0], G)
    return isinstance(term, FiniteSum) and linear(term.args[3], G)
