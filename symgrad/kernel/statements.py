"""What a theorem can say: equations and inequalities between terms, derivative judgements, side conditions.

A derivative judgement is a relation between a variable, a formula and its derivative, as Mathlib's `HasFDerivAt`
is. The variable is free in it: the judgement speaks of the point where the variable stands, under hypotheses that may
mention it, and no rule ever replaces it there.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer, Ne
from sympy.core.relational import Equality, Relational
from sympy.core.symbol import Str

from ..errors import ShapeError, SymgradError
from ..terms.algebra import Term, as_term, show_shape
from ..terms.index import BoundIndex, Constant, Index, affine, index_expression
from ..terms.named import Apply, Elementwise, ElementwiseFunction, FunctionAt, Variable
from ..terms.node import Node, bind, substitute
from ..terms.taylor import column_of

__all__ = ["Bounded", "Condition", "ConstantIs", "Differentiable", "Equal", "ForAll", "IsActivation", "Jacobian",
           "Less", "LessEqual", "LipschitzGradient", "Nonzero", "OneFunction", "Pullback", "Relation", "Statement",
           "TwiceDifferentiable", "condition", "conditions"]


class Statement(Node):
    """Something that can be true: the conclusion or a hypothesis of a theorem."""

    __slots__ = ()


class Relation(Statement):
    """A relation between two terms of one shape."""

    __slots__ = ()
    sign = "?"

    def __new__(cls, left: Any, right: Any) -> Any:
        left, right = as_term(left), as_term(right)
        if left.shape != right.shape:
            fits = "; a transpose of one side would fit" if left.shape == right.shape[::-1] else ""
            raise ShapeError(f"{left} ({show_shape(left)}) {cls.sign} {right} ({show_shape(right)}): the shapes "
                             f"differ{fits}")
        return cls.intern((left, right))

    @property
    def left(self) -> Term:
        return self.args[0]

    @property
    def right(self) -> Term:
        return self.args[1]


class Equal(Relation):
    __slots__ = ()
    sign = "="


class LessEqual(Relation):
    """left <= right, entry by entry where they are not scalars."""

    __slots__ = ()
    sign = "<="


class Less(Relation):
    __slots__ = ()
    sign = "<"


class Jacobian(Statement):
    """D[v -> e] = J: at v the map v -> e of column vectors is differentiable, with Jacobian J (outputs along rows)."""

    __slots__ = ()

    def __new__(cls, variable: Any, function: Any, jacobian: Any) -> Jacobian:
        _variable(variable)
        function, jacobian = as_term(function), as_term(jacobian)
        if variable.columns != 1 or function.columns != 1 or jacobian.shape != (function.rows, variable.rows):
            raise ShapeError(f"the Jacobian of {function} ({show_shape(function)}) by {variable} "
                             f"({show_shape(variable)}) is {function.rows} × {variable.rows}, got {jacobian} "
                             f"({show_shape(jacobian)})")
        return cls.intern((variable, function, jacobian))

    @property
    def variables(self) -> tuple[Variable, ...]:
        return (self.args[0],)


class Pullback(Statement):
    """V[X -> e](G) = H: at X the map X -> e is Fréchet differentiable and ⟨G, de⟩ = ⟨H, dX⟩ for every G of e's shape.

    X has any shape; H has the shape of X and is linear in the cotangent G, which occurs nowhere else.
    """

    __slots__ = ()

    def __new__(cls, variable: Any, function: Any, cotangent: Any, result: Any) -> Pullback:
        _variable(variable)
        _variable(cotangent)
        function, result = as_term(function), as_term(result)
        if cotangent is variable or cotangent in function.free:
            raise SymgradError(f"the cotangent {cotangent} must be fresh: it occurs in {function}")
        if cotangent.shape != function.shape:
            raise ShapeError(f"the cotangent of {function} is {show_shape(function)}, got {cotangent} "
                             f"({show_shape(cotangent)})")
        if result.shape != variable.shape:
            raise ShapeError(f"the pullback has the shape of {variable} ({show_shape(variable)}), got {result} "
                             f"({show_shape(result)})")
        return cls.intern((variable, function, cotangent, result))

    @property
    def variables(self) -> tuple[Variable, ...]:
        return (self.args[0], self.args[2])


def _variable(value: Any) -> None:
    if not isinstance(value, Variable):
        raise SymgradError(f"a derivative is taken by a variable, got {value!r}: parameters are not variables; name "
                           "the function of a variable that stands in its place")


class Condition(Statement):
    """0 <= e for an affine index expression e."""

    __slots__ = ()

    def __new__(cls, expression: Any) -> Condition:
        return cls.intern((index_expression(expression),))

    @property
    def expression(self) -> Expr:
        return self.args[0]


class Nonzero(Statement):
    """A scalar that is not 0."""

    __slots__ = ()

    def __new__(cls, scalar: Any) -> Nonzero:
        scalar = as_term(scalar)
        if not scalar.is_scalar_term:
            raise ShapeError(f"only a scalar can be said to be nonzero, got {scalar} ({show_shape(scalar)})")
        return cls.intern((scalar,))


class Differentiable(Statement):
    """A named function is Fréchet differentiable at a point; an elementwise one, at every entry of it."""

    __slots__ = ()

    def __new__(cls, function: Any, point: Any) -> Differentiable:
        if isinstance(function, ElementwiseFunction):
            Elementwise(function, point)
        elif isinstance(function, FunctionAt):
            Apply(function, point)
        else:
            raise SymgradError(f"expected a function, got {function!r}")
        return cls.intern((function, as_term(point)))


class TwiceDifferentiable(Statement):
    """A named scalar function of one column is differentiable around a point, and its gradient is, at the point."""

    __slots__ = ()

    def __new__(cls, function: Any, point: Any) -> TwiceDifferentiable:
        return cls.intern((function, column_of(function, point)))


class LipschitzGradient(Statement):
    """‖∇f(x) − ∇f(y)‖₂ <= K ‖x − y‖₂ for all x and y; f, of one column, is differentiable everywhere."""

    __slots__ = ()

    def __new__(cls, function: Any, constant: Any) -> LipschitzGradient:
        constant, shapes = as_term(constant), function.shapes() if isinstance(function, FunctionAt) else []
        if len(shapes) != 2 or shapes[0] != (1, 1) or shapes[1][1] != 1:
            raise SymgradError(f"expected a scalar function of one column, got {function!r}")
        if not constant.is_scalar_term:
            raise SymgradError(f"the Lipschitz constant is a scalar, got {constant}")
        return cls.intern((function, constant))


class Bounded(Statement):
    """|f(t)| <= bound for every real t."""

    __slots__ = ()

    def __new__(cls, function: Any, bound: Any) -> Bounded:
        bound = as_term(bound)
        if not isinstance(function, ElementwiseFunction) or not bound.is_scalar_term:
            raise SymgradError(f"expected an elementwise function and a scalar bound, got {function!r} and {bound}")
        return cls.intern((function, bound))


class IsActivation(Statement):
    """An abstract elementwise function is the activation of this name."""

    __slots__ = ()

    def __new__(cls, function: Any, name: Any) -> IsActivation:
        if not isinstance(function, ElementwiseFunction) or function.order:
            raise SymgradError(f"expected an elementwise function such as sigma, got {function!r}")
        return cls.intern((function, name if isinstance(name, Str) else Str(name)))


class OneFunction(Statement):
    """A family of elementwise functions is one function: σ_r = σ for every r."""

    __slots__ = ()

    def __new__(cls, function: Any) -> OneFunction:
        if not isinstance(function, ElementwiseFunction) or function.order or function.indices:
            raise SymgradError(f"expected an elementwise function without an index, got {function!r}")
        return cls.intern((function,))


class ConstantIs(Statement):
    """A constant such as the depth has this value: L = 5."""

    __slots__ = ()

    def __new__(cls, constant: Any, value: Any) -> ConstantIs:
        if not isinstance(constant, Constant):
            raise SymgradError(f"expected a constant such as the depth L, got {constant!r}")
        value = index_expression(value)
        if not isinstance(value, Integer):
            raise SymgradError(f"the value of {constant} is an integer, got {value}")
        return cls.intern((constant, value))

    def rebuild(self, args: tuple[Any, ...]) -> ConstantIs:
        return self                                   # the constant itself is never replaced here

    @classmethod
    def _bind_free(cls, args: tuple[Any, ...], free: frozenset[Any]) -> frozenset[Any]:
        return frozenset()


class ForAll(Statement):
    """A statement for every r with low <= r <= high."""

    __slots__ = ()
    _binds = 1

    def __new__(cls, index: Any, low: Any, high: Any, body: Any) -> ForAll:
        if not isinstance(index, (Index, BoundIndex)) or not isinstance(body, Statement):
            raise SymgradError(f"expected an Index and a statement, got {index!r} and {body!r}")
        if isinstance(body, (Jacobian, Pullback)):
            raise SymgradError("a derivative judgement is not quantified: generalise the equation it leads to")
        bound, body = bind(index, body)
        return cls.intern((bound, index_expression(low), index_expression(high), body))

    @classmethod
    def _bind_free(cls, args: tuple[Any, ...], free: frozenset[Any]) -> frozenset[Any]:
        return (args[3].free - {args[0]}) | args[1].free_symbols | args[2].free_symbols

    def body_at(self, index: Any) -> Statement:
        return substitute(self.args[3], {self.args[0]: index_expression(index)})


def condition(relation: Any) -> tuple[Condition, ...]:
    """A SymPy relation between indices, such as `1 <= l`, as conditions 0 <= e (an equation gives two)."""
    if isinstance(relation, Condition):
        return (relation,)
    if relation is True or relation is False or not isinstance(relation, Relational) or isinstance(relation, Ne):
        raise SymgradError(f"a condition compares indices, such as 1 <= l, got {relation!r}: write l = Index('l') and "
                           "where=(1 <= l, l < L), one comparison each")
    difference = relation.gts - relation.lts if not isinstance(relation, Equality) else relation.lhs - relation.rhs
    affine(difference)
    if isinstance(relation, Equality):
        return Condition(difference), Condition(-difference)
    strict = relation.rel_op in ("<", ">")
    return (Condition(difference - 1 if strict else difference),)


def conditions(where: Any) -> tuple[Condition, ...]:
    """Every condition of a `where=` argument: one relation or a sequence of them."""
    if isinstance(where, (list, tuple, set, frozenset)):
        return tuple(c for relation in where for c in condition(relation))
    return condition(where)
