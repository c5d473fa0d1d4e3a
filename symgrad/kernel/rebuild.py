"""The replay of a certificate: formulas are built from its nodes, and every step goes through its rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, cast

import sympy
from sympy import Expr, Integer, Rational
from sympy.core.symbol import Str

from ..errors import KernelError, SymgradError
from ..terms.exponents import Exponent, dual_kind, norm_kind
from ..terms.index import BoundIndex, Constant, Dimension, Index, Width, affine
from ..terms.named import Apply, Family, Function, Variable
from ..terms.node import Node
from .definitions import define
from .record import ASSUMING, FORMAT, KINDS, NUMBERS, SORTS, Line, Seal
from .stated import state
from .theorem import RULES, Theorem, need

__all__ = ["replay_certificate"]


def replay_certificate(lines: Iterable[Line]) -> list[Theorem]:
    """Make the theorems of a certificate anew: formulas from their lines, every step by its rule.

    Raises KernelError, naming the line, when a rule refuses or gives something else than the record says.
    """
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        try:
            reader.read(line)
        except (SymgradError, KernelError) as error:
            raise KernelError(f"line {number} of the certificate ({' '.join(map(str, line[:2]))}): {error}") from error
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
            raise KernelError(f"the certificate is malformed at line {number}, {str(line)[:80]}: "
                              f"{type(error).__name__} {str(error)[:80]}") from error
    need(reader.theorems, "the certificate has no theorem")
    return reader.theorems


class _Reader:
    """Makes what the lines say, in order."""

    def __init__(self) -> None:
        self.theorems: list[Theorem] = []
        self._made: list[Any] = []
        self._names: set[str] = set()
        self._lines: list[Line] = []
        self._seal = Seal(lambda number: self._lines[number - 1])

    def read(self, line: Line) -> None:
        kind, *parts = line
        self._lines.append(line)
        need((kind == "certificate") == (not self._made), "a certificate begins with its header, and has one")
        makers: dict[str, Callable[..., Any]] = {
            "certificate": self._header, "exponent": _exponent, "dual": self._dual,
            "Family": self._family, "Function": self._function, "definition": self._definition, "stated": self._stated,
            "step": self._step, "theorem": self._theorem}
        self._made.append(makers[kind](*parts) if kind in makers else self._node(kind, *parts))

    def _value(self, part: Any) -> Any:
        """What a part stands for: numbers are lines, words and flags stand for themselves."""
        if isinstance(part, list):
            return _index(*part[1:]) if part[:1] == ["index"] else tuple(map(self._value, part))
        if type(part) is not int:
            return part
        need(0 < part <= len(self._made), f"there is no line {part} before")
        return self._made[part - 1]

    def _header(self, version: Any) -> None:
        need(version == FORMAT, f"expected format {FORMAT}, got {version!r}")

    def _dual(self, exponent: Any) -> Any:
        return dual_kind(self._value(exponent))

    def _family(self, name: str, shapes: Any, over: Any) -> Family:
        (rows, columns), = self._value(shapes)
        ends = [infinite if end is None else end
                for low, high in self._value(over) for infinite, end in ((-sympy.oo, low), (sympy.oo, high))]
        return self._new(name, Family(name, rows, columns, *ends))

    def _function(self, name: str, shapes: Any, over: Any, gradient_of: str) -> Function:
        sides, ends = self._value(shapes), self._value(over)
        sizes = {s for pair in sides for side in pair for s, _ in affine(side)[0] if isinstance(s, BoundIndex)}
        places: list[Any] = [(Dimension if BoundIndex(-k) in sizes else Index)(f"place_{k}") for k in range(len(ends))]
        slots = {BoundIndex(-k): place for k, place in enumerate(places)}
        result, *arguments = [tuple(side.xreplace(slots) for side in pair) for pair in sides]
        return self._new(name, Function(name, arguments, result, dict(zip(places, ends, strict=True)), gradient_of))

    def _new(self, name: Any, thing: Any) -> Any:
        need(name not in self._names, f"{name} is declared twice")
        self._names.add(name)
        return thing

    def _node(self, kind: str, *parts: Any) -> Node:
        need(kind in KINDS, f"{kind!r} is no kind of formula")
        arguments = [_word(kind, place, part) if isinstance(part, str) else self._value(part)
                     for place, part in enumerate(parts)]
        made = KINDS[kind](*arguments)
        need(type(made).__name__ == kind and tuple(made.args) == tuple(arguments),
             f"{kind} of these parts is {made}: no formula the kernel keeps, or somebody changed it")
        return cast(Node, made)

    def _definition(self, cases: Any) -> None:
        define(*self._value(cases))

    def _stated(self, *line: Any) -> None:
        *parts, seal = line
        need(seal == self._seal(parts), "what is stated was changed after it was written")
        value, cotangent, results, where = map(self._value, parts)
        need(isinstance(value, Apply) and isinstance(cotangent, Variable), "a pullback is stated of f(x), with its cotangent")
        state(value, cotangent, results, where)

    def _step(self, name: Any, arguments: Any, hypotheses: Any, conclusion: Any, *seal: Any) -> Theorem:
        need(isinstance(name, str) and name in RULES, f"no rule of the kernel is called {name!r}")
        sealed = (self._seal([name, arguments, hypotheses, conclusion]),) if name in ASSUMING else ()
        need(seal == sealed, "what is computed or cited was changed after it was written")
        new = RULES[name](*map(_plain, self._value(arguments)))
        said, told = self._value(hypotheses), self._value(conclusion)
        need(new.conclusion is told and new.hypotheses == frozenset(said),
             lambda: f"{name} gives {new}, the record says {', '.join(map(str, said))} ⊢ {told}")
        return new

    def _theorem(self, name: Any, step: Any) -> None:
        need(isinstance(name, str) and isinstance(self._value(step), Theorem), "a theorem is a name and a step")
        self.theorems.append(self._value(step))


def _index(constant: Any, *terms: Any) -> Expr:
    need(type(constant) is int and all(type(c) is int for *_, c in terms), f"{terms!r} is no index expression")
    return sympy.Add(Integer(constant), *(c * _symbol(*symbol) for *symbol, c in terms))


def _symbol(sort: str, name: Any, *inner: Any) -> Expr:
    if sort == "width":
        return Width(Str(name), _index(*inner[0][1:]))
    if sort in ("bound", "slot"):
        need(type(name) is int and name >= (sort == "bound"), f"{name!r} is no bound index")
        return BoundIndex(name if sort == "bound" else -name)
    return SORTS[sort](name)


def _word(kind: str, place: int, text: str) -> Any:
    if kind in ("Number", "Norm"):
        return _number(text) if kind == "Number" else norm_kind(text)
    return (Integer(int(text)) if place else Constant(text)) if kind == "ConstantIs" else Str(text)


def _plain(value: Any) -> Any:
    """An argument as the rules take it: integers are Python's."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return int(value) if isinstance(value, Integer) else value


def _exponent(name: str, low: str, high: str) -> Exponent:
    return Exponent(name, norm_kind(low), norm_kind(high))


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
