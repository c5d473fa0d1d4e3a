"""Derivations: a formula, the lines that lead from it, each with its reason, and the theorem at the end.

    proof = theorem("BP2", derivation(delta[l])
        .eq(grad(C[l], at=z[l]),   by=delta)
        .eq(…,                     by=[chain_rule(next_cost_definition), z, a, algebra]),
        where=(1 <= l, l < L))

A reason is a theorem or a proof, a law such as `algebra`, or a defined name, which stands for its definition. Each
line is looked for (see `search`) under the stated range; a line that does not follow raises `ProofError`, which names
the line, what it claims and what the reasons give. `induct` proves a claim for every layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import KernelError, ProofError, SymgradError
from ..kernel.definitions import defining_theorems, definition_of
from ..kernel.equality import reflexive, replace, transitive
from ..kernel.indices import implied
from ..kernel.logic import assume, cut, generalise, instantiate, specialise, weaken
from ..kernel.statements import (
    Bounded,
    Condition,
    Differentiable,
    Equal,
    ForAll,
    Less,
    LessEqual,
    Relation,
    Statement,
    conditions,
)
from ..kernel.theorem import Theorem
from ..terms.algebra import Term, as_term
from ..terms.exponents import Exponent
from ..terms.index import Index, index_expression
from ..terms.named import Family, Function, FunctionAt
from ..terms.node import open_with_index
from .derived import bound_is_nonnegative, drop, equal_to_le, induction_down, induction_up
from .laws import Law
from .matching import fresh_variable, instance, match
from .search import Context, connect

__all__ = ["Derivation", "Line", "Proof", "derivation", "induct", "specialised", "theorem"]

_SIGNS: dict[type[Relation], str] = {Equal: "=", LessEqual: "<=", Less: "<"}


@dataclass(frozen=True)
class Line:
    """One line: `left relation right`, why, and the theorem that says it."""

    left: Term
    relation: str
    right: Term
    reasons: tuple[str, ...]
    theorem: Theorem
    part: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules of the kernel that this line took."""
        return self.theorem.rests_on()["rule"]

    def __str__(self) -> str:
        return f"{self.left} {self.relation} {self.right}    {', '.join(self.reasons)}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {**self.theorem._repr_mimebundle_(), "text/plain": str(self)}


@dataclass(frozen=True)
class Derivation:
    """A formula and the lines that are to follow; nothing is checked until `theorem` is asked for."""

    start: Term
    steps: tuple[tuple[type[Relation], Term, tuple[Any, ...]], ...] = ()

    def eq(self, right: Any, by: Any) -> Derivation:
        """The next line: = right, because of the reasons."""
        return self._next(Equal, right, by)

    def le(self, right: Any, by: Any) -> Derivation:
        """The next line: <= right, because of the reasons."""
        return self._next(LessEqual, right, by)

    def _next(self, relation: type[Relation], right: Any, by: Any) -> Derivation:
        right = as_term(right)
        previous = self.steps[-1][1] if self.steps else self.start
        relation(previous, right)                                             # the shapes must agree
        reasons = tuple(by) if isinstance(by, (list, tuple)) else (by,)
        return Derivation(self.start, (*self.steps, (relation, right, reasons)))


def derivation(start: Any) -> Derivation:
    """Begin a derivation at a formula."""
    return Derivation(as_term(start))


@dataclass(frozen=True)
class Proof:
    """A named theorem with the lines that prove it; an induction has the parts "base" and "step"."""

    name: str
    theorem: Theorem
    lines: tuple[Line, ...]
    note: str = ""

    def __str__(self) -> str:
        return f"{self.name}:  {self.theorem}"

    def at(self, name: str, indices: dict[Any, Any]) -> Proof:
        """The same proof, with its lines, for other indices: an induction from any layer m, read at m = l."""
        return Proof(name, drop(instantiate(self.theorem, tuple(indices.items()))), self.lines, self.note)

    def latex(self) -> str:
        """LaTeX of the statement, for math mode."""
        return self.theorem.latex()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return self.theorem._repr_mimebundle_()


def theorem(name: str, proof: Derivation, *, where: Any = (), given: Sequence[Any] = ()) -> Proof:
    """Check a derivation line by line under index conditions and assumptions; the result is a proved theorem.

    `given` holds assumptions (statements) and theorems that settle hypotheses which the lines leave open.
    Raises ProofError naming the first line that does not follow.
    """
    if not isinstance(name, str) or not isinstance(proof, Derivation):
        raise SymgradError(f"theorem takes a name and a derivation, got {name!r} and {str(proof)[:60]!r} "
                           f"({type(proof).__name__}): theorem(\"BP1\", derivation(start).eq(…, by=…))")
    ranges = conditions(where)
    lines, total = _check(name, proof, ranges, given)
    return Proof(name, _settle(name, total, ranges, given), tuple(lines))


def specialised(proof: Proof, name: str, at: dict[Any, Any]) -> Proof:
    """A proof at other indices or terms: one line, the instance of the general theorem."""
    found = drop(instantiate(proof.theorem, tuple(at.items())))
    relation = found.conclusion
    line = Line(relation.left, _SIGNS[type(relation)], relation.right, (proof.name,), found)
    return Proof(name, found, (line,))


def induct(name: str, claim: Callable[[Any], Statement], base: Derivation | Theorem,
           step: Callable[[Theorem], Derivation | Theorem], *, index: Index, over: tuple[Any, Any], down: bool = True,
           where: Any = (), given: Sequence[Any] = ()) -> Proof:
    """Prove `claim(index)` for every index of a range, from one end to the other.

    `base` derives the claim at the last index (`down`) or the first; `step` takes the claim at the neighbour as a
    theorem and derives the claim; either may be a theorem already. `where` and `given` hold conditions and
    assumptions that do not mention the index.
    """
    low, high = map(index_expression, over)
    outer = conditions(where)
    start, neighbour = (high, index + 1) if down else (low, index - 1)
    moving = (Condition(index - low), Condition(high - index - 1)) if down else (
        Condition(index - low - 1), Condition(high - index))
    ground_lines, ground = _check(f"{name} (base)", base, outer, given, part="base")
    ground = _claimed(name, _settle(name, ground, outer, given), claim(start), "base")
    hypothesis = assume(claim(neighbour))
    step_lines, following = _check(f"{name} (step)", step(hypothesis), (*outer, *moving), given, part="step",
                                   hypothesis=hypothesis)
    keep = (*given, hypothesis)
    following = _claimed(name, _settle(name, following, (*outer, *moving), keep), claim(index), "step")
    rule = induction_down if down else induction_up
    return Proof(name, drop(rule(ground, following, index, low, high)), (*ground_lines, *step_lines))


def _claimed(name: str, found: Theorem, claim: Statement, part: str) -> Theorem:
    if isinstance(claim, LessEqual) and isinstance(found.conclusion, Equal):
        found = equal_to_le(found)
    if found.conclusion is not claim:
        raise ProofError(f"{name}: the {part} of the induction proves {found.conclusion}, the claim is {claim}")
    return found


# ---------------------------------------------------------------- checking lines

def _check(name: str, proof: Derivation | Theorem, ranges: Sequence[Condition], given: Sequence[Any], part: str = "",
           hypothesis: Theorem | None = None) -> tuple[list[Line], Theorem]:
    if isinstance(proof, Theorem):
        return [], proof
    facts = [g for g in given if isinstance(g, Statement)]
    context = Context(ranges, facts, _signs(facts, given))
    total = reflexive(proof.start)
    lines: list[Line] = []
    here = proof.start
    for number, (relation, right, by) in enumerate(proof.steps, 1):
        reasons = [reason for entry in by for reason in _reasons(entry)]
        try:
            found = connect(here, right, relation, reasons, context)
        except KernelError as error:
            raise ProofError(f"{name}, line {number}: {error}") from error
        if found is None:
            raise ProofError(_refusal(name, number, here, relation, right, reasons, context))
        words = tuple(dict.fromkeys(_word(entry, hypothesis) for entry in by))
        lines.append(Line(here, _SIGNS[relation], right, words, found, part))
        total = found if number == 1 else transitive(total, found)
        here = right
    return lines, total


def _reasons(entry: Any) -> Iterable[Theorem | Law]:
    if isinstance(entry, (Theorem, Law)):
        return (entry,)
    if isinstance(entry, Proof):
        return (entry.theorem,)
    if isinstance(entry, (Family, Function, FunctionAt)):
        cases = defining_theorems(entry.name)
        if not cases:
            raise SymgradError(f"{entry.name} has no definition to give as a reason")
        return cases
    if isinstance(entry, Statement):
        return (assume(entry),)
    raise SymgradError(f"a reason is a theorem, a proof, a law, a defined name or an assumption, got {entry!r}")


def _word(entry: Any, hypothesis: Theorem | None) -> str:
    """A reason in words."""
    if entry is hypothesis and hypothesis is not None:
        return "induction hypothesis"
    if isinstance(entry, (Law, Proof)):
        return entry.name
    if isinstance(entry, Statement):
        return "assumption"
    if isinstance(entry, Theorem):
        return {"definition": "definition", "assume": "assumption"}.get(entry.rule, _kind(entry))
    return f"definition of {entry}"


def _kind(reason: Theorem) -> str:
    rules = reason.rests_on()["rule"]
    return "chain rule" if "gradient" in rules else "previous theorem"


def _signs(facts: Sequence[Statement], given: Sequence[Any]) -> list[Theorem]:
    """0 <= s, for every bound that is assumed and everything that is given not to be negative."""
    theorems = [g.theorem if isinstance(g, Proof) else g for g in given]
    signs = [t for t in theorems if isinstance(t, Theorem) and _is_sign(t.conclusion)]
    signs += [bound_is_nonnegative(*fact.args) for fact in facts if isinstance(fact, Bounded)]
    return signs + [assume(fact) for fact in facts if _is_sign(fact)]


def _is_sign(statement: Statement) -> bool:
    return isinstance(statement, (LessEqual, Less)) and statement.left is as_term(0)


def _refusal(name: str, number: int, here: Term, relation: type[Relation], right: Term,
             reasons: Sequence[Any], context: Context) -> str:
    from .refusal import explain
    claim = f"{name}, line {number} says {here} {_SIGNS[relation]} {right}"
    return f"{claim}; {explain(here, right, relation, reasons, context)}"


# ---------------------------------------------------------------- settling hypotheses

def _settle(name: str, found: Theorem, ranges: Sequence[Condition], given: Sequence[Any]) -> Theorem:
    """The theorem with its hypotheses reduced to the stated conditions and assumptions."""
    wanted = {g for g in given if isinstance(g, Statement)}
    wanted |= {g.conclusion for g in given if isinstance(g, Theorem) and g.conclusion in g.hypotheses}
    lemmas = [t for g in given for t in ([g.theorem] if isinstance(g, Proof) else [g] if isinstance(g, Theorem) else [])]
    known = [c.expression for c in ranges]
    for _ in range(40):
        loose = [h for h in found.hypotheses if not isinstance(h, Condition) and h not in wanted]
        progress = False
        for h in sorted(loose, key=str):
            proof = _prove(h, wanted, lemmas, known)
            if proof is not None:
                found = cut(found, proof)
                progress = True
        if not progress:
            break
    return drop(weaken(found, tuple(ranges)) if _needs(name, found, ranges) else found)


def _needs(name: str, found: Theorem, ranges: Sequence[Condition]) -> bool:
    known = [c.expression for c in ranges]
    for h in found.hypotheses:
        if isinstance(h, Condition) and not implied(h.expression, known):
            raise ProofError(f"{name} needs {h}, which the stated range does not give: add it to where=")
    return bool(ranges)


def _prove(statement: Statement, wanted: set[Any], lemmas: Sequence[Theorem], known: Sequence[Any]) -> Theorem | None:
    """A theorem whose conclusion is the statement, from an assumed range or a lemma."""
    for fact in wanted:
        if isinstance(fact, ForAll):
            index, body = open_with_index(fact)
            found = match(body, statement, {}, frozenset({index}))
            if found is not None:
                proof = specialise(assume(fact), found.get(index, fact.args[1]))
                if _allowed(proof, known):
                    return proof
            if isinstance(statement, ForAll):
                narrower = _narrowed(fact, statement, known)
                if narrower is not None:
                    return narrower
    for lemma in lemmas:
        found_lemma = _lemma_at(lemma, lemma.conclusion, statement, wanted, known)
        if found_lemma is not None:
            return found_lemma
        moved = _moved(statement, lemma, wanted, known)
        if moved is not None:
            return moved
    return _for_every(statement, wanted, lemmas, known) if isinstance(statement, ForAll) else None


def _for_every(statement: ForAll, wanted: set[Any], lemmas: Sequence[Theorem], known: Sequence[Any]) -> Theorem | None:
    """A statement for every index of a range, from lemmas about one index."""
    index, body = open_with_index(statement)
    low, high = statement.args[1:3]
    inside = [*known, index - low, high - index]
    found = _prove(body, wanted, lemmas, inside)
    if found is None:
        return None
    for h in sorted(found.hypotheses, key=str):
        if index in h.free and not isinstance(h, Condition):
            proof = _prove(h, wanted, lemmas, inside)
            if proof is None:
                return None
            found = cut(found, proof)
    return generalise(weaken(found, tuple(map(Condition, known))), index, low, high)


def _narrowed(fact: ForAll, statement: ForAll, known: Sequence[Any]) -> Theorem | None:
    """A statement for every index of a range, from the same one for every index of a wider range."""
    index, body = open_with_index(statement)
    low, high = statement.args[1:3]
    inside = [*known, index - low, high - index]
    if fact.body_at(index) is not body or not _allowed(specialise(assume(fact), index), inside):
        return None
    return generalise(weaken(specialise(assume(fact), index), tuple(map(Condition, known))), index, low, high)


def _lemma_at(lemma: Theorem, pattern: Any, target: Any, wanted: set[Any], known: Sequence[Any]) -> Theorem | None:
    """The lemma at the indices where the pattern becomes the target; indices left open are found in the assumptions."""
    free = frozenset(s for s in lemma.free if isinstance(s, (Index, Exponent)))
    found = match(pattern, target, {}, free)
    if found is None:
        return None
    for h in lemma.hypotheses:
        if isinstance(h, ForAll):
            for fact in wanted:
                wider = match(h, fact, found, free)
                if wider is not None:
                    found = wider
                    break
    proof = instance(lemma, found)
    return proof if _allowed(proof, known) else None


def _moved(statement: Statement, lemma: Theorem, wanted: set[Any], known: Sequence[Any]) -> Theorem | None:
    """A lemma about f at a point that definitions make the point of the statement."""
    claim = lemma.conclusion
    if not isinstance(statement, Differentiable) or not isinstance(claim, Differentiable):
        return None
    proof = _lemma_at(lemma, claim.args[0], statement.args[0], wanted, known)
    if proof is None:
        return None
    point = proof.conclusion.args[1]
    names = [t for name in _defined(point, statement.args[1]) for t in defining_theorems(name)]
    equation = connect(point, statement.args[1], Equal, names, Context([Condition(e) for e in known]))
    if equation is None:
        return None
    hole = fresh_variable("hole", point.shape, (point, statement))
    return replace(Differentiable(statement.args[0], hole), hole, equation, proof)


def _defined(*terms: Term) -> list[str]:
    from ..terms.named import Named
    from ..terms.node import subterms
    names = {node.name for term in terms for node in subterms(term) if isinstance(node, Named)}
    wider = {node.name for name in names for case in definition_of(name) for node in subterms(case.right)
             if isinstance(node, Named)}
    return sorted(name for name in names | wider if definition_of(name))


def _allowed(proof: Theorem, known: Sequence[Any]) -> bool:
    return all(implied(h.expression, known) for h in proof.hypotheses if isinstance(h, Condition))
