"""leaky_relu(x) = x for x > 0, negative_slope·x otherwise. As a Piecewise, so that any negative_slope, also
above 1 or below 0, means what PyTorch means (max(x, ax) would not)."""

from symgrad.operations.activations import Entry

ENTRY = Entry("leaky_relu", "x if x > 0 else negative_slope*x", r"\operatorname{LeakyReLU}",
              {"negative_slope": "0.01"}, source="Maas et al., ICML 2013")
