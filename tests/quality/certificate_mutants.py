"""Mutants of certificates: one edit each, tried on the second checker.

    python tests/quality/certificate_mutants.py COUNT SEED FILE...

An accepted mutant must end in the statements it ended in before, or in others that the first kernel's replay also
accepts and random instances do not refute. The replay gives the declared names a prefix, so that a mutant's
definitions do not meet those of the process.
"""

from __future__ import annotations

import copy
import json
import sys
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from random import Random
from typing import Any, NamedTuple

from symgrad import verify
from symgrad.errors import SymgradError
from symgrad.kernel import RULES
from symgrad.kernel.rebuild import replay_certificate
from symgrad.kernel.record import ASSUMING, Seal, read_certificate
from symgrad.kernel.theorem import Theorem

__all__ = ["Campaign", "Mutant", "campaign", "mutate"]

Lines = list[list[Any]]
METHODS = ("operations.facts", "operations.one_variable", "operations.piecewise", "numeric.facts", "numeric.binary16")
TERMS = ("Sum", "MatrixProduct", "Scaled", "Hadamard", "Inner", "Quotient", "Maximum", "Minimum", "Transpose",
         "Diagonal", "Absolute", "SMin", "Equal", "LessEqual", "Less", "Zero", "Ones", "OrderedProduct", "FiniteSum")


class Mutant(NamedTuple):
    """One edit: what was edited, where, and the lines."""

    kind: str
    note: str
    lines: Lines


class Campaign(NamedTuple):
    """What a campaign gave. `same` end as before; `other` end in another statement, which the kernel proves too."""

    tried: int
    refused: int
    same: list[Mutant]
    other: list[Mutant]
    wrong: list[tuple[Mutant, str]]

    @property
    def accepted(self) -> int:
        return len(self.same) + len(self.other) + len(self.wrong)

    def report(self) -> str:
        kinds = Counter(m.kind for m in (*self.same, *self.other, *(m for m, _ in self.wrong)))
        listed = [f"  same statement: {m.kind}: {m.note}" for m in self.same]
        listed += [f"  other statement, also proved by the kernel: {m.kind}: {m.note}" for m in self.other]
        listed += [f"  WRONG: {m.kind}: {m.note}: {why}" for m, why in self.wrong]
        share = 100 * self.accepted / max(1, self.tried)
        return "\n".join([f"{self.tried} mutants, {self.refused} refused, {self.accepted} accepted ({share:.2f} %): "
                          f"{len(self.same)} end as before, {len(self.other)} in another theorem, {len(self.wrong)} wrong; "
                          f"accepted by kind: {dict(kinds)}", *listed])


# ---------------------------------------------------------------- one edit

def mutate(lines: Lines, rng: Random) -> Mutant | None:
    """One random edit of a certificate; None when the draw changed nothing."""
    kind, edit = rng.choice(EDITS)
    mutant = copy.deepcopy(lines)
    note = edit(mutant, rng)
    return None if note is None or mutant == lines else Mutant(kind, f"{lines[-1][1]}: {note}", mutant)


OTHERS = ("certificate", "exponent", "dual", "Family", "Function", "definition", "stated", "step", "theorem")


def _of(lines: Lines, *kinds: str) -> list[int]:
    """The numbers of the lines of these kinds; of all formulas when none is given."""
    return [n for n, line in enumerate(lines, 1) if (line[0] in kinds if kinds else line[0] not in OTHERS)]


def _pick(lines: Lines, rng: Random, *kinds: str) -> int | None:
    found = _of(lines, *kinds)
    return rng.choice(found) if found else None


def _another(lines: Lines, number: int, rng: Random) -> int:
    """Another formula, or another line of that kind, mostly one of the same kind."""
    alike = [n for n in _of(lines, lines[number - 1][0]) if n != number]
    return rng.choice(alike) if alike and rng.random() < 0.8 else rng.choice(_of(lines))


def _places(parts: Any) -> list[tuple[Any, int]]:
    """(list, place) of every number of a line inside a list."""
    if parts[:1] == ["index"]:
        return []
    found = [(parts, k) for k, part in enumerate(parts) if type(part) is int]
    return found + [place for part in parts if isinstance(part, list) for place in _places(part)]


def _rule(lines: Lines, rng: Random) -> str:
    number = rng.choice(_of(lines, "step"))
    step = lines[number - 1]
    alike = [n for n in RULES if len(verify.RULES[n][0].split()) == len(step[2])]
    old, step[1] = step[1], rng.choice(alike if alike and rng.random() < 0.8 else sorted(RULES))
    return f"step {number}: rule {old} -> {step[1]}"


def _premise(lines: Lines, rng: Random) -> str | None:
    number = rng.choice(_of(lines, "step"))
    step = lines[number - 1]
    places = [(place, k) for place, k in _places(step[2]) if lines[place[k] - 1][0] == "step"]
    if not places:
        return None
    place, k = rng.choice(places)
    old, place[k] = place[k], rng.choice([n for n in _of(lines, "step") if n < number])
    return f"step {number} ({step[1]}): premise {old} -> {place[k]}"


def _argument(lines: Lines, rng: Random) -> str | None:
    number = rng.choice(_of(lines, "step"))
    _, rule, arguments, *_ = lines[number - 1]
    if not arguments:
        return None
    places = [(place, k) for place, k in _places(arguments) if lines[place[k] - 1][0] != "step"]
    which = rng.random()
    if places and which < 0.6:
        place, k = rng.choice(places)
        place[k] = _another(lines, place[k], rng)
    elif which < 0.8 and len(arguments) > 1:
        i, j = rng.sample(range(len(arguments)), 2)
        arguments[i], arguments[j] = arguments[j], arguments[i]
    elif which < 0.9:
        del arguments[rng.randrange(len(arguments))]
    else:
        k = rng.randrange(len(arguments))
        value = arguments[k]
        arguments[k] = (not value if isinstance(value, bool) else rng.choice(["1", "2", "3/2", "oo", "F"])
                        if isinstance(value, str) else [value])
    return f"step {number} ({rule}): arguments {json.dumps(arguments)[:60]}"


def _term(lines: Lines, rng: Random) -> str | None:
    number = rng.choice([*_of(lines), *_of(lines, "exponent")])
    line = lines[number - 1]
    kind, *parts = old = list(line)
    places = [k for k, part in enumerate(line) if type(part) is int]
    which = rng.random()
    if kind == "exponent":
        line[2:] = rng.choices(["1", "3/2", "2", "3", "oo"], k=2)
    elif which < 0.3 and kind in TERMS:
        line[0] = rng.choice([t for t in TERMS if t != kind])
    elif which < 0.7 and places:
        k = rng.choice(places)
        line[k] = _another(lines, line[k], rng)
    elif which < 0.85 and len(places) > 1:
        i, j = rng.sample(places, 2)
        line[i], line[j] = line[j], line[i]
    elif kind == "Norm" and isinstance(line[2], str):
        line[2] = rng.choice(["1", "2", "3/2", "oo", "F"])
    elif kind == "Number":
        line[1] = rng.choice(["0", "1", "-1", "2", "1/2"])
    elif places and len(parts) > 1:
        del line[rng.choice(places)]
    return f"line {number}: {json.dumps(old)[:50]} -> {json.dumps(line)[:50]}"


def _expressions(part: Any) -> list[Any]:
    """Every index expression inside a part of a line, those of widths too."""
    if not isinstance(part, list):
        return []
    return [part] * (part[:1] == ["index"] and type(part[1]) is int) + [e for p in part for e in _expressions(p)]


def _index(lines: Lines, rng: Random) -> str | None:
    number = rng.choice([*_of(lines), *_of(lines, "Family", "Function", "step", "step", "step")])
    found = _expressions(lines[number - 1])
    if not found:
        return None
    expression = rng.choice(found)
    old = json.dumps(expression)
    which = rng.random()
    if which < 0.5 or len(expression) == 2:
        expression[1] += rng.choice([-2, -1, 1, 2])
    elif which < 0.7:
        expression[2][-1] *= rng.choice([-1, 2])
    elif which < 0.85:
        symbol = rng.choice([("constant", "L"), ("index", "l"), ("index", "r"), ("bound", 1), ("index", "k")])
        expression[2] = [*symbol, expression[2][-1]]
    else:
        del expression[2]
    return f"line {number}: index {old[:50]} -> {json.dumps(expression)[:50]}"


def _hypothesis(lines: Lines, rng: Random) -> str:
    number = rng.choice(_of(lines, "step"))
    _, rule, _, hypotheses, *_ = lines[number - 1]
    which = rng.random()
    everything = sorted({h for n in _of(lines, "step") for h in [*lines[n - 1][3], lines[n - 1][4]] if h < number})
    if hypotheses and which < 0.6:
        hypotheses.remove(rng.choice(hypotheses))
    elif hypotheses and which < 0.8:
        hypotheses[rng.randrange(len(hypotheses))] = rng.choice(everything)
    else:
        hypotheses.append(rng.choice(everything))
    return f"step {number} ({rule}): hypotheses {hypotheses}"


def _conclusion(lines: Lines, rng: Random) -> str:
    number = rng.choice(_of(lines, "step"))
    step = lines[number - 1]
    old, step[4] = step[4], _another(lines, step[4], rng)
    return f"step {number} ({step[1]}): conclusion {old} -> {step[4]}"


def _definition(lines: Lines, rng: Random) -> str | None:
    number = _pick(lines, rng, "definition")
    if number is None:
        return None
    cases = lines[number - 1][1]
    case = rng.choice(cases)
    which = rng.random()
    if which < 0.3 and case[2]:
        case[2].remove(rng.choice(case[2]))
    elif which < 0.7:
        case[1] = _another(lines, case[1], rng)
    elif which < 0.85:
        case[0] = _another(lines, case[0], rng)
    elif len(cases) > 1:
        cases.remove(case)
    else:
        lines[number - 1] = ["definition", []]
    return f"definition {number}: {json.dumps(case)}"


EDITS: list[tuple[str, Callable[[Lines, Random], str | None]]] = [
    ("rule", _rule), ("premise", _premise), ("premise", _premise), ("argument", _argument), ("argument", _argument),
    ("term", _term), ("term", _term), ("term", _term), ("index", _index), ("index", _index),
    ("hypothesis", _hypothesis), ("hypothesis", _hypothesis), ("conclusion", _conclusion),
    ("definition", _definition)]


# ---------------------------------------------------------------- judging

def ending(lines: Lines) -> tuple[list[str], list[str]] | None:
    """What the second checker takes a certificate to prove, with its definitions, and to assume; None if it is refused."""
    reader = verify.Certificate()
    try:
        for line in lines:
            reader.read(line)
    except (verify.Refused, RecursionError, *verify.MALFORMED):
        return None
    if not reader.theorems:
        return None
    return [f"{name}: {verify.show(t)}{_meaning(t, lines, reader)}" for name, t in reader.theorems], reader.assumed


def _meaning(theorem: Any, lines: Lines, reader: Any) -> str:
    """The definitions that a statement rests on: of its names, and of theirs."""
    known = verify.used(theorem.conclusion, *theorem.hypotheses)
    shown: set[str] = set()
    cases = [[reader.made[k - 1] for k in (left, right, *where)]
             for n in _of(lines, "definition") for left, right, where in lines[n - 1][1]]
    while True:
        size = len(shown)
        for case in cases:
            if known & verify.used(case[0]):
                shown.add(" ".join(map(verify.show, case)))
                known |= verify.used(*case)
        if size == len(shown):
            return f"; where {'; '.join(sorted(shown))}; {sorted(f.args for f in known)}"


def renamed(lines: Lines, prefix: str) -> Lines:
    """The certificate with a prefix before every declared name, and the seals that belong to it."""
    changed: Lines = []
    seal = Seal(lambda number: changed[number - 1])
    for line in lines:
        if line[0] in ("Family", "Function", "exponent") and not line[1].startswith("binary16."):     # whose check knows names
            line = [line[0], prefix + line[1], *line[2:]]
        assumed = line[0] == "stated" or (line[0] == "step" and line[1] in ASSUMING)
        changed.append([*line[:5], seal(line[1:5])] if assumed else line)
    return changed


def replayed(lines: Lines, number: int) -> list[Theorem]:
    """The first kernel's theorems for a mutant, under names of their own."""
    for module in METHODS:                                       # those who compute facts must be there to be asked
        import_module(f"symgrad.{module}")
    return replay_certificate(renamed(lines, f"mutant{number}."))


def refutation(theorem: Theorem, seed: int, count: int = 100) -> str | None:
    """A random instance that refutes a theorem, in words; None when none of `count` does."""
    from symgrad.numeric.arithmetic import Undecided, balls
    from symgrad.numeric.truth import check
    from symgrad.testing.instances import random_instance
    rng, arithmetic = Random(seed), balls(96)
    for _ in range(count):
        statements = [*theorem.hypotheses, theorem.conclusion]
        instance = random_instance(statements, rng, arithmetic, widths=(1, 2, 3), tries=30)
        if instance is None:
            continue
        try:
            if check(theorem, instance, arithmetic).refutes:
                return f"refuted by {instance}"
        except (Undecided, SymgradError, ValueError):          # not every formula has a value at every instance
            continue
    return None


def campaign(certificates: list[Lines], count: int, seed: int = 0) -> Campaign:
    """`count` mutants of certificates, in turn."""
    rng = Random(seed)
    endings = [ending(lines) for lines in certificates]
    assert all(endings), "an unchanged certificate is refused"
    tried = refused = 0
    same: list[Mutant] = []
    other: list[Mutant] = []
    wrong: list[tuple[Mutant, str]] = []
    while tried < count:
        k = tried % len(certificates)
        mutant = mutate(certificates[k], rng)
        if mutant is None:
            continue
        tried += 1
        before, after = endings[k], ending(mutant.lines)
        if after is None or before is None:
            refused += 1
        elif after == before:
            same.append(mutant)
        else:
            why = _objection(mutant.lines, before[0], after[0], tried)
            if why is None:
                other.append(mutant)
            else:
                wrong.append((mutant, why))
    return Campaign(tried, refused, same, other, wrong)


def _objection(lines: Lines, before: list[str], after: list[str], number: int) -> str | None:
    """Why a mutant must not be accepted: the kernel refuses it, or an instance refutes a statement that changed."""
    try:
        changed = [theorem for theorem, told in zip(replayed(lines, number), after, strict=True) if told not in before]
    except SymgradError as error:
        return f"the kernel refuses it: {error}"
    return next((why for why in (refutation(theorem, number) for theorem in changed) if why is not None), None)


if __name__ == "__main__":
    files = [certificate for path in sys.argv[3:] for certificate in [read_certificate(path)]
             if len(_of(certificate, "step")) >= 20]           # derivations, not single axioms
    found = campaign(files, int(sys.argv[1]), int(sys.argv[2]))
    print(found.report())
    sys.exit(bool(found.wrong) or found.accepted > 0.02 * found.tried)
