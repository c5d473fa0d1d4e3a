"""The text of `evaluate` for dense networks and for chains, and the self-check of a generated module.

Template text only. A call takes a workspace from a pool (so calls from several threads never share one),
runs the fast form, and repeats with the exact formulas when anything came out as NaN or infinite: the
fast sigmoid gives NaN beyond |z| = 709, so nothing wrong can pass.
"""

from __future__ import annotations

__all__ = ["CHAIN", "DENSE", "SELF_CHECK"]

DENSE = '''N_IN, N_OUT = WIDTHS[0], WIDTHS[-1]
W_NAMES = NAMES[0::2]
B_ROWS = [(name, slice(*rows)) for name, rows in zip(NAMES[1::2], ROWS)]
POOL = defaultdict(list)  # free workspaces, by number of examples


def workspace(n):
    """A workspace for n examples that no living result refers to."""
    if n not in POOL and len(POOL) > 8:
        POOL.clear()
    return take(POOL[n], Workspace, n)


@errstate(all="ignore")
def evaluate(params, x, y, out=None):
    """The loss and its gradients by every parameter; see the head of this module for the shapes."""
    values = read_parameters(params, SHAPES, DTYPE)
    x, single = two_d(x, N_IN, "x", DTYPE)
    y, single_y = two_d(y, N_OUT, "y", DTYPE)
    n = len(x)
    if len(y) != n or single is not single_y:
        raise InputError(f"x has {n} examples and y {y.shape[0]}; give one target for each example, "
                         f"both as vectors or both as batches")
    if out is not None:
        gws = usable(out, (*values, x, y))
    else:
        gws = [empty(shape, DTYPE) for shape in WEIGHTS]
    gb = empty(ROWS[-1][1], DTYPE)
    w1 = values[0]
    gradients = dict.fromkeys(NAMES)
    gradients.update(zip(W_NAMES, gws))
    for name, rows in B_ROWS:
        gradients[name] = gb[rows]
    if n == 1:
        work = workspace(1)
        loss = sweep(work, values[0::2], values[1::2], x[0], x, y[0], None, gws, gb)
        gx = work.z[0].dot(w1)
        probe = loss + float(gx.dot(gws[0][0]))
        result = Result(loss, gradients, gx if single else gx[None], partial(work.deltas, single))
    elif n <= BLOCK:
        work = workspace(n)
        loss = sweep(work, values[0::2], values[1::2], x.T, x, y.T, work.scale, gws, gb)
        if MEAN:
            loss /= n
        copyto(work.w1, w1)
        probe = loss + float(work.w1_flat.dot(gws[0].reshape(-1)))
        result = Result(loss, gradients, work.input_gradient, work.deltas)
    else:
        loss = blocks(sweep, values, x, y, gws, gb)
        probe = loss + float(w1.reshape(-1).dot(gws[0].reshape(-1)))
        result = Result(loss, gradients, *again(values, x, y, single))
    if not BOUNDED:
        probe += sum(float(g.reshape(-1).dot(g.reshape(-1))) for g in gws)
    if not probe - probe == 0.0:  # NaN or infinity anywhere shows here
        loss = blocks(sweep_exact, values, x, y, gws, gb)
        given = dict(x=x[0], y=y[0]) if single else dict(x=x, y=y)
        check_finite(dict(zip(NAMES, values)) | given, loss, gradients)
        result = Result(loss, gradients, *again(values, x, y, single))
    elif n <= BLOCK:
        POOL[n].append(work)
    if out is not None:
        read_out(out, gradients)
    return result


def usable(out, inputs):
    """Buffers for the weight gradients: the caller's own where they may be written while inputs are read."""
    buffers = []
    for (name, _), shape in zip(SHAPES[::2], WEIGHTS):
        target = out.get(name) if isinstance(out, Mapping) else None
        fit = (
            type(target) is np.ndarray and target.dtype is DTYPE and target.shape == shape
            and target.flags.c_contiguous and target.flags.writeable
            and not any(np.may_share_memory(target, array) for array in inputs)
            and not any(np.may_share_memory(target, array) for key, array in out.items() if key != name)
        )
        buffers.append(target if fit else empty(shape, DTYPE))
    return buffers


def block(sweep, work, values, x, y, scale, gws, gb):
    """One block: the sweep takes examples as columns, a single one as a vector."""
    if work.n == 1:
        return sweep(work, values[0::2], values[1::2], x[0], x, y[0], scale, gws, gb)
    return sweep(work, values[0::2], values[1::2], x.T, x, y.T, scale, gws, gb)


def blocks(sweep, values, x, y, gws, gb, visit=None):
    """All blocks one after the other, their gradients added up."""
    n = x.shape[0]
    scale = array(1.0 / n, DTYPE) if MEAN else None
    size = -(-n // -(-n // BLOCK))  # blocks of almost equal size
    loss, work = 0.0, Workspace(size)
    for lo in range(0, n, size):
        if n - lo < size:
            work = Workspace(n - lo)
        loss += block(sweep, work, values, x[lo:lo + size], y[lo:lo + size], scale, work.gw, work.gb)
        for total, part in zip((*gws, gb), (*work.gw, work.gb)):
            if lo == 0:
                copyto(total, part)
            else:
                add(total, part, total)
        if visit is not None:
            visit(work, lo)
    return loss / n if MEAN else loss


KEPT_BYTES = 1 << 25  # larger batches are not copied for results that may never be read


def again(values, x, y, single):
    """For several blocks: ∂C/∂x and δ^l are found by a second sweep over copies, when they are read."""
    if x.nbytes + y.nbytes > KEPT_BYTES:
        def refuse():
            raise InputError(f"x and y hold {x.nbytes + y.nbytes >> 20} MiB, too much to keep: for deltas "
                             f"and input_gradient evaluate parts of at most {BLOCK} examples")
        return refuse, refuse
    sweep_again = partial(all_deltas, [value.copy() for value in values], x.copy(), y.copy(), single)
    return (lambda: sweep_again()[0]), (lambda: sweep_again()[1])


def all_deltas(values, x, y, single):
    """∂C/∂x and all δ^l, block by block, from the exact formulas."""
    gx, deltas = empty(x.shape, DTYPE), tuple(empty((len(x), width), DTYPE) for width in WIDTHS[1:])

    def visit(work, lo):
        gx[lo:lo + work.n] = work.columns[0].T.dot(values[0])
        for delta, z in zip(deltas, work.columns):
            delta[lo:lo + work.n] = z.T

    with errstate(all="ignore"):
        gws = [empty(shape, DTYPE) for shape in WEIGHTS]
        blocks(sweep_exact, values, x, y, gws, empty(ROWS[-1][1], DTYPE), visit)
    return (gx[0], tuple(delta[0] for delta in deltas)) if single else (gx, deltas)'''

CHAIN = '''POOL = defaultdict(list)  # free workspaces, by number of examples


def workspace(n):
    """A workspace for n examples that no living result refers to."""
    if n not in POOL and len(POOL) > 8:
        POOL.clear()
    return take(POOL[n], Workspace, n)


def evaluate(params, x=None, y=None, out=None):
    """The loss and its gradients by every parameter; see the head of this module for the shapes."""
    values = read_parameters(params, SHAPES, DTYPE)
    if type(x) is float and type(y) is float and HAS_INPUT and HAS_TARGET:
        n, single = 1, True
    else:
        x, y, single = read_examples(x, y)
        n = len(x)
        if n == 1:
            x, y = x.item(), y.item()
    if n == 1:
        result = one(values[0].tolist(), values[1].tolist() if HAS_BIAS else [0.0] * DEPTH, x, y, single)
        if result is None:
            check_finite(dict(zip(NAMES, values), x=x, y=y), math.inf, {})
    else:
        result = many(values, x, y)
    if out is not None:
        read_out(out, result.gradients)
    return result


def read_examples(x, y):
    """x and y as arrays of one length; what the network does not use becomes ones or zeros."""
    if not HAS_INPUT and x is not None:
        raise InputError("this chain has no input (a^1 = w_1); give x=None")
    if not HAS_TARGET and y is not None:
        raise InputError("the loss of this chain is its output; give y=None")
    single = single_y = True
    if HAS_INPUT:
        x, single = one_d(x, "x", DTYPE)
    if HAS_TARGET:
        y, single_y = one_d(y, "y", DTYPE)
    if not HAS_INPUT:
        x, single = ones(len(y) if HAS_TARGET else 1, DTYPE), single_y
    if not HAS_TARGET:
        y, single_y = np.zeros(len(x), DTYPE), single
    if len(x) != len(y) or single is not single_y:
        raise InputError(f"x has {len(x)} examples and y {len(y)}; give one target for each example, "
                         f"both as numbers or both as batches")
    return x, y, single


@errstate(all="ignore")
def many(values, x, y):
    """A batch, in blocks."""
    n = len(x)
    gw, gb = empty(DEPTH, DTYPE), empty(DEPTH, DTYPE)
    work = workspace(n) if n <= BLOCK else None
    loss = blocks(sweep, work, values, x, y, gw, gb)
    w1 = float(values[0][0])
    probe = loss + float(gw.dot(gw)) + float(gb.dot(gb)) + float(values[0].dot(values[0]))
    fine = probe - probe == 0.0  # NaN or infinity anywhere shows here
    if not fine:
        work = None
        loss = blocks(sweep_exact, None, values, x, y, gw, gb)
    gradients = {"w": gw}
    if HAS_BIAS:
        gradients["b"] = gb if HAS_INPUT else gb[1:]
    if not fine:
        check_finite(dict(zip(NAMES, values), x=x, y=y), loss, gradients)
    if work is None:
        gx, deltas = again(values, x, y)
    else:
        gx, deltas = partial(work.input_gradient, w1), work.deltas
        POOL[n].append(work)
    return Result(loss, gradients, gx if HAS_INPUT else None, deltas)


def load(work, values):
    """The parameters of the call, as the scalars the sweep reads; without an input layer 1 has no bias."""
    copyto(work.w_all, values[0])
    if not HAS_BIAS:
        work.b_all[...] = 0.0
    elif HAS_INPUT:
        copyto(work.b_all, values[1])
    else:
        work.b_all[0] = 0.0
        work.b_all[1:] = values[1]


def blocks(sweep, work, values, x, y, gw, gb, visit=None):
    """All blocks one after the other, gradients added up; a workspace is given when there is one block."""
    n = len(x)
    scale = array(1.0 / n, DTYPE) if MEAN else None
    size = -(-n // -(-n // BLOCK))  # blocks of almost equal size
    loss = 0.0
    gw[...] = 0.0
    gb[...] = 0.0
    for lo in range(0, n, size):
        if work is None or work.n != min(size, n - lo):
            work = Workspace(min(size, n - lo))
        load(work, values)
        xs = x[lo:lo + size]
        loss += sweep(work, work.w, work.b, xs, xs, y[lo:lo + size], scale, work.gw, work.gb)
        add(gw, work.gw_all, gw)
        add(gb, work.gb, gb)
        if visit is not None:
            visit(work, lo)
    return loss / n if MEAN else loss


KEPT_BYTES = 1 << 25  # larger batches are not copied for results that may never be read


def again(values, x, y):
    """For several blocks: ∂C/∂x and δ^l are found by a second sweep over copies, when they are read."""
    if x.nbytes + y.nbytes > KEPT_BYTES:
        def refuse():
            raise InputError(f"x and y hold {x.nbytes + y.nbytes >> 20} MiB, too much to keep: for deltas "
                             f"and input_gradient evaluate parts of at most {BLOCK} examples")
        return refuse, refuse
    w1 = float(values[0][0])
    sweep_again = partial(all_deltas, [value.copy() for value in values], x.copy(), y.copy())
    return partial(scaled, w1, sweep_again), sweep_again


def scaled(w1, sweep_again):
    """∂C/∂x = w_1 δ^1."""
    return w1 * sweep_again()[0]


def all_deltas(values, x, y):
    """All δ^l as (L, N), block by block, from the exact formulas."""
    deltas = empty((DEPTH, len(x)), DTYPE)

    def visit(work, lo):
        deltas[:, lo:lo + work.n] = work.z_all

    with errstate(all="ignore"):
        blocks(sweep_exact, None, values, x, y, empty(DEPTH, DTYPE), empty(DEPTH, DTYPE), visit)
    return deltas'''

SELF_CHECK = '''def self_check(seed=0):
    """Compare every gradient with a Richardson difference on random data; the largest relative difference.

    Raises AssertionError when it is above what differences in this dtype can explain.
    """
    rng = np.random.default_rng(seed)
    params = {name: rng.normal(size=shape).astype(DTYPE) / max(1, shape[-1]) ** 0.5 for name, shape in SHAPES}
    x, y = example(rng)
    result = evaluate(params, x, y)
    eps = float(np.finfo(DTYPE).eps)
    h = eps ** 0.2
    worst = 0.0
    for name, shape in SHAPES:
        direction = rng.normal(size=shape).astype(DTYPE)

        def along(t, name=name, direction=direction):
            return evaluate({**params, name: (params[name] + t * direction).astype(DTYPE)}, x, y).loss

        wide = (along(2 * h) - along(-2 * h)) / (4 * h)
        near = (along(h) - along(-h)) / (2 * h)
        difference = (4 * near - wide) / 3
        exact = float((result.gradients[name].astype(float) * direction).sum())
        size = float(np.abs(result.gradients[name].astype(float) * direction).sum())
        allowed = 50 * abs(near - wide) + 1e3 * eps * abs(result.loss) / h + 100 * eps * size
        assert abs(exact - difference) <= allowed, f"{name}: {exact} against {difference} by differences"
        worst = max(worst, abs(exact - difference) / (size or 1.0))
    return worst


def example(rng):
    """A random example in the shapes of this network."""
    if "WIDTHS" in globals():  # a dense network
        return rng.normal(size=(3, WIDTHS[0])).astype(DTYPE), rng.normal(size=(3, WIDTHS[-1])).astype(DTYPE)
    return (float(rng.normal()) if HAS_INPUT else None), (float(rng.normal()) if HAS_TARGET else None)


if __name__ == "__main__":
    print(f"all gradients agree with differences; largest relative difference {self_check():.1e}")'''
