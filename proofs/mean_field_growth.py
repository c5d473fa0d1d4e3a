"""How fast gradients grow in wide random networks: χ = σ_w² E[σ'(√q Z)²] a layer, for E‖δ‖²

Weights from N(0, σ_w²/n), Z standard normal, q the fixed point of q = σ_w² E[σ(√q Z)²].  A heuristic, exact only for
infinitely many units (Poole et al. 2016; Schoenholz, Gilmer, Ganguli, Sohl-Dickstein 2017); the Gaussian means are
certified.  The theorem beside it is local_bound: “the same approach” for tanh.  Document 002.  Claim C13.
"""

from functools import cache

import numpy as np

from symgrad.bounds.mean_field import mean_field
from symgrad.check.claims import defined, demonstration
from symgrad.operations.activation import activation

from local_bound import local_bound


def measured_growth(sigma_w: float, n: int = 300, layers: int = 12, seed: int = 0) -> float:
    """The factor a layer of the mean of ‖δ‖², in one random tanh network, over 64 random errors at its end."""
    rng = np.random.default_rng(seed)
    a, steps = rng.standard_normal(n), []
    for _ in range(layers):
        w = sigma_w / np.sqrt(n) * rng.standard_normal((n, n))
        a = np.tanh(w @ a)
        steps.append((w, 1 - a * a))
    settled = steps[4:]                                               # the first layers are not at the fixed point q
    errors = rng.standard_normal((n, 64))
    first = np.square(errors).sum()
    for w, slopes in reversed(settled):
        errors = w.T @ (slopes[:, None] * errors)
    return float((np.square(errors).sum() / first) ** (1 / len(settled)))


@cache
def predicted_growth(sigma_w: float) -> float:
    """χ for tanh, rounded up."""
    return float(mean_field(activation("tanh"), sigma_w).chi.upper)


agrees = demonstration("tanh, σ_w = 1.5: χ is within a tenth of the measured factor",
                       lambda: abs(measured_growth(1.5) / predicted_growth(1.5) - 1) < 0.1)
chi = demonstration("tanh, σ_w = 1.5: χ to three decimals", lambda: f"{predicted_growth(1.5):.3f}", "1.139")

c13 = defined("C13", "“the same approach and some approximations” works for tanh", mean_field, measured_growth,
              proofs=[local_bound], shows=[chi, agrees], source="document 002")
