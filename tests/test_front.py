"""What a user meets first: networks, derivations, exports, and errors that say what to try."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest
import sympy

import symgrad as sg
from symgrad.kernel.theorem import replay
from symgrad.terms import Index


def test_a_concrete_network_gives_a_theorem_for_every_parameter():
    theorems = sg.dense([4, 3, 2], activation="tanh").derivation().theorems
    assert list(theorems) == ["b2", "w2", "b1", "w1", "x"]
    assert str(theorems["w1"].conclusion) == "∂C/∂w¹ = δ¹ (a⁰)ᵀ"
    for theorem in theorems.values():
        assert replay(theorem).conclusion is theorem.conclusion


def test_symbolic_depth_gives_the_equations_of_the_textbook():
    proofs = {p.name: p for p in sg.dense("L").derivation().proofs}
    assert str(proofs["BP1"].theorem.conclusion) == "δ^L = Σ'(z^L) (a^L − y)"
    assert str(proofs["BP2"].theorem.conclusion) == "δ^l = Σ'(z^l) (w^{l+1})ᵀ δ^{l+1}"
    assert str(proofs["BP3"].theorem.conclusion) == "∂C/∂b^l = δ^l"
    assert str(proofs["BP4"].theorem.conclusion) == "∂C/∂w^l = δ^l (a^{l-1})ᵀ"
    assert {line.part for line in proofs["closed form"].lines} == {"base", "step"}


def test_the_latex_is_the_textbook_s():
    page = sg.dense("L").derivation("w").latex()
    for spelling in (r"\delta^{l}", r"\left(w^{l+1}\right)^{\mathsf T}", r"\odot", r"\Sigma'(z^{l})", r"\nabla C_{l}"):
        assert spelling in page


def test_one_activation_a_layer_keeps_the_layer_on_sigma():
    lines = sg.dense([3, 2, 2], activation=["relu", "tanh"]).derivation("w1").lines
    assert [str(line.right) for line in lines] == ["Σ'₂(z²) (a² − y)", "Σ'₁(z¹) (w²)ᵀ δ²", "δ¹ (a⁰)ᵀ"]
    assumed = {str(h) for h in lines[-1].theorem.hypotheses}
    assert any("σ₁ differentiable at z¹" in h for h in assumed), "relu has a kink: the point must be assumed away"
    assert not any("σ₂ differentiable" in h for h in assumed), "tanh is smooth: nothing is assumed"


@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize("options", [{}, {"bias": True}, {"input": "x"},
                                     {"input": "x", "bias": True, "loss": "half-squared-error"}])
def test_sympy_confirms_every_gradient_of_a_chain(depth, options):
    net = sg.chain(depth, activation="tanh", **options)
    whole = net.sympy()
    point = {s: sympy.Rational(n + 2, 7) for n, s in enumerate(sorted(whole.free_symbols, key=str))}
    for name, theorem in net.derivation().theorems.items():
        symbol = sympy.Symbol("x" if name == "x" else f"{name[0]}_{name[1:]}", real=True)
        claimed = theorem.sympy().rhs
        assert abs(sympy.N((sympy.diff(whole, symbol) - claimed).subs(point), 40)) < 1e-30, name


def test_recurrences_unfold_to_the_derivative():
    net = sg.chain(6, activation="sigmoid", input="x", bias=True)
    table = net.recurrences()
    whole, depth = net.sympy(), 6
    values = {s: sympy.Rational(n + 1, 5) for n, s in enumerate(sorted(whole.free_symbols, key=str))}
    known = dict(values)
    for i in range(1, depth + 1):
        for name in (f"o{i}", f"ds{i}"):
            symbol = sympy.Symbol(f"{name.rstrip('0123456789')}_{i}", real=True)
            known[symbol] = sympy.N(table.definition(name).subs(known), 50)
    for i in range(depth, -1, -1):
        known[sympy.Symbol(f"dF_{i}", real=True)] = sympy.N(sympy.sympify(table[f"o{i}"]).subs(known), 50)
    for name in table:
        symbol = sympy.Symbol("x" if name == "x" else f"{name[0]}_{name[1:]}", real=True)
        assert abs(sympy.N(table[name].subs(known) - sympy.diff(whole, symbol).subs(values), 40)) < 1e-30
        assert replay(table.theorem(name)).conclusion is table.theorem(name).conclusion


def test_measured_lines_agree_and_a_tampered_line_does_not():
    net = sg.dense([5, 4, 3], activation="sigmoid")
    params, rng = net.draw_parameters(seed=1), np.random.default_rng(1)
    x, y = rng.normal(size=(6, 5)), rng.normal(size=(6, 3))
    found = net.derivation().measure(params, x, y).measured
    assert max(found.lines) < 1e-9 and max(found.gradients.values()) < 1e-9 and found.examples == 6
    from symgrad.numeric.measure import relative_difference
    assert relative_difference([1.0], [1.0 + 1e-6]) > 9e-7 and relative_difference([1e-300], [2e-300]) == 0.5


@pytest.mark.parametrize(("make", "words"), [
    (lambda: sg.dense([64, 30, 10], activation="sigmod"), "did you mean sigmoid"),
    (lambda: sg.dense([64, 0, 10]), "n_1 is 0, expected a positive integer"),
    (lambda: sg.dense([64, 2.5]), "n_1 is 2.5"),
    (lambda: sg.dense([3]), "at least two widths"),
    (lambda: sg.dense("M"), "'L' for symbolic depth"),
    (lambda: sg.chain(0), "positive number of weights"),
    (lambda: sg.chain(3, input="y"), "expected 'none'"),
    (lambda: sg.dense([3, 2]).derivation("w9"), "no parameter 'w9'"),
    (lambda: sg.dense([3, 2]).compile(), "needs an activation"),
    (lambda: sg.dense("L", activation="tanh").compile(), "needs a concrete network"),
    (lambda: sg.dense([3, 2, 2], activation=["tanh"]), "need 2 activations, got 1"),
    (lambda: sg.activation("__import__('os')"), "__import__"),
    (lambda: sg.activation(np.tanh), "write 'tanh'"),
    (lambda: sg.activation(" "), "is empty"),
    (lambda: sg.dense("64,30,10"), "widths such as [64, 30, 10]"),
    (lambda: sg.dense([3, 2]).derivation(3), "such as \"w1\""),
    (lambda: sg.dense([3, 2], "tanh").draw_parameters(-1), "from 0 on"),
    (lambda: sg.dense([10**12, 10**12], "tanh").draw_parameters(), "memory"),
    (lambda: sg.dense([3, 2], "tanh").derivation().measure({"w1": np.ones((2, 3))}, np.ones(3), np.ones(2)), "'b1' is missing"),
    (lambda: sg.dense([3, 2], "tanh").derivation().measure(sg.dense([3, 2], "tanh").draw_parameters()), "x is missing"),
    (lambda: sg.theorem("name", 3), "a name and a derivation"),
    (lambda: sg.dense([3, 2]).derivation("w" + "9" * 5000), "no parameter"),
    (lambda: sg.chain(3).derivation("w١"), "no parameter"),
    (lambda: sg.chain(5000, "tanh").sympy(), "use recurrences()"),
    (lambda: sg.chain(3, "tanh", input="x").derivation().measure({"w": np.ones(3)}), "x is missing"),
    (lambda: sg.chain(3, "tanh", input="x").derivation().measure({"w": np.ones(3)}, "a"), "no array of numbers"),
    (lambda: sg.activation("tanh").sup_slope(digits=10**9), "from 1 to 10000"),
    (lambda: sg.operation(None), "no operation is called None"),
    (lambda: sg.dense([3, 2]).derivation().write(None), "a text or a Path"),
    (lambda: sg.dense([3, 2], "tanh").load_parameters(None), "a text or a Path"),
    (lambda: sg.proof_of("C10"), "'vanishing bound'"),
    (lambda: 1 <= Index("l") < Index("L"), "where=(1 <= l, l < L)"),
])
def test_bad_input_is_one_line_that_says_what_to_try(make, words):
    with pytest.raises(sg.SymgradError) as error:
        make()
    assert words in str(error.value) and "\n" not in str(error.value)


def test_unknown_public_names_are_attribute_errors_and_known_ones_are_listed():
    assert "dense" in dir(sg) and "theorem" in sg.__all__
    with pytest.raises(AttributeError):
        getattr(sg, "no_such_" + "name")
    for name in sg.__all__:
        assert getattr(sg, name) is not None


def test_every_derivation_shows_itself_in_a_notebook():
    shown = sg.dense("L").derivation("b")._repr_mimebundle_()
    assert set(shown) == {"text/plain", "text/latex", "text/html"} and "<math" in shown["text/html"]
    theorem = sg.dense("L").derivation("b").theorem
    assert set(theorem._repr_mimebundle_()) == set(theorem.conclusion._repr_mimebundle_()) == set(shown)
    line = sg.dense([2, 1]).derivation("b1").lines[-1]
    assert str(line).startswith("∂C/∂b¹ = δ¹    BP3") and "\\delta" in line._repr_mimebundle_()["text/latex"]
    for one in (theorem, theorem.conclusion, theorem.conclusion.left, line):
        assert one._repr_mimebundle_()["text/html"].startswith("<math")
    assert "\\tanh" in sg.activation("tanh")._repr_latex_()


def test_public_names_are_not_hidden_by_files_of_the_same_name():
    from importlib import import_module
    for name in sg.__all__:
        assert getattr(sg, name) is not None
        with pytest.raises(ModuleNotFoundError):
            import_module(f"symgrad.{name}")


def test_networks_print_as_they_are_made():
    for net in (sg.dense([4, 3, 2], ["tanh", "relu"]), sg.dense("L"), sg.chain(5, "sigmoid", input="x", bias=True),
                sg.chain("L", loss="half-squared-error")):
        assert eval(repr(net), {"dense": sg.dense, "chain": sg.chain}) == net


def test_evaluators_and_results_go_to_other_processes():
    net = sg.dense([3, 2], "tanh")
    params, x, y = net.draw_parameters(), np.ones((4, 3)), np.ones((4, 2))
    result = net.compile(dtype=np.float32)(params, x, y)
    again = pickle.loads(pickle.dumps(net.compile(dtype="float32")))(params, x, y)
    for copied in (again, pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert copied.loss == result.loss and np.array_equal(copied.gradients["w1"], result.gradients["w1"])
        assert np.array_equal(copied.input_gradient, result.input_gradient)


def test_comparisons_of_indices_are_sympy_relations_in_all_else():
    l, L = Index("l"), Index("L")
    assert (1 <= l).reversed == sympy.LessThan(1, l) and (l < L).negated == sympy.GreaterThan(l, L)
    assert (l < L).subs({l: 1, L: 2}) == sympy.true and (l < L).func is sympy.StrictLessThan


def test_the_helpers_of_formulas_come_from_one_place():
    import symgrad.terms as terms
    assert all(getattr(terms, name) is not None for name in terms.__all__)
    n = terms.Dimension("n")
    u = terms.Variable("u", n)
    assert str(abs(terms.hadamard(u, u))) == "|u ⊙ u|"


def test_threads_derive_bound_and_measure_at_once():
    """In a fresh process, where every formula is new, with threads that change places all the time."""
    code = '''
import sys, threading
import numpy as np
import symgrad as sg
sys.setswitchinterval(1e-6)
wrong, start = [], threading.Barrier(4)
def work(k):
    try:
        start.wait()
        for options in ({}, {"input": "x"}, {"bias": True}, {"loss": "half-squared-error"}):
            sg.chain(4, "tanh", **options).derivation()
        net = sg.dense([3, 4, 2], ["tanh", "sigmoid"])
        derived, params = net.derivation(), net.draw_parameters(k)
        sg.replay(derived.theorem)
        derived.measure(params, np.ones(3), np.ones(2)).html()
    except BaseException as error:
        wrong.append(error)
threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(str(wrong) if wrong else 0)
'''
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_the_derivative_of_least_squares_is_a_theorem_and_a_comparison_of_formulas_says_what_to_write():
    from symgrad.terms import Dimension, Variable, norm
    A, u, c = (Variable(f"front.{name}", *shape) for name, shape in (
        ("A", (Dimension("p"), Dimension("q"))), ("u", (Dimension("q"),)), ("c", (Dimension("p"),))))
    found = sg.derivative(norm(A @ u - c, 2) ** 2, by=u)
    assert str(found.conclusion) == "D[u ↦ ‖A u − c‖₂²] = 2 (A u − c)ᵀ A"
    assert replay(found).conclusion is found.conclusion
    with pytest.raises(sg.SymgradError, match=r"\.le\("):
        assert norm(u, 2) <= norm(c, 2)
    with pytest.raises(sg.SymgradError, match="by a Variable"):
        sg.derivative(A @ u, by="u")
