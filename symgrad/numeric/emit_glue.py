"""The text of `evaluate` for dense networks and for chains.

Template text only. A call takes a workspace from a pool (so calls from several threads never share one), runs
the fast form, and repeats with the exact formulas when anything came out as NaN or infinite: the fast sigmoid
gives NaN beyond |z| = 709, so nothing wrong can pass. A batch of many blocks is worked through by `emit_groups`.
"""

from __future__ import annotations

__all__ = ["CHAIN", "DENSE"]

DENSE = '''N_IN, N_OUT = WIDTHS[0], WIDTHS[-1]
KIND = attrgetter("shape", "dtype")
BIASES = [((width,), DTYPE) for width in WIDTHS[1:]]
WS = itemgetter(*NAMES[0::2]) if DEPTH > 1 else lambda params: (params["w1"],)
BS = itemgetter(*NAMES[1::2]) if DEPTH > 1 else lambda params: (params["b1"],)
ENDS = list(accumulate((n * m for n, m in WEIGHTS), initial=0))
SIZE = ENDS[-1] + ROWS[-1][1]  # of all gradients in one buffer: w1, …, wL, b1, …, bL
SUM_ALL = not BOUNDED or SIZE <= 4096  # is one sum over all gradients needed, or cheap?


class Gradients:
    """One buffer for the gradients, and views of it that never leave this module."""

    def __init__(self):
        self.buffer = empty(SIZE, DTYPE)
        pieces = zip(ENDS, ENDS[1:], WEIGHTS)
        self.gws = [self.buffer[lo:hi].reshape(shape) for lo, hi, shape in pieces]
        self.gb = self.buffer[ENDS[-1]:]
        self.gbs = GBS
        pairs = zip(self.gws, self.gbs)
        self.views = [view for pair in pairs for view in pair]
        self.alone = getrefcount(self.buffer)

    def named(self):
        """New views under the names of the parameters; while one of them lives, the buffer is not alone."""
        return dict(zip(NAMES, map(ndarray.view, self.views)))


class Workspace:
    """What a call on n <= BLOCK examples needs beside its inputs; its result may refer to it."""

    def __init__(self, n):
        self.block = Block(n)
        self.gradients, self.other = Gradients(), None
        self.scale = array(1.0 / n, DTYPE) if MEAN and n > 1 else None
        self.w1 = empty(WEIGHTS[0], DTYPE)  # for an input gradient that is asked for later
        self.quiet = quiet_run()
        self.single, self.gx = False, None

    def deltas(self):
        """δ^l where the sweep left it, one (n_l,) or (N, n_l) for each layer."""
        return tuple(z[0].copy() if self.single else z.copy() for z in self.block.delta)

    def input_gradient(self):
        """∂C/∂x = w^1ᵀ δ^1, with the weights of the call."""
        if self.block.n == 1:
            return self.gx.copy() if self.single else self.gx[None].copy()
        return self.block.delta[0].dot(self.w1)


def evaluate(params, x, y, out=None):
    """The loss and its gradients by every parameter; see the head of this module for the shapes."""
    result = None
    try:  # what fits is taken as it is; BLAS refuses any other w or x
        ws, bs, single = WS(params), BS(params), x.ndim == 1
        xs, ys = (x[None], y[None]) if single else (x, y)
        n = len(xs)
        if (
            n <= BLOCK and len(params) == len(NAMES) and ys.shape == (n, N_OUT)
            and type(x) is ndarray and type(y) is ndarray and list(map(KIND, bs)) == BIASES
        ):
            result = one_block(ws, bs, xs, ys, n, single)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        pass  # said in words below
    if result is None:
        result = carefully(params, x, y)
    if out is not None:
        read_out(out, result.gradients)
    return result


def carefully(params, x, y):
    """The same with every argument checked and converted, and with the exact formulas where they are needed."""
    values = read_parameters(params)
    x, y, n, single = read_examples(x, y)
    result = one_block(values[0::2], values[1::2], x, y, n, single) if n <= BLOCK else None
    return many(values, x, y, single, exact=n <= BLOCK) if result is None else result


def one_block(ws, bs, x, y, n, single):
    """The result for n <= BLOCK examples; None if something is not finite."""
    work = workspace(n)
    own = work.gradients
    if getrefcount(own.buffer) != own.alone:  # a gradient of an earlier result is still held
        own = work.gradients = free_gradients(work)
    loss, fine = work.quiet(fill, work, own, ws, bs, x, y)
    if not fine:
        return None
    work.single = single
    gradients = dict(zip(NAMES, map(ndarray.view, own.views)))
    result = Result(loss, gradients, work.input_gradient, work.deltas)
    POOL[n].append(work)
    return result


def free_gradients(work):
    """The other buffer of a workspace if nobody holds a gradient in it, or a new one."""
    other, work.other = work.other, work.gradients
    return other if other is not None and getrefcount(other.buffer) == other.alone else Gradients()


def fill(work, own, ws, bs, x, y):
    """Sweep one block; the loss, and whether everything is finite as far as cheap sums tell."""
    block = work.block
    if block.n == 1:
        loss = sweep(block, block.operands(ws, bs), ws, x[0], x, y[0], None, own.gws, own.gb)
        work.gx = block.z[0].dot(ws[0])
    else:
        loss = sweep(block, block.operands(ws, bs), ws, x, x, y, work.scale, own.gws, own.gbs)
        work.w1[...] = ws[0]
        if MEAN:
            loss /= block.n
    if SUM_ALL:
        probe = loss + float(own.buffer.dot(own.buffer))
        if probe - probe == 0.0 and count_nonzero(own.gb) == len(own.gb):
            return loss, True
    return loss, no_doubt(loss, own, ws, bs, x)


def no_doubt(loss, own, ws, bs, x):
    """False if anything is NaN or infinite, or if an infinite argument may hide behind a slope of 0."""
    gb = own.gb
    if SUM_ALL:
        probe = loss + float(own.buffer.dot(own.buffer))
    else:  # |a^l| <= 1: a gradient that is not finite shows in ∂C/∂b or comes from x
        probe = loss + float(gb.dot(gb)) * float(vdot(x, x))
    if probe - probe != 0.0:
        return False
    return count_nonzero(gb) == gb.size or not any(infinite(value) for value in (*ws, *bs, x))


def read_examples(x, y):
    """x and y as arrays (N, n_0) and (N, n_L), N, and whether they were single vectors."""
    x, single = two_d(x, N_IN, "x", DTYPE)
    y, single_y = two_d(y, N_OUT, "y", DTYPE)
    n = len(x)
    if single is not single_y:
        raise InputError("one of x and y is a vector, the other a batch; give two vectors or two batches")
    if len(y) != n:
        raise InputError(f"x has {n} examples and y {len(y)}; give one target for each example")
    return x, y, n, single


@errstate(all="ignore")
def many(values, x, y, single, exact=False):
    """Several blocks, or the exact formulas."""
    work = groups_of(len(x))
    loss, total = run_groups(sweep_exact if exact else sweep, work, values, x, y)
    if not exact:
        exact = not no_doubt(loss, total, values[0::2], values[1::2], x)
        if exact:
            loss, total = run_groups(sweep_exact, work, values, x, y)
    gradients = total.named()
    if exact:
        given = dict(x=x[0], y=y[0]) if single else dict(x=x, y=y)
        check_finite(dict(zip(NAMES, values)) | given, loss, gradients)
    late = Once(partial(all_deltas, work, work.keep(values, x, y), single))
    GROUPS_POOL[work.n].append(work)
    return Result(loss, gradients, late.first, late.second)


def prepare(block, values):
    """The parameters as the sweeps of a block want them; the same for blocks of one size."""
    return block.operands(values[0::2], values[1::2]), values[0::2]


def run_block(sweep, block, parameters, x, y, scale, total):
    """One block, its gradients written into `total`."""
    if block.n == 1:
        return sweep(block, *parameters, x[0], x, y[0], scale, total.gws, total.gb)
    return sweep(block, *parameters, x, x, y, scale, total.gws, total.gbs)


@errstate(all="ignore")
def all_deltas(work, kept, single):
    """∂C/∂x and all δ^l of several blocks, by a second sweep with the exact formulas."""
    values, x, y = kept
    gx, deltas = empty(x.shape, DTYPE), tuple(empty((len(x), width), DTYPE) for width in WIDTHS[1:])

    def visit(block, lo, hi):
        block.delta[0].dot(values[0], gx[lo:hi])
        for delta, z in zip(deltas, block.delta):
            delta[lo:hi] = z

    run_groups(sweep_exact, work, values, x, y, visit)
    return (gx[0], tuple(delta[0] for delta in deltas)) if single else (gx, deltas)'''

CHAIN = '''SIZE = 2 * DEPTH  # of all gradients in one buffer: by w, then by b
KIND = attrgetter("__class__", "shape", "dtype")
FITS = [(ndarray, shape, DTYPE) for _, shape in SHAPES]


class Gradients:
    """One buffer for the gradients."""

    def __init__(self):
        self.buffer = empty(SIZE, DTYPE)
        self.gw, self.gb = self.buffer[:DEPTH], self.buffer[DEPTH:]
        self.alone = getrefcount(self.buffer)

    def named(self):
        """New views under the names of the parameters; while one of them lives, the buffer is not alone."""
        return {"w": self.gw[...]} | ({"b": self.gb[0 if HAS_INPUT else 1:]} if HAS_BIAS else {})


def evaluate(params, x=None, y=None, out=None):
    """The loss and its gradients by every parameter; see the head of this module for the shapes."""
    try:  # what fits is taken as it is
        values = FETCH(params)
        fits = list(map(KIND, values)) == FITS and len(params) == len(NAMES)
    except (AttributeError, IndexError, KeyError, TypeError):
        fits = False
    if not fits:
        values = read_parameters(params)
    x, y, single = read_examples(x, y)
    result = None
    if len(x) == 1:
        biases = values[1].tolist() if HAS_BIAS else [0.0] * DEPTH
        result = one(values[0].tolist(), biases, x.item(), y.item(), single)
    if result is None:
        result = many(values, x, y, single)
    if out is not None:
        read_out(out, result.gradients)
    return result


def read_examples(x, y):
    """x and y as arrays of one length; what the network does not use becomes ones or zeros."""
    if not HAS_INPUT and x is not None:
        raise InputError("this chain has no input (a^1 = w_1); give x=None")
    if not HAS_TARGET and y is not None:
        raise InputError("the loss of this chain is its output; give y=None")
    if (
        type(x) is ndarray and type(y) is ndarray and HAS_INPUT and HAS_TARGET
        and x.dtype is DTYPE and y.dtype is DTYPE and x.ndim == 1 and x.shape == y.shape and len(x)
    ):
        return x, y, False
    single = single_y = True
    if HAS_INPUT:
        x, single = one_d(x, "x", DTYPE)
    if HAS_TARGET:
        y, single_y = one_d(y, "y", DTYPE)
    if not HAS_INPUT:
        x, single = ones(len(y) if HAS_TARGET else 1, DTYPE), single_y
    if not HAS_TARGET:
        y, single_y = np.zeros(len(x), DTYPE), single
    if single is not single_y:
        raise InputError("one of x and y is a number, the other a batch; give two numbers or two batches")
    if len(x) != len(y):
        raise InputError(f"x has {len(x)} examples and y {len(y)}; give one target for each example")
    return x, y, single


class Workspace:
    """What a call on n <= BLOCK examples needs beside its inputs; its result may refer to it."""

    def __init__(self, n):
        self.block = Block(n)
        self.scale = array(1.0 / n, DTYPE) if MEAN else None
        self.w1 = 0.0

    def deltas(self):
        """δ^l where the sweep left it, as (L, N)."""
        return self.block.z_all.copy()

    def input_gradient(self):
        """∂C/∂x = w_1 δ^1."""
        return self.w1 * self.block.z[0]


@errstate(all="ignore")
def many(values, x, y, single=False):
    """A batch; or one example that overflows somewhere."""
    n = len(x)
    work = workspace(n) if n <= BLOCK else groups_of(n)
    if n <= BLOCK:
        total = Gradients()
        loss = run_block(sweep, work.block, prepare(work.block, values), x, y, work.scale, total)
        if MEAN:
            loss /= n
        work.w1 = float(values[0][0])
    else:
        loss, total = run_groups(sweep, work, values, x, y)
    probe = loss + float(total.buffer.dot(total.buffer))
    fine = probe - probe == 0.0 and (
        count_nonzero(total.buffer) == SIZE or not any(infinite(value) for value in (*values, x))
    )
    if not fine:
        work = groups_of(n)
        loss, total = run_groups(sweep_exact, work, values, x, y)
    gradients = total.named()
    if not fine:
        x, y = (x[0], y[0]) if single else (x, y)
        check_finite(dict(zip(NAMES, values), x=x, y=y), loss, gradients)
        x, y = np.atleast_1d(x), np.atleast_1d(y)
    if fine and n <= BLOCK:
        gx, deltas = work.input_gradient, work.deltas
        POOL[n].append(work)
    else:
        late = Once(partial(all_deltas, work, work.keep(values, x, y)))
        GROUPS_POOL[n].append(work)
        gx, deltas = late.first, late.second
    if single:
        return Result(loss, gradients, (lambda: gx()[0]) if HAS_INPUT else None, lambda: deltas()[:, 0])
    return Result(loss, gradients, gx if HAS_INPUT else None, deltas)


def prepare(block, values):
    """Copy the parameters into the block; without an input layer 1 has no bias."""
    copyto(block.w_all, values[0])
    if not HAS_BIAS:
        block.b_all[...] = 0.0
    elif HAS_INPUT:
        copyto(block.b_all, values[1])
    else:
        block.b_all[0] = 0.0
        block.b_all[1:] = values[1]
    return (block.w, block.b), block.w


def run_block(sweep, block, parameters, x, y, scale, total):
    """One block, its gradients written into `total`."""
    loss = sweep(block, *parameters, x, x, y, scale, block.gw, block.gb)
    copyto(total.gw, block.gw_all)
    copyto(total.gb, block.gb)
    return loss


@errstate(all="ignore")
def all_deltas(work, kept):
    """∂C/∂x = w_1 δ^1 and all δ^l as (L, N) of several blocks, by a second sweep with the exact formulas."""
    values, x, y = kept
    deltas = empty((DEPTH, len(x)), DTYPE)

    def visit(block, lo, hi):
        deltas[:, lo:hi] = block.z_all

    run_groups(sweep_exact, work, values, x, y, visit)
    return float(values[0][0]) * deltas[0], deltas'''
