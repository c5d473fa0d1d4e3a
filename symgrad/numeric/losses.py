"""The losses an evaluator can start its backward sweep from, as data: one record of text for each.

A loss C compares a^L with the target y. Its record says what C is and gives statements that set `loss` and turn
a^L into ∂C/∂a^L. `block` does so in place on the buffer a of a block of examples, (B, n_L) or one vector (n_L,);
`plain` in any array library, over a batch (N, n_L) and with `scale`, the 1/N of a mean; `scalar` in Python floats.
A further loss is one more record; without `plain` or `scalar` it serves dense networks in NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass

from symgrad.errors import SymgradError, nearest

__all__ = ["HALF_SQUARED_ERROR", "LOSSES", "OUTPUT", "SOFTMAX_CROSS_ENTROPY", "Loss", "loss_of"]


@dataclass(frozen=True)
class Loss:
    """One loss: its formula for one example, its derivative by a^L, and its code."""

    name: str
    law: str
    slope: str
    block: tuple[str, ...]
    plain: tuple[str, ...] = ()
    scalar: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    has_target: bool = True


HALF_SQUARED_ERROR = Loss(
    "half-squared-error",
    "½‖a^L - y‖²",
    "a^L - y",
    block=("subtract(a, y, a)", "loss = 0.5 * float(block.top.dot(block.top))"),
    plain=("r = a - y", "loss = 0.5 * (r * r).sum() * scale", "g = r * scale"),
    scalar=("r = a - y", "loss = 0.5 * r * r"),
    uses=("subtract",),
)
OUTPUT = Loss(
    "output",
    "a^L",
    "1",
    block=("loss = float(add.reduce(block.top))", "a[...] = 1.0"),
    plain=("loss = a.sum() * scale", "g = 0.0 * a + scale"),
    scalar=("r, loss = 1.0, a",),
    uses=("add",),
    has_target=False,
)
SOFTMAX_CROSS_ENTROPY = Loss(
    "softmax-cross-entropy",
    "log Σ exp(a^L) - ⟨y, a^L⟩",
    "softmax(a^L) - y",
    block=(
        "top = a.max(-1, keepdims=True)",
        "p = exp(subtract(a, top, a))",
        "total = p.sum(-1, keepdims=True)",
        "rest = 1.0 - y.sum(-1, keepdims=True)  # 0 for a target that sums to 1",
        "loss = float((log(total) + rest * top).sum() - (y * a).sum())",
        "subtract(divide(p, total, p), y, a)",
    ),
    uses=("divide", "exp", "log", "subtract"),
)
LOSSES = {loss.name: loss for loss in (HALF_SQUARED_ERROR, OUTPUT, SOFTMAX_CROSS_ENTROPY)}


def loss_of(given: object) -> Loss:
    """The record of a loss, of its name, or of None: the output itself."""
    if given is None:
        return OUTPUT
    if isinstance(given, Loss):
        return given
    if isinstance(given, str) and given in LOSSES:
        return LOSSES[given]
    raise SymgradError(f"no NumPy code for the loss {str(given)[:60]!r}: {nearest(str(given), LOSSES)}")
