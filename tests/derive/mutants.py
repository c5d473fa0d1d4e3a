"""The lines of the bundled proofs, recorded as they are checked, and small mistakes in them: slips of the pen."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any, NamedTuple

import pytest
from uniform import with_uniform_widths

from symgrad.check.discover import bundled
from symgrad.errors import SymgradError
from symgrad.kernel.statements import LessEqual, Relation
from symgrad.kernel.theorem import Theorem
from symgrad.terms.algebra import MatrixProduct, Number, Scaled, Sum, Term, Transpose
from symgrad.terms.named import ElementwiseFunction, Named
from symgrad.terms.node import Node, subterms, transform
from symgrad.terms.ranges import FiniteSum, OrderedProduct
from symgrad.terms.scalars import Norm, Power

engine = import_module("symgrad.derive.derivation")          # the package has a function of this name

__all__ = ["PROOFS", "Mutant", "Step", "mutants", "recorded"]


class Step(NamedTuple):
    """One line as the search sees it."""

    start: Term
    goal: Term
    relation: type[Relation]
    reasons: Any
    context: Any

    def check(self) -> Theorem | None:
        return engine.connect(*self)


class Mutant(NamedTuple):
    """A line with one mistake in it."""

    kind: str
    step: Step


PROOFS = ["bp1", "bp2", "bp3", "bp4", "delta_closed_form", "vanishing_bound"]


def recorded(monkeypatch: pytest.MonkeyPatch, name: str, uniform: bool = False) -> list[Step]:
    """The lines that are checked while a file is run (the files it imports have been run before)."""
    steps: list[Step] = []
    search = engine.connect

    def listening(*arguments: Any) -> Theorem | None:
        steps.append(Step(*arguments))
        return search(*arguments)

    others = {module: sys.modules.pop(module) for module in _proof_modules()} if uniform else {}
    with monkeypatch.context() as patch:
        if uniform:
            with_uniform_widths(patch, PROOFS)
        import_module(name)
        patch.delitem(sys.modules, name)
        patch.setattr(engine, "connect", listening)
        import_module(name)
    if uniform:                                                            # their theorems are about another network
        for module in _proof_modules():
            del sys.modules[module]
        sys.modules.update(others)
    return [step for step in steps if step.check() is not None]


def _proof_modules() -> list[str]:
    """The theorem files that are loaded."""
    return [name for name, module in list(sys.modules.items()) if str(getattr(module, "__file__", "")).startswith(str(bundled()))]


def mutants(step: Step) -> Iterator[Mutant]:
    """Every single mistake of the kinds below in the right side of a line; what has no shape is left out."""
    seen = {step.goal}
    for part in subterms(step.goal):
        for kind, wrong in _mistakes(part):
            try:
                goal = transform(step.goal, lambda node, part=part, wrong=wrong: wrong() if node is part else node)
                step.relation(step.start, goal)
            except SymgradError:
                continue                                                   # refused by its shape
            if goal not in seen:
                seen.add(goal)
                yield Mutant(kind, step._replace(goal=goal))
    if step.relation is LessEqual:
        yield Mutant("<= read backwards", step._replace(start=step.goal, goal=step.start))


def _mistakes(part: Node) -> Iterator[tuple[str, Any]]:
    if isinstance(part, Transpose):
        yield "lost transpose", lambda: part.args[0]
    if isinstance(part, Named) and part.indices:
        for shift in (1, -1):
            yield "shifted index", lambda shift=shift: part.family[(part.indices[0] + shift, *part.indices[1:])]
    if isinstance(part, ElementwiseFunction):
        yield "σ for σ'", lambda: ElementwiseFunction(part.args[0], 1 - min(part.order, 1), *part.indices)
    if isinstance(part, MatrixProduct):
        for k in range(len(part.args) - 1):
            swapped = [*part.args[:k], part.args[k + 1], part.args[k], *part.args[k + 2:]]
            yield "swapped factors", lambda swapped=swapped: MatrixProduct(*swapped)
    if isinstance(part, (MatrixProduct, Scaled, Sum)):
        for k in range(len(part.args)):
            yield "lost part", lambda k=k: type(part)(*part.args[:k], *part.args[k + 1:])
    if isinstance(part, Power):
        for shift in (1, -1):
            yield "exponent off by one", lambda shift=shift: Power(part.base, part.exponent + shift)
    if isinstance(part, (OrderedProduct, FiniteSum)):
        yield "range off by one", lambda: part.over(part.low - 1, part.high)
        yield "range off by one", lambda: part.over(part.low, part.high - 1)
    if isinstance(part, Norm):
        yield "another norm", lambda: Norm(part.args[0], 1 if part.kind != 1 else 2)
    if isinstance(part, Number):
        yield "another number", lambda: Number(part.value + 1)
