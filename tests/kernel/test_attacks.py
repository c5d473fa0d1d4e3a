"""What can go wrong: every attack that was thought of, refused or left with its side condition.

The first rows are those of the design's table, in its order; then those that a probe and the review of this kernel
found. An attack that once got through stays here for good.
"""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest
import sympy
from sympy import Rational, Symbol

from symgrad.derive import derived, derived_norms, derived_ranges
from symgrad.errors import KernelError, ShapeError, SymgradError
from symgrad.kernel import definitions, derivative, equality, facts, logic, norms, order, products, replay
from symgrad.kernel.algebra import algebra
from symgrad.kernel.statements import (
    Bounded,
    Condition,
    ConstantIs,
    Differentiable,
    Equal,
    ForAll,
    Jacobian,
    LessEqual,
    Nonzero,
    Pullback,
    condition,
    conditions,
)
from symgrad.kernel.theorem import RULES, Theorem, rule
from symgrad.networks import dense
from symgrad.networks.dense import C, L, a, b, delta, l, n, v, w, x, z
from symgrad.terms.algebra import Count, Identity, Number, Ones, Scaled, Zero, hadamard
from symgrad.terms.index import BoundIndex, Constant, Dimension, Index, OpenedIndex
from symgrad.terms.named import ElementwiseFunction, Family, Function, Gradient, Variable
from symgrad.terms.node import substitute
from symgrad.terms.ranges import FiniteSum, OrderedProduct, ordered_product, ordered_sum
from symgrad.terms.scalars import Norm, Power, Quotient, absolute, inner, norm, s_min

m = Dimension("att_m")
i, j, k, r, s = (Index(name) for name in ("att_i", "att_j", "att_k", "att_r", "att_s"))
N = Constant("att_N")
f = ElementwiseFunction("att_f")
A, B = Variable("att_A", m, m), Variable("att_B", m, m)
u, c, G = Variable("att_u", m), Variable("att_c", m), Variable("att_G", m)
t, p, q, e = (Variable(f"att_{name}") for name in "tpqe")
g = Family("att_g", over={k: (None, None)})                      # scalars g_k
d = Family("att_d", over={k: (None, None), i: (None, None)})     # scalars d_{k,i}
M = Family("att_M", m, m, over={k: (None, None)})                # square matrices
cost = Function("att_cost", [(m, 1)])


def holes(theorem: Theorem) -> set[str]:
    """The hypotheses as text."""
    return {str(h) for h in theorem.hypotheses}


def conditions_of(theorem: Theorem) -> set[object]:
    return {h.expression for h in theorem.hypotheses if isinstance(h, Condition)}


# ------------------------------------------------------------ derivatives are judgements

def test_nothing_is_rewritten_inside_a_derivative_judgement() -> None:
    """c = v gives D[v -> v + c] = I, rewritten: D[v -> v + v] = I."""
    judgement = Pullback(u, u + c, G, G)
    same = logic.assume(Equal(c, u))
    hole = Variable("att_hole", m)
    with pytest.raises(KernelError, match="inside a derivative judgement nothing is replaced"):
        equality.replace(Pullback(u, u + hole, G, G), hole, same, logic.assume(judgement))


def test_the_function_of_a_judgement_is_rewritten_only_by_what_holds_around_its_variable() -> None:
    moved = derived.V_sum(derivative.V_variable(u, G), derivative.V_constant(u, c, G))
    hole = Variable("att_hole", m)
    equation = equality.congruence(u + hole, hole, logic.assume(Equal(c, u)))
    with pytest.raises(KernelError, match="only at some values"):
        derivative.V_rewrite(moved, equation)


def test_a_point_is_never_substituted_into_a_judgement() -> None:
    theorem = derived.V_sum(derivative.V_variable(u, G), derivative.V_constant(u, c, G))
    with pytest.raises(KernelError, match="never instantiated"):
        logic.instantiate(theorem, ((u, x_like() + c),))


def x_like() -> object:
    return Family("att_x", m)()


def test_a_parameter_is_not_a_variable_of_a_derivative() -> None:
    """V[w -> z] = 0 by the constant rule, because z hides w."""
    with pytest.raises(SymgradError, match="parameters are not variables"):
        derivative.V_constant(w[l], z[l], G)


def test_the_constant_rule_sees_a_variable_wherever_it_stands() -> None:
    for hidden in (A @ u, f(u), norm(u) * c, cost(u) * c, ordered_sum(r, 1, N, g[r] * u), Gradient(cost[()], u)):
        with pytest.raises(KernelError, match="occurs in"):
            derivative.V_constant(u, hidden, G)


def test_a_pullback_is_linear_in_its_cotangent_by_construction() -> None:
    """No rule lets G be used twice: the next cotangent is put in for it, and it never occurs in the function."""
    with pytest.raises(SymgradError, match="must be fresh"):
        Pullback(u, hadamard(G, u), G, hadamard(G, G))
    with pytest.raises(KernelError, match="must be fresh"):
        derivative.V_result(derivative.V_variable(u, G), logic.assume(Equal(G, hadamard(G, G))))
    with pytest.raises(SymgradError, match="must be fresh"):
        derivative.V_variable(u, u)


def test_a_gradient_is_read_off_only_for_a_named_function_of_the_variable_alone() -> None:
    with pytest.raises(KernelError, match="not a named function"):
        derived.gradient_at(logic.assume(Pullback(u, inner(u, u), t, t * u)), c)


def test_a_judgement_among_the_hypotheses_is_not_read_at_a_point() -> None:
    assumed = logic.assume(Pullback(u, cost(u), t, t * c))
    with pytest.raises(KernelError, match="judgement among the hypotheses"):
        derived.gradient_at(assumed, c)
    with pytest.raises(KernelError, match="judgement among the hypotheses"):
        derived.differentiable_at(assumed, c)


def test_composition_does_not_differentiate_a_hidden_second_occurrence() -> None:
    """V[U -> U ⊙ u] composed with u -> u would forget that the factor moves too."""
    U = Variable("att_U", m)
    outer = derived.V_hadamard(derivative.V_variable(U, G), derivative.V_constant(U, u, G), G)
    inner_step = derivative.V_variable(u, c)
    with pytest.raises(KernelError, match="differentiated twice"):
        derivative.V_compose(outer, inner_step)


def test_a_judgement_is_not_quantified_over_indices() -> None:
    with pytest.raises(SymgradError, match="not quantified"):
        logic.generalise(derivative.V_variable(u, G), r, 1, N)


# ------------------------------------------------------------ definitions

def family(name: str) -> Family:
    return Family(name, over={k: (None, None)})


@pytest.mark.parametrize(("cases", "why"), [
    (lambda y: ((y[k], y[k] + 1, ()),), "circular"),
    (lambda y: ((y[k], 1, (0 <= k,)), (y[k], 2, (k <= 3,))), "overlap"),
    (lambda y: ((y[k], y[k + 1] + 1, (0 <= k,)),), "bounds"),
    (lambda y: ((y[k], y[k - 1] + 1, ()),), "bounds"),
    (lambda y: ((y[k], g[i], ()),), "does not determine"),
    (lambda y: ((y[k], t, ()),), "does not determine"),
    (lambda y: ((y[k], 1, (k <= i,)),), "which the left side has not"),
    (lambda y: ((y[k], Count(m), ()),), "does not determine"),
    (lambda y: ((y[k], ordered_sum(r, 0, k, y[r]), (0 <= k,)),), "runs over a range"),
    (lambda y: ((y[k], y[2 * k], (1 <= k,)),), "no fixed distance"),
    (lambda y: ((y[k], y[k - 1] + y[k + 1], (0 <= k, k <= N)),), "one direction"),
    (lambda y: ((y[k + 1], 1, ()),), "different index symbols"),
])
def test_a_definition_that_is_not_conservative_is_refused(cases, why) -> None:
    y = family(f"att_new_{abs(hash(why))}_{why.replace(' ', '_')}")
    with pytest.raises(KernelError, match=why):
        definitions.define(*cases(y))
    assert not definitions.is_closed(y.name)


def test_a_function_is_defined_at_different_variables() -> None:
    f = Function("att_two_places", [(1, 1), (1, 1)])
    s = Variable("att_place")
    for arguments in ((s, s), (s, s + 1), (s + 1, s + 1)):
        with pytest.raises(KernelError, match="different variables"):
            definitions.define((f(*arguments), 1, ()))


def test_a_symbol_without_an_index_is_not_defined_by_recursion() -> None:
    one, many = Family("att_single"), family("att_many")
    with pytest.raises(KernelError, match="circular"):
        definitions.define((one(), many[0] + 1, ()), (many[k], one() + 1, ()))


def test_only_a_statement_is_said_of_every_index() -> None:
    for index, body in ((r, g[r]), (t, Equal(g[r], 0)), ("r", Equal(g[r], 0))):
        with pytest.raises(SymgradError, match="an Index and a statement"):
            ForAll(index, 1, N, body)


def test_two_symbols_are_not_defined_through_each_other() -> None:
    """p1 = p2 + 1 and p2 = p1 + 1 give 0 = 2: a name used in a definition is closed."""
    one, two = Family("att_one"), Family("att_two")
    definitions.define((one(), two() + 1, ()))
    with pytest.raises(KernelError, match="already defined or used"):
        definitions.define((two(), one() + 1, ()))
    three, four = Family("att_three"), Family("att_four")
    with pytest.raises(KernelError, match="circular"):
        definitions.define((three(), four() + 1, ()), (four(), three() + 1, ()))


def test_a_symbol_is_defined_once() -> None:
    y = Family("att_once")
    definitions.define((y(), 1, ()))
    definitions.define((y(), 1, ()))                               # the very same act is no new one
    with pytest.raises(KernelError, match="already defined"):
        definitions.define((y(), 2, ()))


def test_a_defined_symbol_is_not_free_to_be_chosen() -> None:
    theorem = equality.reflexive(z[l])
    with pytest.raises(KernelError, match="not free to be chosen"):
        logic.instantiate_symbol(theorem, z.args and dense.z, (l,), Zero(n[l]))


def test_layered_symbols_carry_both_ends_of_their_range() -> None:
    with pytest.raises(SymgradError, match="runs from 1"):
        z[0]
    assert conditions_of(definitions.definition(a[l], 0)) == {l - 1, L - l}
    assert conditions_of(definitions.definition(delta[l], 0)) == {l - 1, L - l}
    assert conditions_of(definitions.definition(C[l](v), 0)) == {l - 1, L - l - 1}


# ------------------------------------------------------------ ranges

def test_empty_product_cannot_be_unfolded_without_its_condition() -> None:
    theorem = derived_ranges.first(ordered_product(r, 1, N, M[r]))
    assert conditions_of(theorem) == {N - 1}
    with pytest.raises(SymgradError, match="no meaning"):
        ordered_product(r, 5, 2, M[r])
    with pytest.raises(KernelError, match="is not empty"):
        products.empty(ordered_product(r, 1, N, M[r]))


def test_a_condition_follows_or_is_refused_and_only_a_contradiction_gives_anything() -> None:
    low, high = Condition(l - 2), Condition(L - l)
    assert logic.arithmetic(Condition(L - 1), (low, high)).hypotheses == {low, high}
    assert logic.arithmetic(Equal(t, 1), (low, Condition(1 - l))).conclusion is Equal(t, 1)
    for statement in (Condition(L - 3), Condition(l - L), Equal(t, 1)):
        with pytest.raises(KernelError, match="does not follow"):
            logic.arithmetic(statement, (low, high))
    with pytest.raises(KernelError, match="expected conditions"):
        logic.arithmetic(Equal(t, 1), (low, Equal(t, 1)))


def test_a_range_over_one_index_is_its_body_there() -> None:
    found = products.split(ordered_product(r, 1, N, M[r]), 1)
    assert found.right is M[1] @ ordered_product(r, 2, N, M[r]) and conditions_of(found) == {N - 1}
    assert products.split(ordered_product(r, 1, 2, M[r]), 1).right is M[1] @ M[2]
    assert products.split(OrderedProduct(r, 1, 2, M[r], -1), 1).right is M[2] @ M[1]


def test_products_of_matrices_are_not_merged() -> None:
    one, two = ordered_product(r, 1, N, M[r]), ordered_product(r, 1, N, M[r].T)
    with pytest.raises(KernelError, match="scalar products"):
        derived_ranges.join_products(one, two)
    rows = Family("att_row", 1, m)()
    with pytest.raises((KernelError, ShapeError)):                 # 1 x 1 overall is not enough
        derived_ranges.join_products(ordered_product(r, 1, 1, rows @ M[r]), ordered_product(r, 1, 1, rows @ M[r]))


def test_the_transpose_of_a_product_reverses_it() -> None:
    product = ordered_product(r, 1, N, M[r])
    turned = derived_ranges.transpose_product(product).right
    assert turned is OrderedProduct(r, 1, N, M[r].T, -1)
    assert turned is not OrderedProduct(r, 1, N, M[r].T, 1)


def test_the_norm_of_an_empty_product_is_one_only_for_induced_norms_and_width() -> None:
    assert conditions_of(norms.identity_norm(m, 2)) == {m - 1}
    with pytest.raises(KernelError, match="√n"):
        norms.identity_norm(m, "F")


def test_an_induction_keeps_both_ends_of_its_range() -> None:
    claim = LessEqual(Number(0), norm(M[k]))
    theorem = derived.induction_down(derived.nonnegative(norm(M[N])), derived.nonnegative(norm(M[k])), k, 1, N)
    assert theorem.conclusion is claim and conditions_of(theorem) == {k - 1, N - k}


def test_the_index_of_an_induction_is_free() -> None:
    """Under the hypothesis k = N everything at k is what it is at N."""
    at_end = logic.weaken(logic.assume(Equal(g[k], 0)), (Condition(k - N),))
    base = logic.assume(Equal(g[N], 0))
    with pytest.raises(KernelError, match="not free"):
        derived.induction_down(base, at_end, k, 1, N)
    with pytest.raises(KernelError, match="not free in the base"):
        derived.induction_down(logic.weaken(base, (Condition(k - 1),)), logic.assume(Equal(g[k], 0)), k, 1, N)


def test_an_induction_does_not_merge_variables_at_its_base() -> None:
    """0^(N-k) (1ᵀv_k − 1ᵀv_N) = 0 holds at k = N only where the two variables have become one."""
    vk = Variable("att_vk", n[k])
    claim = Equal(Power(Number(0), N - k) * (inner(Ones(n[k]), vk) - inner(Ones(n[N]), vk.at({k: N}))), Number(0))
    base = algebra(claim.left.at({k: N}), Number(0))
    with pytest.raises(KernelError):
        derived.induction_down(base, logic.assume(claim), k, 1, N)


def test_an_induction_without_its_base_is_none() -> None:
    with pytest.raises(KernelError, match="the base of the induction"):
        derived.induction_down(equality.reflexive(g[N]), logic.assume(Equal(g[k], 0)), k, 1, N)


# ------------------------------------------------------------ capture

def test_an_index_is_never_captured_by_the_product_that_binds_it() -> None:
    product = ordered_product(r, 1, N, norm(M[r]) * g[k])
    moved = product.at({k: r})
    assert r in moved.free and moved.body_at(s) is norm(M[s]) * g[r]
    assert product.xreplace({k: r}) is moved and product.subs(k, r) is moved


def test_substitution_is_simultaneous() -> None:
    assert (g[k] * g[i]).at({k: i, i: k}) is g[i] * g[k]


def test_what_comes_in_under_a_binder_may_bind_an_index_of_its_own() -> None:
    """Numbering binders by height must not let the inner binder of what is put in catch the outer index."""
    template = ordered_sum(r, 1, 2, ordered_sum(s, 1, 2, g[r] * t))
    inside = ordered_sum(s, 1, 2, d[s, 0])
    found = template.at({t: inside})
    assert found is ordered_sum(r, 1, 2, ordered_sum(s, 1, 2, g[r] * ordered_sum(k, 1, 2, d[k, 0])))
    equation = equality.congruence(template, t, logic.assume(Equal(t, inside)))
    assert equation.right is found


def test_choosing_a_symbol_captures_nothing() -> None:
    """Σ_{r=1..2} c = 2 c, and c := r_0."""
    constant = Family("att_const")
    theorem = derived_ranges.constant_sum(ordered_sum(r, 1, 2, constant()))
    for name in ("r_0", "r", "att_r"):
        index = Index(name)
        chosen = logic.instantiate_symbol(theorem, constant, (), Count(index))
        assert index in chosen.left.free and chosen.right is Count(2) * Count(index)


@pytest.mark.parametrize("loose", [BoundIndex(1), BoundIndex(2), OpenedIndex(0)])
def test_a_bound_index_without_its_binder_enters_no_rule(loose) -> None:
    theorem = equality.reflexive(ordered_sum(r, 1, N, d[r, k]))
    with pytest.raises(KernelError, match="bound index"):
        logic.instantiate(theorem, ((k, loose),))
    with pytest.raises(KernelError, match="bound index"):
        logic.assume(Equal(g[loose], 0))
    with pytest.raises(KernelError, match="bound index"):
        equality.congruence(ordered_sum(r, 1, N, t * g[r]), t, equality.reflexive(g[loose]))
    with pytest.raises(KernelError, match="bound index"):
        logic.specialise(logic.assume(ForAll(r, 1, N, Equal(ordered_sum(s, 1, N, d[r, s]), 0))), loose)


def test_a_variable_whose_shape_has_the_bound_index_is_refused() -> None:
    """Σ_{r<=k} 1ᵀv_r = Σ_{r<k} 1ᵀv_r + 1ᵀv_k, and then v_k := 0 on the right alone."""
    with pytest.raises(SymgradError, match="depends on"):
        ordered_sum(r, 1, N, inner(Ones(n[r]), Variable("att_vr", n[r])))


def test_signs_inside_a_product_are_asked_for_every_index() -> None:
    """0 <= g_r for one r says nothing about ∏ g_r, whatever letter the product is opened with."""
    product = ordered_product(r, 1, N, g[r])
    for name in ("r_0", "r_1", "att_r"):
        with pytest.raises(KernelError, match="not negative"):
            derived.nonnegative(product, logic.assume(LessEqual(Number(0), g[Index(name)])))
    every = logic.assume(ForAll(s, 1, N, LessEqual(Number(0), g[s])))
    assert derived.nonnegative(product, every).right is product
    with pytest.raises(KernelError, match="not negative"):
        derived.nonnegative(ordered_product(r, 0, N, g[r]), every)


def test_a_sign_for_the_outer_range_is_none_for_the_inner_one() -> None:
    """The private index of the inner range must not be taken for that of the outer one."""
    every = logic.assume(ForAll(s, 1, N, LessEqual(Number(0), g[s])))
    nested = ordered_sum(r, 1, N, ordered_sum(s, 0, N, g[s]))
    with pytest.raises(KernelError, match="not negative"):
        derived.nonnegative(nested, every)
    with pytest.raises(KernelError, match="not negative"):
        derived.nonnegative(ordered_sum(r, 1, N, g[r] * ordered_product(s, 0, N, g[s])), every)
    assert derived.nonnegative(ordered_sum(r, 1, N, ordered_sum(s, 1, N, g[s] * g[r])), every)


def test_monotone_products_need_nonnegative_factors() -> None:
    step = logic.assume(LessEqual(g[r], Number(1)))
    every = logic.specialise(logic.assume(ForAll(r, 1, N, LessEqual(g[r], Number(1)))), r)
    with pytest.raises(KernelError, match="not free"):
        derived_ranges.range_increase(step, r, 1, N, False, ())
    with pytest.raises(KernelError, match="not negative"):
        derived_ranges.range_increase(every, r, 1, N, True, ())
    assert derived_ranges.range_increase(every, r, 1, N, False, ()).right is ordered_sum(r, 1, N, Number(1))


# ------------------------------------------------------------ sorts and names

def test_an_index_that_is_no_index_symbol_is_refused() -> None:
    for wrong in (Symbol("l"), Symbol("l", integer=True), Symbol("l", positive=True), 1.0, sympy.Float(2), True,
                  Rational(1, 2), sympy.oo, sympy.nan, l * k, l**2, "l", None):
        with pytest.raises(SymgradError):
            g[wrong]
        with pytest.raises(SymgradError):
            Condition(wrong)


def test_a_range_condition_cannot_vanish() -> None:
    """Were l positive, 1 <= l would be True and the hypothesis gone."""
    assert (1 <= l) != sympy.true
    with pytest.raises(SymgradError, match="got True"):
        conditions((sympy.true,))
    with pytest.raises(SymgradError, match="got True"):
        conditions((True,))
    with pytest.raises(TypeError):
        bool(1 <= l < L)
    with pytest.raises(SymgradError):
        condition(sympy.Ne(l, L))


def test_the_depth_is_a_constant() -> None:
    """C.last at L = 5 and C.recurrence at L = 6 contradict each other: each keeps its L."""
    last, recurrence = dense.last_cost_definition, dense.next_cost_definition
    with pytest.raises(KernelError, match="a constant is fixed by a hypothesis"):
        logic.instantiate(last, ((L, 5),))
    five = logic.concrete(last, L, 5)
    six = logic.instantiate(logic.concrete(recurrence, L, 6), ((l, 5),))
    assert ConstantIs(L, 5) in five.hypotheses and ConstantIs(L, 6) in six.hypotheses


def test_two_variables_are_not_made_one_by_an_index() -> None:
    """k := l in D[u_l -> u_l + A u_k] = I."""
    ul, uk, Gl = Variable("att_layer", n[l]), Variable("att_layer", n[k]), Variable("att_Gl", n[l])
    square = Family("att_sq", n[l], n[k], over={l: (None, None), k: (None, None)})
    theorem = derived.V_sum(derivative.V_variable(ul, Gl), derivative.V_constant(ul, square[l, k] @ uk, Gl))
    with pytest.raises(KernelError, match="one in"):
        logic.instantiate(theorem, ((k, l),))
    with pytest.raises(KernelError, match="one in"):
        logic.instantiate(theorem, ((uk, square[k, l] @ ul),))
    with pytest.raises(KernelError, match="never instantiated"):
        logic.instantiate(theorem, ((ul, square[l, k] @ uk),))


def test_a_family_in_a_judgement_is_not_chosen_to_hide_its_variable() -> None:
    family_c = Family("att_hide", m)
    theorem = derivative.V_constant(u, family_c(), G)
    with pytest.raises(KernelError, match="variable of a derivative"):
        logic.instantiate_symbol(theorem, family_c, (), u)


def test_two_symbols_do_not_share_a_name() -> None:
    Family("att_name", m)
    for make in (lambda: Family("att_name", m, m), lambda: Function("att_name", [(m, 1)]),
                 lambda: Variable("att_name", m), lambda: ElementwiseFunction("att_name")):
        with pytest.raises(SymgradError, match="already stands for"):
            make()


def test_an_index_and_a_constant_of_one_name_are_not_in_one_theorem() -> None:
    """1 <= L for the index L says nothing about the depth L, though it prints alike."""
    other = Index(L.name)
    with pytest.raises(KernelError, match="print alike"):
        logic.weaken(logic.assume(Condition(L - 1)), (Condition(other - 1),))
    with pytest.raises(KernelError, match="print alike"):
        equality.reflexive(g[other] * Count(L))


def test_the_printer_chooses_a_letter_that_is_free_nowhere() -> None:
    free = Index("r")
    product = ordered_product(s, 1, N, g[s] * g[free])
    assert "_{s=1}" in str(product) and str(product).count("r") == 1


def test_raw_python_values_are_no_formulas() -> None:
    for wrong in ("x", 1.5, float("nan"), None, [1], True, sympy.I, sympy.nan, sympy.oo, sympy.zoo, Symbol("y"),
                  sympy.Float(1)):
        with pytest.raises(SymgradError):
            norm(wrong)
        with pytest.raises(SymgradError):
            u + wrong
    with pytest.raises(SymgradError):
        Number(norm(u))


# ------------------------------------------------------------ signs, zero, infinity

def test_an_inequality_is_not_multiplied_by_what_may_be_negative() -> None:
    with pytest.raises(KernelError, match="not negative"):
        derived.increase(p * t, t, logic.assume(LessEqual(q, e)), ())
    with pytest.raises(KernelError, match="negative"):
        derived.increase(Number(-1) * t, t, logic.assume(LessEqual(q, e)), ())
    with pytest.raises(KernelError, match="not negative"):
        derived.increase(Power(t, 2), t, logic.assume(LessEqual(q, e)), ())
    with pytest.raises(KernelError, match="grows"):
        derived.increase(Quotient(1, t), t, logic.assume(LessEqual(q, e)), ())
    with pytest.raises(KernelError, match="once"):
        derived.increase(t * t, t, logic.assume(LessEqual(q, e)), ())


def test_symbolic_exponents_carry_their_condition() -> None:
    """g^k g^(−k) = 1 fails at g = 0, and 0^0 is 1."""
    theorem = algebra(Power(t, k) * Power(t, -k), Number(1))
    assert conditions_of(theorem) == {k, -k}
    assert conditions_of(algebra(Power(t, k) * t, Power(t, k + 1))) == {k, k + 1}


def test_nothing_is_cancelled_without_being_nonzero() -> None:
    with pytest.raises(KernelError):
        algebra(Quotient(norm(A), norm(A)), Number(1))
    with pytest.raises(KernelError):
        algebra(Quotient(t, t), Number(1))
    assert order.cancel(p, norm(A)).hypotheses == {Nonzero(norm(A))}
    with pytest.raises(SymgradError):
        Number(1) / Number(0)


def test_a_bound_is_finite_and_of_the_absolute_value() -> None:
    """γ := sup σ' would give 0 for σ = −tanh, and γ = ∞ would prove nothing twice over."""
    assert norms.bounded_norm(f.prime, t, f.prime(u).argument).hypotheses == {Bounded(f.prime, t)}
    assert "|" in str(Bounded(f.prime, t))
    with pytest.raises(SymgradError):
        Bounded(f.prime, sympy.oo)
    assert isinstance(norms.bounded_norm(f.prime, t, u).conclusion, LessEqual)        # never "="


# ------------------------------------------------------------ norms

def test_a_norm_carries_its_kind() -> None:
    assert norms.transpose_norm(A, "inf").right is norm(A, 1)
    assert norms.transpose_norm(u, "inf").right is norm(u, 1)                         # ‖xᵀ‖_∞ = ‖x‖_1
    with pytest.raises(KernelError):
        equality.transitive(norms.transpose_norm(A, "inf"), equality.reflexive(norm(A, "inf")))
    for wrong in (sympy.Rational(1, 2), 0, "p", None, True, -1, 1.5):
        with pytest.raises(SymgradError, match="kind"):
            norm(A, wrong)
    with pytest.raises(KernelError, match="Euclidean"):
        derived_norms.square_of_norm(A, 2)
    with pytest.raises(KernelError, match="no column"):
        derived_norms.holder(A, B, 2)


def test_a_wide_matrix_stretches_nothing_for_certain() -> None:
    wide = Family("att_wide", n[k], n[k - 1], over={k: (None, None)})
    theorem = norms.stretch_of_wide(wide[k])
    assert conditions_of(theorem) == {n[k - 1] - n[k] - 1}
    assert norms.stretch_of_product(A, B).left is s_min(A) * s_min(B)


# ------------------------------------------------------------ smoothness

def test_the_slope_of_an_activation_is_used_only_where_it_is_differentiable() -> None:
    theorem = derived.V_elementwise(u, f, G)
    assert theorem.hypotheses == {Differentiable(f, u)}
    assert derived.V_apply(u, cost[()], t).hypotheses == {Differentiable(cost[()], u)}


def test_a_quotient_is_differentiated_only_where_its_divisor_is_not_zero() -> None:
    theorem = derived.V_quotient(derivative.V_constant(t, p, e), derivative.V_variable(t, e), q)
    assert Nonzero(t) in theorem.hypotheses
    assert conditions_of(derived.V_power(derivative.V_variable(t, e), k, q)) == {k - 1}


def test_tied_weights_are_one_function_of_one_variable() -> None:
    """Both occurrences of X in X(Xa) move: BP4 of one of them is not the gradient."""
    X, K = Variable("att_X", m, m), Variable("att_K", m, m)
    once = derived.V_product(derivative.V_variable(X, K), derivative.V_constant(X, c, G), G)
    twice = derived.V_product(derivative.V_variable(X, K), once, G)
    assert X in twice.conclusion.args[3].free
    half = MatrixOf(G, X @ c)
    with pytest.raises(KernelError):
        derivative.V_result(twice, algebra(twice.conclusion.args[3], half))


def MatrixOf(column, row):
    return column @ row.T


# ------------------------------------------------------------ widths

def test_a_lost_transpose_is_refused_at_uniform_width() -> None:
    with pytest.raises(KernelError, match="does not make"):
        algebra(A @ B, A.T @ B)
    with pytest.raises(KernelError, match="does not make"):
        algebra((A @ B).T, A.T @ B.T)
    assert algebra((A @ B).T, B.T @ A.T)


def test_a_size_is_never_negative() -> None:
    """⟨I_l, I_l⟩ = l and 0 <= ⟨I_l, I_l⟩ would give 0 <= l for every index, and l := −1."""
    for wrong in (l, -1, l - 5, m - 1, N, -m, n[l] - n[l - 1]):
        with pytest.raises(ShapeError):
            Identity(wrong)
    eye = Identity(m)
    positive = equality.transitive(derived.nonnegative(inner(eye, eye)), algebra(inner(eye, eye), Count(m)))
    assert positive.right is Count(m)
    for wrong in (-1, l, N):
        with pytest.raises(SymgradError):
            logic.instantiate(positive, ((m, wrong),))


def test_a_declared_shape_has_no_index_of_its_own() -> None:
    with pytest.raises(SymgradError, match="none of its own"):
        Family("att_loose", n[k])


def test_the_empty_sum_of_no_examples_is_zero() -> None:
    assert products.empty(ordered_sum(r, 1, 0, M[r])).right is Zero(m, m)
    assert conditions_of(derived_ranges.constant_sum(ordered_sum(r, 1, N, A))) == {N}


# ------------------------------------------------------------ forgeries

def test_a_theorem_is_not_made_by_hand() -> None:
    with pytest.raises(KernelError, match="by a rule"):
        Theorem()
    with pytest.raises(KernelError, match="by a rule"):
        Theorem(object(), frozenset(), Equal(t, p), "reflexive", (), ())


def forged(conclusion, rule_name="reflexive", arguments=(t,), hypotheses=frozenset()) -> Theorem:
    theorem = object.__new__(Theorem)
    for name, value in (("conclusion", conclusion), ("hypotheses", hypotheses), ("rule", rule_name),
                        ("arguments", arguments), ("facts", ())):
        object.__setattr__(theorem, name, value)
    return theorem


def test_replay_refuses_a_theorem_from_object_new() -> None:
    false = Equal(Number(0), Number(1))
    for fake in (forged(false), forged(false, "algebra", (Number(0), Number(1))), forged(false, "no such rule"),
                 forged(false, "assume", (false,)), forged(false, arguments=()), object.__new__(Theorem)):
        with pytest.raises((KernelError, TypeError)):
            replay(fake)
    with pytest.raises(KernelError):
        replay(equality.symmetric(forged(false)))


def test_replay_refuses_a_forged_premise_wherever_it_is_put() -> None:
    fake = forged(LessEqual(Number(0), p))
    built = order.monotone(p * t, t, logic.assume(LessEqual(q, e)), (fake,))
    with pytest.raises(KernelError):
        replay(built)
    with pytest.raises(KernelError, match="takes theorems"):
        order.monotone(p * t, t, logic.assume(LessEqual(q, e)), [fake])                # a list is not recorded


def test_replay_refuses_two_theorems_that_prove_each_other() -> None:
    one = forged(Equal(t, p), "symmetric")
    two = forged(Equal(p, t), "symmetric", (one,))
    object.__setattr__(one, "arguments", (two,))
    with pytest.raises(KernelError, match="own premise"):
        replay(one)


def test_what_only_looks_like_a_theorem_is_no_premise() -> None:
    class Fake:
        conclusion = Equal(Number(0), Number(1))
        left, right = conclusion.left, conclusion.right
        hypotheses = frozenset()
    with pytest.raises(KernelError, match="takes theorems"):
        equality.symmetric(Fake())

    class Sub(Theorem):
        pass
    sub = object.__new__(Sub)
    with pytest.raises(KernelError, match="takes theorems"):
        equality.symmetric(sub)


def test_a_theorem_is_not_copied_pickled_or_changed() -> None:
    theorem = equality.reflexive(t)
    for attempt in (lambda: copy.copy(theorem), lambda: copy.deepcopy(theorem), lambda: pickle.dumps(theorem),
                    lambda: setattr(theorem, "conclusion", Equal(t, p)), lambda: delattr(theorem, "hypotheses")):
        with pytest.raises(KernelError):
            attempt()
    with pytest.raises(TypeError):
        dataclasses.replace(theorem, conclusion=Equal(t, p))


def test_a_formula_is_not_changed() -> None:
    for attempt in (lambda: setattr(A, "shape", (1, 1)), lambda: setattr(A, "_args", ()), lambda: delattr(A, "free")):
        with pytest.raises(SymgradError, match="never changes"):
            attempt()


def test_replay_notices_a_formula_that_was_written_to() -> None:
    theorem = algebra(p * t + e, e + t * p)
    statement = theorem.conclusion
    before = statement.args
    object.__setattr__(statement, "_args", (q, e))
    try:
        with pytest.raises(KernelError, match="written to"):
            replay(theorem)
    finally:
        object.__setattr__(statement, "_args", before)
    assert replay(theorem).conclusion is statement


def test_rules_are_made_in_the_kernel_alone() -> None:
    def free_lunch(x):
        "|- anything"
    with pytest.raises(KernelError, match="outside the kernel"):
        rule(free_lunch)
    assert "free_lunch" not in RULES


def test_facts_from_outside_are_tagged() -> None:
    claim = LessEqual(t, absolute(t))
    cited = facts.cited("Horn and Johnson, Matrix Analysis, 5.6", claim, ())
    assert cited.rests_on()["cited"] == ("Horn and Johnson, Matrix Analysis, 5.6",)
    assert equality.reflexive(t).rests_on()["cited"] == ()
    with pytest.raises(KernelError, match="no method"):
        facts.computed("by magic", claim, ())
    with pytest.raises(KernelError, match="names its source"):
        facts.cited("  ", claim, ())


def test_a_jacobian_is_a_matrix_of_its_own_shape_and_without_the_cotangent() -> None:
    with pytest.raises(ShapeError):
        Jacobian(u, A @ u, A @ u)
    with pytest.raises(KernelError, match="of the form"):
        derived.jacobian(derivative.V_variable(u, G))


_ = (FiniteSum, Scaled, Norm, b, substitute, x)
