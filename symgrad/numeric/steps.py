"""The steps of a layer, as data: what each does to a value, and how it pulls a gradient back.

A network is a list of layers, a layer a tuple of steps. A step carries two texts for each direction.
`forward` and `backward` are plain array code, one line a recurrence, the layout (N, n) of the user: they
run in any array library. `block_forward`, `block_backward` and `block_below` do the same in place on the
buffers z, a of a block of examples; they are what makes NumPy fast. A further operation is one more record.

The recurrences are the theorems BP1 to BP4 (Nielsen, "Neural Networks and Deep Learning", chapter 2): z^l
= w^l a^{l-1} + b^l, a^l = σ(z^l), δ^L = (a^L - y) ⊙ σ'(z^L), δ^l = σ'(z^l) ⊙ (w^{l+1}ᵀ δ^{l+1}), ∂C/∂b^l
= Σ_n δ^l, ∂C/∂w^l = δ^l a^{l-1}ᵀ.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from symgrad.errors import SymgradError, nearest
from symgrad.numeric.losses import HALF_SQUARED_ERROR, OUTPUT, Loss, loss_of
from symgrad.operations.numpy_code import CODE, NumpyCode, default_code, standard_code

__all__ = ["AFFINE", "SCALE", "Layer", "Program", "Step", "program"]


@dataclass(frozen=True)
class Step:
    """One step with parameters w and b; names in the texts: a (input), z (output), d (δ at the output)."""

    name: str
    law: str
    forward: tuple[str, ...]
    backward: tuple[str, ...]
    below: tuple[str, ...]
    block_forward: tuple[str, ...]
    block_backward: tuple[str, ...]
    block_below: tuple[str, ...]


AFFINE = Step(
    "affine",
    "z^l = w^l a^{l-1} + b^l",
    forward=("z = a @ w.T + b",),
    backward=("grad_w = d.T @ a", "grad_b = d.sum(0)"),
    below=("g = d @ w",),
    block_forward=("below.dot(w_t, z)", "add(wide, b, wide)"),
    block_backward=("z_columns.dot(below_rows, gw)",),
    block_below=("z.dot(w, below)",),
)
SCALE = Step(
    "scale",
    "z^l = w_l a^{l-1} + b_l",
    forward=("z = w * a + b",),
    backward=("grad_w = (d * a).sum()", "grad_b = d.sum()"),
    below=("g = d * w",),
    block_forward=("multiply(below, w, z)", "add(z, b, z)"),
    block_backward=("dot(z, below, gw)", "if not block.few:", "    dot(z, block.ones, total)"),
    block_below=("multiply(z, w, below)",),
)


@dataclass(frozen=True)
class Layer:
    """A step with parameters followed by an activation: every layer of a dense network and of the chain."""

    step: Step
    activation: NumpyCode


@dataclass(frozen=True)
class Program:
    """What a generator needs to know of a network: layers, widths and the user's parameter shapes.

    kind        "dense" or "chain"
    has_input   False for the chain o_1 = w_1 of input "none": it runs as o_0 = 1 with an identity layer
    has_bias    False: b is zero and has no gradient
    loss        what the backward sweep starts from
    """

    kind: str
    layers: tuple[Layer, ...]
    widths: tuple[int, ...]
    has_input: bool = True
    has_bias: bool = True
    loss: Loss = HALF_SQUARED_ERROR

    @property
    def has_target(self) -> bool:
        """False: the "loss" is the output itself (its mean or sum over the batch)."""
        return self.loss.has_target

    @property
    def depth(self) -> int:
        return len(self.layers)

    @cached_property
    def codes(self) -> tuple[NumpyCode, ...]:
        """The distinct activations, in the order of their first layer."""
        objects = {id(layer): layer.activation for layer in self.layers}  # hashing each is slow
        return tuple(dict.fromkeys(objects.values()))

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The user's parameters in order: {"w1": (n_1, n_0), "b1": (n_1,), …} or {"w": (L,), "b": (L,)}."""
        if self.kind == "chain":
            biases = {"b": (self.depth if self.has_input else self.depth - 1,)} if self.has_bias else {}
            return {"w": (self.depth,), **biases}
        found: dict[str, tuple[int, ...]] = {}
        for l, (below, here) in enumerate(itertools.pairwise(self.widths), start=1):
            found[f"w{l}"], found[f"b{l}"] = (here, below), (here,)
        return found


def code_of(activation: Any) -> NumpyCode:
    """The NumPy code of an Activation record, of its name, or of a NumpyCode itself."""
    if isinstance(activation, NumpyCode):
        return activation
    own = getattr(activation, "numpy", None)
    if isinstance(own, NumpyCode):
        return own
    name = activation if isinstance(activation, str) else getattr(activation, "name", None)
    expression = getattr(activation, "expression", None)
    if expression is None:
        if name in CODE:
            return CODE[name]
        raise SymgradError(f"no NumPy code for the activation {str(name)[:60]!r}: {nearest(str(name), CODE)}")
    return standard_code(str(name), expression) or default_code(str(name), expression)


def program(net: Any) -> Program:
    """The program of a structural network: anything with the attributes of `Dense` or `Chain`."""
    net = getattr(net, "network", net)
    given = tuple(getattr(net, "activations", ()))
    known = {id(sigma): code_of(sigma) for sigma in {id(sigma): sigma for sigma in given}.values()}
    activations = tuple([known[id(sigma)] for sigma in given])
    loss = loss_of(getattr(net, "loss", HALF_SQUARED_ERROR))
    if hasattr(net, "widths"):
        return _dense(tuple(net.widths), activations, loss)
    if hasattr(net, "bias"):
        return _chain(int(net.depth), activations, net.input, bool(net.bias), loss)
    raise SymgradError(f"expected a dense network or a chain of concrete depth, got {type(net).__name__}")


def _dense(widths: tuple[int, ...], activations: tuple[NumpyCode, ...], loss: Loss) -> Program:
    if len(widths) < 2 or not all([isinstance(n, int) and n >= 1 for n in widths]):
        raise SymgradError(f"compiling needs concrete widths n_0, …, n_L >= 1, got {widths}")
    if len(activations) != len(widths) - 1:
        raise SymgradError(f"{len(widths)} widths need {len(widths) - 1} activations, got {len(activations)}")
    if loss is OUTPUT:
        raise SymgradError("a dense network needs a loss; try loss='half-squared-error'")
    return Program("dense", _layers(AFFINE, activations), widths, loss=loss)


def _layers(step: Step, activations: tuple[NumpyCode, ...]) -> tuple[Layer, ...]:
    """One object for all layers that are alike."""
    distinct = {id(sigma): sigma for sigma in activations}
    made = {key: Layer(step, sigma) for key, sigma in distinct.items()}
    return tuple([made[id(sigma)] for sigma in activations])


def _chain(
    depth: int, activations: tuple[NumpyCode, ...], entry: str, bias: bool, loss: Loss
) -> Program:
    has_input = entry == "x"
    if entry not in ("x", "none"):
        raise SymgradError(f"the input of a chain is 'x' or 'none', got {entry!r}")
    if depth < 1 or len(activations) != (depth if has_input else depth - 1):
        raise SymgradError(
            f"a chain of depth {depth} with input {entry!r} does not fit {len(activations)} activations"
        )
    if not loss.scalar:
        raise SymgradError(f"the loss {loss.name!r} compares vectors; a chain has 'half-squared-error' or None")
    if not has_input:
        activations = (CODE["identity"], *activations)
    layers = _layers(SCALE, activations)
    return Program("chain", layers, (1,) * (depth + 1), has_input, bias, loss)
