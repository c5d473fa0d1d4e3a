"""The theorem behind every number: the statements are those of the theorem files, and each rung names its own."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import symgrad as sg
from symgrad.bounds import Bound, Enclosure
from symgrad.bounds import theorems as stated
from symgrad.bounds.ladder import KINDS
from symgrad.bounds.theorems import Cited, grounds
from symgrad.errors import SymgradError
from symgrad.testing import assert_bound

EVERY = {cited for kind, quantity, norm in product((*KINDS, "true"), ("delta", "b", "w"), ("1", "2", "inf"))
         for found in (grounds(kind, quantity, norm, examples=3),) for cited in (*found.upper, *found.lower)}


@pytest.fixture
def net_and_data():
    net = sg.dense([4, 3, 2], activation="tanh")
    return net, net.draw_parameters(0), np.ones(4), np.zeros(2)


@pytest.mark.parametrize("cited", sorted(EVERY, key=lambda c: c.name), ids=lambda c: c.name)
def test_what_is_stated_is_what_is_proved(cited: Cited) -> None:
    proof = sg.proof_of(cited)
    assert proof.name == cited.name and str(proof.theorem.conclusion) == cited.statement
    assert not {h for h in proof.theorem.rests_on()["cited"]}


def test_a_statement_changed_by_a_letter_is_not_the_theorem() -> None:
    cited = stated.grounds("factors", "delta", "2").upper[0]
    assert str(sg.proof_of(cited).theorem.conclusion) != cited.statement.replace("Σ'_L", "Σ'_l")


def test_every_rung_has_a_theorem_of_its_own() -> None:
    names = [grounds(kind, "delta", "2").name for kind in KINDS]
    assert len(set(names)) == len(KINDS) == len(stated.FORMULAS)


@pytest.mark.parametrize(("norm", "statement"), [
    ("2", "‖δ^l‖₂ ≤ (∏_{r=l}^{L} ‖σ'_r(z^r)‖_∞) (∏_{r=l+1}^{L} ‖w^r‖₂) ‖a^L − y‖₂"),
    ("1", "‖δ^l‖₁ ≤ (∏_{r=l}^{L} ‖σ'_r(z^r)‖_∞) (∏_{r=l+1}^{L} ‖w^r‖_∞) ‖a^L − y‖₁"),
    ("inf", "‖δ^l‖_∞ ≤ (∏_{r=l}^{L} ‖σ'_r(z^r)‖_∞) (∏_{r=l+1}^{L} ‖w^r‖₁) ‖a^L − y‖_∞")])
def test_the_statement_stands_in_the_norm_of_the_bound_and_its_dual(norm: str, statement: str) -> None:
    assert grounds("local", "delta", norm).statement == statement


def test_a_bound_is_an_enclosure_that_knows_its_theorem(net_and_data) -> None:
    net, params, x, y = net_and_data
    bound = net.bound("w1", params, x, y, kind="factors")
    assert isinstance(bound, Bound) and isinstance(bound, Enclosure) and bound.kind == "factors"
    assert [t.name for t in bound.theorem.upper] == ["bound by factors", "weight gradient bounded"]
    assert "proofs/factor_bound.py" in str(bound.theorem) and str(bound).startswith("[")
    assert sg.proof_of(bound).name == "bound by factors"
    batch = net.bounds(params, np.ones((3, 4)), np.zeros((3, 2))).theorem("b1", "product")
    assert batch.upper[-1].name == "mean over a batch"


def test_an_unknown_theorem_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(SymgradError, match="did you mean bound by factors"):
        sg.proof_of("bound by fators")


def test_a_violated_bound_prints_its_theorem(net_and_data, monkeypatch) -> None:
    net, params, x, y = net_and_data
    found = net.bounds(params, x, y)
    row = found.row("b1")
    row.bounds["factors"] = Enclosure(row.true.lower * 0, row.true.lower / 2)
    monkeypatch.setattr(type(net), "bounds", lambda *arguments, **options: found)
    with pytest.raises(AssertionError, match=r"'factors': the bound is .*theorem: bound by factors \(D2, proofs/factor_bound"):
        assert_bound(net, params, x, y)
    row.bounds["factors"] = Enclosure(row.true.upper * 2, row.true.upper * 9)
    with pytest.raises(AssertionError, match=r"the lower bound is .*theorem: bound by factors from below"):
        assert_bound(net, params, x, y)
    row.bounds["factors"] = Enclosure(row.true.lower, row.bounds["product"].upper * 0.99)
    with pytest.raises(AssertionError, match=r"is below 'product' .*theorem: factors above the product"):
        assert_bound(net, params, x, y)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_table_names_the_theorem_of_every_rung_and_keeps_to_the_width(net_and_data, width: int) -> None:
    net, params, x, y = net_and_data
    table = net.bounds(params, x, y).table("w")
    text = table.text(width)
    assert max(map(len, text.splitlines())) <= width
    for kind in KINDS:
        claim = grounds(kind, "w", "2").upper[0].claim
        assert any(line.split()[:2] == [kind, claim] for line in text.splitlines()), kind
    assert set(table.theorems) == set(KINDS)
    for form in (table.render("html"), table.render("json")):
        assert all(kind in form for kind in KINDS) and "D2" in form
