"""Random formulas through every emitter: well-formed output, nothing lost, and line breaking that only
breaks lines.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml

from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.terms.breaking import Piece, ems, pieces
from symgrad.terms.latex import latex, mathjax
from symgrad.terms.layout import (
    absolute,
    add,
    affine,
    apply,
    big,
    fenced,
    fraction,
    gradient,
    hadamard,
    inner,
    layered,
    letter,
    listing,
    minus,
    norm,
    number,
    power,
    product,
    relation,
    root,
    scripted,
    subtract,
    transpose,
    words,
)
from symgrad.terms.mathml import math
from symgrad.terms.mathml import piece as math_piece
from symgrad.terms.notation import Notation
from symgrad.terms.spoken import spoken
from symgrad.terms.text import piece, text
from symgrad.terms.typst import typst

names = st.sampled_from(
    ["w", "x", "L", "delta", "Sigma", "gamma", "tanh", "diag", "infinity", "ħ", "a|b", "x_1"]
)
leaves = st.one_of(
    st.builds(letter, names, st.sampled_from(["italic", "bold", "sans"]), st.integers(0, 2)),
    st.builds(number, st.one_of(st.integers(-(10**6), 10**6), st.fractions(-9, 9, max_denominator=9))),
    st.builds(words, st.text(max_size=12)),
    st.builds(lambda a, b: affine({"l": a}, b), st.integers(-2, 2), st.integers(-2, 2)),
)


def _grow(inner_formulas: st.SearchStrategy[Notation]) -> st.SearchStrategy[Notation]:
    one, some = inner_formulas, st.lists(inner_formulas, min_size=1, max_size=4)
    return st.one_of(
        some.map(lambda parts: product(*parts)),
        some.map(lambda parts: add(*parts)),
        st.builds(subtract, one, one),
        some.map(lambda parts: hadamard(*parts)),
        st.builds(minus, one),
        st.builds(transpose, one),
        st.builds(power, one, one),
        st.builds(layered, one, one),
        st.builds(lambda a, b: scripted(a, sub=b), one, one),
        st.builds(norm, one, st.sampled_from([1, 2, "infinity", "F"])),
        st.builds(absolute, one),
        st.builds(inner, one, one),
        st.builds(fraction, one, one),
        st.builds(root, one),
        st.builds(gradient, one),
        st.builds(apply, one, one),
        st.builds(lambda a, b: fenced("bracket", listing(a, b)), one, one),
        st.builds(lambda a, b, c: big("product", a, index="r", lower=b, upper=c), one, one, one),
        st.builds(lambda a, b: relation(a, "le", b), one, one),
    )


formulas = st.recursive(leaves, _grow, max_leaves=14)


def _balanced(written: str) -> bool:
    depth = 0
    for sign in re.sub(r"\\[\\{}]", "", written):
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    return depth == 0


@settings(max_examples=150)
@given(formulas)
def test_every_emitter_writes_something_well_formed(formula: Notation) -> None:
    for written in (latex(formula), mathjax(formula)):
        assert _balanced(written)
        assert len(re.findall(r"\\left", written)) == len(re.findall(r"\\right(?!a)|\\Right", written)) - len(
            re.findall(r"\\Rightarrow", written)
        )
        assert "|" not in written and "\n" not in written
    xml.fromstring(math(formula))
    assert "\n" not in typst(formula)
    assert text(formula).isprintable()
    assert spoken(formula).isprintable()
    assert ems(formula) >= 0


def _bare(shown: str) -> str:
    return "".join(shown.split())


@settings(max_examples=150)
@given(formulas)
def test_breaking_a_formula_loses_nothing(formula: Notation) -> None:
    assert _bare(" ".join(map(piece, pieces(formula)))) == _bare(text(formula))
    for part in pieces(formula):
        xml.fromstring(math_piece(part))


@settings(max_examples=150)
@given(formulas)
def test_opening_every_bracket_keeps_every_letter(formula: Notation) -> None:
    opened = pieces(formula, lambda part: True)
    kept = re.sub(r"[\s()√]", "", "".join(map(piece, opened)))
    assert kept == re.sub(r"[\s()√]", "", text(formula))


def test_a_line_breaks_at_signs_and_factors_but_not_inside_a_factor() -> None:
    line = relation(
        layered("delta", "l"), "eq", add(product(2, norm(subtract("a", "y"), 2), "x"), minus("b"))
    )
    shown = [piece(part) for part in pieces(line)]
    assert shown == ["δ^l", "= 2", "‖a − y‖₂", "x", "− b"]


def test_a_part_wider_than_the_page_is_opened_and_keeps_its_kind() -> None:
    wide = norm(product(*[apply("f", layered("z", k)) for k in range(5)]), "F")
    shown = [piece(part) for part in pieces(wide, lambda part: ems(part) > 10)]
    assert shown[0] == "‖f(z⁰)" and shown[-1] == "f(z⁴)‖_F" and len(shown) == 5


def test_an_opened_sum_keeps_its_leading_minus() -> None:
    shown = [piece(part) for part in pieces(product("c", add(minus("a"), "b")), lambda part: ems(part) > 2)]
    assert shown == ["c", "(−a", "+ b)"]


def test_a_unary_sign_is_told_from_a_binary_one() -> None:
    first, second = pieces(add(minus("a"), "b"))
    assert first == Piece(("minus",), letter("a"), unary=True)
    assert second == Piece(("plus",), letter("b"))


def test_deep_nesting_is_written_in_linear_time_and_without_overflow() -> None:
    formula: Notation = letter("x")
    for _ in range(200):
        formula = apply("f", formula)
    assert text(formula).count("f(") == 200
    assert latex(formula).count("f(") == 200
    xml.fromstring(math(formula))
