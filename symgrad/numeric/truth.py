"""Is a statement true on an instance? Every kind of statement of the kernel, evaluated.

Exact arithmetics decide. Balls refute for certain; they confirm an inequality when its sides are apart, and an
equation, or an inequality whose sides touch, when the sides cannot be told apart and the doubt shrinks as the
precision is doubled (so no tolerance is ever set). Floats give a guess. None means: not decided by this arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..kernel.statements import (
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
from ..kernel.theorem import Theorem
from ..terms.algebra import Zero
from ..terms.named import ElementwiseFunction
from ..terms.scalars import norm
from ..terms.taylor import Hessian
from . import dual
from .arithmetic import Arithmetic, Array, Undecided, balls
from .evaluate import Frame, Run
from .instance import Instance
from .taylor import polynomials

__all__ = ["Check", "check", "difference", "holds"]


class Check(NamedTuple):
    """Does the instance meet a theorem's hypotheses, and does the conclusion hold on it? None: not decided."""

    met: bool | None
    holds: bool | None

    @property
    def refutes(self) -> bool:
        """The hypotheses hold and the conclusion does not."""
        return self.met is True and self.holds is False


def holds(statement: Statement, instance: Instance, arithmetic: Arithmetic | None = None) -> bool | None:
    """Is the statement true on the instance? Balls of 128 bits unless another arithmetic is given.

    >>> from symgrad.terms.algebra import Number
    >>> from symgrad.terms.scalars import norm
    >>> from symgrad.terms.named import Variable
    >>> x = Variable("x_demo", 2)
    >>> holds(LessEqual(norm(x, "inf"), norm(x, 2)), Instance(arrays={"x_demo": [3, 4]}))
    True
    """
    return _Judge(instance, arithmetic or balls()).truth(statement)


def check(theorem: Theorem, instance: Instance, arithmetic: Arithmetic | None = None) -> Check:
    """Hypotheses and conclusion of a theorem on an instance; the conclusion only where the hypotheses may be met."""
    judge = _Judge(instance, arithmetic or balls())
    met = _every(judge.truth, sorted(theorem.hypotheses, key=lambda h: (not isinstance(h, Condition), str(h))))
    return Check(met, None if met is False else judge.truth(theorem.conclusion))


def difference(relation: Relation, instance: Instance, arithmetic: Arithmetic | None = None) -> float:
    """The largest relative difference between the two sides, over the entries: |a - b| / max(|a|, |b|), 0/0 = 0."""
    from .arithmetic import floats
    run = Run(instance, arithmetic or floats())
    with run.arithmetic.precision():
        one, two = _sides(run, relation)
    size = np.maximum(np.abs(one), np.abs(two))
    return float(np.max(np.divide(np.abs(one - two), size, out=np.zeros(size.shape), where=size > 0), initial=0.0))


def _sides(run: Run, relation: Relation) -> tuple[Any, Any]:
    one, two = run.value(relation.left), run.value(relation.right)
    kind = complex if one.dtype.kind == "c" else float
    return one.astype(kind), two.astype(kind)


def _every(truth: Callable[[Any], bool | None], parts: Any) -> bool | None:
    """False when a part is false, else None when one is undecided, else True."""
    found: bool | None = True
    for part in parts:
        one = truth(part)
        if one is False:
            return False
        if one is None:
            found = None
    return found


class _Judge:
    """One instance and arithmetic; `values` holds the integers of quantified indices."""

    def __init__(self, instance: Instance, arithmetic: Arithmetic) -> None:
        self.instance, self.arithmetic = instance, arithmetic
        self.runs: dict[int, Run] = {}

    def run(self, factor: int = 1) -> Run:
        """A run, at a multiple of the precision (which only balls have)."""
        if factor not in self.runs:
            a = self.arithmetic
            self.runs[factor] = Run(self.instance, balls(a.bits * factor) if a.bits else a)
        return self.runs[factor]

    def truth(self, statement: Statement, values: dict[Any, int] | None = None) -> bool | None:
        """Is it true? None when this arithmetic cannot tell."""
        try:
            return _TRUTHS[type(statement)](self, statement, values or {})
        except Undecided:
            return None

    def compare(self, kind: type, sides: Callable[[Run], tuple[Array, Array]]) -> bool | None:
        """Do the two sides that a run gives stand in this relation?"""
        run = self.run()
        with run.arithmetic.precision():
            one, two = sides(run)
            if not run.arithmetic.bits:
                return _relation(kind, one, two, run.arithmetic)
            first = _surely(kind, one - two)
            if first is not None:
                return first
            doubt = _doubt(one - two)
        run = self.run(2)
        with run.arithmetic.precision():
            gap = np.subtract(*sides(run))
            again = _surely(kind, gap)
            if again is not None or kind is Less:
                return again
            return True if _doubt(gap) * 2 ** (self.arithmetic.bits // 4) <= doubt else None


def _relation(kind: type, one: Array, two: Array, arithmetic: Arithmetic) -> bool:
    if kind is Equal:
        return arithmetic.equal(one, two)
    arithmetic.needs_order("an inequality")
    if arithmetic.exact:
        return bool(np.all(one <= two if kind is LessEqual else one < two))
    return bool(np.all(one < two)) or (kind is LessEqual and arithmetic.equal(np.maximum(one, two), two))


def _surely(kind: type, gap: Array) -> bool | None:
    """Is left - right = 0 (<= 0, < 0) for certain, or certainly not?"""
    entries = list(gap.flat)
    if kind is Equal:
        if any(x != 0 for x in entries):
            return False
        return True if all(x == 0 for x in entries) else None
    if any(x > 0 or (kind is Less and x >= 0) for x in entries):
        return False
    return True if all(x < 0 or (kind is LessEqual and x <= 0) for x in entries) else None


def _doubt(gap: Array) -> Any:
    """The largest radius."""
    import flint
    largest = flint.arb(0)
    for x in gap.flat:
        if not isinstance(x, flint.arb):
            continue
        if not x.is_finite():
            raise Undecided("a value without a finite enclosure")
        largest = largest.max(x.rad())
    return largest


def _relates(judge: _Judge, node: Any, values: dict[Any, int]) -> bool | None:
    return judge.compare(type(node), lambda run: (run.value(node.left, values), run.value(node.right, values)))


def _condition(judge: _Judge, node: Condition, values: dict[Any, int]) -> bool:
    return Frame(judge.run(), values).integer(node.expression) >= 0


def _nonzero(judge: _Judge, node: Nonzero, values: dict[Any, int]) -> bool | None:
    with judge.run().arithmetic.precision():
        x = judge.run().value(node.args[0], values)[0, 0]
    if judge.arithmetic.bits:
        return True if x != 0 else False if x == 0 else None
    return bool(x != 0)


def _constant_is(judge: _Judge, node: ConstantIs, values: dict[Any, int]) -> bool:
    return judge.instance.integer(node.args[0]) == int(node.args[1])


def _for_all(judge: _Judge, node: ForAll, values: dict[Any, int]) -> bool | None:
    frame = Frame(judge.run(), values)
    low, high = frame.integer(node.args[1]), frame.integer(node.args[2])
    return _every(lambda i: judge.truth(node.args[3], {**values, node.args[0]: i}), range(low, high + 1))


def _differentiable(judge: _Judge, node: Differentiable, values: dict[Any, int]) -> bool | None:
    run = judge.run()
    function, point = node.args
    with run.arithmetic.precision():
        at = run.value(point, values)
        frame = Frame(run, values)
        if isinstance(function, ElementwiseFunction):
            return frame.one_variable(function).differentiable(function.order, at)
        run.derivative(frame.function(function), at)       # Undecided at a kink
    return True


def _twice_differentiable(judge: _Judge, node: TwiceDifferentiable, values: dict[Any, int]) -> bool | None:
    run = judge.run()
    function, point = node.args
    with run.arithmetic.precision():
        frame = Frame(run, values)
        f = frame.function(function)
        run.jacobian(lambda x: run.gradient(f, x), run.value(point, values))       # Undecided at a kink
    return True


def _lipschitz(judge: _Judge, node: LipschitzGradient, values: dict[Any, int]) -> bool | None:
    """A polynomial of degree 2 has one D²f, and ‖D²f‖₂ is the constant; of a greater degree it has none."""
    function, constant = node.args
    judge.arithmetic.needs_order("a Lipschitz constant")
    degrees = [f.total_degree() for f in polynomials(Frame(judge.run(), values), function)]
    if max(degrees, default=0) > 2:
        return False
    origin = Zero(function.shapes()[1][0], 1)
    return judge.truth(LessEqual(norm(Hessian(function, origin)), constant), values)


def _bounded(judge: _Judge, node: Bounded, values: dict[Any, int]) -> bool | None:
    run = judge.run()
    run.arithmetic.needs_order("a bound")
    function, bound = node.args
    with run.arithmetic.precision():
        return Frame(run, values).one_variable(function).bounded_by(function.order, run.value(bound, values)[0, 0])


def _is_activation(judge: _Judge, node: IsActivation, values: dict[Any, int]) -> bool:
    return Frame(judge.run(), values).one_variable(node.args[0]).name == node.args[1].name


def _one_function(judge: _Judge, node: OneFunction, values: dict[Any, int]) -> bool | None:
    return judge.instance.is_one_function(node.args[0].name)


def _jacobian(judge: _Judge, node: Jacobian, values: dict[Any, int]) -> bool | None:
    v, e, J = node.args

    def sides(run: Run) -> tuple[Array, Array]:
        claimed = run.value(J, values)
        moved, axis = _moved(run, v, e, values)
        shape = claimed.shape[-2:]
        true = run.arithmetic.full(shape[0], shape[1], 0) if moved is None else dual.last(moved, axis, shape[1], shape)
        return true, claimed

    return judge.compare(Equal, sides)


def _pullback(judge: _Judge, node: Pullback, values: dict[Any, int]) -> bool | None:
    """⟨G, de⟩ = ⟨H, dX⟩ for every entry of X and two cotangents G, the second twice the first plus another."""
    X, e, G, H = node.args

    def sides(run: Run) -> tuple[Array, Array]:
        moved, axis = _moved(run, X, e, values)
        shape = Frame(run, values).shape(X)
        true, claimed = [], []
        for g in _cotangents(run, Frame(run, values).shape(G)):
            claimed.append(run.value(H, {**values, G: g}))
            if moved is None:
                true.append(run.arithmetic.full(*shape, 0))
            else:
                true.append(dual.last(dual.entries_sum(g * moved), axis, shape[0] * shape[1], shape))
        return np.stack(true), np.stack(claimed)

    return judge.compare(Equal, sides)


def _moved(run: Run, variable: Any, term: Any, values: dict[Any, int]) -> tuple[Any, int]:
    point = run.value(variable, values)
    return run.derivative(lambda x: Frame(run, {**values, variable: x})(term), point)


def _cotangents(run: Run, shape: tuple[int, int]) -> list[Array]:
    """Some cotangents of a shape: H is linear in G, so that few are enough; whole numbers, without a pattern."""
    count = shape[0] * shape[1]
    draws = [np.array([(k * k * 37 + k * seed + 11) % 101 - 50 for k in range(count)], dtype=object).reshape(shape)
             for seed in (17, 64)]
    return [run.arithmetic.array(draw) if count else run.arithmetic.full(*shape, 0) for draw in draws]


_TRUTHS: dict[type, Callable[[_Judge, Any, dict[Any, int]], bool | None]] = {
    Equal: _relates, LessEqual: _relates, Less: _relates, Condition: _condition, Nonzero: _nonzero,
    ConstantIs: _constant_is, ForAll: _for_all, Differentiable: _differentiable, Bounded: _bounded,
    TwiceDifferentiable: _twice_differentiable, LipschitzGradient: _lipschitz,
    IsActivation: _is_activation, OneFunction: _one_function, Jacobian: _jacobian, Pullback: _pullback,
}
