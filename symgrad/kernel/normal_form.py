"""The normal form behind the rule `algebra`: non-commutative matrix algebra with transposes, diag and ⊙.

A term becomes a sum of monomials, each a rational coefficient, powers of scalar atoms, and a body:

    None        a scalar                          ("v", x)      a column x
    ("r", x)    the row xᵀ                        ("o", x, y)   the outer product x yᵀ
    ("w", …)    a word of matrix letters, the empty word being the identity

A letter is ("a", atom, transposed), ("d", vectors) for diag(x ⊙ y ⊙ …), or ("h", words) for words multiplied entry
by entry. A vector is ("x", atom), ("1", n) for the ones, ("h", vectors) for a Hadamard product, or ("m", letter,
vector) for a matrix applied to a vector. Words are cut where the width is 1: what stands between two cuts is a
scalar. A scalar xᵀ A y is a tree of vectors joined by matrices, which may be read from any of its nodes (yᵀ Aᵀ x is
the same): the reading that sorts first is the normal one. Two terms with one normal form are equal for all values.
A power with a symbolic exponent e counts as such only for 0 <= e; the condition is returned. x/0 is 0.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr, Integer, Rational

from ..errors import KernelError
from ..terms.algebra import (
    ONE,
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
from ..terms.index import affine
from ..terms.named import Apply, Elementwise, Gradient
from ..terms.node import open_binder, substitute
from ..terms.ranges import FiniteSum, OrderedProduct
from ..terms.scalars import Absolute, Inner, LeastEigenvalue, Maximum, Minimum, Norm, Power, Quotient, SMin
from ..terms.taylor import Hessian, TaylorRadius
from .indices import implied

__all__ = ["normal_form", "normal_term"]

Body = Any
Mono = tuple[tuple[tuple[Term, Expr], ...], Body]
Poly = dict[Mono, Rational]

_LARGEST = 4000


def normal_form(term: Term) -> tuple[Poly, frozenset[Expr]]:
    """The normal form of a term, and the symbolic exponents that must not be negative."""
    found = term.memo.get("normal")
    if found is None:
        conditions: set[Expr] = set()
        found = (_poly(term, conditions), frozenset(conditions))
        term.memo["normal"] = found
    return found


def normal_term(term: Term) -> Term:
    """A term in normal form, equal to `term` wherever its symbolic exponents are not negative."""
    found = term.memo.get("normal term")
    if found is None:
        found = _term(normal_form(term)[0], term.shape)
        term.memo["normal term"] = found
    return found


# ---------------------------------------------------------------- from terms

def _poly(term: Term, conditions: set[Expr]) -> Poly:
    def sub(part: Term) -> Poly:
        poly, more = normal_form(part)
        conditions.update(more)
        return poly

    def inside(part: Term) -> Term:
        conditions.update(normal_form(part)[1])
        return normal_term(part)

    if isinstance(term, Number):
        return _number(term.value)
    if isinstance(term, Sum):
        return _add(map(sub, term.args))
    if isinstance(term, (Scaled, MatrixProduct)):
        return _fold(_times, map(sub, term.args))
    if isinstance(term, Hadamard):
        return _fold(_entrywise, map(sub, term.args))
    if isinstance(term, Transpose):
        return _collect((scalars, _flip_body(body), c) for (scalars, body), c in sub(term.args[0]).items())
    if isinstance(term, Diagonal):
        if term.is_scalar_term:
            return sub(term.args[0])
        return _collect((s, ("w", _diag(_parts(body[1]))), c) for (s, body), c in sub(term.args[0]).items())
    if isinstance(term, Identity):
        return {((), None if term.is_scalar_term else ("w", ())): ONE}
    if isinstance(term, Zero):
        return {}
    if isinstance(term, Ones):
        return {((), _outer(_ones(term.rows), _ones(term.columns))): ONE}
    if isinstance(term, Count):
        linear, constant = affine(term.args[0])
        return _add([_number(Integer(constant)),
                     *({(((Count(s), ONE),), None): Integer(c)} for s, c in linear)] if len(linear) > 1 or constant
                    or linear[0][1] != 1 else [_atom(term)])
    if isinstance(term, Inner):
        return _inner(sub(term.args[0]), sub(term.args[1]), term.args[0].rows)
    if isinstance(term, Power):
        return _power(sub(term.base), term, conditions)
    if isinstance(term, Quotient):
        return _times(sub(term.args[0]), _inverse(sub(term.args[1]), inside(term.args[1])))
    if isinstance(term, FiniteSum):
        return _finite_sum(term, conditions)
    if isinstance(term, OrderedProduct):
        index, length, body = _counted(term, conditions)
        return _atom(OrderedProduct(index, 1, length, normal_term(body), term.args[4]))
    if isinstance(term, (Norm, SMin, LeastEigenvalue, Absolute)):
        return _atom(term.func(inside(term.args[0]), *term.args[1:]))
    if isinstance(term, Elementwise):
        argument = inside(term.argument)
        if term.rows == ONE and term.columns != ONE:
            column = normal_term(Transpose(argument))
            return {((), ("r", ("x", Elementwise(term.function, column)))): ONE}
        return _atom(Elementwise(term.function, argument))
    if isinstance(term, TaylorRadius):
        return _atom(TaylorRadius(term.args[0], inside(term.args[1]), inside(term.args[2]), term.args[3]))
    if isinstance(term, (Apply, Gradient, Hessian)):
        return _atom(term.func(term.args[0], *map(inside, term.args[1:])))
    if isinstance(term, (Maximum, Minimum)):
        parts = sorted({inside(part) for part in term.args}, key=lambda t: t.serial)
        return _atom(term.func(*parts)) if len(parts) > 1 else normal_form(parts[0])[0]
    return _atom(term)


def _number(value: Expr) -> Poly:
    coefficient, rest = value.as_coeff_Mul()
    if not coefficient:
        return {}
    return {((() if rest == 1 else ((Number(rest), ONE),)), None): coefficient}


def _atom(term: Term) -> Poly:
    rows, columns = term.shape
    if rows == ONE and columns == ONE:
        return {(((term, ONE),), None): ONE}
    if columns == ONE:
        return {((), ("v", ("x", term))): ONE}
    if rows == ONE:
        return {((), ("r", ("x", Transpose(term)))): ONE}
    return {((), ("w", (("a", term, False),))): ONE}


def _power(base: Poly, term: Power, conditions: set[Expr]) -> Poly:
    exponent = term.exponent
    if isinstance(exponent, Integer) and exponent <= 12:
        return _fold(_times, [{((), None): ONE}, *([base] * int(exponent))])
    if not isinstance(exponent, Integer):
        conditions.add(exponent)
    if len(base) == 1:
        ((scalars, _), c), = base.items()
        if all(isinstance(e, Integer) for _, e in scalars):
            number = ((Number(c), exponent),) if c != 1 else ()
            return {(_sorted_scalars([*number, *((s, sympy.expand(e * exponent)) for s, e in scalars)]), None): ONE}
    return {(((_term(base, term.shape), exponent),), None): ONE}


def _inverse(poly: Poly, term: Term) -> Poly:
    if len(poly) == 1:
        ((scalars, _), c), = poly.items()
        return {(_sorted_scalars([(Quotient(1, s), e) for s, e in scalars]), None): 1 / c}
    return {(((Quotient(1, term), ONE),), None): ONE}


def _finite_sum(term: FiniteSum, conditions: set[Expr]) -> Poly:
    """Distributed over the sum; scalars and outer matrices that do not have the index come out of it."""
    index, length, summand = _counted(term, conditions)
    found = []
    for (scalars, inner_body), c in normal_form(summand)[0].items():
        outside = [(s, e) for s, e in scalars if index not in s.free and index not in e.free_symbols]
        kept = tuple(pair for pair in scalars if pair not in outside)
        before: tuple[Any, ...] = ()
        after: tuple[Any, ...] = ()
        whole: Body = None
        if inner_body is not None and not _mentions(inner_body, index):
            whole, inner_body = inner_body, None                 # Σ g_r A x = (Σ g_r) A x
        elif inner_body is not None:
            before, inner_body, after = _peel(inner_body, index)
        rest = _monomial_term(kept, inner_body, ONE, _body_shape(inner_body, before, after, term))
        atom = _atom(FiniteSum(index, 1, length, rest))
        result = atom
        if before:
            result = _times({((), ("w", before)): ONE}, result)
        if after:
            result = _times(result, {((), ("w", after)): ONE})
        found.append(_times({(tuple(outside), whole): c}, result))
    return _add(found)


def _counted(term: FiniteSum | OrderedProduct, conditions: set[Expr]) -> tuple[Any, Expr, Term]:
    """An index that counts a range from 1, how many there are, and the body.

    Symbolic exponents under the range must not be negative; one with the index must follow from the range.
    """
    index, body = open_binder(term)
    length = term.high - term.low + 1
    if term.low != ONE:
        body = substitute(body, {index: index + term.low - 1})
    for e in normal_form(body)[1]:
        if index not in e.free_symbols:
            conditions.add(e)
        elif not implied(e, (index - 1, length - index)):
            raise KernelError(f"the exponent {e} may be negative in {term}")
    return index, length, body


def _peel(body: Body, index: Any) -> tuple[tuple[Any, ...], Body, tuple[Any, ...]]:
    """Letters without the index at the outer ends of a body: matrices before and after it."""
    kind = body[0]
    if kind == "v" or kind == "r":
        letters: list[Any] = []
        vector = body[1]
        while vector[0] == "m" and not _mentions(vector[1], index):
            letters.append(vector[1])
            vector = vector[2]
        if kind == "v":
            return tuple(letters), ("v", vector), ()
        return (), ("r", vector), tuple(_flip(letter) for letter in reversed(letters))
    if kind == "w":
        letters = list(body[1])
        start, stop = 0, len(letters)
        while start < stop and not _mentions(letters[start], index):
            start += 1
        while stop > start and not _mentions(letters[stop - 1], index):
            stop -= 1
        if start < stop:
            return tuple(letters[:start]), ("w", tuple(letters[start:stop])), tuple(letters[stop:])
    return (), body, ()


def _mentions(part: Any, index: Any) -> bool:
    if isinstance(part, tuple):
        return any(_mentions(p, index) for p in part)
    return index in part.free if isinstance(part, Term) else isinstance(part, Expr) and index in part.free_symbols


def _body_shape(body: Body, before: tuple[Any, ...], after: tuple[Any, ...], term: Term) -> tuple[Expr, Expr]:
    rows = _letter_shape(before[-1])[1] if before else term.rows
    columns = _letter_shape(after[0])[0] if after else term.columns
    return (rows, columns) if body is not None else (ONE, ONE)


def _letter_shape(letter: Any) -> tuple[Expr, Expr]:
    if letter[0] == "a":
        return letter[1].shape[::-1] if letter[2] else letter[1].shape
    if letter[0] == "d":
        size = _vector_size(letter[1][0])
        return size, size
    for word in letter[1]:
        if word:
            return _letter_shape(word[0])[0], _letter_shape(word[-1])[1]
    raise KernelError("an entrywise product of identities has no shape")


def _vector_size(vector: Any) -> Expr:
    if vector[0] == "x":
        return vector[1].rows
    if vector[0] == "1":
        return vector[1]
    return _vector_size(vector[1][0]) if vector[0] == "h" else _letter_shape(vector[1])[0]


# ---------------------------------------------------------------- arithmetic of normal forms

def _collect(items: Any) -> Poly:
    result: Poly = {}
    for scalars, body, c in items:
        key = (scalars, body)
        total = result.get(key, 0) + c
        if total:
            result[key] = total
        else:
            del result[key]
    if len(result) > _LARGEST:
        raise KernelError(f"a normal form of more than {_LARGEST} terms: name parts of the formula")
    return result


def _add(polys: Any) -> Poly:
    return _collect((s, b, c) for poly in polys for (s, b), c in poly.items())


def _fold(operation: Any, polys: Any) -> Poly:
    result: Poly | None = None
    for poly in polys:
        result = poly if result is None else operation(result, poly)
    assert result is not None
    return result


def _times(one: Poly, two: Poly) -> Poly:
    found = []
    for (s, a), c in one.items():
        for (t, b), d in two.items():
            extra, body = _multiply_bodies(a, b)
            for (u, _), e in extra.items():
                found.append((_merge(_merge(s, t), u), body, c * d * e))
    return _collect(found)


_UNIT: Poly = {((), None): ONE}


def _merge(s: Any, t: Any) -> Any:
    if not t or not s:
        return s or t
    powers = dict(s)
    for atom, e in t:
        powers[atom] = sympy.expand(powers[atom] + e) if atom in powers else e
    return _sorted_scalars(powers.items())


def _sorted_scalars(pairs: Any) -> Any:
    kept = [(s, e) for s, e in pairs if e != 0]
    return tuple(sorted(kept, key=lambda pair: (pair[0].serial, _text(pair[1]))))


def _multiply_bodies(a: Body, b: Body) -> tuple[Poly, Body]:
    """The matrix product of two bodies: a scalar factor and a body."""
    if a is None or b is None:
        return _UNIT, b if a is None else a
    left, right = a[0], b[0]
    if left == "w":
        if right == "w":
            return _UNIT, ("w", _concatenate(a[1], b[1]))
        if right == "v":
            return _UNIT, ("v", _apply_word(a[1], b[1]))
        return _UNIT, ("o", _apply_word(a[1], b[1]), b[2])
    u = a[1]
    if left == "v":                                              # a column meets a row
        return _UNIT, ("o", u, b[1])
    row = a[1] if left == "r" else a[2]
    rest = None if left == "r" else ("v", u)
    if right == "w":
        moved = _apply_word(_flip_word(b[1]), row)
        return _UNIT, ("r", moved) if left == "r" else ("o", u, moved)
    scalar = _contract(row, b[1])
    if right == "v":
        return scalar, rest
    return scalar, ("r", b[2]) if left == "r" else ("o", u, b[2])


def _concatenate(a: Any, b: Any) -> Any:
    if a and b and a[-1][0] == "d" and b[0][0] == "d":
        return (*a[:-1], *_diag([*a[-1][1], *b[0][1]]), *b[1:])
    return (*a, *b)


def _diag(vectors: Any) -> Any:
    """The word of diag of a Hadamard product: empty for the ones."""
    kept = [v for v in vectors if v[0] != "1"]
    return (("d", tuple(sorted(kept, key=_code))),) if kept else ()


def _apply_word(word: Any, vector: Any) -> Any:
    for letter in reversed(word):
        vector = _hadamard([*letter[1], vector]) if letter[0] == "d" else ("m", letter, vector)
    return vector


def _ones(size: Expr) -> Any:
    return ("1", size)


def _parts(vector: Any) -> Any:
    return vector[1] if vector[0] == "h" else (vector,)


def _hadamard(vectors: Any) -> Any:
    flat = [part for vector in vectors for part in _parts(vector)]
    kept = sorted((part for part in flat if part[0] != "1"), key=_code)
    if not kept:
        return flat[0]
    return kept[0] if len(kept) == 1 else ("h", tuple(kept))


def _outer(u: Any, v: Any) -> Body:
    if u[1] == ONE and u[0] == "1":
        return None if v == u else ("r", v)
    return ("v", u) if v == ("1", ONE) else ("o", u, v)


def _flip(letter: Any) -> Any:
    if letter[0] == "a":
        return ("a", letter[1], not letter[2])
    if letter[0] == "d":
        return letter
    return ("h", tuple(sorted(map(_flip_word, letter[1]), key=_code)))


def _flip_word(word: Any) -> Any:
    return tuple(_flip(letter) for letter in reversed(word))


def _flip_body(body: Body) -> Body:
    if body is None:
        return None
    kind = body[0]
    if kind == "w":
        return ("w", _flip_word(body[1]))
    return ("o", body[2], body[1]) if kind == "o" else ("r" if kind == "v" else "v", body[1])


def _entrywise(one: Poly, two: Poly) -> Poly:
    return _collect((_merge(s, t), _entrywise_bodies(a, b), c * d)
                    for (s, a), c in one.items() for (t, b), d in two.items())


def _entrywise_bodies(a: Body, b: Body) -> Body:
    if a is None:
        return None
    if a[0] in "vr":
        return (a[0], _hadamard([a[1], b[1]]))
    if a[0] == "w" and b[0] == "o":
        a, b = b, a
    if a[0] == "o":
        if b[0] == "o":
            return ("o", _hadamard([a[1], b[1]]), _hadamard([a[2], b[2]]))
        return ("w", _concatenate(_concatenate(_diag(_parts(a[1])), b[1]), _diag(_parts(a[2]))))
    left: list[Any] = []
    right: list[Any] = []
    members: list[Any] = []
    for word in (a[1], b[1]):
        if word and word[0][0] == "d":
            left += word[0][1]
            word = word[1:]
        if word and word[-1][0] == "d":
            right += word[-1][1]
            word = word[:-1]
        members += word[0][1] if len(word) == 1 and word[0][0] == "h" else [word]
    members = [m for m in members if m] + [()] * (() in members)         # I ⊙ I = I
    core = _diagonal_of([m for m in members if m]) if () in members else (("h", tuple(sorted(members, key=_code))),)
    return ("w", _concatenate(_concatenate(_diag(left), core), _diag(right)))


def _diagonal_of(members: list[Any]) -> Any:
    """The word of I ⊙ A ⊙ …, as diag of the vector of diagonal entries."""
    if not members:
        return ()
    letter = ("h", tuple(sorted([(), *members], key=_code)))
    return (("d", (("m", letter, _ones(_letter_shape(letter)[0])),)),)


def _inner(one: Poly, two: Poly, rows: Expr) -> Poly:
    found: list[Poly] = []
    for (s, a), c in one.items():
        for (t, b), d in two.items():
            found.append(_times({(_merge(s, t), None): c * d}, _inner_bodies(a, b, rows)))
    return _add(found)


def _inner_bodies(a: Body, b: Body, rows: Expr) -> Poly:
    if a is None:
        return _UNIT
    if a[0] in "vr":
        return _contract(a[1], b[1])
    if a[0] == "w" and b[0] == "o":
        a, b = b, a
    if a[0] == "o":
        if b[0] == "o":
            return _times(_contract(a[1], b[1]), _contract(a[2], b[2]))
        return _contract(a[1], _apply_word(b[1], a[2]))
    return _trace(_concatenate(_flip_word(a[1]), b[1]), rows)


def _trace(word: Any, rows: Expr) -> Poly:
    """tr of a closed word: a cycle, read from the letter and in the direction that sorts first."""
    if len(word) > 1 and word[0][0] == "d" and word[-1][0] == "d":
        word = _concatenate(word[-1:], word[:-1])
    if not word:
        return normal_form(Count(rows))[0]
    if len(word) == 1 and word[0][0] == "d":
        return _contract(_hadamard(word[0][1]), _ones(_letter_shape(word[0])[0]))
    turned = _flip_word(word)
    readings = [w[k:] + w[:k] for w in (word, turned) for k in range(len(w))]
    best = min(readings, key=_code)
    size = _letter_shape(best[0])[0]
    return _atom(Inner(Identity(size), _word_term(best, (size, size))))


# ---------------------------------------------------------------- scalars from two vectors

def _contract(u: Any, v: Any) -> Poly:
    """uᵀ v: the sum of the entries of u ⊙ v, as a tree read from the node that sorts first."""
    vector = _hadamard([u, v])
    if vector[0] == "1":
        return normal_form(Count(vector[1]))[0] if vector[1] != ONE else _UNIT
    hubs: list[tuple[Expr, list[Any], list[tuple[Any, int]]]] = []

    def build(part: Any) -> int:
        number = len(hubs)
        leaves: list[Any] = []
        edges: list[tuple[Any, int]] = []
        hubs.append((_vector_size(part), leaves, edges))
        for member in _parts(part):
            if member[0] == "m":
                child = build(member[2])
                edges.append((member[1], child))
                hubs[child][2].append((_flip(member[1]), number))
            elif member[0] == "x":
                leaves.append(member)
        return number

    def read(number: int, parent: int) -> Any:
        size, leaves, edges = hubs[number]
        members = list(leaves)
        skipped = False
        for letter, other in edges:
            if other == parent and not skipped:
                skipped = True
                continue
            members.append(("m", letter, read(other, number)))
        return _hadamard(members or [_ones(size)])

    build(vector)
    best = min((read(number, -1) for number in range(len(hubs))), key=_code)
    return _atom(Inner(Ones(_vector_size(best)), _vector_term(best)))


@lru_cache(maxsize=65536)
def _text(expression: Expr) -> str:
    return str(expression)


@lru_cache(maxsize=65536)
def _code(part: Any) -> str:
    """A string that orders letters, words and vectors."""
    if isinstance(part, tuple):
        return "(" + " ".join(map(_code, part)) + ")"
    return str(part.serial) if isinstance(part, Term) else str(part)


# ---------------------------------------------------------------- back to terms

def _term(poly: Poly, shape: tuple[Expr, Expr]) -> Term:
    if not poly:
        return Number(0) if shape == (ONE, ONE) else Zero(*shape)
    terms = [(_code((tuple(s for s, _ in key[0]), tuple(_text(e) for _, e in key[0]), key[1])), key, c)
             for key, c in poly.items()]
    return Sum(*(_monomial_term(key[0], key[1], c, shape) for _, key, c in sorted(terms, key=lambda t: t[0])))


def _monomial_term(scalars: Any, body: Body, coefficient: Any, shape: tuple[Expr, Expr]) -> Term:
    factors: list[Term] = [] if coefficient == 1 else [Number(coefficient)]
    factors += [s if e == 1 else Power(s, e) for s, e in scalars]
    if body is not None:
        factors.append(_body_term(body, shape))
    return Scaled(*factors) if factors else Number(1)


def _body_term(body: Body, shape: tuple[Expr, Expr]) -> Term:
    if body[0] == "v":
        return _vector_term(body[1])
    if body[0] == "r":
        return Transpose(_vector_term(body[1]))
    if body[0] == "o":
        return MatrixProduct(_vector_term(body[1]), Transpose(_vector_term(body[2])))
    return _word_term(body[1], shape)


def _word_term(word: Any, shape: tuple[Expr, Expr]) -> Term:
    return MatrixProduct(*(_letter_term(letter) for letter in word)) if word else Identity(shape[0])


def _letter_term(letter: Any) -> Term:
    if letter[0] == "a":
        return Transpose(letter[1]) if letter[2] else letter[1]
    if letter[0] == "d":
        return Diagonal(_vector_term(_hadamard(letter[1])))
    shape = _letter_shape(letter)
    return Hadamard(*(_word_term(word, shape) for word in letter[1]))


def _vector_term(vector: Any) -> Term:
    if vector[0] == "x":
        return vector[1]
    if vector[0] == "1":
        return Ones(vector[1])
    if vector[0] == "h":
        return Hadamard(*map(_vector_term, vector[1]))
    return MatrixProduct(_letter_term(vector[1]), _vector_term(vector[2]))
