"""relu(x) = max(0, x). The kink at 0 has no derivative; the NumPy slope takes 0 there, and theorems ask z_i
≠ 0."""

from symgrad.operations.activations import Entry

ENTRY = Entry("relu", "max(0, x)", r"\operatorname{ReLU}", source="Nair and Hinton, ICML 2010")
