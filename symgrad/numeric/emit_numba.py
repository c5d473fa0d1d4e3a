"""The numba backend: the NumPy module with its elementwise work compiled, everything else the same.

A layer's bias, activation and slope become one loop, and the whole chain one function that walks tiles of
examples which fit the cache. The loops are compiled from the same formulas; exp is written out, so that
LLVM can vectorize it. Multiplying and adding may be contracted to one rounding; nothing may be reordered
where digits depend on it.
"""

from __future__ import annotations

import re

from symgrad.numeric.emit_blocks import emit_sweep, repeat_text
from symgrad.numeric.emit_module import emit_module
from symgrad.numeric.emit_numba_small import kinds as activation_kinds
from symgrad.numeric.emit_numba_small import small_chain, small_dense
from symgrad.numeric.steps import Program

__all__ = ["emit_numba"]


def emit_numba(program: Program, *, dtype: str, loss: str, threads: int = 1) -> str:
    """The source of a module that needs NumPy and numba."""
    source = emit_module(
        program, dtype=dtype, loss=loss, accuracy="full", threads=threads, package="NumPy and numba"
    )
    start, stop = source.index("def sweep("), source.index("def sweep_exact(")
    kernels = [
        _EXP,
        *(
            _LAYER.format(name=code.name, kind=k, formula=_indent(_FORMULAS.get(code.name, code.formula)))
            for k, code in enumerate(program.codes)
        ),
    ]
    kinds = repeat_text([f"{code.name}_layer" for code in (layer.activation for layer in program.layers)])
    if program.kind == "dense":
        fused = emit_sweep(program, "sweep", (("layer(z, b, a)",), (), ("multiply(z, a, z)",)), bias=False)
        heads = (
            "for w_t, b, wide, z, a in zip(*operands, block.wide, block.z, block.a):",
            "for w_t, b, z, a, layer in zip(*operands, block.z, block.a, LAYERS):",
        )
        assert heads[0] in fused
        fused = fused.replace(*heads)
        body = f"LAYERS = {kinds}\n\n\n{fused}"
    else:
        table = activation_kinds(program)
        choose = "\n".join(
            f"            {'el' if k else ''}if kind == {k}:\n"
            f"                {code.name}_row(below, w[l], b[l], a[l, lo:hi], z[l, lo:hi])"
            for k, code in enumerate(program.codes)
        )
        rows = [_ROW.format(name=code.name) for code in program.codes]
        residual = _TARGET if program.has_target else _OUTPUT
        body = "\n\n\n".join(
            [*rows, f"KINDS = np.array({table})", _CHAIN.format(choose=choose, residual=residual)]
        )
    imports = "from numba import njit, types"
    source = source[:start] + "\n\n\n".join([*kernels, body]) + "\n\n\n" + source[stop:]
    if program.kind == "dense":
        imports += "\nfrom numpy import concatenate"
        source = source.replace("def fill(", small_dense(program))
        longest = source.index("LONGEST = ")
        source = source[:longest] + "LONGEST = 0  # b is not repeated" + source[source.index("\n", longest) :]
        single = "        self.single, self.gx"
        source = source.replace(single, f"        self.flat = None\n{single}")
    else:
        start, stop = source.index("PACK = "), source.index("SIZE = 2 * DEPTH")
        source = source[:start] + small_chain(program, dtype) + "\n\n\n" + source[stop:]
        biases = "values[1].tolist() if HAS_BIAS else [0.0] * DEPTH"
        source = source.replace(biases, "values[1] if HAS_BIAS else NO_BIAS")
        source = source.replace("one(values[0].tolist(), biases", "one(values[0], biases")
    return source.replace("import numpy as np\n", f"import numpy as np\n{imports}\n", 1)


# one exponential serves both, and LLVM can vectorize it
_FORMULAS = {"tanh": ("a, s = tanh_and_slope(z)",)}


def _indent(formula: tuple[str, ...]) -> str:
    """The formula for one number, with our own exp and choice."""
    lines = [re.sub(r"\b(exp|where)\(", r"\1_(", line) for line in formula]
    return "\n    ".join(re.sub(r"\b(erfc?)\(", r"math.\1(", line) for line in lines)


_EXP = '''@njit(fastmath={"contract"}, error_model="numpy")
def reduced(x):
    """q and a whole k with e^x = 2^k (1 + q), |q| < 1/2, for -760 <= x <= 720."""
    shifted = x * 1.4426950408889634 + 6755399441055744.0  # 1.5 2^52: rounds to a whole number, in the low bits
    k = shifted - 6755399441055744.0
    r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10
    p = 1.6059043836821613e-10
    p = p * r + 2.08767569878681e-09
    p = p * r + 2.505210838544172e-08
    p = p * r + 2.755731922398589e-07
    p = p * r + 2.7557319223985893e-06
    p = p * r + 2.48015873015873e-05
    p = p * r + 0.0001984126984126984
    p = p * r + 0.001388888888888889
    p = p * r + 0.008333333333333333
    p = p * r + 0.041666666666666664
    p = p * r + 0.16666666666666666
    p = p * r + 0.5
    return p * r * r + r, np.float64(shifted).view(np.int64) << 32 >> 32


@njit(fastmath={"contract"}, error_model="numpy")
def power_of_2(k):
    """2^k in two factors, which fade out gradually."""
    half = k >> 1
    low = np.int64((half + 1023) << 52).view(np.float64)
    high = np.int64((k - half + 1023) << 52).view(np.float64)
    return low, high


@njit(fastmath={"contract"}, error_model="numpy")
def exp_(x):
    """e^x for any x within about 1 ulp."""
    q, k = reduced(min(max(x, -760.0), 720.0) if x == x else x)
    low, high = power_of_2(k)
    return (q + 1.0) * low * high


@njit(fastmath={"contract"}, error_model="numpy")
def tanh_and_slope(z):
    """From one exponential, e = e^{-2|z|}; m = e - 1 = 2^k q + (2^k - 1) keeps its digits at 0."""
    x = -2.0 * abs(z)
    q, k = reduced(max(x, -760.0) if x == x else x)
    low, high = power_of_2(k)
    e, m = (q + 1.0) * low * high, low * high * q + (low * high - 1.0)
    t = m / (2.0 + m)
    return (t if z < 0 else -t), 4.0 * e / (1.0 + e * (2.0 + e))


@njit
def where_(condition, yes, no):
    return yes if condition else no'''

_LAYER = '''@njit(fastmath={{"contract"}}, error_model="numpy")
def {name}_scalar_compiled(z):
    {formula}
    return a, s


@njit(fastmath={{"contract"}}, error_model="numpy")
def {name}_layer(z, b, a):
    """z + b -> a = σ(z + b), z becomes σ'; vectors for one example, (B, n) for a block."""
    if z.ndim == 1:
        for j in range(z.size):
            a[j], z[j] = {name}_scalar_compiled(z[j] + b[j])
    else:
        for i in range(z.shape[0]):
            for j in range(z.shape[1]):
                a[i, j], z[i, j] = {name}_scalar_compiled(z[i, j] + b[j])'''

_ROW = """@njit(fastmath={{"contract"}}, error_model="numpy")
def {name}_row(below, w, b, a, s):
    for j in range(a.size):
        a[j], s[j] = {name}_scalar_compiled(w * below[j] + b)"""

_TARGET = """        for j in range(lo, hi):
            r = a[DEPTH - 1, j] - y[j]
            loss += 0.5 * r * r
            z[DEPTH - 1, j] *= r * scale"""
_OUTPUT = """        for j in range(lo, hi):
            loss += a[DEPTH - 1, j]
            z[DEPTH - 1, j] *= scale"""

_CHAIN = '''@njit(fastmath={{"contract", "reassoc"}}, error_model="numpy")
def pull(d, below, w, s):
    """Sums of δ a and of δ over a tile; s becomes the δ of the layer below."""
    by_w = 0.0
    by_b = 0.0
    for j in range(d.size):
        by_w += d[j] * below[j]
        by_b += d[j]
    if s.size:
        for j in range(d.size):
            s[j] *= w * d[j]
    return by_w, by_b


@njit(fastmath={{"contract"}}, error_model="numpy")
def chain(w, b, x, y, scale, z, a, gw, gb):
    """Forward and backward through all layers, tile by tile of 512 examples."""
    loss = 0.0
    gw[:] = 0.0
    gb[:] = 0.0
    for lo in range(0, x.size, 512):
        hi = min(lo + 512, x.size)
        for l in range(DEPTH):
            below = x[lo:hi] if l == 0 else a[l - 1, lo:hi]
            kind = KINDS[l]
{choose}
{residual}
        for l in range(DEPTH - 1, -1, -1):
            below = x[lo:hi] if l == 0 else a[l - 1, lo:hi]
            s = z[0, lo:lo] if l == 0 else z[l - 1, lo:hi]
            by_w, by_b = pull(z[l, lo:hi], below, w[l], s)
            gw[l] += by_w
            gb[l] += by_b
    return loss


def sweep(block, operands, ws, x, x_rows, y, scale, gws, gb):
    """The loss of one block before scaling; fills block.gw_all and gb, and leaves δ^l in block.z[l]."""
    scale = 1.0 if scale is None else float(scale)
    return chain(block.w_all, block.b_all, x, y, scale, block.z_all, block.a_all, block.gw_all, gb)'''
