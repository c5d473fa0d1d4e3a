"""One example through the chain, in plain Python floats: for a single number a NumPy call costs more than
its work.

The activation's text is inlined when all layers share it; otherwise each layer calls its own function.
"""

from __future__ import annotations

import re

from symgrad.numeric.emit_blocks import repeat_text
from symgrad.numeric.steps import Program
from symgrad.operations.numpy_code import NumpyCode

__all__ = ["emit_scalar"]


def emit_scalar(program: Program, dtype: str, accuracy: str) -> str:
    """The source of `one(w, b, x, y, single)`."""
    codes = {code.name: code.faster() if accuracy == "fast" else code for code in program.codes}
    layers = [codes[layer.activation.name] for layer in program.layers]
    inner = layers if program.has_input else layers[1:]
    alike = len({code.name for code in inner}) == 1
    functions = []
    if alike:
        step = "\n".join(f"            {line}" for line in _statements(inner[0]))
        loop = "for wl, bl in zip(w, b):" if program.has_input else "for wl, bl in zip(w[1:], b):"
    else:
        functions = [_function(code) for code in dict.fromkeys(inner)]
        table = repeat_text([f"{code.name}_scalar" for code in inner])
        functions.append(f"SCALAR = {table}" if inner else "SCALAR = ()")
        step = "            a, s = sigma(z)"
        names = "zip(w, b, SCALAR)" if program.has_input else "zip(w[1:], b, SCALAR)"
        loop = f"for wl, bl, sigma in {names}:"
    start = (
        "a, below, slopes = x, [x], []"
        if program.has_input
        else "a, below, slopes = w[0], [1.0, w[0]], [1.0]"
    )
    bias = {(True, True): ', "b": g[DEPTH:]', (True, False): ', "b": g[DEPTH + 1:]'}
    text = _ONE.format(
        format=f"{2 * program.depth}{'d' if dtype == 'float64' else 'f'}",
        start=start,
        loop=loop,
        step=step,
        residual="\n        ".join(program.loss.scalar),
        gradients=f'{{"w": g[:DEPTH]{bias.get((program.has_bias, program.has_input), "")}}}',
        input_gradient="g_x" if program.has_input else "None",
        input_gradients="lambda: array([g_x], DTYPE)" if program.has_input else "None",
        weights="weights[0]" if all(code.bounded for code in inner) else "sum(weights)",
    )
    if not all(code.scalar for code in inner):
        text = text.replace("def one(", '@errstate(all="ignore")\ndef one(')
    return "\n\n\n".join([*functions, text])


def _statements(code: NumpyCode) -> list[str]:
    if code.scalar:
        return [_with_math(line, code.math) for line in code.scalar]
    return [f"a, s = map(float, {code.name}_formula(np.float64(z)))"]


def _with_math(line: str, names: tuple[str, ...]) -> str:
    """Python's math functions under their own names, beside NumPy's."""
    return re.sub(rf"\b({'|'.join(names)})\(", r"math_\1(", line) if names else line


def _function(code: NumpyCode) -> str:
    body = "\n".join(f"    {line}" for line in _statements(code))
    return f"def {code.name}_scalar(z):\n{body}\n    return a, s"


_ONE = '''PACK = Struct("{format}").pack_into


def one(w, b, x, y, single):
    """The result for one example, in Python floats; None when it is not finite."""
    try:
        {start}
        {loop}
            z = wl * a + bl
{step}
            below.append(a)
            slopes.append(s)
        {residual}
        d = r * slopes.pop()
        slopes.reverse()
        deltas = [d]
        for wl, s in zip(w[:0:-1], slopes):  # δ^l = σ'(z^l) w_{{l+1}} δ^{{l+1}}
            d = s * (wl * d)
            deltas.append(d)
        deltas.reverse()
        weights = list(map(mul, deltas, below))  # ∂C/∂w_l = δ^l a^{{l-1}}
        g = empty(2 * DEPTH, DTYPE)
        PACK(g, 0, *weights, *deltas)
    except OverflowError:
        return None
    g_x = w[0] * d
    probe = loss + g_x + {weights}
    if probe - probe != 0.0 or (d == 0.0 and not isfinite(sum(w) + sum(b) + x)):
        return None  # a δ that is not finite makes all δ below it so, up to a slope of 0
    if single:
        return Result(loss, {gradients}, {input_gradient}, partial(array, deltas, DTYPE))
    return Result(loss, {gradients}, {input_gradients}, lambda: array(deltas, DTYPE)[:, None])'''
