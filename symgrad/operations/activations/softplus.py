"""softplus(x) = log(1 + e^(βx))/β. Its slope is sigmoid(βx): the supremum 1 is approached at infinity
only."""

from symgrad.operations.activations import Entry

ENTRY = Entry("softplus", "softplus(beta*x)/beta", r"\operatorname{softplus}", {"beta": "1"},
              {"beta": "beta"},
              source="Dugas et al., NeurIPS 2001")
