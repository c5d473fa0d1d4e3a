"""How long a line and a derivation of 100 layers take in each format (PDF aside, which Typst sets)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "render"))

from sample_pages import deep, delta, transpose, w

from symgrad.render.write import FORMATS, render
from symgrad.terms.latex import latex
from symgrad.terms.layout import affine, apply, layered, letter, product, relation
from symgrad.terms.mathml import mathml
from symgrad.terms.text import text
from symgrad.terms.typst import typst

ABOVE = affine({"l": 1}, 1)


def line() -> Any:
    slopes = apply(letter("Sigma", primes=1), layered("z", "l"))
    return relation(delta("l"), "eq", product(slopes, transpose(w(ABOVE)), delta(ABOVE)))


def test_laying_out_bp2(benchmark: Any) -> None:
    benchmark(line)


@pytest.mark.parametrize("emit", [latex, text, mathml, typst], ids=["latex", "text", "mathml", "typst"])
def test_writing_bp2(benchmark: Any, emit: Any) -> None:
    benchmark(emit, line())


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "pdf"])
def test_writing_a_derivation_of_100_layers(benchmark: Any, name: str) -> None:
    page = deep(100)
    benchmark(render, page, name)
