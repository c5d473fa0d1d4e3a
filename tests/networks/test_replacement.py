"""B_l(β), W_l(X) and X(u) are the cost of the network with b^l, w^l or x replaced: exactly, on concrete networks."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from symgrad.networks.chain import chain_theory
from symgrad.networks.dense import B, C, W, X, b, beta, l, u, w, weight, x, z
from symgrad.numeric.arithmetic import rationals
from symgrad.numeric.evaluate import evaluate
from symgrad.numeric.instance import Instance


def entries(rng: Random, rows: int, columns: int = 1) -> np.ndarray:
    return np.array([[Fraction(rng.randint(-5, 5), rng.randint(1, 4)) for _ in range(columns)] for _ in range(rows)])


def network(seed: int) -> tuple[dict, list[int], Random]:
    rng = Random(seed)
    widths = [rng.randint(1, 4) for _ in range(rng.randint(2, 5))]
    depth = len(widths) - 1
    arrays = {"w": {n: entries(rng, widths[n], widths[n - 1]) for n in range(1, depth + 1)},
              "b": {n: entries(rng, widths[n]) for n in range(1, depth + 1)},
              "x": entries(rng, widths[0]), "y": {depth: entries(rng, widths[-1])}}
    return arrays, widths, rng


def instance(arrays: dict, widths: list[int], layer: int, **more: np.ndarray) -> Instance:
    return Instance(integers={"L": len(widths) - 1, "l": layer}, widths={"n": widths}, arrays={**arrays, **more},
                    functions={"sigma": {n: [1, Fraction(1, 2), n] for n in range(1, len(widths))}})


def cost(arrays: dict, widths: list[int]) -> Fraction:
    return evaluate(C[1](z[1]), instance(arrays, widths, 1), rationals())[0, 0]


@pytest.mark.parametrize("seed", range(12))
def test_each_function_of_a_parameter_is_the_cost_with_that_parameter_replaced(seed):
    arrays, widths, rng = network(seed)
    layer = rng.randint(1, len(widths) - 1)
    cases = [(B[l](beta), "b", "beta", entries(rng, widths[layer])),
             (W[l](weight), "w", "omega", entries(rng, widths[layer], widths[layer - 1])),
             (X(u), "x", "u", entries(rng, widths[0]))]
    for function, name, variable, value in cases:
        replaced = {**arrays, name: value if name == "x" else {**arrays[name], layer: value}}
        mine = evaluate(function, instance(arrays, widths, layer, **{variable: value}), rationals())[0, 0]
        assert mine == cost(replaced, widths), f"seed {seed}: {function}"


@pytest.mark.parametrize("seed", range(6))
def test_a_function_of_a_parameter_at_that_parameter_is_the_cost(seed):
    arrays, widths, _ = network(seed)
    for layer in range(1, len(widths)):
        here = instance(arrays, widths, layer)
        for value in (B[l](b[l]), W[l](w[l]), X(x)):
            assert evaluate(value, here, rationals())[0, 0] == cost(arrays, widths)


@pytest.mark.parametrize("has_input", [False, True])
@pytest.mark.parametrize("has_bias", [False, True])
@pytest.mark.parametrize("has_loss", [False, True])
def test_the_functions_of_a_chain_are_its_result_with_the_parameter_replaced(has_input, has_bias, has_loss):
    theory = chain_theory(has_input, has_bias, has_loss)
    rng = Random(3)
    depth, low = 4, theory.first
    space = theory.w.name.rsplit(".", 1)[0]
    given = {f"{space}.{name}": {n: entries(rng, 1) for n in range(1, depth + 1)} for name in ("w", "b")}
    given |= {f"{space}.x": entries(rng, 1), f"{space}.y": entries(rng, 1)}

    def value(term, arrays, layer=low):
        at = Instance(integers={"L": depth, "i": layer}, arrays=arrays, functions={"sigma": [0, 2, 1]})
        return evaluate(term, at, rationals())[0, 0]

    result = theory.F[low - 1](theory.o[low - 1])
    for name, equation in theory.parameters.items():
        family = f"{space}.{'w' if name == 'w1' else name}"
        layers = range(low, depth + 1) if name in ("w", "b") else [1]
        for layer in layers:
            new = entries(rng, 1)
            replaced = {**given, family: new if name == "x" else {**given[family], layer: new}}
            assert value(equation.left, {**given, "chain.t": new}, layer) == value(result, replaced)
