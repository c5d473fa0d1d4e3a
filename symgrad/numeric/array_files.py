"""Named arrays from files: .npz, .npy, .safetensors and PyTorch's .pt.  Nothing is unpickled: objects are refused, a .pt
file is read by `torch.load(weights_only=True)`.

What a file says of itself is checked before memory is taken: the size that each header claims against the bytes that
are there, and their sum against `LARGEST`.  bfloat16, float16 and float32 are taken exactly; every failure is one line.
"""

from __future__ import annotations

import math
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from ..errors import ExtraMissing, SymgradError, one_line

__all__ = ["LARGEST", "Arrays", "exact", "read_arrays", "readable"]

Arrays = dict[str, np.ndarray[Any, np.dtype[Any]]]

LARGEST = 4 * 10**9                              # bytes of all the arrays of a file, uncompressed
_INSIDE = ("state_dict", "model_state_dict", "model")
_SAVE = 'save them with numpy.savez("model.npz", w1=…, b1=…, w2=…), w^l of shape (n_l, n_{l-1})'
_KERAS = "save them with numpy.savez(\"model.npz\", *[a.T for a in model.get_weights()])"
_PICKLE = "pickles are never read, " + _SAVE
_HINTS = {".h5": _KERAS, ".hdf5": _KERAS, ".keras": _KERAS, ".pkl": _PICKLE, ".pickle": _PICKLE, ".joblib": _PICKLE}


def readable(path: str | os.PathLike[str]) -> Path:
    """The path of a file that can be read.  SymgradError, one line, when it is none."""
    try:
        found = Path(path)
    except TypeError:
        raise SymgradError(f"a file is named by a text or a Path, got {path!r}") from None
    try:
        if found.is_dir():
            raise SymgradError(f"{str(found)!r} is a folder; name a file in it")
        if not found.is_file():
            raise SymgradError(f"there is no file {str(found)!r}")
        with found.open("rb") as file:
            if not file.read(1):
                raise SymgradError(f"the file {str(found)!r} is empty")
    except (OSError, ValueError) as reason:
        why = reason.strerror if isinstance(reason, OSError) else str(reason)
        raise SymgradError(f"the file {str(found)!r} cannot be read: {why}") from None
    return found


def read_arrays(path: str | os.PathLike[str]) -> Arrays:
    """The arrays of a file by name, in the order of the file; one .npy array has the name "".

    Raises SymgradError, one line, for a file that is missing, damaged, too large or of another format, and
    ExtraMissing when .safetensors or .pt files need a package that is not installed.
    """
    file = readable(path)
    kind = file.suffix.lower()
    readers = {".npz": _npz, ".npy": _npy, ".safetensors": _safetensors, ".pt": _torch, ".pth": _torch}
    if kind not in readers:
        raise SymgradError(f"arrays are read from .npz, .npy, .safetensors and .pt files, not from {file.name!r}: "
                           f"{_HINTS.get(kind, _SAVE)}")
    try:
        return readers[kind](file)
    except (SymgradError, MemoryError):
        raise
    except _DAMAGED as reason:
        words = one_line(str(reason)) or type(reason).__name__
        raise SymgradError(f"{str(file)!r} is no {kind} file of plain number arrays: {words[:200]}") from None


_DAMAGED = (ValueError, OSError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile, KeyError, TypeError, AttributeError,
            NotImplementedError, RuntimeError, SyntaxError, RecursionError, OverflowError, UnicodeError, zlib.error)


def exact(value: Any, what: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """An array as float64 without changing a number: real, finite, integers up to 2^53.  SymgradError otherwise."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub" or array.dtype.itemsize > 8:
        raise SymgradError(f"{what} has dtype {array.dtype}; expected float16, float32, float64 or integers: convert it first, "
                           "so that the rounding is yours")
    if array.dtype.kind in "iu" and array.size and max(abs(int(array.max())), abs(int(array.min()))) > 2**53:
        raise SymgradError(f"{what} holds integers beyond 2^53, which float64 cannot represent: scale them down")
    floats = np.array(array, dtype=np.float64, order="C")
    if not np.isfinite(floats).all():
        where = tuple(int(k) for k in np.argwhere(~np.isfinite(floats))[0])
        raise SymgradError(f"{what} is not finite: entry {where} is {floats[where]}; give finite numbers")
    return floats


# ---------------------------------------------------------------- NumPy

def _npz(file: Path) -> Arrays:
    arrays: Arrays = {}
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        _limit(file, sum(member.file_size for member in members))
        for member in members:
            name = member.filename.removesuffix(".npy")
            if name in arrays:
                raise ValueError(f"the name {name!r} stands in it twice")
            with archive.open(member) as stream:
                arrays[name] = _array(stream, name, member.file_size)
                if stream.read(1):                       # to the end, where the checksum is compared
                    raise ValueError(f"{name!r} is longer than its header says")
    return arrays


def _npy(file: Path) -> Arrays:
    size = file.stat().st_size
    _limit(file, size)
    with file.open("rb") as stream:
        return {"": _array(stream, file.name, size)}


def _array(stream: IO[bytes], name: str, size: int) -> np.ndarray[Any, np.dtype[Any]]:
    """One .npy array of at most `size` bytes; the header is compared with the size before anything is read."""
    form = np.lib.format
    version = form.read_magic(stream)
    reader = {(1, 0): form.read_array_header_1_0, (2, 0): form.read_array_header_2_0}.get(version)
    if reader is None:
        raise ValueError(f"{name!r} has .npy version {version}, expected (1, 0) or (2, 0)")
    shape, fortran, dtype = reader(stream)
    if dtype.hasobject or dtype.kind not in "fiubc":
        raise ValueError(f"{name!r} has dtype {dtype}, which is no number (save bfloat16 as float32; "
                         "objects are never unpickled)")
    if any(extent < 0 for extent in shape) or math.prod(shape) * dtype.itemsize > size:
        raise ValueError(f"{name!r} claims the shape {shape} of {dtype}, but has {size} bytes")
    data = stream.read(math.prod(shape) * dtype.itemsize)
    if len(data) != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{name!r} ends early")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


def _limit(file: Path, size: int) -> None:
    if size > LARGEST:
        raise SymgradError(f"{str(file)!r} holds {size / 1e9:.3g} GB of arrays; at most {LARGEST / 1e9:g} GB are read")


# ---------------------------------------------------------------- extras

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U64": "<u8",
          "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?"}


def _safetensors(file: Path) -> Arrays:
    try:
        from safetensors import SafetensorError, deserialize
    except ImportError:
        raise ExtraMissing("safetensors", "safetensors", "reading .safetensors files") from None
    _limit(file, file.stat().st_size)
    try:
        entries = deserialize(file.read_bytes())
    except SafetensorError as reason:
        raise ValueError(str(reason)) from None
    arrays: Arrays = {}
    for name, entry in sorted(entries):                   # a .safetensors file keeps no order of its own
        shape, kind, data = entry["shape"], entry["dtype"], bytes(entry["data"])
        if kind == "BF16":                                # the upper half of a float32
            arrays[name] = (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4").reshape(shape)
        elif kind in _TYPES:
            arrays[name] = np.frombuffer(data, _TYPES[kind]).reshape(shape)
        else:
            raise ValueError(f"{name!r} has type {kind}: save it as float32")
    return arrays


def _torch(file: Path) -> Arrays:
    try:
        import torch
    except ImportError:
        raise ExtraMissing("torch", "torch", "reading .pt files") from None
    _limit(file, file.stat().st_size)
    try:
        found = torch.load(str(file), map_location="cpu", weights_only=True)
    except Exception as reason:                           # pickle.UnpicklingError and much else, of any class
        why = "holds objects beside tensors" if "eights only" in str(reason) else "is damaged, or was not written by torch.save"
        raise SymgradError(f"{str(file)!r} {why}: save the parameters alone, torch.save(model.state_dict(), FILE)") from None
    for name in _INSIDE:
        if isinstance(found, Mapping) and isinstance(found.get(name), Mapping):
            found = found[name]
    if not isinstance(found, Mapping) or not all(isinstance(one, torch.Tensor) for one in found.values()):
        raise SymgradError(f"{str(file)!r} is no state_dict of tensors: save torch.save(model.state_dict(), FILE)")
    arrays: Arrays = {}
    for name, tensor in found.items():
        if tensor.layout != torch.strided or tensor.is_quantized:
            raise SymgradError(f"{name!r} in {str(file)!r} is sparse or quantized: save it dense, as float32")
        tensor = tensor.detach()
        arrays[str(name)] = (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
    return arrays
