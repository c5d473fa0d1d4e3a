"""Theorems handed to SymPy. A scalar equation with concrete indices comes out ready for `lambdify`: the names it
defines are unfolded down to parameters, and the activation that its hypotheses name is put in."""

from __future__ import annotations

from typing import Any

import sympy

from ..terms.algebra import Term
from ..terms.index import Index
from ..terms.named import ElementwiseFunction, Named
from ..terms.node import substitute, transform
from ..terms.to_sympy import Formula, to_sympy
from .definitions import definition_of
from .indices import implied
from .statements import Equal, IsActivation, Less, LessEqual, OneFunction, Relation
from .theorem import Theorem, need

__all__ = ["theorem_to_sympy", "unfolding"]

_RELATIONS: dict[type[Relation], Any] = {Equal: sympy.Eq, LessEqual: sympy.Le, Less: sympy.Lt}


def theorem_to_sympy(theorem: Theorem, unfold: bool | None = None, functions: dict[str, Formula] | None = None) -> Any:
    """The conclusion as a SymPy relation.

    unfold      replace defined names (o_3, z_2, …) by their definitions; by default for scalar equations
    functions   {"sigma": (formula, variable)} for functions beside those that the hypotheses name
    """
    claim = theorem.conclusion
    need(isinstance(claim, Relation), lambda: f"only an equation or inequality can be exported, got {claim}")
    assert isinstance(claim, Relation)
    known = {**_activations(theorem), **(functions or {})}
    if unfold is None:
        unfold = claim.left.is_scalar_term
    how = _unfolder(theorem) if unfold else (lambda name: None)
    return _RELATIONS[type(claim)](to_sympy(claim.left, functions=known), to_sympy(claim.right, unfold=how, functions=known),
                                   evaluate=False)


def _unfolder(theorem: Theorem) -> Any:
    """Definitions, with σ for σ_l where the theorem says that they are one function."""
    one = {h.args[0].name for h in theorem.hypotheses if isinstance(h, OneFunction)}

    def change(node: Any) -> Any:
        if isinstance(node, ElementwiseFunction) and node.name in one:
            return ElementwiseFunction(node.args[0], node.order)
        return node

    def unfold(name: Named) -> Term | None:
        found = unfolding(name)
        return transform(found, change) if one and found is not None else found
    return unfold


def unfolding(name: Named) -> Term | None:
    """The right side of the definition of a name at concrete indices, where one case settles it."""
    if not all(i.is_Integer for i in name.indices):
        return None
    for case in definition_of(name.name):
        binding: dict[Any, Any] = {}
        fits = True
        for mine, theirs in zip(case.indices, name.indices, strict=True):
            if isinstance(mine, Index):
                binding[mine] = theirs
            else:
                fits = fits and mine == theirs
        lower = [substitute(c, binding).expression for c in case.where]
        if fits and all(e.free_symbols or implied(e, ()) for e in lower):
            return substitute(case.right, binding)
    return None


def _activations(theorem: Theorem) -> dict[str, Formula]:
    named = [h for h in theorem.hypotheses if isinstance(h, IsActivation)]
    found: dict[str, Formula] = {}
    for h in named:
        formula = FORMULAS.get("activation")
        if formula is not None:
            indices = "".join(f"_{i}" for i in h.args[0].indices)
            found[f"{h.args[0].name}{indices}"] = formula(h.args[1].name)
    return found


#: how the name of an activation becomes its formula; filled in by `symgrad.operations.facts`
FORMULAS: dict[str, Any] = {}
