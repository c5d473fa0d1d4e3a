"""Matrix calculus with free letters: build a formula, take its gradient, read the theorem, put numbers in.

    from symgrad.matrices import *
    X, A = matrix("X", "n", "k"), matrix("A", "n", "n")
    gradient(trace(X.T @ A @ X), X)
"""

from __future__ import annotations

from ..terms.algebra import Count
from ..terms.index import Constant, Dimension, Index
from . import functions as _functions
from .derivative import Derivative, evaluate, gradient, hessian, jacobian
from .from_sympy import from_sympy
from .functions import *  # noqa: F403
from .read import read_formula, read_letters
from .symbols import matrix, scalar, size, stack, vector

__all__ = [
    "Constant", "Count", "Derivative", "Dimension", "Index", "evaluate", "from_sympy", "gradient", "hessian", "jacobian",
    "matrix",
    "read_formula", "read_letters", "scalar", "size", "stack", "vector",
    *(name for name in _functions.__all__ if name != "FUNCTIONS"),
]
