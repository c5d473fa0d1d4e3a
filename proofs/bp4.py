"""BP4.  ∂C/∂w^l = δ^l (a^{l-1})ᵀ        1 <= l <= L; σ_r differentiable at z^r, l <= r <= L

With w^l set free, the cost is X ↦ C_l(X a^{l-1} + b^l).  A cotangent G of X a is pulled back to G aᵀ: ⟨G, dX a⟩ =
⟨G aᵀ, dX⟩.  So every weight learns as fast as the activation it carries and the error it causes.
Nielsen, "Neural Networks and Deep Learning", (BP4); document 002.  Claim C5; for scalars see chain_product (claim A4).
"""

from symgrad.check.claims import proved
from symgrad.derive import chain_rule, derivation, pullback, theorem
from symgrad.derive.backprop import cost_is_differentiable, smooth
from symgrad.networks.dense import C, L, a, b, delta, gradient, l, w, weight, weight_definition, z
from symgrad.terms.named import grad

adjoint_of_z = pullback(weight @ a[l - 1] + b[l], by=weight)   # V[X ↦ X a^{l-1} + b^l](G) = G (a^{l-1})ᵀ
slope_by_weight = chain_rule(weight_definition)

bp4 = theorem("BP4", derivation(gradient(w[l]))
    .eq(grad(C[l], at=z[l]) @ a[l - 1].T,    by=[slope_by_weight, z])
    .eq(delta[l] @ a[l - 1].T,               by=delta),
    where=(1 <= l, l <= L), given=[smooth(l), cost_is_differentiable()])

c5 = proved("C5", "∂C/∂w^l = δ^l (a^{l−1})ᵀ", bp4, source="document 002, BP4")
