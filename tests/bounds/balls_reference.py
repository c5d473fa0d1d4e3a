"""Independent witnesses: plain loops in high-precision balls, and definiteness decided by a factorisation in balls."""

from __future__ import annotations

from flint import arb, ctx

BITS = 700


def gradient_norms(net, params, x, y, p="2", bits=BITS):
    """[(||d^l||, ||dC/dw^l||) for l = 1 .. L] as balls, for one example, by the definition and nothing else."""
    with ctx.workprec(bits):
        a, slopes, inputs = [arb(float(v)) for v in x], [], []
        for l, activation in enumerate(net.activations, 1):
            w, b = params[f"w{l}"].tolist(), params[f"b{l}"].tolist()
            z = [sum((arb(v) * u for v, u in zip(row, a, strict=True)), arb(c)) for row, c in zip(w, b, strict=True)]
            inputs.append(a)
            a = [known(activation.enclose, v) for v in z]
            slopes.append([known(activation.enclose_slope, v) for v in z])
        delta = [s * (v - arb(float(t))) for s, v, t in zip(slopes[-1], a, y, strict=True)]
        found = []
        for l in range(len(net.activations), 0, -1):
            size = vector(delta, p)
            found.append((size, size * vector(inputs[l - 1], {"1": "inf", "inf": "1", "2": "2"}[p])))
            if l > 1:
                w = params[f"w{l}"].tolist()
                delta = [s * sum((arb(row[j]) * d for row, d in zip(w, delta, strict=True)), arb(0))
                         for j, s in enumerate(slopes[l - 2])]
        return found[::-1]


def known(enclose, z):
    """NaN, of which every comparison is undecided, where the reference has no enclosure (z = 1e300 and beyond)."""
    try:
        return enclose(z) if z.is_finite() else arb.nan()
    except ValueError:
        return arb.nan()


def vector(v, p):
    if p == "1":
        return sum((abs(u) for u in v), arb(0))
    if p == "inf":
        top = arb(0)
        for u in v:
            top = top.max(abs(u))
        return top
    return sum((abs(u)**2 for u in v), arb(0)).nonnegative_part().sqrt()


def definite(shift, matrix, sign):
    """Whether sign * (shift I - A^T A) is positive definite, surely; None when an exact pivot is undecided."""
    with ctx.workprec(2000):
        rows, columns = matrix.shape
        a = matrix.tolist()
        g = [[sign * ((shift if i == j else arb(0)) - sum((arb(a[k][i]) * arb(a[k][j]) for k in range(rows)), arb(0)))
              for j in range(columns)] for i in range(columns)]
        for k in range(columns):
            if not g[k][k] > 0:
                return False if g[k][k] < 0 else None
            for i in range(k + 1, columns):
                f = g[i][k] / g[k][k]
                g[i] = [u - f * v for u, v in zip(g[i], g[k], strict=True)]
        return True
