"""Refutations: a claimed statement, an instance in exact numbers on which it is false, one on which it is
true.

The statement is a formula of the kernel and both of its sides are evaluated by the one evaluator, in
fractions where they can be and in balls otherwise, so that rounding decides nothing. A refutation cannot be
built when the statement holds on the counterexample; nor when it fails on `true_on`, an instance where the
text is right: that is the guard against mistyping a claim into falsehood. """

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import SymgradError
from ..kernel.statements import Relation, Statement
from ..kernel.theorem import Theorem, replay
from ..numeric.arithmetic import Arithmetic, Array, Undecided, balls, rationals
from ..numeric.evaluate import evaluate
from ..numeric.instance import Instance
from ..numeric.truth import holds

__all__ = ["Refutation", "RefutationError", "truth", "values"]


class RefutationError(SymgradError):
    """A counterexample that is none, or a claim mistyped into falsehood."""


@dataclass(frozen=True)
class Refutation:
    """A statement that is false on `instance` and true on `true_on`.

    given      hypotheses of the claim: they must hold on every instance
    because    theorems that settle a hypothesis which evaluation cannot, by having it as their conclusion
    also       further instances on which it is false: "for every step", "at every depth"
    words      what the instance is, in a sentence

    Raises RefutationError when it is built and its evidence does not stand.
    """

    claimed: Statement
    instance: Instance
    true_on: Instance
    given: tuple[Statement, ...] = ()
    because: tuple[Any, ...] = ()
    also: tuple[Instance, ...] = ()
    words: str = ""

    def __post_init__(self) -> None:
        for name in ("given", "because", "also"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not isinstance(self.claimed, Statement):
            raise RefutationError(f"a refutation is about a statement, such as Equal(left, right), got "
                                  f"{self.claimed!r}")
        self.verify()

    def verify(self) -> None:
        """Evaluate everything again. Raises RefutationError naming the first thing that does not stand."""
        settled = {theorem.conclusion for theorem in map(_replayed, self.because) if not theorem.hypotheses}
        for instance in (self.instance, *self.also, self.true_on):
            for hypothesis in self.given:
                if hypothesis not in settled and truth(hypothesis, instance) is not True:
                    raise RefutationError(f"the hypothesis {hypothesis} of the claim does not hold on "
                                          f"{_data(self.claimed, instance)}")
        for instance in (self.instance, *self.also):
            if truth(self.claimed, instance) is not False:
                raise RefutationError(f"{self.claimed} is not refuted: on {_data(self.claimed, instance)} "
                                      f"{_sides(self.claimed, instance)}")
        if truth(self.claimed, self.true_on) is not True:
            raise RefutationError(f"{self.claimed} should hold on {_data(self.claimed, self.true_on)}, where "
                                  f"{_sides(self.claimed, self.true_on)}: is the claim mistyped?")

    def sides(self, instance: Instance | None = None) -> tuple[Array, ...]:
        """Both sides of the claim on an instance (the counterexample unless another is given)."""
        return values(self.claimed, instance or self.instance)


def truth(statement: Statement, instance: Instance) -> bool | None:
    """Is the statement true on the instance? Decided in fractions or balls; None where neither decides.

    >>> from symgrad.kernel.statements import Less
    >>> from symgrad.terms.named import Variable
    >>> x = Variable("x_demo", 2)
    >>> truth(Less(x.T @ x, 25), Instance(arrays={"x_demo": [3, 4]}))
    False
    """
    for arithmetic in _deciding():
        found = holds(statement, instance, arithmetic)
        if found is not None:
            return found
    return None


def values(statement: Statement, instance: Instance) -> tuple[Array, ...]:
    """The two sides of a relation on an instance, exact fractions where they can be, else balls."""
    if not isinstance(statement, Relation):
        return ()
    for arithmetic in _deciding():
        try:
            return tuple(evaluate(side, instance, arithmetic) for side in (statement.left, statement.right))
        except Undecided:
            continue
    return ()


def _deciding() -> tuple[Arithmetic, ...]:
    """The arithmetics that may decide, in the order in which they are tried."""
    return rationals(), balls(128), balls(1024)


def _replayed(reason: Any) -> Theorem:
    return replay(getattr(reason, "theorem", reason))


def _sides(statement: Statement, instance: Instance) -> str:
    from .describe import value_text
    found = values(statement, instance)
    return f"its sides are {' and '.join(map(value_text, found))}" if found else "it is not decided"


def _data(statement: Statement, instance: Instance) -> str:
    from .describe import instance_text
    return instance_text(statement, instance)
