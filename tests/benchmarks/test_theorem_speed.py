"""How long theorems take: run with `python -m pytest tests/benchmarks/test_theorem_speed.py`. Nothing is asserted."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

import symgrad as sg
from symgrad.derive.backprop import backprop
from symgrad.derive.chain import chain_gradients
from symgrad.kernel.theorem import replay

FRESH = """
import time
import symgrad.derive.backprop as b, symgrad.derive.chain as c
start = time.perf_counter(); b.backprop(); c.chain_gradients(); print(time.perf_counter() - start)
"""


def fresh(code: str) -> float:
    """The figure that a fresh process prints last."""
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()[-1])


def test_all_theorems_for_symbolic_depth_in_a_fresh_process(benchmark):
    benchmark.extra_info["seconds, proofs alone"] = min(fresh(FRESH) for _ in range(5))
    benchmark.pedantic(fresh, (FRESH,), rounds=1)


def test_replaying_all_of_them(benchmark):
    theorems = [p.theorem for p in (*backprop().values(), *chain_gradients().values())]
    benchmark(lambda: [replay(theorem) for theorem in theorems])


def test_refusing_a_wrong_line(benchmark):
    from symgrad.networks.dense import L, Sigma, delta, l, w, z
    bp2 = backprop()["BP2"]
    wrong = sg.derivation(delta[l]).eq(Sigma(z[l]) @ w[l + 1].T @ delta[l + 1] + delta[l], by=[bp2, sg.algebra])

    def refuse():
        with pytest.raises(sg.ProofError):
            sg.theorem("wrong", wrong, where=(1 <= l, l < L))
    benchmark(refuse)


@pytest.mark.parametrize("depth", [1000, 10_000])
def test_every_gradient_of_a_chain_against_casadi(benchmark, depth):
    def ours():
        table = sg.chain(depth, activation="tanh", input="x", bias=True).recurrences()
        return [table[name] for name in table]

    ours()
    casadi = pytest.importorskip("casadi", reason="the comparison needs casadi")

    def theirs():
        w, b, o = casadi.SX.sym("w", depth), casadi.SX.sym("b", depth), casadi.SX.sym("x")
        for i in range(depth):
            o = casadi.tanh(w[i] * o + b[i])
        gradient = casadi.gradient(o, casadi.vertcat(w, b))
        return [gradient[i] for i in range(2 * depth)]

    ratios = []
    for _ in range(5):
        start = time.perf_counter()
        ours()
        middle = time.perf_counter()
        theirs()
        ratios.append((middle - start) / (time.perf_counter() - middle))
    benchmark.extra_info["median of ours / CasADi, interleaved"] = sorted(ratios)[2]
    benchmark.pedantic(ours, rounds=3)


def test_instances_of_the_theorems_of_a_chain(benchmark):
    table = sg.chain(1000, activation="tanh", input="x", bias=True).recurrences()
    names = list(table)[::20]
    benchmark.pedantic(lambda: [replay(table.theorem(name)) for name in names], rounds=3)


@pytest.mark.parametrize("depth", [4, 100])
def test_a_dense_network(benchmark, depth):
    backprop()
    benchmark(lambda: sg.dense([3] * (depth + 1), activation="sigmoid").derivation("w1"))


@pytest.mark.parametrize("code", ["pass", "import symgrad", "from symgrad.cli import _parser; _parser().format_help()"])
def test_starting(benchmark, code):
    benchmark(lambda: subprocess.run([sys.executable, "-c", code], check=True))
