"""The second checker: does a certificate prove what it says?        python -m symgrad.verify FILE...

It reads the certificates that `symgrad.kernel.record` writes and believes nothing in them. It needs the standard
library and no other line of symgrad, and it works in another way than the kernel does: its `algebra` writes
formulas with indices (a product of matrices is a sum over a shared index, diag(x)_ij is x_i where i = j) and compares
the graphs; it opens every binder before it replaces anything below it, and holds no formula with a loose index.

Parts: index expressions, formulas, the normal form of algebra, definitions, rules, the loop, the command.
Facts that were computed or cited are not proved here: they are listed as assumptions.
Exit code: 0 every certificate is accepted, 1 one is refused, 2 a file cannot be read.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import combinations, combinations_with_replacement, count
from typing import Any, NamedTuple

class Refused(Exception):
    """A formula, definition or step that does not hold."""

class Unreadable(Exception):
    """A file that is no certificate."""

def need(holds: object, why: str) -> None:
    if not holds:
        raise Refused(why)

# ------------------------------------------------ index expressions: (integer, ((symbol, coefficient), ...))
# A symbol is ("index", "l"), ("constant", "L"), ("dimension", "m"), ("width", "n", expression), ("bound", height);
# only inside this program ("slot", k) in declarations, ("fresh", k) opened, ("other", ...) renamed, ("sum", k).

Affine = Any

def affine(integer: int, coefficients: dict[Any, int]) -> Affine:
    return integer, tuple(sorted((s, c) for s, c in coefficients.items() if c))

def single(symbol: Any) -> Affine:
    return 0, ((symbol, 1),)

def plus(a: Affine, b: Affine, times: int = 1) -> Affine:
    """a + times b; b may be an integer."""
    if isinstance(b, int):
        return a[0] + times * b, a[1]
    total = dict(a[1])
    for symbol, c in b[1]:
        total[symbol] = total.get(symbol, 0) + times * c
    return affine(a[0] + times * b[0], total)

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

UNIT: Affine = (1, ())                                          # the index expression 1
BINDERS = ("OrderedProduct", "FiniteSum", "ForAll")
STATEMENTS = ("Equal", "LessEqual", "Less", "Jacobian", "Pullback", "Condition", "Nonzero", "Differentiable",
              "Bounded", "IsActivation", "OneFunction", "ConstantIs", "ForAll")
KINDS: dict[str, tuple[list[str], Callable[..., Formula]]] = {}        # what a kind takes, and its constructor
_table: dict[Any, Formula] = {}
_declared: dict[str, Any] = {}                                  # name -> (family or function, ends, shapes)
_fresh = count()

class Formula:
    __slots__ = ("args", "free", "height", "kind", "normal", "number", "shape")
    kind: str
    args: tuple[Any, ...]
    shape: Any                                                  # (rows, columns) of a term, else None
    free: frozenset[Any]                                        # index symbols and variables
    height: int                                                 # of nested binders
    number: int
    normal: Any

class Theorem(NamedTuple):
    conclusion: Formula
    hypotheses: frozenset[Formula]

def is_formula(a: object, *kinds: str) -> bool:
    return isinstance(a, Formula) and (not kinds or a.kind in kinds)

def measures(a: Affine) -> bool:
    """May it be a number of rows? Widths, dimensions and natural numbers are never negative."""
    return a[0] >= 0 and all(c > 0 and s[0] in ("width", "dimension") for s, c in a[1])

def has_shape(a: Any) -> bool:
    return isinstance(a, Formula) and a.shape is not None

#: what an argument of a formula or of a rule can be; "word..." repeats, "word*" is a tuple
WORDS: dict[str, Callable[[Any], bool]] = {
    "term": has_shape, "scalar": lambda a: has_shape(a) and a.shape == (UNIT, UNIT),
    "column": lambda a: has_shape(a) and a.shape[1] == UNIT, "variable": lambda a: is_formula(a, "Variable"),
    "number": lambda a: is_formula(a, "Number"), "range": lambda a: is_formula(a, "OrderedProduct", "FiniteSum"),
    "product": lambda a: is_formula(a, "OrderedProduct"), "sum": lambda a: is_formula(a, "FiniteSum"),
    "statement": lambda a: is_formula(a, *STATEMENTS), "sigma": lambda a: is_formula(a, "ElementwiseFunction"),
    "function": lambda a: is_formula(a, "FunctionAt"), "smooth": lambda a: is_formula(a, "ElementwiseFunction", "FunctionAt"),
    "extreme": lambda a: is_formula(a, "Maximum", "Minimum"), "premise": lambda a: isinstance(a, Theorem),
    "at": lambda a: isinstance(a, tuple) and not isinstance(a, Theorem), "size": lambda a: WORDS["at"](a) and measures(a),
    "index": lambda a: WORDS["at"](a) and not a[0] and [(s[0], c) for s, c in a[1]] == [("index", 1)],
    "name": lambda a: isinstance(a, str), "norm": lambda a: a in ("1", "2", "oo", "F"),
    "flag": lambda a: isinstance(a, bool), "integer": lambda a: type(a) is int, "any": lambda a: True}

def words_for(words: list[str], size: int) -> list[str]:
    if words and words[-1].endswith("..."):
        words = words[:-1] + [words[-1][:-3]] * (size - len(words) + 1)
    need(len(words) == size, f"takes {len(words)} arguments, got {size}")
    return words

def intern(kind: str, args: tuple[Any, ...], shape: Any = None, free: frozenset[Any] | None = None) -> Formula:
    """The one formula of this kind with these arguments, which were checked."""
    made = _table.get((kind, args))
    if made is None:
        made = _table[kind, args] = Formula()
        made.kind, made.args, made.shape, made.number, made.normal = kind, args, shape, len(_table), None
        inside = [a for a in args if isinstance(a, Formula)]
        made.height = max((a.height for a in inside), default=0) + (kind in BINDERS)
        if free is None:
            free = frozenset().union(*(a.free for a in inside), *(symbols(a) for a in args if isinstance(a, tuple)))
        made.free = free | {made} if kind == "Variable" else free
    return made

def kind(name: str, words: str, shape: Any = None, holds: Any = None, why: str = "") -> Callable[..., Formula]:
    """A kind of formula that keeps its arguments as they are: what they must be, and the shape it has."""
    def build(*args: Any) -> Formula:
        made = _table.get((name, args))
        if made is None:
            for word, a in zip(words_for(words.split(), len(args)), args, strict=True):
                need(WORDS[word](a), f"{name} takes {words}")
            need(holds is None or holds(*args), f"{name}: {why}")
            made = intern(name, args, shape(*args) if callable(shape) else shape)
        return made

    KINDS[name] = words.split(), build
    return build

def special(build: Callable[..., Formula], words: str) -> Callable[..., Formula]:
    KINDS[build.__name__] = words.split(), build
    return build

def declared(name: str, indices: tuple[Affine, ...], sort: str) -> list[Any]:
    """The shapes of a declared name at these indices, which must not be outside its range."""
    need(name in _declared and _declared[name][0] == sort, f"{name} is no {sort} declared here")
    _, ends, shapes = _declared[name]
    need(len(ends) == len(indices), f"{name} takes {len(ends)} indices")
    for index, (low, high) in zip(indices, ends, strict=True):
        for gap in (low and plus(index, low, -1), high and plus(high, index, -1)):
            need(not gap or gap[1] or gap[0] >= 0, f"an index of {name} is outside its range")
    slots = {("slot", k): index for k, index in enumerate(indices)}
    return [tuple(replace(side, slots) for side in shape) for shape in shapes]

def flat(kind: str, terms: Iterable[Formula]) -> tuple[Formula, ...]:
    need(all(map(has_shape, terms)), f"{kind} takes terms")
    return tuple(part for t in terms for part in (t.args if t.kind == kind else (t,)))

def entrywise(name: str) -> Callable[..., Formula]:
    def build(*terms: Formula) -> Formula:
        terms = flat(name, terms)
        need(terms and len({t.shape for t in terms}) == 1, f"{name} of different shapes")
        return intern(name, terms, terms[0].shape) if len(terms) > 1 else terms[0]
    build.__name__ = name
    return special(build, "term...")

def MatrixProduct(*factors: Formula) -> Formula:
    factors = flat("MatrixProduct", factors)
    need(factors and all(a.shape[1] == b.shape[0] for a, b in zip(factors, factors[1:], strict=False)),
         "the factors of a product do not fit")
    return intern("MatrixProduct", factors, (factors[0].shape[0], factors[-1].shape[1])) if factors[1:] else factors[0]

def Scaled(*factors: Formula) -> Formula:
    factors = flat("Scaled", factors)
    matrices = [f for f in factors if f.shape != (UNIT, UNIT)]
    need(factors and len(matrices) < 2, "only scalars scale")
    factors = (*(f for f in factors if f.shape == (UNIT, UNIT)), *matrices)
    return intern("Scaled", factors, factors[-1].shape) if factors[1:] else factors[0]

def Number(text: str) -> Formula:
    """A rational such as "1/2", or rational*rest with a rest that is never looked into."""
    match = re.fullmatch(r"(-?\d{1,4000})(?:/(\d{1,4000}))?(\*.{1,4000})?", text)
    if not match or not int(match[2] or 1):
        raise Refused(f"{text[:40]!r} is no number")
    return intern("Number", (str(Fraction(int(match[1]), int(match[2] or 1))) + (match[3] or ""),), (UNIT, UNIT))

def Count(value: Affine) -> Formula:
    return intern("Count", (value,), (UNIT, UNIT)) if value[1] else Number(str(value[0]))

def Apply(function: Formula, *arguments: Formula) -> Formula:
    result, *expected = declared(function.args[0], function.args[1:], "function")
    need(all(map(has_shape, arguments)) and [a.shape for a in arguments] == expected,
         "a function is applied to arguments of other shapes")
    return intern("Apply", (function, *arguments), result)

def bind(kind: str, index: Affine, low: Affine, high: Affine, body: Formula, rest: Any = (), shape: Any = None) -> Formula:
    """A binder: its index is numbered by nesting height, so that formulas equal but for its name are one."""
    need(not index[0] and [c for _, c in index[1]] == [1], "a range binds an index symbol")
    length, symbol, number = plus(plus(high, low, -1), 1), index[1][0][0], ("bound", body.height + 1)
    need(symbol[0] in ("index", "fresh", "bound"), "a range binds an index symbol")
    need(length[0] >= 0 or any(c > 0 or s[0] != "width" for s, c in length[1]), "a range of negative length")
    need(not any(isinstance(v, Formula) and symbol in v.free for v in body.free),
         "a variable whose shape depends on the bound index")
    if symbol[0] == "bound":
        need(symbol == number, "a bound index is numbered by the height of its body")
    else:
        need(number not in body.free, "a loose index under a binder")
        body = substitute(body, {symbol: single(number)}, opening=False)
    free = (body.free - {number}) | symbols(low) | symbols(high)
    return intern(kind, (single(number), low, high, body, *rest), shape, free)

def OrderedProduct(index: Affine, low: Affine, high: Affine, body: Formula, order: Affine) -> Formula:
    need(order in (UNIT, (-1, ())) and index[1], "the order of a product is 1 or -1")
    (rows, columns), symbol = body.shape, index[1][0][0]
    need(columns == replace(rows, {symbol: plus(index, 1)}) if order == UNIT else
         rows == replace(columns, {symbol: plus(index, 1)}), "neighbouring factors of a product do not fit")
    first, last = (low, high) if order == UNIT else (high, low)
    shape = replace(rows, {symbol: first}), replace(columns, {symbol: last})
    return bind("OrderedProduct", index, low, high, body, (order,), shape)

def FiniteSum(index: Affine, low: Affine, high: Affine, body: Formula) -> Formula:
    need(not any(symbols(index) & symbols(side) for side in body.shape), "the terms of a sum have one shape")
    return bind("FiniteSum", index, low, high, body, (), body.shape)

def ForAll(index: Affine, low: Affine, high: Affine, body: Formula) -> Formula:
    need(body.kind not in ("Jacobian", "Pullback"), "a derivative judgement is not quantified")
    return bind("ForAll", index, low, high, body)

def ConstantIs(constant: Affine, value: Affine) -> Formula:
    need(not constant[0] and [(s[0], c) for s, c in constant[1]] == [("constant", 1)] and not value[1],
         "expected a constant and an integer")
    return intern("ConstantIs", (constant, value), free=frozenset())

SCALAR = (UNIT, UNIT)
Variable = kind("Variable", "name size size", lambda n, r, c: (r, c), lambda n, r, c: n not in _declared, "the name is declared")
Named = kind("Named", "name at...", lambda n, *i: declared(n, i, "family")[0])
FunctionAt = kind("FunctionAt", "name at...", None, lambda n, *i: declared(n, i, "function"))
ElementwiseFunction = kind("ElementwiseFunction", "name at at...", None, lambda n, k, *i: k[0] >= 0 and not k[1], "order")
Elementwise = kind("Elementwise", "sigma term", lambda f, t: t.shape)
Gradient = kind("Gradient", "function term", lambda f, t: t.shape, lambda f, t: Apply(f, t).shape == SCALAR, "no scalar")
Sum, Hadamard = entrywise("Sum"), entrywise("Hadamard")
Transpose = kind("Transpose", "term", lambda t: t.shape[::-1])
Diagonal = kind("Diagonal", "column", lambda t: (t.shape[0],) * 2)
Identity = kind("Identity", "size", lambda n: (n, n))
Zero, Ones = (kind(name, "size size", lambda r, c: (r, c)) for name in ("Zero", "Ones"))
Norm = kind("Norm", "term norm", SCALAR)
SMin = kind("SMin", "term", SCALAR)
Absolute = kind("Absolute", "term", lambda t: t.shape)
Inner = kind("Inner", "term term", SCALAR, lambda x, y: x.shape == y.shape, "different shapes")
Quotient = kind("Quotient", "scalar scalar", SCALAR)
Power = kind("Power", "scalar at", SCALAR, lambda s, e: e[1] or e[0] >= 0, "an exponent is a natural number")
Maximum, Minimum = (kind(name, "scalar scalar scalar...", SCALAR) for name in ("Maximum", "Minimum"))
Equal, LessEqual, Less = (kind(name, "term term", None, lambda a, b: a.shape == b.shape, "the shapes differ")
                          for name in ("Equal", "LessEqual", "Less"))
Jacobian = kind("Jacobian", "variable column term", None, lambda v, e, J: v.shape[1] == UNIT
                and J.shape == (e.shape[0], v.shape[0]), "the shapes do not fit")
Pullback = kind("Pullback", "variable term variable term", None, lambda X, e, G, H: G is not X and G not in e.free
                and G.shape == e.shape and H.shape == X.shape, "the cotangent is not fresh, or a shape does not fit")
Condition = kind("Condition", "at")
Nonzero = kind("Nonzero", "scalar")
Differentiable = kind("Differentiable", "smooth term", None, lambda f, t: f.kind != "FunctionAt" or Apply(f, t))
Bounded = kind("Bounded", "sigma scalar")
IsActivation = kind("IsActivation", "sigma name", None, lambda f, n: f.args[1] == (0, ()), "of a derivative")
OneFunction = kind("OneFunction", "sigma", None, lambda f: f.args[1:] == ((0, ()),), "of a function with an index")
for _build, _words in ((MatrixProduct, "term..."), (Scaled, "term..."), (Number, "name"), (Count, "at"),
                       (Apply, "function term..."), (OrderedProduct, "at at at term at"), (FiniteSum, "at at at term"),
                       (ForAll, "at at at statement"), (ConstantIs, "at at")):
    special(_build, _words)

def construct(f: Formula, args: Iterable[Any]) -> Formula:
    return f if f.kind == "ConstantIs" else KINDS[f.kind][1](*args)

def bound_index(f: Formula) -> Any:
    return f.args[0][1][0][0]

def opened(f: Formula) -> tuple[Any, Formula]:
    """A binder's index as a symbol that occurs nowhere else, and its body with that symbol."""
    fresh = ("fresh", next(_fresh))
    return fresh, substitute(f.args[3], {bound_index(f): single(fresh)}, opening=False)

def transform(f: Formula, change: Callable[[Any], Any], done: dict[Formula, Formula], opening: bool = True) -> Formula:
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
    """Index symbols and variables replaced, all at once. What is put in has no loose index: nothing is captured."""
    def change(part: Any) -> Any:
        if not isinstance(part, Formula):
            return replace(part, mapping)
        return part if part.free.isdisjoint(mapping) else mapping.get(part)

    return transform(f, change, {}, opening)

def at(f: Formula, index: Affine) -> Formula:
    """The body of a range at an index."""
    return substitute(f.args[3], {bound_index(f): index}, opening=False)

def subterms(*formulas: Formula) -> set[Formula]:
    seen: set[Formula] = set()
    stack: list[Any] = list(formulas)
    while stack:
        f = stack.pop()
        if isinstance(f, Formula) and f not in seen:
            seen.add(f)
            stack.extend(f.args)
    return seen

def parts_of_number(f: Formula) -> tuple[Fraction, str]:
    rational, _, rest = f.args[0].partition("*")
    return Fraction(rational), rest

def negative(t: Formula) -> Formula:
    if t.kind == "Number":
        rational, rest = parts_of_number(t)
        return Number(str(-rational) + ("*" + rest if rest else ""))
    return Scaled(Number("-1"), t)

INFIX = {"Sum": " + ", "MatrixProduct": " @ ", "Scaled": " * ", "Hadamard": " ⊙ ", "Quotient": " / ", "Power": " ^ ",
         "Equal": " = ", "LessEqual": " <= ", "Less": " < "}

def show(f: Any) -> str:
    """A formula or index expression as plain text, for reports."""
    if isinstance(f, tuple):
        parts = [("" if c == 1 else "-" if c == -1 else f"{c} ") + (f"{s[1]}[{show(s[2])}]" if s[0] == "width" else
                 f"r{s[1]}" if s[0] == "bound" else str(s[1])) for s, c in f[1]]
        return " + ".join(parts + [str(f[0])] * (f[0] != 0 or not parts)).replace("+ -", "- ")
    if not isinstance(f, Formula):
        return str(f)
    head, *rest = args = [show(a) for a in f.args]
    if f.kind in INFIX:
        text = INFIX[f.kind].join(args)
        return text if f.kind in STATEMENTS else f"({text})"
    if f.kind in ("Variable", "Number", "Count"):
        return head
    if f.kind == "ElementwiseFunction":
        head, rest = head + "'" * min(f.args[1][0], 9), rest[1:]
    if f.kind in ("Named", "FunctionAt", "ElementwiseFunction"):
        return f"{head}[{', '.join(rest)}]" if rest else head
    if f.kind in ("Apply", "Elementwise"):
        return f"{head}({', '.join(rest)})"
    return f"0 <= {head}" if f.kind == "Condition" else f"{f.kind}({', '.join(args)})"

# ------------------------------------------------ the normal form of algebra
# The entry (i, j) of a term is a sum of monomials: a rational number, scalars to powers, and a graph. The nodes of a
# graph are sizes (an index that runs over the rows or columns of something), ranges (the index of a finite sum) and
# factors, each a label with links (role, node): A_ij links to the sizes i and j. `ends` are the nodes of i and j, -1
# where the width is 1. An index that is no end is summed over. Connected parts without an end are scalars.

EMPTY: Any = ((), (-1, -1))
_loose: dict[str, frozenset[Any]] = {}                          # label -> the ("sum", k) symbols in it
_size_of: dict[str, Affine] = {}                                # label of a size -> the size
_graph_of: dict[str, Any] = {}                                  # label of a scalar that is a graph -> the graph
_ids: dict[Any, int] = {}
_budget = [0]

def normal(t: Formula) -> dict[Any, Fraction]:
    if t.normal is None:
        t.normal = gather(monomials(t))
    result: dict[Any, Fraction] = t.normal
    return result

def gather(raws: Iterable[Any]) -> dict[Any, Fraction]:
    total: defaultdict[Any, Fraction] = defaultdict(Fraction)
    for raw in raws:
        for c, scalars, graph in settle(*raw):
            total[scalars, graph] += c
        need(len(total) <= 4000, "a normal form of more than 4000 monomials")
    return {key: c for key, c in total.items() if c}

def raws(t: Formula) -> list[Any]:
    return [(c, scalars, *graph) for (scalars, graph), c in normal(t).items()]

def monomials(t: Formula) -> Iterable[Any]:
    """The monomials (number, scalars, nodes, ends) of a term, not yet in order."""
    kind, args = t.kind, t.args
    if kind == "Number":
        rational, rest = parts_of_number(t)
        return [(rational, (("number " + rest, UNIT),) if rest else (), *EMPTY)]
    if kind == "Sum":
        return [raw for part in args for raw in raws(part)]
    if kind in JOINTS:
        return multiply(JOINTS[kind], [raws(part) for part in args])
    if kind == "Transpose":
        return [(c, s, nodes, ends[::-1]) for c, s, nodes, ends in raws(args[0])]
    if kind == "Diagonal":
        return [(c, s, nodes, (ends[0], ends[0])) for c, s, nodes, ends in raws(args[0])]
    if kind == "Ones":
        return [(Fraction(1), (), *legs(args))]
    if kind == "Identity":
        nodes, ends = legs((args[0], UNIT))
        return [(Fraction(1), (), nodes, (ends[0], ends[0]))]
    if kind == "Zero":
        return []
    if kind == "Count":
        return counted(args[0])
    if kind == "Power":
        return power(raws(args[0]), t)
    if kind == "Quotient":
        return multiply(JOINTS["Scaled"], [raws(args[0]), inverse(args[1])])
    if kind == "FiniteSum":
        return summed(t)
    if kind == "OrderedProduct":
        symbol = next(("sum", k) for k in count() if ("sum", k) not in t.free)
        label = named(f"product {args[4]} {symbol} {args[1]} {args[2]}", [at(t, single(symbol))], args[1:3], {symbol})
        return atom(label, t.shape)
    if kind in ("Norm", "SMin"):
        return atom(named(f"{kind} {args[1:]}", args[:1]), t.shape)
    if kind in ("Elementwise", "Absolute"):                     # of a row: the row of the column's
        column = Transpose(args[-1]) if t.shape[0] == UNIT != t.shape[1] else args[-1]
        function = args[0].args if kind == "Elementwise" else ()
        return atom(named(f"{kind} {function}", [column], function[1:]), t.shape)
    if kind in ("Apply", "Gradient"):
        return atom(named(f"{kind} {args[0].args}", args[1:], args[0].args[1:]), t.shape)
    if kind in ("Maximum", "Minimum"):
        parts = {named("", [part]): part for part in args}
        return raws(args[0]) if len(parts) == 1 else atom(named(kind, [parts[k] for k in sorted(parts)]), t.shape)
    return atom(f"symbol {t.number}", t.shape, t.free)

def sums(things: Iterable[Any]) -> frozenset[Any]:
    return frozenset(s for s in things if isinstance(s, tuple) and s[0] == "sum")

def size_label(side: Affine) -> str:
    label = f"size {side}"
    _size_of[label], _loose[label] = side, sums(symbols(side))
    return label

def legs(shape: Any) -> Any:
    """The sizes of a shape as nodes, and the ends."""
    sides = [side for side in shape if side != UNIT]
    return tuple((size_label(side), ()) for side in sides), (-1 if shape[0] == UNIT else 0,
                                                             -1 if shape[1] == UNIT else len(sides) - 1)

def atom(label: str, shape: Any, free: Iterable[Any] | None = None) -> list[Any]:
    if free is not None:
        _loose[label] = sums(free)
    nodes, ends = legs(shape)
    if not nodes:
        return [(Fraction(1), ((label, UNIT),), *EMPTY)]
    return [(Fraction(1), (), (*nodes, (label, tuple((("leg", k), k) for k in range(len(nodes))))), ends)]

def named(head: str, terms: Iterable[Formula], indices: Iterable[Any] = (), bound: Iterable[Any] = ()) -> str:
    """A label for a function of terms, the same for terms with one normal form."""
    values = [normal(t) for t in terms]
    label = f"{head} {[_ids.setdefault(tuple(sorted(v.items())), len(_ids)) for v in values]}"
    loose = sums(s for index in indices if isinstance(index, tuple) for s in symbols(index))
    for value in values:
        for scalars, (nodes, _) in value:
            loose = loose.union(*(loose_label(key) | sums(symbols(e)) for key, e in scalars), loose_in(nodes))
    _loose[label] = loose - frozenset(bound)
    return label

def loose_label(label: str) -> frozenset[Any]:
    return _loose.get(label, frozenset())

def loose_in(nodes: Any) -> frozenset[Any]:
    return frozenset().union(*(loose_label(label) - {r for r, _ in links} for label, links in nodes))

JOINTS: dict[str, Callable[[Any, Any], Any]] = {                # ends of both -> which to make one, ends of the result
    "MatrixProduct": lambda a, b: ([(a[1], b[0])], (a[0], b[1])),
    "Hadamard": lambda a, b: ([(a[0], b[0]), (a[1], b[1])], a),
    "Inner": lambda a, b: ([(a[0], b[0]), (a[1], b[1])], (-1, -1)),
    "Scaled": lambda a, b: ([], (max(a[0], b[0]), max(a[1], b[1])))}

def multiply(joint: Callable[[Any, Any], Any], factors: list[list[Any]]) -> list[Any]:
    def both(a: Any, b: Any) -> Any:
        shift = len(a[2])
        nodes = [*a[2], *((label, tuple((r, k + shift) for r, k in links)) for label, links in b[2])]
        glue, ends = joint(a[3], tuple(k + shift if k >= 0 else -1 for k in b[3]))
        up = list(range(len(nodes)))
        for p, q in glue:
            if p >= 0:
                up = [up[p] if u == up[q] else u for u in up]
        kept = {k: n for n, k in enumerate(k for k in range(len(nodes)) if up[k] == k)}
        return (a[0] * b[0], a[1] + b[1], tuple((nodes[k][0], tuple((r, kept[up[j]]) for r, j in nodes[k][1])) for k in kept),
                tuple(kept[up[k]] if k >= 0 else -1 for k in ends))

    result = factors[0]
    for factor in factors[1:]:
        result = [both(a, b) for a in result for b in factor]
        need(len(result) <= 4000, "a product of more than 4000 monomials")
    return result

def counted(size: Affine) -> list[Any]:
    for s, _ in size[1]:
        _loose[f"count {s}"] = sums(symbols(single(s)))
    linear = [(Fraction(c), ((f"count {s}", UNIT),), *EMPTY) for s, c in size[1]]
    return linear + ([(Fraction(size[0]), (), *EMPTY)] if size[0] else [])

def power(base: list[Any], t: Formula) -> list[Any]:
    exponent = t.args[1]
    if not exponent[1] and exponent[0] <= 12:
        return multiply(JOINTS["Scaled"], [[(Fraction(1), (), *EMPTY)], *[base] * exponent[0]])
    if len(base) == 1 and not any(e[1] for _, e in base[0][1]):
        c, scalars = base[0][:2]
        raised = [(key, plus((0, ()), exponent, e[0])) for key, e in scalars]
        return [(Fraction(1), (*raised, *([(f"number {c}", exponent)] if c != 1 else ())), *EMPTY)]
    return [(Fraction(1), ((named("value", t.args[:1]), exponent),), *EMPTY)]

def inverse(t: Formula) -> list[Any]:
    """1/t, where 1/0 is 0."""
    if len(normal(t)) != 1:
        return [(Fraction(1), ((named("1/value", [t]), UNIT),), *EMPTY)]
    ((scalars, _), c), = normal(t).items()
    for key, _ in scalars:
        _loose["1/" + key] = loose_label(key)
    return [(1 / c, tuple(("1/" + key, e) for key, e in scalars), *EMPTY)]

def summed(t: Formula) -> Iterator[Any]:
    """A finite sum: everything that depends on its index is linked to one more node, the range."""
    symbol = next(("sum", k) for k in count() if ("sum", k) not in t.free)
    label = f"range {t.args[1]} {t.args[2]}"
    _loose[label] = sums(symbols(t.args[1]) | symbols(t.args[2]))
    for c, scalars, nodes, ends in raws(at(t, single(symbol))):
        outside, inside = [], list(nodes)
        for key, e in scalars:
            if symbol not in loose_label(key) | symbols(e):
                outside.append((key, e))
            elif e == UNIT and key in _graph_of:
                inside += [(name, tuple((r, k + len(inside)) for r, k in links)) for name, links in _graph_of[key]]
            else:
                inside.append((f"{key} ^ {e}", ()))
                _loose[inside[-1][0]] = loose_label(key) | sums(symbols(e))
        tied = [(name, (*links, (symbol, len(inside)))) if symbol in loose_label(name) - set(dict(links))
                else (name, links) for name, links in inside]
        yield c, tuple(outside), (*tied, (label, ())), ends

def settle(c: Fraction, scalars: Any, nodes: Any, ends: Any) -> list[Any]:
    """A monomial with its connected parts that have no end made scalars, and the rest in canonical order."""
    part = list(range(len(nodes)))
    for k, (_, links) in enumerate(nodes):
        for _, j in links:
            part = [part[k] if p == part[j] else p for p in part]
    powers, counts, found = dict[str, Affine](), [], list(scalars)
    held = {part[k] for k in ends if k >= 0}
    for p in set(part) - held:
        graph = canonical(nodes, [k for k in range(len(nodes)) if part[k] == p], (-1, -1))[0]
        if len(graph) == 1 and graph[0][0] in _size_of:
            counts.append(counted(_size_of[graph[0][0]]))
        else:
            key = f"graph {_ids.setdefault(graph, len(_ids))}"
            _loose[key], _graph_of[key] = loose_in(graph), graph
            found.append((key, UNIT))
    for key, e in found:
        powers[key] = plus(powers.get(key, (0, ())), e)
    rest = canonical(nodes, [k for k in range(len(nodes)) if part[k] in held], ends) if held else EMPTY
    product = [(c, tuple(powers.items()), *rest)]
    if counts:
        return [one for raw in multiply(JOINTS["Scaled"], [*counts, product]) for one in settle(*raw)]
    return [(c, tuple(sorted((key, e) for key, e in powers.items() if e != (0, ()))), rest)]

def canonical(nodes: Any, chosen: list[int], ends: Any) -> Any:
    """The chosen nodes in an order that does not depend on how the graph was written, and the ends."""
    place = {k: n for n, k in enumerate(chosen)}
    graph = [(nodes[k][0], tuple((r, place[j]) for r, j in nodes[k][1])) for k in chosen]
    ends = tuple(place[k] if k >= 0 else -1 for k in ends)
    back: list[list[Any]] = [[] for _ in graph]
    for k, (_, links) in enumerate(graph):
        for r, j in links:
            back[j].append((r, k))

    def ranked(signs: list[Any]) -> list[int]:
        order = {sign: n for n, sign in enumerate(sorted(set(signs)))}
        return [order[sign] for sign in signs]

    def linked(links: Iterable[Any], colours: list[int]) -> Any:
        return tuple(sorted((r, colours[j]) for r, j in links))

    def search(colours: list[int]) -> Any:
        """Refine the colours until they tell all nodes apart; where they cannot, try each candidate."""
        size = 0
        while size != len(set(colours)):
            size = len(set(colours))
            colours = ranked([(colours[k], linked(graph[k][1], colours), linked(back[k], colours)) for k in range(len(graph))])
        _budget[0] -= 1
        need(_budget[0] > 0, "a formula too symmetric for the normal form")
        if size == len(graph):
            order = sorted(range(size), key=colours.__getitem__)
            return (tuple((graph[k][0], linked(graph[k][1], colours)) for k in order),
                    tuple(colours[k] if k >= 0 else -1 for k in ends))
        tied = min(c for c in colours if colours.count(c) > 1)
        twins = {(graph[k], tuple(sorted(back[k]))): k for k in range(len(graph)) if colours[k] == tied}
        return min(search([2 * c + (c == tied and k != one) for k, c in enumerate(colours)]) for one in twins.values())

    return search(ranked([(label, ends[0] == k, ends[1] == k) for k, (label, _) in enumerate(graph)]))

@lru_cache(maxsize=1 << 14)
def exponents(t: Formula) -> frozenset[Affine]:
    """The symbolic exponents in a term, each of which must not be negative; under a range, by the range."""
    found: set[Affine] = {t.args[1]} if t.kind == "Power" and t.args[1][1] else set()
    if t.kind in BINDERS:
        symbol, body = opened(t)
        for e in exponents(body):
            if symbol not in symbols(e):
                found.add(e)
            else:
                index = single(symbol)
                need(follows(e, (plus(index, t.args[1], -1), plus(t.args[2], index, -1))), "an exponent may be negative")
        return frozenset(found)
    return frozenset(found).union(*(exponents(a) for a in t.args if isinstance(a, Formula)))

# ------------------------------------------------ definitions

class Case(NamedTuple):
    left: Formula
    right: Formula
    where: tuple[Formula, ...]

    @property
    def head(self) -> Formula:
        """The symbol at its indices, or the function at its indices."""
        head: Formula = self.left if self.left.kind == "Named" else self.left.args[0]
        return head

def names(*formulas: Formula) -> set[str]:
    return {f.args[0] for f in subterms(*formulas) if f.kind in ("Named", "FunctionAt")}

def define(cases: list[Case], closed: set[str]) -> None:
    """Refuse a definition that is not conservative; `closed` are the names that are settled already."""
    for case in cases:
        left, right, where = case
        need(left.kind in ("Named", "Apply"), "a definition names a symbol or a function")
        need(left.shape == right.shape, "the two sides of a definition differ in shape")
        indices = case.head.args[1:]
        free = [i for i in indices if any(s[0] not in ("constant", "width") for s in symbols(i))]
        need(len(set(free)) == len(free) and all(WORDS["index"](i) for i in free) and not any(
            s[0] == "width" and symbols(i) for i in indices for s, _ in i[1]), "indices are different symbols or constants")
        need(left.kind == "Named" or all(v.kind == "Variable" for v in left.args[1:])
             and len(set(left.args)) == len(left.args), "a function is defined at different variables")
        for part in (right, *where):
            need(all(s in left.free or s[0] == "constant" for s in part.free),
                 "the right side or a condition has a symbol that the left side has not")
        need(case.head.args[0] not in closed, f"{case.head.args[0]} is defined or used in a definition already")
    for one, two in combinations(cases, 2):
        need(one.head.args[0] != two.head.args[0] or exclude(one, two), f"two cases for {one.head.args[0]} may overlap")
    ranks = {name: k for k, name in enumerate(dict.fromkeys(case.head.args[0] for case in cases))}
    steps = set()
    for case in cases:
        for used in subterms(case.right):
            if used.kind in ("Named", "FunctionAt") and used.args[0] in ranks:
                need(len(used.args) > 1 and len(case.head.args) > 1, "a definition through itself")
                here = case.head.args[1]
                step, rest = plus(used.args[1], here, -1)
                need(not rest, "a recursion at no fixed distance")
                steps.add(step > 0) if step else need(ranks[used.args[0]] < ranks[case.head.args[0]], "a circular definition")
                need(not step or any(bounds(c.args[0], here, -1 if step > 0 else 1) for c in case.where),
                     "a recursion that no condition bounds")
    need(len(steps) < 2, "a recursion in two directions")

def exclude(one: Case, two: Case) -> bool:
    """Can the two cases never meet? The second's index symbols are told apart from the first's."""
    other = {s: single(("other", *s)) for i in two.head.args[1:] for s in symbols(i) if s[0] == "index"}
    known = [c.args[0] for c in one.where] + [replace(c.args[0], other) for c in two.where]
    for i, j in zip(one.head.args[1:], two.head.args[1:], strict=True):
        gap = plus(i, replace(j, other), -1)
        known += [gap, plus((0, ()), gap, -1)]
    return follows((-1, ()), known)

def bounds(e: Affine, index: Affine, sign: int) -> bool:
    """Does 0 <= e bound the index by constants, from below (sign 1) or from above (-1)?"""
    rest = plus(e, index, -sign)
    return bool(index[1]) and all(s[0] == "constant" for s, _ in rest[1])

# ------------------------------------------------ rules: what each takes, and what it gives
# A rule gives a conclusion, or a tuple of the conclusion and its hypotheses.

RULES: dict[str, tuple[list[str], Callable[..., Any]]] = {}
RELATIONS = ("Equal", "LessEqual", "Less")
DUAL = {"1": "oo", "oo": "1", "2": "2", "F": "F"}
_assumed: list[str] = []
_closed: set[str] = set()                                       # names that a definition defines or uses
_cases: dict[Formula, list[Case]] = {}

def law(name: str, words: str, function: Callable[..., Any]) -> None:
    RULES[name] = words.split(), function

def rule(words: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        law(function.__name__, words, function)
        return function
    return register

def when(holds: object, result: Callable[[], Any], why: str = "its side condition does not hold") -> Any:
    need(holds, why)
    return result()

def cond(high: Affine, low: Affine | int = 0) -> Formula:
    """low <= high."""
    return Condition(plus(high, low, -1))

def sides(t: Theorem, *kinds: str) -> Any:
    need(t.conclusion.kind in (kinds or RELATIONS), f"expected {' or '.join(kinds or RELATIONS)}, got {t.conclusion.kind}")
    return t.conclusion.args

def positive(t: Theorem, *kinds: str) -> Formula:
    """s, from 0 <= s or 0 < s."""
    left, right = sides(t, *(kinds or ("LessEqual", "Less")))
    need(left is Number("0"), "expected 0 on the left")
    return is_formula(right) and right

def given(*theorems: Theorem) -> frozenset[Formula]:
    return frozenset().union(*(t.hypotheses for t in theorems))

def judged(*formulas: Formula) -> set[Formula]:
    """What the derivative judgements among the formulas differentiate by, and their cotangents."""
    return {v for f in formulas for v in {"Jacobian": f.args[:1], "Pullback": f.args[:3:2]}.get(f.kind, ())}

def replaced(t: Theorem, mapping: dict[Any, Any]) -> Any:
    everything = (t.conclusion, *t.hypotheses)
    images = {v: substitute(v, mapping) for f in everything for v in f.free if isinstance(v, Formula)}
    for v in judged(*everything):
        need(images[v].kind == "Variable" and not any(images[v] in images[u].free for u in images if u is not v),
             "a derivative judgement is not instantiated in its variable, nor are two variables made one")
    return tuple(substitute(f, mapping) for f in everything)

def without(hypotheses: Iterable[Formula], index: Affine, low: Affine, high: Affine) -> Any:
    """The hypotheses that do not mention the index; the others must be conditions that follow from its range."""
    (symbol, _), = index[1]
    rest = [h for h in hypotheses if symbol not in h.free]
    known = [plus(index, low, -1), plus(high, index, -1), *(h.args[0] for h in rest if h.kind == "Condition")]
    need(all(h in rest or h.kind == "Condition" and follows(h.args[0], known) for h in hypotheses), "the index is not free")
    return rest

def outside(index: Affine, low: Affine, high: Affine) -> None:
    need(index[1][0][0] not in symbols(low) | symbols(high), "the index occurs in its own range")

def assumed(how: str, statement: Formula, hypotheses: Any) -> Any:
    _assumed.append(f"{how}: {', '.join(map(show, hypotheses))} |- {show(statement)}")
    return statement, *hypotheses

law("reflexive", "term", lambda a: Equal(a, a))
law("assume", "statement", lambda s: (s, s))
law("cited", "name statement statement*", lambda source, s, more: assumed(f"cited from {source}", s, more))
law("computed", "name statement statement*", lambda by, s, more: assumed(f"computed by {by}", s, more))
law("weaken", "premise statement*", lambda t, more: (t.conclusion, *t.hypotheses, *more))
law("symmetric", "premise", lambda t: (Equal(*sides(t, "Equal")[::-1]), *t.hypotheses))
law("equal_to_le", "premise", lambda t: (LessEqual(*sides(t, "Equal")), *t.hypotheses))
law("less_to_le", "premise", lambda t: (LessEqual(*sides(t, "Less")), *t.hypotheses))
law("absolute_of_nonnegative", "premise", lambda t: (Equal(Absolute(positive(t)), positive(t)), *t.hypotheses))
law("nonzero_of_positive", "premise", lambda t: (Nonzero(positive(t, "Less")), *t.hypotheses))
law("absolute_product", "scalar*", lambda f: Equal(Absolute(Scaled(*f)), Scaled(*map(Absolute, f))))
law("absolute_bound", "scalar flag", lambda s, minus: LessEqual(negative(s) if minus else s, Absolute(s)))
law("cancel", "scalar scalar", lambda a, b: (Equal(Scaled(Quotient(a, b), b), a), Nonzero(b)))
law("compare_numbers", "number number", lambda p, q: when(
    not parts_of_number(p)[1] and not parts_of_number(q)[1] and parts_of_number(p) <= parts_of_number(q),
    lambda: (LessEqual if p is q else Less)(p, q)))
law("between_extremes", "extreme integer", lambda m, k: when(0 <= k < len(m.args), lambda:
    LessEqual(m, m.args[k]) if m.kind == "Minimum" else LessEqual(m.args[k], m)))
law("homogeneous", "scalar term norm", lambda s, A, p: Equal(Norm(Scaled(s, A), p), Scaled(Absolute(s), Norm(A, p))))
law("triangle", "term* norm", lambda ts, p: LessEqual(Norm(Sum(*ts), p), Sum(*(Norm(t, p) for t in ts))))
law("triangle_range", "index at at term norm", lambda i, low, high, A, p:
    LessEqual(Norm(FiniteSum(i, low, high, A), p), FiniteSum(i, low, high, Norm(A, p))))
law("submultiplicative", "term* norm", lambda f, p: LessEqual(Norm(MatrixProduct(*f), p), Scaled(*(Norm(A, p) for A in f))))
law("frobenius_product", "term term", lambda A, B:
    LessEqual(Norm(MatrixProduct(A, B), "F"), Scaled(Norm(A, "2"), Norm(B, "F"))))
law("spectral_at_most_frobenius", "term", lambda A: LessEqual(Norm(A, "2"), Norm(A, "F")))
law("transpose_norm", "term norm", lambda A, p: Equal(Norm(Transpose(A), p), Norm(A, DUAL[p])))
law("norm_of_diagonal", "column norm", lambda x, p: Equal(Norm(Diagonal(x), p), Norm(x, "2" if p == "F" else "oo")))
law("bounded_norm", "sigma scalar column", lambda f, c, z: (LessEqual(Norm(Elementwise(f, z), "oo"), c), Bounded(f, c)))
law("bound_is_nonnegative", "sigma scalar", lambda f, c: (LessEqual(Number("0"), c), Bounded(f, c)))
law("rank_one", "column column norm", lambda x, y, p: Equal(Norm(MatrixProduct(x, Transpose(y)), p), Scaled(
    Norm(x, "2" if p == "F" else p), Norm(y, "2" if p == "F" else DUAL[p]))))
law("holder", "term term norm", lambda x, y, p: when(x.shape[1] == UNIT or p == "F", lambda: LessEqual(
    Absolute(Inner(x, y)), Scaled(Norm(x, p), Norm(y, DUAL[p])))))
law("square_of_norm", "term norm", lambda A, p: when(p == "F" or p == "2" and A.shape[1] == UNIT, lambda: Equal(
    Power(Norm(A, p), (2, ())), Inner(A, A))))
law("identity_norm", "size norm", lambda n, p: when(p != "F", lambda: (Equal(Norm(Identity(n), p), Number("1")), cond(n, 1))))
law("norm_of_zero", "size size norm", lambda r, c, p: Equal(Norm(Zero(r, c), p), Number("0")))
law("norm_of_scalar", "scalar norm", lambda s, p: Equal(Norm(s, p), Absolute(s)))
law("stretch", "term column", lambda A, x: LessEqual(Scaled(SMin(A), Norm(x, "2")), Norm(MatrixProduct(A, x), "2")))
law("stretch_of_product", "term term", lambda A, B: LessEqual(Scaled(SMin(A), SMin(B)), SMin(MatrixProduct(A, B))))
law("stretch_of_wide", "term", lambda A: (Equal(SMin(A), Number("0")), cond(A.shape[1], plus(A.shape[0], 1))))
law("stretch_at_most_norm", "term", lambda A: LessEqual(SMin(A), Norm(A, "2")))

@rule("premise premise")
def transitive(one: Theorem, two: Theorem) -> Any:
    (a, b), (c, d) = sides(one), sides(two)
    need(b is c, "the premises do not form a chain")
    kind = max((one.conclusion.kind, two.conclusion.kind), key=RELATIONS.index)
    return KINDS[kind][1](a, d), *given(one, two)

@rule("term variable premise")
def congruence(template: Formula, hole: Formula, t: Theorem) -> Any:
    a, b = sides(t, "Equal")
    return Equal(substitute(template, {hole: a}), substitute(template, {hole: b})), *t.hypotheses

def rewritten(template: Formula, hole: Formula, equation: Theorem, t: Theorem) -> Any:
    a, b = sides(equation, "Equal")
    need(not judged(template) and t.conclusion is substitute(template, {hole: a}), "the premise is not the template")
    return substitute(template, {hole: b}), *given(equation, t)

law("replace", "statement variable premise premise", rewritten)

@rule("premise premise")
def antisymmetric(one: Theorem, two: Theorem) -> Any:
    a, b = sides(one, "LessEqual")
    need(sides(two, "LessEqual") == (b, a), "the premises are not a <= b and b <= a")
    return Equal(a, b), *given(one, two)

@rule("premise premise")
def cut(t: Theorem, lemma: Theorem) -> Any:
    need(lemma.conclusion in t.hypotheses, "the lemma proves no hypothesis")
    return t.conclusion, *(t.hypotheses - {lemma.conclusion}), *lemma.hypotheses

@rule("statement premise*")
def exhaust(statement: Formula, instances: Any) -> Any:
    need(statement.kind == "ForAll" and not statement.args[1][1] and not statement.args[2][1]
         and len(instances) == max(0, statement.args[2][0] - statement.args[1][0] + 1), "not a case for each index")
    need(all(t.conclusion is at(statement, (statement.args[1][0] + k, ())) for k, t in enumerate(instances)),
         "not a theorem for each index")
    return statement, *given(*instances)

@rule("premise premise at")
def cases(one: Theorem, two: Theorem, e: Affine) -> Any:
    need(one.conclusion is two.conclusion, "the cases have two conclusions")
    return one.conclusion, *(one.hypotheses - {Condition(e)}), *(two.hypotheses - {cond((-1, ()), e)})

@rule("premise any")
def instantiate(t: Theorem, pairs: Any) -> Any:
    mapping: dict[Any, Any] = {}
    for old, new in pairs:
        symbol = old if is_formula(old) else old[1][0][0] if WORDS["at"](old) and len(old[1]) == 1 and not old[0] else None
        need(symbol not in mapping and (is_formula(old, "Variable") or symbol and symbol[0] in ("index", "dimension")
             and old == single(symbol)), "only different indices, dimensions and variables are instantiated")
        mapping[symbol] = as_word("term", new) if is_formula(old) else as_word("at" if symbol[0] == "index" else "size", new)
    indices = {s: new for s, new in mapping.items() if not is_formula(s)}
    for old, new in mapping.items():
        need(not is_formula(old) or new.shape == tuple(replace(side, indices) for side in old.shape), "a shape does not fit")
        need(is_formula(old) or old[0] == "index" or not any(
            old in symbols(side) for name in names(t.conclusion, *t.hypotheses) for shape in _declared[name][2] for side in shape),
            "a dimension of a declared symbol is fixed")
    return replaced(t, mapping)

@rule("premise name index* term")
def instantiate_symbol(t: Theorem, name: str, indices: Any, term: Formula) -> Any:
    need(name not in _closed, "the symbol stands in a definition")
    need(len(set(indices)) == len(indices) and Named(name, *indices).shape == term.shape, "the term has not the symbol's shape")
    everything = (t.conclusion, *t.hypotheses)
    fixed = {v.args[0] for v in judged(*everything)}
    need(not any(v.args[0] in fixed for v in term.free if isinstance(v, Formula)), "the term mentions a variable of a derivative")

    def change(part: Any) -> Any:
        if not is_formula(part, "Named") or part.args[0] != name:
            return part if not is_formula(part) else None
        return substitute(term, {i[1][0][0]: at for i, at in zip(indices, part.args[1:], strict=True)})

    return tuple(transform(f, change, {}) for f in everything)

@rule("premise at integer")
def concrete(t: Theorem, constant: Affine, value: int) -> Any:
    return *replaced(t, {constant[1][0][0]: (value, ())}), ConstantIs(constant, (value, ()))

@rule("premise sigma")
def one_function(t: Theorem, f: Formula) -> Any:
    def change(part: Any) -> Any:
        if is_formula(part, "ElementwiseFunction") and part.args[0] == f.args[0]:
            return ElementwiseFunction(*part.args[:2])
        return part if not is_formula(part) else None

    return *(transform(part, change, {}) for part in (t.conclusion, *t.hypotheses)), OneFunction(f)

@rule("premise index at at")
def generalise(t: Theorem, index: Affine, low: Affine, high: Affine) -> Any:
    outside(index, low, high)
    return ForAll(index, low, high, t.conclusion), *without(t.hypotheses, index, low, high)

@rule("premise at")
def specialise(t: Theorem, index: Affine) -> Any:
    _, low, high, _ = sides(t, "ForAll")
    return at(t.conclusion, index), *t.hypotheses, cond(index, low), cond(high, index)

def induction(base: Theorem, step: Theorem, index: Affine, low: Affine, high: Affine, way: int) -> Any:
    outside(index, low, high)
    claim, (symbol, _) = step.conclusion, index[1][0]
    start, moving = (high, (low, plus(high, -1))) if way == 1 else (low, (plus(low, 1), high))
    need(base.conclusion is substitute(claim, {symbol: start}), "the base is not the claim at the start")
    need(not any(symbol in h.free for h in base.hypotheses), "the index is not free in the base")
    moved = {v: substitute(v, {symbol: start}) for v in claim.free if isinstance(v, Formula) and symbol in v.free}
    taken = claim.free.union(*(h.free for h in base.hypotheses))
    need(len(set(moved.values())) == len(moved) and taken.isdisjoint(moved.values()), "the base makes two variables one")
    rest = without(step.hypotheses - {substitute(claim, {symbol: plus(index, way)})}, index, *moving)
    need(not judged(*(h for h in (*rest, *base.hypotheses) if h is not claim)), "a derivative judgement is a hypothesis")
    return claim, *base.hypotheses, *rest, cond(index, low), cond(high, index)

law("induction_down", "premise premise index at at", lambda *args: induction(*args, 1))
law("induction_up", "premise premise index at at", lambda *args: induction(*args, -1))

@rule("term integer")
def definition(left: Formula, number: int) -> Any:
    need(0 <= number < len(_cases.get(left, ())), "no definition has this left side")
    return Equal(left, _cases[left][number].right), *_cases[left][number].where

@rule("term term")
def algebra(left: Formula, right: Formula) -> Any:
    _budget[0] = 5000
    need(normal(left) == normal(right), "the two sides have different normal forms")
    return Equal(left, right), *map(Condition, exponents(left) | exponents(right))

@rule("premise flag")
def difference(t: Theorem, back: bool) -> Any:
    a, b = sides(t, "Less", "LessEqual")
    build = KINDS[t.conclusion.kind][1]
    if not back:
        return build(Number("0"), Sum(b, negative(a))), *t.hypotheses
    need(a is Number("0") and b.kind == "Sum" and len(b.args) == 2 and b.args[1].kind == "Scaled"
         and b.args[1].args[0] is Number("-1"), "the premise is not 0 <= b - a")
    return build(Scaled(*b.args[1].args[1:]), b.args[0]), *t.hypotheses

def signs(statements: Iterable[Formula]) -> frozenset[Formula]:
    """The s of every 0 <= s or 0 < s, and what is said of every index of a range."""
    return frozenset(f if f.kind == "ForAll" else f.args[1] for f in statements if f.kind == "ForAll"
                     or f.kind in ("LessEqual", "Less") and f.args[0] is Number("0"))

def is_nonnegative(t: Formula, known: Any) -> bool:
    if t.shape != SCALAR or t in known or t.kind in ("Norm", "Absolute", "SMin"):
        return bool(t.shape == SCALAR)
    if t.kind == "Number":
        rational, rest = parts_of_number(t)
        return rational >= 0 and bool(re.fullmatch(r"(Pow\(\d+(/\d+)?, -?\d+(/\d+)?\)|pi\(\)|Exp1\(\)|exp\(.*\))?", rest))
    if t.kind == "Count":
        return follows(t.args[0])
    if t.kind in ("Sum", "Scaled", "Quotient", "Minimum"):
        return all(is_nonnegative(part, known) for part in t.args)
    if t.kind == "Power":
        return not t.args[1][1] and t.args[1][0] % 2 == 0 or is_nonnegative(t.args[0], known)
    if t.kind in ("OrderedProduct", "FiniteSum"):
        symbol, body = opened(t)
        inside = [at(k, single(symbol)) for k in known if k.kind == "ForAll" and k.args[1:3] == t.args[1:3]]
        return is_nonnegative(body, known | signs(inside))
    return (t.kind == "Maximum" and any(is_nonnegative(part, known) for part in t.args)
            or t.kind == "Inner" and t.args[0] is t.args[1])

@rule("term premise...")
def nonnegative(t: Formula, *premises: Theorem) -> Any:
    need(is_nonnegative(t, signs(p.conclusion for p in premises)), "nothing says that it is not negative")
    return LessEqual(Number("0"), t), *given(*premises)

def grows(t: Formula, hole: Formula, low: Formula, known: Any) -> bool:
    if t is hole:
        return True
    inside = [a for a in t.args if isinstance(a, Formula) and hole in a.free]
    others = [a for a in t.args if isinstance(a, Formula) and hole not in a.free]
    if len(inside) != 1 or t.shape != SCALAR or not grows(inside[0], hole, low, known):
        return False
    if t.kind == "Power":
        return is_nonnegative(substitute(inside[0], {hole: low}), known)
    if t.kind == "Scaled" or t.kind == "Quotient" and inside[0] is t.args[0]:
        return all(is_nonnegative(a, known) for a in others)
    return t.kind in ("Sum", "Maximum", "Minimum")

@rule("term variable premise premise*")
def increase(template: Formula, hole: Formula, t: Theorem, premises: Any) -> Any:
    low, high = sides(t, "LessEqual", "Less")
    need(hole.shape == low.shape == SCALAR and grows(template, hole, low, signs(p.conclusion for p in premises)),
         "nothing says that it grows with its hole")
    return LessEqual(substitute(template, {hole: low}), substitute(template, {hole: high})), *given(t, *premises)

# ranges

def over(t: Formula, low: Affine, high: Affine) -> Formula:
    return construct(t, (t.args[0], low, high, *t.args[3:]))

def joined(t: Formula, left: Formula, right: Formula) -> Formula:
    """Two parts of a range, the low part first, put together as the range does."""
    if t.kind == "FiniteSum":
        return Sum(left, right)
    if t.shape == at(t, t.args[1]).shape == SCALAR:
        return Scaled(left, right)
    return MatrixProduct(left, right) if t.args[4] == UNIT else MatrixProduct(right, left)

law("first", "range", lambda t: (Equal(t, joined(t, at(t, t.args[1]), over(t, plus(t.args[1], 1), t.args[2]))),
                                 cond(t.args[2], t.args[1])))
law("last", "range", lambda t: (Equal(t, joined(t, over(t, t.args[1], plus(t.args[2], -1)), at(t, t.args[2]))),
                                cond(t.args[2], t.args[1])))
law("split", "range at", lambda t, k: (Equal(t, joined(t, over(t, t.args[1], k), over(t, plus(k, 1), t.args[2]))),
                                       cond(plus(k, 1), t.args[1]), cond(t.args[2], k)))

def length(t: Formula) -> Affine:
    return plus(plus(t.args[2], t.args[1], -1), 1)

@rule("range")
def empty(t: Formula) -> Any:
    need(length(t) == (0, ()), "the range is not empty")
    return Equal(t, Zero(*t.shape) if t.kind == "FiniteSum" else Number("1") if t.shape == SCALAR else Identity(t.shape[0]))

@rule("range at")
def shift(t: Formula, by: Affine) -> Any:
    symbol, body = opened(t)
    moved = substitute(body, {symbol: plus(single(symbol), by, -1)})
    return Equal(t, construct(t, (single(symbol), plus(t.args[1], by), plus(t.args[2], by), moved, *t.args[4:])))

@rule("product")
def transpose_product(t: Formula) -> Any:
    symbol, body = opened(t)
    turned = OrderedProduct(single(symbol), *t.args[1:3], Transpose(body), (-t.args[4][0], ()))
    return Equal(Transpose(t), turned), Condition(length(t))

@rule("product")
def constant_product(t: Formula) -> Any:
    need(t.shape == SCALAR and bound_index(t) not in t.args[3].free, "no product of one scalar")
    return Equal(t, Power(t.args[3], length(t))), Condition(length(t))

@rule("sum")
def constant_sum(t: Formula) -> Any:
    need(bound_index(t) not in t.args[3].free, "no sum of equal terms")
    return Equal(t, Scaled(Count(length(t)), t.args[3])), Condition(length(t))

@rule("product product")
def join_products(one: Formula, two: Formula) -> Any:
    need(one.args[1:3] == two.args[1:3] and one.args[3].shape == two.args[3].shape == SCALAR, "no scalar products over one range")
    symbol, body = opened(one)
    joint = OrderedProduct(single(symbol), *one.args[1:3], Scaled(body, at(two, single(symbol))), UNIT)
    return Equal(Scaled(one, two), joint), Condition(length(one))

@rule("premise index at at integer")
def range_congruence(t: Theorem, index: Affine, low: Affine, high: Affine, order: int) -> Any:
    outside(index, low, high)
    both = (OrderedProduct(index, low, high, e, (order, ())) if order else FiniteSum(index, low, high, e)
            for e in sides(t, "Equal"))
    return Equal(*both), *without(t.hypotheses, index, low, high)

@rule("premise index at at flag premise*")
def range_increase(t: Theorem, index: Affine, low: Affine, high: Affine, product: bool, premises: Any) -> Any:
    outside(index, low, high)
    a, b = sides(t, "LessEqual")
    need(a.shape == SCALAR and (not product or is_nonnegative(a, signs(p.conclusion for p in premises))), "it may be negative, or is no scalar")
    build = (lambda e: OrderedProduct(index, low, high, e, UNIT)) if product else (lambda e: FiniteSum(index, low, high, e))
    used = given(t, *premises) if product else t.hypotheses
    return LessEqual(build(a), build(b)), *without(used, index, low, high)

# derivatives

def conclude(X: Formula, e: Formula, G: Formula, H: Formula, *hypotheses: Formula) -> Any:
    need(not any(G in h.free for h in hypotheses), "the cotangent is not fresh")
    return Pullback(X, e, G, H), *hypotheses

def pulled(p: Theorem, cotangent: Formula) -> Formula:
    """The result of a pullback at another cotangent."""
    _, _, G, H = sides(p, "Pullback")
    return substitute(H, {G: cotangent})

def prime(f: Formula) -> Formula:
    return ElementwiseFunction(f.args[0], plus(f.args[1], 1), *f.args[2:])

#: from V[X -> A](K) = H(K) and V[X -> B](M) = J(M): what is differentiated, the cotangents for A and B, conditions
PULLBACKS: dict[str, Callable[..., Any]] = {
    "V_product": lambda A, B, G: (MatrixProduct(A, B), MatrixProduct(G, Transpose(B)), MatrixProduct(Transpose(A), G)),
    "V_scaled": lambda A, B, G: when(A.shape == SCALAR, lambda: (Scaled(A, B), Inner(G, B), Scaled(A, G))),
    "V_hadamard": lambda A, B, G: (Hadamard(A, B), Hadamard(G, B), Hadamard(A, G)),
    "V_inner": lambda A, B, G: (Inner(A, B), Scaled(G, B), Scaled(G, A)),
    "V_quotient": lambda A, B, G: (Quotient(A, B), Quotient(G, B), Scaled(Number("-1"), Quotient(A, Scaled(B, B)), G), Nonzero(B))}

def two_pullbacks(build: Callable[..., Any], p: Theorem, q: Theorem, G: Formula) -> Any:
    (X, A, *_), (Y, B, *_) = sides(p, "Pullback"), sides(q, "Pullback")
    need(X is Y, "the premises have two variables")
    e, K, M, *conditions = build(A, B, G)
    return conclude(X, e, G, Sum(pulled(p, K), pulled(q, M)), *given(p, q), *conditions)

for _name, _build in PULLBACKS.items():
    law(_name, "premise premise variable", lambda p, q, G, build=_build: two_pullbacks(build, p, q, G))
law("V_variable", "variable variable", lambda X, G: Pullback(X, X, G, G))
law("V_constant", "variable term variable", lambda X, e, G: when(X not in e.free, lambda: Pullback(X, e, G, Zero(*X.shape))))
law("V_elementwise", "variable sigma variable", lambda X, f, G: (
    Pullback(X, Elementwise(f, X), G, Hadamard(Elementwise(prime(f), X), G)), Differentiable(f, X)))
law("V_apply", "variable function variable", lambda X, f, G: (
    Pullback(X, Apply(f, X), G, Scaled(G, Gradient(f, X))), Differentiable(f, X)))
law("V_transpose", "premise variable", lambda p, G: conclude(
    sides(p, "Pullback")[0], Transpose(p.conclusion.args[1]), G, pulled(p, Transpose(G)), *p.hypotheses))

@rule("premise premise...")
def V_sum(*parts: Theorem) -> Any:
    X, _, G, _ = sides(parts[0], "Pullback")
    need(all(sides(p, "Pullback")[::2] == (X, G) for p in parts), "not one variable and one cotangent throughout")
    e, H = (Sum(*(p.conclusion.args[k] for p in parts)) for k in (1, 3))
    return conclude(X, e, G, H, *given(*parts))

@rule("premise index at at")
def V_finite_sum(p: Theorem, index: Affine, low: Affine, high: Affine) -> Any:
    outside(index, low, high)
    X, e, G, H = sides(p, "Pullback")
    need(index[1][0][0] not in X.free | G.free, "the index is not free")
    return conclude(X, FiniteSum(index, low, high, e), G, FiniteSum(index, low, high, H), *without(p.hypotheses, index, low, high))

@rule("premise at variable")
def V_power(p: Theorem, k: Affine, G: Formula) -> Any:
    X, s, _, _ = sides(p, "Pullback")
    H = pulled(p, Scaled(Count(k), Power(s, plus(k, -1)), G))
    return conclude(X, Power(s, k), G, H, *p.hypotheses, cond(k, 1))

@rule("premise variable")
def V_diagonal(p: Theorem, G: Formula) -> Any:
    X, x, _, _ = sides(p, "Pullback")
    entries = MatrixProduct(Hadamard(G, Identity(x.shape[0])), Ones(x.shape[0], UNIT))
    return conclude(X, Diagonal(x), G, pulled(p, entries), *p.hypotheses)

@rule("premise premise")
def V_compose(outer: Theorem, inner: Theorem) -> Any:
    (U, g, G, M), (X, e, _, _) = sides(outer, "Pullback"), sides(inner, "Pullback")
    need(U.shape == e.shape, "the inner function has not the shape of the outer variable")
    need(X is U or not any(X in f.free for f in (outer.conclusion, *outer.hypotheses)), "the variable occurs in the outer function")
    need(not any(judged(h) and U in h.free for h in outer.hypotheses), "a judgement is among the outer hypotheses")
    need(G not in e.free and not any(G in h.free for h in inner.hypotheses), "the cotangent is not fresh")
    at_e = {U: e}
    return conclude(X, substitute(g, at_e), G, pulled(inner, substitute(M, at_e)), *inner.hypotheses,
                    *(substitute(h, at_e) for h in outer.hypotheses))

@rule("premise premise")
def V_rewrite(p: Theorem, equation: Theorem) -> Any:
    (X, e, G, H), (a, b) = sides(p, "Pullback"), sides(equation, "Equal")
    need(a is e, "the equation rewrites another function")
    need(not any(X in h.free for h in equation.hypotheses), "the equation holds only at some values of the variable")
    return conclude(X, b, G, H, *given(p, equation))

@rule("premise premise")
def V_result(p: Theorem, equation: Theorem) -> Any:
    (X, e, G, H), (a, b) = sides(p, "Pullback"), sides(equation, "Equal")
    need(a is H, "the equation rewrites another result")
    return conclude(X, e, G, b, *given(p, equation))

@rule("premise")
def jacobian(p: Theorem) -> Any:
    v, e, G, H = sides(p, "Pullback")
    need(H.kind == "MatrixProduct" and len(H.args) == 2 and H.args[1] is G and H.args[0].kind == "Transpose"
         and G not in H.args[0].free, "the result is not a transposed matrix times the cotangent")
    return Jacobian(v, e, H.args[0].args[0]), *p.hypotheses

@rule("premise variable")
def V_of_jacobian(t: Theorem, G: Formula) -> Any:
    v, e, J = sides(t, "Jacobian")
    return conclude(v, e, G, MatrixProduct(Transpose(J), G), *t.hypotheses)

def at_point(p: Theorem, point: Formula) -> Any:
    """The function of a judgement V[X -> f(X)], and its hypotheses read at a point."""
    X, value, _, _ = sides(p, "Pullback")
    need(value.kind == "Apply" and value.args[1:] == (X,), "no named function of the variable alone")
    need(not judged(*p.hypotheses), "a derivative judgement is among the hypotheses")
    return value.args[0], [substitute(h, {X: point}) for h in p.hypotheses]

@rule("premise term")
def gradient_at(p: Theorem, point: Formula) -> Any:
    f, hypotheses = at_point(p, point)
    X, _, G, H = p.conclusion.args
    return Equal(Gradient(f, point), substitute(H, {X: point, G: Number("1")})), *hypotheses

@rule("premise term")
def differentiable_at(p: Theorem, point: Formula) -> Any:
    f, hypotheses = at_point(p, point)
    return Differentiable(f, point), *hypotheses

# ------------------------------------------------ the loop

class Certificate:
    """Reads the lines of one certificate; every formula, definition and step is checked as it comes."""

    def __init__(self) -> None:
        for store in (_table, _declared, _cases, _loose, _size_of, _graph_of, _ids):
            store.clear()
        _closed.clear()
        _assumed.clear()
        exponents.cache_clear()
        self.nodes: dict[int, Formula] = {}
        self.steps: dict[int, Theorem] = {}
        self.name, self.place, self.final = "", "", None

    def read(self, line: Any) -> None:
        key = next((k for k in ("certificate", "family", "function", "node", "definition", "end", "step") if k in line), "")
        self.place = f"{key} {line[key]}: " if key in ("family", "function", "node", "step") else ""
        if not key:
            raise Unreadable("not a line of a certificate")
        getattr(self, "read_" + key)(line)

    def read_certificate(self, line: Any) -> None:
        if line["certificate"] != 1:
            raise Unreadable("a format this checker does not know")
        self.name = str(line["theorem"])

    def read_family(self, line: Any) -> None:
        self.declare(line["family"], "family", line["over"], [[line["rows"], line["columns"]]])

    def read_function(self, line: Any) -> None:
        self.declare(line["function"], "function", line["over"], [line["result"], *line["arguments"]])

    def declare(self, name: Any, sort: str, over: Any, shapes: Any) -> None:
        need(isinstance(name, str) and name not in _declared, "the name is taken")
        ends = [tuple(None if end is None else read_index(end) for end in pair) for pair in over]
        sizes = [tuple(map(read_index, shape)) for shape in shapes]
        for side in (side for shape in sizes for side in shape):
            need(measures(side) and not any(s[0] in ("index", "bound") for s in symbols(side)), "a shape is loose in an index")
            need(all(s[1] in range(len(ends)) for s in symbols(side) if s[0] == "slot"), "a slot too many")
        need(all(len(pair) == 2 for pair in (*ends, *sizes)), "a range and a shape have two sides")
        _declared[name] = sort, ends, sizes

    def read_node(self, line: Any) -> None:
        number, (kind, *parts) = line["node"], line["is"]
        need(type(number) is int and number not in self.nodes, "its number is taken")
        need(kind in KINDS, f"{kind!r} is no kind of formula")
        words, build = KINDS[kind]
        args = [self.nodes[p] if type(p) is int else read_index(p) if isinstance(p, list) else p for p in parts]
        for word, a in zip(words_for(words, len(args)), args, strict=True):
            need(WORDS[word](a), f"{kind} takes {' '.join(words)}")
        self.nodes[number] = build(*args)

    def read_definition(self, line: Any) -> None:
        cases = [Case(*(self.closed(case[k]) for k in ("left", "right")), tuple(map(self.closed, case["where"])))
                 for case in line["definition"]]
        for case in cases:
            need(has_shape(case.right) and all(c.kind == "Condition" for c in case.where), "a case is a term with conditions")
        define(cases, _closed)
        for case in cases:
            _cases.setdefault(case.left, []).append(case)
            _closed.update(names(case.left, case.right))

    def closed(self, number: Any) -> Formula:
        f = self.nodes[number]
        need(not any(isinstance(s, tuple) and s[0] in ("bound", "slot") for s in f.free), "a formula with a loose index")
        return f

    def read_step(self, line: Any) -> None:
        number, name = line["step"], line["rule"]
        need(type(number) is int and number not in self.steps, "its number is taken")
        self.place = f"step {number}, {name}: "
        need(name in RULES, "this checker knows no such rule")
        words, rule = RULES[name]
        arguments = [self.argument(a) for a in line["arguments"]]
        made = rule(*map(as_word, words_for(words, len(arguments)), arguments))
        conclusion, *found = made if isinstance(made, tuple) else (made,)
        hypotheses = frozenset(h for h in found if not (h.kind == "Condition" and follows(h.args[0])))
        told = Theorem(self.closed(line["conclusion"]), frozenset(map(self.closed, line["hypotheses"])))
        need(conclusion is told.conclusion, f"gives {show(conclusion)}, the record says {show(told.conclusion)}")
        if name == "drop":                                      # what it left out must follow from what it kept
            kept = [h.args[0] for h in told.hypotheses if h.kind == "Condition"]
            hypotheses = frozenset(h for h in hypotheses if h in told.hypotheses
                                   or not (h.kind == "Condition" and follows(h.args[0], kept)))
        need(hypotheses == told.hypotheses, f"needs {', '.join(map(show, hypotheses - told.hypotheses)) or 'less'}")
        self.steps[number] = told

    def argument(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        (tag, content), = value.items()
        if tag == "tuple":
            return [self.argument(v) for v in content]
        return {"step": self.steps.__getitem__, "node": self.closed, "name": str, "index": read_index}[tag](content)

    def read_end(self, line: Any) -> None:
        self.final = self.steps[line["step"]]

@rule("premise")
def drop(t: Theorem) -> Any:
    return t.conclusion, *t.hypotheses

def as_word(word: str, value: Any) -> Any:
    """An argument as a rule takes it; an integer stands for a number or an index expression where one belongs."""
    if word.endswith("*"):
        need(isinstance(value, list), f"expected a list of {word[:-1]}s")
        return tuple(as_word(word[:-1], v) for v in value)
    if type(value) is int and word not in ("integer", "flag", "any"):
        value = str(value) if word == "norm" else (value, ()) if word in ("at", "size") else Number(str(value))
    value = "oo" if word == "norm" and value == "inf" else value
    need(WORDS[word](value), f"expected a {word}")
    return value

def read_index(line: Any) -> Affine:
    total: Affine = (line[0], ())
    for (sort, name, *inner), c in line[1:]:
        need(type(c) is int and sort in ("index", "constant", "dimension", "bound", "slot", "width"), "no index expression")
        need(type(name) is (int if sort in ("bound", "slot") else str) and len(inner) == (sort == "width"), "no index symbol")
        total = plus(total, single((sort, name, *map(read_index, inner))), c)
    need(type(line[0]) is int, "no index expression")
    return total

def check(path: str) -> list[str]:
    """A line for each certificate of a file. Raises Refused or Unreadable, naming the line."""
    reports: list[str] = []
    current: Certificate | None = None
    number = 0
    try:
        with open(path, encoding="utf-8") as file:
            for number, row in enumerate(file, 1):
                line = json.loads(row)
                if not isinstance(line, dict) or ("certificate" in line) != (current is None):
                    raise Unreadable("expected the header of a certificate, or a line of the one before its end")
                current = current or Certificate()
                current.read(line)
                if current.final:
                    t = current.final
                    reports.append(f"{current.name}: {len(current.steps)} steps; {', '.join(map(show, t.hypotheses))} |- "
                                   f"{show(t.conclusion)}" + "".join(f"; assumes what is {a}" for a in _assumed))
                    current = None
    except Refused as why:
        raise Refused(f"line {number}: {current.place if current else ''}{why}") from None
    except (OSError, UnicodeDecodeError) as why:
        raise Unreadable(str(why)) from None
    except Unreadable as why:
        raise Unreadable(f"line {number}: {why}") from None
    except RecursionError:
        raise Unreadable(f"line {number}: nested too deeply") from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as why:
        raise Unreadable(f"line {number}: not a line of a certificate ({type(why).__name__})") from None
    if current or not reports:
        raise Unreadable("the file is cut off: its last certificate has no end")
    return reports

def main(paths: list[str]) -> int:
    code = 0
    for path in paths:
        try:
            for report in check(path):
                print(f"accepted  {path}: {report}")
        except Refused as why:
            code = max(code, 1)
            print(f"REFUSED   {path}: {why}")
        except Unreadable as why:
            code = 2
            print(f"UNREADABLE {path}: {why}")
    if not paths:
        print("usage: python -m symgrad.verify FILE...", file=sys.stderr)
    return code if paths else 2

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
