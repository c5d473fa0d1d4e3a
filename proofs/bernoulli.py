"""Bernoulli.  q^k (1 + kh) <= 1  where q (1 + h) <= 1,  and  1 <= q^k  where 1 <= q        k >= 0, 0 <= q, 0 <= h

A power of a number below 1 falls at least as fast as 1/(1 + kh), which is how these proofs say "tends to 0" without a
limit: it is below any ε > 0 as soon as kh > 1/ε.  J. Bernoulli 1689. Used for claims A2 and A11.
"""

from symgrad.derive.derived import count_is_nonnegative, nonnegative
from symgrad.derive import algebra, derivation, induct, plus
from symgrad.derive.laws_order import next_power
from symgrad.kernel.logic import assume

from symgrad.kernel.statements import LessEqual
from symgrad.terms.algebra import Count
from symgrad.terms.index import Index
from symgrad.terms.named import Variable

k, top = Index("k"), Index("top")
q, h = Variable("q"), Variable("h")
signs = [LessEqual(0, q), LessEqual(0, h)]
falls, rises = LessEqual(q * (1 + h), 1), LessEqual(1, q)
surplus = q ** k * Count(k - 1) * h ** 2                         # (1 + (k−1)h)(1 + h) = 1 + kh + (k−1)h²
surplus_sign = nonnegative(surplus, count_is_nonnegative(k - 1), *map(assume, signs))


def shrunk(i):
    return q ** i * (1 + Count(i) * h)


def one_more(before):                                            # before:  q^{k-1} (1 + (k−1)h) <= 1
    return (derivation(shrunk(k))
        .le(shrunk(k) + surplus,                                 by=plus(surplus_sign))
        .eq(shrunk(k - 1) * (q * (1 + h)),                       by=algebra)
        .le(shrunk(k - 1),                                       by=[assume(falls), algebra])
        .le(1,                                                   by=before))


def one_larger(before):                                          # before:  1 <= q^{k-1}
    return (derivation(1)
        .le(q ** (k - 1),                                        by=before)
        .eq(1 * q ** (k - 1),                                    by=algebra)
        .le(q * q ** (k - 1),                                    by=assume(rises))
        .eq(q ** k,                                              by=next_power))


bernoulli = induct("Bernoulli", lambda i: LessEqual(shrunk(i), 1), derivation(shrunk(0)).eq(1, by=algebra), one_more,
                   index=k, over=(0, top), down=False, where=0 <= top,
                   given=[*signs, falls, count_is_nonnegative(k - 1)]).at("Bernoulli", {top: k})

never_below = induct("powers of a number >= 1", lambda i: LessEqual(1, q ** i), derivation(1).eq(q ** 0, by=algebra),
                     one_larger, index=k, over=(0, top), down=False, where=0 <= top,
                     given=[LessEqual(0, q), rises]).at("powers of a number >= 1", {top: k})
