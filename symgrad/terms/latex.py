"""The LaTeX of a notation, in amsmath's commands; the words of a formula are escaped.

`Latex` writes for pdflatex. `MathJax` is its dialect for web pages (GitHub's among them), where text inside
a formula knows no escapes and `operatorname` is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from symgrad.terms.breaking import Piece
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
    wide,
)
from symgrad.terms.symbols import SIGNS
from symgrad.terms.text import clean

__all__ = ["Latex", "MathJax", "escape", "latex", "mathjax"]

_STYLES = {
    "upright": r"\mathrm",
    "bold": r"\boldsymbol",
    "sans": r"\mathsf",
    "blackboard": r"\mathbb",
    "script": r"\mathcal",
}
_FENCES = {
    "paren": ("(", ")"),
    "bracket": ("[", "]"),
    "brace": (r"\{", r"\}"),
    "abs": (r"\lvert", r"\rvert"),
    "norm": (r"\lVert", r"\rVert"),
    "angle": (r"\langle", r"\rangle"),
    "comma": ("", ","),
}
_FUNCTIONS = frozenset(
    (
        "arctan",
        "cos",
        "cosh",
        "cot",
        "det",
        "dim",
        "exp",
        "gcd",
        "ker",
        "ln",
        "log",
        "max",
        "min",
        "sin",
        "sinh",
        "tan",
        "tanh",
    )
)
_GAPS = {"": " ", "thin": r" \, ", "dot": r" \cdot ", "word": r" \ "}
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "_": r"\_",
        "%": r"\%",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        "`": r"\textasciigrave{}",
        "[": "{[}",  # never the optional argument of a command before it
        "*": "{*}",
        "–": "--",
        "—": "---",
        "‘": "`",
        "’": "'",
        "“": "``",
        "”": "''",
        "…": r"\ldots{}",
        "°": r"$^\circ$",
        "½": r"$\frac12$",
        "¼": r"$\frac14$",
        "²": "$^2$",
        "³": "$^3$",
        "¹": "$^1$",
        "ᵀ": r"$^{\mathsf T}$",
        "‖": r"$\Vert$",
        "⟨": r"$\langle$",
        "⟩": r"$\rangle$",
        "√": r"$\surd$",
        "₀": "$_0$",
        "₁": "$_1$",
        "₂": "$_2$",
    }
    | {
        sign.unicode: f"${sign.latex}$"
        for sign in SIGNS.values()
        if len(sign.unicode) == 1 < ord(sign.unicode) - 126
    }
)


def escape(text: str) -> str:
    """Text from outside as LaTeX text: characters print as themselves, or as their code without a glyph."""
    shown = clean(text)
    plain = shown.translate(_ESCAPES)
    if plain.isascii():
        return plain
    return "".join(c if _sets(c) else f"\\texttt{{U+{ord(c):04X}}}" for c in plain)


def _sets(character: str) -> bool:
    """Does T1 with utf8 input know the character?"""
    if character in "ĦħĸĿŀŉŦŧſ":
        return False
    return " " <= character <= "~" or "À" <= character <= "ſ" or character in "¡¿«»£§"


class Latex:
    """Writes notation as LaTeX for math mode."""

    words = staticmethod(escape)

    def write(self, of: Notation) -> str:
        return self._emit[type(of)](self, of)

    def piece(self, of: Piece) -> str:
        """One unbreakable piece of a longer formula with the signs before it."""
        signs = "".join(
            ("" if of.opens(i) else "{} ") + SIGNS[sign].latex + " " for i, sign in enumerate(of.signs)
        )
        return signs + self.write(of.body)

    def operator(self, name: str) -> str:
        """An upright name of several letters."""
        if name in _FUNCTIONS:
            return f"\\{name}"
        if name.isascii() and name.isalnum():
            return f"\\operatorname{{{name}}}"
        return f"\\operatorname{{\\text{{{self.words(name)}}}}}"

    def _letter(self, of: Letter) -> str:
        name, style = of.name, of.style
        primes = "'" * of.primes
        sign = SIGNS.get(name)
        if sign is not None:
            return (f"\\boldsymbol{{{sign.latex}}}" if style == "bold" else sign.latex) + primes
        if len(name) > 1:
            return self.operator(name) + primes
        if not (name.isascii() and name.isalnum()):
            return f"\\text{{{self.words(name)}}}" + primes
        if style == "bold":
            return f"\\mathbf{{{name}}}" + primes
        if style == "sans":
            return f"\\mathsf {name}" + primes
        return (f"{_STYLES[style]}{{{name}}}" if style in _STYLES else name) + primes

    def _number(self, of: Number) -> str:
        if of.digits is not None:
            return of.digits
        return rf"\frac{{{of.value.numerator}}}{{{of.value.denominator}}}"

    def _words(self, of: Words) -> str:
        return rf"\text{{{self.words(of.words)}}}"

    def _script(self, of: Script) -> str:
        written = self.write(of.base)
        if of.sub is not None:
            written += f"_{{{self._tight(of.sub)}}}"
        if of.sup is not None:
            written += f"^{{{self._tight(of.sup)}}}"
        return written

    def _tight(self, of: Notation) -> str:
        """Inside a script there are no spaces around operators, and fractions lie flat."""
        if isinstance(of, Sum):
            terms = (("+" if sign == "plus" else "-") + self._tight(term) for sign, term in of.terms)
            return "".join(terms).removeprefix("+")
        if isinstance(of, Relation):
            parts = [self._tight(of.sides[0])]
            for sign, side in zip(of.signs, of.sides[1:], strict=True):
                command = SIGNS[sign].latex
                parts.append((f" {command} " if command[0] == "\\" else command) + self._tight(side))
            return "".join(parts)
        if isinstance(of, Number) and of.digits is None:
            return f"{of.value.numerator}/{of.value.denominator}"
        return self.write(of)

    def _fenced(self, of: Fenced) -> str:
        left, right = _FENCES[of.kind]
        body = self.write(of.body)
        if of.kind == "paren":
            return rf"\left({body}\right)"
        if of.tall:
            return rf"\left{left} {body} \right{right}"
        return f"{left} {body} {right}" if left[0] == "\\" else left + body + right

    def _apply(self, of: Apply) -> str:
        left, right = _FENCES[of.kind]
        body = self.write(of.argument)
        fenced = rf"\left{left} {body} \right{right}" if of.tall else left + body + right
        return self.write(of.function) + fenced

    def _prefix(self, of: Prefix) -> str:
        return f"{SIGNS[of.sign].latex} {self.write(of.body)}"

    def _product(self, of: Product) -> str:
        if of.operator:
            return f" {SIGNS[of.operator].latex} ".join(map(self.write, of.factors))
        written = self.write(of.factors[0])
        for before, factor in zip(of.factors, of.factors[1:], strict=False):
            written += _GAPS[gap(before, factor)] + self.write(factor)
        return written

    def _sum(self, of: Sum) -> str:
        written = ""
        for at, (sign, term) in enumerate(of.terms):
            if at:
                written += " + " if sign == "plus" else " - "
            elif sign == "minus":
                written = "-"
            written += self.write(term)
        return written

    def _big(self, of: Big) -> str:
        written = SIGNS[of.operator].latex
        if of.lower is not None:
            written += f"_{{{self._tight(of.lower)}}}"
        if of.upper is not None:
            written += f"^{{{self._tight(of.upper)}}}"
        return written + _GAPS["thin" if wide(of.body) else ""] + self.write(of.body)

    def _over(self, of: Over) -> str:
        return rf"\frac{{{self.write(of.numerator)}}}{{{self.write(of.denominator)}}}"

    def _root(self, of: Root) -> str:
        return rf"\sqrt{{{self.write(of.body)}}}"

    def _relation(self, of: Relation) -> str:
        written = self.write(of.sides[0])
        for sign, side in zip(of.signs, of.sides[1:], strict=True):
            written += f" {SIGNS[sign].latex} {self.write(side)}"
        return written

    def _listing(self, of: Listing) -> str:
        return ", ".join(map(self.write, of.items))

    def _matrix(self, of: Matrix) -> str:
        rows = r" \\ ".join(" & ".join(map(self.write, row)) for row in of.rows)
        return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"

    def _cases(self, of: Cases) -> str:
        rows = r" \\ ".join(
            rf"{self.write(value)} & {self.write(condition)}" for value, condition in of.cases
        )
        return rf"\begin{{cases}} {rows} \end{{cases}}"

    def _delimiter(self, of: Delimiter) -> str:
        side = _FENCES[of.kind][of.closing]
        if of.kind == "comma":
            return side
        return (r"\bigr" if of.closing else r"\bigl") + side

    def _row(self, of: Row) -> str:
        return " ".join(map(self.write, of.items))

    _emit: ClassVar[dict[type[Notation], Callable[[Any, Any], str]]] = {
        Letter: _letter,
        Number: _number,
        Words: _words,
        Script: _script,
        Fenced: _fenced,
        Apply: _apply,
        Prefix: _prefix,
        Product: _product,
        Sum: _sum,
        Big: _big,
        Over: _over,
        Root: _root,
        Relation: _relation,
        Listing: _listing,
        Matrix: _matrix,
        Cases: _cases,
        Delimiter: _delimiter,
        Row: _row,
    }


_LOOKALIKES = str.maketrans("\\{}$&#%^~<>|`", "∖❴❵＄＆＃％ˆ∼‹›∣ʼ")


class MathJax(Latex):
    """Writes notation as LaTeX for MathJax, where `text` prints what stands in it and takes no escapes."""

    @staticmethod
    def words(text: str) -> str:
        return clean(text).translate(_LOOKALIKES)

    def operator(self, name: str) -> str:
        if name in _FUNCTIONS:
            return f"\\{name}"
        return f"\\mathrm{{{name}}}" if name.isascii() and name.isalnum() else f"\\text{{{self.words(name)}}}"


_latex, _mathjax = Latex(), MathJax()


def latex(of: Notation) -> str:
    r"""The formula as LaTeX for math mode.

    >>> from symgrad.terms.layout import layered, norm, transpose
    >>> latex(norm(transpose(layered("w", "r")), 2))
    '\\lVert \\left(w^{r}\\right)^{\\mathsf T} \\rVert_{2}'
    """
    return _latex.write(of)


def mathjax(of: Notation) -> str:
    """The formula as LaTeX for MathJax."""
    return _mathjax.write(of)
