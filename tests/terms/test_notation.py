"""What the constructors lay out, read as LaTeX and as text: brackets where they are needed, and nowhere
else.
"""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest

from symgrad.terms.latex import latex, mathjax
from symgrad.terms.layout import (
    absolute,
    add,
    affine,
    apply,
    big,
    cases,
    column,
    fraction,
    gradient,
    hadamard,
    inner,
    layered,
    letter,
    listing,
    matrix,
    minus,
    norm,
    number,
    partial,
    power,
    product,
    relation,
    root,
    scripted,
    subtract,
    transpose,
    words,
)
from symgrad.terms.notation import Fenced, Letter, Notation, Script
from symgrad.terms.spoken import spoken
from symgrad.terms.text import text

above = affine({"l": 1}, 1)


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        (layered("delta", "l"), r"\delta^{l}"),
        (transpose(layered("w", above)), r"\left(w^{l+1}\right)^{\mathsf T}"),
        (apply(letter("Sigma", primes=1), layered("z", "l")), r"\Sigma'(z^{l})"),
        (norm("A", 2), r"\lVert A \rVert_{2}"),
        (norm("A", "infinity"), r"\lVert A \rVert_{\infty}"),
        (partial("C", layered("b", "l")), r"\frac{\partial C}{\partial b^{l}}"),
        (gradient(apply(scripted("C", sub="l"), layered("z", "l"))), r"\nabla C_{l}(z^{l})"),
        (power("gamma", affine({"L": 1, "l": -1}, 1)), r"\gamma^{L-l+1}"),
        (power("gamma", 1), r"\gamma"),
        (big("product", layered("w", "r"), index="r", lower=above, upper="L"), r"\prod_{r=l+1}^{L} w^{r}"),
        (hadamard("a", "b"), r"a \odot b"),
        (absolute("x"), r"\lvert x \rvert"),
        (inner("x", "y"), r"\langle x, y \rangle"),
        (apply("relu", "z"), r"\operatorname{relu}(z)"),
        (apply("tanh", "z"), r"\tanh(z)"),
        (letter("w", "bold"), r"\mathbf{w}"),
    ],
)
def test_latex_is_spelled_as_textbooks_do(formula: Notation, written: str) -> None:
    assert latex(formula) == written


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        (product(2, norm("w", 2)), "2 ‖w‖₂"),
        (product(norm("w", 2), 2), "2 ‖w‖₂"),
        (product(2, 3, "x"), "2 · 3 x"),
        (product(minus(2), "x"), "−2 x"),
        (product(add("a", "b"), "c"), "(a + b) c"),
        (product("a", product("b", "c")), "a b c"),
        (product(hadamard("a", "b"), "c"), "(a ⊙ b) c"),
        (hadamard(product("A", "b"), "c"), "(A b) ⊙ c"),
        (product("a", minus("b")), "a (−b)"),
        (add("a", minus("b"), -2), "a − b − 2"),
        (subtract("a", add("b", "c")), "a − (b + c)"),
        (subtract("a", subtract("b", "c")), "a − (b − c)"),
        (minus(minus("a")), "−(−a)"),
        (transpose(product("A", "B")), "(A B)ᵀ"),
        (transpose(transpose("A")), "(Aᵀ)ᵀ"),
        (transpose(scripted("x", sub="k")), "x_kᵀ"),
        (transpose(apply("diag", "z")), "diag(z)ᵀ"),
        (power(power("x", 2), 3), "(x²)³"),
        (power(Fraction(1, 2), "L"), "(½)^L"),
        (power(-1, 2), "(−1)²"),
        (power(norm("x", 2), 2), "‖x‖₂²"),
        (power(root("n"), 3), "(√n)³"),
        (layered(scripted("sigma", sub="l"), 2), "σ_l²"),
        (fraction("a", product("b", "c")), "a/(b c)"),
        (product(fraction("a", "b"), "c"), "(a/b) c"),
        (product(partial("C", "w"), "x"), "(∂C/∂w) x"),
        (gradient(add("f", "g")), "∇(f + g)"),
        (apply(add("f", "g"), "x"), "(f + g)(x)"),
        (apply("f", "x", "y"), "f(x, y)"),
        (apply("D", relation("v", "mapsto", "e"), kind="bracket"), "D[v ↦ e]"),
        (scripted("X", sub=listing("t", "k")), "X_{t, k}"),
        (relation(1, "le", "l", "lt", "L"), "1 ≤ l < L"),
        (relation(relation("a", "eq", "b"), "and", relation("c", "eq", "d")), "a = b ∧ (c = d)"),
        (matrix([[0, 1], [0, 0]]), "[[0, 1], [0, 0]]"),
        (column(1, -1), "(1, −1)"),
        (cases((0, relation("x", "lt", 0)), ("x", words("otherwise"))), "{0 if x < 0; x otherwise}"),
        (affine({"L": 1, "l": -1}, 1), "L − l + 1"),
        (affine({"l": -1}, 1), "1 − l"),
        (affine({"l": 2}, 0), "2 l"),
        (affine({}, 0), "0"),
        (layered("γ", 12), "γ¹²"),
        (letter("\x1b"), "<U+001B>"),
    ],
)
def test_brackets_stand_where_they_are_needed(formula: Notation, written: str) -> None:
    assert text(formula) == written == str(formula)


def test_a_transpose_of_a_layer_is_never_a_double_decker() -> None:
    formula = transpose(layered("w", above))
    assert isinstance(formula, Script) and isinstance(formula.base, Fenced)
    assert "}^{" not in latex(formula)


def test_a_big_operator_with_factors_behind_it_shows_its_scope() -> None:
    body = product("A", "B")
    alone = big("product", body, index="r", lower=1, upper="L")
    assert text(product("c", alone)) == "c ∏_{r=1}^{L} A B"
    assert text(product(alone, "x")) == "∏_{r=1}^{L} (A B) x"
    assert (
        text(product(big("product", norm("w", 2), index="r", lower=1, upper="L"), "x"))
        == "(∏_{r=1}^{L} ‖w‖₂) x"
    )
    assert text(add(alone, "x")) == "∏_{r=1}^{L} A B + x"
    assert text(big("sum", add("a", "b"), lower="i")) == "∑_{i} (a + b)"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (-3, "−3"),
        (Fraction(-3, 4), "−¾"),
        (Fraction(22, 7), "22/7"),
        ("0.001", "0.001"),
        (1e-10, "10^{-10}"),
        ("9.1e-10", "9.1 · 10^{-10}"),
        (-2.5e30, "−2.5 · 10³⁰"),
        (10**23 + 1, "1" + "0" * 22 + "1"),
    ],
)
def test_numbers_are_written_as_they_are(value: int | float | str | Fraction, written: str) -> None:
    assert text(number(value)) == written


def test_integers_too_long_to_read_are_written_with_powers_of_ten() -> None:
    assert text(number(10**9999)) == "10⁹⁹⁹⁹"
    assert text(number(-7 * 10**9909)) == "−7 · 10⁹⁹⁰⁹"
    assert text(number(Fraction(1, 10**99))) == "1/10⁹⁹"
    assert text(number(3**20000)) == "(an integer of 31700 bits)"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "-inf"])
def test_a_number_that_is_none_is_refused(value: float | str) -> None:
    with pytest.raises(ValueError, match="a finite number is needed"):
        number(value)


def test_a_relation_is_sides_and_signs_in_turn() -> None:
    with pytest.raises(ValueError, match="side, sign, side"):
        relation("a", "eq")


def test_names_are_known_by_name_character_and_command() -> None:
    assert letter("δ") == letter("delta") == Letter("delta")
    assert letter("infty") == letter("∞") == letter("oo")


def test_words_are_escaped_in_latex_and_kept_from_mathjax_commands() -> None:
    hostile = words(r"\input{x} $a_b$ 50% | #1")
    assert latex(hostile) == r"\text{\textbackslash{}input\{x\} \$a\_b\$ 50\% \textbar{} \#1}"
    inside = mathjax(hostile).removeprefix(r"\text{").removesuffix("}")
    assert not set(inside) & set("\\{}$|#%`")


def test_formulas_are_spoken_in_full() -> None:
    line = relation(norm(layered("delta", "l"), 2), "le", product("gamma", transpose(layered("w", above))))
    assert spoken(line) == (
        "the 2-norm of delta superscript l, end is at most gamma times the transpose of "
        "w superscript l plus 1"
    ).replace(", end", "")


def test_the_tree_and_its_emitters_need_no_heavy_package() -> None:
    code = (
        "import sys, symgrad.terms.layout, symgrad.terms.latex, symgrad.terms.mathml, symgrad.terms.typst, "
        "symgrad.terms.spoken, symgrad.render.html, symgrad.render.write; "
        "sys.exit(' '.join({'sympy', 'numpy', 'fontTools', 'typst'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
