"""The replay of a certificate: formulas are built from its nodes, and every step goes through its rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import sympy
from sympy import Expr, Integer, Rational
from sympy.core.symbol import Str

from ..errors import KernelError, SymgradError
from ..terms.exponents import Exponent, dual_kind, norm_kind
from ..terms.index import BoundIndex, Constant, Dimension, Index, Width
from ..terms.named import Apply, Family, Function, Variable
from ..terms.node import Node
from .definitions import define
from .record import FORMAT, KINDS, NUMBERS, SORTS, Line
from .stated import state
from .theorem import RULES, Theorem, need

__all__ = ["replay_certificate"]


def replay_certificate(lines: Iterable[Line]) -> Theorem:
    """Make the theorem of a certificate anew: formulas from their nodes, every step by its rule.

    Raises KernelError, naming the step, when a rule refuses or gives something else than the record says.
    """
    reader = _Reader()
    for line in lines:
        try:
            reader.read(line)
        except (SymgradError, KernelError) as error:
            keys = ("step", "node", "family", "function")
            where = next((f"{key} {line[key]}" for key in keys if key in line), "a line")
            raise KernelError(f"{where} of the certificate {reader.name!r}: {error}") from error
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
            raise KernelError(f"the certificate {reader.name!r} is malformed at {str(line)[:80]}: "
                              f"{type(error).__name__} {str(error)[:80]}") from error
    if reader.result is None:
        raise KernelError(f"the certificate {reader.name!r} has no end")
    return reader.result


class _Reader:
    """Builds what the lines say, in order; `result` is the theorem once the end is read."""

    def __init__(self) -> None:
        self.name = ""
        self.result: Theorem | None = None
        self._names: dict[str, Family | Function] = {}
        self._nodes: dict[int, Node] = {}
        self._steps: dict[int, Theorem] = {}

    def read(self, line: Line) -> None:
        readers: dict[str, Callable[[Line], None]] = {
            "certificate": self._header, "family": self._family, "function": self._function,
            "node": self._node, "definition": self._definition, "stated": self._stated, "end": self._end,
            "step": self._step}
        need(self.result is None, "there is a line after the end")
        key = next((key for key in readers if key in line), None)
        if key is None:
            raise KernelError(f"a line is one of {', '.join(readers)}, got "
                              f"{str(line)[:80]}")
        readers[key](line)

    def _header(self, line: Line) -> None:
        need(line["certificate"] == FORMAT, f"expected format {FORMAT}, got {line['certificate']!r}")
        self.name = str(line["theorem"])

    def _family(self, line: Line) -> None:
        ends = [sign * sympy.oo if end is None else _index(end)
                for low, high in line["over"] for sign, end in ((-1, low), (1, high))]
        name = line["family"]
        self._new(name, Family(name, _index(line["rows"]), _index(line["columns"]), *ends))

    def _function(self, line: Line) -> None:
        shapes = (line["result"], *line["arguments"])
        sizes = {symbol[1] for shape in shapes for side in shape for symbol, _ in side[1:] if symbol[0] == "slot"}
        places: list[Any] = [(Dimension if k in sizes else Index)(f"place_{k}") for k in range(len(line["over"]))]
        slots = {BoundIndex(-k): place for k, place in enumerate(places)}

        def shape(pair: Any) -> Any:
            return tuple(_index(side).xreplace(slots) for side in pair)

        over = {place: tuple(None if end is None else _index(end) for end in ends)
                for place, ends in zip(places, line["over"], strict=True)}
        arguments = [shape(s) for s in line["arguments"]]
        made = Function(line["function"], arguments, shape(line["result"]), over, line["gradient_of"])
        self._new(line["function"], made)

    def _new(self, name: Any, thing: Family | Function) -> None:
        need(name not in self._names, f"{name} is declared twice")
        self._names[name] = thing

    def _node(self, line: Line) -> None:
        kind, *parts = line["is"]
        need(line["node"] not in self._nodes, "its number is taken")
        need(kind in KINDS and kind not in ("Family", "Function"), f"{kind!r} is no kind of formula")
        arguments: list[Any] = []
        for place, part in enumerate(parts):
            if kind in ("Named", "FunctionAt") and place == 0:
                arguments.append(self._names[part])
            elif isinstance(part, list):
                arguments.append(_index(part))
            elif kind == "Norm" and place == 1:
                arguments.append(_kind(part))
            elif isinstance(part, str):
                plain: Any = (Integer(int(part)) if place else Constant(part)) if kind == "ConstantIs" else Str(part)
                arguments.append(_number(part) if kind == "Number" else plain)
            else:
                need(type(part) is int, f"{part!r} is neither a node, an index expression nor a name")
                arguments.append(self._nodes[part])
        made = KINDS[kind](*arguments)
        need(type(made).__name__ == kind and tuple(made.args) == tuple(arguments),
             f"{kind} of these parts is {made}: no formula the kernel keeps, or somebody changed it")
        self._nodes[line["node"]] = made

    def _definition(self, line: Line) -> None:
        define(*((self._nodes[case["left"]], self._nodes[case["right"]],
                  tuple(self._nodes[c] for c in case["where"])) for case in line["definition"]))

    def _stated(self, line: Line) -> None:
        results, where = (tuple(self._nodes[k] for k in line[part]) for part in ("results", "where"))
        state(self._node_of(line["stated"], Apply), self._node_of(line["cotangent"], Variable), results, where)

    def _node_of(self, number: Any, kind: type) -> Any:
        need(isinstance(self._nodes[number], kind), f"node {number} is no {kind.__name__}")
        return self._nodes[number]

    def _step(self, line: Line) -> None:
        need(line["step"] not in self._steps, "its number is taken")
        name = line["rule"]
        need(isinstance(name, str) and name in RULES, f"no rule of the kernel is called {name!r}")
        new = RULES[name](*map(self._argument, line["arguments"]))
        hypotheses = [self._nodes[h] for h in line["hypotheses"]]
        need(new.conclusion is self._nodes[line["conclusion"]] and new.hypotheses == frozenset(hypotheses),
             lambda: f"{name} gives {new}, the record says {', '.join(map(str, hypotheses))} ⊢ "
                     f"{self._nodes[line['conclusion']]}")
        self._steps[line["step"]] = new

    def _argument(self, value: Any) -> Any:
        if not isinstance(value, dict):
            need(value is None or isinstance(value, (bool, int, str)), f"{value!r} is no argument")
            return value
        (tag, content), = value.items()
        if tag in ("exponent", "dual"):
            return _kind(value)
        if tag == "tuple":
            return tuple(map(self._argument, content))
        if tag == "index":
            return _index(content)
        stores: dict[str, dict[Any, Any]] = {"step": self._steps, "node": self._nodes, "name": self._names}
        return stores[tag][content]

    def _end(self, line: Line) -> None:
        self.result = self._steps[line["step"]]


def _kind(line: Any) -> Any:
    """The kind of a norm."""
    if isinstance(line, str):
        return norm_kind(line)
    (tag, (name, low, high)), = line.items()
    exponent = Exponent(name, _kind(low), _kind(high))
    return {"exponent": exponent, "dual": dual_kind(exponent)}[tag]


def _index(line: Any) -> Expr:
    constant, *linear = line
    need(type(constant) is int and all(type(c) is int for _, c in linear), f"{line!r} is no index expression")
    return sympy.Add(Integer(constant), *(c * _symbol(symbol) for symbol, c in linear))


def _symbol(line: Any) -> Expr:
    sort, name, *inner = line
    if sort == "width":
        return Width(Str(name), _index(inner[0]))
    if sort in ("bound", "slot"):
        need(type(name) is int and name >= (sort == "bound"), f"{line!r} is no bound index")
        return BoundIndex(name if sort == "bound" else -name)
    return SORTS[sort](name)


_WORD = re.compile(r"\s*(-?\d+(?:/\d+)?|[A-Za-z]\w*|[(),*])")


def _number(text: str) -> Expr:
    """A number from its text, by a grammar of its own: nothing is evaluated but the listed functions."""
    words = _WORD.findall(text)
    need("".join(words) == text.replace(" ", ""), f"{text!r} is no number")

    def take() -> str:
        need(words, f"{text!r} is no number")
        return str(words.pop(0))

    def value() -> Expr:
        word = take()
        if word.lstrip("-")[:1].isdigit():
            return Rational(word)
        need(word in NUMBERS and take() == "(", f"{text!r} is no number")
        arguments = []
        while words and words[0] != ")":
            arguments.append(value())
            if words and words[0] == ",":
                words.pop(0)
        take()
        made = getattr(sympy.S if word in ("Exp1", "Catalan", "EulerGamma", "GoldenRatio") else sympy, word)
        return made(*arguments) if arguments else made

    number = value()
    while words:
        need(take() == "*", f"{text!r} is no number")
        number = number * value()
    return number
