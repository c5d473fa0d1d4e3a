"""The two doors for what no rule can derive: facts computed with certainty, and facts cited.

A computed fact is decided by a registered method (balls, exact arithmetic, an exhaustive search) each time it is used
or replayed; a cited fact names its source. Both are tagged, and `Theorem.rests_on` lists them.
"""

from __future__ import annotations

from collections.abc import Callable

from .statements import Statement
from .theorem import Fact, Sequent, need, rule

__all__ = ["METHODS", "cited", "computed", "method"]

Method = Callable[[Statement, tuple[Statement, ...]], str]

#: how facts may be computed: name -> function(statement, hypotheses) -> evidence; it raises when it cannot decide
METHODS: dict[str, Method] = {}


def method(name: str) -> Callable[[Method], Method]:
    """Register a way to compute facts: the function returns the evidence in words, or raises KernelError."""
    def register(function: Method) -> Method:
        need(name not in METHODS, f"the method {name} exists already")
        METHODS[name] = function
        return function
    return register


@rule
def computed(by: str, statement: Statement, hypotheses: tuple[Statement, ...]) -> Sequent:
    "hypotheses |- φ     decided by a registered computation"
    need(by in METHODS, lambda: f"no method is called {by!r}: {', '.join(sorted(METHODS))}")
    evidence = METHODS[by](statement, hypotheses)
    return Sequent(statement, hypotheses, (Fact("computed", f"{by}: {evidence}"),))


@rule
def cited(source: str, statement: Statement, hypotheses: tuple[Statement, ...]) -> Sequent:
    "hypotheses |- φ     a theorem of the literature, not proved here"
    need(isinstance(source, str) and len(source.strip()) > 8, "a cited fact names its source")
    return Sequent(statement, hypotheses, (Fact("cited", source),))
