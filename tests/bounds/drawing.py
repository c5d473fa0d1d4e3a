"""Networks from a seed plus adversarial edits: several times faster than drawing arrays, and nastier."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from symgrad.networks.network import Dense
from symgrad.operations.activation import activation, activations

NAMES = list(activations())
UNBOUNDED = {"exponential", "square", "squared_relu", "growing_cosine"}     # of slope: rung (i) is infinite
EDITS = ("none", "tiny", "huge", "zero", "orthogonal", "rank one", "symmetric", "nearly singular", "saturated",
         "one zero row", "mixed scales", "integers", "float32")


def edit(kind, w, rng):
    m, n = w.shape
    if kind == "tiny":
        return w * 10.0 ** -rng.integers(1, 300)
    if kind == "huge":
        return w * 10.0 ** rng.integers(1, 299)
    if kind == "zero":
        return w * 0
    if kind == "orthogonal":
        q = np.linalg.qr(rng.standard_normal((max(m, n), max(m, n))))[0]
        return q[:m, :n]
    if kind == "rank one":
        return np.outer(w[:, 0], w[0])
    if kind == "symmetric":
        k = min(m, n)
        w = w.copy()
        w[:k, :k] = w[:k, :k] + w[:k, :k].T
        return w
    if kind == "nearly singular":
        w = w.copy()
        w[-1] = w[0] * (1 + 2.0**-50)
        return w
    if kind == "saturated":
        return w * 60
    if kind == "one zero row":
        w = w.copy()
        w[rng.integers(m)] = 0
        return w
    if kind == "mixed scales":
        return w * 10.0 ** rng.integers(-150, 150, size=w.shape)
    if kind == "integers":
        return np.round(2 * w)
    return w.astype(np.float32).astype(float) if kind == "float32" else w


def network(seed, edits, depth, width, names=NAMES):
    """A network with its parameters and one example; `edits` is applied layer by layer, in turn."""
    rng = np.random.default_rng(seed)
    widths = tuple(int(n) for n in rng.integers(1, width + 1, depth + 1))
    if rng.random() < 0.4:
        widths = tuple(sorted(widths, reverse=True))            # narrowing, so that lower bounds exist
    found = tuple(activation(names[int(k)]) for k in rng.integers(0, len(names), depth))
    params = {}
    for l in range(1, depth + 1):
        w = rng.standard_normal((widths[l], widths[l - 1])) * rng.choice([1.0, 1 / np.sqrt(widths[l - 1]), 3.0])
        params[f"w{l}"] = edit(edits[l % len(edits)], w, rng)
        params[f"b{l}"] = rng.standard_normal(widths[l]) * rng.choice([0.0, 1.0, 10.0])
    net = Dense(depth, found, False, widths)
    return net, params, rng.standard_normal(widths[0]), rng.standard_normal(widths[-1])


edits = st.lists(st.sampled_from(EDITS), min_size=1, max_size=3)
seeds = st.integers(0, 2**32 - 1)
