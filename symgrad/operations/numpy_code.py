"""How an activation is computed in generated source: one record of plain text for each activation.

An elementwise function needs one thing, `formula`: statements that read z and set a = σ(z) and s = σ'(z),
written with functions that NumPy, JAX and PyTorch share. It must be accurate for every finite z, and it
branches only on the real part, so that a complex step can go through it. Everything else is a faster form
of the same function: `value`, `slope`, `pullback` work in place on NumPy buffers, `scalar` on Python
floats. A new activation is one more record; without one, `formula` is printed from the SymPy expression.

Why the forms differ: with e = exp(z), σ = e/(1 + e) and σ' = σ/(1 + e) cost four passes over memory and
stay below 4 ulp, but overflow for z > 709; with e = exp(-|z|), σ' = e/(1 + e(2 + e)) holds everywhere and
costs more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

__all__ = ["CODE", "NumpyCode", "default_code", "standard_code"]


@dataclass(frozen=True)
class NumpyCode:
    """The source text of one activation σ.

    name      an identifier, the name of the generated function
    formula   reads z; sets a = σ(z) and s = σ'(z); any array library, all finite z, complex-safe
    value     reads z (buffer); a becomes σ(z); z becomes what `slope`, `pullback` need. Empty: from formula
    slope     reads a and z after `value`; z becomes what `pullback` needs. May be empty
    pullback  z is as `slope` left it, a holds ∂C/∂a; z becomes δ = ∂C/∂z = σ'(z) ∂C/∂a
    scalar    reads the Python float z; sets a and s; may raise OverflowError where `formula` does not
    uses      names of NumPy functions in the array statements
    math      names of functions of Python's `math` in `scalar`
    finite_everywhere   False: `value` gives NaN outside its range; the evaluator then uses `formula`
    fast      the form for accuracy="fast", its error in its notes
    bounded   |σ| <= 1, so that a weight gradient overflows only with its δ
    """

    name: str
    formula: tuple[str, ...]
    value: tuple[str, ...] = ()
    slope: tuple[str, ...] = ()
    pullback: tuple[str, ...] = ("multiply(z, a, z)",)
    scalar: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    math: tuple[str, ...] = ()
    finite_everywhere: bool = True
    notes: str = field(default="", compare=False)
    fast: NumpyCode | None = None
    bounded: bool = False

    def faster(self) -> NumpyCode:
        """The form for accuracy="fast"; the same record where nothing less accurate is faster."""
        return self.fast or self


_HALF_EXP = "e = exp(where(z.real < 0, z, -z))"

CODE: dict[str, NumpyCode] = {
    code.name: code
    for code in (
        NumpyCode(
            "sigmoid",
            formula=(_HALF_EXP, "a = where(z.real < 0, e, 1.0) / (1.0 + e)", "s = e / (1.0 + e * (2.0 + e))"),
            value=("exp(z, a)", "add(a, ONE, z)", "divide(a, z, a)"),
            slope=("divide(a, z, z)",),
            scalar=("e = exp(z)", "t = 1.0 + e", "a = e / t", "s = a / t"),
            uses=("add", "divide", "exp", "multiply", "where"),
            math=("exp",),
            finite_everywhere=False,
            bounded=True,
            notes="e = exp(z): a = e/(1 + e), a' = a/(1 + e); within 4 ulp",
        ),
        NumpyCode(
            "tanh",
            formula=(
                "a = tanh(z)",
                "e = exp(where(z.real < 0, 2.0 * z, -2.0 * z))",
                "s = 4.0 * e / (1.0 + e * (2.0 + e))",
            ),
            value=("tanh(z, a)", "cosh(z, z)"),
            pullback=("divide(a, z, a)", "divide(a, z, z)"),
            scalar=("a = tanh(z)", "e = exp(-2.0 * abs(z))", "s = 4.0 * e / (1.0 + e * (2.0 + e))"),
            uses=("cosh", "divide", "exp", "tanh", "where"),
            math=("exp", "tanh"),
            bounded=True,
            notes="tanh' = 1/cosh², divided twice so that nothing overflows",
            fast=NumpyCode(
                "tanh_fast",
                formula=("a = tanh(z)", "s = 1.0 - a * a"),
                value=("tanh(z, a)",),
                slope=("multiply(a, a, z)", "subtract(ONE, z, z)"),
                scalar=("a = tanh(z)", "s = 1.0 - a * a"),
                uses=("multiply", "subtract", "tanh"),
                math=("tanh",),
                bounded=True,
                notes="absolute error 2e-16; the relative error of tanh' grows like 1e-16 exp(2|z|)",
            ),
        ),
        NumpyCode(
            "identity",
            formula=("a = z", "s = where(z.real < 0, 1.0, 1.0)"),
            value=("copyto(a, z)",),
            pullback=("copyto(z, a)",),
            scalar=("a = z", "s = 1.0"),
            uses=("copyto", "where"),
        ),
        NumpyCode(
            "relu",
            formula=("a = where(z.real > 0, z, 0.0 * z)", "s = where(z.real > 0, 1.0, 0.0)"),
            value=("maximum(z, ZERO, out=a)",),
            slope=("sign(a, z)",),
            scalar=("a = z if z > 0.0 else 0.0 * z", "s = 1.0 if z > 0.0 else 0.0"),
            uses=("maximum", "multiply", "sign", "where"),
            notes="the slope at 0 is taken to be 0",
        ),
        NumpyCode(
            "softplus",
            formula=(
                _HALF_EXP,
                "a = where(z.real < 0, 0.0 * z, z) + log1p(e)",
                "s = where(z.real < 0, e, 1.0) / (1.0 + e)",
            ),
            scalar=(
                "if z < 0.0:",
                "    e = exp(z)",
                "    a = log1p(e)",
                "    s = e / (1.0 + e)",
                "else:",
                "    e = exp(-z)",
                "    a = z + log1p(e)",
                "    s = 1.0 / (1.0 + e)",
            ),
            uses=("exp", "log1p", "multiply", "where"),
            math=("exp", "log1p"),
        ),
        NumpyCode(
            "silu",
            formula=(
                _HALF_EXP,
                "h = where(z.real < 0, e, 1.0) / (1.0 + e)",
                "a = z * h",
                "s = h + z * e / (1.0 + e * (2.0 + e))",
            ),
            uses=("exp", "multiply", "where"),
        ),
        NumpyCode(
            "exp",
            formula=("a = exp(z)", "s = a"),
            value=("exp(z, a)", "copyto(z, a)"),
            scalar=("a = exp(z)", "s = a"),
            uses=("copyto", "exp", "multiply"),
            math=("exp",),
        ),
        NumpyCode(
            "square",
            formula=("a = z * z", "s = 2.0 * z"),
            scalar=("a = z * z", "s = z + z"),
            uses=("multiply",),
        ),
    )
}
for _alias, _name in (("logistic", "sigmoid"), ("linear", "identity"), ("exponential", "exp")):
    CODE[_alias] = CODE[_name]


def default_code(name: str, expression: object) -> NumpyCode:
    """The record of an activation given by a SymPy expression in one real symbol, printed by `numpy_printer`.

    The name given to the activation reaches the source only as letters, digits and underscores.
    Raises SymgradError for a function without array code.
    """
    from symgrad.operations.numpy_printer import formula_of

    statements, uses = formula_of(expression)
    digest = sha256("\n".join(statements).encode()).hexdigest()[:6]
    identifier = "".join(c for c in name if c.isascii() and (c.isalnum() or c == "_"))[:24]
    return NumpyCode(f"activation_{identifier}_{digest}", formula=statements, uses=("multiply", *uses))


def standard_code(name: str, expression: object) -> NumpyCode | None:
    """The hand-written record of that name, if `expression` really is what it computes."""
    import sympy as sp

    code = CODE.get(name)
    if code is None or not isinstance(expression, sp.Expr) or len(expression.free_symbols) > 1:
        return None
    u = next(iter(expression.free_symbols), sp.Symbol("t", real=True))
    known = {
        "sigmoid": 1 / (1 + sp.exp(-u)),
        "tanh": sp.tanh(u),
        "identity": u,
        "relu": sp.Max(0, u),
        "softplus": sp.log(1 + sp.exp(u)),
        "silu": u / (1 + sp.exp(-u)),
        "exp": sp.exp(u),
        "square": u**2,
    }
    return code if expression == known[code.name] else None
