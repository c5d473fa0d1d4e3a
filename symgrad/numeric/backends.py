"""The optional backends: the same program printed for numba, JAX or PyTorch. Each is an extra of the
package.
"""

from __future__ import annotations

from importlib.util import find_spec

from symgrad.errors import ExtraMissing, SymgradError
from symgrad.numeric.steps import Program

__all__ = ["emit_backend"]


def emit_backend(program: Program, backend: str, *, dtype: str, loss: str, threads: int = 1) -> str:
    """The source for a backend. Raises ExtraMissing when its package is not installed."""
    if find_spec(backend) is None:
        raise ExtraMissing(backend, backend, f'backend="{backend}"')
    if not program.loss.plain:
        raise SymgradError(f'the loss {program.loss.name!r} has code for backend="numpy" only')
    if backend == "numba":
        from symgrad.numeric.emit_numba import emit_numba

        return emit_numba(program, dtype=dtype, loss=loss, threads=threads)
    from symgrad.numeric.emit_functional import emit_functional

    return emit_functional(program, backend, dtype=dtype, loss=loss)
