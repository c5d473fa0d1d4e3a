"""pytest-benchmark over the rows of the table: pytest tests/benchmarks --benchmark-group-by=param:job."""

from __future__ import annotations

import pytest

pytest.importorskip("pytest_benchmark")

from tests.benchmarks.compare import check
from tests.benchmarks.contenders import CONTENDERS, workloads

FAST = [job for job in workloads() if job.examples < 10**5]


@pytest.mark.parametrize("job", FAST, ids=str)
@pytest.mark.parametrize("name", ["plain", "symgrad", "symgrad numba"])
def test_time_of_all_gradients(benchmark, job, name):
    run = CONTENDERS[name](job)
    if run is None:
        pytest.skip(f"{name} is not installed")
    check(name, run(), CONTENDERS["plain"](job)(), "float64")
    benchmark(run)


@pytest.mark.parametrize("depth", [3, 100, 2000, 10_000])
@pytest.mark.parametrize("kind", ["chain", "dense"])
def test_time_of_compiling(benchmark, kind, depth):
    from symgrad.numeric import compile_network
    from tests.benchmarks.contenders import Net, Neurons

    sigmas = ("sigmoid", "tanh") * (depth // 2) + ("sigmoid",) * (depth % 2)
    net = Neurons(depth, sigmas) if kind == "chain" else Net(sigmas, (4,) * (depth + 1))
    benchmark(compile_network, net)
