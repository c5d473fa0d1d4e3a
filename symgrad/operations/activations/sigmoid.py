"""sigmoid(x) = 1/(1 + e^-x), the logistic function. σ' = σ(1 - σ) is largest at 0, where it is 1/4 (claim
C11); it is computed from e^-|x|, since σ(1 - σ) itself has lost every digit at x = 38."""

from symgrad.operations.activations import Entry

ENTRY = Entry("sigmoid", "sigmoid(x)", r"\operatorname{sigmoid}", aliases=("logistic",),
              source="Nielsen, Neural Networks and Deep Learning, ch. 1")
