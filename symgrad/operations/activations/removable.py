"""Activations whose formula divides 0 by 0, or infinity by infinity, where they are perfectly smooth: sin x/x and
x/(1 − e^-x) at 0, 1/cosh x and x tanh(e^x) far out; and x − tanh x, which is a difference of equal terms at 0.

Printed as they stand they would give NaN there, and lose their digits beside 0; so their array code is written by hand:
a Taylor polynomial near 0 (the first neglected term is below 2^-54), and exponentials of −|x| elsewhere.
"""

from symgrad.operations.activations import Entry
from symgrad.operations.numpy_code import NumpyCode

_NEAR = "q = z * z"
_DECAY = "e = exp(where(z.real < 0, z, -z))"

_SINC = NumpyCode(
    "sinc",
    formula=(
        _NEAR,
        "near = abs(z.real) < 1.0",
        "u = where(near, 1.0, z)",
        "p = 1.0 - q / 110.0 * (1.0 - q / 156.0 * (1.0 - q / 210.0 * (1.0 - q / 272.0)))",
        "a = where(near, 1.0 - q / 6.0 * (1.0 - q / 20.0 * (1.0 - q / 42.0 * (1.0 - q / 72.0 * p))), sin(u) / u)",
        "p = 1.0 - q / 130.0 * (1.0 - q / 180.0 * (1.0 - q / 238.0 * (1.0 - q / 304.0)))",
        "s = -z / 3.0 * (1.0 - q / 10.0 * (1.0 - q / 28.0 * (1.0 - q / 54.0 * (1.0 - q / 88.0 * p))))",
        "s = where(near, s, (cos(u) - sin(u) / u) / u)",
    ),
    uses=("cos", "multiply", "sin", "where"),
    bounded=True,
)

_BERNOULLI = NumpyCode(
    "bernoulli",
    formula=(
        _NEAR,
        "near = abs(z.real) < 0.3",
        "u = where(near, 1.0, z)",
        "e = exp(where(u.real < 0, u, -u))",
        "h = 1.0 - e",
        "p = q / 720.0 * (1.0 - q / 42.0 * (1.0 - q / 40.0 * (1.0 - q * 5.0 / 198.0 * (1.0 - q * 691.0 / 27300.0))))",
        "a = where(near, 1.0 + z / 2.0 + q / 12.0 - q * p, where(u.real < 0, -u * e, u) / h)",
        "p = q / 30.0 * (1.0 - q / 28.0 * (1.0 - q / 30.0 * (1.0 - q * 5.0 / 158.4 * (1.0 - q * 691.0 / 22750.0))))",
        "s = where(u.real < 0, -e * (h + u), h - u * e) / (h * h)",
        "s = where(near, 0.5 + z / 6.0 * (1.0 - p), s)",
    ),
    uses=("exp", "multiply", "where"),
)

_SECH = NumpyCode(
    "sech",
    formula=(_DECAY, "a = 2.0 * e / (1.0 + e * e)", "s = -a * tanh(z)"),
    uses=("exp", "multiply", "tanh", "where"),
    bounded=True,
)

_TANHEXP = NumpyCode(
    "tanhexp",
    formula=(
        "c = exp(where(z.real < 5.0, z, 5.0))",
        "h = tanh(c)",
        "e = exp(-2.0 * c)",
        "a = z * h",
        "s = h + z * c * 4.0 * e / (1.0 + e * (2.0 + e))",
    ),
    uses=("exp", "multiply", "tanh", "where"),
    notes="tanh(e^x) rounds to 1 from x = 3 on, so that e^x need not be followed beyond e^5",
)

_TANHSHRINK = NumpyCode(
    "tanhshrink",
    formula=(
        _NEAR,
        "near = abs(z.real) < 1.0",
        "h = tanh(z)",
        "p = 1.0 + q / 88.0 * (1.0 + q / 130.0 * (1.0 + q / 180.0 * (1.0 + q / 238.0 * (1.0 + q / 304.0))))",
        "p = z / 3.0 * q * (1.0 + q / 10.0 * (1.0 + q / 28.0 * (1.0 + q / 54.0 * p)))",
        "a = where(near, p / cosh(where(near, z, 0.0)), z - h)",
        "s = h * h",
    ),
    uses=("cosh", "multiply", "tanh", "where"),
    notes="x cosh x - sinh x = x³/3 (1 + x²/10 (1 + x²/28 (…))), divided by cosh x",
)

ENTRIES = (
    Entry("tanhshrink", "x - tanh(x)", r"\operatorname{tanhshrink}", source="torch.nn.Tanhshrink", numpy=_TANHSHRINK),
    Entry("sinc", "sin(x)/x", r"\operatorname{sinc}", numpy=_SINC),
    Entry("bernoulli", "x/(1 - exp(-x))", r"\operatorname{B}", numpy=_BERNOULLI),
    Entry("sech", "1/cosh(x)", r"\operatorname{sech}", numpy=_SECH),
    Entry("tanhexp", "x*tanh(exp(x))", r"\operatorname{TanhExp}", source="Liu and Di, arXiv:2003.09855", numpy=_TANHEXP),
)
