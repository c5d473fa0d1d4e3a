"""The parameters of a network from a file of arrays, whatever library wrote it; and the widths that a file speaks of.

A name is a layer and a kind: `w1`, `W2`, `0.weight`, `layers.10.linear.bias`, `dense_1/kernel:0`. The layers are put in
order by the numbers in their names (layer2 before layer10). Where names differ in words (`encoder`, `decoder`) only
shapes may tell the order, and only when they leave no choice: nothing is guessed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ShapeError, SymgradError
from ..networks.network import Dense
from .array_files import Arrays, exact, read_arrays

__all__ = ["load_parameters", "widths_in"]

# weight, kernel, w; bias, b: whole words at the end of a name, perhaps with the number of the layer behind them
_KIND = re.compile(r"(?:^|(?<=[^a-z]))(?P<kind>weights?|kernel|w|bias(?:es)?|b)(?P<number>[_.]?\d+)?(?::0)?$", re.IGNORECASE)


@dataclass(frozen=True)
class _Layer:
    name: str                                     # what its arrays have in common, with # for a number
    weight: np.ndarray[Any, np.dtype[Any]]
    bias: np.ndarray[Any, np.dtype[Any]] | None
    written: str                                  # the name of its weights in the file

    @property
    def widths(self) -> tuple[int, int]:
        return self.weight.shape[0], self.weight.shape[1]


def load_parameters(path: str | os.PathLike[str], net: Any) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """The parameters of `net` from an .npz, .safetensors or .pt file, as float64: every number exactly.

    Weights are of shape (n_l, n_{l-1}), as in PyTorch; arrays called `kernel` are (n_{l-1}, n_l), as in Keras and Flax.
    `w1, b1, w2, …`, PyTorch's `0.weight`, Keras' `dense_1/kernel:0` and NumPy's `arr_0, arr_1, …` (w1, b1, w2, b2, …) are
    understood. A file without any bias means b^l = 0. For a chain: `w` of shape (L,), `b` where it has biases.
    Raises SymgradError and ShapeError, one line each, and ExtraMissing when a format needs a package.
    """
    arrays = read_arrays(path)
    shapes = {name: tuple(shape) for name, shape in dict(net.parameters).items()}
    if isinstance(net, Dense):
        arrays = _named(_in_order(_layers(arrays, path), path, net.widths), path)
    elif set(arrays) == {""} and len(shapes) == 1:
        arrays = {next(iter(shapes)): arrays[""]}
    else:
        arrays = {name.lower(): array for name, array in arrays.items()}
    for name in shapes:
        if name not in arrays:
            raise SymgradError(f"{str(path)!r} has no array {name!r}; it holds {_some(arrays)}")
    for name in arrays:
        if name not in shapes:
            raise SymgradError(f"{str(path)!r} holds {name!r}, which the network has not; it has {_some(shapes)}")
    found = {}
    for name, shape in shapes.items():
        array = exact(arrays[name], f"{name} in {str(path)!r}")
        if array.shape != shape:
            turned = "; its transpose fits: store w^l as (n_l, n_{l-1})" if array.shape == shape[::-1] else ""
            raise ShapeError(f"{name} in {str(path)!r} has shape {array.shape}; expected {shape}{turned}")
        found[name] = array
    return found


def widths_in(path: str | os.PathLike[str]) -> list[int]:
    """The widths n_0, …, n_L of the dense network whose parameters a file holds.

    Raises SymgradError when the arrays are no such parameters, or their names leave the order of the layers open.
    """
    layers = _in_order(_layers(read_arrays(path), path), path, None)
    widths = [layers[0].widths[1]]
    for layer in layers:
        if layer.widths[1] != widths[-1]:
            turned = "; the transposes fit: store w^l as (n_l, n_{l-1})" if all(
                one.widths[0] == two.widths[1] for one, two in zip(layers[1:], layers, strict=False)) else ""
            raise ShapeError(f"{layer.written!r} in {str(path)!r} has shape {layer.widths}, after a layer of width "
                             f"{widths[-1]}{turned}")
        widths.append(layer.widths[0])
    return widths


def _layers(arrays: Arrays, path: Any) -> list[_Layer]:
    """The arrays of a file, two and two: weights and bias of a layer."""
    if "" in arrays:
        raise SymgradError(f"{str(path)!r} holds one array without a name; save all of them with numpy.savez(FILE, w1=…, b1=…)")
    if arrays and all(re.fullmatch(r"arr_\d+", name) for name in arrays):
        arrays = _positional(arrays, path)
    weights: dict[str, tuple[str, Any]] = {}
    biases: dict[str, tuple[str, Any]] = {}
    for name, array in arrays.items():
        match = _KIND.search(name)
        if match is None:
            raise SymgradError(f"{name!r} in {str(path)!r} is neither the weights nor the bias of a layer; expected names such "
                               f"as w1, b1 or 0.weight, 0.bias; it holds {_some(arrays)}")
        layer = name[:match.start()] + (match["number"] or "")
        kept = weights if match["kind"][0] in "wWkK" else biases
        if layer in kept:
            raise SymgradError(f"{kept[layer][0]!r} and {name!r} in {str(path)!r} name the same array")
        if kept is weights and array.ndim != 2:
            raise ShapeError(f"{name} in {str(path)!r} has shape {array.shape}; the weights of a dense layer are a matrix "
                             "(n_l, n_{l-1})")
        kept[layer] = name, array.T if match["kind"].lower() == "kernel" else array
    for layer, (name, _) in biases.items():
        if layer not in weights:
            raise SymgradError(f"{str(path)!r} has {name!r} but no weights of that layer; it holds {_some(arrays)}")
    return [_Layer(layer, array, biases[layer][1] if layer in biases else None, name)
            for layer, (name, array) in weights.items()]


def _positional(arrays: Arrays, path: Any) -> Arrays:
    """np.savez("model.npz", w1, b1, w2, b2, …): a matrix begins a layer, a vector behind it is its bias."""
    named: Arrays = {}
    layer = 0
    for position in range(len(arrays)):
        array = arrays.get(f"arr_{position}", np.zeros(()))
        layer += array.ndim == 2
        name = f"{'b' if array.ndim == 1 else 'w'}{layer}"
        if array.ndim not in (1, 2) or layer == 0 or name in named:
            raise SymgradError(f"the arrays in {str(path)!r} have no names and are not w1, b1, w2, b2, …: arr_{position} has "
                               f"shape {array.shape}; save them with numpy.savez(FILE, w1=…, b1=…)")
        named[name] = array
    return named


def _in_order(layers: list[_Layer], path: Any, widths: tuple[int, ...] | None) -> list[_Layer]:
    """The layers from the first to the last, by the numbers in their names or, where they are words, by their shapes."""
    if not layers:
        raise SymgradError(f"{str(path)!r} holds no arrays")
    words = {re.sub(r"[_.\-]?\d+", "", layer.name) for layer in layers}
    numbers = [tuple(map(int, re.findall(r"\d+", layer.name))) for layer in layers]
    if len(words) == 1 and len(set(numbers)) == len(layers):
        return [layers[k] for k in sorted(range(len(layers)), key=numbers.__getitem__)]
    steps = [] if widths is None else list(zip(widths[1:], widths, strict=False))
    if len(set(steps)) == len(steps) == len(layers) and {layer.widths for layer in layers} == set(steps):
        return sorted(layers, key=lambda layer: steps.index(layer.widths))
    names = ", ".join(repr(layer.written) for layer in layers[:4])
    wanted = "" if widths is None else f" for the widths {', '.join(map(str, widths))}"
    raise SymgradError(f"names and shapes in {str(path)!r} leave the order of the layers open{wanted} ({names}): name the "
                       "arrays w1, b1, w2, b2, …")


def _named(layers: list[_Layer], path: Any) -> Arrays:
    """w1, b1, w2, …; without any bias in the file, zeros."""
    with_bias = [layer for layer in layers if layer.bias is not None]
    if with_bias and len(with_bias) < len(layers):
        lacking = next(layer for layer in layers if layer.bias is None)
        raise SymgradError(f"{str(path)!r} has no bias beside {lacking.written!r}, but one beside {with_bias[0].written!r}: add "
                           "zeros for a layer without bias")
    named: Arrays = {}
    for number, layer in enumerate(layers, 1):
        named[f"w{number}"] = layer.weight
        named[f"b{number}"] = np.zeros(layer.widths[0]) if layer.bias is None else layer.bias
    return named


def _some(names: Mapping[str, Any]) -> str:
    known = list(names)
    return ", ".join(known[:8]) + (", …" if len(known) > 8 else "") if known else "no arrays"
