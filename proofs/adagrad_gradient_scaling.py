"""Adagrad.  v_k = w_k        k >= 0, where h_i = c g_i for i < k, c > 0, and both runs start alike

g and h are the gradients along two runs, in one coordinate. Multiplying them by a positive constant multiplies the
roots r_k = √(g_0² + … + g_k²) by the same, and the steps g_k / r_k not at all. On λ w² the gradient is 2λw, so the
path does not depend on λ: every coordinate of Σ λ_i w_i² shrinks alike. It is the *gradient* that may be rescaled, not
the coordinate: with w = 10 v the first step, whose length is η, is ten times as long.  Document 000.  Claim A3.
"""

from fractions import Fraction

import numpy as np

from symgrad.derive.derived import less_to_le
from symgrad.check.claims import demonstration, proved
from symgrad.check.refutation import Refutation
from symgrad.derive import absolute_value, algebra, derivation, homogeneous, induct, theorem
from symgrad.kernel.logic import assume
from symgrad.kernel.order import absolute_of_nonnegative, cancel, nonzero_of_positive
from symgrad.kernel.statements import Equal, ForAll, Less
from symgrad.networks.descent import adagrad, eta, f, k
from symgrad.numeric.instance import Instance
from symgrad.numeric.paths import adagrad_path, draw_paths
from symgrad.terms.index import Index
from symgrad.terms.named import Family
from symgrad.terms.scalars import absolute, norm

from adagrad_roots import root_of_squares

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
    index=k, over=(0, top), down=False, where=0 <= top,
    given=[scaled, positive.conclusion, together]).at("same path", {top: k})


def rescaled(t):                                                 # w² from 4; the same of v = w / t from 4 / t
    return Instance(arrays={"eta": [Fraction(1, 2)], "other.c": [t], "run.start": [4], "other.start": [Fraction(4, t)],
                            "run.g": {0: [8]}, "other.h": {0: [8 * t]}})


coordinate = Refutation(Equal(w[1], c * v[1]), instance=rescaled(10), true_on=rescaled(1),
                        given=[Equal(w[0], c * v[0]), Equal(h[0], c * g[0])],
                        words="w = 10 v: from w = 4 the first step leads to 3.5; from v = 0.4 to −0.1, which is w = −1")

def in_the_valley():                                             # 1000 steps from (4, 4): both coordinates alike
    end = adagrad_path(lambda w: np.array([0.002, 2.0]) * w, [4.0, 4.0], 0.5, 1000)[-1]
    return f"{end[0]:.2e} {end[1]:.2e}"


def in_other_units():                                            # w² from 4, 50 steps; and the same in v = w / 10
    w, v = adagrad_path(lambda w: 2 * w, [4.0], 0.5, 50)[-1, 0], adagrad_path(lambda v: 200 * v, [0.4], 0.5, 50)[-1, 0]
    return f"{w:.2f} {10 * v:.1e}"


a3 = proved("A3", "Adagrad gives each dimension its own learning rate and cures the slow descent in flat directions",
            same_path, same_step, roots, root_of_squares, refutations=[coordinate], source="document 000",
            tools=[adagrad_path, draw_paths],
            shows=[demonstration("in the narrow valley both shrink alike", in_the_valley, "3.69e-21 3.69e-21"),
                   demonstration("w² from 4, and in v = w/10", in_other_units, "0.25 7.8e-34")],
            note="for gradients multiplied by constants; rescaling the coordinate itself does change the path")
