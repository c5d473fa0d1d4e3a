"""BP2.  δ^l = Σ'(z^l) (w^{l+1})ᵀ δ^{l+1}        1 <= l < L; σ_r differentiable at z^r, l <= r <= L

The error of a layer is the error of the next layer, pulled back through the weights and then through the activation.
Nielsen, "Neural Networks and Deep Learning", (BP2); document 002, (34).  Claim C2.
"""

from symgrad.check.claims import proved
from symgrad.derive import algebra, chain_rule, derivation, derivative, theorem
from symgrad.derive.backprop import cost_is_differentiable, smooth
from symgrad.networks.dense import C, L, Sigma, a, b, delta, l, next_cost_definition, sigma, v, w, z
from symgrad.terms.named import grad

# How z^{l+1} moves with v = z^l: an affine map after an elementwise one.
next_z = derivative(w[l + 1] @ sigma[l](v) + b[l + 1], by=v)   # D[v ↦ w^{l+1} σ_l(v) + b^{l+1}] = w^{l+1} Σ'_l(v)

bp2 = theorem("BP2", derivation(delta[l])
    .eq(grad(C[l], at=z[l]),                                       by=delta)
    .eq((w[l + 1] @ Sigma(z[l])).T @ grad(C[l + 1], at=z[l + 1]),  by=[chain_rule(next_cost_definition, next_z), z, a])
    .eq((w[l + 1] @ Sigma(z[l])).T @ delta[l + 1],                 by=delta)
    .eq(Sigma(z[l]) @ w[l + 1].T @ delta[l + 1],                   by=algebra),
    where=(1 <= l, l < L), given=[smooth(l), cost_is_differentiable()])

c2 = proved("C2", "δ^l = Σ'(z^l)(w^{l+1})ᵀ δ^{l+1}", bp2, source="document 002, (34)")
