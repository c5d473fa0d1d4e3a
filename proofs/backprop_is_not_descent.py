"""Backpropagation is not gradient descent.  It computes ∇C (BP3, BP4); what is done with it is another matter

Gradient descent steps by −η g_0; Adagrad, from the same gradient, by −η g_0/|g_0|. On w² from w = 4 with η = ½ the one
goes to 0, the other to 3.5. They agree only where |g_0| = 1.  Document 001.  Claim B16.
"""

from fractions import Fraction

from symgrad.check.claims import refuted
from symgrad.check.refutation import Refutation
from symgrad.derive import derivation, theorem
from symgrad.kernel.statements import Equal
from symgrad.networks.descent import adagrad, eta
from symgrad.numeric.instance import Instance
from symgrad.terms.scalars import absolute

from bp3 import bp3
from bp4 import bp4

run = adagrad("run", "wgr")
w, g = run.w, run.g

first_step = theorem("first step of Adagrad", derivation(w[1])
    .eq(w[0] - eta * (g[0] / run.r[0]),                          by=w)
    .eq(w[0] - eta * (g[0] / absolute(g[0])),                    by=run.r))


def at(start, gradient):
    return Instance(arrays={"eta": [Fraction(1, 2)], "run.start": [start], "run.g": {0: [gradient]}})


other_step = Refutation(Equal(w[1], w[0] - eta * g[0]), instance=at(4, 8), true_on=at(Fraction(1, 2), 1),
                        words="w² from w = 4: the gradient is 8; gradient descent goes to 0, Adagrad to 3.5")

b16 = refuted("B16", "performing backpropagation is performing the gradient descent algorithm", other_step,
              corrected=[bp4, bp3, first_step], source="document 001", note="backpropagation computes the gradient")
