"""Letters of free formulas: `X = matrix("X", "m", "n")`, `x = vector("x", "n")`, `s = scalar("s")`.

A size is a positive integer or a name; the same name is the same size everywhere. Letters live in a name space of their
own: an `x` here has nothing to do with the input of a network.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr

from ..errors import ShapeError, SymgradError
from ..terms.algebra import dimension
from ..terms.index import Dimension, Index
from ..terms.named import Family, Variable

__all__ = ["matrix", "scalar", "size", "stack", "vector"]


def size(given: Any) -> Expr:
    """A number of rows or columns: "n", an integer, or a sum such as size("m") + 1.

    Raises ShapeError for anything else.
    """
    if isinstance(given, str):
        if not given.isidentifier():
            raise ShapeError(f"a size is a name such as 'n' or a nonnegative integer, got {given!r}")
        return Dimension(given)
    if isinstance(given, bool) or not isinstance(given, (int, Expr)):
        raise ShapeError(f"a size is a name such as 'n' or a nonnegative integer, got {given!r}")
    return dimension(given)


def _letter(name: Any) -> str:
    if not isinstance(name, str) or not name.isidentifier():
        raise SymgradError(f"a letter is named by an identifier such as 'X', got {name!r}")
    return f"free.{name}"


def matrix(name: str, rows: Any, columns: Any) -> Variable:
    """A matrix of symbolic entries.

    >>> matrix("A", "m", "n").T.shape
    (n, m)
    """
    return Variable(_letter(name), size(rows), size(columns))


def vector(name: str, length: Any) -> Variable:
    """A column."""
    return Variable(_letter(name), size(length), 1)


def scalar(name: str) -> Variable:
    """A number."""
    return Variable(_letter(name), 1, 1)


def stack(name: str, rows: Any, columns: Any = 1) -> Family:
    """Symbols with one index: `x = stack("x", "n")`, then `x[t]` in sums over t.

    >>> t = Index("t")
    >>> print(stack("x", "n")[t])
    x^t
    """
    return Family(f"free_stack.{name}" if _letter(name) else name, size(rows), size(columns), over={Index("i"): (None, None)})
