"""Gradients, Jacobians and second derivatives of free formulas, each with the theorem that says it.

    X, A = matrix("X", "n", "k"), matrix("A", "n", "n")
    g = gradient(trace(X.T @ A @ X), X)
    print(g)                     A X + Aᵀ X
    g.theorem                    V[X ↦ tr(Xᵀ A X)] (G) = G (A X + Aᵀ X)
    g(X=…, A=…)                  the numbers

Layouts: the gradient of a scalar has the shape of its variable, a Jacobian has the outputs along its rows. What is found
by the reverse sweep is set in the shortest form that `algebra` proves equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..derive.pullback import derivative, pullback, restated, tidy
from ..errors import KernelError, ShapeError, SymgradError
from ..kernel.algebra import algebra
from ..kernel.derivative import V_result
from ..kernel.normal_form import normal_term
from ..kernel.theorem import Theorem
from ..numeric.arithmetic import floats
from ..numeric.evaluate import Run
from ..numeric.instance import Instance
from ..operations.record import operation
from ..terms.algebra import MatrixProduct, Number, Scaled, Sum, Term, Transpose, as_term, show_shape
from ..terms.exponents import FROBENIUS
from ..terms.index import Dimension
from ..terms.named import ElementwiseFunction, Named, Variable
from ..terms.node import Node, subterms, transform
from ..terms.ranges import OrderedProduct
from ..terms.scalars import Absolute, Norm, Power
from .functions import elementwise

__all__ = ["Derivative", "gradient", "hessian", "jacobian"]


class Derivative:
    """A derivative: `.value`, a formula; `.theorem`; `.conditions` under which it is one; call it with numbers."""

    def __init__(self, kind: str, formula: Term, by: Variable, value: Term, theorem: Theorem) -> None:
        self.kind, self.formula, self.by, self.value, self.theorem = kind, formula, by, value, theorem

    @property
    def shape(self) -> tuple[Any, Any]:
        return self.value.shape

    @property
    def conditions(self) -> tuple[Any, ...]:
        """The hypotheses of the theorem: where the formula is differentiable."""
        return tuple(sorted(self.theorem.hypotheses, key=str))

    def latex(self) -> str:
        """The formula of the derivative, for math mode."""
        return self.value.latex()

    def __str__(self) -> str:
        return str(self.value)

    def __repr__(self) -> str:
        where = f"   where {', '.join(map(str, self.conditions))}" if self.conditions else ""
        return f"{self.kind} of {self.formula} by {self.by}: {self.value}{where}"

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    def __call__(self, values: Mapping[str, Any] | None = None, /, **more: Any) -> Any:
        """The derivative in floats: `g(X=…, A=…)`, letters by name. Raises SymgradError for a letter without a value."""
        given = {**(values or {}), **more}
        found = evaluate(self.value, {**_sizes(self.formula, given), **given})
        flat = any(np.ndim(given[name]) == 1 for name in _letters(self.formula) if name in given)
        return found[:, 0] if flat and np.ndim(found) == 2 and self.value.columns == 1 else found


def evaluate(formula: Term, values: Mapping[str, Any]) -> Any:
    """A free formula at numbers: an array of its shape, a float for a scalar, (n,) for a column given as (n,)."""
    arrays, sizes, flat = _arrays(formula, values)
    functions = {node.name: _plain(node.name) for node in subterms(formula) if isinstance(node, ElementwiseFunction)}
    run = Run(Instance(arrays=arrays, integers=sizes, functions=functions), floats())
    with np.errstate(all="ignore"):
        found = np.asarray(run.value(formula))
    if formula.is_scalar_term:
        return float(found[0, 0])
    return found[:, 0] if flat and formula.columns == 1 else found


def _plain(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _letters(formula: Term) -> dict[str, Variable]:
    return {_plain(node.name): node for node in formula.free if isinstance(node, Variable)}


def _sizes(formula: Term, values: Mapping[str, Any]) -> dict[str, int]:
    """The sizes that letters of the formula have: those of the derivative may be too few, as in ∇ sum(x) = 1_n."""
    found: dict[str, int] = {}
    for name, letter in _letters(formula).items():
        shape = (*np.shape(values.get(name, ())), 1, 1)[:2]
        found |= {str(side): count for side, count in zip(letter.shape, shape, strict=True)
                  if isinstance(side, Dimension) and name in values}
    return found


def _arrays(formula: Term, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, int], bool]:
    """Arrays by the kernel's names, the sizes read off them, and whether columns were given with one axis."""
    letters, arrays, flat = _letters(formula), {}, False
    sizes: dict[str, int] = {k: int(v) for k, v in values.items() if isinstance(v, (int, np.integer)) and k not in letters}
    for node in subterms(formula):
        if isinstance(node, Named) and _plain(node.name) not in arrays:
            if _plain(node.name) not in values:
                raise SymgradError(f"no value for {_plain(node.name)}: give {_plain(node.name)}={{index: array, …}}")
            arrays[node.name] = given = values[_plain(node.name)]
            one = np.asarray(next(iter(given.values())) if isinstance(given, Mapping) and given else 0.0)
            shape = one.shape if one.ndim == 2 else (one.size, 1)
            sizes |= {str(side): count for side, count in zip(node.shape, shape, strict=True) if isinstance(side, Dimension)}
    for name, letter in letters.items():
        if name not in values:
            raise SymgradError(f"no value for {name} ({show_shape(letter)}): give {name}=array")
        array = np.asarray(values[name], dtype=float)
        flat = flat or (array.ndim == 1 and not letter.is_scalar_term)
        if array.ndim < 2:
            array = array.reshape(-1, 1)
        if array.ndim > 2:
            raise ShapeError(f"{name} is {show_shape(letter)}, got an array of shape {array.shape}")
        for side, count in zip(letter.shape, array.shape, strict=True):
            known = sizes.setdefault(str(side), count) if isinstance(side, Dimension) else None
            if known != count and (known is not None or (side.is_Integer and int(side) != count)):
                raise ShapeError(f"{name} is {show_shape(letter)}, got an array of shape {np.shape(values[name])}"
                                 + (f" where {side} = {known}" if known is not None else ""))
        arrays[letter.name] = array
    return arrays, sizes, flat


# ---------------------------------------------------------------- derivatives

def gradient(formula: Any, by: Any) -> Derivative:
    """∇f by a letter: of the letter's shape. With a tuple of letters use one call for each.

    Raises ShapeError when f is no scalar (see `jacobian`), SymgradError for what has no derivative here.

    >>> from symgrad.matrices import matrix, vector, norm
    >>> A, x, b = matrix("A", "m", "n"), vector("x", "n"), vector("b", "m")
    >>> print(gradient(norm(A @ x - b)**2, x))
    2 Aᵀ (A x − b)
    """
    formula, by = _checked(formula, by)
    if not formula.is_scalar_term:
        raise ShapeError(f"a gradient is that of a scalar, {formula} is {show_shape(formula)}: take jacobian(f, x) of a "
                         "column, or the gradient of inner(G, f)")
    judged = pullback(prepared(formula), by)
    _, _, G, result = judged.conclusion.args
    value, equation = _first_proved(result, forms(tidy(result.at({G: Number(1)}))), lambda value: Scaled(G, value))
    theorem = judged if equation is None else V_result(judged, equation)
    return Derivative("gradient", formula, by, value, theorem)


def jacobian(formula: Any, by: Any) -> Derivative:
    """J of a column by a column (or scalar): the outputs along its rows.

    >>> from symgrad.matrices import matrix, softmax, vector
    >>> print(jacobian(softmax(vector("x", "n")), vector("x", "n")))
    diag(softmax(x)) − softmax(x) softmax(x)ᵀ
    """
    formula, by = _checked(formula, by)
    if formula.columns != 1 or by.columns != 1:
        raise ShapeError(f"a Jacobian is that of a column by a column, {formula} is {show_shape(formula)} and {by} is "
                         f"{show_shape(by)}: sg.pullback(f, X) gives the map G ↦ ∂⟨G, f⟩/∂X for matrices")
    return _jacobian("Jacobian", formula, by, prepared(formula))


def _jacobian(kind: str, formula: Term, by: Variable, inside: Term) -> Derivative:
    theorem = derivative(inside, by)
    found = theorem.conclusion.args[2]
    value, equation = _first_proved(found, forms(tidy(found)), lambda value: value)
    if equation is not None:
        theorem = restated(theorem, result=equation)
    return Derivative(kind, formula, by, value, theorem)


def hessian(formula: Any, by: Any) -> Derivative:
    """The matrix of second derivatives of a scalar by a column: the Jacobian of its gradient.

    Raises ShapeError for a matrix: the gradient of inner(gradient(f, X).value, D) is the second derivative along D.
    """
    formula, by = _checked(formula, by)
    if by.columns != 1:
        raise ShapeError(f"a Hessian is by a column, {by} is {show_shape(by)}: gradient(inner(gradient(f, X).value, D), X) is "
                         "the second derivative along D")
    first = gradient(formula, by)
    return _jacobian("Hessian", formula, by, prepared(first.value))


def _checked(formula: Any, by: Any) -> tuple[Term, Variable]:
    if isinstance(formula, str) or isinstance(by, str):
        raise SymgradError("expected formulas of letters, X = sg.matrix('X', 'm', 'n'); text is read by "
                           "sg.read_formula(text, X='m n')")
    formula = as_term(formula)
    if not isinstance(by, Variable):
        raise SymgradError(f"a derivative is taken by a letter such as sg.matrix('X', 'm', 'n'), got {by!r}")
    return formula, by


def _first_proved(found: Term, candidates: list[Term], goal: Callable[[Term], Term]) -> tuple[Term, Theorem | None]:
    """The first candidate that `algebra` proves, with the equation; None for the equation where nothing changes."""
    for value in candidates:
        wanted = goal(value)
        if wanted is found:
            return value, None
        try:
            return value, algebra(found, wanted)
        except KernelError:
            continue
    raise SymgradError(f"no form of {found} was proved")


def forms(term: Term) -> list[Term]:
    """Some forms that `algebra` should make equal, the shortest first."""
    pulled = tidy(transform(term, _scalars_first))
    found = [pulled, term, tidy(normal_term(term)), tidy(_collected(pulled)), tidy(_collected(term))]
    return sorted(dict.fromkeys(found), key=_length)


def _length(form: Term) -> int:
    """How long a form reads: a transposed sum is one more thing to do."""
    return len(str(form)) + 20 * sum(isinstance(part, Transpose) and isinstance(part.args[0], Sum) for part in subterms(form))


def _scalars_first(node: Node) -> Node:
    """A x (1/s) as (1/s) A x, (1/N) 2 x as 2 (1/N) x."""
    if isinstance(node, Scaled) and not isinstance(node.args[0], Number):
        numbers = [f for f in node.args if isinstance(f, Number)]
        if numbers:
            return Scaled(*numbers, *(f for f in node.args if f not in numbers))
    if isinstance(node, MatrixProduct) and not node.is_scalar_term:
        scalars = [f for f in node.args if f.is_scalar_term]
        rest = [f for f in node.args if not f.is_scalar_term]
        if scalars and rest:
            return Scaled(*scalars, MatrixProduct(*rest))
    return node


def _collected(term: Term) -> Term:
    """Equal summands added up: B + B is 2 B."""
    if not isinstance(term, Sum):
        return term
    counts: dict[Term, Any] = {}
    for part in term.args:
        number, rest = Number(1).value, part
        if isinstance(part, Scaled) and isinstance(part.args[0], Number):
            number, rest = part.args[0].value, Scaled(*part.args[1:])
        rest = normal_term(rest) if len(str(normal_term(rest))) <= len(str(rest)) else rest
        counts[rest] = counts.get(rest, 0) + number
    kept = [rest if c == 1 else Scaled(Number(c), rest) for rest, c in counts.items() if c != 0]
    return Sum(*kept) if kept else term


def prepared(formula: Term) -> Term:
    """The formula with norms, sizes and products over numbers put as what has a derivative."""
    return transform(formula, _prepared)


def _prepared(node: Node) -> Node:
    if isinstance(node, Power) and node.exponent.is_Integer and int(node.exponent) % 2 == 0:
        base = node.base
        if _is_operation(base, "euclidean_norm"):
            inside = base.args[1]
            square = Norm(inside, 2 if inside.columns == 1 else FROBENIUS) ** 2
            return square if int(node.exponent) == 2 else square ** (int(node.exponent) // 2)
    if isinstance(node, Norm) and (node.kind is FROBENIUS or (node.kind == 2 and 1 in node.args[0].shape)):
        return operation("euclidean_norm")(node.args[0])
    if isinstance(node, Norm) and node.kind == 1 and node.args[0].columns == 1:
        from .functions import total
        return total(elementwise("abs")(node.args[0]))
    if isinstance(node, Absolute):
        return elementwise("abs")(node.args[0])
    if isinstance(node, OrderedProduct) and node.low.is_Integer and node.high.is_Integer and node.low <= node.high:
        factors = [node.body_at(k) for k in range(int(node.low), int(node.high) + 1)]
        return MatrixProduct(*(factors if node.order == 1 else factors[::-1]))
    return node


def _is_operation(term: Any, name: str) -> bool:
    return getattr(getattr(term, "function", None), "name", "") == name
