"""Random instances: concrete data for a theorem, drawn so that its hypotheses hold where they can.

`random_instance(theorem, rng, arithmetic)` draws the integers first (small ones that meet the theorem's conditions on
indices), then leaves everything else to a `RandomSupply`, which draws widths, arrays and functions as the evaluation
asks for them: residues for a prime field, small fractions otherwise. Hypotheses |f| <= γ and s ≠ 0, 0 <= s are met by
drawing bounds after the functions. What was drawn is kept in the instance, so a failure can be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np

from ..kernel.statements import Bounded, Condition, ConstantIs, ForAll, IsActivation, OneFunction, Statement
from ..kernel.theorem import Theorem
from ..numeric import dual
from ..numeric.arithmetic import MERSENNE, Arithmetic, balls
from ..numeric.elementwise import Formula, OneVariable, Polynomial
from ..numeric.instance import Instance
from ..terms.index import BoundIndex, Constant, Dimension, Index, Width, affine
from ..terms.named import Named, Variable
from ..terms.node import subterms

__all__ = ["RandomSupply", "activation_pool", "random_instance"]


def activation_pool() -> tuple[Formula, ...]:
    """Smooth activations with the suprema of |σ| and |σ'| (None: unbounded)."""
    return _POOL or _make_pool()


_POOL: tuple[Formula, ...] = ()


def _make_pool() -> tuple[Formula, ...]:
    import sympy
    global _POOL
    from ..operations.activation import t
    half = sympy.Rational(1, 2)
    _POOL = (Formula("tanh", (1, 1)), Formula("sigmoid", (1, sympy.Rational(1, 4))), Formula("sin", (1, 1)),
             Formula("softplus", (None, 1)), Formula(-sympy.tanh(t), (1, 1)), Formula(sympy.sin(3 * t), (1, 3)),
             Formula(half * t, (None, half)))
    return _POOL


class RandomSupply:
    """Draws what an instance was not given.

    widths     the widths to choose from; `uniform` makes every width of a family one number
    integers   the range of integers that nothing else settles
    size       arrays have entries k/d with |k| <= size * d; structured ones (zero rows, symmetric, singular) come up too
    """

    def __init__(self, rng: Random, *, exact: bool = False, widths: tuple[int, ...] = (1, 2, 3, 4),
                 uniform: bool = False, integers: tuple[int, int] = (0, 4), size: int = 2) -> None:
        self.rng, self.exact, self.widths, self.integers, self.size = rng, exact, widths, integers, size
        self.uniform, self._one_width = uniform, rng.choice(widths)

    def integer(self, name: str) -> int:
        return self.rng.randint(*self.integers)

    def width(self, name: str, index: int) -> int:
        return self._one_width if self.uniform else self.rng.choice(self.widths)

    def array(self, name: str, indices: tuple[int, ...], shape: tuple[int, int]) -> Any:
        found = np.empty(shape, dtype=object)
        for place in np.ndindex(*shape):
            found[place] = self.entry()
        kind = 0 if self.exact else self.rng.randrange(12)
        if kind == 0 and shape[0] > 1 and not self.exact:
            found[self.rng.randrange(shape[0]), :] = Fraction(0)
        if kind == 1 and shape[0] > 1:
            found[0, :] = found[-1, :]
        if kind == 2 and shape[0] == shape[1]:
            found = (found + found.T) / 2
        return found

    def entry(self) -> Any:
        """One number: a residue where equality is exact modulo p, else a fraction with denominator 16."""
        if self.exact:
            return self.rng.randrange(MERSENNE)
        return Fraction(self.rng.randint(-16 * self.size, 16 * self.size), 16)

    def one_variable(self, name: str, indices: tuple[int, ...]) -> OneVariable:
        if self.exact:
            return Polynomial([self.rng.randrange(MERSENNE) for _ in range(4)])
        return self.rng.choice(activation_pool())

    def function(self, name: str, indices: tuple[int, ...]) -> Callable[..., Any]:
        """A quadratic map of its arguments, given by its result's shape when it is called: see `QuadraticMap`."""
        return QuadraticMap(self)


class QuadraticMap:
    """X, … ↦ Σ U (X ⊙ X) W + U' X W', a 1 x 1 value (the kernel differentiates scalar functions only)."""

    def __init__(self, supply: RandomSupply) -> None:
        self.supply = supply
        self.kept: dict[tuple[int, ...], tuple[Any, Any]] = {}

    def __call__(self, *arguments: Any) -> Any:
        result = None
        for place, X in enumerate(arguments):
            rows, columns = dual.plain(X).shape[-2:]
            key = (place, rows, columns)
            if key not in self.kept:
                self.kept[key] = (self.supply.array("", (), (rows, columns)), self.supply.array("", (), (rows, columns)))
            like = dual.plain(X)
            square, straight = (_as(like, part) for part in self.kept[key])
            part = dual.entries_sum(X * X * square) + dual.entries_sum(X * straight)
            result = part if result is None else result + part
        return result


def _as(like: Any, data: Any) -> Any:
    """Numbers of the kind that an array holds."""
    if like.dtype != object:
        return data.astype(like.dtype)
    if not like.size:
        return data
    from ..numeric.arithmetic import exact_fraction
    one = like.flat[0] * 0 + 1
    return np.asarray(np.frompyfunc(lambda x: _times_fraction(one, exact_fraction(x)), 1, 1)(data), dtype=object)


def _times_fraction(one: Any, fraction: Any) -> Any:
    import flint
    return one * int(fraction.p) / (one * int(fraction.q)) if isinstance(one, flint.nmod) else one * fraction


def random_instance(theorem: Theorem | Statement | Iterable[Statement], rng: Random, arithmetic: Arithmetic | None = None, *,
                    widths: tuple[int, ...] = (1, 2, 3, 4), integers: tuple[int, int] = (0, 4), uniform: bool = False,
                    tries: int = 200, **given: Any) -> Instance | None:
    """An instance that meets the theorem's conditions on indices; None when no try found one.

    `integers` is the range that indices and constants are drawn from; further keywords go to `Instance`.
    """
    statements = _statements(theorem)
    exact = not (arithmetic or balls()).ordered and (arithmetic or balls()).exact
    for _ in range(tries):
        supply = RandomSupply(rng, exact=exact, widths=widths, uniform=uniform, integers=integers)
        instance = Instance(**{"supply": supply, **given})
        for statement in statements:
            if isinstance(statement, ConstantIs):
                instance.integers[statement.args[0].name] = int(statement.args[1])
            elif isinstance(statement, OneFunction):
                name = statement.args[0].name
                instance._functions[name] = supply.one_variable(name, ())
            elif isinstance(statement, IsActivation):
                instance.set_function(statement.args[0].name, _values(statement.args[0].indices, instance),
                                      Formula(statement.args[1].name))
        if all(_integer(s.expression, instance) >= 0 for s in statements if isinstance(s, Condition)):
            for statement in statements:
                _settle(statement, instance, {})
            return instance
    return None


def _statements(theorem: Any) -> list[Statement]:
    if isinstance(theorem, Theorem):
        return [*theorem.hypotheses, theorem.conclusion]
    return [theorem] if isinstance(theorem, Statement) else list(theorem)


def _integer(expression: Any, instance: Instance, values: dict[Any, int] | None = None) -> int:
    linear, total = affine(expression)
    for symbol, c in linear:
        if values and symbol in values:
            total += c * values[symbol]
        elif isinstance(symbol, Width):
            total += c * instance.width(symbol.args[0].name, _integer(symbol.args[1], instance, values))
        else:
            total += c * instance.integer(symbol)
    return total


def _values(indices: Any, instance: Instance, values: dict[Any, int] | None = None) -> tuple[int, ...]:
    return tuple(_integer(i, instance, values) for i in indices)


def _settle(statement: Statement, instance: Instance, values: dict[Any, int]) -> None:
    """Make a bound at least as large as what it bounds."""
    if isinstance(statement, ForAll):
        low, high = (_integer(e, instance, values) for e in statement.args[1:3])
        for i in range(low, high + 1):
            _settle(statement.args[3], instance, {**values, statement.args[0]: i})
    if not isinstance(statement, Bounded):
        return
    function, bound = statement.args
    f = instance.one_variable(function.name, _values(function.indices, instance, values))
    suprema = getattr(f, "suprema", ())
    if function.order >= len(suprema) or suprema[function.order] is None:
        return
    enough = Fraction(suprema[function.order].p, suprema[function.order].q) if hasattr(suprema[function.order], "p") \
        else Fraction(suprema[function.order])
    if isinstance(bound, (Named, Variable)):
        indices = _values(bound.indices, instance, values) if isinstance(bound, Named) else ()
        slack = instance.supply.rng.choice((Fraction(0), Fraction(1, 8), Fraction(2)))    # type: ignore[union-attr]
        known = instance.kept.get(("array", bound.name, indices, (1, 1)))
        largest = max(enough + slack, *( [known[0, 0]] if known is not None else []), enough)
        instance.kept["array", bound.name, indices, (1, 1)] = np.array([[largest]], dtype=object)


__all__ += []
_ = (BoundIndex, Constant, Dimension, Index, subterms)
