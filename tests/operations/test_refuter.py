"""The refuter lets every built-in record pass and finds planted mistakes, saying what is wrong and where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from flint import arb

from symgrad import SymgradError
from symgrad.operations.activation import Activation, activation, activations
from symgrad.operations.enclosures import exp
from symgrad.operations.record import Operation, all_operations, operation
from symgrad.terms.algebra import Count, Zero, hadamard
from symgrad.terms.index import Dimension
from symgrad.terms.scalars import Quotient, inner
from symgrad.testing.refuter import refute_operation
from symgrad.testing.refuter_activation import refute_activation
from symgrad.testing.register import Refuted, register

m, N = Dimension("m"), Dimension("N")
SOURCE = "planted by a test"


@pytest.mark.parametrize("name", sorted(all_operations()))
@pytest.mark.parametrize("seed", range(2))
def test_no_built_in_operation_is_refuted(name: str, seed: int) -> None:
    assert refute_operation(operation(name), seed) is None


@pytest.mark.parametrize("name", activations())
def test_no_activation_of_the_catalogue_is_refuted(name: str) -> None:
    assert refute_activation(activation(name)) is None


# ------------------------------------------------------------ planted mistakes

def _softmax(x: Any) -> Any:
    e = np.exp(x - np.max(np.real(x), axis=-2, keepdims=True))
    return e / e.sum(axis=-2, keepdims=True)


def _stated(name: str, pullback: Any, value: Any, arguments: Any = None, **more: Any) -> Operation:
    return Operation(
        name, arguments or {"x": m}, **{"result": m, **more}, pullback=pullback, value=value, source=SOURCE
    )


def _half_square(a: Any, y: Any) -> Any:
    return ((a - y) ** 2).sum(axis=(-2, -1), keepdims=True) / 2


PLANTED = [
    (
        _stated(
            "lost_transpose",
            lambda G, z, w, a: (G @ a.T, w @ G),
            lambda w, a: w @ a,
            {"w": (m, m), "a": m},
            exact=True,
        ),
        "pullback to a",
    ),
    (
        _stated(
            "wrong_sign", lambda G, c, a, y: (G * (a - y), G * (a - y)), _half_square, {"a": m, "y": m}, result=1
        ),
        "pullback to y",
    ),
    (
        _stated(
            "mean_without_its_count",
            lambda G, c, a: G * a,
            lambda a: (a * a).sum(axis=(-2, -1), keepdims=True) / 2 / a.shape[-1],
            {"a": (m, N)},
            result=1,
        ),
        "pullback to a",
    ),
    (_stated("softmax_as_if_elementwise", lambda G, p, x: hadamard(p, G), _softmax), "pullback to x"),
    (_stated("cube_of_its_value", lambda G, v, x: 3 * hadamard(v, v, G), lambda x: x**3), "pullback to x"),
    (_stated("not_linear", lambda G, v, x: hadamard(G, G), lambda x: x), "pullback to x"),
    (
        _stated("jump", lambda G, v, x: Zero(m, 1), lambda x: np.where(np.real(x) > 0, 1.0, 0.0) + 0 * x),
        "differentiable by x",
    ),
    (_stated("kink", lambda G, v, x: G, lambda x: np.where(np.real(x) >= 0, x, 2 * x)), None),
    (
        _stated(
            "softmax_that_overflows",
            lambda G, p, x: hadamard(p, G) - inner(p, G) * p,
            lambda x: np.exp(x) / np.exp(x).sum(axis=-2, keepdims=True),
            enclose=lambda x: exp(x) / exp(x).sum(axis=-2, keepdims=True),
        ),
        "value",
    ),
    (_stated("enclosure_of_another", lambda G, v, x: G, lambda x: x, enclose=lambda x: x + arb(1)), "value"),
    (
        _stated(
            "not_complex_safe",
            lambda G, v, x: 2 * hadamard(x, G),
            lambda x: np.real(x) ** 2,
            enclose=lambda x: x * x,
        ),
        "derivative by x",
    ),
    (
        _stated("sums_over_the_batch", lambda G, v, x: G * x, lambda x: np.array([[(x * x).sum() / 2]]), result=1),
        "shape of the value of a batch",
    ),
    (_stated("of_another_shape", lambda G, v, x: G, lambda x: np.swapaxes(x, -1, -2)), "shape of the value"),
    (
        Operation(
            "value_of_another_formula",
            {"a": m, "y": m},
            formula=lambda a, y: Quotient(1, Count(m)) * inner(a, y),
            value=lambda a, y: (a * y).sum(axis=-2, keepdims=True),
            source=SOURCE,
        ),
        "value",
    ),
]


@pytest.mark.parametrize(("record", "check"), PLANTED, ids=lambda x: getattr(x, "name", ""))
def test_a_planted_mistake_is_found_and_named(record: Operation, check: str | None) -> None:
    for seed in range(2):
        found = refute_operation(record, seed)
        assert found is not None and found.name == record.name
        assert check is None or found.check == check
        assert re.search(r"\d", found.detail) and f"seed {seed}" in str(found) and "\n" not in str(found)


@pytest.mark.parametrize("record", [record for record, _ in PLANTED], ids=lambda x: x.name)
def test_a_refuted_operation_is_not_registered(record: Operation) -> None:
    with pytest.raises(Refuted, match=record.name):
        register(record)
    assert record.name not in all_operations()


@dataclass(frozen=True, eq=False)
class SlopeAtTheActivation(Activation):
    """σ'(a) where σ'(z) belongs."""

    def slope(self, z: Any) -> Any:
        return super().slope(self.value(z))


@dataclass(frozen=True, eq=False)
class OtherValue(Activation):
    def value(self, z: Any) -> Any:
        return super().value(z) + 1e-6


@dataclass(frozen=True, eq=False)
class TooSmallBound(Activation):
    def sup_slope(self, digits: int = 30, budget: float = 10.0) -> Any:
        return activation("sigmoid").sup_slope(digits, budget)


@dataclass(frozen=True, eq=False)
class SaidToBeSmooth(Activation):
    smooth = True                                                                   # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class ThinEnclosure(Activation):
    def enclose(self, x: Any) -> Any:
        return super().enclose(x.mid())


@pytest.mark.parametrize(
    ("kind", "name", "check"),
    [
        (SlopeAtTheActivation, "tanh", "slope against its enclosure"),
        (OtherValue, "tanh", "value against its enclosure"),
        (TooSmallBound, "tanh", "sup |σ'|"),
        (ThinEnclosure, "tanh", "enclosure of the value"),
        (SaidToBeSmooth, "hardshrink", "smooth"),
        (SaidToBeSmooth, "relu", "smooth"),
    ],
)
def test_a_planted_activation_is_found_and_named(kind: type[Activation], name: str, check: str) -> None:
    right = activation(name)
    found = refute_activation(kind(right.name, right.expression, right.latex, right.numpy))
    assert found is not None and found.check == check


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"formula": None}, "by a formula"),
        ({"pullback": lambda G, v, x: G}, "not by both"),
        ({"source": ""}, "no source"),
        ({"arguments": {}}, "no arguments"),
        ({"formula": lambda x: x @ x}, "cannot multiply"),
        ({"arguments": {"x": m + N}}, "m"),
    ],
)
def test_a_record_that_says_too_little_is_refused_in_one_line(changed: dict[str, Any], said: str) -> None:
    given = {"name": "incomplete", "arguments": {"x": m}, "formula": lambda x: x + x, "source": SOURCE} | changed
    with pytest.raises(SymgradError) as caught:
        register(Operation(**given))
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_an_unknown_operation_names_the_nearest() -> None:
    with pytest.raises(SymgradError, match="did you mean softmax"):
        operation("sotfmax")
