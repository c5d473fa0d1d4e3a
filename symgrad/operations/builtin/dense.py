"""The affine layer z = w a + b. Its three pullbacks, G aᵀ to w, wᵀ G to a and G to b, are derived from the formula."""

from ...terms.index import Dimension
from ..record import Operation, admit

__all__ = ["AFFINE"]

m, n = Dimension("m"), Dimension("n")

AFFINE = admit(Operation(
    "affine", {"w": (m, n), "a": n, "b": m},
    formula=lambda w, a, b: w @ a + b,
    value=lambda w, a, b: w @ a + b, exact=True,
    source="Nielsen, Neural Networks and Deep Learning, ch. 2"))
