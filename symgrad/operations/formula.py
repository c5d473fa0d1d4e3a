"""The reader of user expressions in one variable, such as "x*sigmoid(1.702*x)".

The text is parsed by Python's `ast` (which executes nothing) and only the nodes listed here are turned into
SymPy; everything else is refused with its column. Decimal numbers are read exactly (1.702 is 851/500).
Length, depth, integers and exponents are limited, so that no text can make SymPy compute for long.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.functions.elementary.piecewise import ExprCondPair

from symgrad.errors import SymgradError, nearest

__all__ = ["CONSTANTS", "FUNCTIONS", "FormulaError", "parse_formula"]

MAX_LENGTH = 1000        # characters
MAX_NODES = 300          # of the syntax tree
MAX_DEPTH = 40
MAX_EXPONENT = 64        # of a constant exponent, after SymPy has merged nested powers
MAX_BITS = 512           # of any numerator or denominator


class FormulaError(SymgradError, ValueError):
    """A text that is no formula in one variable; names the column (1 is the first character)."""

    def __init__(self, text: str, column: int, problem: str) -> None:
        shown = text if len(text) <= 60 else text[:57] + "..."
        super().__init__(f"{shown!r}, column {column}: {problem}")
        self.column = column


def _sigmoid(u: sp.Expr) -> sp.Expr:
    return 1 / (1 + sp.exp(-u))


def _softplus(u: sp.Expr) -> sp.Expr:
    return sp.log(1 + sp.exp(u))


def _relu(u: sp.Expr) -> sp.Expr:
    return sp.Max(0, u)


def _where(condition: Any, yes: sp.Expr, no: sp.Expr) -> sp.Expr:
    return sp.Piecewise((yes, condition), (no, True))


# name -> (function of SymPy expressions, fewest and most arguments)
FUNCTIONS: Mapping[str, tuple[Callable[..., sp.Expr], int, int]] = {
    "exp": (sp.exp, 1, 1), "log": (sp.log, 1, 1), "ln": (sp.log, 1, 1), "sqrt": (sp.sqrt, 1, 1),
    "log1p": (lambda u: sp.log(1 + u), 1, 1), "expm1": (lambda u: sp.exp(u) - 1, 1, 1),
    "sin": (sp.sin, 1, 1), "cos": (sp.cos, 1, 1), "tan": (sp.tan, 1, 1),
    "asin": (sp.asin, 1, 1), "acos": (sp.acos, 1, 1), "atan": (sp.atan, 1, 1), "arctan": (sp.atan, 1, 1),
    "sinh": (sp.sinh, 1, 1), "cosh": (sp.cosh, 1, 1), "tanh": (sp.tanh, 1, 1),
    "asinh": (sp.asinh, 1, 1), "atanh": (sp.atanh, 1, 1), "acosh": (sp.acosh, 1, 1),
    "sech": (lambda u: 1 / sp.cosh(u), 1, 1), "csch": (lambda u: 1 / sp.sinh(u), 1, 1),
    "coth": (lambda u: sp.cosh(u) / sp.sinh(u), 1, 1), "sec": (lambda u: 1 / sp.cos(u), 1, 1),
    "csc": (lambda u: 1 / sp.sin(u), 1, 1), "cot": (lambda u: sp.cos(u) / sp.sin(u), 1, 1),
    "sinc": (lambda u: sp.sin(u) / u, 1, 1), "heaviside": (sp.Heaviside, 1, 1),
    "erf": (sp.erf, 1, 1), "erfc": (sp.erfc, 1, 1),
    "abs": (sp.Abs, 1, 1), "sign": (sp.sign, 1, 1), "max": (sp.Max, 2, 8), "min": (sp.Min, 2, 8),
    "sigmoid": (_sigmoid, 1, 1), "softplus": (_softplus, 1, 1), "relu": (_relu, 1, 1),
    "pow": (lambda base, exponent: base**exponent, 2, 2), "where": (_where, 3, 3),
}
CONSTANTS: Mapping[str, sp.Expr] = {"pi": sp.pi, "e": sp.E, "E": sp.E}
VARIABLE_NAMES = ("x", "t", "z")
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: sp.Lt, ast.LtE: sp.Le, ast.Gt: sp.Gt, ast.GtE: sp.Ge}


def parse_formula(text: str, variable: sp.Symbol, constants: Mapping[str, sp.Expr] | None = None) -> sp.Expr:
    """The SymPy expression a user's text means; its variable is written x, t, z or as `variable` prints.

    Known are + - * / **, numbers, pi, e, the names in `constants`, the functions in `FUNCTIONS`,
    comparisons inside `a if x > 0 else b`, `where(x > 0, a, b)` and `Piecewise((a, x > 0), (b, True))`.
    Raises FormulaError (one line, with the column) for anything else.

    >>> parse_formula("x*sigmoid(1.5*x)", sp.Symbol("t", real=True))
    t/(1 + exp(-3*t/2))
    """
    return _Reader(text, variable, constants or {}).read()


class _Reader:
    def __init__(self, text: str, variable: sp.Symbol, constants: Mapping[str, sp.Expr]) -> None:
        self.text, self.variable = text, variable
        self.constants = {**CONSTANTS, **constants}
        self.names = {*VARIABLE_NAMES, variable.name} - set(constants)
        self.used: str | None = None                 # the variable's name in this text: one name only

    def read(self) -> sp.Expr:
        if not isinstance(self.text, str):
            raise FormulaError(repr(self.text), 1, "a formula is a text such as 'x*sigmoid(x)'")
        if len(self.text) > MAX_LENGTH:
            raise FormulaError(self.text, MAX_LENGTH, f"longer than {MAX_LENGTH} characters")
        text = self.text.strip()
        self.shift = len(self.text) - len(self.text.lstrip())
        self._refuse_foreign(text)
        try:
            tree = ast.parse(text, mode="eval")
        except SyntaxError as error:
            column = (error.offset or 1) + self.shift
            raise FormulaError(self.text, column,
                               "not a formula (missing operator, bracket or argument?)") from None
        except (ValueError, MemoryError, RecursionError):
            raise FormulaError(self.text, 1, "not a formula") from None
        if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
            raise FormulaError(self.text, 1, f"too large: more than {MAX_NODES} parts")
        result = self.expression(tree.body, 0)
        if result.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I):
            raise FormulaError(self.text, 1, "not a real function (a division by zero or a complex number)")
        return result

    def _refuse_foreign(self, text: str) -> None:
        """Refuse what Python's lexer alone can see: other alphabets, `^`, comments, line breaks."""
        for at, letter in enumerate(text):
            if letter in "^\n\r#;`'\"\\\0" or not letter.isascii():
                hint = ": write ** for a power" if letter == "^" else ""
                raise FormulaError(self.text, at + 1 + self.shift,
                                   f"{letter!r} is not part of a formula{hint}")
        try:
            list(tokenize.generate_tokens(io.StringIO(text).readline))
        except (tokenize.TokenError, IndentationError, SyntaxError):
            raise FormulaError(self.text, len(self.text),
                               "a bracket is not closed, or the formula ends early") from None

    def fail(self, node: ast.AST, problem: str) -> FormulaError:
        return FormulaError(self.text, getattr(node, "col_offset", 0) + 1 + self.shift, problem)

    def expression(self, node: ast.expr, depth: int) -> sp.Expr:
        if depth > MAX_DEPTH:
            raise self.fail(node, f"nested deeper than {MAX_DEPTH}")
        result = self._expression(node, depth + 1)
        self._limit(node, result)
        return result

    def _expression(self, node: ast.expr, depth: int) -> sp.Expr:
        match node:
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                return self.number(node)
            case ast.Name(id=name):
                return self.name(node, name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.expression(operand, depth)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.expression(operand, depth)
            case ast.BinOp():
                return self.binary(node, depth)
            case ast.Call():
                return self.call(node, depth)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return _where(self.condition(test, depth), self.expression(body, depth),
                              self.expression(orelse, depth))
            case ast.Compare() | ast.BoolOp():
                raise self.fail(node, "a comparison stands only in 'a if x > 0 else b', where or Piecewise")
        raise self.fail(node, f"{_kind(node)} is not part of a formula; use numbers, x, + - * / ** "
                              "and known functions")

    def number(self, node: ast.Constant) -> sp.Expr:
        written = ast.get_source_segment(self.text.strip(), node) or repr(node.value)
        mantissa, _, exponent = written.lower().partition("e")
        if len(written) > 60 or not set(written) <= set("0123456789.eE+-") or abs(int(exponent or 0)) > 100:
            raise self.fail(node, "write a number in decimal, with at most 60 digits and exponents up to 100")
        value = Fraction(mantissa) * Fraction(10) ** int(exponent or 0)
        return sp.Rational(value.numerator, value.denominator)

    def name(self, node: ast.Name, name: str) -> sp.Expr:
        if name in self.constants:
            return self.constants[name]
        if name in self.names:
            if self.used not in (None, name):
                raise self.fail(node, f"a second variable {name}: a formula has one (here {self.used})")
            self.used = name
            return self.variable
        if name in FUNCTIONS:
            raise self.fail(node, f"{name} is a function: write {name}(x)")
        raise self.fail(node, f"unknown name {name}; " + nearest(name,
                                                                 {*self.names, *self.constants, *FUNCTIONS}))

    def binary(self, node: ast.BinOp, depth: int) -> sp.Expr:
        left, right = self.expression(node.left, depth), self.expression(node.right, depth)
        match node.op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div():
                if right == 0:
                    raise self.fail(node.right, "division by zero")
                return left / right
            case ast.Pow():
                return self.power(node, left, right)
        raise self.fail(node, f"the operator {type(node.op).__name__} is not known; use + - * / **")

    def power(self, node: ast.AST, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        if exponent.is_number and not (exponent.is_Rational and abs(exponent) <= MAX_EXPONENT):
            if not exponent.is_Rational and abs(exponent.evalf(10)) <= MAX_EXPONENT:
                return base**exponent
            raise self.fail(node, f"the exponent {str(exponent)[:20]} is too large (at most {MAX_EXPONENT})")
        if base == 0 and exponent.is_number and exponent.is_negative:
            raise self.fail(node, "a negative power of zero")
        return base**exponent

    def call(self, node: ast.Call, depth: int) -> sp.Expr:
        if not isinstance(node.func, ast.Name):
            raise self.fail(node, "only a function by its name can be called")
        name = node.func.id
        if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            raise self.fail(node, f"{name} takes plain arguments")
        if name == "Piecewise":
            return self.piecewise(node, depth)
        if name not in FUNCTIONS:
            raise self.fail(node, f"unknown function {name}; " + nearest(name, [*FUNCTIONS, "Piecewise"]))
        function, fewest, most = FUNCTIONS[name]
        if not fewest <= len(node.args) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
            raise self.fail(node, f"{name} takes {wanted} argument{'s' * (most > 1)}, not {len(node.args)}")
        if name == "where":
            return _where(self.condition(node.args[0], depth),
                          *(self.expression(a, depth) for a in node.args[1:]))
        arguments = [self.expression(a, depth) for a in node.args]
        if name == "pow":
            return self.power(node, *arguments)
        return function(*arguments)

    def piecewise(self, node: ast.Call, depth: int) -> sp.Expr:
        cases: list[ExprCondPair] = []
        for case in node.args:
            if not (isinstance(case, ast.Tuple) and len(case.elts) == 2):
                raise self.fail(case, "each case of Piecewise is a pair (value, condition)")
            value = self.expression(case.elts[0], depth)
            cases.append(ExprCondPair(value, self.condition(case.elts[1], depth)))
        if not cases or cases[-1].cond != sp.true:
            raise self.fail(node, "the last case of Piecewise must be (value, True)")
        return sp.Piecewise(*cases)

    def condition(self, node: ast.expr, depth: int) -> Any:
        match node:
            case ast.Constant(value=True):
                return sp.true
            case ast.Compare(left=left, ops=ops, comparators=rest) if all(type(o) in _COMPARE for o in ops):
                sides = [self.expression(side, depth) for side in (left, *rest)]
                return sp.And(*(_COMPARE[type(o)](a, b)
                                for o, a, b in zip(ops, sides, sides[1:], strict=False)))
            case ast.BoolOp(op=op, values=values):
                parts = [self.condition(v, depth + 1) for v in values]
                return sp.And(*parts) if isinstance(op, ast.And) else sp.Or(*parts)
        raise self.fail(node, "a condition is a comparison such as x > 0 (with <, <=, >, >=, and, or)")

    def _limit(self, node: ast.AST, result: sp.Expr) -> None:
        for number in result.atoms(sp.Rational):
            if max(abs(int(number.p)), int(number.q)).bit_length() > MAX_BITS:
                raise self.fail(node, "a number grows too large")
        grows = isinstance(result, sp.exp | sp.sinh | sp.cosh) and result.is_number
        if grows and abs(result.args[0].evalf(5)) > 1000:
            raise self.fail(node, f"{result.func.__name__} of a number beyond 1000")
        if isinstance(result, sp.Pow) and result.exp.is_Rational and abs(result.exp) > MAX_EXPONENT:
            raise self.fail(node, f"the exponent {result.exp} is too large (at most {MAX_EXPONENT})")


def _kind(node: ast.AST) -> str:
    names = {"Attribute": "an attribute (a.b)", "Subscript": "an index (a[b])",
             "Lambda": "a function definition",
             "List": "a list", "Tuple": "a tuple", "Constant": "this constant", "NamedExpr": "an assignment"}
    return names.get(type(node).__name__, f"{type(node).__name__} syntax")
