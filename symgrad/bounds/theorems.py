"""Which theorem a number of the ladder is an instance of: its name and claim, the file that proves it, what it says.

The statements are the conclusions of the theorem files, word for word (a test compares them), for every 1 <= p <= ∞ and
1/p + 1/p* = 1; their hypotheses, such as σ_r differentiable at z^r, stand there. `symgrad prove` proves them again, and
`symgrad.proof_of` gives the theorem itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from symgrad.bounds.enclosure import Enclosure

__all__ = ["FORMULAS", "Bound", "Cited", "Grounds", "grounds"]

_INDEX = {"1": ("₁", "_∞"), "2": ("₂", "₂"), "inf": ("_∞", "₁")}             # p and its dual, as they are printed


@dataclass(frozen=True, slots=True)
class Cited:
    """A theorem of a bundled theorem file: its name there, its claim, what it concludes for every p."""

    name: str
    claim: str
    file: str
    statement: str

    def at(self, norm: str) -> str:
        """The statement in the norm "1", "2" or "inf".

        >>> BATCH.at("inf")
        '‖(1/N) ∑_{r=1}^{N} v_r‖_∞ ≤ (1/N) ∑_{r=1}^{N} β_r'
        """
        return in_norm(self.statement, norm)


def in_norm(text: str, norm: str) -> str:
    """A formula with the norm put in for p."""
    p, dual = _INDEX[norm]
    return text.replace("‖_{p*}", f"‖{dual}").replace("‖_p", f"‖{p}")


@dataclass(frozen=True, slots=True)
class Grounds:
    """The theorems that one bound rests on: of ‖δ^l‖, then of the parameter, then of the mean over a batch."""

    upper: tuple[Cited, ...]
    lower: tuple[Cited, ...]
    norm: str
    note: str = ""

    @property
    def name(self) -> str:
        return self.upper[0].name

    @property
    def statement(self) -> str:
        """What the first theorem says, in this norm."""
        return self.upper[0].at(self.norm)

    def records(self) -> list[dict[str, str]]:
        """The theorems as plain data."""
        return [{"end": end, "name": t.name, "claim": t.claim, "file": t.file, "statement": t.at(self.norm)}
                for end, theorems in (("upper", self.upper), ("lower", self.lower)) for t in theorems]

    def __str__(self) -> str:
        said = "; ".join(f"{t.name} ({t.claim}, {t.file}): {t.at(self.norm)}" for t in self.upper)
        return f"{said}{f'; {self.note}' if self.note else ''}"


@dataclass(frozen=True, slots=True, repr=False)
class Bound(Enclosure):
    """An enclosure that knows its rung and the theorem it is an instance of."""

    kind: str
    theorem: Grounds

    def __str__(self) -> str:
        return self.text()


_CHAIN = "∏_{r=l}^{L-1} (Σ'_r(z^r) (w^{r+1})ᵀ) Σ'_L(z^L)"
_FACTORS = "(∏_{r=l}^{L-1} ‖Σ'_r(z^r) (w^{r+1})ᵀ‖_p) ‖Σ'_L(z^L)‖_p"

_UPPER = MappingProxyType({
    "global": Cited("bound in the p-norm", "C8", "proofs/dual_norm_bound.py",
                    "‖δ^l‖_p ≤ (∏_{r=l}^{L} γ_r) (∏_{r=l+1}^{L} ‖w^r‖_{p*}) ‖a^L − y‖_p"),
    "local": Cited("local bound in the p-norm", "D3", "proofs/ladder_order.py",
                   "‖δ^l‖_p ≤ (∏_{r=l}^{L} ‖σ'_r(z^r)‖_∞) (∏_{r=l+1}^{L} ‖w^r‖_{p*}) ‖a^L − y‖_p"),
    "factors": Cited("bound by factors", "D2", "proofs/factor_bound.py", f"‖δ^l‖_p ≤ {_FACTORS} ‖a^L − y‖_p"),
    "split": Cited("bound by split slopes", "D4", "proofs/split_bound.py",
                   "‖δ^l‖_p ≤ ‖diag(s_l)‖_p (∏_{r=l}^{L-1} ‖diag(u_r) (w^{r+1})ᵀ diag(s_{r+1})‖_p) ‖diag(u_L)‖_p "
                   "‖a^L − y‖_p"),
    "window": Cited("bound by windows", "D6", "proofs/window_bound.py",
                    "‖δ^l‖_p ≤ ‖∏_{r=l}^{k-1} (Σ'_r(z^r) (w^{r+1})ᵀ) D‖_p ‖E ∏_{r=k}^{L-1} (Σ'_r(z^r) (w^{r+1})ᵀ) "
                    "Σ'_L(z^L)‖_p ‖a^L − y‖_p"),
    "product": Cited("product bound", "D1", "proofs/product_bound.py", f"‖δ^l‖_p ≤ ‖{_CHAIN}‖_p ‖a^L − y‖_p"),
    "ball": Cited("closed form of the error", "C3", "proofs/delta_closed_form.py",
                  "δ^l = ∏_{r=l+1}^{L} (Σ'_{r-1}(z^{r-1}) (w^r)ᵀ) Σ'_L(z^L) (a^L − y)"),
})

_LOCAL_BELOW = Cited("local bound from below", "D5", "proofs/lower_bound.py",
                     "(∏_{r=l}^{L} |c_r|) (∏_{r=l+1}^{L} s_{min}((w^r)ᵀ)) ‖a^L − y‖₂ ≤ ‖δ^l‖₂")
_LOWER = MappingProxyType({
    "global": _LOCAL_BELOW, "local": _LOCAL_BELOW,
    "factors": Cited("bound by factors from below", "D5", "proofs/lower_bound.py",
                     "(∏_{r=l}^{L-1} s_{min}(Σ'_r(z^r) (w^{r+1})ᵀ)) s_{min}(Σ'_L(z^L)) ‖a^L − y‖₂ ≤ ‖δ^l‖₂"),
    "split": Cited("split below the product", "D5", "proofs/lower_bound.py",
                   "s_{min}(diag(s_l)) (∏_{r=l}^{L-1} s_{min}(diag(t_r) (w^{r+1})ᵀ diag(s_{r+1}))) s_{min}(diag(t_L)) ≤ "
                   f"s_{{min}}({_CHAIN})"),
    "product": Cited("product bound from below", "D5", "proofs/lower_bound.py",
                     f"s_{{min}}({_CHAIN}) ‖a^L − y‖₂ ≤ ‖δ^l‖₂"),
})
_BY_INVERSES = Cited("from below by left inverses", "D5", "proofs/lower_bound.py",
                     "‖a^L − y‖_p ≤ (∏_{r=l}^{L-1} ‖X_r‖_p) ‖X_last‖_p ‖δ^l‖_p")

_PARAMETERS = "proofs/parameter_bounds.py"
_OF = MappingProxyType({
    "b": (Cited("bias gradient bounded", "D7", _PARAMETERS, "‖∂C/∂b^l‖_p ≤ β"),
          Cited("bias gradient from below", "D7", _PARAMETERS, "β ≤ ‖∂C/∂b^l‖_p")),
    "w": (Cited("weight gradient bounded", "D7", _PARAMETERS, "‖∂C/∂w^l‖_p ≤ β ‖a^{l-1}‖_{p*}"),
          Cited("weight gradient from below", "D7", _PARAMETERS, "β ‖a^{l-1}‖_{p*} ≤ ‖∂C/∂w^l‖_p")),
})
BATCH = Cited("mean over a batch", "D7", _PARAMETERS, "‖(1/N) ∑_{r=1}^{N} v_r‖_p ≤ (1/N) ∑_{r=1}^{N} β_r")
_OUTWEIGHS = Cited("one example against the others", "D7", _PARAMETERS,
                   "‖v_k‖_p ≤ ‖∑_{r=1}^{N} v_r‖_p + ∑_{r=1}^{k-1} ‖v_r‖_p + ∑_{r=k+1}^{N} ‖v_r‖_p")

_NOTES: Mapping[str, str] = MappingProxyType({
    "split": "with s_r = u_r = √|σ'_r(z^r)|, or the bound by factors where that is smaller",
    "window": "applied again to each window in turn, with a diagonal D that balances what it separates",
    "ball": "evaluated in balls",
})
_BOXED = "over a box with the largest slopes in it (bound by split slopes: u_r ≥ |σ'_r(z^r)|), and enclosures in products"

#: what stands before ‖a^L − y‖_p in each rung, in few characters
FORMULAS: Mapping[str, str] = MappingProxyType({
    "global": "∏γ_r ∏‖w^r‖_{p*}",
    "local": "∏‖σ'(z^r)‖_∞ ∏‖w^r‖_{p*}",
    "factors": "∏‖Σ'(z^r)(w^{r+1})ᵀ‖_p ‖Σ'(z^L)‖_p",
    "split": "max√|Σ'(z^l)| ∏‖√|Σ'(z^r)|(w^{r+1})ᵀ√|Σ'(z^{r+1})|‖_p max√|Σ'(z^L)|",
    "window": "∏‖D⁻¹ ∏Σ'(z^r)(w^{r+1})ᵀ D'‖_p",
    "product": "‖∏Σ'(z^r)(w^{r+1})ᵀ Σ'(z^L)‖_p",
    "ball": "δ^l itself, enclosed",
})

_LATEX: Mapping[str, str] = MappingProxyType({
    "global": r"\prod\gamma_r\prod\lVert w^r\rVert_Q",
    "local": r"\prod\lVert\sigma'(z^r)\rVert_\infty\prod\lVert w^r\rVert_Q",
    "factors": r"\prod\lVert\Sigma'(z^r)(w^{r+1})^{\mathsf T}\rVert_P\,\lVert\Sigma'(z^L)\rVert_P",
    "split": r"\max\sqrt{|\Sigma'(z^l)|}\prod\lVert\sqrt{|\Sigma'(z^r)|}\,(w^{r+1})^{\mathsf T}\sqrt{|\Sigma'(z^{r+1})|}"
             r"\rVert_P\max\sqrt{|\Sigma'(z^L)|}",
    "window": r"\prod\lVert D^{-1}\prod\Sigma'(z^r)(w^{r+1})^{\mathsf T}D'\rVert_P",
    "product": r"\lVert\prod\Sigma'(z^r)(w^{r+1})^{\mathsf T}\,\Sigma'(z^L)\rVert_P",
    "ball": r"$\delta^l$ itself, enclosed",
})


def latex_indices(norm: str) -> tuple[str, str]:
    """p and its dual in LaTeX."""
    return {"1": ("1", r"\infty"), "2": ("2", "2"), "inf": (r"\infty", "1")}[norm]


def latex_of(kind: str, norm: str) -> str:
    """The formula of a rung in LaTeX, without dollars (words hold their own)."""
    p, q = latex_indices(norm)
    return _LATEX[kind].replace("_P", f"_{{{p}}}").replace("_Q", f"_{{{q}}}")


def grounds(kind: str, quantity: str, norm: str, examples: int = 1, boxed: bool = False) -> Grounds:
    """The theorems behind one rung ("true" is "ball") of "delta", "b" or "w", for one example or a batch."""
    kind = "ball" if kind == "true" else kind
    upper = [_UPPER[kind]]
    lower = [] if kind in ("ball", "window") else [_LOWER[kind] if norm == "2" else _BY_INVERSES]
    if quantity in _OF:
        upper.append(_OF[quantity][0])
        lower.append(_OF[quantity][1])
        if examples > 1:
            upper.append(BATCH)
            lower.append(_OUTWEIGHS)
    notes = [_NOTES.get(kind, ""), _BOXED if boxed else ""]
    return Grounds(tuple(upper), tuple(lower), norm, "; ".join(filter(None, notes)))
