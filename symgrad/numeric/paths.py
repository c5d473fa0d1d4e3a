"""The paths of gradient descent and of Adagrad, as arrays, and their picture over the contours of a function.

    p_{k+1} = p_k − η g_k          Adagrad: p_{k+1} = p_k − η g_k / √(g_0² + … + g_k²), entry by entry

with g_k the gradient at p_k (Duchi, Hazan, Singer, JMLR 12, 2011, without damping: 0/0 is 0, as everywhere in symgrad).
The roots are kept as lengths, so that squares neither under- nor overflow.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ExtraMissing, ShapeError, SymgradError

__all__ = ["adagrad_path", "descent_path", "draw_paths", "steps_until"]

Floats = NDArray[np.float64]
Gradient = Callable[[Floats], ArrayLike]


def descent_path(gradient: Gradient, start: ArrayLike, rate: float, steps: int) -> Floats:
    """The iterates of gradient descent, an array (steps + 1, d), the start first.

    gradient takes and returns an array (d,). Raises SymgradError when an iterate is not finite, naming the step.

    >>> descent_path(lambda w: 2 * w, [1.0], 0.25, 3)[:, 0].tolist()
    [1.0, 0.5, 0.25, 0.125]
    """
    return _path(gradient, start, steps, lambda g: rate * g)


def adagrad_path(gradient: Gradient, start: ArrayLike, rate: float, steps: int) -> Floats:
    """The iterates of Adagrad, an array (steps + 1, d), the start first.

    >>> adagrad_path(lambda w: 2 * w, [4.0], 0.5, 1)[:, 0].tolist()
    [4.0, 3.5]
    """
    roots: Floats | float = 0.0

    def step(g: Floats) -> Floats:
        nonlocal roots
        roots = np.hypot(roots, g)
        return rate * np.divide(g, roots, out=np.zeros_like(g), where=roots != 0)

    return _path(gradient, start, steps, step)


def _path(gradient: Gradient, start: ArrayLike, steps: int, step: Callable[[Floats], Floats]) -> Floats:
    if not isinstance(steps, int) or isinstance(steps, bool) or steps < 0:
        raise SymgradError(f"the number of steps is {steps!r}, expected an integer >= 0")
    here = np.array(start, dtype=np.float64)
    if here.ndim != 1:
        raise ShapeError(f"the start is an array of shape {here.shape}, expected one coordinate after the other: (d,)")
    path = [here]
    for number in range(1, steps + 1):
        g = np.asarray(gradient(here), dtype=np.float64)
        if g.shape != here.shape:
            raise ShapeError(f"the gradient has the shape {g.shape}, the point {here.shape}")
        here = here - step(g)
        if not np.all(np.isfinite(here)):
            raise SymgradError(f"step {number} leads to {here.tolist()}: the rate is too large for this function")
        path.append(here)
    return np.array(path)


def steps_until(path: Floats, reached: Callable[[Floats], Any]) -> int | None:
    """The first step at which `reached(point)` is true; None when it never is."""
    return next((k for k, point in enumerate(path) if reached(point)), None)


def draw_paths(function: Callable[[Floats, Floats], ArrayLike], paths: Mapping[str, Floats],
               file: str | os.PathLike[str], *, levels: int = 20, minimum: Sequence[float] = (0.0, 0.0)) -> Path:
    """Draw paths in the plane over the contours of a function of two coordinates; the format follows the file's ending.

    function takes two arrays. Raises SymgradError for a path that is not in the plane, ExtraMissing without matplotlib.
    """
    for name, path in paths.items():
        if path.ndim != 2 or path.shape[1] != 2:
            raise SymgradError(f"the path {name!r} has the shape {path.shape}, expected (steps + 1, 2)")
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise ExtraMissing("matplotlib", "plot", "drawing a path") from None
    everything = np.vstack([*paths.values(), np.array([minimum], dtype=np.float64)])
    low, high = everything.min(axis=0), everything.max(axis=0)
    room = 0.08 * np.maximum(high - low, 1e-12)
    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    x, y = np.meshgrid(*(np.linspace(a, b, 161) for a, b in zip(low - room, high + room, strict=True)))
    axes.contour(x, y, np.asarray(function(x, y)), levels=levels, linewidths=0.6, colors="0.7")
    for name, path in paths.items():
        axes.plot(path[:, 0], path[:, 1], marker=".", markersize=3, linewidth=1, label=name)
    axes.plot(*minimum, marker="+", color="black", linestyle="none", label="minimum")
    axes.set_xlabel("$w_1$")
    axes.set_ylabel("$w_2$")
    axes.legend()
    target = Path(file)
    partial = target.with_name(f".{target.stem}.partial{target.suffix}")
    try:
        figure.savefig(partial, dpi=150)
        os.replace(partial, target)
    except (OSError, ValueError) as error:
        raise SymgradError(f"cannot draw to {str(target)!r}: {error}") from None
    finally:
        partial.unlink(missing_ok=True)
    return target
