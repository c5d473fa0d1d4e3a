"""The maths font a page carries: a subset of STIX Two Math (SIL Open Font License, see OFL.txt).

Without a font that has a MATH table browsers let superscripts float and draw brackets too small, and a page
must not ask the network for one. The subset holds the letters and signs of `symgrad.terms.symbols` with
their alphabets and the larger forms of brackets and big signs. `python -m symgrad.render.fonts SOURCE`
makes it anew from the full font (needs fonttools and brotli).
"""

from __future__ import annotations

import base64
from functools import cache
from importlib.resources import files

__all__ = ["FAMILY", "characters", "embedded"]

FAMILY = "STIX Two Math"


@cache
def embedded() -> str:
    """The font as a data URL for a style sheet."""
    font = files(__package__).joinpath("stix-two-math-subset.woff2").read_bytes()
    return "data:font/woff2;base64," + base64.b64encode(font).decode("ascii")


def characters() -> str:
    """Every character the subset has to hold."""
    from symgrad.terms.symbols import GREEK, SIGNS, math_alphabet

    latin = [chr(c) for c in (*range(65, 91), *range(97, 123))]
    letters = [*latin, *GREEK.values(), *"0123456789"]
    styled = [math_alphabet(c, style) for c in letters for style in ("bold", "sans", "blackboard", "script")]
    italic = [chr(c) for c in (*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C))]
    text = [chr(c) for c in (*range(32, 127), *range(160, 384))]
    signs = [c for sign in SIGNS.values() for c in sign.unicode]
    extra = "ℎ′″‴‖∣√⟨⟩⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉ᵀ½¼¾⅓⅔⅛–—‘’“”…•·\u2061\u2062✓✗→←↔≪≫∥∎□◦†‡"
    return "".join(dict.fromkeys([*text, *letters, *styled, *italic, *signs, *extra]))
