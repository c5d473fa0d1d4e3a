"""When gradients vanish.  ‖δ^l‖₂ <= q^{L-l} ‖δ^L‖₂ <= γ q^{L-l} ‖a^L − y‖₂        1 <= l <= L, any depth

If |σ_r'| <= γ for every r and γ ‖w^r‖₂ <= q for l < r <= L (q >= 0; for q < 1 the error vanishes with the number of
later layers), smooth as in vanishing_bound; then ‖∂C/∂w^l‖₂ = ‖δ^l‖ ‖a^{l-1}‖ vanishes too while ‖a^{l-1}‖ stays
bounded.  Without the condition it is false: in the chain of sigmoids with w = 8, b = −4, x = ½ every z^r is 0, every
factor w σ'(0) is 2, and the error doubles a layer (see doubling_chain).  Document 000.  Claim A10; for C12 see
gaussian_weights.
"""

from fractions import Fraction

from symgrad.check.claims import proved
from symgrad.check.refutation import Refutation
from symgrad.derive import algebra, derivation, diagonal_norm, induct, rank_one, submultiplicative, theorem
from symgrad.derive.backprop import smooth
from symgrad.kernel.logic import instantiate_symbol
from symgrad.kernel.statements import Bounded, ForAll, LessEqual
from symgrad.networks.dense import L, Sigma, a, delta, gamma, gradient, l, r, sigma, w, y, z
from symgrad.numeric.dense_instance import dense_instance
from symgrad.terms.named import Family
from symgrad.terms.scalars import norm

from bp1 import bp1
from bp4 import bp4
from doubling_chain import doubling
from vanishing_bound import m, one_layer
from vanishing_power import one_gamma

q = Family("every.q")()
one_layer_with_one_gamma = instantiate_symbol(one_layer.theorem, gamma, (r,), one_gamma)


def assumed(first):
    return [ForAll(r, first, L, Bounded(sigma[r].prime, one_gamma)),
            ForAll(r, first + 1, L, LessEqual(one_gamma * norm(w[r]), q)), LessEqual(0, q), smooth(first)]


each_factor_small = assumed(m)[1]
contraction = induct("contraction", lambda i: LessEqual(norm(delta[i]), q ** (L - i) * norm(delta[L])),
    derivation(norm(delta[L])).eq(q ** (L - L) * norm(delta[L]),         by=algebra),
    lambda next_layer: derivation(norm(delta[l]))
        .le(one_gamma * norm(w[l + 1]) * norm(delta[l + 1]),             by=one_layer_with_one_gamma)
        .le(q * norm(delta[l + 1]),                                      by=each_factor_small)
        .le(q * (q ** (L - l - 1) * norm(delta[L])),                     by=next_layer)
        .eq(q ** (L - l) * norm(delta[L]),                               by=algebra),
    index=l, over=(m, L), where=(1 <= m, m <= L), given=assumed(m)).at("contraction", {m: l})

vanishing = theorem("vanishing errors", derivation(norm(delta[l]))
    .le(q ** (L - l) * norm(delta[L]),                                   by=contraction)
    .eq(q ** (L - l) * norm(Sigma(z[L]) @ (a[L] - y)),                   by=bp1)
    .le(q ** (L - l) * (norm(Sigma(z[L])) * norm(a[L] - y)),             by=submultiplicative)
    .le(q ** (L - l) * (one_gamma * norm(a[L] - y)),                     by=diagonal_norm)
    .eq(one_gamma * q ** (L - l) * norm(a[L] - y),                       by=algebra),
    where=(1 <= l, l <= L), given=assumed(l))

vanishing_weights = theorem("vanishing weight gradients", derivation(norm(gradient(w[l])))
    .eq(norm(delta[l] @ a[l - 1].T),                                     by=bp4)
    .eq(norm(delta[l]) * norm(a[l - 1]),                                 by=rank_one)
    .le(one_gamma * q ** (L - l) * norm(a[L] - y) * norm(a[l - 1]),      by=vanishing),
    where=(1 <= l, l <= L), given=assumed(l))


def chain(depth, w, b):
    return dense_instance([[[w]]] * depth, x=[Fraction(1, 2)], y=[0], biases=[[b]] * depth, activation="sigmoid")


doubled = Refutation(LessEqual(norm(delta[l]), norm(delta[L])), chain(2, 8, -4), true_on=chain(3, 2, -1),
                     also=[chain(depth, 8, -4) for depth in (3, 4, 6)],
                     words="w = 8, b = −4, x = ½: z^r = 0 and w σ'(0) = 2, so δ^l = 2^{L−l} δ^L")

a10 = proved("A10", "the effect grows with the number of later layers", contraction, vanishing, doubling,
             refutations=[doubled], source="document 000",
             note="true when γ‖w^r‖ ≤ q < 1 for l < r ≤ L; without that the error may double from layer to layer")
