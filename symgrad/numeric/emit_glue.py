"""The text of `evaluate` for dense networks and for chains.

Template text only. A call takes a workspace from a pool (so calls from several threads never share one), runs
the fast form, and repeats with the exact formulas when anything came out as NaN or infinite: the fast sigmoid
gives NaN beyond |z| = 709, so nothing wrong can pass. A batch of many blocks is worked through in groups, one
for each thread; the groups are the same whether they run side by side or not, and so are the sums.
"""

from __future__ import annotations

__all__ = ["CHAIN", "DENSE", "GROUPS"]

DENSE = '''N_IN, N_OUT = WIDTHS[0], WIDTHS[-1]
X_SHAPE = (N_IN,)
ENDS = list(accumulate((n * m for n, m in WEIGHTS), initial=0))
PIECES = [(slice(lo, hi), shape) for lo, hi, shape in zip(ENDS, ENDS[1:], WEIGHTS)]
SIZE = ENDS[-1] + ROWS[-1][1]  # of all gradients in one buffer: w1, …, wL, b1, …, bL


class Gradients:
    """One buffer for the gradients, and views of it that never leave this module."""

    def __init__(self):
        self.buffer = empty(SIZE, DTYPE)
        self.gws = [self.buffer[piece].reshape(shape) for piece, shape in PIECES]
        self.gb = self.buffer[ENDS[-1]:]
        self.gw1 = self.gws[0].reshape(-1)
        self.gbs = [self.gb[lo:hi] for lo, hi in ROWS]
        pairs = zip(self.gws, self.gbs)
        self.views = [view for pair in pairs for view in pair]
        self.alone = getrefcount(self.buffer)

    def named(self):
        """New views under the names of the parameters; while one of them lives, the buffer is not alone."""
        return dict(zip(NAMES, [view.view() for view in self.views]))


class Workspace:
    """What a call on n <= BLOCK examples needs beside its inputs; its result may refer to it."""

    def __init__(self, n):
        self.block = Block(n)
        self.gradients = Gradients()
        self.scale = array(1.0 / n, DTYPE) if MEAN and n > 1 else None
        self.w1 = empty(WEIGHTS[0], DTYPE)  # for an input gradient that is asked for later
        self.w1_flat = self.w1.reshape(-1)
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
    values = read_parameters(params)
    if (
        type(x) is ndarray and type(y) is ndarray and x.dtype is DTYPE and y.dtype is DTYPE
        and x.shape[1:] == X_SHAPE and y.shape == (len(x), N_OUT) and len(x)
    ):
        n, single = len(x), False
    else:
        x, y, n, single = read_examples(x, y)
    if n > BLOCK:
        result = many(values, x, y, single)
    else:
        work = workspace(n)
        own = work.gradients
        if getrefcount(own.buffer) != own.alone:  # a gradient of an earlier result is still held
            own = work.gradients = Gradients()
        work.single = single
        loss, probe = work.quiet(fill, work, values, x, y)
        if probe - probe == 0.0:  # NaN or infinity anywhere would show here
            result = Result(loss, own.named(), work.input_gradient, work.deltas)
            POOL[n].append(work)
        else:
            result = many(values, x, y, single, exact=True)
    if out is not None:
        read_out(out, result.gradients)
    return result


def fill(work, values, x, y):
    """Sweep one block; the loss, and a number that is not finite if anything is NaN or infinite."""
    block, own = work.block, work.gradients
    if block.n == 1:
        loss = sweep(block, values[0::2], values[1::2], x[0], x, y[0], None, own.gws, own.gb)
        work.gx = block.z[0].dot(values[0])
        probe = loss + float(work.gx.dot(own.gw1[:N_IN]))
    else:
        copyto(work.w1, values[0])
        loss = sweep(block, values[0::2], values[1::2], x, x, y, work.scale, own.gws, own.gbs)
        if MEAN:
            loss /= block.n
        probe = loss + float(work.w1_flat.dot(own.gw1))
    return loss, probe if BOUNDED else probe + float(own.buffer.dot(own.buffer))


def read_examples(x, y):
    """x and y as arrays (N, n_0) and (N, n_L), N, and whether they were single vectors."""
    x, single = two_d(x, N_IN, "x", DTYPE)
    y, single_y = two_d(y, N_OUT, "y", DTYPE)
    n = len(x)
    if len(y) != n or single is not single_y:
        raise InputError(f"x has {n} examples and y {len(y)}; give one target for each example, "
                         f"both as vectors or both as batches")
    return x, y, n, single


@errstate(all="ignore")
def many(values, x, y, single, exact=False):
    """Several blocks, or the exact formulas."""
    work = groups_of(len(x))
    loss, total = run_groups(sweep_exact if exact else sweep, work, values, x, y)
    if not exact:
        probe = loss + float(total.buffer.dot(total.buffer)) + float(values[0].reshape(-1).dot(total.gw1))
        exact = probe - probe != 0.0  # NaN or infinity anywhere shows here
        if exact:
            loss, total = run_groups(sweep_exact, work, values, x, y)
    gradients = total.named()
    if exact:
        given = dict(x=x[0], y=y[0]) if single else dict(x=x, y=y)
        check_finite(dict(zip(NAMES, values)) | given, loss, gradients)
    late = Once(partial(all_deltas, work, work.keep(values, x, y), single))
    GROUPS_POOL[work.n].append(work)
    return Result(loss, gradients, late.first, late.second)


def run_block(sweep, block, values, x, y, scale, total):
    """One block, its gradients written into `total`."""
    ws, bs = values[0::2], values[1::2]
    if block.n == 1:
        return sweep(block, ws, bs, x[0], x, y[0], scale, total.gws, total.gb)
    return sweep(block, ws, bs, x, x, y, scale, total.gws, total.gbs)


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
    if len(x) != len(y) or single is not single_y:
        raise InputError(f"x has {len(x)} examples and y {len(y)}; give one target for each example, "
                         f"both as numbers or both as batches")
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
        loss = run_block(sweep, work.block, values, x, y, work.scale, total)
        if MEAN:
            loss /= n
        work.w1 = float(values[0][0])
    else:
        loss, total = run_groups(sweep, work, values, x, y)
    probe = loss + float(total.buffer.dot(total.buffer)) + float(values[0].dot(values[0]))
    fine = probe - probe == 0.0  # NaN or infinity anywhere shows here
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


def run_block(sweep, block, values, x, y, scale, total):
    """One block, its gradients written into `total`; without an input layer 1 has no bias."""
    copyto(block.w_all, values[0])
    if not HAS_BIAS:
        block.b_all[...] = 0.0
    elif HAS_INPUT:
        copyto(block.b_all, values[1])
    else:
        block.b_all[0] = 0.0
        block.b_all[1:] = values[1]
    loss = sweep(block, block.w, block.b, x, x, y, scale, block.gw, block.gb)
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

GROUPS = '''POOL = defaultdict(list)  # free workspaces, by number of examples
GROUPS_POOL = defaultdict(list)
KEPT_BYTES = 1 << 25  # copies of x and y up to this size stay for the next call


def workspace(n):
    """A workspace for n examples that no living result refers to."""
    if n not in POOL and len(POOL) > 8:
        POOL.clear()
    return take(POOL[n], Workspace, n)


@errstate(all="ignore")
def quiet_run():
    """A caller of functions under which NumPy does not warn; a context is entered faster than errstate."""
    if np.__version__ < "2":  # the error state is not part of the context
        return errstate(all="ignore")(lambda function, *arguments: function(*arguments))
    return copy_context().run


def groups_of(n):
    """The groups of blocks of a batch of n examples; nobody else holds them."""
    if n not in GROUPS_POOL and len(GROUPS_POOL) > 4:
        GROUPS_POOL.clear()
    return take(GROUPS_POOL[n], Groups, n)


class Group:
    """The blocks, of almost equal size, that one thread works through."""

    def __init__(self, lo, hi):
        size = -(-(hi - lo) // -(-(hi - lo) // BLOCK))
        whole, last = Block(size), (hi - lo) % size
        self.blocks = [(at, at + size, whole) for at in range(lo, hi - last, size)]
        if last:
            self.blocks.append((hi - last, hi, Block(last)))
        self.part, self.total = Gradients(), Gradients()


class Groups:
    """The groups of a batch, and how long it took with and without threads."""

    def __init__(self, n):
        self.n = n
        count = max(1, min(THREADS, n // BLOCK))
        self.groups = [Group(k * n // count, (k + 1) * n // count) for k in range(count)]
        self.pace = Pace()
        self.kept = None

    def keep(self, values, x, y):
        """Copies for deltas that are asked for later; buffers that are not large are used again."""
        if self.kept is None or x.nbytes + y.nbytes > KEPT_BYTES:
            self.kept = None
            kept = [value.copy() for value in values], x.copy(), y.copy()
            if x.nbytes + y.nbytes <= KEPT_BYTES:
                self.kept = kept
            return kept
        for mine, given in zip((*self.kept[0], *self.kept[1:]), (*values, x, y)):
            copyto(mine, given)
        return self.kept


@errstate(all="ignore")
def run_group(sweep, group, values, x, y, scale, visit):
    """The loss of a group of blocks before scaling; their gradients are added up in group.total."""
    if getrefcount(group.total.buffer) != group.total.alone:  # a gradient of an earlier result is still held
        group.total = Gradients()
    loss, total = 0.0, group.total
    for lo, hi, block in group.blocks:
        loss += run_block(sweep, block, values, x[lo:hi], y[lo:hi], scale, total)
        if total is group.part:
            add(group.total.buffer, total.buffer, group.total.buffer)
        total = group.part
        if visit is not None:
            visit(block, lo, hi)
    return loss


def run_groups(sweep, work, values, x, y, visit=None):
    """The loss and the gradients of all groups."""
    scale = array(1.0 / work.n, DTYPE) if MEAN else None
    call = partial(run_group, sweep, values=values, x=x, y=y, scale=scale, visit=visit)
    if len(work.groups) == 1:
        losses = [call(work.groups[0])]
    else:
        losses = work.pace.run(call, work.groups)
    total = work.groups[0].total
    for group in work.groups[1:]:
        add(total.buffer, group.total.buffer, total.buffer)
    return (sum(losses) / work.n if MEAN else sum(losses)), total'''
