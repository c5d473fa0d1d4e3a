"""Batches of inputs and targets from files: columns of a .csv, .tsv or .npy file, arrays x and y of a .npz or others."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ShapeError, SymgradError, one_line
from ..networks.network import Chain
from .array_files import Arrays, exact, read_arrays, readable

__all__ = ["LARGEST_TEXT", "load_batch", "load_data"]

Floats = np.ndarray[Any, np.dtype[np.float64]]

LARGEST_TEXT = 200_000_000                       # bytes of a text file
_NUMBER = re.compile(r"[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|nan|inf|infinity)", re.IGNORECASE | re.ASCII)


def load_batch(path: str | os.PathLike[str], net: Any, examples: int) -> tuple[Floats | None, Floats | None]:
    """The first examples of a file for a network: x (N, n_0) and y (N, n_L); for a chain (N,), or None where it has none.

    Raises SymgradError and ShapeError for a file that does not fit or lacks targets that the network needs.
    """
    if isinstance(net, Chain):
        has_x, has_y = net.input == "x", net.loss is not None
        if not (has_x or has_y):
            raise SymgradError("this chain has neither an input nor targets, so it takes no data")
        x, y = load_data(path, int(has_x), int(has_y))
        if has_y and y is None:
            raise SymgradError(f"{str(path)!r} has no targets y")
        return (x[:examples, 0] if has_x else None), (None if y is None else y[:examples, 0])
    x, y = load_data(path, net.widths[0], net.widths[-1])
    if y is None:
        raise SymgradError(f"{str(path)!r} has no targets: give a .npz with x and y, or {net.widths[0]} + {net.widths[-1]} "
                           "columns")
    return x[:examples], y[:examples]


def load_data(path: str | os.PathLike[str], inputs: int, outputs: int) -> tuple[Floats, Floats | None]:
    """Inputs x (N, inputs) and targets y (N, outputs), None where the file has none; at least one example.

    .csv, .tsv and .npy files have `inputs` or `inputs + outputs` columns; a first line without a number is a header. Other
    files have arrays "x" and "y". Raises SymgradError and ShapeError, one line each.
    """
    kind = Path(path).suffix.lower()
    if kind in (".csv", ".tsv", ".txt", ".npy"):
        rows = exact(read_arrays(path)[""], repr(str(path))) if kind == ".npy" else _read_text(readable(path))
        if rows.ndim != 2 or rows.shape[1] not in (inputs, inputs + outputs):
            columns = f"{rows.shape[1]} columns" if rows.ndim == 2 else f"shape {rows.shape}"
            raise ShapeError(f"{str(path)!r} has {columns}; expected {inputs} inputs, or {inputs} inputs and {outputs} targets, "
                             "a row")
        x, y = rows[:, :inputs], rows[:, inputs:] if rows.shape[1] > inputs else None
    else:
        arrays = {name.lower(): array for name, array in read_arrays(path).items()}
        if inputs and "x" not in arrays:
            raise SymgradError(f"{str(path)!r} has no array 'x'; it holds {', '.join(list(arrays)[:8]) or 'no arrays'}")
        y = _table(arrays, "y", outputs, path) if outputs and "y" in arrays else None
        x = _table(arrays, "x", inputs, path) if inputs else np.empty((0 if y is None else len(y), 0))
    if len(x) == 0:
        raise SymgradError(f"{str(path)!r} has no examples")
    if y is not None and len(y) != len(x):
        raise ShapeError(f"{str(path)!r} has {len(x)} inputs x and {len(y)} targets y; expected as many of one as of the other")
    return x, y


def _table(arrays: Arrays, name: str, width: int, path: Any) -> Floats:
    """An array of a file as (N, width); one example may be written as (width,), numbers as (N,)."""
    found = exact(arrays[name], f"{name} in {str(path)!r}")
    if found.ndim == 1 and width in (1, found.size):
        return found.reshape(-1, width)
    if found.ndim != 2 or found.shape[1] != width:
        hint = ""
        if found.ndim > 2 and found[0].size == width:
            hint = f": reshape it to (N, {width})"
        elif name == "y" and found.ndim == 1:
            hint = f": labels are written one-hot, numpy.eye({width})[y]"
        raise ShapeError(f"{name} in {str(path)!r} has shape {found.shape}; expected (N, {width}){hint}")
    return found


def _read_text(file: Path) -> Floats:
    if file.stat().st_size > LARGEST_TEXT:
        raise SymgradError(f"{str(file)!r} is larger than {LARGEST_TEXT // 10**6} MB: save it as .npz")
    rows: list[list[float]] = []
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            first = stream.readline(100_000)
            stream.seek(0)
            between = next((sign for sign in ";\t," if sign in first), None)
            lines = map(str.split, stream) if between is None else csv.reader(stream, delimiter=between)
            for number, row in enumerate(lines, 1):
                if row:
                    rows += _numbers(file, number, row, rows)
    except (UnicodeError, csv.Error) as reason:
        raise SymgradError(f"{str(file)!r} is no text of numbers: {one_line(str(reason))}") from None
    if not rows:
        raise SymgradError(f"{str(file)!r} holds no row of numbers")
    return exact(rows, repr(str(file)))


def _numbers(file: Path, number: int, row: list[str], above: list[list[float]]) -> list[list[float]]:
    """One line as numbers; none for a header."""
    cells = [cell.strip() for cell in row]
    right = [_NUMBER.fullmatch(cell) is not None for cell in cells]
    if number == 1 and not any(right):
        return []
    if not all(right):
        wrong = one_line(cells[right.index(False)])[:40]
        raise SymgradError(f"{str(file)!r}, line {number}: {wrong!r} is no number; columns are separated by commas, semicolons, "
                           "tabs or blanks, decimals have a point")
    values = [float(cell) for cell in cells]
    if above and len(values) != len(above[0]):
        raise ShapeError(f"{str(file)!r}, line {number}: {len(values)} numbers, but {len(above[0])} in the lines above")
    return [values]
