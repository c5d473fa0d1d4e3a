"""Cross-entropy of softmax(z) with target probabilities y: −Σ y_i log softmax(z)_i = lse(z) Σ y_i − ⟨y, z⟩.

For a target that sums to 1 that is lse(z) − ⟨y, z⟩, the formula here, and the gradient by z is softmax(z) − y: it is
derived from the pullback of lse.
"""

from ...terms.index import Dimension
from ...terms.scalars import inner
from ..record import Operation, admit
from .log_sum_exp import LOG_SUM_EXP, value_of_lse

__all__ = ["SOFTMAX_CROSS_ENTROPY"]

m = Dimension("m")

SOFTMAX_CROSS_ENTROPY = admit(Operation(
    "softmax_cross_entropy", {"z": m, "y": m},
    formula=lambda z, y: LOG_SUM_EXP(z) - inner(y, z),
    value=lambda z, y: value_of_lse(z) - (y * z).sum(axis=-2, keepdims=True),
    sign="CE", source="Goodfellow, Bengio and Courville, Deep Learning, 6.2.2.3"))
