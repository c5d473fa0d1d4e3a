"""The plain reference: what a careful person writes by hand in NumPy. Pinned: ratios in the table are to
this file.

It is the textbook, vectorized over the batch, (N, n) arrays, σ' as a(1 - a) and tanh' as 1 - a², nothing in place.
"""

from __future__ import annotations

import numpy as np

__all__ = ["plain_chain", "plain_dense", "plain_tanh_chain", "plain_tanh_dense"]


def plain_chain(w, b, x, y):
    """Mean loss and gradients of a chain of sigmoids; w, b of shape (L,), x, y of shape (N,)."""
    a = [x]
    for wl, bl in zip(w, b, strict=True):
        a.append(1 / (1 + np.exp(-(wl * a[-1] + bl))))
    n = x.size
    residual = a[-1] - y
    loss = 0.5 * np.sum(residual * residual) / n
    delta = residual * a[-1] * (1 - a[-1]) / n
    gw, gb = np.empty_like(w), np.empty_like(b)
    for l in range(len(w) - 1, -1, -1):
        gw[l] = np.sum(delta * a[l])
        gb[l] = np.sum(delta)
        if l:
            delta = delta * w[l] * a[l] * (1 - a[l])
    return loss, gw, gb


def plain_dense(ws, bs, x, y):
    """Mean loss and gradients of a dense network of sigmoids; x, y of shape (N, n)."""
    a = [x]
    for w, b in zip(ws, bs, strict=True):
        a.append(1 / (1 + np.exp(-(a[-1] @ w.T + b))))
    n = len(x)
    residual = a[-1] - y
    loss = 0.5 * np.sum(residual * residual) / n
    delta = residual * a[-1] * (1 - a[-1]) / n
    gws, gbs = [None] * len(ws), [None] * len(bs)
    for l in range(len(ws) - 1, -1, -1):
        gws[l] = delta.T @ a[l]
        gbs[l] = delta.sum(axis=0)
        if l:
            delta = (delta @ ws[l]) * a[l] * (1 - a[l])
    return loss, gws, gbs


def plain_tanh_chain(w, b, x, y):
    """Mean loss and gradients of a chain of tanh; w, b of shape (L,), x, y of shape (N,)."""
    a = [x]
    for wl, bl in zip(w, b, strict=True):
        a.append(np.tanh(wl * a[-1] + bl))
    n = x.size
    residual = a[-1] - y
    loss = 0.5 * np.sum(residual * residual) / n
    delta = residual * (1 - a[-1] * a[-1]) / n
    gw, gb = np.empty_like(w), np.empty_like(b)
    for l in range(len(w) - 1, -1, -1):
        gw[l] = np.sum(delta * a[l])
        gb[l] = np.sum(delta)
        if l:
            delta = delta * w[l] * (1 - a[l] * a[l])
    return loss, gw, gb


def plain_tanh_dense(ws, bs, x, y):
    """Mean loss and gradients of a dense network of tanh; x, y of shape (N, n)."""
    a = [x]
    for w, b in zip(ws, bs, strict=True):
        a.append(np.tanh(a[-1] @ w.T + b))
    n = len(x)
    residual = a[-1] - y
    loss = 0.5 * np.sum(residual * residual) / n
    delta = residual * (1 - a[-1] * a[-1]) / n
    gws, gbs = [None] * len(ws), [None] * len(bs)
    for l in range(len(ws) - 1, -1, -1):
        gws[l] = delta.T @ a[l]
        gbs[l] = delta.sum(axis=0)
        if l:
            delta = (delta @ ws[l]) * (1 - a[l] * a[l])
    return loss, gws, gbs
