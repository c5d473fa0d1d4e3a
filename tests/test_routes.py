"""Two routes, one theorem: the textbook proofs and the automatic derivation end in the same statements."""

from __future__ import annotations

from importlib import import_module

import pytest

from symgrad.check.discover import bundled
from symgrad.derive.backprop import backprop
from symgrad.derive.chain import chain_gradients
from symgrad.derive.derivation import Proof
from symgrad.kernel.theorem import replay

DENSE = {"BP1": ("bp1", "bp1"), "BP2": ("bp2", "bp2"), "BP3": ("bp3", "bp3"), "BP4": ("bp4", "bp4"),
         "closed form": ("delta_closed_form", "delta_closed_form")}


@pytest.fixture(autouse=True)
def folder_of_the_proofs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(bundled()))


def same(textbook: Proof, automatic: Proof) -> None:
    one, two = replay(textbook.theorem), replay(automatic.theorem)
    assert one.conclusion is two.conclusion
    assert one.hypotheses == two.hypotheses
    assert textbook.theorem is not automatic.theorem


@pytest.mark.parametrize("name", DENSE)
def test_the_textbook_proof_of_a_dense_network_ends_where_the_reverse_sweep_ends(name: str) -> None:
    file, proof = DENSE[name]
    same(getattr(import_module(file), proof), backprop()[name])


@pytest.mark.parametrize("has_input", [False, True])
def test_the_textbook_proof_of_the_chain_ends_where_the_reverse_sweep_ends(has_input: bool) -> None:
    proofs = import_module("chain_product")
    automatic = chain_gradients(has_input)
    textbook = proofs.with_input if has_input else proofs.without_input
    for proof, name in zip(textbook, ("outputs", "w", "x" if has_input else "w1"), strict=True):
        same(proof, automatic[name])


def test_the_routes_share_no_line() -> None:
    textbook = {id(line.theorem) for line in import_module("bp2").bp2.lines}
    assert textbook.isdisjoint(id(line.theorem) for line in backprop()["BP2"].lines)
