"""hardshrink(x) = x where |x| > λ, else 0. It jumps at ±λ: sup|σ'| = 1 is no Lipschitz constant, and the
bound theorems ask z_i ≠ ±λ."""

from symgrad.operations.activations import Entry

ENTRY = Entry("hardshrink", "x if x > lambd or x < -lambd else 0", r"\operatorname{hardshrink}",
              {"lambd": "0.5"}, {"lambd": "lambd"}, source="torch.nn.Hardshrink")
