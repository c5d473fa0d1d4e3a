"""gelu(x) = x Φ(x) with the normal distribution Φ. Its slope Φ(x) + x φ(x) is largest at √2, where it
exceeds 1."""

from symgrad.operations.activations import Entry

ENTRY = Entry("gelu", "x*(1 + erf(x/sqrt(2)))/2", r"\operatorname{GELU}",
              source="Hendrycks and Gimpel, arXiv:1606.08415")
