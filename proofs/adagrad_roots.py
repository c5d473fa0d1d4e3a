"""The roots of Adagrad.  r_k² = g_0² + … + g_k²        k >= 0

r_k = ‖r_{k-1} f_1 + g_k f_2‖ with f_1, f_2 orthonormal: the length of the history grows as the theorem of
Pythagoras says. So the recursion of `symgrad.networks.descent` is Adagrad's. For claim A3: see
adagrad_gradient_scaling.
"""

from symgrad.derive import algebra, derivation, empty_product, induct, norm_of_scalar, square_of_norm, unfold
from symgrad.kernel.logic import assume
from symgrad.kernel.statements import Equal
from symgrad.networks.descent import adagrad, f, k
from symgrad.terms.index import Index
from symgrad.terms.ranges import ordered_sum
from symgrad.terms.scalars import inner, norm

run = adagrad("run", "wgr")
g, r = run.g, run.r
i, top = Index("i"), Index("top")
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

