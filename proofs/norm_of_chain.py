"""The norm of a chain of matrices.  ‖∏_{r=l}^{L-1} F_r Z‖_p <= ∏_{r=l}^{L-1} ‖F_r‖_p ‖Z‖_p        1 <= l <= L

For every 1 <= p <= ∞; F_r of shape n_r × n_{r+1}, Z square; for l = L no F is left. From below, with the smallest stretch
s_min(A) = min ‖Ax‖₂ over unit x:  ∏ s_min(F_r) s_min(Z) <= s_min(∏ F_r Z).  Every bound by factors is one of the two,
read for its own F and Z (`chain_of`).  Horn and Johnson, "Matrix Analysis", 5.6.
"""

from symgrad.derive import algebra, derivation, empty_product, induct, stretch_of_product, submultiplicative, unfold
from symgrad.derive.derivation import Proof, specialised
from symgrad.kernel.logic import instantiate_symbol
from symgrad.kernel.statements import LessEqual
from symgrad.networks.dense import L, l, n, r
from symgrad.terms.exponents import Exponent
from symgrad.terms.index import Index
from symgrad.terms.named import Family, Variable
from symgrad.terms.ranges import ordered_product
from symgrad.terms.scalars import norm, s_min

m = Index("m")                                                     # the lowest layer that the induction reaches
p = Exponent("norm.p")                                             # any exponent: 1 <= p <= ∞
F, Z = Family("links.F", n[l], n[l + 1], over={l: (1, L - 1)}), Variable("links.Z", n[L], n[L])


def chain(i):
    return ordered_product(r, i, L - 1, F[r]) @ Z


def norms(i):
    return ordered_product(r, i, L - 1, norm(F[r], p)) * norm(Z, p)


norm_of_chain = induct("norm of a chain", lambda i: LessEqual(norm(chain(i), p), norms(i)),
    derivation(norm(chain(L), p))
        .eq(norm(Z, p),                                            by=[empty_product, algebra])
        .eq(norms(L),                                              by=[empty_product, algebra]),
    lambda shorter: (derivation(norm(chain(l), p))                 # shorter:  ‖chain(l+1)‖ <= norms(l+1)
        .eq(norm(F[l] @ chain(l + 1), p),                          by=[unfold, algebra])
        .le(norm(F[l], p) * norm(chain(l + 1), p),                 by=submultiplicative)
        .le(norm(F[l], p) * norms(l + 1),                          by=shorter)
        .eq(norms(l),                                              by=[unfold, algebra])),
    index=l, over=(m, L), where=(1 <= m, m <= L)).at("norm of a chain", {m: l})


def stretches(i):
    return ordered_product(r, i, L - 1, s_min(F[r])) * s_min(Z)


stretch_of_chain = induct("stretch of a chain", lambda i: LessEqual(stretches(i), s_min(chain(i))),
    derivation(stretches(L))
        .eq(s_min(Z),                                              by=[empty_product, algebra])
        .eq(s_min(chain(L)),                                       by=[empty_product, algebra]),
    lambda shorter: (derivation(stretches(l))                      # shorter:  stretches(l+1) <= s_min(chain(l+1))
        .eq(s_min(F[l]) * stretches(l + 1),                        by=[unfold, algebra])
        .le(s_min(F[l]) * s_min(chain(l + 1)),                     by=shorter)
        .le(s_min(F[l] @ chain(l + 1)),                            by=stretch_of_product)
        .eq(s_min(chain(l)),                                       by=[unfold, algebra])),
    index=l, over=(m, L), where=(1 <= m, m <= L)).at("stretch of a chain", {m: l})


def chain_of(name, lemma, factor, last):
    """The theorem about chains for F_r = factor(r) and Z = last."""
    with_factors = Proof(lemma.name, instantiate_symbol(lemma.theorem, F, (r,), factor(r)), ())
    return specialised(with_factors, name, {Z: last})
