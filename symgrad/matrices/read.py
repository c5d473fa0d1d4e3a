"""Formulas from text: `read_formula("norm(W@x - b)**2", W="m n", x="n", b="m")`.

The text is parsed by Python's `ast`, which executes nothing, and only the nodes listed here become formulas: letters,
whole numbers and decimals (taken exactly), + - * / @ **, .T, and the functions of `symgrad.matrices` by name. `*` is a
scalar multiple, or the product entry by entry of two arrays of one shape; `/` by an array divides entry by entry.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy

from ..errors import SymgradError, nearest
from ..operations.activation import activations
from ..operations.builtin.elementwise import ELEMENTWISE
from ..terms.algebra import Hadamard, Number, Term
from ..terms.named import Variable
from .functions import FUNCTIONS, elementwise
from .symbols import matrix

__all__ = ["read_formula", "read_letters"]

LONGEST, DEEPEST, LARGEST_POWER = 4000, 60, 64


def read_letters(shapes: dict[str, Any]) -> dict[str, Variable]:
    """Letters by name from shapes such as "m n", "n", "" (a scalar) or (3, "n")."""
    found = {}
    for name, shape in shapes.items():
        sides = shape.replace(",", " ").split() if isinstance(shape, str) else list(
            shape if isinstance(shape, (tuple, list)) else (shape,))
        if len(sides) > 2:
            raise SymgradError(f"{name} has one size or two, such as 'm n', got {shape!r}")
        sizes = [int(side) if isinstance(side, str) and side.isdecimal() else side for side in (*sides, 1, 1)[:2]]
        if name in FUNCTIONS:
            raise SymgradError(f"{name} is a function: choose another letter")
        found[name] = matrix(name, *sizes)
    return found


def read_formula(text: str, **shapes: Any) -> Term:
    """The formula that a text says, for letters of the shapes given.

    Raises SymgradError with the column of what is not understood.

    >>> print(read_formula("trace(X.T @ A @ X)", X="n k", A="n n"))
    tr(Xᵀ A X)
    """
    if not isinstance(text, str):
        raise SymgradError(f"a formula is text, got {type(text).__name__}")
    if len(text) > LONGEST:
        raise SymgradError(f"a formula of {len(text)} characters is too long (at most {LONGEST})")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        column = getattr(error, "offset", None)
        raise SymgradError(f"{text[:60]!r} is no formula{f', column {column}' if column else ''}: "
                           "write for example norm(W@x - b)**2") from None
    return _Reader(text, read_letters(shapes)).read(tree.body, 0)


class _Reader:
    """One text, node by node."""

    def __init__(self, text: str, letters: dict[str, Variable]) -> None:
        self.text, self.letters = text, letters

    def fail(self, node: Any, why: str) -> SymgradError:
        return SymgradError(f"{self.text[:60]!r}, column {getattr(node, 'col_offset', 0) + 1}: {why}")

    def read(self, node: ast.AST, depth: int) -> Any:
        if depth > DEEPEST:
            raise self.fail(node, f"more than {DEEPEST} levels of brackets")
        if isinstance(node, ast.Constant):
            return self._number(node)
        if isinstance(node, ast.Name):
            if node.id not in self.letters:
                known = f"; known: {', '.join(self.letters)}" if self.letters else ""
                foreign = "" if node.id.isascii() else f" ({node.id!a}, of another alphabet)"
                raise self.fail(node, f"no letter {node.id}{foreign}: give its shape, such as {node.id}: m n{known}")
            return self.letters[node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            inside = self.read(node.operand, depth + 1)
            return -inside if isinstance(node.op, ast.USub) else inside
        if isinstance(node, ast.Attribute) and node.attr == "T":
            return self.read(node.value, depth + 1).T
        if isinstance(node, ast.BinOp):
            return self._operation(node, depth)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            return self._call(node, node.func.id, depth)
        raise self.fail(node, f"{type(node).__name__.lower()} is no part of a formula")

    def _number(self, node: ast.Constant) -> Term:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)) or node.value != node.value or abs(
                node.value) > 1e100:
            raise self.fail(node, f"{str(node.value)[:20]!r} is no number of a formula")
        exact = Fraction(repr(node.value))
        return Number(sympy.Rational(exact.numerator, exact.denominator))

    def _operation(self, node: ast.BinOp, depth: int) -> Term:
        left, right = self.read(node.left, depth + 1), self.read(node.right, depth + 1)
        if isinstance(node.op, ast.Pow):
            if not isinstance(right, Number) or not right.value.is_Integer or not 0 <= right.value <= LARGEST_POWER:
                raise self.fail(node, f"an exponent is a natural number up to {LARGEST_POWER}, got {right}")
            if left.is_scalar_term:
                return left ** int(right.value)
            if right.value < 1:
                raise self.fail(node, "an exponent of an array is 1 or more (entry by entry)")
            return Hadamard(*[left] * int(right.value))
        done = _OPERATIONS.get(type(node.op))
        if done is None:
            hint = "; write ** for a power" if isinstance(node.op, ast.BitXor) else ""
            raise self.fail(node, f"{type(node.op).__name__} is no operation of a formula: + - * / @ **{hint}")
        return done(left, right)

    def _call(self, node: ast.Call, name: str, depth: int) -> Term:
        if name in ("eye", "ones", "zeros"):
            sizes = [a.value if isinstance(a, ast.Constant) else a.id if isinstance(a, ast.Name) else None for a in node.args]
            if None in sizes:
                raise self.fail(node, f"{name} takes sizes: {name}(n) or {name}(2)")
            arguments: list[Any] = sizes
        else:
            kinds = 1 if name == "norm" else len(node.args)         # the kind of a norm is no formula: 1, 2, 'F'
            arguments = [self.read(a, depth + 1) for a in node.args[:kinds]]
            arguments += [a.value if isinstance(a, ast.Constant) else ast.unparse(a) for a in node.args[kinds:]]
        function: Callable[..., Term]
        if name in FUNCTIONS:
            function = FUNCTIONS[name]
        else:
            try:
                function = elementwise(name)
            except SymgradError:
                near = nearest(name, [*FUNCTIONS, *ELEMENTWISE, *activations()])
                near = near if len(near) < 80 else "trace, norm, inv, det, log_det, exp, log, tanh, softmax, … or any activation"
                raise self.fail(node, f"no function {name}; {near}") from None
        try:
            return function(*arguments)
        except TypeError:
            raise self.fail(node, f"{name} does not take {len(arguments)} arguments") from None


def _times(a: Term, b: Term) -> Term:
    return a * b if a.is_scalar_term or b.is_scalar_term else Hadamard(a, b)


_OPERATIONS: dict[type, Callable[[Term, Term], Term]] = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: _times, ast.MatMult: lambda a, b: a @ b,
    ast.Div: lambda a, b: a / b if b.is_scalar_term else _times(a, elementwise("reciprocal")(b))}
