"""The LaTeX of a notation, in amsmath's commands; the words of a formula are escaped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symgrad.terms.notation import (
    Apply,
    Big,
    Cases,
    Delimiter,
    Fenced,
    Letter,
    Listing,
    Matrix,
    Notation,
    Number,
    Over,
    Prefix,
    Product,
    Relation,
    Root,
    Row,
    Script,
    Sum,
    Words,
    gap,
)
from symgrad.terms.symbols import SIGNS

__all__ = ["escape", "latex"]

_STYLES = {"upright": r"\mathrm", "bold": r"\boldsymbol", "sans": r"\mathsf", "blackboard": r"\mathbb",
           "script": r"\mathcal"}
_FENCES = {"paren": ("(", ")"), "bracket": ("[", "]"), "brace": (r"\{", r"\}"), "norm": (r"\lVert", r"\rVert"),
           "abs": (r"\lvert", r"\rvert"), "angle": (r"\langle", r"\rangle")}
_FUNCTIONS = frozenset(["arctan", "cos", "cosh", "cot", "det", "dim", "exp", "gcd", "ker", "ln", "log", "max", "min", "sin", "sinh", "tan", "tanh"])
_GAPS = {"": " ", "thin": r" \, ", "dot": r" \cdot "}
_ESCAPES = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}", "'": "'", "-": "-",
    "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\ldots{}", "\u00a0": "~", "\t": " ",
    "\n": " ", "\r": " ", "½": "$\\frac12$", "¼": "$\\frac14$", "²": "$^2$", "³": "$^3$", "¹": "$^1$", "ᵀ": "$^{\\mathsf T}$",
    "‖": r"$\Vert$", "⟨": r"$\langle$", "⟩": r"$\rangle$", "√": r"$\surd$", "₀": "$_0$", "₁": "$_1$", "₂": "$_2$",
    "°": r"$^\circ$",
} | {sign.unicode: f"${sign.latex}$" for sign in SIGNS.values() if len(sign.unicode) == 1 and ord(sign.unicode) > 127})


def latex(of: Notation) -> str:
    r"""The formula as LaTeX for math mode.

    >>> from symgrad.terms.layout import layered, norm, transpose
    >>> latex(norm(transpose(layered("w", "r")), 2))
    '\\lVert \\left(w^{r}\\right)^{\\mathsf T} \\rVert_{2}'
    """
    return _EMIT[type(of)](of)


def escape(text: str) -> str:
    """Text from outside as LaTeX text: every character prints as itself, or as its code when pdflatex has no glyph."""
    plain = text.translate(_ESCAPES)
    if plain.isascii() and plain.isprintable():
        return plain
    return "".join(c if _sets(c) else f"\\texttt{{U+{ord(c):04X}}}" for c in plain)


def _sets(character: str) -> bool:
    """Does T1 with utf8 input know the character?"""
    code = ord(character)
    return 32 <= code < 127 or (0xC0 <= code <= 0x17F and character not in "ĦħĸĿŀŉŦŧĨĩŬŭ") or character in "¡¿«»£§"


def _letter(of: Letter) -> str:
    name, style = of.name, of.style
    primes = "'" * of.primes
    sign = SIGNS.get(name)
    if sign is not None:
        return (f"\\boldsymbol{{{sign.latex}}}" if style == "bold" else sign.latex) + primes
    if len(name) > 1:
        if name in _FUNCTIONS:
            return f"\\{name}" + primes
        if name.isascii() and name.isalnum():
            return f"\\operatorname{{{name}}}" + primes
        return f"\\operatorname{{\\text{{{escape(name)}}}}}" + primes
    if not (name.isascii() and name.isalnum()):
        return f"\\text{{{escape(name)}}}" + primes
    if style == "bold":
        return f"\\mathbf{{{name}}}" + primes
    if style == "sans":
        return f"\\mathsf {name}" + primes
    return (f"{_STYLES[style]}{{{name}}}" if style in _STYLES else name) + primes


def _number(of: Number) -> str:
    if of.digits is not None:
        return of.digits
    return rf"\frac{{{of.value.numerator}}}{{{of.value.denominator}}}"


def _words(of: Words) -> str:
    return rf"\text{{{escape(of.words)}}}"


def _script(of: Script) -> str:
    written = _script_base(of.base)
    if of.sub is not None:
        written += f"_{{{_tight(of.sub)}}}"
    if of.sup is not None:
        written += f"^{{{_tight(of.sup)}}}"
    return written


def _script_base(base: Notation) -> str:
    if isinstance(base, Fenced) and base.kind == "paren":
        return rf"\left({latex(base.body)}\right)"
    return latex(base)


def _tight(of: Notation) -> str:
    """Inside a script there are no spaces around operators, and fractions lie flat."""
    if isinstance(of, Sum):
        signs = ("+" if sign == "plus" else "-" for sign, _ in of.terms)
        return "".join(sign + _tight(term) for sign, (_, term) in zip(signs, of.terms, strict=True)).removeprefix("+")
    if isinstance(of, Relation):
        parts = [_tight(of.sides[0])]
        for sign, side in zip(of.signs, of.sides[1:], strict=True):
            command = SIGNS[sign].latex
            parts.append((f" {command} " if command[0] == "\\" else command) + _tight(side))
        return "".join(parts)
    if isinstance(of, Number) and of.digits is None:
        return f"{of.value.numerator}/{of.value.denominator}"
    return latex(of)


def _fenced(of: Fenced) -> str:
    left, right = _FENCES[of.kind]
    body = latex(of.body)
    if of.kind == "paren":
        return rf"\left({body}\right)"
    if of.tall:
        return rf"\left{left} {body} \right{right}"
    return f"{left} {body} {right}" if left[0] == "\\" else left + body + right


def _apply(of: Apply) -> str:
    left, right = _FENCES[of.kind]
    body = latex(of.argument)
    fenced = rf"\left{left} {body} \right{right}" if of.tall else left + body + right
    return latex(of.function) + fenced


def _prefix(of: Prefix) -> str:
    return f"{SIGNS[of.sign].latex} {latex(of.body)}"


def _product(of: Product) -> str:
    if of.operator:
        return f" {SIGNS[of.operator].latex} ".join(map(latex, of.factors))
    written = latex(of.factors[0])
    for before, factor in zip(of.factors, of.factors[1:], strict=False):
        written += _GAPS[gap(before, factor)] + latex(factor)
    return written


def _sum(of: Sum) -> str:
    written = ""
    for sign, term in of.terms:
        if written:
            written += " + " if sign == "plus" else " - "
        elif sign == "minus":
            written = "-"
        written += latex(term)
    return written


def _big(of: Big) -> str:
    written = SIGNS[of.operator].latex
    if of.lower is not None:
        written += f"_{{{_tight(of.lower)}}}"
    if of.upper is not None:
        written += f"^{{{_tight(of.upper)}}}"
    return f"{written} {latex(of.body)}"


def _over(of: Over) -> str:
    return rf"\frac{{{latex(of.numerator)}}}{{{latex(of.denominator)}}}"


def _root(of: Root) -> str:
    return rf"\sqrt{{{latex(of.body)}}}"


def _relation(of: Relation) -> str:
    written = latex(of.sides[0])
    for sign, side in zip(of.signs, of.sides[1:], strict=True):
        written += f" {SIGNS[sign].latex} {latex(side)}"
    return written


def _listing(of: Listing) -> str:
    return ", ".join(map(latex, of.items))


def _matrix(of: Matrix) -> str:
    rows = r" \\ ".join(" & ".join(map(latex, row)) for row in of.rows)
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def _cases(of: Cases) -> str:
    rows = r" \\ ".join(rf"{latex(value)} & {latex(condition)}" for value, condition in of.cases)
    return rf"\begin{{cases}} {rows} \end{{cases}}"


def _delimiter(of: Delimiter) -> str:
    side = _FENCES[of.kind][of.closing]
    return (r"\bigr" if of.closing else r"\bigl") + side


def _row(of: Row) -> str:
    return " ".join(map(latex, of.items))


_EMIT: dict[type[Notation], Callable[[Any], str]] = {
    Letter: _letter, Number: _number, Words: _words, Script: _script, Fenced: _fenced, Apply: _apply, Prefix: _prefix,
    Product: _product, Sum: _sum, Big: _big, Over: _over, Root: _root, Relation: _relation, Listing: _listing,
    Matrix: _matrix, Cases: _cases, Delimiter: _delimiter, Row: _row,
}
