"""Whole sweeps compiled by numba, for one example and for small batches: there the calls cost, not the work.

The chain runs through its layers once up and once down. A small dense network runs example by example over one
flat copy of its parameters, so that one compiled function serves any depth and any layout of the arrays given.
"""

from __future__ import annotations

from symgrad.numeric.emit_blocks import repeat_text
from symgrad.numeric.steps import Program

__all__ = ["small_chain", "small_dense"]


def small_dense(program: Program) -> str:
    """The source of `fill` for small work, and of what it calls."""
    return _DENSE.format(kinds=kinds(program), choose=_choose(program, "z[i]", 20))


def small_chain(program: Program, dtype: str) -> str:
    """The source of `one(w, b, x, y, single)`, compiled; w and b are arrays."""
    bias = {(True, True): ', "b": g[DEPTH:2 * DEPTH]', (True, False): ', "b": g[DEPTH + 1:2 * DEPTH]'}
    return _CHAIN.format(
        choose=_choose(program, "z", 12).replace("a[i], z[i]", "a, s"),
        offset=0 if program.has_input else 1,
        bias="b[l - OFFSET] if l >= OFFSET else 0.0" if program.has_bias else "0.0",
        residual="r = a - y\n    loss = 0.5 * r * r" if program.has_target else "r = 1.0\n    loss = a",
        gradients=f'{{"w": g[:DEPTH]{bias.get((program.has_bias, program.has_input), "")}}}',
        input_gradient="g_x" if program.has_input else "None",
        input_gradients="lambda: array([g_x], DTYPE)" if program.has_input else "None",
        number="float64" if dtype == "float64" else "float32",
    )


def kinds(program: Program) -> str:
    """The activation of each layer, as a tuple of small numbers."""
    number = {code.name: k for k, code in enumerate(program.codes)}
    return repeat_text([str(number[layer.activation.name]) for layer in program.layers])


def _choose(program: Program, operand: str, indent: int) -> str:
    return "\n".join(
        f"{' ' * indent}{'el' if k else ''}if kind == {k}:\n"
        f"{' ' * indent}    a[i], z[i] = {code.name}_scalar_compiled({operand})"
        for k, code in enumerate(program.codes)
    )


_DENSE = '''KINDS = np.array({kinds})
WIDTHS_ARRAY = np.array(WIDTHS)
FEW = 4000  # parameters times examples up to which calls to BLAS cost more than they win


@njit(fastmath={{"contract", "reassoc"}}, error_model="numpy")
def product(w, a, b, z):
    for i in range(z.size):
        total = b[i]
        for k in range(a.size):
            total += w[i, k] * a[k]
        z[i] = total


@njit(fastmath={{"contract"}}, error_model="numpy")
def small_sweep(widths, p, x, y, scale, z_all, a_all, g, below_gradient):
    """The loss before scaling; g receives all gradients, z_all every δ; p and g hold w1, …, wL, b1, …, bL."""
    n, loss, biases = x.shape[0], 0.0, p.size - a_all.size // x.shape[0]
    g[:] = 0.0
    for e in range(n):
        weights, row = 0, 0
        below = x[e]
        for l in range(DEPTH):
            m, width = widths[l], widths[l + 1]
            z = z_all[n * row + e * width:n * row + (e + 1) * width]
            a = a_all[n * row + e * width:n * row + (e + 1) * width]
            w = p[weights:weights + width * m].reshape(width, m)
            product(w, below, p[biases + row:biases + row + width], z)
            kind = KINDS[l]
            for i in range(width):
{choose}
            below = a
            weights += width * m
            row += width
        r = a - y[e]
        for i in range(r.size):
            loss += 0.5 * r[i] * r[i]
            z[i] *= r[i] * scale
        for l in range(DEPTH - 1, -1, -1):
            m, width = widths[l], widths[l + 1]
            weights -= width * m
            row -= width
            d = z_all[n * row + e * width:n * row + (e + 1) * width]
            w = p[weights:weights + width * m].reshape(width, m)
            gw = g[weights:weights + width * m].reshape(width, m)
            for i in range(width):
                g[biases + row + i] += d[i]
            if l == 0:
                for i in range(width):
                    for k in range(m):
                        gw[i, k] += d[i] * x[e, k]
            else:
                at = n * (row - m) + e * m
                a, z = a_all[at:at + m], z_all[at:at + m]
                down = below_gradient[:m]
                down[:] = 0.0
                for i in range(width):
                    for k in range(m):
                        gw[i, k] += d[i] * a[k]
                        down[k] += w[i, k] * d[i]
                for k in range(m):
                    z[k] *= down[k]
    return loss


def fill(work, own, ws, bs, x, y):
    """Sweep one block; the loss, and whether everything is finite as far as cheap sums tell."""
    block = work.block
    if block.n * SIZE > (10 * FEW if block.n == 1 else FEW):
        return fill_by_blas(work, own, ws, bs, x, y)
    if work.flat is None:
        work.flat, work.down = empty(SIZE, DTYPE), empty(max(WIDTHS), DTYPE)
        work.x, work.y = empty((block.n, N_IN), DTYPE), empty((block.n, N_OUT), DTYPE)
        work.w1 = work.flat[:ENDS[1]].reshape(WEIGHTS[0])
    concatenate([value.reshape(-1) for value in (*ws, *bs)], out=work.flat)
    copyto(work.x, x)
    copyto(work.y, y)
    share = 1.0 / block.n if MEAN else 1.0
    loss = small_sweep(
        WIDTHS_ARRAY, work.flat, work.x, work.y, share, block.z_all, block.a_all, own.buffer, work.down
    ) * share
    if block.n == 1:
        work.gx = block.z[0].dot(work.w1)
    return loss, no_doubt(loss, own, ws, bs, x)


def fill_by_blas('''

_CHAIN = '''OFFSET = {offset}
ROW = types.Array(types.{number}, 1, "A", readonly=True)
NUMBER = types.float64


@njit(
    types.Tuple((NUMBER, NUMBER, NUMBER))(ROW, ROW, NUMBER, NUMBER, types.{number}[::1]),
    fastmath={{"contract"}}, error_model="numpy",
)
def one_compiled(w, b, x, y, g):
    """Loss, ∂C/∂x and a number that is finite if all is; g holds ∂C/∂w, ∂C/∂b, δ, and room for a and s."""
    a, s = x, x
    for l in range(DEPTH):
        z = w[l] * a + ({bias})
        kind = KINDS[l]
        for i in range(1):
{choose}
        g[3 * DEPTH + l] = a
        g[4 * DEPTH + l] = s
    {residual}
    d = r * s
    probe = loss
    for l in range(DEPTH - 1, -1, -1):
        g[2 * DEPTH + l] = d
        g[DEPTH + l] = d
        g[l] = d * (g[3 * DEPTH + l - 1] if l else x)
        probe += g[l] + d
        if l:
            d = g[4 * DEPTH + l - 1] * (w[l] * d)
    if d == 0.0:  # an infinite number may hide behind a slope of 0
        for l in range(DEPTH):
            probe += w[l] - w[l] + ({bias}) - ({bias}) + (x - x)
    g_x = w[0] * d
    return loss, g_x, probe + g_x


NO_BIAS = np.zeros(DEPTH, DTYPE)


def one(w, b, x, y, single):
    """The result for one example; None when it is not finite."""
    g = empty(5 * DEPTH, DTYPE)
    loss, g_x, probe = one_compiled(w, b, x, y, g)
    if probe - probe != 0.0:
        return None
    gradients = {gradients}
    if single:
        return Result(loss, gradients, {input_gradient}, lambda: g[2 * DEPTH:3 * DEPTH].copy())
    return Result(loss, gradients, {input_gradients}, lambda: g[2 * DEPTH:3 * DEPTH, None].copy())'''
