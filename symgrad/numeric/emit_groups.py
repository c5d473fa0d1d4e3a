"""The text that hands out workspaces, and that works through a batch of many blocks.

A pool keeps workspaces for the next call; no two threads get the same one. The blocks of a batch form groups, one
for each thread; the groups are the same whether they run side by side or not, and so are the sums.
"""

from __future__ import annotations

__all__ = ["GROUPS"]

GROUPS = '''POOL = defaultdict(list)  # free workspaces, by number of examples
GROUPS_POOL = defaultdict(list)
KEPT_BYTES = 1 << 25  # copies of x and y up to this size stay for the next call


def workspace(n):
    """A workspace for n examples that no living result refers to."""
    try:
        work = POOL[n].pop()  # no two threads get the same one
        if getrefcount(work) == ALONE:
            return work
        POOL[n].append(work)
    except IndexError:
        pass
    if len(POOL) > 8:
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
        size = min(BLOCK, -(-size // 32) * 32)
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
    loss, total, before = 0.0, group.total, None
    for lo, hi, block in group.blocks:
        if block is not before:
            parameters, before = prepare(block, values), block
        loss += run_block(sweep, block, parameters, x[lo:hi], y[lo:hi], scale, total)
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
