"""When an update is lost.  fl(w − u) = w just when |u| < h, or |u| = h and the last bit of w's significand is 0

h is half the gap from w to its neighbour in the direction of −u; rounding to nearest, ties to even. So an update is
lost by its size against the weight: machine epsilon is the gap at 1 only. In every format: w − u is nearer to w
than to the neighbour w − 2h just when u < h. In binary16 all of it holds by looking at all 31,744 nonnegative
numbers; the gap below a power of two is half the gap above it (not at the smallest normal number). Document 001.
Claim B10.
"""

from fractions import Fraction

import flint
import numpy as np
from sympy import Rational

import symgrad as sg
from symgrad.derive.derived import less_to_le
from symgrad.check.claims import demonstration, refuted
from symgrad.check.refutation import Refutation
from symgrad.derive import Proof, algebra, derivation, plus, theorem
from symgrad.derive.laws_order import difference_sign
from symgrad.kernel.equality import transitive
from symgrad.kernel.logic import assume

from symgrad.kernel.statements import Equal, Less
from symgrad.numeric import binary16
from symgrad.numeric.instance import Instance
from symgrad.numeric.rounding import absorbed, absorption, check_binary16
from symgrad.terms.algebra import Number
from symgrad.terms.named import Family, Function, Variable
from symgrad.terms.scalars import absolute

# Any format: w − u lies at the distance u from w, and 2h − u from the neighbour w − 2h.
u, h = Variable("update.u"), Variable("update.h")
short, long = assume(Less(u, h)), assume(Less(h, u))
spare, excess = difference_sign(less_to_le(short)), difference_sign(less_to_le(long))          # 0 <= h − u, 0 <= u − h

rest = theorem("the rest of the gap", derivation(h).le(h + (h - u), by=plus(spare)).eq(2 * h - u, by=algebra))
nearer = Proof("w is nearer", transitive(short, rest.theorem), ())                             # u < h |- u < 2h − u
less = theorem("less than half", derivation(2 * h - u).le(2 * h - u + (u - h), by=plus(excess)).eq(h, by=algebra))
farther = Proof("the neighbour is nearer", transitive(less.theorem, long), ())                 # h < u |- 2h − u < u

in_binary16 = [Proof(name, getattr(binary16, name.replace(" ", "_")), ()) for name in (
    "absorbed below", "changed below", "tie below", "absorbed above", "changed above", "tie above")]

# The claim, in binary64: an update below machine epsilon leaves w as it is; one above it does not.
fl, w, step = Function("update.fl", [(1, 1)]), Family("update.w")(), Family("update.step")()
machine_epsilon = Number(Rational(1, 2**52))


def exactly_rounded(values):                                     # to the nearest binary64 number: Python's int / int
    return np.vectorize(lambda q: flint.fmpq(*(int(q.p) / int(q.q)).as_integer_ratio()), otypes=[object])(values)


def update(weight, step):
    return Instance(arrays={"update.w": [weight], "update.step": [step]}, named={"update.fl": exactly_rounded})


tiny = update(Fraction(1e-10), Fraction(1e-20))
small_is_lost = Refutation(Equal(fl(w - step), w), given=[Less(absolute(step), machine_epsilon)], instance=tiny,
                           true_on=update(1, Fraction(1e-20)), words="at w = 1e-10 an update of 1e-20 is performed")
large_is_kept = Refutation(Less(fl(w - step), w), given=[Less(machine_epsilon, step)], instance=update(10**17, 1),
                           true_on=update(1, 1), words="at w = 1e17 an update of 1 is lost")


def depths():
    """How far from the last of 40 sigmoid neurons the updates are lost: weights 1, rate 1, in four formats."""
    net = sg.dense([1] * 41, activation="sigmoid")
    weights = {f"w{l}": np.ones((1, 1)) for l in range(1, 41)}
    found = net.compile()({**weights, **{f"b{l}": np.zeros(1) for l in range(1, 41)}}, [[1.0]], [[0.0]]).gradients
    lost = absorption(weights, found, rate=1.0)
    return [lost.depth(name) for name in ("bfloat16", "float16", "float32", "float64")]


b10 = refuted("B10", "updates smaller than machine epsilon ε cannot be performed, so the algorithm stops when "
              "‖∇F(p)‖ ≤ ε", small_is_lost, large_is_kept, corrected=[nearer, farther, *in_binary16],
              tools=[absorbed, absorption],
              shows=[demonstration("binary16, exhaustively: checks and violations", check_binary16, (190461, 0)),
                     demonstration("40 sigmoid neurons, weights 1: updates are lost from 3, 5, 11, 24 layers "
                                   "before the end on (bfloat16, float16, float32, float64)", depths, [3, 5, 11, 24])],
              source="document 001", note="it is the size against the weight that counts")
