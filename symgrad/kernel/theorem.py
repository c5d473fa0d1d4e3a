"""Theorems, and the one door through which they are made.

A `Theorem` says: under these hypotheses, this conclusion. Only a function decorated with `@rule` can make one; it
records the rule, its arguments and its premises, so that a theorem can be replayed from nothing. Python cannot
forbid a forger `object.__new__`, so `replay` trusts no object: it makes every theorem of the proof again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache, wraps
from typing import Any, ParamSpec

from sympy import Expr, Symbol
from sympy.core.symbol import Str

from ..errors import KernelError
from ..terms.node import Node, is_intact, mentions_bound
from .indices import implied
from .statements import Condition, Relation, Statement

__all__ = ["RULES", "Fact", "Sequent", "Theorem", "need", "replay", "replay_all", "rule"]

P = ParamSpec("P")
_key = object()

#: every rule of the kernel by name: the whole of what is trusted
RULES: dict[str, Callable[..., Theorem]] = {}


class Fact:
    """What a theorem rests on beyond the rules: a computation, a citation or a definition."""

    __slots__ = ("kind", "text")

    def __init__(self, kind: str, text: str) -> None:
        self.kind, self.text = kind, text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fact) and (self.kind, self.text) == (other.kind, other.text)

    def __hash__(self) -> int:
        return hash((self.kind, self.text))

    def __repr__(self) -> str:
        return f"{self.kind}: {self.text}"


class Sequent:
    """What a rule returns before it is sealed: hypotheses, conclusion and the facts used."""

    __slots__ = ("conclusion", "facts", "hypotheses")

    def __init__(self, conclusion: Statement, hypotheses: Iterable[Statement] = (), facts: Iterable[Fact] = ()) -> None:
        self.conclusion, self.hypotheses, self.facts = conclusion, hypotheses, tuple(facts)


class Theorem:
    """A proved statement: `theorem.conclusion` under `theorem.hypotheses`."""

    __slots__ = ("__weakref__", "arguments", "conclusion", "facts", "hypotheses", "rule")

    hypotheses: frozenset[Statement]
    conclusion: Statement
    rule: str
    arguments: tuple[Any, ...]
    facts: tuple[Fact, ...]

    def __new__(cls, key: object = None, *args: Any) -> Theorem:
        if key is not _key:
            raise KernelError("a theorem is made by a rule of the kernel, never by hand")
        return object.__new__(cls)

    def __init__(self, key: object, hypotheses: frozenset[Statement], conclusion: Statement, rule: str,
                 arguments: tuple[Any, ...], facts: tuple[Fact, ...]) -> None:
        write = object.__setattr__
        write(self, "hypotheses", hypotheses)
        write(self, "conclusion", conclusion)
        write(self, "rule", rule)
        write(self, "arguments", arguments)
        write(self, "facts", facts)

    def __setattr__(self, name: str, value: Any) -> None:
        raise KernelError("a theorem never changes")

    def __delattr__(self, name: str) -> None:
        raise KernelError("a theorem never changes")

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise KernelError("a theorem is not copied or pickled: write its certificate and replay it")

    @property
    def left(self) -> Any:
        return _relation(self).left

    @property
    def right(self) -> Any:
        return _relation(self).right

    @property
    def premises(self) -> tuple[Theorem, ...]:
        found: list[Theorem] = []
        for argument in self.arguments:
            if isinstance(argument, Theorem):
                found.append(argument)
            elif isinstance(argument, tuple):
                found.extend(_theorems_in(argument))
        return tuple(found)

    @property
    def free(self) -> frozenset[Any]:
        return self.conclusion.free.union(*(h.free for h in self.hypotheses))

    def proof(self) -> list[Theorem]:
        """Every theorem this one was made from, premises first, itself last; each once."""
        return _in_order((self,))

    def rests_on(self) -> dict[str, tuple[str, ...]]:
        """What the theorem stands on, in four kinds: rule, computed, cited, definition."""
        found: dict[str, dict[str, None]] = {"rule": {}, "computed": {}, "cited": {}, "definition": {}}
        for theorem in self.proof():
            if theorem.facts:
                for fact in theorem.facts:
                    found[fact.kind][fact.text] = None
            else:
                found["rule"][theorem.rule] = None
        return {kind: tuple(sorted(names)) for kind, names in found.items()}

    def sympy(self, **options: Any) -> Any:
        """The conclusion as a SymPy relation (see `symgrad.kernel.export.theorem_to_sympy` for the options)."""
        from .export import theorem_to_sympy
        return theorem_to_sympy(self, **options)

    def __str__(self) -> str:
        from .display import theorem_text
        return theorem_text(self)

    __repr__ = __str__

    def latex(self) -> str:
        from .display import theorem_latex
        return theorem_latex(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from .display import theorem_bundle
        return theorem_bundle(self)


def _in_order(theorems: tuple[Theorem, ...]) -> list[Theorem]:
    """Every theorem these were made from, premises first; each once."""
    order: list[Theorem] = []
    seen: set[int] = set()
    stack: list[tuple[Theorem, bool]] = [(theorem, False) for theorem in reversed(theorems)]
    while stack:
        current, ready = stack.pop()
        if ready:
            order.append(current)
        elif id(current) not in seen:
            seen.add(id(current))
            stack.append((current, True))
            stack.extend([(premise, False) for premise in reversed(current.premises)])
    return order


def _relation(theorem: Theorem) -> Relation:
    if not isinstance(theorem.conclusion, Relation):
        raise KernelError(f"expected an equation or inequality, got {theorem}")
    return theorem.conclusion


def _theorems_in(argument: Any) -> Iterable[Theorem]:
    if isinstance(argument, Theorem):
        return (argument,)
    if isinstance(argument, tuple):
        return [theorem for item in argument for theorem in _theorems_in(item)]
    return ()


def need(holds: object, why: str | Callable[..., str]) -> None:
    """Refuse a step that does not hold. The reason is put into words only when it is needed."""
    if not holds:
        raise KernelError(why if isinstance(why, str) else why())


def rule(function: Callable[P, Sequent]) -> Callable[P, Theorem]:
    """Seal what a rule returns. Its docstring is the inference; its arguments are terms, theorems, indices, tuples."""
    name = function.__name__

    @wraps(function)
    def make(*arguments: P.args, **named: P.kwargs) -> Theorem:
        if named:
            raise KernelError(f"{name} takes its arguments by position")
        for argument in arguments:
            _check_argument(name, argument)
        sequent = function(*arguments, **named)
        hypotheses = frozenset([h for h in sequent.hypotheses if not _trivial(h)])
        for statement in (sequent.conclusion, *hypotheses):
            if not isinstance(statement, Statement):
                raise KernelError(f"{name} says what is no statement")
            if statement.loose:
                raise KernelError(f"{name} lets a bound index loose")
        alike = _alike(sequent.conclusion.free.union(*[h.free for h in hypotheses]))
        if alike:
            raise KernelError(f"{name}: of {alike} two print alike and differ in kind")
        return Theorem(_key, hypotheses, sequent.conclusion, name, arguments, sequent.facts)

    need(function.__module__.startswith("symgrad.kernel."),
         f"{name} is outside the kernel: only its rules make theorems")
    need(name not in RULES, f"the rule {name} exists already")
    RULES[name] = make
    return make


@lru_cache(maxsize=4096)
def _alike(free: frozenset[Any]) -> str:
    """The names of the symbols among these, if two of them have one name; else nothing."""
    names = [symbol.name for symbol in free if isinstance(symbol, Symbol)]
    return ", ".join(sorted(names)) if len(set(names)) < len(names) else ""


def _check_argument(name: str, argument: Any) -> None:
    """A rule takes what can be recorded and never changes, and no bound index without its binder."""
    if type(argument) is Theorem:
        return
    if type(argument) is tuple:
        for item in argument:
            _check_argument(name, item)
    elif isinstance(argument, (Node, Expr)):
        need(not mentions_bound(argument), f"{name} takes no bound index without its binder")
    else:
        need(type(argument) in (Theorem, int, str, bool, float, Fraction) or isinstance(argument, Str),
             lambda: f"{name} takes theorems, formulas, indices and tuples of them, got a {type(argument).__name__}")


def _trivial(hypothesis: Statement) -> bool:
    """A condition between integers that holds."""
    return isinstance(hypothesis, Condition) and implied(hypothesis.expression, ())


def replay(theorem: Theorem) -> Theorem:
    """Make the theorem again from nothing, every step through its rule.

    Returns the new theorem. Raises KernelError when a step is refused or gives something else.
    """
    return replay_all((theorem,))[0]


def replay_all(theorems: Iterable[Theorem]) -> list[Theorem]:
    """As `replay` for each, in order; a step that several of them share is made once."""
    made: dict[int, Theorem] = {}
    intact: set[Node] = set()

    def again(argument: Any) -> Any:
        if isinstance(argument, Theorem):
            need(id(argument) in made, "a theorem is its own premise")
            return made[id(argument)]
        if isinstance(argument, Node):
            _need_intact(argument, intact)
        return tuple(map(again, argument)) if isinstance(argument, tuple) else argument

    wanted = tuple(theorems)
    for step in _recorded(wanted):
        need(step.rule in RULES, lambda step=step: f"no rule of the kernel is called {step.rule}")
        new = RULES[step.rule](*map(again, step.arguments))
        for statement in (new.conclusion, *new.hypotheses):
            _need_intact(statement, intact)
        need(new.conclusion is step.conclusion and new.hypotheses == step.hypotheses and new.facts == step.facts,
             lambda step=step, new=new: f"{step.rule} gives {new}, the record says {step}")
        made[id(step)] = new
    return [made[id(theorem)] for theorem in wanted]


def _need_intact(node: Node, known: set[Node]) -> None:
    """Every formula inside is as it was built: nobody has written to it since."""
    stack = [node]
    while stack:
        current = stack.pop()
        if current not in known:
            need(is_intact(current), f"somebody has written to a formula ({type(current).__name__})")
            known.add(current)
            stack.extend(arg for arg in current.args if isinstance(arg, Node))


def _recorded(theorems: tuple[Theorem, ...]) -> list[Theorem]:
    """The steps of the proofs, each once and with a whole record."""
    for theorem in theorems:
        need(type(theorem) is Theorem, f"expected a theorem, got {type(theorem).__name__}")
    try:
        steps = _in_order(theorems)
        for step in steps:
            _ = step.rule, step.arguments, step.conclusion, step.hypotheses, step.facts
    except AttributeError:
        raise KernelError("this theorem was not made by a rule: it has no record") from None
    return steps


