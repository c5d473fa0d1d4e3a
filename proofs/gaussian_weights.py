"""“So the gradients of early layers would probably be very small.”  Sigmoid, n × n weights from N(0, 1)

Not in general: the chain of doubling_chain grows by exactly 2 a layer.  What holds is vanishing_condition.  For random
weights the bound (γ‖w‖₂)^{L-l} shrinks with the depth only up to n = 5 (the mean of ‖w‖₂ passes 4 at n = 6), while the
gradient itself shrinks up to about n = 120: a growing bound refutes nothing.  Document 002.  Claim C12.
"""

import numpy as np

from symgrad.check.claims import demonstration, refuted

from doubling_chain import doubling
from vanishing_condition import doubled, vanishing, vanishing_weights


def bound_growth(n: int, samples: int = 400, seed: int = 0) -> float:
    """The mean of γ‖w‖₂ = ‖w‖₂ / 4 for n × n weights from N(0, 1): the factor of the bound a layer."""
    weights = np.random.default_rng(seed).standard_normal((samples, n, n))
    return float(np.linalg.norm(weights, 2, axis=(1, 2)).mean()) / 4


def gradient_growth(n: int, layers: int = 12, networks: int = 9, seed: int = 0) -> float:
    """The median of log10 ‖δ^1‖ / ‖δ^L‖ over random sigmoid networks of that many layers of n units."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(networks):
        a, steps = rng.random(n), []
        for _ in range(layers):
            w = rng.standard_normal((n, n))
            a = 1 / (1 + np.exp(-(w @ a + rng.standard_normal(n))))
            steps.append((w, a * (1 - a)))
        error = steps[-1][1] * (a - rng.random(n))
        first = np.linalg.norm(error)
        for (w, _), (_, slopes) in zip(steps[:0:-1], steps[-2::-1], strict=True):
            error = slopes * (w.T @ error)
        found.append(np.log10(np.linalg.norm(error) / first))
    return float(np.median(found))


c12 = refuted("C12", "so the gradients of early layers would probably be very small", doubled,
              corrected=[vanishing, vanishing_weights, doubling], tools=[bound_growth, gradient_growth],
              shows=[demonstration("the bound shrinks at n = 5 and grows at n = 6",
                                   lambda: bound_growth(5) < 1 < bound_growth(6)),
                     demonstration("the gradient shrinks at n = 16 and grows at n = 256",
                                   lambda: gradient_growth(16) < 0 < gradient_growth(256, networks=3))],
              source="document 002")
