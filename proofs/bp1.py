"""BP1.  δ^L = Σ'(z^L) (a^L − y) = (a^L − y) ⊙ σ'(z^L)        1 <= L; σ_L differentiable at z^L

The error of the last layer is what the network got wrong, seen through the slope of the last activation.
Nielsen, "Neural Networks and Deep Learning", (BP1); document 002, (30).  Claim C1.
"""

from symgrad.check.claims import proved
from symgrad.derive import algebra, chain_rule, derivation, theorem
from symgrad.derive.backprop import smooth
from symgrad.networks.dense import C, L, Sigma, a, delta, last_cost_definition, sigma, y, z
from symgrad.terms.algebra import hadamard
from symgrad.terms.named import grad

# C_L(v) = ½ ‖σ_L(v) − y‖², so ∇C_L(v) = σ_L'(v) ⊙ (σ_L(v) − y).
slope_of_last_cost = chain_rule(last_cost_definition)

bp1 = theorem("BP1", derivation(delta[L])
    .eq(grad(C[L], at=z[L]),                                     by=delta)
    .eq(hadamard(sigma[L].prime(z[L]), sigma[L](z[L]) - y),      by=slope_of_last_cost)
    .eq(hadamard(sigma[L].prime(z[L]), a[L] - y),                by=a)
    .eq(Sigma(z[L]) @ (a[L] - y),                                by=algebra),
    where=1 <= L, given=[smooth(L)])

bp1_entrywise = theorem("BP1, entry by entry", derivation(delta[L])
    .eq(Sigma(z[L]) @ (a[L] - y),                                by=bp1)
    .eq(hadamard(a[L] - y, sigma[L].prime(z[L])),                by=algebra),
    where=1 <= L, given=[smooth(L)])

c1 = proved("C1", "δ^L = Σ'(z^L)(a^L − y) = (a^L − y) ⊙ σ'(z^L)", bp1, bp1_entrywise, source="document 002, (30)")
