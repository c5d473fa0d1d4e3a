"""The text of `evaluate` for dense networks and for chains, and the self-check of a generated module.

Template text only. A call takes a workspace from a pool (so calls from several threads never share one), runs the
fast form, and repeats with the exact formulas when anything came out as NaN or infinite: the fast sigmoid gives NaN
beyond |z| = 709, so nothing wrong can pass.
"""

from __future__ import annotations

__all__ = ["CHAIN", "DENSE", "SELF_CHECK"]

_LATER = '''def later(work, w1, single):
    """The two results that are computed when they are read: δ^l as (N, n_l), and ∂C/∂x."""
    return partial(input_gradient_of, work, w1, single), partial(deltas_of, work, single)


KEPT_BYTES = 1 << 25  # larger batches are not copied for results that may never be read


def later_again(values, x, y, single):
    """The same when the batch had several blocks: they are swept again, from copies."""
    if x.nbytes + y.nbytes > KEPT_BYTES:
        def refuse():
            raise InputError(f"x and y hold {x.nbytes + y.nbytes >> 20} MiB, too much to keep: for deltas and "
                             f"input_gradient evaluate parts of at most {BLOCK} examples")
        return refuse, refuse
    again = partial(sweep_again, [value.copy() for value in values], x.copy(), y.copy())
    return (lambda: again()[0]), (lambda: again()[1])'''

DENSE = '''POOL = {}  # free workspaces, by number of examples


def workspace(n, sigma):
    """A workspace for n examples that no living result refers to."""
    if len(POOL) > 8:
        POOL.clear()
    return take(POOL.setdefault((n, sigma is FAST), []), partial(Workspace, n, sigma))


def evaluate(params, x, y, out=None):
    """The loss and its gradients by every parameter; see the head of this module for the shapes."""
    values = read_parameters(params, SHAPES, DTYPE)
    x, single = two_d(x, WIDTHS[0], "x", DTYPE)
    y, single_y = two_d(y, WIDTHS[-1], "y", DTYPE)
    if y.shape[0] != x.shape[0] or single is not single_y:
        raise InputError(f"x has {x.shape[0]} examples and y {y.shape[0]}; give one target for each example, "
                         f"both as vectors or both as batches")
    gws = [empty(shape, DTYPE) for shape in WEIGHTS] if out is None else usable(out, (*values, x, y))
    with errstate(all="ignore"):
        result = run(FAST, values, x, y, single, gws)
        if result is None:
            result = run(EXACT, values, x, y, single, gws)
            named = dict(zip((name for name, _ in SHAPES), values), x=x, y=y)
            check_finite(named, result.loss, result.gradients)
    if out is not None:
        read_out(out, result.gradients)
    return result


def usable(out, inputs):
    """Buffers for the weight gradients: the caller's own where they are fit to be written while inputs are read."""
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


def run(sigma, values, x, y, single, gws):
    """One pass over all blocks with the activations `sigma`; None when a fast form left its range."""
    n = x.shape[0]
    ws, bs = values[0::2], values[1::2]
    gb = empty(ROWS[-1][1], DTYPE)
    columns = bs if n == 1 else [b[:, None] for b in bs]
    if n <= BLOCK:
        work = workspace(n, sigma)
        loss = sweep(work, ws, columns, x.T, x, y.T, work.scale if MEAN and n > 1 else None, gws, gb)
        first = None
    else:
        scale = array(1.0 / n, DTYPE) if MEAN else None
        loss, first = 0.0, True
        size = -(-n // -(-n // BLOCK))  # blocks of almost equal size
        for lo in range(0, n, size):
            xs, ys = x[lo:lo + size], y[lo:lo + size]
            work = workspace(len(xs), sigma)
            if lo == 0:
                loss += sweep(work, ws, columns, xs.T, xs, ys.T, scale, gws, gb)
            else:
                part = columns if len(xs) > 1 else bs
                loss += sweep(work, ws, part, xs.T, xs, ys.T, scale, work.gw, work.gb)
                for total, block in zip(gws, work.gw):
                    add(total, block, total)
                add(gb, work.gb, gb)
            POOL.setdefault((work.n, sigma is FAST), []).append(work)
    if MEAN:
        loss /= n
    w1, row = ws[0], gws[0][0]
    gx = work.z_[0].dot(w1) if n == 1 else w1.reshape(-1)
    probe = loss + row.dot(row) + gx.dot(gx) + gb.dot(gb)  # NaN or infinity anywhere shows here
    if not BOUNDED:
        probe += sum(float(g.reshape(-1).dot(g.reshape(-1))) for g in gws)
    if sigma is FAST and not probe - probe == 0.0:
        return None
    gradients = {}
    for (name, _), (bias, _), gw, (i, j) in zip(SHAPES[0::2], SHAPES[1::2], gws, ROWS):
        gradients[name] = gw
        gradients[bias] = gb[i:j]
    if first is None:
        if n == 1:
            input_gradient = gx if single else gx[None]
            deltas = partial(deltas_of, work, single)
        else:
            input_gradient, deltas = later(work, w1.copy(), single)
        POOL.setdefault((n, sigma is FAST), []).append(work)
    else:
        input_gradient, deltas = later_again(values, x, y, single)
    return Result(loss, gradients, input_gradient, deltas)


def deltas_of(work, single):
    """δ^l from the buffers where the sweep left it, one (n_l,) or (N, n_l) for each layer."""
    return tuple(z[:, 0].copy() if single else z.T.copy() for z in work.z)


def input_gradient_of(work, w1, single):
    """∂C/∂x = w^1ᵀ δ^1."""
    return work.z[0].T.dot(w1)


def sweep_again(values, x, y):
    """∂C/∂x and all δ^l for a batch of several blocks."""
    n = x.shape[0]
    gx, deltas = empty((n, WIDTHS[0]), DTYPE), tuple(empty((n, width), DTYPE) for width in WIDTHS[1:])
    ws, columns = values[0::2], [b[:, None] for b in values[1::2]]
    scale = array(1.0 / n, DTYPE) if MEAN else None
    with errstate(all="ignore"):
        for lo in range(0, n, BLOCK):
            xs, ys = x[lo:lo + BLOCK], y[lo:lo + BLOCK]
            part = columns if len(xs) > 1 else values[1::2]
            for sigma in (FAST, EXACT):
                work = Workspace(len(xs), sigma)
                sweep(work, ws, part, xs.T, xs, ys.T, scale, work.gw, work.gb)
                if np.isfinite(work.z_all).all():
                    break
            gx[lo:lo + BLOCK] = work.z[0].T.dot(ws[0])
            for delta, z in zip(deltas, work.z):
                delta[lo:lo + BLOCK] = z.T
    return gx, deltas


''' + _LATER

CHAIN = '''POOL = {}  # free workspaces, by number of examples


def workspace(n, sigma):
    """A workspace for n examples that no living result refers to."""
    if len(POOL) > 8:
        POOL.clear()
    return take(POOL.setdefault((n, sigma is FAST), []), partial(Workspace, n, sigma))


def one_d(value, name):
    """`value` as an array (N,), and whether it was a single number."""
    if type(value) is not np.ndarray or value.dtype is not DTYPE:
        value = read_array(value, name, DTYPE)
    if value.ndim == 0:
        return value.reshape(1), True
    if value.ndim != 1:
        raise InputError(f"{name} has shape {value.shape}, expected a number or (N,)")
    if value.shape[0] == 0:
        raise InputError(f"{name} is an empty batch; give at least one example")
    return value, False


def evaluate(params, x=None, y=None, out=None):
    """The loss and its gradients by every parameter; see the head of this module for the shapes."""
    values = read_parameters(params, SHAPES, DTYPE)
    if type(x) is float and type(y) is float:
        single = True
        x_one, y_one = x, y
        n = 1
    else:
        x, y, single = read_examples(x, y)
        n = x.shape[0]
        x_one, y_one = (x.item(), y.item()) if n == 1 else (None, None)
    w = values[0]
    if n == 1:
        b = values[1].tolist() if HAS_BIAS else [0.0] * DEPTH
        found = one(w.tolist(), b, x_one, y_one, single)
        if found is None:
            refuse_one(values, x_one, y_one)
    else:
        with errstate(all="ignore"):
            found = run(FAST, values, x, y)
            if found is None:
                found = run(EXACT, values, x, y)
                named = dict(zip((name for name, _ in SHAPES), values), x=x, y=y)
                check_finite(named, found.loss, found.gradients)
    if out is not None:
        read_out(out, found.gradients)
    return found


def read_examples(x, y):
    """x and y as arrays of one length; what the network does not use becomes ones or zeros."""
    if not HAS_INPUT and x is not None:
        raise InputError("this chain has no input (a^1 = w_1); give x=None")
    if not HAS_TARGET and y is not None:
        raise InputError("the loss of this chain is its output; give y=None")
    if HAS_INPUT:
        x, single = one_d(x, "x")
    if HAS_TARGET:
        y, single_y = one_d(y, "y")
    if not HAS_INPUT and not HAS_TARGET:
        return ones(1, DTYPE), array([0.0], DTYPE), True
    if not HAS_INPUT:
        return ones(len(y), DTYPE), y, single_y
    if not HAS_TARGET:
        return x, np.zeros(len(x), DTYPE), single
    if len(x) != len(y) or single is not single_y:
        raise InputError(f"x has {len(x)} examples and y {len(y)}; give one target for each example, "
                         f"both as numbers or both as batches")
    return x, y, single


def refuse_one(values, x, y):
    """Say why one example gave no finite result."""
    named = dict(zip((name for name, _ in SHAPES), values), x=x, y=y)
    check_finite(named, math.inf, {})


def run(sigma, values, x, y):
    """One pass over all blocks with the activations `sigma`; None when a fast form left its range."""
    n = x.shape[0]
    gw, gb = empty(DEPTH, DTYPE), empty(DEPTH, DTYPE)
    scale = array(1.0 / n, DTYPE) if MEAN else None
    loss = 0.0
    size = n if n <= BLOCK else -(-n // -(-n // BLOCK))  # blocks of almost equal size
    for lo in range(0, n, size):
        xs, ys = x[lo:lo + size], y[lo:lo + size]
        work = workspace(len(xs), sigma)
        load(work, values)
        loss += sweep(work, work.w, work.b, xs, xs, ys, scale, work.gw, work.gb)
        if lo == 0:
            gw[...], gb[...] = work.gw_all, work.gb
        else:
            add(gw, work.gw_all, gw)
            add(gb, work.gb, gb)
        POOL.setdefault((work.n, sigma is FAST), []).append(work)
    if MEAN:
        loss /= n
    probe = loss + float(gw.dot(gw)) + float(gb.dot(gb)) + float(work.w_all.dot(work.w_all))
    if sigma is FAST and not probe - probe == 0.0:
        return None
    gradients = {"w": gw}
    if HAS_BIAS:
        gradients["b"] = gb if HAS_INPUT else gb[1:]
    if size == n:
        input_gradient, deltas = later(work, float(work.w_all[0]), False)
    else:
        input_gradient, deltas = later_again(values, x, y, False)
    return Result(loss, gradients, input_gradient if HAS_INPUT else None, deltas)


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


def deltas_of(work, single):
    """δ^l from the buffer where the sweep left it, as (L, N)."""
    return work.z_all.copy()


def input_gradient_of(work, w1, single):
    """∂C/∂x = w_1 δ^1."""
    return w1 * work.z[0]


def sweep_again(values, x, y):
    """∂C/∂x and all δ^l for a batch of several blocks."""
    n = x.shape[0]
    deltas = empty((DEPTH, n), DTYPE)
    scale = array(1.0 / n, DTYPE) if MEAN else None
    with errstate(all="ignore"):
        for lo in range(0, n, BLOCK):
            xs, ys = x[lo:lo + BLOCK], y[lo:lo + BLOCK]
            for sigma in (FAST, EXACT):
                work = Workspace(len(xs), sigma)
                load(work, values)
                sweep(work, work.w, work.b, xs, xs, ys, scale, work.gw, work.gb)
                if np.isfinite(work.z_all).all():
                    break
            deltas[:, lo:lo + BLOCK] = work.z_all
    return values[0][0] * deltas[0], deltas


''' + _LATER

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
    if "WIDTHS" in globals():
        return rng.normal(size=(3, WIDTHS[0])).astype(DTYPE), rng.normal(size=(3, WIDTHS[-1])).astype(DTYPE)
    return (float(rng.normal()) if HAS_INPUT else None), (float(rng.normal()) if HAS_TARGET else None)


if __name__ == "__main__":
    print(f"all gradients agree with differences; largest relative difference {self_check():.1e}")'''
