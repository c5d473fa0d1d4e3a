"""Mutants of certificates: one edit each, tried on the second checker.

    python tests/quality/certificate_mutants.py COUNT SEED FILE...

An accepted mutant must end in the statement it ended in before, or in one that the first kernel's replay also accepts
and random instances do not refute. The replay gives the declared names a prefix, so that a mutant's definitions do
not meet those of the process.
"""

from __future__ import annotations

import copy
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from importlib import import_module
from random import Random
from typing import Any, NamedTuple

from symgrad import verify
from symgrad.errors import SymgradError
from symgrad.kernel import RULES
from symgrad.kernel.rebuild import replay_certificate
from symgrad.kernel.record import read_certificates
from symgrad.kernel.theorem import Theorem

__all__ = ["Campaign", "Mutant", "campaign", "mutate"]

Lines = list[dict[str, Any]]
METHODS = ("operations.facts", "operations.one_variable", "operations.piecewise", "numeric.facts", "numeric.binary16")
TERMS = ("Sum", "MatrixProduct", "Scaled", "Hadamard", "Inner", "Quotient", "Maximum", "Minimum", "Transpose",
         "Diagonal", "Absolute", "SMin", "Equal", "LessEqual", "Less", "Zero", "Ones", "OrderedProduct", "FiniteSum")


class Mutant(NamedTuple):
    """One edit: what was edited, where, and the lines."""

    kind: str
    note: str
    lines: Lines


class Campaign(NamedTuple):
    """What a campaign gave. `same` end as before; `other` end in another statement, which the kernel proves too.

    `assumed` rest on another fact that was computed or cited, which the second checker cannot know and lists as an
    assumption; the kernel, which computes it anew, refuses them.
    """

    tried: int
    refused: int
    same: list[Mutant]
    other: list[Mutant]
    assumed: list[tuple[Mutant, str]]
    wrong: list[tuple[Mutant, str]]

    @property
    def accepted(self) -> int:
        return len(self.same) + len(self.other) + len(self.assumed) + len(self.wrong)

    def report(self) -> str:
        kinds = Counter(m.kind for m in (*self.same, *self.other, *(m for m, _ in (*self.assumed, *self.wrong))))
        listed = [f"  same statement: {m.kind}: {m.note}" for m in self.same]
        listed += [f"  other statement, also proved by the kernel: {m.kind}: {m.note}" for m in self.other]
        listed += [f"  another assumption, which is listed: {m.kind}: {m.note}: {why}" for m, why in self.assumed]
        listed += [f"  WRONG: {m.kind}: {m.note}: {why}" for m, why in self.wrong]
        share = 100 * self.accepted / max(1, self.tried)
        return "\n".join([f"{self.tried} mutants, {self.refused} refused, {self.accepted} accepted ({share:.2f} %): "
                          f"{len(self.same)} end as before, {len(self.other)} in another theorem, "
                          f"{len(self.assumed)} under another assumption, {len(self.wrong)} wrong; "
                          f"accepted by kind: {dict(kinds)}", *listed])


# ---------------------------------------------------------------- one edit

def mutate(lines: Lines, rng: Random) -> Mutant | None:
    """One random edit of a certificate; None when the draw changed nothing."""
    kind, edit = rng.choice(EDITS)
    mutant = copy.deepcopy(lines)
    note = edit(mutant, rng)
    return None if note is None or mutant == lines else Mutant(kind, f"{lines[0]['theorem']}: {note}", mutant)


def _of(lines: Lines, key: str) -> Lines:
    return [line for line in lines if key in line and "end" not in line]


def _pick(lines: Lines, key: str, rng: Random) -> dict[str, Any] | None:
    found = _of(lines, key)
    return rng.choice(found) if found else None


def _nodes_of_kind(lines: Lines, kinds: Iterable[str]) -> list[int]:
    return [line["node"] for line in _of(lines, "node") if line["is"][0] in kinds]


def _another(lines: Lines, number: int, rng: Random) -> int:
    """Another node, mostly one of the same kind."""
    nodes = _of(lines, "node")
    kind = next(line["is"][0] for line in nodes if line["node"] == number)
    alike = [n for n in _nodes_of_kind(lines, (kind,)) if n != number]
    return rng.choice(alike) if alike and rng.random() < 0.8 else rng.choice(nodes)["node"]


def _rule(lines: Lines, rng: Random) -> str | None:
    step = _pick(lines, "step", rng)
    if step is None:
        return None
    old = step["rule"]
    alike = [n for n in RULES if len(verify.RULES[n][0].split()) == len(step["arguments"])]
    step["rule"] = rng.choice(alike if alike and rng.random() < 0.8 else sorted(RULES))
    return f"step {step['step']}: rule {old} -> {step['rule']}"


def _places(value: Any, tags: tuple[str, ...]) -> list[tuple[Any, Any]]:
    """(container, key) of every tagged argument inside a value."""
    found = []
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        if isinstance(value, dict) and key in tags:
            found.append((value, key))
        found += _places(part, tags)
    return found


def _premise(lines: Lines, rng: Random) -> str | None:
    step = _pick(lines, "step", rng)
    places = _places(step["arguments"], ("step",)) if step else []
    if step is None or not places:
        return None
    place, key = rng.choice(places)
    old, place[key] = place[key], rng.randrange(step["step"])
    return f"step {step['step']} ({step['rule']}): premise {old} -> {place[key]}"


def _argument(lines: Lines, rng: Random) -> str | None:
    step = _pick(lines, "step", rng)
    if step is None or not step["arguments"]:
        return None
    arguments = step["arguments"]
    places = _places(arguments, ("node",))
    which = rng.random()
    if places and which < 0.6:
        place, key = rng.choice(places)
        place[key] = _another(lines, place[key], rng)
    elif which < 0.8 and len(arguments) > 1:
        i, j = rng.sample(range(len(arguments)), 2)
        arguments[i], arguments[j] = arguments[j], arguments[i]
    elif which < 0.9:
        del arguments[rng.randrange(len(arguments))]
    else:
        k = rng.randrange(len(arguments))
        value = arguments[k]
        arguments[k] = (not value if isinstance(value, bool) else value + rng.choice([-1, 1]) if isinstance(value, int)
                        else rng.choice(["1", "2", "3/2", "oo", "F"]) if isinstance(value, str) else [value])
    return f"step {step['step']} ({step['rule']}): arguments {json.dumps(arguments)[:60]}"


def _term(lines: Lines, rng: Random) -> str | None:
    node = _pick(lines, "node", rng)
    if node is None:
        return None
    kind, *parts = old = list(node["is"])
    places = [k for k, part in enumerate(parts) if isinstance(part, int)]
    which = rng.random()
    if which < 0.3 and kind in TERMS:
        node["is"][0] = rng.choice([t for t in TERMS if t != kind])
    elif which < 0.7 and places:
        k = rng.choice(places)
        node["is"][1 + k] = _another(lines, parts[k], rng)
    elif which < 0.85 and len(places) > 1:
        i, j = rng.sample(places, 2)
        node["is"][1 + i], node["is"][1 + j] = parts[j], parts[i]
    elif kind == "Norm":
        node["is"][2] = rng.choice(["1", "2", "3/2", "oo", "F"])
        if isinstance(parts[1], dict) and rng.random() < 0.7:
            (name, *ends), = parts[1].values()
            ends[rng.randrange(2)] = rng.choice(["1", "3/2", "2", "3", "oo"])
            node["is"][2] = {rng.choice(["exponent", "dual"]): [name, *ends]}
    elif kind == "Number":
        node["is"][1] = rng.choice(["0", "1", "-1", "2", "1/2"])
    elif places and len(parts) > 1:
        del node["is"][1 + rng.choice(places)]
    return f"node {node['node']}: {json.dumps(old)[:50]} -> {json.dumps(node['is'])[:50]}"


def _expressions(value: Any) -> list[Any]:
    """Every index expression [integer, [symbol, coefficient], …] inside a value."""
    found = []
    if isinstance(value, list):
        if value and type(value[0]) is int and all(isinstance(p, list) and len(p) == 2 and isinstance(p[0], list)
                                                   for p in value[1:]):
            found.append(value)
        found += [e for part in value for e in _expressions(part)]
    elif isinstance(value, dict):
        found += [e for part in value.values() for e in _expressions(part)]
    return found


def _index(lines: Lines, rng: Random) -> str | None:
    line = rng.choice([*_of(lines, "node"), *_of(lines, "step")])
    found = _expressions(line.get("is", [])[1:] + line.get("arguments", []))
    if not found:
        return None
    expression = rng.choice(found)
    old = json.dumps(expression)
    which = rng.random()
    if which < 0.5 or len(expression) == 1:
        expression[0] += rng.choice([-2, -1, 1, 2])
    elif which < 0.7:
        expression[1][1] *= rng.choice([-1, 2])
    elif which < 0.85:
        expression[1][0] = rng.choice([["constant", "L"], ["index", "l"], ["index", "r"], ["bound", 1], ["index", "k"]])
    else:
        del expression[1]
    where = f"node {line['node']}" if "node" in line else f"step {line['step']} ({line['rule']})"
    return f"{where}: index {old[:50]} -> {json.dumps(expression)[:50]}"


def _hypothesis(lines: Lines, rng: Random) -> str | None:
    step = _pick(lines, "step", rng)
    if step is None:
        return None
    hypotheses = step["hypotheses"]
    which = rng.random()
    everything = sorted({h for line in _of(lines, "step") for h in [*line["hypotheses"], line["conclusion"]]})
    if hypotheses and which < 0.6:
        hypotheses.remove(rng.choice(hypotheses))
    elif hypotheses and which < 0.8:
        hypotheses[rng.randrange(len(hypotheses))] = rng.choice(everything)
    else:
        hypotheses.append(rng.choice(everything))
    return f"step {step['step']} ({step['rule']}): hypotheses {hypotheses}"


def _conclusion(lines: Lines, rng: Random) -> str | None:
    step = _pick(lines, "step", rng)
    if step is None:
        return None
    old, step["conclusion"] = step["conclusion"], _another(lines, step["conclusion"], rng)
    return f"step {step['step']} ({step['rule']}): conclusion {old} -> {step['conclusion']}"


def _definition(lines: Lines, rng: Random) -> str | None:
    act = _pick(lines, "definition", rng)
    if act is None:
        return None
    case = rng.choice(act["definition"])
    which = rng.random()
    if which < 0.3 and case["where"]:
        case["where"].remove(rng.choice(case["where"]))
    elif which < 0.7:
        case["right"] = _another(lines, case["right"], rng)
    elif which < 0.85:
        case["left"] = _another(lines, case["left"], rng)
    elif len(act["definition"]) > 1:
        act["definition"].remove(case)
    else:
        lines.remove(act)
    return f"definition {json.dumps(case)}"


EDITS: list[tuple[str, Callable[[Lines, Random], str | None]]] = [
    ("rule", _rule), ("premise", _premise), ("premise", _premise), ("argument", _argument), ("argument", _argument),
    ("term", _term), ("term", _term), ("term", _term), ("index", _index), ("index", _index),
    ("hypothesis", _hypothesis), ("hypothesis", _hypothesis), ("conclusion", _conclusion),
    ("definition", _definition)]


# ---------------------------------------------------------------- judging

def ending(lines: Lines) -> tuple[str, tuple[str, ...]] | None:
    """What the second checker takes a certificate to prove, with its definitions, and its assumptions; None if refused."""
    reader = verify.Certificate()
    try:
        for line in lines:
            reader.read(line)
    except (verify.Refused, verify.Unreadable, RecursionError, *verify.MALFORMED):
        return None
    if reader.result is None:
        return None
    return verify.show(reader.result) + _meaning(lines, reader), tuple(reader.assumed)


def _meaning(lines: Lines, reader: Any) -> str:
    """The definitions that the statement rests on: of its names, and of theirs."""
    names = {f.args[0] for f in verify.used(reader.result.conclusion, *reader.result.hypotheses)}
    shown: dict[str, str] = {}
    cases = [[reader.nodes[k] for k in (case["left"], case["right"], *case["where"])]
             for act in _of(lines, "definition") for case in act["definition"]]
    while True:
        size = len(shown)
        for case in cases:
            if names & {f.args[0] for f in verify.used(case[0])}:
                shown[" ".join(map(verify.show, case))] = ""
                names |= {f.args[0] for f in verify.used(*case)}
        if size == len(shown):
            declared = sorted((name, f.args[1:]) for name, f in reader.names.items() if name in names)
            return f"; where {'; '.join(sorted(shown))}; {declared}"


def renamed(lines: Lines, prefix: str) -> Lines:
    """The certificate with a prefix before every declared name."""
    names = {line[key] for key in ("family", "function") for line in _of(lines, key)}

    def change(value: Any) -> Any:
        if isinstance(value, list):
            if len(value) > 1 and value[0] in ("Named", "FunctionAt") and value[1] in names:
                return [value[0], prefix + value[1], *map(change, value[2:])]
            return [change(part) for part in value]
        if isinstance(value, dict) and not value.keys().isdisjoint(("exponent", "dual")):
            return {tag: [prefix + name, *ends] for tag, (name, *ends) in value.items()}
        if isinstance(value, dict):
            return {key: prefix + part if key in ("family", "function", "name") and part in names else change(part)
                    for key, part in value.items()}
        return value

    return [change(line) for line in lines]


def replayed(lines: Lines, number: int) -> Theorem:
    """The first kernel's theorem for a mutant, under names of its own."""
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


def refused_as_computed(lines: Lines, why: str) -> bool:
    """Does the kernel refuse just a step that states a computed or cited fact, and no step that a rule derives?"""
    found = re.match(r"the kernel refuses it: step (\d+) ", why)
    return found is not None and any(step["step"] == int(found[1]) and step["rule"] in ("computed", "cited")
                                     for step in _of(lines, "step"))


def campaign(certificates: list[Lines], count: int, seed: int = 0) -> Campaign:
    """`count` mutants of certificates, in turn."""
    rng = Random(seed)
    before = [ending(lines) for lines in certificates]
    assert all(before), "an unchanged certificate is refused"
    assumed: list[tuple[Mutant, str]] = []
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
        after = ending(mutant.lines)
        if after is None:
            refused += 1
        elif after == before[k]:
            same.append(mutant)
        else:
            try:
                why = refutation(replayed(mutant.lines, tried), tried)
            except SymgradError as error:
                why = f"the kernel refuses it: {error}"
            if why is None:
                other.append(mutant)
            elif after[1] != (before[k] or after)[1] and refused_as_computed(mutant.lines, why):
                assumed.append((mutant, why))
            else:
                wrong.append((mutant, why))
    return Campaign(tried, refused, same, other, assumed, wrong)


if __name__ == "__main__":
    files = [certificate for path in sys.argv[3:] for certificate in read_certificates(path)
             if len(_of(certificate, "step")) >= 20]           # derivations, not single axioms
    found = campaign(files, int(sys.argv[1]), int(sys.argv[2]))
    print(found.report())
    sys.exit(bool(found.wrong) or found.accepted > 0.02 * found.tried)
