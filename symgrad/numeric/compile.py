"""`compile_network`: from a network to an evaluator; `write_module`: to a file that needs NumPy only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from symgrad.errors import SymgradError, nearest
from symgrad.files import write_file
from symgrad.numeric.emit_module import emit_module
from symgrad.numeric.evaluator import Evaluator
from symgrad.numeric.steps import Program, program

__all__ = ["compile_network", "network_source", "write_module"]

BACKENDS = ("numpy", "numba", "jax", "torch")


def compile_network(
    net: Any,
    *,
    dtype: str = "float64",
    batch: int | None = None,
    loss: str = "mean",
    backend: str = "numpy",
    accuracy: str = "full",
    threads: int = 1,
) -> Evaluator:
    """An evaluator of the loss and all gradients of `net`.

    net       a structural network: attributes of Dense (widths, activations) or Chain (depth, input, bias)
    dtype     "float64" or "float32"
    batch     None for any number of examples, or the one number N that calls must have
    loss      "mean": (1/N) Σ ½‖a^L - y‖², "sum": without 1/N
    backend   "numpy", or an extra: "numba", "jax", "torch"
    accuracy  "full": sigmoid, tanh, softplus and their slopes within 4 ulp everywhere; the other activations
              within a relative (80 + 4 z²) 2^-53 in their tails (GELU at z = -30: 1e-13). "fast": tanh' is
              1 - a² with an absolute error of 2e-16, a third of the time saved; all others are as with "full",
              which nothing less accurate was measured to beat
    threads   the most Python threads that share a batch of several blocks; they are used only while that is
              measured to be faster. Keep BLAS on one thread then (OPENBLAS_NUM_THREADS=1)
    Raises SymgradError for an unknown choice, ExtraMissing when the backend is not installed.
    """
    source = network_source(
        net, dtype=dtype, batch=batch, loss=loss, backend=backend, accuracy=accuracy, threads=threads
    )
    return Evaluator(source, backend=backend, batch=batch)


def network_source(
    net: Any,
    *,
    dtype: str = "float64",
    batch: int | None = None,
    loss: str = "mean",
    backend: str = "numpy",
    accuracy: str = "full",
    threads: int = 1,
) -> str:
    """The source that `compile_network` runs."""
    dtype = getattr(dtype, "__name__", None) or str(dtype)                      # numpy.float32, numpy.dtype("float32")
    _choice("dtype", dtype, ("float64", "float32"))
    _choice("loss", loss, ("mean", "sum"))
    _choice("backend", backend, BACKENDS)
    _choice("accuracy", accuracy, ("full", "fast"))
    if batch is not None and (not isinstance(batch, int) or isinstance(batch, bool) or batch < 1):
        raise SymgradError(f"batch is {batch!r}, expected None or a number of examples >= 1")
    if not isinstance(threads, int) or isinstance(threads, bool) or threads < 1:
        raise SymgradError(f"threads is {threads!r}, expected a number of threads >= 1")
    return _emit(program(net), dtype, loss, backend, accuracy, threads)


def write_module(
    net: Any,
    path: str | os.PathLike[str],
    *,
    dtype: str = "float64",
    batch: int | None = None,
    loss: str = "mean",
    backend: str = "numpy",
    accuracy: str = "full",
    threads: int = 1,
) -> Path:
    """Write the evaluator of `net` as a Python module, whole or not at all; running it checks it."""
    source = network_source(
        net, dtype=dtype, batch=batch, loss=loss, backend=backend, accuracy=accuracy, threads=threads
    )
    return write_file(source, path)


def _emit(net: Program, dtype: str, loss: str, backend: str, accuracy: str, threads: int) -> str:
    if backend == "numpy":
        return emit_module(net, dtype=dtype, loss=loss, accuracy=accuracy, threads=threads)
    from symgrad.numeric.backends import emit_backend

    return emit_backend(net, backend, dtype=dtype, loss=loss, threads=threads)


def _choice(name: str, given: Any, known: tuple[str, ...]) -> None:
    if given not in known:
        raise SymgradError(f"{name} is {str(given)[:40]!r}; {nearest(str(given), known)}")
