"""NumPy functions of exported expressions: `sympy.lambdify` with common parts computed once, and with
stable forms.

Before printing, 1/(1 + e^-u) becomes a sigmoid, e^-u/(1 + e^-u)² its slope, log(1 + e^u) a softplus, the
logarithm of a sum of exponentials a logsumexp, 1 - tanh² the slope of tanh. `sympy.lambdify` executes the
names of free symbols, so every symbol is given a name of ours before it gets there.
"""

from __future__ import annotations

import builtins
import dis
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

from symgrad.errors import SymgradError, nearest
from symgrad.numeric import stable

__all__ = ["Lambdified", "lambdify", "stable_form"]


def _function(name: str, slope: Callable[[Any], Any] | None = None) -> Any:
    """A SymPy function that prints as a call of `stable.<name>`, and knows its derivative."""

    def fdiff(self: Any, argindex: int = 1) -> Any:
        if slope is None:
            raise sp.ArgumentIndexError(self, argindex)
        return slope(self.args[argindex - 1])

    return type(name, (sp.Function,), {"fdiff": fdiff})


_sigmoid_slope = _function("sigmoid_slope")
_tanh_slope = _function("tanh_slope")
_sigmoid = _function("sigmoid", lambda u: _sigmoid_slope(u))
_softplus = _function("softplus", lambda u: _sigmoid(u))
_logsumexp = _function("logsumexp")
_BY_NAME = {"sigmoid": _sigmoid, "softplus": _softplus, "logsumexp": _logsumexp}
_MODULE = {name: getattr(stable, name) for name in stable.__all__}


class Lambdified:
    """A NumPy function of `arguments`; call it with arrays in that order, or by the symbols' names.

    arguments   the symbols, in the order of the call
    source      the generated code
    """

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...], source: str) -> None:
        self._function = function
        self.arguments = arguments
        self.source = source

    def __call__(self, *values: Any, **named: Any) -> Any:
        if named:
            values = (*values, *self._by_name(named, len(values)))
        if len(values) != len(self.arguments):
            names = ", ".join(str(a) for a in self.arguments)
            raise SymgradError(f"{len(values)} values for {len(self.arguments)} arguments ({names})")
        return self._function(*(_as_float(value) for value in values))

    def __repr__(self) -> str:
        return f"Lambdified({', '.join(str(a) for a in self.arguments)})"

    def _by_name(self, named: dict[str, Any], given: int) -> list[Any]:
        names = [str(a) for a in self.arguments[given:]]
        for name in named:
            if name not in names:
                raise SymgradError(f"no argument is called {name[:40]!r}; {nearest(name, names)}")
        missing = [name for name in names if name not in named]
        if missing:
            raise SymgradError(f"the argument {missing[0]!r} is missing")
        if len(set(names)) != len(names):
            raise SymgradError("two arguments print alike; give the values in order")
        return [named[name] for name in names]


def lambdify(theorem_or_expression: Any, arguments: Sequence[Any] | None = None) -> Lambdified:
    """A NumPy function of a theorem's right side, or of any SymPy expression, matrix or sequence of them.

    theorem_or_expression   an object with `.sympy()`, an equation (its right side is taken) or an expression
    arguments               the symbols in the order of the call; by default all of them, sorted by name
    Raises SymgradError for a symbol that is not among the arguments, or a function that NumPy lacks.

    >>> x = sp.Symbol("x")
    >>> f = lambdify(1 / (1 + sp.exp(-x)))
    >>> bool(f(-700.0) > 0), float(f(1000.0))
    (True, 1.0)
    """
    expression = _map(_expression(theorem_or_expression), _safe)
    found = _symbols(expression)
    chosen = tuple(sorted(found, key=str)) if arguments is None else tuple(arguments)
    missing = found - set(chosen)
    if missing:
        raise SymgradError(
            f"{min(map(str, missing))[:40]} occurs in the expression and is not among the arguments"
        )
    for symbol in chosen:
        if not isinstance(symbol, sp.Symbol | sp.MatrixSymbol):
            raise SymgradError(f"arguments are symbols, got {str(symbol)[:40]}")
    ours = {symbol: _renamed(symbol, i) for i, symbol in enumerate(chosen)}
    rewritten = _map(expression, lambda e: stable_form(e).xreplace(ours))
    function = sp.lambdify([ours[s] for s in chosen], rewritten, modules=[_MODULE, "numpy"], cse=True)
    source = inspect.getsource(function)
    used = {step.argval for step in dis.get_instructions(function) if step.opname == "LOAD_GLOBAL"}
    unknown = sorted(used - set(function.__globals__) - set(dir(builtins)))
    if unknown:
        raise SymgradError(f"NumPy lacks {unknown[0][:40]!r}, which this expression needs")
    return Lambdified(function, chosen, source)


def stable_form(expression: Any) -> Any:
    """The same expression with σ, σ', softplus, log-sum-exp and tanh' named, to be computed well."""
    if not isinstance(expression, sp.Basic):
        return expression
    return expression.replace(lambda e: isinstance(e, sp.Pow | sp.Mul | sp.Add | sp.log), _name)


def _name(e: Any) -> Any:
    if isinstance(e, sp.log):
        return _log(e)
    if isinstance(e, sp.Pow):
        u = _argument(e.base)
        return _sigmoid(u) ** -e.exp if u is not None and e.exp.is_negative else e
    if isinstance(e, sp.Add):
        return _sum(e)
    return _product(e)


def _argument(base: Any) -> Any:
    """u, when base is 1 + exp(-u)."""
    constant, rest = base.as_coeff_Add() if isinstance(base, sp.Expr) else (None, None)
    return -rest.args[0] if constant == 1 and isinstance(rest, sp.exp) else None


def _log(e: Any) -> Any:
    inside = e.args[0]
    constant, rest = inside.as_coeff_Add()
    if constant == 1 and isinstance(rest, sp.exp):
        return _softplus(rest.args[0])
    terms = sp.Add.make_args(inside)
    logs = [_log_of(term) for term in terms]
    return _logsumexp(*logs) if len(terms) > 1 and None not in logs else e


def _log_of(term: Any) -> Any:
    """log(term) for c·exp(u) with c > 0, and for c > 0."""
    constant, rest = term.as_coeff_Mul()
    if not constant.is_positive:
        return None
    shift = sp.log(constant)
    if rest == 1:
        return shift
    return shift + rest.args[0] if isinstance(rest, sp.exp) else None


def _product(e: Any) -> Any:
    """exp(-ku) σ(u)^n is σ(-u)^k σ(u)^(n-k) for k <= n, and σ(u) σ(-u), also as σ(u)(1 - σ(u)), is σ'(u)."""
    powers: dict[Any, Any] = {}
    for factor in sp.Mul.make_args(e):
        base, exponent = (factor.base, factor.exp) if isinstance(factor, sp.Pow) else (factor, sp.S.One)
        powers[base] = exponent
    changed = False
    for s in [f for f in powers if isinstance(f, _sigmoid)]:
        u, n = s.args[0], powers[s]
        mirror = _sigmoid(-u)
        for f in [
            f for f in powers if isinstance(f, sp.exp) and powers[f] == 1 and n.is_Integer and 0 < n <= 8
        ]:
            k, rest = _multiples(f.args[0], u, int(n))
            if k:
                powers[mirror] = powers.get(mirror, sp.S.Zero) + k
                powers[s] = n = n - k
                del powers[f]
                powers[sp.exp(rest)] = sp.S.One
                changed = True
        if 1 - s in powers:
            powers[mirror] = powers.get(mirror, sp.S.Zero) + powers.pop(1 - s)
            changed = True
        both = [powers.get(s, sp.S.Zero), powers.get(mirror, sp.S.Zero)]
        if all(n.is_Integer and n > 0 for n in both):
            m = min(both)
            powers[s], powers[mirror] = both[0] - m, both[1] - m
            powers[_sigmoid_slope(u)] = m
            changed = True
    return sp.Mul(*(f**n for f, n in powers.items())) if changed else e


def _multiples(exponent: Any, u: Any, most: int) -> tuple[int, Any]:
    """The largest k <= most such that adding k u makes the exponent shorter, and what is left of it."""
    length = len(sp.Add.make_args(sp.expand(exponent)))
    for k in range(most, 0, -1):
        rest = sp.expand(exponent + k * u)
        if rest == 0 or len(sp.Add.make_args(rest)) < length:
            return k, rest
    return 0, exponent


def _sum(e: Any) -> Any:
    """1 - σ(u) is σ(-u) and 1 - tanh(u)² the slope of tanh, also with a common factor; so is σ - σ² = σ'."""
    for c in e.args:
        for other in e.args:
            ratio = -other / c
            if isinstance(ratio, _sigmoid):
                return e - c - other + _product(c * _sigmoid(-ratio.args[0]))
            if ratio.is_Pow and ratio.exp == 2 and isinstance(ratio.base, sp.tanh):
                return e - c - other + c * _tanh_slope(ratio.base.args[0])
    return e


def _expression(given: Any) -> Any:
    """The SymPy content of a theorem, an equation, an expression, or a sequence of expressions."""
    if hasattr(given, "sympy") and callable(given.sympy):
        given = given.sympy()
    if isinstance(given, sp.Equality):
        given = given.rhs
    if isinstance(given, list | tuple):
        return [_expression(e) for e in given]
    if isinstance(given, str) or not isinstance(given, sp.Basic | sp.MatrixBase | int | float | sp.Array):
        raise SymgradError(
            f"expected a theorem or a SymPy expression, got {type(given).__name__}; text is not read here"
        )
    return sp.sympify(given, strict=True)


def _map(expression: Any, f: Callable[[Any], Any]) -> Any:
    if isinstance(expression, list):
        return [_map(e, f) for e in expression]
    return expression.applyfunc(f) if isinstance(expression, sp.MatrixBase) else f(expression)


def _safe(e: Any) -> Any:
    """Functions known to us by name; anything else undefined is refused: its name would be executed."""
    for call in e.atoms(AppliedUndef) if isinstance(e, sp.Basic) else ():
        name = str(call.func)
        if name not in _BY_NAME:
            raise SymgradError(f"the function {name[:40]!r} has no NumPy form; {nearest(name, _BY_NAME)}")
        e = e.subs(call, _BY_NAME[name](*call.args))
    if isinstance(e, sp.Basic) and e.atoms(sp.IndexedBase):
        raise SymgradError(
            "indexed symbols have no NumPy form here; use a MatrixSymbol or a Symbol for each entry"
        )
    return e


def _symbols(expression: Any) -> set[Any]:
    if isinstance(expression, list):
        return set().union(*map(_symbols, expression))
    return set(expression.free_symbols)


def _renamed(symbol: Any, i: int) -> Any:
    if isinstance(symbol, sp.MatrixSymbol):
        return sp.MatrixSymbol(f"m{i}", *symbol.shape)
    return sp.Symbol(f"x{i}", **symbol.assumptions0)


def _as_float(value: Any) -> Any:
    """Integers become floats: NumPy refuses negative powers of integers."""
    array = np.asarray(value)
    if array.dtype.kind not in "fciu":
        raise SymgradError(f"values are numbers or arrays of numbers, got {array.dtype}")
    return array.astype(float) if array.dtype.kind in "iu" else value
