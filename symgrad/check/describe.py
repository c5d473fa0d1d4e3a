"""Instances and values laid out: just the data that a statement depends on, with exact numbers where they
are short.

What a statement depends on is what its evaluation asks for. So it is found by evaluating it on an instance
that takes everything from the given one and keeps what it was asked. """

from __future__ import annotations

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
from ..terms.display import kind_layout, notation
from ..terms.named import ElementwiseFunction, Family
from ..terms.node import Node, subterms
from ..terms.notation import Notation

__all__ = ["data", "instance_layout", "instance_text", "value_layout", "value_relation", "value_text"]

#: a fraction is written out when its numerator and denominator have at most so many digits
_DIGITS = 12


def data(statement: Statement, instance: Instance) -> dict[Any, Any]:
    """What evaluating the statement asks of the instance, in the keys of `Instance.kept`."""
    watched = Instance(supply=instance, batch=instance.batch)
    for arithmetic in (rationals(), balls()):
        with suppress(SymgradError):
            if holds(statement, watched, arithmetic) is not None:
                break
    return watched.kept


def instance_layout(statement: Statement, instance: Instance) -> list[Notation]:
    """The data as equations: L = 2, σ(t) = t², w² = …; widths are left out, as the arrays show them."""
    families, functions = _used(statement)
    found = data(statement, instance)
    order = ("integer", "exponent", "one variable", "array", "function")
    keys = [key for key in found if key[0] in order]
    keys.sort(key=lambda key: (order.index(key[0]), *map(str, key[1:])))
    shown: list[Notation] = []
    for key in keys:
        kind, name, value = key[0], key[1], found[key]
        if kind == "integer":
            shown.append(lay.relation(lay.letter(name), "eq", int(value)))
        elif kind == "exponent":
            shown.append(lay.relation(lay.letter(_plain(name)), "eq", kind_layout(value)))
        elif kind == "one variable":
            one = functions.get(name)
            alike = all(_same(found[k], value) for k in keys if k[:2] == key[:2])
            here = one[key[2][0]] if one and key[2] and not alike else one
            letter = notation(here) if here else lay.letter(_plain(name))
            shown.append(lay.relation(lay.apply(letter, "t"), "eq", _function_layout(value)))
        elif kind == "array":
            family = families.get(name)
            what = notation(family[key[2]] if key[2] else family()) if family else lay.letter(_plain(name))
            shown.append(value_relation(what, np.asarray(value)))
        else:
            shown.append(lay.relation(lay.letter(_plain(name)), "eq", lay.words(_named(value))))
    return list(dict.fromkeys(shown))


def instance_text(statement: Statement, instance: Instance) -> str:
    """The data in one line."""
    from ..terms.text import text
    return ", ".join(text(part) for part in instance_layout(statement, instance))


def value_layout(value: Array) -> Notation:
    """A matrix of numbers; a 1 × 1 one as a number."""
    rows = [[_number(entry) for entry in row] for row in value]
    return rows[0][0] if value.shape == (1, 1) else lay.matrix(rows)


def value_relation(what: Notation, value: Array) -> Notation:
    """what = the value, or what ≈ its first digits."""
    return lay.relation(what, "eq" if all(map(_is_short, value.flat)) else "approx", value_layout(value))


def value_text(value: Array) -> str:
    """The value in a line, with ≈ before digits that are not all of it."""
    from ..terms.text import text
    return ("" if all(map(_is_short, value.flat)) else "≈ ") + text(value_layout(value))


def _is_short(entry: Any) -> bool:
    """Is the number written out as it is?"""
    import flint
    if isinstance(entry, flint.arb):
        return bool(entry.is_integer())
    if isinstance(entry, (float, np.floating)):
        return False
    if isinstance(entry, flint.fmpq):
        numerator, denominator = int(entry.p), int(entry.q)
    else:
        numerator, denominator = Fraction(entry).as_integer_ratio()
    return denominator == 1 or (numerator.bit_length() + denominator.bit_length()) / 3.32 <= 2 * _DIGITS


def _number(entry: Any) -> Notation:
    """A number: exact where it is short, else its first digits."""
    import flint
    if isinstance(entry, flint.arb):
        return _ball(entry)
    if isinstance(entry, (float, np.floating)):
        return lay.number(float(entry))
    if isinstance(entry, flint.fmpq):
        entry = Fraction(int(entry.p), int(entry.q))
    exact = Fraction(int(entry) if isinstance(entry, np.integer) else entry)
    if _is_short(exact):
        return lay.number(exact)
    with flint.ctx.workprec(96):
        return _ball(flint.arb(flint.fmpq(exact.numerator, exact.denominator)))


def _ball(entry: Any) -> Notation:
    """The digits of a ball that are certain, at most eight."""
    spelled = entry.str(8, radius=False)
    mantissa, _, exponent = spelled.partition("e")
    if not all(c in "-.0123456789" for c in mantissa):
        return lay.words(str(entry))
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return lay.number(f"{mantissa}e{exponent}" if exponent else mantissa)


def _function_layout(function: Any) -> Notation:
    if isinstance(function, Polynomial):
        return lay.add(*(_monomial(Fraction(c), k) for k, c in enumerate(function.coefficients) if c))
    if isinstance(function, Formula):
        name = function.name
        return lay.apply(name, "t") if name.isidentifier() else lay.words(name)
    return lay.words(_named(function))


def _named(value: Any) -> str:
    return str(getattr(value, "name", "") or getattr(value, "__name__", "a given function")).replace("_", " ")


def _same(one: Any, two: Any) -> bool:
    return _named(one) == _named(two)


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
        for node in subterms(waiting.pop()):
            if node in seen:
                continue
            seen.add(node)
            if isinstance(node, ElementwiseFunction):
                functions[node.name] = ElementwiseFunction(node.name)
                continue
            if isinstance(node, Family):
                families[node.name] = node
            name = getattr(node, "name", None)
            if isinstance(name, str):
                waiting.extend(case.right for case in definition_of(name))
    return families, functions
