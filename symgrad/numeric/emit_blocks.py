"""The generator of fast NumPy source: one sweep in place over blocks of examples that fit the cache.

A block of B examples lives in two buffers, z and a. Layer l of a dense network is a piece of them of shape
(B, n_l), in the layout of x: BLAS is fastest that way for the small products δᵀa and δw, and nothing is
transposed. Layer l of a chain is a row of shape (B,). Each buffer is contiguous, so that the slopes of a run
of layers with one activation are one call. Going down, the buffer of a^{l-1} receives ∂C/∂a^{l-1} as soon as
a^{l-1} has been used: no temporaries. The loops do not grow with the depth.
"""

from __future__ import annotations

from itertools import groupby
from operator import ne

from symgrad.numeric.steps import Program
from symgrad.operations.numpy_code import NumpyCode

__all__ = ["activation_functions", "alike_widths", "block_examples", "emit_blocks", "emit_sweep", "repeat_text"]

# z and a together, the second-level cache of a current core; and no fewer examples than this, as
# smaller blocks lose more in calls and in packing by BLAS than they win in cache
_BYTES = {"dense": 1 << 20, "chain": 1 << 20}
_SMALLEST = {"dense": 128, "chain": 16384}


def block_examples(program: Program, threads: int = 1) -> int:
    """Examples in one block; a product with a wide layer wants four times its width, or a thread of its own."""
    fitting = _BYTES[program.kind] // (2 * 8 * sum(program.widths[1:])) // 16 * 16
    widest = max(program.widths)
    return max(_SMALLEST[program.kind], fitting, 4 * widest if widest > 90 and threads == 1 else 2 * widest)


def alike_widths(program: Program) -> bool:
    """Have all layers one width, so that sums over examples are one product?"""
    return len(set(program.widths[1:])) == 1


def emit_blocks(program: Program, accuracy: str, threads: int = 1) -> str:
    """The source of the sweeps and of their workspace, for a dense network or a chain."""
    codes = [code.faster() if accuracy == "fast" else code for code in program.codes]
    names = {original.name: code for original, code in zip(program.codes, codes, strict=True)}
    per_layer = [names[layer.activation.name] for layer in program.layers]
    block = block_examples(program, threads)
    alike = len(codes) == 1
    stacked = "        self.delta_all = self.z_all.reshape(DEPTH, n, -1)\n" if alike_widths(program) else ""
    workspace = _BLOCK[program.kind].replace("{delta_all}", stacked)
    parts = [
        activation_functions(codes, in_place=not alike),
        f"BLOCK = {block}  # examples in one block\n{_CONSTANTS[program.kind]}",
    ]
    if alike:
        code = codes[0]
        fast = (code.value, code.slope, code.pullback) if code.value else _exact_statements(code)
        parts += [
            workspace,
            emit_sweep(program, "sweep", fast),
            emit_sweep(program, "sweep_exact", _exact_statements(code)),
        ]
    else:
        fast_table = repeat_text([f"{code.name}_in_place" for code in per_layer])
        exact_table = repeat_text([f"{code.name}_exact" for code in per_layer])
        parts.insert(1, f"FAST = {fast_table}\nEXACT = {exact_table}")
        parts.append(workspace)
        for name, table in (("sweep", "FAST"), ("sweep_exact", "EXACT")):
            parts.append(emit_sweep(program, name, None).replace("SIGMA", table))
    return "\n\n\n".join(parts)


def _exact_statements(code: NumpyCode) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    return (f"a[...], z[...] = {code.name}_formula(z)",), (), ("multiply(z, a, z)",)


def emit_sweep(
    program: Program, name: str, statements: tuple[tuple[str, ...], ...] | None, bias: bool = True
) -> str:
    """One sweep; the activation is written out where all layers share it, else from a table."""
    step = program.layers[0].step
    if statements is not None:
        value, slope, pullback = statements
        names, down, sigma = "", "", ""
    else:
        value, slope, pullback = ("sigma[0](z, a)",), (), ("sigma[1](z, a)",)
        names, down, sigma = ", sigma", ", sigma", ", SIGMA"
    top = list(pullback) if statements is not None else ["SIGMA[-1][1](z, a)"]
    at_once = ("if not block.few:", *(f"    {line}" for line in slope)) if slope else ()
    late = ("if block.few:", "    z, a = block.z_all, block.a_all", *(f"    {line}" for line in slope)) if slope else ()
    return _SWEEP.format(
        name=name,
        names=names,
        down=down,
        up=_UP[program.kind],
        zipped="block.wide, " if program.kind == "dense" else "",
        views=_DOWN[program.kind],
        sigma=sigma,
        sigma_down=", SIGMA[-2::-1]" if sigma else "",
        law=step.law,
        forward=_lines(step.block_forward[: None if bias else 1] + tuple(value) + at_once, 8),
        slopes=_lines(late, 4),
        residual=_lines(program.loss.block, 4),
        top=_lines(tuple(top), 4),
        backward=_lines(step.block_backward + step.block_below, 8),
        pullback=_lines(tuple(pullback), 8),
        last=_LAST[program.kind].replace("{sums}", _SUMS[alike_widths(program)]),
    )


def activation_functions(codes: list[NumpyCode], in_place: bool = True) -> str:
    """The formula of each activation, accurate for every z, and its in-place parts as a table."""
    formulas = [_FORMULA.format(name=code.name, formula="\n    ".join(code.formula)) for code in codes]
    return "\n\n\n".join([*formulas, *([_BACK, *map(_activation, codes)] if in_place else [])])


def repeat_text(names: list[str]) -> str:
    """A tuple display of `names`, runs written as products: its length does not grow with the depth."""
    if sum(map(ne, names, names[1:])) >= 8:
        letters = {name: chr(ord("a") + k) for k, name in enumerate(dict.fromkeys(names))}
        table = ", ".join(f'"{letter}": {name}' for name, letter in letters.items())
        return f"tuple(map({{{table}}}.get, {''.join(map(letters.__getitem__, names))!r}))"
    return " + ".join(f"({name},) * {len(list(group))}" for name, group in groupby(names))


def _activation(code: NumpyCode) -> str:
    exact = _EXACT.format(name=code.name)
    if not code.value:
        return exact + f"\n{code.name}_in_place = {code.name}_exact"
    functions = [("value_and_slope", code.value + code.slope), ("pullback", code.pullback)]
    text = [exact]
    for part, statements in functions:
        body = "\n    ".join(statements)
        text.append(f"def {code.name}_{part}(z, a):\n    {body}")
    note = f"  # {code.notes}" if code.notes else ""
    text.append(f"{code.name}_in_place = ({code.name}_value_and_slope, {code.name}_pullback){note}")
    return "\n\n\n".join(text)


def _lines(statements: tuple[str, ...], indent: int) -> str:
    return "\n".join(" " * indent + line for line in statements)


_FORMULA = '''def {name}_formula(z):
    """a = σ(z) and s = σ'(z), accurate for every finite z."""
    {formula}
    return a, s'''

_EXACT = """def {name}_formula_in_place(z, a):
    a[...], z[...] = {name}_formula(z)


{name}_exact = ({name}_formula_in_place, multiply_back)"""

_BACK = """def multiply_back(z, a):
    multiply(z, a, z)"""

_BLOCK = {
    "dense": '''class Block:
    """The buffers of n examples; layer l is a piece of z_all and of a_all, of shape (n, n_l)."""

    def __init__(self, n):
        self.n, self.few = n, n < MANY
        self.z_all, self.a_all = empty(n * ROWS[-1][1], DTYPE), empty(n * ROWS[-1][1], DTYPE)
        self.delta = [self.z_all[n * lo:n * hi].reshape(n, -1) for lo, hi in ROWS]
        rows = [self.a_all[n * lo:n * hi].reshape(n, -1) for lo, hi in ROWS]
        self.z, self.a = self.delta, rows
        if n == 1:  # vectors: BLAS is called with less ado
            self.z, self.a = [z[0] for z in self.delta], [a[0] for a in rows]
        self.ones = ones(n, DTYPE)
        self.top = self.a[-1].reshape(-1)
{delta_all}        self.down = [
            (self.z[l], self.delta[l].T, self.a[l - 1], rows[l - 1], self.z[l - 1])
            for l in range(DEPTH - 1, 0, -1)
        ]
        self.wide, self.tiles, self.biases = self.z, [], []
        if n > 1 and LONGEST:  # z + b is faster with b repeated than with b broadcast
            self.tiles = [empty((n if self.few else gcd(n, repeats(m)), m), DTYPE) for m in WIDTHS[1:]]
            self.biases = [tile.reshape(-1) for tile in self.tiles]
            shapes = [b.size if b.size == z.size else (-1, b.size) for b, z in zip(self.biases, self.z)]
            self.wide = [z.reshape(shape) for z, shape in zip(self.z, shapes)]
        if not self.few:
            self.turned = [empty((m, k), DTYPE) if n * m * k <= SMALL else None for k, m in WEIGHTS]

    def operands(self, ws, bs):
        """wᵀ and b of each layer as the sweep wants them: b repeated, wᵀ in order of memory where that pays."""
        for b, tile in zip(bs, self.tiles):
            tile[...] = b
        if self.few:
            return [w.T for w in ws], self.biases or bs
        for w, turned in zip(ws, self.turned):
            if turned is not None:
                copyto(turned, w.T)
        return [w.T if copy is None else copy for w, copy in zip(ws, self.turned)], self.biases or bs


def repeats(width):
    """The largest power of 2 that keeps a tile of b within LONGEST numbers."""
    return 1 << max(0, (LONGEST // width).bit_length() - 1)''',
    "chain": '''class Block:
    """The buffers of n examples: row l of z_all and a_all belongs to layer l + 1; and sums over the block."""

    def __init__(self, n):
        self.n, self.few = n, n < MANY
        self.z_all, self.a_all = empty((DEPTH, n), DTYPE), empty((DEPTH, n), DTYPE)
        self.z, self.a = list(self.z_all), list(self.a_all)
        self.w_all, self.b_all, self.gw_all = empty(DEPTH, DTYPE), empty(DEPTH, DTYPE), empty(DEPTH, DTYPE)
        self.w = [self.w_all[l, ...] for l in range(DEPTH)]  # arrays of no axes: ufuncs like them best
        self.b = [self.b_all[l, ...] for l in range(DEPTH)]
        self.gw = [self.gw_all[l, ...] for l in range(DEPTH)]
        self.gb = empty(DEPTH, DTYPE)
        self.ones = ones(n, DTYPE)
        self.top = self.a[-1]
        self.sums = [self.gb[l, ...] for l in range(DEPTH)]
        self.down = list(zip(self.z[:0:-1], self.a[-2::-1], self.z[-2::-1], self.sums[:0:-1]))''',
}

_CONSTANTS = {
    "dense": """MANY = 64  # examples from which on a copy of wᵀ pays, and a slope while its layer is in the cache
LONGEST = 1024  # numbers in b repeated for many examples
SMALL = 10**6  # multiplications in a product for which BLAS has kernels that want wᵀ in order""",
    "chain": "MANY = 1024  # examples from which on a slope is computed while its layer is in the cache",
}

_DOWN = {"dense": "z, z_columns, below, below_rows, z_below", "chain": "z, below, z_below, total"}

_LAST = {
    "dense": """\
    block.delta[0].T.dot(x_rows, gws[0])
    if block.n == 1:  # ∂C/∂b^l = Σ_n δ^l
        gb[...] = block.z_all
    else:
{sums}""",
    "chain": """\
    dot(block.z[0], x, gws[0])
    if block.few:  # ∂C/∂b^l = Σ_n δ^l
        block.z_all.dot(block.ones, gb)
    else:
        dot(block.z[0], block.ones, block.sums[0])""",
}

_SUMS = {
    True: "        matmul(block.ones, block.delta_all, gb)",
    False: """\
        for z, total in zip(block.delta, gb):
            block.ones.dot(z, total)""",
}

_UP = {"dense": "w_t, b, wide, z, a", "chain": "w, b, z, a"}

_SWEEP = '''def {name}(block, operands, ws, x, x_rows, y, scale, gws, gb):
    """The loss of one block before scaling; fills gws and gb, and leaves δ^l in block.z[l]."""
    below = x
    for {up}{names} in zip(*operands, {zipped}block.z, block.a{sigma}):
        # {law},  a^l = σ(z^l)
{forward}
        below = a
{slopes}
    # δ^L = ∂C/∂a^L ⊙ σ'(z^L)
    z, a = block.z[-1], below
{residual}
    if scale is not None:
        multiply(a, scale, a)
{top}
    for w, gw, ({views}){down} in zip(ws[:0:-1], gws[:0:-1], block.down{sigma_down}):
        # ∂C/∂w^l = Σ_n δ^l a^{{l-1}}ᵀ,  δ^{{l-1}} = σ'(z^{{l-1}}) ⊙ (w^lᵀ δ^l)
{backward}
        z, a = z_below, below
{pullback}
{last}
    return loss'''
