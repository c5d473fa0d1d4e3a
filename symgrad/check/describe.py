"""Instances and values in words and formulas: just the data that a statement depends on, numbers exact where short.

What a statement depends on is what its evaluation asks for, so it is found by evaluating it on an instance that takes
everything from the given one and keeps what it was asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import SymgradError
from ..kernel.definitions import definition_of
from ..kernel.statements import Statement
from ..numeric.arithmetic import Array, balls, rationals
from ..numeric.elementwise import Formula, Polynomial
from ..numeric.instance import Instance
from ..numeric.truth import holds
from ..terms import layout as lay
from ..terms.display import notation
from ..terms.named import ElementwiseFunction, Family
from ..terms.node import Node, subterms
from ..terms.notation import Notation

__all__ = ["data", "instance_layout", "instance_text", "value_layout", "value_text"]

#: a fraction is written out when its numerator and denominator have at most so many digits
_DIGITS = 12


def data(statement: Statement, instance: Instance) -> dict[Any, Any]:
    """What evaluating the statement asks of the instance, in `Instance.kept`'s keys."""
    watched = Instance(supply=instance, batch=instance.batch)
    for arithmetic in (rationals(), balls()):
        with suppress(SymgradError):
            if holds(statement, watched, arithmetic) is not None:
                break
    return watched.kept


def instance_layout(statement: Statement, instance: Instance) -> list[Notation]:
    """The data as equations, integers first: L = 2, w² = …, σ(t) = t²; zero arrays and widths seen from arrays are
    left out."""
    found = data(statement, instance)
    families, functions = _used(statement)
    order = {"integer": 0, "width": 1, "one variable": 2, "array": 3, "function": 4}
    shown: list[Notation] = []
    for key in sorted(found, key=lambda key: (order[key[0]], key[1], str(key[2:3]))):
        kind, name, value = key[0], key[1], found[key]
        if kind == "integer":
            shown.append(lay.relation(lay.letter(name), "eq", int(value)))
        elif kind == "array":
            family = families.get(name)
            what = notation(family[key[2]] if key[2] else family()) if family else lay.letter(_plain(name))
            shown.append(lay.relation(what, "eq", value_layout(np.asarray(value))))
        elif kind == "one variable":
            one = functions.get(name)
            letter = notation(one[key[2][0]] if key[2] else one) if one else lay.letter(_plain(name))
            shown.append(lay.relation(lay.apply(letter, "t"), "eq", _function_layout(value)))
    return _merged(shown)


def _merged(shown: list[Notation]) -> list[Notation]:
    """Without repetitions."""
    return list(dict.fromkeys(shown))


def instance_text(statement: Statement, instance: Instance) -> str:
    from ..terms.text import text
    return ", ".join(text(part) for part in instance_layout(statement, instance))


def value_layout(value: Array) -> Notation:
    """A matrix of numbers; 1 × 1 as a number."""
    rows = [[_number(entry) for entry in row] for row in value]
    if value.shape == (1, 1):
        return rows[0][0]
    return lay.matrix(rows)


def value_text(value: Array) -> str:
    from ..terms.text import text
    return text(value_layout(value))


def _number(entry: Any) -> Notation:
    """A number: exact where it is short, else a decimal with ≈ in front."""
    import flint
    if isinstance(entry, flint.fmpq):
        entry = Fraction(int(entry.p), int(entry.q))
    if isinstance(entry, flint.arb):
        return _ball(entry)
    if isinstance(entry, (int, np.integer, Fraction)):
        exact = Fraction(int(entry) if isinstance(entry, np.integer) else entry)
        plain = lay.number(exact)
        if exact.denominator == 1 or max(exact.numerator, exact.denominator, key=abs).bit_length() < 3.3 * _DIGITS:
            return plain
        with flint.ctx.workprec(96):
            return _ball(flint.arb(flint.fmpq(exact.numerator, exact.denominator)))
    return lay.number(float(entry))


def _ball(entry: Any) -> Notation:
    """The digits of a ball that are certain."""
    digits = entry.str(8, radius=False)
    if digits.startswith("[") or "nan" in digits:
        return lay.words(str(entry))
    mantissa, _, exponent = digits.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return lay.product(lay.words("≈ "), lay.number(f"{mantissa}e{exponent}" if exponent else mantissa))


def _function_layout(function: Any) -> Notation:
    if isinstance(function, Polynomial):
        parts = [_monomial(Fraction(c), k) for k, c in enumerate(function.coefficients) if c]
        return lay.add(*parts)
    if isinstance(function, Formula):
        return lay.apply(function.name, "t") if function.name.isidentifier() else lay.words(function.name)
    return lay.words(str(getattr(function, "name", function)))


def _monomial(c: Fraction, k: int) -> Notation:
    size, power = abs(c), lay.power("t", k) if k else None
    body = lay.number(size) if power is None else power if size == 1 else lay.product(size, power)
    return lay.minus(body) if c < 0 else body


def _plain(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _used(statement: Node) -> tuple[dict[str, Family], dict[str, ElementwiseFunction]]:
    """The families and elementwise functions in a statement and in the definitions behind its names."""
    families: dict[str, Family] = {}
    functions: dict[str, ElementwiseFunction] = {}
    seen: set[Node] = set()
    waiting: list[Node] = [statement]
    while waiting:
        for node in _nodes(waiting.pop()):
            if node in seen:
                continue
            seen.add(node)
            name = getattr(node, "name", None)
            if isinstance(node, Family):
                families[node.name] = node
            if isinstance(node, ElementwiseFunction):
                functions[node.name] = ElementwiseFunction(node.name)
            if isinstance(name, str) and not isinstance(node, ElementwiseFunction):
                waiting.extend(case.right for case in definition_of(name))
    return families, functions


def _nodes(node: Node) -> Iterator[Node]:
    return iter(subterms(node))


