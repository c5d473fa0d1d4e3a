"""What `sg.dense` and `sg.chain` return: a network with its verbs.

    net = sg.dense([64, 30, 10], activation="sigmoid")
    net.derivation("w1")                       lines, reasons, theorems; shows itself in Jupyter
    net.compile()                              a fast NumPy evaluator of the loss and every gradient
    net.bounds(params, x, y)                   certified bounds of the gradients
    net.explain_gradient(params, x, y)         why they vanish or explode
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import SymgradError
from .networks.network import Chain, Dense, Structure, activations_of, loss_of, widths_of

if TYPE_CHECKING:
    import numpy as np
    import sympy

    from .bounds.explain import Explanation
    from .bounds.report import Bounds
    from .bounds.theorems import Bound
    from .derive.derivation import Line, Proof
    from .derive.network import Sweep
    from .derive.recurrences import Recurrences
    from .kernel.theorem import Theorem
    from .numeric.evaluator import Evaluator
    from .numeric.measure import Measured
    from .render.page import Page

__all__ = ["ChainNetwork", "DenseNetwork", "Derived", "Network", "chain", "dense"]


class Network:
    """The verbs of a network. Made by `dense` and `chain`."""

    def derivation(self, *wrt: str) -> Derived:
        """Derive the gradients by the named parameters ("w1", "b2", "x", or "w", "b" for every layer), all by default.

        Raises SymgradError for a parameter the network does not have.
        """
        from .derive.network import sweep
        return Derived(sweep(self, wrt or None))                                # type: ignore[arg-type]

    def compile(self, *, dtype: str = "float64", batch: int | None = None, loss: str = "mean", backend: str = "numpy",
                accuracy: str = "full", threads: int = 1) -> Evaluator:
        """A fast evaluator `f(params, x, y)` of the loss and every gradient.

        dtype     "float64" or "float32"                batch     None, or the one number N of examples
        loss      "mean" or "sum" over the batch        backend   "numpy", or an extra: "numba", "jax", "torch"
        accuracy  "full" or "fast"                      threads   the most that share a large batch
        params is a mapping such as {"w1": (n_1, n_0), "b1": (n_1,), …}; x is (N, n_0) or (n_0,), y (N, n_L) or (n_L,). The
        result has .loss, .gradients[name], .input_gradient, .deltas. Raises SymgradError for an unknown choice, ExtraMissing
        for a backend that is not installed (see `symgrad.numeric.compile`).
        """
        from .numeric.compile import compile_network
        self._need_numbers("compiling")
        return compile_network(self, dtype=dtype, batch=batch, loss=loss, backend=backend, accuracy=accuracy,
                               threads=threads)

    def bounds(self, params: Mapping[str, Any], x: Any = None, y: Any = None, **options: Any) -> Bounds:
        """Certified bounds of every gradient norm, as intervals that surely hold.

        params, x, y   as for `compile`; x may be left out for a box
        norm           1, 2 or "inf"
        box            (lower, upper), two arrays like x, or one radius around x: bounds for every input in it
        kinds, window  which rungs of the ladder; factors in one window
        reduction      "mean" or "sum" over the batch
        lower          True: lower ends for a batch too
        gammas         bounds of |σ_l'|, one a layer, in place of the certified suprema
        seconds        computing time after which nothing is refined any more
        The result has .table(quantity), .bound(name, kind=…), .plot(path) (see `symgrad.bounds.report.bounds`). Raises
        SymgradError for shapes that do not fit and numbers that are not finite.
        """
        from .bounds.report import bounds
        self._need_numbers("bounding")
        return bounds(self, params, x, y, **options)

    def bound(self, name: str, params: Mapping[str, Any], x: Any = None, y: Any = None, *, kind: str = "product",
              **options: Any) -> Bound:
        """One certified bound: of ∂C/∂b^1 for the name "b1", of the kind named (see `symgrad.bounds`).

        Its `.theorem` says what it is an instance of, `symgrad.proof_of` proves that.
        """
        return self.bounds(params, x, y, **options).bound(name, kind=kind)

    def explain_gradient(self, params: Mapping[str, Any], x: Any = None, y: Any = None, **options: Any) -> Explanation:
        """Why the gradient vanishes or explodes, in words and numbers (see `symgrad.bounds.explain`)."""
        from .bounds.explain import explain_gradient
        self._need_numbers("explaining a gradient")
        return explain_gradient(self, params, x, y, **options)

    def draw_parameters(self, seed: int = 0) -> dict[str, np.ndarray[Any, Any]]:
        """Random parameters: weights N(0, 1/fan-in), biases N(0, 1/100)."""
        from .numeric.measure import draw_parameters
        self._need_numbers("drawing parameters")
        return draw_parameters(self, seed)                                      # type: ignore[arg-type]

    def load_parameters(self, path: str | os.PathLike[str]) -> dict[str, np.ndarray[Any, Any]]:
        """The parameters from an .npz, .safetensors or PyTorch .pt file, as float64, every number exactly.

        Names such as w1 and b1, 0.weight and 0.bias, dense_1/kernel are understood (see `symgrad.numeric.model_files`).
        Raises SymgradError and ShapeError, one line each, for a file that does not hold this network's parameters.
        """
        from .numeric.model_files import load_parameters
        return load_parameters(path, self)

    def _need_numbers(self, purpose: str) -> None:
        self.need_numbers(purpose)                                              # type: ignore[attr-defined]


class DenseNetwork(Network, Dense):
    """A dense network; see `dense`."""

    def __repr__(self) -> str:
        widths = "'L'" if self.widths is None else list(self.widths)
        return f"dense({widths}{_activation_words(self)})"


class ChainNetwork(Network, Chain):
    """A chain of single neurons; see `chain`."""

    def __repr__(self) -> str:
        depth = "'L'" if self.depth is None else self.depth
        loss = "" if self.loss is None else f", loss={self.loss!r}"
        return f"chain({depth}{_activation_words(self)}, input={self.input!r}, bias={self.bias}{loss})"

    def recurrences(self) -> Recurrences:
        """Every gradient as a SymPy recurrence with a symbol for each o_i, σ'_i and ∂F/∂o_i, linear in the depth.

        >>> chain(5).recurrences()["w3"]
        dF_3*ds_3*o_2
        """
        from .derive.recurrences import Recurrences
        return Recurrences(self)

    def sympy(self) -> sympy.Expr:
        """The result F (or C) as one plain SymPy expression in w_1, …, w_L (b_i, x, y); the activation must be known."""
        from .derive.recurrences import nested_expression
        return nested_expression(self)


def dense(widths: Sequence[int] | str, activation: Any = None) -> DenseNetwork:
    """The dense network z^l = w^l a^{l-1} + b^l, a^l = σ_l(z^l), C = ½‖a^L − y‖².

    widths       [n_0, …, n_L], or "L" for symbolic depth and widths
    activation   a name, a formula in x, a SymPy expression, or a list with one a layer; None: an abstract σ
    Raises ShapeError for widths that are no positive integers, SymgradError for an unknown activation.

    >>> print(dense([64, 30, 10], activation="sigmoid").derivation("w1").theorem.conclusion)
    ∂C/∂w¹ = δ¹ (a⁰)ᵀ
    """
    if isinstance(widths, str):
        _symbolic(widths, "dense")
        chosen, one = activations_of(activation, None)
        return DenseNetwork(None, chosen, one, None)
    sizes = widths_of(widths)
    chosen, one = activations_of(activation, len(sizes) - 1)
    return DenseNetwork(len(sizes) - 1, chosen, one, sizes)


def chain(depth: int | str, activation: Any = None, *, input: str = "none", bias: bool = False,
          loss: str | None = None) -> ChainNetwork:
    """The chain o_i = σ(w_i o_{i-1} + b_i) of single neurons with `depth` weights.

    depth   an integer, or "L" for symbolic depth
    input   "none": o_1 = w_1, so there are depth − 1 activations; "x": o_0 = x and depth activations
    loss    None: the result is F = o_L; "half-squared-error": C = ½(o_L − y)²

    >>> print(chain(5).derivation("w1").theorem.conclusion)
    ∂F/∂w₁ = (∏_{r=2}^{5} w_r) ∏_{r=2}^{5} σ'(w_r o_{r-1})
    """
    if input not in ("none", "x"):
        raise SymgradError(f"input is {input!r}, expected 'none' (o_1 = w_1) or 'x' (o_0 = x)")
    loss = loss_of(loss)
    if isinstance(depth, str):
        _symbolic(depth, "chain")
        chosen, one = activations_of(activation, None)
        return ChainNetwork(None, chosen, one, input, bool(bias), loss)
    if isinstance(depth, bool) or not hasattr(depth, "__index__") or int(depth) < 1:
        raise SymgradError(f"a chain has a positive number of weights or symbolic depth 'L', got {depth!r}")
    chosen, one = activations_of(activation, int(depth) - (input == "none"))
    return ChainNetwork(int(depth), chosen, one, input, bool(bias), loss)


def _activation_words(net: Structure) -> str:
    """The activations as an argument: one name, or a list with one a layer."""
    if net.activations is None:
        return ""
    names = [one.name for one in net.activations]
    return f", {names[0]!r}" if net.one_activation and names else f", {names}"


def _symbolic(name: str, function: str) -> None:
    if name != "L":
        numbers = "widths such as [64, 30, 10]" if function == "dense" else "a number of weights such as 5"
        raise SymgradError(f"{function} takes {numbers}, or 'L' for symbolic depth, got {name!r}")


class Derived:
    """The gradients of a network, derived: `lines`, `theorems`, `theorem`, and itself as a page in any format."""

    def __init__(self, sweep: Sweep, measured: Measured | None = None, seed: int | None = None, source: str = "") -> None:
        self.sweep, self.measured, self._seed, self._source = sweep, measured, seed, source

    @property
    def lines(self) -> tuple[Line, ...]:
        """One line a layer, each the instance of a general theorem."""
        return self.sweep.lines

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """The general theorems with their lines."""
        return self.sweep.general

    @property
    def theorems(self) -> dict[str, Theorem]:
        """The theorem for each gradient, by the name of its parameter."""
        return dict(self.sweep.theorems)

    @property
    def theorem(self) -> Theorem:
        """The theorem, where one gradient was asked for; the last otherwise."""
        return list(self.sweep.theorems.values())[-1]

    def measure(self, params: Mapping[str, Any], x: Any = None, y: Any = None, *, seed: int | None = None,
                source: str = "") -> Derived:
        """The same derivation with every line evaluated on a batch, and each gradient held against a complex step."""
        from .numeric.measure import measure
        return Derived(self.sweep, measure(self.sweep, params, x, y), seed, source)

    @cached_property
    def page(self) -> Page:
        """The derivation as a page (see `symgrad.render`)."""
        from .render.derivation import derivation_page
        return derivation_page(self.sweep, self.measured, self._seed, self._source)

    def _as(self, format: str) -> str:
        from .render.write import render
        found = render(self.page, format)
        assert isinstance(found, str)
        return found

    def latex(self) -> str:
        """A LaTeX document that compiles as it stands."""
        return self._as("latex")

    def markdown(self) -> str:
        """Markdown as GitHub shows it."""
        return self._as("markdown")

    def html(self) -> str:
        """One self-contained HTML file."""
        return self._as("html")

    def text(self, width: int = 80) -> str:
        """Text for a terminal."""
        from .render.text import text
        return text(self.page, width)

    def pdf(self) -> bytes:
        """A PDF (extra: pdf)."""
        from .render.typst import pdf
        return pdf(self.page)

    def write(self, path: str | os.PathLike[str], format: str | None = None) -> Path:
        """Write the page, whole or not at all; the format is the file's ending unless given."""
        from .render.write import write
        return write(self.page, format, path)

    def records(self) -> list[dict[str, Any]]:
        """The lines as plain data for JSON."""
        from .render.derivation import line_records
        return line_records(self.sweep, self.measured)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from .render.html import html_fragment
        from .render.latex import latex_fragment
        return {"text/plain": self.text(), "text/latex": latex_fragment(self.page), "text/html": html_fragment(self.page)}
