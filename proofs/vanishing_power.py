"""One γ.  ‖∂C/∂b^l‖₂ <= γ^{L-l+1} ∏_{r=l+1}^{L} ‖w^r‖₂ ‖a^L − y‖₂        1 <= l <= L, any depth

Where |σ_r'(t)| <= γ for every real t and l <= r <= L: a product of equal bounds is a power.  γ bounds |σ'|, not σ':
for σ = −tanh the largest value of σ' is 0 (a limit), and with γ = 0 the bound would be false.  Document 002, (**).
Claim C10.
"""

from sympy import tanh

from symgrad.check.claims import proved
from symgrad.check.refutation import Refutation
from symgrad.derive import constant_product, derivation, theorem
from symgrad.derive.backprop import smooth
from symgrad.kernel.logic import instantiate_symbol
from symgrad.kernel.statements import Bounded, ForAll, LessEqual
from symgrad.networks.dense import L, a, b, delta, gamma, gradient, l, r, sigma, w, y
from symgrad.numeric.dense_instance import dense_instance
from symgrad.operations.activation import t
from symgrad.terms.named import Family
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

from vanishing_bound import bias_bound, vanishing_bound

one_gamma = Family("every.gamma")()                                  # one bound γ for the slopes of all layers
with_one_gamma = instantiate_symbol(bias_bound.theorem, gamma, (r,), one_gamma)

weights = ordered_product(r, l + 1, L, norm(w[r]))

vanishing_power = theorem("vanishing bound with one γ", derivation(norm(gradient(b[l])))
    .le(ordered_product(r, l, L, one_gamma) * weights * norm(a[L] - y),      by=with_one_gamma)
    .eq(one_gamma ** (L - l + 1) * weights * norm(a[L] - y),                 by=constant_product),
    where=(1 <= l, l <= L), given=[ForAll(r, l, L, Bounded(sigma[r].prime, one_gamma)), smooth(l)])


def one_neuron(activation, largest_slope):                           # L = 1, w = 1, x = b = 0, y = 1:  z = 0
    return dense_instance([[[1]]], x=[0], y=[1], activation=activation, every__gamma=largest_slope)


largest_instead_of_largest_size = Refutation(
    LessEqual(norm(delta[L]), one_gamma * norm(a[L] - y)),
    instance=one_neuron(-tanh(t), 0), true_on=one_neuron("tanh", 1),
    words="σ = −tanh: σ' < 0 everywhere, so sup σ' = 0, but δ^L = −σ'(0) = 1")

c10 = proved("C10", "‖∂C/∂b^l‖ ≤ γ^{L−l+1} ∏_{r=l+1}^{L} ‖w^r‖ ‖a^L − y‖", vanishing_power, bias_bound, vanishing_bound,
             refutations=[largest_instead_of_largest_size], source="document 002, (**)",
             note="γ is a bound of |σ'|, not of σ'")
