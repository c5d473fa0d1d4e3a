"""How long γ of the whole catalogue takes (asked: at most 2 s for 30 digits), and enclosures of many
intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symgrad.balls.enclosure import Enclosure
from symgrad.balls.pieces import split
from symgrad.balls.supremum import supremum
from symgrad.operations.activation import activation, activations, t


def test_gamma_of_the_whole_catalogue(benchmark: Any) -> None:
    expressions = [activation(name).expression for name in activations()]

    def all_of_them() -> int:
        split.cache_clear()
        return sum(supremum(e, t).complete for e in expressions)

    assert benchmark.pedantic(all_of_them, rounds=2) == len(expressions)


@pytest.mark.parametrize("name", ["sigmoid", "gelu", "relu", "silu"])
@pytest.mark.parametrize("count", [100, 10**5])
def test_slopes_of_many_intervals(benchmark: Any, name: str, count: int) -> None:
    rng = np.random.default_rng(0)
    lo = rng.normal(size=count) * 3
    hi = lo + 1e-3
    enclosure = Enclosure(activation(name).expression, t)
    enclosure.array(lo, hi, 1)
    benchmark(enclosure.array, lo, hi, 1)
