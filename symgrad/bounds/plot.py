"""The ladder as a picture: norms over layers on a log scale, readable in print without colour.

log10 of the bounds is drawn, not the bounds, so that 1e-5000 has its place.  Needs matplotlib: the extra
"plot".
"""

from __future__ import annotations

import math
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symgrad.bounds.rounding import BoundError
from symgrad.errors import ExtraMissing, nearest

if TYPE_CHECKING:
    from symgrad.bounds.report import Bounds

__all__ = ["plot_bounds"]

# Okabe and Ito's colours, which the colour-blind can tell apart; each curve also has its own dashes and marker
STYLES = {"global": ("#000000", (0, (1, 1)), "s"), "local": ("#E69F00", (0, (5, 1)), "D"),
          "factors": ("#56B4E9", (0, (3, 1, 1, 1)), "^"), "split": ("#009E73", (0, (6, 2)), "v"),
          "window": ("#0072B2", (0, (4, 1, 1, 1, 1, 1)), "P"),
          "product": ("#D55E00", "-", "o"), "ball": ("#CC79A7", "-", "x")}
SYMBOLS = {"delta": r"$\Vert\delta^l\Vert$", "b": r"$\Vert\partial C/\partial b^l\Vert$",
           "w": r"$\Vert\partial C/\partial w^l\Vert$"}
NAMES = {"global": "(i) γ", "local": "(ii) local slopes", "factors": "(iii) factors", "split": "split",
         "window": "windows",         "product": "(iv) whole product", "ball": "ball enclosure"}


def plot_bounds(bounds: Bounds, quantity: str | None = None, path: str | None = None) -> Any:
    """A matplotlib Figure; written to `path` (PDF, SVG or PNG, by its ending) when given, in one step."""
    try:
        from matplotlib.figure import Figure
        from matplotlib.ticker import FuncFormatter, MaxNLocator
    except ImportError:
        raise ExtraMissing("matplotlib", "plot", "a plot of bounds") from None
    table = bounds.table(quantity)
    records = table.records
    layers = [r["layer"] for r in records]
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for kind in bounds.kinds:
        colour, dashes, marker = STYLES[kind]
        axes.plot(layers, [_finite(r[f"log10_{kind}"]) for r in records], color=colour, linestyle=dashes, marker=marker,
                  markersize=4, linewidth=1.3, label=NAMES[kind], markerfacecolor="none")
    truth = [_finite(r["log10_true_upper"]) for r in records]
    axes.plot(layers, truth, color="black", linewidth=2.2, label="true norm", zorder=5)
    lows = [_log(r["lower"]) for r in records]
    bottom, top = axes.get_ylim()
    if any(v > bottom - (top - bottom) for v in lows):              # far below, it would flatten everything else
        axes.set_ylim(bottom - (top - bottom) / 2, top)
        axes.plot(layers, lows, color="#666666", linestyle=":", marker=".", linewidth=1.2, label="lower bound")
    symbol = SYMBOLS[records[0]["quantity"]]
    norm = {"inf": r"$\infty$"}.get(bounds.norm, bounds.norm)
    axes.set_xlabel("layer l")
    axes.set_ylabel(f"{symbol} in the {norm}-norm (log scale)")
    every = ", for every input in the box" if bounds.boxed else ""
    axes.set_title(f"Certified bounds on {symbol}{every}", fontsize=11)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=9))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"$10^{{{v:g}}}$"))
    axes.grid(True, linewidth=0.4, color="#cccccc")
    axes.legend(fontsize=8, ncols=2, frameon=False)
    if path is not None:
        _write(figure, Path(path))
    return figure


def _finite(value: float) -> float:
    return value if math.isfinite(value) else math.nan


def _log(value: float) -> float:
    return math.log10(value) if value > 0 else math.nan


def _write(figure: Any, path: Path) -> None:
    """Whole or not at all: a temporary file beside it, then a rename."""
    known = figure.canvas.get_supported_filetypes()
    if path.suffix.lower().lstrip(".") not in known:
        raise BoundError(f"a plot cannot be written as {path.suffix or 'a file without ending'}: {path}; "
                         f"{nearest(path.suffix.lower().lstrip('.'), ['png', 'pdf', 'svg'])}")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
    except OSError as reason:
        raise BoundError(f"cannot write {path}: {reason.strerror}; give a path in a writable folder") from None
    os.close(handle)
    try:
        figure.savefig(name, dpi=200)
        os.chmod(name, 0o644)                       # mkstemp made it for its owner alone
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
