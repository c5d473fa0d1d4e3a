"""Certificates: theorems and their whole proofs as lines of JSON.

A certificate stands alone. Each line makes one thing, and names what it is made of by the numbers of earlier lines,
so that what is shared, among the theorems of a file too, is written once. In it stand the families and functions used,
with their shapes as functions of their indices; formulas; every definition, with all its cases; the steps, each with
its rule, arguments, hypotheses and conclusion; and the steps that are theorems. `rebuild.replay_certificate` sends
every step through its rule again, from nothing but the lines, so a theorem whose Python objects were tampered with is
refused; `python -m symgrad.verify` checks the same file with no other line of symgrad.

    ["certificate", "2"]                                             the first line: the version of the format
    ["Family", "z", [[i, i]], [[i, null]]]                           shape, and the first and last value of each index
    ["Function", "f", [[i, i], [i, i]], [], "C"]                     shapes of the result and of the arguments
    ["Named", 2, i]                                                  i is an index expression
    ["MatrixProduct", 11, 12]
    ["exponent", "p", "1", "2"], ["dual", 14]                        kinds of norms: any p from 1 to 2, its dual
    ["Norm", 13, 14], ["Norm", 13, "3/2"]
    ["definition", [[16, 17, [18]], [19, 20, []]]]                   cases: left, right, conditions
    ["stated", 21, 22, [23], [18], "60303ae22b998861"]               the pullback of f(x): f(x), G, results, conditions; seal
    ["step", "symmetric", [24], [], 25]                              a rule, its arguments, hypotheses, conclusion
    ["step", "cited", ["Cartan, …", 27, [28]], [28], 27, "9f86d081884c7d65"]           with the seal of an assumption
    ["theorem", "BP2", 26]

An index expression stands where it is used: ["index", 1, ["index", "l", 2], ["width", "n", i, -1]] is 1 + 2l - n[i]. Its
other symbols are constant, dimension, bound and, in the shapes of a family or function, ["slot", 0, coefficient].
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import sympy
from sympy import Expr, Integer, Rational
from sympy.core.symbol import Str

from ..errors import KernelError, SymgradError
from ..terms import algebra, named, ranges, scalars, taylor
from ..terms.algebra import Number
from ..terms.exponents import DualExponent, Exponent
from ..terms.index import BoundIndex, Constant, Dimension, Index, Width, affine
from ..terms.named import Family, Function
from ..terms.node import Node
from . import statements
from .definitions import acts
from .stated import order_of, stated
from .theorem import Theorem, need

__all__ = ["ASSUMING", "FORMAT", "KINDS", "NUMBERS", "SORTS", "Line", "Seal", "certificate", "read_certificate",
           "write_certificate"]

#: the rules whose conclusions the lines do not prove: such a step has a seal
ASSUMING = ("computed", "cited")
FORMAT = "2"                                                    # the version of the format

Line = list[Any]

KINDS: dict[str, Any] = {
    cls.__name__: cls for module in (algebra, named, ranges, scalars, taylor, statements)
    for cls in vars(module).values() if isinstance(cls, type) and issubclass(cls, Node)}
SORTS: dict[str, Any] = {"index": Index, "constant": Constant, "dimension": Dimension}
NUMBERS = {"Add", "Mul", "Pow", "exp", "log", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "erf",
           "Abs", "LambertW", "pi", "Exp1", "Catalan", "EulerGamma", "GoldenRatio"}


def certificate(theorem: Theorem, name: str = "") -> list[Line]:
    """The certificate of a theorem, one JSON-able list a line; `name` is what reports call it.

    Raises KernelError when the object has no record (no rule made it) or holds what cannot be written.
    """
    return [json.loads(line) for line in _written([(name, theorem)])]


def write_certificate(theorems: Iterable[tuple[str, Theorem]], path: str | os.PathLike[str]) -> None:
    """Write one certificate of (name, theorem) pairs to a file, all or nothing."""
    text = "".join(line + "\n" for line in _written(theorems))
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def read_certificate(path: str | os.PathLike[str]) -> list[Line]:
    """The lines of a certificate. Raises KernelError, naming the line, for a file of another kind."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise KernelError(f"{path} is no certificate: it is not UTF-8 text") from None
    lines: list[Line] = []
    for number, row in enumerate(text.splitlines(), 1):
        try:
            lines.append(json.loads(row))
        except (ValueError, RecursionError):
            raise KernelError(f"{path}, line {number}: not a line of JSON") from None
        need(isinstance(lines[-1], list) and lines[-1] and isinstance(lines[-1][0], str),
             f"{path}, line {number}: expected a list that begins with a word")
    need(lines and lines[0] == ["certificate", FORMAT], f"{path}: expected the header of a certificate of format {FORMAT}")
    need(lines[-1][0] == "theorem", f"{path}: the file is cut off: the last line of a certificate is a theorem")
    return lines


def _written(theorems: Iterable[tuple[str, Theorem]]) -> list[str]:
    writer = _Writer()
    for name, theorem in theorems:
        writer.theorem(name, theorem)
    return writer.lines


class Seal:
    """A digest of a part of a line with all that it names, by which a changed assumption is known."""

    def __init__(self, line: Callable[[int], Line]) -> None:
        self._line = line
        self._known: dict[int, str] = {}

    def __call__(self, part: Any) -> str:
        if type(part) is int:
            if part not in self._known:
                self._known[part] = self(self._line(part))
            return self._known[part]
        spelled = [self(p) for p in part] if isinstance(part, list) and part[:1] != ["index"] else part
        return hashlib.sha256(json.dumps(spelled).encode()).hexdigest()[:16]


class _Writer:
    """The lines written so far."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._place: dict[str, int] = {}                        # of every line
        self._number: dict[Any, int] = {}                       # of what was written before, by the object
        self._declared: dict[str, Node] = {}
        self._defined: set[Any] = set()
        self._seal = Seal(lambda number: json.loads(self.lines[number - 1]))
        self._line("certificate", FORMAT)

    def _line(self, *parts: Any) -> int:
        """The number of a line, which is written unless it stands there already."""
        text = json.dumps(parts, ensure_ascii=False)
        number = self._place.setdefault(text, len(self.lines) + 1)
        if number > len(self.lines):
            self.lines.append(text)
        return number

    def theorem(self, name: str, theorem: Theorem) -> None:
        need(type(theorem) is Theorem, f"expected a theorem, got {type(theorem).__name__}")
        try:
            proof = theorem.proof()
        except AttributeError:
            raise KernelError("this theorem was not made by a rule: it has no record") from None
        new = [step for step in proof if id(step) not in self._number]
        for step in new:                                        # what is defined must be known before the first step
            for value in (*step.arguments, *step.hypotheses, step.conclusion):
                self._formulas(value)
        self._definitions()
        for step in new:
            line = ["step", step.rule, [self._part(a) for a in step.arguments],
                    sorted(map(self.node, step.hypotheses)), self.node(step.conclusion)]
            self._number[id(step)] = self._line(*line, *([self._seal(line[1:])] if step.rule in ASSUMING else []))
        self._line("theorem", name, self._number[id(theorem)])

    def _formulas(self, value: Any) -> None:
        if isinstance(value, (tuple, list)):
            for part in value:
                self._formulas(part)
        elif isinstance(value, Node):
            self.node(value)

    def node(self, node: Node) -> int:
        """The number of a node; those it is made of are written first."""
        stack: list[tuple[Node, bool]] = [(node, False)]
        while stack:
            current, ready = stack.pop()
            if current in self._number:
                continue
            parts = [a for a in current.args if isinstance(a, Node) and a not in self._number]
            if not ready and parts:
                stack.append((current, True))
                stack.extend((part, False) for part in reversed(parts))
                continue
            self._number[current] = self._line(*self._node(current))
        return self._number[node]

    def _node(self, node: Node) -> list[Any]:
        if isinstance(node, (Family, Function)):
            need(self._declared.setdefault(node.name, node) is node, f"two symbols are called {node.name}")
            return _declaration(node)
        if isinstance(node, Exponent):
            return ["exponent", *map(str, node.args)]
        if isinstance(node, DualExponent):
            return ["dual", *map(self.node, node.args)]
        kind = type(node).__name__
        need(KINDS.get(kind) is type(node), f"{kind} is no kind of formula to be written")
        if isinstance(node, Number):
            return [kind, _number_text(node.args[0])]
        if isinstance(node, statements.ConstantIs):
            return [kind, *map(str, node.args)]
        if isinstance(node, scalars.Norm) and not isinstance(node.args[1], Node):
            return [kind, self.node(node.args[0]), str(node.args[1])]
        return [kind, *map(self._part, node.args)]

    def _part(self, value: Any) -> Any:
        """An argument of a node or rule: words and flags as they are, everything else by its line."""
        if isinstance(value, Theorem):
            return self._number[id(value)]
        if isinstance(value, Node):
            return self.node(value)
        if isinstance(value, (tuple, list)):
            return [self._part(v) for v in value]
        if isinstance(value, Str) or value == sympy.oo:
            return str(value)
        if value is None or isinstance(value, (bool, str)):
            return value
        if (isinstance(value, (int, Expr)) and not isinstance(value, Rational)) or isinstance(value, Integer):
            try:
                return _index(Integer(value) if isinstance(value, int) else value)
            except SymgradError:
                pass
        need(isinstance(value, Expr), lambda: f"{value!r} cannot be written")
        return self.node(Number(value))

    def _definitions(self) -> None:
        """Every definition and statement about a name that occurs, or that these use, in the order they were made."""
        found: dict[Any, list[Any]] = {}                        # by its place in the order in which they were made
        size = -1
        while size != len(found):
            size = len(found)
            for k, act in enumerate(acts()):
                if (k, 1) not in found and any(case.name in self._declared for case in act):
                    found[k, 1] = ["definition", [[self.node(case.left), self.node(case.right), [*map(self.node, case.where)]]
                                                  for case in act]]
            for name in list(self._declared):
                one = stated(name)
                if one is not None and (one.after, 0, order_of(name)) not in found:
                    found[one.after, 0, order_of(name)] = [
                        "stated", self.node(one.value), self.node(one.cotangent), [*map(self.node, one.results)],
                        [*map(self.node, one.where)]]
        for place in sorted(found.keys() - self._defined):
            line = found[place]
            self._line(*line, *([self._seal(line[1:])] if line[0] == "stated" else []))
        self._defined.update(found)


def _declaration(thing: Family | Function) -> list[Any]:
    if isinstance(thing, Family):
        return ["Family", thing.name, [[*map(_index, thing.args[1:3])]], _ends(thing.args[3:])]
    sides = [_index(side) for side in thing.args[3 + 2 * thing.arity:]]
    return ["Function", thing.name, [list(pair) for pair in zip(sides[::2], sides[1::2], strict=True)],
            _ends(thing.args[3:3 + 2 * thing.arity]), thing.args[1].name]


def _ends(flat: tuple[Expr, ...]) -> list[list[Any]]:
    ends = [None if end in (sympy.oo, -sympy.oo) else _index(end) for end in flat]
    return [list(pair) for pair in zip(ends[::2], ends[1::2], strict=True)]


def _index(expression: Expr) -> list[Any]:
    linear, constant = affine(expression)
    return ["index", constant, *([*_symbol(symbol), c] for symbol, c in linear)]


def _symbol(symbol: Any) -> list[Any]:
    if isinstance(symbol, Width):
        return ["width", symbol.args[0].name, _index(symbol.args[1])]
    if isinstance(symbol, BoundIndex):
        height = int(symbol.name[1:])
        return ["bound", height] if height > 0 else ["slot", -height]
    return [next(sort for sort, cls in SORTS.items() if type(symbol) is cls), symbol.name]


def _number_text(value: Expr) -> str:
    """A rational, or rational*rest with the rest spelt out in functions: "3/2", "2*Pow(3, 1/2)"."""
    coefficient, rest = value.as_coeff_Mul()
    return str(coefficient) if rest == 1 else f"{coefficient}*{_spelt(rest)}"


def _spelt(value: Expr) -> str:
    if isinstance(value, Rational):
        return str(value)
    name = type(value).__name__.replace("Pi", "pi")
    need(name in NUMBERS, lambda: f"the number {value} cannot be written in a certificate")
    return f"{name}({', '.join(map(_spelt, value.args))})"
