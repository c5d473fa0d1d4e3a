"""The letters and signs of a formula: one table, each row saying how a name is written in every format.

A name stands in the first column as LaTeX users know it without the backslash ("delta", "le"). The other
columns are LaTeX, Unicode (also used by MathML and Typst, which read the character itself) and the spoken
form.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["GREEK", "SIGNS", "Sign", "canonical", "math_alphabet"]


class Sign(NamedTuple):
    """How one sign is written: LaTeX command, Unicode character, spoken words."""

    latex: str
    unicode: str
    spoken: str


def _greek() -> dict[str, str]:
    first = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda")
    second = ("mu", "nu", "xi", "omicron", "pi", "rho", "_", "sigma", "tau", "upsilon", "phi", "chi", "psi")
    lower = (*first, *second, "omega")  # the gap is the final sigma, which no formula uses
    table = {name: chr(0x3B1 + i) for i, name in enumerate(lower) if name != "_"}
    table |= {name.capitalize(): chr(0x391 + i) for i, name in enumerate(lower) if name != "_"}
    return table


GREEK: dict[str, str] = _greek()  # name -> character
_LATIN_LOOKALIKE = {
    "omicron": "o",
    "Alpha": "A",
    "Beta": "B",
    "Epsilon": "E",
    "Zeta": "Z",
    "Eta": "H",
    "Iota": "I",
    "Kappa": "K",
    "Mu": "M",
    "Nu": "N",
    "Omicron": "O",
    "Rho": "P",
    "Tau": "T",
    "Chi": "X",
}
_SPELLING = {"epsilon": r"\varepsilon", "phi": r"\varphi"}  # the shapes that match the Unicode letters

SIGNS: dict[str, Sign] = {
    name: Sign(
        rf"\mathrm{{{_LATIN_LOOKALIKE[name]}}}"
        if name in _LATIN_LOOKALIKE
        else _SPELLING.get(name, f"\\{name}"),
        character,
        name if name[0].islower() else f"capital {name.lower()}",
    )
    for name, character in GREEK.items()
} | {
    "Sigma": Sign(r"\Sigma", "Σ", "Sigma"),
    "nabla": Sign(r"\nabla", "∇", "gradient of"),
    "partial": Sign(r"\partial", "∂", "partial"),
    "second": Sign(r"\mathrm{D}^{2}", "D²", "the second derivative of"),
    "ell": Sign(r"\ell", "ℓ", "ell"),
    "infinity": Sign(r"\infty", "∞", "infinity"),
    "cdots": Sign(r"\cdots", "⋯", "and so on"),
    "ldots": Sign(r"\ldots", "…", "and so on"),
    "placeholder": Sign(r"\cdot", "·", "dot"),
    "emptyset": Sign(r"\emptyset", "∅", "the empty set"),
    "star": Sign("*", "*", "star"),
    # binary operators
    "plus": Sign("+", "+", "plus"),
    "minus": Sign("-", "−", "minus"),
    "plusminus": Sign(r"\pm", "±", "plus or minus"),
    "dot": Sign(r"\cdot", "·", "times"),
    "times": Sign(r"\times", "×", "times"),
    "odot": Sign(r"\odot", "⊙", "Hadamard"),
    "oplus": Sign(r"\oplus", "⊕", "direct sum"),
    "otimes": Sign(r"\otimes", "⊗", "tensor"),
    "circ": Sign(r"\circ", "∘", "after"),
    # relations
    "eq": Sign("=", "=", "equals"),
    "ne": Sign(r"\ne", "≠", "is not equal to"),
    "le": Sign(r"\le", "≤", "is at most"),
    "ge": Sign(r"\ge", "≥", "is at least"),
    "lt": Sign("<", "<", "is less than"),
    "gt": Sign(">", ">", "is greater than"),
    "approx": Sign(r"\approx", "≈", "is about"),
    "assign": Sign(r"\mathrel{:=}", "≔", "is defined as"),
    "in": Sign(r"\in", "∈", "in"),
    "notin": Sign(r"\notin", "∉", "not in"),
    "subset": Sign(r"\subseteq", "⊆", "within"),
    "to": Sign(r"\to", "→", "to"),
    "mapsto": Sign(r"\mapsto", "↦", "maps to"),
    "implies": Sign(r"\Rightarrow", "⇒", "implies"),
    "iff": Sign(r"\Leftrightarrow", "⇔", "if and only if"),
    "and": Sign(r"\wedge", "∧", "and"),
    "or": Sign(r"\vee", "∨", "or"),
    "turnstile": Sign(r"\vdash", "⊢", "proves"),
    "colon": Sign(":", ":", "such that"),
    "forall": Sign(r"\forall", "∀", "for all"),
    "exists": Sign(r"\exists", "∃", "there is"),
    # big operators
    "product": Sign(r"\prod", "∏", "product"),
    "sum": Sign(r"\sum", "∑", "sum"),
    "max": Sign(r"\max", "max", "maximum"),
    "min": Sign(r"\min", "min", "minimum"),
    "sup": Sign(r"\sup", "sup", "supremum"),
    "inf": Sign(r"\inf", "inf", "infimum"),
    "lim": Sign(r"\lim", "lim", "limit"),
}

_BY_CHARACTER = {sign.unicode: name for name, sign in SIGNS.items()} | {
    "ϵ": "epsilon",
    "φ": "phi",
    "ϕ": "phi",
    "ς": "sigma",
}
_BY_COMMAND = {
    "infty": "infinity",
    "varepsilon": "epsilon",
    "varphi": "phi",
    "oo": "infinity",
    "prod": "product",
}


def canonical(name: str) -> str:
    """The name used in the table for a letter, a Greek character or a LaTeX command without its backslash.

    >>> canonical("σ"), canonical("infty"), canonical("w")
    ('sigma', 'infinity', 'w')
    """
    return _BY_CHARACTER.get(name, _BY_COMMAND.get(name, name))


_ALPHABETS = {
    "bold": (0x1D400, 0x1D41A, 0x1D6A8, 0x1D6C2, 0x1D7CE),
    "sans": (0x1D5A0, 0x1D5BA, 0, 0, 0x1D7E2),
    "blackboard": (0x1D538, 0x1D552, 0, 0, 0x1D7D8),
    "script": (0x1D49C, 0x1D4B6, 0, 0, 0),
}
_HOLES = {
    ("blackboard", "C"): "ℂ",
    ("blackboard", "H"): "ℍ",
    ("blackboard", "N"): "ℕ",
    ("blackboard", "P"): "ℙ",
    ("blackboard", "Q"): "ℚ",
    ("blackboard", "R"): "ℝ",
    ("blackboard", "Z"): "ℤ",
    ("script", "B"): "ℬ",
    ("script", "E"): "ℰ",
    ("script", "F"): "ℱ",
    ("script", "H"): "ℋ",
    ("script", "I"): "ℐ",
    ("script", "L"): "ℒ",
    ("script", "M"): "ℳ",
    ("script", "R"): "ℛ",
    ("script", "e"): "ℯ",
    ("script", "g"): "ℊ",
    ("script", "o"): "ℴ",
}


def math_alphabet(character: str, style: str) -> str:
    """The character of Unicode's mathematical alphabets for a letter in a style, or the letter itself."""
    if style not in _ALPHABETS or len(character) != 1:
        return character
    if (style, character) in _HOLES:
        return _HOLES[style, character]
    capital, small, greek_capital, greek_small, digit = _ALPHABETS[style]
    for start, first, last in (
        (capital, "A", "Z"),
        (small, "a", "z"),
        (greek_capital, "Α", "Ω"),
        (greek_small, "α", "ω"),
        (digit, "0", "9"),
    ):
        if start and first <= character <= last:
            return chr(start + ord(character) - ord(first))
    return character
