"""identity(x) = x, the activation of a linear layer: σ' = 1 everywhere."""

from symgrad.operations.activations import Entry

ENTRY = Entry("identity", "x", r"\operatorname{id}", aliases=("linear",))
