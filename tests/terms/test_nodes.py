"""Formulas are interned, immutable SymPy objects; substitution is simultaneous and captures nothing."""

from __future__ import annotations

import copy
import gc
import pickle
import sys

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.errors import SymgradError
from symgrad.kernel.statements import Bounded, ConstantIs, Differentiable, Equal, ForAll, LessEqual, Pullback
from symgrad.numeric.arithmetic import prime_field
from symgrad.numeric.evaluate import Run
from symgrad.terms import node as node_module
from symgrad.terms.index import BoundIndex, Constant, Dimension, Index, OpenedIndex, Width, WidthFamily
from symgrad.terms.named import ElementwiseFunction, Family, Function, Gradient, Variable
from symgrad.terms.node import is_intact, substitute, subterms, transform
from symgrad.terms.ranges import FiniteSum, OrderedProduct, ordered_product, ordered_sum
from symgrad.terms.scalars import Norm, Power, inner, norm
from symgrad.testing.formulas import Formulas, N, i, k
from symgrad.testing.instances import RandomSupply, random_instance

n = WidthFamily("nod_n")
l, r, s, t = (Index(f"nod_{name}") for name in "lrst")
L = Constant("nod_L")
m = Dimension("nod_m")
w = Family("nod_w", n[l], n[l - 1], over={l: (1, L)})
z = Family("nod_z", n[l], over={l: (1, L)})
g = Family("nod_g", over={l: (None, None)})
X = Family("nod_X", m, over={l: (None, None), r: (None, None)})
sigma = ElementwiseFunction("nod_sigma")
C = Function("nod_C", [(n[l], 1)], over={l: (1, L)})
A, u, h = Variable("nod_A", m, m), Variable("nod_u", m), Variable("nod_h")

SAMPLES = [
    w[l + 1].T @ z[l + 1], norm(w[l], 1) * g[r], ordered_product(r, l + 1, L, w[r].T), sigma[l].prime(z[l]),
    ordered_sum(r, 1, L, X[r, l]), Gradient(C[l], z[l]), C[l](z[l]), Power(g[l], L - l), inner(u, A @ u), C[l],
    sigma.prime,
    Equal(z[l], z[l]), ForAll(r, 1, L, LessEqual(g[r], h)), Bounded(sigma.prime, h), Differentiable(C[l], z[l]),
    ConstantIs(L, 5), Pullback(u, A @ u, Variable("nod_G", m), A.T @ Variable("nod_G", m)), w, C,
]


@pytest.mark.parametrize("term", SAMPLES, ids=str)
def test_a_formula_is_one_object_however_it_is_made(term) -> None:
    assert term.rebuild(term.args) is term
    assert copy.copy(term) is term and copy.deepcopy(term) is term
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(term, protocol)) is term
    assert is_intact(term) and hash(term) == hash(term.rebuild(term.args))
    assert str(term) and term.latex() and isinstance(term, sympy.Basic)


def test_the_table_of_formulas_does_not_grow_for_ever() -> None:
    gc.collect()
    before = len(node_module._table)
    for number in range(2000):
        _ = Power(g[l + number], number) + 1
    del _
    gc.collect()
    assert len(node_module._table) <= before + 3 * node_module._recent.maxlen     # 6000 formulas were made


def test_bound_indices_have_no_name() -> None:
    assert ordered_product(r, 1, L, w[r].T) is ordered_product(s, 1, L, w[s].T)
    assert ForAll(r, 1, L, Equal(g[r], 0)) is ForAll(t, 1, L, Equal(g[t], 0))
    two = ordered_sum(r, 1, L, ordered_sum(s, 1, r, g[r] * g[s]))
    assert two is ordered_sum(s, 1, L, ordered_sum(r, 1, s, g[s] * g[r]))
    assert two is not ordered_sum(s, 1, L, ordered_sum(r, 1, s, g[r] * g[s]))
    assert two.free_symbols == {L}


def test_substitution_reaches_widths_ranges_and_what_is_under_binders() -> None:
    line = w[l + 1].T @ z[l + 1]
    assert line.at({l: l + 1}) is w[l + 2].T @ z[l + 2]
    assert line.at({l: 0}).shape == (n[0], 1)
    product = ordered_product(r, l + 1, L, norm(w[r]) * g[l])
    assert product.at({l: r, L: 7}) is ordered_product(s, r + 1, 7, norm(w[s]) * g[r])
    assert product.body_at(3) is norm(w[3]) * g[l]
    assert X[l, r].at({l: r, r: l}) is X[r, l]
    assert C[l](z[l]).at({l: L}) is C[L](z[L])


def test_an_index_is_not_captured() -> None:
    total = ordered_sum(r, 1, L, X[r, l])
    for method in (lambda: total.at({l: r}), lambda: total.xreplace({l: r}), lambda: total.subs(l, r),
                   lambda: total.subs({l: r}), lambda: total.subs([(l, r)])):
        assert method() is ordered_sum(s, 1, L, X[s, r])
    assert total.at({r: 3}) is total                                   # r is not free in it


def test_a_variable_is_replaced_by_a_formula_of_its_shape() -> None:
    assert (A @ u).at({u: A @ u}) is A @ A @ u
    assert ordered_sum(r, 1, L, g[r] * (A @ u)).at({u: ordered_sum(s, 1, 2, X[s, l])}) is ordered_sum(
        r, 1, L, g[r] * (A @ ordered_sum(s, 1, 2, X[s, l])))
    with pytest.raises(SymgradError, match="cannot multiply"):
        (A @ u).at({u: u.T})


def test_a_formula_with_a_range_is_not_captured_by_the_ranges_around_it() -> None:
    """The inner range gets the number that the outer one had: the outer index must stay what it is."""
    inserted = ordered_sum(s, 1, 2, X[s, l])
    nested = ordered_sum(r, 1, L, ordered_sum(k, 1, 2, g[r] * g[k] * (A @ u)))
    wanted = ordered_sum(r, 1, L, ordered_sum(k, 1, 2, g[r] * g[k] * (A @ inserted)))
    assert nested.at({u: inserted}) is wanted
    at_3 = nested.at({u: ordered_sum(s, 1, 2, X[s, 3])})
    assert nested.at({u: inserted}).at({l: 3}) is wanted.at({l: 3}) is at_3


@settings(max_examples=150)
@given(seed=st.integers(0, 2**32 - 1))
def test_substituting_and_evaluating_commute(seed: int) -> None:
    """The value of t[e/k, d/i] is the value of t where k and i have the values of e and d; also under binders."""
    from random import Random
    rng = Random(seed)
    draw = Formulas(rng, ordered=False)
    index, low, high = draw.range()
    body = draw.under(index, lambda: draw.term(1, 1, 2))
    term = FiniteSum(index, low, high, body) + draw.scalar(2)
    a, b = draw.one_of(i + 1, N - 1, index, k + 2), draw.one_of(k, i, N)
    field = prime_field()
    instance = random_instance(Equal(term, term), rng, field, integers=(0, 3), widths=(2,))
    run = Run(instance, field)
    inside = {k: run.frame.integer(a), i: run.frame.integer(b)}
    try:
        wanted = run.value(term, inside)
    except SymgradError:
        return
    moved = substitute(term, {k: a, i: b})
    for symbol in moved.free:
        assert not isinstance(symbol, BoundIndex)
    if not any(isinstance(v, Variable) for v in term.free):            # a variable may change its shape with k
        assert (run.value(moved) == wanted).all()


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_formula_put_under_binders_keeps_its_value(seed: int) -> None:
    from random import Random
    rng = Random(seed)
    draw = Formulas(rng, ordered=False)
    inside = draw.scalar(2)
    body: object = Variable("nod_hole")
    hole = body
    for _ in range(rng.randint(1, 3)):
        index, low, high = draw.range()
        body = FiniteSum(index, low, high, body * g[index]) + draw.scalar(1)
    field = prime_field()
    run = Run(random_instance(Equal(inside, inside), rng, field, integers=(0, 3), widths=(1, 2)), field)
    try:
        value = run.value(inside)
        wanted = run.value(body, {hole: value})
    except SymgradError:
        return
    assert (run.value(substitute(body, {hole: inside})) == wanted).all()


def test_transform_opens_binders() -> None:
    def change(node):
        return Norm(node.args[0], 1) if isinstance(node, Norm) else node
    assert transform(ordered_product(r, 1, L, norm(w[r])), change) is ordered_product(r, 1, L, norm(w[r], 1))


def test_subterms_are_listed_once_children_first() -> None:
    term = (A @ u) + (A @ u)
    found = subterms(term)
    assert found.count(A @ u) == 1 and found.index(A) < found.index(A @ u) < found.index(term)


def test_a_name_stands_for_one_thing() -> None:
    assert Family("nod_w", n[l], n[l - 1], over={l: (1, L)}) is w
    for make in (lambda: Family("nod_w", n[l], n[l], over={l: (1, L)}), lambda: Family("nod_w", m),
                 lambda: Variable("nod_w", m), lambda: Function("nod_w", [(m, 1)]), lambda: Family("nod_sigma", m),
                 lambda: ElementwiseFunction("nod_u"), lambda: Function("nod_C", [(m, 1)])):
        with pytest.raises(SymgradError, match="already stands for"):
            make()
    for wrong in ("", "2w", "a b", None, 3, "w^l"):
        with pytest.raises(SymgradError, match="identifier"):
            Variable(wrong, m)


def test_a_layered_symbol_stays_in_its_range() -> None:
    with pytest.raises(SymgradError, match="runs from 1 to"):
        w[0]
    with pytest.raises(SymgradError, match="takes 1 indices"):
        w[1, 2]
    assert w[l].indices == (l,) and g[-3].indices == (-3,)


def test_indices_are_affine_integers_without_a_sign() -> None:
    assert l.is_integer and l.is_positive is None and L.is_nonnegative is None
    assert n[l].is_nonnegative
    for name in ("", "l m", "_ ", 3, None, "·1"):
        with pytest.raises(SymgradError, match="identifier"):
            Index(name)
    for wrong in (l * l, l * r, l / 2, sympy.Symbol("x"), 0.5, True, sympy.Float(1), sympy.pi, None, "l", l ** 2,
                  sympy.sin(l), sympy.oo):
        with pytest.raises(SymgradError):
            g[wrong]
    assert g[2 * (l + 1) - l - 1] is g[l + 1]
    assert str(n[l + 1]) == "nod_n_{nod_l+1}"


@pytest.mark.parametrize("symbol", [l, L, m, n[l + 1], BoundIndex(2), OpenedIndex(1)], ids=repr)
def test_index_symbols_are_copied_and_pickled_as_what_they_are(symbol) -> None:
    for other in (copy.copy(symbol), copy.deepcopy(symbol), pickle.loads(pickle.dumps(symbol))):
        assert other == symbol and type(other) is type(symbol)


def test_an_index_is_not_a_constant_of_the_same_name() -> None:
    assert Index("nod_same") != Constant("nod_same") != Dimension("nod_same")
    assert g[Index("nod_same")] is not g[Constant("nod_same")]


def test_nesting_beyond_the_depth_of_python_is_met_only_by_naming() -> None:
    """Layers are never nested: a chain of 10,000 factors is one flat product."""
    assert len((A @ A).func(*[A] * 10_000).args) == 10_000
    assert sys.getrecursionlimit() < 10_000


_ = (Width, OrderedProduct, RandomSupply)
