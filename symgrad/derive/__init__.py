"""What a proof is written with: derivations, their reasons, and the derivatives of formulas.

    from symgrad.derive import algebra, chain_rule, derivation, theorem
"""

from .derivation import Derivation, Line, Proof, derivation, induct, specialised, theorem
from .laws import (
    Law,
    absolute_value,
    algebra,
    constant_product,
    diagonal_norm,
    empty_product,
    holder,
    homogeneous,
    identity_norm,
    norm_of_scalar,
    plus,
    rank_one,
    square,
    square_of_norm,
    stretch,
    stretch_of_product,
    submultiplicative,
    transpose_norm,
    triangle,
    unfold,
)
from .pullback import chain_rule, compose, derivative, differentiable, gradient_of, pullback, restated

__all__ = ["Derivation", "Law", "Line", "Proof", "absolute_value", "algebra", "chain_rule", "compose",
           "constant_product", "derivation", "derivative", "diagonal_norm", "differentiable",
           "empty_product", "gradient_of", "holder", "homogeneous", "identity_norm", "induct",
           "norm_of_scalar", "plus", "pullback", "rank_one", "restated", "specialised", "square",
           "square_of_norm", "stretch", "stretch_of_product", "submultiplicative", "theorem",
           "transpose_norm", "triangle", "unfold"]
