"""The door for stated pullbacks: what it refuses, and that sizes as indices of functions open no hole."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from symgrad.derive.derived import V_stated
from symgrad.derive.pullback import pullback
from symgrad.errors import KernelError, ShapeError, SymgradError
from symgrad.kernel.definitions import define
from symgrad.kernel.derivative import V_variable
from symgrad.kernel.logic import instantiate
from symgrad.kernel.record import certificate, write_certificate
from symgrad.kernel.stated import linear, state
from symgrad.kernel.theorem import Theorem
from symgrad.operations.builtin.softmax import SOFTMAX
from symgrad.operations.builtin.softmax_cross_entropy import SOFTMAX_CROSS_ENTROPY
from symgrad.terms.algebra import Count, Number, Zero, hadamard
from symgrad.terms.index import Dimension, Index, WidthFamily
from symgrad.terms.named import Family, Function, Variable
from symgrad.terms.scalars import Quotient, inner
from symgrad.verify import Refused, check

m, n = Dimension("m"), Dimension("n")
k = Index("stated_k")
width = WidthFamily("stated_n")
x, G, K = Variable("stated_x", m), Variable("stated_G", m), Variable("stated_K", m)
a = Variable("stated_a", m, m)


def vector_map(name: str) -> Function:
    return Function(name, [(m, 1)], (m, 1), over={m: (0, None)})


@pytest.mark.parametrize(("result", "why"), [
    (hadamard(G, G), "linear"), (G + x, "linear"), (hadamard(x, x), "linear"), (inner(G, G) * x, "linear"),
    (Quotient(1, inner(G, x)) * x, "linear"), (hadamard(K, G), "mentions"), (G.T, "×"), (a @ G, "mentions")])
def test_what_is_no_pullback_cannot_be_stated(result: Any, why: str) -> None:
    with pytest.raises(KernelError, match=why):
        state(vector_map("stated_refused")[m](x), G, (result,))


def test_a_pullback_is_stated_at_different_symbols() -> None:
    f = Function("stated_square", [(m, 1)], (n, 1), over={m: (0, None), n: (0, None)})
    for first, second in ((m, m), (2, n), (m, 2)):
        argument = Variable(f"stated_at_{first}_{second}", first)
        with pytest.raises(KernelError, match="different symbols"):
            state(f[first, second](argument), Variable(f"stated_by_{first}_{second}", second), (argument,))


def test_a_linear_term_is_seen_as_such() -> None:
    for term in (
        G,
        Zero(m, 1),
        a @ G,
        a.T @ (G + 2 * hadamard(x, G)),
        inner(x, G) * x,
        Quotient(inner(G, x), inner(x, x)) * x,
    ):
        assert linear(term, G)


def test_a_defined_name_takes_no_pullback_and_a_stated_one_no_definition() -> None:
    f, g = vector_map("stated_f"), vector_map("stated_g")
    define((f[m](x), x + x, ()))
    with pytest.raises(KernelError, match="defined"):
        state(f[m](x), G, (2 * G,))
    state(g[m](x), G, (2 * G,))
    state(g[m](x), G, (2 * G,))                                 # the very same again
    with pytest.raises(KernelError, match="another pullback"):
        state(g[m](x), G, (3 * G,))
    with pytest.raises(KernelError, match="already defined or used"):
        define((g[m](x), 3 * x, ()))


def test_a_function_that_another_statement_mentions_is_stated_but_not_defined() -> None:
    f, g, h = (vector_map(f"stated_pair_{name}") for name in "fgh")
    state(f[m](x), G, (hadamard(g[m](x), G),))
    state(g[m](x), G, (-hadamard(f[m](x), G),))
    state(h[m](x), G, (hadamard(f[m](x), G),))
    with pytest.raises(KernelError, match="already defined or used"):
        define((f[m](x), 3 * x, ()))


def test_a_function_without_a_statement_is_refused() -> None:
    with pytest.raises(SymgradError, match="a scalar function"):
        V_stated(vector_map("stated_nothing")[m], (V_variable(x, G),), K)


def test_the_cotangent_is_fresh_and_there_is_one_variable() -> None:
    f = SOFTMAX.function[m]
    with pytest.raises(SymgradError, match="fresh"):
        V_stated(f, (V_variable(x, G),), x)
    with pytest.raises(SymgradError, match="takes 1 arguments"):
        V_stated(f, (V_variable(x, G), V_variable(x, G)), K)


def test_a_size_is_never_a_free_index() -> None:
    f = vector_map("stated_sized")
    e = Family("stated_e", m, over={m: (0, None)})
    with pytest.raises(ShapeError):
        e[k]
    with pytest.raises(SymgradError):
        f[k](x)
    assert e[width[k]].shape == (width[k], 1) and f[width[k]](Variable("stated_u", width[k])).rows == width[k]


def test_a_size_that_a_definition_runs_over_may_be_instantiated_everywhere_at_once() -> None:
    f = Function("stated_count", [(m, 1)], over={m: (0, None)})
    (equation,) = define((f[m](x), Count(m) * inner(x, x), ()))
    at = instantiate(equation, ((m, 3), (x, Zero(3))))
    assert at.right == Number(3) * inner(Zero(3), Zero(3))
    with pytest.raises(ShapeError):
        instantiate(equation, ((m, k),))


def test_a_definition_may_not_hide_a_second_size() -> None:
    f = Function("stated_two", [(m, 1)], over={m: (0, None)})
    with pytest.raises(KernelError):
        define((f[m](x), Count(n), ()))
    with pytest.raises(KernelError):
        define((f[m + n](Variable("stated_w", m + n)), Count(m), ()))
    with pytest.raises(KernelError, match="overlap"):
        define((f[m](x), Number(0), ()), (f[n](Variable("stated_x", n)), Number(1), ()))


def written(path: Any, theorem: Theorem) -> str:
    write_certificate([("one", theorem)], path)
    return str(path)


def test_the_second_checker_takes_stated_pullbacks_and_names_them(tmp_path: Any) -> None:
    z = Variable("stated_z", width[k])
    _, *assumed = check(written(tmp_path / "cost.jsonl", pullback(SOFTMAX_CROSS_ENTROPY(SOFTMAX(z), z), z)))
    assert sum(": stated: " in line for line in assumed) == 2  # softmax and lse; the loss itself is a definition
    theorem = pullback(SOFTMAX(a @ x + x), x)
    lines = certificate(theorem, "softmax")
    path = tmp_path / "softmax.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    report, assumed = check(str(path))
    assert "softmax" in report and ": stated: " in assumed
    for line in lines:
        if line[0] == "stated":
            line[3] = [line[2]]                                 # as if softmax were the identity
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    with pytest.raises(Refused):
        check(str(path))


def test_a_certificate_with_stated_pullbacks_is_replayed_in_a_fresh_process(tmp_path: Any) -> None:
    z = Variable("stated_z", width[k])
    path = written(tmp_path / "cost.jsonl", pullback(SOFTMAX_CROSS_ENTROPY(SOFTMAX(z), z), z))
    code = ("import sys\n"
            "from symgrad.kernel.rebuild import replay_certificate\n"
            "from symgrad.kernel.record import read_certificate\n"
            f"theorem, = replay_certificate(read_certificate({path!r}))\n"
            "print(len(theorem.rests_on()['definition']), 'symgrad.operations.builtin' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "3 False\n", done.stderr
