"""The generator of fast NumPy source: one sweep in place over blocks of examples that fit the cache.

A block of B examples lives in two buffers, z and a, of shape (Σ n_l, B); layer l is a slice of rows, so that the
weight multiplies from the left, a bias is one broadcast along contiguous rows, all bias gradients are one matrix
times ones, and the slopes of a run of layers with one activation are one call. Going down, the buffer of a^{l-1}
receives ∂C/∂a^{l-1} as soon as a^{l-1} has been used: no temporaries. The loops do not grow with the depth.
"""

from __future__ import annotations

from itertools import groupby

from symgrad.numeric.steps import Program
from symgrad.operations.numpy_code import NumpyCode

__all__ = ["activation_functions", "block_bytes", "emit_blocks", "repeat_text"]

block_bytes = 1 << 19  # of z and a together: half the second-level cache of a current core


def emit_blocks(program: Program, loss: str, accuracy: str) -> str:
    """The source of `evaluate_blocks` and what it needs, for a dense network or a chain."""
    codes = [code.faster() if accuracy == "fast" else code for code in program.codes]
    names = {original.name: code for original, code in zip(program.codes, codes, strict=True)}
    per_layer = [names[layer.activation.name] for layer in program.layers]
    step = program.layers[0].step
    rows = sum(program.widths[1:])
    block = max(16, block_bytes // (2 * 8 * rows) // 16 * 16)
    parts = [
        activation_functions(codes),
        f"FAST = {repeat_text([f'{code.name}_in_place' for code in per_layer])}",
        f"EXACT = {repeat_text([f'{code.name}_exact' for code in per_layer])}",
        f"BLOCK = {block}  # examples in one block: z and a then fit the cache",
        _WORKSPACE.format(kind_views=_VIEWS[program.kind]),
        _SWEEP.format(
            forward=_lines(step.block_forward, 8), backward=_lines(step.block_backward, 8),
            below=_lines(step.block_below, 8), residual=_RESIDUAL[program.has_target],
            first=_FIRST[program.kind], law=step.law,
        ),
    ]
    return "\n\n".join(parts)


def activation_functions(codes: list[NumpyCode]) -> str:
    """Three functions of each activation in place, and the same three from its formula, exact for every z."""
    return "\n\n".join(_activation(code) for code in codes)


def repeat_text(names: list[str]) -> str:
    """A tuple display of `names`, runs written as products, so that its length does not grow with the depth."""
    runs = [(name, len(list(group))) for name, group in groupby(names)]
    if len(runs) > 8:
        alphabet = list(dict.fromkeys(names))
        text = "".join(chr(ord("a") + alphabet.index(name)) for name in names)
        return f"tuple(({', '.join(alphabet)},)[ord(c) - 97] for c in {text!r})"
    return " + ".join(f"({name},) * {count}" for name, count in runs)


def _activation(code: NumpyCode) -> str:
    formula = "\n    ".join(code.formula)
    exact = _EXACT.format(name=code.name, formula=formula)
    if not code.value:
        return exact + f"\n\n{code.name}_in_place = {code.name}_exact"
    text = [exact]
    for part, statements in (("value", code.value), ("slope", code.slope), ("pullback", code.pullback)):
        if statements:
            body = "\n    ".join(statements)
            text.append(f"def {code.name}_{part}(z, a):\n    {body}")
    slope = f"{code.name}_slope" if code.slope else "None"
    note = f"  # {code.notes}" if code.notes else ""
    text.append(f"{code.name}_in_place = ({code.name}_value, {slope}, {code.name}_pullback){note}")
    return "\n\n\n".join(text[:-1]) + "\n\n\n" + text[-1]


def _lines(statements: tuple[str, ...], indent: int) -> str:
    return "\n".join(" " * indent + line for line in statements)


_EXACT = '''def {name}_formula(z):
    """a = σ(z) and s = σ'(z), accurate for every finite z."""
    {formula}
    return a, s


def {name}_formula_in_place(z, a):
    a[...], z[...] = {name}_formula(z)


{name}_exact = ({name}_formula_in_place, None, multiply_back)'''

_VIEWS = {
    "dense": """\
        self.z = [self.z_all[i:j] for i, j in ROWS]
        self.a = [self.a_all[i:j] for i, j in ROWS]
        self.z_ = self.z if n > 1 else [z[:, 0] for z in self.z]
        self.gw = [empty(shape, DTYPE) for shape in WEIGHTS]""",
    "chain": """\
        self.z = list(self.z_all)
        self.a = list(self.a_all)
        self.z_ = self.z
        self.w_all, self.b_all, self.gw_all = empty(DEPTH, DTYPE), empty(DEPTH, DTYPE), empty(DEPTH, DTYPE)
        self.w = [self.w_all[l, ...] for l in range(DEPTH)]  # scalars as arrays of no axes: ufuncs like them best
        self.b = [self.b_all[l, ...] for l in range(DEPTH)]
        self.gw = [self.gw_all[l, ...] for l in range(DEPTH)]""",
}

_FIRST = {"dense": "work.z[0].dot(x_T, gws[0])", "chain": "dot(work.z[0], x, gws[0])"}

_RESIDUAL = {
    True: """\
    subtract(top, y, top)
    loss = 0.5 * float(work.top.dot(work.top))""",
    False: """\
    loss = float(add.reduce(work.top))
    top[...] = 1.0""",
}

_WORKSPACE = '''class Workspace:
    """The buffers of one block of n examples, and views of them: row slices ROWS[l] belong to layer l."""

    def __init__(self, n, sigma):
        self.n = n
        self.z_all, self.a_all = empty((ROWS[-1][1], n), DTYPE), empty((ROWS[-1][1], n), DTYPE)
{kind_views}
        self.ones = ones(n, DTYPE)
        self.gb = empty(ROWS[-1][1], DTYPE)
        self.scale = array(1.0 / n, DTYPE)
        self.top = self.a[-1].reshape(-1)
        self.value = [part[0] for part in sigma]
        self.slopes = []  # one call for each run of layers with the same activation
        lo = 0
        for hi in range(1, DEPTH + 1):
            if hi == DEPTH or sigma[hi] is not sigma[lo]:
                if sigma[lo][1] is not None:
                    rows = slice(ROWS[lo][0], ROWS[hi - 1][1])
                    self.slopes.append((sigma[lo][1], self.z_all[rows], self.a_all[rows]))
                lo = hi
        self.pull_top = sigma[-1][2]
        self.down = [
            (self.z[l], self.a[l - 1], self.a[l - 1].T, self.z[l - 1], sigma[l - 1][2])
            for l in range(DEPTH - 1, 0, -1)
        ]'''

_SWEEP = '''def sweep(work, ws, bs, x, x_T, y, scale, gws, gb):
    """The loss of one block before scaling; fills gws[l] and gb, and leaves δ^l in work.z[l]."""
    below = x
    for w, b, z, z_, a, value in zip(ws, bs, work.z, work.z_, work.a, work.value):
        # {law},  a^l = σ(z^l)
{forward}
        value(z, a)
        below = a
    for slope, z, a in work.slopes:
        slope(z, a)
    # δ^L = ∂C/∂a^L ⊙ σ'(z^L)
    top = below
{residual}
    if scale is not None:
        multiply(top, scale, top)
    work.pull_top(work.z[-1], top)
    for w, gw, (z, below, below_T, z_below, pullback) in zip(ws[:0:-1], gws[:0:-1], work.down):
        # ∂C/∂w^l = Σ_n δ^l a^{{l-1}}ᵀ,  δ^{{l-1}} = σ'(z^{{l-1}}) ⊙ (w^lᵀ δ^l)
{backward}
{below}
        pullback(z_below, below)
    {first}
    dot(work.z_all, work.ones, gb)  # ∂C/∂b^l = Σ_n δ^l
    return loss'''
