"""The explanation in words: a headline, the culprits, the conditions, the table, the heuristic."""

from __future__ import annotations

import math
import shutil
from typing import TYPE_CHECKING

from symgrad.bounds.table import decades, short, wrapped

if TYPE_CHECKING:
    from symgrad.bounds.explain import Explanation, LayerFactors

__all__ = ["explanation_text"]


def explanation_text(e: Explanation, width: int | None = None) -> str:
    """Plain text, one thought a paragraph, at most `width` wide (the terminal's width, 80 where there is none)."""
    width = width or shutil.get_terminal_size((80, 24)).columns
    words = [_headline(e), *_culprits(e), *_conditions(e), *_saturation(e)]
    *rows, legend = _table(e)
    after = [legend, *_prediction(e), *e.remarks]
    return "\n".join([*(line for thought in words for line in wrapped(thought, width)), "", *rows,
                      *(line for thought in after for line in wrapped(thought, width))])


def _size(r: LayerFactors) -> str:
    return short(r.delta.upper, up=True)


def _headline(e: Explanation) -> str:
    first, last = e.layers[0], e.layers[-1]
    over = f" (root mean square over {e.examples} examples)" if e.examples > 1 else ""
    if e.verdict == "is zero":
        if e.error.upper.is_zero():
            return "The gradient is zero: a^L = y exactly, there is no error to send back."
        return (f"The gradient of layer 1 is zero{over}: "
                f"nothing of the error ‖a^L − y‖ = {short(e.error.upper, up=True)} arrives.")
    if e.verdict == "is not determined":
        return (f"The gradient is not determined{over}: all that is known is that ‖δ^1‖ ≤ {_size(first)} and "
                f"‖δ^{last.layer}‖ ≤ {_size(last)}. A unit sits on a kink or jump of its activation, or the numbers are of a "
                "size where its slope cannot be told from 0.")
    if len(e.layers) == 1:
        return f"One layer: ‖δ^1‖ = {_size(first)}{over}; nothing can vanish on the way."
    per_layer = e.decades / (len(e.layers) - 1)
    return (f"The gradient {e.verdict}: ‖δ^{last.layer}‖ = {_size(last)} at the top, "
            f"‖δ^1‖ = {_size(first)} at layer 1{over}; that is {decades(e.decades, '+.2f')} decades, "
            f"{decades(per_layer, '+.2f')} a layer"
            + (f" (a factor {10**per_layer:.3g})." if abs(per_layer) < 9 else "."))


def _culprits(e: Explanation) -> list[str]:
    if not e.culprits:
        return []
    if e.verdict == "is zero":
        layer, kind, _ = e.culprits[0]
        what = (f"every slope σ'(z^{layer}) that meets the error is 0" if kind == "slopes"
                else f"w^{layer + 1} maps the error to 0")
        return [f"It dies in layer {layer}: {what}."]
    slopes = sum(r.slopes for r in e.layers[:-1])
    weights = sum(r.weights for r in e.layers[:-1])
    named = ", ".join(f"σ′(z^{layer}) ({decades(value, '+.2f')})" if kind == "slopes" else f"w^{layer} ({decades(value, '+.2f')})"
                      for layer, kind, value in e.culprits)
    return [f"Slopes contribute {decades(slopes, '+.2f')} decades, weights {decades(weights, '+.2f')}. "
            f"Largest single contributions: {named}."]


def _conditions(e: Explanation) -> list[str]:
    hidden = e.layers[:-1]
    if not hidden:
        return []
    small = [r for r in hidden if r.contraction]
    if len(small) == len(hidden):
        worst = max(hidden, key=lambda r: r.condition.high)
        return [f"γ‖w^r‖ < 1 in every layer (at most {short(worst.condition.upper, up=True)}): "
                "it must vanish geometrically, whatever the input and the target."]
    if not small:
        return ["γ‖w^r‖ ≥ 1 in every layer: the bound γ^{L−l+1} ∏‖w^r‖ grows. "
                "A growing bound proves nothing about the gradient."]
    return [f"γ‖w^r‖ < 1 is proved for r = {', '.join(str(r.layer + 1) for r in small)} only."]


def _saturation(e: Explanation) -> list[str]:
    total, flat, dead = (sum(getattr(r, k) for r in e.layers) for k in ("units", "saturated", "dead"))
    if not flat:
        return ["No unit is saturated (slope at most 5 % of the largest possible)."]
    worst = max(e.layers, key=lambda r: r.saturated / r.units)
    tail = f", {dead} of them with slope exactly 0" if dead else ""
    return [f"{flat} of {total} units are saturated (slope at most 5 % of the largest possible){tail}; "
            f"most in layer {worst.layer}: {worst.saturated} of {worst.units}."]


def _table(e: Explanation) -> list[str]:
    header = ("l", "‖δ^l‖", "slopes σ′(z^l)", "weights w^{l+1}", "γ‖w^{l+1}‖", "saturated")
    rows = [header]
    for r in e.layers:
        last = r.layer == len(e.layers)
        condition = "" if last else "∞" if not r.condition.upper.is_finite() else short(r.condition.upper, up=True)
        rows.append((str(r.layer), _size(r), _number(r.slopes), "" if last else _number(r.weights), condition,
                     f"{r.saturated}/{r.units}"))
    widths = [max(len(row[k]) for row in rows) for k in range(len(header))]
    return ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows] + [
        "(contributions in decades; log10‖δ^l‖ is their sum from l up, plus log10‖a^L − y‖)"]


def _number(value: float) -> str:
    return "open" if math.isnan(value) else "wiped out" if value == -math.inf else decades(value, "+.3f")


def _prediction(e: Explanation) -> list[str]:
    p = e.prediction
    if p is None:
        return []
    measured = "" if e.measured is None else f", measured {e.measured:.4g}"
    return ["Mean field (a heuristic for wide random layers): "
            f"σ_w = {p.sigma_w:.4g}, σ_b = {p.sigma_b:.4g}, q* = {p.q:.6g}, "
            f"‖δ‖² should change by χ = {p.chi.high:.4g} a layer{measured}. "
            f"Wide layers of this kind make gradients {p.verdict}."]
