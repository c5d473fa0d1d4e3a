"""The second checker: does a certificate prove what it says?        python -m symgrad.verify FILE...

It reads the certificates that `symgrad.kernel.record` writes and believes nothing in them. It needs the
standard library and no other line of symgrad, and it works in another way than the kernel does: its
`algebra` writes formulas with indices (a product of matrices is a sum over a shared index, diag(x)_ij is
x_i where i = j) and compares the graphs; it opens every binder before it replaces anything below it, and
holds no loose index.

Parts: index expressions, formulas, the normal form of algebra, definitions, rules, the loop, the command.
Facts that were computed or cited are not proved here: they are listed as assumptions.
Exit code: 0 every certificate is accepted, 1 one is refused, 2 a file cannot be read.
"""

from __future__ import annotations

import gc
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import combinations, combinations_with_replacement, count, pairwise
from typing import Any, NamedTuple


class Refused(Exception):
    """A formula, definition or step that does not hold."""

class Unreadable(Exception):
    """A file that is no certificate."""

def need(holds: object, why: str) -> None:
    if not holds:
        raise Refused(why)

# ------------------------------------------------ index expressions: (integer, ((symbol, coefficient), ...))
# A symbol is ("index", "l"), ("constant", "L"), ("dimension", "m"), ("width", "n", expression), ("bound",
# height), ("slot", k) in a declaration; in the kind of a norm, where it stands for 1/p, ("exponent", name,
# its least and its largest value); only inside this program ("fresh", k), ("other", ...), ("sum", k).

Affine = Any
UNIT: Affine = (1, ())
HALF: Affine = (Fraction(1, 2), ())

def single(symbol: Any) -> Affine:
    return 0, ((symbol, 1),)

def bare(a: Affine, *sorts: str) -> bool:
    """Is it a symbol of one of these sorts, and nothing else?"""
    return type(a) is tuple and len(a[1]) == 1 and a == single(a[1][0][0]) and a[1][0][0][0] in sorts

def plus(a: Affine, b: Affine | int, times: int = 1) -> Affine:
    """a + times b."""
    if isinstance(b, int):
        return a[0] + times * b, a[1]
    total = dict(a[1])
    for symbol, c in b[1]:
        total[symbol] = total.get(symbol, 0) + times * c
    return a[0] + times * b[0], tuple(sorted((s, c) for s, c in total.items() if c))

@lru_cache(maxsize=1 << 14)
def symbols(a: Affine) -> frozenset[Any]:
    """The symbols of an index expression; for a width, those of its index."""
    return frozenset().union(*(symbols(s[2]) if s[0] == "width" else {s} for s, _ in a[1]))

def replace(a: Affine, mapping: dict[Any, Any]) -> Affine:
    total: Affine = (a[0], ())
    for symbol, c in a[1]:
        image = mapping.get(symbol)
        if image is None:
            image = single((*symbol[:2], replace(symbol[2], mapping)) if symbol[0] == "width" else symbol)
        total = plus(total, image, c)
    return total

def read_norm(kind: Any) -> Any:
    """The kind of a norm: "F" as it is, 1/p for a number p, ∞ or a symbol; 1 - 1/p for the dual of a symbol."""
    if isinstance(kind, dict):
        (tag, (name, *ends)), = kind.items()
        low, high = (read_norm(end)[0] for end in reversed(ends))
        need(isinstance(name, str) and 0 <= low < high <= 1, "no exponent")
        own = single(("exponent", name, low, high))
        kind = {"exponent": own, "dual": dual(own)}[tag]
    if kind == "F" or type(kind) is tuple:
        return kind if kind == "F" else (Fraction(kind[0]), kind[1])
    text = kind.args[0] if isinstance(kind, Formula) else str(kind)
    need(text in ("oo", "inf") or re.fullmatch(r"[1-9]\d*(/[1-9]\d*)?", text), "no norm")
    return (Fraction(0) if text in ("oo", "inf") else 1 / Fraction(text)), ()

def dual(kind: Any) -> Any:
    return kind if kind == "F" else plus(UNIT, kind, -1)

def show_norm(kind: Any) -> str:
    number, symbol = (0, ()) if kind == "F" else kind
    return "F" if kind == "F" else symbol[0][0][1] + "*" * (number == 1) if symbol else str(1 / number) if number else "oo"

def spread(a: Affine) -> tuple[Fraction, Fraction]:
    """The least and the largest value of an expression in 1/p, 1/p', …"""
    need(all(s[0] == "exponent" for s, _ in a[1]), "an index is no exponent")
    ends = [sum((c * s[2 + (side == (c > 0))] for s, c in a[1]), Fraction(a[0])) for side in (False, True)]
    return ends[0], ends[1]

def follows(goal: Affine, known: Iterable[Affine] = ()) -> bool:
    """0 <= goal, because goal is widths plus a natural number plus at most three of the known expressions."""
    known = list(dict.fromkeys(known))
    need(len(known) <= 40, "more than 40 conditions at once")
    for size in range(4 if known else 1):
        for chosen in combinations_with_replacement(known, size):
            rest = reduce(lambda a, b: plus(a, b, -1), chosen, goal)
            if rest[0] >= 0 and all(c > 0 and s[0] == "width" for s, c in rest[1]):
                return True
    return False

# ------------------------------------------------ formulas: equal formulas are one object

BINDERS = ("OrderedProduct", "FiniteSum", "ForAll")
_table: dict[Any, Formula] = {}
_fresh = count()

class Formula:
    """A term (it has a shape), a statement or a function.

    `free` are its index symbols and variables, `height` counts nested binders, `normal` is its normal form.
    """

    __slots__ = ("args", "free", "height", "kind", "loose", "normal", "number", "shape")

    def __init__(self, kind: str, args: tuple[Any, ...], shape: Any, free: frozenset[Any] | None) -> None:
        inside = [a for a in args if isinstance(a, Formula)]
        self.kind, self.args, self.shape, self.number = kind, args, shape, len(_table)
        self.height: int = max((a.height for a in inside), default=0) + (kind in BINDERS)
        self.normal: Any = None
        if free is None:
            found = [a.free for a in inside] + [symbols(a) for a in args if isinstance(a, tuple)]
            free = frozenset().union(*found)
        self.free: frozenset[Any] = free | {self} if kind == "Variable" else free
        self.loose = any(s[0] in ("bound", "slot") for s in free if type(s) is tuple)

    def __matmul__(self, other: Formula) -> Formula:
        return MatrixProduct(self, other)

    def __mul__(self, other: Formula) -> Formula:
        return Scaled(self, other)

    def __add__(self, other: Formula) -> Formula:
        return Sum(self, other)

    def __neg__(self) -> Formula:
        if self.kind != "Number":
            return Scaled(Number("-1"), self)
        number, rest = rational(self.args[0])
        return Number(str(-number) + ("*" + rest if rest else ""))

    @property
    def T(self) -> Formula:
        return Transpose(self)

MALFORMED = (ValueError, KeyError, TypeError, IndexError, AttributeError)

class Theorem(NamedTuple):
    conclusion: Formula
    hypotheses: frozenset[Formula]

def distinct(things: Any) -> bool:
    return len(set(things)) == len(things)

def measures(a: Affine, *more: str) -> bool:
    """May it be a number of rows? Widths, dimensions and natural numbers are never negative."""
    return a[0] >= 0 and all(c > 0 and s[0] in ("width", "dimension", *more) for s, c in a[1])

def has(shape: Any) -> Callable[[Any], bool]:
    return lambda a: isinstance(a, Formula) and a.shape is not None and all(
        side in (None, mine) for side, mine in zip(shape, a.shape, strict=True))

def of_kind(*kinds: str) -> Callable[[Any], bool]:
    return lambda a: isinstance(a, Formula) and a.kind in kinds

#: what an argument of a formula or of a rule can be; "word..." repeats, "word*" is a tuple
WORDS: dict[str, Callable[[Any], bool]] = {
    "term": has((None, None)), "scalar": has((UNIT, UNIT)), "column": has((None, UNIT)),
    "variable": of_kind("Variable"), "number": of_kind("Number"), "product": of_kind("OrderedProduct"),
    "sum": of_kind("FiniteSum"), "range": of_kind("OrderedProduct", "FiniteSum"),
    "extreme": of_kind("Maximum", "Minimum"), "family": of_kind("Family"), "function": of_kind("Function"),
    "f": of_kind("FunctionAt"), "sigma": of_kind("ElementwiseFunction"),
    "smooth": of_kind("ElementwiseFunction", "FunctionAt"),
    "statement": of_kind("Equal", "LessEqual", "Less", "Jacobian", "Pullback", "Condition", "Nonzero",
                         "ForAll", "Differentiable", "TwiceDifferentiable",
                         "LipschitzGradient", "Bounded", "IsActivation", "OneFunction", "ConstantIs"),
    "premise": lambda a: isinstance(a, Theorem),
    "at": lambda a: type(a) is tuple and not any(s[0] == "exponent" for s in symbols(a)),
    "size": lambda a: type(a) is tuple and measures(a), "name": lambda a: isinstance(a, str),
    "index": lambda a: bare(a, "index"),
    "norm": lambda a: a == "F" or (type(a) is tuple and 0 <= spread(a)[0] <= spread(a)[1] <= 1),
    "flag": lambda a: isinstance(a, bool),
    "integer": lambda a: type(a) is int, "any": lambda a: True}
Build = Callable[..., "Formula"]
KINDS: dict[str, tuple[str, Build]] = {}

def fit(words: str, args: Any) -> Iterator[tuple[str, Any]]:
    expected = words.split()
    if expected[-1:] and expected[-1].endswith("..."):
        expected = expected[:-1] + [expected[-1][:-3]] * (len(args) - len(expected) + 1)
    need(len(expected) == len(args), f"takes {words}, got {len(args)} arguments")
    return zip(expected, args, strict=True)

def kind(name: str, words: str, shape: Any = None, holds: Any = None, tidy: Any = None) -> Build:
    """A kind of formula: what it takes, its shape, what must hold, and how its arguments are put in order."""
    def build(*args: Any) -> Formula:
        found = tidy(name, args) if tidy else args
        if isinstance(found, Formula):
            return found
        made = _table.get((name, found))
        if made is None:
            for word, a in fit(words, found):
                need(WORDS[word](a), f"{name} takes {words}")
            need(holds is None or holds(*found), f"{name} of parts that do not fit")
            made = Formula(name, found, shape(*found) if callable(shape) else shape, None)
            _table[name, found] = made
        return made

    KINDS[name] = words, build
    return build

def intern(kind: str, args: tuple[Any, ...], shape: Any, free: frozenset[Any]) -> Formula:
    return _table.setdefault((kind, args), Formula(kind, args, shape, free))

def flat(name: str, terms: Any) -> Any:
    need(terms, f"{name} of nothing")
    parts = tuple(part for t in terms for part in (t.args if getattr(t, "kind", "") == name else (t,)))
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Formula) else parts

def scalars_first(name: str, factors: Any) -> Any:
    parts = flat(name, factors)
    if isinstance(parts, Formula):
        return parts
    return tuple(sorted(parts, key=lambda f: getattr(f, "shape", 0) != SCALAR))

def tidy_number(name: str, args: Any) -> Any:
    """A rational such as "1/2", or rational*rest with a rest that is never looked into."""
    found = re.fullmatch(r"(-?\d{1,4000})(?:/(\d{1,4000}))?(\*.{1,4000})?", args[0])
    if not found or not int(found[2] or 1):
        raise Refused(f"{args[0][:40]!r} is no number")
    return (str(Fraction(int(found[1]), int(found[2] or 1))) + (found[3] or ""),)

def rational(text: str) -> tuple[Fraction, str]:
    """The text of a number as (rational, the rest)."""
    number, _, rest = text.partition("*")
    return Fraction(number), rest

def shapes(declared: Formula, indices: tuple[Affine, ...]) -> list[Any]:
    """The shapes of a family or function at these indices, which must not be outside its range."""
    _, ends, found = declared.args
    need(len(ends) == len(indices), f"{declared.args[0]} takes {len(ends)} indices")
    for index, (low, high) in zip(indices, ends, strict=True):
        for gap in (low and plus(index, low, -1), high and plus(high, index, -1)):
            need(not gap or gap[1] or gap[0] >= 0, f"an index of {declared.args[0]} is outside its range")
    slots = {("slot", k): index for k, index in enumerate(indices)}
    sizes = [tuple(replace(side, slots) for side in shape) for shape in found]
    need(all(measures(side) for shape in sizes for side in shape), "an index that is a size may be negative")
    return sizes

def one_shape(*terms: Formula) -> bool:
    return len({t.shape for t in terms}) == 1

def neighbours(*factors: Formula) -> bool:
    return all(a.shape[1] == b.shape[0] for a, b in pairwise(factors))

SCALAR = (UNIT, UNIT)
Variable = kind("Variable", "name size size", lambda n, r, c: (r, c))
Named = kind("Named", "family at...", lambda w, *i: shapes(w, i)[0])
FunctionAt = kind("FunctionAt", "function at...", None, lambda f, *i: shapes(f, i))
Apply = kind("Apply", "f term...", lambda f, *x: shapes(f.args[0], f.args[1:])[0],
             lambda f, *x: shapes(f.args[0], f.args[1:])[1:] == [t.shape for t in x])
Gradient = kind("Gradient", "f term", lambda f, x: x.shape, lambda f, x: Apply(f, x).shape == SCALAR)
Hessian = kind("Hessian", "f column", lambda f, x: (x.shape[0],) * 2, lambda f, x: Apply(f, x).shape == SCALAR)
TaylorRadius = kind("TaylorRadius", "f column scalar at", SCALAR, lambda f, x, e, k:
                    Apply(f, x).shape == SCALAR and k in (UNIT, (2, ())))
ElementwiseFunction = kind("ElementwiseFunction", "name at at...", None,
                           lambda n, k, *i: k[0] >= 0 and not k[1])
Elementwise = kind("Elementwise", "sigma term", lambda f, t: t.shape)
Number = kind("Number", "name", SCALAR, None, tidy_number)
Count = kind("Count", "at", SCALAR, None, lambda _, args: args if args[0][1] else Number(str(args[0][0])))
Sum = kind("Sum", "term...", lambda *t: t[0].shape, one_shape, flat)
Hadamard = kind("Hadamard", "term...", lambda *t: t[0].shape, one_shape, flat)
MatrixProduct = kind("MatrixProduct", "term...", lambda *f: (f[0].shape[0], f[-1].shape[1]), neighbours, flat)
Scaled = kind("Scaled", "term...", lambda *f: f[-1].shape, lambda *f: {t.shape for t in f[:-1]} <= {SCALAR},
              scalars_first)
Transpose = kind("Transpose", "term", lambda t: t.shape[::-1])
Diagonal = kind("Diagonal", "column", lambda x: (x.shape[0],) * 2)
Identity = kind("Identity", "size", lambda n: (n, n))
Zero, Ones = (kind(name, "size size", lambda r, c: (r, c)) for name in ("Zero", "Ones"))
Norm = kind("Norm", "term norm", SCALAR, None, lambda _, args: (args[0], read_norm(args[1])))
SMin = kind("SMin", "term", SCALAR)
LeastEigenvalue = kind("LeastEigenvalue", "term", SCALAR, lambda A: A.shape[0] == A.shape[1])
Absolute = kind("Absolute", "term", lambda t: t.shape)
Inner = kind("Inner", "term term", SCALAR, one_shape)
Quotient = kind("Quotient", "scalar scalar", SCALAR)
Power = kind("Power", "scalar at", SCALAR, lambda s, e: e[1] or e[0] >= 0)
Maximum, Minimum = (kind(name, "scalar scalar scalar...", SCALAR) for name in ("Maximum", "Minimum"))
Equal, LessEqual, Less = (kind(name, "term term", None, one_shape) for name in ("Equal", "LessEqual", "Less"))
Jacobian = kind("Jacobian", "variable column term", None, lambda v, e, J: v.shape[1] == UNIT
                and J.shape == (e.shape[0], v.shape[0]))
Pullback = kind("Pullback", "variable term variable term", None,            # the cotangent G is fresh
                lambda X, e, G, H: G is not X and G not in e.free and one_shape(G, e) and one_shape(H, X))
Condition = kind("Condition", "at")
Nonzero = kind("Nonzero", "scalar")
Differentiable = kind("Differentiable", "smooth term", None, lambda f, t: f.kind[0] == "E" or Apply(f, t))
TwiceDifferentiable = kind("TwiceDifferentiable", "f column", None, lambda f, x: Apply(f, x).shape == SCALAR)
LipschitzGradient = kind("LipschitzGradient", "f scalar", None, lambda f, c: (
    lambda result, *taken: result == SCALAR and len(taken) == 1 and taken[0][1] == UNIT)(*shapes(f.args[0], f.args[1:])))
Bounded = kind("Bounded", "sigma scalar")
IsActivation = kind("IsActivation", "sigma name", None, lambda f, n: f.args[1] == (0, ()))
OneFunction = kind("OneFunction", "sigma", None, lambda f: f.args[1:] == ((0, ()),))
ZERO, ONE = Number("0"), Number("1")

def binder(name: str, words: str) -> Callable[..., Formula]:
    """A kind that binds an index, numbered by nesting height: its name plays no part."""
    def build(index: Affine, low: Affine, high: Affine, body: Formula, *rest: Any) -> Formula:
        need(bare(index, "index", "fresh", "bound"), "a range binds an index symbol")
        length, symbol, number = plus(plus(high, low, -1), 1), index[1][0][0], ("bound", body.height + 1)
        need(length[0] >= 0 or any(c > 0 or s[0] != "width" for s, c in length[1]), "a meaningless range")
        need(not any(isinstance(v, Formula) and symbol in v.free for v in body.free),
             "a variable whose shape depends on the bound index")
        need(body.kind not in ("Jacobian", "Pullback"), "a derivative judgement is not quantified")
        shape = ranged(symbol, low, high, body, *rest) if body.shape else None
        need(symbol == number if symbol[0] == "bound" else number not in body.free, "a loose bound index")
        body = body if symbol == number else substitute(body, {symbol: single(number)}, opening=False)
        free = (body.free - {number}) | symbols(low) | symbols(high)
        return intern(name, (single(number), low, high, body, *rest), shape, free)

    KINDS[name] = words, build
    return build

def ranged(symbol: Any, low: Affine, high: Affine, body: Formula, order: Affine | None = None) -> Any:
    """The shape of a sum, or of a product in the order of its index (1) or against it (-1)."""
    rows, columns = body.shape
    if order is None:
        need(symbol not in symbols(rows) | symbols(columns), "the terms of a sum have one shape")
        return body.shape
    need(order in (UNIT, (-1, ())), "the order of a product is 1 or -1")
    turned = [side if order == UNIT else body.shape[1 - k] for k, side in enumerate(body.shape)]
    need(turned[1] == replace(turned[0], {symbol: plus(single(symbol), 1)}), "neighbours do not fit")
    first, last = (low, high) if order == UNIT else (high, low)
    return replace(rows, {symbol: first}), replace(columns, {symbol: last})

OrderedProduct = binder("OrderedProduct", "at at at term at")
FiniteSum = binder("FiniteSum", "at at at term")
ForAll = binder("ForAll", "at at at statement")

def ConstantIs(constant: Affine, value: Affine) -> Formula:
    need(bare(constant, "constant") and not value[1], "expected a constant and an integer")
    return intern("ConstantIs", (constant, value), None, frozenset())

KINDS["ConstantIs"] = "at at", ConstantIs

def construct(f: Formula, args: Iterable[Any]) -> Formula:
    return f if f.kind in ("ConstantIs", "Family", "Function") else KINDS[f.kind][1](*args)

def bound_in(f: Formula) -> Any:
    return f.args[0][1][0][0]

def opened(f: Formula) -> tuple[Any, Formula]:
    """A binder's index as a symbol that occurs nowhere else, and its body with that symbol."""
    fresh = ("fresh", next(_fresh))
    return fresh, at(f, single(fresh))

def at(f: Formula, index: Affine) -> Formula:
    """The body of a range at an index."""
    return substitute(f.args[3], {bound_in(f): index}, opening=False)

def transform(f: Formula, change: Callable[[Any], Any], done: dict[Formula, Formula], opening: bool = True
              ) -> Formula:
    """`f` rebuilt from the leaves up; `change` answers for a part, or None. Binders are opened on the way."""
    if f not in done:
        found = change(f)
        if found is None and f.kind in BINDERS and opening:
            symbol, body = opened(f)
            found = construct(f, (single(symbol), change(f.args[1]), change(f.args[2]),
                                  transform(body, change, done), *f.args[4:]))
        elif found is None:
            found = construct(f, [transform(a, change, done, opening) if isinstance(a, Formula) else
                                  change(a) if isinstance(a, tuple) else a for a in f.args])
        done[f] = found
    return done[f]

def substitute(f: Formula, mapping: dict[Any, Any], opening: bool = True) -> Formula:
    """Index symbols and variables replaced, all at once. What is put in has no loose index."""
    def change(part: Any) -> Any:
        if not isinstance(part, Formula):
            return replace(part, mapping)
        return part if part.free.isdisjoint(mapping) else mapping.get(part)

    return transform(f, change, {}, opening)

def subterms(*formulas: Formula) -> set[Formula]:
    seen: set[Formula] = set()
    stack: list[Any] = list(formulas)
    while stack:
        f = stack.pop()
        if isinstance(f, Formula) and f not in seen:
            seen.add(f)
            stack.extend(f.args)
    return seen

INFIX = {"Sum": " + ", "MatrixProduct": " @ ", "Scaled": " * ", "Hadamard": " ⊙ ", "Quotient": " / ",
         "Power": " ^ ", "Equal": " = ", "LessEqual": " <= ", "Less": " < "}

def show(f: Any) -> str:
    """A formula or index expression as plain text, for reports."""
    if isinstance(f, tuple):
        parts = [("" if c == 1 else "-" if c == -1 else f"{c} ") + show_symbol(s) for s, c in f[1]]
        return " + ".join(parts + [str(f[0])] * (f[0] != 0 or not parts)).replace("+ -", "- ")
    if not isinstance(f, Formula):
        return str(f)
    if f.kind in INFIX:
        return f"({INFIX[f.kind].join(map(show, f.args))})"
    if f.kind in ("Variable", "Number", "Count", "Family", "Function"):
        return show(f.args[0])
    head, *rest = map(show, f.args)
    if f.kind == "Norm":
        rest = [show_norm(f.args[1])]
    if f.kind == "ElementwiseFunction":
        head, rest = head + "'" * min(f.args[1][0], 9), rest[1:]
    if f.kind in ("Named", "FunctionAt", "ElementwiseFunction"):
        return f"{head}[{', '.join(rest)}]" if rest else head
    if f.kind == "Condition":
        return f"0 <= {head}"
    if f.kind not in ("Apply", "Elementwise"):
        head, rest = f.kind, [head, *rest]
    return f"{head}({', '.join(rest)})"

def show_theorem(t: Theorem) -> str:
    ranges = {f"{show_norm((s[3], ()))} <= {s[1]} <= {show_norm((s[2], ()))}" for f in (t.conclusion, *t.hypotheses)
              for s in f.free if type(s) is tuple and s[0] == "exponent"}
    return f"{', '.join([*sorted(ranges), *sorted(map(show, t.hypotheses))])} |- {show(t.conclusion)}"

def show_symbol(s: Any) -> str:
    return f"{s[1]}[{show(s[2])}]" if s[0] == "width" else f"r{s[1]}" if s[0] == "bound" else str(s[1])

# ------------------------------------------------ the normal form of algebra
# The entry (i, j) of a term is a sum of monomials: a rational number, scalars to powers, and a graph. The
# nodes of a graph are sizes (an index that runs over the rows or columns of something), ranges (the index
# of a finite sum) and factors, each a label with links (role, node): A_ij links to the sizes i and j.
# `ends` are the nodes of i and j, -1 where the width is 1. An index that is no end is summed over.
# Connected parts without an end are scalars.

EMPTY: Any = ((), (-1, -1))
_loose: dict[str, frozenset[Any]] = {}                          # label -> the ("sum", k) symbols in it
_sizes: dict[str, Affine] = {}                                  # label of a size -> the size
_ids: dict[Any, int] = {}                                       # numbers for normal forms and graphs
_budget = [0]

def normal(t: Formula) -> Any:
    """The normal form: (scalars, graph) -> number."""
    if t.normal is None:
        total: dict[Any, Fraction] = {}
        for raw in monomials(t):
            for c, scalars, graph in settle(*raw):
                total[scalars, graph] = total.get((scalars, graph), Fraction(0)) + c
            need(len(total) <= 4000, "a normal form of more than 4000 monomials")
        t.normal = {key: c for key, c in total.items() if c}
    return t.normal

def raws(t: Formula) -> list[Any]:
    return [(c, scalars, *graph) for (scalars, graph), c in normal(t).items()]

def monomials(t: Formula) -> Any:
    """The monomials (number, scalars, nodes, ends) of a term, not yet in order."""
    kind, args = t.kind, t.args
    if kind in PLAIN:
        return PLAIN[kind](*args)
    if kind in JOINTS:
        return multiply(kind, *map(raws, args))
    if kind == "FiniteSum":
        return summed(t)
    if kind == "OrderedProduct":
        symbol = sum_symbol(t)
        head = f"product {args[4]} {symbol} {args[1:3]}"
        return atom(named(head, [at(t, single(symbol))], args[1:3], {symbol}), t.shape)
    if kind in ("Norm", "SMin", "LeastEigenvalue"):
        return atom(named(f"{kind} {args[1:]}", args[:1]), t.shape)
    if kind in ("Elementwise", "Absolute"):                     # of a row: the row of the column's
        column = args[-1].T if t.shape[0] == UNIT != t.shape[1] else args[-1]
        function = args[0].args if kind == "Elementwise" else ()
        return atom(named(f"{kind} {function}", [column], function[1:]), t.shape)
    if kind in ("Apply", "Gradient", "Hessian", "TaylorRadius"):
        terms = [a for a in args[1:] if isinstance(a, Formula)]
        return atom(named(f"{kind} {args[0].number} {args[1 + len(terms):]}", terms, args[0].args[1:]), t.shape)
    if kind in ("Maximum", "Minimum"):
        parts = {named("", [part]): part for part in args}
        if len(parts) == 1:
            return raws(args[0])
        return atom(named(kind, [parts[k] for k in sorted(parts)]), t.shape)
    return atom(label(f"symbol {t.number}", t.free), t.shape)

#: kinds whose monomials are made of those of their parts, one by one
PLAIN: dict[str, Callable[..., Any]] = {
    "Number": lambda text: number_monomials(*rational(text)),
    "Sum": lambda *terms: [raw for t in terms for raw in raws(t)],
    "Transpose": lambda t: [(c, s, nodes, ends[::-1]) for c, s, nodes, ends in raws(t)],
    "Diagonal": lambda t: [(c, s, nodes, (ends[0], ends[0])) for c, s, nodes, ends in raws(t)],
    "Ones": lambda *shape: [(Fraction(1), (), *legs(shape))],
    "Identity": lambda n: [(Fraction(1), (), legs((n, UNIT))[0], (legs((n, UNIT))[1][0],) * 2)],
    "Zero": lambda *shape: [],
    "Count": lambda size: counted(size),
    "Power": lambda base, exponent: power(base, exponent),
    "Quotient": lambda a, b: multiply("Scaled", raws(a), inverse(b))}

def number_monomials(number: Fraction, rest: str) -> list[Any]:
    return [(number, ((label(f"number {rest}", ()), UNIT),) if rest else (), *EMPTY)]

def label(text: str, free: Iterable[Any]) -> str:
    _loose[text] = frozenset(s for s in free if isinstance(s, tuple) and s[0] == "sum")
    return text

def sum_symbol(t: Formula) -> Any:
    """What the index of a range is called here: the first name that is not taken."""
    return next(("sum", k) for k in count() if ("sum", k) not in t.free)

def legs(shape: Any) -> Any:
    """The sizes of a shape as nodes, and the ends."""
    names = [label(f"size {side}", symbols(side)) for side in shape if side != UNIT]
    _sizes.update((f"size {side}", side) for side in shape)
    ends = -1 if shape[0] == UNIT else 0, -1 if shape[1] == UNIT else len(names) - 1
    return tuple((name, ()) for name in names), ends

def atom(name: str, shape: Any) -> list[Any]:
    nodes, ends = legs(shape)
    if not nodes:
        return [(Fraction(1), ((name, UNIT),), *EMPTY)]
    return [(Fraction(1), (), (*nodes, (name, tuple((("leg", k), k) for k in range(len(nodes))))), ends)]

def named(head: str, terms: Iterable[Formula], indices: Iterable[Any] = (), bound: Iterable[Any] = ()) -> str:
    """A label for a function of terms, the same for terms with one normal form."""
    values = [normal(t) for t in terms]
    free = {s for index in indices if isinstance(index, tuple) for s in symbols(index)}
    for scalars, (nodes, _) in (key for value in values for key in value):
        free = free.union(loose_in(nodes), *(_loose[key] | symbols(e) for key, e in scalars))
    numbers = [_ids.setdefault(tuple(sorted(v.items())), len(_ids)) for v in values]
    return label(f"{head} {numbers}", free - set(bound))

def loose_in(nodes: Any) -> frozenset[Any]:
    return frozenset().union(*(_loose[name] - {r for r, _ in links} for name, links in nodes))

#: the ends of two factors -> which of them are made one, and the ends of the result
JOINTS: dict[str, Callable[[Any, Any], Any]] = {
    "MatrixProduct": lambda a, b: ([(a[1], b[0])], (a[0], b[1])),
    "Hadamard": lambda a, b: ([(a[0], b[0]), (a[1], b[1])], a),
    "Inner": lambda a, b: ([(a[0], b[0]), (a[1], b[1])], (-1, -1)),
    "Scaled": lambda a, b: ([], (max(a[0], b[0]), max(a[1], b[1])))}

def multiply(kind: str, *factors: list[Any]) -> list[Any]:
    def both(a: Any, b: Any) -> Any:
        shift = len(a[2])
        nodes = [*a[2], *((name, tuple((r, k + shift) for r, k in links)) for name, links in b[2])]
        glue, ends = JOINTS[kind](a[3], tuple(k + shift if k >= 0 else -1 for k in b[3]))
        up = list(range(len(nodes)))
        for p, q in glue:
            up = [up[p] if u == up[q] else u for u in up] if p >= 0 else up
        kept = {k: n for n, k in enumerate(k for k, u in enumerate(up) if k == u)}
        left = tuple((nodes[k][0], tuple((r, kept[up[j]]) for r, j in nodes[k][1])) for k in kept)
        return a[0] * b[0], a[1] + b[1], left, tuple(kept[up[k]] if k >= 0 else -1 for k in ends)

    result = factors[0]
    for factor in factors[1:]:
        need(len(result) * len(factor) <= 4000, "a product of more than 4000 monomials")
        result = [both(a, b) for a in result for b in factor]
    return result

def counted(size: Affine) -> list[Any]:
    linear = [(Fraction(c), ((label(f"count {s}", symbols(single(s))), UNIT),), *EMPTY) for s, c in size[1]]
    return linear + ([(Fraction(size[0]), (), *EMPTY)] if size[0] else [])

def power(t: Formula, exponent: Affine) -> list[Any]:
    base = raws(t)
    if not exponent[1] and exponent[0] <= 12:
        return multiply("Scaled", [(Fraction(1), (), *EMPTY)], *[base] * exponent[0])
    if len(base) == 1 and not any(e[1] for _, e in base[0][1]):
        raised = [(key, plus((0, ()), exponent, e[0])) for key, e in base[0][1]]
        number = [(label(f"number {base[0][0]}", ()), exponent)] * (base[0][0] != 1)
        return [(Fraction(1), (*raised, *number), *EMPTY)]
    return [(Fraction(1), ((named("value", [t]), exponent),), *EMPTY)]

def inverse(t: Formula) -> list[Any]:
    """1/t, where 1/0 is 0."""
    if len(normal(t)) != 1:
        return [(Fraction(1), ((named("1/value", [t]), UNIT),), *EMPTY)]
    ((scalars, _), c), = normal(t).items()
    return [(1 / c, tuple((label("1/" + key, _loose[key]), e) for key, e in scalars), *EMPTY)]

def summed(t: Formula) -> Iterator[Any]:
    """A finite sum: everything that depends on its index is linked to one more node, the range."""
    symbol = sum_symbol(t)
    span = label(f"range {t.args[1:3]}", symbols(t.args[1]) | symbols(t.args[2]))
    for c, scalars, nodes, ends in raws(at(t, single(symbol))):
        outside, inside = [], list(nodes)
        for key, e in scalars:
            free = _loose[key] | symbols(e)
            if symbol in free:
                inside.append((label(f"{key} ^ {e}", free), ()))
            else:
                outside.append((key, e))
        here = ((symbol, len(inside)),)
        tied = [(name, links + here if symbol in _loose[name] - set(dict(links)) else links)
                for name, links in inside]
        yield c, tuple(outside), (*tied, (span, ())), ends

def settle(c: Fraction, scalars: Any, nodes: Any, ends: Any) -> list[Any]:
    """A monomial with its connected parts that have no end made scalars, and the rest in canonical order."""
    part = list(range(len(nodes)))
    for k, (_, links) in enumerate(nodes):
        for _, j in links:
            part = [part[k] if p == part[j] else p for p in part]
    held, counts, found, powers = {part[k] for k in ends if k >= 0}, [], list(scalars), dict[str, Affine]()
    for p in set(part) - held:
        graph = canonical(nodes, [k for k in range(len(nodes)) if part[k] == p], (-1, -1))[0]
        if len(graph) == 1 and graph[0][0] in _sizes:           # an index that nothing depends on
            counts.append(counted(_sizes[graph[0][0]]))
        else:
            found.append((label(f"graph {_ids.setdefault(graph, len(_ids))}", loose_in(graph)), UNIT))
    for key, e in found:
        powers[key] = plus(powers.get(key, (0, ())), e)
    rest = canonical(nodes, [k for k in range(len(nodes)) if part[k] in held], ends) if held else EMPTY
    if counts:
        product = multiply("Scaled", *counts, [(c, tuple(powers.items()), *rest)])
        return [one for raw in product for one in settle(*raw)]
    return [(c, tuple(sorted((key, e) for key, e in powers.items() if e != (0, ()))), rest)]

def canonical(nodes: Any, chosen: list[int], ends: Any) -> Any:
    """The chosen nodes in an order that does not depend on how the graph was written, and the ends."""
    place = {k: n for n, k in enumerate(chosen)}
    graph = [(nodes[k][0], tuple((r, place[j]) for r, j in nodes[k][1])) for k in chosen]
    ends = tuple(place[k] if k >= 0 else -1 for k in ends)
    arrows = [(j, r, k) for k, (_, links) in enumerate(graph) for r, j in links]
    back = [[(r, k) for j, r, k in arrows if j == n] for n in range(len(graph))]

    def ranked(signs: list[Any]) -> list[int]:
        order = {sign: n for n, sign in enumerate(sorted(set(signs)))}
        return [order[sign] for sign in signs]

    def linked(links: Iterable[Any], colours: list[int]) -> Any:
        return tuple(sorted((r, colours[j]) for r, j in links))

    def search(colours: list[int]) -> Any:
        """Refine the colours until they tell all nodes apart; where they cannot, try each candidate."""
        size, _budget[0] = 0, _budget[0] - 1
        need(_budget[0] > 0, "a formula too symmetric for the normal form")
        while size != len(set(colours)):
            size = len(set(colours))
            seen = ((linked(graph[k][1], colours), linked(back[k], colours)) for k in range(len(graph)))
            colours = ranked(list(zip(colours, seen, strict=True)))
        if size == len(graph):
            order = sorted(range(size), key=colours.__getitem__)
            return (tuple((graph[k][0], linked(graph[k][1], colours)) for k in order),
                    tuple(colours[k] if k >= 0 else -1 for k in ends))
        tied = min(c for c in colours if colours.count(c) > 1)
        twins = {(graph[k], tuple(back[k])): k for k in range(len(graph)) if colours[k] == tied}
        tries = ([2 * c + (c == tied and k != one) for k, c in enumerate(colours)] for one in twins.values())
        return min(map(search, tries))

    return search(ranked([(name, ends[0] == k, ends[1] == k) for k, (name, _) in enumerate(graph)]))

@lru_cache(maxsize=1 << 14)
def exponents(t: Formula) -> frozenset[Affine]:
    """The symbolic exponents in a term, each of which must not be negative; under a range, by the range."""
    found: set[Affine] = {t.args[1]} if t.kind == "Power" and t.args[1][1] else set()
    if t.kind not in BINDERS:
        return frozenset(found).union(*(exponents(a) for a in t.args if isinstance(a, Formula)))
    symbol, body = opened(t)
    for e in exponents(body):
        span = plus(single(symbol), t.args[1], -1), plus(t.args[2], single(symbol), -1)
        need(symbol not in symbols(e) or follows(e, span), "an exponent may be negative")
        found |= {e} if symbol not in symbols(e) else set()
    return frozenset(found)

# ------------------------------------------------ definitions

class Case(NamedTuple):
    left: Formula
    right: Formula
    where: tuple[Formula, ...]

    @property
    def head(self) -> tuple[Any, ...]:
        """The family or function that is defined, and its indices."""
        return (self.left if self.left.kind == "Named" else self.left.args[0]).args

def used(*formulas: Formula) -> set[Formula]:
    """The families and functions in formulas."""
    return {f for f in subterms(*formulas) if f.kind in ("Family", "Function")}

def define(cases: list[Case], closed: set[Formula]) -> None:
    """Refuse a definition that is not conservative; `closed` is what earlier definitions define or use."""
    for case in cases:
        left, right, where = case
        need(left.kind in ("Named", "Apply") and right.shape and one_shape(left, right)
             and {c.kind for c in where} <= {"Condition"}, "a case is a name = a term, under conditions")
        loose = [i for i in case.head[1:] if any(s[0] != "constant" for s in symbols(i))]
        need(distinct(loose) and all(bare(i, "index", "dimension") for i in loose), "indices must differ")
        need(left.kind == "Named" or (all(map(WORDS["variable"], left.args[1:])) and distinct(left.args)),
             "a function is defined at different variables")
        need(all(s in left.free or s[0] == "constant" for part in (right, *where) for s in part.free),
             "the right side or a condition has a symbol that the left side has not")
        need(case.head[0] not in closed, f"{case.head[0].args[0]} stands in a definition already")
    for one, two in combinations(cases, 2):
        need(one.head[0] is not two.head[0] or exclude(one, two), "two cases may overlap")
    ranks = {name: k for k, name in enumerate(dict.fromkeys(case.head[0] for case in cases))}
    ways = set()
    for case in cases:
        for f in subterms(case.right):
            if f.kind in ("Named", "FunctionAt") and f.args[0] in ranks:
                need(len(f.args) > 1 and len(case.head) > 1, "a definition through itself")
                step, rest = plus(f.args[1], case.head[1], -1)
                way = (step > 0) - (step < 0)
                need(not rest and (way or ranks[f.args[0]] < ranks[case.head[0]]), "a circular definition")
                need(not way or any(bounds(c.args[0], case.head[1], -way) for c in case.where), "no bound")
                ways |= {way} - {0}
    need(len(ways) < 2, "a recursion in two directions")

def exclude(one: Case, two: Case) -> bool:
    """Can the two cases never meet? The second's index symbols are told apart from the first's."""
    other = {s: single(("other", *s)) for i in two.head[1:] for s in symbols(i) if s[0] != "constant"}
    gaps = [plus(i, replace(j, other), -1) for i, j in zip(one.head[1:], two.head[1:], strict=True)]
    known = [c.args[0] for c in one.where] + [replace(c.args[0], other) for c in two.where]
    return follows((-1, ()), [*known, *gaps, *(plus((0, ()), gap, -1) for gap in gaps)])

def bounds(e: Affine, index: Affine, sign: int) -> bool:
    """Does 0 <= e bound the index by constants, from below (sign 1) or from above (-1)?"""
    return bool(index[1]) and all(s[0] == "constant" for s, _ in plus(e, index, -sign)[1])

class Stated(NamedTuple):
    """The pullback stated, not proved, of a function f(x_1, ...): G, the H_i, where f is differentiable."""

    value: Formula
    cotangent: Formula
    results: tuple[Formula, ...]
    where: tuple[Formula, ...]

def state(said: Stated) -> None:
    """Refuse what cannot be a pullback."""
    value, G, results, where = said
    need(value.kind == "Apply" and G.kind == "Variable" and one_shape(value, G), "no pullback of f(x, ...)")
    indices, variables = value.args[0].args[1:], value.args[1:]
    need(all(bare(i, "index", "dimension") for i in indices) and distinct(indices), "indices must differ")
    need({v.kind for v in variables} <= {"Variable"} and distinct((*variables, G)), "variables must differ")
    need([r.shape for r in results] == [x.shape for x in variables], "each argument has one pullback")
    need(all(linear(r, G) for r in results), "a pullback is linear in the cotangent")
    loose = frozenset().union(*(h.free for h in where), *(r.free - {G} for r in results)) - value.free
    need(all(type(s) is tuple and s[0] == "constant" for s in loose), "a symbol that the function has not")
    kinds = {"Condition", "Differentiable", "Less", "LessEqual", "Nonzero"}
    need({h.kind for h in where} <= kinds, "the function is differentiable under conditions")

def linear(t: Formula, G: Formula) -> bool:
    """Has every summand one factor with G, which is linear in it?"""
    moving = [part for part in t.args if isinstance(part, Formula) and G in part.free]
    if t is G or t.kind == "Zero" or t is ZERO or t.kind == "Sum":
        return t.kind != "Sum" or all(linear(part, G) for part in t.args)
    if len(moving) != 1 or (t.kind == "Quotient" and moving[0] is t.args[1]):
        return False
    kinds = ("Scaled", "MatrixProduct", "Hadamard", "Inner", "Transpose", "Diagonal", "Quotient", "FiniteSum")
    return t.kind in kinds and linear(moving[0], G) and t.args.count(moving[0]) == 1

# ------------------------------------------------ rules: what each takes, and what it gives
# A law gives its conclusion, or a tuple of it and of conditions; its premises ("Equal!" is one whose
# conclusion is an equation) come as their conclusions, and their hypotheses are added; those of a premise
# with ~ must not mention the index that follows it, but for conditions that its range implies. A rule takes
# and gives theorems itself.

RULES: dict[str, tuple[str, Callable[..., Any]]] = {}
_closed: set[Formula] = set()                                   # what a definition defines or uses
_cases: dict[Formula, list[Case]] = {}                          # left side -> its cases
_stated: dict[Formula, Stated] = {}                             # function -> what is stated of it

def rule(words: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        RULES[function.__name__] = words, function
        return function
    return register

def law(name: str, words: str, function: Callable[..., Any]) -> None:
    def apply(*args: Any) -> Theorem:
        premises = [t for a in args for t in (a if type(a) is tuple else (a,)) if isinstance(t, Theorem)]
        made = function(*(conclusions(a) for a in args))
        conclusion, *more = made if type(made) is tuple else (made,)
        hypotheses = without(given(*premises), *args[1:4]) if "~" in words else given(*premises)
        return Theorem(conclusion, hypotheses.union(more))

    RULES[name] = words, apply

def conclusions(a: Any) -> Any:
    return a.conclusion if isinstance(a, Theorem) else tuple(map(conclusions, a)) if type(a) is tuple and any(
        isinstance(t, Theorem) for t in a) else a

def given(*theorems: Theorem) -> frozenset[Formula]:
    return frozenset().union(*(t.hypotheses for t in theorems))

def when(holds: object, result: Any) -> Any:
    need(holds, "its side condition does not hold")
    return result

def le(low: Affine | int, high: Affine) -> Formula:
    """The condition low <= high."""
    return Condition(plus(high, low, -1))

def judged(*formulas: Formula) -> set[Formula]:
    """What the derivative judgements among the formulas differentiate by, and their cotangents."""
    return {v for f in formulas for v in {"Jacobian": f.args[:1], "Pullback": f.args[:3:2]}.get(f.kind, ())}

def variables(*formulas: Formula) -> set[Formula]:
    return {v for f in formulas for v in f.free if isinstance(v, Formula)}

def everywhere(t: Theorem, change: Callable[[Formula], Formula], *more: Formula) -> Theorem:
    return Theorem(change(t.conclusion), frozenset({*map(change, t.hypotheses), *more}))

def replaced(t: Theorem, mapping: dict[Any, Any], *more: Formula) -> Theorem:
    images = {v: substitute(v, mapping) for v in variables(t.conclusion, *t.hypotheses)}
    for v in judged(t.conclusion, *t.hypotheses):
        others = (image.free for u, image in images.items() if u is not v)
        need(images[v].kind == "Variable" and not any(images[v] in free for free in others),
             "a derivative judgement is not instantiated in its variable, nor are two variables made one")
    return everywhere(t, lambda f: substitute(f, mapping), *more)

def without(hypotheses: Iterable[Formula], index: Affine, low: Affine, high: Affine, way: int = 0
            ) -> frozenset[Formula]:
    """The hypotheses that do not mention the index; the others must be conditions that follow from its range.

    The range is without its last index for way 1, without its first for way -1.
    """
    symbol = index[1][0][0]
    need(symbol not in symbols(low) | symbols(high), "the index occurs in its own range")
    rest = frozenset(h for h in hypotheses if symbol not in h.free)
    known = [plus(plus(index, low, -1), -(way == -1)), plus(plus(high, index, -1), -(way == 1)),
             *(h.args[0] for h in rest if h.kind == "Condition")]
    need(all(h in rest or (h.kind == "Condition" and follows(h.args[0], known)) for h in hypotheses),
         "the index is not free")
    return rest

law("assume", "statement", lambda s: (s, s))
law("weaken", "premise statement*", lambda s, more: (s, *more))
law("cited", "name statement statement*", lambda source, s, more: when(len(source.strip()) > 8, (s, *more)))
law("computed", "name statement statement*", lambda by, s, more: (s, *more))
law("drop", "premise", lambda s: s)                              # what it leaves out: see Certificate.step
law("specialise", "ForAll! at", lambda s, k: (at(s, k), le(s.args[1], k), le(k, s.args[2])))
law("generalise", "premise~ index at at", lambda s, i, low, high: ForAll(i, low, high, s))
law("exhaust", "statement premise*", lambda s, ts: when(
    s.kind == "ForAll" and not s.args[1][1] and length(s) == (len(ts), ())
    and all(t is at(s, plus(s.args[1], k)) for k, t in enumerate(ts)), s))
law("definition", "term integer", lambda left, k: when(0 <= k < len(_cases.get(left, ())), left) and (
    Equal(left, _cases[left][k].right), *_cases[left][k].where))

@rule("premise premise")
def cut(t: Theorem, lemma: Theorem) -> Theorem:
    need(lemma.conclusion in t.hypotheses, "the lemma proves none of the hypotheses")
    return Theorem(t.conclusion, (t.hypotheses - {lemma.conclusion}) | lemma.hypotheses)

@rule("premise premise at")
def cases(s: Theorem, t: Theorem, e: Affine) -> Theorem:
    need(s.conclusion is t.conclusion, "the cases have two conclusions")
    return Theorem(s.conclusion, (s.hypotheses - {Condition(e)}) | (t.hypotheses - {le(e, (-1, ()))}))

@rule("premise at integer")
def concrete(t: Theorem, constant: Affine, value: int) -> Theorem:
    return replaced(t, {constant[1][0][0]: (value, ())}, ConstantIs(constant, (value, ())))

@rule("premise any")
def instantiate(t: Theorem, pairs: Any) -> Theorem:
    mapping: dict[Any, Any] = {}
    declared = used(t.conclusion, *t.hypotheses)
    fixed = {s for f in declared for shape in f.args[2] for side in shape for s in symbols(side)}
    for old, new in pairs:
        symbol, word = old, "term"
        if bare(old, "index", "dimension", "exponent"):
            symbol = old[1][0][0]
            word = "" if symbol in fixed else {"index": "at", "dimension": "size", "exponent": "norm"}[symbol[0]]
        need(word and symbol not in mapping and (word != "term" or WORDS["variable"](old)),
             "only different indices, free dimensions, variables and exponents are instantiated")
        mapping[symbol] = as_word(word, new)
        need(word != "norm" or symbol[2] <= spread(mapping[symbol])[0] <= spread(mapping[symbol])[1] <= symbol[3],
             "the exponent leaves its range")
    indices = {s: new for s, new in mapping.items() if type(s) is tuple}
    for v in mapping.keys() - indices.keys():
        need(mapping[v].shape == tuple(replace(side, indices) for side in v.shape), "the shape does not fit")
    return replaced(t, mapping)

def renamed(t: Theorem, kind: str, name: Any, image: Callable[[Formula], Formula], *more: Formula) -> Theorem:
    """The theorem with every formula of this kind and name replaced."""
    def change(part: Any) -> Any:
        if isinstance(part, Formula):
            return image(part) if part.kind == kind and part.args[0] == name else None
        return part

    return everywhere(t, lambda f: transform(f, change, {}), *more)

@rule("premise family index* term")
def instantiate_symbol(t: Theorem, family: Formula, indices: Any, term: Formula) -> Theorem:
    need(family not in _closed, "the symbol stands in a definition")
    need(distinct(indices) and one_shape(Named(family, *indices), term), "another shape")
    differentiated = {v.args[0] for v in judged(t.conclusion, *t.hypotheses)}
    need(not any(v.args[0] in differentiated for v in variables(term)), "it has the variable of a derivative")
    return renamed(t, "Named", family, lambda f: substitute(
        term, {i[1][0][0]: k for i, k in zip(indices, f.args[1:], strict=True)}))

@rule("premise sigma")
def one_function(t: Theorem, sigma: Formula) -> Theorem:
    return renamed(t, "ElementwiseFunction", sigma.args[0], lambda f: ElementwiseFunction(*f.args[:2]),
                   OneFunction(sigma))

def induction(way: int) -> Callable[..., Theorem]:
    def rule(base: Theorem, step: Theorem, index: Affine, low: Affine, high: Affine) -> Theorem:
        claim, symbol = step.conclusion, index[1][0][0]
        start = substitute(claim, {symbol: high if way == 1 else low})
        need(base.conclusion is start, "the base is not the claim at the start")
        need(not any(symbol in f.free for f in (*base.hypotheses, *variables(claim))),
             "the index is not free in the base, or is in the shape of a variable")
        nearer = substitute(claim, {symbol: plus(index, way)})
        rest = without(step.hypotheses - {nearer}, index, low, high, way)
        need(not judged(*((rest | base.hypotheses) - {claim})), "a derivative judgement is a hypothesis")
        return Theorem(claim, base.hypotheses | rest | {le(low, index), le(index, high)})
    return rule

RULES["induction_down"] = "premise premise index at at", induction(1)
RULES["induction_up"] = "premise premise index at at", induction(-1)

# equality and order

def same(a: Formula, b: Formula) -> bool:
    _budget[0] = 5000
    return bool(a.shape == b.shape and normal(a) == normal(b))

def chain(f: Formula, g: Formula) -> Formula:
    order = ("Equal", "LessEqual", "Less")
    strictest = max(f.kind, g.kind, key=order.index)
    need(f.args[1] is g.args[0], "the premises are no chain")
    return KINDS[strictest][1](f.args[0], g.args[1])

def sign(f: Formula) -> Any:
    """s, from 0 <= s or 0 < s."""
    return when(f.args[0] is ZERO, f.args[1])

def difference(f: Formula, back: bool) -> Formula:
    a, b = f.args
    if not back:
        return KINDS[f.kind][1](ZERO, b + -a)
    need(a is ZERO and b.kind == "Sum" and len(b.args) == 2 and b.args[1].kind == "Scaled"
         and b.args[1].args[0] is Number("-1"), "the premise is not 0 <= b - a")
    return KINDS[f.kind][1](Scaled(*b.args[1].args[1:]), b.args[0])

def signs(statements: Iterable[Formula]) -> frozenset[Formula]:
    """The s of every 0 <= s or 0 < s, and what is said of every index of a range."""
    return frozenset(f if f.kind == "ForAll" else f.args[1] for f in statements if f.kind == "ForAll"
                     or (f.kind in ("LessEqual", "Less") and f.args[0] is ZERO))

def is_nonnegative(t: Formula, known: frozenset[Formula]) -> bool:
    """Is it known, or built from what is not negative by sums, products, quotients, powers, extremes?"""
    if t.shape != SCALAR or t in known or t.kind in ("Norm", "Absolute", "SMin"):
        return bool(t.shape == SCALAR)
    if t.kind == "Number":
        number, rest = rational(t.args[0])
        root = r"(Pow\(\d+(/\d+)?, -?\d+(/\d+)?\)|pi\(\)|Exp1\(\))?"
        return number >= 0 and bool(re.fullmatch(root, rest))
    if t.kind == "Count":
        return follows(t.args[0])
    if t.kind == "Power" and not t.args[1][1] and t.args[1][0] % 2 == 0:
        return True
    if t.kind in ("OrderedProduct", "FiniteSum"):
        symbol, body = opened(t)
        inside = [at(k, single(symbol)) for k in known if k.kind == "ForAll" and k.args[1:3] == t.args[1:3]]
        return is_nonnegative(body, known | signs(inside))
    parts = [is_nonnegative(a, known) for a in t.args if isinstance(a, Formula) and a.shape]
    if t.kind in ("Sum", "Scaled", "Quotient", "Power", "Minimum"):
        return all(parts)
    return any(parts) if t.kind == "Maximum" else t.kind == "Inner" and t.args[0] is t.args[1]

def grows(t: Formula, hole: Formula, low: Formula, known: frozenset[Formula]) -> bool:
    """Does it grow with its hole, which is at least low?"""
    inside = [a for a in t.args if isinstance(a, Formula) and hole in a.free]
    if t is hole or len(inside) != 1 or t.shape != SCALAR or not grows(inside[0], hole, low, known):
        return t is hole
    if t.kind == "Power":
        return is_nonnegative(substitute(inside[0], {hole: low}), known)
    if t.kind == "Scaled" or (t.kind == "Quotient" and inside[0] is t.args[0]):
        return all(is_nonnegative(a, known) for a in t.args if a is not inside[0])
    return t.kind in ("Sum", "Maximum", "Minimum")

law("reflexive", "term", lambda a: Equal(a, a))
law("symmetric", "Equal!", lambda f: Equal(*f.args[::-1]))
law("transitive", "relation! relation!", chain)
law("algebra", "term term", lambda a, b: when(same(a, b), (
    Equal(a, b), *map(Condition, exponents(a) | exponents(b)))))
law("congruence", "term variable Equal!", lambda T, x, f: Equal(*(substitute(T, {x: a}) for a in f.args)))
law("replace", "statement variable Equal! premise", lambda T, x, f, s: when(
    not judged(T) and s is substitute(T, {x: f.args[0]}), substitute(T, {x: f.args[1]})))
law("equal_to_le", "Equal!", lambda f: LessEqual(*f.args))
law("less_to_le", "Less!", lambda f: LessEqual(*f.args))
law("antisymmetric", "LessEqual! LessEqual!", lambda f, g: when(f.args == g.args[::-1], Equal(*f.args)))
law("difference", "order! flag", difference)
law("absolute_of_nonnegative", "order!", lambda f: Equal(Absolute(sign(f)), sign(f)))
law("nonzero_of_positive", "Less!", lambda f: Nonzero(sign(f)))
law("absolute_product", "scalar*", lambda f: Equal(Absolute(Scaled(*f)), Scaled(*map(Absolute, f))))
law("absolute_bound", "scalar flag", lambda s, minus: LessEqual(-s if minus else s, Absolute(s)))
law("cancel", "scalar scalar", lambda a, b: (Equal(Quotient(a, b) * b, a), Nonzero(b)))
law("compare_numbers", "number number", lambda p, q: when(
    "*" not in p.args[0] + q.args[0] and rational(p.args[0]) <= rational(q.args[0]),
    (LessEqual if p is q else Less)(p, q)))
law("between_extremes", "extreme integer", lambda m, k: when(0 <= k < len(m.args), m) and LessEqual(
    *((m, m.args[k]) if m.kind == "Minimum" else (m.args[k], m))))
law("nonnegative", "term premise...", lambda t, *fs: when(is_nonnegative(t, signs(fs)), LessEqual(ZERO, t)))
law("count_is_nonnegative", "at", lambda e: (LessEqual(ZERO, Count(e)), Condition(e)))
law("increase", "term variable order! premise*", lambda T, x, f, fs: when(
    x.shape == f.args[0].shape == SCALAR and grows(T, x, f.args[0], signs(fs)),
    LessEqual(*(substitute(T, {x: a}) for a in f.args))))

# norms

def taylor_radius(f: Formula, p: Formula, h: Formula, e: Formula, k: Affine) -> tuple[Formula, Formula]:
    terms = [Apply(f, p + h), -Apply(f, p), -Inner(Gradient(f, p), h), -(Number("1/2") * Inner(h, Hessian(f, p) @ h))]
    size = Norm(h, "2")
    return (LessEqual(Absolute(Sum(*terms[:2 + k[0]])), e * Power(size, k)), Less(size, TaylorRadius(f, p, e, k)))

law("larger_exponent", "column norm norm", lambda x, p, q: when(
    "F" not in (p, q) and spread(plus(p, q, -1))[0] >= 0, LessEqual(Norm(x, q), Norm(x, p))))
law("homogeneous", "scalar term norm", lambda s, A, p: Equal(Norm(s * A, p), Absolute(s) * Norm(A, p)))
law("triangle", "term* norm", lambda ts, p: LessEqual(Norm(Sum(*ts), p), Sum(*(Norm(t, p) for t in ts))))
law("triangle_range", "index at at term norm", lambda i, low, high, A, p:
    LessEqual(Norm(FiniteSum(i, low, high, A), p), FiniteSum(i, low, high, Norm(A, p))))
law("submultiplicative", "term* norm", lambda As, p:
    LessEqual(Norm(MatrixProduct(*As), p), Scaled(*(Norm(A, p) for A in As))))
law("frobenius_product", "term term", lambda A, B: LessEqual(Norm(A @ B, "F"), Norm(A, "2") * Norm(B, "F")))
law("spectral_at_most_frobenius", "term", lambda A: LessEqual(Norm(A, "2"), Norm(A, "F")))
law("taylor_radius", "f column column scalar at", taylor_radius)
law("transpose_norm", "term norm", lambda A, p: Equal(Norm(A.T, p), Norm(A, dual(p))))
law("norm_of_diagonal", "column norm", lambda x, p:
    Equal(Norm(Diagonal(x), p), Norm(x, "2" if p == "F" else "oo")))
law("bounded_norm", "sigma scalar column", lambda f, c, z:
    (LessEqual(Norm(Elementwise(f, z), "oo"), c), Bounded(f, c)))
law("bound_is_nonnegative", "sigma scalar", lambda f, c: (LessEqual(ZERO, c), Bounded(f, c)))
law("rank_one", "column column norm", lambda x, y, p: Equal(
    Norm(x @ y.T, p), Norm(x, "2" if p == "F" else p) * Norm(y, "2" if p == "F" else dual(p))))
law("holder", "term term norm", lambda x, y, p: when(
    x.shape[1] == UNIT or p == "F", LessEqual(Absolute(Inner(x, y)), Norm(x, p) * Norm(y, dual(p)))))
law("square_of_norm", "term norm", lambda A, p: when(
    p == "F" or (p == HALF and A.shape[1] == UNIT), Equal(Power(Norm(A, p), (2, ())), Inner(A, A))))
law("identity_norm", "size norm", lambda n, p: when(p != "F", (Equal(Norm(Identity(n), p), ONE), le(1, n))))
law("norm_of_zero", "size size norm", lambda r, c, p: Equal(Norm(Zero(r, c), p), ZERO))
law("norm_of_scalar", "scalar norm", lambda s, p: Equal(Norm(s, p), Absolute(s)))
law("stretch", "term column", lambda A, x: LessEqual(SMin(A) * Norm(x, "2"), Norm(A @ x, "2")))
law("rayleigh", "term column", lambda A, x: LessEqual(LeastEigenvalue(A) * Power(Norm(x, "2"), (2, ())), Inner(x, A @ x)))
law("stretch_of_product", "term term", lambda A, B: LessEqual(SMin(A) * SMin(B), SMin(A @ B)))
law("stretch_of_wide", "term", lambda A: (Equal(SMin(A), ZERO), le(plus(A.shape[0], 1), A.shape[1])))
law("stretch_at_most_norm", "term", lambda A: LessEqual(SMin(A), Norm(A, "2")))

# ranges

def over(t: Formula, low: Affine, high: Affine) -> Formula:
    return construct(t, (t.args[0], low, high, *t.args[3:]))

def join(t: Formula, left: Formula, right: Formula, *conditions: Formula) -> Any:
    """A range is the join of two parts, the low part first."""
    both = (right, left) if t.args[4:] == ((-1, ()),) else (left, right)
    if t.kind == "FiniteSum":
        return Equal(t, left + right), *conditions
    scalars = t.shape == at(t, t.args[1]).shape == SCALAR
    return Equal(t, left * right if scalars else MatrixProduct(*both)), *conditions

def length(t: Formula) -> Affine:
    return plus(plus(t.args[2], t.args[1], -1), 1)

def moved(t: Formula, ends: Any, body: Callable[[Any, Formula], Formula], *rest: Any) -> Formula:
    """A range of the same kind with other ends and a body made from the index and the old one."""
    symbol, old = opened(t)
    return construct(t, (single(symbol), *ends, body(single(symbol), old), *(rest or t.args[4:])))

law("first", "range", lambda t: join(
    t, at(t, t.args[1]), over(t, plus(t.args[1], 1), t.args[2]), le(t.args[1], t.args[2])))
law("last", "range", lambda t: join(
    t, over(t, t.args[1], plus(t.args[2], -1)), at(t, t.args[2]), le(t.args[1], t.args[2])))
law("split", "range at", lambda t, k: join(
    t, over(t, t.args[1], k), over(t, plus(k, 1), t.args[2]), le(t.args[1], plus(k, 1)), le(k, t.args[2])))
law("empty", "range", lambda t: when(length(t) == (0, ()), Equal(
    t, Zero(*t.shape) if t.kind == "FiniteSum" else ONE if t.shape == SCALAR else Identity(t.shape[0]))))
law("shift", "range at", lambda t, by: Equal(t, moved(
    t, (plus(t.args[1], by), plus(t.args[2], by)),
    lambda i, body: substitute(body, {i[1][0][0]: plus(i, by, -1)}))))
law("transpose_product", "product", lambda t: (
    Equal(t.T, moved(t, t.args[1:3], lambda i, body: body.T, (-t.args[4][0], ()))), Condition(length(t))))
law("join_products", "product product", lambda s, t: when(
    s.args[1:3] == t.args[1:3] and s.args[3].shape == t.args[3].shape == SCALAR,
    (Equal(s * t, moved(s, s.args[1:3], lambda i, body: body * at(t, i), UNIT)), Condition(length(s)))))
law("constant_product", "product", lambda t: when(t.shape == SCALAR and bound_in(t) not in t.args[3].free, t)
    and (Equal(t, Power(t.args[3], length(t))), Condition(length(t))))
law("constant_sum", "sum", lambda t: when(bound_in(t) not in t.args[3].free, t) and (
    Equal(t, Count(length(t)) * t.args[3]), Condition(length(t))))

def ranging(index: Affine, low: Affine, high: Affine, order: int) -> Callable[[Formula], Formula]:
    if order:
        return lambda f: OrderedProduct(index, low, high, f, (order, ()))
    return lambda f: FiniteSum(index, low, high, f)

law("range_congruence", "Equal~ index at at integer", lambda f, i, low, high, order:
    Equal(*map(ranging(i, low, high, order), f.args)))
@rule("LessEqual! index at at flag premise*")
def range_increase(t: Theorem, index: Affine, low: Affine, high: Affine, product: bool, more: Any) -> Theorem:
    a, b = t.conclusion.args
    need(a.shape == SCALAR, "no inequality of scalars")
    need(not product or is_nonnegative(a, signs(m.conclusion for m in more)), "a factor may be negative")
    hypotheses = without(given(t, *more) if product else t.hypotheses, index, low, high)
    return Theorem(LessEqual(*map(ranging(index, low, high, int(product)), (a, b))), hypotheses)

# derivatives: for each rule V_…, the cotangent of the conclusion is in no hypothesis (see Certificate.step)

def pull(p: Formula, cotangent: Formula) -> Formula:
    """The result of a pullback at another cotangent."""
    return substitute(p.args[3], {p.args[2]: cotangent})

def prime(f: Formula) -> Formula:
    return ElementwiseFunction(f.args[0], plus(f.args[1], 1), *f.args[2:])

def law_of_two(name: str, build: Callable[..., Any]) -> None:
    """From V[X -> A](K) = H(K) and V[X -> B](M) = J(M); `build` gives the function, K, M and conditions."""
    def both(p: Formula, q: Formula, G: Formula) -> Any:
        e, K, M, *conditions = build(p.args[1], q.args[1], G)
        return when(p.args[0] is q.args[0], (Pullback(p.args[0], e, G, pull(p, K) + pull(q, M)), *conditions))

    law(name, "Pullback! Pullback! variable", both)

law_of_two("V_product", lambda A, B, G: (A @ B, G @ B.T, A.T @ G))
law_of_two("V_scaled", lambda s, A, G: when(s.shape == SCALAR, (s * A, Inner(G, A), s * G)))
law_of_two("V_hadamard", lambda A, B, G: (Hadamard(A, B), Hadamard(G, B), Hadamard(A, G)))
law_of_two("V_inner", lambda A, B, G: (Inner(A, B), G * B, G * A))
law_of_two("V_quotient", lambda a, b, G: (
    Quotient(a, b), Quotient(G, b), Number("-1") * Quotient(a, b * b) * G, Nonzero(b)))
law("V_variable", "variable variable", lambda X, G: Pullback(X, X, G, G))
law("V_constant", "variable term variable", lambda X, e, G: when(
    X not in e.free, Pullback(X, e, G, Zero(*X.shape))))
law("V_elementwise", "variable sigma variable", lambda X, f, G: (
    Pullback(X, Elementwise(f, X), G, Hadamard(Elementwise(prime(f), X), G)), Differentiable(f, X)))
law("V_apply", "variable f variable", lambda X, f, G: (
    Pullback(X, Apply(f, X), G, G * Gradient(f, X)), Differentiable(f, X)))
law("V_sum", "Pullback! Pullback!...", lambda *ps: when(
    len({(p.args[0], p.args[2]) for p in ps}) == 1,
    Pullback(ps[0].args[0], Sum(*(p.args[1] for p in ps)), ps[0].args[2], Sum(*(p.args[3] for p in ps)))))
law("V_power", "Pullback! at variable", lambda p, k, G: (Pullback(p.args[0], Power(p.args[1], k), G, pull(
    p, Count(k) * Power(p.args[1], plus(k, -1)) * G)), le(1, k)))
law("V_transpose", "Pullback! variable", lambda p, G: Pullback(p.args[0], p.args[1].T, G, pull(p, G.T)))
law("V_diagonal", "Pullback! variable", lambda p, G: Pullback(p.args[0], Diagonal(p.args[1]), G, pull(
    p, Hadamard(G, Identity(p.args[1].shape[0])) @ Ones(p.args[1].shape[0], UNIT))))
law("V_finite_sum", "Pullback~ index at at", lambda p, i, low, high: when(
    i[1][0][0] not in p.args[0].free | p.args[2].free, Pullback(
        p.args[0], FiniteSum(i, low, high, p.args[1]), p.args[2], FiniteSum(i, low, high, p.args[3]))))
law("V_result", "Pullback! Equal!", lambda p, f: when(
    f.args[0] is p.args[3], Pullback(*p.args[:3], f.args[1])))
law("V_of_jacobian", "Jacobian! variable", lambda d, G: Pullback(*d.args[:2], G, d.args[2].T @ G))
law("jacobian", "Pullback!", lambda p: when(
    p.args[3].kind == "MatrixProduct" and len(p.args[3].args) == 2 and p.args[3].args[1] is p.args[2]
    and p.args[3].args[0].kind == "Transpose" and p.args[2] not in p.args[3].args[0].free,
    p) and Jacobian(*p.args[:2], p.args[3].args[0].args[0]))

@rule("f Pullback!* variable")
def V_stated(f: Formula, premises: Any, G: Formula) -> Theorem:
    need(f.args[0] in _stated, f"nothing is stated of {show(f)}")
    (value, old, results, where), judged = _stated[f.args[0]], [p.conclusion for p in premises]
    need(len(judged) == len(results) and len({p.args[0] for p in judged}) == 1, "a premise for each argument")
    put = {i[1][0][0]: k for i, k in zip(value.args[0].args[1:], f.args[1:], strict=True)}
    put.update(zip(value.args[1:], (p.args[1] for p in judged), strict=True))
    parts = [pull(p, substitute(H, {**put, old: G})) for p, H in zip(judged, results, strict=True)]
    made = Pullback(judged[0].args[0], Apply(f, *(p.args[1] for p in judged)), G, Sum(*parts))
    return Theorem(made, given(*premises).union(substitute(h, put) for h in where))

@rule("Pullback! Equal!")
def V_rewrite(p: Theorem, equation: Theorem) -> Theorem:
    (X, e, G, H), (a, b) = p.conclusion.args, equation.conclusion.args
    need(a is e and not any(X in h.free for h in equation.hypotheses), "it need not hold around the variable")
    return Theorem(Pullback(X, b, G, H), given(p, equation))

@rule("Pullback! Pullback!")
def V_compose(outer: Theorem, inner: Theorem) -> Theorem:
    (U, g, G, M), (X, e, _, _) = outer.conclusion.args, inner.conclusion.args
    need(one_shape(U, e), "the inner function has not the shape of the outer variable")
    need(X is U or not any(X in f.free for f in (outer.conclusion, *outer.hypotheses)), "X occurs outside")
    need(not any(judged(h) and U in h.free for h in outer.hypotheses), "a judgement is an outer hypothesis")
    need(G not in e.free, "the cotangent is not fresh")
    return Theorem(Pullback(X, substitute(g, {U: e}), G, pull(inner.conclusion, substitute(M, {U: e}))),
                   inner.hypotheses.union(substitute(h, {U: e}) for h in outer.hypotheses))

def at_point(p: Theorem, point: Formula, conclude: Callable[[Formula], Formula]) -> Theorem:
    """From a judgement V[X -> f(X)] what `conclude` says of f, the hypotheses being read at a point."""
    X, value, _, _ = p.conclusion.args
    need(value.kind == "Apply" and value.args[1:] == (X,) and not judged(*p.hypotheses),
         "no named function of the variable alone, or a derivative judgement is a hypothesis")
    return Theorem(conclude(value.args[0]), frozenset(substitute(h, {X: point}) for h in p.hypotheses))

@rule("Pullback! term")
def gradient_at(p: Theorem, point: Formula) -> Theorem:
    X, _, G, H = p.conclusion.args
    return at_point(p, point, lambda f: Equal(Gradient(f, point), substitute(H, {X: point, G: ONE})))

@rule("Pullback! term")
def differentiable_at(p: Theorem, point: Formula) -> Theorem:
    return at_point(p, point, lambda f: Differentiable(f, point))

# ------------------------------------------------ the loop

class Certificate:
    """Reads the lines of one certificate; every formula, definition and step is checked as it comes."""

    def __init__(self) -> None:
        _closed.clear()
        _cases.clear()
        _stated.clear()
        self.name = ""
        self.names: dict[str, Formula] = {}
        self.nodes: dict[int, Formula] = {}
        self.steps: dict[int, Theorem] = {}
        self.assumed: list[str] = []
        self.result: Theorem | None = None

    def read(self, line: Any) -> None:
        match line:
            case {"node": int(number), "is": [str(kind), *parts]}:
                need(number not in self.nodes and kind in KINDS, "its number is taken, or its kind unknown")
                self.nodes[number] = self.formula(kind, parts)
            case {"step": int(number), "rule": str(name), "arguments": list(args),
                  "hypotheses": list(hypotheses), "conclusion": conclusion}:
                need(number not in self.steps and name in RULES, f"its number is taken, or {name} is no rule")
                need(distinct(hypotheses), "a hypothesis is written twice")
                told = Theorem(self.closed(conclusion), frozenset(map(self.closed, hypotheses)))
                self.check(name, [self.argument(a) for a in args], told)
                self.steps[number] = told
            case {"certificate": 1, "theorem": str(name)}:
                self.name = name
            case {"family": str(name), "rows": rows, "columns": columns, "over": list(over)}:
                self.declare("Family", name, over, [[rows, columns]])
            case {"function": str(name), "result": result, "arguments": list(arguments), "over": list(over)}:
                self.declare("Function", name, over, [result, *arguments])
            case {"definition": list(cases)}:
                self.define(cases)
            case {"stated": value, "cotangent": G, "results": list(results), "where": list(where)}:
                self.state(Stated(self.closed(value), self.closed(G), tuple(map(self.closed, results)),
                                  tuple(map(self.closed, where))))
            case {"end": _, "step": int(number)}:
                self.result = self.steps[number]
            case _:
                raise Unreadable("not a line of a certificate")

    def declare(self, kind: str, name: str, over: Any, shapes: Any) -> None:
        ends = tuple((low and read_index(low), high and read_index(high)) for low, high in over)
        sizes = tuple((read_index(rows), read_index(columns)) for rows, columns in shapes)
        need(name not in self.names, "the name is taken")
        for side in (side for pair in sizes for side in pair):
            known = {("slot", k) for k in range(len(ends))}
            loose = [s for s in symbols(side) if s not in known and s[0] not in ("constant", "dimension")]
            need(measures(side, "slot") and not loose, "a shape is a function of its own indices")
        self.names[name] = intern(kind, (name, ends, sizes), None, frozenset())

    def formula(self, kind: str, parts: Any) -> Formula:
        words, build = KINDS[kind]
        if kind in ("Named", "FunctionAt"):
            parts = [self.names[parts[0]], *parts[1:]]
        read: dict[type, Any] = {int: self.nodes.__getitem__, list: read_index, dict: read_norm}
        if kind == "Norm":
            parts = [parts[0], read_norm(parts[1])]
        args = [read[type(p)](p) if type(p) in read else p for p in parts]
        if kind in BINDERS:
            need(all(WORDS[word](a) for word, a in fit(words, args)), f"{kind} takes {words}")
        need(kind != "Variable" or args[0] not in self.names, "the name is that of a family or function")
        made = build(*args)
        need(made.kind == kind and made.args == tuple(args), f"{kind} of these parts is written otherwise")
        return made

    def closed(self, number: Any) -> Formula:
        found = self.nodes[number]
        need(not found.loose, "a loose index")
        return found

    def define(self, lines: Any) -> None:
        cases = [Case(self.closed(line["left"]), self.closed(line["right"]),
                      tuple(map(self.closed, line["where"]))) for line in lines]
        define(cases, _closed)
        for case in cases:
            _cases.setdefault(case.left, []).append(case)
            _closed.update(used(case.left, case.right))

    def state(self, said: Stated) -> None:
        state(said)
        function = said.value.args[0].args[0]
        need(function not in _closed, f"{show(function)} is defined, or stated already")
        _stated[function] = said
        _closed.update(used(said.value, *said.results, *said.where))
        for x, H in zip(said.value.args[1:], said.results, strict=True):
            self.assumed.append(f"stated: {show(Pullback(x, said.value, said.cotangent, H))}")

    def check(self, name: str, args: list[Any], told: Theorem) -> None:
        """One step: does the rule give what the record tells?"""
        words, rule = RULES[name]
        made = rule(*(as_word(word, a) for word, a in fit(words, args)))
        needed = {h for h in made.hypotheses if h.kind != "Condition" or not follows(h.args[0])}
        if name == "drop":                                     # what it left out follows, one after another
            known = [h.args[0] for h in told.hypotheses if h.kind == "Condition"]
            while found := {h for h in needed - told.hypotheses
                            if h.kind == "Condition" and follows(h.args[0], known)}:
                known, needed = known + [h.args[0] for h in found], needed - found
        if made.conclusion is not told.conclusion or needed != told.hypotheses:
            raise Refused(f"it gives {show_theorem(Theorem(made.conclusion, frozenset(needed)))}, "
                          f"the record says {show_theorem(told)}")
        symbols = {s for h in (told.conclusion, *needed) for s in h.free if type(s) is tuple}
        need(distinct([s[1] for s in symbols]), "two symbols that print alike differ in kind")
        if name.startswith("V_"):
            need(not any(told.conclusion.args[2] in h.free for h in needed), "the cotangent is not fresh")
        if name in ("cited", "computed"):
            self.assumed.append(f"{name} ({args[0]}): {show_theorem(told)}")

    def argument(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        (tag, content), = value.items()
        if tag in ("exponent", "dual"):
            return read_norm(value)
        if tag == "tuple":
            return [self.argument(part) for part in content]
        if tag == "index":
            found = read_index(content)
            return when(all(s[0] not in ("bound", "slot") for s in symbols(found)), found)
        if tag == "node":
            return self.closed(content)
        stores: dict[str, dict[Any, Any]] = {"step": self.steps, "name": self.names}
        return stores[tag][content]

def read_index(line: Any) -> Affine:
    total: Affine = (line[0], ())
    for (sort, name, *inner), c in line[1:]:
        need(sort in ("index", "constant", "dimension", "bound", "slot", "width"), "no sort of index")
        need(type(name) is (int if sort in ("bound", "slot") else str), "no name of an index")
        need(type(c) is int and len(inner) == (sort == "width"), "no index expression")
        total = plus(total, single((sort, name, *map(read_index, inner))), c)
    return when(type(line[0]) is int, total)

def as_word(word: str, value: Any) -> Any:
    """An argument as a rule takes it; an integer may stand for a number or an index expression."""
    if word.endswith("*"):
        return when(isinstance(value, list), tuple(as_word(word[:-1], v) for v in value))
    if word == "norm":
        value = read_norm(value)
    if type(value) is int and word not in ("integer", "flag", "any"):
        value = (value, ()) if word in ("at", "size") else Number(str(value))
    found = WORDS[word](value) if word in WORDS else (
        isinstance(value, Theorem) and value.conclusion.kind in PREMISES.get(word[:-1], (word[:-1],)))
    return when(found or (word == "premise~" and isinstance(value, Theorem)), value)

PREMISES = {"relation": ("Equal", "LessEqual", "Less"), "order": ("LessEqual", "Less")}

def check(path: str) -> list[str]:
    """A line for each certificate of a file. Raises Refused or Unreadable, naming the line."""
    reports: list[str] = []
    current: Certificate | None = None
    number = 0
    line: Any = {}
    try:
        with open(path, encoding="utf-8") as file:
            for row in file:
                number, line = number + 1, json.loads(row)
                if not isinstance(line, dict) or ("certificate" in line) != (current is None):
                    raise Unreadable("expected the header of a certificate, or a line before its end")
                current = current or Certificate()
                current.read(line)
                if current.result:
                    assumed = "".join(f"; assumes what is {a}" for a in current.assumed)
                    reports.append(f"{current.name}: {show_theorem(current.result)}{assumed}")
                    current = None
    except Refused as why:
        keys = ("family", "function", "node", "definition", "step", "rule")
        place = [f"{key} {line[key]}" if key != "definition" else key for key in keys if key in line]
        raise Refused(f"line {number}, {', '.join(place)}: {why}") from None
    except OSError as why:
        raise Unreadable(why.strerror or str(why)) from None
    except RecursionError:
        raise Unreadable(f"line {number}: nested too deeply") from None
    except (Unreadable, *MALFORMED) as why:
        detail = why if isinstance(why, Unreadable) else f"not a line of a certificate ({type(why).__name__})"
        raise Unreadable(f"line {number}: {detail}") from None
    if current or not reports:
        raise Unreadable("the file is cut off: its last certificate has no end")
    return reports

def main(paths: list[str]) -> int:
    code = 0
    for path in paths:
        try:
            for report in check(path):
                print(f"accepted {path}: {report}")
        except (Refused, Unreadable) as why:
            code = max(code, 1 if isinstance(why, Refused) else 2)
            print(f"{type(why).__name__.upper()} {path}: {why}")
    if not paths:
        print("usage: python -m symgrad.verify FILE...", file=sys.stderr)
    return code if paths else 2

if __name__ == "__main__":
    gc.disable()                                                # every formula is kept to the end anyway
    sys.exit(main(sys.argv[1:]))
