"""BP3.  ∂C/∂b^l = δ^l        1 <= l <= L; σ_r differentiable at z^r, l <= r <= L

With b^l set free, the cost is β ↦ C_l(w^l a^{l-1} + β): the bias moves z^l one to one, so its gradient is the error.
Nielsen, "Neural Networks and Deep Learning", (BP3); document 002.  Claim C4.
"""

from symgrad.check.claims import proved
from symgrad.derive import chain_rule, derivation, theorem
from symgrad.derive.backprop import cost_is_differentiable, smooth
from symgrad.networks.dense import C, L, b, bias_definition, delta, gradient, l, z
from symgrad.terms.named import grad

slope_by_bias = chain_rule(bias_definition)                    # ∇(β ↦ C_l(w^l a^{l-1} + β)) = ∇C_l(w^l a^{l-1} + β)

bp3 = theorem("BP3", derivation(gradient(b[l]))
    .eq(grad(C[l], at=z[l]),     by=[slope_by_bias, z])
    .eq(delta[l],                by=delta),
    where=(1 <= l, l <= L), given=[smooth(l), cost_is_differentiable()])

c4 = proved("C4", "∂C/∂b^l = δ^l", bp3, source="document 002, BP3")
