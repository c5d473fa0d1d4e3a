"""The recurrent network.  ∂x_t/∂x_k = W Σ'(x_{t-1}) ⋯ W Σ'(x_k), and ‖∂x_t/∂x_k‖₂ <= (γ ‖W‖₂)^{t-k}        t >= k

x_t = W σ(x_{t-1}) + W_in u_t + b, |σ'| <= γ, σ differentiable at x_r, k <= r < t, at least one unit.  So gradients
vanish when γ ‖W‖₂ <= η < 1, and none ever exceeds 1 when γ ‖W‖₂ <= 1: exploding needs γ ‖W‖₂ > 1.
Pascanu, Mikolov, Bengio 2013, "On the difficulty of training recurrent neural networks".  Claim C15; for what the
paper's text has otherwise see recurrent_refutations.
"""

from symgrad.derive import (
    algebra,
    compose,
    derivation,
    derivative,
    diagonal_norm,
    empty_product,
    identity_norm,
    induct,
    restated,
    submultiplicative,
    theorem,
    unfold,
)
from symgrad.derive.derived_ranges import last
from symgrad.kernel.equality import symmetric
from symgrad.kernel.products import empty
from symgrad.kernel.statements import Bounded, Differentiable, Equal, ForAll, Jacobian, LessEqual
from symgrad.networks.recurrent import Sigma, W, X, k, later_state, n, r, sigma, start_state, step, t, v, x
from symgrad.terms.algebra import Identity
from symgrad.terms.index import Index
from symgrad.terms.named import Family, Variable
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm

T = Index("T")                                                 # the last time that the induction reaches
gamma, eta = Family("recurrent.gamma")(), Family("recurrent.eta")()

# x_t is the state that v = x_k leads to.
states = induct("states", lambda i: Equal(X[i](x[k]), x[i]),
    derivation(X[k](x[k])).eq(x[k], by=X),
    lambda before: derivation(X[t](x[k]))
        .eq(step(X[t - 1](x[k]), t),                           by=X)
        .eq(step(x[t - 1], t),                                 by=before)
        .eq(x[t],                                              by=x),
    index=t, over=(k, T), down=False, where=k <= T).at("states", {T: t})


# One step more is one factor more, on the left: D[s ↦ W σ(s) + W_in u_t + b] = W Σ'(s).
def product(i):                                                # W Σ'(X_{i-1}(v)) ⋯ W Σ'(X_k(v))
    return ordered_product(r, k + 1, i, W @ Sigma(X[r - 1](v)), -1)


s = Variable("recurrent.s", n[1])
one_step = derivative(step(s, t), by=s)
smooth = ForAll(r, k, T - 1, Differentiable(sigma, X[r](v)))

at_start = restated(derivative(v, by=v), symmetric(start_state), symmetric(empty(product(k))))


def one_step_later(before):                                    # before:  D[v ↦ X_{t-1}(v)] = product(t-1)
    return restated(compose(one_step, before), symmetric(later_state), symmetric(last(product(t))))


jacobian = induct("Jacobian", lambda i: Jacobian(v, X[i](v), product(i)), at_start, one_step_later,
    index=t, over=(k, T), down=False, where=k <= T, given=[smooth]).at("Jacobian", {T: t})

bounded = Bounded(sigma.prime, gamma)
recurrent_bound = induct("recurrent bound", lambda i: LessEqual(norm(product(i)), (gamma * norm(W)) ** (i - k)),
    derivation(norm(product(k)))
        .eq(norm(Identity(n[1])),                              by=empty_product)
        .eq((gamma * norm(W)) ** (k - k),                      by=[identity_norm, algebra]),
    lambda before: derivation(norm(product(t)))
        .eq(norm(W @ Sigma(X[t - 1](v)) @ product(t - 1)),     by=unfold)
        .le(norm(W) * norm(Sigma(X[t - 1](v))) * norm(product(t - 1)), by=submultiplicative)
        .le(norm(W) * gamma * norm(product(t - 1)),            by=diagonal_norm)
        .le(norm(W) * gamma * (gamma * norm(W)) ** (t - 1 - k), by=before)
        .eq((gamma * norm(W)) ** (t - k),                      by=algebra),
    index=t, over=(k, T), down=False, where=(k <= T, 1 <= n[1]), given=[bounded]).at("recurrent bound", {T: t})

small = LessEqual(gamma * norm(W), eta)
vanishing = theorem("vanishing", derivation(norm(product(t)))
    .le((gamma * norm(W)) ** (t - k),                          by=recurrent_bound)
    .le(eta ** (t - k),                                        by=small),
    where=(k <= t, 1 <= n[1]), given=[bounded, small])

not_expanding = LessEqual(gamma * norm(W), 1)
no_explosion = theorem("no explosion", derivation(norm(product(t)))
    .le((gamma * norm(W)) ** (t - k),                          by=recurrent_bound)
    .le(1,                                                     by=[not_expanding, algebra]),
    where=(k <= t, 1 <= n[1]), given=[bounded, not_expanding])
