"""How fast each layer learns.  ‖∂C/∂b^l‖ = ‖δ^l‖ layer by layer, on the handwritten digits, before training

Nielsen calls it the speed of learning of a layer, and finds that it differs wildly between the layers of a deep sigmoid
network: here the first of five layers is more than a hundred times slower than the last.  Mean gradients over a batch,
weights from N(0, 1/n_{l-1}), biases from N(0, 1).  Nielsen, "Neural Networks and Deep Learning", ch. 5.  Claim C14.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from itertools import pairwise

import numpy as np

import symgrad as sg
from symgrad.numeric.batches import batch
from symgrad.check.claims import defined, demonstration

from bp3 import bp3
from bp4 import bp4


def layer_speeds(widths: Sequence[int] = (64, 30, 30, 30, 30, 10), activation: str = "sigmoid",
                 data: str | None = "digits", examples: int = 500, seed: int = 0) -> list[float]:
    """‖∂C/∂b^l‖₂ for l = 1 … L at initialisation.

    data is "digits" (needs scikit-learn), the path of a file, or None for drawn data.
    """
    net = sg.dense(list(widths), activation=activation)
    x, y, _ = batch(data, net, examples, seed)
    rng = np.random.default_rng(seed)
    parameters = {}
    for l, (n_in, n_out) in enumerate(pairwise(widths), 1):
        parameters[f"w{l}"] = rng.standard_normal((n_out, n_in)) / np.sqrt(n_in)
        parameters[f"b{l}"] = rng.standard_normal(n_out)
    gradients = net.compile()(parameters, x, y).gradients
    return [float(np.linalg.norm(gradients[f"b{l}"])) for l in range(1, len(widths))]


def first_is_slow(data: str | None) -> bool:
    speeds = layer_speeds(data=data)
    return 100 * speeds[0] < speeds[-1]


drawn = demonstration("on drawn data the first layer is over 100 times slower", lambda: first_is_slow(None))
digits = demonstration("on the digits too", lambda: first_is_slow("digits"))

c14 = defined("C14", "gradients are unstable: layers learn at wildly different speeds", layer_speeds, proofs=[bp3, bp4],
              shows=[drawn, digits] if find_spec("sklearn") else [drawn],
              source="Nielsen, ch. 5", note="the digits need the extra symgrad[data]")
