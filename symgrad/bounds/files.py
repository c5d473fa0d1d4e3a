"""Weights and data from files: .npz, .safetensors, .csv.  Nothing is unpickled, and every failure is one
line."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symgrad.bounds.rounding import BoundError, Floats, exact_floats
from symgrad.errors import ExtraMissing, ShapeError, nearest

__all__ = ["load_data", "load_parameters"]

LARGEST_DATA = 200_000_000                      # bytes of a data file


def load_parameters(path: str | Path, net: Any) -> dict[str, Floats]:
    """The parameters of `net` from an .npz or .safetensors file, as float64 (float32 and float16 values
    exactly).

    The arrays are named as `net.parameters` names them ("w1", "b1", ...), or as a stack of PyTorch layers
    does ("0.weight", "0.bias", "2.weight", ...), taken in numeric order.  Raises BoundError and ShapeError,
    one line each, and ExtraMissing when safetensors is not installed.
    """
    arrays = _read_arrays(Path(path), "weights")
    shapes = {name: tuple(shape) for name, shape in dict(net.parameters).items()}
    if not set(shapes) & set(arrays):
        arrays = _renamed(arrays, shapes)
    missing = [name for name in shapes if name not in arrays]
    if missing:
        raise BoundError(f"{path} has no array {missing[0]!r}; it holds {_some(arrays)}")
    unknown = [name for name in arrays if name not in shapes]
    if unknown:
        raise BoundError(f"{path} holds {unknown[0]!r}, which the network has not; {nearest(unknown[0], shapes)}")
    found = {}
    for name, shape in shapes.items():
        array = exact_floats(arrays[name], f"{name} in {path}")
        if array.shape != shape:
            turned = "; its transpose fits: store w^l as (n_l, n_{l-1})" if array.shape == shape[::-1] else ""
            raise ShapeError(f"{name} in {path} has shape {array.shape}; expected {shape}{turned}")
        found[name] = array
    return found


def load_data(path: str | Path, net: Any) -> tuple[Floats, Floats | None]:
    """Inputs x (N, n_0) and targets y (N, n_L) from an .npz file with arrays "x" and "y", or a .csv with n_0
    + n_L columns.

    A first line of a .csv that holds a word is taken for a header.  y is None where the file has none.
    """
    path = Path(path)
    n_in, n_out = net.widths[0], net.widths[-1]
    if path.suffix.lower() == ".csv":
        rows = _read_csv(path)
        if rows.shape[1] not in (n_in, n_in + n_out):
            raise ShapeError(f"{path} has {rows.shape[1]} columns; expected {n_in} inputs and {n_out} targets a row")
        return rows[:, :n_in], rows[:, n_in:] if rows.shape[1] > n_in else None
    arrays = _read_arrays(path, "data")
    if "x" not in arrays:
        raise BoundError(f"{path} has no array 'x'; it holds {_some(arrays)}")
    x = exact_floats(arrays["x"], f"x in {path}")
    x = x.reshape(1, -1) if x.ndim == 1 and x.size == n_in else x.reshape(-1, 1) if x.ndim == 1 else x
    if x.ndim != 2 or x.shape[1] != n_in:
        raise ShapeError(f"x in {path} has shape {x.shape}; expected (N, {n_in})")
    return x, exact_floats(arrays["y"], f"y in {path}") if "y" in arrays else None


def _some(arrays: Mapping[str, Any]) -> str:
    names = sorted(arrays)
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "") if names else "no arrays"


def _read_arrays(path: Path, what: str) -> dict[str, NDArray[Any]]:
    if not path.is_file():
        raise BoundError(f"there is no file {path}")
    kind = path.suffix.lower()
    if kind == ".npz":
        try:
            with np.load(path, allow_pickle=False) as archive:
                return {name: archive[name] for name in archive.files}
        except (ValueError, OSError, EOFError, zipfile.BadZipFile, KeyError, TypeError, AttributeError) as reason:
            first = str(reason).splitlines()[0] if str(reason) else type(reason).__name__
            raise BoundError(f"{path} is no .npz of plain number arrays: {first}") from None
    if kind == ".safetensors":
        try:
            from safetensors import SafetensorError
            from safetensors.numpy import load_file
        except ImportError:
            raise ExtraMissing("safetensors", "safetensors", "reading .safetensors files") from None
        try:
            return dict(load_file(str(path)))
        except (SafetensorError, TypeError, KeyError, ValueError, OSError) as reason:
            raise BoundError(f"{path} cannot be read: {str(reason).splitlines()[0]} "
                             "(bfloat16 must be saved as float32)") from None
    raise BoundError(f"{path}: {what} come from .npz or .safetensors files{' or .csv' if what == 'data' else ''}, "
                     f"not from {kind or 'a file without ending'}")


def _renamed(arrays: Mapping[str, NDArray[Any]], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, NDArray[Any]]:
    """PyTorch names in numeric order of their prefixes -> w1, b1, w2, ...; unchanged when they do not look
    like that."""
    def order(name: str) -> list[tuple[int, int | str]]:
        return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", name)]

    prefixes = sorted({name.removesuffix(".weight") for name in arrays if name.endswith(".weight")}, key=order)
    depth = sum(1 for name in shapes if name.startswith("w"))
    if len(prefixes) != depth:
        return dict(arrays)
    new = {}
    for name, array in arrays.items():
        prefix, _, kind = name.rpartition(".")
        letter = {"weight": "w", "bias": "b"}.get(kind)
        new[f"{letter}{prefixes.index(prefix) + 1}" if letter and prefix in prefixes else name] = array
    return new


def _read_csv(path: Path) -> Floats:
    if not path.is_file():
        raise BoundError(f"there is no file {path}")
    if path.stat().st_size > LARGEST_DATA:
        raise BoundError(f"{path} is larger than {LARGEST_DATA // 10**6} MB: save it as .npz")
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            lines = [(number, row) for number, row in enumerate(csv.reader(stream), 1) if row]
    except (UnicodeDecodeError, csv.Error) as reason:
        raise BoundError(f"{path} is no text with commas: {reason}") from None
    rows: list[list[float]] = []
    for position, (number, row) in enumerate(lines):
        try:
            values = [float(cell) for cell in row]
        except ValueError:
            if position == 0:
                continue                        # the header
            raise BoundError(f"{path}, line {number}: {row!r} holds something that is no number") from None
        if rows and len(values) != len(rows[0]):
            raise ShapeError(f"{path}, line {number}: {len(values)} numbers, but {len(rows[0])} in the lines above")
        rows.append(values)
    if not rows:
        raise BoundError(f"{path} holds no row of numbers")
    return exact_floats(rows, str(path), 2)
