"""One table: the loss and all gradients of networks of sigmoids, every contender checked and then timed.

    python -m tests.benchmarks.compare [--dtype float32] [--only "dense 16"] [--slow] [--threads 2]

Contenders take turns within one process, several rounds; the figure is the median of the rounds, as a
ratio to the plain NumPy of `plain.py` in the same rounds: so a busy machine slows both. BLAS runs on one
thread unless asked. --slow adds torch.compile and sympy.lambdify, which take minutes to compile.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["check", "interleaved", "main"]

SLOW = ("torch.compile", "sympy.lambdify")


def check(name: str, found: tuple[Any, list[Any]], expected: tuple[Any, list[Any]], dtype: str) -> None:
    """Refuse a contender whose loss or any gradient is not the reference's."""
    import numpy as np

    tolerance = 1e-9 if dtype == "float64" else 2e-3
    loss, gradients = found
    assert abs(float(loss) - float(expected[0])) <= tolerance * abs(float(expected[0])), (
        f"{name}: loss {loss}"
    )
    assert len(gradients) == len(expected[1]), f"{name}: {len(gradients)} gradients"
    for mine, theirs in zip(gradients, expected[1], strict=True):
        theirs = np.asarray(theirs)
        off = np.max(np.abs(np.asarray(mine) - theirs))
        assert off <= tolerance * np.max(np.abs(theirs)), f"{name}: a gradient is off by {off}"


def interleaved(runs: Sequence[Callable[[], Any]], rounds: int, budget: float) -> list[float]:
    """Median seconds of each run, in rounds that take turns; a turn lasts about `budget` seconds."""
    repeats = []
    for run in runs:
        run()
        start = time.perf_counter()
        run()
        repeats.append(max(1, int(budget / (time.perf_counter() - start))))
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for run, repeat, seen in zip(runs, repeats, times, strict=True):
            start = time.perf_counter()
            for _ in range(repeat):
                run()
            seen.append((time.perf_counter() - start) / repeat)
    return [statistics.median(seen) for seen in times]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dtype", default="float64", choices=("float64", "float32"))
    parser.add_argument("--only", default="", help="rows whose name holds this text")
    parser.add_argument("--slow", action="store_true", help="with torch.compile and sympy.lambdify")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    _one_thread(options.threads)
    from tests.benchmarks.contenders import CONTENDERS, workloads

    names = [name for name in CONTENDERS if options.slow or name not in SLOW]
    print(f"{'':24}{'plain, µs':>12}" + "".join(f"{name:>15}" for name in names[1:]))
    for job in workloads(options.dtype):
        if options.only not in str(job):
            continue
        runs = {name: run for name in names if (run := CONTENDERS[name](job)) is not None}
        expected = runs["plain"]()
        for name, run in runs.items():
            check(name, run(), expected, options.dtype)
        big = job.examples >= 10**5
        seconds = dict(
            zip(runs, interleaved(list(runs.values()), 3 if big else options.rounds, 0.02), strict=True)
        )
        cells = [
            f"{seconds[name] / seconds['plain']:15.3f}" if name in seconds else f"{'–':>15}"
            for name in names[1:]
        ]
        print(f"{job!s:24}{seconds['plain'] * 1e6:12.1f}" + "".join(cells), flush=True)


def _one_thread(count: int) -> None:
    """BLAS reads these before NumPy loads; forced kernels or cache sizes would slow contenders unevenly."""
    if "numpy" in sys.modules:
        raise SystemExit(
            "set the number of threads before NumPy is imported: run as python -m tests.benchmarks.compare"
        )
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = str(count)
    os.environ["XLA_FLAGS"] = "" if count > 1 else "--xla_cpu_multi_thread_eigen=false"
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(name, None)


if __name__ == "__main__":
    main()
