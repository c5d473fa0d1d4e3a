"""The derivation for one network: the general proofs once, then one line a layer, each an instance of a theorem.

`z`, `a` and `δ` stay names, so the length is linear in the depth and no expression is ever nested.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING

from ..errors import SymgradError, nearest
from ..kernel.theorem import Theorem
from ..networks import chain as chains
from ..networks import dense as symbols
from ..networks.network import Chain, Dense, Structure
from .backprop import backprop
from .chain import chain_gradients, k
from .derivation import Line, Proof
from .present import Change, for_network, proof_for_network, step_line

if TYPE_CHECKING:
    from ..operations.activation import Activation

__all__ = ["Sweep", "sweep"]


@dataclass(frozen=True)
class Sweep:
    """Everything derived for a network: definitions, general proofs, the lines layer by layer, a theorem for each name."""

    net: Structure
    definitions: tuple[Theorem, ...]
    general: tuple[Proof, ...]
    lines: tuple[Line, ...]
    theorems: dict[str, Theorem]


#: the symbols of a chain are defined when one is first derived: by one thread, not by several at once
_alone = RLock()


def sweep(net: Structure, wrt: Sequence[str] | None = None) -> Sweep:
    """Derive the gradients named in `wrt` (all of them by default).

    Names are "w2", "b1", "x" for a layer, and "w", "b" for every layer at once (a general index). Raises
    SymgradError for a name the network does not have.
    """
    if isinstance(wrt, str):
        wrt = [wrt]
    for name in wrt or ():
        if not isinstance(name, str):
            raise SymgradError(f"a parameter is named by a text such as \"w1\", got {name!r}")
    with _alone:
        return _dense(net, wrt) if isinstance(net, Dense) else _chain(net, wrt)             # type: ignore[arg-type]


_NAME = re.compile(r"([a-z]+)([0-9]{0,18})")


def _targets(net: Structure, wrt: Sequence[str] | None, families: dict[str, tuple[int, int | None]], alone: Sequence[str],
             default: Sequence[str]) -> list[tuple[str, int | None]]:
    """(family, layer) for every name asked for; the layer is None for a general index or a symbol without one."""
    found = []
    for name in default if wrt is None else wrt:
        parsed = _NAME.fullmatch(name.strip())
        family, layer = (parsed[1], parsed[2]) if parsed else ("", "")
        low, high = families.get(family, (0, None))
        inside = not layer or (int(layer) >= low and (high is None or int(layer) <= high))
        if name not in alone and not (family in families and inside):
            known = [*alone, *(f"{f}{n}" for f, (a, b) in families.items() for n in range(a, (b or a + 2) + 1))]
            known += [f for f in families if net.depth is None]
            raise SymgradError(f"the network has no parameter {name!r}; {nearest(name, known[:60])}")
        found.append((name, None) if name in alone else (family, int(layer) if layer else None))
    return list(dict.fromkeys(found))


def _every(families: Sequence[str], low: int, high: int | None) -> list[str]:
    return list(families) if high is None else [f"{f}{n}" for n in range(high, low - 1, -1) for f in families]


def _dense(net: Dense, wrt: Sequence[str] | None) -> Sweep:
    change = for_network(net, symbols.sigma, symbols.L)
    plain = for_network(Dense(None, _one(net),
                              net.one_activation, None), symbols.sigma, symbols.L)
    general_proofs = backprop()
    depth = net.depth
    proofs = {name: _fixed(proof, change) for name, proof in general_proofs.items()}
    later = None if net.one_activation else change             # one activation: the general theorem is settled once
    targets = _targets(net, wrt, {"w": (1, depth), "b": (1, depth)}, ("x",), [*_every(("b", "w"), 1, depth), "x"])
    targets = [one for family, layer in targets
               for one in ([(family, n) for n in range(depth, 0, -1)] if layer is None and family != "x" and depth
                           else [(family, layer)])]
    used = [name for name, letter in (("BP3", "b"), ("BP4", "w"), ("input", "x")) if any(f == letter for f, _ in targets)]
    general = ["BP1", "BP2", *used, *(["closed form"] if depth is None else [])]
    lines: list[Line] = []
    theorems: dict[str, Theorem] = {}
    if depth is not None:
        lowest = min((1 if layer is None else layer) for _, layer in targets)
        lines.append(step_line(proofs["BP1"], {}, later))
        lines += [step_line(proofs["BP2"], {symbols.l: n}, later) for n in range(depth - 1, lowest - 1, -1)]
    for family, layer in targets:
        proof = proofs[{"b": "BP3", "w": "BP4", "x": "input"}[family]]
        line = step_line(proof, {} if layer is None else {symbols.l: layer}, later)
        lines.append(line)
        theorems[family if layer is None else f"{family}{layer}"] = line.theorem
    definitions = (symbols.weighted_input_definition, symbols.activation_definition, symbols.input_definition,
                   symbols.last_cost_definition, symbols.next_cost_definition, symbols.delta_definition)
    return Sweep(net, tuple(plain(d) for d in definitions), tuple(proof_for_network(general_proofs[g], plain) for g in general),
                 tuple(lines), theorems)


def _one(net: Structure) -> tuple[Activation, ...] | None:
    """The one activation of a network, for the general proofs."""
    return net.activations[:1] if net.activations and net.one_activation else None


def _fixed(proof: Proof, change: Change) -> Proof:
    """The general proof with its theorem settled for the network; its lines are not needed."""
    return Proof(proof.name, change(proof.theorem), ())


def _chain(net: Chain, wrt: Sequence[str] | None) -> Sweep:
    theory = chains.chain_theory(net.input == "x", net.bias, net.loss is not None)
    general_proofs = chain_gradients(net.input == "x", net.bias, net.loss is not None)
    change = for_network(net, chains.sigma, chains.L)
    plain = for_network(Chain(None, _one(net),
                              net.one_activation, net.input, net.bias, net.loss), chains.sigma, chains.L)
    proofs = {name: _fixed(proof, change) for name, proof in general_proofs.items()}
    later = None if net.one_activation else change
    depth, low = net.depth, theory.first
    families = {"w": (1, depth), **({"b": (low, depth)} if net.bias else {})}
    alone = ("x",) if net.input == "x" else ()
    default = [name for n in range(depth, 0, -1) for name in (f"b{n}", f"w{n}") if name[0] == "w" or (net.bias and n >= low)] \
        if depth else list(families)
    targets = _targets(net, wrt, families, alone, [*default, *alone])
    if depth is not None:
        targets = [one for f, n in targets for one in
                   ([(f, m) for m in range(depth, families[f][0] - 1, -1)] if n is None and f in families else [(f, n)])]
    elif net.input == "none" and ("w", None) in targets:
        targets.append(("w", 1))
    general = ["last", "recurrence", "outputs"]
    lines: list[Line] = []
    theorems: dict[str, Theorem] = {}
    if depth is not None:
        lowest = min(theory.first - 1 if n is None else max(n, theory.first - 1) for _, n in targets)
        lines.append(step_line(proofs["last"], {}, later))
        lines += [step_line(proofs["recurrence"], {chains.i: n}, later) for n in range(depth - 1, lowest - 1, -1)]
    for family, layer in targets:
        first = family == "w" and layer is not None and layer < theory.first
        key = "w1" if first else family
        if key not in general:
            general.append(key)
        at = {} if layer is None or first or family == "x" else {k: layer}
        line = step_line(proofs[key], at, later)
        lines.append(line)
        theorems[family if layer is None else f"{family}{layer}"] = line.theorem
    definitions = (theory.output_definition, theory.start_definition, theory.last_definition, theory.next_definition)
    return Sweep(net, tuple(plain(d) for d in definitions), tuple(proof_for_network(general_proofs[g], plain) for g in general),
                 tuple(lines), theorems)

