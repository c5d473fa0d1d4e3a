"""Random instances: concrete data for a theorem, drawn so that its hypotheses hold where they can.

`random_instance(theorem, rng, arithmetic)` draws the integers first, again and again until the theorem's conditions on
indices hold; everything else is left to a `RandomSupply`, which draws widths, arrays and functions as the evaluation
asks for them: residues for a prime field, small fractions otherwise. Bounds |f| <= γ are drawn after the functions.
What was drawn is kept in the instance, so that a failure can be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any

import flint
import numpy as np
import sympy

from ..kernel.statements import Bounded, Condition, ConstantIs, ForAll, IsActivation, OneFunction, Statement
from ..kernel.theorem import Theorem
from ..numeric import dual
from ..numeric.arithmetic import MERSENNE, Arithmetic, balls, exact_fraction
from ..numeric.elementwise import Formula, OneVariable, Polynomial
from ..numeric.evaluate import Frame, Run
from ..numeric.instance import Instance
from ..terms.named import Named, Variable

__all__ = ["QuadraticMap", "RandomSupply", "activation_pool", "random_instance"]


@lru_cache(maxsize=1)
def activation_pool() -> tuple[Formula, ...]:
    """Smooth activations with the suprema of |σ| and |σ'| (None: unbounded)."""
    t = sympy.Symbol("t", real=True)
    return (Formula("tanh", (1, 1)), Formula("sigmoid", (1, Fraction(1, 4))), Formula("sin", (1, 1)),
            Formula("softplus", (None, 1)), Formula(-sympy.tanh(t), (1, 1)), Formula(sympy.sin(3 * t), (1, 3)),
            Formula(t / 2, (None, Fraction(1, 2))))


class RandomSupply:
    """Draws what an instance was not given.

    exact      residues modulo 2^61 - 1 and polynomial functions; else fractions with denominator 16, of absolute
               value at most `size`, zero rows, equal rows and symmetric matrices among them, and smooth activations
    widths     the widths to choose from; `uniform` makes all of them one number
    integers   the range of every other integer
    """

    def __init__(self, rng: Random, *, exact: bool = False, widths: tuple[int, ...] = (1, 2, 3, 4),
                 uniform: bool = False, integers: tuple[int, int] = (0, 4), size: int = 2) -> None:
        self.rng, self.exact, self.integers, self.size = rng, exact, integers, size
        self.widths = (rng.choice(widths),) if uniform else widths

    def integer(self, name: str) -> int:
        return self.rng.randint(*self.integers)

    def width(self, name: str, index: int) -> int:
        return self.rng.choice(self.widths)

    def entry(self) -> int | Fraction:
        if self.exact:
            return self.rng.randrange(MERSENNE)
        return Fraction(self.rng.randint(-16 * self.size, 16 * self.size), 16)

    def array(self, name: str, indices: tuple[int, ...], shape: tuple[int, int]) -> Any:
        found = np.empty(shape, dtype=object)
        for place in np.ndindex(*shape):
            found[place] = self.entry()
        kind = 0 if self.exact else self.rng.randrange(12)
        if kind == 1 and shape[0] > 1:
            found[self.rng.randrange(shape[0]), :] = Fraction(0)
        elif kind == 2 and shape[0] > 1:
            found[0, :] = found[-1, :]
        elif kind == 3 and shape[0] == shape[1]:
            found = (found + found.T) / 2
        return found

    def one_variable(self, name: str, indices: tuple[int, ...]) -> OneVariable:
        if self.exact:
            return Polynomial([self.entry() for _ in range(4)])
        return self.rng.choice(activation_pool())

    def function(self, name: str, indices: tuple[int, ...]) -> Callable[..., Any]:
        return QuadraticMap(self)

    def exponent(self, name: str, low: Any, high: Any) -> Any:
        """An exponent of a norm: the ends of its range more often than the numbers between."""
        between = [p for p in map(sympy.Rational, ("1", "5/4", "3/2", "2", "7/3", "3", "5")) if low <= p <= high]
        return self.rng.choice([low, high, *between])


class _Sized(RandomSupply):
    """Dimensions are drawn as widths are."""

    def dimension(self, name: str) -> int:
        return self.rng.choice(self.widths)


class QuadraticMap:
    """(X, …) ↦ Σ ⟨U, X ⊙ X⟩ + ⟨V, X⟩ with random U, V: a scalar function that is neither linear nor symmetric.

    Where a third array W is put beside U and V, ⟨W, X ⊙ X ⊙ X⟩ is added.
    """

    def __init__(self, supply: RandomSupply) -> None:
        self.supply = supply
        self.kept: dict[tuple[int, ...], Any] = {}

    def __call__(self, *arguments: Any) -> Any:
        parts = []
        for place, X in enumerate(arguments):
            like = dual.plain(X)
            key = (place, *like.shape[-2:])
            if key not in self.kept:
                self.kept[key] = [self.supply.array("", (), key[1:]) for _ in range(2)]
            square, straight, *cube = (_of_kind(like, part) for part in self.kept[key])
            parts.append(dual.entries_sum(X * X * square + X * straight))
            parts += [dual.entries_sum(X * X * X * one) for one in cube]
        result = parts[0]
        for part in parts[1:]:
            result = result + part
        return result


def _of_kind(like: Any, data: Any) -> Any:
    """Numbers as elements of the arithmetic that another array is over."""
    if like.dtype != object:
        return data.astype(like.dtype)

    def entry(x: Any) -> Any:
        fraction, one = exact_fraction(x), like.flat[0]
        if isinstance(one, flint.nmod):
            return one * 0 + int(fraction.p) if fraction.q == 1 else (one * 0 + int(fraction.p)) / int(fraction.q)
        return fraction

    return np.asarray(np.frompyfunc(entry, 1, 1)(data), dtype=object) if like.size else data


def random_instance(theorem: Theorem | Statement | Iterable[Statement], rng: Random,
                    arithmetic: Arithmetic | None = None, *, widths: tuple[int, ...] = (1, 2, 3, 4),
                    integers: tuple[int, int] = (0, 4), uniform: bool = False, tries: int = 200,
                    **given: Any) -> Instance | None:
    """An instance on which the theorem's conditions on indices hold; None when no try found one.

    `arithmetic` (balls) says whether residues or fractions are drawn; `integers` is the range of indices and
    constants; further keywords are those of `Instance`, for data that are not to be drawn.

    >>> from symgrad.networks.dense import delta_definition
    >>> instance = random_instance(delta_definition, Random(1))
    >>> 1 <= instance.integers["l"] <= instance.integers["L"]
    True
    """
    arithmetic = arithmetic or balls()
    statements = _statements(theorem)
    for _ in range(tries):
        supply = _Sized(rng, exact=arithmetic.exact and not arithmetic.ordered, widths=widths, uniform=uniform,
                        integers=integers)
        instance = Instance(**{"supply": supply, **given})
        frame = Run(instance, arithmetic).frame
        for statement in statements:
            _fix(statement, instance, supply, frame)
        if all(frame.integer(s.expression) >= 0 for s in statements if isinstance(s, Condition)):
            for statement in statements:
                _settle(statement, instance, frame)
            return instance
    return None


def _statements(theorem: Any) -> list[Statement]:
    if isinstance(theorem, Theorem):
        return [*theorem.hypotheses, theorem.conclusion]
    return [theorem] if isinstance(theorem, Statement) else list(theorem)


def _fix(statement: Statement, instance: Instance, supply: RandomSupply, frame: Frame) -> None:
    """What a hypothesis says outright."""
    if isinstance(statement, ConstantIs):
        instance.integers.setdefault(statement.args[0].name, int(statement.args[1]))
    elif isinstance(statement, OneFunction):
        instance.set_one_function(statement.args[0].name, supply.one_variable(statement.args[0].name, ()))
    elif isinstance(statement, IsActivation):
        function = statement.args[0]
        instance.set_function(function.name, frame.integers(function.indices), Formula(statement.args[1].name))


def _settle(statement: Statement, instance: Instance, frame: Frame) -> None:
    """Make a bound that is a symbol at least as large as what it bounds."""
    if isinstance(statement, ForAll):
        for i in range(frame.integer(statement.args[1]), frame.integer(statement.args[2]) + 1):
            _settle(statement.args[3], instance, frame.with_values({statement.args[0]: i}))
    if not isinstance(statement, Bounded):
        return
    function, bound = statement.args
    suprema = getattr(frame.one_variable(function), "suprema", ())
    if not isinstance(bound, (Named, Variable)) or not suprema[function.order:] or suprema[function.order] is None:
        return
    indices = frame.integers(bound.indices) if isinstance(bound, Named) else ()
    slack = Random(repr((bound.name, indices))).choice((0, Fraction(1, 8), 2))
    known = instance.kept.get(("array", bound.name, indices, (1, 1)), np.zeros(0))
    largest = max([suprema[function.order] + slack, *np.asarray(known).flat])
    instance.set_array(bound.name, indices, np.array([[largest]], dtype=object))
