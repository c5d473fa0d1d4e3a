"""Certificates: a theorem and its whole proof as lines of JSON.

A certificate stands alone. In this order it holds a header; the families and functions used, with their
shapes as functions of their indices; the formulas, each a node over earlier nodes, so that what is shared is
written once; every definition, with all its cases; the steps, each with its rule, arguments, hypotheses and
conclusion; and the step that is the theorem. `rebuild.replay_certificate` sends every step through its rule
again, from nothing but the lines, so a theorem whose Python objects were tampered with is refused; `python -m
symgrad.verify` checks the same file with no other line of symgrad.

    {"certificate": 1, "theorem": "BP2"}
    {"family": "z", "rows": [0, [["width", "n", [0, [["slot", 0], 1]]], 1]], "columns": [1], "over": …}
    {"node": 4, "is": ["MatrixProduct", 2, 3]}           numbers are nodes, lists are index expressions
    {"node": 5, "is": ["Norm", 4, "3/2"]}                the kind of a norm: "2", "3/2", "oo", "F", …
    {"node": 6, "is": ["Norm", 4, {"dual": ["p", "1", "2"]}]}            or {"exponent": [name, low, high]}
    {"definition": [{"left": 1, "right": 9, "where": [10, 11]}, …]}
    {"stated": 4, "cotangent": 5, "results": [8], "where": [10]}         the pullback stated of a function
    {"step": 3, "rule": "symmetric", "arguments": [{"step": 2}], "hypotheses": [], "conclusion": 12}
    {"end": "BP2", "step": 3}

An index expression is [integer, [symbol, coefficient], …]; a symbol is ["index", "l"], ["constant", "L"],
["dimension", "m"], ["bound", 1], ["width", "n", index expression] or, in a declaration, ["slot", 0].
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sympy
from sympy import Expr, Integer, Rational
from sympy.core.symbol import Str

from ..errors import KernelError, SymgradError
from ..terms import algebra, named, ranges, scalars, taylor
from ..terms.algebra import Number
from ..terms.exponents import DualExponent, Exponent, exponent_of
from ..terms.index import BoundIndex, Constant, Dimension, Index, Width, affine
from ..terms.named import Family, Function
from ..terms.node import Node
from . import statements
from .definitions import Case, acts
from .stated import Stated, order_of, stated
from .theorem import Theorem, need

__all__ = ["FORMAT", "KINDS", "NUMBERS", "SORTS", "Line", "certificate", "read_certificates",
           "write_certificates"]

FORMAT = 1                                                      # the version of the format

Line = dict[str, Any]

KINDS: dict[str, Any] = {
    cls.__name__: cls for module in (algebra, named, ranges, scalars, taylor, statements)
    for cls in vars(module).values() if isinstance(cls, type) and issubclass(cls, Node)}
#: nodes that are written where they stand
_WITHOUT_NUMBER = (Family, Function, Exponent, DualExponent)
SORTS: dict[str, Any] = {"index": Index, "constant": Constant, "dimension": Dimension}
NUMBERS = {"Add", "Mul", "Pow", "exp", "log", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "erf",
           "Abs", "LambertW", "pi", "Exp1", "Catalan", "EulerGamma", "GoldenRatio"}


def certificate(theorem: Theorem, name: str = "") -> list[Line]:
    """The certificate of a theorem, one JSON-able object a line; `name` is what reports call it.

    Raises KernelError when the object has no record (no rule made it) or holds what cannot be written.
    """
    need(type(theorem) is Theorem, f"expected a theorem, got {type(theorem).__name__}")
    try:
        proof = theorem.proof()
    except AttributeError:
        raise KernelError("this theorem was not made by a rule: it has no record") from None
    writer = _Writer()
    steps: list[Line] = []
    number = {id(step): k for k, step in enumerate(proof)}
    for k, step in enumerate(proof):
        steps.append({"step": k, "rule": step.rule,
                      "arguments": [writer.argument(a, number) for a in step.arguments],
                      "hypotheses": sorted(map(writer.node, step.hypotheses)),
                      "conclusion": writer.node(step.conclusion)})
    definitions = writer.definitions()
    return [{"certificate": FORMAT, "theorem": name}, *writer.declarations, *writer.nodes, *definitions,
            *steps, {"end": name, "step": len(proof) - 1}]


def write_certificates(theorems: Iterable[tuple[str, Theorem]], path: str | os.PathLike[str]) -> None:
    """Write the certificates of (name, theorem) pairs to one file, all or nothing."""
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(", ", ": ")) + "\n"
                   for name, theorem in theorems for line in certificate(theorem, name))
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def read_certificates(path: str | os.PathLike[str]) -> list[list[Line]]:
    """The certificates of a file. Raises KernelError, naming the line, for a file of another kind."""
    found: list[list[Line]] = []
    open_one: list[Line] | None = None
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise KernelError(f"{path} is no certificate: it is not UTF-8 text") from None
    for number, row in enumerate(text.splitlines(), 1):
        try:
            line = json.loads(row)
        except (ValueError, RecursionError):
            raise KernelError(f"{path}, line {number}: not a line of JSON") from None
        need(isinstance(line, dict), f"{path}, line {number}: expected an object")
        if "certificate" in line:
            need(open_one is None, f"{path}, line {number}: the certificate before has no end")
            open_one = []
        if open_one is None:
            raise KernelError(f"{path}, line {number}: expected the header of a certificate")
        open_one.append(line)
        if "end" in line:
            found.append(open_one)
            open_one = None
    need(open_one is None and found, f"{path}: the file is cut off: its last certificate has no end")
    return found


class _Writer:
    """Collects the nodes and declarations that what is written needs, each once."""

    def __init__(self) -> None:
        self.nodes: list[Line] = []
        self.declarations: list[Line] = []
        self._number: dict[Node, int] = {}
        self._declared: dict[str, Node] = {}

    def node(self, node: Node) -> int:
        """The number of a node; those it is made of are written first."""
        stack: list[tuple[Node, bool]] = [(node, False)]
        while stack:
            current, ready = stack.pop()
            if current in self._number:
                continue
            parts = [a for a in current.args if isinstance(a, Node) and not isinstance(a, _WITHOUT_NUMBER)]
            if not ready and any(part not in self._number for part in parts):
                stack.append((current, True))
                stack.extend((part, False) for part in reversed(parts) if part not in self._number)
                continue
            entry = [type(current).__name__, *(self._part(current, arg) for arg in current.args)]
            need(KINDS.get(entry[0]) is type(current), f"{entry[0]} is no kind of formula to be written")
            self._number[current] = len(self.nodes)
            self.nodes.append({"node": len(self.nodes), "is": entry})
        return self._number[node]

    def _part(self, owner: Node, part: Any) -> Any:
        if isinstance(part, (Family, Function)):
            return self._declare(part)
        if isinstance(part, (Exponent, DualExponent)):
            return _exponent_line(part)
        if isinstance(part, Node):
            return self._number[part]
        if isinstance(part, Str):
            return part.name
        if isinstance(owner, Number):
            return _number_text(part)
        if isinstance(owner, (scalars.Norm, statements.ConstantIs)):
            return str(part)
        return _index_line(part)

    def _declare(self, thing: Family | Function) -> str:
        name = thing.name
        known = self._declared.setdefault(name, thing)
        need(known is thing, f"two symbols are called {name}")
        if not any(line.get("family", line.get("function")) == name for line in self.declarations):
            self.declarations.append(_declaration(thing))
        return name

    def argument(self, value: Any, number: dict[int, int]) -> Any:
        """An argument of a rule: nodes, steps, indices and tuples are tagged, the rest is plain JSON."""
        if isinstance(value, Theorem):
            return {"step": number[id(value)]}
        if isinstance(value, (Family, Function)):
            return {"name": self._declare(value)}
        if isinstance(value, (Exponent, DualExponent)):
            return _exponent_line(value)
        if isinstance(value, Node):
            return {"node": self.node(value)}
        if isinstance(value, (tuple, list)):
            return {"tuple": [self.argument(v, number) for v in value]}
        if isinstance(value, Str):
            return value.name
        if value == sympy.oo:
            return "oo"
        if isinstance(value, Integer):
            return int(value)
        if isinstance(value, Rational):
            return {"node": self.node(Number(value))}
        if isinstance(value, Expr):
            try:
                return {"index": _index_line(value)}
            except SymgradError:
                return {"node": self.node(Number(value))}
        need(value is None or isinstance(value, (bool, int, str)), lambda: f"{value!r} cannot be written")
        return value

    def definitions(self) -> list[Line]:
        """Every definition and statement about a name that occurs, or that these use, in the order they were made."""
        found: dict[Any, Line] = {}                             # by its place in the order in which they were made
        size = -1
        while size != len(found):
            size = len(found)
            for k, act in enumerate(acts()):
                if (k, 1) not in found and any(case.name in self._declared for case in act):
                    found[k, 1] = {"definition": [_case_line(case, self) for case in act]}
            for name in list(self._declared):
                one = stated(name)
                if one is not None and (one.after, 0, order_of(name)) not in found:
                    found[one.after, 0, order_of(name)] = _stated_line(one, self)
        return [found[place] for place in sorted(found)]


def _case_line(case: Case, writer: _Writer) -> Line:
    return {"left": writer.node(case.left), "right": writer.node(case.right),
            "where": [writer.node(c) for c in case.where]}


def _stated_line(one: Stated, writer: _Writer) -> Line:
    return {"stated": writer.node(one.value), "cotangent": writer.node(one.cotangent),
            "results": [writer.node(r) for r in one.results], "where": [writer.node(h) for h in one.where]}


def _declaration(thing: Family | Function) -> Line:
    if isinstance(thing, Family):
        rows, columns = map(_index_line, thing.args[1:3])
        return {"family": thing.name, "rows": rows, "columns": columns, "over": _ends(thing.args[3:])}
    ends, flat = thing.args[3:3 + 2 * thing.arity], [_index_line(d) for d in thing.args[3 + 2 * thing.arity:]]
    shapes = [list(pair) for pair in zip(flat[::2], flat[1::2], strict=True)]
    return {"function": thing.name, "gradient_of": thing.args[1].name, "result": shapes[0],
            "arguments": shapes[1:], "over": _ends(ends)}


def _exponent_line(exponent: Exponent | DualExponent) -> dict[str, Any]:
    name, low, high = map(str, exponent_of(exponent).args)
    return {"exponent" if isinstance(exponent, Exponent) else "dual": [name, low, high]}


def _ends(flat: tuple[Expr, ...]) -> list[list[Any]]:
    ends = [None if end in (sympy.oo, -sympy.oo) else _index_line(end) for end in flat]
    return [list(pair) for pair in zip(ends[::2], ends[1::2], strict=True)]


def _index_line(expression: Expr) -> list[Any]:
    linear, constant = affine(expression)
    return [constant, *([_symbol_line(symbol), c] for symbol, c in linear)]


def _symbol_line(symbol: Any) -> list[Any]:
    if isinstance(symbol, Width):
        return ["width", symbol.args[0].name, _index_line(symbol.args[1])]
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
