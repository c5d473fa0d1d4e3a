"""The compact form of a SymPy expression in one variable: a straight-line list of instructions.

Compiling recognises the forms that lose digits or overflow when computed as they are written (1/(1+e^-u),
log(1+e^u), 1 + erf(u), 1 - tanh(u), ...) and names them, so that every evaluator (NumPy arrays, balls,
Taylor series, tails at infinity) meets one small set of operations and computes each of them well. Equal
parts are computed once.
"""

from __future__ import annotations

from functools import lru_cache

import sympy as sp

from symgrad.errors import SymgradError

__all__ = ["PHASE", "AnyWave", "CannotCompile", "Instruction", "Program", "compile_expression"]


class CannotCompile(SymgradError, ValueError):
    """An expression holds a function that has no ball arithmetic here."""


class AnyWave(sp.Function):
    """sin or cos of the argument, of which only is known that it lies in [-1, 1]; made for germs, by `phases`."""

    is_real = True


PHASE = sp.Symbol("phase", real=True)
"""Where the waves of an end stand, modulo 2π: a second variable of programs for germs, made by `phases`."""

# (name, indices of the operands, payload).  "number": payload is the exact SymPy number; "power": a Rational;
# "div": numerator and denominator as SymPy; "piecewise": the operands are first the values, then what the
# conditions compare with 0; payload: the conditions, trees whose leaves are places among the operands.
Instruction = tuple[str, tuple[int, ...], object]
Program = tuple[Instruction, ...]

_UNARY = {
    sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.tanh: "tanh",
    sp.sinh: "sinh",
    sp.cosh: "cosh", sp.atan: "atan", sp.asin: "asin", sp.acos: "acos", sp.asinh: "asinh", sp.atanh: "atanh",
    sp.acosh: "acosh", sp.erf: "erf", sp.erfc: "erfc", sp.Abs: "abs", sp.sign: "sign", sp.Heaviside: "step",
}


@lru_cache(maxsize=2048)
def compile_expression(expression: sp.Expr, variable: sp.Symbol) -> Program:
    """The program of an expression whose only symbol is `variable`. Raises CannotCompile."""
    return _Compiler(variable).compile(expression)


class _Compiler:
    def __init__(self, variable: sp.Symbol) -> None:
        self.variable = variable
        self.code: list[Instruction] = []
        self.known: dict[Instruction, int] = {}
        self.memo: dict[sp.Basic, int] = {}

    def compile(self, expression: sp.Expr) -> Program:
        foreign = expression.free_symbols - {self.variable, PHASE}
        if foreign:
            raise CannotCompile(f"{expression} has other symbols than {self.variable}: "
                                + ", ".join(sorted(map(str, foreign))))
        last = self.of(expression)
        return self._live(last)

    def emit(self, name: str, *operands: int, payload: object = None) -> int:
        instruction = (name, operands, payload)
        if instruction not in self.known:
            self.known[instruction] = len(self.code)
            self.code.append(instruction)
        return self.known[instruction]

    def _live(self, last: int) -> Program:
        """Drop what the last instruction does not need, and renumber."""
        needed = {last}
        for at in range(last, -1, -1):
            if at in needed:
                needed.update(self.code[at][1])
        number = {old: new for new, old in enumerate(sorted(needed))}
        return tuple((name, tuple(number[o] for o in operands), payload)
                     for name, operands, payload in (self.code[old] for old in sorted(needed)))

    def of(self, e: sp.Basic) -> int:
        if e not in self.memo:
            self.memo[e] = self._of(e)
        return self.memo[e]

    def _of(self, e: sp.Basic) -> int:
        if e == self.variable:
            return self.emit("variable")
        if e.is_number:
            return self.emit("number", payload=e)
        if isinstance(e, sp.Add):
            return self._sum(e)
        if isinstance(e, sp.Mul):
            return self._product(e)
        if isinstance(e, sp.Pow):
            return self._power(e.base, e.exp)
        if isinstance(e, sp.log):
            return self._log(e.args[0])
        if isinstance(e, sp.Max | sp.Min):
            return self._fold("max" if isinstance(e, sp.Max) else "min", e.args)
        if isinstance(e, sp.Piecewise):
            return self._piecewise(e)
        if e == PHASE:
            return self.emit("phase")
        if isinstance(e, AnyWave):
            return self.emit("anywave", self.of(e.args[0]))
        if isinstance(e, sp.Heaviside):
            return self.emit("step", self.of(e.args[0]))
        if isinstance(e, sp.erf | sp.erfc):
            return self._error_function(_UNARY[type(e)], e.args[0])
        if type(e) in _UNARY:
            return self.emit(_UNARY[type(e)], self.of(e.args[0]))
        raise CannotCompile(f"{type(e).__name__} has no rigorous evaluation here; known: "
                            + ", ".join(sorted(set(_UNARY.values()) | {"max", "min", "Piecewise"})))

    def _fold(self, name: str, args: tuple[sp.Basic, ...]) -> int:
        ordered = sorted(args, key=sp.default_sort_key)
        result = self.of(ordered[0])
        for a in ordered[1:]:
            result = self.emit(name, result, self.of(a))
        return result

    def _sum(self, e: sp.Add) -> int:
        constant, rest = e.as_coeff_Add()
        terms = list(rest.args) if isinstance(rest, sp.Add) else [rest]
        if constant != 0:
            for at, term in enumerate(terms):
                joined = self._complement(constant, term)
                if joined is not None:
                    others = [self.of(x) for i, x in enumerate(terms) if i != at]
                    return self._add_all([joined, *others])
            terms = [constant, *terms]
        return self._add_all([self.of(x) for x in terms])

    def _add_all(self, operands: list[int]) -> int:
        result = operands[0]
        for o in operands[1:]:
            result = self.emit("add", result, o)
        return result

    def _complement(self, constant: sp.Expr, term: sp.Expr) -> int | None:
        """constant + term in a form without cancellation: c(1 ± erf u), c(1 ± tanh u), c(1 - e^u), c(1 -
        sigmoid u)."""
        c, h = term.as_coeff_Mul()
        if abs(c) != abs(constant):
            return None
        same = c == constant
        if isinstance(h, sp.erf):
            return self._scaled(constant, self._error_function("erfc", -h.args[0] if same else h.args[0]))
        if isinstance(h, sp.tanh):
            u = 2 * h.args[0]
            return self._scaled(2 * constant, self.emit("sigmoid", self.of(u if same else -u)))
        if isinstance(h, sp.exp) and not same:
            return self._scaled(c, self.emit("expm1", self.of(h.args[0])))
        u = _sigmoid_argument(h)
        if u is not None and not same:
            return self._scaled(constant, self.emit("sigmoid", self.of(-u)))
        return None

    def _error_function(self, name: str, u: sp.Expr) -> int:
        """With u² as a second operand, simplified exactly: it is the exponent of the tail."""
        return self.emit(name, self.of(u), self.of(sp.expand(u**2)))

    def _scaled(self, c: sp.Expr, at: int) -> int:
        return at if c == 1 else self.emit("mul", self.emit("number", payload=c), at)

    def _product(self, e: sp.Mul) -> int:
        constant, rest = e.as_coeff_Mul()
        factors = list(rest.args) if isinstance(rest, sp.Mul) else [rest]
        for a in factors:                                  # e^u/(1 + e^u) is a sigmoid too
            if isinstance(a, sp.exp):
                partner = 1 / (1 + a)
                if partner in factors:
                    factors.remove(a)
                    factors[factors.index(partner)] = 1 / (1 + sp.exp(-a.args[0]))
                    break
        below = [f for f in factors if isinstance(f, sp.Pow) and f.exp.is_number and f.exp.is_negative
                 and _sigmoid_argument(f.base**-1) is None]
        above = [f for f in factors if f not in below]
        # numbers join numerators; x*exp(..) keeps SymPy's order, which is deterministic
        result: int | None = None
        for f in above:
            result = self.of(f) if result is None else self.emit("mul", result, self.of(f))
        if result is None:
            result = self.emit("number", payload=sp.S.One)
        if below:
            quotient = (sp.Mul(*above), sp.Mul(*(1 / f for f in below)))
            result = self.emit("div", result, self.of(quotient[1]), payload=quotient)
        return self._scaled(constant, result)

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> int:
        if base == sp.E:
            return self.emit("exp", self.of(exponent))
        if not exponent.is_number:
            return self.emit("exp", self.of(exponent * sp.log(base)))
        u = _sigmoid_argument(base**-1)
        if u is not None:                                  # (1 + e^-u)^p = sigmoid(u)^-p
            return self._raised(self.emit("sigmoid", self.of(u)), -exponent)
        if exponent.is_negative:
            one = self.emit("number", payload=sp.S.One)
            return self.emit("div", one, self._raised(self.of(base), -exponent),
                             payload=(sp.S.One, base**-exponent))
        return self._raised(self.of(base), exponent)

    def _raised(self, at: int, exponent: sp.Expr) -> int:
        if exponent == 1:
            return at
        if exponent.is_Rational:
            return self.emit("power", at, payload=exponent)
        return self.emit("exp", self.emit("mul", self.of(exponent), self.emit("log", at)))

    def _log(self, u: sp.Expr) -> int:
        if isinstance(u, sp.cosh):
            return self.emit("logcosh", self.of(u.args[0]))
        if isinstance(u, sp.Pow) and u.exp.is_number and u.base.is_positive:
            return self._scaled(u.exp, self._log(u.base))
        constant, rest = u.as_coeff_Add()
        if constant == 1:
            if isinstance(rest, sp.exp):
                return self.emit("softplus", self.of(rest.args[0]))
            return self.emit("log1p", self.of(rest))
        return self.emit("log", self.of(u))

    def _piecewise(self, e: sp.Piecewise) -> int:
        operands = [self.of(value) for value, _ in e.args]
        conditions = tuple(self._condition(condition, operands) for _, condition in e.args)
        return self.emit("piecewise", *operands, payload=conditions)

    def _condition(self, c: sp.Basic, operands: list[int]) -> tuple[object, ...]:
        """("true",) | ("false",) | (">" or ">=", place among the operands) | ("and" or "or", tree, ...)."""
        if c in (sp.true, sp.false):
            return ("true" if c == sp.true else "false",)
        if isinstance(c, sp.And | sp.Or):
            parts = sorted(c.args, key=sp.default_sort_key)
            return ("and" if isinstance(c, sp.And) else "or", *(self._condition(p, operands) for p in parts))
        if isinstance(c, sp.StrictGreaterThan | sp.GreaterThan | sp.StrictLessThan | sp.LessThan):
            operands.append(self.of(c.gts - c.lts))
            strict = isinstance(c, sp.StrictGreaterThan | sp.StrictLessThan)
            return (">" if strict else ">=", len(operands) - 1)
        raise CannotCompile(f"the condition {c} is no comparison")


def _sigmoid_argument(e: sp.Expr) -> sp.Expr | None:
    """u, if e is 1/(1 + exp(-u))."""
    if isinstance(e, sp.Pow) and e.exp == -1:
        constant, rest = e.base.as_coeff_Add()
        if constant == 1 and isinstance(rest, sp.exp):
            return -rest.args[0]
    return None
