"""Formulas: the terms, and how a formula is laid out and written.

    from symgrad.terms import Dimension, Family, Function, Index, Variable, WidthFamily, norm, hadamard

`@` is the matrix product, `*` scales, `.T` transposes, `hadamard(a, b)` is the entrywise product ⊙ and `diag(v)` the
diagonal matrix. Every term knows its shape: rows × columns, a vector is n × 1, a scalar 1 × 1.
"""

from __future__ import annotations

from importlib import import_module

# public name -> the file that holds it; each is read when it is first used
_PUBLIC = {
    **dict.fromkeys(("Constant", "Dimension", "Index", "WidthFamily"), "index"),
    **dict.fromkeys(("Identity", "Ones", "Term", "Zero", "diag", "hadamard"), "algebra"),
    **dict.fromkeys(("ElementwiseFunction", "Family", "Function", "Variable", "grad"), "named"),
    **dict.fromkeys(("FROBENIUS", "absolute", "inner", "norm", "s_min"), "scalars"),
    **dict.fromkeys(("ordered_product", "ordered_sum"), "ranges"),
    "Exponent": "exponents",
}
__all__ = [*_PUBLIC]


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'symgrad.terms' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f".{_PUBLIC[name]}", __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
