"""What a certified 2-norm costs beside NumPy's singular values, and a ladder beside nothing comparable.

Run with `pytest tests/benchmarks/test_certified_norms.py`; no absolute time is asserted.
"""

from __future__ import annotations

import numpy as np
import pytest

from symgrad.bounds import bounds, norm
from symgrad.networks.network import Dense
from symgrad.operations.activation import activation

A = np.random.default_rng(0).standard_normal((1024, 1024))


@pytest.mark.benchmark(group="spectral norm, n = 1024")
@pytest.mark.parametrize("what", ["upper end", "both ends", "numpy singular values", "numpy full svd"])
def test_spectral_norm(benchmark, what):
    from symgrad.bounds.rounding import scaled
    from symgrad.bounds.spectral import spectral_up

    stack = scaled(A[None], 2)[0]
    calls = {"upper end": lambda: spectral_up(stack), "both ends": lambda: norm(A, 2),
             "numpy singular values": lambda: np.linalg.svd(A, compute_uv=False), "numpy full svd": lambda: np.linalg.svd(A)}
    benchmark.pedantic(calls[what], rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="the ladder, width 64, L = 16, one example")
@pytest.mark.parametrize("lower", [True, False])
def test_ladder(benchmark, lower):
    net = Dense(16, (activation("tanh"),) * 16, True, (64,) * 17)
    rng = np.random.default_rng(0)
    params = {k: rng.standard_normal(s) for k, s in net.parameters.items()}
    x, y = rng.standard_normal(64), rng.standard_normal(64)
    benchmark.pedantic(lambda: bounds(net, params, x, y, lower=lower), rounds=3, warmup_rounds=1)
