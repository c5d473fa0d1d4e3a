"""Random formulas and random theorems: what the rules of the kernel are tried on.

Everything is drawn from one seeded generator, so a failure is run again from its seed. Sizes are integers, dimensions
and layered widths; indices are affine; `ordered=False` leaves out norms, absolute values and extremes, so that both
sides can be compared exactly modulo a prime.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import sympy

from ..derive import derived
from ..errors import SymgradError
from ..kernel import derivative, logic
from ..kernel.algebra import algebra
from ..kernel.statements import Equal, LessEqual
from ..kernel.theorem import Theorem
from ..terms.algebra import (
    Count,
    Diagonal,
    Hadamard,
    Identity,
    MatrixProduct,
    Number,
    Ones,
    Scaled,
    Sum,
    Term,
    Transpose,
    Zero,
)
from ..terms.exponents import Exponent, dual_kind
from ..terms.index import Constant, Dimension, Index, WidthFamily
from ..terms.named import ElementwiseFunction, Family, Function, Gradient, Variable
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import Absolute, Inner, LeastEigenvalue, Maximum, Minimum, Norm, Power, Quotient, SMin
from ..terms.taylor import Hessian

__all__ = ["Formulas"]

m, p = Dimension("rnd_m"), Dimension("rnd_p")
k, i = Index("rnd_k"), Index("rnd_i")
N = Constant("rnd_N")
width = WidthFamily("rnd_n")
sigma = ElementwiseFunction("rnd_sigma")
cost = Function("rnd_C", [(m, 1)])
g = Family("rnd_g", over={k: (None, None)})
h = Family("rnd_h", m, over={k: (None, None)})
M = Family("rnd_M", m, m, over={k: (None, None)})
W = Family("rnd_W", width[k], width[k - 1], over={k: (None, None)})
exponent, to_two = Exponent("rnd_s"), Exponent("rnd_t", high=2)
KINDS = (1, 2, "inf", "F", 1, 2, "inf", "F", sympy.Rational(3, 2), 3, exponent, dual_kind(exponent), to_two, dual_kind(to_two))


class Formulas:
    """Draws formulas from a generator of random numbers."""

    def __init__(self, rng: Random, *, ordered: bool = True) -> None:
        self.rng, self.ordered = rng, ordered
        self.bound: list[Index] = []                  # indices that a range may bind here

    def one_of(self, *choices: Any) -> Any:
        return self.rng.choice(choices)

    def kind(self) -> Any:
        return self.rng.choice(KINDS)

    def size(self) -> Any:
        return self.one_of(1, 2, m, m, p, width[k])

    def index(self) -> Any:
        """An affine index expression."""
        symbol = self.one_of(k, i, *self.bound, *self.bound)
        return self.one_of(symbol, symbol, symbol + 1, symbol - 1, sympy.Integer(self.rng.randint(0, 3)), N, N - symbol)

    def exponent(self) -> Any:
        return self.one_of(0, 1, 2, 3, k, i, k + 1, N - k)

    def number(self) -> Number:
        return Number(sympy.Rational(self.rng.randint(-4, 4), self.one_of(1, 1, 2, 3)))

    def variable(self, rows: Any = 1, columns: Any = 1) -> Variable:
        return Variable(self.one_of("rnd_A", "rnd_B", "rnd_D"), rows, columns)

    def scalar(self, depth: int = 2) -> Term:
        return self.term(1, 1, depth)

    def column(self, depth: int = 2) -> Term:
        return self.term(self.size(), 1, depth)

    def matrix(self, depth: int = 2) -> Term:
        return self.term(self.size(), self.size(), depth)

    def range(self) -> tuple[Index, Any, Any]:
        """An index to bind and its ends."""
        index = Index(f"rnd_r{len(self.bound)}")
        low = self.one_of(sympy.Integer(1), k, k + 1)
        return index, low, self.one_of(N, low + 1, k + 1, low - 1, low)

    def under(self, index: Index, draw: Callable[[], Term]) -> Term:
        """A formula in which an index may be mentioned that is bound afterwards."""
        self.bound.append(index)
        try:
            return draw()
        finally:
            self.bound.pop()

    def term(self, rows: Any, columns: Any, depth: int = 2) -> Term:
        """A formula of a shape; of `depth` levels, more or less."""
        for _ in range(50):
            try:
                return self._term(sympy.sympify(rows), sympy.sympify(columns), depth)
            except SymgradError:
                continue
        return self.leaf(sympy.sympify(rows), sympy.sympify(columns))

    def leaf(self, rows: Any, columns: Any) -> Term:
        if (rows, columns) == (1, 1):
            return self.one_of(self.variable(), self.variable(), self.number(), g[self.index()], Count(self.index()))
        if (rows, columns) == (m, 1) and self.rng.random() < 0.3:
            return h[self.index()]
        if (rows, columns) == (m, m) and self.rng.random() < 0.3:
            return self.one_of(M[self.index()], Identity(m))
        if self.rng.random() < 0.1:
            return self.one_of(Zero, Ones)(rows, columns)
        return self.variable(rows, columns)

    def _term(self, rows: Any, columns: Any, depth: int) -> Term:
        if depth <= 0 or self.rng.random() < 0.12:
            return self.leaf(rows, columns)
        choices: list[Callable[[Any, Any, int], Term]] = [
            self._sum, self._product, self._product, self._scaled, self._transpose, self._hadamard, self._elementwise,
            self._finite_sum]
        if (rows, columns) == (1, 1):
            choices += [self._inner, self._inner, self._power, self._quotient, self._apply, self._range_product]
            if self.ordered:
                choices += [self._norm, self._norm, self._extreme, self._absolute]
        elif rows == columns:
            choices += [self._diagonal, self._range_product]
        if (rows, columns) == (m, 1):
            choices += [self._gradient]
        if (rows, columns) == (m, m) and self.rng.random() < 0.3:
            choices += [lambda rows, columns, depth: Hessian(cost[()], self.term(m, 1, depth - 1))]
        if self.ordered and self.rng.random() < 0.2:
            choices += [self._absolute]
        return self.rng.choice(choices)(rows, columns, depth)

    def _sum(self, rows: Any, columns: Any, depth: int) -> Term:
        return Sum(*(self.term(rows, columns, depth - 1) for _ in range(self.rng.randint(2, 3))))

    def _product(self, rows: Any, columns: Any, depth: int) -> Term:
        middle = self.size()
        return MatrixProduct(self.term(rows, middle, depth - 1), self.term(middle, columns, depth - 1))

    def _scaled(self, rows: Any, columns: Any, depth: int) -> Term:
        return Scaled(self.scalar(depth - 1), self.term(rows, columns, depth - 1))

    def _transpose(self, rows: Any, columns: Any, depth: int) -> Term:
        return Transpose(self.term(columns, rows, depth - 1))

    def _hadamard(self, rows: Any, columns: Any, depth: int) -> Term:
        return Hadamard(self.term(rows, columns, depth - 1), self.term(rows, columns, depth - 1))

    def _elementwise(self, rows: Any, columns: Any, depth: int) -> Term:
        return self.one_of(sigma, sigma.prime, sigma[k])(self.term(rows, columns, depth - 1))

    def _finite_sum(self, rows: Any, columns: Any, depth: int) -> Term:
        index, low, high = self.range()
        return FiniteSum(index, low, high, self.under(index, lambda: self.term(rows, columns, depth - 1)))

    def _gradient(self, rows: Any, columns: Any, depth: int) -> Term:
        return Gradient(cost[()], self.term(rows, columns, depth - 1))

    def _range_product(self, rows: Any, columns: Any, depth: int) -> Term:
        index, low, high = self.range()
        body = self.under(index, lambda: self.term(rows, columns, depth - 1))
        return OrderedProduct(index, low, high, body, self.one_of(1, -1))

    def _inner(self, rows: Any, columns: Any, depth: int) -> Term:
        shape = self.size(), self.size()
        return Inner(self.term(*shape, depth - 1), self.term(*shape, depth - 1))

    def _power(self, rows: Any, columns: Any, depth: int) -> Term:
        return Power(self.scalar(depth - 1), self.exponent())

    def _quotient(self, rows: Any, columns: Any, depth: int) -> Term:
        return Quotient(self.scalar(depth - 1), self.scalar(depth - 1))

    def _apply(self, rows: Any, columns: Any, depth: int) -> Term:
        return cost(self.term(m, 1, depth - 1))

    def _norm(self, rows: Any, columns: Any, depth: int) -> Term:
        if self.rng.random() < 0.2:
            size = self.size()
            return self.one_of(SMin(self.matrix(depth - 1)), LeastEigenvalue(self.term(size, size, depth - 1)))
        return Norm(self.matrix(depth - 1), self.kind())

    def _extreme(self, rows: Any, columns: Any, depth: int) -> Term:
        return self.one_of(Maximum, Minimum)(self.scalar(depth - 1), self.scalar(depth - 1))

    def _absolute(self, rows: Any, columns: Any, depth: int) -> Term:
        return Absolute(self.term(rows, columns, depth - 1))

    def _diagonal(self, rows: Any, columns: Any, depth: int) -> Term:
        return Diagonal(self.term(rows, 1, depth - 1))

    # ------------------------------------------------------------ the same value, written otherwise
    def again(self, term: Term) -> Term:
        """Another way to write a formula: sums reordered, products regrouped, transposes pushed about."""
        args = [self.again(a) if isinstance(a, Term) else a for a in term.args] if isinstance(
            term, (Sum, MatrixProduct, Scaled, Hadamard, Transpose, Diagonal, Inner)) else list(term.args)
        if isinstance(term, (Sum, Hadamard)):
            self.rng.shuffle(args)
        if isinstance(term, Sum) and len(args) > 2:
            args = [Sum(*args[:2]), *args[2:]]
        if isinstance(term, MatrixProduct) and self.rng.random() < 0.4:
            return Transpose(MatrixProduct(*(Transpose(a) for a in reversed(args))))
        if isinstance(term, MatrixProduct) and isinstance(args[0], Sum) and self.rng.random() < 0.7:
            return Sum(*(MatrixProduct(a, *args[1:]) for a in args[0].args))
        if isinstance(term, Inner):
            return self.one_of(Inner(*args), Inner(args[1], args[0]))
        if isinstance(term, Transpose) and isinstance(args[0], Sum):
            return Sum(*(Transpose(a) for a in args[0].args))
        found = term.rebuild(tuple(args)) if args != list(term.args) else term
        if self.rng.random() < 0.15:
            found = Transpose(Transpose(found))
        if self.rng.random() < 0.1:
            found = Sum(found, found, -found)
        if self.rng.random() < 0.1 and not found.is_scalar_term:
            found = MatrixProduct(Identity(found.rows), found)
        return found

    # ------------------------------------------------------------ theorems
    def equation(self, rows: Any = None, columns: Any = None) -> Theorem:
        """A theorem a = b: one that algebra proves, or the hypothesis that a variable has a value."""
        rows, columns = (self.size(), self.size()) if rows is None else (rows, columns)
        term = self.term(rows, columns)
        if self.rng.random() < 0.5:
            left, right = Variable("rnd_V", rows, columns), term
            return logic.assume(Equal(left, right) if self.rng.random() < 0.7 else Equal(right, left))
        return algebra(term, self.again(term))

    def inequality(self) -> Theorem:
        """A theorem a <= b between scalars: a triangle inequality or an assumption."""
        from ..kernel.norms import triangle
        if self.rng.random() < 0.4:
            shape = self.size(), self.size()
            return triangle((self.term(*shape, 1), self.term(*shape, 1)), self.kind())
        return logic.assume(LessEqual(self.scalar(1), self.scalar(1)))

    def pullback(self, X: Variable, G: Variable, depth: int = 2) -> Theorem:
        """A theorem V[X -> e](G) = H for some e of the shape of G."""
        rows, columns = G.shape
        for _ in range(30):
            try:
                return self._pullback(X, G, rows, columns, depth)
            except SymgradError:
                continue
        return derivative.V_constant(X, self.without(X, rows, columns), G)

    def without(self, X: Variable, rows: Any, columns: Any) -> Term:
        for _ in range(30):
            term = self.term(rows, columns, 1)
            if X not in term.free:
                return term
        return Zero(rows, columns)

    def _pullback(self, X: Variable, G: Variable, rows: Any, columns: Any, depth: int) -> Theorem:
        def part(name: str, rows: Any, columns: Any) -> Theorem:
            return self.pullback(X, Variable(name, rows, columns), depth - 1)

        if depth <= 0:
            if X.shape == (rows, columns) and self.rng.random() < 0.8:
                return derivative.V_variable(X, G)
            return derivative.V_constant(X, self.without(X, rows, columns), G)
        middle = self.one_of(X.rows, X.columns, self.size())
        choices: list[Callable[[], Theorem]] = [
            lambda: derived.V_sum(self.pullback(X, G, depth - 1), self.pullback(X, G, depth - 1)),
            lambda: derived.V_product(part("rnd_K", rows, middle), part("rnd_J", middle, columns), G),
            lambda: derived.V_scaled(part("rnd_K", 1, 1), part("rnd_J", rows, columns), G),
            lambda: derived.V_hadamard(part("rnd_K", rows, columns), part("rnd_J", rows, columns), G),
            lambda: derived.V_transpose(part("rnd_K", columns, rows), G),
            lambda: derivative.V_compose(
                derived.V_elementwise(Variable("rnd_U", rows, columns), sigma, G), part("rnd_K", rows, columns))]
        if rows == columns != 1:
            choices.append(lambda: derived.V_diagonal(part("rnd_K", rows, 1), G))
        if (rows, columns) == (1, 1):
            choices += [
                lambda: derived.V_inner(part("rnd_K", X.rows, X.columns), part("rnd_J", X.rows, X.columns), G),
                lambda: derived.V_quotient(part("rnd_K", 1, 1), part("rnd_J", 1, 1), G),
                lambda: derived.V_power(part("rnd_K", 1, 1), self.one_of(1, 2, 3, k), G),
                lambda: derivative.V_compose(derived.V_apply(Variable("rnd_U", m), cost[()], G),
                                             part("rnd_K", m, 1))]
        return self.rng.choice(choices)()
