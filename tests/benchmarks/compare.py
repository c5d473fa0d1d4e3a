"""One table: the loss and all gradients of networks, every contender checked and then timed.

    python -m tests.benchmarks.compare [--dtype float32] [--activation tanh] [--only "dense 16"]
        [--contenders "symgrad,torch"] [--slow] [--wall]

Contenders take short turns within one process, many rounds; a figure is the median over the rounds of the
ratio to the plain NumPy of `plain.py` in the same round. Time is the CPU time of the process, as everything
runs on one thread and other programs shall not count; --wall takes time from the clock, which alone is fair
to "symgrad 2 threads". --slow adds torch.compile and sympy.lambdify, which take minutes to compile. Peers in
the process cost the others some per cent: --contenders symgrad measures alone. The table fits 80 columns.
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
SHORT = {
    "symgrad": "sg",
    "symgrad 2 threads": "2 thr",
    "symgrad numba": "numba",
    "JAX jit": "JAX",
    "torch.compile": "tcomp",
    "autograd": "HIPS",
    "CasADi": "CasAD",
    "sympy.lambdify": "lambd",
}


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


def interleaved(
    runs: Sequence[Callable[[], Any]], seconds: float, clock: Callable[[], float]
) -> list[list[float]]:
    """Seconds of each run in each round; runs take turns of about 5 ms, for `seconds` in all."""
    repeats = []
    for run in runs:
        for _ in range(6):
            run()
        start = time.perf_counter()
        run()
        repeats.append(max(1, int(0.005 / (time.perf_counter() - start))))
    times: list[list[float]] = [[] for _ in runs]
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[0]) < 3:
        for run, repeat, seen in zip(runs, repeats, times, strict=True):
            start = clock()
            for _ in range(repeat):
                run()
            seen.append((clock() - start) / repeat)
    return times


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dtype", default="float64", choices=("float64", "float32"))
    parser.add_argument("--only", default="", help="rows whose name holds this text")
    parser.add_argument("--slow", action="store_true", help="with torch.compile and sympy.lambdify")
    parser.add_argument("--activation", default="sigmoid", choices=("sigmoid", "tanh"))
    parser.add_argument("--contenders", default="", help="only these, with commas between")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each row")
    parser.add_argument("--wall", action="store_true", help="time from the clock, with symgrad's 2 threads")
    options = parser.parse_args(arguments)
    _one_thread()
    _settle_allocator()
    from tests.benchmarks.contenders import CONTENDERS, workloads

    chosen = [name.strip() for name in options.contenders.split(",") if name.strip()] or [
        name
        for name in CONTENDERS
        if (options.slow or name not in SLOW) and (options.wall or name != "symgrad 2 threads")
    ]
    names = ["plain", *(name for name in chosen if name != "plain")]
    clock = time.perf_counter if options.wall else time.process_time
    unknown = set(chosen) - set(CONTENDERS)
    if unknown:
        parser.error(f"no contender {sorted(unknown)[0]!r}; there are: {', '.join(CONTENDERS)}")
    took = "time by the clock" if options.wall else "CPU time"
    print(f"{options.activation}, {options.dtype}, loss and all gradients: {took} as a ratio to plain NumPy")
    print("; ".join(f"{SHORT[name]}: {name}" for name in names if SHORT.get(name, name) not in name))
    print(f"{'':18}{'plain µs':>9}" + "".join(f"{SHORT.get(name, name):>6}" for name in names[1:]))
    for job in workloads(options.dtype, options.activation):
        if options.only not in str(job):
            continue
        runs = {name: run for name in names if (run := CONTENDERS[name](job)) is not None}
        expected = runs["plain"]()
        for name, run in runs.items():
            check(name, run(), expected, options.dtype)
        rounds = dict(zip(runs, interleaved(list(runs.values()), options.seconds, clock), strict=True))
        plain = rounds["plain"]
        cells = []
        for name in names[1:]:
            ratios = [a / b for a, b in zip(rounds.get(name, []), plain, strict=False)]
            cells.append(f"{_three_digits(statistics.median(ratios)) if ratios else '–':>6}")
        print(f"{job!s:18}{_three_digits(statistics.median(plain) * 1e6):>9}" + "".join(cells), flush=True)


def _three_digits(number: float) -> str:
    return f"{number:.3f}" if number < 1 else f"{number:.2f}" if number < 10 else f"{number:.1f}"


def _one_thread() -> None:
    """BLAS reads these before NumPy loads; forced kernels or cache sizes would slow contenders unevenly."""
    if "numpy" in sys.modules:
        raise SystemExit(
            "set the number of threads before NumPy is imported: run as python -m tests.benchmarks.compare"
        )
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(name, None)


def _settle_allocator() -> None:
    """Free one large array: glibc then keeps large arrays for reuse, as it does in a process that has worked
    for a while. Before that every temporary of plain NumPy is fetched from the system and costs twice as much.
    """
    import numpy as np

    np.ones(31 * 2**17)


if __name__ == "__main__":
    main()
