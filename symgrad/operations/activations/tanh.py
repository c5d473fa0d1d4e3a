"""tanh(x), the hyperbolic tangent: 2 sigmoid(2x) - 1. Its slope 1 - tanh² has its supremum 1 at 0."""

from symgrad.operations.activations import Entry

ENTRY = Entry("tanh", "tanh(x)", r"\tanh", source="LeCun et al., Efficient BackProp, 1998")
