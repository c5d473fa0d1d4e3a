"""Names put back in: z^l for w^l a^{l-1} + b^l, δ^l for its gradient; and results set in matrix form."""

from __future__ import annotations

from collections.abc import Sequence

from ..kernel.logic import instantiate
from ..kernel.theorem import Theorem
from ..terms.algebra import Diagonal, Hadamard, MatrixProduct, Term
from ..terms.index import Index
from ..terms.named import Elementwise, Variable
from ..terms.node import Node, transform
from .matching import fresh_variable, match, places, template

__all__ = ["fold", "matrix_form"]


def fold(term: Term, definitions: Sequence[Theorem]) -> Term:
    """`term` with every right side of a definition in it replaced by the name it defines."""
    changed = True
    while changed:
        changed = False
        for equation in definitions:
            free = frozenset(s for s in equation.free if isinstance(s, (Index, Variable)))
            for part in places(term):
                found = match(equation.right, part, {}, free)
                if found is None or not all(s in found for s in free):
                    continue
                name = instantiate(equation, tuple(found.items())).left
                hole = fresh_variable("hole", part.shape, (term,))
                term = template(term, part, hole).at({hole: name})
                changed = True
                break
    return term


def matrix_form(term: Term) -> Term:
    """Slopes as diagonal matrices: Σ'(z) u for σ'(z) ⊙ u."""
    return transform(term, _as_matrix)


def _as_matrix(node: Node) -> Node:
    if isinstance(node, Hadamard) and node.columns == 1:
        slopes = [part for part in node.args if isinstance(part, Elementwise) and part.function.order]
        rest = [part for part in node.args if part not in slopes]
        if slopes and rest:
            return MatrixProduct(*map(Diagonal, slopes), Hadamard(*rest))
    if isinstance(node, MatrixProduct):
        return MatrixProduct(*node.args)
    return node


