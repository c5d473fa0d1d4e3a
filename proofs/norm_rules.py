"""Norms of products and of diagonal matrices.  ‖AB‖ <= ‖A‖‖B‖, ‖ABx‖ <= ‖A‖‖B‖‖x‖, ‖diag(d)‖_p = max |d_i|

The first two in one norm throughout: any p-norm, 1 <= p <= ∞, or Frobenius', and ‖Ax‖₂ <= ‖A‖_F ‖x‖₂.  The third in
every p-norm, not in Frobenius' (there ‖d‖₂), and not in every induced norm: for ‖x‖ = ‖Tx‖_∞ the induced norm is ‖A‖ =
‖T A T⁻¹‖_∞.  The text's reason for it, that the norm of a symmetric matrix is its spectral radius, holds in the 2-norm
only.
Document 002; Horn and Johnson, "Matrix Analysis", 5.6.  Claims C6 and C7.
"""

from symgrad.check.claims import proved, refuted
from symgrad.check.refutation import Refutation
from symgrad.derive import derivation, diagonal_norm, submultiplicative, theorem
from symgrad.kernel.norms import spectral_at_most_frobenius
from symgrad.kernel.statements import Equal
from symgrad.numeric.instance import Instance
from symgrad.terms.algebra import Identity, diag
from symgrad.terms.exponents import Exponent
from symgrad.terms.index import Dimension
from symgrad.terms.named import Variable
from symgrad.terms.scalars import norm

m, n, k = Dimension("m"), Dimension("n"), Dimension("k")
A, B, x = Variable("norms.A", m, n), Variable("norms.B", n, k), Variable("norms.x", k)
p = Exponent("norm.p")                                    # any exponent: 1 <= p <= ∞
T, S, W, d = *(Variable(f"norms.{name}", m, m) for name in "TSW"), Variable("norms.d", m)


def products(kind):
    return (theorem(f"‖AB‖ in the {kind}-norm", derivation(norm(A @ B, kind))
                .le(norm(A, kind) * norm(B, kind),                   by=submultiplicative)),
            theorem(f"‖ABx‖ in the {kind}-norm", derivation(norm(A @ B @ x, kind))
                .le(norm(A, kind) * norm(B, kind) * norm(x, kind),   by=submultiplicative)))


with_frobenius = theorem("‖Bx‖ with Frobenius' norm", derivation(norm(B @ x))
    .le(norm(B) * norm(x),                                  by=submultiplicative)
    .le(norm(B, "F") * norm(x),                             by=spectral_at_most_frobenius(B)))


diagonal = theorem("diagonal in the p-norm", derivation(norm(diag(d), p)).eq(norm(d, "inf"), by=diagonal_norm))

frobenius_diagonal = theorem("diagonal in Frobenius' norm",
                             derivation(norm(diag(d), "F")).eq(norm(d), by=diagonal_norm))


def matrices(**arrays):
    return Instance(integers={"m": 2}, arrays={f"norms.{name}": value for name, value in arrays.items()})


one, shear = [[1, 0], [0, 1]], [[1, 0], [1, -1]]         # max(|x_1|, |x_1 − x_2|) = ‖T x‖_∞; T is its own inverse
refutations = [
    Refutation(Equal(norm(T @ diag(d) @ S, "inf"), norm(d, "inf")), matrices(T=shear, S=shear, d=[0, 1]),
               true_on=matrices(T=one, S=one, d=[0, 1]), given=[Equal(T @ S, Identity(m))],
               words="in the norm induced by max(|x_1|, |x_1 − x_2|), diag(0, 1) has norm 2"),
    Refutation(Equal(norm(diag(d), "F"), norm(d, "inf")), matrices(d=[1, 1]), true_on=matrices(d=[1, 0]),
               words="‖diag(1, 1)‖_F = √2"),
    Refutation(Equal(norm(W, 1), norm(W)), matrices(W=[[0, 1], [1, 1]]), true_on=matrices(W=[[2, 0], [0, 1]]),
               given=[Equal(W, W.T)], words="symmetric, ‖·‖₁ = 2, spectral radius = ‖·‖₂ = (1 + √5)/2")]

c6 = proved("C6", "‖ABx‖ ≤ ‖A‖‖B‖‖x‖ and ‖AB‖ ≤ ‖A‖‖B‖ for induced norms",
            *(proof for kind in (p, "F") for proof in products(kind)), with_frobenius, source="document 002")
c7 = refuted("C7", "the (induced) norm of a diagonal matrix is its largest absolute entry", *refutations,
             corrected=[diagonal, frobenius_diagonal], source="document 002")
