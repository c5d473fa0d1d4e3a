"""Registering a user's operation or activation: it is refuted first, and known everywhere afterwards.

>>> from symgrad.operations.activations import Entry
>>> register(Entry("bump_demo", "exp(-x**2/2)", r"\\\\operatorname{bump}", source="a demonstration")).name
'bump_demo'
"""

from __future__ import annotations

from typing import overload

from ..errors import SymgradError
from ..operations import activations as catalogue_of
from ..operations.activation import Activation, activation
from ..operations.activations import Entry
from ..operations.record import Operation, admit, all_operations

__all__ = ["Refuted", "register"]


class Refuted(SymgradError):
    """A record says something false about its operation; the text says which check, where, and both numbers."""


@overload
def register(record: Operation, *, seed: int = 0) -> Operation: ...
@overload
def register(record: Entry, *, seed: int = 0) -> Activation: ...


def register(record: Operation | Entry, *, seed: int = 0) -> Operation | Activation:
    """Try to refute a record, and make it known if that fails: an operation, or an activation as an `Entry`.

    Raises Refuted with the check that fails, SymgradError for a name that is taken.
    """
    if isinstance(record, Operation):
        from .refuter import refute_operation
        if all_operations().get(record.name, record) is not record:
            raise SymgradError(f"an operation is called {record.name} already: choose another name")
        _raise(refute_operation(record, seed))
        return admit(record)
    if not isinstance(record, Entry):
        raise SymgradError(f"an Operation or an activation's Entry can be registered, got {type(record).__name__}")
    from .refuter_activation import refute_activation
    catalogue_of.add(record)
    try:
        made = activation(record.name)
        _raise(refute_activation(made, seed))
    except SymgradError:
        catalogue_of.remove(record)
        raise
    return made


def _raise(found: object) -> None:
    if found is not None:
        raise Refuted(str(found))
