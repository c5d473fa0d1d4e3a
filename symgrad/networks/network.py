"""What a network is, as data: widths, activations, loss. No mathematics is done here.

A `Dense` or `Chain` is symbolic in its depth (`depth is None`) or concrete. Activations may be left abstract (None):
then there are theorems, but nothing to evaluate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ShapeError, SymgradError, nearest

if TYPE_CHECKING:
    from ..operations.activation import Activation

__all__ = ["LOSSES", "Chain", "Dense", "Structure", "activations_of", "widths_of"]

#: the losses by name; C = ½‖a^L − y‖² for one example
LOSSES = ("half-squared-error",)


@dataclass(frozen=True)
class Structure:
    """What dense networks and chains share."""

    depth: int | None
    activations: tuple[Activation, ...] | None
    one_activation: bool

    @property
    def parameters(self) -> dict[str, tuple[int, ...]]:
        """Each parameter's shape, by name, in order."""
        raise NotImplementedError

    def need_numbers(self, purpose: str) -> None:
        """Raise SymgradError unless depth, widths and activations are concrete."""
        if self.depth is None:
            raise SymgradError(f"{purpose} needs a concrete network, this one has symbolic depth: "
                               "give widths such as [64, 30, 10] or a number of layers")
        if self.activations is None:
            raise SymgradError(f"{purpose} needs an activation, this network has an abstract σ: "
                               "give activation='sigmoid' or another name")


@dataclass(frozen=True)
class Dense(Structure):
    """z^l = w^l a^{l-1} + b^l, a^l = σ_l(z^l), a^0 = x; widths n_0, …, n_L."""

    widths: tuple[int, ...] | None
    loss: str | None = "half-squared-error"

    @property
    def parameters(self) -> dict[str, tuple[int, ...]]:
        """{"w1": (n_1, n_0), "b1": (n_1,), …}."""
        self.need_numbers_of_layers()
        assert self.widths is not None
        shapes: dict[str, tuple[int, ...]] = {}
        for layer, (below, here) in enumerate(zip(self.widths, self.widths[1:], strict=False), 1):
            shapes[f"w{layer}"] = (here, below)
            shapes[f"b{layer}"] = (here,)
        return shapes

    def need_numbers_of_layers(self) -> None:
        if self.widths is None:
            raise SymgradError("a network of symbolic depth has no list of parameters: give widths such as [64, 30, 10]")


@dataclass(frozen=True)
class Chain(Structure):
    """o_i = σ_i(w_i o_{i-1} + b_i), from o_1 = w_1 (input "none") or o_0 = x (input "x"); L weights."""

    input: str = "none"
    bias: bool = False
    loss: str | None = None

    @property
    def parameters(self) -> dict[str, tuple[int, ...]]:
        """{"w": (L,), "b": (L,)}; with o_1 = w_1 layer 1 has no bias, so b is (L-1,)."""
        if self.depth is None:
            raise SymgradError("a chain of symbolic depth has no list of parameters: give a number of layers")
        shapes: dict[str, tuple[int, ...]] = {"w": (self.depth,)}
        if self.bias:
            shapes["b"] = (self.depth - (self.input == "none"),)
        return shapes

    @property
    def first(self) -> int:
        """The first layer with an activation."""
        return 1 if self.input == "x" else 2


def widths_of(given: Any) -> tuple[int, ...]:
    """Widths n_0, …, n_L as positive integers, at least two of them.

    Raises ShapeError naming the one that is not.
    """
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise ShapeError(f"widths are a sequence such as [64, 30, 10], got {given!r}")
    widths = []
    for place, width in enumerate(given):
        whole = not isinstance(width, bool) and hasattr(width, "__index__")
        if not whole or int(width) < 1:
            raise ShapeError(f"width n_{place} is {width!r}, expected a positive integer: [64, 30, 10]")
        widths.append(int(width))
    if len(widths) < 2:
        raise ShapeError(f"a network has at least two widths, input and output, got {widths}")
    return tuple(widths)


def activations_of(given: Any, count: int | None) -> tuple[tuple[Activation, ...] | None, bool]:
    """The activation of each of `count` layers, and whether it is one and the same for all."""
    from ..operations.activation import activation
    if given is None:
        return None, True
    if isinstance(given, (list, tuple)):
        found = tuple(activation(one) for one in given)
        if count is None:
            raise SymgradError("a network of symbolic depth has one activation (or σ_l by activation=None), got a list")
        if len(found) != count:
            raise ShapeError(f"{count} layers with an activation need {count} activations, got {len(found)}")
        return found, len(set(found)) <= 1
    return (activation(given),) * (1 if count is None else count), True


def loss_of(given: Any) -> str | None:
    if given is None or given in LOSSES:
        return given
    raise SymgradError(f"unknown loss {given!r}; {nearest(str(given), LOSSES)}")
