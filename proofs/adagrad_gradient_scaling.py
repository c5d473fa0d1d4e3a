"""Adagrad.  v_k = w_k        k >= 0, where h_i = c g_i for i < k, c > 0, and both runs start alike

g and h are the gradients along two runs, in one coordinate. Multiplying them by a positive constant multiplies the
roots r_k = √(g_0² + … + g_k²) by the same, and the steps g_k / r_k not at all. On λ w² the gradient is 2λw, so the
path does not depend on λ: every coordinate of Σ λ_i w_i² shrinks alike. It is the *gradient* that may be rescaled, not
the coordinate: with w = 10 v the first step, whose length is η, is ten times as long.  Document 000.  Claim A3.
"""

from fractions import Fraction

from symgrad.check.claims import proved
from symgrad.check.refutation import Refutation
from symgrad.derive import (
    absolute_value,
    algebra,
    derivation,
    empty_product,
    homogeneous,
    induct,
    norm_of_scalar,
    square_of_norm,
    theorem,
    unfold,
)
from symgrad.kernel.logic import assume
from symgrad.kernel.order import absolute_of_nonnegative, cancel, less_to_le, nonzero_of_positive
from symgrad.kernel.statements import Equal, ForAll, Less
from symgrad.networks.descent import adagrad, eta, f, k
from symgrad.numeric.instance import Instance
from symgrad.terms.index import Index
from symgrad.terms.named import Family
from symgrad.terms.ranges import ordered_sum
from symgrad.terms.scalars import absolute, inner, norm

one, two = adagrad("run", "wgr"), adagrad("other", "vhs")         # values, gradients, roots of two runs
(w, g, r), (v, h, s) = (one.w, one.g, one.r), (two.w, two.g, two.r)
c, i, top = Family("other.c")(), Index("i"), Index("top")

positive = assume(Less(0, c))
size = absolute_of_nonnegative(less_to_le(positive))             # |c| = c
scaled = ForAll(i, 0, top, Equal(h[i], c * g[i]))
at_k, at_0 = Equal(h[k], c * g[k]), Equal(h[0], c * g[0])

roots = induct("roots", lambda j: Equal(s[j], c * r[j]),
    derivation(s[0])
        .eq(absolute(h[0]),                                      by=s)
        .eq(absolute(c) * absolute(g[0]),                        by=[assume(at_0), absolute_value])
        .eq(c * r[0],                                            by=[size, r]),
    lambda before: (derivation(s[k])
        .eq(norm(s[k - 1] * f[1] + h[k] * f[2]),                 by=s)
        .eq(norm(c * r[k - 1] * f[1] + c * g[k] * f[2]),         by=[before, assume(at_k)])
        .eq(norm(c * (r[k - 1] * f[1] + g[k] * f[2])),           by=algebra)
        .eq(absolute(c) * norm(r[k - 1] * f[1] + g[k] * f[2]),   by=homogeneous)
        .eq(c * r[k],                                            by=[size, r])),
    index=k, over=(0, top), down=False, where=0 <= top, given=[scaled, positive.conclusion])

same_step = theorem("same step", derivation(h[k] / s[k])
    .eq((c * g[k]) / (c * r[k]),                                 by=[assume(at_k), roots])
    .eq((1 / c * c) * (g[k] / r[k]),                             by=algebra)
    .eq(g[k] / r[k],                                             by=[cancel(1, c), algebra]),
    where=(0 <= k, k <= top), given=[scaled, positive.conclusion, nonzero_of_positive(positive)])

together = Equal(v[0], w[0])
same_path = induct("same path", lambda j: Equal(v[j], w[j]), derivation(v[0]).eq(w[0], by=assume(together)),
    lambda before: (derivation(v[k])
        .eq(v[k - 1] - eta * (h[k - 1] / s[k - 1]),              by=v)
        .eq(w[k - 1] - eta * (g[k - 1] / r[k - 1]),              by=[before, same_step])
        .eq(w[k],                                                by=w)),
    index=k, over=(0, top), down=False, where=0 <= top, given=[scaled, positive.conclusion, together]).at("same path", {top: k})

plane = [Equal(inner(f[1], f[1]), 1), Equal(inner(f[1], f[2]), 0), Equal(inner(f[2], f[2]), 1)]
root_of_squares = induct("root of squares", lambda j: Equal(r[j] ** 2, ordered_sum(i, 0, j, g[i] ** 2)),
    derivation(r[0] ** 2)
        .eq(norm(g[0]) ** 2,                                     by=[r, norm_of_scalar])
        .eq(ordered_sum(i, 0, 0, g[i] ** 2),                     by=[square_of_norm, unfold, empty_product, algebra]),
    lambda before: (derivation(r[k] ** 2)
        .eq(norm(r[k - 1] * f[1] + g[k] * f[2]) ** 2,            by=r)
        .eq(r[k - 1] ** 2 * inner(f[1], f[1]) + 2 * r[k - 1] * g[k] * inner(f[1], f[2]) + g[k] ** 2 * inner(f[2], f[2]),
                                                                 by=[square_of_norm, algebra])
        .eq(r[k - 1] ** 2 + g[k] ** 2,                           by=[algebra, *map(assume, plane)])
        .eq(ordered_sum(i, 0, k - 1, g[i] ** 2) + g[k] ** 2,     by=before)
        .eq(ordered_sum(i, 0, k, g[i] ** 2),                     by=unfold)),
    index=k, over=(0, top), down=False, where=0 <= top, given=plane).at("root of squares", {top: k})


def rescaled(t):                                                 # w² from 4, and the same function of v = w / t from 4 / t
    return Instance(arrays={"eta": [Fraction(1, 2)], "other.c": [t], "run.start": [4], "other.start": [Fraction(4, t)],
                            "run.g": {0: [8]}, "other.h": {0: [8 * t]}})


coordinate = Refutation(Equal(w[1], c * v[1]), instance=rescaled(10), true_on=rescaled(1),
                        given=[Equal(w[0], c * v[0]), Equal(h[0], c * g[0])],
                        words="w = 10 v: from w = 4 the first step leads to 3.5; from v = 0.4 to −0.1, which is w = −1")

a3 = proved("A3", "Adagrad gives each dimension its own learning rate and cures the slow descent in flat directions",
            same_path, same_step, roots, root_of_squares, refutations=[coordinate], source="document 000",
            note="for gradients multiplied by constants; rescaling the coordinate itself does change the path")
