"""The trusted part: theorems can be made only here, by the rules listed in `RULES`.

Each rule is a short function whose docstring is its inference; what follows from the rules is not here but in
`symgrad.derive.derived`. A mathematician who wants to referee symgrad reads
`statements` (what can be said), `theorem` (the one door), then the rules:

    logic        hypotheses, instantiation, quantified ranges, fixed constants, induction
    definitions  new names, conservatively
    equality     reflexive, symmetric, transitive, congruence
    derivative   pullbacks of the matrix operations, composition, the gradient at a point
    order        signs and monotone formulas
    norms        norms and smallest stretches
    products     ordered products and finite sums
    algebra      one normal form of non-commutative matrix algebra
    facts        what is computed with certainty, what is cited
    stated       pullbacks of functions that no definition explains
"""

from . import algebra, definitions, derivative, equality, facts, logic, norms, order, products, stated
from . import display as display
from .theorem import RULES, Theorem, replay

__all__ = ["RULES", "Theorem", "algebra", "definitions", "derivative", "equality", "facts", "logic", "norms", "order",
           "products", "replay", "stated"]
