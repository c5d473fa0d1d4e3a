"""Laws: what may be used as a reason besides a theorem. A law looks at a part of a formula and proposes
instances of a rule of the kernel that begin there; the search finds the place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..errors import SymgradError
from ..kernel import norms, order, products
from ..kernel.algebra import algebra as by_algebra
from ..kernel.equality import transitive
from ..kernel.statements import Bounded, ForAll
from ..kernel.theorem import Theorem
from ..terms.algebra import Diagonal, Identity, MatrixProduct, Scaled, Sum, Term, Transpose
from ..terms.named import Elementwise
from ..terms.node import open_with_index
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import Absolute, Inner, Norm, Power, SMin
from . import derived, derived_norms, derived_ranges
from .matching import fresh_variable, match

__all__ = ["Law", "absolute_value", "algebra", "constant_product", "diagonal_norm", "empty_product",
           "holder", "homogeneous", "identity_norm", "norm_of_scalar", "plus", "rank_one", "square",
           "square_of_norm", "stretch", "stretch_of_product", "submultiplicative", "transpose_norm",
           "triangle", "unfold"]


class Law:
    """A named law. `propose(part, given)` returns theorems about that part: `part = …` or `part <= …`."""

    def __init__(self, name: str, propose: Callable[[Term, tuple[Any, ...]], Iterable[Theorem]]) -> None:
        self.name = name
        self.propose = propose

    def __repr__(self) -> str:
        return self.name


def law(name: str) -> Callable[[Callable[[Term, tuple[Any, ...]], Iterable[Theorem]]], Law]:
    return lambda propose: Law(name, propose)


#: the normal form of matrix algebra: states that it equates are one
algebra = Law("algebra", lambda part, given: ())


def _inside(part: Term, kind: type) -> Any:
    """The factors of a product under a norm."""
    return part.args[0].args if isinstance(part, kind) and isinstance(part.args[0], MatrixProduct) else ()


@law("submultiplicativity")
def submultiplicative(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    factors = _inside(part, Norm)
    if len(factors) > 1:
        yield norms.submultiplicative(factors, part.args[1])
        for cut in range(1, len(factors)) if len(factors) > 2 else ():
            halves = MatrixProduct(*factors[:cut]), MatrixProduct(*factors[cut:])
            yield norms.submultiplicative(halves, part.args[1])


@law("norm of a transpose")
def transpose_norm(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    if isinstance(part, Norm) and isinstance(part.args[0], Transpose):
        yield norms.transpose_norm(part.args[0].args[0], part.args[1])


@law("norm of a diagonal matrix")
def diagonal_norm(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    """‖diag(x)‖_p = ‖x‖_∞, and ‖diag(f(z))‖_p <= γ where |f| <= γ is given."""
    if isinstance(part, Norm) and isinstance(part.args[0], Diagonal):
        flat = norms.norm_of_diagonal(part.args[0].args[0], part.args[1])
        yield flat
        if isinstance(flat.right.args[0], Elementwise):
            for bounded in bounded_norm(flat.right, given):
                yield transitive(flat, bounded)


def bounded_norm(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    function, argument = part.args[0].args
    for fact in given:
        if isinstance(fact, Bounded) and fact.args[0] is function:
            yield norms.bounded_norm(function, fact.args[1], argument)
        if isinstance(fact, ForAll) and isinstance(fact.args[3], Bounded):
            index, body = open_with_index(fact)
            found = match(body.args[0], function, {}, frozenset({index}))
            if found:
                yield norms.bounded_norm(function, body.at(found).args[1], argument)


@law("norm of a rank-one matrix")
def rank_one(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    factors = _inside(part, Norm)
    for cut in range(1, len(factors)):
        left, right = MatrixProduct(*factors[:cut]), MatrixProduct(*factors[cut:])
        if left.columns == 1 and isinstance(right, Transpose):
            yield norms.rank_one(left, right.args[0], part.args[1])


@law("Hölder's inequality")
def holder(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    if isinstance(part, Absolute) and isinstance(part.args[0], Inner):
        for kind in (2, 1, "inf"):
            x, y = part.args[0].args
            yield derived_norms.holder(x, y, kind)


@law("homogeneity of the norm")
def homogeneous(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    if isinstance(part, Norm) and isinstance(part.args[0], Scaled) and not part.args[0].is_scalar_term:
        yield norms.homogeneous(Scaled(*part.args[0].args[:-1]), part.args[0].args[-1], part.args[1])


@law("triangle inequality")
def triangle(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    if isinstance(part, Norm) and isinstance(part.args[0], Sum):
        yield norms.triangle(part.args[0].args, part.args[1])
    if isinstance(part, Norm) and isinstance(part.args[0], FiniteSum):
        yield derived_ranges.triangle_range(*part.args)


@law("norm of the identity")
def identity_norm(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    if isinstance(part, Norm) and isinstance(part.args[0], Identity):
        yield from _try(norms.identity_norm, part.args[0].rows, part.args[1])


@law("square of the norm")
def square_of_norm(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    if isinstance(part, Power) and part.exponent == 2 and isinstance(part.base, Norm):
        yield from _try(derived_norms.square_of_norm, *part.base.args)


@law("norm of a scalar")
def norm_of_scalar(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    if isinstance(part, Norm) and part.args[0].is_scalar_term:
        yield derived_norms.norm_of_scalar(*part.args)


def plus(sign: Theorem) -> Law:
    """From 0 <= s: a <= a + s, for every scalar a; s is not to be negative."""
    def propose(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
        if part.is_scalar_term:
            hole = fresh_variable("hole", part.shape, (part, sign.right))
            grown = derived.increase(Sum(part, hole), hole, sign, ())
            yield transitive(by_algebra(part, grown.left), grown)
    return Law(f"{sign.right} is not negative", propose)


def square(root: Term) -> Law:
    """a <= a + s², for every scalar a."""
    return plus(derived.nonnegative(Power(root, 2)))


@law("absolute value")
def absolute_value(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    if isinstance(part, Absolute) and part.is_scalar_term:
        inside = part.args[0]
        if isinstance(inside, Scaled):
            yield derived_norms.absolute_product(inside.args)
        for sign in _try(derived.nonnegative, inside):
            yield order.absolute_of_nonnegative(sign)


@law("smallest stretch")
def stretch(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    if isinstance(part, Scaled) and tuple(map(type, part.args)) == (SMin, Norm):
        yield from _try(norms.stretch, part.args[0].args[0], part.args[1].args[0])


@law("smallest stretch of a product")
def stretch_of_product(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    if isinstance(part, Scaled) and len(part.args) == 2 and all(isinstance(f, SMin) for f in part.args):
        yield from _try(norms.stretch_of_product, *(f.args[0] for f in part.args))


@law("unfold the range")
def unfold(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    """The first or the last factor (term) of a product (sum) over a range."""
    if isinstance(part, (OrderedProduct, FiniteSum)):
        yield from _try(derived_ranges.first, part)
        yield from _try(derived_ranges.last, part)


@law("empty product")
def empty_product(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    if isinstance(part, (OrderedProduct, FiniteSum)) and part.high - part.low == -1:
        yield products.empty(part)


@law("product of a constant")
def constant_product(part: Term, given: tuple[Any, ...]) -> Iterable[Theorem]:
    if isinstance(part, OrderedProduct):
        yield from _try(derived_ranges.constant_product, part)


def _try(rule: Callable[..., Theorem], *arguments: Any) -> list[Theorem]:
    """The theorem, or nothing where the rule does not apply."""
    try:
        return [rule(*arguments)]
    except SymgradError:
        return []


