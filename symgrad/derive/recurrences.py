"""Every gradient of a chain as a SymPy recurrence, one symbol for each o_i, σ'_i and ∂F/∂o_i.

Each is an instance of a theorem for symbolic depth. The theorem is compiled once to a template (which symbols stand
in its product, at which distance), so that reading out all gradients is linear in the depth and each costs a few
microseconds; `theorem(name)` makes the instance itself by the kernel's rules, when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy
from sympy import Expr, Mul, Symbol

from ..errors import SymgradError, nearest
from ..kernel.logic import instantiate
from ..kernel.theorem import Theorem
from ..networks import chain as chains
from ..networks.chain import chain_theory, i
from ..networks.network import Chain
from ..terms.algebra import Number, Scaled
from ..terms.index import Index, affine
from ..terms.named import Elementwise, Gradient, Named
from .chain import chain_gradients, k
from .derivation import Proof
from .derived import drop
from .present import for_network

__all__ = ["Recurrences", "nested_expression"]


class Recurrences(Mapping[str, Expr]):
    """The gradients of a chain of concrete depth: "w3" -> o_2*ds_3*dF_3, and "o3" -> w_4*ds_4*dF_4 for ∂F/∂o_3.

    ds_i stands for σ'(w_i o_{i-1} + b_i), dF_i (dC_i with a loss) for ∂F/∂o_i.
    """

    def __init__(self, net: Chain) -> None:
        if net.depth is None:
            raise SymgradError("recurrences are for a chain of concrete depth: give a number of layers")
        self.net = net
        self._theory = chain_theory(net.input == "x", net.bias, net.loss is not None)
        self._proofs = chain_gradients(net.input == "x", net.bias, net.loss is not None)
        self._general: dict[str, Theorem] = {}
        self._low = self._theory.first
        self.result = "dC" if net.loss else "dF"
        indices = range(net.depth + 1)
        self._symbols = {name: [Symbol(f"{name}_{n}", real=True) for n in indices]
                         for name in ("w", "o", "ds", self.result, *(("b",) if net.bias else ()))}
        if net.input == "none":
            self._symbols["o"][1] = self._symbols["w"][1]
        else:
            self._symbols["o"][0] = Symbol("x", real=True)
        self._templates = {"o": self._template(self._proofs["recurrence"], i),
                           "w": self._template(self._proofs["w by layer"], k)}
        if net.bias:
            self._templates["b"] = self._template(self._proofs["b by layer"], k)

    def _template(self, proof: Proof, index: Index) -> list[tuple[str, int]]:
        """The factors of a product, each a family of symbols and a distance from the index, in SymPy's order."""
        right = proof.theorem.right
        factors = right.args if isinstance(right, Scaled) else (right,)
        found = []
        for factor in factors:
            if isinstance(factor, Named):
                found.append((factor.name.rsplit(".", 1)[-1], _distance(factor.indices[0], index)))
            elif isinstance(factor, Elementwise) and factor.function.order == 1:
                found.append(("ds", _distance(factor.function.indices[0], index)))
            elif isinstance(factor, Gradient):
                found.append((self.result, _distance(factor.function.indices[0], index)))
            else:
                raise SymgradError(f"{factor} is no factor of a recurrence")
        return sorted(found, key=lambda pair: pair[0])

    def __getitem__(self, name: str) -> Expr:
        family, layer = self._parse(name)
        assert self.net.depth is not None
        if family == "x" or (family == "w" and layer < self._low):
            return self._symbols[self.result][self._low - 1]
        if family == "o" and layer == self.net.depth:
            last = self._proofs["last"].theorem.right
            return sympy.Integer(1) if last is Number(1) else self._symbols["o"][layer] - Symbol("y", real=True)
        symbols = self._symbols
        product: Expr = Mul._from_args(tuple(symbols[kind][layer + by] for kind, by in self._templates[family]))
        return product

    def _parse(self, name: str) -> tuple[str, int]:
        family, digits = name[:1], name[1:]
        depth = self.net.depth
        assert depth is not None
        low = {"w": 1, "o": self._low - 1, **({"b": self._low} if self.net.bias else {})}
        if name == "x" and self.net.input == "x":
            return "x", 0
        if family not in low or not digits.isdigit() or not low[family] <= int(digits) <= depth:
            known = [f"{f}{n}" for f, first in low.items() for n in (first, depth)]
            raise SymgradError(f"the chain has no gradient {name!r}; {nearest(name, known)}")
        return family, int(digits)

    def __iter__(self) -> Iterator[str]:
        assert self.net.depth is not None
        for n in range(self.net.depth, 0, -1):
            yield f"w{n}"
            if self.net.bias and n >= self._low:
                yield f"b{n}"
        if self.net.input == "x":
            yield "x"

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def definition(self, name: str) -> Expr:
        """What the symbol "o3" or "ds3" stands for, in terms of the layer below (the activation put in where known)."""
        family, layer = ("ds", int(name[2:])) if name.startswith("ds") else (name[:1], int(name[1:]))
        symbols = self._symbols
        inside = symbols["w"][layer] * symbols["o"][layer - 1]
        if self.net.bias:
            inside += symbols["b"][layer]
        chosen = self.net.activations
        if chosen is None:
            return sympy.Function("sigma" + "'" * (family == "ds"))(inside)
        one = chosen[layer - self._low]
        formula = one.derivative if family == "ds" else one.expression
        return formula.xreplace({symbol: inside for symbol in formula.free_symbols})

    def theorem(self, name: str) -> Theorem:
        """The theorem for a gradient, the instance of the general one by the kernel's rules."""
        family, layer = self._parse(name)
        if family == "x" or (family == "w" and layer < self._low):
            return self._settled("x" if family == "x" else "w1")
        if family == "o" and layer == self.net.depth:
            return self._settled("last")
        key, index = ("recurrence", i) if family == "o" else (f"{family} by layer", k)
        return drop(instantiate(self._settled(key), ((index, layer),)))

    def _settled(self, key: str) -> Theorem:
        """A general theorem at this depth and activation, made once."""
        if key not in self._general:
            change = for_network(self.net, chains.sigma, chains.L)
            self._general[key] = change(self._proofs[key].theorem)
        return self._general[key]


def _distance(expression: Any, index: Index) -> int:
    linear, constant = affine(expression)
    if dict(linear) != {index: 1}:
        raise SymgradError(f"{expression} is at no fixed distance from {index}")
    return constant




def nested_expression(net: Chain) -> Expr:
    """F or C of a chain as one expression: SymPy itself can differentiate it (at a cost that grows like L³)."""
    net.need_numbers("writing the chain as one expression")
    assert net.depth is not None and net.activations is not None
    first = 1 if net.input == "x" else 2
    value: Expr = Symbol("x" if net.input == "x" else "w_1", real=True)
    for layer in range(first, net.depth + 1):
        inside = Symbol(f"w_{layer}", real=True) * value
        if net.bias:
            inside += Symbol(f"b_{layer}", real=True)
        formula = net.activations[layer - first].expression
        try:
            value = formula.xreplace({symbol: inside for symbol in formula.free_symbols})
        except RecursionError:
            raise SymgradError(f"SymPy nests about {layer} layers here, not {net.depth}: use recurrences(), with a symbol for "
                               "each layer") from None
    return value if net.loss is None else (value - Symbol("y", real=True)) ** 2 / 2
