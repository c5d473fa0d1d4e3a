"""What must not replace ‖W‖₂ in the recurrent bound, and what the factor is not.

The paper writes the factor of one step Wᵀ diag(σ'); it is W diag(σ'), and in the other layout diag(σ') Wᵀ.  And an
eigenvalue in place of the norm makes the theorem false for ever: if W Σ'(x_r) e = λ e at every step, then
∂x_t/∂x_k e = λ^{t-k} e, and λ may be 2 for a nilpotent W.  Nor is a spectral radius > 1 needed to explode, with
σ(t) = t: if W = I + N and N² = 0, then ∂x_t/∂x_k = I + (t−k) N.  Pascanu, Mikolov, Bengio 2013.  Claim C15.
"""

from fractions import Fraction

from symgrad.check.claims import demonstration, proved
from symgrad.check.refutation import Refutation
from symgrad.derive import algebra, derivation, empty_product, induct, unfold
from symgrad.kernel.statements import Bounded, Equal, ForAll, Jacobian, LessEqual
from symgrad.networks.recurrent import Sigma, W, X, k, n, r, sigma, t, v
from symgrad.numeric.dense_instance import IDENTITY
from symgrad.numeric.elementwise import Formula
from symgrad.numeric.instance import Instance
from symgrad.numeric.truth import check
from symgrad.terms.algebra import Count, Identity, Zero
from symgrad.terms.named import Family
from symgrad.terms.scalars import absolute, norm

from recurrent_bound import T, gamma, jacobian, no_explosion, product, recurrent_bound, s, states, vanishing

e, N, lam = Family("recurrent.e", n[1])(), Family("recurrent.N", n[1], n[1])(), Family("recurrent.lambda")()
rho, first, second = (Family(f"recurrent.{name}")() for name in ("rho", "alpha", "beta"))
eye = Identity(n[1])

each_step_stretches = ForAll(r, k, T - 1, Equal(W @ Sigma(X[r](v)) @ e, lam * e))
stretching = induct("stretching", lambda i: Equal(product(i) @ e, lam ** (i - k) * e),
    derivation(product(k) @ e).eq(lam ** (k - k) * e,                      by=[empty_product, algebra]),
    lambda before: derivation(product(t) @ e)
        .eq(W @ Sigma(X[t - 1](v)) @ product(t - 1) @ e,                 by=unfold)
        .eq(W @ Sigma(X[t - 1](v)) @ (lam ** (t - 1 - k) * e),             by=before)
        .eq(lam ** (t - 1 - k) * (W @ Sigma(X[t - 1](v)) @ e),             by=algebra)
        .eq(lam ** (t - 1 - k) * (lam * e),                                by=each_step_stretches)
        .eq(lam ** (t - k) * e,                                            by=algebra),
    index=t, over=(k, T), down=False, where=k <= T, given=[each_step_stretches]).at("stretching", {T: t})

linear = ForAll(r, k, T - 1, Equal(Sigma(X[r](v)), eye))
is_shear, square_is_zero = Equal(W, eye + N), Equal(N @ N, Zero(n[1], n[1]))
shear = induct("shear", lambda i: Equal(product(i), eye + Count(i - k) * N),
    derivation(product(k)).eq(eye + Count(k - k) * N,                    by=[empty_product, algebra]),
    lambda before: derivation(product(t))
        .eq(W @ Sigma(X[t - 1](v)) @ product(t - 1),                     by=unfold)
        .eq(W @ eye @ product(t - 1),                                    by=linear)
        .eq((eye + N) @ eye @ (eye + Count(t - 1 - k) * N),              by=[is_shear, before])
        .eq(eye + Count(t - k) * N + Count(t - 1 - k) * (N @ N),         by=algebra)
        .eq(eye + Count(t - k) * N,                                      by=[square_is_zero, algebra]),
    index=t, over=(k, T), down=False, where=k <= T,
    given=[linear, is_shear, square_is_zero]).at("shear", {T: t})

# ρ is the larger size of the two eigenvalues α, β of a 2 × 2 matrix W.
eigenvalues = [Equal((W - first * eye) @ (W - second * eye), Zero(n[1], n[1])),
               LessEqual(absolute(first), rho), LessEqual(absolute(second), rho), Bounded(sigma.prime, gamma)]
with_eigenvalue = LessEqual(norm(product(t)), (gamma * rho) ** (t - k))


def network(matrix, alpha, beta, radius, time, activation=IDENTITY, start=(1, 1), **more):
    arrays = {"W": matrix, "W_in": [[0], [1]], "b": [0, 0], "u": lambda i: [-1 - 2**i],
              "v": list(start), "s": list(start),
              "alpha": [alpha], "beta": [beta], "rho": [radius], "gamma": [1], **more}
    return Instance(integers={"k": 0, "t": time}, widths={"n": [1, 2]}, functions={"sigma": activation},
                    arrays={f"recurrent.{name}": value for name, value in arrays.items()})


def nilpotent(time):                                  # W² = 0; relu, unit 2 off: x_t = (2^{t+1}, −1)
    return network([[2, -4], [1, -2]], 0, 0, 0, time, Formula("relu", (None, 1)), (2, -1),
                   e=[2, 1], **{"lambda": [2]})


def sheared(time):
    return network([[1, 1], [0, 1]], 1, 1, 1, time, N=[[0, 1], [0, 0]])


halves = network([[Fraction(1, 2), 0], [0, Fraction(1, 4)]], Fraction(1, 2), Fraction(1, 4), Fraction(1, 2), 3)
squares = [0, 0, Fraction(1, 2)]                      # σ(t) = t²/2, so the slopes at (1, ½) are 1 and ½
slopes_1_and_half = network([[0, 1], [0, 0]], 0, 0, 0, 1, squares, (1, Fraction(1, 2)))

refutations = [
    Refutation(Jacobian(s, W @ sigma(s), W.T @ Sigma(s)), slopes_1_and_half, true_on=halves,
               words="the paper's factor as a Jacobian"),
    Refutation(Jacobian(s, W @ sigma(s), (W.T @ Sigma(s)).T), slopes_1_and_half, true_on=halves,
               words="the paper's factor in the other layout"),
    Refutation(with_eigenvalue, nilpotent(1), true_on=halves, given=eigenvalues, also=map(nilpotent, range(2, 7)),
               words="W is nilpotent, yet W diag(1, 0) has the eigenvalue 2: ∂x_t/∂x_k e = 2^{t−k} e"),
    Refutation(with_eigenvalue, sheared(1), true_on=halves, given=eigenvalues, also=map(sheared, range(2, 7)),
               words="both eigenvalues are 1 and σ(t) = t: ∂x_t/∂x_k = [[1, t−k], [0, 1]]")]


def holds_on(proof, instances):
    return all(check(proof.theorem, instance) == (True, True) for instance in instances)


c15 = proved("C15", "‖∂x_t/∂x_k‖ ≤ η^{t−k} when ‖W‖₂ < 1/γ, η = γ‖W‖₂; exploding needs γ‖W‖₂ > 1",
             vanishing, no_explosion, recurrent_bound, jacobian, states, stretching, shear, refutations=refutations,
             shows=[demonstration("stretching, for the nilpotent W, 1 to 6 steps",
                                  lambda: holds_on(stretching, map(nilpotent, range(1, 7)))),
                    demonstration("shear, for [[1, 1], [0, 1]], 1 to 6 steps",
                                  lambda: holds_on(shear, map(sheared, range(1, 7))))],
             source="Pascanu, Mikolov, Bengio 2013; document 002 builds on it",
             note="“otherwise it vanishes” would be wrong: W = I, σ(t) = t stays at 1")
