"""The activation record: everything symgrad knows about one elementwise function σ of one real variable.

It holds the exact formula and derivative, how it prints, where it is not smooth, NumPy value and slope, and
the way to its ball enclosures and to γ = sup|σ'|. Built-in activations live in
`symgrad/operations/activations/`, one file each or a line of its table; adding one touches that one file.
Any other activation comes from text or from SymPy:

>>> activation("tanh").derivative
1 - tanh(t)**2
>>> activation("x*sigmoid(1.702*x)").expression
t/(1 + exp(-851*t/500))
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import flint
import numpy as np
import sympy as sp
from flint import arb, arb_series

from symgrad.balls.domain import breaks_inside, irregular
from symgrad.balls.enclosure import Enclosure
from symgrad.balls.evaluate import OutsideDomain, taylor
from symgrad.balls.pieces import Pieces, breaks_of_order, equal_at, split, value_at
from symgrad.balls.program import CannotCompile, Program, compile_expression
from symgrad.balls.search import Objective
from symgrad.balls.supremum import Supremum, supremum
from symgrad.errors import SymgradError, nearest
from symgrad.operations import plain
from symgrad.operations.formula import FormulaError, parse_formula
from symgrad.operations.sympy_forms import known_forms

if TYPE_CHECKING:
    from symgrad.operations.activations import Entry

__all__ = ["Activation", "UnknownActivation", "activation", "activations", "t"]

t = sp.Symbol("t", real=True)
"""The one variable of every activation's formula."""

Array = np.ndarray[Any, np.dtype[Any]]
_interned: dict[tuple[str, sp.Expr], Activation] = {}
_defaults: dict[tuple[str, str], Activation] = {}              # by name and formula text
_lock = threading.Lock()


class UnknownActivation(SymgradError, ValueError):
    """No activation has this name, and it is no formula either."""


@dataclass(frozen=True, eq=False)
class Activation:
    """One activation σ. Compared by identity: equal name and formula give the same object.

    Made by `activation(...)`, never directly.
    """

    name: str
    expression: sp.Expr
    latex: str
    numpy: object | None = field(default=None, repr=False)      # fast NumPy source, where somebody wrote it

    def __repr__(self) -> str:
        return f"activation({self.name!r})"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex}(t) = {sp.latex(self.expression)}$"

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return _intern, (self.name, self.expression, self.latex, self.numpy)

    # --- the exact function ------------------------------------------------------------------------
    @cached_property
    def pieces(self) -> Pieces:
        """The smooth formulas and the exact breakpoints between them."""
        return split(self.expression, t)

    @cached_property
    def derivative(self) -> sp.Expr:
        """σ' as SymPy differentiates it, piece by piece. At a kink: the one-sided slope of smaller size (0
        for relu at 0, as in PyTorch); there σ has no derivative, and theorems exclude the point."""
        if self.pieces.implicit:
            return sp.diff(self.expression, t)
        slopes = [sp.diff(f, t) for f in self.pieces.formulas]
        cases: list[tuple[sp.Expr, Any]] = []
        for i, b in enumerate(self.pieces.breaks):
            cases.append((slopes[i], t <= b if self._slope_side[i] == 0 else t < b))
        return sp.Piecewise(*cases, (slopes[-1], True)) if cases else slopes[0]

    @cached_property
    def _slope_side(self) -> tuple[int, ...]:
        """For each breakpoint: 0 when it takes the slope from the left, 1 from the right."""
        sides = []
        for i, b in enumerate(self.pieces.breaks):
            left, right = (value_at(sp.diff(f, t), t, b) for f in self.pieces.formulas[i:i + 2])
            sides.append(int(bool(abs(sp.N(right, 30)) < abs(sp.N(left, 30)))))
        return tuple(sides)

    @cached_property
    def _value_side(self) -> tuple[int, ...]:
        """For each breakpoint: 0 when σ takes its value there from the left, 1 from the right."""
        return tuple(int(not equal_at(self.expression, self.pieces.formulas[i], t, b)) if b in self.jumps
                     else self._slope_side[i] for i, b in enumerate(self.pieces.breaks))

    @cached_property
    def jumps(self) -> tuple[sp.Expr, ...]:
        """The points where σ itself jumps."""
        return breaks_of_order(self.pieces, t, 0) + breaks_inside(self.pieces, t)[0]

    @cached_property
    def kinks(self) -> tuple[sp.Expr, ...]:
        """The points where σ is continuous and has no derivative; of a wave, those of one period.

        Those that could be located: `smooth` says whether there may be others, as in max(tanh(x), x/2).
        """
        found = breaks_of_order(self.pieces, t, 1) + breaks_inside(self.pieces, t)[1]
        return found or (self.sup_slope().kinks if self.pieces.implicit else ())

    @property
    def smooth(self) -> bool:
        """σ is differentiable everywhere: no kink and no jump, and no place where there might be one."""
        return not (self.pieces.implicit or self.kinks or self.jumps or irregular(self.pieces, t) != ())

    # --- numbers -----------------------------------------------------------------------------------
    def value(self, z: Any) -> Array:
        """σ(z), elementwise, for an array of any shape, real or complex (branches look at the real part)."""
        return self._numbers(z, self._value_side, 0)

    def slope(self, z: Any) -> Array:
        """σ'(z), elementwise, as `value`."""
        return self._numbers(z, self._slope_side, 1)

    def _numbers(self, z: Any, sides: tuple[int, ...], order: int) -> Array:
        given = np.asarray(z)
        work = np.asarray(given, dtype=np.result_type(given.dtype, np.float64))
        if not self.pieces.breaks:
            result = self._on_piece(0, work.ravel(), order)
        else:
            flat = work.ravel()
            place = np.zeros(flat.shape, dtype=int)
            for b, side in zip(self.pieces.breaks, sides, strict=True):
                at = float(sp.N(b, 25))
                place += (flat.real >= at) if side else (flat.real > at)
            result = np.empty_like(flat)
            for i in np.unique(place):
                chosen = place == i
                result[chosen] = self._on_piece(int(i), flat[chosen], order)
        narrow = np.result_type(given.dtype, np.float32) if given.dtype.kind in "fc" else result.dtype
        return result.reshape(work.shape).astype(narrow, copy=False)

    # --- rigorous numbers --------------------------------------------------------------------------
    @cached_property
    def _enclosure(self) -> Enclosure:
        return Enclosure(self.expression, t)

    def enclose(self, x: arb) -> arb:
        """A ball containing σ on the whole ball x; tight for wide balls. Raises SymgradError where σ is
        undefined."""
        return self._enclosure.on(x, 0)

    def enclose_slope(self, x: arb) -> arb:
        """A ball containing σ' on x; at a kink inside x both one-sided slopes."""
        return self._enclosure.on(x, 1)

    def enclose_both(self, x: arb) -> tuple[arb, arb]:
        """`enclose` and `enclose_slope` at once: much faster where x is narrow, as the states of a network are."""
        return self._enclosure.both(x)

    def enclose_array(self, lo: Any, hi: Any, derivative: int = 0) -> tuple[Array, Array]:
        """Float64 arrays (lower, upper) around σ (derivative=0) or σ' (1) on each [lo, hi], rounded
        outward."""
        return self._enclosure.array(lo, hi, derivative)

    def series(self, x: arb, n: int) -> arb_series:
        """The first n Taylor coefficients σ^(k)/k!, k < n <= 9, enclosed at every point of x."""
        return self._enclosure.series(x, n)

    def sup_slope(self, digits: int = 30, budget: float = 4.0) -> Supremum:
        """γ = sup|σ'| over the real line, certified, to that many digits unless `budget` seconds of
        computing end first: then `complete` is False and the enclosure is valid, only wider."""
        return self._supremum(1, "abs", None, digits, budget)

    def sup_curvature(self, digits: int = 30, budget: float = 4.0) -> Supremum:
        """sup|σ''| over the real line, kinks and jumps excluded."""
        return self._supremum(2, "abs", None, digits, budget)

    def range(self, lo: Any = -sp.oo, hi: Any = sp.oo, *, derivative: int = 0, digits: int = 30,
              budget: float = 4.0) -> tuple[Supremum, Supremum]:
        """Infimum and supremum of σ (derivative=0) or σ' (1) on [lo, hi], as (of -f, of f).

        The infimum is minus the first supremum: `-low.upper <= inf <= -low.lower`.
        """
        ends = (_end(lo), _end(hi))
        return (self._supremum(derivative, "min", ends, digits, budget),
                self._supremum(derivative, "max", ends, digits, budget))

    def _supremum(self, order: int, objective: Objective, interval: tuple[sp.Expr, sp.Expr] | None,
                  digits: int,
                  budget: float) -> Supremum:
        if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= 10_000:
            raise SymgradError(f"digits is a number from 1 to 10000, got {str(digits)[:40]!r}")
        key = (order, objective, interval, digits)
        known, spent = self._suprema.get(key, (None, 0.0))
        if known is None or (not known.complete and budget > spent):
            known = supremum(self.expression, t, order=order, objective=objective, interval=interval,
                             digits=digits,
                             budget=budget)
            self._suprema[key] = known, budget
        return known

    @cached_property
    def _suprema(self) -> dict[Any, tuple[Supremum, float]]:
        return {}

    def _on_piece(self, i: int, z: Array, order: int) -> Array:
        program = compile_expression(self.pieces.formulas[i], t)
        results, suspects = plain.evaluate(program, z)
        doubtful = suspects[0] | suspects[1] if np.iscomplexobj(z) else suspects[order]
        result, suspect = results[order], doubtful & np.isfinite(z) & (np.abs(z.imag) <= 1e-9)
        for at in np.flatnonzero(suspect).tolist():
            x = complex(z[at])
            result[at] = self._accurate(program, x.real, order)
            if x.imag:                                 # a complex step: f(x) + i y f'(x), exact to order y²
                result[at] += 1j * x.imag * self._accurate(program, x.real, order + 1)
        return result

    def _accurate(self, program: Program, x: float, order: int) -> float:
        """The correctly rounded derivative at one point (as far as 7000 bits tell), by balls."""
        for bits in (96, 256, 7000):
            with flint.ctx.workprec(bits):
                try:
                    value = taylor(program, arb(x), order + 1).coefficients[order] * math.factorial(order)
                except OutsideDomain:
                    return math.nan
                if value.is_finite() and (value == 0 or value.rel_accuracy_bits() > 60):
                    break
        return float(value.mid()) if value.is_finite() else math.nan


def _intern(name: str, expression: sp.Expr, latex: str, numpy: object | None = None) -> Activation:
    with _lock:
        key = (name, expression)
        if key not in _interned:
            _interned[key] = Activation(name, expression, latex, numpy)
        return _interned[key]


def activation(what: str | sp.Expr | Activation, **parameters: Any) -> Activation:
    """The activation of that name, formula or SymPy expression.

    `activation("softplus", beta=2)` sets a named activation's parameters (exact numbers or decimal text are
    best; a float is taken as the decimal it prints as). A formula such as "x*sigmoid(1.702*x)" is read by
    `parse_formula`. A SymPy expression has one symbol. Raises UnknownActivation, FormulaError,
    CannotCompile (a function without rigorous evaluation).

    >>> activation("leaky_relu", negative_slope="1/5").expression
    Piecewise((t, t > 0), (t/5, True))
    """
    if isinstance(what, Activation):
        return what
    if isinstance(what, sp.Expr):
        return _from_expression(what, parameters)
    if not isinstance(what, str):
        word = getattr(what, "__name__", "")
        hint = f": write {word!r}" if word in activations() else ", such as 'tanh' or 'x*sigmoid(x)'"
        raise UnknownActivation(f"an activation is a name, a formula or a SymPy expression{hint}, not {what!r}")
    from symgrad.operations.activations import catalogue

    entries = catalogue()
    text = what.strip()
    if not text:
        raise UnknownActivation("the name of an activation is empty; write 'tanh' or a formula such as 'x*sigmoid(x)'")
    if text.lower() in entries:
        return _from_entry(entries[text.lower()], parameters)
    if text.isidentifier() and text not in ("x", "t", "z"):
        hint = nearest(text, entries)
        raise UnknownActivation(f"no activation is called {text!r}; {hint}{'' if hint.endswith('?') else '.'}"
                                " A formula in x, such as 'x*sigmoid(x)', is an activation too.")
    _refuse_parameters(text, parameters)
    expression = parse_formula(text, t)
    _check(expression, text)
    return _intern(str(expression), expression, r"\sigma")


def activations() -> tuple[str, ...]:
    """The names of the catalogue, in alphabetical order."""
    from symgrad.operations.activations import catalogue

    return tuple(sorted({entry.name for entry in catalogue().values()}))


def _from_entry(entry: Entry, given: dict[str, Any]) -> Activation:
    """The activation of an entry; the one with all defaults is made once."""
    known = (entry.name, entry.formula)
    if not given and known in _defaults:
        return _defaults[known]
    unknown = set(given) - set(entry.parameters)
    if unknown:
        word = min(unknown)
        hint = nearest(word, entry.parameters) if entry.parameters else "it has none"
        raise UnknownActivation(f"{entry.name} has no parameter {word!r}; {hint}")
    values = {key: _number(entry.name, key, given.get(key, default)) for key,
              default in entry.parameters.items()}
    for key, condition in entry.conditions.items():
        positive = parse_formula(condition, t, values)
        if positive <= 0:
            raise UnknownActivation(f"{entry.name}: {key}, which must be > 0, is {positive}")
    expression = parse_formula(entry.formula, t, values)
    changed = {k: v for k, v in values.items() if v != _number(entry.name, k, entry.parameters[k])}
    name = entry.name + (f"({', '.join(f'{k}={v}' for k, v in changed.items())})" if changed else "")
    made = _intern(name, expression, entry.latex, entry.numpy)
    if not given:
        _defaults[known] = made
    return made


def _end(value: Any) -> sp.Expr:
    """An end of an interval: a number or infinity; a float is taken as the exact number it is, text as its decimal.

    Text never reaches SymPy's parser, which would run it as Python.
    """
    if isinstance(value, sp.Expr) and value.is_extended_real:
        return value
    try:
        if isinstance(value, (int, float, str, Fraction)) and not isinstance(value, bool):
            if value in (math.inf, -math.inf):
                return sp.oo if value == math.inf else -sp.oo
            return sp.Rational(*Fraction(value).as_integer_ratio())
    except (ValueError, OverflowError):
        pass
    raise SymgradError(f"an end of an interval is a number or ±oo, got {value!r}")


def _number(name: str, key: str, value: Any) -> sp.Expr:
    if isinstance(value, sp.Expr) and value.is_number and value.is_real and value.is_finite:
        return value
    try:
        number = parse_formula(repr(value) if isinstance(value, int | float) and not isinstance(value, bool)
                               else str(value), t)
    except FormulaError:
        number = sp.nan
    if not number.is_number or not number.is_finite:
        raise UnknownActivation(f"{name}: the parameter {key} is a finite real number, not {value!r}")
    return number


def _refuse_parameters(text: str, parameters: dict[str, Any]) -> None:
    if parameters:
        raise UnknownActivation(f"{text!r} is a formula: write {min(parameters)} as a number in it")


def _from_expression(e: sp.Expr, parameters: dict[str, Any]) -> Activation:
    _refuse_parameters(str(e), parameters)
    symbols = e.free_symbols
    if len(symbols) > 1:
        raise UnknownActivation(f"{e} has several symbols ({', '.join(sorted(map(str, symbols)))}); "
                                "an activation has one variable")
    expression = e.xreplace({s: t for s in symbols})
    if expression.has(sp.Float):
        expression = expression.xreplace({f: sp.Rational(str(f)) for f in expression.atoms(sp.Float)})
    try:
        expression = known_forms(expression, t)
    except SymgradError as error:
        raise UnknownActivation(str(error)) from None
    _check(expression, str(e))
    return _intern(str(expression), expression, r"\sigma")


def _check(expression: sp.Expr, text: str) -> None:
    try:
        compile_expression(expression, t)
    except CannotCompile as error:
        raise UnknownActivation(f"{text!r}: {error}") from None
