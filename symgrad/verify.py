"""The second checker: does a certificate prove what it says?        python -m symgrad.verify FILE...

It reads the certificates that `symgrad.kernel.record` writes and believes nothing in them. It needs the standard library
and no other line of symgrad, and it works in another way than the kernel does: its `algebra` writes a term with indices
(a product of matrices is a sum over a shared index, diag(x)_ij is x_i where i = j) and compares graphs; the index that a
sum, a product or "for all" binds has no name (de Bruijn: it is counted outwards), so nothing can be captured.

Parts: index expressions, formulas, the normal form of algebra, definitions, rules, the lines of a certificate, the command.
Facts that were computed, cited or stated are not proved here: they are listed as assumptions.
Exit code: 0 every certificate is accepted, 1 one is refused, 2 a file cannot be read.
"""

from __future__ import annotations

import gc
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import combinations, combinations_with_replacement, count, pairwise
from typing import Any, NamedTuple


class Refused(Exception):
    """A formula, definition or step that does not hold."""

MALFORMED = (ValueError, KeyError, TypeError, IndexError, AttributeError)        # what reading a file of another kind can raise

def need(holds: object, why: str = "its side condition does not hold") -> None:
    if not holds:
        raise Refused(why)
def when(holds: object, result: Any) -> Any:
    need(holds)
    return result
distinct = lambda things: len(set(things)) == len(things)

# ---------------------------------------------------------------- index expressions: (integer, ((symbol, coefficient), …))
# A symbol is ("index", "l"), ("constant", "L"), ("dimension", "m"), ("width", "n", expression); ("bound", k) in the lines
# of a certificate, ("slot", k) in a declaration; ("exponent", "p", least 1/p, largest 1/p), which stands for 1/p in the
# kind of a norm; only inside this program ("loose", k), the index of the binder k binders further out, ("fresh", k), ….

Affine = Any
NONE, UNIT = (0, ()), (1, ())
SCALAR = (UNIT, UNIT)

single = lambda symbol: (0, ((symbol, 1),))

@lru_cache(maxsize=1 << 14)
def plus(a: Affine, b: Affine | int, times: int = 1) -> Affine:
    """a + times b."""
    total, (number, linear) = dict(a[1]), (b, ()) if isinstance(b, int) else b
    for symbol, c in linear:
        total[symbol] = total.get(symbol, 0) + times * c
    return a[0] + times * number, tuple(sorted((s, c) for s, c in total.items() if c))

minus = lambda a, b: plus(a, b, -1)

@lru_cache(maxsize=1 << 14)
def symbols(a: Affine) -> frozenset[Any]:
    """The symbols of an index expression; for a width, those of its index."""
    return frozenset().union(*(symbols(s[2]) if s[0] == "width" else {s} for s, _ in a[1]))
def replace(a: Affine, image: Callable[[Any], Affine | None]) -> Affine:
    """With every symbol that has an image replaced by it, those in the index of a width too."""
    images = ((image(s) or single((*s[:2], replace(s[2], image)) if s[0] == "width" else s), c) for s, c in a[1])
    return reduce(lambda total, image: plus(total, *image), images, (a[0], ()))
def bare(a: Affine, *sorts: str) -> bool:
    """Is it a symbol of one of these sorts, and nothing else?"""
    return type(a) is tuple and a[0] == 0 and [(s[0] in sorts, c) for s, c in a[1]] == [(True, 1)]
def measures(*sides: Affine) -> bool:
    """May they be numbers of rows? Widths, dimensions and natural numbers are never negative."""
    return all(a[0] >= 0 and all(c > 0 and s[0] in ("width", "dimension", "slot") for s, c in a[1]) for a in sides)

def follows(goal: Affine, known: Iterable[Affine] = ()) -> bool:
    """0 <= goal, because goal is widths plus a natural number plus at most three of the known expressions."""
    known = list(dict.fromkeys(known))
    need(len(known) <= 40, "more than 40 conditions at once")
    rests = (reduce(minus, chosen, goal) for size in range(4 if known else 1)
             for chosen in combinations_with_replacement(known, size))
    return any(rest[0] >= 0 and all(c > 0 and s[0] == "width" for s, c in rest[1]) for rest in rests)

def read_norm(kind: Any) -> Any:
    """The kind of a norm: "F" as it is, 1/p for a number p, ∞ or a symbol [name, least p, largest p]."""
    if isinstance(kind, list):
        name, high, low = kind[0], *(read_norm(end)[0] for end in kind[1:])
        return when(isinstance(name, str) and 0 <= low < high <= 1, single(("exponent", name, low, high)))
    text = kind.args[0] if isinstance(kind, Formula) else "oo" if kind == "inf" else str(kind)
    need(type(kind) is tuple or text in ("F", "oo") or re.fullmatch(r"[1-9]\d*(/[1-9]\d*)?", text), "no norm")
    return kind if type(kind) is tuple or kind == "F" else (Fraction(0) if text == "oo" else 1 / Fraction(text), ())
dual = lambda kind: kind if kind == "F" else minus(UNIT, kind)
def spread(a: Affine) -> tuple[Any, Any]:
    """The least and the largest value of an expression in 1/p, 1/p', …"""
    need(all(s[0] == "exponent" for s, _ in a[1]), "an index is no exponent")
    return sum((c * s[2 + (c < 0)] for s, c in a[1]), a[0]), sum((c * s[2 + (c > 0)] for s, c in a[1]), a[0])

# ---------------------------------------------------------------- formulas: equal formulas are one object

BINDERS = ("OrderedProduct", "FiniteSum", "ForAll")
KINDS: dict[str, Callable[..., Any]] = {}                       # how one is built
_table: dict[Any, Formula] = {}
_fresh = count()

class Formula:
    """A term (it has a shape), a statement (its shape is empty) or a function; @, *, + and .T build terms.

    `free`: its index symbols and variables. `reach`: how many binders around it its loose indices need. `marked`: does it
    have an index that no formula of a step may have?
    """

    __slots__ = ("args", "free", "kind", "marked", "normal", "number", "reach", "shape")

    def __init__(self, kind: str, args: tuple[Any, ...], shape: Any) -> None:
        self.kind, self.args, self.shape, self.number = kind, args, shape, len(_table)
        self.normal: Any = None
        parts = [a for a in args if isinstance(a, Formula)]
        inside = frozenset().union(*(symbols(a) for a in args if type(a) is tuple))
        self.free: frozenset[Any] = frozenset(s for s in inside if s[0] != "loose").union(*(a.free for a in parts))
        self.free |= {self} if kind == "Variable" else free_in(args[0].factors) if kind == "Scalar" else set()
        self.marked: bool = is_marked(inside) or any(a.marked for a in parts)
        self.reach: int = max([0, *(s[1] + 1 for s in inside if s[0] == "loose"), *(a.reach - (kind in BINDERS) for a in parts)])

is_marked = lambda symbols: any(s[0] in ("bound", "slot") for s in symbols)

class Theorem(NamedTuple):
    conclusion: Formula
    hypotheses: frozenset[Formula]

class Declared(tuple[Any, ...]):
    """Of a family or function: the ends of its indices, and its shapes (of the result, then of the arguments)."""

class Graph(NamedTuple):
    """A product with indices: factors (label, ((role, index), …)), and the two indices that are not summed over."""

    factors: Any
    ends: Any

free_in = lambda factors: frozenset().union(*(label.free - {role[0] for role, _ in links} for label, links in factors))

shape = lambda a: getattr(a, "shape", None) or ()
#: what an argument of a formula or of a rule can be; "A|B" is a formula of kind A or B; "word..." repeats, "word*" is a tuple
WORDS: dict[str, Callable[[Any], bool]] = {
    "term": lambda a: bool(shape(a)), "scalar": lambda a: shape(a) == SCALAR, "column": lambda a: shape(a)[1:] == (UNIT,),
    "statement": lambda a: isinstance(a, Formula) and a.shape == (),
    "at": lambda a: type(a) is tuple and not any(s[0] == "exponent" for s in symbols(a)),
    "size": lambda a: type(a) is tuple and measures(a), "index": lambda a: bare(a, "index"),
    "symbol": lambda a: bare(a, "index", "dimension", "exponent"), "constant": lambda a: bare(a, "constant"),
    "name": lambda a: isinstance(a, str), "integer": lambda a: type(a) is int, "flag": lambda a: isinstance(a, bool),
    "sign": lambda a: is_a("LessEqual|Less", a) and a.args[0] is KINDS["Number"]("0"), "any": lambda a: True,
    "norm": lambda a: a == "F" or (type(a) is tuple and 0 <= spread(a)[0] <= spread(a)[1] <= 1),
    "declared": lambda a: isinstance(a, Declared), "graph": lambda a: isinstance(a, Graph)}

def is_a(word: str, a: Any) -> bool:
    return WORDS[word](a) if word in WORDS else isinstance(a, Formula) and a.kind in word.split("|")
def fit(words: str, args: Any) -> Iterator[tuple[str, Any]]:
    expected = words.split()
    if words.endswith("..."):
        expected[-1:] = [expected[-1][:-3]] * (len(args) - len(expected) + 1)
    need(len(expected) == len(args), f"takes {words}, got {len(args)} arguments")
    return zip(expected, args, strict=True)

def kind(name: str, words: str, shape: Any = (), holds: Any = None, tidy: Any = None) -> Callable[..., Any]:
    """A kind of formula: what it takes, its shape, what must hold, how its arguments are put in order."""
    def build(*args: Any) -> Formula:
        found = tidy(name, args) if tidy else args
        if isinstance(found, Formula):
            return found
        made = _table.get((name, found))
        if made is None:
            need(all(is_a(word, a) for word, a in fit(words, found)), f"{name} takes {words}")
            need(holds is None or holds(*found), f"{name} of parts that do not fit")
            made = _table[name, found] = Formula(name, found, shape(*found) if callable(shape) else shape)
        return made

    KINDS[name] = build
    return build

def flat(name: str, terms: Any) -> Any:
    """Sums and products have no brackets; of scalars and a matrix, the matrix stands last."""
    parts = [part for t in terms for part in (t.args if getattr(t, "kind", "") == name else (t,))]
    if name == "Scaled":
        parts.sort(key=lambda f: getattr(f, "shape", 0) != SCALAR)
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Formula) else when(parts, tuple(parts))
def rational(name: str, args: Any) -> Any:
    """The text of a number in lowest terms: "1/2", or "1/2*rest" with a rest that is never looked into."""
    found: Any = re.fullmatch(r"(-?\d{1,4000})(?:/(0*[1-9]\d{,3999}))?(\*.{1,4000})?", args[0])
    need(found, f"{args[0][:40]!r} is no number")
    return (str(Fraction(int(found[1]), int(found[2] or 1))) + (found[3] or ""),)

def shapes(declared: Formula, *indices: Affine) -> list[Any]:
    """The shapes of a family or function at these indices, which must not be outside its range."""
    name, (ends, found) = declared.args
    need(len(ends) == len(indices), f"{name} takes {len(ends)} indices")
    gaps = [gap for i, (low, high) in zip(indices, ends, strict=True) for gap in (low and minus(i, low), high and minus(high, i))]
    need(all(not gap or gap[1] or gap[0] >= 0 for gap in gaps), f"an index of {name} is outside its range")
    sizes = [tuple(replace(side, lambda s: indices[s[1]] if s[0] == "slot" else None) for side in shape) for shape in found]
    return when(all(measures(*shape) for shape in sizes), sizes)
one_shape = lambda *terms: len({t.shape for t in terms}) == 1

def range_shape(low: Affine, high: Affine, body: Formula, *order: Affine) -> Any:
    """The shape of a sum, or of a product in the order of its index (1) or against it (-1)."""
    out = lambda a, index: replace(a, lambda s: None if s[0] != "loose" else single(("loose", s[1] - 1)) if s[1] else index)
    need(order in ((), (UNIT,), ((-1, ()),)), "the order of a product is 1 or -1")
    left, right = body.shape[::-1] if (turned := order == ((-1, ()),)) else body.shape
    for one, two in [(right, left)] if order else zip(body.shape, body.shape, strict=True):
        need(one == replace(two, lambda s: (1, ((s, 1),)) if s == ("loose", 0) else None), "the shapes do not fit")
    return out(body.shape[0], high if turned else low), out(body.shape[1], low if turned else high)
def meaningful(low: Affine, high: Affine, *rest: Any) -> bool:
    return plus(minus(high, low), 1)[0] >= 0 or any(c > 0 or s[0] != "width" for s, c in minus(high, low)[1])

Family, Function = (kind(name, "name declared", None) for name in ("Family", "Function"))
Scalar = kind("Scalar", "graph", SCALAR)                        # a graph without ends, inside `algebra` only
Variable = kind("Variable", "name size size", lambda n, r, c: (r, c),
                lambda n, r, c: not any(s[0] == "loose" for s in symbols(r) | symbols(c)))
Named = kind("Named", "Family at...", lambda w, *i: shapes(w, *i)[0])
FunctionAt = kind("FunctionAt", "Function at...", None, lambda f, *i: shapes(f, *i))
Apply = kind("Apply", "FunctionAt term...", lambda f, *x: shapes(*f.args)[0],
             lambda f, *x: shapes(*f.args)[1:] == [t.shape for t in x])
real = lambda f, x, *rest: Apply(f, x).shape == SCALAR
Gradient = kind("Gradient", "FunctionAt term", lambda f, x: x.shape, real)
Hessian = kind("Hessian", "FunctionAt column", lambda f, x: (x.shape[0],) * 2, real)
TaylorRadius = kind("TaylorRadius", "FunctionAt column scalar at", SCALAR, lambda f, x, e, k: real(f, x) and k in (UNIT, (2, ())))
ElementwiseFunction = kind("ElementwiseFunction", "name at at...", None, lambda n, k, *i: k[0] >= 0 and not k[1])
Elementwise = kind("Elementwise", "ElementwiseFunction term", lambda f, t: t.shape)
Number = kind("Number", "name", SCALAR, None, rational)
Count = kind("Count", "at", SCALAR, None, lambda _, args: args if args[0][1] else Number(str(args[0][0])))
Sum, Hadamard = (kind(name, "term...", lambda *t: t[0].shape, one_shape, flat) for name in ("Sum", "Hadamard"))
MatrixProduct = kind("MatrixProduct", "term...", lambda *f: (f[0].shape[0], f[-1].shape[1]),
                     lambda *f: all(a.shape[1] == b.shape[0] for a, b in pairwise(f)), flat)
Scaled = kind("Scaled", "term...", lambda *f: f[-1].shape, lambda *f: {t.shape for t in f[:-1]} <= {SCALAR}, flat)
Transpose = kind("Transpose", "term", lambda t: t.shape[::-1])
Diagonal = kind("Diagonal", "column", lambda x: (x.shape[0],) * 2)
Identity = kind("Identity", "size", lambda n: (n, n))
Zero, Ones = (kind(name, "size size", lambda r, c: (r, c)) for name in ("Zero", "Ones"))
Norm = kind("Norm", "term norm", SCALAR, None, lambda _, args: (args[0], read_norm(args[1])))
SMin, LeastEigenvalue = kind("SMin", "term", SCALAR), kind("LeastEigenvalue", "term", SCALAR, lambda A: A.shape[0] == A.shape[1])
Absolute = kind("Absolute", "term", lambda t: t.shape)
Inner = kind("Inner", "term term", SCALAR, one_shape)
Quotient = kind("Quotient", "scalar scalar", SCALAR)
Power = kind("Power", "scalar at", SCALAR, lambda s, e: e[1] or e[0] >= 0)
Maximum, Minimum = (kind(name, "scalar scalar scalar...", SCALAR) for name in ("Maximum", "Minimum"))
OrderedProduct = kind("OrderedProduct", "at at term at", range_shape, meaningful)
FiniteSum = kind("FiniteSum", "at at term", range_shape, meaningful)
ForAll = kind("ForAll", "at at statement", (), lambda low, high, s: meaningful(low, high) and not judged([s]))
Equal, LessEqual, Less = (kind(name, "term term", (), one_shape) for name in ("Equal", "LessEqual", "Less"))
Jacobian = kind("Jacobian", "Variable column term", (),
                lambda v, e, J: v.shape[1] == UNIT and J.shape == (e.shape[0], v.shape[0]))
Pullback = kind("Pullback", "Variable term Variable term", (),              # the cotangent G is fresh
                lambda X, e, G, H: G is not X and G not in e.free and one_shape(G, e) and one_shape(H, X))
Condition, Nonzero, Bounded = (kind(name, words) for name, words in (
    ("Condition", "at"), ("Nonzero", "scalar"), ("Bounded", "ElementwiseFunction scalar")))
Differentiable = kind("Differentiable", "ElementwiseFunction|FunctionAt term", (), lambda f, t: f.kind[0] == "E" or Apply(f, t))
OneFunction = kind("OneFunction", "ElementwiseFunction", (), lambda f: f.args[1:] == (NONE,))
ConstantIs = kind("ConstantIs", "name name")                    # in words: nothing is replaced in it
IsActivation = kind("IsActivation", "ElementwiseFunction name", (), lambda f, n: f.args[1] == NONE)
TwiceDifferentiable = kind("TwiceDifferentiable", "FunctionAt column", (), real)
LipschitzGradient = kind("LipschitzGradient", "FunctionAt scalar", (),
                         lambda f, K: shapes(*f.args) == [SCALAR, (shapes(*f.args)[1][0], UNIT)])
ZERO, ONE, MINUS = map(Number, ("0", "1", "-1"))
for _operator, _build in (("__matmul__", MatrixProduct), ("__mul__", Scaled), ("__add__", Sum), ("T", property(Transpose))):
    setattr(Formula, _operator, _build)

def transform(f: Formula, image: Callable[[Any, int], Any], answer: Callable[[Formula, int], Any], done: dict[Any, Formula],
              depth: int = 0) -> Formula:
    """`f` rebuilt from the leaves up: symbols have images, `answer` may replace a part; both see how many binders are around."""
    made = done.get((f, depth))
    if made is None:
        inner = depth + (f.kind in BINDERS)
        made = done[f, depth] = answer(f, depth) or KINDS[f.kind](*(
            transform(a, image, answer, done, inner) if isinstance(a, Formula) else
            replace(a, lambda s: image(s, depth)) if type(a) is tuple else a for a in f.args))
    return made

def substitute(f: Formula, mapping: dict[Any, Any]) -> Formula:
    """Index symbols and variables replaced, all at once. What is put in has no loose index."""
    return transform(f, lambda s, depth: mapping.get(s),
                     lambda part, depth: part if part.free.isdisjoint(mapping) else mapping.get(part), {})
def bind(name: str, symbol: Any, low: Affine, high: Affine, body: Formula, *order: Affine) -> Any:
    """A formula that binds the index symbol in its body: there it becomes a loose one."""
    return KINDS[name](low, high, transform(body, lambda s, depth: single(("loose", depth)) if s == symbol else None,
                                            lambda part, depth: None if symbol in part.free else part, {}), *order)
def at(f: Formula, index: Affine) -> Formula:
    """The body of a binder at an index."""
    return transform(f.args[2], lambda s, depth: index if s == ("loose", depth) else None,
                     lambda part, depth: None if part.reach > depth else part, {})
def opened(f: Formula) -> tuple[Any, Formula]:
    """A symbol that occurs nowhere else, and the body of a binder with that as its index."""
    symbol = "fresh", next(_fresh)
    return symbol, at(f, single(symbol))

def subterms(*formulas: Formula) -> set[Formula]:
    seen, stack = set[Formula](), list[Any](formulas)
    while stack:
        if isinstance(f := stack.pop(), Formula) and f not in seen:
            seen.add(f)
            stack.extend(f.args)
    return seen
used = lambda *formulas: {f for f in subterms(*formulas) if f.kind in ("Family", "Function")}

INFIX = {"Sum": "+", "MatrixProduct": "@", "Scaled": "*", "Hadamard": "⊙", "Quotient": "/", "Power": "^", "Equal": "=",
         "LessEqual": "<=", "Less": "<"}

def show(f: Any) -> str:
    """A theorem, formula or index expression as plain text, for reports."""
    if isinstance(f, Theorem):
        return f"{', '.join(sorted(map(show, f.hypotheses)))} |- {show(f.conclusion)}"
    if type(f) is tuple:
        words = [{1: "", -1: "-"}.get(c, f"{c} ") + str(s[1]) + (f"[{show(s[2])}]" if s[0] == "width" else "") for s, c in f[1]]
        return " + ".join(words + [str(f[0])] * (f[0] != 0 or not words)).replace("+ -", "- ")
    if not isinstance(f, Formula):
        return str(f)
    args = f.args
    if f.kind in BINDERS:
        index = next(single(("bound", f"r{k}")) for k in count(1) if ("bound", f"r{k}") not in f.free)
        args = index, *args[:2], at(f, index), *args[3:]
    if f.kind == "ElementwiseFunction":
        args = args[0] + "'" * min(args[1][0], 9), *args[2:]
    head, *words = (show_norm(a) if (f.kind, k) == ("Norm", 1) else show(a) for k, a in enumerate(args))
    if f.kind in INFIX:
        return f"({f' {INFIX[f.kind]} '.join([head, *words])})"
    if f.kind in ("Variable", "Number", "Count", "Family", "Function", "Condition"):
        return "0 <= " * (f.kind == "Condition") + head
    if f.kind in ("ElementwiseFunction", "Named", "FunctionAt"):
        return head + f"[{', '.join(words)}]" * bool(words)
    return f"{head}({', '.join(words)})" if f.kind in ("Apply", "Elementwise") else f"{f.kind}({', '.join([head, *words])})"
def show_norm(kind: Any) -> str:
    """p, with its range where it is a symbol."""
    if kind == "F" or not kind[1]:
        return "F" if kind == "F" else str(1 / kind[0]) if kind[0] else "oo"
    (_, name, low, high), _ = kind[1][0]
    return f"{name}{'*' * (kind[0] == 1)}:{show_norm((high, ()))}..{show_norm((low, ()))}"

# ---------------------------------------------------------------- the normal form of algebra
# The entry (i, j) of a term is a sum of monomials: a rational number, scalars to powers, and a graph. The factors of a graph
# are formulas in normal form, each taken at indices: A_ij has the roles ("leg", 0) and ("leg", 1), and one more for every
# finite sum whose index it mentions. The ends are the indices i and j, -1 where the width is 1; all others are summed over.
# Entries that are 1 are no factor; an index that then no factor has gives its width. Connected parts without an end are scalars.

EMPTY = Graph((), (-1, -1))
_graphs: dict[Any, list[Graph]] = {}
_first: dict[Any, Formula] = {}                                 # a shape and a normal form -> the first term that had it
_budget = [0]

def same(a: Formula, b: Formula) -> bool:
    _budget[0] = 20000
    return bool(a.shape == b.shape and normal(a) == normal(b))
def normal(t: Formula) -> Any:
    """The normal form: (scalars, graph) -> number."""
    if t.normal is None:
        total: dict[Any, Fraction] = {}
        for c, *key in (settle(*raw) for raw in monomials(t)):
            total[tuple(key)] = total.get(tuple(key), Fraction(0)) + c
            need(len(total) <= 4000, "a normal form of more than 4000 monomials")
        t.normal = {key: c for key, c in total.items() if c}
    return t.normal
raws: Any = lambda t: [(c, *key) for key, c in normal(t).items()]
#: the same formula for all terms of one normal form
standard = lambda t: _first.setdefault((t.shape, frozenset(normal(t).items())), t)

def monomials(t: Formula) -> Any:
    """The monomials (number, scalars, graph) of a term, not yet in order."""
    kind, args = t.kind, t.args
    if kind in PLAIN:
        return PLAIN[kind](*args)
    if kind in JOINTS:
        return multiply(kind, raws(args[0]), *((raws(a), a.shape) for a in args[1:]))
    if kind in BINDERS:                                         # its index counts from 0
        symbol = next(("sum", k) for k in count() if ("sum", k) not in t.free)
        span, body = (NONE, minus(args[1], args[0])), at(t, plus(args[0], single(symbol)))
        return summed(symbol, span, raws(body)) if kind == "FiniteSum" else atom(
            bind(kind, symbol, *span, standard(body), args[3]), t.shape)
    if kind in ("Elementwise", "Absolute") and t.shape[0] == UNIT:          # of a row: the row of the column's
        args = *args[:-1], args[-1].T
    parts = [standard(a) if isinstance(a, Formula) and a.shape else a for a in args]
    if kind in ("Maximum", "Minimum"):
        parts = sorted(set(parts), key=lambda f: f.number)
    return raws(parts[0]) if len(parts) == 1 < len(args) else atom(KINDS[kind](*parts), t.shape)

scalar = lambda c=1, *powers: [(Fraction(c), powers, EMPTY)]
counted = lambda size: [raw for s, c in size[1] for raw in scalar(c, (Count(single(s)), UNIT))] + scalar(size[0])
def atom(label: Formula, shape: Any) -> list[Any]:
    """A formula as one factor, with an index for each side that is not 1."""
    rows, columns = (side != UNIT for side in shape)
    links = tuple((("leg", k), k) for k in range(rows + columns))
    graph = Graph(((label, links),), (0 if rows else -1, rows + columns - 1 if columns else -1))
    return [(Fraction(1), (), graph)] if links else scalar(1, (label, UNIT))
with_ends = lambda raw, change: [(c, scalars, Graph(graph.factors, change(graph.ends))) for c, scalars, graph in raw]

def power(t: Formula, exponent: Affine) -> list[Any]:
    base = raws(t)
    if not exponent[1] and exponent[0] <= 12:
        return multiply("Scaled", scalar(), *[(base, SCALAR)] * exponent[0])
    if len(base) != 1 or any(e[1] for _, e in base[0][1]):
        return scalar(1, (standard(t), exponent))
    number = [(Number(str(base[0][0])), exponent)] * (base[0][0] != 1)
    return scalar(1, *number, *((label, plus(NONE, exponent, e[0])) for label, e in base[0][1]))
def inverse(t: Formula) -> list[Any]:
    """1/t, where 1/0 is 0."""
    (c, scalars, _), *more = raws(t) or [(1, (), 0), 0]
    return scalar(1, (Quotient(ONE, standard(t)), UNIT)) if more else scalar(1 / c, *((Quotient(ONE, s), e) for s, e in scalars))
def numeral(text: str) -> list[Any]:
    number, _, rest = text.partition("*")
    return scalar(number, (Number(f"1*{rest}"), UNIT)) if rest else scalar(number)

#: kinds whose monomials are made of those of their parts, one by one
PLAIN: dict[str, Callable[..., Any]] = {
    "Number": numeral, "Count": counted, "Power": power, "Zero": lambda *shape: [],
    "Quotient": lambda a, b: multiply("Scaled", raws(a), (inverse(b), SCALAR)),
    "Sum": lambda *terms: [raw for t in terms for raw in raws(t)], "Transpose": lambda t: with_ends(raws(t), lambda e: e[::-1]),
    "Diagonal": lambda t: with_ends(raws(t), lambda e: e[:1] * 2),
    "Identity": lambda n: with_ends(scalar(), lambda e: e if n == UNIT else (0, 0)),
    "Ones": lambda n, m: with_ends(scalar(), lambda e: (-(n == UNIT), 1 if m != UNIT else -1))}

#: of two factors, the ends of both and the shape of the second -> which ends are made one (and their width), which are left
JOINTS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "MatrixProduct": lambda a, b, shape: ([(a[1], b[0], shape[0])], (a[0], b[1])),
    "Hadamard": lambda a, b, shape: (list(zip(a, b, shape, strict=True)), a),
    "Inner": lambda a, b, shape: (list(zip(a, b, shape, strict=True)), (-1, -1)),
    "Scaled": lambda a, b, shape: ([], (max(a[0], b[0]), max(a[1], b[1])))}

free_index = lambda graph: 1 + max((*graph.ends, *(k for _, links in graph.factors for _, k in links)))
def multiply(kind: str, total: list[Any], *others: tuple[list[Any], Any]) -> list[Any]:
    """The product of sums of monomials; with each but the first, its shape."""
    for other, shape in others:
        need(len(total) * len(other) <= 4000, "a product of more than 4000 monomials")
        total = [raw for one in total for two in other for raw in joined(kind, one, two, shape)]
    return total
def joined(kind: str, one: Any, two: Any, shape: Any) -> list[Any]:
    """The product of two monomials: ends that meet are made one index."""
    (c, s, a), (d, t, b) = one, two
    shift = free_index(a)
    glue, ends = JOINTS[kind](a.ends, tuple(k + shift if k >= 0 else -1 for k in b.ends), shape)
    name = {k: k for k in (*ends, *(k for p, q, _ in glue for k in (p, q)))}
    for p, q, _ in glue:
        name = {k: name[p] if n == name[q] else n for k, n in name.items()}
    factors = tuple((label, tuple((role, name.get(k + more, k + more)) for role, k in links))
                    for more, graph in ((0, a), (shift, b)) for label, links in graph.factors)
    ends = tuple(name[k] for k in ends)
    widths = {name[p]: width for p, _, width in glue}
    lost = widths.keys() - {-1, *ends, *(k for _, links in factors for _, k in links)}         # indices that no factor has
    return multiply("Scaled", [(c * d, (*s, *t), Graph(factors, ends))], *((counted(widths[k]), SCALAR) for k in lost))

def summed(symbol: Any, span: Any, body: list[Any]) -> Iterator[Any]:
    """A finite sum: everything that depends on its index is linked to one more index, that of the range."""
    for c, scalars, graph in body:
        here = (((symbol, span), free_index(graph)),)
        free = tuple((label, e) for label, e in scalars if symbol not in label.free | symbols(e))
        tied = [(Power(label, e), here) for label, e in scalars if (label, e) not in free]
        tied += [(label, links + here if symbol in free_in([(label, links)]) else links) for label, links in graph.factors]
        tied += [(ONE, here)] * all(links[-1:] != here for _, links in tied)                   # Σ 1: nothing depends on the index
        yield c, free, Graph(tuple(tied), graph.ends)

def settle(c: Fraction, scalars: Any, graph: Graph) -> Any:
    """A monomial with its connected parts that have no end made scalars, and the rest in canonical order."""
    parts: list[tuple[set[int], tuple[Any, ...]]] = []          # the indices and factors of connected parts
    for f in graph.factors:
        here, inside = {k for _, k in f[1]}, (f,)
        for part in [part for part in parts if part[0] & here]:
            parts.remove(part)
            here, inside = here | part[0], part[1] + inside
        parts.append((here, inside))
    powers: dict[Formula, Affine] = {}
    closed = ((Scalar(canonical(inside, (-1, -1))), UNIT) for here, inside in parts if here.isdisjoint(graph.ends))
    for label, e in (*scalars, *closed):
        powers[label] = plus(powers.get(label, NONE), e)
    held = tuple(f for here, inside in parts if not here.isdisjoint(graph.ends) for f in inside)
    return c, frozenset((label, e) for label, e in powers.items() if e != NONE), canonical(held, graph.ends)

def canonical(factors: Any, ends: Any) -> Graph:
    """The first graph that was met of those that differ from this one in the names of their indices alone."""
    labels = frozenset(Counter((label, tuple(role for role, _ in links)) for label, links in factors).items())
    alike = _graphs.setdefault((labels, ends[0] == ends[1], ends[0] < 0, ends[1] < 0), [])
    for other in alike:
        if renames(factors, other.factors, dict(zip(ends, other.ends, strict=True))):
            return other
    alike.append(Graph(factors, ends))
    return alike[-1]
def renames(factors: Any, others: Any, names: dict[int, int]) -> bool:
    """Can the indices be renamed, one to one and as said already, so that the factors become the others?"""
    _budget[0] -= 1
    need(_budget[0] > 0, "a formula too symmetric for the normal form")
    for n, (other, roles) in enumerate(others):
        label, links = factors[0]
        if other is label and [role for role, _ in links] == [role for role, _ in roles]:
            pairs = {(k, j) for (_, k), (_, j) in zip(links, roles, strict=True)} | set(names.items())
            if (distinct([k for k, _ in pairs]) and distinct([j for _, j in pairs])
                    and renames(factors[1:], (*others[:n], *others[n + 1:]), dict(pairs))):
                return True
    return not factors

@lru_cache(maxsize=1 << 14)
def exponents(t: Formula, spans: tuple[Affine, ...] = ()) -> frozenset[Affine]:
    """The symbolic exponents in a term, each of which must not be negative; under a range, by the range."""
    if t.kind in BINDERS:
        symbol, body = opened(t)
        return exponents(body, (*spans, minus(single(symbol), t.args[0]), minus(t.args[1], single(symbol))))
    found = frozenset().union(*(exponents(a, spans) for a in t.args if isinstance(a, Formula)))
    e = t.args[1] if t.kind == "Power" else UNIT
    open = e[1] and not any(s[0] == "fresh" for s in symbols(e))
    return found | {e} if open else when(follows(e, spans), found)

# ---------------------------------------------------------------- definitions

_closed: set[Formula] = set()                                   # what a definition defines or uses
_cases: dict[Formula, list[Any]] = {}                           # left side -> its cases (head, left, right, conditions)
_stated: dict[Formula, Any] = {}                                # function -> (f(x, …), G, the pullbacks, conditions)

def define(lines: Any) -> None:
    """Refuse a definition that is not conservative. The head of a case is what is defined, and its indices."""
    need(all(a.kind in ("Named", "Apply") and b.shape == a.shape and {c.kind for c in where} <= {"Condition"}
             for a, b, where in lines), "a case is a name = a term, under conditions")
    cases = [((left if left.kind == "Named" else left.args[0]).args, left, right, where) for left, right, where in lines]
    for head, left, right, where in cases:
        loose = [i for i in head[1:] if any(s[0] != "constant" for s in symbols(i))]
        need(distinct(loose) and all(bare(i, "index", "dimension") for i in loose), "indices must differ")
        need(left.kind == "Named" or ({v.kind for v in left.args[1:]} == {"Variable"} and distinct(left.args)),
             "a function is defined at different variables")
        need(all(s in left.free or s[0] == "constant" for part in (right, *where) for s in part.free),
             "the right side or a condition has a symbol that the left side has not")
        need(head[0] not in _closed, f"{head[0].args[0]} stands in a definition already")
    need(all(one[0][0] is not two[0][0] or exclude(one, two) for one, two in combinations(cases, 2)), "two cases may overlap")
    ranks = {name: k for k, name in enumerate(dict.fromkeys(case[0][0] for case in cases))}
    need(any(all(falls(case, ranks, sign) for case in cases) for sign in (1, -1)), "a circular definition, or one without end")
    for case in cases:
        _cases.setdefault(case[1], []).append(case)
        _closed.update(used(*case[1:3]))

def exclude(one: Any, two: Any) -> bool:
    """Can two cases never meet? The second's index symbols are told apart from the first's."""
    def other(a: Affine) -> Affine:
        return replace(a, lambda s: None if s[0] in ("constant", "width") else single(("other", *s)))

    gaps = [minus(i, other(j)) for i, j in zip(one[0][1:], two[0][1:], strict=True)]
    known = [*conditions(one[3]), *map(other, conditions(two[3])), *gaps, *(minus(NONE, gap) for gap in gaps)]
    return follows((-1, ()), known)

def falls(case: Any, ranks: dict[Formula, int], sign: int) -> bool:
    """Does what a case uses of its own definition stand nearer to a stated bound (below if the sign is 1), or earlier in it?"""
    head, _, right, where = case
    index = (*head, NONE)[1]
    bounded = index[1] and any(all(s[0] == "constant" for s, _ in plus(e, index, -sign)[1]) for e in conditions(where))
    for f in subterms(right):
        if f.kind in ("Named", "FunctionAt") and f.args[0] in ranks:
            step, more = minus(f.args[1], index) if len(f.args) > 1 < len(head) else (0, True)
            if more or not (ranks[f.args[0]] < ranks[head[0]] if step == 0 else step * sign < 0 and bounded):
                return False
    return True

def state(value: Formula, G: Formula, results: Any, where: Any) -> list[str]:
    """Take the pullback of f(x, …) as an assumption, which is listed; refuse what cannot be one."""
    indices, arguments = value.args[0].args[1:], value.args[1:]
    need(value.kind == "Apply" and all(bare(i, "index", "dimension") for i in indices) and distinct(indices), "no f(x, ...)")
    need({v.kind for v in (*arguments, G)} == {"Variable"} and distinct((*arguments, G)), "variables must differ")
    heads = {case[0][0] for cases in _cases.values() for case in cases}
    need(value.args[0].args[0] not in heads | _stated.keys(), f"{show(value.args[0])} is defined, or stated already")
    loose = {s for part in (*results, *where) for s in part.free - value.free - {G}}
    need(all(type(s) is tuple and s[0] == "constant" for s in loose), "a symbol that the function has not")
    _stated[value.args[0].args[0]] = value, G, results, where
    _closed.update(used(value, *results, *where))
    said = (Theorem(Pullback(x, value, G, H), frozenset(where)) for x, H in zip(arguments, results, strict=True))
    return [f"stated: {show(f)}" for f in said]

# ---------------------------------------------------------------- rules: what each takes, and what it gives
# A word "Equal!" is a theorem with such a conclusion: the rule is given the conclusion, and its hypotheses are kept. "Equal?"
# is given the theorem itself, and the rule says which hypotheses stay. A rule gives a theorem, or a conclusion, or a tuple
# of a conclusion and further hypotheses.

le = lambda low, high: Condition(plus(high, low, -1))
conditions = lambda hypotheses: [h.args[0] for h in hypotheses if h.kind == "Condition"]
variables = lambda *formulas: {v for f in formulas for v in f.free if isinstance(v, Formula)}
def judged(formulas: Iterable[Formula]) -> set[Formula]:
    """What the derivative judgements among the formulas differentiate by, and their cotangents."""
    return {v for f in formulas for v in {"Jacobian": f.args[:1], "Pullback": f.args[:3:2]}.get(f.kind, ())}

def without(hypotheses: Iterable[Formula], index: Any, low: Affine, high: Affine) -> frozenset[Formula]:
    """The hypotheses that do not mention the index; the others must be conditions that follow from its range."""
    rest = frozenset(h for h in hypotheses if index not in h.free)
    known = [minus(single(index), low), minus(high, single(index)), *conditions(rest)]
    need(index not in symbols(low) | symbols(high), "the index occurs in its own range")
    need(all(h in rest or (h.kind == "Condition" and follows(h.args[0], known)) for h in hypotheses), "the index is not free")
    return rest

def everywhere(t: Theorem, change: Callable[[Formula], Formula], *more: Formula) -> Theorem:
    return Theorem(change(t.conclusion), frozenset({*map(change, t.hypotheses), *more}))

def replaced(t: Theorem, mapping: dict[Any, Any], *more: Formula) -> Theorem:
    """The theorem with symbols and variables replaced. What a judgement differentiates by stays a variable of its own."""
    images = {v: substitute(v, mapping) for v in variables(t.conclusion, *t.hypotheses)}
    need(all(images[v].kind == "Variable" and not any(images[v] in image.free for u, image in images.items() if u is not v)
             for v in judged((t.conclusion, *t.hypotheses))), "a derivative judgement is not instantiated")
    return everywhere(t, lambda f: substitute(f, mapping), *more)

def instantiate(t: Theorem, pairs: Any) -> Theorem:
    """Indices, exponents, dimensions that no declaration fixes, and variables replaced, all at once."""
    fixed = {s for f in used(t.conclusion, *t.hypotheses) for shape in f.args[1][1] for side in shape for s in symbols(side)}
    mapping = {as_word("symbol" if type(old) is tuple else "Variable", old): new for old, new in pairs}
    for old, new in mapping.items():
        sort = old[0] if type(old) is tuple else "variable"
        mapping[old] = value = as_word({"index": "at", "dimension": "size", "exponent": "norm"}.get(sort, "term"), new)
        need(sort != "exponent" or old[2] <= spread(value)[0] <= spread(value)[1] <= old[3], "an exponent leaves its range")
    need(len(mapping) == len(pairs) and fixed.isdisjoint(mapping), "a dimension is fixed, or something given twice")
    indices = {old: new for old, new in mapping.items() if type(old) is tuple}
    need(all(mapping[v].shape == tuple(replace(side, indices.get) for side in v.shape) for v in mapping.keys() - indices.keys()))
    return replaced(t, mapping)

def renamed(t: Theorem, kind: str, name: Any, image: Callable[[Formula], Formula], *more: Formula) -> Theorem:
    """The theorem with every formula of this kind and name replaced."""
    return everywhere(t, lambda f: transform(f, lambda s, depth: None, lambda part, depth: (
        image(part) if part.kind == kind and part.args[0] == name else None), {}), *more)
def instantiate_symbol(t: Theorem, family: Formula, indices: Any, term: Formula) -> Theorem:
    names = {v.args[0] for v in judged((t.conclusion, *t.hypotheses))}
    need(family not in _closed and names.isdisjoint(v.args[0] for v in variables(term)), "it is defined, or differentiated by")
    need(distinct(indices) and one_shape(Named(family, *map(single, indices)), term), "another shape")
    need(not any(part.kind in BINDERS for part in subterms(term)), "a range in it could bind an index")
    return renamed(t, "Named", family, lambda f: substitute(term, dict(zip(indices, f.args[1:], strict=True))))

def induction(base: Theorem, step: Theorem, index: Any, low: Affine, high: Affine, down: bool) -> Theorem:
    claim, here = step.conclusion, single(index)
    nearer = substitute(claim, {index: plus(here, 1 if down else -1)})
    rest = without(step.hypotheses - {nearer}, index, *((low, plus(high, -1)) if down else (plus(low, 1), high)))
    need(base.conclusion is substitute(claim, {index: high if down else low}), "the base is not the claim at the start")
    need(not any(index in f.free for f in (*base.hypotheses, *variables(claim))), "the index is not free")
    need(not judged((rest | base.hypotheses) - {claim}), "a derivative judgement is a hypothesis")
    return Theorem(claim, base.hypotheses | rest | {le(low, here), le(here, high)})

def sign(t: Formula, *premises: Formula) -> Any:
    """0 <= t, for what it is, or because the premises say it of its parts."""
    known = {f.args[1] for f in premises if f.kind in ("LessEqual", "Less") and f.args[0] is ZERO}
    number, _, rest = t.args[0].partition("*") if t.kind == "Number" else ("1", "", "")
    need(Fraction(number) >= 0 and re.fullmatch(r"(Pow\(\d+(/\d+)?, -?\d+(/\d+)?\)|pi\(\)|Exp1\(\))?", rest) and (
        t.kind in ("Number", "Norm", "Absolute", "SMin", "Count")
        or (t.kind in ("Sum", "Scaled", "Quotient", "Minimum") and known.issuperset(t.args))
        or (t.kind == "Power" and (t.args[0] in known or (not t.args[1][1] and t.args[1][0] % 2 == 0)))
        or (t.kind in BINDERS and ForAll(*t.args[:2], LessEqual(ZERO, t.args[2])) in premises)), "it may be negative")
    return LessEqual(ZERO, t), *([Condition(t.args[0])] if t.kind == "Count" else [])

def monotone(t: Formula, hole: Formula, f: Formula, signs: Any) -> Formula:
    """One operation on the hole and other scalars grows with the hole."""
    rest, known = [a for a in t.args if a is not hole], {s.args[1] for s in signs}
    need(t.args.count(hole) == 1 and t.shape == hole.shape == f.args[0].shape == SCALAR, "no operation on a scalar")
    need(not any(hole in a.free for a in rest if isinstance(a, Formula)), "the hole must stand once")
    need(t.kind in ("Sum", "Maximum", "Minimum") or (t.kind == "Scaled" and known.issuperset(rest))
         or (t.kind == "Power" and f.args[0] in known), "it may fall")
    return (Less if f.kind == "Less" and t.kind == "Sum" else LessEqual)(*(substitute(t, {hole: a}) for a in f.args))

def split(t: Formula, k: Affine) -> Any:
    """A range is the join of its parts up to k and from k + 1; a part over one index is the body there."""
    low, high, scalars = *t.args[:2], t.shape == at(t, t.args[0]).shape == SCALAR
    parts = [at(t, a) if a == b else KINDS[t.kind](a, b, *t.args[2:]) for a, b in ((low, k), (plus(k, 1), high))]
    join = Sum if t.kind == "FiniteSum" else Scaled if scalars else MatrixProduct
    return Equal(t, join(*parts[::-1 if t.args[3:] == ((-1, ()),) and not scalars else 1])), le(low, plus(k, 1)), le(k, high)

#: the result of a pullback at another cotangent
pull = lambda p, cotangent: substitute(p.args[3], {p.args[2]: cotangent})
def pull_apply(G: Any, *parts: Formula) -> Any:
    *x, f = parts
    if f.args[0] not in _stated:
        return when(len(x) == 1, Apply(f, *x)), [G * Gradient(f, x[0])], Differentiable(f, x[0])
    value, old, results, where = _stated[f.args[0]]
    put = {i[1][0][0]: k for i, k in zip(value.args[0].args[1:], f.args[1:], strict=True)}
    put.update(zip(value.args[1:], x, strict=True))
    return Apply(f, *x), [substitute(H, {**put, old: G}) for H in results], *(substitute(h, put) for h in where)

#: operation -> what it takes beside its parts; and, from the cotangent G, the parts and that: the value, the cotangents
#: of the parts, the conditions under which it is differentiable
OPERATIONS: dict[str, tuple[str, Callable[..., Any]]] = {
    "Sum": ("", lambda G, *e: (Sum(*e), [G] * len(e))),
    "MatrixProduct": ("", lambda G, A, B: (A @ B, [G @ B.T, A.T @ G])),
    "Scaled": ("", lambda G, s, A: (when(s.shape == SCALAR, s) * A, [Inner(G, A), s * G])),
    "Hadamard": ("", lambda G, A, B: (Hadamard(A, B), [Hadamard(G, B), Hadamard(A, G)])),
    "Inner": ("", lambda G, A, B: (Inner(A, B), [G * B, G * A])),
    "Quotient": ("", lambda G, a, b: (Quotient(a, b), [Quotient(G, b), MINUS * Quotient(a, b * b) * G], Nonzero(b))),
    "Power": ("at", lambda G, s, k: (Power(s, k), [Count(k) * Power(s, plus(k, -1)) * G], le(1, k))),
    "Transpose": ("", lambda G, A: (A.T, [G.T])),
    "Diagonal": ("", lambda G, x: (Diagonal(x), [Hadamard(G, Identity(x.shape[0])) @ Ones(x.shape[0], UNIT)])),
    "Elementwise": ("ElementwiseFunction", lambda G, x, f: (Elementwise(f, x), [Hadamard(Elementwise(
        ElementwiseFunction(f.args[0], plus(f.args[1], 1), *f.args[2:]), x), G)], Differentiable(f, x))),
    "Apply": ("FunctionAt", pull_apply)}

def operation(name: str, parameters: Any, judgements: Any, G: Formula) -> Any:
    words, build = OPERATIONS[name]
    more = [as_word(word, a) for word, a in fit(words, parameters)]
    value, cotangents, *where = build(G, *(p.args[1] for p in judgements), *more)
    need(len(cotangents) == len(judgements) and len({p.args[0] for p in judgements}) == 1, "the premises do not fit")
    return Pullback(judgements[0].args[0], value, G, Sum(*map(pull, judgements, cotangents))), *where

def compose(outer: Theorem, inner: Theorem) -> Theorem:
    (U, g, G, M), (X, e, _, _) = outer.conclusion.args, inner.conclusion.args
    need(one_shape(U, e) and G not in e.free and not judged(h for h in outer.hypotheses if U in h.free), "the parts do not fit")
    need(X is U or not any(X in f.free for f in (outer.conclusion, *outer.hypotheses)), "X occurs outside")
    return Theorem(Pullback(X, substitute(g, {U: e}), G, pull(inner.conclusion, substitute(M, {U: e}))),
                   inner.hypotheses.union(substitute(h, {U: e}) for h in outer.hypotheses))

def function_of(p: Theorem) -> Any:
    """The f and X of a judgement about f(X)."""
    X, value = p.conclusion.args[:2]
    return when(value.kind == "Apply" and value.args[1:] == (X,) and not judged(p.hypotheses), value.args)

RULES: dict[str, tuple[str, Callable[..., Any]]] = {
    # logic
    "assume": ("statement", lambda s: (s, s)),
    "weaken": ("statement! statement*", lambda s, more: (s, *more)),
    **dict.fromkeys(("cited", "computed"), ("name statement statement*", lambda source, s, more: (s, *more))),
    "cut": ("statement? statement?", lambda t, lemma: Theorem(
        t.conclusion, when(lemma.conclusion in t.hypotheses, t.hypotheses - {lemma.conclusion}) | lemma.hypotheses)),
    "cases": ("statement? statement? at", lambda s, t, e: Theorem(
        when(s.conclusion is t.conclusion, s.conclusion), (s.hypotheses - {le(0, e)}) | (t.hypotheses - {le(e, (-1, ()))}))),
    "arithmetic": ("statement Condition*", lambda s, known: (
        when(follows(s.args[0] if s.kind == "Condition" else (-1, ()), conditions(known)), s), *known)),
    "specialise": ("ForAll! at", lambda s, k: (at(s, k), le(s.args[0], k), le(k, s.args[1]))),
    "generalise": ("statement? index at at", lambda t, i, low, high: Theorem(
        bind("ForAll", i, low, high, t.conclusion), without(t.hypotheses, i, low, high))),
    "instantiate": ("statement? any", instantiate),
    "instantiate_symbol": ("statement? Family index* term", instantiate_symbol),
    "concrete": ("statement? constant integer", lambda t, L, value: replaced(t, {L: (value, ())}, ConstantIs(L[1], str(value)))),
    "one_function": ("statement? ElementwiseFunction", lambda t, sigma: renamed(
        t, "ElementwiseFunction", sigma.args[0], lambda f: ElementwiseFunction(*f.args[:2]), OneFunction(sigma))),
    "induction": ("statement? statement? index at at flag", induction),
    "definition": ("term integer", lambda left, k: (Equal(left, _cases[left][when(k >= 0, k)][2]), *_cases[left][k][3])),
    # equality and order
    "reflexive": ("term", lambda a: Equal(a, a)),
    "symmetric": ("Equal!", lambda f: Equal(*f.args[::-1])),
    "transitive": ("Equal|LessEqual|Less! Equal|LessEqual|Less!", lambda f, g: when(f.args[1] is g.args[0], KINDS[max(
        f.kind, g.kind, key=("Equal", "LessEqual", "Less").index)](f.args[0], g.args[1]))),
    "algebra": ("term term", lambda a, b: (when(same(a, b), Equal(a, b)), *map(Condition, exponents(a) | exponents(b)))),
    "congruence": ("term Variable Equal!", lambda T, x, f: Equal(*(substitute(T, {x: a}) for a in f.args))),
    "replace": ("statement Variable Equal! statement!", lambda T, x, f, s: when(
        not judged([T]) and s is substitute(T, {x: f.args[0]}), substitute(T, {x: f.args[1]}))),
    "at_most": ("Equal|LessEqual|Less!", lambda f: LessEqual(*f.args)),
    "antisymmetric": ("LessEqual! LessEqual!", lambda f, g: when(f.args == g.args[::-1], Equal(*f.args))),
    "absolute_of_nonnegative": ("sign!", lambda f: Equal(Absolute(f.args[1]), f.args[1])),
    "nonzero_of_positive": ("sign!", lambda f: when(f.kind == "Less", Nonzero(f.args[1]))),
    "absolute_bound": ("scalar flag", lambda s, minus: LessEqual(MINUS * s if minus else s, Absolute(s))),
    "cancel": ("scalar scalar", lambda a, b: (Equal(Quotient(a, b) * b, a), Nonzero(b))),
    "positive": ("Number", lambda q: Less(ZERO, when(Fraction(q.args[0]) > 0, q))),
    "between_extremes": ("Maximum|Minimum integer", lambda m, k: LessEqual(*(m, m.args[k])[::2 * (m.kind == "Minimum") - 1])),
    "sign": ("scalar statement!...", sign),
    "monotone": ("scalar Variable LessEqual|Less! sign!*", monotone),
    # norms
    "larger_exponent": ("column norm norm", lambda x, p, q: when(
        "F" not in (p, q) and spread(minus(p, q))[0] >= 0, LessEqual(Norm(x, q), Norm(x, p)))),
    "homogeneous": ("scalar term norm", lambda s, A, p: Equal(Norm(s * A, p), Absolute(s) * Norm(A, p))),
    "triangle": ("term* norm", lambda ts, p: LessEqual(Norm(Sum(*ts), p), Sum(*(Norm(t, p) for t in ts)))),
    "submultiplicative": ("term* norm", lambda As, p: LessEqual(Norm(MatrixProduct(*As), p), Scaled(*(Norm(A, p) for A in As)))),
    "spectral_at_most_frobenius": ("term", lambda A: LessEqual(Norm(A, "2"), Norm(A, "F"))),
    "transpose_norm": ("term norm", lambda A, p: Equal(Norm(A.T, p), Norm(A, dual(p)))),
    "norm_of_diagonal": ("column norm", lambda x, p: Equal(Norm(Diagonal(x), p), Norm(x, "2" if p == "F" else "oo"))),
    "bounded_norm": ("ElementwiseFunction scalar column", lambda f, c, z: (
        LessEqual(Norm(Elementwise(f, z), "oo"), c), Bounded(f, c))),
    "rank_one": ("column column norm", lambda x, y, p: Equal(
        Norm(x @ y.T, p), Norm(x, "2" if p == "F" else p) * Norm(y, "2" if p == "F" else dual(p)))),
    "cauchy_schwarz": ("term term", lambda A, B: LessEqual(Absolute(Inner(A, B)), Norm(A, "F") * Norm(B, "F"))),
    "frobenius_square": ("term", lambda A: Equal(Power(Norm(A, "F"), (2, ())), Inner(A, A))),
    "identity_norm": ("size norm", lambda n, p: (Equal(Norm(Identity(n), when(p != "F", p)), ONE), le(1, n))),
    "stretch": ("term column", lambda A, x: LessEqual(SMin(A) * Norm(x, "2"), Norm(A @ x, "2"))),
    "stretch_of_product": ("term term", lambda A, B: LessEqual(SMin(A) * SMin(B), SMin(A @ B))),
    "stretch_of_wide": ("term", lambda A: (Equal(SMin(A), ZERO), le(plus(A.shape[0], 1), A.shape[1]))),
    # products and sums over a range
    "split": ("OrderedProduct|FiniteSum at", split),
    "empty": ("OrderedProduct|FiniteSum", lambda t: when(t.args[0] == plus(t.args[1], 1), Equal(
        t, Zero(*t.shape) if t.kind == "FiniteSum" else ONE if t.shape == SCALAR else Identity(t.shape[0])))),
    "over_range": ("ForAll! integer", lambda f, order: Equal(*(
        KINDS["OrderedProduct" if order else "FiniteSum"](*f.args[:2], side, *[(order, ())] * (order != 0))
        for side in when(f.args[2].kind == "Equal", f.args[2].args)))),
    # derivatives: the cotangent of what a rule V_… concludes is in no hypothesis (see `apply`)
    "V_variable": ("Variable Variable", lambda X, G: Pullback(X, X, G, G)),
    "V_constant": ("Variable term Variable", lambda X, e, G: Pullback(X, when(X not in e.free, e), G, Zero(*X.shape))),
    "V_operation": ("name any Pullback!* Variable", operation),
    "V_finite_sum": ("Pullback? index at at", lambda p, i, low, high: Theorem(Pullback(
        *(bind("FiniteSum", i, low, high, a) if k % 2 else when(i not in a.free, a) for k, a in enumerate(p.conclusion.args))),
        without(p.hypotheses, i, low, high))),
    "V_compose": ("Pullback? Pullback?", compose),
    "V_rewrite": ("Pullback! Equal?", lambda p, t: (Pullback(p.args[0], when(
        t.conclusion.args[0] is p.args[1] and not any(p.args[0] in h.free for h in t.hypotheses), t.conclusion.args[1]),
        *p.args[2:]), *t.hypotheses)),
    "V_result": ("Pullback! Equal!", lambda p, f: Pullback(*when(f.args[0] is p.args[3], p.args[:3]), f.args[1])),
    "V_of_jacobian": ("Jacobian! Variable", lambda d, G: Pullback(*d.args[:2], G, d.args[2].T @ G)),
    "jacobian_of": ("Pullback! term", lambda p, J: when(
        p.args[3] is J.T @ p.args[2] and p.args[2] not in J.free, Jacobian(*p.args[:2], J))),
    "gradient": ("Pullback?", lambda p: Theorem(Equal(Gradient(*function_of(p)), pull(p.conclusion, ONE)), p.hypotheses)),
    "differentiable": ("Pullback?", lambda p: Theorem(Differentiable(*function_of(p)), p.hypotheses))}

def as_word(word: str, value: Any) -> Any:
    """An argument as a rule takes it; an integer may stand for itself, for a scalar, or for the exponent of a norm."""
    if word.endswith("*"):
        return tuple(as_word(word[:-1], v) for v in when(isinstance(value, list), value))
    if word[-1] in "!?":
        return when(isinstance(value, Theorem) and is_a(word[:-1], value.conclusion), value)
    if type(value) is tuple and not value[1] and word not in ("at", "size", "any"):
        value = value[0] if word in ("integer", "norm") else Number(str(value[0]))
    value = read_norm(value) if word == "norm" else value
    need(is_a(word, value), f"expected {word}")
    return value[1][0][0] if word in ("index", "symbol", "constant") else value

def apply(name: str, args: Any) -> Theorem:
    """What a rule gives: trivial conditions are no hypotheses."""
    words, rule = RULES[name]
    taken = [(word, as_word(word, a)) for word, a in fit(words, args)]
    kept = [t for word, a in taken if "!" in word for t in ([a] if isinstance(a, Theorem) else a)]
    made = rule(*(a if "!" not in word else a.conclusion if isinstance(a, Theorem) else tuple(t.conclusion for t in a)
                  for word, a in taken))
    made = made if isinstance(made, tuple) else (made,)
    conclusion, more = made if isinstance(made, Theorem) else (made[0], made[1:])
    hypotheses = frozenset(more).union(*(t.hypotheses for t in kept))
    need(name[:2] != "V_" or not any(conclusion.args[2] in h.free for h in hypotheses), "the cotangent is not fresh")
    return Theorem(conclusion, frozenset(h for h in hypotheses if h.kind != "Condition" or not follows(h.args[0])))

# ---------------------------------------------------------------- the lines of a certificate

class Certificate:
    """Reads line after line: each makes one thing, and names what it is made of by the numbers of earlier lines."""

    def __init__(self) -> None:
        for store in (_closed, _cases, _stated):
            store.clear()
        self.made: list[Any] = []
        self.lines: list[Any] = []
        self.seals: dict[int, str] = {}
        self.names: set[str] = set()                            # of families and functions
        self.theorems: list[tuple[str, Theorem]] = []
        self.assumed: list[str] = []

    def read(self, line: Any) -> None:
        """One line. Raises Refused when it does not hold, one of MALFORMED when it says nothing."""
        kind, *parts = line
        need((kind == "certificate") == (not self.made), "a certificate begins with its header, and has one")
        self.lines.append(line)
        self.made.append(self.make(kind, [self.value(part, kind in ("step", "definition", "stated")) for part in parts]))

    def value(self, part: Any, closed: bool) -> Any:
        """What a part of a line stands for: words and flags for themselves, numbers for lines; closed: no index is loose."""
        if type(part) is int:
            found = self.made[when(0 < part <= len(self.made), part - 1)]
        elif isinstance(part, list) and part[:1] == ["index"]:
            found = read_index(part)
        else:
            return [self.value(p, closed) for p in part] if isinstance(part, list) else part
        marked = found.marked if isinstance(found, Formula) else closed and type(found) is tuple and is_marked(symbols(found))
        need(not (closed and marked), "a loose index")
        return found

    def make(self, kind: Any, args: list[Any]) -> Any:
        need(kind != "Variable" or args[0] not in self.names, "the name is that of a family or function")
        if kind == "stated" or (kind == "step" and args[0] in ("cited", "computed")):
            need(args.pop() == self.seal(self.lines[-1][1:5]), "what is assumed was changed after it was written")
        match kind, args:
            case "step", [str(name), list(args), list(hypotheses), Formula() as conclusion]:
                return self.step(name, args, hypotheses, conclusion)
            case "exponent", exponent:
                return read_norm(exponent)
            case "dual", [exponent]:
                return dual(as_word("norm", exponent))
            case "Family" | "Function", [str(name), list(shapes), list(ends), *_]:
                need(name not in self.names, "the name is taken")
                self.names.add(name)
                return declare(kind, name, shapes, ends)
            case "definition", [list(cases)]:
                define(cases)
            case "stated", [value, G, list(results), list(where)]:
                self.assumed += state(value, G, results, where)
            case "theorem", [str(name), Theorem() as theorem]:
                self.theorems.append((name, theorem))
            case "OrderedProduct" | "FiniteSum" | "ForAll", [index, low, high, Formula() as body, *order]:
                return bind(kind, when(bare(index, "bound"), index[1][0][0]), low, high, body, *order)
            case _ if (kind, args) != ("certificate", ["2"]):
                made = KINDS[kind](*args)
                need(made.kind == kind and (made.args == tuple(args) or kind == "Norm"), f"{kind} of these is written otherwise")
                return made

    def seal(self, part: Any) -> Any:
        """A part of a line with all that it names, in a few letters: nothing else guards what is assumed."""
        if type(part) is int:
            self.seals[part] = self.seals.get(part) or self.seal(self.lines[part - 1])
            return self.seals[part]
        spelled = [self.seal(p) for p in part] if isinstance(part, list) and part[:1] != ["index"] else part
        return hashlib.sha256(json.dumps(spelled).encode()).hexdigest()[:16]

    def step(self, name: str, args: list[Any], hypotheses: list[Any], conclusion: Formula) -> Theorem:
        """One step: does the rule give what the record tells?"""
        told = Theorem(conclusion, frozenset(hypotheses))
        need(name in RULES and len(told.hypotheses) == len(hypotheses), f"{name} is no rule, or a hypothesis is written twice")
        if (made := apply(name, args)) != told:
            raise Refused(f"it gives {show(made)}, the record says {show(told)}")
        symbols = {s for h in (conclusion, *hypotheses) for s in h.free if type(s) is tuple}
        need(distinct([s[1] for s in symbols]), "two symbols that print alike differ in kind")
        if name in ("cited", "computed"):
            self.assumed.append(f"{name} ({args[0]}): {show(told)}")
        return told

def read_index(line: Any) -> Affine:
    _, constant, *terms = line
    need(type(constant) is int and all(type(c) is int for *_, c in terms), "no index expression")
    return reduce(plus, ((0, ((read_symbol(*symbol), c),)) for *symbol, c in terms if c), (constant, ()))
def read_symbol(sort: str, name: Any, *inner: Any) -> Any:
    need(sort in ("index", "constant", "dimension", "bound", "slot", "width") and len(inner) == (sort == "width"), "no symbol")
    return sort, when(type(name) is (int if sort in ("bound", "slot") else str), name), *map(read_index, inner)
def declare(kind: str, name: str, shapes: Any, ends: Any) -> Formula:
    known = {("slot", k) for k in range(len(ends))}
    need(all(measures(side) and all(s in known or s[0] in ("constant", "dimension") for s in symbols(side))
             for rows, columns in shapes for side in (rows, columns)), "a shape is a function of its own indices")
    need(all(is_a("at", end) for low, high in ends for end in (low, high) if end), "no ends of an index")
    return KINDS[kind](name, Declared((tuple(map(tuple, ends)), tuple(map(tuple, shapes)))))

def check(path: str) -> list[str]:
    """A line for each theorem of a file, and for each assumption. Raises Refused, or ValueError for no certificate."""
    reader, row = Certificate(), ""
    try:
        with open(path, encoding="utf-8") as file:
            for row in file:
                reader.read(json.loads(row))
        need(row.startswith('["theorem"'), "the file is cut off: the last line of a certificate is a theorem")
    except Refused as why:
        raise Refused(f"line {len(reader.made) + 1}, {' '.join(re.findall('[A-Za-z0-9_]+', row)[:3])}: {why}") from None
    except (RecursionError, *MALFORMED) as why:
        raise ValueError(f"line {len(reader.made) + 1}: not a line of a certificate ({type(why).__name__})") from None
    return [*(f"accepted {path}: {name}: {show(t)}" for name, t in reader.theorems),
            *(f"assumed {path}: {text}" for text in reader.assumed)]

def main(paths: list[str]) -> int:
    code = 0 if paths else 2
    for path in paths:
        try:
            print(*check(path), sep="\n")
        except (Refused, OSError, ValueError) as why:
            code = max(code, 1 if isinstance(why, Refused) else 2)
            print(f"{'REFUSED' if isinstance(why, Refused) else 'UNREADABLE'} {path}: {why}")
    if not paths:
        print("usage: python -m symgrad.verify FILE...", file=sys.stderr)
    return code

if __name__ == "__main__":
    gc.disable()                                                # every formula is kept to the end anyway
    sys.exit(main(sys.argv[1:]))
