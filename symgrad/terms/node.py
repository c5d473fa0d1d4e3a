"""What every formula is made of: immutable, interned nodes.

A node is a SymPy `Basic`, so that SymPy's printers and tree tools see it, but it is never rewritten behind our
back: a constructor checks its arguments and stores them. Two equal nodes are one object (they are interned), so
equality is identity. A node knows its free symbols; a binder renames its index by nesting height (see `index`),
and `substitute` is simultaneous and cannot capture.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from threading import RLock
from typing import Any
from weakref import ref

from sympy import Basic, Expr, Integer
from sympy.core.symbol import Str

from ..errors import SymgradError
from .index import BoundIndex, Index, OpenedIndex, index_expression, replace_in_index, symbols_of

__all__ = ["Node", "is_intact", "mentions_bound", "open_binder", "open_with_index", "substitute",
           "subterms", "transform"]

class _Reference(ref["Node"]):
    """A weak reference to a node of the table, that knows its key."""

    __slots__ = ("key",)

    key: tuple[Any, ...]


_table: dict[tuple[Any, ...], _Reference] = {}
#: the nodes made last, kept alive: a proof often makes a formula again right after it was dropped
_recent: deque[Node] = deque(maxlen=256)
_nothing: frozenset[Any] = frozenset()
_publishing = RLock()                            # a collection of garbage inside may forget other nodes
_serial = count()


def _forget(reference: _Reference) -> None:
    """The node is gone: so is its row, unless the same formula was built again meanwhile."""
    if _table.get(reference.key) is reference:
        del _table[reference.key]


def _find(key: tuple[Any, ...]) -> Any:
    """The living node of this class with these arguments, or None."""
    reference = _table.get(key)
    return None if reference is None else reference()


class Node(Basic):
    """An immutable, interned formula. `node.args` rebuilds it: `node.func(*node.args) is node`."""

    __slots__ = ("__weakref__", "free", "height", "loose", "memo", "serial", "shape")

    #: every symbol that occurs free: indices, constants, dimensions and variables
    free: frozenset[Any]
    #: how many binders are nested in it, at most
    height: int
    #: does a bound index stand in it outside its binder?
    loose: bool
    #: what others remember about it (normal form, notation), by name
    memo: dict[str, Any]
    #: its place in the order of creation: a total order for normal forms, never for printing
    serial: int
    shape: tuple[Expr, Expr] | None

    @classmethod
    def intern(cls, args: tuple[Any, ...], shape: tuple[Expr, Expr] | None = None) -> Any:
        """The one node of this class with these (already checked) arguments."""
        key = (cls, *args)
        node = _find(key)
        if node is not None:
            return node
        node = object.__new__(cls)
        write = object.__setattr__
        write(node, "_args", args)
        write(node, "_mhash", None)
        write(node, "_assumptions", cls.default_assumptions)
        free: frozenset[Any] = _nothing
        height = 0
        for arg in args:
            if isinstance(arg, Node):
                free = free | arg.free if free else arg.free
                height = max(height, arg.height)
            elif not isinstance(arg, (Integer, Str)):
                symbols = symbols_of(arg)
                if symbols:
                    free = free | symbols
        if shape is not None:
            for dimension in shape:
                if not isinstance(dimension, Integer):
                    free = free | symbols_of(dimension)
        free = cls._bind_free(args, free)
        write(node, "free", free | {node} if cls._is_variable else free)
        write(node, "loose", any([isinstance(symbol, BoundIndex) for symbol in free]))
        write(node, "height", height + cls._binds)
        write(node, "shape", shape)
        write(node, "memo", {})
        write(node, "serial", next(_serial))
        with _publishing:                        # two threads may have made it at the same time: one of them counts
            known = _find(key)
            if known is not None:
                return known
            reference = _Reference(node, _forget)
            reference.key = key
            _table[key] = reference
            _recent.append(node)
        return node

    @classmethod
    def existing(cls, args: tuple[Any, ...]) -> Any:
        """The node of this class with these arguments if there is one, which was checked; else None."""
        return _find((cls, *args))

    #: 1 for a node that binds an index, which is then its first argument: (index, low, high, body, …)
    _binds = 0
    #: does the node itself count among its free symbols?
    _is_variable = False

    @classmethod
    def _bind_free(cls, args: tuple[Any, ...], free: frozenset[Any]) -> frozenset[Any]:
        return free

    def __setattr__(self, name: str, value: Any) -> None:
        raise SymgradError(f"{type(self).__name__}.{name} cannot be set: a formula never changes once it is built")

    def __delattr__(self, name: str) -> None:
        raise SymgradError(f"{type(self).__name__}.{name} cannot be deleted: a formula never changes once it is built")

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    __hash__ = object.__hash__

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), self.args

    def xreplace(self, rule: Any) -> Any:
        return substitute(self, rule)

    def subs(self, *arguments: Any, **options: Any) -> Any:
        """As SymPy's `subs`, but simultaneous and without capture."""
        return substitute(self, dict(arguments[0] if len(arguments) == 1 else [arguments]))

    @property
    def free_symbols(self) -> set[Any]:
        return set(self.free)

    def at(self, mapping: Mapping[Any, Any]) -> Any:
        """This formula with symbols replaced, all at once: `term.at({l: l + 1})`."""
        return substitute(self, mapping)

    def rebuild(self, args: tuple[Any, ...]) -> Any:
        """The node of this class with other arguments, checked again."""
        return type(self)(*args)

    def __str__(self) -> str:
        found = self.memo.get("text")
        if found is None:
            from .display import text
            found = self.memo["text"] = text(self)
        return str(found)

    __repr__ = __str__

    def _sympystr(self, printer: Any) -> str:
        return str(self)

    def _latex(self, printer: Any = None) -> str:
        from .display import latex
        return latex(self)

    def latex(self) -> str:
        """LaTeX source for math mode."""
        return self._latex()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from .display import html
        return {"text/plain": str(self), "text/latex": f"$\\displaystyle {self._latex()}$", "text/html": html(self)}


def is_intact(node: Node) -> bool:
    """Do the node's arguments still lead back to it? Python cannot forbid `object.__setattr__`; this notices it."""
    return _find((type(node), *node.args)) is node


def mentions_bound(part: Any) -> bool:
    """Does a formula or index expression have a bound index outside its binder?"""
    if isinstance(part, Node):
        return part.loose
    return any([isinstance(symbol, BoundIndex) for symbol in symbols_of(part)])


def substitute(node: Any, mapping: Mapping[Any, Any]) -> Any:
    """`node` with every key of `mapping` replaced, all at once; bound indices are never captured."""
    mapping = {old: new if isinstance(new, Node) else getattr(old, "_stands_for", index_expression)(new)
               for old, new in mapping.items() if old is not new and old != new}
    return _substituted(node, mapping) if mapping else node


def _substituted(node: Any, mapping: dict[Any, Any]) -> Any:
    if isinstance(node, Expr):
        return replace_in_index(node, mapping)
    if not isinstance(node, Node) or node.free.isdisjoint(mapping):
        return node
    return _substitute(node, mapping, frozenset(mapping), all(map(_is_harmless, mapping.values())), {})


def _is_harmless(value: Any) -> bool:
    """May this go under a closed binder? Nothing in it is captured, and it renumbers no bound index."""
    if isinstance(value, Node) and value.height:
        return False
    symbols = value.free if isinstance(value, Node) else symbols_of(value)
    return not any([isinstance(s, BoundIndex) and not isinstance(s, OpenedIndex) for s in symbols])


def _substitute(node: Node, mapping: dict[Any, Any], keys: frozenset[Any], safe: bool,
                done: dict[Any, Any]) -> Any:
    """`node`, in which a key of the mapping is free; `safe`: all that is put in is harmless."""
    found = done.get(node)
    if found is not None:
        return found
    found = mapping.get(node)
    if found is None:
        args = node._args
        if node._binds and not (safe and args[0] not in keys):
            args = _opened_args(node, mapping, done)
        else:
            args = _each(args, mapping, keys, safe, done)
            if node._binds and args[3].height != node._args[3].height:       # the bound index is renumbered
                args = _opened_args(node, mapping, done)
        found = _find((type(node), *args))
        if found is None:
            found = node.rebuild(args)
    done[node] = found
    return found


def _each(args: tuple[Any, ...], mapping: dict[Any, Any], keys: frozenset[Any], safe: bool,
          done: dict[Any, Any]) -> tuple[Any, ...]:
    new: list[Any] = []
    for arg in args:
        if isinstance(arg, Node):
            new.append(arg if arg.free.isdisjoint(keys) else _substitute(arg, mapping, keys, safe, done))
        elif isinstance(arg, Expr):
            found = done.get(arg)
            if found is None:
                found = done[arg] = replace_in_index(arg, mapping)
            new.append(found)
        else:
            new.append(arg)
    return tuple(new)


def _opened_args(node: Node, mapping: dict[Any, Any], done: dict[Any, Any]) -> tuple[Any, ...]:
    """The arguments of a binder, opened so that nothing put in meets the number of its bound index."""
    index, low, high, body, *rest = node._args
    opened = _opened(node, mapping.values())
    body = _substituted(body, {**mapping, index: opened})
    return opened, _substituted(low, mapping), _substituted(high, mapping), body, *rest


def bind(index: Any, body: Node) -> tuple[BoundIndex, Any]:
    """`body` with `index` renamed to the bound index of the right height, and that bound index."""
    for symbol in body.free:
        if isinstance(symbol, Node) and index in symbol.free:
            raise SymgradError(f"the shape of the variable {symbol} depends on {index}, which is to be bound: a "
                               "variable is one, a family of symbols has one for each index")
    bound = BoundIndex(body.height + 1)
    return bound, (body if index is bound else _substituted(body, {index: bound}))


def subterms(node: Node) -> list[Node]:
    """Every distinct node inside `node`, itself last; each once, children before parents."""
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(node, False)]
    while stack:
        current, ready = stack.pop()
        if ready:
            order.append(current)
        elif current not in seen:
            seen.add(current)
            stack.append((current, True))
            stack.extend((arg, False) for arg in reversed(current.args) if isinstance(arg, Node))
    return order


def _opened(node: Node, beside: Iterable[Any] = ()) -> OpenedIndex:
    """A private index that occurs neither in the node nor in what stands beside it."""
    taken = set(node.free)
    for other in beside:
        taken |= other.free if isinstance(other, Node) else other.free_symbols
    number = 0
    while OpenedIndex(number) in taken:
        number += 1
    return OpenedIndex(number)


def open_binder(node: Node) -> tuple[OpenedIndex, Any]:
    """A binder's body with a private index in place of the bound one."""
    opened = _opened(node)
    return opened, substitute(node.args[3], {node.args[0]: opened})


def open_with_index(node: Node) -> tuple[Index, Any]:
    """A binder's body with a free index, that occurs nowhere else in it, in place of the bound one."""
    taken = {str(symbol) for symbol in node.free}
    number = 0
    while f"r_{number}" in taken:
        number += 1
    fresh = Index(f"r_{number}")
    return fresh, substitute(node.args[3], {node.args[0]: fresh})


def transform(node: Node, change: Callable[[Node], Node]) -> Any:
    """`node` rebuilt from the leaves up, every node of it passed through `change`; binders are opened on the way.

    What `change` puts in must not contain an `OpenedIndex` of its own.
    """
    done: dict[Node, Node] = {}

    def visit(current: Node) -> Node:
        found = done.get(current)
        if found is None:
            args = current.args
            if current._binds:
                fresh, body = open_binder(current)
                args = (fresh, args[1], args[2], visit(body), *args[4:])
            else:
                args = tuple(visit(arg) if isinstance(arg, Node) else arg for arg in args)
            rebuilt: Any = current
            if args != current.args:
                rebuilt = _find((type(current), *args))
                if rebuilt is None:
                    rebuilt = current.rebuild(args)
            found = done[current] = change(rebuilt)
        return found

    return visit(node)
