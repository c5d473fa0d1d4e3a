"""The array source of an activation, printed from its straight-line program.

`symgrad.balls.program` has already named the forms that lose digits when computed as written (sigmoid,
softplus, log cosh, 1 + erf, …). Here each instruction becomes a line for its value and a line for its
slope, by the tables below. The lines use only functions that NumPy, JAX and PyTorch share, and branch on
the real part, so a complex step passes through. Names in the text are made here: no user's text reaches
the source.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from symgrad.balls.pieces import equal_at, split, value_at
from symgrad.balls.program import CannotCompile, Program, compile_expression
from symgrad.errors import SymgradError

__all__ = ["formula_of"]

# name -> (statements for the value V of the operand U, expression for the slope by U); T is a fresh temporary
_UNARY: dict[str, tuple[tuple[str, ...], str]] = {
    "exp": (("V = exp(U)",), "V"),
    "expm1": (("V = expm1(U)",), "exp(U)"),
    "log": (("V = log(U)",), "1.0 / U"),
    "log1p": (("V = log1p(U)",), "1.0 / (1.0 + U)"),
    "sin": (("V = sin(U)",), "cos(U)"),
    "cos": (("V = cos(U)",), "-sin(U)"),
    "tan": (("V = tan(U)",), "1.0 + V * V"),
    "sinh": (("V = sinh(U)",), "cosh(U)"),
    "cosh": (("V = cosh(U)",), "sinh(U)"),
    "tanh": (
        ("V = tanh(U)", "T = exp(where(U.real < 0, 2.0 * U, -2.0 * U))"),
        "4.0 * T / (1.0 + T * (2.0 + T))",
    ),
    "sigmoid": (
        ("T = exp(where(U.real < 0, U, -U))", "V = where(U.real < 0, T, 1.0) / (1.0 + T)"),
        "T / (1.0 + T * (2.0 + T))",
    ),
    "softplus": (
        ("T = exp(where(U.real < 0, U, -U))", "V = where(U.real < 0, 0.0 * U, U) + log1p(T)"),
        "where(U.real < 0, T, 1.0) / (1.0 + T)",
    ),
    "logcosh": (
        (
            "T = where(U.real < 0, -U, U)",
            "V = where(T.real < 1, log1p(2.0 * sinh(0.5 * where(T.real < 1, T, 0.0 * T)) ** 2),"
            " T + log1p(exp(-2.0 * T)) - 0.6931471805599453)",
        ),
        "tanh(U)",
    ),
    "atan": (("V = arctan(U)",), "1.0 / (1.0 + U * U)"),
    "asin": (("V = arcsin(U)",), "1.0 / sqrt((1.0 - U) * (1.0 + U))"),
    "acos": (("V = arccos(U)",), "-1.0 / sqrt((1.0 - U) * (1.0 + U))"),
    "asinh": (("V = arcsinh(U)",), "1.0 / sqrt(1.0 + U * U)"),
    "acosh": (("V = arccosh(U)",), "1.0 / sqrt((U - 1.0) * (U + 1.0))"),
    "atanh": (("V = arctanh(U)",), "1.0 / ((1.0 - U) * (1.0 + U))"),
    "abs": (("V = where(U.real < 0, -U, U)",), "where(U.real < 0, -1.0, where(U.real > 0, 1.0, 0.0))"),
    "sign": (("V = where(U.real < 0, -1.0, where(U.real > 0, 1.0, 0.0))",), "0.0"),
    "step": (("V = where(U.real < 0, 0.0, where(U.real > 0, 1.0, 0.5))",), "0.0"),
    "erf": (("V = erf(U)",), "1.1283791670955126 * exp(-U * U)"),
    "erfc": (("V = erfc(U)",), "-1.1283791670955126 * exp(-U * U)"),
}
_FUNCTIONS = (
    "exp",
    "expm1",
    "log",
    "log1p",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "arctan",
    "arcsin",
    "arccos",
    "arcsinh",
    "arccosh",
    "arctanh",
    "sqrt",
    "where",
    "erf",
    "erfc",
)


def formula_of(expression: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Statements that read z and set a and s, and the functions they use. Raises SymgradError."""
    expression = sp.sympify(expression, strict=True)
    symbols = expression.free_symbols
    if len(symbols) > 1:
        raise SymgradError(f"an activation has one symbol, this expression has {len(symbols)}")
    variable = next(iter(symbols), sp.Symbol("t", real=True))
    pieces = split(expression, variable)
    lines: list[str] = []
    try:
        programs = [compile_expression(formula, variable) for formula in pieces.formulas]
    except CannotCompile as error:
        raise SymgradError(f"no NumPy code: {str(error)[:160]}") from None
    results = [
        _print(program, f"p{i}_" if len(programs) > 1 else "u", lines) for i, program in enumerate(programs)
    ]
    value, slope = results[-1]
    for i in reversed(range(len(pieces.breaks))):
        (v, s), b = results[i], pieces.breaks[i]
        at = repr(float(sp.N(b, 25)))
        left, right = (abs(sp.N(value_at(sp.diff(f, variable), variable, b), 30)) for f in pieces.formulas[i:i + 2])
        over = ">" if equal_at(expression, pieces.formulas[i], variable, b) else ">="
        steep = ">=" if bool(right < left) else ">"       # at a kink the smaller slope, as in `Activation.derivative`
        value, slope = f"where(z.real {over} {at}, {value}, {v})", f"where(z.real {steep} {at}, {slope}, {s})"
    if len(programs) > 1 or "where(" in value:  # a comparison would swallow NaN
        value = f"where(z.real == z.real, {value}, z)"
    lines += [f"a = 0.0 * z.real + ({value})", f"s = 0.0 * z.real + ({slope})"]
    text = "\n".join(lines)
    return tuple(lines), tuple(name for name in _FUNCTIONS if f"{name}(" in text)


def _print(program: Program, prefix: str, lines: list[str]) -> tuple[str, str]:
    """Append the lines of one program; the texts of its value and slope."""
    values: list[str] = []
    slopes: list[str] = []
    for k, (name, operands, payload) in enumerate(program):
        v, d = f"{prefix}{k}", f"d{prefix}{k}"
        args = [(values[o], slopes[o]) for o in operands]
        if name == "variable":
            v, d = "z", "1.0"
        elif name == "number":
            v, d = f"({float(sp.N(payload, 25))!r})", "0.0"
        elif name in _UNARY:
            u, du = args[0]
            statements, slope = _UNARY[name]
            lines += [_fill(line, u, v) for line in statements]
            d = _named(d, _times(_fill(slope, u, v), du), lines)
        else:
            value, slope = _combine(name, args, payload)
            lines.append(f"{v} = {value}")
            d = _named(d, slope.replace("VALUE", v), lines)
        values.append(v)
        slopes.append(d)
    return values[-1], slopes[-1]


def _combine(name: str, args: list[tuple[str, str]], payload: Any) -> tuple[str, str]:
    """Value and slope of sums, products, quotients, powers, the larger and the smaller of two."""
    (u, du), (w, dw) = args[0], args[-1]
    if name == "add":
        return f"{u} + {w}", _plus(du, dw)
    if name == "mul":
        return f"{u} * {w}", _plus(_times(w, du), _times(u, dw))
    if name == "div":
        minus = "" if dw == "0.0" else f" - VALUE * ({dw})"
        return f"{u} / {w}", f"(({du}){minus}) / {w}"
    if name in ("max", "min"):
        left, right = (v if v[0] == "(" else f"{v}.real" for v in (u, w))
        test = f"{left} {'>' if name == 'max' else '<'} {right}"
        return f"where({test}, {u}, {w})", f"where({test}, {du}, {dw})"
    if name == "power":
        if payload == sp.Rational(1, 2):
            return f"sqrt({u})", f"0.5 * ({du}) / VALUE"
        p = repr(int(payload)) if payload.is_Integer else repr(float(payload))
        below = repr(int(payload) - 1) if payload.is_Integer else repr(float(payload) - 1.0)
        return f"{u} ** {p}", _times(f"{p} * {u} ** {below}", du)
    raise SymgradError(f"no NumPy code for {name}; give the activation a NumpyCode record")


def _fill(template: str, operand: str, value: str) -> str:
    return "".join({"U": operand, "V": value, "T": f"t{value}"}.get(c, c) for c in template)


def _named(name: str, text: str, lines: list[str]) -> str:
    if text in ("0.0", "1.0"):
        return text
    lines.append(f"{name} = {text}")
    return name


def _times(a: str, b: str) -> str:
    if "0.0" in (a, b):
        return "0.0"
    return a if b == "1.0" else b if a == "1.0" else f"({a}) * ({b})"


def _plus(a: str, b: str) -> str:
    return b if a == "0.0" else a if b == "0.0" else f"{a} + {b}"
