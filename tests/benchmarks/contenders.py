"""Every way to the same numbers: symgrad's backends and its peers, each as a function without arguments.

A contender returns (loss, list of gradients in the order w1, b1, … or w, b). Peers get what suits them
best: data in their own arrays beforehand, compiled once, batched natively. One that is not installed, or
that does not suit a workload, is None, and the table shows a dash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from tests.benchmarks.plain import plain_chain, plain_dense, plain_tanh_chain, plain_tanh_dense

__all__ = ["CONTENDERS", "Workload", "workloads"]

Run = Callable[[], tuple[Any, list[Any]]]


@dataclass(frozen=True)
class Workload:
    """A network of one activation and a batch: kind, width (dense), depth, examples."""

    kind: str
    width: int
    depth: int
    examples: int
    dtype: str = "float64"
    activation: str = "sigmoid"

    def __str__(self) -> str:
        shape = f"chain {self.depth}" if self.kind == "chain" else f"dense {self.width}×{self.depth}"
        return f"{shape} N={self.examples}"

    def data(self) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray, np.ndarray]:
        """Weights, biases, x, y; for the chain one array each of shape (L,)."""
        rng = np.random.default_rng(1)
        if self.kind == "chain":
            ws, bs = [rng.normal(size=self.depth)], [rng.normal(size=self.depth)]
            x, y = rng.normal(size=self.examples), rng.random(self.examples)
        else:
            n = self.width
            ws = [rng.normal(size=(n, n)) / n**0.5 for _ in range(self.depth)]
            bs = [rng.normal(size=n) for _ in range(self.depth)]
            x, y = rng.normal(size=(self.examples, n)), rng.random((self.examples, n))
        cast = lambda a: a.astype(self.dtype)
        return [cast(w) for w in ws], [cast(b) for b in bs], cast(x), cast(y)


@dataclass(frozen=True)
class Net:
    activations: tuple[str, ...]
    widths: tuple[int, ...]


@dataclass(frozen=True)
class Neurons:
    depth: int
    activations: tuple[str, ...]
    input: str = "x"
    bias: bool = True
    loss: str = "half-squared-error"


def workloads(dtype: str = "float64", activation: str = "sigmoid") -> list[Workload]:
    """The rows of the table."""
    chains = [Workload("chain", 1, 20, n, dtype, activation) for n in (1, 10**4, 10**6)]
    dense = [
        Workload("dense", n, depth, N, dtype, activation)
        for n, depth in ((16, 3), (64, 8), (256, 3))
        for N in (1, 32, 1024)
    ]
    return chains + dense


def plain(job: Workload) -> Run:
    ws, bs, x, y = job.data()
    chain, dense = (
        (plain_tanh_chain, plain_tanh_dense) if job.activation == "tanh" else (plain_chain, plain_dense)
    )
    if job.kind == "chain":

        def run() -> Any:
            loss, gw, gb = chain(ws[0], bs[0], x, y)
            return loss, [gw, gb]
    else:

        def run() -> Any:
            loss, gws, gbs = dense(ws, bs, x, y)
            return loss, [g for pair in zip(gws, gbs, strict=True) for g in pair]

    return run


def symgrad(job: Workload, backend: str = "numpy", threads: int = 1) -> Run | None:
    from symgrad.numeric import compile_network

    if backend != "numpy" and find_spec(backend) is None:
        return None
    names = (job.activation,) * job.depth
    net = Neurons(job.depth, names) if job.kind == "chain" else Net(names, (job.width,) * (job.depth + 1))
    f = compile_network(net, dtype=job.dtype, backend=backend, threads=threads)
    ws, bs, x, y = job.data()
    if job.kind == "chain":
        params = {"w": ws[0], "b": bs[0]}
    else:
        params = {f"{k}{l + 1}": v for l in range(job.depth) for k, v in (("w", ws[l]), ("b", bs[l]))}

    def run() -> Any:
        result = f(params, x, y)
        return result.loss, list(result.gradients.values())

    return run


def _loss(job: Workload, sigmoid: Callable[[Any], Any], values: list[Any], x: Any, y: Any) -> Any:
    """The cost in the operators every array library shares."""
    a = x
    if job.kind == "chain":
        for l in range(job.depth):
            a = sigmoid(values[0][l] * a + values[1][l])
    else:
        for l in range(job.depth):
            a = sigmoid(a @ values[2 * l].T + values[2 * l + 1])
    r = a - y
    return 0.5 * (r * r).sum() / x.shape[0]


def _values(job: Workload, convert: Callable[[np.ndarray], Any]) -> tuple[list[Any], Any, Any]:
    ws, bs, x, y = job.data()
    values = [ws[0], bs[0]] if job.kind == "chain" else [v for pair in zip(ws, bs, strict=True) for v in pair]
    return [convert(v) for v in values], convert(x), convert(y)


def jax_jit(job: Workload) -> Run | None:
    if find_spec("jax") is None:
        return None
    import jax

    jax.config.update("jax_enable_x64", True)
    values, x, y = _values(job, jax.numpy.asarray)
    sigma = jax.numpy.tanh if job.activation == "tanh" else jax.nn.sigmoid
    compiled = jax.jit(jax.value_and_grad(lambda v, x, y: _loss(job, sigma, v, x, y)))

    def run() -> Any:
        loss, gradients = jax.block_until_ready(compiled(values, x, y))
        return loss, gradients

    return run


def torch_eager(job: Workload, compile_it: bool = False) -> Run | None:
    if find_spec("torch") is None:
        return None
    import torch

    torch.set_num_threads(1)
    values, x, y = _values(job, lambda a: torch.tensor(a))
    for v in values:
        v.requires_grad_()
    cost = lambda *v: _loss(job, getattr(torch, job.activation), list(v), x, y)
    if compile_it:
        cost = torch.compile(cost)

    def run() -> Any:
        loss = cost(*values)
        return loss.detach(), list(torch.autograd.grad(loss, values))

    return run


def torch_compile(job: Workload) -> Run | None:
    return torch_eager(job, True)


def autograd(job: Workload) -> Run | None:
    if find_spec("autograd") is None:
        return None
    import autograd.numpy as anp
    from autograd import value_and_grad

    values, x, y = _values(job, lambda a: a)
    sigma = anp.tanh if job.activation == "tanh" else lambda z: 1 / (1 + anp.exp(-z))
    both = value_and_grad(lambda v: _loss(job, sigma, v, x, y))
    return lambda: both(values)


def casadi(job: Workload) -> Run | None:
    """CasADi works on single numbers in expression graphs: one example, small layers."""
    if find_spec("casadi") is None or job.examples > 1 or job.width > 64 or job.dtype != "float64":
        return None
    import casadi as ca

    values, x, y = _values(job, np.asarray)
    symbols = [ca.MX.sym(f"p{k}", *(v.shape if v.ndim > 1 else (v.size, 1))) for k, v in enumerate(values)]
    a, target = ca.DM(np.ravel(x)), ca.DM(np.ravel(y))
    for l in range(job.depth):
        z = (
            symbols[0][l] * a + symbols[1][l]
            if job.kind == "chain"
            else symbols[2 * l] @ a + symbols[2 * l + 1]
        )
        a = ca.tanh(z) if job.activation == "tanh" else 1 / (1 + ca.exp(-z))
    cost = ca.sumsqr(a - target) / 2
    f = ca.Function("f", symbols, [cost, *(ca.gradient(cost, s) for s in symbols)])

    def run() -> Any:
        loss, *gradients = f(*values)
        return float(loss), [np.asarray(g).reshape(v.shape) for g, v in zip(gradients, values, strict=True)]

    return run


def sympy_lambdify(job: Workload) -> Run | None:
    """The nested expression through sympy.lambdify, SymPy's own derivative: only for the chain (10 s)."""
    if job.kind != "chain" or job.dtype != "float64":
        return None
    import sympy as sp

    ws, bs, x, y = job.data()
    w, b = sp.symbols(f"w0:{job.depth}"), sp.symbols(f"b0:{job.depth}")
    X, Y = sp.symbols("x y")
    a = X
    for wl, bl in zip(w, b, strict=True):
        z = wl * a + bl
        a = sp.tanh(z) if job.activation == "tanh" else 1 / (1 + sp.exp(-z))
    cost = (a - Y) ** 2 / 2
    f = sp.lambdify([*w, *b, X, Y], [cost, *(sp.diff(cost, v) for v in (*w, *b))], "numpy", cse=True)

    def run() -> Any:
        loss, *gradients = f(*ws[0], *bs[0], x, y)
        means = np.array([np.mean(g) for g in gradients])
        return np.mean(loss), [means[: job.depth], means[job.depth :]]

    return run


CONTENDERS: dict[str, Callable[[Workload], Run | None]] = {
    "plain": plain,
    "symgrad": symgrad,
    "symgrad 2 threads": lambda job: symgrad(job, threads=2) if job.examples >= 1024 else None,
    "symgrad numba": lambda job: symgrad(job, "numba"),
    "JAX jit": jax_jit,
    "torch": torch_eager,
    "torch.compile": torch_compile,
    "autograd": autograd,
    "CasADi": casadi,
    "sympy.lambdify": sympy_lambdify,
}
