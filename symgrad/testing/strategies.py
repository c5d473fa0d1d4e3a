"""Hypothesis strategies for networks, parameters and data, adversarial on purpose.

Arrays are not drawn number by number: a seed and a few edits are, which is several times faster and still shrinks,
towards depth 1, width 1, weights of small integers and no edits. The edits are what breaks gradient code: zero
matrices, repeated and zero rows, rank one, symmetric and orthogonal matrices, tiny and huge scales, saturated units.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..front import ChainNetwork, DenseNetwork, chain, dense
from ..networks.network import Dense

__all__ = ["activations", "batches", "networks", "parameters", "states"]

Array = np.ndarray[Any, np.dtype[Any]]
Net = DenseNetwork | ChainNetwork

_COMMON = ("sigmoid", "tanh", "softplus", "identity", "arctan", "relu")


def activations(smooth: bool = True) -> st.SearchStrategy[str]:
    """Names of activations: common ones first, then the whole catalogue; with `smooth`, those without kinks."""
    names = _names(smooth)
    common = [name for name in _COMMON if name in names]
    return st.one_of(st.sampled_from(common), st.sampled_from([name for name in names if name not in common]))


@cache
def _names(smooth: bool) -> tuple[str, ...]:
    """The catalogue; every record is read here, so that drawing one is quick from the first example on."""
    from ..operations.activation import activation
    from ..operations.activation import activations as catalogue
    return tuple(name for name in catalogue() if activation(name).smooth or not smooth)


def networks(*, kind: str | None = "dense", max_depth: int = 4, max_width: int = 5,
             activation: st.SearchStrategy[str] | None = None, smooth: bool = True) -> st.SearchStrategy[Net]:
    """Networks of concrete shape: "dense", "chain", or either (None); square layers on purpose.

    >>> networks(max_depth=2).example().depth <= 2                                  # doctest: +SKIP
    True
    """
    names = activation if activation is not None else activations(smooth)

    @st.composite
    def draw_dense(draw: st.DrawFn) -> DenseNetwork:
        depth = draw(st.integers(1, max_depth))
        if draw(st.booleans()):
            widths = [draw(st.integers(1, max_width))] * (depth + 1)
        else:
            widths = draw(st.lists(st.integers(1, max_width), min_size=depth + 1, max_size=depth + 1))
        one = draw(names)
        return dense(widths, one if draw(st.booleans()) else [one, *(draw(names) for _ in range(depth - 1))])

    @st.composite
    def draw_chain(draw: st.DrawFn) -> ChainNetwork:
        return chain(draw(st.integers(1, max_depth)), draw(names), input=draw(st.sampled_from(("x", "none"))),
                     bias=draw(st.booleans()), loss=draw(st.sampled_from((None, "half-squared-error"))))

    both: dict[str, st.SearchStrategy[Any]] = {"dense": draw_dense(), "chain": draw_chain()}
    return both[kind] if kind is not None else st.one_of(both["dense"], both["chain"])


def parameters(net: Net, *, scales: Sequence[float] = (1.0, 1e-6, 1e3),
               max_edits: int = 2) -> st.SearchStrategy[dict[str, Array]]:
    """Parameters of a network, `{"w1": …, "b1": …}`: small integers first, then a scale and adversarial edits."""
    names = list(net.parameters)
    edit = st.tuples(st.sampled_from(names), st.sampled_from(sorted(_EDITS)))

    def build(seed: int, integers: bool, scale: float, edits: list[tuple[str, str]]) -> dict[str, Array]:
        rng = np.random.default_rng(seed)
        drawn: dict[str, Array] = {}
        for name, shape in net.parameters.items():
            drawn[name] = rng.integers(-2, 3, shape).astype(float) if integers else rng.normal(size=shape)
            drawn[name] *= scale if name.startswith("w") else 1.0
        for name, what in edits:
            drawn[name] = np.ascontiguousarray(_EDITS[what](drawn[name], rng))
        return drawn

    return st.builds(build, st.integers(0, 2**20), st.booleans().map(lambda b: not b), st.sampled_from(tuple(scales)),
                     st.lists(edit, max_size=max_edits))


def batches(net: Net, *, max_examples: int = 4) -> st.SearchStrategy[tuple[Any, Any]]:
    """Inputs and targets (x, y) as `net.compile()` takes them: (N, n_0) and (N, n_L); (N,) or None for a chain."""
    def build(seed: int, count: int, integers: bool) -> tuple[Any, Any]:
        rng = np.random.default_rng(seed)

        def numbers(shape: tuple[int, ...]) -> Array:
            return rng.integers(-2, 3, shape).astype(float) if integers else rng.normal(size=shape)

        if isinstance(net, Dense):
            assert net.widths is not None
            return numbers((count, net.widths[0])), numbers((count, net.widths[-1]))
        if net.input == "none":
            count = 1
        return (numbers((count,)) if net.input == "x" else None), (numbers((count,)) if net.loss else None)

    return st.builds(build, st.integers(0, 2**20), st.integers(1, max_examples), st.booleans().map(lambda b: not b))


def states(net: Net, **options: Any) -> st.SearchStrategy[tuple[dict[str, Array], Any, Any]]:
    """Parameters, inputs and targets together: (params, x, y)."""
    return st.tuples(parameters(net, **options), batches(net)).map(lambda pair: (pair[0], *pair[1]))


# ---------------------------------------------------------------- adversarial edits

def _orthogonal(w: Array, rng: np.random.Generator) -> Array:
    if w.ndim < 2:
        return w
    side = max(w.shape)
    return np.linalg.qr(rng.normal(size=(side, side)))[0][:w.shape[0], :w.shape[1]]


def _rank_one(w: Array, rng: np.random.Generator) -> Array:
    return np.outer(rng.normal(size=w.shape[0]), rng.normal(size=w.shape[1])) if w.ndim == 2 else w


def _symmetric(w: Array, rng: np.random.Generator) -> Array:
    return w + w.T if w.ndim == 2 and w.shape[0] == w.shape[1] else w


def _zero_row(w: Array, rng: np.random.Generator) -> Array:
    w = w.copy()
    w[rng.integers(len(w)) if len(w) else slice(0)] = 0.0
    return w


def _repeated_row(w: Array, rng: np.random.Generator) -> Array:
    w = w.copy()
    w[:] = w[rng.integers(len(w))] if len(w) else w
    return w


_EDITS: dict[str, Callable[[Array, np.random.Generator], Array]] = {
    "zero": lambda w, rng: w * 0.0,
    "zero row": _zero_row,
    "repeated row": _repeated_row,
    "rank one": _rank_one,
    "symmetric": _symmetric,
    "orthogonal": _orthogonal,
    "tiny": lambda w, rng: w * 1e-8,
    "saturating": lambda w, rng: w * 40.0,
}
