"""A general theorem set for a network: its depth, its one activation, its smoothness; line by line, by rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kernel.facts import computed
from ..kernel.logic import assume, concrete, cut, generalise, instantiate, one_function
from ..kernel.statements import Differentiable, ForAll, IsActivation, Relation, Statement
from ..kernel.theorem import Theorem
from ..networks.network import Structure
from ..operations.facts import name_of
from ..terms.index import Constant
from ..terms.named import ElementwiseFunction
from ..terms.node import open_with_index, subterms
from .derivation import _SIGNS, Line, Proof
from .derived import drop, exhaust

__all__ = ["for_network", "proof_for_network", "step_line"]

Change = Callable[[Theorem], Theorem]


def for_network(net: Structure, sigma: ElementwiseFunction, depth: Constant) -> Change:
    """How a theorem about every dense network (or chain) becomes one about this one."""
    settled: dict[Statement, Theorem | None] = {}                # the lines of a proof have many hypotheses in common

    def change(theorem: Theorem) -> Theorem:
        if net.depth is not None and _mentions(theorem, depth):
            theorem = concrete(theorem, depth, net.depth)
        if net.one_activation and _has_layers(theorem, sigma):
            theorem = one_function(theorem, sigma)
        return drop(_smooth(theorem, net, settled))
    return change


def _mentions(theorem: Theorem, symbol: Any) -> bool:
    return symbol in theorem.free


def _has_layers(theorem: Theorem, sigma: ElementwiseFunction) -> bool:
    """Does the theorem speak of σ_r, with an index?"""
    return any(isinstance(node, ElementwiseFunction) and node.indices and node.args[0] == sigma.args[0]
               for statement in (theorem.conclusion, *theorem.hypotheses) for node in subterms(statement))


def _smooth(theorem: Theorem, net: Structure, settled: dict[Statement, Theorem | None]) -> Theorem:
    """Hypotheses of differentiability settled by what is known of the activations."""
    for h in sorted(theorem.hypotheses, key=str):
        if h not in settled:
            settled[h] = _settled(h, net)
        proof = settled[h]
        if proof is not None:
            theorem = cut(theorem, proof)
    return theorem


def _settled(statement: Statement, net: Structure) -> Theorem | None:
    if not net.activations:
        return None
    if isinstance(statement, Differentiable) and isinstance(statement.args[0], ElementwiseFunction):
        name = _activation_name(statement.args[0], net)
        if name is None:
            return None
        return computed("smooth", statement, (IsActivation(statement.args[0], name),))
    if isinstance(statement, ForAll):
        index, body = open_with_index(statement)
        if net.one_activation:
            proof = _settled(body, net)
            return None if proof is None else generalise(proof, index, statement.args[1], statement.args[2])
        if statement.args[1].is_Integer and statement.args[2].is_Integer:
            layers = [statement.body_at(k) for k in range(int(statement.args[1]), int(statement.args[2]) + 1)]
            return exhaust(statement, tuple(_settled(one, net) or assume(one) for one in layers))
    return None


def _activation_name(function: ElementwiseFunction, net: Structure) -> str | None:
    assert net.activations is not None
    if not function.indices:
        chosen = net.activations[0]
    elif function.indices[0].is_Integer and net.depth is not None:
        chosen = net.activations[int(function.indices[0]) - 1 - (net.depth - len(net.activations))]
    else:
        return None
    return name_of(chosen) if chosen.smooth else None


def proof_for_network(proof: Proof, change: Change) -> Proof:
    """Every line of a proof, and its theorem, changed."""
    return Proof(proof.name, change(proof.theorem), tuple(_line(line, change) for line in proof.lines), proof.note)


def _line(line: Line, change: Change) -> Line:
    found = change(line.theorem)
    return Line(found.left, line.relation, found.right, line.reasons, found, line.part)


def step_line(proof: Proof, at: dict[Any, Any], change: Change | None = None) -> Line:
    """One line for one layer: the instance of a general theorem."""
    found = drop(instantiate(proof.theorem, tuple(at.items()))) if at else proof.theorem
    if change is not None:
        found = change(found)
    relation = found.conclusion
    assert isinstance(relation, Relation)
    return Line(relation.left, _SIGNS[type(relation)], relation.right, (proof.name,), found)


