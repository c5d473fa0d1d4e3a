"""Claims are written in plain text, "δ^l = Σ'(z^l)(w^{l+1})ᵀ δ^{l+1}"; here their letters with scripts
become formulas.

Only a letter with scripts is taken (δ^l, w^{l+1}, F_c, 10^9999); everything else stays the text it was.
"""

from __future__ import annotations

import re
from functools import lru_cache

from symgrad.terms import layout as lay
from symgrad.terms.notation import Notation

__all__ = ["typeset"]

_SCRIPT = r"(?:\{([^{}]*)\}|([−-]?\d+|[A-Za-z∞*]))"
_LETTERS = "A-Za-zΑ-Ωα-ω"
_BASE = rf"((?<![{_LETTERS}\d])(?:\d+|[{_LETTERS}]+)|[‖|\])∏∑])(['′]*)"
_SCRIPTED = re.compile(rf"{_BASE}(?:_{_SCRIPT})?(?:\^{_SCRIPT})?(?<=[\w}}∞*])(['′]*)")
_TERM = re.compile(r"\s*([+−-]?)\s*(\d*)\s*([A-Za-zΑ-Ωα-ω]?)\s*")


@lru_cache(maxsize=1024)
def typeset(text: str) -> tuple[str | Notation, ...]:
    """The text as prose with formulas in it.

    >>> [str(part) for part in typeset("the error δ^{l+1} of F_c")]
    ['the error ', 'δ^{l+1}', ' of ', 'F_c']
    """
    parts: list[str | Notation] = []
    at = 0
    for found in _SCRIPTED.finditer(text):
        base, before, sub, short_sub, sup, short_sup, after = found.groups()
        below, above = sub if sub is not None else short_sub, sup if sup is not None else short_sup
        if below is None and above is None:
            continue
        if base in "‖|])∏∑":                                  # a bracket stays a word; only its scripts are set
            whole: Notation = lay.scripted(lay.words(base), *map(_script, (below, above)))
        else:
            letter = lay.number(int(base)) if base.isdigit() else lay.letter(base, primes=len(before + after))
            whole = lay.scripted(letter, *map(_script, (below, above)))
        if found.start() > at:
            parts.append(text[at:found.start()])
        parts.append(whole)
        at = found.end()
    if at < len(text):
        parts.append(text[at:])
    return tuple(parts)


def _script(text: str | None) -> Notation | None:
    """A script such as l+1 or L−l: a sum of letters and numbers, or plain words."""
    if text is None:
        return None
    if text == "∞":
        return lay.letter("infinity")
    if text.count("=") == 1:                                     # the range of a product: r = l + 1
        left, right = (_script(side.strip()) for side in text.split("="))
        return lay.relation(left or "", "eq", right or "")
    terms: list[Notation] = []
    at = 0
    while at < len(text):
        found = _TERM.match(text, at)
        if found is None or found.end() == at or not (found[2] or found[3]) or (terms and not found[1]):
            return lay.words(text)
        factors: list[Notation] = [lay.number(int(found[2]))] if found[2] else []
        factors += [lay.letter(found[3])] if found[3] else []
        one = lay.product(*factors)
        terms.append(lay.minus(one) if found[1] in ("-", "−") and found[1] else one)
        at = found.end()
    return lay.add(*terms)
