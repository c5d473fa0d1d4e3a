"""Refuters: for each rule of the kernel, how to draw what it is applied to; and the trial that looks for a lie.

`trial(rule, draw, seed)` applies a rule to random arguments, draws an instance that meets the hypotheses, and evaluates
both sides by `symgrad.numeric`: exactly modulo 2^61 - 1 where the formulas are polynomial, by balls otherwise. The
rule is refuted when the hypotheses hold and the conclusion does not. The tests demand an entry for every rule, and
show for each theory that a wrong rule is refuted. A function that returns a `Sequent` can be tried before it is a rule.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from ..errors import SymgradError
from ..kernel.statements import Equal
from ..kernel.theorem import Sequent, Theorem
from ..numeric.arithmetic import Undecided, balls, prime_field
from ..numeric.evaluate import Run
from ..numeric.instance import Instance
from ..numeric.truth import check
from ..terms.named import Variable
from .formulas import Formulas
from .instances import random_instance

__all__ = ["REFUTERS", "UNTESTED", "Counts", "Draw", "Trial", "refute", "refuter", "trial"]

Draw = Callable[[Formulas], tuple[Any, ...]]

#: rule, derived rule or cited fact -> how to draw its arguments
REFUTERS: dict[str, Draw] = {}

#: rules that add nothing of their own to be tried: what they say is what their caller says
UNTESTED = {"computed": "its method decides, and is tested where it is registered",
            "cited": "a theorem of the literature, tagged as such; those of `derive.literature` are tried by name"}


class Trial(NamedTuple):
    """One application of a rule: `verdict` is None when the hypotheses were not met or nothing was decided."""

    theorem: Theorem | Sequent | None
    instance: Instance | None
    verdict: bool | None


class Counts(NamedTuple):
    """What many trials gave: how often the rule held, and the trials that refute it."""

    held: int
    undecided: int
    refuted: tuple[Trial, ...]


def refuter(name: str) -> Callable[[Draw], Draw]:
    """Say how the arguments of a rule are drawn."""
    def keep(draw: Draw) -> Draw:
        REFUTERS[name] = draw
        return draw
    return keep


def trial(rule: Callable[..., Any], draw: Draw, seed: int) -> Trial:
    """One application of a rule (or of a function that returns a Sequent) to random arguments."""
    rng = Random(seed)
    exact = rng.random() < 0.5
    formulas = Formulas(rng, ordered=not exact)
    try:
        theorem = rule(*draw(formulas))
    except SymgradError:
        return Trial(None, None, None)                # it does not apply: nothing was claimed
    statements = [*theorem.hypotheses, theorem.conclusion]
    found = Trial(theorem, None, None)
    for arithmetic in ([prime_field()] if exact else []) + [balls(96)]:
        instance = random_instance(statements, rng, arithmetic, widths=(0, 1, 1, 2, 2, 3), integers=(-1, 4), tries=60)
        if instance is None:
            continue
        try:
            _grant(theorem.hypotheses, instance, arithmetic)
            met, holds = check(theorem, instance, arithmetic)
        except Undecided:
            continue
        if met and holds is not None:
            return Trial(theorem, instance, holds)
        found = Trial(theorem, instance, None)
    return found


def refute(rule: Callable[..., Any], draw: Draw, seeds: range) -> Counts:
    """Many trials."""
    held, undecided, refuted = 0, 0, []
    for seed in seeds:
        one = trial(rule, draw, seed)
        held += one.verdict is True
        undecided += one.verdict is None
        if one.verdict is False:
            refuted.append(one)
    return Counts(held, undecided, tuple(refuted))


def _grant(hypotheses: Any, instance: Instance, arithmetic: Any) -> None:
    """Make hypotheses `variable = formula` true, by giving the variable that value."""
    run = Run(instance, arithmetic)
    with arithmetic.precision():
        for statement in hypotheses:
            if isinstance(statement, Equal):
                for variable, term in (statement.args, statement.args[::-1]):
                    if isinstance(variable, Variable) and variable.name == "rnd_V" and variable not in term.free:
                        instance.set_array(variable.name, (), run.value(term))
